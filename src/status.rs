//! `dequeue status`: how each account stands. With `--json` it is the api's snapshot, and whether an
//! engine `running` pokes on time.

use dequeue_api::{AccountView, PokeView, Snapshot};
use serde::Serialize;

use crate::{
    failure::Failure,
    home::{Home, warn_of_settings},
    output::{Output, local},
    update::sentence,
};

/// The api's snapshot, and whether anyone pokes on time.
#[derive(Serialize)]
struct Status<'a> {
    running: bool,
    #[serde(flatten)]
    snapshot: &'a Snapshot,
}

/// Tells how each account stands.
///
/// # Errors
/// [`Failure`].
pub(crate) async fn status(home: &Home, out: &mut Output) -> Result<u8, Failure> {
    let engine = home.engine(out).await?;
    engine.need_settings(home, &out.text)?;
    warn_of_settings(&engine.snapshot, out);
    let snapshot = &engine.snapshot;
    let running = engine.runs();
    out.object(&Status { running, snapshot });
    if snapshot.accounts.is_empty() && snapshot.settings_fault.is_none() {
        out.say(&out.text.get("cli-no-accounts"));
    }
    for account in &snapshot.accounts {
        tell(account, out);
    }
    for fault in snapshot
        .history_fault
        .iter()
        .chain(&snapshot.channel_faults)
    {
        out.say(fault);
    }
    if let Some(newer) = &snapshot.update {
        out.say(&sentence(newer, out));
    }
    if !running {
        out.say(&out.text.get("cli-status-nobody"));
    } else if snapshot.paused {
        out.say(&out.text.get("cli-run-paused"));
    }
    engine.leave().await;
    Ok(0)
}

fn tell(account: &AccountView, out: &mut Output) {
    let mut health = out.text.get(&account.health_key());
    if account.poking {
        health = out
            .text
            .format("health-and-poking", &[("health", health.into())]);
    }
    out.say(&format!("{}: {health}", account.name));
    for line in lines(account, out) {
        out.say(&format!("  {line}"));
    }
}

/// What is to be said of an account.
fn lines(account: &AccountView, out: &Output) -> Vec<String> {
    let mut lines = Vec::new();
    for alarm in &account.alarms {
        let values = [
            ("title", alarm.title.as_str().into()),
            ("body", alarm.body.as_str().into()),
        ];
        lines.push(out.text.format("cli-status-alarm", &values));
    }
    if let Some(last) = &account.last {
        let values = [
            ("time", local(last.started_at).into()),
            ("outcome", out.outcome(last.outcome).into()),
            ("explanation", last.explanation.as_str().into()),
        ];
        lines.push(out.text.format("cli-status-last", &values));
        let arrived = arrived(last, out);
        lines.extend(arrived.map(|words| {
            out.text
                .format("cli-status-arrived", &[("words", words.into())])
        }));
    }
    if account.failures > 0 {
        lines.push(match account.last_success_at {
            Some(at) => out
                .text
                .format("cli-status-worked", &[("time", local(at).into())]),
            None => out.text.get("cli-status-never-worked"),
        });
    }
    if !account.setting("hours").is_empty() {
        let setting = |key| (key, account.setting(key).into());
        let values = [setting("hours"), setting("every"), setting("outside")];
        let key = if account.setting("outside") == "never" {
            "cli-status-hours-only"
        } else {
            "cli-status-hours"
        };
        lines.push(out.text.format(key, &values));
    }
    let next = account.next_at.map(|next| [("time", local(next).into())]);
    lines.extend(match (account.held, next) {
        (false, None) => None,
        (false, Some(next)) => Some(out.text.format("cli-status-next", &next)),
        (true, None) => Some(out.text.get("cli-status-held")),
        (true, Some(next)) => Some(out.text.format("cli-status-held-until", &next)),
    });
    lines
}

