//! Killed at any instant, and with no room left: the history and the settings always open, and
//! nothing that was acknowledged is lost.
//!
//! The child is this program itself: it pokes, notes and saves as fast as it can, on the files or as
//! a whole engine, and says each thing on its standard error once it is done.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    env,
    io::{self, BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use dequeue_api::{Client, Paths, Request, Response};
use dequeue_core::{day::ArrivedAmount, record::Poke, settings::file::SettingsFile};
use dequeue_engine::{
    Hosting,
    history::History,
    host_or_attach,
    settings_file::{self, EditError},
};
use jiff::{Timestamp, civil::Date};
use rusqlite::OpenFlags;

/// The folder that the child works in.
const FOLDER: &str = "DEQUEUE_TEST_KILLED_IN";
const KILLS: usize = 1000;
const LANES: usize = 4;
/// After so many kills a lane begins with a new folder: looking at all of a long history a
/// thousand times would be most of the work.
const KILLS_IN_A_FOLDER: usize = 25;

fn poke(number: u32) -> Poke {
    let poke = serde_json::json!({
        "id": 0,
        "account": "vevida",
        "host": "bsmtp.example.org",
        "address": "192.0.2.25:25",
        "method": "etrn",
        "outcome": "started",
        "reason": "queuing-started",
        "code": 250,
        "text": "x".repeat(number as usize % 5000),
        "domains": [],
        "trigger": "schedule",
        "started_at": Timestamp::from_second(1_800_000_000 + i64::from(number)).unwrap(),
        "duration_ms": number,
        "round_trips": 4,
        "tls": null,
        "seen_address": null,
        "dialogue": [{ "from": "provider", "at_ms": 3, "line": "220 hi" }],
    });
    serde_json::from_value(poke).unwrap()
}

/// Saves the settings with a number in them.
fn save(path: &Path, number: u32) -> io::Result<()> {
    let fields = BTreeMap::from([
        ("name".to_owned(), "vevida".to_owned()),
        ("host".to_owned(), "bsmtp.example.org".to_owned()),
        ("port".to_owned(), (1 + number).to_string()),
        // So that no two have the same length either.
        (
            "domains".to_owned(),
            format!("a{}.example", "b".repeat(number as usize % 50)),
        ),
    ]);
    let edited = settings_file::edit(path, false, |file| {
        let mut settings = file.settings().clone();
        let original = settings.account("vevida").map(|_| "vevida");
        let account = settings.with_account(original, &fields);
        settings.put_account(original, account.unwrap());
        Ok::<_, Infallible>((settings.into(), ()))
    });
    match edited {
        Ok(_) => Ok(()),
        Err(EditError::NotWritable(error)) => Err(error),
        Err(fault) => panic!("{fault:?}"),
    }
}

/// Not a test of its own: what the other tests start and kill.
#[test]
fn the_child() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let folder = Path::new(&folder);
    let (history, aside) = History::open(&folder.join("history.sqlite")).unwrap();
    assert_eq!(aside, None);
    let first = history
        .past("vevida")
        .unwrap()
        .last
        .map_or(1, |last| last.duration_ms + 1);
    eprintln!("began");
    for number in first.. {
        let id = history.add(&poke(number)).unwrap();
        eprintln!("poked {id} {number}");
        history
            .set_state("vevida", "number", Some(&number))
            .unwrap();
        eprintln!("noted {number}");
        if number % 3 == 0 {
            let arrived = ArrivedAmount {
                connections: 1,
                messages: 1,
                bytes: 1,
            };
            history
                .update(id, arrived, |poke| poke.code = Some(253))
                .unwrap();
            eprintln!("completed {id} {number}");
        }
        if number % 4 == 0 {
            save(&folder.join("settings.toml"), number).unwrap();
            eprintln!("saved {number}");
        }
    }
}

