//! The tables, their versions, and the way from each version to the next.

use dequeue_core::record::Poke;
use dequeue_smtp::Outcome;
use jiff::{Timestamp, tz::TimeZone};
use rusqlite::{Connection, Transaction, TransactionBehavior};
use serde::Deserialize;

use super::{
    day::{self, Count},
    fault::HistoryError,
};

/// A step from one version to the next.
type Migration = fn(&Transaction<'_>, &TimeZone) -> Result<(), HistoryError>;

/// From each version, in SQLite's `user_version`, to the next. What is here is never changed: files
/// of every version are about.
const MIGRATIONS: [Migration; 2] = [first, days_and_state];

/// `PRAGMA auto_vacuum`: what is removed can be given back to the disk, when we say so.
const INCREMENTAL: i64 = 2;

/// Sets up a connection, makes the tables, or brings them to this version.
pub(super) fn prepare(connection: &Connection, zone: &TimeZone) -> Result<(), HistoryError> {
    // Takes hold in a new file here and now, in another at its next VACUUM.
    connection.pragma_update(None, "auto_vacuum", "INCREMENTAL")?;
    // With the log written ahead a kill at any instant leaves the last whole state.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // A few pages are plenty for a row at a time; the default is 2 MB.
    connection.pragma_update(None, "cache_size", -256)?;
    // The log is copied into the file at 1 MB, and cut back to that after something large.
    connection.pragma_update(None, "wal_autocheckpoint", 256)?;
    connection.pragma_update(None, "journal_size_limit", 1 << 20)?;
    migrate(connection, zone)?;
    if number(connection, "auto_vacuum")? != INCREMENTAL {
        // A file of version 1. Where there is no room for the copy, or others hold the file, it
        // goes without: room is then used again, but not given back.
        if let Err(error) = connection.execute_batch("VACUUM") {
            tracing::warn!(%error, "the history cannot give room back to the disk yet");
        }
    }
    Ok(())
}

/// Whether the tables can be read as they are.
pub(super) fn can_be_read(connection: &Connection) -> Result<(), HistoryError> {
    let version = number(connection, "user_version")?;
    if version == MIGRATIONS.len() as i64 {
        Ok(())
    } else {
        Err(HistoryError::Version(version))
    }
}

/// Looks at all of the file.
pub(super) fn check(connection: &Connection) -> Result<(), HistoryError> {
    let found: String = connection.pragma_query_value(None, "quick_check", |row| row.get(0))?;
    if found == "ok" {
        Ok(())
    } else {
        Err(HistoryError::Damaged(found))
    }
}

fn migrate(connection: &Connection, zone: &TimeZone) -> Result<(), HistoryError> {
    loop {
        let version = number(connection, "user_version")?;
        if version == MIGRATIONS.len() as i64 {
            return Ok(());
        }
        // Several commands may find it old at once: the first makes the step, the others see that.
        let step = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        if number(&step, "user_version")? != version {
            continue;
        }
        let migration = usize::try_from(version)
            .ok()
            .and_then(|version| MIGRATIONS.get(version))
            .ok_or(HistoryError::Version(version))?;
        migration(&step, zone)?;
        step.pragma_update(None, "user_version", version + 1)?;
        step.commit()?;
    }
}

fn number(connection: &Connection, pragma: &str) -> Result<i64, HistoryError> {
    Ok(connection.pragma_query_value(None, pragma, |row| row.get(0))?)
}

/// The column of this name: 1 for a poke that worked, 0 for one that did not, and 2 for one that was broken
/// off, which says neither. In older files that is 0 as well.
pub(super) fn worked(poke: &Poke) -> i64 {
    if poke.outcome.is_success() {
        1
    } else if poke.reason.is_interruption() {
        2
    } else {
        0
    }
}

fn first(step: &Transaction<'_>, _: &TimeZone) -> Result<(), HistoryError> {
    Ok(step.execute_batch(
        "CREATE TABLE poke (
             id INTEGER PRIMARY KEY AUTOINCREMENT,
             account TEXT NOT NULL,
             started_at INTEGER NOT NULL, -- milliseconds since 1970, UTC
             worked INTEGER NOT NULL,
             report TEXT NOT NULL,        -- core::record::Poke as JSON, without its dialogue
             dialogue TEXT NOT NULL       -- its dialogue in JSON
         );
         CREATE INDEX poke_of_account ON poke (account, id);
         CREATE INDEX poke_worked ON poke (account, worked, id);
         CREATE TABLE pause (account TEXT PRIMARY KEY); -- '' pauses everything",
    )?)
}

/// The figures of the days, counted from the pokes there are, and what the engine notes.
fn days_and_state(step: &Transaction<'_>, zone: &TimeZone) -> Result<(), HistoryError> {
    step.execute_batch(
        "CREATE INDEX poke_started ON poke (started_at);
         CREATE TABLE day (
             account TEXT NOT NULL,
             day INTEGER NOT NULL,        -- days since 1970-01-01, by the machine's calendar
             started INTEGER NOT NULL,    -- pokes by outcome
             nothing_waiting INTEGER NOT NULL,
             signalled INTEGER NOT NULL,
             delivered INTEGER NOT NULL,
             refused INTEGER NOT NULL,
             unreachable INTEGER NOT NULL,
             unknown INTEGER NOT NULL,
             held INTEGER NOT NULL,
             failed INTEGER NOT NULL,
             connections INTEGER NOT NULL, -- arrivals
             messages INTEGER NOT NULL,
             bytes INTEGER NOT NULL,
             duration_ms INTEGER NOT NULL, -- of all pokes together
             shortest_ms INTEGER NOT NULL,
             longest_ms INTEGER NOT NULL,
             PRIMARY KEY (account, day)
         ) WITHOUT ROWID;
         CREATE TABLE state (             -- '' is the state of everything
             account TEXT NOT NULL,
             key TEXT NOT NULL,
             value TEXT NOT NULL,         -- JSON
             PRIMARY KEY (account, key)
         ) WITHOUT ROWID;",
    )?;
    /// As much of a report as is counted.
    #[derive(Deserialize)]
    struct Counted {
        outcome: Outcome,
        duration_ms: u32,
    }
    let mut query = step.prepare("SELECT account, started_at, report FROM poke")?;
    let mut rows = query.query([])?;
    while let Some(row) = rows.next()? {
        let report: String = row.get(2)?;
        let at = Timestamp::from_millisecond(row.get(1)?);
        // What cannot be read cannot be counted.
        if let (Ok(poke), Ok(at)) = (serde_json::from_str::<Counted>(&report), at) {
            let account: String = row.get(0)?;
            let count = Count::one(poke.outcome, poke.duration_ms);
            day::count(step, &account, zone.to_datetime(at).date(), &count)?;
        }
    }
    Ok(())
}
