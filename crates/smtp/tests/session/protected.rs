//! TLS and logins: what is asked, in which order, and when nothing is asked at all.

use dequeue_smtp::{Login, LoginChoice, Mechanism, Method, Outcome, Plan, Reason, Security, Trust};

use crate::provider::{Script, plan};
use Outcome::*;
use Reason::*;
use Security::*;

const OFFERS: &str = "
    connect
    < 220 mail.provider.test ESMTP
    > EHLO office.example
    < 250-mail.provider.test
    < 250-PIPELINING
    < 250-ETRN
    < 250 STARTTLS";

const ASKED: &str = "
    > ETRN a.example
    > QUIT
    < 250 OK
    < 221 bye";

fn with(security: Security) -> Plan {
    Plan {
        security,
        ..plan(Method::Etrn, &["a.example"])
    }
}

fn comes_to(plan: Plan, script: &[&str]) -> (Outcome, Reason) {
    let (report, _) = Script::new(&script.concat()).play(plan);
    (report.verdict.outcome, report.verdict.reason)
}

#[test]
fn each_wish_for_tls() {
    let again = "
        > EHLO office.example
        < 250-mail.provider.test
        < 250-PIPELINING
        < 250 ETRN";
    let started = "
        > STARTTLS
        < 220 go ahead
        tls verified";
    for (security, middle) in [
        (None, "".to_owned()),
        (Opportunistic, [started, again].concat()),
        (Required, [started, again].concat()),
    ] {
        let script = [OFFERS, &middle, ASKED];
        assert_eq!(
            comes_to(with(security), &script),
            (Started, QueuingStarted),
            "{security:?}"
        );
    }
    let implicit = "
        connect
        tls pinned
        < 220 mail.provider.test ESMTP";
    assert_eq!(
        comes_to(with(Implicit), &[implicit, again, ASKED]),
        (Started, QueuingStarted)
    );
}

#[test]
fn what_is_learnt_of_tls_is_in_the_report() {
    let script = format!(
        "{OFFERS}
        > STARTTLS
        < 220 go ahead
        tls unverified
        > EHLO office.example
        < 250-mail.provider.test Hello [198.51.100.7]
        < 250 ETRN
        > ETRN a.example
        < 250 OK
        > QUIT
        < 221 bye"
    );
    let (report, _) = Script::new(&script).play(with(Opportunistic));
    let tls = report.tls.unwrap();
    assert_eq!(
        (tls.version.as_str(), tls.trust),
        ("TLSv1.3", Trust::Unverified)
    );
    assert_eq!(report.certificate, Some(tls.certificate));
    assert_eq!(report.seen_address, Some([198, 51, 100, 7].into()));
    // Greeting, EHLO, STARTTLS, handshake, EHLO, ETRN, QUIT, and TCP's own.
    assert_eq!(report.round_trips, 8);
}

/// Each, and that nothing was asked.
#[test]
fn where_tls_is_required_nothing_is_asked_without() {
    let stripped = "
        connect
        < 220 mail.provider.test ESMTP
        > EHLO office.example
        < 250-mail.provider.test
        < 250 ETRN
        > QUIT
        < 221 bye";
    let refused = |reply: &str| {
        format!(
            "{OFFERS}
            > STARTTLS
            < {reply}
            > QUIT
            < 221 bye"
        )
    };
    let handshake = |fault: &str| {
        format!(
            "{OFFERS}
            > STARTTLS
            < 220 go ahead
            tls-fails {fault}"
        )
    };
    for (script, reason) in [
        (stripped.to_owned(), TlsNotOffered),
        (refused("454 4.7.0 not now"), TryLater),
        (refused("501 no"), TlsFailed),
        (handshake("protocol"), TlsFailed),
        (handshake("closed"), TlsFailed),
        (handshake("unknown-issuer"), CertificateUnknown),
        (handshake("expired"), CertificateExpired),
        (handshake("wrong-name"), CertificateWrongName),
        (handshake("not-the-pinned"), CertificateChanged),
    ] {
        assert_eq!(
            comes_to(with(Required), &[&script]),
            (Refused, reason),
            "{script}"
        );
    }
    let (report, _) = Script::new(&handshake("unknown-issuer")).play(with(Required));
    assert!(report.certificate.is_some(), "so that it can be pinned");
    assert!(report.tls.is_none());
}

/// Opportunistic: better asked in the clear than not at all, but a pin is a pin.
#[test]
fn where_tls_is_a_wish_its_failure_is_none() {
    let refused = format!(
        "{OFFERS}
        > STARTTLS
        < 454 4.7.0 not now{ASKED}"
    );
    let broken = format!(
        "{OFFERS}
        > STARTTLS
        < 220 go ahead
        tls-fails protocol
        {OFFERS}{ASKED}"
    );
    for script in [refused, broken] {
        assert_eq!(
            comes_to(with(Opportunistic), &[&script]),
            (Started, QueuingStarted)
        );
    }
    let pinned = format!(
        "{OFFERS}
        > STARTTLS
        < 220 go ahead
        tls-fails not-the-pinned"
    );
    assert_eq!(
        comes_to(with(Opportunistic), &[&pinned]),
        (Refused, CertificateChanged)
    );
}

