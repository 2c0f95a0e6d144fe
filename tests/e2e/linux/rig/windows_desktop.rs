//! The desktop of Windows without a screen: a Windows of the test's own in Wine, with its registry, an X
//! server, and an explorer whose notification area shows icons, menus and balloons.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::Command,
};

use tempfile::TempDir;

use super::process::{self, Process};
use crate::{
    programs::{Home, Run, dequeue},
    rig::{
        wait::{self, SOON},
        wine,
    },
};

/// What the desktop is like: of a fixed size, with a light taskbar, and with no code page but the one of
/// western Europe.
const REGISTRY: &str = r#"Windows Registry Editor Version 5.00

[HKEY_CURRENT_USER\Software\Wine\Explorer]
"Desktop"="tests"

[HKEY_CURRENT_USER\Software\Wine\Explorer\Desktops]
"tests"="1024x700"

[HKEY_CURRENT_USER\Software\Microsoft\Windows\CurrentVersion\Themes\Personalize]
"SystemUsesLightTheme"=dword:00000001
"#;
/// Tells what is to be seen; built by each test that asks.
const LOOK: &str = include_str!("windows_desktop/look.c");
/// Where the octet is that says whether a program has a console, from the header that the octets at 0x3c
/// point to.
const SUBSYSTEM: usize = 0x5c;
/// One without a console.
const GRAPHICAL: u8 = 2;

/// Pixels of a menu's entry, and of its edge.
const ENTRY: i32 = 17;
const EDGE: i32 = 3;

/// A window that can be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What kind it is: `#32770` is a box, `#32768` a menu, `tooltips_class32` a balloon.
    pub class: String,
    /// Left, top, right, bottom.
    pub place: [i32; 4],
    /// Its title, and what stands in it.
    pub texts: Vec<String>,
}

impl Shown {
    pub fn says(&self, part: &str) -> bool {
        self.texts.iter().any(|text| text.contains(part))
    }
}

/// The desktop. Dropping it ends all that runs there.
pub struct WindowsDesktop {
    display: String,
    folder: TempDir,
    // In the order in which they must end.
    explorer: Option<Process>,
    _display: Process,
}

impl WindowsDesktop {
    /// Where the last icon of the notification area is.
    const ICON: (u32, u32) = (1013, 690);

    /// Starts it. From here on the command line runs in this Windows, too.
    ///
    /// # Panics
    /// When a program is missing, or does not come up.
    pub fn start() -> Self {
        Self::start_after(|_| ())
    }

    /// Starts that of Windows 7, whose programs are then those that are tested.
    ///
    /// # Panics
    /// As [`Self::start`].
    pub fn start_seven() -> Self {
        Self::start_after(wine::be_seven)
    }

    fn start_after(prepare: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("dequeue-windows-")
            .tempdir()
            .expect("a temporary folder");
        let prefix = folder.path().join("prefix");
        wine::copy(&prefix);
        prepare(&prefix);
        wine::run_in(&prefix);
        let (server, display) = start_display(&folder.path().join("display"));
        let mut desktop = Self {
            display,
            folder,
            explorer: None,
            _display: server,
        };
        let registry = desktop.at("settings.reg");
        fs::write(&registry, REGISTRY).expect("a file");
        let set = Run::of(desktop.wine("regedit.exe").arg("/S").arg(&registry));
        assert_eq!(set.status, 0, "{set:?}");
        let explorer = desktop.wine("explorer.exe");
        desktop.explorer = Some(Process::start(&explorer, &desktop.at("explorer")));
        desktop
    }

