//! Work that waits for a disk or for the system, away from the async tasks.

use std::{future, panic};

/// Does the work on a thread where nothing else waits with it. Must be called within a tokio
/// runtime.
///
/// # Panics
/// With what the work itself panics with.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => match error.try_into_panic() {
            Ok(panic) => panic::resume_unwind(panic),
            // The runtime is shutting down, and the caller with it.
            Err(_) => future::pending().await,
        },
    }
}
