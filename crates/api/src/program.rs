//! The sister programs, which lie beside this one.

use std::{env, io, path::PathBuf};

/// The tray's name, for [`beside`].
pub const TRAY: &str = "dequeue-tray";
/// What the tray is given to start without its window, as at login.
pub const QUIETLY: &str = "--quiet";
/// What the window is given to open at an account, with its name behind.
pub const AT_ACCOUNT: &str = "--account=";

/// How the window exits where there is no web view to show it in, after it has said so itself: as in
/// `sysexits.h`, something that it stands on is not there.
pub const EXIT_NO_WEB_VIEW: u8 = 69;

/// By which Windows knows whose windows and notifications they are (an AppUserModelID); the set-up program
/// writes the same into the registry.
pub const APP_ID: &str = "Dequeue.Tray";

/// Has the windows of this process be those of [`APP_ID`], so that the taskbar has one button for them all.
/// To be called before there is one.
///
/// Source: <https://learn.microsoft.com/windows/win32/shell/appids>.
#[cfg(windows)]
#[allow(unsafe_code)]
pub fn name_windows() {
    use windows_sys::Win32::UI::Shell::SetCurrentProcessExplicitAppUserModelID;

    let id: Vec<u16> = APP_ID.encode_utf16().chain([0]).collect();
    // SAFETY: the name ends with a NUL and outlives the call.
    let named = unsafe { SetCurrentProcessExplicitAppUserModelID(id.as_ptr()) };
    if named < 0 {
        tracing::debug!(
            code = format_args!("{named:#x}"),
            "the windows have no name"
        );
    }
}

/// The path of a sister program in the folder of this one, as in `beside("dequeue-window")`.
///
/// # Errors
/// What the system says when it does not know where this program is.
pub fn beside(name: &str) -> io::Result<PathBuf> {
    let this = env::current_exe()?;
    Ok(this.with_file_name(format!("{name}{}", env::consts::EXE_SUFFIX)))
}
