use std::{collections::BTreeMap, fs, path::PathBuf, time::Duration};

use dequeue_core::{
    day::{ArrivedAmount, Day, Past},
    record::Poke,
    settings::keep::Keep,
    text::Text,
};
use dequeue_smtp::{Method, Outcome, Reason};
use jiff::{
    Timestamp,
    civil::{Date, date},
    tz::TimeZone,
};
use rusqlite::{StatementStatus, params};

use super::{
    database::{History, page_query},
    day,
    fault::{HistoryError, put_aside_sentence},
};

/// As version 1 of the program has it, which every later one reads.
pub(super) fn sample(account: &str, at: i64, worked: bool) -> Poke {
    let (outcome, reason, status) = if worked {
        (Outcome::Started, Reason::QueuingStarted, 0)
    } else {
        (Outcome::Refused, Reason::Denied, 77)
    };
    let poke = serde_json::json!({
        "id": 0,
        "account": account,
        "host": "bsmtp.example.org",
        "address": "192.0.2.25:25",
        "method": "etrn",
        "outcome": outcome,
        "reason": reason,
        "code": 250,
        "text": "Queuing started",
        "domains": [{
            "domain": "example.org",
            "outcome": outcome,
            "reason": reason,
            "pending": null,
            "code": 250,
            "enhanced": null,
            "text": "Queuing started",
        }],
        "explanation": "",
        "trigger": "schedule",
        "started_at": Timestamp::from_second(at).unwrap(),
        "duration_ms": 12,
        "round_trips": 4,
        "tls": null,
        "seen_address": "198.51.100.7",
        "exit_status": status,
        "dialogue": [{ "from": "provider", "at_ms": 3, "line": "220 hi" }],
    });
    serde_json::from_value(poke).unwrap()
}

fn ids(page: Vec<Poke>) -> Vec<i64> {
    page.iter().map(|poke| poke.id).collect()
}

fn in_memory() -> History {
    History {
        zone: TimeZone::UTC,
        ..History::in_memory().unwrap()
    }
}

fn in_folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.sqlite");
    (folder, path)
}

#[cfg(unix)]
#[test]
fn its_files_are_their_owners_alone_whatever_the_folder() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    let (folder, path) = in_folder();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let (history, _) = History::open(&path).unwrap();
    history.add(&sample("a", 1000, true)).unwrap();
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        names.push(entry.file_name().into_string().unwrap());
        assert_eq!(entry.metadata().unwrap().mode() & 0o777, 0o600, "{names:?}");
    }
    names.sort();
    assert_eq!(
        names,
        ["history.sqlite", "history.sqlite-shm", "history.sqlite-wal"]
    );
}

#[test]
fn pokes_come_back() {
    let (_folder, path) = in_folder();
    let (history, aside) = History::open(&path).unwrap();
    assert_eq!(aside, None);
    for (i, worked) in [true, false, false].into_iter().enumerate() {
        let at = 1000 + 100 * i64::try_from(i).unwrap();
        history.add(&sample("a", at, worked)).unwrap();
        history.add(&sample("b", at, true)).unwrap();
    }
    drop(history);
    let (history, _) = History::open_checked(&path).unwrap();
    let whole = history.poke(1).unwrap().unwrap();
    assert_eq!(
        whole,
        Poke {
            id: 1,
            ..sample("a", 1000, true)
        }
    );
    assert_eq!(history.poke(99).unwrap(), None);
    assert_eq!(
        ids(history.page(Some("a"), None, None, 10).unwrap()),
        [5, 3, 1]
    );
    assert_eq!(ids(history.page(None, None, Some(4), 2).unwrap()), [3, 2]);
    let page = history.page(None, None, None, 1).unwrap();
    assert!(page[0].dialogue.is_empty());
    let past = history.past("a").unwrap();
    assert_eq!((past.failures, past.last.map(|p| p.id)), (2, Some(5)));
    assert_eq!(
        past.last_success_at,
        Some(Timestamp::from_second(1000).unwrap())
    );
    assert_eq!(history.past("nobody").unwrap(), Past::default());
    // Broken off, it is neither a success nor a failure.
    for reason in [Reason::Interrupted, Reason::InterruptedBeforeRequest] {
        let poke = Poke {
            outcome: Outcome::Unknown,
            reason,
            ..sample("a", 2000, false)
        };
        history.add(&poke).unwrap();
        assert_eq!(history.past("a").unwrap().failures, 2);
    }
}

