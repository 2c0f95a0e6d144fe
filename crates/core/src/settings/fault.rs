//! What is wrong with a value, and the sentence that says it: the field, the fault, the remedy.

use dequeue_smtp::NameFault;
use serde::{Deserialize, Serialize};

use super::certificate::PinError;
use crate::{sink, text::Text};

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The key of the field; `unknown-key` for a key that is none.
    pub field: String,
    /// The value, shortened and with control characters made visible.
    pub value: String,
    /// What is wrong.
    pub kind: FaultKind,
}

/// The kinds of faults, each with a sentence in `locales/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// A name that cannot be sent.
    Name(NameFault),
    /// Not where a secret comes from.
    Source(SourceFault),
    /// Not a whole number.
    NotANumber,
    /// A number or time that is too large or too small.
    OutOfRange,
    /// Not a length of time.
    NotADuration,
    /// A time that is too short.
    TooShort,
    /// None of the choices.
    UnknownChoice,
    /// A name that another account has.
    Taken,
    /// Text for a number, a list for text and the like.
    WrongType,
    /// No such setting.
    UnknownKey,
    /// A setting that must be there.
    Missing,
    /// A method that asks for domains, without any.
    DomainsNeeded,
    /// A method that turns the connection round, without a mail server to turn it to.
    MailServerNeeded,
    /// A method that turns the connection round to a mail server that is not to be tested, without
    /// domains to which the mail could be limited.
    DomainsUntested,
    /// A value of the rhythm.
    Rhythm(RhythmFault),
    /// Not a web address.
    NotAWebAddress,
    /// A web address with a user name or a password in it.
    LoginInAddress,
    /// A web address to which a secret would go over an open line.
    SecretInClear,
    /// Neither a form of a webhook nor a template for one.
    NotATemplate,
    /// What an export has in the place of something that may hold a key.
    LeftOut,
    /// Not an e-mail address.
    NotAMailAddress,
    /// A quotation mark without a partner.
    OpenQuote,
    /// A control character in a path or a command: in the settings file, a backslash between double
    /// quotation marks makes one of the letter behind it.
    ControlInPath,
    /// What goes by e-mail alone, without a mail server for notices.
    MailNeeded,
    /// A user name, whose password would go over an open line.
    OpenLine,
    /// A setting that only counts where every connection is encrypted, and not every one is.
    TlsNeeded,
    /// A method that has no encrypted form, though the line is to be encrypted.
    TlsUnspoken,
    /// The address of a host, which is of IPv4, though the setting rules that out.
    RulesOutIpv4,
    /// The address of a host, which is of IPv6, though the setting rules that out.
    RulesOutIpv6,
}

impl From<NameFault> for FaultKind {
    fn from(fault: NameFault) -> Self {
        Self::Name(fault)
    }
}

impl From<SourceFault> for FaultKind {
    fn from(fault: SourceFault) -> Self {
        Self::Source(fault)
    }
}

impl From<PinError> for FaultKind {
    fn from(_: PinError) -> Self {
        Self::Name(NameFault::Invalid)
    }
}

impl Fault {
    /// What is wrong with a field's value, which is shortened for showing.
    #[must_use]
    pub fn new(field: &str, value: &str, kind: FaultKind) -> Self {
        Self {
            field: field.to_owned(),
            value: visible(value),
            kind,
        }
    }

