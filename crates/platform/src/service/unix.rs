//! What the services of Linux and macOS are made with: the system's programs, the account's numbers, and
//! folders that are given to it.

use std::{
    fs, io,
    os::unix::fs::{MetadataExt, PermissionsExt, lchown},
    path::Path,
    process::{Command, Output, Stdio},
};

use super::{
    description::{ServiceError, failed},
    folders::{self, Owner},
};
use crate::files::make_own;

pub(super) fn need_root() -> Result<(), ServiceError> {
    if rustix::process::geteuid().is_root() {
        Ok(())
    } else {
        Err(ServiceError::NotAllowed)
    }
}

/// Runs a program of the system to its end.
pub(super) fn output(command: &[&str]) -> io::Result<Output> {
    Command::new(command[0])
        .args(&command[1..])
        // Those of administrators, which a service or sudo may not have.
        .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
        .stdin(Stdio::null())
        .output()
}

/// Has the service manager's program do something.
///
/// # Errors
/// What it says.
pub(super) fn tell(manager: &str, arguments: &[&str]) -> Result<(), ServiceError> {
    let command: Vec<&str> = [manager].iter().chain(arguments).copied().collect();
    match output(&command) {
        Ok(done) if done.status.success() => Ok(()),
        Ok(done) => Err(ServiceError::Manager {
            said: last_words(&done),
        }),
        Err(error) => Err(ServiceError::Manager {
            said: error.to_string(),
        }),
    }
}

/// What a program that failed said, in a line.
pub(super) fn last_words(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    let said: Vec<&str> = said
        .lines()
        .map(str::trim)
        .filter(|it| !it.is_empty())
        .collect();
    if said.is_empty() {
        output.status.to_string()
    } else {
        said.join(" ")
    }
}

/// The numbers of an account, which the system's own databases know, wherever they are.
pub(super) fn owner(user: &str) -> Option<Owner> {
    let id = |which| {
        let id = output(&["id", which, user]).ok()?;
        let number = String::from_utf8(id.stdout).ok()?;
        number.trim().parse().ok().filter(|_| id.status.success())
    };
    Some(Owner {
        user: id("-u")?,
        group: id("-g")?,
    })
}

/// Makes one of the service's folders, or brings it up to date: this user's, and the group of the service's,
/// with this mode. Gives whether anything was to be done.
///
/// # Errors
/// [`ServiceError::Folder`] where somebody else could have put something there.
pub(super) fn make_folder(
    folder: &Path,
    owner: Owner,
    user: u32,
    mode: u32,
) -> Result<bool, ServiceError> {
    folders::check(folder, owner)?;
    let is_new = match make_own(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
        made => {
            made.map_err(failed(folder))?;
            true
        }
    };
    let found = folder.symlink_metadata().map_err(failed(folder))?;
    if (found.uid(), found.gid(), found.mode() & 0o7777) == (user, owner.group, mode) {
        return Ok(is_new);
    }
    lchown(folder, Some(user), Some(owner.group)).map_err(failed(folder))?;
    fs::set_permissions(folder, fs::Permissions::from_mode(mode)).map_err(failed(folder))?;
    Ok(true)
}
