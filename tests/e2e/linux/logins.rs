//! Passwords and certificates, as a person at the command line meets them: where a password is
//! kept, what is said where there is none, and how a certificate that does not hold is pinned.

use std::fs;

use serde_json::{Value, json};

use crate::{
    linux::{
        postfix::Held,
        rig::{
            postfix::{Options, Postfix, Tls},
            provider::Provider,
        },
    },
    programs::{Home, Run, account, is_windows, outcome},
    rig::scripted::{Scripted, Step, hello, line},
};

const SECRET: &str = "correct horse";

fn assert_unsaid(run: &Run) {
    assert!(
        !run.out.contains(SECRET) && !run.err.contains(SECRET),
        "{run:?}"
    );
}

/// An account that logs in, and whose password is in the protected file.
fn with_login(provider: &Scripted) -> Home {
    let lines = "method = \"etrn\"\ndomains = [\"a.test\"]\nuser = \"me\"\nsecret = \"file\"";
    Home::with(&[account("odmr", provider.address(), lines)])
}

fn kept(home: &Home) -> Vec<String> {
    let entries = fs::read_dir(home.path().join("secrets"));
    let entries = entries.into_iter().flatten().flatten();
    let read = entries.filter_map(|entry| fs::read_to_string(entry.path()).ok());
    read.filter(|text| !text.is_empty()).collect()
}

