//! How things stand, as an administrator or a monitoring system asks, and the settings that belong to
//! no account.

use serde_json::json;

use crate::programs::{Home, Run};

/// Runs it, and expects it to work.
pub fn done(home: &Home, arguments: &[&str]) -> Run {
    let run = home.run(arguments);
    assert_eq!(run.status, 0, "{arguments:?}: {run:?}");
    run
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

/// Also where no engine runs: the next one finds it so.
#[test]
fn a_pause_has_an_end_that_is_said_in_hours_or_by_the_morning() {
    let lines = |name: &str| format!("\n[[account]]\nname = \"{name}\"\nhost = \"h.test\"\n");
    let home = Home::with(&[lines("a"), lines("b")]);
    let standing = |key: &str| {
        let status = done(&home, &["status", "--json"]).object();
        let of = |at: usize| status["accounts"][at][key].clone();
        [of(0), of(1)]
    };
    let paused = done(&home, &["pause", "a", "--for", "90m"]);
    assert!(paused.out.contains("Paused: a."), "{paused:?}");
    assert_eq!(standing("health"), ["paused", "waiting"]);
    assert!(standing("paused_until")[0].is_string());
    // Another length takes its place.
    done(&home, &["pause", "a", "b"]);
    assert_eq!(standing("paused_until"), [json!(null), json!(null)]);
    done(&home, &["pause", "--until-tomorrow"]);
    let status = done(&home, &["status", "--json"]).object();
    assert!(status["paused_until"].is_string(), "{status:#}");
    let resumed = done(&home, &["resume"]);
    assert!(resumed.out.contains("Resumed: a, b."), "{resumed:?}");
    assert_eq!(standing("health"), ["waiting", "waiting"]);
    let notices = done(&home, &["notices"]);
    assert_eq!(notices.out, "No notices.\n");
    for wrong in ["soon", "0s", "-1h"] {
        home.run(&["pause", "a", &format!("--for={wrong}")])
            .refuses(64, &[wrong, "1h"]);
    }
    home.run(&["pause", "c"]).refuses(64, &["c", "a, b"]);
}
