//! What other programs were told, taken over as accounts: a command line of the old `dequeue.exe`, a
//! `fetchmailrc`, a call of `msmtp --rmqs` with its `msmtprc`, a call of `etrn.pl`; and Dequeue's own
//! settings as they were exported elsewhere.
//!
//! All of it is pure: text goes in, fields by their key in the settings file come out. The values are
//! judged where they are saved, as from every client. Either all of a text is understood or nothing
//! comes of it; what is understood and has no counterpart here is in the notes.

mod call;
mod fetchmail;
mod keys;
mod model;
mod msmtp;
mod own;
mod scripts;

pub use self::{
    keys::may_hold_key,
    model::{ImportFault, ImportFaultKind, Imported, ImportedAccount, Note, NoteKind, Withheld},
    own::{Exported, export, own, withheld},
};
use crate::settings::fault::visible;

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

#[cfg(test)]
mod tests;
