//! An account, all that is known of it while the engine runs, and what follows from it. Nothing
//! here acts: the methods say what is to be done, or give what a poke needs.

use std::{net::IpAddr, sync::Arc};

use dequeue_core::{
    alarm::{AlarmChange, AlarmKind, Alarms, Observed, Silence, Validity},
    arrivals::ArrivalMonitoring,
    day::{ArrivedAmount, Past},
    notice::Wanted,
    record::{Poke, Trigger},
    retry::{NextReason, Retry, after_failure, host_order},
    schedule::{PokeOccasion, Rhythm, extra_poke, next_due, second_poke},
    settings::{Account, value::Host},
};
use dequeue_smtp::{Learned, Reason};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Weekday},
    tz::TimeZone,
};
use tokio::{sync::oneshot, task::AbortHandle};

use crate::poke::{Lingering, Poked, at_host};

/// Names an account for as long as the engine runs: it stays the same when the account is renamed
/// or moves, and is never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct AccountKey(pub(super) u64);

/// A pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pause {
    /// When it ends by itself; `None` for one that somebody has to end.
    pub(super) until: Option<Timestamp>,
}

/// What the rhythms of all accounts go by.
#[derive(Clone, Debug)]
pub(super) struct Pace {
    /// Whether accounts are poked on time at all.
    pub(super) is_on: bool,
    /// The pause of all accounts.
    pub(super) pause: Option<Pause>,
    /// Draws the jitter of this installation.
    pub(super) seed: u64,
    /// This machine's time zone.
    pub(super) zone: TimeZone,
}

impl Pace {
    /// Today, by the machine's calendar.
    pub(super) fn today(&self, now: Timestamp) -> Date {
        now.to_zoned_datetime(self.zone.clone()).date()
    }
}

/// An account, and what is known of it.
pub(super) struct AccountState {
    pub(super) key: AccountKey,
    /// The account as it is set. A poke under way holds on to the one that it began with.
    pub(super) account: Arc<Account>,
    /// Whether it is the demo's.
    pub(super) is_demo: bool,
    /// The pause of this account alone.
    pub(super) pause: Option<Pause>,
    /// The last poke and how the pokes fared. The last poke is kept here beside its row in the
    /// history: every view of every account shows it, also while the history cannot be read.
    pub(super) past: Past,
    /// What the method `auto` has found out.
    pub(super) learned: Option<Learned>,
    pub(super) alarms: Alarms,
    /// What the poke under way was set off by.
    poking: Option<Trigger>,
    /// What the poke that waits for its turn was set off by.
    wanted: Option<Trigger>,
    /// Who wants to know how the poke under way, or the next one, ends.
    waiting: Vec<oneshot::Sender<Poke>>,
    /// When the last poke of the rhythm began. A second poke does not move it.
    last_start: Option<Timestamp>,
    /// When the last poke of any kind began.
    begun: Option<Timestamp>,
    /// When each host failed last: the account's own, then the others.
    hosts_failed: Vec<Option<Timestamp>>,
    /// Whether the password was kept while that poke was under way, which may have gone without.
    secret_is_new: bool,
    /// Whether arrivals can be seen, so that their absence says something.
    sees_arrivals: bool,
    /// Looks whether the mail server is back, as long as pokes are held for it.
    recovery: Option<AbortHandle>,
}

/// What a poke begins with.
pub(super) struct PokeStart {
    pub(super) key: AccountKey,
    pub(super) account: Arc<Account>,
    pub(super) trigger: Trigger,
    /// The hosts in the order in which they are tried.
    pub(super) order: Vec<usize>,
    pub(super) learned: Option<Learned>,
}

/// Which arrivals are by a poke.
pub(super) struct ArrivalWatch {
    /// The addresses that they may come from.
    pub(super) from: Vec<IpAddr>,
    /// The mail server's port.
    pub(super) port: u16,
    /// When watching ends.
    pub(super) until: Timestamp,
    /// Whether the poke worked, so that it says something where nothing arrives by it.
    pub(super) worked: bool,
}

