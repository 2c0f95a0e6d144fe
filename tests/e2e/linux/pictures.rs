//! Pictures of the window and the tray for people: `cargo xtask pictures` makes them. Nothing is
//! asserted, so no run of the tests takes them along.

use crate::{
    linux::{
        programs,
        rig::{
            sni::Panel,
            test_desktop::{TestDesktop, Theme},
        },
        tray::{Tray, provider, signal_account, wait_for_title},
        window::{self, Set, good_and_bad},
    },
    programs::Home,
    rig::{
        mail_server::Stage,
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
