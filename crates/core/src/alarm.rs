//! Alarms: what is no longer as it was with an account that used to be well. Pure.
//!
//! A poke that fails is no alarm but trouble, which [`crate::notice`] tells of. Alarms are for what
//! goes unnoticed while the pokes still work, or will soon make them fail: nothing arrives, an
//! address has changed that stands in somebody's firewall, the certificate runs out, the provider
//! answers in another way, it has become slow.
//!
//! [`Alarms`] learns what is healthy for each account by itself and is kept with its history. It is
//! told of each poke, each arrival and the time, and answers with what was raised or is over, each
//! once. It would rather learn a little longer than raise a false alarm.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    net::IpAddr,
    time::Duration,
};

use dequeue_smtp::{Certificate, Method, Reason, Speaker};
use jiff::{SignedDuration, Timestamp, civil::Weekday, tz::TimeZone};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    amounts::{exact_duration, roughly},
    record::Poke,
    text::{self, Text},
};

/// What has not been met for this long is new when it comes back.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(30 * 24);
/// The learning ends after this many meetings in a row without anything new, for each thing known.
const LESSONS: usize = 20;
/// How often in a row a provider's new manner of answering has to be met before it is believed.
const CONFIRMED: u32 = 3;
/// The most that is remembered of any one kind.
const REMEMBERED: usize = 64;
/// How long before a certificate ends its owner is told.
const EXPIRES_SOON: SignedDuration = SignedDuration::from_hours(14 * 24);
/// How long before it ends they are told again.
const EXPIRES_NOW: SignedDuration = SignedDuration::from_hours(3 * 24);
/// How many pokes the usual time is the median of.
const DURATIONS: usize = 50;
/// With fewer than this there is no usual time yet.
const DURATIONS_LEAST: usize = 20;
/// A poke is slow from this many times the usual time on.
const SLOW_TIMES: u32 = 10;
/// It is slow no longer below this many times: well under the other, so that it does not flap.
const SLOW_OVER_TIMES: u32 = 3;
/// Nobody is bothered for less, however much more than usual it is.
const SLOW_LEAST_MS: u32 = 5000;
/// For how long a sign that mail gets through holds good: over the longest weekend and a quiet one
/// besides.
const PROOF_LASTS: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Whoever was proved for this long will want to know when it ends.
const PROVED_LONG: SignedDuration = SignedDuration::from_hours(14 * 24);
/// The time that mail has to come in which was held until the first poke that works after a start, a
/// wake or a failure.
const GRACE: SignedDuration = SignedDuration::from_hours(1);

/// Something is no longer as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Alarm {
    /// The pokes work, but nothing has arrived for the time that the user set.
    Silence {
        /// When something arrived last, or when watching began.
        since: Timestamp,
        /// When it was noticed.
        now: Timestamp,
    },
    /// The provider sees us come from an address that it has not seen lately.
    SeenAddress {
        /// The address seen before.
        before: IpAddr,
        /// The new one.
        now: IpAddr,
    },
    /// The provider's name has addresses that it did not have lately.
    ProviderAddresses {
        /// What was known.
        known: BTreeSet<IpAddr>,
        /// What is new.
        new: BTreeSet<IpAddr>,
    },
    /// The provider's certificate runs out soon.
    Certificate {
        /// When it does.
        expires: Timestamp,
        /// Whole days until then; 0 where it has.
        days: u32,
    },
    /// The provider's answer is of another kind, though the pokes work.
    Answer {
        /// How it answered before.
        before: Answer,
        /// How it answers now.
        now: Answer,
    },
    /// The pokes work, but for some time nothing has shown that mail gets through, as it used to.
    Unproved {
        /// When it was shown last.
        since: Timestamp,
        /// When that was noticed to be too long ago.
        now: Timestamp,
    },
    /// A poke took far longer than usual.
    Slow {
        /// The usual time, in milliseconds.
        usual_ms: u32,
        /// The time it took, in milliseconds.
        now_ms: u32,
    },
}

