//! Toasts. They need an AppUserModelID that the registry knows, else they are silent. The system
//! tells of clicks in a thread of its own.

use std::sync::{Arc, Once};

use tauri_winrt_notification::{Duration, Toast};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};

use super::{Notification, Pressed};
use crate::blocking::blocking;

const APP_ID: &str = "Dequeue.Tray";

/// Shows what comes and tells of clicks, until no more is to come.
pub(super) async fn keep<A: Clone + Send + Sync + 'static>(
    mut notifications: UnboundedReceiver<Notification<A>>,
    pressed: UnboundedSender<Pressed<A>>,
) {
    while let Some(notification) = notifications.recv().await {
        let pressed = pressed.clone();
        let shown = blocking(move || {
            register();
            toast(notification, pressed).show()
        });
        if let Err(error) = shown.await {
            tracing::warn!(%error, "no notification could be shown");
        }
    }
}

/// As a toast. The library writes what the system reads as XML.
fn toast<A: Clone + Send + Sync + 'static>(
    notification: Notification<A>,
    pressed: UnboundedSender<Pressed<A>>,
) -> Toast {
    let mut toast = Toast::new(APP_ID)
        .title(&notification.title)
        .text2(&notification.body)
        .duration(Duration::Short);
    let mut actions = vec![notification.click.action];
    for button in notification.buttons {
        toast = toast.add_button(&button.label, &actions.len().to_string());
        actions.push(button.action);
    }
    let actions: Arc<[A]> = actions.into();
    toast.on_activated(move |argument| {
        // Without an argument it is the toast itself.
        let place = argument.map_or(Some(0), |argument| argument.parse().ok());
        if let Some(action) = place.and_then(|place: usize| actions.get(place)) {
            // Fails only while the program is ending.
            let _ = pressed.send(Pressed {
                action: action.clone(),
                activation: None,
            });
        }
        Ok(())
    })
}

fn register() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let path = format!(r"Software\Classes\AppUserModelId\{APP_ID}");
        let registered = windows_registry::CURRENT_USER
            .create(path)
            .and_then(|key| key.set_string("DisplayName", "Dequeue"));
        if let Err(error) = registered {
            tracing::warn!(%error, "the name for notifications could not be registered");
        }
    });
}
