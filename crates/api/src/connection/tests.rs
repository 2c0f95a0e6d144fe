//! The connection's promises, against an engine's end held by the test.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use dequeue_core::health::Health;
use serde_json::{Value, json};
use tokio::time::timeout;

use super::*;
use crate::{
    client::{Envelope, ServerEnd, engine_gone},
    messages::{Request, Response},
    seat::Seat,
    views::Whole,
};

/// Engines that are found in this order; none once they are used up.
#[derive(Default)]
struct Engines {
    found: Mutex<Vec<Client>>,
    attempts: AtomicUsize,
}

impl EngineSource for Arc<Engines> {
    type Engine = Client;
    type Error = &'static str;

    async fn find(&self) -> Result<Client, &'static str> {
        self.attempts.fetch_add(1, Ordering::Relaxed);
        self.found.lock().unwrap().pop().ok_or("none")
    }
}

fn show_window() -> Event {
    Event::ShowWindow {
        account: None,
        seat: Seat::default(),
    }
}

fn engines(clients: impl IntoIterator<Item = Client>) -> Arc<Engines> {
    let mut found: Vec<Client> = clients.into_iter().collect();
    found.reverse();
    Arc::new(Engines {
        found: Mutex::new(found),
        attempts: AtomicUsize::new(0),
    })
}

/// The state that the cases of `tests/apply.json` begin with.
fn snapshot() -> Snapshot {
    let cases: Value = serde_json::from_str(include_str!("../../tests/apply.json")).unwrap();
    serde_json::from_value(cases["before"].clone()).unwrap()
}

const fn whole(health: Health) -> Whole {
    Whole { health, poking: 0 }
}

fn with_health(health: Health) -> Snapshot {
    Snapshot {
        whole: whole(health),
        ..snapshot()
    }
}

fn account(health: Health) -> Event {
    Event::Account {
        account: Box::new(snapshot().accounts[0].clone()),
        whole: whole(health),
    }
}

async fn asked(server: &mut ServerEnd) -> Envelope {
    let asked = server.asks.recv().await.unwrap();
    assert!(
        matches!(asked.request, Request::SnapshotPart { .. }),
        "{:?}",
        asked.request
    );
    asked
}

fn answer(asked: Envelope, snapshot: Snapshot) {
    let snapshot = Box::new(snapshot);
    asked
        .reply
        .send(Ok(Response::Snapshot { snapshot }))
        .unwrap();
}

/// An engine that answers the first request for the snapshot, attached to.
async fn attached() -> (Connection<Arc<Engines>>, ServerEnd) {
    let (client, mut server) = Client::new();
    let mut connection = Connection::new(engines([client]));
    let serving = async { answer(asked(&mut server).await, snapshot()) };
    let (news, ()) = tokio::join!(connection.next(), serving);
    assert_eq!(news, News::Attached);
    (connection, server)
}

#[tokio::test(start_paused = true)]
async fn what_happens_before_the_snapshot_is_merged_into_it() {
    let (client, mut server) = Client::new();
    let mut connection = Connection::new(engines([client]));
    let serving = async {
        let asked = asked(&mut server).await;
        // Told after the subscription and before the answer.
        server.events.send(account(Health::Trouble)).unwrap();
        answer(asked, snapshot());
    };
    let (news, ()) = tokio::join!(connection.next(), serving);
    assert_eq!(news, News::Attached);
    assert_eq!(connection.state(), Some(&snapshot()));
    assert_eq!(
        connection.next().await,
        News::Event(account(Health::Trouble))
    );
    assert_eq!(connection.state(), Some(&with_health(Health::Trouble)));
}

