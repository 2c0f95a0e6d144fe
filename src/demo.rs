//! `dequeue demo`: a provider with held mail and a mail server, both in this program, and the main
//! job between them, told as it happens.

use std::time::Duration;

use dequeue_api::{ErrorCode, PokeView};
use dequeue_core::settings::Account;
use dequeue_engine::{
    demo::{self, Arrived, DOMAIN, Demo, HELD, Manner},
    poke::{Poking, poke},
};
use serde::Serialize;
use tokio::{sync::watch, time::timeout};

use crate::{arguments, failure::Failure, output::Output};

/// The messages take half a second. Where they take this long, something is wrong.
const PATIENCE: Duration = Duration::from_secs(30);

/// What happens, for programs: one object a line.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Report<'a> {
    /// The provider holds these many messages, the mail server has received none.
    Held {
        provider: String,
        domain: &'a str,
        held: u32,
        arrived: usize,
    },
    /// The provider was poked.
    Poked { poke: &'a PokeView },
    /// A message arrived at the mail server.
    Arrived { subject: &'a str, octets: usize },
    /// How it ended.
    Delivered { held: u32, arrived: usize },
}

/// Runs the demo.
///
/// # Errors
/// Where no port can be had on this machine, or the mail did not arrive.
pub(crate) async fn demo(wanted: arguments::Demo, out: &mut Output) -> Result<u8, Failure> {
    let manner = Manner::from(wanted.manner);
    let demo = Demo::start(manner)
        .await
        .map_err(|error| failed(&error.to_string(), out))?;
    let account = demo.account(String::new());
    let mut arrivals = demo.arrivals();
    introduce(&account, arrivals.borrow().len(), out);

    let poked = show_poke(&account, out).await;
    if !poked.outcome.is_success() {
        return Ok(poked.exit_status);
    }

    out.say("");
    out.say(&out.text.get("cli-demo-arriving"));
    out.say("");
    let arrived = receive(&mut arrivals, out).await?;
    out.say("");
    prove(&account, manner, arrived, out).await;
    out.say("");
    out.say(&out.text.get("cli-demo-next"));
    out.say("");
    for step in ["account add NAME --host HOST --domain DOMAIN", "run"] {
        out.say(&format!("    dequeue {step}"));
    }
    Ok(0)
}

fn introduce(account: &Account, arrived: usize, out: &mut Output) {
    let provider = format!("{}:{}", account.host, account.port());
    out.object(&Report::Held {
        provider: provider.clone(),
        domain: DOMAIN,
        held: HELD,
        arrived,
    });
    let values = [
        ("provider", provider.as_str().into()),
        ("domain", DOMAIN.into()),
        ("held", HELD.into()),
    ];
    out.say(&out.text.get("cli-demo-what"));
    out.say("");
    for key in ["cli-demo-provider", "cli-demo-mail-server"] {
        out.say(&format!("  {}", out.text.format(key, &values)));
    }
    out.say("");
    out.say(&out.text.get("cli-demo-poking"));
    out.say("");
}

/// Pokes the provider, with its dialogue live.
async fn show_poke(account: &Account, out: &mut Output) -> PokeView {
    let poked = poke(account, Poking::by_host(None), |line| {
        out.dialogue_line(line)
    })
    .await;
    let poked = PokeView::new(poked.poke, &out.text);
    out.object(&Report::Poked { poke: &poked });
    out.say("");
    let values = [
        ("outcome", out.outcome(poked.outcome).into()),
        ("explanation", poked.explanation.as_str().into()),
    ];
    out.say(&out.text.format("cli-demo-outcome", &values));
    poked
}

/// Shows each message as it arrives; gives how many did.
async fn receive(
    arrivals: &mut watch::Receiver<Vec<Arrived>>,
    out: &mut Output,
) -> Result<usize, Failure> {
    let mut shown = 0;
    while shown < HELD as usize {
        let more = arrivals.wait_for(|all| all.len() > shown);
        let all = match timeout(PATIENCE, more).await {
            Ok(Ok(all)) => all.clone(),
            Ok(Err(_)) | Err(_) => return Err(failed(&out.text.get("cli-demo-lost"), out)),
        };
        for Arrived { subject, octets } in &all[shown..] {
            shown += 1;
            let values = [
                ("number", shown.into()),
                ("subject", subject.as_str().into()),
                ("octets", (*octets).into()),
            ];
            out.say(&format!(
                "  {}",
                out.text.format("cli-demo-arrived", &values)
            ));
            out.object(&Report::Arrived {
                subject,
                octets: *octets,
            });
        }
    }
    Ok(shown)
}

/// Shows that the mail is here, and, where the provider says such a thing, no longer there.
async fn prove(account: &Account, manner: demo::Manner, arrived: usize, out: &mut Output) {
    let values = [("held", HELD.into()), ("arrived", arrived.into())];
    out.say(&out.text.format("cli-demo-proof", &values));
    if manner == Manner::Etrn {
        let again = poke(account, Poking::by_host(None), |_| {}).await;
        let again = PokeView::new(again.poke, &out.text);
        let values = [("explanation", again.explanation.as_str().into())];
        out.say(&out.text.format("cli-demo-again", &values));
        out.object(&Report::Poked { poke: &again });
    }
    out.object(&Report::Delivered {
        held: HELD,
        arrived,
    });
}

fn failed(why: &str, out: &Output) -> Failure {
    Failure::of(
        ErrorCode::Demo,
        out.text.format("error-demo", &[("error", why.into())]),
    )
}
