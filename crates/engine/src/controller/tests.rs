//! The controller with a provider on loopback and a clock that stands still until a test moves it.
//!
//! Nothing here waits for a time: what is waited for is an event, and what must not happen would
//! have happened before the last of several answers ([`Engine::quiet`]).

mod made_up;
mod updates;

use std::{
    collections::BTreeMap,
    fs, io,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use dequeue_api::{
    ACCOUNTS_IN_PART, AccountView, ApiError, ChannelView, ErrorCode, Event, Kept, PasswordKept,
    PokeView, Request, Response, Seat, Snapshot,
    client::{Client, ClientId},
    paths::Paths,
};
use dequeue_core::{
    day::ArrivedAmount,
    health::Health,
    import::Withheld,
    pause::PauseLength,
    record::{Notice, NoticeKind, Trigger},
    settings::{channel::Channel, secret_source::SecretSource},
    text::Text,
};
use dequeue_platform::{clock::Clock, files};
use dequeue_smtp::{Outcome, Reason, Secret};
use jiff::{Timestamp, ToSpan, civil::Weekday, tz::TimeZone};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::{broadcast, mpsc, oneshot, watch},
    task::{JoinHandle, JoinSet},
    time::advance,
};

use self::made_up::MadeUp;
use super::{Controller, Environment, Network, Setup};
use crate::{
    history::{History, HistoryWriter},
    secrets::Secrets,
};

const MINUTE: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(15 * 60);

/// Keeps time from moving by itself: tokio lets a paused clock run to the next deadline when all
/// is idle, but not while a blocking task runs.
struct Still(#[allow(dead_code, reason = "its end ends the task")] std::sync::mpsc::Sender<()>);

fn hold_still() -> (Still, Clock) {
    let (still, moved) = std::sync::mpsc::channel();
    tokio::task::spawn_blocking(move || moved.recv());
    let base = Timestamp::from_second(1_800_000_000).unwrap();
    (
        Still(still),
        Clock::Tokio(base, tokio::time::Instant::now()),
    )
}

/// A provider that answers every ETRN alike.
struct Provider {
    port: u16,
    visits: Arc<AtomicUsize>,
    says: watch::Sender<&'static str>,
    _serving: JoinSet<()>,
}

impl Provider {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let visits = Arc::new(AtomicUsize::new(0));
        let (says, said) = watch::channel("250 Queuing started");
        let mut serving = JoinSet::new();
        let counted = visits.clone();
        serving.spawn(async move {
            let mut sessions = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                counted.fetch_add(1, Ordering::Relaxed);
                sessions.spawn(Self::session(stream, said.clone()));
            }
        });
        Self {
            port,
            visits,
            says,
            _serving: serving,
        }
    }

    async fn session(stream: TcpStream, mut says: watch::Receiver<&'static str>) -> io::Result<()> {
        let mut stream = BufReader::new(stream);
        stream
            .write_all(b"220 mail.provider.test ESMTP\r\n")
            .await?;
        let mut line = String::new();
        while stream.read_line(&mut line).await? > 0 {
            let reply = match line.get(..4) {
                Some("EHLO") => "250-mail.provider.test\r\n250 ETRN".to_owned(),
                // Nothing to say: it holds its answer back until there is.
                Some("ETRN") => match says.wait_for(|says| !says.is_empty()).await {
                    Ok(says) => (*says).to_owned(),
                    Err(_) => return Ok(()),
                },
                _ => "221 bye".to_owned(),
            };
            stream.write_all(format!("{reply}\r\n").as_bytes()).await?;
            line.clear();
        }
        Ok(())
    }

    fn visits(&self) -> usize {
        self.visits.load(Ordering::Relaxed)
    }

    fn says(&self, reply: &'static str) {
        self.says.send_replace(reply);
    }

    /// This provider as an account of the settings file.
    fn account(&self, name: &str) -> String {
        format!(
            "[[account]]\nname = \"{name}\"\nhost = \"127.0.0.1\"\nport = {}\nmethod = \"etrn\"\n\
             domains = [\"example.org\"]\nevery = \"15m\"\njitter = \"0s\"\n\n",
            self.port
        )
    }
}

/// A folder with these settings in it.
fn folder(settings: &str) -> (tempfile::TempDir, Paths) {
    let folder = tempfile::tempdir().unwrap();
    let paths = Paths::in_folder(folder.path());
    if !settings.is_empty() {
        // In English, whatever the system speaks.
        fs::write(
            paths.settings(),
            format!("version = 1\nlanguage = \"en\"\n\n{settings}"),
        )
        .unwrap();
    }
    (folder, paths)
}

/// Longer than any test takes, however slow the machine.
const WHOLE_TEST: Duration = Duration::from_secs(600);

struct Engine {
    client: Client,
    events: broadcast::Receiver<Event>,
    gone: mpsc::Sender<ClientId>,
    stop: oneshot::Sender<()>,
    running: JoinHandle<()>,
}

impl Engine {
    async fn start(paths: &Paths, clock: Clock) -> Self {
        Self::start_with(paths, clock, true).await
    }

    async fn start_with(paths: &Paths, clock: Clock, rhythm: bool) -> Self {
        Self::start_in(paths, clock, rhythm, Arc::new(Network)).await
    }

    async fn start_in(
        paths: &Paths,
        clock: Clock,
        rhythm: bool,
        environment: Arc<dyn Environment>,
    ) -> Self {
        let (client, served) = Client::new();
        let history = HistoryWriter::open(&paths.history(), false).await.unwrap();
        history.set_patience(WHOLE_TEST).await.unwrap();
        let setup = Setup {
            paths: paths.clone(),
            settings: crate::settings_file::load(paths.settings()),
            history,
            clock,
            zone: TimeZone::system(),
            environment,
            rhythm,
        };
        let events = client.events();
        let (controller, gone) = Controller::new(setup, served).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(controller.run(stopped));
        Self {
            client,
            events,
            gone,
            stop,
            running,
        }
    }

    async fn stop(self) {
        self.stop.send(()).unwrap();
        self.running.await.unwrap();
    }

    async fn ask(&self, request: Request) -> Response {
        self.client.request(request).await.unwrap()
    }

    /// Asks without waiting for the answer.
    fn begin(&self, request: Request) -> JoinHandle<Result<Response, ApiError>> {
        let client = self.client.clone();
        tokio::spawn(async move { client.request(request).await })
    }

    async fn refused(&self, request: Request) -> ApiError {
        self.client.request(request).await.unwrap_err()
    }

    async fn snapshot(&self) -> Snapshot {
        match self.ask(Request::Snapshot).await {
            Response::Snapshot { snapshot } => *snapshot,
            other => panic!("{other:?}"),
        }
    }

    async fn account(&self, name: &str) -> AccountView {
        let accounts = self.snapshot().await.accounts;
        accounts
            .into_iter()
            .find(|account| account.name == name)
            .unwrap()
    }

    async fn poke_now(&self, accounts: &[&str]) -> Vec<PokeView> {
        let accounts = accounts.iter().map(|name| (*name).to_owned()).collect();
        match self.ask(Request::PokeNow { accounts }).await {
            Response::Pokes { pokes, .. } => pokes,
            other => panic!("{other:?}"),
        }
    }

    async fn history(&self, before: Option<i64>, limit: u32) -> Vec<i64> {
        let request = Request::History {
            account: None,
            since: None,
            before,
            limit,
        };
        match self.ask(request).await {
            Response::Pokes { pokes, .. } => pokes.iter().map(|poke| poke.id).collect(),
            other => panic!("{other:?}"),
        }
    }

    /// Waits for the next poke to end.
    async fn poked(&mut self) -> PokeView {
        loop {
            if let Event::Poked { poke } = self.events.recv().await.unwrap() {
                return *poke;
            }
        }
    }

    /// What has happened so far and was not looked at.
    fn happened(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.events.try_recv().ok()).collect()
    }

    /// The controller has done all that is due by now, and told what is written with it.
    async fn settled(&self) {
        for _ in 0..20 {
            self.snapshot().await;
        }
        // It is read when what comes before is written.
        self.history(None, 1).await;
        for _ in 0..20 {
            self.snapshot().await;
        }
    }

    /// No poke has begun since the last that was waited for, nor is about to.
    async fn quiet(&mut self) {
        // The controller takes what is ready in any order; each answer was its chance to poke.
        for _ in 0..20 {
            assert_eq!(self.snapshot().await.poking, 0);
        }
        let poked = |event: &Event| matches!(event, Event::Poked { .. });
        assert!(!self.happened().iter().any(poked));
    }
}

fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs
        .iter()
        .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
        .collect()
}

fn save(original: Option<&str>, pairs: &[(&str, &str)]) -> Request {
    Request::SaveAccount {
        original: original.map(str::to_owned),
        fields: fields(pairs),
        dry_run: false,
    }
}

fn named(error: &ApiError) -> Vec<&str> {
    let mut named: Vec<&str> = error
        .fields
        .iter()
        .map(|field| field.field.as_str())
        .collect();
    named.sort_unstable();
    named
}

fn kind(event: &Event) -> &'static str {
    match event {
        Event::Changed { .. } => "changed",
        Event::Account { .. } => "account",
        Event::Dialogue { .. } => "dialogue",
        Event::Poked { .. } => "poked",
        Event::PokeCompleted { .. } => "completed",
        Event::Notice { .. } => "notice",
        Event::ShowWindow { .. } => "show-window",
        Event::CloseWindow { .. } => "close-window",
        Event::End => "end",
        Event::Moved => "moved",
        Event::Missed => "missed",
        Event::Finding { .. } => "finding",
        Event::Gone => "gone",
    }
}

// ---- Time -----------------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn the_first_poke_goes_at_once_and_the_rest_in_their_rhythm() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&provider.account("a"));
    let mut engine = Engine::start(&paths, clock).await;
    let poke = engine.poked().await;
    assert_eq!(
        (poke.trigger, poke.outcome, poke.started_at),
        (Trigger::Schedule, Outcome::Started, clock.now())
    );
    assert_eq!(engine.account("a").await.next_at, Some(clock.now() + EVERY));
    engine.quiet().await;
    for n in 2..5 {
        advance(EVERY - MINUTE).await;
        engine.quiet().await;
        advance(MINUTE).await;
        assert_eq!(engine.poked().await.started_at, clock.now());
        engine.quiet().await;
        assert_eq!(provider.visits(), n);
    }
}

