//! The history as an engine needs it: always there. What its file cannot take for now – it is
//! locked, the disk is full, fails or can only be read, the file is damaged and cannot be put aside
//! – waits in memory, and is written as soon as the file takes it, each thing once.
//!
//! What waits is bounded: of the pokes the newest stay, and it is said how many did not. The days'
//! figures count all of them.

use std::{
    collections::BTreeMap,
    mem,
    path::{Path, PathBuf},
    time::Duration,
};

use dequeue_core::{
    day::{ArrivedAmount, Day, Past},
    record::{Poke, Trigger},
    settings::keep::Keep,
};
use dequeue_platform::files::make_private;
use jiff::{Timestamp, civil::Date};
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use super::{
    backlog::{Backlog, Edit, MOST_POKES, Place, States, edit},
    database::{History, PATIENCE},
    fault::{HistoryError, HistoryStatus},
    state::State,
};

/// Pokes that waited and whose provisional ids are still known. Those before are so old that
/// nobody asks for them by these ids any more.
const MOVED_KEPT: usize = 10 * MOST_POKES;

/// What the history knows of an account, or with an empty name of everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AccountHistory {
    /// Its pokes.
    pub past: Past,
    /// Whether it is paused.
    pub paused: bool,
    /// Its states by their keys.
    pub states: BTreeMap<String, State>,
}

impl AccountHistory {
    /// A state; `None` also where it is of a shape that this version does not read.
    #[must_use]
    pub fn state<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        self.states.get(key)?.read(key)
    }
}

/// The history, and what its file has yet to take: all that is changed, until
/// [`BufferedHistory::write`].
pub(super) struct BufferedHistory {
    /// The file; an empty one in memory where it cannot even be read.
    pub(super) file: History,
    /// Where the file is; `None` for one that is meant to be in memory.
    pub(super) path: Option<PathBuf>,
    pub(super) backlog: Backlog,
    /// The id that each poke got that has waited, by the one that it had meanwhile.
    moved: BTreeMap<i64, i64>,
    status: watch::Sender<HistoryStatus>,
    /// Whether what waits is to be tried again with the next change.
    pub(super) is_due: bool,
}

impl From<History> for BufferedHistory {
    fn from(file: History) -> Self {
        Self {
            path: file.path.clone(),
            file,
            backlog: Backlog::default(),
            moved: BTreeMap::new(),
            status: watch::Sender::default(),
            is_due: false,
        }
    }
}

impl BufferedHistory {
    /// Opens the history, as [`History::open_checked`] does where it is to be `checked`, else as
    /// [`History::open`]. Where its file cannot be written it is read as far as that goes.
    ///
    /// # Errors
    /// The file is of a later version, which is not to be poked past.
    pub(super) fn open(path: &Path, checked: bool) -> Result<Self, HistoryError> {
        let opened = if checked {
            History::open_checked(path)
        } else {
            History::open(path)
        };
        match opened {
            Ok((file, aside)) => {
                let history = Self::from(file);
                history.tell_aside(aside);
                Ok(history)
            }
            Err(error @ HistoryError::Version(_)) => Err(error),
            Err(error) => {
                let mut history = Self::from(read_or_empty(path)?);
                history.path = Some(path.to_owned());
                history.tell_fault(Some(&error));
                Ok(history)
            }
        }
    }

    pub(super) fn status(&self) -> watch::Receiver<HistoryStatus> {
        self.status.subscribe()
    }

    /// Whether the file cannot be written for now.
    pub(super) fn waits(&self) -> bool {
        self.status.borrow().fault.is_some()
    }

    /// How many pokes wait.
    pub(super) const fn waiting_pokes(&self) -> u64 {
        self.backlog.pokes() as u64
    }

    pub(super) const fn set_keep(&mut self, keep: Keep) {
        self.file.keep = keep;
    }

    // ---- Changes ----------------------------------------------------------------------------

    /// Adds a poke; gives its provisional id, from which [`BufferedHistory::settle`] makes the one
    /// that it has once it is written.
    pub(super) fn add(&mut self, poke: Poke, arrived: ArrivedAmount) -> Result<i64, HistoryError> {
        // Who pokes by hand may just have mended what was wrong.
        self.is_due |= poke.trigger == Trigger::User;
        let day = self.file.day_of(poke.started_at);
        let (id, dropped) = self.backlog.add(poke, arrived, day)?;
        self.status.send_if_modified(|status| {
            status.dropped += dropped;
            dropped > 0
        });
        Ok(id)
    }

