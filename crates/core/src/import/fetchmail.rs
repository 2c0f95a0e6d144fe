//! A `fetchmailrc`: the servers in it that are polled by ETRN or ODMR. fetchmail(1) tells what can
//! stand there: words in free form, with noise between them.

use dequeue_smtp::Secret;

use super::model::{
    ImportFault, ImportFaultKind, Imported, ImportedAccount, Note, NoteKind, listed, number,
};
use crate::settings::value::Server as OwnServer;

/// A word of the file.
#[derive(Clone, Debug)]
struct Word {
    line: usize,
    text: String,
    /// A quoted word is never a keyword.
    quoted: bool,
}

impl Word {
    /// In the spelling of the keywords.
    fn keyword(&self) -> String {
        if self.quoted {
            String::new()
        } else {
            self.text.to_lowercase()
        }
    }
}

/// What a keyword is followed by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Follows {
    Nothing,
    One,
    /// All words up to the next keyword.
    Many,
}

/// What belongs to a server, or to all.
#[derive(Clone, Default)]
struct Server {
    line: usize,
    host: String,
    via: Option<String>,
    not_polled: bool,
    protocol: Option<String>,
    port: Option<String>,
    interval: Option<u64>,
    timeout: Option<u64>,
    /// What stands before the first user, which is for each.
    common: User,
    users: Vec<User>,
    notes: Vec<Note>,
}

#[derive(Clone, Default)]
struct User {
    line: usize,
    name: Option<String>,
    password: Option<String>,
    domains: Vec<String>,
    mail_server: Option<String>,
    ssl: Option<bool>,
    ssl_protocol: Option<String>,
    ca_file: Option<String>,
    client_cert: Option<String>,
    client_key: Option<String>,
    /// The login of ETRN, which is not that of the mailbox.
    esmtp_name: Option<String>,
    esmtp_password: Option<String>,
}

pub(super) fn parse(text: &str) -> Result<Imported, ImportFault> {
    let words = words(text)?;
    let mut rest = words.iter().peekable();
    let mut imported = Imported::default();
    let mut daemon = None;
    let mut defaults = Server::default();
    let mut servers: Vec<Server> = Vec::new();
    // Whether options are those of all servers.
    let mut by_default = false;
    let mut after_password: Option<String> = None;
    while let Some(word) = rest.next() {
        let fault = |kind| ImportFault::new(word.line, kind, &word.text);
        let keyword = word.keyword();
        let (keyword, wanted) = match keyword.as_str() {
            "no" => match rest.next() {
                Some(next) => (next.keyword(), false),
                None => return Err(fault(ImportFaultKind::NoValue)),
            },
            _ if follows(&keyword).is_none() => match keyword.strip_prefix("no") {
                Some(flag) if follows(flag) == Some(Follows::Nothing) => (flag.to_owned(), false),
                _ => (keyword, true),
            },
            _ => (keyword, true),
        };
        match keyword.as_str() {
            "and" | "with" | "has" | "wants" | "options" | "here" | "there" => continue,
            "set" => {
                let Some(name) = rest.next() else {
                    return Err(fault(ImportFaultKind::NoValue));
                };
                let takes = match name.keyword().as_str() {
                    "daemon" | "logfile" | "idfile" | "pidfile" | "postmaster" | "properties" => {
                        true
                    }
                    "no" => rest.next().is_none(),
                    _ => false,
                };
                let value = if takes { rest.next() } else { None };
                if name.keyword() == "daemon" {
                    let wrong =
                        ImportFault::new(name.line, ImportFaultKind::WrongValue, "set daemon");
                    let seconds = value.and_then(|value| number(&value.text));
                    daemon = Some(seconds.ok_or(wrong)?);
                }
                continue;
            }
            "defaults" => {
                by_default = true;
                defaults.line = word.line;
                continue;
            }
            "poll" | "server" | "skip" => {
                let host = rest.next().ok_or_else(|| fault(ImportFaultKind::NoValue))?;
                by_default = false;
                servers.push(Server {
                    line: word.line,
                    host: host.text.clone(),
                    not_polled: keyword == "skip",
                    notes: Vec::new(),
                    ..defaults.clone()
                });
                continue;
            }
            _ => {}
        }
        let Some(follows_it) = follows(&keyword) else {
            // A password that is not quoted ends at its first comma: the rest of it is shown nowhere.
            return Err(match &after_password {
                Some(option) => ImportFault::new(word.line, ImportFaultKind::WrongValue, option),
                None => fault(ImportFaultKind::Unknown),
            });
        };
        after_password = Some(keyword.clone()).filter(|keyword| is_password(keyword));
        let server = if by_default {
            &mut defaults
        } else {
            servers
                .last_mut()
                .ok_or_else(|| fault(ImportFaultKind::Unknown))?
        };
        let mut values: Vec<String> = Vec::new();
        if wanted {
            match follows_it {
                Follows::Nothing => {}
                Follows::One => {
                    let value = rest.next().ok_or_else(|| fault(ImportFaultKind::NoValue))?;
                    values.push(value.text.clone());
                }
                Follows::Many => {
                    while let Some(value) = rest.next_if(|next| !is_keyword(&next.keyword())) {
                        values.push(value.text.clone());
                    }
                    if values.is_empty() {
                        return Err(fault(ImportFaultKind::NoValue));
                    }
                }
            }
        }
        server.take(&keyword, wanted, values, word.line)?;
    }
    for server in servers {
        server.into_accounts(daemon, &mut imported);
    }
    Ok(imported)
}

