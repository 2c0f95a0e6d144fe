//! Links libgcc's unwinder into the program, where the system has it as a static library (Linux with
//! GNU's C library). One shared library less is loaded: a poke by host, which lives for some
//! milliseconds, spends a twentieth of its instructions on that alone.

use std::{env, path::Path, process::Command};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| env::var(name).is_ok_and(|it| it == value);
    let is_native = env::var("HOST") == env::var("TARGET");
    let is_gnu = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if !is_native || !is_gnu || !is("PROFILE", "release") {
        return;
    }
    let Ok(found) = (Command::new("cc").arg("-print-file-name=libgcc_eh.a")).output() else {
        return;
    };
    let library = String::from_utf8_lossy(&found.stdout);
    let Some(folder) = Path::new(library.trim()).parent() else {
        return;
    };
    // A compiler that does not have it gives the bare name.
    if folder.is_absolute() {
        println!("cargo::rustc-link-search=native={}", folder.display());
        // Whole, since the standard library, which needs it, comes later on the linker's line.
        println!("cargo::rustc-link-lib=static:+whole-archive,-bundle=gcc_eh");
    }
}
