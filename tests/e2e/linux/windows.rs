//! What is Windows' own: the table of connections, time zones, the Credential Manager, paths and line
//! ends. Everything else is shown by the other tests, which run with `dequeue.exe` too.

mod setup;
mod seven;
mod tray;

use std::{
    fs,
    process::{Command, Stdio},
    time::Duration,
};

use dequeue_api::PokeView;
use dequeue_core::arrivals::{ArrivalMonitoring, Arrivals, Count};
use jiff::{
    Timestamp, ToSpan,
    tz::{TimeZone, offset},
};
use serde_json::Value;

use crate::{
    linux::{
        postfix::Held,
        rig::{process::Process, provider::Provider as _, windows_desktop::WindowsDesktop},
    },
    programs::{Home, Run, account, dequeue, is_windows, outcome, shown},
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

/// A batch file of those who had the old program, in a code page of DOS: one that is UTF-8 does not work.
const BATCH: &[u8] = b"@echo off\r\n\
    rem Haalt om \x82\x82n uur de post op\r\n\
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
fn a_password_from_a_pipe_is_in_the_code_page_of_the_console() {
    let lines = "user = \"me\"\nsecret = \"file\"";
    let home = home(&[account("a", MailServer::down().address(), lines)]);
    let kept = || -> Vec<String> {
        let folder = fs::read_dir(home.path().join("secrets")).unwrap().flatten();
        folder
            .filter_map(|entry| fs::read_to_string(entry.path()).ok())
            .filter(|text| !text.is_empty())
            .collect()
    };
    // `é` in 437 and 850; what is UTF-8 is that.
    for typed in [
        &b"wachtwoord \x82\x82n\r\n"[..],
        "wachtwoord één\r\n".as_bytes(),
    ] {
        let set = Run::told(typed, &mut home.command(&["secret", "set", "a"]));
        assert_eq!(set.status, 0, "{set:?}");
        assert_eq!(kept(), ["wachtwoord één"]);
        assert_eq!(home.run(&["secret", "clear", "a"]).status, 0);
    }
}

#[test]
fn what_is_redirected_is_in_the_code_page_of_the_console() {
    // A console is a window there.
    let desktop = WindowsDesktop::start();
    let lines = "method = \"signal\"\nevery = \"1h\"";
    let home = home(&[account("zoë", MailServer::down().address(), lines)]);
    let program = shown(&dequeue());
    let call = |page: &str, arguments: &str, to: &str| {
        let to = shown(&home.logs().join(to));
        format!("chcp {page}\r\n\"{program}\" {arguments} > \"{to}\"\r\n")
    };
    let calls = [
        call("850", "status", "850"),
        call("850", "status --json", "json"),
        call("65001", "status", "65001"),
    ];
    let batch = home.logs().join("calls.cmd");
    fs::write(&batch, calls.concat()).unwrap();
    let mut start = desktop.wine("start.exe");
    start
        .args(["/wait", "cmd.exe", "/d", "/c"])
        .arg(shown(&batch));
    start
        .env("DEQUEUE_HOME", home.path())
        .env("LC_ALL", "C.UTF-8");
    let run = Run::of(&mut start);
    assert_eq!(run.status, 0, "{run:?}");
    let written = |name: &str| fs::read(home.logs().join(name)).unwrap();
    assert_eq!(&written("850")[..4], b"zo\x89:");
    // Its quotation marks are not in that page.
    assert!(written("850").ends_with(b"\"dequeue run\".\n"));
    assert!(written("65001").starts_with("zoë:".as_bytes()));
    let json: Value = serde_json::from_slice(&written("json")).unwrap();
    assert_eq!(json["accounts"][0]["name"], "zoë");
}

#[test]
fn a_reader_that_leaves_has_seen_enough() {
    let home = home(&[]);
    let mut command = home.command(&["man"]);
    let mut man = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // Like `| more` that is left at once: the page is longer than a pipe holds.
    drop(man.stdout.take());
    let ended = man.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{}: {said}", ended.status);
    assert_eq!(said, "");
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

/// The command line without a folder of its own: what the service is in charge of.
fn machine(arguments: &[&str]) -> Run {
    let home = home(&[]);
    Run::of(home.command(arguments).env_remove("DEQUEUE_HOME"))
}

/// Removes the service and all that it has, also where this test is run again after it failed.
struct Purged;

impl Purged {
    fn now() -> Self {
        let purge = machine(&["service", "uninstall", "--purge", "--json"]);
        assert_eq!(purge.status, 0, "{purge:?}");
        assert_eq!(purge.object()["installed"], false, "{purge:?}");
        Self
    }
}

impl Drop for Purged {
    fn drop(&mut self) {
        machine(&["service", "uninstall", "--purge"]);
    }
}

/// Waits until the service's engine has so many pokes of the account, and gives them.
fn pokes_of_service(count: usize) -> Vec<Value> {
    wait::until("pokes of the service", SOON, || {
        let pokes = machine(&["history", "vevida", "--json"]).objects();
        (pokes.len() >= count && pokes[0]["error"].is_null()).then_some(pokes)
    })
}

#[test]
fn the_service_manager_installs_starts_stops_and_removes_it() {
    let provider = MailServer::up();
    let home = home(&[account(
        "vevida",
        provider.address(),
        "method = \"signal\"\nevery = \"1h\"",
    )]);
    let _purged = Purged::now();
    let settings = shown(&home.settings());
    let install = [
        "service",
        "install",
        "--settings",
        settings.as_str(),
        "--json",
    ];
    // What somebody else has put in its folder's place is not used.
    let windows = std::env::var_os("DEQUEUE_TEST_WINE").expect("Wine");
    let folder = std::path::Path::new(&windows).join("drive_c/ProgramData/Dequeue");
    fs::write(&folder, "").unwrap();
    machine(&["service", "install"]).refuses(70, &[r"C:\ProgramData\Dequeue is not a folder"]);
    fs::remove_file(&folder).unwrap();
    assert_eq!(
        machine(&["service", "status", "--json"]).object()["installed"],
        false
    );

    let installed = machine(&install);
    assert_eq!(installed.status, 0, "{installed:?}");
    let installed = installed.object();
    assert_eq!(installed["changed"], true, "{installed}");
    assert_eq!(installed["starts_at_boot"], true, "{installed}");
    assert_eq!(installed["runs"], false, "{installed}");
    assert_eq!(machine(&install).object()["changed"], false);
    // It is in charge, and does not run.
    machine(&["status"]).refuses(70, &["does not answer", "dequeue service start"]);

    let started = machine(&["service", "start", "--json"]);
    assert_eq!(started.status, 0, "{started:?}");
    let started = started.object();
    assert_eq!(started["runs"], true, "{started}");
    wait::until("an engine that answers", SOON, || {
        // While it looks at the machine's connections, which takes Wine its time, it may not.
        let status = machine(&["service", "status", "--json"]);
        (status.status == 0).then_some(())
    });
    assert_eq!(
        machine(&["service", "start", "--json"]).object()["changed"],
        false
    );
    let first = pokes_of_service(1);
    assert_eq!(outcome(&first[0]).0, "signalled");
    let path = machine(&["status", "--json"]).object()["settings_path"].clone();
    assert_eq!(path, r"C:\ProgramData\Dequeue\settings.toml");

    // Stopped in the middle of a poke, it keeps what there is of it.
    provider.hold_up(Stage::Greeting);
    let poke = machine_beside(&home, &["poke", "vevida"]);
    wait::until("a poke under way", SOON, || {
        (provider.visits().len() > 1).then_some(())
    });
    let stopped = machine(&["service", "stop", "--json"]);
    assert_eq!(stopped.status, 0, "{stopped:?}");
    assert_eq!(stopped.object()["runs"], false, "{stopped:?}");
    provider.release();
    drop(poke);
    assert_eq!(
        machine(&["service", "stop", "--json"]).object()["changed"],
        false
    );
    let restarted = machine(&["service", "restart", "--json"]);
    assert_eq!(restarted.status, 0, "{restarted:?}");
    let pokes = pokes_of_service(2);
    // Another may have followed it by now.
    let kept = ("unknown", "interrupted");
    assert!(pokes.iter().any(|it| outcome(it) == kept), "{pokes:#?}");

    // Wine's service manager does not notice one that is killed, nor does it start one again: what
    // follows a kill is shown on Linux, by systemd itself.
    let purged = machine(&["service", "uninstall", "--purge", "--json"]).object();
    assert_eq!(purged["installed"], false, "{purged}");
    let left = machine(&["service", "status", "--json"]);
    assert_eq!(
        (left.status, &left.object()["installed"]),
        (69, &false.into()),
        "{left:?}"
    );
    assert!(!folder.exists(), "{}", folder.display());
}

/// The command line as in [`machine`], left running.
fn machine_beside(home: &Home, arguments: &[&str]) -> Process {
    let mut command = home.command(arguments);
    command.env_remove("DEQUEUE_HOME");
    home.start_command(&command)
}
