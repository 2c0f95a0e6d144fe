//! The settings file: TOML that a person can edit. Comments and order survive our own writing;
//! what we do not know is reported with its line, never dropped; it is written whole or not at all.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
};

use toml_edit::{ArrayOfTables, Document, DocumentMut, Item, Table, value};

use super::{Account, Fault, FaultKind, Settings, Value, ValueKind, items, kind};
use crate::{
    paths::{make_private, replace},
    text::Text,
};

/// The version of the file that this program writes.
pub const VERSION: i64 = 1;

/// What is wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFault {
    /// The file.
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
    /// It is not text in UTF-8.
    NotUtf8,
    /// It is not TOML, for this reason.
    Syntax(String),
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
            FileFaultKind::NotUtf8 => text.get("settings-not-utf8"),
            FileFaultKind::Syntax(error) => {
                text.format("settings-syntax", &[("error", error.as_str().into())])
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

/// Reads the file. One that does not exist is one without accounts.
///
/// # Errors
/// Every fault that was found, in the order of the file.
pub fn load(path: &Path) -> Result<Settings, Vec<FileFault>> {
    parse(path, &read(path)?)
}

/// Changes one account, adds it (without an `original`) or removes it (without an `account`), and
/// leaves all the rest of the file as it is.
///
/// # Errors
/// [`SaveError`]; the file is as it was.
pub fn save_account(
    path: &Path,
    original: Option<&str>,
    account: Option<&Account>,
) -> Result<(), SaveError> {
    edit(path, |document| {
        let item = document
            .entry("account")
            .or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
        let Some(tables) = item.as_array_of_tables_mut() else {
            return;
        };
        let at = original.and_then(|name| tables.iter().position(|table| has_name(table, name)));
        match (at, account) {
            (Some(at), None) => drop(tables.remove(at)),
            (Some(at), Some(account)) => {
                if let Some(table) = tables.get_mut(at) {
                    write_account(table, account);
                }
            }
            (None, Some(account)) => {
                let mut table = Table::new();
                write_account(&mut table, account);
                tables.push(table);
            }
            (None, None) => {}
        }
    })
}

/// Changes the values that belong to no account, where `new` says otherwise than `old`, and leaves
/// all the rest of the file as it is.
///
/// # Errors
/// [`SaveError`]; the file is as it was.
pub fn save_general(path: &Path, old: &Settings, new: &Settings) -> Result<(), SaveError> {
    edit(path, |document| {
        let default = Settings::default().general_texts();
        let (old, new) = (old.general_texts(), new.general_texts());
        write_values(document.as_table_mut(), [&old, &new, &default], &[]);
    })
}

/// The file without its comments, in a form of its own; one that does not exist is empty but for
/// its version.
///
/// # Errors
/// Every fault that was found, in the order of the file.
pub fn without_comments(path: &Path) -> Result<String, Vec<FileFault>> {
    let source = read(path)?;
    parse(path, &source)?;
    let mut document = DocumentMut::new();
    document.insert("version", value(VERSION));
    // It was TOML a moment ago.
    if let Ok(there) = body_of(&source).parse::<DocumentMut>() {
        for (key, item) in bare(there.as_table()) {
            document.insert(&key, item);
        }
    }
    Ok(document.to_string())
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

/// What a text of the file's form says.
#[derive(Debug)]
pub struct Understood {
    /// The settings.
    pub settings: Settings,
    /// The line that each account begins at.
    pub lines: Vec<usize>,
    /// The keys that stand in it and belong to no account.
    pub general: Vec<String>,
}

/// Understands a text of the file's form; `path` is where it came from.
///
/// # Errors
/// Every fault that was found, in the order of the text.
pub fn understand(path: &Path, source: &str) -> Result<Understood, Vec<FileFault>> {
    let settings = parse(path, source)?;
    let body = body_of(source);
    let mut understood = Understood {
        settings,
        lines: Vec::new(),
        general: Vec::new(),
    };
    // It was TOML a moment ago.
    if let Ok(document) = Document::parse(body) {
        for (key, item) in document.as_table() {
            match item.as_array_of_tables().filter(|_| key == "account") {
                Some(tables) => understood.lines.extend(tables.iter().map(|table| {
                    let start = table.span().map_or(0, |span| span.start);
                    1 + body
                        .bytes()
                        .take(start)
                        .filter(|byte| *byte == b'\n')
                        .count()
                })),
                None if key == "version" => {}
                None => understood.general.push(key.to_owned()),
            }
        }
    }
    Ok(understood)
}

/// Notepad begins its files with a byte order mark.
fn body_of(source: &str) -> &str {
    source.strip_prefix('\u{feff}').unwrap_or(source)
}

/// Why the file was not written.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// What is there has faults, which writing might bury.
    #[error("the settings file has faults")]
    Faulty(Vec<FileFault>),
    /// The system did not let us.
    #[error("the settings file cannot be written: {0}")]
    NotWritable(#[from] io::Error),
}

fn read(path: &Path) -> Result<String, Vec<FileFault>> {
    let fault = |line, kind| {
        vec![FileFault {
            path: path.to_owned(),
            line,
            kind,
        }]
    };
    let bytes = match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(String::new()),
        Err(error) => return Err(fault(None, FileFaultKind::Unreadable(error.to_string()))),
    };
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = 1 + error.as_bytes()[..good]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        fault(Some(line), FileFaultKind::NotUtf8)
    })
}

