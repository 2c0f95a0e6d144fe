use std::fs;

use jiff::civil::Date;

use super::*;
use crate::history::tests::{Random, large, sample};

/// A history whose file can be kept from being written.
struct Blockable {
    folder: tempfile::TempDir,
    steady: SteadyHistory,
}

impl Blockable {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("history.sqlite");
        let steady = SteadyHistory::open(&path, false).unwrap();
        Self { folder, steady }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("history.sqlite")
    }

    /// From now on nothing can be written, and nothing opened.
    fn block(&mut self) {
        let file = self.folder.path().join("no folder");
        fs::write(&file, "").unwrap();
        self.steady.path = Some(file.join("history.sqlite"));
        let connection = &self.steady.file.connection;
        connection.pragma_update(None, "query_only", true).unwrap();
    }

    /// What was wrong is no longer.
    fn unblock(&mut self) {
        self.steady.path = Some(self.path());
    }
}

/// All that a history says, but for the ids of its pokes.
fn all(history: &History) -> String {
    let mut pokes = history.page(None, None, None, u32::MAX).unwrap();
    for poke in &mut pokes {
        let whole = history.poke(poke.id).unwrap().unwrap();
        *poke = Poke { id: 0, ..whole };
    }
    let mut pauses = history.pauses().unwrap();
    pauses.sort();
    let notes: Vec<Option<u32>> = ["a", "b", "c", "d"]
        .map(|account| history.state(account, "number").unwrap())
        .to_vec();
    let days: Vec<_> = ["a", "b", "c", "d"]
        .map(|account| history.days(Some(account), Date::MIN, Date::MAX).unwrap())
        .to_vec();
    serde_json::to_string_pretty(&(pokes, pauses, notes, days)).unwrap()
}

#[test]
fn what_waited_is_written_once_with_all_that_became_known_of_it() {
    let mut history = Blockable::new();
    let steady = &mut history.steady;
    let arrived = ArrivedAmount {
        connections: 1,
        messages: 2,
        bytes: 300,
    };
    let first = steady
        .add(&sample("a", 1, true), ArrivedAmount::default())
        .unwrap();
    steady.set_paused("b", true).unwrap();
    assert_eq!((steady.waits(), steady.sentence(&english())), (false, None));

    history.block();
    let steady = &mut history.steady;
    let second = steady.add(&sample("a", 2, false), arrived).unwrap();
    let third = steady
        .add(&sample("a", 3, false), ArrivedAmount::default())
        .unwrap();
    steady
        .update(first, arrived, |poke| poke.code = Some(253))
        .unwrap();
    steady
        .update(third, arrived, |poke| poke.code = Some(451))
        .unwrap();
    steady.set_paused("b", false).unwrap();
    steady.set_paused("c", true).unwrap();
    steady.set_state("a", "number", Some(&7)).unwrap();
    assert!(steady.waits() && steady.waiting_pokes() == 2);
    let sentence = steady.sentence(&english()).unwrap();
    assert!(sentence.contains("kept in memory"), "{sentence}");
    // Meanwhile they are there for everyone to see, the newest first, page by page.
    let ids = |steady: &SteadyHistory, before, limit| -> Vec<i64> {
        let page = steady.page(Some("a"), None, before, limit).unwrap();
        page.into_iter().map(|poke| poke.id).collect()
    };
    assert_eq!(ids(steady, None, 10), [third, second, first]);
    assert_eq!(ids(steady, None, 2), [third, second]);
    assert_eq!(ids(steady, Some(second), 2), [first]);
    assert_eq!(ids(steady, Some(first), 2), [] as [i64; 0]);
    assert_eq!(steady.poke(third).unwrap().unwrap().code, Some(451));
    assert_eq!(steady.pauses().unwrap(), ["c"]);
    assert_eq!(steady.state("a", "number").unwrap(), Some(7));
    let past = steady.past("a").unwrap();
    assert_eq!((past.last.unwrap().id, past.failures), (third, 2));
    assert!(past.last_success_at.is_some());
    let days = steady.days(None, Date::MIN, Date::MAX).unwrap();
    assert_eq!((days[0].pokes, days[0].arrived.bytes), (3, 600));
    assert!(!steady.catch_up(), "it is still so");

    history.unblock();
    let steady = &mut history.steady;
    assert!(steady.catch_up());
    assert_eq!((steady.waits(), steady.sentence(&english())), (false, None));
    assert_eq!(ids(steady, None, 10), [3, 2, 1]);
    // Whoever knows them by the ids they had meanwhile still finds them.
    assert_eq!(steady.poke(second).unwrap().unwrap().id, 2);
    steady
        .update(third, arrived, |poke| poke.code = Some(452))
        .unwrap();
    steady.catch_up();
    steady
        .add(&sample("a", 4, true), ArrivedAmount::default())
        .unwrap();
    let (file, _) = History::open(&history.path()).unwrap();
    let codes: Vec<_> = file.page(None, None, None, 9).unwrap();
    let codes: Vec<_> = codes.into_iter().map(|poke| poke.code).collect();
    assert_eq!(
        codes[1..],
        [Some(452), sample("a", 2, false).code, Some(253)]
    );
    assert_eq!(file.pauses().unwrap(), ["c"]);
    assert_eq!(file.state("a", "number").unwrap(), Some(7));
    let days = file.days(None, Date::MIN, Date::MAX).unwrap();
    assert_eq!((days[0].pokes, days[0].arrived.bytes), (4, 1200));
}

