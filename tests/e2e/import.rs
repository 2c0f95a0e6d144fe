//! Settings from another program and to another machine, with and without a running engine: all of
//! a file or nothing.

use std::{fs, process::Stdio, thread, time::Duration};

use serde_json::json;

use crate::programs::{Home, is_windows};

const RC: &str = "set daemon 600
poll mx.test proto etrn fetchdomains a.test keep
poll pop.test proto pop3 user x pass hunter2
poll second.test proto etrn fetchdomains b.test
";

pub fn import(home: &Home, text: &str, more: &[&str]) -> crate::programs::Run {
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), text).unwrap();
    let path = file.path().to_str().unwrap();
    home.run(&[&["settings", "import", path], more].concat())
}

#[test]
fn what_fetchmail_was_told() {
    let home = Home::new();
    let run = import(&home, RC, &["--from", "fetchmail"]);
    assert_eq!(run.status, 0, "{run:?}");
    for part in ["2 accounts", "Line 2 of", "“keep”", "Line 3 of", "pop.test"] {
        assert!(run.out.contains(part), "no {part} in {run:?}");
    }
    assert!(!run.out.contains("hunter2"), "{run:?}");
    let settings = fs::read_to_string(home.settings()).unwrap();
    let line_end = if is_windows() { "\r\n" } else { "\n" };
    assert_eq!(settings.matches(line_end).count(), settings.lines().count());
    assert_eq!(
        settings.replace("\r\n", "\n"),
        "version = 1

[[account]]
name = \"mx.test\"
host = \"mx.test\"
method = \"etrn\"
domains = [\"a.test\"]
every = \"10m\"

[[account]]
name = \"second.test\"
host = \"second.test\"
method = \"etrn\"
domains = [\"b.test\"]
every = \"10m\"
"
    );
    // Not twice, unless they are to be replaced; then nothing of the old ones is left.
    let again = import(&home, RC, &["--from", "fetchmail"]);
    again.refuses(64, &["mx.test, second.test", "--replace"]);
    let set = home.run(&["account", "set", "mx.test", "bind=127.0.0.1", "every=1h"]);
    assert_eq!(set.status, 0, "{set:?}");
    let replaced = import(&home, RC, &["--from", "fetchmail", "--replace", "--json"]);
    assert_eq!(
        replaced.object()["accounts"],
        json!(["mx.test", "second.test"])
    );
    assert_eq!(fs::read_to_string(home.settings()).unwrap(), settings);
}

#[test]
fn what_cannot_be_used_changes_nothing() {
    let home = Home::new();
    let bad = RC.replace("b.test", "b.test, 'c test', d.test");
    import(&home, &bad, &["--from", "fetchmail"]).refuses(64, &["Line 4 of", "“c test”"]);
    import(&home, "poll h.test prot etrn", &["--from", "fetchmail"])
        .refuses(64, &["Line 1 of", "“prot”"]);
    import(&home, "[[account]]\nname = 'x'\nport = 0\n", &[]).refuses(78, &["Line 3 of", "Host"]);
    home.run(&["settings", "import", "no-such-file"])
        .refuses(64, &["no-such-file"]);
    assert!(!home.settings().exists());
}

#[test]
fn no_program_is_switched_on_unasked() {
    let own = "notice_command = [\"/opt/tell\", \"all of you\"]

[[account]]
name = \"a\"
host = \"h.test\"
tls = \"required\"
user = \"u\"
secret = \"command:/opt/get --it\"
";
    let msmtp =
        "account x\nhost h.test\ntls on\nauth on\nuser u\npasswordeval cat \"/run/the pw\"\n";
    for (text, from, commands) in [
        (
            own,
            &[][..],
            &["/opt/tell \"all of you\"", "/opt/get --it", "Line 3 of"][..],
        ),
        (
            msmtp,
            &["--from", "msmtp"],
            &["cat \"/run/the pw\"", "Line 1 of", "“x”"],
        ),
    ] {
        let home = Home::new();
        let refused = import(&home, text, from);
        refused.refuses(64, &[commands, &["--allow-commands"]].concat());
        assert!(!home.settings().exists());
        let json = import(&home, text, &[from, &["--json"]].concat());
        assert_eq!(json.status, 64, "{json:?}");
        assert_eq!(json.object()["error"]["code"], "commands-not-allowed");
        let allowed = import(&home, text, &[from, &["--allow-commands"]].concat());
        assert_eq!(allowed.status, 0, "{allowed:?}");
        // What is started here already needs no leave.
        let again = import(&home, text, &[from, &["--replace"]].concat());
        assert_eq!(again.status, 0, "{again:?}");
    }
}

#[test]
fn an_import_that_is_killed_leaves_all_or_nothing() {
    let text = "etrn.pl h.test a.test\n".repeat(600);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("calls");
    fs::write(&file, text).unwrap();
    let arguments = [
        "settings",
        "import",
        "--from",
        "etrn",
        file.to_str().unwrap(),
    ];
    let mut lived = Duration::from_millis(2);
    for _ in 0..60 {
        let home = Home::new();
        let mut import = home.command(&arguments);
        let mut import = import.stdout(Stdio::null()).spawn().unwrap();
        thread::sleep(lived);
        // It may have ended by itself.
        let _ = import.kill();
        let has_ended = import.wait().unwrap().success();
        let settings = fs::read_to_string(home.settings()).unwrap_or_default();
        let count = settings.matches("[[account]]").count();
        assert!(count == 0 || count == 600, "{count} of 600 after {lived:?}");
        if has_ended {
            assert_eq!(count, 600);
            return;
        }
        lived = lived * 5 / 4;
    }
    panic!("it did not end within {lived:?}");
}

#[test]
fn in_the_encodings_of_windows_and_of_a_sensible_size() {
    let home = Home::new();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("task.xml");
    let import = |bytes: &[u8], more: &[&str]| {
        fs::write(&path, bytes).unwrap();
        home.run(&[&["settings", "import", path.to_str().unwrap()], more].concat())
    };
    let task = "<?xml version=\"1.0\" encoding=\"UTF-16\"?><Task><Triggers/><Actions><Exec>\
                <Command>dequeue.exe</Command><Arguments>h.test</Arguments></Exec></Actions></Task>";
    let task: Vec<u8> = task.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let run = import(&task, &["--from", "dequeue"]);
    assert_eq!(run.status, 0, "{run:?}");
    // As PowerShell writes what `settings export` says.
    let own = "\u{feff}[[account]]\nname = \"é\"\nhost = \"i.test\"\n";
    let own: Vec<u8> = own.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let run = import(&own, &[]);
    assert_eq!(run.status, 0, "{run:?}");
    let names = home.run(&["account", "list"]).out;
    assert!(names.contains("h.test") && names.contains('é'), "{names}");
    import(b"[[account]]\nname = \"\xe9\"\n", &[]).refuses(64, &["UTF-8"]);
    import(&vec![b'#'; (16 << 20) + 1], &[]).refuses(64, &["16 MB"]);
}

#[test]
fn to_another_machine_and_back() {
    to_another_machine(|_| ());
}

/// Exports settings and imports them at a home where `start` has started what it likes.
pub fn to_another_machine<Engine>(start: impl FnOnce(&Home) -> Engine) {
    let (home, other) = (Home::new(), Home::new());
    home.write_settings(
        "version = 1 # hunter2\nlanguage = \"en\"\nkeep_for = \"30d\"\n\n[[account]]\nname = \"a b\"\nhost = \"192.0.2.7\"\nmethod = \"auto\"\ndomains = [\"a.test\", \"@b.test\"]\nevery = \"1h\"\nnormal_codes = [502, 459]\n",
    );
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("exported.toml");
    let path = file.to_str().unwrap();
    let exported = home.run(&["settings", "export", path]);
    assert_eq!(exported.status, 0, "{exported:?}");
    let text = fs::read_to_string(&file).unwrap();
    assert!(!text.contains("hunter2"), "{text}");
    assert_eq!(home.run(&["settings", "export"]).out, text);
    home.run(&["settings", "export", path])
        .refuses(70, &["exported.toml"]);
    let _engine = start(&other);
    let imported = other.run(&["settings", "import", path]);
    assert_eq!(imported.status, 0, "{imported:?}");
    assert_eq!(other.run(&["settings", "export"]).out, text);
    let shown = |home: &Home| home.run(&["account", "show", "a b"]).out;
    assert_eq!(shown(&other), shown(&home));
}

#[test]
fn addresses_that_may_hold_a_key_stay_at_home() {
    let (home, other) = (Home::new(), Home::new());
    let settings = "version = 1
notice_webhook = \"https://hooks.test/services/T0/B0/hunter2x\"

[[account]]
name = \"a b\"
host = \"192.0.2.7\"
method = \"signal\"
heartbeat = \"https://hc.test/hunter2x\"
";
    home.write_settings(settings);
    let exported = home.run(&["settings", "export"]);
    assert_eq!(exported.status, 0, "{exported:?}");
    for part in [
        "“notice_webhook”",
        "“heartbeat” of “a b”",
        if is_windows() {
            "account set \"a b\" heartbeat="
        } else {
            "account set 'a b' heartbeat="
        },
    ] {
        assert!(exported.err.contains(part), "no {part} in {exported:?}");
    }
    let json = home.run(&["settings", "export", "--json"]).object();
    assert_eq!(
        json["left_out"][1],
        json!({"account": "a b", "key": "heartbeat"})
    );
    let checked = home.run(&["settings", "check"]);
    assert_eq!(checked.status, 0, "{checked:?}");
    assert!(checked.out.contains("{secret}"), "{checked:?}");
    for run in [&exported, &checked] {
        assert!(
            !run.out.contains("hunter2") && !run.err.contains("hunter2"),
            "{run:?}"
        );
    }
    // Elsewhere they are asked for, here they stay.
    let imported = import(&other, &exported.out, &[]);
    assert_eq!(imported.status, 0, "{imported:?}");
    assert!(
        imported
            .out
            .contains("Set it with “dequeue settings set notice_webhook="),
        "{imported:?}"
    );
    assert!(
        !fs::read_to_string(other.settings())
            .unwrap()
            .contains("left-out")
    );
    let here = import(&home, &exported.out, &["--replace"]);
    assert_eq!(here.status, 0, "{here:?}");
    assert!(here.out.contains("what is set here stays"), "{here:?}");
    let there = fs::read_to_string(home.settings()).unwrap();
    for line in settings.lines().filter(|line| line.contains("hunter2")) {
        assert!(there.contains(line), "no {line} in {there}");
    }
    // A password is no part of an address.
    home.write_settings(settings.replace("https://hooks", "https://us:hunter2@hooks"));
    let refused = home.run(&["settings", "check"]);
    refused.refuses(78, &["Line 2 of", "a user name or a password"]);
    assert!(!refused.err.contains("hunter2"), "{refused:?}");
}
