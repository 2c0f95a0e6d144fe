//! The account's secret in a real keyring: GNOME's, under a session bus of its own.
//!
//! A test here starts the bus, and itself once more with that bus in its environment: the part
//! that is `ignored` outside.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    os::unix::net::UnixListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use dequeue_api::Paths;
use dequeue_core::{secret_fault::SecretFault, settings::secret_source::SecretSource};
use dequeue_engine::secrets::{Kept, Secrets};
use dequeue_smtp::Secret;
use secret_service::{EncryptionType, SecretService};

use crate::log;

const FOLDER: &str = "DEQUEUE_TEST_FOLDER";
const BUS: &str = "DBUS_SESSION_BUS_ADDRESS";
const PASSWORD: &str = "correct horse battery staple";

/// How the bus starts the keyring when it is asked for.
const UNLOCKED: &str = "--unlock";
/// As on a machine that nobody has ever logged on to.
const WITHOUT_LOGIN: &str = "";

/// A session bus, which starts the keyring when it is asked for. Both end with it.
struct Session {
    bus: Child,
    address: String,
    folder: PathBuf,
}

impl Session {
    fn start(folder: &Path, keyring: Option<&str>) -> Self {
        let at = |name: &str| folder.join(name).display().to_string();
        if let Some(mode) = keyring {
            fs::create_dir_all(folder.join("services")).unwrap();
            fs::write(folder.join("password"), "of the keyring").unwrap();
            let daemon = "exec gnome-keyring-daemon --foreground --components=secrets";
            let start = format!(
                "echo $$ > {}\n{daemon} --control-directory={} {mode} < {} > {} 2>&1\n",
                at("pid"),
                at("control"),
                at("password"),
                at("daemon.log"),
            );
            fs::write(folder.join("start"), start).unwrap();
            let service = format!(
                "[D-BUS Service]\nName=org.freedesktop.secrets\nExec=/bin/sh {}\n",
                at("start"),
            );
            fs::write(folder.join("services/secrets.service"), service).unwrap();
        }
        let configuration = format!(
            "<busconfig><type>session</type><listen>unix:dir={}</listen><servicedir>{}</servicedir>\
             <policy context='default'><allow eavesdrop='true'/>\
             <allow send_destination='*' eavesdrop='true'/><allow own='*'/></policy>\
             </busconfig>",
            folder.display(),
            at("services"),
        );
        fs::write(folder.join("bus.conf"), configuration).unwrap();
        let mut bus = Command::new("dbus-daemon")
            .args(["--nofork", "--print-address=1", "--config-file"])
            .arg(folder.join("bus.conf"))
            .env("HOME", folder)
            .env("XDG_DATA_HOME", folder.join("share"))
            .env("XDG_RUNTIME_DIR", folder)
            .env_remove("DISPLAY")
            .stdout(Stdio::piped())
            .stderr(fs::File::create(folder.join("bus.log")).unwrap())
            .spawn()
            .expect("dbus-daemon; `cargo xtask test` installs it");
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap())
            .read_line(&mut address)
            .unwrap();
        Self {
            bus,
            address: address.trim().to_owned(),
            folder: folder.to_owned(),
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let keyring = fs::read_to_string(self.folder.join("pid")).unwrap_or_default();
        if let Some(pid) = keyring
            .trim()
            .parse()
            .ok()
            .and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
        }
        let _ = self.bus.kill();
        let _ = self.bus.wait();
        let _ = fs::remove_file(self.folder.join("pid"));
    }
}

/// Runs an ignored test of this file with the bus at this address. Nothing that it says holds a
/// secret.
fn within(address: &str, folder: &Path, test: &str) {
    let ended = Command::new(env::current_exe().unwrap())
        .arg(format!("keyring::{test}"))
        .args(["--exact", "--ignored", "--nocapture"])
        .env(BUS, address)
        .env(FOLDER, folder)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stdout) + String::from_utf8_lossy(&ended.stderr);
    let daemon = fs::read_to_string(folder.join("daemon.log")).unwrap_or_default();
    assert!(ended.status.success(), "{said}\n{daemon}");
    assert!(said.contains("1 passed"), "{said}");
    assert!(!said.contains(PASSWORD) && !daemon.contains(PASSWORD));
}

fn home() -> PathBuf {
    env::var_os(FOLDER)
        .expect("runs inside another test")
        .into()
}

fn secrets() -> Secrets {
    Secrets::new(&Paths::in_folder(&home().join("data")))
}

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

async fn get(account: &str, source: &SecretSource) -> Result<String, SecretFault> {
    let found = secrets().get(account, source).await;
    found.map(|secret| secret.expose().to_owned())
}

fn not_set(account: &str) -> SecretFault {
    SecretFault::NotSet {
        account: account.to_owned(),
    }
}

fn not_set_no_keyring(account: &str) -> SecretFault {
    SecretFault::NotSetNoKeyring {
        account: account.to_owned(),
    }
}

fn files() -> Vec<PathBuf> {
    let Ok(inside) = fs::read_dir(home().join("data/secrets")) else {
        return Vec::new();
    };
    inside
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "secret"))
        .collect()
}