#[tokio::test(start_paused = true)]
async fn after_a_long_sleep_one_poke_and_then_the_rhythm() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&provider.account("a"));
    let mut engine = Engine::start(&paths, clock).await;
    engine.poked().await;
    advance(100 * EVERY + MINUTE).await;
    engine.poked().await;
    engine.quiet().await;
    assert_eq!(provider.visits(), 2);
    assert_eq!(engine.account("a").await.next_at, Some(clock.now() + EVERY));
}

#[tokio::test(start_paused = true)]
async fn the_rhythm_outlives_a_restart() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&provider.account("a"));
    let mut engine = Engine::start(&paths, clock).await;
    engine.poked().await;
    engine.stop().await;
    advance(5 * MINUTE).await;
    let mut engine = Engine::start(&paths, clock).await;
    engine.quiet().await;
    let account = engine.account("a").await;
    assert_eq!(account.next_at, Some(clock.now() + 10 * MINUTE));
    assert_eq!(account.last.unwrap().id, 1);
    engine.stop().await;
    advance(60 * MINUTE).await;
    let mut engine = Engine::start(&paths, clock).await;
    engine.poked().await;
    engine.quiet().await;
    assert_eq!(provider.visits(), 2);
}

/// A clock whose every reading is later than the one before, as the system's is. What is overdue
/// is due "now": with two readings of now it would never come.
#[tokio::test]
async fn on_the_systems_clock_what_is_due_comes() {
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&provider.account("a"));
    let mut engine = Engine::start(&paths, Clock::System).await;
    assert_eq!(engine.poked().await.trigger, Trigger::Schedule);
    engine.quiet().await;
}

#[tokio::test(start_paused = true)]
async fn an_engine_for_one_command_has_no_rhythm() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&provider.account("a"));
    let mut engine = Engine::start_with(&paths, clock, false).await;
    engine.quiet().await;
    assert_eq!(engine.account("a").await.next_at, None);
    assert_eq!(engine.poke_now(&[]).await.len(), 1);
}

// ---- Pausing and poking by hand -------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn a_pause_holds_over_a_restart_and_by_hand_it_still_pokes() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&(provider.account("a") + &provider.account("b")));
    for account in [Some("a".to_owned()), None] {
        let mut engine = Engine::start(&paths, clock).await;
        // Of the accounts that are not paused, whatever is due.
        engine.poke_now(&[]).await;
        engine.settled().await;
        engine.happened();
        let before = provider.visits();
        engine
            .ask(Request::Pause {
                account: account.clone(),
                lasts: PauseLength::UntilResumed,
            })
            .await;
        assert_eq!(
            engine.happened().iter().map(kind).collect::<Vec<_>>(),
            ["changed"]
        );
        engine.stop().await;
        advance(4 * EVERY).await;

        let mut engine = Engine::start(&paths, clock).await;
        let snapshot = engine.snapshot().await;
        assert_eq!(snapshot.paused, account.is_none());
        let paused: Vec<_> = snapshot
            .accounts
            .iter()
            .map(|a| (a.paused, a.next_at.is_none()))
            .collect();
        match account {
            Some(_) => {
                assert_eq!(paused, [(true, true), (false, false)]);
                assert_eq!(engine.poked().await.account, "b");
            }
            None => {
                assert_eq!(paused, [(true, true); 2]);
                assert_eq!(snapshot.health, Health::Paused);
            }
        }
        engine.quiet().await;
        let expected = if account.is_some() {
            before + 1
        } else {
            before
        };
        assert_eq!(provider.visits(), expected);
        let by_hand = engine.poke_now(&["a"]).await;
        assert_eq!((by_hand.len(), by_hand[0].trigger), (1, Trigger::User));
        engine.happened();
        engine.quiet().await;
        assert_eq!(engine.account("a").await.health, Health::Paused);

        // What has become due meanwhile goes when the pause ends.
        advance(EVERY).await;
        if account.is_some() {
            assert_eq!(engine.poked().await.account, "b");
        }
        engine.quiet().await;
        engine
            .ask(Request::Resume {
                account: account.clone(),
            })
            .await;
        let poke = engine.poked().await;
        assert_eq!(
            (poke.account.as_str(), poke.trigger),
            ("a", Trigger::Schedule)
        );
        engine.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_holds_up_who_waits_for_its_turn() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    provider.says("");
    let accounts = (0..12).map(|n| provider.account(&format!("a{n}")));
    let (_folder, paths) = folder(&accounts.collect::<String>());
    let mut engine = Engine::start(&paths, clock).await;
    // One host takes ten at once.
    while provider.visits() < 10 {
        engine.snapshot().await;
    }
    engine
        .ask(Request::Pause {
            account: None,
            lasts: PauseLength::UntilResumed,
        })
        .await;
    provider.says("250 OK");
    for _ in 0..10 {
        engine.poked().await;
    }
    engine.quiet().await;
    assert_eq!(provider.visits(), 10);
    engine.ask(Request::Resume { account: None }).await;
    for _ in 0..2 {
        engine.poked().await;
    }
    engine.quiet().await;
    assert_eq!(provider.visits(), 12);
}

#[tokio::test(start_paused = true)]
async fn who_asks_while_it_pokes_gets_that_poke() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    provider.says("");
    let (_folder, paths) = folder(&provider.account("a"));
    let engine = Engine::start(&paths, clock).await;
    // The first poke has gone of itself, and the provider takes its time.
    while !engine.account("a").await.poking {}
    let ask = || {
        let client = engine.client.clone();
        tokio::spawn(async move {
            client
                .request(Request::PokeNow {
                    accounts: vec!["a".into()],
                })
                .await
        })
    };
    let (first, second) = (ask(), ask());
    // Both have been taken, since this comes after them.
    tokio::task::yield_now().await;
    engine.snapshot().await;
    provider.says("251 none");
    let (first, second) = (
        first.await.unwrap().unwrap(),
        second.await.unwrap().unwrap(),
    );
    assert_eq!(first, second);
    let Response::Pokes { pokes, .. } = first else {
        panic!("{first:?}")
    };
    assert_eq!(
        (pokes[0].trigger, pokes[0].reason),
        (Trigger::Schedule, Reason::NoMessages)
    );
    assert!(
        !pokes[0].dialogue.is_empty(),
        "who asks for a poke sees its dialogue"
    );
    assert_eq!(provider.visits(), 1);
}

#[tokio::test(start_paused = true)]
async fn accounts_that_there_are_not() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&provider.account("a"));
    let mut engine = Engine::start(&paths, clock).await;
    engine.poked().await;
    let nobody = || "nobody".to_owned();
    for request in [
        Request::PokeNow {
            accounts: vec!["a".into(), nobody()],
        },
        Request::Pause {
            account: Some(nobody()),
            lasts: PauseLength::UntilResumed,
        },
        Request::Resume {
            account: Some(nobody()),
        },
        Request::RemoveAccount { account: nobody() },
        save(Some("nobody"), &[("every", "1h")]),
    ] {
        let error = engine.refused(request.clone()).await;
        assert_eq!(error.code, ErrorCode::NoSuchAccount, "{request:?}");
        assert_eq!(
            error.message,
            "There is no account named “nobody”. The accounts are: a."
        );
    }
    engine.quiet().await;
    assert_eq!(provider.visits(), 1, "not half of what was asked for");
    assert_eq!(
        engine.refused(Request::Poke { id: 99 }).await.code,
        ErrorCode::NoSuchPoke
    );
}

#[tokio::test(start_paused = true)]
async fn when_the_engine_ends_who_waits_is_told() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    provider.says("");
    let (_folder, paths) = folder(&provider.account("a"));
    let engine = Engine::start(&paths, clock).await;
    let client = engine.client.clone();
    let asked =
        tokio::spawn(async move { client.request(Request::PokeNow { accounts: vec![] }).await });
    while !engine.account("a").await.poking {}
    tokio::task::yield_now().await;
    engine.snapshot().await;
    let client = engine.client.clone();
    engine.stop().await;
    let Response::Pokes { pokes, .. } = asked.await.unwrap().unwrap() else {
        panic!("no pokes");
    };
    assert!(pokes[0].reason.is_interruption(), "{pokes:?}");
    assert_eq!(
        client.request(Request::Snapshot).await.unwrap_err().code,
        ErrorCode::EngineGone
    );
}

// ---- Events and notices ---------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn a_notice_only_when_something_changes() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let never = provider
        .account("quiet")
        .replace("every", "notify = \"never\"\nevery");
    let (_folder, paths) = folder(&(provider.account("a") + &never));
    let mut engine = Engine::start(&paths, clock).await;
    let mut proved = false;
    for (reply, outcome, expected) in [
        (
            "250 Queuing started",
            Outcome::Started,
            Some(NoticeKind::FirstSuccess),
        ),
        ("251 none", Outcome::NothingWaiting, None),
        (
            "459 not for you",
            Outcome::Refused,
            Some(NoticeKind::Failure),
        ),
        ("554 go away", Outcome::Refused, None),
        ("250 OK", Outcome::Started, Some(NoticeKind::Recovery)),
        ("250 OK", Outcome::Started, None),
    ] {
        provider.says(reply);
        assert_eq!(engine.poke_now(&["a"]).await[0].outcome, outcome);
        engine.poke_now(&["quiet"]).await;
        // What belongs together is gathered for some seconds, and told apart from the last.
        advance(6 * MINUTE).await;
        engine.settled().await;
        let events = engine.happened();
        let notices: Vec<&Notice> = events
            .iter()
            .filter_map(|event| match event {
                Event::Notice { notice, .. } => Some(notice),
                _ => None,
            })
            .collect();
        assert_eq!(
            notices.len(),
            usize::from(expected.is_some()),
            "{reply} {notices:?}"
        );
        if let Some(expected) = expected {
            let notice = notices[0];
            assert_eq!(
                (notice.kind, notice.account.as_deref()),
                (expected, Some("a"))
            );
            assert!(
                notice.title.contains('a') && notice.body.len() > 20,
                "{notice:?}"
            );
            // Who reads it elsewhere has no dialogue to look at.
            let quoted = notice.body.contains("459 not for you");
            assert_eq!(quoted, expected == NoticeKind::Failure, "{notice:?}");
        }
        // One answer on the queue holds good for days; a promise is no proof.
        proved |= outcome == Outcome::NothingWaiting;
        let stands = match (outcome.is_success(), proved) {
            (false, _) => Health::Trouble,
            (true, true) => Health::Proved,
            (true, false) => Health::Asked,
        };
        let told = events.iter().rev().find_map(|event| match event {
            Event::Account { account, .. } if account.name == "a" => Some(account.health),
            _ => None,
        });
        assert_eq!(told, Some(stands));
    }
}

