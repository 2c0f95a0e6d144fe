//! When an account is due: a pure function of its rhythm, its last poke and the time; and whether
//! something that happened is worth a poke beside the rhythm.
//!
//! # Jitter
//! A poke is spread by a number drawn from (seed of the installation, name of the account, slot),
//! so it is another for each installation and the same whenever it is asked for. Without jitter an
//! interval counts from the beginning of the last poke. With jitter that would add up, so pokes
//! then have slots of their own: the interval divides time from a moment that is drawn once, and
//! the poke of a slot comes in the slot's first moments. A thousand installations with the same
//! interval so spread over all of it, and none of them drifts.
//!
//! # When the wall clock is set
//! Working hours are what the wall clock shows. For a cron expression a time that is skipped
//! comes once, right after the gap; one that comes twice counts once, except for expressions with a
//! time in every hour, which are intervals in all but name.

use std::{
    hash::{DefaultHasher, Hash, Hasher},
    time::Duration,
};

use dequeue_smtp::{Outcome, Reason};
use jiff::{
    SignedDuration, Timestamp,
    tz::{AmbiguousOffset, TimeZone},
};

use crate::settings::rhythm::{CronPattern, Hours, Jitter, WEEK};

/// How often an account is poked, made by
/// [`RhythmSettings::rhythm`](crate::settings::rhythm_settings::RhythmSettings).
#[derive(Clone, Debug, PartialEq)]
pub struct Rhythm {
    /// The interval, the working hours or the cron expression.
    pub beat: Beat,
    /// Whose wall clock it means.
    pub zone: TimeZone,
    /// How far pokes spread.
    pub jitter: Jitter,
}

/// What a rhythm is made of.
#[derive(Clone, Debug, PartialEq)]
pub enum Beat {
    /// One interval.
    Every(Duration),
    /// Working hours.
    Hours {
        /// When pokes are made.
        hours: Hours,
        /// The interval within them.
        inside: Duration,
        /// The interval outside them; no poke there where there is none.
        outside: Option<Duration>,
    },
    /// A cron expression.
    Cron(Box<CronPattern>),
}

/// No poke of the rhythm follows another sooner.
const CLOSEST: Duration = Duration::from_secs(10);

/// When the next poke is due, never before `now`; never at all where a cron expression has no
/// time to come.
///
/// What is overdue (the machine slept, the program was not running) is due now, once, or when the
/// working hours begin where there is no poke outside them. So is the first poke. After the clock
/// was set back, no wait is longer than the interval and its jitter. `last_start` is the beginning
/// of the last poke; `seed` is the installation's, `name` the account's.
#[must_use]
pub fn next_due(
    rhythm: &Rhythm,
    last_start: Option<Timestamp>,
    now: Timestamp,
    seed: u64,
    name: &str,
) -> Option<Timestamp> {
    let draw = Draw { seed, name };
    let Some(last) = last_start else {
        return Some(rhythm.first_allowed(now, draw));
    };
    let after = |interval| rhythm.interval_over(interval, last, now, draw);
    let due = match &rhythm.beat {
        Beat::Every(every) => after(*every),
        Beat::Hours {
            hours,
            inside,
            outside,
        } => {
            let at = after(*inside);
            let open = rhythm.first(hours, true, at).map(|open| {
                if open > at {
                    rhythm.opening(hours, open, *inside, draw)
                } else {
                    at
                }
            });
            let closed = outside.and_then(|outside| rhythm.first(hours, false, after(outside)));
            open.into_iter().chain(closed).min()?
        }
        Beat::Cron(cron) => {
            // A clock that was corrected by a little does not make the last poke undone.
            let since = if last > later(now, CLOSEST) {
                now
            } else {
                last
            };
            let at = next_of_cron(cron, &rhythm.zone, since)?;
            let jitter = if rhythm.jitter == Jitter::NONE {
                Duration::ZERO
            } else {
                let gap = rhythm.cron_gap(cron, at).unwrap_or(Duration::MAX);
                draw.within(rhythm.jitter.of(gap), at.as_second())
            };
            later(at, jitter).max(later(since, CLOSEST))
        }
    };
    Some(if due > now {
        due
    } else {
        rhythm.first_allowed(now, draw)
    })
}

impl Rhythm {
    /// One interval, without jitter.
    #[must_use]
    pub const fn every(every: Duration) -> Self {
        Self {
            beat: Beat::Every(every),
            zone: TimeZone::UTC,
            jitter: Jitter::NONE,
        }
    }

    /// Whether it lets a poke begin at this time: not outside working hours where there is none.
    #[must_use]
    pub fn allows(&self, at: Timestamp) -> bool {
        match &self.beat {
            Beat::Hours {
                hours,
                outside: None,
                ..
            } => are_open(hours, &self.zone, at),
            Beat::Every(_) | Beat::Hours { .. } | Beat::Cron(_) => true,
        }
    }

    /// The time between two pokes at this time: of a cron expression, between its next two times;
    /// the longest there is where it has none.
    #[must_use]
    pub fn interval(&self, at: Timestamp) -> Duration {
        match &self.beat {
            Beat::Every(every) => *every,
            Beat::Hours {
                hours,
                inside,
                outside,
            } => match outside {
                Some(outside) if !are_open(hours, &self.zone, at) => *outside,
                Some(_) | None => *inside,
            },
            Beat::Cron(cron) => next_of_cron(cron, &self.zone, at)
                .and_then(|next| self.cron_gap(cron, next))
                .unwrap_or(Duration::MAX),
        }
    }

