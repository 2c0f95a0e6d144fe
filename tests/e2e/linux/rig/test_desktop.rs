//! A desktop without a screen: an X server, a session bus, a window manager, a panel whose tray is
//! a real StatusNotifier host, and a real notification daemon.
//!
//! Each desktop is private: its own display, bus and home folder. Nothing on its bus starts by
//! itself but what the panel needs, so a test decides whether there is a panel or a daemon.

use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use tempfile::TempDir;

use super::{
    process::{self, Process},
    sni::Panel,
};
use crate::rig::wait::{self, SOON};

/// The look that programs are asked to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

/// A notification that the daemon has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The name of the program that sent it.
    pub app: String,
    pub summary: String,
    pub body: String,
    /// `LOW`, `NORMAL` or `CRITICAL`.
    pub urgency: String,
    /// The daemon's number; the one that takes its place has the same.
    pub id: String,
}

/// The desktop. Dropping it ends all of it and removes its folder.
pub struct TestDesktop {
    theme: Theme,
    env: Vec<(&'static str, String)>,
    // In the order in which they must end.
    panel: Option<Process>,
    notifications: Option<Process>,
    _window_manager: Process,
    _bus: Process,
    _display: Process,
    folder: TempDir,
}

impl TestDesktop {
    /// Where the last icon in the tray is.
    pub const TRAY: (u32, u32) = (1262, 784);

    /// A whole desktop, with panel and notification daemon.
    ///
    /// # Panics
    /// When a program is missing, with its Debian package, or does not come up, with its log.
    pub fn start(theme: Theme) -> Self {
        let mut desktop = Self::bare(theme);
        desktop.start_notifications();
        desktop.start_panel();
        desktop
    }

    /// A desktop with windows and a bus but neither panel nor notification daemon (yet).
    ///
    /// # Panics
    /// As [`TestDesktop::start`].
    pub fn bare(theme: Theme) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("dequeue-desktop-")
            .tempdir()
            .expect("a temporary folder");
        let at = |path: &str| folder.path().join(path);
        for path in [
            "logs",
            "home/.config/gtk-3.0",
            "home/.local/share",
            "home/.cache",
        ] {
            fs::create_dir_all(at(path)).expect("a folder");
        }
        fs::create_dir(at("runtime")).expect("a folder");
        fs::set_permissions(at("runtime"), fs::Permissions::from_mode(0o700)).expect("its mode");
        fs::write(at("home/.config/gtk-3.0/settings.ini"), gtk_settings(theme)).expect("a file");

        let text = |path: &str| at(path).display().to_string();
        let mut env = vec![
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("LANG", "C.UTF-8".to_owned()),
            ("HOME", text("home")),
            ("XDG_CONFIG_HOME", text("home/.config")),
            ("XDG_DATA_HOME", text("home/.local/share")),
            ("XDG_CACHE_HOME", text("home/.cache")),
            ("XDG_RUNTIME_DIR", text("runtime")),
            ("XDG_CURRENT_DESKTOP", "XFCE".to_owned()),
            ("XDG_SESSION_TYPE", "x11".to_owned()),
            // Nobody listens here for accessibility, and looking for it takes seconds.
            ("GTK_A11Y", "none".to_owned()),
            ("NO_AT_BRIDGE", "1".to_owned()),
            // There is no graphics card: drawing as if there were one is seconds behind the page.
            ("WEBKIT_DISABLE_DMABUF_RENDERER", "1".to_owned()),
        ];

        let (display, number) = start_display(theme, &at("logs/display"));
        env.push(("DISPLAY", format!(":{number}")));
        let (bus, address) = start_bus(folder.path(), &env);
        env.push(("DBUS_SESSION_BUS_ADDRESS", address));
        // It loses windows that come while it is starting, so it says itself when it has started.
        let started = at("window-manager-has-started");
        let mut openbox = command_in(&env, &process::find("openbox", "openbox"));
        openbox
            .arg("--startup")
            .arg(format!("touch '{}'", started.display()));
        let mut window_manager = Process::start(&openbox, &at("logs/openbox"));
        window_manager.wait_until("window manager", SOON, || started.exists().then_some(()));
        Self {
            theme,
            env,
            panel: None,
            notifications: None,
            _window_manager: window_manager,
            _bus: bus,
            _display: display,
            folder,
        }
    }

