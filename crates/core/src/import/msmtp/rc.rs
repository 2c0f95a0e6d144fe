//! The grammar of a `msmtprc`: a command and its argument on each line.

use std::collections::HashMap;

use crate::import::model::{ImportFault, ImportFaultKind, number};

/// The commands, in one spelling.
const KEYS: [&str; 45] = [
    "add_missing_date_header",
    "add_missing_from_header",
    "aliases",
    "allow_from_override",
    "auth",
    "auto_from",
    "domain",
    "dsn_notify",
    "dsn_return",
    "from",
    "from_full_name",
    "host",
    "keepbcc",
    "logfile",
    "logfile_time_format",
    "maildomain",
    "ntlmdomain",
    "password",
    "passwordeval",
    "port",
    "protocol",
    "proxy_host",
    "proxy_port",
    "remove_bcc_headers",
    "set_date_header",
    "set_from_header",
    "set_msgid_header",
    "set_to_header",
    "socket",
    "source_ip",
    "syslog",
    "timeout",
    "tls",
    "tls_cert_file",
    "tls_certcheck",
    "tls_crl_file",
    "tls_fingerprint",
    "tls_host_override",
    "tls_key_file",
    "tls_min_dh_prime_bits",
    "tls_priorities",
    "tls_starttls",
    "tls_trust_file",
    "undisclosed_recipients",
    "user",
];

/// A setting, from a file or a call. Its value may be a password.
#[derive(Clone, Copy)]
pub(super) struct Setting<'a> {
    pub(super) line: usize,
    pub(super) key: &'static str,
    pub(super) value: &'a str,
}

/// Which setting counts for each of the [`KEYS`], by its place among all of them.
type Chosen = [Option<u32>; KEYS.len()];

/// An account of the file.
pub(super) struct Section<'a> {
    pub(super) line: usize,
    pub(super) name: &'a str,
    /// What it and the accounts that it names say themselves.
    own: Chosen,
    /// What was the default when it began.
    defaults: Chosen,
    parents: Vec<usize>,
    has_settings: bool,
}

/// The accounts of a file.
#[derive(Default)]
pub(super) struct Sections<'a> {
    sections: Vec<Section<'a>>,
    settings: Vec<Setting<'a>>,
    by_name: HashMap<&'a str, usize>,
}

/// Where the next setting belongs.
#[derive(Clone, Copy)]
enum Place {
    Defaults,
    Section(usize),
}

impl<'a> Sections<'a> {
    /// Reads a file.
    ///
    /// # Errors
    /// The first line that msmtp does not read, or that only it can read.
    pub(super) fn parse(text: &'a str) -> Result<Self, ImportFault> {
        let mut sections = Self::default();
        let mut defaults: Chosen = [None; KEYS.len()];
        let mut place = None;
        for (line, whole) in (1..).zip(text.split('\n')) {
            let trimmed = whole
                .strip_suffix('\r')
                .unwrap_or(whole)
                .trim_matches(BLANK);
            if trimmed.is_empty() || trimmed.starts_with('#') {
                continue;
            }
            let fault = |kind, about: &str| ImportFault::new(line, kind, about);
            let (key, rest) = trimmed.split_once(BLANK).unwrap_or((trimmed, ""));
            let value = unquoted(rest).ok_or_else(|| fault(ImportFaultKind::Unclosed, key))?;
            match key {
                "defaults" if value.is_empty() => place = Some(Place::Defaults),
                "defaults" => return Err(fault(ImportFaultKind::WrongValue, key)),
                "account" => place = Some(sections.begin(line, value, &defaults)?),
                "eval" => return Err(fault(ImportFaultKind::NeedsShell, key)),
                key => {
                    let known =
                        place_of(key).ok_or_else(|| fault(ImportFaultKind::Unknown, key))?;
                    if !is_right(KEYS[known], value) {
                        return Err(fault(ImportFaultKind::WrongValue, key));
                    }
                    // Before the first account stands one without a name.
                    let here = match place {
                        Some(here) => here,
                        None => sections.begin(line, "default", &defaults)?,
                    };
                    place = Some(here);
                    let at = u32::try_from(sections.settings.len()).ok();
                    sections.settings.push(Setting {
                        line,
                        key: KEYS[known],
                        value: match key {
                            "tls_nocertcheck" | "tls_nostarttls" => "off",
                            _ => value,
                        },
                    });
                    match here {
                        Place::Defaults => defaults[known] = at,
                        Place::Section(section) => {
                            let section = &mut sections.sections[section];
                            section.own[known] = at;
                            section.has_settings = true;
                        }
                    }
                }
            }
        }
        Ok(sections)
    }

    /// `account NAME : PARENT, PARENT…`
    fn begin(
        &mut self,
        line: usize,
        value: &'a str,
        defaults: &Chosen,
    ) -> Result<Place, ImportFault> {
        let fault = |kind, about: &str| ImportFault::new(line, kind, about);
        let (name, parents) = match value.split_once(':') {
            Some((name, parents)) => (unquoted(name).unwrap_or(name), Some(parents)),
            None => (value, None),
        };
        if name.is_empty() || name.contains(',') {
            return Err(fault(ImportFaultKind::NoValue, "account"));
        }
        let mut section = Section {
            line,
            name,
            own: [None; KEYS.len()],
            defaults: *defaults,
            parents: Vec::new(),
            has_settings: false,
        };
        for parent in parents.into_iter().flat_map(|parents| parents.split(',')) {
            let parent = unquoted(parent).unwrap_or(parent);
            let found = self.by_name.get(parent);
            let found = *found.ok_or_else(|| fault(ImportFaultKind::NoSuchAccount, parent))?;
            for (own, inherited) in section.own.iter_mut().zip(self.sections[found].own) {
                *own = inherited.or(*own);
            }
            section.parents.push(found);
        }
        let place = self.sections.len();
        if self.by_name.insert(name, place).is_some() {
            return Err(fault(ImportFaultKind::Misplaced, name));
        }
        self.sections.push(section);
        Ok(Place::Section(place))
    }

