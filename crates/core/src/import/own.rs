//! Dequeue's own settings, taken along to another machine: everything but secrets, which the file
//! never holds, except for what a web address may hold; and comments, which may hold anything.

use std::{collections::HashSet, path::Path};

use toml_edit::{DocumentMut, Item, TableLike, value};

use super::{
    keys::{may_hold_key, without_key},
    model::{Imported, ImportedAccount, Withheld},
};
use crate::settings::{
    Account, Settings,
    definition::Defined,
    file::{FileFault, SettingsFile},
    value::LEFT_OUT,
};

/// What `settings export` wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// The settings file, as [`own`] takes it back.
    pub settings: String,
    /// What is not in it.
    pub left_out: Vec<Withheld>,
}

/// The settings file for another machine.
#[must_use]
pub fn export(file: &SettingsFile) -> Exported {
    let (settings, left_out) = change(file.without_comments(), |_, text| {
        may_hold_key(text).then(|| without_key(text))
    });
    Exported { settings, left_out }
}

/// What an export of these settings would leave out.
#[must_use]
pub fn withheld(settings: &Settings) -> Vec<Withheld> {
    let mut withheld = Vec::new();
    withheld.extend(keys_in(settings).map(|key| Withheld { account: None, key }));
    for account in &settings.accounts {
        withheld.extend(keys_in(account).map(|key| Withheld {
            account: Some(account.name.clone()),
            key,
        }));
    }
    withheld
}

/// The keys of the settings that may hold a key of a web address.
fn keys_in<T: Defined>(of: &T) -> impl Iterator<Item = String> {
    let settings = T::DEFINITIONS.iter();
    settings
        .filter(|it| it.secrecy.may_hold_key() && may_hold_key(&it.text(of)))
        .map(|it| it.key.to_owned())
}

/// Understands what [`export`] gave, or any settings file; `path` is the file, for the sentences.
///
/// # Errors
/// Every fault, with its line.
pub fn own(path: &Path, text: &str) -> Result<Imported, Vec<FileFault>> {
    let (text, left_out) = change(text.to_owned(), |default, text| {
        text.contains(LEFT_OUT).then(|| default.to_owned())
    });
    let file = SettingsFile::parse(path, text.into_bytes())?;
    let (settings, general_keys) = (file.settings(), file.general_keys());
    let withheld = left_out.iter();
    let withheld = withheld.map(|it| (it.account.as_deref(), it.key.as_str()));
    let withheld: HashSet<_> = withheld.collect();
    let stands = |key: &str| general_keys.iter().any(|there| there == key);
    let general = settings.general_texts().into_iter();
    let accounts = settings.accounts.iter().zip(file.account_lines());
    // As an account begins: they need not be said.
    let defaults = Account::default().texts();
    Ok(Imported {
        general: general
            .filter(|(key, _)| stands(key) && !withheld.contains(&(None, *key)))
            .map(|(key, text)| (key.to_owned(), text))
            .collect(),
        accounts: accounts
            .map(|(account, line)| ImportedAccount {
                line,
                fields: account
                    .texts()
                    .into_iter()
                    .zip(&defaults)
                    .filter(|(field, default)| field != *default)
                    .map(|(field, _)| field)
                    .filter(|(key, _)| !withheld.contains(&(Some(account.name.as_str()), *key)))
                    .map(|(key, text)| (key.to_owned(), text))
                    .collect(),
                password: None,
            })
            .collect(),
        left_out,
        ..Imported::default()
    })
}

/// Changes values in which web addresses stand: `instead` gets the default and the text, and says
/// what is to stand there. Gives the new text, with the same lines, and what was changed. A text that is no
/// TOML stays as it is.
fn change(
    source: String,
    instead: impl Fn(&str, &str) -> Option<String>,
) -> (String, Vec<Withheld>) {
    let mut changed = Vec::new();
    // A byte order mark is for whoever understands the text.
    let Ok(mut document) = source.trim_start_matches('\u{feff}').parse::<DocumentMut>() else {
        return (source, changed);
    };
    let mut look = |account: Option<String>, table: &mut dyn TableLike, default: DefaultOf| {
        for (key, item) in table.iter_mut() {
            let key = key.get();
            let Some(default) = default(key) else {
                continue;
            };
            let words = |items: &toml_edit::Array| {
                let words: Vec<&str> = items.iter().filter_map(|item| item.as_str()).collect();
                words.join(" ")
            };
            let text = match (item.as_str(), item.as_array()) {
                (Some(text), _) => text.to_owned(),
                (None, Some(items)) => words(items),
                (None, None) => continue,
            };
            if let Some(text) = instead(&default, &text) {
                *item = value(text);
                changed.push(Withheld {
                    account: account.clone(),
                    key: key.to_owned(),
                });
            }
        }
    };
    look(None, document.as_table_mut(), default_of::<Settings>);
    let accounts = document
        .get_mut("account")
        .and_then(Item::as_array_of_tables_mut);
    for table in accounts.into_iter().flat_map(|tables| tables.iter_mut()) {
        let name = table.get("name").and_then(Item::as_str).unwrap_or_default();
        look(Some(name.to_owned()), table, default_of::<Account>);
    }
    if changed.is_empty() {
        return (source, changed);
    }
    (document.to_string(), changed)
}

/// The default of a setting that may hold a key, by its own key.
type DefaultOf = fn(&str) -> Option<String>;

fn default_of<T: Defined>(key: &str) -> Option<String> {
    let setting = T::definition(key).filter(|it| it.secrecy.may_hold_key())?;
    Some(setting.default_text())
}
