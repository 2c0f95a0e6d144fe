//! From facts to findings and to the verdict, by tables. The checks themselves are tested end to end,
//! in networks made for it.

use std::{collections::BTreeSet, net::IpAddr, path::Path, time::Duration};

use dequeue_api::CheckState;
use dequeue_core::{
    mail_server::MailServerState, record::Trigger, settings::value::Value, text::LANGUAGES,
};
use dequeue_smtp::{
    Alert, Capabilities, Certificate, CertificateFault, CertificateTrust, ConnectFault,
    DialogueLine, Input, Mechanism, Method, Outcome, Reason, Report, Session, Speaker, Step, Tls,
    TlsFault, TlsFile, TlsFileFault, Verdict,
};
use jiff::{SignedDuration, Timestamp};

use super::{
    dns::Answer,
    facts::{
        AddressFacts, ClockFacts, Elsewhere, Exchange, FirewallFacts, FolderFacts, MxFacts,
        NameFacts, Place, Stage, Visit,
    },
    judge::{self, Found, Words},
    time::TimeAnswer,
    *,
};
use crate::poke::{Probed, SecretFrom, last_offered, plan, view as poke_view};

const NOW: &str = "2026-11-25T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn ips(list: &[&str]) -> BTreeSet<IpAddr> {
    list.iter().map(|ip| ip.parse().unwrap()).collect()
}

fn account(values: &[(&str, &str)]) -> Account {
    let base = [
        ("host", "bsmtp.provider.test"),
        ("domains", "customer.test"),
    ];
    let values = base.iter().chain(values);
    Account::unnamed(values.map(|(key, value)| (*key, Value::Text(value)))).unwrap()
}

fn diagnosing(text: &Text) -> Diagnosing<'_> {
    static NOTHING: Observed = Observed {
        last: None,
        learned: None,
        arrived: false,
    };
    Diagnosing {
        paths: None,
        secret: SecretFrom::Given(None),
        text,
        clock: Clock::System,
        observed: &NOTHING,
    }
}

/// The key of a finding's sentence, or where it comes from.
fn key(found: &Found) -> String {
    let state = dequeue_core::text::name(&found.state);
    match &found.words {
        Words::Own(key, _) | Words::Hosts(key, ..) | Words::Tls(key, _) => {
            format!("{state}: {key}")
        }
        Words::Poke(verdict, _) => {
            format!("{state}: {}", dequeue_core::text::name(&verdict.reason))
        }
        Words::MailServer { .. } => format!("{state}: mail server"),
        Words::Said(sentence) => format!("{state}: {sentence}"),
    }
}

#[test]
fn names_that_resolve_differently_here_and_on_the_internet() {
    let found = |list: &[&str]| Answer::Found(ips(list));
    let public = &["198.51.100.25"][..];
    for (system, public, hosts, before, reached, expected) in [
        (
            public,
            found(public),
            false,
            None,
            true,
            "passed: name-resolves",
        ),
        (
            &[],
            found(public),
            false,
            None,
            false,
            "failed: name-hidden",
        ),
        (
            &[],
            Answer::NoName,
            false,
            None,
            false,
            "failed: name-wrong",
        ),
        (
            &[],
            Answer::Nothing,
            false,
            None,
            false,
            "failed: name-wrong",
        ),
        (
            &[],
            Answer::Unknown("timeout".into()),
            false,
            None,
            false,
            "failed: name-unresolved",
        ),
        (
            &["10.0.0.9"],
            found(public),
            false,
            None,
            false,
            "failed: name-differs",
        ),
        (
            &["10.0.0.9"],
            found(public),
            false,
            None,
            true,
            "warning: name-differs",
        ),
        (
            &["203.0.113.9"],
            found(public),
            true,
            None,
            false,
            "failed: name-hosts-file",
        ),
        (
            &["203.0.113.9"],
            found(public),
            true,
            None,
            true,
            "warning: name-hosts-file",
        ),
        // A name with many addresses, of which each resolver tells some.
        (
            &["203.0.113.9"],
            found(public),
            false,
            None,
            true,
            "passed: name-resolves",
        ),
        (
            &["198.51.100.25", "198.51.100.26"],
            found(public),
            false,
            None,
            true,
            "passed: name-resolves",
        ),
        // A hosts file that says the same disturbs nobody.
        (
            public,
            found(public),
            true,
            None,
            true,
            "passed: name-resolves",
        ),
        (
            public,
            Answer::NoName,
            false,
            None,
            true,
            "passed: name-resolves",
        ),
        (
            public,
            Answer::Unknown("blocked".into()),
            false,
            None,
            true,
            "passed: name-resolves-here",
        ),
        (
            public,
            found(public),
            false,
            Some("203.0.113.1"),
            true,
            "warning: name-moved",
        ),
        (
            public,
            found(public),
            false,
            Some("198.51.100.77"),
            true,
            "passed: name-resolves",
        ),
    ] {
        let facts = NameFacts {
            host: "bsmtp.provider.test".into(),
            system: ips(system),
            in_hosts_file: hosts,
            public,
            before: before.map(|ip| ip.parse().unwrap()),
        };
        assert_eq!(key(&judge::name(&facts, reached)), expected, "{facts:?}");
    }
}

