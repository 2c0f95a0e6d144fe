//! The tray on Windows' desktop: its icon and menu, how it ends in every way that Windows has, and what it
//! says where it has no other way.

use std::{process::Command, time::Duration};

use serde_json::Value;

use crate::{
    linux::{
        programs,
        rig::{process::Process, windows_desktop::WindowsDesktop},
    },
    programs::{Home, Run, account, outcome},
    rig::{
        mail_server::{MailServer, Stage},
        wait::{self, SOON},
    },
};

/// Nothing here takes that long, unless something waits in vain for something else.
const ORDERLY: Duration = Duration::from_secs(20);

fn signal(name: &str, provider: &MailServer) -> String {
    account(
        name,
        provider.address(),
        "method = \"signal\"\nevery = \"1h\"",
    )
}

/// Waits until the tray has ended in good order, and gives its log.
fn has_ended(mut tray: Process) -> String {
    let status = tray.wait(ORDERLY);
    let log = tray.log();
    assert!(status.success(), "{status}:\n{log}");
    assert!(log.contains("ended"), "{log}");
    assert!(!log.contains("panicked"), "{log}");
    log
}

/// What an engine leaves that has ended in good order: no journal of its database, and the poke that was
/// under way.
fn is_left_in_order(home: &Home) {
    let files = home.files();
    let journals = ["history.sqlite-wal", "history.sqlite-shm"];
    assert!(
        files.iter().all(|name| !journals.contains(&name.as_str())),
        "{files:?}"
    );
    let pokes = home.history("vevida");
    assert_eq!(outcome(&pokes[0]), ("unknown", "interrupted"), "{pokes:#?}");
}

/// A tray whose first poke hangs at its provider.
fn with_poke_under_way(desktop: &WindowsDesktop) -> (MailServer, Home, Process) {
    let provider = MailServer::up();
    provider.hold_up(Stage::Greeting);
    let home = Home::with(&[signal("vevida", &provider)]);
    let tray = desktop.start_tray(&home);
    // Before that it looks at the machine's connections, which takes Wine its time.
    wait::until("the provider to be asked", SOON, || {
        let status = home.run(&["status", "--json"]).object();
        let is_asked = status["accounts"][0]["poking"] == true && !provider.visits().is_empty();
        is_asked.then_some(())
    });
    (provider, home, tray)
}

#[test]
fn the_icon_its_menu_a_second_start_and_quit() {
    icon_menu_second_start_and_quit(&WindowsDesktop::start(), "windows-tray");
}

#[test]
fn windows_7_has_the_icon_its_menu_a_second_start_and_quit() {
    icon_menu_second_start_and_quit(&WindowsDesktop::start_seven(), "windows-7-tray");
}

fn icon_menu_second_start_and_quit(desktop: &WindowsDesktop, picture: &str) {
    let provider = MailServer::up();
    let home = Home::with(&[signal("vevida", &provider)]);
    assert!(!desktop.has_icon());
    let tray = desktop.start_tray(&home);
    home.wait_for_pokes("vevida", 1, SOON);

    desktop.screenshot(&programs::picture(picture));
    // "Open Dequeue" is the first entry, "Poke all now" the second.
    desktop.choose(1);
    let pokes = home.wait_for_pokes("vevida", 2, SOON);
    assert_eq!(pokes[0]["trigger"], "user");

    // A taskbar that has crashed took the icon with it; on the new one it is there again.
    desktop.look(&["take-icon"]);
    desktop.wait_for_icon(false);
    desktop.look(&["taskbar-created"]);
    desktop.wait_for_icon(true);

    // A second start finds the first, and has it show the window; quietly it does nothing.
    let quiet = Run::of(&mut desktop.tray_command(&home, &["--quiet"]));
    assert_eq!(quiet.status, 0, "{quiet:?}");

    // A left click opens the window, whose program is not there: somebody waits for it, so it is said.
    desktop.click_icon(1);
    let said = desktop.answer_box("dequeue-window.exe");
    assert!(said.says("could not be started"), "{said:?}");

    // The last entry.
    desktop.choose(-1);
    has_ended(tray);
    desktop.wait_for_icon(false);
}

#[test]
fn a_notice_comes_as_a_balloon_where_there_are_no_toasts() {
    let desktop = WindowsDesktop::start();
    let home = Home::with(&[signal("vevida", &MailServer::down())]);
    let tray = desktop.start_tray(&home);
    desktop.wait_for("a balloon", |shown| {
        shown.class == "tooltips_class32" && shown.says("refuses connections")
    });
    desktop.screenshot(&programs::picture("windows-balloon"));
    // A click on it opens the window, whose program is not there.
    desktop.look(&["click-balloon"]);
    desktop.answer_box("dequeue-window.exe");
    let quit = Run::of(&mut desktop.tray_command(&home, &["--quit"]));
    assert_eq!(quit.status, 0, "{quit:?}");
    has_ended(tray);
}

#[test]
fn the_end_of_a_session_is_in_good_order() {
    let desktop = WindowsDesktop::start();
    let (_provider, home, tray) = with_poke_under_way(&desktop);
    desktop.end_session();
    let log = has_ended(tray);
    assert!(log.contains("the session ends"), "{log}");
    is_left_in_order(&home);
}

