//! What outlives the engine: the pokes, and what is noted of accounts and notices. It knows what has
//! changed since it was written, and when that is due.
//!
//! A poke is written with [`Memory::add`] and told after that. Notes are written as they change,
//! or gathered until [`Memory::next_at`].

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use dequeue_core::{
    alarm::Alarms,
    day::{ArrivedAmount, Day, Past},
    notice::{NoticeState, Notices, Told},
    record::Poke,
    settings::keep::Keep,
    text::Text,
};
use dequeue_smtp::Learned;
use jiff::{Timestamp, civil::Date};

use super::{
    account_state::{AccountKey, AccountState, EndedPoke},
    accounts::Accounts,
};
use crate::{
    doctor::arrived_lately,
    history::{History, HistoryError, SteadyHistory},
};

/// How soon what has been found out is written down. A kill loses no more than that of it.
const KEPT_WITHIN: Duration = Duration::from_secs(10);
/// How often it is tried again to write what waits for the history's file.
const CAUGHT_UP_EVERY: Duration = Duration::from_secs(15);
/// How often what is known of an account's healthy life is written down. It is learnt over days.
const ALARMS_KEPT_EVERY: Duration = Duration::from_secs(3600);

/// What is noted in the history, of an account or of everything.
mod notes {
    /// What the method `auto` has found out.
    pub(super) const LEARNED: &str = "learned";
    /// What an account's healthy life is like, and which alarms are raised.
    pub(super) const ALARMS: &str = "alarms";
    /// What is true of an account and has been told of it; when each topic was told last.
    pub(super) const NOTICES: &str = "notices";
    /// The number that this installation draws its jitter from.
    pub(super) const SEED: &str = "seed";
}

/// How soon something has to be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Dirty {
    /// When it is due, or when the engine ends.
    Later,
    /// Within moments.
    Soon,
}

/// The history, and what it has yet to be told.
pub(super) struct Memory {
    history: SteadyHistory,
    /// The demo's own, in memory. Its ids are negative outside.
    demo: Option<History>,
    /// The accounts of whose healthy life more is known than was written down.
    dirty: BTreeMap<AccountKey, Dirty>,
    /// When each account's healthy life was written down last.
    alarms_kept_at: HashMap<AccountKey, Timestamp>,
    /// When what is known of notices and alarms is to be written down, where it has changed.
    keep_at: Option<Timestamp>,
    /// When it is tried again to write what waits for the file.
    catch_up_at: Option<Timestamp>,
}

/// What the history knows of all accounts together.
pub(super) struct Everything {
    /// The number that this installation draws its jitter from.
    pub(super) seed: u64,
    /// Whether all accounts are paused.
    pub(super) is_paused: bool,
    /// When each topic of notices was told last.
    pub(super) told: Told,
}

/// What the history knows of an account.
#[derive(Default)]
pub(super) struct Remembered {
    pub(super) past: Past,
    /// Whether this account alone is paused.
    pub(super) is_paused: bool,
    pub(super) learned: Option<Learned>,
    pub(super) alarms: Alarms,
    pub(super) notices: Option<NoticeState>,
}

/// What another try to write what waits has changed.
pub(super) struct CaughtUp {
    /// The pauses that the file knows of, where it can be written again.
    pub(super) pauses: Option<Vec<String>>,
}

impl Memory {
    pub(super) fn new(history: SteadyHistory) -> Self {
        Self {
            history,
            demo: None,
            dirty: BTreeMap::new(),
            alarms_kept_at: HashMap::new(),
            keep_at: None,
            catch_up_at: None,
        }
    }

    // ---- From before ------------------------------------------------------------------------

    /// What is known of all accounts together. Where there is no seed yet, a new one is drawn and,
    /// for an engine that runs on, noted.
    pub(super) fn everything(&mut self, runs_on: bool) -> Result<Everything, HistoryError> {
        let seed = match self.history.state("", notes::SEED)? {
            Some(seed) => seed,
            None => {
                let seed = random();
                if runs_on {
                    self.history.set_state("", notes::SEED, Some(&seed))?;
                }
                seed
            }
        };
        let told = self.history.state("", notes::NOTICES)?;
        Ok(Everything {
            seed,
            is_paused: self.history.pauses()?.iter().any(String::is_empty),
            told: told.unwrap_or_default(),
        })
    }