#[test]
fn the_keyring_keeps_secrets_and_forgets_them() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::start(folder.path(), Some(UNLOCKED));
    within(&session.address, folder.path(), "inside::keeps_and_forgets");
    // As after a restart of the machine.
    drop(session);
    let session = Session::start(folder.path(), Some(UNLOCKED));
    within(&session.address, folder.path(), "inside::still_there");
}

#[test]
fn a_locked_keyring_is_a_fault_and_never_a_prompt() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::start(folder.path(), Some(UNLOCKED));
    within(&session.address, folder.path(), "inside::locked");
}

#[test]
fn a_keyring_that_nobody_has_opened_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::start(folder.path(), Some(WITHOUT_LOGIN));
    within(&session.address, folder.path(), "inside::without_keyring");
}

#[test]
fn a_bus_without_a_keyring_is_none() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::start(folder.path(), None);
    within(&session.address, folder.path(), "inside::without_keyring");
}

#[test]
fn no_bus_is_no_keyring() {
    for address in ["unix:path=/no/such/socket", "autolaunch:", "nonsense"] {
        let folder = tempfile::tempdir().unwrap();
        within(address, folder.path(), "inside::without_keyring");
    }
}

#[test]
fn a_bus_that_never_answers_is_no_keyring() {
    let folder = tempfile::tempdir().unwrap();
    let silent = folder.path().join("silent");
    let _listener = UnixListener::bind(&silent).unwrap();
    let address = format!("unix:path={}", silent.display());
    within(&address, folder.path(), "inside::silent");
}

#[test]
fn what_was_set_last_counts_wherever_it_went() {
    let folder = tempfile::tempdir().unwrap();
    let session = Session::start(folder.path(), Some(UNLOCKED));
    let nowhere = "unix:path=/no/such/socket";
    within(&session.address, folder.path(), "inside::set_old");
    within(nowhere, folder.path(), "inside::set_new_without_keyring");
    within(
        &session.address,
        folder.path(),
        "inside::new_counts_and_moves",
    );
}

mod inside {
    use super::*;

    #[tokio::test]
    #[ignore = "runs inside another test"]
    async fn keeps_and_forgets() {
        log::keep();
        let keyring = SecretSource::Keyring;
        for source in [SecretSource::Stored, SecretSource::Keyring] {
            assert_eq!(get("vevida", &source).await, Err(not_set("vevida")));
            assert_eq!(secrets().is_set("vevida", &source).await, Ok(false));
            for value in ["an older one", PASSWORD] {
                let kept = secrets().set("vevida", &source, &secret(value)).await;
                assert_eq!(kept, Ok(Kept::Keyring));
                assert_eq!(get("vevida", &source).await.unwrap(), value);
            }
            assert_eq!(secrets().is_set("vevida", &source).await, Ok(true));
            assert_eq!(get("Vevida", &source).await, Err(not_set("Vevida")));

            secrets()
                .set("other", &keyring, &secret("other"))
                .await
                .unwrap();
            secrets().rename("vevida", "other", &source).await.unwrap();
            assert_eq!(get("vevida", &source).await, Err(not_set("vevida")));
            assert_eq!(get("other", &source).await.unwrap(), PASSWORD);
            secrets().rename("vevida", "other", &source).await.unwrap();
            assert_eq!(get("other", &source).await, Err(not_set("other")));

            secrets()
                .set("gone", &source, &secret(PASSWORD))
                .await
                .unwrap();
            assert_eq!(secrets().clear("gone", &source).await, Ok(true));
            assert_eq!(secrets().clear("gone", &source).await, Ok(false));
        }
        let token = "x".repeat(20_000);
        secrets()
            .set("token", &keyring, &secret(&token))
            .await
            .unwrap();
        assert_eq!(get("token", &keyring).await.unwrap(), token);

        secrets()
            .set("kept", &keyring, &secret(PASSWORD))
            .await
            .unwrap();
        let elsewhere = Secrets::new(&Paths::in_folder(&home().join("elsewhere")));
        let fault = elsewhere.get("kept", &keyring).await.unwrap_err();
        assert_eq!(fault, not_set("kept"), "another installation's");
        assert_eq!(files(), Vec::<PathBuf>::new());

        let log = log::kept();
        assert!(log.contains("org.freedesktop.Secret"), "the bus was logged");
        assert!(!log.contains(PASSWORD) && !log.contains("an older one"));
        assert_eq!(processes_that_show(PASSWORD), Vec::<PathBuf>::new());
    }

    #[tokio::test]
    #[ignore = "runs inside another test"]
    async fn still_there() {
        assert_eq!(get("kept", &SecretSource::Keyring).await.unwrap(), PASSWORD);
        assert_eq!(get("kept", &SecretSource::Stored).await.unwrap(), PASSWORD);
    }

