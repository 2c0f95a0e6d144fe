//! The controller: the one owner of all state. Clients, the timers, the settings file and the pokes
//! under way tell it what happened; nobody else changes anything.
//!
//! State lives in four owners: `Accounts` with when each is due and whose turn it is, `Arrivals`
//! with the pokes whose mail is still counted, `Memory` with what is written down, `Announcer`
//! with the notices. Here is the loop that waits for what happens and passes it on. What involves
//! several owners is in `pokes.rs` (a poke's life), `settings_change.rs` and `requests.rs`.
//!
//! What is decided is decided by pure functions: [`schedule`] and [`retry`] say when an account is
//! due, [`PokeLimiter`] whose turn it is, [`Alarms`] what is no longer as it was, [`Notices`] what
//! is worth telling.
//!
//! [`schedule`]: dequeue_core::schedule
//! [`retry`]: dequeue_core::retry
//! [`PokeLimiter`]: dequeue_core::poke_limiter::PokeLimiter
//! [`Alarms`]: dequeue_core::alarm::Alarms
//! [`Notices`]: dequeue_core::notice::Notices

mod account_state;
mod accounts;
mod announcer;
mod arrivals;
mod environment;
mod errors;
mod file_task;
mod hand_over;
mod import;
mod internal;
mod memory;
mod moves;
mod new_settings;
mod passwords;
mod pokes;
mod remembered;
mod requests;
mod settings_change;
mod settings_watch;
mod taken_over;
mod timers;
mod update_looks;
mod updates;
mod views;

use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
};

use jiff::{Timestamp, tz::TimeZone};
use tokio::{
    sync::{broadcast, mpsc, oneshot, watch},
    task::JoinSet,
    time::{Instant, timeout_at},
};

pub use self::environment::{Environment, Network, Pending, Signals, Watching};
use dequeue_api::{
    ACCOUNTS_IN_PART, Event, Seat, Snapshot, Whole,
    client::{ClientId, Envelope, ServerEnd},
    paths::Paths,
};
use dequeue_core::{
    alarm::AlarmChange,
    day::{ArrivedAmount, Day},
    notice::{Change, Notices, Said},
    record::NoticeKind,
    settings::{
        Settings,
        file::{FileFault, SettingsFile},
    },
    summary::Summary,
    text::Text,
};
use dequeue_platform::{clock::Clock, start_at_login, system_events::SystemEvent};

use self::{
    account_state::{AccountKey, AccountState, Pace},
    accounts::{Accounts, Due},
    announcer::Announcer,
    arrivals::Arrivals,
    file_task::FileTask,
    internal::{ImportToWrite, Internal, SummedUp},
    memory::Memory,
    moves::{HandOver, TakenOver},
    new_settings::NewSettings,
    timers::SLEPT,
    updates::Updates,
};
use crate::{
    arrivals::ArrivalEvent,
    demo::Demo,
    history::{HistoryError, HistoryWriter},
    secrets::Secrets,
    settings_file::Revision,
};

/// What happened and waits for the controller.
const INTERNAL_KEPT: usize = 256;
/// Signals of the system and of the settings file that wait for the controller.
const SIGNALS_KEPT: usize = 8;

/// What a controller begins with.
#[derive(Debug)]
pub struct Setup {
    /// Where the settings and the secrets are.
    pub paths: Paths,
    /// The settings file as it was read, or what is wrong with it.
    pub settings: Result<SettingsFile, Vec<FileFault>>,
    /// Where pokes are kept.
    pub history: HistoryWriter,
    /// What time it is.
    pub clock: Clock,
    /// This machine's time zone.
    pub zone: TimeZone,
    /// Providers, mail servers and the system.
    pub environment: Arc<dyn Environment>,
    /// Whether it pokes on time and follows the settings file.
    pub rhythm: bool,
}

