//! A Windows of a test's own, for what changes it: a copy of the one that `DEQUEUE_TEST_WINE` names.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use crate::{programs::Run, rig::wine};

const LOADER: &str = "/usr/lib/wine/wine64";

/// The Windows; everything that runs in it ends with it.
pub struct OwnWindows {
    folder: TempDir,
}

impl OwnWindows {
    /// One as Wine makes it.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn new() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("dequeue-windows-")
            .tempdir();
        let own = Self {
            folder: folder.expect("a temporary folder"),
        };
        wine::copy(&own.prefix());
        own
    }

    /// As Windows 7, whose programs are then those that are tested.
    ///
    /// # Panics
    /// When it cannot be made.
    pub fn seven() -> Self {
        let own = Self::new();
        wine::be_seven(&own.prefix());
        own
    }

    /// Its folder.
    pub fn prefix(&self) -> PathBuf {
        self.folder.path().join("prefix")
    }

    /// Its drive C:.
    pub fn drive(&self) -> PathBuf {
        self.prefix().join("drive_c")
    }

    /// A command of a program in it, which it finds at this path of this system or by its name.
    pub fn command(&self, program: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(LOADER);
        command
            .arg(program)
            .args(arguments)
            .env("WINEPREFIX", self.prefix())
            .env("WINEDEBUG", "-all")
            .env("LC_ALL", "C.UTF-8")
            .env_remove("DEQUEUE_HOME")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .current_dir("/");
        command
    }

    /// Runs a program to its end.
    pub fn run(&self, program: &Path, arguments: &[&str]) -> Run {
        Run::of(&mut self.command(program, arguments))
    }

    /// Whether its registry has this key.
    pub fn has_key(&self, key: &str) -> bool {
        self.run(Path::new("reg.exe"), &["query", key]).status == 0
    }
}

impl Drop for OwnWindows {
    fn drop(&mut self) {
        wine::end(&self.prefix());
    }
}
