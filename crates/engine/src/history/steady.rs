//! The history as an engine needs it: always there. What its file cannot take for now – the disk is
//! full, fails or can only be read, the file is damaged and cannot be put aside – waits in memory,
//! and is written as soon as the file takes it, each thing once.
//!
//! What waits is bounded: of the pokes the newest stay, and it is said how many did not. The days'
//! figures count all of them.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap, VecDeque},
    path::{Path, PathBuf},
};

use dequeue_api::paths::make_private;
use dequeue_core::{
    day::{ArrivedAmount, Day, Past},
    record::Poke,
    settings::keep::Keep,
    text::Text,
};
use jiff::{Timestamp, civil::Date};
use rusqlite::params;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use super::{
    database::History,
    day,
    fault::{HistoryError, HistoryFault, put_aside_sentence},
    retention,
};

/// Pokes that wait, at most: what five accounts make in a week at a poke every five minutes.
const WAITING_POKES: i64 = 10_000;
/// Bytes of memory that they may take.
const WAITING_BYTES: i64 = 16 << 20;
/// Completions that wait for pokes that are in the file, at most.
const WAITING_COMPLETIONS: usize = 1000;
/// So many are written at a time: each is on the disk, or waits on, whatever happens to the next.
const WRITTEN_AT_ONCE: i64 = 128;
/// The ids of pokes that wait begin here: above those of the file, below what JavaScript counts.
const WAITING_IDS: i64 = 1 << 52;

/// The history, and what its file has yet to take.
#[derive(Debug)]
pub struct SteadyHistory {
    /// The file; an empty one in memory where it cannot even be read.
    file: History,
    /// Where the file is; `None` for one that is meant to be in memory.
    path: Option<PathBuf>,
    keep: Keep,
    waiting: Option<Box<Waiting>>,
    /// Why it cannot be written.
    fault: Option<HistoryFault>,
    /// Where a damaged one went; told until the engine ends.
    aside: Option<PathBuf>,
    /// Pokes that waited until they were too many; told until the engine ends.
    dropped: u64,
    /// The id that each poke got that has waited, by the one that it had meanwhile.
    moved: HashMap<i64, i64>,
    /// Where the ids of those that wait next begin.
    next_ids: i64,
}

impl From<History> for SteadyHistory {
    fn from(file: History) -> Self {
        Self {
            path: file.path.clone(),
            keep: file.keep,
            file,
            waiting: None,
            fault: None,
            aside: None,
            dropped: 0,
            moved: HashMap::new(),
            next_ids: WAITING_IDS,
        }
    }
}

impl SteadyHistory {
    /// Opens the history, as [`History::open_checked`] does where it is to be `checked`, else as
    /// [`History::open`]. Where its file cannot be written it is read as far as that goes, and what
    /// is added waits.
    ///
    /// # Errors
    /// The file is of a later version, which is not to be poked past.
    pub fn open(path: &Path, checked: bool) -> Result<Self, HistoryError> {
        let opened = if checked {
            History::open_checked(path)
        } else {
            History::open(path)
        };
        match opened {
            Ok((file, aside)) => Ok(Self {
                aside,
                ..Self::from(file)
            }),
            Err(error @ HistoryError::Version(_)) => Err(error),
            Err(error) => {
                tracing::error!(%error, "the history cannot be written; it waits in memory");
                let file = match History::open_to_read(path) {
                    Ok(file) => file,
                    Err(error) => {
                        tracing::warn!(%error, "what the history has cannot be read either");
                        History::in_memory()?
                    }
                };
                let mut steady = Self {
                    path: Some(path.to_owned()),
                    fault: Some(error.at(path)),
                    ..Self::from(file)
                };
                steady.begin_waiting()?;
                Ok(steady)
            }
        }
    }

    /// Whether something waits to be written, so that [`SteadyHistory::catch_up`] is to be tried
    /// from time to time.
    #[must_use]
    pub const fn waits(&self) -> bool {
        self.waiting.is_some()
    }

