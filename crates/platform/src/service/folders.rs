//! The service's folders: whose they are, and whether anyone else could have put something there.
//!
//! What lies in them decides what the service does, with whom it talks and what it tells: so a folder, a
//! lock, a socket or a link that somebody else has made is refused, never used and never repaired.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

/// Why a folder is not used.
#[derive(Debug, thiserror::Error)]
pub enum FolderFault {
    /// Something else stands there: a link, a junction, a file.
    #[error("{path} is no folder of its own")]
    NoFolder {
        /// What stands there.
        path: PathBuf,
    },
    /// Somebody has made it who is neither the service nor an administrator.
    #[error("{path} is another user's")]
    OfAnother {
        /// What was made.
        path: PathBuf,
    },
    /// Everyone may write there.
    #[error("others can write {path}")]
    OpenToOthers {
        /// What is open.
        path: PathBuf,
    },
    /// The system does not say, or does not do it.
    #[error("{path}: {error}")]
    System {
        /// What it is about.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

/// Who, beside root, may have made what is the service's.
#[cfg(unix)]
#[derive(Clone, Copy, Debug)]
pub struct Owner {
    /// The service's user.
    pub user: u32,
    /// The service's group, which may write where it is let.
    pub group: u32,
}

#[cfg(unix)]
impl Owner {
    /// Whom this process runs as.
    #[must_use]
    pub fn this_process() -> Self {
        Self {
            user: rustix::process::geteuid().as_raw(),
            group: rustix::process::getegid().as_raw(),
        }
    }
}

/// Whether a folder is the service's or root's, and what lies in it, too. One that is not there is.
///
/// # Errors
/// [`FolderFault`].
#[cfg(unix)]
pub fn check(folder: &Path, owner: Owner) -> Result<(), FolderFault> {
    use std::os::unix::fs::MetadataExt;

    const ROOT: u32 = 0;
    let found = match folder.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found.map_err(failed(folder))?,
    };
    let path = || folder.to_owned();
    if !found.is_dir() {
        return Err(FolderFault::NoFolder { path: path() });
    }
    let is_ours = |user: u32| user == ROOT || user == owner.user;
    if !is_ours(found.uid()) {
        return Err(FolderFault::OfAnother { path: path() });
    }
    let group_may = found.gid() == ROOT || found.gid() == owner.group;
    let open = if group_may { 0o002 } else { 0o022 };
    if found.mode() & open != 0 {
        return Err(FolderFault::OpenToOthers { path: path() });
    }
    // From before the folder was closed. The members of a group that may write may make things.
    let others_may = found.mode() & 0o020 != 0;
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        let found = match path.symlink_metadata() {
            // Gone meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            found => found.map_err(failed(&path))?,
        };
        if !is_ours(found.uid()) && !others_may {
            return Err(FolderFault::OfAnother { path });
        }
    }
    Ok(())
}

/// Whether a folder is the system's, an administrator's or the service's, and what lies in it, too. One
/// that is not there is.
///
/// # Errors
/// [`FolderFault`].
#[cfg(windows)]
pub fn check(folder: &Path) -> Result<(), FolderFault> {
    use super::security::is_trusted;
    use std::os::windows::fs::MetadataExt;

    /// A link, a junction or the like.
    const FILE_ATTRIBUTE_REPARSE_POINT: u32 = 0x400;
    let found = match folder.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        found => found.map_err(failed(folder))?,
    };
    if !found.is_dir() || found.file_attributes() & FILE_ATTRIBUTE_REPARSE_POINT != 0 {
        let path = folder.to_owned();
        return Err(FolderFault::NoFolder { path });
    }
    let trusted = |path: &Path| match is_trusted(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Ok(true) => Ok(()),
        Ok(false) => Err(FolderFault::OfAnother {
            path: path.to_owned(),
        }),
        Err(error) => Err(failed(path)(error)),
    };
    trusted(folder)?;
    for entry in fs::read_dir(folder).map_err(failed(folder))? {
        trusted(&entry.map_err(failed(folder))?.path())?;
    }
    Ok(())
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> FolderFault {
    let path = path.to_owned();
    |error| FolderFault::System { path, error }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::{PermissionsExt, chown, symlink};

    use super::*;
    use crate::left_out::left_out;

    fn faults(folder: &Path) -> String {
        match check(folder, Owner::this_process()) {
            Ok(()) => "none".to_owned(),
            Err(FolderFault::NoFolder { .. }) => "no folder".to_owned(),
            Err(FolderFault::OfAnother { path }) => {
                let name = path.file_name().unwrap_or_default().display();
                format!("of another: {name}")
            }
            Err(FolderFault::OpenToOthers { .. }) => "open".to_owned(),
            Err(FolderFault::System { error, .. }) => error.to_string(),
        }
    }

    #[test]
    fn what_is_not_there_and_what_is_ours_is_used() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        assert_eq!(faults(&data), "none");
        fs::create_dir(&data).unwrap();
        fs::write(data.join("history.sqlite"), "").unwrap();
        for mode in [0o700, 0o755, 0o775, 0o2775] {
            fs::set_permissions(&data, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(faults(&data), "none", "{mode:o}");
        }
        // An administrator's own link within is no stranger's.
        symlink("/elsewhere", data.join("settings.toml")).unwrap();
        assert_eq!(faults(&data), "none");
    }

    #[test]
    fn what_was_planted_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        symlink(folder.path(), &data).unwrap();
        assert_eq!(faults(&data), "no folder");
        fs::remove_file(&data).unwrap();
        fs::write(&data, "").unwrap();
        assert_eq!(faults(&data), "no folder");
        fs::remove_file(&data).unwrap();
        fs::create_dir(&data).unwrap();
        for mode in [0o777, 0o1777, 0o702] {
            fs::set_permissions(&data, fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(faults(&data), "open", "{mode:o}");
        }
    }

    #[test]
    fn what_another_has_planted_is_refused() {
        const STRANGER: Option<u32> = Some(61_234);

        if !rustix::process::geteuid().is_root() {
            return left_out("only root makes what is another user's");
        }
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        fs::create_dir(&data).unwrap();
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).unwrap();
        for name in ["engine.lock", "control.sock", "secrets"] {
            let planted = data.join(name);
            fs::write(&planted, "").unwrap();
            chown(&planted, STRANGER, None).unwrap();
            assert_eq!(faults(&data), format!("of another: {name}"));
            fs::remove_file(&planted).unwrap();
            symlink("/etc/passwd", &planted).unwrap();
            std::os::unix::fs::lchown(&planted, STRANGER, None).unwrap();
            assert_eq!(faults(&data), format!("of another: {name}"));
            fs::remove_file(&planted).unwrap();
        }
        chown(&data, None, STRANGER).unwrap();
        fs::set_permissions(&data, fs::Permissions::from_mode(0o770)).unwrap();
        assert_eq!(faults(&data), "open", "to a stranger's group");
        chown(&data, STRANGER, None).unwrap();
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700)).unwrap();
        assert_eq!(faults(&data), "of another: data");
    }
}