/// A restart knows what has happened before, and does not say it again.
#[tokio::test(start_paused = true)]
async fn failures_are_counted_over_a_restart() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    provider.says("459 no");
    let (_folder, paths) = folder(&provider.account("a"));
    for failures in 1..4 {
        let mut engine = Engine::start(&paths, clock).await;
        if failures == 1 {
            engine.poked().await;
        } else {
            engine.poke_now(&["a"]).await;
        }
        advance(MINUTE).await;
        engine.settled().await;
        let notices = engine
            .happened()
            .iter()
            .filter(|event| kind(event) == "notice")
            .count();
        assert_eq!(notices, usize::from(failures == 1));
        let account = engine.account("a").await;
        assert_eq!(
            (account.failures, account.last_success_at),
            (failures, None)
        );
        engine.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn one_window_at_a_time() {
    let (_still, clock) = hold_still();
    let (_folder, paths) = folder("");
    let mut engine = Engine::start(&paths, clock).await;
    let open = |open| Response::Window { open };
    let window = engine.client.for_client(1, Seat(1));
    let second = engine.client.for_client(2, Seat(1));
    assert_eq!(
        window.request(Request::ShowWindow { account: None }).await,
        Ok(open(false))
    );
    assert_eq!(window.request(Request::AttachWindow).await, Ok(open(false)));
    assert_eq!(
        window.request(Request::AttachWindow).await,
        Ok(open(false)),
        "it is the same one"
    );
    assert!(engine.happened().is_empty());
    assert_eq!(second.request(Request::AttachWindow).await, Ok(open(true)));
    assert_eq!(
        second.request(Request::ShowWindow { account: None }).await,
        Ok(open(true))
    );
    let shown = Event::ShowWindow {
        account: None,
        seat: Seat(1),
    };
    assert_eq!(engine.happened(), [shown.clone(), shown]);
    // Another user has a window of their own.
    let other = engine.client.for_client(3, Seat(2));
    let show = Request::ShowWindow { account: None };
    assert_eq!(other.request(show.clone()).await, Ok(open(false)));
    assert_eq!(other.request(Request::AttachWindow).await, Ok(open(false)));
    assert!(engine.happened().is_empty());
    engine.gone.send(2).await.unwrap();
    engine.gone.send(1).await.unwrap();
    while second.request(show.clone()).await == Ok(open(true)) {}
    assert_eq!(other.request(show).await, Ok(open(true)));
    assert_eq!(second.request(Request::AttachWindow).await, Ok(open(false)));
}

// ---- Settings -------------------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn accounts_are_added_changed_renamed_and_removed() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (_folder, paths) = folder("");
    let mut engine = Engine::start(&paths, clock).await;
    assert_eq!(engine.snapshot().await.health, Health::NotSetUp);
    let port = provider.port.to_string();
    let new = [
        ("name", "a"),
        ("host", "127.0.0.1"),
        ("port", port.as_str()),
        ("domains", "example.org"),
        ("jitter", "0s"),
    ];

    let dry = Request::SaveAccount {
        original: None,
        fields: fields(&new),
        dry_run: true,
    };
    assert_eq!(engine.ask(dry).await, Response::Done);
    assert!(!paths.settings().exists() && engine.snapshot().await.accounts.is_empty());

    engine.ask(save(None, &new)).await;
    assert_eq!(kind(&engine.happened()[0]), "changed");
    assert_eq!(
        engine.poked().await.account,
        "a",
        "a new account is poked at once"
    );

    engine.ask(save(Some("a"), &[("every", "1h")])).await;
    assert_eq!(
        engine.account("a").await.next_at,
        Some(clock.now() + 60 * MINUTE)
    );

    engine
        .ask(Request::Pause {
            account: Some("a".into()),
            lasts: PauseLength::UntilResumed,
        })
        .await;
    provider.says("459 no");
    engine.poke_now(&["a"]).await;
    engine.happened();
    engine.ask(save(Some("a"), &[("name", "b")])).await;
    assert_eq!(kind(&engine.happened()[0]), "changed");
    let account = engine.account("b").await;
    assert_eq!(
        (account.paused, account.failures),
        (true, 1),
        "it is the same account"
    );
    assert_eq!(account.last.unwrap().account, "b");
    assert_eq!(engine.history(None, 10).await, [2, 1]);
    let of_b = Request::History {
        account: Some("b".into()),
        since: None,
        before: None,
        limit: 10,
    };
    let Response::Pokes { pokes, .. } = engine.ask(of_b.clone()).await else {
        panic!()
    };
    assert_eq!(
        pokes
            .iter()
            .map(|poke| poke.account.as_str())
            .collect::<Vec<_>>(),
        ["b", "b"]
    );

    let taken = engine
        .refused(save(None, &[("name", "b"), ("host", "h.test")]))
        .await;
    assert_eq!(
        (taken.code, named(&taken)),
        (ErrorCode::InvalidInput, vec!["name"])
    );

    engine.stop().await;
    let engine = Engine::start(&paths, clock).await;
    let account = engine.account("b").await;
    assert_eq!(
        (account.paused, account.failures, account.setting("every")),
        (true, 1, "1h")
    );
    engine
        .ask(Request::RemoveAccount {
            account: "b".into(),
        })
        .await;
    assert!(engine.snapshot().await.accounts.is_empty());
    assert!(
        !fs::read_to_string(paths.settings())
            .unwrap()
            .contains("[[account]]")
    );
    let Response::Pokes { pokes, .. } = engine.ask(of_b).await else {
        panic!()
    };
    assert_eq!(pokes.len(), 2, "its history stays");
    // One of the same name is a new one, and not paused.
    engine
        .ask(save(None, &[("name", "b"), ("host", "127.0.0.1")]))
        .await;
    assert!(!engine.account("b").await.paused);
}

#[tokio::test(start_paused = true)]
async fn an_account_is_renamed_while_it_is_poked() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    provider.says("");
    let (_folder, paths) = folder(&provider.account("a"));
    let mut engine = Engine::start(&paths, clock).await;
    while !engine.account("a").await.poking {}
    engine.ask(save(Some("a"), &[("name", "b")])).await;
    assert!(engine.account("b").await.poking);
    provider.says("250 OK");
    assert_eq!(engine.poked().await.account, "b");
    engine.quiet().await;
    assert_eq!(provider.visits(), 1);
}

#[tokio::test(start_paused = true)]
async fn every_wrong_field_is_named_and_nothing_is_saved() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&provider.account("a"));
    let engine = Engine::start_with(&paths, clock, false).await;
    let before = fs::read(paths.settings()).unwrap();
    for dry_run in [true, false] {
        let wrong = [
            ("name", ""),
            ("host", "two words"),
            ("port", "70000"),
            ("method", "carrier pigeon"),
            ("domains", "a.example\r\nQUIT\0"),
            ("every", "soon"),
            ("bind", "here"),
            ("ehlo", "localhost"),
        ];
        let request = Request::SaveAccount {
            original: None,
            fields: fields(&wrong),
            dry_run,
        };
        let error = engine.refused(request).await;
        assert_eq!(error.code, ErrorCode::InvalidInput);
        assert_eq!(
            named(&error),
            [
                "bind", "domains", "ehlo", "every", "host", "method", "name", "port"
            ]
        );
        assert!(
            error
                .fields
                .iter()
                .all(|field| error.message.contains(&field.message))
        );
    }
    let error = engine.refused(save(Some("a"), &[("prot", "25")])).await;
    assert_eq!(named(&error), ["unknown-key"]);
    let general = |pairs| Request::SaveGeneral {
        fields: fields(pairs),
    };
    assert_eq!(
        named(&engine.refused(general(&[("language", "fr")])).await),
        ["language"]
    );
    assert_eq!(
        named(&engine.refused(general(&[("colour", "red")])).await),
        ["unknown-key"]
    );
    assert_eq!(fs::read(paths.settings()).unwrap(), before);
}

#[tokio::test(start_paused = true)]
async fn settings_that_cannot_be_written_are_as_they_were() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&provider.account("a"));
    let engine = Engine::start_with(&paths, clock, false).await;
    let before = fs::read(paths.settings()).unwrap();
    let mut read_only = fs::metadata(paths.settings()).unwrap().permissions();
    read_only.set_readonly(true);
    fs::set_permissions(paths.settings(), read_only).unwrap();
    for request in [
        save(Some("a"), &[("every", "1h")]),
        save(None, &[("name", "b"), ("host", "h.test")]),
        Request::RemoveAccount {
            account: "a".into(),
        },
        Request::SaveGeneral {
            fields: fields(&[("language", "nl")]),
        },
    ] {
        let error = engine.refused(request.clone()).await;
        assert_eq!(error.code, ErrorCode::SettingsNotWritable, "{request:?}");
        assert!(error.message.contains("settings.toml"), "{}", error.message);
    }
    assert_eq!(fs::read(paths.settings()).unwrap(), before);
    let snapshot = engine.snapshot().await;
    assert_eq!(
        (
            snapshot.accounts.len(),
            snapshot.accounts[0].setting("every")
        ),
        (1, "15m")
    );
}

#[tokio::test(start_paused = true)]
async fn the_language_changes_at_once_and_also_what_was() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&provider.account("a"));
    let mut engine = Engine::start_with(&paths, clock, false).await;
    let english = engine.poke_now(&["a"]).await.remove(0).explanation;
    engine.happened();
    engine
        .ask(Request::SaveGeneral {
            fields: fields(&[("language", "nl")]),
        })
        .await;
    let events = engine.happened();
    let [Event::Changed { snapshot }] = &events[..] else {
        panic!("{events:?}")
    };
    assert_eq!(
        (
            snapshot.general.fields["language"].as_str(),
            snapshot.general.language_in_use.as_str()
        ),
        ("nl", "nl")
    );
    let dutch = snapshot.accounts[0]
        .last
        .as_ref()
        .unwrap()
        .explanation
        .clone();
    assert_ne!(dutch, english);
    let Response::Poke { poke } = engine.ask(Request::Poke { id: 1 }).await else {
        panic!()
    };
    assert_eq!(poke.explanation, dutch);
    let error = engine.refused(Request::Poke { id: 2 }).await;
    assert_eq!(
        error.message,
        Text::for_language("nl").get("error-no-such-poke")
    );
}

