//! ATRN and TURN: the mail server first, then the turn, the bridge, and whether to come again. Here
//! each conversation is put together from parts; those that stand alone are in `scripts/turns`.

use std::time::Duration;

use dequeue_smtp::{Login, LoginChoice, Method, Outcome, Plan, Reason, Report, limits};

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

/// Exim counts the mail before it turns, and another visit may be faster.
#[test]
fn a_turn_without_a_message_is_nothing_waiting() {
    for said in [
        "",
        "\nprovider: QUIT",
        "\nprovider: QUIT\nmail-server: 221 bye",
        "\nprovider: EHLO odmr.provider.test",
        "\nprovider: EHLO odmr.provider.test\nmail-server: 250 mail.office.test",
        "\nprovider: EHLO odmr.provider.test\nmail-server: 250 mail.office.test\nprovider: QUIT",
    ] {
        let script = [READY, "\n> ATRN a.example\n< 250 turning", said, "\nover"];
        let report = play(Method::Atrn, &["a.example"], &script);
        assert_eq!(verdict(&report), (NothingWaiting, NoMessages), "{said}");
    }
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

#[test]
fn auto_turns_where_it_is_offered_to_who_has_a_login() {
    let seen = "
        connect
        < 220 odmr.provider.test ESMTP
        > EHLO office.example
        < 250-odmr.provider.test
        < 250-AUTH CRAM-MD5
        < 250 ATRN
        > QUIT
        < 221 bye";
    let then = "
        mail-server-connect
        mail-server< 220 mail.office.test ESMTP
        connect
        < 220 odmr.provider.test ESMTP
        > EHLO office.example
        < 250-odmr.provider.test
        < 250-AUTH CRAM-MD5
        < 250 ATRN
        > AUTH CRAM-MD5
        < 334 PDE4OTYuNjk3MTcwOTUyQHBvc3RvZmZpY2UucmVzdG9uLm1jaS5uZXQ+
        > dGltIGI5MTNhNjAyYzdlZGE3YTQ5NWI0ZTZlNzMzNGQzODkw
        < 235 in
        > ATRN
        < 453 no mail
        > QUIT
        < 221 bye";
    let plan = Plan {
        login: Some(Login {
            user: "tim".into(),
            secret: Some("tanstaaftanstaaf".to_owned().into()),
            choice: LoginChoice::Auto,
            in_clear: false,
            certificate: false,
        }),
        ..plan(Method::Auto, &[])
    };
    let (report, _) = Script::new(&[seen, then].concat()).play(plan);
    assert_eq!(verdict(&report), (NothingWaiting, NoMessages));
    assert_eq!(report.method, Method::Atrn);
}