    /// What is known of these accounts.
    pub(super) fn remember(
        &self,
        names: Vec<String>,
    ) -> Result<HashMap<String, Remembered>, HistoryError> {
        let pauses = self.history.pauses()?;
        let mut remembered = HashMap::with_capacity(names.len());
        for name in names {
            let alarms = self.history.state(&name, notes::ALARMS)?;
            let known = Remembered {
                past: self.history.past(&name)?,
                is_paused: pauses.contains(&name),
                learned: self.history.state(&name, notes::LEARNED)?,
                alarms: alarms.unwrap_or_default(),
                notices: self.history.state(&name, notes::NOTICES)?,
            };
            remembered.insert(name, known);
        }
        Ok(remembered)
    }

    // ---- Pokes ------------------------------------------------------------------------------

    /// Writes a poke down. Gives its id, 0 where that was not possible; that of the demo's is
    /// negative.
    pub(super) fn add(&mut self, EndedPoke { poke, is_demo, .. }: &EndedPoke) -> i64 {
        if *is_demo {
            let added = self.demo.as_ref().map(|demo| demo.add(poke));
            return added.and_then(Result::ok).map_or(0, |id| -id);
        }
        let arrived = ArrivedAmount {
            messages: poke
                .delivered
                .and_then(|delivered| delivered.messages)
                .map_or(0, u64::from),
            bytes: poke.delivered.map_or(0, |delivered| delivered.octets),
            ..ArrivedAmount::default()
        };
        self.history.add(poke, arrived).unwrap_or_else(|error| {
            tracing::error!(%error, "a poke could not be kept");
            0
        })
    }

    /// Completes a poke of which more has become known. Gives it without its dialogue.
    pub(super) fn complete(
        &mut self,
        id: i64,
        arrived: ArrivedAmount,
        change: impl FnOnce(&mut Poke),
    ) -> Option<Poke> {
        let completed = match &self.demo {
            Some(demo) if id < 0 => demo.update(-id, arrived, change),
            Some(_) | None => self.history.update(id, arrived, change),
        };
        let poke = completed
            .inspect_err(|error| {
                tracing::error!(%error, "a poke could not be completed in the history");
            })
            .ok()??;
        Some(Poke {
            id,
            dialogue: Vec::new(),
            ..poke
        })
    }

