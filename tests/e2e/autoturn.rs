//! An AutoTURN provider, where the end of the visit is the signal and ETRN is refused.

use crate::{
    programs::{Home, Run, account, outcome},
    rig::{
        autoturn::{AutoTurn, Delivery, Ending, Options, ToEtrn},
        mail::{self, Message},
        mail_server::MailServer,
        wait::SOON,
    },
};

const DOMAIN: &str = "customer.test";

pub fn provider(mail_server: &MailServer, to_etrn: ToEtrn) -> (AutoTurn, Vec<Message>) {
    let provider = AutoTurn::start(Options {
        to_etrn,
        ..Options::new(mail_server.address())
    });
    let sent = mail::awkward(3, "office@customer.test");
    provider.hold(&sent);
    (provider, sent)
}

#[test]
fn a_large_message_arrives_byte_for_byte() {
    let mail_server = MailServer::up();
    let (provider, mut sent) = provider(&mail_server, ToEtrn::Unimplemented502);
    sent.push(Message::sized("office@customer.test", mail::LARGE));
    provider.hold(&sent[3..]);
    assert_eq!(one_shot(&Home::new(), &provider, &[]).status, 0);
    mail::assert_arrived(&sent, &mail_server.wait_for(4, SOON));
}

fn one_shot(home: &Home, provider: &AutoTurn, more: &[&str]) -> Run {
    let (ip, port) = (
        provider.address().ip().to_string(),
        provider.address().port().to_string(),
    );
    home.run(&[&[ip.as_str(), "-p", &port, "--json"], more].concat())
}

#[test]
fn refusals_that_are_normal_there_are_the_signal_and_the_mail_arrives() {
    for (to_etrn, code) in [
        (ToEtrn::Unimplemented502, 502),
        (ToEtrn::Unavailable459, 459),
    ] {
        let mail_server = MailServer::up();
        let (provider, sent) = provider(&mail_server, to_etrn);
        let lines = "method = \"etrn\"\ndomains = [\"customer.test\"]\nnormal_codes = [502, 459]";
        let home = Home::with(&[account("vevida", provider.address(), lines)]);
        let run = home.run(&["poke", "vevida", "--json"]);
        assert_eq!(run.status, 0, "{run:?}");
        let poke = run.object();
        assert_eq!(outcome(&poke), ("signalled", "normal-here"));
        assert_eq!(poke["domains"][0]["outcome"], "signalled");
        assert_eq!(poke["domains"][0]["code"], code);
        let explanation = poke["explanation"].as_str().unwrap();
        assert!(explanation.contains(&code.to_string()), "{explanation}");

        let poke = provider.wait_for_pokes(1, SOON).remove(0);
        assert_eq!(poke.ending, Ending::Quit);
        assert_eq!(poke.commands[1..], ["ETRN customer.test", "QUIT"]);
        mail::assert_arrived(&sent, &mail_server.wait_for(3, SOON));
        assert_eq!(provider.queue_len(), 0);
    }
}

#[test]
fn the_same_refusal_is_one_where_nobody_said_that_it_is_normal() {
    let mail_server = MailServer::up();
    for (to_etrn, status) in [(ToEtrn::Unimplemented502, 76), (ToEtrn::Unavailable459, 77)] {
        let (provider, _) = provider(&mail_server, to_etrn);
        let lines = "method = \"etrn\"\ndomains = [\"customer.test\"]";
        let home = Home::with(&[account("vevida", provider.address(), lines)]);
        let run = home.run(&["poke", "vevida", "--json"]);
        assert_eq!(run.status, status, "{run:?}");
        assert_eq!(run.object()["outcome"], "refused");
        // The QUIT was said nevertheless, and that is what counts there.
        assert_eq!(provider.wait_for_pokes(1, SOON)[0].ending, Ending::Quit);
    }
}

#[test]
fn the_old_command_line_signals_and_says_so() {
    for domains in [&[][..], &["-d", DOMAIN]] {
        let mail_server = MailServer::up();
        let (provider, sent) = provider(&mail_server, ToEtrn::Unimplemented502);
        let run = one_shot(&Home::new(), &provider, domains);
        assert_eq!(run.status, 0, "{run:?}");
        let poke = run.object();
        assert_eq!(outcome(&poke), ("signalled", "quit-signals"));
        assert_eq!(poke["method"], "signal");
        let poke = provider.wait_for_pokes(1, SOON).remove(0);
        // The answer to ETRN is how it learned that it is not known; without a domain the offer is
        // all that is looked at.
        let expected: &[&str] = if domains.is_empty() {
            &["EHLO", "QUIT"]
        } else {
            &["EHLO", "ETRN", "QUIT"]
        };
        let verbs: Vec<&str> = poke
            .commands
            .iter()
            .map(|command| command.split(' ').next().unwrap())
            .collect();
        assert_eq!(verbs, expected);
        assert_eq!(poke.ending, Ending::Quit);
        mail::assert_arrived(&sent, &mail_server.wait_for(3, SOON));

        // In words for a person, the method among them.
        let (ip, port) = (
            provider.address().ip().to_string(),
            provider.address().port().to_string(),
        );
        let run = Home::new().run(&[&[ip.as_str(), "-p", &port], domains].concat());
        assert_eq!(run.status, 0, "{run:?}");
        assert!(run.out.to_lowercase().contains("signal"), "{run:?}");
    }
}

#[test]
fn mail_is_kept_while_the_mail_server_is_down() {
    let mut mail_server = MailServer::down();
    let (provider, sent) = provider(&mail_server, ToEtrn::Unimplemented502);
    let home = Home::new();
    let run = one_shot(&home, &provider, &["-d", DOMAIN]);
    assert_eq!(run.status, 0, "{run:?}");
    let pokes = provider.wait_for_pokes(1, SOON);
    assert_eq!(pokes[0].delivery, Delivery::Unreachable);
    assert_eq!((provider.queue_len(), provider.bounced().len()), (3, 0));

    mail_server.start();
    assert!(mail_server.arrivals().is_empty(), "before the poke");
    assert_eq!(one_shot(&home, &provider, &["-d", DOMAIN]).status, 0);
    mail::assert_arrived(&sent, &mail_server.wait_for(3, SOON));
}
