//! A real Postfix for the end-to-end tests: unpacked, never installed, so that no mail server
//! starts on the developer's machine and none that is there is replaced.

use std::path::PathBuf;

use anyhow::Result;

use super::debian::Debian;
use super::say;
use crate::workspace::cached;

/// Unpacks Postfix; returns the folder under which `usr/sbin/postfix` lies, and nothing where
/// there are no Debian packages.
///
/// # Errors
/// When the package cannot be had.
pub(super) fn unpack(debian: &mut Debian) -> Result<Option<PathBuf>> {
    if !debian.is_present() {
        say(
            "Postfix",
            "not on this system; the tests that need it will say so",
        );
        return Ok(None);
    }
    let folder = cached("postfix", |folder| {
        say("Postfix", "unpacking it into the cache folder");
        debian.unpack(&["postfix"], |_| false, folder)
    })?;
    Ok(Some(folder))
}
