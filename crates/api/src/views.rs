//! What clients see of the engine's state: plain values with their words, made once, when somebody
//! asks.

use std::{collections::BTreeMap, ops::Deref};

use dequeue_core::{
    Text,
    alarm::AlarmKind,
    amounts::exact_duration,
    health::Health,
    record::{Notice, Poke},
    settings::{channel::Channel, logging::LogLevel},
    text::name,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// The whole state, as clients see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Snapshot {
    /// The engine's version.
    pub version: String,
    /// Whether whoever asks may change anything; else only look and poke.
    #[serde(default = "yes")]
    pub may_change: bool,
    /// How all accounts stand together.
    #[serde(flatten)]
    #[ts(flatten)]
    pub whole: Whole,
    /// Whether everything is paused.
    pub paused: bool,
    /// When that pause ends by itself.
    #[ts(type = "string | null")]
    pub paused_until: Option<Timestamp>,
    /// The accounts, in the order of the settings file; the demo's last.
    pub accounts: Vec<AccountView>,
    /// The settings that belong to no account.
    pub general: General,
    /// The settings file.
    pub settings_path: String,
    /// What is wrong with the settings file: the last good settings go on running.
    pub settings_fault: Option<String>,
    /// Where the accounts are being moved into the service: how far that has come, in words.
    #[serde(default)]
    pub hand_over: Option<String>,
    /// What is wrong with the history, in words.
    pub history_fault: Option<String>,
    /// Which ways out for notices do not work, in words.
    pub channel_faults: Vec<String>,
    /// Notices that were given while no window was in front, and that nobody has seen since.
    #[ts(type = "number")]
    pub unseen_notices: usize,
    /// A newer version that is known; what is to be done about it is a person's.
    #[serde(default)]
    pub update: Option<NewVersion>,
    /// Whether the demo is running.
    pub demo: bool,
    /// Whether the tray starts at login; `None` where this machine cannot say.
    pub start_at_login: Option<bool>,
}

/// What an engine of an earlier version means, whose clients may all do everything.
const fn yes() -> bool {
    true
}

/// How all accounts stand together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Whole {
    /// As the account that is most urgent.
    pub health: Health,
    /// How many accounts are being poked at this moment, whatever their health.
    #[ts(type = "number")]
    pub poking: usize,
}

impl Deref for Snapshot {
    type Target = Whole;

    fn deref(&self) -> &Whole {
        &self.whole
    }
}

/// Settings that belong to no account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct General {
    /// The settings by key, as a person types them; without those of
    /// [`dequeue_core::settings::definition::Secrecy::may_hold_key`].
    pub fields: BTreeMap<String, String>,
    /// What `language` comes to: `en` or `nl`.
    pub language_in_use: String,
    /// Where notices go besides the desktop.
    pub channels: Vec<ChannelView>,
}

/// A way out for notices that is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChannelView {
    /// The kind of channel.
    pub channel: Channel,
    /// Where it leads, for people: mail addresses, a host, a program. Nothing that is a key.
    pub to: String,
}

/// One account, as clients see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AccountView {
    /// Its name.
    pub name: String,
    /// Its other settings by key, as a person types them; without those of
    /// [`dequeue_core::settings::definition::Secrecy::may_hold_key`].
    pub fields: BTreeMap<String, String>,
    /// The provider's port: the one that is set, or the usual one.
    pub port: u16,
    /// The host that heartbeats go to; empty for none.
    pub heartbeat_host: String,
    /// What is no longer as it was, with what to do.
    pub alarms: Vec<AlarmView>,
    /// Whether a poke is held until the mail server is back.
    pub held: bool,
    /// How it stands.
    pub health: Health,
    /// Whether it is being poked at this moment.
    pub poking: bool,
    /// Whether it is paused, by itself or with everything.
    pub paused: bool,
    /// When it will no longer be, where that comes by itself.
    #[ts(type = "string | null")]
    pub paused_until: Option<Timestamp>,
    /// Whether it is the demo's, and leaves nothing behind.
    pub demo: bool,
    /// The last poke that ended, without its dialogue.
    pub last: Option<Box<PokeView>>,
    /// When a poke last worked.
    #[ts(type = "string | null")]
    pub last_success_at: Option<Timestamp>,
    /// When mail was last seen to arrive.
    #[ts(type = "string | null")]
    pub last_arrival_at: Option<Timestamp>,
    /// Pokes in a row that did not work.
    pub failures: u32,
    /// When the next poke is due; `None` while paused.
    #[ts(type = "string | null")]
    pub next_at: Option<Timestamp>,
    /// Why then, where that is not simply the rhythm.
    pub next_reason_words: Option<String>,
    /// What has arrived today, or that nothing has; `None` where that cannot be seen.
    pub arrived_today_words: Option<String>,
}