#[test]
fn ways_to_the_provider() {
    use ConnectFault as F;
    use Elsewhere::{Internet, Nothing, SameHost};
    type Ways = &'static [(&'static str, Result<(), ConnectFault>)];
    for (ways, port, elsewhere, expected) in [
        (
            &[("192.0.2.1", Ok(()))] as Ways,
            25,
            Nothing,
            "passed: connection-stands",
        ),
        // No IPv6 here, as nearly everywhere.
        (
            &[("192.0.2.1", Ok(())), ("2001:db8::1", Err(F::NoRoute))],
            25,
            Nothing,
            "passed: connection-stands",
        ),
        (
            &[("192.0.2.1", Err(F::TimedOut)), ("2001:db8::1", Ok(()))],
            25,
            Nothing,
            "warning: connection-ipv6",
        ),
        (
            &[("192.0.2.1", Ok(())), ("192.0.2.2", Err(F::TimedOut))],
            25,
            Nothing,
            "warning: connection-partly",
        ),
        (
            &[("2001:db8::1", Err(F::NoRoute))],
            25,
            Nothing,
            "failed: connection-only-ipv6",
        ),
        (
            &[("192.0.2.1", Err(F::NoRoute))],
            25,
            Nothing,
            "failed: connection-no-route",
        ),
        (
            &[("192.0.2.1", Err(F::Local))],
            25,
            Nothing,
            "failed: connection-local",
        ),
        (
            &[("192.0.2.1", Err(F::Refused))],
            25,
            Nothing,
            "failed: connection-refused",
        ),
        (
            &[
                ("192.0.2.1", Err(F::TimedOut)),
                ("2001:db8::1", Err(F::NoRoute)),
            ],
            25,
            SameHost(587),
            "failed: connection-port-25-blocked",
        ),
        (
            &[("192.0.2.1", Err(F::TimedOut))],
            366,
            SameHost(25),
            "failed: connection-port-blocked",
        ),
        (
            &[("192.0.2.1", Err(F::TimedOut))],
            25,
            Internet,
            "failed: connection-port-25-silent",
        ),
        (
            &[("192.0.2.1", Err(F::TimedOut))],
            366,
            Internet,
            "failed: connection-silent",
        ),
        (
            &[("192.0.2.1", Err(F::TimedOut))],
            25,
            Nothing,
            "failed: connection-no-network",
        ),
        (
            &[("192.0.2.1", Err(F::TimedOut))],
            25,
            Elsewhere::NotAsked,
            "failed: connection-not-compared",
        ),
        (
            &[("192.0.2.1", Err(F::Reset))],
            25,
            Nothing,
            "failed: connection-reset",
        ),
    ] {
        let visits: Vec<Visit> = ways
            .iter()
            .map(|(ip, connected)| Visit {
                address: (ip.parse::<IpAddr>().unwrap(), port).into(),
                connected: *connected,
                looked: None,
            })
            .collect();
        let found = judge::connection(&visits, port, elsewhere);
        assert_eq!(key(&found), expected, "{ways:?}");
    }
}

/// A visit with this end, these lines of a dialogue (`<` the provider, `>` us, `-` what happened) and
/// these offers.
fn visit(reason: Reason, lines: &[&str], offers: Capabilities, tls: Option<Tls>) -> Visit {
    let outcome = if reason == Reason::QuitSignals {
        Outcome::Signalled
    } else {
        Outcome::Refused
    };
    let line = |line: &&str| DialogueLine {
        from: match line.as_bytes()[0] {
            b'<' => Speaker::Provider,
            b'>' => Speaker::Us,
            _ => Speaker::Connection,
        },
        at_ms: 0,
        line: line[1..].to_owned(),
    };
    Visit {
        address: "192.0.2.1:25".parse().unwrap(),
        connected: Ok(()),
        looked: Some(Probed {
            report: Report {
                method: Method::Signal,
                choice: None,
                learned: None,
                verdict: Verdict::new(outcome, reason),
                domains: Vec::new(),
                round_trips: 0,
                seen_address: None,
                certificate: tls.as_ref().map(|tls| tls.certificate.clone()),
                tls,
                tls_fault: lines
                    .contains(&"-tls-failed")
                    .then_some(TlsFault::NothingInCommon { alert: None }),
                passed: None,
                lingers: false,
                dialogue: lines.iter().map(line).collect(),
            },
            masked: lines.iter().any(|line| line.starts_with("<220 ***")),
            capabilities: offers.clone(),
            offered: offers,
        }),
    }
}

/// A line whose certificate has so many days left, of ninety.
fn tls(trust: CertificateTrust, days: i64) -> Option<Tls> {
    tls_for(trust, days, 90)
}

fn tls_for(trust: CertificateTrust, days: i64, life: i64) -> Option<Tls> {
    let expires = now() + SignedDuration::from_hours(24 * days + 1);
    Some(Tls {
        version: "TLSv1.3".into(),
        cipher: "TLS13_AES_256_GCM_SHA384".into(),
        peer: "bsmtp.provider.test".into(),
        trust,
        certificate: Certificate {
            fingerprint: "AB".into(),
            valid_from: (expires - SignedDuration::from_hours(24 * life)).as_second(),
            expires_at: expires.as_second(),
        },
    })
}

const WHOLE: &[&str] = &[
    "-connected",
    "<220 bsmtp.provider.test ESMTP",
    ">EHLO customer.test",
    "<250 bsmtp.provider.test",
    ">QUIT",
    "<221 bye",
];

