use std::{
    collections::{BTreeMap, BTreeSet},
    convert::Infallible,
    fs, thread,
};

use dequeue_core::{Text, settings::Account};
use proptest::prelude::*;

use super::*;

const FILE: &str = "# My providers\nversion = 1\n\n# The Dutch one\n[[account]]\nname = \"vevida\"   # short\nhost = \"bsmtp.example.org\"\nmethod = \"signal\" # as they told us\ndomains = [\"example.org\"]\nevery = \"15m\" # often enough\n\n[[account]]\nname = \"other\"\nhost = \"192.0.2.7\"\nport = 2525\n";

fn file(text: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn changed(path: &Path, original: Option<&str>, pairs: &[(&str, &str)]) -> Account {
    let fields: BTreeMap<_, _> = pairs
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    load(path).unwrap().with_account(original, &fields).unwrap()
}

fn load(path: &Path) -> Result<Settings, Vec<FileFault>> {
    super::load(path).map(|file| file.settings().clone())
}

/// Changes the file as nobody refuses to.
fn edit(
    path: &Path,
    mut change: impl FnMut(&Settings) -> NewContent,
) -> Result<Revision, EditError<Infallible>> {
    let edited = super::edit(path, false, |file| Ok((change(file.settings()), ())));
    edited.map(|(_, (), revision)| revision)
}

/// Changes, adds or removes an account.
fn save_account(path: &Path, original: Option<&str>, account: Option<&Account>) {
    edit(path, |before| {
        let mut settings = before.clone();
        match account {
            Some(account) => settings.put_account(original, account.clone()),
            None => settings.remove_account(original.unwrap_or_default()),
        }
        let renamed = original.zip(account);
        let renamed = renamed.map(|(from, to)| (from.to_owned(), to.name.clone()));
        NewContent { settings, renamed }
    })
    .unwrap();
}

fn save(path: &Path, pairs: &[(&str, &str)]) -> Result<Revision, EditError<Infallible>> {
    let fields = pairs
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
    let fields = fields.collect();
    edit(path, |before| before.with_general(&fields).unwrap().into())
}

/// Adds an account of this name.
fn add(path: &Path, name: &str) -> Result<Revision, EditError<Infallible>> {
    edit(path, |before| {
        let fields = [("name", name), ("host", "h.test")];
        let fields = fields.map(|(key, text)| (key.to_owned(), text.to_owned()));
        let mut settings = before.clone();
        let account = settings.with_account(None, &fields.into()).unwrap();
        settings.put_account(None, account);
        settings.into()
    })
}

fn names(path: &Path) -> Vec<String> {
    let accounts = load(path).unwrap().accounts.into_iter();
    accounts.map(|account| account.name).collect()
}

#[test]
fn comments_and_order_survive() {
    let (_folder, path) = file(FILE);
    let account = changed(&path, Some("vevida"), &[("every", "30m"), ("port", "2525")]);
    save_account(&path, Some("vevida"), Some(&account));
    let expected = FILE.replacen(
        "every = \"15m\" # often enough\n",
        "every = \"30m\" # often enough\nport = 2525\n",
        1,
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), expected);
    let back = changed(&path, Some("vevida"), &[("every", "15m"), ("port", "")]);
    save_account(&path, Some("vevida"), Some(&back));
    assert_eq!(fs::read_to_string(&path).unwrap(), FILE);
    save_account(&path, Some("other"), None);
    assert_eq!(load(&path).unwrap().accounts.len(), 1);
}