    /// A page of pokes. The demo's are few and stand before the others, on the first page.
    pub(super) fn page(
        &self,
        account: Option<&str>,
        since: Option<Timestamp>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Poke>, HistoryError> {
        let mut pokes = Vec::new();
        if let Some(demo) = self.demo.as_ref().filter(|_| before.is_none()) {
            let of_demo = demo.page(account, since, None, limit)?;
            pokes.extend(of_demo.into_iter().map(|poke| Poke {
                id: -poke.id,
                ..poke
            }));
        }
        let before = before.filter(|id| *id > 0);
        pokes.extend(self.history.page(account, since, before, limit)?);
        pokes.truncate(limit as usize);
        Ok(pokes)
    }

    /// One poke with its dialogue.
    pub(super) fn poke(&self, id: i64) -> Result<Option<Poke>, HistoryError> {
        let found = match &self.demo {
            Some(demo) if id < 0 => demo.poke(-id)?,
            Some(_) | None => self.history.poke(id)?,
        };
        Ok(found.map(|poke| Poke { id, ..poke }))
    }

    /// What each day came to since the day of that moment.
    pub(super) fn days(
        &self,
        account: Option<&str>,
        since: Option<Timestamp>,
    ) -> Result<Vec<Day>, HistoryError> {
        let from = since.map_or(Date::MIN, |since| self.history.day_of(since));
        self.history.days(account, from, Date::MAX)
    }

    /// Whether mail has come after a poke of the account lately.
    pub(super) fn has_arrived_lately(&self, name: &str) -> bool {
        arrived_lately(&self.history, name)
    }

    /// What a person has to know of the history.
    pub(super) fn fault(&self, text: &Text) -> Option<String> {
        self.history.sentence(text)
    }

    // ---- Accounts ---------------------------------------------------------------------------

    pub(super) fn set_keep(&mut self, keep: Keep) {
        self.history.set_keep(keep);
    }

    /// Pauses an account, or with an empty name all of them; or ends that.
    pub(super) fn set_paused(&mut self, name: &str, paused: bool) -> Result<(), HistoryError> {
        self.history.set_paused(name, paused)
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) -> Result<(), HistoryError> {
        self.history.rename(from, to)
    }

    /// Forgets what is noted of an account of the settings that is removed. Its pokes stay.
    pub(super) fn forget(&mut self, name: &str) -> Result<(), HistoryError> {
        self.history.forget(name)
    }

    /// The account is no longer there: nothing of it is to be written any more.
    pub(super) fn let_go(&mut self, key: AccountKey) {
        self.dirty.remove(&key);
        self.alarms_kept_at.remove(&key);
    }

    pub(super) fn begin_demo(&mut self) -> Result<(), HistoryError> {
        self.demo = Some(History::in_memory()?);
        Ok(())
    }

    pub(super) fn end_demo(&mut self) {
        self.demo = None;
    }

    // ---- Notes ------------------------------------------------------------------------------

    /// The method `auto` has found out something of an account.
    pub(super) fn note_learned(&mut self, state: &AccountState) {
        self.note(state, notes::LEARNED, state.learned.as_ref());
    }

    /// What is known of an account's healthy life has changed. It is written down from time to
    /// time; where an alarm was raised or is over, together with what notices make of that: after a
    /// kill between the two it would never be told, or twice.
    pub(super) fn alarms_changed(&mut self, state: &AccountState, alarmed: bool, now: Timestamp) {
        if state.is_demo {
            return;
        }
        let is_due = |kept: Timestamp| kept > now || kept + ALARMS_KEPT_EVERY <= now;
        let kept_at = self.alarms_kept_at.get(&state.key).copied();
        if alarmed || self.dirty.get(&state.key) == Some(&Dirty::Soon) {
            self.dirty.insert(state.key, Dirty::Soon);
        } else if kept_at.is_none_or(is_due) {
            self.dirty.remove(&state.key);
            self.alarms_kept_at.insert(state.key, now);
            self.note(state, notes::ALARMS, Some(&state.alarms));
        } else {
            self.dirty.insert(state.key, Dirty::Later);
        }
    }

    /// What is known of these accounts' healthy lives has changed without anything having happened
    /// to them: the machine slept, a pause has ended. It is kept with the next that is, at the
    /// latest when the engine ends.
    pub(super) fn alarms_touched(&mut self, keys: Vec<AccountKey>) {
        for key in keys {
            self.dirty.entry(key).or_insert(Dirty::Later);
        }
    }

    /// Something of the notices is to be kept. Where very much changes at once it is written once.
    pub(super) fn notices_changed(&mut self, now: Timestamp) {
        self.keep_at.get_or_insert(now + KEPT_WITHIN);
    }

    fn note<T: serde::Serialize>(&mut self, state: &AccountState, key: &str, value: Option<&T>) {
        if state.is_demo {
            return;
        }
        if let Err(error) = self.history.set_state(state.name(), key, value) {
            tracing::error!(key, %error, "it could not be noted in the history");
        }
    }

    /// Writes down what is known of the notices and of the accounts' lives, as far as it is to be
    /// kept as soon as this, all or nothing.
    pub(super) fn keep(&mut self, dirty: Dirty, accounts: &Accounts, notices: &mut Notices) {
        self.keep_at = None;
        let kept = match self.unkept(dirty, accounts, notices) {
            Ok(states) if states.is_empty() => return,
            Ok(states) => self.history.set_states(states),
            Err(error) => Err(error.into()),
        };
        match kept {
            Ok(()) => {
                notices.kept();
                self.dirty.retain(|_, of_account| *of_account < dirty);
            }
            Err(error) => tracing::error!(%error, "what was told could not be noted"),
        }
    }

    /// What is to be written down as soon as this, the notices' own last.
    fn unkept(
        &self,
        dirty: Dirty,
        accounts: &Accounts,
        notices: &Notices,
    ) -> serde_json::Result<Vec<Note>> {
        let mut states = Vec::new();
        let keys = self.dirty.iter().filter(|(_, it)| **it >= dirty);
        let dirty = keys.filter_map(|(key, _)| accounts.get(*key));
        for state in dirty.filter(|state| !state.is_demo) {
            states.push(note(state.name(), notes::ALARMS, Some(&state.alarms))?);
        }
        if accounts.pace.is_on {
            for (account, known) in notices.unkept() {
                states.push(note(account, notes::NOTICES, known)?);
            }
            if !states.is_empty() {
                states.push(note("", notes::NOTICES, Some(notices.told()))?);
            }
        }
        Ok(states)
    }

    // ---- Time -------------------------------------------------------------------------------

    /// When something is to be written.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        self.keep_at.into_iter().chain(self.catch_up_at).min()
    }

