//! The Desktop Notifications Specification 1.3, on the session bus: one connection for all
//! notifications, made for the first of them. It is kept, since GNOME closes a notification when the
//! connection that sent it ends.

use std::{collections::HashMap, time::Duration};

use futures_util::StreamExt;
use tokio::{sync::mpsc::UnboundedReceiver, time::timeout};
use zbus::{
    Connection, MatchRule, Message, MessageStream, message::Type, names::UniqueName,
    zvariant::Value,
};

use super::{Button, Notification, Pressed, Urgency, Ways};

const SERVICE: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";
/// A daemon that does not answer within this time is not waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// The key of a click on the notification itself; the buttons have their numbers.
const CLICK: &str = "default";
/// How long a critical notification stays. Not for ever: what stays on the screen until it is clicked
/// is turned off within a day.
const CRITICAL_STAYS: Duration = Duration::from_secs(20);
/// How many signals wait to be read before the oldest is lost.
const SIGNALS: usize = 64;

/// Shows what comes and tells of clicks, until no more is to come.
pub(super) async fn keep<A: Clone>(
    mut notifications: UnboundedReceiver<Notification<A>>,
    ways: Ways<A>,
) {
    let mut bus: Option<Bus> = None;
    let mut shown = Shown::default();
    loop {
        tokio::select! {
            next = notifications.recv() => {
                let Some(notification) = next else { return };
                match timeout(PATIENCE, send(&mut bus, &notification, &shown)).await {
                    Ok(Ok(place)) => {
                        shown.add(notification, place);
                        continue;
                    }
                    Ok(Err(error)) => tracing::warn!(%error, "no notification could be shown"),
                    Err(_) => tracing::warn!("the notification daemon does not answer"),
                }
                // Fails only while the program is ending.
                let _ = ways.unshown.send(notification);
            }
            signal = signal(&mut bus) => match signal {
                Some(signal) => {
                    if let Some(pressed_now) = shown.hear(&signal) {
                        // Fails only while the program is ending.
                        let _ = ways.pressed.send(pressed_now);
                    }
                }
                // The session's bus has gone.
                None => bus = None,
            },
        }
    }
}

struct Bus {
    connection: Connection,
    /// Of the daemon, about any notification: ours are told apart by their numbers.
    signals: MessageStream,
}

impl Bus {
    async fn connect() -> zbus::Result<Self> {
        let connection = Connection::session().await?;
        let rule = MatchRule::builder()
            .msg_type(Type::Signal)
            .sender(SERVICE)?
            .path(PATH)?
            .interface(SERVICE)?
            .build();
        let signals = MessageStream::for_match_rule(rule, &connection, Some(SIGNALS)).await?;
        Ok(Self {
            connection,
            signals,
        })
    }

    async fn call<B>(&self, method: &str, body: &B) -> zbus::Result<Message>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType,
    {
        self.connection
            .call_method(Some(SERVICE), PATH, Some(SERVICE), method, body)
            .await
    }
}

/// The daemon's next signal; none ever where there is no connection, `None` where it has ended.
async fn signal(bus: &mut Option<Bus>) -> Option<Message> {
    match bus {
        Some(bus) => bus.signals.next().await?.ok(),
        None => std::future::pending().await,
    }
}

/// Which notification of which daemon: the numbers of another begin anew.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Place {
    daemon: String,
    id: u32,
}

async fn send<A>(
    bus: &mut Option<Bus>,
    notification: &Notification<A>,
    shown: &Shown<A>,
) -> zbus::Result<Place> {
    let bus = match bus {
        Some(bus) => bus,
        None => bus.insert(Bus::connect().await?),
    };
    let answer = bus.call("GetCapabilities", &()).await?;
    let daemon = sender(&answer).unwrap_or_default();
    let known: Vec<String> = answer.body().deserialize()?;
    let has = |capability: &str| known.iter().any(|one| one == capability);
    let body = if has("body-markup") {
        &notification.markup
    } else {
        &notification.body
    };
    let mut actions = Vec::new();
    if has("actions") {
        actions = vec![CLICK.to_owned(), notification.click.label.clone()];
        for (place, button) in notification.buttons.iter().enumerate() {
            actions.extend([place.to_string(), button.label.clone()]);
        }
    }
    let (urgency, stays) = match notification.urgency {
        Urgency::Normal => (1_u8, -1),
        Urgency::Critical => (2, CRITICAL_STAYS.as_millis() as i32),
    };
    let hints = HashMap::from([
        ("desktop-entry", Value::from("dequeue")),
        ("category", Value::from("email")),
        ("urgency", Value::from(urgency)),
    ]);
    let last = shown.place(&notification.about);
    let replaced = last.filter(|last| last.daemon == daemon);
    let replaced = replaced.map_or(0, |last| last.id);
    let title = &notification.title;
    let answer = bus
        .call(
            "Notify",
            &(
                "Dequeue", replaced, "dequeue", title, body, actions, hints, stays,
            ),
        )
        .await?;
    Ok(Place {
        daemon,
        id: answer.body().deserialize()?,
    })
}

