//! Other programs: the sister programs, which lie beside this one, and those that the settings name.

use std::{env, io, path::PathBuf};

use tokio::process::{Child, Command};

/// The path of a sister program in the folder of this one, as in `beside("dequeue-window")`.
///
/// # Errors
/// What the system says when it does not know where this program is.
pub fn beside(name: &str) -> io::Result<PathBuf> {
    let this = env::current_exe()?;
    Ok(this.with_file_name(format!("{name}{}", env::consts::EXE_SUFFIX)))
}

/// Runs a program and its arguments without a shell, so that [`Family`] can end all of it. It ends
/// when its [`Child`] is dropped.
pub(crate) fn command(words: &[String]) -> Command {
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
pub(crate) struct Family {
    #[cfg(unix)]
    group: Option<rustix::process::Pid>,
}

impl Family {
    #[cfg(unix)]
    pub(crate) fn of(child: &Child) -> Self {
        let id = child.id().map(u32::cast_signed);
        Self {
            group: id.and_then(rustix::process::Pid::from_raw),
        }
    }

    #[cfg(not(unix))]
    pub(crate) fn of(_: &Child) -> Self {
        Self {}
    }

    /// From now on its number may be another's.
    pub(crate) fn has_ended(&mut self) {
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
