//! The clock: what time it is, and waiting for a time of day.
//!
//! Deadlines are wall-clock times, since a monotonic clock stands still while a laptop sleeps. One
//! wait serves all accounts, and nothing wakes up before it is over.

#[cfg(windows)]
mod windows;

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use tokio::{
    select,
    sync::Notify,
    time::{Instant, sleep},
};

/// A clock to live by.
#[derive(Clone, Copy, Debug)]
pub enum Clock {
    /// The system's.
    System,
    /// One that follows tokio's, which tests pause: it showed the first time at the second.
    Tokio(Timestamp, Instant),
    /// The same, but tests also set it.
    Set(Timestamp, Instant, &'static Setting),
}

/// How far a [`Clock::Set`] was set.
#[derive(Debug, Default)]
pub struct Setting {
    /// In milliseconds.
    by: AtomicI64,
    set: Notify,
}

impl Setting {
    /// Sets the clock forward or back. Whoever waits for a time looks at it again.
    pub fn set(&self, milliseconds: i64) {
        self.by.fetch_add(milliseconds, Ordering::Relaxed);
        self.set.notify_waiters();
    }

    fn by(&self) -> SignedDuration {
        SignedDuration::from_millis(self.by.load(Ordering::Relaxed))
    }
}

impl Clock {
    /// What time it is.
    #[must_use]
    pub fn now(self) -> Timestamp {
        match self {
            Self::System => Timestamp::now(),
            Self::Tokio(base, origin) => base + origin.elapsed(),
            Self::Set(base, origin, setting) => base + origin.elapsed() + setting.by(),
        }
    }

    /// Waits until the time has come, or until the system's clock was set: look at it again. Gives
    /// whether the machine has slept meanwhile, where nothing else tells: on an old Windows.
    pub async fn wait_until(self, time: Timestamp) -> bool {
        let remaining = time.duration_since(self.now()).unsigned_abs();
        if time <= self.now() {
            return false;
        }
        match self {
            Self::Tokio(..) => sleep(remaining).await,
            Self::Set(.., setting) => select! {
                () = sleep(remaining) => {}
                () = setting.set.notified() => {}
            },
            Self::System => return system::wait_until(time, remaining).await,
        }
        false
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::{io, time::Duration};

    use jiff::Timestamp;
    use rustix::time::{
        Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
        timerfd_settime,
    };

    use crate::readiness::readable;

    /// A timer on the wall clock: it counts on over suspend and ends early when the clock is set.
    pub(super) async fn wait_until(time: Timestamp, remaining: Duration) -> bool {
        if let Err(error) = on_timer(time).await {
            tracing::debug!(%error, "no timer on the wall clock; waiting by the monotonic one");
            tokio::time::sleep(remaining.min(super::LONGEST_BLIND_WAIT)).await;
        }
        false
    }

    async fn on_timer(time: Timestamp) -> io::Result<()> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Realtime, flags)?;
        let zero = Timespec {
            tv_sec: 0,
            tv_nsec: 0,
        };
        let at = Timespec {
            tv_sec: time.as_second(),
            // Never before the time: a poke that is due at .5 is not due at .4.
            tv_nsec: time.subsec_nanosecond().max(1).into(),
        };
        timerfd_settime(
            &timer,
            TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET,
            &Itimerspec {
                it_interval: zero,
                it_value: at,
            },
        )?;
        // Readable when the time has come and, with an error in place of the count, when the
        // clock was set: either way it is over.
        let timer = readable(timer)?;
        let _ready = timer.readable().await?;
        Ok(())
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::time::{Duration, Instant};

    use jiff::Timestamp;

    use crate::sleep::has_slept;

    pub(super) async fn wait_until(time: Timestamp, remaining: Duration) -> bool {
        #[cfg(windows)]
        if crate::sleep::is_told() && remaining > super::LONGEST_BLIND_WAIT {
            match super::windows::Timer::at(time) {
                Ok(timer) => {
                    // A clock that was set back has the timer ring late: nobody waits longer than
                    // was to be waited.
                    tokio::select! {
                        () = timer.rings() => {}
                        () = tokio::time::sleep(remaining) => {}
                    }
                    return false;
                }
                Err(error) => tracing::debug!(%error, "no timer on the wall clock"),
            }
        }
        let _ = time;
        blindly(remaining).await
    }

    /// A wait stands still while the machine sleeps. On Windows this clock does not, so a wait that
    /// took far longer than it was to has slept.
    async fn blindly(remaining: Duration) -> bool {
        let wait = remaining.min(super::LONGEST_BLIND_WAIT);
        let began = Instant::now();
        tokio::time::sleep(wait).await;
        cfg!(windows) && has_slept(began.elapsed(), wait)
    }
}

/// How late a deadline may be noticed after suspend or a change of the clock where the system tells
/// us of neither.
const LONGEST_BLIND_WAIT: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_paused_clock_moves_by_what_was_waited() {
        let base = Timestamp::from_second(1_700_000_000).unwrap();
        let clock = Clock::Tokio(base, Instant::now());
        clock.wait_until(base + Duration::from_secs(900)).await;
        assert_eq!(clock.now(), base + Duration::from_secs(900));
        clock.wait_until(base).await;
        assert_eq!(
            clock.now(),
            base + Duration::from_secs(900),
            "the past is not waited for"
        );
    }

    #[tokio::test]
    async fn the_systems_clock_is_not_early() {
        let due = Clock::System.now() + Duration::from_millis(30);
        Clock::System.wait_until(due).await;
        assert!(Clock::System.now() >= due);
    }
}