/// On the system's clock, since the system tells of the change.
#[tokio::test]
async fn the_file_is_followed_when_a_person_edits_it() {
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&provider.account("a"));
    let good = fs::read_to_string(paths.settings()).unwrap();
    let mut engine = Engine::start(&paths, Clock::System).await;
    engine.poked().await;
    let changed = async |engine: &mut Engine| loop {
        if let Event::Changed { snapshot } = engine.events.recv().await.unwrap() {
            return *snapshot;
        }
    };
    // In place, as many editors do.
    fs::write(paths.settings(), good.clone() + &provider.account("b")).unwrap();
    let snapshot = changed(&mut engine).await;
    let names: Vec<&str> = snapshot
        .accounts
        .iter()
        .map(|account| account.name.as_str())
        .collect();
    assert_eq!(names, ["a", "b"]);
    assert_eq!(engine.poked().await.account, "b");

    // A slip: the last good settings run on, and the fault says where it is.
    fs::write(paths.settings(), good.replace("every", "evry")).unwrap();
    let snapshot = changed(&mut engine).await;
    let fault = snapshot.settings_fault.unwrap();
    assert!(
        fault.starts_with("Line 10 of ") && fault.contains("evry"),
        "{fault}"
    );
    assert_eq!(
        (snapshot.accounts.len(), snapshot.whole.health),
        (2, Health::Trouble)
    );
    assert_eq!(engine.poke_now(&["b"]).await[0].outcome, Outcome::Started);
    let error = engine.refused(save(Some("a"), &[("every", "1h")])).await;
    assert_eq!(error.code, ErrorCode::SettingsFault);
    assert!(error.message.contains("Line 10"), "{}", error.message);
    assert!(
        fs::read_to_string(paths.settings())
            .unwrap()
            .contains("evry"),
        "it was not written over"
    );

    // Put right by a new file in the old one's place, as other editors do.
    let beside = paths.settings().with_file_name("edited~");
    fs::write(&beside, &good).unwrap();
    fs::rename(&beside, paths.settings()).unwrap();
    let snapshot = changed(&mut engine).await;
    assert_eq!(
        (snapshot.settings_fault, snapshot.accounts.len()),
        (None, 1)
    );
    assert_eq!(
        snapshot.accounts[0].last.as_ref().unwrap().account,
        "a",
        "it is the account it was"
    );
}

/// On the system's clock, since the system tells of the change.
#[tokio::test]
async fn a_file_that_has_lost_its_accounts_changes_nothing_and_is_told_of() {
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&provider.account("a"));
    let good = fs::read_to_string(paths.settings()).unwrap();
    let mut engine = Engine::start(&paths, Clock::System).await;
    engine.poked().await;
    let faulty = async |engine: &mut Engine| loop {
        if let Event::Changed { snapshot } = engine.events.recv().await.unwrap() {
            assert_eq!(snapshot.accounts.len(), 1);
            return snapshot.settings_fault;
        }
    };
    // By a full disk, or an editor that is not done; taken away; all but its accounts.
    for content in [Some(""), None, Some("version = 1\nlanguage = \"en\"\n")] {
        provider.says("");
        let accounts = vec!["a".to_owned()];
        let poking = engine.begin(Request::PokeNow { accounts });
        match content {
            Some(content) => fs::write(paths.settings(), content).unwrap(),
            None => fs::remove_file(paths.settings()).unwrap(),
        }
        assert!(faulty(&mut engine).await.is_some());
        // A poke under way ends as any other.
        provider.says("250 Queuing started");
        let Response::Pokes { pokes, .. } = poking.await.unwrap().unwrap() else {
            panic!("it poked")
        };
        assert_eq!(pokes[0].outcome, Outcome::Started);
        assert_eq!(engine.snapshot().await.health, Health::Trouble);
        // Nothing is written over what may come back, nor given out as all there is.
        let add = save(None, &[("name", "b"), ("host", "h.test")]);
        for request in [add, Request::Export] {
            let error = engine.refused(request).await;
            assert_eq!(error.code, ErrorCode::SettingsFault);
        }
        let there = fs::read_to_string(paths.settings()).ok();
        assert_eq!(there.as_deref(), content);
        fs::write(paths.settings(), &good).unwrap();
        assert_eq!(faulty(&mut engine).await, None);
    }
    // The last account goes by a command, and then there is none to be lost.
    let account = "a".to_owned();
    engine.ask(Request::RemoveAccount { account }).await;
    let snapshot = engine.snapshot().await;
    assert_eq!(
        (snapshot.settings_fault, snapshot.whole.health),
        (None, Health::NotSetUp)
    );
    let add = save(None, &[("name", "b"), ("host", "h.test")]);
    assert_eq!(engine.ask(add).await, Response::Done);
}

#[tokio::test(start_paused = true)]
async fn while_another_changes_the_file_all_goes_on_and_each_change_is_made() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (folder, paths) = folder(&provider.account("a"));
    let engine = Engine::start_with(&paths, clock, false).await;
    let lock = folder.path().join("settings.toml.lock");
    let lock = files::lock(&lock).unwrap().unwrap();
    let changes: Vec<_> = [
        save(None, &[("name", "b"), ("host", "h.test")]),
        save(Some("a"), &[("name", "c"), ("every", "1h")]),
        save(Some("c"), &[("every", "2h")]),
        Request::SaveGeneral {
            fields: fields(&[("keep_at_most", "20")]),
        },
    ]
    .map(|change| engine.begin(change))
    .into();
    assert_eq!(engine.poke_now(&["a"]).await[0].outcome, Outcome::Started);
    engine.settled().await;
    assert!(changes.iter().all(|change| !change.is_finished()));
    assert_eq!(engine.snapshot().await.accounts.len(), 1);
    // An engine that is to end sees to them first.
    let Engine { stop, running, .. } = engine;
    stop.send(()).unwrap();
    drop(lock);
    running.await.unwrap();
    for change in changes {
        assert_eq!(change.await.unwrap(), Ok(Response::Done));
    }
    let file = crate::settings_file::load(paths.settings()).unwrap();
    let settings = file.settings();
    assert_eq!(settings.accounts.len(), 2);
    let texts = settings.account("c").unwrap().texts();
    assert!(texts.contains(&("every", "2h".to_owned())), "{texts:?}");
    assert!(settings.account("b").is_some());
    let general = settings.general_texts();
    assert!(general.contains(&("keep_at_most", "20".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_fault_at_the_start_is_told_of() {
    let (_still, clock) = hold_still();
    for (source, what) in [
        (
            b"version = 1\n[[account]]\nname = \"a\"\nhost = \"h.test\"\nport = 0\n".as_slice(),
            "Line 5 ",
        ),
        (b"version = 1\nlanguage = \"\xff\"\n", "Line 2 "),
        (b"version = 1\n[[account]\n", "Line 2 "),
    ] {
        let (_folder, paths) = folder("x");
        fs::write(paths.settings(), source).unwrap();
        let mut engine = Engine::start(&paths, clock).await;
        let snapshot = engine.snapshot().await;
        assert_eq!(snapshot.health, Health::Trouble);
        let fault = snapshot.settings_fault.unwrap();
        assert!(
            fault.contains(what) || fault.contains(&what.replace("Line", "Regel")),
            "{fault}"
        );
        engine.quiet().await;
        assert_eq!(fs::read(paths.settings()).unwrap(), source);
        engine.stop().await;
    }
}

// ---- History and the demo -------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn the_history_comes_in_pages_and_the_demos_is_its_own() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&provider.account("a"));
    let engine = Engine::start_with(&paths, clock, false).await;
    for _ in 0..4 {
        engine.poke_now(&["a"]).await;
    }
    engine.ask(Request::StartDemo).await;
    engine.poke_now(&["Demo"]).await;
    engine.poke_now(&["Demo"]).await;
    assert_eq!(engine.history(None, 100).await, [-2, -1, 4, 3, 2, 1]);
    assert_eq!(engine.history(None, 3).await, [-2, -1, 4]);
    assert_eq!(engine.history(Some(4), 3).await, [3, 2, 1]);
    assert_eq!(engine.history(Some(1), 3).await, [] as [i64; 0]);
    // A page that ends within the demo's is followed by the newest of the others.
    assert_eq!(engine.history(None, 2).await, [-2, -1]);
    assert_eq!(engine.history(Some(-1), 2).await, [4, 3]);
    for id in [-2, 1] {
        let Response::Poke { poke } = engine.ask(Request::Poke { id }).await else {
            panic!()
        };
        assert_eq!(poke.id, id);
        assert!(!poke.dialogue.is_empty());
    }
    let of = |account: &str, since| Request::History {
        account: Some(account.into()),
        since,
        before: None,
        limit: 100,
    };
    let Response::Pokes { pokes, .. } = engine.ask(of("Demo", None)).await else {
        panic!()
    };
    assert!(
        pokes
            .iter()
            .all(|poke| poke.id < 0 && poke.dialogue.is_empty())
            && pokes.len() == 2
    );
    let later = Some(clock.now() + MINUTE);
    assert_eq!(
        engine.ask(of("a", later)).await,
        Response::Pokes {
            pokes: vec![],
            more: false
        }
    );
}

/// Two accounts of one provider, poked again and again within the five minutes of a watch.
#[tokio::test(start_paused = true)]
async fn a_day_counts_each_arrival_once_also_over_a_restart() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&(provider.account("a") + &provider.account("b")));
    let arrivals = Arc::new(MadeUp::default());
    let mut came = 0;
    for _ in 0..2 {
        let engine = Engine::start_in(&paths, clock, true, arrivals.clone()).await;
        for round in 0..4 {
            engine.poke_now(&["a", "b"]).await;
            for _ in 0..=round {
                arrivals.arrive(clock).await;
                engine.settled().await;
                came += 1;
                advance(Duration::from_secs(7)).await;
                engine.settled().await;
            }
        }
        // The last are not written yet when the engine ends.
        arrivals.arrive(clock).await;
        came += 1;
        engine.stop().await;
        advance(2 * MINUTE).await;
    }

    let engine = Engine::start_with(&paths, clock, false).await;
    let request = Request::Days {
        account: None,
        since: None,
    };
    let Response::Days { days } = engine.ask(request).await else {
        panic!("no days")
    };
    let mut all = ArrivedAmount::default();
    days.iter().for_each(|day| all += day.arrived);
    assert_eq!((all.connections, all.bytes), (came, came * 1000));
    // Each poke shows what came in its own watch.
    let request = Request::History {
        account: None,
        since: None,
        before: None,
        limit: 100,
    };
    let Response::Pokes { pokes, .. } = engine.ask(request).await else {
        panic!("no pokes")
    };
    let shown = |poke: &PokeView| poke.arrivals.map_or(0, |it| it.provider.connections);
    assert!(pokes.iter().all(|poke| shown(poke) > 0), "{pokes:?}");
    let shown: u32 = pokes.iter().map(shown).sum();
    assert!(u64::from(shown) > 2 * came, "{shown} of {came}");
}

