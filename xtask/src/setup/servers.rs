//! Real mail servers for the end-to-end tests: unpacked, never installed, so that none starts on
//! the developer's machine and none that is there is replaced. Debian's would not even stand
//! beside one another.

use std::path::PathBuf;

use anyhow::Result;

use super::{debian::Debian, say::say};
use crate::workspace::cached;

/// A mail server of Debian's.
struct Server {
    name: &'static str,
    /// The folder in the cache.
    folder: &'static str,
    packages: &'static [&'static str],
    /// Where the tests read the folder's place.
    variable: &'static str,
}

const SERVERS: &[Server] = &[
    Server {
        name: "Postfix",
        folder: "postfix",
        packages: &["postfix"],
        variable: "DEQUEUE_TEST_POSTFIX",
    },
    Server {
        name: "Exim",
        folder: "exim",
        packages: &["exim4-daemon-heavy", "exim4-base"],
        variable: "DEQUEUE_TEST_EXIM",
    },
    Server {
        name: "Sendmail",
        folder: "sendmail",
        packages: &["sendmail-bin", "sendmail-base", "sendmail-cf"],
        variable: "DEQUEUE_TEST_SENDMAIL",
    },
];

/// Unpacks all of them; returns for each the tests' variable and the folder that stands for `/`.
/// None where there are no Debian packages.
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
            debian.unpack(server.packages, |_| false, folder)
        })?;
        places.push((server.variable, folder));
    }
    Ok(places)
}
