//! What clients ask of the controller, and its answers.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use dequeue_api::{
    ApiError, ErrorCode, Event, Finding, PokeView, Request, Response, Trial,
    client::{ClientId, Envelope, error},
    program::{QUIETLY, TRAY, beside},
};
use dequeue_core::{
    day::Past,
    import::{self, Exported, Withheld},
    notice::Change,
    record::{Poke, Trigger},
    settings::{
        Account, Settings,
        fault::{Fault, FaultKind},
        file::SettingsFile,
        secret_source::SecretSource,
    },
    text::{Text, name},
};
use dequeue_platform::start_at_login;
use dequeue_smtp::Secret;
use jiff::Timestamp;
use tokio::sync::oneshot;

use super::{
    Controller,
    account_state::{AccountKey, AccountState},
    errors,
    internal::{Internal, Reply},
    views,
};
use crate::{
    demo::Demo,
    doctor::{self, Diagnosing, Known},
    history::HistoryError,
    poke::SecretFrom,
    secrets::Secrets,
    settings_file,
};

/// The most pokes in one answer.
const PAGE_AT_MOST: u32 = 1000;
/// Octets of JSON in one answer, from which on it takes no further poke.
const PAGE_OCTETS: usize = 8 * 1024 * 1024;

type Answer = Result<Response, ApiError>;

/// Settings that were made elsewhere.
struct Import {
    general: BTreeMap<String, String>,
    accounts: Vec<BTreeMap<String, String>>,
    left_out: Vec<Withheld>,
    replace: bool,
    allow_commands: bool,
}

/// Settings by key, of an account or of none.
type Kept = HashMap<Option<String>, Vec<(String, String)>>;

impl Import {
    /// What was left out and is set here, in accounts that are replaced and in none.
    fn kept(&self, before: &Settings) -> Kept {
        let names = self.accounts.iter().filter_map(|fields| fields.get("name"));
        let names: HashSet<&str> = names.map(|name| name.trim()).collect();
        let mut kept = Kept::new();
        for Withheld { account, key } in &self.left_out {
            let is_replaced = |name: &String| self.replace && names.contains(name.as_str());
            if account.as_ref().is_none_or(is_replaced)
                && let Some(text) = before.set_text(account.as_deref(), key)
            {
                let of_account = kept.entry(account.clone()).or_default();
                of_account.push((key.clone(), text));
            }
        }
        kept
    }
}

