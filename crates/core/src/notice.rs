//! Which change deserves a notice: a pure function of what is true, what was told, and the time.
//!
//! [`Notices`] is fed with every change and keeps, for each account that is not simply well, what
//! is true and what has been told. A notice is due where the two differ, so nothing is told twice,
//! what ends before it could be told is never told, and a recovery is told if, and only if, the
//! trouble was. Accounts that change alike within a short time share one notice. One that comes and
//! goes is not told of each time, which silences no other; where many change one after the other, a
//! few are told apart and the rest together, some minutes later. A hundred good pokes make none, and
//! leave nothing behind here.
//!
//! What to do with a notice is the business of the engine's desktop and channels.

mod given;
mod said;
mod topic;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

pub use self::{
    given::Given,
    said::{About, PokeNews, Said, Siblings, What},
    topic::Told,
};
use self::{
    said::is_providers,
    topic::{News, Topic},
};
use crate::{
    alarm::{Alarm, AlarmChange, AlarmKind},
    record::Notify,
    schedule,
    settings::{Settings, rhythm::Hours},
};

/// A pause without an end is recalled this often.
const PAUSE_RECALLED: SignedDuration = SignedDuration::from_hours(24);
/// Reminders due within this part of the snooze after the first join it, so that a day has one.
const REMINDED_TOGETHER: i32 = 2;

/// Which notices an account makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Never, problems, or everything.
    pub notify: Notify,
    /// After how many failures in a row trouble is told; 0 counts as 1.
    pub after: u32,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            notify: Notify::Problems,
            after: 1,
        }
    }
}

/// What changed with an account.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// A poke has ended.
    Poked(PokeResult),
    /// An alarm was raised or is over.
    Alarm {
        /// The account's name.
        account: String,
        /// Which notices it makes.
        wanted: Wanted,
        /// What changed.
        change: AlarmChange,
    },
    /// The account was paused, or a pause has ended. Nothing is told during one, except that it goes
    /// on where it has no end: it may have been forgotten.
    Paused {
        /// The account's name.
        account: String,
        /// Whether it is paused now.
        paused: bool,
        /// Whether that ends by itself.
        ends: bool,
    },
    /// The account has another name.
    Renamed {
        /// The name before.
        from: String,
        /// The name now.
        to: String,
    },
    /// The account is no longer in the settings.
    Removed {
        /// The account's name.
        account: String,
    },
}

/// How a poke ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PokeResult {
    /// The account's name.
    pub account: String,
    /// Which notices it makes.
    pub wanted: Wanted,
    /// The provider that was asked, by its host.
    pub provider: String,
    /// How it ended.
    pub news: PokeNews,
    /// Failures in a row, this one included; 0 where the poke worked.
    pub failures: u32,
    /// Whether it worked, and none had before.
    pub first_success: bool,
}

/// What the settings say of when notices are given: see [`Settings::notice_times`].
#[derive(Clone, Copy, Debug)]
pub struct NoticeTimes<'a> {
    /// The hours in which nothing is told.
    pub quiet: Option<&'a Hours>,
    /// How long after a notice of trouble that lasts it is told again (`notice_snooze`).
    pub snooze: Duration,
    /// Whose clock they mean.
    pub zone: &'a TimeZone,
}

impl NoticeTimes<'_> {
    /// When the quiet hours end, where `now` is in them; of those that never end, the end of time.
    #[must_use]
    pub fn quiet_until(self, now: Timestamp) -> Option<Timestamp> {
        let quiet = self.quiet?;
        if !schedule::are_open(quiet, self.zone, now) {
            return None;
        }
        Some(schedule::next_change(quiet, self.zone, now).unwrap_or(Timestamp::MAX))
    }
}

impl Settings {
    /// When notices are given, by the clock of this zone.
    #[must_use]
    pub const fn notice_times<'a>(&'a self, zone: &'a TimeZone) -> NoticeTimes<'a> {
        NoticeTimes {
            quiet: self.quiet.as_ref(),
            snooze: self.snooze,
            zone,
        }
    }
}

