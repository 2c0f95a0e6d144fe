//! The removal of what is no longer kept.

use std::{ops::RangeInclusive, time::Duration};

use dequeue_core::settings::keep::Keep;
use jiff::{SignedDuration, Timestamp, ToSpan, tz::TimeZone};
use rusqlite::{Connection, params};

use super::{day::number_of, fault::HistoryError};

/// After how many new pokes the old ones are looked at.
const TIDIED_EVERY: i64 = 64;
/// How many go at a time until the rest has room.
const TOO_MUCH_AT_ONCE: i64 = 16;
/// How many of the newest are kept, however large they are.
const KEPT_AT_LEAST: i64 = 100;
/// How long the days' figures are kept.
const YEARS_OF_DAYS: i32 = 10;
const MEGABYTE: i64 = 1_000_000;

/// After every [`TIDIED_EVERY`] pokes: removes what is too old or too much, and gives the room back.
pub(super) fn tidy(
    connection: &Connection,
    keep: Keep,
    zone: &TimeZone,
    added: RangeInclusive<i64>,
    now: Timestamp,
) -> Result<(), HistoryError> {
    let (before, newest) = (added.start() - 1, *added.end());
    if before / TIDIED_EVERY == newest / TIDIED_EVERY {
        return Ok(());
    }
    let mut removed = too_old(connection, keep.age, zone, newest - before, now)?;
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

fn too_old(
    connection: &Connection,
    age: Duration,
    zone: &TimeZone,
    added: i64,
    now: Timestamp,
) -> Result<usize, HistoryError> {
    // No more than that, so that an hour with the clock in another century costs little of the
    // history.
    let at_once = 2 * added.max(TIDIED_EVERY);
    let age = SignedDuration::try_from(age).unwrap_or(SignedDuration::MAX);
    // A clock that is wrong enough has no such moment; then nothing is too old.
    let Ok(oldest) = now.checked_sub(age) else {
        return Ok(0);
    };
    let pokes = connection
        .prepare_cached(
            "DELETE FROM poke WHERE id IN (
                 SELECT id FROM poke WHERE started_at < ?1 ORDER BY started_at LIMIT ?2)",
        )?
        .execute(params![oldest.as_millisecond(), at_once])?;
    let Ok(first_day) = zone
        .to_datetime(now)
        .date()
        .checked_sub(YEARS_OF_DAYS.years())
    else {
        return Ok(pokes);
    };
    let days = connection
        .prepare_cached(
            "DELETE FROM day WHERE (account, day) IN (
                 SELECT account, day FROM day WHERE day < ?1 LIMIT ?2)",
        )?
        .execute(params![number_of(first_day), at_once])?;
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