    fn cron_gap(&self, cron: &CronPattern, time: Timestamp) -> Option<Duration> {
        let next = next_of_cron(cron, &self.zone, time)?;
        Some(next.duration_since(time).unsigned_abs())
    }

    /// The interval from the last poke, counted on or by slots.
    fn interval_over(
        &self,
        interval: Duration,
        last: Timestamp,
        now: Timestamp,
        draw: Draw<'_>,
    ) -> Timestamp {
        let jitter = self.jitter.of(interval);
        let due = if jitter.is_zero() {
            later(last, interval)
        } else {
            let length = milliseconds(interval);
            let phase = milliseconds(draw.within(interval, i64::MIN));
            let slot = (last.as_millisecond() - phase).div_euclid(length) + 1;
            let begin = phase.saturating_add(slot.saturating_mul(length));
            let begin = Timestamp::from_millisecond(begin).unwrap_or(Timestamp::MAX);
            // After a poke beside the rhythm the next slot may be near.
            later(begin, draw.within(jitter, slot)).max(later(last, interval / 2))
        };
        if last > now {
            due.min(later(now, interval.saturating_add(jitter)))
        } else {
            due
        }
    }

    /// The first time from `at` on when the hours are open, or are not.
    fn first(&self, hours: &Hours, open: bool, at: Timestamp) -> Option<Timestamp> {
        if are_open(hours, &self.zone, at) == open {
            Some(at)
        } else {
            next_change(hours, &self.zone, at)
        }
    }

    /// The first time from `now` on when a poke may begin.
    pub(crate) fn first_allowed(&self, now: Timestamp, draw: Draw<'_>) -> Timestamp {
        match &self.beat {
            Beat::Hours {
                hours,
                inside,
                outside: None,
            } if !self.allows(now) => next_change(hours, &self.zone, now)
                .map_or(now, |open| self.opening(hours, open, *inside, draw)),
            Beat::Every(_) | Beat::Hours { .. } | Beat::Cron(_) => now,
        }
    }

    /// The poke that belongs to an opening: all offices open at seven, not all poke in one second.
    fn opening(
        &self,
        hours: &Hours,
        open: Timestamp,
        inside: Duration,
        draw: Draw<'_>,
    ) -> Timestamp {
        let spread = later(open, draw.within(self.jitter.of(inside), open.as_second()));
        match next_change(hours, &self.zone, open) {
            Some(close) if spread >= close => open,
            Some(_) | None => spread,
        }
    }
}

/// What numbers are drawn by. The hash need not be the same over versions of the program: all that
/// would change is which of many good times it is.
#[derive(Clone, Copy)]
pub(crate) struct Draw<'a> {
    pub(crate) seed: u64,
    pub(crate) name: &'a str,
}

impl Draw<'_> {
    /// A length of time below the limit, in whole milliseconds, the same for the same slot.
    pub(crate) fn within(self, limit: Duration, slot: i64) -> Duration {
        let limit = milliseconds(limit).unsigned_abs();
        if limit == 0 {
            return Duration::ZERO;
        }
        let mut hasher = DefaultHasher::new();
        (self.seed, self.name, slot).hash(&mut hasher);
        Duration::from_millis(hasher.finish() % limit)
    }
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// The moment later by a duration, or the end of time.
pub(crate) fn later(at: Timestamp, by: Duration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

// ---- The wall clock ------------------------------------------------------------------------------

/// The second of the week, from Monday at midnight.
fn second_of_week(zone: &TimeZone, at: Timestamp) -> u32 {
    /// 1970 began on a Thursday.
    const MONDAY: i64 = 3 * 86_400;
    let local = at.as_second() + i64::from(zone.to_offset(at).seconds());
    // Below a week, so it fits.
    u32::try_from((local + MONDAY).rem_euclid(i64::from(WEEK))).unwrap_or_default()
}

/// Whether the hours are open at that time.
pub(crate) fn are_open(hours: &Hours, zone: &TimeZone, at: Timestamp) -> bool {
    hours.is_open(second_of_week(zone, at))
}

/// When the hours open or close next, after `at`. None where they never do.
pub(crate) fn next_change(hours: &Hours, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
    let open = are_open(hours, zone, at);
    let mut from = at;
    loop {
        let second = second_of_week(zone, from);
        if hours.is_open(second) != open {
            return Some(from);
        }
        let left = hours.until_change(second)?;
        let change = Timestamp::from_second(from.as_second() + i64::from(left)).ok()?;
        // Where the clock is set before that, look again from there.
        match zone.following(from).next() {
            Some(set) if set.timestamp() <= change => from = set.timestamp(),
            Some(_) | None => return Some(change),
        }
    }
}

/// The next time of a cron expression, after `at`.
fn next_of_cron(cron: &CronPattern, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
    /// No clock is set by more.
    const FAR: SignedDuration = SignedDuration::from_hours(48);
    let (mut from, mut or_then) = (at, false);
    loop {
        let offset = zone.to_offset(from);
        let wall = cron.next(offset.to_datetime(from), or_then)?;
        let found = offset.to_timestamp(wall).ok()?;
        match zone.following(from).next() {
            Some(set) if set.timestamp() <= found => {
                let begin = set.timestamp();
                let skipped = set.offset() > offset && wall < set.offset().to_datetime(begin);
                if skipped {
                    return Some(begin);
                }
                // A leap day may be many settings of the clock away.
                let far = begin.duration_since(from) > FAR && found.duration_since(begin) > FAR;
                from = if far { found - FAR } else { begin };
                or_then = true;
            }
            Some(_) | None if cron.is_hourly() || !comes_again(zone, found) => return Some(found),
            Some(_) | None => (from, or_then) = (found, false),
        }
    }
}

/// Whether the wall clock has shown this time before, because it was set back.
fn comes_again(zone: &TimeZone, at: Timestamp) -> bool {
    let offset = zone.to_offset(at);
    match zone.to_ambiguous_timestamp(offset.to_datetime(at)).offset() {
        AmbiguousOffset::Fold { after, .. } => offset == after,
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => false,
    }
}

// ---- Beside the rhythm -------------------------------------------------------------------------

/// What may be worth a poke beside the rhythm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PokeOccasion {
    /// The network came up.
    NetworkUp,
    /// The machine woke.
    Woke,
    /// The mail server answers again.
    MailServerBack,
    /// The account's password is there now, after a poke that wanted it.
    SecretKept,
    /// The user asked.
    User,
    /// The time of a second poke has come.
    SecondPoke,
}

