//! The weekly summary: when it is due, and its words. It goes out by mail where that is wanted
//! (`notice_summary`), with what the last seven days came to and how the accounts stand.

use std::collections::BTreeMap;

use dequeue_smtp::Outcome;
use jiff::{SignedDuration, Timestamp, ToSpan, civil, civil::Date, civil::Weekday, tz::TimeZone};

use crate::{
    day::{ArrivedAmount, Day},
    health::Health,
    text::Text,
};

/// The time of day at which it is due on a Monday.
const MORNING: civil::Time = civil::time(8, 0, 0, 0);
/// The length of a week on the clock, without a change of summer time.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// How many accounts are named; the others are counted.
const NAMED: usize = 10;

/// When the summary is due that follows one of `last`: on the first Monday after it, at eight by the
/// clock of `zone`. However many Mondays have passed since, it is one. `None` at the end of time.
#[must_use]
pub fn next_due(last: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let day = last.to_zoned_datetime(zone.clone()).date();
    let to_monday = day.weekday().until(Weekday::Monday);
    let monday = day.checked_add(i64::from(to_monday).days()).ok()?;
    let morning = |day: Date| {
        let morning = zone.to_ambiguous_timestamp(day.to_datetime(MORNING));
        morning.compatible().ok()
    };
    let due = morning(monday)?;
    if due > last {
        return Some(due);
    }
    morning(monday.checked_add(7.days()).ok()?)
}

/// What summaries count from, where `last` is known to be the last: that, unless the clock was so
/// wrong then that the next would be long in coming.
#[must_use]
pub fn counted_from(last: Timestamp, now: Timestamp) -> Timestamp {
    if last.duration_since(now) > WEEK {
        now
    } else {
        last
    }
}

/// The seven whole days before a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week {
    /// The first.
    pub first: Date,
    /// The seventh.
    pub last: Date,
}

impl Week {
    /// The seven days before `today`.
    #[must_use]
    pub fn before(today: Date) -> Self {
        let back = |days: i64| today.saturating_sub(days.days());
        Self {
            first: back(7),
            last: back(1),
        }
    }
}

/// What there is to say of a week and of the accounts after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    week: Week,
    figures: Option<Figures>,
    counts: BTreeMap<Health, usize>,
    /// The names of those that somebody has to do something about, the most urgent first.
    urgent: Vec<(Health, String)>,
}

/// What the days came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Figures {
    pokes: u64,
    failed: u64,
    arrived: ArrivedAmount,
    /// Days with pokes and without arrivals.
    empty: Vec<Date>,
    /// Whether it can be known that nothing arrived.
    sees_arrivals: bool,
}

/// A summary in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SummaryWords {
    /// The heading: one line.
    pub title: String,
    /// The rest, in lines.
    pub body: String,
}

impl Summary {
    /// The summary of a week. `days` are those of the week that had pokes, `None` where they could not
    /// be read; `accounts` all accounts as they stand now. `sees_arrivals` tells whether any of them
    /// would show that mail arrives.
    #[must_use]
    pub fn new<'a>(
        week: Week,
        days: Option<&[Day]>,
        sees_arrivals: bool,
        accounts: impl Iterator<Item = (&'a str, Health)>,
    ) -> Self {
        let mut counts: BTreeMap<Health, usize> = BTreeMap::new();
        let mut urgent = Vec::new();
        for (name, health) in accounts {
            *counts.entry(health).or_default() += 1;
            if health.is_urgent() {
                urgent.push((health, name.to_owned()));
            }
        }
        urgent.sort_by_key(|(health, _)| *health);
        Self {
            week,
            figures: days.map(|days| Figures::of(days, sees_arrivals)),
            counts,
            urgent,
        }
    }

    /// It in words, in the user's language.
    #[must_use]
    pub fn words(&self, text: &Text) -> SummaryWords {
        let mut paragraphs = vec![self.paragraph_of_week(text)];
        if !self.counts.is_empty() {
            paragraphs.push(self.paragraph_of_accounts(text));
        }
        if !self.urgent.is_empty() {
            paragraphs.push(self.paragraph_of_urgent(text));
        }
        SummaryWords {
            title: self.title(text),
            body: paragraphs.join("\n\n"),
        }
    }

