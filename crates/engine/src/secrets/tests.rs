//! Every source but the keyring, which needs a bus of its own (`tests/keyring.rs`).

use std::fs;

use dequeue_core::{
    Text,
    secret_fault::SecretFault,
    settings::{fault::SourceFault, secret_source::ShownSource},
};
use tempfile::TempDir;

use super::*;

fn installation() -> (TempDir, Secrets) {
    let folder = tempfile::tempdir().unwrap();
    let secrets = Secrets::new(&Paths::in_folder(folder.path()));
    (folder, secrets)
}

fn source(text: &str) -> SecretSource {
    text.parse().unwrap()
}

fn shown(text: &str) -> ShownSource {
    (&source(text)).into()
}

fn secret(text: &str) -> Secret {
    Secret::from(text.to_owned())
}

/// The secret, which a test may see, or the fault.
async fn get(secrets: &Secrets, text: &str) -> Result<String, SecretFault> {
    let found = secrets.get("vevida", &source(text)).await;
    found.map(|secret| secret.expose().to_owned())
}

#[test]
fn the_setting_comes_back_as_it_was_written() {
    for (text, expected) in [
        ("stored", SecretSource::Stored),
        ("keyring", SecretSource::Keyring),
        ("file", SecretSource::File),
        (
            "file:/etc/dequeue/a b",
            SecretSource::PathFile("/etc/dequeue/a b".into()),
        ),
        (
            r"file:C:\keys\a",
            SecretSource::PathFile(r"C:\keys\a".into()),
        ),
        ("env:PROVIDER", SecretSource::Env("PROVIDER".to_owned())),
        (
            "command:pass 'a: b'",
            SecretSource::Command("pass 'a: b'".to_owned()),
        ),
    ] {
        assert_eq!(text.parse(), Ok(expected.clone()));
        assert_eq!(expected.to_string(), text);
        assert_eq!(
            format!(" {} ", text.replacen(':', ": ", 1)).parse(),
            Ok(expected)
        );
    }
}

#[test]
fn what_is_no_source() {
    for (text, fault) in [
        ("", SourceFault::Unknown),
        ("hunter2", SourceFault::Unknown),
        ("hunter:2", SourceFault::Unknown),
        ("keyring:login", SourceFault::Unknown),
        ("env", SourceFault::Unknown),
        ("file:", SourceFault::NoPath),
        ("env: ", SourceFault::NoVariable),
        ("env:A=B", SourceFault::NoVariable),
        ("command:", SourceFault::NoProgram),
        #[cfg(unix)]
        ("command:''", SourceFault::NoProgram),
        #[cfg(windows)]
        ("command:\"\" a", SourceFault::NoProgram),
        ("command:\"pass a", SourceFault::OpenQuote),
    ] {
        assert_eq!(text.parse::<SecretSource>(), Err(fault), "{text}");
    }
}

#[test]
fn where_a_file_is() {
    let settings = Path::new("/etc/dequeue");
    let credentials = Path::new("/run/credentials/dequeue.service");
    for (path, given, expected) in [
        ("/k", None, Ok(("/k", false))),
        ("keys/k", None, Ok(("/etc/dequeue/keys/k", false))),
        ("/k", Some(credentials), Ok(("/k", false))),
        (
            "$CREDENTIALS_DIRECTORY/k",
            Some(credentials),
            Ok(("/run/credentials/dequeue.service/k", true)),
        ),
        (
            "/run/credentials/dequeue.service/k",
            Some(credentials),
            Ok(("/run/credentials/dequeue.service/k", true)),
        ),
        (
            "$CREDENTIALS_DIRECTORY/../k",
            Some(credentials),
            Ok(("/run/credentials/dequeue.service/../k", false)),
        ),
        ("$CREDENTIALS_DIRECTORY/k", None, Err(CREDENTIALS_VARIABLE)),
        ("$HOME/k", None, Ok(("/etc/dequeue/$HOME/k", false))),
    ] {
        let found = locate(Path::new(path), settings, given);
        let expected = expected
            .map(|(path, guarded)| (PathBuf::from(path), guarded))
            .map_err(|name| SecretFault::VariableMissing {
                name: name.to_owned(),
            });
        assert_eq!(found, expected, "{path}");
    }
}

