//! The log of all programs: set up in one place, so that it is the same whichever of them writes it.
//!
//! A line goes to files that are bounded by size ([`files`]), to standard error, with the priorities
//! of the journal where that is what reads it, and for the service of Windows to its Event Log
//! ([`register_event_source`]). What is logged follows the setting `log_level` while the program runs
//! ([`set_level`]); [`VARIABLE`] overrides it. [`read`] finds the lines of the files again.
//!
//! A line is in a file as soon as its writer's thread gets there: whoever logs never waits for a disk.
//! [`flush`] waits, for a moment. A program that sets nothing up, as one poke by host, pays nothing.

#[cfg(windows)]
mod event_log;
pub mod files;
mod form;
pub mod read;
mod writer;

use std::{
    env, fmt,
    io::{self, Write},
    panic,
    path::PathBuf,
    sync::OnceLock,
};

use tracing::{Event, Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    EnvFilter, Layer, Registry, layer::Context, prelude::*, registry::LookupSpan, reload,
};

use self::{files::FileLog, form::Words, writer::Writer};

/// What is logged, in the manner of `RUST_LOG`, whatever the settings say.
pub const VARIABLE: &str = "DEQUEUE_LOG";
/// What is logged where nobody says.
const USUAL: LevelFilter = LevelFilter::INFO;
/// The target of what a service logs of its beginning and its end, for the Event Log to have it too.
pub const LIFE: &str = "dequeue::life";
/// What the names of our own modules begin with.
const OURS: &str = "dequeue";

/// What a program logs, and where to.
#[derive(Debug)]
pub struct Logs {
    /// The program's name, as it stands in each line of a file.
    pub program: &'static str,
    /// Makes a line safe to look at, and takes out what no log may hold.
    pub safe: fn(&str) -> String,
    /// The folder of the files; without one there are none.
    pub folder: Option<PathBuf>,
    /// When lines go to standard error. They always do where the journal reads it.
    pub stderr: Stderr,
    /// Whether warnings and what is worse go to the Event Log, where there is one.
    pub event_log: bool,
}

/// When lines go to standard error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stderr {
    /// Always.
    Always,
    /// Where [`VARIABLE`] is set.
    Asked,
}

/// As long as it lives, lines are written; when it is dropped, all of them have been.
#[derive(Debug)]
#[must_use = "what is logged last is written when this is dropped"]
pub struct Logging(());

impl Drop for Logging {
    fn drop(&mut self) {
        flush();
    }
}

struct Shared {
    filter: reload::Handle<EnvFilter, Registry>,
    /// Whether [`VARIABLE`] says what is logged.
    is_fixed: bool,
    program: &'static str,
}

/// A process has one log.
static SHARED: OnceLock<Shared> = OnceLock::new();
/// Where there are files.
static FILES: OnceLock<Writer> = OnceLock::new();

/// Whether somebody has asked for a log by [`VARIABLE`].
#[must_use]
pub fn is_asked_for() -> bool {
    env::var_os(VARIABLE).is_some_and(|it| !it.is_empty())
}

/// Logs from now on. Called once by a program, before it does anything else that is worth a line; a
/// second call changes nothing.
pub fn set_up(logs: Logs) -> Logging {
    let asked = env::var(VARIABLE).ok().filter(|it| !it.is_empty());
    let filter = asked
        .as_deref()
        .and_then(|asked| EnvFilter::try_new(asked).ok());
    let is_fixed = filter.is_some();
    let (filter, handle) = reload::Layer::new(filter.unwrap_or_else(|| at(USUAL)));
    let stderr = if is_journal() {
        Some(Reader::Journal)
    } else {
        let wanted = logs.stderr == Stderr::Always || asked.is_some();
        wanted.then_some(Reader::Person)
    };
    let sinks = Sinks {
        program: logs.program,
        safe: logs.safe,
        stderr,
        #[cfg(windows)]
        event_log: logs.event_log.then(event_log::EventLog::open).flatten(),
    };
    let shared = Shared {
        filter: handle,
        is_fixed,
        program: logs.program,
    };
    let subscriber = Registry::default().with(filter).with(sinks);
    // The layers first: who changes the level must find them.
    if tracing::subscriber::set_global_default(subscriber).is_ok() {
        let _ = SHARED.set(shared);
        logs.folder.into_iter().for_each(write_to);
        log_panics();
    }
    Logging(())
}