impl AccountView {
    /// A setting by its key, as a person types it; empty where it has no value.
    #[must_use]
    pub fn setting(&self, key: &str) -> &str {
        self.fields.get(key).map_or("", String::as_str)
    }

    /// The key of the text that says how it stands.
    #[must_use]
    pub fn health_key(&self) -> String {
        format!("health-{}", name(&self.health))
    }
}

/// All settings by key, as a person types them and as they go in: for whoever changes them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct SettingsView {
    /// Those that belong to no account.
    pub general: BTreeMap<String, String>,
    /// Those of each account, its name among them, in the order of the settings file.
    pub accounts: Vec<BTreeMap<String, String>>,
}

/// An alarm that is raised, in the user's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmView {
    /// What it is about.
    pub kind: AlarmKind,
    /// The heading: one line.
    pub title: String,
    /// What happened, and what to do.
    pub body: String,
}

/// A notice that was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct GivenNotice {
    /// When.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// What it said, in the language of today.
    #[serde(flatten)]
    #[ts(flatten)]
    pub notice: Notice,
}

/// A version that is newer than the engine's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct NewVersion {
    /// Its number.
    pub version: String,
    /// The day of its release, as in 2026-11-29.
    pub date: String,
    /// A web address that says what is new, and where it is.
    pub notes: String,
}

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogEntry {
    /// When it was logged.
    #[ts(type = "string")]
    pub at: Timestamp,
    /// How important it is.
    pub level: LogLevel,
    /// The program that logged it.
    pub program: String,
    /// Its process.
    pub process: u32,
    /// Where in the program.
    pub target: String,
    /// What happened, with its fields: English, without secrets and mail addresses.
    pub text: String,
}

/// A place between two lines of the log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogPlace {
    /// The number of a file.
    #[ts(type = "number")]
    pub file: u64,
    /// Octets from its beginning.
    #[ts(type = "number")]
    pub at: u64,
}

/// Which lines of the log are wanted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogWanted {
    /// Not older than this.
    #[serde(default)]
    #[ts(type = "string | null")]
    pub since: Option<Timestamp>,
    /// At least so important; all where that is not said.
    #[serde(default)]
    pub level: Option<LogLevel>,
    /// With this in them, in whatever case; empty for all.
    #[serde(default)]
    pub search: String,
}

/// Some lines of the log, the oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct LogPage {
    /// The lines.
    pub entries: Vec<LogEntry>,
    /// Where the first of them begins: older ones come before it.
    pub begin: LogPlace,
    /// Behind the last that was looked at: newer ones come after it.
    pub end: LogPlace,
    /// Whether there are more in the direction that was asked for.
    pub more: bool,
}

/// Where a secret has been put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Kept {
    /// In the system's keyring.
    Keyring,
    /// In the protected file.
    File,
}

/// What became of a password that came along with settings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct PasswordKept {
    /// The account's name.
    pub account: String,
    /// Where it was put; `None` where it could not be kept.
    pub kept_in: Option<Kept>,
    /// In the user's language: why it could not be kept, and what to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub fault: Option<String>,
}

/// How a channel for notices fared when it was tried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Trial {
    /// Which channel was tried.
    pub channel: Channel,
    /// Whether the notice went out.
    pub ok: bool,
    /// In the user's language: that it did, or what happened and what to do.
    pub message: String,
}

