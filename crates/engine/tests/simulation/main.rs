//! A year in the life of an engine, on a paused clock and with a made-up world: a hundred accounts
//! with all kinds of rhythms, in a world in which providers fail, machines sleep, clocks are wrong,
//! networks come up, people change their minds, and the engine ends and begins again.
//!
//! All is drawn from a seed, which a failure names. `DEQUEUE_SIMULATION_SEEDS=100` lives so many
//! more, `DEQUEUE_SIMULATION_SEED=7` this one alone, `DEQUEUE_SIMULATION_SHOW=1` tells what is done
//! in it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod dice;
mod oracle;
mod world;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    fs,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use dequeue_api::{Client, Paths, PauseLength, Request, Response};
use dequeue_core::alarm::AlarmKind;
use dequeue_engine::{
    controller::{Controller, Setup},
    history::{History, HistoryWriter},
};
use dequeue_platform::system_events::SystemEvent;
use dequeue_smtp::Method;
use jiff::{Timestamp, tz::TimeZone};
use peak_alloc::PeakAlloc;
use tokio::{sync::oneshot, task::JoinHandle};

use self::{
    dice::Dice,
    oracle::{Beat, Days, Hours, Oracle},
    world::{Book, DAY, HOUR, Incident, Trouble, World},
};

/// The note of the history that holds what jitter is drawn from. Were it another, a seed could not
/// be told again.
const SEED: &str = "seed";

/// Counts what all threads hold: what one has allocated another may give back.
#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// For as long as memory is counted nothing else runs in this process.
static ALONE: Mutex<()> = Mutex::new(());

/// What may be held more on the last day than on day 60, in octets: the arrivals that are kept for
/// pokes to come fill their 1024 places, and some pokes may just be under way.
const FLAT: i64 = 192 * 1024;

/// How long, and how many.
#[derive(Clone, Copy, Debug)]
struct Size {
    days: i64,
    accounts: usize,
    providers: usize,
}

const YEAR: Size = Size {
    days: 365,
    accounts: 100,
    providers: 8,
};
const SEASON: Size = Size {
    days: 85,
    accounts: 12,
    providers: 2,
};

/// What is done to the engine, and when.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Act {
    /// The machine sleeps for so many seconds.
    Sleep(i64),
    /// The clock is wrong by so much for so long.
    Wrong(i64, i64),
    Right(i64),
    /// The machine tells that it has woken, or that its network is up.
    Woke,
    NetworkUp,
    /// All at once, or one account.
    Pause(Option<usize>),
    Resume(Option<usize>),
    /// The network comes up, and while all go at once they are paused.
    PauseInTheRush,
    /// Another rhythm, by request or in the file.
    Edit,
    /// A slip in the file, and its end.
    Break,
    Mend,
    PokeNow,
    Add,
    Remove(String),
    Rename,
    /// The engine ends, in order or killed, and begins again so many seconds later. Where there is
    /// a rush, the network comes up so many milliseconds before: while all are poked, when alarms
    /// have been raised and not told, when second pokes are to come.
    Restart {
        rush: Option<u64>,
        killed: bool,
        after: i64,
    },
    MailServerBack,
    Check,
}

fn rhythm(dice: &mut Dice) -> Oracle {
    const ZONES: [&str; 5] = [
        "Europe/Amsterdam",
        "America/New_York",
        "Australia/Lord_Howe",
        "Asia/Kolkata",
        "UTC",
    ];
    const fn hours(text: &'static str, days: Days, from: i16, to: i16) -> Hours {
        Hours {
            text,
            days,
            from: from * 30,
            to: to * 30,
        }
    }
    const HOURS: [Hours; 4] = [
        hours("mon-fri 07:00-19:00", Days::Working, 14, 38),
        hours("08:30-17:00", Days::All, 17, 34),
        hours("22:00-06:00", Days::All, 44, 12),
        hours("mon-fri 23:30-03:30", Days::Working, 47, 7),
    ];
    type Cron = (&'static str, &'static [(i8, i8)], Days);
    const CRONS: [Cron; 5] = [
        ("30 7 * * 1-5", &[(7, 30)], Days::Working),
        ("30 2 * * *", &[(2, 30)], Days::All),
        (
            "15,45 1,2 * * *",
            &[(1, 15), (1, 45), (2, 15), (2, 45)],
            Days::All,
        ),
        ("0 0,12 * * *", &[(0, 0), (12, 0)], Days::All),
        ("0 6,18 * * *", &[(6, 0), (18, 0)], Days::All),
    ];
    let beat = match dice.below(3) {
        0 => Beat::Every(dice.of(&[7 * HOUR, 12 * HOUR, DAY, DAY, 30 * HOUR])),
        1 => Beat::Hours {
            hours: dice.of(&HOURS),
            inside: dice.of(&[3 * HOUR, 9 * HOUR, 11 * HOUR, 12 * HOUR]),
            outside: dice.of(&[None, None, None, Some(20 * HOUR)]),
        },
        _ => {
            let (text, times, days) = dice.of(&CRONS);
            Beat::Cron { text, times, days }
        }
    };
    Oracle {
        zone: dice.of(&ZONES),
        jitter: dice.below(2) == 0,
        beat,
    }
}

