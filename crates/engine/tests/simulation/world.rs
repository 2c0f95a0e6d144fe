//! A made-up world: providers to which things happen, and a book on each account that says when its
//! poke is due and what there must be told of it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::Path,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use dequeue_core::{
    alarm::{Alarm, AlarmKind},
    arrivals::{Arrival, ArrivalMonitoring, Traffic},
    notice::{Said, What},
    record::{NoticeKind, Poke, Trigger},
    settings::Account,
};
use dequeue_engine::{
    arrivals::{ArrivalEvent, Watcher},
    controller::{Environment, Pending, Signals, Watching},
    poke::{Ending, Poked, Poking},
};
use dequeue_platform::{
    clock::{Clock, Setting},
    system_events::SystemEvent,
};
use dequeue_smtp::{Certificate, DialogueLine, Method, Outcome, Reason, Security, Speaker};
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use super::{
    dice::{hash, mix},
    oracle::{Beat, Oracle, Span, seconds},
};

pub(super) const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;
/// How late a poke may begin: at one host not all that were asleep go at once.
const LATE: SignedDuration = seconds(40);
/// How long news may wait: for quiet hours, a pause, a machine that sleeps over the weekend.
const NEWS: i64 = 5 * DAY;
/// Pokes at one host at once.
const AT_ONCE: usize = 10;
/// How long after a poke its mail comes, unless it comes early.
const AFTERWARDS: Duration = Duration::from_secs(3);
/// How soon what has arrived after a poke is written down.
const WRITTEN_WITHIN: Duration = Duration::from_secs(5);

/// What happens to a provider, or to all that has to do with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Trouble {
    /// It cannot be reached.
    Outage,
    /// Its first host cannot be reached.
    FirstHost,
    /// It refuses for good.
    Refusing,
    /// The mail server is down.
    MailServer,
    /// An alarm is to be raised.
    Alarm(AlarmKind),
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Incident {
    pub(super) provider: usize,
    pub(super) what: Trouble,
    /// In seconds of real time since the beginning.
    pub(super) from: i64,
    pub(super) to: i64,
}

/// What is to be told of an incident of one account.
#[derive(Clone, Debug, Default)]
struct ArrivalCounter {
    /// Pokes that showed it.
    shown: u32,
    first_shown: i64,
    /// Pokes that showed it after more than a week, and worked.
    ripe: u32,
    /// Whether what is usual was known by then.
    learnt: bool,
    told: u32,
    over: u32,
    /// The first poke after its end that worked: before that nobody can know that it has ended.
    well_since: Option<i64>,
}

/// The book on an account.
#[derive(Debug)]
pub(super) struct Book {
    pub(super) provider: usize,
    pub(super) oracle: Oracle,
    pub(super) method: Method,
    pub(super) notify_after: u32,
    pub(super) silence: Option<&'static str>,
    pub(super) mail_server: bool,
    /// It has a second host.
    pub(super) other_host: bool,
    pub(super) paused: bool,
    /// Pokes by which the engine could learn what is usual.
    lessons: u32,
    /// It has not been there for long enough to know what is usual.
    pub(super) is_new: bool,
    /// How its pokes stand; and how they stood, with the second poke to come, before the last one.
    stand: Stand,
    before: Option<(Stand, Option<(Span, bool)>)>,
    /// Mail that has come by the poke under way.
    mail: u64,
    /// When the last poke ends.
    ends: Option<Instant>,
    /// What the last poke showed.
    shown: Vec<usize>,
    pub(super) due: Option<Span>,
    /// When it was woken, and whether it surely goes for that.
    woken: Option<(Timestamp, bool)>,
    /// When a second poke is due, and whether it surely comes, and then.
    second: Option<(Span, bool)>,
    /// Failures enough to be told of since then, in real time; whether that was told.
    trouble: Option<(i64, bool)>,
    /// It was told of another account of the provider, and no poke has failed since that was over.
    covered: bool,
    /// It was so, and has not been told of by itself since.
    was_covered: bool,
    /// A poke has failed since that was looked at.
    failed_again: bool,
    recovery: Option<i64>,
    succeeded: bool,
    reminded: Option<Timestamp>,
    /// When it was last recalled that it is paused.
    recalled: Option<Timestamp>,
    resumed: Vec<i64>,
    tallies: BTreeMap<usize, ArrivalCounter>,
    pub(super) pokes: u32,
}

/// What has ended by now is taken in; and of whom it was told that the provider does not answer, with
/// another account of it.
fn cover(books: &mut BTreeMap<String, Book>, real: i64) {
    books.values_mut().for_each(|book| book.settle(real));
    // What ends just now was told until now.
    let is_told = |book: &&Book| matches!(book.trouble, Some((_, true))) || book.recovery.is_some();
    let told = books.values().filter(is_told);
    let told: BTreeSet<_> = told.map(|book| book.provider).collect();
    for book in books.values_mut() {
        let is_told = told.contains(&book.provider);
        let Some((since, false)) = &mut book.trouble else {
            continue;
        };
        let failed_again = std::mem::take(&mut book.failed_again);
        // Once the other account is well again it is told at the next failure.
        if is_told || book.covered && failed_again {
            book.covered = is_told;
            book.was_covered = true;
            *since = real;
        }
    }
}

/// Mail that comes by a poke.
struct Mail {
    account: String,
    from: IpAddr,
    /// How long after the provider was asked.
    after: Duration,
    /// While the poke is still under way.
    early: bool,
    /// How often the clock had been set when the poke began.
    clock_sets: u32,
    /// Whether the days' figures are to show it.
    this_century: bool,
}

