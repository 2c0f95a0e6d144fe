//! The one list of requests, responses and events, and the shapes they carry.
//!
//! The same JSON goes over the control socket, over Tauri's IPC and to `--json`; the window's
//! TypeScript is generated from these types by the test `typescript` and committed as
//! `ui/src/api.ts`. Instants are RFC 3339 in UTC; durations say their unit in their name.

use std::{collections::BTreeMap, path::PathBuf};

use dequeue_core::{day::Day, import::Withheld, pause::PauseLength, record::Notice};
use dequeue_smtp::{DialogueLine, Secret};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    PokeView,
    seat::Seat,
    views::{
        AccountView, Diagnosis, Finding, GivenNotice, Kept, LogPage, LogPlace, LogWanted,
        NewVersion, PasswordKept, SettingsView, Snapshot, Trial, Whole,
    },
};

/// What a client asks of the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
#[serde(
    tag = "type",
    rename_all = "kebab-case",
    rename_all_fields = "snake_case"
)]
pub enum Request {
    /// The whole state. A client subscribes to events first, then asks for this.
    Snapshot,
    /// The state with some of its accounts, so that neither the engine nor the line is busy with all
    /// of them at once; [`crate::Client`] puts the parts together. Answered with
    /// [`Response::SnapshotPart`].
    SnapshotPart {
        /// How many accounts are left out before the first.
        #[ts(type = "number")]
        from: usize,
        /// How many at most, up to [`ACCOUNTS_IN_PART`].
        #[ts(type = "number")]
        at_most: usize,
    },
    /// Pokes these accounts now, all where none is named. Answered with [`Response::Pokes`] when
    /// all have ended; an account that is being poked already gives that poke's result.
    PokeNow {
        /// Names of accounts.
        accounts: Vec<String>,
    },
    /// No pokes on time until that time is over or [`Request::Resume`]; a poke by hand still goes. One
    /// that is paused already is from now on paused so.
    Pause {
        /// One account, or everything.
        account: Option<String>,
        /// How long.
        #[serde(default)]
        #[ts(as = "Option<PauseLength>", optional)]
        lasts: PauseLength,
    },
    /// Ends a pause.
    Resume {
        /// One account, or everything.
        account: Option<String>,
    },
    /// All settings as they go in. Answered with [`Response::Settings`].
    Settings,
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
        #[serde(with = "secret_text")]
        #[ts(type = "string")]
        secret: Secret,
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
    /// Takes settings over that were made elsewhere: all of them, or nothing. Answered with
    /// [`Response::Imported`]. What is wrong is in the error's fields, by key; behind
    /// `accounts.N.`, counted from 0, where it is of an account.
    Import {
        /// Settings that belong to no account, by key. What is not named stays as it is.
        general: BTreeMap<String, String>,
        /// Accounts, each with its name among its settings. What is not named is as in a new
        /// account.
        accounts: Vec<BTreeMap<String, String>>,
        /// What has no value there, since it may hold a key: where it is set here, it stays.
        left_out: Vec<Withheld>,
        /// The passwords or tokens that come along, by the account's name. They are kept where the
        /// settings of the account say, before these name it; where nothing is taken over, none is
        /// kept. One that cannot be kept is no reason to take nothing over.
        #[serde(default, with = "secret_texts")]
        #[ts(type = "{ [account in string]?: string }")]
        passwords: BTreeMap<String, Secret>,
        /// Takes the place of accounts that have these names. They keep their history.
        replace: bool,
        /// Whether settings may start programs that those here do not start already. Without it such
        /// an import is refused with [`ErrorCode::CommandsNotAllowed`], and each is in the error's
        /// fields.
        allow_commands: bool,
        /// Only looks whether it could be done.
        dry_run: bool,
    },
    /// All settings but the secrets, for another machine. Answered with [`Response::Exported`].
    Export,
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
        /// How many at most, up to 1000.
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
        /// Whether it is to start then.
        on: bool,
    },
    /// Sends a notice that says it is a trial by every channel that is set, once. Answered with
    /// [`Response::Trials`] when all have fared.
    TryChannels,
    /// A window has come up. Answered with [`Response::Window`]; it is the only one or leaves.
    AttachWindow,
    /// Brings the window that is open to the front. Answered with [`Response::Window`], whose
    /// `open` says whether there is one.
    ShowWindow {
        /// The account that it is to show; as it is where there is none.
        #[serde(default)]
        account: Option<String>,
    },
    /// The window that asks is in front of its user, or no longer: what it shows pops up nowhere else.
    WindowInFront {
        /// Whether it is.
        front: bool,
    },
    /// The notices that were given lately, the newest first. Answered with [`Response::Notices`].
    Notices {
        /// Whether somebody sees them: they count as seen from then on.
        seen: bool,
    },
    /// Lines of the log. Answered with [`Response::Log`].
    Log {
        /// Which of them.
        #[serde(flatten)]
        #[ts(flatten)]
        wanted: LogWanted,
        /// The newest before this place, or after it; without either the newest of all.
        #[serde(default)]
        from: Option<LogFrom>,
        /// How many at most, up to 1000.
        limit: u32,
    },
    /// Looks for a newer version now. Answered with [`Response::Update`].
    CheckForUpdate,
    /// The program is being quit: a window that is open closes.
    CloseWindow,
    /// Everything ends in good order: whoever hosts the engine, and the trays, windows and `run`s that
    /// are attached to it and would have another in its place. Answered with [`Response::Done`] when it
    /// begins, if there is still time for that. A service ends by its manager alone.
    End,
    /// Tests everything between the provider and the mail server. Each finding comes as
    /// [`Event::Finding`]; answered with [`Response::Diagnoses`] when all are done. Nothing is asked
    /// of the provider, but at one that starts at any visit this is a poke.
    Diagnose {
        /// One account, or all.
        account: Option<String>,
    },
    /// Gives the accounts of this user's engine to who asks, to take them to the service. From here on
    /// it pokes nothing until [`Request::HandedOver`] or, where the connection ends before, the service
    /// says that it has not got them. Answered with [`Response::HandedOver`].
    HandOver {
        /// What the service will know this move by: nobody can guess it.
        token: String,
        /// The folder of another service than this machine's own.
        #[serde(default)]
        service_in: Option<PathBuf>,
    },
    /// The service has the accounts: this engine puts its settings away, and never pokes them again.
    HandedOver {
        /// The move.
        token: String,
    },
    /// Takes the accounts of a user's engine over into the service's: all of them, or nothing. Answered
    /// with [`Response::Imported`]; what is wrong is told as of [`Request::Import`].
    TakeOver {
        /// The move.
        token: String,
        /// As of [`Request::Import`].
        general: BTreeMap<String, String>,
        /// The same. None has a name that is taken.
        accounts: Vec<BTreeMap<String, String>>,
        /// The same.
        #[serde(default, with = "secret_texts")]
        #[ts(type = "{ [account in string]?: string }")]
        passwords: BTreeMap<String, Secret>,
        /// The same.
        allow_commands: bool,
    },
    /// Whether the accounts of this move are the service's; if not, they never will be. Answered with
    /// [`Response::TakenBack`].
    TakeBack {
        /// The move.
        token: String,
    },
}

