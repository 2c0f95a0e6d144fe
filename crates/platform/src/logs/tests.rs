use std::{collections::BTreeSet, fs, path::Path, thread, time::Duration};

use tracing::{Level, level_filters::LevelFilter};

use super::{
    files::{FileLog, numbered},
    form,
    read::{self, Place, Wanted},
    writer::Writer,
    *,
};

const PROGRAM: &str = "dequeue-test";

fn line(words: &str) -> String {
    form::for_file(Level::INFO, PROGRAM, "dequeue::here", words)
}

fn all(folder: &Path) -> Vec<String> {
    let lines = read::after(folder, &Wanted::default(), Place::default(), usize::MAX).unwrap();
    assert!(!lines.more);
    lines.lines.into_iter().map(|line| line.words).collect()
}

fn octets(folder: &Path) -> u64 {
    let files = numbered(folder).unwrap().into_iter();
    files
        .map(|(_, path)| fs::metadata(path).unwrap().len())
        .sum()
}

#[test]
fn the_oldest_lines_make_room_for_the_newest() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("logs");
    let mut log = FileLog::new(folder.clone());
    log.keep_at_most(80_000);
    let mut most = 0;
    for n in 0..5000 {
        log.write(line(&format!("line {n}")).as_bytes()).unwrap();
        if n % 50 == 0 {
            most = most.max(octets(&folder));
        }
    }
    most = most.max(octets(&folder));
    // Most of the room is used, and never more than all of it.
    assert!((60_000..=80_000).contains(&most), "{most}");
    let kept = all(&folder);
    assert_eq!(kept.last().unwrap(), "line 4999");
    let first = 5000 - kept.len();
    let expected: Vec<String> = (first..5000).map(|n| format!("line {n}")).collect();
    assert_eq!(kept, expected);
    // Less room is taken from the next file on.
    log.keep_at_most(16_000);
    for n in 0..500 {
        log.write(line(&format!("later {n}")).as_bytes()).unwrap();
    }
    assert!(octets(&folder) <= 16_000, "{}", octets(&folder));
    assert_eq!(all(&folder).last().unwrap(), "later 499");
    #[cfg(unix)]
    for (_, path) in numbered(&folder).unwrap() {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&path)), (0o700, 0o600));
    }
}

/// As several programs do: each has opened the files by itself.
#[test]
fn who_writes_at_the_same_time_loses_nothing() {
    const WRITERS: usize = 4;
    const LINES: usize = 2000;
    let folder = tempfile::tempdir().unwrap();
    let log = FileLog::new(folder.path().to_owned());
    log.keep_at_most(4_000_000);
    thread::scope(|scope| {
        for writer in 0..WRITERS {
            let mut log = log.clone();
            scope.spawn(move || {
                for n in 0..LINES {
                    log.write(line(&format!("{writer} {n}")).as_bytes())
                        .unwrap();
                }
            });
        }
    });
    assert!(numbered(folder.path()).unwrap().len() > 1);
    let found = all(folder.path());
    let expected = |writer| (0..LINES).map(move |n| format!("{writer} {n}"));
    let expected: BTreeSet<String> = (0..WRITERS).flat_map(expected).collect();
    assert_eq!(found.len(), expected.len());
    assert_eq!(found.into_iter().collect::<BTreeSet<_>>(), expected);
}

#[test]
fn a_log_that_was_removed_is_begun_anew() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("logs");
    let mut log = FileLog::new(folder.clone());
    log.write(line("before").as_bytes()).unwrap();
    let end = read::end(&folder).unwrap();
    // Windows keeps the name of a file that is open.
    if cfg!(unix) {
        fs::remove_dir_all(&folder).unwrap();
        log.write(line("after").as_bytes()).unwrap();
        assert_eq!(all(&folder), ["after"]);
        let later = read::after(&folder, &Wanted::default(), end, 9).unwrap();
        assert_eq!(later.lines[0].words, "after");
        log.write(line("more").as_bytes()).unwrap();
        let later = read::after(&folder, &Wanted::default(), later.end, 9).unwrap();
        assert_eq!(later.lines[0].words, "more");
    }
    // Nor does it matter that the numbers begin anew.
    let end = Place { file: 9, at: 7 };
    let later = read::after(&folder, &Wanted::default(), end, 9).unwrap();
    assert!(!later.lines.is_empty());
}

