//! The method `auto`: what it makes of each kind of provider, that it says why, and that it
//! remembers.

use serde_json::Value;

use crate::{
    linux::{
        held,
        rig::{
            exim::{self, Etrn, Exim},
            provider::Provider,
        },
    },
    programs::{Home, account, outcome},
    rig::{
        autoturn::{AutoTurn, Options, ToEtrn},
        mail,
        mail_server::MailServer,
        scripted::{Scripted, Step, hello, line},
        wait::SOON,
    },
};

const DOMAIN: &str = "every = \"1h\"\ndomains = [\"customer.test\"]";

/// Each poke is one of a new process: what it knows of the last is in the history.
fn poke(home: &Home) -> Value {
    let run = home.run(&["poke", "auto", "--json"]);
    assert_eq!(run.status, 0, "{run:?}");
    run.object()
}

/// Method, choice and round trips.
fn course(poke: &Value) -> (&str, &str, u64) {
    let word = |key: &str| poke[key].as_str().unwrap_or_default();
    (
        word("method"),
        word("choice"),
        poke["round_trips"].as_u64().unwrap(),
    )
}

#[test]
fn at_an_autoturn_provider_it_learns_that_the_visit_is_the_signal() {
    let mail_server = MailServer::up();
    let provider = AutoTurn::start(Options {
        to_etrn: ToEtrn::Unimplemented502,
        ..Options::new(mail_server.address())
    });
    let home = Home::with(&[account("auto", provider.address(), DOMAIN)]);
    let sent = mail::awkward(2, "office@customer.test");
    provider.hold(&sent);
    let first = poke(&home);
    assert_eq!(outcome(&first), ("signalled", "quit-signals"));
    assert_eq!(course(&first), ("signal", "etrn-unknown", 5), "{first:#}");
    mail::assert_arrived(&sent, &mail_server.wait_for(2, SOON));
    provider.wait_for_pokes(1, SOON);

    let more = mail::awkward(1, "office@customer.test");
    provider.hold(&more);
    let second = poke(&home);
    assert_eq!(outcome(&second), ("signalled", "quit-signals"));
    assert_eq!(course(&second), ("signal", "remembered", 3), "{second:#}");
    let pokes = provider.wait_for_pokes(2, SOON);
    assert_eq!(pokes[1].commands, ["QUIT"]);
    mail::assert_arrived(&[sent, more].concat(), &mail_server.wait_for(3, SOON));

    // An engine that starts later has not forgotten it.
    let _engine = home.start_engine();
    assert_eq!(course(&poke(&home)).1, "remembered");
}

#[test]
fn an_exim_that_offers_etrn_is_asked_by_it() {
    let mut held =
        held::Held::nothing_at(|mail_server| Exim::start(&exim::Options::new(mail_server)));
    held.bring("customer.test");
    let home = Home::with(&[account("auto", held.provider.address(), DOMAIN)]);
    let first = poke(&home);
    assert_eq!(outcome(&first), ("started", "queuing-started"));
    assert_eq!(course(&first), ("etrn", "etrn-offered", 4));
    held.assert_arrives();
    assert_eq!(course(&poke(&home)), ("etrn", "etrn-offered", 4));
}

/// Without a rule for ETRN an Exim neither offers nor does it.
#[test]
fn an_exim_that_has_no_rule_for_etrn_is_no_success() {
    let held = held::Held::nothing_at(|mail_server| {
        Exim::start(&exim::Options::with(Etrn::NoRule, mail_server))
    });
    let home = Home::with(&[account("auto", held.provider.address(), DOMAIN)]);
    for _ in 0..2 {
        let run = home.run(&["poke", "auto", "--json"]);
        assert_eq!(run.status, 75, "{run:?}");
        let poke = run.object();
        assert_eq!(outcome(&poke), ("refused", "cannot-queue"), "{poke:#}");
        assert_eq!(poke["text"], "Administrative prohibition");
        // A refusal says nothing on what would work, so nothing is learnt from it.
        assert_eq!(course(&poke), ("etrn", "", 5));
    }
}

#[test]
fn a_provider_that_greets_otherwise_is_looked_at_again() {
    let unknown = || {
        let mut script = hello(&["PIPELINING"]);
        script.extend([
            Step::Expect("ETRN customer.test"),
            line("502 unimplemented (#5.5.1)"),
            Step::Expect("QUIT"),
            line("221 provider.test"),
        ]);
        script
    };
    let visit = vec![
        line("220 provider.test ESMTP"),
        Step::Expect("QUIT"),
        line("221 provider.test"),
    ];
    let mut moved = hello(&["ETRN", "PIPELINING"]);
    moved[0] = line("220 new.provider.test ESMTP Postfix");
    moved.extend([
        Step::Expect("ETRN customer.test"),
        Step::Expect("QUIT"),
        line("250 Queuing started"),
        line("221 Bye"),
    ]);
    let provider = Scripted::start(vec![unknown(), visit, moved.clone(), moved, unknown()]);
    let home = Home::with(&[account("auto", provider.address(), DOMAIN)]);
    let seen: Vec<Value> = (0..5).map(|_| poke(&home)).collect();
    let seen: Vec<_> = seen.iter().map(course).collect();
    let expected = [
        ("signal", "etrn-unknown", 5),
        ("signal", "remembered", 3),
        ("etrn", "etrn-offered", 4),
        ("etrn", "etrn-offered", 4),
        ("signal", "etrn-unknown", 4),
    ];
    assert_eq!(seen, expected);
}

/// Some do not offer what they do.
#[test]
fn etrn_that_is_answered_without_being_offered_is_remembered() {
    let mut tried = hello(&["PIPELINING"]);
    tried.extend([
        Step::Expect("ETRN customer.test"),
        line("250 Queuing started"),
        Step::Expect("QUIT"),
        line("221 Bye"),
    ]);
    let mut known = hello(&["PIPELINING"]);
    known.extend([
        Step::Expect("ETRN customer.test"),
        Step::Expect("QUIT"),
        line("250 Queuing started"),
        line("221 Bye"),
    ]);
    let provider = Scripted::start(vec![tried, known]);
    let home = Home::with(&[account("auto", provider.address(), DOMAIN)]);
    let first = poke(&home);
    assert_eq!(course(&first), ("etrn", "etrn-answered", 5), "{first:#}");
    let second = poke(&home);
    assert_eq!(second["method"], "etrn");
    assert_eq!(second["round_trips"], 4, "{second:#}");
}
