//! Bad input: a clear sentence that names the field or the line, the right exit status, nothing
//! sent, and no setting lost.

use std::fs;

use crate::{
    programs::{Home, account, shown},
    rig::scripted::{Scripted, Step, line},
};

const USAGE: i32 = 64;
pub const SETTINGS: i32 = 78;

/// A provider that would hear of it if anything were sent.
pub fn listener() -> Scripted {
    Scripted::always(vec![line("220 provider.test"), Step::Silence])
}

/// Whoever connects to the provider after this is the only one that has.
fn assert_nothing_was_sent(provider: &Scripted) {
    use crate::rig::{client::Client, net, wait::SOON};
    let client = Client::connect(net::UNBOUND, provider.address()).unwrap();
    let mine = client.source();
    drop(client);
    let conversations = provider.wait_for(1, SOON);
    assert_eq!(conversations.len(), 1, "{conversations:?}");
    assert_eq!(conversations[0].peer, mine);
}

#[test]
fn a_poke_by_host() {
    let provider = listener();
    let (ip, port) = (
        provider.address().ip().to_string(),
        provider.address().port().to_string(),
    );
    let long = format!("{}.test", "x".repeat(300));
    let cases: &[(&[&str], &str)] = &[
        (&["two words", "-p", &port], "Host"),
        (&["bsmtp.example.org\r\nQUIT", "-p", &port], "Host"),
        (&["", "-p", &port], "Host"),
        (&[&ip, "-p", "0"], "Port"),
        (&[&ip, "-p", "70000"], "Port"),
        (&[&ip, "-p", "smtp"], "Port"),
        (&[&ip, "-p", "-1"], "Port"),
        (
            &[&ip, "-p", &port, "-d", "customer.test\r\nQUIT"],
            "Domains",
        ),
        (&[&ip, "-p", &port, "-d", "\"customer\".test"], "Domains"),
        (&[&ip, "-p", &port, "-d", &long], "Domains"),
        (
            &[&ip, "-p", &port, "-d", "customer.test", "-d", ""],
            "Domains",
        ),
        (&[&ip, "-p", &port, "-d", "cust omer.test"], "Domains"),
        (&[&ip, "-p", &port, "-d", "-customer.test"], "Domains"),
    ];
    let home = Home::new();
    for (arguments, field) in cases {
        home.run(arguments).refuses(USAGE, &[field]);
        // The same by the newer command.
        let newer: Vec<&str> = ["poke", "--host"]
            .into_iter()
            .chain(arguments.iter().map(|argument| match *argument {
                "-p" => "--port",
                "-d" => "--domain",
                other => other,
            }))
            .collect();
        home.run(&newer).refuses(USAGE, &[field]);
    }
    for arguments in [
        &["--no-such-option"][..],
        &["poke", "--host"],
        &[&ip, "-p"],
        &["poke", "--host", &ip, "--method", "magic"],
        &["poke", "--host", &ip, "--helo", "local host"],
        &["poke", "--host", &ip, "--bind", "here"],
        // An address of the other version, which cannot be reached so.
        &["poke", "--host", &ip, "-p", &port, "-6"],
        &["poke", "--host", "::1", "-p", &port, "-4"],
        &["poke", "--host", &ip, "-p", &port, "--bind", "::1"],
        &["poke", "--host", "provider.test", "--bind", "::1", "-4"],
        &["doctor", "--host", &ip, "-p", &port, "-6"],
        &["account"],
        &["account", "add"],
        &["account", "set", "vevida"],
        &["demo", "--manner", "magic"],
        &["history", "--since", "yesterday"],
        &["history", "--limit", "-1"],
        &["vevida", "another"],
    ] {
        let run = home.run(arguments);
        assert_eq!(run.status, USAGE, "{arguments:?}: {run:?}");
        assert!(!run.err.is_empty() && run.out.is_empty(), "{run:?}");
        assert!(!run.err.contains("panicked"), "{run:?}");
    }
    assert_nothing_was_sent(&provider);
    assert!(home.files().is_empty(), "{:?}", home.files());
}

