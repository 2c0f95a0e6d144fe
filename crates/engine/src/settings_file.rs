//! The settings file on the disk: read whole, written whole or not at all, by one at a time.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::{Path, PathBuf},
};

use dequeue_core::settings::{
    Settings,
    file::{FileFault, FileFaultKind, SettingsFile},
};
use dequeue_platform::files::{self, Edited, Editing, make_private};

/// No settings are longer: those of 10,000 accounts with 40 domains each are 8 MiB.
const AT_MOST: u64 = 64 * 1024 * 1024;
/// How often an edit is made anew on what somebody else has written meanwhile.
const TRIES: usize = 5;

/// What the file is to say.
#[derive(Clone, Debug, PartialEq)]
pub struct NewContent {
    /// All of its settings.
    pub settings: Settings,
    /// An account's name before and after, where it gets another.
    pub renamed: Option<(String, String)>,
}

impl From<Settings> for NewContent {
    fn from(settings: Settings) -> Self {
        Self {
            settings,
            renamed: None,
        }
    }
}

/// Why the file was not changed. It is as it was, or as others have left it.
#[derive(Debug)]
pub enum EditError<E> {
    /// What it holds has faults.
    Faulty(Vec<FileFault>),
    /// Who was to change it did not want to.
    Refused(E),
    /// Others were changing it all the time.
    Contended,
    /// What the system says.
    NotWritable(io::Error),
}

/// What stands on the disk, not understood yet.
#[derive(Debug)]
pub struct Unparsed {
    path: PathBuf,
    /// `None` where there is no file.
    octets: io::Result<Option<Vec<u8>>>,
}

impl Unparsed {
    /// Which content it has; `None` where it could not be read.
    #[must_use]
    pub fn revision(&self) -> Option<Revision> {
        let octets = self.octets.as_ref().ok()?;
        Some(Revision::of(octets.as_deref().unwrap_or_default()))
    }

    /// What it says. One that does not exist is one without accounts. Where accounts are known, that
    /// is a fault: the file is gone, or an editor or a full disk has emptied it. Whoever wants no
    /// account any more removes the last one by a command.
    ///
    /// # Errors
    /// Every fault that was found, in the order of the file.
    pub fn parse(self, accounts_are_known: bool) -> Result<SettingsFile, Vec<FileFault>> {
        let fault = |kind| {
            vec![FileFault {
                path: self.path.clone(),
                line: None,
                kind,
            }]
        };
        let octets = self
            .octets
            .map_err(|error| fault(FileFaultKind::Unreadable(error.to_string())))?;
        let without_accounts = match octets {
            Some(_) => FileFaultKind::WithoutAccounts,
            None => FileFaultKind::Gone,
        };
        let file = SettingsFile::parse(&self.path, octets.unwrap_or_default())?;
        if accounts_are_known && file.settings().accounts.is_empty() {
            return Err(fault(without_accounts));
        }
        Ok(file)
    }
}

/// Reads the file, without understanding it.
#[must_use]
pub fn read(path: &Path) -> Unparsed {
    Unparsed {
        path: path.to_owned(),
        octets: files::read(path, AT_MOST),
    }
}

/// Reads the file. One that does not exist is one without accounts.
///
/// # Errors
/// Every fault that was found, in the order of the file.
pub fn load(path: &Path) -> Result<SettingsFile, Vec<FileFault>> {
    read(path).parse(false)
}

/// Changes the file to what `change` makes of it, which is asked again where somebody has written it
/// meanwhile: who does so by this function is waited for, others, as an editor, are noticed. Gives
/// what `change` gave, and the revision that the file has then.
///
/// # Errors
/// Why the file was not changed; `accounts_are_known` as for [`Unparsed::parse`].
pub fn edit<T, E>(
    path: &Path,
    accounts_are_known: bool,
    mut change: impl FnMut(&SettingsFile) -> Result<(NewContent, T), E>,
) -> Result<(NewContent, T, Revision), EditError<E>> {
    if let Some(folder) = path.parent() {
        make_private(folder).map_err(EditError::NotWritable)?;
    }
    let mut editing = Editing::begin(path).ok_or(EditError::Contended)?;
    for _ in 0..TRIES {
        let there = Unparsed {
            path: path.to_owned(),
            octets: editing
                .read(AT_MOST)
                .map(|octets| octets.map(<[u8]>::to_vec)),
        };
        let file = there.parse(accounts_are_known).map_err(EditError::Faulty)?;
        let (new, what) = change(&file).map_err(EditError::Refused)?;
        let renamed = new.renamed.as_ref();
        let renamed = renamed.map(|(from, to)| (from.as_str(), to.as_str()));
        let text = file.changed_to(&new.settings, renamed);
        match editing.write(text.as_bytes()) {
            Ok(Edited::Written) => return Ok((new, what, Revision::of(text.as_bytes()))),
            Ok(Edited::ChangedMeanwhile) => {}
            Err(error) => return Err(EditError::NotWritable(error)),
        }
    }
    Err(EditError::Contended)
}

/// Which content the file has, by a digest of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Revision(u64);

impl Revision {
    /// Of a file that was read.
    #[must_use]
    pub fn of_file(file: &SettingsFile) -> Self {
        Self::of(file.text().as_bytes())
    }

    fn of(octets: &[u8]) -> Self {
        let mut hasher = DefaultHasher::new();
        octets.hash(&mut hasher);
        Self(hasher.finish())
    }
}

#[cfg(test)]
mod tests;
