//! Toasts. They need an AppUserModelID that the registry knows, else they are silent. The system
//! tells of clicks in a thread of its own.
//!
//! Where there are none (an old Windows, a server without a desktop, a service of the system's that is
//! turned off) each of them fails, and goes back to the caller.

use std::{fmt::Write as _, path::Path, sync::Once};

use sha1::{Digest, Sha1};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use windows::{
    Data::Xml::Dom::{XmlDocument, XmlElement},
    Foundation::TypedEventHandler,
    UI::Notifications::{
        NotificationSetting, ToastActivatedEventArgs, ToastNotification, ToastNotificationManager,
    },
    core::{HSTRING, IInspectable, Interface, Ref, Result, h},
};

use super::{Notification, Pressed, Urgency, Ways};
use crate::blocking::blocking;

/// Shows what comes and tells of clicks, until no more is to come.
pub(super) async fn keep<A: Clone + Send + Sync + 'static>(
    mut notifications: UnboundedReceiver<Notification<A>>,
    ways: Ways<A>,
) {
    let Ways {
        pressed,
        unshown,
        picture,
        app_id,
    } = ways;
    while let Some(notification) = notifications.recv().await {
        let (sent, pressed, picture) = (notification.clone(), pressed.clone(), picture.clone());
        let shown = blocking(move || {
            register(app_id, picture.as_deref());
            if is_unwanted(app_id) {
                return Ok(false);
            }
            show(app_id, &sent, pressed).map(|()| true)
        });
        let goes_back = match shown.await {
            Ok(shown) => !shown && notification.is_answer,
            Err(error) => {
                tracing::debug!(%error, "no toast could be shown");
                true
            }
        };
        if goes_back {
            // Fails only while the program is ending.
            let _ = unshown.send(notification);
        }
    }
}

/// Whether the user has turned off what this program has to tell. Where that cannot be known it is
/// tried.
fn is_unwanted(app_id: &str) -> bool {
    let setting = ToastNotificationManager::CreateToastNotifierWithId(&HSTRING::from(app_id))
        .and_then(|notifier| notifier.Setting());
    setting.is_ok_and(|setting| setting == NotificationSetting::DisabledForApplication)
}

/// Shows a toast; one about the same goes, also out of the list of those that were missed.
fn show<A: Clone + Send + Sync + 'static>(
    app_id: &str,
    notification: &Notification<A>,
    pressed: UnboundedSender<Pressed<A>>,
) -> Result<()> {
    let toast = ToastNotification::CreateToastNotification(&content(notification)?)?;
    toast.SetTag(&HSTRING::from(tag(&notification.about)))?;
    let buttons = notification.buttons.iter();
    let actions: Vec<A> = std::iter::once(&notification.click)
        .chain(buttons)
        .map(|button| button.action.clone())
        .collect();
    toast.Activated(&TypedEventHandler::new(
        move |_, clicked: Ref<'_, IInspectable>| {
            let clicked: ToastActivatedEventArgs = clicked.ok()?.cast()?;
            let argument = clicked.Arguments()?.to_string();
            // Without an argument it is the toast itself.
            let place = if argument.is_empty() {
                Ok(0)
            } else {
                argument.parse()
            };
            if let Some(action) = place.ok().and_then(|place: usize| actions.get(place)) {
                // Fails only while the program is ending.
                let _ = pressed.send(Pressed {
                    action: action.clone(),
                    activation: None,
                });
            }
            Ok(())
        },
    ))?;
    ToastNotificationManager::CreateToastNotifierWithId(&HSTRING::from(app_id))?.Show(&toast)
}

/// A name for what a toast is about: Windows before 10.0.15063 takes no more than 16 characters.
fn tag(about: &str) -> String {
    let digest = Sha1::digest(about);
    digest[..8].iter().fold(String::new(), |mut tag, byte| {
        // Writing to a string cannot fail.
        let _ = write!(tag, "{byte:02x}");
        tag
    })
}

/// What a toast shows and does, as Windows reads it. The words are set as text, so that nothing in them is
/// taken for markup.
///
/// Source: the toast schema,
/// <https://learn.microsoft.com/uwp/schemas/tiles/toastschema/schema-root>.
fn content<A>(notification: &Notification<A>) -> Result<XmlDocument> {
    let document = XmlDocument::new()?;
    let toast = document.CreateElement(h!("toast"))?;
    document.AppendChild(&toast)?;
    let stays = match notification.urgency {
        Urgency::Normal => h!("short"),
        Urgency::Critical => h!("long"),
    };
    toast.SetAttribute(h!("duration"), stays)?;
    let within = |parent: &XmlElement, name: &HSTRING| -> Result<XmlElement> {
        let element = document.CreateElement(name)?;
        parent.AppendChild(&element)?;
        Ok(element)
    };
    let binding = within(&within(&toast, h!("visual"))?, h!("binding"))?;
    binding.SetAttribute(h!("template"), h!("ToastGeneric"))?;
    for words in [&notification.title, &notification.body] {
        within(&binding, h!("text"))?.SetInnerText(&HSTRING::from(words))?;
    }
    let buttons = within(&toast, h!("actions"))?;
    for (place, button) in (1..).zip(&notification.buttons) {
        let action = within(&buttons, h!("action"))?;
        action.SetAttribute(h!("content"), &HSTRING::from(&button.label))?;
        // Which of the actions: the toast itself is the first.
        action.SetAttribute(h!("arguments"), &HSTRING::from(format!("{place}")))?;
    }
    Ok(document)
}

/// Tells the system the name and the picture that toasts come with.
fn register(app_id: &str, picture: Option<&Path>) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let path = format!(r"Software\Classes\AppUserModelId\{app_id}");
        let registered = windows_registry::CURRENT_USER.create(path).and_then(|key| {
            key.set_string("DisplayName", "Dequeue")?;
            match picture.and_then(Path::to_str) {
                Some(picture) => key.set_string("IconUri", picture),
                None => Ok(()),
            }
        });
        if let Err(error) = registered {
            tracing::warn!(%error, "the name for notifications could not be registered");
        }
    });
}
