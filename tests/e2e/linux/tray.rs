//! The real tray on a desktop without a screen: what the panel sees of it, what its menu does, and
//! what it leaves behind.

use std::{fs, os::unix::net::UnixStream, path::PathBuf, process::Command};

use rustix::process::{Pid, Signal, kill_process};

use crate::{
    linux::{
        postfix::{Held, arrives_at_the_interval},
        programs,
        rig::{
            process::{self, Process},
            provider::Provider,
            sni::{Entry, Item, Panel, Pixmaps},
            test_desktop::{TestDesktop, Theme},
        },
    },
    programs::{Home, account, outcome},
    rig::{
        mail_server::{MailServer, Stage},
        wait::{self, SOON},
    },
};

/// The title of the window.
const WINDOW: &str = "Dequeue";
/// The tooltip where a provider has taken the poke, and nothing shows what came of it.
const ASKED: &str = "Dequeue: asked; not confirmed that mail gets through";

/// The tray, running on a desktop.
pub struct Tray {
    process: Process,
}

impl Tray {
    fn command(desktop: &TestDesktop, home: &Home) -> Command {
        let mut command = desktop.command(programs::tray());
        command.env("DEQUEUE_HOME", home.path());
        command
    }

    /// Starts it as at login: no window by itself.
    pub fn start(desktop: &TestDesktop, home: &Home) -> Self {
        let mut command = Self::command(desktop, home);
        command.arg("--quiet");
        Self::run(&command, &desktop.log("tray"))
    }

    fn run(command: &Command, log: &std::path::Path) -> Self {
        let process = Process::start(command, log);
        Self { process }
    }

    /// Its icon in the panel.
    pub fn icon(&self, panel: &Panel) -> Item {
        panel.wait_for_item_of(self.process.pid(), SOON)
    }

    /// Waits until it has ended by itself, in good order.
    fn ends(&mut self) {
        let status = self.process.wait(SOON);
        assert!(status.success(), "{status}:\n{}", self.process.log());
        assert!(
            !self.process.log().contains("panicked"),
            "{}",
            self.process.log()
        );
    }
}

/// A provider without ETRN that a test can hold up and let refuse: the mail server's rig is a
/// mail server like any other.
pub fn provider() -> MailServer {
    MailServer::up()
}

pub fn signal_account(name: &str, provider: &MailServer) -> String {
    let lines = "method = \"signal\"\nevery = \"1h\"";
    account(name, provider.address(), lines)
}

fn labels(menu: &[Entry]) -> Vec<&str> {
    menu.iter()
        .map(|entry| {
            if entry.separator {
                "-"
            } else {
                entry.label.as_str()
            }
        })
        .collect()
}

/// Waits until the tooltip's first line is this.
pub fn wait_for_title(icon: &Item, title: &str) -> Pixmaps {
    let what = format!("the tooltip {title:?}");
    let found = icon.wait_for(&what, SOON, |found| found.tooltip_title == title);
    assert!(!found.icon_pixmap.is_empty(), "{title}: no icon");
    found.icon_pixmap
}

#[test]
fn the_icon_and_its_tooltip_tell_how_things_stand() {
    let desktop = TestDesktop::start(Theme::Light);
    let panel = Panel::connect(desktop.bus());
    let home = Home::new();
    let tray = Tray::start(&desktop, &home);
    let icon = tray.icon(&panel);
    let mut icons = vec![wait_for_title(&icon, "Dequeue: not set up yet")];
    let properties = icon.properties();
    assert_eq!(properties.id, "dequeue");
    assert_eq!(properties.title, "Dequeue");
    assert_eq!(properties.status, "Active");
    assert!(properties.tooltip_text.contains("Open Dequeue to set up"));

    // The settings file is picked up when it changes, and the first poke goes out at once.
    let provider = provider();
    provider.hold_up(Stage::Greeting);
    home.set_up(&[signal_account("vevida", &provider)]);
    let poking = icon.wait_for("the first poke", SOON, |found| {
        found.tooltip_text.contains("Poking vevida…")
    });
    assert_eq!(poking.tooltip_title, "Dequeue: waiting for the first poke");
    icons.push(poking.icon_pixmap);
    provider.release();
    icons.push(wait_for_title(&icon, ASKED));
    let text = icon.properties().tooltip_text;
    let (last, next) = text.split_once('\n').expect("two lines");
    assert!(last.starts_with("Last poke ") && last.ends_with(" (vevida): Signalled"));
    assert!(next.starts_with("Next poke "), "{text}");

    icon.click_in("Pause", "Until I resume");
    icons.push(wait_for_title(&icon, "Dequeue: paused"));
    icon.click("Resume");
    wait_for_title(&icon, ASKED);

    provider.answer(Stage::Greeting, "554 5.7.1 no service for you");
    icon.click("Poke all now");
    icons.push(wait_for_title(&icon, "Dequeue: trouble with vevida"));
    let text = icon.properties().tooltip_text;
    assert!(text.starts_with("vevida: Refused (once), last worked "));

    // Each state has a picture of its own, in all its sizes.
    for (n, one) in icons.iter().enumerate() {
        assert!(one.len() > 1, "state {n} has only one size");
        for (m, other) in icons.iter().enumerate().skip(n + 1) {
            for ((width, _, a), (_, _, b)) in one.iter().zip(other) {
                assert_ne!(
                    a, b,
                    "states {n} and {m} look the same, {width} pixels wide"
                );
            }
        }
    }

    // A broken edit is said, and the last good settings go on.
    home.write_settings("version = 1\n[[account]]\nname = \"vevida\"\nhsot = \"x\"\n");
    wait_for_title(&icon, "Dequeue: the settings file has a fault");
    let text = icon.properties().tooltip_text;
    assert!(text.contains("Line 4"), "{text}");
    assert!(home.run(&["status"]).out.contains("vevida"));
}

