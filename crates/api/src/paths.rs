//! Where things are: the settings file and the data folder, by the platform's convention or where
//! `DEQUEUE_HOME` says.
//!
//! There are three kinds of installation: one in a folder ([`Paths::in_folder`]), a user's
//! ([`Paths::for_user`]) and the machine's ([`Paths::for_machine`]), which the service is in charge of.
//! A face asks [`Paths::find`] which one it belongs to.

mod machine;

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use dequeue_core::Text;

pub use self::machine::{SERVICE, START_COMMAND};

/// The variable that overrides both folders, for a portable folder and for tests.
pub const HOME_VARIABLE: &str = "DEQUEUE_HOME";

/// The settings file's name.
const SETTINGS: &str = "settings.toml";
/// The file beside a program that makes its folder a portable one.
const PORTABLE: &str = "portable";
/// The folder beside a portable program that has its settings and data.
const PORTABLE_DATA: &str = "data";

/// The places of one installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    settings: PathBuf,
    data: PathBuf,
    whose: Whose,
}

/// Whom an installation belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Whose {
    /// A user, or whoever uses a folder.
    User,
    /// The machine's service.
    Machine {
        /// The control socket's folder, where it is in one.
        runtime: Option<PathBuf>,
    },
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
    /// The places that a face belongs to: those of `DEQUEUE_HOME`; else the portable folder's, which
    /// is the folder `data` beside a program that has a file `portable` beside it; else the machine's,
    /// where the service [is in charge](is_service_in_charge); else the user's. Nothing is made yet.
    ///
    /// # Errors
    /// [`PathsError::NoHome`] and [`PathsError::RelativeHome`].
    pub fn find() -> Result<Self, PathsError> {
        if let Some(paths) = Self::in_home_variable() {
            return Ok(paths);
        }
        let program = env::current_exe().ok();
        if let Some(folder) = program.as_deref().and_then(portable_folder) {
            return Ok(Self::in_folder(&folder));
        }
        if is_service_in_charge() {
            return Self::for_machine();
        }
        Self::for_user()
    }

    /// The places of the machine's service, whether there is one or not. Nothing is made yet.
    ///
    /// | | Linux | Windows | macOS |
    /// |---|---|---|---|
    /// | settings | `/etc/dequeue/settings.toml` | `%ProgramData%\Dequeue\settings.toml` | `/Library/Application Support/Dequeue/settings.toml` |
    /// | data | `/var/lib/dequeue` | `%ProgramData%\Dequeue` | `/Library/Application Support/Dequeue` |
    /// | socket | `/run/dequeue/control.sock` | a named pipe | `/Library/Application Support/Dequeue Control/control.sock` |
    ///
    /// # Errors
    /// [`PathsError::NoHome`] where the system does not say where it keeps such things.
    pub fn for_machine() -> Result<Self, PathsError> {
        let places = machine::places().ok_or(PathsError::NoHome)?;
        Ok(Self {
            settings: places.settings.join(SETTINGS),
            data: places.data,
            whose: Whose::Machine {
                runtime: places.runtime,
            },
        })
    }

    /// The user's own places, or those of `DEQUEUE_HOME`. Nothing is made yet.
    ///
    /// # Errors
    /// [`PathsError::NoHome`] and [`PathsError::RelativeHome`].
    pub fn for_user() -> Result<Self, PathsError> {
        if let Some(paths) = Self::in_home_variable() {
            return Ok(paths);
        }
        let folders =
            directories::ProjectDirs::from("", "", "Dequeue").ok_or(PathsError::NoHome)?;
        Self::in_folders(folders.config_dir(), folders.data_local_dir())
    }

    /// The places that `DEQUEUE_HOME` names; `None` where it is not set.
    #[must_use]
    pub fn in_home_variable() -> Option<Self> {
        let home = env::var_os(HOME_VARIABLE).filter(|home| !home.is_empty())?;
        let home = std::path::absolute(&home).unwrap_or_else(|_| home.into());
        Some(Self::in_folder(&home))
    }

    /// The settings in the one, all else in the other.
    fn in_folders(settings: &Path, data: &Path) -> Result<Self, PathsError> {
        if let Some(folder) = [settings, data].into_iter().find(|it| !it.is_absolute()) {
            let folder = folder.to_owned();
            return Err(PathsError::RelativeHome { folder });
        }
        Ok(Self {
            settings: settings.join(SETTINGS),
            data: data.to_owned(),
            whose: Whose::User,
        })
    }

    /// Everything in one folder.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            settings: folder.join(SETTINGS),
            data: folder.to_owned(),
            whose: Whose::User,
        }
    }

    /// A service's places below a folder, apart or together as [those of this system](Self::for_machine):
    /// for tests of what everyone on the machine may reach.
    #[must_use]
    pub fn as_the_machines(folder: &Path) -> Self {
        let data = folder.join("lib");
        let settings = if cfg!(any(windows, target_os = "macos")) {
            data.clone()
        } else {
            folder.join("etc")
        };
        Self {
            settings: settings.join(SETTINGS),
            data,
            whose: Whose::Machine {
                runtime: cfg!(unix).then(|| folder.join("run")),
            },
        }
    }

    /// Whether they are the machine's. There the service alone hosts an engine; everyone else attaches
    /// to it, or is told that [it does not answer](service_is_silent).
    #[must_use]
    pub const fn are_the_machines(&self) -> bool {
        matches!(self.whose, Whose::Machine { .. })
    }

    /// The settings file.
    #[must_use]
    pub fn settings(&self) -> &Path {
        &self.settings
    }

    /// The folder of the history, the secrets, the lock and, for a user, the control socket.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The folder of the service's control socket, which outlives no boot and which everyone may look
    /// into; `None` where the socket is in the data folder or in no folder at all.
    #[must_use]
    pub fn runtime(&self) -> Option<&Path> {
        match &self.whose {
            Whose::Machine { runtime } => runtime.as_deref(),
            Whose::User => None,
        }
    }

    /// The history's database.
    #[must_use]
    pub fn history(&self) -> PathBuf {
        self.data.join("history.sqlite")
    }

    /// The folder of the log's files.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.data.join("logs")
    }

    /// The folder in which a face logs that belongs to these places: its user's own where they are the
    /// machine's, whose folders it cannot write; `None` where this user has none.
    #[must_use]
    pub fn logs_of_face(&self) -> Option<PathBuf> {
        if self.are_the_machines() {
            return Self::for_user().ok().map(|own| own.logs());
        }
        Some(self.logs())
    }

    /// What stands in for a file of the data folder where that cannot be used: one in each of the
    /// [`stand_in_folders`](Self::stand_in_folders) that are there, named after the data folder. Those
    /// are left out that are another user's, or open to others.
    pub fn stand_ins(&self, name: &str) -> Vec<PathBuf> {
        let folders = self.stand_in_folders().into_iter();
        let folders = folders.filter(|folder| self.may_stand_in(folder));
        let name = format!("{:016x}-{name}", self.fingerprint());
        folders.map(|folder| folder.join(&name)).collect()
    }

    /// The folders in which something may stand in for the data folder: the user's, or the one of the
    /// service's socket. They are the same in every process, whatever its environment says, so that one
    /// engine is found by all; nothing is made.
    #[must_use]
    pub fn stand_in_folders(&self) -> Vec<PathBuf> {
        match &self.whose {
            Whose::User => stand_in_folders(),
            Whose::Machine { runtime } => runtime.iter().cloned().collect(),
        }
    }

    /// Whether nobody else can have put anything into a folder of
    /// [`stand_in_folders`](Self::stand_in_folders).
    #[must_use]
    pub fn may_stand_in(&self, folder: &Path) -> bool {
        match &self.whose {
            Whose::User => is_own(folder),
            Whose::Machine { .. } => is_ours_to_write(folder),
        }
    }

    /// What the system calls the data folder, however it was spelled: through links, drives that stand
    /// for a folder, short names, `.` and `..`. It is the same before and after the folder is made.
    #[must_use]
    pub fn identity(&self) -> PathBuf {
        for above in self.data.ancestors() {
            if let Ok(there) = fs::canonicalize(above) {
                let below = self.data.strip_prefix(above).unwrap_or(Path::new(""));
                return plain(&there)
                    .components()
                    .chain(below.components())
                    .collect();
            }
        }
        self.data.components().collect()
    }

    /// What the data folder may have been called by versions that went by its spelling, as it is
    /// spelled now: for what they have stored under that name.
    #[must_use]
    pub fn earlier_names(&self) -> Vec<String> {
        let identity = self.identity().display().to_string();
        let mut names = vec![self.data.display().to_string()];
        if self.settings.parent() == Some(&self.data) {
            // As somebody may have typed it.
            names.push(format!("{identity}{}", std::path::MAIN_SEPARATOR));
        }
        names.retain(|name| *name != identity);
        names
    }

    /// A short name of the data folder, the same in every process of this version (FNV-1a), however the
    /// folder is spelled.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        let identity = self.identity();
        let bytes = identity.as_os_str().as_encoded_bytes();
        bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
            (hash ^ u64::from(byte.to_ascii_lowercase())).wrapping_mul(0x0100_0000_01b3)
        })
    }
}