/// The engine's state, and the loop over all that happens to it.
pub struct Controller {
    paths: Paths,
    clock: Clock,
    environment: Arc<dyn Environment>,
    text: Text,
    /// What is set for no account of its own; the accounts are in [`Accounts`].
    settings: Settings,
    /// The settings file as it was last read or written here.
    revision: Option<Revision>,
    /// Another number with each change of the settings and of what accounts there are.
    edition: u64,
    /// What is wrong with the settings file, while the last good settings run on.
    faults: Vec<FileFault>,
    accounts: Accounts,
    arrivals: Arrivals,
    memory: Memory,
    announcer: Announcer,
    updates: Updates,
    secrets: Arc<Secrets>,
    /// What is done with the secrets is done one after the other.
    secrets_turn: Arc<tokio::sync::Mutex<()>>,
    /// What is to be done with the settings file, behind what is being done with it.
    file_tasks: VecDeque<FileTask>,
    file_task_runs: bool,
    /// New settings that wait for what the history knows of their accounts.
    settings_waiting: VecDeque<NewSettings>,
    demo: Option<Demo>,
    /// How far the move of the accounts into the service has come; nothing is poked meanwhile.
    hand_over: Option<HandOver>,
    /// The moves of others' accounts into this one.
    taken_over: TakenOver,
    /// The one window of each seat.
    windows: HashMap<Seat, ClientId>,
    /// Those of them that are in front of their users.
    windows_in_front: HashMap<Seat, ClientId>,
    /// The latest time that was seen: an earlier one means that the clock was set back.
    seen: Timestamp,
    requests: mpsc::Receiver<Envelope>,
    clients_gone: mpsc::Receiver<ClientId>,
    events: broadcast::Sender<Event>,
    internal: mpsc::Sender<Internal>,
    happened: mpsc::Receiver<Internal>,
    arriving: mpsc::Receiver<ArrivalEvent>,
    arrives: mpsc::Sender<ArrivalEvent>,
    /// What is under way: pokes, and what clients wait for.
    tasks: JoinSet<()>,
    /// Tells the pokes under way when the engine ends.
    ending: watch::Sender<bool>,
    /// Settings that are taken over with passwords; they are seen to an end.
    imports: JoinSet<()>,
    /// How many of them have not come to the settings file yet.
    imports_begun: usize,
}

impl std::fmt::Debug for Controller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let accounts = self.accounts.iter().count();
        (f.debug_struct("Controller").field("accounts", &accounts)).finish_non_exhaustive()
    }
}

impl Controller {
    /// A controller for the clients at this end, and where it is to be told of those that left.
    ///
    /// # Errors
    /// [`HistoryError`] where the history cannot be read.
    pub async fn new(
        setup: Setup,
        served: ServerEnd,
    ) -> Result<(Self, mpsc::Sender<ClientId>), HistoryError> {
        let (internal, happened) = mpsc::channel(INTERNAL_KEPT);
        let (gone, clients_gone) = mpsc::channel(INTERNAL_KEPT);
        let (arrives, arriving) = mpsc::channel(INTERNAL_KEPT);
        let revision = setup.settings.as_ref().ok().map(Revision::of_file);
        let (mut settings, faults) = match setup.settings {
            Ok(file) => (file.into_settings(), Vec::new()),
            Err(faults) => (Settings::default(), faults),
        };
        let mut memory = Memory::new(setup.history);
        let names = settings.accounts.iter().map(|account| account.name.clone());
        let everything = memory.everything(names.collect(), setup.rhythm).await;
        let (known, remembered) = everything?;
        let accounts = Accounts::new(Pace {
            is_on: setup.rhythm,
            pause: known.pause,
            seed: known.seed,
            zone: setup.zone,
        });
        let secrets = Arc::new(Secrets::new(&setup.paths));
        let tells = internal.clone();
        let announcer = Announcer::new(
            Notices::after(known.told, known.given),
            known.summed_up_at,
            &settings,
            secrets.clone(),
            Arc::new(move |channel, result| {
                // Where the controller is far behind, the next result will do.
                let _ = tells.try_send(Internal::Channel(channel, result));
            }),
        );
        let accounts_set = std::mem::take(&mut settings.accounts);
        let mut controller = Self {
            paths: setup.paths,
            clock: setup.clock,
            environment: setup.environment,
            text: Text::for_language(&settings.language),
            settings: Settings::default(),
            revision,
            edition: 0,
            faults,
            accounts,
            arrivals: Arrivals::new(setup.clock, arrives.clone()),
            memory,
            announcer,
            updates: Updates::new(known.update, setup.clock.now()),
            secrets,
            secrets_turn: Arc::default(),
            file_tasks: VecDeque::new(),
            file_task_runs: false,
            settings_waiting: VecDeque::new(),
            demo: None,
            hand_over: None,
            taken_over: known.taken_over,
            windows: HashMap::new(),
            windows_in_front: HashMap::new(),
            seen: setup.clock.now(),
            requests: served.asks,
            clients_gone,
            events: served.events,
            internal,
            happened,
            arriving,
            arrives,
            tasks: JoinSet::new(),
            ending: watch::Sender::new(false),
            imports: JoinSet::new(),
            imports_begun: 0,
        };
        let left_over = HandOver::left_over(controller.paths.data());
        if let Some(offer) = left_over {
            controller.ask_the_service(offer);
        }
        controller.settle(NewSettings::new(settings, accounts_set), remembered);
        controller.look_at_summaries(controller.seen);
        Ok((controller, gone))
    }

