//! Calls of `msmtp --rmqs=DOMAIN`, and the accounts of a `msmtprc`. What a call does not say itself
//! stands in the account that it names, so both may be in one text.

use dequeue_smtp::Secret;

use super::{
    model::{ImportFault, ImportFaultKind, Imported, ImportedAccount, Note, NoteKind, number},
    scripts::{Call, Lines, calls, lines},
};
use crate::shell_words::split;

/// A line that is a call, and none of a file.
const CALLS: Lines = Lines::With("--rmqs");

/// A setting, from a file or a call.
#[derive(Clone)]
struct Setting {
    line: usize,
    key: String,
    value: String,
}

/// An account of a `msmtprc`.
struct Section {
    line: usize,
    name: String,
    settings: Vec<Setting>,
}

impl Section {
    /// `account default : NAME` only says which one is meant.
    fn is_alias(&self) -> bool {
        let inherited = |setting: &Setting| setting.line < self.line;
        self.name == "default" && self.settings.iter().all(inherited)
    }
}

/// What is for sending mail alone.
const NO_COUNTERPART: [&str; 31] = [
    "add_missing_date_header",
    "add_missing_from_header",
    "aliases",
    "allow_from_override",
    "auto_from",
    "dsn_notify",
    "dsn_return",
    "eval",
    "from",
    "from_full_name",
    "keepbcc",
    "logfile",
    "logfile_time_format",
    "maildomain",
    "ntlmdomain",
    "protocol",
    "proxy_host",
    "proxy_port",
    "remove_bcc_headers",
    "set_date_header",
    "set_from_header",
    "set_msgid_header",
    "socket",
    "syslog",
    "tls_crl_file",
    "tls_force_sslv3",
    "tls_host_override",
    "tls_min_dh_prime_bits",
    "tls_nocertcheck",
    "tls_priorities",
    "undisclosed_recipients",
];

pub(super) fn parse(text: &str) -> Result<Imported, ImportFault> {
    let mut imported = Imported::default();
    let made = calls(text, "msmtp", CALLS, &mut imported.notes)?;
    let sections = sections(text)?;
    if made.is_empty() {
        for section in sections.iter().filter(|section| !section.is_alias()) {
            if !has_host(&section.settings) {
                continue;
            }
            let mut account = ImportedAccount::at(section.line);
            account.set("name", section.name.as_str());
            account.set("method", "auto");
            take(&section.settings, &mut account, &mut imported.notes)?;
            imported.accounts.push(account);
        }
    }
    for call in made {
        let account = of_call(&call, &sections, &mut imported.notes)?;
        imported.accounts.push(account);
    }
    Ok(imported)
}

fn has_host(settings: &[Setting]) -> bool {
    settings.iter().any(|setting| setting.key == "host")
}

/// The account of a call.
fn of_call(
    call: &Call,
    sections: &[Section],
    notes: &mut Vec<Note>,
) -> Result<ImportedAccount, ImportFault> {
    let fault = |kind, about: &str| ImportFault::new(call.line, kind, about);
    let (mut domain, mut named, mut own) = (None, None, Vec::new());
    let mut arguments = call.arguments.iter();
    while let Some(argument) = arguments.next() {
        let (option, attached) = match argument.split_once('=') {
            Some((option, value)) => (option, Some(value.to_owned())),
            None => (argument.as_str(), None),
        };
        let (option, attached) = match (option.get(..2), attached) {
            (Some(short @ ("-a" | "-C")), None) if option.len() > 2 => {
                (short, Some(option[2..].to_owned()))
            }
            (_, attached) => (option, attached),
        };
        let mut value = || {
            let missing = fault(ImportFaultKind::NoValue, option);
            attached
                .clone()
                .or_else(|| arguments.next().cloned())
                .ok_or(missing)
        };
        match option {
            "--rmqs" => domain = Some(value()?),
            "-a" | "--account" => named = Some(value()?),
            "-C" | "--file" => drop(value()?),
            "-d" | "--debug" | "-v" | "--verbose" | "-P" | "--pretend" => {}
            // What may stand without a value means “on”.
            "--tls" | "--tls-starttls" | "--auth" | "--tls-certcheck" => own.push(Setting {
                line: call.line,
                key: option[2..].replace('-', "_"),
                value: attached.unwrap_or_else(|| "on".to_owned()),
            }),
            long if long.starts_with("--") && long.len() > 2 => own.push(Setting {
                line: call.line,
                key: long[2..].replace('-', "_"),
                value: value()?,
            }),
            _ => return Err(fault(ImportFaultKind::Unknown, argument)),
        }
    }
    let domain = domain.ok_or_else(|| fault(ImportFaultKind::NoValue, "--rmqs"))?;
    let mut account = ImportedAccount::at(call.line);
    let mut settings = Vec::new();
    match (&named, has_host(&own)) {
        (None, true) => {}
        (named, _) => {
            let name = named.as_deref().unwrap_or("default");
            let found = sections.iter().find(|section| section.name == name);
            let Some(section) = found else {
                return Err(fault(ImportFaultKind::NoSuchAccount, name));
            };
            settings.clone_from(&section.settings);
            if named.is_some() {
                account.set("name", name);
            }
        }
    }
    settings.extend(own);
    account.set("method", "etrn");
    account.set("domains", domain);
    if let Some(every) = &call.every {
        account.set("every", every);
    }
    take(&settings, &mut account, notes)?;
    if !account.fields.contains_key("host") {
        return Err(fault(ImportFaultKind::NoHost, ""));
    }
    Ok(account)
}

