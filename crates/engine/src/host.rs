//! Who runs the engine: whoever starts first hosts it, the rest attach to it. On the machine's places
//! the service alone does.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use dequeue_api::{
    EngineSource, attach,
    client::Client,
    paths::{Paths, PathsError, service_is_silent},
    socket::{is_another_users, listen},
};
use dequeue_core::text::Text;
use dequeue_platform::{clock::Clock, logs::LIFE};
use interprocess::local_socket::tokio::Listener;
use jiff::tz::TimeZone;
use tokio::{
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep},
};

use crate::{
    control::{self, Audience},
    controller::{Controller, Network, Setup},
    history::{HistoryError, HistoryWriter},
    lock::{Lock, make_stand_ins},
    settings_file,
};

/// The file whose lock makes sure that one engine runs on the data folder.
const LOCK: &str = "engine.lock";
/// How long an engine that holds the lock may take to open its socket.
const PATIENCE: Duration = Duration::from_secs(5);

/// What an engine is hosted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hosting {
    /// To poke on time, for every client that attaches.
    Rhythm,
    /// For one command: no poke on time, no socket. It holds no lock either, so that a poke that
    /// takes minutes keeps no engine from starting; the history is safe with several writers.
    Once,
    /// As the machine's service: as [`Rhythm`](Self::Rhythm), and on the machine's places too.
    Service,
}

impl Hosting {
    /// Whether it pokes on time.
    const fn has_rhythm(self) -> bool {
        matches!(self, Self::Rhythm | Self::Service)
    }
}

/// Why no engine could be had.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No folder to live in.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// The lock or the socket.
    #[error("the folder {path} cannot be used: {error}")]
    Folder {
        /// The data folder.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The history cannot be opened.
    #[error("the history {path} cannot be opened: {error}")]
    History {
        /// Its file.
        path: PathBuf,
        /// What it said.
        error: HistoryError,
    },
    /// Another user has made what clients would take for the engine's socket.
    #[error("the control socket is another user's")]
    OfAnother,
    /// The places are the machine's, and its service does not answer.
    #[error("the service does not answer")]
    ServiceSilent,
    /// Another engine holds the lock and does not answer.
    #[error("another engine holds {path} but does not answer")]
    Stuck {
        /// The data folder.
        path: PathBuf,
    },
}

impl StartError {
    /// One sentence: what is wrong, and what to do.
    #[must_use]
    pub fn sentence(&self, text: &Text) -> String {
        let about = |key, path: &Path, error: &dyn fmt::Display| {
            let (path, error) = (path.display().to_string(), error.to_string());
            text.format(key, &[("path", path.into()), ("error", error.into())])
        };
        match self {
            Self::Paths(fault) => fault.sentence(text),
            Self::Folder { path, error } => about("error-folder", path, error),
            Self::History { path, error } => about("error-history", path, error),
            Self::OfAnother => text.get("error-engine-of-another"),
            Self::ServiceSilent => service_is_silent(text),
            Self::Stuck { path } => about("error-engine-stuck", path, &""),
        }
    }
}

/// A client's engine, its own or another process's.
#[derive(Debug)]
pub struct Attached {
    /// The line to it.
    pub client: Client,
    host: Option<OwnEngine>,
}

#[derive(Debug)]
struct OwnEngine {
    stop: oneshot::Sender<()>,
    controller: JoinHandle<()>,
    /// Whether it pokes on time.
    has_rhythm: bool,
    /// The socket; dropped, it closes with all its connections.
    serving: JoinSet<()>,
    /// Held for as long as an engine with a rhythm runs.
    _lock: Option<Lock>,
}

impl AsRef<Client> for Attached {
    fn as_ref(&self) -> &Client {
        &self.client
    }
}

impl Attached {
    /// Whether the engine runs in this process.
    #[must_use]
    pub const fn is_hosting(&self) -> bool {
        self.host.is_some()
    }

    /// Lets go of the engine; one that is hosted here ends in good order first.
    pub async fn stop(self) {
        let Some(mut host) = self.host else {
            return;
        };
        // The other clients' connections end first, so that they know.
        host.serving.shutdown().await;
        let _ = host.stop.send(());
        match host.controller.await {
            Err(error) => tracing::warn!(%error, "the engine did not end in good order"),
            Ok(()) if host.has_rhythm => tracing::info!(target: LIFE, "the engine has ended"),
            Ok(()) => {}
        }
    }
}

