//! Green is what was proved: what a person is told of an account whose provider says yes, by every
//! face that there is without a desktop.

use serde_json::Value;

use crate::{
    linux::rig::{
        exim::{self, Exim},
        postfix::{self, Postfix},
        provider::Provider,
        sendmail::{self, Sendmail},
    },
    programs::{Home, Run, account, outcome},
    rig::{
        autoturn::{AutoTurn, Options, ToEtrn},
        mail,
        mail_server::MailServer,
        scripted::{Scripted, Step, hello, line},
        wait::{self, SOON},
    },
};

/// An account as `status --json` has it.
fn standing(home: &Home, account: &str) -> Value {
    let status = home.run(&["status", "--json"]).object();
    let accounts = status["accounts"].as_array().expect("accounts");
    let found = accounts.iter().find(|it| it["name"] == account);
    found.expect("the account").clone()
}

fn health(home: &Home, account: &str) -> String {
    let health = &standing(home, account)["health"];
    health.as_str().expect("a health").to_owned()
}

fn assert_praises_nothing(run: &Run) {
    let said = format!("{}{}", run.out, run.err).to_lowercase();
    for praise in [
        "works",
        "all well",
        "all is well",
        "need not",
        "delivery has started",
    ] {
        assert!(!said.contains(praise), "{praise:?} in {said}");
    }
}

/// A host without domains at a server that starts delivery by domain.
fn needs_a_domain(provider: &impl Provider) {
    let address = provider.address();
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    let home = Home::with(&[account("office", address, "every = \"1h\"")]);

    let by_host = home.run(&[&host, "-p", &port]);
    assert_eq!(by_host.status, 64, "{by_host:?}");
    assert!(by_host.out.contains("--domain"), "{by_host:?}");
    assert_praises_nothing(&by_host);

    let engine = home.start_engine();
    let poke = home.wait_for_pokes("office", 1, SOON).remove(0);
    assert_eq!(outcome(&poke), ("failed", "domains-needed"), "{poke:#}");
    assert_eq!(standing(&home, "office")["health"], "needs-you");
    assert_eq!(
        home.run(&["status", "--json"]).object()["health"],
        "needs-you"
    );
    let status = home.run(&["status"]);
    assert!(
        status.out.starts_with("office: Needs something from you"),
        "{status:?}"
    );
    assert!(status.out.contains("Domains"), "{status:?}");
    assert_praises_nothing(&status);
    let plugin = home.run(&["status", "--check"]);
    assert_eq!(plugin.status, 1, "{plugin:?}");
    assert!(
        plugin.out.starts_with("DEQUEUE WARNING - office: "),
        "{plugin:?}"
    );
    assert!(plugin.out.contains(" needs_you=1;0;;0 "), "{plugin:?}");
    let doctor = home.run(&["doctor", "office", "--json"]);
    assert_eq!(doctor.status, 64, "{doctor:?}");
    assert_eq!(doctor.objects().pop().unwrap()["cause"], "method");
    // The engine gathers what it tells for some seconds.
    let notices = wait::until("the notice", SOON, || {
        let notices = home.run(&["notices"]);
        notices.out.contains("office: needs").then_some(notices)
    });
    assert_praises_nothing(&notices);
    // Its domain is all that was missing.
    let set = home.run(&["account", "set", "office", "domains=customer.test"]);
    assert_eq!(set.status, 0, "{set:?}");
    let poke = home.run(&["poke", "office"]);
    assert_eq!(poke.status, 0, "{poke:?}");
    assert_eq!(health(&home, "office"), "asked");
    engine.end();
}

#[test]
fn a_host_without_domains_at_a_real_postfix_needs_something_of_the_user() {
    let mail_server = MailServer::down();
    needs_a_domain(&Postfix::start(&postfix::Options::new(
        mail_server.address(),
    )));
}

#[test]
fn a_host_without_domains_at_a_real_exim_needs_something_of_the_user() {
    let mail_server = MailServer::down();
    needs_a_domain(&Exim::start(&exim::Options::new(mail_server.address())));
}

#[test]
fn a_host_without_domains_at_a_real_sendmail_needs_something_of_the_user() {
    let mail_server = MailServer::down();
    needs_a_domain(&Sendmail::start(&sendmail::Options::new(
        mail_server.address(),
    )));
}

/// It says 250 each time, and nothing ever comes: nothing is confirmed, however often it is asked.
#[test]
fn a_provider_that_says_yes_and_delivers_nothing_is_never_proved() {
    let mail_server = MailServer::up();
    let mut script = hello(&["ETRN"]);
    script.extend([
        Step::Expect("ETRN customer.test"),
        line("250 2.0.0 Queuing for node customer.test started"),
        Step::Expect("QUIT"),
        line("221 2.0.0 Bye"),
    ]);
    let provider = Scripted::always(script);
    let own = mail_server.address();
    let lines = format!("every = \"1h\"\ndomains = [\"customer.test\"]\nmail_server = \"{own}\"");
    let home = Home::with(&[account("promise", provider.address(), &lines)]);
    let engine = home.start_engine();
    home.wait_for_pokes("promise", 1, SOON);
    for _ in 0..3 {
        let poke = home.run(&["poke", "promise", "--json"]);
        assert_eq!(poke.status, 0, "{poke:?}");
        let poke = poke.object();
        assert_eq!(outcome(&poke), ("started", "queuing-started"));
        assert_eq!(poke["proves"], false, "{poke:#}");
        assert_eq!(health(&home, "promise"), "asked");
    }
    let status = home.run(&["status"]);
    assert!(
        status.out.starts_with("promise: Asked; not confirmed"),
        "{status:?}"
    );
    let plugin = home.run(&["status", "--check"]);
    assert_eq!(plugin.status, 0, "{plugin:?}");
    assert!(plugin.out.contains("not confirmed"), "{plugin:?}");
    assert!(
        plugin.out.contains(" proved=0;;;0 asked=1;;;0 "),
        "{plugin:?}"
    );
    engine.end();
}

/// A visit that starts an AutoTURN provider's queue: nobody can tell, until mail has come.
#[test]
fn an_autoturn_provider_is_asked_and_proved_once_it_brought_mail() {
    let mail_server = MailServer::up();
    let provider = AutoTurn::start(Options {
        to_etrn: ToEtrn::Unimplemented502,
        ..Options::new(mail_server.address())
    });
    let own = mail_server.address();
    let lines = format!("every = \"1h\"\ndomains = [\"customer.test\"]\nmail_server = \"{own}\"");
    let home = Home::with(&[account("visited", provider.address(), &lines)]);
    let engine = home.start_engine();
    let first = home.wait_for_pokes("visited", 1, SOON).remove(0);
    assert_eq!(outcome(&first), ("signalled", "quit-signals"));
    let said = first["explanation"].as_str().unwrap();
    assert!(
        said.contains("nobody can tell until mail has arrived"),
        "{said}"
    );
    assert_eq!(health(&home, "visited"), "asked");

    let sent = mail::awkward(2, "office@customer.test");
    provider.hold(&sent);
    assert_eq!(home.run(&["poke", "visited"]).status, 0);
    mail::assert_arrived(&sent, &mail_server.wait_for(2, SOON));
    wait::until("the proof", SOON, || {
        (health(&home, "visited") == "proved").then_some(())
    });
    let last = standing(&home, "visited")["last"].clone();
    assert_eq!(last["proves"], true, "{last:#}");
    let said = last["explanation"].as_str().unwrap();
    assert!(!said.contains("nobody can tell"), "{said}");
    assert!(home.run(&["status"]).out.starts_with("visited: Works"));
    engine.end();
}
