//! `dequeue-tray`: the icon beside the clock, its menu and the notifications, and the engine behind
//! them. Runs from login to logout.
//!
//! [`model`] says what is to be seen, [`backend`] shows it in each system's way, [`tray`] is what goes
//! on in between.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

mod backend;
mod icons;
mod lock;
mod model;
mod session;
mod tray;
mod window;

use std::{env, ffi::OsString, process::ExitCode, time::Duration};

use dequeue_api::{Paths, Request, Response, attach};
use dequeue_core::{Text, sink, text::SYSTEM};
use dequeue_engine::StartError;
use dequeue_platform::core_dump;
use tokio::{
    runtime::{Builder, Runtime},
    time::{Instant, sleep},
};
use tracing_subscriber::EnvFilter;

use crate::lock::SessionLock;

/// What is logged, in the manner of `RUST_LOG`.
const LOG_VARIABLE: &str = "DEQUEUE_LOG";
const LOG_DEFAULT: &str = "info";

/// As in `sysexits.h`.
const EXIT_USAGE: u8 = 64;
const EXIT_FAULT: u8 = 70;

/// How long the session's first tray may take until its engine answers.
const COMING_UP: Duration = Duration::from_secs(5);

fn main() -> ExitCode {
    core_dump::turn_off();
    let text = Text::for_language(SYSTEM);
    let quiet = match arguments(env::args_os().skip(1), &text) {
        Ok(quiet) => quiet,
        Err(exit) => return exit,
    };
    let filter = EnvFilter::try_from_env(LOG_VARIABLE).unwrap_or_else(|_| LOG_DEFAULT.into());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(|| sink::Log(std::io::stderr()))
        .init();
    let started = Paths::for_user()
        .map_err(|error| StartError::from(error).sentence(&text))
        .and_then(|paths| start(paths, quiet, text));
    match started {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            eprintln!("{}", sink::text(&sentence));
            ExitCode::from(EXIT_FAULT)
        }
    }
}

/// Whether to be quiet; or how to exit at once, with all said that is to be said.
fn arguments(given: impl Iterator<Item = OsString>, text: &Text) -> Result<bool, ExitCode> {
    let mut quiet = false;
    for argument in given {
        match argument.to_string_lossy().as_ref() {
            "--quiet" => quiet = true,
            "--help" | "-h" => {
                println!("{}", text.get("tray-usage"));
                return Err(ExitCode::SUCCESS);
            }
            "--version" | "-V" => {
                println!("dequeue-tray {}", env!("CARGO_PKG_VERSION"));
                return Err(ExitCode::SUCCESS);
            }
            option => {
                eprintln!(
                    "{}",
                    sink::text(&text.format("tray-unknown-option", &[("option", option.into())]))
                );
                eprintln!("{}", text.get("tray-usage"));
                return Err(ExitCode::from(EXIT_USAGE));
            }
        }
    }
    Ok(quiet)
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
#[cfg(any(windows, target_os = "macos"))]
fn live(
    runtime: Runtime,
    paths: Paths,
    quiet: bool,
    _text: Text,
    _lock: SessionLock,
) -> Result<(), String> {
    backend::native::run(move |tray_backend, chosen| {
        runtime.block_on(tray::run(tray_backend, chosen, paths, quiet));
    })
}