    /// Whether what has changed is to be kept by now.
    pub(super) fn is_keep_due(&self, now: Timestamp) -> bool {
        self.keep_at.is_some_and(|at| at <= now)
    }

    /// The clock was set back: that must not put off what is due.
    pub(super) fn clock_set_back(&mut self, now: Timestamp) {
        self.keep_at = self.keep_at.map(|at| at.min(now + KEPT_WITHIN));
        let catch_up = self.catch_up_at;
        self.catch_up_at = catch_up.map(|at| at.min(now + CAUGHT_UP_EVERY));
    }

    /// As long as the history waits for its file, it is tried again from time to time. Gives what
    /// has changed with that, where it begins or ends to wait.
    pub(super) fn catch_up(&mut self, now: Timestamp) -> Option<CaughtUp> {
        let waited = self.catch_up_at;
        if waited.is_some_and(|at| at <= now) {
            self.history.catch_up();
        }
        let waits = self.history.waits();
        self.catch_up_at = match waited {
            _ if !waits => None,
            Some(at) if at > now => Some(at),
            Some(_) | None => Some(now + CAUGHT_UP_EVERY),
        };
        if waited.is_some() == waits {
            return None;
        }
        // The file may know of pauses, if it could not even be read so far.
        let pauses = (!waits).then(|| self.history.pauses());
        let pauses = pauses.transpose().unwrap_or_else(|error| {
            tracing::error!(%error, "the history could not be read");
            None
        });
        Some(CaughtUp { pauses })
    }

    /// The engine ends: writes all that is still to be written.
    pub(super) fn end(&mut self, accounts: &Accounts, notices: &mut Notices) {
        self.keep(Dirty::Later, accounts, notices);
        if !self.history.catch_up() {
            let pokes = self.history.waiting_pokes();
            tracing::error!(
                pokes,
                "what waited for the history's file is lost with this end"
            );
        }
    }
}

/// What is to be noted of an account, or without a name of all of them: under which key, and what.
type Note = (String, String, Option<serde_json::Value>);

fn note<T: serde::Serialize>(
    account: &str,
    key: &str,
    value: Option<&T>,
) -> serde_json::Result<Note> {
    let value = value.map(serde_json::to_value).transpose()?;
    Ok((account.to_owned(), key.to_owned(), value))
}

fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    // Seeded by the system; for spreading pokes it is random enough.
    RandomState::new().hash_one(std::process::id())
}

#[cfg(test)]
mod tests {
    use dequeue_core::settings::Account;
    use jiff::{SignedDuration, tz::TimeZone};

    use super::{super::account_state::Pace, *};

    /// Silence counts from later after a sleep. After a restart it would else be too long too soon.
    #[test]
    fn what_was_slept_over_is_known_after_a_restart() {
        let mut memory = Memory::new(History::in_memory().unwrap().into());
        let mut accounts = Accounts::new(Pace {
            is_on: true,
            is_paused: false,
            seed: 1,
            zone: TimeZone::UTC,
        });
        let now = Timestamp::from_second(1_800_000_000).unwrap();
        let account = Account {
            name: "a".to_owned(),
            ..Account::default()
        };
        let mut state = accounts.new_state(account, Past::default(), now);
        state.alarms.resumed(now);
        memory.alarms_changed(&state, false, now);
        accounts.push(state, now);

        let night = SignedDuration::from_hours(8);
        accounts.slept(now + night, night);
        memory.alarms_touched(accounts.keys());
        let kept = |memory: &Memory| {
            memory.remember(vec!["a".to_owned()]).unwrap()["a"]
                .alarms
                .clone()
        };
        let slept = &accounts.find("a").unwrap().alarms;
        assert_ne!(kept(&memory), *slept);
        memory.end(&accounts, &mut Notices::default());
        assert_eq!(kept(&memory), *slept);
    }
}