/// The kinds of alarms.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmKind {
    /// [`Alarm::Silence`].
    Silence,
    /// [`Alarm::SeenAddress`].
    SeenAddress,
    /// [`Alarm::ProviderAddresses`].
    ProviderAddresses,
    /// [`Alarm::Certificate`].
    Certificate,
    /// [`Alarm::Answer`].
    Answer,
    /// [`Alarm::Unproved`].
    Unproved,
    /// [`Alarm::Slow`].
    Slow,
}

impl AlarmKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Silence,
        Self::SeenAddress,
        Self::ProviderAddresses,
        Self::Certificate,
        Self::Answer,
        Self::Unproved,
        Self::Slow,
    ];

    /// Whether it goes on until it is over. The others are changes: what is new is usual from then.
    #[must_use]
    pub const fn lasts(self) -> bool {
        match self {
            Self::Silence | Self::Certificate | Self::Unproved | Self::Slow => true,
            Self::SeenAddress | Self::ProviderAddresses | Self::Answer => false,
        }
    }

    /// The heading for several accounts at once.
    #[must_use]
    pub fn title_of_several(self, text: &Text, count: usize) -> String {
        let key = format!("alarm-{}-several", text::name(&self));
        text.format(&key, &[("count", count.into())])
    }

    /// Heading and sentences for when it is over, of an alarm that [lasts](Self::lasts).
    #[must_use]
    pub fn words_when_over(self, text: &Text, account: &str) -> (String, String) {
        let key = format!("alarm-{}-over", text::name(&self));
        let title = text.format(&format!("{key}-title"), &[("account", account.into())]);
        (title, text.get(&key))
    }
}

impl Alarm {
    /// Its kind.
    #[must_use]
    pub const fn kind(&self) -> AlarmKind {
        match self {
            Self::Silence { .. } => AlarmKind::Silence,
            Self::SeenAddress { .. } => AlarmKind::SeenAddress,
            Self::ProviderAddresses { .. } => AlarmKind::ProviderAddresses,
            Self::Certificate { .. } => AlarmKind::Certificate,
            Self::Answer { .. } => AlarmKind::Answer,
            Self::Unproved { .. } => AlarmKind::Unproved,
            Self::Slow { .. } => AlarmKind::Slow,
        }
    }

    /// A heading with the account's name, and sentences on what happened and what to do.
    #[must_use]
    pub fn words(&self, text: &Text, account: &str) -> (String, String) {
        let (before, now, days) = match self {
            Self::Silence { since, now } | Self::Unproved { since, now } => {
                (String::new(), roughly(since.duration_until(*now)), 0)
            }
            Self::SeenAddress { before, now } => (before.to_string(), now.to_string(), 0),
            Self::ProviderAddresses { known, new } => (listed(known), listed(new), 0),
            Self::Certificate { days, .. } => (String::new(), String::new(), *days),
            Self::Answer { before, now } => (before.words(text), now.words(text), 0),
            Self::Slow { usual_ms, now_ms } => (
                exact_duration(*usual_ms, text),
                exact_duration(*now_ms, text),
                0,
            ),
        };
        let values = [
            ("account", account.into()),
            ("before", before.into()),
            ("now", now.into()),
            ("days", days.into()),
        ];
        let key = format!("alarm-{}", text::name(&self.kind()));
        let title = text.format(&format!("{key}-title"), &values);
        (title, text.format(&key, &values))
    }
}

/// What changed among the alarms of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmChange {
    /// This was raised.
    Raised(Alarm),
    /// This is over.
    Over(AlarmKind),
}

/// The manner of a provider's answer to a poke that worked. That mail waits or does not is none.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Answer {
    /// The method that was used.
    pub method: String,
    /// What kind of yes it was.
    pub yes: Yes,
    /// The server's software, where its greeting names one that is known. Without its version,
    /// which changes with every update.
    pub software: Option<String>,
}

