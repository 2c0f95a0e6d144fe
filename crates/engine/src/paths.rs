//! Where things are: the settings file and the data folder, by the platform's convention or where
//! `DEQUEUE_HOME` says.

use std::{
    env,
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};

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
        /// The folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
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

    /// Locks the file of this name in the data folder, which is made where it is missing. The lock
    /// holds until the file is dropped, or its process ends, however that comes about; `None` where
    /// another holds it.
    ///
    /// # Errors
    /// [`PathsError::Folder`].
    pub fn lock(&self, name: &str) -> Result<Option<File>, PathsError> {
        let failed = |error| self.unusable(error);
        make_private(&self.data).map_err(failed)?;
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.data.join(name))
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(failed(error)),
        }
    }

    fn unusable(&self, error: io::Error) -> PathsError {
        PathsError::Folder {
            path: self.data.clone(),
            error,
        }
    }
}

/// Makes a folder, and those above it; a new one is its owner's alone.
pub(crate) fn make_private(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Puts the file `from` in the place of `to`: a reader sees the old or the new.
///
/// On Windows a rename fails while another program reads either file: a virus scanner, a backup, a
/// viewer. Such a moment is waited for.
pub(crate) fn replace(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(windows)]
    for _ in 0..100 {
        match fs::rename(from, to) {
            Err(error) if is_in_use(&error) => {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            done => return done,
        }
    }
    fs::rename(from, to)
}

/// ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION.
#[cfg(windows)]
fn is_in_use(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(5 | 32 | 33))
}