/// CVE-2011-0411 and its like: what stands behind the 220 in the clear is not the provider's.
#[test]
fn what_comes_before_the_handshake_ends_the_session() {
    for injected in ["250 OK\\r\\n", "2", "\\r\\n"] {
        let script = format!(
            "{OFFERS}
            > STARTTLS
            << 220 go ahead\\r\\n{injected}"
        );
        for security in [Opportunistic, Required] {
            assert_eq!(
                comes_to(with(security), &[&script]),
                (Refused, Injected),
                "{injected}"
            );
        }
    }
}

fn login(choice: LoginChoice) -> Login {
    Login {
        user: "user".into(),
        secret: Some("pencil-case".to_owned().into()),
        choice,
        in_clear: false,
        certificate: false,
    }
}

fn logging_in(security: Security, choice: LoginChoice) -> Plan {
    Plan {
        login: Some(login(choice)),
        ..with(security)
    }
}

fn offering(mechanisms: &str) -> String {
    format!(
        "
        connect
        tls verified
        < 220 mail.provider.test ESMTP
        > EHLO office.example
        < 250-mail.provider.test
        < 250-ETRN
        < 250-PIPELINING
        < 250 AUTH {mechanisms}"
    )
}

#[test]
fn a_login_comes_before_the_request() {
    let plain = "
        > AUTH PLAIN AHVzZXIAcGVuY2lsLWNhc2U=
        < 235 2.7.0 in";
    let asked_for = "
        > AUTH LOGIN
        < 334 VXNlcm5hbWU6
        > dXNlcg==
        < 334 UGFzc3dvcmQ6
        > cGVuY2lsLWNhc2U=
        < 235 2.7.0 in";
    for (offered, conversation, only) in [
        ("PLAIN LOGIN", plain, LoginChoice::Auto),
        (
            "LOGIN PLAIN",
            asked_for,
            LoginChoice::Only(Mechanism::Login),
        ),
    ] {
        let start = offering(offered);
        assert_eq!(
            comes_to(logging_in(Implicit, only), &[&start, conversation, ASKED]),
            (Started, QueuingStarted),
            "{offered}"
        );
    }
}

/// The mechanism's fault is no verdict on the password; the password's is.
#[test]
fn the_next_mechanism_is_tried_where_one_is_not_taken() {
    let start = offering("CRAM-MD5 PLAIN");
    let next = "
        > AUTH CRAM-MD5
        < 504 5.5.4 not today
        > AUTH PLAIN AHVzZXIAcGVuY2lsLWNhc2U=
        < 235 2.7.0 in";
    assert_eq!(
        comes_to(
            logging_in(Implicit, LoginChoice::Auto),
            &[&start, next, ASKED]
        ),
        (Started, QueuingStarted)
    );
    for (reply, reason) in [
        ("454 4.7.0 later", TryLater),
        ("432 4.7.12 change it", TryLater),
        ("421 bye", ServiceClosing),
    ] {
        let end = format!(
            "
            > AUTH CRAM-MD5
            < {reply}
            > QUIT
            < 221 bye"
        );
        assert_eq!(
            comes_to(logging_in(Implicit, LoginChoice::Auto), &[&start, &end]),
            (Refused, reason),
            "{reply}"
        );
    }
}

/// A server that keeps only hashes cannot do CRAM-MD5, whatever it offers; but a password is not
/// tried again and again.
#[test]
fn a_wrong_password_is_tried_twice_at_most() {
    let start = offering("SCRAM-SHA-256 CRAM-MD5 PLAIN LOGIN");
    let scram = "
        > AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE9PQ==
        < 535 5.7.8 wrong
        > AUTH PLAIN AHVzZXIAcGVuY2lsLWNhc2U=";
    let wrong = "
        < 535 5.7.8 wrong
        > QUIT
        < 221 bye";
    let right = "
        < 235 in";
    let plan = || logging_in(Implicit, LoginChoice::Auto);
    assert_eq!(
        comes_to(plan(), &[&start, scram, wrong]),
        (Refused, LoginRefused)
    );
    assert_eq!(
        comes_to(plan(), &[&start, scram, right, ASKED]),
        (Started, QueuingStarted)
    );
}