impl Request {
    /// Whether the engine waits for nothing and nobody before it answers: neither for a provider nor
    /// for a keyring that someone has to unlock.
    #[must_use]
    pub const fn is_answered_at_once(&self) -> bool {
        match self {
            Self::Snapshot
            | Self::SnapshotPart { .. }
            | Self::Pause { .. }
            | Self::Resume { .. }
            | Self::Settings
            | Self::Export
            | Self::History { .. }
            | Self::Poke { .. }
            | Self::Days { .. }
            | Self::AttachWindow
            | Self::ShowWindow { .. }
            | Self::WindowInFront { .. }
            | Self::Notices { .. }
            | Self::CloseWindow
            | Self::End => true,
            Self::PokeNow { .. }
            | Self::SaveAccount { .. }
            | Self::SetSecret { .. }
            | Self::ClearSecret { .. }
            | Self::RemoveAccount { .. }
            | Self::SaveGeneral { .. }
            | Self::Import { .. }
            | Self::StartDemo
            | Self::StopDemo
            | Self::SetStartAtLogin { .. }
            | Self::TryChannels
            | Self::Log { .. }
            | Self::CheckForUpdate
            | Self::Diagnose { .. }
            | Self::HandOver { .. }
            | Self::HandedOver { .. }
            | Self::TakeOver { .. }
            | Self::TakeBack { .. } => false,
        }
    }
}

