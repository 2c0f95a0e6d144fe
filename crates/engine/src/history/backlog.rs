//! What the history's file has yet to take, in its order.

use std::collections::{BTreeMap, VecDeque};

use dequeue_core::{
    day::{ArrivedAmount, Day, Past},
    record::Poke,
};
use jiff::{Timestamp, civil::Date};

use super::{
    database::{History, PokeRow},
    day,
    fault::HistoryError,
    state::State,
};

/// Pokes that wait, at most: what five accounts make in a week at a poke every five minutes.
pub(super) const MOST_POKES: usize = 10_000;
/// Bytes that they may take in JSON.
pub(super) const MOST_BYTES: usize = 16 << 20;
/// How many of the newest wait, however large they are.
const KEPT_AT_LEAST: usize = 100;
/// Changes that are written in one transaction. Each is on the disk or waits on, whatever happens to
/// the next.
pub(super) const AT_ONCE: usize = 256;
/// The ids of pokes that wait begin here: above those of the file, below what JavaScript counts.
pub(super) const PROVISIONAL_IDS: i64 = 1 << 52;

/// What becomes of a poke. It may be done more than once, each time to the poke as it was.
pub(super) type Edit = Box<dyn Fn(&mut Poke) + Send>;

/// The account, empty for everything, and the key of a state; without a key, whether it is paused.
pub(super) type Place = (String, Option<String>);

/// What is at each place: a state, or anything where it is paused.
pub(super) type States = BTreeMap<Place, State>;

pub(super) struct WaitingPoke {
    id: i64,
    /// As it was added.
    row: PokeRow,
    arrived: ArrivedAmount,
    day: Date,
    /// What its account is called by now.
    account: String,
    updates: Vec<(ArrivedAmount, Edit)>,
}

impl WaitingPoke {
    fn is_of(&self, account: Option<&str>) -> bool {
        account.is_none_or(|account| account == self.account)
    }

    /// The poke that it was when it was added, as it is by now.
    fn by_now(&self, added: Poke) -> Poke {
        let mut poke = Poke {
            id: self.id,
            account: self.account.clone(),
            ..added
        };
        for (_, change) in &self.updates {
            edit(&mut poke, change);
        }
        poke
    }

    fn whole(&self) -> Result<Poke, HistoryError> {
        Ok(self.by_now(self.row.poke()?))
    }

    fn without_dialogue(&self) -> Result<Poke, HistoryError> {
        Ok(Poke {
            dialogue: Vec::new(),
            ..self.by_now(self.row.report()?)
        })
    }

    /// What its day comes to by it.
    fn figures(&self) -> Day {
        let mut arrived = self.arrived;
        for (more, _) in &self.updates {
            arrived += *more;
        }
        Day::of(self.day, self.row.outcome, self.row.duration_ms, arrived)
    }
}

/// Changes a poke, except what makes it this one.
pub(super) fn edit(poke: &mut Poke, change: &Edit) {
    let (id, account, started_at) = (poke.id, poke.account.clone(), poke.started_at);
    change(poke);
    (poke.id, poke.account, poke.started_at) = (id, account, started_at);
}

enum Change {
    Add(Box<WaitingPoke>),
    /// Of a poke in the file.
    Update(i64, ArrivedAmount, Edit),
    /// Where there is no value, the state or the pause is over.
    Set(BTreeMap<Place, Option<State>>),
    Forget(String),
    Rename(String, String),
}

impl Change {
    /// Makes it in the file; gives the id of what was added.
    fn write_to(&self, file: &History) -> Result<Option<i64>, HistoryError> {
        match self {
            Self::Add(waiting) => {
                let id = file.insert(&waiting.row, waiting.arrived)?;
                for (arrived, change) in &waiting.updates {
                    file.update(id, *arrived, change)?;
                }
                return Ok(Some(id));
            }
            Self::Update(id, arrived, change) => match file.update(*id, *arrived, change) {
                // A later version wrote it.
                Err(HistoryError::Json(error)) => {
                    tracing::warn!(id, %error, "a poke stays as it was")
                }
                updated => drop(updated?),
            },
            Self::Set(values) => {
                for ((account, key), value) in values {
                    match key {
                        Some(key) => file.keep_state(account, key, value.as_ref())?,
                        None => file.set_paused(account, value.is_some())?,
                    }
                }
            }
            Self::Forget(account) => file.forget(account)?,
            Self::Rename(from, to) => file.rename(from, to)?,
        }
        Ok(None)
    }
}

