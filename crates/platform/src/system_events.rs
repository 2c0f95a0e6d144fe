//! Occasions for a poke beside the rhythm's: the network has come up, the machine has woken.
//!
//! Nothing here polls. On Linux the kernel tells of both, to anyone: rtnetlink of addresses and
//! routes, a timer on the wall clock of a resume. macOS' kernel tells of the network, which changes
//! when the machine wakes, and its clocks tell of the sleep. Windows tells of both; of sleep from
//! Windows 8 on, before that the clock's waits do. macOS' part has not been run on a Mac.

#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
mod nothing;
#[cfg(any(target_os = "macos", test))]
mod routing;
#[cfg(target_os = "linux")]
mod rtnetlink;
#[cfg(any(target_os = "macos", windows, test))]
mod sockets;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(target_os = "macos")]
use macos as system;
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
use nothing as system;
#[cfg(windows)]
use windows as system;

use std::{io, sync::LazyLock, time::Duration};

use tokio::{
    sync::{
        broadcast::{self, error::RecvError},
        mpsc::Sender,
    },
    task::JoinSet,
    time::timeout,
};

/// What has happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SystemEvent {
    /// There is a way out that was not there: a default route over a link that carries, or an
    /// address that others can reach. Told when nothing more has changed for [`CALM`].
    NetworkUp,
    /// The machine has slept, for half a minute at the least. Its network may not be up yet.
    MachineWoke,
}

/// How long the network has to be left unchanged before it is looked at: an interface that comes up
/// brings a burst of changes, and the name servers a little later.
pub const CALM: Duration = Duration::from_secs(2);

/// What other parts of the program are told by the system: a service by its manager.
static TOLD: LazyLock<broadcast::Sender<SystemEvent>> = LazyLock::new(|| broadcast::channel(8).0);

/// Passes on what the system has told another part of the program, to all who [watch]. To be
/// told of the same twice is harmless.
pub fn tell(event: SystemEvent) {
    // Nobody may be watching.
    let _ = TOLD.send(event);
}

/// The watching. Dropping it ends it.
#[derive(Debug)]
#[must_use = "dropping it ends the watching"]
pub struct Watch {
    _runs: JoinSet<()>,
}

/// Watches from now on; what is there already is not told of. Where the system does not tell, that
/// is logged and nothing is sent. It has to be called within a tokio runtime.
pub fn watch(sender: Sender<SystemEvent>) -> Watch {
    let mut runs = JoinSet::new();
    runs.spawn(pass_on(TOLD.subscribe(), sender.clone()));
    match system::Sleep::open() {
        Ok(sleep) => {
            runs.spawn(tell_sleep(sleep, sender.clone()));
        }
        Err(error) => not_told(&error, SystemEvent::MachineWoke),
    }
    match system::Network::open() {
        Ok(network) => {
            runs.spawn(tell_network(network, sender));
        }
        Err(error) => not_told(&error, SystemEvent::NetworkUp),
    }
    Watch { _runs: runs }
}

fn not_told(error: &io::Error, what: SystemEvent) {
    tracing::info!(%error, ?what, "the system does not tell; pokes go by their rhythm alone");
}

async fn pass_on(mut told: broadcast::Receiver<SystemEvent>, sender: Sender<SystemEvent>) {
    loop {
        match told.recv().await {
            Ok(event) => {
                if sender.send(event).await.is_err() {
                    return;
                }
            }
            // Those that were missed were as the one that comes now.
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => return,
        }
    }
}

async fn tell_sleep(mut sleep: system::Sleep, sender: Sender<SystemEvent>) {
    loop {
        match sleep.over().await {
            Ok(()) => {
                if sender.send(SystemEvent::MachineWoke).await.is_err() {
                    return;
                }
            }
            Err(error) => return not_told(&error, SystemEvent::MachineWoke),
        }
    }
}

async fn tell_network(mut network: system::Network, sender: Sender<SystemEvent>) {
    loop {
        match has_come_up(&mut network).await {
            Ok(true) => {
                if sender.send(SystemEvent::NetworkUp).await.is_err() {
                    return;
                }
            }
            Ok(false) => {}
            Err(error) => return not_told(&error, SystemEvent::NetworkUp),
        }
    }
}

/// Waits for a change and for the calm after it; then, whether it brought a way out.
async fn has_come_up(network: &mut system::Network) -> io::Result<bool> {
    network.changed().await?;
    while let Ok(more) = timeout(CALM, network.changed()).await {
        more?;
    }
    let before = std::mem::take(&mut network.ways);
    network.ways = system::ways()?;
    Ok(!network.ways.is_subset(&before))
}
