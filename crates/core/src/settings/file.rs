//! The settings file as text: TOML that a person can edit. Comments and order survive our own
//! changes; what we do not know is reported with its line, never dropped.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

use toml_edit::{ArrayOfTables, Document, DocumentMut, Item, Table, value};

use super::{
    Account, Settings,
    definition::Defined,
    fault::{Fault, FaultKind},
    shape::Kind,
    value::{Value, items},
};
use crate::text::Text;

/// The version of the file that this program writes.
pub const VERSION: i64 = 1;

/// What is wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFault {
    /// Which file.
    pub path: PathBuf,
    /// The line, counted from 1, where there is one.
    pub line: Option<usize>,
    /// What is wrong.
    pub kind: FileFaultKind,
}

/// The kinds of faults of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileFaultKind {
    /// It cannot be read, for this reason.
    Unreadable(String),
    /// It is not there any more, while its accounts are known.
    Gone,
    /// It says nothing of any account any more, while accounts are known.
    WithoutAccounts,
    /// It is not text in UTF-8.
    NotUtf8,
    /// It is not TOML, for this reason.
    Syntax(String),
    /// It is not TOML, for this reason, at a line with a backslash: a Windows path, most often.
    Backslash(String),
    /// It comes from a later version of this program.
    Version(i64),
    /// Its version is not a number.
    VersionWrong,
    /// A setting is wrong.
    Setting(Fault),
}

impl FileFault {
    /// One sentence: the file, the line, the fault, the remedy.
    #[must_use]
    pub fn sentence(&self, text: &Text) -> String {
        let fault = match &self.kind {
            FileFaultKind::Unreadable(error) => {
                text.format("settings-unreadable", &[("error", error.as_str().into())])
            }
            FileFaultKind::Gone => text.get("settings-gone"),
            FileFaultKind::WithoutAccounts => text.get("settings-without-accounts"),
            FileFaultKind::NotUtf8 => text.get("settings-not-utf8"),
            FileFaultKind::Syntax(error) => {
                text.format("settings-syntax", &[("error", error.as_str().into())])
            }
            FileFaultKind::Backslash(error) => {
                text.format("settings-backslash", &[("error", error.as_str().into())])
            }
            FileFaultKind::Version(version) => text.format(
                "settings-version",
                &[("version", version.to_string().into())],
            ),
            FileFaultKind::VersionWrong => text.get("settings-version-wrong"),
            FileFaultKind::Setting(fault) => fault.sentence(text),
        };
        let path = self.path.display().to_string();
        match self.line {
            Some(line) => text.format(
                "settings-at-line",
                &[
                    ("line", line.to_string().into()),
                    ("path", path.into()),
                    ("fault", fault.into()),
                ],
            ),
            None => text.format(
                "settings-in",
                &[("path", path.into()), ("fault", fault.into())],
            ),
        }
    }
}

/// A settings file that was read: its text, and what it says.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    path: PathBuf,
    text: String,
    document: Document<String>,
    settings: Settings,
}

impl SettingsFile {
    /// A file that does not exist: one without accounts.
    ///
    /// # Errors
    /// None that is known; those of [`SettingsFile::parse`].
    pub fn absent(path: &Path) -> Result<Self, Vec<FileFault>> {
        Self::parse(path, Vec::new())
    }

    /// Reads the octets of the file at `path`.
    ///
    /// # Errors
    /// Every fault that was found, in the order of the file.
    pub fn parse(path: &Path, octets: Vec<u8>) -> Result<Self, Vec<FileFault>> {
        let fault = |line, kind| {
            vec![FileFault {
                path: path.to_owned(),
                line: Some(line),
                kind,
            }]
        };
        let text = String::from_utf8(octets).map_err(|error| {
            let good = error.utf8_error().valid_up_to();
            fault(line_of(error.as_bytes(), good), FileFaultKind::NotUtf8)
        })?;
        let body = body_of(&text);
        let shift = text.len() - body.len();
        let document = Document::parse(body.to_owned()).map_err(|error| {
            let message = error
                .message()
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned();
            let start = error.span().map(|span| span.start + shift);
            let line = start.map(|start| line_of(text.as_bytes(), start));
            let source = line.and_then(|line| text.lines().nth(line - 1));
            vec![FileFault {
                path: path.to_owned(),
                line,
                kind: match source.is_some_and(|line| line.contains('\\')) {
                    true => FileFaultKind::Backslash(message),
                    false => FileFaultKind::Syntax(message),
                },
            }]
        })?;
        let settings = read_settings(path, &text, &document)?;
        Ok(Self {
            path: path.to_owned(),
            text,
            document,
            settings,
        })
    }

