//! When an account is due: a pure function of its interval, its last poke and the time.

use std::time::Duration;

use jiff::Timestamp;

/// When the next poke is due. The rhythm counts from the beginning of the last poke. What is
/// overdue (the machine slept, the program was not running) is due now, once. After the clock was
/// set back, no wait is longer than the interval.
#[must_use]
pub fn next_due(every: Duration, last_start: Option<Timestamp>, now: Timestamp) -> Timestamp {
    last_start.map_or(now, |last| (last + every).clamp(now, now + every))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn due_times() {
        let at = |seconds: i64| Timestamp::from_second(1_000_000 + seconds).unwrap();
        let every = Duration::from_secs(900);
        for (what, last, now, due) in [
            ("the first poke", None, 0, 0),
            ("in the rhythm", Some(0), 10, 900),
            ("just now", Some(0), 0, 900),
            ("overdue after sleep", Some(0), 86_400, 86_400),
            ("the clock went back a day", Some(86_400), 0, 900),
            ("the clock went back a little", Some(100), 0, 900),
        ] {
            assert_eq!(next_due(every, last.map(at), at(now)), at(due), "{what}");
        }
    }
}