    pub(super) fn get(&self, name: &str) -> Option<&Section<'a>> {
        self.by_name.get(name).map(|place| &self.sections[*place])
    }

    /// The settings that count in an account, one of each.
    pub(super) fn settings(&self, section: &Section<'a>) -> Vec<Setting<'a>> {
        let chosen = section.own.iter().zip(&section.defaults);
        let places = chosen.filter_map(|(own, default)| own.or(*default));
        places.map(|place| self.settings[place as usize]).collect()
    }

    /// Those that are accounts: `default : NAME` only says which one is meant, and what names no
    /// host is there for others.
    pub(super) fn to_import(&self) -> impl Iterator<Item = &Section<'a>> {
        let mut is_parent = vec![false; self.sections.len()];
        for parent in self.sections.iter().flat_map(|section| &section.parents) {
            is_parent[*parent] = true;
        }
        let is_alias = |section: &Section<'_>| {
            section.name == "default" && section.parents.len() == 1 && !section.has_settings
        };
        let host = place_of("host").unwrap_or_default();
        let sections = self.sections.iter().zip(is_parent);
        let sections = sections.filter(move |(section, is_parent)| {
            let has_host = section.own[host].or(section.defaults[host]).is_some();
            !is_alias(section) && (has_host || !is_parent)
        });
        sections.map(|(section, _)| section)
    }
}

const BLANK: [char; 2] = [' ', '\t'];

/// An argument without the blanks around it and one pair of double quotation marks; `None` for a
/// mark without its partner.
fn unquoted(text: &str) -> Option<&str> {
    let text = text.trim_matches(BLANK);
    match text.strip_prefix('"') {
        Some(rest) => rest.strip_suffix('"'),
        None => Some(text),
    }
}

/// A command in its one spelling.
pub(super) fn known(key: &str) -> Option<&'static str> {
    place_of(key).map(|place| KEYS[place])
}

/// The place of a command among the [`KEYS`], also of those that had other names once.
fn place_of(key: &str) -> Option<usize> {
    let key = match key {
        "connect_timeout" => "timeout",
        "tls_nocertcheck" => "tls_certcheck",
        "tls_nostarttls" => "tls_starttls",
        key => key,
    };
    KEYS.binary_search(&key).ok()
}

/// Whether msmtp takes this value for a command.
pub(super) fn is_right(key: &str, value: &str) -> bool {
    match key {
        "host" | "dsn_notify" | "dsn_return" => !value.is_empty(),
        "port" => c_number(value).is_some_and(|port| port <= 65_535),
        "proxy_port" => value.is_empty() || c_number(value).is_some_and(|port| port <= 65_535),
        "timeout" => value == "off" || c_number(value).is_some(),
        "tls_min_dh_prime_bits" => value.is_empty() || c_number(value).is_some(),
        "protocol" => matches!(value, "smtp" | "lmtp"),
        "tls"
        | "tls_starttls"
        | "tls_certcheck"
        | "keepbcc"
        | "auto_from"
        | "remove_bcc_headers"
        | "undisclosed_recipients"
        | "add_missing_from_header"
        | "add_missing_date_header" => {
            matches!(value, "" | "on" | "off")
        }
        "allow_from_override" => matches!(value, "on" | "off"),
        "set_from_header" => matches!(value, "" | "on" | "off" | "auto"),
        "set_date_header" | "set_msgid_header" => matches!(value, "" | "off" | "auto"),
        "auth" => matches!(
            value,
            "" | "on"
                | "off"
                | "plain"
                | "login"
                | "cram-md5"
                | "digest-md5"
                | "scram-sha-1"
                | "scram-sha-256"
                | "scram-sha-1-plus"
                | "scram-sha-256-plus"
                | "gssapi"
                | "external"
                | "ntlm"
                | "oauthbearer"
                | "xoauth2"
        ),
        "tls_fingerprint" => {
            let octets = |octets| fingerprint(value, octets).is_some();
            value.is_empty() || octets(16) || octets(20) || octets(32)
        }
        _ => true,
    }
}

/// A whole number above 0 as C reads it: `25`, `0x19`, `031`.
pub(super) fn c_number(text: &str) -> Option<u64> {
    let digits = text
        .trim_start()
        .strip_prefix('+')
        .unwrap_or(text.trim_start());
    let hexadecimal = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"));
    let value = match (hexadecimal, digits.strip_prefix('0')) {
        (Some(digits), _) => u64::from_str_radix(digits, 16)
            .ok()
            .filter(|_| !digits.starts_with('+')),
        (None, Some(digits)) if !digits.starts_with('+') => u64::from_str_radix(digits, 8).ok(),
        _ if digits.starts_with('+') => None,
        _ => number(digits),
    };
    value.filter(|value| (1..=0x7fff_ffff).contains(value))
}

/// A fingerprint of so many octets, `01:AB` or `01 AB`, as hexadecimal digits alone.
pub(super) fn fingerprint(text: &str, octets: usize) -> Option<String> {
    let mut digits = String::with_capacity(2 * octets);
    for (place, c) in text.chars().enumerate() {
        match c {
            ':' | ' ' if place % 3 == 2 => {}
            c if c.is_ascii_hexdigit() && place % 3 != 2 => digits.push(c.to_ascii_lowercase()),
            _ => return None,
        }
    }
    (text.len() == 3 * octets - 1).then_some(digits)
}
