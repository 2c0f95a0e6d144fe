//! The history: every poke with its report and dialogue, in SQLite, and the pauses that outlive the
//! program. Each poke is on the disk before anyone is told of it.

use std::{
    fs, io,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use rusqlite::{
    Connection, OptionalExtension, Row, Transaction, TransactionBehavior, named_params, params,
};

use crate::api::Poke;

/// How long pokes are kept.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(400 * 24);
/// How many pokes are kept at most.
const KEPT_AT_MOST: i64 = 200_000;
/// After so many new pokes the old ones are looked at.
const PRUNED_EVERY: i64 = 500;
/// How long others that open it at the same time are waited for.
const OPENING: Duration = Duration::from_secs(5);
/// The layout of the tables, in SQLite's `user_version`.
const VERSION: i64 = 1;

/// What kept the history from its work.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// SQLite.
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A row whose JSON this version does not read.
    #[error("a row cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// The disk.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file is of a later version.
    #[error("the file is of a later version ({0})")]
    Version(i64),
}

/// What the history knows of one account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    /// The last poke, without its dialogue.
    pub last: Option<Poke>,
    /// When one last worked.
    pub last_success_at: Option<Timestamp>,
    /// How many since then did not.
    pub failures: u32,
}

/// The open history.
#[derive(Debug)]
pub struct History {
    connection: Connection,
}

impl History {
    /// Opens it, or makes it. A file that is no database, or a damaged one, is put aside and a new
    /// one begun; the second value is where it went.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn open(path: &Path) -> Result<(Self, Option<PathBuf>), HistoryError> {
        match Self::open_as_is(path) {
            Err(HistoryError::Sqlite(error)) if is_damage(&error) => {
                let aside = put_aside(path)?;
                tracing::warn!(?aside, %error, "the history was damaged and has been put aside");
                Ok((Self::open_as_is(path)?, Some(aside)))
            }
            opened => opened.map(|history| (history, None)),
        }
    }

    /// A history in memory, for what is to leave nothing behind.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn in_memory() -> Result<Self, HistoryError> {
        Self::prepare(Connection::open_in_memory()?)
    }

    fn open_as_is(path: &Path) -> Result<Self, HistoryError> {
        let give_up = Instant::now() + OPENING;
        loop {
            match Self::prepare(Connection::open(path)?) {
                // SQLite waits for others by itself, but not where the log is turned on.
                Err(HistoryError::Sqlite(error)) if is_busy(&error) && Instant::now() < give_up => {
                    thread::sleep(Duration::from_millis(5));
                }
                prepared => return prepared,
            }
        }
    }

    fn prepare(connection: Connection) -> Result<Self, HistoryError> {
        // With the log written ahead a kill at any instant leaves the last whole state.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        // A few pages are plenty for a row at a time; the default is 2 MB.
        connection.pragma_update(None, "cache_size", -256)?;
        let version = |connection: &Connection| {
            connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))
        };
        if version(&connection)? == 0 {
            // Several commands may find it new at once: the first makes it, the others see that.
            let making = Transaction::new_unchecked(&connection, TransactionBehavior::Immediate)?;
            if version(&making)? == 0 {
                making.execute_batch(
                    "CREATE TABLE poke (
                         id INTEGER PRIMARY KEY AUTOINCREMENT,
                         account TEXT NOT NULL,
                         started_at INTEGER NOT NULL, -- milliseconds since 1970, UTC
                         worked INTEGER NOT NULL,
                         report TEXT NOT NULL,        -- api::Poke in JSON, without its dialogue
                         dialogue TEXT NOT NULL       -- its dialogue in JSON
                     );
                     CREATE INDEX poke_of_account ON poke (account, id);
                     CREATE INDEX poke_worked ON poke (account, worked, id);
                     CREATE TABLE pause (account TEXT PRIMARY KEY); -- '' pauses everything
                     PRAGMA user_version = 1;",
                )?;
            }
            making.commit()?;
        }
        match version(&connection)? {
            VERSION => {}
            later => return Err(HistoryError::Version(later)),
        }
        Ok(Self { connection })
    }

    /// Adds a poke; gives its id.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn add(&self, poke: &Poke) -> Result<i64, HistoryError> {
        let dialogue = serde_json::to_string(&poke.dialogue)?;
        // The explanation is made anew in the language of whoever reads it.
        let report = Poke {
            dialogue: Vec::new(),
            explanation: String::new(),
            ..poke.clone()
        };
        self.connection.prepare_cached(
            "INSERT INTO poke (account, started_at, worked, report, dialogue) VALUES (?1, ?2, ?3, ?4, ?5)",
        )?.execute(params![
            poke.account,
            poke.started_at.as_millisecond(),
            poke.outcome.is_success(),
            serde_json::to_string(&report)?,
            dialogue,
        ])?;
        let id = self.connection.last_insert_rowid();
        if id % PRUNED_EVERY == 0 {
            self.prune(poke.started_at)?;
        }
        Ok(id)
    }

    /// Removes what is older than the limit or beyond the number.
    fn prune(&self, now: Timestamp) -> Result<(), HistoryError> {
        let oldest = (now - KEPT_FOR).as_millisecond();
        let removed = self.connection.execute(
            "DELETE FROM poke WHERE started_at < ?1
             OR id <= (SELECT id FROM poke ORDER BY id DESC LIMIT 1 OFFSET ?2)",
            params![oldest, KEPT_AT_MOST],
        )?;
        tracing::debug!(removed, "old pokes removed from the history");
        Ok(())
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
            last: last.map(read).transpose()?,
            last_success_at: success.and_then(|(_, at)| Timestamp::from_millisecond(at).ok()),
            failures,
        })
    }

    /// Pokes without their dialogues, newest first: see [`crate::api::Request::History`].
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
        let which = if account.is_some() {
            "account = :account"
        } else {
            ":account IS NULL"
        };
        let mut query = self.connection.prepare_cached(&format!(
            "SELECT id, account, report FROM poke WHERE {which} AND id < :before AND started_at >= :since
             ORDER BY id DESC LIMIT :limit"
        ))?;
        let rows = query.query_map(
            named_params! {
                ":account": account,
                ":before": before.unwrap_or(i64::MAX),
                ":since": since.map_or(i64::MIN, Timestamp::as_millisecond),
                ":limit": limit,
            },
            raw,
        )?;
        rows.map(|row| read(row?)).collect()
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
        let Some((row, dialogue)) = found else {
            return Ok(None);
        };
        let mut poke = read(row)?;
        poke.dialogue = serde_json::from_str(&dialogue)?;
        Ok(Some(poke))
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

    /// Notes that an account, or everything (an empty name), is paused or is not.
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

    /// An account has a new name: its pokes and its pause go with it.
    ///
    /// # Errors
    /// [`HistoryError`].
    pub fn rename(&self, from: &str, to: &str) -> Result<(), HistoryError> {
        self.connection.execute(
            "UPDATE poke SET account = ?2 WHERE account = ?1",
            [from, to],
        )?;
        self.connection.execute(
            "UPDATE OR REPLACE pause SET account = ?2 WHERE account = ?1",
            [from, to],
        )?;
        Ok(())
    }
}

