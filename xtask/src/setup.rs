//! Installs what a fresh Debian 12 with Rust and Node.js lacks. Each part looks first, says what
//! it does, and does nothing the second time.

mod cross;
mod debian;
pub(crate) mod macos;
mod odmr;
mod page;
mod say;
mod servers;
mod tools;
pub(crate) mod windows;
pub(crate) mod wine;

use std::{ffi::OsString, path::PathBuf};

use anyhow::Result;

use self::debian::Debian;

/// What [`for_tests`] has made ready.
pub(crate) struct Ready {
    /// `PATH` with the cargo tools on it.
    pub(crate) path: OsString,
    /// The real mail servers: for each the variable that tells the tests its folder, and that
    /// folder. Only on Debian.
    pub(crate) servers: Vec<(&'static str, PathBuf)>,
    /// The ODMR provider; not looked for where no end-to-end tests run.
    pub(crate) odmr: Option<odmr::Odmr>,
    /// The compiler for Windows, where it can be had.
    pub(crate) windows: Option<windows::Toolchain>,
    /// The one for macOS, likewise.
    pub(crate) macos: Option<macos::Toolchain>,
    /// What runs the programs that it makes, likewise.
    pub(crate) wine: Option<wine::Wine>,
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
        servers: Vec::new(),
        odmr: None,
        windows: None,
        macos: None,
        wine: None,
    })
}

/// All that `cargo xtask test` needs: a desktop without a screen, real mail servers, the
/// checkers, the compilers for Windows and macOS, and Wine.
///
/// # Errors
/// As [`for_running`].
pub(crate) fn for_tests() -> Result<Ready> {
    let mut debian = Debian::look();
    debian.require(&[debian::BUILDING, debian::TESTING].concat())?;
    tools::install(&[tools::NEXTEST, tools::DENY])?;
    let ready = Ready {
        path: tools::path()?,
        servers: servers::unpack(&mut debian)?,
        odmr: Some(odmr::install(&mut debian)),
        windows: windows::install(&mut debian)?,
        macos: macos::install(&mut debian)?,
        wine: wine::install(&mut debian)?,
    };
    page::build()?;
    Ok(ready)
}

/// What photographing needs on top of building: the desktop without a screen. Gives `PATH` with the
/// test runner.
///
/// # Errors
/// As [`for_running`].
pub(crate) fn for_pictures() -> Result<OsString> {
    Debian::look().require(&[debian::BUILDING, debian::TESTING].concat())?;
    page::build()?;
    tools::install(&[tools::NEXTEST])?;
    tools::path()
}

/// What fuzzing needs on top of building; gives `PATH` with it.
///
/// # Errors
/// As [`for_running`].
pub(crate) fn for_fuzzing() -> Result<OsString> {
    Debian::look().require(debian::BUILDING)?;
    tools::install(&[tools::FUZZ])?;
    tools::path()
}
