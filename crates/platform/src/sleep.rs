//! Whether the machine has slept.

#[cfg(windows)]
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A sleep that is worth a poke; also more than a clock is usually off when it is put right.
const LEAST: Duration = Duration::from_secs(30);

/// Whether Windows tells of each sleep: nobody has to wake up to find out.
#[cfg(windows)]
static IS_TOLD: AtomicBool = AtomicBool::new(false);

/// From now on Windows tells of each sleep, or no more.
#[cfg(windows)]
pub(crate) fn tell(is_told: bool) {
    IS_TOLD.store(is_told, Ordering::Relaxed);
}

/// Whether Windows tells of each sleep.
#[cfg(windows)]
pub(crate) fn is_told() -> bool {
    IS_TOLD.load(Ordering::Relaxed)
}

/// Whether the machine has slept, from two measures of the same span: `passed` on a clock that counts
/// on during sleep, `awake` on one that does not.
pub(crate) fn has_slept(passed: Duration, awake: Duration) -> bool {
    passed.saturating_sub(awake) >= LEAST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_is_told_from_a_wait_and_from_a_clock_put_right() {
        let hour = 3600;
        for (passed, awake, slept) in [
            (0, 0, false),
            (hour, hour, false),
            // A busy machine, a clock put right by seconds.
            (30, 1, false),
            (31, 1, true),
            (8 * hour, 30, true),
            // A clock put back.
            (0, hour, false),
        ] {
            let (passed, awake) = (Duration::from_secs(passed), Duration::from_secs(awake));
            assert_eq!(has_slept(passed, awake), slept, "{passed:?} {awake:?}");
        }
    }
}