/// From where lines of the log are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum LogFrom {
    /// The newest before this place.
    Before(LogPlace),
    /// The oldest after this place.
    After(LogPlace),
}

/// A secret's only way into JSON: [`Secret`] itself has none, so that nothing takes one along.
///
/// Between processes it is `{"hex": "…"}`: a text with escapes in it leaves a copy in the reader,
/// which nobody wipes, and digits need none. The page sends it as it was typed.
mod secret_text {
    use std::fmt;

    use dequeue_smtp::Secret;
    use serde::{
        Deserializer, Serializer,
        de::{Error, MapAccess, Visitor},
        ser::SerializeMap,
    };
    use zeroize::Zeroizing;

    const HEX: &str = "hex";
    const DIGITS: &[u8; 16] = b"0123456789abcdef";

    pub(super) fn serialize<S: Serializer>(secret: &Secret, into: S) -> Result<S::Ok, S::Error> {
        let octets = secret.expose().as_bytes();
        // Never longer, so that no copy is left behind when it grows.
        let mut digits = Zeroizing::new(String::with_capacity(2 * octets.len()));
        for octet in octets {
            for half in [octet >> 4, octet & 15] {
                digits.push(char::from(DIGITS[usize::from(half)]));
            }
        }
        let mut map = into.serialize_map(Some(1))?;
        map.serialize_entry(HEX, digits.as_str())?;
        map.end()
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Secret, D::Error> {
        from.deserialize_any(Either)
    }

    struct Either;

    impl<'a> Visitor<'a> for Either {
        type Value = Secret;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text, or its octets in hexadecimal digits")
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<Secret, E> {
            Ok(Secret::from(text.to_owned()))
        }

        fn visit_string<E: Error>(self, text: String) -> Result<Secret, E> {
            Ok(Secret::from(text))
        }

        fn visit_map<A: MapAccess<'a>>(self, mut map: A) -> Result<Secret, A::Error> {
            let wrong = || A::Error::custom("no hexadecimal digits");
            let (key, digits) = map.next_entry::<&str, &str>()?.ok_or_else(wrong)?;
            let is_whole = key == HEX && digits.len().is_multiple_of(2);
            let mut octets = Zeroizing::new(Vec::with_capacity(digits.len() / 2));
            for pair in digits.as_bytes().chunks(2).filter(|_| is_whole) {
                let [high, low] = pair else { continue };
                let digit = |c: &u8| char::from(*c).to_digit(16).ok_or_else(wrong);
                let octet = digit(high)? * 16 + digit(low)?;
                octets.push(octet.to_le_bytes()[0]);
            }
            let text = str::from_utf8(&octets).ok().filter(|_| is_whole);
            Ok(Secret::from(text.ok_or_else(wrong)?.to_owned()))
        }
    }
}

/// The same for secrets by the names of their accounts.
mod secret_texts {
    use std::collections::BTreeMap;

