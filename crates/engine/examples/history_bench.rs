//! How long the history takes with very many pokes: `cargo xtask bench history` runs this on the
//! release build. Each line is a figure and its value, with a tab between.
//!
//! `history_bench [POKES]` writes ten million, some GB in the temporary folder, where it is not told
//! otherwise.

use std::{env, error::Error, fs, path::Path, time::Instant};

use dequeue_core::record::Poke;
use dequeue_engine::history::{History, HistoryWriter};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde_json::json;

/// Pokes that are added one after the other, each on the disk before the next.
const ONE_BY_ONE: i64 = 1000;
/// Pokes that end at once, as with many accounts.
const TOGETHER: i64 = 10_000;

fn main() -> Result<(), Box<dyn Error>> {
    let pokes: i64 = match env::args().nth(1) {
        Some(pokes) => pokes.parse()?,
        None => 10_000_000,
    };
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("history.sqlite");
    fill(&path, pokes)?;

    let (history, _) = History::open(&path)?;
    let minute = |minute: i64| Timestamp::from_second(minute * 60);
    for (what, account, since, before) in [
        ("the newest page", None, None, None),
        ("a page in the middle", None, None, Some(pokes / 2)),
        ("of a rare account", Some("rare"), None, Some(pokes / 2)),
        ("since lately", Some("a"), Some(minute(pokes - 1000)?), None),
    ] {
        let begun = Instant::now();
        let page = history.page(account, since, before, 100)?;
        told(&format!("{what}, {} pokes", page.len()), begun);
    }
    let begun = Instant::now();
    history.past("a")?;
    told("what is known of an account", begun);
    drop(history);
    let begun = Instant::now();
    drop(History::open_checked(&path)?);
    let size = fs::metadata(&path)?.len() / 1_000_000;
    told(&format!("check of {size} MB"), begun);

    let begun = Instant::now();
    let (history, _) = History::open(&folder.path().join("new.sqlite"))?;
    for number in 0..ONE_BY_ONE {
        history.add(&poke(number)?)?;
    }
    told(&format!("{ONE_BY_ONE} pokes one by one"), begun);
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(async {
            let writer = HistoryWriter::from(history);
            let begun = Instant::now();
            let added = (0..TOGETHER).map(|number| {
                let poke = poke(number)?;
                Ok(writer.add(poke, Default::default()))
            });
            let added: Vec<_> = added.collect::<Result<_, Box<dyn Error>>>()?;
            for answer in added {
                answer.await?;
            }
            told(&format!("{TOGETHER} pokes that end together"), begun);
            writer.close().await?;
            Ok(())
        })
}

fn told(what: &str, begun: Instant) {
    println!("{what}\t{:.1} ms", begun.elapsed().as_secs_f64() * 1e3);
}

/// One poke a minute; every hundredth is the rare account's.
fn fill(path: &Path, pokes: i64) -> Result<(), Box<dyn Error>> {
    let (history, _) = History::open(path)?;
    history.add(&poke(0)?)?;
    drop(history);
    let connection = Connection::open(path)?;
    connection.pragma_update(None, "synchronous", "OFF")?;
    connection.execute(
        "WITH RECURSIVE n(n) AS (SELECT 2 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
         INSERT INTO poke (account, started_at, worked, report, dialogue)
         SELECT iif(n % 100 = 0, 'rare', 'a'), n * 60000, n % 7 > 0, report, dialogue
         FROM n, (SELECT report, dialogue FROM poke WHERE id = 1)",
        params![pokes],
    )?;
    Ok(())
}

fn poke(number: i64) -> Result<Poke, Box<dyn Error>> {
    let line = json!({
        "from": "provider",
        "at_ms": 3,
        "line": "220 bsmtp.example.org ESMTP ready",
    });
    Ok(serde_json::from_value(json!({
        "id": 0,
        "account": "a",
        "host": "bsmtp.example.org",
        "address": "192.0.2.25:25",
        "method": "etrn",
        "outcome": "started",
        "reason": "queuing-started",
        "code": 250,
        "text": "Queuing started",
        "domains": [],
        "trigger": "schedule",
        "started_at": Timestamp::from_second(number * 60)?,
        "duration_ms": 12,
        "round_trips": 4,
        "tls": null,
        "seen_address": null,
        "exit_status": 0,
        "dialogue": [line],
    }))?)
}
