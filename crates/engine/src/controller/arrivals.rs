//! Pokes of which more may become known after they have ended: what arrives at the mail server, and
//! when an AutoTURN provider closes the connection.
//!
//! The watches of several pokes overlap where pokes follow close upon each other, or where accounts
//! share a provider. Each poke shows all that arrives in its own watch. A day, which adds pokes up,
//! counts each connection once: by the poke whose provider it comes from most surely, and of several
//! by the one that has ended last.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use dequeue_core::{
    arrivals::{Arrival, ArrivalCounter, Provider, Relation},
    day::ArrivedAmount,
};
use dequeue_platform::clock::Clock;
use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::{
    account_state::{AccountKey, ArrivalWatch},
    timers::SLEPT,
};
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
    /// In the order in which the pokes ended.
    open: Vec<OpenPoke>,
    recent: VecDeque<Recent>,
    /// Room for connections that providers keep open after their goodbye.
    lingering: Arc<Semaphore>,
}

/// An arrival that a poke under way may find to be by it.
struct Recent {
    arrival: Arrival,
    /// Whether a poke has it for its day.
    has_day: bool,
}

/// A poke whose arrivals are being counted.
struct OpenPoke {
    key: AccountKey,
    /// Its place in the history.
    id: i64,
    counter: ArrivalCounter,
    /// The mail server's port.
    port: u16,
    /// When counting ends.
    until: Timestamp,
    /// Whether it says something where nothing arrives: the poke worked, and all was seen so far.
    is_telling: bool,
    /// What of it has been written down.
    written: dequeue_core::arrivals::Arrivals,
    /// What its day counts by it, and has yet to be told.
    for_day: ArrivedAmount,
    /// When the last of what has yet to be written arrived by it.
    arrived_at: Option<Timestamp>,
    /// When what has not is due to be.
    write_at: Option<Timestamp>,
}

/// What follows as time passes.
#[derive(Default)]
pub(super) struct Due {
    /// What is to be written.
    pub(super) counted: Vec<Counted>,
    /// The accounts of pokes that worked and have been watched to the end: all that arrived by them is
    /// known.
    pub(super) watched: Vec<AccountKey>,
}

/// What is to be written of a poke.
pub(super) struct Counted {
    pub(super) key: AccountKey,
    pub(super) id: i64,
    /// All that has arrived so far.
    pub(super) arrivals: dequeue_core::arrivals::Arrivals,
    /// What its day counts beside what was written before.
    pub(super) for_day: ArrivedAmount,
    /// When the last mail arrived since it was written before, where some has.
    pub(super) arrived_at: Option<Timestamp>,
}

impl OpenPoke {
    /// Counts an arrival for the poke itself. Gives what it is to the poke.
    fn see(&mut self, arrival: &Arrival) -> Relation {
        if arrival.local.port() != self.port || self.until < arrival.at {
            return Relation::None;
        }
        let relation = self.counter.add(arrival);
        if relation.is_delivery() {
            self.arrived_at = self.arrived_at.max(Some(arrival.at));
        }
        if relation.is_counted() {
            // The first is news, and so is the first mail by it; those behind may wait for one another.
            let first = if relation.is_delivery() {
                self.written.provider.connections == 0
            } else {
                self.written == dequeue_core::arrivals::Arrivals::default()
            };
            let pause = if first { Duration::ZERO } else { WRITTEN_EVERY };
            let at = arrival.at + pause;
            self.write_at = Some(self.write_at.map_or(at, |write_at| write_at.min(at)));
        }
        relation
    }

    /// An arrival that it has [seen](Self::see) is counted by its day, and by no other poke's.
    fn count_for_day(&mut self, arrival: &Arrival) {
        self.for_day += ArrivedAmount {
            connections: 1,
            messages: 0,
            bytes: arrival.traffic.map_or(0, |traffic| traffic.received),
        };
    }

