//! The result of a session: a verdict for each domain, never a lossy summary, and the dialogue.

use std::{net::IpAddr, time::Duration};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    bridge::Passed,
    command::Method,
    limits,
    name::EtrnTarget,
    tls::{Certificate, Tls, TlsFault},
    verdict::Verdict,
};

/// Where a line of the dialogue comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Speaker {
    /// The provider's server.
    Provider,
    /// This program.
    Us,
    /// The connection itself. The line is one of [`CONNECTION_EVENTS`], with the host's name after
    /// `next-host`; every language has a sentence for each.
    Connection,
}

/// The events of a connection, as the lines of a dialogue name them.
pub const CONNECTION_EVENTS: [&str; 13] = [
    "connected",
    "connect-failed",
    "closed",
    "reset",
    "timed-out",
    "interrupted",
    "tls-started",
    "tls-failed",
    "mail-server-connected",
    "mail-server-failed",
    "turned",
    "bridge-ended",
    // The host before was tried in vain; the rest of the dialogue is with the one that is named, as in
    // `next-host mail2.example.org`.
    "next-host",
];

/// One line of a dialogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DialogueLine {
    /// Who said it.
    pub from: Speaker,
    /// When, in milliseconds since the session with this host began.
    pub at_ms: u32,
    /// The line without its line end, as it came: whoever shows it sees to it that no control character
    /// acts there.
    pub line: String,
}

impl DialogueLine {
    /// A line of the provider or of our own.
    pub(crate) fn new(from: Speaker, at: Duration, line: impl Into<String>) -> Self {
        let at_ms = u32::try_from(at.as_millis()).unwrap_or(u32::MAX);
        Self {
            from,
            at_ms,
            line: line.into(),
        }
    }

    /// An event of the connection, one of [`CONNECTION_EVENTS`].
    pub(crate) fn event(at: Duration, name: &'static str) -> Self {
        Self::new(Speaker::Connection, at, name)
    }

    /// The event that the next of several hosts is tried.
    #[must_use]
    pub fn next_host(host: &str) -> Self {
        let line = format!("next-host {host}");
        Self::new(Speaker::Connection, Duration::ZERO, line)
    }

    /// The event of the connection, and the host that it names, if any.
    #[must_use]
    pub fn event_and_host(&self) -> (&str, Option<&str>) {
        match self.line.split_once(' ') {
            Some((event, host)) => (event, Some(host)),
            None => (&self.line, None),
        }
    }
}

/// The result of one domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainReport {
    /// The domain as the plan named it.
    pub target: EtrnTarget,
    /// Its verdict.
    pub verdict: Verdict,
}

/// Why [`Method::Auto`] chose its method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// There is no domain to ask for: the visit itself is the request.
    NoDomains,
    /// EHLO offers ETRN.
    EtrnOffered,
    /// EHLO does not offer ETRN, but the provider answers it.
    EtrnAnswered,
    /// The provider does not know ETRN: the visit itself is the request.
    EtrnUnknown,
    /// EHLO offers ATRN, and the account has a login.
    AtrnOffered,
    /// An earlier poke found it out, and the provider's greeting is still the same.
    Remembered,
}

/// What [`Method::Auto`] found out, for the next poke of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    /// The method that it chose.
    pub method: Method,
    /// The reason for it.
    pub choice: Choice,
    /// The part of the provider's greeting that stays the same; if it changes, the provider may have changed.
    pub greeting: String,
}

/// The result of a whole session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The method that was used; [`Method::Auto`] if the session ended before one was chosen.
    pub method: Method,
    /// Why this method, if the plan said [`Method::Auto`].
    pub choice: Option<Choice>,
    /// What the next plan should contain, if the plan said [`Method::Auto`] and something was found out.
    pub learned: Option<Learned>,
    /// The worst verdict of the domains; the session's own if there are none.
    pub verdict: Verdict,
    /// One entry for each domain of the plan, in its order.
    pub domains: Vec<DomainReport>,
    /// Round trips, the TCP handshake and the greeting included.
    pub round_trips: u32,
    /// Our address as the provider sees it, if it said so in its EHLO reply.
    pub seen_address: Option<IpAddr>,
    /// TLS on the last connection, if there was any.
    pub tls: Option<Tls>,
    /// The certificate that the provider showed, even if it was not accepted.
    pub certificate: Option<Certificate>,
    /// Why TLS failed, on whichever connection it did last; also where the session went on without it.
    pub tls_fault: Option<TlsFault>,
    /// What passed the bridge in all visits together, if there was one.
    pub passed: Option<Passed>,
    /// Whether the provider answered the QUIT of a [`Method::Signal`]. AutoTURN providers keep this
    /// connection open until their delivery is done, so that its end is worth waiting for.
    pub lingers: bool,
    /// The dialogue, at most [`limits::DIALOGUE_LINES`] lines and [`limits::DIALOGUE`] octets.
    pub dialogue: Vec<DialogueLine>,
}

/// A dialogue within its limits: what exceeds them is left out.
#[derive(Debug, Default)]
pub(crate) struct Dialogue {
    lines: Vec<DialogueLine>,
    octets: usize,
}

impl Dialogue {
    pub(crate) fn push(&mut self, mut line: DialogueLine) {
        let octets = self.octets + line.line.len();
        if self.lines.len() < limits::DIALOGUE_LINES && octets <= limits::DIALOGUE {
            // A string that grew may occupy twice its length.
            line.line.shrink_to_fit();
            self.octets = octets;
            self.lines.push(line);
        }
    }

    pub(crate) fn lines(&self) -> &[DialogueLine] {
        &self.lines
    }

    pub(crate) fn into_lines(self) -> Vec<DialogueLine> {
        self.lines
    }
}
