//! A poke's life: it begins when its turn has come, ends, is written down, is told, and is
//! completed when more becomes known of it.

use std::{sync::Arc, time::Duration};

use dequeue_api::{Event, PokeView};
use dequeue_core::{
    arrivals::ArrivalMonitoring,
    day::ArrivedAmount,
    record::{BUSY, Poke},
    settings::value::Host,
};
use dequeue_smtp::{DialogueLine, Method, Outcome};
use jiff::Timestamp;
use tokio::sync::{mpsc, oneshot};

use super::{
    Controller,
    account_state::{AccountKey, EndedPoke, PokeEnd, PokeStart},
    arrivals::Counted,
    environment::Pending,
    internal::Internal,
};
use crate::poke::{Ending, HostTurns, Lingering, Poked, Poking, SecretFrom};

/// How often it is looked whether a mail server is back for which pokes are held.
const RECOVERY: Duration = Duration::from_secs(20);

/// The turns of one account's poke, which the controller gives.
#[derive(Debug)]
struct Turns {
    key: AccountKey,
    internal: mpsc::Sender<Internal>,
}

impl HostTurns for Turns {
    fn at<'a>(&'a self, host: &'a Host) -> Pending<'a, ()> {
        Box::pin(async {
            let (turn, comes) = oneshot::channel();
            let next = Internal::NextHost {
                key: self.key,
                host: host.clone(),
                turn,
            };
            // Where nobody gives it any more, the engine ends, and the poke with it.
            let _ = self.internal.send(next).await;
            let _ = comes.await;
        })
    }
}

impl Controller {
    /// A poke begins.
    pub(super) fn start_poke(&mut self, start: PokeStart) {
        let PokeStart {
            key,
            account,
            trigger,
            order,
            learned,
        } = start;
        // What comes over the provider's own connection is counted there.
        let watches = !account.watch.is_zero() && !account.method.turns();
        let watcher = self
            .accounts
            .get(key)
            .filter(|state| watches && self.accounts.pace.is_on && !state.is_demo)
            .map(|_| self.arrivals.watcher());
        let (internal, clock) = (self.internal.clone(), self.clock);
        let (secrets, environment) = (self.secrets.clone(), self.environment.clone());
        let ending = Ending::by(self.ending.subscribe());
        self.tasks.spawn(async move {
            let turns = Turns {
                key,
                internal: internal.clone(),
            };
            let poking = Poking {
                trigger,
                clock,
                secret: SecretFrom::Account(&secrets),
                learned: learned.as_ref(),
                turns: Some(&turns),
                ending: Some(&ending),
            };
            let mut on_line = |line: &DialogueLine| {
                // Live lines are for looking at; when the controller is behind they are dropped,
                // and stand in the history all the same.
                let line = line.clone();
                let _ = internal.try_send(Internal::Line { key, line });
            };
            let monitoring = match &watcher {
                Some(watcher) => Some(environment.watch_arrivals(&account, watcher).await),
                None => None,
            };
            let poked = environment
                .poke(&account, &order, poking, &mut on_line)
                .await;
            let poked = Box::new(poked);
            let _ = internal
                .send(Internal::Poked {
                    key,
                    poked,
                    monitoring,
                })
                .await;
        });
        self.tell_account(key);
    }

    pub(super) fn line(&self, key: AccountKey, line: DialogueLine) {
        if let Some(state) = self.accounts.get(key) {
            let account = state.name().to_owned();
            tracing::trace!(account, from = ?line.from, line = line.line, "dialogue");
            self.tell(Event::Dialogue { account, line });
        }
    }

    /// A poke has ended: what follows at once. Then it is written down and, after that, told.
    pub(super) fn poked(
        &mut self,
        key: AccountKey,
        poked: Poked,
        monitoring: Option<ArrivalMonitoring>,
    ) {
        let now = self.clock.now();
        let Some(end) = self.accounts.end(key, poked, monitoring, now) else {
            return;
        };
        let PokeEnd {
            mut ended,
            has_learned,
            alarms,
            lingering,
            ..
        } = end;
        ended.listens = lingering.and_then(|lingering| self.listen(key, lingering));
        let is_held = ended.poke.outcome == Outcome::Held;
        self.memory.add(ended);
        if let Some(state) = self.accounts.get(key).filter(|_| has_learned) {
            self.memory.note_learned(state);
        }
        self.alarmed(key, alarms, now);
        if is_held && self.accounts.pace.is_on {
            self.watch_for_recovery(key);
        }
    }

    /// Listens for how long the provider keeps its connection open. Gives whom to tell the poke's
    /// id; without one nothing comes of it.
    fn listen(&mut self, key: AccountKey, lingering: Lingering) -> Option<oneshot::Sender<i64>> {
        let room = self.arrivals.room()?;
        let (listens, written) = oneshot::channel();
        let internal = self.internal.clone();
        // It holds nothing up: nobody waits for it, and it ends with the engine.
        self.tasks.spawn(async move {
            let _room = room;
            if let Some(after) = lingering.end().await
                && let Ok(id) = written.await
            {
                let _ = internal.send(Internal::Closed { key, id, after }).await;
            }
        });
        Some(listens)
    }

