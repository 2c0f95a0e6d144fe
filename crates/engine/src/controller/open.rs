//! Pokes of which more may become known after they have ended: what arrives at the mail server, and
//! when an AutoTURN provider closes the connection.

use std::{collections::VecDeque, time::Duration};

use dequeue_core::arrivals::{Arrival, ArrivalCounter, Arrivals, Provider};
use jiff::Timestamp;

/// Arrivals kept for the pokes that have yet to end.
const RECENT: usize = 1024;
/// How often, at most, what has arrived after a poke is written down while more arrives.
const WRITTEN_EVERY: Duration = Duration::from_secs(5);

/// A poke whose arrivals are being counted.
pub(super) struct Open {
    pub(super) key: u64,
    /// Its place in the history.
    pub(super) id: i64,
    counter: ArrivalCounter,
    /// When counting ends.
    until: Timestamp,
    /// What of it has been written down.
    written: Arrivals,
    /// When what has not is due to be.
    write_at: Option<Timestamp>,
}

/// What is to be written of a poke.
pub(super) struct Counted {
    pub(super) key: u64,
    pub(super) id: i64,
    pub(super) before: Arrivals,
    pub(super) now: Arrivals,
}

/// All of them.
#[derive(Default)]
pub(super) struct OpenPokes {
    open: Vec<Open>,
    recent: VecDeque<Arrival>,
}

impl OpenPokes {
    /// Something has arrived.
    pub(super) fn arrived(&mut self, arrival: Arrival) {
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(arrival);
        for open in &mut self.open {
            if open.counter.add(&arrival) && open.write_at.is_none() {
                // The first is news; those behind it may wait for one another.
                let first = open.written == Arrivals::default();
                let pause = if first { Duration::ZERO } else { WRITTEN_EVERY };
                open.write_at = Some(arrival.at + pause);
            }
        }
    }

    /// So much has arrived at once that not all of it was seen.
    pub(super) fn overrun(&mut self) {
        for open in &mut self.open {
            open.counter.overrun();
        }
    }

    /// A poke that began at `since` has ended: what arrives until `until` counts for it, and what
    /// has arrived meanwhile.
    pub(super) fn open(
        &mut self,
        key: u64,
        id: i64,
        provider: Provider,
        since: Timestamp,
        until: Timestamp,
    ) {
        let mut counter = ArrivalCounter::new(provider, since);
        let mut counted = false;
        for arrival in &self.recent {
            counted |= counter.add(arrival);
        }
        self.open.push(Open {
            key,
            id,
            counter,
            until,
            written: Arrivals::default(),
            write_at: counted.then_some(since),
        });
    }

    /// When something is to be written, or counting ends.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        let at = |open: &Open| open.write_at.map_or(open.until, |at| at.min(open.until));
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
                        before: std::mem::replace(&mut open.written, arrivals),
                        now: arrivals,
                    });
                }
            }
            !over
        });
        counted
    }
}