fn accounts(dice: &mut Dice, size: Size) -> BTreeMap<String, Book> {
    (0..size.accounts)
        .map(|number| {
            let mut book = Book::new(number % size.providers, rhythm(dice));
            if number == 0 {
                // One that is busy.
                book.oracle.beat = Beat::Every(3 * HOUR);
            }
            if dice.below(4) == 0 {
                book.method = Method::Signal;
            }
            book.notify_after = dice.of(&[1, 1, 1, 3]);
            book.silence = match book.oracle.beat {
                _ if number % 4 != 0 => None,
                Beat::Every(_) => Some("3d"),
                Beat::Hours { .. } | Beat::Cron { .. } => Some("4d"),
            };
            book.mail_server = number % 3 == 0;
            book.other_host = number % 5 < 2;
            (format!("account-{number}"), book)
        })
        .collect()
}

/// Every kind of alarm once at each provider, each when the last one is over; and failures.
fn incidents(dice: &mut Dice, size: Size) -> Vec<Incident> {
    let mut incidents = Vec::new();
    for provider in 0..size.providers {
        // That nothing is proved comes with the silence.
        let kinds = AlarmKind::ALL.into_iter();
        let kinds = kinds.filter(|kind| *kind != AlarmKind::Unproved);
        let mut kinds: Vec<_> = kinds.map(|kind| (dice.below(1 << 40), kind)).collect();
        kinds.sort_by_key(|(order, _)| *order);
        let (first, apart) = (45 * DAY, 48 * DAY);
        for ((_, kind), begin) in kinds.into_iter().zip((first..).step_by(apart as usize)) {
            let from = begin + dice.below(4 * DAY);
            let length = match kind {
                AlarmKind::Silence => 21 * DAY,
                // Renewed two hours before its end.
                AlarmKind::Certificate => 20 * DAY - 2 * HOUR,
                AlarmKind::Slow | AlarmKind::Unproved => 5 * DAY,
                AlarmKind::SeenAddress | AlarmKind::ProviderAddresses | AlarmKind::Answer => {
                    12 * DAY
                }
            };
            let what = Trouble::Alarm(kind);
            if from + length + 12 * DAY < size.days * DAY {
                incidents.push(Incident {
                    provider,
                    what,
                    from,
                    to: from + length,
                });
            }
        }
        let mut from = dice.below(9 * DAY);
        while from < size.days * DAY {
            let what = dice.of(&[Trouble::Outage, Trouble::Outage, Trouble::Refusing]);
            let to = from + dice.of(&[120, HOUR, 5 * HOUR, 30 * HOUR, 4 * DAY]);
            incidents.push(Incident {
                provider,
                what,
                from,
                to,
            });
            from = to + dice.from(9 * DAY, 40 * DAY);
        }
    }
    for provider in 0..size.providers {
        let mut from = dice.below(20 * DAY);
        while from < size.days * DAY {
            let to = from + dice.of(&[600, HOUR, 10 * HOUR, 3 * DAY]);
            incidents.push(Incident {
                provider,
                what: Trouble::FirstHost,
                from,
                to,
            });
            from = to + dice.from(5 * DAY, 40 * DAY);
        }
    }
    let mut from = dice.below(20 * DAY);
    while from < size.days * DAY {
        let to = from + dice.from(HOUR, 9 * HOUR);
        incidents.push(Incident {
            provider: 0,
            what: Trouble::MailServer,
            from,
            to,
        });
        from = to + dice.from(DAY, 30 * DAY);
    }
    incidents
}