#[test]
fn comments_and_order_survive_above_the_accounts_too() {
    let above = "# Ours\nlanguage = \"nl\" # Dutch\n\n# Where notices go\nnotice_mail_host = \"mail.test\"\nnotice_mail_from = \"a@b.test\"\nnotice_mail_to = [\"c@d.test\"] # the boss\n";
    let (_folder, path) = file(format!("{above}{FILE}"));
    let changes = [
        ("keep_at_most", "20"),
        ("notice_mail_to", "\"D, C\" <c@d.test>, e@f.test"),
        ("notice_webhook_secret", "env:TOKEN"),
    ];
    save(&path, &changes).unwrap();
    let expected = above.replace(
        "[\"c@d.test\"] # the boss\n",
        "['\"D, C\" <c@d.test>', \"e@f.test\"] # the boss\n",
    );
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.starts_with(&expected), "{text}");
    assert!(
        text.contains("\nkeep_at_most = 20\nnotice_webhook_secret = \"env:TOKEN\"\n"),
        "{text}"
    );
    // What is as by default goes, and keeps its place where it has a comment.
    let back = [
        ("language", "system"),
        ("keep_at_most", "100"),
        ("notice_mail_to", "c@d.test"),
        ("notice_webhook_secret", "stored"),
    ];
    save(&path, &back).unwrap();
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        format!("{above}{FILE}").replace("\"nl\"", "\"system\"")
    );
    assert!(
        matches!(&load(&path).unwrap().channels.mail.to[..], [one] if one.domain() == "d.test")
    );
}

#[test]
fn every_setting_is_written_and_read() {
    let (_folder, path) = file("");
    let account = [
        ("name", "vevida"),
        ("host", "h.test"),
        ("port", "2525"),
        ("other_hosts", "b.test, 192.0.2.9:366"),
        ("method", "etrn"),
        ("domains", "a.test, @b.test"),
        ("every", "1h30m"),
        ("hours", "mon-fri 07:00-19:00; sat,sun 09:00-12:00"),
        ("outside", "6h"),
        ("time_zone", "Europe/Amsterdam"),
        ("jitter", "30s"),
        ("notify", "everything"),
        ("notify_after", "3"),
        ("silence_alarm", "2d"),
        ("heartbeat", "https://hc.test/key"),
        ("heartbeat_on_failure", "fail"),
        ("heartbeat_failure", "https://hc.test/failed"),
        ("tls", "required"),
        ("ca_file", "/etc/ca.pem"),
        ("pin", &["AB"; 32].join(":")),
        ("client_cert", "/etc/own.pem"),
        ("client_key", "/etc/key.pem"),
        ("user", "office"),
        ("auth", "plain"),
        ("secret", "env:SECRET"),
        ("login_in_clear", "true"),
        ("mail_server", "[::1]:2525"),
        ("mail_server_first", "false"),
        ("mail_server_test", "true"),
        ("watch", "10m"),
        ("finger", "mail"),
        ("ehlo", "mail.test"),
        ("bind", "192.0.2.1"),
        ("ip", "4"),
        ("normal_codes", "502, 459"),
        ("connect_timeout", "1s"),
        ("greeting_timeout", "2s"),
        ("command_timeout", "3s"),
        ("turn_timeout", "4s"),
    ];
    let general = [
        ("language", "nl"),
        ("keep_for", "30d"),
        ("keep_at_most", "20"),
        ("log_level", "debug"),
        ("log_at_most", "50"),
        ("update_check", "weekly"),
        ("notice_quiet", "22:00-07:00"),
        ("notice_snooze", "3d"),
        ("notice_command", "/usr/bin/tell \"the boss\""),
        ("notice_webhook", "https://web.test/key"),
        ("notice_webhook_secret", "env:TOKEN"),
        ("notice_webhook_body", "text"),
        ("notice_mail_host", "mail.test"),
        ("notice_mail_port", "2525"),
        ("notice_mail_tls", "required"),
        ("notice_mail_user", "us"),
        ("notice_mail_secret", "file:/etc/secret"),
        ("notice_mail_from", "a@b.test"),
        ("notice_mail_to", "c@d.test, e@f.test"),
        ("notice_summary", "weekly"),
        ("heartbeat_secret", "env:KEY"),
    ];
    save(&path, &general).unwrap();
    let given = changed(&path, None, &account);
    save_account(&path, None, Some(&given));

    let there = load(&path).unwrap();
    let texts = there.accounts[0].texts().into_iter();
    // A cron expression cannot stand beside working hours.
    let texts: Vec<_> = texts.filter(|(key, _)| *key != "cron").collect();
    assert_eq!(texts, account.map(|(key, text)| (key, text.to_owned())));
    assert_eq!(
        there.general_texts(),
        general.map(|(key, text)| (key, text.to_owned()))
    );
    let written = fs::read_to_string(&path).unwrap();
    let keys: Vec<_> = written
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .collect();
    let expected = general.iter().chain(&account).map(|(key, _)| *key);
    assert_eq!(
        keys.into_iter().map(|(key, _)| key).collect::<Vec<_>>(),
        std::iter::once("version")
            .chain(expected)
            .collect::<Vec<_>>(),
    );

    let cron = [
        ("hours", ""),
        ("time_zone", ""),
        ("cron", "*/15 7-19 * * 1-5"),
    ];
    let given = changed(&path, Some("vevida"), &cron);
    save_account(&path, Some("vevida"), Some(&given));
    assert_eq!(load(&path).unwrap().accounts, [given]);
}

