//! Installs what a fresh Debian 12 with Rust and Node.js lacks. Each part looks first, says what
//! it does, and does nothing the second time.

mod debian;
mod page;
mod postfix;
mod tools;
pub(crate) mod windows;

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;

use debian::Debian;

/// What [`for_tests`] has made ready.
pub(crate) struct Ready {
    /// `PATH` with the cargo tools on it.
    pub(crate) path: OsString,
    /// The unpacked Postfix; only on Debian.
    pub(crate) postfix: Option<PathBuf>,
    /// The compiler for Windows, where it can be had.
    pub(crate) windows: Option<windows::Toolchain>,
}

/// All that building and running need.
///
/// # Errors
/// When something cannot be installed; the error says what and how to get it.
pub(crate) fn for_running() -> Result<()> {
    Debian::look().require(debian::BUILDING)?;
    page::build()
}

/// What the unit tests need on top of that: the test runner.
///
/// # Errors
/// As [`for_running`].
pub(crate) fn for_fast_tests() -> Result<Ready> {
    for_running()?;
    tools::install(&[tools::NEXTEST])?;
    Ok(Ready {
        path: tools::path()?,
        postfix: None,
        windows: None,
    })
}

/// All that `cargo xtask test` needs: a desktop without a screen, a real Postfix, the checkers
/// and the compiler for Windows.
///
/// # Errors
/// As [`for_running`].
pub(crate) fn for_tests() -> Result<Ready> {
    let mut debian = Debian::look();
    debian.require(&[debian::BUILDING, debian::TESTING].concat())?;
    tools::install(&[tools::NEXTEST, tools::DENY])?;
    let ready = Ready {
        path: tools::path()?,
        postfix: postfix::unpack(&mut debian)?,
        windows: windows::install(&mut debian)?,
    };
    page::build()?;
    Ok(ready)
}

/// Tells what a part found or does.
fn say(part: &str, what: &str) {
    println!("setup: {part}: {what}");
}
