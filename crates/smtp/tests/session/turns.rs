//! ATRN and TURN: the mail server first, then the turn, the bridge, and whether to come again. Here
//! each conversation is put together from parts; those that stand alone are in `scripts/turns`.

use std::time::Duration;

use dequeue_smtp::{Login, LoginChoice, Method, Outcome, Plan, Reason, Report, Security, limits};

use crate::provider::{Script, plan};
use Outcome::*;
use Reason::*;

const READY: &str = "
    mail-server-connect
    mail-server< 220 mail.office.test ESMTP
    connect
    < 220 odmr.provider.test ESMTP
    > EHLO office.example
    < 250-odmr.provider.test
    < 250 ATRN";

const BYE: &str = "
    > QUIT
    < 221 bye";

const ONE_MESSAGE: &str = "
    < 250 OK, now reversing the connection
    provider: EHLO odmr.provider.test
    mail-server: 250 mail.office.test
    provider: MAIL FROM:<a@b.test>
    mail-server: 250 ok
    provider: RCPT TO:<c@a.example>
    mail-server: 250 ok
    provider: DATA
    mail-server: 354 go on
    provider: Subject: hello
    provider:
    provider: .
    mail-server: 250 taken
    provider: QUIT
    mail-server: 221 bye
    over";

const NO_MESSAGE: &str = "
    < 250 OK, now reversing the connection
    provider: EHLO odmr.provider.test
    mail-server: 250 mail.office.test
    provider: QUIT
    mail-server: 221 bye
    over";

fn play(method: Method, domains: &[&str], script: &[&str]) -> Report {
    Script::new(&script.concat()).play(plan(method, domains)).0
}

fn verdict(report: &Report) -> (Outcome, Reason) {
    (report.verdict.outcome, report.verdict.reason)
}

/// Some never say that there is nothing more.
#[test]
fn visits_are_bounded() {
    let visit = [READY, "\n> ATRN", ONE_MESSAGE].concat();
    let script = visit.repeat(limits::TURNS as usize);
    let report = play(Method::Atrn, &[], &[&script]);
    assert_eq!(verdict(&report), (Delivered, MessagesDelivered));
    assert_eq!(report.passed.unwrap().messages, Some(limits::TURNS));
}

#[test]
fn what_the_provider_says_instead_of_turning() {
    for (reply, outcome, reason, exit) in [
        ("453 You have no mail", NothingWaiting, NoMessages, 0),
        ("450 ATRN request refused", Refused, TryLater, 75),
        ("451 cannot check now", Refused, TryLater, 75),
        ("502 not implemented", Refused, NotImplemented, 76),
        ("530 Authentication required", Refused, LoginRequired, 77),
        (
            "530 Must issue a STARTTLS command first",
            Refused,
            TlsRequired,
            77,
        ),
        ("535 wrong", Refused, LoginRefused, 77),
        ("553 not yours", Refused, Denied, 77),
        ("251 what", Refused, BadReply, 76),
        (
            "250-odmr.provider.test\n< 250 ATRN\n< 453 no mail",
            NothingWaiting,
            NoMessages,
            0,
        ),
    ] {
        let script = [READY, "\n> ATRN a.example\n< ", reply, BYE];
        let report = play(Method::Atrn, &["a.example"], &script);
        assert_eq!(verdict(&report), (outcome, reason), "{reply}");
        assert_eq!(report.verdict.exit_status(), exit, "{reply}");
    }
}

/// A refusal of the second visit does not unmake what the first has brought.
#[test]
fn what_was_delivered_stays_delivered() {
    let atrn = "\n> ATRN a.example";
    for end in [
        "\n< 450 too frequent\n> QUIT\n< 221 bye",
        "\n< 553 no\n> QUIT\n< 221 bye",
        "\nclose",
        "\nsilence 600s\n> QUIT\nsilence 5s",
    ] {
        let report = play(
            Method::Atrn,
            &["a.example"],
            &[READY, atrn, ONE_MESSAGE, READY, atrn, end],
        );
        assert_eq!(verdict(&report), (Delivered, MessagesDelivered), "{end}");
    }
    let report = play(
        Method::Atrn,
        &["a.example"],
        &[READY, atrn, ONE_MESSAGE, "\nmail-server-refuse"],
    );
    assert_eq!(verdict(&report), (Delivered, MessagesDelivered));
}