/// What is done, each with its time in seconds.
fn acts(dice: &mut Dice, size: Size, incidents: &[Incident]) -> BinaryHeap<Reverse<(i64, Act)>> {
    let mut acts = BinaryHeap::new();
    let mut often = |dice: &mut Dice, days: i64, act: &dyn Fn(&mut Dice) -> Act| {
        let mut at = dice.from(HOUR, days * DAY * 2);
        while at < size.days * DAY {
            acts.push(Reverse((at, act(dice))));
            at += dice.from(HOUR, days * DAY * 2);
        }
    };
    let one = |dice: &mut Dice| usize::try_from(dice.below(size.accounts as i64)).unwrap();
    often(dice, 3, &|dice| Act::Sleep(dice.from(600, 14 * HOUR)));
    often(dice, 20, &|dice| {
        Act::Sleep(dice.from(40 * HOUR, 62 * HOUR))
    });
    often(dice, 6, &|dice| {
        let by = dice.of(&[
            -40 * 365 * DAY,
            -DAY,
            -3 * HOUR,
            -HOUR,
            -90,
            -2,
            2,
            90,
            HOUR,
            2 * DAY,
        ]);
        Act::Wrong(by, dice.from(60, 6 * HOUR))
    });
    often(dice, 2, &|dice| Act::Pause(Some(one(dice))));
    often(dice, 30, &|_| Act::Pause(None));
    often(dice, 4, &|_| Act::Edit);
    often(dice, 30, &|_| Act::Break);
    often(dice, 2, &|_| Act::PokeNow);
    often(dice, 15, &|_| Act::Add);
    often(dice, 3, &|_| Act::Rename);
    often(dice, 15, &|_| Act::NetworkUp);
    often(dice, 40, &|_| Act::PauseInTheRush);
    often(dice, 8, &|dice| Act::Restart {
        rush: dice.of(&[None, None, Some(100), Some(3000), Some(45_000)]),
        killed: dice.below(2) == 0,
        after: dice.of(&[0, 0, 20, HOUR, 9 * HOUR]),
    });
    for at in (HOUR..size.days * DAY).step_by(6 * HOUR as usize) {
        acts.push(Reverse((at, Act::Check)));
    }
    for incident in incidents.iter().filter(|it| it.what == Trouble::MailServer) {
        acts.push(Reverse((incident.to, Act::MailServerBack)));
    }
    acts
}

struct Run {
    size: Size,
    dice: Dice,
    world: Arc<World>,
    acts: BinaryHeap<Reverse<(i64, Act)>>,
    engine: Engine,
    paths: Paths,
    /// What the accounts are called by now.
    names: Vec<String>,
    added: u32,
    wrong: bool,
    /// In which second the clock last showed another century.
    century: Option<i64>,
    /// Outlives each engine, as a file would.
    _history: History,
    _folder: tempfile::TempDir,
}

/// The engine that runs.
struct Engine {
    client: Client,
    stop: Option<oneshot::Sender<()>>,
    runs: JoinHandle<()>,
    history: HistoryWriter,
}

impl Engine {
    /// One on the settings and the history that are there.
    async fn begin(paths: &Paths, world: &Arc<World>) -> Self {
        let history = History::in_shared_memory(&world.name()).unwrap();
        let seed = world.state().seed;
        history.set_state("", SEED, Some(&seed)).unwrap();
        let history = HistoryWriter::from(history);
        let (client, served) = Client::new();
        let setup = Setup {
            paths: paths.clone(),
            settings: dequeue_engine::settings_file::load(paths.settings()),
            history: history.clone(),
            clock: world.clock,
            zone: TimeZone::get("Europe/Amsterdam").unwrap(),
            environment: world.clone(),
            rhythm: true,
        };
        let (controller, _gone) = Controller::new(setup, served).await.unwrap();
        let (stop, stopped) = oneshot::channel();
        Self {
            client,
            stop: Some(stop),
            runs: tokio::spawn(controller.run(stopped)),
            history,
        }
    }

