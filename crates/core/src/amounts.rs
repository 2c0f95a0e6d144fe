//! Sizes, durations and differences of time as people say them. How the settings file has a time is
//! the business of [`settings::value`](crate::settings::value).

use std::time::Duration;

use jiff::SignedDuration;

use crate::{settings::value::format_duration, text::Text};

/// Octets as people say them, with one decimal below ten.
#[must_use]
pub fn size(octets: u64, text: &Text) -> String {
    let (unit, one) = match octets {
        ..1_000 => return text.format("size-bytes", &[("number", octets.to_string().into())]),
        1_000..999_500 => ("size-kb", 1_000),
        999_500..999_500_000 => ("size-mb", 1_000_000),
        _ => ("size-gb", 1_000_000_000),
    };
    let tenths = (octets + one / 20) / (one / 10);
    let number = if tenths < 100 {
        with_tenth(tenths, text)
    } else {
        ((octets + one / 2) / one).to_string()
    };
    text.format(unit, &[("number", number.into())])
}

/// A length of time as people say it, without decimals.
#[must_use]
pub fn duration(ms: u64, text: &Text) -> String {
    let (key, number) = match ms {
        ..1_000 => ("duration-ms", ms),
        1_000..120_000 => ("duration-seconds", (ms + 500) / 1_000),
        _ => ("duration-minutes", (ms + 30_000) / 60_000),
    };
    text.format(key, &[("number", number.to_string().into())])
}

/// How long something took: in milliseconds, from a second on with one decimal, from a minute on in
/// minutes and seconds.
#[must_use]
pub fn exact_duration(ms: u32, text: &Text) -> String {
    let (key, number) = match ms {
        ..1_000 => ("duration-ms", ms.to_string()),
        // What would be rounded to 60.0 s is a minute.
        1_000..59_950 => (
            "duration-seconds",
            with_tenth(u64::from(ms + 50) / 100, text),
        ),
        _ => {
            let seconds = (u64::from(ms) + 500) / 1_000;
            let values = [
                ("minutes", (seconds / 60).to_string().into()),
                ("seconds", (seconds % 60).to_string().into()),
            ];
            return text.format("duration-minutes-seconds", &values);
        }
    };
    text.format(key, &[("number", number.into())])
}

fn with_tenth(tenths: u64, text: &Text) -> String {
    let parts = [
        ("whole", (tenths / 10).to_string().into()),
        ("tenth", (tenths % 10).to_string().into()),
    ];
    text.format("number-with-tenth", &parts)
}

/// How long something has lasted: in minutes, from an hour on in whole hours, then in days and hours.
#[must_use]
pub fn roughly(time: SignedDuration) -> String {
    let minutes = u64::try_from(time.as_mins()).unwrap_or(0).max(1);
    let minutes = if minutes < 60 {
        minutes
    } else {
        minutes / 60 * 60
    };
    format_duration(Duration::from_secs(minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_as_people_say_them() {
        let text = Text::for_language("en");
        for (octets, said) in [
            (999, "999 bytes"),
            (1_000, "1.0 kB"),
            (9_949, "9.9 kB"),
            (9_950, "10 kB"),
            (999_499, "999 kB"),
            (999_500, "1.0 MB"),
            (20_400_000, "20 MB"),
            (3_000_000_000, "3.0 GB"),
        ] {
            assert_eq!(size(octets, &text), said);
        }
        for (ms, said) in [
            (999, "999 ms"),
            (1_000, "1 s"),
            (119_000, "119 s"),
            (150_000, "3 min"),
        ] {
            assert_eq!(duration(ms, &text), said);
        }
    }

    #[test]
    fn how_long_it_has_lasted() {
        for (seconds, said) in [
            (-5, "1m"),
            (59, "1m"),
            (3599, "59m"),
            (3600, "1h"),
            (2 * 3600 - 1, "1h"),
            (90_000, "1d1h"),
        ] {
            assert_eq!(roughly(SignedDuration::from_secs(seconds)), said);
        }
    }

    #[test]
    fn exact_times() {
        let text = Text::for_language("nl");
        for (ms, said) in [
            (184, "184 ms"),
            (1_000, "1,0 s"),
            (1_849, "1,8 s"),
            (59_949, "59,9 s"),
            (59_950, "1 min 0 s"),
            (125_400, "2 min 5 s"),
            (u32::MAX, "71582 min 47 s"),
        ] {
            assert_eq!(exact_duration(ms, &text), said);
        }
    }
}
