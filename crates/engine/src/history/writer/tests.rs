use std::fs;

use dequeue_core::text::Text;
use rusqlite::Connection;
use tokio::{sync::mpsc, time::sleep};

use super::*;
use crate::history::{
    backlog::{Backlog, MOST_BYTES, MOST_POKES, PROVISIONAL_IDS},
    tests::{Random, large, sample},
};

const NOTHING: ArrivedAmount = ArrivedAmount {
    connections: 0,
    messages: 0,
    bytes: 0,
};

/// A history whose file can be kept from being written.
struct Blockable {
    folder: tempfile::TempDir,
    writer: HistoryWriter,
}

impl Blockable {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.sqlite");
        let writer = HistoryWriter::open(&path, false).await.unwrap();
        Self { folder, writer }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("history.sqlite")
    }

    /// Another program that has the file open.
    fn other(&self) -> Connection {
        Connection::open(self.path()).unwrap()
    }

    /// From now on nothing can be written, and nothing opened.
    async fn block(&self) {
        let file = self.folder.path().join("no folder");
        fs::write(&file, "").unwrap();
        let blocked = self.writer.read(move |history| {
            history.path = Some(file.join("history.sqlite"));
            let connection = &history.file.connection;
            Ok(connection.pragma_update(None, "query_only", true)?)
        });
        blocked.await.unwrap();
    }

    /// What was wrong is no longer.
    async fn unblock(&self) {
        let path = self.path();
        let unblocked = self.writer.read(|history| {
            history.path = Some(path);
            Ok(())
        });
        unblocked.await.unwrap();
    }

    /// Others that write the file are no longer waited for.
    async fn is_impatient(&self) {
        self.writer.set_patience(Duration::ZERO).await.unwrap();
    }

    async fn add(&self, account: &str, at: i64) -> i64 {
        let added = self.writer.add(sample(account, at, true), NOTHING);
        added.await.unwrap()
    }

    async fn catches_up(&self) -> bool {
        self.writer.flush().await.unwrap();
        !self.waits()
    }

    fn waits(&self) -> bool {
        self.writer.status().borrow().fault.is_some()
    }

    fn sentence(&self) -> Option<String> {
        let english = Text::for_language("en");
        self.writer.status().borrow().sentence(&english)
    }

    async fn waiting_pokes(&self) -> u64 {
        let count = self.writer.read(|history| Ok(history.waiting_pokes()));
        count.await.unwrap()
    }

    async fn ids(&self, before: Option<i64>, limit: u32) -> Vec<i64> {
        let page = self.writer.page(Some("a"), None, before, limit);
        ids(&page.await.unwrap())
    }

    async fn number(&self, account: &str) -> Option<u32> {
        self.writer.state(account, "number").await.unwrap()
    }

    fn set_number(&self, account: &str, number: Option<u32>) -> Answer<()> {
        let value = number.map(|number| State::of(&number).unwrap());
        let state = (account.to_owned(), "number".to_owned(), value);
        self.writer.set_states(vec![state])
    }

    /// As another program finds the file.
    fn file(&self) -> History {
        History::open(&self.path()).unwrap().0
    }
}

fn ids(pokes: &[Poke]) -> Vec<i64> {
    pokes.iter().map(|poke| poke.id).collect()
}

/// All that a history says, except the ids of its pokes.
fn all(history: &History) -> String {
    let mut pokes = history.page(None, None, None, u32::MAX).unwrap();
    for poke in &mut pokes {
        let whole = history.poke(poke.id).unwrap().unwrap();
        *poke = Poke { id: 0, ..whole };
    }
    let mut pauses = history.pauses().unwrap();
    pauses.sort();
    let numbers: Vec<Option<u32>> = ["a", "b", "c", "d"]
        .map(|account| history.state(account, "number").unwrap())
        .to_vec();
    let days: Vec<_> = ["a", "b", "c", "d"]
        .map(|account| history.days(Some(account), Date::MIN, Date::MAX).unwrap())
        .to_vec();
    serde_json::to_string_pretty(&(pokes, pauses, numbers, days)).unwrap()
}

