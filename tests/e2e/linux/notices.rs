//! What an engine tells of trouble and its end, where nobody looks: to a command, a webhook, by
//! e-mail and by a heartbeat; once, and nothing else.

use std::{fs, os::unix::fs::PermissionsExt, path::PathBuf};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde_json::Value;

use crate::{
    linux::{
        rig::{
            events::Events,
            exim::{Exim, Login, Options},
            process::Process,
            provider::Provider,
            web::Web,
        },
        secrets::{Search, telling_processes},
    },
    programs::{Home, account},
    rig::{
        mail_server::{MailServer, Stage},
        wait::{self, SOON},
    },
};

const MAIL_PASSWORD: &str = "Zq8-wachtwoord.van.de.post_17320";
const TOKEN: &str = "Zq8-token.van.de.webhook_27182";
const HOOK_KEY: &str = "Zq8-sleutel-in-het-adres-16180";
const BEAT_KEY: &str = "Zq8-sleutel-van-de-hartslag-14142";

/// Everything is refused from now on.
fn refuse(provider: &MailServer) {
    provider.answer(Stage::Greeting, "554 5.7.1 no service for you");
}

fn signal_account(name: &str, provider: &MailServer, more: &str) -> String {
    let lines = format!("method = \"signal\"\n{more}");
    account(name, provider.address(), &lines)
}

/// The notices that the webhook has got, each its kind and its accounts.
fn told(web: &Web) -> Vec<(String, Vec<String>)> {
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    let posts = web.requests("POST /hook").into_iter();
    let notices = posts.map(|post| serde_json::from_str::<Value>(&post.body).expect("JSON"));
    let kinds = notices.map(|notice| {
        let accounts = notice["accounts"].as_array().expect("accounts");
        (text(&notice["kind"]), accounts.iter().map(text).collect())
    });
    kinds.collect()
}

fn of(kind: &str, accounts: &[&str]) -> (String, Vec<String>) {
    let accounts = accounts.iter().map(|&name| name.to_owned());
    (kind.to_owned(), accounts.collect())
}

fn run(home: &Home) -> Process {
    let engine = home.start_with(&["run"], &[("DEQUEUE_LOG", "trace")]);
    home.wait_for_engine();
    engine
}

/// A command that adds what it is told to a file, a line a notice.
fn command(home: &Home) -> (PathBuf, PathBuf) {
    let (script, file) = (home.path().join("tell"), home.path().join("told"));
    let text = format!(
        "#!/bin/sh\nprintf '%s|%s\\n' \"$DEQUEUE_NOTICE_KIND\" \"$(cat)\" >> {}\n",
        file.display()
    );
    fs::write(&script, text).unwrap();
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).unwrap();
    (script, file)
}

