//! Whether mail arrives: the connections that reach the mail server after a poke, seen from outside
//! it, when it runs on this machine.
//!
//! [`Watcher`] watches for all accounts and only while something is to be watched: between pokes
//! nothing is open and nothing wakes. What it sees comes as [`ArrivalEvent`]s; an
//! [`ArrivalCounter`](dequeue_core::arrivals::ArrivalCounter) counts them for one poke and knows no
//! socket and no clock.
//!
//! The system tells of connections ([`connections`]): on Linux of all with their octets, on Windows
//! of nearly all without. Where it does not tell, [`ArrivalMonitoring::NotPossible`] says so.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use dequeue_core::{
    arrivals::{Arrival, ArrivalMonitoring, MonitoringUnavailable, Traffic},
    settings::value::Server,
};
use dequeue_platform::{
    clock::Clock,
    connections::{self, Connection, Seen, Source},
};
use jiff::Timestamp;
use tokio::{
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, timeout_at},
};

use crate::mail_server::host_is_here;

/// How long to watch after a poke where the settings do not say.
pub const USUAL_LENGTH: Duration = Duration::from_secs(300);

/// What the [`Watcher`] tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArrivalEvent {
    /// A connection to a watched port.
    Arrival(Arrival),
    /// Too many connections ended at once: the system dropped some of what it had to tell.
    Overrun,
    /// Watching has ended before its time: the system would tell no more.
    Broken(io::ErrorKind),
}

/// Why a system that answers so does not tell.
fn unavailable(error: &io::Error) -> MonitoringUnavailable {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::Unsupported if cfg!(target_os = "linux") => {
            MonitoringUnavailable::NoModule
        }
        io::ErrorKind::PermissionDenied if cfg!(target_os = "linux") => {
            MonitoringUnavailable::Forbidden
        }
        io::ErrorKind::NotFound | io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied => {
            MonitoringUnavailable::System
        }
        _ => MonitoringUnavailable::Failed,
    }
}

/// Watches the mail servers' ports of all accounts. Dropping it ends the watching.
#[derive(Debug)]
pub struct Watcher {
    shared: Arc<Shared>,
    /// Whose turn it is to ask the system, so that one source is opened for all who come at once.
    turn: tokio::sync::Mutex<()>,
}

impl Watcher {
    /// A watcher that has nothing to watch yet. Its events go to `events`; while that is full none
    /// is taken from the system, which then says that it was too much ([`ArrivalEvent::Overrun`]).
    #[must_use]
    pub fn new(clock: Clock, events: mpsc::Sender<ArrivalEvent>) -> Self {
        Self {
            shared: Arc::new(Shared {
                clock,
                events,
                watched: Mutex::default(),
            }),
            turn: tokio::sync::Mutex::default(),
        }
    }

    /// Watches for connections to the mail server from now on for `length`, or longer where another
    /// poke of the same server asked for more. Call it before the poke goes out: from the moment it
    /// returns no connection is missed. The answer says whether anything can be seen at all.
    pub async fn watch(&self, server: &Server, length: Duration) -> ArrivalMonitoring {
        if !host_is_here(server.host.as_str()).await {
            return ArrivalMonitoring::NotHere;
        }
        match self.watch_port(server.port, length).await {
            Ok(true) => ArrivalMonitoring::Watching,
            Ok(false) => ArrivalMonitoring::NotListening,
            Err(error) => {
                tracing::warn!(%error, "arrivals cannot be seen");
                ArrivalMonitoring::NotPossible(unavailable(&error))
            }
        }
    }

    /// Whether something is being watched now.
    #[must_use]
    pub fn is_watching(&self) -> bool {
        self.shared.watched().runs.is_some()
    }

    /// False where nothing listens on the port.
    async fn watch_port(&self, port: u16, length: Duration) -> io::Result<bool> {
        let _turn = self.turn.lock().await;
        loop {
            // Before anything is asked, so that what happens meanwhile is seen.
            let new = if self.is_watching() {
                None
            } else {
                Some(Source::open().await?)
            };
            if !connections::listens(port).await? {
                return Ok(false);
            }
            // The watching may have ended meanwhile.
            if self.watch_from(new, port, length) {
                return Ok(true);
            }
        }
    }

    /// Goes on watching, or begins with a new source; false where there is neither.
    fn watch_from(&self, new: Option<Source>, port: u16, length: Duration) -> bool {
        let mut watched = self.shared.watched();
        if watched.runs.is_none() {
            let Some(source) = new else { return false };
            let shared = Arc::clone(&self.shared);
            watched.runs = Some(tokio::spawn(shared.run(source)).abort_handle());
        }
        let until = Instant::now() + length;
        let end = watched.ports.entry(port).or_insert(until);
        *end = until.max(*end);
        true
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        if let Some(runs) = &self.shared.watched().runs {
            runs.abort();
        }
    }
}

#[derive(Debug)]
struct Shared {
    clock: Clock,
    events: mpsc::Sender<ArrivalEvent>,
    watched: Mutex<Watched>,
}

#[derive(Debug, Default)]
struct Watched {
    /// Each port, and until when.
    ports: BTreeMap<u16, Instant>,
    /// The part that takes events from the system, while there is anything to watch.
    runs: Option<AbortHandle>,
}

impl Watched {
    /// Until when there is something to watch. When there is nothing more, the watching has ended.
    fn end(&mut self, now: Instant) -> Option<Instant> {
        self.ports.retain(|_, end| *end > now);
        let end = self.ports.values().max().copied();
        if end.is_none() {
            self.runs = None;
        }
        end
    }
}

impl Shared {
    fn watched(&self) -> MutexGuard<'_, Watched> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn run(self: Arc<Self>, mut source: Source) {
        loop {
            let end = self.watched().end(Instant::now());
            let Some(end) = end else { return };
            let events = match timeout_at(end, source.next()).await {
                // Perhaps it has been put off meanwhile.
                Err(_) => continue,
                Ok(Ok(Seen::Connections(seen))) => {
                    let at = self.clock.now();
                    let watched = self.watched();
                    seen.into_iter()
                        .filter(|seen| watched.ports.contains_key(&seen.local.port()))
                        .map(|seen| ArrivalEvent::Arrival(arrival(seen, at)))
                        .collect()
                }
                Ok(Ok(Seen::Overrun)) => vec![ArrivalEvent::Overrun],
                Ok(Err(error)) => {
                    tracing::warn!(%error, "arrivals can no longer be seen");
                    *self.watched() = Watched::default();
                    vec![ArrivalEvent::Broken(error.kind())]
                }
            };
            let broken = matches!(events.as_slice(), [ArrivalEvent::Broken(_)]);
            for event in events {
                if self.events.send(event).await.is_err() {
                    // Nobody listens any more.
                    *self.watched() = Watched::default();
                    return;
                }
            }
            if broken {
                return;
            }
        }
    }
}

/// A connection that was seen now, as an arrival.
fn arrival(seen: Connection, at: Timestamp) -> Arrival {
    Arrival {
        peer: seen.peer,
        local: seen.local,
        traffic: seen.traffic.map(|it| Traffic {
            received: it.received,
            sent: it.sent,
        }),
        at,
    }
}