/// Writes files in this folder from now on, where [`set_up`] was told of none: for a program that has to
/// look at the folder first.
pub fn write_to(folder: PathBuf) {
    if let Some(shared) = SHARED.get() {
        // Once there are files they stay where they are.
        let _ = FILES.set(Writer::new(FileLog::new(folder), shared.program));
    }
}

/// Logs what is at least so important, from now on; unless [`VARIABLE`] says something else. Of the
/// libraries it is warnings at most: what they say below that, nobody has looked through.
pub fn set_level(least: LevelFilter) {
    if let Some(shared) = SHARED.get().filter(|shared| !shared.is_fixed) {
        // It fails where the subscriber has gone, with the process.
        let _ = shared.filter.reload(at(least));
    }
}

/// Keeps so many octets in files at most, from the next line on.
pub fn keep_at_most(octets: u64) {
    if let Some(files) = FILES.get() {
        files.keep_at_most(octets);
    }
}

/// Waits until what has been logged is written, two seconds at most.
pub fn flush() {
    if let Some(files) = FILES.get() {
        files.flush();
    }
}

/// Makes our events known to the Event Log, as `Dequeue` in the log “Application”, for as long as the
/// program is installed. Done again it is as before; elsewhere than on Windows nothing is to be done.
///
/// # Errors
/// What Windows says: it takes an administrator.
pub fn register_event_source() -> io::Result<()> {
    #[cfg(windows)]
    event_log::register_source()?;
    Ok(())
}

/// The opposite of [`register_event_source`]. It is no fault where nothing is known of us.
///
/// # Errors
/// As those of [`register_event_source`].
pub fn unregister_event_source() -> io::Result<()> {
    #[cfg(windows)]
    event_log::unregister_source()?;
    Ok(())
}

fn at(least: LevelFilter) -> EnvFilter {
    let others = least.min(LevelFilter::WARN);
    EnvFilter::new(format!("{others},{OURS}={least}"))
}

/// A program that ends by a fault of its own says where that was. What was found there is not told:
/// it may be anybody's words.
fn log_panics() {
    let before = panic::take_hook();
    panic::set_hook(Box::new(move |fault| {
        let at = fault.location().map(ToString::to_string);
        tracing::error!(at, "a fault of our own");
        flush();
        before(fault);
    }));
}

/// Who reads standard error.
#[derive(Clone, Copy)]
enum Reader {
    Person,
    Journal,
}

/// Whether standard error is the journal: systemd says which file it has given us for it
/// (systemd.exec(5), `JOURNAL_STREAM`).
#[cfg(unix)]
fn is_journal() -> bool {
    let Ok(stream) = env::var("JOURNAL_STREAM") else {
        return false;
    };
    let Ok(there) = rustix::fs::fstat(io::stderr()) else {
        return false;
    };
    stream == format!("{}:{}", there.st_dev, there.st_ino)
}

#[cfg(not(unix))]
const fn is_journal() -> bool {
    false
}

/// Puts each event into words once, and gives them to all that take it.
struct Sinks {
    program: &'static str,
    safe: fn(&str) -> String,
    stderr: Option<Reader>,
    #[cfg(windows)]
    event_log: Option<event_log::EventLog>,
}

impl fmt::Debug for Sinks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sinks").finish_non_exhaustive()
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Sinks {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let metadata = event.metadata();
        let (level, target) = (*metadata.level(), metadata.target());
        let words = (self.safe)(&Words::of(event));
        if let Some(reader) = self.stderr {
            let line = match reader {
                Reader::Person => form::for_person(level, target, &words),
                Reader::Journal => form::for_journal(level, target, &words),
            };
            // Where there is no standard error, nobody can be told.
            let _ = io::stderr().write_all(line.as_bytes());
        }
        #[cfg(windows)]
        if let Some(events) = &self.event_log
            && event_log::is_wanted(level, target)
        {
            events.report(level, &words);
        }
        if let Some(files) = FILES.get() {
            files.write(form::for_file(level, self.program, target, &words));
        }
    }
}

#[cfg(test)]
mod tests;
