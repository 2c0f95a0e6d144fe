//! The settings: what they are, and what each value must be.
//!
//! Every value, from the file, the command line or the window, comes in through [`Account::set`]
//! or, where it belongs to no account, through [`Settings::set`], so that a fault is the same
//! sentence everywhere. [`mod@file`] reads and writes them.

pub mod certificate;
pub mod channel;
pub mod channels;
pub mod fault;
pub mod file;
pub mod keep;
pub mod mailbox;
pub mod rhythm;
pub mod rhythm_settings;
pub mod secret_source;
pub mod value;

use std::{
    collections::BTreeMap,
    net::IpAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use dequeue_smtp::{EhloName, EtrnTarget, LoginChoice, Method, NameFault, Security, TimeLimits};

use self::{
    certificate::{ClientCertificate, Pin},
    channel::{HEARTBEAT_SECRET, MAIL_SECRET, WEBHOOK_SECRET},
    channels::{ChannelSettings, Heartbeat, OnFailure, WebAddress},
    fault::{Fault, FaultKind},
    keep::Keep,
    rhythm::Hours,
    rhythm_settings::RhythmSettings,
    secret_source::SecretSource,
    value::{
        Every, Host, IpVersion, OtherHost, SMTP_PORT, Server, SilenceAfter, TEXT_OCTETS, Value,
        choice, format_duration, items, optional, parse_duration, parse_name, parse_optional,
        parse_port,
    },
};
use crate::{
    record::Notify,
    text::{self, LANGUAGES, SYSTEM},
};

/// The keys of an account, in the order in which they are written.
pub const FIELDS: [&str; 39] = [
    "name",
    "host",
    "port",
    "other_hosts",
    "method",
    "domains",
    "every",
    "hours",
    "outside",
    "time_zone",
    "cron",
    "jitter",
    "notify",
    "notify_after",
    "silence_alarm",
    "heartbeat",
    "heartbeat_on_failure",
    "tls",
    "ca_file",
    "pin",
    "client_cert",
    "client_key",
    "user",
    "auth",
    "secret",
    "login_in_clear",
    "mail_server",
    "mail_server_first",
    "mail_server_test",
    "watch",
    "finger",
    "ehlo",
    "bind",
    "ip",
    "normal_codes",
    "connect_timeout",
    "greeting_timeout",
    "command_timeout",
    "turn_timeout",
];

/// The keys that belong to no account, in the order in which they are written.
pub const GENERAL_FIELDS: [&str; 16] = [
    "language",
    "keep_for",
    "keep_at_most",
    "notice_quiet",
    "notice_command",
    "notice_webhook",
    "notice_webhook_secret",
    "notice_webhook_body",
    "notice_mail_host",
    "notice_mail_port",
    "notice_mail_tls",
    "notice_mail_user",
    "notice_mail_secret",
    "notice_mail_from",
    "notice_mail_to",
    "heartbeat_secret",
];

/// Settings that may hold a key, as many services know their callers by an address alone: they are
/// told to whoever asks for the settings, and stand in no view, no event and no status.
pub const MAY_HOLD_KEY: [&str; 4] = [
    "heartbeat",
    "notice_command",
    "notice_webhook",
    "notice_webhook_body",
];

/// What a value is in the settings file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// Text.
    Text,
    /// A whole number.
    Number,
    /// `true` or `false`.
    Flag,
    /// Texts.
    Texts,
    /// Whole numbers.
    Numbers,
}

/// What the values of a field are, of an account or of none.
#[must_use]
pub fn kind(field: &str) -> ValueKind {
    match field {
        "port" | "notify_after" | "keep_at_most" | "notice_mail_port" => ValueKind::Number,
        "login_in_clear" | "mail_server_first" | "mail_server_test" => ValueKind::Flag,
        "domains" | "other_hosts" | "notice_mail_to" => ValueKind::Texts,
        "normal_codes" => ValueKind::Numbers,
        _ => ValueKind::Text,
    }
}

/// The port of SMTP over TLS from the first byte (RFC 8314 7.3).
const SMTPS_PORT: u16 = 465;
const WATCH_MOST: Duration = Duration::from_secs(3600);
const NOTIFY_AFTER_MOST: u32 = 100;
const LIMIT_LEAST: Duration = Duration::from_secs(1);
const LIMIT_MOST: Duration = Duration::from_secs(3600);

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `system`, `en` or `nl`.
    pub language: String,
    /// How much of the history is kept.
    pub keep: Keep,
    /// From when to when no notices are given, by this machine's clock.
    pub quiet: Option<Hours>,
    /// Where notices go besides the desktop.
    pub channels: ChannelSettings,
    /// Where the token that the webhook wants comes from.
    pub notice_webhook_secret: SecretSource,
    /// Where the password for the notices' mail server comes from.
    pub notice_mail_secret: SecretSource,
    /// Where the secret comes from that goes into the heartbeats' addresses.
    pub heartbeat_secret: SecretSource,
    /// The accounts, in the file's order. No two have the same name.
    pub accounts: Vec<Account>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            language: SYSTEM.to_owned(),
            keep: Keep::default(),
            quiet: None,
            channels: ChannelSettings::default(),
            notice_webhook_secret: SecretSource::default(),
            notice_mail_secret: SecretSource::default(),
            heartbeat_secret: SecretSource::default(),
            accounts: Vec::new(),
        }
    }
}

