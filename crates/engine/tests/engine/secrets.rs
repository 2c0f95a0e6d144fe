//! What only a whole process shows of secrets: that none is lost when it is killed, and that none
//! comes out through the log, a fault or the list of processes.

use std::{
    env, fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
};

use dequeue_api::Paths;
use dequeue_core::{Text, settings::secret_source::SecretSource};
use dequeue_engine::secrets::Secrets;
use dequeue_smtp::Secret;

use crate::log;

const FOLDER: &str = "DEQUEUE_TEST_FOLDER";
const PASSWORD: &str = "correct horse battery staple";

#[tokio::test]
async fn a_killed_writer_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let secrets = Secrets::new(&Paths::in_folder(folder.path()));
    for kill in 0..30 {
        let mut writer = Command::new(env::current_exe().unwrap())
            .args([
                "secrets::writes_without_end",
                "--exact",
                "--ignored",
                "--nocapture",
            ])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut acknowledged = 0;
        for line in BufReader::new(writer.stdout.take().unwrap()).lines() {
            if let Some(number) = line.unwrap().strip_prefix("kept ") {
                acknowledged = number.parse().unwrap();
            }
            // Somewhere in the middle of the next ones.
            if acknowledged > kill % 7 {
                writer.kill().unwrap();
            }
        }
        writer.wait().unwrap();
        let found = secrets.get("a", &SecretSource::File).await.unwrap();
        let number: u32 = found.expose().trim_start_matches('.').parse().unwrap();
        assert!(number >= acknowledged, "{number} of {acknowledged}");
        assert_eq!(found.expose().len(), 5000, "a whole one");
    }
}

#[tokio::test]
#[ignore = "runs inside another test, and is killed"]
async fn writes_without_end() {
    let folder = env::var_os(FOLDER).expect("runs inside another test");
    let secrets = Secrets::new(&Paths::in_folder(Path::new(&folder)));
    for number in 0.. {
        let secret = Secret::from(format!("{number:.>5000}"));
        secrets
            .set("a", &SecretSource::File, &secret)
            .await
            .unwrap();
        println!("\nkept {number}");
    }
}

#[tokio::test]
async fn no_secret_is_shown_anywhere() {
    log::keep();
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let secrets = Secrets::new(&Paths::in_folder(folder.path()));
    let secret = Secret::from(PASSWORD.to_owned());
    secrets
        .set("a", &SecretSource::File, &secret)
        .await
        .unwrap();
    let file = fs::read_dir(folder.path().join("secrets"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "secret"))
        .unwrap();

    let write = |name: &str, body: String| {
        fs::write(folder.path().join(name), body).unwrap();
        SecretSource::Command(format!("/bin/sh {}", at(name)))
    };
    let file = file.display();
    // Looks at all processes while it runs, and complains of what it prints.
    let good = write(
        "good",
        format!(
            "cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ > {} 2>/dev/null\n\
             cat {file}\ncat {file} >&2\necho complaint >&2",
            at("processes"),
        ),
    );
    let bad = write("bad", format!("cat {file}\ncat {file} >&2\nexit 1"));
    let garbled = write("garbled", format!("cat {file}; printf '\\0'"));

    let mut shown = format!("{secrets:?} {secret:?}");
    for source in [SecretSource::File, good, bad, garbled] {
        let found = secrets.get("a", &source).await;
        shown += &format!("{source} {source:?} {found:?}");
        if let Err(fault) = found {
            shown += &format!("{fault} {}", fault.sentence(&Text::for_language("en")));
        }
    }
    // The password as the setting, by mistake.
    let mistaken = PASSWORD.parse::<SecretSource>().unwrap_err();
    shown += &format!("{mistaken} {mistaken:?}");
    assert!(!shown.contains(PASSWORD), "{shown}");

    let log = log::kept();
    assert!(log.contains("complaint"), "the command was logged: {log}");
    assert!(!log.contains(PASSWORD), "{log}");
    let processes = fs::read(at("processes")).unwrap();
    let processes = String::from_utf8_lossy(&processes);
    assert!(
        processes.contains(&at("good")),
        "the command itself is there"
    );
    assert!(!processes.contains(PASSWORD));
}