fn sender(message: &Message) -> Option<String> {
    message
        .header()
        .sender()
        .map(UniqueName::as_str)
        .map(str::to_owned)
}

/// The last notification about each thing. One that has closed stays here until the next about the
/// same: desktops let people click on what has left the screen.
struct Shown<A> {
    by_subject: HashMap<String, (Place, Vec<Button<A>>)>,
    /// What came for the click that follows.
    activation: Option<(Place, String)>,
}

impl<A> Default for Shown<A> {
    fn default() -> Self {
        Self {
            by_subject: HashMap::new(),
            activation: None,
        }
    }
}

impl<A: Clone> Shown<A> {
    fn add(&mut self, notification: Notification<A>, place: Place) {
        let mut buttons = vec![notification.click];
        buttons.extend(notification.buttons);
        self.by_subject.insert(notification.about, (place, buttons));
    }

    /// What a signal of the daemon does.
    fn hear(&mut self, signal: &Message) -> Option<Pressed<A>> {
        let header = signal.header();
        let member = header.member()?.as_str();
        if !matches!(member, "ActivationToken" | "ActionInvoked") {
            return None;
        }
        let (id, said): (u32, String) = signal.body().deserialize().ok()?;
        let place = Place {
            daemon: sender(signal)?,
            id,
        };
        let mut all = self.by_subject.values();
        let (_, buttons) = all.find(|(shown, _)| *shown == place)?;
        if member == "ActivationToken" {
            self.activation = Some((place, said));
            return None;
        }
        let button = match said.as_str() {
            CLICK => buttons.first(),
            key => buttons.get(key.parse::<usize>().ok()?.checked_add(1)?),
        };
        let activation = self.activation.take();
        Some(Pressed {
            action: button?.action.clone(),
            activation: activation
                .filter(|(given, _)| *given == place)
                .map(|(_, token)| token),
        })
    }
}

impl<A> Shown<A> {
    fn place(&self, about: &str) -> Option<&Place> {
        self.by_subject.get(about).map(|(place, _)| place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAEMON: &str = ":1.7";

    fn signal(sender: &str, member: &str, id: u32, said: &str) -> Message {
        Message::signal(PATH, SERVICE, member)
            .and_then(|builder| builder.sender(sender))
            .and_then(|builder| builder.build(&(id, said)))
            .unwrap()
    }

    fn button(action: &'static str) -> Button<&'static str> {
        Button {
            label: action.to_owned(),
            action,
        }
    }

    fn shown(about: &str, id: u32, shown: &mut Shown<&'static str>) {
        let notification = Notification {
            about: about.to_owned(),
            title: String::new(),
            body: String::new(),
            markup: String::new(),
            urgency: Urgency::Normal,
            click: button("open"),
            buttons: vec![button("again"), button("pause")],
            is_answer: false,
        };
        let daemon = DAEMON.to_owned();
        shown.add(notification, Place { daemon, id });
    }

    #[test]
    fn only_what_this_daemon_says_of_what_is_shown_counts() {
        let mut all = Shown::default();
        shown("a", 3, &mut all);
        shown("b", 4, &mut all);
        for (sender, member, id, said, action) in [
            (DAEMON, "ActionInvoked", 3, "default", Some("open")),
            (DAEMON, "ActionInvoked", 3, "0", Some("again")),
            (DAEMON, "ActionInvoked", 4, "1", Some("pause")),
            (DAEMON, "ActionInvoked", 4, "2", None),
            (DAEMON, "ActionInvoked", 4, "18446744073709551615", None),
            (DAEMON, "ActionInvoked", 5, "default", None),
            (":1.8", "ActionInvoked", 3, "default", None),
            (DAEMON, "NotificationReplied", 3, "default", None),
        ] {
            let pressed = all.hear(&signal(sender, member, id, said));
            assert_eq!(
                pressed.map(|it| it.action),
                action,
                "{sender} {member} {id} {said}"
            );
        }
        // The later about the same has taken its place.
        shown("a", 6, &mut all);
        assert_eq!(
            all.hear(&signal(DAEMON, "ActionInvoked", 3, "default")),
            None
        );
        assert_eq!(all.by_subject.len(), 2);
    }

    #[test]
    fn the_leave_to_come_to_the_front_goes_with_its_click_alone() {
        let mut all = Shown::default();
        shown("a", 3, &mut all);
        shown("b", 4, &mut all);
        for (given, pressed, token) in [(3, 3, Some("token")), (3, 4, None)] {
            let token_given = signal(DAEMON, "ActivationToken", given, "token");
            assert_eq!(all.hear(&token_given), None);
            let mut press = |id| {
                let pressed = all.hear(&signal(DAEMON, "ActionInvoked", id, "default"));
                pressed.unwrap().activation
            };
            assert_eq!(press(pressed).as_deref(), token);
            assert_eq!(press(pressed), None);
        }
    }
}
