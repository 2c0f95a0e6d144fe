//! Calls of `msmtp --rmqs=DOMAIN`, and the accounts of a `msmtprc`. What a call does not say itself
//! stands in the account that it names, so both may be in one text. msmtp(1) describes both.

mod account;
mod options;
mod rc;

use std::collections::HashSet;

use zeroize::Zeroizing;

use self::{account::take, options::Invocation, rc::Sections};
use super::{
    model::{ImportFault, ImportFaultKind, Imported, ImportedAccount, Note, NoteKind},
    scripts::calls,
};

/// What only a call that asks for held mail has: `--rmqs`, which may be cut short.
const ASKS: &str = "--rm";

pub(super) fn parse(text: &str) -> Result<Imported, ImportFault> {
    let mut imported = Imported::default();
    let (script, config) = divided(text);
    let sections = Sections::parse(&config)?;
    let mut has_calls = false;
    let mut noted = HashSet::new();
    for call in calls(&script, "msmtp", &mut imported.notes)? {
        // The others send mail.
        if !call
            .arguments
            .iter()
            .any(|word| word.text.starts_with(ASKS))
        {
            continue;
        }
        has_calls = true;
        let arguments = call.texts()?;
        let invocation = Invocation::parse(&call, &arguments)?;
        let mut account = ImportedAccount::at(call.line);
        let mut settings = match invocation.account(&sections)? {
            Some((name, settings)) => {
                if name != "default" {
                    account.set("name", name);
                }
                settings
            }
            None => Vec::new(),
        };
        settings.extend(&invocation.settings);
        account.set("method", "etrn");
        account.set("domains", invocation.domain);
        call.set_rhythm(&mut account);
        let notes = take(&settings, &mut account)?;
        imported
            .notes
            .extend(notes.into_iter().filter(|note| noted.insert(note.clone())));
        if !account.fields.contains_key("host") {
            return Err(call.fault(ImportFaultKind::NoHost, ""));
        }
        imported.add(account)?;
    }
    if !has_calls {
        for section in sections.to_import() {
            let mut account = ImportedAccount::at(section.line);
            account.set("name", section.name);
            account.set("method", "auto");
            let settings = sections.settings(section);
            if !settings.iter().any(|setting| setting.key == "host") {
                let note = Note::new(section.line, NoteKind::NoHostThere, section.name);
                imported.notes.push(note);
                continue;
            }
            let notes = take(&settings, &mut account)?;
            imported
                .notes
                .extend(notes.into_iter().filter(|note| noted.insert(note.clone())));
            imported.add(account)?;
        }
    }
    Ok(imported)
}

/// The calls of a text, and the lines of its `msmtprc`, each with the other's lines empty. Without
/// accounts in it all of it is a script.
fn divided(text: &str) -> (Zeroizing<String>, Zeroizing<String>) {
    let is_account = |line: &str| {
        let first = line.split_whitespace().next();
        matches!(first, Some("account" | "defaults" | "host"))
    };
    let has_accounts = text.lines().any(is_account);
    let empty = || Zeroizing::new(String::with_capacity(text.len() + 1));
    let (mut script, mut config) = (empty(), empty());
    let mut goes_on = false;
    for line in text.split('\n') {
        let is_script = !has_accounts || goes_on || line.contains(ASKS) || is_variable(line);
        goes_on = is_script && line.trim_end().ends_with(['\\', '^']);
        (if is_script { &mut script } else { &mut config }).push_str(line);
        script.push('\n');
        config.push('\n');
    }
    (script, config)
}

/// `MAILTO=root`, as crontabs have it.
fn is_variable(line: &str) -> bool {
    let name = line.split('=').next().unwrap_or_default();
    line.contains('=') && name.starts_with(|c: char| c.is_ascii_uppercase())
}