#[test]
fn how_far_a_visit_came() {
    let stage = |reason, lines: &[&str]| {
        let visit = visit(reason, lines, Capabilities::default(), None);
        Stage::of(&visit.looked.unwrap().report)
    };
    let slow_goodbye = [&WHOLE[..5], &["-timed-out"]].concat();
    let silent_at_ehlo = [&WHOLE[..3], &["-timed-out", ">QUIT", "-timed-out"]].concat();
    for (reason, lines, expected) in [
        (Reason::QuitSignals, WHOLE, Stage::Over),
        (Reason::NoAnswer, &slow_goodbye[..], Stage::Over),
        (Reason::NoAnswer, &silent_at_ehlo[..], Stage::Hello),
        (
            Reason::NoAnswer,
            &["-connected", "-timed-out"],
            Stage::Greeting,
        ),
        (
            Reason::Denied,
            &["-connected", "<554 no", ">QUIT"],
            Stage::Greeting,
        ),
        (
            Reason::NotSmtp,
            &["-connected", "<HTTP/1.1 400"],
            Stage::Greeting,
        ),
        (Reason::Denied, &WHOLE[..3], Stage::Hello),
        (Reason::CertificateExpired, &WHOLE[..3], Stage::Tls),
        (Reason::LoginRefused, &WHOLE[..3], Stage::Login),
        (
            Reason::HungUp,
            &["-connected", ">EHLO a", "<250 a", ">AUTH PLAIN ****"],
            Stage::Login,
        ),
    ] {
        assert_eq!(stage(reason, lines), expected, "{reason:?} {lines:?}");
    }
}

#[test]
fn what_a_visit_shows() {
    let nothing = Capabilities::default;
    let etrn = || Capabilities {
        etrn: true,
        starttls: true,
        auth: vec![Mechanism::Plain],
        ..nothing()
    };
    let shown = |values: &[(&str, &str)], visit: &Visit| {
        let account = account(values);
        let signed_on = !account.user.is_empty();
        let found = judge::visit(&account, visit, signed_on, now());
        found.iter().map(key).collect::<Vec<_>>()
    };
    let good = visit(
        Reason::QuitSignals,
        WHOLE,
        etrn(),
        tls(CertificateTrust::Verified, 90),
    );
    assert_eq!(
        shown(
            &[("method", "etrn"), ("tls", "required"), ("user", "u")],
            &good
        ),
        [
            "passed: greeting-good",
            "passed: capabilities-some",
            "passed: certificate-holds",
            "passed: login-accepted",
            "passed: method-offered",
        ]
    );
    let plain = visit(Reason::QuitSignals, WHOLE, nothing(), None);
    assert_eq!(
        shown(&[("method", "signal")], &plain),
        [
            "passed: greeting-good",
            "passed: capabilities-none",
            "passed: certificate-not-offered",
            "passed: login-none",
            "cannot-know: method-signal",
        ]
    );
    let refused = visit(
        Reason::Denied,
        &["-connected", "<554 go away", ">QUIT"],
        nothing(),
        None,
    );
    assert_eq!(
        shown(&[], &refused),
        [
            "failed: denied",
            "cannot-know: earlier",
            "cannot-know: earlier",
            "cannot-know: earlier",
            "cannot-know: earlier",
        ]
    );
    // Each of these differs from the good one in one finding.
    let masked: Vec<&str> = WHOLE
        .iter()
        .map(|line| {
            if line.starts_with("<220") {
                "<220 ***"
            } else {
                line
            }
        })
        .collect();
    let visits = [
        (
            &[][..],
            visit(Reason::QuitSignals, &masked, etrn(), None),
            "warning: greeting-masked",
        ),
        (
            &[],
            visit(
                Reason::QuitSignals,
                WHOLE,
                etrn(),
                tls(CertificateTrust::Verified, 13),
            ),
            "warning: certificate-expires",
        ),
        (
            &[],
            visit(
                Reason::QuitSignals,
                WHOLE,
                etrn(),
                tls_for(CertificateTrust::Verified, 0, 6),
            ),
            "warning: certificate-expires",
        ),
        (
            &[],
            visit(
                Reason::QuitSignals,
                WHOLE,
                etrn(),
                tls_for(CertificateTrust::Verified, 4, 6),
            ),
            "passed: certificate-holds",
        ),
        (
            &[],
            visit(
                Reason::QuitSignals,
                WHOLE,
                etrn(),
                tls(CertificateTrust::Unverified, 1),
            ),
            "passed: certificate-unverified",
        ),
        (
            &[],
            visit(
                Reason::QuitSignals,
                WHOLE,
                etrn(),
                tls(CertificateTrust::Pinned, -9),
            ),
            "passed: certificate-pinned",
        ),
        (
            &[("tls", "none")],
            visit(Reason::QuitSignals, WHOLE, etrn(), None),
            "passed: certificate-not-wanted",
        ),
        (
            &[],
            visit(
                Reason::QuitSignals,
                &[WHOLE, &["-tls-failed"]].concat(),
                etrn(),
                None,
            ),
            "warning: certificate-tls-failed",
        ),
        (
            &[("user", "u")],
            visit(Reason::LoginRefused, WHOLE, etrn(), None),
            "failed: login-refused",
        ),
        (
            &[("method", "atrn"), ("mail_server", "127.0.0.1")],
            visit(Reason::QuitSignals, WHOLE, etrn(), None),
            "failed: method-atrn-not-offered",
        ),
        (
            &[("method", "atrn"), ("mail_server", "127.0.0.1")],
            visit(Reason::QuitSignals, WHOLE, etrn(), None),
            "warning: login-missing",
        ),
        (
            &[("method", "etrn")],
            visit(Reason::QuitSignals, WHOLE, nothing(), None),
            "warning: method-etrn-not-offered",
        ),
        (
            &[],
            visit(Reason::QuitSignals, WHOLE, etrn(), None),
            "passed: method-auto",
        ),
        (
            &[],
            visit(Reason::QuitSignals, WHOLE, nothing(), None),
            "cannot-know: method-auto-tries",
        ),
        (
            &[("domains", "")],
            visit(Reason::QuitSignals, WHOLE, etrn(), None),
            "failed: domains-needed",
        ),
        (
            &[("domains", "")],
            visit(Reason::QuitSignals, WHOLE, nothing(), None),
            "cannot-know: method-signal",
        ),
        (
            &[("method", "qsnd")],
            visit(Reason::QuitSignals, WHOLE, nothing(), None),
            "cannot-know: method-unsaid",
        ),
    ];
    for (values, visit, expected) in &visits {
        let shown = shown(values, visit);
        assert!(
            shown.contains(&(*expected).to_owned()),
            "{expected} in {shown:?}"
        );
    }
}