    /// Where it lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The file as it is.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it says.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// What it says, alone.
    #[must_use]
    pub fn into_settings(self) -> Settings {
        self.settings
    }

    /// The text in which the file says `new` in place of what it says now: accounts that have
    /// changed are changed in their place, by name, as are the values that belong to no account; all
    /// the rest stays as it is. `renamed` is an account's name before and after, where it gets
    /// another.
    #[must_use]
    pub fn changed_to(&self, new: &Settings, renamed: Option<(&str, &str)>) -> String {
        let mut document = self.with_version();
        write_values(document.as_table_mut(), &self.settings, new);
        let before = |name: &str| match renamed {
            Some((from, to)) if to == name => from.to_owned(),
            Some(_) | None => name.to_owned(),
        };
        let names: Vec<String> = (new.accounts.iter())
            .map(|account| before(&account.name))
            .collect();
        let kept: HashSet<&str> = names.iter().map(String::as_str).collect();
        let there = self.settings.accounts.iter();
        let there: HashMap<&str, &Account> = there.map(|it| (it.name.as_str(), it)).collect();
        let has_tables = document.contains_key("account");
        if has_tables || !new.accounts.is_empty() {
            let item = document
                .entry("account")
                .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
            if let Some(tables) = item.as_array_of_tables_mut() {
                tables.retain(|table| name_of(table).is_some_and(|name| kept.contains(name)));
                let places = tables.iter().enumerate();
                let places =
                    places.filter_map(|(place, it)| Some((name_of(it)?.to_owned(), place)));
                let places: HashMap<String, usize> = places.collect();
                for (account, name) in new.accounts.iter().zip(&names) {
                    if there.get(name.as_str()) == Some(&account) {
                        continue;
                    }
                    let place = places.get(name);
                    match place.and_then(|place| tables.get_mut(*place)) {
                        Some(table) => write_account(table, account),
                        None => {
                            let mut table = Table::new();
                            write_account(&mut table, account);
                            tables.push(table);
                        }
                    }
                }
            }
        }
        let mark = &self.text[..self.text.len() - body_of(&self.text).len()];
        format!(
            "{mark}{}",
            with_line_ends_of(&self.text, &document.to_string())
        )
    }

    /// The document with its version in front of all, the file's own first comment before it.
    fn with_version(&self) -> DocumentMut {
        let document = self.document.clone().into_mut();
        if document.contains_key("version") {
            return document;
        }
        let with = format!("version = {VERSION}\n{}", body_of(&self.text));
        // Still TOML: a key has been put before the first line.
        with.parse().unwrap_or(document)
    }

    /// The file without its comments, in a form of its own.
    #[must_use]
    pub fn without_comments(&self) -> String {
        let mut document = DocumentMut::new();
        document.insert("version", value(VERSION));
        for (key, item) in bare(self.document.as_table()) {
            document.insert(&key, item);
        }
        document.to_string()
    }

    /// The line that each account begins at, counted from 1.
    #[must_use]
    pub fn account_lines(&self) -> Vec<usize> {
        let shift = self.text.len() - body_of(&self.text).len();
        let tables = self
            .document
            .get("account")
            .and_then(Item::as_array_of_tables);
        // Counted on from the one before: a file may have thousands.
        let (mut at, mut line) = (0, 1);
        let lines = tables.into_iter().flatten().map(|table| {
            let start = table.span().map_or(0, |span| span.start) + shift;
            let between = self.text.as_bytes().get(at..start).unwrap_or_default();
            line += line_of(between, between.len()) - 1;
            at = at.max(start);
            line
        });
        lines.collect()
    }

