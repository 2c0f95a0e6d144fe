//! The window with many accounts, beside an empty Tauri window: how long until it is shown, what it
//! takes at rest, and whether it scrolls smoothly, also while all accounts are poked.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::{
    Table, cpu_ticks, field, release,
    web_driver::{self, Page},
};
use crate::process::{cargo, exists, run, words};

/// The numbers of accounts: what is promised, and what must still be usable.
const MANY: [usize; 2] = [1_000, 10_000];
/// How often a window is opened for the time that this takes.
const OPENED: usize = 5;
/// How long a window comes to rest, and how long it is watched then.
const SETTLING: Duration = Duration::from_secs(30);
const WATCHED: Duration = Duration::from_secs(60);
/// How long anything may take to come up.
const COMING_UP: Duration = Duration::from_secs(60);

/// Says that a picture of the page has been painted.
const PAINTED: &str = "const [done] = arguments;
    requestAnimationFrame(() => requestAnimationFrame(() => done(true)));";
const EMPTY_IS_SHOWN: &str = "return document.readyState === 'complete'";
const ROWS_ARE_SHOWN: &str = "return document.querySelectorAll('ol .row').length > 3";
/// Scrolls from top to bottom and back for some seconds, a row and a half for each frame and now and
/// then a leap, as the scroll bar makes; gives the time between every two frames.
const SCROLL: &str = "const [done] = arguments;
    const times = [];
    const end = performance.now() + 6000;
    let before, by = 90, frame = 0;
    const step = (now) => {
        if (before !== undefined) times.push(now - before);
        before = now;
        frame += 1;
        const bottom = document.documentElement.scrollHeight - innerHeight;
        if (frame % 60 === 0) scrollTo(0, bottom * ((frame * 7919) % 97) / 97);
        else {
            if (scrollY >= bottom) by = -90;
            if (scrollY <= 0) by = 90;
            scrollBy(0, by);
        }
        if (performance.now() < end) requestAnimationFrame(step);
        else done(times);
    };
    requestAnimationFrame(step);";

/// Clicks “Poke all now”, the first button of the page, each second for as long as [`SCROLL`] scrolls.
const POKE_ALL: &str = "for (let second = 0; second < 6; second += 1)
        setTimeout(() => document.querySelector('main button').click(), 1000 * second);
    ";

/// Measures it all; 1,000 and 10,000 accounts at a port of this machine that nobody listens at.
pub(super) fn window(table: &mut Table) -> Result<()> {
    for (program, package) in [
        ("dbus-run-session", "dbus-daemon"),
        ("Xvfb", "xvfb"),
        ("WebKitWebDriver", "webkit2gtk-driver"),
    ] {
        if !exists(program) {
            bail!(
                "the window's bench needs {program} (Debian's {package}; `cargo xtask setup` installs it)"
            );
        }
    }
    let mut build = cargo();
    // Both in one go: each alone would have its libraries built with other features.
    words(&mut build, "build --release -p dequeue -p dequeue-window");
    run(build.args(["--features", "dequeue-window/empty-window"]))?;
    let empty = release("empty-window")?;
    let ours = release("dequeue-window")?;

    let home = Home::with(0)?;
    let screen = Screen::start(&home)?;
    let mut shown = Vec::new();
    for _ in 0..OPENED {
        shown.push(screen.open(&empty, EMPTY_IS_SHOWN)?.1);
    }
    let shown_empty = median(&mut shown);
    let (page, _) = screen.open(&empty, EMPTY_IS_SHOWN)?;
    let resting = screen.rest()?;
    drop(page);
    drop(screen);
    let mut say =
        |what: &str, figure: String| table.push((format!("window, {what}").into(), figure));
    say("empty: shown after", seconds(shown_empty));
    say("empty: memory (PSS)", format!("{:.0} MiB", resting.memory));
    say(
        "empty: processor at rest",
        format!("{:.2} %", resting.processor),
    );

    for count in MANY {
        let home = Home::with(count)?;
        let screen = Screen::start(&home)?;
        let engine = Engine::start(&home)?;
        let of = |what: &str| format!("{count} accounts: {what}");
        let beside = |time: Duration| {
            format!(
                "{}, {:+.2} s beside the empty one",
                seconds(time),
                time.as_secs_f64() - shown_empty.as_secs_f64()
            )
        };
        let (page, first) = screen.open(&ours, ROWS_ARE_SHOWN)?;
        say(&of("shown during the first pokes"), beside(first));
        say(
            &of("frames meanwhile"),
            frames(&page.await_script(SCROLL)?)?,
        );
        let rows = page.run("return document.querySelectorAll('ol .row').length")?;
        let memory = |then: &Resting| {
            format!(
                "{:.0} MiB, {:+.0} MiB beside the empty one",
                then.memory,
                then.memory - resting.memory
            )
        };
        say(&of("memory (PSS)"), memory(&screen.rest()?));
        say(&of("frames at rest"), frames(&page.await_script(SCROLL)?)?);
        let busy = format!("{POKE_ALL}{SCROLL}");
        let busy = frames(&page.await_script(&busy)?)?;
        say(&of("frames while all are poked again"), busy);
        // What is left then is the web view's matter: it collects its garbage when it sees fit.
        let then = screen.rest()?;
        say(&of("memory after all were poked six times"), memory(&then));
        // Only now: what has failed once is poked again within a minute or two.
        say(&of("processor at rest"), format!("{:.2} %", then.processor));
        say(&of("rows in the page"), rows.to_string());
        drop(page);
        let mut shown = Vec::new();
        for _ in 0..OPENED {
            shown.push(screen.open(&ours, ROWS_ARE_SHOWN)?.1);
        }
        say(&of("shown once all were poked"), beside(median(&mut shown)));
        engine.end()?;
    }
    Ok(())
}