#[tokio::test]
async fn what_waited_is_written_once_with_all_that_became_known_of_it() {
    let history = Blockable::new().await;
    let writer = &history.writer;
    let arrived = ArrivedAmount {
        connections: 1,
        messages: 2,
        bytes: 300,
    };
    let coded = |code| move |poke: &mut Poke| poke.code = Some(code);
    let first = history.add("a", 1).await;
    writer.set_paused("b", true).await.unwrap();
    assert_eq!((history.waits(), history.sentence()), (false, None));

    history.block().await;
    let second = writer.add(sample("a", 2, false), arrived).await.unwrap();
    let third = writer.add(sample("a", 3, false), NOTHING).await.unwrap();
    writer.update(first, arrived, coded(253)).await.unwrap();
    let both = writer.update(first, NOTHING, |poke| poke.busy_ms = Some(9));
    let both = both.await.unwrap().unwrap();
    assert_eq!((both.code, both.busy_ms), (Some(253), Some(9)));
    writer.update(third, arrived, coded(451)).await.unwrap();
    writer.set_paused("b", false).await.unwrap();
    writer.set_paused("c", true).await.unwrap();
    history.set_number("a", Some(7)).await.unwrap();
    assert!(history.waits() && history.waiting_pokes().await == 2);
    let sentence = history.sentence().unwrap();
    assert!(sentence.contains("kept in memory"), "{sentence}");
    // Meanwhile they are there for everyone to see, the newest first, page by page.
    assert_eq!(history.ids(None, 10).await, [third, second, first]);
    assert_eq!(history.ids(None, 2).await, [third, second]);
    assert_eq!(history.ids(Some(second), 2).await, [first]);
    assert_eq!(history.ids(Some(first), 2).await, [] as [i64; 0]);
    let code = async |id| writer.poke(id).await.unwrap().unwrap().code;
    assert_eq!(
        (code(third).await, code(first).await),
        (Some(451), Some(253))
    );
    let page = writer.page(None, None, None, 9).await.unwrap();
    assert_eq!((page[0].code, page[2].code), (Some(451), Some(253)));
    assert!(page.iter().all(|poke| poke.dialogue.is_empty()));
    assert!(
        !writer
            .poke(third)
            .await
            .unwrap()
            .unwrap()
            .dialogue
            .is_empty()
    );
    assert_eq!(writer.pauses().await.unwrap(), ["c"]);
    assert_eq!(history.number("a").await, Some(7));
    let past = writer.past("a").await.unwrap();
    assert_eq!((past.last.unwrap().id, past.failures), (third, 2));
    assert!(past.last_success_at.is_some());
    let days = writer.days(None, Date::MIN, Date::MAX).await.unwrap();
    assert_eq!((days[0].pokes, days[0].arrived.bytes), (3, 900));
    let known = writer.remember(vec!["a".to_owned(), "c".to_owned()]);
    let known = known.await.unwrap();
    assert_eq!(known["a"].past.last.as_ref().unwrap().id, third);
    assert_eq!(known["a"].state("number"), Some(7));
    assert_eq!((known["a"].paused, known["c"].paused), (false, true));
    assert!(!history.catches_up().await, "it is still so");

    history.unblock().await;
    assert!(history.catches_up().await);
    assert_eq!((history.waits(), history.sentence()), (false, None));
    assert_eq!(history.ids(None, 10).await, [3, 2, 1]);
    // Whoever knows them by the ids they had meanwhile still finds them.
    assert_eq!(writer.poke(second).await.unwrap().unwrap().id, 2);
    assert_eq!(history.ids(Some(second), 10).await, [1]);
    let updated = writer.update(third, arrived, coded(452)).await.unwrap();
    assert_eq!(updated.unwrap().id, 3);
    history.add("a", 4).await;
    let file = history.file();
    let codes: Vec<_> = file.page(None, None, None, 9).unwrap();
    let codes: Vec<_> = codes.into_iter().map(|poke| poke.code).collect();
    let unchanged = sample("a", 2, false).code;
    assert_eq!(codes[1..], [Some(452), unchanged, Some(253)]);
    assert_eq!(file.pauses().unwrap(), ["c"]);
    assert_eq!(file.state("a", "number").unwrap(), Some(7));
    let days = file.days(None, Date::MIN, Date::MAX).unwrap();
    assert_eq!((days[0].pokes, days[0].arrived.bytes), (4, 1200));
}

