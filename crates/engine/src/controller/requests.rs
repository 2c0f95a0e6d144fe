//! What clients ask of the controller, and its answers.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use dequeue_api::{
    ACCOUNTS_IN_PART, ApiError, ErrorCode, Event, Finding, GivenNotice, LogFrom, LogWanted,
    PokeView, Request, Response, Seat, Trial,
    client::{ClientId, Envelope, error},
    program::{QUIETLY, TRAY, beside},
};
use dequeue_core::{
    day::Past,
    import::{self, Exported},
    notice::{self, Said},
    record::{Poke, Trigger},
    settings::{
        Account, Settings,
        file::{FileFault, SettingsFile},
        secret_source::SecretSource,
    },
    text::{Text, name},
};
use dequeue_platform::{blocking::blocking, start_at_login};
use dequeue_smtp::Secret;
use jiff::Timestamp;
use tokio::sync::oneshot;

use super::{
    Controller,
    account_state::{AccountKey, AccountState, Pause},
    errors,
    file_task::{Answer, Change, not_the_demos},
    import::Import,
    internal::{Internal, Reply},
    moves::Offer,
    views,
};
use crate::{
    demo::Demo,
    doctor::{self, Diagnosing, Observed},
    history::HistoryError,
    logs,
    poke::SecretFrom,
    secrets::Secrets,
    settings_file::{self, NewContent},
};

/// The most pokes in one answer.
const PAGE_AT_MOST: u32 = 1000;
/// Octets of JSON in one answer, from which on it takes no further poke.
const PAGE_OCTETS: usize = 8 * 1024 * 1024;

impl Controller {
    pub(super) async fn answer(&mut self, envelope: Envelope) {
        let Envelope {
            from,
            seat,
            request,
            reply,
        } = envelope;
        if self.is_for_later(&request) {
            // The caller may have left.
            let _ = reply.send(Err(self.handed_over_error()));
            return;
        }
        let answer = match request {
            Request::PokeNow { accounts } => return self.poke_now(&accounts, reply),
            Request::Diagnose { account } => return self.diagnose(account.as_deref(), reply),
            Request::TryChannels => return self.try_channels(reply),
            Request::Snapshot => Ok(Response::Snapshot {
                snapshot: Box::new(self.snapshot()),
            }),
            Request::SnapshotPart { from, at_most } => {
                let at_most = at_most.min(ACCOUNTS_IN_PART);
                Ok(Response::SnapshotPart {
                    snapshot: Box::new(self.snapshot_part(from, at_most)),
                    of: self.accounts.iter().count(),
                    edition: self.edition,
                })
            }
            Request::Settings => Ok(Response::Settings {
                settings: views::settings(&self.settings, &self.accounts),
            }),
            Request::Pause { account, lasts } => {
                let until = lasts.end(self.clock.now(), &self.accounts.pace.zone);
                let answer = self.pause(account.as_deref(), Some(Pause { until }));
                return self.answer_when_written(answer, reply);
            }
            Request::Resume { account } => {
                let answer = self.pause(account.as_deref(), None);
                return self.answer_when_written(answer, reply);
            }
            Request::SaveAccount {
                original,
                fields,
                dry_run: true,
            } => self.judge_account(original.as_deref(), &fields),
            Request::SaveAccount {
                original,
                fields,
                dry_run: false,
            } => return self.save_account(original, fields, reply),
            Request::SetSecret { account, secret } => {
                return self.keep_secret(&account, Some(secret), reply);
            }
            Request::ClearSecret { account } => return self.keep_secret(&account, None, reply),
            Request::RemoveAccount { account } => return self.remove_account(&account, reply),
            Request::SaveGeneral { fields } => return self.save_general(fields, reply),
            Request::Import {
                general,
                accounts,
                left_out,
                passwords,
                replace,
                allow_commands,
                dry_run,
            } => {
                let import = Import {
                    general,
                    accounts,
                    left_out,
                    replaces: replace,
                    allow_commands,
                    demo: self.demo_account(),
                    text: self.text.clone(),
                };
                if dry_run || passwords.is_empty() {
                    return self.import(import, dry_run, reply);
                }
                return self.import_with_passwords(import, passwords, None, reply);
            }
            Request::TakeOver {
                token,
                general,
                accounts,
                passwords,
                allow_commands,
            } => {
                let import = Import {
                    general,
                    accounts,
                    left_out: Vec::new(),
                    replaces: false,
                    allow_commands,
                    demo: self.demo_account(),
                    text: self.text.clone(),
                };
                return self.take_over(&token, import, passwords, reply);
            }
            Request::TakeBack { token } => return self.take_back(&token, reply),
            Request::HandOver { token, service_in } => {
                let offer = Offer { token, service_in };
                return self.begin_hand_over(offer, from, reply);
            }
            Request::HandedOver { token } => return self.handed_over(&token, reply),
            Request::Export => return self.export(reply),
            Request::History {
                account,
                since,
                before,
                limit,
            } => return self.history_page(account.as_deref(), since, before, limit, reply),
            Request::Poke { id } => return self.one_poke(id, reply),
            Request::Log {
                wanted,
                from,
                limit,
            } => return self.log_page(wanted, from, limit, reply),
            Request::CheckForUpdate => return self.look_now(reply),
            Request::Days { account, since } => return self.days(account.as_deref(), since, reply),
            Request::StartDemo => self.start_demo().await,
            Request::StopDemo => {
                self.stop_demo();
                Ok(Response::Done)
            }
            Request::SetStartAtLogin { on } => self.set_start_at_login(on),
            Request::AttachWindow => Ok(self.attach_window(from, seat)),
            Request::ShowWindow { account } => Ok(self.show_window(account, seat)),
            Request::WindowInFront { front } => {
                if front {
                    self.windows_in_front.insert(seat, from);
                } else {
                    self.windows_in_front.remove(&seat);
                }
                Ok(Response::Done)
            }
            Request::Notices { seen } => return self.notices(seen, reply),
            Request::CloseWindow => {
                self.tell(Event::CloseWindow { seat });
                Ok(Response::Done)
            }
            Request::End if self.paths.are_the_machines() => {
                let message = self.text.get("error-service-not-ended-so");
                Err(error(ErrorCode::NotAllowed, message))
            }
            Request::End => {
                tracing::info!("asked to end");
                self.tell(Event::End);
                Ok(Response::Done)
            }
        };
        // The caller may have left.
        let _ = reply.send(answer);
    }

