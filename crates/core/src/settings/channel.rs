//! The ways out for notices besides the desktop, by name.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// A way for notices beside the desktop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Channel {
    /// A program that is started with the notice.
    Command,
    /// A POST of the notice to a web address.
    Webhook,
    /// The notice by e-mail.
    Mail,
    /// A GET of a web address after a poke.
    Heartbeat,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Command, Self::Webhook, Self::Mail, Self::Heartbeat];
}

/// The names under which the secrets for notices are kept: the keys of the settings that say where
/// they come from.
pub const SECRETS: [&str; 3] = [MAIL_SECRET, WEBHOOK_SECRET, HEARTBEAT_SECRET];

/// The password for the notices' mail server.
pub const MAIL_SECRET: &str = "notice_mail_secret";

/// The token that the webhook wants.
pub const WEBHOOK_SECRET: &str = "notice_webhook_secret";

/// The secret that goes into the heartbeats' addresses.
pub const HEARTBEAT_SECRET: &str = "heartbeat_secret";
