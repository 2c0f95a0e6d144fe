//! What an import came to: accounts as fields, notes on what has no counterpart here, or the fault.

use std::{collections::BTreeMap, path::Path};

use dequeue_smtp::Secret;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    settings::fault::visible,
    text::{self, Text},
};

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
    /// How long the accounts' settings are together.
    pub(super) octets: usize,
}

/// An import is no larger than a request to the engine may be, in octets.
pub(super) const LARGEST_IMPORT: usize = 16 << 20;

impl Imported {
    /// Adds an account.
    ///
    /// # Errors
    /// [`ImportFaultKind::TooLarge`]: a short text may give many accounts a long value in common.
    pub(super) fn add(&mut self, account: ImportedAccount) -> Result<(), ImportFault> {
        let octets = account
            .fields
            .iter()
            .map(|(key, value)| key.len() + value.len());
        self.octets += octets.sum::<usize>();
        if self.octets > LARGEST_IMPORT {
            return Err(ImportFault::new(
                account.line,
                ImportFaultKind::TooLarge,
                "",
            ));
        }
        self.accounts.push(account);
        Ok(())
    }
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
    pub password: Option<Secret>,
}

impl ImportedAccount {
    pub(super) fn at(line: usize) -> Self {
        Self {
            line,
            ..Self::default()
        }
    }

    pub(super) fn set(&mut self, key: &str, value: impl Into<String>) {
        self.fields.insert(key.to_owned(), value.into());
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.fields.get("name").map_or("", String::as_str)
    }
}

/// Something that was not taken over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Note {
    /// The line, counted from 1.
    pub line: usize,
    /// What became of it.
    pub kind: NoteKind,
    /// What it is about: an option, a host, the name of an account.
    pub about: String,
}

/// Why something was not taken over, each with a sentence in `locales/`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
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
    /// A time that none of the settings of the rhythm can say.
    Rhythm,
    /// A command that needs a shell.
    ShellCommand,
    /// An account without a host.
    NoHostThere,
}

impl Note {
    pub(super) fn new(line: usize, kind: NoteKind, about: &str) -> Self {
        Self {
            line,
            kind,
            about: visible(about),
        }
    }

    /// One or two sentences: what it is, what to do. `path` is the file.
    #[must_use]
    pub fn sentence(&self, path: &Path, text: &Text) -> String {
        at_line(self.line, path, &self.kind, &self.about, text)
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ImportFaultKind {
    /// More than anyone writes.
    TooLarge,
    /// Nothing in it asks for held mail.
    Nothing,
    /// A quotation mark without its partner, or one that ends on another line.
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
    /// An account or a section that is there already, or a word where its program does not have it.
    Misplaced,
    /// What only a shell knows: a variable, a command's output, names of files.
    NeedsShell,
    /// A call inside a command of which it is not known what that does with it.
    Unclear,
    /// Characters that ASCII does not have, in an encoding that is not known.
    CodePage,
    /// A path that depends on where the program runs, or on who runs it.
    RelativePath,
    /// A password without a user: the program takes the name of whoever runs it.
    NoUser,
    /// A call whose servers are in a file of their own.
    RcFile,
}

impl ImportFault {
    pub(super) fn new(line: usize, kind: ImportFaultKind, about: &str) -> Self {
        Self {
            line,
            kind,
            about: visible(about),
        }
    }

    /// One or two sentences: the line, the fault, the remedy. `path` is the file.
    #[must_use]
    pub fn sentence(&self, path: &Path, text: &Text) -> String {
        at_line(self.line, path, &self.kind, &self.about, text)
    }
}

/// A sentence on a line of a file, by its kind.
fn at_line(line: usize, path: &Path, kind: &impl Serialize, about: &str, text: &Text) -> String {
    let key = format!("import-{}", text::name(kind));
    let sentence = text.format(&key, &[("about", about.into())]);
    text.format(
        "settings-at-line",
        &[
            ("line", line.to_string().into()),
            ("path", path.display().to_string().into()),
            ("fault", sentence.into()),
        ],
    )
}

/// A list as it is typed.
pub(super) fn listed<I: AsRef<str>>(items: &[I]) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    items.join(", ")
}

/// A path that means the same everywhere on this machine.
pub(super) fn absolute(path: &str) -> Option<&str> {
    let is_drive = |rest: &str| rest.starts_with([':']) && rest[1..].starts_with(['\\', '/']);
    let is_on_drive = path.starts_with(|c: char| c.is_ascii_alphabetic()) && is_drive(&path[1..]);
    (path.starts_with(['/', '\\']) || is_on_drive).then_some(path)
}

/// A whole number of a text.
pub(super) fn number(text: &str) -> Option<u64> {
    text.parse().ok()
}

/// A setting that may hold a key, and is therefore left out of an export.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
pub struct Withheld {
    /// Whose it is, where it is of an account.
    pub account: Option<String>,
    /// Its key in the settings file.
    pub key: String,
}
