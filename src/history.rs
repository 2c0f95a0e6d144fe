//! `dequeue history`: the pokes of the past, newest first.

use std::time::Duration;

use dequeue_engine::{
    api::{Poke, Request, Response},
    settings::parse_duration,
};
use jiff::Timestamp;

use crate::{
    arguments,
    failure::Failure,
    home::{Engine, Home, unexpected},
    output::{Output, local},
    usage::visible,
};

/// How many are shown where neither a number nor a time is given.
const SHOWN: u32 = 20;
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
    let engine = home.engine(&out.text).await?;
    let mut before = None;
    let mut shown = false;
    while left > 0 && !out.is_closed() {
        let limit = left.min(PAGE);
        let account = wanted.account.clone();
        let page = match engine
            .ask(Request::History {
                account,
                since,
                before,
                limit,
            })
            .await?
        {
            Response::Pokes { pokes } => pokes,
            _ => return Err(unexpected(&out.text)),
        };
        for poke in &page {
            show(poke, wanted, &engine, out).await?;
        }
        shown |= !page.is_empty();
        // The demo's pokes have ids below 0, and stand before the others on the first page.
        before = page.iter().map(|poke| poke.id).filter(|id| *id > 0).min();
        if page.len() < limit as usize || before.is_none() {
            break;
        }
        left -= limit;
    }
    if !shown {
        // Only an account that never was is a fault: the history outlives the settings, and the
        // settings may be newer than what the engine has read of them.
        let set_up = |name: &String| {
            home.settings
                .as_ref()
                .is_ok_and(|settings| settings.account(name).is_some())
        };
        if let Some(name) = wanted.account.as_ref().filter(|name| !set_up(name)) {
            engine.account(name, &out.text)?;
        }
        out.say(&out.text.get("cli-history-none"));
    }
    engine.leave().await;
    Ok(0)
}

async fn show(
    poke: &Poke,
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
    out.dialogue(&poke.dialogue);
    if dialogue {
        out.detail(poke);
    } else {
        out.busy(poke);
    }
    Ok(())
}

/// The time that a length of time ago was.
fn begin(since: &str, out: &Output) -> Result<Timestamp, Failure> {
    let ago: Option<Duration> = parse_duration(since.trim()).ok();
    let begin = ago.and_then(|ago| Timestamp::now().checked_sub(ago).ok());
    begin.ok_or_else(|| {
        let values = [("value", visible(since).into())];
        Failure::usage(out.text.format("cli-since-wrong", &values))
    })
}
