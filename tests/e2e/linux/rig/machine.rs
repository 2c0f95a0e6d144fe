//! A machine of a test's own, as far as files go: `/etc`, `/var/lib` and `/run` are the test's, the accounts
//! and units in them too, and the command line is where packages put it. Where this machine allows, systemd
//! itself runs there ([`Machine::with_systemd`]). Root only.

use std::{
    io,
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixDatagram},
    },
    path::Path,
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use tempfile::TempDir;

use super::{
    own_systemd::OwnSystemd,
    process::{Process, find},
};
use crate::{
    programs::{Run, dequeue},
    rig::wait::{self, SOON},
};

/// Where the command line is on the machine.
const PROGRAM: &str = "/usr/local/bin/dequeue";
/// Makes the machine out of this one.
const PREPARE: &str = r#"
set -e
mount -t tmpfs tmpfs "$1"
cp -a /etc "$1/etc"
rm -f "$1"/etc/systemd/system/dequeue.service "$1"/etc/systemd/system/*.wants/dequeue.service
rm -rf "$1/etc/dequeue"
mount --bind "$1/etc" /etc
mount -t tmpfs -o mode=755 tmpfs /var/lib
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=755 tmpfs /usr/local/bin
touch /usr/local/bin/dequeue
mount --bind "$2" /usr/local/bin/dequeue
# Whatever this machine has of it, from here on it has nothing.
userdel dequeue 2>/dev/null || :
mkdir -m 700 /run/home
"#;
/// Without systemd nothing runs there but what a test starts.
const STAY: &str = "echo ready; exec sleep 1000000";
/// Starts systemd as the first process there, with nothing to do but the service: of its own units there
/// are only the targets that every service waits for. It must not change the kernel's settings.
const SYSTEMD: &str = r#"
mount -t proc proc /proc
mount -o bind,ro /proc/sys /proc/sys
rm -rf /etc/systemd/system/*
mkdir "$1/units"
for target in sysinit basic multi-user shutdown; do
    printf '[Unit]\nDefaultDependencies=no\n' >"$1/units/$target.target"
done
ln -s multi-user.target "$1/units/default.target"
mount --bind "$1/units" /usr/lib/systemd/system
mount -t cgroup2 cgroup2 /sys/fs/cgroup
export container=dequeue
# As it is after a boot: else what it mounts for a service stays out of sight.
mount --make-rshared /
exec /lib/systemd/systemd --log-target=console --log-level=info
"#;

/// The machine. Dropping it ends all that runs there.
pub struct Machine {
    // Before the folder that it has mounted things in.
    first: First,
    logs: TempDir,
}

/// The process that holds it.
enum First {
    Sleeper(Process),
    Systemd(OwnSystemd),
}

impl Machine {
    /// A machine on which nothing of ours is installed.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn new() -> Self {
        let logs = tempfile::tempdir().expect("a temporary folder");
        let etc = logs.path().join("machine");
        std::fs::create_dir(&etc).expect("a folder");
        let mut prepare = Command::new(find("unshare", "util-linux"));
        prepare
            .args(["--mount", "--propagation", "private", "--", "/bin/sh"])
            .args(["-c", &format!("{PREPARE}{STAY}"), "machine"])
            .args([etc.as_path(), &dequeue()]);
        let mut holder = Process::start(&prepare, &logs.path().join("holder"));
        holder.wait_for_log("ready", SOON);
        Self {
            first: First::Sleeper(holder),
            logs,
        }
    }

    /// The same with systemd running on it.
    ///
    /// # Errors
    /// Why this machine cannot have such a one.
    pub fn with_systemd() -> Result<Self, String> {
        if !Path::new("/lib/systemd/systemd").exists() {
            return Err("systemd is not there".to_owned());
        }
        let logs = tempfile::tempdir().expect("a temporary folder");
        let etc = logs.path().join("machine");
        std::fs::create_dir(&etc).expect("a folder");
        let script = format!("{PREPARE}{SYSTEMD}");
        let log = logs.path().join("holder");
        let systemd = OwnSystemd::start(&[], &script, &[&etc, &dequeue()], &log)?;
        Ok(Self {
            first: First::Systemd(systemd),
            logs,
        })
    }

    /// A program there, as root.
    pub fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = match &self.first {
            First::Systemd(systemd) => systemd.enter(),
            First::Sleeper(holder) => {
                let mut command = Command::new(find("nsenter", "util-linux"));
                command.args(["--mount", "--wd=/", "--target"]);
                command.args([&holder.pid().to_string(), "--"]);
                command
            }
        };
        command
            .arg(program)
            .args(arguments)
            .env_clear()
            .env("LC_ALL", "C.UTF-8")
            .env("HOME", "/run/home")
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command
    }

    /// The command line there, as root.
    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&mut self.command(PROGRAM, arguments))
    }

    /// The command line there, as a user who owns nothing.
    pub fn run_as_nobody(&self, arguments: &[&str]) -> Run {
        let nobody = [
            "--reuid=65534",
            "--regid=65534",
            "--clear-groups",
            "--",
            PROGRAM,
        ];
        let all: Vec<&str> = nobody.iter().chain(arguments).copied().collect();
        Run::of(&mut self.command("setpriv", &all))
    }

    /// What a shell there says, as root.
    ///
    /// # Panics
    /// When it fails.
    pub fn shell(&self, script: &str) -> String {
        let run = Run::of(&mut self.command("/bin/sh", &["-ec", script]));
        assert_eq!(run.status, 0, "{script}: {run:?}");
        run.out.trim_end().to_owned()
    }

    /// The service as systemd starts it by the unit: as its user, without any powers, in the folders that
    /// the unit asks for, and with a socket to tell how it does.
    pub fn service(&self) -> Command {
        let user = [
            "--reuid=dequeue",
            "--regid=dequeue",
            "--init-groups",
            "--bounding-set=-all",
        ];
        let guard = [
            "--inh-caps=-all",
            "--no-new-privs",
            "--pdeathsig=TERM",
            "--",
        ];
        let start = [
            "/bin/sh",
            "-c",
            "umask 0077; exec \"$@\"",
            "start",
            PROGRAM,
            "run",
            "--service",
        ];
        let all: Vec<&str> = user.into_iter().chain(guard).chain(start).collect();
        self.shell("install -d -m 755 -o dequeue -g dequeue /run/dequeue");
        self.command("setpriv", &all)
    }

    /// Starts a command there.
    pub fn start(&self, command: &Command) -> Process {
        static STARTED: AtomicU32 = AtomicU32::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        Process::start(command, &self.logs.path().join(number.to_string()))
    }

    /// Starts the command line there, as root, and leaves it running.
    pub fn start_dequeue(&self, arguments: &[&str]) -> Process {
        self.start(&self.command(PROGRAM, arguments))
    }

    /// Starts the service there, and waits until it is up.
    pub fn start_service(&self, told: &Told) -> Process {
        let mut command = self.service();
        command.env("NOTIFY_SOCKET", told.name());
        let mut service = self.start(&command);
        service.wait_until("a service that is up", SOON, || {
            told.next().filter(|it| it == "READY=1")
        });
        service
    }

    /// Writes a file there.
    ///
    /// # Panics
    /// When it cannot be written.
    pub fn write(&self, path: &str, text: &str) {
        let file = self.logs.path().join("written");
        std::fs::write(&file, text).expect("a file");
        self.shell(&format!("cat {} >{path}", file.display()));
    }

    /// A folder that it has in common with the test.
    pub fn folder(&self) -> &Path {
        self.logs.path()
    }
}

/// The service manager's end of what a service tells it.
pub struct Told {
    name: String,
    socket: UnixDatagram,
}

impl Told {
    /// A socket of the test's own.
    ///
    /// # Panics
    /// When there is none.
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let name = format!("dequeue-test-{}-{count}", std::process::id());
        let address = SocketAddr::from_abstract_name(&name).expect("a name");
        let socket = UnixDatagram::bind_addr(&address).expect("a socket");
        socket
            .set_nonblocking(true)
            .expect("a socket that does not block");
        Self { name, socket }
    }

    /// The value of `NOTIFY_SOCKET`.
    pub fn name(&self) -> String {
        format!("@{}", self.name)
    }

    /// What was told next, if anything was.
    ///
    /// # Panics
    /// When the socket fails.
    pub fn next(&self) -> Option<String> {
        let mut octets = [0; 256];
        match self.socket.recv(&mut octets) {
            Ok(count) => Some(String::from_utf8_lossy(&octets[..count]).into_owned()),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// Waits until this is told.
    ///
    /// # Panics
    /// When it is not.
    pub fn wait_for(&self, state: &str, limit: Duration) {
        wait::until(state, limit, || self.next().filter(|it| it == state));
    }
}
