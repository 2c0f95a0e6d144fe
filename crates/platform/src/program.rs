//! Other programs, run so that all they start can be ended with them.

use tokio::process::{Child, Command};

/// A program and its arguments, to be run without a shell, so that [`Family`] can end all of it. It ends
/// when its [`Child`] is dropped.
#[must_use]
pub fn command(words: &[String]) -> Command {
    // Without a word there is no program either, and the system says so.
    let mut command = Command::new(words.first().map_or("", String::as_str));
    command.args(words.iter().skip(1)).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    // CREATE_NO_WINDOW: no console flashes up.
    #[cfg(windows)]
    command.creation_flags(0x0800_0000);
    command
}

/// Ends, when dropped, a [`command`] with all that it has started, unless it has ended itself. On
/// Windows what it has started goes on.
#[derive(Debug)]
#[must_use = "dropping it ends them"]
pub struct Family {
    #[cfg(unix)]
    group: Option<rustix::process::Pid>,
}

impl Family {
    /// Of a child that was started by a [`command`].
    #[cfg(unix)]
    pub fn of(child: &Child) -> Self {
        let id = child.id().map(u32::cast_signed);
        Self {
            group: id.and_then(rustix::process::Pid::from_raw),
        }
    }

    /// Of a child that was started by a [`command`].
    #[cfg(not(unix))]
    pub fn of(_: &Child) -> Self {
        Self {}
    }

    /// The child has ended and was waited for: from now on its number may be another's.
    pub fn has_ended(&mut self) {
        #[cfg(unix)]
        {
            self.group = None;
        }
    }
}

#[cfg(unix)]
impl Drop for Family {
    fn drop(&mut self) {
        if let Some(group) = self.group {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}
