//! The history's file, or one in memory: SQLite, opened, read and written.

use std::{
    fs, mem,
    ops::Deref,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use dequeue_core::{
    day::{ArrivedAmount, Day, Past},
    record::Poke,
    settings::keep::Keep,
};
use dequeue_platform::files;
use dequeue_smtp::Outcome;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, named_params, params};
use serde::{Serialize, de::DeserializeOwned};

use super::{day, fault::HistoryError, retention, state::State, tables};

/// How long others that open or write it at the same time are waited for.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// No poke takes longer.
const LONGEST_POKE_MS: i64 = 86_400_000;

/// The open history.
#[derive(Debug)]
pub struct History {
    pub(super) connection: Connection,
    /// Its file; `None` in memory.
    pub(super) path: Option<PathBuf>,
    pub(super) keep: Keep,
    /// Whose days the figures are of.
    pub(super) zone: TimeZone,
    /// Which file it was when it was opened, and which its log.
    pub(super) identity: (Identity, Identity),
}

impl History {
    /// Opens it, or makes it. A file that is no database, or a damaged one, is put aside and a new
    /// one begun; the second value is where it went, for [`put_aside_sentence`](super::put_aside_sentence).
    ///
    /// Damage deeper in the file shows only when it is read or written, as a
    /// [`HistoryError::is_damage`]: then there is [`History::begin_anew`].
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn open(path: &Path) -> Result<(Self, Option<PathBuf>), HistoryError> {
        Self::open_or_anew(path, false, PATIENCE)
    }

