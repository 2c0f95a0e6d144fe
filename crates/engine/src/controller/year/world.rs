//! A made-up world: providers to which things happen, and a book on each account that says when its
//! poke is due and what there must be told of it.

use std::{
    collections::BTreeMap,
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use dequeue_smtp::{Certificate, DialogueLine, Method, Outcome, Reason, Security, Speaker};
use jiff::{SignedDuration, Timestamp};
use tokio::{sync::mpsc, time::Instant};

use super::oracle::{Beat, Oracle, Span, seconds};
use crate::{
    alarm::{Alarm, AlarmKind},
    api::{NoticeKind, Poke, Trigger},
    arrivals::{self, Arrival, Sight, Traffic},
    clock::{Clock, Setting},
    controller::{BOUNDS, outside::Script},
    notice::{Said, What},
    poke::Poked,
    settings::Account,
};

pub(super) const HOUR: i64 = 3600;
pub(super) const DAY: i64 = 24 * HOUR;
/// How late a poke may begin: at one host not all that were asleep go at once.
const LATE: SignedDuration = seconds(40);
/// How long news may wait: for quiet hours, a pause, a machine that sleeps over the weekend.
const NEWS: i64 = 5 * DAY;

/// What happens to a provider, or to all that has to do with it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Trouble {
    /// It cannot be reached.
    Outage,
    /// It refuses for good.
    Refusing,
    /// The own server is down.
    OwnServer,
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
struct Tally {
    /// Pokes that showed it.
    shown: u32,
    first_shown: i64,
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
    pub(super) own_server: bool,
    pub(super) paused: bool,
    /// It has not been there for long enough to know what is usual.
    pub(super) is_new: bool,
    last: Option<Timestamp>,
    /// When the last poke of any kind began, and when it ends.
    begun: Option<Timestamp>,
    ends: Option<Instant>,
    in_slot: bool,
    disturbed: bool,
    failures: u32,
    refused: bool,
    held: bool,
    pub(super) due: Option<Span>,
    /// When a second poke is due, and whether it surely comes, and then.
    second: Option<(Span, bool)>,
    /// What the last poke comes to has yet to be told.
    untold: bool,
    /// Failures enough to be told of since then, in real time; whether that was told.
    trouble: Option<(i64, bool)>,
    recovery: Option<i64>,
    succeeded: bool,
    reminded: Option<Timestamp>,
    resumed: Vec<i64>,
    tallies: BTreeMap<usize, Tally>,
    pub(super) pokes: u32,
}

impl Book {
    pub(super) fn new(provider: usize, oracle: Oracle) -> Self {
        Self {
            provider,
            oracle,
            method: Method::Etrn,
            notify_after: 1,
            silence: None,
            own_server: false,
            paused: false,
            is_new: false,
            last: None,
            begun: None,
            ends: None,
            in_slot: false,
            disturbed: true,
            failures: 0,
            refused: false,
            held: false,
            due: None,
            second: None,
            untold: false,
            trouble: None,
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
        let span = match self.last {
            None => self.oracle.overdue(now),
            Some(last) => {
                let ordinary = self.oracle.after(last, self.in_slot);
                match self.failures {
                    0 => ordinary,
                    _ if self.held => ordinary,
                    // A second poke is none of the rhythm, but its failure counts from itself.
                    n => self
                        .oracle
                        .again(self.begun.unwrap_or(last), n, self.refused, ordinary),
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
        if !ended || !std::mem::take(&mut self.untold) {
            return;
        }
        if self.failures == 0 {
            if let Some((_, true)) = self.trouble.take() {
                self.recovery = Some(real);
            }
        } else if self.recovery.take().is_some() {
            // It was told, and it is not over after all.
            self.trouble = Some((real, true));
        } else if self.failures >= self.notify_after && self.trouble.is_none() {
            self.trouble = Some((real, false));
        }
    }

    /// It has another rhythm.
    pub(super) fn edit(&mut self, oracle: Oracle, now: Timestamp) {
        self.oracle = oracle;
        self.in_slot = false;
        self.disturb(now);
    }

    /// The clock was set, the account changed, a pause has ended.
    pub(super) fn disturb(&mut self, now: Timestamp) {
        self.disturbed = true;
        if let Some((_, surely)) = &mut self.second {
            *surely = false;
        }
        if self.last.is_some_and(|last| last > now) {
            self.last = Some(now);
            self.in_slot = false;
        }
        if self.begun.is_some_and(|begun| begun > now) {
            self.begun = Some(now);
        }
        self.plan(now);
    }
}

pub(super) struct State {
    pub(super) seed: u64,
    pub(super) books: BTreeMap<String, Book>,
    pub(super) incidents: Vec<Incident>,
    /// Seconds slept, which the runtime's clock has not seen.
    pub(super) slept: i64,
    pub(super) all_paused: bool,
    pub(super) faults: Vec<String>,
    pub(super) pokes: u64,
    pub(super) notices: u64,
    /// How late a poke of the rhythm was, but for the first of each account.
    pub(super) latest: SignedDuration,
    /// What is the same whenever the seed is.
    pub(super) digest: u64,
}

pub(super) struct World {
    pub(super) clock: Clock,
    pub(super) setting: &'static Setting,
    begin: Timestamp,
    origin: Instant,
    arrives: mpsc::Sender<arrivals::Event>,
    state: Mutex<State>,
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
        arrives: mpsc::Sender<arrivals::Event>,
    ) -> Self {
        let setting: &'static Setting = Box::leak(Box::default());
        let origin = Instant::now();
        let world = Self {
            clock: Clock::Set(begin, origin, setting),
            setting,
            begin,
            origin,
            arrives,
            state: Mutex::new(State {
                seed,
                books,
                incidents,
                slept: 0,
                all_paused: false,
                faults: Vec::new(),
                pokes: 0,
                notices: 0,
                latest: SignedDuration::MIN,
                digest: seed,
            }),
        };
        for book in world.state().books.values_mut() {
            book.plan(begin);
        }
        world
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Seconds of real time since the beginning.
    pub(super) fn real(&self, state: &State) -> i64 {
        self.origin.elapsed().as_secs().cast_signed() + state.slept
    }

    /// Sets the clock, in seconds; all that was worked out by it is worked out anew.
    pub(super) fn set_clock(&self, by: i64) {
        self.setting.set(by * 1000);
        let now = self.clock.now();
        for book in self.state().books.values_mut() {
            book.disturb(now);
            book.reminded = None;
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

    /// Nothing is overdue, and nothing was left untold.
    pub(super) fn check(&self) {
        let now = self.clock.now();
        let mut state = self.state();
        let real = self.real(&state);
        let (all_paused, incidents) = (state.all_paused, state.incidents.clone());
        let mut faults = Vec::new();
        for (name, book) in &mut state.books {
            book.settle(real);
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
            if let Some(((_, late), true)) = book.second
                && !resting
                && late + LATE < now
            {
                faults.push(format!("{name}: no second poke by {late}"));
                book.second = None;
            }
            if let Some((since, false)) = book.trouble
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
            for (number, tally) in &book.tallies {
                let incident = &incidents[*number];
                let Trouble::Alarm(kind) = incident.what else {
                    continue;
                };
                let needed = match kind {
                    AlarmKind::Answer => 3,
                    AlarmKind::SeenAddress | AlarmKind::ProviderAddresses | AlarmKind::Slow => 1,
                    // The clock may have been wrong once.
                    AlarmKind::Certificate => 2,
                    AlarmKind::Silence => {
                        let since = book.resumed.iter().copied().filter(|at| *at < incident.to);
                        let since = since.max().unwrap_or(0).max(tally.first_shown);
                        if incident.to - since > 8 * DAY {
                            1
                        } else {
                            u32::MAX
                        }
                    }
                };
                if ended(incident) && !book.is_new && tally.shown >= needed && tally.told == 0 {
                    faults.push(format!("{name}: not told of {incident:?}: {tally:?}"));
                }
                let known = tally.well_since.is_some_and(|since| since + NEWS < real);
                if known && kind.lasts() && tally.over < tally.told.min(1) {
                    faults.push(format!(
                        "{name}: the end was not told of {incident:?}: {tally:?}"
                    ));
                }
            }
            book.resumed.retain(|at| real - at < 60 * DAY);
        }
        state.faults.extend(faults);
    }

    /// A poke begins: is it due? Then the next is worked out.
    fn begin_poke(&self, state: &mut State, name: &str, trigger: Trigger) -> Option<Poked> {
        let now = self.clock.now();
        let real = self.real(state);
        let seed = state.seed;
        let all_paused = state.all_paused;
        let at_once = |state: &State, provider| {
            let here = |book: &&Book| {
                book.provider == provider && book.ends.is_some_and(|ends| ends > Instant::now())
            };
            state.books.values().filter(here).count()
        };
        let Some(provider) = state.books.get(name).map(|book| book.provider) else {
            state
                .faults
                .push(format!("{name}: poked though it is no account"));
            return None;
        };
        if at_once(state, provider) >= BOUNDS.per_host {
            state
                .faults
                .push(format!("provider {provider}: too many at once"));
        }
        let mut faults = Vec::new();
        let incidents: Vec<(usize, Incident)> = (state.incidents.iter().copied().enumerate())
            .filter(|(_, it)| it.provider == provider || it.what == Trouble::OwnServer)
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
            .begun
            .map_or(SignedDuration::MAX, |begun| now.duration_since(begun));
        match trigger {
            Trigger::User => {}
            Trigger::Schedule | Trigger::Second | Trigger::OwnServerBack if resting => {
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
            Trigger::OwnServerBack if book.held => {}
            other => faults.push(format!("poked by {other:?}")),
        }
        if trigger == Trigger::Schedule && quiet_for < seconds(9) && quiet_for >= seconds(0) {
            faults.push(format!("poked twice within {quiet_for:?}"));
        }

        // What it is like this time.
        let draw = super::mix(seed ^ super::hash(name) ^ now.as_millisecond().cast_unsigned());
        let (outcome, reason) = if book.own_server && during(Trouble::OwnServer).is_some() {
            (Outcome::Held, Reason::OwnServerDown)
        } else if during(Trouble::Outage).is_some() {
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
        let shows = |kind| {
            let number = begun(Trouble::Alarm(kind)).map(|(number, _)| number)?;
            Some((number, kind))
        };
        let mut duration_ms = 200 + u32::try_from(draw % 700).unwrap();
        let mut shown = Vec::new();
        if during(Trouble::Alarm(AlarmKind::Slow)).is_some() && worked {
            duration_ms = 12_000;
            shown.extend(shows(AlarmKind::Slow));
        }
        let address = |changed: bool, last| {
            let third = u8::from(changed) + 2 * u8::try_from(provider).unwrap();
            IpAddr::V4(Ipv4Addr::new(192, 0, third, last))
        };
        let seen = shows(AlarmKind::SeenAddress);
        let resolved = shows(AlarmKind::ProviderAddresses);
        let answer = shows(AlarmKind::Answer);
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
            Some(expires) if worked => {
                if expires - real < 4 * DAY - HOUR && tally_life(&book.tallies, forgotten, expires)
                {
                    shown.extend(shows(AlarmKind::Certificate));
                }
                book.tallies
                    .entry(forgotten.unwrap_or_default())
                    .or_insert_with(|| Tally {
                        first_shown: real,
                        ..Tally::default()
                    });
                expires
            }
            Some(_) | None => block,
        };
        shown.retain(|(number, _)| real < state.incidents[*number].to);
        for (number, _) in shown {
            let tally = book.tallies.entry(number).or_default();
            tally.shown += 1;
            if tally.first_shown == 0 {
                tally.first_shown = real;
            }
        }
        for (number, tally) in &mut book.tallies {
            if worked && state.incidents[*number].to <= real {
                tally.well_since.get_or_insert(real);
            }
        }
        // Incidents that are long over are no longer kept account of.
        book.tallies
            .retain(|number, _| real < state.incidents[*number].to + 2 * NEWS);

        // What follows.
        book.pokes += 1;
        book.begun = Some(now);
        book.ends = Some(Instant::now() + Duration::from_millis(duration_ms.into()));
        book.failures = if worked { 0 } else { book.failures + 1 };
        book.refused = outcome == Outcome::Refused;
        book.held = outcome == Outcome::Held;
        let was_second = trigger == Trigger::Second;
        if !was_second {
            // Half an interval after one beside the rhythm it may be the rest of a slot.
            let whole = |last| match book.oracle.beat {
                Beat::Every(every) => now > last + seconds(every / 2 + 1),
                Beat::Hours { .. } | Beat::Cron { .. } => false,
            };
            book.in_slot =
                trigger == Trigger::Schedule && !book.disturbed && book.last.is_some_and(whole);
            book.last = Some(now);
            book.disturbed = !worked || trigger != Trigger::Schedule;
        }
        book.second = None;
        book.plan(now);
        if outcome == Outcome::Signalled && !was_second {
            let next = book.oracle.after(now, book.in_slot);
            let close = now + seconds(120);
            if next.1 > close {
                let must = next.0 > close && !resting;
                book.second = Some(((now + seconds(60), now + seconds(120)), must));
            }
        }
        book.untold = true;
        for fault in faults {
            state.faults.push(format!("{name}: {fault}"));
        }
        state.pokes += 1;
        state.digest = super::mix(state.digest ^ draw);

        let book = &state.books[name];
        let certificate = Certificate {
            fingerprint: String::new(),
            expires_at: self.begin.as_second() + expires,
        };
        let greeting = if answer.is_some() {
            "Exim 4.98"
        } else {
            "ESMTP Postfix"
        };
        let poke = Poke {
            id: 0,
            account: name.to_owned(),
            host: format!("provider{provider}.test"),
            address: None,
            method: book.method,
            choice: None,
            outcome,
            reason,
            code: None,
            text: None,
            domains: Vec::new(),
            explanation: String::new(),
            tried: Vec::new(),
            gist: String::new(),
            trigger,
            started_at: Timestamp::from_millisecond(now.as_millisecond()).unwrap(),
            duration_ms,
            round_trips: 4,
            tls: None,
            certificate: worked.then_some(certificate),
            delivered: None,
            busy_ms: None,
            own_server: None,
            sight: None,
            arrivals: None,
            seen_address: worked.then(|| address(seen.is_some(), 9)),
            exit_status: 0,
            dialogue: vec![DialogueLine {
                from: Speaker::Provider,
                at_ms: 3,
                line: format!("220 provider.test {greeting}"),
            }],
        };
        let from = address(resolved.is_some(), 25);
        let sight = book.silence.is_some();
        if sight && worked && during(Trouble::Alarm(AlarmKind::Silence)).is_none() {
            self.arrive(from, duration_ms);
        }
        Some(Poked {
            poke,
            learned: None,
            lingering: None,
            address: None,
            resolved: [from, address(false, 26)].into(),
            host: 0,
            failed: if worked { Vec::new() } else { vec![0] },
        })
    }

    /// Mail comes, some seconds after a poke.
    fn arrive(&self, from: IpAddr, duration_ms: u32) {
        let (arrives, clock) = (self.arrives.clone(), self.clock);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(u64::from(duration_ms) + 3000)).await;
            let arrival = Arrival {
                peer: SocketAddr::new(from, 40_000),
                local: SocketAddr::from(([198, 51, 100, 1], 25)),
                traffic: Some(Traffic {
                    received: 5000,
                    sent: 300,
                }),
                at: clock.now(),
            };
            arrives.send(arrivals::Event::Arrival(arrival)).await
        });
    }

    fn hear(&self, state: &mut State, said: &Said) {
        let now = self.clock.now();
        let real = self.real(state);
        state.notices += 1;
        let mut faults = Vec::new();
        for about in &said.about {
            let name = &about.account;
            let mut fault = |what: String| faults.push(format!("{name}: {what}"));
            let Some(book) = state.books.get_mut(name) else {
                fault(format!("told of {said:?} though it is no account"));
                continue;
            };
            book.settle(real);
            if state.all_paused || book.paused {
                fault(format!("told of {said:?} in a pause"));
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
                (NoticeKind::Failure, What::Poke { .. }) => match &mut book.trouble {
                    Some((_, told)) if !*told => *told = true,
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
                        What::Alarm(Alarm::Silence { .. })
                            if of_kind(AlarmKind::Silence).is_some() => {}
                        what => fault(format!("reminded of {what:?}")),
                    }
                }
                (NoticeKind::Alarm, What::Alarm(alarm)) => match of_kind(alarm.kind()) {
                    Some((number, incident)) => {
                        let tally = book.tallies.entry(number).or_default();
                        tally.told += 1;
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
                            | AlarmKind::Slow => 1,
                        };
                        if tally.told > most {
                            fault(format!("told again of {alarm:?}"));
                        }
                    }
                    None => fault(format!("false alarm: {alarm:?}")),
                },
                (NoticeKind::AlarmOver, What::Over(kind)) => match of_kind(*kind) {
                    Some((number, _)) => {
                        let tally = book.tallies.entry(number).or_default();
                        tally.over += 1;
                        if tally.over > tally.told {
                            fault(format!("told of the end of {kind:?}: {tally:?}"));
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

    /// The own server, which was down, answers again: who was held for them goes within a moment.
    pub(super) fn own_server_back(&self) {
        let now = self.clock.now();
        let mut state = self.state();
        let all_paused = state.all_paused;
        for book in state.books.values_mut() {
            if let Some((early, late)) = &mut book.due
                && book.held
                && !book.paused
                && !all_paused
            {
                *early = now.min(*early);
                *late = (now + seconds(25)).min(*late);
            }
        }
    }
}

/// A forgotten certificate is known for long enough, so that four days are a fifth of its life.
fn tally_life(tallies: &BTreeMap<usize, Tally>, number: Option<usize>, expires: i64) -> bool {
    let tally = number.and_then(|number| tallies.get(&number));
    tally.is_some_and(|tally| expires - tally.first_shown > 19 * DAY)
}

impl Script for World {
    fn poke(&self, account: &Account, trigger: Trigger) -> (Poked, Option<Sight>) {
        let mut state = self.state();
        let sight = account.silence_alarm.is_some().then_some(Sight::Watching);
        assert_eq!(account.tls, Security::default());
        match self.begin_poke(&mut state, &account.name, trigger) {
            Some(poked) => (poked, sight),
            None => panic!("{}", state.faults.join("\n")),
        }
    }

    fn own_server_is_ready(&self) -> bool {
        let state = self.state();
        let real = self.real(&state);
        let down =
            |it: &Incident| it.what == Trouble::OwnServer && (it.from..it.to).contains(&real);
        !state.incidents.iter().any(down)
    }

    fn told(&self, said: &Said) {
        let mut state = self.state();
        self.hear(&mut state, said);
    }
}
