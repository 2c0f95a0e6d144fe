//! A sentence says only what happened: every state of a session is brought to every end, and what the
//! administrator reads of it is held against what was said on the wire.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::{collections::BTreeSet, net::Ipv4Addr, time::Duration};

use dequeue_core::{
    Text,
    settings::{Account, Settings, definition::Defined},
    text::LANGUAGES,
};
use dequeue_smtp::{
    Certificate, CertificateTrust, ConnectFault, Input, Login, LoginChoice, Method, Plan, Report,
    Security, Session, Side, Speaker, Step, Tls, TlsFault,
};

/// What the provider does at the end.
#[derive(Clone, Copy, Debug)]
enum End {
    Closes,
    Resets,
    FallsSilent,
    Says(&'static str),
    RefusesConnections,
    FailsHandshakes,
}

const ENDS: [End; 22] = [
    End::Closes,
    End::Resets,
    End::FallsSilent,
    End::RefusesConnections,
    End::FailsHandshakes,
    End::Says("what is this"),
    End::Says("2500 OK"),
    End::Says("250 OK"),
    End::Says("220 hi"),
    End::Says("221 bye"),
    End::Says("334 more"),
    End::Says("421 4.3.2 closing"),
    End::Says("432 4.7.12 change it"),
    End::Says("450 4.7.1 later"),
    End::Says("459 <a.example>: service unavailable"),
    End::Says("500 5.5.1 Unknown command"),
    End::Says("501 5.5.4 no"),
    End::Says("504 5.5.2 Helo command rejected"),
    End::Says("530 5.7.0 Must issue a STARTTLS command first"),
    End::Says("535 5.7.8 no"),
    End::Says("550 5.7.1 no"),
    End::Says("554 5.7.1 no"),
];

/// A provider that does everything right until it has spoken this many times, and then does this.
fn play(plan: Plan, right: usize, end: End) -> Report {
    let mut session = Session::new(plan);
    let (mut at, mut spoken, mut sent) = (Duration::ZERO, 0, String::new());
    for _ in 0..400 {
        let fails = spoken >= right;
        match session.step() {
            Step::Done => return session.into_report(),
            Step::ConnectMailServer { .. } => {
                let refuses_relay = true;
                session.feed(at, Input::MailServerConnected { refuses_relay });
            }
            Step::ReceiveFromMailServer { .. } => {
                session.feed(at, Input::Received(b"220 mail.office.test\r\n"));
            }
            Step::Connect { .. } if fails && matches!(end, End::RefusesConnections) => {
                session.feed(at, Input::ConnectFailed(ConnectFault::Refused));
            }
            Step::Connect { .. } => {
                sent = "connect".to_owned();
                let local = Ipv4Addr::LOCALHOST.into();
                session.feed(at, Input::Connected { local });
            }
            Step::StartTls { .. } if fails && matches!(end, End::FailsHandshakes) => {
                session.feed(at, Input::TlsFailed(&TlsFault::Closed, None));
            }
            Step::StartTls { .. } => session.feed(at, Input::TlsStarted(&tls())),
            Step::Send { bytes, .. } => {
                sent = String::from_utf8_lossy(bytes).into_owned();
                session.feed(at, Input::Sent);
            }
            Step::Receive { until } => {
                spoken += 1;
                match end {
                    End::Says(line) if fails => {
                        session.feed(at, Input::Received(format!("{line}\r\n").as_bytes()));
                    }
                    End::Closes if fails => session.feed(at, Input::Closed),
                    End::Resets if fails => session.feed(at, Input::Reset),
                    End::FallsSilent if fails => {
                        at = until;
                        session.feed(at, Input::TimedOut);
                    }
                    _ => session.feed(at, Input::Received(right_answer(&sent))),
                }
            }
            Step::Bridge { .. } => {
                let bridge = session.bridge().unwrap();
                if !fails {
                    bridge.take(Side::Provider, b"EHLO p.test\r\nQUIT\r\n");
                    bridge.take(Side::MailServer, b"250 hi\r\n221 bye\r\n");
                }
                bridge.end(Side::Provider);
                bridge.end(Side::MailServer);
                session.feed(at, Input::BridgeOver);
            }
        }
    }
    panic!("it does not end: {:?}", session.dialogue());
}

fn right_answer(sent: &str) -> &'static [u8] {
    match sent.split_ascii_whitespace().next() {
        Some("connect") => b"220 mail.provider.test ESMTP\r\n",
        Some("EHLO") => {
            b"250-mail.provider.test\r\n250-ETRN\r\n250-ATRN\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n"
        }
        Some("STARTTLS") => b"220 go ahead\r\n",
        Some("AUTH") => b"235 in\r\n",
        Some("QUIT") => b"221 bye\r\n",
        _ => b"250 OK\r\n",
    }
}

