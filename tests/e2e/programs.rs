//! The programs that are tested: where they are, a home of their own for each test, and what came
//! of running one.

use std::{
    fs::{self, File},
    io::{Seek, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

use crate::rig::{wait, wine};

/// No command of these tests takes longer, not even one that waits for a silent provider.
const COMMAND_LIMIT: Duration = Duration::from_secs(60);

/// The command line, of this system or of Windows: see [`wine`].
pub fn dequeue() -> PathBuf {
    if wine::is_asked_for() {
        return wine::built("dequeue");
    }
    PathBuf::from(env!("CARGO_BIN_EXE_dequeue"))
}

/// Whether that is a program of Windows'.
pub fn is_windows() -> bool {
    dequeue().extension().is_some_and(|it| it == "exe")
}

/// A path of this system as the tested programs write it.
pub fn shown(path: &Path) -> String {
    if wine::is_asked_for() {
        return wine::path(path);
    }
    path.display().to_string()
}

/// An account for a settings file: where its provider is, and further lines.
pub fn account(name: &str, provider: SocketAddr, lines: &str) -> String {
    format!(
        "\n[[account]]\nname = \"{name}\"\nhost = \"{}\"\nport = {}\n{lines}\n",
        provider.ip(),
        provider.port()
    )
}

/// A `DEQUEUE_HOME` of a test's own.
pub struct Home {
    folder: TempDir,
    // Not in the home: a test may look at what the programs leave there.
    logs: TempDir,
}

impl Home {
    /// A home where nothing is set up.
    pub fn new() -> Self {
        let folder = |prefix| {
            let folder = tempfile::Builder::new().prefix(prefix).tempdir();
            folder.expect("a temporary folder")
        };
        Self {
            folder: folder("dequeue-home-"),
            logs: folder("dequeue-logs-"),
        }
    }

    /// A home with these accounts, each from [`account`].
    pub fn with(accounts: &[String]) -> Self {
        let home = Self::new();
        home.set_up(accounts);
        home
    }

    /// Writes a settings file with these accounts.
    pub fn set_up(&self, accounts: &[String]) {
        self.write_settings(format!("version = 1\n{}", accounts.concat()));
    }

    /// Writes the settings file.
    pub fn write_settings(&self, text: impl AsRef<[u8]>) {
        fs::write(self.settings(), text).expect("the settings file");
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The folder for what its programs write to a terminal.
    pub fn logs(&self) -> &Path {
        self.logs.path()
    }

    pub fn settings(&self) -> PathBuf {
        self.path().join("settings.toml")
    }

    /// The control socket of the engine that runs here.
    pub fn control(&self) -> PathBuf {
        self.path().join("control.sock")
    }

    /// The names of the files in it, in order.
    pub fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path()).expect("the home").flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// The command line with these arguments, in this home: in English, without a desktop.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = wine::command(&dequeue());
        command
            .args(arguments)
            .env("DEQUEUE_HOME", self.path())
            .env("LC_ALL", "C.UTF-8");
        for name in [
            "DISPLAY",
            "WAYLAND_DISPLAY",
            "DBUS_SESSION_BUS_ADDRESS",
            "LANGUAGE",
            "DEQUEUE_LOG",
        ] {
            command.env_remove(name);
        }
        command
    }

    /// Runs the command line to its end.
    ///
    /// # Panics
    /// When it does not end.
    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&mut self.command(arguments))
    }

    /// The account's pokes in the history, the newest first; none where nothing is known of it.
    ///
    /// # Panics
    /// When the history cannot be read.
    pub fn history(&self, account: &str) -> Vec<Value> {
        let run = self.run(&["history", account, "--json"]);
        let objects = run.objects();
        if run.status != 0 {
            assert_eq!(objects[0]["error"]["code"], "no-such-account", "{run:?}");
            return Vec::new();
        }
        objects
    }

    /// Waits until the account has `count` pokes or more, and gives them, the newest first.
    ///
    /// # Panics
    /// When `limit` passes first.
    pub fn wait_for_pokes(&self, account: &str, count: usize, limit: Duration) -> Vec<Value> {
        wait::until(&format!("{count} pokes of {account}"), limit, || {
            Some(self.history(account)).filter(|pokes| pokes.len() >= count)
        })
    }
}

