//! The history on a thread of its own: whoever asks something of it waits for no disk but their own
//! answer's.
//!
//! What is asked is carried out in the order of the calls; changes that come together are written
//! in one transaction. A change is answered once it is on the disk, or waits because the file cannot
//! take it: then it is tried again from time to time, see [`HistoryWriter::status`].

use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use dequeue_core::{
    day::{ArrivedAmount, Day, Past},
    record::Poke,
    settings::keep::Keep,
};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::de::DeserializeOwned;
use tokio::{
    sync::{mpsc, oneshot, watch},
    task::{JoinError, spawn_blocking},
    time::{Instant, sleep_until},
};

use super::{
    backlog::AT_ONCE,
    buffered::{AccountHistory, BufferedHistory},
    database::History,
    fault::{HistoryError, HistoryStatus},
    state::State,
};

/// How often it is tried again to write what waits.
const AGAIN: Duration = Duration::from_secs(15);

/// The history of an engine. Clones are handles to the same one.
///
/// Each method queues what it is asked for when it is called, not when its answer is awaited. The
/// queue has no bound: those who wait for their answers keep it short, and what it holds goes on
/// into what waits, which has one, however slow the disk.
#[derive(Clone)]
pub struct HistoryWriter {
    queue: mpsc::UnboundedSender<Queued>,
    status: watch::Receiver<HistoryStatus>,
    zone: TimeZone,
}

impl fmt::Debug for HistoryWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HistoryWriter").finish_non_exhaustive()
    }
}

/// One that is in memory, or open already. Within a runtime only.
impl From<History> for HistoryWriter {
    fn from(history: History) -> Self {
        Self::new(BufferedHistory::from(history))
    }
}

/// What the history answers. Dropped, nobody waits for it, and what was asked is done all the same.
#[derive(Debug)]
#[must_use]
pub struct Answer<T>(oneshot::Receiver<Result<T, HistoryError>>);

impl<T> Future for Answer<T> {
    type Output = Result<T, HistoryError>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let answer = Pin::new(&mut self.get_mut().0).poll(context);
        answer.map(|answer| answer.unwrap_or(Err(HistoryError::Closed)))
    }
}

/// What is still to be carried out.
enum Queued {
    /// A change, and the reply once it is written or waits.
    Change(Box<dyn FnOnce(&mut BufferedHistory) -> Reply + Send>),
    Read(Box<dyn FnOnce(&mut BufferedHistory) + Send>),
    Close(oneshot::Sender<Result<u64, HistoryError>>),
}

type Reply = Box<dyn FnOnce(&mut BufferedHistory) + Send>;

impl HistoryWriter {
    /// Opens the history, as [`History::open_checked`] does where it is to be `checked`, else as
    /// [`History::open`]. Where its file cannot be written it is read as far as that goes, and what
    /// is added waits.
    ///
    /// # Errors
    /// The file is of a later version, which is not to be poked past.
    pub async fn open(path: &Path, checked: bool) -> Result<Self, HistoryError> {
        let path = PathBuf::from(path);
        let opened = spawn_blocking(move || BufferedHistory::open(&path, checked)).await;
        Ok(Self::new(opened.map_err(|_| HistoryError::Closed)??))
    }

    fn new(history: BufferedHistory) -> Self {
        let (queue, queued) = mpsc::unbounded_channel();
        let handle = Self {
            queue,
            status: history.status(),
            zone: history.file.zone.clone(),
        };
        tokio::spawn(async move {
            if let Err(error) = run(history, queued).await {
                tracing::error!(%error, "the history's writer has ended");
            }
        });
        handle
    }