/// What is true of the accounts, and what has been told.
///
/// Over a restart it is kept by account, as JSON: [`Notices::unkept`] is what has to be written,
/// [`Notices::remember`] takes it in again.
#[derive(Clone, Debug, Default)]
pub struct Notices {
    accounts: BTreeMap<String, NoticeState>,
    told: Told,
    given: Given,
    is_given_unkept: bool,
    /// What there is to tell.
    news: BTreeMap<Topic, News>,
    /// The accounts of which something else is true than what was kept last.
    unkept: BTreeSet<String>,
    /// Of each provider that does not answer, the accounts of which that was told.
    down: BTreeMap<String, BTreeSet<String>>,
    /// The latest time there was: an earlier one means that the clock was set back.
    seen: Option<Timestamp>,
}

/// What is true of one account, and what has been told of it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NoticeState {
    wanted: Wanted,
    paused: bool,
    /// Since when, and when that is recalled, where nothing ends it.
    pause_recalled: Option<(Timestamp, Timestamp)>,
    /// The provider's host, as it was poked last.
    provider: String,
    trouble: Option<Trouble>,
    /// Trouble has been told; when it will be again if it lasts.
    remind_at: Option<Timestamp>,
    /// How long that was to be after the telling.
    snooze: Snooze,
    /// What to say of a poke that ended trouble which was told.
    recovered: Option<Ended>,
    first_success: Option<Ended>,
    /// The last poke of an account that wants to hear of each.
    poked: Option<Ended>,
    alarms: BTreeMap<AlarmKind, Raised>,
}

/// How long after a notice comes the reminder.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Snooze(Duration);

impl Default for Snooze {
    fn default() -> Self {
        Self(Settings::default().snooze)
    }
}

impl Snooze {
    /// When it ends.
    fn after(self, now: Timestamp) -> Timestamp {
        now + SignedDuration::try_from(self.0).unwrap_or(SignedDuration::ZERO)
    }

