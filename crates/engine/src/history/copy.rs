//! What another installation's history knows of its accounts comes into this one.

use std::{collections::BTreeMap, path::Path};

use rusqlite::{Connection, OpenFlags, params};

use super::{database::History, fault::HistoryError, tables};

/// Pokes that are written at once: others who write the file meanwhile wait for no more.
const AT_ONCE: i64 = 500;

impl History {
    /// Copies what the history `from` knows of these accounts, each under its new name: pokes with
    /// their dialogues, what the days came to, pauses, and what is noted of them. What has been copied
    /// before is not copied again, so that a copy that was cut off can be made anew. Gives how many
    /// pokes were new.
    ///
    /// The pokes stand behind those that are here already, in their own order.
    ///
    /// # Errors
    /// [`HistoryError`]; some may have been copied.
    pub fn copy_from(
        &self,
        from: &Path,
        names: &BTreeMap<String, String>,
    ) -> Result<u64, HistoryError> {
        let theirs = open(from)?;
        tables::can_be_read(&theirs)?;
        let mut copied = 0;
        for (old, new) in names {
            copied += self.copy_pokes(&theirs, old, new)?;
            self.copy_rest(&theirs, old, new)?;
        }
        Ok(copied)
    }

    fn copy_pokes(&self, theirs: &Connection, old: &str, new: &str) -> Result<u64, HistoryError> {
        let mut copied = 0;
        let mut after = 0;
        let mut page = theirs.prepare(
            "SELECT id, started_at, worked, report, dialogue FROM poke
             WHERE account = ?1 AND id > ?2 ORDER BY id LIMIT ?3",
        )?;
        loop {
            let writing = self.begin()?;
            let mut insert = writing.prepare_cached(
                "INSERT INTO poke (account, started_at, worked, report, dialogue)
                 SELECT ?1, ?2, ?3, ?4, ?5 WHERE NOT EXISTS (
                     SELECT 1 FROM poke WHERE account = ?1 AND started_at = ?2 AND report = ?4)",
            )?;
            let mut rows = page.query(params![old, after, AT_ONCE])?;
            let mut is_end = true;
            while let Some(row) = rows.next()? {
                is_end = false;
                after = row.get(0)?;
                let (at, worked): (i64, i64) = (row.get(1)?, row.get(2)?);
                let (report, dialogue): (String, String) = (row.get(3)?, row.get(4)?);
                copied += insert.execute(params![new, at, worked, report, dialogue])? as u64;
            }
            drop(insert);
            writing.commit()?;
            if is_end {
                return Ok(copied);
            }
        }
    }

    /// Of a day that is here already, what is more stays.
    fn copy_rest(&self, theirs: &Connection, old: &str, new: &str) -> Result<(), HistoryError> {
        /// Whole numbers of a day, its own number first.
        const COLUMNS: [&str; 16] = [
            "day",
            "started",
            "nothing_waiting",
            "signalled",
            "delivered",
            "refused",
            "unreachable",
            "unknown",
            "held",
            "failed",
            "connections",
            "messages",
            "bytes",
            "duration_ms",
            "shortest_ms",
            "longest_ms",
        ];
        let names = COLUMNS.join(", ");
        let larger = |name: &&str| {
            let which = if *name == "shortest_ms" { "min" } else { "max" };
            format!("{name} = {which}({name}, excluded.{name})")
        };
        let larger: Vec<String> = COLUMNS[1..].iter().map(larger).collect();
        let writing = self.begin()?;
        let mut days = theirs.prepare(&format!("SELECT {names} FROM day WHERE account = ?1"))?;
        let mut rows = days.query([old])?;
        let mut insert = writing.prepare_cached(&format!(
            "INSERT INTO day (account, {names})
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET {}",
            larger.join(", ")
        ))?;
        while let Some(row) = rows.next()? {
            insert.raw_bind_parameter(1, new)?;
            for column in 0..COLUMNS.len() {
                insert.raw_bind_parameter(column + 2, row.get::<_, i64>(column)?)?;
            }
            insert.raw_execute()?;
        }
        drop((rows, insert));
        let mut notes = theirs.prepare("SELECT key, value FROM state WHERE account = ?1")?;
        let mut rows = notes.query([old])?;
        while let Some(row) = rows.next()? {
            let (key, value): (String, String) = (row.get(0)?, row.get(1)?);
            writing.execute(
                "INSERT OR IGNORE INTO state (account, key, value) VALUES (?1, ?2, ?3)",
                params![new, key, value],
            )?;
        }
        // A pause of everything is one of each.
        let is_paused = theirs
            .prepare("SELECT 1 FROM pause WHERE account IN (?1, '')")?
            .exists([old])?;
        if is_paused {
            writing.execute("INSERT OR IGNORE INTO pause (account) VALUES (?1)", [new])?;
            let until =
                "INSERT OR IGNORE INTO state (account, key, value) VALUES (?1, 'paused-until', ?2)";
            let of_all = theirs
                .prepare("SELECT value FROM state WHERE account = '' AND key = 'paused-until'")?
                .query_row([], |row| row.get::<_, String>(0));
            if let Ok(of_all) = of_all {
                writing.execute(until, params![new, of_all])?;
            }
        }
        writing.commit()
    }
}

