//! Wine, in which the tests run what is built for Windows: Debian's, with a Windows of its own (a
//! "prefix") in the cache folder. Neither a person's own prefix nor a display is touched.

use std::{
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use super::{debian::Debian, say::say};
use crate::{
    process::{command, run},
    workspace::{cached, root},
};

/// Debian puts no `wine64` on PATH.
const LOADER: &str = "/usr/lib/wine/wine64";
const SERVER: &str = "/usr/lib/wine/wineserver64";

/// What Rust's standard library takes from Windows and Wine 8 does not have yet.
const MISSING_LIBRARY: &str = "bcryptprimitives.dll";

/// The first two ask a person to install Mono and Gecko. The third ends the program that asks it for
/// the state of the network; without it the program is told that there is no such thing.
const NOT_TO_BE_LOADED: [&str; 3] = ["mscoree", "mshtml", "windows.networking"];

/// A Windows to run programs in.
pub(crate) struct Wine {
    prefix: PathBuf,
}

impl Wine {
    /// The folder of its Windows.
    pub(crate) fn prefix(&self) -> &Path {
        &self.prefix
    }

    /// Has a cargo run in it what it builds for Windows.
    pub(crate) fn runs_for(&self, cargo: &mut Command) {
        cargo.env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", LOADER);
        in_prefix(cargo, &self.prefix);
    }

    /// Starts this Windows for as long as the answer lives: a program that has to start it first
    /// takes seconds, and leaves Windows' own programs behind that hold its output open.
    ///
    /// # Errors
    /// When Wine cannot be started.
    pub(crate) fn start(&self) -> Result<Running> {
        let mut wine = command(LOADER);
        in_prefix(&mut wine, &self.prefix);
        // Waits for its input, which ends with this program at the latest.
        wine.args(["cmd.exe", "/d", "/c", "pause"]);
        wine.stdin(Stdio::piped()).stdout(Stdio::null());
        let child = wine.stderr(Stdio::null()).spawn();
        Ok(Running(child.context("cannot start Wine")?))
    }
}

/// A Windows that runs.
pub(crate) struct Running(std::process::Child);

impl Drop for Running {
    fn drop(&mut self) {
        // What it was started for is over; how it ends does not matter.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Finds or makes one; none where there are no Debian packages.
///
/// # Errors
/// When Wine cannot be had, or does not start.
pub(super) fn install(debian: &mut Debian) -> Result<Option<Wine>> {
    if !debian.is_present() {
        say("Wine", "not on this system; nothing is run for Windows");
        return Ok(None);
    }
    debian.require(&["wine64"])?;
    // Into the first, tests could write.
    let prefix = cached("wine-2", |folder| {
        say("Wine", "making a Windows in the cache folder");
        make(folder)
    })?;
    Ok(Some(Wine { prefix }))
}

fn make(prefix: &Path) -> Result<()> {
    let in_windows = |arguments: &[&str]| {
        let mut wine = command(LOADER);
        // It complains at length of what a machine without a desktop lacks.
        wine.args(arguments).stderr(Stdio::null());
        // Before the registry says so.
        wine.env("WINEDLLOVERRIDES", "mscoree=;mshtml=");
        run(in_prefix(&mut wine, prefix))
    };
    in_windows(&["wineboot.exe", "--init"])?;
    let set = |key: &str, name: &str, text: &str| {
        let key = format!(r"HKCU\Software\Wine{key}");
        in_windows(&["reg.exe", "add", &key, "/v", name, "/d", text, "/f"])
    };
    // Rust's programs need it.
    set("", "Version", "win10")?;
    for library in NOT_TO_BE_LOADED {
        set(r"\DllOverrides", library, "")?;
    }
    // The registry is written when it ends.
    run(in_prefix(command(SERVER).arg("--wait"), prefix))?;
    let libraries = prefix.join("drive_c/windows/system32");
    if !libraries.exists() {
        bail!("Wine made no Windows in {}", prefix.display());
    }
    let library = libraries.join(MISSING_LIBRARY);
    if !library.exists() {
        run(command("x86_64-w64-mingw32-gcc")
            .args(["-shared", "-O2", "-Wall", "-Werror", "-o"])
            .arg(&library)
            .arg(root().join("xtask/src/setup/bcryptprimitives.c"))
            .arg("-lbcrypt"))?;
    }
    Ok(())
}

/// In this Windows, without a display.
fn in_prefix<'a>(command: &'a mut Command, prefix: &Path) -> &'a mut Command {
    command
        .env("WINEPREFIX", prefix)
        .env("WINEDEBUG", "-all")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
}