impl Server {
    fn take(
        &mut self,
        keyword: &str,
        wanted: bool,
        values: Vec<String>,
        line: usize,
    ) -> Result<(), ImportFault> {
        let first = values.first().cloned().unwrap_or_default();
        let counted = || {
            let wrong = ImportFault::new(line, ImportFaultKind::WrongValue, keyword);
            number(&first).ok_or(wrong)
        };
        if matches!(keyword, "user" | "username") {
            self.users.push(User {
                line,
                name: Some(first),
                ..self.common.clone()
            });
            return Ok(());
        }
        let user = self.users.last_mut().unwrap_or(&mut self.common);
        match keyword {
            "via" => self.via = Some(first),
            "proto" | "protocol" => self.protocol = Some(first.to_lowercase()),
            "port" | "service" => {
                self.port = Some(match first.to_lowercase().as_str() {
                    "smtp" => "25".to_owned(),
                    "odmr" => "366".to_owned(),
                    "smtps" => "465".to_owned(),
                    "submission" => "587".to_owned(),
                    _ => counted()?.to_string(),
                });
            }
            "interval" => self.interval = Some(counted()?),
            "timeout" => self.timeout = Some(counted()?),
            "pass" | "password" => user.password = Some(first),
            "fetchdomains" => user.domains = values,
            "smtphost" | "smtp" => {
                // HOST/PORT; of several hosts the first is the one that is meant.
                user.mail_server = Some(first.replace('/', ":"));
                if values.len() > 1 {
                    self.notes.push(Note::new(
                        line,
                        NoteKind::NoCounterpart,
                        &values[1..].join(" "),
                    ));
                }
            }
            "ssl" => user.ssl = Some(wanted),
            "sslproto" => user.ssl_protocol = Some(first),
            "sslcertck" if wanted => {}
            "sslcertck" => self
                .notes
                .push(Note::new(line, NoteKind::Unchecked, "no sslcertck")),
            "sslfingerprint" => {
                self.notes
                    .push(Note::new(line, NoteKind::WeakFingerprint, keyword));
            }
            "sslcertfile" => user.ca_file = Some(first),
            "sslcert" => user.client_cert = Some(first),
            "sslkey" => user.client_key = Some(first),
            "esmtpname" => user.esmtp_name = Some(first),
            "esmtppassword" => user.esmtp_password = Some(first),
            "auth" | "authenticate"
                if matches!(
                    first.to_lowercase().as_str(),
                    "any" | "password" | "cram-md5"
                ) => {}
            // How things are by themselves.
            _ if !wanted => {}
            other => self
                .notes
                .push(Note::new(line, NoteKind::NoCounterpart, other)),
        }
        Ok(())
    }

    fn into_accounts(self, daemon: Option<u64>, imported: &mut Imported) {
        let note = |kind| Note::new(self.line, kind, &self.host);
        let atrn = match self.protocol.as_deref() {
            Some("etrn") => false,
            Some("odmr") => true,
            Some(_) | None => {
                imported.notes.push(note(NoteKind::NotHeldMail));
                return;
            }
        };
        if self.not_polled {
            imported.notes.push(note(NoteKind::NotPolled));
        }
        imported.notes.extend(self.notes.iter().cloned());
        let users = if self.users.is_empty() {
            vec![self.common.clone()]
        } else {
            self.users.clone()
        };
        for user in users {
            let mut account = ImportedAccount::at(user.line.max(self.line));
            account.set("name", self.host.as_str());
            account.set("host", self.via.as_deref().unwrap_or(&self.host));
            self.fill(&mut account, atrn, &user);
            let cycles = self.interval.unwrap_or(1).max(1);
            if let Some(seconds) = daemon.filter(|seconds| *seconds > 0) {
                account.set("every", format!("{}s", seconds.saturating_mul(cycles)));
            }
            imported.accounts.push(account);
        }
    }

