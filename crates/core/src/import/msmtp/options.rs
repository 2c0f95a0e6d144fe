//! The command line of msmtp, as GNU's `getopt_long` reads it: long options may be cut short where
//! that leaves one, an optional value is attached, what is no option may stand anywhere.

use super::rc::{Sections, Setting, is_right, known};
use crate::import::{
    model::{ImportFault, ImportFaultKind},
    scripts::Call,
};

/// Whether an option takes a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Value {
    No,
    /// Only where it is attached by `=`, or to the letter.
    Attached,
    Needed,
}

const OPTIONS: [(&str, Value); 53] = [
    ("account", Value::Needed),
    ("add-missing-date-header", Value::Attached),
    ("add-missing-from-header", Value::Attached),
    ("aliases", Value::Needed),
    ("auth", Value::Attached),
    ("auto-from", Value::Attached),
    ("configure", Value::Needed),
    ("connect-timeout", Value::Needed),
    ("debug", Value::Attached),
    ("domain", Value::Needed),
    ("dsn-notify", Value::Needed),
    ("dsn-return", Value::Needed),
    ("file", Value::Needed),
    ("from", Value::Needed),
    ("help", Value::No),
    ("host", Value::Needed),
    ("keepbcc", Value::Attached),
    ("logfile", Value::Needed),
    ("logfile-time-format", Value::Needed),
    ("maildomain", Value::Needed),
    ("passwordeval", Value::Needed),
    ("port", Value::Needed),
    ("pretend", Value::No),
    ("protocol", Value::Needed),
    ("proxy-host", Value::Needed),
    ("proxy-port", Value::Needed),
    ("read-envelope-from", Value::No),
    ("read-recipients", Value::No),
    ("remove-bcc-headers", Value::Attached),
    ("rmqs", Value::Needed),
    ("serverinfo", Value::No),
    ("set-date-header", Value::Attached),
    ("set-from-header", Value::Attached),
    ("set-msgid-header", Value::Attached),
    ("socket", Value::Needed),
    ("source-ip", Value::Needed),
    ("syslog", Value::Attached),
    ("timeout", Value::Needed),
    ("tls", Value::Attached),
    ("tls-cert-file", Value::Needed),
    ("tls-certcheck", Value::Attached),
    ("tls-crl-file", Value::Needed),
    ("tls-fingerprint", Value::Needed),
    ("tls-force-sslv3", Value::Attached),
    ("tls-host-override", Value::Needed),
    ("tls-key-file", Value::Needed),
    ("tls-min-dh-prime-bits", Value::Needed),
    ("tls-priorities", Value::Needed),
    ("tls-starttls", Value::Attached),
    ("tls-trust-file", Value::Needed),
    ("undisclosed-recipients", Value::Attached),
    ("user", Value::Needed),
    ("version", Value::No),
];

/// Options that are Sendmail's, and that msmtp passes over.
const SENDMAILS: (&str, Value) = ("", Value::No);
const SENDMAILS_WITH_VALUE: (&str, Value) = ("", Value::Needed);

/// The option of a letter.
fn short(letter: char) -> Option<(&'static str, Value)> {
    let long = match letter {
        'P' => "pretend",
        'd' => "debug",
        'S' => "serverinfo",
        'C' => "file",
        'a' => "account",
        'f' => "from",
        'N' => "dsn-notify",
        'R' => "dsn-return",
        'X' => "logfile",
        't' => "read-recipients",
        'G' | 'i' | 'm' | 'n' | 'v' => return Some(SENDMAILS),
        'A' | 'B' | 'b' | 'F' | 'h' | 'L' | 'O' | 'o' => return Some(SENDMAILS_WITH_VALUE),
        _ => return None,
    };
    OPTIONS.into_iter().find(|(name, _)| *name == long)
}

/// The option of a name, or of the beginning of one.
fn long(name: &str) -> Option<(&'static str, Value)> {
    let exact = OPTIONS.into_iter().find(|(whole, _)| *whole == name);
    exact.or_else(|| {
        let mut begun = OPTIONS
            .into_iter()
            .filter(|(whole, _)| whole.starts_with(name));
        let found = begun.next();
        found.filter(|_| begun.next().is_none())
    })
}

/// A call that asks for held mail.
pub(super) struct Invocation<'a> {
    call: &'a Call,
    pub(super) domain: &'a str,
    account: Option<&'a str>,
    is_by_sender: bool,
    pub(super) settings: Vec<Setting<'a>>,
}