impl Settings {
    /// The account with this name.
    #[must_use]
    pub fn account(&self, name: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.name == name)
    }

    /// Puts an account in the place of the `original`, or at the end where there is none.
    pub fn put_account(&mut self, original: Option<&str>, account: Account) {
        let mut accounts = self.accounts.iter_mut();
        let place = original.and_then(|name| accounts.find(|there| there.name == name));
        match place {
            Some(place) => *place = account,
            None => self.accounts.push(account),
        }
    }

    /// Takes the account with this name out.
    pub fn remove_account(&mut self, name: &str) {
        self.accounts.retain(|account| account.name != name);
    }

    /// The values that belong to no account, as a person types them, which [`Settings::set`]
    /// takes, in the order of [`GENERAL_FIELDS`].
    #[must_use]
    pub fn general_texts(&self) -> [(&'static str, String); GENERAL_FIELDS.len()] {
        let [command, webhook, body, host, port, tls, user, from, to] = self.channels.texts();
        let secret = |key, source: &SecretSource| (key, source.to_string());
        [
            ("language", self.language.clone()),
            ("keep_for", format_duration(self.keep.age)),
            ("keep_at_most", self.keep.megabytes.to_string()),
            ("notice_quiet", optional(self.quiet.as_ref())),
            command,
            webhook,
            secret("notice_webhook_secret", &self.notice_webhook_secret),
            body,
            host,
            port,
            tls,
            user,
            secret("notice_mail_secret", &self.notice_mail_secret),
            from,
            to,
            secret("heartbeat_secret", &self.heartbeat_secret),
        ]
    }

    /// A value as a person types it, of an account or of none; `None` where it is not set.
    #[must_use]
    pub fn set_text(&self, account: Option<&str>, key: &str) -> Option<String> {
        fn text(texts: &[(&'static str, String)], key: &str) -> Option<String> {
            let found = texts.iter().find(|(there, _)| *there == key);
            found.map(|(_, text)| text.clone())
        }
        let (set, unset) = match account {
            Some(name) => (
                text(&self.account(name)?.texts(), key),
                text(&Account::default().texts(), key),
            ),
            None => (
                text(&self.general_texts(), key),
                text(&Self::default().general_texts(), key),
            ),
        };
        set.filter(|text| Some(text) != unset.as_ref())
    }

    /// Where a secret for notices or heartbeats comes from, by its name, one of [`channel::SECRETS`].
    ///
    /// [`channel::SECRETS`]: crate::settings::channel::SECRETS
    #[must_use]
    pub fn notice_secret(&self, name: &str) -> Option<&SecretSource> {
        match name {
            MAIL_SECRET => Some(&self.notice_mail_secret),
            WEBHOOK_SECRET => Some(&self.notice_webhook_secret),
            HEARTBEAT_SECRET => Some(&self.heartbeat_secret),
            _ => None,
        }
    }

    /// Sets one value that belongs to no account by its key in the settings file. Empty text takes
    /// an optional value away.
    ///
    /// # Errors
    /// What is wrong with the key or the value; the settings are as they were.
    pub fn set(&mut self, key: &str, value: &Value<'_>) -> Result<(), Fault> {
        let text = || match value {
            Value::Text(text) => Ok(text.trim()),
            Value::Number(_) | Value::Flag(_) | Value::List(_) | Value::Other => {
                Err(Fault::new(key, "", FaultKind::WrongType))
            }
        };
        match key {
            "language" => {
                let language = text()?;
                if language != SYSTEM && !LANGUAGES.contains(&language) {
                    return Err(Fault::new(key, language, FaultKind::UnknownChoice));
                }
                language.clone_into(&mut self.language);
            }
            "keep_for" | "keep_at_most" => self.keep.set(key, value)?,
            "notice_quiet" => {
                let hours = text()?;
                let fault = |kind| Fault::new(key, hours, kind);
                self.quiet = parse_optional(hours).map_err(fault)?;
            }
            "notice_webhook_secret" => self.notice_webhook_secret = parse_secret(key, text()?)?,
            "notice_mail_secret" => self.notice_mail_secret = parse_secret(key, text()?)?,
            "heartbeat_secret" => self.heartbeat_secret = parse_secret(key, text()?)?,
            _ => self.channels.set(key, value)?,
        }
        Ok(())
    }

    /// These settings with values changed that belong to no account.
    ///
    /// # Errors
    /// What is wrong with the values, all of it at once.
    pub fn with_general(&self, fields: &BTreeMap<String, String>) -> Result<Self, Vec<Fault>> {
        let mut settings = self.clone();
        let mut faults = Vec::new();
        for (key, value) in fields {
            faults.extend(settings.set(key, &Value::Text(value)).err());
        }
        faults.extend(settings.check(&faults));
        if faults.is_empty() {
            Ok(settings)
        } else {
            Err(faults)
        }
    }

    /// What is missing from the values that belong to no account, or does not go together, but for
    /// the fields that have a fault already.
    fn check(&self, faults: &[Fault]) -> Vec<Fault> {
        let mut missing = self.channels.check();
        missing.retain(|fault| !faults.iter().any(|other| other.field == fault.field));
        missing
    }

    /// These settings with an account changed or, without an `original`, added.
    ///
    /// # Errors
    /// What is wrong with the fields, all of it at once.
    pub fn with_account(
        &self,
        original: Option<&str>,
        fields: &BTreeMap<String, String>,
    ) -> Result<Account, Vec<Fault>> {
        let existing = original.and_then(|name| self.account(name));
        self.judged(existing.cloned().unwrap_or_default(), original, fields)
    }

    /// An account of these values alone, that may take the name of the `original`.
    ///
    /// # Errors
    /// What is wrong with the fields, all of it at once.
    pub fn with_new_account(
        &self,
        original: Option<&str>,
        fields: &BTreeMap<String, String>,
    ) -> Result<Account, Vec<Fault>> {
        self.judged(Account::default(), original, fields)
    }

    fn judged(
        &self,
        mut account: Account,
        original: Option<&str>,
        fields: &BTreeMap<String, String>,
    ) -> Result<Account, Vec<Fault>> {
        let mut faults = Vec::new();
        for (key, value) in fields {
            faults.extend(account.set(key, &Value::Text(value)).err());
        }
        faults.extend(account.check(&faults));
        let taken =
            |other: &Account| other.name == account.name && Some(other.name.as_str()) != original;
        if self.accounts.iter().any(taken) {
            faults.push(Fault::new("name", &account.name, FaultKind::Taken));
        }
        if faults.is_empty() {
            Ok(account)
        } else {
            Err(faults)
        }
    }
}

/// One provider, what it holds mail for, and the rhythm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// A short name, which no other account has.
    pub name: String,
    /// The provider's host.
    pub host: Host,
    /// The provider's port, where it is not the usual one: see [`Account::port`].
    pub port: Option<u16>,
    /// The provider's other hosts, tried in turn where the first cannot be reached: see
    /// [`Account::hosts`].
    pub other_hosts: Vec<OtherHost>,
    /// How it is poked.
    pub method: Method,
    /// What it holds mail for.
    pub domains: Vec<EtrnTarget>,
    /// When it is poked.
    pub rhythm: RhythmSettings,
    /// Which notifications are wanted.
    pub notify: Notify,
    /// After so many failures in a row comes the notice of them.
    pub notify_after: u32,
    /// For how long nothing may arrive; any time, where there is none.
    pub silence_alarm: Option<SilenceAfter>,
    /// The web address that is called after each poke that worked.
    pub heartbeat: Option<WebAddress>,
    /// What a poke that did not work does to it.
    pub heartbeat_on_failure: OnFailure,
    /// How the line is protected.
    pub tls: Security,
    /// The only authorities that are trusted; the machine's where there is none.
    pub ca_file: Option<PathBuf>,
    /// The only certificate that will do.
    pub pin: Option<Pin>,
    /// Our own certificate, where the provider asks for one.
    pub client_cert: Option<PathBuf>,
    /// Its key; in the same file where there is none.
    pub client_key: Option<PathBuf>,
    /// Who to log in as; empty for nobody.
    pub user: String,
    /// How to log in.
    pub auth: LoginChoice,
    /// Where the secret comes from.
    pub secret: SecretSource,
    /// Whether the secret may go over a line that anyone can read.
    pub login_in_clear: bool,
    /// Where the mail is to arrive, where that is said: see [`Account::mail_server`].
    pub mail_server: Option<Server>,
    /// Whether each poke waits until the mail server answers; only where that is said.
    pub mail_server_first: bool,
    /// Whether the mail server is also asked to take mail for the domains, and for a foreign one.
    pub mail_server_test: bool,
    /// For how long after a poke arrivals are looked for; zero for not at all.
    pub watch: Duration,
    /// What a finger request asks for, instead of each domain; empty for each domain.
    pub finger: String,
    /// What we call ourselves; the machine's name or address where there is none.
    pub ehlo: Option<EhloName>,
    /// The address that the connection comes from; the system's choice where there is none.
    pub bind: Option<IpAddr>,
    /// Which addresses of the provider are used.
    pub ip: IpVersion,
    /// Codes of refusals that are normal at this provider.
    pub normal_codes: Vec<u16>,
    /// How long each phase may take.
    pub limits: TimeLimits,
}

impl Default for Account {
    fn default() -> Self {
        Self {
            name: String::new(),
            host: Host::default(),
            port: None,
            other_hosts: Vec::new(),
            method: Method::Auto,
            domains: Vec::new(),
            rhythm: RhythmSettings::every(Every::default()),
            notify: Notify::Problems,
            notify_after: 1,
            silence_alarm: None,
            heartbeat: None,
            heartbeat_on_failure: OnFailure::default(),
            tls: Security::default(),
            ca_file: None,
            pin: None,
            client_cert: None,
            client_key: None,
            user: String::new(),
            auth: LoginChoice::default(),
            secret: SecretSource::default(),
            login_in_clear: false,
            mail_server: None,
            mail_server_first: true,
            mail_server_test: false,
            watch: Duration::from_secs(5 * 60),
            finger: String::new(),
            ehlo: None,
            bind: None,
            ip: IpVersion::Auto,
            normal_codes: Vec::new(),
            limits: TimeLimits::default(),
        }
    }
}

impl Account {
    /// An account that is in no settings and has no name, for a poke by host.
    ///
    /// # Errors
    /// What is wrong with the fields, all of it at once.
    pub fn unnamed<'a>(
        fields: impl IntoIterator<Item = (&'a str, Value<'a>)>,
    ) -> Result<Self, Vec<Fault>> {
        let mut account = Self::default();
        let mut faults: Vec<Fault> = fields
            .into_iter()
            .filter_map(|(key, value)| account.set(key, &value).err())
            .collect();
        faults.extend(account.check(&faults));
        faults.retain(|fault| fault.field != "name");
        if faults.is_empty() {
            Ok(account)
        } else {
            Err(faults)
        }
    }

    /// The provider's port: the one that is set, else the usual one for the method and for TLS.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(match (self.method.port(), self.tls) {
            (SMTP_PORT, Security::Implicit) => SMTPS_PORT,
            (port, _) => port,
        })
    }

    /// The provider's hosts with their ports, in the order in which they are tried.
    pub fn hosts(&self) -> impl Iterator<Item = (&Host, u16)> {
        let usual = self.port();
        let others = self.other_hosts.iter();
        std::iter::once((&self.host, usual))
            .chain(others.map(move |other| (&other.host, other.port.unwrap_or(usual))))
    }

    /// Where the mail is to arrive; on this machine, where nothing is said.
    #[must_use]
    pub fn mail_server(&self) -> Server {
        self.mail_server.clone().unwrap_or_default()
    }

    /// Where heartbeats go, where they are wanted.
    #[must_use]
    pub fn heartbeat(&self) -> Option<Heartbeat> {
        Some(Heartbeat {
            address: self.heartbeat.clone()?,
            on_failure: self.heartbeat_on_failure,
        })
    }

    /// Our own certificate and where its key is.
    #[must_use]
    pub fn client_certificate(&self) -> Option<ClientCertificate<'_>> {
        let certificate = self.client_cert.as_deref()?;
        Some(ClientCertificate {
            certificate,
            key: self.client_key.as_deref().unwrap_or(certificate),
        })
    }

    /// The values as a person types them, which [`Account::set`] takes, in the order of
    /// [`FIELDS`].
    #[must_use]
    pub fn texts(&self) -> [(&'static str, String); FIELDS.len()] {
        fn list<T: ToString>(items: &[T]) -> String {
            let items: Vec<String> = items.iter().map(T::to_string).collect();
            items.join(", ")
        }
        let path = |path: &Option<PathBuf>| optional(path.as_deref().map(Path::display).as_ref());
        [
            ("name", self.name.clone()),
            ("host", self.host.to_string()),
            ("port", optional(self.port.as_ref())),
            ("other_hosts", list(&self.other_hosts)),
            ("method", self.method.to_string()),
            ("domains", list(&self.domains)),
            ("every", self.rhythm.every.to_string()),
            ("hours", optional(self.rhythm.hours.as_ref())),
            ("outside", self.rhythm.outside.to_string()),
            ("time_zone", self.rhythm.zone.to_string()),
            ("cron", optional(self.rhythm.cron.as_ref())),
            ("jitter", self.rhythm.jitter.to_string()),
            ("notify", text::name(&self.notify)),
            ("notify_after", self.notify_after.to_string()),
            ("silence_alarm", optional(self.silence_alarm.as_ref())),
            ("heartbeat", optional(self.heartbeat.as_ref())),
            (
                "heartbeat_on_failure",
                text::name(&self.heartbeat_on_failure),
            ),
            ("tls", text::name(&self.tls)),
            ("ca_file", path(&self.ca_file)),
            ("pin", optional(self.pin.as_ref())),
            ("client_cert", path(&self.client_cert)),
            ("client_key", path(&self.client_key)),
            ("user", self.user.clone()),
            ("auth", self.auth.name().to_owned()),
            ("secret", self.secret.to_string()),
            ("login_in_clear", self.login_in_clear.to_string()),
            ("mail_server", optional(self.mail_server.as_ref())),
            ("mail_server_first", self.mail_server_first.to_string()),
            ("mail_server_test", self.mail_server_test.to_string()),
            ("watch", format_duration(self.watch)),
            ("finger", self.finger.clone()),
            ("ehlo", optional(self.ehlo.as_ref())),
            ("bind", optional(self.bind.as_ref())),
            ("ip", self.ip.name().to_owned()),
            ("normal_codes", list(&self.normal_codes)),
            ("connect_timeout", format_duration(self.limits.connect)),
            ("greeting_timeout", format_duration(self.limits.greeting)),
            ("command_timeout", format_duration(self.limits.command)),
            ("turn_timeout", format_duration(self.limits.turn)),
        ]
    }

    /// Sets one value by its key in the settings file. Empty text takes an optional value away.
    ///
    /// # Errors
    /// What is wrong with the key or the value; the account is as it was.
    pub fn set(&mut self, key: &str, value: &Value<'_>) -> Result<(), Fault> {
        let Some(field) = FIELDS.iter().find(|field| **field == key) else {
            return Err(Fault::new("unknown-key", key, FaultKind::UnknownKey));
        };
        let fault = |value: &str, kind| Fault::new(field, value, kind);
        // Lists are taken from text too: one a line, or with commas or semicolons between them.
        let texts: Vec<String> = match value {
            Value::Text(text) => vec![text.trim().to_owned()],
            Value::Number(number) => vec![number.to_string()],
            Value::Flag(flag) if kind(field) == ValueKind::Flag => vec![flag.to_string()],
            Value::List(items) if matches!(kind(field), ValueKind::Texts | ValueKind::Numbers) => {
                items
                    .iter()
                    .map(|item| match item {
                        Value::Text(text) => Ok((*text).to_owned()),
                        Value::Number(number) => Ok(number.to_string()),
                        Value::Flag(_) | Value::List(_) | Value::Other => {
                            Err(fault("", FaultKind::WrongType))
                        }
                    })
                    .collect::<Result<_, _>>()?
            }
            Value::Flag(_) | Value::List(_) | Value::Other => {
                return Err(fault("", FaultKind::WrongType));
            }
        };
        let text = texts.first().map(String::as_str).unwrap_or_default();
        let listed = || -> Vec<&str> {
            match value {
                Value::List(_) => texts.iter().map(String::as_str).collect(),
                _ => items(text).collect(),
            }
        };
        let limit = || {
            let limit = parse_duration(text).map_err(|kind| fault(text, kind))?;
            match limit {
                limit if limit < LIMIT_LEAST => Err(fault(text, FaultKind::TooShort)),
                limit if limit > LIMIT_MOST => Err(fault(text, FaultKind::OutOfRange)),
                limit => Ok(limit),
            }
        };
        let flag = || match text {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(fault(text, FaultKind::UnknownChoice)),
        };
        let path = || {
            let path = (!text.is_empty()).then(|| PathBuf::from(text));
            match text.chars().any(char::is_control) {
                true => Err(fault(text, FaultKind::Name(NameFault::Control))),
                false => Ok(path),
            }
        };
        let line = || match text {
            _ if text.chars().any(char::is_control) => Err(NameFault::Control),
            _ if text.len() > TEXT_OCTETS => Err(NameFault::TooLong(text.chars().count())),
            _ => Ok(text.to_owned()),
        };
        let name_fault = |value: &str, kind: NameFault| fault(value, FaultKind::Name(kind));
        match *field {
            "name" => self.name = parse_name(text).map_err(|kind| fault(text, kind))?,
            "host" => self.host = text.parse().map_err(|kind| name_fault(text, kind))?,
            "port" if text.is_empty() => self.port = None,
            "port" => self.port = Some(parse_port(text).map_err(|kind| fault(text, kind))?),
            "method" => {
                self.method = choice(text, &Method::ALL)
                    .ok_or_else(|| fault(text, FaultKind::UnknownChoice))?;
            }
            "domains" => {
                self.domains = listed()
                    .into_iter()
                    .map(|domain| domain.parse().map_err(|kind| name_fault(domain, kind)))
                    .collect::<Result<_, _>>()?;
            }
            "other_hosts" => {
                self.other_hosts = listed()
                    .into_iter()
                    .map(|host| host.parse().map_err(|kind| fault(host, kind)))
                    .collect::<Result<_, _>>()?;
            }
            "every" => self.rhythm.every = text.parse().map_err(|kind| fault(text, kind))?,
            "hours" => {
                self.rhythm.hours = parse_optional(text).map_err(|kind| fault(text, kind))?
            }
            "outside" => self.rhythm.outside = text.parse().map_err(|kind| fault(text, kind))?,
            "time_zone" => self.rhythm.zone = text.parse().map_err(|kind| fault(text, kind))?,
            "cron" => self.rhythm.cron = parse_optional(text).map_err(|kind| fault(text, kind))?,
            "jitter" => self.rhythm.jitter = text.parse().map_err(|kind| fault(text, kind))?,
            "notify" => {
                let all = [Notify::Never, Notify::Problems, Notify::Everything];
                self.notify =
                    choice(text, &all).ok_or_else(|| fault(text, FaultKind::UnknownChoice))?;
            }
            "notify_after" => {
                self.notify_after = match text.parse::<i64>().map(u32::try_from) {
                    Ok(Ok(failures @ 1..=NOTIFY_AFTER_MOST)) => failures,
                    Ok(_) => return Err(fault(text, FaultKind::OutOfRange)),
                    Err(_) => return Err(fault(text, FaultKind::NotANumber)),
                };
            }
            "silence_alarm" => {
                self.silence_alarm = parse_optional(text).map_err(|kind| fault(text, kind))?;
            }
            // What is wrong with a web address may still hold its key.
            "heartbeat" => {
                self.heartbeat = parse_optional(text).map_err(|kind| fault("", kind))?;
            }
            "heartbeat_on_failure" => {
                self.heartbeat_on_failure = choice(text, &[OnFailure::Nothing, OnFailure::Fail])
                    .ok_or_else(|| fault(text, FaultKind::UnknownChoice))?;
            }
            "tls" => {
                self.tls = choice(text, &Security::ALL)
                    .ok_or_else(|| fault(text, FaultKind::UnknownChoice))?;
            }
            "ca_file" => self.ca_file = path()?,
            "client_cert" => self.client_cert = path()?,
            "client_key" => self.client_key = path()?,
            "pin" if text.is_empty() => self.pin = None,
            "pin" => {
                let invalid = |_| fault(text, FaultKind::Name(NameFault::Invalid));
                self.pin = Some(text.parse().map_err(invalid)?);
            }
            "user" => self.user = line().map_err(|kind| name_fault(text, kind))?,
            "auth" => {
                let found = LoginChoice::ALL.into_iter().find(|c| c.name() == text);
                self.auth = found.ok_or_else(|| fault(text, FaultKind::UnknownChoice))?;
            }
            "secret" => self.secret = parse_secret(field, text)?,
            "login_in_clear" => self.login_in_clear = flag()?,
            "mail_server" => {
                self.mail_server = parse_optional(text).map_err(|kind| fault(text, kind))?;
            }
            "mail_server_first" => self.mail_server_first = flag()?,
            "mail_server_test" => self.mail_server_test = flag()?,
            "watch" => {
                self.watch = match parse_duration(text).map_err(|kind| fault(text, kind))? {
                    watch if watch > WATCH_MOST => return Err(fault(text, FaultKind::OutOfRange)),
                    watch => watch,
                };
            }
            "finger" => self.finger = line().map_err(|kind| name_fault(text, kind))?,
            "ehlo" if text.is_empty() => self.ehlo = None,
            "ehlo" => self.ehlo = Some(text.parse().map_err(|kind| name_fault(text, kind))?),
            "bind" if text.is_empty() => self.bind = None,
            "bind" => {
                let invalid = |_| fault(text, FaultKind::Name(NameFault::Invalid));
                self.bind = Some(text.parse().map_err(invalid)?);
            }
            "ip" => {
                let all = [IpVersion::Auto, IpVersion::V4, IpVersion::V6];
                let found = all.into_iter().find(|version| version.name() == text);
                self.ip = found.ok_or_else(|| fault(text, FaultKind::UnknownChoice))?;
            }
            "normal_codes" => {
                self.normal_codes = listed()
                    .into_iter()
                    .map(|code| match code.parse() {
                        Ok(code @ 400..=599) => Ok(code),
                        Ok(_) => Err(fault(code, FaultKind::OutOfRange)),
                        Err(_) => Err(fault(code, FaultKind::NotANumber)),
                    })
                    .collect::<Result<_, _>>()?;
            }
            "connect_timeout" => self.limits.connect = limit()?,
            "greeting_timeout" => self.limits.greeting = limit()?,
            "command_timeout" => self.limits.command = limit()?,
            "turn_timeout" => self.limits.turn = limit()?,
            _ => return Err(Fault::new("unknown-key", key, FaultKind::UnknownKey)),
        }
        Ok(())
    }

    /// What is missing, or does not go together, but for the fields that have a fault already.
    fn check(&self, faults: &[Fault]) -> Vec<Fault> {
        let mut missing = Vec::new();
        let mut need = |there: bool, fault: Fault| {
            if !there && !faults.iter().any(|other| other.field == fault.field) {
                missing.push(fault);
            }
        };
        need(
            !self.name.is_empty(),
            Fault::new("name", "", FaultKind::Missing),
        );
        need(
            !self.host.as_str().is_empty(),
            Fault::new("host", "", FaultKind::Missing),
        );
        need(
            !self.method.needs_domains() || !self.domains.is_empty(),
            Fault::new("domains", self.method.name(), FaultKind::DomainsNeeded),
        );
        if let Some((field, kind)) = self.rhythm.fault() {
            need(false, Fault::new(field, "", kind.into()));
        }
        missing
    }
}

