//! A real Postfix holds mail, for which the own server was down when it came. A poke brings it.

use std::os::unix::net::UnixStream;
use std::time::SystemTime;

use dequeue_engine::api::{Poke, Trigger};
use rustix::process::Signal;
use serde_json::{Value, json};

use crate::held;
use crate::programs::{Home, account, outcome};
use crate::rig::mail;
use crate::rig::own_server::OwnServer;
use crate::rig::postfix::{Options, Postfix, Tls};
use crate::rig::provider::Provider;
use crate::rig::wait::SOON;

/// A Postfix, and the own server that it holds mail for.
pub type Held = held::Held<Postfix>;

impl Held {
    /// A provider with mail for `domain`, and the own server, which is up again.
    fn new(domain: &str) -> Self {
        let mut held = Self::nothing();
        held.bring(domain);
        held
    }

    /// Nothing is held yet, and the own server is down.
    pub fn nothing() -> Self {
        Self::nothing_at(|own_server| Postfix::start(&Options::new(own_server)))
    }
}

/// The words of our own side of a dialogue.
fn said(poke: &Value) -> Vec<&str> {
    let lines = poke["dialogue"].as_array().expect("a dialogue");
    lines
        .iter()
        .filter(|line| line["from"] == "us")
        .filter_map(|line| line["line"].as_str())
        .collect()
}

#[test]
fn one_shot_brings_the_mail_byte_for_byte() {
    let home = Home::new();
    let held = Held::new("customer.test");
    let before = SystemTime::now();
    let run = held.one_shot(&home, &["customer.test"]);
    assert_eq!(run.status, 0, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("started", "queuing-started"));
    assert_eq!(poke["method"], "etrn");
    assert_eq!(poke["address"], held.provider.address().to_string());
    // The handshake, the greeting, EHLO, and ETRN with QUIT in one segment: four and no more.
    assert_eq!(poke["round_trips"], 4, "{poke:#}");
    assert_eq!(said(&poke)[1..], ["ETRN customer.test", "QUIT"]);
    held.assert_arrives();
    let arrivals = held.own_server.arrivals();
    assert!(arrivals.iter().all(|arrival| arrival.at >= before));
    assert!(home.files().is_empty(), "a poke by host leaves nothing");
}

#[test]
fn the_engine_in_the_foreground_brings_it_at_its_interval() {
    let mut held = Held::nothing();
    let lines = "method = \"etrn\"\ndomains = [\"customer.test\"]\nevery = \"10s\"";
    let home = Home::with(&[account("postfix", held.provider.address(), lines)]);
    let mut engine = home.start(&["run"]);
    arrives_at_the_interval(&home, &mut held);
    engine.signal(Signal::TERM);
    assert!(engine.wait(SOON).success(), "{}", engine.log());
    assert!(UnixStream::connect(home.control()).is_err());
}

/// An engine with the account `postfix`, every 10 seconds, runs on `home`: mail that comes after
/// its first poke arrives by a later one, of itself.
pub fn arrives_at_the_interval(home: &Home, held: &mut Held) {
    // The first poke goes out at once; it finds nothing.
    let first = home.wait_for_pokes("postfix", 1, SOON);
    assert_eq!(outcome(&first[0]), ("started", "queuing-started"));
    held.bring("customer.test");
    held.assert_arrives();
    let pokes: Vec<Poke> = home
        .history("postfix")
        .into_iter()
        .map(|poke| serde_json::from_value(poke).expect("a poke of the api"))
        .collect();
    assert!(pokes.len() >= 2, "mail came without a poke: {pokes:#?}");
    for poke in &pokes {
        assert_eq!(poke.trigger, Trigger::Schedule);
        assert_eq!(poke.code, Some(250));
    }
    for pair in pokes.windows(2) {
        let apart = pair[0].started_at.duration_since(pair[1].started_at);
        assert!(apart.as_millis() >= 9_900, "only {apart} apart");
    }
}

#[test]
fn a_domain_that_is_not_allowed_is_refused_in_the_providers_words() {
    let held = Held::nothing();
    let run = held.one_shot(&Home::new(), &["stranger.test"]);
    assert_eq!(run.status, 77, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("refused", "not-allowed"));
    let domain = &poke["domains"][0];
    assert_eq!(domain["domain"], "stranger.test");
    assert_eq!(domain["code"], 459);
    assert_eq!(domain["text"], "<stranger.test>: service unavailable");
    let explanation = poke["explanation"].as_str().unwrap();
    assert!(explanation.contains("Ask the provider"), "{explanation}");
}