fn start(child: &str, folder: &Path, variables: &[(&str, &str)]) -> Child {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", child, "--nocapture"])
        .env(FOLDER, folder)
        .envs(variables.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// What the children in a folder have acknowledged.
#[derive(Default)]
struct Acknowledged {
    /// The number of each poke by its id.
    poked: BTreeMap<i64, u32>,
    completed: Vec<i64>,
    noted: u32,
    saved: u32,
}

impl Acknowledged {
    fn take(&mut self, line: &str) {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["began"] => {}
            ["poked", id, number] => {
                let earlier = self
                    .poked
                    .insert(id.parse().unwrap(), number.parse().unwrap());
                assert_eq!(earlier, None, "{line}");
            }
            ["completed", id, _] => self.completed.push(id.parse().unwrap()),
            ["noted", number] => self.noted = number.parse().unwrap(),
            ["saved", number] => self.saved = number.parse().unwrap(),
            _ => panic!("the child says: {line}"),
        }
    }

    /// Looks whether all of it is on the disk.
    fn check(&self, folder: &Path) {
        let path = folder.join("history.sqlite");
        let (history, aside) = History::open_checked(&path).unwrap();
        assert_eq!(aside, None);
        let pokes = history.page(Some("vevida"), None, None, u32::MAX).unwrap();
        let by_id: BTreeMap<i64, &Poke> = pokes.iter().map(|poke| (poke.id, poke)).collect();
        for (id, number) in &self.poked {
            assert_eq!(
                by_id.get(id).map(|poke| poke.duration_ms),
                Some(*number),
                "poke {id}"
            );
        }
        for id in &self.completed {
            assert_eq!(by_id[id].code, Some(253), "poke {id}");
        }
        // A poke and its figures are one.
        let days = history.days(None, Date::MIN, Date::MAX).unwrap();
        assert_eq!(
            days.iter().map(|day| day.pokes).sum::<u64>(),
            pokes.len() as u64
        );
        let completed = pokes.iter().filter(|poke| poke.code == Some(253)).count();
        assert_eq!(
            days.iter().map(|day| day.arrived.bytes).sum::<u64>(),
            completed as u64
        );
        // More may have been done than was said.
        let last = pokes.first().map_or(0, |poke| poke.duration_ms);
        let noted = history.state("vevida", "number").unwrap().unwrap_or(0);
        assert!(
            (self.noted..=last).contains(&noted),
            "{noted}, {}",
            self.noted
        );
        let connection = rusqlite::Connection::open(&path).unwrap();
        let found: String = connection
            .pragma_query_value(None, "integrity_check", |row| row.get(0))
            .unwrap();
        assert_eq!(found, "ok");
        let saved = number_saved(folder);
        assert!(
            (self.saved..=last).contains(&saved) && saved.is_multiple_of(4),
            "{saved}, {}",
            self.saved
        );
    }
}

/// The number that the settings were saved with; 0 where they never were.
fn number_saved(folder: &Path) -> u32 {
    let settings = settings_file::load(&folder.join("settings.toml")).unwrap();
    settings
        .settings()
        .account("vevida")
        .map_or(0, |account| u32::from(account.port()) - 1)
}

/// Numbers that are the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, most: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % most
    }
}

#[test]
fn a_thousand_kills_lose_nothing() {
    thread::scope(|lanes| {
        for lane in 0..LANES {
            lanes.spawn(move || kill(KILLS / LANES, Random(lane as u64 + 1)));
        }
    });
}

fn kill(times: usize, mut random: Random) {
    let mut folder = tempfile::tempdir().unwrap();
    let mut acknowledged = Acknowledged::default();
    let mut poked = 0;
    for time in 0..times {
        if time % KILLS_IN_A_FOLDER == 0 {
            poked += acknowledged.poked.len();
            folder = tempfile::tempdir().unwrap();
            acknowledged = Acknowledged::default();
        }
        let child = start("kill::the_child", folder.path(), &[]);
        for line in said_until_killed(child, &mut random, "") {
            acknowledged.take(&line);
        }
        acknowledged.check(folder.path());
    }
    assert!(poked > times, "the children did work: {poked} pokes");
}

/// Kills it at any step of its work after it has said what begins with `first`, then at any instant;
/// gives what it has said.
fn said_until_killed(mut child: Child, random: &mut Random, first: &str) -> Vec<String> {
    let mut said = BufReader::new(child.stderr.take().unwrap());
    let mut lines = String::new();
    while !first.is_empty() && !lines.lines().any(|line| line.starts_with(first)) {
        assert_ne!(said.read_line(&mut lines).unwrap(), 0, "{lines}");
    }
    // What is waited for is no condition.
    for _ in 0..random.below(16) {
        said.read_line(&mut lines).unwrap();
    }
    thread::sleep(Duration::from_micros(random.below(4000)));
    child.kill().unwrap();
    child.wait().unwrap();
    said.read_to_string(&mut lines).unwrap();
    // A line that it was killed in the middle of is not said.
    let whole = lines
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    whole.map(|line| line.trim_end().to_owned()).collect()
}