/// Who cannot be sure that nobody listens keeps the secret, unless the user has said so.
#[test]
fn a_secret_does_not_go_over_a_line_in_the_clear() {
    let start = "
        connect
        < 220 mail.provider.test ESMTP
        > EHLO office.example
        < 250-mail.provider.test
        < 250-PIPELINING
        < 250 AUTH PLAIN LOGIN";
    let kept = "
        > QUIT
        < 221 bye";
    let given = "
        > AUTH PLAIN AHVzZXIAcGVuY2lsLWNhc2U=
        < 235 in";
    let mut plan = logging_in(None, LoginChoice::Auto);
    assert_eq!(
        comes_to(plan.clone(), &[start, kept]),
        (Refused, LoginInClear)
    );
    plan.login.as_mut().unwrap().in_clear = true;
    assert_eq!(
        comes_to(plan, &[start, given, ASKED]),
        (Started, QueuingStarted)
    );
    // A certificate that does not hold is as good as none.
    let unverified = format!(
        "{OFFERS}
        > STARTTLS
        < 220 go ahead
        tls unverified
        > EHLO office.example
        < 250-mail.provider.test
        < 250 AUTH PLAIN{kept}"
    );
    assert_eq!(
        comes_to(logging_in(Opportunistic, LoginChoice::Auto), &[&unverified]),
        (Refused, LoginInClear)
    );
}

#[test]
fn no_way_to_log_in() {
    let none = "
        connect
        tls verified
        < 220 mail.provider.test ESMTP
        > EHLO office.example
        < 250-mail.provider.test
        < 250 ETRN
        > QUIT
        < 221 bye";
    assert_eq!(
        comes_to(logging_in(Implicit, LoginChoice::Auto), &[none]),
        (Refused, LoginNotOffered)
    );
    let other = format!(
        "{}
        > QUIT
        < 221 bye",
        offering("XOAUTH2 EXTERNAL")
    );
    assert_eq!(
        comes_to(logging_in(Implicit, LoginChoice::Auto), &[&other]),
        (Refused, LoginMechanism)
    );
}

/// Whatever a provider repeats of it.
#[test]
fn a_secret_that_comes_back_is_not_shown() {
    let script = format!(
        "{}
        > AUTH PLAIN AHVzZXIAcGVuY2lsLWNhc2U=
        < 535-user has the password pencil-case
        < 535 and said AHVzZXIAcGVuY2lsLWNhc2U=
        > QUIT
        < 221 pencil-case",
        offering("PLAIN")
    );
    let (report, _) = Script::new(&script).play(logging_in(Implicit, LoginChoice::Auto));
    let shown = format!("{report:?}");
    assert!(
        !shown.contains("pencil") && !shown.contains("AHVzZXI"),
        "{shown}"
    );
    assert_eq!(
        report.verdict.text.as_deref(),
        Some("user has the password **** and said ****")
    );
    // Nor in a form that this login did not use, wherever it stands in it.
    for form in [
        "AGZyaWVuZABwZW5jaWwtY2FzZQ==",
        "AG1lAHBlbmNpbC1jYXNl",
        "dXNlciBwZW5jaWwtY2FzZSE=",
    ] {
        let script = format!("connect\ntls verified\n< 554 {form}\n> QUIT\n< 221 bye");
        let (report, _) = Script::new(&script).play(logging_in(Implicit, LoginChoice::Auto));
        let shown = format!("{report:?}");
        for part in ["GVuY2lsLWNhc", "lbmNpbC1jYXN", "ZW5jaWwtY2Fz"] {
            assert!(!shown.contains(part), "{shown}");
        }
    }
}

/// An endless AUTH, and one that cannot be understood, are called off.
#[test]
fn a_login_comes_to_an_end() {
    let start = offering("LOGIN");
    let endless = "
        > AUTH LOGIN
        < 334 VXNlcm5hbWU6
        > dXNlcg==
        < 334 UGFzc3dvcmQ6
        > cGVuY2lsLWNhc2U=
        < 334 VXNlcm5hbWU6
        > *
        < 501 as you wish
        > QUIT
        < 221 bye";
    assert_eq!(
        comes_to(logging_in(Implicit, LoginChoice::Auto), &[&start, endless]),
        (Refused, TooMuch)
    );
    let garbage = "
        > AUTH CRAM-MD5
        < 334 this is no base64!
        > *
        < 501 as you wish
        > QUIT
        < 221 bye";
    assert_eq!(
        comes_to(
            logging_in(Implicit, LoginChoice::Auto),
            &[&offering("CRAM-MD5"), garbage]
        ),
        (Refused, LoginConfused)
    );
    // A success without the proof that SCRAM owes is none.
    let unproved = "
        < 235 in
        > QUIT
        < 221 bye";
    let scram = format!(
        "
        > AUTH SCRAM-SHA-256 biwsbj11c2VyLHI9QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE9PQ=={unproved}"
    );
    assert_eq!(
        comes_to(
            logging_in(Implicit, LoginChoice::Auto),
            &[&offering("SCRAM-SHA-256"), &scram]
        ),
        (Refused, ServerNotProved)
    );
}
