//! The one list of requests, responses and events, and the shapes they carry.
//!
//! The same JSON goes over the control socket, over Tauri's IPC and to `--json`; the window's
//! TypeScript is generated from these types by the test `typescript` and committed as
//! `ui/src/api.ts`. Instants are RFC 3339 in UTC; durations say their unit in their name.

use std::{collections::BTreeMap, fmt};

use dequeue_core::{
    alarm::AlarmKind,
    day::Day,
    health::Health,
    record::{Notice, Notify, Poke},
    settings::channel::Channel,
};
use dequeue_smtp::{DialogueLine, LoginChoice, Method, Security};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use zeroize::Zeroizing;

/// What a face asks of the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "snake_case"
)]
pub enum Request {
    /// The whole state. A face subscribes to events first, then asks for this.
    Snapshot,
    /// Pokes these accounts now, all where none is named. Answered with [`Response::Pokes`] when
    /// all have ended; an account that is being poked already gives that poke's result.
    PokeNow {
        /// Names of accounts.
        accounts: Vec<String>,
    },
    /// No pokes on time until [`Request::Resume`]; a poke by hand still goes.
    Pause {
        /// One account, or everything.
        account: Option<String>,
    },
    /// Ends a pause.
    Resume {
        /// One account, or everything.
        account: Option<String>,
    },
    /// Changes an account, or adds one. Nothing is saved unless every field is right.
    SaveAccount {
        /// The account to change; `None` adds one.
        original: Option<String>,
        /// Settings by their key in the settings file, as a person types them. What is not named
        /// stays as it is.
        fields: BTreeMap<String, String>,
        /// Only looks whether it could be saved.
        dry_run: bool,
    },
    /// Keeps an account's password or token where its settings say: the keyring, or a file that only
    /// its owner can read.
    SetSecret {
        /// Its name; or the key of the general setting that says where a secret for notices comes
        /// from, one of [`dequeue_core::settings::channel::SECRETS`].
        account: String,
        /// The secret. Never empty.
        secret: SecretText,
    },
    /// Forgets an account's password or token.
    ClearSecret {
        /// Its name.
        account: String,
    },
    /// Removes an account from the settings, and forgets its secret. Its history stays.
    RemoveAccount {
        /// Its name.
        account: String,
    },
    /// Changes settings that belong to no account.
    SaveGeneral {
        /// Settings by their key in the settings file.
        fields: BTreeMap<String, String>,
    },
    /// Pokes of the past, newest first, without their dialogues.
    History {
        /// Of one account, or of all.
        account: Option<String>,
        /// Not older than this.
        #[ts(type = "string | null")]
        since: Option<Timestamp>,
        /// Only pokes with a smaller id, for the next page.
        #[ts(type = "number | null")]
        before: Option<i64>,
        /// At most so many; at most 1000.
        limit: u32,
    },
    /// One poke with its dialogue.
    Poke {
        /// Its id.
        #[ts(type = "number")]
        id: i64,
    },
    /// What each day came to, oldest first. A day without anything is left out.
    Days {
        /// Of one account, or of all together.
        account: Option<String>,
        /// Not before the day that this moment is in, by the machine's calendar.
        #[ts(type = "string | null")]
        since: Option<Timestamp>,
    },
    /// Starts the built-in provider with held mail and a mail server, and a temporary account.
    StartDemo,
    /// Ends the demo and removes its account and its history.
    StopDemo,
    /// Whether the tray starts when this user logs on.
    SetStartAtLogin {
        /// The wish.
        on: bool,
    },
    /// Sends a notice that says it is a trial by every channel that is set, once. Answered with
    /// [`Response::Trials`] when all have fared.
    TryChannels,
    /// A window has come up. Answered with [`Response::Window`]; it is the only one or leaves.
    AttachWindow,
    /// Brings the window that is open to the front. Answered with [`Response::Window`], whose
    /// `open` says whether there is one.
    ShowWindow,
    /// The program is being quit: a window that is open closes.
    CloseWindow,
    /// Tests everything between the provider and the mail server. Each finding comes as
    /// [`Event::Finding`]; answered with [`Response::Diagnoses`] when all are done. Nothing is asked
    /// of the provider, but at one that starts at any visit this is a poke.
    Diagnose {
        /// One account, or all.
        account: Option<String>,
    },
}

