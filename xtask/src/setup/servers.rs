//! Real mail servers for the end-to-end tests: unpacked, never installed, so that none starts on
//! the developer's machine and none that is there is replaced. Debian's would not even stand
//! beside one another.

use std::path::{Path, PathBuf};

use anyhow::Result;

use super::{debian::Debian, say::say};
use crate::{
    process::{NPM, command, run, succeeds, words},
    workspace::cached,
};

/// A mail server, or a client of one.
struct Server {
    name: &'static str,
    /// The folder in the cache.
    folder: &'static str,
    source: Source,
    /// Where the tests read the folder's place.
    variable: &'static str,
}

/// Where a server comes from.
enum Source {
    /// These packages of Debian's.
    Debian(&'static [&'static str]),
    /// A library of Python's, with the versions that will do.
    Pip(&'static str),
    /// A library of Node.js, likewise.
    Npm(&'static str),
}

const SERVERS: &[Server] = &[
    // Those that hold mail and deliver on ETRN.
    Server {
        name: "Postfix",
        folder: "postfix",
        source: Source::Debian(&["postfix"]),
        variable: "DEQUEUE_TEST_POSTFIX",
    },
    Server {
        name: "Exim",
        folder: "exim",
        source: Source::Debian(&["exim4-daemon-heavy", "exim4-base"]),
        variable: "DEQUEUE_TEST_EXIM",
    },
    Server {
        name: "Sendmail",
        folder: "sendmail",
        source: Source::Debian(&["sendmail-bin", "sendmail-base", "sendmail-cf"]),
        variable: "DEQUEUE_TEST_SENDMAIL",
    },
    // Those that know nothing of it.
    Server {
        name: "Courier",
        folder: "courier",
        // The last would bring a daemon along if it were installed.
        source: Source::Debian(&[
            "courier-mta",
            "courier-base",
            "courier-authlib",
            "libgamin0",
        ]),
        variable: "DEQUEUE_TEST_COURIER",
    },
    Server {
        name: "OpenSMTPD",
        folder: "opensmtpd",
        source: Source::Debian(&["opensmtpd"]),
        variable: "DEQUEUE_TEST_OPENSMTPD",
    },
    Server {
        name: "chasquid",
        folder: "chasquid",
        source: Source::Debian(&["chasquid"]),
        variable: "DEQUEUE_TEST_CHASQUID",
    },
    Server {
        name: "Dovecot",
        folder: "dovecot",
        source: Source::Debian(&["dovecot-submissiond", "dovecot-core"]),
        variable: "DEQUEUE_TEST_DOVECOT",
    },
    Server {
        name: "nginx",
        folder: "nginx",
        source: Source::Debian(&["nginx", "libnginx-mod-mail"]),
        variable: "DEQUEUE_TEST_NGINX",
    },
    Server {
        name: "HAProxy",
        folder: "haproxy",
        source: Source::Debian(&["haproxy"]),
        variable: "DEQUEUE_TEST_HAPROXY",
    },
    Server {
        name: "aiosmtpd",
        folder: "aiosmtpd",
        source: Source::Pip("aiosmtpd>=1.4,<2"),
        variable: "DEQUEUE_TEST_AIOSMTPD",
    },
    Server {
        name: "smtp-server",
        folder: "smtp-server",
        source: Source::Npm("smtp-server@^3"),
        variable: "DEQUEUE_TEST_SMTP_SERVER",
    },
    // Clients, whose own reading of their files is asked for.
    Server {
        name: "fetchmail",
        folder: "fetchmail",
        source: Source::Debian(&["fetchmail"]),
        variable: "DEQUEUE_TEST_FETCHMAIL",
    },
    Server {
        name: "msmtp",
        folder: "msmtp",
        source: Source::Debian(&["msmtp"]),
        variable: "DEQUEUE_TEST_MSMTP",
    },
];

/// Unpacks all of them; returns for each the tests' variable and the folder that stands for `/`, or
/// that holds the library. None where there are no Debian packages.
///
/// # Errors
/// When a package cannot be had.
pub(super) fn unpack(debian: &mut Debian) -> Result<Vec<(&'static str, PathBuf)>> {
    if !debian.is_present() {
        say(
            "mail servers",
            "not on this system; the tests that need them will say so",
        );
        return Ok(Vec::new());
    }
    let mut places = Vec::new();
    for server in SERVERS {
        let folder = cached(server.folder, |folder| {
            say(server.name, "unpacking it into the cache folder");
            match server.source {
                Source::Debian(packages) => debian.unpack(packages, |_| false, folder),
                Source::Pip(library) => pip(debian, library, folder),
                Source::Npm(library) => npm(library, folder),
            }
        })?;
        places.push((server.variable, folder));
    }
    Ok(places)
}

/// A folder for `PYTHONPATH`.
fn pip(debian: &mut Debian, library: &str, folder: &Path) -> Result<()> {
    if !succeeds(words(&mut command("python3"), "-m pip --version")) {
        debian.require(&["python3", "python3-pip"])?;
    }
    let install = "-m pip install --quiet --no-input --disable-pip-version-check --target";
    let mut python = command("python3");
    words(&mut python, install).arg(folder).arg(library);
    // It warns root of a system's own packages, which this does not touch.
    run(python.env("PIP_ROOT_USER_ACTION", "ignore"))
}

/// A folder with a `node_modules`.
fn npm(library: &str, folder: &Path) -> Result<()> {
    let install =
        "install --no-audit --no-fund --no-save --ignore-scripts --loglevel error --prefix";
    let mut npm = command(NPM);
    words(&mut npm, install).arg(folder).arg(library);
    run(&mut npm)
}
