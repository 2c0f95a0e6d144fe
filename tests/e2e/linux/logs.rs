//! The log: what an engine does can be read afterwards, and holds no secret and nobody's address.

use std::{
    fs::{self, File},
    os::{linux::fs::MetadataExt, unix::fs::PermissionsExt},
    process::Stdio,
};

use serde_json::Value;

use crate::{
    linux::{rig::web::Web, secrets::Search, tray::signal_account},
    programs::{Home, Run},
    rig::{
        mail_server::{MailServer, Stage},
        wait::{self, SOON},
    },
};

const TOKEN: &str = "Kwz7qVx-token-2718281828";
const KEY: &str = "hook-key-1618033988";
/// Whoever is named anywhere in the settings, or by a server.
const ADDRESSES: [&str; 6] = [
    "anna@office.test",
    "dequeue@office.test",
    "boss@office.test",
    "second.boss+mail@office.test",
    "postmaster@provider.test",
    "joe@elsewhere.test",
];

/// The lines of the log, as programs see them.
fn lines(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let run = home.run(&[&["logs", "--json", "--limit", "100000"], arguments].concat());
    assert_eq!(run.status, 0, "{run:?}");
    run.objects()
}

fn has(lines: &[Value], level: &str, words: &str) -> bool {
    let is_it = |line: &Value| {
        line["level"] == level && line["text"].as_str().is_some_and(|it| it.contains(words))
    };
    lines.iter().any(is_it)
}

/// A whole run at the most talkative level, with accounts, a notice by each way, and servers that say
/// addresses back.
#[test]
fn no_secret_and_no_address_is_in_the_log_at_its_most_talkative() {
    let (provider, post, web) = (MailServer::up(), MailServer::up(), Web::start());
    provider.answer(
        Stage::Greeting,
        "554 5.7.1 <joe@elsewhere.test> ask postmaster@provider.test",
    );
    post.answer(Stage::Rcpt, "550 5.1.1 <boss@office.test>: no such user");
    let home = Home::new();
    let token = home.logs().join("token");
    fs::write(&token, format!("{TOKEN}\n")).unwrap();
    fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).unwrap();
    let general = format!(
        "version = 1\nlog_level = \"trace\"\nnotice_webhook = \"{}\"\n\
         notice_webhook_secret = \"file:{}\"\nnotice_mail_host = \"{}\"\nnotice_mail_port = {}\n\
         notice_mail_tls = \"none\"\nnotice_mail_from = \"Dequeue <dequeue@office.test>\"\n\
         notice_mail_to = [\"boss@office.test\", \"second.boss+mail@office.test\"]\n",
        web.at(&format!("/hook/{KEY}")),
        token.display(),
        post.ip(),
        post.address().port(),
    );
    home.write_settings(general + &signal_account("anna@office.test", &provider));
    let engine = home.start_engine();
    web.wait_for("POST /hook", 1, SOON);
    home.run(&["settings", "try-notices"]);
    assert_eq!(home.run(&["poke", "anna@office.test"]).status, 77);
    home.run(&["doctor", "anna@office.test"]);
    home.run(&["pause"]);
    wait::until("a notice that was not delivered", SOON, || {
        has(&lines(&home, &[]), "warn", "not delivered").then_some(())
    });
    // Of the files as of what is shown, and of a report that is sent to somebody else.
    let report = home.logs().join("report");
    let report_to = report.to_str().unwrap();
    home.run(&["doctor", "anna@office.test", "--report", report_to]);
    let report = fs::read_to_string(report).unwrap();
    let (_, tail) = report
        .split_once("\nlog:\n")
        .expect("the log in the report");
    assert!(tail.contains("INFO dequeue["), "{report}");
    let exported = home.logs().join("exported");
    let run = home.run(&["logs", "--export", exported.to_str().unwrap()]);
    assert_eq!(run.status, 0, "{run:?}");
    let exported = fs::read_to_string(exported).unwrap();
    let shown = home.run(&["logs", "--limit", "100000"]).out;
    let said = engine.end();
    let mut all = vec![tail.to_owned(), exported, shown, said];
    let folder = home.path().join("logs");
    for entry in fs::read_dir(&folder).unwrap().flatten() {
        assert_eq!(
            entry.metadata().unwrap().permissions().mode() & 0o777,
            0o600
        );
        all.push(fs::read_to_string(entry.path()).unwrap());
    }
    assert_eq!(
        fs::metadata(&folder).unwrap().permissions().mode() & 0o777,
        0o700
    );
    assert_eq!(all.len(), 5, "one file is enough for that");
    let search = [Search::of(TOKEN), Search::of(KEY)];
    for text in &all {
        for search in &search {
            search.assert_clean("the log", text.as_bytes());
        }
    }
    // The command line itself says what an account is called.
    for text in [&all[0], &all[1], &all[2], &all[4]] {
        for address in ADDRESSES {
            assert!(!text.contains(address), "{address} in {text}");
        }
    }
    // It is about them all the same.
    for words in [
        "account=\"…@office.test\"",
        "channel=Mail",
        "554 5.7.1 <…@elsewhere.test>",
    ] {
        assert!(all[4].contains(words), "no {words} in {}", all[4]);
    }
    for level in [" INFO ", " WARN ", " TRACE "] {
        assert!(all[4].contains(level), "no {level} in {}", all[4]);
    }
}