/// The kinds of yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Yes {
    /// It answers for the queue: started, running, nothing waiting.
    Queue,
    /// The visit is the signal.
    Visit,
    /// A refusal that the settings call normal.
    NormalHere,
    /// Any other.
    Other,
}

impl Answer {
    /// The answer of a poke, `None` where it did not work. The greeting is its dialogue's first
    /// line.
    #[must_use]
    pub fn of(poke: &Poke) -> Option<Self> {
        let yes = match poke.reason {
            _ if !poke.outcome.is_success() => return None,
            Reason::QueuingStarted
            | Reason::PendingStarted
            | Reason::AlreadyRunning
            | Reason::NoMessages => Yes::Queue,
            Reason::QuitSignals => Yes::Visit,
            Reason::NormalHere => Yes::NormalHere,
            // No other reason goes with success.
            _ => Yes::Other,
        };
        let greeting = poke
            .dialogue
            .iter()
            .find(|line| line.from == Speaker::Provider);
        Some(Self {
            method: method_name(poke.method),
            yes,
            software: greeting.and_then(|line| software(&line.line)),
        })
    }

    fn words(&self, text: &Text) -> String {
        let yes = text.get(&format!("answer-{}", text::name(&self.yes)));
        let software = self.software.as_deref();
        let parts = [Some(self.method.as_str()), Some(&yes), software];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }
}

/// How long a certificate is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validity {
    /// From when, where that is known.
    pub from: Option<Timestamp>,
    /// Until when.
    pub until: Timestamp,
}

impl Validity {
    /// That of a certificate; `None` for times that nobody lives to see.
    #[must_use]
    pub fn of(certificate: &Certificate) -> Option<Self> {
        Some(Self {
            from: Timestamp::from_second(certificate.valid_from).ok(),
            until: Timestamp::from_second(certificate.expires_at).ok()?,
        })
    }

    /// How much of it is left; below zero where it has ended.
    #[must_use]
    pub fn left(self, now: Timestamp) -> SignedDuration {
        now.duration_until(self.until)
    }

    /// Whether the end is so near that somebody should know. Some providers use certificates of a
    /// few days and renew them a day before the end, so that is a share of the whole life, but no
    /// more than the usual two weeks. Where its beginning is not known, its life is long.
    #[must_use]
    pub fn ends_soon(self, now: Timestamp) -> bool {
        self.left(now) <= self.share(EXPIRES_SOON, 5)
    }

    /// Whether the end is so near that it is told again: the last three days, or less of a short
    /// life.
    fn ends_now(self, now: Timestamp) -> bool {
        self.left(now) <= self.share(EXPIRES_NOW, 15)
    }

    fn share(self, most: SignedDuration, of_life: i32) -> SignedDuration {
        self.from.map_or(most, |from| {
            most.min(from.duration_until(self.until) / of_life)
        })
    }
}

/// What a poke showed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Observed {
    /// Host, port and method as they are set. When they change, learning begins again.
    pub provider: String,
    /// Whether the poke worked.
    pub worked: bool,
    /// Whether it shows that mail gets through ([`Poke::proves`]).
    pub proves: bool,
    /// Whether mail that arrives by it is watched for. Then it is known at the end of that whether it
    /// shows nothing ([`Alarms::watch_ended`]).
    pub is_watched: bool,
    /// How long it took; `None` where that says nothing, as when mail came over the same line.
    pub duration: Option<Duration>,
    /// The address that the provider saw us come from.
    pub seen_address: Option<IpAddr>,
    /// All addresses that the provider's name had.
    pub resolved: BTreeSet<IpAddr>,
    /// The provider's certificate, where there was TLS.
    pub certificate: Option<Validity>,
    /// The manner of its answer.
    pub answer: Option<Answer>,
}

