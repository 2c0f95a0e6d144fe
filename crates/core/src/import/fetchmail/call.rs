//! Calls of fetchmail itself, in a crontab or a script: `fetchmail --ssl -p etrn -d 900 HOST`. What
//! an option means there, and how it is followed by its value, is as getopt_long(3) and fetchmail's
//! own table have it.

use std::{collections::HashSet, vec::IntoIter};

use super::{
    grammar::{File, Options, Server, Setting, Text},
    lexer,
};
use crate::import::{
    model::{ImportFault, ImportFaultKind, number},
    scripts::{Call, names},
};

/// The words that a `fetchmailrc` begins with; `set` begins a script, too.
const BEGINS: [&str; 5] = ["defaults", "poll", "server", "set", "skip"];

/// Whether a text is a script or a crontab with calls in it, and no `fetchmailrc`.
pub(super) fn is_script(text: &str) -> bool {
    let mut lines = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut words = lines.clone().flat_map(str::split_whitespace);
    let is_rc = match words.next() {
        Some("set") => !words
            .next()
            .is_some_and(|next| next.starts_with(['-', '+'])),
        Some(word) => BEGINS.contains(&word),
        None => true,
    };
    !is_rc && lines.any(|line| names(line, "fetchmail"))
}

/// What a call asks for.
pub(super) enum Asked {
    /// These servers.
    Servers(File),
    /// Those of this file, or what it says of the servers that are named.
    OfFile(String),
    /// Nothing: it ends a fetchmail that runs, or shows something.
    Nothing,
}

