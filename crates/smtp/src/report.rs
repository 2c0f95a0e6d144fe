//! What is left of a poke when it has ended: a verdict for each domain, never a lossy summary, and
//! the dialogue.

use std::{net::IpAddr, time::Duration};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    bridge::Passed,
    command::Method,
    limits,
    name::EtrnTarget,
    tls::{Certificate, Tls},
    verdict::Verdict,
};

/// Who said a line of the dialogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Speaker {
    /// The provider.
    Provider,
    /// This program.
    Us,
    /// No one: what happened to the connection. The line is one of [`CONNECTION_EVENTS`], and after
    /// `next-host` stands the host's name; the faces have a sentence for each.
    Connection,
}

/// What can happen to a connection, as the lines of a dialogue name it.
pub const CONNECTION_EVENTS: [&str; 12] = [
    "connected",
    "connect-failed",
    "closed",
    "reset",
    "timed-out",
    "tls-started",
    "tls-failed",
    "mail-server-connected",
    "mail-server-failed",
    "turned",
    "bridge-ended",
    // After the host before it was tried in vain. With the name of the host that all that follows
    // is said to, as in `next-host mail2.example.org`.
    "next-host",
];

/// One line of a dialogue.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct DialogueLine {
    /// Who said it.
    pub from: Speaker,
    /// When, in milliseconds since the session with this host began.
    pub at_ms: u32,
    /// The line without its line end, control characters made visible.
    pub line: String,
}

impl DialogueLine {
    /// A provider's or our own line.
    pub(crate) fn new(from: Speaker, at: Duration, line: impl Into<String>) -> Self {
        let at_ms = u32::try_from(at.as_millis()).unwrap_or(u32::MAX);
        Self {
            from,
            at_ms,
            line: line.into(),
        }
    }

    /// Something that happened to the connection: one of [`CONNECTION_EVENTS`].
    pub(crate) fn event(at: Duration, name: &'static str) -> Self {
        Self::new(Speaker::Connection, at, name)
    }

    /// The next of several hosts is tried.
    #[must_use]
    pub fn next_host(host: &str) -> Self {
        let line = format!("next-host {host}");
        Self::new(Speaker::Connection, Duration::ZERO, line)
    }

    /// What happened to the connection, and the host that it names, where it names one.
    #[must_use]
    pub fn event_and_host(&self) -> (&str, Option<&str>) {
        match self.line.split_once(' ') {
            Some((event, host)) => (event, Some(host)),
            None => (&self.line, None),
        }
    }
}

/// What became of one domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainReport {
    /// The domain as the plan named it.
    pub target: EtrnTarget,
    /// What became of it.
    pub verdict: Verdict,
}

/// Why [`Method::Auto`] came to its method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Choice {
    /// There is no domain to ask for: all that is left is the visit itself.
    NoDomains,
    /// EHLO offers ETRN.
    EtrnOffered,
    /// EHLO does not offer ETRN, and the provider answers to it all the same.
    EtrnAnswered,
    /// The provider does not know ETRN: the visit itself is the signal.
    EtrnUnknown,
    /// EHLO offers ATRN, and the account has a login.
    AtrnOffered,
    /// What an earlier poke found, since the provider greets as it did then.
    Remembered,
}

/// What [`Method::Auto`] found, for the next poke of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Learned {
    /// The method.
    pub method: Method,
    /// Why.
    pub choice: Choice,
    /// What stays the same in the provider's greeting: when it changes, all may have.
    pub greeting: String,
}

/// What became of a whole session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The method that was used; [`Method::Auto`] where it ended before one was chosen.
    pub method: Method,
    /// Why, where the plan left it open.
    pub choice: Option<Choice>,
    /// What is to be remembered of it, where the plan left it open and something was found out.
    pub learned: Option<Learned>,
    /// The worst of the domains' verdicts, or the session's own where it asked for none.
    pub verdict: Verdict,
    /// One entry for each domain of the plan, in its order.
    pub domains: Vec<DomainReport>,
    /// Round trips waited for, the TCP handshake and the greeting included.
    pub round_trips: u32,
    /// The address that the provider saw us come from, where it said so.
    pub seen_address: Option<IpAddr>,
    /// The line's protection, where there was one; of the last connection.
    pub tls: Option<Tls>,
    /// The certificate that the provider showed, also where it did not hold.
    pub certificate: Option<Certificate>,
    /// What passed the bridge, all visits together, where there was one.
    pub passed: Option<Passed>,
    /// Whether the provider said goodbye to a [`Method::Signal`], so that the connection, which
    /// AutoTURN providers keep open until their delivery is done, is worth listening to.
    pub lingers: bool,
    /// What was said, at most [`limits::DIALOGUE_LINES`] lines and [`limits::DIALOGUE`] octets.
    pub dialogue: Vec<DialogueLine>,
}

/// A dialogue that does not outgrow its limits.
#[derive(Debug, Default)]
pub(crate) struct Dialogue {
    lines: Vec<DialogueLine>,
    octets: usize,
}

impl Dialogue {
    pub(crate) fn push(&mut self, mut line: DialogueLine) {
        let octets = self.octets + line.line.len();
        if self.lines.len() < limits::DIALOGUE_LINES && octets <= limits::DIALOGUE {
            // What grew while it was written may hold as much again.
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
