//! Windows, in Wine. Where `DEQUEUE_TEST_WINE` names the folder of its Windows, the command line
//! that is tested is `dequeue.exe`: the same tests, the same servers, and on this side the same
//! paths, since Wine's drive Z: is this system's `/`.

use std::{
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

const VARIABLE: &str = "DEQUEUE_TEST_WINE";
/// Debian puts it nowhere on PATH.
const LOADER: &str = "/usr/lib/wine/wine64";
/// The name of the loader, and so of every program of Windows' here.
pub const NAME: &str = "wine64";

/// The files of a registry.
const REGISTRY: [&str; 3] = ["system.reg", "user.reg", "userdef.reg"];
/// What ends all that runs in a Windows.
const SERVER: &str = "/usr/lib/wine/wineserver64";

/// The Windows of a test's own, in place of the one that is shared.
static OWN: OnceLock<PathBuf> = OnceLock::new();
/// Which Windows' programs are tested, where it is not [`WINDOWS_10`].
static TARGET: OnceLock<&str> = OnceLock::new();

/// The target for Windows 10 and later.
const WINDOWS_10: &str = "x86_64-pc-windows-gnu";
/// The one for Windows 7 and later.
const WINDOWS_7: &str = "x86_64-win7-windows-gnu";

fn folder() -> Option<OsString> {
    let shared = || std::env::var_os(VARIABLE);
    OWN.get().map(|own| own.clone().into()).or_else(shared)
}

/// The folder of the Windows that all tests share.
///
/// # Panics
/// When there is none.
pub fn shared() -> PathBuf {
    let shared = std::env::var_os(VARIABLE);
    shared.expect("a test of Windows' command line").into()
}

/// Makes a Windows of a test's own out of the shared one: the same files, of which Wine writes each anew but
/// those of the registry. Into these it writes where they have several names (`save_branch` in its
/// server/registry.c), so they are copies.
///
/// # Panics
/// When there is none.
pub fn copy(own: &Path) {
    let shared = shared();
    let copied = |how: &str| {
        let mut copy = Command::new("cp");
        copy.arg(how).arg(&shared).arg(own).stderr(Stdio::null());
        copy.status().expect("cp can be run").success()
    };
    if !copied("-al") {
        // On another disk.
        let _ = fs::remove_dir_all(own);
        assert!(copied("-a"), "{shared:?} cannot be copied");
    }
    for name in REGISTRY {
        let registry = own.join(name);
        fs::remove_file(&registry).expect("a registry");
        fs::copy(shared.join(name), &registry).expect("a copy of the registry");
    }
}

/// From now on the programs of this test run there.
pub fn run_in(own: &Path) {
    OWN.set(own.to_owned()).expect("one Windows for a test");
}

/// From now on this test is of the programs for Windows 7. Makes a Windows such a one: its version, and
/// without the library that only later ones have.
///
/// # Panics
/// When it cannot be made so.
pub fn be_seven(own: &Path) {
    TARGET
        .set(WINDOWS_7)
        .expect("one kind of programs for a test");
    let library = "drive_c/windows/system32/bcryptprimitives.dll";
    fs::remove_file(own.join(library)).expect("the library");
    let key = r"HKCU\Software\Wine";
    let status = Command::new(LOADER)
        .args(["reg.exe", "add", key, "/v", "Version", "/d", "win7", "/f"])
        .env("WINEPREFIX", own)
        .env("WINEDEBUG", "-all")
        .env_remove("DISPLAY")
        .stdout(Stdio::null())
        .status();
    assert!(status.expect("Wine can be run").success());
}

/// Ends all that runs in a Windows.
pub fn end(own: &Path) {
    let mut server = Command::new(SERVER);
    for how in ["--kill", "--wait"] {
        let _ = server.arg(how).env("WINEPREFIX", own).status();
        server = Command::new(SERVER);
    }
}

/// Whether Windows' command line is to be tested.
pub fn is_asked_for() -> bool {
    std::env::var_os(VARIABLE).is_some()
}

/// A program of Windows', built beside this system's.
///
/// # Panics
/// When it has not been built.
pub fn built(name: &str) -> PathBuf {
    let target = TARGET.get().unwrap_or(&WINDOWS_10);
    let own = Path::new(env!("CARGO_BIN_EXE_dequeue"));
    let folder = own.ancestors().nth(2).expect("the target folder");
    let program = folder.join(target).join(format!("debug/{name}.exe"));
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
    let Some(windows) = folder() else {
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
