//! The window's process: started when someone wants to look, reaped when it has ended.

use std::{
    io,
    path::PathBuf,
    process::{ExitStatus, Stdio},
    time::Duration,
};

use dequeue_api::program::{self, AT_ACCOUNT};
use tokio::{
    process::{Child, Command},
    time::{Instant, timeout},
};

/// The program that shows it, beside this one.
const PROGRAM: &str = "dequeue-window";
/// How long a window may take to come up before another is started in its place.
const COMING_UP: Duration = Duration::from_secs(10);
/// How long a window may take to close before it is ended.
const CLOSING: Duration = Duration::from_secs(2);

/// The window that this tray has started, if any.
#[derive(Debug, Default)]
pub(crate) struct Window {
    running: Option<(Child, Instant)>,
}

/// Why there is no window.
#[derive(Debug, thiserror::Error)]
#[error("{program} could not be started: {error}")]
pub(crate) struct NotStarted {
    /// What was to be started.
    pub(crate) program: String,
    /// What the system said.
    pub(crate) error: io::Error,
}

impl Window {
    /// Starts the window, at this account, unless it is coming up. `activation` is the desktop's leave
    /// to come to the front (XDG activation), where it gave one with the click.
    ///
    /// # Errors
    /// [`NotStarted`].
    pub(crate) fn start(
        &mut self,
        account: Option<&str>,
        activation: Option<String>,
    ) -> Result<(), NotStarted> {
        if let Some((_, since)) = &self.running
            && since.elapsed() < COMING_UP
        {
            return Ok(());
        }
        let child = start(account, activation)?;
        tracing::debug!(pid = child.id(), "window started");
        // One that never came up is left to itself; tokio reaps it.
        self.running = Some((child, Instant::now()));
        Ok(())
    }

    /// Waits until the window has ended; for ever where there is none.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let Some((child, _)) = &mut self.running else {
            return std::future::pending().await;
        };
        let status = child.wait().await;
        self.running = None;
        tracing::debug!(?status, "window ended");
        status.unwrap_or_default()
    }

    /// Closes the window.
    pub(crate) async fn close(&mut self) {
        let Some((mut child, _)) = self.running.take() else {
            return;
        };
        if ask_to_close(&child) && timeout(CLOSING, child.wait()).await.is_ok() {
            return;
        }
        if let Err(error) = child.kill().await {
            tracing::warn!(%error, "window not ended");
        }
    }
}

/// Starts the window and looks after it no more.
///
/// # Errors
/// [`NotStarted`].
pub(crate) fn start(
    account: Option<&str>,
    activation: Option<String>,
) -> Result<Child, NotStarted> {
    let not_started = |program: PathBuf, error| NotStarted {
        program: program.display().to_string(),
        error,
    };
    let path = program::beside(PROGRAM).map_err(|error| not_started(PROGRAM.into(), error))?;
    let mut command = Command::new(&path);
    command.stdin(Stdio::null());
    if let Some(account) = account {
        command.arg(format!("{AT_ACCOUNT}{account}"));
    }
    if let Some(token) = activation {
        command.env("XDG_ACTIVATION_TOKEN", token);
    }
    command.spawn().map_err(|error| not_started(path, error))
}

/// Whether a window that has ended so has come to grief.
pub(crate) fn is_fault(status: ExitStatus) -> bool {
    #[cfg(unix)]
    {
        use rustix::process::Signal;
        // Someone or the session asked it to end.
        let asked = [Signal::TERM, Signal::INT, Signal::HUP].map(Signal::as_raw);
        if std::os::unix::process::ExitStatusExt::signal(&status)
            .is_some_and(|it| asked.contains(&it))
        {
            return false;
        }
    }
    !status.success()
}

/// Whether it was asked; else it has to be ended.
#[cfg(unix)]
fn ask_to_close(child: &Child) -> bool {
    use rustix::process::{Pid, Signal, kill_process};
    child
        .id()
        .and_then(|id| Pid::from_raw(i32::try_from(id).ok()?))
        .is_some_and(|pid| kill_process(pid, Signal::TERM).is_ok())
}

/// Whether it was asked; else it has to be ended.
#[cfg(windows)]
const fn ask_to_close(_: &Child) -> bool {
    false
}