    /// One sentence: the field, the fault, the remedy.
    #[must_use]
    pub fn sentence(&self, text: &Text) -> String {
        let key = match &self.kind {
            FaultKind::Name(NameFault::Empty) => "fault-empty",
            FaultKind::Name(NameFault::Space) => "fault-space",
            FaultKind::Name(NameFault::Control) => "fault-control",
            FaultKind::Name(NameFault::Character(_)) => "fault-character",
            FaultKind::Name(NameFault::TooLong(_)) => "fault-too-long",
            FaultKind::Name(NameFault::Label(_)) => "fault-label",
            FaultKind::Name(NameFault::Invalid) => "fault-invalid",
            FaultKind::Name(NameFault::Localhost) => "fault-localhost",
            FaultKind::Source(fault) => fault.key(),
            FaultKind::NotANumber => "fault-not-a-number",
            FaultKind::OutOfRange => "fault-out-of-range",
            FaultKind::NotADuration => "fault-not-a-duration",
            FaultKind::TooShort => "fault-too-short",
            FaultKind::UnknownChoice => "fault-unknown-choice",
            FaultKind::Taken => "fault-taken",
            FaultKind::WrongType => "fault-wrong-type",
            FaultKind::UnknownKey => "fault-unknown-key",
            FaultKind::Missing => "fault-missing",
            FaultKind::DomainsNeeded => "fault-domains-needed",
            FaultKind::MailServerNeeded => "fault-mail-server-needed",
            FaultKind::DomainsUntested => "fault-domains-untested",
            FaultKind::Rhythm(fault) => fault.key(),
            FaultKind::NotAWebAddress => "fault-not-a-web-address",
            FaultKind::LoginInAddress => "fault-login-in-address",
            FaultKind::SecretInClear => "fault-secret-in-clear",
            FaultKind::NotATemplate => "fault-not-a-template",
            FaultKind::LeftOut => "fault-left-out",
            FaultKind::NotAMailAddress => "fault-not-a-mail-address",
            FaultKind::OpenQuote => "fault-open-quote",
            FaultKind::ControlInPath => "fault-control-in-path",
            FaultKind::MailNeeded => "fault-mail-needed",
            FaultKind::OpenLine => "fault-open-line",
            FaultKind::TlsNeeded => "fault-tls-needed",
            FaultKind::TlsUnspoken => "fault-tls-unspoken",
            FaultKind::RulesOutIpv4 => "fault-rules-out-ipv4",
            FaultKind::RulesOutIpv6 => "fault-rules-out-ipv6",
        };
        let part = match &self.kind {
            FaultKind::Rhythm(fault) => fault.part(),
            _ => "",
        };
        let (character, length) = match &self.kind {
            FaultKind::Name(NameFault::Character(c)) => (c.to_string(), 0),
            FaultKind::Name(NameFault::TooLong(length)) => (String::new(), *length),
            _ => (String::new(), 0),
        };
        let fault = text.format(
            key,
            &[
                ("value", self.value.as_str().into()),
                ("character", character.into()),
                ("length", length.to_string().into()),
                ("part", part.into()),
            ],
        );
        let remedy = match self.kind {
            FaultKind::TlsNeeded => text.get("remedy-tls-needed"),
            FaultKind::TlsUnspoken => text.get("remedy-tls-unspoken"),
            FaultKind::MailNeeded => text.get("remedy-mail-needed"),
            _ => text.get(&format!("remedy-{}", self.field)),
        };
        if self.kind == FaultKind::UnknownKey {
            return format!("{fault} {remedy}");
        }
        let field = text.get(&format!("field-{}", self.field));
        text.format(
            "fault-sentence",
            &[
                ("field", field.into()),
                ("fault", fault.into()),
                ("remedy", remedy.into()),
            ],
        )
    }
}

/// What is wrong with a value of the rhythm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RhythmFault {
    /// This is neither days nor times.
    Word(String),
    /// Days without times.
    NoTimes,
    /// These times begin and end at once.
    NoLength(String),
    /// No such time zone.
    TimeZone,
    /// Not a cron expression.
    Cron,
    /// A cron expression for a day that never comes.
    CronNever,
    /// Both a cron expression and working hours.
    CronAndHours,
}

impl RhythmFault {
    /// The key of its sentence in `locales/`.
    #[must_use]
    pub const fn key(&self) -> &'static str {
        match self {
            Self::Word(_) => "fault-hours-word",
            Self::NoTimes => "fault-hours-no-times",
            Self::NoLength(_) => "fault-hours-no-length",
            Self::TimeZone => "fault-time-zone",
            Self::Cron => "fault-cron",
            Self::CronNever => "fault-cron-never",
            Self::CronAndHours => "fault-cron-and-hours",
        }
    }

    /// The part of the value that is wrong; empty for all of it.
    #[must_use]
    pub fn part(&self) -> &str {
        match self {
            Self::Word(part) | Self::NoLength(part) => part,
            Self::NoTimes | Self::TimeZone | Self::Cron | Self::CronNever | Self::CronAndHours => {
                ""
            }
        }
    }
}

impl From<RhythmFault> for FaultKind {
    fn from(fault: RhythmFault) -> Self {
        Self::Rhythm(fault)
    }
}

/// What is wrong with the text of a [`SecretSource`](super::secret_source::SecretSource).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SourceFault {
    /// None of the sources. It may be the password itself, so it must not be shown.
    #[error("none of the sources of a secret")]
    Unknown,
    /// `file:` without a path.
    #[error("no path of a file")]
    NoPath,
    /// `env:` without the name of a variable.
    #[error("no name of a variable")]
    NoVariable,
    /// `command:` without a program.
    #[error("no program to run")]
    NoProgram,
    /// A quotation mark that is not closed.
    #[error("a quotation mark is not closed")]
    OpenQuote,
    /// As [`FaultKind::ControlInPath`].
    #[error("a control character")]
    Control,
}

impl SourceFault {
    /// The key of its words: what is wrong, without the value, as in the settings' faults.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Unknown => "fault-secret-unknown",
            Self::NoPath => "fault-secret-no-path",
            Self::NoVariable => "fault-secret-no-variable",
            Self::NoProgram => "fault-secret-no-program",
            Self::OpenQuote => "fault-secret-open-quote",
            Self::Control => "fault-secret-control",
        }
    }
}

/// A value as it is shown in a sentence: shortened, with control characters made visible.
pub fn visible(value: &str) -> String {
    const SHOWN: usize = 60;
    match value.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", sink::line(value.get(..end).unwrap_or_default())),
        None => sink::line(value).into_owned(),
    }
}