#[tokio::test(start_paused = true)]
async fn each_day_is_added_up() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&(provider.account("a") + &provider.account("b")));
    let engine = Engine::start_with(&paths, clock, false).await;
    engine.poke_now(&["a", "b"]).await;
    provider.says("550 no");
    engine.poke_now(&["a"]).await;
    let days = async |account: Option<&str>, since| {
        let account = account.map(str::to_owned);
        match engine.ask(Request::Days { account, since }).await {
            Response::Days { days } => days
                .into_iter()
                .map(|day| (day.pokes, day.outcomes.into_iter().collect()))
                .collect::<Vec<(u64, Vec<(String, u64)>)>>(),
            other => panic!("{other:?}"),
        }
    };
    let of = |outcome: &str, pokes| (outcome.to_owned(), pokes);
    let all = (3, vec![of("refused", 1), of("started", 2)]);
    assert_eq!(days(None, None).await, std::slice::from_ref(&all));
    // The day that a moment is in counts as a whole.
    assert_eq!(days(None, Some(clock.now())).await, [all]);
    assert_eq!(days(Some("b"), None).await, [(1, vec![of("started", 1)])]);
    assert_eq!(days(Some("c"), None).await, []);
    let later = clock.now() + Duration::from_secs(2 * 86_400);
    assert_eq!(days(None, Some(later)).await, []);
}

#[tokio::test(start_paused = true)]
async fn while_another_holds_the_history_all_goes_on_and_each_poke_is_written_once() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let later = provider.account("b").replace("15m", "20m");
    let (_folder, paths) = folder(&(provider.account("a") + &later));
    let mut engine = Engine::start(&paths, clock).await;
    engine.poked().await;
    engine.poked().await;
    engine.settled().await;
    engine.happened();

    let other = rusqlite::Connection::open(paths.history()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    for (name, after) in [("a", EVERY), ("b", 5 * MINUTE)] {
        advance(after).await;
        // It goes on time and ends, and whoever asks is answered.
        while engine.account(name).await.last.unwrap().started_at != clock.now() {}
    }
    assert_eq!(provider.visits(), 4);
    let told = |event: &Event| matches!(event, Event::Poked { .. });
    assert!(!engine.happened().iter().any(told), "none is written");
    // Only now does the other let it go: if the engine had waited for that above, the pokes would
    // have been too late for the file.
    other.execute_batch("COMMIT").unwrap();
    for (id, name) in [(3, "a"), (4, "b")] {
        let poke = engine.poked().await;
        assert_eq!((poke.id, poke.account.as_str()), (id, name));
    }
    assert_eq!(engine.history(None, 10).await, [4, 3, 2, 1]);
    engine.stop().await;
    let (file, _) = History::open(&paths.history()).unwrap();
    assert_eq!(file.page(None, None, None, 10).unwrap().len(), 4);
}

#[tokio::test(start_paused = true)]
async fn what_is_changed_while_another_holds_the_history_is_answered_when_it_is_written() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&provider.account("a"));
    let mut engine = Engine::start(&paths, clock).await;
    engine.poked().await;
    engine.settled().await;

    let other = rusqlite::Connection::open(paths.history()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let port = provider.port.to_string();
    let new = [
        ("name", "c"),
        ("host", "127.0.0.1"),
        ("port", &port),
        ("method", "etrn"),
        ("domains", "example.org"),
    ];
    let pause = Request::Pause {
        account: Some("a".to_owned()),
        lasts: PauseLength::UntilResumed,
    };
    // One after the other, as one client would who is in a hurry.
    let asked = [
        pause,
        save(None, &new),
        save(Some("a"), &[("name", "b")]),
        save(Some("b"), &[("every", "20m")]),
    ];
    let asked = asked.map(|request| {
        let client = engine.client.clone();
        tokio::spawn(async move { client.request(request).await })
    });
    let named = async |engine: &Engine| -> Vec<(String, bool)> {
        let accounts = engine.snapshot().await.accounts.into_iter();
        let named = accounts.map(|account| (account.name, account.paused));
        named.collect()
    };
    // Each has been heard.
    while named(&engine).await != [("b".to_owned(), true)] {}
    for _ in 0..20 {
        engine.snapshot().await;
    }
    assert!(asked.iter().all(|asked| !asked.is_finished()));
    other.execute_batch("COMMIT").unwrap();
    for answer in asked {
        assert_eq!(answer.await.unwrap(), Ok(Response::Done));
    }
    let after = [("b".to_owned(), true), ("c".to_owned(), false)];
    assert_eq!(named(&engine).await, after);
    assert_eq!(engine.account("b").await.setting("every"), "20m");
    // The one that is not new stayed itself meanwhile: only the other was poked.
    assert_eq!(engine.poked().await.account, "c");
    engine.quiet().await;
    assert_eq!(provider.visits(), 2);
    engine.stop().await;

    let engine = Engine::start(&paths, clock).await;
    assert_eq!(named(&engine).await, after);
    assert_eq!(engine.account("b").await.last.unwrap().id, 1);
}

// ---- Secrets and channels ----------------------------------------------------------------------

#[tokio::test(start_paused = true)]
async fn a_password_that_comes_after_the_first_poke_is_used_at_once() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let with_login = "user = \"me\"\nsecret = \"file\"\nlogin_in_clear = true\n";
    let (_folder, paths) = folder(&(provider.account("a") + with_login));
    let mut engine = Engine::start(&paths, clock).await;
    assert_eq!(engine.poked().await.reason, Reason::SecretMissing);
    engine.quiet().await;
    let set = || Request::SetSecret {
        account: "a".into(),
        secret: "hunter2".to_owned().into(),
    };
    engine.ask(set()).await;
    let poke = engine.poked().await;
    assert_eq!(poke.trigger, Trigger::Schedule);
    // It had the password; this provider takes no login at all, so another one changes nothing.
    assert_eq!(poke.reason, Reason::LoginNotOffered);
    engine.ask(set()).await;
    engine.quiet().await;
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_password_that_comes_during_a_poke_is_used_after_it() {
    let (_still, clock) = hold_still();
    for (reply, reason, again) in [
        ("530 Login first", Reason::LoginRequired, true),
        ("535 Wrong", Reason::LoginRefused, true),
        ("250 Queuing started", Reason::QueuingStarted, false),
    ] {
        let provider = Provider::start().await;
        provider.says("");
        let (_folder, paths) = folder(&(provider.account("a") + "secret = \"file\"\n"));
        let mut engine = Engine::start(&paths, clock).await;
        while !engine.account("a").await.poking {}
        engine
            .ask(Request::SetSecret {
                account: "a".into(),
                secret: "hunter2".to_owned().into(),
            })
            .await;
        engine.settled().await;
        provider.says(reply);
        assert_eq!(engine.poked().await.reason, reason);
        if again {
            assert_eq!(engine.poked().await.reason, reason);
        }
        engine.quiet().await;
        engine.stop().await;
    }
}

#[tokio::test(start_paused = true)]
async fn while_all_rests_a_password_pokes_nobody() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let with_login = "user = \"me\"\nsecret = \"file\"\n";
    let (_folder, paths) = folder(&(provider.account("a") + with_login));
    let mut engine = Engine::start(&paths, clock).await;
    engine.poked().await;
    engine
        .ask(Request::Pause {
            account: None,
            lasts: PauseLength::UntilResumed,
        })
        .await;
    engine
        .ask(Request::SetSecret {
            account: "a".into(),
            secret: "hunter2".to_owned().into(),
        })
        .await;
    engine.quiet().await;
    engine.stop().await;
}

/// A program that an import would have started is named, and nothing is taken over unless that is
/// allowed; what is started here already needs no leave.
#[tokio::test(start_paused = true)]
async fn an_import_starts_no_program_unasked() {
    let (_still, clock) = hold_still();
    let (_folder, paths) = folder("");
    let engine = Engine::start_with(&paths, clock, false).await;
    let import = |general: &[(&str, &str)], secret: &str, allow_commands| Request::Import {
        general: fields(general),
        accounts: vec![fields(&[
            ("name", "a"),
            ("host", "h.test"),
            ("tls", "required"),
            ("user", "u"),
            ("secret", secret),
        ])],
        left_out: Vec::new(),
        passwords: BTreeMap::new(),
        replace: true,
        allow_commands,
        dry_run: false,
    };
    let program = &[("notice_command", "/opt/tell \"all of you\"")];
    let mail = &[("notice_mail_secret", "command:/opt/get mail")];
    for (general, secret, expected) in [
        (
            &program[..],
            "command:/opt/get it",
            &["accounts.0.secret", "notice_command"][..],
        ),
        (&mail[..], "file", &["notice_mail_secret"]),
    ] {
        let refused = engine.refused(import(general, secret, false)).await;
        assert_eq!(refused.code, ErrorCode::CommandsNotAllowed);
        assert_eq!(named(&refused), expected);
        let line = general[0].1.trim_start_matches("command:");
        assert!(refused.message.contains(line), "{}", refused.message);
        assert_eq!(engine.snapshot().await.accounts, []);
    }
    engine
        .ask(import(program, "command:/opt/get it", true))
        .await;
    engine
        .ask(import(program, "command:/opt/get it", false))
        .await;
    let refused = engine
        .refused(import(program, "command:/opt/get more", false))
        .await;
    assert_eq!(named(&refused), ["accounts.0.secret"]);
    engine.stop().await;
}