    /// Runs until `stop` is sent or dropped. Pokes under way are broken off and kept as that: a provider
    /// that was asked goes on all the same.
    pub async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        let (system, mut system_events) = mpsc::channel(SIGNALS_KEPT);
        let (settings, mut settings_touched) = mpsc::channel(SIGNALS_KEPT);
        let watching = self.accounts.pace.is_on.then(|| {
            let signals = Signals {
                system,
                arrivals: self.arrives.clone(),
                settings,
            };
            self.environment.watch(self.paths.settings(), signals)
        });
        self.watch_for_those_held();
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
                Some(envelope) = self.requests.recv() => self.answer(envelope).await,
                Some(happened) = self.happened.recv() => self.take(happened),
                happened = self.memory.next() => self.take(happened),
                Some(event) = self.arriving.recv() => self.arrivals.take(event),
                Some(client) = self.clients_gone.recv() => self.client_gone(client),
                Some(event) = system_events.recv() => self.system_event(event),
                Some(()) = settings_touched.recv() => self.reload(),
                slept = wait => {
                    if slept {
                        self.system_event(SystemEvent::MachineWoke);
                    }
                }
                Some(_) = self.tasks.join_next() => continue,
            }
            self.go_on_with_hand_over();
            self.on_time();
        }
        drop(watching);
        self.break_off().await;
        // Who has asked for a change of the settings is told whether it was made.
        while (self.imports_begun > 0 || self.has_file_tasks())
            && let Some(happened) = self.happened.recv().await
        {
            self.take(happened);
        }
        loop {
            // What has happened until now counts, also what nobody waited for.
            while let Ok(happened) = self.happened.try_recv() {
                self.take(happened);
            }
            while let Ok(event) = self.arriving.try_recv() {
                self.arrivals.take(event);
            }
            // What has arrived so far belongs to the pokes that it came by.
            for counted in self.arrivals.close() {
                self.counted(&counted);
            }
            // Who waits for what is being written is still told.
            match self.memory.next_answer().await {
                Some(happened) => self.take(happened),
                None => break,
            }
        }
        let notices = &mut self.announcer.notices;
        self.memory.end(&self.accounts, notices).await;
        // What they have to tell nobody reads any more.
        drop(self.happened);
        while self.imports.join_next().await.is_some() {}
        self.tasks.shutdown().await;
    }

    /// Breaks off the pokes under way, and takes in how far each has come.
    async fn break_off(&mut self) {
        self.ending.send_replace(true);
        let give_up = Instant::now() + self.environment.breaking_off();
        while self.accounts.iter().any(AccountState::is_poking)
            && let Ok(Some(happened)) = timeout_at(give_up, self.happened.recv()).await
        {
            self.take(happened);
        }
    }

    fn take(&mut self, happened: Internal) {
        match happened {
            Internal::Line { key, line } => self.line(key, line),
            Internal::NextHost { key, host, turn } => self.accounts.next_host(key, &host, turn),
            Internal::Poked {
                key,
                poked,
                monitoring,
            } => self.poked(key, *poked, monitoring),
            Internal::Written { ended, id } => self.told(*ended, id),
            Internal::Completed { key, poke } => {
                if let Some(poke) = poke {
                    self.completed(key, *poke);
                }
            }
            Internal::Remembered(remembered) => self.remembered(remembered),
            Internal::Noted(said) => self.tell_notice(&said),
            Internal::SummedUp(summed_up) => self.send_summary(summed_up),
            Internal::Replied { reply, written } => {
                reply.send(written.map_err(|error| self.history_error(&error)));
            }
            Internal::HistoryStatus => {
                if self.memory.has_failed() {
                    self.tell_all();
                }
            }
            Internal::HistoryMended { pauses } => {
                self.accounts.take_pauses(&pauses, self.clock.now());
                self.tell_all();
            }
            Internal::Closed { key, id, after } => self.closed(key, id, after),
            Internal::MailServerBack { key } => {
                self.accounts.mail_server_back(key, self.clock.now());
            }
            Internal::SettingsFile(end) => self.file_task_ended(end),
            Internal::Import(import) => {
                self.imports_begun -= 1;
                if let Some(import) = import {
                    let ImportToWrite { import, reply } = *import;
                    self.edit(reply, move |file| import.onto(file.settings()));
                }
            }
            Internal::HandOverGathered(gathered) => self.give(*gathered),
            Internal::TakenBack { has_them } => self.taken_back(has_them),
            Internal::HandedOver { reply, answer } => self.moved(reply, answer),
            Internal::TookOver { token } => self.took_over(&token),
            Internal::SecretKept { account } => {
                self.accounts.secret_kept(&account, self.clock.now());
            }
            Internal::Looked(looked) => self.looked(looked),
            Internal::Channel(channel, result) => {
                if self.announcer.fared(channel, result) {
                    self.tell_all();
                }
            }
        }
    }

    fn system_event(&mut self, event: SystemEvent) {
        tracing::info!(?event, "the system tells");
        self.accounts.system_event(event, self.clock.now());
        if event == SystemEvent::MachineWoke {
            self.memory.alarms_touched(self.accounts.keys());
        }
    }

    fn client_gone(&mut self, client: ClientId) {
        for windows in [&mut self.windows, &mut self.windows_in_front] {
            windows.retain(|_, window| *window != client);
        }
        self.hand_over_client_gone(client);
    }

    // ---- Time -------------------------------------------------------------------------------

    /// When something is due next.
    fn next_at(&self) -> Option<Timestamp> {
        let (now, zone) = (self.clock.now(), &self.accounts.pace.zone);
        let of_accounts = self.accounts.next_at().filter(|_| !self.is_handed_over());
        [
            of_accounts,
            self.arrivals.next_at(),
            self.announcer.next_at(now, &self.settings, zone),
            self.announcer.next_summary_at(now, &self.settings, zone),
            self.memory.next_at(),
            self.next_look_at(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Does all that is due.
    fn on_time(&mut self) {
        let now = self.clock.now();
        if now < self.seen {
            self.accounts.clock_set_back(now);
            self.announcer.notices.at(now);
            self.memory.clock_set_back(now);
            self.updates.clock_set_back(now);
        } else if !self.is_handed_over()
            && self.accounts.next_at().is_some_and(|at| at + SLEPT < now)
        {
            self.accounts.slept(now, now.duration_since(self.seen));
            self.memory.alarms_touched(self.accounts.keys());
        }
        self.seen = now;
        while !self.is_handed_over()
            && let Some(due) = self.accounts.on_time(now)
        {
            match due {
                Due::Silence(key) => self.notice_silence(key, now),
                Due::PauseOver(key) => self.set_pause(key, None),
            }
        }
        let arrivals::Due { counted, watched } = self.arrivals.due(now);
        for counted in counted {
            self.counted(&counted);
        }
        for key in watched {
            self.watch_ended(key, now);
        }
        while !self.is_handed_over()
            && let Some(start) = self.accounts.start(now)
        {
            self.start_poke(start);
        }
        self.keep_notices(now);
        self.sum_up(now);
        self.look_on_time(now);
        if self.memory.is_keep_due(now) {
            let notices = &mut self.announcer.notices;
            self.memory.keep(&self.accounts, notices);
        }
    }

    // ---- Notices ----------------------------------------------------------------------------

    /// Something changed that may be worth a notice.
    fn feed(&mut self, now: Timestamp, change: Change) {
        if self.announcer.notices.feed(now, change) {
            self.memory.notices_changed(now);
        }
    }

    /// An account was looked at: this is no longer as it was, or nothing.
    fn alarmed(&mut self, key: AccountKey, changes: Vec<AlarmChange>, now: Timestamp) {
        let Some(state) = self.accounts.get(key) else {
            return;
        };
        let (account, wanted) = (state.name().to_owned(), state.notices());
        (self.memory).alarms_changed(state, !changes.is_empty(), now);
        for change in changes {
            let account = account.clone();
            let change = Change::Alarm {
                account,
                wanted,
                change,
            };
            self.feed(now, change);
        }
    }

    /// Whether nothing has arrived for too long.
    fn notice_silence(&mut self, key: AccountKey, now: Timestamp) {
        let changes = self.accounts.notice_silence(key, now);
        self.alarmed(key, changes, now);
        self.accounts.plan(key, now);
    }

    /// Writes down that the notices are told that are due; then they are.
    fn keep_notices(&mut self, now: Timestamp) {
        loop {
            let zone = &self.accounts.pace.zone;
            let Some(mut said) = self.announcer.due(now, &self.settings, zone) else {
                break;
            };
            said.nothing_reached =
                said.kind == NoticeKind::Failure && self.accounts.reach_nothing();
            said.name_siblings(|account| self.accounts.siblings(account));
            let notices = &mut self.announcer.notices;
            notices.give(said.clone(), !self.windows_in_front.is_empty());
            self.memory.keep_told(said, &self.accounts, notices);
        }
    }

    fn tell_notice(&self, said: &Said) {
        let notice = said.notice(&self.text, &self.accounts.pace.zone);
        self.environment.told(said);
        if self.accounts.pace.is_on {
            self.announcer.send(said, &notice);
        }
        self.tell(Event::Notice {
            notice,
            in_window: !self.windows_in_front.is_empty(),
            in_front_at: self.windows_in_front.keys().copied().collect(),
        });
    }

    // ---- Summaries --------------------------------------------------------------------------

    /// Takes over whether summaries are wanted.
    fn look_at_summaries(&mut self, now: Timestamp) {
        // A file that cannot be read does not say that none is.
        if !self.accounts.pace.is_on || !self.faults.is_empty() {
            return;
        }
        let zone = &self.accounts.pace.zone;
        let changed = (self.announcer).look_at_summaries(now, &self.settings, zone);
        if let Some(from) = changed {
            self.memory.note_summary(from);
        }
    }

    /// Asks the history for what a summary needs that is due.
    fn sum_up(&mut self, now: Timestamp) {
        self.look_at_summaries(now);
        let zone = &self.accounts.pace.zone;
        let next = (self.announcer).next_summary_at(now, &self.settings, zone);
        if next.is_some_and(|at| at <= now) {
            self.announcer.summed_up(now, zone);
            self.memory.sum_up(now);
        }
    }

    /// Sends a summary, of the week and of how the accounts stand.
    fn send_summary(&self, summed_up: SummedUp) {
        let SummedUp { at, week, days } = summed_up;
        let now = self.clock.now();
        let has_arrived = |day: &Day| day.arrived != ArrivedAmount::default();
        let sees_arrivals = days.iter().flatten().any(has_arrived)
            || (self.accounts.of_settings()).any(AccountState::sees_arrivals);
        let standing = views::standing(&self.accounts, now);
        let summary = Summary::new(week, days.as_deref(), sees_arrivals, standing);
        self.announcer.send_summary(&summary, at, &self.text);
    }

    // ---- Events -----------------------------------------------------------------------------

    fn snapshot(&self) -> Snapshot {
        self.snapshot_part(0, usize::MAX)
    }

    /// The state with so many accounts at most.
    fn snapshot_part(&self, from: usize, at_most: usize) -> Snapshot {
        let now = self.clock.now();
        let accounts = self.accounts.iter().skip(from).take(at_most);
        Snapshot {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            // Who may not is told so by the control socket.
            may_change: true,
            whole: self.whole(now),
            paused: self.accounts.pace.pause.is_some(),
            paused_until: self.accounts.pace.pause.and_then(|pause| pause.until),
            accounts: accounts
                .map(|state| views::account(&self.accounts, state, &self.text, now))
                .collect(),
            general: views::general(&self.settings, &self.text),
            settings_path: self.paths.settings().display().to_string(),
            settings_fault: errors::fault_sentence(&self.faults, &self.text),
            hand_over: self.hand_over_sentence(),
            history_fault: self.memory.fault(&self.text),
            channel_faults: self.announcer.faults(&self.text),
            unseen_notices: self.announcer.notices.given().unseen(),
            update: self.updates.newer(),
            demo: self.demo.is_some(),
            // At the service's engine that is each user's own.
            start_at_login: (!self.paths.are_the_machines())
                .then(start_at_login::is_on)
                .flatten(),
        }
    }

    fn whole(&self, now: Timestamp) -> Whole {
        views::whole(&self.accounts, !self.faults.is_empty(), now)
    }

    fn tell(&self, event: Event) {
        // Nobody may be looking.
        let _ = self.events.send(event);
    }

    /// Whether somebody looks: nothing is put into words where nobody does.
    fn is_watched(&self) -> bool {
        self.events.receiver_count() > 0
    }

    fn tell_account(&self, key: AccountKey) {
        if let Some(state) = self.accounts.get(key).filter(|_| self.is_watched()) {
            let now = self.clock.now();
            let account = views::account(&self.accounts, state, &self.text, now);
            self.tell(Event::Account {
                account: Box::new(account),
                whole: self.whole(now),
            });
        }
    }

    fn tell_all(&self) {
        if !self.is_watched() {
            return;
        }
        if self.accounts.iter().nth(ACCOUNTS_IN_PART).is_some() {
            // Whoever wants to know asks, part by part.
            self.tell(Event::Missed);
        } else {
            self.tell(Event::Changed {
                snapshot: Box::new(self.snapshot()),
            });
        }
    }
}

#[cfg(test)]
mod tests;
