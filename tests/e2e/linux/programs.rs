//! The programs that run on Linux beside a test: the tray, the window, and an engine that goes on.

use std::{
    fs,
    os::unix::{
        fs::{PermissionsExt, chown},
        net::UnixStream,
    },
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::{
    linux::rig::process::{self, Process},
    programs::{Home, dequeue},
    rig::{wait, wine},
};

/// The tray.
pub fn tray() -> PathBuf {
    beside("dequeue-tray")
}

/// The window.
pub fn window() -> PathBuf {
    beside("dequeue-window")
}

fn beside(name: &str) -> PathBuf {
    let path = dequeue().with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        path.is_file(),
        "this test needs {}: `cargo build -p {name}` makes it; `cargo xtask test` does it",
        path.display()
    );
    path
}

impl Home {
    /// Waits until an engine runs here and answers.
    pub fn wait_for_engine(&self) {
        wait::until("an engine that answers", wait::SOON, || {
            if wine::is_asked_for() {
                // Its pipe is not to be found from outside of Windows.
                let status = self.run(&["status", "--json"]).object();
                return (status["running"] == true).then_some(());
            }
            UnixStream::connect(self.control()).ok().map(drop)
        });
    }

    /// Starts an engine in the foreground, and waits until it answers.
    pub fn start_engine(&self) -> Process {
        let engine = self.start(&["run"]);
        self.wait_for_engine();
        engine
    }

    /// Starts the command line and leaves it running; what it writes goes to a log.
    pub fn start(&self, arguments: &[&str]) -> Process {
        self.start_with(arguments, &[])
    }

    /// The same with these variables in its environment.
    pub fn start_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Process {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        self.start_command(&command)
    }

    /// The same with a command that was made from [`Home::command`].
    pub fn start_command(&self, command: &Command) -> Process {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let log = self.logs().join(number.to_string());
        Process::start(command, &log)
    }

    /// Gives this home to a user without rights, for whom [`Nobody::command`] makes the command
    /// line. Root only.
    pub fn of_nobody(&self) -> Nobody<'_> {
        self.of_user(NOBODY)
    }

    /// The same for the user and the group of this number.
    pub fn of_user(&self, user: u32) -> Nobody<'_> {
        // Where the programs are built, others may not look.
        let program = self.logs().join("dequeue");
        fs::copy(dequeue(), &program).expect("a copy of the command line");
        let all = PermissionsExt::from_mode(0o755);
        fs::set_permissions(self.logs(), all).expect("a folder that all may read");
        let entries = fs::read_dir(self.path()).expect("the home").flatten();
        for path in entries.map(|entry| entry.path()) {
            chown(path, Some(user), Some(user)).expect("root only");
        }
        chown(self.path(), Some(user), Some(user)).expect("root only");
        Nobody {
            home: self,
            user,
            program,
        }
    }
}

/// The user and the group of those who own nothing, on every Linux.
pub const NOBODY: u32 = 65534;

/// A home whose programs run without any rights.
pub struct Nobody<'a> {
    home: &'a Home,
    user: u32,
    program: PathBuf,
}

impl Nobody<'_> {
    /// As [`Home::command`].
    pub fn command(&self, arguments: &[&str]) -> Command {
        let id = self.user.to_string();
        let mut command = self.home.command(&[]);
        let variables: Vec<_> = command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect();
        command = Command::new(process::find("setpriv", "util-linux"));
        command
            .args(["--reuid", &id, "--regid", &id, "--clear-groups"])
            // The kernel no longer tells another user's process that its parent has ended.
            .args(["--pdeathsig", "TERM", "--bounding-set=-all", "--"])
            .arg(&self.program)
            .args(arguments)
            .env_clear()
            .envs(variables);
        command
    }
}

/// Where the picture of this name goes: they are looked at by people.
pub fn picture(name: &str) -> PathBuf {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screenshots");
    fs::create_dir_all(&target).expect("a folder for pictures");
    target.join(format!("{name}.png"))
}