    /// The keys that stand in it and belong to no account.
    #[must_use]
    pub fn general_keys(&self) -> Vec<String> {
        let keys = self.document.iter().map(|(key, _)| key);
        let keys = keys.filter(|key| !matches!(*key, "account" | "version"));
        keys.map(str::to_owned).collect()
    }
}

/// The line of an octet, counted from 1.
fn line_of(source: &[u8], offset: usize) -> usize {
    1 + source
        .iter()
        .take(offset)
        .filter(|octet| **octet == b'\n')
        .count()
}

/// A table without what stands around its values.
fn bare(table: &Table) -> Table {
    fn of_value(value: &toml_edit::Value) -> toml_edit::Value {
        match value {
            toml_edit::Value::Array(items) => items.iter().map(of_value).collect(),
            toml_edit::Value::InlineTable(table) => {
                let items = table.iter().map(|(key, item)| (key, of_value(item)));
                toml_edit::Value::InlineTable(items.collect())
            }
            plain => {
                let mut plain = plain.clone();
                plain.decor_mut().clear();
                plain
            }
        }
    }
    let mut without = Table::new();
    without.set_implicit(table.is_implicit());
    for (key, item) in table {
        let item = match item {
            Item::None => Item::None,
            Item::Value(there) => Item::Value(of_value(there)),
            Item::Table(table) => Item::Table(bare(table)),
            Item::ArrayOfTables(tables) => Item::ArrayOfTables(tables.iter().map(bare).collect()),
        };
        without.insert(key, item);
    }
    without
}

/// Notepad begins its files with a byte order mark.
fn body_of(source: &str) -> &str {
    source.strip_prefix('\u{feff}').unwrap_or(source)
}

fn read_settings(
    path: &Path,
    source: &str,
    document: &Document<String>,
) -> Result<Settings, Vec<FileFault>> {
    let shift = source.len() - body_of(source).len();
    let mut faults = Vec::new();
    let mut fault = |offset: Option<usize>, kind| {
        let line = offset.map(|offset| line_of(source.as_bytes(), offset + shift));
        faults.push(FileFault {
            path: path.to_owned(),
            line,
            kind,
        });
    };
    let place = |key: &str| place_of(document.as_table(), key);
    let mut settings = Settings::default();
    let mut known = Vec::new();
    let mut names = HashSet::new();
    for (key, item) in document.as_table().iter() {
        let at = place(key);
        match key {
            "version" => match item.as_integer() {
                Some(1..=VERSION) => {}
                Some(version) => fault(at, FileFaultKind::Version(version)),
                None => fault(at, FileFaultKind::VersionWrong),
            },
            "account" => {
                let Some(tables) = item.as_array_of_tables() else {
                    fault(
                        at,
                        FileFaultKind::Setting(Fault::new(
                            "unknown-key",
                            "[account]",
                            FaultKind::UnknownKey,
                        )),
                    );
                    continue;
                };
                for table in tables {
                    let (account, wrong) = read_account(table);
                    let start = table.span().map(|span| span.start);
                    let whole = wrong.is_empty();
                    for (offset, wrong) in wrong {
                        fault(offset.or(start), FileFaultKind::Setting(wrong));
                    }
                    let twice = !names.insert(account.name.clone());
                    if whole && twice {
                        let taken = Fault::new("name", &account.name, FaultKind::Taken);
                        fault(start, FileFaultKind::Setting(taken));
                    }
                    settings.accounts.push(account);
                }
            }
            general => {
                if let Err(wrong) = settings.set(general, &kind_of(item)) {
                    fault(at, FileFaultKind::Setting(wrong.clone()));
                    known.push(wrong);
                }
            }
        }
    }
    for wrong in settings.check(&known) {
        // What is missing, the host for the notices asks for.
        let at = place(&wrong.field).or_else(|| place("notice_mail_host"));
        fault(at, FileFaultKind::Setting(wrong));
    }
    if faults.is_empty() {
        Ok(settings)
    } else {
        Err(faults)
    }
}

