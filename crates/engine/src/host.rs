//! Who runs the engine: whoever starts first hosts it, the rest attach to it.

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use dequeue_api::{
    EngineSource, attach,
    client::Client,
    paths::{Paths, PathsError},
    socket::{is_another_users, listen},
};
use dequeue_core::text::Text;
use dequeue_platform::clock::Clock;
use interprocess::local_socket::tokio::Listener;
use jiff::tz::TimeZone;
use tokio::{
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::{Instant, sleep},
};

use crate::{
    control,
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
        if let Err(error) = host.controller.await {
            tracing::warn!(%error, "the engine did not end in good order");
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

/// Hosts the engine on these folders, or attaches to the one that runs there.
///
/// # Errors
/// [`StartError`].
pub async fn host_or_attach(paths: &Paths, hosting: Hosting) -> Result<Attached, StartError> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let unlocked = match Lock::take(paths, LOCK) {
            Ok(Some(lock)) => {
                let there = if lock.stands_in() {
                    attach(paths).await
                } else {
                    None
                };
                if let Some(client) = there {
                    return Ok(Attached { client, host: None });
                }
                let lock = (hosting == Hosting::Rhythm).then_some(lock);
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

async fn host(paths: &Paths, hosting: Hosting, lock: Option<Lock>) -> Result<Attached, StartError> {
    let history_failed = |error| StartError::History {
        path: paths.history(),
        error,
    };
    let history = HistoryWriter::open(&paths.history(), hosting == Hosting::Rhythm)
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
        rhythm: hosting == Hosting::Rhythm,
    };
    let (controller, gone) = Controller::new(setup, served)
        .await
        .map_err(history_failed)?;
    let mut serving = JoinSet::new();
    if hosting == Hosting::Rhythm {
        let listener = open_socket(paths).await?;
        serving.spawn(control::serve(listener, client.clone(), gone));
    }
    let controller = tokio::spawn(controller.run(stopped));
    tracing::info!(data = %paths.data().display(), ?hosting, "the engine runs");
    Ok(Attached {
        client,
        host: Some(OwnEngine {
            stop,
            controller,
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
    make_stand_ins()?;
    match listen(paths) {
        Ok(listener) => Ok(listener),
        Err(_) if is_another_users(paths).await => Err(StartError::OfAnother),
        Err(error) => Err(StartError::Folder {
            path: paths.data().to_owned(),
            error,
        }),
    }
}