    /// What is to be written of it, where it is not what was written before.
    fn write(&mut self) -> Option<Counted> {
        self.write_at = None;
        let arrivals = self.counter.arrivals();
        if arrivals == self.written {
            return None;
        }
        self.written = arrivals;
        Some(Counted {
            key: self.key,
            id: self.id,
            arrivals,
            for_day: std::mem::take(&mut self.for_day),
            arrived_at: self.arrived_at.take(),
        })
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
            // Too much has arrived at once to see all of it.
            ArrivalEvent::Overrun => {
                for open in &mut self.open {
                    open.counter.overrun();
                    open.is_telling = false;
                }
            }
            ArrivalEvent::Broken(error) => {
                self.open.iter_mut().for_each(|it| it.is_telling = false);
                tracing::warn!(%error, "arrivals are no longer seen until the next poke");
            }
        }
    }

    fn arrived(&mut self, arrival: Arrival) {
        let seen = self.open.iter_mut().enumerate();
        let seen = seen.map(|(place, open)| (open.see(&arrival), place));
        let nearest = seen.filter(|(relation, _)| relation.is_delivery()).max();
        if let Some((_, place)) = nearest {
            self.open[place].count_for_day(&arrival);
        }
        if self.recent.len() == RECENT {
            self.recent.pop_front();
        }
        self.recent.push_back(Recent {
            arrival,
            has_day: nearest.is_some(),
        });
    }

    /// A poke that began at `since` has ended: what arrives by it from now on, and what has arrived
    /// meanwhile, counts for it.
    pub(super) fn open(&mut self, key: AccountKey, id: i64, since: Timestamp, watch: ArrivalWatch) {
        let mut open = OpenPoke {
            key,
            id,
            counter: ArrivalCounter::new(Provider::At(watch.from), since),
            port: watch.port,
            until: watch.until,
            is_telling: watch.worked,
            written: dequeue_core::arrivals::Arrivals::default(),
            for_day: ArrivedAmount::default(),
            arrived_at: None,
            write_at: None,
        };
        for recent in &mut self.recent {
            let relation = open.see(&recent.arrival);
            if relation.is_delivery() && !std::mem::replace(&mut recent.has_day, true) {
                open.count_for_day(&recent.arrival);
            }
        }
        self.open.push(open);
    }

    /// When something is to be written, or counting ends.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        let at = |open: &OpenPoke| open.write_at.map_or(open.until, |at| at.min(open.until));
        self.open.iter().map(at).min()
    }

    /// What is due by now.
    pub(super) fn due(&mut self, now: Timestamp) -> Due {
        let mut due = Due::default();
        self.open.retain_mut(|open| {
            let over = open.until <= now;
            if over || open.write_at.is_some_and(|at| at <= now) {
                due.counted.extend(open.write());
            }
            // An end that was slept over, or to which the clock was put forward, saw nothing.
            if over && open.is_telling && now <= open.until + SLEPT {
                due.watched.push(open.key);
            }
            !over
        });
        due
    }

    /// Counting ends for all pokes. Gives what is still to be written.
    pub(super) fn close(&mut self) -> Vec<Counted> {
        self.close_those(|_| true)
    }

    /// The account is no longer there: counting ends for its pokes. Gives what is still to be
    /// written.
    pub(super) fn let_go(&mut self, key: AccountKey) -> Vec<Counted> {
        self.close_those(|open| open.key == key)
    }

    fn close_those(&mut self, which: impl Fn(&OpenPoke) -> bool) -> Vec<Counted> {
        let closed = self.open.extract_if(.., |open| which(open));
        closed.filter_map(|mut open| open.write()).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use dequeue_core::arrivals::Traffic;
    use jiff::SignedDuration;
    use proptest::prelude::*;

    use super::*;

    /// The providers of the accounts: two have the same, the third's is its neighbour.
    const PROVIDERS: [[u8; 4]; 4] = [
        [198, 51, 100, 7],
        [198, 51, 100, 7],
        [198, 51, 100, 9],
        [203, 0, 113, 5],
    ];
    const STRANGER: [u8; 4] = [192, 0, 2, 99];

    #[derive(Clone, Debug)]
    struct Made {
        account: usize,
        /// When it begins and ends, and how long it is watched for, in seconds.
        begins: i64,
        lasts: i64,
        watch: i64,
    }

    #[derive(Clone, Debug)]
    struct Came {
        /// A provider's number, or none of them.
        from: usize,
        at: i64,
        octets: u64,
    }

    #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
    enum What {
        Ends(usize),
        Comes(usize),
        Restarts,
    }

    /// Pokes begin and end in whole seconds, connections and restarts lie between.
    fn second(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn between(at: i64, ms: i64) -> Timestamp {
        second(at) + SignedDuration::from_millis(ms)
    }

    fn pokes() -> impl Strategy<Value = Vec<Made>> {
        let poke = (0..4_usize, 0..600_i64, 0..40_i64, 0..300_i64);
        let poke = poke.prop_map(|(account, begins, lasts, watch)| Made {
            account,
            begins,
            lasts,
            watch,
        });
        proptest::collection::vec(poke, 0..40)
    }

    fn connections() -> impl Strategy<Value = Vec<Came>> {
        let octets = prop_oneof![1 => Just(20_u64), 4 => 150..5000_u64];
        let came = (0..5_usize, 0..900_i64, octets);
        let came = came.prop_map(|(from, at, octets)| Came { from, at, octets });
        proptest::collection::vec(came, 0..60)
    }

    proptest! {
        /// However the watches of pokes and accounts overlap: a poke shows what arrived in its own
        /// watch, the days together count each connection once, and every account hears of its
        /// last. Also where the engine ends in the middle and begins again.
        #[test]
        fn each_connection_is_counted_once(
            pokes in pokes(),
            came in connections(),
            restarts in proptest::option::of(0..900_i64),
        ) {
            let restarts_at = restarts.map(|at| between(at, 500));
            let mut events: Vec<(Timestamp, What)> = Vec::new();
            for (number, poke) in pokes.iter().enumerate() {
                // One that is under way at a restart is lost with the engine.
                let (begins, ends) = (second(poke.begins), second(poke.begins + poke.lasts));
                if !restarts_at.is_some_and(|at| begins < at && at < ends) {
                    events.push((ends, What::Ends(number)));
                }
            }
            let moment = |it: &Came, number: usize| between(it.at, 1 + i64::try_from(number).unwrap());
            for (number, it) in came.iter().enumerate() {
                events.push((moment(it, number), What::Comes(number)));
            }
            events.extend(restarts_at.map(|at| (at, What::Restarts)));
            events.sort_unstable();

            let (events_to, _events) = mpsc::channel(1);
            let new = || Arrivals::new(Clock::System, events_to.clone());
            let mut arrivals = new();
            let mut written = Vec::new();
            let mut recorded = Vec::new();
            let ip = |address: [u8; 4]| IpAddr::from(address);
            for (now, what) in events {
                written.extend(arrivals.due(now).counted);
                match what {
                    What::Ends(number) => {
                        let poke = &pokes[number];
                        let watch = ArrivalWatch {
                            from: vec![ip(PROVIDERS[poke.account])],
                            port: 25,
                            until: now + SignedDuration::from_secs(poke.watch),
                            worked: true,
                        };
                        let key = AccountKey(u64::try_from(poke.account).unwrap());
                        let id = i64::try_from(number).unwrap();
                        arrivals.open(key, id, second(poke.begins), watch);
                        recorded.push(number);
                    }
                    What::Comes(number) => {
                        let it = &came[number];
                        let from = PROVIDERS.get(it.from).copied().unwrap_or(STRANGER);
                        arrivals.take(ArrivalEvent::Arrival(Arrival {
                            peer: (ip(from), 40_000).into(),
                            local: ([192, 0, 2, 1], 25).into(),
                            traffic: Some(Traffic { received: it.octets, sent: 9 }),
                            at: now,
                        }));
                    }
                    What::Restarts => {
                        written.extend(arrivals.close());
                        arrivals = new();
                    }
                }
                written.extend(arrivals.due(now).counted);
            }
            written.extend(arrivals.close());

            // What each poke is to show, by its own watch alone.
            let by_poke = |number: usize| -> Vec<usize> {
                let poke = &pokes[number];
                let begins = second(poke.begins);
                let until = second(poke.begins + poke.lasts + poke.watch);
                let same_run = |at: Timestamp| {
                    restarts_at.is_none_or(|restart| (begins < restart) == (at < restart))
                };
                let near = |it: &Came| match PROVIDERS.get(it.from) {
                    Some(from) => from[..3] == PROVIDERS[poke.account][..3],
                    None => false,
                };
                (0..came.len())
                    .filter(|at| near(&came[*at]) && came[*at].octets >= 150)
                    .filter(|at| {
                        let moment = moment(&came[*at], *at);
                        begins <= moment && moment <= until && same_run(moment)
                    })
                    .collect()
            };
            let mut covered = std::collections::BTreeSet::new();
            let mut last_of = std::collections::BTreeMap::new();
            for number in recorded {
                let expected = by_poke(number);
                let id = i64::try_from(number).unwrap();
                let shown = written.iter().rev().find(|it| it.id == id);
                let shown = shown.map_or(0, |it| it.arrivals.provider.connections);
                prop_assert_eq!(usize::try_from(shown).unwrap(), expected.len());
                let last = expected.iter().map(|at| moment(&came[*at], *at)).max();
                let of_account = last_of.entry(pokes[number].account).or_insert(last);
                *of_account = last.max(*of_account);
                covered.extend(expected);
            }
            let mut days = ArrivedAmount::default();
            written.iter().for_each(|it| days += it.for_day);
            let octets: u64 = covered.iter().map(|at| came[*at].octets).sum();
            prop_assert_eq!(days.connections, u64::try_from(covered.len()).unwrap());
            prop_assert_eq!(days.bytes, octets);
            for (account, last) in last_of {
                let key = AccountKey(u64::try_from(account).unwrap());
                let heard = written.iter().filter(|it| it.key == key);
                prop_assert_eq!(heard.filter_map(|it| it.arrived_at).max(), last);
            }
        }
    }

    #[test]
    fn who_is_nearest_has_it_and_of_several_the_last() {
        let (events, _told) = mpsc::channel(1);
        let mut arrivals = Arrivals::new(Clock::System, events);
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        for (id, provider, port) in [(1, 7, 25), (2, 7, 25), (3, 9, 25), (4, 7, 2525)] {
            let watch = ArrivalWatch {
                from: vec![[198, 51, 100, provider].into()],
                port,
                until: at(300),
                worked: true,
            };
            arrivals.open(AccountKey(1), id, at(0), watch);
        }
        arrivals.take(ArrivalEvent::Arrival(Arrival {
            peer: ([198, 51, 100, 7], 40_000).into(),
            local: ([192, 0, 2, 1], 25).into(),
            traffic: None,
            at: at(9),
        }));
        let counted = arrivals.due(at(10)).counted;
        let shown: Vec<_> = counted
            .iter()
            .map(|it| {
                (
                    it.id,
                    it.arrivals.provider.connections,
                    it.for_day.connections,
                )
            })
            .collect();
        // The third's provider is beside it; the fourth's mail server listens at another port.
        assert_eq!(shown, [(1, 1, 0), (2, 1, 1), (3, 1, 0)]);
    }

    /// Where nothing arrives that says something only of a poke that worked and was watched all the
    /// time.
    #[test]
    fn a_watch_that_saw_all_is_told_of_at_its_end() {
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let slept = i64::try_from(SLEPT.as_secs()).unwrap();
        let broken = ArrivalEvent::Broken(std::io::ErrorKind::Other);
        for (worked, event, ends, told) in [
            (true, None, 300, true),
            (true, None, 300 + slept, true),
            (true, None, 301 + slept, false),
            (false, None, 300, false),
            (true, Some(ArrivalEvent::Overrun), 300, false),
            (true, Some(broken), 300, false),
        ] {
            let (events, _told) = mpsc::channel(1);
            let mut arrivals = Arrivals::new(Clock::System, events);
            let watch = ArrivalWatch {
                from: vec![PROVIDERS[0].into()],
                port: 25,
                until: at(300),
                worked,
            };
            arrivals.open(AccountKey(1), 1, at(0), watch);
            if let Some(event) = event {
                arrivals.take(event);
            }
            assert_eq!(arrivals.due(at(299)).watched, []);
            let expected: &[_] = if told { &[AccountKey(1)] } else { &[] };
            assert_eq!(arrivals.due(at(ends)).watched, expected);
            assert_eq!(arrivals.due(at(ends)).watched, []);
        }
    }

    /// What comes from elsewhere is no news that holds up the proof that mail gets through.
    #[test]
    fn the_first_mail_by_a_poke_waits_for_no_other() {
        let at = |ms: i64| Timestamp::from_millisecond(ms).unwrap();
        let (events, _told) = mpsc::channel(1);
        let mut arrivals = Arrivals::new(Clock::System, events);
        let watch = ArrivalWatch {
            from: vec![PROVIDERS[0].into()],
            port: 25,
            until: at(300_000),
            worked: true,
        };
        arrivals.open(AccountKey(1), 1, at(0), watch);
        for (ms, from, written_at) in [
            (1000, STRANGER, 1000),
            (1001, STRANGER, 6001),
            (1002, PROVIDERS[0], 1002),
            (1003, PROVIDERS[0], 6003),
            (1004, STRANGER, 6003),
        ] {
            arrivals.take(ArrivalEvent::Arrival(Arrival {
                peer: (IpAddr::from(from), 40_000).into(),
                local: ([192, 0, 2, 1], 25).into(),
                traffic: None,
                at: at(ms),
            }));
            assert_eq!(arrivals.next_at(), Some(at(written_at)));
            arrivals.due(at(ms));
        }
    }
}
