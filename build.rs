//! Of the command line and the tray, for Windows: icon, version and manifest in the program.
//!
//! For Linux with GNU's C library: links libgcc's unwinder into the program, where the system has it
//! as a static library. One shared library less is loaded: a poke by host, which lives for some
//! milliseconds, spends a twentieth of its instructions on that alone.

use std::{
    env,
    error::Error,
    path::{Path, PathBuf},
    process::Command,
};

use winresource::WindowsResource;

/// Of mingw-w64, where the program is not built on Windows itself.
const TOOLS: &str = "x86_64-w64-mingw32-";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    if is("CARGO_CFG_TARGET_OS", "windows") {
        add_resources()?;
    }
    let is_native = env::var("HOST") == env::var("TARGET");
    let is_gnu = is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu");
    if is_native && is_gnu && is("PROFILE", "release") {
        link_unwinder();
    }
    Ok(())
}

fn is(name: &str, value: &str) -> bool {
    env::var(name).is_ok_and(|it| it == value)
}

fn add_resources() -> Result<(), Box<dyn Error>> {
    // This file serves two packages.
    let package = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let icons = (package.ancestors().map(|folder| folder.join("icons")))
        .find(|folder| folder.is_dir())
        .ok_or("no folder `icons` at or above the package")?;
    let mut resource = WindowsResource::new();
    if !cfg!(windows) && is("CARGO_CFG_TARGET_ENV", "gnu") {
        // It does not know Windows 7's target.
        resource.set_windres_path(&format!("{TOOLS}windres"));
        resource.set_ar_path(&format!("{TOOLS}ar"));
    }
    let text = |file: &Path| {
        println!("cargo::rerun-if-changed={}", file.display());
        file.to_str()
            .map(str::to_owned)
            .ok_or("a path that is not UTF-8")
    };
    resource
        .set_icon(&text(&icons.join("icon.ico"))?)
        .set_manifest_file(&text(&icons.join("program.manifest"))?)
        .set("ProductName", "Dequeue")
        // What Windows shows as the program's name, in the task manager and its settings.
        .set("FileDescription", name_of(&env::var("CARGO_PKG_NAME")?))
        .set("CompanyName", &env::var("CARGO_PKG_AUTHORS")?)
        .set("LegalCopyright", "MIT or Apache-2.0")
        .set(
            "OriginalFilename",
            &format!("{}.exe", env::var("CARGO_PKG_NAME")?),
        );
    resource.compile()?;
    Ok(())
}

fn name_of(package: &str) -> &str {
    match package {
        "dequeue" => "Dequeue (command line)",
        "dequeue-tray" => "Dequeue",
        other => other,
    }
}

fn link_unwinder() {
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