impl Observed {
    /// What `poke`, with its dialogue, showed of an account with this host, port and method.
    #[must_use]
    pub fn of(
        poke: &Poke,
        host: &str,
        port: u16,
        method: Method,
        resolved: BTreeSet<IpAddr>,
        certificate: Option<Validity>,
    ) -> Self {
        Self {
            provider: format!("{host}:{port} {}", method_name(method)),
            worked: poke.outcome.is_success(),
            proves: poke.proves(),
            is_watched: false,
            duration: Some(Duration::from_millis(poke.duration_ms.into())),
            seen_address: poke.seen_address,
            resolved,
            certificate,
            answer: Answer::of(poke),
        }
    }

    /// The same, of a poke by which mail may still be seen to arrive.
    #[must_use]
    pub fn watched(self) -> Self {
        Self {
            is_watched: true,
            ..self
        }
    }

    /// The same, of a poke of another host than the account's own: what that is like says nothing
    /// of the one that is known.
    #[must_use]
    pub fn at_another_host(self) -> Self {
        Self {
            duration: None,
            resolved: BTreeSet::new(),
            certificate: None,
            answer: None,
            ..self
        }
    }
}

/// When silence is too long.
#[derive(Clone, Copy, Debug)]
pub struct Silence<'a> {
    /// How long nothing may arrive.
    pub after: Duration,
    /// The days that count; all where there is none.
    pub days: &'a [Weekday],
    /// Where a day begins and ends.
    pub zone: &'a TimeZone,
}

impl Silence<'_> {
    /// When silence that began at `since` is too long. `None` beyond what a clock can say.
    #[must_use]
    pub fn due(&self, since: Timestamp) -> Option<Timestamp> {
        let mut rest = SignedDuration::try_from(self.after).ok()?;
        if self.days.is_empty() {
            return since.checked_add(rest).ok();
        }
        let mut at = since.to_zoned_datetime(self.zone.clone());
        loop {
            let midnight = at.tomorrow().ok()?.start_of_day().ok()?;
            if self.days.contains(&at.weekday()) {
                let left = at.timestamp().duration_until(midnight.timestamp());
                if rest <= left {
                    return at.timestamp().checked_add(rest).ok();
                }
                rest -= left;
            }
            at = midnight;
        }
    }
}

/// What is known of one account's healthy life, and which alarms are raised. Kept as JSON.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Alarms {
    provider: String,
    /// Of those that last.
    raised: BTreeMap<AlarmKind, Alarm>,
    /// When something arrived last, or when watching began.
    quiet_since: Option<Timestamp>,
    /// When something arrived last.
    arrived_at: Option<Timestamp>,
    grace_until: Option<Timestamp>,
    /// No poke has worked since the last that failed, the start or the wake: that nothing has arrived
    /// says nothing yet.
    #[serde(alias = "failing")]
    unasked: bool,
    seen_v4: Lately<IpAddr>,
    seen_v6: Lately<IpAddr>,
    resolved_v4: Lately<IpAddr>,
    resolved_v6: Lately<IpAddr>,
    answers: Lately<Answer>,
    /// A new answer, and how often in a row it was met.
    doubted: Option<(Answer, u32)>,
    certificates: Vec<Shown>,
    durations: VecDeque<u32>,
    /// When it was shown last that mail gets through.
    proof: Option<Proof>,
}

/// The signs that mail gets through, none of them older than [`PROOF_LASTS`] when the next came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Proof {
    first: Timestamp,
    last: Timestamp,
}

impl Alarms {
    /// The alarms that are raised and last.
    pub fn raised(&self) -> impl Iterator<Item = &Alarm> {
        self.raised.values()
    }

    /// When something arrived last, as far as it was seen.
    #[must_use]
    pub const fn arrived_at(&self) -> Option<Timestamp> {
        self.arrived_at
    }

    /// Whether it has been shown, not too long ago, that mail gets through from this provider.
    #[must_use]
    pub fn is_proved(&self, now: Timestamp) -> bool {
        self.proof.is_some_and(|proof| proof.holds(now))
    }

    /// It was shown at `at` that mail gets through.
    fn prove(&mut self, at: Timestamp, changes: &mut Vec<AlarmChange>) {
        let before = self.proof.filter(|proof| proof.holds(at));
        self.proof = Some(Proof {
            first: before.map_or(at, |proof| proof.first),
            last: before.map_or(at, |proof| proof.last.max(at)),
        });
        self.over(AlarmKind::Unproved, changes);
    }

