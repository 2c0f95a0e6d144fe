//! The controller: the one owner of all state. Faces, the timer, the settings file and the pokes
//! under way send it what happened; nobody else changes anything.
//!
//! What it decides is decided by pure functions: [`schedule`] and [`retry`] say when an account is
//! due, [`PokeLimiter`] whose turn it is, [`Alarms`] what is no longer as it was, [`Notices`] what is worth
//! telling. Here are the state that they are given, and the acts that follow.
//!
//! [`schedule`]: dequeue_core::schedule
//! [`retry`]: dequeue_core::retry

mod environment;
mod faces;
mod open;
mod requests;
mod slots;

use std::{collections::BTreeMap, net::IpAddr, sync::Arc, time::Duration};

use dequeue_smtp::{DialogueLine, Outcome, Reason};
use jiff::{Timestamp, tz::TimeZone};
use notify::Watcher as _;
use tokio::{
    sync::{Semaphore, broadcast, mpsc, oneshot},
    task::JoinSet,
};

pub(crate) use self::environment::Environment;
use dequeue_core::{
    alarm::{AlarmChange, Alarms, Observed, Silence, Validity},
    arrivals::{ArrivalMonitoring, Provider},
    day::{ArrivedAmount, Past},
    notice::{self, Change, Notices, Wanted},
    poke_limiter::{Bounds, PokeLimiter},
    record::{Notify, Poke, Trigger},
    retry::{after_failure, host_order},
    schedule::{PokeOccasion, extra_poke, next_due, second_poke},
    settings::{
        Account, Settings,
        channel::{Channel, HEARTBEAT_SECRET, MAIL_SECRET, WEBHOOK_SECRET},
        channels::Heartbeat,
        file::FileFault,
    },
    text::Text,
};

use self::{
    open::OpenPokes,
    slots::{Dirty, Slot, Slots, Timer},
};
use crate::{
    api::{ApiError, Event, Response},
    arrivals,
    channel::{self, ChannelFault, Channels, Outgoing, SecretOf},
    client::{ClientId, Envelope, ServerEnd},
    clock::Clock,
    demo::Demo,
    history::{History, HistoryError, SteadyHistory},
    paths::{Paths, make_private},
    poke::{Poked, Poking, SecretFrom},
    secrets::Secrets,
    settings_file,
    system_events::SystemEvent,
};

/// Pokes under way at once: over all accounts, so many that a handful of hosts that do not answer
/// hold up nobody else; at one host, well below what mail servers take from one address.
const BOUNDS: Bounds = Bounds {
    total: 512,
    per_host: 10,
};
/// Connections listened to at once after the provider's goodbye: they are for knowing more, and must
/// not take the files that pokes need.
const LINGERING: usize = 256;
/// What happened and waits for the controller.
const HAPPENED_KEPT: usize = 256;
/// Wakes that wait for the controller.
const WAKES_KEPT: usize = 8;
/// How soon what has been found out is written down. A kill loses no more than that of it.
const KEPT_WITHIN: Duration = Duration::from_secs(10);
/// How often it is tried again to write what waits for the history's file.
const CAUGHT_UP_EVERY: Duration = Duration::from_secs(15);
/// How often what is known of an account's healthy life is written down. It is learnt over days.
const LIFE_KEPT_EVERY: Duration = Duration::from_secs(3600);
/// An editor may write a file in several steps: it is read when it has been quiet for so long.
const SETTLED: Duration = Duration::from_millis(250);
/// How often it is looked whether a mail server is back for which pokes are held.
const RECOVERY: Duration = Duration::from_secs(20);
/// What is due and comes so late was slept over.
const SLEPT: Duration = Duration::from_secs(30);
/// A connection that an AutoTURN provider keeps open for so long after its goodbye has brought mail:
/// with nothing to deliver it is closed at once.
const BUSY: Duration = Duration::from_millis(300);

/// What is noted in the history, of an account or of everything.
mod notes {
    /// What the method `auto` has found out.
    pub(super) const LEARNED: &str = "learned";
    /// What an account's healthy life is like, and which alarms are raised.
    pub(super) const ALARMS: &str = "alarms";
    /// What is true of an account and has been told of it; when each topic was told last.
    pub(super) const NOTICES: &str = "notices";
    /// The number that this installation draws its jitter from.
    pub(super) const SEED: &str = "seed";
}

/// What a controller begins with.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) paths: Paths,
    pub(crate) settings: Settings,
    pub(crate) faults: Vec<FileFault>,
    pub(crate) history: SteadyHistory,
    pub(crate) clock: Clock,
    /// Providers and mail servers.
    pub(crate) environment: Environment,
    /// Whether it pokes on time and follows the settings file.
    pub(crate) rhythm: bool,
}

/// What happened elsewhere.
enum Internal {
    Said {
        key: u64,
        line: DialogueLine,
    },
    Poked {
        key: u64,
        poked: Box<Poked>,
        /// Whether arrivals are being watched since before the poke.
        monitoring: Option<ArrivalMonitoring>,
    },
    /// The connection of a poke that had ended was closed, so long after the goodbye.
    Closed {
        key: u64,
        id: i64,
        after: Duration,
    },
    /// The mail server of an account answers again.
    MailServerBack {
        key: u64,
    },
    /// An account's password or token has been kept.
    SecretKept {
        account: String,
    },
    ArrivedAmount(arrivals::ArrivalEvent),
    Channel(Channel, Result<(), ChannelFault>),
    SettingsTouched,
}

/// The demo, its account's history in memory.
struct DemoRun {
    history: History,
    _demo: Demo,
}

