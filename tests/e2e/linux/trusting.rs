//! A mail server that trusts this machine, as most are set up: a real Postfix with `mynetworks =
//! 127.0.0.0/8`. A turned connection comes from this machine, and must not lend that trust to whoever
//! is at its other end.

use std::{fs, net::SocketAddr, os::unix::fs::PermissionsExt};

use crate::{
    linux::{
        rig::{
            odmr::{self, Odmr},
            postfix::{Options, Own, Postfix},
            provider::Provider,
        },
        turn::{home_with, turned},
    },
    programs::{Home, account, outcome},
    rig::{
        mail,
        mail_server::MailServer,
        scripted::{Scripted, Step, line},
        wait::SOON,
    },
};

/// The mail server that trusts us, and behind it the one where the mail comes to rest.
fn trusting() -> (Postfix, MailServer) {
    let office = MailServer::up();
    let postfix = Postfix::start(&Options::with(
        Own {
            trusts: Some("127.0.0.0/8"),
            ..Own::default()
        },
        office.address(),
    ));
    (postfix, office)
}

/// What lets a poke go out all the same.
const UNTESTED: &str = "domains = [\"customer.test\", \"second.test\"]\nmail_server_test = false";

/// A provider that turns, and uses the turn to send its own mail: strangers in every spelling, before
/// and after the customer.
fn spammer() -> (Scripted, Vec<mail::Message>) {
    let sent = mail::awkward(2, "office@customer.test");
    let strangers = [
        "<victim@their.test>",
        "victim@their.test",
        "<@customer.test:victim@their.test>",
        "<victim%their.test@customer.test>",
        "<their.test!victim@customer.test>",
        "<\"victim@their.test\"@customer.test>",
        "<victim@sub.customer.test> NOTIFY=NEVER",
        "<victim>",
    ];
    let mut script = turned();
    script.extend([line("HELO mail.provider.test"), Step::Expect("250 ")]);
    for message in &sent {
        let mut said = format!("MAIL FROM:<{}>\r\n", message.from);
        for stranger in strangers {
            said += &format!("RCPT TO:{stranger}\r\nrcpt to: {stranger}\n");
        }
        said += &format!(
            "RCPT TO:<{}>\r\nRCPT TO:<x@their.test>\r\nDATA\r\n",
            message.to
        );
        script.extend([Step::Send(said.into()), Step::Expect("250 ")]);
        script.extend((0..strangers.len() * 2).map(|_| Step::Expect("550 5.7.1")));
        script.extend([
            Step::Expect("250 "),
            Step::Expect("550 5.7.1"),
            Step::Expect("354 "),
            Step::Send(mail::stuffed(&message.bytes)),
            Step::Expect("250 "),
        ]);
    }
    // Nor by any other way.
    for command in [
        "XCLIENT ADDR=192.0.2.1",
        "VRFY victim@their.test",
        "ETRN their.test",
    ] {
        script.extend([line(command), Step::Expect("502 ")]);
    }
    script.extend([line("STARTTLS"), Step::Expect("454 ")]);
    script.extend([line("QUIT"), Step::Expect("221 ")]);
    let mut without = turned();
    without.extend([line("QUIT"), Step::Expect("221 ")]);
    (Scripted::start(vec![script, without]), sent)
}

#[test]
fn a_provider_that_turns_gets_only_the_accounts_mail_through() {
    let (postfix, office) = trusting();
    let (provider, sent) = spammer();
    let home = home_with(provider.address(), postfix.address(), UNTESTED);
    let run = home.run(&["poke", "turn", "--json"]);
    assert_eq!(run.status, 0, "{run:?} {:?}", provider.conversations());
    let poke = run.object();
    assert_eq!(outcome(&poke), ("delivered", "messages-delivered"));
    assert_eq!(poke["delivered"]["messages"], 2, "{poke:#}");
    assert_eq!(poke["delivered"]["foreign"], 34, "{poke:#}");
    let explanation = poke["explanation"].as_str().unwrap();
    assert!(explanation.contains("34 recipients"), "{explanation}");
    mail::assert_arrived(&sent, &office.wait_for(2, SOON));
    postfix.wait_until_held(0);
    let log = postfix.log();
    assert!(
        !log.contains("their.test") && !log.contains("victim"),
        "{log}"
    );
}

/// The provider is not even told: what would pass is decided before it.
#[test]
fn such_a_mail_server_is_held_with_what_to_do() {
    let (postfix, _office) = trusting();
    let (provider, _) = spammer();
    let domains = "domains = [\"customer.test\"]";
    let home = home_with(provider.address(), postfix.address(), domains);
    let run = home.run(&["poke", "turn", "--json"]);
    assert_eq!(run.status, 75, "{run:?}");
    let poke = run.object();
    assert_eq!(outcome(&poke), ("held", "mail-server-not-ready"));
    assert_eq!(poke["mail_server"]["state"], "trusts-us");
    let explanation = poke["explanation"].as_str().unwrap();
    let port = postfix.address().port().to_string();
    for word in ["mynetworks=", "mail_server", &port] {
        assert!(explanation.contains(word), "{explanation}");
    }
    assert!(provider.conversations().is_empty());
    // The doctor says the same.
    let doctor = home.run(&["doctor", "turn"]);
    assert!(doctor.out.contains("mynetworks="), "{doctor:?}");
}

/// A home with an account at an ODMR provider.
fn odmr_home(odmr: &Odmr, mail_server: SocketAddr, lines: &str) -> Home {
    let home = Home::new();
    let secret = home.path().join("secret");
    fs::write(&secret, odmr.password()).unwrap();
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    let lines = format!(
        "method = \"atrn\"\ntls = \"none\"\nuser = \"{}\"\nsecret = \"file:secret\"\n\
         mail_server = \"{mail_server}\"\n{lines}",
        odmr.user()
    );
    home.set_up(&[account("odmr", odmr.address(), &lines)]);
    home
}

/// Exim hands over in chunks (RFC 3030) what Postfix takes so.
#[test]
fn all_of_the_accounts_mail_comes_from_one_real_server_to_the_other() {
    let Some(odmr) = Odmr::start(&odmr::Options::default()) else {
        return;
    };
    let (postfix, office) = trusting();
    let mut sent = mail::awkward(3, "office@customer.test");
    sent.push(mail::Message::sized("office@second.test", 300_000));
    odmr.inject(&sent);
    odmr.wait_until_held(sent.len());

    let run = odmr_home(&odmr, postfix.address(), "").run(&["poke", "odmr", "--json"]);
    assert_eq!(run.status, 75, "{run:?}");
    assert_eq!(run.object()["mail_server"]["state"], "trusts-us");
    odmr.wait_until_held(sent.len());

    let run = odmr_home(&odmr, postfix.address(), UNTESTED).run(&["poke", "odmr", "--json"]);
    assert_eq!(run.status, 0, "{run:?}");
    let poke = run.object();
    assert_eq!(poke["delivered"]["messages"], 4, "{poke:#}");
    assert_eq!(poke["delivered"]["foreign"], 0, "{poke:#}");
    mail::assert_arrived(&sent, &office.wait_for(4, SOON));
    odmr.wait_until_held(0);
}