#[tokio::test(start_paused = true)]
async fn what_was_missed_comes_as_the_whole_state() {
    let (mut connection, mut server) = attached().await;
    let told = [
        // As the socket says it, and as the channel does.
        vec![Event::Missed],
        vec![show_window(); 2000],
    ];
    for events in told {
        for event in events {
            server.events.send(event).unwrap();
        }
        let serving = async { answer(asked(&mut server).await, with_health(Health::Trouble)) };
        let (news, ()) = tokio::join!(connection.next(), serving);
        let snapshot = Box::new(with_health(Health::Trouble));
        assert_eq!(news, News::Event(Event::Changed { snapshot }));
        assert_eq!(connection.state(), Some(&with_health(Health::Trouble)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_relay_asks_for_nothing_and_says_that_something_was_missed() {
    let (client, mut server) = Client::new();
    let mut connection = Connection::relay(engines([client]));
    assert_eq!(connection.next().await, News::Attached);
    for _ in 0..2000 {
        server.events.send(show_window()).unwrap();
    }
    assert_eq!(connection.next().await, News::Event(Event::Missed));
    assert_eq!(connection.next().await, News::Event(show_window()));
    assert!(server.asks.try_recv().is_err());
}

#[tokio::test(start_paused = true)]
async fn a_loss_is_told_once_and_the_next_engine_taken_up() {
    let (first, mut old) = Client::new();
    let (second, mut new) = Client::new();
    let mut connection = Connection::new(engines([first, second]));
    let serving = async { answer(asked(&mut old).await, snapshot()) };
    assert_eq!(tokio::join!(connection.next(), serving).0, News::Attached);
    old.events.send(Event::Gone).unwrap();
    assert_eq!(connection.next().await, News::Event(Event::Gone));
    assert!(connection.engine().is_none());
    assert_eq!(connection.state(), Some(&snapshot()));
    let serving = async { answer(asked(&mut new).await, with_health(Health::Trouble)) };
    assert_eq!(tokio::join!(connection.next(), serving).0, News::Attached);
    assert_eq!(connection.state(), Some(&with_health(Health::Trouble)));
}

#[tokio::test(start_paused = true)]
async fn an_engine_that_is_not_understood_is_left_and_never_tried_without_a_pause() {
    // Each takes the request and ends, as one whose answer cannot be read.
    let source = engines((0..20).map(|_| {
        let (client, mut server) = Client::new();
        tokio::spawn(async move {
            let asked = asked(&mut server).await;
            asked.reply.send(Err(engine_gone())).unwrap();
        });
        client
    }));
    let mut connection = Connection::new(source);
    let mut pauses = Vec::new();
    for _ in 0..12 {
        let before = Instant::now();
        assert_eq!(connection.next().await, News::Event(Event::Gone));
        pauses.push(before.elapsed().as_millis());
    }
    assert_eq!(
        pauses,
        [
            0, 250, 500, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn without_an_engine_it_says_so_after_pauses_that_grow() {
    let source = engines([]);
    let mut connection = Connection::new(source.clone());
    let mut pauses = Vec::new();
    for _ in 0..4 {
        let before = Instant::now();
        assert_eq!(connection.next().await, News::Unavailable("none"));
        pauses.push(before.elapsed().as_millis());
    }
    assert_eq!(pauses, [0, 250, 500, 1000]);
    assert_eq!(source.attempts.load(Ordering::Relaxed), 4);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_lasted_makes_the_pauses_short_again() {
    let clients = [Client::new(), Client::new(), Client::new()];
    let events: Vec<_> = clients.iter().map(|(_, end)| end.events.clone()).collect();
    let mut connection = Connection::relay(engines(clients.map(|(client, _)| client)));
    for (events, lasts, pause) in [
        (&events[0], 1, 0),
        (&events[1], 61, 250),
        // Not the 500 that would come next.
        (&events[2], 1, 250),
    ] {
        let before = Instant::now();
        assert_eq!(connection.next().await, News::Attached);
        assert_eq!(before.elapsed().as_millis(), pause);
        sleep(Duration::from_secs(lasts)).await;
        events.send(Event::Gone).unwrap();
        assert_eq!(connection.next().await, News::Event(Event::Gone));
    }
}

#[tokio::test(start_paused = true)]
async fn waiting_for_news_can_be_given_up_at_any_point() {
    let (client, mut server) = Client::new();
    let source = engines([client]);
    let mut connection = Connection::new(source.clone());
    let moment = Duration::from_millis(1);
    // While the snapshot is asked for.
    assert!(timeout(moment, connection.next()).await.is_err());
    let asked = asked(&mut server).await;
    assert!(timeout(moment, connection.next()).await.is_err());
    answer(asked, snapshot());
    assert_eq!(connection.next().await, News::Attached);
    // While nothing happens.
    assert!(timeout(moment, connection.next()).await.is_err());
    server.events.send(Event::Gone).unwrap();
    assert_eq!(connection.next().await, News::Event(Event::Gone));
    // In a pause, which is not begun anew.
    let before = Instant::now();
    assert!(timeout(200 * moment, connection.next()).await.is_err());
    assert_eq!(connection.next().await, News::Unavailable("none"));
    assert_eq!(before.elapsed().as_millis(), 250);
    assert_eq!(source.attempts.load(Ordering::Relaxed), 2);
    assert!(
        server.asks.try_recv().is_err(),
        "the snapshot was asked for twice"
    );
}

#[test]
fn each_event_changes_the_state_as_the_cases_say() {
    let cases: Value = serde_json::from_str(include_str!("../../tests/apply.json")).unwrap();
    for case in cases["cases"].as_array().unwrap() {
        let mut state = snapshot();
        let event: Event = serde_json::from_value(case["event"].clone()).unwrap();
        // The page would keep a field that no engine sends.
        assert_eq!(json!(event), case["event"], "{}", case["name"]);
        state.apply(&event);
        let mut expected = cases["before"].clone();
        for (pointer, value) in case["after"].as_object().unwrap() {
            *expected.pointer_mut(pointer).unwrap() = value.clone();
        }
        assert_eq!(json!(state), expected, "{}", case["name"]);
    }
}