#[test]
fn the_first_line_is_the_secret() {
    let long = "x".repeat(SECRET_OCTETS);
    let longer = format!("{long}x");
    let from = || shown("file");
    for (bytes, expected) in [
        ("open sesame".as_bytes(), Ok("open sesame")),
        (b"open sesame\n", Ok("open sesame")),
        (b"open sesame\r\nuser: me\r\n", Ok("open sesame")),
        (b" spaces count ", Ok(" spaces count ")),
        (b"\xef\xbb\xbfopen", Ok("open")),
        ("wachtwoord€".as_bytes(), Ok("wachtwoord€")),
        (long.as_bytes(), Ok(long.as_str())),
        (
            longer.as_bytes(),
            Err(SecretFault::TooLong { from: from() }),
        ),
        (b"", Err(SecretFault::Empty { from: from() })),
        (b"\r\nsecond", Err(SecretFault::Empty { from: from() })),
        (b"\xff\xfe", Err(SecretFault::NotText { from: from() })),
        (b"a\0b", Err(SecretFault::NotText { from: from() })),
        (b"a\rb", Err(SecretFault::NotText { from: from() })),
    ] {
        let found = first_line(bytes, &SecretSource::File).map(|secret| secret.expose().to_owned());
        assert_eq!(found, expected.map(str::to_owned));
    }
}

#[tokio::test]
async fn a_variable() {
    let (_folder, secrets) = installation();
    // Cargo sets it, and nextest.
    assert_eq!(
        get(&secrets, "env:CARGO_PKG_NAME").await.unwrap(),
        "dequeue-engine"
    );
    assert!(
        secrets
            .is_set("a", &source("env:CARGO_PKG_NAME"))
            .await
            .unwrap()
    );
    let name = "DEQUEUE_NO_SUCH_VARIABLE".to_owned();
    let missing = SecretSource::Env(name.clone());
    assert!(!secrets.is_set("a", &missing).await.unwrap());
    let fault = secrets.get("a", &missing).await.unwrap_err();
    assert_eq!(fault, SecretFault::VariableMissing { name });
}

#[tokio::test]
async fn the_protected_file() {
    let (folder, secrets) = installation();
    let file = SecretSource::File;
    // Names that no file can have, that are one to a file system, or too long for it.
    let names = [
        "vevida",
        "Vevida",
        "a/b",
        "../a",
        "CON",
        "vévida",
        &"漢".repeat(60),
        " ",
    ];
    for name in names {
        assert!(!secrets.is_set(name, &file).await.unwrap());
        let fault = secrets.get(name, &file).await.unwrap_err();
        assert_eq!(
            fault,
            SecretFault::NotSet {
                account: name.to_owned()
            }
        );
        for value in ["first", name] {
            let kept = secrets.set(name, &file, &secret(value)).await;
            assert_eq!(kept, Ok(Kept::File));
        }
    }
    for name in names {
        assert!(secrets.is_set(name, &file).await.unwrap());
        assert_eq!(secrets.get(name, &file).await.unwrap().expose(), name);
    }
    let inside: Vec<_> = fs::read_dir(folder.path().join("secrets"))
        .unwrap()
        .collect();
    assert_eq!(inside.len(), names.len() + 1, "a file each, and the lock");

    secrets.rename("vevida", "Vevida", &file).await.unwrap();
    secrets.rename("CON", "CON", &file).await.unwrap();
    assert_eq!(
        secrets.get("Vevida", &file).await.unwrap().expose(),
        "vevida"
    );
    assert_eq!(secrets.get("CON", &file).await.unwrap().expose(), "CON");
    assert!(!secrets.is_set("vevida", &file).await.unwrap());
    // An account without one takes the name of one with.
    secrets.rename("vevida", "a/b", &file).await.unwrap();
    assert!(!secrets.is_set("a/b", &file).await.unwrap());

    assert_eq!(secrets.clear("Vevida", &file).await, Ok(true));
    assert_eq!(secrets.clear("Vevida", &file).await, Ok(false));
    assert!(!secrets.is_set("Vevida", &file).await.unwrap());
}