    /// As [`History::open`], with all of the file looked at first. That reads all of it, some
    /// tenths of a second for 100 MB: for an engine that is to run for long, not for one command.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn open_checked(path: &Path) -> Result<(Self, Option<PathBuf>), HistoryError> {
        Self::open_or_anew(path, true, PATIENCE)
    }

    /// As [`History::open`], with others waited for no longer than `patience`, now and later.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub(super) fn open_within(
        path: &Path,
        patience: Duration,
    ) -> Result<(Self, Option<PathBuf>), HistoryError> {
        Self::open_or_anew(path, false, patience)
    }

    /// A history in memory that others of this name in this process share, as long as one of them
    /// is open: for a simulation whose engines end and begin again.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn in_shared_memory(name: &str) -> Result<Self, HistoryError> {
        let shared = format!("file:{name}?mode=memory&cache=shared");
        Self::prepare(Connection::open(shared)?, None)
    }

    /// A history in memory, for what is to leave nothing behind.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn in_memory() -> Result<Self, HistoryError> {
        Self::prepare(Connection::open_in_memory()?, None)
    }

    /// Opens it to be read only, as on a disk that cannot be written.
    pub(super) fn open_to_read(path: &Path) -> Result<Self, HistoryError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
            | OpenFlags::SQLITE_OPEN_NO_MUTEX
            | OpenFlags::SQLITE_OPEN_URI;
        let opened = |address: &Path| -> Result<Self, HistoryError> {
            let connection = Connection::open_with_flags(address, flags)?;
            tables::can_be_read(&connection)?;
            Ok(Self::of(connection, None))
        };
        // What SQLite keeps beside the file has to be there already; where it is not, nobody writes
        // the file, and it can be read as one that does not change.
        opened(path).or_else(|_| opened(&as_unchanging(path)))
    }

    fn open_or_anew(
        path: &Path,
        check: bool,
        patience: Duration,
    ) -> Result<(Self, Option<PathBuf>), HistoryError> {
        let opened = Self::open_as_is(path, patience).and_then(|history| {
            if check {
                tables::check(&history.connection)?;
            }
            Ok(history)
        });
        match opened {
            Err(error) if error.is_damage() => {
                let aside = put_aside(path)?;
                tracing::warn!(?aside, %error, "the history was damaged and has been put aside");
                Ok((Self::open_as_is(path, patience)?, Some(aside)))
            }
            opened => opened.map(|history| (history, None)),
        }
    }

    fn open_as_is(path: &Path, patience: Duration) -> Result<Self, HistoryError> {
        // SQLite would make one that others may read, in a folder that others may enter. What it
        // keeps beside it has the same access.
        let _ = files::create(path);
        let give_up = Instant::now() + patience;
        loop {
            let connection = Connection::open(path)?;
            connection.busy_timeout(patience)?;
            match Self::prepare(connection, Some(path)) {
                // SQLite waits for others by itself, but not where the log is turned on.
                Err(error) if error.is_busy() && Instant::now() < give_up => {
                    thread::sleep(Duration::from_millis(5));
                }
                prepared => return prepared,
            }
        }
    }

    fn prepare(connection: Connection, path: Option<&Path>) -> Result<Self, HistoryError> {
        let zone = TimeZone::system();
        tables::prepare(&connection, &zone)?;
        Ok(Self {
            zone,
            ..Self::of(connection, path)
        })
    }

    fn of(connection: Connection, path: Option<&Path>) -> Self {
        Self {
            connection,
            path: path.map(Path::to_owned),
            keep: Keep::default(),
            zone: TimeZone::system(),
            identity: path.map(identities).unwrap_or_default(),
        }
    }

    /// Says what is kept from now on.
    pub fn set_keep(&mut self, keep: Keep) {
        self.keep = keep;
    }

    /// After [`HistoryError::is_damage`]: puts the file aside and begins a new one. Gives where it
    /// went; `None` for one in memory.
    ///
    /// # Errors
    /// [`HistoryError`]; until this has worked nothing is kept beyond the program's end.
    pub fn begin_anew(&mut self) -> Result<Option<PathBuf>, HistoryError> {
        let fresh = Self::in_memory()?;
        // Closed first: Windows moves no file that is open.
        self.connection = fresh.connection;
        let Some(path) = self.path.clone() else {
            return Ok(None);
        };
        let aside = put_aside(&path)?;
        tracing::warn!(?aside, "the history was damaged and has been put aside");
        let fresh = Self::open_as_is(&path, PATIENCE)?;
        self.connection = fresh.connection;
        self.identity = fresh.identity;
        Ok(Some(aside))
    }

    /// Says how long others that write it are waited for from now on.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub(super) fn set_patience(&self, patience: Duration) -> Result<(), HistoryError> {
        Ok(self.connection.busy_timeout(patience)?)
    }

    /// Whether its file is gone, or another stands in its place: SQLite would go on writing into
    /// what nobody finds any more. Windows lets nobody take it away while it is open.
    pub(super) fn has_moved(&self) -> bool {
        let path = self.path.as_deref();
        path.is_some_and(|path| identity(path) != self.identity.0)
    }

    /// Closes it. What SQLite kept beside a file that [`History::has_moved`] goes: it would be taken
    /// for part of the one that is there now.
    pub(super) fn close(self) {
        let path = self.path.clone().filter(|_| self.has_moved());
        let log = self.identity.1;
        drop(self);
        if let Some(path) = path.filter(|path| identities(path).1 == log) {
            // What is not there need not go.
            let _ = fs::remove_file(beside(&path, "-wal"));
            let _ = fs::remove_file(beside(&path, "-shm"));
        }
    }

    /// Adds a poke; gives its id. With it its day's figures.
    ///
    /// # Errors
    /// [`HistoryError`]; nothing was added.
    pub fn add(&self, poke: &Poke) -> Result<i64, HistoryError> {
        self.add_with(poke, ArrivedAmount::default())
    }

    /// Adds a poke, and what is known already to have arrived by it; gives its id.
    ///
    /// # Errors
    /// [`HistoryError`]; nothing was added.
    pub fn add_with(&self, poke: &Poke, arrived: ArrivedAmount) -> Result<i64, HistoryError> {
        let id = self.insert(&PokeRow::of(poke.clone())?, arrived)?;
        self.tidy(id, id, poke.started_at);
        Ok(id)
    }

    /// Adds a poke and its day's figures. Nothing that is too old goes.
    ///
    /// # Errors
    /// [`HistoryError`]; nothing was added.
    pub(super) fn insert(
        &self,
        poke: &PokeRow,
        arrived: ArrivedAmount,
    ) -> Result<i64, HistoryError> {
        let adding = self.begin()?;
        adding
            .prepare_cached(
                "INSERT INTO poke (account, started_at, worked, report, dialogue)
                 VALUES (?1, ?2, ?3, ?4, ?5)",
            )?
            .execute(params![
                poke.account,
                poke.started_at.as_millisecond(),
                poke.worked,
                poke.report,
                poke.dialogue,
            ])?;
        let id = adding.last_insert_rowid();
        day::count(
            &adding,
            &poke.account,
            self.day_of(poke.started_at),
            &day::Count::one(poke.outcome, poke.duration_ms).with(arrived),
        )?;
        adding.commit()?;
        Ok(id)
    }

    /// With the pokes `first` to `newest`, which are on the disk: now and then removes what is too
    /// old or too much. That it cannot be removed takes nothing from them.
    pub(super) fn tidy(&self, first: i64, newest: i64, now: Timestamp) {
        let (connection, keep, zone) = (&self.connection, self.keep, &self.zone);
        if let Err(error) = retention::tidy(connection, keep, zone, first..=newest, now) {
            tracing::warn!(%error, "old pokes could not be removed from the history");
        }
    }

    /// Completes a poke: `change` gets it whole, `arrived` is what has arrived by it on top of what
    /// was known. Gives the poke as it is now, or `None` where there is none with this id. Its id and
    /// its account stay as they are.
    ///
    /// # Errors
    /// [`HistoryError`]; nothing was changed.
    pub fn update(
        &self,
        id: i64,
        arrived: ArrivedAmount,
        change: impl FnOnce(&mut Poke),
    ) -> Result<Option<Poke>, HistoryError> {
        let updating = self.begin()?;
        let Some(before) = self.poke(id)? else {
            return Ok(None);
        };
        let mut poke = before.clone();
        change(&mut poke);
        poke.id = id;
        poke.account.clone_from(&before.account);
        poke.started_at = before.started_at;
        let row = PokeRow::of(poke.clone())?;
        updating
            .prepare_cached(
                "UPDATE poke SET worked = ?2, report = ?3, dialogue = ?4 WHERE id = ?1",
            )?
            .execute(params![id, row.worked, row.report, row.dialogue])?;
        day::count(
            &updating,
            &poke.account,
            self.day_of(poke.started_at),
            &day::Count::one(poke.outcome, poke.duration_ms)
                .with(arrived)
                .instead_of(&before),
        )?;
        updating.commit()?;
        Ok(Some(poke))
    }

    /// What is known of an account.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn past(&self, account: &str) -> Result<Past, HistoryError> {
        let last = self
            .connection
            .prepare_cached(
                "SELECT id, account, report FROM poke WHERE account = ?1 ORDER BY id DESC LIMIT 1",
            )?
            .query_row([account], raw)
            .optional()?;
        let success: Option<(i64, i64)> = self
            .connection
            .prepare_cached(
                "SELECT id, started_at FROM poke WHERE account = ?1 AND worked = 1 ORDER BY id DESC LIMIT 1",
            )?
            .query_row([account], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let failures = self
            .connection
            .prepare_cached(
                "SELECT count(*) FROM poke WHERE account = ?1 AND worked = 0 AND id > ?2",
            )?
            .query_row(params![account, success.map_or(0, |(id, _)| id)], |row| {
                row.get(0)
            })?;
        Ok(Past {
            last: last.and_then(read),
            last_success_at: success.and_then(|(_, at)| Timestamp::from_millisecond(at).ok()),
            failures,
            latest_day: day::latest(&self.connection, account)?,
        })
    }

    /// Pokes without their dialogues, newest first: see [`dequeue_api::Request::History`]. It takes
    /// as long at row ten million as at row ten. One that this version cannot read is left out.
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
        let since = since.map(Timestamp::as_millisecond);
        let after = match since {
            Some(since) => self.last_ended_before(since)?,
            None => 0,
        };
        let mut query = self
            .connection
            .prepare_cached(page_query(account.is_some()))?;
        let rows = query.query_map(
            named_params! {
                ":account": account,
                ":before": before.unwrap_or(i64::MAX),
                ":after": after,
                ":since": since.unwrap_or(i64::MIN),
                ":limit": limit,
            },
            raw,
        )?;
        let mut pokes = Vec::new();
        for row in rows {
            pokes.extend(read(row?));
        }
        Ok(pokes)
    }

    /// The id of a poke that had ended by then, not long before; 0 where there is none. Ids are in
    /// the order of the pokes' ends, so that all that began since have higher ones. Without such a
    /// place to stop at, a page would look through all that is older for the last few.
    fn last_ended_before(&self, moment: i64) -> Result<i64, HistoryError> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT id FROM poke WHERE started_at < ?1 ORDER BY started_at DESC LIMIT 1",
            )?
            .query_row([moment.saturating_sub(LONGEST_POKE_MS)], |row| row.get(0))
            .optional()?;
        Ok(found.unwrap_or(0))
    }

    /// One poke with its dialogue.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn poke(&self, id: i64) -> Result<Option<Poke>, HistoryError> {
        let found = self
            .connection
            .prepare_cached("SELECT id, account, report, dialogue FROM poke WHERE id = ?1")?
            .query_row([id], |row| Ok((raw(row)?, row.get::<_, String>(3)?)))
            .optional()?;
        let Some(((id, account, report), dialogue)) = found else {
            return Ok(None);
        };
        Ok(Some(Poke {
            id,
            account,
            dialogue: serde_json::from_str(&dialogue)?,
            ..serde_json::from_str(&report)?
        }))
    }

    /// What each day came to, oldest first, of one account or of all together, both ends included.
    /// A day without anything is left out.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn days(
        &self,
        account: Option<&str>,
        from: Date,
        to: Date,
    ) -> Result<Vec<Day>, HistoryError> {
        day::read(&self.connection, account, from, to)
    }

    /// The day that a moment belongs to in the figures: this machine's, by its own calendar.
    #[must_use]
    pub fn day_of(&self, at: Timestamp) -> Date {
        self.zone.to_datetime(at).date()
    }

    /// A state of an account under a key; an empty account stands for everything.
    /// `None` also where it is of a shape that this version does not read.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn state<T: DeserializeOwned>(
        &self,
        account: &str,
        key: &str,
    ) -> Result<Option<T>, HistoryError> {
        let state = self.state_as_kept(account, key)?;
        Ok(state.and_then(|state| state.read(key)))
    }

    /// As [`History::state`], whatever its shape.
    pub(super) fn state_as_kept(
        &self,
        account: &str,
        key: &str,
    ) -> Result<Option<State>, HistoryError> {
        Ok(self
            .connection
            .prepare_cached("SELECT value FROM state WHERE account = ?1 AND key = ?2")?
            .query_row([account, key], |row| Ok(State(row.get(0)?)))
            .optional()?)
    }

    /// All states: each with its account, empty for everything, and its key.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub(super) fn states(&self) -> Result<Vec<(String, String, State)>, HistoryError> {
        let mut query = self
            .connection
            .prepare_cached("SELECT account, key, value FROM state")?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, State(row.get(2)?))))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Sets a state of an account, which is something small, or removes it.
    ///
    /// # Errors
    /// [`HistoryError`]; the state is as it was.
    pub fn set_state<T: Serialize>(
        &self,
        account: &str,
        key: &str,
        value: Option<&T>,
    ) -> Result<(), HistoryError> {
        let state = value.map(State::of).transpose()?;
        self.keep_state(account, key, state.as_ref())
    }

    /// As [`History::set_state`].
    pub(super) fn keep_state(
        &self,
        account: &str,
        key: &str,
        state: Option<&State>,
    ) -> Result<(), HistoryError> {
        match state {
            Some(state) => self
                .connection
                .prepare_cached(
                    "INSERT INTO state (account, key, value) VALUES (?1, ?2, ?3)
                     ON CONFLICT DO UPDATE SET value = excluded.value WHERE value <> excluded.value",
                )?
                .execute([account, key, &state.0])?,
            None => self
                .connection
                .prepare_cached("DELETE FROM state WHERE account = ?1 AND key = ?2")?
                .execute([account, key])?,
        };
        Ok(())
    }

    /// An account has been removed: its pause and its states go, its pokes and figures stay.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn forget(&self, account: &str) -> Result<(), HistoryError> {
        let forgetting = self.begin()?;
        forgetting.execute("DELETE FROM pause WHERE account = ?1", [account])?;
        forgetting.execute("DELETE FROM state WHERE account = ?1", [account])?;
        forgetting.commit()?;
        Ok(())
    }

    /// The accounts that are paused; an empty name stands for everything.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn pauses(&self) -> Result<Vec<String>, HistoryError> {
        let mut query = self.connection.prepare("SELECT account FROM pause")?;
        let rows = query.query_map([], |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Pauses or resumes an account, or with an empty name everything.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn set_paused(&self, account: &str, paused: bool) -> Result<(), HistoryError> {
        let query = if paused {
            "INSERT OR IGNORE INTO pause (account) VALUES (?1)"
        } else {
            "DELETE FROM pause WHERE account = ?1"
        };
        self.connection.execute(query, [account])?;
        Ok(())
    }

    /// An account has a new name: all that is known of it goes with it. Where pokes of a removed
    /// account have that name already, both are one from now on.
    ///
    /// # Errors
    /// [`HistoryError`]; nothing was changed.
    pub fn rename(&self, from: &str, to: &str) -> Result<(), HistoryError> {
        if from == to {
            return Ok(());
        }
        let renaming = self.begin()?;
        for query in [
            "UPDATE poke SET account = ?2 WHERE account = ?1",
            "UPDATE OR REPLACE pause SET account = ?2 WHERE account = ?1",
            "UPDATE OR REPLACE state SET account = ?2 WHERE account = ?1",
        ] {
            renaming.execute(query, [from, to])?;
        }
        day::rename(&renaming, from, to)?;
        renaming.commit()?;
        Ok(())
    }

    /// Begins a change that is made whole or not at all.
    pub(super) fn begin(&self) -> Result<Atomic<'_>, HistoryError> {
        let is_part = !self.connection.is_autocommit();
        let begin = if is_part {
            "SAVEPOINT part"
        } else {
            "BEGIN IMMEDIATE"
        };
        self.connection.execute_batch(begin)?;
        Ok(Atomic {
            connection: &self.connection,
            is_part,
            is_over: false,
        })
    }
}

