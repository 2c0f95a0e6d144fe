//! `dequeue HOST` and `dequeue poke`: one poke by host, which touches neither settings nor history
//! nor a running engine; or pokes of accounts, through the engine.

use dequeue_api::{ErrorCode, Event, PokeView, Request, Response};
use dequeue_core::settings::{
    Account,
    fault::{Fault, FaultKind},
    value::Value,
};
use dequeue_engine::poke::{Poking, poke};
use dequeue_smtp::{DialogueLine, NameFault, Reason, Speaker, verdict::worst_exit_status};
use tokio::{sync::broadcast::error::RecvError, task::JoinSet};

use crate::{
    arguments,
    failure::Failure,
    home::{Engine, Home, unexpected, warn_of_history, warn_of_settings},
    output::Output,
    secret,
};

/// Pokes a host in the words of the old `dequeue.exe`; gives the exit status.
///
/// # Errors
/// What is wrong with the values; nothing was sent.
pub(crate) async fn old_form(
    wanted: &arguments::HostToPoke,
    out: &mut Output,
) -> Result<u8, Failure> {
    let poked = by_host(wanted.fields(), out).await?;
    if poked.reason == Reason::NoAddress && !wanted.host.contains('.') {
        // It may have been meant for a sub-command.
        let values = [("command", poked.host.as_str().into())];
        out.say(&out.text.format("cli-no-command-either", &values));
    }
    Ok(poked.exit_status)
}

/// Pokes a host and shows what came of it.
///
/// # Errors
/// What is wrong with the values; nothing was sent.
pub(crate) async fn by_host(
    fields: Vec<(&str, Value<'_>)>,
    out: &mut Output,
) -> Result<PokeView, Failure> {
    let account = Account::unnamed(fields).map_err(|faults| wrong_values(&faults, out))?;
    let text = out.text.clone();
    let secret = secret::for_host(&account, out).await?;
    let host = account.host.to_string();
    if out.is_live() {
        let values = [
            ("host", host.as_str().into()),
            ("port", account.port().to_string().into()),
        ];
        out.going_on(&text.format("cli-connecting", &values));
    }
    let poking = Poking::by_host(secret.as_ref());
    let poked = poke(&account, poking, |line| {
        if out.is_verbose() {
            out.dialogue_line(line);
        }
        going_on(&host, line, out);
    })
    .await;
    let poked = PokeView::new(poked.poke, &text);
    out.poke_ended(&poked);
    Ok(poked)
}

/// What is wrong with values of the command line, where each domain has an option of its own.
pub(crate) fn wrong_values(faults: &[Fault], out: &Output) -> Failure {
    let mut failure = Failure::values(faults, &out.text);
    let listed = |fault: &Fault| {
        let separator = matches!(fault.kind, FaultKind::Name(NameFault::Character(',' | ';')));
        fault.field == "domains" && separator
    };
    if faults.iter().any(listed) {
        failure.message.push('\n');
        failure.message.push_str(&out.text.get("cli-domain-each"));
    }
    failure
}

/// Tells on a terminal what is waited for.
fn going_on(name: &str, line: &DialogueLine, out: &mut Output) {
    if !out.is_live() {
        return;
    }
    let text = out.text.clone();
    let name = ("name", name.into());
    match (line.from, line.line.as_str()) {
        (Speaker::Connection, "connected") => {
            out.going_on(&text.format("cli-waiting-greeting", &[name]));
        }
        (Speaker::Connection, "turned") => {
            out.going_on(&text.format("cli-turned", &[name]));
        }
        (Speaker::Us, command) if command == "****" || command.starts_with("AUTH ") => {
            out.going_on(&text.format("cli-logging-in", &[name]));
        }
        (Speaker::Us, command) => {
            out.going_on(&text.format("cli-waiting", &[name, ("command", command.into())]));
        }
        (Speaker::Connection | Speaker::Provider, _) => {}
    }
}

/// Pokes accounts of the settings; gives the worst of their exit statuses.
///
/// # Errors
/// [`Failure`]: where a name is wrong, nothing was poked.
pub(crate) async fn accounts(
    home: &Home,
    wanted: &arguments::Poke,
    out: &mut Output,
) -> Result<u8, Failure> {
    let engine = home.engine(out).await?;
    engine.need_settings(home, &out.text)?;
    warn_of_settings(&engine.snapshot, out);
    let names = names(wanted, &engine, out)?;
    let mut events = engine.client().events();
    let mut pokes = JoinSet::new();
    for name in &names {
        let (client, accounts) = (engine.client().clone(), vec![name.clone()]);
        pokes.spawn(async move { client.request(Request::PokeNow { accounts }).await });
    }
    waiting(&names, pokes.len(), out);
    let mut statuses = Vec::new();
    let mut gone = false;
    while !pokes.is_empty() {
        let ended = tokio::select! {
            biased;
            Some(ended) = pokes.join_next() => ended,
            event = events.recv(), if !gone => {
                match event {
                    Ok(Event::Dialogue { account, line }) if names == [account.as_str()] => {
                        going_on(&account, &line, out);
                    }
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    // The requests that are under way will say so.
                    Err(RecvError::Closed) => gone = true,
                }
                continue;
            }
        };
        let answer = ended.map_err(|error| Failure::fault("fault", error.to_string()))??;
        let Response::Pokes { pokes: ended, .. } = answer else {
            return Err(unexpected(&out.text));
        };
        for poke in &ended {
            show(poke, names.len() > 1 && !statuses.is_empty(), out);
            statuses.push(poke.exit_status);
        }
        waiting(&names, pokes.len(), out);
    }
    if !engine.runs() {
        let after = engine.client().snapshot().await?;
        warn_of_history(&engine, &after, out);
    }
    engine.leave().await;
    if statuses.len() < names.len() {
        // Removed by someone else in the meantime.
        return Err(Failure::of(
            ErrorCode::NoSuchAccount,
            out.text.get("cli-account-gone"),
        ));
    }
    Ok(worst_exit_status(statuses))
}

fn show(poke: &PokeView, after_another: bool, out: &mut Output) {
    if after_another {
        out.say("");
    }
    out.poke(poke);
}

/// Tells on a terminal how many are waited for.
fn waiting(names: &[String], left: usize, out: &mut Output) {
    if names.len() > 1 && left > 0 {
        let values = [
            ("done", (names.len() - left).into()),
            ("count", names.len().into()),
        ];
        let line = out.text.format("cli-poking-several", &values);
        out.going_on(&line);
    } else if let ([name], 1..) = (names, left) {
        let line = out
            .text
            .format("cli-poking", &[("name", name.as_str().into())]);
        out.going_on(&line);
    }
}

/// Which accounts are meant: those that are named, each once; all; or the only one there is.
fn names(wanted: &arguments::Poke, engine: &Engine, out: &Output) -> Result<Vec<String>, Failure> {
    let mut names: Vec<String> = Vec::new();
    for name in &wanted.accounts {
        engine.account(name, &out.text)?;
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    if !names.is_empty() {
        return Ok(names);
    }
    let all = engine
        .snapshot
        .accounts
        .iter()
        .filter(|account| !account.demo);
    let all: Vec<String> = all.map(|account| account.name.clone()).collect();
    match all.as_slice() {
        [] => Err(Failure::of(
            ErrorCode::NoSuchAccount,
            out.text.get("cli-no-accounts"),
        )),
        [_, _, ..] if !wanted.all => {
            let accounts = all.join(", ");
            Err(Failure::usage(
                out.text
                    .format("cli-which", &[("accounts", accounts.into())]),
            ))
        }
        _ => Ok(all),
    }
}
