//! What each day came to, for each account: some fifty bytes a day, kept for ten years.

use std::collections::BTreeMap;

use dequeue_core::{
    day::{ArrivedAmount, Day},
    record::Poke,
};
use dequeue_smtp::Outcome;
use jiff::{Unit, civil::Date};
use rusqlite::{Connection, OptionalExtension as _, Row, ToSql, params_from_iter, types::Value};

use super::fault::HistoryError;

/// How many columns there are for outcomes.
const COLUMNS: usize = Outcome::ALL.len();

/// The place of an outcome's column among theirs.
const fn place(outcome: Outcome) -> usize {
    match outcome {
        Outcome::Started => 0,
        Outcome::NothingWaiting => 1,
        Outcome::Signalled => 2,
        Outcome::Delivered => 3,
        Outcome::Refused => 4,
        Outcome::Unreachable => 5,
        Outcome::Unknown => 6,
        Outcome::Held => 7,
        Outcome::Failed => 8,
    }
}

/// What is added to a day.
pub(super) struct Count {
    outcomes: [i64; COLUMNS],
    arrived: ArrivedAmount,
    duration_ms: i64,
    /// The shortest and the longest may be this.
    one_ms: u32,
}

impl Count {
    /// One poke.
    pub(super) fn one(outcome: Outcome, duration_ms: u32) -> Self {
        let mut outcomes = [0; COLUMNS];
        outcomes[place(outcome)] = 1;
        Self {
            outcomes,
            arrived: ArrivedAmount::default(),
            duration_ms: i64::from(duration_ms),
            one_ms: duration_ms,
        }
    }

    /// With what has arrived by it.
    pub(super) const fn with(mut self, arrived: ArrivedAmount) -> Self {
        self.arrived = arrived;
        self
    }

    /// With what was counted for the poke before taken away.
    pub(super) fn instead_of(mut self, before: &Poke) -> Self {
        self.outcomes[place(before.outcome)] -= 1;
        self.duration_ms -= i64::from(before.duration_ms);
        self
    }
}

/// What an existing row and one that comes to it make together.
const TOGETHER: &str = "ON CONFLICT DO UPDATE SET
    started = started + excluded.started,
    nothing_waiting = nothing_waiting + excluded.nothing_waiting,
    signalled = signalled + excluded.signalled,
    delivered = delivered + excluded.delivered,
    refused = refused + excluded.refused,
    unreachable = unreachable + excluded.unreachable,
    unknown = unknown + excluded.unknown,
    held = held + excluded.held,
    failed = failed + excluded.failed,
    connections = connections + excluded.connections,
    messages = messages + excluded.messages,
    bytes = bytes + excluded.bytes,
    duration_ms = duration_ms + excluded.duration_ms,
    shortest_ms = min(shortest_ms, excluded.shortest_ms),
    longest_ms = max(longest_ms, excluded.longest_ms)";

/// Adds to a day of an account.
pub(super) fn count(
    connection: &Connection,
    account: &str,
    day: Date,
    count: &Count,
) -> Result<(), HistoryError> {
    let day = number_of(day);
    let signed = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let arrived = [
        signed(count.arrived.connections),
        signed(count.arrived.messages),
        signed(count.arrived.bytes),
    ];
    let values = [&account as &dyn ToSql, &day]
        .into_iter()
        .chain(count.outcomes.iter().map(|number| number as &dyn ToSql))
        .chain(arrived.iter().map(|number| number as &dyn ToSql))
        .chain([
            &count.duration_ms as &dyn ToSql,
            &count.one_ms,
            &count.one_ms,
        ]);
    insert(connection, values)
}

/// Adds what a day came to elsewhere to that of an account.
pub(super) fn add(connection: &Connection, account: &str, day: &Day) -> Result<(), HistoryError> {
    let signed = |number: u64| Value::from(i64::try_from(number).unwrap_or(i64::MAX));
    let mut outcomes = [0; COLUMNS];
    for outcome in Outcome::ALL {
        let pokes = day.outcomes.get(outcome.name());
        outcomes[place(outcome)] = pokes.copied().unwrap_or(0);
    }
    let arrived = &day.arrived;
    let figures = [
        arrived.connections,
        arrived.messages,
        arrived.bytes,
        day.duration_ms,
    ];
    let values = [Value::from(account.to_owned()), number_of(day.day).into()]
        .into_iter()
        .chain(outcomes.into_iter().chain(figures).map(signed))
        .chain([
            i64::from(day.shortest_ms).into(),
            i64::from(day.longest_ms).into(),
        ]);
    insert(connection, values)
}

