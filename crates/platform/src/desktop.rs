//! Notifications on the desktop. A bus that is absent or a daemon that has died breaks nothing: it
//! is logged.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use notify_rust::NotificationHandle;

/// A daemon that does not answer within this time is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// A notification, with its words.
#[derive(Clone, Debug)]
pub struct Notification {
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
}

/// How urgent a notification is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Urgency {
    /// It may be missed.
    Normal,
    /// It stays longer, and is shown over what fills the screen.
    Critical,
}

/// Shows notifications. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Notifier {
    /// The last notification about each thing. GNOME closes a notification when the connection that
    /// sent it ends, so it is kept until a newer one takes its place.
    shown: Arc<Mutex<HashMap<String, Shown>>>,
}

struct Shown(#[allow(dead_code, reason = "kept for its connection")] NotificationHandle);

impl std::fmt::Debug for Shown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Shown")
    }
}

impl Notifier {
    /// Shows a notification, in the background. Must be called within a tokio runtime.
    pub fn show(&self, notification: Notification) {
        let mut sent = notify_rust::Notification::new();
        sent.appname("Dequeue")
            .summary(&notification.title)
            .body(&notification.body);
        decorate(&mut sent, notification.urgency);
        let Notification { about, markup, .. } = notification;
        let shown = self.shown.clone();
        tokio::spawn(async move {
            match tokio::time::timeout(PATIENCE, send(sent, markup)).await {
                Ok(Ok(handle)) => {
                    let mut shown = shown.lock().unwrap_or_else(PoisonError::into_inner);
                    shown.insert(about, Shown(handle));
                }
                Ok(Err(error)) => tracing::warn!(%error, "no notification could be shown"),
                Err(_) => tracing::warn!("the notification daemon does not answer"),
            }
        });
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn decorate(notification: &mut notify_rust::Notification, urgency: Urgency) {
    use notify_rust::Hint;
    notification
        .icon("dequeue")
        .hint(Hint::DesktopEntry("dequeue".to_owned()))
        .hint(Hint::Category("email".to_owned()))
        .urgency(match urgency {
            Urgency::Normal => notify_rust::Urgency::Normal,
            Urgency::Critical => notify_rust::Urgency::Critical,
        });
    if urgency == Urgency::Critical {
        // Not for ever: what stays on the screen until it is clicked is turned off within a day.
        notification.timeout(Duration::from_secs(20));
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
async fn send(
    mut notification: notify_rust::Notification,
    markup: String,
) -> Result<NotificationHandle, notify_rust::error::Error> {
    if reads_markup().await {
        notification.body(&markup);
    }
    notification.show_async().await
}

/// Whether the desktop reads a body as markup (Desktop Notifications Specification, the capability
/// `body-markup`). One that cannot be asked is taken to: an entity that is seen does less harm than a
/// link that is followed.
#[cfg(all(unix, not(target_os = "macos")))]
async fn reads_markup() -> bool {
    let asked = tokio::task::spawn_blocking(notify_rust::get_capabilities).await;
    match asked {
        Ok(Ok(known)) => known.iter().any(|capability| capability == "body-markup"),
        Ok(Err(_)) | Err(_) => true,
    }
}

#[cfg(windows)]
fn decorate(notification: &mut notify_rust::Notification, _urgency: Urgency) {
    notification.app_id(windows::APP_ID);
}

#[cfg(target_os = "macos")]
fn decorate(_notification: &mut notify_rust::Notification, _urgency: Urgency) {}

#[cfg(any(windows, target_os = "macos"))]
async fn send(
    notification: notify_rust::Notification,
    // The library writes what Windows reads as XML; macOS knows no markup.
    _markup: String,
) -> Result<NotificationHandle, notify_rust::error::Error> {
    let sending = tokio::task::spawn_blocking(move || {
        #[cfg(windows)]
        windows::register();
        #[cfg(target_os = "macos")]
        macos::register();
        notification.show()
    });
    sending
        .await
        .unwrap_or_else(|error| Err(notify_rust::error::ErrorKind::Msg(error.to_string()).into()))
}

#[cfg(windows)]
mod windows {
    //! Toasts need an AppUserModelID that the registry knows, else they are silent.

    use std::sync::Once;

    pub(super) const APP_ID: &str = "Dequeue.Tray";

    pub(super) fn register() {
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
}

#[cfg(target_os = "macos")]
mod macos {
    //! A notification is an application's, which the system knows by its bundle identifier. One that
    //! it does not know shows nothing, without a word; where none is named, the library has the
    //! system ask the user for one.

    use std::sync::Once;

    /// The tray's, where it lies in its application.
    const OWN: &str = "org.dequeue.tray";
    /// Known everywhere: for a tray that was built and started as it is.
    const ANY: &str = "com.apple.Finder";

    pub(super) fn register() {
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
}
