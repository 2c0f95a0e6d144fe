//! The build for Windows 7, in a Windows of that version.

use std::{fs, path::Path};

use serde_json::Value;

use crate::{
    linux::rig::own_windows::OwnWindows,
    programs::{account, dequeue, outcome},
    rig::{
        mail_server::MailServer,
        wait::{self, SOON},
        wine,
    },
};

#[test]
fn its_command_line_pokes_and_remembers() {
    let windows = OwnWindows::seven();
    let provider = MailServer::up();
    let home = windows.drive().join("dequeue");
    fs::create_dir(&home).unwrap();
    let account = account(
        "vevida",
        provider.address(),
        "method = \"signal\"\nevery = \"1h\"",
    );
    fs::write(
        home.join("settings.toml"),
        format!("version = 1\n{account}"),
    )
    .unwrap();
    let run = |arguments: &[&str]| {
        let mut command = windows.command(&dequeue(), arguments);
        crate::programs::Run::of(command.env("DEQUEUE_HOME", r"C:\dequeue"))
    };

    let version = windows.run(Path::new("cmd.exe"), &["/d", "/c", "ver"]);
    assert!(version.out.contains("6.1.7601"), "{version:?}");

    let host = provider.address().ip().to_string();
    let port = provider.address().port().to_string();
    let old = run(&[&host, "-p", &port]);
    assert_eq!(old.status, 0, "{old:?}");
    let poke = run(&["poke", "vevida"]);
    assert_eq!(poke.status, 0, "{poke:?}");
    let history: Vec<Value> = run(&["history", "vevida", "--json"]).objects();
    assert_eq!(history.len(), 1, "{history:?}");
    assert_eq!(history[0]["outcome"], "signalled");
    let status = run(&["status", "--json"]).object();
    assert_eq!(status["accounts"][0]["name"], "vevida", "{status:#}");
}

#[test]
fn its_service_pokes_and_goes() {
    let windows = OwnWindows::seven();
    let provider = MailServer::up();
    let lines = "method = \"signal\"\nevery = \"1h\"";
    let account = account("vevida", provider.address(), lines);
    fs::write(
        windows.drive().join("office.toml"),
        format!("version = 1\n{account}"),
    )
    .unwrap();
    let service = |arguments: &[&str]| {
        let run = windows.run(&dequeue(), &[&["service"], arguments, &["--json"]].concat());
        assert_eq!(run.status, 0, "{arguments:?}: {run:?}");
        run.object()
    };

    let installed = service(&["install", "--settings", r"C:\office.toml"]);
    assert_eq!(installed["starts_at_boot"], true, "{installed}");
    assert_eq!(service(&["start"])["runs"], true);
    let pokes = wait::until("a poke of the service", SOON, || {
        let history = windows.run(&dequeue(), &["history", "vevida", "--json"]);
        Some(history.objects()).filter(|pokes| !pokes.is_empty())
    });
    assert_eq!(outcome(&pokes[0]).0, "signalled", "{pokes:#?}");
    assert_eq!(provider.visits().len(), 1);
    let data = windows.drive().join("ProgramData/Dequeue");
    assert!(data.join("settings.toml").is_file());

    assert_eq!(service(&["stop"])["runs"], false);
    assert_eq!(service(&["uninstall", "--purge"])["installed"], false);
    assert!(!data.exists(), "{}", data.display());
}

/// Else this version would be that of every Windows that is made after it.
#[test]
fn it_is_of_that_version_alone() {
    let is_seven = |prefix: &Path| {
        let registry = fs::read_to_string(prefix.join("user.reg")).unwrap();
        registry.contains(r#""Version"="win7""#)
    };
    let windows = OwnWindows::seven();
    // The registry is written when it ends.
    wine::end(&windows.prefix());
    assert!(is_seven(&windows.prefix()));
    assert!(!is_seven(&wine::shared()));
}
