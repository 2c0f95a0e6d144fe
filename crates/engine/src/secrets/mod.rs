//! Where an account's password or token comes from: the system's keyring, a protected file, an
//! environment variable or a command.
//!
//! A secret is read when a poke needs it, lives in a [`Secret`] that is wiped afterwards, and is in
//! nothing else: no setting, log, argument or variable of a program that is started here. Nothing is
//! opened before a secret is asked for, and nothing here ever asks the person.

mod command;
mod file;

use std::{
    env,
    path::{Path, PathBuf},
    str::{self},
    time::Duration,
};

pub use dequeue_api::Kept;
use dequeue_api::Paths;
use dequeue_core::{
    Text,
    settings::{fault::SourceFault, secret_source::SecretSource},
};
use dequeue_platform::{
    blocking::blocking,
    keyring::{self, Entry, KeyringError},
};
use dequeue_smtp::Secret;
use zeroize::Zeroizing;

use self::file::Folder;

/// The longest secret. The longest tokens of the large providers stay far below.
pub const SECRET_OCTETS: usize = 64 * 1024;
/// The folder in which systemd hands a service its credentials (systemd.exec(5)). A file there is
/// named as `file:$CREDENTIALS_DIRECTORY/NAME`.
pub const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";
/// How long a command may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);

/// Why there is no secret, or why it cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SecretFault {
    /// None has been stored for the account.
    #[error("no secret is stored for {account}")]
    NotSet {
        /// The account's name.
        account: String,
    },
    /// None is in the protected file, and there is no keyring that might have it.
    #[error("no secret is stored for {account}, and there is no keyring")]
    NotSetNoKeyring {
        /// The account's name.
        account: String,
    },
    /// There is no keyring, or it does not answer.
    #[error("the keyring cannot be used: {error}")]
    KeyringUnavailable {
        /// What the system said.
        error: String,
    },
    /// The keyring waits for its own password.
    #[error("the keyring is locked")]
    KeyringLocked,
    /// The keyring does not take so long a secret (2560 octets on Windows).
    #[error("the secret is too long for the keyring")]
    TooLongForKeyring,
    /// There is no such file.
    #[error("{path} does not exist")]
    FileMissing {
        /// The file.
        path: PathBuf,
    },
    /// Others than its owner can read the file, or change it.
    #[error("{path} is open to others")]
    FileOpenToOthers {
        /// The file.
        path: PathBuf,
    },
    /// The file belongs to another user, who could change it.
    #[error("{path} belongs to another user")]
    FileOfAnother {
        /// The file.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("{path} cannot be read: {error}")]
    FileUnreadable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: String,
    },
    /// The protected file cannot be written or removed.
    #[error("{path} cannot be written: {error}")]
    FileUnwritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        error: String,
    },
    /// The environment has no such variable.
    #[error("the variable {name} is not set")]
    VariableMissing {
        /// The variable.
        name: String,
    },
    /// The command's line is wrong.
    #[error("the command cannot be understood: {0}")]
    CommandLine(#[from] SourceFault),
    /// There is no such program.
    #[error("{program} was not found")]
    CommandNotFound {
        /// The program.
        program: String,
    },
    /// The program cannot be started.
    #[error("{program} cannot be started: {error}")]
    CommandNotStarted {
        /// The program.
        program: String,
        /// What the system said.
        error: String,
    },
    /// The command ended with a failure.
    #[error("{program} failed ({status:?})")]
    CommandFailed {
        /// The program.
        program: String,
        /// Its exit status; none where a signal ended it.
        status: Option<i32>,
    },
    /// The command took too long, and was ended.
    #[error("{program} took longer than {limit:?}")]
    CommandTimedOut {
        /// The program.
        program: String,
        /// How long it may take.
        limit: Duration,
    },
    /// More than [`SECRET_OCTETS`].
    #[error("{from} gives too much for a secret")]
    TooLong {
        /// The source, as in the settings.
        from: String,
    },
    /// Not UTF-8, or with control characters in it.
    #[error("{from} gives no plain text")]
    NotText {
        /// The source, as in the settings.
        from: String,
    },
    /// Nothing at all.
    #[error("{from} gives an empty secret")]
    Empty {
        /// The source, as in the settings.
        from: String,
    },
    /// The account's secret comes from a source that the user keeps, not this program.
    #[error("the secret comes from {from}")]
    KeptElsewhere {
        /// The source, as in the settings.
        from: String,
    },
}

