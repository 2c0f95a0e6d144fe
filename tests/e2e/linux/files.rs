//! Files that several programs share: what was said to be saved is there, whoever else has written
//! meanwhile; none is open to other users, and a service's stay its own.

use std::{
    collections::BTreeSet,
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    thread,
};

use crate::{
    linux::programs::NOBODY,
    programs::{Home, Run, account},
    rig::{
        mail_server::MailServer,
        wait::{SOON, until},
    },
};

/// The names of the accounts that a settings file says.
fn names(settings: &Path) -> BTreeSet<String> {
    let text = fs::read_to_string(settings).expect("the settings");
    let names = text.lines().filter_map(|line| line.strip_prefix("name = "));
    names
        .map(|name| name.trim_matches('"').to_owned())
        .collect()
}

#[test]
fn of_24_that_change_the_settings_at_once_none_loses_what_another_has_saved() {
    #[derive(Clone, Copy, Debug, PartialEq)]
    enum Engine {
        None,
        Runs,
        Comes,
    }

    let provider = MailServer::up();
    let (ip, port) = (
        provider.ip().to_string(),
        provider.address().port().to_string(),
    );
    for engine in [Engine::None, Engine::Runs, Engine::Comes] {
        let home = Home::new();
        let mut running = (engine == Engine::Runs).then(|| home.start_engine());
        let add = |name: &str| {
            home.run(&[
                "account", "add", name, "--host", &ip, "--port", &port, "--method", "signal",
            ])
        };
        let (ended, coming) = thread::scope(|scope| {
            let adding: Vec<_> = (0..24)
                .map(|number| {
                    let add = &add;
                    scope.spawn(move || {
                        let name = format!("a{number}");
                        (add(&name), name)
                    })
                })
                .collect();
            let coming = (engine == Engine::Comes).then(|| home.start(&["run"]));
            let ended = adding.into_iter().map(|it| it.join().expect("a command"));
            (ended.collect::<Vec<_>>(), coming)
        });
        let mut saved = BTreeSet::new();
        for (run, name) in ended {
            if run.status == 0 {
                saved.insert(name);
            } else {
                // On a slow machine some wait in vain.
                run.refuses(78, &["Nothing was changed", "settings.toml"]);
            }
        }
        assert_eq!(names(&home.settings()), saved, "{engine:?}");
        running = running.or(coming);
        if let Some(running) = running {
            home.wait_for_engine();
            until("the engine to know all of them", SOON, || {
                let status = home.run(&["status", "--json"]).object();
                let accounts = status["accounts"].as_array().expect("accounts");
                (status["running"] == true && accounts.len() == saved.len()).then_some(())
            });
            running.end();
        }
        assert_eq!(names(&home.settings()), saved, "{engine:?}");
    }
}

/// All that is in a folder, itself included.
fn all_in(folder: &Path) -> Vec<PathBuf> {
    let mut all = vec![folder.to_owned()];
    let mut next = 0;
    while let Some(path) = all.get(next).cloned() {
        next += 1;
        if path.is_dir() {
            let entries = fs::read_dir(path).expect("a folder");
            all.extend(entries.map(|entry| entry.expect("an entry").path()));
        }
    }
    all
}

#[test]
fn nothing_in_a_folder_that_others_may_enter_is_open_to_them() {
    let provider = MailServer::up();
    let home = Home::new();
    fs::set_permissions(home.path(), Permissions::from_mode(0o755)).unwrap();
    let (ip, port) = (
        provider.ip().to_string(),
        provider.address().port().to_string(),
    );
    let add = [
        "account", "add", "a", "--host", &ip, "--port", &port, "--method", "signal", "--user", "u",
        "--secret", "file",
    ];
    assert_eq!(home.run(&add).status, 0);
    let mut keep = home.command(&["secret", "set", "a"]);
    let run = Run::told("hunter2\n", &mut keep);
    assert_eq!(run.status, 0, "{run:?}");
    let engine = home.start_engine();
    home.run(&["poke", "a"]);
    let all = all_in(home.path());
    for path in &all[1..] {
        let mode = fs::symlink_metadata(path).unwrap().mode();
        assert_eq!(mode & 0o077, 0, "{mode:o} {}", path.display());
    }
    let there = |name: &str| all.iter().any(|path| path.ends_with(name));
    for name in [
        "settings.toml",
        "settings.toml.lock",
        "history.sqlite",
        "history.sqlite-wal",
        "engine.lock",
        "control.sock",
    ] {
        assert!(there(name), "{name} in {all:?}");
    }
    assert!(
        all.iter()
            .any(|path| path.extension().is_some_and(|it| it == "secret"))
    );
    engine.end();
}

