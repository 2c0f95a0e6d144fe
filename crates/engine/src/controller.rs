//! The controller: the one owner of all state. Faces, the timer, the settings file and the pokes
//! under way send it what happened; nobody else changes anything.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use dequeue_smtp::{DialogueLine, Learned, Secret};
use jiff::Timestamp;
use notify::Watcher;
use tokio::{
    sync::{Semaphore, broadcast, mpsc, oneshot},
    task::JoinSet,
};

use crate::{
    api::{
        AccountView, ApiError, ErrorCode, Event, FieldError, Finding, General, Notice, NoticeKind,
        Poke, Request, Response, SecretText, Snapshot, Standing, Trigger,
    },
    client::{Ask, FaceId, Served, error},
    clock::Clock,
    demo::Demo,
    doctor,
    history::{Arrived, History, HistoryError, Past},
    notice,
    paths::{Paths, make_private},
    poke::{Poked, Poking, SecretFrom, poke},
    schedule::{Rhythm, next_due},
    secrets::{SecretSource, Secrets},
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
/// What is noted of an account in the history: what the method `auto` has found out.
const LEARNED: &str = "learned";
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
    Said {
        key: u64,
        line: DialogueLine,
    },
    Poked {
        key: u64,
        poked: Box<Poked>,
    },
    /// The connection of a poke that had ended was closed, so long after the goodbye.
    Closed {
        key: u64,
        id: i64,
        after: Duration,
    },
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
    /// What the method `auto` has found out.
    learned: Option<Learned>,
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
    secrets: Arc<Secrets>,
    secrets_turn: Arc<tokio::sync::Mutex<()>>,
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
            secrets: Arc::new(Secrets::new(&setup.paths)),
            secrets_turn: Arc::default(),
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
        let learned = slot.learned.clone();
        let (happens, clock, text) = (self.happens.clone(), self.clock, self.text.clone());
        let (at_once, secrets) = (self.at_once.clone(), self.secrets.clone());
        self.pokes.spawn(async move {
            let _turn = at_once.acquire().await;
            let poking = Poking {
                trigger,
                clock,
                text: &text,
                secret: SecretFrom::Account(&secrets),
                learned: learned.as_ref(),
            };
            let poked = poke(&account, poking, |line| {
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
                    poked: Box::new(poked),
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
            Happened::Poked { key, poked } => self.poked(key, *poked),
            Happened::Closed { key, id, after } => self.closed(key, id, after),
            Happened::SettingsTouched => self.reload(),
        }
    }

    fn poked(&mut self, key: u64, poked: Poked) {
        let mut poke = poked.poke;
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
        if let Some(lingering) = poked.lingering.filter(|_| poke.id != 0) {
            let (happens, id) = (self.happens.clone(), poke.id);
            // It holds nothing up: nobody waits for it, and it ends with the engine.
            self.pokes.spawn(async move {
                if let Some(after) = lingering.end().await {
                    let _ = happens.send(Happened::Closed { key, id, after }).await;
                }
            });
        }
        let slot = &mut self.slots[i];
        slot.poking = false;
        // What was learnt stays until something else is; a failure says nothing on it.
        if poked.learned.is_some() && poked.learned != slot.learned {
            slot.learned = poked.learned;
            let name = &slot.account.name;
            if !slot.demo
                && let Err(error) = self.history.set_state(name, LEARNED, slot.learned.as_ref())
            {
                tracing::error!(%error, "what was learnt of a provider could not be noted");
            }
        }
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

    /// The provider has closed the connection of an earlier poke.
    fn closed(&mut self, key: u64, id: i64, after: Duration) {
        let busy_ms = u32::try_from(after.as_millis()).ok();
        let Some(slot) = self.slots.iter_mut().find(|slot| slot.key == key) else {
            return;
        };
        let history = match &self.demo {
            Some(demo) if slot.demo => &demo.history,
            _ => &self.history,
        };
        let updated = history.update(id.abs(), Arrived::default(), |poke| {
            poke.busy_ms = busy_ms;
        });
        match updated {
            Ok(Some(mut poke)) => {
                poke.id = id;
                poke.explanation = self.text.explain_poke(&poke);
                poke.dialogue = Vec::new();
                if let Some(last) = slot.past.last.as_mut().filter(|last| last.id == id) {
                    last.clone_from(&poke);
                }
                let poke = Box::new(poke);
                self.tell(Event::PokeCompleted { poke });
            }
            Ok(None) => {}
            Err(error) => tracing::error!(%error, "a poke could not be completed in the history"),
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
                Some(at) => {
                    let known = old.swap_remove(at);
                    let same = known.account.host == account.host
                        && known.account.port() == account.port()
                        && known.account.method == account.method;
                    Slot {
                        account: account.clone(),
                        // Another provider has to be got to know anew.
                        learned: known.learned.clone().filter(|_| same),
                        ..known
                    }
                }
                None => {
                    let past = self.history.past(&account.name)?;
                    let paused = pauses.contains(&account.name);
                    let learned = self.history.state(&account.name, LEARNED)?;
                    Slot {
                        learned,
                        ..self.slot(account.clone(), past, paused)
                    }
                }
            };
            self.slots.push(slot);
        }
        self.slots.extend(old.into_iter().filter(|slot| slot.demo));
        self.text = Text::for_language(&settings.language);
        self.history.set_keep(settings.keep);
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
            learned: None,
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
            Request::Diagnose { account } => return self.diagnose(account.as_deref(), reply),
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
            Request::SetSecret { account, secret } => {
                return self.keep_secret(&account, Some(secret), reply);
            }
            Request::ClearSecret { account } => return self.keep_secret(&account, None, reply),
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
            let (from, to) = (original.to_owned(), account.name.clone());
            self.with_secrets(account.secret.clone(), move |secrets, source| async move {
                if let Err(fault) = secrets.rename(&from, &to, &source).await {
                    // The account stands; its secret has to be typed again.
                    tracing::warn!(%fault, "a secret did not follow its account to the new name");
                }
            });
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
        let Some(account) = self.settings.account(name) else {
            return Err(self.no_such_account(name));
        };
        let source = account.secret.clone();
        let has_secret = !account.user.is_empty();
        file::save_account(self.paths.settings(), Some(name), None)
            .map_err(|error| self.not_saved(error))?;
        self.history
            .forget(name)
            .map_err(|error| self.history_error(&error))?;
        if has_secret {
            let name = name.to_owned();
            self.with_secrets(source, move |secrets, source| async move {
                if let Err(fault) = secrets.clear(&name, &source).await {
                    tracing::warn!(%fault, "the secret of a removed account may still be kept");
                }
            });
        }
        self.reload();
        Ok(Response::Done)
    }

    /// Keeps an account's secret where its settings say, or forgets it.
    fn keep_secret(
        &mut self,
        name: &str,
        secret: Option<SecretText>,
        reply: oneshot::Sender<Answer>,
    ) {
        let Some(account) = self.settings.account(name) else {
            let _ = reply.send(Err(self.no_such_account(name)));
            return;
        };
        let (name, text) = (name.to_owned(), self.text.clone());
        self.with_secrets(account.secret.clone(), move |secrets, source| async move {
            let kept = match secret {
                Some(secret) => {
                    let secret = Secret::from(secret.expose().to_owned());
                    secrets.set(&name, &source, &secret).await.map(drop)
                }
                None => secrets.clear(&name, &source).await.map(drop),
            };
            // Who asked may have left.
            let _ = reply.send(match kept {
                Ok(()) => Ok(Response::Done),
                Err(fault) => Err(error(ErrorCode::Secret, fault.sentence(&text))),
            });
        });
    }

    /// Does something with the secrets without waiting for it: a keyring may take its time. What is
    /// begun later is done later.
    fn with_secrets<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        source: SecretSource,
        act: impl FnOnce(Arc<Secrets>, SecretSource) -> F + Send + 'static,
    ) {
        let (secrets, turn) = (self.secrets.clone(), self.secrets_turn.clone());
        self.pokes.spawn(async move {
            let _turn = turn.lock().await;
            act(secrets, source).await;
        });
    }

    fn save_general(&mut self, fields: &BTreeMap<String, String>) -> Answer {
        let (mut language, mut keep) = (None, self.settings.keep);
        let mut faults = Vec::new();
        for (key, value) in fields {
            let value = Value::Text(value);
            if key == "language" {
                match parse_language(&value) {
                    Ok(value) => language = Some(value),
                    Err(fault) => faults.push(fault),
                }
            } else {
                faults.extend(keep.set(key, &value).err());
            }
        }
        if !faults.is_empty() {
            return Err(self.invalid(&faults));
        }
        if let Some(language) = language {
            file::save_language(self.paths.settings(), &language)
                .map_err(|error| self.not_saved(error))?;
        }
        if keep != self.settings.keep {
            file::save_keep(self.paths.settings(), keep).map_err(|error| self.not_saved(error))?;
        }
        self.reload();
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
            port: account.port(),
            port_is_set: account.port.is_some(),
            method: account.method,
            tls: account.tls,
            user: account.user.clone(),
            auth: account.auth,
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

impl Controller {
    /// Tests everything between provider and own server, of one account or of each in turn.
    fn diagnose(&mut self, account: Option<&str>, reply: oneshot::Sender<Answer>) {
        let wanted = match account.map(|name| self.find(name)).transpose() {
            Ok(one) => one.map_or(0..self.slots.len(), |i| i..i + 1),
            Err(error) => {
                let _ = reply.send(Err(error));
                return;
            }
        };
        let patients: Vec<(Account, doctor::Known)> = self.slots[wanted]
            .iter()
            .map(|slot| {
                let known = doctor::Known {
                    last: slot.past.last.clone(),
                    learned: slot.learned.clone(),
                    arrived: doctor::arrived_lately(&self.history, &slot.account.name),
                };
                (slot.account.clone(), known)
            })
            .collect();
        let (paths, secrets) = (self.paths.clone(), self.secrets.clone());
        let (text, clock, events) = (self.text.clone(), self.clock, self.events.clone());
        self.pokes.spawn(async move {
            let mut diagnoses = Vec::new();
            for (account, known) in &patients {
                let diagnosing = doctor::Diagnosing {
                    paths: Some(&paths),
                    secret: SecretFrom::Account(&secrets),
                    text: &text,
                    clock,
                    known,
                };
                let on_finding = |finding: &Finding| {
                    // Nobody may be looking.
                    let _ = events.send(Event::Finding {
                        account: account.name.clone(),
                        finding: Box::new(finding.clone()),
                    });
                };
                diagnoses.push(doctor::diagnose(account, &diagnosing, on_finding).await);
            }
            let _ = reply.send(Ok(Response::Diagnoses { diagnoses }));
        });
    }
}

#[cfg(test)]
mod tests;
