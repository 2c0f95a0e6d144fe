//! How things stand, as an administrator or a monitoring system asks, and the settings that belong to
//! no account.

use serde_json::json;

use crate::programs::{Home, Run};

/// Runs it, and expects it to work.
fn done(home: &Home, arguments: &[&str]) -> Run {
    let run = home.run(arguments);
    assert_eq!(run.status, 0, "{arguments:?}: {run:?}");
    run
}

#[cfg(target_os = "linux")]
mod with_an_engine {
    use rustix::process::Signal;

    use super::*;
    use crate::programs::account;
    use crate::rig::mail_server::MailServer;
    use crate::rig::wait::{self, SOON};

    fn check(home: &Home) -> (i32, String) {
        let run = home.run(&["status", "--check"]);
        assert_eq!(run.err, "");
        (run.status, run.out)
    }

    #[test]
    fn a_monitoring_system_is_told_by_the_convention() {
        let (good, bad) = (MailServer::up(), MailServer::down());
        let settings = "method = \"signal\"\nevery = \"1h\"";
        let home = Home::with(&[account("good", good.address(), settings)]);
        let (status, said) = check(&home);
        assert_eq!(status, 3, "{said}");
        assert!(said.starts_with("DEQUEUE UNKNOWN - "), "{said}");
        let mut engine = home.start(&["run"]);
        home.wait_for_engine();
        home.wait_for_pokes("good", 1, SOON);
        let (status, said) = check(&home);
        assert_eq!(status, 0, "{said}");
        assert!(said.starts_with("DEQUEUE OK - One account"), "{said}");
        assert!(said.contains(" | accounts=1;;;0 "), "{said}");
        home.set_up(&[
            account("good", good.address(), settings),
            account("bad", bad.address(), settings),
        ]);
        home.wait_for_pokes("bad", 1, SOON);
        let (status, said) = check(&home);
        assert_eq!(status, 2, "{said}");
        assert!(said.starts_with("DEQUEUE CRITICAL - bad: "), "{said}");
        assert!(said.contains(" failing=1;;0;0 "), "{said}");
        let checked = home.run(&["status", "--check", "--json"]);
        assert_eq!(checked.status, 2);
        let checked = checked.object();
        assert_eq!(checked["state"], "critical");
        assert_eq!(checked["problems"][0]["account"], "bad");
        assert_eq!(checked["figures"]["accounts"], 2);
        assert_eq!(home.run(&["status", "--check", "-q"]).out, "");
        // A fault in the settings, too, and the last good ones go on.
        home.write_settings("version = 1\n[[account");
        let faulty = || Some(check(&home)).filter(|(_, said)| said.contains("faults=1"));
        let (status, said) = wait::until("the fault", SOON, faulty);
        assert_eq!(status, 2, "{said}");
        assert!(said.contains("\nWARNING: Line 2 of "), "{said}");
        engine.signal(Signal::TERM);
        assert!(engine.wait(SOON).success(), "{}", engine.log());
    }

    #[test]
    fn days_are_added_up_over_accounts() {
        let provider = MailServer::up();
        let of = |name: &str| account(name, provider.address(), "method = \"signal\"");
        let home = Home::with(&[of("a"), of("b")]);
        assert_eq!(done(&home, &["history", "--days"]).out, "No pokes.\n");
        done(&home, &["poke", "--all"]);
        done(&home, &["poke", "a"]);
        // Midnight may come between them.
        let pokes = |arguments: &[&str]| -> u64 {
            let days = done(&home, arguments).objects();
            days.iter().filter_map(|day| day["pokes"].as_u64()).sum()
        };
        assert_eq!(pokes(&["history", "--days", "--json"]), 3);
        assert_eq!(pokes(&["history", "a", "--days", "--json"]), 2);
        let days = done(&home, &["history", "--days", "--since", "1d"]).out;
        let mut lines = days.lines();
        assert!(lines.next().unwrap().ends_with("Outcomes"), "{days}");
        assert!(lines.all(|line| line.ends_with("× Signalled")), "{days}");
        home.run(&["history", "nobody", "--days"])
            .refuses(64, &["nobody"]);
    }
}

