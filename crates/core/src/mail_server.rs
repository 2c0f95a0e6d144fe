//! How the user's mail server stands, which is to receive the mail.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{settings::value::Server, text::Text};

/// How the mail server stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "state")]
pub enum MailServerState {
    /// It greets, and nothing that was tested is wrong.
    Answering {
        /// What it says after the 220.
        greeting: String,
    },
    /// It takes mail for a foreign domain, but from a place that it has reason to trust: this
    /// machine or its own network. Whether strangers may do the same cannot be seen from here.
    TrustsUs {
        /// The foreign domain.
        domain: String,
    },
    /// It takes mail for a foreign domain from an address on another network: an open relay.
    OpenRelay {
        /// The foreign domain.
        domain: String,
        /// The address that we came from.
        from: String,
    },
    /// It greets, but refuses to be tested: it wants TLS or a login first, or no MAIL FROM:<>.
    Untestable {
        /// Its reply.
        answer: String,
    },
    /// It refuses mail for an own domain for now (4xx), as with greylisting: the provider keeps it.
    Postpones {
        /// The domain that was asked about.
        domain: String,
        /// Its reply.
        answer: String,
    },
    /// It refuses mail for an own domain for good (5xx): held mail would bounce.
    RefusesDomain {
        /// The domain that was asked about.
        domain: String,
        /// Its reply.
        answer: String,
    },
    /// It greets with a refusal (421, 554), or says 421 later.
    TurnsAway {
        /// Its reply.
        answer: String,
    },
    /// It does not answer within the limits.
    Silent,
    /// It hangs up where a reply is due.
    HangsUp,
    /// The connection is refused: nothing listens there.
    Refusing,
    /// The host has no address, or there is no way to it.
    Unreachable,
    /// What answers does not speak SMTP.
    NotSmtp,
}

impl MailServerState {
    /// Whether a poke may go out. Where not, mail that comes would bounce or find nobody. A server
    /// that only puts mail off may be poked for: the provider keeps the mail.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        match self {
            Self::Answering { .. }
            | Self::TrustsUs { .. }
            | Self::OpenRelay { .. }
            | Self::Untestable { .. }
            | Self::Postpones { .. } => true,
            Self::RefusesDomain { .. }
            | Self::TurnsAway { .. }
            | Self::Silent
            | Self::HangsUp
            | Self::Refusing
            | Self::Unreachable
            | Self::NotSmtp => false,
        }
    }

    /// Whether the connection to the provider must not be turned round to it (ATRN, TURN). Then the
    /// provider, or whoever passes for it, would speak to it from this machine: it must not relay for
    /// this machine. Where the account names no domains, it is the mail server alone that refuses
    /// foreign ones, so it must be known to do so. One that wants TLS or a login first would send the
    /// mail back.
    #[must_use]
    pub fn holds_a_turn(&self, names_domains: bool) -> bool {
        match self {
            Self::TrustsUs { .. } | Self::OpenRelay { .. } => true,
            Self::Untestable { answer } => {
                !names_domains || answer.starts_with("530") || answer.starts_with("538")
            }
            Self::Answering { .. }
            | Self::Postpones { .. }
            | Self::RefusesDomain { .. }
            | Self::TurnsAway { .. }
            | Self::Silent
            | Self::HangsUp
            | Self::Refusing
            | Self::Unreachable
            | Self::NotSmtp => !self.is_ready(),
        }
    }

    /// Why a poke is held, and what to do. A state in which a poke may go out holds a turn alone.
    #[must_use]
    pub fn explain_held(&self, server: &Server, text: &Text) -> String {
        let mut values = vec![
            ("host", server.host.as_str().into()),
            ("port", server.port.to_string().into()),
        ];
        let key = match self {
            Self::TrustsUs { domain } | Self::OpenRelay { domain, .. } => {
                values.push(("domain", domain.as_str().into()));
                "mail-server-relays-a-turn"
            }
            Self::Untestable { answer } => {
                values.push(("answer", answer.as_str().into()));
                "mail-server-untestable-for-a-turn"
            }
            Self::Answering { .. }
            | Self::Postpones { .. }
            | Self::RefusesDomain { .. }
            | Self::TurnsAway { .. }
            | Self::Silent
            | Self::HangsUp
            | Self::Refusing
            | Self::Unreachable
            | Self::NotSmtp => return self.explain(server, text),
        };
        text.format(key, &values)
    }

    /// What it means and what to do, for a person.
    #[must_use]
    pub fn explain(&self, server: &Server, text: &Text) -> String {
        let mut values = vec![
            ("host", server.host.as_str().into()),
            ("port", server.port.to_string().into()),
        ];
        let key = match self {
            Self::Answering { .. } => "answering",
            Self::TrustsUs { .. } => "trusts-us",
            Self::OpenRelay { domain, from } => {
                values.push(("domain", domain.as_str().into()));
                values.push(("from", from.as_str().into()));
                "open-relay"
            }
            Self::Untestable { answer } => {
                values.push(("answer", answer.as_str().into()));
                "untestable"
            }
            Self::Postpones { domain, answer } => {
                values.push(("domain", domain.as_str().into()));
                values.push(("answer", answer.as_str().into()));
                "postpones"
            }
            Self::RefusesDomain { domain, answer } => {
                values.push(("domain", domain.as_str().into()));
                values.push(("answer", answer.as_str().into()));
                "refuses-domain"
            }
            Self::TurnsAway { answer } => {
                values.push(("answer", answer.as_str().into()));
                "turns-away"
            }
            Self::Silent => "silent",
            Self::HangsUp => "hangs-up",
            Self::Refusing => "refusing",
            Self::Unreachable => "unreachable",
            Self::NotSmtp => "not-smtp",
        };
        text.format(&format!("mail-server-{key}"), &values)
    }

    /// How much worse than the others a finding is, among those of one visit.
    #[must_use]
    pub const fn weight(&self) -> u8 {
        match self {
            Self::Answering { .. } => 0,
            Self::TrustsUs { .. } => 1,
            Self::Untestable { .. } => 2,
            Self::Postpones { .. } => 3,
            Self::OpenRelay { .. } => 4,
            Self::RefusesDomain { .. } => 5,
            // The visit ends with one of these.
            Self::TurnsAway { .. }
            | Self::Silent
            | Self::HangsUp
            | Self::Refusing
            | Self::Unreachable
            | Self::NotSmtp => 6,
        }
    }
}
