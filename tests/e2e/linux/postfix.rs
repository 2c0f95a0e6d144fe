//! A real Postfix holds mail, for which the mail server was down when it came. A poke brings it.

use std::{os::unix::net::UnixStream, process::Command, time::SystemTime};

use dequeue_core::record::{Poke, Trigger};
use serde_json::{Value, json};

use crate::{
    linux::{
        held,
        rig::{
            postfix::{Options, Own, Postfix, Tls},
            process,
            provider::Provider,
        },
    },
    programs::{Home, Run, account, outcome},
    rig::{mail, mail_server::MailServer, net, wait::SOON},
};

/// A Postfix, and the mail server that it holds mail for.
pub type Held = held::Held<Postfix>;

impl Held {
    /// A provider with mail for `domain`, and the mail server, which is up again.
    fn new(domain: &str) -> Self {
        let mut held = Self::nothing();
        held.bring(domain);
        held
    }

    /// Nothing is held yet, and the mail server is down.
    pub fn nothing() -> Self {
        Self::nothing_at(|mail_server| Postfix::start(&Options::new(mail_server)))
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
    let arrivals = held.mail_server.arrivals();
    assert!(arrivals.iter().all(|arrival| arrival.at >= before));
    assert!(home.files().is_empty(), "a poke by host leaves nothing");
}

#[test]
fn the_engine_in_the_foreground_brings_it_at_its_interval() {
    let mut held = Held::nothing();
    let lines =
        "method = \"etrn\"\ndomains = [\"customer.test\"]\nevery = \"10s\"\njitter = \"0s\"";
    let home = Home::with(&[account("postfix", held.provider.address(), lines)]);
    let engine = home.start(&["run"]);
    arrives_at_the_interval(&home, &mut held);
    engine.end();
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
        // The first of its own slots may be near, but no nearer than half the interval.
        assert!(apart.as_millis() >= 4_900, "only {apart} apart");
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
    let mail_server = MailServer::down();
    let mut options = Options::new(mail_server.address());
    options.may_etrn = vec![mail_server.ip().into()];
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
    let bind = mail_server.ip().to_string();
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
    let mut held = Held::nothing_at(|mail_server| {
        let own = Own {
            without_helo: true,
            ..Own::default()
        };
        Postfix::start(&Options::with(own, mail_server))
    });
    held.bring_with("customer.test", mail::LARGE);
    let run = held.one_shot(&Home::new(), &["customer.test"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(outcome(&run.object()), ("started", "queuing-started"));
    held.assert_arrives();
}

/// A Postfix that wants STARTTLS before anything.
fn demanding_tls() -> Held {
    Held::nothing_at(|mail_server| Postfix::start(&Options::with(Tls::Required, mail_server)))
}

#[test]
fn a_demand_for_tls_is_named_to_who_will_not_have_it() {
    let held = demanding_tls();
    let run = poke_by_account(&held, "tls = \"none\"");
    assert_eq!(run.status, 77, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("refused", "tls-required"));
    assert_eq!(poke["code"], 530);
    assert!(said(&poke).contains(&"QUIT"), "{poke:#}");
}

/// Pokes by an account with these further lines.
fn poke_by_account(held: &Held, lines: &str) -> Run {
    let lines = format!("method = \"etrn\"\ndomains = [\"customer.test\"]\n{lines}");
    let home = Home::with(&[account("postfix", held.provider.address(), &lines)]);
    home.run(&["poke", "postfix", "--json"])
}

/// The line that names the provider's own certificate as the authority.
fn its_authority(held: &Held) -> String {
    format!("ca_file = \"{}\"", held.provider.certificate().display())
}

/// SHA-256 of its certificate, as openssl has it.
fn fingerprint(held: &Held) -> String {
    let output = Command::new(process::find("openssl", "openssl"))
        .args(["x509", "-noout", "-fingerprint", "-sha256", "-in"])
        .arg(held.provider.certificate())
        .output()
        .unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    output.trim().split_once('=').unwrap().1.to_owned()
}

#[test]
fn the_tls_that_it_demands_is_spoken_and_the_mail_arrives() {
    let mut held = demanding_tls();
    held.bring("customer.test");
    let run = poke_by_account(
        &held,
        &format!("tls = \"required\"\n{}", its_authority(&held)),
    );
    assert_eq!(run.status, 0, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("started", "queuing-started"));
    let verbs: Vec<&str> = said(&poke)
        .iter()
        .filter_map(|line| line.split(' ').next())
        .collect();
    assert_eq!(verbs, ["EHLO", "STARTTLS", "EHLO", "ETRN", "QUIT"]);
    let tls = &poke["tls"];
    assert_eq!(tls["version"], "TLSv1.3", "{tls:#}");
    assert!(tls["cipher"].as_str().unwrap().starts_with("TLS13_"));
    assert_eq!(tls["peer"], held.provider.address().ip().to_string());
    assert_eq!(tls["trust"], "verified");
    assert_eq!(tls["certificate"]["fingerprint"], fingerprint(&held));
    assert_eq!(poke["certificate"], tls["certificate"]);
    held.assert_arrives();
}

#[test]
fn a_certificate_that_the_user_pinned_will_do_and_no_other() {
    let mut held = demanding_tls();
    held.bring("customer.test");
    // Nothing is asked of a provider whom nobody knows; and yet it is told what could be pinned.
    let run = poke_by_account(&held, "tls = \"required\"");
    assert_eq!(run.status, 77, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("refused", "certificate-unknown"));
    assert_eq!(said(&poke).last(), Some(&"STARTTLS"));
    let shown = poke["certificate"]["fingerprint"].as_str().unwrap();
    assert_eq!(shown, fingerprint(&held));

    let other = shown.replace(
        &shown[..2],
        if shown.starts_with("00") { "01" } else { "00" },
    );
    let lines = format!("tls = \"required\"\npin = \"{other}\"");
    let run = poke_by_account(&held, &lines);
    assert_eq!(run.status, 77, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("refused", "certificate-changed"));
    assert_eq!(poke["certificate"]["fingerprint"], shown);
    assert_eq!(said(&poke).last(), Some(&"STARTTLS"));
    assert!(held.mail_server.arrivals().is_empty());

    let run = poke_by_account(&held, &format!("tls = \"required\"\npin = \"{shown}\""));
    assert_eq!(run.status, 0, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("started", "queuing-started"));
    assert_eq!(poke["tls"]["trust"], "pinned");
    held.assert_arrives();
}

/// Postfix asks for the certificate in the handshake, and says only afterwards, in words, that it got
/// none.
#[test]
fn a_client_certificate_that_it_asks_for_is_named_and_shown() {
    let mut held = Held::nothing_at(|mail_server| {
        Postfix::start(&Options::with(Tls::WithClientCertificate, mail_server))
    });
    held.bring("customer.test");
    let lines = format!("tls = \"required\"\n{}", its_authority(&held));
    let run = poke_by_account(&held, &lines);
    assert_eq!(run.status, 77, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("refused", "client-certificate-required"));
    let told = poke["explanation"].as_str().unwrap();
    assert!(told.contains("client_cert"), "{told}");

    let certificate = held.provider.certificate();
    let key = certificate.with_file_name("key.pem");
    let ours = format!(
        "client_cert = \"{}\"\nclient_key = \"{}\"",
        certificate.display(),
        key.display()
    );
    let run = poke_by_account(&held, &format!("{lines}\n{ours}"));
    assert_eq!(run.status, 0, "{run:?}");
    held.assert_arrives();
}

/// What it insists on has failed: to ask for it once more is no advice.
#[test]
fn why_the_tls_that_it_demands_failed_is_told() {
    let held =
        Held::nothing_at(|mail_server| Postfix::start(&Options::with(Tls::Outdated, mail_server)));
    for (security, reason) in [
        ("opportunistic", "tls-required"),
        ("required", "tls-failed"),
    ] {
        let run = poke_by_account(&held, &format!("tls = \"{security}\""));
        let poke = run.object();
        assert_eq!(outcome(&poke), ("refused", reason));
        assert_eq!(poke["tls_fault"]["kind"], "version", "{poke:#}");
        let told = poke["explanation"].as_str().unwrap();
        assert!(told.contains("TLS 1.2"), "{told}");
    }
}

/// Better protected from who listens than not at all, and it is told that it is no more than that.
#[test]
fn where_tls_need_not_hold_it_is_spoken_all_the_same() {
    let mut held = demanding_tls();
    held.bring("customer.test");
    let run = poke_by_account(&held, "");
    assert_eq!(run.status, 0, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("started", "queuing-started"));
    assert_eq!(poke["tls"]["trust"], "unverified", "{poke:#}");
    held.assert_arrives();
}

#[test]
fn a_certificate_for_another_name_does_not_hold() {
    let held = Held::nothing_at(|mail_server| {
        let own = Own {
            certified: Some(net::address()),
            ..Tls::Offered.into()
        };
        Postfix::start(&Options::with(own, mail_server))
    });
    let lines = format!("tls = \"required\"\n{}", its_authority(&held));
    let run = poke_by_account(&held, &lines);
    assert_eq!(run.status, 77, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("refused", "certificate-wrong-name"));
    assert_eq!(said(&poke).last(), Some(&"STARTTLS"));
    // The user may know better.
    let lines = format!("tls = \"required\"\npin = \"{}\"", fingerprint(&held));
    let run = poke_by_account(&held, &lines);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(run.object()["tls"]["trust"], "pinned");
}

#[test]
fn tls_that_is_required_and_not_offered_asks_for_nothing() {
    let held = Held::nothing();
    let run = poke_by_account(&held, "tls = \"required\"");
    assert_eq!(run.status, 77, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("refused", "tls-not-offered"));
    assert_eq!(said(&poke)[1..], ["QUIT"]);
    // Where it is only welcome, it is done without.
    let run = poke_by_account(&held, "tls = \"opportunistic\"");
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.object()["tls"].is_null());
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
