//! A provider that keeps to a script. A script is a conversation as a person would write it down:
//!
//! ```text
//! connect
//! < 220 mail.provider.test ESMTP
//! > EHLO office.example
//! < 250-mail.provider.test
//! < 250 PIPELINING
//! > ETRN a.example
//! > QUIT
//! < 250 Queuing started
//! after 200ms
//! < 221 Bye
//! ```
//!
//! Lines after `>` without anything between them are one segment. `<` ends its line in CRLF; `<<`
//! says exactly what stands there, with `\r`, `\n`, `\0` and `\t` for what cannot. `silence 300s`
//! expects that the session waits until then, and not a moment longer. `connect` takes a
//! connection, `refuse` does not; `close` and `reset` end it. The script's end expects the
//! session's.
//!
//! Of TLS: `tls verified` (or `pinned`, `unverified`) lets the handshake succeed, `tls-fails expired`
//! (or another fault) does not; `tls-alert 116` is an alert on a line under TLS. Of the mail server: `mail-server-connect`, `mail-server-refuse`, and
//! `mail-server<` as `<`. Over a bridge, `provider:` and `mail-server:` each send a line, `over` ends
//! both sides, `idle` neither, and with `mail-server-gone` the mail server breaks off.

use std::{collections::VecDeque, net::Ipv4Addr, time::Duration};

use dequeue_smtp::{
    Alert, CertificateFault, CertificateTrust, ConnectFault, Input, Plan, Report, Session, Side,
    Step, TlsFault,
};

use crate::anything::tls;

/// One thing of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Item {
    Connect,
    Refuse,
    /// The provider says this; with whatever follows directly, in one go.
    Says(Vec<u8>),
    /// We are to send exactly this, in one segment.
    Hears(Vec<u8>),
    After(Duration),
    Silence(Duration),
    Close,
    Reset,
    Tls(CertificateTrust),
    TlsFails(TlsFault),
    TlsAlert(Alert),
    MailServerConnect,
    MailServerRefuse,
    MailServerSays(Vec<u8>),
    Passes(Side, Vec<u8>),
    MailServerGone,
    Over,
    Idle,
}

/// A script, ready to be played.
#[derive(Clone, Debug)]
pub(crate) struct Script(VecDeque<Item>);

impl Script {
    pub(crate) fn new(text: &str) -> Self {
        let mut items: VecDeque<Item> = VecDeque::new();
        for line in text.lines().map(str::trim_start).filter(|l| !l.is_empty()) {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let item = match word {
                "connect" => Item::Connect,
                "refuse" => Item::Refuse,
                "<" => Item::Says(format!("{rest}\r\n").into_bytes()),
                "<<" => Item::Says(unescaped(rest)),
                ">" => Item::Hears(format!("{rest}\r\n").into_bytes()),
                "after" => Item::After(duration(rest)),
                "silence" => Item::Silence(duration(rest)),
                "tls" => Item::Tls(match rest {
                    "verified" => CertificateTrust::Verified,
                    "pinned" => CertificateTrust::Pinned,
                    "unverified" => CertificateTrust::Unverified,
                    _ => panic!("no such trust: {rest}"),
                }),
                "tls-fails" => Item::TlsFails(match rest {
                    "protocol" => TlsFault::Version,
                    "client-certificate" => TlsFault::ClientCertificate { alert: Alert(40) },
                    "closed" => TlsFault::Closed,
                    "unknown-issuer" => TlsFault::Certificate(CertificateFault::UnknownIssuer),
                    "expired" => TlsFault::Certificate(CertificateFault::Expired),
                    "wrong-name" => TlsFault::Certificate(CertificateFault::WrongName),
                    "not-the-pinned" => TlsFault::Certificate(CertificateFault::NotThePinned),
                    _ => panic!("no such fault: {rest}"),
                }),
                "tls-alert" => Item::TlsAlert(Alert(rest.parse().unwrap())),
                "mail-server-connect" => Item::MailServerConnect,
                "mail-server-refuse" => Item::MailServerRefuse,
                "mail-server<" => Item::MailServerSays(format!("{rest}\r\n").into_bytes()),
                "provider:" => Item::Passes(Side::Provider, format!("{rest}\r\n").into_bytes()),
                "mail-server:" => {
                    Item::Passes(Side::MailServer, format!("{rest}\r\n").into_bytes())
                }
                "mail-server-gone" => Item::MailServerGone,
                "over" => Item::Over,
                "idle" => Item::Idle,
                "close" => Item::Close,
                "reset" => Item::Reset,
                _ => panic!("no such word in a script: {line}"),
            };
            match (items.back_mut(), item) {
                (Some(Item::Says(said)), Item::Says(more)) => said.extend(more),
                (Some(Item::Hears(heard)), Item::Hears(more)) => heard.extend(more),
                (_, item) => items.push_back(item),
            }
        }
        Self(items)
    }

