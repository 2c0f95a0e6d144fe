//! The Windows Credential Manager and the macOS keychain, through the stores of `keyring-core`,
//! which speak to the system and wait for it.

#[cfg(windows)]
use std::collections::HashMap;

#[cfg(target_os = "macos")]
use apple_native_keyring_store::keychain::Store;
use keyring_core::{Error, api::CredentialStoreApi};
#[cfg(windows)]
use windows_native_keyring_store::Store;
use zeroize::Zeroizing;

use super::entry::{Entry, KeyringError};
use crate::blocking::blocking;

pub(super) async fn get(entry: Entry<'_>) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
    with(entry, |stored| {
        found(stored.get_secret().map(Zeroizing::new))
    })
    .await
}

pub(super) async fn holds(entry: Entry<'_>) -> Result<bool, KeyringError> {
    Ok(get(entry).await?.is_some())
}

pub(super) async fn set(entry: Entry<'_>, secret: &[u8]) -> Result<(), KeyringError> {
    let secret = Zeroizing::new(secret.to_vec());
    with(entry, move |stored| Ok(stored.set_secret(&secret)?)).await
}

pub(super) async fn clear(entry: Entry<'_>) -> Result<bool, KeyringError> {
    with(entry, |stored| found(stored.delete_credential()))
        .await
        .map(|removed| removed.is_some())
}

async fn with<T: Send + 'static>(
    entry: Entry<'_>,
    work: impl FnOnce(keyring_core::Entry) -> Result<T, KeyringError> + Send + 'static,
) -> Result<T, KeyringError> {
    let service = format!("Dequeue {}", entry.folder);
    let account = entry.account.to_owned();
    blocking(move || {
        // Not the kind that follows the user to other machines: the folder does not.
        #[cfg(windows)]
        let modifiers = Some(HashMap::from([("persistence", "Local")]));
        #[cfg(not(windows))]
        let modifiers = None;
        work(Store::new()?.build(&service, &account, modifiers.as_ref())?)
    })
    .await
}

fn found<T>(answer: keyring_core::Result<T>) -> Result<Option<T>, KeyringError> {
    match answer {
        Ok(value) => Ok(Some(value)),
        Err(Error::NoEntry) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl From<Error> for KeyringError {
    fn from(error: Error) -> Self {
        match error {
            Error::TooLong(..) => Self::TooLong,
            // The display of these holds no secret; their debug output may.
            error => Self::Unavailable(error.to_string()),
        }
    }
}