#[test]
fn a_new_file_says_only_what_matters() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/settings.toml");
    let account = changed(
        &path,
        None,
        &[
            ("name", "vevida"),
            ("host", "bsmtp.example.org"),
            ("domains", "example.org"),
        ],
    );
    save_account(&path, None, Some(&account));
    save(&path, &[("language", "nl")]).unwrap();
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.contains('\r'), cfg!(windows));
    assert_eq!(
        text.replace("\r\n", "\n"),
        "version = 1\nlanguage = \"nl\"\n\n[[account]]\nname = \"vevida\"\nhost = \"bsmtp.example.org\"\nmethod = \"auto\"\ndomains = [\"example.org\"]\nevery = \"15m\"\n"
    );
    assert_eq!(load(&path).unwrap().accounts, [account]);
}

#[test]
fn faults_name_their_line_and_nothing_is_lost() {
    let text = Text::for_language("en");
    for (source, expected) in [
        (
            FILE.replace("every", "evry").into_bytes(),
            "Line 10 of PATH: there is no setting named “evry”. Check its spelling against docs/settings.md, or remove the line.",
        ),
        (
            FILE.replace("2525", "\"2525x\"").into_bytes(),
            "Line 15 of PATH: Port: “2525x” is not a whole number. Enter a number from 1 to 65535; 25 is usual.",
        ),
        (
            FILE.replace("2525", "70000").into_bytes(),
            "Line 15 of PATH: Port: 70000 is out of range. Enter a number from 1 to 65535; 25 is usual.",
        ),
        (
            FILE.replace("\"15m\"", "0").into_bytes(),
            "Line 10 of PATH: Interval: “0” is not a length of time. Enter a time from 10 seconds to 31 days, as in 15m, 1h or 1h30m.",
        ),
        (
            FILE.replace("\"other\"", "\"vevida\"").into_bytes(),
            "Line 12 of PATH: Name: “vevida” is taken by another account. Give the account a short name of its own, such as the provider's.",
        ),
        (
            FILE.replace("host = \"192.0.2.7\"\n", "").into_bytes(),
            "Line 12 of PATH: Host: is missing. Enter only the provider's name or address, as in bsmtp.example.org.",
        ),
        (
            FILE.replace("version = 1", "version = 9").into_bytes(),
            "Line 2 of PATH: the file has version 9, which this program does not know. Update the program, or set version = 1.",
        ),
        (
            FILE.replace("2525", "true").into_bytes(),
            "Line 15 of PATH: Port: the value is of the wrong type. Enter a number from 1 to 65535; 25 is usual.",
        ),
        (
            FILE.replace("2525", "2525\ncron = \"@hourly\"\nhours = \"7-19\"")
                .into_bytes(),
            "Line 16 of PATH: Cron expression: it cannot be combined with working hours. Enter minute, hour, day of the month, month and day of the week, as in */15 7-19 * * 1-5, or leave it out.",
        ),
        (
            FILE.replace("2525", "2525\nother_hosts = [\"b.test\", \"c d\"]")
                .into_bytes(),
            "Line 16 of PATH: Other hosts: “c d” contains a space. Enter each name or address, with its port if that differs, as in backup.example.org:2525, one per line or separated by commas.",
        ),
        (
            FILE.replace("2525", "2525\nmail_server_first = 1")
                .into_bytes(),
            "Line 16 of PATH: Mail server first: “1” is not one of the choices. Choose true or false.",
        ),
        (
            FILE.replace("version = 1", "version = 1\nnotice_quiet = \"at night\"")
                .into_bytes(),
            "Line 3 of PATH: Quiet hours: “at” is neither a day nor a period of time. Enter times, as in 22:00-07:00, with days in front where they differ, or leave it out.",
        ),
        (
            FILE.replace(
                "version = 1",
                "version = 1\nnotice_mail_secret = \"hunter2\"",
            )
            .into_bytes(),
            "Line 3 of PATH: Password for the mail server for notices: this does not say where the password comes from. The password itself does not belong in the settings. Enter stored, keyring, file, file:PATH, env:NAME or command:PROGRAM.",
        ),
        (
            FILE.replace(
                "version = 1",
                "version = 1\nnotice_webhook = \"hc.test/key\"",
            )
            .into_bytes(),
            "Line 3 of PATH: Webhook for notices: this is not a web address. Enter an address as in https://example.org/notices, or leave it out.",
        ),
        (
            FILE.replace(
                "version = 1",
                "version = 1\nnotice_mail_from = \"a@b.test\"\nnotice_mail_host = \"m.test\"",
            )
            .into_bytes(),
            "Line 4 of PATH: Recipients of notices: is missing. Enter each address as in admin@example.org, separated by commas.",
        ),
        (
            FILE.replace("version = 1", "version = 1\nkeep_at_most = true")
                .into_bytes(),
            "Line 3 of PATH: Space for the history: the value is of the wrong type. Enter a number of MB from 1 to 1000000, as in 100.",
        ),
        (
            FILE.replace("port = 2525", "ca_file = \"C:\\certs\\ca.pem\"")
                .into_bytes(),
            "Line 15 of PATH: this is not TOML (missing escaped value, expected `b`, `e`, `f`, `n`, `r`, `\\`, `\"`, `x`, `u`, `U`). Put a path with backslashes in single quotation marks, as in 'C:\\tools\\notify.exe'.",
        ),
        (
            FILE.replace("port = 2525", "ca_file = \"C:\\temp\\root.pem\"")
                .into_bytes(),
            "Line 15 of PATH: CA file: “C:\\temp\\root.pem” contains a tab, a line break or another control character. In the settings file, put a path with backslashes in single quotation marks, as in 'C:\\tools\\notify.exe'. Enter the path of a PEM file, or leave it out.",
        ),
        (
            FILE.replace("port = 2525", "secret = \"file:C:\\new\\token\"")
                .into_bytes(),
            "Line 15 of PATH: Password: the value contains a tab, a line break or another control character. In the settings file, put a path with backslashes in single quotation marks, as in 'file:C:\\keys\\provider'. Enter stored, keyring, file, file:PATH, env:NAME or command:PROGRAM.",
        ),
        (
            FILE.replace(
                "version = 1",
                "version = 1\nnotice_command = \"C:\\tools\\notify.exe --now\"",
            )
            .into_bytes(),
            "Line 3 of PATH: Command for notices: “C:\\tools\\notify.exe --now” contains a tab, a line break or another control character. In the settings file, put a path with backslashes in single quotation marks, as in 'C:\\tools\\notify.exe'. Enter a program and its arguments, in quotation marks where they contain spaces, or leave it out.",
        ),
        (
            b"version = 1\nname = \"caf\xe9\"\n".to_vec(),
            "Line 2 of PATH: the text is not UTF-8. Save the file again as UTF-8.",
        ),
    ] {
        let (_folder, path) = file(&source);
        let faults = load(&path).unwrap_err();
        assert_eq!(faults.len(), 1, "{faults:?}");
        assert_eq!(
            faults[0]
                .sentence(&text)
                .replace(&path.display().to_string(), "PATH"),
            expected
        );
        let refused = save(&path, &[("language", "nl")]);
        assert!(refused.is_err(), "{refused:?}");
        assert_eq!(fs::read(&path).unwrap(), source, "the file is as it was");
    }
}