#[test]
fn without_the_mail_server_nothing_is_sent() {
    for (start, reason) in [
        ("mail-server-refuse", MailServerDown),
        (
            "mail-server-connect\nmail-server< 421 too busy",
            MailServerNotReady,
        ),
        (
            "mail-server-connect\nmail-server< 554 go away",
            MailServerNotReady,
        ),
        (
            "mail-server-connect\nmail-server< what is this",
            MailServerNotReady,
        ),
        ("mail-server-connect\nclose", MailServerNotReady),
    ] {
        let report = play(Method::Atrn, &["a.example"], &[start]);
        assert_eq!(verdict(&report), (Held, reason), "{start}");
        assert_eq!(report.verdict.exit_status(), 75);
        assert_eq!(report.round_trips, 0);
    }
}

/// Only a goodbye says that there is no mail.
#[test]
fn a_turn_without_a_message_is_nothing_waiting_only_with_a_goodbye() {
    let ehlo = "\nprovider: EHLO odmr.provider.test\nmail-server: 250 mail.office.test";
    for said in [
        "\nprovider: QUIT",
        "\nprovider: QUIT\nmail-server: 221 bye",
        &format!("{ehlo}\nprovider: QUIT"),
        &format!(
            "{ehlo}\nprovider: RSET\nmail-server: 250 ok\nprovider: QUIT\nmail-server: 221 bye"
        ),
    ] {
        let script = [READY, "\n> ATRN a.example\n< 250 turning", said, "\nover"];
        let report = play(Method::Atrn, &["a.example"], &script);
        assert_eq!(verdict(&report), (NothingWaiting, NoMessages), "{said}");
    }
    for said in [
        // Exim, where another visit was faster.
        "",
        "\nprovider: EHLO odmr.provider.test",
        ehlo,
        "\nprovider: rubbish",
    ] {
        let script = [READY, "\n> ATRN a.example\n< 250 turning", said, "\nover"];
        let report = play(Method::Atrn, &["a.example"], &script);
        assert_eq!(verdict(&report), (Unknown, TurnAbandoned), "{said}");
        assert_eq!(report.verdict.exit_status(), 75);
    }
}

/// A server that says 250 to anything, and answers what must be its client's to ask.
#[test]
fn a_turn_that_is_none_ends_at_once() {
    for (said, and_then) in [
        ("provider: 500 5.5.1 unrecognized", ""),
        ("provider: 250-odmr.provider.test", ""),
        (
            "provider: what?\nprovider: what?\nprovider: what?\nprovider: what?\nprovider: what?",
            "provider: what?\nprovider: what?\nprovider: what?\nprovider: what?\nprovider: what?",
        ),
    ] {
        let script = [
            READY,
            "\n> ATRN a.example\n< 250 turning\n",
            said,
            "\n",
            and_then,
            "\nover",
        ];
        let report = play(Method::Atrn, &["a.example"], &script);
        assert_eq!(verdict(&report), (Refused, DidNotTurn), "{said}");
        assert_eq!(report.verdict.exit_status(), 76);
    }
    // Behind an old firewall every command is a NOOP.
    let masked = READY.replace(
        "220 odmr.provider.test ESMTP",
        "220 ****************02**0****",
    );
    let script = [&masked, "\n> ATRN a.example\n< 250 ok", BYE];
    let report = play(Method::Atrn, &["a.example"], &script);
    assert_eq!(verdict(&report), (Unknown, MaskedByFirewall));
    assert_eq!(report.passed, None);
}