/// A secret on its way to where it is kept: wiped when dropped, and shown by nothing.
#[derive(Clone, Serialize, Deserialize, TS)]
pub struct SecretText(#[ts(type = "string")] Zeroizing<String>);

impl SecretText {
    /// The secret itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl From<String> for SecretText {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl PartialEq for SecretText {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText(..)")
    }
}

/// The engine's answer to a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "snake_case"
)]
pub enum Response {
    /// Done.
    Done,
    /// The answer to [`Request::Snapshot`].
    Snapshot {
        /// The state.
        snapshot: Box<Snapshot>,
    },
    /// The answer to [`Request::PokeNow`] and [`Request::History`].
    Pokes {
        /// The pokes.
        pokes: Vec<Poke>,
    },
    /// The answer to [`Request::Poke`].
    Poke {
        /// The poke.
        poke: Box<Poke>,
    },
    /// The answer to [`Request::Days`].
    Days {
        /// The days.
        days: Vec<Day>,
    },
    /// The answer to [`Request::TryChannels`].
    Trials {
        /// One for each channel that is set.
        trials: Vec<Trial>,
    },
    /// The answer to [`Request::Diagnose`].
    Diagnoses {
        /// One for each account.
        diagnoses: Vec<Diagnosis>,
    },
    /// The answer to [`Request::AttachWindow`] and [`Request::ShowWindow`].
    Window {
        /// Whether a window was open already. It has been brought to the front.
        open: bool,
    },
}

/// Why a request was not done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    /// For programs.
    pub code: ErrorCode,
    /// For people, in their language: what is wrong, and what to do.
    pub message: String,
    /// The fields that are wrong, where it is about fields.
    pub fields: Vec<FieldError>,
}

/// What kind of error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorCode {
    /// A value cannot be used.
    InvalidInput,
    /// No account has this name.
    NoSuchAccount,
    /// The history has no such poke.
    NoSuchPoke,
    /// The settings file has a fault, so it is not written over.
    SettingsFault,
    /// The settings file cannot be written.
    SettingsNotWritable,
    /// The history cannot be read or written.
    History,
    /// The demo cannot run.
    Demo,
    /// Start at login cannot be changed.
    StartAtLogin,
    /// A secret cannot be kept, or cannot be had.
    Secret,
    /// The engine has ended, or the connection to it.
    EngineGone,
    /// Something this version does not know.
    Protocol,
}

/// One wrong field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FieldError {
    /// Its key in the settings file.
    pub field: String,
    /// One sentence in the user's language: the field, the fault, the remedy.
    pub message: String,
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "snake_case"
)]
pub enum Event {
    /// The whole state has changed (settings, pauses): here it is.
    Changed {
        /// The state.
        snapshot: Box<Snapshot>,
    },
    /// One account's health has changed.
    Account {
        /// The account as it is now.
        account: Box<AccountView>,
        /// How everything stands now.
        health: Health,
    },
    /// A line of the dialogue of a poke under way.
    Dialogue {
        /// The account.
        account: String,
        /// The line.
        line: DialogueLine,
    },
    /// More has become known of a poke that ended before.
    PokeCompleted {
        /// The poke, without its dialogue.
        poke: Box<Poke>,
    },
    /// A poke has ended. Its dialogue is in the history, under its id.
    Poked {
        /// The poke, without its dialogue.
        poke: Box<Poke>,
    },
    /// Something that deserves a notification.
    Notice {
        /// What to say.
        notice: Notice,
    },
    /// A check of a diagnosis under way has ended.
    Finding {
        /// The account.
        account: String,
        /// What it found.
        finding: Box<Finding>,
    },
    /// The window that is open is to come to the front.
    ShowWindow,
    /// The window that is open is to close.
    CloseWindow,
    /// Events were lost, since this face was too slow: ask for the snapshot again.
    Missed,
    /// The connection to the engine has ended.
    Gone,
}

