//! What the settings of msmtp come to here.

use dequeue_smtp::Secret;

use super::rc::{Setting, c_number, fingerprint};
use crate::{
    import::{
        command_line::Shell,
        model::{ImportFault, ImportFaultKind, ImportedAccount, Note, NoteKind, absolute},
    },
    shell_words::join,
};

/// The settings that count, the last of each key.
struct Settings<'a>(Vec<Setting<'a>>);

/// Fills an account; of two settings with the same key the later one counts. Gives what has no
/// counterpart.
///
/// # Errors
/// A value that means something else here, with its line.
pub(super) fn take(
    settings: &[Setting<'_>],
    account: &mut ImportedAccount,
) -> Result<Vec<Note>, ImportFault> {
    let is_last = |place: usize, key: &str| !settings[place + 1..].iter().any(|it| it.key == key);
    let last = settings.iter().enumerate();
    let last = last.filter(|(place, setting)| is_last(*place, setting.key));
    let settings = Settings(last.map(|(_, setting)| *setting).collect());
    let mut notes = Vec::new();
    for setting in &settings.0 {
        if let Some(kind) = settings.plain(setting, account)? {
            let about = match setting.key {
                "auth" => format!("auth {}", setting.value),
                key => key.to_owned(),
            };
            notes.push(Note::new(setting.line, kind, &about));
        }
    }
    settings.tls(account);
    settings.login(account, &mut notes);
    Ok(notes)
}

impl<'a> Settings<'a> {
    fn value(&self, key: &str) -> Option<&'a str> {
        let setting = self.0.iter().find(|setting| setting.key == key);
        setting
            .map(|setting| setting.value)
            .filter(|value| !value.is_empty())
    }

    /// Whether what is on without a value is on.
    fn is_on(&self, key: &str) -> Option<bool> {
        let setting = self.0.iter().find(|setting| setting.key == key)?;
        Some(setting.value != "off")
    }

    /// Takes a setting that depends on no other; gives what to say about one that has no counterpart.
    fn plain(
        &self,
        setting: &Setting<'_>,
        account: &mut ImportedAccount,
    ) -> Result<Option<NoteKind>, ImportFault> {
        let Setting { line, key, value } = *setting;
        let number = || c_number(value).unwrap_or_default();
        let mut path = |to: &str| {
            let wrong = || ImportFault::new(line, ImportFaultKind::RelativePath, key);
            account.set(to, absolute(value).ok_or_else(wrong)?);
            Ok::<_, ImportFault>(None)
        };
        match key {
            "host" => account.set(key, value),
            // As they are where nothing is said.
            _ if value.is_empty() || value == "off" && key != "tls_certcheck" => {}
            "tls" | "tls_starttls" | "user" | "password" | "passwordeval" => {}
            // Defaults set them for accounts that use no TLS, too.
            "tls_trust_file" | "tls_cert_file" | "tls_key_file" | "tls_fingerprint"
                if self.is_on("tls") != Some(true) => {}
            "protocol" if value == "smtp" => {}
            "tls_trust_file" if value == "system" => {}
            "port" => account.set(key, number().to_string()),
            "timeout" => {
                for limit in ["connect_timeout", "command_timeout"] {
                    account.set(limit, format!("{}s", number()));
                }
            }
            "domain" => account.set("ehlo", value),
            "source_ip" => account.set("bind", value),
            "tls_trust_file" => return path("ca_file"),
            "tls_cert_file" => return path("client_cert"),
            "tls_key_file" => return path("client_key"),
            "tls_certcheck" if value == "off" => return Ok(Some(NoteKind::Unchecked)),
            "tls_certcheck" => {}
            "tls_fingerprint" => match fingerprint(value, 32) {
                Some(pin) => account.set("pin", pin),
                None => return Ok(Some(NoteKind::WeakFingerprint)),
            },
            "auth" => match value {
                "plain" | "login" | "cram-md5" | "scram-sha-1" | "scram-sha-256" | "external"
                | "oauthbearer" | "xoauth2" => account.set("auth", value),
                _ => {
                    account.set("auth", "auto");
                    return Ok(Some(NoteKind::NoCounterpart).filter(|_| value != "on"));
                }
            },
            _ => return Ok(Some(NoteKind::NoCounterpart)),
        }
        Ok(None)
    }

    fn tls(&self, account: &mut ImportedAccount) {
        match (self.is_on("tls"), self.is_on("tls_starttls")) {
            (Some(true), Some(false)) => {
                account.set("tls", "implicit");
                if self.value("port").is_none() {
                    account.set("port", "465");
                }
            }
            (Some(true), _) => account.set("tls", "required"),
            (Some(false), _) => account.set("tls", "none"),
            (None, _) => {}
        }
    }

    /// msmtp has the name ready also where it does not log in.
    fn login(&self, account: &mut ImportedAccount, notes: &mut Vec<Note>) {
        if self.is_on("auth") != Some(true) {
            return;
        }
        if self.value("auth").is_none() {
            account.set("auth", "auto");
        }
        if let Some(user) = self.value("user") {
            account.set("user", user);
        }
        // It asks the command only where there is no password.
        if let Some(password) = self.value("password") {
            account.password = Some(Secret::from(password.to_owned()));
            return;
        }
        let command = self.0.iter().find(|setting| setting.key == "passwordeval");
        let Some(command) = command.filter(|setting| !setting.value.is_empty()) else {
            return;
        };
        match without_shell(command.value) {
            Some(line) => account.set("secret", format!("command:{line}")),
            None => notes.push(Note::new(command.line, NoteKind::ShellCommand, command.key)),
        }
    }
}

/// A command line that means the same without a shell, as the settings divide it; `None` where only
/// a shell can carry it out.
fn without_shell(line: &str) -> Option<String> {
    // A shell's operators leave no trace in the words of a single command.
    const OPERATORS: [char; 8] = ['|', '&', ';', '<', '>', '(', ')', '\n'];
    let commands = Shell::Posix.commands(line).ok()?;
    let [command] = commands.as_slice() else {
        return None;
    };
    let program = command.first()?;
    let is_plain = !line.contains(OPERATORS)
        && !line.contains('#')
        && !program.text.contains('=')
        && command.iter().all(|word| !word.is_expanded);
    is_plain.then(|| join(command.iter().map(|word| &word.text)))
}
