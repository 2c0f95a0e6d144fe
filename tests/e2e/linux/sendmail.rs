//! A real Sendmail as the provider: with a rule set that says who may ask for what, without one,
//! and with ETRN forbidden.

use crate::{
    linux::{
        held,
        rig::{
            provider::Provider,
            sendmail::{Etrn, Options, Sendmail},
        },
    },
    programs::{Home, account, outcome},
    rig::{mail, net},
};

const DOMAIN: &[&str] = &["--method", "etrn", "--domain", "customer.test"];

type Held = held::Held<Sendmail>;

fn nothing(etrn: Etrn) -> Held {
    Held::nothing_at(|mail_server| Sendmail::start(&Options::with(etrn, mail_server)))
}

#[test]
fn a_poke_brings_the_mail_byte_for_byte_a_large_message_too() {
    let mut held = nothing(Etrn::Checked);
    held.bring_with("customer.test", mail::LARGE);
    let run = held.one_shot(&Home::new(), &["customer.test"]);
    assert_eq!(run.status, 0, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("started", "queuing-started"));
    let domain = &poke["domains"][0];
    assert_eq!(
        (&domain["code"], &domain["enhanced"]),
        (&250.into(), &"2.0.0".into())
    );
    assert_eq!(poke["seen_address"], net::UNBOUND.to_string());
    assert_eq!(poke["round_trips"], 4, "{poke:#}");
    held.assert_arrives();
}

#[test]
fn its_rule_set_refuses_domains_and_addresses() {
    let mut held = nothing(Etrn::Checked);
    held.bring("customer.test");
    let home = Home::new();
    let run = held.one_shot(&home, &["stranger.test", "customer.test"]);
    assert_eq!(run.status, 77, "{run:?}");
    let poke = run.object();
    let domains = poke["domains"].as_array().unwrap();
    assert_eq!(outcome(&domains[0]), ("refused", "not-allowed"));
    assert_eq!(domains[0]["code"], 459);
    assert_eq!(outcome(&domains[1]), ("started", "queuing-started"));
    held.assert_arrives();

    let stranger = net::address().to_string();
    let run = held.poke(&home, &[DOMAIN, &["--bind", &stranger]].concat());
    assert_eq!(run.status, 77, "{run:?}");
    let poke = run.object();
    // It offers a login, and none is set.
    assert_eq!(outcome(&poke), ("refused", "denied-without-login"));
    assert_eq!(poke["code"], 554);
}

#[test]
fn as_it_comes_it_starts_whatever_is_asked_for() {
    let mut held = nothing(Etrn::AsItComes);
    held.bring("customer.test");
    let home = Home::new();
    // More than it likes in one session: from the eighth on it lets one wait for minutes.
    let many: Vec<String> = (1..=8).map(|n| format!("d{n}.test")).collect();
    let mut domains: Vec<&str> = many.iter().map(String::as_str).collect();
    domains.push("customer.test");
    let run = held.one_shot(&home, &domains);
    assert_eq!(run.status, 0, "{run:?}");
    let poke = run.object();
    let domains = poke["domains"].as_array().unwrap();
    assert_eq!(domains.len(), 9);
    for domain in domains {
        assert_eq!(outcome(domain), ("started", "queuing-started"), "{poke:#}");
    }
    held.assert_arrives();

    let run = held.poke(&home, &["--method", "etrn", "--domain", "#customer.test"]);
    assert_eq!(run.status, 77, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("refused", "not-allowed"));
    assert_eq!(
        poke["domains"][0]["text"],
        "4.5.4 Queue customer.test unknown"
    );
}

#[test]
fn forbidden_etrn_is_refused_unless_that_is_normal_there() {
    let held = nothing(Etrn::Never);
    let run = held.poke(&Home::new(), DOMAIN);
    assert_eq!(run.status, 76, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("refused", "not-implemented"));
    assert_eq!(poke["domains"][0]["code"], 502);

    let lines = "method = \"etrn\"\ndomains = [\"customer.test\"]\nnormal_codes = [502]";
    let home = Home::with(&[account("sendmail", held.provider.address(), lines)]);
    let run = home.run(&["poke", "sendmail", "--json"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(outcome(&run.object()), ("signalled", "normal-here"));
}