    /// Ends it, in order or wherever it is.
    async fn end(&mut self, killed: bool) {
        self.stop = self.stop.take().filter(|_| killed);
        if killed {
            self.runs.abort();
        }
        let ended = (&mut self.runs).await;
        assert_eq!(ended.is_err_and(|error| error.is_cancelled()), killed);
        if killed {
            // What it was asked for before the kill it does all the same.
            self.history.close().await.unwrap();
        }
    }
}

impl Run {
    async fn start(seed: u64, size: Size) -> Self {
        let mut dice = Dice(seed);
        let books = accounts(&mut dice, size);
        let incidents = incidents(&mut dice, size);
        let acts = acts(&mut dice, size, &incidents);
        Self::start_with(seed, dice, size, books, incidents, acts).await
    }

    async fn start_with(
        seed: u64,
        mut dice: Dice,
        size: Size,
        books: BTreeMap<String, Book>,
        incidents: Vec<Incident>,
        acts: BinaryHeap<Reverse<(i64, Act)>>,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::in_folder(folder.path());
        // On any day of the year, so that short runs see the clock set too.
        let begin: Timestamp = "2027-01-04T08:00:00Z".parse().unwrap();
        let begin = begin + jiff::SignedDuration::from_hours(24 * dice.below(365));
        fs::write(paths.settings(), settings(&books)).unwrap();
        let world = Arc::new(World::new(seed, begin, books, incidents));
        let history = History::in_shared_memory(&world.name()).unwrap();
        let engine = Engine::begin(&paths, &world).await;
        world.engine_begins();
        Self {
            size,
            dice,
            world,
            acts,
            engine,
            paths,
            names: (0..size.accounts).map(|n| format!("account-{n}")).collect(),
            added: 0,
            wrong: false,
            century: None,
            _history: history,
            _folder: folder,
        }
    }

    async fn ask(&self, request: Request) {
        self.engine.client.request(request).await.unwrap();
    }

    fn later(&mut self, at: i64, act: Act) {
        self.acts.push(Reverse((at, act)));
    }

    /// Lives until this day.
    async fn until(&mut self, day: i64) {
        while let Some(Reverse((at, _))) = self.acts.peek() {
            let at = *at;
            if at >= day * DAY {
                break;
            }
            let Some(Reverse((_, act))) = self.acts.pop() else {
                break;
            };
            let real = self.world.real(&self.world.state());
            // What was done before has come to rest, also where a sleep passed over this.
            let wait = (at - real).max(60);
            tokio::time::sleep(Duration::from_secs(wait.unsigned_abs())).await;
            self.act(real + wait, act).await;
            let state = self.world.state();
            assert!(
                state.faults.is_empty(),
                "seed {}, {:?}, day {}:\n{}",
                state.seed,
                self.size,
                at / DAY,
                state.faults[..state.faults.len().min(5)].join("\n")
            );
        }
    }