    /// A poke worked and, by all that is to be known of it, shows nothing.
    fn miss_proof(&mut self, now: Timestamp, changes: &mut Vec<AlarmChange>) {
        let Some(proof) = self.proof.filter(|proof| !proof.holds(now)) else {
            return;
        };
        // Once: from here on there is no proof that could be missed.
        self.proof = None;
        let was_long = proof.first.duration_until(proof.last) >= PROVED_LONG;
        if was_long && !self.raised.contains_key(&AlarmKind::Silence) {
            let since = proof.last;
            self.raise(Alarm::Unproved { since, now }, changes);
        }
    }

    /// The engine has started or the machine has woken: mail that was held meanwhile is asked for and
    /// given some time before silence is too long.
    pub fn began(&mut self, now: Timestamp) {
        self.unasked = true;
        self.grace_until = now.checked_add(GRACE).ok();
    }

    /// The machine slept, or its clock was put forward, within the last `time`: that was no silence.
    pub fn slept(&mut self, now: Timestamp, time: SignedDuration) {
        let later = |since: Timestamp| since.checked_add(time).unwrap_or(now).min(now);
        self.quiet_since = self.quiet_since.map(later);
        self.began(now);
    }

    /// A pause has ended: silence counts from now.
    pub fn resumed(&mut self, now: Timestamp) {
        self.quiet_since = Some(now);
    }

    /// Something arrived at `at`, of which is heard now. It counts once, however often it is heard
    /// of, as where the watches of several pokes overlap.
    pub fn arrived(&mut self, at: Timestamp, now: Timestamp) -> Vec<AlarmChange> {
        let at = at.min(now);
        // What is later than now is from before the clock was set back.
        let is_news = |known: Option<Timestamp>| known.is_none_or(|it| it < at || now < it);
        if is_news(self.arrived_at) {
            self.arrived_at = Some(at);
        }
        let mut changes = Vec::new();
        if is_news(self.quiet_since) {
            self.quiet_since = Some(at);
            self.over(AlarmKind::Silence, &mut changes);
        }
        changes
    }

    /// It was seen at `at`, of which is heard now, that mail gets through. That a provider seemed to
    /// be busy is no such thing.
    pub fn proved(&mut self, at: Timestamp, now: Timestamp) -> Vec<AlarmChange> {
        let mut changes = Vec::new();
        self.prove(at.min(now), &mut changes);
        changes
    }

    /// What arrives by a poke that worked has been watched for to the end.
    pub fn watch_ended(&mut self, now: Timestamp) -> Vec<AlarmChange> {
        let mut changes = Vec::new();
        self.miss_proof(now, &mut changes);
        changes
    }

    /// The engine has started, and the history has `last` as the last poke. All this is written down less
    /// often than pokes are: after a kill it may not know of that one.
    pub fn catch_up(&mut self, last: &Poke, now: Timestamp) -> Vec<AlarmChange> {
        let ended = u64::from(last.duration_ms);
        let seen = last.arrivals.filter(|it| it.provider.connections > 0);
        let seen = seen.map(|it| it.provider.first_after_ms.unwrap_or(ended));
        let busy = last.busy_ms.filter(|_| last.was_busy());
        let busy = busy.map(|busy| ended + u64::from(busy));
        let delivered = Some(ended).filter(|_| last.may_have_delivered());
        let proved = Some(ended).filter(|_| last.proves() || last.has_delivered());
        let at = |after: u64| {
            let at = last.started_at + SignedDuration::from_millis(after.cast_signed());
            // One later than now is from before the clock was set back.
            Some(at).filter(|at| *at <= now)
        };
        let mut changes = Vec::new();
        for at in [seen, busy, delivered].into_iter().flatten().filter_map(at) {
            changes.extend(self.arrived(at, now));
        }
        for at in [seen, proved].into_iter().flatten().filter_map(at) {
            changes.extend(self.proved(at, now));
        }
        changes
    }