    /// What a person has to know of it, now and when that changes. A change that waits is answered
    /// after it is said here.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<HistoryStatus> {
        self.status.clone()
    }

    // ---- Writing ----------------------------------------------------------------------------

    /// Adds a poke, and what is known already to have arrived by it; gives its id, which
    /// [`HistoryWriter::poke`] and [`HistoryWriter::update`] take for as long as the engine runs. A
    /// poke by hand is a reason to try at once what waits.
    ///
    /// # Errors
    /// [`HistoryError`]; nothing was added, not even to what waits. So with all that is written.
    pub fn add(&self, poke: Poke, arrived: ArrivedAmount) -> Answer<i64> {
        self.change(
            move |history| history.add(poke, arrived),
            |history, id| history.settle(id),
        )
    }

    /// As [`History::update`]. `change` may be made more than once, each time to the poke as it was.
    pub fn update(
        &self,
        id: i64,
        arrived: ArrivedAmount,
        change: impl Fn(&mut Poke) + Send + 'static,
    ) -> Answer<Option<Poke>> {
        let update =
            move |history: &mut BufferedHistory| history.update(id, arrived, Box::new(change));
        self.change(update, |_, poke| poke)
    }

    /// As [`History::set_state`], for several: all of them or none. Each is that of an account, or
    /// with an empty name of everything, under a key.
    pub fn set_states(&self, states: Vec<(String, String, Option<State>)>) -> Answer<()> {
        let states = states.into_iter();
        let places = states.map(|(account, key, state)| ((account, Some(key)), state));
        let values = places.collect();
        self.plain_change(move |history| history.set(values))
    }

    /// As [`History::set_paused`].
    pub fn set_paused(&self, account: &str, paused: bool) -> Answer<()> {
        let place = (account.to_owned(), None);
        let values = BTreeMap::from([(place, paused.then(State::default))]);
        self.plain_change(move |history| history.set(values))
    }

    /// As [`History::forget`].
    pub fn forget(&self, account: &str) -> Answer<()> {
        let account = account.to_owned();
        self.plain_change(move |history| history.forget(account))
    }

    /// As [`History::rename`]. Where that waits, the file's pokes go by the old name meanwhile.
    pub fn rename(&self, from: &str, to: &str) -> Answer<()> {
        let (from, to) = (from.to_owned(), to.to_owned());
        self.plain_change(move |history| history.rename(from, to))
    }

    /// Says what is kept from now on.
    pub fn set_keep(&self, keep: Keep) {
        drop(self.read(move |history| {
            history.set_keep(keep);
            Ok(())
        }));
    }

    /// Tries to write what waits; gives how many pokes wait on.
    pub fn flush(&self) -> Answer<u64> {
        self.read(|history| Ok(flush(history)))
    }

    /// Tries to write what waits and closes the file; gives how many pokes are lost. Whatever is
    /// asked later is answered with [`HistoryError::Closed`].
    pub fn close(&self) -> Answer<u64> {
        let (reply, answer) = oneshot::channel();
        self.queue(Queued::Close(reply), answer)
    }

    // ---- Reading ----------------------------------------------------------------------------

    /// All that is known of these accounts and, with an empty name, of everything: what an engine
    /// wants to know when it starts.
    pub fn remember(&self, accounts: Vec<String>) -> Answer<BTreeMap<String, AccountHistory>> {
        self.read(|history| history.remember(accounts))
    }

    /// As [`History::past`].
    pub fn past(&self, account: &str) -> Answer<Past> {
        let account = account.to_owned();
        self.read(move |history| history.past(&account))
    }

    /// As [`History::page`].
    pub fn page(
        &self,
        account: Option<&str>,
        since: Option<Timestamp>,
        before: Option<i64>,
        limit: u32,
    ) -> Answer<Vec<Poke>> {
        let account = account.map(str::to_owned);
        self.read(move |history| history.page(account.as_deref(), since, before, limit))
    }

    /// As [`History::poke`].
    pub fn poke(&self, id: i64) -> Answer<Option<Poke>> {
        self.read(move |history| history.poke(id))
    }

    /// As [`History::days`].
    pub fn days(&self, account: Option<&str>, from: Date, to: Date) -> Answer<Vec<Day>> {
        let account = account.map(str::to_owned);
        self.read(move |history| history.days(account.as_deref(), from, to))
    }

    /// As [`History::day_of`].
    #[must_use]
    pub fn day_of(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// As [`History::state`].
    pub fn state<T>(&self, account: &str, key: &str) -> Answer<Option<T>>
    where
        T: DeserializeOwned + Send + 'static,
    {
        let (account, key) = (account.to_owned(), key.to_owned());
        self.read(move |history| {
            let state = history.state(&account, &key)?;
            Ok(state.and_then(|state| state.read(&key)))
        })
    }

    /// As [`History::pauses`].
    pub fn pauses(&self) -> Answer<Vec<String>> {
        self.read(|history| {
            let paused = history.states()?.into_keys();
            let paused = paused.filter(|(_, key)| key.is_none());
            Ok(paused.map(|(account, _)| account).collect())
        })
    }

    /// Says how long others that write the file are waited for: SQLite waits in the time of the
    /// machine, which no test holds still.
    #[cfg(test)]
    pub(crate) fn set_patience(&self, patience: Duration) -> Answer<()> {
        self.read(move |history| history.file.set_patience(patience))
    }

    // ---- The queue --------------------------------------------------------------------------

    fn plain_change(
        &self,
        change: impl FnOnce(&mut BufferedHistory) + Send + 'static,
    ) -> Answer<()> {
        let change = move |history: &mut BufferedHistory| {
            change(history);
            Ok(())
        };
        self.change(change, |_, ()| ())
    }

    /// Queues a change; `settle` makes its answer from what it gave, once it is written or waits.
    fn change<T: Send + 'static>(
        &self,
        change: impl FnOnce(&mut BufferedHistory) -> Result<T, HistoryError> + Send + 'static,
        settle: fn(&mut BufferedHistory, T) -> T,
    ) -> Answer<T> {
        let (reply, answer) = oneshot::channel();
        let change = move |history: &mut BufferedHistory| -> Reply {
            let changed = change(history);
            Box::new(move |history| {
                // The caller may not wait for it.
                let _ = reply.send(changed.map(|changed| settle(history, changed)));
            })
        };
        self.queue(Queued::Change(Box::new(change)), answer)
    }

    fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut BufferedHistory) -> Result<T, HistoryError> + Send + 'static,
    ) -> Answer<T> {
        let (reply, answer) = oneshot::channel();
        let read = move |history: &mut BufferedHistory| drop(reply.send(read(history)));
        self.queue(Queued::Read(Box::new(read)), answer)
    }

    fn queue<T>(
        &self,
        queued: Queued,
        answer: oneshot::Receiver<Result<T, HistoryError>>,
    ) -> Answer<T> {
        // Where the writer has ended, the other end of the answer goes with what was queued.
        let _ = self.queue.send(queued);
        Answer(answer)
    }
}