/// The accounts of a `msmtprc`, each with what it inherits.
fn sections(text: &str) -> Result<Vec<Section>, ImportFault> {
    let mut defaults: Vec<Setting> = Vec::new();
    let mut sections: Vec<Section> = Vec::new();
    for (line, whole) in lines(text) {
        let trimmed = whole.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') || CALLS.are(trimmed) {
            continue;
        }
        let fault = |kind, about: &str| ImportFault::new(line, kind, about);
        let (key, value) = trimmed
            .split_once(char::is_whitespace)
            .unwrap_or((trimmed, ""));
        let value = value.trim();
        match key {
            "defaults" => sections.push(Section {
                line,
                name: String::new(),
                settings: Vec::new(),
            }),
            "account" => {
                let (name, parents) = value.split_once(':').unwrap_or((value, ""));
                let mut settings = defaults.clone();
                for parent in parents.split(',').map(str::trim).filter(|p| !p.is_empty()) {
                    let found = sections.iter().find(|section| section.name == parent);
                    let Some(parent) = found else {
                        return Err(fault(ImportFaultKind::NoSuchAccount, parent));
                    };
                    settings.extend(parent.settings.iter().cloned());
                }
                match name.trim() {
                    "" => return Err(fault(ImportFaultKind::NoValue, key)),
                    name => sections.push(Section {
                        line,
                        name: name.to_owned(),
                        settings,
                    }),
                }
            }
            _ => {
                let value = unquoted(value).ok_or(fault(ImportFaultKind::Unclosed, key))?;
                let setting = Setting {
                    line,
                    key: key.to_owned(),
                    value,
                };
                match sections.last_mut() {
                    Some(section) if section.name.is_empty() => defaults.push(setting),
                    Some(section) => section.settings.push(setting),
                    None => return Err(fault(ImportFaultKind::Unknown, key)),
                }
            }
        }
    }
    sections.retain(|section| !section.name.is_empty());
    Ok(sections)
}

fn unquoted(value: &str) -> Option<String> {
    if !value.starts_with('"') {
        return Some(value.to_owned());
    }
    let mut words = split(value)?;
    (words.len() == 1).then(|| words.remove(0))
}

/// Takes settings over, the last of each.
fn take(
    settings: &[Setting],
    account: &mut ImportedAccount,
    notes: &mut Vec<Note>,
) -> Result<(), ImportFault> {
    let (mut tls, mut starttls, mut user) = (None, true, None);
    for (place, setting) in settings.iter().enumerate() {
        let Setting { line, key, value } = setting;
        if settings[place + 1..].iter().any(|later| later.key == *key) {
            continue;
        }
        let wrong = || ImportFault::new(*line, ImportFaultKind::WrongValue, key);
        let on = || match value.as_str() {
            "on" | "" => Ok(true),
            "off" => Ok(false),
            _ => Err(wrong()),
        };
        let mut note = |kind, about: &str| notes.push(Note::new(*line, kind, about));
        match key.as_str() {
            "host" | "port" => account.set(key, value),
            "timeout" if value == "off" => {}
            "timeout" => {
                let seconds = number(value).ok_or_else(wrong)?;
                account.set("connect_timeout", format!("{seconds}s"));
                account.set("command_timeout", format!("{seconds}s"));
            }
            "domain" => account.set("ehlo", value),
            "source_ip" => account.set("bind", value),
            "tls" => tls = Some(on()?),
            "tls_starttls" => starttls = on()?,
            "tls_trust_file" if value == "system" || value.is_empty() => {}
            "tls_trust_file" => account.set("ca_file", value),
            "tls_cert_file" => account.set("client_cert", value),
            "tls_key_file" => account.set("client_key", value),
            "tls_certcheck" => {
                if !on()? {
                    note(NoteKind::Unchecked, key);
                }
            }
            "tls_fingerprint" if value.is_empty() => {}
            "tls_fingerprint" => match sha256(value) {
                Some(pin) => account.set("pin", pin),
                None => note(NoteKind::WeakFingerprint, key),
            },
            "auth" => match value.as_str() {
                "on" | "" => account.set("auth", "auto"),
                "off" => account.set("auth", "off"),
                mechanism @ ("plain" | "login" | "cram-md5" | "scram-sha-1" | "scram-sha-256"
                | "external" | "oauthbearer" | "xoauth2") => account.set("auth", mechanism),
                _ => {
                    account.set("auth", "auto");
                    note(NoteKind::NoCounterpart, &format!("auth {value}"));
                }
            },
            "user" => user = Some(value),
            "password" => account.password = Some(Secret::from(value.clone())),
            "passwordeval" => account.set("secret", format!("command:{value}")),
            other if NO_COUNTERPART.contains(&other) => note(NoteKind::NoCounterpart, other),
            _ => return Err(ImportFault::new(*line, ImportFaultKind::Unknown, key)),
        }
    }
    match (tls, starttls) {
        (Some(true), true) => account.set("tls", "required"),
        (Some(true), false) => {
            account.set("tls", "implicit");
            account
                .fields
                .entry("port".to_owned())
                .or_insert_with(|| "465".to_owned());
        }
        (Some(false), _) => account.set("tls", "none"),
        (None, _) => {}
    }
    // msmtp has the name ready also where it does not log in.
    if account.fields.get("auth").is_none_or(|auth| auth == "off") {
        for key in ["auth", "secret"] {
            account.fields.remove(key);
        }
        account.password = None;
    } else if let Some(user) = user {
        account.set("user", user);
    }
    Ok(())
}

/// A fingerprint in the form of the settings: 64 hexadecimal digits.
fn sha256(fingerprint: &str) -> Option<String> {
    let digits: String = fingerprint.chars().filter(|c| *c != ':').collect();
    let whole = digits.len() == 64 && digits.chars().all(|c| c.is_ascii_hexdigit());
    whole.then(|| digits.to_lowercase())
}
