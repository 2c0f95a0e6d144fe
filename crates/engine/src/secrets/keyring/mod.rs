//! The system's keyring: the Secret Service over D-Bus (GNOME, KDE, KeePassXC), the Windows
//! Credential Manager, the macOS keychain.
//!
//! Nothing here unlocks a keyring or shows a prompt, and nothing waits longer than
//! [`KEYRING_LIMIT`](super::KEYRING_LIMIT) for one.

#[cfg(any(windows, target_os = "macos"))]
mod native;
#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;

#[cfg(any(windows, target_os = "macos"))]
use native as system;
#[cfg(all(unix, not(target_os = "macos")))]
use secret_service as system;

use dequeue_smtp::Secret;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::KEYRING_LIMIT;

/// Whose secret it is.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry<'a> {
    /// The data folder of the installation.
    pub(super) folder: &'a str,
    pub(super) account: &'a str,
}

/// Why the keyring does not do it.
#[derive(Debug)]
pub(super) enum Fault {
    /// There is none, or it does not answer; what the system said.
    Unavailable(String),
    /// It waits for its own password.
    #[cfg_attr(
        any(windows, target_os = "macos"),
        expect(dead_code, reason = "these open with the user's session")
    )]
    Locked,
    /// The secret is longer than it takes.
    #[cfg_attr(
        all(unix, not(target_os = "macos")),
        expect(dead_code, reason = "the Secret Service has no such limit")
    )]
    TooLong,
}

/// The secret, if there is one.
pub(super) async fn get(entry: Entry<'_>) -> Result<Option<Zeroizing<Vec<u8>>>, Fault> {
    limited(system::get(entry)).await
}

/// Whether there is one.
pub(super) async fn holds(entry: Entry<'_>) -> Result<bool, Fault> {
    limited(system::holds(entry)).await
}

/// Keeps the secret instead of an earlier one.
pub(super) async fn set(entry: Entry<'_>, secret: &Secret) -> Result<(), Fault> {
    limited(system::set(entry, secret.expose().as_bytes())).await
}

/// Removes the secret. Returns whether there was one.
pub(super) async fn clear(entry: Entry<'_>) -> Result<bool, Fault> {
    limited(system::clear(entry)).await
}

/// Gives one entry's secret, or its having none, to another.
pub(super) async fn rename(from: Entry<'_>, to: Entry<'_>) -> Result<(), Fault> {
    limited(async {
        match system::get(from).await? {
            Some(secret) => {
                system::set(to, &secret).await?;
                system::clear(from).await?;
            }
            None => {
                system::clear(to).await?;
            }
        }
        Ok(())
    })
    .await
}

async fn limited<T>(work: impl Future<Output = Result<T, Fault>>) -> Result<T, Fault> {
    timeout(KEYRING_LIMIT, work)
        .await
        .unwrap_or_else(|_| Err(Fault::Unavailable("timed out".to_owned())))
}