    /// A poke was broken off since the engine ends: it says nothing of the provider.
    pub fn broken_off(&mut self, observed: &Observed) -> Vec<AlarmChange> {
        let mut changes = Vec::new();
        self.meet_provider(observed, &mut changes);
        changes
    }

    /// Learning begins again at another provider.
    fn meet_provider(&mut self, observed: &Observed, changes: &mut Vec<AlarmChange>) {
        if self.provider == observed.provider {
            return;
        }
        for kind in [AlarmKind::Certificate, AlarmKind::Unproved, AlarmKind::Slow] {
            self.over(kind, changes);
        }
        // Arrivals have nothing to do with who is asked.
        *self = Self {
            provider: observed.provider.clone(),
            raised: std::mem::take(&mut self.raised),
            quiet_since: self.quiet_since,
            arrived_at: self.arrived_at,
            grace_until: self.grace_until,
            unasked: self.unasked,
            ..Self::default()
        };
    }

    /// A poke has ended.
    pub fn poked(&mut self, now: Timestamp, observed: &Observed) -> Vec<AlarmChange> {
        let mut changes = Vec::new();
        self.meet_provider(observed, &mut changes);
        if observed.worked && self.unasked {
            self.began(now);
        }
        self.unasked = !observed.worked;
        if observed.proves {
            self.prove(now, &mut changes);
        } else if observed.worked && !observed.is_watched {
            self.miss_proof(now, &mut changes);
        }
        self.see(now, observed.seen_address, &mut changes);
        self.resolve(now, &observed.resolved, &mut changes);
        if let Some(validity) = observed.certificate {
            self.certificate(now, validity, &mut changes);
        }
        if let Some(answer) = &observed.answer {
            self.answer(now, answer, &mut changes);
        }
        if let Some(duration) = observed.duration.filter(|_| observed.worked) {
            let ms = u32::try_from(duration.as_millis()).unwrap_or(u32::MAX);
            self.time(ms, &mut changes);
        }
        changes
    }

    /// Time has passed. `silence` is what the user set, `None` where nothing or where arrivals
    /// cannot be seen.
    pub fn tick(&mut self, now: Timestamp, silence: Option<&Silence<'_>>) -> Vec<AlarmChange> {
        let mut changes = Vec::new();
        let Some(silence) = silence else {
            self.over(AlarmKind::Silence, &mut changes);
            self.quiet_since = None;
            return changes;
        };
        // A clock that was set back must not put it off.
        let since = self.quiet_since.unwrap_or(now).min(now);
        self.quiet_since = Some(since);
        if let Some(grace) = self.grace_until
            && now.duration_until(grace) > GRACE
        {
            self.began(now);
        }
        if self.silence_due(silence).is_some_and(|due| due <= now) {
            self.raise(Alarm::Silence { since, now }, &mut changes);
        }
        changes
    }

    /// When [`Alarms::tick`] will raise something, if nothing happens before.
    #[must_use]
    pub fn silence_due(&self, silence: &Silence<'_>) -> Option<Timestamp> {
        // While pokes fail that is the trouble, and it is told as such.
        if self.unasked || self.raised.contains_key(&AlarmKind::Silence) {
            return None;
        }
        silence.due(self.quiet_since?).max(self.grace_until)
    }

    fn raise(&mut self, alarm: Alarm, changes: &mut Vec<AlarmChange>) {
        if alarm.kind().lasts() {
            self.raised.insert(alarm.kind(), alarm.clone());
        }
        changes.push(AlarmChange::Raised(alarm));
    }

    fn over(&mut self, kind: AlarmKind, changes: &mut Vec<AlarmChange>) {
        changes.extend(self.raised.remove(&kind).map(|_| AlarmChange::Over(kind)));
    }

