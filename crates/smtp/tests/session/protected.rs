//! TLS and logins, where a script cannot say it: what is not written to the last octet, and what must
//! not be found anywhere. The rest is in `scripts/tls` and `scripts/logins`.

use dequeue_smtp::{Login, LoginChoice, Method, Outcome, Plan, Reason, Security};

use crate::provider::{Script, plan};

fn with(security: Security) -> Plan {
    Plan {
        security,
        ..plan(Method::Etrn, &["a.example"])
    }
}

/// CVE-2011-0411 and its like: what stands behind the 220 in the clear is not the provider's. No
/// script of a file, since it matters here how the bytes are cut.
#[test]
fn what_comes_before_the_handshake_ends_the_session() {
    for injected in ["250 OK\\r\\n", "2", "\\r\\n"] {
        let script = format!(
            "
            connect
            < 220 mail.provider.test ESMTP
            > EHLO office.example
            < 250-mail.provider.test
            < 250-PIPELINING
            < 250-ETRN
            < 250 STARTTLS
            > STARTTLS
            << 220 go ahead\\r\\n{injected}"
        );
        for security in [Security::Opportunistic, Security::Required] {
            let (report, _) = Script::new(&script).play(with(security));
            assert_eq!(
                (report.verdict.outcome, report.verdict.reason),
                (Outcome::Refused, Reason::Injected),
                "{injected}"
            );
        }
    }
}

/// Whatever a provider repeats of it.
#[test]
fn a_secret_that_comes_back_is_not_shown() {
    let plan = with_secret(Security::Implicit, "pencil-case");
    let script = "
        connect
        tls verified
        < 220 mail.provider.test ESMTP
        > EHLO office.example
        < 250-mail.provider.test
        < 250-ETRN
        < 250-PIPELINING
        < 250 AUTH PLAIN
        > AUTH PLAIN AHVzZXIAcGVuY2lsLWNhc2U=
        < 535-user has the password pencil-case
        < 535 and said AHVzZXIAcGVuY2lsLWNhc2U=
        > QUIT
        < 221 pencil-case";
    let (report, _) = Script::new(script).play(plan.clone());
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
        let (report, _) = Script::new(&script).play(plan.clone());
        let shown = format!("{report:?}");
        for part in ["GVuY2lsLWNhc", "lbmNpbC1jYXN", "ZW5jaWwtY2Fz"] {
            assert!(!shown.contains(part), "{shown}");
        }
    }
}

/// What is read is what came: whichever word of the conversation the password is, the conversation
/// is the same, and only what is shown of it differs.
#[test]
fn a_password_that_is_a_word_of_the_conversation_changes_nothing() {
    let script = "
        connect
        < 220 mail.provider.test ESMTP
        > EHLO office.example
        < 250-mail.provider.test Hello [198.51.100.7]
        < 250-PIPELINING
        < 250-AUTH CRAM-MD5 PLAIN
        < 250 STARTTLS
        > STARTTLS
        < 220 go ahead
        tls verified
        > EHLO office.example
        < 250-mail.provider.test Hello [198.51.100.7]
        < 250-ETRN
        < 250 AUTH CRAM-MD5
        > AUTH CRAM-MD5
        < 454 4.7.0 pencil-case is not known now
        > QUIT
        < 221 bye";
    for secret in [
        "pencil-case",
        "STARTTLS",
        "AUTH",
        "CRAM-MD5",
        "ETRN",
        "mail.provider.test",
        "PIPELINING",
        "250-",
        "4.7.0",
        "[198.51.100.7]",
        "go ahead",
    ] {
        let (report, _) = Script::new(script).play(with_secret(Security::Required, secret));
        assert_eq!(report.verdict.reason, Reason::TryLater, "{secret}");
        assert_eq!(
            report.seen_address,
            Some("198.51.100.7".parse().unwrap()),
            "{secret}"
        );
        let text = report.verdict.text.unwrap();
        assert!(!text.contains(secret), "{text}");
    }
}

/// A provider, or whoever stands before it, that guesses the password learns nothing from what is
/// sent next.
#[test]
fn a_right_guess_is_not_told_from_a_wrong_one() {
    let script = "
        connect
        < 220 mail.provider.test ESMTP
        > EHLO office.example
        < 250-mail.provider.test
        < 250-X pencil-case
        < 250 STARTTLS
        > STARTTLS
        < 250-mail.provider.test
        < 250-X ****
        < 250 STARTTLS
        > QUIT
        < 221 bye";
    for secret in ["pencil-case", "another-one"] {
        let (report, _) = Script::new(script).play(with_secret(Security::Required, secret));
        assert_eq!(report.verdict.reason, Reason::BadReply, "{secret}");
    }
}

fn with_secret(security: Security, secret: &str) -> Plan {
    Plan {
        login: Some(Login {
            user: "user".into(),
            secret: Some(secret.to_owned().into()),
            choice: LoginChoice::Auto,
            in_clear: false,
            certificate: false,
        }),
        ..with(security)
    }
}

/// Port 465 speaks TLS from the first octet: silence there has its own remedy. Nothing else in the
/// plan than the port tells.
#[test]
fn silence_at_port_465_is_told_as_tls() {
    for (port, security, reason) in [
        (465, Security::Opportunistic, Reason::ImplicitTlsExpected),
        (465, Security::Required, Reason::ImplicitTlsExpected),
        (25, Security::Required, Reason::NotGreeted),
    ] {
        for end in ["silence 300s\n> QUIT\nsilence 5s", "close", "reset"] {
            let plan = Plan {
                host: ("mail.provider.test".into(), port),
                ..with(security)
            };
            let (report, _) = Script::new(&format!("connect\n{end}")).play(plan);
            assert_eq!(report.verdict.reason, reason, "{port} {end}");
        }
    }
}
