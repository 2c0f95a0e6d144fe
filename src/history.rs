//! `dequeue history`: the pokes of the past, newest first; or what each day came to, oldest first.

use std::{fmt::Write as _, time::Duration};

use dequeue_api::{PokeView, Request, Response};
use dequeue_core::{
    amounts::{duration, size},
    day::Day,
    settings::value::parse_duration,
    sink,
};
use jiff::Timestamp;

use crate::{
    arguments,
    failure::Failure,
    home::{Engine, Home, unexpected, warn_of_history},
    output::{Output, local},
};

/// How many are shown where neither a number nor a time is given.
const SHOWN: u32 = 20;
/// Of how long ago days are shown where no time is given.
const DAYS_SHOWN: &str = "30d";
/// How many are asked for at once; the engine gives at most 1000.
const PAGE: u32 = 500;

/// Shows the pokes of the past.
///
/// # Errors
/// [`Failure`].
pub(crate) async fn history(
    home: &Home,
    wanted: &arguments::History,
    out: &mut Output,
) -> Result<u8, Failure> {
    let since = wanted
        .since
        .as_deref()
        .map(|since| begin(since, out))
        .transpose()?;
    let mut left = wanted
        .limit
        .unwrap_or(if since.is_some() { u32::MAX } else { SHOWN });
    let engine = home.engine(out).await?;
    warn_of_history(&engine, &engine.snapshot, out);
    let mut before = None;
    let mut shown = false;
    while left > 0 && !out.is_closed() {
        let limit = left.min(PAGE);
        let account = wanted.account.clone();
        let (page, more) = match engine
            .ask(Request::History {
                account,
                since,
                before,
                limit,
            })
            .await?
        {
            Response::Pokes { pokes, more } => (pokes, more),
            _ => return Err(unexpected(&out.text)),
        };
        for poke in &page {
            show(poke, wanted, &engine, out).await?;
        }
        shown |= !page.is_empty();
        // The demo's pokes have ids below 0, and stand before the others on the first page.
        before = page.iter().map(|poke| poke.id).filter(|id| *id > 0).min();
        if !more || before.is_none() {
            break;
        }
        left = left.saturating_sub(u32::try_from(page.len()).unwrap_or(u32::MAX));
    }
    if !shown {
        say_none(wanted, &engine, out)?;
    }
    engine.leave().await;
    Ok(0)
}

/// Shows what each day came to.
///
/// # Errors
/// [`Failure`].
pub(crate) async fn days(
    home: &Home,
    wanted: &arguments::History,
    out: &mut Output,
) -> Result<u8, Failure> {
    let since = Some(begin(wanted.since.as_deref().unwrap_or(DAYS_SHOWN), out)?);
    let engine = home.engine(out).await?;
    warn_of_history(&engine, &engine.snapshot, out);
    let account = wanted.account.clone();
    let days = match engine.ask(Request::Days { account, since }).await? {
        Response::Days { days } => days,
        _ => return Err(unexpected(&out.text)),
    };
    if days.is_empty() {
        say_none(wanted, &engine, out)?;
    } else {
        for line in table(&days, out) {
            out.say(&line);
        }
    }
    for day in &days {
        out.object(day);
    }
    engine.leave().await;
    Ok(0)
}

/// Only an account that never was is a fault: the history outlives the settings.
fn say_none(wanted: &arguments::History, engine: &Engine, out: &mut Output) -> Result<(), Failure> {
    if let Some(name) = &wanted.account {
        engine.account(name, &out.text)?;
    }
    out.say(&out.text.get("cli-history-none"));
    Ok(())
}