#[test]
fn whoever_asks_it_to_end_is_heard() {
    let desktop = WindowsDesktop::start();
    type Ask = fn(&WindowsDesktop, &Home) -> Command;
    let asks: [Ask; 3] = [
        |desktop, _| {
            let mut kill = desktop.wine("taskkill.exe");
            kill.args(["/im", "dequeue-tray.exe"]);
            kill
        },
        |desktop, home| desktop.tray_command(home, &["--quit"]),
        |_, home| home.command(&["stop"]),
    ];
    for ask in asks {
        let (_provider, home, tray) = with_poke_under_way(&desktop);
        let asked = Run::of(&mut ask(&desktop, &home));
        assert_eq!(asked.status, 0, "{asked:?}");
        has_ended(tray);
        desktop.wait_for_icon(false);
        is_left_in_order(&home);
        // Nothing runs any more, which is what is wanted.
        for again in [
            desktop.tray_command(&home, &["--quit"]),
            home.command(&["stop"]),
        ] {
            let mut again = again;
            let again = Run::of(&mut again);
            assert_eq!(again.status, 0, "{again:?}");
        }
    }
}

#[test]
fn one_tray_a_session_whatever_its_variables_say() {
    let desktop = WindowsDesktop::start();
    let home = Home::new();
    let tray = desktop.start_tray(&home);
    for session in [None, Some("Console"), Some("RDP-Tcp#7")] {
        let mut second = desktop.tray_command(&home, &["--quiet"]);
        match session {
            Some(name) => second.env("SESSIONNAME", name),
            None => second.env_remove("SESSIONNAME"),
        };
        let second = Run::of(&mut second);
        assert_eq!(second.status, 0, "{second:?}");
    }
    let quit = Run::of(&mut desktop.tray_command(&home, &["--quit"]));
    assert_eq!(quit.status, 0, "{quit:?}");
    has_ended(tray);
    let left = home.files();
    assert!(
        left.iter().all(|name| !name.starts_with("tray-")),
        "{left:?}"
    );
}

#[test]
fn what_is_wrong_at_the_start_is_said_in_a_box() {
    let desktop = WindowsDesktop::start();
    let home = Home::new();
    std::fs::write(home.path().join("file"), "").unwrap();
    let in_file = crate::programs::shown(&home.path().join("file").join("home"));
    for (arguments, folder, part, status) in [
        (&["--quiet"][..], Some(&in_file), "cannot be used", 70),
        (&["--hlep"], None, "does not know", 64),
        (&["--version"], None, "dequeue-tray 0.", 0),
    ] {
        let mut command = desktop.tray_command(&home, arguments);
        if let Some(folder) = folder {
            command.env("DEQUEUE_HOME", folder);
        }
        // As from Explorer: nothing that could be written to.
        let mut start = desktop.wine("start.exe");
        start
            .arg("/wait")
            .arg("/unix")
            .arg(desktop.tray())
            .args(arguments);
        for (name, value) in command.get_envs() {
            match value {
                Some(value) => start.env(name, value),
                None => start.env_remove(name),
            };
        }
        let mut started = Process::start(&start, &home.logs().join("start"));
        desktop.answer_box(part);
        assert_eq!(started.wait(ORDERLY).code(), Some(status), "{arguments:?}");
    }
}

#[test]
fn the_icon_is_seen_on_a_taskbar_of_any_colour() {
    let desktop = WindowsDesktop::start();
    let home = Home::new();
    let tray = desktop.start_tray(&home);
    let light = desktop.icon();
    let quit = |tray| {
        let quit = Run::of(&mut desktop.tray_command(&home, &["--quit"]));
        assert_eq!(quit.status, 0, "{quit:?}");
        has_ended(tray);
        desktop.wait_for_icon(false);
    };
    quit(tray);
    // Nothing says which colour it has: the picture is another, with a rim.
    let unset = Run::of(desktop.wine("reg.exe").args([
        "delete",
        r"HKCU\Software\Microsoft\Windows\CurrentVersion\Themes\Personalize",
        "/v",
        "SystemUsesLightTheme",
        "/f",
    ]));
    assert_eq!(unset.status, 0, "{unset:?}");
    let tray = desktop.start_tray(&home);
    assert_ne!(desktop.icon(), light);
    quit(tray);
}

#[test]
fn a_folder_is_one_however_it_is_spelled() {
    let desktop = WindowsDesktop::start();
    let home = Home::new();
    let tray = desktop.start_tray(&home);
    let path = crate::programs::shown(home.path());
    for spelling in [
        format!("{path}\\"),
        format!(r"\\?\{path}"),
        path.to_uppercase(),
        format!(r"{path}\x\.."),
        path.replace('\\', "/"),
    ] {
        let mut status = home.command(&["status", "--json"]);
        let status = Run::of(status.env("DEQUEUE_HOME", &spelling));
        assert_eq!(status.status, 0, "{spelling}: {status:?}");
        let running: Value = status.object()["running"].clone();
        assert_eq!(running, true, "{spelling}: {status:?}");
    }
    let stop = Run::of(
        home.command(&["stop"])
            .env("DEQUEUE_HOME", format!("{path}\\")),
    );
    assert_eq!(stop.status, 0, "{stop:?}");
    has_ended(tray);
}
