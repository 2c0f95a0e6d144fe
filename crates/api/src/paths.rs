//! Where things are: the settings file and the data folder, by the platform's convention or where
//! `DEQUEUE_HOME` says.

use std::{
    env,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

use dequeue_core::Text;

/// The variable that overrides both folders, for a portable folder and for tests.
pub const HOME_VARIABLE: &str = "DEQUEUE_HOME";

/// The places of one installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    settings: PathBuf,
    data: PathBuf,
}

/// Why there are none.
#[derive(Debug, thiserror::Error)]
pub enum PathsError {
    /// The system names no home folder, and the variable is not set.
    #[error("no home folder is known; set {HOME_VARIABLE}")]
    NoHome,
    /// The data folder cannot be made.
    #[error("the folder {path} cannot be used: {error}")]
    Folder {
        /// Where the folder was to be.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

impl PathsError {
    /// One sentence: what is wrong, and what to do.
    #[must_use]
    pub fn sentence(&self, text: &Text) -> String {
        match self {
            Self::NoHome => text.get("error-no-home"),
            Self::Folder { path, error } => {
                let (path, error) = (path.display().to_string(), error.to_string());
                text.format(
                    "error-folder",
                    &[("path", path.into()), ("error", error.into())],
                )
            }
        }
    }
}

impl Paths {
    /// The user's own places. Nothing is made yet.
    ///
    /// # Errors
    /// [`PathsError::NoHome`].
    pub fn for_user() -> Result<Self, PathsError> {
        if let Some(home) = env::var_os(HOME_VARIABLE).filter(|home| !home.is_empty()) {
            return Ok(Self::in_folder(
                &std::path::absolute(&home).unwrap_or_else(|_| home.into()),
            ));
        }
        let folders =
            directories::ProjectDirs::from("", "", "Dequeue").ok_or(PathsError::NoHome)?;
        Ok(Self {
            settings: folders.config_dir().join("settings.toml"),
            data: folders.data_local_dir().to_owned(),
        })
    }

    /// Everything in one folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            settings: folder.join("settings.toml"),
            data: folder.to_owned(),
        }
    }

    /// The settings file.
    #[must_use]
    pub fn settings(&self) -> &Path {
        &self.settings
    }

    /// The folder of the history, the lock and the control socket.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The history's database.
    #[must_use]
    pub fn history(&self) -> PathBuf {
        self.data.join("history.sqlite")
    }

    /// Locks what goes by this name in the data folder, which is made where it is missing. The lock
    /// holds until it is dropped, or its process ends, however that comes about; `None` where
    /// another holds it.
    ///
    /// A folder that cannot be written, of an installation that has settings, keeps nothing from
    /// its work: the file in it is locked as it is, and where there is none, one in the user's
    /// temporary folder in its stead. Whoever can write later looks there too, so that at most one
    /// holds the name at any time.
    ///
    /// # Errors
    /// [`PathsError::Folder`].
    pub fn lock(&self, name: &str) -> Result<Option<Lock>, PathsError> {
        let failed = |error| PathsError::Folder {
            path: self.data.clone(),
            error,
        };
        match self.lock_in_data(name) {
            Ok(None) => return Ok(None),
            Ok(Some(lock)) => {
                let other = self.instead(name).and_then(File::open).ok();
                let Some(other) = other else {
                    return Ok(Some(Lock::of([lock])));
                };
                let other = locked(other).map_err(failed)?;
                return Ok(other.map(|other| Lock::of([lock, other])));
            }
            Err(error) if cannot_be_written(&error) && self.settings.is_file() => {}
            Err(error) => return Err(failed(error)),
        }
        let instead = make_private(&temporary_folder())
            .and_then(|()| self.instead(name))
            .and_then(|path| open(&path));
        let Some(instead) = instead.and_then(locked).map_err(failed)? else {
            return Ok(None);
        };
        // Meanwhile it may have become possible, and another may have done it.
        match self.lock_in_data(name) {
            Ok(None) => Ok(None),
            Ok(Some(lock)) => Ok(Some(Lock::of([lock, instead]))),
            Err(_) => Ok(Some(Lock {
                stands_in: true,
                ..Lock::of([instead])
            })),
        }
    }

