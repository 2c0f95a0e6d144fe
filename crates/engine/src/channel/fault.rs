//! Why a notice or a heartbeat did not arrive, and the sentence that says it.

use dequeue_core::{
    settings::channel::{Channel, HEARTBEAT_SECRET, WEBHOOK_SECRET},
    text::{self, Text},
};
use serde::{Deserialize, Serialize};

/// Why a notice could not be delivered by a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelFault {
    /// Which channel it is that failed.
    pub channel: Channel,
    /// What went wrong on its way.
    pub why: Why,
}

impl ChannelFault {
    /// What happened and what to do, in the user's language.
    #[must_use]
    pub fn sentence(&self, text: &Text) -> String {
        let (key, detail) = match &self.why {
            Why::NotStarted(detail) => ("not-started", detail.clone()),
            Why::Exit(status) => ("exit", status.map_or_else(String::new, |s| s.to_string())),
            Why::TimedOut => ("timed-out", String::new()),
            Why::NotConnected(detail) => ("not-connected", detail.clone()),
            Why::Tls(detail) => ("tls", detail.clone()),
            Why::Status(code) => ("status", code.to_string()),
            Why::Reply(code) => ("reply", code.to_string()),
            Why::NoSecret => match self.channel {
                Channel::Webhook => ("no-key", WEBHOOK_SECRET.to_owned()),
                Channel::Heartbeat => ("no-key", HEARTBEAT_SECRET.to_owned()),
                Channel::Command | Channel::Mail => ("no-secret", String::new()),
            },
            Why::SecretUnfit => ("secret-unfit", String::new()),
            Why::Protocol => ("protocol", String::new()),
            Why::Refused => ("refused", String::new()),
            Why::OpenLine => ("open-line", String::new()),
        };
        let channel = text.get(&format!("channel-{}", text::name(&self.channel)));
        let values = [("channel", channel.into()), ("detail", detail.into())];
        text.format(&format!("channel-fault-{key}"), &values)
    }
}

/// The reasons of a [`ChannelFault`]. None holds a secret, or text from a stranger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// The command could not be started: the system's reason.
    NotStarted(String),
    /// The command ended with this status other than 0; `None` where a signal ended it.
    Exit(Option<i32>),
    /// It took too long.
    TimedOut,
    /// No connection came about, or it broke: the system's reason.
    NotConnected(String),
    /// No secure connection came about: the reason.
    Tls(String),
    /// The web server answered with this status, which is no success.
    Status(u16),
    /// The mail server answered with this code, which is no success.
    Reply(u16),
    /// There is a user name or a place for a secret, but no secret is stored.
    NoSecret,
    /// With the secret in its place the web address is none.
    SecretUnfit,
    /// The server does not speak the protocol.
    Protocol,
    /// The service was reached and has not taken the notice, by its own word.
    Refused,
    /// The secret would go over a line that anyone can read.
    OpenLine,
}

impl Why {
    /// Whether another try in a minute may go better.
    pub(super) const fn may_pass(&self) -> bool {
        match self {
            Self::TimedOut | Self::NotConnected(_) | Self::Exit(_) => true,
            Self::Status(code) => matches!(code, 408 | 425 | 429 | 500..),
            Self::Reply(code) => *code < 500,
            Self::NotStarted(_)
            | Self::Tls(_)
            | Self::NoSecret
            | Self::SecretUnfit
            | Self::Protocol
            | Self::Refused
            | Self::OpenLine => false,
        }
    }
}