/// What is imported is judged and written as a whole.
#[tokio::test(start_paused = true)]
async fn an_import_is_all_or_nothing() {
    let (_still, clock) = hold_still();
    let (_folder, paths) = folder("");
    let mut engine = Engine::start_with(&paths, clock, false).await;
    engine
        .ask(save(
            None,
            &[
                ("name", "b"),
                ("host", "127.0.0.1"),
                ("bind", "127.0.0.1"),
                ("heartbeat", "https://hc.test/hunter2"),
            ],
        ))
        .await;
    engine
        .ask(Request::Pause {
            account: Some("b".into()),
            lasts: PauseLength::UntilResumed,
        })
        .await;
    let before = fs::read(paths.settings()).unwrap();
    let withheld = |account: Option<&str>, key: &str| Withheld {
        account: account.map(str::to_owned),
        key: key.to_owned(),
    };
    let import = |general: &[(&str, &str)], accounts: &[&[(&str, &str)]], replace, dry_run| {
        Request::Import {
            general: fields(general),
            accounts: accounts.iter().map(|account| fields(account)).collect(),
            left_out: vec![
                withheld(Some("b"), "heartbeat"),
                withheld(None, "notice_webhook"),
            ],
            passwords: BTreeMap::new(),
            replace,
            allow_commands: false,
            dry_run,
        }
    };
    let (a, b): (&[_], &[_]) = (
        &[("name", "a"), ("host", "h.test")],
        &[("name", "b"), ("host", "other.test"), ("every", "1h")],
    );

    // One that is wrong, and one whose name is taken, keep all from being taken over.
    let wrong: &[_] = &[("name", "c"), ("host", "two words"), ("every", "soon")];
    let refused = engine
        .refused(import(&[("language", "fr")], &[a, b, wrong], false, false))
        .await;
    assert_eq!(
        named(&refused),
        [
            "accounts.1.name",
            "accounts.2.every",
            "accounts.2.host",
            "language"
        ]
    );
    for twice in [[a, a], [b, b]] {
        let twice = engine.refused(import(&[], &twice, true, false)).await;
        assert_eq!(named(&twice), ["accounts.1.name"]);
    }
    engine.ask(import(&[], &[a, b], true, true)).await;
    assert_eq!(fs::read(paths.settings()).unwrap(), before);
    assert_eq!(engine.snapshot().await.accounts.len(), 1);

    let kept = vec![withheld(Some("b"), "heartbeat")];
    let answer = engine
        .ask(import(&[("language", "nl")], &[a, b], true, false))
        .await;
    let passwords = Vec::new();
    assert_eq!(answer, Response::Imported { kept, passwords });
    let snapshot = engine.snapshot().await;
    let names: Vec<&str> = snapshot
        .accounts
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(names, ["b", "a"]);
    let b = &snapshot.accounts[0];
    // Nothing of the one that was there, except what was left out, and what is no setting.
    let seen = ["host", "every", "bind"].map(|key| b.setting(key));
    assert_eq!(seen, ["other.test", "1h", ""]);
    assert_eq!((b.heartbeat_host.as_str(), b.paused), ("hc.test", true));
    assert_eq!(snapshot.general.language_in_use, "nl");

    let Response::Exported { text, left_out } = engine.ask(Request::Export).await else {
        panic!("no export");
    };
    assert!(
        text.contains("other.test") && !text.contains("hunter2"),
        "{text}"
    );
    assert_eq!(left_out, [withheld(Some("b"), "heartbeat")]);
    engine.quiet().await;
    engine.stop().await;
}

/// A form shows what is in a view and saves it again: nothing may come back in other words.
#[tokio::test(start_paused = true)]
async fn what_is_set_is_seen_as_it_is_typed() {
    let (_still, clock) = hold_still();
    let (_folder, paths) = folder("");
    let engine = Engine::start_with(&paths, clock, false).await;
    let pin = ["AB"; 32].join(":");
    let typed = [
        ("name", "a"),
        ("host", "127.0.0.1"),
        ("every", "20m"),
        ("outside", "2h"),
        ("cron", "*/15 7-19 * * 1-5"),
        ("time_zone", "Europe/Amsterdam"),
        ("jitter", "30s"),
        ("mail_server", "[::1]:2525"),
        ("mail_server_first", "false"),
        ("mail_server_test", "true"),
        ("secret", "env:DEQUEUE_PASSWORD"),
        ("tls", "required"),
        ("pin", &pin),
        ("notify_after", "3"),
        ("silence_alarm", "2d"),
    ];
    engine.ask(save(None, &typed)).await;
    let account = engine.account("a").await;
    assert_eq!(account.name, "a");
    for (field, value) in &typed[1..] {
        assert_eq!(account.setting(field), *value, "{field}");
    }

    // What may be a key is not shown, but to whoever asks for the settings.
    let heartbeat = ("heartbeat", "https://hc.test/hunter2");
    engine.ask(save(Some("a"), &[heartbeat])).await;
    assert_eq!(engine.account("a").await.heartbeat_host, "hc.test");
    let general = [
        ("notice_quiet", "22:00-07:00"),
        ("notice_webhook", "https://ntfy.test/hunter2"),
    ];
    let fields = fields(&general);
    engine.ask(Request::SaveGeneral { fields }).await;
    let snapshot = engine.snapshot().await;
    let told = serde_json::to_string(&snapshot).unwrap();
    assert!(!told.contains("hunter2"), "{told}");
    let general = snapshot.general;
    assert_eq!(general.fields["notice_quiet"], "22:00-07:00");
    let webhook = ChannelView {
        channel: Channel::Webhook,
        to: "ntfy.test".to_owned(),
    };
    assert_eq!(general.channels, [webhook]);
    let Response::Settings { settings } = engine.ask(Request::Settings).await else {
        panic!("no settings");
    };
    let [account] = settings.accounts.as_slice() else {
        panic!("{settings:?}");
    };
    for (field, value) in typed.iter().chain([&heartbeat]) {
        assert_eq!(account[*field], *value, "{field}");
    }
    assert_eq!(settings.general["notice_quiet"], "22:00-07:00");
    assert_eq!(
        settings.general["notice_webhook"],
        "https://ntfy.test/hunter2"
    );
}