fn tls() -> Tls {
    Tls {
        version: "TLSv1.3".into(),
        cipher: "TLS13_AES_256_GCM_SHA384".into(),
        peer: "mail.provider.test".into(),
        trust: CertificateTrust::Verified,
        certificate: Certificate {
            fingerprint: "AA".into(),
            valid_from: 0,
            expires_at: i64::MAX,
        },
    }
}

fn plans() -> Vec<Plan> {
    let mut plans = Vec::new();
    let methods = [
        Method::Auto,
        Method::Signal,
        Method::Etrn,
        Method::Qsnd,
        Method::Atrn,
        Method::Turn,
    ];
    for method in methods {
        for security in Security::ALL {
            for with_login in [false, true] {
                for port in [25, 465] {
                    plans.push(Plan {
                        targets: ["a.example", "b.example"]
                            .map(|it| it.parse().unwrap())
                            .into(),
                        ehlo: Some("office.example".parse().unwrap()),
                        security,
                        host: ("mail.provider.test".into(), port),
                        login: with_login.then(|| Login {
                            user: "user".into(),
                            secret: Some("pencil-case".to_owned().into()),
                            choice: LoginChoice::Auto,
                            in_clear: true,
                            certificate: false,
                        }),
                        ..Plan::new(method)
                    });
                }
            }
        }
    }
    plans
}

/// Every state of the session at every end, with what is said of it.
fn each(mut look: impl FnMut(&Plan, &Report, &str)) {
    for plan in plans() {
        for right in 0..9 {
            for end in ENDS {
                let what = format!(
                    "{:?} {:?} login {} port {} after {right} {end:?}",
                    plan.method,
                    plan.security,
                    plan.login.is_some(),
                    plan.host.1
                );
                look(&plan, &play(plan.clone(), right, end), &what);
            }
        }
    }
}

/// The sentence on each domain, in each language.
fn sentences(report: &Report) -> Vec<[String; 2]> {
    let explain = |language| {
        let text = Text::for_language(language);
        move |verdict| text.explain("mail.provider.test", verdict, None)
    };
    let (english, dutch) = (explain(LANGUAGES[0]), explain(LANGUAGES[1]));
    let domains = report.domains.iter();
    domains
        .map(|domain| [english(&domain.verdict), dutch(&domain.verdict)])
        .collect()
}

#[test]
fn a_poke_may_have_worked_only_where_something_was_asked() {
    let asks = ["ETRN ", "QSND ", "ATRN", "TURN"];
    each(|plan, report, what| {
        let was_asked = |domain: &str| {
            report.method == Method::Signal
                || report.dialogue.iter().any(|line| {
                    let names = line.line.contains(domain) || line.line == "TURN";
                    let asked = asks.iter().any(|verb| line.line.starts_with(verb));
                    line.from == Speaker::Us && asked && names
                })
        };
        for (target, [english, dutch]) in plan.targets.iter().zip(sentences(report)) {
            let asked = was_asked(target.as_str());
            let may = english.contains("may have worked");
            let nothing = english.contains("othing was asked for");
            assert!(!may || asked, "{what}: {english} {:?}", report.dialogue);
            assert!(
                !nothing
                    || !asked
                    || plan.method == Method::Signal
                    || report.method.turns()
                    || retried(report),
                "{what}: {english} {:?}",
                report.dialogue
            );
            // Both languages say the same of it.
            assert_eq!(may, dutch.contains("kan toch hebben gewerkt"), "{dutch}");
            assert_eq!(nothing, dutch.contains("iets opgevraagd"), "{dutch}");
        }
    });
}

/// Whether a further connection was opened: what happened on it is told.
fn retried(report: &Report) -> bool {
    let connected = report
        .dialogue
        .iter()
        .filter(|line| line.line == "connected");
    connected.count() > 1
}

/// Words in quotation marks that are no settings: choices, or what is shown of another program.
fn is_choice(word: &str) -> bool {
    fn choices<T>(
        settings: &[dequeue_core::settings::definition::Definition<T>],
    ) -> BTreeSet<String> {
        settings
            .iter()
            .flat_map(|setting| setting.choices())
            .collect()
    }
    choices(Account::DEFINITIONS).contains(word) || choices(Settings::DEFINITIONS).contains(word)
}

#[test]
fn a_sentence_names_only_settings_that_exist() {
    let mut named = BTreeSet::new();
    each(|_, report, what| {
        for sentence in sentences(report).into_iter().flatten() {
            for part in sentence.split('“').skip(1) {
                let word = part.split('”').next().unwrap();
                // What another program calls its own.
                if word.contains(' ') {
                    continue;
                }
                let is_setting =
                    Account::definition(word).is_some() || Settings::definition(word).is_some();
                assert!(
                    is_setting || is_choice(word),
                    "{what}: {word} in {sentence}"
                );
                named.insert(word.to_owned());
            }
        }
    });
    assert!(
        named.contains("ehlo") && named.contains("implicit"),
        "{named:?}"
    );
}