    /// The id that a poke has that was added just now, written or not.
    pub(super) fn settle(&mut self, id: i64) -> i64 {
        self.moved.remove(&id).unwrap_or(id)
    }

    /// As [`History::update`].
    pub(super) fn update(
        &mut self,
        id: i64,
        arrived: ArrivedAmount,
        change: Edit,
    ) -> Result<Option<Poke>, HistoryError> {
        let id = self.id_now(id);
        let Some(mut poke) = self.poke(id)? else {
            return Ok(None);
        };
        edit(&mut poke, &change);
        self.backlog.update(id, arrived, change);
        Ok(Some(poke))
    }

    /// Sets states and pauses; what has no value is over.
    pub(super) fn set(&mut self, values: BTreeMap<Place, Option<State>>) {
        self.backlog.set(values);
    }

    /// As [`History::forget`].
    pub(super) fn forget(&mut self, account: String) {
        self.backlog.forget(account);
    }

    /// As [`History::rename`].
    pub(super) fn rename(&mut self, from: String, to: String) {
        self.backlog.rename(from, to);
    }

    // ---- Writing ----------------------------------------------------------------------------

    /// Writes what was changed, in one transaction where it is little. As long as the file does not
    /// take it, it is tried only when that is due.
    pub(super) fn write(&mut self) {
        let waited = self.waits();
        if (waited && !self.is_due) || (!waited && self.backlog.is_empty()) {
            return;
        }
        self.is_due = false;
        let error = self.write_to_file(waited).err();
        match &error {
            Some(error) if !waited => {
                tracing::error!(%error, "the history cannot be written; it waits in memory");
            }
            None if waited => {
                tracing::info!("the history can be written again; nothing waits any more");
            }
            _ => {}
        }
        self.tell_fault(error.as_ref());
        while self.moved.len() > MOVED_KEPT {
            self.moved.pop_first();
        }
    }

    fn write_to_file(&mut self, waited: bool) -> Result<(), HistoryError> {
        if let Some(path) = self.path.clone()
            && (waited || self.file.has_moved())
        {
            // Once something waits, whoever else writes is not waited for: there is another try soon.
            self.reopen(&path, if waited { Duration::ZERO } else { PATIENCE })?;
        }
        let written = self.backlog.write_to(&self.file, &mut self.moved);
        match written {
            Err(error) if error.is_damage() && self.path.is_some() => {
                let aside = self.file.begin_anew()?;
                self.tell_aside(aside);
                self.backlog.write_to(&self.file, &mut self.moved)?;
            }
            written => written?,
        }
        self.file.set_patience(PATIENCE)
    }

    /// Opens the file anew: what was opened while it could only be read stays so, and what was taken
    /// away is written where nobody finds it.
    fn reopen(&mut self, path: &Path, patience: Duration) -> Result<(), HistoryError> {
        if let Some(folder) = path.parent() {
            make_private(folder)?;
        }
        let keep = self.file.keep;
        let closes_first = self.file.path.is_none() || self.file.has_moved() || cfg!(windows);
        if closes_first {
            // One that only reads lets no other connection of this process write, either. Windows
            // puts no damaged file aside that is open.
            mem::replace(&mut self.file, History::in_memory()?).close();
        }
        let opened = History::open_within(path, patience).map(|(file, aside)| {
            self.file = file;
            self.tell_aside(aside);
        });
        if opened.is_err() && closes_first {
            self.file = read_or_empty(path)?;
        }
        self.file.keep = keep;
        opened
    }

    fn tell_fault(&self, error: Option<&HistoryError>) {
        let path = self.path.as_deref().unwrap_or(Path::new(":memory:"));
        let fault = error.map(|error| error.at(path));
        self.status.send_if_modified(|status| {
            let changes = status.fault != fault;
            status.fault = fault;
            changes
        });
    }

    fn tell_aside(&self, aside: Option<PathBuf>) {
        if aside.is_some() {
            self.status.send_modify(|status| status.put_aside = aside);
        }
    }

    // ---- Reading ----------------------------------------------------------------------------

    /// As [`History::past`].
    pub(super) fn past(&self, account: &str) -> Result<Past, HistoryError> {
        let mut before = self.of_file(self.file.past(account))?;
        before.last = before.last.map(|last| self.updated(last));
        self.backlog.past(account, before)
    }