#[test]
fn what_a_disk_does_not_take_is_counted() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("logs");
    // Nothing can be made below a file.
    fs::write(&folder, "").unwrap();
    let writer = Writer::new(FileLog::new(folder.clone()), PROGRAM);
    for n in 0..3 {
        writer.write(line(&format!("lost {n}")));
        writer.flush();
    }
    fs::remove_file(&folder).unwrap();
    writer.write(line("kept"));
    writer.flush();
    let kept = all(&folder);
    assert_eq!(kept.len(), 2, "{kept:?}");
    assert_eq!(kept[0], "kept");
    assert!(kept[1].ends_with("count=3"), "{kept:?}");
}

#[test]
fn lines_are_found_again() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = FileLog::new(folder.path().to_owned());
    log.keep_at_most(80_000);
    for n in 0..300 {
        let level = if n % 3 == 0 { Level::WARN } else { Level::INFO };
        let target = if n % 2 == 0 {
            "dequeue::even"
        } else {
            "dequeue::odd"
        };
        let line = form::for_file(level, PROGRAM, target, &format!("Poke {n}: a=\"b: c\""));
        log.write(line.as_bytes()).unwrap();
    }
    // Half a line, as a program leaves that is killed.
    let (number, newest) = numbered(folder.path()).unwrap().pop().unwrap();
    assert!(number > 1);
    fs::OpenOptions::new()
        .append(true)
        .open(newest)
        .and_then(|mut file| file.write_all(b"2026-11-29T19:4"))
        .unwrap();

    let wanted = Wanted::default();
    let mut page = read::newest(folder.path(), &wanted, None, 70).unwrap();
    let end = page.end;
    let mut found = Vec::new();
    loop {
        let mut lines = page.lines.clone();
        lines.append(&mut found);
        found = lines;
        if !page.more {
            break;
        }
        page = read::newest(folder.path(), &wanted, Some(page.begin), 70).unwrap();
    }
    let numbers: Vec<String> = (0..300).map(|n| format!("Poke {n}: a=\"b: c\"")).collect();
    let words: Vec<&str> = found.iter().map(|line| line.words.as_str()).collect();
    assert_eq!(words, numbers);
    assert_eq!(found[0].program, PROGRAM);
    assert_eq!(found[0].process, std::process::id());
    assert_eq!(
        (found[0].level, &*found[0].target),
        (Level::WARN, "dequeue::even")
    );

    let mut place = Place::default();
    let mut count = 0;
    loop {
        let page = read::after(folder.path(), &wanted, place, 70).unwrap();
        count += page.lines.len();
        place = page.end;
        if !page.more {
            break;
        }
    }
    assert_eq!((count, place), (300, end));

    for (wanted, expected) in [
        (
            Wanted {
                least: LevelFilter::WARN,
                ..Wanted::default()
            },
            100,
        ),
        (
            Wanted {
                least: LevelFilter::ERROR,
                ..Wanted::default()
            },
            0,
        ),
        (
            Wanted {
                text: "poke 29".into(),
                ..Wanted::default()
            },
            11,
        ),
        (
            Wanted {
                text: "::odd".into(),
                ..Wanted::default()
            },
            150,
        ),
        (
            Wanted {
                since: Some(found[290].at),
                ..Wanted::default()
            },
            10,
        ),
    ] {
        let lines = read::newest(folder.path(), &wanted, None, 1000)
            .unwrap()
            .lines;
        // Some may have been logged in the same thousandth of a second.
        let enough = lines.len() == expected || wanted.since.is_some() && lines.len() > expected;
        assert!(enough, "{} of {wanted:?}", lines.len());
    }
    let none = read::newest(&folder.path().join("none"), &Wanted::default(), None, 9).unwrap();
    assert!(none.lines.is_empty() && !none.more);
}