/// The mail that has come so far, which the days' figures are to show.
#[derive(Debug, Default)]
pub(super) struct Arrived {
    /// Where nothing could keep it from being counted.
    pub(super) least: u64,
    pub(super) most: u64,
    /// When those of the last moments came, some of which may have yet to be written down.
    lately: Vec<Instant>,
}

impl Arrived {
    /// Some that are surely counted, once they are written.
    fn count(&mut self, mail: u64) {
        let lately = |at: &Instant| at.elapsed() <= WRITTEN_WITHIN;
        self.lately.retain(lately);
        self.lately.extend((0..mail).map(|_| Instant::now()));
        self.least += mail;
        self.most += mail;
    }

    /// The engine is killed, or its clock set: what has yet to be written may not be.
    fn doubt(&mut self) {
        self.count(0);
        self.least -= self.lately.drain(..).count() as u64;
    }
}

/// How an account's pokes stand.
#[derive(Clone, Debug)]
struct Stand {
    last: Option<Timestamp>,
    /// When the last poke of any kind began.
    begun: Option<Timestamp>,
    /// The same by the clock as it was then.
    stamp: Option<Timestamp>,
    in_slot: bool,
    disturbed: bool,
    failures: u32,
    refused: bool,
    held: bool,
    /// What the last poke comes to has yet to be told.
    untold: bool,
    /// When each host failed last, where that is known.
    hosts: Option<[Option<Timestamp>; 2]>,
    /// Those of this century, which the days' figures are to show.
    counted: u64,
    /// How the last poke ended.
    ended: Option<HowItEnded>,
}

/// How a poke ended.
type HowItEnded = (Outcome, Reason);

impl Book {
    pub(super) fn new(provider: usize, oracle: Oracle) -> Self {
        Self {
            provider,
            oracle,
            method: Method::Etrn,
            notify_after: 1,
            silence: None,
            mail_server: false,
            other_host: false,
            paused: false,
            lessons: 0,
            is_new: false,
            stand: Stand {
                last: None,
                begun: None,
                stamp: None,
                in_slot: false,
                disturbed: true,
                failures: 0,
                refused: false,
                held: false,
                untold: false,
                hosts: Some([None; 2]),
                counted: 0,
                ended: None,
            },
            before: None,
            mail: 0,
            ends: None,
            shown: Vec::new(),
            due: None,
            woken: None,
            second: None,
            trouble: None,
            covered: false,
            was_covered: false,
            recalled: None,
            failed_again: false,
            recovery: None,
            succeeded: false,
            reminded: None,
            resumed: Vec::new(),
            tallies: BTreeMap::new(),
            pokes: 0,
        }
    }

    /// Works out anew when it is due.
    pub(super) fn plan(&mut self, now: Timestamp) {
        let span = match self.stand.last {
            None => self.oracle.overdue(now),
            Some(last) => {
                let ordinary = self.oracle.after(last, self.stand.in_slot);
                let broken_off = |(_, reason): HowItEnded| reason.is_interruption();
                match self.stand.failures {
                    0 if self.stand.ended.is_some_and(broken_off) => {
                        let begun = self.stand.begun.unwrap_or(last);
                        self.oracle.again(begun, 1, false, ordinary)
                    }
                    0 => ordinary,
                    _ if self.stand.held => ordinary,
                    // A second poke is none of the rhythm, but its failure counts from itself.
                    n => self.oracle.again(
                        self.stand.begun.unwrap_or(last),
                        n,
                        self.stand.refused,
                        ordinary,
                    ),
                }
            }
        };
        let overdue = self.oracle.overdue(now);
        self.due = Some(if span.1 <= now {
            overdue
        } else if span.0 <= now {
            (overdue.0, span.1.max(overdue.1))
        } else {
            span
        });
    }

    /// The last poke has ended by now: is there news of it?
    fn settle(&mut self, real: i64) {
        let ended = self.ends.is_some_and(|ends| ends <= Instant::now());
        if !ended || !std::mem::take(&mut self.stand.untold) {
            return;
        }
        self.failed_again = self.stand.failures > 0;
        if self.stand.failures == 0 {
            (self.covered, self.was_covered) = (false, false);
            if let Some((_, true)) = self.trouble.take() {
                self.recovery = Some(real);
            }
        } else if self.recovery.take().is_some() {
            // It was told, and it is not over after all.
            self.trouble = Some((real, true));
        } else if self.stand.failures >= self.notify_after && self.trouble.is_none() {
            self.trouble = Some((real, false));
        }
    }

    /// It has another rhythm.
    pub(super) fn edit(&mut self, oracle: Oracle, now: Timestamp) {
        self.oracle = oracle;
        self.stand.in_slot = false;
        self.disturb(now);
    }

    /// It has another name, by which other times are drawn.
    pub(super) fn renamed(&mut self, now: Timestamp) {
        self.stand.in_slot = false;
        self.stand.disturbed = true;
        self.plan(now);
    }

    pub(super) fn is_poking(&self) -> bool {
        self.ends.is_some_and(|ends| ends > Instant::now())
    }

    /// The poke under way is broken off, since the engine ends in order: it is known, and says nothing
    /// of the provider.
    fn break_off(&mut self, real: i64, reason: Reason) {
        let (stamp, counted) = (self.stand.stamp, self.stand.counted);
        self.undo(real);
        self.pokes += 1;
        self.second = None;
        self.stand = Stand {
            stamp,
            counted,
            refused: false,
            held: false,
            ended: Some((Outcome::Unknown, reason)),
            ..self.stand.clone()
        };
    }

