//! A sister program with an administrator's rights, for which the system asks: UAC on Windows, polkit
//! (`pkexec`) on Linux. The one that asks goes on with the rights that it has.

use std::{
    ffi::OsString,
    io,
    path::{Path, PathBuf},
};

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Elevated {
    /// Nobody has consented, so it was not started.
    Refused,
    /// It was run, and has ended.
    Ended {
        /// Whether with 0.
        success: bool,
        /// What it said on its standard error, where that can be had.
        said: String,
    },
}

/// Runs a program so, and waits for its end.
///
/// # Errors
/// The system has no such way, or does not start the program.
#[cfg(unix)]
pub async fn run(program: &Path, arguments: &[OsString]) -> io::Result<Elevated> {
    /// pkexec: the dialogue was put away.
    const DISMISSED: i32 = 126;
    /// pkexec: the answers were wrong, or nothing was started.
    const NOT_STARTED: i32 = 127;
    /// What pkexec says, in this language only, where the answers were wrong.
    const WRONG: &str = "Not authorized";
    let ended = tokio::process::Command::new("pkexec")
        .arg(program)
        .args(arguments)
        .stdin(std::process::Stdio::null())
        .output()
        .await
        .map_err(|fault| io::Error::new(fault.kind(), format!("pkexec: {fault}")))?;
    let said = String::from_utf8_lossy(&ended.stderr).trim().to_owned();
    match ended.status.code() {
        Some(DISMISSED) => Ok(Elevated::Refused),
        Some(NOT_STARTED) if said.contains(WRONG) => Ok(Elevated::Refused),
        Some(NOT_STARTED) => Err(io::Error::other(said)),
        _ => Ok(Elevated::Ended {
            success: ended.status.success(),
            said,
        }),
    }
}

/// Runs a program so, and waits for its end.
///
/// # Errors
/// The system has no such way, or does not start the program.
#[cfg(windows)]
pub async fn run(program: &Path, arguments: &[OsString]) -> io::Result<Elevated> {
    let (program, arguments) = (program.to_owned(), arguments.to_vec());
    let work = tokio::task::spawn_blocking(move || windows::run(&program, &arguments));
    work.await
        .unwrap_or_else(|fault| Err(io::Error::other(fault)))
}

/// What stands once a program that shows a window has been run so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opened {
    /// Nobody has consented, so it was not started.
    Refused,
    /// It has been started, and can take the place of the one that asked.
    Instead,
    /// It was run, and has ended: until polkit has asked, nobody knows whether it will be.
    Beside,
}

/// Runs a program that shows a window so, and waits no longer than until it is known whether it is started.
///
/// # Errors
/// The system has no such way, or does not start the program.
pub async fn open(program: PathBuf) -> io::Result<Opened> {
    #[cfg(windows)]
    {
        let work = tokio::task::spawn_blocking(move || windows::open(&program));
        work.await
            .unwrap_or_else(|fault| Err(io::Error::other(fault)))
    }
    #[cfg(not(windows))]
    Ok(match run(&program, &[]).await? {
        Elevated::Refused => Opened::Refused,
        Elevated::Ended { .. } => Opened::Beside,
    })
}

#[cfg(windows)]
mod windows {
    use std::{
        ffi::{OsStr, OsString},
        io,
        os::windows::{
            ffi::OsStrExt,
            io::{AsRawHandle, FromRawHandle, OwnedHandle},
        },
        path::Path,
    };

    use windows_sys::Win32::{
        Foundation::{ERROR_CANCELLED, WAIT_OBJECT_0},
        System::Threading::{GetExitCodeProcess, INFINITE, WaitForSingleObject},
        UI::{
            Shell::{SEE_MASK_NOCLOSEPROCESS, SHELLEXECUTEINFOW, ShellExecuteExW},
            WindowsAndMessaging::{SHOW_WINDOW_CMD, SW_HIDE, SW_SHOWNORMAL},
        },
    };

    use super::{Elevated, Opened};

    pub(super) fn open(program: &Path) -> io::Result<Opened> {
        Ok(match start(program, &[], SW_SHOWNORMAL)? {
            None => Opened::Refused,
            Some(_) => Opened::Instead,
        })
    }

    #[allow(unsafe_code)]
    pub(super) fn run(program: &Path, arguments: &[OsString]) -> io::Result<Elevated> {
        let Some(process) = start(program, arguments, SW_HIDE)? else {
            return Ok(Elevated::Refused);
        };
        let mut code = 1;
        // SAFETY: the handle is open, and the place outlives the calls.
        let ended = unsafe {
            WaitForSingleObject(process.as_raw_handle(), INFINITE) == WAIT_OBJECT_0
                && GetExitCodeProcess(process.as_raw_handle(), &raw mut code) != 0
        };
        if !ended {
            return Err(io::Error::last_os_error());
        }
        Ok(Elevated::Ended {
            success: code == 0,
            said: String::new(),
        })
    }

    /// Its process. `None` where nobody has consented.
    #[allow(unsafe_code)]
    fn start(
        program: &Path,
        arguments: &[OsString],
        show: SHOW_WINDOW_CMD,
    ) -> io::Result<Option<OwnedHandle>> {
        let wide = |text: &OsStr| text.encode_wide().chain([0]).collect::<Vec<u16>>();
        let (verb, program) = (wide("runas".as_ref()), wide(program.as_os_str()));
        let line: Vec<OsString> = arguments.iter().map(|it| quoted(it)).collect();
        let parameters = wide(&line.join(OsStr::new(" ")));
        // SAFETY: of this plain structure, all zeroes say nothing.
        let mut info: SHELLEXECUTEINFOW = unsafe { std::mem::zeroed() };
        info.cbSize = size_of::<SHELLEXECUTEINFOW>() as u32;
        info.fMask = SEE_MASK_NOCLOSEPROCESS;
        info.lpVerb = verb.as_ptr();
        info.lpFile = program.as_ptr();
        info.lpParameters = parameters.as_ptr();
        info.nShow = show;
        // SAFETY: the texts end with a NUL and outlive the call.
        if unsafe { ShellExecuteExW(&raw mut info) } == 0 {
            let fault = io::Error::last_os_error();
            let is_refused = fault.raw_os_error() == i32::try_from(ERROR_CANCELLED).ok();
            return if is_refused { Ok(None) } else { Err(fault) };
        }
        if info.hProcess.is_null() {
            return Err(io::ErrorKind::NotFound.into());
        }
        // SAFETY: the call has opened it for us alone.
        Ok(Some(unsafe { OwnedHandle::from_raw_handle(info.hProcess) }))
    }

    /// An argument as `CommandLineToArgvW` reads it. Paths and options, which hold no quotation mark.
    fn quoted(argument: &OsStr) -> OsString {
        let mut quoted = OsString::from("\"");
        quoted.push(argument);
        // A backslash at the end would take the mark behind it for a letter.
        if argument.encode_wide().last() == Some(u16::from(b'\\')) {
            quoted.push("\\");
        }
        quoted.push("\"");
        quoted
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_folder_is_one_argument() {
            let argument = |text: &str| quoted(OsStr::new(text)).into_string().unwrap();
            assert_eq!(argument(r"C:\Jan Jansen"), "\"C:\\Jan Jansen\"");
            assert_eq!(argument(r"C:\"), "\"C:\\\\\"");
        }
    }
}
