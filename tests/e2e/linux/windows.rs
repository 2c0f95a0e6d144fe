//! What is Windows' own: the table of connections, time zones, the Credential Manager, paths and line
//! ends. Everything else is shown by the other tests, which run with `dequeue.exe` too.

use std::{fs, process::Command, time::Duration};

use dequeue_api::PokeView;
use dequeue_core::arrivals::{ArrivalMonitoring, Arrivals, Count};
use jiff::{
    Timestamp, ToSpan,
    tz::{TimeZone, offset},
};
use serde_json::Value;

use crate::{
    linux::{postfix::Held, rig::provider::Provider as _},
    programs::{Home, Run, account, is_windows, outcome, shown},
    rig::{
        autoturn::{AutoTurn, Options},
        mail,
        mail_server::{MailServer, Stage},
        net,
        wait::{self, SOON},
    },
};

/// A home on Windows with these accounts.
fn home(accounts: &[String]) -> Home {
    assert!(
        is_windows(),
        "this test needs Windows; `cargo xtask test` runs it there"
    );
    Home::with(accounts)
}

/// The newest poke, as soon as its arrivals are as wanted.
fn with_arrivals(home: &Home, name: &str, wanted: impl Fn(&Arrivals) -> bool) -> PokeView {
    wait::until("a poke with what has arrived", SOON, || {
        let newest = home.history(name).into_iter().next()?;
        let poke: PokeView = serde_json::from_value(newest).expect("a poke of the api");
        poke.arrivals.is_some_and(|it| wanted(&it)).then_some(poke)
    })
}

#[test]
fn deliveries_are_counted_from_the_table_of_connections() {
    let mut held = Held::nothing();
    held.bring("customer.test");
    // None ends before it was seen: over a real line it takes longer than from one look to the next.
    held.mail_server.hold_up(Stage::Message);
    let lines = format!(
        "method = \"etrn\"\ndomains = [\"customer.test\"]\nevery = \"1h\"\nwatch = \"1m\"\n\
         mail_server = \"{}\"",
        held.mail_server.address()
    );
    let home = home(&[account("postfix", held.provider.address(), &lines)]);
    let engine = home.start_engine();
    let brings = |command: &String| command == "DATA";
    let deliveries = held.sent.len();
    wait::until("Postfix to bring all side by side", SOON, || {
        let visits = held.mail_server.visits();
        let under_way = visits.iter().filter(|it| it.commands.iter().any(brings));
        (under_way.count() == deliveries).then_some(())
    });
    let count = u32::try_from(deliveries).unwrap();
    let poke = with_arrivals(&home, "postfix", |it| it.provider.connections >= count);
    held.mail_server.release();
    held.assert_arrives();

    assert_eq!(poke.monitoring, Some(ArrivalMonitoring::Watching));
    let seen = poke.arrivals.expect("arrivals");
    let first_after_ms = seen.provider.first_after_ms;
    assert!(first_after_ms.is_some());
    let expected = Count {
        connections: count,
        bytes: None,
        first_after_ms,
        bare: 0,
    };
    assert_eq!(
        (seen.provider, seen.elsewhere),
        (expected, Count::default())
    );

    // The provider looks in, and says nothing. It is seen, and nobody says that it was mail.
    let look = net::connect(held.provider.address().ip(), held.mail_server.address());
    let poke = with_arrivals(&home, "postfix", |it| it.provider.connections > count);
    drop(look.expect("a look"));
    assert_eq!(
        poke.arrivals.expect("arrivals").provider.connections,
        count + 1
    );
    let said = "6 connections from the provider, the first after";
    assert!(poke.explanation.contains(said), "{}", poke.explanation);
    let said = "This system does not show whether they brought mail.";
    assert!(poke.explanation.contains(said), "{}", poke.explanation);
    engine.end();
}

#[test]
fn where_arrivals_cannot_be_seen_it_is_said() {
    let provider = MailServer::up();
    let silent = MailServer::down().address();
    // A documentation address (RFC 5737): some other machine.
    let elsewhere = "192.0.2.1:25".to_owned();
    let of = |name, own: &str| {
        let lines = format!(
            "method = \"signal\"\nevery = \"1h\"\nmail_server = \"{own}\"\nmail_server_first = false"
        );
        account(name, provider.address(), &lines)
    };
    let home = home(&[
        of("elsewhere", &elsewhere),
        of("silent", &silent.to_string()),
    ]);
    let engine = home.start_engine();
    for (name, expected) in [
        ("elsewhere", ArrivalMonitoring::NotHere),
        ("silent", ArrivalMonitoring::NotListening),
    ] {
        let poke = home.wait_for_pokes(name, 1, SOON).remove(0);
        let poke: PokeView = serde_json::from_value(poke).expect("a poke of the api");
        assert!(poke.outcome.is_success(), "{poke:#?}");
        assert_eq!(
            (poke.monitoring.clone(), poke.arrivals),
            (Some(expected), None)
        );
    }
    engine.end();
}