/// Where a [`Connection`](dequeue_api::Connection) of a process that may host the engine gets it: the
/// one that runs on these folders, or one of its own with a rhythm.
#[derive(Debug)]
pub struct HostOrAttach(pub Paths);

impl EngineSource for HostOrAttach {
    type Engine = Attached;
    type Error = StartError;

    async fn find(&self) -> Result<Attached, StartError> {
        host_or_attach(&self.0, Hosting::Rhythm).await
    }
}

/// Hosts the engine on these folders, or attaches to the one that runs there. On the machine's places
/// only [`Hosting::Service`] hosts one.
///
/// # Errors
/// [`StartError`].
pub async fn host_or_attach(paths: &Paths, hosting: Hosting) -> Result<Attached, StartError> {
    if paths.are_the_machines() && hosting != Hosting::Service {
        let service = attach(paths).await.ok_or(StartError::ServiceSilent)?;
        return Ok(Attached {
            client: service,
            host: None,
        });
    }
    let give_up = Instant::now() + PATIENCE;
    loop {
        let locked = Lock::take(paths, LOCK);
        let locked = locked.map(|lock| lock.and_then(|lock| lock.with_folder(paths)));
        let unlocked = match locked {
            Ok(Some(lock)) => {
                let there = if lock.stands_in() {
                    attach(paths).await
                } else {
                    None
                };
                if let Some(client) = there {
                    return Ok(Attached { client, host: None });
                }
                let lock = hosting.has_rhythm().then_some(lock);
                return host(paths, hosting, lock).await;
            }
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if let Some(client) = attach(paths).await {
            return Ok(Attached { client, host: None });
        }
        if let Some(error) = unlocked {
            return Err(error.into());
        }
        // It is just starting, or just ending.
        if Instant::now() > give_up {
            return Err(StartError::Stuck {
                path: paths.data().to_owned(),
            });
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// Waits until no engine runs on these folders any more, at most for so long; gives whether none does.
pub async fn has_ended(paths: &Paths, at_most: Duration) -> bool {
    let give_up = Instant::now() + at_most;
    // A folder that cannot be used has no engine.
    while let Ok(None) = Lock::take(paths, LOCK) {
        if Instant::now() > give_up {
            return false;
        }
        sleep(Duration::from_millis(20)).await;
    }
    true
}

async fn host(paths: &Paths, hosting: Hosting, lock: Option<Lock>) -> Result<Attached, StartError> {
    let history_failed = |error| StartError::History {
        path: paths.history(),
        error,
    };
    let history = HistoryWriter::open(&paths.history(), hosting.has_rhythm())
        .await
        .map_err(history_failed)?;
    let (client, served) = Client::new();
    let (stop, stopped) = oneshot::channel();
    let setup = Setup {
        paths: paths.clone(),
        settings: settings_file::load(paths.settings()),
        history,
        clock: Clock::System,
        zone: TimeZone::system(),
        environment: Arc::new(Network),
        rhythm: hosting.has_rhythm(),
    };
    let (controller, gone) = Controller::new(setup, served)
        .await
        .map_err(history_failed)?;
    let mut serving = JoinSet::new();
    if hosting.has_rhythm() {
        let listener = open_socket(paths).await?;
        let audience = if paths.are_the_machines() {
            Audience::Machine
        } else {
            Audience::User
        };
        serving.spawn(control::serve(listener, audience, client.clone(), gone));
    }
    let controller = tokio::spawn(controller.run(stopped));
    let (version, data) = (env!("CARGO_PKG_VERSION"), paths.data().display());
    if hosting.has_rhythm() {
        let system = std::env::consts::OS;
        tracing::info!(target: LIFE, version, system, %data, "the engine runs");
    } else {
        tracing::debug!(version, %data, "an engine for one command");
    }
    Ok(Attached {
        client,
        host: Some(OwnEngine {
            stop,
            controller,
            has_rhythm: hosting.has_rhythm(),
            serving,
            _lock: lock,
        }),
    })
}

/// Opens the control socket, in the data folder or in what stands in for it.
async fn open_socket(paths: &Paths) -> Result<Listener, StartError> {
    if let Ok(listener) = listen(paths) {
        return Ok(listener);
    }
    make_stand_ins(paths)?;
    match listen(paths) {
        Ok(listener) => Ok(listener),
        Err(_) if is_another_users(paths).await => Err(StartError::OfAnother),
        Err(error) => Err(StartError::Folder {
            path: paths.data().to_owned(),
            error,
        }),
    }
}
