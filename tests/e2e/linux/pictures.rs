//! Pictures of the window and the tray for people: `cargo xtask pictures` makes them. Nothing is
//! asserted, so no run of the tests takes them along.

use crate::{
    linux::{
        programs,
        rig::{
            sni::Panel,
            test_desktop::{TestDesktop, Theme},
        },
        tray::{self, Tray, provider, signal_account, wait_for_title},
        window::{self, Set, good_and_bad},
    },
    programs::Home,
    rig::{
        mail_server::{MailServer, Stage},
        wait::{self, SOON},
    },
};

const THEMES: [(Theme, &str); 2] = [(Theme::Light, "light"), (Theme::Dark, "dark")];

/// The README's: two accounts in the window, a notification about each, and the icon in the tray.
#[test]
#[ignore = "makes pictures: cargo xtask pictures"]
fn of_the_window() {
    let provider = window::provider();
    for (theme, name) in THEMES {
        let set = Set::new(theme, good_and_bad(&provider));
        // Nothing pops up over the window once it is there.
        set.desktop.wait_for_notification("vevida", SOON);
        set.desktop.wait_for_notification("backup", SOON);
        let _page = set.open_with_both();
        set.picture(&format!("overview-{name}"));
    }
}

#[test]
#[ignore = "makes pictures: cargo xtask pictures"]
fn of_the_notification_and_the_menu() {
    for (theme, name) in THEMES {
        let desktop = TestDesktop::start(theme);
        let panel = Panel::connect(desktop.bus());
        let (good, bad) = (provider(), provider());
        bad.answer(Stage::Greeting, "554 5.7.1 no service for you");
        let home = Home::with(&[
            signal_account("vevida", &good),
            signal_account("backup", &bad),
        ]);
        let tray = Tray::start(&desktop, &home);
        let icon = tray.icon(&panel);
        wait_for_title(&icon, "Dequeue: trouble with backup");
        desktop.wait_for_notification("backup", SOON);
        let picture = |what: &str| {
            desktop.screenshot(&programs::picture(&format!("{what}-{name}")));
        };
        picture("notification");
        let before = desktop.shown_windows();
        desktop.click(TestDesktop::TRAY, 3);
        wait::until("the menu to show", SOON, || {
            (desktop.shown_windows() > before).then_some(())
        });
        picture("menu");
    }
}

/// The icons, each beside the others, on panels of the colours that desktops have.
#[test]
#[ignore = "makes pictures: cargo xtask pictures"]
fn of_the_icons_on_panels() {
    let provider = provider();
    let (held, bad) = (provider_that_waits(), tray::provider());
    bad.answer(Stage::Greeting, "554 5.7.1 no service for you");
    for (name, colour) in [
        ("light", None),
        ("dark", Some([0.1, 0.1, 0.12])),
        ("blue", Some([0.1, 0.37, 0.7])),
        ("mid-grey", Some([0.5, 0.5, 0.5])),
    ] {
        let mut desktop = TestDesktop::bare(Theme::Light);
        desktop.start_panel_in(colour);
        let panel = Panel::connect(desktop.bus());
        let homes = [
            Home::new(),
            Home::with(&[signal_account("held", &held)]),
            Home::with(&[signal_account("asked", &provider)]),
            Home::with(&[signal_account("refused", &bad)]),
            Home::with(&[signal_account("paused", &provider)]),
        ];
        let trays: Vec<Tray> = homes
            .iter()
            .map(|home| Tray::start(&desktop, home))
            .collect();
        let icons: Vec<_> = trays.iter().map(|tray| tray.icon(&panel)).collect();
        let titles = ["not set up", "waiting", "asked", "trouble", "asked"];
        for (icon, title) in icons.iter().zip(titles) {
            icon.wait_for(title, SOON, |found| found.tooltip_title.contains(title));
        }
        icons[4].click_in("Pause", "For an hour");
        icons[4].wait_for("the pause", SOON, |found| {
            found.tooltip_title.contains("paused")
        });
        desktop.screenshot(&programs::picture(&format!("panel-{name}")));
    }
}

fn provider_that_waits() -> MailServer {
    let provider = provider();
    provider.hold_up(Stage::Greeting);
    provider
}
