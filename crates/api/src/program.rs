//! The sister programs, which lie beside this one.

use std::{env, io, path::PathBuf};

/// The tray's name, for [`beside`].
pub const TRAY: &str = "dequeue-tray";
/// What the tray is given to start without its window, as at login.
pub const QUIETLY: &str = "--quiet";
/// What the window is given to open at an account, with its name behind.
pub const AT_ACCOUNT: &str = "--account=";

/// The path of a sister program in the folder of this one, as in `beside("dequeue-window")`.
///
/// # Errors
/// What the system says when it does not know where this program is.
pub fn beside(name: &str) -> io::Result<PathBuf> {
    let this = env::current_exe()?;
    Ok(this.with_file_name(format!("{name}{}", env::consts::EXE_SUFFIX)))
}
