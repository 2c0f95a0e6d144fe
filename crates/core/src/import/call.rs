//! Calls of the old `dequeue.exe`, and of Sendmail's `contrib/etrn.pl`.

use super::{
    model::{ImportFault, ImportFaultKind, Imported, ImportedAccount, listed},
    scripts::{Call, calls},
};

/// What the first word of a call is where the call is one of this program, and not of the old one.
const SUB_COMMANDS: [&str; 13] = [
    "account",
    "completions",
    "demo",
    "doctor",
    "help",
    "history",
    "man",
    "poke",
    "run",
    "secret",
    "service",
    "settings",
    "status",
];

/// `dequeue HOST [-p PORT] [-d DOMAIN]...`: without a domain the visit itself is the signal.
pub(super) fn dequeue(text: &str) -> Result<Imported, ImportFault> {
    let mut imported = Imported::default();
    for call in calls(text, "dequeue", &mut imported.notes)? {
        let mut account = ImportedAccount::at(call.line);
        let mut domains = Vec::new();
        let mut arguments = call.texts()?.into_iter();
        while let Some(argument) = arguments.next() {
            let (option, attached) = option_of(argument);
            let mut value = || {
                let missing = || call.fault(ImportFaultKind::NoValue, option);
                attached.or_else(|| arguments.next()).ok_or_else(missing)
            };
            match option {
                "-p" | "--port" => account.set("port", value()?),
                "-d" | "--domain" => domains.push(value()?),
                "-v" | "-q" | "--verbose" | "--quiet" | "--json" | "--" => {}
                host if !host.starts_with('-')
                    && !SUB_COMMANDS.contains(&host)
                    && !account.fields.contains_key("host") =>
                {
                    account.set("host", argument);
                }
                _ => return Err(call.fault(ImportFaultKind::Unknown, argument)),
            }
        }
        account.set("method", if domains.is_empty() { "signal" } else { "auto" });
        add(&mut imported, &call, account, &domains)?;
    }
    Ok(imported)
}

/// `etrn.pl [-v] HOST [DOMAIN]...`: without a domain the script asks for the names of the machine's
/// own `sendmail.cf`, which are not here.
pub(super) fn etrn(text: &str) -> Result<Imported, ImportFault> {
    let mut imported = Imported::default();
    for call in calls(text, "etrn", &mut imported.notes)? {
        let mut account = ImportedAccount::at(call.line);
        let mut arguments = call.texts()?.into_iter().peekable();
        while arguments.next_if_eq(&"-v").is_some() {}
        arguments.next_if_eq(&"--");
        let words: Vec<&str> = arguments.collect();
        if let Some(option) = words.iter().find(|word| word.starts_with('-')) {
            return Err(call.fault(ImportFaultKind::Unknown, option));
        }
        let (host, domains) = words.split_first().unwrap_or((&"", &[]));
        if !host.is_empty() {
            account.set("host", *host);
        }
        account.set("method", if domains.is_empty() { "auto" } else { "etrn" });
        add(&mut imported, &call, account, domains)?;
    }
    Ok(imported)
}

fn add(
    imported: &mut Imported,
    call: &Call,
    mut account: ImportedAccount,
    domains: &[&str],
) -> Result<(), ImportFault> {
    if !account.fields.contains_key("host") {
        return Err(call.fault(ImportFaultKind::NoHost, ""));
    }
    if !domains.is_empty() {
        account.set("domains", listed(domains));
    }
    call.set_rhythm(&mut account);
    imported.add(account)
}

/// An option, and the value that is written together with it: `-p25`, `--port=25`.
fn option_of(argument: &str) -> (&str, Option<&str>) {
    if let Some((option, value)) = argument
        .split_once('=')
        .filter(|(o, _)| o.starts_with("--"))
    {
        return (option, Some(value));
    }
    match argument.get(..2) {
        Some(option @ ("-p" | "-d")) if argument.len() > 2 => (option, Some(&argument[2..])),
        _ => (argument, None),
    }
}
