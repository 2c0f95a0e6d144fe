//! A real ODMR provider: Exim 4.99 or newer, which hands mail over on the connection that asked
//! for it. Where it cannot be had, each test is left out, and counted.

use std::{fs, os::unix::fs::PermissionsExt};

use serde_json::Value;

use crate::{
    linux::rig::{
        odmr::{Odmr, Options},
        provider::Provider,
    },
    programs::{Home, Run, account, outcome},
    rig::{
        mail::{self, Message},
        mail_server::{MailServer, Stage},
        wait::{self, SOON},
    },
};

/// The provider, the customer's mail server, and the customer's home.
struct Customer {
    odmr: Odmr,
    mail_server: MailServer,
    home: Home,
}

impl Customer {
    /// One whose mail server is up. None where the provider cannot be had.
    fn new(options: &Options) -> Option<Self> {
        let odmr = Odmr::start(options)?;
        let home = Home::new();
        let secret = home.path().join("secret");
        fs::write(&secret, format!("{}\n", odmr.password())).unwrap();
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
        let customer = Self {
            odmr,
            mail_server: MailServer::up(),
            home,
        };
        customer.set_up("");
        Some(customer)
    }

    /// Writes the account, with these further lines, which come first.
    fn set_up(&self, lines: &str) {
        let usual = [
            "method = \"atrn\"".to_owned(),
            format!("mail_server = \"{}\"", self.mail_server.address()),
            "tls = \"none\"".to_owned(),
            format!("user = \"{}\"", self.odmr.user()),
            "secret = \"file:secret\"".to_owned(),
        ];
        let key = |line: &str| line.split(' ').next().unwrap_or_default().to_owned();
        let given: Vec<String> = lines.lines().map(key).collect();
        let usual = usual
            .into_iter()
            .filter(|line| !given.contains(&key(line)))
            .map(|line| line + "\n");
        let lines = lines.to_owned() + "\n" + &usual.collect::<String>();
        self.home
            .set_up(&[account("odmr", self.odmr.address(), &lines)]);
    }

    /// Mail comes to the provider, who holds it.
    fn hold(&self, mail: &[Message]) {
        self.odmr.inject(mail);
        self.odmr.wait_until_held(mail.len());
    }

    fn poke(&self) -> (Run, Value) {
        let run = self.home.run(&["poke", "odmr", "--json"]);
        let poke = run.object();
        (run, poke)
    }

    /// How many connections the provider has seen.
    fn visits(&self) -> usize {
        self.odmr.log().matches("SMTP connection from").count()
    }
}

fn codes(poke: &Value) -> Vec<&str> {
    let lines = poke["dialogue"].as_array().unwrap();
    lines
        .iter()
        .filter(|line| line["from"] == "provider")
        .filter_map(|line| line["line"].as_str()?.get(..3))
        .collect()
}

#[test]
fn all_that_is_waiting_comes_byte_for_byte() {
    let Some(customer) = Customer::new(&Options::default()) else {
        return;
    };
    let mut sent = mail::awkward(3, "office@customer.test");
    sent.extend(mail::awkward(2, "office@second.test"));
    sent.push(Message::sized("office@second.test", mail::LARGE));
    customer.hold(&sent);
    let (run, poke) = customer.poke();
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(outcome(&poke), ("delivered", "messages-delivered"));
    assert_eq!(poke["method"], "atrn");
    assert_eq!(poke["delivered"]["messages"], 6, "{poke:#}");
    assert_eq!(poke["delivered"]["refused"], 0);
    assert!(poke["delivered"]["octets"].as_u64().unwrap() > 20_000_000);
    // It went on until the provider said that there is nothing more.
    assert!(codes(&poke).contains(&"453"), "{poke:#}");
    mail::assert_arrived(&sent, &customer.mail_server.arrivals());
    customer.odmr.wait_until_held(0);
}

#[test]
fn only_what_is_named_comes() {
    let Some(customer) = Customer::new(&Options::default()) else {
        return;
    };
    let wanted = mail::awkward(2, "office@second.test");
    let other = mail::awkward(1, "office@customer.test");
    customer.hold(&[wanted.clone(), other.clone()].concat());
    customer.set_up("domains = [\"second.test\"]");
    let (run, poke) = customer.poke();
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(
        outcome(&poke["domains"][0]),
        ("delivered", "messages-delivered")
    );
    mail::assert_arrived(&wanted, &customer.mail_server.arrivals());
    customer.odmr.wait_until_held(1);

    // Both by name: what is left comes, and each has its line in the report.
    customer.set_up("domains = [\"customer.test\", \"second.test\"]");
    let (run, poke) = customer.poke();
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(poke["delivered"]["messages"], 1);
    assert_eq!(poke["domains"].as_array().unwrap().len(), 2);
    mail::assert_arrived(&[wanted, other].concat(), &customer.mail_server.arrivals());
    customer.odmr.wait_until_held(0);
}