    /// What a person has to know of it: why it cannot be written, what is missing, where a damaged
    /// one went. `None` where all is well.
    #[must_use]
    pub fn sentence(&self, text: &Text) -> Option<String> {
        let dropped = self.dropped + self.waiting.as_ref().map_or(0, |waiting| waiting.dropped);
        let sentences = [
            self.fault.as_ref().map(|fault| fault.sentence(text)),
            (dropped > 0).then(|| text.format("history-dropped", &[("count", dropped.into())])),
            self.aside
                .as_ref()
                .map(|aside| put_aside_sentence(aside, text)),
        ];
        let sentences: Vec<String> = sentences.into_iter().flatten().collect();
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }

    /// Tries to write what waits. What the file takes no longer waits, even where the rest does on.
    /// Gives whether all of it is written now.
    pub fn catch_up(&mut self) -> bool {
        let (Some(path), Some(mut waiting)) = (self.path.clone(), self.waiting.take()) else {
            return self.waiting.is_none();
        };
        match self.write_waiting(&path, &mut waiting) {
            Ok(()) => {
                tracing::info!("the history can be written again; nothing waits any more");
                self.dropped += waiting.dropped;
                self.next_ids = waiting.ids_end();
                self.fault = None;
                true
            }
            Err(error) => {
                tracing::debug!(%error, "the history still cannot be written");
                self.fault = Some(error.at(&path));
                self.waiting = Some(waiting);
                false
            }
        }
    }

    fn write_waiting(&mut self, path: &Path, waiting: &mut Waiting) -> Result<(), HistoryError> {
        if let Some(folder) = path.parent() {
            make_private(folder)?;
        }
        // Anew: what was opened while it could only be read stays so.
        let is_closed = self.file.path.is_none() || cfg!(windows);
        if is_closed {
            // And lets no other connection of this process write, either. Windows, where it is damaged,
            // puts no file aside that is open.
            self.file = History::in_memory()?;
        }
        let (file, aside) = match History::open(path) {
            Ok(opened) => opened,
            Err(error) => {
                if is_closed {
                    self.file = History::open_to_read(path).or_else(|_| History::in_memory())?;
                }
                return Err(error);
            }
        };
        self.file = file;
        self.file.set_keep(self.keep);
        self.aside = aside.or(self.aside.take());
        let written = waiting.write_to(&self.file, &mut self.moved);
        match written {
            Err(error) if error.is_damage() => {
                self.aside = self.file.begin_anew()?;
                waiting.write_to(&self.file, &mut self.moved)
            }
            written => written,
        }
    }

    /// How many pokes wait.
    #[must_use]
    pub fn waiting_pokes(&self) -> u64 {
        self.waiting.as_ref().map_or(0, |waiting| waiting.pokes())
    }

    /// Says what is kept from now on.
    pub fn set_keep(&mut self, keep: Keep) {
        self.keep = keep;
        self.file.set_keep(keep);
    }

    // ---- Writing ----------------------------------------------------------------------------

    /// Adds a poke, and what is known already to have arrived by it; gives its id, which
    /// [`SteadyHistory::poke`] and [`SteadyHistory::update`] take for as long as the engine runs.
    ///
    /// # Errors
    /// [`HistoryError`]; nothing was added, not even to what waits.
    pub fn add(&mut self, poke: &Poke, arrived: ArrivedAmount) -> Result<i64, HistoryError> {
        // What was wrong may be no longer.
        self.catch_up();
        let written = self.try_file(|file| file.add_with(poke, arrived))?;
        match written {
            Some(id) => Ok(id),
            None => self.begin_waiting()?.add(poke, arrived),
        }
    }

    /// As [`History::update`].
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn update(
        &mut self,
        id: i64,
        arrived: ArrivedAmount,
        change: impl FnOnce(&mut Poke),
    ) -> Result<Option<Poke>, HistoryError> {
        let id = self.moved.get(&id).copied().unwrap_or(id);
        if let Some(waiting) = self.waiting.as_mut().filter(|_| id >= WAITING_IDS) {
            return waiting.update(id, arrived, change);
        }
        let Some(mut poke) = self.file.poke(id)? else {
            return Ok(None);
        };
        change(&mut poke);
        let written = self.try_file(|file| file.update(id, arrived, |it| it.clone_from(&poke)))?;
        if written.is_none() {
            self.begin_waiting()?.complete(id, arrived, &poke);
        }
        Ok(written.unwrap_or(Some(poke)))
    }

