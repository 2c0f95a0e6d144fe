//! A notification is an application's, which the system knows by its bundle identifier. One that it
//! does not know shows nothing, without a word; where none is named, the library has the system ask
//! the user for one.
//!
//! The library tells of a click only to a thread that waits for it, so nobody hears of one here.

use std::sync::Once;

use tokio::sync::mpsc::UnboundedReceiver;

use super::{Notification, Ways};
use crate::blocking::blocking;

/// The tray's, where it lies in its application.
const OWN: &str = "org.dequeue.tray";
/// Known everywhere: for a tray that was built and started as it is.
const ANY: &str = "com.apple.Finder";

/// Shows what comes, until no more is to come.
pub(super) async fn keep<A: Send + 'static>(
    mut notifications: UnboundedReceiver<Notification<A>>,
    ways: Ways<A>,
) {
    while let Some(notification) = notifications.recv().await {
        let mut sent = notify_rust::Notification::new();
        sent.appname("Dequeue")
            .summary(&notification.title)
            .body(&notification.body);
        let shown = blocking(move || {
            register();
            sent.show().map(drop)
        });
        if let Err(error) = shown.await {
            tracing::warn!(%error, "no notification could be shown");
            // Fails only while the program is ending.
            let _ = ways.unshown.send(notification);
        }
    }
}

fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let program = std::env::current_exe().unwrap_or_default();
        let is_in_application = program
            .parent()
            .is_some_and(|folder| folder.ends_with("Contents/MacOS"));
        let identifier = if is_in_application { OWN } else { ANY };
        if let Err(error) = notify_rust::set_application(identifier) {
            tracing::warn!(%error, "the name for notifications could not be set");
        }
    });
}