impl SecretFault {
    /// One or two sentences: what is wrong, what to do. Holds no secret.
    #[must_use]
    pub fn sentence(&self, text: &Text) -> String {
        let shown = |path: &Path| path.display().to_string();
        match self {
            Self::NotSet { account } => {
                text.format("secret-not-set", &[("account", account.as_str().into())])
            }
            Self::NotSetNoKeyring { account } => text.format(
                "secret-not-set-no-keyring",
                &[("account", account.as_str().into())],
            ),
            Self::KeyringUnavailable { error } => text.format(
                "secret-keyring-unavailable",
                &[("error", error.as_str().into())],
            ),
            Self::KeyringLocked => text.get("secret-keyring-locked"),
            Self::TooLongForKeyring => text.get("secret-too-long-for-keyring"),
            Self::FileMissing { path } => {
                text.format("secret-file-missing", &[("path", shown(path).into())])
            }
            Self::FileOpenToOthers { path } => text.format(
                "secret-file-open-to-others",
                &[("path", shown(path).into())],
            ),
            Self::FileOfAnother { path } => {
                text.format("secret-file-of-another", &[("path", shown(path).into())])
            }
            Self::FileUnreadable { path, error } => text.format(
                "secret-file-unreadable",
                &[
                    ("path", shown(path).into()),
                    ("error", error.as_str().into()),
                ],
            ),
            Self::FileUnwritable { path, error } => text.format(
                "secret-file-unwritable",
                &[
                    ("path", shown(path).into()),
                    ("error", error.as_str().into()),
                ],
            ),
            Self::VariableMissing { name } => {
                text.format("secret-variable-missing", &[("name", name.as_str().into())])
            }
            Self::CommandLine(fault) => text.format(
                "secret-command-line",
                &[("fault", text.get(fault.key()).into())],
            ),
            Self::CommandNotFound { program } => text.format(
                "secret-command-not-found",
                &[("program", program.as_str().into())],
            ),
            Self::CommandNotStarted { program, error } => text.format(
                "secret-command-not-started",
                &[
                    ("program", program.as_str().into()),
                    ("error", error.as_str().into()),
                ],
            ),
            Self::CommandFailed {
                program,
                status: Some(status),
            } => text.format(
                "secret-command-failed",
                &[
                    ("program", program.as_str().into()),
                    ("status", status.to_string().into()),
                ],
            ),
            Self::CommandFailed {
                program,
                status: None,
            } => text.format(
                "secret-command-ended",
                &[("program", program.as_str().into())],
            ),
            Self::CommandTimedOut { program, limit } => text.format(
                "secret-command-timed-out",
                &[
                    ("program", program.as_str().into()),
                    ("seconds", limit.as_secs().to_string().into()),
                ],
            ),
            Self::TooLong { from } => {
                text.format("secret-too-long", &[("from", from.as_str().into())])
            }
            Self::NotText { from } => {
                text.format("secret-not-text", &[("from", from.as_str().into())])
            }
            Self::Empty { from } => text.format("secret-empty", &[("from", from.as_str().into())]),
            Self::KeptElsewhere { from } => {
                text.format("secret-kept-elsewhere", &[("from", from.as_str().into())])
            }
        }
    }
}

/// The secrets of one installation. Holds none itself.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Where relative paths begin.
    settings_folder: PathBuf,
    /// Tells the keyring's entries of this installation from those of another.
    data_folder: String,
    files: Folder,
}

impl Secrets {
    /// The secrets of the installation with these places. Nothing is opened yet.
    #[must_use]
    pub fn new(paths: &Paths) -> Self {
        Self {
            settings_folder: paths
                .settings()
                .parent()
                .unwrap_or(Path::new("."))
                .to_owned(),
            data_folder: paths.data().display().to_string(),
            files: Folder::new(paths.data().join("secrets")),
        }
    }

