//! Secrets in files that only their owner can read.
//!
//! The protected file of an account is a file of its own in the folder `secrets` of the data
//! folder, and holds the secret and nothing else: reading one touches no other, and none is lost
//! with another. It is written whole or not at all.
//!
//! On Windows, where a file has no mode, the access list of that folder protects it.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use dequeue_core::{secret_fault::SecretFault, settings::secret_source::SECRET_OCTETS};
use dequeue_platform::files::{
    self, Access, lock_patiently, make_private, open_to_read, remove_unfinished, sync_folder,
    write_whole,
};
use dequeue_smtp::Secret;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// The folder of the protected files.
#[derive(Clone, Debug)]
pub(super) struct Folder {
    path: PathBuf,
}

impl Folder {
    pub(super) fn new(path: PathBuf) -> Self {
        Self { path }
    }

    /// The account's secret, if there is one.
    pub(super) fn get(&self, account: &str) -> Result<Option<Zeroizing<Vec<u8>>>, SecretFault> {
        read(&self.file_of(account), false)
    }

    pub(super) fn holds(&self, account: &str) -> bool {
        self.file_of(account).exists()
    }

    /// Keeps the account's secret. A reader sees the old or the new.
    pub(super) fn set(&self, account: &str, secret: &Secret) -> Result<(), SecretFault> {
        let path = self.file_of(account);
        let write = || {
            let _lock = self.lock()?;
            remove_unfinished(&path)?;
            write_whole(&path, secret.expose().as_bytes(), Access::Private)
        };
        write().map_err(|error| unwritable(&path, &error))
    }

    /// Removes the account's secret. Returns whether there was one.
    pub(super) fn clear(&self, account: &str) -> Result<bool, SecretFault> {
        let path = self.file_of(account);
        let clear = || {
            if !self.path.exists() {
                return Ok(false);
            }
            let _lock = self.lock()?;
            remove_unfinished(&path)?;
            let removed = remove(&path)?;
            sync_folder(&self.path);
            Ok(removed)
        };
        clear().map_err(|error| unwritable(&path, &error))
    }

    /// Gives one account's secret, or its having none, to another.
    pub(super) fn rename(&self, from: &str, to: &str) -> Result<(), SecretFault> {
        let (from, to) = (self.file_of(from), self.file_of(to));
        let rename = || {
            if !self.path.exists() {
                return Ok(());
            }
            let _lock = self.lock()?;
            match files::replace(&from, &to) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => remove(&to).map(drop)?,
                done => done?,
            }
            sync_folder(&self.path);
            Ok(())
        };
        rename().map_err(|error| unwritable(&from, &error))
    }

    /// A name for people to recognise, and to tell apart what a file system does not.
    pub(super) fn file_of(&self, account: &str) -> PathBuf {
        let mut name: String = account
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '-'
                }
            })
            .take(40)
            .collect();
        name.push('-');
        for octet in Sha256::digest(account).iter().take(8) {
            name.push_str(&format!("{octet:02x}"));
        }
        name.push_str(".secret");
        self.path.join(name)
    }

    /// One writer at a time, over all processes. Ends with the file, or with its process.
    fn lock(&self) -> io::Result<File> {
        #[cfg(windows)]
        let is_new = !self.path.is_dir();
        make_private(&self.path)?;
        #[cfg(windows)]
        if is_new && let Err(error) = leave_to_owner(&self.path) {
            // The next time it would count as protected.
            let _ = fs::remove_dir(&self.path);
            return Err(error);
        }
        lock_patiently(&self.path.join("lock"))
    }
}