#[test]
fn an_account_that_is_added_or_changed() {
    let provider = listener();
    let text = format!(
        "# Mine.\nversion = 1\n{}",
        account("vevida", provider.address(), "every = \"1h\" # rarely")
    );
    let home = Home::new();
    home.write_settings(&text);
    let long = format!("{}.test", "x".repeat(300));
    for (key, value, field) in [
        ("host", "two words", "Host"),
        ("port", "0", "Port"),
        ("port", "70000", "Port"),
        ("domain", "a.test\r\nQUIT\"", "Domains"),
        ("domain", "\"a\".test", "Domains"),
        ("domain", &long, "Domains"),
        ("every", "0", "Interval"),
        ("every", "0s", "Interval"),
        ("every", "-15m", "Interval"),
        ("every", "soon", "Interval"),
        ("every", "9s", "Interval"),
        ("method", "magic", "Method"),
        ("notify", "loudly", "Notices"),
        ("hours", "mon-fri", "Working hours"),
        ("outside", "seldom", "Outside working hours"),
        ("time_zone", "Mars", "Time zone"),
        ("cron", "* *", "Cron"),
        ("notify_after", "0", "Failures before a notice"),
        ("silence_alarm", "1s", "Alarm"),
        ("heartbeat", "hc.test", "Heartbeat"),
        ("watch", "2h", "Watch for arrivals"),
        ("mail_server_first", "perhaps", "Mail server first"),
    ] {
        let assigned = format!("{}={value}", key.replace("domain", "domains"));
        home.run(&["account", "set", "vevida", &assigned])
            .refuses(USAGE, &[field]);
        let option = format!("--{}", key.replace('_', "-"));
        let mut add = vec!["account", "add", "other", &option, value];
        if key != "host" {
            add.extend(["--host", "mx.test"]);
        }
        home.run(&add).refuses(USAGE, &[field]);
    }
    home.run(&["account", "add", "other", "--host", ""])
        .refuses(USAGE, &["Host"]);
    home.run(&["account", "add", "vevida", "--host", "mx.test"])
        .refuses(USAGE, &["Name", "vevida"]);
    home.run(&["account", "set", "vevida", "evry=1h"])
        .refuses(USAGE, &["evry"]);
    home.run(&["account", "set", "vevida", "1h"])
        .refuses(USAGE, &["1h", "KEY=VALUE"]);
    for arguments in [
        &["account", "show", "nobody"][..],
        &["account", "set", "nobody", "every=1h"],
        &["account", "remove", "nobody"],
        &["poke", "nobody"],
        &["poke", "vevida", "nobody"],
        &["history", "nobody"],
    ] {
        home.run(arguments).refuses(USAGE, &["nobody", "vevida"]);
    }
    assert_nothing_was_sent(&provider);
    assert_eq!(fs::read_to_string(home.settings()).unwrap(), text);
}

#[test]
fn a_password_that_cannot_be_had() {
    let provider = listener();
    let (ip, port) = (
        provider.address().ip().to_string(),
        provider.address().port().to_string(),
    );
    const FAULT: i32 = 70;
    let home = Home::new();
    let login = ["poke", "--host", &ip, "-p", &port, "--user", "me"];
    for (more, status, parts) in [
        // Standard input is no terminal here: nobody is asked, and nothing waits.
        (&[][..], USAGE, &["no terminal", "--secret env:NAME"][..]),
        (&["--secret", "stored"], USAGE, &["no terminal"]),
        (&["--secret", "keyring"], USAGE, &["--secret env:NAME"]),
        (&["--secret", "env:NOT_SET"], FAULT, &["NOT_SET"]),
        (&["--secret", "file:none"], FAULT, &["none"]),
        (&["--secret", "command:false"], FAULT, &["false"]),
        (&["--secret", "hunter2"], USAGE, &["Password"]),
    ] {
        let run = home.run(&[&login, more].concat());
        run.refuses(status, parts);
        assert!(!run.err.contains("hunter2"), "{run:?}");
    }
    for arguments in [
        &[&login[..], &["--password", "hunter2"]].concat()[..],
        &[&ip, "-p", &port, "--password=hunter2"],
        &["account", "set", "vevida", "password=hunter2"],
        &["secret", "set", "vevida", "hunter2"],
    ] {
        let run = home.run(arguments);
        assert_eq!(run.status, USAGE, "{run:?}");
        assert!(run.err.contains("env:NAME"), "{run:?}");
        assert!(!run.err.contains("hunter2"), "{run:?}");
    }
    assert_nothing_was_sent(&provider);
}