/// What waits for the file.
pub(super) struct Backlog {
    changes: VecDeque<Change>,
    /// What the days of pokes came to that were too many, by account.
    days: BTreeMap<(String, Date), Day>,
    next_id: i64,
    pokes: usize,
    bytes: usize,
}

impl Default for Backlog {
    fn default() -> Self {
        Self {
            changes: VecDeque::new(),
            days: BTreeMap::new(),
            next_id: PROVISIONAL_IDS,
            pokes: 0,
            bytes: 0,
        }
    }
}

impl Backlog {
    pub(super) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// How many pokes wait.
    pub(super) const fn pokes(&self) -> usize {
        self.pokes
    }

    // ---- Changes ----------------------------------------------------------------------------

    /// Adds a poke; gives its provisional id, and how many old ones were too many then.
    pub(super) fn add(
        &mut self,
        poke: Poke,
        arrived: ArrivedAmount,
        day: Date,
    ) -> Result<(i64, u64), HistoryError> {
        let row = PokeRow::of(poke)?;
        let id = self.next_id;
        self.next_id += 1;
        let waiting = WaitingPoke {
            id,
            account: row.account.clone(),
            row,
            arrived,
            day,
            updates: Vec::new(),
        };
        self.pokes += 1;
        self.bytes += waiting.row.octets();
        self.changes.push_back(Change::Add(Box::new(waiting)));
        let mut dropped = 0;
        while self.pokes > MOST_POKES || (self.bytes > MOST_BYTES && self.pokes > KEPT_AT_LEAST) {
            let oldest = self.changes.iter();
            let oldest = oldest.take_while(|change| !matches!(change, Change::Add(_)));
            let Some(Change::Add(oldest)) = self.changes.remove(oldest.count()) else {
                break;
            };
            self.pokes -= 1;
            self.bytes -= oldest.row.octets();
            dropped += 1;
            self.count(oldest.account.clone(), oldest.figures());
        }
        Ok((id, dropped))
    }

    fn count(&mut self, account: String, figures: Day) {
        self.days
            .entry((account, figures.day))
            .and_modify(|day| day.add(&figures))
            .or_insert(figures);
    }

    /// More has become known of a poke, which waits or is in the file.
    pub(super) fn update(&mut self, id: i64, arrived: ArrivedAmount, change: Edit) {
        let waiting = self.changes.iter_mut().find_map(|change| match change {
            Change::Add(waiting) if waiting.id == id => Some(waiting),
            _ => None,
        });
        match waiting {
            Some(waiting) => waiting.updates.push((arrived, change)),
            None => self.changes.push_back(Change::Update(id, arrived, change)),
        }
    }

    /// Sets states and pauses. Later ones take the place of earlier ones, so that they stay few.
    pub(super) fn set(&mut self, values: BTreeMap<Place, Option<State>>) {
        let mut latest = self.changes.iter_mut().rev();
        let earlier = latest.find_map(|change| match change {
            Change::Set(earlier) => Some(Some(earlier)),
            Change::Forget(_) | Change::Rename(..) => Some(None),
            Change::Add(_) | Change::Update(..) => None,
        });
        match earlier.flatten() {
            Some(earlier) => earlier.extend(values),
            None => self.changes.push_back(Change::Set(values)),
        }
    }

    pub(super) fn forget(&mut self, account: String) {
        self.changes.push_back(Change::Forget(account));
    }

    pub(super) fn rename(&mut self, from: String, to: String) {
        for change in &mut self.changes {
            if let Change::Add(waiting) = change
                && waiting.account == from
            {
                waiting.account.clone_from(&to);
            }
        }
        let days = self.days.extract_if(.., |(of, _), _| *of == from);
        for (_, figures) in days.collect::<Vec<_>>() {
            self.count(to.clone(), figures);
        }
        self.changes.push_back(Change::Rename(from, to));
    }