    /// Answers a request that may have changed something, once that is written down and in force.
    pub(super) fn answer_when_written(&mut self, answer: Answer, to: oneshot::Sender<Answer>) {
        (self.memory).reply(Reply { to, answer }, !self.settings_waiting.is_empty());
    }

    /// Answers with what is read from the history, without waiting for it.
    fn answer_when_read<T: Send + 'static>(
        &mut self,
        read: impl Future<Output = Result<T, HistoryError>> + Send + 'static,
        reply: oneshot::Sender<Answer>,
        answer: impl FnOnce(T, &Text) -> Answer + Send + 'static,
    ) {
        let (paths, text) = (self.paths.clone(), self.text.clone());
        self.tasks.spawn(async move {
            let read = read.await;
            let read = read.map_err(|error| errors::history(&error, &paths, &text));
            // The caller may have left.
            let _ = reply.send(read.and_then(|read| answer(read, &text)));
        });
    }

    fn poke_now(&mut self, accounts: &[String], reply: oneshot::Sender<Answer>) {
        let mut keys = Vec::new();
        for name in accounts {
            match self.key_of(name) {
                Ok(key) => keys.push(key),
                Err(error) => {
                    let _ = reply.send(Err(error));
                    return;
                }
            }
        }
        if accounts.is_empty() {
            keys = self.accounts.keys();
        }
        let mut ends = Vec::new();
        for key in keys {
            let (end, ended) = oneshot::channel();
            if let Some(state) = self.accounts.get_mut(key) {
                state.wait_for_poke(end);
            }
            ends.push(ended);
            // Before all that only waits for its time.
            let now = self.clock.now();
            self.accounts.want(key, Trigger::User, Timestamp::MIN, now);
        }
        // With the pokes it ends when the engine does, and the caller is told so.
        let text = self.text.clone();
        self.tasks.spawn(async move {
            let mut pokes = Vec::new();
            for ended in ends {
                // An account that was removed meanwhile has no end to tell of.
                pokes.extend(ended.await.map(|poke| PokeView::new(poke, &text)));
            }
            let more = false;
            let _ = reply.send(Ok(Response::Pokes { pokes, more }));
        });
    }

    fn pause(&mut self, account: Option<&str>, pause: Option<Pause>) -> Answer {
        let key = account.map(|name| self.key_of(name)).transpose()?;
        self.set_pause(key, pause);
        Ok(Response::Done)
    }

    /// Pauses an account or all of them, or ends that.
    pub(super) fn set_pause(&mut self, key: Option<AccountKey>, pause: Option<Pause>) {
        let state = key.and_then(|key| self.accounts.get(key));
        if state.is_none_or(|state| !state.is_demo) {
            let name = state.map(AccountState::name).unwrap_or_default();
            self.memory.set_pause(name, pause);
        }
        let now = self.clock.now();
        let concerned = self.accounts.set_pause(key, pause, now);
        self.memory.alarms_touched(concerned.clone());
        for key in concerned {
            if let Some(state) = self.accounts.get(key) {
                let change = notice::Change::Paused {
                    account: state.name().to_owned(),
                    paused: self.accounts.is_paused(state),
                    ends: self.accounts.paused_until(state).is_some(),
                };
                self.feed(now, change);
            }
        }
        self.tell_all();
    }

    fn save_account(
        &mut self,
        original: Option<String>,
        fields: BTreeMap<String, String>,
        reply: oneshot::Sender<Answer>,
    ) {
        let (text, demo) = (self.text.clone(), self.demo_account());
        self.edit(reply, move |file| {
            let original = original.as_deref();
            let mut settings = file.settings().clone();
            if let Some(name) = original.filter(|name| settings.account(name).is_none()) {
                let names = settings.accounts.iter().map(|it| it.name.as_str());
                return Err(errors::no_such_account(name, names, &text));
            }
            let account = settings
                .with_account(original, &fields)
                .and_then(|account| not_the_demos(account, demo.as_deref()))
                .map_err(|faults| errors::invalid(&faults, &text))?;
            let renamed = original
                .filter(|name| *name != account.name)
                .map(|name| (name.to_owned(), account.name.clone()));
            settings.put_account(original, account);
            Ok((NewContent { settings, renamed }, Change::Saved))
        });
    }

    /// Whether an account could be saved so, by what is known here: the file may have been edited
    /// since, which saving itself looks at.
    fn judge_account(&self, original: Option<&str>, fields: &BTreeMap<String, String>) -> Answer {
        if let Some(name) = original.filter(|name| self.account_of_settings(name).is_none()) {
            return Err(self.no_such_account(name));
        }
        // Those alone that it could have to do with.
        let name = fields.get("name").map(|name| name.trim());
        let concerned = |state: &&AccountState| [original, name].contains(&Some(state.name()));
        let states = self.accounts.of_settings().filter(concerned);
        let settings = Settings {
            accounts: states.map(|state| Account::clone(&state.account)).collect(),
            ..Settings::default()
        };
        settings
            .with_account(original, fields)
            .and_then(|account| not_the_demos(account, self.demo_account().as_deref()))
            .map_err(|faults| errors::invalid(&faults, &self.text))?;
        Ok(Response::Done)
    }

    /// The name of the demo's account, which is in no file, but taken.
    fn demo_account(&self) -> Option<String> {
        let mut states = self.accounts.iter().filter(|state| state.is_demo);
        states.next().map(|state| state.name().to_owned())
    }

    fn remove_account(&mut self, name: &str, reply: oneshot::Sender<Answer>) {
        if self.account_of_settings(name).is_none() {
            let _ = reply.send(Err(self.no_such_account(name)));
            return;
        }
        let name = name.to_owned();
        self.edit(reply, move |file| {
            let mut settings = file.settings().clone();
            settings.remove_account(&name);
            Ok((settings.into(), Change::Removed(name.clone())))
        });
    }

    /// Keeps an account's secret where its settings say, or forgets it.
    fn keep_secret(&mut self, name: &str, secret: Option<Secret>, reply: oneshot::Sender<Answer>) {
        let of_account = || {
            self.account_of_settings(name)
                .map(|account| &account.secret)
        };
        let source = self.settings.notice_secret(name).or_else(of_account);
        let Some(source) = source.cloned() else {
            let _ = reply.send(Err(self.no_such_account(name)));
            return;
        };
        let (name, text) = (name.to_owned(), self.text.clone());
        let internal = self.internal.clone();
        self.with_secrets(source, move |secrets, source| async move {
            let done = match secret {
                Some(secret) => {
                    let kept = secrets.set(&name, &source, &secret).await;
                    if kept.is_ok() {
                        let account = name;
                        let _ = internal.send(Internal::SecretKept { account }).await;
                    }
                    kept.map(|kept_in| Response::SecretKept { kept_in })
                }
                None => secrets.clear(&name, &source).await.map(|_| Response::Done),
            };
            // The caller may have left.
            let _ =
                reply.send(done.map_err(|fault| error(ErrorCode::Secret, fault.sentence(&text))));
        });
    }

    /// Does something with the secrets without waiting for it: a keyring may take its time. What is
    /// begun later is done later.
    pub(super) fn with_secrets<F: Future<Output = ()> + Send + 'static>(
        &mut self,
        source: SecretSource,
        act: impl FnOnce(Arc<Secrets>, SecretSource) -> F + Send + 'static,
    ) {
        let (secrets, turn) = (self.secrets.clone(), self.secrets_turn.clone());
        self.tasks.spawn(async move {
            let _turn = turn.lock().await;
            act(secrets, source).await;
        });
    }

    fn save_general(&mut self, fields: BTreeMap<String, String>, reply: oneshot::Sender<Answer>) {
        let text = self.text.clone();
        self.edit(reply, move |file| {
            let settings = file.settings().with_general(&fields);
            let settings = settings.map_err(|faults| errors::invalid(&faults, &text))?;
            Ok((settings.into(), Change::Saved))
        });
    }

    /// Takes settings over: judged as a whole and written once.
    fn import(&mut self, import: Import, dry_run: bool, reply: oneshot::Sender<Answer>) {
        if !dry_run {
            return self.edit(reply, move |file| import.onto(file.settings()));
        }
        self.with_file(reply, move |file| {
            let file = file.map_err(|faults| errors::faulty_not_saved(&faults, &import.text))?;
            let (_, change) = import.onto(file.settings())?;
            Ok(change.into_response())
        });
    }

    /// The settings file as it is now, without what may hold a key.
    fn export(&mut self, reply: oneshot::Sender<Answer>) {
        let text = self.text.clone();
        self.with_file(reply, move |file| {
            let file = file.map_err(|faults| errors::faulty(&faults, &text))?;
            let Exported { settings, left_out } = import::export(&file);
            Ok(Response::Exported {
                text: settings,
                left_out,
            })
        });
    }

    /// Answers by what the settings file holds, without waiting for it.
    fn with_file(
        &mut self,
        reply: oneshot::Sender<Answer>,
        answer: impl FnOnce(Result<SettingsFile, Vec<FileFault>>) -> Answer + Send + 'static,
    ) {
        let (paths, accounts_are_known) = (self.paths.clone(), self.knows_accounts());
        self.tasks.spawn(async move {
            let read = move || settings_file::read(paths.settings()).parse(accounts_are_known);
            // The caller may have left.
            let _ = reply.send(blocking(move || answer(read())).await);
        });
    }

    fn history_page(
        &mut self,
        account: Option<&str>,
        since: Option<Timestamp>,
        before: Option<i64>,
        limit: u32,
        reply: oneshot::Sender<Answer>,
    ) {
        let limit = limit.min(PAGE_AT_MOST);
        let page = self.memory.page(account, since, before, limit);
        self.answer_when_read(page, reply, move |pokes, text| {
            Ok(history_page(pokes, limit as usize, text))
        });
    }

    fn one_poke(&mut self, id: i64, reply: oneshot::Sender<Answer>) {
        let found = self.memory.poke(id);
        self.answer_when_read(found, reply, |found, text| match found {
            Some(poke) => {
                let poke = Box::new(PokeView::new(poke, text));
                Ok(Response::Poke { poke })
            }
            None => Err(error(ErrorCode::NoSuchPoke, text.get("error-no-such-poke"))),
        });
    }

    fn days(
        &mut self,
        account: Option<&str>,
        since: Option<Timestamp>,
        reply: oneshot::Sender<Answer>,
    ) {
        let days = self.memory.days(account, since);
        self.answer_when_read(days, reply, |days, _| Ok(Response::Days { days }));
    }

    /// Lines of the log, without waiting for the disk.
    fn log_page(
        &mut self,
        wanted: LogWanted,
        from: Option<LogFrom>,
        limit: u32,
        reply: oneshot::Sender<Answer>,
    ) {
        let (folder, text) = (self.paths.logs(), self.text.clone());
        self.tasks.spawn(async move {
            let read = move || {
                let page = logs::page(&folder, &wanted, from, limit as usize);
                let page = page.map_err(|error| logs::error(&folder, &error, &text))?;
                Ok(Response::Log { page })
            };
            // The caller may have left.
            let _ = reply.send(blocking(read).await);
        });
    }

    /// Tries the channels out without waiting for it: each may take its time.
    fn try_channels(&mut self, reply: oneshot::Sender<Answer>) {
        let tried = self.announcer.try_out(&self.text, self.clock.now());
        let (internal, text) = (self.internal.clone(), self.text.clone());
        self.tasks.spawn(async move {
            let mut trials = Vec::new();
            for (channel, result) in tried.await {
                let message = match &result {
                    Ok(()) => {
                        let name = text.get(&format!("channel-{}", name(&channel)));
                        text.format("channel-trial-sent", &[("channel", name.into())])
                    }
                    Err(fault) => fault.sentence(&text),
                };
                let ok = result.is_ok();
                trials.push(Trial {
                    channel,
                    ok,
                    message,
                });
                // A channel that works now is no longer said not to, and the other way round.
                let _ = internal.send(Internal::Channel(channel, result)).await;
            }
            let _ = reply.send(Ok(Response::Trials { trials }));
        });
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
        let began = self.memory.begin_demo();
        began.map_err(|fault| failed(&self.text, &fault))?;
        let mut name = self.text.get("demo-account-name");
        while self.accounts.find(&name).is_some() {
            name.push('*');
        }
        let now = self.clock.now();
        let account = demo.account(name);
        let mut state = self.accounts.new_state(account, Past::default(), now);
        state.is_demo = true;
        self.accounts.push(state, now);
        self.edition += 1;
        self.demo = Some(demo);
        self.tell_all();
        Ok(Response::Done)
    }

    fn stop_demo(&mut self) {
        if self.demo.take().is_some() {
            self.accounts.remove_demo();
            self.edition += 1;
            self.memory.end_demo();
            self.tell_all();
        }
    }

    fn set_start_at_login(&mut self, on: bool) -> Answer {
        if self.paths.are_the_machines() {
            let message = self.text.get("rights-start-at-login");
            return Err(error(ErrorCode::StartAtLogin, message));
        }
        let set = if on {
            beside(TRAY).and_then(|tray| start_at_login::turn_on(&tray, &[QUIETLY]))
        } else {
            start_at_login::turn_off()
        };
        set.map_err(|fault| {
            let values = [("error", fault.to_string().into())];
            error(
                ErrorCode::StartAtLogin,
                self.text.format("error-start-at-login", &values),
            )
        })?;
        self.tell_all();
        Ok(Response::Done)
    }

    /// The notices that were given lately, put into words with what the history has of their pokes.
    fn notices(&mut self, seen: bool, reply: oneshot::Sender<Answer>) {
        if seen && self.announcer.notices.see_given() {
            self.memory.notices_changed(self.clock.now());
            self.tell_all();
        }
        let given = self.announcer.notices.given().newest_first().cloned();
        let mut given: Vec<Said> = given.collect();
        let pokes: BTreeSet<i64> = given.iter().flat_map(Said::pokes).collect();
        let pokes = self.memory.some_pokes(pokes);
        let (text, zone) = (self.text.clone(), self.accounts.pace.zone.clone());
        self.tasks.spawn(async move {
            let pokes = pokes.await.into_iter();
            let words = pokes.map(|poke| (poke.id, text.explain_with_answer(&poke)));
            let words: BTreeMap<i64, String> = words.collect();
            let notices = given.iter_mut().map(|said| {
                said.reword(&words);
                GivenNotice {
                    at: said.at,
                    notice: said.notice(&text, &zone),
                }
            });
            let notices = notices.collect();
            let _ = reply.send(Ok(Response::Notices { notices }));
        });
    }

    fn attach_window(&mut self, client: ClientId, seat: Seat) -> Response {
        let open = self.windows.get(&seat).is_some_and(|it| *it != client);
        if open {
            let account = None;
            self.tell(Event::ShowWindow { account, seat });
        } else {
            self.windows.insert(seat, client);
        }
        Response::Window { open }
    }

    fn show_window(&self, account: Option<String>, seat: Seat) -> Response {
        let open = self.windows.contains_key(&seat);
        if open {
            self.tell(Event::ShowWindow { account, seat });
        }
        Response::Window { open }
    }

    /// Tests everything between provider and mail server, of one account or of each in turn.
    fn diagnose(&mut self, account: Option<&str>, reply: oneshot::Sender<Answer>) {
        let one = match account.map(|name| self.key_of(name)).transpose() {
            Ok(one) => one,
            Err(error) => {
                let _ = reply.send(Err(error));
                return;
            }
        };
        let is_wanted = |key: AccountKey| one.is_none_or(|one| one == key);
        let states = self.accounts.iter().filter(|state| is_wanted(state.key));
        let patients: Vec<_> = states
            .map(|state| {
                let observed = Observed {
                    last: state.past.last.clone(),
                    learned: state.learned.clone(),
                    arrived: false,
                };
                let arrived = self.memory.has_arrived_lately(state.name());
                (state.account.clone(), observed, arrived)
            })
            .collect();
        let (paths, secrets) = (self.paths.clone(), self.secrets.clone());
        let (text, clock, events) = (self.text.clone(), self.clock, self.events.clone());
        self.tasks.spawn(async move {
            let mut diagnoses = Vec::new();
            for (account, mut observed, arrived) in patients {
                observed.arrived = arrived.await;
                let diagnosing = Diagnosing {
                    paths: Some(&paths),
                    secret: SecretFrom::Account(&secrets),
                    text: &text,
                    clock,
                    observed: &observed,
                };
                let on_finding = |finding: &Finding| {
                    // Nobody may be looking.
                    let _ = events.send(Event::Finding {
                        account: account.name.clone(),
                        finding: Box::new(finding.clone()),
                    });
                };
                diagnoses.push(doctor::diagnose(&account, &diagnosing, on_finding).await);
            }
            let _ = reply.send(Ok(Response::Diagnoses { diagnoses }));
        });
    }

    // ---- Accounts and errors by name --------------------------------------------------------

    fn key_of(&self, name: &str) -> Result<AccountKey, ApiError> {
        let found = self.accounts.find(name);
        found
            .map(|state| state.key)
            .ok_or_else(|| self.no_such_account(name))
    }

    /// An account of the settings, not the demo's.
    fn account_of_settings(&self, name: &str) -> Option<&Account> {
        let mut states = self.accounts.of_settings();
        let state = states.find(|state| state.name() == name)?;
        Some(&state.account)
    }

    fn no_such_account(&self, name: &str) -> ApiError {
        let names = self.accounts.iter().map(|state| state.name());
        errors::no_such_account(name, names, &self.text)
    }

    pub(super) fn history_error(&self, fault: &HistoryError) -> ApiError {
        errors::history(fault, &self.paths, &self.text)
    }
}

/// A page of the history, as long as an answer may be: what a talkative provider said to many domains
/// takes megabytes.
fn history_page(pokes: Vec<Poke>, limit: usize, text: &Text) -> Response {
    let mut more = pokes.len() == limit;
    let mut left = PAGE_OCTETS;
    let mut page = Vec::with_capacity(pokes.len());
    for poke in pokes {
        if left == 0 {
            more = true;
            break;
        }
        let poke = PokeView::new(poke, text);
        let octets = serde_json::to_vec(&poke).map_or(0, |json| json.len());
        left = left.saturating_sub(octets);
        page.push(poke);
    }
    Response::Pokes { pokes: page, more }
}
