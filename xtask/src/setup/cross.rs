//! Compilers for other systems than this one. Where rustup has the target, that one. Else Debian's
//! own Rust, whose packages bring the source of the standard library, is unpacked beside the
//! machine's and the library built once for each of [`TARGETS`].

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::{debian::Debian, say::say};
use crate::{
    process::{cargo, command, read, run},
    workspace::cached,
};

/// The target that stands for Windows.
pub(super) const WINDOWS: &str = "x86_64-pc-windows-gnu";
/// The one that stands for macOS.
pub(super) const MACOS: &str = "aarch64-apple-darwin";
/// What Debian's compiler is made ready for.
const TARGETS: [&str; 2] = [WINDOWS, MACOS];

/// Debian's newest Rust, which is kept for its browsers.
const RUST: &[&str] = &[
    "rustc-web",
    "cargo-web",
    "libstd-rust-web-dev",
    "rust-web-clippy",
    "rust-web-src",
];

/// Dependencies of [`RUST`] that the system need not have: their names hold version numbers.
fn is_rust(package: &str) -> bool {
    package.starts_with("libstd-rust-web-") || package.starts_with("libllvm")
}

/// A cargo whose compiler knows the target that was asked for.
pub(crate) enum Toolchain {
    /// The machine's own.
    Own,
    /// Debian's, unpacked in this folder.
    Debian(PathBuf),
}

impl Toolchain {
    /// Its cargo.
    pub(crate) fn cargo(&self) -> Command {
        match self {
            Toolchain::Own => cargo(),
            Toolchain::Debian(root) => debian_cargo(root),
        }
    }
}

/// Finds or makes one for `target`, a system of the name `system`; none where there are neither
/// rustup's target nor Debian packages.
///
/// # Errors
/// When a package cannot be had or the standard library does not build.
pub(super) fn install(
    debian: &mut Debian,
    system: &str,
    target: &str,
) -> Result<Option<Toolchain>> {
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = read(command(rustc).args(["--print", "sysroot"]))?;
    if libraries(Path::new(&sysroot), target).exists() {
        return Ok(Some(Toolchain::Own));
    }
    if !debian.is_present() {
        say(
            system,
            &format!("no compiler; `rustup target add {target}` brings one"),
        );
        return Ok(None);
    }
    let folder = cached("cross", |folder| {
        let targets = TARGETS.join(" and ");
        say(
            system,
            &format!("making a compiler for {targets} in the cache folder"),
        );
        debian.unpack(RUST, is_rust, folder)?;
        build_standard_library(folder)
    })?;
    Ok(Some(Toolchain::Debian(folder)))
}

/// Debian's cargo and rustc from `root`, with nothing of the machine's own toolchain in their way.
fn debian_cargo(root: &Path) -> Command {
    let bin = root.join("usr/bin");
    let mut path = vec![bin.clone()];
    path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let mut cargo = command(bin.join("cargo"));
    cargo
        .env("RUSTC", bin.join("rustc"))
        .env("LD_LIBRARY_PATH", root.join("usr/lib/x86_64-linux-gnu"))
        .env(
            "CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER",
            "x86_64-w64-mingw32-gcc",
        )
        .env_remove("RUSTUP_TOOLCHAIN");
    if let Ok(path) = env::join_paths(path) {
        cargo.env("PATH", path);
    }
    cargo
}

/// Builds `std` for [`TARGETS`] as cargo can, and puts it where an ordinary target lies, so that
/// from then on nothing needs an unstable option.
fn build_standard_library(root: &Path) -> Result<()> {
    let package = root.join("std");
    fs::create_dir_all(package.join("src"))?;
    fs::write(package.join("src/lib.rs"), "")?;
    fs::write(
        package.join("Cargo.toml"),
        "[package]\nname = \"nothing\"\nedition = \"2024\"\n\n[workspace]\n",
    )?;
    let mut build = debian_cargo(root);
    build
        .current_dir(&package)
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", package.join("target"))
        .args(["build", "--quiet", "--release"])
        .arg("-Zbuild-std=std,panic_unwind,test,proc_macro");
    for target in TARGETS {
        build.args(["--target", target]);
    }
    run(&mut build)?;

    for target in TARGETS {
        let libraries = libraries(&root.join("usr"), target);
        fs::create_dir_all(&libraries)?;
        let made = package.join("target").join(target).join("release/deps");
        for entry in fs::read_dir(&made).context("the standard library left no files")? {
            let file = entry?.path();
            let name = file.file_name().unwrap_or_default();
            let is_library = file
                .extension()
                .is_some_and(|extension| extension == "rlib");
            if is_library && !name.to_string_lossy().starts_with("libnothing") {
                fs::copy(&file, libraries.join(name))?;
            }
        }
    }
    // Half of all that was unpacked is the source, which has served.
    fs::remove_dir_all(&package)?;
    fs::remove_dir_all(root.join("usr/src"))?;
    Ok(())
}

fn libraries(sysroot: &Path, target: &str) -> PathBuf {
    sysroot.join("lib/rustlib").join(target).join("lib")
}