/// What is checked between the provider and the mail server. What comes first here stands in the way
/// of what comes after.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// Settings, history and data folder can be written.
    Folders,
    /// Which of the account's hosts can be used, where it has several: those are looked at one by one.
    Hosts,
    /// The provider's name, by this machine's resolver and by a public one.
    Name,
    /// The way to each of the provider's addresses.
    Connection,
    /// The provider's greeting.
    Greeting,
    /// What the provider offers.
    Capabilities,
    /// The line's protection.
    Certificate,
    /// Whether the provider takes the login.
    Login,
    /// What each method would do there.
    Method,
    /// The mail server: whether it answers, takes the domains and refuses others.
    MailServer,
    /// Whether mail from outside gets in to the mail server.
    Firewall,
    /// Where the mail of each domain goes.
    Mx,
    /// The address that the provider sees us come from.
    PublicAddress,
    /// This machine's clock.
    Clock,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum CheckState {
    /// Nothing is wrong.
    Passed,
    /// It works, but something deserves a look.
    Warning,
    /// It will not work.
    Failed,
    /// It cannot be told from here.
    CannotKnow,
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Finding {
    /// What was looked at.
    pub check: Check,
    /// The host that was looked at, where the account has several.
    #[serde(default)]
    pub host: Option<String>,
    /// What it is about, where the check is done for several: a domain.
    pub subject: Option<String>,
    /// How it ended.
    pub state: CheckState,
    /// What that means, in the user's language; may say what to do as well.
    pub meaning: String,
    /// What to do, where the meaning does not say it.
    pub advice: Option<String>,
    /// For a help desk: what came, as it came, without secrets.
    pub details: Vec<String>,
}

/// What all checks come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum DiagnosisVerdict {
    /// Nothing is wrong, and everything could be looked at.
    AllWell,
    /// Nothing is wrong in what could be looked at, and not everything could.
    Unsure,
    /// It works, but something deserves a look.
    Warnings,
    /// It will not work.
    WillNotWork,
}

/// What was found between an account's provider and the mail server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Diagnosis {
    /// The account; empty where a provider was tested by its host.
    pub account: String,
    /// What it comes to.
    pub verdict: DiagnosisVerdict,
    /// The check that explains most.
    pub cause: Option<Check>,
    /// The verdict in the user's language: with its cause, and what to do.
    pub sentence: String,
    /// The exit status that goes with it on the command line.
    pub exit_status: u8,
    /// Each finding, by its check; those of one host together.
    pub findings: Vec<Finding>,
    /// Text for the provider's help desk, in English: no secret is in it, nor the user's name.
    pub report: String,
}

/// A poke with its words, made when somebody looks at it, in the language of today. Reads as the
/// [`Poke`] that it is of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct PokeView {
    /// What the history keeps.
    #[serde(flatten)]
    #[ts(flatten)]
    pub poke: Poke,
    /// What came of the asking.
    pub summary: String,
    /// The summary, then what there is to say of the mail server, of other hosts and of what arrived.
    pub explanation: String,
    /// How the mail server stood before it; `None` where it was not looked at.
    pub mail_server_words: Option<String>,
    /// What came of it at the mail server; `None` while nothing is known of that.
    pub arrivals_words: Option<String>,
    /// Why what arrives cannot be seen; `None` where it can be, or was not looked for.
    pub unseen_words: Option<String>,
    /// How long it took.
    pub duration_words: String,
    /// How long the provider kept the connection open after its goodbye; `None` where that is not
    /// as long as a delivery takes.
    pub busy_words: Option<String>,
    /// Whether it shows by itself that mail gets through ([`Poke::proves`]): nothing else is green.
    pub proves: bool,
    /// Whether mail may have come of it, so that it can be said that none has.
    pub may_bring_mail: bool,
    /// Whether pinning the certificate that the provider showed is a way out.
    pub can_be_pinned: bool,
    /// The exit status that goes with it on the command line.
    pub exit_status: u8,
}

impl PokeView {
    /// The poke in the language of `text`.
    #[must_use]
    pub fn new(poke: Poke, text: &Text) -> Self {
        let summary = text.summarize_poke(&poke);
        Self {
            explanation: text.complete_summary(summary.clone(), &poke),
            summary,
            mail_server_words: text.explain_mail_server(&poke),
            arrivals_words: text.explain_arrivals(&poke),
            unseen_words: text.explain_unseen_arrivals(&poke),
            duration_words: exact_duration(poke.duration_ms, text),
            busy_words: poke
                .busy_ms
                .filter(|_| poke.was_busy())
                .map(|ms| exact_duration(ms, text)),
            proves: poke.proves(),
            may_bring_mail: poke.may_bring_mail(),
            can_be_pinned: poke.can_be_pinned(),
            exit_status: poke.exit_status(),
            poke,
        }
    }
}

impl Deref for PokeView {
    type Target = Poke;

    fn deref(&self) -> &Poke {
        &self.poke
    }
}
