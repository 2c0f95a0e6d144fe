//! Pokes of which more may become known after they have ended: what arrives at the mail server, and
//! when an AutoTURN provider closes the connection.

use std::{collections::VecDeque, net::IpAddr, sync::Arc, time::Duration};

use dequeue_core::{
    arrivals::{Arrival, ArrivalCounter, Provider},
    day::ArrivedAmount,
};
use dequeue_platform::clock::Clock;
use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::account_state::AccountKey;
use crate::arrivals::{ArrivalEvent, Watcher};

/// Arrivals kept for the pokes that have yet to end.
const RECENT: usize = 1024;
/// How often, at most, what has arrived after a poke is written down while more arrives.
const WRITTEN_EVERY: Duration = Duration::from_secs(5);
/// Connections listened to at once after the provider's goodbye: they are for knowing more, and must
/// not take the files that pokes need.
const LINGERING: usize = 256;

/// Watches for arrivals, and counts them for the pokes that they came by.
pub(super) struct Arrivals {
    watcher: Arc<Watcher>,
    open: Vec<OpenPoke>,
    recent: VecDeque<Arrival>,
    /// Room for connections that providers keep open after their goodbye.
    lingering: Arc<Semaphore>,
}

/// A poke whose arrivals are being counted.
struct OpenPoke {
    key: AccountKey,
    /// Its place in the history.
    id: i64,
    counter: ArrivalCounter,
    /// When counting ends.
    until: Timestamp,
    /// What of it has been written down.
    written: dequeue_core::arrivals::Arrivals,
    /// When what has not is due to be.
    write_at: Option<Timestamp>,
}

/// What is to be written of a poke.
pub(super) struct Counted {
    pub(super) key: AccountKey,
    pub(super) id: i64,
    /// All that has arrived so far.
    pub(super) arrivals: dequeue_core::arrivals::Arrivals,
    /// What has been written of it before.
    before: dequeue_core::arrivals::Arrivals,
}

impl Counted {
    /// What has arrived since it was written last.
    pub(super) fn more(&self) -> ArrivedAmount {
        let (now, before) = (self.arrivals.provider, self.before.provider);
        ArrivedAmount {
            connections: u64::from(now.connections) - u64::from(before.connections),
            messages: 0,
            bytes: now.bytes.unwrap_or_default() - before.bytes.unwrap_or_default(),
        }
    }
}

impl Arrivals {
    /// Nothing is watched yet; what is seen goes to `events`.
    pub(super) fn new(clock: Clock, events: mpsc::Sender<ArrivalEvent>) -> Self {
        Self {
            watcher: Arc::new(Watcher::new(clock, events)),
            open: Vec::new(),
            recent: VecDeque::new(),
            lingering: Arc::new(Semaphore::new(LINGERING)),
        }
    }

    /// What watches.
    pub(super) fn watcher(&self) -> Arc<Watcher> {
        self.watcher.clone()
    }

    /// Room for listening to one more connection after the provider's goodbye.
    pub(super) fn room(&self) -> Option<OwnedSemaphorePermit> {
        self.lingering.clone().try_acquire_owned().ok()
    }

    /// Takes in what the watcher has seen.
    pub(super) fn take(&mut self, event: ArrivalEvent) {
        match event {
            ArrivalEvent::Arrival(arrival) => self.arrived(arrival),
            // So much has arrived at once that not all of it was seen.
            ArrivalEvent::Overrun => self.open.iter_mut().for_each(|it| it.counter.overrun()),
            ArrivalEvent::Broken(error) => {
                tracing::warn!(%error, "arrivals are no longer seen until the next poke");
            }
        }
    }

    fn arrived(&mut self, arrival: Arrival) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(arrival);
        for open in &mut self.open {
            if open.counter.add(&arrival) && open.write_at.is_none() {
                // The first is news; those behind it may wait for one another.
                let first = open.written == dequeue_core::arrivals::Arrivals::default();
                let pause = if first { Duration::ZERO } else { WRITTEN_EVERY };
                open.write_at = Some(arrival.at + pause);
            }
        }
    }

    /// A poke that began at `since` has ended: what arrives from these addresses until `until`
    /// counts for it, and what has arrived meanwhile.
    pub(super) fn open(
        &mut self,
        key: AccountKey,
        id: i64,
        addresses: Vec<IpAddr>,
        since: Timestamp,
        until: Timestamp,
    ) {
        let mut counter = ArrivalCounter::new(Provider::At(addresses), since);
        let mut counted = false;
        for arrival in &self.recent {
            counted |= counter.add(arrival);
        }
        self.open.push(OpenPoke {
            key,
            id,
            counter,
            until,
            written: dequeue_core::arrivals::Arrivals::default(),
            write_at: counted.then_some(since),
        });
    }

    /// When something is to be written, or counting ends.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        let at = |open: &OpenPoke| open.write_at.map_or(open.until, |at| at.min(open.until));
        self.open.iter().map(at).min()
    }

    /// What is to be written by now.
    pub(super) fn due(&mut self, now: Timestamp) -> Vec<Counted> {
        let mut counted = Vec::new();
        self.open.retain_mut(|open| {
            let over = open.until <= now;
            if over || open.write_at.is_some_and(|at| at <= now) {
                open.write_at = None;
                let arrivals = open.counter.arrivals();
                if arrivals != open.written {
                    counted.push(Counted {
                        key: open.key,
                        id: open.id,
                        arrivals,
                        before: std::mem::replace(&mut open.written, arrivals),
                    });
                }
            }
            !over
        });
        counted
    }
}
