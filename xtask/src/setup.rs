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
mod trixie;
pub(crate) mod windows;
pub(crate) mod wine;

use std::{ffi::OsString, path::PathBuf};

#[cfg(unix)]
use anyhow::Context;
use anyhow::Result;

use self::debian::Debian;
use crate::workspace;

/// What [`for_tests`] has made ready.
pub(crate) struct Ready {
    /// `PATH` with the cargo tools on it.
    pub(crate) path: OsString,
    /// The configuration of what is built for other systems.
    pub(crate) unoptimised: PathBuf,
    /// The real mail servers: for each the variable that tells the tests its folder, and that
    /// folder. Only on Debian.
    pub(crate) servers: Vec<(&'static str, PathBuf)>,
    /// The ODMR provider; not looked for where no end-to-end tests run.
    pub(crate) odmr: Option<trixie::Place>,
    /// A fresh Debian to install the packages into, likewise.
    pub(crate) trixie: Option<trixie::Place>,
    /// The compiler for Windows, where it can be had.
    pub(crate) windows: Option<windows::Toolchain>,
    /// The one for Windows 7, likewise.
    pub(crate) windows_7: Option<windows::Toolchain>,
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
        unoptimised: workspace::unoptimised()?,
        servers: Vec::new(),
        odmr: None,
        trixie: None,
        windows: None,
        windows_7: None,
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
    debian.require(&[debian::BUILDING, debian::TESTING, debian::PACKING].concat())?;
    tools::install(&[tools::NEXTEST, tools::DENY])?;
    let trixie = trixie::install(&mut debian);
    let ready = Ready {
        path: tools::path()?,
        unoptimised: workspace::unoptimised()?,
        servers: servers::unpack(&mut debian)?,
        odmr: Some(odmr::install(&trixie)),
        trixie: Some(trixie),
        windows: windows::install(&mut debian)?,
        windows_7: windows::install_7(&mut debian)?,
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

/// What making packages needs on top of building; with the compilers for Windows 10 and for Windows 7,
/// where they are wanted.
///
/// # Errors
/// As [`for_running`], and when there is no compiler for them.
#[cfg(unix)]
pub(crate) fn for_packing(for_windows: bool) -> Result<Option<[windows::Toolchain; 2]>> {
    let mut debian = Debian::look();
    debian.require(&[debian::BUILDING, debian::PACKING].concat())?;
    page::build()?;
    if !for_windows {
        return Ok(None);
    }
    debian.require(&[debian::WINDOWS_C])?;
    let windows = windows::install(&mut debian)?;
    let windows_7 = windows::install_7(&mut debian)?;
    let both = windows.zip(windows_7);
    let (windows, windows_7) = both.context("packages for Windows are made on Debian only")?;
    Ok(Some([windows, windows_7]))
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
