//! A systemd as the first process of namespaces of its own, with a tree of control groups of its own below
//! all others. Root only, and only where the machine has control groups of the second version.

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal};

use super::process::{Process, descendants, find};
use crate::{programs::Run, rig::wait::SOON};

/// Enters the control group, and becomes the rest of the words. It starts nothing itself: the first process
/// below it is systemd.
const IN_GROUP: &str = r#"set -e; echo $$ >"$0/cgroup.procs"; exec "$@""#;

/// The systemd. Dropping it ends all that runs there.
pub struct OwnSystemd {
    holder: Process,
    /// Its process, as this machine counts.
    pid: u32,
    groups: PathBuf,
}

impl OwnSystemd {
    /// Starts it, and waits until it has started all that it is to start. `enter` are the words before the
    /// command that makes the namespaces; in them a shell runs `script` with `arguments`, which mounts what
    /// is to be there and becomes systemd.
    ///
    /// # Errors
    /// Why this machine cannot have such a one.
    pub fn start(
        enter: &[&str],
        script: &str,
        arguments: &[&Path],
        log: &Path,
    ) -> Result<Self, String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let mounts = std::fs::read_to_string("/proc/mounts").unwrap_or_default();
        let mut fields = mounts
            .lines()
            .map(|line| line.split(' ').collect::<Vec<_>>());
        let all = fields.find(|it| it.get(2) == Some(&"cgroup2"));
        let all = all.ok_or("there is no tree of control groups (cgroup2)")?;
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let groups = Path::new(all[1]).join(format!("dequeue-{}-{count}", std::process::id()));
        std::fs::create_dir(&groups).map_err(|error| format!("{}: {error}", groups.display()))?;
        // A test that is killed must take all of it along; to be asked, `unshare` does not listen.
        let mut start = Command::new(find("setpriv", "util-linux"));
        start
            .args(["--pdeathsig", "KILL", "--", "/bin/sh", "-c", IN_GROUP])
            .arg(&groups)
            .args(enter)
            .args(["unshare", "--cgroup", "--mount", "--propagation", "private"])
            .args(["--pid", "--ipc", "--uts", "--fork", "--kill-child", "--"])
            .args(["/bin/sh", "-c", script, "systemd"])
            .args(arguments);
        let mut systemd = Self {
            holder: Process::start(&start, log),
            pid: 0,
            groups,
        };
        let start = Instant::now();
        loop {
            if systemd.holder.status().is_some() || start.elapsed() > SOON {
                let log = systemd.holder.log();
                return Err(format!("systemd does not run apart: {log}"));
            }
            if let Some(pid) = descendants(systemd.holder.pid()).into_iter().next() {
                systemd.pid = pid;
                let mut up = systemd.enter();
                up.args(["systemctl", "is-active", "--quiet", "multi-user.target"]);
                if Run::of(&mut up).status == 0 {
                    return Ok(systemd);
                }
            }
            sleep(Duration::from_millis(50));
        }
    }

    /// The words before a command that is to run there, as root.
    pub fn enter(&self) -> Command {
        let mut command = Command::new(find("nsenter", "util-linux"));
        command.args(["--mount", "--pid", "--root", "--wd", "--target"]);
        command.args([&self.pid.to_string(), "--"]);
        command
    }

    /// Waits until it has ended, as it does when it is told to power the machine off.
    ///
    /// # Panics
    /// When it does not.
    pub fn has_ended(mut self) {
        self.holder.wait(SOON);
    }
}

impl Drop for OwnSystemd {
    fn drop(&mut self) {
        // The first process of its own, with which the kernel ends all others; 0 before there is one.
        let pid = Pid::from_raw(self.pid.cast_signed());
        if let (None, Some(pid)) = (self.holder.status(), pid) {
            rustix::process::kill_process(pid, Signal::KILL).ok();
        }
        self.holder.stop();
        // Its groups are free when its last process is gone for good.
        let start = Instant::now();
        while !remove_groups(&self.groups) && start.elapsed() < SOON {
            sleep(Duration::from_millis(10));
        }
    }
}

/// Removes a tree of control groups, which has no processes; gives whether it is gone.
fn remove_groups(groups: &Path) -> bool {
    let below = std::fs::read_dir(groups).into_iter().flatten().flatten();
    for group in below.filter(|it| it.path().is_dir()) {
        remove_groups(&group.path());
    }
    std::fs::remove_dir(groups).is_ok() || !groups.exists()
}