#[test]
fn pokes_since_a_moment() {
    let history = in_memory();
    const DAY: i64 = 86_400;
    for (at, account) in [
        (10 * DAY, "a"),
        (20 * DAY, "b"),
        // It ended later than the next, which began after it.
        (30 * DAY + 60, "a"),
        (30 * DAY, "b"),
        (31 * DAY, "a"),
    ] {
        history.add(&sample(account, at, true)).unwrap();
    }
    for (account, since, before, expected) in [
        (None, 30 * DAY, None, &[5, 4, 3][..]),
        (None, 30 * DAY + 1, None, &[5, 3]),
        (Some("a"), 30 * DAY, None, &[5, 3]),
        (Some("b"), 15 * DAY, None, &[4, 2]),
        (Some("a"), 0, Some(5), &[3, 1]),
        (None, 32 * DAY, None, &[]),
        (Some("nobody"), 0, None, &[]),
    ] {
        let since = Timestamp::from_second(since).unwrap();
        let page = history.page(account, Some(since), before, 10).unwrap();
        assert_eq!(ids(page), expected, "{account:?} since {since}");
    }
}

#[test]
fn a_poke_is_updated_later() {
    let history = in_memory();
    let id = history.add(&sample("a", 1000, false)).unwrap();
    history.rename("a", "b").unwrap();
    let arrived = ArrivedAmount {
        connections: 2,
        messages: 3,
        bytes: 4_000_000_000,
    };
    let updated = history
        .update(id, arrived, |poke| {
            poke.outcome = Outcome::NothingWaiting;
            poke.duration_ms = 99;
            poke.account = "no account changes so".into();
            poke.dialogue.push(poke.dialogue[0].clone());
        })
        .unwrap()
        .unwrap();
    assert_eq!(history.poke(id).unwrap().unwrap(), updated);
    assert_eq!((updated.account.as_str(), updated.dialogue.len()), ("b", 2));
    let past = history.past("b").unwrap();
    assert_eq!(past.failures, 0);
    let days = history.days(None, Date::MIN, Date::MAX).unwrap();
    assert_eq!(
        days,
        [Day {
            day: date(1970, 1, 1),
            pokes: 1,
            outcomes: BTreeMap::from([("nothing-waiting".to_owned(), 1)]),
            arrived,
            duration_ms: 99,
            shortest_ms: 12,
            longest_ms: 99,
        }]
    );
    let never = |_: &mut Poke| unreachable!();
    assert_eq!(history.update(99, arrived, never).unwrap(), None);
}

#[test]
fn daily_figures_follow_the_local_calendar() {
    let history = History {
        zone: TimeZone::get("Europe/Amsterdam").unwrap(),
        ..History::in_memory().unwrap()
    };
    let at = |text: &str| text.parse::<Timestamp>().unwrap().as_second();
    for (account, began, worked, duration_ms) in [
        ("a", "2026-03-28T22:59:59Z", true, 5),
        // In Amsterdam this is the 29th, the day that has 23 hours.
        ("a", "2026-03-28T23:00:00Z", true, 7),
        ("a", "2026-03-29T21:59:59Z", false, 3),
        ("a", "2026-03-29T22:00:00Z", true, 9),
        ("b", "2026-03-29T12:00:00Z", true, 100),
    ] {
        let arrived = ArrivedAmount {
            connections: 1,
            messages: 2,
            bytes: 1000,
        };
        let poke = Poke {
            duration_ms,
            ..sample(account, at(began), worked)
        };
        history.add_with(&poke, arrived).unwrap();
    }
    let days = |account, from, to| history.days(account, from, to).unwrap();
    let (march, second) = (date(2026, 3, 1), date(2026, 3, 29));
    let counted: Vec<(Date, u64)> = days(Some("a"), march, Date::MAX)
        .iter()
        .map(|day| (day.day, day.pokes))
        .collect();
    assert_eq!(
        counted,
        [(date(2026, 3, 28), 1), (second, 2), (date(2026, 3, 30), 1)]
    );
    assert_eq!(
        days(None, second, second),
        [Day {
            day: second,
            pokes: 3,
            outcomes: BTreeMap::from([("started".to_owned(), 2), ("refused".to_owned(), 1)]),
            arrived: ArrivedAmount {
                connections: 3,
                messages: 6,
                bytes: 3000,
            },
            duration_ms: 110,
            shortest_ms: 3,
            longest_ms: 100,
        }]
    );
    // Who has the name of another from now on has its days too.
    history.rename("a", "b").unwrap();
    assert_eq!(days(Some("a"), march, Date::MAX), []);
    assert_eq!(days(Some("b"), second, second), days(None, second, second));
}