    fn lock_in_data(&self, name: &str) -> io::Result<Option<File>> {
        let path = self.data.join(name);
        let opened = make_private(&self.data).and_then(|()| open(&path));
        // One that can only be read can be locked all the same.
        locked(opened.or_else(|error| File::open(&path).map_err(|_| error))?)
    }

    /// What stands in for a file of the data folder where that cannot be written: one in the
    /// [`temporary_folder`], named after the data folder.
    ///
    /// # Errors
    /// There is no such folder, or it is open to others.
    pub fn instead(&self, name: &str) -> io::Result<PathBuf> {
        let folder = temporary_folder();
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let there = fs::symlink_metadata(&folder)?;
            let user = rustix::process::getuid().as_raw();
            if there.uid() != user || there.mode() & 0o077 != 0 || !there.is_dir() {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
        }
        Ok(folder.join(format!("{:016x}-{name}", self.fingerprint())))
    }

    /// A short name of the data folder, the same in every process of this version (FNV-1a).
    pub fn fingerprint(&self) -> u64 {
        let bytes = self.data.as_os_str().as_encoded_bytes();
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
        })
    }
}

/// A name that this process has for itself; see [`Paths::lock`].
#[derive(Debug)]
pub struct Lock {
    _files: Vec<File>,
    stands_in: bool,
}

impl Lock {
    fn of(files: impl Into<Vec<File>>) -> Self {
        Self {
            _files: files.into(),
            stands_in: false,
        }
    }

    /// Whether it is only a stand-in, which someone may tidy away, for one in the data folder.
    pub const fn stands_in(&self) -> bool {
        self.stands_in
    }
}

fn open(path: &Path) -> io::Result<File> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
}

fn locked(file: File) -> io::Result<Option<File>> {
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
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

/// Whether the error is EIO: the disk itself failed.
#[cfg(unix)]
pub fn is_disk_error(code: i32) -> bool {
    code == rustix::io::Errno::IO.raw_os_error()
}

/// `ERROR_CRC`, `ERROR_WRITE_FAULT`, `ERROR_READ_FAULT`, `ERROR_IO_DEVICE`.
#[cfg(windows)]
pub const fn is_disk_error(code: i32) -> bool {
    matches!(code, 23 | 29 | 30 | 1117)
}

/// The user's own folder in the temporary one; nothing is made.
pub fn temporary_folder() -> PathBuf {
    #[cfg(unix)]
    let name = format!("dequeue-{}", rustix::process::getuid().as_raw());
    // There the temporary folder is the user's own already.
    #[cfg(windows)]
    let name = "dequeue";
    env::temp_dir().join(name)
}

/// Makes a folder, and those above it; a new one is its owner's alone.
pub fn make_private(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_holds_a_name_wherever_its_lock_is() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::in_folder(&folder.path().join("new"));
        let lock = paths.lock("a.lock").unwrap().unwrap();
        assert!(!lock.stands_in());
        assert!(paths.lock("a.lock").unwrap().is_none());
        assert!(paths.lock("b.lock").unwrap().is_some());
        drop(lock);
        // One who could not write here has it elsewhere.
        make_private(&temporary_folder()).unwrap();
        let elsewhere = paths.instead("a.lock").unwrap();
        let other = locked(open(&elsewhere).unwrap()).unwrap().unwrap();
        assert!(paths.lock("a.lock").unwrap().is_none());
        drop(other);
        assert!(paths.lock("a.lock").unwrap().is_some());
        fs::remove_file(elsewhere).unwrap();
    }

    #[test]
    fn what_there_is_no_use_in_going_on_with_is_said() {
        let folder = tempfile::tempdir().unwrap();
        // No folder, and none can be made.
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let paths = Paths::in_folder(&file.join("home"));
        let PathsError::Folder { path, .. } = paths.lock("a.lock").unwrap_err() else {
            panic!("it has a name")
        };
        assert_eq!(path, file.join("home"));
    }
}