    fn at(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A command of a program of Windows' on this desktop.
    pub fn wine(&self, program: impl AsRef<Path>) -> Command {
        let mut command = wine::command(program.as_ref());
        command
            .env("DISPLAY", &self.display)
            .env_remove("WAYLAND_DISPLAY");
        command
    }

    /// A copy of the tray on its own, as a user has it: without a console. Its folder has no window.
    pub fn tray(&self) -> PathBuf {
        let copy = self.at("dequeue-tray.exe");
        if !copy.exists() {
            let built = dequeue().with_file_name("dequeue-tray.exe");
            let mut program = fs::read(&built).unwrap_or_else(|error| {
                panic!("{}: {error}; `cargo xtask test` makes it", built.display())
            });
            let header = program[0x3c..0x40].iter().rev();
            let header = header.fold(0, |at, octet| at << 8 | usize::from(*octet));
            program[header + SUBSYSTEM] = GRAPHICAL;
            fs::write(&copy, program).expect("a copy of the tray");
        }
        copy
    }

    /// The tray with this home, in English.
    pub fn tray_command(&self, home: &Home, arguments: &[&str]) -> Command {
        let mut command = self.wine(self.tray());
        command
            .args(arguments)
            .env("DEQUEUE_HOME", home.path())
            .env("DEQUEUE_LOG", "debug")
            .env("LC_ALL", "C.UTF-8");
        command
    }

    /// Starts the tray with this home, as at login, and waits for its icon.
    pub fn start_tray(&self, home: &Home) -> Process {
        let mut tray = Process::start(
            &self.tray_command(home, &["--quiet"]),
            &home.logs().join("tray"),
        );
        tray.wait_until("icon", SOON, || self.has_icon().then_some(()));
        tray
    }

    /// Whether the notification area has an icon.
    pub fn has_icon(&self) -> bool {
        let colours = self.colours(Self::ICON, (20, 20));
        colours.windows(2).any(|pair| pair[0] != pair[1])
    }

    /// Waits until there is an icon, or none.
    pub fn wait_for_icon(&self, there: bool) {
        wait::until(&format!("icon: {there}"), SOON, || {
            (self.has_icon() == there).then_some(())
        });
    }

    /// The icon's pixels.
    pub fn icon(&self) -> Vec<[u8; 3]> {
        self.colours(Self::ICON, (20, 20))
    }

    /// The colours of the screen around a place.
    fn colours(&self, (x, y): (u32, u32), (width, height): (u32, u32)) -> Vec<[u8; 3]> {
        let crop = format!("{width}x{height}+{}+{}", x - width / 2, y - height / 2);
        let output = self
            .program("import", "imagemagick")
            .args(["-window", "root", "-crop", &crop, "-depth", "8", "rgb:-"])
            .output()
            .expect("import can be run");
        assert!(output.status.success(), "{output:?}");
        output.stdout.as_chunks().0.to_vec()
    }

    /// Clicks on the icon with a mouse button (1 left, 3 right).
    pub fn click_icon(&self, button: u32) {
        self.click(Self::ICON, button);
    }

    /// Clicks with a mouse button at a place of the screen.
    pub fn click(&self, (x, y): (u32, u32), button: u32) {
        let (x, y, button) = (x.to_string(), y.to_string(), button.to_string());
        self.xdotool(&["mousemove", &x, &y, "sleep", "0.2", "click", &button]);
    }

    /// Opens the icon's menu and chooses an entry, counted from the top, or from the bottom where the
    /// number is negative.
    pub fn choose(&self, entry: i32) {
        self.click_icon(3);
        let menu = self.wait_for("a menu", |shown| shown.class == "#32768");
        let [left, top, _, bottom] = menu.place;
        let y = match entry {
            0.. => top + EDGE + ENTRY * entry + ENTRY / 2,
            _ => bottom - EDGE + ENTRY * entry + ENTRY / 2,
        };
        let place = [left + 30, y].map(|at| u32::try_from(at).expect("a place on the screen"));
        self.click(place.into(), 1);
    }

    fn xdotool(&self, arguments: &[&str]) {
        let status = self
            .program("xdotool", "xdotool")
            .args(arguments)
            .status()
            .expect("xdotool can be run");
        assert!(status.success(), "xdotool: {status}");
    }

    fn program(&self, name: &str, package: &str) -> Command {
        let mut command = Command::new(process::find(name, package));
        command.env("DISPLAY", &self.display);
        command
    }

    /// Writes a picture of the whole screen to `file`, as PNG.
    pub fn screenshot(&self, file: &Path) {
        let status = self
            .program("import", "imagemagick")
            .args(["-window", "root"])
            .arg(file)
            .status();
        assert!(status.expect("import can be run").success());
    }

    /// Has the helper on the desktop tell, or say, something.
    pub fn look(&self, arguments: &[&str]) -> Run {
        let program = self.at("look.exe");
        if !program.exists() {
            let source = self.at("look.c");
            fs::write(&source, LOOK).expect("a file");
            let compiler = process::find("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64");
            let built = Run::of(
                Command::new(compiler)
                    .args(["-municode", "-Wall", "-Werror", "-o"])
                    .arg(&program)
                    .arg(&source),
            );
            assert_eq!(built.status, 0, "{built:?}");
        }
        let run = Run::of(self.wine(program).args(arguments));
        assert_eq!(run.status, 0, "{run:?}");
        run
    }

    /// The windows that can be seen, menus, boxes and balloons among them.
    pub fn windows(&self) -> Vec<Shown> {
        let shown = |line: &str| {
            let mut fields = line.split('\t').skip(1).map(|field| field.trim_end());
            let class = fields.next()?.to_owned();
            let mut number = || fields.next()?.parse().ok();
            let place = [number()?, number()?, number()?, number()?];
            let texts = fields.map(str::to_owned).collect();
            Some(Shown {
                class,
                place,
                texts,
            })
        };
        self.look(&["windows"])
            .out
            .lines()
            .filter_map(shown)
            .collect()
    }

    /// Waits for such a window.
    pub fn wait_for(&self, what: &str, is_it: impl Fn(&Shown) -> bool) -> Shown {
        wait::until(what, SOON, || self.windows().into_iter().find(&is_it))
    }

    /// Waits for a box that says this, reads it and closes it.
    pub fn answer_box(&self, part: &str) -> Shown {
        let shown = self.wait_for(&format!("a box with {part:?}"), |shown| {
            shown.class == "#32770" && shown.says(part)
        });
        self.look(&["close", "#32770"]);
        shown
    }

    /// Logs the user off, as Windows does: asks all windows and tells all windows.
    pub fn end_session(&self) {
        let ended = Run::of(self.wine("wineboot.exe").arg("--end-session"));
        assert_eq!(ended.status, 0, "{ended:?}");
    }
}

impl Drop for WindowsDesktop {
    fn drop(&mut self) {
        drop(self.explorer.take());
        wine::end(&self.at("prefix"));
    }
}

/// Starts the X server and waits until it takes clients; gives its name.
fn start_display(log: &Path) -> (Process, String) {
    let mut command = Command::new(process::find("Xvfb", "xvfb"));
    // The number is by the process, since two that find one themselves may find the same.
    let number = 100 + (std::process::id() * 4) % 50_000;
    command
        .arg(format!(":{number}"))
        .args(["-displayfd", "1", "-screen", "0", "1024x700x24"])
        .args(["-nolisten", "tcp", "-noreset"]);
    let mut server = Process::start_piped(&command, log);
    let mut line = String::new();
    BufReader::new(server.stdout())
        .read_line(&mut line)
        .expect("the display's number");
    assert_eq!(line.trim().parse(), Ok(number), "{}", server.log());
    (server, format!(":{number}"))
}
