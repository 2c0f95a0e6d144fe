//! The TCP connections of this machine, as its system tells of them to an ordinary user.
//!
//! On Linux the kernel tells of each as it ends, with its octets, without polling. Windows' table
//! is looked at 20 times a second: a connection is told of when it is first seen, its octets are
//! not known. macOS' table, looked at 10 times a second, has the octets as well: a connection is
//! told of when it is over. Nothing promises that table's form, which is checked; it was written
//! from Apple's published sources and has not been run on a Mac.

#[cfg(target_os = "linux")]
mod diag;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
mod nothing;
#[cfg(any(target_os = "macos", test))]
mod pcblist;
mod seen;
#[cfg(any(target_os = "macos", windows, test))]
mod table;
#[cfg(any(windows, test))]
mod tcp_table;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "linux")]
use linux as system;
#[cfg(target_os = "macos")]
use macos as system;
#[cfg(not(any(target_os = "linux", target_os = "macos", windows)))]
use nothing as system;
#[cfg(windows)]
use windows as system;

use std::io;

use crate::blocking::blocking;

pub use seen::{Connection, Seen, Traffic};

/// What tells of connections, from when it is opened until it is dropped.
#[derive(Debug)]
pub struct Source(system::Source);

impl Source {
    /// From when it returns nothing is missed. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// Why the system does not tell: [`io::ErrorKind::Unsupported`] and [`io::ErrorKind::NotFound`]
    /// where it cannot or no longer does in a form that is known, on Linux where the kernel lacks the
    /// module `tcp_diag`; [`io::ErrorKind::PermissionDenied`] where this process may not ask.
    pub async fn open() -> io::Result<Self> {
        blocking(system::Source::open).await.map(Self)
    }

    /// Waits for what has been seen since the last call, or is seen next.
    ///
    /// # Errors
    /// As [`Source::open`]; nothing more comes then.
    pub async fn next(&mut self) -> io::Result<Seen> {
        self.0.next().await
    }
}

/// Whether something on this machine listens on the TCP port. Must be called within a tokio runtime.
///
/// # Errors
/// As [`Source::open`].
pub async fn listens(port: u16) -> io::Result<bool> {
    blocking(move || system::listens(port)).await
}

#[cfg(test)]
mod tests {
    use std::{
        future::poll_fn,
        pin::{Pin, pin},
        sync::mpsc,
        task::Poll,
    };

    use tokio::task::spawn_blocking;

    use super::*;

    /// Whether this is still to come, once it has begun.
    async fn is_to_come(mut it: Pin<&mut impl Future>) -> bool {
        poll_fn(|context| Poll::Ready(it.as_mut().poll(context).is_pending())).await
    }

    /// The table of a busy machine is long.
    #[test]
    fn no_async_task_waits_for_the_system() {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().max_blocking_threads(1).build();
        runtime.unwrap().block_on(async {
            // The one thread for what waits has something else to do.
            let (go_on, told) = mpsc::channel::<()>();
            let other = spawn_blocking(move || told.recv());
            let (mut opened, mut listened) = (pin!(Source::open()), pin!(listens(1)));
            assert!(is_to_come(opened.as_mut()).await);
            assert!(is_to_come(listened.as_mut()).await);
            go_on.send(()).unwrap();
            other.await.unwrap().unwrap();
            // Not every system tells.
            let _ = (opened.await, listened.await);
        });
    }
}
