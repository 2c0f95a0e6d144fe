//! A `fetchmailrc`, or calls of fetchmail: the servers in it that are polled by ETRN or ODMR.
//! fetchmail(1) describes both; what fetchmail would do with it, and not what it looks like, is what
//! counts.

mod call;
mod grammar;
mod lexer;

use std::collections::HashSet;

use dequeue_smtp::Secret;

use self::{
    call::Asked,
    grammar::{File, Options, Server, Setting, User},
};
use super::{
    model::{
        ImportFault, ImportFaultKind, Imported, ImportedAccount, Note, NoteKind, absolute, listed,
        number,
    },
    scripts::{Call, calls},
};
use crate::settings::value::Server as MailServer;

pub(super) fn parse(text: &str) -> Result<Imported, ImportFault> {
    let mut imported = Imported::default();
    let mut noted = HashSet::new();
    if call::is_script(text) {
        let calls = calls(text, "fetchmail", &mut imported.notes)?;
        for call in calls {
            take_call(&call, &mut imported, &mut noted)?;
        }
    } else {
        let file = grammar::parse(&lexer::tokens(text)?)?;
        take(&file, &mut imported, &mut noted)?;
    }
    Ok(imported)
}

/// Takes what a call asks for.
fn take_call(
    call: &Call,
    imported: &mut Imported,
    noted: &mut HashSet<Note>,
) -> Result<(), ImportFault> {
    let file = match call::asked(call)? {
        Asked::Servers(file) => file,
        // What it says of them is not here.
        Asked::OfFile(path) => return Err(call.fault(ImportFaultKind::RcFile, &path)),
        Asked::Nothing => return Ok(()),
    };
    let before = imported.accounts.len();
    take(&file, imported, noted)?;
    if file.daemon.is_some_and(|seconds| seconds > 0) {
        // By itself, however often it is started.
        let is_of_call = |note: &Note| note.kind == NoteKind::Rhythm && note.line == call.line;
        imported.notes.retain(|note| !is_of_call(note));
        return Ok(());
    }
    for account in &mut imported.accounts[before..] {
        call.set_rhythm(account);
    }
    Ok(())
}

fn take(
    file: &File,
    imported: &mut Imported,
    noted: &mut HashSet<Note>,
) -> Result<(), ImportFault> {
    for server in &file.servers {
        let no_user = [User {
            line: server.line,
            options: Options::new(),
        }];
        let users = match server.users.as_slice() {
            [] => &no_user[..],
            users => users,
        };
        for user in users {
            let entry = Entry::new(file, server, user);
            let Some(protocol) = entry.protocol() else {
                imported.notes.push(entry.note(NoteKind::NotHeldMail));
                break;
            };
            let account = entry.account(protocol)?;
            imported.add(account)?;
            let notes = entry.notes(protocol).into_iter();
            imported
                .notes
                .extend(notes.filter(|note| noted.insert(note.clone())));
        }
    }
    Ok(())
}

/// How held mail is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Protocol {
    Etrn,
    Odmr,
}

/// One user of one server, with what both have in common with the others.
struct Entry<'a> {
    daemon: Option<u64>,
    server: &'a Server,
    user: &'a User,
    /// The first that has an option counts.
    options: Vec<&'a Options>,
}

impl<'a> Entry<'a> {
    fn new(file: &'a File, server: &'a Server, user: &'a User) -> Self {
        let mut options = vec![&user.options, &server.options];
        if let Some(defaults) = &file.defaults {
            options.extend(defaults.users.iter().map(|user| &user.options));
            options.push(&defaults.options);
        }
        Self {
            daemon: file.daemon.filter(|seconds| *seconds > 0),
            server,
            user,
            options,
        }
    }

