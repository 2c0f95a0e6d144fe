//! `dequeue`: the command line.
//!
//! [`arguments`] says what can be typed, one module a sub-command does it, [`output`] shows what
//! came of it. Whatever needs the engine asks the one that runs, or opens the files for this
//! command alone ([`home`]).

mod account;
mod arguments;
mod check;
mod demo;
mod doctor;
mod failure;
mod guide;
mod history;
mod home;
mod logs;
mod man;
mod notices;
mod output;
mod pause;
mod poke;
mod run;
mod secret;
mod service;
mod settings;
mod signals;
mod status;
mod stop;
mod take_over;
mod update;
mod usage;

dequeue_platform::run_on_windows_7!();

use std::{
    env,
    io::{self, Write},
    process::ExitCode,
};

use dequeue_core::{Text, sink, text::SYSTEM};
use dequeue_platform::{
    core_dump,
    logs::{Logging, Logs, Stderr, is_asked_for, set_up},
};

use crate::{
    arguments::{Command, Misuse, Run, Shown, Update},
    failure::Failure,
    home::Home,
    output::Output,
    usage::Answer,
};

fn main() -> ExitCode {
    core_dump::turn_off();
    let (shown, command) = match arguments::parse(env::args_os().skip(1).collect()) {
        Ok(parsed) => parsed,
        Err(misuse) => return answer(&misuse),
    };
    let _logging = log(&command);
    if let Command::Run(Run { service: true }) = command {
        return ExitCode::from(service::process::serve(shown));
    }
    // A poke by host and the demo touch no settings, not even for their language.
    let mut out = Output::new(shown, Text::for_language(SYSTEM));
    let status = match start(&command, &mut out) {
        Ok(status) => status,
        Err(failure) => {
            out.fail(&failure);
            failure.status
        }
    };
    end(out, status)
}

/// Logs to files where the engine is hosted for longer than one command. The others log where somebody
/// has asked for it, to standard error; else nothing is set up, which one poke would pay for.
fn log(command: &Command) -> Option<Logging> {
    let folder = match command {
        Command::Run(Run { service: false }) => {
            Home::open().ok().and_then(|home| home.paths.logs_of_face())
        }
        // It looks at its folders first.
        Command::Run(Run { service: true }) => None,
        _ if is_asked_for() => None,
        _ => return None,
    };
    Some(set_up(Logs {
        program: "dequeue",
        safe: sink::log,
        folder,
        stderr: Stderr::Asked,
        event_log: matches!(command, Command::Run(Run { service: true })),
    }))
}

/// Carries the command out; gives the exit status.
fn start(command: &Command, out: &mut Output) -> Result<u8, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::fault("not-started", error.to_string()))?;
    runtime.block_on(async {
        match command {
            Command::Host(host) => poke::old_form(host, out).await,
            Command::Poke(wanted) if wanted.provider.has_host() => {
                let poked = poke::by_host(wanted.provider.fields(), out).await?;
                Ok(poked.exit_status)
            }
            Command::Demo(wanted) => demo::demo(*wanted, out).await,
            Command::Man => Ok(man::man(out)),
            Command::Completions(wanted) => Ok(man::completions(wanted.shell, out)),
            Command::Poke(wanted) => poke::accounts(&open(out)?, wanted, out).await,
            Command::Service(wanted) => service::service(wanted, out).await,
            Command::Run(_) => run::run(&open(out)?, out).await,
            Command::Stop => stop::stop(&open(out)?, out).await,
            Command::Status(wanted) if wanted.check => Ok(check::check(out).await),
            Command::Status(_) => status::status(&open(out)?, out).await,
            Command::History(wanted) if wanted.days => {
                history::days(&open(out)?, wanted, out).await
            }
            Command::History(wanted) => history::history(&open(out)?, wanted, out).await,
            Command::Account(wanted) => account::account(&open(out)?, wanted, out).await,
            Command::Doctor(wanted) if wanted.provider.has_host() => {
                doctor::by_host(wanted, out).await
            }
            Command::Doctor(wanted) => doctor::accounts(&open(out)?, wanted, out).await,
            Command::Pause(wanted) => pause::pause(&open(out)?, wanted, out).await,
            Command::Resume(wanted) => pause::resume(&open(out)?, wanted, out).await,
            Command::Notices(wanted) => notices::notices(&open(out)?, wanted, out).await,
            Command::Logs(wanted) => logs::logs(&open(out)?, wanted, out).await,
            Command::Update(Update::Check) => update::check(&open(out)?, out).await,
            Command::Secret(wanted) => secret::secret(&open(out)?, wanted, out).await,
            Command::Settings(wanted) => settings::settings(&open(out)?, wanted, out).await,
        }
    })
}

/// Where this user's settings are.
pub(crate) fn open(out: &Output) -> Result<Home, Failure> {
    Home::open().map_err(|error| Failure::start(&error, &out.text))
}

/// Answers a command line that asks for help, or is not one.
fn answer(misuse: &Misuse) -> ExitCode {
    let text = if misuse.by_host {
        Text::for_language(SYSTEM)
    } else {
        Home::open().map_or_else(|_| Text::for_language(SYSTEM), |home| home.text())
    };
    let json = arguments::wants_json(&misuse.typed);
    let mut out = Output::new(
        Shown {
            json,
            ..Shown::default()
        },
        text,
    );
    match misuse.answer(&out.text) {
        Answer::Asked(help) => {
            // A reader that has left has seen enough.
            let _ = io::stdout().write_all(help.as_bytes());
            ExitCode::SUCCESS
        }
        Answer::Wrong(failure) => {
            out.fail(&failure);
            end(out, failure.status)
        }
    }
}

/// Ends the output; the exit status is the command's, unless what came of it could not be written.
fn end(out: Output, status: u8) -> ExitCode {
    let text = out.text.clone();
    match out.into_fault() {
        None => ExitCode::from(status),
        Some(fault) => {
            let sentence = text.format("cli-output", &[("error", fault.to_string().into())]);
            // Where there is no standard error either, nobody can be told.
            let _ = writeln!(io::stderr(), "{}", sink::text(&sentence));
            ExitCode::from(failure::status::FAULT)
        }
    }
}
