//! The settings file on the disk: read whole, written whole or not at all.

use std::{fs, io, path::Path};

use dequeue_core::settings::{
    Settings,
    file::{FileFault, FileFaultKind, SettingsFile},
};
use dequeue_platform::files::{Access, write_whole};

use crate::paths::make_private;

/// Why the file was not written.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// What is there has faults, which writing might bury.
    #[error("the settings file has faults")]
    Faulty(Vec<FileFault>),
    /// The system did not let us.
    #[error("the settings file cannot be written: {0}")]
    NotWritable(#[from] io::Error),
}

/// Reads the file. One that does not exist is one without accounts.
///
/// # Errors
/// Every fault that was found, in the order of the file.
pub fn load(path: &Path) -> Result<SettingsFile, Vec<FileFault>> {
    SettingsFile::parse(path, read(path)?)
}

/// Reads the file again, where it is no longer as `known`; `None` where it is: its own writer, too,
/// is told of each change.
///
/// # Errors
/// Every fault that was found, in the order of the file.
pub fn load_if_changed(known: &SettingsFile) -> Result<Option<SettingsFile>, Vec<FileFault>> {
    let octets = read(known.path())?;
    if octets == known.text().as_bytes() {
        return Ok(None);
    }
    SettingsFile::parse(known.path(), octets).map(Some)
}

/// Writes `new` in place of what `file` says and gives the file as it then is. `renamed` is an
/// account's name before and after, where it gets another.
///
/// # Errors
/// [`SaveError`]; the file is as it was.
pub fn save(
    file: &SettingsFile,
    new: &Settings,
    renamed: Option<(&str, &str)>,
) -> Result<SettingsFile, SaveError> {
    let text = file.changed_to(new, renamed);
    // What would not be read again is not written.
    let saved = SettingsFile::parse(file.path(), text.into_bytes()).map_err(SaveError::Faulty)?;
    if let Some(folder) = file.path().parent() {
        make_private(folder)?;
    }
    write_whole(file.path(), saved.text().as_bytes(), Access::AsBefore)?;
    Ok(saved)
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