/// A network that comes up, or a machine that wakes, often says so several times.
const SETTLING: Duration = Duration::from_secs(60);

/// Whether it is worth a poke now. `last_start` is the beginning of the last poke, of any kind.
/// That no poke of the account is under way is for the caller to know.
#[must_use]
pub fn extra_poke(
    wake: PokeOccasion,
    rhythm: &Rhythm,
    last_start: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    // Where the clock was set back the last poke is no measure.
    let quiet_for =
        |least: Duration| last_start.is_none_or(|last| last > now || later(last, least) <= now);
    match wake {
        PokeOccasion::User => true,
        PokeOccasion::NetworkUp | PokeOccasion::Woke => rhythm.allows(now) && quiet_for(SETTLING),
        // What waits for the server was due within the hours.
        PokeOccasion::MailServerBack => quiet_for(CLOSEST),
        // Whoever sets an account up saves it first and its password after it, seconds apart.
        PokeOccasion::SecretKept => rhythm.allows(now),
        PokeOccasion::SecondPoke => quiet_for(SECOND_AFTER),
    }
}

const SECOND_AFTER: Duration = Duration::from_secs(60);
const SECOND_WITHIN: Duration = Duration::from_secs(120);

/// When to poke a second time, because a queue run that was under way may have passed over mail:
/// so it is after an ETRN that found one, and after every visit that was itself the request, since
/// a provider of that kind starts no second run and does not say so. Not after a second poke, and
/// not where the rhythm's own next poke (`next`) comes as soon.
#[must_use]
pub fn second_poke(
    was_second: bool,
    outcome: Outcome,
    reason: Reason,
    started: Timestamp,
    next: impl FnOnce() -> Option<Timestamp>,
    seed: u64,
    name: &str,
) -> Option<Timestamp> {
    let swallowed = outcome == Outcome::Signalled || reason == Reason::AlreadyRunning;
    if was_second || !swallowed {
        return None;
    }
    let spread = Draw { seed, name }.within(SECOND_WITHIN - SECOND_AFTER, started.as_second());
    let at = later(started, SECOND_AFTER + spread);
    next()
        .is_none_or(|next| next > later(started, SECOND_WITHIN))
        .then_some(at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::ZonedDateTime;
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_secs(60);
    const QUARTER: Duration = Duration::from_secs(900);
    const AMSTERDAM: &str = "Europe/Amsterdam";
    const NEW_YORK: &str = "America/New_York";
    /// Its clock is set by half an hour.
    const LORD_HOWE: &str = "Australia/Lord_Howe";

    fn zone(name: &str) -> TimeZone {
        TimeZone::get(name).unwrap()
    }

    /// `2026-03-29 01:30`; with `+02` and the like behind it where the clock shows it twice.
    fn wall(text: &str, zone: &str) -> Timestamp {
        let text = text.replacen(' ', "T", 1);
        let zoned: ZonedDateTime = format!("{text}[{zone}]").parse().unwrap();
        zoned.timestamp()
    }

    fn cron(pattern: &str, of: &str) -> Rhythm {
        Rhythm {
            beat: Beat::Cron(Box::new(pattern.parse().unwrap())),
            zone: zone(of),
            jitter: Jitter::NONE,
        }
    }

    fn hours(hours: &str, of: &str, inside: Duration, outside: Option<Duration>) -> Rhythm {
        Rhythm {
            beat: Beat::Hours {
                hours: hours.parse().unwrap(),
                inside,
                outside,
            },
            zone: zone(of),
            jitter: Jitter::NONE,
        }
    }

    fn due(rhythm: &Rhythm, last: Option<Timestamp>, now: Timestamp) -> Timestamp {
        next_due(rhythm, last, now, 7, "vevida").unwrap()
    }

    /// Every poke from `begin` to before `end`, on a clock that is never wrong.
    fn pokes(rhythm: &Rhythm, begin: Timestamp, end: Timestamp) -> Vec<Timestamp> {
        let mut last = None;
        std::iter::from_fn(|| {
            let now = last.unwrap_or(begin);
            last = Some(due(rhythm, last, now)).filter(|due| *due < end);
            last
        })
        .collect()
    }

    /// The pokes of a rhythm after a first one, as the wall clock shows them.
    fn shown(rhythm: &Rhythm, after: Timestamp, count: usize) -> Vec<String> {
        let mut last = after;
        (0..count)
            .map(|_| {
                last = due(rhythm, Some(last), last);
                let offset = rhythm.zone.to_offset(last);
                format!("{} {offset}", offset.to_datetime(last).strftime("%d %H:%M"))
            })
            .collect()
    }

    #[test]
    fn due_times() {
        let at = |seconds: i64| Timestamp::from_second(1_000_000 + seconds).unwrap();
        for (what, last, now, expected) in [
            ("the first poke", None, 0, 0),
            ("in the rhythm", Some(0), 10, 900),
            ("just now", Some(0), 0, 900),
            ("overdue after sleep", Some(0), 86_400, 86_400),
            ("the clock went back a day", Some(86_400), 0, 900),
            ("the clock went back a little", Some(100), 0, 900),
        ] {
            let found = due(&Rhythm::every(QUARTER), last.map(at), at(now));
            assert_eq!(found, at(expected), "{what}");
        }
    }

    #[test]
    fn due_times_with_working_hours() {
        const TWO_HOURS: Option<Duration> = Some(Duration::from_secs(7200));
        for (what, hours_, outside, last, now, expected) in [
            (
                "the first, inside",
                "mon-fri 07:00-19:00",
                None,
                None,
                "24 12:00",
                "24 12:00",
            ),
            (
                "the first, outside",
                "mon-fri 07:00-19:00",
                None,
                None,
                "24 20:00",
                "25 07:00",
            ),
            (
                "the first, with pokes outside",
                "mon-fri 07:00-19:00",
                TWO_HOURS,
                None,
                "24 20:00",
                "24 20:00",
            ),
            (
                "inside",
                "mon-fri 07:00-19:00",
                None,
                Some("24 12:00"),
                "24 12:03",
                "24 12:15",
            ),
            (
                "the last of the day",
                "mon-fri 07:00-19:00",
                None,
                Some("24 18:45"),
                "24 18:46",
                "25 07:00",
            ),
            (
                "over the weekend",
                "mon-fri 07:00-19:00",
                None,
                Some("27 18:50"),
                "27 18:51",
                "30 07:00",
            ),
            (
                "from inside to outside",
                "mon-fri 07:00-19:00",
                TWO_HOURS,
                Some("24 18:50"),
                "24 18:51",
                "24 20:50",
            ),
            (
                "from outside to inside",
                "mon-fri 07:00-19:00",
                TWO_HOURS,
                Some("24 05:30"),
                "24 05:31",
                "24 07:00",
            ),
            (
                "right before the opening",
                "mon-fri 07:00-19:00",
                TWO_HOURS,
                Some("24 06:55"),
                "24 06:56",
                "24 07:10",
            ),
            (
                "overdue, inside",
                "mon-fri 07:00-19:00",
                None,
                Some("20 12:00"),
                "24 08:00",
                "24 08:00",
            ),
            (
                "overdue, outside",
                "mon-fri 07:00-19:00",
                None,
                Some("20 12:00"),
                "21 08:00",
                "23 07:00",
            ),
            (
                "overdue, pokes outside",
                "mon-fri 07:00-19:00",
                TWO_HOURS,
                Some("20 12:00"),
                "21 08:00",
                "21 08:00",
            ),
            (
                "over midnight",
                "22:00-06:00",
                None,
                Some("24 23:50"),
                "24 23:51",
                "25 00:05",
            ),
            (
                "over midnight, closed",
                "22:00-06:00",
                None,
                Some("25 05:50"),
                "25 05:51",
                "25 22:00",
            ),
            (
                "friday's night",
                "fri 22:00-06:00",
                None,
                Some("27 23:50"),
                "28 05:30",
                "28 05:30",
            ),
            (
                "sunday's night",
                "sun 22:00-06:00",
                None,
                Some("23 05:30"),
                "23 05:31",
                "23 05:45",
            ),
            (
                "two windows",
                "mon 08:00-12:00 13:00-17:00",
                None,
                Some("23 11:50"),
                "23 11:51",
                "23 13:00",
            ),
            (
                "never closed",
                "00:00-24:00",
                None,
                Some("24 23:50"),
                "24 23:51",
                "25 00:05",
            ),
            (
                "the clock went back",
                "mon-fri 07:00-19:00",
                None,
                Some("25 12:00"),
                "24 12:00",
                "24 12:15",
            ),
            (
                "it went back, out of hours",
                "mon-fri 07:00-19:00",
                None,
                Some("25 12:00"),
                "24 20:00",
                "25 07:00",
            ),
        ] {
            let rhythm = hours(hours_, AMSTERDAM, QUARTER, outside);
            let november = |text: &str| wall(&format!("2026-11-{text}"), AMSTERDAM);
            let found = due(&rhythm, last.map(november), november(now));
            assert_eq!(found, november(expected), "{what}");
            assert!(rhythm.allows(found), "{what}");
        }
    }

    #[test]
    fn due_times_of_a_cron_expression() {
        for (what, pattern, last, now, expected) in [
            (
                "the first",
                "*/15 7-19 * * 1-5",
                None,
                "2026-11-21 03:00",
                "2026-11-21 03:00",
            ),
            (
                "in the day",
                "*/15 7-19 * * 1-5",
                Some("2026-11-24 12:03"),
                "2026-11-24 12:04",
                "2026-11-24 12:15",
            ),
            (
                "on time",
                "*/15 7-19 * * 1-5",
                Some("2026-11-24 12:15"),
                "2026-11-24 12:15",
                "2026-11-24 12:30",
            ),
            (
                "over the weekend",
                "*/15 7-19 * * 1-5",
                Some("2026-11-27 19:45"),
                "2026-11-27 20:00",
                "2026-11-30 07:00",
            ),
            (
                "overdue",
                "0 7 * * *",
                Some("2026-11-20 07:00"),
                "2026-11-24 12:00",
                "2026-11-24 12:00",
            ),
            (
                "not overdue",
                "0 7 * * *",
                Some("2026-11-24 07:00"),
                "2026-11-24 12:00",
                "2026-11-25 07:00",
            ),
            (
                "the clock went back",
                "0 7 * * *",
                Some("2027-11-24 07:00"),
                "2026-11-24 12:00",
                "2026-11-25 07:00",
            ),
            (
                "it went back a second",
                "0 7 * * *",
                Some("2026-11-24 07:00"),
                "2026-11-24 06:59:59",
                "2026-11-25 07:00",
            ),
            (
                "leap day",
                "0 7 29 2 *",
                Some("2026-11-24 07:00"),
                "2026-11-24 07:00",
                "2028-02-29 07:00",
            ),
            (
                "eight years on",
                "0 7 29 2 *",
                Some("2096-02-29 07:00"),
                "2096-02-29 07:00",
                "2104-02-29 07:00",
            ),
            (
                "day of month or of week",
                "0 7 1 * 1",
                Some("2026-11-24 07:00"),
                "2026-11-24 07:00",
                "2026-11-30 07:00",
            ),
        ] {
            let at = |text: &str| wall(text, AMSTERDAM);
            let found = due(&cron(pattern, AMSTERDAM), last.map(at), at(now));
            assert_eq!(found, at(expected), "{what}");
        }
    }

    #[test]
    fn cron_on_the_days_when_the_clock_is_set() {
        for (what, pattern, zone, after, expected) in [
            (
                "skipped: right after the gap",
                "30 2 * * *",
                AMSTERDAM,
                "2026-03-28 03:00",
                &["29 03:00 +02", "30 02:30 +02"][..],
            ),
            (
                "several skipped: once",
                "*/15 2 * * *",
                AMSTERDAM,
                "2026-03-29 01:00",
                &["29 03:00 +02", "30 02:00 +02"],
            ),
            (
                "skipped, and one there",
                "30 2,3 * * *",
                AMSTERDAM,
                "2026-03-29 01:00",
                &["29 03:00 +02", "29 03:30 +02"],
            ),
            (
                "every quarter goes on",
                "*/15 * * * *",
                AMSTERDAM,
                "2026-03-29 01:30",
                &["29 01:45 +01", "29 03:00 +02", "29 03:15 +02"],
            ),
            (
                "twice: once",
                "30 2 * * *",
                AMSTERDAM,
                "2026-10-24 12:00",
                &["25 02:30 +02", "26 02:30 +01"],
            ),
            (
                "twice: once, asked between",
                "30 2 * * *",
                AMSTERDAM,
                "2026-10-25 02:10+01",
                &["26 02:30 +01"],
            ),
            (
                "every quarter, in both hours",
                "*/30 * * * *",
                AMSTERDAM,
                "2026-10-25 02:00+02",
                &[
                    "25 02:30 +02",
                    "25 02:00 +01",
                    "25 02:30 +01",
                    "25 03:00 +01",
                ],
            ),
            (
                "its only day has the hour twice",
                "*/30 * 25 10 *",
                AMSTERDAM,
                "2026-10-25 02:30+02",
                &["25 02:00 +01", "25 02:30 +01", "25 03:00 +01"],
            ),
            (
                "skipped",
                "15 2 * * *",
                NEW_YORK,
                "2026-03-07 12:00",
                &["08 03:00 -04", "09 02:15 -04"],
            ),
            (
                "twice",
                "15 1 * * *",
                NEW_YORK,
                "2026-10-31 12:00",
                &["01 01:15 -04", "02 01:15 -05"],
            ),
            (
                "skipped",
                "15 2 * * *",
                LORD_HOWE,
                "2026-10-03 12:00",
                &["04 02:30 +11", "05 02:15 +11"],
            ),
            (
                "twice",
                "45 1 * * *",
                LORD_HOWE,
                "2026-04-04 12:00",
                &["05 01:45 +11", "06 01:45 +10:30"],
            ),
            (
                "every quarter",
                "*/15 * * * *",
                LORD_HOWE,
                "2026-04-05 01:45+11",
                &["05 01:30 +10:30", "05 01:45 +10:30", "05 02:00 +10:30"],
            ),
        ] {
            let found = shown(&cron(pattern, zone), wall(after, zone), expected.len());
            assert_eq!(found, expected, "{what}: {pattern} in {zone}");
        }
    }

    #[test]
    fn hours_on_the_days_when_the_clock_is_set() {
        let half = Duration::from_secs(1800);
        for (what, hours_, zone, after, expected) in [
            (
                "an hour shorter",
                "sat 22:00-06:00",
                AMSTERDAM,
                "2026-03-29 01:30",
                &["29 03:00 +02", "29 03:30 +02"][..],
            ),
            (
                "opens in the gap",
                "sun 02:30-04:00",
                AMSTERDAM,
                "2026-03-28 12:00",
                &["29 03:00 +02", "29 03:30 +02", "05 02:30 +02"],
            ),
            (
                "closes in the gap",
                "sun 01:00-02:30",
                AMSTERDAM,
                "2026-03-29 01:00",
                &["29 01:30 +01", "05 01:00 +02"],
            ),
            (
                "an hour longer",
                "sun 01:00-04:00",
                AMSTERDAM,
                "2026-10-25 02:00+02",
                &[
                    "25 02:30 +02",
                    "25 02:00 +01",
                    "25 02:30 +01",
                    "25 03:00 +01",
                    "25 03:30 +01",
                    "01 01:00 +01",
                ],
            ),
            (
                "skipped as a whole",
                "sun 02:15-02:45",
                NEW_YORK,
                "2026-03-07 12:00",
                &["15 02:15 -04"],
            ),
            (
                "half an hour",
                "sun 01:00-03:00",
                LORD_HOWE,
                "2026-10-04 01:00",
                &["04 01:30 +10:30", "04 02:30 +11", "11 01:00 +11"],
            ),
            (
                "half an hour back",
                "sun 01:00-02:00",
                LORD_HOWE,
                "2026-04-05 01:00",
                &["05 01:30 +11", "05 01:30 +10:30", "12 01:00 +10:30"],
            ),
        ] {
            let rhythm = hours(hours_, zone, half, None);
            let found = shown(&rhythm, wall(after, zone), expected.len());
            assert_eq!(found, expected, "{what}: {hours_} in {zone}");
        }
    }

    /// A year of an office, with both changes of the clock: counted by hand.
    #[test]
    fn a_year_of_pokes() {
        let year = (
            wall("2026-01-01 00:00", AMSTERDAM),
            wall("2027-01-01 00:00", AMSTERDAM),
        );
        // 261 working days of 12 hours.
        let office = hours("mon-fri 07:00-19:00", AMSTERDAM, QUARTER, None);
        assert_eq!(pokes(&office, year.0, year.1).len(), 261 * 48);
        // OffHours: before the first opening 4, on 208 nights 6, on 52 weekends 30, one less where
        // the weekend is an hour shorter, on the last evening 2.
        let outside = Some(Duration::from_secs(7200));
        let office = hours("mon-fri 07:00-19:00", AMSTERDAM, QUARTER, outside);
        let expected = 261 * 48 + 4 + 208 * 6 + 52 * 30 - 1 + 2;
        assert_eq!(pokes(&office, year.0, year.1).len(), expected);
        let quarters = cron("*/15 7-18 * * 1-5", AMSTERDAM);
        // The first poke is at once.
        assert_eq!(pokes(&quarters, year.0, year.1).len(), 261 * 48 + 1);
        for pattern in ["30 2 * * *", "0 12 * * *", "59 23 * * *"] {
            assert_eq!(
                pokes(&cron(pattern, AMSTERDAM), year.0, year.1).len(),
                366,
                "{pattern}"
            );
        }
    }

    #[test]
    fn jitter_does_not_add_up() {
        let rhythm = Rhythm {
            jitter: Jitter::Auto,
            ..Rhythm::every(QUARTER)
        };
        let begin = wall("2026-01-01 00:00", AMSTERDAM);
        let pokes = pokes(&rhythm, begin, begin + SignedDuration::from_hours(365 * 24));
        // Where in its slot the first poke came is chance.
        let ordered = &pokes[2..];
        let minute = SignedDuration::from_mins(1);
        for (slot, at) in (0..).zip(ordered) {
            let in_step = ordered[0] + QUARTER * slot;
            let off = at.duration_since(in_step);
            assert!(off.abs() < minute, "poke {slot}: {off}");
        }
        assert!(
            (365 * 96 - 1..=365 * 96 + 2).contains(&pokes.len()),
            "{}",
            pokes.len()
        );
    }

    /// How many of a thousand are in each tenth of what they have.
    fn tenths(length: Duration, moments: impl Iterator<Item = i64>) -> [usize; 10] {
        let mut tenths = [0; 10];
        for moment in moments {
            let tenth = moment * 10 / milliseconds(length);
            tenths[usize::try_from(tenth).unwrap()] += 1;
        }
        tenths
    }

    #[test]
    fn a_thousand_installations_spread() {
        let start = wall("2026-11-24 12:00", AMSTERDAM);
        let mut every = Rhythm::every(QUARTER);
        every.jitter = Jitter::Auto;
        // All with a poke in the same second, as after a power cut; then in their own time.
        let second = |seed: u64| {
            let mut last = start;
            for _ in 0..3 {
                last = next_due(&every, Some(last), last, seed, "office").unwrap();
            }
            last.as_millisecond().rem_euclid(900_000)
        };
        let spread = tenths(QUARTER, (0..1000).map(second));
        assert!(
            spread.iter().all(|count| (60..=140).contains(count)),
            "{spread:?}"
        );

        let mut office = hours("mon-fri 07:00-19:00", AMSTERDAM, QUARTER, None);
        office.jitter = Jitter::Auto;
        let (evening, morning) = (
            wall("2026-11-24 18:59", AMSTERDAM),
            wall("2026-11-25 07:00", AMSTERDAM),
        );
        let opening = |seed: u64| {
            let due = next_due(&office, Some(evening), evening, seed, "office").unwrap();
            due.as_millisecond() - morning.as_millisecond()
        };
        let spread = tenths(MINUTE, (0..1000).map(opening));
        assert!(
            spread.iter().all(|count| (60..=140).contains(count)),
            "{spread:?}"
        );

        let mut daily = cron("0 7 * * *", AMSTERDAM);
        daily.jitter = Jitter::Auto;
        let of_account = |account: i64| {
            let name = account.to_string();
            let due = next_due(&daily, Some(evening), evening, 7, &name).unwrap();
            due.as_millisecond() - morning.as_millisecond()
        };
        let spread = tenths(MINUTE, (0..1000).map(of_account));
        assert!(
            spread.iter().all(|count| (60..=140).contains(count)),
            "{spread:?}"
        );
    }

    #[test]
    fn the_interval_of_a_time() {
        let day = Duration::from_secs(86_400);
        for (rhythm, at, expected) in [
            (Rhythm::every(QUARTER), "12:00", QUARTER),
            (
                hours("7-19", AMSTERDAM, QUARTER, Some(day)),
                "12:00",
                QUARTER,
            ),
            (hours("7-19", AMSTERDAM, QUARTER, Some(day)), "20:00", day),
            (hours("7-19", AMSTERDAM, QUARTER, None), "20:00", QUARTER),
            (cron("*/15 7-19 * * *", AMSTERDAM), "12:00", QUARTER),
            (cron("0 7 * * *", AMSTERDAM), "12:00", day),
        ] {
            let at = wall(&format!("2026-11-24 {at}"), AMSTERDAM);
            assert_eq!(rhythm.interval(at), expected, "{:?}", rhythm.beat);
        }
    }

    #[test]
    fn what_is_worth_a_poke_beside_the_rhythm() {
        let every = Rhythm::every(QUARTER);
        let office = hours("mon-fri 07:00-19:00", AMSTERDAM, QUARTER, None);
        let noon = wall("2026-11-24 12:00", AMSTERDAM);
        let night = wall("2026-11-24 23:00", AMSTERDAM);
        for (wake, rhythm, ago, now, expected) in [
            (PokeOccasion::NetworkUp, &every, Some(59), noon, false),
            (PokeOccasion::NetworkUp, &every, Some(60), noon, true),
            (PokeOccasion::NetworkUp, &every, None, noon, true),
            (PokeOccasion::Woke, &every, Some(-60), noon, true),
            (PokeOccasion::Woke, &office, Some(900), noon, true),
            (PokeOccasion::Woke, &office, Some(900), night, false),
            (PokeOccasion::MailServerBack, &office, Some(10), night, true),
            (PokeOccasion::MailServerBack, &every, Some(9), noon, false),
            (PokeOccasion::SecretKept, &office, Some(1), noon, true),
            (PokeOccasion::SecretKept, &office, Some(900), night, false),
            (PokeOccasion::SecondPoke, &every, Some(59), noon, false),
            (PokeOccasion::SecondPoke, &every, Some(60), noon, true),
            (PokeOccasion::User, &office, Some(0), night, true),
        ] {
            let last = ago.map(|ago| now - SignedDuration::from_secs(ago));
            let found = extra_poke(wake, rhythm, last, now);
            assert_eq!(found, expected, "{wake:?} after {ago:?}");
        }
    }

    #[test]
    fn a_second_poke_once() {
        let start = wall("2026-11-24 12:00", AMSTERDAM);
        let second = |was_second, outcome, reason, next: Option<i64>| {
            let next = next.map(|seconds| start + SignedDuration::from_secs(seconds));
            second_poke(was_second, outcome, reason, start, || next, 7, "vevida")
        };
        use Outcome::{NothingWaiting, Refused, Signalled, Started};
        for (outcome, reason) in [
            (Signalled, Reason::QuitSignals),
            (Signalled, Reason::NormalHere),
            (Started, Reason::AlreadyRunning),
        ] {
            for next in [None, Some(900), Some(121)] {
                let at = second(false, outcome, reason, next).unwrap();
                let after = at.duration_since(start).as_secs();
                assert!((60..120).contains(&after), "{reason:?}: {after}");
            }
            assert_eq!(second(true, outcome, reason, None), None, "{reason:?}");
            assert_eq!(
                second(false, outcome, reason, Some(120)),
                None,
                "{reason:?}"
            );
        }
        for (outcome, reason) in [
            (Started, Reason::QueuingStarted),
            (NothingWaiting, Reason::NoMessages),
            (Refused, Reason::CannotQueue),
        ] {
            assert_eq!(second(false, outcome, reason, None), None, "{reason:?}");
        }
    }

    fn any_rhythm() -> impl Strategy<Value = Rhythm> {
        let interval = (10..100_000_u64).prop_map(Duration::from_secs);
        let beat = prop_oneof![
            interval.clone().prop_map(Beat::Every),
            (
                prop::sample::select(vec![
                    "mon-fri 07:00-19:00",
                    "22:00-06:00",
                    "sat,sun 01:30-02:30",
                    "00:00-24:00",
                    "mon 00:00-24:00",
                    "sun 02:15-02:45; mon-fri 08:00-12:00 13:00-17:00",
                    "12:00-11:59",
                ]),
                interval.clone(),
                proptest::option::of(interval),
            )
                .prop_map(|(hours, inside, outside)| Beat::Hours {
                    hours: hours.parse().unwrap(),
                    inside,
                    outside,
                }),
            prop::sample::select(vec![
                "* * * * *",
                "*/15 7-19 * * 1-5",
                "30 2 * * *",
                "*/10 1-3 * * 0",
                "59 23 31 12 *",
                "0 7 29 2 *",
            ])
            .prop_map(|pattern| Beat::Cron(Box::new(pattern.parse().unwrap()))),
        ];
        let jitter = prop_oneof![
            Just(Jitter::NONE),
            Just(Jitter::Auto),
            (0..5000_u64).prop_map(|seconds| Jitter::UpTo(Duration::from_secs(seconds))),
        ];
        let zone = prop::sample::select(vec![AMSTERDAM, NEW_YORK, LORD_HOWE, "UTC"]).prop_map(zone);
        (beat, zone, jitter).prop_map(|(beat, zone, jitter)| Rhythm { beat, zone, jitter })
    }

    /// A moment of three years, with more of them around the changes of the clock.
    fn any_time() -> impl Strategy<Value = Timestamp> {
        let near = prop::sample::select(vec![
            ("2026-03-29 01:00", AMSTERDAM),
            ("2026-10-25 01:00", AMSTERDAM),
            ("2026-03-08 01:00", NEW_YORK),
            ("2026-11-01 00:30", NEW_YORK),
            ("2026-04-05 01:00", LORD_HOWE),
            ("2026-10-04 01:00", LORD_HOWE),
        ]);
        prop_oneof![
            (1_767_000_000_000..1_861_000_000_000_i64),
            (near, 0..14_400_000_i64)
                .prop_map(|((at, zone), ms)| wall(at, zone).as_millisecond() + ms),
        ]
        .prop_map(|ms| Timestamp::from_millisecond(ms).unwrap())
    }

    proptest! {
        /// Never in the past, never where there is none, and the same whenever it is asked for.
        #[test]
        fn a_due_time_is_right(
            rhythm in any_rhythm(), last in any_time(), passed in 0.0..1.5_f64, seed: u64,
        ) {
            let due = next_due(&rhythm, Some(last), last, seed, "a").unwrap();
            prop_assert!(due > last);
            prop_assert!(rhythm.allows(due));
            let now = last + due.duration_since(last).mul_f64(passed);
            let again = next_due(&rhythm, Some(last), now, seed, "a").unwrap();
            if now < due {
                prop_assert_eq!(again, due);
            } else {
                prop_assert!(again >= now);
                prop_assert!(again == now || !rhythm.allows(now));
            }
        }

        /// No two pokes of a rhythm are closer than half its interval (or ten seconds), and a poke
        /// is at most the interval and its jitter after another.
        #[test]
        fn pokes_keep_their_distance(rhythm in any_rhythm(), begin in any_time(), seed: u64) {
            let mut last = begin;
            for _ in 0..20 {
                let due = next_due(&rhythm, Some(last), last, seed, "a").unwrap();
                let gap = due.duration_since(last).unsigned_abs() + Duration::from_millis(1);
                match &rhythm.beat {
                    Beat::Every(every) => {
                        prop_assert!(gap >= *every / 2);
                        prop_assert!(due <= last + *every + rhythm.jitter.of(*every));
                    }
                    Beat::Hours { inside, outside, .. } => {
                        prop_assert!(gap >= outside.unwrap_or(*inside).min(*inside) / 2);
                        if let Some(outside) = outside {
                            let longest = (*outside).max(*inside);
                            prop_assert!(due <= last + longest * 2 + rhythm.jitter.of(longest));
                        }
                    }
                    Beat::Cron(_) => prop_assert!(gap >= CLOSEST),
                }
                last = due;
            }
        }

        /// Time that goes on never brings a due time forward. (Where hours have just opened, a poke
        /// that is overdue does not wait for its turn in the opening.)
        #[test]
        fn due_times_are_monotone(
            mut rhythm in any_rhythm(), last in any_time(), now in any_time(), on in 0..900_000_i64,
        ) {
            if matches!(rhythm.beat, Beat::Hours { .. }) {
                rhythm.jitter = Jitter::NONE;
            }
            let later = now + SignedDuration::from_secs(on);
            let (a, b) = (due(&rhythm, Some(last), now), due(&rhythm, Some(last), later));
            prop_assert!(a <= b, "{a} {b}");
            prop_assert!(due(&rhythm, None, now) >= now);
        }

        /// After the clock was set back nobody waits longer than the interval and its jitter.
        #[test]
        fn a_clock_that_was_set_back_makes_no_long_wait(
            every in 10..100_000_u64, jitter in 0..5000_u64, now in any_time(), back in 0..10_000_000_i64,
        ) {
            let every = Duration::from_secs(every);
            let mut rhythm = Rhythm::every(every);
            rhythm.jitter = Jitter::UpTo(Duration::from_secs(jitter));
            let last = now + SignedDuration::from_secs(back);
            let due = due(&rhythm, Some(last), now);
            prop_assert!(due <= now + every + rhythm.jitter.of(every));
            prop_assert!(due >= now + every / 2);
        }

        /// Every time of a cron expression comes, and once, whatever the jitter.
        #[test]
        fn jitter_leaves_no_time_of_cron_out(begin in any_time(), seconds in 0..600_u64, seed: u64) {
            let mut rhythm = cron("*/5 1-8 * * *", AMSTERDAM);
            let end = begin + SignedDuration::from_hours(24);
            let exact = pokes(&rhythm, begin, end);
            rhythm.jitter = Jitter::UpTo(Duration::from_secs(seconds));
            let mut last = exact[0];
            for times in exact[1..].windows(2) {
                last = next_due(&rhythm, Some(last), last, seed, "a").unwrap();
                prop_assert!(times[0] <= last && last < times[1], "{} {:?}", last, times);
            }
        }
    }
}