/// A change that is made whole or not at all: a transaction, or within one a part of it that can
/// fail by itself. Dropped before [`Atomic::commit`], it has changed nothing.
pub(super) struct Atomic<'a> {
    connection: &'a Connection,
    is_part: bool,
    is_over: bool,
}

impl Atomic<'_> {
    pub(super) fn commit(mut self) -> Result<(), HistoryError> {
        let commit = if self.is_part {
            "RELEASE part"
        } else {
            "COMMIT"
        };
        self.connection.execute_batch(commit)?;
        self.is_over = true;
        Ok(())
    }
}

impl Deref for Atomic<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection
    }
}

impl Drop for Atomic<'_> {
    fn drop(&mut self) {
        if self.is_over {
            return;
        }
        let undo = if self.is_part {
            "ROLLBACK TO part; RELEASE part"
        } else {
            "ROLLBACK"
        };
        // After some faults SQLite has rolled all of it back already.
        let _ = self.connection.execute_batch(undo);
    }
}

pub(super) const fn page_query(of_one: bool) -> &'static str {
    if of_one {
        "SELECT id, account, report FROM poke
         WHERE account = :account AND id < :before AND id > :after AND started_at >= :since
         ORDER BY id DESC LIMIT :limit"
    } else {
        "SELECT id, account, report FROM poke
         WHERE :account IS NULL AND id < :before AND id > :after AND started_at >= :since
         ORDER BY id DESC LIMIT :limit"
    }
}