#[test]
fn the_menu_pokes_pauses_and_lists_the_accounts() {
    let desktop = TestDesktop::start(Theme::Light);
    let panel = Panel::connect(desktop.bus());
    let (one, other) = (provider(), provider());
    let home = Home::with(&[
        signal_account("my_mail", &one),
        signal_account("backup", &other),
    ]);
    let mut tray = Tray::start(&desktop, &home);
    let icon = tray.icon(&panel);
    let settled = |name: &str| {
        let start = format!("{name}: Signalled, ");
        icon.wait_for_entry(&start, SOON, |entry| entry.label.starts_with(&start));
    };
    settled("my_mail");
    settled("backup");
    let notices = icon.wait_for_entry("the notice", SOON, |entry| entry.label == "Last notices");
    let title = &notices.entries[0].label;
    assert!(title.contains("2 accounts were asked"), "{title}");
    let menu = icon.menu();
    let labels = labels(&menu);
    assert_eq!(labels[..4], ["Open Dequeue", "Poke all now", "Pause", "-"]);
    let rest = ["-", "Last notices", "-", "Start at login", "Quit"];
    assert_eq!(labels[6..], rest);
    assert_eq!((one.visits().len(), other.visits().len()), (1, 1));

    icon.click("Poke all now");
    wait::until("a poke of each", SOON, || {
        (one.visits().len() == 2 && other.visits().len() == 2).then_some(())
    });
    let pokes = home.wait_for_pokes("my_mail", 2, SOON);
    assert_eq!(outcome(&pokes[0]), ("signalled", "quit-signals"));
    assert_eq!(pokes[0]["trigger"], "user");
    assert_eq!(pokes[1]["trigger"], "schedule");
    assert!(one.visits().iter().all(|visit| visit.commands == ["QUIT"]));

    icon.click_in("Pause", "Until I resume");
    icon.wait_for_entry("a paused account", SOON, |entry| {
        entry.label == "my_mail: Paused"
    });
    // A pause outlives the program.
    icon.click("Quit");
    tray.ends();
    let mut tray = Tray::start(&desktop, &home);
    let icon = tray.icon(&panel);
    icon.wait_for_entry("the way back", SOON, |entry| entry.label == "Resume");
    icon.click("Resume");
    icon.wait_for_entry("the way on", SOON, |entry| entry.label == "Pause");
    icon.click("Quit");
    tray.ends();
    wait::until("the icon to go", SOON, || {
        panel.items().is_empty().then_some(())
    });
}

