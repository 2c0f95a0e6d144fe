//! `cargo xtask test`: every check and every test, in order, and at the end a table of them.
//! A step that fails does not stop the others, except those that cannot do without it. Tests that
//! were left out are counted and named below the table.

mod left_out;

use std::{
    env, iter,
    process::{Command, ExitCode},
    time::{Duration, Instant},
};

use anyhow::{Result, bail};

use self::left_out::{LeftOut, List};
#[cfg(unix)]
use crate::dist;
use crate::{
    process::{Ended, cargo, npm, run, run_within, words},
    setup::{
        self, Ready, macos,
        windows::{TARGET, TARGET_7, Toolchain},
    },
};

/// Tells the tests where the packages are.
#[cfg(unix)]
const PACKAGES: &str = "DEQUEUE_TEST_PACKAGES";

/// How long to wait for the advisory database, which comes over the network.
const ADVISORIES: Duration = Duration::from_secs(60);

const DENY: &str = "deny --workspace check --allow unnecessary-skip bans licenses sources";
/// Without the window, whose Tauri would excuse the doubles of the other programs (what `deny.toml`
/// says about Tauri has no meaning then), and for one platform at a time: taken together they look
/// as if the tray had GTK.
const DENY_WITHOUT_WINDOW: &str = "--workspace --exclude dequeue-window check \
    --allow unmatched-skip-root --allow unused-wrapper --allow unnecessary-skip bans";
const PLATFORMS: [&str; 3] = [
    "x86_64-unknown-linux-gnu",
    "x86_64-pc-windows-msvc",
    "aarch64-apple-darwin",
];
/// Its compiler may be a newer one than the project's, whose new lints are no fault of the code.
const LINTS_FOR_MACOS: &str = "-A clippy::all -D unused \
    -D clippy::unwrap_used -D clippy::expect_used -D clippy::panic";
/// What is only checked for Windows where the rest is built and run: the window takes Windows' web view.
const ONLY_CHECKED: &str = "-p dequeue-window -p xtask";
const DENY_ADVISORIES: &str = "deny --workspace check --disable-fetch advisories";

/// The command line of `test`.
#[derive(Default)]
pub(crate) struct Options {
    fast: bool,
    /// For cargo nextest.
    filter: Vec<String>,
}

impl Options {
    /// Reads what stands after `test`.
    ///
    /// # Errors
    /// For an unknown option.
    pub(crate) fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Options::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            match argument.as_str() {
                "--fast" => options.fast = true,
                "--" => options.filter.extend(rest.by_ref().cloned()),
                _ => bail!("test does not know `{argument}`; what is for nextest stands after --"),
            }
        }
        Ok(options)
    }
}

/// How a step ended.
enum Outcome {
    Passed,
    Failed(anyhow::Error),
    Skipped(String),
}

