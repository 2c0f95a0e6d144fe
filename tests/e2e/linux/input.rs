//! Bad input: an engine in the foreground goes on, and takes the file up as soon as it is right; and
//! a file that its user may not read or write.

use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    process::Command,
};

use crate::{
    input::{SETTINGS, listener},
    linux::rig::process,
    programs::{Home, Run, account, shown},
    rig::{mail_server::MailServer, wait::SOON},
};

#[test]
fn says_what_is_wrong_and_goes_on_when_it_is_corrected() {
    let provider = MailServer::up();
    let good = format!(
        "version = 1\n{}",
        account(
            "vevida",
            provider.address(),
            "method = \"signal\"\nevery = \"1h\""
        )
    );
    let home = Home::new();
    home.write_settings(good.replace("every", "evry"));
    let mut engine = home.start_engine();
    let place = format!("Line 8 of {}", shown(&home.settings()));
    engine.wait_for_log(&place, SOON);
    assert!(engine.log().contains("evry"), "{}", engine.log());
    assert!(provider.visits().is_empty());
    home.write_settings(&good);
    home.wait_for_pokes("vevida", 1, SOON);
    // Broken again, the last good settings run on, and nothing is written over the fault.
    home.write_settings(b"version = 1\n[[account");
    engine.wait_for_log("Line 2 of ", SOON);
    let run = home.run(&["poke", "vevida"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.err.contains("Line 2 of "), "{run:?}");
    home.run(&["account", "remove", "vevida"])
        .refuses(SETTINGS, &["Line 2 of "]);
    assert_eq!(
        fs::read(home.settings()).unwrap(),
        b"version = 1\n[[account"
    );
    engine.end();
}

#[test]
fn a_settings_file_that_cannot_be_read_or_written() {
    // A folder in its place cannot even be read, not by root either.
    let home = Home::new();
    fs::create_dir(home.settings()).unwrap();
    let path = home.settings().display().to_string();
    for arguments in [
        &["settings", "check"][..],
        &["poke", "vevida"],
        &["account", "add", "vevida", "--host", "mx.test"],
    ] {
        let run = home.run(arguments);
        run.refuses(SETTINGS, &[&path]);
    }

    // A home below a file cannot be made.
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    let mut command = home.command(&["account", "add", "vevida", "--host", "mx.test"]);
    command.env("DEQUEUE_HOME", file.join("home"));
    let run = Run::of(&mut command);
    assert!([SETTINGS, 70].contains(&run.status), "{run:?}");
    assert!(run.err.contains(&file.display().to_string()), "{run:?}");

    // A user other than root owns this home except the settings file, and its folder takes no new
    // files.
    assert!(
        rustix::process::geteuid().is_root(),
        "this test gives up root's rights, so it must have them"
    );
    const NOBODY: u32 = 65_534;
    let home = Home::with(&[account("vevida", listener().address(), "every = \"15m\"")]);
    let before = fs::read(home.settings()).unwrap();
    let data = ["history.sqlite", "engine.lock"].map(|name| home.path().join(name));
    for path in &data {
        fs::write(path, "").unwrap();
        chown(path, Some(NOBODY), None).unwrap();
    }
    chown(home.path(), Some(NOBODY), None).unwrap();
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let as_nobody = |arguments: &[&str]| {
        let plain = home.command(arguments);
        let mut command = Command::new(process::find("setpriv", "util-linux"));
        command
            .args([
                "--reuid",
                "65534",
                "--regid",
                "65534",
                "--clear-groups",
                "--",
            ])
            .arg(plain.get_program())
            .args(plain.get_args());
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Run::of(&mut command)
    };
    // Its own folder, but the file is another's and the folder's mode takes its right to write.
    let run = as_nobody(&["settings", "check"]);
    assert_eq!(run.status, 0, "{run:?}");
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o500)).unwrap();
    let run = as_nobody(&["account", "set", "vevida", "every=1h"]);
    assert!([SETTINGS, 70].contains(&run.status), "{run:?}");
    assert!(
        run.err.contains(&home.path().display().to_string()),
        "{run:?}"
    );
    assert_eq!(fs::read(home.settings()).unwrap(), before);
}

/// As in a container: the program brings the time zones itself, and by a name that nobody knows it
/// goes by UTC.
#[test]
fn time_zones_are_there_where_the_system_has_none() {
    let lines = "method = \"signal\"\nhours = \"mon-fri 7-19\"\ntime_zone = \"Europe/Amsterdam\"";
    let home = Home::with(&[account("vevida", listener().address(), lines)]);
    let run = |zone: &str, arguments: &[&str]| {
        let plain = home.command(arguments);
        let mut command = Command::new("unshare");
        let hide = "mount -t tmpfs none /usr/share/zoneinfo && exec \"$@\"";
        command.args(["--mount", "sh", "-c", hide, "sh"]);
        command.arg(plain.get_program()).args(plain.get_args());
        for (name, value) in plain.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Run::of(command.env("TZ", zone))
    };
    let checked = run("", &["settings", "check"]);
    assert_eq!(checked.status, 0, "{checked:?}");
    home.run(&["poke", "vevida"]);
    let at = home.history("vevida").remove(0)["started_at"].clone();
    let at: jiff::Timestamp = at.as_str().expect("a time").parse().expect("a time");
    for (zone, offset) in [
        ("", 0),
        ("Asia/Tokyo", 9),
        (":Asia/Tokyo", 9),
        ("XYZ-3", 3),
        ("Nowhere/Nothing", 0),
    ] {
        let shown = run(zone, &["history", "vevida"]);
        let local = jiff::tz::Offset::constant(offset).to_datetime(at);
        let local = local.strftime("%Y-%m-%d %H:%M:%S").to_string();
        assert!(
            shown.out.contains(&local),
            "{zone}: no {local} in {shown:?}"
        );
    }
}
