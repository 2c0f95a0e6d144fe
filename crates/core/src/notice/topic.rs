//! What may be told together, and how soon after the last: notices of one kind that may become one.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::{alarm::AlarmKind, record::NoticeKind};

/// How long a notice waits for others to join it.
pub(super) const GATHERED: SignedDuration = SignedDuration::from_secs(5);
/// The same of what a person who sets up an account waits for.
pub(super) const GATHERED_FIRST: SignedDuration = SignedDuration::from_secs(2);
/// After a notice of an account, the next of its kind comes no sooner: an account may come and go.
pub(super) const APART: SignedDuration = SignedDuration::from_mins(5);
/// The same after a first success, for those of other accounts: their first pokes are spread over the
/// interval.
const APART_FIRST: SignedDuration = SignedDuration::from_mins(10);
/// How many notices of a kind, whatever their accounts, may follow each other at once. After them
/// comes one every [`APART`], of all that have waited: when a network goes down, the accounts find out
/// one after the other.
const AT_ONCE: i32 = 3;

/// Notices of one kind that may become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Topic {
    Failure,
    Alarm(AlarmKind),
    Reminder,
    Recovery,
    AlarmOver(AlarmKind),
    FirstSuccess,
    Paused,
    Poked,
}

impl Topic {
    pub(super) const fn kind(self) -> NoticeKind {
        match self {
            Self::Failure => NoticeKind::Failure,
            Self::Alarm(_) => NoticeKind::Alarm,
            Self::Reminder => NoticeKind::Reminder,
            Self::Recovery => NoticeKind::Recovery,
            Self::AlarmOver(_) => NoticeKind::AlarmOver,
            Self::FirstSuccess => NoticeKind::FirstSuccess,
            Self::Paused => NoticeKind::Paused,
            Self::Poked => NoticeKind::Poked,
        }
    }

    /// How long it waits for others; `None` for what comes at once: it was asked for each time, or
    /// has its own time.
    pub(super) const fn gathers(self) -> Option<SignedDuration> {
        match self {
            Self::Failure | Self::Alarm(_) | Self::Recovery | Self::AlarmOver(_) => Some(GATHERED),
            Self::FirstSuccess => Some(GATHERED_FIRST),
            Self::Reminder | Self::Paused | Self::Poked => None,
        }
    }

    /// How many notices on it may follow each other at once.
    pub(super) const fn at_once(self) -> i32 {
        match self {
            // Of a hundred accounts that are set up together the first is told, and then the rest.
            Self::FirstSuccess => 1,
            _ => AT_ONCE,
        }
    }

    /// What each notice on it takes of the time of those that follow.
    pub(super) const fn apart(self) -> SignedDuration {
        match self {
            Self::FirstSuccess => APART_FIRST,
            _ => APART,
        }
    }
}

/// The accounts that there is something to tell of on a topic.
#[derive(Clone, Debug, Default)]
pub(super) struct News {
    /// When each may be told of.
    pub(super) accounts: BTreeMap<String, Timestamp>,
    /// The same, the first first.
    pub(super) order: BTreeSet<(Timestamp, String)>,
}

impl News {
    /// There is something to tell of the account, from then on; the first of several counts.
    pub(super) fn add(&mut self, account: &str, at: Timestamp) {
        let at = self
            .accounts
            .get(account)
            .map_or(at, |known| at.min(*known));
        self.remove(account);
        self.accounts.insert(account.to_owned(), at);
        self.order.insert((at, account.to_owned()));
    }

    pub(super) fn remove(&mut self, account: &str) {
        if let Some((account, at)) = self.accounts.remove_entry(account) {
            self.order.remove(&(at, account));
        }
    }
}

/// What was told lately on each topic, as far as it still keeps something waiting.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<(Topic, Lately)>", into = "Vec<(Topic, Lately)>")]
pub struct Told(BTreeMap<Topic, Lately>);

/// What was told lately on one topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Lately {
    /// Until when notices have used up their time: each takes [`APART`] of it, and [`AT_ONCE`] may
    /// be ahead.
    used_until: Timestamp,
    /// When each account was told of.
    accounts: BTreeMap<String, Timestamp>,
}

impl From<Vec<(Topic, Lately)>> for Told {
    fn from(topics: Vec<(Topic, Lately)>) -> Self {
        Self(topics.into_iter().collect())
    }
}

impl From<Told> for Vec<(Topic, Lately)> {
    fn from(told: Told) -> Self {
        told.0.into_iter().collect()
    }
}

impl Told {
    /// From when on there may be a notice on the topic, of whichever account.
    pub(super) fn free_at(&self, topic: Topic) -> Timestamp {
        let lately = self.0.get(&topic);
        lately.map_or(Timestamp::MIN, |it| {
            it.used_until - topic.apart() * (topic.at_once() - 1)
        })
    }

    /// From when on the account may be told of, where it was told of lately.
    pub(super) fn account_free_at(&self, topic: Topic, account: &str) -> Option<Timestamp> {
        let at = self.0.get(&topic)?.accounts.get(account)?;
        Some(*at + APART)
    }

    /// A notice on the topic is given now, of these accounts.
    pub(super) fn tell<'a>(
        &mut self,
        topic: Topic,
        accounts: impl Iterator<Item = &'a str>,
        now: Timestamp,
    ) {
        let lately = self.0.entry(topic).or_insert_with(|| Lately {
            used_until: now,
            accounts: BTreeMap::new(),
        });
        lately.used_until = lately.used_until.max(now) + topic.apart();
        let accounts = accounts.map(|account| (account.to_owned(), now));
        lately.accounts.extend(accounts);
    }

    /// Forgets what keeps nothing waiting any more.
    pub(super) fn forget(&mut self, now: Timestamp) {
        for lately in self.0.values_mut() {
            lately.accounts.retain(|_, at| now < *at + APART);
        }
        self.0
            .retain(|_, lately| now < lately.used_until || !lately.accounts.is_empty());
    }

    /// Nothing was told later than now.
    pub(super) fn bound(&mut self, now: Timestamp) {
        for lately in self.0.values_mut() {
            lately.used_until = lately.used_until.min(now + APART * AT_ONCE);
            lately
                .accounts
                .values_mut()
                .for_each(|at| *at = now.min(*at));
        }
    }

    /// The account has another name, or none any more.
    pub(super) fn rename(&mut self, from: &str, to: Option<&str>) {
        for lately in self.0.values_mut() {
            let at = lately.accounts.remove(from);
            if let Some((at, to)) = at.zip(to) {
                lately.accounts.insert(to.to_owned(), at);
            }
        }
    }
}