/// The steps done so far.
#[derive(Default)]
struct Steps(Vec<(&'static str, Outcome, Duration)>);

impl Steps {
    /// Does one step; whether it passed.
    fn step(&mut self, name: &'static str, work: impl FnOnce() -> Result<Outcome>) -> bool {
        println!("\n=== {name} ===");
        let started = Instant::now();
        let outcome = work().unwrap_or_else(Outcome::Failed);
        match &outcome {
            Outcome::Passed => {}
            Outcome::Failed(error) => println!("FAILED: {error:#}"),
            Outcome::Skipped(why) => println!("SKIPPED: {why}"),
        }
        let passed = matches!(outcome, Outcome::Passed);
        self.0.push((name, outcome, started.elapsed()));
        passed
    }

    /// A step made of commands.
    fn commands(
        &mut self,
        name: &'static str,
        commands: impl IntoIterator<Item = Command>,
    ) -> bool {
        self.step(name, || {
            for mut command in commands {
                run(&mut command)?;
            }
            Ok(Outcome::Passed)
        })
    }

    fn skip(&mut self, name: &'static str, why: &str) {
        self.step(name, || Ok(Outcome::Skipped(why.to_owned())));
    }

    /// The table with the tests that were left out, and whether all is well.
    fn summary(&self, left_out: &LeftOut) -> ExitCode {
        println!("\n=== summary ===");
        let (mut passed, mut failed, mut skipped) = (0, 0, 0);
        for (name, outcome, took) in &self.0 {
            let word = match outcome {
                Outcome::Passed => {
                    passed += 1;
                    "passed".to_owned()
                }
                Outcome::Failed(error) => {
                    failed += 1;
                    format!("FAILED: {error:#}")
                }
                Outcome::Skipped(why) => {
                    skipped += 1;
                    format!("skipped: {why}")
                }
            };
            println!("{name:<22} {:>7.1} s  {word}", took.as_secs_f64());
        }
        let total: Duration = self.0.iter().map(|(_, _, took)| *took).sum();
        println!("{:<22} {:>7.1} s", "together", total.as_secs_f64());
        for line in left_out.lines() {
            println!("{line}");
        }
        println!(
            "steps: {passed} passed, {failed} failed, {skipped} skipped; tests left out: {}",
            left_out.count()
        );
        if failed == 0 {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        }
    }
}

/// Runs all steps; the exit status says whether every one of them passed or was skipped.
///
/// # Errors
/// When the list of the tests left out last time cannot be removed; what else fails is in the table.
pub(crate) fn test(options: &Options) -> Result<ExitCode> {
    let list = List::start()?;
    let mut steps = Steps::default();
    let mut ready = None;
    steps.step("set-up", || {
        ready = Some(if options.fast {
            setup::for_fast_tests()
        } else {
            setup::for_tests()
        }?);
        Ok(Outcome::Passed)
    });
    // Without the set-up nothing below can tell anything.
    let Some(ready) = ready else {
        return Ok(steps.summary(&LeftOut::default()));
    };
    let cargo = || with_environment(cargo(), &ready);

    steps.commands("format", [args(cargo(), "fmt --all --check")]);
    let page = ["run check", "run lint", "test"];
    steps.commands("page", page.map(|script| args(npm(), script)));
    if !options.fast {
        let without_window = PLATFORMS.map(|platform| {
            let deny = format!("deny --target {platform} {DENY_WITHOUT_WINDOW}");
            args(cargo(), &deny)
        });
        let deny = iter::once(args(cargo(), DENY)).chain(without_window);
        steps.commands("licences and doubles", deny);
        steps.step("advisories", || advisories(&cargo));
    }
    let clippy = "clippy --workspace --all-targets -- -D warnings";
    steps.commands("clippy", [args(cargo(), clippy)]);
    // With the tests, whose dependencies ask for further features of shared crates: built without
    // them first, those would be built twice.
    if steps.commands("build", [args(cargo(), "build --workspace --all-targets")]) {
        let mut nextest = args(cargo(), "nextest run --workspace");
        #[cfg(unix)]
        if !options.fast && cfg!(target_os = "linux") {
            steps.step("packages", || {
                nextest.env(PACKAGES, dist::linux_for_tests()?);
                Ok(Outcome::Passed)
            });
        }
        if options.fast {
            nextest.args(["--filterset", "not binary(e2e)"]);
        }
        nextest.args(&options.filter);
        list.is_for(&mut nextest);
        steps.commands("tests", [nextest]);
        steps.commands(
            "documentation tests",
            [args(cargo(), "test --doc --workspace")],
        );
    } else {
        steps.skip("tests", "the build failed");
        steps.skip("documentation tests", "the build failed");
    }
    let mut doc = args(cargo(), "doc --workspace --no-deps");
    doc.env("RUSTDOCFLAGS", "-D warnings");
    steps.commands("documentation", [doc]);
    match &ready.windows {
        _ if options.fast => {}
        Some(toolchain) => {
            let packages = match ready.wine {
                Some(_) => ONLY_CHECKED,
                None => "--workspace",
            };
            let check = for_elsewhere(toolchain.cargo(), &ready, "check");
            let check = args(check, &format!("--target {TARGET} {packages}"));
            steps.commands("check for Windows", [check]);
            under_wine(&mut steps, toolchain, &ready, options, &list);
        }
        None => steps.skip("check for Windows", "no compiler for it on this system"),
    }
    match &ready.macos {
        _ if options.fast => {}
        Some(toolchain) => {
            let clippy = for_elsewhere(toolchain.cargo(), &ready, "clippy");
            let lints = format!(
                "--workspace --target {} -- {LINTS_FOR_MACOS}",
                macos::TARGET
            );
            steps.commands("clippy for macOS", [args(clippy, &lints)]);
        }
        None => steps.skip("clippy for macOS", "no compiler for it on this system"),
    }
    let mut left_out = LeftOut::default();
    steps.step("tests left out", || {
        left_out = list.read()?;
        Ok(match left_out.count() {
            0 => Outcome::Passed,
            count => Outcome::Skipped(format!("{count}, named below")),
        })
    });
    Ok(steps.summary(&left_out))
}

/// Builds the command line, the tray and their tests for Windows and runs them in Wine; then the
/// end-to-end tests, which run here, with those programs.
fn under_wine(
    steps: &mut Steps,
    toolchain: &Toolchain,
    ready: &Ready,
    options: &Options,
    list: &List,
) {
    let Some(wine) = &ready.wine else {
        steps.skip("tests under Wine", "no Wine on this system");
        return;
    };
    // One command for all, so that shared crates are built with the same features for each. Without
    // examples: nothing here runs them. Nor with the tests of `dequeue-smtp` and `dequeue-core`, which are
    // the same on every system (the floor plan holds that): the engine's run them in Wine.
    let packages = format!(
        "--target {TARGET} --lib --bins --tests -p dequeue -p dequeue-api -p dequeue-engine \
         -p dequeue-platform -p dequeue-tray"
    );
    let for_windows = |command: &str| for_elsewhere(toolchain.cargo(), ready, command);
    let build = args(for_windows("build"), &packages);
    if !steps.commands("build for Windows", [build]) {
        steps.skip("tests under Wine", "the build failed");
        return;
    }
    // A release says `panic = "abort"`, which not every standard library can be linked with; and what
    // stands in for what Windows 7 lacks is compiled for it alone. One build shows both. It shares
    // what runs while compiling with the build above.
    if let Some(toolchain) = &ready.windows_7 {
        let mut build = for_elsewhere(toolchain.cargo(), ready, "build");
        build.args(["--config", "profile.dev.panic=\"abort\""]);
        let programs = format!("--target {TARGET_7} -p dequeue -p dequeue-tray");
        if steps.commands("build for Windows 7", [args(build, &programs)]) {
            #[cfg(unix)]
            steps.step("imports of Windows 7", || {
                dist::windows_7_for_tests().map(|()| Outcome::Passed)
            });
        }
    }
    steps.step("tests under Wine", || {
        let _running = wine.start()?;
        let mut units = for_windows("nextest run --profile windows --no-tests pass");
        words(&mut units, &packages).args(&options.filter);
        wine.runs_for(&mut units);
        list.is_for(&mut units);
        let run_here = "nextest run --workspace --profile wine --no-tests pass";
        let mut end_to_end = args(with_environment(cargo(), ready), run_here);
        end_to_end.args(&options.filter);
        end_to_end.env("DEQUEUE_TEST_WINE", wine.prefix());
        #[cfg(unix)]
        end_to_end.env(PACKAGES, dist::windows_for_tests()?);
        list.is_for(&mut end_to_end);
        // Both run, even when the first fails.
        let units = run(&mut units);
        run(&mut end_to_end).and(units)?;
        Ok(Outcome::Passed)
    });
}

/// Advisories are read from a database on the network; a machine without one cannot check them.
fn advisories(cargo: &impl Fn() -> Command) -> Result<Outcome> {
    match run_within(ADVISORIES, &mut args(cargo(), "deny fetch db"))? {
        Ended::Well => {
            run(&mut args(cargo(), DENY_ADVISORIES))?;
            Ok(Outcome::Passed)
        }
        Ended::Badly => Ok(Outcome::Skipped(
            "the advisory database cannot be fetched".to_owned(),
        )),
        Ended::Late => Ok(Outcome::Skipped(format!(
            "the advisory database did not come within {} s",
            ADVISORIES.as_secs()
        ))),
    }
}

/// [`words`], for a command that is still to be run.
fn args(mut command: Command, arguments: &str) -> Command {
    words(&mut command, arguments);
    command
}

/// A command of cargo that builds for another system. All of them build alike, so that they share what
/// runs here while building.
fn for_elsewhere(cargo: Command, ready: &Ready, command: &str) -> Command {
    let mut cargo = args(with_environment(cargo, ready), command);
    cargo.arg("--config").arg(&ready.unoptimised);
    cargo
}

/// What the tests read from the environment, for every cargo alike, so that none rebuilds what
/// another has built.
fn with_environment(mut cargo: Command, ready: &Ready) -> Command {
    // The Windows toolchain has a PATH of its own, which the tools are missing on.
    let own = cargo.get_envs().find(|(name, _)| *name == "PATH");
    let own = own
        .and_then(|(_, path)| path)
        .unwrap_or_default()
        .to_owned();
    let both = env::split_paths(&own).chain(env::split_paths(&ready.path));
    match env::join_paths(both.filter(|folder| !folder.as_os_str().is_empty())) {
        Ok(path) => cargo.env("PATH", path),
        Err(_) => cargo.env("PATH", &ready.path),
    };
    for (variable, folder) in &ready.servers {
        cargo.env(variable, folder);
    }
    for (name, place) in [("ODMR", &ready.odmr), ("TRIXIE", &ready.trixie)] {
        match place {
            Some(Ok(folder)) => cargo.env(format!("DEQUEUE_TEST_{name}"), folder),
            // These tests are left out only where a reason is given.
            Some(Err(why)) => cargo.env(format!("DEQUEUE_TEST_NO_{name}"), why),
            None => &mut cargo,
        };
    }
    // Nobody edits a CI checkout.
    if env::var_os("CI").is_some() {
        cargo.env("CARGO_INCREMENTAL", "0");
    }
    cargo
}