#[test]
fn what_root_does_in_a_services_folder_keeps_nothing_from_the_service() {
    let provider = MailServer::up();
    for set_up in [true, false] {
        let home = Home::new();
        let lines = "method = \"signal\"\nevery = \"1h\"\nuser = \"u\"\nsecret = \"file\"";
        if set_up {
            home.set_up(&[account("a", provider.address(), lines)]);
            fs::set_permissions(home.settings(), Permissions::from_mode(0o640)).unwrap();
        }
        let nobody = home.of_nobody();
        let (ip, port) = (
            provider.ip().to_string(),
            provider.address().port().to_string(),
        );
        let add = [
            "account", "add", "b", "--host", &ip, "--port", &port, "--method", "signal", "--user",
            "u", "--secret", "file",
        ];
        assert_eq!(home.run(&add).status, 0);
        let mut keep = home.command(&["secret", "set", "b"]);
        let run = Run::told("hunter2\n", &mut keep);
        assert_eq!(run.status, 0, "{run:?}");
        home.run(&["poke", "b"]);
        for path in all_in(home.path()) {
            let there = fs::metadata(&path).unwrap();
            let owner = (there.uid(), there.gid());
            assert_eq!(owner, (NOBODY, NOBODY), "{}", path.display());
        }
        let mode = fs::metadata(home.settings()).unwrap().mode() & 0o777;
        assert_eq!(mode, if set_up { 0o640 } else { 0o600 });
        let as_nobody = |arguments: &[&str]| {
            let run = Run::of(&mut nobody.command(arguments));
            assert_eq!(run.status, 0, "{run:?}");
            run
        };
        as_nobody(&["account", "set", "b", "every=2h"]);
        assert_eq!(as_nobody(&["history", "b", "--json"]).objects().len(), 1);
        let engine = home.start_command(&nobody.command(&["run"]));
        home.wait_for_engine();
        engine.end();
    }
}

#[test]
fn a_home_that_is_no_absolute_path_is_refused_and_relative_xdg_folders_are_ignored() {
    let home = Home::new();
    let command = |variables: &[(&str, &str)]| {
        let mut command = home.command(&["settings", "path"]);
        command.env_remove("DEQUEUE_HOME").current_dir(home.path());
        for name in ["XDG_CONFIG_HOME", "XDG_DATA_HOME"] {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied());
        Run::of(&mut command)
    };
    let run = command(&[("HOME", "relative")]);
    run.refuses(70, &["HOME is not an absolute path", "DEQUEUE_HOME"]);
    assert_eq!(home.files(), [""; 0]);
    let absolute = home.path().to_str().unwrap();
    let run = command(&[
        ("HOME", absolute),
        ("XDG_CONFIG_HOME", "relative"),
        ("XDG_DATA_HOME", "./relative"),
    ]);
    assert_eq!(run.status, 0, "{run:?}");
    let expected = home.path().join(".config/dequeue/settings.toml");
    assert_eq!(run.out.trim(), expected.to_str().unwrap());
}

#[test]
fn a_folder_that_another_made_first_stops_an_engine_by_its_name_only() {
    /// Nobody else's in these tests.
    const USER: u32 = 61_987;
    let stand_in = PathBuf::from(format!("/tmp/dequeue-{USER}"));
    fs::remove_dir_all(&stand_in).ok();
    let home = Home::new();
    let user = home.of_user(USER);
    // No socket's path may be so long.
    let long = home.path().join("x".repeat(120));
    let command = |arguments: &[&str]| {
        let mut command = user.command(arguments);
        command.env("DEQUEUE_HOME", &long);
        command
    };
    fs::create_dir(&stand_in).unwrap();
    let run = Run::of(&mut command(&["run"]));
    run.refuses(70, &[stand_in.to_str().unwrap(), "permission denied"]);
    fs::remove_dir(&stand_in).unwrap();
    let mut engine = home.start_command(&command(&["run"]));
    engine.wait_for_log("Dequeue is running", SOON);
    let status = Run::of(command(&["status", "--json"]).env("TMPDIR", home.path()));
    assert_eq!(status.object()["running"], true);
    engine.end();
    fs::remove_dir_all(&stand_in).unwrap();
}
