//! Linux and macOS: waiting until a descriptor that tokio has no type for has something to read.

use std::{io, os::fd::OwnedFd};

use tokio::io::{Interest, unix::AsyncFd};

/// Wakes the task when there is something to read.
#[allow(
    deprecated,
    reason = "what replaces it is unsafe, for types that are not as honest as OwnedFd"
)]
pub(crate) fn readable(descriptor: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(descriptor, Interest::READABLE)
}
