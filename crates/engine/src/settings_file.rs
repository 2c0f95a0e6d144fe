//! The settings file on the disk: read whole, written whole or not at all.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io,
    path::Path,
};

use dequeue_api::paths::make_private;
use dequeue_core::settings::{
    Settings,
    file::{FileFault, FileFaultKind, SettingsFile},
};
use dequeue_platform::files::{Access, write_whole};

/// Reads the file. One that does not exist is one without accounts.
///
/// # Errors
/// Every fault that was found, in the order of the file.
pub fn load(path: &Path) -> Result<SettingsFile, Vec<FileFault>> {
    SettingsFile::parse(path, read(path)?)
}

/// Reads the file, unless it is as it was at this revision: its own writer, too, is told of each
/// change.
///
/// # Errors
/// Every fault that was found, in the order of the file.
pub fn load_unless(
    path: &Path,
    known: Option<Revision>,
) -> Result<Option<SettingsFile>, Vec<FileFault>> {
    let octets = read(path)?;
    if known == Some(Revision::of(&octets)) {
        return Ok(None);
    }
    SettingsFile::parse(path, octets).map(Some)
}

/// Writes `new` in place of what `file` says and gives the revision that it then has. `renamed` is
/// an account's name before and after, where it gets another.
///
/// # Errors
/// What the system says; the file is as it was.
pub fn save(
    file: &SettingsFile,
    new: &Settings,
    renamed: Option<(&str, &str)>,
) -> io::Result<Revision> {
    let text = file.changed_to(new, renamed);
    if let Some(folder) = file.path().parent() {
        make_private(folder)?;
    }
    write_whole(file.path(), text.as_bytes(), Access::AsBefore)?;
    Ok(Revision::of(text.as_bytes()))
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

fn read(path: &Path) -> Result<Vec<u8>, Vec<FileFault>> {
    match fs::read(path) {
        Ok(octets) => Ok(octets),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(vec![FileFault {
            path: path.to_owned(),
            line: None,
            kind: FileFaultKind::Unreadable(error.to_string()),
        }]),
    }
}

#[cfg(test)]
mod tests;