    /// As [`History::set_state`].
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn set_state<T: Serialize>(
        &mut self,
        account: &str,
        key: &str,
        value: Option<&T>,
    ) -> Result<(), HistoryError> {
        let value = value.map(serde_json::to_value).transpose()?;
        self.set_states(vec![(account.to_owned(), key.to_owned(), value)])
    }

    /// As [`History::set_state`], for several that are written together or, all of them, wait: each
    /// is an account, a key and what is kept.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn set_states(
        &mut self,
        states: Vec<(String, String, Option<Value>)>,
    ) -> Result<(), HistoryError> {
        let written = self.try_file(|file| {
            file.together(|file| {
                let each = |(account, key, value): &(String, String, Option<Value>)| {
                    file.set_state(account, key, value.as_ref())
                };
                states.iter().try_for_each(each)
            })
        })?;
        if written.is_none() {
            let notes = &mut self.begin_waiting()?.notes;
            let states = states.into_iter();
            notes.extend(states.map(|(account, key, value)| ((account, key), value)));
        }
        Ok(())
    }

    /// As [`History::set_paused`].
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn set_paused(&mut self, account: &str, paused: bool) -> Result<(), HistoryError> {
        if self
            .try_file(|file| file.set_paused(account, paused))?
            .is_none()
        {
            let pauses = &mut self.begin_waiting()?.pauses;
            pauses.insert(account.to_owned(), paused);
        }
        Ok(())
    }

    /// As [`History::forget`].
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn forget(&mut self, account: &str) -> Result<(), HistoryError> {
        if self.try_file(|file| file.forget(account))?.is_none() {
            self.begin_waiting()?.forget(account);
        }
        Ok(())
    }

    /// As [`History::rename`]. Where that waits, the file's pokes go by the old name meanwhile.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn rename(&mut self, from: &str, to: &str) -> Result<(), HistoryError> {
        if self.try_file(|file| file.rename(from, to))?.is_none() {
            self.begin_waiting()?.rename(from, to)?;
        }
        Ok(())
    }

    /// Writes to the file, which is begun anew where it is damaged; `None` where it has to wait.
    fn try_file<T>(
        &mut self,
        write: impl Fn(&History) -> Result<T, HistoryError>,
    ) -> Result<Option<T>, HistoryError> {
        if self.waits() {
            return Ok(None);
        }
        let mut error = match write(&self.file) {
            Ok(written) => return Ok(Some(written)),
            // It is not the file's fault.
            Err(error @ HistoryError::Json(_)) => return Err(error),
            Err(error) => error,
        };
        let Some(path) = &self.path else {
            return Err(error);
        };
        if error.is_damage() {
            let anew = self.file.begin_anew().and_then(|aside| {
                self.aside = aside;
                write(&self.file)
            });
            match anew {
                Ok(written) => return Ok(Some(written)),
                Err(after) => {
                    tracing::error!(%error, "the history is damaged");
                    error = after;
                }
            }
        }
        tracing::error!(%error, "the history cannot be written; it waits in memory");
        self.fault = Some(error.at(path));
        Ok(None)
    }

    fn begin_waiting(&mut self) -> Result<&mut Waiting, HistoryError> {
        let waiting = match self.waiting.take() {
            Some(waiting) => waiting,
            None => Box::new(Waiting::new(self.next_ids)?),
        };
        Ok(self.waiting.insert(waiting))
    }

    // ---- Reading ----------------------------------------------------------------------------

    /// As [`History::past`].
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn past(&self, account: &str) -> Result<Past, HistoryError> {
        let before = self.of_file(self.file.past(account))?;
        let Some(waiting) = &self.waiting else {
            return Ok(before);
        };
        let since = waiting.history.past(account)?;
        let worked = since.last_success_at.is_some();
        Ok(Past {
            last: since.last.map(|last| waiting.known(last)).or(before.last),
            last_success_at: since.last_success_at.or(before.last_success_at),
            failures: since.failures + if worked { 0 } else { before.failures },
        })
    }

    /// As [`History::page`].
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn page(
        &self,
        account: Option<&str>,
        since: Option<Timestamp>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Poke>, HistoryError> {
        let mut pokes = Vec::new();
        if let Some(waiting) = &self.waiting {
            let before = before.map(|id| id.saturating_sub(waiting.ids));
            let page = waiting.history.page(account, since, before, limit)?;
            pokes.extend(page.into_iter().map(|poke| waiting.known(poke)));
        }
        let left = limit.saturating_sub(u32::try_from(pokes.len()).unwrap_or(u32::MAX));
        pokes.extend(self.of_file(self.file.page(account, since, before, left))?);
        Ok(pokes)
    }

    /// As [`History::poke`].
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn poke(&self, id: i64) -> Result<Option<Poke>, HistoryError> {
        let id = self.moved.get(&id).copied().unwrap_or(id);
        match self.waiting.as_ref().filter(|_| id >= WAITING_IDS) {
            Some(waiting) => Ok(waiting
                .history
                .poke(id - waiting.ids)?
                .map(|poke| waiting.known(poke))),
            None => self.file.poke(id),
        }
    }

    /// As [`History::days`].
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn days(
        &self,
        account: Option<&str>,
        from: Date,
        to: Date,
    ) -> Result<Vec<Day>, HistoryError> {
        let of_file = self.of_file(self.file.days(account, from, to))?;
        let Some(waiting) = &self.waiting else {
            return Ok(of_file);
        };
        let mut days: BTreeMap<Date, Day> = of_file.into_iter().map(|day| (day.day, day)).collect();
        for day in waiting.history.days(account, from, to)? {
            match days.get_mut(&day.day) {
                Some(known) => known.add(&day),
                None => drop(days.insert(day.day, day)),
            }
        }
        Ok(days.into_values().collect())
    }

    /// As [`History::day_of`].
    #[must_use]
    pub fn day_of(&self, at: Timestamp) -> Date {
        self.file.day_of(at)
    }

    /// As [`History::state`].
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn state<T: DeserializeOwned>(
        &self,
        account: &str,
        key: &str,
    ) -> Result<Option<T>, HistoryError> {
        let place = (account.to_owned(), key.to_owned());
        let Some(waiting) = &self.waiting else {
            return self.file.state(account, key);
        };
        let value = match waiting.notes.get(&place) {
            Some(value) => value.clone(),
            None => self.state_after(&waiting.changes, account, key)?,
        };
        Ok(value.and_then(|value| T::deserialize(value).ok()))
    }

    /// What is noted once these changes are made.
    fn state_after(
        &self,
        changes: &[Change],
        account: &str,
        key: &str,
    ) -> Result<Option<Value>, HistoryError> {
        let Some((last, before)) = changes.split_last() else {
            return self.of_file(self.file.state(account, key));
        };
        match last {
            Change::Noted(place, value) if *place == (account.to_owned(), key.to_owned()) => {
                Ok(value.clone())
            }
            Change::Forgotten(forgotten) if forgotten == account => Ok(None),
            Change::Renamed { from, .. } if from == account => Ok(None),
            Change::Renamed { from, to } if to == account => {
                match self.state_after(before, from, key)? {
                    None => self.state_after(before, to, key),
                    moved => Ok(moved),
                }
            }
            _ => self.state_after(before, account, key),
        }
    }

    /// As [`History::pauses`].
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn pauses(&self) -> Result<Vec<String>, HistoryError> {
        let mut pauses: BTreeSet<String> = self.of_file(self.file.pauses())?.into_iter().collect();
        let mut set = |account: &String, paused: bool| {
            if paused {
                pauses.insert(account.clone())
            } else {
                pauses.remove(account)
            }
        };
        if let Some(waiting) = &self.waiting {
            for change in &waiting.changes {
                match change {
                    Change::Renamed { from, to } if set(from, false) => drop(set(to, true)),
                    Change::Renamed { .. } | Change::Noted(..) => {}
                    Change::Forgotten(account) => drop(set(account, false)),
                    Change::Paused(account, paused) => drop(set(account, *paused)),
                }
            }
            for (account, paused) in &waiting.pauses {
                set(account, *paused);
            }
        }
        Ok(pauses.into_iter().collect())
    }

    /// What the file gives. Where it has a fault, which is told anyway, what waits is all there is.
    fn of_file<T: Default>(&self, read: Result<T, HistoryError>) -> Result<T, HistoryError> {
        match read {
            Err(error) if self.fault.is_some() => {
                tracing::warn!(%error, "the history cannot be read");
                Ok(T::default())
            }
            read => read,
        }
    }
}