#[test]
fn what_it_says_instead_is_told_as_it_is() {
    let Some(customer) = Customer::new(&Options::default()) else {
        return;
    };
    let secret = customer.home.path().join("secret");
    for (lines, password, status, expected, code) in [
        ("", "right", 0, ("nothing-waiting", "no-messages"), 453),
        (
            "domains = [\"stranger.test\"]",
            "right",
            75,
            ("refused", "try-later"),
            450,
        ),
        ("", "wrong", 77, ("refused", "login-refused"), 535),
        (
            "user = \"\"",
            "right",
            77,
            ("refused", "login-required"),
            530,
        ),
    ] {
        let word = match password {
            "right" => customer.odmr.password(),
            other => other,
        };
        fs::write(&secret, word).unwrap();
        customer.set_up(lines);
        let (run, poke) = customer.poke();
        assert_eq!(run.status, status, "{run:?}");
        assert_eq!(outcome(&poke), expected, "{poke:#}");
        assert_eq!(poke["code"], code, "{poke:#}");
        assert!(codes(&poke).contains(&"221"), "{poke:#}");
    }
    assert!(customer.mail_server.arrivals().is_empty());
}

#[test]
fn the_method_auto_finds_it_out_for_who_has_a_login_at_a_provider_that_is_known() {
    let Some(customer) = Customer::new(&Options {
        tls: true,
        ..Options::default()
    }) else {
        return;
    };
    let sent = mail::awkward(2, "office@customer.test");
    customer.hold(&sent);
    customer.set_up(&format!(
        "method = \"auto\"\ntls = \"required\"\nca_file = \"{}\"",
        customer.odmr.certificate().display()
    ));
    let (run, poke) = customer.poke();
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(outcome(&poke), ("delivered", "messages-delivered"));
    assert_eq!(
        (&poke["method"], &poke["choice"]),
        (&"atrn".into(), &"atrn-offered".into())
    );
    mail::assert_arrived(&sent, &customer.mail_server.arrivals());
    // It is not yet known when the mail server is down: then nothing is asked for either.
    customer
        .mail_server
        .answer(Stage::Greeting, "421 4.3.2 Too busy");
    let more = mail::awkward(1, "office@customer.test");
    customer.hold(&more);
    let (run, poke) = customer.poke();
    assert_eq!(run.status, 75, "{run:?}");
    assert_eq!(outcome(&poke), ("held", "mail-server-not-ready"));
    customer.odmr.wait_until_held(1);
}

/// Anyone on the line may have offered it.
#[test]
fn the_method_auto_does_not_turn_in_the_clear() {
    let Some(customer) = Customer::new(&Options::default()) else {
        return;
    };
    customer.hold(&mail::awkward(1, "office@customer.test"));
    customer.set_up("method = \"auto\"");
    let (run, poke) = customer.poke();
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(outcome(&poke), ("signalled", "quit-signals"), "{poke:#}");
    customer.odmr.wait_until_held(1);
    assert!(
        customer
            .mail_server
            .visits()
            .iter()
            .all(|it| it.commands == ["QUIT"])
    );
}

/// Over TLS this Exim brings one message and hangs up without a goodbye where there are more.
#[test]
fn over_tls_it_is_visited_until_nothing_is_left() {
    let Some(customer) = Customer::new(&Options {
        tls: true,
        ..Options::default()
    }) else {
        return;
    };
    let sent = mail::awkward(7, "office@customer.test");
    customer.hold(&sent);
    let authority = customer.odmr.certificate();
    customer.set_up(&format!(
        "tls = \"required\"\nca_file = \"{}\"",
        authority.display()
    ));
    let (run, poke) = customer.poke();
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(outcome(&poke), ("delivered", "messages-delivered"));
    assert_eq!(poke["delivered"]["messages"], 7, "{poke:#}");
    assert_eq!(poke["tls"]["trust"], "verified");
    mail::assert_arrived(&sent, &customer.mail_server.arrivals());
    customer.odmr.wait_until_held(0);
}

#[test]
fn a_large_message_comes_over_tls_byte_for_byte() {
    let Some(customer) = Customer::new(&Options {
        tls: true,
        ..Options::default()
    }) else {
        return;
    };
    let sent = [Message::sized("office@customer.test", mail::LARGE)];
    customer.hold(&sent);
    customer.set_up(&format!(
        "tls = \"required\"\nca_file = \"{}\"\nauth = \"plain\"",
        customer.odmr.certificate().display()
    ));
    let (run, poke) = customer.poke();
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(outcome(&poke), ("delivered", "messages-delivered"));
    mail::assert_arrived(&sent, &customer.mail_server.arrivals());
}

