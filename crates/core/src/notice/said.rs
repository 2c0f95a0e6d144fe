//! One notice: whom it is about, what there is to say, and its words.

use std::collections::{BTreeMap, BTreeSet};

use dequeue_smtp::Outcome;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use serde::{Deserialize, Serialize};

use crate::{
    alarm::{Alarm, AlarmKind},
    amounts::roughly,
    record::{Notice, NoticeKind, Poke},
    text::Text,
};

/// How many accounts one notice names; the others are counted.
const NAMED: usize = 5;
/// Of how many accounts a notice is kept with what there was to say.
const KEPT: usize = NAMED;

/// One notice, before it is put into words. Kept without any.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Said {
    /// What kind.
    pub kind: NoticeKind,
    /// When it was due and given.
    pub at: Timestamp,
    /// Each account it is about, in the order of their names; never empty.
    pub about: Vec<About>,
    /// How many more it was about, of those that are kept no longer.
    #[serde(default)]
    pub more: usize,
    /// Whether no account reaches its provider: the fault is nearer than any of them.
    #[serde(default)]
    pub nothing_reached: bool,
}

/// One account in a notice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct About {
    /// The account's name.
    pub account: String,
    /// What there is to say of it.
    pub what: What,
}

/// How a poke ended, as far as a notice tells of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PokeNews {
    /// The outcome.
    pub outcome: Outcome,
    /// Its place in the history; 0 where it has none.
    #[serde(default)]
    pub poke: i64,
    /// Whether it shows that mail gets through.
    #[serde(default)]
    pub proves: bool,
    /// Whether it needs something that only the user can give.
    #[serde(default)]
    pub needs_user: bool,
    /// What happened and what to do, in the user's language. Made anew from the poke where it is told
    /// later: no sentence is kept.
    #[serde(skip)]
    pub explanation: String,
}

impl PokeNews {
    /// The news of a poke with its words.
    #[must_use]
    pub fn new(poke: &Poke, explanation: String) -> Self {
        Self {
            outcome: poke.outcome,
            poke: poke.id,
            proves: poke.proves(),
            needs_user: poke.needs_user(),
            explanation,
        }
    }
}

/// Other accounts of the same provider: some by their names, and how many more there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Siblings {
    named: Vec<String>,
    more: usize,
}

impl<'a> FromIterator<&'a str> for Siblings {
    fn from_iter<T: IntoIterator<Item = &'a str>>(names: T) -> Self {
        let mut names = names.into_iter();
        Self {
            named: names.by_ref().take(NAMED).map(str::to_owned).collect(),
            more: names.count(),
        }
    }
}

/// What there is to say of an account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// How a poke ended.
    Poke {
        /// The last poke.
        #[serde(flatten)]
        news: PokeNews,
        /// When the trouble began, where it is trouble or its end.
        since: Option<Timestamp>,
        /// The other accounts of a provider that does not answer: they make no notice of their own.
        #[serde(default)]
        siblings: Siblings,
    },
    /// It has been paused since then, and nothing ends that.
    Paused {
        /// When the pause began.
        since: Timestamp,
    },
    /// Something is no longer as it was.
    Alarm(Alarm),
    /// An alarm is over.
    Over(AlarmKind),
}

impl Said {
    /// Heading and sentences, in the user's language, with times of day by the clock of `zone`.
    #[must_use]
    pub fn notice(&self, text: &Text, zone: &TimeZone) -> Notice {
        let (account, (title, body)) = match self.about.as_slice() {
            [one] if self.more == 0 => (Some(one.account.clone()), self.words_of(one, text, zone)),
            several => (None, self.words_of_several(several, text, zone)),
        };
        Notice {
            kind: self.kind,
            account,
            title,
            body,
        }
    }

    /// It as it is kept: of many accounts the first, and how many more there were.
    #[must_use]
    pub fn shortened(mut self) -> Self {
        self.more += self.about.len().saturating_sub(KEPT);
        self.about.truncate(KEPT);
        self
    }