/// A row as it stands: its id, account and report.
type Raw = (i64, String, String);

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?))
}

fn read((id, account, json): Raw) -> Result<Poke, HistoryError> {
    Ok(Poke {
        id,
        // Not as in the report: the account may have been renamed since.
        account,
        ..serde_json::from_str(&json)?
    })
}

fn is_busy(error: &rusqlite::Error) -> bool {
    error.sqlite_error_code() == Some(rusqlite::ErrorCode::DatabaseBusy)
}

fn is_damage(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(
        error.sqlite_error_code(),
        Some(DatabaseCorrupt | NotADatabase)
    )
}

/// Moves the file, and what SQLite keeps beside it, out of the way.
fn put_aside(path: &Path) -> io::Result<PathBuf> {
    let stamp = Timestamp::now().as_second();
    let aside = path.with_extension(format!("damaged-{stamp}.sqlite"));
    fs::rename(path, &aside)?;
    for suffix in ["-wal", "-shm"] {
        let mut beside = path.as_os_str().to_owned();
        beside.push(suffix);
        // What is not there need not go.
        let _ = fs::remove_file(beside);
    }
    Ok(aside)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::{DomainView, Trigger};
    use dequeue_smtp::{DialogueLine, Method, Outcome, Reason, Speaker};

    pub(crate) fn sample(account: &str, at: i64, worked: bool) -> Poke {
        let (outcome, reason) = if worked {
            (Outcome::Started, Reason::QueuingStarted)
        } else {
            (Outcome::Refused, Reason::Denied)
        };
        Poke {
            id: 0,
            account: account.into(),
            host: "bsmtp.example.org".into(),
            address: Some("192.0.2.25:25".into()),
            method: Method::Etrn,
            outcome,
            reason,
            code: Some(250),
            text: Some("Queuing started".into()),
            domains: vec![DomainView {
                domain: "example.org".into(),
                outcome,
                reason,
                pending: None,
                code: Some(250),
                enhanced: None,
                text: Some("Queuing started".into()),
            }],
            explanation: String::new(),
            trigger: Trigger::Schedule,
            started_at: Timestamp::from_second(at).unwrap(),
            duration_ms: 12,
            round_trips: 4,
            tls: None,
            seen_address: Some("198.51.100.7".parse().unwrap()),
            exit_status: 0,
            dialogue: vec![DialogueLine {
                from: Speaker::Provider,
                at_ms: 3,
                line: "220 hi".into(),
            }],
        }
    }

    #[test]
    fn pokes_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.sqlite");
        let (history, aside) = History::open(&path).unwrap();
        assert_eq!(aside, None);
        for (i, worked) in [true, false, false].into_iter().enumerate() {
            let at = 1000 + 100 * i64::try_from(i).unwrap();
            history.add(&sample("a", at, worked)).unwrap();
            history.add(&sample("b", at, true)).unwrap();
        }
        drop(history);
        let (history, _) = History::open(&path).unwrap();
        let whole = history.poke(1).unwrap().unwrap();
        assert_eq!(
            whole,
            Poke {
                id: 1,
                ..sample("a", 1000, true)
            }
        );
        assert_eq!(history.poke(99).unwrap(), None);
        let ids = |page: Vec<Poke>| page.iter().map(|poke| poke.id).collect::<Vec<_>>();
        assert_eq!(
            ids(history.page(Some("a"), None, None, 10).unwrap()),
            [5, 3, 1]
        );
        assert_eq!(ids(history.page(None, None, Some(4), 2).unwrap()), [3, 2]);
        let since = Timestamp::from_second(1200).unwrap();
        assert_eq!(
            ids(history.page(None, Some(since), None, 10).unwrap()),
            [6, 5]
        );
        assert!(
            history.page(None, None, None, 1).unwrap()[0]
                .dialogue
                .is_empty()
        );
        let past = history.past("a").unwrap();
        assert_eq!((past.failures, past.last.map(|p| p.id)), (2, Some(5)));
        assert_eq!(
            past.last_success_at,
            Some(Timestamp::from_second(1000).unwrap())
        );
        assert_eq!(history.past("nobody").unwrap(), Past::default());
        history.rename("a", "c").unwrap();
        let past = history.past("c").unwrap();
        assert_eq!(past.failures, 2);
        assert_eq!(past.last.unwrap().account, "c");
        let renamed = history.page(Some("c"), None, None, 10).unwrap();
        assert!(renamed.iter().all(|poke| poke.account == "c"));
        assert_eq!(history.poke(1).unwrap().unwrap().account, "c");
    }

    #[test]
    fn pauses_outlive_the_program() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.sqlite");
        let (history, _) = History::open(&path).unwrap();
        history.set_paused("a", true).unwrap();
        history.set_paused("a", true).unwrap();
        history.set_paused("", true).unwrap();
        history.set_paused("", false).unwrap();
        drop(history);
        assert_eq!(History::open(&path).unwrap().0.pauses().unwrap(), ["a"]);
    }

    #[test]
    fn a_damaged_file_is_put_aside() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.sqlite");
        fs::write(
            &path,
            "this is no database, whatever its name says".repeat(100),
        )
        .unwrap();
        let (history, aside) = History::open(&path).unwrap();
        assert!(aside.is_some_and(|aside| aside.exists()));
        assert_eq!(history.add(&sample("a", 1, true)).unwrap(), 1);
    }

    #[test]
    fn old_pokes_go() {
        let history = History::in_memory().unwrap();
        let now = 2_000_000_000;
        history.add(&sample("a", now - 401 * 86_400, true)).unwrap();
        history.add(&sample("a", now, true)).unwrap();
        history.prune(Timestamp::from_second(now).unwrap()).unwrap();
        assert_eq!(history.page(None, None, None, 10).unwrap().len(), 1);
    }

    #[test]
    fn several_that_find_it_new_at_once_all_open_it() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("history.sqlite");
            let start = std::sync::Barrier::new(6);
            std::thread::scope(|threads| {
                for _ in 0..6 {
                    threads.spawn(|| {
                        start.wait();
                        let (history, aside) = History::open(&path).unwrap();
                        assert_eq!(aside, None);
                        assert_eq!(history.page(None, None, None, 1).unwrap(), []);
                    });
                }
            });
        }
    }
}