#[test]
fn trouble_and_its_end_go_every_way_once_and_a_hundred_good_pokes_make_no_notice() {
    let (provider, post, web) = (MailServer::up(), MailServer::up(), Web::start());
    let home = Home::new();
    let (script, file) = command(&home);
    let token = home.path().join("token");
    fs::write(&token, format!("{TOKEN}\n")).unwrap();
    fs::set_permissions(&token, fs::Permissions::from_mode(0o600)).unwrap();
    let general = format!(
        "version = 1\nnotice_command = [\"{}\"]\nnotice_webhook = \"{}\"\n\
         notice_webhook_secret = \"file:{}\"\nnotice_mail_host = \"{}\"\nnotice_mail_port = {}\n\
         notice_mail_tls = \"none\"\nnotice_mail_from = \"dequeue@customer.test\"\n\
         notice_mail_to = [\"admin@customer.test\"]\n",
        script.display(),
        web.at(&format!("/hook/{HOOK_KEY}")),
        token.display(),
        post.ip(),
        post.address().port(),
    );
    let beat = web.at(&format!("/beat/{BEAT_KEY}"));
    let more = format!("every = \"1h\"\nheartbeat = \"{beat}\"");
    home.write_settings(general + &signal_account("vevida", &provider, &more));
    let engine = run(&home);
    web.wait_for("POST /hook", 1, SOON);
    for number in 0..100 {
        let run = home.run(&["poke", "vevida", "-q"]);
        assert_eq!(run.status, 0, "{number}: {run:?}");
    }
    assert!(!web.requests("GET /beat").is_empty(), "no heartbeat");
    refuse(&provider);
    assert_eq!(home.run(&["poke", "vevida"]).status, 77);
    web.wait_for("POST /hook", 2, SOON);
    provider.answer_as_usual();
    assert_eq!(home.run(&["poke", "vevida"]).status, 0);
    web.wait_for("POST /hook", 3, SOON);

    let kinds = ["first-success", "failure", "recovery"];
    assert_eq!(told(&web), kinds.map(|kind| of(kind, &["vevida"])));
    let posts = web.requests("POST /hook");
    for post in &posts {
        let token = format!("authorization: Bearer {TOKEN}");
        assert!(post.headers.contains(&token), "{post:?}");
        assert_eq!(post.line, format!("POST /hook/{HOOK_KEY}"));
    }
    let failure: Value = serde_json::from_str(&posts[1].body).unwrap();
    for part in ["vevida", "The provider refused."] {
        assert!(
            failure["text"].as_str().unwrap().contains(part),
            "{failure:#}"
        );
    }
    let by_command = wait::until("three notices by command", SOON, || {
        let told = fs::read_to_string(&file).unwrap_or_default();
        (told.lines().count() >= 3).then_some(told)
    });
    let letters = post.wait_for(3, SOON);
    for (n, kind) in kinds.into_iter().enumerate() {
        let line = by_command.lines().nth(n).unwrap();
        assert!(line.starts_with(&format!("{kind}|{{")), "{line}");
        let letter = String::from_utf8_lossy(&letters[n].bytes);
        assert_eq!(letters[n].to, ["admin@customer.test"]);
        assert!(letter.contains("vevida"), "{letter}");
    }
    assert_eq!((by_command.lines().count(), letters.len()), (3, 3));

    // What is in the addresses and the token is nobody else's business.
    let status = home.run(&["status"]);
    let log = engine.end();
    assert!(log.contains("the engine runs"), "nothing logged");
    for secret in [TOKEN, HOOK_KEY, BEAT_KEY] {
        assert!(!log.contains(secret), "{secret} in the log");
        assert!(!by_command.contains(secret), "{secret} for the command");
        assert!(!status.out.contains(secret), "{status:?}");
        for letter in &letters {
            assert!(!String::from_utf8_lossy(&letter.bytes).contains(secret));
        }
    }
}

/// What a real mail server takes by STARTTLS and a login, and from nobody else, gets to the mailbox;
/// and the password is nowhere else.
#[test]
fn a_notice_goes_by_mail_over_tls_with_a_password_that_is_found_nowhere() {
    let mailbox = MailServer::up();
    let login = Login {
        user: "notices",
        password: MAIL_PASSWORD,
    };
    let post = Exim::start_with_login(&Options::new(mailbox.address()), login);
    let provider = MailServer::up();
    let (home, kept) = (Home::new(), tempfile::tempdir().unwrap());
    let password = kept.path().join("password");
    fs::write(&password, format!("{MAIL_PASSWORD}\n")).unwrap();
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).unwrap();
    let general = format!(
        "version = 1\nnotice_mail_host = \"{}\"\nnotice_mail_port = {}\n\
         notice_mail_tls = \"required\"\nnotice_mail_user = \"notices\"\n\
         notice_mail_secret = \"file:{}\"\nnotice_mail_from = \"dequeue@customer.test\"\n\
         notice_mail_to = [\"admin@customer.test\"]\n",
        post.address().ip(),
        post.address().port(),
        password.display(),
    );
    refuse(&provider);
    home.write_settings(general + &signal_account("vevida", &provider, "every = \"1h\""));
    let trusted = post.authority();
    let variables = [
        ("DEQUEUE_LOG", "trace"),
        ("SSL_CERT_FILE", trusted.to_str().unwrap()),
    ];
    let engine = home.start_with(&["run"], &variables);
    let events = Events::attach(&home.control());
    home.wait_for_engine();

    let letter = mailbox.wait_for(1, SOON).remove(0);
    let text = String::from_utf8_lossy(&letter.bytes).into_owned();
    assert_eq!(letter.to, ["admin@customer.test"]);
    for part in ["vevida", "The provider refused."] {
        assert!(text.contains(part), "{part} in {text}");
    }
    // Over TLS, with the login: Exim says so itself, to the recipient and in its log.
    assert!(text.contains("with esmtpsa"), "{text}");
    let taken = post.log();
    assert!(taken.contains("A=plain:notices"), "{taken}");

    let search = Search::of(MAIL_PASSWORD);
    assert!(telling_processes(&search).is_empty());
    for question in [
        &["status", "--json"][..],
        &["history", "--json", "--dialogue"],
        &["poke", "vevida", "-v"],
        &["settings", "export"],
        &["settings", "check"],
    ] {
        let run = home.run(question);
        search.assert_clean(&format!("{question:?}"), format!("{run:?}").as_bytes());
    }
    for message in events.heard() {
        search.assert_clean("an event", message.to_string().as_bytes());
    }
    search.assert_clean("the letter", text.as_bytes());
    let log = engine.end();
    assert!(log.contains("the engine runs"), "nothing logged");
    search.assert_clean("the log", log.as_bytes());
    search.assert_clean_files(home.path());
}

