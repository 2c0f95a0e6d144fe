//! `dequeue pause` and `dequeue resume`: no pokes on time for a while, of some accounts or of all.

use std::time::Duration;

use dequeue_api::{PauseLength, Request};
use dequeue_core::{settings::value::parse_duration, sink};

use crate::{
    arguments,
    failure::Failure,
    home::{Engine, Home},
    output::Output,
};

/// Pauses accounts; without a name, everything.
///
/// # Errors
/// [`Failure`]; with several accounts, those before the one at fault are paused.
pub(crate) async fn pause(
    home: &Home,
    wanted: &arguments::Pause,
    out: &mut Output,
) -> Result<u8, Failure> {
    let lasts = match &wanted.time {
        Some(time) => PauseLength::Seconds(seconds(time, out)?),
        None if wanted.until_tomorrow => PauseLength::Tomorrow,
        None => PauseLength::UntilResumed,
    };
    let request = |account| Request::Pause { account, lasts };
    let engine = ready(home, out).await?;
    let changed = change(&engine, &wanted.accounts, request, "cli-paused", out).await;
    leave(engine, changed, out).await
}

/// Ends the pause of accounts; without a name, that of everything and of each.
///
/// # Errors
/// [`Failure`]; with several accounts, those before the one at fault are resumed.
pub(crate) async fn resume(
    home: &Home,
    wanted: &arguments::Resume,
    out: &mut Output,
) -> Result<u8, Failure> {
    let engine = ready(home, out).await?;
    let changed = resumed(&engine, wanted.accounts.clone(), out).await;
    leave(engine, changed, out).await
}

async fn resumed(
    engine: &Engine,
    mut accounts: Vec<String>,
    out: &mut Output,
) -> Result<(), Failure> {
    if accounts.is_empty() {
        // One that is paused by itself as well would stay so.
        let paused = engine.snapshot.accounts.iter().filter(|it| it.paused);
        accounts = paused.map(|account| account.name.clone()).collect();
        engine.ask(Request::Resume { account: None }).await?;
    }
    let request = |account| Request::Resume { account };
    change(engine, &accounts, request, "cli-resumed", out).await
}

/// An engine whose settings can be used.
async fn ready(home: &Home, out: &mut Output) -> Result<Engine, Failure> {
    let engine = home.engine(out).await?;
    engine.need_settings(home, &out.text)?;
    Ok(engine)
}

/// Says so where nobody goes by what was changed.
async fn leave(
    engine: Engine,
    changed: Result<(), Failure>,
    out: &mut Output,
) -> Result<u8, Failure> {
    let engine_runs = engine.runs();
    engine.leave().await;
    changed?;
    if !engine_runs {
        out.warn(&out.text.get("cli-status-nobody"));
    }
    Ok(0)
}

/// Asks for it for each account; without one, for everything.
async fn change(
    engine: &Engine,
    accounts: &[String],
    request: impl Fn(Option<String>) -> Request,
    said: &str,
    out: &mut Output,
) -> Result<(), Failure> {
    let each: Vec<Option<String>> = match accounts {
        [] => vec![None],
        some => some.iter().cloned().map(Some).collect(),
    };
    for account in each {
        let response = engine.ask(request(account)).await?;
        out.object(&response);
    }
    out.say(&match accounts {
        [] => out.text.get(&format!("{said}-all")),
        some => {
            let names = sink::line(&some.join(", ")).into_owned();
            out.text.format(said, &[("accounts", names.into())])
        }
    });
    Ok(())
}

/// A time as it is typed, in seconds.
fn seconds(time: &str, out: &Output) -> Result<u32, Failure> {
    let time_given: Option<Duration> = parse_duration(time.trim()).ok();
    let seconds = time_given.and_then(|time| u32::try_from(time.as_secs()).ok());
    seconds.filter(|seconds| *seconds > 0).ok_or_else(|| {
        let values = [("value", sink::line(time).into())];
        Failure::usage(out.text.format("cli-pause-wrong", &values))
    })
}