/// A poke as its row keeps it.
pub(super) struct PokeRow {
    pub(super) account: String,
    pub(super) started_at: Timestamp,
    pub(super) outcome: Outcome,
    pub(super) duration_ms: u32,
    worked: i64,
    /// The poke without its dialogue, in JSON.
    report: Box<str>,
    /// The same of its dialogue.
    dialogue: Box<str>,
}

impl PokeRow {
    pub(super) fn of(mut poke: Poke) -> Result<Self, HistoryError> {
        let dialogue = mem::take(&mut poke.dialogue);
        Ok(Self {
            report: serde_json::to_string(&poke)?.into(),
            dialogue: serde_json::to_string(&dialogue)?.into(),
            started_at: poke.started_at,
            outcome: poke.outcome,
            duration_ms: poke.duration_ms,
            worked: tables::worked(&poke),
            account: poke.account,
        })
    }

    /// The octets of what may be large in it.
    pub(super) const fn octets(&self) -> usize {
        self.report.len() + self.dialogue.len()
    }

    /// The poke without its dialogue.
    pub(super) fn report(&self) -> Result<Poke, HistoryError> {
        Ok(Poke {
            account: self.account.clone(),
            ..serde_json::from_str(&self.report)?
        })
    }

    /// The whole poke.
    pub(super) fn poke(&self) -> Result<Poke, HistoryError> {
        Ok(Poke {
            dialogue: serde_json::from_str(&self.dialogue)?,
            ..self.report()?
        })
    }
}