    fn title(&self, text: &Text) -> String {
        let accounts: usize = self.counts.values().sum();
        let key = match accounts {
            0 => "summary-title-none",
            1 => "summary-title-alone",
            _ => "summary-title",
        };
        let values = [
            ("last", date(self.week.last, text).into()),
            ("urgent", self.urgent.len().into()),
            ("accounts", accounts.into()),
        ];
        text.format(key, &values)
    }

    fn paragraph_of_week(&self, text: &Text) -> String {
        let Week { first, last } = self.week;
        let values = [
            ("first_day", weekday(first, text).into()),
            ("first", date(first, text).into()),
            ("last_day", weekday(last, text).into()),
            ("last", date(last, text).into()),
            // As text: a year is no number that is grouped or rounded.
            ("year", last.year().to_string().into()),
        ];
        let mut lines = vec![text.format("summary-period", &values)];
        match &self.figures {
            Some(figures) => figures.lines(text, &mut lines),
            None => lines.push(text.get("summary-no-figures")),
        }
        lines.join("\n")
    }

    fn paragraph_of_accounts(&self, text: &Text) -> String {
        let mut lines = vec![text.get("summary-standing")];
        for (health, count) in &self.counts {
            let values = [
                ("health", words_of(*health, text).into()),
                ("count", (*count).into()),
            ];
            lines.push(text.format("summary-count", &values));
        }
        lines.join("\n")
    }

    fn paragraph_of_urgent(&self, text: &Text) -> String {
        let mut lines = vec![text.get("summary-look")];
        for (health, account) in self.urgent.iter().take(NAMED) {
            let values = [
                ("account", account.as_str().into()),
                ("health", words_of(*health, text).into()),
            ];
            lines.push(text.format("summary-account", &values));
        }
        if let Some(more) = self.urgent.len().checked_sub(NAMED).filter(|it| *it > 0) {
            lines.push(text.format("summary-more", &[("count", more.into())]));
        }
        lines.join("\n")
    }
}

impl Figures {
    fn of(days: &[Day], sees_arrivals: bool) -> Self {
        let mut figures = Self {
            sees_arrivals,
            ..Self::default()
        };
        let worked = |name: &str| {
            let mut all = Outcome::ALL.into_iter();
            all.any(|outcome| outcome.name() == name && outcome.is_success())
        };
        for day in days {
            figures.pokes += day.pokes;
            let failed = day.outcomes.iter().filter(|(name, _)| !worked(name));
            figures.failed += failed.map(|(_, pokes)| pokes).sum::<u64>();
            figures.arrived += day.arrived;
            if day.arrived.connections == 0 && day.arrived.messages == 0 {
                figures.empty.push(day.day);
            }
        }
        figures
    }

    fn lines(&self, text: &Text, lines: &mut Vec<String>) {
        let values = [("pokes", self.pokes.into()), ("failed", self.failed.into())];
        lines.push(text.format("summary-pokes", &values));
        if let Some(arrived) = self.arrived.words(text) {
            lines.push(text.format("summary-arrived", &[("arrived", arrived.into())]));
            if !self.empty.is_empty() {
                // No weekday is in a week twice.
                let days: Vec<_> = self.empty.iter().map(|day| weekday(*day, text)).collect();
                let values = [
                    ("count", self.empty.len().into()),
                    ("days", days.join(", ").into()),
                ];
                lines.push(text.format("summary-empty-days", &values));
            }
        } else if self.sees_arrivals {
            lines.push(text.get("summary-arrived-nothing"));
        } else {
            lines.push(text.get("summary-arrived-unknown"));
        }
    }
}

fn words_of(health: Health, text: &Text) -> String {
    text.get(&format!("health-{}", crate::text::name(&health)))
}

fn weekday(day: Date, text: &Text) -> String {
    let number = day.weekday().to_monday_one_offset();
    text.format("summary-weekday", &[("day", number.into())])
}

fn date(day: Date, text: &Text) -> String {
    let values = [("day", day.day().into()), ("month", day.month().into())];
    text.format("summary-date", &values)
}

#[cfg(test)]
mod tests;