/// What arrived after a poke, or why that cannot be seen; nothing where it was not looked for, or
/// where nothing could come of the poke.
fn arrived(poke: &PokeView, out: &Output) -> Option<String> {
    let words = poke.arrivals_words.as_ref().or(poke.unseen_words.as_ref());
    match words {
        Some(words) => Some(words.clone()),
        None if poke.monitoring.is_some() && poke.may_bring_mail => {
            Some(out.text.get("arrivals-none"))
        }
        None => None,
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use dequeue_core::{Text, record::Poke};
    use dequeue_smtp::Outcome;
    use serde_json::{Value, json};

    use super::*;
    use crate::arguments::Shown;

    #[test]
    fn nothing_has_come_is_said_only_where_something_could() {
        let none = "Nothing has come";
        for outcome in Outcome::ALL {
            let mut last = poke(outcome.name());
            let watching = json!({"monitoring": {"monitoring": "watching"}});
            last = with(last, watching);
            let may_bring = serde_json::from_value::<Poke>(last.clone())
                .unwrap()
                .may_bring_mail();
            last = with(last, json!({"may_bring_mail": may_bring}));
            let said = said(json!({"last": last}));
            let told = said.iter().any(|line| line.contains(none));
            let could = !matches!(
                outcome,
                Outcome::NothingWaiting
                    | Outcome::Refused
                    | Outcome::Unreachable
                    | Outcome::Held
                    | Outcome::Failed
            );
            assert_eq!(told, could, "{said:?} of {}", outcome.name());
        }
    }

    fn with(mut base: Value, more: Value) -> Value {
        if let (Value::Object(base), Value::Object(more)) = (&mut base, more) {
            base.extend(more);
        }
        base
    }

    /// A poke with an outcome, as `--json` has it.
    pub(crate) fn poke(outcome: &str) -> Value {
        json!({
            "id": 1, "account": "a", "host": "h.test", "address": null, "method": "etrn",
            "outcome": outcome, "reason": "queuing-started", "code": null, "text": null,
            "domains": [], "summary": format!("It is {outcome}."),
            "explanation": format!("It is {outcome}."), "mail_server_words": null,
            "arrivals_words": null, "unseen_words": null, "duration_words": "0 ms", "busy_words": null, "proves": true, "may_bring_mail": true,
            "can_be_pinned": false, "trigger": "schedule",
            "started_at": "2026-11-25T09:15:00Z", "duration_ms": 1, "round_trips": 1, "tls": null,
            "seen_address": null, "exit_status": 0, "dialogue": []
        })
    }

    /// An account that is well, except for what is given.
    pub(crate) fn account(name: &str, more: Value) -> Value {
        let well = json!({
            "name": name, "fields": fields(&json!({})), "port": 25, "heartbeat_host": "",
            "alarms": [], "held": false, "health": "proved",
            "poking": false, "paused": false, "paused_until": null, "demo": false, "last": null, "last_success_at": null,
            "last_arrival_at": null, "failures": 0, "next_at": null, "next_reason_words": null,
            "arrived_today_words": null
        });
        with(well, more)
    }

    /// The settings of an account, except for what is given.
    fn fields(more: &Value) -> Value {
        let usual = json!({
            "host": "h.test", "method": "etrn", "every": "15m", "hours": "", "outside": "never",
            "mail_server": ""
        });
        with(usual, more.clone())
    }

    /// A state with these accounts.
    pub(crate) fn snapshot(accounts: &[Value], more: Value) -> Snapshot {
        let well = json!({
            "version": "0", "health": "proved", "poking": 0, "paused": false, "paused_until": null, "unseen_notices": 0, "accounts": accounts,
            "general": {
                "fields": {"language": "en"}, "language_in_use": "en", "channels": []
            },
            "settings_path": "", "settings_fault": null, "history_fault": null,
            "channel_faults": [], "update": null, "demo": false, "start_at_login": null
        });
        serde_json::from_value(with(well, more)).unwrap()
    }

    fn said(more: Value) -> Vec<String> {
        let out = Output::new(Shown::default(), Text::for_language("en"));
        let account = serde_json::from_value(account("a", more)).unwrap();
        lines(&account, &out)
    }

    #[test]
    fn what_there_is_to_say_of_an_account_is_said() {
        assert_eq!(said(json!({})), [""; 0]);
        let alarm = json!({"kind": "slow", "title": "a: it is slow", "body": "Look."});
        let came = "3 connections from the provider brought 1.2 MB, the first after 4 s.";
        let unseen = "Your mail server at mx.test is another machine.";
        let watching = json!({"monitoring": "watching"});
        let elsewhere = json!({"monitoring": "not-here"});
        let next = "2026-11-25T09:30:00Z";
        for (more, words) in [
            (json!({"alarms": [alarm]}), "a: it is slow. Look."),
            (
                json!({"last": with(poke("started"), json!({"monitoring": watching, "arrivals_words": came}))}),
                came,
            ),
            (
                json!({"last": with(poke("started"), json!({"monitoring": watching}))}),
                "Nothing has come from the provider.",
            ),
            (
                json!({"last": with(poke("started"), json!({"monitoring": elsewhere, "unseen_words": unseen}))}),
                unseen,
            ),
            (
                json!({"fields": fields(&json!({"hours": "mon-fri 07:00-19:00"}))}),
                "mon-fri 07:00-19:00, every 15m; no pokes outside them",
            ),
            (
                json!({"fields": fields(&json!({"hours": "mon-fri 07:00-19:00", "outside": "2h"}))}),
                "mon-fri 07:00-19:00, every 15m; every 2h outside them",
            ),
            (json!({"next_at": next}), "Next poke: 2026-"),
            (json!({"held": true}), "as soon as your mail server answers"),
            (
                json!({"held": true, "next_at": next}),
                "answers again, else at 2026-",
            ),
        ] {
            let said = said(more.clone());
            let found = said.iter().any(|line| line.contains(words));
            assert!(found, "no {words} in {said:?} of {more}");
        }
        // Where it was not looked for, nothing is said of arrivals.
        assert_eq!(said(json!({"last": poke("started")})).len(), 1);
    }
}
