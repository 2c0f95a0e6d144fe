//! What outlives the engine: the pokes, and what is noted of accounts and notices. It knows what has
//! changed since it was written, and when that is due.
//!
//! Nothing here waits for the disk. What has to be on it before something else happens is given by
//! [`Memory::next`] once it is, in the order in which it was asked for: a poke is written with
//! [`Memory::add`] and told after that. Notes are written as they change, or gathered until
//! [`Memory::next_at`].

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    time::Duration,
};

use dequeue_core::{
    day::{ArrivedAmount, Day},
    notice::{Given, Notices, Said, Told},
    record::Poke,
    settings::keep::Keep,
    summary::Week,
    text::Text,
    update::KnownUpdate,
};
use futures_util::{
    future::{BoxFuture, FutureExt, OptionFuture, ready},
    stream::{FuturesOrdered, StreamExt},
};
use jiff::{Timestamp, civil::Date};
use tokio::sync::watch;

use super::{
    account_state::{AccountKey, AccountState, EndedPoke, Pause},
    accounts::Accounts,
    internal::{Internal, Reply, SummedUp},
    moves::TakenOver,
    remembered::{Remembered, notes, paused},
};
use crate::{
    doctor::arrived_lately,
    history::{AccountHistory, Answer, History, HistoryError, HistoryStatus, HistoryWriter, State},
};

/// How soon what has been found out is written down. A kill loses no more than that of it.
const KEPT_WITHIN: Duration = Duration::from_secs(10);
/// How often what is known of an account's healthy life is written down. It is learnt over days.
const ALARMS_KEPT_EVERY: Duration = Duration::from_secs(3600);

/// How soon something has to be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Dirty {
    /// When it is due, or when the engine ends.
    Later,
    /// Within moments.
    Soon,
}

/// The history, and what it has yet to be told.
pub(super) struct Memory {
    history: HistoryWriter,
    status: watch::Receiver<HistoryStatus>,
    /// Whether the history's file could not be written when that was looked at last.
    is_faulty: bool,
    /// What is to be done once the history has answered.
    answers: FuturesOrdered<BoxFuture<'static, Internal>>,
    /// Changes that a client waits for, until its reply is on its way.
    changes: Vec<Answer<()>>,
    /// The demo's own, in memory. Its ids are negative outside.
    demo: Option<History>,
    /// The accounts of whose healthy life more is known than was written down.
    dirty: BTreeMap<AccountKey, Dirty>,
    /// When each account's healthy life was written down last.
    alarms_kept_at: HashMap<AccountKey, Timestamp>,
    /// When what is known of notices and alarms is to be written down, where it has changed.
    keep_at: Option<Timestamp>,
}

/// What the history knows of all accounts together.
pub(super) struct Everything {
    /// The number that this installation draws its jitter from.
    pub(super) seed: u64,
    /// The pause of all accounts.
    pub(super) pause: Option<Pause>,
    /// When each topic of notices was told last.
    pub(super) told: Told,
    /// The notices that were given lately.
    pub(super) given: Given,
    /// When the last summary was sent, or was wanted first.
    pub(super) summed_up_at: Option<Timestamp>,
    /// Which accounts of users' engines have been taken over.
    pub(super) taken_over: TakenOver,
    /// What is known of newer versions.
    pub(super) update: KnownUpdate,
}

impl Memory {
    pub(super) fn new(history: HistoryWriter) -> Self {
        let mut status = history.status();
        let is_faulty = status.borrow_and_update().fault.is_some();
        Self {
            history,
            status,
            is_faulty,
            answers: FuturesOrdered::new(),
            changes: Vec::new(),
            demo: None,
            dirty: BTreeMap::new(),
            alarms_kept_at: HashMap::new(),
            keep_at: None,
        }
    }

    // ---- Answers ----------------------------------------------------------------------------

    /// What the history has done or become. It never ends; dropped before, nothing is lost.
    pub(super) async fn next(&mut self) -> Internal {
        tokio::select! {
            Some(happened) = self.answers.next() => happened,
            Ok(()) = self.status.changed() => Internal::HistoryStatus,
            else => std::future::pending().await,
        }
    }