#[tokio::test]
async fn whatever_happens_meanwhile_the_file_ends_as_if_nothing_had_been_wrong() {
    for seed in 1..=120 {
        let mut random = Random(seed);
        let history = Blockable::new().await;
        let writer = &history.writer;
        let plain = History::in_memory().unwrap();
        // Each poke by both its ids.
        let mut ids: Vec<(i64, i64)> = Vec::new();
        for number in 0..40 {
            let account = ["a", "b", "c", "d"][random.below(4)];
            match random.below(12) {
                0 => history.block().await,
                1 => {
                    history.unblock().await;
                    assert!(history.catches_up().await);
                }
                2..=5 => {
                    let poke = sample(account, number, random.below(2) == 0);
                    let arrived = ArrivedAmount {
                        bytes: number as u64,
                        ..NOTHING
                    };
                    let of_plain = plain.add_with(&poke, arrived).unwrap();
                    ids.push((writer.add(poke, arrived).await.unwrap(), of_plain));
                }
                6 | 7 if !ids.is_empty() => {
                    let (id, of_plain) = ids[random.below(ids.len())];
                    let change = move |poke: &mut Poke| {
                        poke.duration_ms = 1 + number as u32;
                        poke.code = Some(253);
                    };
                    let arrived = ArrivedAmount {
                        connections: 1,
                        ..NOTHING
                    };
                    writer.update(id, arrived, change).await.unwrap();
                    plain.update(of_plain, arrived, change).unwrap();
                }
                8 => {
                    let paused = random.below(2) == 0;
                    writer.set_paused(account, paused).await.unwrap();
                    plain.set_paused(account, paused).unwrap();
                }
                9 => {
                    let number = (random.below(3) > 0).then_some(number as u32);
                    history.set_number(account, number).await.unwrap();
                    plain.set_state(account, "number", number.as_ref()).unwrap();
                }
                10 => {
                    writer.forget(account).await.unwrap();
                    plain.forget(account).unwrap();
                }
                11 if account != "d" => {
                    writer.rename(account, "d").await.unwrap();
                    plain.rename(account, "d").unwrap();
                }
                _ => {}
            }
        }
        // What is read meanwhile is what will be.
        let pauses = writer.pauses().await.unwrap();
        let number = history.number("d").await;
        let days = writer.days(None, Date::MIN, Date::MAX).await.unwrap();
        let arrived: Vec<_> = days.iter().map(|day| (day.pokes, day.arrived)).collect();
        history.unblock().await;
        assert!(history.catches_up().await);
        assert_eq!(writer.pauses().await.unwrap(), pauses);
        assert_eq!(history.number("d").await, number);
        let days = plain.days(None, Date::MIN, Date::MAX).unwrap();
        let counted: Vec<_> = days.iter().map(|day| (day.pokes, day.arrived)).collect();
        assert_eq!(arrived, counted, "seed {seed}");
        let (file, aside) = History::open_checked(&history.path()).unwrap();
        assert_eq!(aside, None);
        let (written, expected) = (all(&file), all(&plain));
        let differs = written.lines().zip(expected.lines()).find(|(a, b)| a != b);
        assert!(written == expected, "seed {seed}: {differs:?}");
    }
}

#[tokio::test]
async fn the_newest_wait_and_it_is_said_how_many_did_not() {
    let history = Blockable::new().await;
    history.block().await;
    let most = MOST_POKES as u64;
    for number in 0..most + 5 {
        history.add("a", number as i64).await;
    }
    assert_eq!(history.waiting_pokes().await, most);
    let sentence = history.sentence().unwrap();
    assert!(sentence.contains("5 pokes were too many"), "{sentence}");
    let days = history.writer.days(None, Date::MIN, Date::MAX);
    let counted: u64 = days.await.unwrap().iter().map(|day| day.pokes).sum();
    assert_eq!(counted, most + 5);
    history.writer.rename("a", "b").await.unwrap();
    history.unblock().await;
    assert!(history.catches_up().await);
    let sentence = history.sentence().unwrap();
    assert!(sentence.starts_with("While the history"), "{sentence}");
    let file = history.file();
    let pokes = file.page(Some("b"), None, None, u32::MAX).unwrap();
    let began = |number| sample("a", number, true).started_at;
    assert_eq!(pokes.len() as u64, most);
    assert_eq!(pokes.last().unwrap().started_at, began(5));
    let days = file.days(Some("b"), Date::MIN, Date::MAX).unwrap();
    let counted: u64 = days.iter().map(|day| day.pokes).sum();
    assert_eq!(counted, most + 5, "the figures count all of them");
}