    async fn act(&mut self, real: i64, act: Act) {
        if std::env::var_os("DEQUEUE_SIMULATION_SHOW").is_some() {
            println!("{} {act:?}", self.world.clock.now());
        }
        match act {
            Act::Sleep(time) => {
                self.world.state().slept += time;
                self.world.set_clock(time);
                match self.dice.below(8) {
                    0 => self.later(real + time, Act::Woke),
                    1 => self.later(real + time, Act::NetworkUp),
                    _ => {}
                }
            }
            Act::Woke => self.world.wake(SystemEvent::MachineWoke),
            Act::NetworkUp => self.world.wake(SystemEvent::NetworkUp),
            // While all is paused the engine waits for no time, and does not see it.
            Act::Wrong(by, time) if !self.wrong && !self.world.state().all_paused => {
                self.wrong = true;
                if by < -DAY {
                    self.century = Some(real + time);
                }
                self.world.set_clock(by);
                self.later(real + time, Act::Right(-by));
            }
            Act::Wrong(..) => {}
            Act::Right(by) => {
                self.wrong = false;
                self.world.set_clock(by);
            }
            Act::Pause(None) if self.wrong => {}
            Act::Pause(account) => {
                let time = self.dice.from(HOUR, 20 * HOUR);
                self.later(real + time, Act::Resume(account));
                let account = account.map(|number| self.names[number].clone());
                self.world.pause(account.as_deref(), true);
                self.ask(Request::Pause {
                    account,
                    lasts: PauseLength::UntilResumed,
                })
                .await;
            }
            Act::Resume(account) => {
                let account = account.map(|number| self.names[number].clone());
                self.world.pause(account.as_deref(), false);
                self.ask(Request::Resume { account }).await;
            }
            Act::PauseInTheRush if self.wrong => {}
            Act::PauseInTheRush => {
                self.world.wake(SystemEvent::NetworkUp);
                // Those whose turn it is have begun.
                tokio::time::sleep(Duration::from_millis(1)).await;
                self.world.pause(None, true);
                self.later(real + HOUR, Act::Resume(None));
                self.ask(Request::Pause {
                    account: None,
                    lasts: PauseLength::UntilResumed,
                })
                .await;
            }
            Act::Edit => self.edit().await,
            Act::Break => {
                let text = fs::read_to_string(self.paths.settings()).unwrap();
                let broken = text.replacen("name = ", "nmae = ", 1);
                fs::write(self.paths.settings(), broken).unwrap();
                self.touched();
                self.later(real + 600, Act::Mend);
            }
            Act::Mend => {
                let text = fs::read_to_string(self.paths.settings()).unwrap();
                let mended = text.replacen("nmae = ", "name = ", 1);
                fs::write(self.paths.settings(), mended).unwrap();
                self.touched();
            }
            Act::PokeNow => {
                let number = self.one();
                let name = self.names[number].clone();
                let client = self.engine.client.clone();
                tokio::spawn(async move {
                    let accounts = vec![name];
                    client.request(Request::PokeNow { accounts }).await
                });
            }
            Act::Add => {
                self.added += 1;
                let name = format!("added-{}", self.added);
                let mut book = Book::new(0, rhythm(&mut self.dice));
                book.is_new = true;
                book.plan(self.world.clock.now());
                let fields = fields(&name, &book);
                self.world.state().books.insert(name.clone(), book);
                let request = Request::SaveAccount {
                    original: None,
                    fields,
                    dry_run: false,
                };
                if self.engine.client.request(request).await.is_err() {
                    // The file has a slip in it.
                    self.world.state().books.remove(&name);
                    return;
                }
                let time = self.dice.from(HOUR, 9 * DAY);
                self.later(real + time, Act::Remove(name));
            }
            Act::Remove(name) => {
                let request = Request::RemoveAccount {
                    account: name.clone(),
                };
                if self.engine.client.request(request).await.is_ok() {
                    self.world.state().books.remove(&name);
                } else {
                    self.later(real + 900, Act::Remove(name));
                }
            }
            Act::Rename => self.rename().await,
            Act::Restart {
                rush,
                killed,
                after,
            } => self.restart(real, rush, killed, after).await,
            Act::MailServerBack => self.world.mail_server_back(),
            Act::Check => self.world.check(),
        }
    }

    fn one(&mut self) -> usize {
        usize::try_from(self.dice.below(self.size.accounts as i64)).unwrap()
    }

    fn touched(&self) {
        self.world.settings_touched();
    }

    /// Whether there is a slip in the settings file.
    fn slip(&self) -> bool {
        let text = fs::read_to_string(self.paths.settings()).unwrap();
        text.contains("nmae")
    }

    /// Another name for one account.
    async fn rename(&mut self) {
        let number = self.one();
        if self.slip() {
            return;
        }
        let from = self.names[number].clone();
        let to = match from.strip_prefix("once-") {
            Some(before) => before.to_owned(),
            None => format!("once-{from}"),
        };
        self.names[number].clone_from(&to);
        let now = self.world.clock.now();
        {
            let mut state = self.world.state();
            let mut book = state.books.remove(&from).unwrap();
            book.renamed(now);
            state.books.insert(to.clone(), book);
        }
        let request = Request::SaveAccount {
            original: Some(from),
            fields: [("name".to_owned(), to.clone())].into(),
            dry_run: false,
        };
        self.ask(request).await;
        self.compare(&[to]).await;
    }

