//! One tray a login session. Sessions of one user, as over a remote desktop, have a tray each.

use std::borrow::Cow;

use dequeue_api::{Paths, PathsError};

#[cfg(unix)]
use unix as system;
#[cfg(windows)]
use windows as system;

/// Held for as long as this tray is the session's.
#[derive(Debug)]
pub(crate) struct SessionLock {
    _held: system::Held,
}

impl SessionLock {
    /// Takes the lock; `None` where this session has a tray already.
    ///
    /// # Errors
    /// [`PathsError`] when the data folder cannot be used.
    pub(crate) fn take(paths: &Paths) -> Result<Option<Self>, PathsError> {
        let held = system::take(&*own(paths)?)?;
        Ok(held.map(|held| Self { _held: held }))
    }
}

/// The process of this session's tray, as it says itself; nothing is said by one that has ended.
#[cfg(unix)]
pub(crate) fn holder(paths: &Paths) -> Option<rustix::process::Pid> {
    unix::holder(&*own(paths).ok()?)
}

/// The user's places: a tray of the machine's engine is its user's all the same, and so is its lock.
fn own(paths: &Paths) -> Result<Cow<'_, Paths>, PathsError> {
    if paths.are_the_machines() {
        Paths::for_user().map(Cow::Owned)
    } else {
        Ok(Cow::Borrowed(paths))
    }
}

#[cfg(unix)]
mod unix {
    //! A file with the session's name, which is locked. It holds the tray's process number.

    use std::{env, fs, path::PathBuf};

    use dequeue_api::{Paths, PathsError};
    use dequeue_engine::lock::Lock;
    use rustix::process::Pid;

    pub(super) type Held = Lock;

    pub(super) fn take(paths: &Paths) -> Result<Option<Held>, PathsError> {
        let lock = Lock::take(paths, &name())?;
        if lock.as_ref().is_some_and(|lock| !lock.stands_in()) {
            let number = std::process::id().to_string();
            if let Err(error) = fs::write(file(paths), number) {
                tracing::debug!(%error, "nobody will know the tray's process");
            }
        }
        Ok(lock)
    }

    pub(super) fn holder(paths: &Paths) -> Option<Pid> {
        let number = fs::read_to_string(file(paths)).ok()?;
        Pid::from_raw(number.trim().parse().ok()?)
    }

    fn file(paths: &Paths) -> PathBuf {
        paths.data().join(name())
    }

    fn name() -> String {
        format!("tray-{}.lock", session())
    }

    /// A name for this session that can stand in a file's name, out of what its programs inherit.
    fn session() -> String {
        // What a display is called comes back at the next login; a number for each login would fill
        // the folder with files.
        let name = ["WAYLAND_DISPLAY", "DISPLAY"]
            .iter()
            .find_map(|name| env::var(name).ok().filter(|it| !it.is_empty()));
        file_name(&name.unwrap_or_default())
    }

    fn file_name(session: &str) -> String {
        let safe: String = session
            .chars()
            .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
            .collect();
        if safe.is_empty() {
            "only".to_owned()
        } else {
            safe
        }
    }

    #[test]
    fn names_that_can_be_files() {
        assert_eq!(file_name(":0"), "-0");
        assert_eq!(file_name("host:10.0"), "host-10-0");
        assert_eq!(file_name("../../x"), "------x");
        assert_eq!(file_name(""), "only");
    }
}

#[cfg(windows)]
mod windows {
    //! A name in the session's own space of names, which Windows keeps by the session's number and
    //! clears with the process that holds it: no variable says which session it is, since one that is
    //! started early, or by the task scheduler, has none, and no file is left behind.

    use std::{
        io,
        os::windows::io::{FromRawHandle, OwnedHandle},
        ptr,
    };

    use dequeue_api::{Paths, PathsError};
    use dequeue_platform::files::make_private;
    use windows_sys::Win32::{
        Foundation::{ERROR_ACCESS_DENIED, ERROR_ALREADY_EXISTS, GetLastError},
        System::Threading::CreateMutexW,
    };

    pub(super) type Held = OwnedHandle;

    #[expect(unsafe_code)]
    pub(super) fn take(paths: &Paths) -> Result<Option<Held>, PathsError> {
        let failed = |error| PathsError::Folder {
            path: paths.data().to_owned(),
            error,
        };
        make_private(paths.data()).map_err(failed)?;
        let name = format!("Local\\Dequeue-tray-{:016x}\0", paths.fingerprint());
        let name: Vec<u16> = name.encode_utf16().collect();
        // SAFETY: the name ends with a NUL. What the last call says of it is asked at once.
        let (handle, code) = unsafe {
            let handle = CreateMutexW(ptr::null(), 0, name.as_ptr());
            (handle, GetLastError())
        };
        if handle.is_null() {
            return match code {
                // One that was started with other rights.
                ERROR_ACCESS_DENIED => Ok(None),
                code => Err(failed(io::Error::from_raw_os_error(code.cast_signed()))),
            };
        }
        // SAFETY: it was opened for us alone just now.
        let handle = unsafe { OwnedHandle::from_raw_handle(handle) };
        Ok((code != ERROR_ALREADY_EXISTS).then_some(handle))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_a_session() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::in_folder(&folder.path().join("new"));
        let first = SessionLock::take(&paths).unwrap();
        assert!(first.is_some());
        #[cfg(unix)]
        assert_eq!(
            holder(&paths).map(|it| it.as_raw_pid().cast_unsigned()),
            Some(std::process::id())
        );
        assert!(SessionLock::take(&paths).unwrap().is_none());
        drop(first);
        assert!(SessionLock::take(&paths).unwrap().is_some());
    }
}
