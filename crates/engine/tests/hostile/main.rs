//! Providers and mail servers that keep to nothing, over real sockets and by the real driver. For
//! each: what a person is told, that it took no more memory than is stated, and no more time. The
//! clock stands still except for what a test moves it, so that twelve hours pass in a moment.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod bridges;
mod conversations;
mod cut;
mod peer;
mod protected;

use std::{pin::pin, time::Duration};

use dequeue_core::{
    Text,
    record::Poke,
    settings::{Account, value::Value},
};
use dequeue_engine::poke::{Poking, poke};
use dequeue_smtp::{Outcome, Reason, Secret};
use peak_alloc::PeakAlloc;
use peer::{Op, Peer, events, happened};
use tokio::{
    sync::Mutex,
    task::yield_now,
    time::{Instant, advance},
};

/// Counts for the whole program: the other sides, which hold next to nothing, are in it.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What a poke may take, whatever the provider does: the conversation with its limits, TLS, and the
/// buffers of a bridge.
const MEMORY_AT_MOST: usize = 1024 * 1024;

/// What is measured is measured alone.
static TURN: Mutex<()> = Mutex::const_new(());

/// Waits until nothing happens any more that does not hang on the clock.
async fn settled() {
    const QUIET: u32 = 30;
    let (mut seen, mut quiet) = (0, 0);
    while quiet < QUIET {
        yield_now().await;
        let now = events();
        quiet = if now == seen { quiet + 1 } else { 0 };
        seen = now;
    }
}

/// What came of a poke.
struct Ended {
    poke: Poke,
    seconds: u64,
    memory: usize,
}

/// A hostile visit.
struct Visit<'a> {
    /// Fields of the account, beside the usual ones.
    account: &'a [(&'a str, &'a str)],
    provider: &'a Peer,
    mail_server: Option<&'a Peer>,
    /// How finely time passes.
    step: Duration,
}

impl<'a> Visit<'a> {
    fn to(provider: &'a Peer) -> Self {
        Self {
            account: &[],
            provider,
            mail_server: None,
            step: Duration::from_secs(1),
        }
    }

    /// Pokes, and lets time pass until it is over.
    async fn poke(&self) -> Ended {
        let (port, mail_server) = (
            self.provider.port().to_string(),
            self.mail_server
                .map_or(String::new(), |peer| format!("127.0.0.1:{}", peer.port())),
        );
        let usual = [
            ("name", "a"),
            ("host", "127.0.0.1"),
            ("port", &port),
            ("method", "etrn"),
            ("domains", "example.org"),
            ("tls", "none"),
            ("ehlo", "office.example"),
            ("mail_server", &mail_server),
        ];
        let fields = usual.iter().chain(self.account);
        let fields = fields.filter(|(_, value)| !value.is_empty());
        let account =
            Account::unnamed(fields.map(|(key, value)| (*key, Value::Text(value)))).unwrap();
        let _text = Text::for_language("en");
        let secret = Secret::from("tanstaaftanstaaf".to_owned());
        // What was before is gone only now.
        settled().await;
        MEMORY.reset_peak_usage();
        let (before, begun) = (MEMORY.current_usage(), Instant::now());
        let mut poking = pin!(poke(
            &account,
            Poking::by_host(Some(&secret)),
            |_| happened()
        ));
        let poked = loop {
            tokio::select! {
                biased;
                poked = &mut poking => break poked,
                () = settled() => {}
            }
            advance(self.step).await;
        };
        Ended {
            poke: poked.poke,
            seconds: begun.elapsed().as_secs(),
            memory: MEMORY.peak_usage() - before,
        }
    }
}

/// Keeps time from moving by itself: tokio lets a paused clock run to the next deadline when all is
/// idle, but not while a blocking task runs.
struct Still(#[allow(dead_code, reason = "its end ends the task")] std::sync::mpsc::Sender<()>);

fn hold_still() -> Still {
    let (still, moved) = std::sync::mpsc::channel();
    tokio::task::spawn_blocking(move || moved.recv());
    Still(still)
}

/// A row of a table.
struct Case {
    what: &'static str,
    account: &'static [(&'static str, &'static str)],
    /// What the provider does on each connection; on further ones as on the last.
    provider: Vec<Vec<Op>>,
    mail_server: Vec<Op>,
    meaning: (Outcome, Reason),
    /// Seconds until it was over.
    seconds: u64,
    step: Duration,
}

impl Default for Case {
    fn default() -> Self {
        Self {
            what: "",
            account: &[],
            provider: Vec::new(),
            mail_server: Vec::new(),
            meaning: (Outcome::Unknown, Reason::NoAnswer),
            seconds: 0,
            step: Duration::from_secs(1),
        }
    }
}

/// Plays a table, with `more` fields for every account.
async fn all(cases: Vec<Case>, more: &[(&str, &str)]) {
    let _turn = TURN.lock().await;
    let _still = hold_still();
    for case in cases {
        let what = case.what;
        let provider = Peer::new(case.provider).await;
        let mail_server = match case.mail_server.is_empty() {
            true => None,
            false => Some(Peer::new(vec![case.mail_server]).await),
        };
        let ended = Visit {
            account: &[case.account, more].concat(),
            mail_server: mail_server.as_ref(),
            step: case.step,
            ..Visit::to(&provider)
        }
        .poke()
        .await;
        let Ended {
            poke,
            seconds,
            memory,
        } = ended;
        println!("{what}: {seconds} s, {} KiB", memory / 1024);
        assert_eq!(
            (poke.outcome, poke.reason),
            case.meaning,
            "{what} {:?}",
            poke.dialogue
        );
        assert_eq!(seconds, case.seconds, "{what} {:?}", poke.dialogue);
        assert!(memory < MEMORY_AT_MOST, "{what} took {memory} octets");
        let explanation = Text::for_language("en").explain_poke(&poke);
        assert!(!explanation.is_empty(), "{what}");
        let json = serde_json::to_string(&poke).unwrap();
        assert!(!json.contains("tanstaaf"), "{what} shows the secret");
        // Whatever was said, it was not read to its end.
        assert!(provider.said() < 64 * 1024 * 1024, "{what}");
    }
}
