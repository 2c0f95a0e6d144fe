//! `dequeue service`: the service of this machine, as the service manager knows it. Each command says in
//! a sentence what came of it, and may be given again and again.
//!
//! [`process`] is the service itself.

pub(crate) mod process;

use std::{env, fs, path::Path};

use dequeue_api::{
    Paths, attach,
    paths::{SERVICE, START_COMMAND},
};
use dequeue_core::Text;
use dequeue_engine::{StartError, settings_file};
use dequeue_platform::service::{
    self, Change, Service, ServiceError, ServiceState, folders::FolderFault,
};
use serde::Serialize;

use crate::{
    arguments::{self, Install, Uninstall},
    failure::{Failure, status},
    home::Home,
    output::Output,
    take_over,
};

/// What the service's settings are before anyone has set anything.
const BLANK: &[u8] = b"version = 1\n";

/// What came of it, for programs.
#[derive(Debug, Serialize)]
struct Done<'a> {
    /// What was to be done.
    action: &'a str,
    /// Whether anything is otherwise than before.
    changed: bool,
    /// Whether the service manager knows the service.
    installed: bool,
    /// Whether it is started when the machine starts.
    starts_at_boot: bool,
    /// Whether the service manager has started it; none where no service manager runs.
    runs: Option<bool>,
    /// Whether its engine answers.
    answers: bool,
    /// One sentence.
    message: &'a str,
}

/// Carries a command out; gives the exit status.
///
/// # Errors
/// Why it could not be.
pub(crate) async fn service(wanted: &arguments::Service, out: &mut Output) -> Result<u8, Failure> {
    let paths = Paths::for_machine()
        .map_err(|error| Failure::start(&StartError::from(error), &out.text))?;
    out.text = Home {
        paths: paths.clone(),
    }
    .text();
    let program = env::current_exe().map_err(|error| {
        let error = error.to_string();
        Failure::fault(
            CODE,
            out.text
                .format("service-no-program", &[("error", error.into())]),
        )
    })?;
    let description = out.text.get("service-description");
    let service = Service {
        name: SERVICE,
        description: &description,
        program: &program,
        settings: paths.settings(),
        data: paths.data(),
    };
    let (action, done) = match wanted {
        arguments::Service::Install(install) => ("install", installed(&service, install, out)?),
        arguments::Service::Uninstall(wanted) => ("uninstall", uninstalled(&service, wanted)),
        arguments::Service::Start => ("start", service::start(&service)),
        arguments::Service::Stop => ("stop", stopped(&service)),
        arguments::Service::Restart => ("restart", service::restart(&service)),
        arguments::Service::Status => ("status", Ok(Change::AsBefore)),
        arguments::Service::TakeOver(wanted) => {
            return take_over::take_over(&paths, wanted, out).await;
        }
    };
    let failed = |error: ServiceError| failure(&error, action, &out.text);
    let change = done.map_err(failed)?;
    let state = service::state(&service).map_err(|error| failure(&error, action, &out.text))?;
    let answers = match attach(&paths).await {
        Some(client) => client.overview().await.is_ok(),
        None => false,
    };
    let key = match wanted {
        arguments::Service::Status => standing(state, answers).to_owned(),
        arguments::Service::Uninstall(wanted) if wanted.purge => {
            format!("service-{action}-purged{}", already(change))
        }
        _ => format!("service-{action}{}", already(change)),
    };
    let values = [("command", START_COMMAND.into())];
    let message = out.text.format(&key, &values);
    out.say(&message);
    out.object(&Done {
        action,
        changed: change == Change::Changed,
        installed: state.is_installed,
        starts_at_boot: state.starts_at_boot,
        runs: state.runs,
        answers,
        message: &message,
    });
    let is_down = matches!(wanted, arguments::Service::Status) && !answers;
    Ok(if is_down { status::UNAVAILABLE } else { 0 })
}

/// The code of a failure, for programs.
const CODE: &str = "service";

/// What ends the key of a sentence that says that there was nothing to do.
const fn already(change: Change) -> &'static str {
    match change {
        Change::Changed => "",
        Change::AsBefore => "-already",
    }
}