    /// A poke that has ended is written down, under this id; 0 where that was not possible. Now it
    /// is told.
    pub(super) fn told(&mut self, mut ended: EndedPoke, id: i64) {
        let (key, now) = (ended.key, self.clock.now());
        ended.poke.id = id;
        if let Some(state) = self.accounts.get_mut(key) {
            state.written(&ended.poke);
            // It may have been renamed meanwhile.
            ended.poke.account.clone_from(&state.account.name);
        }
        for reply in ended.waiting.drain(..) {
            // The caller may have left.
            let _ = reply.send(ended.poke.clone());
        }
        let Some(state) = self.accounts.get(key) else {
            return;
        };
        if ended.poke.reason.is_interruption() {
            // It says nothing of the provider, and the engine ends. What has arrived by it so far counts.
            self.expect_more(&mut ended);
            return;
        }
        (self.announcer).beat(state, &ended.poke, &self.text);
        let change = self.announcer.poked(state, &ended, &self.text);
        self.feed(now, change);
        self.expect_more(&mut ended);
        ended.poke.dialogue = Vec::new();
        if self.is_watched() {
            let poke = Box::new(PokeView::new(ended.poke, &self.text));
            self.tell(Event::Poked { poke });
        }
        self.tell_account(key);
    }

    /// What arrives by a poke from now on is counted for it, and it is completed when the provider
    /// closes its connection.
    fn expect_more(&mut self, ended: &mut EndedPoke) {
        let (key, id, since) = (ended.key, ended.poke.id, ended.poke.started_at);
        if id == 0 {
            // It stands nowhere that could be completed.
            return;
        }
        if let Some(watch) = ended.arrivals.take() {
            self.arrivals.open(key, id, since, watch);
        }
        if let Some(listens) = ended.listens.take() {
            // It may have heard that the connection broke.
            let _ = listens.send(id);
        }
    }

    // ---- More becomes known -----------------------------------------------------------------

    /// Mail has arrived after a poke, by the mail server's connections.
    pub(super) fn counted(&mut self, counted: &Counted) {
        self.write_counted(counted);
        if let Some(at) = counted.arrived_at {
            self.something_arrived(counted.key, at, Some(counted.for_day));
        }
    }

    /// What arrives by a poke that worked has been watched for to the end.
    pub(super) fn watch_ended(&mut self, key: AccountKey, now: Timestamp) {
        if let Some(state) = self.accounts.get_mut(key) {
            let changes = state.alarms.watch_ended(now);
            self.alarmed(key, changes, now);
        }
    }

    /// Writes it down, also where the account is gone: its pokes stay.
    pub(super) fn write_counted(&mut self, counted: &Counted) {
        let arrivals = counted.arrivals;
        let change = move |poke: &mut Poke| poke.arrivals = Some(arrivals);
        (self.memory).complete(counted.key, counted.id, counted.for_day, change);
    }

    /// The provider has closed the connection of an earlier poke.
    pub(super) fn closed(&mut self, key: AccountKey, id: i64, after: Duration) {
        let busy_ms = u32::try_from(after.as_millis()).ok();
        self.complete(key, id, ArrivedAmount::default(), move |poke| {
            poke.busy_ms = busy_ms;
        });
        if after >= BUSY {
            self.something_arrived(key, self.clock.now(), None);
        }
    }

    /// `seen`: what arrived, where it was seen; that the provider was busy is no proof.
    fn something_arrived(&mut self, key: AccountKey, at: Timestamp, seen: Option<ArrivedAmount>) {
        let now = self.clock.now();
        let today = self.accounts.pace.today(now);
        if let Some(state) = self.accounts.get_mut(key) {
            let mut changes = state.alarms.arrived(at, now);
            if let Some(amount) = seen {
                state.past.arrive(today, amount);
                changes.extend(state.alarms.proved(at, now));
            }
            self.alarmed(key, changes, now);
            self.accounts.plan(key, now);
            self.tell_account(key);
        }
    }

    fn complete(
        &mut self,
        key: AccountKey,
        id: i64,
        arrived: ArrivedAmount,
        change: impl Fn(&mut Poke) + Send + 'static,
    ) {
        if self.accounts.get(key).is_some() {
            self.memory.complete(key, id, arrived, change);
        }
    }

    /// What has become known of a poke is written down. Now it is told.
    pub(super) fn completed(&mut self, key: AccountKey, poke: Poke) {
        let state = self.accounts.get_mut(key);
        if state.is_some_and(|state| state.completed(&poke)) {
            self.tell_account(key);
        }
        if self.is_watched() {
            let poke = Box::new(PokeView::new(poke, &self.text));
            self.tell(Event::PokeCompleted { poke });
        }
    }

    // ---- Held pokes -------------------------------------------------------------------------

    /// Pokes that were held when the engine ended.
    pub(super) fn watch_for_those_held(&mut self) {
        for key in self.accounts.keys() {
            let last = (self.accounts.get(key)).and_then(|state| state.past.last.as_ref());
            let held = last.is_some_and(|last| last.outcome == Outcome::Held);
            if held && self.accounts.pace.is_on {
                self.watch_for_recovery(key);
            }
        }
    }

    /// Looks from time to time whether the mail server is back, and says so once.
    pub(super) fn watch_for_recovery(&mut self, key: AccountKey) {
        let Some(state) = self.accounts.get_mut(key) else {
            return;
        };
        let (internal, environment) = (self.internal.clone(), self.environment.clone());
        let mut account = state.account.clone();
        let last = state.past.last.as_ref().map(|last| last.method);
        if let Some(method) = last.filter(|it| it.turns() && account.method == Method::Auto) {
            // The method that was chosen when it was held.
            Arc::make_mut(&mut account).method = method;
        }
        let looks = self.tasks.spawn(async move {
            loop {
                tokio::time::sleep(RECOVERY).await;
                // Asked the same as before a poke, which would otherwise only be held again.
                if environment.is_mail_server_ready(&account).await {
                    let _ = internal.send(Internal::MailServerBack { key }).await;
                    break;
                }
            }
        });
        state.begin_recovery(looks);
    }
}