impl Controller {
    pub(super) async fn answer(&mut self, envelope: Envelope) {
        let Envelope {
            from,
            request,
            reply,
        } = envelope;
        let answer = match request {
            Request::PokeNow { accounts } => return self.poke_now(&accounts, reply),
            Request::Diagnose { account } => return self.diagnose(account.as_deref(), reply),
            Request::TryChannels => return self.try_channels(reply),
            Request::Snapshot => Ok(Response::Snapshot {
                snapshot: Box::new(self.snapshot()),
            }),
            Request::Settings => Ok(Response::Settings {
                settings: views::settings(&self.settings, &self.accounts),
            }),
            Request::Pause { account } => {
                let answer = self.set_paused(account.as_deref(), true);
                return self.answer_when_written(answer, reply);
            }
            Request::Resume { account } => {
                let answer = self.set_paused(account.as_deref(), false);
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
            } => {
                let answer = self.save_account(original.as_deref(), &fields);
                return self.answer_when_written(answer, reply);
            }
            Request::SetSecret { account, secret } => {
                return self.keep_secret(&account, Some(secret), reply);
            }
            Request::ClearSecret { account } => return self.keep_secret(&account, None, reply),
            Request::RemoveAccount { account } => {
                let answer = self.remove_account(&account);
                return self.answer_when_written(answer, reply);
            }
            Request::SaveGeneral { fields } => {
                let answer = self.save_general(&fields);
                return self.answer_when_written(answer, reply);
            }
            Request::Import {
                general,
                accounts,
                left_out,
                replace,
                allow_commands,
                dry_run,
            } => {
                let import = Import {
                    general,
                    accounts,
                    left_out,
                    replace,
                    allow_commands,
                };
                let answer = self.import(import, dry_run);
                return self.answer_when_written(answer, reply);
            }
            Request::Export => self.export(),
            Request::History {
                account,
                since,
                before,
                limit,
            } => return self.history_page(account.as_deref(), since, before, limit, reply),
            Request::Poke { id } => return self.one_poke(id, reply),
            Request::Days { account, since } => return self.days(account.as_deref(), since, reply),
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
        // The caller may have left.
        let _ = reply.send(answer);
    }

    /// Answers a request that may have changed something, once that is written down and in force.
    fn answer_when_written(&mut self, answer: Answer, to: oneshot::Sender<Answer>) {
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

    fn set_paused(&mut self, account: Option<&str>, paused: bool) -> Answer {
        let key = account.map(|name| self.key_of(name)).transpose()?;
        let state = key.and_then(|key| self.accounts.get(key));
        if state.is_none_or(|state| !state.is_demo) {
            let name = account.unwrap_or_default();
            self.memory.set_paused(name, paused);
        }
        let now = self.clock.now();
        let concerned = self.accounts.set_paused(key, paused, now);
        self.memory.alarms_touched(concerned.clone());
        for key in concerned {
            if let Some(state) = self.accounts.get(key) {
                let account = state.name().to_owned();
                let paused = self.accounts.is_paused(state);
                self.feed(now, Change::Paused { account, paused });
            }
        }
        self.tell_all();
        Ok(Response::Done)
    }

    fn save_account(
        &mut self,
        original: Option<&str>,
        fields: &BTreeMap<String, String>,
    ) -> Answer {
        let file = self.settings_file()?;
        let mut settings = file.settings().clone();
        if let Some(name) = original.filter(|name| settings.account(name).is_none()) {
            return Err(self.no_such_account(name));
        }
        let account = settings
            .with_account(original, fields)
            .map_err(|faults| self.invalid(&faults))?;
        self.is_not_demos(&account)?;
        settings.put_account(original, account.clone());
        let old_name = original.filter(|name| *name != account.name);
        let names = old_name.map(|from| (from, account.name.as_str()));
        let revision = self.write_settings(&file, &settings, names)?;
        let mut renamed = None;
        if let Some(original) = old_name {
            self.memory.rename(original, &account.name);
            let (from, to) = (original.to_owned(), account.name.clone());
            self.with_secrets(account.secret.clone(), move |secrets, source| async move {
                if let Err(fault) = secrets.rename(&from, &to, &source).await {
                    // The account stands; its secret has to be typed again.
                    tracing::warn!(%fault, "a secret did not follow its account to the new name");
                }
            });
            renamed = Some((original.to_owned(), account.name.clone()));
            let (from, to) = (original.to_owned(), account.name.clone());
            self.feed(self.clock.now(), Change::Renamed { from, to });
        }
        self.go_on_by(settings, revision, renamed);
        Ok(Response::Done)
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
        let account = settings
            .with_account(original, fields)
            .map_err(|faults| self.invalid(&faults))?;
        self.is_not_demos(&account)?;
        Ok(Response::Done)
    }

    /// The demo's account is in no file, but its name is taken.
    fn is_not_demos(&self, account: &Account) -> Result<(), ApiError> {
        self.not_the_demos(account)
            .map_err(|faults| self.invalid(&faults))
    }

    fn not_the_demos(&self, account: &Account) -> Result<(), Vec<Fault>> {
        let mut states = self.accounts.iter().filter(|state| state.is_demo);
        if states.any(|state| state.name() == account.name) {
            return Err(vec![Fault::new("name", &account.name, FaultKind::Taken)]);
        }
        Ok(())
    }

    /// The settings file as it is now: somebody may have edited it since it was read.
    fn settings_file(&self) -> Result<SettingsFile, ApiError> {
        settings_file::load(self.paths.settings())
            .map_err(|faults| errors::settings_fault(&faults, &self.text))
    }

    fn remove_account(&mut self, name: &str) -> Answer {
        let Some(account) = self.account_of_settings(name) else {
            return Err(self.no_such_account(name));
        };
        let source = account.secret.clone();
        let has_secret = !account.user.is_empty();
        let file = self.settings_file()?;
        let mut settings = file.settings().clone();
        settings.remove_account(name);
        let revision = self.write_settings(&file, &settings, None)?;
        self.memory.forget(name);
        if has_secret {
            let name = name.to_owned();
            self.with_secrets(source, move |secrets, source| async move {
                if let Err(fault) = secrets.clear(&name, &source).await {
                    tracing::warn!(%fault, "the secret of a removed account may still be kept");
                }
            });
        }
        self.go_on_by(settings, revision, None);
        Ok(Response::Done)
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
    fn with_secrets<F: Future<Output = ()> + Send + 'static>(
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

    fn save_general(&mut self, fields: &BTreeMap<String, String>) -> Answer {
        let file = self.settings_file()?;
        let settings = file.settings().with_general(fields);
        let settings = settings.map_err(|faults| self.invalid(&faults))?;
        let revision = self.write_settings(&file, &settings, None)?;
        self.go_on_by(settings, revision, None);
        Ok(Response::Done)
    }

    /// Takes settings over: judged as a whole and written once.
    fn import(&mut self, import: Import, dry_run: bool) -> Answer {
        let file = self.settings_file()?;
        let before = file.settings();
        let (mut settings, mut wrong) = match before.with_general(&import.general) {
            Ok(settings) => (settings, Vec::new()),
            Err(faults) => (before.clone(), errors::fields(&faults, "", &self.text)),
        };
        let mut commands = errors::commands(before, &settings, None, "", &self.text);
        let kept = import.kept(before);
        let mut seen = HashSet::new();
        for (place, mut fields) in import.accounts.into_iter().enumerate() {
            let place = format!("accounts.{place}.");
            let name = fields
                .get("name")
                .map(|name| name.trim().to_owned())
                .unwrap_or_default();
            // Each is replaced once: a name that comes twice is taken.
            let there = before
                .account(&name)
                .filter(|_| import.replace && seen.insert(name.clone()));
            let original = there.map(|account| account.name.as_str());
            let name = Some(name);
            fields.extend(kept.get(&name).into_iter().flatten().cloned());
            // Nothing of one that is replaced is left.
            let judged = settings
                .with_new_account(original, &fields)
                .and_then(|account| {
                    self.not_the_demos(&account)?;
                    Ok(account)
                });
            match judged {
                Ok(account) => {
                    let unset = Account::default();
                    let before = there.unwrap_or(&unset);
                    commands.extend(errors::commands(
                        before,
                        &account,
                        name.as_deref(),
                        &place,
                        &self.text,
                    ));
                    settings.put_account(original, account);
                }
                Err(faults) => wrong.extend(errors::fields(&faults, &place, &self.text)),
            }
        }
        if !wrong.is_empty() {
            return Err(errors::wrong(wrong));
        }
        if !import.allow_commands && !commands.is_empty() {
            return Err(errors::not_allowed(commands));
        }
        if !dry_run {
            let revision = self.write_settings(&file, &settings, None)?;
            self.go_on_by(settings, revision, None);
        }
        let is_kept = |what: &Withheld| {
            let mut texts = kept.get(&what.account).into_iter().flatten();
            texts.any(|(key, _)| *key == what.key)
        };
        let kept = import.left_out.into_iter().filter(is_kept);
        Ok(Response::Imported {
            kept: kept.collect(),
        })
    }

    /// The settings file as it is now, without what may hold a key.
    fn export(&self) -> Answer {
        let file = settings_file::load(self.paths.settings())
            .map_err(|faults| errors::faulty(&faults, &self.text))?;
        let Exported { settings, left_out } = import::export(&file);
        Ok(Response::Exported {
            text: settings,
            left_out,
        })
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
        self.demo = Some(demo);
        self.tell_all();
        Ok(Response::Done)
    }

    fn stop_demo(&mut self) {
        if self.demo.take().is_some() {
            self.accounts.remove_demo();
            self.memory.end_demo();
            self.tell_all();
        }
    }

    fn set_start_at_login(&mut self, on: bool) -> Answer {
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

    fn attach_window(&mut self, client: ClientId) -> Response {
        let open = self.window.is_some_and(|window| window != client);
        if open {
            self.tell(Event::ShowWindow);
        } else {
            self.window = Some(client);
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
                let known = Known {
                    last: state.past.last.clone(),
                    learned: state.learned.clone(),
                    arrived: false,
                };
                let arrived = self.memory.has_arrived_lately(state.name());
                (state.account.clone(), known, arrived)
            })
            .collect();
        let (paths, secrets) = (self.paths.clone(), self.secrets.clone());
        let (text, clock, events) = (self.text.clone(), self.clock, self.events.clone());
        self.tasks.spawn(async move {
            let mut diagnoses = Vec::new();
            for (account, mut known, arrived) in patients {
                known.arrived = arrived.await;
                let diagnosing = Diagnosing {
                    paths: Some(&paths),
                    secret: SecretFrom::Account(&secrets),
                    text: &text,
                    clock,
                    known: &known,
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
        errors::no_such_account(name, &self.accounts, &self.text)
    }

    fn invalid(&self, faults: &[Fault]) -> ApiError {
        errors::invalid(faults, &self.text)
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