/// The key of the sentence on how the service stands.
const fn standing(state: ServiceState, answers: bool) -> &'static str {
    match (state.is_installed, state.runs, answers) {
        (_, Some(false) | None, true) => "service-answers-unmanaged",
        (false, _, _) => "service-not-installed",
        (true, _, true) => "service-runs",
        (true, Some(true), false) => "service-runs-silent",
        (true, Some(false) | None, false) if state.starts_at_boot => "service-does-not-run",
        (true, Some(false) | None, false) => "service-is-off",
    }
}

/// Installs the service, with the settings that were given.
fn installed(
    service: &Service<'_>,
    wanted: &Install,
    out: &mut Output,
) -> Result<Result<Change, ServiceError>, Failure> {
    // Judged before anything is done.
    let settings = match &wanted.settings {
        Some(file) => Some(read(file, &out.text)?),
        None => None,
    };
    let mut done = service::install(service);
    if let (Ok(change), Some(settings)) = (&mut done, settings) {
        match take_over(service, &settings) {
            Ok(Change::Changed) => *change = Change::Changed,
            Ok(Change::AsBefore) => {}
            Err(error) => done = Err(error),
        }
    }
    Ok(done)
}

/// Reads the settings of a file, which have to be right.
fn read(file: &Path, text: &Text) -> Result<Vec<u8>, Failure> {
    settings_file::load(file).map_err(|faults| Failure::settings(&faults, text))?;
    fs::read(file).map_err(|error| {
        let values = [
            ("path", file.display().to_string().into()),
            ("error", error.to_string().into()),
        ];
        Failure::usage(text.format("service-settings-file", &values))
    })
}

/// Puts settings in the place of the service's. Those that were there before are kept beside them.
fn take_over(service: &Service<'_>, settings: &[u8]) -> Result<Change, ServiceError> {
    let before = service::settings(service).unwrap_or_default();
    if before == settings {
        return Ok(Change::AsBefore);
    }
    if !before.is_empty() && before != BLANK {
        let beside = service.settings.with_extension("toml.old");
        let kept = Service {
            settings: &beside,
            ..*service
        };
        service::put_settings(&kept, &before)?;
    }
    service::put_settings(service, settings)?;
    Ok(Change::Changed)
}

/// Stops the service. One that is not there is as good as stopped.
fn stopped(service: &Service<'_>) -> Result<Change, ServiceError> {
    match service::stop(service) {
        Err(ServiceError::NotInstalled) => Ok(Change::AsBefore),
        stopped => stopped,
    }
}

fn uninstalled(service: &Service<'_>, wanted: &Uninstall) -> Result<Change, ServiceError> {
    service::uninstall(service, wanted.purge)
}

/// Why the service is not as it was to be: one sentence with a remedy.
fn failure(error: &ServiceError, action: &str, text: &Text) -> Failure {
    let command = if cfg!(windows) {
        format!("dequeue service {action}")
    } else {
        format!("sudo dequeue service {action}")
    };
    let path = |path: &Path| path.display().to_string();
    let say = |key: &str, values: &[(&str, String)]| {
        let values: Vec<_> = values
            .iter()
            .map(|(name, value)| (*name, value.as_str().into()))
            .collect();
        text.format(key, &values)
    };
    let (status, message) = match error {
        ServiceError::NotAllowed => {
            let key = if cfg!(windows) {
                "service-needs-administrator-windows"
            } else {
                "service-needs-administrator"
            };
            (status::NOT_ALLOWED, say(key, &[("command", command)]))
        }
        ServiceError::NotInstalled => {
            (status::UNAVAILABLE, text.get("service-start-not-installed"))
        }
        ServiceError::NoManager { script } => {
            let sentence = text.get("service-no-manager");
            (status::UNAVAILABLE, format!("{sentence}\n\n{script}"))
        }
        ServiceError::ManagerNotRunning => {
            (status::UNAVAILABLE, text.get("service-manager-not-running"))
        }
        ServiceError::ProgramOfUser { program } => (
            status::FAULT,
            say("service-program-of-user", &[("program", path(program))]),
        ),
        ServiceError::Folder(fault) => (status::FAULT, folder_fault(fault, text)),
        ServiceError::NotUp { said } => {
            let key = if cfg!(windows) {
                "service-not-up-windows"
            } else {
                "service-not-up"
            };
            (status::FAULT, say(key, &[("said", said.clone())]))
        }
        ServiceError::Manager { said } => {
            let said = [("said", said.clone())];
            (status::FAULT, say("service-manager-said", &said))
        }
        ServiceError::File { path: file, error } => {
            let values = [("path", path(file)), ("error", error.to_string())];
            (status::FAULT, say("service-file", &values))
        }
    };
    Failure {
        status,
        ..Failure::fault(CODE, message)
    }
}

