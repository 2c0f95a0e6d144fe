//! What faces ask of the controller, and its answers.

use std::{collections::BTreeMap, sync::Arc};

use dequeue_core::{
    day::Past,
    notice::Change,
    record::{Poke, Trigger},
    settings::{
        Account,
        fault::{Fault, FaultKind},
        secret_source::SecretSource,
    },
    text::{Text, name},
};
use dequeue_platform::start_at_login;
use dequeue_smtp::Secret;
use jiff::{Timestamp, civil::Date};
use tokio::sync::oneshot;

use super::{Answer, Controller, DemoRun, Internal, machine};
use crate::{
    api::{ErrorCode, Event, Finding, Request, Response, SecretText, Trial},
    channel::Outgoing,
    client::{ClientId, Envelope, error},
    demo::Demo,
    doctor::{self, Diagnosing, Known},
    history::{History, HistoryError},
    poke::SecretFrom,
    program::{QUIETLY, TRAY, beside},
    secrets::Secrets,
    settings_file,
};

/// The most pokes in one answer.
const PAGE_AT_MOST: u32 = 1000;

impl Controller {
    pub(super) async fn answer(&mut self, ask: Envelope) {
        let Envelope {
            from,
            request,
            reply,
        } = ask;
        let answer = match request {
            Request::PokeNow { accounts } => return self.poke_now(&accounts, reply),
            Request::Diagnose { account } => return self.diagnose(account.as_deref(), reply),
            Request::TryChannels => return self.try_channels(reply),
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
            Request::Days { account, since } => self.days(account.as_deref(), since),
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
            // Before all that only waits for its time.
            self.want(i, Trigger::User, Timestamp::MIN);
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
        let now = self.clock.now();
        for i in 0..self.slots.len() {
            if at.is_none_or(|at| at == i) {
                let slot = &mut self.slots[i];
                if !paused {
                    slot.alarms.resumed(now);
                } else if slot.wanted.is_some_and(|trigger| trigger != Trigger::User) {
                    // It waits for its turn at a host that has many.
                    slot.wanted = None;
                    self.limiter.leave(slot.key);
                }
                let account = slot.account.name.clone();
                let paused = self.paused || slot.paused;
                self.feed(now, Change::Paused { account, paused });
                self.plan(i, now);
            }
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
        let file =
            settings_file::load(self.paths.settings()).map_err(|faults| self.faulty(&faults))?;
        let settings = file.settings();
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
        let mut settings = settings.clone();
        settings.put_account(original, account.clone());
        settings_file::save(
            &file,
            &settings,
            original.map(|from| (from, account.name.as_str())),
        )
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
            if let Some(i) = self.slots.find(original) {
                let slot = &mut self.slots[i];
                slot.account.name.clone_from(&account.name);
                if let Some(last) = &mut slot.past.last {
                    last.account.clone_from(&account.name);
                }
            }
            let (from, to) = (original.to_owned(), account.name.clone());
            self.feed(self.clock.now(), Change::Renamed { from, to });
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
        let file =
            settings_file::load(self.paths.settings()).map_err(|faults| self.faulty(&faults))?;
        let mut settings = file.settings().clone();
        settings.remove_account(name);
        settings_file::save(&file, &settings, None).map_err(|error| self.not_saved(error))?;
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
        let of_account = || self.settings.account(name).map(|account| &account.secret);
        let source = self.settings.notice_secret(name).or_else(of_account);
        let Some(source) = source.cloned() else {
            let _ = reply.send(Err(self.no_such_account(name)));
            return;
        };
        let (name, text) = (name.to_owned(), self.text.clone());
        let happens = self.happens.clone();
        self.with_secrets(source, move |secrets, source| async move {
            let kept = match secret {
                Some(secret) => {
                    let secret = Secret::from(secret.expose().to_owned());
                    let kept = secrets.set(&name, &source, &secret).await.map(drop);
                    if kept.is_ok() {
                        let account = name;
                        let _ = happens.send(Internal::SecretKept { account }).await;
                    }
                    kept
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
        let file =
            settings_file::load(self.paths.settings()).map_err(|faults| self.faulty(&faults))?;
        let settings = file.settings().with_general(fields);
        let settings = settings.map_err(|faults| self.invalid(&faults))?;
        settings_file::save(&file, &settings, None).map_err(|error| self.not_saved(error))?;
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
            self.text.tell_of(poke);
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
                self.text.tell_of(&mut poke);
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

    fn days(&self, account: Option<&str>, since: Option<Timestamp>) -> Answer {
        let from = since.map_or(Date::MIN, |since| self.history.day_of(since));
        let days = self.history.days(account, from, Date::MAX);
        days.map(|days| Response::Days { days })
            .map_err(|error| self.history_error(&error))
    }

    /// Tries the channels out without waiting for it: each may take its time.
    fn try_channels(&mut self, reply: oneshot::Sender<Answer>) {
        let (channels, happens) = (self.channels.clone(), self.happens.clone());
        let (text, at) = (self.text.clone(), self.clock.now());
        self.pokes.spawn(async move {
            let notice = Outgoing::trial(&text, at, &machine());
            let mut trials = Vec::new();
            for (channel, result) in channels.try_each(notice).await {
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
                let _ = happens.send(Internal::Channel(channel, result)).await;
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
        let history = History::in_memory().map_err(|fault| failed(&self.text, &fault))?;
        let mut name = self.text.get("demo-account-name");
        while self.slots.find(&name).is_some() {
            name.push('*');
        }
        let account = demo.account(name);
        let mut slot = self.slot(account, Past::default());
        slot.demo = true;
        self.slots.push(slot);
        self.demo = Some(DemoRun {
            history,
            _demo: demo,
        });
        self.plan(self.slots.len() - 1, self.clock.now());
        self.tell_all();
        Ok(Response::Done)
    }

    fn stop_demo(&mut self) {
        if self.demo.take().is_some() {
            let now = self.clock.now();
            for slot in self.slots.take() {
                if !slot.demo {
                    self.slots.push(slot);
                } else if slot.poking.is_none() {
                    self.limiter.leave(slot.key);
                }
            }
            for i in 0..self.slots.len() {
                self.plan(i, now);
            }
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

    fn attach_window(&mut self, face: ClientId) -> Response {
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

    /// Tests everything between provider and mail server, of one account or of each in turn.
    fn diagnose(&mut self, account: Option<&str>, reply: oneshot::Sender<Answer>) {
        let wanted = match account.map(|name| self.find(name)).transpose() {
            Ok(wanted) => wanted,
            Err(error) => {
                let _ = reply.send(Err(error));
                return;
            }
        };
        let is_wanted = |(i, _): &(usize, _)| wanted.is_none_or(|wanted| wanted == *i);
        let patients: Vec<(Account, Known)> = self
            .slots
            .iter()
            .enumerate()
            .filter(is_wanted)
            .map(|(_, slot)| {
                let known = Known {
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
                let diagnosing = Diagnosing {
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
