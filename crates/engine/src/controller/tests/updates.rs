//! Newer versions: when it is looked for one, and what is told.

use dequeue_core::update::{Announcement, Unbelieved};

use super::*;
use crate::{channel::Why, update::LookFault};

const DAY: Duration = Duration::from_secs(86_400);

fn announced(version: &str) -> Result<Announcement, LookFault> {
    Ok(Announcement {
        version: version.parse().unwrap(),
        date: "2026-12-24".parse().unwrap(),
        notes: "https://dequeue.example/news".into(),
    })
}

async fn known(engine: &Engine) -> Option<String> {
    engine.snapshot().await.update.map(|newer| newer.version)
}

/// Time passes, an hour after the other, for the controller to look at the clock in between.
async fn pass(engine: &Engine, time: Duration) {
    let mut left = time;
    while !left.is_zero() {
        let step = left.min(Duration::from_secs(3600));
        advance(step).await;
        engine.snapshot().await;
        left -= step;
    }
    engine.settled().await;
}

#[tokio::test(start_paused = true)]
async fn where_it_is_off_nobody_is_ever_asked() {
    let (_still, clock) = hold_still();
    let world = Arc::new(MadeUp::default());
    let (_folder, paths) = folder("update_check = \"off\"\n");
    let engine = Engine::start_in(&paths, clock, true, world.clone()).await;
    pass(&engine, 30 * DAY).await;
    assert_eq!((world.looks(), known(&engine).await), (0, None));
    engine.stop().await;
    // It is off where nobody has said so.
    let (_folder, paths) = folder("");
    let engine = Engine::start_in(&paths, clock, true, world.clone()).await;
    pass(&engine, 30 * DAY).await;
    assert_eq!(world.looks(), 0);
    // Nor does an engine for one command look by itself.
    let (_folder, paths) = folder("update_check = \"weekly\"\n");
    let engine = Engine::start_in(&paths, clock, false, world.clone()).await;
    pass(&engine, 30 * DAY).await;
    assert_eq!(world.looks(), 0);
}

#[tokio::test(start_paused = true)]
async fn once_a_week_what_is_newer_is_told_and_what_is_older_is_not() {
    let (_still, clock) = hold_still();
    let world = Arc::new(MadeUp::default());
    world.next(announced("9.9.8"));
    let (_folder, paths) = folder("update_check = \"weekly\"\n");
    let mut engine = Engine::start_in(&paths, clock, true, world.clone()).await;
    // Not at the start, when everything else starts too.
    pass(&engine, 4 * MINUTE).await;
    assert_eq!(world.looks(), 0);
    pass(&engine, 60 * MINUTE).await;
    assert_eq!(world.looks(), 1);
    assert_eq!(known(&engine).await.as_deref(), Some("9.9.8"));
    let told =
        |event: &Event| matches!(event, Event::Changed { snapshot } if snapshot.update.is_some());
    assert!(engine.happened().iter().any(told));

    // A week and a day later at the latest, and once. A restart in between changes nothing.
    pass(&engine, 3 * DAY).await;
    engine.stop().await;
    let mut engine = Engine::start_in(&paths, clock, true, world.clone()).await;
    assert_eq!(known(&engine).await.as_deref(), Some("9.9.8"));
    pass(&engine, 3 * DAY).await;
    assert_eq!(world.looks(), 1);
    world.next(announced("9.10.0"));
    pass(&engine, 2 * DAY).await;
    assert_eq!(world.looks(), 2);
    assert_eq!(known(&engine).await.as_deref(), Some("9.10.0"));

    // What cannot be had, and what is not believed, is told to nobody and tried a week later.
    engine.happened();
    for fault in [
        Err(LookFault::Unreachable(Why::TimedOut)),
        Err(LookFault::Unsigned),
        Err(LookFault::Unbelieved(Unbelieved::Garbage)),
        announced("9.9.9"),
    ] {
        let before = world.looks();
        world.next(fault);
        pass(&engine, 8 * DAY).await;
        assert_eq!(world.looks(), before + 1);
        assert_eq!(known(&engine).await.as_deref(), Some("9.10.0"));
    }
    assert!(engine.happened().is_empty());
    assert_eq!(engine.snapshot().await.unseen_notices, 0);

    // Once it is off, nobody is asked any more.
    let before = world.looks();
    let fields = fields(&[("update_check", "off")]);
    engine.ask(Request::SaveGeneral { fields }).await;
    pass(&engine, 20 * DAY).await;
    assert_eq!(world.looks(), before);
}

#[tokio::test(start_paused = true)]
async fn whoever_asks_is_told_what_came_of_it() {
    let (_still, clock) = hold_still();
    let world = Arc::new(MadeUp::held_up());
    let (_folder, paths) = folder("");
    let engine = Engine::start_in(&paths, clock, false, world.clone()).await;
    let ask = async |answer: Result<Announcement, LookFault>| {
        world.next(answer);
        let asking = [(); 2].map(|()| engine.begin(Request::CheckForUpdate));
        engine.settled().await;
        world.let_go();
        let mut answers = Vec::new();
        for asking in asking {
            answers.push(asking.await.unwrap());
        }
        let second = answers.pop().unwrap();
        assert_eq!(answers[0], second);
        second
    };
    let Ok(Response::Update { newer: Some(newer) }) = ask(announced("9.9.9")).await else {
        panic!("nothing newer");
    };
    assert_eq!((&*newer.version, &*newer.date), ("9.9.9", "2026-12-24"));
    assert_eq!(newer.notes, "https://dequeue.example/news");
    // Those who asked at the same time shared a look.
    assert_eq!(world.looks(), 1);
    for (fault, words) in [
        (Err(LookFault::NoSource), "does not know where"),
        (
            Err(LookFault::Unreachable(Why::TimedOut)),
            "Check the network",
        ),
        (Err(LookFault::TooLarge), "Check the network"),
        (Err(LookFault::Unsigned), "is not believed"),
        (announced("9.9.8"), "is not believed"),
    ] {
        let refused = ask(fault).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::Update);
        assert!(refused.message.contains(words), "{refused:?}");
    }
    assert_eq!(known(&engine).await.as_deref(), Some("9.9.9"));
    // What runs is not told again.
    let (_folder, paths) = folder("");
    let world = Arc::new(MadeUp::default());
    world.next(announced(env!("CARGO_PKG_VERSION")));
    let engine = Engine::start_in(&paths, clock, false, world.clone()).await;
    let answer = engine.ask(Request::CheckForUpdate).await;
    assert_eq!(answer, Response::Update { newer: None });
    assert_eq!(known(&engine).await, None);
}
