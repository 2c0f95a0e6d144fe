//! `dequeue run`: the engine in the foreground, without a tray. Where one runs already, this shows
//! what it does, and takes over when it goes.

use std::pin::pin;

use dequeue_api::{Connection, Event, News, Snapshot};
use dequeue_core::text::Text;
use dequeue_engine::{Attached, HostOrAttach};
use jiff::Timestamp;

use crate::{
    failure::Failure,
    home::{Home, warn_of_settings_fault},
    output::{Output, local},
    signals,
};

/// Runs until it is told to end.
///
/// # Errors
/// Where no engine can be had.
pub(crate) async fn run(home: &Home, out: &mut Output) -> Result<u8, Failure> {
    let mut told_to_end = pin!(signals::told_to_end());
    // It tells what changes, and keeps no state of its own.
    let mut connection = Connection::relay(HostOrAttach(home.paths.clone()));
    let mut told = None;
    while !out.is_closed() {
        let news = tokio::select! {
            // First, so that from the start no signal ends the program in its own way.
            biased;
            () = &mut told_to_end => break,
            news = connection.next() => news,
        };
        match news {
            News::Attached => told = begun(connection.engine(), out).await,
            News::Event(Event::End) => break,
            News::Event(Event::Gone) => {
                if told.take().is_some() {
                    out.say(&out.text.get("cli-run-takes-over"));
                }
            }
            News::Event(event) => {
                if told.is_none() {
                    told = begun(connection.engine(), out).await;
                }
                let Some(told) = &mut told else { continue };
                match event {
                    Event::Moved => {
                        // The service does from now on what this was to do.
                        out.say(&out.text.get("hand-over-done"));
                        out.object(&Event::Moved);
                        break;
                    }
                    Event::Changed { snapshot } => {
                        let accounts = snapshot.accounts.len();
                        told.changed(&snapshot, accounts, out);
                        out.object(&Event::Changed { snapshot });
                    }
                    // Too much happened, or there are too many accounts to be told of all at once.
                    Event::Missed => {
                        if let Some((snapshot, accounts)) = look(connection.engine(), out).await {
                            told.changed(&snapshot, accounts, out);
                            show(snapshot, out);
                        }
                    }
                    event => told.happened(&event, out),
                }
            }
            News::Unavailable(error) => {
                return Err(Failure::start(&error, &home.text()));
            }
        }
    }
    if let Some(engine) = connection.into_engine() {
        let hosting = engine.is_hosting();
        engine.stop().await;
        if hosting {
            out.say(&out.text.get("cli-run-ended"));
        }
    }
    Ok(0)
}

/// Tells how things stand with an engine that has been found; nothing where it does not say.
async fn begun(engine: Option<&Attached>, out: &mut Output) -> Option<Told> {
    let hosting = engine?.is_hosting();
    let (snapshot, accounts) = look(engine, out).await?;
    let told = Told::begin(&snapshot, accounts, hosting, out);
    show(snapshot, out);
    Some(told)
}

/// How things stand, with how many accounts; these themselves only where they are shown.
async fn look(engine: Option<&Attached>, out: &Output) -> Option<(Snapshot, usize)> {
    let client = &engine?.client;
    if !out.is_json() {
        return client.overview().await.ok();
    }
    let snapshot = client.snapshot().await.ok()?;
    let accounts = snapshot.accounts.len();
    Some((snapshot, accounts))
}

/// Shows the whole state, in JSON.
fn show(snapshot: Snapshot, out: &mut Output) {
    if out.is_json() {
        let snapshot = Box::new(snapshot);
        out.object(&Event::Changed { snapshot });
    }
}

/// What has been told of the state, so that only changes are told.
struct Told {
    accounts: usize,
    settings_fault: Option<String>,
    hand_over: Option<String>,
    history_fault: Option<String>,
    paused: bool,
}

impl Told {
    /// Tells how things stand at the beginning.
    fn begin(snapshot: &Snapshot, accounts: usize, hosting: bool, out: &mut Output) -> Self {
        out.text = Text::for_language(&snapshot.general.language_in_use);
        let key = if hosting {
            "cli-run-hosts"
        } else {
            "cli-run-attached"
        };
        out.say(&out.text.get(key));
        let path = snapshot.settings_path.as_str();
        out.say(
            &out.text
                .format("cli-run-settings", &[("path", path.into())]),
        );
        let mut told = Self {
            accounts: usize::MAX,
            settings_fault: None,
            hand_over: None,
            history_fault: None,
            paused: false,
        };
        told.changed(snapshot, accounts, out);
        told
    }

    fn happened(&mut self, event: &Event, out: &mut Output) {
        match event {
            Event::Poked { poke } => {
                let values = [
                    ("time", local(poke.started_at).into()),
                    ("account", poke.account.as_str().into()),
                    ("outcome", out.outcome(poke.outcome).into()),
                    ("explanation", poke.explanation.as_str().into()),
                ];
                out.say(&out.text.format("cli-run-poked", &values));
            }
            Event::Notice { notice, .. } => {
                // Its body is what was told of the poke.
                let values = [
                    ("time", local(Timestamp::now()).into()),
                    ("notice", notice.title.as_str().into()),
                ];
                out.say(&out.text.format("cli-run-notice", &values));
            }
            Event::Dialogue { .. } if !out.is_verbose() => return,
            Event::Dialogue { account, line } => {
                out.say(&format!("{account}: {}", out.said(line)));
            }
            Event::PokeCompleted { poke } => {
                if let Some(busy) = out.busy_for(poke) {
                    let values = [
                        ("time", local(Timestamp::now()).into()),
                        ("account", poke.account.as_str().into()),
                        ("busy", busy.into()),
                    ];
                    out.say(&out.text.format("cli-run-completed", &values));
                }
            }
            Event::Changed { .. }
            | Event::Account { .. }
            | Event::ShowWindow { .. }
            | Event::CloseWindow { .. }
            | Event::End
            | Event::Moved
            | Event::Missed
            | Event::Finding { .. }
            | Event::Gone => {}
        }
        out.object(event);
    }

    fn changed(&mut self, snapshot: &Snapshot, accounts: usize, out: &mut Output) {
        if snapshot.settings_fault != self.settings_fault {
            if let Some(fault) = &snapshot.settings_fault {
                warn_of_settings_fault(fault, accounts > 0, out);
            } else {
                out.say(&out.text.get("cli-run-settings-right"));
            }
        }
        if snapshot.hand_over != self.hand_over
            && let Some(hand_over) = &snapshot.hand_over
        {
            out.warn(hand_over);
        }
        if snapshot.history_fault != self.history_fault {
            match &snapshot.history_fault {
                Some(fault) => out.warn(fault),
                None => out.say(&out.text.get("cli-run-history-right")),
            }
        }
        if accounts > 0 && accounts != self.accounts {
            out.say(
                &out.text
                    .format("cli-run-accounts", &[("count", accounts.into())]),
            );
        } else if accounts != self.accounts && snapshot.settings_fault.is_none() {
            out.say(&out.text.get("cli-no-accounts"));
        }
        if snapshot.paused != self.paused {
            let key = if snapshot.paused {
                "cli-run-paused"
            } else {
                "cli-run-resumed"
            };
            out.say(&out.text.get(key));
        }
        self.accounts = accounts;
        self.settings_fault.clone_from(&snapshot.settings_fault);
        self.hand_over.clone_from(&snapshot.hand_over);
        self.history_fault.clone_from(&snapshot.history_fault);
        self.paused = snapshot.paused;
    }
}