/// Opens it to be read, whoever's it is: nothing that stands in it is carried out.
fn open(path: &Path) -> Result<Connection, HistoryError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(super::database::PATIENCE)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cell_size_check", true)?;
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use dequeue_core::{day::ArrivedAmount, record::Poke};
    use jiff::{Timestamp, civil::Date};

    use super::*;

    fn poke(account: &str, number: i64) -> Poke {
        let poke = serde_json::json!({
            "id": 0, "account": account, "host": "bsmtp.example.org", "address": null,
            "method": "etrn", "outcome": "started", "reason": "queuing-started", "code": 250,
            "text": null, "domains": [], "trigger": "schedule",
            "started_at": Timestamp::from_second(1_800_000_000 + number).unwrap(),
            "duration_ms": number, "round_trips": 4, "tls": null, "seen_address": null,
            "dialogue": [{ "from": "provider", "at_ms": 3, "line": "220 hi" }],
        });
        serde_json::from_value(poke).unwrap()
    }

    #[test]
    fn all_that_is_known_of_an_account_comes_along_once_under_its_new_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("theirs.sqlite");
        let (theirs, _) = History::open(&path).unwrap();
        let count = 2 * AT_ONCE + 7;
        let arrived = ArrivedAmount {
            connections: 1,
            messages: 2,
            bytes: 3,
        };
        for number in 0..count {
            theirs.add_with(&poke("a", number), arrived).unwrap();
        }
        theirs.add_with(&poke("b", 1), arrived).unwrap();
        theirs.add_with(&poke("c", 1), arrived).unwrap();
        theirs.set_paused("a", true).unwrap();
        theirs.set_state("a", "learned", Some(&"x")).unwrap();

        let (ours, _) = History::open(&folder.path().join("ours.sqlite")).unwrap();
        ours.add_with(&poke("a", 1), arrived).unwrap();
        let names = [("a", "a (jan)"), ("b", "b")];
        let names = names.map(|(old, new)| (old.to_owned(), new.to_owned()));
        let names = BTreeMap::from(names);
        // It is open there, and so it is copied.
        let copied = ours.copy_from(&path, &names).unwrap();
        assert_eq!(copied, u64::try_from(count).unwrap() + 1);
        assert_eq!(ours.copy_from(&path, &names).unwrap(), 0, "once");
        let page = ours.page(Some("a (jan)"), None, None, 10_000).unwrap();
        assert_eq!(page.len() as i64, count);
        assert_eq!(i64::from(page[0].duration_ms), count - 1, "in their order");
        let whole = ours.poke(page[0].id).unwrap().unwrap();
        assert_eq!(whole.dialogue.len(), 1);
        let days =
            |history: &History, name| history.days(Some(name), Date::MIN, Date::MAX).unwrap();
        assert_eq!(days(&ours, "a (jan)"), days(&theirs, "a"));
        assert_eq!(days(&ours, "b"), days(&theirs, "b"));
        assert_eq!(days(&ours, "a")[0].pokes, 1);
        assert!(days(&ours, "c").is_empty());
        assert_eq!(ours.pauses().unwrap(), ["a (jan)"]);
        let learned: Option<String> = ours.state("a (jan)", "learned").unwrap();
        assert_eq!(learned.as_deref(), Some("x"));
        // A pause of everything is one of each.
        theirs.set_paused("", true).unwrap();
        ours.copy_from(&path, &names).unwrap();
        assert_eq!(ours.pauses().unwrap().len(), 2);
    }
}