    async fn restart(&mut self, real: i64, rush: Option<u64>, killed: bool, after: i64) {
        // Pokes of another century are too old to be kept, and the engine would not know them.
        let lately = |century: i64| real < century + 5 * DAY;
        if self.slip() || self.wrong || self.century.is_some_and(lately) {
            return;
        }
        if let Some(rush) = rush {
            self.world.wake(SystemEvent::NetworkUp);
            tokio::time::sleep(Duration::from_millis(rush)).await;
        }
        self.engine.end(killed).await;
        self.world.engine_ended(killed);
        tokio::time::sleep(Duration::from_secs(after.unsigned_abs())).await;
        self.engine = Engine::begin(&self.paths, &self.world).await;
        self.world.engine_begins();
        let names = self.names.clone();
        let arrived = self.compare(&names).await;
        let state = self.world.state();
        let expected = &state.arrived;
        assert!(
            (expected.least..=expected.most).contains(&arrived),
            "seed {}: {arrived} have arrived, not {expected:?}",
            state.seed
        );
    }

    /// What the engine knows of these accounts is what happened to them: nothing is lost. Gives how much
    /// mail it has counted for them.
    async fn compare(&self, names: &[String]) -> u64 {
        let mut arrived = 0;
        let Response::Snapshot { snapshot } =
            self.engine.client.request(Request::Snapshot).await.unwrap()
        else {
            panic!("no snapshot")
        };
        for name in names {
            let view = snapshot.accounts.iter().find(|view| view.name == *name);
            let view = view.unwrap_or_else(|| panic!("{name} is gone"));
            let request = Request::Days {
                account: Some(name.clone()),
                since: Some(self.world.begin - jiff::SignedDuration::from_hours(24 * 30)),
            };
            let Response::Days { days } = self.engine.client.request(request).await.unwrap() else {
                panic!("no days")
            };
            let pokes: u64 = days.iter().map(|day| day.pokes).sum();
            arrived += days.iter().map(|day| day.arrived.connections).sum::<u64>();
            if let Some(ended) = self.world.ended(name) {
                let last = view.last.as_ref().map(|last| (last.outcome, last.reason));
                assert_eq!(
                    (pokes, view.failures, last),
                    ended,
                    "seed {}: pokes and failures in a row of {name}, and its last poke",
                    self.world.state().seed
                );
            }
        }
        arrived
    }

    /// Another rhythm for one account.
    async fn edit(&mut self) {
        let number = self.one();
        let new = rhythm(&mut self.dice);
        let by_request = self.dice.below(2) == 0;
        if self.slip() || number == 0 {
            return;
        }
        let name = self.names[number].clone();
        let now = self.world.clock.now();
        let text = {
            let mut state = self.world.state();
            let book = state.books.get_mut(&name).unwrap();
            if book.silence.is_some() {
                return;
            }
            book.edit(new.clone(), now);
            settings(&state.books)
        };
        if by_request {
            let fields = new.fields().into_iter();
            let request = Request::SaveAccount {
                original: Some(name),
                fields: fields.map(|(key, value)| (key.to_owned(), value)).collect(),
                dry_run: false,
            };
            self.ask(request).await;
        } else {
            fs::write(self.paths.settings(), text).unwrap();
            self.touched();
        }
    }
}

fn fields(name: &str, book: &Book) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::from([
        ("name", name.to_owned()),
        ("host", format!("provider{}.test", book.provider)),
        ("method", book.method.to_string()),
        ("domains", "example.org".to_owned()),
        ("notify_after", book.notify_after.to_string()),
    ]);
    fields.extend(book.oracle.fields());
    if let Some(silence) = book.silence {
        fields.insert("silence_alarm", silence.to_owned());
    }
    if book.mail_server {
        fields.insert("mail_server", "127.0.0.1".to_owned());
    }
    if book.other_host {
        fields.insert("other_hosts", format!("second{}.test", book.provider));
    }
    fields
        .into_iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(key, value)| (key.to_owned(), value))
        .collect()
}

fn settings(books: &BTreeMap<String, Book>) -> String {
    let mut text = "version = 1\nlanguage = \"en\"\nkeep_for = \"30d\"\n\
                    notice_quiet = \"22:07-06:47\"\n"
        .to_owned();
    for (name, book) in books {
        text += "\n[[account]]\n";
        for (key, value) in fields(name, book) {
            text += &match key.as_str() {
                "domains" | "other_hosts" => format!("{key} = [\"{value}\"]\n"),
                "notify_after" => format!("{key} = {value}\n"),
                _ => format!("{key} = \"{value}\"\n"),
            };
        }
    }
    text
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
}

