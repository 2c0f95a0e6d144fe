//! A real Exim as the provider: as it comes, which is not how RFC 1985 has it, and as providers
//! set it up.

use crate::{
    linux::{
        held,
        rig::exim::{Etrn, Exim, Options},
    },
    programs::{Home, outcome},
    rig::{mail, mail_server::Stage, net},
};

const DOMAIN: &[&str] = &["--method", "etrn", "--domain", "customer.test"];

type Held = held::Held<Exim>;

fn nothing(etrn: Etrn) -> Held {
    Held::nothing_at(|mail_server| Exim::start(&Options::with(etrn, mail_server)))
}

#[test]
fn a_poke_brings_the_mail_byte_for_byte_a_large_message_too() {
    let mut held = nothing(Etrn::Domains);
    held.bring_with("customer.test", mail::LARGE);
    let run = held.one_shot(&Home::new(), &["customer.test"]);
    assert_eq!(run.status, 0, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("started", "queuing-started"));
    assert_eq!(
        (&poke["method"], &poke["text"]),
        (&"etrn".into(), &"OK".into())
    );
    // It says in its EHLO reply which address it saw.
    assert_eq!(poke["seen_address"], net::UNBOUND.to_string());
    assert_eq!(poke["round_trips"], 4, "{poke:#}");
    held.assert_arrives();
}

#[test]
fn as_it_comes_it_wants_a_hash_and_starts_then() {
    let mut held = nothing(Etrn::AsItComes);
    held.bring("customer.test");
    let home = Home::new();
    let run = held.poke(&home, DOMAIN);
    assert_eq!(run.status, 76, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("refused", "syntax"));
    assert_eq!(poke["domains"][0]["code"], 501);
    assert_eq!(poke["domains"][0]["text"], "argument must begin with #");
    assert!(held.mail_server.arrivals().is_empty());

    let run = held.poke(&home, &["--method", "etrn", "--domain", "#customer.test"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(outcome(&run.object()), ("started", "queuing-started"));
    held.assert_arrives();
}

#[test]
fn a_queue_run_that_is_under_way_is_as_good_as_one_that_starts() {
    let mut held = nothing(Etrn::Domains);
    held.bring("customer.test");
    held.mail_server.hold_up(Stage::Greeting);
    let home = Home::new();
    let run = held.poke(&home, DOMAIN);
    assert_eq!(outcome(&run.object()), ("started", "queuing-started"));
    let run = held.poke(&home, DOMAIN);
    assert_eq!(run.status, 0, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("started", "already-running"));
    assert_eq!(poke["code"], 458);
    held.mail_server.release();
    held.assert_arrives();
}

#[test]
fn a_refusal_is_read_as_one_and_hides_no_other_domain() {
    let mut held = nothing(Etrn::Domains);
    held.bring("second.test");
    let home = Home::new();
    let run = held.one_shot(&home, &["customer.test", "stranger.test", "second.test"]);
    assert_eq!(run.status, 75, "{run:?}");
    let poke = run.object();
    let domains = poke["domains"].as_array().unwrap();
    let outcomes: Vec<_> = domains.iter().map(outcome).collect();
    let expected = [
        ("started", "queuing-started"),
        ("refused", "cannot-queue"),
        ("started", "queuing-started"),
    ];
    assert_eq!(outcomes, expected, "{poke:#}");
    assert_eq!(domains[1]["text"], "ETRN: unknown domain");
    held.assert_arrives();

    let stranger = net::address().to_string();
    let run = held.poke(&home, &[DOMAIN, &["--bind", &stranger]].concat());
    assert_eq!(run.status, 75, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("refused", "cannot-queue"));
    assert_eq!(poke["text"], "ETRN not permitted from your address");
    assert_eq!(poke["seen_address"], stranger);
}

#[test]
fn qsnd_is_another_protocol() {
    let held = nothing(Etrn::Domains);
    let run = held.poke(
        &Home::new(),
        &["--method", "qsnd", "--domain", "customer.test"],
    );
    assert_eq!(run.status, 76, "{run:?}");
    assert_eq!(outcome(&run.object()), ("refused", "not-implemented"));
}
