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
    str,
    time::Duration,
};

use dequeue_api::Paths;
use dequeue_core::{secret_fault::SecretFault, settings::secret_source::SecretSource};
use dequeue_platform::{
    blocking::blocking,
    keyring::{self, Entry, KeyringError},
};
use dequeue_smtp::Secret;
use zeroize::Zeroizing;

use self::file::Folder;

pub use dequeue_api::Kept;
pub use dequeue_core::settings::secret_source::SECRET_OCTETS;

/// The folder in which systemd hands a service its credentials (systemd.exec(5)). A file there is
/// named as `file:$CREDENTIALS_DIRECTORY/NAME`.
pub const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";
/// How long a command may take.
const COMMAND_LIMIT: Duration = Duration::from_secs(30);

/// The secrets of one installation. Holds none itself.
#[derive(Clone, Debug)]
pub struct Secrets {
    /// Where relative paths begin.
    settings_folder: PathBuf,
    /// Tells the keyring's entries of this installation from those of another.
    data_folder: String,
    /// The same in earlier versions.
    earlier_folders: Vec<String>,
    files: Folder,
    /// Whether there may be a keyring: it is a person's, and the machine's service has none.
    may_have_keyring: bool,
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
            data_folder: paths.identity().display().to_string(),
            earlier_folders: paths.earlier_names(),
            files: Folder::new(paths.data().join("secrets")),
            may_have_keyring: !paths.are_the_machines(),
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
                None if !self.may_have_keyring => return Err(not_set()),
                None => match self.get_keyring(account).await {
                    Ok(found) => found.ok_or_else(not_set)?,
                    Err(KeyringError::Unavailable(error)) => {
                        tracing::debug!(error, "no keyring");
                        return Err(SecretFault::NotSetNoKeyring {
                            account: account.to_owned(),
                        });
                    }
                    Err(fault) => return Err(keyring_fault(fault)),
                },
            },
            SecretSource::Keyring if !self.may_have_keyring => {
                return Err(SecretFault::ServiceWithoutKeyring);
            }
            SecretSource::Keyring => self
                .get_keyring(account)
                .await
                .map_err(keyring_fault)?
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
        let place = self.place(source)?;
        if place.in_keyring() {
            match keyring::set(self.entry(account), secret.expose().as_bytes()).await {
                Ok(()) => {
                    self.forget_earlier(account).await?;
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
                Err(fault) => return Err(keyring_fault(fault)),
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
        let place = self.place(source)?;
        let mut cleared = false;
        if place.in_keyring() {
            cleared |= place.or_without(self.clear_keyring(account).await)?;
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
        let Ok(place) = self.place(source) else {
            return Ok(());
        };
        if from == to {
            return Ok(());
        }
        if place.in_keyring() {
            place.or_without(self.rename_in_keyring(from, to).await)?;
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
                let place = self.place(source)?;
                let in_file = place.in_file() && self.files.holds(account);
                Ok(in_file
                    || place.in_keyring() && place.or_without(self.keyring_holds(account).await)?)
            }
        }
    }

    /// Where this program keeps a secret itself.
    fn place(&self, source: &SecretSource) -> Result<Place, SecretFault> {
        match Place::of(source)? {
            Place::Either if !self.may_have_keyring => Ok(Place::File),
            Place::Keyring if !self.may_have_keyring => Err(SecretFault::ServiceWithoutKeyring),
            place => Ok(place),
        }
    }

    fn entry<'a>(&'a self, account: &'a str) -> Entry<'a> {
        Entry {
            folder: &self.data_folder,
            account,
        }
    }

    /// The account's entries of earlier versions, which went by another spelling of the folder.
    fn earlier<'a>(&'a self, account: &'a str) -> impl Iterator<Item = Entry<'a>> {
        let folders = self.earlier_folders.iter();
        folders.map(move |folder| Entry { folder, account })
    }

    async fn get_keyring(&self, account: &str) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
        let mut found = keyring::get(self.entry(account)).await?;
        for earlier in self.earlier(account) {
            if found.is_none() {
                found = keyring::get(earlier).await?;
            }
        }
        Ok(found)
    }

    async fn keyring_holds(&self, account: &str) -> Result<bool, KeyringError> {
        let mut holds = keyring::holds(self.entry(account)).await?;
        for earlier in self.earlier(account) {
            holds = holds || keyring::holds(earlier).await?;
        }
        Ok(holds)
    }

    async fn clear_keyring(&self, account: &str) -> Result<bool, KeyringError> {
        let mut cleared = keyring::clear(self.entry(account)).await?;
        for earlier in self.earlier(account) {
            cleared |= keyring::clear(earlier).await?;
        }
        Ok(cleared)
    }

    /// What an earlier version has kept counts no more.
    async fn forget_earlier(&self, account: &str) -> Result<(), SecretFault> {
        for earlier in self.earlier(account) {
            keyring::clear(earlier).await.map_err(keyring_fault)?;
        }
        Ok(())
    }

    async fn rename_in_keyring(&self, from: &str, to: &str) -> Result<(), KeyringError> {
        let secret = self.get_keyring(from).await?;
        self.clear_keyring(to).await?;
        if let Some(secret) = secret {
            keyring::set(self.entry(to), &secret).await?;
        }
        self.clear_keyring(from).await?;
        Ok(())
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
                    from: source.into(),
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
            answer => answer.map_err(keyring_fault),
        }
    }
}

/// Why the keyring does not do it.
fn keyring_fault(error: KeyringError) -> SecretFault {
    match error {
        KeyringError::Unavailable(error) => SecretFault::KeyringUnavailable { error },
        KeyringError::Locked => SecretFault::KeyringLocked,
        KeyringError::TooLong => SecretFault::TooLongForKeyring,
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
        from: source.into(),
    })?;
    check(line, source)?;
    Ok(Secret::from(line.to_owned()))
}

/// Whether this can be a secret at all.
fn check(secret: &str, source: &SecretSource) -> Result<(), SecretFault> {
    let from = || source.into();
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
