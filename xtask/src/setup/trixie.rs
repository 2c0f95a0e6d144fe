//! A small Debian of the stable release, in the cache folder: no more than its packages call required,
//! and systemd. The packages are installed into it, each test in an overlay of its own; and the ODMR
//! provider lives in a copy.
//!
//! It comes from another release of Debian than this machine may have, and may be out of reach where all
//! else is not; so the tests that need it are left out then, and counted, and nothing else fails.

use std::{fs, path::PathBuf, process::Command};

use anyhow::{Context, Result};

use super::{debian::Debian, say::say};
use crate::{
    process::{command, read, run},
    workspace::cached,
};

pub(super) const RELEASE: &str = "trixie";
/// What would ask the network for newer packages, at boot too.
const TIMERS: [&str; 2] = ["apt-daily.timer", "apt-daily-upgrade.timer"];

/// The place of something that lives in such a Debian, or why there is none.
pub(crate) type Place = Result<PathBuf, String>;

/// Makes it, once.
pub(super) fn install(debian: &mut Debian) -> Place {
    let made = if debian.is_present() {
        make(debian).map_err(|error| format!("{error:#}"))
    } else {
        Err("it comes from Debian's packages, and there is no apt here".to_owned())
    };
    if let Err(why) = &made {
        say(RELEASE, &format!("cannot be had: {why}"));
    }
    made
}

fn make(debian: &mut Debian) -> Result<PathBuf> {
    cached(RELEASE, |folder| {
        // It takes half the processor's time that debootstrap takes.
        debian.require(&["mmdebstrap"])?;
        say(RELEASE, "making one in the cache folder");
        run(apart("mmdebstrap")
            .args(["--quiet", "--mode=root", "--format=directory"])
            .args(["--variant=minbase", "--include=systemd", RELEASE])
            .arg(folder)
            .arg(mirror()?))?;
        for timer in TIMERS {
            fs::remove_file(
                folder
                    .join("etc/systemd/system/timers.target.wants")
                    .join(timer),
            )?;
        }
        Ok(())
    })
}

/// A program in a mount namespace of its own: what is mounted in the new root goes when the program
/// ends, also when it fails, and never is in the way of the folder's removal.
pub(super) fn apart(program: &str) -> Command {
    let mut command = command("unshare");
    command.args(["--mount", "--", program]);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

/// The mirror that this machine's own apt has Debian from.
///
/// # Errors
/// When it has none.
pub(super) fn mirror() -> Result<String> {
    let mut apt = command("apt-get");
    apt.args(["indextargets", "--format", "$(SITE)"]).args([
        "Created-By: Packages",
        "Label: Debian",
        "Component: main",
    ]);
    let sites = read(&mut apt)?;
    let first = sites.lines().next();
    Ok(first
        .context("apt knows no mirror of Debian")?
        .trim_end_matches('/')
        .to_owned())
}