    /// A command that runs `program` on this desktop, with no other environment than the desktop's.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        command_in(&self.env, program.as_ref())
    }

    /// The environment of programs on this desktop.
    pub fn env(&self) -> &[(&'static str, String)] {
        &self.env
    }

    /// The address of the session bus.
    pub fn bus(&self) -> &str {
        self.variable("DBUS_SESSION_BUS_ADDRESS")
    }

    /// The home folder.
    pub fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// A file for the log of a program that a test starts.
    pub fn log(&self, name: &str) -> PathBuf {
        self.folder.path().join("logs").join(name)
    }

    fn variable(&self, name: &str) -> &str {
        let found = self.env.iter().find(|(each, _)| *each == name);
        &found.expect("a variable of every desktop").1
    }

    /// Starts the panel and waits until its tray takes items.
    pub fn start_panel(&mut self) {
        self.start_panel_in(None);
    }

    /// Starts the panel in a colour of its own: red, green and blue, from 0 to 1.
    pub fn start_panel_in(&mut self, colour: Option<[f64; 3]>) {
        let settings = self.home().join(".config/xfce4/xfconf/xfce-perchannel-xml");
        fs::create_dir_all(&settings).expect("a folder");
        fs::write(
            settings.join("xfce4-panel.xml"),
            panel_settings(self.theme, colour),
        )
        .expect("a file");
        let mut command = self.command(process::find("xfce4-panel", "xfce4-panel"));
        command.arg("--disable-wm-check");
        let mut panel = Process::start(&command, &self.log("panel"));
        let bus = self.bus().to_owned();
        panel.wait_until("tray in the panel", SOON, || {
            Panel::connect(&bus).is_ready().then_some(())
        });
        self.panel = Some(panel);
    }

    /// Ends the panel, and its tray with it.
    pub fn stop_panel(&mut self) {
        self.panel = None;
    }

    /// Starts the notification daemon and waits until it takes notifications.
    pub fn start_notifications(&mut self) {
        let script = self.folder.path().join("shown.sh");
        fs::write(&script, LOG_NOTIFICATION).expect("a file");
        fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("its mode");
        let settings = self.folder.path().join("dunstrc");
        let menu = self.folder.path().join("menu.sh");
        fs::write(&menu, CHOOSE_BUTTON).expect("a file");
        fs::set_permissions(&menu, fs::Permissions::from_mode(0o755)).expect("its mode");
        fs::write(&settings, daemon_settings(self.theme, &script, &menu)).expect("a file");
        let mut command = self.command(process::find("dunst", "dunst"));
        command
            .arg("-conf")
            .arg(settings)
            .env("SHOWN", self.shown())
            .env("PRESSED", self.pressed());
        let mut daemon = Process::start(&command, &self.log("notifications"));
        let bus = self.bus().to_owned();
        daemon.wait_until("notification daemon", SOON, || {
            let panel = Panel::connect(&bus);
            panel
                .has_name("org.freedesktop.Notifications")
                .then_some(())
        });
        self.notifications = Some(daemon);
    }

    /// Ends the notification daemon.
    pub fn stop_notifications(&mut self) {
        self.notifications = None;
    }

    fn shown(&self) -> PathBuf {
        self.folder.path().join("shown")
    }

    /// The notifications that the daemon has shown so far.
    pub fn notifications(&self) -> Vec<Notification> {
        let shown = fs::read(self.shown()).unwrap_or_default();
        let fields: Vec<String> = shown
            .split(|&byte| byte == 0)
            .map(|field| String::from_utf8_lossy(field).into_owned())
            .collect();
        let complete = fields.chunks_exact(5).map(|fields| Notification {
            app: fields[0].clone(),
            summary: fields[1].clone(),
            body: fields[2].clone(),
            urgency: fields[3].clone(),
            id: fields[4].clone(),
        });
        complete.collect()
    }

    /// Waits for a notification whose summary or body contains `part`.
    ///
    /// # Panics
    /// With those that were shown, when `limit` passes first.
    pub fn wait_for_notification(&self, part: &str, limit: Duration) -> Notification {
        let start = std::time::Instant::now();
        loop {
            let shown = self.notifications();
            let found = shown
                .iter()
                .find(|one| one.summary.contains(part) || one.body.contains(part));
            if let Some(found) = found {
                return found.clone();
            }
            assert!(
                start.elapsed() < limit,
                "no notification about {part:?} in {limit:?}, only {shown:?}"
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Clicks on the notification that was shown last.
    pub fn click_notification(&self) {
        self.dunstctl("action");
    }

    /// Presses the button with this label on the notification that was shown last.
    pub fn press_on_notification(&self, label: &str) {
        fs::write(self.pressed(), label).expect("a file");
        self.dunstctl("context");
    }

    fn pressed(&self) -> PathBuf {
        self.folder.path().join("pressed")
    }

    fn dunstctl(&self, what: &str) {
        let status = self
            .command(process::find("dunstctl", "dunst"))
            .arg(what)
            .status()
            .expect("dunstctl can be run");
        assert!(status.success(), "dunstctl {what}: {status}");
    }

    /// The titles of all windows.
    pub fn windows(&self) -> Vec<String> {
        // Four columns: id, desktop, machine, title.
        let list = self.wmctrl(&["-l"]);
        let title = |line: &str| {
            let mut rest = line;
            for _ in 0..3 {
                rest = rest.split_once(' ')?.1.trim_start();
            }
            Some(rest.to_owned())
        };
        list.lines().filter_map(title).collect()
    }

    /// Waits for a window with exactly this title.
    ///
    /// # Panics
    /// When `limit` passes first.
    pub fn wait_for_window(&self, title: &str, limit: Duration) {
        wait::until(&format!("a window {title:?}"), limit, || {
            self.windows()
                .iter()
                .any(|each| each == title)
                .then_some(())
        });
    }

    /// Waits until no window has this title.
    ///
    /// # Panics
    /// When `limit` passes first.
    pub fn wait_for_no_window(&self, title: &str, limit: Duration) {
        wait::until(&format!("the end of window {title:?}"), limit, || {
            self.windows()
                .iter()
                .all(|each| each != title)
                .then_some(())
        });
    }

    /// Asks the window with exactly this title to close, as its title bar's button does.
    pub fn close_window(&self, title: &str) {
        self.wmctrl(&["-F", "-c", title]);
    }

    /// How many windows can be seen, menus and notifications among them.
    pub fn shown_windows(&self) -> usize {
        let output = self
            .command(process::find("xdotool", "xdotool"))
            .args(["search", "--onlyvisible", "--name", ""])
            .output()
            .expect("xdotool can be run");
        String::from_utf8_lossy(&output.stdout).lines().count()
    }

    /// The title of the window that has the focus, if one has.
    pub fn active_window(&self) -> Option<String> {
        let output = self
            .command(process::find("xdotool", "xdotool"))
            .args(["getactivewindow", "getwindowname"])
            .output()
            .expect("xdotool can be run");
        let name = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        output.status.success().then_some(name)
    }

    fn wmctrl(&self, arguments: &[&str]) -> String {
        let output = self
            .command(process::find("wmctrl", "wmctrl"))
            .args(arguments)
            .output()
            .expect("wmctrl can be run");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Clicks with a mouse button (1 left, 3 right) at a place of the screen of 1280 by 800, from
    /// its top left. The last icon in the tray is at [`TestDesktop::TRAY`].
    pub fn click(&self, (x, y): (u32, u32), button: u32) {
        let (x, y, button) = (x.to_string(), y.to_string(), button.to_string());
        let status = self
            .command(process::find("xdotool", "xdotool"))
            .args(["mousemove", &x, &y, "click", &button])
            .status()
            .expect("xdotool can be run");
        assert!(status.success(), "xdotool: {status}");
    }

    /// Writes a picture of the whole screen to `file`, as PNG.
    pub fn screenshot(&self, file: &Path) {
        let output = self
            .command(process::find("import", "imagemagick"))
            .args(["-window", "root"])
            .arg(file)
            .output()
            .expect("import can be run");
        assert!(
            output.status.success(),
            "screenshot: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

fn command_in(env: &[(&'static str, String)], program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().envs(env.iter().cloned());
    command
}

/// Starts the X server and waits until it takes clients.
fn start_display(theme: Theme, log: &Path) -> (Process, u32) {
    static DESKTOPS: AtomicU32 = AtomicU32::new(0);
    // The server could find a free number itself, but takes no lock on it then: two that start
    // at the same moment may get the same. The process id keeps tests apart.
    let desktop = DESKTOPS.fetch_add(1, Ordering::Relaxed);
    let number = 100 + (std::process::id() * 4 + desktop % 4) % 50_000;
    let background = match theme {
        Theme::Light => "-wr",
        Theme::Dark => "-br",
    };
    let mut command = Command::new(process::find("Xvfb", "xvfb"));
    command
        .arg(format!(":{number}"))
        .args(["-displayfd", "1", "-screen", "0", "1280x800x24"])
        // Without -noreset the server starts anew whenever its last client leaves, and turns away
        // clients that come at that moment.
        .args(["-nolisten", "tcp", "-noreset", background]);
    let mut display = Process::start_piped(&command, log);
    let mut line = String::new();
    BufReader::new(display.stdout())
        .read_line(&mut line)
        .expect("the display's number");
    assert_eq!(
        line.trim().parse(),
        Ok(number),
        "Xvfb did not start:\n{}",
        display.log()
    );
    (display, number)
}

/// Starts the session bus. Of all services that the machine knows, only the panel's settings can
/// be started by a message to them.
fn start_bus(folder: &Path, env: &[(&'static str, String)]) -> (Process, String) {
    const SETTINGS_SERVICE: &str = "/usr/share/dbus-1/services/org.xfce.Xfconf.service";
    let services = folder.join("services");
    fs::create_dir(&services).expect("a folder");
    fs::copy(SETTINGS_SERVICE, services.join("org.xfce.Xfconf.service")).unwrap_or_else(|_| {
        panic!("this test needs {SETTINGS_SERVICE}: install the Debian package xfconf")
    });
    let config = folder.join("bus.conf");
    let (socket, services) = (folder.join("runtime"), services.display());
    let text = format!(
        r#"<busconfig>
  <type>session</type>
  <listen>unix:dir={}</listen>
  <auth>EXTERNAL</auth>
  <servicedir>{services}</servicedir>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#,
        socket.display()
    );
    fs::write(&config, text).expect("a file");
    let mut command = command_in(env, &process::find("dbus-daemon", "dbus-daemon"));
    command
        .args(["--nofork", "--nopidfile", "--print-address=1"])
        .arg("--config-file")
        .arg(config);
    let mut bus = Process::start_piped(&command, &folder.join("logs/bus"));
    let mut address = String::new();
    BufReader::new(bus.stdout())
        .read_line(&mut address)
        .expect("the bus's address");
    assert!(
        address.starts_with("unix:"),
        "dbus-daemon did not start:\n{}",
        bus.log()
    );
    (bus, address.trim().to_owned())
}

fn gtk_settings(theme: Theme) -> String {
    format!(
        "[Settings]\ngtk-theme-name=Adwaita\ngtk-application-prefer-dark-theme={}\n\
         gtk-enable-animations=false\n",
        theme == Theme::Dark
    )
}

/// A panel along the bottom with nothing in it but a tray at its right end.
fn panel_settings(theme: Theme, colour: Option<[f64; 3]>) -> String {
    let colour = colour.map_or_else(String::new, |[red, green, blue]| {
        format!(
            r#"
      <property name="background-style" type="uint" value="1"/>
      <property name="background-rgba" type="array">
        <value type="double" value="{red}"/>
        <value type="double" value="{green}"/>
        <value type="double" value="{blue}"/>
        <value type="double" value="1"/>
      </property>"#
        )
    });
    format!(
        r#"<?xml version="1.0" encoding="UTF-8"?>
<channel name="xfce4-panel" version="1.0">
  <property name="configver" type="int" value="2"/>
  <property name="panels" type="array">
    <value type="int" value="1"/>
    <property name="dark-mode" type="bool" value="{}"/>
    <property name="panel-1" type="empty">
      <property name="position" type="string" value="p=10;x=0;y=0"/>
      <property name="position-locked" type="bool" value="true"/>
      <property name="length" type="uint" value="100"/>
      <property name="size" type="uint" value="32"/>{colour}
      <property name="plugin-ids" type="array">
        <value type="int" value="1"/>
        <value type="int" value="2"/>
      </property>
    </property>
  </property>
  <property name="plugins" type="empty">
    <property name="plugin-1" type="string" value="separator">
      <property name="expand" type="bool" value="true"/>
      <property name="style" type="uint" value="0"/>
    </property>
    <property name="plugin-2" type="string" value="systray">
      <property name="square-icons" type="bool" value="true"/>
    </property>
  </property>
</channel>
"#,
        theme == Theme::Dark
    )
}

/// The daemon runs this for every notification that it shows.
const LOG_NOTIFICATION: &str = "#!/bin/sh
printf '%s\\0' \"$DUNST_APP_NAME\" \"$DUNST_SUMMARY\" \"$DUNST_BODY\" \"$DUNST_URGENCY\" \"$DUNST_ID\" >> \"$SHOWN\"
";

/// The daemon offers the buttons of its notifications to a menu program, and presses what that prints.
const CHOOSE_BUTTON: &str = "#!/bin/sh
grep --fixed-strings --max-count=1 \"$(cat \"$PRESSED\")\"
";

fn daemon_settings(theme: Theme, script: &Path, menu: &Path) -> String {
    let (background, foreground, frame) = match theme {
        Theme::Light => ("#f6f5f4", "#241f31", "#c0bfbc"),
        Theme::Dark => ("#303030", "#f6f5f4", "#5e5c64"),
    };
    let mut settings = format!(
        "[global]
    width = (0, 420)
    origin = top-right
    offset = 16x16
    padding = 12
    horizontal_padding = 14
    font = Sans 10
    markup = full
    format = \"<b>%s</b>\\n%b\"
    frame_width = 1
    corner_radius = 6
    frame_color = \"{frame}\"
    always_run_script = true
    show_indicators = false
    dmenu = {}
",
        menu.display()
    );
    for urgency in ["low", "normal", "critical"] {
        write!(
            settings,
            "[urgency_{urgency}]
    background = \"{background}\"
    foreground = \"{foreground}\"
    timeout = 0
"
        )
        .expect("writing to a string");
    }
    // A rule without a condition: it holds for every notification.
    write!(settings, "[log]\n    script = {}\n", script.display()).expect("writing to a string");
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notify(desktop: &TestDesktop, summary: &str, body: &str) -> bool {
        let status = desktop
            .command(process::find("notify-send", "libnotify-bin"))
            .args(["-a", "Dequeue", "-u", "critical", summary, body])
            .status();
        status.unwrap().success()
    }

    /// How bright the picture is on the whole, from 0 to 1.
    fn brightness(picture: &Path) -> f64 {
        let output = Command::new(process::find("convert", "imagemagick"))
            .arg(picture)
            .args(["-colorspace", "gray", "-format", "%[fx:mean]", "info:"])
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap().parse().unwrap()
    }

    #[test]
    fn shows_notifications_windows_and_pictures_in_light_and_dark() {
        let mut seen = Vec::new();
        for theme in [Theme::Light, Theme::Dark] {
            let desktop = TestDesktop::start(theme);
            assert!(notify(&desktop, "It's <here>", "two\nlines, é"));
            let shown = desktop.wait_for_notification("It's", SOON);
            assert_eq!(
                (shown.app.as_str(), shown.urgency.as_str()),
                ("Dequeue", "CRITICAL")
            );
            assert_eq!(shown.body, "two\nlines, é");
            let picture = desktop.home().join("screen.png");
            desktop.screenshot(&picture);
            seen.push(brightness(&picture));
        }
        assert!(seen[0] > 0.6 && seen[1] < 0.4, "brightness {seen:?}");
    }

    #[test]
    fn finds_and_closes_windows() {
        let desktop = TestDesktop::bare(Theme::Light);
        let mut command = desktop.command(process::find("xmessage", "x11-utils"));
        command.args(["-title", "A window of its own", "text"]);
        let mut program = Process::start(&command, &desktop.log("program"));
        desktop.wait_for_window("A window of its own", SOON);
        wait::until("the focus", SOON, || {
            (desktop.active_window()? == "A window of its own").then_some(())
        });
        assert_eq!(desktop.windows(), ["A window of its own"]);
        desktop.close_window("A window of its own");
        desktop.wait_for_no_window("A window of its own", SOON);
        program.wait(SOON);
    }

    #[test]
    fn has_neither_panel_nor_daemon_until_they_are_started() {
        let mut desktop = TestDesktop::bare(Theme::Light);
        let panel = Panel::connect(desktop.bus());
        assert!(!panel.is_ready());
        assert!(!notify(&desktop, "nobody", "listens"));
        desktop.start_panel();
        assert!(panel.is_ready());
        desktop.stop_panel();
        wait::until("the tray to be gone", SOON, || {
            (!panel.is_ready()).then_some(())
        });
        desktop.start_notifications();
        assert!(notify(&desktop, "somebody", "listens"));
        desktop.wait_for_notification("somebody", SOON);
        desktop.stop_notifications();
        assert!(!notify(&desktop, "nobody", "again"));
        assert_eq!(desktop.notifications().len(), 1);
        assert!(desktop.env().iter().any(|(name, _)| *name == "DISPLAY"));
    }

    #[test]
    fn leaves_nothing_behind() {
        let desktop = TestDesktop::start(Theme::Dark);
        let folder = desktop.folder.path().to_owned();
        let processes = process::descendants(std::process::id());
        assert!(processes.len() > 5, "{processes:?}");
        drop(desktop);
        assert!(!folder.exists());
        process::wait_until_ended("its", &processes);
    }
}