    fn setting(&self, keyword: &str) -> Option<&'a Setting> {
        self.options.iter().find_map(|options| options.get(keyword))
    }

    /// The value of an option; nothing for an empty one.
    fn value(&self, keyword: &str) -> Option<&'a str> {
        let value = self.setting(keyword)?.values.first()?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// A number other than 0, which is no number here.
    fn number(&self, keyword: &str) -> Option<u64> {
        let mut values = self.options.iter().filter_map(|options| {
            let value = options.get(keyword)?.values.first()?;
            number(value)
        });
        values.find(|value| *value > 0)
    }

    fn is_on(&self, keyword: &str) -> bool {
        self.setting(keyword).is_some_and(|setting| setting.is_on)
    }

    fn fault(&self, keyword: &str, kind: ImportFaultKind) -> ImportFault {
        let line = self
            .setting(keyword)
            .map_or(self.user.line, |setting| setting.line);
        ImportFault::new(line, kind, keyword)
    }

    fn note(&self, kind: NoteKind) -> Note {
        Note::new(self.server.line, kind, &self.server.name)
    }

    fn protocol(&self) -> Option<Protocol> {
        match self.value("protocol")? {
            "etrn" => Some(Protocol::Etrn),
            "odmr" => Some(Protocol::Odmr),
            _ => None,
        }
    }

    fn account(&self, protocol: Protocol) -> Result<ImportedAccount, ImportFault> {
        let mut account = ImportedAccount::at(self.user.line);
        account.set("name", self.server.name.as_str());
        account.set("host", self.value("via").unwrap_or(&self.server.name));
        let domains = self
            .setting("fetchdomains")
            .map(|setting| setting.values.as_slice());
        let method = match (protocol, domains) {
            (Protocol::Odmr, _) => "atrn",
            (Protocol::Etrn, Some(_)) => "etrn",
            // fetchmail asks for the machine's own name then, which is not in the file.
            (Protocol::Etrn, None) => "auto",
        };
        account.set("method", method);
        if let Some(domains) = domains {
            account.set("domains", listed(domains));
        }
        if let Some(daemon) = self.daemon {
            let cycles = self.number("interval").unwrap_or(1);
            account.set("every", format!("{}s", daemon.saturating_mul(cycles)));
        }
        if let Some(seconds) = self.number("timeout") {
            account.set("command_timeout", format!("{seconds}s"));
        }
        self.port_and_tls(protocol, &mut account)?;
        self.login(protocol, &mut account)?;
        if protocol == Protocol::Odmr {
            account.set("mail_server", self.mail_server()?);
        }
        Ok(account)
    }

    fn port_and_tls(
        &self,
        protocol: Protocol,
        account: &mut ImportedAccount,
    ) -> Result<(), ImportFault> {
        let is_implicit = self.is_on("ssl");
        let port = match self.setting("port") {
            Some(_) => Some(self.port()?),
            None if protocol == Protocol::Odmr => Some(366),
            None => is_implicit.then_some(465),
        };
        if let Some(port) = port {
            account.set("port", port.to_string());
        }
        // It protects a line to the SMTP port in no other way; ours does where that is offered.
        if is_implicit {
            account.set("tls", "implicit");
        } else if self
            .setting("sslproto")
            .is_some_and(|proto| proto.values[0].is_empty())
        {
            account.set("tls", "none");
        }
        // Defaults set them for lines without TLS, too.
        let files = [
            ("sslcertfile", "ca_file"),
            ("sslcert", "client_cert"),
            ("sslkey", "client_key"),
        ];
        for (keyword, key) in files.into_iter().filter(|_| is_implicit) {
            if let Some(path) = self.value(keyword) {
                let wrong = || self.fault(keyword, ImportFaultKind::RelativePath);
                account.set(key, absolute(path).ok_or_else(wrong)?);
            }
        }
        Ok(())
    }

    fn port(&self) -> Result<u16, ImportFault> {
        let port = self.value("port").and_then(service_port);
        port.ok_or_else(|| self.fault("port", ImportFaultKind::WrongValue))
    }

    fn login(&self, protocol: Protocol, account: &mut ImportedAccount) -> Result<(), ImportFault> {
        // That of ETRN is not that of the mailbox, and takes both.
        let (name, password) = match protocol {
            Protocol::Odmr => ("user", "password"),
            Protocol::Etrn => ("esmtpname", "esmtppassword"),
        };
        let secret = self.value(password);
        if protocol == Protocol::Etrn && secret.is_none() {
            return Ok(());
        }
        // With these fetchmail knows no password, and ODMR has no other login.
        let is_other = |auth| matches!(auth, "external" | "gssapi" | "kerberos" | "otp" | "ssh");
        if protocol == Protocol::Odmr && self.value("auth").is_some_and(is_other) {
            return Err(self.fault("auth", ImportFaultKind::WrongValue));
        }
        // Without a name fetchmail gives that of whoever runs it.
        let user = self
            .value(name)
            .ok_or_else(|| self.fault(password, ImportFaultKind::NoUser))?;
        account.set("user", user);
        account.set("auth", "auto");
        account.password = secret.map(|secret| Secret::from(secret.to_owned()));
        Ok(())
    }

    /// Where mail goes to: HOST or HOST/PORT, by default this machine.
    fn mail_server(&self) -> Result<String, ImportFault> {
        let Some(place) = self.value("smtphost") else {
            return Ok(MailServer::default().to_string());
        };
        let wrong = || self.fault("smtphost", ImportFaultKind::WrongValue);
        if place.starts_with('/') {
            return Err(wrong());
        }
        let (host, service) = place.split_once('/').unwrap_or((place, "25"));
        let port = service_port(service).ok_or_else(wrong)?;
        Ok(match host.contains(':') {
            true => format!("[{host}]:{port}"),
            false => format!("{host}:{port}"),
        })
    }

    /// What has no counterpart here, and what is otherwise than there.
    fn notes(&self, protocol: Protocol) -> Vec<Note> {
        let mut notes = Vec::new();
        if self.server.is_skipped {
            notes.push(self.note(NoteKind::NotPolled));
        }
        let mut seen = HashSet::new();
        for options in &self.options {
            for (keyword, setting) in *options {
                if !seen.insert(*keyword) {
                    continue;
                }
                let kind = match (*keyword, setting.is_on) {
                    ("sslcertck", false) => NoteKind::Unchecked,
                    (_, false) => continue,
                    ("sslfingerprint", _) => NoteKind::WeakFingerprint,
                    (keyword, _) if self.is_taken(keyword, protocol) => continue,
                    _ => NoteKind::NoCounterpart,
                };
                let about = match setting.is_on {
                    true => (*keyword).to_owned(),
                    false => format!("no {keyword}"),
                };
                notes.push(Note::new(setting.line, kind, &about));
            }
        }
        notes
    }

    /// Whether an option is in the account, or changes nothing in it.
    fn is_taken(&self, keyword: &str, protocol: Protocol) -> bool {
        let is_login = |of: Protocol| of == protocol;
        match keyword {
            "fetchdomains" | "interval" | "port" | "protocol" | "ssl" | "sslcert" | "sslcertck"
            | "sslcertfile" | "sslkey" | "timeout" | "via" => true,
            "auth" => matches!(self.value(keyword), Some("any" | "password" | "cram-md5")),
            // Of several hosts the first is the one that is meant.
            "smtphost" => self
                .setting(keyword)
                .is_some_and(|setting| setting.values.len() == 1),
            "sslproto" => self.value(keyword).is_none() || self.is_on("ssl"),
            "user" | "password" => true,
            "esmtpname" | "esmtppassword" => is_login(Protocol::Etrn),
            _ => false,
        }
    }
}

/// A port by its number or by the name of what listens there.
fn service_port(service: &str) -> Option<u16> {
    Some(match service {
        "smtp" => 25,
        "odmr" => 366,
        "smtps" | "submissions" => 465,
        "submission" => 587,
        number => number.parse().ok().filter(|port| *port > 0)?,
    })
}
