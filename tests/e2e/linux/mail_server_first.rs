//! The mail server does not take mail, and what the provider holds would go back to its senders: no
//! poke goes out until it does, and then one goes by itself.

use std::time::Duration;

use crate::{
    programs::{Home, account, outcome},
    rig::{
        autoturn::{AutoTurn, Delivery, Options},
        mail,
        mail_server::{MailServer, Stage},
        wait::{self, SOON},
    },
};

/// The engine looks three times a minute whether the mail server is back.
const LOOKED: Duration = Duration::from_secs(60);

/// How the mail server fails where it listens.
const FAILURES: [(Stage, &str); 4] = [
    (Stage::Greeting, "554 5.3.2 No service here"),
    (Stage::Greeting, "421 4.3.2 Shutting down"),
    (Stage::Hello, "421 4.3.2 Too busy"),
    (Stage::Rcpt, "554 5.7.1 Relay access denied"),
];

#[test]
fn a_poke_waits_for_the_mail_server_and_goes_by_itself() {
    let mut mail_server = MailServer::down();
    let provider = AutoTurn::start(Options::new(mail_server.address()));
    let sent = mail::awkward(3, "office@customer.test");
    provider.hold(&sent);
    let lines = format!(
        "method = \"signal\"\ndomains = [\"customer.test\"]\nevery = \"1h\"\n\
         mail_server = \"{}\"\nmail_server_test = true",
        mail_server.address()
    );
    let home = Home::with(&[account("vevida", provider.address(), &lines)]);
    let engine = home.start_engine();

    // Nothing listens.
    let first = home.wait_for_pokes("vevida", 1, SOON).remove(0);
    assert_eq!(outcome(&first), ("held", "mail-server-down"));
    let run = home.run(&["poke", "vevida"]);
    assert_eq!(run.status, 75, "{run:?}");
    assert!(run.out.contains("nothing listens at"), "{run:?}");

    // It answers, and would refuse.
    mail_server.answer(Stage::Greeting, FAILURES[0].1);
    mail_server.start();
    for (stage, answer) in FAILURES {
        mail_server.answer_as_usual();
        mail_server.answer(stage, answer);
        let run = home.run(&["poke", "vevida", "--json"]);
        assert_eq!(run.status, 75, "{answer}: {run:?}");
        let poke = run.object();
        assert_eq!(
            outcome(&poke),
            ("held", "mail-server-not-ready"),
            "{answer}"
        );
        let explanation = poke["explanation"].as_str().unwrap();
        assert!(explanation.contains(answer), "{explanation}");
    }
    let status = home.run(&["status"]);
    assert!(status.out.contains("Relay access denied"), "{status:?}");

    // The engine looks by itself, and sees that it would still refuse.
    let visits = mail_server.visits().len();
    let pokes = home.history("vevida").len();
    wait::until("the engine to look for your mail server", LOOKED, || {
        let looks = mail_server.visits().split_off(visits);
        let over = |commands: &Vec<String>| commands.iter().any(|line| line == "QUIT");
        looks.iter().any(|look| over(&look.commands)).then_some(())
    });
    assert_eq!(home.history("vevida").len(), pokes, "held once more");
    assert!(provider.pokes().is_empty(), "{:?}", provider.pokes());

    mail_server.answer_as_usual();
    mail::assert_arrived(&sent, &mail_server.wait_for(sent.len(), LOOKED));
    assert!(provider.bounced().is_empty());
    assert_eq!(provider.queue_len(), 0);
    let all = Delivery::Ran {
        delivered: sent.len(),
        kept: 0,
        bounced: 0,
    };
    assert_eq!(provider.wait_for_pokes(1, SOON)[0].delivery, all);
    let last = home.wait_for_pokes("vevida", pokes + 1, SOON).remove(0);
    assert_eq!(outcome(&last), ("signalled", "quit-signals"));
    assert_eq!(last["trigger"], "mail-server-back");
    engine.end();
}

/// What the test above rests on: without a look at the mail server the mail is gone.
#[test]
fn without_a_look_first_the_mail_would_bounce() {
    let mail_server = MailServer::up();
    mail_server.answer(Stage::Rcpt, "550 5.1.1 Nobody here");
    let provider = AutoTurn::start(Options::new(mail_server.address()));
    provider.hold(&mail::awkward(1, "office@customer.test"));
    let lines = format!(
        "method = \"signal\"\nmail_server = \"{}\"\nmail_server_first = false",
        mail_server.address()
    );
    let home = Home::with(&[account("vevida", provider.address(), &lines)]);
    assert_eq!(home.run(&["poke", "vevida"]).status, 0);
    provider.wait_for_pokes(1, SOON);
    assert_eq!(provider.bounced().len(), 1);
}
