//! Drives a session against a provider that keeps to nothing, and checks on the way what must never
//! be, whatever comes: the end comes in its time, nothing is said too early, nothing is kept without
//! a bound, and no secret is shown.

use std::{net::Ipv4Addr, time::Duration};

use dequeue_smtp::{
    Certificate, CertificateFault, CertificateTrust, ConnectFault, Input, Method, Plan, Reason,
    Report, Session, Side, Step, Tls, TlsFault, limits,
};

/// The secret of every login here.
pub(crate) const SECRET: &str = "tanstaaftanstaaf";

/// What a provider does next.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Say(Vec<u8>),
    Wait(Duration),
    Close,
    Reset,
    Refuse,
}

/// What came of it all.
pub(crate) struct Ending {
    pub(crate) report: Report,
    pub(crate) at: Duration,
    /// Octets that the session took.
    pub(crate) received: usize,
    pub(crate) connections: usize,
}

/// Drives a session against a provider that does at each step what `next` says, and when that is
/// nothing, is silent. Checks on the way what must never be.
pub(crate) fn drive(plan: Plan, mut next: impl FnMut(&Step<'_>) -> Option<Act>) -> Ending {
    let domains = plan.targets.len();
    let time_limits = plan.limits;
    let (method, secret) = (plan.method, plan.login.is_some());
    let latest = time_limits.session + limits::FAREWELL;
    let mut session = Session::new(plan);
    let mut now = Duration::ZERO;
    // Of this connection: what came, and what was sent.
    let (mut came, mut sent) = (Vec::new(), Vec::new());
    let (mut received, mut connections) = (0, 0);
    for _ in 0..600_000 {
        let step = session.step();
        assert_eq!(session.step(), step, "asking again gives the same");
        match step {
            Step::Done => {
                let dialogue = session.dialogue();
                assert!(dialogue.len() <= limits::DIALOGUE_LINES);
                let octets: usize = dialogue.iter().map(|line| line.line.len()).sum();
                assert!(octets <= limits::DIALOGUE, "{octets} octets of dialogue");
                let report = session.into_report();
                assert_eq!(report.domains.len(), domains, "one entry a domain");
                assert!(!secret || !format!("{report:?}").contains(SECRET));
                return Ending {
                    report,
                    at: now,
                    received,
                    connections,
                };
            }
            Step::Connect { limit, until } => {
                assert_eq!((limit, until), (time_limits.connect, time_limits.session));
                came.clear();
                sent.clear();
                let local = Ipv4Addr::new(192, 0, 2, 7).into();
                let input = match next(&step) {
                    Some(Act::Refuse) => Input::ConnectFailed(ConnectFault::Refused),
                    _ => Input::Connected { local },
                };
                connections += 1;
                session.feed(now, input);
            }
            Step::ConnectMailServer { .. } => {
                let input = match next(&step) {
                    Some(Act::Refuse) => Input::ConnectFailed(ConnectFault::Refused),
                    Some(Act::Close) => Input::MailServerUnfit(Reason::MailServerNotReady),
                    Some(Act::Reset) => Input::MailServerConnected {
                        refuses_relay: false,
                    },
                    _ => Input::MailServerConnected {
                        refuses_relay: true,
                    },
                };
                session.feed(now, input);
            }
            Step::ReceiveFromMailServer { until } => {
                assert!(until <= latest);
                match next(&step) {
                    Some(Act::Say(said)) if !said.is_empty() => {
                        session.feed(now, Input::Received(&said));
                    }
                    Some(Act::Wait(_)) => {
                        now = now.max(until);
                        session.feed(now, Input::TimedOut);
                    }
                    Some(Act::Close) => session.feed(now, Input::Closed),
                    _ => session.feed(now, Input::Received(b"220 mail server\r\n")),
                }
            }
            Step::StartTls { strict, until } => {
                assert!(until <= latest);
                let trust = if strict {
                    CertificateTrust::Verified
                } else {
                    CertificateTrust::Unverified
                };
                match next(&step) {
                    Some(Act::Close) => {
                        session.feed(now, Input::TlsFailed(&TlsFault::Closed, None));
                    }
                    Some(Act::Refuse) => session.feed(
                        now,
                        Input::TlsFailed(
                            &TlsFault::Certificate(CertificateFault::Expired),
                            Some(&tls(trust).certificate),
                        ),
                    ),
                    _ => session.feed(now, Input::TlsStarted(&tls(trust))),
                }
            }
            Step::Bridge {
                opening,
                idle,
                until,
            } => {
                assert_eq!((idle, until), (limits::BRIDGE_IDLE, now + limits::BRIDGE));
                assert_eq!(opening, time_limits.turn);
                let act = next(&step);
                let bridge = session.bridge().unwrap();
                match act {
                    Some(Act::Say(said)) if bridge.wants(Side::Provider) => {
                        bridge.take(Side::Provider, &said);
                        bridge.wrote(Side::MailServer, usize::MAX);
                    }
                    Some(Act::Refuse) => bridge.lose(Side::MailServer),
                    Some(Act::Close) => {
                        for side in [Side::Provider, Side::MailServer] {
                            bridge.end(side);
                            bridge.shut(side);
                        }
                        session.feed(now, Input::BridgeOver);
                    }
                    _ => session.feed(now, Input::TimedOut),
                }
            }
            Step::Send { bytes, until } => {
                assert!(until <= latest);
                // Something may come, or end, before it is sent.
                match next(&step) {
                    Some(Act::Say(said)) if !said.is_empty() => {
                        received += said.len();
                        came.extend(&said);
                        session.feed(now, Input::Received(&said));
                    }
                    Some(Act::Close) => session.feed(now, Input::Closed),
                    Some(Act::Reset) => session.feed(now, Input::Reset),
                    Some(Act::Wait(time)) if now + time >= until => {
                        now = now.max(until);
                        session.feed(now, Input::TimedOut);
                    }
                    _ => {
                        if method != Method::Finger {
                            check_segment(bytes, &came, &sent);
                        }
                        sent.extend(bytes);
                        session.feed(now, Input::Sent);
                    }
                }
            }
            Step::Receive { until } => {
                assert!(until <= latest, "{until:?} is too late");
                match next(&step) {
                    Some(Act::Say(said)) if !said.is_empty() => {
                        received += said.len();
                        came.extend(&said);
                        session.feed(now, Input::Received(&said));
                    }
                    Some(Act::Close) => session.feed(now, Input::Closed),
                    Some(Act::Reset) => session.feed(now, Input::Reset),
                    Some(Act::Wait(time)) if now + time < until => now += time,
                    _ => {
                        now = now.max(until);
                        session.feed(now, Input::TimedOut);
                    }
                }
            }
        }
    }
    panic!("no end of it");
}

fn check_segment(bytes: &[u8], came: &[u8], sent: &[u8]) {
    let text = std::str::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = text.split_inclusive("\r\n").collect();
    assert!(
        lines
            .iter()
            .all(|line| line.ends_with("\r\n") && !line.trim_end().contains(['\r', '\n'])),
        "{text:?}"
    );
    let verbs: Vec<&str> = lines
        .iter()
        .map(|line| line.split_ascii_whitespace().next().unwrap_or_default())
        .collect();
    let alone = [
        "EHLO", "HELO", "STARTTLS", "AUTH", "ETRN", "QSND", "ATRN", "TURN", "QUIT",
    ];
    let logging_in = sent.windows(5).any(|part| part == b"AUTH ");
    match verbs[..] {
        [verb] => assert!(alone.contains(&verb) || logging_in, "{text:?}"),
        ["ETRN", "QUIT"] => {
            let mut words = came.windows(10);
            let offered = words.any(|word| word.eq_ignore_ascii_case(b"PIPELINING"));
            assert!(offered, "not offered");
        }
        _ => panic!("too much in one segment: {text:?}"),
    }
    if verbs != ["QUIT"] {
        // The last line of a reply says what it is.
        let mut lines = came.split_inclusive(|b| *b == b'\n');
        let greeted =
            lines.any(|line| line.starts_with(b"220") && line.ends_with(b"\n") && line[3] != b'-');
        assert!(
            greeted,
            "{text:?} before the greeting {:?}",
            came.escape_ascii().to_string()
        );
    }
    assert!(!sent.ends_with(b"QUIT\r\n"), "{text:?} after QUIT");
}

/// A line under TLS.
pub(crate) fn tls(trust: CertificateTrust) -> Tls {
    Tls {
        version: "TLSv1.3".into(),
        cipher: "TLS13_AES_128_GCM_SHA256".into(),
        peer: "mail.provider.test".into(),
        trust,
        certificate: Certificate {
            fingerprint: "AB:CD".into(),
            valid_from: 1_900_000_000,
            expires_at: 2_000_000_000,
        },
    }
}