    /// The poke under way might never have been.
    fn undo(&mut self, real: i64) {
        self.ends = None;
        if let Some(before) = self.before.take() {
            (self.stand, self.second) = before;
        }
        self.pokes -= 1;
        for number in self.shown.drain(..) {
            if let Some(counter) = self.tallies.get_mut(&number) {
                counter.shown -= 1;
            }
        }
        for counter in self.tallies.values_mut() {
            // No poke takes a minute.
            counter.well_since = counter.well_since.filter(|since| *since < real - 60);
        }
    }

    /// The engine has begun: it knows the last poke, of whatever kind it was.
    fn begin(&mut self, now: Timestamp) {
        let last = self.stand.stamp.map(|stamp| stamp.min(now));
        if last != self.stand.last {
            self.stand.last = last;
            self.stand.in_slot = false;
        }
        self.stand.begun = last;
        self.stand.disturbed = true;
        self.stand.hosts = Some([None; 2]);
        self.woken = None;
        if let Some(((early, late), surely)) = &mut self.second {
            if *late <= now {
                self.second = None;
            } else if *early <= now {
                *surely = false;
            }
        }
        self.plan(now);
    }

    /// In which order its hosts are to be tried: as they are set, but the one that failed within
    /// half an hour after the other. `None` where that cannot be said.
    fn order(&self, now: Timestamp) -> Option<Vec<usize>> {
        if !self.other_host {
            return Some(vec![0]);
        }
        let hosts = self.stand.hosts?;
        let rest = seconds(1800);
        let close = |at: &Timestamp| now.duration_since(*at + rest).abs() < seconds(5);
        if hosts.iter().flatten().any(close) {
            return None;
        }
        let failed = hosts.map(|at| at.filter(|at| *at <= now && now < *at + rest));
        Some(match failed {
            [Some(_), None] => vec![1, 0],
            [Some(first), Some(second)] if second < first => vec![1, 0],
            [Some(_) | None, Some(_)] | [None, None] => vec![0, 1],
        })
    }

    /// The clock was set, the account changed, a pause has ended.
    pub(super) fn disturb(&mut self, now: Timestamp) {
        self.stand.disturbed = true;
        self.woken = None;
        if let Some((_, surely)) = &mut self.second {
            *surely = false;
        }
        if self.is_poking() {
            // By which clock its hosts fail is not known.
            self.stand.hosts = None;
        }
        if self.stand.last.is_some_and(|last| last > now) {
            self.stand.last = Some(now);
            self.stand.in_slot = false;
        }
        if self.stand.begun.is_some_and(|begun| begun > now) {
            self.stand.begun = Some(now);
        }
        self.plan(now);
    }
}

pub(super) struct State {
    pub(super) seed: u64,
    pub(super) books: BTreeMap<String, Book>,
    pub(super) incidents: Vec<Incident>,
    /// Those of each provider, and those of the mail server.
    of_provider: BTreeMap<usize, Vec<usize>>,
    /// When the pokes under way end, by their provider and the host of it that they began at.
    under_way: BTreeMap<(usize, usize), Vec<Instant>>,
    /// Seconds slept, which the runtime's clock has not seen.
    pub(super) slept: i64,
    pub(super) all_paused: bool,
    pub(super) faults: Vec<String>,
    pub(super) pokes: u64,
    pub(super) notices: u64,
    /// Pokes that were broken off.
    pub(super) broken_off: u64,
    /// How often the clock was set.
    clock_sets: u32,
    pub(super) arrived: Arrived,
    /// How late a poke of the rhythm was, except for the first of each account.
    pub(super) latest: SignedDuration,
    /// What is the same whenever the seed is.
    pub(super) digest: u64,
}

impl State {
    /// A poke has ended: the mail that came by it meanwhile is counted.
    fn count_mail(&mut self, account: &str) {
        if let Some(book) = self.books.get_mut(account) {
            self.arrived.count(std::mem::take(&mut book.mail));
        }
    }
}

pub(super) struct World {
    pub(super) clock: Clock,
    pub(super) setting: &'static Setting,
    pub(super) begin: Timestamp,
    origin: Instant,
    /// Where the engine that runs is told of what happens by itself.
    signals: Mutex<Option<Signals>>,
    state: Arc<Mutex<State>>,
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("World")
    }
}

