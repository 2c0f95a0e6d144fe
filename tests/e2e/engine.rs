//! One engine on a folder: the command line asks the one that runs, or opens the files itself, and
//! gives the same; and a kill at any instant loses nothing that was told.

use rustix::process::Signal;
use serde_json::Value;

use crate::programs::{Home, account, outcome};
use crate::rig::own_server::{OwnServer, Stage};
use crate::rig::wait::{self, SOON};

/// A provider that is only visited, and can be held up and told to refuse.
fn signal_account(name: &str, provider: &OwnServer) -> String {
    let lines = "method = \"signal\"\nevery = \"1h\"";
    account(name, provider.address(), lines)
}

/// Takes away what only a running engine can say: when the next poke is due.
fn without_rhythm(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            fields.remove("next_at");
            for field in fields.values_mut() {
                *field = without_rhythm(field.take());
            }
        }
        Value::Array(items) => {
            for item in items {
                *item = without_rhythm(item.take());
            }
        }
        _ => {}
    }
    value
}

#[test]
fn with_and_without_a_running_engine_the_answers_are_the_same() {
    let (good, bad) = (OwnServer::up(), OwnServer::up());
    bad.answer(Stage::Greeting, "554 5.7.1 no service for you");
    let home = Home::with(&[signal_account("good", &good), signal_account("bad", &bad)]);
    assert_eq!(home.run(&["poke", "good"]).status, 0);
    assert_eq!(home.run(&["poke", "bad"]).status, 77);

    let ask = |arguments: &[&str]| {
        let run = home.run(arguments);
        let objects: Vec<Value> = run.objects().into_iter().map(without_rhythm).collect();
        assert!(!objects.is_empty(), "{arguments:?}: {run:?}");
        (run.status, objects)
    };
    let questions: [&[&str]; 5] = [
        &["status", "--json"],
        &["history", "--json"],
        &["history", "bad", "--json", "--dialogue"],
        &["account", "list", "--json"],
        &["account", "show", "good", "--json"],
    ];
    let alone = questions.map(ask);
    let poke_alone = home.run(&["poke", "good", "--json"]).object();
    let mut engine = home.start(&["run"]);
    home.wait_for_engine();
    let poke_attached = home.run(&["poke", "good", "--json"]).object();
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&poke_alone), keys(&poke_attached));
    assert_eq!(outcome(&poke_alone), outcome(&poke_attached));
    assert_eq!(home.history("good").len(), 3);
    let attached = questions.map(ask);
    engine.signal(Signal::TERM);
    assert!(engine.wait(SOON).success(), "{}", engine.log());
    for ((question, (status, alone)), (other, attached)) in
        questions.iter().zip(alone).zip(attached)
    {
        assert_eq!(status, other, "{question:?}");
        if question.contains(&"bad") || question.contains(&"account") {
            assert_eq!(alone, attached, "{question:?}");
        }
    }
    // After two more pokes of the one, with the engine and then without.
    assert_eq!(ask(questions[0]), questions_of(&home, questions[0]));
}

fn questions_of(home: &Home, question: &[&str]) -> (i32, Vec<Value>) {
    let mut engine = home.start(&["run"]);
    home.wait_for_engine();
    let run = home.run(question);
    engine.signal(Signal::TERM);
    assert!(engine.wait(SOON).success(), "{}", engine.log());
    (
        run.status,
        run.objects().into_iter().map(without_rhythm).collect(),
    )
}

#[test]
fn accounts_are_changed_through_the_engine_and_on_the_files_alike() {
    let provider = OwnServer::up();
    let home = Home::new();
    let (ip, port) = (
        provider.ip().to_string(),
        provider.address().port().to_string(),
    );
    let add = |name: &str| {
        home.run(&[
            "account", "add", name, "--host", &ip, "--port", &port, "--method", "signal",
        ])
    };
    assert_eq!(add("alone").status, 0);
    let alone = std::fs::read_to_string(home.settings()).unwrap();
    let mut engine = home.start(&["run"]);
    home.wait_for_engine();
    home.wait_for_pokes("alone", 1, SOON);
    assert_eq!(add("attached").status, 0);
    // The engine takes it up at once.
    home.wait_for_pokes("attached", 1, SOON);
    let both = std::fs::read_to_string(home.settings()).unwrap();
    assert!(both.starts_with(alone.trim_end()), "{both}");
    let tables: Vec<&str> = both.split("[[account]]").collect();
    assert_eq!(tables[1].trim(), tables[2].replace("attached", "alone").trim());
    let run = home.run(&["account", "set", "attached", "every=2h"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(home.run(&["account", "remove", "alone"]).status, 0);
    let run = home.run(&["status", "--json"]);
    assert!(run.out.contains("\"2h\"") && !run.out.contains("\"alone\""), "{run:?}");
    engine.signal(Signal::TERM);
    assert!(engine.wait(SOON).success(), "{}", engine.log());
    let left = std::fs::read_to_string(home.settings()).unwrap();
    assert!(left.contains("every = \"2h\"") && !left.contains("alone"), "{left}");
}

#[test]
fn two_that_run_on_one_folder_are_one_engine() {
    let provider = OwnServer::up();
    let home = Home::with(&[signal_account("vevida", &provider)]);
    let mut engines = [home.start(&["run"]), home.start(&["run"])];
    home.wait_for_engine();
    home.wait_for_pokes("vevida", 1, SOON);
    let run = home.run(&["poke", "vevida"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(home.history("vevida").len(), 2);
    assert_eq!(provider.visits().len(), 2, "both poke");
    for engine in &mut engines {
        engine.signal(Signal::TERM);
        assert!(engine.wait(SOON).success(), "{}", engine.log());
    }
}

#[test]
fn a_kill_at_any_instant_loses_nothing_that_was_told() {
    let provider = OwnServer::up();
    let home = Home::with(&[signal_account("vevida", &provider)]);
    let mut told = 0;
    for round in 0..4 {
        let mut engine = home.start(&["run"]);
        home.wait_for_engine();
        if round == 0 {
            home.wait_for_pokes("vevida", 1, SOON);
            told += 1;
        }
        let run = home.run(&["poke", "vevida"]);
        assert_eq!(run.status, 0, "round {round}: {run:?}");
        told += 1;
        // And now in the middle of one.
        let visits = provider.visits().len();
        provider.hold_up(Stage::Greeting);
        let mut poking = home.start(&["poke", "vevida"]);
        wait::until("the provider to be visited", SOON, || {
            (provider.visits().len() > visits).then_some(())
        });
        engine.signal(Signal::KILL);
        assert!(!engine.wait(SOON).success());
        provider.release();
        // Who waited for the answer is told that there will be none.
        let status = poking.wait(SOON);
        assert!(!status.success() && status.code().is_some(), "{status}");
        assert!(poking.log().contains("engine"), "{}", poking.log());
        // Without an engine the files open, and all is there.
        assert_eq!(home.history("vevida").len(), told, "round {round}");
    }
    // No damaged history was put aside.
    let files = home.files();
    let histories = files.iter().filter(|name| name.contains("history"));
    assert!(histories.count() <= 3, "{files:?}");
    let mut engine = home.start(&["run"]);
    home.wait_for_engine();
    assert_eq!(home.history("vevida").len(), told);
    engine.signal(Signal::TERM);
    assert!(engine.wait(SOON).success(), "{}", engine.log());
}
