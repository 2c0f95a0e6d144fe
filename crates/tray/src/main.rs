//! `dequeue-tray`: the icon beside the clock, its menu and the notifications, and the engine behind
//! them. Runs from login to logout.
//!
//! [`model`] says what is to be seen, [`backend`] shows it in each system's way, [`tray`] is what goes
//! on in between.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod backend;
mod icons;
mod lock;
#[cfg(windows)]
mod message_box;
mod model;
mod own;
mod quit;
mod session;
mod tray;
mod window;

dequeue_platform::run_on_windows_7!();

use std::{env, ffi::OsString, process::ExitCode, time::Duration};

use dequeue_api::{Paths, Request, Response, attach};
use dequeue_core::{Text, sink, text::SYSTEM};
use dequeue_engine::StartError;
use dequeue_platform::{
    core_dump,
    logs::{self, Logs, Stderr},
};
use tokio::{
    runtime::{Builder, Runtime},
    time::{Instant, sleep},
};

use crate::lock::SessionLock;

/// As in `sysexits.h`.
const EXIT_USAGE: u8 = 64;
const EXIT_FAULT: u8 = 70;

/// How long the session's first tray may take until its engine answers.
const COMING_UP: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    core_dump::turn_off();
    #[cfg(windows)]
    dequeue_api::program::name_windows();
    let text = Text::for_language(SYSTEM);
    let wanted = match arguments(env::args_os().skip(1), &text) {
        Ok(wanted) => wanted,
        Err(exit) => return exit,
    };
    let paths = Paths::find();
    let _logging = logs::set_up(Logs {
        program: "dequeue-tray",
        safe: sink::log,
        folder: paths.as_ref().ok().and_then(Paths::logs_of_face),
        stderr: Stderr::Always,
        event_log: false,
    });
    let started = paths
        .map_err(|error| StartError::from(error).sentence(&text))
        .and_then(|paths| match wanted {
            Wanted::Tray { quiet } => start(paths, quiet, text),
            Wanted::Quit => quit::quit(&paths, &text),
        });
    match started {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            let sentence = sink::text(&sentence);
            match wanted {
                Wanted::Tray { .. } => complain(&sentence),
                // Whoever asks so is a program, which waits for the end and not for a person.
                Wanted::Quit => eprintln!("{sentence}"),
            }
            ExitCode::from(EXIT_FAULT)
        }
    }
}

/// What is wanted of this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    /// To be the session's tray, or to have that one show the window unless it is to be `quiet`.
    Tray { quiet: bool },
    /// That the session's tray ends.
    Quit,
}

/// What is wanted; or how to exit at once, with all said that is to be said.
fn arguments(given: impl Iterator<Item = OsString>, text: &Text) -> Result<Wanted, ExitCode> {
    let mut wanted = Wanted::Tray { quiet: false };
    for argument in given {
        match argument.to_string_lossy().as_ref() {
            "--quiet" => wanted = Wanted::Tray { quiet: true },
            "--quit" => wanted = Wanted::Quit,
            "--help" | "-h" => {
                answer(&text.get("tray-usage"));
                return Err(ExitCode::SUCCESS);
            }
            "--version" | "-V" => {
                answer(&format!("dequeue-tray {}", env!("CARGO_PKG_VERSION")));
                return Err(ExitCode::SUCCESS);
            }
            option => {
                let unknown = text.format("tray-unknown-option", &[("option", option.into())]);
                complain(&format!(
                    "{}\n{}",
                    sink::text(&unknown),
                    text.get("tray-usage")
                ));
                return Err(ExitCode::from(EXIT_USAGE));
            }
        }
    }
    Ok(wanted)
}

/// Says what was asked for: on Windows in a box, where this program was started without a console.
fn answer(text: &str) {
    #[cfg(windows)]
    if message_box::is_needed() {
        return message_box::show(message_box::Level::Information, text);
    }
    println!("{text}");
}

/// Says what is wrong, in the same manner.
fn complain(text: &str) {
    #[cfg(windows)]
    if message_box::is_needed() {
        return message_box::show(message_box::Level::Error, text);
    }
    eprintln!("{text}");
}

/// Runs the tray, or asks the one of this session.
///
/// # Errors
/// One sentence on what is wrong.
fn start(paths: Paths, quiet: bool, text: Text) -> Result<(), String> {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let lock =
        SessionLock::take(&paths).map_err(|error| StartError::from(error).sentence(&text))?;
    match lock {
        Some(lock) => live(runtime, paths, quiet, text, lock),
        None if quiet => Ok(()),
        None => runtime.block_on(show_window(&paths)),
    }
}

/// This session has a tray: all that is left is to show the window.
async fn show_window(paths: &Paths) -> Result<(), String> {
    let give_up = Instant::now() + COMING_UP;
    loop {
        if let Some(client) = attach(paths).await {
            return match client.request(Request::ShowWindow { account: None }).await {
                Ok(Response::Window { open: true }) => Ok(()),
                _ => window::start(None, None)
                    .map(drop)
                    .map_err(|error| error.to_string()),
            };
        }
        if Instant::now() > give_up {
            return window::start(None, None)
                .map(drop)
                .map_err(|error| error.to_string());
        }
        sleep(Duration::from_millis(100)).await;
    }
}

#[cfg(target_os = "linux")]
fn live(
    runtime: Runtime,
    paths: Paths,
    quiet: bool,
    text: Text,
    _lock: SessionLock,
) -> Result<(), String> {
    runtime.block_on(async {
        let (choices, chosen) = tokio::sync::mpsc::unbounded_channel();
        let tray_backend = backend::linux::Linux::new(choices, text);
        tray::run(tray_backend, chosen, paths, quiet).await;
    });
    Ok(())
}

/// The system wants its event loop on the main thread, so everything else has another.
#[cfg(target_os = "macos")]
fn live(
    runtime: Runtime,
    paths: Paths,
    quiet: bool,
    _text: Text,
    _lock: SessionLock,
) -> Result<(), String> {
    backend::macos::run(move |tray_backend, chosen| {
        runtime.block_on(tray::run(tray_backend, chosen, paths, quiet));
    })
}

/// The icon belongs to the thread of its window, which waits for messages, so everything else has
/// another.
#[cfg(windows)]
fn live(
    runtime: Runtime,
    paths: Paths,
    quiet: bool,
    _text: Text,
    _lock: SessionLock,
) -> Result<(), String> {
    let folders = paths.clone();
    backend::windows::run(&folders, move |tray_backend, chosen| {
        runtime.block_on(tray::run(tray_backend, chosen, paths, quiet));
    })
}