pub(crate) struct Controller {
    paths: Paths,
    clock: Clock,
    environment: Environment,
    rhythm: bool,
    settings: Settings,
    faults: Vec<FileFault>,
    text: Text,
    history: SteadyHistory,
    /// When it is tried again to write what waits in it.
    catch_up_at: Option<Timestamp>,
    secrets: Arc<Secrets>,
    secrets_turn: Arc<tokio::sync::Mutex<()>>,
    slots: Slots,
    next_key: u64,
    paused: bool,
    /// Draws the jitter of this installation.
    seed: u64,
    zone: TimeZone,
    limiter: PokeLimiter,
    watcher: Arc<arrivals::Watcher>,
    open: OpenPokes,
    /// Room for connections that providers keep open after their goodbye.
    lingering: Arc<Semaphore>,
    notices: Notices,
    channels: Channels,
    channel_faults: BTreeMap<Channel, ChannelFault>,
    /// When what is known of notices and alarms is to be written down, where it has changed.
    keep_at: Option<Timestamp>,
    /// The latest time that was seen: an earlier one means that the clock was set back.
    seen: Timestamp,
    window: Option<ClientId>,
    demo: Option<DemoRun>,
    asks: mpsc::Receiver<Envelope>,
    events: broadcast::Sender<Event>,
    happens: mpsc::Sender<Internal>,
    happened: mpsc::Receiver<Internal>,
    arriving: mpsc::Receiver<arrivals::ArrivalEvent>,
    clients_gone: mpsc::Receiver<ClientId>,
    pokes: JoinSet<()>,
}

type Answer = Result<Response, ApiError>;

impl Controller {
    /// A controller, and where it is to be told of faces that left.
    pub(crate) fn new(
        setup: Setup,
        served: ServerEnd,
    ) -> Result<(Self, mpsc::Sender<ClientId>), HistoryError> {
        let (happens, happened) = mpsc::channel(HAPPENED_KEPT);
        let (gone, clients_gone) = mpsc::channel(HAPPENED_KEPT);
        let (arrives, arriving) = mpsc::channel(HAPPENED_KEPT);
        let mut history = setup.history;
        let seed = match history.state("", notes::SEED)? {
            Some(seed) => seed,
            None => {
                let seed = random();
                if setup.rhythm {
                    history.set_state("", notes::SEED, Some(&seed))?;
                }
                seed
            }
        };
        let secrets = Arc::new(Secrets::new(&setup.paths));
        let channels = channels(&setup.settings, &secrets, &happens);
        let mut controller = Self {
            secrets,
            secrets_turn: Arc::default(),
            paths: setup.paths,
            clock: setup.clock,
            environment: setup.environment,
            rhythm: setup.rhythm,
            text: Text::for_language(&setup.settings.language),
            settings: Settings::default(),
            faults: setup.faults,
            paused: history.pauses()?.iter().any(String::is_empty),
            notices: Notices::after(history.state("", notes::NOTICES)?.unwrap_or_default()),
            history,
            catch_up_at: None,
            slots: Slots::default(),
            next_key: 1,
            seed,
            zone: TimeZone::system(),
            limiter: PokeLimiter::new(BOUNDS),
            watcher: Arc::new(arrivals::Watcher::new(setup.clock, arrives)),
            open: OpenPokes::default(),
            lingering: Arc::new(Semaphore::new(LINGERING)),
            channels,
            channel_faults: BTreeMap::new(),
            keep_at: None,
            seen: setup.clock.now(),
            window: None,
            demo: None,
            asks: served.asks,
            events: served.events,
            happens,
            happened,
            arriving,
            clients_gone,
            pokes: JoinSet::new(),
        };
        controller.take_settings(setup.settings)?;
        Ok((controller, gone))
    }

    /// Runs until `stop` is sent or dropped. Pokes under way end with it: a provider that was asked
    /// goes on all the same.
    pub(crate) async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        let watching = self.rhythm.then(|| self.watch_settings()).flatten();
        let (wakes, mut woken) = mpsc::channel(WAKES_KEPT);
        let waking = self.rhythm.then(|| self.environment.watch(wakes));
        for i in 0..self.slots.len() {
            // Pokes that were held when the engine ended.
            let last = self.slots[i].past.last.as_ref();
            if self.rhythm && last.is_some_and(|last| last.outcome == Outcome::Held) {
                self.watch_for_recovery(i);
            }
        }
        loop {
            let due = self.next_at();
            let clock = self.clock;
            let wait = async move {
                match due {
                    Some(due) => clock.wait_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                _ = &mut stop => break,
                Some(ask) = self.asks.recv() => self.answer(ask).await,
                Some(happened) = self.happened.recv() => self.take(happened),
                Some(event) = self.arriving.recv() => self.take(Internal::ArrivedAmount(event)),
                Some(face) = self.clients_gone.recv() => {
                    if self.window == Some(face) {
                        self.window = None;
                    }
                }
                Some(woken) = woken.recv() => self.woken(woken),
                slept = wait => {
                    if slept {
                        self.woken(SystemEvent::MachineWoke);
                    }
                }
                Some(_) = self.pokes.join_next() => continue,
            }
            self.on_time();
        }
        drop((watching, waking));
        self.keep(Dirty::Later);
        if !self.history.catch_up() {
            let pokes = self.history.waiting_pokes();
            tracing::error!(
                pokes,
                "what waited for the history's file is lost with this end"
            );
        }
        self.pokes.shutdown().await;
    }

    // ---- Time -------------------------------------------------------------------------------