/// What the file has yet to take.
#[derive(Debug)]
struct Waiting {
    /// The pokes, and what their days came to by them.
    history: History,
    /// What is added to their ids in there.
    ids: i64,
    /// New names and removals, and what came before them, in their order.
    changes: Vec<Change>,
    /// What was noted since, by account and key; nothing where a note was taken away.
    notes: BTreeMap<(String, String), Option<Value>>,
    /// Who was paused since, or is not any more.
    pauses: BTreeMap<String, bool>,
    /// More that became known of pokes in the file.
    completed: VecDeque<(i64, ArrivedAmount, Poke)>,
    /// Pokes that were too many.
    dropped: u64,
}

#[derive(Debug)]
enum Change {
    Renamed { from: String, to: String },
    Forgotten(String),
    Noted((String, String), Option<Value>),
    Paused(String, bool),
}

impl Change {
    fn write_to(&self, file: &History) -> Result<(), HistoryError> {
        match self {
            Self::Renamed { from, to } => file.rename(from, to),
            Self::Forgotten(account) => file.forget(account),
            Self::Noted((account, key), value) => file.set_state(account, key, value.as_ref()),
            Self::Paused(account, paused) => file.set_paused(account, *paused),
        }
    }
}

impl Waiting {
    fn new(ids: i64) -> Result<Self, HistoryError> {
        Ok(Self {
            history: History::in_memory()?,
            ids,
            changes: Vec::new(),
            notes: BTreeMap::new(),
            pauses: BTreeMap::new(),
            completed: VecDeque::new(),
            dropped: 0,
        })
    }