/// The worst time between two frames, and how many took longer than a person can overlook.
fn frames(times: &Value) -> Result<String> {
    let times = times.as_array().context("no frames")?;
    let mut times: Vec<f64> = times.iter().filter_map(Value::as_f64).collect();
    times.sort_by(f64::total_cmp);
    let worst = times.last().context("no frames")?;
    let middle = times[times.len() / 2];
    let long = times.iter().filter(|time| **time > 50.0).count();
    let count = times.len();
    Ok(format!(
        "worst {worst:.0} ms, median {middle:.0} ms, {long} of {count} over 50 ms"
    ))
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// A folder with the settings of many accounts; the home folder of all programs too.
struct Home(PathBuf);

impl Home {
    fn with(count: usize) -> Result<Self> {
        // The port is closed again as soon as it is known.
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let mut settings = "version = 1\n".to_owned();
        for number in 1..=count {
            write!(
                settings,
                "[[account]]\nname = \"account {number}\"\nhost = \"127.0.0.1\"\nport = {port}\n\
                 method = \"etrn\"\ndomains = [\"customer{number}.test\"]\nevery = \"15m\"\n"
            )?;
        }
        let folder = std::env::temp_dir().join(format!(
            "dequeue-bench-window-{}-{count}",
            std::process::id()
        ));
        fs::create_dir_all(&folder)?;
        fs::write(folder.join("settings.toml"), settings)?;
        Ok(Self(folder))
    }

    fn program(&self) -> Result<Command> {
        let mut program = Command::new(release("dequeue")?);
        program
            .env("DEQUEUE_HOME", &self.0)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        Ok(program)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// The engine of a home.
struct Engine(Child);

impl Engine {
    fn start(home: &Home) -> Result<Self> {
        let engine = home.program()?.arg("run").spawn()?;
        let socket = home.0.join("control.sock");
        wait_for("the engine", || socket.exists())?;
        Ok(Self(engine))
    }

    fn end(mut self) -> Result<()> {
        run(Command::new("kill").arg(self.0.id().to_string()))?;
        self.0.wait()?;
        Ok(())
    }
}

/// A screen that nobody sees, with a session and the windows' driver on it.
struct Screen {
    display: Child,
    session: Child,
    driver: u32,
    port: u16,
}

/// What a window and its helpers take.
struct Resting {
    /// In MiB.
    memory: f64,
    /// Of one core, in hundredths.
    processor: f64,
}

impl Screen {
    fn start(home: &Home) -> Result<Self> {
        let number = format!(":{}", 2000 + std::process::id() % 30_000);
        let display = Command::new("Xvfb")
            .args([
                &number,
                "-screen",
                "0",
                "1280x800x24",
                "-nolisten",
                "tcp",
                "-noreset",
            ])
            .stderr(Stdio::null())
            .spawn()?;
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
            .local_addr()?
            .port();
        let session = Command::new("dbus-run-session")
            .args(["--", "WebKitWebDriver", "--host=127.0.0.1"])
            .arg(format!("--port={port}"))
            .env("DISPLAY", &number)
            .env("HOME", &home.0)
            .env("DEQUEUE_HOME", &home.0)
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            // Looking for accessibility takes seconds, and drawing as if there were a graphics card
            // is seconds behind the page.
            .env("GTK_A11Y", "none")
            .env("NO_AT_BRIDGE", "1")
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            .env_remove("WAYLAND_DISPLAY")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        wait_for("WebKitWebDriver", || web_driver::is_ready(port))?;
        let driver = driver_of(session.id()).context("the driver has gone")?;
        Ok(Self {
            display,
            session,
            driver,
            port,
        })
    }

    /// Opens a window and waits until it shows what it is for; gives how long that took.
    fn open(&self, program: &Path, is_shown: &str) -> Result<(Page, Duration)> {
        let begun = Instant::now();
        let page = Page::open(self.port, program)?;
        while page.run(is_shown)? != true {
            if begun.elapsed() > COMING_UP {
                bail!("{} shows nothing", program.display());
            }
            thread::sleep(Duration::from_millis(10));
        }
        page.await_script(PAINTED)?;
        Ok((page, begun.elapsed()))
    }

    /// Measures the window that is open and the processes of its web view.
    fn rest(&self) -> Result<Resting> {
        thread::sleep(SETTLING);
        let window = self.window()?;
        let ticks = || {
            window
                .iter()
                .map(|pid| cpu_ticks(*pid))
                .sum::<Result<u64>>()
        };
        let before = ticks()?;
        thread::sleep(WATCHED);
        // A tick is a hundredth of a second.
        let processor = (ticks()? - before) as f64 / WATCHED.as_secs_f64();
        let mut memory = 0.0;
        for pid in &window {
            let pss = field(
                &fs::read_to_string(format!("/proc/{pid}/smaps_rollup"))?,
                "Pss:",
            )?;
            memory += pss.parse::<f64>()? / 1024.0;
        }
        Ok(Resting { memory, processor })
    }

    /// The window's processes: all below the driver.
    fn window(&self) -> Result<Vec<u32>> {
        let children = children()?;
        let mut found = vec![self.driver];
        let mut next = 0;
        while let Some(parent) = found.get(next) {
            found.extend(children.get(parent).into_iter().flatten());
            next += 1;
        }
        Ok(found.split_off(1))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // The session ends with what it was started for.
        for pid in [self.driver, self.display.id()] {
            let _ = Command::new("kill").arg(pid.to_string()).status();
        }
        let _ = self.session.wait();
        let _ = self.display.wait();
    }
}

/// The processes of this machine by their parent.
fn children() -> Result<BTreeMap<u32, Vec<u32>>> {
    let mut children: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let pid = name.to_str().and_then(|name| name.parse::<u32>().ok());
        // One that has ended meanwhile has none.
        let parent = pid.and_then(|pid| {
            let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            field(&status, "PPid:").ok()?.parse().ok()
        });
        if let (Some(pid), Some(parent)) = (pid, parent) {
            children.entry(parent).or_default().push(pid);
        }
    }
    Ok(children)
}

/// The driver that a session has started.
fn driver_of(session: u32) -> Option<u32> {
    let children = children().ok()?;
    let of = children.get(&session)?;
    let is_driver = |pid: &&u32| {
        let name = fs::read_to_string(format!("/proc/{pid}/comm"));
        name.is_ok_and(|name| name.starts_with("WebKitWebDriver"))
    };
    of.iter().find(is_driver).copied()
}

fn wait_for(what: &str, is_there: impl Fn() -> bool) -> Result<()> {
    let begun = Instant::now();
    while !is_there() {
        if begun.elapsed() > COMING_UP {
            bail!("{what} did not come up");
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}
