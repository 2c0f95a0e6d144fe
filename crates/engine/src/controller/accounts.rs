//! The accounts: their states, when something is due for each of them, and whose turn it is.

use std::collections::{HashMap, HashSet};

use dequeue_core::{
    alarm::AlarmChange,
    arrivals::ArrivalMonitoring,
    day::Past,
    poke_limiter::{Bounds, PokeLimiter},
    record::Trigger,
    retry::NextReason,
    schedule::PokeOccasion,
    settings::{Account, value::Host},
};
use dequeue_platform::system_events::SystemEvent;
use dequeue_smtp::Outcome;
use indexmap::IndexMap;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::oneshot;

use super::{
    account_state::{AccountKey, AccountState, Pace, Pause, PokeEnd, PokeStart},
    timers::{Timer, Timers},
};
use crate::poke::Poked;

/// Pokes under way at once: over all accounts, enough that a handful of hosts that do not answer hold
/// up nobody else; at one host, well below what mail servers take from one address.
const BOUNDS: Bounds = Bounds {
    total: 512,
    per_host: 10,
};

/// All accounts, in the order in which clients see them.
pub(super) struct Accounts {
    pub(super) pace: Pace,
    states: IndexMap<AccountKey, AccountState>,
    timers: Timers,
    limiter: PokeLimiter,
    /// The pokes under way that wait for their turn at another host.
    going_on: HashMap<AccountKey, oneshot::Sender<()>>,
    next_key: u64,
}

/// What is due beside pokes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// It is to be looked whether the account has been silent for too long.
    Silence(AccountKey),
    /// The pause of the account, or of all, ends.
    PauseOver(Option<AccountKey>),
}

/// An account in its place: one that is known as it is set from now on, or a new one.
pub(super) enum Placed {
    Known(AccountKey, Box<Account>),
    New(Box<AccountState>),
}

