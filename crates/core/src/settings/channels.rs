//! The channels' settings: what a person types, and what it must be.

use std::{fmt, net::IpAddr, str::FromStr};

use dequeue_smtp::NameFault;
use http::Uri;
use serde::{Deserialize, Serialize};

use super::{
    channel::Channel,
    fault::{Fault, FaultKind},
    mailbox::Mailbox,
    value::{Host, LEFT_OUT, SECRET_PLACE},
    webhook::{WebhookBody, WebhookForm},
};
use crate::{shell_words, sink};

/// The port of message submission over TLS (RFC 8314 3.3).
const SUBMISSIONS_PORT: u16 = 465;
/// The port of message submission (RFC 6409).
const SUBMISSION_PORT: u16 = 587;

/// Characters of a failure's explanation that go into an address.
const WHY_CHARACTERS: usize = 200;

/// Where notices go besides the desktop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelSettings {
    /// The program that is run for each notice.
    pub command: Option<CommandLine>,
    /// Where notices are posted to.
    pub webhook: Option<WebAddress>,
    /// What is posted, where that is said: see [`ChannelSettings::webhook_body`].
    pub webhook_body: Option<WebhookBody>,
    /// The mail that is sent for each notice.
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
    /// Who it is from.
    pub from: Option<Mailbox>,
    /// Whom it goes to; nobody where there are none.
    pub to: Vec<Mailbox>,
    /// How often a summary goes the same way.
    pub summaries: Summaries,
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

/// How often a summary is sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Summaries {
    /// Not at all.
    #[default]
    Never,
    /// On Monday morning: see [`crate::summary`].
    Weekly,
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

impl ChannelSettings {
    /// What is posted to this address: what is set, else what the service there takes.
    #[must_use]
    pub fn webhook_body(&self, address: &WebAddress) -> WebhookBody {
        let proposed = || WebhookForm::of_host(&address.name()).unwrap_or_default();
        let set = self.webhook_body.clone();
        set.unwrap_or_else(|| WebhookBody::Known(proposed()))
    }

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
        } else if mail.summaries != Summaries::Never {
            faults.push(Fault::new("notice_summary", "", FaultKind::MailNeeded));
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

    /// Its host, without the port.
    fn name(&self) -> String {
        let uri = self.0.parse::<Uri>().ok();
        uri.and_then(|uri| uri.host().map(str::to_owned))
            .unwrap_or_default()
    }

    /// Whether nobody on the way there can read what is sent: it goes over TLS, or does not leave this
    /// machine.
    #[must_use]
    pub fn keeps_secrets(&self) -> bool {
        let host = self.name();
        let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
        let is_here =
            host.eq_ignore_ascii_case("localhost") || address.is_ok_and(|it| it.is_loopback());
        is_here || self.0.to_ascii_lowercase().starts_with("https:")
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
    /// What a failure does (`heartbeat_on_failure`), where it has no address of its own.
    pub on_failure: OnFailure,
    /// The address of failures (`heartbeat_failure`).
    pub failure: Option<WebAddress>,
}

impl Heartbeat {
    /// The address to call after a poke that worked.
    #[must_use]
    pub fn address_of_success(&self) -> WebAddress {
        self.address.clone()
    }

    /// The address to call after a poke that did not work, with `why` where the service takes it; `None`
    /// where the heartbeat stays away.
    #[must_use]
    pub fn address_of_failure(&self, why: &str) -> Option<WebAddress> {
        match (&self.failure, self.on_failure) {
            (Some(failure), _) => Some(failure.clone()),
            (None, OnFailure::Nothing) => None,
            (None, OnFailure::Fail) => Some(self.failed(why)),
        }
    }

    /// The address with `/fail` at its end, as Healthchecks, Better Stack and others have it; Uptime Kuma
    /// has one address for both.
    fn failed(&self, why: &str) -> WebAddress {
        let address = self.address.as_str();
        let address = address.split_once('#').map_or(address, |(whole, _)| whole);
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let mut parts = query.split('&');
        if path.contains("/api/push/") || parts.any(|it| it.starts_with("status=")) {
            return WebAddress(format!("{path}?{}", down(query, why)));
        }
        let query = address.strip_prefix(path).unwrap_or_default();
        WebAddress(format!("{}/fail{query}", path.trim_end_matches('/')))
    }
}

/// The query of a push monitor of Uptime Kuma, with its status and message in the place of those that
/// are there.
fn down(query: &str, why: &str) -> String {
    let why: String = sink::line(why).chars().take(WHY_CHARACTERS).collect();
    let why: String = form_urlencoded::byte_serialize(why.as_bytes()).collect();
    let is_other =
        |it: &&str| !it.is_empty() && !it.starts_with("status=") && !it.starts_with("msg=");
    let others = query.split('&').filter(is_other);
    let others: String = others.map(|it| format!("&{it}")).collect();
    format!("status=down&msg={why}{others}")
}

/// What a poke that did not work does to the heartbeat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnFailure {
    /// The heartbeat stays away, and is missed.
    #[default]
    Nothing,
    /// It goes to the address that the service has for failures.
    Fail,
}
