//! What each day came to, and what is known of an account's past.

use std::{collections::BTreeMap, ops::AddAssign};

use dequeue_smtp::Outcome;
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{amounts::size, record::Poke, text::Text};

/// What came to the mail server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct ArrivedAmount {
    /// Connections that brought mail.
    #[ts(type = "number")]
    pub connections: u64,
    /// Messages, where they can be counted.
    #[ts(type = "number")]
    pub messages: u64,
    /// The size of the messages, in octets.
    #[ts(type = "number")]
    pub bytes: u64,
}

impl AddAssign for ArrivedAmount {
    fn add_assign(&mut self, more: Self) {
        self.connections += more.connections;
        self.messages += more.messages;
        self.bytes += more.bytes;
    }
}

/// What a day came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Day {
    /// The day, by the machine's calendar.
    #[ts(type = "string")]
    pub day: Date,
    /// How many pokes began.
    #[ts(type = "number")]
    pub pokes: u64,
    /// How many of them had each outcome, by its name; one that none had is left out.
    #[ts(type = "Record<string, number>")]
    pub outcomes: BTreeMap<String, u64>,
    /// What arrived by them.
    pub arrived: ArrivedAmount,
    /// How long all of them took together, in milliseconds.
    #[ts(type = "number")]
    pub duration_ms: u64,
    /// How long the shortest took, in milliseconds.
    pub shortest_ms: u32,
    /// How long the longest took, in milliseconds.
    pub longest_ms: u32,
}

impl Day {
    /// What a day comes to by one poke of this outcome and duration, and what has arrived by it.
    #[must_use]
    pub fn of(day: Date, outcome: Outcome, duration_ms: u32, arrived: ArrivedAmount) -> Self {
        Self {
            day,
            pokes: 1,
            outcomes: BTreeMap::from([(outcome.name().to_owned(), 1)]),
            arrived,
            duration_ms: duration_ms.into(),
            shortest_ms: duration_ms,
            longest_ms: duration_ms,
        }
    }

    /// Takes in what else this day came to.
    pub fn add(&mut self, other: &Self) {
        self.pokes += other.pokes;
        for (outcome, pokes) in &other.outcomes {
            *self.outcomes.entry(outcome.clone()).or_default() += pokes;
        }
        self.arrived += other.arrived;
        self.duration_ms += other.duration_ms;
        self.shortest_ms = self.shortest_ms.min(other.shortest_ms);
        self.longest_ms = self.longest_ms.max(other.longest_ms);
    }
}

/// What the history knows of one account.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Past {
    /// The last poke, without its dialogue.
    pub last: Option<Poke>,
    /// When one last worked.
    pub last_success_at: Option<Timestamp>,
    /// How many since then did not.
    pub failures: u32,
    /// The latest day with pokes, and what arrived on it.
    pub latest_day: Option<(Date, ArrivedAmount)>,
}

impl Past {
    /// What has arrived on this day.
    #[must_use]
    pub fn arrived_on(&self, day: Date) -> ArrivedAmount {
        let latest = self.latest_day.filter(|(latest, _)| *latest == day);
        latest.map_or_else(ArrivedAmount::default, |(_, arrived)| arrived)
    }

    /// More has arrived on this day.
    pub fn arrive(&mut self, day: Date, more: ArrivedAmount) {
        let mut arrived = self.arrived_on(day);
        arrived += more;
        self.latest_day = Some((day, arrived));
    }
}

impl ArrivedAmount {
    /// What came over a poke's own connection.
    #[must_use]
    pub fn delivered(poke: &Poke) -> Self {
        let messages = poke.delivered.and_then(|delivered| delivered.messages);
        Self {
            messages: messages.map_or(0, u64::from),
            bytes: poke.delivered.map_or(0, |delivered| delivered.octets),
            ..Self::default()
        }
    }

    /// It in few words; `None` for nothing.
    #[must_use]
    pub fn words(&self, text: &Text) -> Option<String> {
        let (key, count) = match (self.messages, self.connections) {
            (0, 0) => return None,
            (0, connections) => ("arrived-connections", connections),
            (messages, _) => ("arrived-messages", messages),
        };
        let values = [
            ("count", count.into()),
            ("size", size(self.bytes, text).into()),
        ];
        Some(text.format(key, &values))
    }
}
