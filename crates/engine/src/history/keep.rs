//! How much of the history is kept, and the removal of the rest.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp, ToSpan};
use rusqlite::{Connection, params};

use super::{History, HistoryError, day::number_of};
use crate::settings::{Fault, FaultKind, Value, parse_duration};

/// After so many new pokes the old ones are looked at.
const TIDIED_EVERY: i64 = 64;
/// No more go then by age, so that an hour with the clock in another century costs little of the
/// history.
const TOO_OLD_AT_ONCE: i64 = 2 * TIDIED_EVERY;
/// So many go at a time until the rest has room.
const TOO_MUCH_AT_ONCE: i64 = 16;
/// So many of the newest are kept, however large they are.
const KEPT_AT_LEAST: i64 = 100;
/// The days' figures are kept for so long.
const YEARS_OF_DAYS: i32 = 10;

const MEGABYTE: i64 = 1_000_000;
const KEEP_FOR_LEAST: Duration = Duration::from_secs(86_400);
const KEEP_FOR_MOST: Duration = Duration::from_secs(3660 * 86_400);
const MEGABYTES_MOST: u32 = 1_000_000;

/// How much of the history is kept: the settings `keep_for` and `keep_at_most`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Pokes older than this go.
    pub age: Duration,
    /// The oldest pokes go where the file is larger than this, in MB of a million bytes. The last
    /// hundred pokes and the days' figures stay in any case.
    pub megabytes: u32,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            age: Duration::from_secs(400 * 86_400),
            megabytes: 100,
        }
    }
}

impl Keep {
    /// The keys in the settings file.
    pub const FIELDS: [&str; 2] = ["keep_for", "keep_at_most"];

    /// Sets one value by its key in the settings file: `keep_for` is a length of time of at least a
    /// day, `keep_at_most` a number of MB.
    ///
    /// # Errors
    /// What is wrong with the key or the value; nothing was set.
    pub fn set(&mut self, key: &str, value: &Value<'_>) -> Result<(), Fault> {
        let number;
        let text = match value {
            Value::Text(text) => text.trim(),
            Value::Number(n) => {
                number = n.to_string();
                &number
            }
            Value::Flag(_) | Value::List(_) | Value::Other => {
                return Err(Fault::new(key, "", FaultKind::WrongType));
            }
        };
        let fault = |kind| Fault::new(key, text, kind);
        match key {
            "keep_for" => {
                self.age = match parse_duration(text).map_err(fault)? {
                    age if age < KEEP_FOR_LEAST => return Err(fault(FaultKind::TooShort)),
                    age if age > KEEP_FOR_MOST => return Err(fault(FaultKind::OutOfRange)),
                    age => age,
                };
            }
            "keep_at_most" => {
                self.megabytes = match text.parse::<i64>().map(u32::try_from) {
                    Ok(Ok(megabytes @ 1..=MEGABYTES_MOST)) => megabytes,
                    Ok(_) => return Err(fault(FaultKind::OutOfRange)),
                    Err(_) => return Err(fault(FaultKind::NotANumber)),
                };
            }
            _ => return Err(Fault::new("unknown-key", key, FaultKind::UnknownKey)),
        }
        Ok(())
    }
}

/// After every so many pokes: removes what is too old or too much, and gives the room back.
pub(super) fn tidy(history: &History, newest: i64, now: Timestamp) -> Result<(), HistoryError> {
    if newest % TIDIED_EVERY != 0 {
        return Ok(());
    }
    tidy_now(history, newest, now)
}

/// Removes what is too old or too much, and gives the room back.
pub(super) fn tidy_now(history: &History, newest: i64, now: Timestamp) -> Result<(), HistoryError> {
    let (connection, keep) = (&history.connection, history.keep);
    let mut removed = too_old(history, now)?;
    removed += bound(connection, newest, i64::from(keep.megabytes) * MEGABYTE)?;
    if removed > 0 {
        tracing::debug!(removed, "old pokes removed from the history");
        give_back(connection)?;
    }
    Ok(())
}

/// Removes the oldest pokes until no more than `bytes` are in use; gives how many went.
pub(super) fn bound(
    connection: &Connection,
    newest: i64,
    bytes: i64,
) -> Result<usize, HistoryError> {
    let mut removed = 0;
    while used(connection)? > bytes {
        let oldest = connection
            .prepare_cached(
                "DELETE FROM poke WHERE id IN (
                     SELECT id FROM poke WHERE id <= ?1 ORDER BY id LIMIT ?2)",
            )?
            .execute([newest - KEPT_AT_LEAST, TOO_MUCH_AT_ONCE])?;
        if oldest == 0 {
            break;
        }
        removed += oldest;
    }
    Ok(removed)
}

fn too_old(history: &History, now: Timestamp) -> Result<usize, HistoryError> {
    let age = SignedDuration::try_from(history.keep.age).unwrap_or(SignedDuration::MAX);
    // A clock that is wrong enough has no such moment; then nothing is too old.
    let Ok(oldest) = now.checked_sub(age) else {
        return Ok(0);
    };
    let pokes = history
        .connection
        .prepare_cached(
            "DELETE FROM poke WHERE id IN (
                 SELECT id FROM poke WHERE started_at < ?1 ORDER BY started_at LIMIT ?2)",
        )?
        .execute(params![oldest.as_millisecond(), TOO_OLD_AT_ONCE])?;
    let Ok(first_day) = history.day_of(now).checked_sub(YEARS_OF_DAYS.years()) else {
        return Ok(pokes);
    };
    let days = history
        .connection
        .prepare_cached(
            "DELETE FROM day WHERE (account, day) IN (
                 SELECT account, day FROM day WHERE day < ?1 LIMIT ?2)",
        )?
        .execute(params![number_of(first_day), TOO_OLD_AT_ONCE])?;
    Ok(pokes + days)
}

/// How many bytes of the file are in use.
fn used(connection: &Connection) -> Result<i64, HistoryError> {
    let value = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    Ok((value("page_count")? - value("freelist_count")?) * value("page_size")?)
}

/// Gives the room of what was removed back to the disk, and that of the log.
fn give_back(connection: &Connection) -> Result<(), HistoryError> {
    for pragma in [
        "PRAGMA incremental_vacuum",
        "PRAGMA wal_checkpoint(TRUNCATE)",
    ] {
        let mut statement = connection.prepare_cached(pragma)?;
        let mut rows = statement.query([])?;
        // Each step is a page of the work.
        while rows.next()?.is_some() {}
    }
    Ok(())
}