    /// Writes all of it. What has been written does not wait any more, so that the next try goes on
    /// where this one stopped. `moved` gets the id of each poke in the file by its provisional one.
    pub(super) fn write_to(
        &mut self,
        file: &History,
        moved: &mut BTreeMap<i64, i64>,
    ) -> Result<(), HistoryError> {
        while !self.changes.is_empty() {
            let some = AT_ONCE.min(self.changes.len());
            let together = file.begin()?;
            let mut ids = Vec::new();
            for change in self.changes.iter().take(some) {
                ids.push(change.write_to(file)?);
            }
            if some == self.changes.len() {
                for ((account, _), figures) in &self.days {
                    day::add(&together, account, figures)?;
                }
            }
            together.commit()?;
            let mut added = None;
            for (change, id) in self.changes.drain(..some).zip(ids) {
                if let (Change::Add(waiting), Some(id)) = (change, id) {
                    self.pokes -= 1;
                    self.bytes -= waiting.row.octets();
                    moved.insert(waiting.id, id);
                    let (first, _, _) = added.unwrap_or((id, id, Timestamp::MIN));
                    added = Some((first, id, waiting.row.started_at));
                }
            }
            if let Some((first, newest, began)) = added {
                file.tidy(first, newest, began);
            }
        }
        self.days.clear();
        Ok(())
    }

    // ---- Reading ----------------------------------------------------------------------------

    fn waiting(&self) -> impl DoubleEndedIterator<Item = &WaitingPoke> {
        self.changes.iter().filter_map(|change| match change {
            Change::Add(waiting) => Some(&**waiting),
            _ => None,
        })
    }

    pub(super) fn poke(&self, id: i64) -> Result<Option<Poke>, HistoryError> {
        let mut waiting = self.waiting();
        let found = waiting.find(|poke| poke.id == id);
        found.map(WaitingPoke::whole).transpose()
    }

    /// As [`History::page`], of the pokes that wait.
    pub(super) fn page(
        &self,
        account: Option<&str>,
        since: Option<Timestamp>,
        before: Option<i64>,
        limit: u32,
    ) -> Result<Vec<Poke>, HistoryError> {
        self.waiting()
            .rev()
            .filter(|poke| poke.is_of(account) && before.is_none_or(|before| poke.id < before))
            .filter(|poke| since.is_none_or(|since| poke.row.started_at >= since))
            .take(limit as usize)
            .map(WaitingPoke::without_dialogue)
            .collect()
    }

    /// What is known of an account with the pokes that wait, by what is `before` them.
    pub(super) fn past(&self, account: &str, mut before: Past) -> Result<Past, HistoryError> {
        let mut last = None;
        for waiting in self.waiting().filter(|poke| poke.is_of(Some(account))) {
            last = Some(waiting);
            let poke = waiting.row.report()?;
            if poke.outcome.is_success() {
                before.last_success_at = Some(poke.started_at);
            }
            before.failures = poke.failures(before.failures);
        }
        if let Some(last) = last {
            before.last = Some(last.without_dialogue()?);
        }
        Ok(before)
    }

    /// What the days come to by the pokes that wait, and by those that were too many.
    pub(super) fn days(&self, account: Option<&str>) -> Vec<Day> {
        let dropped = self.days.iter();
        let dropped = dropped.filter(|((of, _), _)| account.is_none_or(|account| account == of));
        let waiting = self.waiting().filter(|poke| poke.is_of(account));
        dropped
            .map(|(_, day)| day.clone())
            .chain(waiting.map(WaitingPoke::figures))
            .collect()
    }

    /// What else became known of a poke in the file, and what arrived by it.
    pub(super) fn updates(&self) -> impl Iterator<Item = (i64, ArrivedAmount, &Edit)> {
        self.changes.iter().filter_map(|change| match change {
            Change::Update(id, arrived, edit) => Some((*id, *arrived, edit)),
            _ => None,
        })
    }

    /// Makes the states of the file what they will be.
    pub(super) fn apply_to(&self, states: &mut States) {
        for change in &self.changes {
            match change {
                Change::Set(values) => {
                    for (place, value) in values {
                        match value {
                            Some(value) => states.insert(place.clone(), value.clone()),
                            None => states.remove(place),
                        };
                    }
                }
                Change::Forget(account) => states.retain(|(of, _), _| of != account),
                Change::Rename(from, to) => {
                    let of_it = states.extract_if(.., |(of, _), _| of == from);
                    let of_it: Vec<_> = of_it.collect();
                    let of_it = of_it.into_iter();
                    states.extend(of_it.map(|((_, key), value)| ((to.clone(), key), value)));
                }
                Change::Add(_) | Change::Update(..) => {}
            }
        }
    }
}
