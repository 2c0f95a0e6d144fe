//! Asks the tray of this session to end, and waits until its process has gone.

use std::{
    io,
    os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle},
    time::Duration,
};

use dequeue_api::Paths;
use windows_sys::Win32::{
    Foundation::WAIT_OBJECT_0,
    System::Threading::{OpenProcess, PROCESS_SYNCHRONIZE, WaitForSingleObject},
    UI::WindowsAndMessaging::{FindWindowW, GetWindowThreadProcessId, PostMessageW, WM_CLOSE},
};

use super::message_window::{CLASS, title};

/// Asks the tray of these folders in this session to end; gives whether there is one. It has ended when
/// this returns.
///
/// # Errors
/// What the system says, and [`io::ErrorKind::TimedOut`] where it does not end in this time.
#[expect(unsafe_code)]
pub(crate) fn quit(paths: &Paths, at_most: Duration) -> io::Result<bool> {
    let title = title(paths);
    // SAFETY: the texts end with a NUL. A window that goes meanwhile has no process.
    let (window, process) = unsafe {
        let window = FindWindowW(CLASS, title.as_ptr());
        if window.is_null() {
            return Ok(false);
        }
        let mut id = 0;
        GetWindowThreadProcessId(window, &raw mut id);
        (window, OpenProcess(PROCESS_SYNCHRONIZE, 0, id))
    };
    if process.is_null() {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it was opened for us alone just now.
    let process = unsafe { OwnedHandle::from_raw_handle(process) };
    // SAFETY: a window that has gone is refused.
    if unsafe { PostMessageW(window, WM_CLOSE, 0, 0) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let milliseconds = u32::try_from(at_most.as_millis()).unwrap_or(u32::MAX - 1);
    // SAFETY: the process is held open meanwhile.
    match unsafe { WaitForSingleObject(process.as_raw_handle(), milliseconds) } {
        WAIT_OBJECT_0 => Ok(true),
        _ => Err(io::ErrorKind::TimedOut.into()),
    }
}
