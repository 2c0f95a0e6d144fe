//! What checking the code for macOS needs beside [`super::cross`]: nothing that has to be fetched. No
//! program can be made, since Apple's frameworks cannot be had elsewhere.

use std::{path::PathBuf, process::Command};

use anyhow::Result;

use super::{cross, debian::Debian};
use crate::workspace::cache;

/// The target.
pub(crate) const TARGET: &str = cross::MACOS;

/// A cargo that checks for [`TARGET`].
pub(crate) struct Toolchain {
    rust: cross::Toolchain,
    /// Stands for Apple's SDK: any folder.
    sdk: PathBuf,
}

impl Toolchain {
    /// Its cargo. A check reads no object files, and what is C here (SQLite, ring) is not ours: off
    /// a Mac the C compiler is a program that makes nothing and says that all is well.
    pub(crate) fn cargo(&self) -> Command {
        let mut cargo = self.rust.cargo();
        if !cfg!(target_os = "macos") {
            cargo
                .env("CC_aarch64_apple_darwin", "true")
                .env("AR_aarch64_apple_darwin", "true")
                .env("SDKROOT", &self.sdk);
        }
        cargo
    }
}

/// Finds or makes one, as [`cross::install`] does.
///
/// # Errors
/// As [`cross::install`].
pub(super) fn install(debian: &mut Debian) -> Result<Option<Toolchain>> {
    let rust = cross::install(debian, "macOS", TARGET)?;
    let sdk = cache()?;
    Ok(rust.map(|rust| Toolchain { rust, sdk }))
}