fn parse(path: &Path, source: &str) -> Result<Settings, Vec<FileFault>> {
    let line_of = |offset: usize| {
        1 + source.as_bytes()[..offset.min(source.len())]
            .iter()
            .filter(|b| **b == b'\n')
            .count()
    };
    let mut faults = Vec::new();
    let body = body_of(source);
    let shift = source.len() - body.len();
    let mut fault = |offset: Option<usize>, kind| {
        let line = offset.map(|offset| line_of(offset + shift));
        faults.push(FileFault {
            path: path.to_owned(),
            line,
            kind,
        });
    };
    let document = match Document::parse(body) {
        Ok(document) => document,
        Err(error) => {
            let message = error
                .message()
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned();
            fault(
                error.span().map(|span| span.start),
                FileFaultKind::Syntax(message),
            );
            return Err(faults);
        }
    };
    let place = |key: &str| place_of(document.as_table(), key);
    let mut settings = Settings::default();
    let mut known = Vec::new();
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
                    let twice = settings
                        .accounts
                        .iter()
                        .any(|other| other.name == account.name);
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

fn has_name(table: &Table, name: &str) -> bool {
    table
        .get("name")
        .and_then(Item::as_str)
        .is_some_and(|value| value.trim() == name)
}

fn write_account(table: &mut Table, account: &Account) {
    let old = read_account(table).0.texts();
    let (new, default) = (account.texts(), Account::default().texts());
    let always = ["name", "host", "method", "domains", "every"];
    write_values(table, [&old, &new, &default], &always);
}

/// Writes the `new` values that differ from the `old` ones; what is as by `default` is left out, but
/// for what `always` stands there or has a comment.
fn write_values(
    table: &mut Table,
    [old, new, default]: [&[(&'static str, String)]; 3],
    always: &[&str],
) {
    for (((field, new), old), default) in new.iter().zip(old).zip(default) {
        let needed = always.contains(field);
        if *new == old.1 && (table.contains_key(field) || !needed) {
            continue;
        }
        if *new == default.1 && !needed && !has_comment(table, field) {
            table.remove(field);
            continue;
        }
        let new = value_of(field, new);
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

/// What a person types for a field, as TOML.
fn value_of(field: &str, text: &str) -> toml_edit::Value {
    let number = |text: &str| text.parse::<i64>().ok();
    match kind(field) {
        ValueKind::Number => number(text).map_or_else(|| text.into(), Into::into),
        ValueKind::Flag => (text == "true").into(),
        ValueKind::Texts => items(text).collect(),
        ValueKind::Numbers => items(text).filter_map(number).collect(),
        ValueKind::Text => text.into(),
    }
}

fn edit(path: &Path, change: impl FnOnce(&mut DocumentMut)) -> Result<(), SaveError> {
    let source = read(path).map_err(SaveError::Faulty)?;
    parse(path, &source).map_err(SaveError::Faulty)?;
    let body = body_of(&source);
    let mut document: DocumentMut = body
        .parse()
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    if !document.contains_key("version") {
        // In front of all, with the file's own first comment before it.
        let mut with = format!("version = {VERSION}\n");
        with.push_str(body);
        document = with
            .parse()
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?;
    }
    change(&mut document);
    let text = with_line_ends_of(&source, &document.to_string());
    write_whole(path, text.as_bytes())?;
    Ok(())
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

/// Writes beside the file, to the disk, then renames: a reader sees the old or the new, never half.
fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays a link: what it points to is written.
    let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let folder = path.parent().unwrap_or(Path::new("."));
    make_private(folder)?;
    // A rename would also replace a file that its owner has made read-only: that is a wish.
    if fs::metadata(&path).is_ok_and(|there| there.permissions().readonly()) {
        return Err(io::ErrorKind::PermissionDenied.into());
    }
    let beside = path.with_extension("toml.new");
    let written = (|| {
        let mut file = fs::File::create(&beside)?;
        file.write_all(bytes)?;
        if let Ok(there) = fs::metadata(&path) {
            file.set_permissions(there.permissions())?;
        }
        file.sync_all()?;
        drop(file);
        replace(&beside, &path)?;
        // The new name, too, is to outlast a loss of power. Where folders are not written, it does.
        #[cfg(unix)]
        let _ = fs::File::open(folder).and_then(|folder| folder.sync_all());
        Ok(())
    })();
    if written.is_err() {
        // What is half there is of no use to anyone.
        let _ = fs::remove_file(&beside);
    }
    #[cfg(unix)]
    if written.is_ok() {
        fs::File::open(folder)?.sync_all()?;
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    const FILE: &str = "# My providers\nversion = 1\n\n# The Dutch one\n[[account]]\nname = \"vevida\"   # short\nhost = \"bsmtp.example.org\"\nmethod = \"signal\" # as they told us\ndomains = [\"example.org\"]\nevery = \"15m\" # often enough\n\n[[account]]\nname = \"other\"\nhost = \"192.0.2.7\"\nport = 2525\n";

    fn file(text: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    fn changed(path: &Path, original: Option<&str>, pairs: &[(&str, &str)]) -> Account {
        let fields: BTreeMap<_, _> = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
            .collect();
        load(path).unwrap().with_account(original, &fields).unwrap()
    }

    fn save(path: &Path, pairs: &[(&str, &str)]) -> Result<(), SaveError> {
        let old = load(path).map_err(SaveError::Faulty)?;
        let fields = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        let new = old.with_general(&fields.collect()).unwrap();
        save_general(path, &old, &new)
    }

    #[test]
    fn comments_and_order_survive() {
        let (_folder, path) = file(FILE);
        let account = changed(&path, Some("vevida"), &[("every", "30m"), ("port", "2525")]);
        save_account(&path, Some("vevida"), Some(&account)).unwrap();
        let expected = FILE.replacen(
            "every = \"15m\" # often enough\n",
            "every = \"30m\" # often enough\nport = 2525\n",
            1,
        );
        assert_eq!(fs::read_to_string(&path).unwrap(), expected);
        let back = changed(&path, Some("vevida"), &[("every", "15m"), ("port", "")]);
        save_account(&path, Some("vevida"), Some(&back)).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), FILE);
        save_account(&path, Some("other"), None).unwrap();
        assert_eq!(load(&path).unwrap().accounts.len(), 1);
    }

    #[test]
    fn comments_and_order_survive_above_the_accounts_too() {
        let above = "# Ours\nlanguage = \"nl\" # Dutch\n\n# Where notices go\nnotice_mail_host = \"mail.test\"\nnotice_mail_from = \"a@b.test\"\nnotice_mail_to = [\"c@d.test\"] # the boss\n";
        let (_folder, path) = file(format!("{above}{FILE}"));
        let changes = [
            ("keep_at_most", "20"),
            ("notice_mail_to", "\"D, C\" <c@d.test>, e@f.test"),
            ("notice_webhook_secret", "env:TOKEN"),
        ];
        save(&path, &changes).unwrap();
        let expected = above.replace(
            "[\"c@d.test\"] # the boss\n",
            "['\"D, C\" <c@d.test>', \"e@f.test\"] # the boss\n",
        );
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with(&expected), "{text}");
        assert!(
            text.contains("\nkeep_at_most = 20\nnotice_webhook_secret = \"env:TOKEN\"\n"),
            "{text}"
        );
        // What is as by default goes, and keeps its place where it has a comment.
        let back = [
            ("language", "system"),
            ("keep_at_most", "100"),
            ("notice_mail_to", "c@d.test"),
            ("notice_webhook_secret", "stored"),
        ];
        save(&path, &back).unwrap();
        assert_eq!(
            fs::read_to_string(&path).unwrap(),
            format!("{above}{FILE}").replace("\"nl\"", "\"system\"")
        );
        assert!(
            matches!(&load(&path).unwrap().channels.mail.to[..], [one] if one.email.domain() == "d.test")
        );
    }

    #[test]
    fn every_setting_is_written_and_read() {
        let (_folder, path) = file("");
        let account = [
            ("name", "vevida"),
            ("host", "h.test"),
            ("port", "2525"),
            ("other_hosts", "b.test, [2001:db8::1]:366"),
            ("method", "etrn"),
            ("domains", "a.test, @b.test"),
            ("every", "1h30m"),
            ("hours", "mon-fri 07:00-19:00; sat,sun 09:00-12:00"),
            ("outside", "6h"),
            ("time_zone", "Europe/Amsterdam"),
            ("jitter", "30s"),
            ("notify", "everything"),
            ("notify_after", "3"),
            ("silence_alarm", "2d"),
            ("heartbeat", "https://hc.test/key"),
            ("heartbeat_on_failure", "fail"),
            ("tls", "required"),
            ("ca_file", "/etc/ca.pem"),
            ("pin", &["AB"; 32].join(":")),
            ("client_cert", "/etc/own.pem"),
            ("client_key", "/etc/key.pem"),
            ("user", "office"),
            ("auth", "plain"),
            ("secret", "env:SECRET"),
            ("login_in_clear", "true"),
            ("mail_server", "[::1]:2525"),
            ("mail_server_first", "false"),
            ("mail_server_test", "true"),
            ("watch", "10m"),
            ("finger", "mail"),
            ("ehlo", "mail.test"),
            ("bind", "192.0.2.1"),
            ("ip", "4"),
            ("normal_codes", "502, 459"),
            ("connect_timeout", "1s"),
            ("greeting_timeout", "2s"),
            ("command_timeout", "3s"),
            ("turn_timeout", "4s"),
        ];
        let general = [
            ("language", "nl"),
            ("keep_for", "30d"),
            ("keep_at_most", "20"),
            ("notice_quiet", "22:00-07:00"),
            ("notice_command", "/usr/bin/tell \"the boss\""),
            ("notice_webhook", "https://web.test/key"),
            ("notice_webhook_secret", "env:TOKEN"),
            ("notice_webhook_body", "text"),
            ("notice_mail_host", "mail.test"),
            ("notice_mail_port", "2525"),
            ("notice_mail_tls", "required"),
            ("notice_mail_user", "us"),
            ("notice_mail_secret", "file:/etc/secret"),
            ("notice_mail_from", "a@b.test"),
            ("notice_mail_to", "c@d.test, e@f.test"),
            ("heartbeat_secret", "env:KEY"),
        ];
        save(&path, &general).unwrap();
        let given = changed(&path, None, &account);
        save_account(&path, None, Some(&given)).unwrap();

        let there = load(&path).unwrap();
        let texts = there.accounts[0].texts().into_iter();
        // A cron expression cannot stand beside working hours.
        let texts: Vec<_> = texts.filter(|(key, _)| *key != "cron").collect();
        assert_eq!(texts, account.map(|(key, text)| (key, text.to_owned())));
        assert_eq!(
            there.general_texts(),
            general.map(|(key, text)| (key, text.to_owned()))
        );
        let written = fs::read_to_string(&path).unwrap();
        let keys: Vec<_> = written
            .lines()
            .filter_map(|line| line.split_once(" = "))
            .collect();
        let expected = general.iter().chain(&account).map(|(key, _)| *key);
        assert_eq!(
            keys.into_iter().map(|(key, _)| key).collect::<Vec<_>>(),
            std::iter::once("version")
                .chain(expected)
                .collect::<Vec<_>>(),
        );

        let cron = [
            ("hours", ""),
            ("time_zone", ""),
            ("cron", "*/15 7-19 * * 1-5"),
        ];
        let given = changed(&path, Some("vevida"), &cron);
        save_account(&path, Some("vevida"), Some(&given)).unwrap();
        assert_eq!(load(&path).unwrap().accounts, [given]);
    }

    #[test]
    fn a_new_file_says_only_what_matters() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/settings.toml");
        let account = changed(
            &path,
            None,
            &[
                ("name", "vevida"),
                ("host", "bsmtp.example.org"),
                ("domains", "example.org"),
            ],
        );
        save_account(&path, None, Some(&account)).unwrap();
        save(&path, &[("language", "nl")]).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.contains('\r'), cfg!(windows));
        assert_eq!(
            text.replace("\r\n", "\n"),
            "version = 1\nlanguage = \"nl\"\n\n[[account]]\nname = \"vevida\"\nhost = \"bsmtp.example.org\"\nmethod = \"auto\"\ndomains = [\"example.org\"]\nevery = \"15m\"\n"
        );
        assert_eq!(load(&path).unwrap().accounts, [account]);
    }

    #[test]
    fn faults_name_their_line_and_nothing_is_lost() {
        let text = Text::for_language("en");
        for (source, expected) in [
            (
                FILE.replace("every", "evry").into_bytes(),
                "Line 10 of PATH: there is no setting named “evry”. Check its spelling against the README, or remove the line.",
            ),
            (
                FILE.replace("2525", "\"2525x\"").into_bytes(),
                "Line 15 of PATH: Port: “2525x” is not a whole number. Enter a number from 1 to 65535; 25 is usual.",
            ),
            (
                FILE.replace("2525", "70000").into_bytes(),
                "Line 15 of PATH: Port: 70000 is out of range. Enter a number from 1 to 65535; 25 is usual.",
            ),
            (
                FILE.replace("\"15m\"", "0").into_bytes(),
                "Line 10 of PATH: Interval: “0” is not a length of time. Enter a time from 10 seconds to 31 days, as in 15m, 1h or 1h30m.",
            ),
            (
                FILE.replace("\"other\"", "\"vevida\"").into_bytes(),
                "Line 12 of PATH: Name: “vevida” is taken by another account. Give the account a short name of its own, such as the provider's.",
            ),
            (
                FILE.replace("host = \"192.0.2.7\"\n", "").into_bytes(),
                "Line 12 of PATH: Host: is missing. Enter only the provider's name or address, as in bsmtp.example.org.",
            ),
            (
                FILE.replace("version = 1", "version = 9").into_bytes(),
                "Line 2 of PATH: the file has version 9, which this program does not know. Update the program, or set version = 1.",
            ),
            (
                FILE.replace("2525", "true").into_bytes(),
                "Line 15 of PATH: Port: the value is of the wrong type. Enter a number from 1 to 65535; 25 is usual.",
            ),
            (
                FILE.replace("2525", "2525\ncron = \"@hourly\"\nhours = \"7-19\"")
                    .into_bytes(),
                "Line 16 of PATH: Cron expression: it cannot be combined with working hours. Enter minute, hour, day of the month, month and day of the week, as in */15 7-19 * * 1-5, or leave it out.",
            ),
            (
                FILE.replace("2525", "2525\nother_hosts = [\"b.test\", \"c d\"]")
                    .into_bytes(),
                "Line 16 of PATH: Other hosts: “c d” contains a space. Enter each name or address, with its port if that differs, as in backup.example.org:2525, one per line or separated by commas.",
            ),
            (
                FILE.replace("2525", "2525\nmail_server_first = 1")
                    .into_bytes(),
                "Line 16 of PATH: Mail server first: “1” is not one of the choices. Choose true or false.",
            ),
            (
                FILE.replace("version = 1", "version = 1\nnotice_quiet = \"at night\"")
                    .into_bytes(),
                "Line 3 of PATH: Quiet hours: “at” is neither a day nor a period of time. Enter times, as in 22:00-07:00, with days in front where they differ, or leave it out.",
            ),
            (
                FILE.replace(
                    "version = 1",
                    "version = 1\nnotice_mail_secret = \"hunter2\"",
                )
                .into_bytes(),
                "Line 3 of PATH: Password for the mail server for notices: this does not say where the password comes from. The password itself does not belong in the settings. Enter stored, keyring, file, file:PATH, env:NAME or command:PROGRAM.",
            ),
            (
                FILE.replace(
                    "version = 1",
                    "version = 1\nnotice_webhook = \"hc.test/key\"",
                )
                .into_bytes(),
                "Line 3 of PATH: Webhook for notices: this is not a web address. Enter an address as in https://example.org/notices, or leave it out.",
            ),
            (
                FILE.replace(
                    "version = 1",
                    "version = 1\nnotice_mail_from = \"a@b.test\"\nnotice_mail_host = \"m.test\"",
                )
                .into_bytes(),
                "Line 4 of PATH: Recipients of notices: is missing. Enter each address as in admin@example.org, separated by commas.",
            ),
            (
                FILE.replace("version = 1", "version = 1\nkeep_at_most = true")
                    .into_bytes(),
                "Line 3 of PATH: Space for the history: the value is of the wrong type. Enter a number of MB from 1 to 1000000, as in 100.",
            ),
            (
                b"version = 1\nname = \"caf\xe9\"\n".to_vec(),
                "Line 2 of PATH: the text is not UTF-8. Save the file again as UTF-8.",
            ),
        ] {
            let (_folder, path) = file(&source);
            let faults = load(&path).unwrap_err();
            assert_eq!(faults.len(), 1, "{faults:?}");
            assert_eq!(
                faults[0]
                    .sentence(&text)
                    .replace(&path.display().to_string(), "PATH"),
                expected
            );
            let refused = save(&path, &[("language", "nl")]);
            assert!(matches!(refused, Err(SaveError::Faulty(_))), "{refused:?}");
            assert_eq!(fs::read(&path).unwrap(), source, "the file is as it was");
        }
    }

    #[test]
    fn half_written_and_unreadable() {
        let (_folder, path) = file(&FILE[..FILE.len() - 40]);
        let faults = load(&path).unwrap_err();
        assert!(
            matches!(faults[0].kind, FileFaultKind::Syntax(_)) && faults[0].line.is_some(),
            "{faults:?}"
        );
        let folder = tempfile::tempdir().unwrap();
        let faults = load(folder.path()).unwrap_err();
        assert!(
            matches!(faults[0].kind, FileFaultKind::Unreadable(_)),
            "{faults:?}"
        );
    }

    #[test]
    fn read_only_is_respected() {
        let (_folder, path) = file(FILE);
        let mut permissions = fs::metadata(&path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(&path, permissions).unwrap();
        assert!(matches!(
            save(&path, &[("language", "nl")]),
            Err(SaveError::NotWritable(_))
        ));
        assert_eq!(fs::read_to_string(&path).unwrap(), FILE);
    }

    #[test]
    fn notepad_may_write_it() {
        let (_folder, path) = file(format!("\u{feff}{}", FILE.replace('\n', "\r\n")));
        assert_eq!(load(&path).unwrap().accounts.len(), 2);
        save(&path, &[("language", "nl")]).unwrap();
        assert_eq!(load(&path).unwrap().language, "nl");
        let other = changed(&path, Some("other"), &[("host", "192.0.2.8")]);
        save_account(&path, Some("other"), Some(&other)).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
        assert_eq!(text.matches('\r').count(), text.matches("\r\n").count());
    }

    /// What a person does to accounts, one thing after the other.
    fn any_edit() -> impl Strategy<Value = (usize, bool, Vec<(&'static str, String)>)> {
        let field = prop::sample::select(vec![
            ("host", vec!["a.test", "192.0.2.1", "2001:db8::1"]),
            ("port", vec!["25", "2525", "65535"]),
            ("method", vec!["auto", "signal"]),
            (
                "domains",
                vec![
                    "",
                    "a.test",
                    "a.test, @b.test, #q, [192.0.2.1]",
                    "b\u{fc}cher.test",
                ],
            ),
            ("every", vec!["10s", "15m", "1h30m", "31d"]),
            (
                "other_hosts",
                vec!["", "b.test, 2001:db8::1", "[2001:db8::1]:366"],
            ),
            ("hours", vec!["", "mon-fri 7-19; sat,sun 9-12"]),
            ("outside", vec!["never", "6h"]),
            ("time_zone", vec!["", "Europe/Amsterdam"]),
            ("cron", vec!["", "*/15 7-19 * * 1-5"]),
            ("jitter", vec!["auto", "0s", "1m"]),
            ("notify", vec!["never", "problems", "everything"]),
            ("notify_after", vec!["1", "100"]),
            ("silence_alarm", vec!["", "2d"]),
            (
                "heartbeat",
                vec!["", "https://hc.test/key?a=\"b\"", "http://192.0.2.1/"],
            ),
            ("mail_server", vec!["", "127.0.0.1", "[2001:db8::1]:2525"]),
            ("mail_server_first", vec!["true", "false"]),
            ("watch", vec!["0s", "5m", "1h"]),
            ("ehlo", vec!["", "mail.test", "[192.0.2.7]"]),
            ("bind", vec!["", "192.0.2.7"]),
            ("ip", vec!["auto", "4", "6"]),
            ("normal_codes", vec!["", "502", "502, 459"]),
            ("connect_timeout", vec!["30s", "1h"]),
            ("name", vec!["a", "b", "c \"d\" [e] #f", "\u{e9}"]),
        ]);
        let value = field.prop_flat_map(|(key, values)| {
            (
                Just(key),
                prop::sample::select(values).prop_map(str::to_owned),
            )
        });
        (
            0..4_usize,
            any::<bool>(),
            proptest::collection::vec(value, 0..6),
        )
    }

    proptest! {
        /// Whatever is changed comes back as it was meant, and nothing else changes.
        #[test]
        fn edits_change_what_they_say(edits in proptest::collection::vec(any_edit(), 1..12)) {
            let (_folder, path) = file(format!("# first\n{FILE}# last\n"));
            let mut expected = load(&path).unwrap();
            for (at, remove, fields) in edits {
                let original = expected.accounts.get(at).map(|account| account.name.clone());
                let fields: BTreeMap<String, String> =
                    fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
                let index = original.is_some().then_some(at);
                match (expected.with_account(original.as_deref(), &fields), index, remove) {
                    (_, Some(at), true) => {
                        save_account(&path, original.as_deref(), None).unwrap();
                        expected.accounts.remove(at);
                    }
                    (Ok(account), index, _) => {
                        save_account(&path, original.as_deref(), Some(&account)).unwrap();
                        match index {
                            Some(at) => expected.accounts[at] = account,
                            None => expected.accounts.push(account),
                        }
                    }
                    (Err(_), ..) => {}
                }
                prop_assert_eq!(&load(&path).unwrap(), &expected);
                let text = fs::read_to_string(&path).unwrap();
                prop_assert!(text.contains("# first\n# My providers\n"), "{}", text);
            }
        }

        /// No file brings the program down, and no fault is without its sentence.
        #[test]
        fn any_file_is_read_or_has_a_fault(
            lines in proptest::collection::vec(prop::sample::select(vec![
                "version = 1", "version = 2", "version = \"x\"", "language = \"nl\"", "[[account]]", "[account]",
                "account = 3", "name = \"a\"", "host = \"h.test\"", "port = 0", "port = -1", "domains = [1]",
                "domains = [[\"a\"]]", "every = 5.5", "every", "[a.b]", "\"\"\"", "= 3", "\u{feff}", "#",
            ]), 0..12),
        ) {
            let (_folder, path) = file(lines.join("\n"));
            let text = Text::for_language("nl");
            for fault in load(&path).err().unwrap_or_default() {
                prop_assert!(fault.line.is_none_or(|line| (1..=lines.len() + 1).contains(&line)), "{:?}", fault);
                prop_assert!(fault.sentence(&text).len() > 20);
            }
        }
    }
}