#[test]
fn the_mail_server() {
    use MailServerState as S;
    let text = || "text".to_owned();
    let domain = || "customer.test".to_owned();
    for (state, expected) in [
        (S::Answering { greeting: text() }, CheckState::Passed),
        (S::TrustsUs { domain: domain() }, CheckState::Passed),
        (S::Untestable { answer: text() }, CheckState::CannotKnow),
        (
            S::OpenRelay {
                domain: domain(),
                from: text(),
            },
            CheckState::Warning,
        ),
        (
            S::RefusesDomain {
                domain: domain(),
                answer: text(),
            },
            CheckState::Failed,
        ),
        (S::Refusing, CheckState::Failed),
        (S::Silent, CheckState::Failed),
    ] {
        let found = judge::mail_server(&Account::default(), Some(&state));
        assert_eq!(found.state, expected, "{state:?}");
    }
    // Where the connection is turned round to it, it stands as a poke finds it.
    let turning = |test, domains: &str| Account {
        method: Method::Atrn,
        mail_server_test: test,
        domains: domains.parse().into_iter().collect(),
        ..Account::default()
    };
    for (state, named, unnamed) in [
        (
            S::Answering { greeting: text() },
            CheckState::Passed,
            CheckState::Passed,
        ),
        (
            S::TrustsUs { domain: domain() },
            CheckState::Failed,
            CheckState::Failed,
        ),
        (
            S::Untestable { answer: text() },
            CheckState::CannotKnow,
            CheckState::Failed,
        ),
        (
            S::Untestable {
                answer: "530 5.7.0 STARTTLS first".into(),
            },
            CheckState::Failed,
            CheckState::Failed,
        ),
    ] {
        for (domains, expected) in [("customer.test", named), ("#queue", unnamed)] {
            let found = judge::mail_server(&turning(None, domains), Some(&state));
            assert_eq!(found.state, expected, "{state:?} {domains}");
        }
    }
    let trusts = S::TrustsUs { domain: domain() };
    let found = judge::mail_server(&turning(Some(false), "customer.test"), Some(&trusts));
    assert_eq!(found.state, CheckState::Warning);
    // Nobody has said where it is.
    assert_eq!(
        key(&judge::mail_server(&Account::default(), None)),
        "cannot-know: mail-server-unset"
    );
}

#[test]
fn the_mail_route() {
    let exchange = |name: &str, addresses: Answer<BTreeSet<IpAddr>>| Exchange {
        name: name.into(),
        addresses,
    };
    let at = |ip: &str| Answer::Found(ips(&[ip]));
    let other = exchange("mx.elsewhere.test", at("203.0.113.1"));
    let by_address = exchange("backup.other.test", at("198.51.100.25"));
    let by_house = exchange("mx1.provider.test", at("203.0.113.2"));
    let dead = exchange("gone.elsewhere.test", Answer::NoName);
    for (exchanges, has_address, expected) in [
        (
            Answer::Found(vec![by_address.clone()]),
            false,
            "passed: mx-provider",
        ),
        (
            Answer::Found(vec![other.clone(), by_house.clone()]),
            false,
            "passed: mx-provider",
        ),
        (
            Answer::Found(vec![other.clone()]),
            false,
            "warning: mx-elsewhere",
        ),
        (Answer::Found(vec![dead.clone()]), false, "failed: mx-dead"),
        (
            Answer::Found(vec![dead, by_house]),
            false,
            "warning: mx-dead",
        ),
        (
            Answer::Found(vec![exchange("", Answer::Nothing)]),
            false,
            "failed: mx-no-mail",
        ),
        (Answer::Nothing, true, "warning: mx-none"),
        (Answer::Nothing, false, "failed: mx-no-mail"),
        (Answer::NoName, false, "failed: mx-no-domain"),
        (
            Answer::Unknown("timeout".into()),
            false,
            "cannot-know: mx-unknown",
        ),
    ] {
        let facts = MxFacts {
            domain: "customer.test".into(),
            exchanges,
            has_address,
        };
        let found = judge::mx(&facts, &["bsmtp.provider.test"], &ips(&["198.51.100.25"]));
        assert_eq!(key(&found), expected, "{facts:?}");
    }
    // Two customers of a registry are not one firm.
    let facts = MxFacts {
        domain: "customer.co.uk".into(),
        exchanges: Answer::Found(vec![exchange("mx.elsewhere.co.uk", at("203.0.113.1"))]),
        has_address: false,
    };
    let hosts = ["bsmtp.provider.co.uk"];
    let found = judge::mx(&facts, &hosts, &ips(&["198.51.100.25"]));
    assert_eq!(key(&found), "warning: mx-elsewhere");
    // One of the account's hosts is enough.
    let found = judge::mx(
        &facts,
        &[hosts[0], "mail.elsewhere.co.uk"],
        &BTreeSet::new(),
    );
    assert_eq!(key(&found), "passed: mx-provider");
}

