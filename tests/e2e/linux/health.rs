//! How things stand with an engine that runs, and the ways of notices that only Unix has.

use serde_json::json;

use crate::{
    health::done,
    programs::{Home, Run, account},
    rig::{
        mail_server::MailServer,
        wait::{self, SOON},
    },
};

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
    let engine = home.start_engine();
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
    engine.end();
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

#[test]
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