#[test]
fn the_journal_is_told_how_important_a_line_is() {
    for (level, priority) in [
        (Level::ERROR, 3),
        (Level::WARN, 4),
        (Level::INFO, 6),
        (Level::DEBUG, 7),
        (Level::TRACE, 7),
    ] {
        let line = form::for_journal(level, "dequeue::here", "words");
        assert_eq!(line, format!("<{priority}>dequeue::here: words\n"));
    }
}

/// The whole of it. Nextest runs each test in a process of its own, which has one log.
#[test]
fn the_level_changes_while_it_runs_and_the_end_is_waited_for() {
    if is_asked_for() {
        panic!("{VARIABLE} is set: it overrides what this test sets");
    }
    let folder = tempfile::tempdir().unwrap();
    let logging = set_up(Logs {
        program: PROGRAM,
        safe: |line| line.replace("hunter2", "…"),
        folder: Some(folder.path().to_owned()),
        stderr: Stderr::Asked,
        event_log: false,
    });
    let of_library = || tracing::info!(target: "library", "not ours");
    tracing::debug!("too soon");
    tracing::info!(account = "a", count = 3, "said hunter2");
    of_library();
    tracing::warn!(target: "library", "still wanted");
    set_level(LevelFilter::DEBUG);
    tracing::debug!("now");
    of_library();
    set_level(LevelFilter::ERROR);
    tracing::warn!("too late");
    tracing::warn!(target: "library", "too late");
    let fault = thread::spawn(|| panic!("hunter2")).join();
    assert!(fault.is_err());
    drop(logging);
    let said = all(folder.path());
    assert_eq!(
        said[..3],
        ["said … account=\"a\" count=3", "still wanted", "now"]
    );
    assert_eq!(said.len(), 4, "{said:?}");
    assert!(
        said[3].starts_with("a fault of our own at=") && said[3].contains("tests.rs"),
        "{said:?}"
    );
    // A second one changes nothing.
    let other = tempfile::tempdir().unwrap();
    drop(set_up(Logs {
        program: "other",
        safe: str::to_owned,
        folder: Some(other.path().to_owned()),
        stderr: Stderr::Asked,
        event_log: false,
    }));
    tracing::error!("once");
    flush();
    assert_eq!(all(folder.path()).len(), 5);
    assert!(all(other.path()).is_empty());
}

/// A line is written by itself, without anybody flushing it.
#[test]
fn a_line_is_there_without_an_end() {
    let folder = tempfile::tempdir().unwrap();
    let writer = Writer::new(FileLog::new(folder.path().to_owned()), PROGRAM);
    writer.write(line("by itself"));
    for _ in 0..1000 {
        if read::end(folder.path()).unwrap() > Place::default() {
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    assert_eq!(all(folder.path()), ["by itself"]);
}

#[cfg(windows)]
#[test]
fn the_event_log_knows_our_events() {
    register_event_source().unwrap();
    register_event_source().unwrap();
    let key = windows_registry::LOCAL_MACHINE
        .open(r"SYSTEM\CurrentControlSet\Services\EventLog\Application\Dequeue")
        .unwrap();
    assert!(
        key.get_string("EventMessageFile")
            .unwrap()
            .ends_with("EventCreate.exe")
    );
    assert_eq!(key.get_u32("TypesSupported").unwrap(), 7);
    event_log::EventLog::open()
        .unwrap()
        .report(Level::WARN, "a test");
    unregister_event_source().unwrap();
    unregister_event_source().unwrap();
}