#[test]
fn each_account_is_poked_and_paused_from_its_own_menu() {
    let desktop = TestDesktop::start(Theme::Light);
    let panel = Panel::connect(desktop.bus());
    let (one, other) = (provider(), provider());
    let home = Home::with(&[
        signal_account("my_mail", &one),
        signal_account("backup", &other),
    ]);
    let tray = Tray::start(&desktop, &home);
    let icon = tray.icon(&panel);
    for name in ["my_mail", "backup"] {
        home.wait_for_pokes(name, 1, SOON);
    }
    icon.wait_for_entry("the account", SOON, |entry| {
        entry.label.starts_with("backup: Signalled, ")
    });
    icon.click_in("backup: ", "Poke now");
    let pokes = home.wait_for_pokes("backup", 2, SOON);
    assert_eq!(pokes[0]["trigger"], "user");
    assert_eq!((one.visits().len(), other.visits().len()), (1, 2));

    icon.click_in("my_mail: ", "For an hour");
    let paused = icon.wait_for_entry("the paused account", SOON, |entry| {
        entry.label == "my_mail: Paused"
    });
    let resume = &paused.entries[2].label;
    assert!(resume.starts_with("Resume (paused until "), "{resume}");
    // The other one goes on, and stands first: it may need somebody.
    wait_for_title(&icon, ASKED);
    let menu = icon.menu();
    assert!(menu[4].label.starts_with("backup: "), "{menu:#?}");
    assert_eq!(menu[5].label, "my_mail: Paused");

    // Everything, and again for an hour.
    icon.click_in("Pause", "For an hour");
    let text = icon.wait_for("the pause", SOON, |found| {
        found.tooltip_title == "Dequeue: paused"
    });
    assert!(
        text.tooltip_text.starts_with("No scheduled pokes until "),
        "{text:?}"
    );
    let resume = icon.wait_for_entry("the way back", SOON, |entry| {
        entry.label.starts_with("Resume (paused until ")
    });
    icon.click(&resume.label);
    wait_for_title(&icon, ASKED);
}

/// Waits for a window of this tray that was started at this account.
fn wait_for_window_at(desktop: &TestDesktop, tray: &Tray, account: &str) {
    desktop.wait_for_window(WINDOW, SOON);
    let wanted = format!("--account={account}");
    let all = process::descendants(tray.process.pid());
    let arguments = |pid: &u32| fs::read_to_string(format!("/proc/{pid}/cmdline"));
    let found = all.iter().any(|pid| {
        let arguments = arguments(pid).unwrap_or_default();
        arguments.split('\0').any(|argument| argument == wanted)
    });
    assert!(found, "no window at {account}");
}

#[test]
fn an_account_and_a_notice_open_the_window_at_the_account() {
    let desktop = TestDesktop::start(Theme::Light);
    let panel = Panel::connect(desktop.bus());
    let (good, bad) = (provider(), provider());
    bad.answer(Stage::Greeting, "554 5.7.1 no service for you");
    let home = Home::with(&[
        signal_account("good one", &good),
        signal_account("bad one", &bad),
    ]);
    let tray = Tray::start(&desktop, &home);
    let icon = tray.icon(&panel);
    icon.wait_for_entry("the account", SOON, |entry| {
        entry.label.starts_with("good one: Signalled, ")
    });
    icon.click_in("good one: ", "Open good one");
    wait_for_window_at(&desktop, &tray, "good one");
    desktop.close_window(WINDOW);
    desktop.wait_for_no_window(WINDOW, SOON);

    let notices = icon.wait_for_entry("the notice", SOON, |entry| {
        let below = |label: &str| entry.entries.iter().any(|it| it.label.contains(label));
        entry.label == "Last notices" && below("bad one: could not request mail")
    });
    let of_bad = |entry: &&Entry| entry.label.contains("bad one: ");
    let label = &notices.entries.iter().find(of_bad).unwrap().label;
    icon.click_in("Last notices", label);
    wait_for_window_at(&desktop, &tray, "bad one");
}

#[test]
fn a_notification_opens_its_account_pokes_it_again_and_pauses_it() {
    let desktop = TestDesktop::start(Theme::Light);
    let panel = Panel::connect(desktop.bus());
    let provider = provider();
    provider.answer(Stage::Greeting, "554 5.7.1 no service for you");
    let home = Home::with(&[signal_account("vevida", &provider)]);
    let tray = Tray::start(&desktop, &home);
    let icon = tray.icon(&panel);
    let failure = desktop.wait_for_notification("could not request mail", SOON);

    desktop.press_on_notification("Poke again");
    let pokes = home.wait_for_pokes("vevida", 2, SOON);
    assert_eq!(pokes[0]["trigger"], "user");
    desktop.press_on_notification("Pause for an hour");
    let resume = icon.wait_for_entry("the pause", SOON, |entry| {
        entry.label.starts_with("Resume (paused until ")
    });
    desktop.click_notification();
    wait_for_window_at(&desktop, &tray, "vevida");

    // What comes of it takes its place, and opens the account as well.
    desktop.close_window(WINDOW);
    desktop.wait_for_no_window(WINDOW, SOON);
    icon.click(&resume.label);
    provider.answer_as_usual();
    icon.click("Poke all now");
    let next = desktop.wait_for_notification("can be asked again", SOON);
    assert_eq!(next.id, failure.id);
    desktop.click_notification();
    wait_for_window_at(&desktop, &tray, "vevida");
    assert_eq!(desktop.notifications().len(), 2);
}