#[test]
fn half_written_and_unreadable() {
    let (_folder, path) = file(&FILE[..FILE.len() - 40]);
    let faults = load(&path).unwrap_err();
    assert!(
        matches!(faults[0].kind, FileFaultKind::Syntax(_)) && faults[0].line.is_some(),
        "{faults:?}"
    );
    let folder = tempfile::tempdir().unwrap();
    let faults = load(folder.path()).unwrap_err();
    assert!(
        matches!(faults[0].kind, FileFaultKind::Unreadable(_)),
        "{faults:?}"
    );
}

#[test]
fn read_only_is_respected() {
    let (_folder, path) = file(FILE);
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    permissions.set_readonly(true);
    fs::set_permissions(&path, permissions).unwrap();
    let EditError::NotWritable(error) = save(&path, &[("language", "nl")]).unwrap_err() else {
        panic!("it is not to be written")
    };
    assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
    assert_eq!(fs::read_to_string(&path).unwrap(), FILE);
}

#[test]
fn notepad_may_write_it() {
    let (_folder, path) = file(format!("\u{feff}{}", FILE.replace('\n', "\r\n")));
    assert_eq!(load(&path).unwrap().accounts.len(), 2);
    save(&path, &[("language", "nl")]).unwrap();
    assert_eq!(load(&path).unwrap().language, "nl");
    let other = changed(&path, Some("other"), &[("host", "192.0.2.8")]);
    save_account(&path, Some("other"), Some(&other));
    let text = fs::read_to_string(&path).unwrap();
    // An old Notepad knows by that mark that it is UTF-8.
    assert_eq!(text.rfind('\u{feff}'), Some(0));
    assert_eq!(text.matches('\n').count(), text.matches("\r\n").count());
    assert_eq!(text.matches('\r').count(), text.matches("\r\n").count());
}

