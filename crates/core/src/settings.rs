//! The settings: what they are, and what each value must be.
//!
//! Each setting is [defined](definition) once, in [`account_settings`] or [`general_settings`].
//! Every value, from the file, the command line or the window, comes in through [`Account::set`]
//! or, where it belongs to no account, through [`Settings::set`], so that a fault is the same
//! sentence everywhere. [`mod@file`] reads and writes them.

pub mod account_settings;
pub mod certificate;
pub mod channel;
pub mod channels;
pub mod definition;
pub mod fault;
pub mod file;
pub mod general_settings;
pub mod keep;
pub mod logging;
pub mod mailbox;
pub mod rhythm;
pub mod rhythm_settings;
pub mod secret_source;
pub mod shape;
pub mod value;
pub mod webhook;

use std::{
    collections::{BTreeMap, HashSet},
    net::IpAddr,
    path::PathBuf,
    time::Duration,
};

use dequeue_smtp::{
    Domain, EhloName, EtrnTarget, LoginChoice, Mechanism, Method, Security, TimeLimits,
};

use self::{
    certificate::{ClientCertificate, Pin},
    channels::{ChannelSettings, Heartbeat, OnFailure, WebAddress},
    fault::{Fault, FaultKind},
    keep::Keep,
    logging::Logging,
    rhythm::Hours,
    rhythm_settings::RhythmSettings,
    secret_source::SecretSource,
    value::{Address, Every, Host, IpVersion, OtherHost, SMTP_PORT, Server, SilenceAfter, Value},
};
use crate::{
    record::Notify,
    text::{SYSTEM, name},
    update::UpdateCheck,
};

/// The port of SMTP over TLS from the first byte (RFC 8314 7.3).
const SMTPS_PORT: u16 = 465;

