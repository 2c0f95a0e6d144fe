//! Where an account's password or token comes from.

use std::{fmt, path::PathBuf, str::FromStr};

use serde::{Deserialize, Serialize};

use super::fault::SourceFault;
use crate::shell_words::split;

/// The longest secret. The longest tokens of the large providers stay far below.
pub const SECRET_OCTETS: usize = 64 * 1024;

/// The setting `secret` of an account. Its text, which [`FromStr`] reads and [`fmt::Display`]
/// writes, stands at each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SecretSource {
    /// `stored`: the keyring, or the protected file where there is none. What was set last counts.
    #[default]
    Stored,
    /// `keyring`: only the keyring.
    Keyring,
    /// `file`: only the protected file in the data folder.
    File,
    /// `file:PATH`: the first line of a file of the user's. A relative path begins in the folder of
    /// the settings; it may begin with `$CREDENTIALS_DIRECTORY`.
    PathFile(PathBuf),
    /// `env:NAME`: an environment variable of this program. Programs that it starts inherit it, as
    /// always, so any other source is better.
    Env(String),
    /// `command:PROGRAM ARGUMENTS…`: the first line that a program writes. No shell reads the line;
    /// words are divided as a shell would (on Windows as the program itself does).
    Command(String),
}

impl SecretSource {
    /// Whether this program keeps the secret; else somebody else does, and here it is only read.
    #[must_use]
    pub const fn is_kept_here(&self) -> bool {
        match self {
            Self::Stored | Self::Keyring | Self::File => true,
            Self::PathFile(_) | Self::Env(_) | Self::Command(_) => false,
        }
    }
}

impl FromStr for SecretSource {
    type Err = SourceFault;

    fn from_str(text: &str) -> Result<Self, SourceFault> {
        let text = text.trim();
        if text.contains(char::is_control) {
            return Err(SourceFault::Control);
        }
        let (kind, rest) = match text.split_once(':') {
            Some((kind, rest)) => (kind, Some(rest.trim())),
            None => (text, None),
        };
        match (kind, rest) {
            ("stored", None) => Ok(Self::Stored),
            ("keyring", None) => Ok(Self::Keyring),
            ("file", None) => Ok(Self::File),
            ("file", Some("")) => Err(SourceFault::NoPath),
            ("file", Some(path)) => Ok(Self::PathFile(path.into())),
            ("env", Some(name)) if name.is_empty() || name.contains(['=', '\0', ' ']) => {
                Err(SourceFault::NoVariable)
            }
            ("env", Some(name)) => Ok(Self::Env(name.to_owned())),
            ("command", Some(line)) => {
                program_and_arguments(line)?;
                Ok(Self::Command(line.to_owned()))
            }
            _ => Err(SourceFault::Unknown),
        }
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stored => f.write_str("stored"),
            Self::Keyring => f.write_str("keyring"),
            Self::File => f.write_str("file"),
            Self::PathFile(path) => write!(f, "file:{}", path.display()),
            Self::Env(name) => write!(f, "env:{name}"),
            Self::Command(line) => write!(f, "command:{line}"),
        }
    }
}

/// A secret's source as anybody may read it, in sentences that travel to the history, notices and
/// the help desk. Of a command it has the program alone: its arguments may hold a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShownSource(String);

impl ShownSource {
    /// What was typed, or came on standard input.
    #[must_use]
    pub fn standard_input() -> Self {
        Self("-".to_owned())
    }
}

impl From<&SecretSource> for ShownSource {
    fn from(source: &SecretSource) -> Self {
        Self(match source {
            SecretSource::Command(line) => {
                let words = program_and_arguments(line).unwrap_or_default();
                format!("command:{}", words.first().map_or("", String::as_str))
            }
            source => source.to_string(),
        })
    }
}

impl fmt::Display for ShownSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The program and its arguments of `command:PROGRAM ARGUMENTS…`.
///
/// # Errors
/// [`SourceFault::NoProgram`], [`SourceFault::OpenQuote`].
pub fn program_and_arguments(line: &str) -> Result<Vec<String>, SourceFault> {
    let words = split(line).ok_or(SourceFault::OpenQuote)?;
    if words.first().is_none_or(String::is_empty) {
        return Err(SourceFault::NoProgram);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Text, secret_fault::SecretFault, text::LANGUAGES};

    #[test]
    fn a_key_among_the_words_of_a_command_is_told_nowhere() {
        for line in [
            "/bin/fetch --api-key s3cr3t-t0ken",
            "'/bin/fetch' s3cr3t-t0ken",
            // Settings do not take this one.
            "/bin/fetch 's3cr3t-t0ken",
        ] {
            let source = SecretSource::Command(line.to_owned());
            let from = || ShownSource::from(&source);
            for fault in [
                SecretFault::TooLong { from: from() },
                SecretFault::NotText { from: from() },
                SecretFault::Empty { from: from() },
                SecretFault::KeptElsewhere { from: from() },
            ] {
                let sentences = LANGUAGES.map(|it| fault.sentence(&Text::for_language(it)));
                let kept = serde_json::to_string(&fault).unwrap();
                let told = format!("{} {fault} {kept}", sentences.concat());
                assert!(!told.contains("s3cr3t"), "{told}");
            }
        }
    }
}