/// A command that has ended.
#[derive(Debug)]
pub struct Run {
    /// The exit status; 128 and more for a signal.
    pub status: i32,
    pub out: String,
    pub err: String,
    pub took: Duration,
}

impl Run {
    /// Runs a command to its end.
    ///
    /// # Panics
    /// When it does not end within a minute, with what it wrote.
    pub fn of(command: &mut Command) -> Self {
        Self::reading(Stdio::null(), command)
    }

    /// The same with this on its standard input.
    ///
    /// # Panics
    /// As [`Run::of`].
    pub fn told(input: impl AsRef<[u8]>, command: &mut Command) -> Self {
        let mut file = tempfile::tempfile().expect("a temporary file");
        file.write_all(input.as_ref()).expect("a written file");
        file.rewind().expect("a file that begins again");
        Self::reading(file.into(), command)
    }

    fn reading(input: Stdio, command: &mut Command) -> Self {
        // Files, since a pipe that nobody reads would hold the program up.
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (out, err) = (folder.path().join("out"), folder.path().join("err"));
        let start = Instant::now();
        let mut child = command
            .stdin(input)
            .stdout(File::create(&out).expect("a file"))
            .stderr(File::create(&err).expect("a file"))
            .spawn()
            .expect("the command line can be run");
        let read =
            |path: &Path| String::from_utf8_lossy(&fs::read(path).unwrap_or_default()).into_owned();
        let status = loop {
            if let Some(status) = child.try_wait().expect("the state of a child") {
                break status;
            }
            if start.elapsed() > COMMAND_LIMIT {
                child.kill().ok();
                child.wait().ok();
                panic!(
                    "{command:?} did not end; it wrote:\n{}\n{}",
                    read(&out),
                    read(&err)
                );
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        Self {
            status: status.code().unwrap_or(128),
            out: read(&out),
            err: read(&err),
            took: start.elapsed(),
        }
    }

    /// The objects of `--json`, one a line.
    ///
    /// # Panics
    /// When a line is none.
    pub fn objects(&self) -> Vec<Value> {
        self.out
            .lines()
            .map(|line| match serde_json::from_str(line) {
                Ok(value @ Value::Object(_)) => value,
                _ => panic!("not an object: {line:?} of {self:?}"),
            })
            .collect()
    }

    /// The one object of `--json`.
    ///
    /// # Panics
    /// When there is not exactly one.
    pub fn object(&self) -> Value {
        let mut objects = self.objects();
        assert_eq!(objects.len(), 1, "{self:?}");
        objects.remove(0)
    }

    /// Asserts that it did nothing and said why: this exit status, nothing on standard output, and
    /// one sentence or a few on standard error that hold all of `parts`.
    ///
    /// # Panics
    /// When it did not.
    pub fn refuses(&self, status: i32, parts: &[&str]) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.out.is_empty(), "{self:?}");
        let said = self.err.trim();
        assert!(!said.is_empty() && said.lines().count() <= 4, "{self:?}");
        for part in parts {
            assert!(said.contains(part), "no {part:?} in {said:?}");
        }
        for raw in ["panicked", "Error {", "Err(", "RUST_BACKTRACE"] {
            assert!(!said.contains(raw), "{said:?}");
        }
    }
}

/// The outcome and the reason of a poke in JSON.
///
/// # Panics
/// When it has none.
pub fn outcome(poke: &Value) -> (&str, &str) {
    match (poke["outcome"].as_str(), poke["reason"].as_str()) {
        (Some(outcome), Some(reason)) => (outcome, reason),
        _ => panic!("not a poke: {poke:#}"),
    }
}
