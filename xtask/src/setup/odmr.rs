//! A real ODMR provider (RFC 2645) for the end-to-end tests: Exim, which speaks ATRN from 4.99 on.
//! Debian has that for trixie only, whose libraries are too new for an older Debian, so it lives
//! in a small trixie of its own in the cache folder. Nothing outside that folder is touched.

use std::{fs, path::Path};

use anyhow::Result;

use super::{
    say::say,
    trixie::{Place, RELEASE, apart, mirror},
};
use crate::{
    process::{command, run, words},
    workspace::cached,
};

const EXIM: &str = "exim4-daemon-heavy";

/// What Debian's packages ask before they start a daemon: none may be (invoke-rc.d(8)).
const NO_DAEMONS: &str = "#!/bin/sh\nexit 101\n";

/// Makes the chroot out of a trixie, once.
pub(super) fn install(trixie: &Place) -> Place {
    let trixie = trixie.as_ref().map_err(Clone::clone)?;
    let made = cached("odmr", |folder| make(trixie, folder)).map_err(|error| format!("{error:#}"));
    if let Err(why) = &made {
        say("ODMR provider", &format!("cannot be had: {why}"));
    }
    made
}

fn make(trixie: &Path, folder: &Path) -> Result<()> {
    say(
        "ODMR provider",
        &format!("making a {RELEASE} with its Exim in the cache folder"),
    );
    run(command("cp")
        .args(["--archive", "--reflink=auto", "--"])
        .arg(trixie.join("."))
        .arg(folder))?;
    let policy = folder.join("usr/sbin/policy-rc.d");
    fs::write(&policy, NO_DAEMONS)?;
    run(command("chmod").arg("755").arg(&policy))?;
    fs::write(
        folder.join("etc/apt/sources.list.d/backports.list"),
        format!("deb {} {RELEASE}-backports main\n", mirror()?),
    )?;
    let install = format!("install -y --no-install-recommends -t {RELEASE}-backports {EXIM}");
    for arguments in ["update", &install, "clean"] {
        let mut apt = apart("chroot");
        apt.arg(folder).args(["apt-get", "-qq"]);
        run(words(&mut apt, arguments))?;
    }
    Ok(())
}