#[test]
fn what_waits_takes_no_more_memory_than_it_may() {
    let mut backlog = Backlog::default();
    let mut dropped = 0;
    let mut pokes = || {
        for number in 0..700 {
            let poke = large(number, 60_000);
            let added = backlog.add(poke, NOTHING, Date::constant(1970, 1, 1));
            dropped += added.unwrap().1;
        }
    };
    let taken = allocation_counter::measure(&mut pokes).bytes_current;
    assert!(taken < (MOST_BYTES + (2 << 20)) as i64, "{taken} bytes");
    assert_eq!(backlog.pokes() as u64 + dropped, 700);
    assert!(backlog.pokes() >= 100);
}

// Windows lets nobody take away a file that is open.
#[cfg(unix)]
#[tokio::test]
async fn what_waits_goes_into_a_new_file_where_the_old_one_is_damaged() {
    let history = Blockable::new().await;
    history.block().await;
    history.add("a", 1).await;
    for beside in ["history.sqlite-wal", "history.sqlite-shm"] {
        fs::remove_file(history.folder.path().join(beside)).unwrap();
    }
    fs::write(history.path(), "no database ".repeat(1000)).unwrap();
    history.unblock().await;
    assert!(history.catches_up().await);
    let sentence = history.sentence().unwrap();
    assert!(sentence.contains("has been put aside"), "{sentence}");
    assert_eq!(history.file().page(None, None, None, 9).unwrap().len(), 1);
}

#[tokio::test]
async fn a_file_that_cannot_be_opened_is_read_as_far_as_that_goes() {
    let folder = tempfile::tempdir().unwrap();
    // Signs that an address has to write otherwise; Windows has no `?` in names.
    let mark = if cfg!(windows) { "" } else { "?" };
    let path = folder.path().join(format!("100% of é{mark}#.sqlite"));
    let (history, _) = History::open(&path).unwrap();
    history.add(&sample("a", 1, true)).unwrap();
    // With another that writes it, and with none.
    for open in [Some(history), None] {
        let read = History::open_to_read(&path).unwrap();
        assert_eq!(read.page(None, None, None, 9).unwrap().len(), 1);
        read.add(&sample("a", 2, true)).unwrap_err();
        drop((read, open));
    }
    assert!(History::open_to_read(&folder.path().join("none")).is_err());
    // As an engine that was killed left it: what is open to be read hinders no writing later.
    let (history, _) = History::open(&path).unwrap();
    let mut buffered = BufferedHistory::from(History::open_to_read(&path).unwrap());
    buffered.path = Some(path.clone());
    let writer = HistoryWriter::new(buffered);
    let id = writer.add(sample("a", 3, true), NOTHING).await.unwrap();
    assert!(id >= PROVISIONAL_IDS, "it waits");
    drop(history);
    assert_eq!(writer.flush().await.unwrap(), 0);
    assert_eq!(writer.poke(id).await.unwrap().unwrap().id, 2);
    // Where there is nothing to read all is new.
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let path = file.join("history.sqlite");
    let writer = HistoryWriter::open(&path, true).await.unwrap();
    assert!(writer.status().borrow().fault.is_some());
    let id = writer.add(sample("a", 1, true), NOTHING).await.unwrap();
    let page = writer.page(None, None, None, 9).await.unwrap();
    assert_eq!(ids(&page), [id]);
    fs::remove_file(&file).unwrap();
    assert_eq!(writer.flush().await.unwrap(), 0, "the folder is made");
    let page = writer.page(None, None, None, 9).await.unwrap();
    assert_eq!(ids(&page), [1]);
}

#[tokio::test]
async fn a_file_of_a_later_version_is_not_poked_past() {
    let history = Blockable::new().await;
    let connection = history.other();
    connection.pragma_update(None, "user_version", 99).unwrap();
    history.writer.close().await.unwrap();
    let error = HistoryWriter::open(&history.path(), true)
        .await
        .unwrap_err();
    assert!(matches!(error, HistoryError::Version(99)), "{error}");
}

