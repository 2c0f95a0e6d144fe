//! Where the tray is shown. One module a system; only they know the system's crates.

use dequeue_platform::desktop::Notification;
use tokio::sync::mpsc::UnboundedSender;

use crate::model::{Action, TrayModel};

#[cfg(target_os = "linux")]
pub(crate) mod linux;
#[cfg(target_os = "macos")]
pub(crate) mod macos;
#[cfg(any(windows, target_os = "macos"))]
mod menu;
#[cfg(windows)]
pub(crate) mod windows;

/// The place beside the clock.
pub(crate) trait TrayBackend {
    /// Shows this model from now on. Only a model that differs from the one before comes here.
    async fn show(&mut self, model: TrayModel);
    /// Takes the icon away.
    async fn remove(&mut self);
    /// Tells in its own way of what the desktop could not show, if it has one.
    fn tell(&mut self, notification: Notification<Action>) {
        let _ = notification;
    }
}

/// Something was chosen on the panel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    /// The entry that was chosen.
    pub(crate) action: Action,
    /// The desktop's leave for a window to come to the front, where it gives such.
    pub(crate) activation: Option<String>,
}

/// Where a backend sends choices to. Sending never blocks.
pub(crate) type Choices = UnboundedSender<Choice>;
