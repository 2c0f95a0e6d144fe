//! Whose turn it is: accounts that are due wait here until they may start, oldest first, within a
//! bound over all and one for each host, so that neither this machine nor a provider is stormed.
//!
//! Nobody starves: a host that is slow holds up only its own accounts, and whoever waits longest
//! at a host is its next. An account that goes on to another of its hosts waits for its turn there,
//! and gives back the one that it had.

use std::collections::{BTreeSet, HashMap};

use jiff::Timestamp;

/// How many pokes there may be at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Over all.
    pub total: usize,
    /// At one host.
    pub per_host: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            total: 64,
            // Well below what mail servers take from one address (Postfix: 50 connections at once),
            // since the office's own mail goes there too.
            per_host: 10,
        }
    }
}

/// The accounts that wait for their turn, and those that have it. An account is known by a number
/// of the caller's.
#[derive(Debug, Default)]
pub struct PokeLimiter {
    bounds: Bounds,
    lanes: HashMap<String, HostQueue>,
    /// The first of each lane that has room.
    first: BTreeSet<(Timestamp, u64)>,
    accounts: HashMap<u64, Account>,
    running: usize,
}

/// What concerns one host.
#[derive(Debug, Default)]
struct HostQueue {
    waiting: BTreeSet<(Timestamp, u64)>,
    running: usize,
}

#[derive(Debug)]
struct Account {
    host: String,
    due: Timestamp,
    has_turn: bool,
}

impl PokeLimiter {
    /// Nobody waits.
    #[must_use]
    pub fn new(bounds: Bounds) -> Self {
        Self {
            bounds,
            ..Self::default()
        }
    }

    /// An account waits for its turn at a host. For one that a person waits for, `due` may be
    /// [`Timestamp::MIN`]. One that waits already moves forward where the new time is earlier; one
    /// that has its turn stays as it is.
    pub fn wait(&mut self, account: u64, host: &str, due: Timestamp) {
        let due = match self.accounts.get(&account) {
            None => due,
            Some(known) if known.has_turn => return,
            Some(known) => due.min(known.due),
        };
        self.leave(account);
        self.queue(account, host, due);
    }

    /// The account goes to another host than the one that it waits for or has its turn at: it waits
    /// for its turn there from now on, before those who are due later.
    pub fn move_to(&mut self, account: u64, host: &str) {
        if let Some(due) = self.accounts.get(&account).map(|known| known.due) {
            self.leave(account);
            self.queue(account, host, due);
        }
    }

    /// The host that the account waits for or has its turn at.
    #[must_use]
    pub fn host(&self, account: u64) -> Option<&str> {
        self.accounts.get(&account).map(|known| known.host.as_str())
    }

    fn queue(&mut self, account: u64, host: &str, due: Timestamp) {
        let known = Account {
            host: host.to_owned(),
            due,
            has_turn: false,
        };
        self.accounts.insert(account, known);
        self.change(host, |lane| {
            lane.waiting.insert((due, account));
        });
    }

    /// The account whose turn it is, which has it from now on. None where nobody may start.
    pub fn start(&mut self) -> Option<u64> {
        if self.running >= self.bounds.total {
            return None;
        }
        let (due, account) = *self.first.first()?;
        let known = self.accounts.get_mut(&account)?;
        known.has_turn = true;
        let host = known.host.clone();
        self.running += 1;
        self.change(&host, |lane| {
            lane.waiting.remove(&(due, account));
            lane.running += 1;
        });
        Some(account)
    }

    /// The account's turn is over, or it no longer wants one.
    pub fn leave(&mut self, account: u64) {
        let Some(known) = self.accounts.remove(&account) else {
            return;
        };
        self.running -= usize::from(known.has_turn);
        self.change(&known.host, |lane| match known.has_turn {
            true => lane.running -= 1,
            false => drop(lane.waiting.remove(&(known.due, account))),
        });
    }

    /// Whether the account waits or has its turn.
    #[must_use]
    pub fn holds(&self, account: u64) -> bool {
        self.accounts.contains_key(&account)
    }