    /// The account's secret.
    ///
    /// # Errors
    /// Why there is none. The keyring answers within 10 seconds or is unavailable, a command within
    /// 30 seconds or is ended.
    pub async fn get(&self, account: &str, source: &SecretSource) -> Result<Secret, SecretFault> {
        let not_set = || SecretFault::NotSet {
            account: account.to_owned(),
        };
        let bytes = match source {
            SecretSource::Stored => match self.get_file(account).await? {
                Some(bytes) => bytes,
                None => match keyring::get(self.entry(account)).await {
                    Ok(found) => found.ok_or_else(not_set)?,
                    Err(KeyringError::Unavailable(error)) => {
                        tracing::debug!(error, "no keyring");
                        return Err(SecretFault::NotSetNoKeyring {
                            account: account.to_owned(),
                        });
                    }
                    Err(fault) => return Err(fault.into()),
                },
            },
            SecretSource::Keyring => keyring::get(self.entry(account))
                .await?
                .ok_or_else(not_set)?,
            SecretSource::File => self.get_file(account).await?.ok_or_else(not_set)?,
            SecretSource::PathFile(path) => {
                let (path, guarded) = self.locate(path)?;
                let missing = SecretFault::FileMissing { path: path.clone() };
                blocking(move || file::read(&path, guarded))
                    .await?
                    .ok_or(missing)?
            }
            SecretSource::Env(name) => env::var_os(name)
                .map(|value| Zeroizing::new(value.into_encoded_bytes()))
                .ok_or_else(|| SecretFault::VariableMissing { name: name.clone() })?,
            SecretSource::Command(line) => command::output(line, COMMAND_LIMIT).await?,
        };
        first_line(&bytes, source)
    }

    /// Keeps a secret for the account, instead of an earlier one.
    ///
    /// # Errors
    /// Why it was not kept; an earlier one is still there.
    pub async fn set(
        &self,
        account: &str,
        source: &SecretSource,
        secret: &Secret,
    ) -> Result<Kept, SecretFault> {
        check(secret.expose(), source)?;
        let place = Place::of(source)?;
        if place.in_keyring() {
            match keyring::set(self.entry(account), secret.expose().as_bytes()).await {
                Ok(()) => {
                    // Probed at before the keyring, it would go on to count.
                    if place.in_file() {
                        self.clear_file(account).await?;
                    }
                    return Ok(Kept::Keyring);
                }
                Err(KeyringError::Unavailable(error)) if place.in_file() => {
                    tracing::debug!(error, "no keyring: the protected file is used");
                }
                // A long token has a place all the same.
                Err(KeyringError::TooLong) if place.in_file() => {}
                Err(fault) => return Err(fault.into()),
            }
        }
        let (files, account, secret) = (self.files.clone(), account.to_owned(), secret.clone());
        blocking(move || files.set(&account, &secret)).await?;
        Ok(Kept::File)
    }

    /// Forgets the account's secret. Returns whether there was one.
    ///
    /// # Errors
    /// Why it was not forgotten.
    pub async fn clear(&self, account: &str, source: &SecretSource) -> Result<bool, SecretFault> {
        let place = Place::of(source)?;
        let mut cleared = false;
        if place.in_keyring() {
            cleared |= place.or_without(keyring::clear(self.entry(account)).await)?;
        }
        if place.in_file() {
            cleared |= self.clear_file(account).await?;
        }
        Ok(cleared)
    }

    /// Follows an account to its new name, under which an older secret is forgotten. Where the
    /// secret is not kept here there is nothing to do.
    ///
    /// # Errors
    /// Why it was not moved; it is still there under the old name.
    pub async fn rename(
        &self,
        from: &str,
        to: &str,
        source: &SecretSource,
    ) -> Result<(), SecretFault> {
        let Ok(place) = Place::of(source) else {
            return Ok(());
        };
        if from == to {
            return Ok(());
        }
        if place.in_keyring() {
            place.or_without(keyring::rename(self.entry(from), self.entry(to)).await)?;
        }
        if place.in_file() {
            let (files, from, to) = (self.files.clone(), from.to_owned(), to.to_owned());
            blocking(move || files.rename(&from, &to)).await?;
        }
        Ok(())
    }

    /// Whether the account has a secret, without reading it. A command is not run: it counts as one.
    ///
    /// # Errors
    /// Why that cannot be known.
    pub async fn is_set(&self, account: &str, source: &SecretSource) -> Result<bool, SecretFault> {
        match source {
            SecretSource::PathFile(path) => Ok(self.locate(path)?.0.exists()),
            SecretSource::Env(name) => Ok(env::var_os(name).is_some()),
            SecretSource::Command(_) => Ok(true),
            SecretSource::Stored | SecretSource::Keyring | SecretSource::File => {
                let place = Place::of(source)?;
                let in_file = place.in_file() && self.files.holds(account);
                Ok(in_file
                    || place.in_keyring()
                        && place.or_without(keyring::holds(self.entry(account)).await)?)
            }
        }
    }

