//! A notice by a command: without a shell, the notice as JSON on its standard input and in
//! environment variables `DEQUEUE_NOTICE_*`, and of our own environment only what programs need.

use std::{io, process::Stdio, time::Duration};

use dequeue_core::{settings::channels::CommandLine, sink, text};
use dequeue_platform::program::{self, Family};
use tokio::{io::AsyncWriteExt, process::Child, time::timeout};

use super::{Outgoing, Why};

/// What a command gets of our environment, where secrets may stand too.
pub(super) const PASSED_ON: [&str; 24] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    // A desktop's, for a command that shows something.
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "XDG_RUNTIME_DIR",
    "DBUS_SESSION_BUS_ADDRESS",
    // Windows: most programs do not start without these.
    "SystemRoot",
    "SystemDrive",
    "ComSpec",
    "PATHEXT",
    "TEMP",
    "TMP",
    "USERPROFILE",
    "APPDATA",
    "ProgramData",
];

/// Linux starts nothing with a variable of 128 KiB, and Windows none with one of 32,767 characters.
const VARIABLE_OCTETS: usize = 8 * 1024;

/// Runs the command, and waits for its end no longer than `limit`; then it is killed, on Unix with
/// everything that it started.
pub(super) async fn run(
    command: &CommandLine,
    notice: &Outgoing,
    limit: Duration,
) -> Result<(), Why> {
    let json = serde_json::to_vec(notice).map_err(|_| Why::Protocol)?;
    let mut child = start(command, notice).map_err(|error| Why::NotStarted(error.to_string()))?;
    let mut family = Family::of(&child);
    let mut input = child.stdin.take();
    let run = async {
        if let Some(mut input) = input.take() {
            // A command that does not read it is content with the variables.
            let _ = input.write_all(&json).await;
        }
        child.wait().await
    };
    let Ok(status) = timeout(limit, run).await else {
        drop(family);
        // It is gone, not only told to go.
        let _ = child.kill().await;
        return Err(Why::TimedOut);
    };
    // What it has left behind on purpose may go on.
    family.has_ended();
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Why::Exit(status.code())),
        Err(error) => Err(Why::NotStarted(error.to_string())),
    }
}

fn start(command: &CommandLine, notice: &Outgoing) -> io::Result<Child> {
    let passed_on = PASSED_ON
        .iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)));
    program::command(command.words())
        .env_clear()
        .envs(passed_on)
        .env("DEQUEUE_NOTICE_KIND", text::name(&notice.kind))
        .env(
            "DEQUEUE_NOTICE_ACCOUNT",
            variable(&notice.accounts.join(", ")),
        )
        .env("DEQUEUE_NOTICE_TITLE", variable(&notice.title))
        .env("DEQUEUE_NOTICE_BODY", variable(&notice.body))
        .env("DEQUEUE_NOTICE_AT", notice.at.to_string())
        .env("DEQUEUE_NOTICE_MACHINE", variable(&notice.machine))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}

/// As much of a text as a variable may hold, and no NUL, which none can. All of it is in the JSON.
fn variable(text: &str) -> String {
    sink::fitting(text, VARIABLE_OCTETS, str::len, |it| it.replace('\0', ""))
}
