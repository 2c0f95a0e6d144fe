//! Names that one process of a user has for itself, over all sessions of the machine.

#[cfg(unix)]
use std::fs::TryLockError;
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use dequeue_api::{Paths, PathsError};
use dequeue_platform::files::{self, is_disk_error, make_own, make_private};

/// A name that this process has for itself, until this is dropped or the process ends, however that
/// comes about.
#[derive(Debug)]
pub struct Lock {
    _files: Vec<File>,
    stands_in: bool,
}

impl Lock {
    /// Locks what goes by this name in the data folder, which is made where it is missing; `None`
    /// where another holds it.
    ///
    /// A folder that cannot be written, of an installation that has settings, keeps nothing from
    /// its work: the file in it is locked as it is, and where there is none, those that
    /// [stand in](Paths::stand_ins) for it. Whoever can write later looks there too, so that at most
    /// one holds the name at any time.
    ///
    /// # Errors
    /// [`PathsError::Folder`].
    pub fn take(paths: &Paths, name: &str) -> Result<Option<Self>, PathsError> {
        let file = match in_data(paths, name) {
            Ok(Some(file)) => file,
            Ok(None) => return Ok(None),
            Err(error) if cannot_be_written(&error) && paths.settings().is_file() => {
                return Self::standing_in(paths, name);
            }
            Err(error) => return Err(failed(paths.data())(error)),
        };
        let mut stand_ins = paths.stand_ins(name);
        stand_ins.retain(|path| path.exists());
        let others = all_of(stand_ins)?;
        Ok(others.map(|others| Self {
            _files: others.into_iter().chain([file]).collect(),
            stands_in: false,
        }))
    }

    fn standing_in(paths: &Paths, name: &str) -> Result<Option<Self>, PathsError> {
        make_stand_ins(paths)?;
        let Some(mut files) = all_of(paths.stand_ins(name))? else {
            return Ok(None);
        };
        // Meanwhile it may have become possible, and another may have done it.
        let in_data = match in_data(paths, name) {
            Ok(None) => return Ok(None),
            Ok(file) => file,
            Err(_) => None,
        };
        let stands_in = in_data.is_none();
        files.extend(in_data);
        Ok(Some(Self {
            _files: files,
            stands_in,
        }))
    }

    /// The same with the data folder itself, which everyone can lock who can read it: what stands in for
    /// a lock in it is each user's own. `None` where another holds it.
    #[must_use]
    pub(crate) fn with_folder(mut self, paths: &Paths) -> Option<Self> {
        #[cfg(unix)]
        if let Ok(folder) = File::open(paths.data()) {
            match folder.try_lock() {
                Ok(()) => self._files.push(folder),
                Err(TryLockError::WouldBlock) => return None,
                // Not every file system knows locks of folders.
                Err(TryLockError::Error(error)) => tracing::debug!(%error, "the folder's lock"),
            }
        }
        // There a second one finds the pipe's name taken.
        #[cfg(windows)]
        let _ = (&mut self, paths);
        Some(self)
    }

    /// Whether it only stands in for one in the data folder, where someone may tidy it away.
    #[must_use]
    pub const fn stands_in(&self) -> bool {
        self.stands_in
    }
}

/// Makes the folders that stand in for the data folder.
///
/// # Errors
/// [`PathsError::Folder`] with the last of them, where none can be used.
pub(crate) fn make_stand_ins(paths: &Paths) -> Result<(), PathsError> {
    let (mut usable, mut fault) = (
        false,
        Err(failed(paths.data())(io::ErrorKind::PermissionDenied.into())),
    );
    for folder in paths.stand_in_folders() {
        let made = match make_own(&folder) {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            _ if paths.may_stand_in(&folder) => Ok(()),
            _ => Err(io::ErrorKind::PermissionDenied.into()),
        };
        match made {
            Ok(()) => usable = true,
            Err(error) => fault = Err(failed(&folder)(error)),
        }
    }
    if usable { Ok(()) } else { fault }
}

fn in_data(paths: &Paths, name: &str) -> io::Result<Option<File>> {
    make_private(paths.data())?;
    files::lock(&paths.data().join(name))
}

/// Locks all of these that can be locked; `None` where another holds one.
///
/// # Errors
/// None can be.
fn all_of(paths: Vec<PathBuf>) -> Result<Option<Vec<File>>, PathsError> {
    let (mut locked, mut fault) = (Vec::new(), None);
    for path in paths {
        match files::lock(&path) {
            Ok(Some(file)) => locked.push(file),
            Ok(None) => return Ok(None),
            Err(error) => fault = Some(failed(&path)(error)),
        }
    }
    match fault {
        Some(fault) if locked.is_empty() => Err(fault),
        _ => Ok(Some(locked)),
    }
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> PathsError {
    let path = path.to_owned();
    |error| PathsError::Folder { path, error }
}

/// Whether an error is of a folder that is there and cannot be written: its disk is full, can only
/// be read or fails, or is not for this user to write.
fn cannot_be_written(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
    ) || error.raw_os_error().is_some_and(is_disk_error)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn one_holds_a_name_wherever_its_lock_is() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::in_folder(&folder.path().join("new"));
        let lock = Lock::take(&paths, "a.lock").unwrap().unwrap();
        assert!(!lock.stands_in());
        assert!(Lock::take(&paths, "a.lock").unwrap().is_none());
        assert!(Lock::take(&paths, "b.lock").unwrap().is_some());
        drop(lock);
        // One who could not write here has it elsewhere, in any of the places.
        make_stand_ins(&paths).unwrap();
        for elsewhere in paths.stand_ins("a.lock") {
            let other = files::lock(&elsewhere).unwrap().unwrap();
            assert!(Lock::take(&paths, "a.lock").unwrap().is_none());
            drop(other);
            assert!(Lock::take(&paths, "a.lock").unwrap().is_some());
            fs::remove_file(elsewhere).unwrap();
        }
    }

    #[test]
    fn what_there_is_no_use_in_going_on_with_is_said() {
        let folder = tempfile::tempdir().unwrap();
        // No folder, and none can be made.
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let paths = Paths::in_folder(&file.join("home"));
        let PathsError::Folder { path, .. } = Lock::take(&paths, "a.lock").unwrap_err() else {
            panic!("it has a name")
        };
        assert_eq!(path, file.join("home"));
    }

    #[cfg(unix)]
    #[test]
    fn a_locks_file_is_its_owners_alone_whatever_the_folder() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};

        let folder = tempfile::tempdir().unwrap();
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let paths = Paths::in_folder(folder.path());
        Lock::take(&paths, "a.lock").unwrap().unwrap();
        let lock = fs::metadata(folder.path().join("a.lock")).unwrap();
        assert_eq!(lock.mode() & 0o777, 0o600);
    }
}
