//! The controller: the one owner of all state. Faces, the timer, the settings file and the pokes
//! under way send it what happened; nobody else changes anything.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use dequeue_smtp::DialogueLine;
use jiff::Timestamp;
use notify::Watcher;
use tokio::{
    sync::{Semaphore, broadcast, mpsc, oneshot},
    task::JoinSet,
};

use crate::{
    api::{
        AccountView, ApiError, ErrorCode, Event, FieldError, General, Notice, NoticeKind, Poke,
        Request, Response, Snapshot, Standing, Trigger,
    },
    client::{Ask, FaceId, Served, error},
    clock::Clock,
    demo::Demo,
    history::{History, HistoryError, Past},
    notice,
    paths::{Paths, make_private},
    poke::poke,
    schedule::{Rhythm, next_due},
    settings::{
        Account, Fault, FaultKind, Settings, Value,
        file::{self, FileFault, SaveError},
        parse_language,
    },
    standing::{self, Known},
    start_at_login,
    text::{self, Text},
};

/// Pokes under way at once, over all accounts.
const POKES_AT_ONCE: usize = 64;
/// What happened and waits for the controller.
const HAPPENED_KEPT: usize = 256;
/// The most pokes in one answer.
const PAGE_AT_MOST: u32 = 1000;
/// An editor may write a file in several steps: it is read when it has been quiet for so long.
const SETTLED: Duration = Duration::from_millis(250);

/// What a controller begins with.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) paths: Paths,
    pub(crate) settings: Settings,
    pub(crate) faults: Vec<FileFault>,
    pub(crate) history: History,
    pub(crate) clock: Clock,
    /// Whether it pokes on time and follows the settings file.
    pub(crate) rhythm: bool,
}

/// What happened elsewhere.
enum Happened {
    Said { key: u64, line: DialogueLine },
    Poked { key: u64, poke: Box<Poke> },
    SettingsTouched,
}

/// An account, and what is known of it.
struct Slot {
    /// Stays the same when the account is renamed or moves, and is never given twice.
    key: u64,
    account: Account,
    demo: bool,
    paused: bool,
    past: Past,
    last_start: Option<Timestamp>,
    poking: bool,
    /// Who wants to know how the poke under way ends.
    waiting: Vec<oneshot::Sender<Poke>>,
}

/// The demo, its account's history in memory.
struct DemoRun {
    history: History,
    _demo: Demo,
}

pub(crate) struct Controller {
    paths: Paths,
    clock: Clock,
    rhythm: bool,
    settings: Settings,
    faults: Vec<FileFault>,
    text: Text,
    history: History,
    slots: Vec<Slot>,
    next_key: u64,
    paused: bool,
    window: Option<FaceId>,
    demo: Option<DemoRun>,
    asks: mpsc::Receiver<Ask>,
    events: broadcast::Sender<Event>,
    happens: mpsc::Sender<Happened>,
    happened: mpsc::Receiver<Happened>,
    faces_gone: mpsc::Receiver<FaceId>,
    pokes: JoinSet<()>,
    at_once: Arc<Semaphore>,
}

type Answer = Result<Response, ApiError>;

impl Controller {
    /// A controller, and where it is to be told of faces that left.
    pub(crate) fn new(
        setup: Setup,
        served: Served,
    ) -> Result<(Self, mpsc::Sender<FaceId>), HistoryError> {
        let (happens, happened) = mpsc::channel(HAPPENED_KEPT);
        let (gone, faces_gone) = mpsc::channel(HAPPENED_KEPT);
        let mut controller = Self {
            paths: setup.paths,
            clock: setup.clock,
            rhythm: setup.rhythm,
            text: Text::for_language(&setup.settings.language),
            settings: Settings::default(),
            faults: setup.faults,
            paused: setup.history.pauses()?.iter().any(String::is_empty),
            history: setup.history,
            slots: Vec::new(),
            next_key: 1,
            window: None,
            demo: None,
            asks: served.asks,
            events: served.events,
            happens,
            happened,
            faces_gone,
            pokes: JoinSet::new(),
            at_once: Arc::new(Semaphore::new(POKES_AT_ONCE)),
        };
        controller.take_settings(setup.settings)?;
        Ok((controller, gone))
    }