/// A poke that has ended and is told as soon as it is written down.
pub(super) struct EndedPoke {
    pub(super) key: AccountKey,
    pub(super) is_demo: bool,
    /// The poke with its dialogue, without an id so far.
    pub(super) poke: Poke,
    /// Whether it worked, and none had before.
    pub(super) first_success: bool,
    /// Failures in a row, this one included.
    pub(super) failures: u32,
    /// Who waits for its end.
    pub(super) waiting: Vec<oneshot::Sender<Poke>>,
    /// What arrives by it from now on, where that is watched.
    pub(super) arrivals: Option<ArrivalWatch>,
    /// Waits for its id to complete it when the provider closes the connection.
    pub(super) listens: Option<oneshot::Sender<i64>>,
}

/// What follows at once from the end of a poke.
pub(super) struct PokeEnd {
    pub(super) ended: EndedPoke,
    /// Whether it has found out something for the next one.
    pub(super) has_learned: bool,
    /// What is no longer as it was.
    pub(super) alarms: Vec<AlarmChange>,
    /// When a second poke is due.
    pub(super) second_at: Option<Timestamp>,
    /// The connection, where the provider has not closed it yet.
    pub(super) lingering: Option<Lingering>,
}

impl AccountState {
    /// An account with what the history knows of it.
    pub(super) fn new(key: AccountKey, account: Account, past: Past, now: Timestamp) -> Self {
        // A second poke does not move the rhythm; where it was the last one its own beginning is
        // near enough.
        let last_start = past.last.as_ref().map(|poke| poke.started_at.min(now));
        Self {
            key,
            hosts_failed: vec![None; 1 + account.other_hosts.len()],
            account: Arc::new(account),
            is_demo: false,
            pause: None,
            past,
            learned: None,
            alarms: Alarms::default(),
            poking: None,
            wanted: None,
            waiting: Vec::new(),
            last_start,
            begun: last_start,
            secret_is_new: false,
            sees_arrivals: false,
            recovery: None,
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.account.name
    }

    /// Which notices it makes.
    pub(super) fn notices(&self) -> Wanted {
        Wanted {
            notify: self.account.notify,
            after: self.account.notify_after,
        }
    }

    pub(super) const fn is_poking(&self) -> bool {
        self.poking.is_some()
    }

    /// Whether its pokes are held until the mail server is back.
    pub(super) const fn is_held(&self) -> bool {
        self.recovery.is_some()
    }

    /// Whether arrivals can be seen.
    pub(super) const fn sees_arrivals(&self) -> bool {
        self.sees_arrivals
    }

    /// Whether nothing has arrived for too long.
    pub(super) fn is_silent(&self) -> bool {
        let mut raised = self.alarms.raised();
        raised.any(|alarm| alarm.kind() == AlarmKind::Silence)
    }

    /// Whether it has been shown lately that mail gets through.
    pub(super) fn is_proved(&self, now: Timestamp) -> bool {
        self.alarms.is_proved(now) || self.past.last.as_ref().is_some_and(Poke::proves)
    }

    /// Whether no poke goes by itself.
    const fn rests(&self, pace: &Pace) -> bool {
        !pace.is_on || pace.pause.is_some() || self.pause.is_some()
    }

    fn rhythm(&self, pace: &Pace) -> Rhythm {
        self.account.rhythm.rhythm(&pace.zone)
    }

    // ---- Settings ---------------------------------------------------------------------------

    /// Takes the account over as it is set from now on, perhaps under another name.
    pub(super) fn take_account(&mut self, account: Account) {
        let same = self.account.host == account.host
            && self.account.port() == account.port()
            && self.account.method == account.method;
        if !same {
            // Another provider has to be got to know anew.
            self.learned = None;
        }
        if self.account.mail_server != account.mail_server {
            self.sees_arrivals = false;
        }
        self.hosts_failed
            .resize(1 + account.other_hosts.len(), None);
        if let Some(last) = &mut self.past.last {
            last.account.clone_from(&account.name);
        }
        self.account = Arc::new(account);
    }

    /// The clock was set back. A poke is never later than now, else each look at it would put off
    /// the next one by as much as has passed.
    pub(super) fn set_back(&mut self, now: Timestamp) {
        for at in [&mut self.last_start, &mut self.begun] {
            *at = at.map(|at| at.min(now));
        }
    }

    // ---- When it is due ---------------------------------------------------------------------

    /// When it is due by its rhythm and by how its last pokes fared; never before `now`.
    pub(super) fn due(&self, pace: &Pace, now: Timestamp) -> Option<Timestamp> {
        if self.rests(pace) {
            return None;
        }
        let (rhythm, seed, name) = (self.rhythm(pace), pace.seed, self.name());
        let ordinary = next_due(&rhythm, self.last_start, now, seed, name);
        match self.retry(pace).zip(self.begun) {
            None => ordinary,
            Some((retry, started)) => retry.due(&rhythm, ordinary, started, now, seed, name),
        }
    }

    /// When it is to be tried again, where its last poke did not work or was broken off.
    fn retry(&self, pace: &Pace) -> Option<Retry> {
        let (last, started) = self.past.last.as_ref().zip(self.begun)?;
        if last.outcome.is_success() {
            return None;
        }
        Some(after_failure(
            self.past.failures.max(1),
            last.outcome,
            last.reason,
            self.rhythm(pace).interval(started),
            started,
            pace.seed,
            self.name(),
        ))
    }

    /// Why the next poke is then, where that is not simply the rhythm.
    pub(super) fn why_next(
        &self,
        pace: &Pace,
        next: Timestamp,
        second: bool,
    ) -> Option<NextReason> {
        if self.is_held() {
            return Some(NextReason::Held);
        }
        if second {
            return Some(NextReason::Second);
        }
        let Some(started) = self.begun.filter(|_| self.past.last.is_some()) else {
            return Some(NextReason::First);
        };
        match self.retry(pace) {
            Some(Retry::After(_)) => return Some(NextReason::Sooner),
            Some(Retry::NotBefore(_)) => return Some(NextReason::Rarer),
            Some(Retry::OrdinaryRhythm | Retry::MailServer) | None => {}
        }
        let interval = self.rhythm(pace).interval(started);
        // With its jitter it is no further away than twice the interval, unless it has hours.
        let usual = SignedDuration::try_from(interval).ok()? * 2;
        (started.duration_until(next) > usual).then_some(NextReason::Hours)
    }

    /// Whether a second poke may go by itself.
    pub(super) const fn takes_second_poke(&self, pace: &Pace) -> bool {
        !self.rests(pace) && self.poking.is_none()
    }

    /// When it is to be poked a second time after its last poke.
    pub(super) fn second_poke(&self, pace: &Pace, now: Timestamp) -> Option<Timestamp> {
        let last = self.past.last.as_ref().filter(|_| !self.is_demo)?;
        let next = || {
            let rhythm = self.rhythm(pace);
            next_due(&rhythm, self.last_start, now, pace.seed, self.name())
        };
        second_poke(
            last.trigger == Trigger::Second,
            last.outcome,
            last.reason,
            last.started_at,
            next,
            pace.seed,
            self.name(),
        )
    }

    /// What a poke beside the rhythm is set off by, where this is an occasion for one.
    pub(super) fn occasion(
        &self,
        occasion: PokeOccasion,
        pace: &Pace,
        now: Timestamp,
    ) -> Option<Trigger> {
        if self.rests(pace)
            || self.is_poking()
            || !extra_poke(occasion, &self.rhythm(pace), self.begun, now)
        {
            return None;
        }
        Some(match occasion {
            PokeOccasion::NetworkUp => Trigger::NetworkUp,
            PokeOccasion::Woke => Trigger::Woke,
            PokeOccasion::MailServerBack => Trigger::MailServerBack,
            PokeOccasion::SecretKept => Trigger::Schedule,
            PokeOccasion::SecondPoke => Trigger::Second,
            PokeOccasion::User => Trigger::User,
        })
    }

    /// Its password was kept. Gives whether a poke that went without it, or with a wrong one, can
    /// be made good now; the one under way is looked at when it ends.
    pub(super) fn secret_kept(&mut self) -> bool {
        self.secret_is_new = self.is_poking();
        let last = self.past.last.as_ref();
        !self.secret_is_new && last.is_none_or(|last| wants_secret(last.reason))
    }

    // ---- A poke's life ----------------------------------------------------------------------

    /// A poke is wanted. Gives whether it has to wait for its turn: where one is under way, that
    /// one does.
    pub(super) fn want(&mut self, trigger: Trigger) -> bool {
        if self.is_poking() {
            return false;
        }
        // Who asks by hand is told of it as such, whatever else was waiting.
        if self.wanted.is_none() || trigger == Trigger::User {
            self.wanted = Some(trigger);
        }
        true
    }

    /// Nobody wants the poke any more that waits for its turn, except a person who asked for it.
    /// Gives whether one did wait.
    pub(super) fn give_up(&mut self) -> bool {
        let waits = self.wanted.is_some_and(|wanted| wanted != Trigger::User);
        if waits {
            self.wanted = None;
        }
        waits
    }

    /// Answers with the poke under way, or the next one, when it is told.
    pub(super) fn wait_for_poke(&mut self, reply: oneshot::Sender<Poke>) {
        self.waiting.push(reply);
    }

    /// The hosts in the order in which they are tried.
    fn host_order(&self, now: Timestamp) -> Vec<usize> {
        host_order(&self.hosts_failed, now)
    }

    /// The host that a poke would try first.
    pub(super) fn first_host(&self, now: Timestamp) -> Host {
        let first = self.host_order(now).first().copied();
        at_host(&self.account, first.unwrap_or_default())
            .host
            .clone()
    }

    /// Its turn has come.
    pub(super) fn begin(&mut self, now: Timestamp) -> PokeStart {
        let trigger = self.wanted.take().unwrap_or(Trigger::Schedule);
        self.poking = Some(trigger);
        self.end_recovery();
        self.has_begun(trigger, now);
        PokeStart {
            key: self.key,
            account: self.account.clone(),
            trigger,
            order: self.host_order(now),
            learned: self.learned.clone(),
        }
    }

    /// A poke has begun then. A second one is none of the rhythm.
    fn has_begun(&mut self, trigger: Trigger, at: Timestamp) {
        self.begun = Some(at);
        if trigger != Trigger::Second {
            self.last_start = Some(at);
        }
    }

    /// The poke under way has ended.
    pub(super) fn end(
        &mut self,
        poked: Poked,
        monitoring: Option<ArrivalMonitoring>,
        pace: &Pace,
        now: Timestamp,
    ) -> PokeEnd {
        self.poking = None;
        // As the history keeps it: what is planned by it is the same after a restart.
        self.has_begun(poked.poke.trigger, poked.poke.started_at.min(now));
        let watched = monitoring == Some(ArrivalMonitoring::Watching);
        self.sees_arrivals = watched || self.account.method.turns();
        for (host, failed) in self.hosts_failed.iter_mut().enumerate() {
            if poked.failed.contains(&host) {
                *failed = Some(now);
            } else if poked.host == host {
                *failed = None;
            }
        }
        // What was learnt stays until something else is; a failure says nothing on it.
        let has_learned = poked.learned.is_some() && poked.learned != self.learned;
        if has_learned {
            self.learned.clone_from(&poked.learned);
        }
        let alarms = self.compare(&poked, watched, pace, now);
        let arrivals = watched.then(|| {
            let resolved = poked.resolved.iter().copied();
            let addresses = resolved.chain(poked.address.map(|address| address.ip()));
            ArrivalWatch {
                from: addresses.collect(),
                port: self.account.mail_server().port,
                until: now + self.account.watch,
                worked: poked.poke.outcome.is_success(),
            }
        });
        let mut poke = poked.poke;
        // It may have been renamed meanwhile.
        poke.account.clone_from(&self.account.name);
        poke.monitoring = monitoring;
        let worked = poke.outcome.is_success();
        let first_success = worked && self.past.last_success_at.is_none();
        self.past.failures = poke.failures(self.past.failures);
        if worked {
            self.past.last_success_at = Some(poke.started_at);
        }
        let delivered = ArrivedAmount::delivered(&poke);
        self.past.arrive(pace.today(now), delivered);
        let dialogue = std::mem::take(&mut poke.dialogue);
        self.past.last = Some(poke.clone());
        poke.dialogue = dialogue;
        PokeEnd {
            has_learned,
            alarms,
            second_at: self.second_poke(pace, now),
            lingering: poked.lingering,
            ended: EndedPoke {
                key: self.key,
                is_demo: self.is_demo,
                poke,
                first_success,
                failures: self.past.failures,
                waiting: std::mem::take(&mut self.waiting),
                arrivals,
                listens: None,
            },
        }
    }

    /// Whether the poke that has just ended is to be made good with a password that came meanwhile.
    pub(super) fn wants_new_secret(&mut self) -> bool {
        let last = self.past.last.as_ref();
        std::mem::take(&mut self.secret_is_new) && last.is_some_and(|it| wants_secret(it.reason))
    }

    /// A poke was written down; it has its id now.
    pub(super) fn written(&mut self, poke: &Poke) {
        let last = self.past.last.as_mut();
        // The next one may have ended meanwhile.
        if let Some(last) = last.filter(|it| it.id == 0 && it.started_at == poke.started_at) {
            last.id = poke.id;
        }
    }

    /// More has become known of a poke. Gives whether it is the last one.
    pub(super) fn completed(&mut self, poke: &Poke) -> bool {
        let last = self.past.last.as_mut().filter(|last| last.id == poke.id);
        last.map(|last| last.clone_from(poke)).is_some()
    }

    // ---- Its healthy life -------------------------------------------------------------------

    /// Compares a poke with the account's healthy life. `watched`: whether mail may be seen to arrive
    /// by it.
    fn compare(
        &mut self,
        poked: &Poked,
        watched: bool,
        pace: &Pace,
        now: Timestamp,
    ) -> Vec<AlarmChange> {
        if self.is_demo {
            return Vec::new();
        }
        let observed = self.observe(poked, watched);
        let mut changes = if poked.poke.reason.is_interruption() {
            self.alarms.broken_off(&observed)
        } else {
            self.alarms.poked(now, &observed)
        };
        if poked.poke.may_have_delivered() {
            changes.extend(self.alarms.arrived(now, now));
        }
        if poked.poke.has_delivered() {
            changes.extend(self.alarms.proved(now, now));
        }
        changes.extend(self.notice_silence(pace, now));
        changes
    }

    fn observe(&self, poked: &Poked, watched: bool) -> Observed {
        let (account, poke) = (&self.account, &poked.poke);
        let certificate = poke.certificate.as_ref().and_then(|certificate| {
            let until = Timestamp::from_second(certificate.expires_at).ok()?;
            Some(Validity { from: None, until })
        });
        let mut observed = Observed::of(
            poke,
            account.host.as_str(),
            account.port(),
            account.method,
            poked.resolved.clone(),
            certificate,
        );
        if poked.host > 0 {
            observed = observed.at_another_host();
        }
        if account.method.turns() {
            // It lasts as long as there is mail.
            observed.duration = None;
        }
        if watched {
            observed = observed.watched();
        }
        observed
    }

    /// Notices where nothing has arrived for too long.
    pub(super) fn notice_silence(&mut self, pace: &Pace, now: Timestamp) -> Vec<AlarmChange> {
        let rule = self.silence_rule(pace);
        let silence = rule.as_ref().map(SilenceRule::silence);
        self.alarms.tick(now, silence.as_ref())
    }

    /// When [`AccountState::notice_silence`] will raise an alarm, if nothing happens before.
    pub(super) fn silence_due(&self, pace: &Pace) -> Option<Timestamp> {
        let rule = self.silence_rule(pace)?;
        self.alarms.silence_due(&rule.silence())
    }

    /// How long nothing may arrive, where the user wants to hear of it and it can be known.
    fn silence_rule(&self, pace: &Pace) -> Option<SilenceRule> {
        let after = self.account.silence_alarm?;
        (self.sees_arrivals && !self.rests(pace)).then(|| SilenceRule {
            after: after.duration(),
            days: self.account.rhythm.days(),
            zone: self.rhythm(pace).zone,
        })
    }

    // ---- Held pokes -------------------------------------------------------------------------

    /// Its pokes are held; this looks whether the mail server is back.
    pub(super) fn begin_recovery(&mut self, looks: AbortHandle) {
        self.end_recovery();
        self.recovery = Some(looks);
    }

    pub(super) fn end_recovery(&mut self) {
        if let Some(recovery) = self.recovery.take() {
            recovery.abort();
        }
    }
}

impl Drop for AccountState {
    fn drop(&mut self) {
        self.end_recovery();
    }
}

/// What a [`Silence`] refers to.
struct SilenceRule {
    after: std::time::Duration,
    days: Vec<Weekday>,
    zone: TimeZone,
}

impl SilenceRule {
    fn silence(&self) -> Silence<'_> {
        Silence {
            after: self.after,
            days: &self.days,
            zone: &self.zone,
        }
    }
}

/// Whether a poke may go better with another password.
const fn wants_secret(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::SecretMissing | Reason::LoginRequired | Reason::LoginRefused
    )
}