/// The provider has said that it turns, and then somebody else has fetched the mail: it hangs up
/// without a word, as does one whose turns break.
#[test]
fn a_turn_for_mail_that_another_visit_is_fetching_says_nothing() {
    let Some(customer) = Customer::new(&Options::default()) else {
        return;
    };
    let sent = mail::awkward(1, "office@customer.test");
    customer.hold(&sent);
    customer.mail_server.hold_up(Stage::Message);
    let mut first = customer.home.start(&["poke", "odmr"]);
    wait::until(
        "the first visit to have handed the message over",
        SOON,
        || {
            let visits = customer.mail_server.visits();
            let said =
                |visit: &crate::rig::mail_server::Visit| visit.commands.contains(&"DATA".into());
            visits.iter().any(said).then_some(())
        },
    );
    // Another engine, since one pokes an account once at a time.
    let elsewhere = Home::new();
    for name in ["settings.toml", "secret"] {
        fs::copy(customer.home.path().join(name), elsewhere.path().join(name)).unwrap();
    }
    let run = elsewhere.run(&["poke", "odmr", "--json"]);
    assert_eq!(run.status, 75, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("unknown", "turn-abandoned"), "{poke:#}");
    customer.mail_server.release();
    assert!(first.wait(SOON).success(), "{}", first.log());
    mail::assert_arrived(&sent, &customer.mail_server.arrivals());
    customer.odmr.wait_until_held(0);
}

#[test]
fn while_the_mail_server_is_down_nothing_is_said_to_the_provider() {
    let Some(mut customer) = Customer::new(&Options::default()) else {
        return;
    };
    let sent = mail::awkward(2, "office@customer.test");
    customer.hold(&sent);
    let visits = customer.visits();
    assert!(
        visits > 0,
        "the log tells of no visit: {}",
        customer.odmr.log()
    );
    customer.mail_server.stop();
    let (run, poke) = customer.poke();
    assert_eq!(run.status, 75, "{run:?}");
    assert_eq!(outcome(&poke), ("held", "mail-server-down"));
    assert_eq!(poke["round_trips"], 0);

    // Nor where it is up and will take nothing: this provider would bounce the mail at a 554.
    customer.mail_server.start();
    for greeting in ["421 4.3.2 Too busy", "554 5.3.2 No service"] {
        customer.mail_server.answer(Stage::Greeting, greeting);
        let (run, poke) = customer.poke();
        assert_eq!(run.status, 75, "{run:?}");
        assert_eq!(outcome(&poke), ("held", "mail-server-not-ready"));
        assert_eq!(poke["mail_server"]["state"], "turns-away");
        let explanation = poke["explanation"].as_str().unwrap();
        let port = customer.mail_server.address().port().to_string();
        for word in [greeting, &port] {
            assert!(explanation.contains(word), "{explanation}");
        }
    }
    assert_eq!(customer.visits(), visits, "{}", customer.odmr.log());

    customer.mail_server.answer_as_usual();
    let (run, _) = customer.poke();
    assert_eq!(run.status, 0, "{run:?}");
    mail::assert_arrived(&sent, &customer.mail_server.arrivals());
    customer.odmr.wait_until_held(0);
}

#[test]
fn what_the_mail_server_puts_off_stays_at_the_provider() {
    let Some(customer) = Customer::new(&Options::default()) else {
        return;
    };
    // Where it puts off a foreign recipient too, only named domains can be let through.
    customer.set_up("domains = [\"customer.test\"]");
    for stage in [Stage::Message, Stage::Data, Stage::Rcpt, Stage::Mail] {
        let sent = mail::awkward(1, "office@customer.test");
        let arrived = customer.mail_server.arrivals().len();
        customer.hold(&sent);
        customer.mail_server.answer(stage, "451 4.3.0 Later");
        let (run, poke) = customer.poke();
        assert_eq!(
            outcome(&poke),
            ("failed", "mail-server-refused"),
            "{stage:?}: {poke:#}"
        );
        assert_ne!(run.status, 0, "{run:?}");
        customer.odmr.wait_until_held(1);
        assert_eq!(customer.mail_server.arrivals().len(), arrived);

        customer.mail_server.answer_as_usual();
        // The provider has its own idea of when to try a message again.
        wait::until("the message to come", SOON, || {
            let (_, poke) = customer.poke();
            (poke["outcome"] == "delivered").then_some(())
        });
        mail::assert_arrived(&sent, &customer.mail_server.arrivals()[arrived..]);
        customer.odmr.wait_until_held(0);
    }
}
