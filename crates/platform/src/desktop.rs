//! Notifications on the desktop. A bus that is absent or a daemon that has died breaks nothing: it
//! is logged.
//!
//! One task shows them all and hears of every click, whatever their number; it waits and does nothing
//! else. Linux and Windows have clicks, buttons and replacing; macOS shows, and no more. What cannot be shown goes back to the caller.

use std::path::PathBuf;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

#[cfg(all(unix, not(target_os = "macos")))]
mod freedesktop;
#[cfg(target_os = "macos")]
mod macos;
#[cfg(all(windows, not(target_vendor = "win7")))]
mod windows;
#[cfg(all(windows, target_vendor = "win7"))]
mod without_toasts;

#[cfg(all(unix, not(target_os = "macos")))]
use freedesktop::keep;
#[cfg(target_os = "macos")]
use macos::keep;
#[cfg(all(windows, not(target_vendor = "win7")))]
use windows::keep;
#[cfg(all(windows, target_vendor = "win7"))]
use without_toasts::keep;

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
    /// Whether it answers a click, so that somebody waits for it.
    pub is_answer: bool,
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

/// Where what comes of notifications goes.
#[derive(Debug)]
pub struct Ways<A> {
    /// Clicks.
    pub pressed: UnboundedSender<Pressed<A>>,
    /// Those that could not be shown, for want of what shows them or since it fails. One that the user
    /// does not want to see is among them only where it is an answer.
    pub unshown: UnboundedSender<Notification<A>>,
    /// A picture of the program, a PNG, for desktops that do not know it otherwise (Windows).
    pub picture: Option<PathBuf>,
    /// The name by which Windows knows the program (an AppUserModelID).
    pub app_id: &'static str,
}

/// Shows notifications.
#[derive(Debug)]
pub struct Notifier<A> {
    notifications: UnboundedSender<Notification<A>>,
}

impl<A: Clone + Send + Sync + 'static> Notifier<A> {
    /// One that tells of clicks there. Must be called within a tokio runtime.
    #[must_use]
    pub fn new(ways: Ways<A>) -> Self {
        let (notifications, shown): (_, UnboundedReceiver<Notification<A>>) = unbounded_channel();
        tokio::spawn(keep(shown, ways));
        Self { notifications }
    }

    /// Shows a notification, in the background.
    pub fn show(&self, notification: Notification<A>) {
        // Fails only while the runtime is ending.
        let _ = self.notifications.send(notification);
    }
}
