//! The accounts, what is known of each, and when something is due for one of them.

use std::{
    collections::{BTreeSet, HashMap},
    ops::{Index, IndexMut},
};

use dequeue_core::{
    alarm::Alarms,
    day::Past,
    record::{Poke, Trigger},
    schedule::Rhythm,
    settings::Account,
};
use dequeue_smtp::Learned;
use jiff::{Timestamp, tz::TimeZone};
use tokio::{sync::oneshot, task::AbortHandle};

/// An account, and what is known of it.
pub(super) struct Slot {
    /// Stays the same when the account is renamed or moves, and is never given twice.
    pub(super) key: u64,
    pub(super) account: Account,
    pub(super) rhythm: Rhythm,
    pub(super) demo: bool,
    pub(super) paused: bool,
    pub(super) past: Past,
    /// What the method `auto` has found out.
    pub(super) learned: Option<Learned>,
    pub(super) alarms: Alarms,
    /// When each host failed last: the account's own, then the others.
    pub(super) hosts_failed: Vec<Option<Timestamp>>,
    /// When the last poke of the rhythm began. A second poke does not move it.
    pub(super) last_start: Option<Timestamp>,
    /// When the last poke of any kind began.
    pub(super) begun: Option<Timestamp>,
    /// When a second poke is due.
    pub(super) second_at: Option<Timestamp>,
    /// What the poke that waits for its turn was set off by.
    pub(super) wanted: Option<Trigger>,
    /// What the poke under way was set off by.
    pub(super) poking: Option<Trigger>,
    /// Whether the password was kept while that poke was under way, which may have gone without.
    pub(super) secret_is_new: bool,
    /// Who wants to know how the poke under way, or the next one, ends.
    pub(super) waiting: Vec<oneshot::Sender<Poke>>,
    /// Looks whether the mail server is back, as long as pokes are held for it.
    pub(super) recovery: Option<AbortHandle>,
    /// Whether what is known of its healthy life has to be written down.
    pub(super) life: Dirty,
    /// When it was.
    pub(super) life_kept_at: Option<Timestamp>,
    /// Whether arrivals can be seen, so that their absence says something.
    pub(super) sees_arrivals: bool,
}

impl Slot {
    /// The account as it is set from now on.
    pub(super) fn take_account(&mut self, account: Account, zone: &TimeZone) {
        let same = self.account.host == account.host
            && self.account.port() == account.port()
            && self.account.method == account.method;
        if !same && !self.account.name.is_empty() {
            // Another provider has to be got to know anew.
            self.learned = None;
        }
        if self.account.mail_server != account.mail_server {
            self.sees_arrivals = false;
        }
        self.rhythm = account.rhythm.rhythm(zone);
        self.hosts_failed
            .resize(1 + account.other_hosts.len(), None);
        self.account = account;
    }

    /// The clock was set back. A poke is never later than now, else each look at it would put off
    /// the next one by as much as has passed.
    pub(super) fn set_back(&mut self, now: Timestamp) {
        for at in [&mut self.last_start, &mut self.begun] {
            *at = at.map(|at| at.min(now));
        }
    }

    pub(super) fn end_recovery(&mut self) {
        if let Some(recovery) = self.recovery.take() {
            recovery.abort();
        }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.end_recovery();
    }
}

/// How soon something has to be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dirty {
    /// It is as it stands there.
    Nothing,
    /// When it is due, or when the engine ends.
    Later,
    /// Within moments.
    Soon,
}

/// What is due for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Timer {
    /// Its next poke.
    Poke,
    /// A second poke.
    SecondPoke,
    /// Looking whether it has been silent for too long.
    Silence,
}

/// All accounts, in the order in which faces see them.
#[derive(Default)]
pub(super) struct Slots {
    list: Vec<Slot>,
    places: HashMap<u64, usize>,
    /// What is due, the next first.
    agenda: BTreeSet<(Timestamp, u64, Timer)>,
    /// The same, by account.
    noted: HashMap<(u64, Timer), Timestamp>,
}

impl Slots {
    pub(super) fn iter(&self) -> std::slice::Iter<'_, Slot> {
        self.list.iter()
    }

    pub(super) fn iter_mut(&mut self) -> std::slice::IterMut<'_, Slot> {
        self.list.iter_mut()
    }

    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// Takes all of them out, to be put in again as they are from now on.
    pub(super) fn take(&mut self) -> Vec<Slot> {
        self.places.clear();
        self.agenda.clear();
        self.noted.clear();
        std::mem::take(&mut self.list)
    }

    pub(super) fn push(&mut self, slot: Slot) {
        self.places.insert(slot.key, self.list.len());
        self.list.push(slot);
    }

    pub(super) fn place(&self, key: u64) -> Option<usize> {
        self.places.get(&key).copied()
    }

    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.list.iter().position(|slot| slot.account.name == name)
    }

    /// Notes when something is due, in place of what was noted before.
    pub(super) fn note(&mut self, key: u64, matter: Timer, at: Option<Timestamp>) {
        let before = match at {
            Some(at) => self.noted.insert((key, matter), at),
            None => self.noted.remove(&(key, matter)),
        };
        if before != at {
            if let Some(before) = before {
                self.agenda.remove(&(before, key, matter));
            }
            if let Some(at) = at {
                self.agenda.insert((at, key, matter));
            }
        }
    }

    pub(super) fn noted(&self, key: u64, matter: Timer) -> Option<Timestamp> {
        self.noted.get(&(key, matter)).copied()
    }

    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.agenda.first().map(|(at, ..)| *at)
    }

    /// Takes out what is due by now, the oldest first.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Option<(u64, Timer)> {
        let (at, key, matter) = *self.agenda.first()?;
        if at > now {
            return None;
        }
        self.note(key, matter, None);
        Some((key, matter))
    }
}

impl Index<usize> for Slots {
    type Output = Slot;

    fn index(&self, at: usize) -> &Slot {
        &self.list[at]
    }
}

impl IndexMut<usize> for Slots {
    fn index_mut(&mut self, at: usize) -> &mut Slot {
        &mut self.list[at]
    }
}