    /// What the history has done, as long as it has been asked for something.
    pub(super) async fn next_answer(&mut self) -> Option<Internal> {
        self.answers.next().await
    }

    fn when_answered<T: Send + 'static>(
        &mut self,
        answer: Answer<T>,
        happened: impl FnOnce(Result<T, HistoryError>) -> Internal + Send + 'static,
    ) {
        self.answers.push_back(answer.map(happened).boxed());
    }

    /// Replies to a client once what it has changed is written and, where it `waits`, after all that
    /// is still to come of what was asked before.
    pub(super) fn reply(&mut self, reply: Reply, waits: bool) {
        let changes = std::mem::take(&mut self.changes);
        if changes.is_empty() && (!waits || reply.answer.is_err()) {
            reply.send(Ok(()));
            return;
        }
        let replied = async move {
            let mut written = Ok(());
            for change in changes {
                written = written.and(change.await);
            }
            Internal::Replied { reply, written }
        };
        self.answers.push_back(replied.boxed());
    }

    // ---- From before ------------------------------------------------------------------------

    /// What is known of all accounts together, and of these. Where there is no seed yet, a new one
    /// is drawn and, for an engine that runs on, noted.
    pub(super) async fn everything(
        &mut self,
        names: Vec<String>,
        runs_on: bool,
    ) -> Result<(Everything, HashMap<String, Remembered>), HistoryError> {
        let mut known = self.history.remember(names).await?;
        let of_all = known.remove("").unwrap_or_default();
        let seed = match of_all.state(notes::SEED) {
            Some(seed) => seed,
            None => {
                let seed = random();
                if runs_on {
                    let noted = note("", notes::SEED, Some(&seed))?;
                    self.history.set_states(vec![noted]).await?;
                }
                seed
            }
        };
        let everything = Everything {
            seed,
            pause: paused(&of_all),
            told: of_all.state(notes::NOTICES).unwrap_or_default(),
            given: of_all.state(notes::GIVEN).unwrap_or_default(),
            summed_up_at: of_all.state(notes::SUMMARY),
            taken_over: of_all.state(notes::TAKEN_OVER).unwrap_or_default(),
            update: of_all.state(notes::UPDATE).unwrap_or_default(),
        };
        Ok((everything, remembered(known)))
    }

    /// Asks what there is to know of these accounts, which are new in settings that wait for it.
    pub(super) fn remember(&mut self, names: Vec<String>) {
        let known = self.history.remember(names);
        self.when_answered(known, |known| Internal::Remembered(known.map(remembered)));
    }

    // ---- Pokes ------------------------------------------------------------------------------

    /// Writes a poke down; then it is to be told. Its id is 0 where that was not possible; that of
    /// the demo's is negative.
    pub(super) fn add(&mut self, ended: EndedPoke) {
        let poke = &ended.poke;
        if ended.is_demo {
            let added = self.demo.as_ref().map(|demo| demo.add(poke));
            let id = added.and_then(Result::ok).map_or(0, |id| -id);
            let ended = Box::new(ended);
            let written = ready(Internal::Written { ended, id });
            self.answers.push_back(written.boxed());
            return;
        }
        let arrived = ArrivedAmount::delivered(poke);
        let added = self.history.add(poke.clone(), arrived);
        let ended = Box::new(ended);
        self.when_answered(added, |added| {
            let id = added.unwrap_or_else(|error| {
                tracing::error!(%error, "a poke could not be kept");
                0
            });
            Internal::Written { ended, id }
        });
    }

    /// Completes a poke of which more has become known; then that is to be told.
    pub(super) fn complete(
        &mut self,
        key: AccountKey,
        id: i64,
        arrived: ArrivedAmount,
        change: impl Fn(&mut Poke) + Send + 'static,
    ) {
        let completed = move |completed: Result<Option<Poke>, HistoryError>| {
            let poke = completed.unwrap_or_else(|error| {
                tracing::error!(%error, "a poke could not be completed in the history");
                None
            });
            let poke = poke.map(|poke| Poke {
                id,
                dialogue: Vec::new(),
                ..poke
            });
            let poke = poke.map(Box::new);
            Internal::Completed { key, poke }
        };
        match &self.demo {
            Some(demo) if id < 0 => {
                let updated = completed(demo.update(-id, arrived, change));
                self.answers.push_back(ready(updated).boxed());
            }
            Some(_) | None => {
                let updated = self.history.update(id, arrived, change);
                self.when_answered(updated, completed);
            }
        }
    }

    /// A page of pokes. The demo's are few and stand before the others, on the first page.
    pub(super) fn page(
        &self,
        account: Option<&str>,
        since: Option<Timestamp>,
        before: Option<i64>,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Poke>, HistoryError>> + use<> {
        let demo = self.demo.as_ref().filter(|_| before.is_none());
        let of_demo = demo.map(|demo| demo.page(account, since, None, limit));
        let before = before.filter(|id| *id > 0);
        let page = self.history.page(account, since, before, limit);
        async move {
            let of_demo = of_demo.transpose()?.unwrap_or_default().into_iter();
            let of_demo = of_demo.map(|poke| Poke {
                id: -poke.id,
                ..poke
            });
            let mut pokes: Vec<Poke> = of_demo.collect();
            pokes.extend(page.await?);
            pokes.truncate(limit as usize);
            Ok(pokes)
        }
    }

    /// One poke with its dialogue.
    pub(super) fn poke(
        &self,
        id: i64,
    ) -> impl Future<Output = Result<Option<Poke>, HistoryError>> + use<> {
        let found = match &self.demo {
            Some(demo) if id < 0 => ready(demo.poke(-id)).left_future(),
            Some(_) | None => self.history.poke(id).right_future(),
        };
        found.map(move |found| Ok(found?.map(|poke| Poke { id, ..poke })))
    }

    /// These pokes, as far as the history has them.
    pub(super) fn some_pokes(&self, ids: BTreeSet<i64>) -> impl Future<Output = Vec<Poke>> + use<> {
        let found: Vec<_> = ids.into_iter().map(|id| self.poke(id)).collect();
        async move {
            let mut pokes = Vec::new();
            for found in found {
                // Those that it cannot give have no words.
                pokes.extend(found.await.ok().flatten());
            }
            pokes
        }
    }

    /// What each day came to since the day of that moment.
    pub(super) fn days(&self, account: Option<&str>, since: Option<Timestamp>) -> Answer<Vec<Day>> {
        let from = since.map_or(Date::MIN, |since| self.history.day_of(since));
        self.history.days(account, from, Date::MAX)
    }

    /// Whether mail has come after a poke of the account lately. It is looked at when that is
    /// awaited.
    pub(super) fn has_arrived_lately(
        &self,
        name: &str,
    ) -> impl Future<Output = bool> + Send + use<> {
        let (history, name) = (self.history.clone(), name.to_owned());
        async move { arrived_lately(&history, &name).await }
    }

    /// What a person has to know of the history.
    pub(super) fn fault(&self, text: &Text) -> Option<String> {
        self.status.borrow().sentence(text)
    }

    /// Looks at how the history is. Gives whether its file can no longer be written. Where it can
    /// be again, its pauses follow: it may know of some if it could not even be read so far.
    pub(super) fn has_failed(&mut self) -> bool {
        let is_faulty = self.status.borrow_and_update().fault.is_some();
        let was_faulty = std::mem::replace(&mut self.is_faulty, is_faulty);
        if was_faulty && !is_faulty {
            let pauses = self.history.pauses();
            self.when_answered(pauses, |pauses| {
                let pauses = pauses.unwrap_or_else(|error| {
                    tracing::error!(%error, "the history could not be read");
                    Vec::new()
                });
                Internal::HistoryMended { pauses }
            });
        }
        is_faulty && !was_faulty
    }

    // ---- Accounts ---------------------------------------------------------------------------

    pub(super) fn set_keep(&self, keep: Keep) {
        self.history.set_keep(keep);
    }

    /// Pauses an account, or with an empty name all of them; or ends that.
    pub(super) fn set_pause(&mut self, name: &str, pause: Option<Pause>) {
        // Its end is noted first: a pause without one would last.
        let until = pause.and_then(|pause| pause.until);
        match note(name, notes::PAUSED_UNTIL, until.as_ref()) {
            Ok(until) => self.changes.push(self.history.set_states(vec![until])),
            Err(error) => tracing::error!(%error, "the end of a pause"),
        }
        self.changes
            .push(self.history.set_paused(name, pause.is_some()));
    }

    pub(super) fn rename(&mut self, from: &str, to: &str) {
        self.changes.push(self.history.rename(from, to));
    }

    /// Forgets what is noted of an account of the settings that is removed. Its pokes stay.
    pub(super) fn forget(&mut self, name: &str) {
        self.changes.push(self.history.forget(name));
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

    /// Notes which accounts of users' engines are taken over.
    pub(super) fn note_taken_over(&self, taken_over: &TakenOver) -> Option<Answer<()>> {
        match note("", notes::TAKEN_OVER, Some(taken_over)) {
            Ok(noted) => Some(self.history.set_states(vec![noted])),
            Err(error) => {
                tracing::error!(%error, "which accounts are taken over");
                None
            }
        }
    }

    /// The next [`Memory::reply`] waits for this change as well.
    pub(super) fn wait_for(&mut self, change: Option<Answer<()>>) {
        self.changes.extend(change);
    }

    /// Notes what summaries count from; `None` where none is wanted.
    pub(super) fn note_summary(&mut self, from: Option<Timestamp>) {
        // Nothing waits for it.
        drop(self.keep_summary(from));
    }

    /// Notes what is known of newer versions.
    pub(super) fn note_update(&self, known: &KnownUpdate) {
        match note("", notes::UPDATE, Some(known)) {
            // Nothing waits for it.
            Ok(noted) => drop(self.history.set_states(vec![noted])),
            Err(error) => tracing::error!(%error, "what is known of newer versions"),
        }
    }

    /// Writes down that a summary is sent now, and asks what the week before came to; then it is to be
    /// sent. So it is not sent again, whatever happens next.
    pub(super) fn sum_up(&mut self, at: Timestamp) {
        let kept = self.keep_summary(Some(at));
        let week = Week::before(self.history.day_of(at));
        let days = self.history.days(None, week.first, week.last);
        let summed_up = async move {
            if let Some(Err(error)) = OptionFuture::from(kept).await {
                tracing::error!(%error, "that a summary was sent could not be noted");
            }
            let days = days.await.inspect_err(|error| {
                tracing::error!(%error, "the history could not be read");
            });
            let days = days.ok();
            Internal::SummedUp(SummedUp { at, week, days })
        };
        self.answers.push_back(summed_up.boxed());
    }

    fn keep_summary(&self, from: Option<Timestamp>) -> Option<Answer<()>> {
        match note("", notes::SUMMARY, from.as_ref()) {
            Ok(noted) => Some(self.history.set_states(vec![noted])),
            Err(error) => {
                tracing::error!(%error, "when the last summary was sent");
                None
            }
        }
    }

    fn note<T: serde::Serialize>(&self, state: &AccountState, key: &str, value: Option<&T>) {
        if state.is_demo {
            return;
        }
        match note(state.name(), key, value) {
            // Nothing waits for it.
            Ok(noted) => drop(self.history.set_states(vec![noted])),
            Err(error) => tracing::error!(key, %error, "it could not be noted in the history"),
        }
    }

    /// Writes down what is known of the notices and of the accounts' lives, as far as it is to be
    /// kept as soon as this, all or nothing. Gives the answer where there is something.
    fn write(
        &mut self,
        dirty: Dirty,
        accounts: &Accounts,
        notices: &mut Notices,
    ) -> Option<Answer<()>> {
        self.keep_at = None;
        let states = self
            .unkept(dirty, accounts, notices)
            .unwrap_or_else(|error| {
                tracing::error!(%error, "what was told could not be noted");
                Vec::new()
            });
        if states.is_empty() {
            return None;
        }
        notices.kept();
        self.dirty.retain(|_, of_account| *of_account < dirty);
        Some(self.history.set_states(states))
    }

    /// Writes down what is to be kept within moments. Nothing waits for it.
    pub(super) fn keep(&mut self, accounts: &Accounts, notices: &mut Notices) {
        drop(self.write(Dirty::Soon, accounts, notices));
    }

    /// Writes down that a notice is told; then it is to be told. So it is not told again, whatever
    /// happens next.
    pub(super) fn keep_told(&mut self, said: Said, accounts: &Accounts, notices: &mut Notices) {
        let kept = self.write(Dirty::Soon, accounts, notices);
        let noted = async move {
            if let Some(Err(error)) = OptionFuture::from(kept).await {
                tracing::error!(%error, "what was told could not be noted");
            }
            Internal::Noted(said)
        };
        self.answers.push_back(noted.boxed());
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
            if let Some(given) = notices.unkept_given() {
                states.push(note("", notes::GIVEN, Some(given))?);
            }
        }
        Ok(states)
    }

    // ---- Time -------------------------------------------------------------------------------

    /// When something is to be written.
    pub(super) const fn next_at(&self) -> Option<Timestamp> {
        self.keep_at
    }

    /// Whether what has changed is to be kept by now.
    pub(super) fn is_keep_due(&self, now: Timestamp) -> bool {
        self.keep_at.is_some_and(|at| at <= now)
    }

    /// The clock was set back: that must not put off what is due.
    pub(super) fn clock_set_back(&mut self, now: Timestamp) {
        self.keep_at = self.keep_at.map(|at| at.min(now + KEPT_WITHIN));
    }

    /// The engine ends: writes all that is still to be written.
    pub(super) async fn end(&mut self, accounts: &Accounts, notices: &mut Notices) {
        drop(self.write(Dirty::Later, accounts, notices));
        match self.history.close().await {
            Ok(0) => {}
            Ok(pokes) => tracing::error!(
                pokes,
                "what waited for the history's file is lost with this end"
            ),
            Err(error) => tracing::error!(%error, "the history did not end in good order"),
        }
    }
}