#[test]
fn a_notification_says_when_it_works_fails_and_works_again() {
    let desktop = TestDesktop::start(Theme::Dark);
    let panel = Panel::connect(desktop.bus());
    let provider = provider();
    let home = Home::with(&[signal_account("vevida & sons", &provider)]);
    let tray = Tray::start(&desktop, &home);
    let first = desktop.wait_for_notification("the provider was asked", SOON);
    assert_eq!(first.app, "Dequeue");
    assert_eq!(first.summary, "vevida & sons: the provider was asked");
    assert_eq!(first.urgency, "NORMAL");

    let icon = tray.icon(&panel);
    // The daemon reads markup: a provider's is none.
    let link = "554 5.7.1 <a href='https://e.test'>no</a> \u{202e}service";
    provider.answer(Stage::Greeting, link);
    icon.click("Poke all now");
    let failure = desktop.wait_for_notification("could not request mail", SOON);
    assert_eq!(failure.summary, "vevida & sons: could not request mail");
    assert_eq!(failure.urgency, "CRITICAL");
    assert!(
        failure.body.contains("The provider refused."),
        "{failure:?}"
    );
    let shown = r"&lt;a href='https://e.test'&gt;no&lt;/a&gt; \u{202e}service";
    assert!(failure.body.contains(shown), "{failure:?}");

    // Once, not at every failure.
    icon.click("Poke all now");
    let twice = format!("{}: Refused (2 times), last worked ", "vevida &amp; sons");
    icon.wait_for("the second failure", SOON, |found| {
        found.tooltip_text.starts_with(&twice)
    });
    provider.answer_as_usual();
    icon.click("Poke all now");
    let recovery = desktop.wait_for_notification("can be asked again", SOON);
    assert_eq!(recovery.summary, "vevida & sons: can be asked again");
    // Each takes the place of the one before: they are of one account.
    assert_eq!([&failure.id, &recovery.id], [&first.id; 2]);
    assert_eq!(
        desktop.notifications().len(),
        3,
        "{:?}",
        desktop.notifications()
    );
}

#[test]
fn the_window_opens_closes_and_leaves_no_process() {
    let desktop = TestDesktop::start(Theme::Light);
    let panel = Panel::connect(desktop.bus());
    let provider = provider();
    let home = Home::with(&[signal_account("vevida", &provider)]);
    let mut tray = Tray::start(&desktop, &home);
    let icon = tray.icon(&panel);
    wait_for_title(&icon, ASKED);
    assert!(!desktop.windows().contains(&WINDOW.to_owned()));
    assert!(process::descendants(tray.process.pid()).is_empty());

    icon.click("Open Dequeue");
    desktop.wait_for_window(WINDOW, SOON);
    let running = wait_for_web_process(tray.process.pid());
    // Once more brings it to the front and starts no other.
    icon.click("Open Dequeue");
    icon.activate().unwrap();
    let mut second = Tray::run(&Tray::command(&desktop, &home), &desktop.log("second"));
    second.ends();
    wait::until("the window in front", SOON, || {
        (desktop.active_window()? == WINDOW).then_some(())
    });
    let windows = desktop.windows();
    let ours = windows.iter().filter(|title| *title == WINDOW);
    assert_eq!(ours.count(), 1, "{windows:?}");

    desktop.close_window(WINDOW);
    desktop.wait_for_no_window(WINDOW, SOON);
    process::wait_until_ended("the window's", &running);
    assert!(process::descendants(tray.process.pid()).is_empty());
    wait_for_title(&icon, ASKED);

    // A window that dies is reported, and mail goes on.
    icon.click("Open Dequeue");
    desktop.wait_for_window(WINDOW, SOON);
    for pid in process::descendants(tray.process.pid()) {
        if fs::read_to_string(format!("/proc/{pid}/comm"))
            .unwrap()
            .starts_with("dequeue-window")
        {
            kill_process(Pid::from_raw(pid.cast_signed()).unwrap(), Signal::KILL).unwrap();
        }
    }
    desktop.wait_for_notification("The window has closed unexpectedly", SOON);
    icon.click("Poke all now");
    home.wait_for_pokes("vevida", 2, SOON);

    // It comes back, and Quit takes it along.
    icon.click("Open Dequeue");
    desktop.wait_for_window(WINDOW, SOON);
    let running = wait_for_web_process(tray.process.pid());
    icon.click("Quit");
    tray.ends();
    process::wait_until_ended("the window's", &running);
    assert!(!desktop.windows().contains(&WINDOW.to_owned()));
    assert!(UnixStream::connect(home.control()).is_err());
    wait::until("the icon to go", SOON, || {
        panel.items().is_empty().then_some(())
    });
}