#[test]
fn the_public_address() {
    let own = |ip: &str| Exchange {
        name: "mail.customer.test".into(),
        addresses: Answer::Found(ips(&[ip])),
    };
    for (seen, before, own, expected) in [
        (None, None, vec![], "cannot-know: address-unsaid"),
        (Some("192.0.2.7"), None, vec![], "passed: address-same"),
        (
            Some("192.0.2.7"),
            Some("192.0.2.7"),
            vec![own("192.0.2.7")],
            "passed: address-same",
        ),
        (
            Some("192.0.2.7"),
            Some("192.0.2.8"),
            vec![],
            "warning: address-changed",
        ),
        (
            Some("192.0.2.7"),
            None,
            vec![own("192.0.2.9")],
            "warning: address-not-mail-server",
        ),
        // What is not of one kind cannot be compared.
        (
            Some("192.0.2.7"),
            None,
            vec![own("2001:db8::7")],
            "passed: address-same",
        ),
    ] {
        let parsed = |ip: Option<&str>| ip.map(|ip| ip.parse().unwrap());
        let facts = AddressFacts {
            seen: parsed(seen),
            before: parsed(before),
            own,
            turns: false,
        };
        assert_eq!(key(&judge::public_address(&facts)), expected, "{facts:?}");
        // Where the mail comes over our own connection, no address is delivered to.
        let turned = AddressFacts {
            turns: true,
            ..facts
        };
        let found = key(&judge::public_address(&turned));
        assert!(!found.starts_with("warning"), "{turned:?}: {found}");
    }
}

#[test]
fn the_clock_by_the_providers_greeting() {
    for (greeting, expected) in [
        (
            "220 mail.test ESMTP Exim 4.96 Wed, 25 Nov 2026 12:04:59 +0000",
            "passed: clock-agrees",
        ),
        (
            "220 mail.test ESMTP Sendmail 8.17.1/8.17.1; Wed, 25 Nov 2026 13:00:01 +0100",
            "passed: clock-agrees",
        ),
        (
            "220 mail.test Microsoft ESMTP MAIL Service ready at Wed, 25 Nov 2026 10:00:00 +0000",
            "warning: clock-differs",
        ),
        ("220 mail.test ESMTP Postfix", "cannot-know: clock-unsaid"),
        ("220 Wed, we are closed", "cannot-know: clock-unsaid"),
    ] {
        let facts = ClockFacts {
            here: now(),
            by_server: None,
            is_off: false,
            by_provider: judge::date_in(greeting),
        };
        assert_eq!(key(&judge::clock(&facts)), expected, "{greeting}");
    }
}

#[test]
fn the_clock_by_a_time_server() {
    const HOURS: i64 = 3600;
    // What it says counts, whatever the provider's clock says.
    for (offset, by_provider, expected) in [
        (-200, None, "passed: clock-right"),
        (200, Some("1999-12-31T23:59:00Z"), "passed: clock-right"),
        (2 * HOURS, Some(NOW), "warning: clock-wrong"),
        (-2 * HOURS, None, "warning: clock-wrong"),
        // A machine whose battery is empty begins at 1970.
        (57 * 365 * 24 * HOURS, None, "warning: clock-wrong"),
        // What cannot be a time is none.
        (i64::MAX, None, "cannot-know: clock-unsaid"),
    ] {
        let facts = ClockFacts {
            here: now(),
            by_server: Some(TimeAnswer {
                server: ([192, 0, 2, 123], 123).into(),
                offset: SignedDuration::from_secs(offset),
            }),
            is_off: false,
            by_provider: by_provider.map(|at| at.parse().unwrap()),
        };
        assert_eq!(key(&judge::clock(&facts)), expected, "{offset}");
    }
}

/// What is found at hosts, one after the other: `+` where all is well, `.` where it was not visited.
fn found_at(hosts: &[&str]) -> (Vec<Found>, Vec<String>) {
    let refused = |reason| Found {
        words: Words::Poke(Verdict::new(Outcome::Refused, reason), None),
        ..Found::failed(Check::Greeting, "", 77)
    };
    let stands = || Found::passed(Check::Connection, "connection-stands");
    let found = |what: &str| match what {
        "+" => vec![stands()],
        "." => vec![Found::cannot_know(Check::Connection, "connection-spared")],
        "hidden" => vec![
            Found::cannot_know(Check::Connection, "earlier"),
            Found::failed(Check::Name, "name-hidden", 69),
        ],
        "down" => vec![Found::failed(Check::Connection, "connection-refused", 69)],
        "local" => vec![Found::failed(Check::Connection, "connection-local", 70)],
        "busy" => vec![stands(), refused(Reason::ServiceClosing)],
        "denied" => vec![stands(), refused(Reason::Denied)],
        other => panic!("{other}"),
    };
    let all = hosts.iter().enumerate().flat_map(|(at, what)| {
        let found = found(what).into_iter();
        found.map(move |found| found.at(Some(at)))
    });
    let names = (0..hosts.len()).map(|at| format!("mail{at}.test"));
    (all.collect(), names.collect())
}

#[test]
fn of_several_hosts_a_poke_comes_to_the_first_that_does_it() {
    for (hosts, expected) in [
        (&["+", "+"][..], "passed: hosts-all"),
        (
            &["down", "+"],
            "warning: hosts-other mail1.test for mail0.test: connection-refused",
        ),
        (
            &["hidden", "busy", "+"],
            "warning: hosts-other mail2.test for mail0.test, mail1.test: name-hidden",
        ),
        (
            &["+", "down"],
            "warning: hosts-reserve mail0.test for mail1.test: connection-refused",
        ),
        (
            &["down", "hidden"],
            "failed: hosts-none mail0.test for mail0.test, mail1.test: connection-refused",
        ),
        // A refusal is the provider's, whichever host says it; and what is wrong here is wrong
        // for each.
        (
            &["down", "denied", "+"],
            "failed: hosts-end mail1.test for mail1.test: denied",
        ),
        (
            &["local", "+"],
            "failed: hosts-end mail0.test for mail0.test: connection-local",
        ),
        (
            &["+", "denied"],
            "warning: hosts-reserve mail0.test for mail1.test: denied",
        ),
        (&[".", "."], "cannot-know: earlier"),
        (&["down", "."], "cannot-know: earlier"),
    ] {
        let (found, names) = found_at(hosts);
        let found = judge::hosts(&found, &names);
        let shown = match &found.words {
            Words::Hosts(_, values, cause) => {
                let cause = key(cause);
                let cause = cause.trim_start_matches("failed: ");
                let (host, failed) = (&values[0].1, &values[1].1);
                format!("{} {host} for {failed}: {cause}", key(&found))
            }
            _ => key(&found),
        };
        assert_eq!(shown, expected, "{hosts:?}");
    }
}