    /// As [`History::page`].
    pub(super) fn page(
        &self,
        account: Option<&str>,
        since: Option<Timestamp>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Poke>, HistoryError> {
        let before = before.map(|id| self.id_now(id));
        let mut pokes = self.backlog.page(account, since, before, limit)?;
        let left = limit.saturating_sub(u32::try_from(pokes.len()).unwrap_or(u32::MAX));
        let of_file = self.of_file(self.file.page(account, since, before, left))?;
        pokes.extend(of_file.into_iter().map(|poke| Poke {
            dialogue: Vec::new(),
            ..self.updated(poke)
        }));
        Ok(pokes)
    }

    /// As [`History::poke`], also by the id that the poke had while it waited.
    pub(super) fn poke(&self, id: i64) -> Result<Option<Poke>, HistoryError> {
        let id = self.id_now(id);
        match self.backlog.poke(id)? {
            Some(waiting) => Ok(Some(waiting)),
            None => Ok(self.file.poke(id)?.map(|poke| self.updated(poke))),
        }
    }

    /// As [`History::days`].
    pub(super) fn days(
        &self,
        account: Option<&str>,
        from: Date,
        to: Date,
    ) -> Result<Vec<Day>, HistoryError> {
        let of_file = self.of_file(self.file.days(account, from, to))?;
        let mut days: BTreeMap<Date, Day> = of_file.into_iter().map(|day| (day.day, day)).collect();
        for (id, arrived, _) in self.backlog.updates() {
            let poke = self.of_file(self.file.poke(id))?;
            let poke = poke.filter(|poke| account.is_none_or(|account| account == poke.account));
            let day = poke.map(|poke| self.file.day_of(poke.started_at));
            if let Some(day) = day.and_then(|day| days.get_mut(&day)) {
                day.arrived += arrived;
            }
        }
        let waiting = self.backlog.days(account).into_iter();
        for day in waiting.filter(|day| (from..=to).contains(&day.day)) {
            match days.get_mut(&day.day) {
                Some(known) => known.add(&day),
                None => drop(days.insert(day.day, day)),
            }
        }
        Ok(days.into_values().collect())
    }

    /// All states, and who is paused.
    pub(super) fn states(&self) -> Result<States, HistoryError> {
        let states = self.of_file(self.file.states())?.into_iter();
        let pauses = self.of_file(self.file.pauses())?.into_iter();
        let mut all: States = states
            .map(|(account, key, state)| ((account, Some(key)), state))
            .chain(pauses.map(|account| ((account, None), State::default())))
            .collect();
        self.backlog.apply_to(&mut all);
        Ok(all)
    }

    /// As [`History::state`], as it was written.
    pub(super) fn state(&self, account: &str, key: &str) -> Result<Option<State>, HistoryError> {
        if self.backlog.is_empty() {
            return self.of_file(self.file.state_as_kept(account, key));
        }
        let place = (account.to_owned(), Some(key.to_owned()));
        Ok(self.states()?.remove(&place))
    }

    /// All that is known of these accounts and, with an empty name, of everything.
    pub(super) fn remember(
        &self,
        accounts: Vec<String>,
    ) -> Result<BTreeMap<String, AccountHistory>, HistoryError> {
        let mut all = BTreeMap::new();
        for account in accounts.into_iter().chain([String::new()]) {
            let known = AccountHistory {
                past: self.past(&account)?,
                ..AccountHistory::default()
            };
            all.insert(account, known);
        }
        for ((account, key), state) in self.states()? {
            if let Some(known) = all.get_mut(&account) {
                match key {
                    Some(key) => drop(known.states.insert(key, state)),
                    None => known.paused = true,
                }
            }
        }
        Ok(all)
    }

    /// The id that a poke has by now.
    fn id_now(&self, id: i64) -> i64 {
        self.moved.get(&id).copied().unwrap_or(id)
    }

    /// A poke of the file with what became known of it since.
    fn updated(&self, mut poke: Poke) -> Poke {
        for (id, _, change) in self.backlog.updates() {
            if id == poke.id {
                edit(&mut poke, change);
            }
        }
        poke
    }

    /// What the file gives. Where it has a fault, which is told anyway, what waits is all there is.
    fn of_file<T: Default>(&self, read: Result<T, HistoryError>) -> Result<T, HistoryError> {
        match read {
            Err(error) if self.waits() => {
                tracing::warn!(%error, "the history cannot be read");
                Ok(T::default())
            }
            read => read,
        }
    }
}

/// The file as far as it can be read, else an empty one in memory.
fn read_or_empty(path: &Path) -> Result<History, HistoryError> {
    History::open_to_read(path).or_else(|error| {
        tracing::warn!(%error, "what the history has cannot be read");
        History::in_memory()
    })
}
