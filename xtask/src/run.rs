//! `cargo xtask run`: from a fresh checkout to the main job, whatever the machine offers.

use std::{
    env,
    path::Path,
    process::{Command, ExitCode},
};

use anyhow::Result;

use crate::{
    process::{cargo, read, run as run_command},
    setup, workspace,
};

/// Sets up, builds and starts Dequeue: the tray where there is a display, else the same engine
/// in the terminal. Returns the program's exit status.
///
/// # Errors
/// When set-up or the build fails.
pub(crate) fn run(arguments: &[String]) -> Result<ExitCode> {
    setup::for_running()?;
    println!("building all programs, unoptimised (the dev profile)");
    run_command(cargo().args(["build", "--workspace"]))?;

    let mut program;
    if has_display() {
        println!("starting the tray");
        program = Command::new(workspace::built("dequeue-tray")?);
    } else {
        let dequeue = workspace::built("dequeue")?;
        let settings = read(Command::new(&dequeue).args(["settings", "path"]))?;
        program = Command::new(&dequeue);
        if Path::new(&settings).exists() {
            println!("no display here: starting the engine in the terminal");
            program.arg("run");
        } else {
            println!("no display and no settings here: showing the main job with a demo provider");
            program.arg("demo");
        }
    }
    start(program.args(arguments))
}

fn has_display() -> bool {
    let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}

/// Becomes the program, so that signals and the exit status are its own.
#[cfg(unix)]
fn start(program: &mut Command) -> Result<ExitCode> {
    use std::os::unix::process::CommandExt;
    Err(program.exec().into())
}

#[cfg(not(unix))]
fn start(program: &mut Command) -> Result<ExitCode> {
    let code = program
        .status()?
        .code()
        .and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
