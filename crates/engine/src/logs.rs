//! The log: what is logged follows the settings, and what has been logged is found again.
//!
//! A client asks a running engine for lines; the command line reads the files itself where it may, so
//! that they can be had when no engine runs.

use std::{io, path::Path};

use dequeue_api::{ApiError, ErrorCode, LogEntry, LogFrom, LogPage, LogPlace, LogWanted};
use dequeue_core::{
    settings::logging::{LogLevel, Logging},
    text::Text,
};
use dequeue_platform::logs::{
    self,
    read::{self, Line, Lines, Place, Wanted},
};
use tracing::{Level, level_filters::LevelFilter};

/// The most lines in one answer.
const AT_MOST: usize = 1000;
/// A megabyte, as the settings count.
const MEGABYTE: u64 = 1_000_000;

/// Logs in this process as the settings say, from now on.
pub fn follow(settings: Logging) {
    follow_level(settings.level);
    logs::keep_at_most(u64::from(settings.megabytes) * MEGABYTE);
}

/// Logs what is at least so important, from now on: for a client, which goes by its engine's settings.
pub fn follow_level(least: LogLevel) {
    logs::set_level(filter(least));
}

/// Lines of the log in this folder, as a client asks for them. An empty page where there is no log.
///
/// # Errors
/// What the system says; [`io::ErrorKind::PermissionDenied`] where the log is another user's.
pub fn page(
    folder: &Path,
    wanted: &LogWanted,
    from: Option<LogFrom>,
    limit: usize,
) -> io::Result<LogPage> {
    let wanted = Wanted {
        since: wanted.since,
        least: wanted.level.map_or(LevelFilter::TRACE, filter),
        text: wanted.search.to_lowercase(),
    };
    let limit = limit.min(AT_MOST);
    let found = match from {
        None => read::newest(folder, &wanted, None, limit),
        Some(LogFrom::Before(before)) => read::newest(folder, &wanted, Some(to(before)), limit),
        Some(LogFrom::After(after)) => read::after(folder, &wanted, to(after), limit),
    };
    let Lines {
        lines,
        begin,
        end,
        more,
    } = found?;
    Ok(LogPage {
        entries: lines.into_iter().map(entry).collect(),
        begin: place(begin),
        end: place(end),
        more,
    })
}

/// Why a log cannot be read, in words.
#[must_use]
pub fn error(folder: &Path, error: &io::Error, text: &Text) -> ApiError {
    let values = [
        ("path", folder.display().to_string().into()),
        ("error", error.to_string().into()),
    ];
    dequeue_api::client::error(ErrorCode::Log, text.format("error-log", &values))
}

fn entry(line: Line) -> LogEntry {
    LogEntry {
        at: line.at,
        level: level(line.level),
        program: line.program,
        process: line.process,
        target: line.target,
        text: line.words,
    }
}

const fn filter(least: LogLevel) -> LevelFilter {
    match least {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
        LogLevel::Trace => LevelFilter::TRACE,
    }
}

const fn level(level: Level) -> LogLevel {
    match level {
        Level::ERROR => LogLevel::Error,
        Level::WARN => LogLevel::Warn,
        Level::INFO => LogLevel::Info,
        Level::DEBUG => LogLevel::Debug,
        Level::TRACE => LogLevel::Trace,
    }
}

const fn to(LogPlace { file, at }: LogPlace) -> Place {
    Place { file, at }
}

const fn place(Place { file, at }: Place) -> LogPlace {
    LogPlace { file, at }
}
