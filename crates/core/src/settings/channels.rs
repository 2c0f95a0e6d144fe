//! The channels' settings: what a person types, and what it must be.

use std::{fmt, str::FromStr};

use dequeue_smtp::NameFault;
use http::Uri;
use serde::{Deserialize, Serialize};

use super::{
    channel::Channel,
    fault::{Fault, FaultKind},
    mailbox::Mailbox,
    value::{Host, LEFT_OUT, SECRET_PLACE},
};
use crate::shell_words;

/// The port of message submission over TLS (RFC 8314 3.3).
const SUBMISSIONS_PORT: u16 = 465;
/// The port of message submission (RFC 6409).
const SUBMISSION_PORT: u16 = 587;

/// Where notices go besides the desktop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelSettings {
    /// The command.
    pub command: Option<CommandLine>,
    /// Where notices are posted to.
    pub webhook: Option<WebAddress>,
    /// What is posted.
    pub webhook_body: WebhookBody,
    /// The e-mail.
    pub mail: Mail,
}

/// How notices go by e-mail; they do where there is a host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mail {
    /// The SMTP host.
    pub host: Option<Host>,
    /// Its port; 465 or 587 as goes with `tls` where there is none.
    pub port: Option<u16>,
    /// The line's protection.
    pub tls: MailTls,
    /// Who logs in; nobody does where there is none.
    pub user: Option<String>,
    /// The sender.
    pub from: Option<Mailbox>,
    /// The recipients.
    pub to: Vec<Mailbox>,
}

impl Mail {
    /// The port that is used.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            MailTls::Implicit => SUBMISSIONS_PORT,
            MailTls::Required | MailTls::None => SUBMISSION_PORT,
        })
    }
}

/// The protection of the line to the SMTP host.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MailTls {
    /// TLS from the start.
    #[default]
    Implicit,
    /// STARTTLS, and nothing is sent without it.
    Required,
    /// None: for a server on this machine.
    None,
}

/// What is posted to the webhook.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WebhookBody {
    /// All there is to know, as JSON.
    #[default]
    Json,
    /// Heading and sentences, as plain text.
    Text,
}

impl ChannelSettings {
    /// The channels that notices go by.
    #[must_use]
    pub fn channels(&self) -> Vec<Channel> {
        let set = [
            (Channel::Command, self.command.is_some()),
            (Channel::Webhook, self.webhook.is_some()),
            (Channel::Mail, self.mail.host.is_some()),
        ];
        let set = set.into_iter().filter(|(_, set)| *set);
        set.map(|(channel, _)| channel).collect()
    }

    /// The channels that notices go by and where each leads, for people.
    #[must_use]
    pub fn destinations(&self) -> Vec<(Channel, String)> {
        let to = |channel| match channel {
            Channel::Command => self.command.as_ref().map(CommandLine::program),
            Channel::Webhook => self.webhook.as_ref().map(WebAddress::host),
            Channel::Mail => {
                let to = self.mail.to.iter().map(|to| to.address());
                Some(to.collect::<Vec<_>>().join(", "))
            }
            // An account's own.
            Channel::Heartbeat => None,
        };
        let channels = self.channels().into_iter();
        channels
            .filter_map(|channel| Some((channel, to(channel)?)))
            .collect()
    }

    /// What is missing, or does not go together.
    #[must_use]
    pub fn check(&self) -> Vec<Fault> {
        let mail = &self.mail;
        let mut faults = Vec::new();
        if mail.host.is_some() {
            let needed = [
                ("notice_mail_from", mail.from.is_none()),
                ("notice_mail_to", mail.to.is_empty()),
            ];
            for (field, missing) in needed {
                faults.extend(missing.then(|| Fault::new(field, "", FaultKind::Missing)));
            }
        }
        if let Some(user) = mail.user.as_ref().filter(|_| mail.tls == MailTls::None) {
            faults.push(Fault::new("notice_mail_tls", user, FaultKind::OpenLine));
        }
        faults
    }
}

/// A program and its arguments, the program first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandLine(Vec<String>);

