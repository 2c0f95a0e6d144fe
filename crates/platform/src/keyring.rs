//! The system's keyring: the Secret Service over D-Bus (GNOME, KDE, KeePassXC), the Windows
//! Credential Manager, the macOS keychain.
//!
//! Nothing here unlocks a keyring or shows a prompt, and nothing waits longer than
//! 10 seconds for one.

mod entry;
#[cfg(any(windows, target_os = "macos"))]
mod native;
#[cfg(all(unix, not(target_os = "macos")))]
mod secret_service;

#[cfg(any(windows, target_os = "macos"))]
use native as system;
#[cfg(all(unix, not(target_os = "macos")))]
use secret_service as system;

use std::time::Duration;

use tokio::time::timeout;
use zeroize::Zeroizing;

pub use entry::{Entry, KeyringError};

/// How long the keyring may take; its service may have to start first.
const LIMIT: Duration = Duration::from_secs(10);

/// The secret, if there is one.
///
/// # Errors
/// [`KeyringError`].
pub async fn get(entry: Entry<'_>) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
    limited(system::get(entry)).await
}

/// Whether there is one.
///
/// # Errors
/// [`KeyringError`].
pub async fn holds(entry: Entry<'_>) -> Result<bool, KeyringError> {
    limited(system::holds(entry)).await
}

/// Keeps the secret instead of an earlier one.
///
/// # Errors
/// [`KeyringError`].
pub async fn set(entry: Entry<'_>, secret: &[u8]) -> Result<(), KeyringError> {
    limited(system::set(entry, secret)).await
}

/// Removes the secret. Returns whether there was one.
///
/// # Errors
/// [`KeyringError`].
pub async fn clear(entry: Entry<'_>) -> Result<bool, KeyringError> {
    limited(system::clear(entry)).await
}

async fn limited<T>(
    work: impl Future<Output = Result<T, KeyringError>>,
) -> Result<T, KeyringError> {
    timeout(LIMIT, work)
        .await
        .unwrap_or_else(|_| Err(KeyringError::Unavailable("timed out".to_owned())))
}