    fn words_of(&self, about: &About, text: &Text, zone: &TimeZone) -> (String, String) {
        let account = about.account.as_str();
        match &about.what {
            What::Poke {
                news,
                since,
                siblings,
            } => {
                let time =
                    since.map_or(SignedDuration::ZERO, |since| since.duration_until(self.at));
                let outcome = text.get(&format!("outcome-{}", news.outcome.name()));
                let kind = format!("notice-{}", crate::text::name(&self.kind));
                let key = match self.kind {
                    // That it works is said only where it was shown.
                    NoticeKind::FirstSuccess | NoticeKind::Recovery if !news.proves => {
                        format!("{kind}-asked")
                    }
                    NoticeKind::Failure | NoticeKind::Reminder if news.needs_user => {
                        format!("{kind}-needs-you")
                    }
                    _ => kind,
                };
                let title = text.format(
                    &key,
                    &[
                        ("account", account.into()),
                        ("outcome", outcome.into()),
                        ("time", roughly(time).into()),
                    ],
                );
                let mut body = news.explanation.clone();
                if self.kind == NoticeKind::Recovery && since.is_some() {
                    let at = self.at.to_zoned_datetime(zone.clone());
                    let values = [
                        ("at", at.strftime("%H:%M").to_string().into()),
                        ("time", roughly(time).into()),
                    ];
                    body = format!("{} {body}", text.format("notice-worked-again", &values));
                }
                if !siblings.named.is_empty() {
                    let values = [
                        ("accounts", siblings.named.join(", ").into()),
                        ("more", siblings.more.into()),
                    ];
                    body = format!("{body}\n{}", text.format("notice-siblings", &values));
                }
                (title, body)
            }
            What::Paused { since } => {
                let time = roughly(since.duration_until(self.at));
                let values = [("account", account.into()), ("time", time.into())];
                (
                    text.format("notice-paused", &values),
                    text.get("notice-paused-do"),
                )
            }
            What::Alarm(alarm) => alarm.words(text, account),
            What::Over(kind) => kind.words_when_over(text, account),
        }
    }

    fn words_of_several(
        &self,
        several: &[About],
        text: &Text,
        zone: &TimeZone,
    ) -> (String, String) {
        let count = several.len() + self.more;
        let unreachable = several.iter().all(|about| {
            matches!(&about.what, What::Poke { news, .. } if news.outcome == Outcome::Unreachable)
        });
        let title = match several.first().map(|about| &about.what) {
            Some(What::Alarm(alarm)) if self.kind == NoticeKind::Alarm => {
                alarm.kind().title_of_several(text, count)
            }
            _ => {
                let key = match self.kind {
                    NoticeKind::Failure if unreachable => "notice-unreachable-several".to_owned(),
                    NoticeKind::FirstSuccess | NoticeKind::Recovery
                        if !several.iter().all(About::proves) =>
                    {
                        format!("notice-{}-asked-several", crate::text::name(&self.kind))
                    }
                    kind => format!("notice-{}-several", crate::text::name(&kind)),
                };
                text.format(&key, &[("count", count.into())])
            }
        };
        let mut lines: Vec<String> = Vec::new();
        if self.nothing_reached {
            lines.push(text.get("notice-unreachable-several-do"));
        }
        for about in several.iter().take(NAMED) {
            lines.push(match &about.what {
                What::Poke { news, .. } => format!("{}: {}", about.account, news.explanation),
                What::Paused { .. } => self.words_of(about, text, zone).0,
                What::Alarm(_) | What::Over(_) => {
                    let (title, body) = self.words_of(about, text, zone);
                    format!("{title}. {body}")
                }
            });
        }
        if let Some(more) = count.checked_sub(NAMED).filter(|more| *more > 0) {
            lines.push(text.format("notice-several-more", &[("count", more.into())]));
        }
        (title, lines.join("\n"))
    }

    /// The pokes that it tells of, by their places in the history, to be put into words again.
    pub fn pokes(&self) -> impl Iterator<Item = i64> {
        let pokes = self.about.iter().filter_map(|about| match &about.what {
            What::Poke { news, .. } => Some(news.poke),
            What::Alarm(_) | What::Over(_) | What::Paused { .. } => None,
        });
        pokes.filter(|poke| *poke != 0)
    }

    /// Takes in the words on its pokes, by their places in the history.
    pub fn reword(&mut self, words: &BTreeMap<i64, String>) {
        for about in &mut self.about {
            if let What::Poke { news, .. } = &mut about.what
                && let Some(words) = words.get(&news.poke)
            {
                news.explanation.clone_from(words);
            }
        }
    }

    /// Names the other accounts of each provider that does not answer, as `others` gives them for one:
    /// a notice of many names its own.
    pub fn name_siblings<'a, T: Iterator<Item = &'a str>>(&mut self, others: impl Fn(&str) -> T) {
        if self.kind != NoticeKind::Failure || self.about.len() > NAMED {
            return;
        }
        let told: BTreeSet<String> = self.about.iter().map(|it| it.account.clone()).collect();
        for about in &mut self.about {
            if let What::Poke { news, siblings, .. } = &mut about.what
                && is_providers(news.outcome)
            {
                let others = others(&about.account);
                *siblings = others.filter(|name| !told.contains(*name)).collect();
            }
        }
    }
}

/// Whether the provider, or the way to it, is to blame, so that its other accounts fare alike.
pub(super) const fn is_providers(outcome: Outcome) -> bool {
    matches!(outcome, Outcome::Unreachable | Outcome::Unknown)
}

impl About {
    const fn proves(&self) -> bool {
        matches!(&self.what, What::Poke { news, .. } if news.proves)
    }
}
