//! What was found, before anybody has judged it.

use std::{
    collections::BTreeSet,
    net::{IpAddr, SocketAddr},
};

use dequeue_smtp::{ConnectFault, Reason, Report, Speaker};
use jiff::Timestamp;

use super::{dns::Answer, time::TimeAnswer};
use crate::poke::Probed;

/// What the provider's name comes to.
#[derive(Clone, Debug)]
pub(super) struct NameFacts {
    pub(super) host: String,
    /// By the resolver of this machine; none where it found none.
    pub(super) system: BTreeSet<IpAddr>,
    /// Whether this machine's hosts file names it.
    pub(super) in_hosts_file: bool,
    /// By a public resolver.
    pub(super) public: Answer<BTreeSet<IpAddr>>,
    /// Where the last poke that worked went.
    pub(super) before: Option<IpAddr>,
}

/// A visit to one of the provider's addresses.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) address: SocketAddr,
    /// What became of the connection.
    pub(super) connected: Result<(), ConnectFault>,
    /// What was said on it; nothing where the method has no conversation.
    pub(super) looked: Option<Probed>,
}

/// What answers where the provider's port stays silent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Elsewhere {
    /// The same host, at this other port.
    SameHost(u16),
    /// Not the host, but others on the Internet.
    Internet,
    /// Not the host; no one else on the Internet was to be asked.
    NotAsked,
    /// Nothing that was tried.
    Nothing,
}

/// How far a conversation came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// It failed at the greeting.
    Greeting,
    /// At EHLO.
    Hello,
    /// At the line's protection.
    Tls,
    /// At the login.
    Login,
    /// It did not fail.
    Over,
}

impl Stage {
    /// Of a visit whose connection stood.
    pub(super) fn of(report: &Report) -> Self {
        use Reason as R;
        let said = |command: &str| {
            let by_us = |from| from == Speaker::Us;
            let mut lines = report.dialogue.iter();
            lines.any(|line| by_us(line.from) && line.line.starts_with(command))
        };
        match report.verdict.reason {
            R::QuitSignals => Self::Over,
            R::TlsRequired
            | R::TlsNotOffered
            | R::TlsFailed
            | R::Injected
            | R::TlsLocal
            | R::ClientCertificateRequired
            | R::CertificateUnknown
            | R::CertificateExpired
            | R::CertificateNotYetValid
            | R::CertificateWrongName
            | R::CertificateRevoked
            | R::CertificateChanged
            | R::CertificateInvalid => Self::Tls,
            R::LoginRequired
            | R::LoginRefused
            | R::LoginNotOffered
            | R::LoginMechanism
            | R::LoginInClear
            | R::LoginUnverified
            | R::TokenRefused
            | R::LoginConfused
            | R::ServerNotProved
            | R::SecretMissing => Self::Login,
            // A provider may think long over a goodbye.
            R::NoAnswer | R::HungUp if all_was_answered(report) => Self::Over,
            _ if said("AUTH") => Self::Login,
            _ if said("STARTTLS") => Self::Tls,
            _ if said("EHLO") || said("HELO") => Self::Hello,
            _ => Self::Greeting,
        }
    }
}

/// Whether QUIT was said after a good answer, and not because something had gone wrong.
fn all_was_answered(report: &Report) -> bool {
    let lines = &report.dialogue;
    let quit = lines
        .iter()
        .rposition(|line| line.from == Speaker::Us && line.line == "QUIT");
    let before = quit.and_then(|at| lines.get(at.checked_sub(1)?));
    before.is_some_and(|line| line.from == Speaker::Provider && line.line.starts_with('2'))
}

/// What the mail exchanges of a domain are.
#[derive(Clone, Debug)]
pub(super) struct MxFacts {
    pub(super) domain: String,
    pub(super) exchanges: Answer<Vec<Exchange>>,
    /// Whether the domain itself has an address, which takes its mail where there is no exchange.
    pub(super) has_address: bool,
}

/// A mail exchange, with its addresses.
#[derive(Clone, Debug)]
pub(super) struct Exchange {
    pub(super) name: String,
    pub(super) addresses: Answer<BTreeSet<IpAddr>>,
}

/// Whether mail can come in from outside, as far as this machine tells.
#[derive(Clone, Debug)]
pub(super) struct FirewallFacts {
    /// Mail comes back over our own connection.
    pub(super) turns: bool,
    /// The mail server is on this machine.
    pub(super) here: bool,
    /// Where the mail server listens; nothing where the system does not tell.
    pub(super) listening: Vec<IpAddr>,
    /// Mail has come after a poke of the last week.
    pub(super) arrived: bool,
    /// The port of the mail server.
    pub(super) port: u16,
}

/// The addresses that the outside knows us by.
#[derive(Clone, Debug)]
pub(super) struct AddressFacts {
    /// What the provider saw.
    pub(super) seen: Option<IpAddr>,
    /// What it saw at the last poke.
    pub(super) before: Option<IpAddr>,
    /// Mail exchanges under the account's own domains, which are the mail server by name.
    pub(super) own: Vec<Exchange>,
    /// Mail comes back over our own connection, so that nothing is delivered to an address.
    pub(super) turns: bool,
}

/// The time here and there.
#[derive(Clone, Copy, Debug)]
pub(super) struct ClockFacts {
    pub(super) here: Timestamp,
    /// As a time server says it.
    pub(super) by_server: Option<TimeAnswer>,
    /// Whether no time server was to be asked.
    pub(super) is_off: bool,
    /// As the provider says it in its greeting.
    pub(super) by_provider: Option<Timestamp>,
}

/// What may be written; with what the system said where it may not.
#[derive(Clone, Debug)]
pub(super) struct FolderFacts {
    pub(super) settings: Place,
    pub(super) history: Place,
    pub(super) data: Place,
}

/// A place on the disk.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) path: String,
    pub(super) fault: Option<String>,
}