/// A row as it stands: its id, account and report.
type Raw = (i64, String, String);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

/// `None` where a later version wrote it in a shape of its own: one such row hides no other.
fn read((id, account, json): Raw) -> Option<Poke> {
    let report: Poke = serde_json::from_str(&json)
        .inspect_err(|error| tracing::warn!(id, %error, "a poke of the history cannot be read"))
        .ok()?;
    Some(Poke {
        id,
        // Not as in the report: the account may have been renamed since.
        account,
        ..report
    })
}

/// What SQLite keeps beside a file.
fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut beside = path.as_os_str().to_owned();
    beside.push(suffix);
    beside.into()
}

/// What tells a file from another at the same place: its device and number. Nothing where there is no
/// file, and on Windows.
pub(super) type Identity = Option<(u64, u64)>;

fn identities(path: &Path) -> (Identity, Identity) {
    (identity(path), identity(&beside(path, "-wal")))
}

#[cfg(unix)]
fn identity(path: &Path) -> Identity {
    use std::os::unix::fs::MetadataExt;
    let file = fs::metadata(path).ok()?;
    Some((file.dev(), file.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Path) -> Identity {
    None
}

/// SQLite's address of a file that nobody changes (<https://sqlite.org/uri.html>).
fn as_unchanging(path: &Path) -> PathBuf {
    let mut address = "file:".to_owned();
    if cfg!(windows) {
        address.push('/');
    }
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'\\' if cfg!(windows) => address.push('/'),
            b'/' | b':' | b'-' | b'.' | b'_' => address.push(char::from(*byte)),
            byte if byte.is_ascii_alphanumeric() => address.push(char::from(*byte)),
            byte => address.push_str(&format!("%{byte:02X}")),
        }
    }
    address.push_str("?immutable=1");
    address.into()
}

/// Moves the file, and what SQLite keeps beside it, out of the way. The log beside it may hold
/// pokes that someone wants to look for.
fn put_aside(path: &Path) -> Result<PathBuf, HistoryError> {
    let stamp = Timestamp::now().as_second();
    let free = |number: u32| {
        let aside = path.with_extension(match number {
            0 => format!("damaged-{stamp}.sqlite"),
            number => format!("damaged-{stamp}-{number}.sqlite"),
        });
        (!aside.exists()).then_some(aside)
    };
    let aside = (0..100)
        .find_map(free)
        .ok_or(std::io::ErrorKind::AlreadyExists)
        .map_err(std::io::Error::from)?;
    fs::rename(path, &aside)?;
    // What is not there need not go.
    let _ = fs::rename(beside(path, "-wal"), beside(&aside, "-wal"));
    let _ = fs::remove_file(beside(path, "-shm"));
    Ok(aside)
}
