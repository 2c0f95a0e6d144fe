//! The settings of the rhythm: working hours and the interval outside them, a time zone, a cron
//! expression, jitter. Each is read from what a person types and shown as the settings file has it.
//!
//! [`RhythmSettings::rhythm`](super::rhythm_settings::RhythmSettings::rhythm) makes of them what [`crate::schedule`] decides by.

use std::{cmp::Ordering, fmt, str::FromStr, time::Duration};

use croner::{
    CivilDate, CivilDateTime, CivilTime, Cron, CronDateTime, Resolution, Weekday,
    errors::CronError,
    parser::{CronParser, Seconds, Year},
};
use jiff::{SignedDuration, civil, tz::TimeZone};

use super::{
    fault::{FaultKind, RhythmFault},
    value::{Every, Range, format_duration, parse_duration},
};

// ---- Working hours -----------------------------------------------------------------------------

const DAY: u32 = 86_400;
/// The seconds of a week; it begins on Monday at midnight.
pub(crate) const WEEK: u32 = 7 * DAY;
const EVERY_DAY: u8 = 0b111_1111;

/// Working hours: `mon-fri 07:00-19:00; sat,sun 09:00-12:00`, over midnight too: `22:00-06:00`,
/// which belongs to the day on which it begins. Times without a day are of every day, or of the
/// days before the times in front of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hours {
    windows: Vec<Window>,
    /// What the windows cover, in seconds of the week: in order, apart, none over its end.
    open: Vec<(u32, u32)>,
}

/// Days, and one time on them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Window {
    /// A bit for each day, Monday's the lowest.
    days: u8,
    /// Minutes of the day. At or before `from`, `to` is on the next day.
    from: u16,
    to: u16,
}

impl Hours {
    /// The days on which they begin.
    #[must_use]
    pub fn days(&self) -> Vec<civil::Weekday> {
        (0..7_i8)
            .filter(|day| {
                self.windows
                    .iter()
                    .any(|window| window.days & (1 << day) != 0)
            })
            .filter_map(|day| civil::Weekday::from_monday_zero_offset(day).ok())
            .collect()
    }

    /// Whether a second of the week is within them.
    pub(crate) fn is_open(&self, second: u32) -> bool {
        self.open
            .iter()
            .any(|(from, to)| (*from..*to).contains(&second))
    }

    /// How many seconds of the wall clock until they open or close next. None where they
    /// never close.
    pub(crate) fn until_change(&self, second: u32) -> Option<u32> {
        let open = self.is_open(second);
        let edges = self
            .open
            .iter()
            .map(|(from, to)| if open { to } else { from });
        let next = edges.clone().find(|edge| **edge > second);
        // What ends with the week goes on where the next one begins with an opening.
        match next {
            Some(edge) if *edge < WEEK || !self.is_open(0) => Some(edge - second),
            Some(_) | None => {
                let first = edges.min().filter(|edge| **edge < WEEK)?;
                Some(WEEK - second + first)
            }
        }
    }

    fn new(windows: Vec<Window>) -> Self {
        let mut spans = Vec::new();
        for window in &windows {
            for day in (0..7).filter(|day| window.days & (1 << day) != 0) {
                let from = day * DAY + u32::from(window.from) * 60;
                let mut to = day * DAY + u32::from(window.to) * 60;
                if window.to <= window.from {
                    to += DAY;
                }
                spans.push((from, to.min(WEEK)));
                if to > WEEK {
                    spans.push((0, to - WEEK));
                }
            }
        }
        spans.sort_unstable();
        let mut open: Vec<(u32, u32)> = Vec::new();
        for (from, to) in spans {
            match open.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(to),
                _ => open.push((from, to)),
            }
        }
        Self { windows, open }
    }
}

impl FromStr for Hours {
    type Err = FaultKind;

    fn from_str(text: &str) -> Result<Self, FaultKind> {
        let mut text = text.to_lowercase().replace(['–', '—'], "-");
        // `mon - fri` is one word.
        while text.contains(" -") || text.contains("- ") {
            text = text.replace(" -", "-").replace("- ", "-");
        }
        let mut windows = Vec::new();
        let mut days = 0;
        let mut after_times = false;
        for word in text.split([',', ';', ' ', '\t', '\n', '\r']) {
            let wrong = || RhythmFault::Word(word.to_owned());
            if word.is_empty() {
                continue;
            }
            if word.starts_with(|c: char| c.is_ascii_digit()) {
                let (from, to) = parse_times(word).ok_or_else(wrong)?;
                if from == to {
                    return Err(RhythmFault::NoLength(word.to_owned()).into());
                }
                windows.push(Window {
                    days: if days == 0 { EVERY_DAY } else { days },
                    from,
                    to,
                });
                after_times = true;
            } else {
                if std::mem::take(&mut after_times) {
                    days = 0;
                }
                days |= parse_days(word).ok_or_else(wrong)?;
            }
        }
        if after_times {
            Ok(Self::new(windows))
        } else {
            Err(RhythmFault::NoTimes.into())
        }
    }
}

