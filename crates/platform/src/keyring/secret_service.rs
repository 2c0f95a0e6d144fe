//! The Secret Service (freedesktop.org, 0.2) over the session's bus. A connection lives as long as
//! one question; secrets cross it encrypted.

use std::collections::HashMap;

use secret_service::{EncryptionType, Error, Item, SearchItemsResult, SecretService};
use zeroize::Zeroizing;

use super::entry::{Entry, KeyringError};

pub(super) async fn get(entry: Entry<'_>) -> Result<Option<Zeroizing<Vec<u8>>>, KeyringError> {
    let service = connect().await?;
    match unlocked(&service, entry).await?.first() {
        Some(item) => Ok(Some(Zeroizing::new(item.get_secret().await?))),
        None => Ok(None),
    }
}

pub(super) async fn holds(entry: Entry<'_>) -> Result<bool, KeyringError> {
    let service = connect().await?;
    let SearchItemsResult { unlocked, locked } = search(&service, entry).await?;
    Ok(!unlocked.is_empty() || !locked.is_empty())
}

pub(super) async fn set(entry: Entry<'_>, secret: &[u8]) -> Result<(), KeyringError> {
    const TEXT: &str = "text/plain";
    let service = connect().await?;
    if let Some(item) = unlocked(&service, entry).await?.first() {
        item.set_secret(secret, TEXT).await?;
        return Ok(());
    }
    // Not any collection: the one of the session forgets when it ends.
    let collection = service.get_default_collection().await?;
    // Or else the service would ask the person.
    collection.ensure_unlocked().await?;
    let label = format!("Dequeue: {}", entry.account);
    collection
        .create_item(&label, attributes(entry), secret, true, TEXT)
        .await?;
    Ok(())
}

pub(super) async fn clear(entry: Entry<'_>) -> Result<bool, KeyringError> {
    let service = connect().await?;
    let items = unlocked(&service, entry).await?;
    for item in &items {
        item.delete().await?;
    }
    Ok(!items.is_empty())
}

async fn connect() -> Result<SecretService<'static>, KeyringError> {
    Ok(SecretService::connect(EncryptionType::Dh).await?)
}

/// The items of the entry that can be read. Where some may be hidden by a lock, that is the fault.
async fn unlocked<'a>(
    service: &'a SecretService<'_>,
    entry: Entry<'_>,
) -> Result<Vec<Item<'a>>, KeyringError> {
    let SearchItemsResult { unlocked, locked } = search(service, entry).await?;
    if unlocked.is_empty() {
        if !locked.is_empty() {
            return Err(KeyringError::Locked);
        }
        // Some services find nothing in a locked collection.
        service
            .get_default_collection()
            .await?
            .ensure_unlocked()
            .await?;
    }
    Ok(unlocked)
}

async fn search<'a>(
    service: &'a SecretService<'_>,
    entry: Entry<'_>,
) -> Result<SearchItemsResult<Item<'a>>, KeyringError> {
    Ok(service.search_items(attributes(entry)).await?)
}

/// What the entry is found by; services store these in the clear.
fn attributes(entry: Entry<'_>) -> HashMap<&str, &str> {
    HashMap::from([
        ("application", "Dequeue"),
        ("folder", entry.folder),
        ("account", entry.account),
    ])
}

impl From<Error> for KeyringError {
    fn from(error: Error) -> Self {
        match error {
            Error::Locked | Error::Prompt | Error::PromptDisconnected => Self::Locked,
            // No default collection, no service, no bus.
            error => Self::Unavailable(error.to_string()),
        }
    }
}
