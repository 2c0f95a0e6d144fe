//! `cargo xtask`: sets up a machine, runs Dequeue and tests it, one command for each.

mod bench;
#[cfg(unix)]
mod dist;
mod fuzz;
mod pictures;
mod process;
mod run;
mod setup;
mod test;
mod workspace;

use std::process::ExitCode;

use anyhow::{Result, bail};

const USAGE: &str = "\
usage: cargo xtask COMMAND

  setup                      install all that running and testing need
  run [ARGUMENT]...          set up, build and start Dequeue; arguments go to the program
  test [--fast] [-- FILTER]  set up, check and test everything; FILTER goes to cargo nextest
                             --fast leaves out the end-to-end tests, licences, Windows and macOS
  fuzz [TARGET]... [--seconds N]
                             look for inputs that bring the conversation down, each target for
                             a minute or for N seconds
  bench [poke|tray|many|history|window]...
                             measure the release build: one poke, the tray at rest, 10,000
                             accounts, a history of ten million pokes, the window with many
                             accounts beside an empty one
  dist [windows|linux] [--profile NAME] [--built] [--without-window] [--out FOLDER]
                             make what people install (docs/packages.md)
  pictures                   photograph the window and the tray, and renew the README's pictures
";

fn main() -> ExitCode {
    match dispatch(std::env::args().skip(1).collect()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(mut arguments: Vec<String>) -> Result<ExitCode> {
    if arguments.is_empty() {
        bail!("which command?\n\n{USAGE}");
    }
    let command = arguments.remove(0);
    match command.as_str() {
        "setup" if arguments.is_empty() => setup::for_tests().map(|_| ExitCode::SUCCESS),
        "run" => run::run(&arguments),
        "test" => test::test(&test::Options::parse(&arguments)?),
        "fuzz" => fuzz::fuzz(&fuzz::Options::parse(&arguments)?),
        "bench" => bench::bench(&arguments),
        #[cfg(unix)]
        "dist" => dist::dist(&dist::Options::parse(&arguments)?),
        "pictures" if arguments.is_empty() => pictures::pictures(),
        "help" | "-h" | "--help" => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => bail!("do not know `{command} {}`\n\n{USAGE}", arguments.join(" ")),
    }
}
