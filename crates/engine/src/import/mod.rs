//! What other programs were told, taken over as accounts: a command line of the old `dequeue.exe`, a
//! `fetchmailrc`, a call of `msmtp --rmqs` with its `msmtprc`, a call of `etrn.pl`; and Dequeue's own
//! settings as they were exported elsewhere.
//!
//! All of it is pure: text goes in, fields by their key in the settings file come out. The values are
//! judged where they are saved, as from every face. Either all of a text is understood or nothing
//! comes of it; what is understood and has no counterpart here is in the notes.

mod call;
mod fetchmail;
mod keys;
mod msmtp;
mod own;
mod scripts;

use std::{collections::BTreeMap, fmt, path::Path};

use crate::{settings::visible, text::Text};

pub(crate) use keys::LEFT_OUT;
pub use keys::may_hold_key;
pub use own::{Exported, Withheld, export, own, withheld};

/// No file of settings is larger.
const LARGEST: usize = 1 << 20;
/// The longest name that an account gets here; the settings take 60 characters.
const NAME_CHARACTERS: usize = 50;

/// Which program's text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportFormat {
    /// `dequeue HOST [-p PORT] [-d DOMAIN]...`, alone, in a batch file, a crontab or a `schtasks`.
    Dequeue,
    /// A `fetchmailrc`; its servers that are polled by ETRN or ODMR.
    Fetchmail,
    /// Calls of `msmtp --rmqs`, a `msmtprc`, or both in one text.
    Msmtp,
    /// Calls of Sendmail's `etrn.pl [-v] HOST [DOMAIN]...`.
    Etrn,
}

/// What a text came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Imported {
    /// Settings that belong to no account.
    pub general: BTreeMap<String, String>,
    /// The accounts, at least one. No two have the same name.
    pub accounts: Vec<ImportedAccount>,
    /// What was not taken over, in the order of the text.
    pub notes: Vec<Note>,
    /// What an export left out, and has no value here.
    pub left_out: Vec<Withheld>,
}

/// An account of a text.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct ImportedAccount {
    /// The line that it begins at, counted from 1.
    pub line: usize,
    /// Settings by their key, as [`crate::settings::Account::set`] takes them.
    pub fields: BTreeMap<String, String>,
    /// The password that stood in the text. It belongs in no settings; whoever imports stores it
    /// apart.
    pub password: Option<Password>,
}

impl ImportedAccount {
    fn at(line: usize) -> Self {
        Self {
            line,
            ..Self::default()
        }
    }

    fn set(&mut self, key: &str, value: impl Into<String>) {
        self.fields.insert(key.to_owned(), value.into());
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.fields.get("name").map_or("", String::as_str)
    }
}

/// A password, which shows itself nowhere.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    /// For the place that stores it.
    #[must_use]
    pub fn reveal(self) -> String {
        self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

/// Something that was not taken over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The line, counted from 1.
    pub line: usize,
    /// Why.
    pub kind: NoteKind,
    /// What it is about: an option, a host, the name of an account.
    pub about: String,
}

/// Why something was not taken over, each with a sentence in `locales/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoteKind {
    /// An option without a counterpart.
    NoCounterpart,
    /// A server that is asked in a way which is not for held mail.
    NotHeldMail,
    /// A server that was not polled by itself.
    NotPolled,
    /// An account whose domains are not in the text.
    NoDomains,
    /// An account's password is not in the settings.
    Password,
    /// The certificate was not checked; here it is.
    Unchecked,
    /// A fingerprint that is not of SHA-256.
    WeakFingerprint,
    /// A time at which nothing comes to `every`.
    Rhythm,
}

impl Note {
    fn new(line: usize, kind: NoteKind, about: &str) -> Self {
        Self {
            line,
            kind,
            about: visible(about),
        }
    }

    /// One or two sentences: what it is, what to do. `path` is the file.
    #[must_use]
    pub fn sentence(&self, path: &Path, text: &Text) -> String {
        let key = match self.kind {
            NoteKind::NoCounterpart => "import-no-counterpart",
            NoteKind::NotHeldMail => "import-not-held-mail",
            NoteKind::NotPolled => "import-not-polled",
            NoteKind::NoDomains => "import-no-domains",
            NoteKind::Password => "import-password",
            NoteKind::Unchecked => "import-unchecked",
            NoteKind::WeakFingerprint => "import-weak-fingerprint",
            NoteKind::Rhythm => "import-rhythm",
        };
        at_line(self.line, path, key, &self.about, text)
    }
}

