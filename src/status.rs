//! `dequeue status`: how each account stands.

use dequeue_engine::api::{AccountView, Snapshot, Standing};
use serde::Serialize;

use crate::{
    failure::Failure,
    home::{Home, warn_of_settings},
    output::{Output, local},
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
    let engine = home.engine(&out.text).await?;
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
    if !running {
        out.say(&out.text.get("cli-status-nobody"));
    } else if snapshot.paused {
        out.say(&out.text.get("cli-run-paused"));
    }
    engine.leave().await;
    Ok(0)
}

fn tell(account: &AccountView, out: &mut Output) {
    let standing = match account.standing {
        Standing::Poking => "standing-poking",
        Standing::Paused => "standing-paused",
        Standing::Trouble => "standing-trouble",
        Standing::Ok | Standing::NotSetUp if account.last.is_none() => "standing-waiting",
        Standing::Ok | Standing::NotSetUp => "standing-ok",
    };
    out.say(&format!("{}: {}", account.name, out.text.get(standing)));
    let mut lines = Vec::new();
    if let Some(last) = &account.last {
        let values = [
            ("time", local(last.started_at).into()),
            ("outcome", out.outcome(last.outcome).into()),
            ("explanation", last.explanation.as_str().into()),
        ];
        lines.push(out.text.format("cli-status-last", &values));
    }
    if account.failures > 0 {
        lines.push(match account.last_success_at {
            Some(at) => out
                .text
                .format("cli-status-worked", &[("time", local(at).into())]),
            None => out.text.get("cli-status-never-worked"),
        });
    }
    if let Some(next) = account.next_at {
        lines.push(
            out.text
                .format("cli-status-next", &[("time", local(next).into())]),
        );
    }
    for line in lines {
        out.say(&format!("  {line}"));
    }
}
