//! When a call was made: a crontab's five fields, the triggers of Windows' task scheduler. Each
//! becomes settings of the rhythm.

/// Settings of the rhythm, by key.
pub(super) type Rhythm = Vec<(&'static str, String)>;

const HOUR: u32 = 60;
const DAY: u32 = 24 * HOUR;

/// What five fields of a crontab come to: an interval where they are no more than that, else the
/// expression as it stands.
pub(super) fn cron(fields: [&str; 5]) -> Rhythm {
    let [minute, hour, days @ ..] = fields;
    let every_day = days.iter().all(|field| *field == "*");
    let interval = match (step(minute, 60), step(hour, 24)) {
        (Some(minutes), Some(1)) if every_day => Some(format!("{minutes}m")),
        (None, Some(hours)) if every_day && minute.parse::<u8>().is_ok() => {
            Some(format!("{hours}h"))
        }
        _ => None,
    };
    match interval {
        Some(interval) => vec![("every", interval)],
        None => vec![("cron", fields.join(" "))],
    }
}

/// What a nickname in the place of the five fields stands for.
pub(super) fn nickname(name: &str) -> Option<Rhythm> {
    let fields = match name {
        "@hourly" => ["0", "*", "*", "*", "*"],
        "@daily" | "@midnight" => ["0", "0", "*", "*", "*"],
        "@weekly" => ["0", "0", "*", "*", "0"],
        "@monthly" => ["0", "0", "1", "*", "*"],
        "@yearly" | "@annually" => ["0", "0", "1", "1", "*"],
        _ => return None,
    };
    Some(cron(fields))
}

/// The even step of a field: 1 for `*`, 15 for `*/15` and for `0,15,30,45`. It goes evenly into what
/// the field counts up to.
fn step(field: &str, of: u32) -> Option<u32> {
    let step = if field == "*" {
        1
    } else if let Some(step) = field.strip_prefix("*/") {
        step.parse().ok()?
    } else {
        let listed: Option<Vec<u32>> = field.split(',').map(|part| part.parse().ok()).collect();
        let listed = listed.filter(|listed| listed.len() > 1)?;
        let step = of / u32::try_from(listed.len()).ok()?;
        let even = |pair: &[u32]| pair[1].checked_sub(pair[0]) == Some(step);
        if !listed.windows(2).all(even) {
            return None;
        }
        step
    };
    ((1..of).contains(&step) && of.is_multiple_of(step)).then_some(step)
}

/// A trigger of Windows' task scheduler.
#[derive(Debug, Default)]
pub(super) struct Trigger {
    pub(super) days: Days,
    /// The minute of the day at which it begins.
    pub(super) at: Option<u32>,
    pub(super) repetition: Option<Repetition>,
}

/// On which days a trigger goes off.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Days {
    /// Once; what is repeated without an end goes on from there.
    #[default]
    Once,
    /// Every so many days.
    Every(u32),
    /// On days of each week, by their first three letters.
    OfWeek(Vec<String>),
    /// On days of months, which are by their first three letters, or all of them.
    OfMonth { days: Vec<u32>, months: Vec<String> },
    /// On others, which are no rhythm of ours.
    Other,
}

/// How a trigger repeats on a day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Repetition {
    /// In minutes.
    pub(super) interval: u32,
    /// For how many minutes; without one it does not end.
    pub(super) duration: Option<u32>,
}

impl Trigger {
    /// The settings that mean the same; `None` where there are none.
    pub(super) fn rhythm(&self) -> Option<Rhythm> {
        let Some(Repetition { interval, duration }) = self.repetition else {
            return self.times();
        };
        if interval == 0 {
            return None;
        }
        let every = ("every", format!("{interval}m"));
        let part_of_day = duration.filter(|minutes| *minutes < DAY);
        let days = match (&self.days, part_of_day) {
            (Days::Once | Days::Every(1), None) => return Some(vec![every]),
            (Days::Every(1), Some(_)) => String::new(),
            (Days::OfWeek(days), Some(_)) if !days.is_empty() => days.join(",") + " ",
            _ => return None,
        };
        let from = self.at?;
        let to = (from + part_of_day?) % DAY;
        let clock = |minute: u32| format!("{:02}:{:02}", minute / HOUR, minute % HOUR);
        let hours = format!("{days}{}-{}", clock(from), clock(to));
        Some(vec![every, ("hours", hours)])
    }

    /// What does not repeat.
    fn times(&self) -> Option<Rhythm> {
        let days = match &self.days {
            Days::Every(1) => "* * *".to_owned(),
            Days::Every(days @ 2..) => return Some(vec![("every", format!("{days}d"))]),
            Days::OfWeek(days) if !days.is_empty() => format!("* * {}", days.join(",")),
            Days::OfMonth { days, months } => {
                let days: Vec<String> = days.iter().map(u32::to_string).collect();
                let months = match months.len() {
                    0 | 12 => "*".to_owned(),
                    _ => months.join(","),
                };
                format!("{} {months} *", days.join(","))
            }
            _ => return None,
        };
        match self.at {
            Some(at) => Some(vec![(
                "cron",
                format!("{} {} {days}", at % HOUR, at / HOUR),
            )]),
            None if self.days == Days::Every(1) => Some(vec![("every", "1d".to_owned())]),
            None => None,
        }
    }
}

/// A time of the day, `07:30` or `07:30:00`, in minutes.
pub(super) fn minute_of_day(text: &str) -> Option<u32> {
    let (hour, rest) = text.split_once(':')?;
    let minute = rest.split(':').next()?;
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < HOUR).then_some(hour * HOUR + minute)
}

/// A length of time as `HHHH:MM`, in minutes.
pub(super) fn hours_and_minutes(text: &str) -> Option<u32> {
    let (hours, minutes) = text.split_once(':')?;
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    hours.checked_mul(HOUR)?.checked_add(minutes)
}