/// What is known of each account. What is known of all together, under the empty name, has other shapes.
fn remembered(known: BTreeMap<String, AccountHistory>) -> HashMap<String, Remembered> {
    let accounts = known.into_iter().filter(|(name, _)| !name.is_empty());
    accounts.map(|(name, known)| (name, known.into())).collect()
}

/// What is to be noted of an account, or without a name of all of them: under which key, and what.
type Note = (String, String, Option<State>);

fn note<T: serde::Serialize>(
    account: &str,
    key: &str,
    value: Option<&T>,
) -> serde_json::Result<Note> {
    let state = value.map(State::of).transpose()?;
    Ok((account.to_owned(), key.to_owned(), state))
}

fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    // Seeded by the system; for spreading pokes it is random enough.
    RandomState::new().hash_one(std::process::id())
}

#[cfg(test)]
mod tests {
    use dequeue_core::settings::Account;
    use dequeue_core::{alarm::Alarms, day::Past};
    use jiff::{SignedDuration, tz::TimeZone};

    use super::{super::account_state::Pace, *};

    #[test]
    fn what_is_known_of_all_together_is_no_accounts() {
        let known = |name: &str| (name.to_owned(), AccountHistory::default());
        let remembered = remembered([known(""), known("a")].into());
        assert_eq!(remembered.keys().collect::<Vec<_>>(), ["a"]);
    }

    /// Silence counts from later after a sleep. After a restart it would else be too long too soon.
    #[tokio::test]
    async fn what_was_slept_over_is_known_after_a_restart() {
        let file = History::in_shared_memory("slept-over").unwrap();
        let history = History::in_shared_memory("slept-over").unwrap();
        let mut memory = Memory::new(history.into());
        let mut accounts = Accounts::new(Pace {
            is_on: true,
            pause: None,
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
        let kept = || file.state::<Alarms>("a", notes::ALARMS).unwrap().unwrap();
        let slept = &accounts.find("a").unwrap().alarms;
        memory.history.flush().await.unwrap();
        assert_ne!(kept(), *slept);
        memory.end(&accounts, &mut Notices::default()).await;
        assert_eq!(kept(), *slept);
    }
}
