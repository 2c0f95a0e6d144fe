//! Where things are: the settings file and the data folder, by the platform's convention or where
//! `DEQUEUE_HOME` says.

use std::{
    env, io,
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
    /// The home folder that the system names is no whole path: what it means hangs on where a program
    /// was started, and each would have an installation of its own.
    #[error("{folder} is no absolute path; set HOME, or {HOME_VARIABLE}")]
    RelativeHome {
        /// The folder that it would make.
        folder: PathBuf,
    },
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
            Self::RelativeHome { folder } => {
                let folder = folder.display().to_string();
                text.format("error-relative-home", &[("folder", folder.into())])
            }
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
    /// [`PathsError::NoHome`] and [`PathsError::RelativeHome`].
    pub fn for_user() -> Result<Self, PathsError> {
        if let Some(home) = env::var_os(HOME_VARIABLE).filter(|home| !home.is_empty()) {
            return Ok(Self::in_folder(
                &std::path::absolute(&home).unwrap_or_else(|_| home.into()),
            ));
        }
        let folders =
            directories::ProjectDirs::from("", "", "Dequeue").ok_or(PathsError::NoHome)?;
        Self::in_folders(folders.config_dir(), folders.data_local_dir())
    }

    /// The settings in the one, all else in the other.
    fn in_folders(settings: &Path, data: &Path) -> Result<Self, PathsError> {
        if let Some(folder) = [settings, data].into_iter().find(|it| !it.is_absolute()) {
            let folder = folder.to_owned();
            return Err(PathsError::RelativeHome { folder });
        }
        Ok(Self {
            settings: settings.join("settings.toml"),
            data: data.to_owned(),
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

    /// What stands in for a file of the data folder where that cannot be used: one in each of the
    /// [`stand_in_folders`] that are there, named after the data folder. Those are left out that are
    /// another user's, or open to others.
    pub fn stand_ins(&self, name: &str) -> Vec<PathBuf> {
        let folders = stand_in_folders().into_iter();
        let folders = folders.filter(|folder| is_own(folder));
        let name = format!("{:016x}-{name}", self.fingerprint());
        folders.map(|folder| folder.join(&name)).collect()
    }

    /// A short name of the data folder, the same in every process of this version (FNV-1a).
    pub fn fingerprint(&self) -> u64 {
        let bytes = self.data.as_os_str().as_encoded_bytes();
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
        })
    }
}

/// The user's folders outside of the data folder. They are the same in every process of the user,
/// whatever its environment says, so that one engine is found by all; nothing is made.
#[cfg(unix)]
#[must_use]
pub fn stand_in_folders() -> Vec<PathBuf> {
    let user = rustix::process::getuid().as_raw();
    // The first is there while the user is logged in, where there is systemd, and nobody else can
    // have made it.
    [
        format!("/run/user/{user}/dequeue"),
        format!("/tmp/dequeue-{user}"),
    ]
    .map(PathBuf::from)
    .into()
}

/// The user's folders outside of the data folder. They are the same in every process of the user,
/// whatever its environment says, so that one engine is found by all; nothing is made.
#[cfg(windows)]
#[must_use]
pub fn stand_in_folders() -> Vec<PathBuf> {
    let folders = directories::BaseDirs::new();
    let folder = folders.map(|folders| folders.data_local_dir().join("Dequeue"));
    folder.into_iter().collect()
}

/// Whether a folder is this user's alone.
#[cfg(unix)]
#[must_use]
pub fn is_own(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::getuid().as_raw();
    // Not through a link, which may be another's.
    folder
        .symlink_metadata()
        .is_ok_and(|it| it.is_dir() && it.uid() == user && it.mode() & 0o077 == 0)
}

/// Whether a folder is this user's alone: those of [`stand_in_folders`] are where no other may write.
#[cfg(windows)]
#[must_use]
pub fn is_own(folder: &Path) -> bool {
    folder.is_dir()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn folders_of_others_and_those_open_to_others_stand_in_for_nothing() {
        use std::{fs, os::unix::fs::PermissionsExt};

        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("own");
        assert!(!is_own(&own), "it is not there");
        fs::create_dir(&own).unwrap();
        for (mode, is_ours) in [(0o700, true), (0o750, false), (0o701, false), (0o500, true)] {
            fs::set_permissions(&own, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_own(&own), is_ours, "{mode:o}");
        }
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&own, &link).unwrap();
        assert!(!is_own(&link));
        fs::write(folder.path().join("file"), "").unwrap();
        assert!(!is_own(&folder.path().join("file")));
    }

    #[test]
    fn folders_that_hang_on_where_a_program_was_started_are_refused() {
        let absolute = std::env::temp_dir();
        for (settings, data) in [("home/.config", "home/.local"), (".config", "."), ("", "")] {
            for (settings, data) in [
                (Path::new(settings), Path::new(data)),
                (&absolute, Path::new(data)),
                (Path::new(settings), &absolute),
            ] {
                let refused = Paths::in_folders(settings, data);
                assert!(
                    matches!(refused, Err(PathsError::RelativeHome { .. })),
                    "{refused:?}"
                );
            }
        }
        let paths = Paths::in_folders(&absolute, &absolute).unwrap();
        assert_eq!(paths, Paths::in_folder(&absolute));
    }
}
