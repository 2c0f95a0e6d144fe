//! When something is due for an account: one list over all accounts, so that one wait serves them.

use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};

use jiff::Timestamp;

use super::account_state::AccountKey;

/// What is due and comes so late was slept over.
pub(super) const SLEPT: Duration = Duration::from_secs(30);

/// What is due for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// Its next poke.
    Poke,
    /// A second poke.
    SecondPoke,
    /// Looking whether nothing has arrived for too long.
    Silence,
    /// The end of its pause.
    PauseOver,
}

/// The timers of all accounts. One that is stopped keeps its time but does not go off.
#[derive(Debug, Default)]
pub(super) struct Timers {
    times: HashMap<(AccountKey, Timer), Timestamp>,
    /// Those that run, the next first.
    running: BTreeSet<(Timestamp, AccountKey, Timer)>,
}

impl Timers {
    /// Sets a timer in place of what it was set to before, and starts it; or takes it away.
    pub(super) fn set(&mut self, key: AccountKey, timer: Timer, at: Option<Timestamp>) {
        if self.running_at(key, timer) == at && at.is_some() {
            return;
        }
        self.stop(key, timer);
        match at {
            Some(at) => {
                self.times.insert((key, timer), at);
                self.start(key, timer);
            }
            None => drop(self.times.remove(&(key, timer))),
        }
    }

    /// Keeps a timer from going off until it is started again.
    pub(super) fn stop(&mut self, key: AccountKey, timer: Timer) {
        if let Some(at) = self.times.get(&(key, timer)) {
            self.running.remove(&(*at, key, timer));
        }
    }

    /// Starts a timer that was stopped; one that has no time stays as it is.
    pub(super) fn start(&mut self, key: AccountKey, timer: Timer) {
        if let Some(at) = self.times.get(&(key, timer)) {
            self.running.insert((*at, key, timer));
        }
    }

    /// When a timer goes off, where it runs.
    pub(super) fn running_at(&self, key: AccountKey, timer: Timer) -> Option<Timestamp> {
        let at = *self.times.get(&(key, timer))?;
        self.running.contains(&(at, key, timer)).then_some(at)
    }

    /// When the next one goes off.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.running.first().map(|(at, ..)| *at)
    }

    /// The timer that goes off by now, the oldest first. It is stopped.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<(AccountKey, Timer)> {
        let (_, key, timer) = self
            .running
            .first()
            .filter(|(at, ..)| *at <= now)
            .copied()?;
        self.stop(key, timer);
        Some((key, timer))
    }

    /// Takes away all timers of an account.
    pub(super) fn forget(&mut self, key: AccountKey) {
        for timer in [Timer::Poke, Timer::SecondPoke, Timer::Silence] {
            self.set(key, timer, None);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: AccountKey = AccountKey(1);
    const B: AccountKey = AccountKey(2);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn the_oldest_goes_off_first_and_once() {
        let mut timers = Timers::default();
        timers.set(A, Timer::Poke, Some(at(30)));
        timers.set(B, Timer::Silence, Some(at(10)));
        timers.set(A, Timer::Poke, Some(at(20)));
        assert_eq!(timers.next_at(), Some(at(10)));
        assert_eq!(timers.take_due(at(9)), None);
        assert_eq!(timers.take_due(at(25)), Some((B, Timer::Silence)));
        assert_eq!(timers.take_due(at(25)), Some((A, Timer::Poke)));
        assert_eq!(timers.take_due(at(99)), None);
    }

    #[test]
    fn one_that_is_stopped_keeps_its_time() {
        let mut timers = Timers::default();
        timers.start(A, Timer::SecondPoke);
        assert_eq!(timers.next_at(), None, "it has no time");
        timers.set(A, Timer::SecondPoke, Some(at(10)));
        timers.stop(A, Timer::SecondPoke);
        assert_eq!(timers.running_at(A, Timer::SecondPoke), None);
        assert_eq!(timers.take_due(at(99)), None);
        timers.start(A, Timer::SecondPoke);
        assert_eq!(timers.running_at(A, Timer::SecondPoke), Some(at(10)));
        assert_eq!(timers.take_due(at(99)), Some((A, Timer::SecondPoke)));
        // It went off while its account rested.
        timers.start(A, Timer::SecondPoke);
        assert_eq!(timers.take_due(at(99)), Some((A, Timer::SecondPoke)));
        timers.forget(A);
        timers.start(A, Timer::SecondPoke);
        assert_eq!(timers.next_at(), None);
        assert!(timers.times.is_empty());
    }
}