    /// How many octets the provider says.
    pub(crate) fn octets(&self) -> usize {
        let said = |item: &Item| match item {
            Item::Says(bytes) => bytes.len(),
            _ => 0,
        };
        self.0.iter().map(said).sum()
    }

    /// The same, with what the provider says cut in two before its octet `at`.
    pub(crate) fn cut(&self, mut at: usize) -> Self {
        let mut items = VecDeque::new();
        for item in &self.0 {
            match item {
                Item::Says(bytes) if at > 0 && at < bytes.len() => {
                    items.push_back(Item::Says(bytes[..at].to_vec()));
                    items.push_back(Item::Says(bytes[at..].to_vec()));
                    at = 0;
                }
                Item::Says(bytes) => {
                    at = at.saturating_sub(bytes.len());
                    items.push_back(item.clone());
                }
                other => items.push_back(other.clone()),
            }
        }
        Self(items)
    }

    /// The same, an octet at a time.
    pub(crate) fn in_octets(&self) -> Self {
        let cut = |item: &Item| match item {
            Item::Says(bytes) => bytes.iter().map(|b| Item::Says(vec![*b])).collect(),
            other => vec![other.clone()],
        };
        Self(self.0.iter().flat_map(cut).collect())
    }

    /// Plays it against a session, and checks that the session keeps to its side of it. Gives the
    /// report, and the time at which the session was over.
    pub(crate) fn play(self, plan: Plan) -> (Report, Duration) {
        self.play_with(Session::new(plan))
    }