    fn fill(&self, account: &mut ImportedAccount, atrn: bool, user: &User) {
        let named = !user.domains.is_empty();
        account.set(
            "method",
            match (atrn, named) {
                (true, _) => "atrn",
                (false, true) => "etrn",
                // fetchmail asks for the machine's own name then, which is not in the file.
                (false, false) => "auto",
            },
        );
        if named {
            account.set("domains", listed(&user.domains));
        }
        let port = match (atrn, user.ssl) {
            (true, _) => Some("366".to_owned()),
            (false, Some(true)) => Some("465".to_owned()),
            (false, _) => None,
        };
        let (name, password) = if atrn {
            (&user.name, &user.password)
        } else {
            (&user.esmtp_name, &user.esmtp_password)
        };
        let tls = match (user.ssl, user.ssl_protocol.as_deref()) {
            (Some(true), _) => Some("implicit"),
            (_, Some("")) => Some("none"),
            (_, Some(_)) => Some("required"),
            (_, None) => None,
        };
        let timeout = self.timeout.filter(|seconds| *seconds > 0);
        let fields = [
            ("port", self.port.clone().or(port)),
            ("tls", tls.map(str::to_owned)),
            ("ca_file", user.ca_file.clone()),
            ("client_cert", user.client_cert.clone()),
            ("client_key", user.client_key.clone()),
            ("user", name.clone()),
            ("auth", name.as_ref().map(|_| "auto".to_owned())),
            // fetchmail passes mail on to this machine where nothing else is said.
            (
                "mail_server",
                (user.mail_server.clone())
                    .or_else(|| Some(OwnServer::default().to_string()))
                    .filter(|_| atrn),
            ),
            (
                "command_timeout",
                timeout.map(|seconds| format!("{seconds}s")),
            ),
        ];
        for (key, value) in fields {
            if let Some(value) = value {
                account.set(key, value);
            }
        }
        account.password = password
            .clone()
            .filter(|_| name.is_some())
            .map(Secret::from);
    }
}

fn is_password(keyword: &str) -> bool {
    matches!(keyword, "pass" | "password" | "esmtppassword")
}

fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "poll"
            | "server"
            | "skip"
            | "defaults"
            | "set"
            | "no"
            | "and"
            | "with"
            | "has"
            | "wants"
            | "options"
            | "here"
            | "there"
    ) || follows(word).is_some()
        || word
            .strip_prefix("no")
            .is_some_and(|flag| follows(flag) == Some(Follows::Nothing))
}

/// What an option of a server or a user is followed by; `None` where there is no such option.
fn follows(keyword: &str) -> Option<Follows> {
    Some(match keyword {
        "dns" | "checkalias" | "uidl" | "tracepolls" | "keep" | "flush" | "limitflush"
        | "fetchall" | "rewrite" | "stripcr" | "forcecr" | "pass8bits" | "dropstatus"
        | "dropdelivered" | "mimedecode" | "idle" | "ssl" | "sslcertck" | "lmtp" | "moveto"
        | "forceidle" => Follows::Nothing,
        "via" | "proto" | "protocol" | "port" | "service" | "auth" | "authenticate" | "timeout"
        | "qvirtual" | "interface" | "monitor" | "plugin" | "plugout" | "interval"
        | "principal" | "esmtpname" | "esmtppassword" | "badheader" | "bad-header"
        | "retrieve-error" | "user" | "username" | "pass" | "password" | "sslcert" | "sslkey"
        | "sslproto" | "sslcertfile" | "sslcertpath" | "sslcommonname" | "sslfingerprint"
        | "smtpaddress" | "smtpname" | "mda" | "bsmtp" | "preconnect" | "postconnect" | "limit"
        | "warnings" | "batchlimit" | "fetchlimit" | "fetchsizelimit" | "fastuidl" | "expunge"
        | "properties" => Follows::One,
        "envelope" | "aka" | "local" | "localdomains" | "smtphost" | "smtp" | "fetchdomains"
        | "antispam" | "is" | "to" | "folder" => Follows::Many,
        _ => return None,
    })
}

/// The words of the file, without comments, and without the punctuation that counts for nothing.
fn words(text: &str) -> Result<Vec<Word>, ImportFault> {
    let mut words: Vec<Word> = Vec::new();
    let mut line = 1;
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' => line += 1,
            '#' => while rest.next_if(|next| *next != '\n').is_some() {},
            '"' | '\'' => {
                let begun = line;
                let mut word = String::new();
                loop {
                    let unclosed = || ImportFault::new(begun, ImportFaultKind::Unclosed, "");
                    match rest.next().ok_or_else(unclosed)? {
                        end if end == c => break,
                        '\n' => return Err(unclosed()),
                        '\\' => word.extend(rest.next().map(|escaped| match escaped {
                            'n' => '\n',
                            't' => '\t',
                            other => other,
                        })),
                        other => word.push(other),
                    }
                }
                words.push(Word {
                    line: begun,
                    text: word,
                    quoted: true,
                });
            }
            c if is_noise(c) => {}
            c => {
                let mut word = String::from(c);
                while let Some(next) = rest.next_if(|next| !is_noise(*next) && *next != '"') {
                    word.push(next);
                }
                words.push(Word {
                    line,
                    text: word,
                    quoted: false,
                });
            }
        }
    }
    Ok(words)
}

fn is_noise(c: char) -> bool {
    c.is_whitespace() || matches!(c, ',' | ':' | ';' | '=')
}