    fn entry<'a>(&'a self, account: &'a str) -> Entry<'a> {
        Entry {
            folder: &self.data_folder,
            account,
        }
    }

    async fn get_file(&self, account: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretFault> {
        let (files, account) = (self.files.clone(), account.to_owned());
        blocking(move || files.get(&account)).await
    }

    async fn clear_file(&self, account: &str) -> Result<bool, SecretFault> {
        let (files, account) = (self.files.clone(), account.to_owned());
        blocking(move || files.clear(&account)).await
    }

    fn locate(&self, path: &Path) -> Result<(PathBuf, bool), SecretFault> {
        let credentials = env::var_os(CREDENTIALS_VARIABLE).map(PathBuf::from);
        locate(path, &self.settings_folder, credentials.as_deref())
    }
}

/// Where this program keeps a secret itself.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Either,
    Keyring,
    File,
}

impl Place {
    fn of(source: &SecretSource) -> Result<Self, SecretFault> {
        match source {
            SecretSource::Stored => Ok(Self::Either),
            SecretSource::Keyring => Ok(Self::Keyring),
            SecretSource::File => Ok(Self::File),
            SecretSource::PathFile(_) | SecretSource::Env(_) | SecretSource::Command(_) => {
                Err(SecretFault::KeptElsewhere {
                    from: source.to_string(),
                })
            }
        }
    }

    fn in_keyring(self) -> bool {
        matches!(self, Self::Either | Self::Keyring)
    }

    fn in_file(self) -> bool {
        matches!(self, Self::Either | Self::File)
    }

    /// What the keyring answered; where it need not be there, one that is not has nothing.
    fn or_without<T: Default>(self, answer: Result<T, KeyringError>) -> Result<T, SecretFault> {
        match answer {
            Err(KeyringError::Unavailable(error)) if self.in_file() => {
                tracing::debug!(error, "no keyring");
                Ok(T::default())
            }
            answer => Ok(answer?),
        }
    }
}

impl From<KeyringError> for SecretFault {
    fn from(error: KeyringError) -> Self {
        match error {
            KeyringError::Unavailable(error) => Self::KeyringUnavailable { error },
            KeyringError::Locked => Self::KeyringLocked,
            KeyringError::TooLong => Self::TooLongForKeyring,
        }
    }
}

/// Where a file of the user's is, and whether systemd guards it.
fn locate(
    path: &Path,
    settings_folder: &Path,
    credentials: Option<&Path>,
) -> Result<(PathBuf, bool), SecretFault> {
    let mut parts = path.components();
    let variable = parts.next().is_some_and(|first| {
        let first = first.as_os_str().as_encoded_bytes();
        first.strip_prefix(b"$") == Some(CREDENTIALS_VARIABLE.as_bytes())
    });
    let path = match (variable, credentials) {
        (true, Some(folder)) => folder.join(parts),
        (true, None) => {
            return Err(SecretFault::VariableMissing {
                name: CREDENTIALS_VARIABLE.to_owned(),
            });
        }
        (false, _) => settings_folder.join(path),
    };
    let guarded = credentials.is_some() && path.parent() == credentials;
    Ok((path, guarded))
}

/// The first line, without its end, as a secret.
fn first_line(bytes: &[u8], source: &SecretSource) -> Result<Secret, SecretFault> {
    // Notepad begins its files with a byte order mark.
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or(bytes);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let line = str::from_utf8(line).map_err(|_| SecretFault::NotText {
        from: source.to_string(),
    })?;
    check(line, source)?;
    Ok(Secret::from(line.to_owned()))
}

/// Whether this can be a secret at all.
fn check(secret: &str, source: &SecretSource) -> Result<(), SecretFault> {
    let from = || source.to_string();
    if secret.is_empty() {
        Err(SecretFault::Empty { from: from() })
    } else if secret.len() > SECRET_OCTETS {
        Err(SecretFault::TooLong { from: from() })
    } else if secret.chars().any(char::is_control) {
        Err(SecretFault::NotText { from: from() })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