    /// A line with two ways out, or with both versions of IP, is seen to come from several
    /// addresses by turns; each is new only once.
    fn see(&mut self, now: Timestamp, seen: Option<IpAddr>, changes: &mut Vec<AlarmChange>) {
        let Some(seen) = seen else { return };
        let known = match seen {
            IpAddr::V4(_) => &mut self.seen_v4,
            IpAddr::V6(_) => &mut self.seen_v6,
        };
        let before = known.latest().copied();
        let new = !known.meet(now, [seen]).is_empty();
        if let Some(before) = before.filter(|_| new) {
            self.raise(Alarm::SeenAddress { before, now: seen }, changes);
        }
    }

    /// A name may give other addresses of a pool each time, so the pool is learnt first. The two
    /// versions of IP are apart, since a resolver asks for IPv6 only where this machine has it.
    fn resolve(
        &mut self,
        now: Timestamp,
        resolved: &BTreeSet<IpAddr>,
        changes: &mut Vec<AlarmChange>,
    ) {
        let (v4, v6): (BTreeSet<IpAddr>, BTreeSet<IpAddr>) =
            resolved.iter().partition(|address| address.is_ipv4());
        let mut known = BTreeSet::new();
        let mut new = BTreeSet::new();
        for (pool, met) in [(&mut self.resolved_v4, v4), (&mut self.resolved_v6, v6)] {
            let learning = pool.is_learning(met.len());
            known.extend(pool.known.iter().map(|(address, _)| *address));
            let unknown = pool.meet(now, met);
            if !learning {
                new.extend(unknown);
            }
        }
        if !new.is_empty() {
            self.raise(Alarm::ProviderAddresses { known, new }, changes);
        }
    }

    /// Where the certificate's beginning is not known, what was seen of it counts.
    fn certificate(&mut self, now: Timestamp, validity: Validity, changes: &mut Vec<AlarmChange>) {
        let until = validity.until;
        let at = match self.certificates.iter().position(|c| c.until == until) {
            Some(at) => at,
            None => {
                if self.certificates.len() >= REMEMBERED {
                    self.certificates.remove(0);
                }
                self.certificates.push(Shown {
                    until,
                    since: now,
                    told: Told::Nothing,
                });
                self.certificates.len() - 1
            }
        };
        let shown = &mut self.certificates[at];
        let seen = Validity {
            from: validity.from.or(Some(shown.since)),
            until,
        };
        let tell = if seen.ends_now(now) {
            Told::Last
        } else if seen.ends_soon(now) {
            Told::Soon
        } else {
            self.over(AlarmKind::Certificate, changes);
            return;
        };
        if tell > shown.told {
            shown.told = tell;
            let days = u32::try_from(seen.left(now).as_hours() / 24).unwrap_or(0);
            let expires = until;
            self.raise(Alarm::Certificate { expires, days }, changes);
        }
    }

    /// A pool of servers may answer by turns in several manners, so they are learnt first.
    fn answer(&mut self, now: Timestamp, answer: &Answer, changes: &mut Vec<AlarmChange>) {
        let before = self.answers.latest().cloned();
        if self.answers.is_learning(1) || self.answers.knows(answer) {
            self.doubted = None;
            self.answers.meet(now, [answer.clone()]);
            return;
        }
        let met = match self.doubted.take() {
            Some((doubted, met)) if doubted == *answer => met + 1,
            Some(_) | None => 1,
        };
        if met < CONFIRMED {
            self.doubted = Some((answer.clone(), met));
            return;
        }
        self.answers.meet(now, [answer.clone()]);
        if let Some(before) = before {
            let now = answer.clone();
            self.raise(Alarm::Answer { before, now }, changes);
        }
    }