/// An account of the file, and what is wrong with it, each with its place in the file.
fn read_account(table: &Table) -> (Account, Vec<(Option<usize>, Fault)>) {
    let mut account = Account::default();
    let mut faults: Vec<(Option<usize>, Fault)> = Vec::new();
    for (key, item) in table {
        if let Err(fault) = account.set(key, &kind_of(item)) {
            faults.push((place_of(table, key), fault));
        }
    }
    let known: Vec<Fault> = faults.iter().map(|(_, fault)| fault.clone()).collect();
    let missing = account.check(&known).into_iter();
    faults.extend(missing.map(|fault| (place_of(table, &fault.field), fault)));
    (account, faults)
}

/// Where a key begins.
fn place_of(table: &Table, key: &str) -> Option<usize> {
    let span = table.key(key).and_then(|key| key.span());
    span.map(|span| span.start)
}

fn kind_of(item: &Item) -> Value<'_> {
    fn of_value(value: &toml_edit::Value) -> Value<'_> {
        match value {
            toml_edit::Value::String(text) => Value::Text(text.value()),
            toml_edit::Value::Integer(number) => Value::Number(*number.value()),
            toml_edit::Value::Boolean(flag) => Value::Flag(*flag.value()),
            toml_edit::Value::Array(items) => Value::List(items.iter().map(of_value).collect()),
            _ => Value::Other,
        }
    }
    item.as_value().map_or(Value::Other, of_value)
}

fn name_of(table: &Table) -> Option<&str> {
    table.get("name").and_then(Item::as_str).map(str::trim)
}

fn write_account(table: &mut Table, account: &Account) {
    let old = read_account(table).0;
    write_values(table, &old, account);
}

/// Writes the `new` values that differ from the `old` ones; what is as by default is left out,
/// except what is always written or has a comment.
fn write_values<T: Defined>(table: &mut Table, old: &T, new: &T) {
    let default = T::default();
    for setting in T::DEFINITIONS {
        let (field, needed) = (setting.key, setting.is_always_written);
        let new = setting.text(new);
        if new == setting.text(old) && (table.contains_key(field) || !needed) {
            continue;
        }
        if new == setting.text(&default) && !needed && !has_comment(table, field) {
            table.remove(field);
            continue;
        }
        let new = value_of(setting.kind, &new);
        // Keep what stands around the value: its comment.
        match table.get_mut(field).and_then(Item::as_value_mut) {
            Some(place) => {
                let decor = place.decor().clone();
                *place = new;
                *place.decor_mut() = decor;
            }
            None => {
                table.insert(field, Item::Value(new));
            }
        }
    }
}

/// Whether a comment stands above a key or behind its value.
fn has_comment(table: &Table, field: &str) -> bool {
    let above = table.key(field).and_then(|key| key.leaf_decor().prefix());
    let value = table.get(field).and_then(Item::as_value);
    let behind = value.and_then(|value| value.decor().suffix());
    [above, behind]
        .into_iter()
        .flatten()
        .any(|around| around.as_str().is_some_and(|text| text.contains('#')))
}

/// What a person enters, as TOML.
fn value_of(kind: Kind, text: &str) -> toml_edit::Value {
    let number = |text: &str| text.parse::<i64>().ok();
    match kind {
        Kind::Number => number(text).map_or_else(|| text.into(), Into::into),
        Kind::Flag => (text == "true").into(),
        Kind::Texts => items(text).collect(),
        Kind::Numbers => items(text).filter_map(number).collect(),
        Kind::Text | Kind::Time | Kind::Choice | Kind::Command => text.into(),
    }
}

/// The text with the line ends of `source`; of a new file with the system's: what a person opens it
/// with may know no others.
fn with_line_ends_of(source: &str, text: &str) -> String {
    let windows = match source.split_once('\n') {
        Some((first, _)) => first.ends_with('\r'),
        None => cfg!(windows),
    };
    if windows {
        text.replace("\r\n", "\n").replace('\n', "\r\n")
    } else {
        text.to_owned()
    }
}
