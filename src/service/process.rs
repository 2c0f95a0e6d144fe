//! `dequeue run --service`: the service itself, as a service manager starts it. It hosts the engine on the
//! machine's places, or in the folder of `DEQUEUE_HOME`, until it is told to end.

use std::{path::Path, time::Duration};

use dequeue_api::{Client, Paths, paths::SERVICE};
use dequeue_core::{Text, text::SYSTEM};
use dequeue_engine::{Attached, Hosting, StartError, host_or_attach};
use dequeue_platform::{
    logs,
    service::{
        folders,
        process::{Manager, under_manager},
    },
};
use tokio::time::{Instant, sleep_until, timeout};

use super::{CODE, folder_fault};
use crate::{arguments::Shown, failure::Failure, output::Output, signals};

/// How long the engine may take to answer a question before it counts as stuck.
const ANSWERING: Duration = Duration::from_secs(30);

/// Runs the service to its end; gives the exit status.
pub(crate) fn serve(shown: Shown) -> u8 {
    under_manager(SERVICE, move |manager| {
        let mut out = Output::new(shown, Text::for_language(SYSTEM));
        match run(manager) {
            Ok(()) => 0,
            Err(failure) => {
                // A service of Windows has nobody at its standard error.
                tracing::error!(why = failure.message, "the service could not start");
                out.fail(&failure);
                failure.status
            }
        }
    })
}

fn run(manager: Manager) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::fault(CODE, error.to_string()))?;
    runtime.block_on(host(manager))
}

/// Hosts the engine until the end.
async fn host(mut manager: Manager) -> Result<(), Failure> {
    // From here on no signal ends the program in its own way.
    let mut signalled = std::pin::pin!(signals::told_to_end());
    let paths = Paths::in_home_variable().map_or_else(Paths::for_machine, Ok);
    let paths = paths.map_err(|error| not_started(&error.into()))?;
    prepare(&paths)?;
    logs::write_to(paths.logs());
    let engine = tokio::select! {
        biased;
        () = &mut signalled => return Ok(()),
        () = manager.told_to_end() => return Ok(()),
        engine = engine(&paths) => engine.map_err(|error| not_started(&error))?,
    };
    manager.ready();
    let wanted = manager.wants_to_hear();
    let mut next = wanted.map(|time| Instant::now() + time);
    loop {
        tokio::select! {
            biased;
            () = &mut signalled => break,
            () = manager.told_to_end() => break,
            () = sleep_until(next.unwrap_or_else(Instant::now)), if next.is_some() => {
                if lives(&engine.client).await {
                    manager.alive();
                } else {
                    tracing::error!("the engine does not answer");
                }
                next = wanted.map(|time| Instant::now() + time);
            }
        }
    }
    manager.stopping();
    engine.stop().await;
    Ok(())
}

/// The engine on these places, which nobody else may host.
async fn engine(paths: &Paths) -> Result<Attached, StartError> {
    let engine = host_or_attach(paths, Hosting::Service).await?;
    if engine.is_hosting() {
        return Ok(engine);
    }
    Err(StartError::Stuck {
        path: paths.data().to_owned(),
    })
}

/// Whether the engine answers.
async fn lives(client: &Client) -> bool {
    timeout(ANSWERING, client.overview())
        .await
        .is_ok_and(|answer| answer.is_ok())
}

/// Sees to it that the machine's places are the service's, and makes the folder of the socket where no
/// manager has.
fn prepare(paths: &Paths) -> Result<(), Failure> {
    if !paths.are_the_machines() {
        return Ok(());
    }
    let settings = paths.settings().parent();
    let folders = [settings, Some(paths.data()), paths.runtime()];
    for folder in folders.into_iter().flatten() {
        check(folder).map_err(|fault| {
            let text = Text::for_language(SYSTEM);
            Failure::fault(CODE, folder_fault(&fault, &text))
        })?;
    }
    #[cfg(unix)]
    if let Some(runtime) = paths.runtime().filter(|it| !it.exists()) {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};

        // Whatever the umask: everyone may look into it.
        let made = std::fs::DirBuilder::new()
            .mode(0o755)
            .create(runtime)
            .and_then(|()| {
                let mode = std::fs::Permissions::from_mode(0o755);
                std::fs::set_permissions(runtime, mode)
            });
        made.map_err(|error| {
            not_started(&StartError::Folder {
                path: runtime.to_owned(),
                error,
            })
        })?;
    }
    Ok(())
}

#[cfg(unix)]
fn check(folder: &Path) -> Result<(), folders::FolderFault> {
    folders::check(folder, folders::Owner::this_process())
}

#[cfg(windows)]
fn check(folder: &Path) -> Result<(), folders::FolderFault> {
    folders::check(folder)
}

fn not_started(error: &StartError) -> Failure {
    Failure::start(error, &Text::for_language(SYSTEM))
}