/// Recipients of other domains never reach the mail server; what is for the account does.
#[test]
fn only_the_accounts_recipients_pass() {
    let to = |recipient: &str| {
        format!(
            "
            provider: EHLO odmr.provider.test
            mail-server: 250 mail.office.test
            provider: MAIL FROM:<a@b.test>
            mail-server: 250 ok
            provider: RCPT TO:<x@their.test>
            {recipient}"
        )
    };
    let both = to("provider: RCPT TO:<c@a.example>
            mail-server: 250 ok
            provider: RCPT TO:<d@a.example>
            mail-server: 550 no such user
            provider: DATA
            mail-server: 354 go on
            provider: .
            mail-server: 250 taken
            provider: QUIT
            mail-server: 221 bye
            over");
    let none = to("provider: DATA
            mail-server: 503 no recipients
            provider: QUIT
            mail-server: 221 bye
            over");
    let turned = "\n> ATRN a.example\n< 250 turning";
    let report = play(
        Method::Atrn,
        &["a.example"],
        &[
            READY,
            turned,
            &both,
            READY,
            "\n> ATRN a.example\n< 453 no mail",
            BYE,
        ],
    );
    assert_eq!(verdict(&report), (Delivered, MessagesDelivered));
    let passed = report.passed.unwrap();
    assert_eq!((passed.messages, passed.refused), (Some(1), 0));
    assert_eq!((passed.recipients_refused, passed.foreign), (1, 1));

    let report = play(Method::Atrn, &["a.example"], &[READY, turned, &none]);
    assert_eq!(verdict(&report), (Failed, ForeignRecipients));
    let passed = report.passed.unwrap();
    assert_eq!(
        (passed.messages, passed.refused, passed.foreign),
        (Some(0), 0, 1)
    );
}

/// Exim hangs up without a word while its process of the visit before still holds the next message.
#[test]
fn who_hangs_up_after_a_message_is_visited_again() {
    let visit = |turn| [READY, "\n> ATRN a.example", turn].concat();
    let silence = visit("\n< 250 turning\nover");
    let message = visit(ONE_MESSAGE);
    let none = visit(&["\n< 453 no mail", BYE].concat());
    let again = silence.repeat(limits::SILENT_TURNS as usize);
    let script = [&message, &again, &message, &silence, &again];
    let report = play(Method::Atrn, &["a.example"], &script.map(String::as_str));
    assert_eq!(verdict(&report), (Delivered, MessagesDelivered));
    assert_eq!(report.passed.unwrap().messages, Some(2));
    let script = [&message, &silence, &none];
    let report = play(Method::Atrn, &["a.example"], &script.map(String::as_str));
    assert_eq!(verdict(&report), (Delivered, MessagesDelivered));
}

/// Whatever the mail server's no is said to, the message is not taken, and there was one.
#[test]
fn a_refusal_of_the_envelope_is_one_of_the_message() {
    let start = "
        provider: EHLO odmr.provider.test
        mail-server: 250 mail.office.test
        provider: MAIL FROM:<a@b.test>";
    let quit = "
        provider: QUIT
        mail-server: 221 bye";
    let sender = "
        mail-server: 451 later";
    let recipients = "
        mail-server: 250 ok
        provider: RCPT TO:<c@a.example>
        mail-server: 550 nobody
        provider: RCPT TO:<d@a.example>
        mail-server: 451 later";
    let data = "
        mail-server: 250 ok
        provider: RCPT TO:<c@a.example>
        mail-server: 250 ok
        provider: DATA
        mail-server: 452 full";
    let pipelined = "
        provider: RCPT TO:<c@a.example>
        provider: DATA
        mail-server: 451 later
        mail-server: 503 what mail
        mail-server: 503 what recipient";
    for refusal in [sender, recipients, data, pipelined] {
        for end in ["", quit, "\nprovider: RSET\nmail-server: 250 ok"] {
            let script = [
                READY,
                "\n> ATRN a.example\n< 250 turning",
                start,
                refusal,
                end,
                "\nover",
            ];
            let report = play(Method::Atrn, &["a.example"], &script);
            assert_eq!(
                verdict(&report),
                (Failed, MailServerRefused),
                "{refusal}{end}"
            );
            assert_eq!(report.passed.unwrap().refused, 1, "{refusal}{end}");
        }
    }
}

#[test]
fn a_bridge_that_breaks() {
    let (envelope, _) = ONE_MESSAGE.split_once("provider: DATA").unwrap();
    let (start, _) = ONE_MESSAGE.split_once("provider: .").unwrap();
    let atrn = "\n> ATRN a.example";
    for (end, reason) in [
        ("over", DeliveryBroken),
        ("mail-server-gone\nover", DeliveryBroken),
        ("idle", DeliveryBroken),
    ] {
        for start in [envelope, start] {
            let report = play(Method::Atrn, &["a.example"], &[READY, atrn, start, end]);
            assert_eq!(verdict(&report), (Unknown, reason), "{end}");
            assert_eq!(report.passed.unwrap().messages, Some(0));
        }
    }
    for (end, reason) in [
        ("mail-server-gone\nover", DeliveryBroken),
        ("idle", NoAnswer),
    ] {
        let turned = "\n< 250 turning\n";
        let report = play(Method::Atrn, &["a.example"], &[READY, atrn, turned, end]);
        assert_eq!(verdict(&report), (Unknown, reason), "{end}");
    }
    // What cannot be counted is not well for that where the bridge did not end.
    let tls = "
        < 250 turning
        provider: EHLO odmr.provider.test
        mail-server: 250 mail.office.test
        provider: STARTTLS
        mail-server: 220 go
        provider: (what nobody can read)";
    for (end, outcome, reason) in [
        ("\nidle", Unknown, DeliveryBroken),
        ("\nover", Delivered, DeliveredUncounted),
    ] {
        let mut script = vec![READY, atrn, tls, end];
        if outcome == Delivered {
            script.extend([READY, atrn, "\n< 453 no mail", BYE]);
        }
        let report = play(Method::Atrn, &["a.example"], &script);
        assert_eq!(verdict(&report), (outcome, reason), "{end}");
        assert_eq!(report.passed.unwrap().messages, None);
    }
    // Between two messages an end without QUIT is rude, and nothing else.
    let (message, _) = ONE_MESSAGE.split_once("provider: QUIT").unwrap();
    let report = play(
        Method::Atrn,
        &["a.example"],
        &[READY, atrn, message, "over", READY, atrn, NO_MESSAGE],
    );
    assert_eq!(verdict(&report), (Delivered, MessagesDelivered));
}

/// The provider looks through its queue before it answers (RFC 2645 5.2.1).
#[test]
fn a_turn_may_take_ten_minutes() {
    let report = play(
        Method::Atrn,
        &["a.example"],
        &[READY, "\n> ATRN a.example\nafter 599s\n< 453 no mail", BYE],
    );
    assert_eq!(verdict(&report), (NothingWaiting, NoMessages));
    assert!(limits::BRIDGE_IDLE > Duration::from_secs(600));
}

#[test]
fn many_domains_are_asked_for_in_lines_that_are_allowed() {
    let names: Vec<String> = (0..30)
        .map(|i| format!("a-rather-long-name-{i:02}.example.org"))
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let mut script = String::new();
    for chunk in names.chunks(14) {
        let line = chunk.join(",");
        assert!(line.len() <= 505);
        script += &format!("{READY}\n> ATRN {line}\n< 453 no mail{BYE}");
    }
    let report = play(Method::Atrn, &names, &[&script]);
    assert_eq!(report.domains.len(), 30);
    assert_eq!(verdict(&report), (NothingWaiting, NoMessages));
}

/// A login with this secret.
fn login() -> Option<Login> {
    Some(Login {
        user: "tim".into(),
        secret: Some("tanstaaftanstaaf".to_owned().into()),
        choice: LoginChoice::Auto,
        in_clear: false,
        certificate: false,
    })
}

/// What anyone on the line can say is not enough for a connection to the mail server.
#[test]
fn auto_turns_only_for_a_provider_that_is_known() {
    let hello = |greeting: &str, offers: &str| {
        format!(
            "
        connect
        < 220 {greeting}
        > EHLO office.example
        < 250-odmr.provider.test
        {offers}< 250 ATRN"
        )
    };
    let greeting = "odmr.provider.test ESMTP";
    let log_in = "
        > AUTH CRAM-MD5
        < 334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+
        > dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw
        < 235 in";
    let (cram, scram) = (
        "< 250-AUTH CRAM-MD5\n",
        "< 250-AUTH CRAM-MD5 SCRAM-SHA-256\n",
    );
    let etrn = "
        > ETRN a.example
        < 250 queuing started
        > QUIT
        < 221 bye";
    let plan = |security, may_turn| Plan {
        login: login(),
        security,
        may_turn,
        ..plan(Method::Auto, &["a.example"])
    };
    let mail_server = "
        mail-server-connect
        mail-server< 220 mail.office.test ESMTP";
    let no_mail = "
        > ATRN a.example
        < 453 no mail
        > QUIT
        < 221 bye";

    // In the clear, with a login that proves nothing of the server.
    let script = [&hello(greeting, cram), log_in, etrn].concat();
    let (report, _) = Script::new(&script).play(plan(Security::None, true));
    assert_eq!(
        (report.method, verdict(&report)),
        (Method::Etrn, (Started, QueuingStarted))
    );

    // Under TLS that holds, and under TLS that anyone could have begun.
    let tls = |trust: &str| {
        let offers = ["< 250-STARTTLS\n", cram].concat();
        let again = hello("", cram);
        let (_, again) = again.split_once("> EHLO").unwrap();
        [
            &hello(greeting, &offers),
            "\n> STARTTLS\n< 220 go\ntls ",
            trust,
            "\n> EHLO",
            again,
        ]
        .concat()
    };
    let bye = BYE;
    for (trust, may_turn, method) in [
        ("verified", true, Method::Atrn),
        ("pinned", true, Method::Atrn),
        ("verified", false, Method::Etrn),
        ("unverified", true, Method::Etrn),
    ] {
        let script = match method {
            Method::Atrn => [&tls(trust), bye, mail_server, &tls(trust), log_in, no_mail].concat(),
            _ => [&tls(trust), log_in, etrn].concat(),
        };
        let plan = plan(Security::Opportunistic, may_turn);
        let (report, _) = Script::new(&script).play(plan);
        assert_eq!(report.method, method, "{trust} {may_turn}");
    }

    // One that proves itself, and one that only offers to.
    let proof = "
        > AUTH SCRAM-SHA-256 biwsbj10aW0scj1BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQT09
        < 334 cj1BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQT09WCxzPWMyRnNkQT09LGk9NDA5Ng==
        > Yz1iaXdzLHI9QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE9PVgscD1RVytwY3F5M2hGWUpQbWY1T05zYUtRQWlyYzBmanRJaWNOODk1bFQ4RWVRPQ==
        < 334 dj1IcGVTNmE2bXgzMDZtYzBVdkVyNk53Y09GODN2aUxNZnRVaW1mMlFVN1E4PQ==
        > 
        < 235 in";
    let other = "
        > AUTH SCRAM-SHA-256 biwsbj10aW0scj1BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQT09
        < 504 not that
        > AUTH CRAM-MD5
        < 334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+
        > dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw
        < 235 in";
    let hello = hello(greeting, scram);
    for (login, then, method) in [(proof, no_mail, Method::Atrn), (other, etrn, Method::Etrn)] {
        let script = [&hello, bye, mail_server, &hello, login, then].concat();
        let (report, _) = Script::new(&script).play(plan(Security::None, true));
        assert_eq!(report.method, method, "{login}");
    }
}