    /// A poke as it is known outside.
    fn known(&self, mut poke: Poke) -> Poke {
        poke.id += self.ids;
        poke
    }

    fn pokes(&self) -> u64 {
        let count = "SELECT count(*) FROM poke";
        let connection = &self.history.connection;
        connection
            .query_row(count, [], |row| row.get(0))
            .map_or(0, |pokes: u32| pokes.into())
    }

    /// An id that none of them has had.
    fn ids_end(&self) -> i64 {
        let newest = "SELECT seq FROM sqlite_sequence WHERE name = 'poke'";
        let connection = &self.history.connection;
        let newest = connection.query_row(newest, [], |row| row.get::<_, i64>(0));
        self.ids + newest.unwrap_or(0)
    }

    fn add(&mut self, poke: &Poke, arrived: ArrivedAmount) -> Result<i64, HistoryError> {
        let newest = self.history.add_with(poke, arrived)?;
        let connection = &self.history.connection;
        let mut dropped = connection
            .prepare_cached("DELETE FROM poke WHERE id <= ?1")?
            .execute([newest - WAITING_POKES])?;
        dropped += retention::bound(connection, newest, WAITING_BYTES)?;
        self.dropped += dropped as u64;
        Ok(self.ids + newest)
    }

    fn update(
        &mut self,
        id: i64,
        arrived: ArrivedAmount,
        change: impl FnOnce(&mut Poke),
    ) -> Result<Option<Poke>, HistoryError> {
        let updated = self.history.update(id - self.ids, arrived, change)?;
        Ok(updated.map(|poke| self.known(poke)))
    }