#[tokio::test(start_paused = true)]
async fn channels_are_tried_out_and_what_does_not_work_is_known_from_then_on() {
    let (_still, clock) = hold_still();
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let settings = format!("notice_webhook = \"http://127.0.0.1:{port}/key\"\n");
    let (_folder, paths) = folder(&settings);
    let engine = Engine::start_with(&paths, clock, false).await;
    let trials = async || match engine.ask(Request::TryChannels).await {
        Response::Trials { trials } => trials,
        other => panic!("{other:?}"),
    };
    let tried = trials().await;
    let [trial] = tried.as_slice() else {
        panic!("{tried:?}")
    };
    assert_eq!((trial.channel, trial.ok), (Channel::Webhook, false));
    assert!(!trial.message.contains("/key"), "{}", trial.message);
    engine.settled().await;
    let faults = engine.snapshot().await.channel_faults;
    assert_eq!(faults, std::slice::from_ref(&trial.message));
    engine
        .ask(Request::SaveGeneral {
            fields: fields(&[("notice_webhook", "")]),
        })
        .await;
    assert_eq!(trials().await, []);
    assert!(engine.snapshot().await.channel_faults.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_demo_leaves_nothing_behind() {
    let (_still, clock) = hold_still();
    let (_folder, paths) = folder("");
    let mut engine = Engine::start(&paths, clock).await;
    engine.ask(Request::StartDemo).await;
    engine.ask(Request::StartDemo).await;
    let snapshot = engine.snapshot().await;
    assert!(snapshot.demo && snapshot.accounts.len() == 1 && snapshot.accounts[0].demo);
    let name = snapshot.accounts[0].name.clone();
    let poke = engine.poked().await;
    assert_eq!((poke.id, poke.reason), (-1, Reason::PendingStarted));
    engine
        .ask(Request::Pause {
            account: Some(name.clone()),
            lasts: PauseLength::UntilResumed,
        })
        .await;
    // It is no account of the settings.
    for request in [
        Request::RemoveAccount {
            account: name.clone(),
        },
        save(Some(&name), &[("every", "1h")]),
    ] {
        assert_eq!(engine.refused(request).await.code, ErrorCode::NoSuchAccount);
    }
    let taken = engine
        .refused(save(None, &[("name", &name), ("host", "h.test")]))
        .await;
    assert_eq!(named(&taken), ["name"]);
    engine.ask(Request::StopDemo).await;
    engine.ask(Request::StopDemo).await;
    let snapshot = engine.snapshot().await;
    assert_eq!(
        (snapshot.demo, snapshot.accounts.len(), snapshot.health),
        (false, 0, Health::NotSetUp)
    );
    assert!(engine.history(None, 10).await.is_empty());
    assert_eq!(
        engine.refused(Request::Poke { id: -1 }).await.code,
        ErrorCode::NoSuchPoke
    );
    engine.stop().await;
    assert!(!paths.settings().exists());
    let (history, _) = History::open(&paths.history()).unwrap();
    assert!(history.page(None, None, None, 10).unwrap().is_empty());
    assert!(history.pauses().unwrap().is_empty());
}

/// Ended while its poke is under way, and begun again at once.
#[tokio::test(start_paused = true)]
async fn the_demo_ends_in_the_middle() {
    let (_still, clock) = hold_still();
    let (_folder, paths) = folder("");
    let mut engine = Engine::start(&paths, clock).await;
    for _ in 0..3 {
        engine.ask(Request::StartDemo).await;
        engine.ask(Request::StopDemo).await;
    }
    engine.ask(Request::StartDemo).await;
    assert_eq!(engine.poked().await.id, -1);
    assert_eq!(engine.history(None, 10).await, [-1]);
}

/// The import of an account with its password, which is kept in a file.
fn import_with(password: &str, every: &str, replace: bool) -> Request {
    let account = [
        ("name", "a"),
        ("host", "127.0.0.1"),
        ("tls", "required"),
        ("user", "u"),
        ("secret", "file"),
        ("every", every),
    ];
    Request::Import {
        general: BTreeMap::new(),
        accounts: vec![fields(&account)],
        left_out: Vec::new(),
        passwords: [("a".to_owned(), Secret::from(password.to_owned()))].into(),
        replace,
        allow_commands: false,
        dry_run: false,
    }
}

/// The password of the account, as it is kept in a file.
async fn kept(paths: &Paths) -> Option<String> {
    let secrets = Secrets::new(paths);
    let secret = secrets.get("a", &SecretSource::File).await.ok()?;
    Some(secret.expose().to_owned())
}

#[tokio::test(start_paused = true)]
async fn a_password_is_kept_before_the_settings_name_its_account() {
    let (_still, clock) = hold_still();
    let (folder, paths) = folder("");
    let engine = Engine::start_with(&paths, clock, false).await;
    // Where it would end in between, it is kept for nobody.
    let lock = folder.path().join("settings.toml.lock");
    let lock = files::lock(&lock).unwrap().unwrap();
    let import = engine.begin(import_with("first", "1h", false));
    while kept(&paths).await.is_none() {
        assert!(!import.is_finished());
        tokio::task::yield_now().await;
    }
    assert!(!paths.settings().exists());
    // An engine that is to end sees to it first.
    let Engine { stop, running, .. } = engine;
    stop.send(()).unwrap();
    drop(lock);
    running.await.unwrap();
    let told = PasswordKept {
        account: "a".to_owned(),
        kept_in: Some(Kept::File),
        fault: None,
    };
    let expected = Response::Imported {
        kept: Vec::new(),
        passwords: vec![told],
    };
    assert_eq!(import.await.unwrap(), Ok(expected));
    let file = crate::settings_file::load(paths.settings()).unwrap();
    assert!(file.settings().account("a").is_some());
    assert_eq!(kept(&paths).await.as_deref(), Some("first"));
}

#[tokio::test(start_paused = true)]
async fn a_password_of_settings_that_are_not_taken_over_is_not_kept() {
    let (_still, clock) = hold_still();
    let (_folder, paths) = folder("\n");
    let engine = Engine::start_with(&paths, clock, false).await;
    let read_only = |on| {
        let mut access = fs::metadata(paths.settings()).unwrap().permissions();
        access.set_readonly(on);
        fs::set_permissions(paths.settings(), access).unwrap();
    };
    // What is wrong with them shows at once, or only when they are written.
    let refused = engine.refused(import_with("first", "never", false)).await;
    assert_eq!(refused.code, ErrorCode::InvalidInput);
    assert_eq!(kept(&paths).await, None);
    read_only(true);
    let refused = engine.refused(import_with("first", "1h", false)).await;
    assert_eq!(refused.code, ErrorCode::SettingsNotWritable);
    assert_eq!(kept(&paths).await, None);
    read_only(false);
    engine.ask(import_with("first", "1h", false)).await;
    assert_eq!(kept(&paths).await.as_deref(), Some("first"));
    // The one that was there comes back.
    read_only(true);
    let refused = engine.refused(import_with("second", "2h", true)).await;
    assert_eq!(refused.code, ErrorCode::SettingsNotWritable);
    assert_eq!(kept(&paths).await.as_deref(), Some("first"));
    read_only(false);
    engine.ask(import_with("second", "2h", true)).await;
    assert_eq!(kept(&paths).await.as_deref(), Some("second"));
    engine.stop().await;
}

/// More accounts than a part of the state holds are told part by part, and in no event.
#[tokio::test(start_paused = true)]
async fn many_accounts_are_told_in_parts() {
    const ACCOUNTS: usize = 2 * ACCOUNTS_IN_PART + 3;
    let (_still, clock) = hold_still();
    let account = |number| format!("[[account]]\nname = \"a{number}\"\nhost = \"127.0.0.1\"\n\n");
    let accounts: String = (0..ACCOUNTS).map(account).collect();
    let (_folder, paths) = folder(&accounts);
    let mut engine = Engine::start_with(&paths, clock, false).await;
    let names = |snapshot: &Snapshot| -> Vec<String> {
        let accounts = snapshot.accounts.iter();
        accounts.map(|account| account.name.clone()).collect()
    };
    let expected: Vec<String> = (0..ACCOUNTS).map(|number| format!("a{number}")).collect();
    assert_eq!(names(&engine.snapshot().await), expected);
    let part = async |engine: &Engine, from, at_most| match engine
        .ask(Request::SnapshotPart { from, at_most })
        .await
    {
        Response::SnapshotPart {
            snapshot,
            of,
            edition,
        } => (names(&snapshot), of, edition),
        other => panic!("{other:?}"),
    };
    let (first, of, edition) = part(&engine, 0, usize::MAX).await;
    assert_eq!(
        (first.as_slice(), of),
        (&expected[..ACCOUNTS_IN_PART], ACCOUNTS)
    );
    let end = 2 * ACCOUNTS_IN_PART;
    let last = part(&engine, end, usize::MAX).await;
    assert_eq!(last, (expected[end..].to_vec(), ACCOUNTS, edition));
    let (overview, of) = engine.client.overview().await.unwrap();
    assert_eq!((overview.accounts.len(), of), (0, ACCOUNTS));
    engine.happened();
    let account = "a7".to_owned();
    engine.ask(Request::RemoveAccount { account }).await;
    let happened = engine.happened();
    assert!(happened.contains(&Event::Missed), "{happened:?}");
    let is_whole = |event: &Event| matches!(event, Event::Changed { .. });
    assert!(!happened.iter().any(is_whole));
    // What is there now does not belong to what was there.
    let (_, of, now) = part(&engine, 0, 1).await;
    assert_eq!(of, ACCOUNTS - 1);
    assert_ne!(now, edition);
    engine.stop().await;
}

// ---- Summaries ----------------------------------------------------------------------------------

/// A mail server that takes everything, and gives each message as it came.
async fn mail_server() -> (u16, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (taken, mails) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let mut stream = BufReader::new(stream);
            let mut message: Option<String> = None;
            let mut complete = Vec::new();
            let mut reply = "220 mx.test ESMTP\r\n";
            loop {
                let mut line = String::new();
                if stream.write_all(reply.as_bytes()).await.is_err()
                    || stream.read_line(&mut line).await.unwrap_or(0) == 0
                {
                    break;
                }
                reply = match (&mut message, line.trim_end()) {
                    (Some(whole), ".") => {
                        complete.push(std::mem::take(whole));
                        message = None;
                        "250 taken\r\n"
                    }
                    (Some(whole), line) => {
                        whole.extend([line, "\n"]);
                        ""
                    }
                    (None, "DATA") => {
                        message = Some(String::new());
                        "354 go on\r\n"
                    }
                    (None, "QUIT") => "221 bye\r\n",
                    (None, _) => "250 fine\r\n",
                };
            }
            // The sender knows that it was taken: it does not try again, however late it is.
            for message in complete {
                let _ = taken.send(message);
            }
        }
    });
    (port, mails)
}

/// Notices by mail to this port, and a summary each week.
fn by_mail(port: u16) -> String {
    format!(
        "notice_mail_host = \"127.0.0.1\"\nnotice_mail_port = {port}\nnotice_mail_tls = \"none\"\n\
         notice_mail_from = \"dequeue@b.test\"\nnotice_mail_to = [\"admin@b.test\"]\n\
         notice_summary = \"weekly\"\n\n"
    )
}

/// An account that is poked at noon on Saturdays, and makes no notices.
fn on_saturdays(provider: &Provider) -> String {
    let account = provider.account("office");
    account.replace(
        "every = \"15m\"",
        "cron = \"0 12 * * 6\"\nnotify = \"never\"",
    )
}

/// Goes on to this time of day of the machine, on the first such day from now on.
async fn until(clock: Clock, day: Weekday, hour: i8) {
    let now = clock.now().to_zoned_datetime(TimeZone::system());
    let days = now.weekday().until(day);
    let then = now.date().checked_add(i64::from(days).days()).unwrap();
    let mut then = then
        .at(hour, 0, 0, 0)
        .to_zoned_datetime(TimeZone::system())
        .unwrap();
    if then <= now {
        then = then.checked_add(7.days()).unwrap();
    }
    let wait = then.timestamp().duration_since(clock.now());
    advance(wait.try_into().unwrap()).await;
}

fn subject(mail: &str) -> &str {
    let mut lines = mail.lines();
    lines
        .find_map(|line| line.strip_prefix("Subject: "))
        .unwrap()
}

/// Each mail names its week, so one too many, or one on another day, would be in the place of the
/// next.
#[tokio::test(start_paused = true)]
async fn a_summary_goes_by_mail_on_monday_morning_and_on_no_other_day() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (port, mut mails) = mail_server().await;
    // Notices have another way, which it does not take.
    let web = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    web.set_nonblocking(true).unwrap();
    let webhook = web.local_addr().unwrap();
    let webhook = format!("notice_webhook = \"http://{webhook}/\"\n");
    let (_folder, paths) = folder(&(webhook + &by_mail(port) + &on_saturdays(&provider)));
    // It is a Friday.
    let mut engine = Engine::start(&paths, clock).await;
    until(clock, Weekday::Saturday, 12).await;
    engine.poked().await;
    engine.settled().await;
    until(clock, Weekday::Sunday, 8).await;
    engine.settled().await;
    engine.stop().await;
    let engine = Engine::start(&paths, clock).await;
    until(clock, Weekday::Monday, 7).await;
    engine.settled().await;
    assert!(mails.is_empty());
    until(clock, Weekday::Monday, 8).await;
    let mail = mails.recv().await.unwrap();
    assert_eq!(
        subject(&mail),
        "Dequeue, week to 17 January: the account is not in trouble"
    );
    let (_, body) = mail.split_once("\n\n").unwrap();
    assert!(
        body.starts_with(
            "From Monday 11 January to Sunday 17 January 2027:\n\
             One poke; it worked.\n\
             Whether anything arrived is not known here.\n\
             \n\
             The accounts now:\n\
             Asked; not confirmed: 1\n"
        ),
        "{body}"
    );

    // Not again after a restart, and not on another day.
    engine.stop().await;
    let engine = Engine::start(&paths, clock).await;
    for day in [Weekday::Tuesday, Weekday::Wednesday, Weekday::Sunday] {
        until(clock, day, 8).await;
        engine.settled().await;
    }
    until(clock, Weekday::Monday, 8).await;
    let mail = mails.recv().await.unwrap();
    assert!(subject(&mail).contains("week to 24 January"), "{mail}");

    // Off for three weeks: one for all of them, at once.
    engine.stop().await;
    for _ in 0..3 {
        until(clock, Weekday::Wednesday, 15).await;
    }
    let engine = Engine::start(&paths, clock).await;
    engine.settled().await;
    let mail = mails.recv().await.unwrap();
    assert!(subject(&mail).contains("week to 9 February"), "{mail}");
    until(clock, Weekday::Monday, 8).await;
    let mail = mails.recv().await.unwrap();
    assert!(subject(&mail).contains("week to 14 February"), "{mail}");

    // None where none is wanted any more; wanted again, it does not make up for what was missed.
    let summary = async |engine: &Engine, value| {
        let fields = fields(&[("notice_summary", value)]);
        engine.ask(Request::SaveGeneral { fields }).await;
        engine.settled().await;
    };
    summary(&engine, "never").await;
    until(clock, Weekday::Sunday, 8).await;
    engine.settled().await;
    until(clock, Weekday::Monday, 9).await;
    engine.settled().await;
    summary(&engine, "weekly").await;
    until(clock, Weekday::Monday, 8).await;
    let mail = mails.recv().await.unwrap();
    assert!(subject(&mail).contains("week to 28 February"), "{mail}");
    engine.stop().await;
    assert!(mails.is_empty());
    let called = web.accept().map(|(_, from)| from);
    assert_eq!(called.unwrap_err().kind(), io::ErrorKind::WouldBlock);
}