#[test]
fn states_go_with_their_account() {
    let (_folder, path) = in_folder();
    let (history, _) = History::open(&path).unwrap();
    history
        .set_state("a", "method", Some(&Method::Etrn))
        .unwrap();
    history
        .set_state("a", "method", Some(&Method::Signal))
        .unwrap();
    history.set_state("a", "alarm", Some(&vec![1, 2])).unwrap();
    history.set_state("b", "alarm", Some(&vec![3])).unwrap();
    history.set_state("", "alarm", Some(&vec![4])).unwrap();
    drop(history);
    let (history, _) = History::open(&path).unwrap();
    let method = |account| history.state::<Method>(account, "method").unwrap();
    let alarm = |account| history.state::<Vec<u32>>(account, "alarm").unwrap();
    assert_eq!(method("a"), Some(Method::Signal));
    history.rename("a", "b").unwrap();
    assert_eq!((method("a"), alarm("a")), (None, None));
    assert_eq!(
        (method("b"), alarm("b")),
        (Some(Method::Signal), Some(vec![1, 2]))
    );
    // Of a shape that is not known.
    assert_eq!(history.state::<u8>("b", "alarm").unwrap(), None);
    history.set_state::<u8>("b", "alarm", None).unwrap();
    assert_eq!(alarm("b"), None);
    history.set_paused("b", true).unwrap();
    history.add(&sample("b", 1, true)).unwrap();
    history.forget("b").unwrap();
    assert_eq!(method("b"), None);
    assert_eq!(history.pauses().unwrap(), [""; 0]);
    assert_eq!(history.page(Some("b"), None, None, 9).unwrap().len(), 1);
    assert_eq!(alarm(""), Some(vec![4]));
}

#[test]
fn pauses_outlive_the_program() {
    let (_folder, path) = in_folder();
    let (history, _) = History::open(&path).unwrap();
    history.set_paused("a", true).unwrap();
    history.set_paused("a", true).unwrap();
    history.set_paused("", true).unwrap();
    history.set_paused("", false).unwrap();
    drop(history);
    let (history, _) = History::open(&path).unwrap();
    history.rename("a", "b").unwrap();
    assert_eq!(history.pauses().unwrap(), ["b"]);
}

#[test]
fn a_file_of_version_1_is_brought_along() {
    let (_folder, path) = in_folder();
    // Written by version 0.1.0 of the program.
    fs::write(
        &path,
        include_bytes!("../../tests/fixtures/history-v1.sqlite"),
    )
    .unwrap();
    let (history, aside) = History::open_checked(&path).unwrap();
    assert_eq!(aside, None);
    assert_eq!(
        ids(history.page(None, None, None, 9).unwrap()),
        [5, 4, 3, 2, 1]
    );
    let poke = history.poke(1).unwrap().unwrap();
    assert_eq!(poke.domains[0].pending, Some(3));
    assert!(!poke.dialogue.is_empty());
    assert_eq!(history.pauses().unwrap(), ["gone"]);
    let days = history.days(None, Date::MIN, Date::MAX).unwrap();
    assert_eq!(days.iter().map(|day| day.pokes).sum::<u64>(), 5);
    let of = |account| history.days(Some(account), Date::MIN, Date::MAX).unwrap();
    assert_eq!(
        of("vevida")[0].outcomes,
        BTreeMap::from([("started".to_owned(), 2)])
    );
    assert_eq!(
        of("other")[0].outcomes,
        BTreeMap::from([("refused".to_owned(), 2)])
    );
    assert_eq!(history.add(&sample("vevida", 1, true)).unwrap(), 6);
    // From now on it can give room back.
    let vacuum: i64 = history
        .connection
        .pragma_query_value(None, "auto_vacuum", |row| row.get(0))
        .unwrap();
    assert_eq!(vacuum, 2);
}

