//! Windows 7 and Server 2008 R2, which have no toasts: what is to be shown goes back to the caller.

use tokio::sync::mpsc::UnboundedReceiver;

use super::{Notification, Ways};

/// Gives back what comes, until no more is to come.
pub(super) async fn keep<A>(mut notifications: UnboundedReceiver<Notification<A>>, ways: Ways<A>) {
    while let Some(notification) = notifications.recv().await {
        // Fails only while the program is ending.
        let _ = ways.unshown.send(notification);
    }
}