/// A machine that is off at night has its first as well, even if the settings could not be read once.
#[tokio::test(start_paused = true)]
async fn the_first_summary_comes_though_the_engine_is_off_when_it_is_due() {
    let (_still, clock) = hold_still();
    let (port, mut mails) = mail_server().await;
    let (_folder, paths) = folder(&by_mail(port));
    let engine = Engine::start(&paths, clock).await;
    engine.stop().await;
    let good = fs::read_to_string(paths.settings()).unwrap();
    fs::write(paths.settings(), good.replace("weekly", "whenever")).unwrap();
    until(clock, Weekday::Sunday, 8).await;
    let engine = Engine::start(&paths, clock).await;
    assert!(engine.snapshot().await.settings_fault.is_some());
    engine.settled().await;
    engine.stop().await;
    fs::write(paths.settings(), good).unwrap();
    until(clock, Weekday::Monday, 9).await;
    let engine = Engine::start(&paths, clock).await;
    engine.settled().await;
    let mail = mails.recv().await.unwrap();
    assert!(subject(&mail).contains("week to 17 January"), "{mail}");
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_summary_keeps_to_the_quiet_hours() {
    let (_still, clock) = hold_still();
    let (port, mut mails) = mail_server().await;
    let quiet = "notice_quiet = \"mon 00:00-10:00\"\n";
    let (_folder, paths) = folder(&(quiet.to_owned() + &by_mail(port)));
    let engine = Engine::start(&paths, clock).await;
    until(clock, Weekday::Monday, 9).await;
    engine.settled().await;
    assert!(mails.is_empty());
    until(clock, Weekday::Monday, 10).await;
    let mail = mails.recv().await.unwrap();
    let date = "Subject: Dequeue, week to 17 January: no account set up";
    assert!(mail.contains(date), "{mail}");
    let ten = clock.now().to_zoned_datetime(TimeZone::UTC);
    let ten = ten.strftime("Date: %a, %d %b %Y %H:00:00").to_string();
    assert!(mail.contains(&ten), "{mail}");
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_summary_that_cannot_be_sent_is_tried_again_and_then_told() {
    let (_still, clock) = hold_still();
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let (_folder, paths) = folder(&by_mail(port));
    let mut engine = Engine::start(&paths, clock).await;
    until(clock, Weekday::Monday, 8).await;
    engine.settled().await;
    // It gives up after several tries, minutes apart.
    let began = clock.now();
    let snapshot = loop {
        match engine.events.try_recv() {
            Ok(Event::Changed { snapshot }) => break snapshot,
            Ok(_) => {}
            Err(_) => {
                engine.settled().await;
                advance(Duration::from_secs(10)).await;
            }
        }
    };
    assert!(clock.now() >= began + Duration::from_secs(370));
    let [fault] = snapshot.channel_faults.as_slice() else {
        panic!("{:?}", snapshot.channel_faults)
    };
    assert!(
        fault.starts_with("The e-mail for notices did not get through"),
        "{fault}"
    );
    engine.stop().await;
}

#[tokio::test(start_paused = true)]
async fn a_poke_under_way_is_kept_when_the_engine_ends_and_makes_no_noise() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    provider.says("");
    let (_folder, paths) = folder(&provider.account("a"));
    let mut engine = Engine::start(&paths, clock).await;
    loop {
        if let Event::Dialogue { line, .. } = engine.events.recv().await.unwrap()
            && line.line.starts_with("ETRN")
        {
            break;
        }
    }
    let waiting = engine.begin(Request::PokeNow {
        accounts: vec!["a".to_owned()],
    });
    engine.settled().await;
    let mut events = engine.client.events();
    engine.stop().await;
    let kept = (Outcome::Unknown, Reason::Interrupted);
    let Response::Pokes { pokes, .. } = waiting.await.unwrap().unwrap() else {
        panic!("no pokes");
    };
    assert_eq!((pokes[0].outcome, pokes[0].reason), kept);
    while let Ok(event) = events.try_recv() {
        assert!(!matches!(event, Event::Notice { .. }), "{event:?}");
    }

    provider.says("250 Queuing started");
    let mut engine = Engine::start(&paths, clock).await;
    let account = engine.account("a").await;
    // It says nothing of the provider.
    assert_eq!((account.failures, account.health), (0, Health::Waiting));
    let last = account.last.unwrap();
    assert_eq!((last.outcome, last.reason), kept);
    assert!(last.duration_ms < 60_000, "{last:?}");
    // It is asked again soon, not at the next quarter of an hour.
    advance(MINUTE).await;
    assert_eq!(engine.poked().await.outcome, Outcome::Started);
    engine.stop().await;
}

/// Mail that is on its way when the engine ends was asked for and came.
#[tokio::test(start_paused = true)]
async fn what_has_arrived_by_a_poke_that_is_broken_off_is_counted() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    provider.says("");
    let (_folder, paths) = folder(&provider.account("a"));
    let arrivals = Arc::new(MadeUp::default());
    let mut engine = Engine::start_in(&paths, clock, true, arrivals.clone()).await;
    loop {
        if let Event::Dialogue { line, .. } = engine.events.recv().await.unwrap()
            && line.line.starts_with("ETRN")
        {
            break;
        }
    }
    advance(Duration::from_secs(1)).await;
    arrivals.arrive(clock).await;
    engine.settled().await;
    engine.stop().await;

    provider.says("250 Queuing started");
    let mut engine = Engine::start_in(&paths, clock, true, arrivals.clone()).await;
    let last = engine.account("a").await.last.unwrap();
    assert_eq!(last.reason, Reason::Interrupted);
    assert_eq!(last.arrivals.unwrap().provider.connections, 1, "{last:?}");
    let request = Request::Days {
        account: None,
        since: None,
    };
    let Response::Days { days } = engine.ask(request).await else {
        panic!("no days")
    };
    assert_eq!(days[0].arrived.connections, 1, "{days:?}");
    // A promise is no proof; that mail was.
    advance(MINUTE).await;
    assert_eq!(engine.poked().await.reason, Reason::QueuingStarted);
    engine.settled().await;
    assert_eq!(engine.account("a").await.health, Health::Proved);
    engine.stop().await;
}

/// The mail that a poke brings takes its time. Until then nothing is missed, least of all where the
/// engine ends before it has come.
#[tokio::test(start_paused = true)]
async fn that_nothing_proves_it_any_more_is_told_when_no_mail_can_come_any_more() {
    const DAY: Duration = Duration::from_secs(24 * 3600);
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let account = provider.account("a").replace("15m", "30d");
    let (_folder, paths) = folder(&account);
    let arrivals = Arc::new(MadeUp::default());
    let start = || Engine::start_in(&paths, clock, true, arrivals.clone());
    let notices = |engine: &mut Engine| -> Vec<NoticeKind> {
        let events = engine.happened().into_iter();
        let notices = events.filter_map(|event| match event {
            Event::Notice { notice, .. } => Some(notice.kind),
            _ => None,
        });
        notices.collect()
    };
    let engine = start().await;
    for _ in 0..4 {
        engine.poke_now(&["a"]).await;
        arrivals.arrive(clock).await;
        engine.settled().await;
        advance(6 * DAY).await;
        engine.settled().await;
    }
    engine.stop().await;

    advance(2 * DAY).await;
    for ends in [true, false] {
        let mut engine = start().await;
        engine.settled().await;
        engine.poke_now(&["a"]).await;
        engine.settled().await;
        for _ in 0..9 {
            advance(MINUTE / 2).await;
            engine.settled().await;
        }
        assert_eq!(notices(&mut engine), []);
        if !ends {
            // The watch ends after five minutes. What changes alike is gathered for some seconds.
            advance(MINUTE / 2).await;
            engine.settled().await;
            advance(MINUTE).await;
            engine.settled().await;
            assert_eq!(notices(&mut engine), [NoticeKind::Alarm]);
        }
        engine.stop().await;
    }
}

/// An account's proof is written down more seldom than its pokes.
#[tokio::test(start_paused = true)]
async fn what_has_arrived_is_known_after_a_kill() {
    let (_still, clock) = hold_still();
    let provider = Provider::start().await;
    let (_folder, paths) = folder(&provider.account("a"));
    let arrivals = Arc::new(MadeUp::default());
    let start = || Engine::start_in(&paths, clock, true, arrivals.clone());
    let engine = start().await;
    engine.poke_now(&["a"]).await;
    advance(MINUTE).await;
    let at = clock.now();
    arrivals.arrive(clock).await;
    engine.settled().await;
    engine.running.abort();
    assert!(engine.running.await.unwrap_err().is_cancelled());

    let engine = start().await;
    engine.settled().await;
    // The next poke shows nothing by itself.
    let poked = engine.poke_now(&["a"]).await;
    assert!(!poked[0].proves, "{poked:?}");
    let account = engine.account("a").await;
    assert_eq!(account.health, Health::Proved);
    assert_eq!(account.last_arrival_at, Some(at));
    engine.stop().await;
}