/// The provider's port, for the child that is a whole engine.
const PROVIDER: &str = "DEQUEUE_TEST_PROVIDER";
/// How many save settings in that child, each an account of its own: every other one asks the engine,
/// the rest write the file as another process does.
const SAVERS: &str = "DEQUEUE_TEST_SAVERS";

/// Not a test of its own: an engine that pokes by its rhythm and by hand while settings are saved.
#[test]
fn the_engine() {
    let Some(folder) = env::var_os(FOLDER) else {
        return;
    };
    let port = env::var(PROVIDER).unwrap();
    let savers: usize = env::var(SAVERS).unwrap().parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        let paths = Paths::in_folder(Path::new(&folder));
        let engine = host_or_attach(&paths, Hosting::Rhythm).await.unwrap();
        let client = &engine.client;
        let saved = saved_in(paths.settings());
        for saver in 0..savers {
            let first = saved.get(&saver).map_or(1, |last| last + 1);
            let port = port.clone();
            if saver % 2 == 0 {
                let client = client.clone();
                tokio::spawn(save_by_engine(client, saver, first, port));
            } else {
                let settings = paths.settings().to_owned();
                thread::spawn(move || save_beside(&settings, saver, first, &port));
            }
        }
        loop {
            let accounts = vec!["w0".to_owned()];
            // It is not there before the first time that it is saved.
            if let Ok(Response::Pokes { pokes, .. }) =
                client.request(Request::PokeNow { accounts }).await
            {
                for poke in pokes {
                    eprintln!("poked {} {}", poke.id, poke.started_at.as_millisecond());
                }
            }
            tokio::task::yield_now().await;
        }
    });
}

/// A saver's account, with the number that it is saved with.
fn account_of(saver: usize, number: u32, port: &str) -> BTreeMap<String, String> {
    let fields = [
        ("name", format!("w{saver}")),
        ("host", "127.0.0.1".to_owned()),
        ("port", port.to_owned()),
        ("method", "signal".to_owned()),
        ("domains", format!("a{number}.example")),
    ];
    fields.map(|(key, text)| (key.to_owned(), text)).into()
}

async fn save_by_engine(client: Client, saver: usize, first: u32, port: String) {
    for number in first.. {
        let save = Request::SaveAccount {
            original: (number > 1).then(|| format!("w{saver}")),
            fields: account_of(saver, number, &port),
            dry_run: false,
        };
        // Where others are quicker all the time it is refused, and tried again.
        while client.request(save.clone()).await != Ok(Response::Done) {}
        eprintln!("saved {saver} {number}");
    }
}

fn save_beside(settings: &Path, saver: usize, first: u32, port: &str) {
    for number in first.. {
        let fields = account_of(saver, number, port);
        let original = (number > 1).then(|| format!("w{saver}"));
        let save = |file: &SettingsFile| {
            let mut settings = file.settings().clone();
            let account = settings.with_account(original.as_deref(), &fields);
            settings.put_account(original.as_deref(), account.unwrap());
            Ok::<_, Infallible>((settings.into(), ()))
        };
        while settings_file::edit(settings, false, save).is_err() {}
        eprintln!("saved {saver} {number}");
    }
}

/// The number that each saver has saved last.
fn saved_in(settings: &Path) -> BTreeMap<usize, u32> {
    let file = settings_file::load(settings).unwrap();
    let saved = file.settings().accounts.iter().map(|account| {
        let domain = account.domains[0].to_string();
        let number = domain[1..].split('.').next().unwrap();
        (account.name[1..].parse().unwrap(), number.parse().unwrap())
    });
    saved.collect()
}

/// A provider that says as much as a signal needs, until the program ends.
fn provider() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            thread::spawn(move || {
                // An engine that was killed reads nothing.
                let _ = stream.write_all(b"220 provider.example ESMTP\r\n");
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                while let Some(Ok(line)) = lines.next() {
                    let quit = line.eq_ignore_ascii_case("QUIT");
                    let reply: &[u8] = if quit { b"221 Bye\r\n" } else { b"250 OK\r\n" };
                    if stream.write_all(reply).is_err() || quit {
                        break;
                    }
                }
            });
        }
    });
    port
}

#[test]
fn an_engine_that_is_killed_has_kept_what_it_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    kill_engines(folder.path(), 100, 1);
}

#[test]
fn what_24_save_at_once_is_kept_while_the_engine_is_killed_and_its_history_locked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("history.sqlite");
    let (done, is_done) = mpsc::channel::<()>();
    thread::scope(|scope| {
        // A backup, a virus scanner, a curious administrator.
        scope.spawn(move || {
            while is_done.try_recv() == Err(mpsc::TryRecvError::Empty) {
                let _ = lock_for_a_moment(&path);
                thread::sleep(Duration::from_millis(2));
            }
        });
        kill_engines(folder.path(), 30, 24);
        drop(done);
    });
}