#[test]
fn whatever_happens_meanwhile_the_file_ends_as_if_nothing_had_been_wrong() {
    for seed in 1..=120 {
        let mut random = Random(seed);
        let mut history = Blockable::new();
        let plain = History::in_memory().unwrap();
        // Each poke by both its ids.
        let mut ids: Vec<(i64, i64)> = Vec::new();
        for number in 0..40 {
            let account = ["a", "b", "c", "d"][random.below(4)];
            match random.below(12) {
                0 => history.block(),
                1 => {
                    history.unblock();
                    assert!(history.steady.catch_up());
                }
                2..=5 => {
                    let poke = sample(account, number, random.below(2) == 0);
                    let arrived = ArrivedAmount {
                        bytes: number as u64,
                        ..ArrivedAmount::default()
                    };
                    let id = history.steady.add(&poke, arrived).unwrap();
                    ids.push((id, plain.add_with(&poke, arrived).unwrap()));
                }
                6 | 7 if !ids.is_empty() => {
                    let (id, of_plain) = ids[random.below(ids.len())];
                    let change = |poke: &mut Poke| {
                        poke.duration_ms = 1 + number as u32;
                        poke.code = Some(253);
                    };
                    let arrived = ArrivedAmount {
                        connections: 1,
                        ..ArrivedAmount::default()
                    };
                    history.steady.update(id, arrived, change).unwrap();
                    plain.update(of_plain, arrived, change).unwrap();
                }
                8 => {
                    let paused = random.below(2) == 0;
                    history.steady.set_paused(account, paused).unwrap();
                    plain.set_paused(account, paused).unwrap();
                }
                9 => {
                    let number = (random.below(3) > 0).then_some(number as u32);
                    let (steady, key) = (&mut history.steady, "number");
                    steady.set_state(account, key, number.as_ref()).unwrap();
                    plain.set_state(account, key, number.as_ref()).unwrap();
                }
                10 => {
                    history.steady.forget(account).unwrap();
                    plain.forget(account).unwrap();
                }
                11 if account != "d" => {
                    history.steady.rename(account, "d").unwrap();
                    plain.rename(account, "d").unwrap();
                }
                _ => {}
            }
        }
        // What is read meanwhile is what will be.
        let pauses = history.steady.pauses().unwrap();
        let number = history.steady.state::<u32>("d", "number").unwrap();
        history.unblock();
        assert!(history.steady.catch_up());
        assert_eq!(history.steady.pauses().unwrap(), pauses);
        assert_eq!(history.steady.state("d", "number").unwrap(), number);
        let (file, aside) = History::open_checked(&history.path()).unwrap();
        assert_eq!(aside, None);
        let (written, expected) = (all(&file), all(&plain));
        let differs = written.lines().zip(expected.lines()).find(|(a, b)| a != b);
        assert!(written == expected, "seed {seed}: {differs:?}");
    }
}