/// Carries out what is queued until it is closed, or every handle is gone.
async fn run(
    mut history: BufferedHistory,
    mut queue: mpsc::UnboundedReceiver<Queued>,
) -> Result<(), JoinError> {
    let mut again_at = Instant::now() + AGAIN;
    loop {
        let mut batch = Vec::new();
        let waits = history.waits();
        tokio::select! {
            received = queue.recv_many(&mut batch, AT_ONCE) => {
                if received == 0 {
                    batch.push(Queued::Close(oneshot::channel().0));
                }
            }
            () = sleep_until(again_at), if waits => {}
        }
        if !waits || again_at <= Instant::now() {
            again_at = Instant::now() + AGAIN;
            history.is_due |= waits;
        }
        match spawn_blocking(|| carry_out(history, batch)).await? {
            Some(after) => history = after,
            None => return Ok(()),
        }
    }
}

/// Carries out a batch; gives the history back unless it was closed.
fn carry_out(mut history: BufferedHistory, batch: Vec<Queued>) -> Option<BufferedHistory> {
    let mut replies = Vec::new();
    let write = |history: &mut BufferedHistory, replies: &mut Vec<Reply>| {
        history.write();
        for reply in replies.drain(..) {
            reply(history);
        }
    };
    for queued in batch {
        match queued {
            Queued::Change(change) => replies.push(change(&mut history)),
            // What it gives may be told: it is written first.
            Queued::Read(read) => {
                write(&mut history, &mut replies);
                read(&mut history);
            }
            Queued::Close(reply) => {
                write(&mut history, &mut replies);
                let lost = flush(&mut history);
                // Its file is closed before that is said.
                drop(history);
                let _ = reply.send(Ok(lost));
                return None;
            }
        }
    }
    write(&mut history, &mut replies);
    Some(history)
}

/// Tries to write what waits; gives how many pokes wait on.
fn flush(history: &mut BufferedHistory) -> u64 {
    history.is_due = history.waits();
    history.write();
    history.waiting_pokes()
}

#[cfg(test)]
mod tests;