/// What a person does to accounts, one thing after the other.
fn any_edit() -> impl Strategy<Value = (usize, bool, Vec<(&'static str, String)>)> {
    let field = prop::sample::select(vec![
        ("host", vec!["a.test", "192.0.2.1", "2001:db8::1"]),
        ("port", vec!["25", "2525", "65535"]),
        ("method", vec!["auto", "signal"]),
        (
            "domains",
            vec![
                "",
                "a.test",
                "a.test, @b.test, #q, [192.0.2.1]",
                "b\u{fc}cher.test",
            ],
        ),
        ("every", vec!["10s", "15m", "1h30m", "31d"]),
        (
            "other_hosts",
            vec!["", "b.test, 2001:db8::1", "[2001:db8::1]:366"],
        ),
        ("hours", vec!["", "mon-fri 7-19; sat,sun 9-12"]),
        ("outside", vec!["never", "6h"]),
        ("time_zone", vec!["", "Europe/Amsterdam"]),
        ("cron", vec!["", "*/15 7-19 * * 1-5"]),
        ("jitter", vec!["auto", "0s", "1m"]),
        ("notify", vec!["never", "problems", "everything"]),
        ("notify_after", vec!["1", "100"]),
        ("silence_alarm", vec!["", "2d"]),
        (
            "heartbeat",
            vec!["", "https://hc.test/key?a=\"b\"", "http://192.0.2.1/"],
        ),
        ("mail_server", vec!["", "127.0.0.1", "[2001:db8::1]:2525"]),
        ("mail_server_first", vec!["true", "false"]),
        ("watch", vec!["0s", "5m", "1h"]),
        ("ehlo", vec!["", "mail.test", "[192.0.2.7]"]),
        ("bind", vec!["", "192.0.2.7"]),
        ("ip", vec!["auto", "4", "6"]),
        ("normal_codes", vec!["", "502", "502, 459"]),
        ("connect_timeout", vec!["30s", "1h"]),
        ("name", vec!["a", "b", "c \"d\" [e] #f", "\u{e9}"]),
    ]);
    let value = field.prop_flat_map(|(key, values)| {
        (
            Just(key),
            prop::sample::select(values).prop_map(str::to_owned),
        )
    });
    (
        0..4_usize,
        any::<bool>(),
        proptest::collection::vec(value, 0..6),
    )
}

proptest! {
    /// Whatever is changed comes back as it was meant, and nothing else changes.
    #[test]
    fn edits_change_what_they_say(edits in proptest::collection::vec(any_edit(), 1..12)) {
        let (_folder, path) = file(format!("# first\n{FILE}# last\n"));
        let mut expected = load(&path).unwrap();
        for (at, remove, fields) in edits {
            let original = expected.accounts.get(at).map(|account| account.name.clone());
            let fields: BTreeMap<String, String> =
                fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
            let index = original.is_some().then_some(at);
            match (expected.with_account(original.as_deref(), &fields), index, remove) {
                (_, Some(at), true) => {
                    save_account(&path, original.as_deref(), None);
                    expected.accounts.remove(at);
                }
                (Ok(account), index, _) => {
                    save_account(&path, original.as_deref(), Some(&account));
                    match index {
                        Some(at) => expected.accounts[at] = account,
                        None => expected.accounts.push(account),
                    }
                }
                (Err(_), ..) => {}
            }
            prop_assert_eq!(&load(&path).unwrap(), &expected);
            let text = fs::read_to_string(&path).unwrap();
            prop_assert!(text.contains("# first\n# My providers\n"), "{}", text);
        }
    }

    /// No file brings the program down, and no fault is without its sentence.
    #[test]
    fn any_file_is_read_or_has_a_fault(
        lines in proptest::collection::vec(prop::sample::select(vec![
            "version = 1", "version = 2", "version = \"x\"", "language = \"nl\"", "[[account]]", "[account]",
            "account = 3", "name = \"a\"", "host = \"h.test\"", "port = 0", "port = -1", "domains = [1]",
            "domains = [[\"a\"]]", "every = 5.5", "every", "[a.b]", "\"\"\"", "= 3", "\u{feff}", "#",
        ]), 0..12),
    ) {
        let (_folder, path) = file(lines.join("\n"));
        let text = Text::for_language("nl");
        for fault in load(&path).err().unwrap_or_default() {
            prop_assert!(fault.line.is_none_or(|line| (1..=lines.len() + 1).contains(&line)), "{:?}", fault);
            prop_assert!(fault.sentence(&text).len() > 20);
        }
    }
}

#[test]
fn what_was_written_here_is_known_by_its_revision() {
    let (_folder, path) = file(FILE);
    let before = read(&path).revision();
    assert_eq!(before, read(&path).revision());
    let revision = save(&path, &[("language", "nl")]).unwrap();
    assert_eq!(read(&path).revision(), Some(revision));
    assert_ne!(Some(revision), before);
    let there = super::load(&path).unwrap();
    assert_eq!(Revision::of_file(&there), revision);
    // A comment is another content too.
    fs::write(&path, format!("{}# more\n", there.text())).unwrap();
    assert_ne!(read(&path).revision(), Some(revision));
    assert_eq!(read(path.parent().unwrap()).revision(), None);
}

#[test]
fn of_many_writers_at_once_none_loses_what_another_has_saved() {
    for text in [FILE, ""] {
        let (_folder, path) = file(text);
        if text.is_empty() {
            fs::remove_file(&path).unwrap();
        }
        let before = load(&path).unwrap().accounts.len();
        let saved = thread::scope(|scope| {
            let writers: Vec<_> = (0..24)
                .map(|writer| {
                    let path = &path;
                    scope.spawn(move || {
                        let names = (0..4).map(|number| format!("{writer}-{number}"));
                        // On a slow disk some wait in vain, and are told.
                        let saved = names.filter(|name| match add(path, name) {
                            Ok(_) => true,
                            Err(EditError::Contended) => false,
                            Err(fault) => panic!("{fault:?}"),
                        });
                        saved.collect::<Vec<_>>()
                    })
                })
                .collect();
            let saved = writers.into_iter().map(|writer| writer.join().unwrap());
            saved.flatten().collect::<BTreeSet<_>>()
        });
        let mut there = names(&path);
        let added: BTreeSet<_> = there.drain(before..).collect();
        assert_eq!(added, saved);
        assert!(saved.len() >= 24, "{saved:?}");
        let mut files: Vec<_> = fs::read_dir(path.parent().unwrap())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        files.sort();
        assert_eq!(files, ["settings.toml", "settings.toml.lock"]);
    }
}

/// One who knows nothing of locks, as an editor.
#[test]
fn what_an_editor_saves_between_reading_and_writing_is_kept_too() {
    for in_place in [true, false] {
        let (_folder, path) = file(FILE);
        let mut turns = 0;
        edit(&path, |before| {
            if turns == 0 {
                let edited = FILE
                    .replace("2525", "2526")
                    .replace("# often", "# very often");
                let beside = path.with_file_name("edited");
                fs::write(&beside, edited).unwrap();
                if in_place {
                    fs::copy(&beside, &path).unwrap();
                } else {
                    fs::rename(&beside, &path).unwrap();
                }
            }
            turns += 1;
            let mut settings = before.clone();
            settings.remove_account("vevida");
            settings.into()
        })
        .unwrap();
        assert_eq!(turns, 2);
        let there = load(&path).unwrap();
        assert_eq!(there.accounts.len(), 1);
        assert_eq!(there.accounts[0].port(), 2526);
    }
}

#[test]
fn who_never_finds_the_file_as_it_was_read_is_refused() {
    let (_folder, path) = file(FILE);
    let mut turns = 0;
    let refused = edit(&path, |before| {
        turns += 1;
        fs::write(&path, format!("{FILE}# {turns}\n")).unwrap();
        before.clone().into()
    });
    assert!(matches!(refused, Err(EditError::Contended)), "{refused:?}");
    let there = fs::read_to_string(&path).unwrap();
    assert_eq!(there, format!("{FILE}# {turns}\n"), "as the other left it");
}

#[test]
fn a_file_that_has_lost_its_accounts_is_no_answer_where_they_are_known() {
    let text = Text::for_language("en");
    let (_folder, path) = file(FILE);
    for (content, fault, sentence) in [
        (None, FileFaultKind::Gone, "the file is gone"),
        (
            Some(""),
            FileFaultKind::WithoutAccounts,
            "no account is left",
        ),
        (
            Some("version = 1\nlanguage = \"nl\"\n"),
            FileFaultKind::WithoutAccounts,
            "no account is left",
        ),
    ] {
        match content {
            Some(content) => fs::write(&path, content).unwrap(),
            None => fs::remove_file(&path).unwrap(),
        }
        let found = read(&path).parse(true).unwrap_err();
        assert_eq!(found[0].kind, fault);
        assert!(found[0].sentence(&text).contains(sentence), "{found:?}");
        let refused = super::edit(&path, true, |_| -> Result<(NewContent, ()), ()> {
            panic!("there is nothing that could be changed")
        });
        assert!(
            matches!(&refused, Err(EditError::Faulty(faults)) if *faults == found),
            "{refused:?}"
        );
        assert_eq!(fs::read_to_string(&path).ok().as_deref(), content);
        // Where none are known it is an answer.
        assert_eq!(read(&path).parse(false).unwrap().settings().accounts, []);
    }
    add(&path, "first").unwrap();
    assert!(read(&path).parse(true).is_ok());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_not_waited_for() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("settings.toml");
    let made = std::process::Command::new("mkfifo").arg(&path).status();
    assert!(made.unwrap().success());
    let faults = load(&path).unwrap_err();
    assert!(matches!(faults[0].kind, FileFaultKind::Unreadable(_)));
    let refused = add(&path, "a");
    assert!(matches!(refused, Err(EditError::Faulty(_))), "{refused:?}");
}
