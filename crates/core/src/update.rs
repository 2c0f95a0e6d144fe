//! Newer versions of this program: what an announcement says, which ones are believed, and when it is
//! looked for one (`update_check`).
//!
//! An announcement is a small file that is signed. Whether the signature is right is not decided here;
//! what is signed is not yet to be believed either: whoever stands in between can hand out an old one,
//! which was signed once as well. So none is taken that is older than one that is known, and the
//! signature's own comment has to say the same as the file, so that nothing else that was ever signed
//! with the key is taken for an announcement.

use std::time::Duration;

use http::Uri;
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use semver::Version;
use serde::{Deserialize, Serialize};

/// What the comment of a signature begins with.
const COMMENT: &str = "dequeue";
/// Characters of the address of the notes.
const NOTES_CHARACTERS: usize = 300;
/// An announcement may be from a day that has not come yet, by clocks that go wrong and time zones.
const AHEAD_DAYS: i64 = 2;
/// How long after one look comes the next.
const WEEK: Duration = Duration::from_secs(7 * 86_400);
/// By how much a look is later than that at most, so that not all machines look at once.
const SPREAD: Duration = Duration::from_secs(86_400);
/// The first look comes so long after it was wanted, at the soonest and at the latest.
const FIRST: [Duration; 2] = [Duration::from_secs(300), Duration::from_secs(3600)];

/// Whether it is looked for newer versions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpdateCheck {
    /// Not at all: nobody is asked.
    #[default]
    Off,
    /// Once a week.
    Weekly,
}

/// What is announced: a version of this program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announcement {
    /// Its number (Semantic Versioning 2.0).
    pub version: Version,
    /// The day of its release.
    pub date: Date,
    /// A web address that says what is new.
    pub notes: String,
}

/// Why an announcement is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unbelieved {
    /// It is none, or its address of notes is none.
    #[error("it is no announcement")]
    Garbage,
    /// The comment of the signature says something else.
    #[error("its signature is for something else")]
    OtherComment,
    /// It is older than one that is known.
    #[error("it is older than one that is known")]
    Older,
    /// It is from a day that has not come yet.
    #[error("it is from the future")]
    Future,
}

impl Announcement {
    /// Reads a file whose signature is right, with the comment that the signature vouches for.
    ///
    /// # Errors
    /// [`Unbelieved::Garbage`] and [`Unbelieved::OtherComment`].
    pub fn read(file: &[u8], comment: &str) -> Result<Self, Unbelieved> {
        let read: Self = serde_json::from_slice(file).map_err(|_| Unbelieved::Garbage)?;
        let notes: Uri = read.notes.parse().map_err(|_| Unbelieved::Garbage)?;
        let is_address = notes.scheme_str() == Some("https") && notes.host().is_some();
        if !is_address || read.notes.chars().count() > NOTES_CHARACTERS {
            return Err(Unbelieved::Garbage);
        }
        if comment != read.comment() {
            return Err(Unbelieved::OtherComment);
        }
        Ok(read)
    }

    /// The comment that the signature of this announcement has to have.
    #[must_use]
    pub fn comment(&self) -> String {
        format!("{COMMENT} {} {}", self.version, self.date)
    }

    /// Whether it may take the place of the one that is known.
    ///
    /// # Errors
    /// [`Unbelieved::Older`] and [`Unbelieved::Future`].
    pub fn follows(&self, known: Option<&Self>, now: Timestamp) -> Result<(), Unbelieved> {
        let today = TimeZone::UTC.to_datetime(now).date();
        let latest = today.saturating_add(jiff::ToSpan::days(AHEAD_DAYS));
        if self.date > latest {
            return Err(Unbelieved::Future);
        }
        let is_older = |known: &Self| self.version < known.version || self.date < known.date;
        match known.is_some_and(is_older) {
            true => Err(Unbelieved::Older),
            false => Ok(()),
        }
    }

    /// Whether this is newer than the version that runs. A version before a release is told only to
    /// those who run one.
    #[must_use]
    pub fn is_newer_than(&self, running: &Version) -> bool {
        self.version > *running && (self.version.pre.is_empty() || !running.pre.is_empty())
    }
}

/// What is kept of it from one run to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownUpdate {
    /// When it was looked last, whatever came of it.
    pub looked_at: Option<Timestamp>,
    /// The newest announcement that was believed.
    pub announcement: Option<Announcement>,
}

impl KnownUpdate {
    /// By this clock: a look from the future is one of a clock that was wrong, and would be the last.
    pub fn at(&mut self, now: Timestamp) {
        self.looked_at.take_if(|looked_at| *looked_at > now);
    }
}

/// When it is looked next: a week after the last time and somewhat later, soon where there was none.
/// `wanted` is since when it is; `seed` is this installation's number.
#[must_use]
pub fn next_look(looked_at: Option<Timestamp>, wanted: Timestamp, seed: u64) -> Timestamp {
    let (from, least, most) = match looked_at {
        Some(at) => (at, WEEK, WEEK + SPREAD),
        None => (wanted, FIRST[0], FIRST[1]),
    };
    let spread = (most - least).as_secs();
    let chance = mixed(seed ^ from.as_second().cast_unsigned()) % spread;
    from.checked_add(least + Duration::from_secs(chance))
        .unwrap_or(Timestamp::MAX)
}

