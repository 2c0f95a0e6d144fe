//! Programs that a test starts: found or named, logged, and ended with the test.

use std::{
    fs::File,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal};

use crate::rig::{
    wait::{self, SOON},
    wine,
};

/// Where `program` is, by PATH.
///
/// # Panics
/// When it is not there, naming the Debian `package` that has it.
pub fn find(program: &str, package: &str) -> PathBuf {
    std::env::var_os("PATH")
        .iter()
        .flat_map(std::env::split_paths)
        .map(|folder| folder.join(program))
        .find(|path| path.is_file())
        .unwrap_or_else(|| {
            panic!("this test needs {program}: install the Debian package {package}")
        })
}

/// A process that ends when this is dropped, or when the test dies without a word.
pub struct Process {
    name: String,
    child: Child,
    log: PathBuf,
    status: Option<ExitStatus>,
}

impl Process {
    /// Starts `command` without input. What it writes to standard error goes to `log`, and its
    /// standard output as well unless the command pipes it.
    ///
    /// # Panics
    /// When it cannot be started.
    pub fn start(command: &Command, log: &Path) -> Self {
        Self::run(command, log, false)
    }

    /// The same with standard output left to [`Process::stdout`].
    pub fn start_piped(command: &Command, log: &Path) -> Self {
        Self::run(command, log, true)
    }

    fn run(command: &Command, log: &Path, piped: bool) -> Self {
        let program = Path::new(command.get_program());
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        // A test that is killed runs no destructors: the kernel ends its children for it.
        let mut guarded = Command::new(find("setpriv", "util-linux"));
        guarded
            .args(["--pdeathsig", "TERM", "--"])
            .arg(program)
            .args(command.get_args());
        adopt(&mut guarded, command);
        Self::spawn(guarded, name.into_owned(), log, Stdio::null(), piped)
    }

    /// Starts a daemon that changes its user or leaves its process group, which the kernel's
    /// guard of [`Process::start`] does not survive. A shell holds it: when the shell's input
    /// ends, be it that this is dropped or that the test dies, it ends the daemon and waits.
    pub fn start_daemon(command: &Command, log: &Path) -> Self {
        const LIFELINE: &str = r#""$@" & daemon=$!; read -r _; kill $daemon; wait $daemon"#;
        let program = Path::new(command.get_program());
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        let mut held = Command::new("/bin/sh");
        held.args(["-c", LIFELINE, "lifeline"])
            .arg(program)
            .args(command.get_args())
            // Signals to the test's group must not reach the shell before it has done its work.
            .process_group(0);
        adopt(&mut held, command);
        Self::spawn(held, name.into_owned(), log, Stdio::piped(), false)
    }

    /// Starts a daemon apart from the system: it and all that it ever starts have mounts and a
    /// host name of their own and end together, which a daemon's `&` and double forks do not
    /// survive. `prepare` is what a shell does there first, mounting for one. Root only.
    pub fn start_apart(command: &Command, prepare: &str, log: &Path) -> Self {
        let program = Path::new(command.get_program());
        let name = program.file_name().unwrap_or_default().to_string_lossy();
        // The shell is the first process there, with which the kernel ends all others.
        let lifeline = format!("set -e\n{prepare}\n\"$@\" & read -r _");
        let mut apart = Command::new(find("unshare", "util-linux"));
        apart
            .args(["--mount", "--uts", "--pid", "--fork", "--", "/bin/sh"])
            .args(["-c", &lifeline, "lifeline"])
            .arg(program)
            .args(command.get_args())
            .process_group(0);
        adopt(&mut apart, command);
        Self::spawn(apart, name.into_owned(), log, Stdio::piped(), false)
    }

