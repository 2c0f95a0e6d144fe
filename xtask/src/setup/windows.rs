//! What compiling for Windows needs: [`super::cross`], and a C compiler, which is Debian's mingw-w64
//! and among [`super::debian::TESTING`].

use anyhow::Result;

pub(crate) use super::cross::Toolchain;
use super::{cross, debian::Debian};

/// The target.
pub(crate) const TARGET: &str = cross::WINDOWS;
/// The one for Windows 7.
pub(crate) const TARGET_7: &str = cross::WINDOWS_7;

/// Finds or makes a compiler, as [`cross::install`] does.
///
/// # Errors
/// As [`cross::install`].
pub(super) fn install(debian: &mut Debian) -> Result<Option<Toolchain>> {
    cross::install(debian, "Windows", TARGET)
}

/// The same for [`TARGET_7`].
///
/// # Errors
/// As [`cross::install`].
pub(super) fn install_7(debian: &mut Debian) -> Result<Option<Toolchain>> {
    cross::install(debian, "Windows 7", TARGET_7)
}
