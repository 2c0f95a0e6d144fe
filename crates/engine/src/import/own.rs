//! Dequeue's own settings, taken along to another machine: everything but secrets, which the file
//! never holds, and comments, which may hold anything.

use std::path::Path;

use super::{Imported, ImportedAccount};
use crate::settings::file::{self, FileFault};

/// The settings file as [`own`] takes it back.
///
/// # Errors
/// The faults of the file.
pub fn export(path: &Path) -> Result<String, Vec<FileFault>> {
    file::without_comments(path)
}

/// Understands what [`export`] gave, or any settings file; `path` is the file, for the sentences.
///
/// # Errors
/// Every fault, with its line.
pub fn own(path: &Path, text: &str) -> Result<Imported, Vec<FileFault>> {
    let understood = file::understand(path, text)?;
    let settings = understood.settings;
    let stands = |key: &str| understood.general.iter().any(|there| there == key);
    let general = settings.general_texts().into_iter();
    let accounts = settings.accounts.iter().zip(understood.lines);
    Ok(Imported {
        general: general
            .filter(|(key, _)| stands(key))
            .map(|(key, text)| (key.to_owned(), text))
            .collect(),
        accounts: accounts
            .map(|(account, line)| ImportedAccount {
                line,
                fields: account
                    .texts()
                    .into_iter()
                    .map(|(key, text)| (key.to_owned(), text))
                    .collect(),
                password: None,
            })
            .collect(),
        notes: Vec::new(),
    })
}
