//! The settings that belong to no account, each defined once: see [`Definition`].

use super::{
    Settings,
    channel::{HEARTBEAT_SECRET, MAIL_SECRET, WEBHOOK_SECRET},
    channels::{CommandLine, MailTls, Summaries, WebAddress},
    definition::{
        Defined, Definition,
        Depth::{Expert, Usual},
        Group, Secrecy, setting,
    },
    fault::{Fault, FaultKind},
    logging::LogLevel,
    mailbox::Mailbox,
    rhythm::Hours,
    secret_source::SecretSource,
    shape::{
        Choice, Choices, Kind, Line, List, Number, Optional, Parsed, Shape, Time, Typed, Wrong,
    },
    value::{Host, Range, Value},
    webhook::{WebhookBody, WebhookForm},
};
use crate::{
    text::{self, LANGUAGES, SYSTEM},
    update::UpdateCheck,
};

const DAY: u64 = 86_400;

impl Defined for Settings {
    const DEFINITIONS: &'static [Definition<Self>] = &[
        setting!("language", language, Language).place(Group::Program, Usual),
        setting!("keep_for", keep.age, Time)
            .within(Range::time(DAY, 3660 * DAY))
            .place(Group::Program, Expert),
        setting!("keep_at_most", keep.megabytes, Number<u32>)
            .within(Range::of(1, 1_000_000))
            .place(Group::Program, Expert),
        setting!("log_level", log.level, Choice<LogLevel>).place(Group::Program, Usual),
        setting!("log_at_most", log.megabytes, Number<u32>)
            .within(Range::of(1, 10_000))
            .place(Group::Program, Expert),
        setting!("update_check", update_check, Choice<UpdateCheck>).place(Group::Program, Usual),
        setting!("notice_quiet", quiet, Optional<Parsed<Hours>>).place(Group::Notices, Usual),
        setting!("notice_snooze", snooze, Time)
            .within(Range::time(3600, 31 * DAY))
            .place(Group::Notices, Usual),
        setting!("notice_command", channels.command, Program)
            .place(Group::Notices, Expert)
            .secrecy(Secrecy::Command),
        setting!(
            "notice_webhook",
            channels.webhook,
            Optional<Parsed<WebAddress>>
        )
        .place(Group::Notices, Expert)
        .secrecy(Secrecy::Address),
        setting!(
            "notice_webhook_secret",
            notice_webhook_secret,
            Parsed<SecretSource>
        )
        .place(Group::Notices, Expert)
        .secrecy(Secrecy::Source),
        setting!("notice_webhook_body", channels.webhook_body, Optional<Body>)
            .place(Group::Notices, Expert),
        setting!(
            "notice_mail_host",
            channels.mail.host,
            Optional<Parsed<Host>>
        )
        .place(Group::Notices, Expert),
        setting!(
            "notice_mail_port",
            channels.mail.port,
            Optional<Number<u16>>
        )
        .within(Range::of(1, u16::MAX as u64))
        .place(Group::Notices, Expert),
        setting!("notice_mail_tls", channels.mail.tls, Choice<MailTls>)
            .place(Group::Notices, Expert),
        setting!("notice_mail_user", channels.mail.user, Optional<Line>)
            .place(Group::Notices, Expert),
        setting!(
            "notice_mail_secret",
            notice_mail_secret,
            Parsed<SecretSource>
        )
        .place(Group::Notices, Expert)
        .secrecy(Secrecy::Source),
        setting!(
            "notice_mail_from",
            channels.mail.from,
            Optional<Parsed<Mailbox>>
        )
        .place(Group::Notices, Expert),
        setting!("notice_mail_to", channels.mail.to, List<Parsed<Mailbox>>)
            .place(Group::Notices, Expert),
        setting!("notice_summary", channels.mail.summaries, Choice<Summaries>)
            .place(Group::Notices, Usual),
        setting!("heartbeat_secret", heartbeat_secret, Parsed<SecretSource>)
            .place(Group::Notices, Expert)
            .secrecy(Secrecy::Source),
    ];
}