#[test]
fn what_is_logged_changes_while_the_engine_runs() {
    let provider = MailServer::up();
    let home = Home::with(&[signal_account("vevida", &provider)]);
    let engine = home.start_engine();
    home.wait_for_pokes("vevida", 1, SOON);
    wait::until("the poke in the log", SOON, || {
        has(&lines(&home, &[]), "info", "poked").then_some(())
    });
    assert!(
        lines(&home, &["--level", "info"])
            .iter()
            .all(|line| line["level"] != "debug")
    );
    assert!(!has(&lines(&home, &[]), "debug", ""), "too talkative");
    let set = |level: &str| {
        let run = home.run(&["settings", "set", &format!("log_level={level}")]);
        assert_eq!(run.status, 0, "{run:?}");
    };
    set("error");
    let before = lines(&home, &[]).len();
    assert_eq!(home.run(&["poke", "vevida"]).status, 0);
    assert_eq!(home.history("vevida").len(), 2);
    assert_eq!(lines(&home, &[]).len(), before, "{:?}", lines(&home, &[]));
    set("info");
    assert_eq!(home.run(&["poke", "vevida"]).status, 0);
    wait::until("another line", SOON, || {
        (lines(&home, &[]).len() > before).then_some(())
    });
    home.run(&["settings", "set", "log_level=loud"])
        .refuses(64, &["What is logged", "error, warn, info, debug or trace"]);
    engine.end();
    // Its end is the last that is logged.
    let all = lines(&home, &[]);
    assert!(
        all.last().unwrap()["text"] == "the engine has ended",
        "{all:?}"
    );
    assert_eq!(lines(&home, &["--since", "1h"]), all);
    assert_eq!(home.run(&["logs", "--limit", "1"]).out.lines().count(), 1);
    home.run(&["logs", "--since", "yesterday"])
        .refuses(64, &["“yesterday”"]);
    let taken = home.settings();
    home.run(&["logs", "--export", taken.to_str().unwrap()])
        .refuses(70, &["does not exist yet"]);
}

#[test]
fn the_environment_overrides_the_settings() {
    let provider = MailServer::up();
    let home = Home::with(&[signal_account("vevida", &provider)]);
    let engine = home.start_with(&["run"], &[("DEQUEUE_LOG", "error")]);
    home.wait_for_pokes("vevida", 1, SOON);
    let run = home.run(&["settings", "set", "log_level=trace"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(home.run(&["poke", "vevida"]).status, 0);
    engine.end();
    let said = home.run(&["logs"]);
    assert_eq!(
        (said.status, said.out.trim()),
        (0, "Nothing has been logged.")
    );
}

#[test]
fn new_lines_are_followed() {
    let provider = MailServer::up();
    let home = Home::with(&[signal_account("vevida", &provider)]);
    let engine = home.start_engine();
    home.wait_for_pokes("vevida", 1, SOON);
    let mut following = home.start(&["logs", "--follow", "--limit", "0"]);
    // From the second look on it goes on from where it was.
    for _ in 0..2 {
        assert_eq!(home.run(&["poke", "vevida"]).status, 0);
    }
    following.wait_for_log("poked account=\"vevida\"", SOON);
    engine.end();
    following.wait_for_log("the engine has ended", SOON);
    following.end();
}

/// Where standard error is the journal's, lines have the priorities that it takes.
#[test]
fn the_journal_gets_priorities() {
    let home = Home::new();
    let path = home.logs().join("journal");
    let journal = File::options()
        .append(true)
        .create(true)
        .open(&path)
        .unwrap();
    let there = journal.metadata().unwrap();
    let stream = format!("{}:{}", there.st_dev(), there.st_ino());
    for (stream, is_journal) in [(stream, true), ("1:2".to_owned(), false)] {
        fs::write(&path, "").unwrap();
        let mut command = home.command(&["run"]);
        command.env("JOURNAL_STREAM", stream);
        command.stdout(Stdio::null());
        command.stderr(journal.try_clone().unwrap());
        let mut engine = command.spawn().unwrap();
        home.wait_for_engine();
        let pid = rustix::process::Pid::from_child(&engine);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        assert!(engine.wait().unwrap().success());
        let said = fs::read_to_string(&path).unwrap();
        let first = said.lines().next().unwrap_or_default();
        assert_eq!(first.starts_with("<6>dequeue"), is_journal, "{said}");
        assert_eq!(said.contains("the engine has ended"), is_journal, "{said}");
    }
}

/// A poke by host, as a scheduled task does it every few minutes, leaves nothing behind.
#[test]
fn one_poke_logs_nothing() {
    let provider = MailServer::up();
    let home = Home::new();
    let port = provider.address().port().to_string();
    let host = provider.ip().to_string();
    let run = home.run(&[
        "poke", "--host", &host, "--port", &port, "--method", "signal",
    ]);
    assert_eq!((run.status, run.err.as_str()), (0, ""), "{run:?}");
    assert_eq!(home.files(), [""; 0]);
    let mut command = home.command(&[
        "poke", "--host", &host, "--port", &port, "--method", "signal",
    ]);
    let asked = Run::of(command.env("DEQUEUE_LOG", "info"));
    assert!(asked.err.contains("poked"), "{asked:?}");
    assert_eq!(home.files(), [""; 0]);
}
