//! Compilers for other systems than this one. Where rustup has the target, that one. Else Debian's
//! own Rust, whose packages bring the source of the standard library, is unpacked beside the
//! machine's and the library built once for each of [`TARGETS`]: for debug and release alike, with
//! both panic strategies, and for Windows with what link-time optimisation reads, as rustup's is.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

use super::{debian::Debian, say::say};
use crate::{
    process::{cargo, command, read, run},
    workspace::{cache, cached, target},
};

/// The target that stands for Windows.
pub(super) const WINDOWS: &str = "x86_64-pc-windows-gnu";
/// Windows 7 SP1 and Server 2008 R2: the same machine and C library, and a standard library that takes
/// nothing from Windows that these do not have. rustup has no such library ready.
pub(super) const WINDOWS_7: &str = "x86_64-win7-windows-gnu";
/// The one that stands for macOS.
pub(super) const MACOS: &str = "aarch64-apple-darwin";
/// What Debian's compiler is made ready for.
const TARGETS: [&str; 3] = [WINDOWS, WINDOWS_7, MACOS];

/// The folder in the cache. Another name when its content has changed: what has the old one makes the
/// new one beside it.
const FOLDER: &str = "cross-4";
/// What it was called before; of no more use.
const FORMER: &str = "cross-3";

/// Debian's mingw-w64, which both kinds of Windows are linked with.
const WINDOWS_LINKER: &str = "x86_64-w64-mingw32-gcc";

/// Stands before the compiler while the standard library is built. Rust's own build gives
/// `panic_abort`, and no other crate of it, the strategy `abort`: a program with that strategy cannot
/// be linked otherwise. Cargo has no word for it.
const COMPILER: &str = r#"#!/bin/sh
case " $* " in
*" --crate-name panic_abort "*) exec "$@" -Cpanic=abort ;;
*) exec "$@" ;;
esac
"#;

/// Debian's compiler, with the allocator that rustup's has inside: a twentieth less work than with the C
/// library's. Only the compiler gets it, not what cargo runs.
const RUSTC: &str = r#"#!/bin/sh
root=${0%/*}
export LD_PRELOAD="$root/usr/lib/x86_64-linux-gnu/libjemalloc.so.2"
exec "$root/usr/bin/rustc" "$@"
"#;

/// Debian's newest Rust, which is kept for its browsers, and that allocator.
const RUST: &[&str] = &[
    "libjemalloc2",
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
    let folder = cached(FOLDER, |folder| {
        let targets = TARGETS.join(", ");
        say(
            system,
            &format!("making a compiler for {targets} in the cache folder"),
        );
        debian.unpack(RUST, is_rust, folder)?;
        write_program(&folder.join("rustc"), RUSTC)?;
        build_standard_library(folder)?;
        remove(&cache()?.join(FORMER))
    })?;
    forget_other_libraries(&folder)?;
    Ok(Some(Toolchain::Debian(folder)))
}

/// Removes what this checkout has built with another standard library. Cargo knows a compiler by its
/// version alone and would take it for its own.
fn forget_other_libraries(folder: &Path) -> Result<()> {
    let mark = target()?.join("cross");
    let made_with = folder.file_name().unwrap_or_default().to_string_lossy();
    if fs::read_to_string(&mark).is_ok_and(|mark| mark == made_with) {
        return Ok(());
    }
    for target_triple in TARGETS {
        remove(&target()?.join(target_triple))?;
    }
    fs::write(mark, made_with.as_bytes())?;
    Ok(())
}

/// Removes a folder that may not be there.
fn remove(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| folder.display().to_string())
        }
        _ => Ok(()),
    }
}

/// Debian's cargo and rustc from `root`, with nothing of the machine's own toolchain in their way.
fn debian_cargo(root: &Path) -> Command {
    let bin = root.join("usr/bin");
    let mut path = vec![bin.clone()];
    path.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    let mut cargo = command(bin.join("cargo"));
    cargo
        .env("RUSTC", root.join("rustc"))
        .env("LD_LIBRARY_PATH", root.join("usr/lib/x86_64-linux-gnu"))
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", WINDOWS_LINKER)
        .env(
            "CARGO_TARGET_X86_64_WIN7_WINDOWS_GNU_LINKER",
            WINDOWS_LINKER,
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
    let compiler = package.join("compiler");
    write_program(&compiler, COMPILER)?;
    let for_targets = |targets: &[&str]| {
        let mut build = debian_cargo(root);
        build
            .current_dir(&package)
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTC_WRAPPER", &compiler)
            .env("CARGO_TARGET_DIR", package.join("target"))
            .args(["build", "--quiet", "--release"])
            .arg("-Zbuild-std=std,panic_abort,panic_unwind,test,proc_macro");
        for target in targets {
            build.args(["--target", target]);
        }
        build
    };
    // Cargo leaves LLVM's own code out of what it builds without link-time optimisation. In one piece
    // each, as rustup's are: less work, and the faster library.
    run(for_targets(&[WINDOWS, WINDOWS_7])
        .env("RUSTFLAGS", "-Cembed-bitcode=yes")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "1"))?;
    // Code for it is only checked; that of the library is never run.
    run(for_targets(&[MACOS]).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0"))?;

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

fn write_program(path: &Path, script: &str) -> Result<()> {
    fs::write(path, script)?;
    run(command("chmod").arg("+x").arg(path))
}

fn libraries(sysroot: &Path, target: &str) -> PathBuf {
    sysroot.join("lib/rustlib").join(target).join("lib")
}