    fn complete(&mut self, id: i64, arrived: ArrivedAmount, poke: &Poke) {
        if self.completed.len() == WAITING_COMPLETIONS {
            self.completed.pop_front();
        }
        self.completed.push_back((id, arrived, poke.clone()));
    }

    fn forget(&mut self, account: &str) {
        self.notes.retain(|(of, _), _| of != account);
        self.pauses.remove(account);
        let change = Change::Forgotten(account.to_owned());
        self.changes.push(change);
    }

    fn rename(&mut self, from: &str, to: &str) -> Result<(), HistoryError> {
        self.history.rename(from, to)?;
        // What came before the new name is written before it.
        let notes = std::mem::take(&mut self.notes).into_iter();
        let pauses = std::mem::take(&mut self.pauses).into_iter();
        self.changes
            .extend(notes.map(|(place, value)| Change::Noted(place, value)));
        self.changes
            .extend(pauses.map(|(account, paused)| Change::Paused(account, paused)));
        self.changes.push(Change::Renamed {
            from: from.to_owned(),
            to: to.to_owned(),
        });
        Ok(())
    }

    /// Writes all of it. What has been written does not wait any more, so that the next try goes on
    /// where this one stopped.
    fn write_to(
        &mut self,
        file: &History,
        moved: &mut HashMap<i64, i64>,
    ) -> Result<(), HistoryError> {
        while let Some(change) = self.changes.first() {
            change.write_to(file)?;
            self.changes.remove(0);
        }
        while let Some(((account, key), value)) = self.notes.first_key_value() {
            file.set_state(account, key, value.as_ref())?;
            self.notes.pop_first();
        }
        while let Some((account, paused)) = self.pauses.first_key_value() {
            file.set_paused(account, *paused)?;
            self.pauses.pop_first();
        }
        while let Some((id, arrived, poke)) = self.completed.front() {
            file.update(*id, *arrived, |it| it.clone_from(poke))?;
            self.completed.pop_front();
        }
        let counting = file.begin()?;
        day::add_all(&self.history.connection, &counting)?;
        counting.commit()?;
        self.history.connection.execute("DELETE FROM day", [])?;
        while self.write_some(file, moved)? {}
        Ok(())
    }

    /// Writes the oldest pokes; gives whether there were any.
    fn write_some(
        &self,
        file: &History,
        moved: &mut HashMap<i64, i64>,
    ) -> Result<bool, HistoryError> {
        let connection = &self.history.connection;
        let mut oldest = connection.prepare_cached(
            "SELECT id, account, started_at, worked, report, dialogue FROM poke
             ORDER BY id LIMIT ?1",
        )?;
        let mut rows = oldest.query([WRITTEN_AT_ONCE])?;
        let adding = file.begin()?;
        let mut ids = Vec::new();
        let mut ended = Timestamp::MIN;
        while let Some(row) = rows.next()? {
            adding
                .prepare_cached(
                    "INSERT INTO poke (account, started_at, worked, report, dialogue)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![
                    row.get::<_, String>(1)?,
                    row.get::<_, i64>(2)?,
                    row.get::<_, bool>(3)?,
                    row.get::<_, String>(4)?,
                    row.get::<_, String>(5)?,
                ])?;
            ids.push((row.get::<_, i64>(0)?, adding.last_insert_rowid()));
            ended = Timestamp::from_millisecond(row.get(2)?).unwrap_or(ended);
        }
        adding.commit()?;
        let Some((last, newest)) = ids.last().copied() else {
            return Ok(false);
        };
        connection.execute("DELETE FROM poke WHERE id <= ?1", [last])?;
        if moved.len() as i64 >= WAITING_POKES {
            // So long ago that nobody asks for them by those ids any more.
            moved.clear();
        }
        moved.extend(
            ids.into_iter()
                .map(|(id, written)| (self.ids + id, written)),
        );
        file.tidy(newest - WRITTEN_AT_ONCE, newest, ended);
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