#[tokio::test]
async fn what_cannot_be_a_secret_is_not_kept() {
    let (folder, secrets) = installation();
    for wrong in ["", "two\nlines", "nul\0", &"x".repeat(SECRET_OCTETS + 1)] {
        assert!(
            secrets
                .set("a", &SecretSource::File, &secret(wrong))
                .await
                .is_err()
        );
    }
    for elsewhere in ["env:A", "file:/p", "command:c"] {
        let from = shown(elsewhere);
        let elsewhere = source(elsewhere);
        let fault = Err(SecretFault::KeptElsewhere { from });
        assert_eq!(
            secrets.set("a", &elsewhere, &secret("s")).await,
            fault.clone()
        );
        assert_eq!(
            secrets.clear("a", &elsewhere).await,
            fault.map(|_: Kept| true)
        );
        assert_eq!(secrets.rename("a", "b", &elsewhere).await, Ok(()));
    }
    // Nothing was made on the way, nor by asking.
    assert_eq!(secrets.clear("a", &SecretSource::File).await, Ok(false));
    secrets.rename("a", "b", &SecretSource::File).await.unwrap();
    assert!(!secrets.is_set("a", &SecretSource::File).await.unwrap());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn writers_do_not_disturb_each_other() {
    let (_folder, secrets) = installation();
    let values: Vec<String> = (1..=8).map(|n| n.to_string().repeat(n * 1000)).collect();
    let mut writers = tokio::task::JoinSet::new();
    for value in values.clone() {
        let secrets = secrets.clone();
        writers.spawn(async move {
            for _ in 0..20 {
                let kept = secrets.set("a", &SecretSource::File, &secret(&value)).await;
                assert_eq!(kept, Ok(Kept::File));
                let found = secrets.get("a", &SecretSource::File).await.unwrap();
                assert!(found.expose().len().is_multiple_of(1000), "a whole one");
            }
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
    let last = secrets.get("a", &SecretSource::File).await.unwrap();
    assert!(values.iter().any(|value| value == last.expose()));
}

#[test]
fn every_fault_has_its_sentence() {
    let account = || "vevida".to_owned();
    let path = || PathBuf::from("/p");
    let error = || "broken".to_owned();
    let program = || "/bin/p".to_owned();
    let from = || shown("file");
    let faults = [
        SecretFault::NotSet { account: account() },
        SecretFault::NotSetNoKeyring { account: account() },
        SecretFault::KeyringUnavailable { error: error() },
        SecretFault::KeyringLocked,
        SecretFault::ServiceWithoutKeyring,
        SecretFault::TooLongForKeyring,
        SecretFault::FileMissing { path: path() },
        SecretFault::FileOpenToOthers { path: path() },
        SecretFault::FileOfAnother { path: path() },
        SecretFault::FileUnreadable {
            path: path(),
            error: error(),
        },
        SecretFault::FileUnwritable {
            path: path(),
            error: error(),
        },
        SecretFault::VariableMissing { name: account() },
        SecretFault::CommandLine(SourceFault::Unknown),
        SecretFault::CommandLine(SourceFault::NoPath),
        SecretFault::CommandLine(SourceFault::NoVariable),
        SecretFault::CommandLine(SourceFault::NoProgram),
        SecretFault::CommandLine(SourceFault::OpenQuote),
        SecretFault::CommandNotFound { program: program() },
        SecretFault::CommandNotStarted {
            program: program(),
            error: error(),
        },
        SecretFault::CommandFailed {
            program: program(),
            status: Some(7),
        },
        SecretFault::CommandFailed {
            program: program(),
            status: None,
        },
        SecretFault::CommandTimedOut {
            program: program(),
            seconds: COMMAND_LIMIT.as_secs(),
        },
        SecretFault::TooLong { from: from() },
        SecretFault::NotText { from: from() },
        SecretFault::Empty { from: from() },
        SecretFault::KeptElsewhere { from: from() },
    ];
    for language in dequeue_core::text::LANGUAGES {
        let text = Text::for_language(language);
        let mut sentences: Vec<String> = faults.iter().map(|f| f.sentence(&text)).collect();
        for sentence in &sentences {
            assert!(
                sentence.contains(". ") && sentence.ends_with('.'),
                "{sentence}"
            );
            assert!(!sentence.contains(['{', '$']), "{sentence}");
        }
        sentences.sort();
        sentences.dedup();
        assert_eq!(sentences.len(), faults.len());
    }
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{PermissionsExt, symlink};

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// A file of the user's beside the settings.
    fn written(folder: &TempDir, name: &str, bytes: impl AsRef<[u8]>, mode: u32) -> PathBuf {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        set_mode(&path, mode);
        path
    }

    /// A source that runs this script. Not as a program of its own: no other test's child may
    /// have it open for writing then.
    fn script(folder: &TempDir, body: &str) -> SecretSource {
        let path = written(folder, "get", format!("{body}\n"), 0o600);
        SecretSource::Command(format!("/bin/sh {}", path.display()))
    }

    #[tokio::test]
    async fn a_file_of_the_user() {
        let (folder, secrets) = installation();
        let path = written(&folder, "key", "open sesame\n", 0o600);
        assert_eq!(get(&secrets, "file:key").await.unwrap(), "open sesame");
        assert_eq!(
            get(&secrets, &format!("file:{}", path.display()))
                .await
                .unwrap(),
            "open sesame"
        );
        assert!(secrets.is_set("a", &source("file:key")).await.unwrap());
        symlink(&path, folder.path().join("link")).unwrap();
        assert_eq!(get(&secrets, "file:link").await.unwrap(), "open sesame");

        set_mode(&path, 0o644);
        for name in ["key", "link"] {
            let path = folder.path().join(name);
            let fault = get(&secrets, &format!("file:{name}")).await.unwrap_err();
            assert_eq!(fault, SecretFault::FileOpenToOthers { path });
        }
        // Anyone's file through a link of ours.
        symlink("/etc/passwd", folder.path().join("passwd")).unwrap();
        let fault = get(&secrets, "file:passwd").await.unwrap_err();
        assert!(
            matches!(fault, SecretFault::FileOpenToOthers { .. }),
            "{fault}"
        );

        let path = folder.path().join("none");
        let fault = get(&secrets, "file:none").await.unwrap_err();
        assert_eq!(fault, SecretFault::FileMissing { path });
        assert!(!secrets.is_set("a", &source("file:none")).await.unwrap());
    }

    #[tokio::test]
    async fn what_is_no_file_is_no_secret_and_holds_nothing_up() {
        let (folder, secrets) = installation();
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap();
        assert!(made.success());
        set_mode(&pipe, 0o600);
        for place in ["file:pipe", "file:/dev/zero", "file:/tmp", "file:/dev/null"] {
            let fault = get(&secrets, place).await.unwrap_err();
            assert!(
                matches!(fault, SecretFault::FileUnreadable { .. }),
                "{place}: {fault}"
            );
        }
        written(&folder, "huge", vec![b'x'; 50_000_000], 0o600);
        let fault = get(&secrets, "file:huge").await.unwrap_err();
        assert_eq!(
            fault,
            SecretFault::TooLong {
                from: shown("file:huge")
            }
        );
    }

    #[tokio::test]
    async fn the_protected_file_is_its_owners_alone() {
        let (folder, secrets) = installation();
        let file = SecretSource::File;
        secrets.set("a", &file, &secret("one")).await.unwrap();
        assert_eq!(mode(&folder.path().join("secrets")), 0o700);
        let path = secrets.files.file_of("a");
        assert_eq!(mode(&path), 0o600);

        set_mode(&path, 0o640);
        let fault = secrets.get("a", &file).await.unwrap_err();
        assert_eq!(fault, SecretFault::FileOpenToOthers { path: path.clone() });
        secrets.set("a", &file, &secret("two")).await.unwrap();
        assert_eq!(mode(&path), 0o600);
        assert_eq!(secrets.get("a", &file).await.unwrap().expose(), "two");

        // A link in its place is not written through.
        let target = written(&folder, "target", "untouched", 0o600);
        fs::remove_file(&path).unwrap();
        symlink(&target, &path).unwrap();
        secrets.set("a", &file, &secret("three")).await.unwrap();
        assert_eq!(fs::read_to_string(target).unwrap(), "untouched");
        assert!(!path.is_symlink());
        assert_eq!(secrets.get("a", &file).await.unwrap().expose(), "three");
    }

    #[tokio::test]
    async fn what_a_killed_writer_leaves_is_harmless_and_goes() {
        let (_folder, secrets) = installation();
        let file = SecretSource::File;
        secrets.set("a", &file, &secret("one")).await.unwrap();
        let path = secrets.files.file_of("a");
        let half = path.with_extension("secret.0123456789abcdef.new");
        let leave = || fs::write(&half, "tw").unwrap();
        leave();
        assert_eq!(secrets.get("a", &file).await.unwrap().expose(), "one");
        secrets.set("a", &file, &secret("three")).await.unwrap();
        assert!(!half.exists());
        assert_eq!(secrets.get("a", &file).await.unwrap().expose(), "three");
        leave();
        secrets.clear("a", &file).await.unwrap();
        assert!(!half.exists());
    }

    #[tokio::test]
    async fn a_damaged_file_is_said_and_replaced() {
        let (_folder, secrets) = installation();
        let file = SecretSource::File;
        secrets.set("a", &file, &secret("one")).await.unwrap();
        let from = || shown("file");
        for (damage, fault) in [
            ("".as_bytes(), SecretFault::Empty { from: from() }),
            (b"\0\0\0\0", SecretFault::NotText { from: from() }),
        ] {
            fs::write(secrets.files.file_of("a"), damage).unwrap();
            assert_eq!(secrets.get("a", &file).await.unwrap_err(), fault);
        }
        secrets.set("a", &file, &secret("two")).await.unwrap();
        assert_eq!(secrets.get("a", &file).await.unwrap().expose(), "two");
    }

    #[tokio::test]
    async fn a_folder_that_cannot_be_written_is_said() {
        let (folder, secrets) = installation();
        written(
            &folder,
            "secrets",
            "a file where the folder should be",
            0o600,
        );
        let fault = secrets
            .set("a", &SecretSource::File, &secret("s"))
            .await
            .unwrap_err();
        assert!(
            matches!(fault, SecretFault::FileUnwritable { .. }),
            "{fault}"
        );
    }

    #[tokio::test]
    async fn a_command() {
        let (folder, secrets) = installation();
        let command = script(
            &folder,
            "cat; echo >&2 thinking; echo 'open sesame'; echo more",
        );
        let found = secrets.get("a", &command).await.unwrap();
        assert_eq!(found.expose(), "open sesame");
        assert!(secrets.is_set("a", &command).await.unwrap());
        // From the path, with arguments that no shell sees.
        let found = get(&secrets, "command:printf '%s' \"$HOME; `id` > x * 'y'\"").await;
        assert_eq!(found.unwrap(), "$HOME; `id` > x * 'y'");
    }

    #[tokio::test]
    async fn a_command_that_fails() {
        let (folder, secrets) = installation();
        let failed = |status| SecretFault::CommandFailed {
            program: "/bin/sh".to_owned(),
            status,
        };
        let from = || (&script(&folder, "")).into();
        for (body, expected) in [
            ("echo s; exit 3", failed(Some(3))),
            ("kill -9 $$", failed(None)),
            ("true", SecretFault::Empty { from: from() }),
            ("printf '\\377'", SecretFault::NotText { from: from() }),
        ] {
            let fault = secrets.get("a", &script(&folder, body)).await.unwrap_err();
            assert_eq!(fault, expected, "{body}");
        }
        let program = "/no/such/program".to_owned();
        let fault = get(&secrets, "command:/no/such/program x")
            .await
            .unwrap_err();
        assert_eq!(fault, SecretFault::CommandNotFound { program });
        written(&folder, "plain", "", 0o600);
        let plain = folder.path().join("plain").display().to_string();
        let fault = get(&secrets, &format!("command:{plain}"))
            .await
            .unwrap_err();
        assert!(
            matches!(fault, SecretFault::CommandNotStarted { program, .. } if program == plain)
        );
        let unclosed = SecretSource::Command("a \"".to_owned());
        let fault = secrets.get("a", &unclosed).await.unwrap_err();
        assert_eq!(fault, SecretFault::CommandLine(SourceFault::OpenQuote));
    }

    #[tokio::test]
    async fn a_command_that_never_stops_writing_is_ended() {
        let (folder, secrets) = installation();
        let command = script(&folder, "exec yes 'far too much'");
        let fault = secrets.get("a", &command).await.unwrap_err();
        assert_eq!(
            fault,
            SecretFault::TooLong {
                from: (&command).into()
            }
        );
        // What it complains of may be endless too: it is read, and not kept.
        let command = script(&folder, "head -c 1000000000 /dev/zero >&2; echo done");
        assert_eq!(secrets.get("a", &command).await.unwrap().expose(), "done");
    }

    #[tokio::test(start_paused = true)]
    async fn a_command_that_hangs_is_ended() {
        let (folder, secrets) = installation();
        let command = script(&folder, "echo 'open sesame'; exec sleep 1000");
        let fault = secrets.get("a", &command).await.unwrap_err();
        let program = "/bin/sh".to_owned();
        let seconds = COMMAND_LIMIT.as_secs();
        assert_eq!(fault, SecretFault::CommandTimedOut { program, seconds });
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn a_command_ends_with_all_that_it_started() {
        use std::{
            io::{Read, pipe, sink},
            os::fd::AsRawFd,
        };
        let (folder, secrets) = installation();
        let (mut reader, writer) = pipe().unwrap();
        let descriptor = format!("/proc/{}/fd/{}", std::process::id(), writer.as_raw_fd());
        let body = format!("exec 9>{descriptor}; sleep 1000 & echo >&9; sleep 1000");
        let command = script(&folder, &body);
        let started = tokio::task::spawn_blocking(move || {
            reader.read_exact(&mut [0]).unwrap();
            reader
        });
        let mut reader = tokio::select! {
            ended = secrets.get("a", &command) => panic!("{ended:?}"),
            reader = started => reader.unwrap(),
        };
        // The pipe's end is the end of the last that holds it.
        drop(writer);
        std::io::copy(&mut reader, &mut sink()).unwrap();
    }

    #[tokio::test]
    async fn what_a_command_leaves_behind_does_not_hold_us_up() {
        let (folder, secrets) = installation();
        let body = "sleep 1000 >/dev/null & echo $! > \"$0.pid\"; echo 'open sesame'";
        let found = secrets.get("a", &script(&folder, body)).await.unwrap();
        assert_eq!(found.expose(), "open sesame");
        let left = fs::read_to_string(folder.path().join("get.pid")).unwrap();
        let left = rustix::process::Pid::from_raw(left.trim().parse().unwrap()).unwrap();
        rustix::process::kill_process(left, rustix::process::Signal::KILL).unwrap();
    }
}

#[tokio::test]
async fn the_machines_service_asks_no_keyring() {
    let secrets = Secrets::new(&Paths::for_machine().unwrap());
    // What is stored is looked for in its files alone, and nothing is there.
    assert!(!secrets.place(&SecretSource::Stored).unwrap().in_keyring());
    let none = SecretFault::ServiceWithoutKeyring;
    let secret = Secret::from("x".to_owned());
    let source = SecretSource::Keyring;
    assert_eq!(secrets.get("vevida", &source).await.unwrap_err(), none);
    assert_eq!(
        secrets.set("vevida", &source, &secret).await.unwrap_err(),
        none
    );
    assert_eq!(secrets.is_set("vevida", &source).await.unwrap_err(), none);
    assert_eq!(secrets.clear("vevida", &source).await.unwrap_err(), none);
}