/// Why a folder is not used as the service's: one sentence with a remedy.
pub(crate) fn folder_fault(fault: &FolderFault, text: &Text) -> String {
    let (key, path, error) = match fault {
        FolderFault::NoFolder { path } => ("service-no-folder", path, String::new()),
        FolderFault::OfAnother { path } => ("service-folder-of-another", path, String::new()),
        FolderFault::OpenToOthers { path } => ("service-folder-open", path, String::new()),
        FolderFault::System { path, error } => ("service-file", path, error.to_string()),
    };
    let path = path.display().to_string();
    text.format(key, &[("path", path.into()), ("error", error.into())])
}

#[cfg(test)]
mod tests {
    use std::io;

    use dequeue_core::text::LANGUAGES;

    use super::*;

    #[test]
    fn how_the_service_stands() {
        let state = |is_installed, starts_at_boot, runs| ServiceState {
            is_installed,
            starts_at_boot,
            runs,
        };
        for (state, answers, key) in [
            (
                state(false, false, Some(false)),
                false,
                "service-not-installed",
            ),
            (state(false, false, None), false, "service-not-installed"),
            (state(true, true, Some(true)), true, "service-runs"),
            (state(true, true, Some(true)), false, "service-runs-silent"),
            (
                state(true, true, Some(false)),
                false,
                "service-does-not-run",
            ),
            (state(true, true, None), false, "service-does-not-run"),
            (state(true, false, Some(false)), false, "service-is-off"),
            // By OpenRC, in a container, by hand.
            (state(false, false, None), true, "service-answers-unmanaged"),
            (
                state(true, true, Some(false)),
                true,
                "service-answers-unmanaged",
            ),
        ] {
            assert_eq!(standing(state, answers), key, "{state:?}, {answers}");
        }
    }

    #[test]
    fn each_failure_is_a_sentence_with_its_status() {
        let path = || "/var/lib/dequeue".into();
        let error = || io::Error::from(io::ErrorKind::StorageFull);
        for language in LANGUAGES {
            let text = Text::for_language(language);
            for (fault, status, words) in [
                (ServiceError::NotAllowed, 77, "dequeue service install"),
                (ServiceError::NotInstalled, 69, "dequeue service install"),
                (
                    ServiceError::NoManager {
                        script: "#!/sbin/openrc-run",
                    },
                    69,
                    "#!/sbin/openrc-run",
                ),
                (ServiceError::ManagerNotRunning, 69, "dequeue run --service"),
                (
                    ServiceError::ProgramOfUser {
                        program: "/home/an/dequeue".into(),
                    },
                    70,
                    "/home/an/dequeue",
                ),
                (
                    FolderFault::NoFolder { path: path() }.into(),
                    70,
                    "/var/lib/dequeue",
                ),
                (
                    FolderFault::OfAnother { path: path() }.into(),
                    70,
                    "/var/lib/dequeue",
                ),
                (
                    FolderFault::OpenToOthers { path: path() }.into(),
                    70,
                    "/var/lib/dequeue",
                ),
                (
                    ServiceError::NotUp {
                        said: "it fell".into(),
                    },
                    70,
                    "it fell",
                ),
                (
                    ServiceError::Manager {
                        said: "it fell".into(),
                    },
                    70,
                    "it fell",
                ),
                (
                    ServiceError::File {
                        path: path(),
                        error: error(),
                    },
                    70,
                    "/var/lib/dequeue",
                ),
            ] {
                let failure = failure(&fault, "install", &text);
                assert_eq!(failure.status, status, "{fault:?}");
                assert!(failure.message.contains(words), "{}", failure.message);
                assert!(!failure.message.contains("service-"), "{}", failure.message);
            }
        }
    }
}