#[test]
fn a_file_of_a_later_version_is_left_alone() {
    let (_folder, path) = in_folder();
    let (history, _) = History::open(&path).unwrap();
    history.add(&sample("a", 1, true)).unwrap();
    history
        .connection
        .pragma_update(None, "user_version", 99)
        .unwrap();
    drop(history);
    let error = History::open(&path).unwrap_err();
    assert!(matches!(error, HistoryError::Version(99)), "{error}");
    let sentence = error.at(&path).sentence(&Text::for_language("en"));
    assert!(sentence.contains("later version"), "{sentence}");
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn old_pokes_are_removed() {
    let mut history = in_memory();
    history.set_keep(Keep {
        age: Duration::from_secs(10 * 86_400),
        ..Keep::default()
    });
    let now = 2_000_000_000;
    let day = 86_400;
    for age in [11, 3650, 11 * 366] {
        history.add(&sample("a", now - age * day, true)).unwrap();
    }
    for _ in 3..64 {
        history.add(&sample("a", now, true)).unwrap();
    }
    assert_eq!(history.page(None, None, None, 100).unwrap().len(), 61);
    let days = history.days(None, Date::MIN, Date::MAX).unwrap();
    assert_eq!(
        days.iter().map(|day| day.pokes).collect::<Vec<_>>(),
        [1, 1, 61],
        "figures are kept for ten years"
    );
}

#[test]
fn a_clock_that_is_wrong_for_a_while_costs_little() {
    let history = in_memory();
    for minute in 0..1000 {
        history.add(&sample("a", minute * 60, true)).unwrap();
    }
    for minute in 0..60 {
        let at = Timestamp::MAX.as_second() - 100_000 + minute * 60;
        history.add(&sample("a", at, true)).unwrap();
    }
    history
        .add(&sample("a", Timestamp::MIN.as_second(), true))
        .unwrap();
    let left = history.page(None, None, None, 2000).unwrap().len();
    assert!(left > 900, "{left}");
}

/// A poke with an answer of some size, no two alike.
pub(super) fn large(number: i64, bytes: usize) -> Poke {
    Poke {
        text: Some(format!("{number:>bytes$}")),
        ..sample("a", 1_000_000 + number, true)
    }
}

#[test]
fn the_file_keeps_within_its_bound() {
    let (_folder, path) = in_folder();
    let (mut history, _) = History::open(&path).unwrap();
    history.set_keep(Keep {
        megabytes: 1,
        ..Keep::default()
    });
    // Durability costs time and is not what is tested.
    history
        .connection
        .pragma_update(None, "synchronous", "OFF")
        .unwrap();
    let size = || {
        let of =
            |suffix| fs::metadata(format!("{}{suffix}", path.display())).map_or(0, |m| m.len());
        (of(""), of("-wal"))
    };
    for number in 0..4096 {
        history.add(&large(number, 2000)).unwrap();
        let (file, log) = size();
        assert!(
            file < 1_300_000 && log < 2_500_000,
            "{number}: {file}, {log}"
        );
    }
    // The 64th poke has just tidied up.
    let (file, log) = size();
    assert!(file <= 1_010_000 && log == 0, "{file}, {log}");
    let kept = history.page(None, None, None, 4096).unwrap();
    assert!(kept.len() > 200, "{}", kept.len());
    assert_eq!(kept[0].id, 4096, "the oldest go");
    let days = history.days(None, Date::MIN, Date::MAX).unwrap();
    assert_eq!(days.iter().map(|day| day.pokes).sum::<u64>(), 4096);
}

#[test]
fn the_newest_stay_however_large() {
    let mut history = in_memory();
    history.set_keep(Keep {
        megabytes: 1,
        ..Keep::default()
    });
    for number in 0..256 {
        history.add(&large(number, 20_000)).unwrap();
    }
    assert_eq!(history.page(None, None, None, 1000).unwrap().len(), 100);
}

#[test]
fn ten_years_of_figures_take_little_room() {
    let (_folder, path) = in_folder();
    let (history, _) = History::open(&path).unwrap();
    let empty = fs::metadata(&path).unwrap().len();
    let adding = history.begin().unwrap();
    let arrived = ArrivedAmount {
        connections: 40,
        messages: 90,
        bytes: 9_000_000,
    };
    let accounts = ["vevida", "a.provider.example", "b", "c", "d.example.org"];
    for account in accounts {
        for day in 0..3653 {
            let day = day::date_of(20_000 + day);
            for _ in 0..3 {
                let poke = sample(account, 0, true);
                let count = day::Count::one(poke.outcome, poke.duration_ms).with(arrived);
                day::count(&adding, account, day, &count).unwrap();
            }
        }
    }
    adding.commit().unwrap();
    drop(history);
    let room = fs::metadata(&path).unwrap().len() - empty;
    assert!(room < 300_000 * 5, "{room} bytes for five accounts");
    assert!(room > 10 * 365 * 5 * 20, "{room} bytes: they are not there");
}

/// How many steps SQLite takes for a page: a figure that does not depend on the machine.
fn steps(
    history: &History,
    account: Option<&str>,
    since: Option<Timestamp>,
    before: Option<i64>,
) -> i32 {
    let query = history
        .connection
        .prepare_cached(page_query(account.is_some()))
        .unwrap();
    query.reset_status(StatementStatus::VmStep);
    drop(query);
    let page = history.page(account, since, before, 100).unwrap();
    assert!(page.len() <= 100);
    let query = history
        .connection
        .prepare_cached(page_query(account.is_some()))
        .unwrap();
    query.get_status(StatementStatus::VmStep)
}

/// Pokes of two accounts, one a minute, the second's every hundredth; without what makes a poke
/// large.
fn fill(history: &History, pokes: i64) {
    let report = serde_json::to_string(&sample("a", 0, true)).unwrap();
    history
        .connection
        .execute(
            "WITH RECURSIVE n(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?1)
             INSERT INTO poke (account, started_at, worked, report, dialogue)
             SELECT iif(n % 100 = 0, 'rare', 'a'), n * 60000, n % 7 > 0, ?2, '[]' FROM n",
            params![pokes, report],
        )
        .unwrap();
}

#[test]
fn a_page_takes_as_long_wherever_it_is() {
    let history = in_memory();
    fill(&history, 50_000);
    let at = |minute: i64| Some(Timestamp::from_second(minute * 60).unwrap());
    for (account, since, before) in [
        (None, None, None),
        (None, None, Some(200)),
        (Some("a"), None, Some(25_000)),
        (Some("rare"), None, None),
        (Some("nobody"), None, None),
        (None, at(49_990), None),
        (Some("rare"), at(49_990), None),
        (Some("nobody"), at(100), None),
        (None, at(60_000), None),
    ] {
        let steps = steps(&history, account, since, before);
        assert!(
            steps < 30_000,
            "{account:?} {since:?} {before:?}: {steps} steps"
        );
    }
    assert!(
        steps(&history, None, None, None) > 100,
        "the steps are counted"
    );
}

#[test]
fn a_file_that_is_no_database_is_put_aside() {
    let (_folder, path) = in_folder();
    let text = "this is no database, whatever its name says".repeat(100);
    let mut gone = Vec::new();
    for _ in 0..2 {
        fs::write(&path, &text).unwrap();
        let (history, aside) = History::open(&path).unwrap();
        assert_eq!(history.add(&sample("a", 1, true)).unwrap(), 1);
        gone.push(aside.unwrap());
    }
    // Twice within a second: the second takes nothing from the first.
    assert_ne!(gone[0], gone[1]);
    for aside in gone {
        assert_eq!(fs::read_to_string(&aside).unwrap(), text);
        let sentence = put_aside_sentence(&aside, &Text::for_language("en"));
        assert!(sentence.contains(aside.to_str().unwrap()), "{sentence}");
    }
}

#[test]
fn damage_at_any_place_ends_in_a_working_history() {
    let (_folder, path) = in_folder();
    let (history, _) = History::open(&path).unwrap();
    for number in 0..200 {
        history.add(&large(number, 300)).unwrap();
    }
    history.set_state("a", "alarm", Some(&1)).unwrap();
    drop(history);
    let whole = fs::read(&path).unwrap();
    let mut random = Random(4);
    let (mut at_once, mut later) = (0, 0);
    for _ in 0..100 {
        let mut bytes = whole.clone();
        for _ in 0..=random.below(3) {
            let at = random.below(bytes.len());
            let length = (1 + random.below(600)).min(bytes.len() - at);
            for byte in &mut bytes[at..at + length] {
                *byte = u8::try_from(random.below(256)).unwrap();
            }
        }
        if random.below(4) == 0 {
            bytes.truncate(random.below(bytes.len()));
        }
        for beside in fs::read_dir(path.parent().unwrap()).unwrap() {
            fs::remove_file(beside.unwrap().path()).unwrap();
        }
        fs::write(&path, &bytes).unwrap();
        // As the engine does: it looks at all of it first, or finds out as it goes.
        let opened = if random.below(2) == 0 {
            History::open_checked(&path)
        } else {
            History::open(&path)
        };
        let (mut history, aside) = match opened {
            // Its version is of the bytes that were hit: rather left alone than thrown away.
            Err(HistoryError::Version(_)) => continue,
            opened => opened.unwrap(),
        };
        at_once += u32::from(aside.is_some());
        let used = use_all(&history);
        if let Err(error) = used {
            if !error.is_damage() {
                // Of one row only.
                assert!(matches!(error, HistoryError::Json(_)), "{error:?}");
                continue;
            }
            later += 1;
            let aside = history.begin_anew().unwrap().unwrap();
            assert!(aside.exists());
            use_all(&history).unwrap();
            drop(history);
            let (history, aside) = History::open_checked(&path).unwrap();
            assert_eq!(aside, None);
            assert_eq!(history.page(None, None, None, 1).unwrap().len(), 1);
        }
    }
    assert!(at_once > 5 && later > 5, "{at_once}, {later}");
}

fn use_all(history: &History) -> Result<(), HistoryError> {
    let id = history.add(&sample("a", 1, true))?;
    history.poke(id)?;
    history.update(id, ArrivedAmount::default(), |poke| poke.duration_ms += 1)?;
    history.page(None, None, None, 1000)?;
    history.page(Some("a"), Some(Timestamp::UNIX_EPOCH), None, 1000)?;
    history.past("a")?;
    history.days(None, Date::MIN, Date::MAX)?;
    history.pauses()?;
    history.state::<u8>("a", "alarm")?;
    history.set_state("a", "alarm", Some(&2))?;
    history.rename("a", "b")?;
    history.forget("b")
}

/// Numbers that are the same in every run (xorshift).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % most as u64).unwrap()
    }
}