/// Waits until the window and its web processes run, and gives them all.
fn wait_for_web_process(tray: u32) -> Vec<u32> {
    wait::until("a web process", SOON, || {
        let all = process::descendants(tray);
        let name = |pid: &u32| fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        all.iter()
            .any(|pid| name(pid).starts_with("WebKitWeb"))
            .then_some(all)
    })
}

#[test]
fn where_nothing_is_set_up_the_window_opens_by_itself() {
    let desktop = TestDesktop::start(Theme::Light);
    let home = Home::new();
    let mut tray = Tray::run(&Tray::command(&desktop, &home), &desktop.log("tray"));
    desktop.wait_for_window(WINDOW, SOON);
    // The end of the session takes all of it along.
    let running = wait_for_web_process(tray.process.pid());
    tray.process.signal(Signal::TERM);
    tray.ends();
    process::wait_until_ended("the window's", &running);
}

#[test]
fn start_at_login_is_written_with_a_quoted_path_and_removed() {
    let desktop = TestDesktop::start(Theme::Light);
    let panel = Panel::connect(desktop.bus());
    let home = Home::new();
    let tray = Tray::start(&desktop, &home);
    let icon = tray.icon(&panel);
    let file: PathBuf = desktop.home().join(".config/autostart/dequeue.desktop");
    let ticked = |on: bool| {
        let what = format!("the tick to be {on}");
        icon.wait_for_entry(&what, SOON, |entry| {
            entry.label == "Start at login" && entry.checked == Some(on)
        });
    };
    ticked(false);
    icon.click("Start at login");
    ticked(true);
    let text = fs::read_to_string(&file).unwrap();
    let exec = text
        .lines()
        .find_map(|line| line.strip_prefix("Exec="))
        .expect("a program to start");
    assert_eq!(exec, format!("\"{}\" --quiet", programs::tray().display()));
    icon.click("Start at login");
    ticked(false);
    assert!(!file.exists());
}

#[test]
fn a_tray_that_was_moved_corrects_its_entry_and_leaves_one_that_is_off() {
    let desktop = TestDesktop::start(Theme::Light);
    let panel = Panel::connect(desktop.bus());
    let folder = desktop.home().join(".config/autostart");
    let file = folder.join("dequeue.desktop");
    fs::create_dir_all(&folder).unwrap();
    let elsewhere = "[Desktop Entry]\nType=Application\nExec=\"/elsewhere/dequeue-tray\" --quiet\n";
    let off = format!("{elsewhere}X-GNOME-Autostart-enabled=false\n");
    fs::write(&file, &off).unwrap();
    let home = Home::new();
    let tray = Tray::start(&desktop, &home);
    tray.icon(&panel);
    assert_eq!(fs::read_to_string(&file).unwrap(), off);
    drop(tray);

    fs::write(&file, elsewhere).unwrap();
    let tray = Tray::start(&desktop, &home);
    tray.icon(&panel);
    let text = fs::read_to_string(&file).unwrap();
    let right = format!("Exec=\"{}\" --quiet\n", programs::tray().display());
    assert!(text.contains(&right), "{text}");
}

#[test]
fn waits_for_a_panel_and_comes_back_with_it() {
    let mut desktop = TestDesktop::bare(Theme::Light);
    let provider = provider();
    let home = Home::with(&[signal_account("vevida", &provider)]);
    let mut tray = Tray::start(&desktop, &home);
    // Mail is asked for nevertheless.
    home.wait_for_engine();
    home.wait_for_pokes("vevida", 1, SOON);
    desktop.start_panel();
    let panel = Panel::connect(desktop.bus());
    wait_for_title(&tray.icon(&panel), ASKED);
    desktop.stop_panel();
    desktop.start_panel();
    let icon = tray.icon(&panel);
    wait_for_title(&icon, ASKED);
    icon.click("Quit");
    tray.ends();
}