#[test]
fn programs_are_told_in_json() {
    let home = Home::new();
    let run = home.run(&["account", "add", "a", "--host", "two words", "--json"]);
    assert_eq!(run.status, USAGE, "{run:?}");
    assert!(run.err.is_empty(), "{run:?}");
    let error = &run.object()["error"];
    assert_eq!(error["code"], "invalid-input");
    assert_eq!(error["fields"][0]["field"], "host");
    home.write_settings("version = 1\nlanguage = \"klingon\"\n");
    let run = home.run(&["settings", "check", "--json"]);
    assert_eq!(run.status, SETTINGS, "{run:?}");
    let error = &run.object()["error"];
    assert_eq!(error["code"], "settings-fault");
    assert_eq!(error["fields"][0]["field"], "language");
    assert_eq!(error["fields"][0]["line"], 2);
}

/// Settings files that are wrong, with the line of the fault and a word of its sentence.
fn broken(good: &str) -> Vec<(&'static str, Vec<u8>, usize, &'static str)> {
    let lines = good.lines().count();
    let at = |needle: &str| {
        1 + good
            .lines()
            .position(|line| line.contains(needle))
            .expect("a line of the good file")
    };
    let replaced = |from: &str, to: &str| good.replace(from, to).into_bytes();
    vec![
        (
            "a typo",
            replaced("every =", "evry ="),
            at("every ="),
            "evry",
        ),
        (
            "a wrong value",
            replaced("\"15m\"", "\"soon\""),
            at("every ="),
            "“soon”",
        ),
        (
            "not UTF-8",
            [good.as_bytes(), b"# caf\xe9\n"].concat(),
            lines + 1,
            "UTF-8",
        ),
        (
            "half written",
            good.as_bytes()[..good.find("15m").expect("the interval") + 2].to_vec(),
            at("every ="),
            "TOML",
        ),
        (
            "of the future",
            replaced("version = 1", "version = 99"),
            1,
            "99",
        ),
        (
            "twice the same account",
            [
                good,
                "\n[[account]]\nname = \"vevida\"\nhost = \"mx.test\"\n",
            ]
            .concat()
            .into_bytes(),
            lines + 2,
            "vevida",
        ),
    ]
}

#[test]
fn a_settings_file_with_a_fault() {
    let provider = listener();
    let good = format!(
        "version = 1\n{}",
        account("vevida", provider.address(), "every = \"15m\"")
    );
    for (what, bytes, line, part) in broken(&good) {
        let home = Home::new();
        home.write_settings(&bytes);
        let place = format!("Line {line} of {}", shown(&home.settings()));
        for arguments in [
            &["settings", "check"][..],
            &["poke", "vevida"],
            &["poke", "--all"],
            &["status"],
            &["account", "list"],
            &["account", "add", "other", "--host", "mx.test"],
            &["account", "set", "vevida", "every=1h"],
            &["account", "remove", "vevida"],
        ] {
            let run = home.run(arguments);
            run.refuses(SETTINGS, &[&place, part]);
        }
        assert_eq!(fs::read(home.settings()).unwrap(), bytes, "{what}");
    }
    assert_nothing_was_sent(&provider);
}

/// Files for TLS that are named and cannot be used, told as a poke tells them.
#[test]
fn a_settings_file_that_names_files_that_cannot_be_used() {
    let home = Home::new();
    let missing = home.settings().with_file_name("provider.pem");
    let missing = shown(&missing);
    home.write_settings(format!(
        "version = 1\n[[account]]\nname = \"vevida\"\nhost = \"127.0.0.1\"\n\
         domains = [\"example.org\"]\ntls = \"required\"\nca_file = '{missing}'\n"
    ));
    let run = home.run(&["settings", "check"]);
    run.refuses(SETTINGS, &["vevida", &missing, "ca_file", "does not exist"]);
    let run = home.run(&["settings", "check", "--json"]);
    assert_eq!(run.status, SETTINGS, "{run:?}");
    let error = &run.object()["error"];
    assert_eq!(error["code"], "settings-fault");
    assert_eq!(error["fields"][0]["field"], "ca_file");
}

#[test]
fn a_settings_file_without_a_fault() {
    let home = Home::with(&[account("vevida", listener().address(), "every = \"15m\"")]);
    let run = home.run(&["settings", "check"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.err.is_empty(), "{run:?}");
    let run = home.run(&["settings", "path"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(run.out.trim(), shown(&home.settings()));
}
