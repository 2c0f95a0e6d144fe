//! A real ODMR provider (RFC 2645) for the end-to-end tests: Exim, which speaks ATRN from 4.99 on.
//! Debian has that for trixie only, whose libraries are too new for an older Debian, so it lives
//! in a small trixie of its own in the cache folder. Nothing outside that folder is touched.
//!
//! It alone comes from another release of Debian, and may be out of reach where all else is not; so
//! its tests are left out then, and counted, and nothing else fails.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use super::{debian::Debian, say::say};
use crate::{
    process::{command, read, run, words},
    workspace::cached,
};

const RELEASE: &str = "trixie";
const EXIM: &str = "exim4-daemon-heavy";

/// What Debian's packages ask before they start a daemon: none may be (invoke-rc.d(8)).
const NO_DAEMONS: &str = "#!/bin/sh\nexit 101\n";

/// The provider's place, or why there is none.
pub(crate) type Odmr = Result<PathBuf, String>;

/// Makes the chroot, once.
pub(super) fn install(debian: &mut Debian) -> Odmr {
    let made = if debian.is_present() {
        cached("odmr", |folder| make(debian, folder)).map_err(|error| format!("{error:#}"))
    } else {
        Err("it comes from Debian's packages, and there is no apt here".to_owned())
    };
    if let Err(why) = &made {
        say("ODMR provider", &format!("cannot be had: {why}"));
    }
    made
}

fn make(debian: &mut Debian, folder: &Path) -> Result<()> {
    debian.require(&["debootstrap"])?;
    let mirror = mirror()?;
    say(
        "ODMR provider",
        &format!("making a {RELEASE} with its Exim in the cache folder"),
    );
    // In a mount namespace of its own: what is mounted in the chroot goes when the program ends,
    // also when it fails, and never is in the way of the folder's removal.
    let apart = |program: &str| {
        let mut command = command("unshare");
        command.args(["--mount", "--", program]);
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    };
    run(words(
        &mut apart("debootstrap"),
        &format!("--variant=minbase {RELEASE}"),
    )
    .arg(folder)
    .arg(&mirror))?;

    let policy = folder.join("usr/sbin/policy-rc.d");
    fs::write(&policy, NO_DAEMONS)?;
    run(command("chmod").arg("755").arg(&policy))?;
    fs::write(
        folder.join("etc/apt/sources.list.d/backports.list"),
        format!("deb {mirror} {RELEASE}-backports main\n"),
    )?;
    let install = format!("install -y --no-install-recommends -t {RELEASE}-backports {EXIM}");
    for arguments in ["update", &install, "clean"] {
        let mut apt = apart("chroot");
        apt.arg(folder).args(["apt-get", "-qq"]);
        run(words(&mut apt, arguments))?;
    }
    Ok(())
}

/// The mirror that this machine's own apt has Debian from.
fn mirror() -> Result<String> {
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