    /// Until when reminders are told together.
    fn together(self, now: Timestamp) -> Timestamp {
        let whole = self.after(now).duration_since(now);
        now + whole / REMINDED_TOGETHER
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Trouble {
    since: Timestamp,
    /// Since when there have been failures enough.
    ripe_at: Option<Timestamp>,
    last: Ended,
    /// It is the provider's, and was told with another account of it.
    #[serde(default)]
    joined: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Ended {
    at: Timestamp,
    #[serde(flatten)]
    news: PokeNews,
    /// Since when it had not worked, where it does again.
    #[serde(default)]
    since: Option<Timestamp>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Raised {
    alarm: Alarm,
    /// When what is to be told happened; `None` where all is told.
    news_at: Option<Timestamp>,
    told: bool,
    over: bool,
    /// When it will be told again if it lasts.
    remind_at: Option<Timestamp>,
}

impl Notices {
    /// The words on an account's last poke, for what is still to be told of it: they are not kept
    /// with what is known, and are in another language once the user has chosen one.
    pub fn reword(&mut self, account: &str, explanation: &str) {
        if let Some(state) = self.accounts.get_mut(account) {
            let trouble = state.trouble.as_mut().map(|trouble| &mut trouble.last);
            let news = [
                &mut state.recovered,
                &mut state.first_success,
                &mut state.poked,
            ];
            for ended in news.into_iter().flatten().chain(trouble) {
                explanation.clone_into(&mut ended.news.explanation);
            }
        }
    }

    /// Nothing is true yet; this was told before, by these notices.
    #[must_use]
    pub fn after(told: Told, given: Given) -> Self {
        Self {
            told,
            given,
            ..Self::default()
        }
    }

    /// What is known of an account from before.
    pub fn remember(&mut self, account: &str, known: NoticeState) {
        // It may be from before the clock was set back.
        self.seen = None;
        self.change(account, |now| *now = known);
        self.unkept.remove(account);
    }

    /// Whether the account is not simply well, or there is something to tell of it.
    #[must_use]
    pub fn know(&self, account: &str) -> bool {
        self.accounts.contains_key(account)
    }

    /// Whether the last poke of the account, as far as it is known here, failed.
    #[must_use]
    pub fn is_trouble(&self, account: &str) -> bool {
        let known = self.accounts.get(account);
        known.is_some_and(|known| known.trouble.is_some())
    }

    /// Whether it was told of another account that this provider does not answer.
    fn is_down(&self, provider: &str, account: &str) -> bool {
        let told = self.down.get(provider);
        told.is_some_and(|told| told.iter().any(|other| other != account))
    }

    /// What has to be kept: of each account that has changed since [`Notices::kept`] what is known,
    /// `None` where that is nothing any more.
    pub fn unkept(&self) -> impl Iterator<Item = (&str, Option<&NoticeState>)> {
        let names = self.unkept.iter();
        names.map(|name| (name.as_str(), self.accounts.get(name)))
    }

    /// What has to be kept of all accounts together.
    #[must_use]
    pub const fn told(&self) -> &Told {
        &self.told
    }

    /// A notice is given; `seen`: somebody looks on.
    pub fn give(&mut self, said: Said, seen: bool) {
        self.given.add(said, seen);
        self.is_given_unkept = true;
    }

    /// Somebody has seen the notices that were given. Gives whether that changes anything.
    pub fn see_given(&mut self) -> bool {
        let changes = self.given.see();
        self.is_given_unkept |= changes;
        changes
    }

    /// The notices that were given lately.
    #[must_use]
    pub const fn given(&self) -> &Given {
        &self.given
    }

    /// The same, where they have to be kept.
    #[must_use]
    pub fn unkept_given(&self) -> Option<&Given> {
        self.is_given_unkept.then_some(&self.given)
    }

    /// All of it has been kept.
    pub fn kept(&mut self) {
        self.unkept.clear();
        self.is_given_unkept = false;
    }

    /// Takes in what changed. Gives whether there is something to keep.
    pub fn feed(&mut self, now: Timestamp, change: Change) -> bool {
        self.at(now);
        match change {
            Change::Poked(poked) => {
                let account = poked.account.clone();
                let joins = self.is_down(&poked.provider, &account);
                self.change(&account, |known| known.poked(now, poked, joins));
            }
            Change::Alarm {
                account,
                wanted,
                change,
            } => self.change(&account, |known| {
                known.wanted = wanted;
                known.alarm(now, change);
            }),
            Change::Paused {
                account,
                paused,
                ends,
            } => {
                self.change(&account, |known| {
                    known.paused = paused;
                    // Heard of again after a restart, it is the same pause.
                    let before = known.pause_recalled.unwrap_or((now, now + PAUSE_RECALLED));
                    known.pause_recalled = (paused && !ends).then_some(before);
                });
            }
            Change::Renamed { from, to } => {
                self.told.rename(&from, Some(&to));
                if let Some(known) = self.accounts.get(&from).cloned() {
                    self.change(&from, |old| *old = NoticeState::default());
                    self.change(&to, |new| *new = known);
                }
            }
            Change::Removed { account } => {
                self.told.rename(&account, None);
                self.change(&account, |known| *known = NoticeState::default());
            }
        }
        !self.unkept.is_empty()
    }

    /// The notice that is due, if any. Ask again until there is none.
    pub fn due(&mut self, now: Timestamp, times: NoticeTimes<'_>) -> Option<Said> {
        self.at(now);
        if times.quiet_until(now).is_some() {
            return None;
        }
        let topic = self.ready().find(|(_, at)| *at <= now)?.0;
        let may_be_told = |account: &str| {
            let free_at = self.told.account_free_at(topic, account);
            free_at.is_none_or(|free_at| free_at <= now)
        };
        let names = self.news.get(&topic)?.accounts.keys();
        let names: Vec<String> = names.filter(|name| may_be_told(name)).cloned().collect();
        let mut about = Vec::new();
        for account in names {
            let mut what = None;
            self.change(&account, |known| {
                what = known.tell(topic, now, Snooze(times.snooze));
            });
            about.extend(what.map(|what| About { account, what }));
        }
        self.told.forget(now);
        if topic.gathers().is_some() {
            let accounts = about.iter().map(|about| about.account.as_str());
            self.told.tell(topic, accounts, now);
        }
        Some(Said {
            kind: topic.kind(),
            at: now,
            about,
            more: 0,
            nothing_reached: false,
        })
    }

    /// When a notice will be due, if nothing changes before; `now` where one is.
    #[must_use]
    pub fn next_due(&self, now: Timestamp, times: NoticeTimes<'_>) -> Option<Timestamp> {
        // One that could not be given in time may have run into the quiet hours.
        let at = self.ready().map(|(_, at)| at).min()?.max(now);
        Some(times.quiet_until(at).unwrap_or(at))
    }

    /// The topics that there is news of, each with when it may be told, the most pressing first.
    fn ready(&self) -> impl Iterator<Item = (Topic, Timestamp)> {
        self.news.iter().filter_map(|(topic, news)| {
            let (at, _) = news.order.first()?;
            Some((*topic, self.told.free_at(*topic).max(*at)))
        })
    }

    /// Takes in what there is to tell of an account.
    fn announce(news: &mut BTreeMap<Topic, News>, told: &Told, account: &str, known: &NoticeState) {
        for (topic, at) in known.news() {
            let gathered = topic.gathers().map_or(at, |time| at + time);
            let free_at = told.account_free_at(topic, account);
            let at = free_at.map_or(gathered, |free_at| free_at.max(gathered));
            news.entry(topic).or_default().add(account, at);
        }
    }

    /// Changes what is known of an account. One that is well, and of which all is told, needs no
    /// place.
    fn change(&mut self, account: &str, change: impl FnOnce(&mut NoticeState)) {
        let before = self.accounts.remove(account).unwrap_or_default();
        let mut known = before.clone();
        change(&mut known);
        let is_well = known.is_well();
        if known == before || is_well && before.is_well() {
            if !is_well {
                self.accounts.insert(account.to_owned(), before);
            }
            return;
        }
        if before.is_told_down() {
            let told = self.down.get_mut(&before.provider);
            if told.is_some_and(|told| told.remove(account) && told.is_empty()) {
                self.down.remove(&before.provider);
            }
        }
        if known.is_told_down() {
            let told = self.down.entry(known.provider.clone()).or_default();
            told.insert(account.to_owned());
        }
        for (topic, _) in before.news() {
            if let Some(news) = self.news.get_mut(&topic) {
                news.remove(account);
            }
        }
        Self::announce(&mut self.news, &self.told, account, &known);
        self.unkept.insert(account.to_owned());
        if !is_well {
            self.accounts.insert(account.to_owned(), known);
        }
    }

    /// It is `now`. A clock that was set back must not put off what is due.
    pub fn at(&mut self, now: Timestamp) {
        if self.seen.replace(now).is_some_and(|seen| seen <= now) {
            return;
        }
        self.told.bound(now);
        let accounts: Vec<String> = self.accounts.keys().cloned().collect();
        for account in accounts {
            self.change(&account, |known| known.bound(now));
        }
        self.news.clear();
        for (account, known) in &self.accounts {
            Self::announce(&mut self.news, &self.told, account, known);
        }
    }
}

impl NoticeState {
    /// Whether it was told of it that its provider does not answer.
    fn is_told_down(&self) -> bool {
        let is_down =
            |trouble: &Trouble| !trouble.joined && is_providers(trouble.last.news.outcome);
        !self.paused && self.remind_at.is_some() && self.trouble.as_ref().is_some_and(is_down)
    }

    /// `joins`: it was told of another account of this provider that it does not answer.
    fn poked(&mut self, now: Timestamp, poked: PokeResult, joins: bool) {
        self.wanted = poked.wanted;
        self.provider = poked.provider;
        if self.wanted.notify == Notify::Never {
            // Whoever wants to hear later hears of what is true then.
            self.remind_at = None;
            self.recovered = None;
            self.first_success = None;
            self.alarms.clear();
        }
        self.poked = None;
        let mut ended = Ended {
            at: now,
            news: poked.news,
            since: None,
        };
        let mut other_news = false;
        if poked.failures > 0 {
            // It was about to be told that all is well, which is no longer true.
            self.recovered = None;
            self.first_success = None;
            let trouble = self.trouble.get_or_insert_with(|| Trouble {
                since: now,
                ripe_at: None,
                last: ended.clone(),
                joined: false,
            });
            trouble.last.clone_from(&ended);
            let joins = joins && is_providers(ended.news.outcome);
            if trouble.joined && !joins {
                // The others are well again, or it has a trouble of its own now.
                *trouble = Trouble {
                    ripe_at: None,
                    joined: false,
                    ..trouble.clone()
                };
                self.remind_at = None;
            }
            let ripe = poked.failures >= self.wanted.after && self.wanted.notify != Notify::Never;
            if joins && ripe && self.remind_at.is_none() {
                trouble.joined = true;
                trouble.ripe_at = Some(now);
                self.remind_at = Some(self.snooze.after(now));
            }
            if trouble.ripe_at.is_none() && poked.failures >= self.wanted.after {
                trouble.ripe_at = Some(now);
                other_news = self.remind_at.is_none();
            }
        } else {
            let trouble = self.trouble.take();
            ended.since = trouble.as_ref().map(|trouble| trouble.since);
            if trouble.is_some_and(|trouble| trouble.joined) {
                // Its end is told with the other's, as its beginning was.
                self.remind_at = None;
            } else if self.remind_at.is_some() {
                // One that came and went since is of the same trouble.
                let before = self.recovered.take().and_then(|before| before.since);
                ended.since = before.or(ended.since);
                self.recovered = Some(ended.clone());
                other_news = true;
            } else if poked.first_success && self.wanted.notify != Notify::Never {
                self.first_success = Some(ended.clone());
                other_news = true;
            }
        }
        if self.wanted.notify == Notify::Everything && !other_news {
            self.poked = Some(ended);
        }
    }

    fn alarm(&mut self, now: Timestamp, change: AlarmChange) {
        if self.wanted.notify == Notify::Never {
            self.alarms.clear();
            return;
        }
        match change {
            AlarmChange::Raised(alarm) => {
                let raised = self.alarms.entry(alarm.kind()).or_insert_with(|| Raised {
                    alarm: alarm.clone(),
                    news_at: None,
                    told: false,
                    over: false,
                    remind_at: None,
                });
                raised.alarm = alarm;
                // It came back before its end was told: nothing has changed. Of a certificate it
                // is told anew only when less time is left.
                let back = std::mem::take(&mut raised.over);
                let nearer = raised.alarm.kind() == AlarmKind::Certificate;
                raised.news_at = if back && !nearer {
                    None
                } else {
                    raised.news_at.or(Some(now))
                };
            }
            AlarmChange::Over(kind) => match self.alarms.get_mut(&kind) {
                Some(raised) if raised.told => {
                    raised.over = true;
                    raised.news_at = Some(now);
                }
                Some(_) => {
                    self.alarms.remove(&kind);
                }
                None => {}
            },
        }
    }

    /// Nothing has happened later than now.
    fn bound(&mut self, now: Timestamp) {
        let soon = self.snooze.after(now);
        let bound = |at: &mut Timestamp, most: Timestamp| *at = most.min(*at);
        if let Some(trouble) = &mut self.trouble {
            bound(&mut trouble.since, now);
            trouble.ripe_at.iter_mut().for_each(|at| bound(at, now));
        }
        self.remind_at.iter_mut().for_each(|at| bound(at, soon));
        if let Some((since, at)) = &mut self.pause_recalled {
            bound(since, now);
            bound(at, now + PAUSE_RECALLED);
        }
        let ended = [
            &mut self.recovered,
            &mut self.first_success,
            &mut self.poked,
        ];
        for ended in ended.into_iter().flatten() {
            bound(&mut ended.at, now);
        }
        for raised in self.alarms.values_mut() {
            raised.news_at.iter_mut().for_each(|at| bound(at, now));
            raised.remind_at.iter_mut().for_each(|at| bound(at, soon));
        }
    }

    /// What is to be told, each with when it happened.
    fn news(&self) -> impl Iterator<Item = (Topic, Timestamp)> {
        let heard = !self.paused && self.wanted.notify != Notify::Never;
        let ripe = self.trouble.as_ref().and_then(|trouble| trouble.ripe_at);
        let failure = ripe.filter(|_| self.remind_at.is_none());
        let reminder = self.remind_at.filter(|_| self.trouble.is_some());
        let recalled = self.pause_recalled.map(|(_, at)| at);
        let is_wanted = self.wanted.notify != Notify::Never;
        let of_pause =
            (recalled.filter(|_| self.paused && is_wanted)).map(|at| (Topic::Paused, at));
        let at = |ended: &Option<Ended>| ended.as_ref().map(|ended| ended.at);
        let of_pokes = [
            (Topic::Failure, failure),
            (Topic::Reminder, reminder),
            (Topic::Recovery, at(&self.recovered)),
            (Topic::FirstSuccess, at(&self.first_success)),
            (Topic::Poked, at(&self.poked)),
        ];
        let of_alarms = self.alarms.iter().flat_map(|(kind, raised)| {
            let topic = if raised.over {
                Topic::AlarmOver(*kind)
            } else {
                Topic::Alarm(*kind)
            };
            let lasts = raised.remind_at.filter(|_| raised.news_at.is_none());
            [(topic, raised.news_at), (Topic::Reminder, lasts)]
        });
        of_pokes
            .into_iter()
            .chain(of_alarms)
            .filter(move |_| heard)
            .filter_map(|(topic, at)| at.map(|at| (topic, at)))
            .chain(of_pause)
    }

    /// Tells what there is to tell on a topic: from now on it is told.
    fn tell(&mut self, topic: Topic, now: Timestamp, snooze: Snooze) -> Option<What> {
        let reminded_by = snooze.together(now);
        self.news().find(|(news, at)| {
            *news == topic && (topic != Topic::Reminder || *at <= reminded_by)
        })?;
        let again = snooze.after(now);
        self.snooze = snooze;
        match topic {
            Topic::Failure => {
                self.remind_at = Some(again);
                self.poked = None;
                self.what_trouble()
            }
            Topic::Reminder if self.trouble.is_some() && self.remind_at.is_some() => {
                self.remind_at = Some(again);
                // From now on it is told of by itself.
                (self.trouble.iter_mut()).for_each(|trouble| trouble.joined = false);
                // One reminder for an account, of what is worst.
                for raised in self.alarms.values_mut() {
                    raised.remind_at.iter_mut().for_each(|at| *at = again);
                }
                self.what_trouble()
            }
            Topic::Reminder => {
                let raised = self
                    .alarms
                    .values_mut()
                    .find(|raised| raised.remind_at.is_some())?;
                raised.remind_at = Some(again);
                if let Alarm::Silence { now: noticed, .. } = &mut raised.alarm {
                    *noticed = now;
                }
                Some(What::Alarm(raised.alarm.clone()))
            }
            Topic::Recovery => {
                self.remind_at = None;
                self.recovered.take().map(What::of)
            }
            Topic::FirstSuccess => self.first_success.take().map(What::of),
            Topic::Paused => {
                let (since, at) = self.pause_recalled.as_mut()?;
                *at = now + PAUSE_RECALLED;
                Some(What::Paused { since: *since })
            }
            Topic::Poked => self.poked.take().map(What::of),
            Topic::Alarm(kind) => {
                let raised = self.alarms.get_mut(&kind)?;
                raised.news_at = None;
                raised.told = true;
                raised.remind_at = (kind == AlarmKind::Silence).then_some(again);
                let what = What::Alarm(raised.alarm.clone());
                if !kind.lasts() {
                    self.alarms.remove(&kind);
                }
                Some(what)
            }
            Topic::AlarmOver(kind) => {
                self.alarms.remove(&kind);
                Some(What::Over(kind))
            }
        }
    }

    fn what_trouble(&self) -> Option<What> {
        let trouble = self.trouble.as_ref()?;
        Some(What::Poke {
            news: trouble.last.news.clone(),
            since: Some(trouble.since),
            siblings: Siblings::default(),
        })
    }

    fn is_well(&self) -> bool {
        !self.paused
            && self.trouble.is_none()
            && self.remind_at.is_none()
            && self.first_success.is_none()
            && self.poked.is_none()
            && self.alarms.is_empty()
    }
}

impl What {
    fn of(ended: Ended) -> Self {
        Self::Poke {
            news: ended.news,
            since: ended.since,
            siblings: Siblings::default(),
        }
    }
}

#[cfg(test)]
mod tests;