#[test]
fn two_that_fail_together_share_a_notice() {
    let (one, two, web) = (MailServer::up(), MailServer::up(), Web::start());
    let home = Home::new();
    refuse(&one);
    refuse(&two);
    home.write_settings(format!(
        "version = 1\nnotice_webhook = \"{}\"\n{}{}",
        web.at("/hook"),
        signal_account("one", &one, "every = \"1h\""),
        signal_account("two", &two, "every = \"1h\"")
    ));
    let engine = run(&home);
    web.wait_for("POST /hook", 1, SOON);
    for provider in [&one, &two] {
        provider.answer_as_usual();
    }
    assert_eq!(home.run(&["poke", "--all"]).status, 0);
    web.wait_for("POST /hook", 2, SOON);
    let both = ["one", "two"];
    assert_eq!(told(&web), [of("failure", &both), of("recovery", &both)]);
    engine.end();
}

/// The account's provider is not there; it is poked again every 10 seconds, longer than any notice
/// waits for others to join it.
fn gone(home: &Home, general: &str, more: &str) {
    let provider = MailServer::down();
    let more = format!("every = \"10s\"\njitter = \"0s\"\n{more}");
    let account = signal_account("vevida", &provider, &more);
    home.write_settings(format!("version = 1\n{general}{account}"));
}

#[test]
fn in_quiet_hours_nothing_is_told_until_they_end() {
    let web = Web::start();
    let home = Home::new();
    let hook = format!("notice_webhook = \"{}\"\n", web.at("/hook"));
    let now = Timestamp::now().to_zoned_datetime(TimeZone::system());
    let hour = SignedDuration::from_hours(2);
    let (from, to) = ((&now - hour).time(), (&now + hour).time());
    let quiet = format!(
        "notice_quiet = \"{:02}:{:02}-{:02}:{:02}\"\n",
        from.hour(),
        from.minute(),
        to.hour(),
        to.minute()
    );
    gone(&home, &(quiet + &hook), "");
    let engine = run(&home);
    home.wait_for_pokes("vevida", 2, SOON);
    assert_eq!(told(&web), []);
    // They end: here, since a person takes them out of the settings.
    let settings = fs::read_to_string(home.settings()).unwrap();
    let lines = settings
        .lines()
        .filter(|it| !it.starts_with("notice_quiet"));
    home.write_settings(lines.collect::<Vec<_>>().join("\n"));
    web.wait_for("POST /hook", 1, SOON);
    assert_eq!(told(&web), [of("failure", &["vevida"])]);
    engine.end();
}

#[test]
fn only_the_second_failure_in_a_row_is_told() {
    let web = Web::start();
    let home = Home::new();
    let hook = format!("notice_webhook = \"{}\"\n", web.at("/hook"));
    gone(&home, &hook, "notify_after = 2");
    let engine = run(&home);
    let told = web.wait_for("POST /hook", 1, SOON).remove(0);
    let notice: Value = serde_json::from_str(&told.body).unwrap();
    assert_eq!(notice["kind"], "failure");
    let mut pokes = home.history("vevida");
    let second = pokes.remove(pokes.len() - 2);
    let time = |value: &Value| value.as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!(
        time(&notice["at"]) >= time(&second["started_at"]),
        "{notice:#} before {second:#}"
    );
    engine.end();
}
