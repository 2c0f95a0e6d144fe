//! How long a pause lasts.

use jiff::{SignedDuration, Timestamp, ToSpan, civil, tz::TimeZone};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// When a pause until tomorrow ends.
const MORNING: civil::Time = civil::time(8, 0, 0, 0);

/// How long a pause lasts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum PauseLength {
    /// For so many seconds.
    Seconds(u32),
    /// Until tomorrow at eight, by the clock of the machine.
    Tomorrow,
    /// Until somebody ends it. It is recalled once a day.
    #[default]
    UntilResumed,
}

impl PauseLength {
    /// An hour.
    pub const HOUR: Self = Self::Seconds(3600);

    /// When a pause that begins `now` ends by itself, by the clock of `zone`; `None` where it does not.
    #[must_use]
    pub fn end(self, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Self::Seconds(seconds) => now
                .checked_add(SignedDuration::from_secs(seconds.into()))
                .ok(),
            Self::Tomorrow => {
                let today = now.to_zoned_datetime(zone.clone()).date();
                let morning = today.checked_add(1.day()).ok()?.to_datetime(MORNING);
                Some(zone.to_ambiguous_timestamp(morning).compatible().ok()?)
            }
            Self::UntilResumed => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_end_when_they_say() {
        let zone = TimeZone::get("Europe/Amsterdam").unwrap();
        // The clock is put forward in the night after the last.
        for (now, length, end) in [
            (
                "2026-11-25T09:20:00Z",
                PauseLength::HOUR,
                Some("2026-11-25T10:20:00Z"),
            ),
            (
                "2026-11-25T09:20:00Z",
                PauseLength::Tomorrow,
                Some("2026-11-26T07:00:00Z"),
            ),
            // Half past one at night, by the clock on the wall.
            (
                "2026-11-25T00:30:00Z",
                PauseLength::Tomorrow,
                Some("2026-11-26T07:00:00Z"),
            ),
            (
                "2026-03-28T09:20:00Z",
                PauseLength::Tomorrow,
                Some("2026-03-29T06:00:00Z"),
            ),
            ("2026-11-25T09:20:00Z", PauseLength::UntilResumed, None),
        ] {
            let now: Timestamp = now.parse().unwrap();
            let end: Option<Timestamp> = end.map(|end| end.parse().unwrap());
            assert_eq!(length.end(now, &zone), end, "{length:?} at {now}");
        }
    }
}