    /// Changes a lane, and keeps [`Self::first`] true.
    fn change(&mut self, host: &str, change: impl FnOnce(&mut HostQueue)) {
        if !self.lanes.contains_key(host) {
            self.lanes.insert(host.to_owned(), HostQueue::default());
        }
        let Some(lane) = self.lanes.get_mut(host) else {
            return;
        };
        if let Some(first) = lane.waiting.first() {
            self.first.remove(first);
        }
        change(lane);
        match lane.waiting.first() {
            Some(first) if lane.running < self.bounds.per_host => drop(self.first.insert(*first)),
            None if lane.running == 0 => drop(self.lanes.remove(host)),
            Some(_) | None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn fair(total: usize, per_host: usize) -> PokeLimiter {
        PokeLimiter::new(Bounds { total, per_host })
    }

    fn all(fair: &mut PokeLimiter) -> Vec<u64> {
        std::iter::from_fn(|| fair.start()).collect()
    }

    #[test]
    fn oldest_first_within_the_bounds() {
        let mut fair = fair(3, 2);
        for (account, host, due) in [
            (1, "a", 5),
            (2, "a", 4),
            (3, "a", 3),
            (4, "b", 9),
            (5, "b", 8),
        ] {
            fair.wait(account, host, at(due));
        }
        assert_eq!(
            all(&mut fair),
            [3, 2, 5],
            "two at a, though its third is older"
        );
        fair.leave(3);
        assert_eq!(all(&mut fair), [1]);
        fair.leave(2);
        fair.leave(5);
        assert_eq!(all(&mut fair), [4]);
        for account in 1..=5 {
            fair.leave(account);
            assert!(!fair.holds(account));
        }
        assert!(fair.lanes.is_empty() && fair.first.is_empty() && fair.running == 0);
    }

    #[test]
    fn one_turn_for_an_account() {
        let mut fair = fair(9, 9);
        fair.wait(1, "a", at(5));
        fair.wait(2, "a", at(4));
        fair.wait(1, "a", Timestamp::MIN);
        fair.wait(2, "b", at(7));
        assert_eq!(
            all(&mut fair),
            [1, 2],
            "who is asked for goes first, nobody goes twice"
        );
        fair.wait(1, "a", Timestamp::MIN);
        assert_eq!(all(&mut fair), [0_u64; 0], "it has its turn");
        fair.leave(1);
        fair.wait(1, "a", at(9));
        fair.leave(1);
        assert_eq!(all(&mut fair), [0_u64; 0], "it wants none any more");
    }

    #[test]
    fn who_goes_on_to_another_host_waits_for_its_turn_there() {
        let mut fair = fair(9, 1);
        for (account, host, due) in [(1, "a", 1), (2, "b", 2), (3, "c", 3), (4, "c", 4)] {
            fair.wait(account, host, at(due));
        }
        assert_eq!(all(&mut fair), [1, 2, 3]);
        // Two whose hosts are down come to one that has its visitor.
        fair.move_to(2, "c");
        fair.move_to(1, "c");
        assert_eq!(all(&mut fair), [0_u64; 0]);
        assert_eq!((fair.running, fair.host(1)), (1, Some("c")));
        fair.wait(5, "a", at(5));
        assert_eq!(all(&mut fair), [5], "they hold up nobody else");
        for (ended, next) in [(3, 1), (1, 2), (2, 4)] {
            fair.leave(ended);
            assert_eq!(all(&mut fair), [next], "the oldest first");
        }
        fair.move_to(4, "c");
        assert_eq!(all(&mut fair), [4], "to the same");
        fair.move_to(9, "c");
        assert!(!fair.holds(9), "one that wants nothing");
    }

    proptest! {
        /// Against the plain rule, looked up among all, while accounts come, go on to other hosts, end
        /// and are removed.
        #[test]
        fn as_the_plain_rule_says(
            total in 1..6_usize,
            per_host in 1..4_usize,
            steps in proptest::collection::vec((0..4_u8, 0..12_u64, 0..4_usize, 0..50_i64), 1..200),
        ) {
            const HOSTS: [&str; 4] = ["a", "b", "c", "d"];
            let mut fair = fair(total, per_host);
            let mut waiting: Vec<(Timestamp, u64, usize)> = Vec::new();
            let mut running: Vec<(Timestamp, u64, usize)> = Vec::new();
            for (step, account, host, due) in steps {
                match step {
                    0 => {
                        fair.wait(account, HOSTS[host], at(due));
                        if !running.iter().any(|(_, other, _)| *other == account) {
                            let old = waiting.iter().position(|(_, other, _)| *other == account);
                            let old = old.map(|old| waiting.remove(old).0);
                            waiting.push((old.map_or(at(due), |old| old.min(at(due))), account, host));
                        }
                    }
                    1 => {
                        let room = |host: usize| running.iter().filter(|(.., h)| *h == host).count() < per_host;
                        let next = waiting.iter().filter(|(_, _, host)| room(*host)).min().copied();
                        let next = next.filter(|_| running.len() < total);
                        prop_assert_eq!(fair.start(), next.map(|(_, account, _)| account));
                        if let Some((due, account, host)) = next {
                            waiting.retain(|(_, other, _)| *other != account);
                            running.push((due, account, host));
                        }
                    }
                    2 => {
                        fair.move_to(account, HOSTS[host]);
                        let mut all = waiting.iter().chain(&running);
                        let known = all.find(|(_, other, _)| *other == account).copied();
                        waiting.retain(|(_, other, _)| *other != account);
                        running.retain(|(_, other, _)| *other != account);
                        waiting.extend(known.map(|(due, account, _)| (due, account, host)));
                    }
                    _ => {
                        fair.leave(account);
                        waiting.retain(|(_, other, _)| *other != account);
                        running.retain(|(_, other, _)| *other != account);
                    }
                }
            }
        }

        /// Whoever waits has a turn before anyone who came later to the same host.
        #[test]
        fn nobody_starves(hosts in proptest::collection::vec(0..5_usize, 1..200)) {
            let mut fair = fair(4, 2);
            for (i, host) in hosts.iter().enumerate() {
                fair.wait(i as u64, &host.to_string(), at(i as i64));
            }
            let mut served = Vec::new();
            while let Some(account) = fair.start() {
                served.push(account);
                if served.len() % 3 == 0 {
                    fair.leave(account);
                }
                if fair.running == 4 || fair.first.is_empty() {
                    served.iter().for_each(|account| fair.leave(*account));
                }
            }
            for host in 0..5 {
                let mut of_host: Vec<u64> = served.clone();
                of_host.retain(|account| hosts[*account as usize] == host);
                prop_assert!(of_host.is_sorted());
            }
            prop_assert_eq!(served.len(), hosts.len());
        }
    }
}