    /// When something is due next.
    fn next_at(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        let times = self.settings.notice_times(&self.zone);
        [
            self.slots.next_at(),
            self.open.next_at(),
            self.notices.next_due(now, times),
            self.keep_at,
            self.catch_up_at,
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Does all that is due.
    fn on_time(&mut self) {
        let now = self.clock.now();
        if now < self.seen {
            // The clock was set back: what was worked out from later times is worked out anew.
            for i in 0..self.slots.len() {
                self.slots[i].set_back(now);
                self.plan(i, now);
            }
            self.notices.at(now);
            self.keep_at = self.keep_at.map(|at| at.min(now + KEPT_WITHIN));
            let catch_up = self.catch_up_at;
            self.catch_up_at = catch_up.map(|at| at.min(now + CAUGHT_UP_EVERY));
        } else if self.slots.next_at().is_some_and(|at| at + SLEPT < now) {
            // The machine slept, or its clock was put forward: the silence was not the provider's.
            let slept = now.duration_since(self.seen);
            for slot in self.slots.iter_mut() {
                slot.alarms.slept(now, slept);
            }
        }
        self.seen = now;
        while let Some((key, matter)) = self.slots.take_due(now) {
            let Some(i) = self.slots.place(key) else {
                continue;
            };
            match matter {
                Timer::Poke => {
                    // It may have become overdue at a time in which no poke may go.
                    match self.due(&self.slots[i], now) {
                        Some(at) if at <= now => self.want(i, Trigger::Schedule, at),
                        later => self.slots.note(key, Timer::Poke, later),
                    }
                }
                // The rhythm's own poke, where it is due as well, does for both.
                Timer::SecondPoke
                    if self
                        .slots
                        .noted(key, Timer::Poke)
                        .is_some_and(|at| at <= now) => {}
                Timer::SecondPoke => self.wake(i, PokeOccasion::SecondPoke, now),
                Timer::Silence => {
                    self.look_for_silence(i, now);
                    self.plan(i, now);
                }
            }
        }
        for counted in self.open.due(now) {
            self.counted(counted);
        }
        self.start_whose_turn_it_is();
        self.tell_notices(now);
        if self.keep_at.is_some_and(|at| at <= now) {
            self.keep(Dirty::Soon);
        }
        self.catch_up(now);
    }

    /// As long as the history waits for its file, it is tried again from time to time.
    fn catch_up(&mut self, now: Timestamp) {
        let waited = self.catch_up_at;
        if waited.is_some_and(|at| at <= now) {
            self.history.catch_up();
        }
        let waits = self.history.waits();
        self.catch_up_at = match waited {
            _ if !waits => None,
            Some(at) if at > now => Some(at),
            Some(_) | None => Some(now + CAUGHT_UP_EVERY),
        };
        if waited.is_some() && !waits {
            self.take_pauses(now);
        }
        if waited.is_some() != waits {
            self.tell_all();
        }
    }

    /// The file may know of pauses, if it could not even be read so far.
    fn take_pauses(&mut self, now: Timestamp) {
        let pauses = match self.history.pauses() {
            Ok(pauses) => pauses,
            Err(error) => {
                tracing::error!(%error, "the history could not be read");
                return;
            }
        };
        self.paused |= pauses.iter().any(String::is_empty);
        for i in 0..self.slots.len() {
            let slot = &mut self.slots[i];
            slot.paused |= !slot.demo && pauses.contains(&slot.account.name);
            self.plan(i, now);
        }
    }

    /// When an account is due by its rhythm and by how its last pokes fared; never before `now`.
    fn due(&self, slot: &Slot, now: Timestamp) -> Option<Timestamp> {
        if !self.rhythm || self.paused || slot.paused {
            return None;
        }
        let name = &slot.account.name;
        let ordinary = next_due(&slot.rhythm, slot.last_start, now, self.seed, name);
        let failed = slot.past.last.as_ref().filter(|_| slot.past.failures > 0);
        let Some((last, started)) = failed.zip(slot.begun) else {
            return ordinary;
        };
        let interval = slot.rhythm.interval(started);
        let (failures, seed) = (slot.past.failures, self.seed);
        after_failure(
            failures,
            last.outcome,
            last.reason,
            interval,
            started,
            seed,
            name,
        )
        .due(&slot.rhythm, ordinary, started, now, seed, name)
    }

    /// Notes anew when an account is due.
    fn plan(&mut self, i: usize, now: Timestamp) {
        let slot = &self.slots[i];
        let (key, second) = (slot.key, slot.second_at);
        let resting = slot.poking.is_some() || self.limiter.holds(key);
        let due = if resting { None } else { self.due(slot, now) };
        let second = second.filter(|_| !resting && self.rhythm && !self.paused && !slot.paused);
        let silence = self.silence_of(i, |silence| slot.alarms.silence_due(silence));
        self.slots.note(key, Timer::Poke, due);
        self.slots.note(key, Timer::SecondPoke, second);
        self.slots.note(key, Timer::Silence, silence.flatten());
    }

    /// A poke of this account is wanted, since `due`: it waits for its turn.
    fn want(&mut self, i: usize, trigger: Trigger, due: Timestamp) {
        let slot = &mut self.slots[i];
        if slot.poking.is_some() {
            return;
        }
        // Who asks by hand is told of it as such, whatever else was waiting.
        if slot.wanted.is_none() || trigger == Trigger::User {
            slot.wanted = Some(trigger);
        }
        let key = slot.key;
        self.limiter.wait(key, slot.account.host.as_str(), due);
        for matter in [Timer::Poke, Timer::SecondPoke] {
            self.slots.note(key, matter, None);
        }
    }

    /// Something happened that may be worth a poke beside the rhythm.
    fn wake(&mut self, i: usize, wake: PokeOccasion, now: Timestamp) {
        let slot = &self.slots[i];
        let resting = !self.rhythm || self.paused || slot.paused;
        if !resting && slot.poking.is_none() && extra_poke(wake, &slot.rhythm, slot.begun, now) {
            let trigger = match wake {
                PokeOccasion::NetworkUp => Trigger::NetworkUp,
                PokeOccasion::Woke => Trigger::Woke,
                PokeOccasion::MailServerBack => Trigger::MailServerBack,
                PokeOccasion::SecretKept => Trigger::Schedule,
                PokeOccasion::SecondPoke => Trigger::Second,
                PokeOccasion::User => Trigger::User,
            };
            self.want(i, trigger, now);
        } else {
            self.plan(i, now);
        }
    }

    /// The network came up, or the machine woke: what could not be reached before may be now, and
    /// mail may have been held meanwhile.
    fn woken(&mut self, woken: SystemEvent) {
        let now = self.clock.now();
        let wake = match woken {
            SystemEvent::NetworkUp => PokeOccasion::NetworkUp,
            SystemEvent::MachineWoke => PokeOccasion::Woke,
        };
        for i in 0..self.slots.len() {
            if woken == SystemEvent::MachineWoke {
                self.slots[i].alarms.began(now);
            }
            self.wake(i, wake, now);
        }
    }

    fn start_whose_turn_it_is(&mut self) {
        while let Some(key) = self.limiter.start() {
            match self.slots.place(key) {
                Some(i) => self.start_poke(i),
                None => self.limiter.leave(key),
            }
        }
    }

    fn start_poke(&mut self, i: usize) {
        let now = self.clock.now();
        let slot = &mut self.slots[i];
        let trigger = slot.wanted.take().unwrap_or(Trigger::Schedule);
        slot.poking = Some(trigger);
        slot.second_at = None;
        slot.end_recovery();
        slot.begun = Some(now);
        if trigger != Trigger::Second {
            slot.last_start = Some(now);
        }
        let (key, account) = (slot.key, slot.account.clone());
        let learned = slot.learned.clone();
        let order = host_order(&slot.hosts_failed, now);
        let watcher = (self.rhythm && !slot.demo && !account.watch.is_zero())
            .then(|| self.watcher.clone())
            // What comes over the provider's own connection is counted there.
            .filter(|_| !account.method.turns());
        let (happens, clock, text) = (self.happens.clone(), self.clock, self.text.clone());
        let (secrets, outside) = (self.secrets.clone(), self.environment.clone());
        self.pokes.spawn(async move {
            let poking = Poking {
                trigger,
                clock,
                text: &text,
                secret: SecretFrom::Account(&secrets),
                learned: learned.as_ref(),
            };
            let on_line = |line: &DialogueLine| {
                // Live lines are for looking at; when the controller is behind they are dropped,
                // and stand in the history all the same.
                let _ = happens.try_send(Internal::Said {
                    key,
                    line: line.clone(),
                });
            };
            let (poked, monitoring) = outside
                .poke(&account, &order, poking, watcher.as_deref(), on_line)
                .await;
            let poked = Box::new(poked);
            let _ = happens
                .send(Internal::Poked {
                    key,
                    poked,
                    monitoring,
                })
                .await;
        });
        self.tell_account(i);
    }

    // ---- What happened ----------------------------------------------------------------------

    fn take(&mut self, happened: Internal) {
        match happened {
            Internal::Said { key, line } => {
                if let Some(i) = self.slots.place(key) {
                    let account = self.slots[i].account.name.clone();
                    self.tell(Event::Dialogue { account, line });
                }
            }
            Internal::Poked {
                key,
                poked,
                monitoring,
            } => self.poked(key, *poked, monitoring),
            Internal::Closed { key, id, after } => self.closed(key, id, after),
            Internal::MailServerBack { key } => {
                if let Some(i) = self.slots.place(key) {
                    self.slots[i].recovery = None;
                    self.wake(i, PokeOccasion::MailServerBack, self.clock.now());
                }
            }
            Internal::SecretKept { account } => self.secret_kept(&account),
            Internal::ArrivedAmount(arrivals::ArrivalEvent::Arrival(arrival)) => {
                self.open.arrived(arrival)
            }
            Internal::ArrivedAmount(arrivals::ArrivalEvent::Overrun) => self.open.overrun(),
            Internal::ArrivedAmount(arrivals::ArrivalEvent::Broken(error)) => {
                tracing::warn!(%error, "arrivals are no longer seen until the next poke");
            }
            Internal::Channel(channel, result) => self.channel_fared(channel, result),
            Internal::SettingsTouched => self.reload(),
        }
    }

    fn poked(&mut self, key: u64, poked: Poked, monitoring: Option<ArrivalMonitoring>) {
        self.limiter.leave(key);
        let Some(i) = self.slots.place(key) else {
            return;
        };
        let now = self.clock.now();
        let mut poke = poked.poke;
        let slot = &mut self.slots[i];
        // It may have been renamed meanwhile.
        poke.account.clone_from(&slot.account.name);
        poke.monitoring.clone_from(&monitoring);
        slot.poking = None;
        slot.sees_arrivals =
            monitoring == Some(ArrivalMonitoring::Watching) || slot.account.method.turns();
        for (host, failed) in slot.hosts_failed.iter_mut().enumerate() {
            if poked.failed.contains(&host) {
                *failed = Some(now);
            } else if poked.host == host {
                *failed = None;
            }
        }
        poke.id = self.write(i, &poke);
        if monitoring == Some(ArrivalMonitoring::Watching) && poke.id > 0 {
            let mut addresses: Vec<IpAddr> = poked.resolved.iter().copied().collect();
            addresses.extend(poked.address.map(|address| address.ip()));
            let until = now + self.slots[i].account.watch;
            self.open.open(
                key,
                poke.id,
                Provider::At(addresses),
                poke.started_at,
                until,
            );
        }
        let room = self.lingering.clone().try_acquire_owned();
        if let (Some(lingering), Ok(room)) = (poked.lingering.filter(|_| poke.id != 0), room) {
            let (happens, id) = (self.happens.clone(), poke.id);
            // It holds nothing up: nobody waits for it, and it ends with the engine.
            self.pokes.spawn(async move {
                let _room = room;
                if let Some(after) = lingering.end().await {
                    let _ = happens.send(Internal::Closed { key, id, after }).await;
                }
            });
        }
        // What was learnt stays until something else is; a failure says nothing on it.
        if poked.learned.is_some() && poked.learned != self.slots[i].learned {
            self.slots[i].learned = poked.learned;
            let slot = &self.slots[i];
            note_down(
                &mut self.history,
                slot,
                notes::LEARNED,
                slot.learned.as_ref(),
            );
        }
        self.judge(i, &poke, poked.host, poked.resolved, now);
        self.after_poke(i, &poke, now);
        poke.dialogue = Vec::new();
        self.slots[i].past.last = Some(poke.clone());
        if std::mem::take(&mut self.slots[i].secret_is_new) && wants_secret(poke.reason) {
            self.wake(i, PokeOccasion::SecretKept, now);
        } else {
            self.plan(i, now);
        }
        self.tell(Event::Poked {
            poke: Box::new(poke),
        });
        self.tell_account(i);
    }

    /// A poke that went without the password, or with a wrong one, is made good.
    fn secret_kept(&mut self, account: &str) {
        let Some(i) = self.slots.find(account) else {
            return;
        };
        let slot = &mut self.slots[i];
        slot.secret_is_new = slot.poking.is_some();
        let last = slot.past.last.as_ref();
        if !slot.secret_is_new && last.is_none_or(|last| wants_secret(last.reason)) {
            self.wake(i, PokeOccasion::SecretKept, self.clock.now());
        }
    }

    /// Writes a poke down; gives its id, 0 where that was not possible.
    fn write(&mut self, i: usize, poke: &Poke) -> i64 {
        if let (Some(demo), true) = (&self.demo, self.slots[i].demo) {
            // The demo's ids are negative: they are of another history.
            return demo.history.add(poke).map_or(0, |id| -id);
        }
        let arrived = ArrivedAmount {
            messages: poke
                .delivered
                .and_then(|delivered| delivered.messages)
                .map_or(0, u64::from),
            bytes: poke.delivered.map_or(0, |delivered| delivered.octets),
            ..ArrivedAmount::default()
        };
        self.history.add(poke, arrived).unwrap_or_else(|error| {
            tracing::error!(%error, "a poke could not be kept");
            0
        })
    }

    /// What changes with a poke that has ended: failures in a row, notices, a second poke, a watch
    /// on the mail server.
    fn after_poke(&mut self, i: usize, poke: &Poke, now: Timestamp) {
        let worked = poke.outcome.is_success();
        let slot = &mut self.slots[i];
        let first_success = worked && slot.past.last_success_at.is_none();
        slot.past.failures = if worked { 0 } else { slot.past.failures + 1 };
        if worked {
            slot.past.last_success_at = Some(poke.started_at);
        }
        for reply in std::mem::take(&mut slot.waiting) {
            // Who asked may have left.
            let _ = reply.send(poke.clone());
        }
        self.slots[i].second_at = self.second_poke(&self.slots[i], poke, now);
        let slot = &self.slots[i];
        if let Some(address) = &slot.account.heartbeat {
            let heartbeat = Heartbeat {
                address: address.clone(),
                on_failure: slot.account.heartbeat_on_failure,
            };
            self.channels.beat(&heartbeat, worked);
        }
        // That all is well with an account that has been well is told to nobody.
        let is_news = !worked
            || first_success
            || slot.account.notify == Notify::Everything
            || self.notices.know(&slot.account.name);
        let explanation = is_news.then(|| self.text.explain_with_answer(poke));
        let change = Change::Poked(notice::Poked {
            account: slot.account.name.clone(),
            wanted: wanted(&slot.account),
            outcome: poke.outcome,
            failures: slot.past.failures,
            first_success,
            explanation: explanation.unwrap_or_default(),
        });
        if poke.outcome == Outcome::Held && self.rhythm {
            self.watch_for_recovery(i);
        }
        self.feed(now, change);
    }

    /// When an account is to be poked a second time after this poke, its last.
    fn second_poke(&self, slot: &Slot, poke: &Poke, now: Timestamp) -> Option<Timestamp> {
        let name = &slot.account.name;
        let next = || next_due(&slot.rhythm, slot.last_start, now, self.seed, name);
        second_poke(
            poke.trigger == Trigger::Second,
            poke.outcome,
            poke.reason,
            poke.started_at,
            next,
            self.seed,
            name,
        )
        .filter(|_| !slot.demo)
    }

    /// Looks from time to time whether the mail server is back, and says so once.
    fn watch_for_recovery(&mut self, i: usize) {
        let slot = &mut self.slots[i];
        slot.end_recovery();
        let (key, account, happens) = (slot.key, slot.account.clone(), self.happens.clone());
        let outside = self.environment.clone();
        let look = async move {
            loop {
                tokio::time::sleep(RECOVERY).await;
                // Asked the same as before a poke, which would otherwise only be held again.
                if outside.mail_server_is_ready(&account).await {
                    let _ = happens.send(Internal::MailServerBack { key }).await;
                    break;
                }
            }
        };
        slot.recovery = Some(self.pokes.spawn(look));
    }

    /// Compares a poke with the account's healthy life.
    fn judge(
        &mut self,
        i: usize,
        poke: &Poke,
        host: usize,
        resolved: std::collections::BTreeSet<IpAddr>,
        now: Timestamp,
    ) {
        let slot = &mut self.slots[i];
        if slot.demo {
            return;
        }
        let certificate = poke.certificate.as_ref().and_then(|certificate| {
            let until = Timestamp::from_second(certificate.expires_at).ok()?;
            Some(Validity { from: None, until })
        });
        let account = &slot.account;
        let mut observed = Observed::of(
            poke,
            account.host.as_str(),
            account.port(),
            account.method,
            resolved,
            certificate,
        );
        if host > 0 {
            observed = observed.at_another_host();
        }
        if account.method.turns() {
            // It lasts as long as there is mail.
            observed.duration = None;
        }
        let mut changes = slot.alarms.poked(now, &observed);
        if poke.delivered.is_some_and(|it| it.messages != Some(0)) {
            changes.extend(slot.alarms.arrived(now));
        }
        self.keep_life(i, !changes.is_empty(), now);
        self.alarmed(i, changes, now);
        self.look_for_silence(i, now);
    }

    /// What is known of an account's healthy life has changed. It is written down from time to
    /// time; where an alarm was raised or is over, together with what notices make of that: after a
    /// kill between the two it would never be told, or twice.
    fn keep_life(&mut self, i: usize, alarmed: bool, now: Timestamp) {
        let slot = &mut self.slots[i];
        let due = |kept: Timestamp| kept > now || kept + LIFE_KEPT_EVERY <= now;
        if alarmed || slot.life == Dirty::Soon {
            slot.life = Dirty::Soon;
        } else if slot.life_kept_at.is_none_or(due) {
            slot.life = Dirty::Nothing;
            slot.life_kept_at = Some(now);
            let slot = &self.slots[i];
            note_down(&mut self.history, slot, notes::ALARMS, Some(&slot.alarms));
        } else {
            slot.life = Dirty::Later;
        }
    }

    /// Whether nothing has arrived for too long.
    fn look_for_silence(&mut self, i: usize, now: Timestamp) {
        let mut alarms = std::mem::take(&mut self.slots[i].alarms);
        let changes = match self.silence_of(i, |silence| alarms.tick(now, Some(silence))) {
            Some(changes) => changes,
            None => alarms.tick(now, None),
        };
        self.slots[i].alarms = alarms;
        self.keep_life(i, !changes.is_empty(), now);
        self.alarmed(i, changes, now);
    }

    /// Asks something of an account's silence, where the user wants to hear of it and it can be
    /// known.
    fn silence_of<T>(&self, i: usize, ask: impl FnOnce(&Silence<'_>) -> T) -> Option<T> {
        let slot = &self.slots[i];
        let resting = !self.rhythm || self.paused || slot.paused;
        let after = slot.account.silence_alarm.filter(|_| !resting)?;
        let seen = slot.sees_arrivals;
        seen.then(|| {
            let days = slot.account.rhythm.days();
            let silence = Silence {
                after: after.duration(),
                days: &days,
                zone: &slot.rhythm.zone,
            };
            ask(&silence)
        })
    }

    fn alarmed(&mut self, i: usize, changes: Vec<AlarmChange>, now: Timestamp) {
        for change in changes {
            let account = &self.slots[i].account;
            let change = Change::Alarm {
                account: account.name.clone(),
                wanted: wanted(account),
                change,
            };
            self.feed(now, change);
        }
    }

    /// Mail has arrived after a poke, by the mail server's connections.
    fn counted(&mut self, counted: open::Counted) {
        let of = |arrivals: &dequeue_core::arrivals::Arrivals| {
            let count = arrivals.provider;
            (
                u64::from(count.connections),
                count.bytes.unwrap_or_default(),
            )
        };
        let ((before, bytes_before), (connections, bytes)) =
            (of(&counted.before), of(&counted.now));
        let arrived = ArrivedAmount {
            connections: connections - before,
            messages: 0,
            bytes: bytes - bytes_before,
        };
        self.complete(counted.key, counted.id, arrived, |poke| {
            poke.arrivals = Some(counted.now);
        });
        if connections > before {
            self.something_arrived(counted.key);
        }
    }

    /// The provider has closed the connection of an earlier poke.
    fn closed(&mut self, key: u64, id: i64, after: Duration) {
        let busy_ms = u32::try_from(after.as_millis()).ok();
        self.complete(key, id, ArrivedAmount::default(), |poke| {
            poke.busy_ms = busy_ms
        });
        if after >= BUSY {
            self.something_arrived(key);
        }
    }

    fn something_arrived(&mut self, key: u64) {
        let now = self.clock.now();
        if let Some(i) = self.slots.place(key) {
            let changes = self.slots[i].alarms.arrived(now);
            self.keep_life(i, !changes.is_empty(), now);
            self.alarmed(i, changes, now);
            self.plan(i, now);
            self.tell_account(i);
        }
    }

    /// More has become known of a poke that had ended.
    fn complete(
        &mut self,
        key: u64,
        id: i64,
        arrived: ArrivedAmount,
        change: impl FnOnce(&mut Poke),
    ) {
        let Some(i) = self.slots.place(key) else {
            return;
        };
        let completed = match &self.demo {
            Some(demo) if self.slots[i].demo => demo.history.update(id.abs(), arrived, change),
            _ => self.history.update(id, arrived, change),
        };
        match completed {
            Ok(Some(mut poke)) => {
                poke.id = id;
                poke.dialogue = Vec::new();
                let last = self.slots[i].past.last.as_mut();
                if let Some(last) = last.filter(|last| last.id == id) {
                    last.clone_from(&poke);
                    self.tell_account(i);
                }
                // Nothing is put into words where nobody looks.
                if self.events.receiver_count() > 0 {
                    self.text.tell_of(&mut poke);
                    let poke = Box::new(poke);
                    self.tell(Event::PokeCompleted { poke });
                }
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "a poke could not be completed in the history"),
        }
    }

    // ---- Notices ----------------------------------------------------------------------------

    /// Something changed that may be worth a notice.
    fn feed(&mut self, now: Timestamp, change: Change) {
        if self.notices.feed(now, change) && self.keep_at.is_none() {
            // Where very much changes at once it is written once.
            self.keep_at = Some(now + KEPT_WITHIN);
        }
    }

    /// Writes down what is known of the notices and of the accounts' lives, as far as it is to be
    /// kept as soon as this, all or nothing.
    fn keep(&mut self, keeping: Dirty) {
        self.keep_at = None;
        let kept = match self.unkept(keeping) {
            Ok(states) if states.is_empty() => return,
            Ok(states) => self.history.set_states(states),
            Err(error) => Err(error.into()),
        };
        match kept {
            Ok(()) => {
                self.notices.kept();
                for slot in self.slots.iter_mut().filter(|slot| slot.life >= keeping) {
                    slot.life = Dirty::Nothing;
                }
            }
            Err(error) => tracing::error!(%error, "what was told could not be noted"),
        }
    }

    /// What is to be written down as soon as this, the notices' own last.
    fn unkept(&self, keeping: Dirty) -> serde_json::Result<Vec<State>> {
        let mut states = Vec::new();
        let lives = self.slots.iter();
        for slot in lives.filter(|slot| slot.life >= keeping && !slot.demo) {
            let (name, alarms) = (&slot.account.name, Some(&slot.alarms));
            states.push(state(name, notes::ALARMS, alarms)?);
        }
        if self.rhythm {
            for (account, known) in self.notices.unkept() {
                states.push(state(account, notes::NOTICES, known)?);
            }
            if !states.is_empty() {
                states.push(state("", notes::NOTICES, Some(self.notices.told()))?);
            }
        }
        Ok(states)
    }

    fn tell_notices(&mut self, now: Timestamp) {
        let times = self.settings.notice_times(&self.zone);
        if self.notices.next_due(now, times).is_none_or(|at| at > now) {
            return;
        }
        while let Some(said) = (self.notices).due(now, self.settings.notice_times(&self.zone)) {
            // What is told now is not told again, whatever happens next.
            self.keep(Dirty::Soon);
            let notice = said.notice(&self.text);
            #[cfg(test)]
            self.environment.told(&said);
            if self.rhythm {
                self.channels
                    .tell(Outgoing::new(&said, &notice, &machine()));
            }
            self.tell(Event::Notice { notice });
        }
    }

    /// How a notice or a heartbeat fared on its way.
    fn channel_fared(&mut self, channel: Channel, result: Result<(), ChannelFault>) {
        let changed = match result {
            Ok(()) => self.channel_faults.remove(&channel).is_some(),
            Err(fault) => {
                tracing::warn!(fault = %fault.sentence(&Text::for_language("en")), "not told");
                self.channel_faults.insert(channel, fault).is_none()
            }
        };
        if changed {
            self.tell_all();
        }
    }

    // ---- Settings ---------------------------------------------------------------------------

    /// Watches the settings file's folder, since editors put a new file in the old one's place.
    fn watch_settings(&self) -> Option<notify::RecommendedWatcher> {
        let file = self.paths.settings().to_owned();
        let folder = file.parent()?.to_owned();
        let (touched, mut touches) = mpsc::channel::<()>(1);
        let started = make_private(&folder)
            .map_err(notify::Error::io)
            .and_then(|()| {
                let mut watcher =
                    notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
                        let ours = event.is_ok_and(|event| {
                            !event.kind.is_access()
                                && event
                                    .paths
                                    .iter()
                                    .any(|path| path.file_name() == file.file_name())
                        });
                        if ours {
                            // One that waits to be looked at is enough.
                            let _ = touched.try_send(());
                        }
                    })?;
                watcher.watch(&folder, notify::RecursiveMode::NonRecursive)?;
                Ok(watcher)
            });
        let watcher = match started {
            Ok(watcher) => watcher,
            Err(error) => {
                tracing::warn!(%error, "the settings file is not watched for changes");
                return None;
            }
        };
        let happens = self.happens.clone();
        tokio::spawn(async move {
            while touches.recv().await.is_some() {
                tokio::time::sleep(SETTLED).await;
                let _ = touches.try_recv();
                if happens.send(Internal::SettingsTouched).await.is_err() {
                    break;
                }
            }
        });
        Some(watcher)
    }

    fn reload(&mut self) {
        let changed =
            match settings_file::load(self.paths.settings()).map(|file| file.settings().clone()) {
                Ok(settings) if settings == self.settings && self.faults.is_empty() => false,
                Ok(settings) => {
                    self.faults.clear();
                    if let Err(error) = self.take_settings(settings) {
                        tracing::error!(%error, "the history could not be read");
                    }
                    true
                }
                // The last good settings go on running.
                Err(faults) if faults == self.faults => false,
                Err(faults) => {
                    self.faults = faults;
                    true
                }
            };
        if changed {
            self.tell_all();
        }
    }

    /// Takes new settings over. What is known of an account stays with its name.
    fn take_settings(&mut self, settings: Settings) -> Result<(), HistoryError> {
        let now = self.clock.now();
        let pauses = self.history.pauses()?;
        let (demos, old): (Vec<Slot>, Vec<Slot>) =
            self.slots.take().into_iter().partition(|slot| slot.demo);
        let mut old: BTreeMap<String, Slot> = old
            .into_iter()
            .map(|slot| (slot.account.name.clone(), slot))
            .collect();
        for account in &settings.accounts {
            let slot = match old.remove(&account.name) {
                Some(mut slot) => {
                    slot.take_account(account.clone(), &self.zone);
                    slot
                }
                None => {
                    let paused = pauses.contains(&account.name);
                    self.remembered(account.clone(), paused, now)?
                }
            };
            self.slots.push(slot);
        }
        for slot in demos {
            self.slots.push(slot);
        }
        for (account, slot) in old {
            // One that waits for its turn no longer wants it; one that has it keeps it to its end.
            if slot.poking.is_none() {
                self.limiter.leave(slot.key);
            }
            self.feed(now, Change::Removed { account });
        }
        self.text = Text::for_language(&settings.language);
        self.history.set_keep(settings.keep);
        if settings.channels != self.settings.channels
            || settings.notice_mail_secret != self.settings.notice_mail_secret
            || settings.notice_webhook_secret != self.settings.notice_webhook_secret
            || settings.heartbeat_secret != self.settings.heartbeat_secret
        {
            self.channels = channels(&settings, &self.secrets, &self.happens);
            self.channel_faults.clear();
        }
        self.settings = settings;
        for i in 0..self.slots.len() {
            if self.slots[i].recovery.is_some() {
                // It may be another server now.
                self.watch_for_recovery(i);
            }
            self.plan(i, now);
        }
        Ok(())
    }

    /// An account with what the history knows of it.
    fn remembered(
        &mut self,
        account: Account,
        paused: bool,
        now: Timestamp,
    ) -> Result<Slot, HistoryError> {
        let past = self.history.past(&account.name)?;
        let learned = self.history.state(&account.name, notes::LEARNED)?;
        let mut alarms: Alarms = self
            .history
            .state(&account.name, notes::ALARMS)?
            .unwrap_or_default();
        alarms.began(now);
        if let Some(known) = self.history.state(&account.name, notes::NOTICES)? {
            self.notices.remember(&account.name, known);
        }
        // A kill may have come between a poke that worked, or a pause, and that.
        if let Some(last) = past.last.as_ref().filter(|_| past.failures == 0)
            && self.notices.is_trouble(&account.name)
        {
            let poked = notice::Poked {
                account: account.name.clone(),
                wanted: wanted(&account),
                outcome: last.outcome,
                failures: 0,
                first_success: false,
                explanation: self.text.explain_with_answer(last),
            };
            self.feed(now, Change::Poked(poked));
        }
        let pause = Change::Paused {
            account: account.name.clone(),
            paused: self.paused || paused,
        };
        self.feed(now, pause);
        let mut slot = self.slot(account, past);
        // One that was due when the engine ended.
        let last = slot.past.last.as_ref();
        slot.second_at = last
            .and_then(|last| self.second_poke(&slot, last, now))
            .filter(|at| *at > now);
        slot.paused = paused;
        slot.learned = learned;
        slot.alarms = alarms;
        Ok(slot)
    }

    fn slot(&mut self, account: Account, past: Past) -> Slot {
        let key = self.next_key;
        self.next_key += 1;
        // A second poke does not move the rhythm; where it was the last one its own beginning is
        // near enough.
        let now = self.clock.now();
        let last_start = past.last.as_ref().map(|poke| poke.started_at.min(now));
        let mut slot = Slot {
            key,
            rhythm: account.rhythm.rhythm(&self.zone),
            hosts_failed: Vec::new(),
            account: Account::default(),
            demo: false,
            paused: false,
            past,
            learned: None,
            alarms: Alarms::default(),
            last_start,
            begun: last_start,
            second_at: None,
            wanted: None,
            poking: None,
            secret_is_new: false,
            waiting: Vec::new(),
            recovery: None,
            sees_arrivals: false,
            life: Dirty::Nothing,
            life_kept_at: None,
        };
        slot.take_account(account, &self.zone);
        slot
    }
}

/// What is to be noted of an account, or without a name of all of them: under which key, and what.
type State = (String, String, Option<serde_json::Value>);

fn state<T: serde::Serialize>(
    account: &str,
    key: &str,
    value: Option<&T>,
) -> serde_json::Result<State> {
    let value = value.map(serde_json::to_value).transpose()?;
    Ok((account.to_owned(), key.to_owned(), value))
}

/// Notes something of an account in the history.
fn note_down<T: serde::Serialize>(
    history: &mut SteadyHistory,
    slot: &Slot,
    key: &str,
    value: Option<&T>,
) {
    if slot.demo {
        return;
    }
    if let Err(error) = history.set_state(&slot.account.name, key, value) {
        tracing::error!(key, %error, "it could not be noted in the history");
    }
}

/// Whether a poke may go better with another password.
const fn wants_secret(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::SecretMissing | Reason::LoginRequired | Reason::LoginRefused
    )
}

