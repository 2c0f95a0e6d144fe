//! `dequeue logs`: what the programs have logged, the oldest line first.
//!
//! The files are read where this user may read them, also when no engine runs: that is when they are
//! needed. The log of an engine that is another user's, as a service is, comes from the engine.

use std::{io, path::PathBuf, time::Duration};

use dequeue_api::{
    Client, LogEntry, LogFrom, LogPage, LogPlace, LogWanted, Request, Response, attach,
};
use dequeue_core::text::name;
use dequeue_engine::logs;
use dequeue_platform::files::write_new;
use jiff::Timestamp;
use tokio::time::sleep;

use crate::{
    arguments,
    failure::Failure,
    history::begin,
    home::{Home, unexpected},
    output::{Output, local},
    signals,
};

/// How many lines are shown where neither a number nor a time is given.
const SHOWN: usize = 100;
/// How many are asked for at once.
const PAGE: usize = 1000;
/// How often it is looked for new lines.
const LOOK: Duration = Duration::from_millis(500);

/// Shows the log, or writes it to a file.
///
/// # Errors
/// [`Failure`].
pub(crate) async fn logs(
    home: &Home,
    wanted: &arguments::Logs,
    out: &mut Output,
) -> Result<u8, Failure> {
    out.text = home.text();
    let since = wanted.since.as_deref();
    let since = since.map(|since| begin(since, out)).transpose()?;
    let log = Log::find(home, out).await?;
    let which = LogWanted {
        since,
        level: wanted.level.map(Into::into),
        search: String::new(),
    };
    let all = since.is_some() || wanted.export.is_some();
    let usual = if all { usize::MAX } else { SHOWN };
    let most = wanted.limit.map_or(usize::MAX, |limit| limit as usize);
    let (entries, end) = log.newest(&which, most.min(usual), out).await?;
    if let Some(path) = &wanted.export {
        return export(path, &entries, out);
    }
    if entries.is_empty() && !wanted.follow {
        out.say(&out.text.get("cli-logs-none"));
    }
    show(&entries, out);
    if !wanted.follow {
        return Ok(0);
    }
    let following = async {
        let mut place = end;
        while !out.is_closed() {
            let page = log.ask(&which, Some(LogFrom::After(place)), PAGE, out);
            let page = page.await?;
            place = page.end;
            show(&page.entries, out);
            if !page.more {
                sleep(LOOK).await;
            }
        }
        Ok(0)
    };
    tokio::select! {
        () = signals::told_to_end() => Ok(0),
        ended = following => ended,
    }
}

/// The newest lines of the log that are at least as important as information, for a report: one text
/// line each. Nothing where the log cannot be had.
pub(crate) async fn tail(home: &Home, lines: usize, out: &mut Output) -> Vec<String> {
    let wanted = LogWanted {
        level: Some(dequeue_api::LogLevel::Info),
        ..LogWanted::default()
    };
    let Ok(log) = Log::find(home, out).await else {
        return Vec::new();
    };
    let newest = log.newest(&wanted, lines, out).await.unwrap_or_default();
    newest.0.iter().map(line).collect()
}

/// Where the log is.
enum Log {
    Files(PathBuf),
    Engine(Client),
}

impl Log {
    async fn find(home: &Home, out: &Output) -> Result<Self, Failure> {
        let folder = home.paths.logs();
        match logs::page(&folder, &LogWanted::default(), None, 0) {
            Ok(_) => Ok(Self::Files(folder)),
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
                let engine = attach(&home.paths).await.map(Self::Engine);
                engine.ok_or_else(|| logs::error(&folder, &error, &out.text).into())
            }
            Err(error) => Err(logs::error(&folder, &error, &out.text).into()),
        }
    }

    async fn ask(
        &self,
        wanted: &LogWanted,
        from: Option<LogFrom>,
        limit: usize,
        out: &Output,
    ) -> Result<LogPage, Failure> {
        match self {
            Self::Files(folder) => logs::page(folder, wanted, from, limit)
                .map_err(|error| logs::error(folder, &error, &out.text).into()),
            Self::Engine(engine) => {
                let request = Request::Log {
                    wanted: wanted.clone(),
                    from,
                    limit: u32::try_from(limit).unwrap_or(u32::MAX),
                };
                match engine.request(request).await? {
                    Response::Log { page } => Ok(page),
                    _ => Err(unexpected(&out.text)),
                }
            }
        }
    }

    /// The newest lines, the oldest first, and where they end.
    async fn newest(
        &self,
        wanted: &LogWanted,
        most: usize,
        out: &Output,
    ) -> Result<(Vec<LogEntry>, LogPlace), Failure> {
        let mut page = self.ask(wanted, None, most.min(PAGE), out).await?;
        let end = page.end;
        let mut pages = Vec::new();
        let mut left = most;
        loop {
            left -= page.entries.len().min(left);
            pages.push(page.entries);
            if left == 0 || !page.more {
                break;
            }
            let before = Some(LogFrom::Before(page.begin));
            page = self.ask(wanted, before, left.min(PAGE), out).await?;
        }
        Ok((pages.into_iter().rev().flatten().collect(), end))
    }
}

fn show(entries: &[LogEntry], out: &mut Output) {
    for entry in entries {
        out.object(entry);
        let LogEntry {
            at,
            level,
            program,
            target,
            text,
            ..
        } = entry;
        let (at, level) = (local(*at), name(level));
        out.say(&format!("{at} {level:<5} {program} {target}: {text}"));
    }
}

/// A line as it stands in the files.
fn line(entry: &LogEntry) -> String {
    let LogEntry {
        at,
        level,
        program,
        process,
        target,
        text,
    } = entry;
    let level = name(level).to_uppercase();
    format!("{at:.3} {level} {program}[{process}] {target}: {text}")
}

/// Writes the lines to a new file, for whoever is to help.
fn export(path: &std::path::Path, entries: &[LogEntry], out: &mut Output) -> Result<u8, Failure> {
    let mut text = format!(
        "Dequeue {} on {} {}, {:.0}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        std::env::consts::ARCH,
        Timestamp::now(),
    );
    for entry in entries {
        text.push_str(&line(entry));
        text.push('\n');
    }
    let path_shown = path.display().to_string();
    write_new(path, text.as_bytes()).map_err(|error| {
        let values = [
            ("path", path_shown.as_str().into()),
            ("error", error.to_string().into()),
        ];
        Failure::fault("output", out.text.format("cli-logs-not-exported", &values))
    })?;
    let values = [
        ("path", path_shown.as_str().into()),
        ("count", entries.len().into()),
    ];
    out.say(&out.text.format("cli-logs-exported", &values));
    Ok(0)
}