impl World {
    pub(super) fn new(
        seed: u64,
        begin: Timestamp,
        books: BTreeMap<String, Book>,
        incidents: Vec<Incident>,
    ) -> Self {
        let setting: &'static Setting = Box::leak(Box::default());
        let mut of_provider: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for (number, incident) in incidents.iter().enumerate() {
            for book in books.values() {
                let concerned = of_provider.entry(book.provider).or_default();
                let is = book.provider == incident.provider || incident.what == Trouble::MailServer;
                if is && concerned.last() != Some(&number) {
                    concerned.push(number);
                }
            }
        }
        let origin = Instant::now();
        let world = Self {
            clock: Clock::Set(begin, origin, setting),
            setting,
            begin,
            origin,
            signals: Mutex::default(),
            state: Arc::new(Mutex::new(State {
                seed,
                of_provider,
                under_way: BTreeMap::new(),
                books,
                incidents,
                slept: 0,
                all_paused: false,
                faults: Vec::new(),
                pokes: 0,
                notices: 0,
                broken_off: 0,
                clock_sets: 0,
                arrived: Arrived::default(),
                latest: SignedDuration::MIN,
                digest: seed,
            })),
        };
        for book in world.state().books.values_mut() {
            book.plan(begin);
        }
        world
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// One that no other world of this program has.
    pub(super) fn name(&self) -> String {
        format!("world-{:p}", self.setting)
    }

    /// Seconds of real time since the beginning.
    pub(super) fn real(&self, state: &State) -> i64 {
        self.origin.elapsed().as_secs().cast_signed() + state.slept
    }

    /// Sets the clock, in seconds; all that was worked out by it is worked out anew.
    pub(super) fn set_clock(&self, by: i64) {
        self.setting.set(by * 1000);
        let now = self.clock.now();
        let state = &mut *self.state();
        state.clock_sets += 1;
        state.arrived.doubt();
        for book in state.books.values_mut() {
            state.arrived.most += std::mem::take(&mut book.mail);
            book.disturb(now);
            (book.reminded, book.recalled) = (None, None);
            if by.abs() > 30 * DAY {
                // What was met in another century is no longer lately.
                book.lessons = 0;
            }
        }
    }

    pub(super) fn pause(&self, name: Option<&str>, paused: bool) {
        let now = self.clock.now();
        let mut state = self.state();
        let real = self.real(&state);
        if name.is_none() {
            state.all_paused = paused;
        }
        for (of, book) in &mut state.books {
            if name.is_some_and(|name| name != of) {
                continue;
            }
            if name.is_some() {
                book.paused = paused;
            }
            if !paused {
                book.resumed.push(real);
            }
            book.disturb(now);
        }
    }

    /// The engine has ended. Nobody knows of what was under way in it, and was not broken off.
    pub(super) fn engine_ended(&self, killed: bool) {
        let state = &mut *self.state();
        let real = self.real(state);
        state.under_way.clear();
        if killed {
            state.arrived.doubt();
        }
        for (name, book) in &mut state.books {
            if book.is_poking() {
                if !killed {
                    let fault = format!("{name}: its poke was not broken off");
                    state.faults.push(fault);
                }
                book.undo(real);
            }
            state.arrived.most += std::mem::take(&mut book.mail);
        }
    }

    /// Another engine begins.
    pub(super) fn engine_begins(&self) {
        let now = self.clock.now();
        for book in self.state().books.values_mut() {
            book.begin(now);
        }
    }

    /// The network comes up, or the machine wakes: who may, and was not poked just now, goes.
    pub(super) fn wake(&self, woken: SystemEvent) {
        let now = self.clock.now();
        let mut state = self.state();
        let all_paused = state.all_paused;
        for book in state.books.values_mut() {
            let lately = |begun: &Timestamp| *begun <= now && *begun + seconds(60) > now;
            let may = !all_paused && !book.paused && book.oracle.allows(now);
            if may && !book.is_poking() && !book.stand.begun.as_ref().is_some_and(lately) {
                let ended = book.ends.is_none_or(|ends| ends.elapsed().as_secs() > 0);
                book.woken = Some((now, ended));
            }
        }
        let signals = self.signals.lock().unwrap();
        (signals.as_ref().unwrap().system).try_send(woken).unwrap();
    }

    /// The settings file was changed.
    pub(super) fn settings_touched(&self) {
        let signals = self.signals.lock().unwrap();
        (signals.as_ref().unwrap().settings).try_send(()).unwrap();
    }

    /// How many pokes of an account have ended, how many of the last failed, and how the last one
    /// ended; `None` where one is under way.
    pub(super) fn ended(&self, name: &str) -> Option<(u64, u32, Option<HowItEnded>)> {
        let state = self.state();
        let book = state.books.get(name).filter(|book| !book.is_poking())?;
        let stand = &book.stand;
        Some((stand.counted, stand.failures, stand.ended))
    }

    /// Nothing is overdue, and nothing was left untold.
    pub(super) fn check(&self) {
        let now = self.clock.now();
        let mut state = self.state();
        let real = self.real(&state);
        let (all_paused, incidents) = (state.all_paused, state.incidents.clone());
        let mut faults = Vec::new();
        cover(&mut state.books, real);
        for (name, book) in &mut state.books {
            let resting = all_paused || book.paused;
            let lately = book
                .resumed
                .last()
                .is_some_and(|resumed| real - resumed < NEWS);
            if let Some((_, late)) = book.due.filter(|_| !resting)
                && late + LATE < now
            {
                faults.push(format!("{name}: missed, due by {late}: {book:?}"));
            }
            if let Some((woken, true)) = book.woken
                && woken + LATE < now
            {
                faults.push(format!("{name}: not poked though woken at {woken}"));
                book.woken = None;
            }
            if let Some(((_, late), true)) = book.second
                && !resting
                && late + LATE < now
            {
                faults.push(format!("{name}: no second poke by {late}"));
                book.second = None;
            }
            if let Some((since, false)) = book.trouble
                && !book.covered
                && !resting
                && !lately
                && real - since > NEWS
            {
                faults.push(format!("{name}: its failure was not told"));
            }
            if book.recovery.is_some_and(|since| real - since > NEWS) && !resting && !lately {
                faults.push(format!("{name}: its recovery was not told"));
            }
            let ended = |incident: &Incident| incident.to + NEWS < real;
            for (number, counter) in &book.tallies {
                let incident = &incidents[*number];
                let Trouble::Alarm(kind) = incident.what else {
                    continue;
                };
                let needed = match kind {
                    AlarmKind::Answer => 3,
                    AlarmKind::SeenAddress | AlarmKind::ProviderAddresses | AlarmKind::Slow => 1,
                    // The clock may have been wrong once.
                    AlarmKind::Certificate => 2,
                    AlarmKind::Silence if counter.ripe > 3 => 1,
                    AlarmKind::Silence | AlarmKind::Unproved => u32::MAX,
                };
                let learnt = match kind {
                    AlarmKind::ProviderAddresses | AlarmKind::Answer => counter.learnt,
                    AlarmKind::Silence
                    | AlarmKind::SeenAddress
                    | AlarmKind::Certificate
                    | AlarmKind::Unproved
                    | AlarmKind::Slow => !book.is_new,
                };
                if ended(incident) && learnt && counter.shown >= needed && counter.told == 0 {
                    faults.push(format!("{name}: not told of {incident:?}: {counter:?}"));
                }
                let known = counter.well_since.is_some_and(|since| since + NEWS < real);
                if known && kind.lasts() && counter.over < counter.told.min(1) {
                    faults.push(format!(
                        "{name}: the end was not told of {incident:?}: {counter:?}"
                    ));
                }
            }
            book.resumed.retain(|at| real - at < 60 * DAY);
        }
        state.faults.extend(faults);
    }

    /// A poke begins: is it due? Then the next is worked out.
    fn begin_poke(
        &self,
        state: &mut State,
        name: &str,
        order: &[usize],
        trigger: Trigger,
    ) -> Option<(Poked, Option<Mail>)> {
        let now = self.clock.now();
        let real = self.real(state);
        let seed = state.seed;
        let all_paused = state.all_paused;
        let Some(provider) = state.books.get(name).map(|book| book.provider) else {
            state
                .faults
                .push(format!("{name}: poked though it is no account"));
            return None;
        };
        let begins_at = order.first().copied().unwrap_or_default();
        let under_way = state.under_way.entry((provider, begins_at)).or_default();
        under_way.retain(|ends| *ends > Instant::now());
        if under_way.len() >= AT_ONCE {
            state
                .faults
                .push(format!("provider {provider}: too many at once"));
        }
        let mut faults = Vec::new();
        let of_provider = state
            .of_provider
            .get(&provider)
            .map_or(&[][..], Vec::as_slice);
        let incidents: Vec<(usize, Incident)> = of_provider
            .iter()
            .map(|number| (*number, state.incidents[*number]))
            .filter(|(_, it)| it.from <= real)
            .collect();
        let book = state.books.get_mut(name)?;
        book.settle(real);
        let during = |what| {
            let at = incidents
                .iter()
                .find(|(_, it)| it.what == what && real < it.to);
            at.map(|(number, _)| *number)
        };
        let begun = |what| {
            let at = incidents.iter().find(|(_, it)| it.what == what);
            at.map(|(number, it)| (*number, it.from))
        };
        if book.ends.is_some_and(|ends| ends > Instant::now()) {
            faults.push("two at once".to_owned());
        }
        let resting = all_paused || book.paused;
        let quiet_for = book
            .stand
            .begun
            .map_or(SignedDuration::MAX, |begun| now.duration_since(begun));
        match trigger {
            Trigger::User => {}
            Trigger::Schedule
            | Trigger::Second
            | Trigger::MailServerBack
            | Trigger::NetworkUp
            | Trigger::Woke
                if resting =>
            {
                faults.push(format!("poked by {trigger:?} in a pause"));
            }
            Trigger::Schedule => match book.due {
                Some((early, late)) if early <= now && now <= late + LATE => {
                    if book.pokes > 0 {
                        state.latest = state.latest.max(now.duration_since(late));
                    }
                }
                due => faults.push(format!("poked at {now}, due {due:?}: {book:?}")),
            },
            Trigger::Second => match book.second {
                Some((_, false)) => {}
                Some(((early, late), true)) if early <= now && now <= late + LATE => {}
                second => faults.push(format!("second poke at {now}, due {second:?}")),
            },
            Trigger::MailServerBack if book.stand.held => {}
            Trigger::NetworkUp | Trigger::Woke
                if (book.woken).is_some_and(|(woken, _)| woken <= now && now <= woken + LATE) => {}
            other => faults.push(format!("poked by {other:?}")),
        }
        if trigger == Trigger::Schedule && quiet_for < seconds(9) && quiet_for >= seconds(0) {
            faults.push(format!("poked twice within {quiet_for:?}"));
        }

        if let Some(expected) = book.order(now)
            && expected != order
        {
            faults.push(format!(
                "its hosts are tried as {order:?}, not {expected:?}"
            ));
        }

        // What it is like this time.
        let draw = mix(seed ^ hash(name) ^ now.as_millisecond().cast_unsigned());
        let held = book.mail_server && during(Trouble::MailServer).is_some();
        let outage = during(Trouble::Outage).is_some();
        let first_down = outage || during(Trouble::FirstHost).is_some();
        // Which hosts fail, and the one that is tried last.
        let is_down = |host: &usize| !held && if *host == 0 { first_down } else { outage };
        let failed: Vec<usize> = order.iter().copied().take_while(is_down).collect();
        let host = *order.get(failed.len()).or(order.last())?;
        let (outcome, reason) = if held {
            (Outcome::Held, Reason::MailServerDown)
        } else if failed.len() == order.len() {
            (Outcome::Unreachable, Reason::ConnectTimeout)
        } else if during(Trouble::Refusing).is_some() {
            (Outcome::Refused, Reason::NotAllowed)
        } else if book.method == Method::Signal {
            (Outcome::Signalled, Reason::QuitSignals)
        } else if draw.is_multiple_of(3) {
            (Outcome::Started, Reason::QueuingStarted)
        } else {
            (Outcome::NothingWaiting, Reason::NoMessages)
        };
        let worked = outcome.is_success();
        // What another host is like says nothing of the first.
        let own = host == 0;
        let shows = |kind| {
            let number = begun(Trouble::Alarm(kind)).map(|(number, _)| number)?;
            Some((number, kind))
        };
        let mut duration_ms = 200 + u32::try_from(draw % 700).unwrap();
        let mut shown = Vec::new();
        if during(Trouble::Alarm(AlarmKind::Slow)).is_some() && worked {
            duration_ms = 12_000;
            shown.extend(shows(AlarmKind::Slow).filter(|_| own));
        }
        if failed.len() > 1 || !own && failed.contains(&0) {
            // Another host was waited for.
            duration_ms += 8000;
        }
        let address = |changed: bool, last| {
            let [.., high, low] = provider.to_be_bytes();
            let first = 192 + u8::from(changed) + 2 * u8::from(!own);
            IpAddr::V4(Ipv4Addr::new(first, high, low, last))
        };
        let seen = shows(AlarmKind::SeenAddress);
        let resolved = shows(AlarmKind::ProviderAddresses).filter(|_| own);
        let answer = shows(AlarmKind::Answer).filter(|_| own);
        shown.extend(resolved);
        if worked {
            shown.extend(seen);
            shown.extend(answer);
        }
        if during(Trouble::Alarm(AlarmKind::Silence)).is_some() && book.silence.is_some() {
            shown.extend(shows(AlarmKind::Silence));
        }
        // Renewed every sixty days, a month before the end; once that is forgotten.
        let block = real / (60 * DAY) * 60 * DAY + 90 * DAY;
        let forgotten = during(Trouble::Alarm(AlarmKind::Certificate));
        let expires = match forgotten.map(|number| state.incidents[number].from + 20 * DAY) {
            Some(expires) if worked && own => {
                if expires - real < 4 * DAY - HOUR && tally_life(&book.tallies, forgotten, expires)
                {
                    shown.extend(shows(AlarmKind::Certificate));
                }
                book.tallies
                    .entry(forgotten.unwrap_or_default())
                    .or_insert_with(|| ArrivalCounter {
                        first_shown: real,
                        ..ArrivalCounter::default()
                    });
                expires
            }
            Some(_) | None => block,
        };
        shown.retain(|(number, _)| real < state.incidents[*number].to);
        book.lessons += u32::from(worked && own);
        book.shown = shown.iter().map(|(number, _)| *number).collect();
        for number in &book.shown {
            let counter = book.tallies.entry(*number).or_default();
            counter.shown += 1;
            if counter.first_shown == 0 {
                counter.first_shown = real;
                counter.learnt = book.lessons >= 25;
            }
            // While pokes fail that is the trouble, and a pause begins it anew.
            let since = book.resumed.iter().copied().max().unwrap_or(0);
            let ripe = real - since.max(counter.first_shown) > 8 * DAY;
            counter.ripe += u32::from(ripe && worked && book.stand.failures == 0);
        }
        for (number, counter) in &mut book.tallies {
            let incident = &state.incidents[*number];
            let shows = own || incident.what == Trouble::Alarm(AlarmKind::Silence);
            if worked && shows && incident.to <= real {
                counter.well_since.get_or_insert(real);
            }
        }
        // Incidents that are long over are no longer kept account of.
        book.tallies
            .retain(|number, _| real < state.incidents[*number].to + 2 * NEWS);

        // What follows.
        book.before = Some((book.stand.clone(), book.second));
        book.woken = None;
        let this_century = now > self.begin - seconds(30 * DAY);
        if this_century {
            book.stand.counted += 1;
        }
        book.pokes += 1;
        book.stand.begun = Some(now);
        book.stand.stamp = Some(now);
        let takes = Duration::from_millis(duration_ms.into());
        book.ends = Some(Instant::now() + takes);
        let under_way = state.under_way.entry((provider, begins_at)).or_default();
        under_way.push(Instant::now() + takes);
        if let Some(hosts) = &mut book.stand.hosts {
            hosts[host] = None;
            for failed in &failed {
                hosts[*failed] = Some(now + takes);
            }
        }
        book.stand.failures = if worked { 0 } else { book.stand.failures + 1 };
        book.stand.refused = outcome == Outcome::Refused;
        book.stand.held = outcome == Outcome::Held;
        book.stand.ended = Some((outcome, reason));
        let was_second = trigger == Trigger::Second;
        if !was_second {
            // Half an interval after one beside the rhythm it may be the rest of a slot.
            let whole = |last| match book.oracle.beat {
                Beat::Every(every) => now > last + seconds(every / 2 + 1),
                Beat::Hours { .. } | Beat::Cron { .. } => false,
            };
            book.stand.in_slot = trigger == Trigger::Schedule
                && !book.stand.disturbed
                && book.stand.last.is_some_and(whole);
            book.stand.last = Some(now);
            book.stand.disturbed = !worked || trigger != Trigger::Schedule;
        }
        book.second = None;
        book.plan(now);
        if outcome == Outcome::Signalled && !was_second {
            let next = book.oracle.after(now, book.stand.in_slot);
            let close = now + seconds(120);
            if next.1 > close {
                let must = next.0 > close && !resting;
                book.second = Some(((now + seconds(60), now + seconds(120)), must));
            }
        }
        book.stand.untold = true;
        for fault in faults {
            state.faults.push(format!("{name}: {fault}"));
        }
        state.pokes += 1;
        state.digest = mix(state.digest ^ draw);

        let book = &state.books[name];
        let certificate = Certificate {
            fingerprint: String::new(),
            valid_from: self.begin.as_second(),
            expires_at: self.begin.as_second() + expires,
        };
        let greeting = match (own, answer) {
            (true, None) => "ESMTP Postfix",
            (true, Some(_)) => "Exim 4.98",
            (false, _) => "ESMTP Sendmail",
        };
        let poke = Poke {
            id: 0,
            account: name.to_owned(),
            host: format!("{}{provider}.test", if own { "provider" } else { "second" }),
            address: None,
            method: book.method,
            choice: None,
            outcome,
            reason,
            code: None,
            text: None,
            domains: Vec::new(),
            secret_fault: None,
            tls_fault: None,
            tried: Vec::new(),
            trigger,
            started_at: Timestamp::from_millisecond(now.as_millisecond()).unwrap(),
            duration_ms,
            round_trips: 4,
            tls: None,
            certificate: worked.then_some(certificate),
            delivered: None,
            busy_ms: None,
            mail_server: None,
            mail_server_address: None,
            monitoring: None,
            arrivals: None,
            seen_address: worked
                .then(|| IpAddr::V4(Ipv4Addr::new(198, 51, u8::from(seen.is_some()), 9))),
            dialogue: vec![DialogueLine {
                from: Speaker::Provider,
                at_ms: 3,
                line: format!("220 provider.test {greeting}"),
            }],
        };
        let from = address(resolved.is_some(), 25);
        let comes = book.silence.is_some()
            && worked
            && during(Trouble::Alarm(AlarmKind::Silence)).is_none();
        let early = (draw >> 32).is_multiple_of(4);
        let rest = takes - asked_after(takes);
        let mail = comes.then(|| Mail {
            account: name.to_owned(),
            from,
            after: if early { rest / 2 } else { rest + AFTERWARDS },
            early,
            clock_sets: state.clock_sets,
            this_century,
        });
        let poked = Poked {
            poke,
            learned: None,
            lingering: None,
            address: None,
            resolved: [from, address(false, 26)].into(),
            host,
            failed,
        };
        Some((poked, mail))
    }

    /// The engine ends while a poke is under way, so long after it has begun.
    fn break_off(&self, mut poked: Poked, after: Duration) -> Poked {
        let mut state = self.state();
        let real = self.real(&state);
        let poke = &mut poked.poke;
        let takes = Duration::from_millis(poke.duration_ms.into());
        let asked = after >= asked_after(takes);
        poke.outcome = Outcome::Unknown;
        poke.reason = if asked {
            Reason::Interrupted
        } else {
            Reason::InterruptedBeforeRequest
        };
        poke.duration_ms = u32::try_from(after.as_millis()).unwrap();
        if !asked {
            (poke.certificate, poke.seen_address) = (None, None);
        }
        state.broken_off += 1;
        if let Some(book) = state.books.get_mut(&poke.account) {
            book.break_off(real, poke.reason);
        }
        state.count_mail(&poke.account);
        poked
    }

    /// The provider has been asked: mail comes.
    fn send(&self, mail: Mail) {
        let arrives = self
            .signals
            .lock()
            .unwrap()
            .as_ref()
            .unwrap()
            .arrivals
            .clone();
        let (clock, state) = (self.clock, self.state.clone());
        tokio::spawn(async move {
            tokio::time::sleep(mail.after).await;
            let arrival = Arrival {
                peer: SocketAddr::new(mail.from, 40_000),
                local: SocketAddr::from(([198, 51, 100, 1], 25)),
                traffic: Some(Traffic {
                    received: 5000,
                    sent: 300,
                }),
                at: clock.now(),
            };
            if arrives.send(ArrivalEvent::Arrival(arrival)).await.is_err() {
                // The engine that asked has ended.
                return;
            }
            if !mail.this_century {
                return;
            }
            let state = &mut *state.lock().unwrap();
            let book = state.books.get_mut(&mail.account);
            match book {
                Some(book) if mail.early && mail.clock_sets == state.clock_sets => book.mail += 1,
                _ if !mail.early && mail.clock_sets == state.clock_sets => state.arrived.count(1),
                // It may seem to be from before the poke; or its account has another name.
                _ => state.arrived.most += 1,
            }
        });
    }

    fn hear(&self, state: &mut State, said: &Said) {
        let now = self.clock.now();
        let real = self.real(state);
        state.notices += 1;
        cover(&mut state.books, real);
        let mut faults = Vec::new();
        for about in &said.about {
            let name = &about.account;
            let mut fault = |what: String| faults.push(format!("{name}: {what}"));
            let Some(book) = state.books.get_mut(name) else {
                fault(format!("told of {said:?} though it is no account"));
                continue;
            };
            let in_pause = state.all_paused || book.paused;
            if in_pause != (said.kind == NoticeKind::Paused) {
                fault(format!("told of {said:?}, in a pause: {in_pause}"));
            }
            let numbered = || state.incidents.iter().enumerate();
            let of_kind = |kind| {
                let fits = |it: &Incident| {
                    it.provider == book.provider
                        && it.what == Trouble::Alarm(kind)
                        && it.from <= real
                        && real < it.to + 2 * NEWS
                };
                numbered()
                    .find(|(_, it)| fits(it))
                    .map(|(number, it)| (number, *it))
            };
            match (said.kind, &about.what) {
                (NoticeKind::Paused, What::Paused { .. }) => {
                    let lately = book.recalled.replace(now);
                    if lately.is_some_and(|at| now.duration_since(at) < seconds(12 * HOUR)) {
                        fault(format!("its pause was recalled at {lately:?} and {now}"));
                    }
                }
                (NoticeKind::Failure, What::Poke { .. }) => match &mut book.trouble {
                    Some((_, told)) if !*told => {
                        *told = true;
                        book.covered = false;
                    }
                    other => fault(format!("told of a failure: {other:?}")),
                },
                (NoticeKind::Recovery, What::Poke { .. }) => {
                    if book.recovery.take().is_none() {
                        fault("told of a recovery".to_owned());
                    }
                }
                (NoticeKind::FirstSuccess, What::Poke { .. }) => {
                    if std::mem::replace(&mut book.succeeded, true) {
                        fault("told of the first success twice".to_owned());
                    }
                }
                (NoticeKind::Reminder, what) => {
                    let lately = book.reminded.replace(now);
                    if lately.is_some_and(|at| now.duration_since(at) < seconds(12 * HOUR)) {
                        fault(format!("reminded twice within {lately:?} and {now}"));
                    }
                    match what {
                        What::Poke { .. } if matches!(book.trouble, Some((_, true))) => {}
                        What::Poke { .. } if book.was_covered => {
                            // It was told with another, and by itself from now on.
                            (book.covered, book.was_covered) = (false, false);
                            book.trouble = book.trouble.map(|(since, _)| (since, true));
                        }
                        What::Alarm(Alarm::Silence { .. })
                            if of_kind(AlarmKind::Silence).is_some() => {}
                        what => fault(format!("reminded of {what:?}")),
                    }
                }
                // Where nothing arrives and nobody wants to hear of silence, the proof is missed.
                (NoticeKind::Alarm, What::Alarm(Alarm::Unproved { .. }))
                    if of_kind(AlarmKind::Silence).is_some() => {}
                (NoticeKind::AlarmOver, What::Over(AlarmKind::Unproved)) => {}
                (NoticeKind::Alarm, What::Alarm(alarm)) => match of_kind(alarm.kind()) {
                    Some((number, incident)) => {
                        let counter = book.tallies.entry(number).or_default();
                        counter.told += 1;
                        let pauses = book
                            .resumed
                            .iter()
                            .filter(|at| **at > incident.from)
                            .count();
                        let most = match alarm.kind() {
                            AlarmKind::Certificate => 2,
                            // A pause begins it anew.
                            AlarmKind::Silence => 1 + u32::try_from(pauses).unwrap(),
                            AlarmKind::SeenAddress
                            | AlarmKind::ProviderAddresses
                            | AlarmKind::Answer
                            | AlarmKind::Unproved
                            | AlarmKind::Slow => 1,
                        };
                        if counter.told > most {
                            fault(format!("told again of {alarm:?}"));
                        }
                    }
                    None => fault(format!("false alarm: {alarm:?}")),
                },
                (NoticeKind::AlarmOver, What::Over(kind)) => match of_kind(*kind) {
                    Some((number, _)) => {
                        let counter = book.tallies.entry(number).or_default();
                        counter.over += 1;
                        if counter.over > counter.told {
                            fault(format!("told of the end of {kind:?}: {counter:?}"));
                        }
                    }
                    None => fault(format!("told of the end of {kind:?}")),
                },
                (kind, what) => fault(format!("told {kind:?} of {what:?}")),
            }
        }
        state
            .faults
            .extend(faults.into_iter().map(|fault| format!("{now} {fault}")));
    }

    /// The mail server, which was down, answers again: who was held for them goes within a moment.
    pub(super) fn mail_server_back(&self) {
        let now = self.clock.now();
        let mut state = self.state();
        let all_paused = state.all_paused;
        for book in state.books.values_mut() {
            if let Some((early, late)) = &mut book.due
                && book.stand.held
                && !book.paused
                && !all_paused
            {
                *early = now.min(*early);
                *late = (now + seconds(25)).min(*late);
            }
        }
    }
}

/// When in a poke of this length the provider is asked.
fn asked_after(takes: Duration) -> Duration {
    takes / 2
}

/// A forgotten certificate is known for long enough, so that four days are a fifth of its life.
fn tally_life(
    tallies: &BTreeMap<usize, ArrivalCounter>,
    number: Option<usize>,
    expires: i64,
) -> bool {
    let counter = number.and_then(|number| tallies.get(&number));
    counter.is_some_and(|counter| expires - counter.first_shown > 19 * DAY)
}

impl Environment for World {
    fn poke<'a>(
        &'a self,
        account: &'a Account,
        order: &'a [usize],
        poking: Poking<'a>,
        _on_line: &'a mut (dyn FnMut(&DialogueLine) + Send),
    ) -> Pending<'a, Poked> {
        Box::pin(async move {
            let begun = Instant::now();
            let (poked, mail) = {
                let mut state = self.state();
                assert_eq!(account.tls, Security::default());
                match self.begin_poke(&mut state, &account.name, order, poking.trigger) {
                    Some(begun) => begun,
                    None => panic!("{}", state.faults.join("\n")),
                }
            };
            let takes = Duration::from_millis(poked.poke.duration_ms.into());
            let conversation = async {
                tokio::time::sleep(asked_after(takes)).await;
                if let Some(mail) = mail {
                    self.send(mail);
                }
                tokio::time::sleep(takes - asked_after(takes)).await;
            };
            tokio::select! {
                biased;
                () = conversation => {
                    self.state().count_mail(&account.name);
                    poked
                }
                () = Ending::comes(poking.ending) => self.break_off(poked, begun.elapsed()),
            }
        })
    }

    fn watch_arrivals<'a>(
        &'a self,
        account: &'a Account,
        _watcher: &'a Watcher,
    ) -> Pending<'a, ArrivalMonitoring> {
        let watching = account.silence_alarm.is_some();
        Box::pin(async move {
            if watching {
                ArrivalMonitoring::Watching
            } else {
                ArrivalMonitoring::NotHere
            }
        })
    }

    fn is_mail_server_ready<'a>(&'a self, _account: &'a Account) -> Pending<'a, bool> {
        Box::pin(async {
            let state = self.state();
            let real = self.real(&state);
            let down =
                |it: &Incident| it.what == Trouble::MailServer && (it.from..it.to).contains(&real);
            !state.incidents.iter().any(down)
        })
    }

    fn watch(&self, _settings: &Path, signals: Signals) -> Watching {
        *self.signals.lock().unwrap() = Some(signals);
        Box::new(())
    }

    fn told(&self, said: &Said) {
        let mut state = self.state();
        self.hear(&mut state, said);
    }
}
