//! What every system's keyring is asked by, and what it answers.

use thiserror::Error;

/// Whose secret it is.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    /// The data folder of the installation.
    pub folder: &'a str,
    /// The account's name.
    pub account: &'a str,
}

/// Why the keyring does not do it. It never holds the secret.
#[derive(Debug, Error)]
pub enum KeyringError {
    /// There is none, or it does not answer; what the system said.
    #[error("no keyring: {0}")]
    Unavailable(String),
    /// It waits for its own password. Those of Windows and macOS open with the user's session.
    #[error("the keyring is locked")]
    Locked,
    /// The secret is longer than it takes. The Secret Service has no such limit.
    #[error("the secret is too long for the keyring")]
    TooLong,
}
