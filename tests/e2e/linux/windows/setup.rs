//! The set-up program for Windows, from a silent installation to the last trace of it.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use serde_json::Value;

use crate::{
    linux::rig::own_windows::OwnWindows,
    programs::{Run, account, outcome},
    rig::{
        mail_server::{MailServer, Stage},
        wait::{self, SOON},
    },
};

const LISTED: &str = r"HKLM\Software\Microsoft\Windows\CurrentVersion\Uninstall\Dequeue";
const KEYS: [&str; 5] = [
    LISTED,
    r"HKLM\Software\Dequeue",
    r"HKLM\Software\Classes\AppUserModelId\Dequeue.Tray",
    r"HKLM\Software\Microsoft\Windows\CurrentVersion\App Paths\dequeue.exe",
    r"HKLM\System\CurrentControlSet\Services\EventLog\Application\Dequeue",
];
const PROGRAMS: &str = "Program Files/Dequeue";
const SHORTCUT: &str = "ProgramData/Microsoft/Windows/Start Menu/Programs/Dequeue.lnk";
const DATA: &str = "ProgramData/Dequeue";
/// What stands at the end of each program in the tests' packages in place of a signature.
const SIGNATURE: &[u8] = b"signed";
/// How it exits where the settings that it is given do not exist.
const NO_SUCH_FILE: i32 = 64;

/// The package with this ending that `cargo xtask test` has made.
fn package(ending: &str) -> PathBuf {
    let folder = env::var_os("DEQUEUE_TEST_PACKAGES")
        .map(PathBuf::from)
        .expect("the packages; `cargo xtask test` makes them");
    let mut files = fs::read_dir(folder).unwrap().flatten().map(|it| it.path());
    let package = files.find(|it| it.to_string_lossy().ends_with(ending));
    package.unwrap_or_else(|| panic!("no package {ending}"))
}

fn setup() -> PathBuf {
    package("-windows-setup.exe")
}

/// The programs that it has installed.
struct Installed<'a>(&'a OwnWindows);

impl Installed<'_> {
    fn folder(&self) -> PathBuf {
        self.0.drive().join(PROGRAMS)
    }

    fn dequeue(&self, arguments: &[&str]) -> Run {
        self.0.run(&self.folder().join("dequeue.exe"), arguments)
    }

    fn pokes(&self, account: &str) -> Vec<Value> {
        let history = self.dequeue(&["history", account, "--json"]);
        if history.status == 0 {
            history.objects()
        } else {
            Vec::new()
        }
    }

    fn wait_for_pokes(&self, account: &str, count: usize) -> Vec<Value> {
        wait::until(&format!("{count} pokes of {account}"), SOON, || {
            Some(self.pokes(account)).filter(|pokes| pokes.len() >= count)
        })
    }

    /// Uninstalls, and waits until that is done: the uninstaller goes on as a copy of itself, so that
    /// its file can go.
    fn uninstall(&self, options: &[&str]) {
        let run = self.0.run(
            &self.folder().join("uninstall.exe"),
            &[&["/S"], options].concat(),
        );
        assert_eq!(run.status, 0, "{run:?}");
        wait::until("the end of the uninstallation", SOON, || {
            (!self.folder().exists()).then_some(())
        });
    }
}