#[test]
fn an_address_that_may_not_ask_is_refused() {
    let own_server = OwnServer::down();
    let mut options = Options::new(own_server.address());
    options.may_etrn = vec![own_server.ip().into()];
    let provider = Postfix::start(&options);
    let (ip, port) = (
        provider.address().ip().to_string(),
        provider.address().port().to_string(),
    );
    let home = Home::new();
    let run = home.run(&[&ip, "-p", &port, "-d", "customer.test", "--json"]);
    assert_eq!(run.status, 77, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("refused", "denied"));
    assert_eq!(poke["code"], 554);
    assert!(said(&poke).contains(&"QUIT"), "{poke:#}");

    // The same machine from the address that the provider has on file.
    let bind = own_server.ip().to_string();
    let run = home.run(&[
        "poke",
        "--host",
        &ip,
        "--port",
        &port,
        "--domain",
        "customer.test",
        "--bind",
        &bind,
        "--json",
    ]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(outcome(&run.object()), ("started", "queuing-started"));
}

#[test]
fn each_domain_is_asked_for_and_reported_on_its_own() {
    let mut held = Held::nothing();
    held.bring("second.test");
    let run = held.one_shot(
        &Home::new(),
        &["customer.test", "stranger.test", "second.test"],
    );
    // The worst of them; and yet the mail of the last arrives.
    assert_eq!(run.status, 77, "{run:?}");
    let poke = run.object();
    let domains: Vec<Value> = poke["domains"]
        .as_array()
        .unwrap()
        .iter()
        .map(|domain| json!([domain["domain"], domain["outcome"], domain["code"]]))
        .collect();
    let expected = [
        json!(["customer.test", "started", 250]),
        json!(["stranger.test", "refused", 459]),
        json!(["second.test", "started", 250]),
    ];
    assert_eq!(domains, expected, "{poke:#}");
    assert_eq!(said(&poke).last(), Some(&"QUIT"));
    held.assert_arrives();
}

#[test]
fn a_large_message_arrives_byte_for_byte_where_no_hello_is_asked_for() {
    let mut held = Held::nothing_at(|own_server| {
        Postfix::start(&Options {
            helo_required: false,
            ..Options::new(own_server)
        })
    });
    held.bring_with("customer.test", mail::LARGE);
    let run = held.one_shot(&Home::new(), &["customer.test"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(outcome(&run.object()), ("started", "queuing-started"));
    held.assert_arrives();
}

/// A Postfix that wants STARTTLS before anything.
fn demanding_tls() -> Held {
    Held::nothing_at(|own_server| {
        Postfix::start(&Options {
            tls: Tls::Required,
            ..Options::new(own_server)
        })
    })
}

#[test]
fn a_demand_for_tls_is_named_to_who_will_not_have_it() {
    let held = demanding_tls();
    let run = held.poke(
        &Home::new(),
        &["--method", "etrn", "--domain", "customer.test"],
    );
    assert_eq!(run.status, 77, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("refused", "tls-required"));
    assert_eq!(poke["code"], 530);
    assert!(said(&poke).contains(&"QUIT"), "{poke:#}");
}

#[test]
fn the_tls_that_it_demands_is_spoken_and_the_mail_arrives() {
    let mut held = demanding_tls();
    held.bring("customer.test");
    let authority = held.provider.certificate();
    let authority = authority.to_str().unwrap();
    let run = held.poke(
        &Home::new(),
        &[
            "--method",
            "etrn",
            "--domain",
            "customer.test",
            "--tls",
            "required",
            "--ca-file",
            authority,
        ],
    );
    assert_eq!(run.status, 0, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("started", "queuing-started"));
    let verbs: Vec<&str> = said(&poke)
        .iter()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(verbs, ["EHLO", "STARTTLS", "EHLO", "ETRN", "QUIT"]);
    held.assert_arrives();
}

#[test]
fn a_method_that_it_does_not_know_is_another_protocol() {
    let held = Held::nothing();
    let (ip, port) = (
        held.provider.address().ip().to_string(),
        held.provider.address().port().to_string(),
    );
    let run = Home::new().run(&[
        "poke",
        "--host",
        &ip,
        "--port",
        &port,
        "--method",
        "qsnd",
        "--domain",
        "customer.test",
        "--json",
    ]);
    assert_eq!(run.status, 76, "{run:?}");
    assert_eq!(run.object()["outcome"], "refused");
}
