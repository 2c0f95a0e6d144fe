//! Debian packages: installed through apt, or unpacked into a folder where they must not touch
//! the system.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};

use super::say::say;
use crate::process::{command, exists, read, run, words};

/// What compiling needs.
pub(super) const BUILDING: &[&str] = &[
    "build-essential",
    "pkg-config",
    // The window's web view, with GTK and libsoup behind it.
    "libwebkit2gtk-4.1-dev",
];

/// The C compiler for Windows.
pub(super) const WINDOWS_C: &str = "gcc-mingw-w64-x86-64";

/// A desktop without a screen for the end-to-end tests, and the C compiler for Windows.
pub(super) const TESTING: &[&str] = &[
    "xvfb",
    "dbus-daemon",
    "openbox",
    // A real StatusNotifier host and a real notification daemon.
    "xfce4-panel",
    "dunst",
    "libnotify-bin",
    // A real keyring.
    "gnome-keyring",
    "webkit2gtk-driver",
    // Windows are found, clicked and closed, the screen is looked at.
    "wmctrl",
    "xdotool",
    "x11-utils",
    "imagemagick",
    // The manual page is checked.
    "groff-base",
    // The portable folder is unpacked.
    "unzip",
    // The provider's certificate.
    "openssl",
    // Networks of a test's own.
    "iproute2",
    // Sendmail's configuration.
    "m4",
    // SQLite is C.
    WINDOWS_C,
];

/// What packages are made with.
pub(super) const PACKING: &[&str] = &[
    // Windows' set-up program, and the portable folder.
    "nsis",
    "zip",
    "rpm",
    // The authorities that an image for containers trusts.
    "ca-certificates",
];

/// Waits for another apt to end; says little.
const APT: &str = "-o DPkg::Lock::Timeout=400 -o Dpkg::Use-Pty=0 -qq";

/// Stands for any of several packages; build-essential has one of them.
const ANY_C_LIBRARY: &str = "libc-dev";

/// This system's apt. On other systems every wish ends in a word to the person instead.
pub(super) struct Debian {
    present: bool,
    updated: bool,
}

impl Debian {
    /// Finds out whether there is an apt here.
    pub(super) fn look() -> Self {
        let present = cfg!(target_os = "linux") && exists("apt-get") && exists("dpkg-query");
        let updated = false;
        Debian { present, updated }
    }

    /// Whether this is a Debian at all.
    pub(super) fn is_present(&self) -> bool {
        self.present
    }

    /// Installs those of `packages` that are missing.
    ///
    /// # Errors
    /// When apt fails, or may not be run by this user.
    pub(super) fn require(&mut self, packages: &[&str]) -> Result<()> {
        if !self.present {
            if cfg!(target_os = "linux") {
                let list = packages.join(" ");
                say(
                    "system packages",
                    &format!("no apt here; what is needed, by Debian's names: {list}"),
                );
            }
            return Ok(());
        }
        let missing = missing(packages)?;
        if missing.is_empty() {
            return Ok(());
        }
        let list = missing.join(" ");
        let Some(mut apt) = apt_as_root()? else {
            bail!(
                "neither root nor sudo: run this as root, then start again:\n  \
                 apt-get update && apt-get install --no-install-recommends {list}"
            )
        };
        self.update()?;
        say("Debian packages", &format!("installing {list}"));
        run(words(&mut apt, "install -y --no-install-recommends").args(missing))
    }

    /// Unpacks `packages` into `folder` without installing them, together with those packages
    /// they depend on that `also` picks; the other libraries they depend on are installed.
    /// The files then lie under `folder` as they would under `/`.
    ///
    /// # Errors
    /// When a package cannot be had or unpacked.
    pub(super) fn unpack(
        &mut self,
        packages: &[&str],
        also: fn(&str) -> bool,
        folder: &Path,
    ) -> Result<()> {
        self.update()?;
        let downloads = folder.with_extension("debs");
        if downloads.exists() {
            // Of a set-up that was broken off.
            fs::remove_dir_all(&downloads)?;
        }
        let mut libraries = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut wanted: BTreeSet<String> = packages.iter().map(|&name| name.to_owned()).collect();
        while !wanted.is_empty() {
            let files = download(&wanted, &downloads.join(seen.len().to_string()))?;
            seen.append(&mut wanted);
            for file in files {
                run(command("dpkg-deb").arg("--extract").arg(&file).arg(folder))?;
                for dependency in dependencies(&file)? {
                    if also(&dependency) {
                        wanted.insert(dependency);
                    } else if dependency.starts_with("lib") && dependency != ANY_C_LIBRARY {
                        libraries.insert(dependency);
                    }
                }
            }
            wanted.retain(|package| !seen.contains(package));
        }
        fs::remove_dir_all(&downloads)?;
        libraries.retain(|library| !seen.contains(library));
        self.require(&libraries.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Fetches the package lists, once.
    fn update(&mut self) -> Result<()> {
        if self.updated {
            return Ok(());
        }
        self.updated = true;
        match apt_as_root()? {
            Some(mut apt) => run(apt.arg("update")),
            None => {
                say(
                    "Debian packages",
                    "neither root nor sudo: taking the lists as they are",
                );
                Ok(())
            }
        }
    }
}

/// Those of `packages` that are not installed.
fn missing(packages: &[&str]) -> Result<Vec<String>> {
    // It ends with 1 when one of them is unknown, which is no error here.
    let output = command("dpkg-query")
        .args(["--show", "--showformat=${Package} ${db:Status-Status}\n"])
        .args(packages)
        .stderr(Stdio::null())
        .output()
        .context("cannot start `dpkg-query`")?;
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    let installed: BTreeSet<&str> = shown
        .lines()
        .filter_map(|line| line.strip_suffix(" installed"))
        .collect();
    let absent = packages
        .iter()
        .filter(|package| !installed.contains(**package));
    Ok(absent.map(|package| (*package).to_owned()).collect())
}

/// apt-get with the rights to install, whichever way this user has them, if at all.
fn apt_as_root() -> Result<Option<Command>> {
    let mut apt;
    if read(command("id").arg("-u"))? == "0" {
        apt = command("apt-get");
        apt.env("DEBIAN_FRONTEND", "noninteractive");
    } else if exists("sudo") {
        apt = command("sudo");
        // sudo may have to ask for a password, and drops the environment.
        words(
            apt.stdin(Stdio::inherit()),
            "DEBIAN_FRONTEND=noninteractive apt-get",
        );
    } else {
        return Ok(None);
    }
    words(&mut apt, APT);
    Ok(Some(apt))
}

/// Fetches package files into `folder`, which is new; gives their places.
fn download(packages: &BTreeSet<String>, folder: &Path) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    // Root's own cache folder is closed to the user that apt downloads as.
    let mut apt = command("apt-get");
    words(&mut apt, "-o APT::Sandbox::User=root -qq download").args(packages);
    run(apt.current_dir(folder))?;
    let files = fs::read_dir(folder)?.map(|file| file.map(|file| file.path()));
    let files: Vec<PathBuf> = files.collect::<Result<_, _>>()?;
    if files.len() != packages.len() {
        bail!("apt-get brought {} of {packages:?}", files.len());
    }
    Ok(files)
}

/// The packages that a package file depends on, of each alternative the first.
fn dependencies(file: &Path) -> Result<Vec<String>> {
    let field = read(command("dpkg-deb").arg("--field").arg(file).arg("Depends"))?;
    let names = field
        .split(',')
        .filter_map(|entry| entry.split_whitespace().next());
    Ok(names.map(str::to_owned).collect())
}