/// Lives for as long as it takes; gives the digest of all that was poked.
fn live(seed: u64, size: Size) -> u64 {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let begun = Instant::now();
    let runtime = runtime();
    let mut run = runtime.block_on(Run::start(seed, size));
    runtime.block_on(run.until(60));
    let before = MEMORY.current_usage();
    runtime.block_on(run.until(size.days));
    let kept = more_than(before);
    let state = run.world.state();
    println!(
        "seed {seed}: {} days, {} pokes, {} broken off, {} to {} mails, {} notices in {:.1?}; \
         {} bytes more than on day 60",
        size.days,
        state.pokes,
        state.broken_off,
        state.arrived.least,
        state.arrived.most,
        state.notices,
        begun.elapsed(),
        kept
    );
    assert!(kept < FLAT, "seed {seed}: {kept}");
    assert!(state.pokes > 50 * u64::try_from(size.days).unwrap() / 10);
    state.digest
}

/// How many octets more are held than these.
fn more_than(before: usize) -> i64 {
    MEMORY.current_usage() as i64 - before as i64
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name)
        .ok()
        .map(|number| number.parse().unwrap())
}

/// These, and more where more are wanted; or one alone.
fn live_all(seeds: std::ops::RangeInclusive<u64>, size: Size) {
    if let Some(seed) = number("DEQUEUE_SIMULATION_SEED") {
        live(seed, size);
        return;
    }
    let more = number("DEQUEUE_SIMULATION_SEEDS").unwrap_or(0);
    for seed in seeds.clone().chain((1000..).take(more as usize)) {
        live(seed, size);
    }
}

#[test]
fn a_whole_year() {
    live_all(1..=1, YEAR);
}

#[test]
fn another_year() {
    live_all(2..=2, YEAR);
}

#[test]
fn a_third_year() {
    live_all(3..=3, YEAR);
}

/// Short ones, begun at any time of the year.
#[test]
fn ten_seasons() {
    live_all(101..=110, SEASON);
}

#[test]
fn ten_more_seasons() {
    live_all(111..=120, SEASON);
}

/// What a seed leads to is the same each time.
#[test]
fn a_seed_can_be_told_again() {
    assert_eq!(live(99, SEASON), live(99, SEASON));
}

/// Accounts at a quarter of an hour, with and without jitter, for three rounds: the book on each
/// sees that none is missed, none goes twice, and no provider has more at once than it may.
#[test]
fn very_many_accounts() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let size = Size {
        days: 1,
        accounts: number("DEQUEUE_SIMULATION_ACCOUNTS").map_or(10_000, |count| count as usize),
        providers: 200,
    };
    let mut dice = Dice(7);
    let books = (0..size.accounts).map(|number| {
        let oracle = Oracle {
            zone: "UTC",
            jitter: dice.below(2) == 0,
            beat: Beat::Every(900),
        };
        (
            format!("account-{number}"),
            Book::new(number % size.providers, oracle),
        )
    });
    let books: BTreeMap<_, _> = books.collect();
    // In the middle of every round, and at its end.
    let checks = |halves: std::ops::RangeInclusive<i64>| {
        halves.map(|half| Reverse((half * 450 + 1, Act::Check)))
    };
    let runtime = runtime();
    let acts = checks(1..=3).collect();
    let mut run = runtime.block_on(Run::start_with(7, dice, size, books, Vec::new(), acts));
    runtime.block_on(run.until(1));
    run.acts.extend(checks(4..=5));
    let before = MEMORY.current_usage();
    runtime.block_on(run.until(1));
    let kept = more_than(before);
    let state = run.world.state();
    println!(
        "{} pokes, the latest {} late; {} bytes more than a round before",
        state.pokes, state.latest, kept
    );
    assert!(
        state.latest <= jiff::SignedDuration::from_secs(1),
        "{}",
        state.latest
    );
    assert!(kept < FLAT, "{kept}");
    for (name, book) in &state.books {
        assert!((3..=4).contains(&book.pokes), "{name}: {book:?}");
    }
}