#[test]
fn an_account_is_added_with_its_rhythm_and_its_notices() {
    let home = Home::new();
    let given = [
        ("hours", "mon-fri 07:00-19:00"),
        ("outside", "2h"),
        ("time_zone", "Europe/Amsterdam"),
        ("mail_server", "127.0.0.1:2525"),
        ("mail_server_first", "false"),
        ("mail_server_test", "true"),
        ("watch", "10m"),
        ("notify_after", "3"),
        ("silence_alarm", "2d"),
        ("heartbeat", "https://hc.test/1"),
    ];
    let options = given.map(|(key, value)| format!("--{}={value}", key.replace('_', "-")));
    let mut line = vec!["account", "add", "a", "--host", "h.test"];
    line.extend(options.iter().map(String::as_str));
    done(&home, &line);
    let shown = done(&home, &["account", "show", "a"]).out;
    for (key, value) in given {
        let line = format!("{key} = {value}");
        assert!(shown.lines().any(|it| it == line), "no {line} in {shown}");
    }
    let status = done(&home, &["status"]).out;
    assert!(status.contains("mon-fri 07:00-19:00"), "{status}");
}

#[test]
fn what_belongs_to_no_account_is_shown_and_set() {
    let home = Home::new();
    let tried = done(&home, &["settings", "try-notices"]);
    assert!(tried.out.contains("desktop"), "{tried:?}");
    let command = "notice_command=no-such-program-here";
    done(&home, &["settings", "set", "keep_for=30d", command]);
    let shown = done(&home, &["settings", "show", "--json"]).object();
    assert_eq!(shown["keep_for"], "30d");
    assert_eq!(shown["keep_at_most"], "100");
    assert_eq!(shown["notice_command"], "no-such-program-here");
    let shown = done(&home, &["settings", "show"]).out;
    assert!(shown.lines().any(|line| line == "keep_for = 30d"));
    let before = std::fs::read(home.settings()).unwrap();
    home.run(&["settings", "set", "every=1h", "keep_for=1s"])
        .refuses(64, &["every", "Pokes kept for"]);
    home.run(&["settings", "set", "1h"])
        .refuses(64, &["KEY=VALUE"]);
    assert_eq!(std::fs::read(home.settings()).unwrap(), before);
    let tried = home.run(&["settings", "try-notices", "--json"]);
    assert_eq!(tried.status, 70, "{tried:?}");
    let trial = tried.object();
    assert_eq!(
        (&trial["channel"], &trial["ok"]),
        (&json!("command"), &json!(false))
    );
    done(&home, &["settings", "set", "notice_command="]);
    assert_eq!(done(&home, &["settings", "try-notices", "--json"]).out, "");
}

#[test]
#[cfg(unix)]
fn the_command_for_notices_is_tried_out() {
    let home = Home::new();
    let folder = tempfile::tempdir().unwrap();
    let seen = folder.path().join("seen");
    let command = format!("notice_command=cp /dev/stdin {}", seen.display());
    done(&home, &["settings", "set", &command]);
    let tried = done(&home, &["settings", "try-notices"]);
    assert!(tried.out.contains("works"), "{tried:?}");
    let notice = std::fs::read_to_string(seen).unwrap();
    let notice: serde_json::Value = serde_json::from_str(&notice).unwrap();
    assert_eq!(notice["kind"], "trial");
}

#[test]
#[cfg(unix)]
fn the_password_for_notices_by_mail_is_kept_like_an_accounts() {
    let home = Home::new();
    let set = |input: &str| {
        let mut command = home.command(&["secret", "set", "notice_mail_secret", "--json"]);
        Run::told(input, &mut command)
    };
    let set = set("hunter2\n");
    assert_eq!(set.status, 0, "{set:?}");
    let expected = json!({"account": "notice_mail_secret", "kept_in": "file"});
    assert_eq!(set.object(), expected);
    let told = done(
        &home,
        &[
            "settings",
            "set",
            "notice_mail_host=mail.test",
            "notice_mail_user=me",
            "notice_mail_from=a@b.test",
            "notice_mail_to=a@b.test",
        ],
    );
    assert!(
        told.out.contains("dequeue secret set notice_mail_secret"),
        "{told:?}"
    );
    done(&home, &["secret", "clear", "notice_mail_secret"]);
    home.run(&["secret", "clear", "notice_mail"])
        .refuses(64, &["notice_mail"]);
}