fn lock_for_a_moment(history: &Path) -> rusqlite::Result<()> {
    let history =
        rusqlite::Connection::open_with_flags(history, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    history.execute_batch("BEGIN IMMEDIATE")?;
    thread::sleep(Duration::from_millis(10));
    history.execute_batch("ROLLBACK")
}

/// Kills engines that so many save beside, and looks each time whether what they have said is kept.
fn kill_engines(folder: &Path, kills: usize, savers: usize) {
    let (port, savers) = (provider().to_string(), savers.to_string());
    let mut random = Random(99);
    let mut poked: BTreeMap<i64, i64> = BTreeMap::new();
    let mut saved: BTreeMap<usize, u32> = BTreeMap::new();
    for kill in 0..kills {
        let variables = [(PROVIDER, port.as_str()), (SAVERS, savers.as_str())];
        let child = start("kill::the_engine", folder, &variables);
        // Every other one gets as far as a poke, however busy the savers keep it.
        let first = if kill % 2 == 0 { "poked" } else { "" };
        for line in said_until_killed(child, &mut random, first) {
            match line.split(' ').collect::<Vec<_>>().as_slice() {
                ["poked", id, at] => {
                    let before = poked.insert(id.parse().unwrap(), at.parse().unwrap());
                    assert_eq!(before, None, "{line}");
                }
                ["saved", saver, number] => {
                    saved.insert(saver.parse().unwrap(), number.parse().unwrap());
                }
                _ => panic!("kill {kill}: the engine says: {line}"),
            }
        }
        let path = folder.join("history.sqlite");
        if !path.exists() {
            continue;
        }
        let (history, aside) = History::open_checked(&path).unwrap();
        assert_eq!(aside, None);
        let there = history.page(None, None, None, u32::MAX).unwrap();
        let days = history.days(None, Date::MIN, Date::MAX).unwrap();
        let counted: u64 = days.iter().map(|day| day.pokes).sum();
        assert_eq!(counted, there.len() as u64, "kill {kill}");
        let began: BTreeMap<i64, i64> = there
            .into_iter()
            .map(|poke| (poke.id, poke.started_at.as_millisecond()))
            .collect();
        for (id, at) in &poked {
            assert_eq!(began.get(id), Some(at), "kill {kill}, poke {id}");
        }
        let there = saved_in(&folder.join("settings.toml"));
        for (saver, said) in &saved {
            // One more may have been saved than was said.
            let found = there.get(saver).copied().unwrap_or(0);
            assert!(
                (*said..=said + 1).contains(&found),
                "kill {kill}: {saver} has saved {said}, there is {found}"
            );
        }
        saved = there;
    }
    let times: u32 = saved.values().sum();
    assert!(
        // How much is saved before it is killed is the machine's matter.
        poked.len() >= kills / 2 && times > 0,
        "the engines did work: {} pokes, {times} times saved",
        poked.len()
    );
}

#[cfg(target_os = "linux")]
mod full {
    use std::fs;

    use super::*;
    use crate::left_out::left_out;

    /// A file system of 1 MB of its own; `None` where only root may have one.
    struct Small(tempfile::TempDir);

    impl Small {
        fn mount() -> Option<Self> {
            let folder = tempfile::tempdir().unwrap();
            let mounted = Command::new("mount")
                .args(["-t", "tmpfs", "-o", "size=1m,mode=700", "tmpfs"])
                .arg(folder.path())
                .stderr(Stdio::null())
                .status();
            if mounted.is_ok_and(|status| status.success()) {
                return Some(Self(folder));
            }
            assert!(
                !rustix::process::geteuid().is_root(),
                "root has a small file system for this test"
            );
            left_out("only root mounts a small file system");
            None
        }

        fn remount(&self, how: &str) {
            let status = Command::new("mount")
                .args(["-o", &format!("remount,{how}")])
                .arg(self.0.path())
                .status();
            assert!(status.unwrap().success());
        }
    }

    impl Drop for Small {
        fn drop(&mut self) {
            let status = Command::new("umount").arg("-l").arg(self.0.path()).status();
            assert!(thread::panicking() || status.unwrap().success());
        }
    }

    fn ids(history: &History) -> Vec<i64> {
        let page = history.page(None, None, None, u32::MAX).unwrap();
        page.iter().rev().map(|poke| poke.id).collect()
    }

    #[test]
    fn a_full_disk_loses_nothing_and_is_got_over() {
        let Some(small) = Small::mount() else { return };
        let folder = small.0.path();
        let settings = folder.join("settings.toml");
        save(&settings, 8).unwrap();
        let (history, _) = History::open(&folder.join("history.sqlite")).unwrap();
        let mut kept = Vec::new();
        let error = loop {
            match history.add(&poke(4000)) {
                Ok(id) => kept.push(id),
                Err(error) => break error,
            }
        };
        let text = dequeue_core::Text::for_language("en");
        let sentence = error.at(&folder.join("history.sqlite")).sentence(&text);
        assert!(sentence.contains("disk is full"), "{sentence}");
        assert!(kept.len() > 20, "{kept:?}");
        // To the last byte.
        let ballast = folder.join("ballast");
        let _ = fs::write(&ballast, vec![0; 1 << 20]);
        assert!(save(&settings, 4).is_err());
        assert!(history.add(&poke(4000)).is_err());
        assert!(
            history
                .set_state("vevida", "number", Some(&"x".repeat(9000)))
                .is_err()
        );
        assert_eq!(ids(&history), kept);
        assert_eq!(number_saved(folder), 8);
        drop(history);
        fs::remove_file(&ballast).unwrap();
        small.remount("size=8m");
        let (history, aside) = History::open_checked(&folder.join("history.sqlite")).unwrap();
        assert_eq!(aside, None);
        kept.push(history.add(&poke(4000)).unwrap());
        assert_eq!(ids(&history), kept);
        save(&settings, 4).unwrap();
    }

    #[test]
    fn of_24_who_save_on_a_disk_that_fills_up_each_is_kept_or_refused() {
        let Some(small) = Small::mount() else { return };
        let folder = small.0.path();
        let settings = folder.join("settings.toml");
        let ballast = folder.join("ballast");
        fs::write(&ballast, vec![0; 900 << 10]).unwrap();
        let saved = thread::scope(|scope| {
            let savers: Vec<_> = (0..24)
                .map(|saver| {
                    let settings = &settings;
                    scope.spawn(move || {
                        let mut saved = 0;
                        // Ever longer, until there is no room for it.
                        for number in 1..400 {
                            let edited = settings_file::edit(settings, false, |file| {
                                let mut settings = file.settings().clone();
                                let mut fields = account_of(saver, number, "25");
                                let domains = (number..number * 20)
                                    .map(|domain| format!("a{domain}.example"));
                                let domains: Vec<_> = domains.collect();
                                fields.insert("domains".to_owned(), domains.join(","));
                                let original = (saved > 0).then(|| format!("w{saver}"));
                                let account =
                                    settings.with_account(original.as_deref(), &fields).unwrap();
                                settings.put_account(original.as_deref(), account);
                                Ok::<_, Infallible>((settings.into(), ()))
                            });
                            match edited {
                                Ok(_) => saved = number,
                                Err(EditError::NotWritable(error)) => {
                                    assert_eq!(error.kind(), io::ErrorKind::StorageFull);
                                    break;
                                }
                                Err(EditError::Contended) => {}
                                Err(fault) => panic!("{fault:?}"),
                            }
                        }
                        (saver, saved)
                    })
                })
                .collect();
            let saved = savers.into_iter().map(|saver| saver.join().unwrap());
            saved.filter(|(_, saved)| *saved > 0).collect()
        });
        assert_eq!(saved_in(&settings), saved);
        let names = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = names.map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["ballast", "settings.toml", "settings.toml.lock"]);
    }

    #[test]
    fn a_disk_that_turns_read_only_loses_nothing() {
        let Some(small) = Small::mount() else { return };
        let folder = small.0.path();
        let path = folder.join("history.sqlite");
        let settings = folder.join("settings.toml");
        let (history, _) = History::open(&path).unwrap();
        history.add(&poke(1)).unwrap();
        save(&settings, 8).unwrap();
        drop(history);
        small.remount("ro");
        let error = History::open(&path).unwrap_err();
        let text = dequeue_core::Text::for_language("en");
        let sentence = error.at(&path).sentence(&text);
        assert!(sentence.contains("is read-only"), "{sentence}");
        assert!(save(&settings, 4).is_err());
        small.remount("rw");
        let (history, aside) = History::open(&path).unwrap();
        assert_eq!(aside, None);
        assert_eq!(ids(&history), [1]);
        assert_eq!(number_saved(folder), 8);
    }
}