/// Which notices an account makes.
const fn wanted(account: &Account) -> Wanted {
    Wanted {
        notify: account.notify,
        after: account.notify_after,
    }
}

fn channels(
    settings: &Settings,
    secrets: &Arc<Secrets>,
    happens: &mpsc::Sender<Internal>,
) -> Channels {
    let secrets = secrets.clone();
    let mail = settings.notice_mail_secret.clone();
    let webhook = settings.notice_webhook_secret.clone();
    let heartbeat = settings.heartbeat_secret.clone();
    let secret = move |of: SecretOf| {
        let secrets = secrets.clone();
        let (name, source) = match of {
            SecretOf::Mail => (MAIL_SECRET, mail.clone()),
            SecretOf::Webhook => (WEBHOOK_SECRET, webhook.clone()),
            SecretOf::Heartbeat => (HEARTBEAT_SECRET, heartbeat.clone()),
        };
        async move {
            match secrets.get(name, &source).await {
                Ok(secret) => Some(secret.expose().to_owned()),
                Err(fault) => {
                    tracing::debug!(%fault, "no secret for a notice");
                    None
                }
            }
        }
    };
    let happens = happens.clone();
    let fared = move |channel, result| {
        // Where the controller is far behind, the next result will do.
        let _ = happens.try_send(Internal::Channel(channel, result));
    };
    Channels::new(
        settings.channels.clone(),
        channel::ChannelLimits::default(),
        channel::CertificateRoots::System,
        secret,
        fared,
    )
}

/// What this machine is called, for who reads notices of several.
fn machine() -> String {
    crate::connect::own_name().map_or_else(String::new, |name| name.to_string())
}

fn random() -> u64 {
    use std::hash::{BuildHasher, RandomState};
    // Seeded by the system; for spreading pokes it is random enough.
    RandomState::new().hash_one(std::process::id())
}

#[cfg(test)]
mod tests;
#[cfg(test)]
mod year;