#[test]
fn it_comes_pokes_is_upgraded_and_goes() {
    let windows = OwnWindows::new();
    let installed = Installed(&windows);
    let provider = MailServer::up();
    let lines = "method = \"signal\"\nevery = \"1h\"";
    let settings = format!(
        "version = 1\n{}",
        account("vevida", provider.address(), lines)
    );
    // The blank, as PowerShell passes it on.
    fs::write(windows.drive().join("office settings.toml"), settings).unwrap();

    let missing = windows.run(&setup(), &["/S", r"/SETTINGS=C:\nowhere.toml"]);
    assert_eq!(missing.status, NO_SUCH_FILE, "{missing:?}");
    assert!(!installed.folder().exists());

    let run = windows.run(&setup(), &["/S", r"/SETTINGS=C:\office settings.toml"]);
    let log = fs::read(installed.folder().join("setup.log")).unwrap_or_default();
    assert_eq!(run.status, 0, "{run:?} {}", String::from_utf8_lossy(&log));
    for key in KEYS {
        assert!(windows.has_key(key), "{key}");
    }
    assert!(windows.drive().join(SHORTCUT).is_file());
    let programs = ["dequeue.exe", "dequeue-tray.exe", "uninstall.exe"];
    for program in programs.map(|name| installed.folder().join(name)) {
        is_signed(&program);
    }
    is_signed(&setup());
    let service = windows.run(Path::new("sc.exe"), &["query", "Dequeue"]);
    assert!(service.out.contains("RUNNING"), "{service:?}");
    // What was set on the command line is in force, and it is the service that pokes.
    installed.wait_for_pokes("vevida", 1);
    assert!(windows.drive().join(DATA).join("settings.toml").is_file());

    // Once more, as an upgrade and a repair are, in the middle of a poke whose program is watched; and as it
    // was set the last time.
    provider.hold_up(Stage::Greeting);
    let visits = provider.visits().len();
    let program = installed.folder().join("dequeue.exe");
    let poke = windows
        .command(&program, &["poke", "vevida"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let mut poke = poke.unwrap();
    wait::until("a poke under way", SOON, || {
        (provider.visits().len() > visits).then_some(())
    });
    fs::remove_file(installed.folder().join("THIRD-PARTY.txt")).unwrap();
    let run = windows.run(&setup(), &["/S"]);
    assert_eq!(run.status, 0, "{run:?}");
    provider.release();
    // Nobody goes on in the place of the service that was stopped.
    let poke = poke.wait().unwrap();
    assert!(!poke.success(), "{poke}");
    assert!(installed.folder().join("THIRD-PARTY.txt").is_file());
    // What there is of that poke is kept, and the new one pokes.
    let pokes = installed.wait_for_pokes("vevida", 2);
    let interrupted = ("unknown", "interrupted");
    assert!(
        pokes.iter().any(|it| outcome(it) == interrupted),
        "{pokes:#?}"
    );
    let poke = installed.dequeue(&["poke", "vevida"]);
    assert_eq!(poke.status, 0, "{poke:?}");
    installed.wait_for_pokes("vevida", 3);

    installed.uninstall(&[]);
    for key in KEYS {
        assert!(!windows.has_key(key), "{key}");
    }
    assert!(!windows.drive().join(SHORTCUT).exists());
    let service = windows.run(Path::new("sc.exe"), &["query", "Dequeue"]);
    assert_ne!(service.status, 0, "{service:?}");
    assert!(windows.drive().join(DATA).join("settings.toml").is_file());

    let run = windows.run(&setup(), &["/S"]);
    assert_eq!(run.status, 0, "{run:?}");
    installed.wait_for_pokes("vevida", 3);
    installed.uninstall(&["/PURGE"]);
    assert!(!windows.drive().join(DATA).exists());
}

fn is_signed(program: &Path) {
    let ends = fs::read(program).unwrap().ends_with(SIGNATURE);
    assert!(ends, "{} is not signed", program.display());
}

/// From a stick, as somebody without the rights for a set-up has it.
#[test]
fn the_portable_folder_keeps_all_beside_its_programs() {
    let windows = OwnWindows::new();
    let provider = MailServer::up();
    let stick = windows.drive().join("my stick");
    fs::create_dir(&stick).unwrap();
    let unpacked = Command::new("unzip")
        .arg("-q")
        .arg(package("-windows-portable.zip"))
        .arg("-d")
        .arg(&stick)
        .status();
    assert!(unpacked.unwrap().success());
    let folder = stick.join("Dequeue");
    let before = all_files(&windows.drive());
    let dequeue = |arguments: &[&str]| windows.run(&folder.join("dequeue.exe"), arguments);

    let address = provider.address();
    let (host, port) = (address.ip().to_string(), address.port().to_string());
    let added = dequeue(&[
        "account", "add", "vevida", "--host", &host, "--port", &port, "--method", "signal",
    ]);
    assert_eq!(added.status, 0, "{added:?}");
    let poke = dequeue(&["poke", "vevida"]);
    assert_eq!(poke.status, 0, "{poke:?}");
    assert_eq!(provider.visits().len(), 1);
    let history = dequeue(&["history", "vevida", "--json"]).objects();
    assert_eq!(outcome(&history[0]).0, "signalled", "{history:#?}");

    // Carried elsewhere, it is as it was.
    let carried = windows.drive().join("elsewhere");
    fs::rename(&folder, &carried).unwrap();
    let again = windows.run(
        &carried.join("dequeue.exe"),
        &["history", "vevida", "--json"],
    );
    assert_eq!(again.objects(), history);
    fs::rename(&carried, &folder).unwrap();
    let is_elsewhere = |file: &PathBuf| !file.starts_with(folder.join("data"));
    let mut made: Vec<PathBuf> = all_files(&windows.drive())
        .into_iter()
        .filter(is_elsewhere)
        .collect();
    made.retain(|file| !before.contains(file));
    assert!(made.is_empty(), "{made:#?}");
}

/// All files below a folder, whose links are not followed.
fn all_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            files.extend(all_files(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files
}
