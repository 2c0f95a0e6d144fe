//! A Debian of a test's own, for a package to be installed in: the files of this one, or of one that is
//! fresh, as they are, and everything that changes in a place of its own (an overlay, in a mount namespace
//! that ends with the test). Nothing runs in it, as in a container, until it is booted. Root only.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
};

use tempfile::TempDir;

use super::{own_systemd::OwnSystemd, provider::cached};
use crate::programs::Run;

/// Mounts everything, says so, and holds the namespace until its input ends.
const HOLDER: &str = r#"
set -e
mount -t tmpfs -o mode=755 tmpfs "$1"
mkdir "$1/upper" "$1/work" "$1/root"
mount -t overlay -o "lowerdir=$3,upperdir=$1/upper,workdir=$1/work" overlay "$1/root"
mount -t proc proc "$1/root/proc"
mount --bind /dev "$1/root/dev"
mount -t tmpfs -o mode=755 tmpfs "$1/root/run"
mount -t tmpfs -o mode=1777 tmpfs "$1/root/tmp"
mkdir -p "$1/root/mnt/packages"
mount --bind "$2" "$1/root/mnt/packages"
echo ready
exec cat
"#;

/// Mounts what a boot finds new, and boots. What is the whole machine's (the kernel's settings, devices,
/// the clock, the audit) is out of its reach.
const BOOT: &str = r#"
set -e
cd "$1"
mount -t proc proc proc
mount -o bind,ro proc/sys proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
for node in full null random tty urandom zero; do
    : >dev/$node
    mount --bind /dev/$node dev/$node
done
ln -s pts/ptmx dev/ptmx
mount --move . /
# As it is after a boot: else what it mounts for a service stays out of sight.
chroot . mount --make-rshared /
exec env -i container=dequeue PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    setpriv --bounding-set=-audit_control,-audit_read,-sys_module,-sys_rawio,-sys_time,-syslog -- \
    chroot . /usr/lib/systemd/systemd --log-target=console
"#;

/// The root, with the packages in `/mnt/packages`.
pub struct OwnRoot {
    /// The first process, while it is booted.
    systemd: Option<OwnSystemd>,
    folder: TempDir,
    holder: Child,
    _said: BufReader<ChildStdout>,
}

impl OwnRoot {
    /// A root as this machine's.
    ///
    /// # Errors
    /// Why there can be none here, where mounting is not allowed.
    pub fn as_here(packages: &Path) -> Result<Self, String> {
        Self::over(Path::new("/"), packages)
    }

    /// A root as it is after Debian has been installed, with systemd and without anything optional.
    ///
    /// # Errors
    /// Why there can be none here.
    ///
    /// # Panics
    /// When it is not there and nobody has said why.
    pub fn fresh(packages: &Path) -> Result<Self, String> {
        if let Some(why) = std::env::var_os("DEQUEUE_TEST_NO_TRIXIE") {
            return Err(why.to_string_lossy().into_owned());
        }
        Self::over(&cached("trixie", "usr/lib/systemd/systemd"), packages)
    }

    fn over(lower: &Path, packages: &Path) -> Result<Self, String> {
        let folder = tempfile::Builder::new().prefix("dequeue-root-").tempdir();
        let folder = folder.expect("a temporary folder");
        let mut holder = Command::new("unshare")
            .args(["--mount", "--", "sh", "-c", HOLDER, "sh"])
            .args([folder.path(), packages, lower])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("unshare: {error}"))?;
        let mut said = BufReader::new(holder.stdout.take().expect("its output"));
        let mut line = String::new();
        said.read_line(&mut line).expect("a line of it");
        if line != "ready\n" {
            let ended = holder.wait_with_output().expect("its end");
            return Err(String::from_utf8_lossy(&ended.stderr).trim().to_owned());
        }
        Ok(Self {
            systemd: None,
            folder,
            holder,
            _said: said,
        })
    }

    /// Boots it: its systemd starts what is to be started then. The network is this machine's.
    ///
    /// # Errors
    /// Why it cannot be booted here.
    pub fn boot(&mut self) -> Result<(), String> {
        let holder = self.holder.id().to_string();
        let enter = ["nsenter", "--mount", "--target", &holder, "--"];
        let log = self.folder("boot");
        let root = self.folder("root");
        self.systemd = Some(OwnSystemd::start(&enter, BOOT, &[&root], &log)?);
        Ok(())
    }

    /// Shuts it down, as somebody who turns the machine off.
    ///
    /// # Panics
    /// When it does not end.
    pub fn power_off(&mut self) {
        // It may end before the command has.
        self.run(&["systemctl", "poweroff"]);
        self.systemd.take().expect("a booted root").has_ended();
    }

    /// A command in it.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = match &self.systemd {
            Some(systemd) => systemd.enter(),
            None => {
                let mut command = self.enter();
                command.arg("chroot").arg(self.folder("root"));
                command
            }
        };
        command.args(arguments);
        command
            .env_clear()
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin")
            .env("LC_ALL", "C.UTF-8")
            .env("DEBIAN_FRONTEND", "noninteractive");
        command
    }

    /// Runs a command in it to its end.
    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::of(&mut self.command(arguments))
    }

    /// Runs a command in it that has to work.
    ///
    /// # Panics
    /// When it does not.
    pub fn succeed(&self, arguments: &[&str]) -> Run {
        let run = self.run(arguments);
        assert_eq!(run.status, 0, "{arguments:?}: {run:?}");
        run
    }

    /// Runs a line of the shell that has to work; gives what it writes.
    ///
    /// # Panics
    /// When it does not.
    pub fn shell(&self, line: &str) -> String {
        self.succeed(&["sh", "-ec", line]).out
    }

    /// All files that are new, or otherwise than they were.
    pub fn changed(&self) -> BTreeSet<String> {
        let upper = self.folder("upper");
        let mut find = self.enter();
        // A character device is the mark of something that is gone.
        find.arg("find").arg(&upper).args([
            "-mindepth",
            "1",
            "!",
            "-type",
            "d",
            "!",
            "-type",
            "c",
            "-printf",
            "/%P\\n",
        ]);
        let found = Run::of(&mut find);
        assert_eq!(found.status, 0, "{found:?}");
        found.out.lines().map(str::to_owned).collect()
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command in its namespace.
    fn enter(&self) -> Command {
        let mut command = Command::new("nsenter");
        command.args(["--mount", "--target", &self.holder.id().to_string(), "--"]);
        command
    }
}

impl Drop for OwnRoot {
    fn drop(&mut self) {
        self.systemd = None;
        // What still runs in it holds its mounts, which end with the last of them.
        drop(self.holder.stdin.take());
        self.holder.wait().ok();
    }
}