/// A batch file of those who had the old program.
const BATCH: &str = "@echo off\r\n\
    rem Haalt 's morgens de post op\r\n\
    cd /d \"C:\\Program Files\\Dequeue\"\r\n\
    \"C:\\Program Files\\Dequeue\\dequeue.exe\" bsmtp.example.org -p 26 -d example.org > C:\\Temp\\log.txt\r\n\
    schtasks /create /tn Mail /tr \"\\\"C:\\Tools\\dequeue.exe\\\" mx.test\" /sc hourly\r\n";

#[test]
fn what_the_old_program_was_told_is_taken_over() {
    assert!(is_windows());
    let home = Home::new();
    let file = home.path().join("get mail.cmd");
    fs::write(&file, BATCH).unwrap();
    let run = home.run(&["settings", "import", &shown(&file), "--from", "dequeue"]);
    assert_eq!(run.status, 0, "{run:?}");
    let settings = fs::read_to_string(home.settings()).unwrap();
    // As Windows' programs end their lines.
    let expected = "version = 1\r
\r
[[account]]\r
name = \"bsmtp.example.org\"\r
host = \"bsmtp.example.org\"\r
port = 26\r
method = \"auto\"\r
domains = [\"example.org\"]\r
every = \"15m\"\r
\r
[[account]]\r
name = \"mx.test\"\r
host = \"mx.test\"\r
method = \"signal\"\r
domains = []\r
every = \"1h\"\r
";
    assert_eq!(settings, expected);
}

#[test]
fn paths_are_kept_as_they_are_typed() {
    let home = home(&[]);
    let given = [
        r"secret=file:C:\Mijn map\provider één.txt",
        r#"secret=command:"C:\Program Files\pass\pass.exe" show "a b" \\server\x"#,
        r"ca_file=\\server\share\new\root.pem",
    ];
    let add = [
        "account", "add", "a", "--host", "h.test", "--tls", "required",
    ];
    assert_eq!(home.run(&add).status, 0);
    for pair in given {
        let run = home.run(&["account", "set", "a", pair]);
        assert_eq!(run.status, 0, "{run:?}");
        let (key, value) = pair.split_once('=').unwrap();
        let account = home.run(&["account", "show", "a"]).out;
        let line = format!("{key} = {value}");
        assert!(
            account.lines().any(|it| it == line),
            "no {line} in {account}"
        );
    }
    // And by the next program that reads the file, with an editor's byte order mark in it.
    let settings = fs::read_to_string(home.settings()).unwrap();
    home.write_settings(format!("\u{feff}{settings}"));
    let account = home.run(&["account", "show", "a"]).out;
    assert!(
        account.contains(r"\\server\share\new\root.pem"),
        "{account}"
    );
    let path = home.run(&["settings", "path"]).out;
    assert_eq!(path.trim_end(), shown(&home.settings()));
}

#[test]
fn a_notices_command_is_started_with_its_windows_paths() {
    let home = home(&[]);
    let seen = home.path().join("seen here.txt");
    // It writes its input, line by line, to a file.
    let command = format!(
        r#"notice_command=C:\windows\system32\cmd.exe /d /c more > "{}""#,
        shown(&seen)
    );
    let set = home.run(&["settings", "set", &command]);
    assert_eq!(set.status, 0, "{set:?}");
    let tried = home.run(&["settings", "try-notices"]);
    assert!(tried.out.contains("works"), "{tried:?}");
    let notice = fs::read_to_string(seen).unwrap();
    let notice: Value = serde_json::from_str(&notice).unwrap();
    assert_eq!(notice["kind"], "trial");
}

/// India's time, the same all the year, as the system has it.
const INDIA: (&str, i32) = ("<+0530>-5:30", 19_800);

#[test]
fn times_are_those_of_the_systems_time_zone() {
    let provider = MailServer::up();
    let zone = TimeZone::fixed(offset(0).checked_add(INDIA.1.seconds()).unwrap());
    let opens = Timestamp::now().to_zoned_datetime(zone.clone()) + 2.hours();
    let closes = &opens + 1.hour();
    let hours = format!(
        "mon-sun {}-{}",
        opens.strftime("%H:%M"),
        closes.strftime("%H:%M")
    );
    let lines = format!("method = \"signal\"\nevery = \"10m\"\nhours = \"{hours}\"");
    let home = home(&[account("vevida", provider.address(), &lines)]);
    let engine = home.start_with(&["run"], &[("TZ", INDIA.0)]);
    home.wait_for_engine();
    let status = home.run(&["status", "--json"]).object();
    let next: Timestamp = status["accounts"][0]["next_at"]
        .as_str()
        .and_then(|next| next.parse().ok())
        .unwrap_or_else(|| panic!("{status:#}"));
    // Spread over the interval, so that not all the world pokes at eight.
    let latest = opens.timestamp() + Duration::from_secs(600);
    let opens = opens.timestamp() - Duration::from_secs(60);
    assert!((opens..=latest).contains(&next), "{next} for {hours}");

    assert_eq!(home.run(&["poke", "vevida"]).status, 0);
    let poke = home.history("vevida").remove(0);
    let started: Timestamp = poke["started_at"].as_str().unwrap().parse().unwrap();
    let history = Run::of(home.command(&["history"]).env("TZ", INDIA.0));
    let shown = started
        .to_zoned_datetime(zone)
        .strftime("%Y-%m-%d %H:%M:%S");
    assert!(history.out.contains(&shown.to_string()), "{history:?}");
    engine.end();
}

#[test]
fn a_password_is_in_the_credential_manager() {
    let home = home(&[account("a", MailServer::down().address(), "user = \"me\"")]);
    let mut set = home.command(&["secret", "set", "a", "--json"]);
    // As `echo` has it there.
    let set = Run::told("wachtwoord één\r\n", &mut set);
    assert_eq!(set.status, 0, "{set:?}");
    assert_eq!(set.object()["kept_in"], "keyring");
    assert!(!home.path().join("secrets").exists());
    let again = home.run(&["secret", "clear", "a"]);
    assert_eq!(again.status, 0, "{again:?}");
    assert_eq!(home.run(&["account", "set", "a", "secret=file"]).status, 0);
    let mut set = home.command(&["secret", "set", "a", "--json"]);
    let set = Run::told("wachtwoord één\r\n", &mut set);
    assert_eq!(set.object()["kept_in"], "file");
    let folder = fs::read_dir(home.path().join("secrets")).unwrap().flatten();
    let kept: Vec<String> = folder
        .filter_map(|entry| fs::read_to_string(entry.path()).ok())
        .filter(|text| !text.is_empty())
        .collect();
    assert_eq!(kept, ["wachtwoord één"]);
}

#[test]
fn the_doctor_says_the_same_as_on_this_system() {
    let mail_server = MailServer::up();
    let provider = AutoTurn::start(Options::new(mail_server.address()));
    let lines =
        |own: &MailServer| format!("method = \"signal\"\nmail_server = \"{}\"", own.address());
    let closed = MailServer::down();
    let home = home(&[
        account("well", provider.address(), &lines(&mail_server)),
        account("closed", closed.address(), &lines(&closed)),
    ]);
    for name in ["well", "closed"] {
        let arguments = ["doctor", name];
        let windows = home.run(&arguments);
        let mut own = Command::new(env!("CARGO_BIN_EXE_dequeue"));
        own.args(arguments)
            .env("DEQUEUE_HOME", home.path())
            .env("LC_ALL", "C.UTF-8");
        let own = Run::of(&mut own);
        assert_eq!(
            (windows.status, windows.out),
            (own.status, own.out),
            "{name}"
        );
    }
}

#[test]
fn what_waits_for_the_mail_server_goes_when_it_is_back() {
    let mut mail_server = MailServer::down();
    let provider = AutoTurn::start(Options::new(mail_server.address()));
    let sent = mail::awkward(3, "office@customer.test");
    provider.hold(&sent);
    let lines = format!(
        "method = \"signal\"\nevery = \"1h\"\nmail_server = \"{}\"",
        mail_server.address()
    );
    let home = home(&[account("vevida", provider.address(), &lines)]);
    let engine = home.start_engine();
    let first = home.wait_for_pokes("vevida", 1, SOON).remove(0);
    assert_eq!(outcome(&first), ("held", "mail-server-down"));
    assert!(provider.pokes().is_empty(), "{:?}", provider.pokes());
    mail_server.start();
    // The engine looks three times a minute.
    mail::assert_arrived(&sent, &mail_server.wait_for(sent.len(), 2 * SOON));
    let last = home.wait_for_pokes("vevida", 2, SOON).remove(0);
    assert_eq!(last["trigger"], "mail-server-back");
    engine.end();
}
