//! One engine on a folder: the command line asks the one that runs, or opens the files itself, and
//! gives the same; and a kill at any instant loses nothing that was told.

use rustix::process::Signal;
use serde_json::Value;

use crate::{
    programs::{Home, account, outcome},
    rig::{
        mail_server::{MailServer, Stage},
        wait::{self, SOON},
    },
};

/// A provider that is only visited, and can be held up and told to refuse.
fn signal_account(name: &str, provider: &MailServer) -> String {
    let lines = "method = \"signal\"\nevery = \"1h\"";
    account(name, provider.address(), lines)
}

/// Takes away what only a running engine can say: when the next poke is due.
fn without_rhythm(mut value: Value) -> Value {
    match &mut value {
        Value::Object(fields) => {
            fields.remove("next_at");
            fields.remove("next_reason_words");
            fields.remove("running");
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
    let (good, bad) = (MailServer::up(), MailServer::up());
    bad.answer(Stage::Greeting, "554 5.7.1 no service for you");
    let home = Home::with(&[signal_account("good", &good), signal_account("bad", &bad)]);
    assert_eq!(home.run(&["poke", "good"]).status, 0);
    assert_eq!(home.run(&["poke", "bad"]).status, 77);

    let ask = |question: &[&str]| {
        let run = home.run(question);
        assert_eq!(run.status, 0, "{question:?}: {run:?}");
        let objects: Vec<Value> = run.objects().into_iter().map(without_rhythm).collect();
        assert!(!objects.is_empty(), "{question:?}: {run:?}");
        objects
    };
    let questions: [&[&str]; 6] = [
        &["status", "--json"],
        &["history", "--json"],
        &["history", "bad", "--json", "--dialogue"],
        &["account", "list", "--json"],
        &["account", "show", "good", "--json"],
        &["settings", "check", "--json"],
    ];
    let alone = questions.map(ask);
    let engine = home.start_engine();
    for (question, alone) in questions.iter().zip(alone) {
        assert_eq!(alone, ask(question), "{question:?}");
    }
    let status = home.run(&["status", "--json"]).object();
    assert_eq!(status["running"], true);
    assert!(status["accounts"][0]["next_at"].is_string(), "{status:#}");

    let attached = home.run(&["poke", "good", "--json"]).object();
    engine.end();
    let alone = home.run(&["poke", "good", "--json"]).object();
    let keys =
        |poke: &Value| -> Vec<String> { poke.as_object().unwrap().keys().cloned().collect() };
    assert_eq!(keys(&alone), keys(&attached));
    assert_eq!(outcome(&alone), outcome(&attached));
    assert_eq!(said(&alone), said(&attached));
    assert_eq!(home.history("good").len(), 3);
}

/// The lines of a dialogue without their times.
fn said(poke: &Value) -> Vec<&str> {
    let lines = poke["dialogue"].as_array().unwrap();
    let lines: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["line"].as_str())
        .collect();
    assert!(lines.contains(&"QUIT"), "{lines:?}");
    lines
}

#[test]
fn accounts_are_changed_through_the_engine_and_on_the_files_alike() {
    let provider = MailServer::up();
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
    let engine = home.start_engine();
    home.wait_for_pokes("alone", 1, SOON);
    assert_eq!(add("attached").status, 0);
    // The engine takes it up at once.
    home.wait_for_pokes("attached", 1, SOON);
    let both = std::fs::read_to_string(home.settings()).unwrap();
    assert!(both.starts_with(alone.trim_end()), "{both}");
    let tables: Vec<&str> = both.split("[[account]]").collect();
    assert_eq!(
        tables[1].trim(),
        tables[2].replace("attached", "alone").trim()
    );
    let run = home.run(&["account", "set", "attached", "every=2h"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(home.run(&["account", "remove", "alone"]).status, 0);
    let run = home.run(&["status", "--json"]);
    assert!(
        run.out.contains("\"2h\"") && !run.out.contains("\"alone\""),
        "{run:?}"
    );
    engine.end();
    let left = std::fs::read_to_string(home.settings()).unwrap();
    assert!(
        left.contains("every = \"2h\"") && !left.contains("alone"),
        "{left}"
    );
}

#[test]
fn two_that_run_on_one_folder_are_one_engine() {
    let provider = MailServer::up();
    let home = Home::with(&[signal_account("vevida", &provider)]);
    let engines = [home.start(&["run"]), home.start(&["run"])];
    home.wait_for_engine();
    home.wait_for_pokes("vevida", 1, SOON);
    let run = home.run(&["poke", "vevida"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(home.history("vevida").len(), 2);
    assert_eq!(provider.visits().len(), 2, "both poke");
    for engine in engines {
        engine.end();
    }
}

#[test]
fn a_kill_at_any_instant_loses_nothing_that_was_told() {
    let provider = MailServer::up();
    let home = Home::with(&[signal_account("vevida", &provider)]);
    let mut told = 0;
    for round in 0..4 {
        let mut engine = home.start_engine();
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
        // The client that waited for the answer is told that there will be none.
        let status = poking.wait(SOON);
        assert!(!status.success() && status.code().is_some(), "{status}");
        assert!(
            poking.log().contains("no longer running"),
            "{}",
            poking.log()
        );
        // Without an engine the files open, and all is there.
        assert_eq!(home.history("vevida").len(), told, "round {round}");
    }
    // No damaged history was put aside.
    let files = home.files();
    let histories = files.iter().filter(|name| name.contains("history"));
    assert!(histories.count() <= 3, "{files:?}");
    let engine = home.start_engine();
    assert_eq!(home.history("vevida").len(), told);
    engine.end();
}

#[test]
fn a_command_that_takes_long_holds_up_no_other() {
    let (slow, quick) = (MailServer::up(), MailServer::up());
    let home = Home::with(&[
        signal_account("slow", &slow),
        signal_account("quick", &quick),
    ]);
    // Poked just now, it is not due for an hour.
    assert_eq!(home.run(&["poke", "slow"]).status, 0);
    slow.hold_up(Stage::Greeting);
    let mut poking = home.start(&["poke", "slow"]);
    wait::until("the provider to be visited again", SOON, || {
        (slow.visits().len() == 2).then_some(())
    });
    let run = home.run(&["status", "--json"]);
    assert_eq!(run.status, 0, "{run:?}");
    let run = home.run(&["poke", "quick"]);
    assert_eq!(run.status, 0, "{run:?}");
    let mut engine = home.start(&["run"]);
    engine.wait_for_log("Dequeue is running", SOON);
    slow.release();
    assert!(poking.wait(SOON).success(), "{}", poking.log());
    home.wait_for_engine();
    assert_eq!(home.history("slow").len(), 2);
    engine.end();
}
