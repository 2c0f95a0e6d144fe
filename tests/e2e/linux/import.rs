//! Settings from another program and to another machine: with a running engine, and passwords into
//! files, for want of a keyring; what other programs' files mean, compared with the real programs.

mod fetchmail;
mod msmtp;
mod rig;

use std::{
    fs, iter,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::json;

use self::rig::answer;
use crate::{
    import::{import, to_another_machine},
    programs::Home,
};

#[test]
fn to_another_machine_where_an_engine_runs_and_back() {
    to_another_machine(Home::start_engine);
}

#[test]
fn passwords_come_along_and_show_nowhere() {
    let odmr = "poll odmr.test with proto ODMR,
  user \"office\" there with password \"hunter2\" fetchdomains a.test options ssl sslcertck\n";
    let home = Home::new();
    let run = import(&home, odmr, &["--from", "fetchmail"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(
        run.out.contains("“odmr.test” is stored in a file"),
        "{run:?}"
    );
    assert!(!run.out.contains("dequeue secret set"), "{run:?}");
    let again = ["--from", "fetchmail", "--replace", "--json"];
    let taken = import(&home, odmr, &again).object();
    assert_eq!(
        taken["passwords"],
        json!([{"account": "odmr.test", "kept_in": "file"}])
    );
    assert_eq!(taken["notes"], json!([]));
    let settings = fs::read_to_string(home.settings()).unwrap();
    for shown in [&run.out, &run.err, &settings, &taken.to_string()] {
        assert!(!shown.contains("hunter2"), "{shown}");
    }
    // A folder cannot be made where a file is: all but the password is taken over.
    let other = Home::new();
    fs::write(other.path().join("secrets"), "").unwrap();
    let run = import(&other, odmr, &["--from", "fetchmail"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.out.contains("dequeue secret set"), "{run:?}");
    assert!(run.err.contains("secrets"), "{run:?}");
    assert!(other.settings().exists());
}

/// No account without its password: the settings name it only once that is kept.
#[test]
fn an_import_with_passwords_that_is_killed_leaves_all_or_nothing() {
    const ACCOUNTS: usize = 40;
    let account = |number| {
        format!(
            "account a{number}\nhost h{number}.test\ntls on\nauth on\nuser u\npassword hunter2\n"
        )
    };
    let text: String = (0..ACCOUNTS).map(account).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("msmtprc");
    fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    let arguments = ["settings", "import", "--from", "msmtp", file];
    let mut lived = Duration::from_millis(2);
    loop {
        let home = Home::new();
        let mut import = home.command(&arguments);
        let mut import = import.stdout(Stdio::null()).spawn().unwrap();
        thread::sleep(lived);
        // It may have ended by itself.
        let _ = import.kill();
        let has_ended = import.wait().unwrap().success();
        let settings = fs::read_to_string(home.settings()).unwrap_or_default();
        let count = settings.matches("[[account]]").count();
        let secrets = fs::read_dir(home.path().join("secrets")).into_iter();
        let names = secrets.flatten().flatten().map(|entry| entry.file_name());
        let kept = names.filter(|name| name.to_string_lossy().ends_with(".secret"));
        let kept = kept.count();
        assert!(
            count == 0 || (count, kept) == (ACCOUNTS, ACCOUNTS),
            "{count} accounts and {kept} passwords after {lived:?}"
        );
        if has_ended {
            assert_eq!(count, ACCOUNTS);
            return;
        }
        assert!(lived < Duration::from_secs(60), "it does not end");
        lived = lived * 5 / 4;
    }
}

/// A question is put where somebody sits at a terminal, and only a yes is one.
#[test]
fn programs_are_asked_for_at_a_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("msmtprc");
    let text =
        "account x\nhost h.test\ntls on\nauth on\nuser u\npasswordeval cat \"/run/the pw\"\n";
    fs::write(&file, text).unwrap();
    let file = file.to_str().unwrap();
    for (typed, is_yes) in [
        ("y\n", true),
        ("Yes, do\n", true),
        ("n\n", false),
        ("no\n", false),
        ("\n", false),
        ("of course\n", false),
        // The end of the input.
        ("", false),
    ] {
        let home = Home::new();
        let arguments = ["settings", "import", "--from", "msmtp", file];
        let (status, shown) = at_a_terminal(&home.command(&arguments), typed);
        for part in ["cat \"/run/the pw\"", "[y/N]"] {
            assert!(shown.contains(part), "no {part} in {shown}");
        }
        let is_said = shown.contains("Nothing was imported");
        let expected = if is_yes {
            (0, true, false)
        } else {
            (64, false, true)
        };
        assert_eq!(
            (status, home.settings().exists(), is_said),
            expected,
            "{typed:?}: {shown}"
        );
    }
    // Where nobody sees the question, there is none.
    let home = Home::new();
    let json = ["settings", "import", "--from", "msmtp", file, "--json"];
    let (status, shown) = at_a_terminal(&home.command(&json), "y\n");
    assert_eq!(status, 64, "{shown}");
    assert!(!shown.contains("[y/N]"), "{shown}");
    assert!(!home.settings().exists());
}

/// Runs a command at a terminal of its own (script(1)), where this is typed, and then the end of the
/// input. Gives its exit status, and what the terminal showed.
fn at_a_terminal(command: &Command, typed: &str) -> (i32, String) {
    let words = iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<String> = words
        .map(|word| format!("'{}'", word.to_str().expect("a word in UTF-8")))
        .collect();
    let mut terminal = Command::new("script");
    terminal
        .args(["-qec", &words.join(" "), "/dev/null"])
        .env("SHELL", "/bin/sh");
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => terminal.env(name, value),
            None => terminal.env_remove(name),
        };
    }
    let output = answer(&mut terminal, typed);
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code().expect("an exit status"), shown)
}
