//! When an account is due, said once more and by other means than [`dequeue_core::schedule`]: times are
//! tried one after the other on the wall clock, and what is drawn is a span.

use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};

/// From the earliest to the latest.
pub(super) type Span = (Timestamp, Timestamp);

pub(super) const fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

/// A rhythm as its settings say it; all lengths in seconds.
#[derive(Clone, Debug)]
pub(super) struct Oracle {
    pub(super) zone: &'static str,
    pub(super) jitter: bool,
    pub(super) beat: Beat,
}

#[derive(Clone, Debug)]
pub(super) enum Beat {
    Every(i64),
    Hours {
        hours: Hours,
        inside: i64,
        outside: Option<i64>,
    },
    /// Hours and minutes of every day, or of working days.
    Cron {
        text: &'static str,
        times: &'static [(i8, i8)],
        days: Days,
    },
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Days {
    All,
    Working,
}

impl Days {
    fn has(self, at: DateTime) -> bool {
        let day = at.weekday().to_monday_one_offset();
        match self {
            Self::All => true,
            Self::Working => day <= 5,
        }
    }
}

/// Whole and half hours; over midnight where they end before they begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Hours {
    pub(super) text: &'static str,
    pub(super) days: Days,
    /// Minutes of the day.
    pub(super) from: i16,
    pub(super) to: i16,
}

impl Hours {
    fn open(&self, at: DateTime) -> bool {
        let minute = i16::from(at.hour()) * 60 + i16::from(at.minute());
        if self.from < self.to {
            self.days.has(at) && (self.from..self.to).contains(&minute)
        } else {
            let yesterday = at.checked_sub(SignedDuration::from_hours(24)).unwrap();
            self.days.has(at) && minute >= self.from || self.days.has(yesterday) && minute < self.to
        }
    }
}

impl Oracle {
    fn tz(&self) -> TimeZone {
        TimeZone::get(self.zone).unwrap()
    }

    /// What it is in the settings.
    pub(super) fn fields(&self) -> Vec<(&'static str, String)> {
        let (every, hours, outside, cron) = match &self.beat {
            Beat::Every(every) => (*every, "", None, ""),
            Beat::Hours {
                hours,
                inside,
                outside,
            } => (*inside, hours.text, *outside, ""),
            Beat::Cron { text, .. } => (900, "", None, *text),
        };
        let outside = outside.map_or("never".to_owned(), |outside| format!("{outside}s"));
        vec![
            ("every", format!("{every}s")),
            ("hours", hours.to_owned()),
            ("outside", outside),
            ("cron", cron.to_owned()),
            ("time_zone", self.zone.to_owned()),
            ("jitter", if self.jitter { "auto" } else { "0s" }.to_owned()),
        ]
    }

    /// A tenth of the interval, a minute at most.
    pub(super) fn jitter_of(&self, interval: i64) -> SignedDuration {
        seconds(if self.jitter {
            (interval / 10).min(60)
        } else {
            0
        })
    }

    fn open(&self, at: Timestamp) -> bool {
        match &self.beat {
            Beat::Hours { hours, .. } => hours.open(at.to_zoned_datetime(self.tz()).datetime()),
            Beat::Every(_) | Beat::Cron { .. } => true,
        }
    }

    /// Whether a poke may begin.
    pub(super) fn allows(&self, at: Timestamp) -> bool {
        matches!(
            self.beat,
            Beat::Hours {
                outside: Some(_),
                ..
            }
        ) || self.open(at)
    }

    /// The first time from `at` on at which the hours are open, or closed.
    fn first(&self, open: bool, mut at: Timestamp) -> Timestamp {
        while self.open(at) != open {
            // The wall clock is nowhere set at another time than at half an hour.
            at = Timestamp::from_second((at.as_second().div_euclid(1800) + 1) * 1800).unwrap();
        }
        at
    }