/// What an option is followed by, and what it does.
#[derive(Clone, Copy)]
enum Does {
    /// Nothing that concerns a server.
    Nothing,
    NothingWith,
    /// It shows something, or ends another fetchmail.
    NoPoll,
    Off(&'static str),
    On(&'static str),
    Text(&'static str),
    Number(&'static str),
    /// Divided by commas.
    Texts(&'static str),
    Protocol,
    Login,
    Daemon,
    File,
}

use Does::{
    Daemon, File as RcFile, Login, NoPoll, Nothing, NothingWith, Number, Off, On, Protocol, Texts,
};

/// fetchmail's options: by a letter, by a word, and what they do.
const OPTIONS: [(char, &str, Does); 74] = [
    ('?', "help", NoPoll),
    ('V', "version", NoPoll),
    ('q', "quit", NoPoll),
    (' ', "configdump", NoPoll),
    ('c', "check", On("check")),
    ('s', "silent", Nothing),
    ('v', "verbose", Nothing),
    ('y', "yydebug", Nothing),
    ('N', "nodetach", Nothing),
    (' ', "invisible", Nothing),
    (' ', "showdots", Nothing),
    (' ', "syslog", Nothing),
    (' ', "nosyslog", Nothing),
    (' ', "nobounce", Nothing),
    (' ', "nosoftbounce", Nothing),
    (' ', "softbounce", Nothing),
    ('d', "daemon", Daemon),
    ('f', "fetchmailrc", RcFile),
    ('L', "logfile", NothingWith),
    ('i', "idfile", NothingWith),
    (' ', "pidfile", NothingWith),
    (' ', "postmaster", NothingWith),
    ('p', "protocol", Protocol),
    ('p', "proto", Protocol),
    (' ', "auth", Login),
    ('P', "service", Does::Text("port")),
    (' ', "port", Does::Text("port")),
    ('t', "timeout", Number("timeout")),
    ('u', "user", Does::Text("user")),
    ('u', "username", Does::Text("user")),
    (' ', "fetchdomains", Texts("fetchdomains")),
    ('S', "smtphost", Texts("smtphost")),
    ('r', "folder", Texts("folder")),
    ('Z', "antispam", Texts("antispam")),
    (' ', "ssl", On("ssl")),
    (' ', "sslcertck", On("sslcertck")),
    (' ', "nosslcertck", Off("sslcertck")),
    (' ', "sslkey", Does::Text("sslkey")),
    (' ', "sslcert", Does::Text("sslcert")),
    (' ', "sslproto", Does::Text("sslproto")),
    (' ', "sslcertfile", Does::Text("sslcertfile")),
    (' ', "sslcertpath", Does::Text("sslcertpath")),
    (' ', "sslcommonname", Does::Text("sslcommonname")),
    (' ', "sslfingerprint", Does::Text("sslfingerprint")),
    ('U', "uidl", On("uidl")),
    (' ', "idle", On("idle")),
    ('E', "envelope", Does::Text("envelope")),
    ('Q', "qvirtual", Does::Text("qvirtual")),
    ('a', "all", On("fetchall")),
    ('a', "fetchall", On("fetchall")),
    ('K', "nokeep", Off("keep")),
    ('k', "keep", On("keep")),
    ('F', "flush", On("flush")),
    (' ', "limitflush", On("limitflush")),
    ('n', "norewrite", Off("rewrite")),
    ('l', "limit", Number("limit")),
    ('w', "warnings", Number("warnings")),
    ('D', "smtpaddress", Does::Text("smtpaddress")),
    (' ', "smtpname", Does::Text("smtpname")),
    ('b', "batchlimit", Number("batchlimit")),
    ('B', "fetchlimit", Number("fetchlimit")),
    (' ', "fetchsizelimit", Number("fetchsizelimit")),
    (' ', "fastuidl", Number("fastuidl")),
    ('e', "expunge", Number("expunge")),
    ('m', "mda", Does::Text("mda")),
    (' ', "bsmtp", Does::Text("bsmtp")),
    (' ', "lmtp", On("lmtp")),
    (' ', "principal", Does::Text("principal")),
    ('I', "interface", Does::Text("interface")),
    ('M', "monitor", Does::Text("monitor")),
    (' ', "plugin", Does::Text("plugin")),
    (' ', "plugout", Does::Text("plugout")),
    (' ', "tracepolls", On("tracepolls")),
    (' ', "bad-header", Does::Text("bad-header")),
];

impl Does {
    const fn takes_value(self) -> bool {
        !matches!(self, Nothing | NoPoll | Off(_) | On(_))
    }
}

/// What a call asks for.
///
/// # Errors
/// An option that fetchmail does not have, or a value that is none.
pub(super) fn asked(call: &Call) -> Result<Asked, ImportFault> {
    let mut read = Invocation {
        call,
        options: Options::new(),
        daemon: None,
        rc_file: None,
        hosts: Vec::new(),
        is_poll: true,
    };
    let arguments: Vec<String> = call.texts()?.into_iter().map(str::to_owned).collect();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        if argument == "--" {
            read.hosts.extend(arguments.by_ref());
        } else if let Some(long) = argument.strip_prefix("--") {
            read.long(long, &mut arguments)?;
        } else if argument.len() > 1 && argument.starts_with('-') {
            read.letters(&argument[1..], &mut arguments)?;
        } else {
            read.hosts.push(argument);
        }
    }
    read.asked()
}

/// A call as far as it has been read.
struct Invocation<'a> {
    call: &'a Call,
    options: Options,
    daemon: Option<u64>,
    rc_file: Option<String>,
    hosts: Vec<String>,
    is_poll: bool,
}

impl Invocation<'_> {
    /// `--proto etrn`, `--proto=etrn`; a word may be cut short where that leaves one meaning.
    fn long(&mut self, word: &str, rest: &mut IntoIter<String>) -> Result<(), ImportFault> {
        let (name, attached) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        let unknown = || {
            let option = format!("--{name}");
            self.call.fault(ImportFaultKind::Unknown, &option)
        };
        let named = |(_, long, _): &&(char, &str, Does)| *long == name;
        let begun = |(_, long, _): &&(char, &str, Does)| long.starts_with(name);
        let found = match OPTIONS.iter().find(named) {
            Some(found) => found,
            None => {
                let mut begun = OPTIONS.iter().filter(begun);
                let first = begun.next().ok_or_else(unknown)?;
                // Two words for one option are no two meanings.
                if begun.any(|other| first.0 == ' ' || other.0 != first.0) {
                    return Err(unknown());
                }
                first
            }
        };
        let (_, long, does) = *found;
        if attached.is_some() && !does.takes_value() {
            return Err(unknown());
        }
        let shown = format!("--{long}");
        self.option(&shown, does, attached, rest)
    }

    /// `-akp etrn`, `-petrn`.
    fn letters(&mut self, letters: &str, rest: &mut IntoIter<String>) -> Result<(), ImportFault> {
        for (at, letter) in letters.char_indices() {
            let shown = format!("-{letter}");
            let found = OPTIONS.iter().find(|(short, ..)| *short == letter);
            let Some((_, _, does)) = found.filter(|_| letter != ' ') else {
                return Err(self.call.fault(ImportFaultKind::Unknown, &shown));
            };
            if does.takes_value() {
                let attached = &letters[at + letter.len_utf8()..];
                let attached = Some(attached.to_owned()).filter(|value| !value.is_empty());
                return self.option(&shown, *does, attached, rest);
            }
            self.option(&shown, *does, None, rest)?;
        }
        Ok(())
    }

    fn option(
        &mut self,
        shown: &str,
        does: Does,
        attached: Option<String>,
        rest: &mut IntoIter<String>,
    ) -> Result<(), ImportFault> {
        let value = match attached {
            None if does.takes_value() => rest
                .next()
                .ok_or_else(|| self.call.fault(ImportFaultKind::NoValue, shown))?,
            attached => attached.unwrap_or_default(),
        };
        let value = Text::new(value);
        let wrong = || self.call.fault(ImportFaultKind::WrongValue, shown);
        let is_way_on = matches!(does, Texts("smtphost") | Does::Text("mda" | "bsmtp"));
        // fetchmail takes one of them, once.
        if is_way_on && ["smtphost", "mda", "bsmtp"].iter().any(|it| self.has(it)) {
            return Err(wrong());
        }
        let known = |found: Option<&'static str>| {
            let found = found.ok_or_else(wrong)?;
            Ok(vec![Text::new(found.to_owned())])
        };
        let (keyword, is_on, values) = match does {
            Nothing | NothingWith => return Ok(()),
            NoPoll => {
                self.is_poll = false;
                return Ok(());
            }
            Daemon => {
                self.daemon = Some(number(&value).ok_or_else(wrong)?);
                return Ok(());
            }
            RcFile => {
                self.rc_file = Some(value.to_string());
                return Ok(());
            }
            Off(keyword) => (keyword, false, Vec::new()),
            On(keyword) => (keyword, true, Vec::new()),
            Does::Text(keyword) => (keyword, true, vec![value]),
            Number(keyword) => {
                number(&value).ok_or_else(wrong)?;
                (keyword, true, vec![value])
            }
            Texts(keyword) => {
                let listed = value.split(',').filter(|part| !part.is_empty());
                let listed: Vec<_> = listed.map(|part| Text::new(part.to_owned())).collect();
                if listed.is_empty() {
                    return Err(wrong());
                }
                (keyword, true, listed)
            }
            Protocol => {
                let named = lexer::protocol(&value.to_ascii_lowercase());
                ("protocol", true, known(named)?)
            }
            Login => {
                let named = match value.as_str() {
                    "password" => Some("password"),
                    "kerberos4" | "kerberos_v4" | "kerberos5" => None,
                    other => lexer::login(other),
                };
                ("auth", true, known(named)?)
            }
        };
        let line = self.call.line;
        let setting = Setting {
            line,
            is_on,
            values,
        };
        match self.options.get_mut(keyword) {
            Some(there) if keyword == "fetchdomains" => there.values.extend(setting.values),
            _ => drop(self.options.insert(keyword, setting)),
        }
        Ok(())
    }

    fn has(&self, keyword: &str) -> bool {
        self.options.contains_key(keyword)
    }

    fn asked(mut self) -> Result<Asked, ImportFault> {
        // One that is named twice is one server.
        let mut named = HashSet::new();
        self.hosts.retain(|host| named.insert(host.clone()));
        if !self.is_poll {
            return Ok(Asked::Nothing);
        }
        let rc_file = match self.rc_file {
            Some(path) if path == "/dev/null" => None,
            Some(path) => Some(path),
            // A server of it may have that name; with all that matters said here, that is of no use.
            None if self.has("protocol") && !self.hosts.is_empty() => None,
            None => Some("~/.fetchmailrc".to_owned()),
        };
        if let Some(path) = rc_file {
            return Ok(Asked::OfFile(path));
        }
        if self.hosts.is_empty() {
            return Err(self.call.fault(ImportFaultKind::NoHost, ""));
        }
        let line = self.call.line;
        let server = |name: String| Server {
            line,
            name,
            is_skipped: false,
            options: self.options.clone(),
            users: Vec::new(),
        };
        Ok(Asked::Servers(File {
            daemon: self.daemon,
            defaults: None,
            servers: self.hosts.iter().cloned().map(server).collect(),
        }))
    }
}
