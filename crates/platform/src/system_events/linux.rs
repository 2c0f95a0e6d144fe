//! Linux: the kernel's messages about addresses, routes and links, and a timer that it ends when
//! the machine resumes. Neither asks for a privilege.

use std::{collections::BTreeSet, io, os::fd::OwnedFd, time::Duration};

use rustix::{
    io::{Errno, read},
    net::{SendFlags, SocketFlags, send},
    time::{
        ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec,
        clock_gettime, timerfd_create, timerfd_settime,
    },
};
use tokio::io::unix::AsyncFd;

use super::rtnetlink::{self, Message, Way};
use crate::{
    netlink::{DATAGRAM, open, read_dump, receive},
    readiness::readable,
    sleep::has_slept,
};

/// The kernel's messages about the network.
#[derive(Debug)]
pub(super) struct Network {
    /// Those that were there when it was last looked.
    pub(super) ways: BTreeSet<Way>,
    socket: AsyncFd<OwnedFd>,
}

impl Network {
    pub(super) fn open() -> io::Result<Self> {
        let socket = open(None, SocketFlags::NONBLOCK, rtnetlink::GROUPS)?;
        Ok(Self {
            socket: readable(socket)?,
            ways: ways()?,
        })
    }

    /// Waits for a change that may have to do with a way out.
    pub(super) async fn changed(&mut self) -> io::Result<()> {
        loop {
            let mut ready = self.socket.readable().await?;
            match ready.try_io(|socket| changes(socket.get_ref())) {
                Ok(Ok(false)) | Err(_) => {}
                Ok(Ok(true)) => return Ok(()),
                Ok(Err(error)) => return Err(error),
            }
        }
    }
}

/// Whether the next datagram is about a way out.
fn changes(socket: &OwnedFd) -> io::Result<bool> {
    match receive(socket, &mut [0; DATAGRAM]) {
        Ok(datagram) => Ok(rtnetlink::messages(datagram).any(|message| match message {
            Message::Way(_) | Message::Change => true,
            Message::Done(_) | Message::Other => false,
        })),
        // More than the kernel keeps for us: what, will be seen by looking.
        Err(Errno::NOBUFS) => Ok(true),
        Err(error) => Err(error.into()),
    }
}

/// The ways out that there are. The kernel answers at once: none of this waits.
pub(super) fn ways() -> io::Result<BTreeSet<Way>> {
    let socket = open(None, SocketFlags::empty(), 0)?;
    let mut ways = BTreeSet::new();
    for kind in [rtnetlink::GET_ADDRESSES, rtnetlink::GET_ROUTES] {
        send(&socket, &rtnetlink::ask(kind), SendFlags::empty())?;
        read_dump(&socket, |kind, body| {
            if let Message::Way(way) = rtnetlink::message(kind, body) {
                ways.insert(way);
            }
        })?;
    }
    Ok(ways)
}

/// A timer that never ends by itself. Whenever the wall clock makes a jump, as it does on resume,
/// the kernel cancels it.
#[derive(Debug)]
pub(super) struct Sleep {
    timer: AsyncFd<OwnedFd>,
    clocks: Clocks,
}

/// Since the machine was started: with the time that it slept, and without.
#[derive(Clone, Copy, Debug)]
struct Clocks {
    passed: Duration,
    awake: Duration,
}

impl Sleep {
    pub(super) fn open() -> io::Result<Self> {
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Realtime, flags)?;
        set(&timer)?;
        Ok(Self {
            timer: readable(timer)?,
            clocks: Clocks::now(),
        })
    }

    /// Waits for the end of the next sleep.
    pub(super) async fn over(&mut self) -> io::Result<()> {
        loop {
            let mut ready = self.timer.readable().await?;
            match ready.try_io(|timer| Ok(read(timer, &mut [0; 8])?)) {
                Ok(Err(error)) if error.raw_os_error() == Some(Errno::CANCELED.raw_os_error()) => {}
                Ok(Err(error)) => return Err(error),
                Ok(Ok(_)) | Err(_) => continue,
            }
            set(self.timer.get_ref())?;
            let before = std::mem::replace(&mut self.clocks, Clocks::now());
            if self.clocks.slept_since(before) {
                return Ok(());
            }
        }
    }
}

impl Clocks {
    fn now() -> Self {
        let read = |clock| Duration::try_from(clock_gettime(clock)).unwrap_or_default();
        Self {
            awake: read(ClockId::Monotonic),
            passed: read(ClockId::Boottime),
        }
    }

    /// Not when the wall clock was set: these two are no part of that.
    fn slept_since(self, before: Self) -> bool {
        has_slept(
            self.passed.saturating_sub(before.passed),
            self.awake.saturating_sub(before.awake),
        )
    }
}

fn set(timer: &OwnedFd) -> io::Result<()> {
    let never = Timespec {
        // Some 290 years after 1970; later the kernel's nanoseconds end.
        tv_sec: i64::MAX / 1_000_000_000,
        tv_nsec: 0,
    };
    let once = Timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    timerfd_settime(
        timer,
        TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET,
        &Itimerspec {
            it_interval: once,
            it_value: never,
        },
    )?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::timeout;

    /// As read around a resume after eight hours, and around a change of the wall clock.
    #[test]
    fn a_resume_is_told_from_a_clock_that_was_set() {
        let clocks = |passed, awake| Clocks {
            passed: Duration::from_millis(passed),
            awake: Duration::from_millis(awake),
        };
        let before = clocks(5_000_000, 4_000_000);
        assert!(clocks(33_801_000, 4_001_000).slept_since(before));
        assert!(!clocks(5_600_000, 4_600_000).slept_since(before));
        assert!(!clocks(5_610_000, 4_600_000).slept_since(before), "a nap");
        assert!(!before.slept_since(before));
    }

    #[tokio::test(start_paused = true)]
    async fn a_machine_that_stays_awake_has_not_slept() {
        let mut sleep = Sleep::open().unwrap();
        let century = Duration::from_secs(100 * 365 * 86_400);
        assert!(timeout(century, sleep.over()).await.is_err());
    }
}