#[test]
fn a_host_that_is_not_needed_does_not_spoil_the_verdict() {
    use DiagnosisVerdict as V;
    for (hosts, expected) in [
        (&["+", "+"][..], (V::AllWell, None, 0)),
        (&["down", "+"], (V::Warnings, Some(Check::Hosts), 0)),
        (&["+", "denied"], (V::Warnings, Some(Check::Hosts), 0)),
        (
            &["down", "hidden"],
            (V::WillNotWork, Some(Check::Hosts), 69),
        ),
        (&["denied", "+"], (V::WillNotWork, Some(Check::Hosts), 77)),
    ] {
        let (mut found, names) = found_at(hosts);
        found.push(judge::hosts(&found, &names));
        let account = account(&[("other_hosts", "mail1.test")]);
        let diagnosis = conclude(
            &account,
            &diagnosing(&Text::for_language("en")),
            &found,
            &[],
        );
        let came_to = (diagnosis.verdict, diagnosis.cause, diagnosis.exit_status);
        assert_eq!(came_to, expected, "{hosts:?}");
        let of_hosts = diagnosis.findings.iter().filter(|it| it.host.is_some());
        assert_eq!(of_hosts.count(), found.len() - 1);
    }
}

#[test]
fn the_way_in_and_the_files() {
    let firewall = |turns, here, listening: &[&str], arrived| {
        key(&judge::firewall(&FirewallFacts {
            turns,
            here,
            listening: ips(listening).into_iter().collect(),
            arrived,
            port: 25,
        }))
    };
    assert_eq!(
        firewall(true, true, &[], false),
        "passed: firewall-not-needed"
    );
    assert_eq!(
        firewall(false, true, &["127.0.0.1"], true),
        "passed: firewall-arrived"
    );
    assert_eq!(
        firewall(false, false, &[], false),
        "cannot-know: firewall-elsewhere"
    );
    assert_eq!(
        firewall(false, true, &["127.0.0.1", "::1"], false),
        "warning: firewall-loopback"
    );
    assert_eq!(
        firewall(false, true, &["127.0.0.1", "192.0.2.7"], false),
        "cannot-know: firewall-unreadable"
    );
    let place = |fault: Option<&str>| Place {
        path: "/somewhere".into(),
        fault: fault.map(Into::into),
    };
    let folders = |history| {
        key(&judge::folders(&FolderFacts {
            settings: place(None),
            history: place(history),
            data: place(None),
        }))
    };
    assert_eq!(folders(None), "passed: folders-writable");
    assert_eq!(folders(Some("read-only")), "failed: folders-not-writable");
}

#[test]
fn the_cause_that_explains_most() {
    let passed = || Found::passed(Check::Greeting, "greeting-good");
    let unknown = || Found::cannot_know(Check::Firewall, "firewall-unreadable");
    let clock = || Found::warning(Check::Clock, "clock-differs");
    let name = || Found::failed(Check::Name, "name-hidden", 69);
    let mx = || Found::failed(Check::Mx, "mx-dead", 78);
    let expired = || Found {
        words: Words::Poke(
            Verdict::new(Outcome::Refused, Reason::CertificateExpired),
            None,
        ),
        ..Found::failed(Check::Certificate, "", 77)
    };
    use DiagnosisVerdict as V;
    for (found, expected) in [
        (vec![], (V::AllWell, None, 0)),
        (vec![passed(), unknown()], (V::Unsure, None, 0)),
        (vec![passed(), clock()], (V::Warnings, Some(1), 0)),
        (vec![clock(), mx(), name()], (V::WillNotWork, Some(2), 69)),
        (vec![mx(), clock()], (V::WillNotWork, Some(0), 78)),
        (vec![expired()], (V::WillNotWork, Some(0), 77)),
        // A certificate that is out of time by a wrong clock is not at fault.
        (vec![clock(), expired()], (V::WillNotWork, Some(0), 77)),
    ] {
        assert_eq!(judge::verdict(&found, &account(&[])), expected, "{found:?}");
    }
    // A token that is out of time by a wrong clock is refused; a password has no time.
    let refused = Found {
        words: Words::Poke(Verdict::new(Outcome::Refused, Reason::LoginRefused), None),
        ..Found::failed(Check::Login, "", 77)
    };
    let found = [refused, clock()];
    for (auth, cause) in [("auto", 0), ("plain", 0), ("token", 1), ("xoauth2", 1)] {
        let account = account(&[("auth", auth), ("user", "u")]);
        let expected = (V::WillNotWork, Some(cause), 77);
        assert_eq!(judge::verdict(&found, &account), expected, "{auth}");
    }
}

#[test]
fn the_report_names_no_user() {
    let account = account(&[("user", "office17"), ("tls", "required")]);
    let found = Found {
        words: Words::Poke(
            Verdict {
                text: Some("535 office17: wrong password".into()),
                ..Verdict::new(Outcome::Refused, Reason::LoginRefused)
            },
            None,
        ),
        ..Found::failed(Check::Login, "", 77)
    }
    .details(["<<< 535 office17: wrong password".to_owned()]);
    let visited = Visited {
        host: account.host.clone(),
        port: 25,
        address: None,
    };
    let text = Text::for_language("nl");
    let diagnosis = conclude(&account, &diagnosing(&text), &[found], &[visited]);
    let json = serde_json::to_string(&diagnosis).unwrap();
    assert!(!json.contains("office17"), "{json}");
    for part in [
        "provider: bsmtp.provider.test, port 25",
        "login: ****",
        "[failed] login",
        "The provider did not accept the login",
        "<<< 535 ****: wrong password",
    ] {
        assert!(
            diagnosis.report.contains(part),
            "{part} in {}",
            diagnosis.report
        );
    }
    assert!(
        diagnosis.sentence.starts_with("Het gaat niet werken."),
        "{}",
        diagnosis.sentence
    );
    assert_eq!(
        (diagnosis.cause, diagnosis.exit_status),
        (Some(Check::Login), 77)
    );
}

