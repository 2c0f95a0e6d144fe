//! What other programs were told, taken over as accounts: a command line of the old `dequeue.exe`, a
//! `fetchmailrc` or a call of fetchmail, a call of `msmtp --rmqs` with its `msmtprc`, a call of
//! `etrn.pl`; and Dequeue's own settings as they were exported elsewhere.
//!
//! All of it is pure: text goes in, fields by their key in the settings file come out. The values are
//! judged where they are saved, as from every client. Either all of a text is understood or nothing
//! comes of it; what is understood and has no counterpart here is in the notes.

mod call;
mod command_line;
mod commands;
mod fetchmail;
mod keys;
mod model;
mod msmtp;
mod own;
mod rhythm;
mod scripts;
mod source;
mod task_xml;

use std::collections::{HashMap, HashSet};

pub use self::{
    commands::new_commands,
    keys::may_hold_key,
    model::{ImportFault, ImportFaultKind, Imported, ImportedAccount, Note, NoteKind, Withheld},
    own::{Exported, export, own, withheld},
    source::Source,
};
use crate::settings::fault::visible;

/// No file of settings of another program is larger, in octets.
const LARGEST: usize = 1 << 20;
/// No file that can be imported is larger, in octets: a whole export of Dequeue's own settings.
pub const LARGEST_FILE: usize = model::LARGEST_IMPORT;
/// The longest name that an account gets here; the settings take 60 characters.
const NAME_CHARACTERS: usize = 50;

/// Which program's text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportFormat {
    /// `dequeue HOST [-p PORT] [-d DOMAIN]...`, alone, in a batch file, a crontab or a `schtasks`.
    Dequeue,
    /// A `fetchmailrc`, or calls of fetchmail; the servers that are polled by ETRN or ODMR.
    Fetchmail,
    /// Calls of `msmtp --rmqs`, a `msmtprc`, or both in one text.
    Msmtp,
    /// Calls of Sendmail's `etrn.pl [-v] HOST [DOMAIN]...`.
    Etrn,
}

/// Understands another program's text.
///
/// # Errors
/// [`ImportFault`], the first one.
pub fn parse(kind: ImportFormat, source: &Source) -> Result<Imported, ImportFault> {
    let text = source.text();
    if text.len() > LARGEST {
        return Err(ImportFault::new(1, ImportFaultKind::TooLarge, ""));
    }
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
    if !source.is_unicode() {
        only_ascii(&imported.accounts)?;
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

/// What a text in an unknown encoding says counts only where all encodings agree.
fn only_ascii(accounts: &[ImportedAccount]) -> Result<(), ImportFault> {
    for account in accounts {
        let mut fields = account.fields.iter();
        let field = fields
            .find(|(_, value)| !value.is_ascii())
            .map(|(key, _)| key.as_str());
        let password = account
            .password
            .as_ref()
            .filter(|it| !it.expose().is_ascii());
        if let Some(about) = field.or(password.map(|_| "password")) {
            return Err(ImportFault::new(
                account.line,
                ImportFaultKind::CodePage,
                about,
            ));
        }
    }
    Ok(())
}

/// Gives each account the name it has, or else its host's; a number where another has that.
fn name_all(accounts: &mut [ImportedAccount]) {
    let mut taken = HashSet::new();
    let mut next_numbers: HashMap<String, u32> = HashMap::new();
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
        while !taken.insert(name.clone()) {
            let number = next_numbers.entry(wanted.clone()).or_insert(2);
            name = format!("{wanted} {number}");
            *number += 1;
        }
        account.set("name", name);
    }
}

#[cfg(test)]
mod tests;