    fn spawn(mut command: Command, name: String, log: &Path, input: Stdio, piped: bool) -> Self {
        let output = File::create(log).expect("a log file");
        let errors = output.try_clone().expect("a second handle");
        let output = if piped { Stdio::piped() } else { output.into() };
        let child = command
            .stdin(input)
            .stdout(output)
            .stderr(errors)
            .spawn()
            .unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        Self {
            name,
            child,
            log: log.to_owned(),
            status: None,
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its standard output, once, if it was started by [`Process::start_piped`].
    pub fn stdout(&mut self) -> ChildStdout {
        self.child.stdout.take().expect("a piped output")
    }

    /// What it wrote so far.
    pub fn log(&self) -> String {
        let log = std::fs::read(&self.log).unwrap_or_default();
        String::from_utf8_lossy(&log).into_owned()
    }

    /// Its exit status, if it has ended.
    pub fn status(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.child.try_wait().expect("the state of a child");
        }
        self.status
    }

    /// Waits until it ends by itself.
    ///
    /// # Panics
    /// When `limit` passes first.
    pub fn wait(&mut self, limit: Duration) -> ExitStatus {
        let what = format!("{} to end", self.name);
        wait::until(&what, limit, || self.status())
    }

    /// Waits until `ready` finds something.
    ///
    /// # Panics
    /// With the log when the process ends first or `limit` passes.
    pub fn wait_until<T>(
        &mut self,
        what: &str,
        limit: Duration,
        mut ready: impl FnMut() -> Option<T>,
    ) -> T {
        let start = Instant::now();
        wait::until(what, limit + Duration::from_secs(1), || {
            let found = ready();
            if found.is_none() && (self.status().is_some() || start.elapsed() > limit) {
                panic!(
                    "no {what}: {} {}, its log:\n{}",
                    self.name,
                    self.status
                        .map_or("runs".into(), |status| format!("ended ({status})")),
                    self.log()
                );
            }
            found
        })
    }

    /// Waits until it has written `part`.
    ///
    /// # Panics
    /// As [`Process::wait_until`].
    pub fn wait_for_log(&mut self, part: &str, limit: Duration) {
        let log = self.log.clone();
        self.wait_until(&format!("{part:?} in its log"), limit, || {
            let log = std::fs::read(&log).unwrap_or_default();
            String::from_utf8_lossy(&log).contains(part).then_some(())
        });
    }

    /// Sends it a signal. Nothing happens when it has ended. Windows knows none, and is given a
    /// Ctrl-C instead of the one that asks a program to end.
    pub fn signal(&mut self, signal: Signal) {
        let signal = match signal {
            Signal::TERM if self.name == wine::NAME => Signal::INT,
            signal => signal,
        };
        if self.status().is_none() {
            rustix::process::kill_process(id(&self.child), signal).ok();
        }
    }

    /// Asks it to end, as a person does, and gives its log.
    ///
    /// # Panics
    /// With its log, when it does not end, or not in good order.
    pub fn end(mut self) -> String {
        self.signal(Signal::TERM);
        let status = self.wait(SOON);
        let log = self.log();
        assert!(status.success(), "{status}:\n{log}");
        log
    }

    /// Ends it: asks first, and kills it if it does not listen.
    pub fn stop(&mut self) {
        const PATIENCE: Duration = Duration::from_secs(5);
        match self.child.stdin.take() {
            // The end of its input tells the lifeline to end the daemon.
            Some(lifeline) => drop::<ChildStdin>(lifeline),
            None => self.signal(Signal::TERM),
        }
        let start = Instant::now();
        while self.status().is_none() {
            if start.elapsed() > PATIENCE {
                self.child.kill().ok();
                self.child.wait().ok();
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.stop();
    }
}

fn id(child: &Child) -> Pid {
    Pid::from_child(child)
}

/// Gives `command` the environment and folder of `from`.
fn adopt(command: &mut Command, from: &Command) {
    for (name, value) in from.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    if let Some(folder) = from.get_current_dir() {
        command.current_dir(folder);
    }
}

/// The processes that `pid` has started, and theirs, by id.
pub fn descendants(pid: u32) -> Vec<u32> {
    let mut found = vec![pid];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        next += 1;
        let tasks = std::fs::read_dir(format!("/proc/{parent}/task"));
        for task in tasks.into_iter().flatten().flatten() {
            let children = std::fs::read_to_string(task.path().join("children"));
            let children = children.unwrap_or_default();
            found.extend(
                children
                    .split_whitespace()
                    .filter_map(|id| id.parse::<u32>().ok()),
            );
        }
    }
    found.remove(0);
    found
}

/// Whether a process with this id runs.
pub fn runs(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

/// Waits until none of `pids` runs: of `whose`, for the message. A process that has ended holds no
/// port, no lock and no file; to try its port instead is to meet whoever got it next.
pub fn wait_until_ended(whose: &str, pids: &[u32]) {
    wait::until(&format!("{whose} processes to end"), SOON, || {
        (!pids.iter().any(|&pid| runs(pid))).then_some(())
    });
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::rig::wait::SOON;

    fn sleeper() -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", "echo started; sleep 1000 & wait"]);
        command
    }

    #[test]
    fn ends_with_its_owner() {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Process::start(&sleeper(), &folder.path().join("log"));
        let log = folder.path().join("log");
        process.wait_until("its first word", SOON, || {
            let log = std::fs::read_to_string(&log).unwrap();
            log.contains("started").then_some(())
        });
        let pid = process.pid();
        assert!(runs(pid));
        let children = wait::until("its child", SOON, || {
            Some(descendants(pid)).filter(|children| !children.is_empty())
        });
        drop(process);
        assert!(!runs(pid));
        // Only this test knows the shell's child.
        for child in children {
            rustix::process::kill_process(
                Pid::from_raw(child.cast_signed()).unwrap(),
                Signal::TERM,
            )
            .ok();
        }
    }

    #[test]
    fn a_daemon_ends_with_its_lifeline() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sleep");
        command.arg("1000");
        let process = Process::start_daemon(&command, &folder.path().join("log"));
        let daemon = wait::until("the daemon", SOON, || descendants(process.pid()).pop());
        drop(process);
        assert!(!runs(daemon));
    }

    #[test]
    fn what_runs_apart_ends_whole_and_touches_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let own_name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "hostname; (setsid sleep 1000 &); exec sleep 1000"]);
        let log = folder.path().join("log");
        let mut process = Process::start_apart(&command, "hostname apart.test", &log);
        process.wait_for_log("apart.test", SOON);
        let all = wait::until("the shell, its daemon and the orphan", SOON, || {
            Some(descendants(process.pid())).filter(|all| all.len() >= 3)
        });
        drop(process);
        let left = all.iter().filter(|&&pid| runs(pid));
        assert_eq!(left.count(), 0);
        let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        assert_eq!(name, own_name);
    }

    #[test]
    fn tells_how_it_ended_and_what_it_wrote() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command
            .args(["-c", "echo out; echo \"$WORD\" >&2; pwd; exit 3"])
            .env("WORD", "from the environment")
            .current_dir("/");
        let mut process = Process::start(&command, &folder.path().join("log"));
        assert_eq!(process.wait(SOON).code(), Some(3));
        assert_eq!(process.log(), "out\nfrom the environment\n/\n");
        let mut piped = Process::start_piped(&command, &folder.path().join("log"));
        let mut output = String::new();
        piped.stdout().read_to_string(&mut output).unwrap();
        assert_eq!(output, "out\n/\n");
    }

    #[test]
    #[should_panic = "install the Debian package nonesuch"]
    fn names_the_package_that_is_missing() {
        find("no-such-program", "nonesuch");
    }
}