/// Whether the machine's service is in charge of asking for mail: it is installed and starts at boot.
/// Linux: the unit `dequeue.service` is enabled, or something answers on its socket. Windows: the service
/// `Dequeue` is known to the service manager and not disabled. macOS: launchd has its description.
#[must_use]
pub fn is_service_in_charge() -> bool {
    machine::is_in_charge()
}

/// One sentence: the service does not answer, and how to start it.
#[must_use]
pub fn service_is_silent(text: &Text) -> String {
    text.format("error-service-silent", &[("command", START_COMMAND.into())])
}

/// The data folder of a portable program; `None` where the program is not portable.
fn portable_folder(program: &Path) -> Option<PathBuf> {
    let is_portable = program.with_file_name(PORTABLE).is_file();
    is_portable.then(|| program.with_file_name(PORTABLE_DATA))
}

/// Windows' own form of a path that has been found, without the marks that ask for no further reading
/// of it: `\\?\C:\x` is `C:\x`.
#[cfg(windows)]
fn plain(path: &Path) -> PathBuf {
    use std::path::{Component, Prefix};
    let mut parts = path.components();
    let start = match parts.next() {
        Some(Component::Prefix(prefix)) => match prefix.kind() {
            Prefix::VerbatimDisk(disk) => format!("{}:", char::from(disk)).into(),
            Prefix::VerbatimUNC(server, share) => {
                let mut start = std::ffi::OsString::from(r"\\");
                start.push(server);
                start.push(r"\");
                start.push(share);
                start
            }
            _ => return path.to_owned(),
        },
        _ => return path.to_owned(),
    };
    let mut plain = PathBuf::from(start);
    plain.extend(parts);
    plain
}

/// Other systems have but one form.
#[cfg(not(windows))]
fn plain(path: &Path) -> PathBuf {
    path.to_owned()
}

/// The user's folders outside of the data folder. They are the same in every process of the user,
/// whatever its environment says, so that one engine is found by all; nothing is made.
#[cfg(unix)]
fn stand_in_folders() -> Vec<PathBuf> {
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
fn stand_in_folders() -> Vec<PathBuf> {
    let folders = directories::BaseDirs::new();
    let folder = folders.map(|folders| folders.data_local_dir().join("Dequeue"));
    folder.into_iter().collect()
}

/// Whether a folder is this user's alone.
#[cfg(unix)]
fn is_own(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::getuid().as_raw();
    // Not through a link, which may be another's.
    folder
        .symlink_metadata()
        .is_ok_and(|it| it.is_dir() && it.uid() == user && it.mode() & 0o077 == 0)
}

/// Whether a folder is this user's alone: those of [`stand_in_folders`] are where no other may write.
#[cfg(windows)]
fn is_own(folder: &Path) -> bool {
    folder.is_dir()
}

/// Whether a folder, which others may look into, is this user's or root's, and nobody else can write it.
#[cfg(unix)]
fn is_ours_to_write(folder: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let user = rustix::process::geteuid().as_raw();
    folder
        .symlink_metadata()
        .is_ok_and(|it| it.is_dir() && [user, 0].contains(&it.uid()) && it.mode() & 0o022 == 0)
}

/// Whether nobody else can write a folder: there is none such.
#[cfg(windows)]
fn is_ours_to_write(_folder: &Path) -> bool {
    false
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
    fn a_portable_program_has_its_data_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("dequeue.exe");
        assert_eq!(portable_folder(&program), None);
        std::fs::create_dir(folder.path().join("portable")).unwrap();
        assert_eq!(portable_folder(&program), None, "a folder of that name");
        std::fs::remove_dir(folder.path().join("portable")).unwrap();
        std::fs::write(folder.path().join("portable"), "").unwrap();
        let data = folder.path().join("data");
        assert_eq!(portable_folder(&program), Some(data.clone()));
        assert!(!data.exists(), "nothing is made yet");
    }

    #[test]
    fn the_machines_places_are_no_users() {
        let paths = Paths::for_machine().unwrap();
        assert!(paths.are_the_machines());
        assert!(paths.settings().is_absolute() && paths.data().is_absolute());
        #[cfg(target_os = "linux")]
        {
            assert_eq!(paths.settings(), Path::new("/etc/dequeue/settings.toml"));
            assert_eq!(paths.data(), Path::new("/var/lib/dequeue"));
            assert_eq!(paths.runtime(), Some(Path::new("/run/dequeue")));
        }
        #[cfg(windows)]
        assert!(paths.data().ends_with(r"ProgramData\Dequeue"), "{paths:?}");
        let user = Paths::in_folder(&env::temp_dir());
        assert!(!user.are_the_machines());
        assert_eq!(user.runtime(), None);
        for folder in paths.stand_in_folders() {
            assert!(!user.stand_in_folders().contains(&folder), "{folder:?}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_others_can_write_is_not_the_services() {
        use std::{fs, os::unix::fs::PermissionsExt};

        let folder = tempfile::tempdir().unwrap();
        let own = folder.path().join("run");
        assert!(!is_ours_to_write(&own), "it is not there");
        fs::create_dir(&own).unwrap();
        for (mode, is_ours) in [(0o755, true), (0o700, true), (0o775, false), (0o757, false)] {
            fs::set_permissions(&own, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(is_ours_to_write(&own), is_ours, "{mode:o}");
        }
        fs::set_permissions(&own, fs::Permissions::from_mode(0o755)).unwrap();
        let link = folder.path().join("link");
        std::os::unix::fs::symlink(&own, &link).unwrap();
        assert!(!is_ours_to_write(&link));
    }

    #[test]
    fn a_folder_is_one_however_it_is_spelled() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().join("Home");
        let spellings = || {
            let mut all = vec![
                home.clone(),
                home.join(""),
                home.join("."),
                folder.path().join("other/../Home"),
            ];
            fs::create_dir_all(folder.path().join("other")).unwrap();
            #[cfg(unix)]
            {
                let link = folder.path().join("link");
                let _ = std::os::unix::fs::symlink(folder.path(), &link);
                all.push(link.join("Home"));
            }
            #[cfg(windows)]
            {
                all.push(format!(r"\\?\{}", home.display()).into());
                all.push(home.display().to_string().to_uppercase().into());
            }
            all
        };
        let one = Paths::in_folder(&home).fingerprint();
        for made in [false, true] {
            for spelling in spellings() {
                let paths = Paths::in_folder(&spelling);
                assert_eq!(paths.fingerprint(), one, "{spelling:?} {made}");
            }
            fs::create_dir_all(&home).unwrap();
        }
        let other = Paths::in_folder(&folder.path().join("other"));
        assert_ne!(other.fingerprint(), one);
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