/// Spreads a number over all numbers (the finalizer of SplitMix64).
const fn mixed(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn announcement(version: &str, date: &str) -> Announcement {
        Announcement {
            version: version.parse().unwrap(),
            date: date.parse().unwrap(),
            notes: "https://dequeue.example/news".into(),
        }
    }

    #[test]
    fn what_is_no_announcement_is_refused() {
        let right =
            r#"{"version":"1.2.0","date":"2026-11-29","notes":"https://dequeue.example/1.2"}"#;
        let comment = "dequeue 1.2.0 2026-11-29";
        let read = Announcement::read(right.as_bytes(), comment).unwrap();
        assert_eq!(read.version, Version::new(1, 2, 0));
        assert_eq!(read.comment(), comment);
        for (file, comment, fault) in [
            ("", comment, Unbelieved::Garbage),
            ("<html>404</html>", comment, Unbelieved::Garbage),
            (&right.replace("1.2.0", "one"), comment, Unbelieved::Garbage),
            (
                &right.replace("11-29", "13-29"),
                comment,
                Unbelieved::Garbage,
            ),
            (
                &right.replace("https:", "http:"),
                comment,
                Unbelieved::Garbage,
            ),
            (
                &right.replace("https:", "javascript:"),
                comment,
                Unbelieved::Garbage,
            ),
            (
                &right.replace("/1.2\"", &format!("/{}\"", "x".repeat(400))),
                comment,
                Unbelieved::Garbage,
            ),
            (right, "dequeue 1.2.1 2026-11-29", Unbelieved::OtherComment),
            (
                right,
                "timestamp:1764400000\tfile:latest.json",
                Unbelieved::OtherComment,
            ),
            (right, "", Unbelieved::OtherComment),
        ] {
            let read = Announcement::read(file.as_bytes(), comment);
            assert_eq!(read, Err(fault), "{file} {comment}");
        }
    }

    #[test]
    fn none_is_taken_that_is_older_than_the_one_known() {
        let now: Timestamp = "2026-11-29T12:00:00Z".parse().unwrap();
        let known = announcement("1.2.0", "2026-11-20");
        for (version, date, expected) in [
            ("1.2.0", "2026-11-20", Ok(())),
            ("1.2.1", "2026-11-20", Ok(())),
            ("1.10.0", "2026-11-29", Ok(())),
            ("1.10.0", "2026-12-01", Ok(())),
            ("1.1.9", "2026-11-29", Err(Unbelieved::Older)),
            ("1.2.0-rc.1", "2026-11-29", Err(Unbelieved::Older)),
            ("1.3.0", "2026-11-19", Err(Unbelieved::Older)),
            ("1.3.0", "2026-12-02", Err(Unbelieved::Future)),
        ] {
            let new = announcement(version, date);
            assert_eq!(new.follows(Some(&known), now), expected, "{version} {date}");
        }
        assert_eq!(
            announcement("0.0.1", "2020-01-01").follows(None, now),
            Ok(())
        );
    }

    #[test]
    fn what_is_told_is_newer_than_what_runs() {
        for (running, announced, is_newer) in [
            ("1.2.0", "1.2.1", true),
            ("1.2.0", "1.10.0", true),
            ("1.2.0", "1.2.0", false),
            ("1.2.0", "1.1.9", false),
            ("1.2.0", "1.3.0-rc.1", false),
            ("1.3.0-rc.1", "1.3.0-rc.2", true),
            ("1.3.0-rc.1", "1.3.0", true),
        ] {
            let told =
                announcement(announced, "2026-11-20").is_newer_than(&running.parse().unwrap());
            assert_eq!(told, is_newer, "{running} {announced}");
        }
    }

    #[test]
    fn it_is_looked_once_a_week_and_not_by_all_at_once() {
        let now: Timestamp = "2026-11-29T12:00:00Z".parse().unwrap();
        let after = |at: Timestamp, from: Timestamp| at.duration_since(from).unsigned_abs();
        let mut firsts = std::collections::BTreeSet::new();
        for seed in 0..200 {
            let first = next_look(None, now, seed);
            assert!((FIRST[0]..FIRST[1]).contains(&after(first, now)));
            firsts.insert(first);
            let next = next_look(Some(first), first, seed);
            assert!((WEEK..WEEK + SPREAD).contains(&after(next, first)));
            // The same whenever it is asked.
            assert_eq!(next, next_look(Some(first), next, seed));
        }
        assert!(firsts.len() > 150, "{}", firsts.len());
        // A clock that was years ahead is no reason to look never again.
        let mut known = KnownUpdate {
            looked_at: Some(now + Duration::from_secs(1000 * 86_400)),
            announcement: None,
        };
        known.at(now);
        assert_eq!(known.looked_at, None);
        known.looked_at = Some(now);
        known.at(now);
        assert_eq!(known.looked_at, Some(now));
    }
}