#[test]
fn a_password_is_kept_and_forgotten_and_never_said() {
    let provider = Scripted::always(vec![line("220 provider.test"), Step::Silence]);
    let home = with_login(&provider);
    let run = Run::told(
        format!("{SECRET}\r\nanother line\n"),
        &mut home.command(&["secret", "set", "odmr"]),
    );
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.out.contains("stored in a file"), "{run:?}");
    assert_eq!(kept(&home), [SECRET]);
    for arguments in [
        &["account", "show", "odmr"][..],
        &["account", "show", "odmr", "--json"],
        &["account", "list"],
        &["status", "--json"],
        &["settings", "export"],
    ] {
        let run = home.run(arguments);
        assert_eq!(run.status, 0, "{run:?}");
        assert_unsaid(&run);
    }
    // An empty one changes nothing, nor does one for an account that is not there.
    for (account, input, part) in [
        ("odmr", "\n", "empty"),
        ("odmr", "", "empty"),
        ("nobody", "other\n", "nobody"),
    ] {
        let mut command = home.command(&["secret", "set", account]);
        Run::told(input, &mut command).refuses(64, &[part]);
    }
    assert_eq!(kept(&home), [SECRET]);
    let run = home.run(&["secret", "clear", "odmr", "--json"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(run.object(), json!({ "account": "odmr", "kept_in": null }));
    assert!(kept(&home).is_empty());
    // What the user keeps elsewhere is not taken.
    let run = home.run(&["account", "set", "odmr", "secret=env:PASSWORD"]);
    assert_eq!(run.status, 0, "{run:?}");
    let mut command = home.command(&["secret", "set", "odmr"]);
    Run::told(SECRET, &mut command).refuses(70, &["env:PASSWORD"]);
    assert!(kept(&home).is_empty());
}

#[test]
fn a_login_without_its_password_says_how_to_keep_it() {
    let provider =
        Scripted::always([hello(&["AUTH PLAIN CRAM-MD5"]), vec![Step::Silence]].concat());
    let home = with_login(&provider);
    let run = home.run(&["poke", "odmr"]);
    assert_eq!(run.status, 70, "{run:?}");
    // Once, and not as an answer of the provider's.
    let told = run.out.matches("dequeue secret set odmr").count();
    assert_eq!(told, 1, "{run:?}");
    assert!(provider.conversations().is_empty(), "something was sent");
    // So does setting it up.
    for arguments in [
        &["account", "set", "odmr", "user=you"][..],
        &[
            "account", "add", "my own", "--host", "h.test", "--user", "me",
        ],
    ] {
        let run = home.run(arguments);
        assert_eq!(run.status, 0, "{run:?}");
        assert!(run.out.contains("dequeue secret set "), "{run:?}");
    }
    let run = home.run(&["account", "set", "odmr", "every=1h"]);
    assert!(!run.out.contains("dequeue secret set"), "{run:?}");
    let run = home.run(&["account", "set", "odmr", "secret=env:PASSWORD"]);
    assert!(!run.out.contains("dequeue secret set"), "{run:?}");
}

/// A Postfix with a certificate that it signed itself, and wants TLS before anything.
fn self_signed() -> Held {
    Held::nothing_at(|mail_server| Postfix::start(&Options::with(Tls::Required, mail_server)))
}

fn fingerprint(poke: &Value) -> String {
    let shown = poke["certificate"]["fingerprint"].as_str();
    shown.expect("a certificate").to_owned()
}

#[test]
fn a_certificate_that_does_not_hold_is_offered_for_pinning() {
    let mut held = self_signed();
    held.bring("customer.test");
    let home = Home::new();
    let (ip, port) = {
        let address = held.provider.address();
        (address.ip().to_string(), address.port().to_string())
    };
    let poke = |more: &[&str]| {
        let at = ["poke", "--host", &ip, "-p", &port, "-m", "etrn"];
        let asked = ["-d", "customer.test", "--tls", "required"];
        home.run(&[&at[..], &asked, more].concat())
    };
    let run = poke(&["--json"]);
    assert_eq!(run.status, 77, "{run:?}");
    assert_eq!(outcome(&run.object()), ("refused", "certificate-unknown"));
    let pin = fingerprint(&run.object());
    let run = poke(&[]);
    assert_eq!(run.status, 77, "{run:?}");
    for part in ["by telephone", &format!("--pin {pin}\n")] {
        assert!(run.out.contains(part), "no {part:?} in {run:?}");
    }
    let run = poke(&["--pin", &pin]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.out.contains("the one that you pinned"), "{run:?}");
    assert!(!run.out.contains("by telephone"), "{run:?}");
    held.assert_arrives();
}

#[test]
fn a_certificate_that_is_not_the_pinned_one_is_offered_to_its_account() {
    let held = self_signed();
    let other = "00".repeat(32);
    let lines = format!(
        "method = \"etrn\"\ndomains = [\"customer.test\"]\ntls = \"required\"\npin = \"{other}\""
    );
    let home = Home::with(&[account("my provider", held.provider.address(), &lines)]);
    let run = home.run(&["poke"]);
    assert_eq!(run.status, 77, "{run:?}");
    let poked = home.history("my provider").remove(0);
    assert_eq!(outcome(&poked), ("refused", "certificate-changed"));
    let pin = fingerprint(&poked);
    let quote = if is_windows() { '"' } else { '\'' };
    let command = format!("dequeue account set {quote}my provider{quote} pin={pin}");
    assert!(run.out.contains(&command), "{run:?}");
    let set = ["account", "set", "my provider", &format!("pin={pin}")];
    let run = home.run(&set);
    assert_eq!(run.status, 0, "{run:?}");
    let run = home.run(&["poke", "-v"]);
    assert_eq!(run.status, 0, "{run:?}");
    for part in ["the one that you pinned", "Encrypted from here on", &pin] {
        assert!(run.out.contains(part), "no {part:?} in {run:?}");
    }
}

#[test]
fn the_choice_of_a_method_is_told() {
    let held = Held::nothing();
    let address = held.provider.address();
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    let run = Home::new().run(&[&ip, "-p", &port, "-d", "customer.test"]);
    assert_eq!(run.status, 0, "{run:?}");
    let why = "Method etrn. Chosen because the provider offers ETRN.";
    assert!(run.out.contains(why), "{run:?}");
    let mut visit = hello(&[]);
    visit.extend([Step::Expect("QUIT"), line("221 provider.test")]);
    let visited = Scripted::always(visit);
    let address = visited.address();
    let (ip, port) = (address.ip().to_string(), address.port().to_string());
    let run = Home::new().run(&[&ip, "-p", &port]);
    assert_eq!(run.status, 0, "{run:?}");
    let why = "Method signal. Chosen because no domain is set";
    assert!(run.out.contains(why), "{run:?}");
}
