//! `dequeue-tray --quit`: ends the tray of this session, for whoever installs another version or takes
//! this one away.

use std::{io, time::Duration};

use dequeue_api::Paths;
use dequeue_core::Text;

/// How long the tray may take: it ends its engine and its window first.
const ENDING: Duration = Duration::from_secs(20);

/// Asks the session's tray to end and waits until it has; where there is none, there is nothing to do.
///
/// # Errors
/// One sentence on what is wrong.
pub(crate) fn quit(paths: &Paths, text: &Text) -> Result<(), String> {
    system::quit(paths).map_err(|error: io::Error| {
        let values = [("error", error.to_string().into())];
        text.format("tray-does-not-end", &values)
    })
}

#[cfg(windows)]
mod system {
    use super::*;

    pub(super) fn quit(paths: &Paths) -> io::Result<()> {
        crate::backend::windows::quit(paths, ENDING).map(drop)
    }
}

#[cfg(unix)]
mod system {
    use std::{thread::sleep, time::Instant};

    use rustix::process::{Signal, kill_process};

    use super::*;
    use crate::lock::{SessionLock, holder};

    /// Between two looks whether it has ended.
    const LOOK: Duration = Duration::from_millis(20);

    pub(super) fn quit(paths: &Paths) -> io::Result<()> {
        let runs = || match SessionLock::take(paths) {
            Ok(lock) => Ok(lock.is_none()),
            Err(fault) => Err(io::Error::other(fault)),
        };
        if !runs()? {
            return Ok(());
        }
        // Whoever holds the lock has put its number there, and no other is taken for a tray.
        let tray = holder(paths).filter(|pid| is_tray(*pid));
        let tray = tray.ok_or(io::ErrorKind::NotFound)?;
        kill_process(tray, Signal::TERM)?;
        let give_up = Instant::now() + ENDING;
        while runs()? {
            if Instant::now() > give_up {
                return Err(io::ErrorKind::TimedOut.into());
            }
            sleep(LOOK);
        }
        Ok(())
    }

    /// Whether the process is a tray's.
    #[cfg(target_os = "linux")]
    fn is_tray(pid: rustix::process::Pid) -> bool {
        let name = std::fs::read_to_string(format!("/proc/{}/comm", pid.as_raw_nonzero()));
        name.is_ok_and(|name| name.trim_end() == dequeue_api::program::TRAY)
    }

    /// Nothing says so here.
    #[cfg(not(target_os = "linux"))]
    const fn is_tray(_: rustix::process::Pid) -> bool {
        true
    }
}
