//! macOS: the kernel's routing messages, which it sends to anyone. They come when the network
//! changes, and so also when the machine wakes; whether it has slept, its clocks tell then.

use std::{
    collections::BTreeSet,
    io,
    net::IpAddr,
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use rustix::{
    io::{Errno, FdFlags, fcntl_setfd, ioctl_fionbio},
    net::{AddressFamily, RecvFlags, SocketType, recv, socket},
    time::{ClockId, clock_gettime},
};
use tokio::io::unix::AsyncFd;

use super::routing::{BEGINNING, matters};
pub(super) use super::sockets::ways;
use crate::{readiness::readable, sleep::has_slept};

/// The messages about the network.
#[derive(Debug)]
pub(super) struct Network {
    /// Those that were there when it was last looked.
    pub(super) ways: BTreeSet<IpAddr>,
    messages: Messages,
}

impl Network {
    pub(super) fn open() -> io::Result<Self> {
        let messages = Messages::open()?;
        Ok(Self {
            messages,
            ways: ways()?,
        })
    }

    /// Waits for a change that may have to do with a way out.
    pub(super) async fn changed(&mut self) -> io::Result<()> {
        while !self.messages.next().await?.is_none_or(matters) {}
        Ok(())
    }
}

/// The messages again, as occasions to look at the clocks.
#[derive(Debug)]
pub(super) struct Sleep {
    messages: Messages,
    clocks: Clocks,
}

/// Two that run alike, except for sleep.
#[derive(Clone, Copy, Debug)]
struct Clocks {
    /// Counts on in sleep.
    passed: Duration,
    /// Stands still (CLOCK_UPTIME_RAW).
    awake: Instant,
}

impl Sleep {
    pub(super) fn open() -> io::Result<Self> {
        Ok(Self {
            messages: Messages::open()?,
            clocks: Clocks::now(),
        })
    }

    /// Waits for the end of the next sleep.
    pub(super) async fn over(&mut self) -> io::Result<()> {
        loop {
            self.messages.next().await?;
            let before = std::mem::replace(&mut self.clocks, Clocks::now());
            let passed = self.clocks.passed.saturating_sub(before.passed);
            if has_slept(passed, self.clocks.awake.duration_since(before.awake)) {
                return Ok(());
            }
        }
    }
}

impl Clocks {
    fn now() -> Self {
        Self {
            passed: Duration::try_from(clock_gettime(ClockId::Monotonic)).unwrap_or_default(),
            awake: Instant::now(),
        }
    }
}

#[derive(Debug)]
struct Messages {
    socket: AsyncFd<OwnedFd>,
}

impl Messages {
    fn open() -> io::Result<Self> {
        let socket = socket(AddressFamily::ROUTE, SocketType::RAW, None)?;
        fcntl_setfd(&socket, FdFlags::CLOEXEC)?;
        ioctl_fionbio(&socket, true)?;
        Ok(Self {
            socket: readable(socket)?,
        })
    }

    /// The beginning of the next message; none when there were more than the kernel keeps.
    async fn next(&mut self) -> io::Result<Option<[u8; BEGINNING]>> {
        let mut message = [0; BEGINNING];
        loop {
            let mut ready = self.socket.readable().await?;
            let received = ready
                .try_io(|socket| Ok(recv(socket.get_ref(), &mut message, RecvFlags::empty())?));
            match received {
                // One that is shorter has zeros in place of what it lacks, and so no version.
                Ok(Ok(_)) => return Ok(Some(message)),
                Ok(Err(error)) if error.raw_os_error() == Some(Errno::NOBUFS.raw_os_error()) => {
                    return Ok(None);
                }
                Ok(Err(error)) => return Err(error),
                Err(_would_block) => {}
            }
        }
    }
}