#[tokio::test]
async fn what_is_asked_is_done_in_the_order_of_the_calls() {
    let history = Blockable::new().await;
    let writer = &history.writer;
    // None is awaited before all are asked.
    let first = writer.add(sample("a", 1, true), NOTHING);
    let one = writer.page(None, None, None, 9);
    let renamed = writer.rename("a", "b");
    let second = writer.add(sample("a", 2, true), NOTHING);
    let completed = writer.update(1, NOTHING, |poke| poke.code = Some(253));
    let completed_on = writer.update(1, NOTHING, |poke| {
        poke.busy_ms = poke.code.map(u32::from);
    });
    let two = writer.page(None, None, None, 9);
    let forgotten = (history.set_number("c", Some(1)), writer.forget("c"));
    let of_nobody = writer.update(99, NOTHING, |poke| poke.code = None);
    let past = writer.past("b");
    assert_eq!((first.await.unwrap(), second.await.unwrap()), (1, 2));
    assert_eq!(ids(&one.await.unwrap()), [1]);
    renamed.await.unwrap();
    assert_eq!(completed.await.unwrap().unwrap().code, Some(253));
    assert_eq!(completed_on.await.unwrap().unwrap().busy_ms, Some(253));
    let two = two.await.unwrap();
    let accounts: Vec<_> = two.iter().map(|poke| poke.account.as_str()).collect();
    assert_eq!(accounts, ["a", "b"]);
    forgotten.0.await.unwrap();
    forgotten.1.await.unwrap();
    assert_eq!(history.number("c").await, None);
    assert_eq!(of_nobody.await.unwrap(), None);
    assert_eq!(past.await.unwrap().last.unwrap().busy_ms, Some(253));
}

/// How many transactions the log beside the file holds (<https://sqlite.org/fileformat2.html#walformat>).
fn transactions(path: &Path) -> usize {
    let log = fs::read(path.with_extension("sqlite-wal")).unwrap();
    let (head, frames) = log.split_at(32);
    let page = u32::from_be_bytes(head[8..12].try_into().unwrap()) as usize;
    let frames = frames.chunks_exact(24 + page);
    let current = frames.take_while(|frame| frame[8..16] == head[16..24]);
    current.filter(|frame| frame[4..8] != [0; 4]).count()
}