/// Adds a row of all columns, to the one that is there already.
fn insert<V: ToSql>(
    connection: &Connection,
    values: impl IntoIterator<Item = V>,
) -> Result<(), HistoryError> {
    connection
        .prepare_cached(&format!(
            "INSERT INTO day VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) {TOGETHER}"
        ))?
        .execute(params_from_iter(values))?;
    Ok(())
}

/// An account's days go with its new name, to those that have it already.
pub(super) fn rename(connection: &Connection, from: &str, to: &str) -> Result<(), HistoryError> {
    connection.execute(
        &format!(
            "INSERT INTO day SELECT ?2, day, started, nothing_waiting, signalled, delivered, refused,
                 unreachable, unknown, held, failed, connections, messages, bytes, duration_ms,
                 shortest_ms, longest_ms
             FROM day WHERE account = ?1 {TOGETHER}"
        ),
        [from, to],
    )?;
    connection.execute("DELETE FROM day WHERE account = ?1", [from])?;
    Ok(())
}

/// The days of one account, or of all together.
pub(super) fn read(
    connection: &Connection,
    account: Option<&str>,
    from: Date,
    to: Date,
) -> Result<Vec<Day>, HistoryError> {
    let which = if account.is_some() {
        "account = ?1"
    } else {
        "?1 IS NULL"
    };
    let mut query = connection.prepare_cached(&format!(
        "SELECT day, sum(started), sum(nothing_waiting), sum(signalled), sum(delivered),
             sum(refused), sum(unreachable), sum(unknown), sum(held), sum(failed),
             sum(connections), sum(messages), sum(bytes), sum(duration_ms), min(shortest_ms),
             max(longest_ms)
         FROM day WHERE {which} AND day BETWEEN ?2 AND ?3 GROUP BY day ORDER BY day"
    ))?;
    let (from, to) = (number_of(from), number_of(to));
    let rows = query.query_map((account, from, to), row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The latest day of an account, and what arrived on it.
pub(super) fn latest(
    connection: &Connection,
    account: &str,
) -> rusqlite::Result<Option<(Date, ArrivedAmount)>> {
    let mut query = connection.prepare_cached(
        "SELECT day, connections, messages, bytes FROM day WHERE account = ?1
         ORDER BY day DESC LIMIT 1",
    )?;
    let latest = query.query_row([account], |row| {
        let arrived = ArrivedAmount {
            connections: row.get::<_, i64>(1)?.unsigned_abs(),
            messages: row.get::<_, i64>(2)?.unsigned_abs(),
            bytes: row.get::<_, i64>(3)?.unsigned_abs(),
        };
        Ok((date_of(row.get(0)?), arrived))
    });
    latest.optional()
}

fn row(row: &Row<'_>) -> rusqlite::Result<Day> {
    const AFTER: usize = 1 + COLUMNS;
    let at = |column: usize| -> rusqlite::Result<u64> {
        Ok(u64::try_from(row.get::<_, i64>(column)?).unwrap_or(0))
    };
    let mut outcomes = BTreeMap::new();
    for outcome in Outcome::ALL {
        let pokes = at(1 + place(outcome))?;
        if pokes > 0 {
            outcomes.insert(outcome.name().to_owned(), pokes);
        }
    }
    Ok(Day {
        day: date_of(row.get(0)?),
        pokes: outcomes.values().sum(),
        outcomes,
        arrived: ArrivedAmount {
            connections: at(AFTER)?,
            messages: at(AFTER + 1)?,
            bytes: at(AFTER + 2)?,
        },
        duration_ms: at(AFTER + 3)?,
        shortest_ms: row.get(AFTER + 4)?,
        longest_ms: row.get(AFTER + 5)?,
    })
}

const FIRST: Date = Date::constant(1970, 1, 1);

/// Days since 1970-01-01.
pub(super) fn number_of(day: Date) -> i64 {
    day.since((Unit::Day, FIRST))
        .map_or(0, |span| i64::from(span.get_days()))
}

pub(super) fn date_of(number: i64) -> Date {
    let span = jiff::Span::new().try_days(number).unwrap_or_default();
    FIRST.checked_add(span).unwrap_or(FIRST)
}
