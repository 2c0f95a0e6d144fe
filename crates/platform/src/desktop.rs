//! Notifications on the desktop. A bus that is absent or a daemon that has died breaks nothing: it
//! is logged.
//!
//! One task shows them all and hears of every click, whatever their number; it waits and does nothing
//! else. Linux has clicks, buttons and replacing; Windows has clicks and buttons, and keeps older
//! notifications in its list; macOS shows, and no more.

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

#[cfg(all(unix, not(target_os = "macos")))]
mod freedesktop;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(windows)]
mod windows;

#[cfg(all(unix, not(target_os = "macos")))]
use freedesktop::keep;
#[cfg(target_os = "macos")]
use macos::keep;
#[cfg(windows)]
use windows::keep;

/// A notification, with its words. What can be done from it is an `A` of the caller's.
#[derive(Clone, Debug)]
pub struct Notification<A> {
    /// What it is about: it takes the place of the last one about the same.
    pub about: String,
    /// Its headline.
    pub title: String,
    /// Its text.
    pub body: String,
    /// Its text once more, for desktops that read it as markup.
    pub markup: String,
    /// How urgent it is, where the desktop makes a difference.
    pub urgency: Urgency,
    /// What a click on it does.
    pub click: Button<A>,
    /// What else can be done, where the desktop has room for that.
    pub buttons: Vec<Button<A>>,
}

/// Something that can be done from a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Button<A> {
    /// Its words.
    pub label: String,
    /// What it does.
    pub action: A,
}

/// A notification or one of its buttons was clicked on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pressed<A> {
    /// What that does.
    pub action: A,
    /// The desktop's leave for a window to come to the front (XDG activation), where it gives such.
    pub activation: Option<String>,
}

/// How urgent a notification is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// It may be missed.
    Normal,
    /// It stays longer, and is shown over what fills the screen.
    Critical,
}

/// Shows notifications.
#[derive(Debug)]
pub struct Notifier<A> {
    notifications: UnboundedSender<Notification<A>>,
}

impl<A: Clone + Send + Sync + 'static> Notifier<A> {
    /// One that tells of clicks here. Must be called within a tokio runtime.
    #[must_use]
    pub fn new(pressed: UnboundedSender<Pressed<A>>) -> Self {
        let (notifications, shown): (_, UnboundedReceiver<Notification<A>>) = unbounded_channel();
        tokio::spawn(keep(shown, pressed));
        Self { notifications }
    }

    /// Shows a notification, in the background.
    pub fn show(&self, notification: Notification<A>) {
        // Fails only while the runtime is ending.
        let _ = self.notifications.send(notification);
    }
}