    fn time(&mut self, ms: u32, changes: &mut Vec<AlarmChange>) {
        if self.durations.len() >= DURATIONS_LEAST {
            let mut sorted: Vec<u32> = self.durations.iter().copied().collect();
            sorted.sort_unstable();
            let usual = sorted[sorted.len() / 2];
            let times = |times| usual.saturating_mul(times).max(SLOW_LEAST_MS);
            let raised = self.raised.contains_key(&AlarmKind::Slow);
            if !raised && ms > times(SLOW_TIMES) {
                let (usual_ms, now_ms) = (usual, ms);
                self.raise(Alarm::Slow { usual_ms, now_ms }, changes);
            } else if ms <= times(SLOW_OVER_TIMES) {
                self.over(AlarmKind::Slow, changes);
            }
        }
        if self.durations.len() >= DURATIONS {
            self.durations.pop_front();
        }
        self.durations.push_back(ms);
    }
}

impl Proof {
    /// Whether it still holds. One from before the clock was set back does.
    fn holds(self, now: Timestamp) -> bool {
        self.last.duration_until(now) <= PROOF_LASTS
    }
}

/// A certificate that was shown.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Shown {
    until: Timestamp,
    /// When it was shown first.
    since: Timestamp,
    told: Told,
}

/// What was told of a certificate's end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Told {
    Nothing,
    Soon,
    Last,
}

/// What was met lately, and when last.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Lately<T> {
    known: Vec<(T, Timestamp)>,
    /// Meetings in a row without anything new.
    calm: usize,
}

impl<T> Default for Lately<T> {
    fn default() -> Self {
        Self {
            known: Vec::new(),
            calm: 0,
        }
    }
}

impl<T: Ord + Clone> Lately<T> {
    fn latest(&self) -> Option<&T> {
        let latest = self.known.iter().max_by_key(|(_, at)| *at);
        latest.map(|(known, _)| known)
    }

    fn knows(&self, one: &T) -> bool {
        self.known.iter().any(|(known, _)| known == one)
    }

    /// Whether there may be more that has not been met yet, where `at_once` are met together. The
    /// longer the list, the longer it takes until all of it has been met by chance.
    fn is_learning(&self, at_once: usize) -> bool {
        self.known.is_empty() || self.calm.saturating_mul(at_once) < LESSONS * self.known.len()
    }

    /// Meets these, and gives those that are new.
    fn meet(&mut self, now: Timestamp, met: impl IntoIterator<Item = T>) -> BTreeSet<T> {
        let mut new = BTreeSet::new();
        let mut any = false;
        for one in met {
            any = true;
            match self.known.iter_mut().find(|(known, _)| *known == one) {
                Some((_, at)) => *at = now,
                None => {
                    self.known.push((one.clone(), now));
                    new.insert(one);
                }
            }
        }
        if !any {
            return new;
        }
        let count = self.known.len();
        self.known
            .retain(|(_, at)| at.duration_until(now) <= FORGOTTEN_AFTER);
        while self.known.len() > REMEMBERED {
            let oldest = (0..self.known.len()).min_by_key(|i| self.known[*i].1);
            self.known.remove(oldest.unwrap_or_default());
        }
        let forgot = self.known.len() < count;
        self.calm = if forgot || !new.is_empty() {
            0
        } else {
            self.calm + 1
        };
        new
    }
}

/// The server's software as its greeting names it.
fn software(greeting: &str) -> Option<String> {
    const KNOWN: [&str; 22] = [
        "Postfix",
        "Exim",
        "Sendmail",
        "Microsoft",
        "qmail",
        "OpenSMTPD",
        "Haraka",
        "CommuniGate",
        "MDaemon",
        "MailEnable",
        "Kerio",
        "Zimbra",
        "IceWarp",
        "hMailServer",
        "Domino",
        "GroupWise",
        "Courier",
        "PowerMTA",
        "Halon",
        "XMail",
        "MailSite",
        "Mercury",
    ];
    let greeting = greeting.to_ascii_lowercase();
    let known = KNOWN
        .iter()
        .find(|known| greeting.contains(&known.to_ascii_lowercase()));
    known.map(|known| (*known).to_owned())
}

fn method_name(method: Method) -> String {
    method.to_string()
}

fn listed(addresses: &BTreeSet<IpAddr>) -> String {
    let addresses: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    addresses.join(", ")
}

#[cfg(test)]
mod tests;