    /// The next time of the cron expression.
    fn next_of_cron(&self, after: Timestamp) -> Timestamp {
        let Beat::Cron { times, days, .. } = &self.beat else {
            panic!("{self:?}")
        };
        let zone = self.tz();
        let mut date = after
            .to_zoned_datetime(zone.clone())
            .date()
            .yesterday()
            .unwrap();
        loop {
            let mut found: Vec<Timestamp> = Vec::new();
            for (hour, minute) in times.iter().filter(|_| days.has(date.at(0, 0, 0, 0))) {
                let ambiguous = zone.to_ambiguous_timestamp(date.at(*hour, *minute, 0, 0));
                let earlier = ambiguous.earlier().unwrap();
                found.push(match ambiguous.offset() {
                    // Skipped: right after the gap, in which it falls by either offset.
                    jiff::tz::AmbiguousOffset::Gap { .. } => {
                        zone.following(earlier).next().unwrap().timestamp()
                    }
                    jiff::tz::AmbiguousOffset::Fold { .. }
                    | jiff::tz::AmbiguousOffset::Unambiguous { .. } => earlier,
                });
            }
            if let Some(next) = found.into_iter().filter(|at| *at > after).min() {
                return next;
            }
            date = date.tomorrow().unwrap();
        }
    }

    /// The time between pokes at this time.
    pub(super) fn interval(&self, at: Timestamp) -> i64 {
        match &self.beat {
            Beat::Every(every) => *every,
            Beat::Hours {
                outside: Some(outside),
                ..
            } if !self.open(at) => *outside,
            Beat::Hours { inside, .. } => *inside,
            Beat::Cron { .. } => {
                let next = self.next_of_cron(at);
                self.next_of_cron(next).duration_since(next).as_secs()
            }
        }
    }

    /// When the poke after one at `last` is due. With jitter an interval has slots of its own:
    /// where the last poke was in one, the next is in the next.
    pub(super) fn after(&self, last: Timestamp, in_slot: bool) -> Span {
        let span = |interval: i64| {
            let jitter = self.jitter_of(interval);
            let least = match (jitter.is_zero(), in_slot) {
                (true, _) => seconds(interval),
                (false, true) => seconds(interval) - jitter,
                (false, false) => seconds(interval) / 2,
            };
            (last + least, last + seconds(interval) + jitter)
        };
        match &self.beat {
            Beat::Every(every) => span(*every),
            Beat::Hours {
                inside, outside, ..
            } => {
                let jitter = self.jitter_of(*inside);
                let (early, late) = span(*inside);
                let open = (self.first(true, early), self.first(true, late) + jitter);
                match outside {
                    None => open,
                    Some(outside) => {
                        let (early, late) = span(*outside);
                        let closed = (self.first(false, early), self.first(false, late));
                        (open.0.min(closed.0), open.1.min(closed.1))
                    }
                }
            }
            Beat::Cron { .. } => {
                let next = self.next_of_cron(last);
                let gap = self.next_of_cron(next).duration_since(next).as_secs();
                (next, next + self.jitter_of(gap))
            }
        }
    }

    /// When it is due if it is due by now.
    pub(super) fn overdue(&self, now: Timestamp) -> Span {
        if self.allows(now) {
            return (now, now);
        }
        let open = self.first(true, now);
        (open, open + self.jitter_of(self.interval(open)))
    }

    /// When it is tried again after so many failures in a row, the last of a poke that began at
    /// `last`; `ordinary` is when it is due without.
    pub(super) fn again(
        &self,
        last: Timestamp,
        failures: u32,
        refused: bool,
        ordinary: Span,
    ) -> Span {
        let interval = self.interval(last);
        if refused {
            let rarer = match failures {
                ..=2 => return ordinary,
                3 => interval * 2,
                _ => interval * 4,
            };
            if rarer.min(86_400) <= interval {
                return ordinary;
            }
            let at = self.overdue(last + seconds(rarer.min(86_400)));
            return (ordinary.0.max(at.0), ordinary.1.max(at.1));
        }
        let pause = [30, 60, 120, 300, 600, 900, 1800, 3600][(failures as usize - 1).min(7)];
        let (early, late) = (pause * 4 / 5, pause * 6 / 5);
        let at = (last + seconds(early), last + seconds(late));
        let (may, must) = (
            early < interval && (self.allows(at.0) || self.allows(at.1)),
            late < interval && self.allows(at.0) && self.allows(at.1),
        );
        (
            if may {
                ordinary.0.min(at.0)
            } else {
                ordinary.0
            },
            if must {
                ordinary.1.min(at.1)
            } else {
                ordinary.1
            },
        )
    }
}