impl fmt::Display for Hours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut days_before = EVERY_DAY;
        for (i, window) in self.windows.iter().enumerate() {
            if i > 0 {
                f.write_str("; ")?;
            }
            if window.days != days_before {
                write_days(f, window.days)?;
                f.write_str(" ")?;
                days_before = window.days;
            }
            let (from, to) = (window.from, window.to);
            write!(
                f,
                "{:02}:{:02}-{:02}:{:02}",
                from / 60,
                from % 60,
                to / 60,
                to % 60
            )?;
        }
        Ok(())
    }
}

/// Three or more days in a row are shown as a range, others one by one.
fn write_days(f: &mut fmt::Formatter<'_>, days: u8) -> fmt::Result {
    let name = |day: usize| DAYS[day][0];
    let mut day = 0;
    let mut separator = "";
    while day < 7 {
        let length = (days >> day).trailing_ones() as usize;
        match length {
            0 => day += 1,
            1 | 2 => {
                write!(f, "{separator}{}", name(day))?;
                day += 1;
                separator = ",";
            }
            _ => {
                write!(f, "{separator}{}-{}", name(day), name(day + length - 1))?;
                day += length;
                separator = ",";
            }
        }
    }
    Ok(())
}

/// The days' names: as they are written, and the others that are understood.
const DAYS: [[&str; 5]; 7] = [
    ["mon", "mo", "monday", "ma", "maandag"],
    ["tue", "tu", "tuesday", "di", "dinsdag"],
    ["wed", "we", "wednesday", "wo", "woensdag"],
    ["thu", "th", "thursday", "do", "donderdag"],
    ["fri", "fr", "friday", "vr", "vrijdag"],
    ["sat", "sa", "saturday", "za", "zaterdag"],
    ["sun", "su", "sunday", "zo", "zondag"],
];

/// A day, or a range of them, over the week's end too.
fn parse_days(word: &str) -> Option<u8> {
    let day = |name: &str| DAYS.iter().position(|names| names.contains(&name));
    let (first, last) = match word.split_once('-') {
        Some((first, last)) => (day(first)?, day(last)?),
        None => (day(word)?, day(word)?),
    };
    let length = (last + 7 - first) % 7 + 1;
    Some((0..length).fold(0, |days, i| days | 1 << ((first + i) % 7)))
}

/// `07:00-19:00`, `7-19`, `22:00-6`, in minutes of the day; only the end may be 24:00.
fn parse_times(word: &str) -> Option<(u16, u16)> {
    let time = |text: &str| {
        let (hour, minute) = text.split_once(':').unwrap_or((text, "00"));
        let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if !digits(hour) || !digits(minute) || minute.len() != 2 || hour.len() > 2 {
            return None;
        }
        let (hour, minute): (u16, u16) = (hour.parse().ok()?, minute.parse().ok()?);
        (minute < 60 && hour * 60 + minute <= 24 * 60).then_some(hour * 60 + minute)
    };
    let (from, to) = word.split_once('-')?;
    let from = time(from).filter(|from| *from < 24 * 60)?;
    Some((from, time(to)?))
}

// ---- The others --------------------------------------------------------------------------------

/// The time between pokes outside the working hours, or `never`.
///
/// By default there are none: who sets working hours wants quiet outside them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OffHours(pub Option<Every>);

impl FromStr for OffHours {
    type Err = FaultKind;

    fn from_str(text: &str) -> Result<Self, FaultKind> {
        match text {
            "never" => Ok(Self(None)),
            every => Ok(Self(Some(every.parse()?))),
        }
    }
}

impl fmt::Display for OffHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(every) => every.fmt(f),
            None => f.write_str("never"),
        }
    }
}

/// A time zone of IANA's database, or `system`: this machine's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Zone(pub Option<TimeZone>);

const SYSTEM_ZONE: &str = "system";

impl FromStr for Zone {
    type Err = FaultKind;