    /// Runs until `stop` is sent or dropped. Pokes under way end with it: a provider that was asked
    /// goes on all the same.
    pub(crate) async fn run(mut self, mut stop: oneshot::Receiver<()>) {
        let watching = self.rhythm.then(|| self.watch_settings()).flatten();
        loop {
            let due = self.next_due();
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
                Some(face) = self.faces_gone.recv() => {
                    if self.window == Some(face) {
                        self.window = None;
                    }
                }
                () = wait => self.poke_due(),
                Some(_) = self.pokes.join_next() => {}
            }
        }
        drop(watching);
        self.pokes.shutdown().await;
    }

    // ---- Time -------------------------------------------------------------------------------

    /// When an account is due. What is overdue is due `now`, so who compares has to use one `now`.
    fn due(&self, slot: &Slot, now: Timestamp) -> Option<Timestamp> {
        let resting = !self.rhythm || self.paused || slot.paused;
        let rhythm = Rhythm::every(slot.account.every.duration());
        let due = || next_due(&rhythm, slot.last_start, now, 0, &slot.account.name);
        (!resting).then(due).flatten()
    }

    fn next_due(&self) -> Option<Timestamp> {
        let now = self.clock.now();
        self.slots
            .iter()
            .filter(|slot| !slot.poking)
            .filter_map(|slot| self.due(slot, now))
            .min()
    }

    fn poke_due(&mut self) {
        let now = self.clock.now();
        for i in 0..self.slots.len() {
            let slot = &self.slots[i];
            if !slot.poking && self.due(slot, now).is_some_and(|due| due <= now) {
                self.start_poke(i, Trigger::Schedule);
            }
        }
    }

    fn start_poke(&mut self, i: usize, trigger: Trigger) {
        let slot = &mut self.slots[i];
        slot.poking = true;
        slot.last_start = Some(self.clock.now());
        let (key, account) = (slot.key, slot.account.clone());
        let (happens, clock, text) = (self.happens.clone(), self.clock, self.text.clone());
        let at_once = self.at_once.clone();
        self.pokes.spawn(async move {
            let _turn = at_once.acquire().await;
            let poke = poke(&account, trigger, clock, &text, |line| {
                // Live lines are for looking at; when the controller is behind they are dropped,
                // and stand in the history all the same.
                let _ = happens.try_send(Happened::Said {
                    key,
                    line: line.clone(),
                });
            })
            .await;
            let _ = happens
                .send(Happened::Poked {
                    key,
                    poke: Box::new(poke),
                })
                .await;
        });
        self.tell_account(i);
    }

    // ---- What happened ----------------------------------------------------------------------

    fn take(&mut self, happened: Happened) {
        match happened {
            Happened::Said { key, line } => {
                if let Some(slot) = self.slots.iter().find(|slot| slot.key == key) {
                    let account = slot.account.name.clone();
                    self.tell(Event::Dialogue { account, line });
                }
            }
            Happened::Poked { key, poke } => self.poked(key, *poke),
            Happened::SettingsTouched => self.reload(),
        }
    }

    fn poked(&mut self, key: u64, mut poke: Poke) {
        let Some(i) = self.slots.iter().position(|slot| slot.key == key) else {
            return;
        };
        // It may have been renamed meanwhile.
        poke.account.clone_from(&self.slots[i].account.name);
        poke.explanation = self.text.explain_poke(&poke);
        poke.id = match (&self.demo, self.slots[i].demo) {
            // The demo's ids are negative: they are of another history.
            (Some(demo), true) => demo.history.add(&poke).map(|id| -id),
            _ => self.history.add(&poke),
        }
        .unwrap_or_else(|error| {
            tracing::error!(%error, "a poke could not be written to the history");
            0
        });
        let slot = &mut self.slots[i];
        slot.poking = false;
        let worked = poke.outcome.is_success();
        let before = notice::Before {
            ever_worked: slot.past.last_success_at.is_some(),
            failures: slot.past.failures,
        };
        slot.past.failures = if worked { 0 } else { before.failures + 1 };
        if worked {
            slot.past.last_success_at = Some(poke.started_at);
        }
        let waiting = std::mem::take(&mut slot.waiting);
        let kind = notice::for_poke(slot.account.notify, before, worked);
        for reply in waiting {
            // Who asked may have left.
            let _ = reply.send(poke.clone());
        }
        poke.dialogue = Vec::new();
        slot.past.last = Some(poke.clone());
        self.tell(Event::Poked {
            poke: Box::new(poke.clone()),
        });
        self.tell_account(i);
        if let Some(kind) = kind {
            self.tell(Event::Notice {
                notice: self.notice(kind, &poke),
            });
        }
    }

    fn notice(&self, kind: NoticeKind, poke: &Poke) -> Notice {
        let outcome = self.text.get(&format!("outcome-{}", poke.outcome.name()));
        let title = self.text.format(
            &format!("notice-{}", text::name(&kind)),
            &[
                ("account", poke.account.as_str().into()),
                ("outcome", outcome.into()),
            ],
        );
        Notice {
            kind,
            account: Some(poke.account.clone()),
            title,
            body: poke.explanation.clone(),
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
                if happens.send(Happened::SettingsTouched).await.is_err() {
                    break;
                }
            }
        });
        Some(watcher)
    }

    fn reload(&mut self) {
        let changed = match file::load(self.paths.settings()) {
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
        let pauses = self.history.pauses()?;
        let mut old = std::mem::take(&mut self.slots);
        for account in &settings.accounts {
            let known = old
                .iter()
                .position(|slot| !slot.demo && slot.account.name == account.name);
            let slot = match known {
                Some(at) => Slot {
                    account: account.clone(),
                    ..old.swap_remove(at)
                },
                None => {
                    let past = self.history.past(&account.name)?;
                    let paused = pauses.contains(&account.name);
                    self.slot(account.clone(), past, paused)
                }
            };
            self.slots.push(slot);
        }
        self.slots.extend(old.into_iter().filter(|slot| slot.demo));
        self.text = Text::for_language(&settings.language);
        self.settings = settings;
        Ok(())
    }

    fn slot(&mut self, account: Account, past: Past, paused: bool) -> Slot {
        let key = self.next_key;
        self.next_key += 1;
        Slot {
            key,
            account,
            demo: false,
            paused,
            last_start: past.last.as_ref().map(|poke| poke.started_at),
            past,
            poking: false,
            waiting: Vec::new(),
        }
    }

    // ---- Requests ---------------------------------------------------------------------------

    async fn answer(&mut self, ask: Ask) {
        let Ask {
            from,
            request,
            reply,
        } = ask;
        let answer = match request {
            Request::PokeNow { accounts } => return self.poke_now(&accounts, reply),
            Request::Snapshot => Ok(Response::Snapshot {
                snapshot: Box::new(self.snapshot()),
            }),
            Request::Pause { account } => self.set_paused(account.as_deref(), true),
            Request::Resume { account } => self.set_paused(account.as_deref(), false),
            Request::SaveAccount {
                original,
                fields,
                dry_run,
            } => self.save_account(original.as_deref(), &fields, dry_run),
            Request::RemoveAccount { account } => self.remove_account(&account),
            Request::SaveGeneral { fields } => self.save_general(&fields),
            Request::History {
                account,
                since,
                before,
                limit,
            } => self.history_page(account.as_deref(), since, before, limit),
            Request::Poke { id } => self.one_poke(id),
            Request::StartDemo => self.start_demo().await,
            Request::StopDemo => {
                self.stop_demo();
                Ok(Response::Done)
            }
            Request::SetStartAtLogin { on } => self.set_start_at_login(on),
            Request::AttachWindow => Ok(self.attach_window(from)),
            Request::ShowWindow => Ok(self.show_window()),
            Request::CloseWindow => {
                self.tell(Event::CloseWindow);
                Ok(Response::Done)
            }
        };
        // Who asked may have left.
        let _ = reply.send(answer);
    }

    fn poke_now(&mut self, accounts: &[String], reply: oneshot::Sender<Answer>) {
        let mut wanted = Vec::new();
        for name in accounts {
            match self.find(name) {
                Ok(i) => wanted.push(i),
                Err(error) => {
                    let _ = reply.send(Err(error));
                    return;
                }
            }
        }
        if accounts.is_empty() {
            wanted = (0..self.slots.len()).collect();
        }
        let mut ends = Vec::new();
        for i in wanted {
            let (end, ended) = oneshot::channel();
            self.slots[i].waiting.push(end);
            ends.push(ended);
            if !self.slots[i].poking {
                self.start_poke(i, Trigger::User);
            }
        }
        // With the pokes it ends when the engine does, and who asked is told so.
        self.pokes.spawn(async move {
            let mut pokes = Vec::new();
            for ended in ends {
                // An account that was removed meanwhile has no end to tell of.
                pokes.extend(ended.await);
            }
            let _ = reply.send(Ok(Response::Pokes { pokes }));
        });
    }

    fn set_paused(&mut self, account: Option<&str>, paused: bool) -> Answer {
        let at = account.map(|name| self.find(name)).transpose()?;
        if at.is_none_or(|i| !self.slots[i].demo) {
            self.history
                .set_paused(account.unwrap_or_default(), paused)
                .map_err(|error| self.history_error(&error))?;
        }
        match at {
            Some(i) => self.slots[i].paused = paused,
            None => self.paused = paused,
        }
        self.tell_all();
        Ok(Response::Done)
    }

    fn save_account(
        &mut self,
        original: Option<&str>,
        fields: &BTreeMap<String, String>,
        dry_run: bool,
    ) -> Answer {
        // The file may have been edited since it was read.
        let settings = file::load(self.paths.settings()).map_err(|faults| self.faulty(&faults))?;
        if let Some(name) = original.filter(|name| settings.account(name).is_none()) {
            return Err(self.no_such_account(name));
        }
        let account = settings
            .with_account(original, fields)
            .map_err(|faults| self.invalid(&faults))?;
        let demos = self
            .slots
            .iter()
            .any(|slot| slot.demo && slot.account.name == account.name);
        if demos {
            let taken = Fault {
                field: "name".to_owned(),
                value: account.name,
                kind: FaultKind::Taken,
            };
            return Err(self.invalid(&[taken]));
        }
        if dry_run {
            return Ok(Response::Done);
        }
        file::save_account(self.paths.settings(), original, Some(&account))
            .map_err(|error| self.not_saved(error))?;
        if let Some(original) = original.filter(|name| *name != account.name) {
            self.history
                .rename(original, &account.name)
                .map_err(|error| self.history_error(&error))?;
            let slot = self
                .slots
                .iter_mut()
                .find(|slot| slot.account.name == original);
            if let Some(slot) = slot {
                slot.account.name.clone_from(&account.name);
                if let Some(last) = &mut slot.past.last {
                    last.account.clone_from(&account.name);
                }
            }
        }
        self.reload();
        Ok(Response::Done)
    }

    fn remove_account(&mut self, name: &str) -> Answer {
        if self.settings.account(name).is_none() {
            return Err(self.no_such_account(name));
        }
        file::save_account(self.paths.settings(), Some(name), None)
            .map_err(|error| self.not_saved(error))?;
        self.history
            .set_paused(name, false)
            .map_err(|error| self.history_error(&error))?;
        self.reload();
        Ok(Response::Done)
    }

    fn save_general(&mut self, fields: &BTreeMap<String, String>) -> Answer {
        let mut language = None;
        let mut faults = Vec::new();
        for (key, value) in fields {
            if key != "language" {
                let field = "unknown-key".to_owned();
                faults.push(Fault {
                    field,
                    value: key.clone(),
                    kind: FaultKind::UnknownKey,
                });
                continue;
            }
            match parse_language(&Value::Text(value)) {
                Ok(value) => language = Some(value),
                Err(fault) => faults.push(fault),
            }
        }
        if !faults.is_empty() {
            return Err(self.invalid(&faults));
        }
        if let Some(language) = language {
            file::save_language(self.paths.settings(), &language)
                .map_err(|error| self.not_saved(error))?;
            self.reload();
        }
        Ok(Response::Done)
    }

    fn history_page(
        &self,
        account: Option<&str>,
        since: Option<Timestamp>,
        before: Option<i64>,
        limit: u32,
    ) -> Answer {
        let limit = limit.min(PAGE_AT_MOST);
        let failed = |error: HistoryError| self.history_error(&error);
        let mut pokes = Vec::new();
        // The demo's pokes are few and stand before the others, on the first page.
        if let Some(demo) = self.demo.as_ref().filter(|_| before.is_none()) {
            let of_demo = demo
                .history
                .page(account, since, None, limit)
                .map_err(failed)?;
            pokes.extend(of_demo.into_iter().map(|poke| Poke {
                id: -poke.id,
                ..poke
            }));
        }
        let before = before.filter(|id| *id > 0);
        pokes.extend(
            self.history
                .page(account, since, before, limit)
                .map_err(failed)?,
        );
        pokes.truncate(limit as usize);
        for poke in &mut pokes {
            poke.explanation = self.text.explain_poke(poke);
        }
        Ok(Response::Pokes { pokes })
    }

    fn one_poke(&self, id: i64) -> Answer {
        let found = match &self.demo {
            Some(demo) if id < 0 => demo.history.poke(-id),
            _ => self.history.poke(id),
        };
        match found.map_err(|error| self.history_error(&error))? {
            Some(mut poke) => {
                poke.id = id;
                poke.explanation = self.text.explain_poke(&poke);
                Ok(Response::Poke {
                    poke: Box::new(poke),
                })
            }
            None => Err(error(
                ErrorCode::NoSuchPoke,
                self.text.get("error-no-such-poke"),
            )),
        }
    }

    async fn start_demo(&mut self) -> Answer {
        if self.demo.is_some() {
            return Ok(Response::Done);
        }
        let failed = |text: &Text, fault: &dyn std::fmt::Display| {
            let message = text.format("error-demo", &[("error", fault.to_string().into())]);
            error(ErrorCode::Demo, message)
        };
        let demo = Demo::start(crate::demo::Manner::Etrn)
            .await
            .map_err(|fault| failed(&self.text, &fault))?;
        let history = History::in_memory().map_err(|fault| failed(&self.text, &fault))?;
        let mut name = self.text.get("demo-account-name");
        while self.slots.iter().any(|slot| slot.account.name == name) {
            name.push('*');
        }
        let account = demo.account(name);
        let mut slot = self.slot(account, Past::default(), false);
        slot.demo = true;
        self.slots.push(slot);
        self.demo = Some(DemoRun {
            history,
            _demo: demo,
        });
        self.tell_all();
        Ok(Response::Done)
    }

    fn stop_demo(&mut self) {
        if self.demo.take().is_some() {
            self.slots.retain(|slot| !slot.demo);
            self.tell_all();
        }
    }

    fn set_start_at_login(&mut self, on: bool) -> Answer {
        start_at_login::set(on).map_err(|fault| {
            let values = [("error", fault.to_string().into())];
            error(
                ErrorCode::StartAtLogin,
                self.text.format("error-start-at-login", &values),
            )
        })?;
        self.tell_all();
        Ok(Response::Done)
    }

    fn attach_window(&mut self, face: FaceId) -> Response {
        let open = self.window.is_some_and(|window| window != face);
        if open {
            self.tell(Event::ShowWindow);
        } else {
            self.window = Some(face);
        }
        Response::Window { open }
    }

    fn show_window(&self) -> Response {
        let open = self.window.is_some();
        if open {
            self.tell(Event::ShowWindow);
        }
        Response::Window { open }
    }

    // ---- What faces see ---------------------------------------------------------------------

    fn snapshot(&self) -> Snapshot {
        Snapshot {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            standing: self.standing(),
            paused: self.paused,
            accounts: self.slots.iter().map(|slot| self.view(slot)).collect(),
            general: General {
                language: self.settings.language.clone(),
                language_in_use: self.text.language().to_owned(),
            },
            settings_path: self.paths.settings().display().to_string(),
            settings_fault: self.fault_sentence(&self.faults),
            demo: self.demo.is_some(),
            start_at_login: start_at_login::is_on(),
        }
    }

    fn view(&self, slot: &Slot) -> AccountView {
        let account = &slot.account;
        let last = slot.past.last.as_ref().map(|poke| {
            let explanation = self.text.explain_poke(poke);
            Box::new(Poke {
                explanation,
                ..poke.clone()
            })
        });
        AccountView {
            name: account.name.clone(),
            host: account.host.to_string(),
            port: account.port,
            method: account.method,
            domains: account.domains.iter().map(ToString::to_string).collect(),
            every: account.every.to_string(),
            notify: account.notify,
            standing: self.standing_of(slot),
            paused: self.paused || slot.paused,
            demo: slot.demo,
            last,
            last_success_at: slot.past.last_success_at,
            failures: slot.past.failures,
            next_at: self.due(slot, self.clock.now()),
        }
    }

    fn standing_of(&self, slot: &Slot) -> Standing {
        standing::of_account(Known {
            poking: slot.poking,
            paused: self.paused || slot.paused,
            failures: slot.past.failures,
        })
    }

    fn standing(&self) -> Standing {
        let accounts = self.slots.iter().map(|slot| self.standing_of(slot));
        standing::of_all(accounts, !self.faults.is_empty())
    }

    fn tell(&self, event: Event) {
        // Nobody may be looking.
        let _ = self.events.send(event);
    }

    fn tell_account(&self, i: usize) {
        // No view is made where nobody looks.
        if self.events.receiver_count() > 0 {
            let account = Box::new(self.view(&self.slots[i]));
            self.tell(Event::Account {
                account,
                standing: self.standing(),
            });
        }
    }

    fn tell_all(&self) {
        self.tell(Event::Changed {
            snapshot: Box::new(self.snapshot()),
        });
    }

    // ---- Errors, in words -------------------------------------------------------------------

    fn find(&self, name: &str) -> Result<usize, ApiError> {
        let at = self.slots.iter().position(|slot| slot.account.name == name);
        at.ok_or_else(|| self.no_such_account(name))
    }

    fn no_such_account(&self, name: &str) -> ApiError {
        let names: Vec<&str> = self
            .slots
            .iter()
            .map(|slot| slot.account.name.as_str())
            .collect();
        let key = if names.is_empty() {
            "error-no-accounts"
        } else {
            "error-no-such-account"
        };
        let values = [("name", name.into()), ("accounts", names.join(", ").into())];
        error(ErrorCode::NoSuchAccount, self.text.format(key, &values))
    }

    fn history_error(&self, fault: &HistoryError) -> ApiError {
        let values = [
            ("error", fault.to_string().into()),
            ("path", self.paths.data().display().to_string().into()),
        ];
        error(
            ErrorCode::History,
            self.text.format("error-history", &values),
        )
    }

    fn invalid(&self, faults: &[Fault]) -> ApiError {
        let fields: Vec<FieldError> = faults
            .iter()
            .map(|fault| FieldError {
                field: fault.field.clone(),
                message: fault.sentence(&self.text),
            })
            .collect();
        let sentences: Vec<&str> = fields.iter().map(|field| field.message.as_str()).collect();
        ApiError {
            code: ErrorCode::InvalidInput,
            message: sentences.join("\n"),
            fields,
        }
    }

    fn fault_sentence(&self, faults: &[FileFault]) -> Option<String> {
        let sentences: Vec<String> = faults
            .iter()
            .map(|fault| fault.sentence(&self.text))
            .collect();
        (!sentences.is_empty()).then(|| sentences.join("\n"))
    }

    fn faulty(&self, faults: &[FileFault]) -> ApiError {
        let fault = self.fault_sentence(faults).unwrap_or_default();
        let message = self
            .text
            .format("settings-faulty-not-saved", &[("fault", fault.into())]);
        error(ErrorCode::SettingsFault, message)
    }

    fn not_saved(&self, fault: SaveError) -> ApiError {
        match fault {
            SaveError::Faulty(faults) => self.faulty(&faults),
            SaveError::NotWritable(fault) => {
                let values = [
                    ("error", fault.to_string().into()),
                    ("path", self.paths.settings().display().to_string().into()),
                ];
                let message = self.text.format("settings-not-writable", &values);
                error(ErrorCode::SettingsNotWritable, message)
            }
        }
    }
}

#[cfg(test)]
mod tests;