    #[tokio::test]
    #[ignore = "runs inside another test"]
    async fn locked() {
        let locked = SecretFault::KeyringLocked;
        secrets()
            .set("vevida", &SecretSource::Stored, &secret(PASSWORD))
            .await
            .unwrap();
        let service = SecretService::connect(EncryptionType::Plain).await.unwrap();
        service
            .get_default_collection()
            .await
            .unwrap()
            .lock()
            .await
            .unwrap();
        for source in [SecretSource::Stored, SecretSource::Keyring] {
            for account in ["vevida", "never set"] {
                assert_eq!(get(account, &source).await, Err(locked.clone()));
                let kept = secrets().set(account, &source, &secret("new")).await;
                assert_eq!(kept, Err(locked.clone()));
                let cleared = secrets().clear(account, &source).await;
                assert_eq!(cleared, Err(locked.clone()));
                let renamed = secrets().rename(account, "new", &source).await;
                assert_eq!(renamed, Err(locked.clone()));
            }
            assert_eq!(secrets().is_set("vevida", &source).await, Ok(true));
        }
        // What is in the file can be had all the same.
        secrets()
            .set("vevida", &SecretSource::File, &secret("in the file"))
            .await
            .unwrap();
        assert_eq!(
            get("vevida", &SecretSource::Stored).await.unwrap(),
            "in the file"
        );
    }

    #[tokio::test]
    #[ignore = "runs inside another test"]
    async fn without_keyring() {
        let unavailable = |fault: SecretFault| {
            assert!(
                matches!(fault, SecretFault::KeyringUnavailable { .. }),
                "{fault}"
            );
        };
        let keyring = SecretSource::Keyring;
        unavailable(get("vevida", &keyring).await.unwrap_err());
        unavailable(
            secrets()
                .set("vevida", &keyring, &secret(PASSWORD))
                .await
                .unwrap_err(),
        );
        unavailable(secrets().clear("vevida", &keyring).await.unwrap_err());
        unavailable(secrets().rename("vevida", "b", &keyring).await.unwrap_err());

        let stored = SecretSource::Stored;
        assert_eq!(
            get("vevida", &stored).await,
            Err(not_set_no_keyring("vevida"))
        );
        assert_eq!(secrets().is_set("vevida", &stored).await, Ok(false));
        let kept = secrets().set("vevida", &stored, &secret(PASSWORD)).await;
        assert_eq!(kept, Ok(Kept::File));
        assert_eq!(get("vevida", &stored).await.unwrap(), PASSWORD);
        secrets().rename("vevida", "other", &stored).await.unwrap();
        assert_eq!(get("other", &SecretSource::File).await.unwrap(), PASSWORD);
        assert_eq!(secrets().clear("other", &stored).await, Ok(true));
        assert_eq!(secrets().clear("other", &stored).await, Ok(false));
        assert_eq!(files(), Vec::<PathBuf>::new());
    }

    #[tokio::test(start_paused = true)]
    #[ignore = "runs inside another test"]
    async fn silent() {
        let fault = get("vevida", &SecretSource::Keyring).await.unwrap_err();
        assert!(
            matches!(fault, SecretFault::KeyringUnavailable { .. }),
            "{fault}"
        );
        let fault = get("vevida", &SecretSource::Stored).await.unwrap_err();
        assert_eq!(fault, not_set_no_keyring("vevida"));
    }

    #[tokio::test]
    #[ignore = "runs inside another test"]
    async fn set_old() {
        let kept = secrets()
            .set("vevida", &SecretSource::Stored, &secret("old"))
            .await;
        assert_eq!(kept, Ok(Kept::Keyring));
    }

    #[tokio::test]
    #[ignore = "runs inside another test"]
    async fn set_new_without_keyring() {
        let kept = secrets()
            .set("vevida", &SecretSource::Stored, &secret("new"))
            .await;
        assert_eq!(kept, Ok(Kept::File));
    }

    #[tokio::test]
    #[ignore = "runs inside another test"]
    async fn new_counts_and_moves() {
        let stored = SecretSource::Stored;
        assert_eq!(get("vevida", &stored).await.unwrap(), "new");
        let kept = secrets().set("vevida", &stored, &secret("newest")).await;
        assert_eq!(kept, Ok(Kept::Keyring));
        assert_eq!(files(), Vec::<PathBuf>::new());
        assert_eq!(get("vevida", &stored).await.unwrap(), "newest");
        assert_eq!(secrets().clear("vevida", &stored).await, Ok(true));
        assert_eq!(get("vevida", &stored).await, Err(not_set("vevida")));
    }
}

/// The arguments and environments on this machine in which this text is.
fn processes_that_show(text: &str) -> Vec<PathBuf> {
    let mut seen = 0;
    let mut showing = Vec::new();
    for process in fs::read_dir("/proc").unwrap() {
        for part in ["cmdline", "environ"] {
            let path = process.as_ref().unwrap().path().join(part);
            let Ok(bytes) = fs::read(&path) else { continue };
            seen += 1;
            if String::from_utf8_lossy(&bytes).contains(text) {
                showing.push(path);
            }
        }
    }
    assert!(seen >= 6, "ours, the bus and the keyring at the least");
    showing
}