    fn from_str(text: &str) -> Result<Self, FaultKind> {
        if text == SYSTEM_ZONE || text.is_empty() {
            return Ok(Self(None));
        }
        let zone = TimeZone::get(text)
            .ok()
            .filter(|zone| zone.iana_name().is_some());
        zone.map(|zone| Self(Some(zone)))
            .ok_or_else(|| RhythmFault::TimeZone.into())
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.as_ref().and_then(TimeZone::iana_name);
        f.write_str(name.unwrap_or(SYSTEM_ZONE))
    }
}

/// How far pokes spread: a length of time, or `auto`: a tenth of the interval, a minute at most.
/// `0s` is none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Jitter {
    /// A tenth of the interval, [`Jitter::AUTO_MOST`] at most.
    #[default]
    Auto,
    /// At most this, and at most half the interval: a poke stays nearer to its own time than to the
    /// next.
    UpTo(Duration),
}

impl Jitter {
    /// No jitter.
    pub const NONE: Self = Self::UpTo(Duration::ZERO);
    /// The most that is chosen without a person's word.
    pub const AUTO_MOST: Duration = Duration::from_secs(60);
    /// What may be entered.
    pub(crate) const RANGE: Range = Range::time(0, 31 * 86_400);

    /// How much it is for an interval.
    #[must_use]
    pub fn of(self, interval: Duration) -> Duration {
        match self {
            Self::Auto => (interval / 10).min(Self::AUTO_MOST),
            Self::UpTo(jitter) => jitter.min(interval / 2),
        }
    }
}

impl FromStr for Jitter {
    type Err = FaultKind;

    fn from_str(text: &str) -> Result<Self, FaultKind> {
        match text {
            "auto" => Ok(Self::Auto),
            jitter => Self::RANGE
                .time_within(parse_duration(jitter)?)
                .map(Self::UpTo),
        }
    }
}

impl fmt::Display for Jitter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str("auto"),
            Self::UpTo(jitter) => f.write_str(&format_duration(*jitter)),
        }
    }
}

// ---- Cron --------------------------------------------------------------------------------------

/// A cron expression of five fields (minute, hour, day of month, month, day of week) or one of
/// cron's words for one, such as `@hourly`. A day matches by either of its two fields where both
/// say something, as cron has it (crontab(5)).
#[derive(Clone, Debug)]
pub struct CronPattern {
    text: String,
    cron: Cron,
    /// Whether it has a time in every hour of the days that it is for.
    hourly: bool,
}

impl PartialEq for CronPattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for CronPattern {}

impl CronPattern {
    /// The next time on the wall, after or also `from`.
    pub(crate) fn next(&self, from: civil::DateTime, or_then: bool) -> Option<civil::DateTime> {
        let found = self.cron.find_next_occurrence(&Wall(from), or_then);
        found.ok().map(|Wall(time)| time)
    }

    pub(crate) const fn is_hourly(&self) -> bool {
        self.hourly
    }
}

impl FromStr for CronPattern {
    type Err = FaultKind;

    fn from_str(text: &str) -> Result<Self, FaultKind> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        // A field for seconds would allow more pokes than any provider likes.
        let parser = CronParser::builder()
            .seconds(Seconds::Disallowed)
            .year(Year::Disallowed)
            .build();
        let cron = parser.parse(&text).map_err(|_| RhythmFault::Cron)?;
        let hourly = (0..24).all(|hour| cron.pattern.hour_match(hour).unwrap_or(false));
        let pattern = Self { text, cron, hourly };
        // The calendar repeats itself after 400 years.
        let begin = civil::date(2000, 1, 1).at(0, 0, 0, 0);
        if pattern.next(begin, true).is_none() {
            return Err(RhythmFault::CronNever.into());
        }
        Ok(pattern)
    }
}

impl fmt::Display for CronPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A time on the wall, which croner searches without a time zone: what a pattern means on the days
/// when the clock is set is for [`crate::schedule`] to say, the same for every pattern.
#[derive(Clone)]
struct Wall(civil::DateTime);

impl CronDateTime for Wall {
    fn to_civil(&self) -> CivilDateTime {
        let (date, time) = (self.0.date(), self.0.time());
        CivilDateTime::new(
            CivilDate::from_parts_unchecked(
                date.year().into(),
                date.month().unsigned_abs().into(),
                date.day().unsigned_abs().into(),
            ),
            CivilTime::from_parts_unchecked(
                time.hour().unsigned_abs().into(),
                time.minute().unsigned_abs().into(),
                time.second().unsigned_abs().into(),
            ),
        )
    }