/// Why nothing came of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportFault {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub kind: ImportFaultKind,
    /// What it is about, with control characters made visible.
    pub about: String,
}

/// What is wrong with a text, each with a sentence in `locales/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportFaultKind {
    /// More than anyone writes.
    TooLarge,
    /// Nothing in it asks for held mail.
    Nothing,
    /// A quotation mark without its partner.
    Unclosed,
    /// An option that the program does not have, or a word too many.
    Unknown,
    /// An option without its value.
    NoValue,
    /// A value that is none for its option.
    WrongValue,
    /// A call without a host.
    NoHost,
    /// An account that the text names and does not have.
    NoSuchAccount,
}

impl ImportFault {
    fn new(line: usize, kind: ImportFaultKind, about: &str) -> Self {
        Self {
            line,
            kind,
            about: visible(about),
        }
    }

    /// One or two sentences: the line, the fault, the remedy. `path` is the file.
    #[must_use]
    pub fn sentence(&self, path: &Path, text: &Text) -> String {
        let key = match self.kind {
            ImportFaultKind::TooLarge => "import-too-large",
            ImportFaultKind::Nothing => "import-nothing",
            ImportFaultKind::Unclosed => "import-unclosed",
            ImportFaultKind::Unknown => "import-unknown",
            ImportFaultKind::NoValue => "import-no-value",
            ImportFaultKind::WrongValue => "import-wrong-value",
            ImportFaultKind::NoHost => "import-no-host",
            ImportFaultKind::NoSuchAccount => "import-no-such-account",
        };
        at_line(self.line, path, key, &self.about, text)
    }
}

/// A sentence on a line of a file.
fn at_line(line: usize, path: &Path, key: &str, about: &str, text: &Text) -> String {
    let sentence = text.format(key, &[("about", about.into())]);
    text.format(
        "settings-at-line",
        &[
            ("line", line.to_string().into()),
            ("path", path.display().to_string().into()),
            ("fault", sentence.into()),
        ],
    )
}

/// Understands another program's text.
///
/// # Errors
/// [`ImportFault`], the first one.
pub fn parse(kind: ImportFormat, text: &str) -> Result<Imported, ImportFault> {
    if text.len() > LARGEST {
        return Err(ImportFault::new(1, ImportFaultKind::TooLarge, ""));
    }
    // Notepad begins its files with a byte order mark.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut imported = match kind {
        ImportFormat::Dequeue => call::dequeue(text),
        ImportFormat::Fetchmail => fetchmail::parse(text),
        ImportFormat::Msmtp => msmtp::parse(text),
        ImportFormat::Etrn => call::etrn(text),
    }?;
    if imported.accounts.is_empty() {
        let line = imported.notes.first().map_or(1, |note| note.line);
        return Err(ImportFault::new(line, ImportFaultKind::Nothing, ""));
    }
    name_all(&mut imported.accounts);
    for account in &imported.accounts {
        if account.password.is_some() {
            let note = Note::new(account.line, NoteKind::Password, account.name());
            imported.notes.push(note);
        }
        let method = account.fields.get("method").map(String::as_str);
        if method == Some("auto") && !account.fields.contains_key("domains") {
            let note = Note::new(account.line, NoteKind::NoDomains, account.name());
            imported.notes.push(note);
        }
    }
    imported.notes.sort_by_key(|note| note.line);
    Ok(imported)
}

/// Gives each account the name it has, or else its host's; a number where another has that.
fn name_all(accounts: &mut [ImportedAccount]) {
    let mut taken: Vec<String> = Vec::new();
    for account in accounts {
        let host = account.fields.get("host").map_or("", String::as_str);
        let wanted = match account.name() {
            "" => host,
            name => name,
        };
        let wanted: String = visible(wanted.trim_start_matches('-'))
            .chars()
            .take(NAME_CHARACTERS)
            .collect();
        let mut name = wanted.clone();
        let mut number = 2;
        while taken.contains(&name) {
            name = format!("{wanted} {number}");
            number += 1;
        }
        account.set("name", name.clone());
        taken.push(name);
    }
}

/// A list as it is typed.
fn listed(items: &[String]) -> String {
    items.join(", ")
}

/// A whole number of a text.
fn number(text: &str) -> Option<u64> {
    text.parse().ok()
}

#[cfg(test)]
mod tests;