#[tokio::test]
async fn pokes_that_end_together_are_written_in_one_transaction() {
    let history = Blockable::new().await;
    history.add("a", 0).await;
    let before = transactions(&history.path());
    let writer = &history.writer;
    let mut added = Vec::new();
    for number in 1..=60 {
        added.push(writer.add(sample("a", number, true), NOTHING));
        drop(history.set_number("a", u32::try_from(number).ok()));
    }
    for (id, added) in (2..).zip(added) {
        assert_eq!(added.await.unwrap(), id);
    }
    assert_eq!(transactions(&history.path()) - before, 1);
    history.add("a", 61).await;
    assert_eq!(
        transactions(&history.path()) - before,
        2,
        "they are counted"
    );
    assert_eq!(history.number("a").await, Some(60));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_disk_holds_up_nobody_else() {
    let history = Blockable::new().await;
    let other = history.other();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let begun = Instant::now();
    let (say, mut said) = mpsc::channel(1);
    let added = history.writer.add(sample("a", 1, true), NOTHING);
    let poke = tokio::spawn({
        let say = say.clone();
        async move {
            let id = added.await.unwrap();
            say.send("poked").await.unwrap();
            id
        }
    });
    // A conversation, at whose end the other program lets the file go. Nothing else does: if the disk
    // were waited for on this thread, it would be too late for the poke.
    let conversation = tokio::spawn(async move {
        for _ in 0..1000 {
            tokio::task::yield_now().await;
        }
        say.send("conversed").await.unwrap();
        other.execute_batch("COMMIT").unwrap();
    });
    assert_eq!(said.recv().await, Some("conversed"));
    assert_eq!(said.recv().await, Some("poked"));
    conversation.await.unwrap();
    assert_eq!(poke.await.unwrap(), 1, "it is in the file and did not wait");
    assert_eq!(begun.elapsed(), Duration::ZERO, "a paused clock stands");
}

#[tokio::test(start_paused = true)]
async fn what_waits_is_tried_from_time_to_time_and_not_with_each_poke() {
    let history = Blockable::new().await;
    history.is_impatient().await;
    let other = history.other();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let mut status = history.writer.status();
    let id = history.add("a", 1).await;
    assert!(id >= PROVISIONAL_IDS && history.waits());
    assert!(status.has_changed().unwrap(), "told before the answer");
    status.mark_unchanged();
    history.set_number("a", Some(1)).await.unwrap();
    // Still locked at the next tries.
    sleep(3 * AGAIN).await;
    assert_eq!(history.waiting_pokes().await, 1);
    assert!(!status.has_changed().unwrap(), "nothing new to tell");
    other.execute_batch("COMMIT").unwrap();
    for at in 2..10 {
        let id = history.add("a", at).await;
        assert!(id >= PROVISIONAL_IDS, "not with a poke");
    }
    let before = Instant::now();
    status.changed().await.unwrap();
    assert!(before.elapsed() <= AGAIN, "by itself");
    assert_eq!(*status.borrow(), HistoryStatus::default());
    assert_eq!(history.ids(None, 99).await, [9, 8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(history.add("a", 10).await, 10);
    // From now on others are waited for again.
    let patience = history.writer.read(|history| {
        let connection = &history.file.connection;
        Ok(connection.pragma_query_value(None, "busy_timeout", |row| row.get::<_, i64>(0))?)
    });
    assert_eq!(patience.await.unwrap(), 5000);
}

#[tokio::test(start_paused = true)]
async fn a_poke_by_hand_is_tried_at_once() {
    let history = Blockable::new().await;
    history.block().await;
    history.add("a", 1).await;
    history.unblock().await;
    history.add("a", 2).await;
    assert!(history.waits());
    let by_hand = Poke {
        trigger: dequeue_core::record::Trigger::User,
        ..sample("a", 3, true)
    };
    let id = history.writer.add(by_hand, NOTHING).await.unwrap();
    assert_eq!((id, history.waits()), (3, false));
}

#[tokio::test]
async fn a_full_disk_keeps_back_only_what_it_cannot_take() {
    let history = Blockable::new().await;
    let limited = history.writer.read(|history| {
        let connection = &history.file.connection;
        Ok(connection.query_row("PRAGMA max_page_count = 40", [], |_| Ok(()))?)
    });
    limited.await.unwrap();
    let mut kept = 0;
    loop {
        let added = history.writer.add(large(kept, 2000), NOTHING);
        if added.await.unwrap() >= PROVISIONAL_IDS {
            break;
        }
        kept += 1;
    }
    assert!(kept > 0);
    let sentence = history.sentence().unwrap();
    assert!(sentence.contains("disk is full"), "{sentence}");
    let file = history.file();
    assert_eq!(file.page(None, None, None, 999).unwrap().len() as i64, kept);
    let days = file.days(None, Date::MIN, Date::MAX).unwrap();
    assert_eq!(days[0].pokes as i64, kept, "neither its day's figures");
    assert_eq!(history.waiting_pokes().await, 1);
    assert!(history.catches_up().await, "there is room");
    let days = file.days(None, Date::MIN, Date::MAX).unwrap();
    assert_eq!(days[0].pokes as i64, kept + 1);
    assert_eq!(file.page(None, None, None, 999).unwrap()[0].id, kept + 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_taken_away_or_replaced_is_not_written_on() {
    let history = Blockable::new().await;
    history.add("a", 1).await;
    fs::remove_file(history.path()).unwrap();
    assert_eq!(history.add("a", 2).await, 1, "a new file");
    assert_eq!(history.file().page(None, None, None, 9).unwrap().len(), 1);
    // Someone puts a copy of another history there.
    let elsewhere = history.folder.path().join("copy.sqlite");
    let (copy, _) = History::open(&elsewhere).unwrap();
    for at in 0..5 {
        copy.add(&sample("b", at, true)).unwrap();
    }
    drop(copy);
    fs::rename(&elsewhere, history.path()).unwrap();
    assert_eq!(history.add("a", 3).await, 6);
    let (file, aside) = History::open_checked(&history.path()).unwrap();
    assert_eq!(aside, None);
    assert_eq!(file.page(None, None, None, 9).unwrap().len(), 6);
    drop(file);
    // The folder goes as well, and something else is in its place.
    fs::remove_dir_all(history.folder.path()).unwrap();
    fs::write(history.folder.path(), "").unwrap();
    assert!(history.add("a", 4).await >= PROVISIONAL_IDS);
    assert!(history.waits());
    fs::remove_file(history.folder.path()).unwrap();
    assert!(history.catches_up().await, "the folder is made");
    assert_eq!(history.file().page(None, None, None, 9).unwrap().len(), 1);
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_is_damaged_while_it_is_open_is_put_aside() {
    let history = Blockable::new().await;
    history.add("a", 0).await;
    history.writer.close().await.unwrap();
    // It has read none of the pages that it needs.
    let writer = HistoryWriter::open(&history.path(), false).await.unwrap();
    fs::write(history.path(), "no database ".repeat(10_000)).unwrap();
    let states = (
        "a".to_owned(),
        "number".to_owned(),
        Some(State::of(&1).unwrap()),
    );
    let answers = (
        writer.set_states(vec![states]),
        writer.add(sample("a", 1, true), NOTHING),
    );
    answers.0.await.unwrap();
    assert_eq!(answers.1.await.unwrap(), 1);
    let english = Text::for_language("en");
    let sentence = writer.status().borrow().sentence(&english).unwrap();
    assert!(sentence.contains("has been put aside"), "{sentence}");
    let file = history.file();
    assert_eq!(file.state("a", "number").unwrap(), Some(1));
    assert_eq!(file.page(None, None, None, 9).unwrap().len(), 1);
}

#[tokio::test]
async fn an_orderly_end_writes_what_it_can_and_says_what_is_lost() {
    let history = Blockable::new().await;
    drop(history.writer.add(sample("a", 1, true), NOTHING));
    assert_eq!(history.writer.close().await.unwrap(), 0);
    let log = history.path().with_extension("sqlite-wal");
    assert!(!log.exists(), "the file is closed");
    assert_eq!(history.file().page(None, None, None, 9).unwrap().len(), 1);
    let later = history.writer.add(sample("a", 2, true), NOTHING).await;
    assert!(matches!(later, Err(HistoryError::Closed)), "{later:?}");

    let history = Blockable::new().await;
    history.block().await;
    for at in 0..3 {
        history.add("a", at).await;
    }
    assert_eq!(history.writer.close().await.unwrap(), 3);

    let history = Blockable::new().await;
    history.block().await;
    history.add("a", 1).await;
    history.unblock().await;
    assert_eq!(history.writer.close().await.unwrap(), 0);
    assert_eq!(history.file().page(None, None, None, 9).unwrap().len(), 1);
}

#[tokio::test]
async fn all_that_is_known_at_a_start_comes_with_one_answer() {
    let history = Blockable::new().await;
    let writer = &history.writer;
    history.add("a", 1).await;
    writer.add(sample("a", 2, false), NOTHING).await.unwrap();
    writer.set_paused("", true).await.unwrap();
    writer.set_paused("b", true).await.unwrap();
    history.set_number("", Some(1)).await.unwrap();
    history.set_number("a", Some(2)).await.unwrap();
    history.set_number("nobody's", Some(3)).await.unwrap();
    let accounts = ["a", "b", "c"].map(str::to_owned).to_vec();
    let known = writer.remember(accounts).await.unwrap();
    assert_eq!(known.len(), 4);
    assert_eq!(known["a"].past, writer.past("a").await.unwrap());
    assert_eq!(known["a"].past.failures, 1);
    assert_eq!((known[""].paused, known["b"].paused), (true, true));
    assert_eq!((known["a"].paused, known["c"].paused), (false, false));
    assert_eq!(known[""].state("number"), Some(1));
    assert_eq!(known["a"].state("number"), Some(2));
    assert_eq!(
        known["a"].state::<String>("number"),
        None,
        "of another shape"
    );
    assert_eq!(known["c"], AccountHistory::default());
}

#[tokio::test]
async fn what_is_kept_holds_for_the_file_that_is_opened_anew() {
    let history = Blockable::new().await;
    let keep = Keep {
        megabytes: 7,
        ..Keep::default()
    };
    history.writer.set_keep(keep);
    history.block().await;
    history.add("a", 1).await;
    history.unblock().await;
    assert!(history.catches_up().await);
    let kept = history.writer.read(|history| Ok(history.file.keep));
    assert_eq!(kept.await.unwrap(), keep);
}