impl CommandLine {
    /// A command of these words.
    ///
    /// # Errors
    /// No program, or a control character, which no program takes well.
    pub fn new(words: Vec<String>) -> Result<Self, FaultKind> {
        if words.first().is_none_or(String::is_empty) {
            Err(FaultKind::Name(NameFault::Empty))
        } else if words.iter().any(|word| word.contains(LEFT_OUT)) {
            Err(FaultKind::LeftOut)
        } else if words.iter().any(|word| word.contains(char::is_control)) {
            Err(FaultKind::ControlInPath)
        } else {
            Ok(Self(words))
        }
    }

    /// The name of the program, without its folder. Its arguments may hold a key.
    #[must_use]
    pub fn program(&self) -> String {
        let path = self.0.first().map(String::as_str).unwrap_or_default();
        let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
        name.to_owned()
    }

    /// The program, then its arguments.
    #[must_use]
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

impl FromStr for CommandLine {
    type Err = FaultKind;

    fn from_str(text: &str) -> Result<Self, FaultKind> {
        if text.contains(char::is_control) {
            return Err(FaultKind::ControlInPath);
        }
        Self::new(shell_words::split(text).ok_or(FaultKind::OpenQuote)?)
    }
}

impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&shell_words::join(&self.0))
    }
}

/// A web address: `https`, or `http` for a server nearby. `Debug` shows only scheme and host, since
/// the rest is often a key.
#[derive(Clone, PartialEq, Eq)]
pub struct WebAddress(String);

impl WebAddress {
    /// As it is called.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host and port. What follows them may be a key.
    #[must_use]
    pub fn host(&self) -> String {
        let host = self.0.split("://").nth(1).unwrap_or_default();
        let end = host.find(['/', '?', '#']).unwrap_or(host.len());
        host[..end].to_owned()
    }

    /// Whether a secret goes into it before it is called.
    #[must_use]
    pub fn wants_secret(&self) -> bool {
        self.0.contains(SECRET_PLACE)
    }

    /// The address with the secret, as it stands, in its place; `None` where that is no address. It
    /// leads to the same host, since there is no place for it before the path.
    #[must_use]
    pub fn with_secret(&self, secret: &str) -> Option<Self> {
        let whole = self.0.replace(SECRET_PLACE, secret);
        let _: Uri = whole.parse().ok()?;
        Some(Self(whole))
    }
}

impl FromStr for WebAddress {
    type Err = FaultKind;

    fn from_str(text: &str) -> Result<Self, FaultKind> {
        if text.contains(LEFT_OUT) {
            return Err(FaultKind::LeftOut);
        }
        let uri: Uri = text.parse().map_err(|_| FaultKind::NotAWebAddress)?;
        let known = matches!(uri.scheme_str(), Some("http" | "https"));
        match uri.authority().filter(|_| known) {
            // It would be a secret in the settings.
            Some(authority) if authority.as_str().contains('@') => Err(FaultKind::LoginInAddress),
            Some(authority) if !authority.host().is_empty() => Ok(Self(text.to_owned())),
            Some(_) | None => Err(FaultKind::NotAWebAddress),
        }
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/…", self.host())
    }
}

/// Where an account's heartbeats go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heartbeat {
    /// The address (`heartbeat`).
    pub address: WebAddress,
    /// What a failure does (`heartbeat_on_failure`).
    pub on_failure: OnFailure,
}

impl Heartbeat {
    /// The address after a poke that `worked` or did not.
    #[must_use]
    pub fn address_for(&self, worked: bool) -> WebAddress {
        if worked {
            return self.address.clone();
        }
        let address = self.address.as_str();
        let (path, query) = address.split_at(address.find(['?', '#']).unwrap_or(address.len()));
        WebAddress(format!("{}/fail{query}", path.trim_end_matches('/')))
    }
}

/// What a poke that did not work does to the heartbeat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// The heartbeat stays away, and is missed.
    #[default]
    Nothing,
    /// It goes to the address with `/fail` at its end, as Healthchecks and others have it.
    Fail,
}