impl Settings {
    /// The values that belong to no account by their keys, as a person enters them and
    /// [`Settings::set`] takes them.
    #[must_use]
    pub fn general_texts(&self) -> Vec<(&'static str, String)> {
        let settings = Self::DEFINITIONS.iter();
        settings.map(|it| (it.key, it.text(self))).collect()
    }

    /// Sets one value that belongs to no account by its key in the settings file. Empty text takes
    /// an optional value away.
    ///
    /// # Errors
    /// What is wrong with the key or the value; the settings are as they were.
    pub fn set(&mut self, key: &str, value: &Value<'_>) -> Result<(), Fault> {
        match Self::definition(key) {
            Some(setting) => setting.set(self, value),
            None => Err(Fault::new("unknown-key", key, FaultKind::UnknownKey)),
        }
    }

    /// Where a secret for notices or heartbeats comes from, by its name, one of
    /// [`SECRETS`](super::channel::SECRETS).
    #[must_use]
    pub fn notice_secret(&self, name: &str) -> Option<&SecretSource> {
        match name {
            MAIL_SECRET => Some(&self.notice_mail_secret),
            WEBHOOK_SECRET => Some(&self.notice_webhook_secret),
            HEARTBEAT_SECRET => Some(&self.heartbeat_secret),
            _ => None,
        }
    }
}

/// A language of the program, or the system's.
enum Language {}

impl Shape for Language {
    type Value = String;
    const KIND: Kind = Kind::Choice;

    fn choices() -> Vec<String> {
        let languages = [SYSTEM].into_iter().chain(LANGUAGES);
        languages.map(str::to_owned).collect()
    }

    fn read(typed: &Typed<'_>) -> Result<String, Wrong> {
        let mut all = Self::choices().into_iter();
        let found = all.find(|language| language == typed.text());
        found.ok_or(FaultKind::UnknownChoice.into())
    }

    fn write(value: &String) -> String {
        value.clone()
    }
}

/// A program with its arguments: a command line, or in the file a list of its words.
enum Program {}

impl Shape for Program {
    type Value = Option<CommandLine>;
    const KIND: Kind = Kind::Command;

    fn read(typed: &Typed<'_>) -> Result<Option<CommandLine>, Wrong> {
        match typed.words() {
            Some(words) if words.is_empty() => Ok(None),
            Some(words) => Ok(Some(CommandLine::new(words)?)),
            None => Optional::<Parsed<CommandLine>>::read(typed),
        }
    }

    fn write(value: &Option<CommandLine>) -> String {
        Optional::<Parsed<CommandLine>>::write(value)
    }
}

impl Choices for MailTls {
    const ALL: &'static [Self] = &[Self::Implicit, Self::Required, Self::None];

    fn word(&self) -> String {
        text::name(self)
    }
}

impl Choices for LogLevel {
    const ALL: &'static [Self] = &Self::ALL;

    fn word(&self) -> String {
        text::name(self)
    }
}

impl Choices for UpdateCheck {
    const ALL: &'static [Self] = &[Self::Off, Self::Weekly];

    fn word(&self) -> String {
        text::name(self)
    }
}

impl Choices for Summaries {
    const ALL: &'static [Self] = &[Self::Never, Self::Weekly];

    fn word(&self) -> String {
        text::name(self)
    }
}

/// What is posted to the webhook: a form by its name, or a template.
enum Body {}

impl Shape for Body {
    type Value = WebhookBody;
    const KIND: Kind = Kind::Text;

    fn choices() -> Vec<String> {
        WebhookForm::ALL.iter().map(text::name).collect()
    }

    fn read(typed: &Typed<'_>) -> Result<WebhookBody, Wrong> {
        Parsed::read(typed)
    }

    fn write(value: &WebhookBody) -> String {
        Parsed::write(value)
    }
}