#[test]
fn without_a_bus_or_a_notification_daemon_the_mail_is_asked_for_all_the_same() {
    let mut desktop = TestDesktop::bare(Theme::Light);
    desktop.start_panel();
    let panel = Panel::connect(desktop.bus());
    let provider = provider();
    provider.answer(Stage::Greeting, "554 5.7.1 no service for you");
    let home = Home::with(&[signal_account("vevida", &provider)]);
    let mut tray = Tray::start(&desktop, &home);
    let icon = tray.icon(&panel);
    wait_for_title(&icon, "Dequeue: trouble with vevida");
    // A daemon that comes late shows what comes then.
    desktop.start_notifications();
    provider.answer_as_usual();
    icon.click("Poke all now");
    // Trouble that has passed before it was told is not told afterwards.
    desktop.wait_for_notification("the provider was asked", SOON);
    desktop.stop_notifications();
    provider.answer(Stage::Greeting, "554 5.7.1 no service for you");
    icon.click("Poke all now");
    wait_for_title(&icon, "Dequeue: trouble with vevida");
    icon.click("Quit");
    tray.ends();

    for missing in [
        &["DBUS_SESSION_BUS_ADDRESS"][..],
        &["DBUS_SESSION_BUS_ADDRESS", "DISPLAY"],
    ] {
        provider.answer_as_usual();
        let home = Home::with(&[signal_account("vevida", &provider)]);
        let mut command = Tray::command(&desktop, &home);
        command.arg("--quiet");
        for name in missing {
            command.env_remove(name);
        }
        // Nor is there one where systemd would put it.
        command.env("XDG_RUNTIME_DIR", home.path());
        let mut tray = Tray::run(&command, &desktop.log("tray without"));
        home.wait_for_engine();
        let pokes = home.wait_for_pokes("vevida", 1, SOON);
        assert_eq!(outcome(&pokes[0]), ("signalled", "quit-signals"));
        provider.answer(Stage::Greeting, "554 5.7.1 no service for you");
        let run = home.run(&["poke", "vevida"]);
        assert_eq!(run.status, 77, "{run:?}");
        assert!(tray.process.status().is_none(), "{}", tray.process.log());
        let log = tray.process.log();
        assert!(
            log.contains("Mail is still being requested")
                || log.contains("mail is still being requested"),
            "{log}"
        );
        tray.process.signal(Signal::TERM);
        tray.ends();
    }
}

#[test]
fn one_engine_for_all_and_a_successor_where_it_ends() {
    let desktop = TestDesktop::start(Theme::Light);
    let panel = Panel::connect(desktop.bus());
    let provider = provider();
    let home = Home::with(&[signal_account("vevida", &provider)]);
    // `dequeue run` was there first.
    let engine = home.start_engine();
    home.wait_for_pokes("vevida", 1, SOON);
    let mut tray = Tray::start(&desktop, &home);
    let icon = tray.icon(&panel);
    wait_for_title(&icon, ASKED);
    icon.click("Poke all now");
    home.wait_for_pokes("vevida", 2, SOON);
    assert_eq!(provider.visits().len(), 2, "two engines poke");
    // A second tray of this session ends at once.
    let mut second = Tray::start(&desktop, &home);
    second.ends();

    engine.end();
    // The tray goes on with an engine of its own, and knows what went before.
    home.wait_for_engine();
    assert_eq!(home.history("vevida").len(), 2);
    wait::until("a poke by the tray's own engine", SOON, || {
        icon.click("Poke all now");
        (provider.visits().len() > 2).then_some(())
    });
    wait_for_title(&icon, ASKED);
    icon.click("Quit");
    tray.ends();
    assert!(UnixStream::connect(home.control()).is_err());
}

#[test]
fn its_engine_brings_mail_from_a_real_postfix_at_its_interval() {
    let desktop = TestDesktop::start(Theme::Light);
    let panel = Panel::connect(desktop.bus());
    let mut held = Held::nothing();
    let lines =
        "method = \"etrn\"\ndomains = [\"customer.test\"]\nevery = \"10s\"\njitter = \"0s\"";
    let home = Home::with(&[account("postfix", held.provider.address(), lines)]);
    let mut tray = Tray::start(&desktop, &home);
    home.wait_for_engine();
    arrives_at_the_interval(&home, &mut held);
    let icon = tray.icon(&panel);
    icon.click("Quit");
    tray.ends();
}
