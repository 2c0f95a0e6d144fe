//! Calls of the old `dequeue.exe`, and of Sendmail's `contrib/etrn.pl`.

use super::{
    model::{ImportFault, ImportFaultKind, Imported, ImportedAccount, listed},
    scripts::{Call, Lines, calls},
};

/// `dequeue HOST [-p PORT] [-d DOMAIN]...`: without a domain the visit itself is the signal.
pub(super) fn dequeue(text: &str) -> Result<Imported, ImportFault> {
    let mut imported = Imported::default();
    for call in calls(text, "dequeue", Lines::All, &mut imported.notes)? {
        let mut account = ImportedAccount::at(call.line);
        let mut domains = Vec::new();
        let mut arguments = call.arguments.iter();
        while let Some(argument) = arguments.next() {
            let (option, attached) = option_of(argument);
            let value = || {
                let missing = ImportFault::new(call.line, ImportFaultKind::NoValue, option);
                attached
                    .or_else(|| arguments.next().cloned())
                    .ok_or(missing)
            };
            match option {
                "-p" | "--port" => account.set("port", value()?),
                "-d" | "--domain" => domains.push(value()?),
                "-v" | "-q" | "--verbose" | "--quiet" | "--json" | "--" => {}
                host if !host.starts_with('-') && !account.fields.contains_key("host") => {
                    account.set("host", argument);
                }
                _ => return Err(unknown(&call, argument)),
            }
        }
        account.set("method", if domains.is_empty() { "signal" } else { "auto" });
        finish(&mut imported, call, account, &domains)?;
    }
    Ok(imported)
}

/// `etrn.pl [-v] HOST [DOMAIN]...`: without a domain the script asks for the names of the machine's
/// own `sendmail.cf`, which are not here.
pub(super) fn etrn(text: &str) -> Result<Imported, ImportFault> {
    let mut imported = Imported::default();
    for call in calls(text, "etrn", Lines::All, &mut imported.notes)? {
        let mut account = ImportedAccount::at(call.line);
        let mut domains = Vec::new();
        for argument in &call.arguments {
            match argument.as_str() {
                "-v" | "-d" | "-dv" | "-vd" | "--" => {}
                option if option.starts_with('-') => return Err(unknown(&call, option)),
                host if !account.fields.contains_key("host") => account.set("host", host),
                domain => domains.push(domain.to_owned()),
            }
        }
        account.set("method", if domains.is_empty() { "auto" } else { "etrn" });
        finish(&mut imported, call, account, &domains)?;
    }
    Ok(imported)
}

fn unknown(call: &Call, argument: &str) -> ImportFault {
    ImportFault::new(call.line, ImportFaultKind::Unknown, argument)
}

fn finish(
    imported: &mut Imported,
    call: Call,
    mut account: ImportedAccount,
    domains: &[String],
) -> Result<(), ImportFault> {
    if !account.fields.contains_key("host") {
        return Err(ImportFault::new(call.line, ImportFaultKind::NoHost, ""));
    }
    if !domains.is_empty() {
        account.set("domains", listed(domains));
    }
    if let Some(every) = call.every {
        account.set("every", every);
    }
    imported.accounts.push(account);
    Ok(())
}

/// An option, and the value that is written together with it: `-p25`, `--port=25`.
fn option_of(argument: &str) -> (&str, Option<String>) {
    if let Some((option, value)) = argument
        .split_once('=')
        .filter(|(o, _)| o.starts_with("--"))
    {
        return (option, Some(value.to_owned()));
    }
    match argument.get(..2) {
        Some(option @ ("-p" | "-d")) if argument.len() > 2 => {
            (option, Some(argument[2..].to_owned()))
        }
        _ => (argument, None),
    }
}