/// Who typed the secret itself does not find it in a sentence.
fn parse_secret(field: &str, text: &str) -> Result<SecretSource, Fault> {
    text.parse()
        .map_err(|kind| Fault::new(field, "", FaultKind::Source(kind)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Text;

    fn set(key: &str, value: &str) -> Result<Account, Fault> {
        let mut account = Account::default();
        account.set(key, &Value::Text(value)).map(|()| account)
    }

    #[test]
    fn what_people_type() {
        assert_eq!(
            set("host", " Bsmtp.Example.org ").unwrap().host.as_str(),
            "bsmtp.example.org"
        );
        assert_eq!(
            set("host", "[2001:db8::1]").unwrap().host.as_str(),
            "2001:db8::1"
        );
        assert_eq!(
            set("every", "1h 30m").unwrap().rhythm.every.to_string(),
            "1h30m"
        );
        assert_eq!(
            set("every", "90m").unwrap().rhythm.every.to_string(),
            "1h30m"
        );
        let domains = set("domains", "a.example, @b.example\nc.example\n")
            .unwrap()
            .domains;
        assert_eq!(
            domains.iter().map(EtrnTarget::as_str).collect::<Vec<_>>(),
            ["a.example", "@b.example", "c.example"]
        );
        assert_eq!(
            set("normal_codes", "502, 459").unwrap().normal_codes,
            [502, 459]
        );
        assert_eq!(set("bind", "").unwrap().bind, None);
        assert_eq!(
            set("mail_server", "").unwrap().mail_server().port,
            SMTP_PORT
        );
        assert_eq!(set("watch", "0s").unwrap().watch, Duration::ZERO);
    }

    #[test]
    fn the_other_hosts_come_after_the_first() {
        let mut account = Account::default();
        for (key, value) in [
            ("host", "a.test"),
            ("tls", "implicit"),
            (
                "other_hosts",
                "b.test; c.test:2525\n2001:db8::1, [2001:db8::2]:26,[2001:db8::3]",
            ),
        ] {
            account.set(key, &Value::Text(value)).unwrap();
        }
        let hosts: Vec<_> = account
            .hosts()
            .map(|(host, port)| (host.as_str(), port))
            .collect();
        assert_eq!(
            hosts,
            [
                ("a.test", 465),
                ("b.test", 465),
                ("c.test", 2525),
                ("2001:db8::1", 465),
                ("2001:db8::2", 26),
                ("2001:db8::3", 465),
            ]
        );
    }

    #[test]
    fn what_belongs_to_no_account_can_be_typed_as_it_is_shown() {
        let mut settings = Settings::default();
        for (key, value) in [
            ("language", "nl"),
            ("keep_for", "30d"),
            ("notice_quiet", "mon-fri 22:00-7:00; sat,sun 00:00-24:00"),
            ("notice_command", "tell \"the boss\""),
            ("notice_webhook", "https://web.test/key"),
            ("notice_mail_secret", "command:pass show mail"),
            (
                "notice_mail_to",
                "\"Boss, The\" <boss@example.org>; a@example.org",
            ),
        ] {
            settings.set(key, &Value::Text(value)).unwrap();
        }
        assert_eq!(settings.channels.mail.to.len(), 2);
        for settings in [settings, Settings::default()] {
            let mut again = Settings::default();
            for ((key, text), field) in settings.general_texts().into_iter().zip(GENERAL_FIELDS) {
                assert_eq!(key, field);
                again.set(key, &Value::Text(&text)).unwrap();
            }
            assert_eq!(again, settings);
        }
        for key in crate::settings::channels::FIELDS {
            assert!(GENERAL_FIELDS.contains(&key), "{key}");
        }
    }

    #[test]
    fn faults_of_what_belongs_to_no_account_come_all_at_once() {
        let fields = [
            ("language", "xx"),
            ("keep_for", "1s"),
            ("notice_mail_host", "mail.test"),
            ("notice_mail_from", "nobody"),
            ("every", "15m"),
        ];
        let fields = fields.map(|(key, value)| (key.to_owned(), value.to_owned()));
        let faults = Settings::default()
            .with_general(&fields.into())
            .unwrap_err();
        let named: Vec<_> = faults
            .iter()
            .map(|fault| (fault.field.as_str(), &fault.kind))
            .collect();
        assert_eq!(
            named,
            [
                ("unknown-key", &FaultKind::UnknownKey),
                ("keep_for", &FaultKind::TooShort),
                ("language", &FaultKind::UnknownChoice),
                ("notice_mail_from", &FaultKind::NotAMailAddress),
                ("notice_mail_to", &FaultKind::Missing),
            ]
        );
    }

    #[test]
    fn bad_input_names_the_field_the_fault_and_the_remedy() {
        let text = Text::for_language("en");
        let long = "x".repeat(300);
        for (key, value, sentence) in [
            (
                "host",
                "two words",
                "Host: “two words” contains a space. Enter only the provider's name or address, as in bsmtp.example.org.",
            ),
            (
                "host",
                "",
                "Host: nothing is filled in. Enter only the provider's name or address, as in bsmtp.example.org.",
            ),
            (
                "port",
                "0",
                "Port: 0 is out of range. Enter a number from 1 to 65535; 25 is usual.",
            ),
            (
                "port",
                "70000",
                "Port: 70000 is out of range. Enter a number from 1 to 65535; 25 is usual.",
            ),
            (
                "port",
                "smtp",
                "Port: “smtp” is not a whole number. Enter a number from 1 to 65535; 25 is usual.",
            ),
            (
                "domains",
                "a.example\r\nQUIT",
                "Domains: “a.example\\r” contains a line break or another control character. Enter each domain as in example.org, one per line or separated by commas.",
            ),
            (
                "domains",
                "\"a\".example",
                "Domains: “\"a\".example” contains “\"”, which is not allowed here. Enter each domain as in example.org, one per line or separated by commas.",
            ),
            (
                "every",
                "0",
                "Interval: “0” is not a length of time. Enter a time from 10 seconds to 31 days, as in 15m, 1h or 1h30m.",
            ),
            (
                "every",
                "0s",
                "Interval: “0s” is too short. Enter a time from 10 seconds to 31 days, as in 15m, 1h or 1h30m.",
            ),
            (
                "every",
                "-15m",
                "Interval: “-15m” is not a length of time. Enter a time from 10 seconds to 31 days, as in 15m, 1h or 1h30m.",
            ),
            (
                "every",
                "soon",
                "Interval: “soon” is not a length of time. Enter a time from 10 seconds to 31 days, as in 15m, 1h or 1h30m.",
            ),
            (
                "every",
                "99999999999999999999d",
                "Interval: 99999999999999999999d is out of range. Enter a time from 10 seconds to 31 days, as in 15m, 1h or 1h30m.",
            ),
            (
                "hours",
                "mon-fry 7-19",
                "Working hours: “mon-fry” is neither a day nor a period of time. Enter days and times, as in mon-fri 07:00-19:00; sat,sun 09:00-12:00, or leave it out.",
            ),
            (
                "watch",
                "61m",
                "Watch for arrivals: 61m is out of range. Enter a time up to 1 hour, as in 5m, or 0s to turn it off.",
            ),
            (
                "notify_after",
                "0",
                "Failures before a notice: 0 is out of range. Enter a number from 1 to 100.",
            ),
            (
                "silence_alarm",
                "5m",
                "Alarm after silence: “5m” is too short. Enter a time from 1 hour to 366 days, as in 2d, or leave it out.",
            ),
            (
                "heartbeat",
                "https://user:password@hc.test/",
                "Heartbeat: this web address contains a user name or a password, which does not belong in the settings. Enter an address as in https://hc-ping.com/…, or leave it out.",
            ),
            (
                "other_hosts",
                "b.test:0",
                "Other hosts: b.test:0 is out of range. Enter each name or address, with its port if that differs, as in backup.example.org:2525, one per line or separated by commas.",
            ),
            (
                "intervall",
                "15m",
                "there is no setting named “intervall”. Check its spelling against the README, or remove the line.",
            ),
        ] {
            match set(key, value) {
                // A CR at the end of a line of a list belongs to the line's end, not to the domain.
                Ok(account) if key == "domains" && value.contains('\r') => {
                    assert_eq!(account.domains.len(), 2);
                }
                other => assert_eq!(other.unwrap_err().sentence(&text), sentence),
            }
        }
        let fault = set("domains", &long).unwrap_err().sentence(&text);
        assert!(
            fault.contains("is too long (300 characters)") && fault.len() < 300,
            "{fault}"
        );
    }

    #[test]
    fn all_faults_at_once_and_nothing_half_done() {
        let settings = Settings {
            accounts: vec![Account {
                name: "taken".into(),
                ..Account::default()
            }],
            ..Settings::default()
        };
        let fields = |pairs: &[(&str, &str)]| {
            pairs
                .iter()
                .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
                .collect::<BTreeMap<_, _>>()
        };
        let faults = settings
            .with_account(
                None,
                &fields(&[("name", "taken"), ("port", "0"), ("method", "etrn")]),
            )
            .unwrap_err();
        let mut named: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        named.sort_unstable();
        assert_eq!(named, ["domains", "host", "name", "port"]);
        let renamed = settings
            .with_account(Some("taken"), &fields(&[("host", "h.test")]))
            .unwrap();
        assert_eq!(
            (renamed.name.as_str(), renamed.host.as_str()),
            ("taken", "h.test")
        );
    }

    #[test]
    fn what_is_shown_can_be_typed() {
        let mut account = Account::default();
        for (key, value) in [
            ("name", "vevida"),
            ("host", "h.test"),
            ("port", "2525"),
            ("method", "etrn"),
            ("domains", "a.example, @b.example"),
            ("every", "1h30m"),
            ("cron", "@hourly"),
            ("outside", "6h"),
            ("time_zone", "Europe/Amsterdam"),
            ("jitter", "0s"),
            ("notify", "never"),
            ("notify_after", "3"),
            ("silence_alarm", "2d"),
            ("heartbeat", "https://hc.test/key"),
            ("heartbeat_on_failure", "fail"),
            ("other_hosts", "b.test, [2001:db8::1]:2525"),
            ("mail_server", "192.0.2.7"),
            ("mail_server_first", "false"),
            ("mail_server_test", "true"),
            ("watch", "0s"),
            ("ehlo", "mail.example.org"),
            ("bind", "192.0.2.1"),
            ("ip", "4"),
            ("normal_codes", "502, 459"),
            ("connect_timeout", "10s"),
            ("greeting_timeout", "1m"),
            ("command_timeout", "2m"),
        ] {
            account.set(key, &Value::Text(value)).unwrap();
        }
        for account in [account, Account::default()] {
            let mut again = Account::default();
            for ((key, text), field) in account.texts().into_iter().zip(FIELDS) {
                assert_eq!(key, field);
                let set = again.set(key, &Value::Text(&text));
                let may_be_missing = text.is_empty() && matches!(key, "name" | "host");
                assert!(set.is_ok() || may_be_missing, "{set:?}");
            }
            assert_eq!(again, account);
        }
    }

    #[test]
    fn an_account_without_a_name() {
        let text = Value::Text;
        let one = |domain| ("domains", Value::List(vec![Value::Text(domain)]));
        let account = Account::unnamed([("host", text("h.test")), one("a.example")]).unwrap();
        assert_eq!((account.name.as_str(), account.domains.len()), ("", 1));
        let faults = Account::unnamed([one("a.example\r\nQUIT"), ("port", text("0"))]);
        let fields: Vec<String> = faults.unwrap_err().into_iter().map(|f| f.field).collect();
        assert_eq!(fields, ["domains", "port", "host"]);
        let faults = Account::unnamed([("host", text("h.test")), ("method", text("etrn"))]);
        assert_eq!(faults.unwrap_err()[0].kind, FaultKind::DomainsNeeded);
    }

    #[test]
    fn the_readme_has_every_setting() {
        let readme = include_str!("../../../README.md");
        for field in FIELDS.iter().chain(&GENERAL_FIELDS) {
            let in_table =
                |line: &str| line.starts_with("| `") && line.contains(&format!("`{field}`"));
            assert!(readme.lines().any(in_table), "{field}");
        }
    }

    #[test]
    fn durations_come_back() {
        for seconds in [0, 1, 59, 60, 90, 900, 3600, 5400, 86_400, 90_061] {
            let duration = Duration::from_secs(seconds);
            assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
        }
        for wrong in ["", "15", "m", "15m5", "1.5h", "15 minutes"] {
            assert!(parse_duration(wrong).is_err(), "{wrong}");
        }
    }
}