/// All settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `system`, `en` or `nl`.
    pub language: String,
    /// How much of the history is kept.
    pub keep: Keep,
    /// What is logged.
    pub log: Logging,
    /// Whether it is looked for newer versions.
    pub update_check: UpdateCheck,
    /// From when to when no notices are given, by this machine's clock.
    pub quiet: Option<Hours>,
    /// How long after a notice of trouble that lasts it is told again.
    pub snooze: Duration,
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
            log: Logging::default(),
            update_check: UpdateCheck::default(),
            quiet: None,
            snooze: Duration::from_secs(86_400),
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

    /// What is missing from the values that belong to no account, or does not go together, except for
    /// the fields that have a fault already.
    fn check(&self, faults: &[Fault]) -> Vec<Fault> {
        let mut missing = self.channels.check();
        let token = self.notice_webhook_secret != SecretSource::default();
        let is_open = |it: &WebAddress| (token || it.wants_secret()) && !it.keeps_secrets();
        if self.channels.webhook.as_ref().is_some_and(is_open) {
            missing.push(Fault::new("notice_webhook", "", FaultKind::SecretInClear));
        }
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

/// What a login proves itself with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Credential {
    /// A password or token.
    Password,
    /// A password or token where there is one, else our own certificate.
    PasswordOrCertificate,
    /// Our own certificate: EXTERNAL (RFC 4422, appendix A).
    Certificate,
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
    /// The number of failures in a row that a notice tells of.
    pub notify_after: u32,
    /// For how long nothing may arrive; any time, where there is none.
    pub silence_alarm: Option<SilenceAfter>,
    /// The web address that is called after each poke that worked.
    pub heartbeat: Option<WebAddress>,
    /// What a poke that did not work does to it.
    pub heartbeat_on_failure: OnFailure,
    /// The web address that is called after a poke that did not work.
    pub heartbeat_failure: Option<WebAddress>,
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
    /// Whether the mail server is also asked to take mail for the domains, and for a foreign one. Where
    /// nothing is said, only for a foreign one, and only before the connection is turned round to it.
    pub mail_server_test: Option<bool>,
    /// For how long after a poke arrivals are looked for; zero for not at all.
    pub watch: Duration,
    /// What a finger request asks for, instead of each domain; empty for each domain.
    pub finger: String,
    /// What we call ourselves; the machine's name or address where there is none.
    pub ehlo: Option<EhloName>,
    /// The address that the connection comes from; the system's choice where there is none. On which
    /// link it is, the provider's address says.
    pub bind: Option<Address>,
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
            heartbeat_failure: None,
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
            mail_server_test: None,
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

    /// The domains that mail is held for, each once; queues and addresses, which some providers are
    /// asked for instead, are none.
    #[must_use]
    pub fn mail_domains(&self) -> Vec<Domain> {
        let mut known = HashSet::new();
        let domains = self.domains.iter().filter_map(EtrnTarget::domain);
        domains.filter(|it| known.insert(it.clone())).collect()
    }

    /// Where the mail is to arrive; on this machine, where nothing is said.
    #[must_use]
    pub fn mail_server(&self) -> Server {
        self.mail_server.clone().unwrap_or_default()
    }

    /// Whether it names what it gets mail for; a queue of the provider names no domain.
    #[must_use]
    pub fn names_domains(&self) -> bool {
        let mut domains = self.domains.iter();
        domains.any(|target| !target.as_str().starts_with('#'))
    }

    /// Whether the connection may be turned round by [`Method::Auto`]: to a mail server that somebody
    /// has set, and where there is a way to keep foreign mail from it.
    #[must_use]
    pub fn may_turn(&self) -> bool {
        self.mail_server.is_some() && (self.mail_server_test != Some(false) || self.names_domains())
    }

    /// Where heartbeats go, where they are wanted.
    #[must_use]
    pub fn heartbeat(&self) -> Option<Heartbeat> {
        Some(Heartbeat {
            address: self.heartbeat.clone()?,
            on_failure: self.heartbeat_on_failure,
            failure: self.heartbeat_failure.clone(),
        })
    }

    /// What it logs in with; none where it does not log in.
    #[must_use]
    pub fn credential(&self) -> Option<Credential> {
        match (self.auth, &self.client_cert) {
            (LoginChoice::Only(Mechanism::External), _) => Some(Credential::Certificate),
            _ if self.user.is_empty() => None,
            (_, Some(_)) => Some(Credential::PasswordOrCertificate),
            (_, None) => Some(Credential::Password),
        }
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

    /// What is missing, or does not go together, except for the fields that have a fault already.
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
        let turns = self.method.turns();
        need(
            !turns || self.mail_server.is_some(),
            Fault::new(
                "mail_server",
                self.method.name(),
                FaultKind::MailServerNeeded,
            ),
        );
        need(
            !turns || self.mail_server.is_none() || self.may_turn(),
            Fault::new("domains", self.method.name(), FaultKind::DomainsUntested),
        );
        if let Some((field, kind)) = self.rhythm.fault() {
            need(false, Fault::new(field, "", kind.into()));
        }
        if let Some(fault) = self.ruled_out() {
            need(false, fault);
        }
        for fault in self.without_protection() {
            need(false, fault);
        }
        need(
            self.heartbeat.is_some() || self.heartbeat_failure.is_none(),
            Fault::new("heartbeat", "", FaultKind::Missing),
        );
        for (field, address) in [
            ("heartbeat", &self.heartbeat),
            ("heartbeat_failure", &self.heartbeat_failure),
        ] {
            let is_open = |it: &WebAddress| it.wants_secret() && !it.keeps_secrets();
            let open = address.as_ref().is_some_and(is_open);
            need(!open, Fault::new(field, "", FaultKind::SecretInClear));
        }
        missing
    }

    /// The settings that promise a protection which the line does not always have.
    fn without_protection(&self) -> Vec<Fault> {
        let tls = name(&self.tls);
        let external = self.auth == LoginChoice::Only(Mechanism::External);
        let needs = |field, is_set, suffices: &[Security]| {
            (is_set && !suffices.contains(&self.tls))
                .then(|| Fault::new(field, &tls, FaultKind::TlsNeeded))
        };
        const ALWAYS: &[Security] = &[Security::Required, Security::Implicit];
        const EVER: &[Security] = &[
            Security::Opportunistic,
            Security::Required,
            Security::Implicit,
        ];
        let unspoken = (!self.method.is_smtp() && ALWAYS.contains(&self.tls))
            .then(|| Fault::new("tls", self.method.name(), FaultKind::TlsUnspoken));
        [
            needs("pin", self.pin.is_some(), ALWAYS),
            needs("ca_file", self.ca_file.is_some(), ALWAYS),
            needs("auth", external, ALWAYS),
            needs("client_cert", self.client_cert.is_some(), EVER),
            unspoken,
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// The versions of IP that addresses of the provider may have: as is set, and that of the
    /// address that we come from.
    #[must_use]
    pub fn ip_versions(&self) -> [IpVersion; 2] {
        let of_source = match self.bind.as_ref().map(Address::ip) {
            None => IpVersion::Auto,
            Some(IpAddr::V4(_)) => IpVersion::V4,
            Some(IpAddr::V6(_)) => IpVersion::V6,
        };
        [self.ip, of_source]
    }

    /// The first address among the settings that another of them rules out, as a fault of that one.
    /// What a name's addresses are is known only when it is looked up.
    fn ruled_out(&self) -> Option<Fault> {
        let fault = |field, address: &Address| {
            let kind = match address.ip() {
                IpAddr::V4(_) => FaultKind::RulesOutIpv4,
                IpAddr::V6(_) => FaultKind::RulesOutIpv6,
            };
            Fault::new(field, &address.to_string(), kind)
        };
        let [set, of_source] = self.ip_versions();
        let hosts = self.hosts().filter_map(|(host, _)| host.address());
        let addresses: Vec<Address> = hosts.chain(self.bind.clone()).collect();
        let by = |field, version: IpVersion| {
            let out = addresses.iter().find(|it| !version.allows(it.ip()));
            out.map(|address| fault(field, address))
        };
        by("ip", set).or_else(|| by("bind", of_source))
    }
}

#[cfg(test)]
mod tests {
    use super::{
        definition::Defined,
        value::{format_duration, parse_duration},
        *,
    };
    use crate::{Text, text::LANGUAGES};

    /// The keys of all settings.
    fn keys() -> impl Iterator<Item = &'static str> {
        let general = Settings::DEFINITIONS.iter().map(|setting| setting.key);
        let accounts = Account::DEFINITIONS.iter().map(|setting| setting.key);
        general.chain(accounts)
    }

    fn set(key: &str, value: &str) -> Result<Account, Fault> {
        let mut account = Account::default();
        account.set(key, &Value::Text(value)).map(|()| account)
    }

    #[test]
    fn nothing_promises_a_protection_that_the_line_does_not_have() {
        let base = [("name", "a"), ("host", "mx.test"), ("method", "signal")];
        let pin = "AB".repeat(32);
        let faults = |more: &[(&str, &str)]| {
            let fields = base.iter().chain(more);
            let account = Account::unnamed(fields.map(|(key, value)| (*key, Value::Text(value))));
            account.err().unwrap_or_default()
        };
        for (key, value, with_opportunistic) in [
            ("pin", pin.as_str(), false),
            ("ca_file", "/etc/ca.pem", false),
            ("auth", "external", false),
            ("client_cert", "/etc/ours.pem", true),
        ] {
            for (tls, is_right) in [
                ("none", false),
                ("opportunistic", with_opportunistic),
                ("required", true),
                ("implicit", true),
            ] {
                let found = faults(&[(key, value), ("tls", tls)]);
                let right: Vec<_> = found
                    .iter()
                    .map(|it| (it.field.as_str(), &it.kind))
                    .collect();
                let wanted: &[_] = &[(key, &FaultKind::TlsNeeded)];
                let wanted = if is_right { &[] } else { wanted };
                assert_eq!(right, wanted, "{key} with {tls}");
                for (fault, language) in found.iter().flat_map(|it| LANGUAGES.map(|to| (it, to))) {
                    let sentence = fault.sentence(&Text::for_language(language));
                    assert!(
                        sentence.contains(tls) && sentence.contains("required"),
                        "{sentence}"
                    );
                }
            }
        }
        for method in ["finger", "hello"] {
            for (tls, is_right) in [
                ("none", true),
                ("opportunistic", true),
                ("required", false),
                ("implicit", false),
            ] {
                let found = faults(&[("method", method), ("tls", tls)]);
                let found: Vec<_> = found
                    .iter()
                    .map(|it| (it.field.as_str(), &it.kind))
                    .collect();
                let wanted: &[_] = &[("tls", &FaultKind::TlsUnspoken)];
                assert_eq!(
                    found,
                    if is_right { &[] } else { wanted },
                    "{method} with {tls}"
                );
            }
        }
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
    fn an_address_of_a_link_names_its_interface() {
        for (typed, host) in [
            ("fe80::1%eth0", "fe80::1%eth0"),
            ("[FE80:0::1%br-lan.7]", "fe80::1%br-lan.7"),
            ("fe80::1%3", "fe80::1%3"),
            ("fe80::1", "fe80::1"),
        ] {
            let set = |key, typed: &str| set(key, typed).unwrap();
            assert_eq!(set("host", typed).host.as_str(), host);
            assert_eq!(set("bind", host).bind.unwrap().to_string(), host);
            for (typed, port) in [
                (typed.to_owned(), SMTP_PORT),
                (format!("[{host}]:2525"), 2525),
            ] {
                let server = set("mail_server", &typed).mail_server();
                assert_eq!((server.host.as_str(), server.port), (host, port));
                assert_eq!(server.to_string(), format!("[{host}]:{port}"));
                let others = set("other_hosts", &typed).other_hosts;
                assert_eq!(others[0].host.as_str(), host);
            }
        }
        for wrong in [
            "2001:db8::1%eth0",
            "192.0.2.1%eth0",
            "fe80::1%",
            "fe80::1%eth 0",
            "fe80::1%eth0\u{7f}",
            "fe80::1%a%b",
            "[fe80::1%eth0",
            "::1%lo",
        ] {
            for key in ["host", "mail_server", "other_hosts", "bind"] {
                let fault = set(key, wrong).unwrap_err();
                assert_eq!(fault.field, key, "{wrong}");
            }
        }
        let name = set("host", "eth0.test").unwrap().host;
        assert_eq!(name.address(), None);
        let address = set("host", "fe80::1%3").unwrap().host.address().unwrap();
        assert_eq!((address.ip().is_ipv6(), address.scope()), (true, Some("3")));
    }

    /// Every address of an account with every choice of the version, and with every source.
    #[test]
    fn an_address_of_a_version_that_is_ruled_out_is_refused_at_once() {
        const FOUR: &str = "192.0.2.7";
        const SIX: &str = "2001:db8::7";
        let version = |it: &str| match it {
            FOUR | "4" => 4,
            SIX | "6" => 6,
            _ => 0,
        };
        let mut refused = 0;
        for host in ["h.test", FOUR, SIX] {
            for other in ["o.test:26", "192.0.2.7:26", "[2001:db8::7]:26"] {
                for ip in ["auto", "4", "6"] {
                    for bind in ["", FOUR, SIX] {
                        let fields = [
                            ("host", host),
                            ("other_hosts", other),
                            ("ip", ip),
                            ("bind", bind),
                        ];
                        let fields = fields.map(|(key, value)| (key, Value::Text(value)));
                        let found = Account::unnamed(fields).err();
                        let other = other.trim_end_matches(":26").trim_matches(['[', ']']);
                        let out = |by: &str, them: &[&str]| {
                            let (by, them) = (version(by), them.iter().map(|it| version(it)));
                            by != 0 && them.into_iter().any(|it| it != 0 && it != by)
                        };
                        let expected = if out(ip, &[host, other, bind]) {
                            Some("ip")
                        } else {
                            out(bind, &[host, other]).then_some("bind")
                        };
                        let faults = found.iter().flatten();
                        let named: Vec<&str> = faults.map(|it| it.field.as_str()).collect();
                        assert_eq!(
                            named,
                            Vec::from_iter(expected),
                            "{host} {other} {ip} {bind}"
                        );
                        refused += usize::from(expected.is_some());
                    }
                }
            }
        }
        assert!(refused > 20);
        let mut account = set("ip", "6").unwrap();
        account.set("host", &Value::Text(FOUR)).unwrap();
        let sentence = |account: &Account| {
            let faults = account.check(&[]).into_iter();
            let of = faults.filter(|it| it.field != "name");
            of.map(|it| it.sentence(&Text::for_language("en")))
                .collect::<String>()
        };
        assert_eq!(
            sentence(&account),
            "IP version: this rules out “192.0.2.7”, which is an IPv4 address. Choose auto, 4 or 6."
        );
        account.ip = IpVersion::Auto;
        account.set("bind", &Value::Text(SIX)).unwrap();
        assert_eq!(
            sentence(&account),
            "Source address: this rules out “192.0.2.7”, which is an IPv4 address. \
             Enter an IP address of this machine, or leave it out."
        );
    }

    #[test]
    fn a_domain_in_two_spellings_is_one() {
        let spellings = [
            "b.test",
            "X.test",
            "x.test.",
            "@x.test",
            "x.test",
            "#x.test",
            "bücher.test",
            "xn--bcher-kva.test",
            "BÜCHER.test.",
            "@X.TEST.",
            "#X.test",
            "b.test",
        ];
        let once = [
            "b.test",
            "x.test",
            "@x.test",
            "#x.test",
            "xn--bcher-kva.test",
            // Whether a queue is another in capitals is for the provider to say.
            "#X.test",
        ];
        let as_list = Value::List(spellings.map(Value::Text).into());
        let as_text = spellings.join(", ");
        for value in [as_list, Value::Text(&as_text)] {
            let host = ("host", Value::Text("h.test"));
            let account = Account::unnamed([host, ("domains", value)]).unwrap();
            let domains = account.domains.iter().map(EtrnTarget::as_str);
            assert_eq!(domains.collect::<Vec<_>>(), once);
        }
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
            ("log_level", "debug"),
            ("log_at_most", "50"),
            ("update_check", "weekly"),
            ("notice_quiet", "mon-fri 22:00-7:00; sat,sun 00:00-24:00"),
            ("notice_snooze", "3d"),
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
            for (key, text) in settings.general_texts() {
                again.set(key, &Value::Text(&text)).unwrap();
            }
            assert_eq!(again, settings);
        }
    }

    #[test]
    fn a_summary_needs_a_mail_server_for_notices() {
        let weekly = ("notice_summary", "weekly");
        let mail = [
            ("notice_mail_host", "mail.test"),
            ("notice_mail_from", "a@b.test"),
            ("notice_mail_to", "c@d.test"),
        ];
        let with = |settings: &Settings, fields: &[(&str, &str)]| {
            let fields = fields
                .iter()
                .map(|(key, value)| ((*key).into(), (*value).into()));
            settings.with_general(&fields.collect())
        };
        let none = Settings::default();
        let faults = with(&none, &[weekly]).unwrap_err();
        let [fault] = faults.as_slice() else {
            panic!("{faults:?}")
        };
        assert_eq!(fault.kind, FaultKind::MailNeeded);
        assert_eq!(
            fault.sentence(&crate::text::Text::for_language("en")),
            "Summary of the week: it goes by e-mail, and no mail server for notices is set. Set \
             “notice_mail_host”, “notice_mail_from” and “notice_mail_to” as well, or choose never."
        );
        assert!(
            fault
                .sentence(&crate::text::Text::for_language("nl"))
                .ends_with("of kies never.")
        );
        let set = with(&none, &[mail[0], mail[1], mail[2], weekly]).unwrap();
        assert_eq!(set.channels.mail.summaries, channels::Summaries::Weekly);
        // Nor is the mail server taken away from under it.
        let faults = with(&set, &[("notice_mail_host", "")]).unwrap_err();
        assert_eq!(faults, [Fault::new(weekly.0, "", FaultKind::MailNeeded)]);
        let monthly = with(&set, &[(weekly.0, "monthly")]).unwrap_err();
        assert_eq!(monthly[0].kind, FaultKind::UnknownChoice);
        let never = [(weekly.0, "never"), ("notice_mail_host", "")];
        with(&set, &never).unwrap();
    }

    #[test]
    fn what_may_be_kept() {
        let mut settings = Settings::default();
        settings.set("keep_for", &Value::Text("30d")).unwrap();
        settings.set("keep_at_most", &Value::Number(20)).unwrap();
        assert_eq!(
            settings.keep,
            Keep {
                age: Duration::from_secs(30 * 86_400),
                megabytes: 20,
            }
        );
        for (key, value, kind) in [
            ("keep_for", Value::Text("5h"), FaultKind::TooShort),
            ("keep_for", Value::Text("4000d"), FaultKind::OutOfRange),
            ("keep_for", Value::Number(30), FaultKind::NotADuration),
            ("keep_at_most", Value::Number(0), FaultKind::OutOfRange),
            ("keep_at_most", Value::Text("-1"), FaultKind::OutOfRange),
            ("keep_at_most", Value::Text("1 GB"), FaultKind::NotANumber),
            ("keep_at_most", Value::Other, FaultKind::WrongType),
            ("keep", Value::Number(1), FaultKind::UnknownKey),
        ] {
            assert_eq!(
                settings.set(key, &value).unwrap_err().kind,
                kind,
                "{key} {value:?}"
            );
        }
        assert_eq!(settings.keep.megabytes, 20, "as it was");
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
                "there is no setting named “intervall”. Check its spelling against docs/settings.md, or remove the line.",
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
            ("heartbeat_failure", "https://hc.test/failed"),
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
            for (key, text) in account.texts() {
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

    /// Whoever turns the connection round says where to, and what for.
    #[test]
    fn what_a_turn_needs() {
        let judged = |fields: &[(&str, &str)]| {
            let host = [("host", "h.test")];
            let fields = host.iter().chain(fields);
            Account::unnamed(fields.map(|(key, value)| (*key, Value::Text(value))))
        };
        let (server, off) = (("mail_server", "192.0.2.1"), ("mail_server_test", "false"));
        for method in [("method", "atrn"), ("method", "turn")] {
            let fault = |fields: &[_]| judged(fields).unwrap_err().remove(0);
            assert_eq!(fault(&[method]).kind, FaultKind::MailServerNeeded);
            assert_eq!(
                fault(&[method, server, off]).kind,
                FaultKind::DomainsUntested
            );
            let queue = ("domains", "#queue");
            assert_eq!(
                fault(&[method, server, off, queue]).kind,
                FaultKind::DomainsUntested
            );
            for language in LANGUAGES {
                let said = fault(&[method]).sentence(&Text::for_language(language));
                assert!(said.contains("mail_server"), "{said}");
            }
            assert!(judged(&[method, server]).unwrap().may_turn());
            let domains = ("domains", "a.test");
            assert!(judged(&[method, server, off, domains]).unwrap().may_turn());
        }
        assert!(!judged(&[]).unwrap().may_turn());
        assert!(!judged(&[server, off]).unwrap().may_turn());
        assert!(judged(&[server]).unwrap().may_turn());
    }

    #[test]
    fn every_setting_has_its_sentences() {
        for language in LANGUAGES {
            let text = Text::for_language(language);
            for key in keys() {
                for part in ["field", "remedy", "cli-option"] {
                    let sentence = format!("{part}-{key}");
                    assert_ne!(text.get(&sentence), sentence, "{language}");
                }
            }
        }
    }

    #[test]
    fn no_key_stands_twice() {
        let mut all: Vec<_> = keys().collect();
        all.sort_unstable();
        let count = all.len();
        all.dedup();
        assert_eq!(all.len(), count);
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