/// Reads a file with a secret, if it is there. What is judged is the file that has been opened,
/// through whatever links. With `guarded`, its folder protects it and its mode says nothing:
/// systemd adds an access list to its credentials, which looks like access for a group.
pub(super) fn read(path: &Path, guarded: bool) -> Result<Option<Zeroizing<Vec<u8>>>, SecretFault> {
    let unreadable = |error: io::Error| SecretFault::FileUnreadable {
        path: path.to_owned(),
        error: error.to_string(),
    };
    let file = match open_to_read(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(error)),
    };
    #[cfg(unix)]
    if !guarded {
        use std::os::unix::fs::MetadataExt;
        let metadata = file.metadata().map_err(unreadable)?;
        let us = rustix::process::geteuid().as_raw();
        check_access(path, us, metadata.uid(), metadata.mode())?;
    }
    #[cfg(not(unix))]
    let _ = guarded;
    // With room to spare: it must not move while it grows, and leave a copy behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(SECRET_OCTETS + 128));
    let limit = SECRET_OCTETS + 1;
    file.take(limit as u64)
        .read_to_end(&mut bytes)
        .map_err(unreadable)?;
    Ok(Some(bytes))
}

/// Ours alone, or the administrator's, who may let our group read it.
#[cfg(unix)]
fn check_access(path: &Path, us: u32, owner: u32, mode: u32) -> Result<(), SecretFault> {
    const ROOT: u32 = 0;

    let path = path.to_owned();
    let open_to_others = if owner == us { 0o077 } else { 0o027 };
    if owner != us && owner != ROOT {
        Err(SecretFault::FileOfAnother { path })
    } else if mode & open_to_others != 0 {
        Err(SecretFault::FileOpenToOthers { path })
    } else {
        Ok(())
    }
}

/// Leaves a folder, with whatever is made in it later, to the system, to administrators and to this
/// user: where it lies, all users may be let in, as everywhere on C: outside of their own folders. Not
/// to its owner: what an administrator's program makes belongs to all administrators, and the same
/// user's program without those rights is none of them.
/// By Windows' own program, since its functions for this are not safe.
#[cfg(windows)]
fn leave_to_owner(folder: &Path) -> io::Result<()> {
    use std::{
        env,
        os::windows::process::CommandExt,
        process::{Command, Stdio},
    };
    /// By their numbers: their names are in the system's language.
    const SYSTEM: &str = "S-1-5-18";
    const ADMINISTRATORS: &str = "S-1-5-32-544";
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;

    let user = dequeue_api::socket::user_sid()?;
    let may = [SYSTEM, ADMINISTRATORS, &user].map(|sid| format!("*{sid}:(OI)(CI)F"));
    let root = env::var_os("SystemRoot").unwrap_or_else(|| r"C:\Windows".into());
    let status = Command::new(Path::new(&root).join(r"System32\icacls.exe"))
        .arg(folder)
        .args(["/inheritance:r", "/grant:r"])
        .args(may)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .creation_flags(CREATE_NO_WINDOW)
        .status()?;
    if status.success() {
        Ok(())
    } else {
        Err(io::Error::other(format!("icacls: {status}")))
    }
}

/// Returns whether there was such a file.
fn remove(path: &Path) -> io::Result<bool> {
    match fs::remove_file(path) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

fn unwritable(path: &Path, error: &io::Error) -> SecretFault {
    SecretFault::FileUnwritable {
        path: path.to_owned(),
        error: error.to_string(),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn whose_files_are_read() {
        let (us, root, other) = (1000, 0, 1001);
        let path = Path::new("/p");
        let open = Err(SecretFault::FileOpenToOthers { path: path.into() });
        let another = Err(SecretFault::FileOfAnother { path: path.into() });
        for (who, owner, mode, expected) in [
            (us, us, 0o600, Ok(())),
            (us, us, 0o400, Ok(())),
            (us, us, 0o640, open.clone()),
            (us, us, 0o604, open.clone()),
            (us, us, 0o620, open.clone()),
            (us, root, 0o640, Ok(())),
            (us, root, 0o660, open.clone()),
            (us, root, 0o644, open.clone()),
            (us, other, 0o600, another.clone()),
            (us, other, 0o666, another.clone()),
            (root, root, 0o600, Ok(())),
            (root, root, 0o640, open),
            (root, us, 0o600, another),
        ] {
            let found = check_access(path, who, owner, 0o100_000 | mode);
            assert_eq!(found, expected, "{who} reads {mode:o} of {owner}");
        }
    }
}