/// A line for each day below one of headings. The numbers end where their headings do.
fn table(days: &[Day], out: &Output) -> Vec<String> {
    let headings = [
        "day",
        "pokes",
        "connections",
        "messages",
        "size",
        "average",
        "longest",
        "outcomes",
    ];
    let headings = headings.map(|heading| out.text.get(&format!("cli-days-{heading}")));
    let rows = days.iter().map(|day| {
        let average = day.duration_ms.checked_div(day.pokes).unwrap_or_default();
        let outcomes = day.outcomes.iter().map(|(outcome, count)| {
            format!("{count} × {}", out.text.get(&format!("outcome-{outcome}")))
        });
        [
            day.day.to_string(),
            day.pokes.to_string(),
            day.arrived.connections.to_string(),
            day.arrived.messages.to_string(),
            size(day.arrived.bytes, &out.text),
            duration(average, &out.text),
            duration(day.longest_ms.into(), &out.text),
            outcomes.collect::<Vec<_>>().join(", "),
        ]
    });
    let rows: Vec<_> = std::iter::once(headings).chain(rows).collect();
    let last = rows[0].len() - 1;
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max();
    let widths: Vec<usize> = (0..last).filter_map(width).collect();
    let lines = rows.iter().map(|row| {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(line, "{cell:>width$}  ");
        }
        line + &row[last]
    });
    lines.collect()
}

async fn show(
    poke: &PokeView,
    wanted: &arguments::History,
    engine: &Engine,
    out: &mut Output,
) -> Result<(), Failure> {
    let whole;
    let mut poke = poke;
    let dialogue = wanted.dialogue || out.is_verbose();
    if dialogue {
        match engine.ask(Request::Poke { id: poke.id }).await? {
            Response::Poke { poke } => whole = poke,
            _ => return Err(unexpected(&out.text)),
        }
        poke = &whole;
    }
    out.object(poke);
    let values = [
        ("time", local(poke.started_at).into()),
        ("account", poke.account.as_str().into()),
        ("outcome", out.outcome(poke.outcome).into()),
        ("explanation", poke.explanation.as_str().into()),
    ];
    out.say(&out.text.format("cli-run-poked", &values));
    if let Some(place) = Output::place(poke).filter(|_| dialogue) {
        out.say(&format!("  {place}"));
    }
    out.dialogue(&poke.dialogue);
    if dialogue {
        out.detail(poke);
    } else {
        out.busy(poke);
    }
    Ok(())
}

/// The time that a length of time ago was.
pub(crate) fn begin(since: &str, out: &Output) -> Result<Timestamp, Failure> {
    let ago: Option<Duration> = parse_duration(since.trim()).ok();
    let begin = ago.and_then(|ago| Timestamp::now().checked_sub(ago).ok());
    begin.ok_or_else(|| {
        let values = [("value", sink::line(since).into())];
        Failure::usage(out.text.format("cli-since-wrong", &values))
    })
}

#[cfg(test)]
mod tests {
    use dequeue_core::{Text, day::ArrivedAmount};

    use super::*;
    use crate::arguments::Shown;

    #[test]
    fn days_stand_in_columns() {
        let day = |day: &str, pokes, outcomes: &[(&str, u64)]| Day {
            day: day.parse().unwrap(),
            pokes,
            outcomes: outcomes
                .iter()
                .map(|(outcome, count)| ((*outcome).to_owned(), *count))
                .collect(),
            arrived: ArrivedAmount {
                connections: 12,
                messages: 0,
                bytes: 1_234_567,
            },
            duration_ms: 96 * 250,
            shortest_ms: 100,
            longest_ms: 12_345,
        };
        let days = [
            day("2026-11-24", 96, &[("started", 94), ("unreachable", 2)]),
            day("2026-11-25", 3, &[("held", 3)]),
        ];
        let out = Output::new(Shown::default(), Text::for_language("en"));
        let expected = "
       Day  Pokes  Connections  Messages    Size  Average  Longest  Outcomes
2026-11-24     96           12         0  1.2 MB   250 ms     12 s  94 × Delivery started, 2 × Unreachable
2026-11-25      3           12         0  1.2 MB      8 s     12 s  3 × Held back";
        assert_eq!(table(&days, &out).join("\n"), expected[1..]);
    }
}