    fn civil_weekday(&self) -> Weekday {
        let day = self.0.weekday().to_sunday_zero_offset();
        Weekday::from_days_from_sunday(day.unsigned_abs().into())
    }

    fn resolve_civil(&self, at: CivilDateTime) -> Result<Resolution<Self>, CronError> {
        let small = |n: u32| i8::try_from(n).map_err(|_| CronError::InvalidTime);
        let year = i16::try_from(at.year()).map_err(|_| CronError::InvalidDate)?;
        civil::DateTime::new(
            year,
            small(at.month())?,
            small(at.day())?,
            small(at.hour())?,
            small(at.minute())?,
            small(at.second())?,
            0,
        )
        .map(|time| Resolution::Single(Self(time)))
        .map_err(|_| CronError::InvalidDate)
    }

    fn checked_add_seconds(&self, seconds: i64) -> Option<Self> {
        let added = self.0.checked_add(SignedDuration::from_secs(seconds));
        added.ok().map(Self)
    }

    fn cmp_instant(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::rhythm_settings::RhythmSettings;
    use crate::{settings::fault::Fault, text::Text};
    use proptest::prelude::*;

    #[test]
    fn hours_as_people_type_them_and_as_they_are_shown() {
        for (typed, shown) in [
            ("mon-fri 07:00-19:00", "mon-fri 07:00-19:00"),
            ("Mon - Fri  7:00 – 19:00", "mon-fri 07:00-19:00"),
            ("ma-vr 7-19", "mon-fri 07:00-19:00"),
            ("zaterdag, zondag 9-12", "sat,sun 09:00-12:00"),
            ("8-18", "08:00-18:00"),
            ("22:00-06:00", "22:00-06:00"),
            ("00:00-24:00", "00:00-24:00"),
            (
                "mon-fri 08:00-12:00, 13:00-17:00; sat 9-12",
                "mon-fri 08:00-12:00; 13:00-17:00; sat 09:00-12:00",
            ),
            ("wo,do 9-10", "wed,thu 09:00-10:00"),
            ("sat-mon 9-10", "mon,sat,sun 09:00-10:00"),
            ("mon,tue,wed,fri-sun 9-10", "mon-wed,fri-sun 09:00-10:00"),
            (
                "8-10, mon 10-11; mon-sun 20-21",
                "08:00-10:00; mon 10:00-11:00; mon-sun 20:00-21:00",
            ),
        ] {
            let hours: Hours = typed.parse().unwrap();
            assert_eq!(hours.to_string(), shown, "{typed}");
            assert_eq!(shown.parse::<Hours>().unwrap(), hours, "{typed}");
        }
    }

    #[test]
    fn what_is_wrong_is_named() {
        let text = Text::for_language("en");
        let sentence = |field: &str, value: &str, kind| {
            let sentence = Fault::new(field, value, kind).sentence(&text);
            sentence.split_once(": ").unwrap().1.to_owned()
        };
        let remedy = "Enter days and times, as in mon-fri 07:00-19:00; sat,sun 09:00-12:00, or leave it out.";
        for (value, fault) in [
            (
                "mon-fru 7-19",
                "“mon-fru” is neither a day nor a period of time.",
            ),
            ("mon 7:00", "“7:00” is neither a day nor a period of time."),
            ("mon 7-25", "“7-25” is neither a day nor a period of time."),
            (
                "mon 7:60-8",
                "“7:60-8” is neither a day nor a period of time.",
            ),
            (
                "mon 24:00-8",
                "“24:00-8” is neither a day nor a period of time.",
            ),
            (
                "mon 7-8; tue",
                "“mon 7-8; tue” gives no times for the last of its days.",
            ),
            ("", "“” gives no times for the last of its days."),
            ("mon 9-9", "“9-9” ends where it begins."),
        ] {
            let kind = value.parse::<Hours>().unwrap_err();
            assert_eq!(sentence("hours", value, kind), format!("{fault} {remedy}"));
        }
        for (value, fault) in [
            ("*/15 7-19 * *", "“*/15 7-19 * *” is not a cron expression."),
            (
                "0 */15 7-19 * * 1-5",
                "“0 */15 7-19 * * 1-5” is not a cron expression.",
            ),
            ("60 * * * *", "“60 * * * *” is not a cron expression."),
            ("often", "“often” is not a cron expression."),
            ("0 7 30 2 *", "“0 7 30 2 *” names a day that never comes."),
        ] {
            let kind = value.parse::<CronPattern>().unwrap_err();
            assert!(sentence("cron", value, kind).starts_with(fault), "{value}");
        }
        let kind = "Europe/Amsterdm".parse::<Zone>().unwrap_err();
        assert!(
            sentence("time_zone", "Europe/Amsterdm", kind).starts_with("there is no time zone")
        );
        assert_eq!("5s".parse::<OffHours>(), Err(FaultKind::TooShort));
        assert_eq!("32d".parse::<Jitter>(), Err(FaultKind::OutOfRange));
        for language in crate::text::LANGUAGES {
            let text = Text::for_language(language);
            for field in ["hours", "time_zone", "outside", "cron", "jitter"] {
                for key in ["field", "remedy"] {
                    let key = format!("{key}-{field}");
                    assert_ne!(text.get(&key), key, "{language}");
                }
            }
        }
    }

    #[test]
    fn the_others_come_back() {
        for text in ["never", "2h", "1h30m"] {
            assert_eq!(text.parse::<OffHours>().unwrap().to_string(), text);
        }
        for text in ["auto", "0s", "1m"] {
            assert_eq!(text.parse::<Jitter>().unwrap().to_string(), text);
        }
        for text in ["system", "Europe/Amsterdam", "UTC"] {
            assert_eq!(text.parse::<Zone>().unwrap().to_string(), text);
        }
        for text in ["*/15 7-19 * * 1-5", "@hourly", "0 7 29 2 *", "0 7 * * MON"] {
            let pattern: CronPattern = text.parse().unwrap();
            assert_eq!(pattern.to_string(), text);
            assert_eq!(pattern.to_string().parse::<CronPattern>(), Ok(pattern));
        }
        let mut settings = RhythmSettings::every("15m".parse().unwrap());
        settings.cron = Some("@hourly".parse().unwrap());
        assert_eq!(settings.fault(), None);
        settings.hours = Some("7-19".parse().unwrap());
        assert_eq!(settings.fault(), Some(("cron", RhythmFault::CronAndHours)));
    }

    #[test]
    fn jitter_is_chosen_by_the_interval() {
        let seconds = Duration::from_secs;
        for (jitter, interval, expected) in [
            (Jitter::Auto, 60, 6),
            (Jitter::Auto, 900, 60),
            (Jitter::Auto, 86_400, 60),
            (Jitter::UpTo(seconds(300)), 900, 300),
            (Jitter::UpTo(seconds(300)), 60, 30),
            (Jitter::NONE, 900, 0),
        ] {
            assert_eq!(jitter.of(seconds(interval)), seconds(expected));
        }
    }

    fn any_hours() -> impl Strategy<Value = Hours> {
        let window = (1..=EVERY_DAY, 0..1440_u16, 1..=1440_u16)
            .prop_filter("some length", |(_, from, to)| from != to)
            .prop_map(|(days, from, to)| Window { days, from, to });
        proptest::collection::vec(window, 1..5).prop_map(Hours::new)
    }

    proptest! {
        #[test]
        fn hours_come_back(hours in any_hours()) {
            prop_assert_eq!(hours.to_string().parse::<Hours>(), Ok(hours));
        }

        /// Against every minute of the week, looked at one by one.
        #[test]
        fn hours_change_when_they_say(hours in any_hours(), from in 0..WEEK) {
            let by_windows = |second: u32| {
                let (day, minute) = (second / DAY, (second % DAY / 60) as u16);
                hours.windows.iter().any(|window| {
                    let on = |day: u32| window.days & (1 << (day % 7)) != 0;
                    if window.from < window.to {
                        on(day) && (window.from..window.to).contains(&minute)
                    } else {
                        (on(day) && minute >= window.from) || (on(day + 6) && minute < window.to)
                    }
                })
            };
            prop_assert_eq!(hours.is_open(from), by_windows(from));
            let change = (1..=WEEK / 60)
                .map(|minutes| (from / 60 + minutes) * 60)
                .find(|second| by_windows(second % WEEK) != by_windows(from));
            prop_assert_eq!(hours.until_change(from), change.map(|second| second - from));
        }

        /// No text brings it down, and what it makes of it comes back.
        #[test]
        fn any_text_is_hours_or_has_a_fault(text in "[a-z0-9:,; –-]{0,24}") {
            if let Ok(hours) = text.parse::<Hours>() {
                prop_assert_eq!(hours.to_string().parse::<Hours>(), Ok(hours));
            }
        }
    }
}
