//! The programs that are packed.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Result, bail};

use super::stage;
use crate::{process::run, workspace};

/// The command line and the tray; the window is the third.
const ALWAYS: [&str; 2] = ["dequeue", "dequeue-tray"];
const WINDOW: &str = "dequeue-window";

/// Programs that have been built.
pub(crate) struct Programs {
    /// Where they lie.
    pub(super) folder: PathBuf,
    /// What stands after each name.
    pub(super) suffix: &'static str,
    /// Whether the window is among them.
    pub(super) window: bool,
    /// The target, for which cargo tells what they are made of; this machine's where it is `None`.
    pub(super) target: Option<&'static str>,
}

impl Programs {
    /// Their names, without the suffix.
    pub(super) fn names(&self) -> Vec<&'static str> {
        let mut names = ALWAYS.to_vec();
        names.extend(self.window.then_some(WINDOW));
        names
    }

    /// Where one of them lies.
    ///
    /// # Errors
    /// When it has not been built.
    pub(super) fn path(&self, name: &str) -> Result<PathBuf> {
        let path = self.folder.join(format!("{name}{}", self.suffix));
        if !path.is_file() {
            bail!("{} has not been built", path.display());
        }
        Ok(path)
    }
}

/// Those of this machine as they are after a build with this profile.
///
/// # Errors
/// Where the folder of what is built cannot be told.
pub(super) fn of_linux(profile: &str, window: bool) -> Result<Programs> {
    Ok(Programs {
        folder: workspace::target()?.join(folder(profile)),
        suffix: "",
        window,
        target: None,
    })
}

/// Builds `programs` with a cargo for their target.
///
/// # Errors
/// When cargo fails.
pub(super) fn build(mut cargo: Command, profile: &str, programs: &Programs) -> Result<()> {
    cargo.args(["build", "--locked", "--profile", profile]);
    if let Some(target) = programs.target {
        cargo.args(["--target", target]);
    }
    for name in programs.names() {
        cargo.args(["--package", name, "--bin", name]);
    }
    // Of the release only: another profile may be one whose programs are there already.
    if profile == "release" {
        cargo.env("CARGO_ENCODED_RUSTFLAGS", flags()?);
    }
    cargo.env("SOURCE_DATE_EPOCH", stage::date()?);
    run(&mut cargo)
}

/// Without the paths of this machine: a program that is built elsewhere is the same.
fn flags() -> Result<OsString> {
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    let root = workspace::root();
    let mut flags = OsString::new();
    let mut remap = |from: &Path, to: &str| {
        if !flags.is_empty() {
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(from);
        flags.push(format!("={to}"));
    };
    remap(&root, "dequeue");
    if let Some(home) = home {
        remap(&home, "cargo");
    }
    Ok(flags)
}

/// Where cargo puts what it builds with a profile.
pub(super) fn folder(profile: &str) -> &str {
    if profile == "dev" { "debug" } else { profile }
}