impl<'a> Invocation<'a> {
    /// Reads the arguments of a call.
    ///
    /// # Errors
    /// The first that msmtp does not take together with `--rmqs`.
    pub(super) fn parse(call: &'a Call, arguments: &[&'a str]) -> Result<Self, ImportFault> {
        let mut invocation = Self {
            call,
            domain: "",
            account: None,
            is_by_sender: false,
            settings: Vec::new(),
        };
        let mut arguments = arguments.iter().copied();
        while let Some(argument) = arguments.next() {
            let unknown = || call.fault(ImportFaultKind::Unknown, argument);
            if let Some(name) = argument.strip_prefix("--").filter(|name| !name.is_empty()) {
                let (name, attached) = match name.split_once('=') {
                    Some((name, value)) => (name, Some(value)),
                    None => (name, None),
                };
                let (option, takes) = long(name).ok_or_else(unknown)?;
                invocation.take(option, takes, attached, &mut arguments)?;
                continue;
            }
            // No mail is sent, so nobody can receive it.
            let letters = argument
                .strip_prefix('-')
                .filter(|letters| !letters.is_empty());
            let mut letters = letters.ok_or_else(unknown)?;
            while let Some(letter) = letters.chars().next() {
                letters = &letters[letter.len_utf8()..];
                let (option, takes) = short(letter).ok_or_else(unknown)?;
                if takes == Value::No {
                    invocation.take(option, takes, None, &mut arguments)?;
                } else {
                    let attached = Some(letters).filter(|rest| !rest.is_empty());
                    invocation.take(option, takes, attached, &mut arguments)?;
                    break;
                }
            }
        }
        if invocation.domain.is_empty() {
            return Err(call.fault(ImportFaultKind::NoValue, "--rmqs"));
        }
        Ok(invocation)
    }

    fn take(
        &mut self,
        option: &'static str,
        takes: Value,
        attached: Option<&'a str>,
        rest: &mut impl Iterator<Item = &'a str>,
    ) -> Result<(), ImportFault> {
        let fault = |kind| self.call.fault(kind, &format!("--{option}"));
        let value = match (takes, attached) {
            (Value::No, Some(_)) => return Err(fault(ImportFaultKind::WrongValue)),
            (Value::No, None) => "",
            (Value::Attached, attached) => attached.unwrap_or_default(),
            (Value::Needed, attached) => attached
                .or_else(|| rest.next())
                .ok_or_else(|| fault(ImportFaultKind::NoValue))?,
        };
        match option {
            "rmqs" => self.domain = value,
            "account" => self.account = Some(value),
            "from" | "read-envelope-from" => self.is_by_sender = true,
            "" | "debug" | "file" | "pretend" | "read-recipients" => {}
            "configure" | "help" | "serverinfo" | "version" | "tls-force-sslv3" => {
                return Err(fault(ImportFaultKind::Unknown));
            }
            option => {
                let key = known(&option.replace('-', "_"));
                let key = key.ok_or_else(|| fault(ImportFaultKind::Unknown))?;
                if !is_right(key, value) {
                    return Err(fault(ImportFaultKind::WrongValue));
                }
                self.settings.push(Setting {
                    line: self.call.line,
                    key,
                    value,
                });
            }
        }
        Ok(())
    }

    /// The account that it names, with its settings; none where it names a host.
    ///
    /// # Errors
    /// There is no such account, or none can be told.
    pub(super) fn account<'s>(
        &self,
        sections: &Sections<'s>,
    ) -> Result<Option<(&'s str, Vec<Setting<'s>>)>, ImportFault> {
        let has_host = self.settings.iter().any(|setting| setting.key == "host");
        let name = match (has_host, self.account) {
            (true, Some(_)) => {
                return Err(self.call.fault(ImportFaultKind::Misplaced, "--account"));
            }
            (true, None) => return Ok(None),
            // msmtp takes the account whose sender this is.
            (false, None) if self.is_by_sender => {
                return Err(self.call.fault(ImportFaultKind::Unknown, "--from"));
            }
            (false, name) => name.unwrap_or("default"),
        };
        let missing = || self.call.fault(ImportFaultKind::NoSuchAccount, name);
        let section = sections.get(name).ok_or_else(missing)?;
        Ok(Some((section.name, sections.settings(section))))
    }
}