#[test]
fn a_full_disk_costs_the_new_poke_only() {
    let (_folder, path) = in_folder();
    let (history, _) = History::open(&path).unwrap();
    let english = Text::for_language("en");
    let limit = |pages: i64| {
        let set = format!("PRAGMA max_page_count = {pages}");
        history.connection.query_row(&set, [], |_| Ok(())).unwrap();
    };
    limit(40);
    let mut kept = Vec::new();
    let error = loop {
        match history.add(&large(1, 2000)) {
            Ok(id) => kept.push(id),
            Err(error) => break error,
        }
    };
    let sentence = error.at(&path).sentence(&english);
    assert!(sentence.contains("disk is full"), "{sentence}");
    assert!(!kept.is_empty());
    let refused = history.update(1, ArrivedAmount::default(), |poke| {
        poke.text = Some("x".repeat(50_000));
    });
    assert!(refused.is_err());
    let figures = history.days(None, Date::MIN, Date::MAX).unwrap();
    assert_eq!(figures[0].pokes, kept.len() as u64);
    // Once there is room again it goes on, without anyone's hand.
    limit(100_000);
    kept.push(history.add(&large(2, 2000)).unwrap());
    kept.reverse();
    assert_eq!(ids(history.page(None, None, None, 1000).unwrap()), kept);
    assert!(history.poke(1).unwrap().unwrap().text.unwrap().len() < 3000);
}

#[test]
fn a_file_that_cannot_be_written_is_still_read() {
    let (_folder, path) = in_folder();
    let (history, _) = History::open(&path).unwrap();
    history.add(&sample("a", 1, true)).unwrap();
    history
        .connection
        .pragma_update(None, "query_only", true)
        .unwrap();
    let error = history.add(&sample("a", 2, true)).unwrap_err();
    let sentence = error.at(&path).sentence(&Text::for_language("en"));
    assert!(sentence.contains("is not allowed to write"), "{sentence}");
    assert_eq!(history.page(None, None, None, 9).unwrap().len(), 1);
}

#[test]
fn several_connections_open_a_new_file_at_once() {
    for _ in 0..20 {
        let (_folder, path) = in_folder();
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
