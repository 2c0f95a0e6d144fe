//! One tray a login session. Sessions of one user, as over a remote desktop, have a tray each.

use std::env;

use dequeue_api::{Paths, PathsError};
use dequeue_engine::lock::Lock;

/// Held for as long as this tray is the session's.
#[derive(Debug)]
pub(crate) struct SessionLock {
    _lock: Lock,
}

impl SessionLock {
    /// Takes the lock; `None` where this session has a tray already.
    ///
    /// # Errors
    /// [`PathsError`] when the data folder cannot be used.
    pub(crate) fn take(paths: &Paths) -> Result<Option<Self>, PathsError> {
        let lock = Lock::take(paths, &format!("tray-{}.lock", session()))?;
        Ok(lock.map(|lock| Self { _lock: lock }))
    }
}

/// A name for this session that can stand in a file's name, out of what its programs inherit.
fn session() -> String {
    // What a display is called comes back at the next login; a number for each login would fill
    // the folder with files.
    let variables: &[&str] = if cfg!(windows) {
        &["SESSIONNAME"]
    } else {
        &["WAYLAND_DISPLAY", "DISPLAY"]
    };
    let name = variables
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_a_session() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::in_folder(&folder.path().join("new"));
        let first = SessionLock::take(&paths).unwrap();
        assert!(first.is_some());
        assert!(SessionLock::take(&paths).unwrap().is_none());
        drop(first);
        assert!(SessionLock::take(&paths).unwrap().is_some());
    }

    #[test]
    fn names_that_can_be_files() {
        assert_eq!(file_name(":0"), "-0");
        assert_eq!(file_name("RDP-Tcp#3"), "RDP-Tcp-3");
        assert_eq!(file_name("../../x"), "------x");
        assert_eq!(file_name(""), "only");
    }
}