#[test]
fn the_newest_wait_and_it_is_said_how_many_did_not() {
    let mut history = Blockable::new();
    history.block();
    let most = u64::try_from(WAITING_POKES).unwrap();
    for number in 0..WAITING_POKES + 5 {
        let poke = sample("a", number, true);
        history.steady.add(&poke, ArrivedAmount::default()).unwrap();
    }
    assert_eq!(history.steady.waiting_pokes(), most);
    let sentence = history.steady.sentence(&english()).unwrap();
    assert!(sentence.contains("5 pokes were too many"), "{sentence}");
    history.unblock();
    assert!(history.steady.catch_up());
    let sentence = history.steady.sentence(&english()).unwrap();
    assert!(sentence.starts_with("While the history"), "{sentence}");
    let (file, _) = History::open(&history.path()).unwrap();
    let pokes = file.page(None, None, None, u32::MAX).unwrap();
    let began = |number| sample("a", number, true).started_at;
    assert_eq!(pokes.len() as u64, most);
    assert_eq!(pokes.last().unwrap().started_at, began(5));
    let days = file.days(None, Date::MIN, Date::MAX).unwrap();
    let counted: u64 = days.iter().map(|day| day.pokes).sum();
    assert_eq!(counted, most + 5, "the figures count all of them");
}

#[test]
fn what_waits_takes_no_more_memory_than_it_may() {
    let mut history = Blockable::new();
    history.block();
    for number in 0..700 {
        let poke = large(number, 60_000);
        history.steady.add(&poke, ArrivedAmount::default()).unwrap();
    }
    let waiting = history.steady.waiting.as_ref().unwrap();
    let pages: i64 = waiting
        .history
        .connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    assert!(pages * 4096 < WAITING_BYTES + (2 << 20), "{pages} pages");
    assert_eq!(waiting.pokes() + waiting.dropped, 700);
    assert!(waiting.pokes() >= 100);
}

// Windows lets nobody take away a file that is open.
#[cfg(unix)]
#[test]
fn what_waits_goes_into_a_new_file_where_the_old_one_is_damaged() {
    let mut history = Blockable::new();
    history.block();
    let poke = sample("a", 1, true);
    history.steady.add(&poke, ArrivedAmount::default()).unwrap();
    for beside in ["history.sqlite-wal", "history.sqlite-shm"] {
        fs::remove_file(history.folder.path().join(beside)).unwrap();
    }
    fs::write(history.path(), "no database ".repeat(1000)).unwrap();
    history.unblock();
    assert!(history.steady.catch_up());
    let sentence = history.steady.sentence(&english()).unwrap();
    assert!(sentence.contains("has been put aside"), "{sentence}");
    let (file, _) = History::open(&history.path()).unwrap();
    assert_eq!(file.page(None, None, None, 9).unwrap().len(), 1);
}

#[test]
fn a_file_that_cannot_be_opened_is_read_as_far_as_that_goes() {
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
    let mut steady = SteadyHistory {
        path: Some(path.clone()),
        ..SteadyHistory::from(History::open_to_read(&path).unwrap())
    };
    let id = steady
        .add(&sample("a", 3, true), ArrivedAmount::default())
        .unwrap();
    assert!(id >= WAITING_IDS, "it waits");
    drop(history);
    assert!(steady.catch_up());
    assert_eq!(steady.poke(id).unwrap().unwrap().id, 2);
    // Where there is nothing to read all is new.
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let mut steady = SteadyHistory::open(&file.join("history.sqlite"), true).unwrap();
    steady
        .add(&sample("a", 1, true), ArrivedAmount::default())
        .unwrap();
    assert_eq!(steady.page(None, None, None, 9).unwrap().len(), 1);
    fs::remove_file(&file).unwrap();
    assert!(steady.catch_up(), "the folder is made");
    assert_eq!(steady.page(None, None, None, 9).unwrap()[0].id, 1);
}

fn english() -> Text {
    Text::for_language("en")
}