/// What a provider does, from STARTTLS on, or from the first octet where TLS begins with it.
#[derive(Clone, Debug)]
enum Ending {
    /// The handshake fails so.
    Fails(TlsFault),
    /// The handshake is done, and then this alert comes.
    Alerts(Alert),
    /// The handshake is done, and then this is said.
    Says(&'static str),
    /// Nothing is said, not even a greeting.
    Silent,
    /// It hangs up in the place of its greeting.
    HangsUp,
}

/// A session with a provider that ends so.
fn played(mut session: Session, ending: &Ending, implicit: bool) -> (Report, Capabilities) {
    let mut at = Duration::ZERO;
    let mut sent = String::new();
    let mut is_protected = false;
    for _ in 0..50 {
        match session.step() {
            Step::Connect { .. } => {
                is_protected = false;
                sent.clear();
                let local = [192, 0, 2, 7].into();
                session.feed(at, Input::Connected { local });
            }
            Step::StartTls { .. } => match ending {
                Ending::Fails(fault) => session.feed(at, Input::TlsFailed(fault, None)),
                _ => {
                    is_protected = true;
                    let tls = tls(CertificateTrust::Verified, 90).unwrap();
                    session.feed(at, Input::TlsStarted(&tls));
                }
            },
            Step::Send { bytes, .. } => {
                sent = String::from_utf8_lossy(bytes).into_owned();
                session.feed(at, Input::Sent);
            }
            Step::Receive { until } => match ending {
                Ending::Silent => {
                    at = until;
                    session.feed(at, Input::TimedOut);
                }
                Ending::HangsUp => session.feed(at, Input::Closed),
                Ending::Alerts(alert) if is_protected => session.feed(at, Input::TlsAlert(*alert)),
                Ending::Says(line) if is_protected && !sent.starts_with("QUIT") => {
                    session.feed(at, Input::Received(line.as_bytes()));
                }
                _ => {
                    let answer: &[u8] = match sent.split_ascii_whitespace().next() {
                        Some("EHLO") => b"250-hi\r\n250-ETRN\r\n250 STARTTLS\r\n",
                        Some("QUIT") => b"221 bye\r\n",
                        _ => b"220 hi\r\n",
                    };
                    session.feed(at, Input::Received(answer));
                }
            },
            Step::Done => {
                let offered = last_offered(session.dialogue());
                return (session.into_report(), offered);
            }
            step => panic!("{step:?}, implicit {implicit}"),
        }
    }
    panic!("it does not end: {:?}", session.dialogue());
}

/// A poke and the doctor at the same provider: what stands in the way is told in the same words.
#[test]
fn the_doctor_says_what_a_poke_says() {
    let file = TlsFault::File {
        file: TlsFile::CaFile,
        path: "/etc/ssl/provider.pem".into(),
        fault: TlsFileFault::Missing,
    };
    let endings = [
        Ending::Fails(TlsFault::Version),
        Ending::Fails(TlsFault::NothingInCommon {
            alert: Some(Alert(40)),
        }),
        Ending::Fails(TlsFault::Alerted { alert: Alert(80) }),
        Ending::Fails(TlsFault::ClientCertificate { alert: Alert(40) }),
        Ending::Fails(TlsFault::NotTls {
            said: Some("220 hi".into()),
        }),
        Ending::Fails(TlsFault::Broken {
            error: "nonsense".into(),
        }),
        Ending::Fails(TlsFault::Closed),
        Ending::Fails(TlsFault::TimedOut),
        Ending::Fails(file),
        Ending::Fails(TlsFault::NoAuthorities),
        Ending::Fails(TlsFault::Certificate(CertificateFault::WeakKey)),
        Ending::Fails(TlsFault::Certificate(CertificateFault::Expired)),
        Ending::Alerts(Alert(116)),
        Ending::Alerts(Alert(80)),
        Ending::Says("421 4.7.1 Error: no\r\n"),
        Ending::Says("454 4.7.0 not now\r\n"),
        Ending::Silent,
        Ending::HangsUp,
    ];
    for (ending, tls, port, language) in endings.iter().flat_map(|ending| {
        let settings = [("required", "25"), ("implicit", "465"), ("required", "465")];
        settings
            .into_iter()
            .flat_map(move |(tls, port)| LANGUAGES.map(|language| (ending, tls, port, language)))
    }) {
        let what = format!("{ending:?} {tls} {port} {language}");
        let text = Text::for_language(language);
        let account = account(&[("method", "etrn"), ("tls", tls), ("port", port)]);
        let implicit = tls == "implicit";
        let (poked, _) = played(Session::new(plan(&account, None, None)), ending, implicit);
        let poke = poke_view(&account, Trigger::User, poked);
        let told = text.explain_poke(&poke);

        let probe = Session::probe(plan(&account, None, None));
        let (report, offered) = played(probe, ending, implicit);
        let said_ehlo = report.dialogue.iter().any(|it| it.line.starts_with("EHLO"));
        let visit = Visit {
            address: "192.0.2.1:25".parse().unwrap(),
            connected: Ok(()),
            looked: Some(Probed {
                report,
                capabilities: Capabilities::default(),
                offered,
                masked: false,
            }),
        };
        let found = judge::visit(&account, &visit, false, now());
        let findings: Vec<Finding> = found
            .iter()
            .map(|found| in_words(found, &account, &text))
            .collect();
        let failed: Vec<&Finding> = findings
            .iter()
            .filter(|finding| finding.state == CheckState::Failed)
            .collect();
        assert_eq!(failed.len(), 1, "{what}: {findings:?}");
        let meaning = &failed[0].meaning;
        assert!(meaning.starts_with(&told), "{what}: {meaning} / {told}");
        // What follows is what the provider said.
        let answer = poke.text.as_deref().unwrap_or_default();
        assert!(meaning.contains(answer), "{what}: {meaning}");
        for wrong in ["may have worked", "kan toch hebben gewerkt"] {
            assert!(!meaning.contains(wrong), "{what}: {meaning}");
        }
        // What was offered before it broke off is told.
        let shows_offers = found.iter().any(|found| {
            matches!(&found.words, Words::Own("capabilities-some", values)
                if values[0].1.contains("ETRN") && values[0].1.contains("STARTTLS"))
        });
        assert_eq!(shows_offers, said_ehlo && !implicit, "{what}: {found:?}");
    }
}

/// Where TLS is only a wish, the doctor tells why there is none.
#[test]
fn why_there_is_no_encryption() {
    let fault = TlsFault::NothingInCommon {
        alert: Some(Alert(40)),
    };
    for language in LANGUAGES {
        let text = Text::for_language(language);
        let account = account(&[("method", "etrn")]);
        let ending = Ending::Fails(fault.clone());
        let probe = Session::probe(plan(&account, None, None));
        let (report, offered) = played(probe, &ending, false);
        let visit = Visit {
            address: "192.0.2.1:25".parse().unwrap(),
            connected: Ok(()),
            looked: Some(Probed {
                report,
                capabilities: offered.clone(),
                offered,
                masked: false,
            }),
        };
        let found = judge::visit(&account, &visit, false, now());
        let finding = found.iter().find(|it| it.check == Check::Certificate);
        let finding = in_words(finding.unwrap(), &account, &text);
        assert_eq!(finding.state, CheckState::Warning);
        let why = text.explain_tls("bsmtp.provider.test", &fault);
        assert!(finding.meaning.contains(&why), "{finding:?}");
        let advice = text.advise_tls("bsmtp.provider.test", &fault);
        assert!(finding.advice.unwrap().contains(&advice));
    }
}

/// What was switched off was not asked, which is no silence.
#[test]
fn what_was_switched_off_is_told_as_that() {
    let clock = |by_provider| {
        key(&judge::clock(&ClockFacts {
            here: now(),
            by_server: None,
            is_off: true,
            by_provider,
        }))
    };
    assert_eq!(clock(None), "cannot-know: clock-not-asked");
    assert_eq!(clock(Some(now())), "passed: clock-agrees-not-asked");
    let name = |system: &[&str]| {
        let facts = NameFacts {
            host: "bsmtp.provider.test".into(),
            system: ips(system),
            in_hosts_file: false,
            public: Answer::NotAsked,
            before: None,
        };
        key(&judge::name(&facts, true))
    };
    assert_eq!(name(&["192.0.2.1"]), "passed: name-not-compared");
    assert_eq!(name(&[]), "failed: name-unresolved-here");
    let facts = MxFacts {
        domain: "customer.test".into(),
        exchanges: Answer::NotAsked,
        has_address: false,
    };
    let found = judge::mx(&facts, &["bsmtp.provider.test"], &BTreeSet::new());
    assert_eq!(key(&found), "cannot-know: mx-not-asked");
    for language in LANGUAGES {
        let text = Text::for_language(language);
        for (key, variable) in [
            ("clock-not-asked", TIME_SERVER_VARIABLE),
            ("clock-agrees-not-asked", TIME_SERVER_VARIABLE),
            ("name-not-compared", PUBLIC_DNS_VARIABLE),
            ("name-unresolved-here", PUBLIC_DNS_VARIABLE),
            ("connection-not-compared", PUBLIC_DNS_VARIABLE),
            ("mx-not-asked", PUBLIC_DNS_VARIABLE),
        ] {
            let sentence = text.get(&format!("doctor-{key}"));
            assert!(sentence.contains(variable), "{language}: {sentence}");
        }
    }
}

/// Every sentence that is named in the code stands in the languages, with what to do where one is
/// shown it; and none stands there in vain.
#[test]
fn every_finding_has_its_words() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/doctor");
    let code = ["judge.rs", "gather.rs"]
        .map(|file| std::fs::read_to_string(source.join(file)).unwrap())
        .concat();
    let named = |state: &str| {
        let call = format!("Found::{state}(");
        code.split(&call)
            .skip(1)
            .filter_map(|call| call.split('"').nth(1))
            .filter(|key| !key.is_empty())
            .map(str::to_owned)
            .collect::<BTreeSet<String>>()
    };
    let passed = named("passed");
    let others: BTreeSet<String> = ["warning", "failed", "cannot_know"]
        .into_iter()
        .flat_map(named)
        .collect();
    assert!(passed.len() > 10 && others.len() > 30);
    for language in LANGUAGES {
        let text = Text::for_language(language);
        let is_there = |key: &str| assert_ne!(text.get(key), key, "{language}");
        for key in passed.union(&others) {
            is_there(&format!("doctor-{key}"));
        }
        for key in &others {
            is_there(&format!("doctor-{key}-do"));
        }
        // What to do is what is to be done at the host.
        for key in ["other", "reserve", "none", "end"] {
            is_there(&format!("doctor-hosts-{key}"));
        }
    }
}