    use dequeue_smtp::Secret;
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize)]
    struct Shown<'a>(#[serde(serialize_with = "super::secret_text::serialize")] &'a Secret);

    #[derive(Deserialize)]
    struct Read(#[serde(deserialize_with = "super::secret_text::deserialize")] Secret);

    pub(super) fn serialize<S: Serializer>(
        secrets: &BTreeMap<String, Secret>,
        into: S,
    ) -> Result<S::Ok, S::Error> {
        into.collect_map(secrets.iter().map(|(name, secret)| (name, Shown(secret))))
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(
        from: D,
    ) -> Result<BTreeMap<String, Secret>, D::Error> {
        let read = BTreeMap::<String, Read>::deserialize(from)?;
        Ok(read
            .into_iter()
            .map(|(name, Read(secret))| (name, secret))
            .collect())
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
    /// It was done, and there is nothing else to tell.
    Done,
    /// The answer to [`Request::SetSecret`].
    SecretKept {
        /// The keyring or the protected file.
        kept_in: Kept,
    },
    /// The answer to [`Request::Settings`].
    Settings {
        /// The settings that the engine goes by.
        settings: SettingsView,
    },
    /// The answer to [`Request::Import`].
    Imported {
        /// What was left out there and stays as it is set here.
        kept: Vec<Withheld>,
        /// What became of each password.
        #[serde(default)]
        passwords: Vec<PasswordKept>,
    },
    /// The answer to [`Request::Export`].
    Exported {
        /// A settings file.
        text: String,
        /// What is not in it, since it may hold a key.
        left_out: Vec<Withheld>,
    },
    /// The answer to [`Request::Snapshot`].
    Snapshot {
        /// Everything that a client shows.
        snapshot: Box<Snapshot>,
    },
    /// The answer to [`Request::SnapshotPart`].
    SnapshotPart {
        /// The state, with these accounts alone.
        snapshot: Box<Snapshot>,
        /// How many accounts there are together.
        #[ts(type = "number")]
        of: usize,
        /// Another number with each change of the settings: parts with different ones do not belong
        /// together.
        #[ts(type = "number")]
        edition: u64,
    },
    /// The answer to [`Request::PokeNow`] and [`Request::History`].
    Pokes {
        /// Newest first.
        pokes: Vec<PokeView>,
        /// Whether there may be more of them, on the next page. A page ends early where its pokes
        /// are long.
        more: bool,
    },
    /// The answer to [`Request::Poke`].
    Poke {
        /// With its dialogue.
        poke: Box<PokeView>,
    },
    /// The answer to [`Request::Days`].
    Days {
        /// Newest first.
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
    /// The answer to [`Request::Notices`].
    Notices {
        /// The newest first.
        notices: Vec<GivenNotice>,
    },
    /// The answer to [`Request::Log`].
    Log {
        /// The lines.
        page: LogPage,
    },
    /// The answer to [`Request::HandOver`].
    HandedOver {
        /// The settings that the engine went by.
        settings: SettingsView,
        /// The passwords and tokens that there are, by the account's name, wherever they were kept.
        #[serde(with = "secret_texts")]
        #[ts(type = "{ [account in string]?: string }")]
        passwords: BTreeMap<String, Secret>,
        /// The same by the keys of the general settings that say where they come from.
        #[serde(with = "secret_texts")]
        #[ts(type = "{ [key in string]?: string }")]
        notice_secrets: BTreeMap<String, Secret>,
    },
    /// The answer to [`Request::TakeBack`].
    TakenBack {
        /// Whether the service has the accounts.
        has_them: bool,
    },
    /// The answer to [`Request::CheckForUpdate`].
    Update {
        /// The version that is newer than the engine's, where there is one.
        newer: Option<NewVersion>,
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
    /// The log cannot be read.
    Log,
    /// It could not be looked for a newer version.
    Update,
    /// A secret cannot be kept, or cannot be had.
    Secret,
    /// The engine has ended, or the connection to it.
    EngineGone,
    /// Something this version does not know.
    Protocol,
    /// The answer is longer than a message may be.
    TooLarge,
    /// An import would have programs started, which nobody has allowed.
    CommandsNotAllowed,
    /// The client's user may look, and not change anything.
    NotAllowed,
    /// The accounts are being moved into the service, or cannot be.
    HandOver,
}

/// One wrong field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct FieldError {
    /// Its key in the settings file; as [`Request::Import`] says in an import.
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
        /// Everything that a client shows.
        snapshot: Box<Snapshot>,
    },
    /// Something about one account has changed.
    Account {
        /// The account as it is now.
        account: Box<AccountView>,
        /// How all accounts stand together now.
        #[serde(flatten)]
        #[ts(flatten)]
        whole: Whole,
    },
    /// A line of the dialogue of a poke under way.
    Dialogue {
        /// The account's name.
        account: String,
        /// What was said, by whom and when.
        line: DialogueLine,
    },
    /// More has become known of a poke that ended before.
    PokeCompleted {
        /// The poke, without its dialogue.
        poke: Box<PokeView>,
    },
    /// A poke has ended. Its dialogue is in the history, under its id.
    Poked {
        /// The poke, without its dialogue.
        poke: Box<PokeView>,
    },
    /// Something that deserves a notification.
    Notice {
        /// What to say.
        notice: Notice,
        /// Whether the window is in front, so that nothing has to pop up.
        in_window: bool,
        /// Where a window is in front. What a client gets is told by `in_window` alone.
        #[serde(skip)]
        #[ts(skip)]
        in_front_at: Vec<Seat>,
    },
    /// A check of a diagnosis under way has ended.
    Finding {
        /// The account's name.
        account: String,
        /// What it found.
        finding: Box<Finding>,
    },
    /// The window that is open is to come to the front.
    ShowWindow {
        /// The account that it is to show.
        account: Option<String>,
        /// Whose window. It is told to no other.
        #[serde(skip)]
        #[ts(skip)]
        seat: Seat,
    },
    /// The window that is open is to close.
    CloseWindow {
        /// Whose window. It is told to no other.
        #[serde(skip)]
        #[ts(skip)]
        seat: Seat,
    },
    /// The accounts are the service's from now on: there is nothing left to do for this engine.
    Moved,
    /// Everything is to end: [`Request::End`].
    End,
    /// Events were lost, since this client was too slow: ask for the snapshot again.
    Missed,
    /// The connection to the engine has ended.
    Gone,
}

/// A request on the wire of the control socket, with the number that its response bears.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// Chosen by the client, any number.
    pub id: u64,
    /// What is asked.
    pub request: Request,
}

/// The most accounts in a part of the state: with 40 domains each, and what was said of each of them,
/// some 2 MB of JSON. Where there are more, [`Event::Missed`] stands for [`Event::Changed`].
pub const ACCOUNTS_IN_PART: usize = 250;

/// The version of what goes over the control socket. It changes where a client of another version
/// would misunderstand it; new requests and events alone do not change it.
pub const PROTOCOL: u32 = 1;

/// What the engine sends over the control socket.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Message {
    /// The first message: which version the engine speaks.
    Hello {
        /// Its [`PROTOCOL`].
        protocol: u32,
    },
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Whatever is in a secret, nothing in its JSON is an escape; as the page types it, it is taken too.
    #[test]
    fn secrets_go_over_the_line_without_an_escape() {
        for text in ["hunter2", "a\"b\\c/\u{1}", "ünï €", ""] {
            let secret = Secret::from(text.to_owned());
            let account = "a".to_owned();
            let one = Request::SetSecret { account, secret };
            let several = Request::Import {
                general: BTreeMap::new(),
                accounts: Vec::new(),
                left_out: Vec::new(),
                passwords: [("a".to_owned(), Secret::from(text.to_owned()))].into(),
                replace: false,
                allow_commands: false,
                dry_run: false,
            };
            for request in [one, several] {
                let json = serde_json::to_string(&Call { id: 1, request }).unwrap();
                assert!(!json.contains('\\') && json.is_ascii(), "{json}");
                assert!(text.is_empty() || !json.contains(text), "{json}");
                let back: Call = serde_json::from_slice(json.as_bytes()).unwrap();
                let secret = match &back.request {
                    Request::SetSecret { secret, .. } => secret,
                    Request::Import { passwords, .. } => &passwords["a"],
                    other => panic!("{other:?}"),
                };
                assert_eq!(secret.expose(), text);
            }
            let typed = json!({"type": "set-secret", "account": "a", "secret": text});
            let typed: Request = serde_json::from_value(typed).unwrap();
            assert!(matches!(typed, Request::SetSecret { secret, .. } if secret.expose() == text));
        }
        for wrong in [
            json!({"hex": "6"}),
            json!({"hex": "6g"}),
            json!({"hex": "ff"}),
            json!({"plain": "66"}),
            json!({}),
            json!(7),
        ] {
            let request = json!({"type": "set-secret", "account": "a", "secret": wrong});
            let text = request.to_string();
            assert!(serde_json::from_str::<Request>(&text).is_err(), "{text}");
        }
    }
}