/// The whole state, as faces see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Snapshot {
    /// The engine's version.
    pub version: String,
    /// How everything stands.
    pub health: Health,
    /// Whether everything is paused.
    pub paused: bool,
    /// The accounts, in the order of the settings file; the demo's last.
    pub accounts: Vec<AccountView>,
    /// The settings that belong to no account.
    pub general: General,
    /// The settings file.
    pub settings_path: String,
    /// What is wrong with the settings file: the last good settings go on running.
    pub settings_fault: Option<String>,
    /// What is wrong with the history, in words.
    pub history_fault: Option<String>,
    /// Which ways out for notices do not work, in words.
    pub channel_faults: Vec<String>,
    /// Whether the demo is running.
    pub demo: bool,
    /// Whether the tray starts at login; `None` where this machine cannot say.
    pub start_at_login: Option<bool>,
}

/// Settings that belong to no account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct General {
    /// What the user chose: `system`, `en` or `nl`.
    pub language: String,
    /// What that comes to: `en` or `nl`.
    pub language_in_use: String,
    /// From when to when no notices are given, as in the settings file; empty for never.
    pub notice_quiet: String,
    /// Where notices go besides the desktop.
    pub channels: Vec<ChannelView>,
}

/// A way out for notices that is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ChannelView {
    /// The way.
    pub channel: Channel,
    /// Where it leads, for people: mail addresses, a host, a program. Nothing that is a key.
    pub to: String,
}

/// One account, as faces see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct AccountView {
    /// Its name.
    pub name: String,
    /// The provider's host.
    pub host: String,
    /// The provider's port.
    pub port: u16,
    /// Whether that is another port than the usual one.
    pub port_is_set: bool,
    /// How it is poked.
    pub method: Method,
    /// How the line is protected.
    pub tls: Security,
    /// Who is logged in as; empty for nobody.
    pub user: String,
    /// How.
    #[ts(type = "string")]
    pub auth: LoginChoice,
    /// Where the password comes from, as in the settings file.
    pub secret: String,
    /// The fingerprint of the only certificate that will do; empty for any that holds.
    pub pin: String,
    /// What mail is held for.
    pub domains: Vec<String>,
    /// The time between pokes, as in the settings file.
    pub every: String,
    /// The working hours, as in the settings file; empty for none.
    pub hours: String,
    /// The time between pokes outside them, or `never`.
    pub outside: String,
    /// Whose clock they mean: a time zone's name, or `system`.
    pub time_zone: String,
    /// What takes the place of `every` and `hours`, as in the settings file; empty for nothing.
    pub cron: String,
    /// How far pokes spread, as in the settings file.
    pub jitter: String,
    /// The mail server, where one is set.
    pub mail_server: String,
    /// Whether mail is asked for only while it answers, where one is set.
    pub mail_server_first: bool,
    /// Whether it is also asked to take mail for the domains, and for a foreign one.
    pub mail_server_test: bool,
    /// After how many failures in a row trouble is told.
    pub notify_after: u32,
    /// After how long without an arrival it is told; empty for never.
    pub silence_alarm: String,
    /// The host that heartbeats go to; empty for none.
    pub heartbeat: String,
    /// What is no longer as it was, with what to do.
    pub alarms: Vec<AlarmView>,
    /// Whether a poke is held until the mail server is back.
    pub held: bool,
    /// Which notifications the user wants.
    pub notify: Notify,
    /// How it stands.
    pub health: Health,
    /// Whether it is paused, by itself or with everything.
    pub paused: bool,
    /// Whether it is the demo's, and leaves nothing behind.
    pub demo: bool,
    /// The last poke that ended, without its dialogue.
    pub last: Option<Box<Poke>>,
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
}

/// An alarm that is raised, in the user's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct AlarmView {
    /// What it is about.
    pub kind: AlarmKind,
    /// The heading.
    pub title: String,
    /// What happened, and what to do.
    pub body: String,
}

/// How a channel for notices fared when it was tried out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Trial {
    /// The channel.
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
    /// The login.
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
    /// The check.
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
    /// Nothing is wrong, as far as can be told.
    AllWell,
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

/// A request on the wire of the control socket, with the number that its response bears.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Chosen by the client, any number.
    pub id: u64,
    /// What is asked.
    pub request: Request,
}

/// What the engine sends over the control socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// The answer to the call with this number.
    Answer {
        /// The call's number.
        id: u64,
        /// What came of it.
        result: Result<Response, ApiError>,
    },
    /// Something happened.
    Event(Event),
}
