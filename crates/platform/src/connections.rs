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

pub use seen::{Connection, Seen, Traffic};

/// What tells of connections, from when it is opened until it is dropped.
#[derive(Debug)]
pub struct Source(system::Source);

impl Source {
    /// From now on nothing is missed. Must be called within a tokio runtime.
    ///
    /// # Errors
    /// Why the system does not tell: [`io::ErrorKind::Unsupported`] and [`io::ErrorKind::NotFound`]
    /// where it cannot or no longer does in a form that is known, on Linux where the kernel lacks the
    /// module `tcp_diag`; [`io::ErrorKind::PermissionDenied`] where this process may not ask.
    pub fn open() -> io::Result<Self> {
        system::Source::open().map(Self)
    }

    /// Waits for what has been seen since the last call, or is seen next.
    ///
    /// # Errors
    /// As [`Source::open`]; nothing more comes then.
    pub async fn next(&mut self) -> io::Result<Seen> {
        self.0.next().await
    }
}

/// Whether something on this machine listens on the TCP port.
///
/// # Errors
/// As [`Source::open`].
pub fn listens(port: u16) -> io::Result<bool> {
    system::listens(port)
}