impl Accounts {
    pub(super) fn new(pace: Pace) -> Self {
        Self {
            pace,
            states: IndexMap::new(),
            timers: Timers::default(),
            limiter: PokeLimiter::new(BOUNDS),
            going_on: HashMap::new(),
            next_key: 1,
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &AccountState> {
        self.states.values()
    }

    pub(super) fn keys(&self) -> Vec<AccountKey> {
        self.states.keys().copied().collect()
    }

    pub(super) fn get(&self, key: AccountKey) -> Option<&AccountState> {
        self.states.get(&key)
    }

    pub(super) fn get_mut(&mut self, key: AccountKey) -> Option<&mut AccountState> {
        self.states.get_mut(&key)
    }

    pub(super) fn find(&self, name: &str) -> Option<&AccountState> {
        self.iter().find(|state| state.name() == name)
    }

    /// The names of the other accounts of this one's provider that are poked on time.
    pub(super) fn siblings<'a>(&'a self, of: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let of = self.find(of);
        let others = self.of_settings().filter(move |other| {
            let is_sibling =
                |of: &AccountState| other.key != of.key && other.account.host == of.account.host;
            of.is_some_and(is_sibling) && !self.is_paused(other)
        });
        others.map(AccountState::name)
    }

    /// Whether no account reaches its provider, of several that were poked at several providers.
    pub(super) fn reach_nothing(&self) -> bool {
        let mut hosts = HashSet::new();
        let poked = self.of_settings().filter(|state| !self.is_paused(state));
        for state in poked {
            match &state.past.last {
                Some(last) if last.outcome == Outcome::Unreachable => {
                    hosts.insert(state.account.host.to_string());
                }
                Some(_) => return false,
                None => {}
            }
        }
        hosts.len() > 1
    }

    /// The accounts of the settings, without the demo's.
    pub(super) fn of_settings(&self) -> impl Iterator<Item = &AccountState> {
        self.iter().filter(|state| !state.is_demo)
    }

    /// Whether these are the accounts of the settings, in their order.
    pub(super) fn are_set_as(&self, accounts: &[Account]) -> bool {
        self.of_settings().map(|state| &*state.account).eq(accounts)
    }

    /// Whether an account is paused, alone or with all.
    pub(super) const fn is_paused(&self, state: &AccountState) -> bool {
        self.pace.pause.is_some() || state.pause.is_some()
    }

    /// When an account will no longer be paused, where that comes by itself.
    pub(super) fn paused_until(&self, state: &AccountState) -> Option<Timestamp> {
        let pauses = [self.pace.pause, state.pause].into_iter().flatten();
        // The one that ends last counts; one that does not end is later than all.
        pauses
            .map(|pause| pause.until.unwrap_or(Timestamp::MAX))
            .max()
            .filter(|until| *until < Timestamp::MAX)
    }

    // ---- Settings ---------------------------------------------------------------------------

    /// The state of an account that is not here yet.
    pub(super) fn new_state(
        &mut self,
        account: Account,
        past: Past,
        now: Timestamp,
    ) -> AccountState {
        let key = AccountKey(self.next_key);
        self.next_key += 1;
        AccountState::new(key, account, past, now)
    }

    /// Adds an account behind the others.
    pub(super) fn push(&mut self, state: AccountState, now: Timestamp) {
        let key = state.key;
        self.begin(&state, now);
        self.states.insert(key, state);
        self.plan(key, now);
    }

    fn begin(&mut self, state: &AccountState, now: Timestamp) {
        // One that was due when the engine ended.
        let second = state.second_poke(&self.pace, now).filter(|at| *at > now);
        self.timers.set(state.key, Timer::SecondPoke, second);
    }

    /// Takes over the accounts of the settings in their order, the demo's behind them. Gives those
    /// that are gone.
    pub(super) fn arrange(&mut self, placed: Vec<Placed>, now: Timestamp) -> Vec<AccountState> {
        let mut before = std::mem::take(&mut self.states);
        for placed in placed {
            let state = match placed {
                Placed::Known(key, account) => {
                    let Some(mut state) = before.swap_remove(&key) else {
                        continue;
                    };
                    state.take_account(*account);
                    state
                }
                Placed::New(state) => {
                    self.begin(&state, now);
                    *state
                }
            };
            self.states.insert(state.key, state);
        }
        let (demo, gone) = before.into_values().partition(|state| state.is_demo);
        self.states.extend(keyed(demo));
        self.let_go(gone)
    }

    /// Takes the demo's account away. Gives it.
    pub(super) fn remove_demo(&mut self) -> Vec<AccountState> {
        let all = std::mem::take(&mut self.states).into_values();
        let (demo, kept) = all.partition(|state| state.is_demo);
        self.states.extend(keyed(kept));
        self.let_go(demo)
    }

    fn let_go(&mut self, gone: Vec<AccountState>) -> Vec<AccountState> {
        for state in &gone {
            self.timers.forget(state.key);
            // One that waits for its turn no longer wants it; one that has it keeps it to its end.
            if !state.is_poking() {
                self.limiter.leave(state.key.0);
            }
        }
        gone
    }

    // ---- Time -------------------------------------------------------------------------------

    /// When something is due next.
    pub(super) fn next_at(&self) -> Option<Timestamp> {
        let timers = self.timers.next_at().into_iter();
        timers.chain(self.pace.pause.and_then(|it| it.until)).min()
    }

    /// When the next poke of an account is due, of whatever kind. While one is under way, or waits
    /// for its turn, it is the one after it.
    pub(super) fn next_poke(&self, state: &AccountState, now: Timestamp) -> Option<Timestamp> {
        let timers = [Timer::Poke, Timer::SecondPoke];
        let set = timers.map(|timer| self.timers.running_at(state.key, timer));
        let next = set.into_iter().flatten().min();
        next.or_else(|| state.due(&self.pace, now))
    }

    /// Why that is then ([`Accounts::next_poke`]), where that is not simply the rhythm.
    pub(super) fn why_next(&self, state: &AccountState, next: Timestamp) -> Option<NextReason> {
        let second = self.timers.running_at(state.key, Timer::SecondPoke);
        state.why_next(&self.pace, next, second == Some(next))
    }

    /// Sets an account's timers anew.
    pub(super) fn plan(&mut self, key: AccountKey, now: Timestamp) {
        let Some(state) = self.states.get(&key) else {
            return;
        };
        let (pace, timers) = (&self.pace, &mut self.timers);
        let goes = state.is_poking() || self.limiter.holds(key.0);
        let due = if goes { None } else { state.due(pace, now) };
        timers.set(key, Timer::Poke, due);
        if goes || !state.takes_second_poke(pace) {
            timers.stop(key, Timer::SecondPoke);
        } else {
            timers.start(key, Timer::SecondPoke);
        }
        timers.set(key, Timer::Silence, state.silence_due(pace));
        let pause_ends = state.pause.and_then(|pause| pause.until);
        timers.set(key, Timer::PauseOver, pause_ends);
    }

    pub(super) fn plan_all(&mut self, now: Timestamp) {
        for key in self.keys() {
            self.plan(key, now);
        }
    }

    /// Lets the pokes that are due by now wait for their turn. Gives what else is due; call again
    /// until there is nothing.
    pub(super) fn on_time(&mut self, now: Timestamp) -> Option<Due> {
        if self
            .pace
            .pause
            .and_then(|it| it.until)
            .is_some_and(|until| until <= now)
        {
            return Some(Due::PauseOver(None));
        }
        while let Some((key, timer)) = self.timers.take_due(now) {
            let Some(state) = self.states.get(&key) else {
                continue;
            };
            match timer {
                Timer::Poke => {
                    // It may have become overdue at a time in which no poke may go.
                    match state.due(&self.pace, now) {
                        Some(at) if at <= now => self.want(key, Trigger::Schedule, at, now),
                        later => self.timers.set(key, Timer::Poke, later),
                    }
                }
                // The rhythm's own poke, where it is due as well, does for both.
                Timer::SecondPoke
                    if self
                        .timers
                        .running_at(key, Timer::Poke)
                        .is_some_and(|at| at <= now) => {}
                Timer::SecondPoke => self.occasion(key, PokeOccasion::SecondPoke, now),
                Timer::Silence => return Some(Due::Silence(key)),
                Timer::PauseOver => return Some(Due::PauseOver(Some(key))),
            }
        }
        None
    }

    /// Notices where nothing has arrived for too long.
    pub(super) fn notice_silence(&mut self, key: AccountKey, now: Timestamp) -> Vec<AlarmChange> {
        let state = self.states.get_mut(&key);
        state.map_or_else(Vec::new, |state| state.notice_silence(&self.pace, now))
    }

    /// The clock was set back: what was worked out from later times is worked out anew.
    pub(super) fn clock_set_back(&mut self, now: Timestamp) {
        for state in self.states.values_mut() {
            state.set_back(now);
        }
        self.plan_all(now);
    }

    /// The machine slept, or its clock was put forward: the silence was not the provider's.
    pub(super) fn slept(&mut self, now: Timestamp, slept: SignedDuration) {
        for state in self.states.values_mut() {
            state.alarms.slept(now, slept);
        }
    }

    // ---- Pauses -----------------------------------------------------------------------------

    /// Pauses one account or all of them, or ends that. Gives the accounts concerned.
    pub(super) fn set_pause(
        &mut self,
        one: Option<AccountKey>,
        pause: Option<Pause>,
        now: Timestamp,
    ) -> Vec<AccountKey> {
        match one {
            None => self.pace.pause = pause,
            Some(key) => {
                if let Some(state) = self.states.get_mut(&key) {
                    state.pause = pause;
                }
            }
        }
        let paused = pause.is_some();
        let concerned = one.map_or_else(|| self.keys(), |key| vec![key]);
        for key in &concerned {
            if let Some(state) = self.states.get_mut(key) {
                if !paused {
                    state.alarms.resumed(now);
                } else if state.give_up() {
                    // It waits for its turn at a host that has many.
                    self.limiter.leave(key.0);
                }
            }
            self.plan(*key, now);
        }
        concerned
    }

    /// The history may know of pauses that it could not give before; its empty name stands for all
    /// accounts.
    pub(super) fn take_pauses(&mut self, pauses: &[String], now: Timestamp) {
        let is_paused = |name: &str| pauses.iter().any(|paused| paused == name);
        let pause = |name: &str| is_paused(name).then_some(Pause { until: None });
        self.pace.pause = self.pace.pause.or(pause(""));
        for state in self.states.values_mut().filter(|state| !state.is_demo) {
            state.pause = state.pause.or(pause(state.name()));
        }
        self.plan_all(now);
    }

    // ---- Pokes ------------------------------------------------------------------------------

    /// A poke of this account is wanted, since `due`: it waits for its turn.
    pub(super) fn want(
        &mut self,
        key: AccountKey,
        trigger: Trigger,
        due: Timestamp,
        now: Timestamp,
    ) {
        let Some(state) = self.states.get_mut(&key) else {
            return;
        };
        if state.want(trigger) {
            self.limiter
                .wait(key.0, state.first_host(now).as_str(), due);
            self.timers.set(key, Timer::Poke, None);
            self.timers.stop(key, Timer::SecondPoke);
        }
    }

    /// Something happened that may be worth a poke beside the rhythm.
    pub(super) fn occasion(&mut self, key: AccountKey, occasion: PokeOccasion, now: Timestamp) {
        let state = self.states.get(&key);
        match state.and_then(|state| state.occasion(occasion, &self.pace, now)) {
            Some(trigger) => self.want(key, trigger, now, now),
            None => self.plan(key, now),
        }
    }

    /// The network came up, or the machine woke: what could not be reached before may be now, and
    /// mail may have been held meanwhile.
    pub(super) fn system_event(&mut self, event: SystemEvent, now: Timestamp) {
        let occasion = match event {
            SystemEvent::NetworkUp => PokeOccasion::NetworkUp,
            SystemEvent::MachineWoke => PokeOccasion::Woke,
        };
        for key in self.keys() {
            if event == SystemEvent::MachineWoke
                && let Some(state) = self.states.get_mut(&key)
            {
                state.alarms.began(now);
            }
            self.occasion(key, occasion, now);
        }
    }

    /// The mail server for which pokes of this account were held is back.
    pub(super) fn mail_server_back(&mut self, key: AccountKey, now: Timestamp) {
        if let Some(state) = self.states.get_mut(&key) {
            state.end_recovery();
            self.occasion(key, PokeOccasion::MailServerBack, now);
        }
    }

    /// The password of an account was kept: a poke that went without is made good.
    pub(super) fn secret_kept(&mut self, name: &str, now: Timestamp) {
        let Some(key) = self.find(name).map(|state| state.key) else {
            return;
        };
        if self.states.get_mut(&key).is_some_and(|it| it.secret_kept()) {
            self.occasion(key, PokeOccasion::SecretKept, now);
        }
    }

    /// The next poke whose turn has come.
    pub(super) fn start(&mut self, now: Timestamp) -> Option<PokeStart> {
        while let Some(key) = self.limiter.start().map(AccountKey) {
            if let Some(turn) = self.going_on.remove(&key) {
                // Where the poke is gone, its end is still to be told.
                let _ = turn.send(());
                continue;
            }
            let Some(state) = self.states.get_mut(&key) else {
                self.limiter.leave(key.0);
                continue;
            };
            // While it waited, its hosts may have changed places.
            let host = state.first_host(now);
            if self.limiter.host(key.0) != Some(host.as_str()) {
                self.limiter.move_to(key.0, host.as_str());
                continue;
            }
            self.timers.set(key, Timer::SecondPoke, None);
            return Some(state.begin(now));
        }
        None
    }

    /// A poke under way goes on to this host. It has given back its turn at the one before, and is
    /// told of its turn there by [`Accounts::start`].
    pub(super) fn next_host(&mut self, key: AccountKey, host: &Host, turn: oneshot::Sender<()>) {
        self.limiter.move_to(key.0, host.as_str());
        self.going_on.insert(key, turn);
    }

    /// A poke has ended; its account may be gone.
    pub(super) fn end(
        &mut self,
        key: AccountKey,
        poked: Poked,
        monitoring: Option<ArrivalMonitoring>,
        now: Timestamp,
    ) -> Option<PokeEnd> {
        self.limiter.leave(key.0);
        let state = self.states.get_mut(&key)?;
        let end = state.end(poked, monitoring, &self.pace, now);
        let again = state.wants_new_secret();
        self.timers.set(key, Timer::SecondPoke, end.second_at);
        if again {
            self.occasion(key, PokeOccasion::SecretKept, now);
        } else {
            self.plan(key, now);
        }
        Some(end)
    }
}

fn keyed(states: Vec<AccountState>) -> impl Iterator<Item = (AccountKey, AccountState)> {
    states.into_iter().map(|state| (state.key, state))
}
