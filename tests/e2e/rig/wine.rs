//! Windows, in Wine. Where `DEQUEUE_TEST_WINE` names the folder of its Windows, the command line
//! that is tested is `dequeue.exe`: the same tests, the same servers, and on this side the same
//! paths, since Wine's drive Z: is this system's `/`.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

const VARIABLE: &str = "DEQUEUE_TEST_WINE";
/// Debian puts it nowhere on PATH.
const LOADER: &str = "/usr/lib/wine/wine64";
/// The name of the loader, and so of every program of Windows' here.
pub const NAME: &str = "wine64";

/// Whether Windows' command line is to be tested.
pub fn is_asked_for() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// Windows' command line, built beside this system's.
///
/// # Panics
/// When it has not been built.
pub fn built_beside(own: &Path) -> PathBuf {
    let target = own.ancestors().nth(2).expect("the target folder");
    let program = target.join("x86_64-pc-windows-gnu/debug/dequeue.exe");
    assert!(
        program.is_file(),
        "this test needs {}; `cargo xtask test` makes it",
        program.display()
    );
    program
}

/// A command of a program of this system, or of Windows where that is asked for.
///
/// # Panics
/// When Wine or its Windows is not there.
pub fn command(program: &Path) -> Command {
    let Some(windows) = std::env::var_os(VARIABLE) else {
        return Command::new(program);
    };
    assert!(
        Path::new(LOADER).exists() && Path::new(&windows).join("drive_c/windows").exists(),
        "this test needs Wine, and a Windows in the folder that {VARIABLE} names; \
         `cargo xtask setup` makes both"
    );
    let mut command = Command::new(LOADER);
    command
        .arg(program)
        .env("WINEPREFIX", windows)
        .env("WINEDEBUG", "-all")
        // Paths that begin with / are those of the drive of the folder that it starts in.
        .current_dir("/");
    command
}

/// A path of this system as Windows' programs write it.
pub fn path(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', "\\")
}
