//! Who is at the other end of a local connection, as the system tells: what a client says of itself
//! counts for nothing.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(unix)]
pub use unix::of_socket;
#[cfg(windows)]
pub use windows::{is_too_early, of_pipe};

/// The user at the other end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The user's number on Unix, the SID on Windows.
    pub user: String,
    /// The session that the user is logged on to; 0 where the system tells of none.
    pub session: u32,
    /// What the user is to this process.
    pub standing: Standing,
}

/// What a user is to this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Root, the system itself, or an administrator who acts as one.
    Administrator,
    /// The user that this process runs as.
    Ourselves,
    /// A member of the group that this process runs as, which is not root's; on Windows of the machine's own
    /// group `dequeue`, where an administrator has made one.
    OurGroup,
    /// Anyone else.
    Stranger,
}