    /// The same against a session that is there already.
    pub(crate) fn play_with(mut self, mut session: Session) -> (Report, Duration) {
        let mut now = Duration::ZERO;
        for _ in 0..100_000 {
            let next = self.0.front().cloned();
            let step = session.step();
            if step == Step::Done {
                // What a provider says or does after the end is nothing to us.
                let left = |item: &&Item| matches!(item, Item::Connect | Item::Hears(_));
                assert_eq!(self.0.iter().find(left), None, "over too soon");
                return (session.into_report(), now);
            }
            match (step, next) {
                (Step::Connect { .. }, Some(Item::Connect)) => {
                    let local = Ipv4Addr::new(192, 0, 2, 7).into();
                    session.feed(now, Input::Connected { local });
                }
                // The connection before is over for us.
                (Step::Connect { .. }, Some(Item::Says(_) | Item::Close | Item::Reset)) => {}
                (Step::Connect { .. }, Some(Item::Refuse)) => {
                    session.feed(now, Input::ConnectFailed(ConnectFault::Refused));
                }
                (Step::Send { bytes, .. }, Some(Item::Hears(expected))) => {
                    assert_eq!(shown(bytes), shown(&expected), "in one segment");
                    session.feed(now, Input::Sent);
                }
                // What the provider says without waiting is there before we send.
                (Step::Send { .. } | Step::Receive { .. }, Some(Item::Says(bytes))) => {
                    session.feed(now, Input::Received(&bytes));
                }
                (Step::Send { .. } | Step::Receive { .. }, Some(Item::Close)) => {
                    session.feed(now, Input::Closed);
                }
                (Step::Send { .. } | Step::Receive { .. }, Some(Item::Reset)) => {
                    session.feed(now, Input::Reset);
                }
                (Step::StartTls { .. }, Some(Item::Tls(trust))) => {
                    session.feed(now, Input::TlsStarted(&tls(trust)));
                }
                (Step::StartTls { .. }, Some(Item::TlsFails(fault))) => {
                    let certificate = tls(CertificateTrust::Unverified).certificate;
                    session.feed(now, Input::TlsFailed(&fault, Some(&certificate)));
                }
                (Step::Send { .. } | Step::Receive { .. }, Some(Item::TlsAlert(alert))) => {
                    session.feed(now, Input::TlsAlert(alert));
                }
                (Step::ConnectMailServer { .. }, Some(Item::MailServerConnect)) => {
                    let refuses_relay = true;
                    session.feed(now, Input::MailServerConnected { refuses_relay });
                }
                (Step::ConnectMailServer { .. }, Some(Item::MailServerRefuse)) => {
                    session.feed(now, Input::ConnectFailed(ConnectFault::Refused));
                }
                (Step::ConnectMailServer { .. }, Some(Item::Says(_) | Item::Close)) => {}
                (Step::ReceiveFromMailServer { .. }, Some(Item::MailServerSays(bytes))) => {
                    session.feed(now, Input::Received(&bytes));
                }
                (Step::ReceiveFromMailServer { .. }, Some(Item::Close)) => {
                    session.feed(now, Input::Closed);
                }
                (Step::Bridge { .. }, Some(item)) => bridge(&mut session, now, item),
                (Step::Receive { until }, Some(Item::After(time))) => {
                    now += time;
                    assert!(now < until, "the session waits only until {until:?}");
                }
                (Step::Receive { until }, Some(Item::Silence(time))) => {
                    assert_eq!(until, now + time, "how long it waits, at {now:?}");
                    now = until;
                    session.feed(now, Input::TimedOut);
                }
                (step, next) => panic!("the session wants {step:?}, the script has {next:?}"),
            }
            self.0.pop_front();
        }
        panic!("no end of it");
    }
}

fn bridge(session: &mut Session, now: Duration, item: Item) {
    let bridge = session.bridge().unwrap();
    match item {
        Item::Passes(from, bytes) => {
            assert!(bridge.wants(from));
            bridge.take(from, &bytes);
            for to in [Side::Provider, Side::MailServer] {
                bridge.wrote(to, bridge.pending(to).len());
            }
        }
        Item::MailServerGone => bridge.lose(Side::MailServer),
        Item::Over => {
            for side in [Side::Provider, Side::MailServer] {
                bridge.end(side);
                bridge.shut(side);
            }
            session.feed(now, Input::BridgeOver);
        }
        Item::Idle => session.feed(now, Input::TimedOut),
        item => panic!("over a bridge the script has {item:?}"),
    }
}

pub(crate) fn duration(text: &str) -> Duration {
    match text.strip_suffix("ms") {
        Some(ms) => Duration::from_millis(ms.parse().unwrap()),
        None => Duration::from_secs(text.strip_suffix('s').unwrap().parse().unwrap()),
    }
}

fn unescaped(text: &str) -> Vec<u8> {
    text.replace("\\r", "\r")
        .replace("\\n", "\n")
        .replace("\\0", "\0")
        .replace("\\t", "\t")
        .into_bytes()
}

fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

/// A plan for these domains, with the name that the scripts expect.
pub(crate) fn plan(method: dequeue_smtp::Method, domains: &[&str]) -> Plan {
    Plan {
        targets: domains.iter().map(|d| d.parse().unwrap()).collect(),
        ehlo: Some("office.example".parse().unwrap()),
        ..Plan::new(method)
    }
}
