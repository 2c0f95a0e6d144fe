//! The window at a machine whose service asks for mail: what it is to those who may only look, and the way
//! from there to an administrator's.

use std::{fs, os::unix::fs::chown, process::Command};

use crate::{
    linux::{
        programs,
        rig::{
            machine::{Machine, Told},
            process::Process,
            test_desktop::{TestDesktop, Theme},
            webdriver::WebDriver,
        },
    },
    programs::account,
    rig::{
        left_out::left_out,
        mail_server::MailServer,
        net,
        wait::{self, SOON},
    },
};

const NOBODY: u32 = 65534;
/// The window's place on the machine.
const WINDOW: &str = "/usr/local/bin/dequeue-window";
/// In place of polkit's: notes what it was to run, and ends as a file says.
const PKEXEC: &str = r#"#!/bin/sh
echo "$@" >>"$HOME/asked"
echo "Error executing command as another user: $(cat "$HOME/answer")" >&2
exit 127
"#;

/// The window on the desktop, as somebody of the machine: with a home of their own, and no bus.
fn window(machine: &Machine, desktop: &TestDesktop, user: u32, driver: &Driver) -> Process {
    let home = machine.folder().join(format!("home-{user}"));
    if !home.exists() {
        fs::create_dir(&home).unwrap();
        chown(&home, Some(user), Some(user)).unwrap();
    }
    let user = user.to_string();
    let [uid, gid] = ["--reuid=", "--regid="].map(|it| format!("{it}{user}"));
    let mut command: Command =
        machine.command("setpriv", &[&uid, &gid, "--clear-groups", "--", WINDOW]);
    let display = desktop.env().iter().filter(|(name, _)| {
        let of_desktop = ["DISPLAY", "GTK_A11Y", "NO_AT_BRIDGE"];
        of_desktop.contains(name) || name.starts_with("WEBKIT_")
    });
    command
        .envs(display.map(|(name, value)| (name, value)))
        .envs(WebDriver::env_to_attach(driver.inspector))
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", home);
    machine.start(&command)
}

/// A driver for one window.
struct Driver {
    inspector: std::net::SocketAddr,
    driver: WebDriver,
}

impl Driver {
    fn on(desktop: &TestDesktop) -> Self {
        let inspector = net::free_port(net::address());
        let driver = WebDriver::start_to_attach(desktop, inspector);
        Self { inspector, driver }
    }
}

#[test]
fn whoever_may_only_look_is_told_so_and_asks_for_an_administrator() {
    if !rustix::process::geteuid().is_root() {
        return left_out("only root makes a machine of its own");
    }
    let provider = MailServer::up();
    let machine = Machine::new();
    machine.run(&["service", "install"]);
    let lines = "method = \"signal\"\nevery = \"1h\"";
    let account = account("vevida", provider.address(), lines);
    machine.write(
        "/etc/dequeue/settings.toml",
        &format!("version = 1\n{account}"),
    );
    let program = programs::window();
    machine.shell(&format!(
        "touch {WINDOW}; mount --bind {} {WINDOW}",
        program.display()
    ));
    machine.write("/usr/local/bin/pkexec", PKEXEC);
    machine.shell("chmod 755 /usr/local/bin/pkexec");
    let told = Told::new();
    let service = machine.start_service(&told);
    let desktop = TestDesktop::bare(Theme::Light);

    let driver = Driver::on(&desktop);
    let shown = window(&machine, &desktop, NOBODY, &driver);
    let page = driver.driver.attach(SOON);
    page.wait_for_text("main", "vevida", SOON);
    page.wait_for_text("main", "You may look and poke.", SOON);
    let home = machine.folder().join(format!("home-{NOBODY}"));
    for (answer, sentence) in [
        (
            "Not authorized",
            "the system was given no administrator's consent",
        ),
        (
            "No authentication agent found.",
            "No authentication agent found.",
        ),
    ] {
        fs::write(home.join("answer"), answer).unwrap();
        let button = wait::until("the way to an administrator", SOON, || {
            let mut buttons = page.find_all("main button").into_iter();
            buttons.find(|it| it.text() == "Change as administrator")
        });
        button.click();
        page.wait_for_text("main", sentence, SOON);
    }
    let asked = fs::read_to_string(home.join("asked")).unwrap();
    assert_eq!(asked, format!("{WINDOW}\n{WINDOW}\n"));
    drop(page);
    drop(shown);

    // An administrator's has nothing of this.
    let driver = Driver::on(&desktop);
    let shown = window(&machine, &desktop, 0, &driver);
    let page = driver.driver.attach(SOON);
    page.wait_for_text("main", "vevida", SOON);
    let body = page.body();
    assert!(!body.contains("You may look"), "{body}");

    // Without the service there is nothing to look at, and nothing that the window could start.
    drop(service);
    page.wait_for_text("main", "Dequeue is not running", SOON);
    drop((page, shown));
    let driver = Driver::on(&desktop);
    let _shown = window(&machine, &desktop, NOBODY, &driver);
    let page = driver.driver.attach(SOON);
    page.wait_for_text("main", "sudo dequeue service start", SOON);
}
