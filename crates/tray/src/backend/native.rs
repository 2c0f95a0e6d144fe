//! Windows and macOS: the icon lives on the main thread's event loop, everything else in another
//! thread, and messages go between them.
//!
//! Left click opens the window on Windows and the menu on macOS, as people are used to there.

use std::{sync::mpsc as blocking, thread, time::Duration};

use tao::{
    event::Event,
    event_loop::{ControlFlow, EventLoop, EventLoopBuilder, EventLoopProxy},
};
use tokio::sync::{
    mpsc::{UnboundedReceiver, unbounded_channel},
    oneshot,
};
use tray_icon::{
    Icon, TrayIcon, TrayIconBuilder, TrayIconEvent,
    menu::{CheckMenuItem, IsMenuItem, Menu, MenuEvent, MenuItem, PredefinedMenuItem, Submenu},
};

use super::{Choice, Choices, TrayBackend};
use crate::{
    icons::{self, Pixels},
    model::{Action, Entry, Sign, TrayModel},
};

/// How long the end of a session may be held up for an orderly end.
const ENDING: Duration = Duration::from_secs(4);
/// Windows cuts a tooltip off at 128 units of UTF-16, its end included.
#[cfg(windows)]
const TOOLTIP_UNITS: usize = 127;

/// What reaches the main thread.
enum Message {
    /// A model to show from now on.
    Show(Box<TrayModel>),
    /// The icon is to go; answered when it has.
    Remove(oneshot::Sender<()>),
    /// A menu entry was chosen, by its id.
    Chosen(String),
    /// The icon was clicked on.
    #[cfg(windows)]
    Clicked,
    /// The taskbar has another colour.
    #[cfg(windows)]
    TaskbarChanged,
    /// The other thread is done.
    Done,
}

/// The other thread's end.
pub(crate) struct Native {
    main: EventLoopProxy<Message>,
}

impl TrayBackend for Native {
    async fn show(&mut self, model: TrayModel) {
        self.send(Message::Show(Box::new(model)));
    }

    async fn remove(&mut self) {
        let (removed, done) = oneshot::channel();
        self.send(Message::Remove(removed));
        // An error means that the main thread has ended, and the icon with it.
        let _ = done.await;
    }
}

impl Native {
    fn send(&self, message: Message) {
        // As above.
        let _ = self.main.send_event(message);
    }
}

/// Runs `life` in a thread of its own, and the event loop in this one until `life` has ended.
///
/// # Errors
/// What the system says when there can be no second thread.
pub(crate) fn run(
    life: impl FnOnce(Native, UnboundedReceiver<Choice>) + Send + 'static,
) -> Result<(), String> {
    let events = event_loop();
    let (choices, chosen) = unbounded_channel();
    let (ended, end) = blocking::channel();
    let backend = Native {
        main: events.create_proxy(),
    };
    let main = events.create_proxy();
    thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || {
            life(backend, chosen);
            let _ = ended.send(());
            let _ = main.send_event(Message::Done);
        })
        .map_err(|error| error.to_string())?;
    listen(&events);

    let mut shown = Shown {
        icon: None,
        model: None,
        items: Vec::new(),
        builds: 0,
        choices,
        scale: 1.0,
    };
    events.run(move |event, target, flow| {
        *flow = ControlFlow::Wait;
        match event {
            Event::UserEvent(Message::Show(model)) => {
                shown.scale = target.primary_monitor().map_or(1.0, |it| it.scale_factor());
                shown.show(*model);
            }
            Event::UserEvent(Message::Remove(removed)) => {
                shown.icon = None;
                let _ = removed.send(());
            }
            Event::UserEvent(Message::Chosen(id)) => shown.chosen(&id),
            #[cfg(windows)]
            Event::UserEvent(Message::Clicked) => shown.choose(Action::Open(None)),
            #[cfg(windows)]
            Event::UserEvent(Message::TaskbarChanged) => shown.draw(),
            Event::UserEvent(Message::Done) => *flow = ControlFlow::Exit,
            // The session ends, or we do; the engine ends in good order either way.
            Event::LoopDestroyed => {
                shown.icon = None;
                shown.choose(Action::Quit);
                let _ = end.recv_timeout(ENDING);
            }
            _ => {}
        }
    })
}

#[cfg(windows)]
fn event_loop() -> EventLoop<Message> {
    EventLoopBuilder::with_user_event().build()
}

/// Without a place in the Dock.
#[cfg(target_os = "macos")]
fn event_loop() -> EventLoop<Message> {
    use tao::platform::macos::{ActivationPolicy, EventLoopExtMacOS};
    let mut events = EventLoopBuilder::with_user_event().build();
    events.set_activation_policy(ActivationPolicy::Accessory);
    events
}

/// Has the system's events come through the loop.
fn listen(events: &EventLoop<Message>) {
    let main = events.create_proxy();
    MenuEvent::set_event_handler(Some(move |event: MenuEvent| {
        let _ = main.send_event(Message::Chosen(event.id.0));
    }));
    #[cfg(windows)]
    {
        use tray_icon::{MouseButton, MouseButtonState};
        let main = events.create_proxy();
        TrayIconEvent::set_event_handler(Some(move |event: TrayIconEvent| {
            if let TrayIconEvent::Click {
                button: MouseButton::Left,
                button_state: MouseButtonState::Up,
                ..
            } = event
            {
                let _ = main.send_event(Message::Clicked);
            }
        }));
        let main = events.create_proxy();
        super::taskbar::watch(move || {
            let _ = main.send_event(Message::TaskbarChanged);
        });
    }
    // The menu is all that a click opens; nobody else wants to hear of it.
    #[cfg(target_os = "macos")]
    TrayIconEvent::set_event_handler(Some(|_: TrayIconEvent| {}));
}

/// The main thread's end.
struct Shown {
    icon: Option<TrayIcon>,
    model: Option<TrayModel>,
    /// The menu's entries, in the order of the model's.
    items: Vec<Item>,
    /// How often the menu has been built: no entry has the id of one in a menu before.
    builds: u32,
    choices: Choices,
    /// Pixels to a point.
    scale: f64,
}

/// One entry of the system's menu.
enum Item {
    Plain(MenuItem),
    Check(CheckMenuItem),
    Menu(Submenu, Vec<Item>),
    Separator(PredefinedMenuItem),
}

impl Shown {
    fn show(&mut self, model: TrayModel) {
        let fits = self.icon.is_some() && self.fits(&model);
        self.model = Some(model);
        if fits {
            // A menu that is open stays so.
            self.write_menu();
        } else if let Err(error) = self.build() {
            tracing::error!(%error, "no icon");
            return;
        }
        self.draw();
    }

    /// Whether the menu has the same entries, apart from what they say. One that does something else
    /// now is another: an open menu must not change under the pointer.
    fn fits(&self, model: &TrayModel) -> bool {
        let shown = self.model.as_ref().map_or(&[][..], |shown| &shown.menu);
        fit(shown, &model.menu)
    }

    fn build(&mut self) -> Result<(), Box<dyn std::error::Error>> {
        let Some(model) = &self.model else {
            return Ok(());
        };
        self.builds += 1;
        self.items = items(&self.builds.to_string(), &model.menu)?;
        let menu = Menu::new();
        for item in &self.items {
            menu.append(item.as_menu_item())?;
        }
        match &self.icon {
            Some(icon) => icon.set_menu(Some(Box::new(menu))),
            None => {
                let icon = TrayIconBuilder::new()
                    .with_menu(Box::new(menu))
                    .with_menu_on_left_click(cfg!(target_os = "macos"))
                    .build()?;
                self.icon = Some(icon);
            }
        }
        Ok(())
    }

    fn write_menu(&self) {
        let Some(model) = &self.model else { return };
        write(&self.items, &model.menu);
    }

    /// Icon and tooltip.
    fn draw(&self) {
        let (Some(icon), Some(model)) = (&self.icon, &self.model) else {
            return;
        };
        let drawn = set_icon(icon, model.icon, self.scale)
            .and_then(|()| icon.set_tooltip(Some(tooltip(&model.tooltip))));
        if let Err(error) = drawn {
            tracing::warn!(%error, "icon not drawn");
        }
    }

    fn chosen(&self, id: &str) {
        let Some((build, places)) = id.split_once('.') else {
            return;
        };
        // A menu that was open while it changed is of no use any more.
        if build != self.builds.to_string() {
            return;
        }
        let menu = self.model.as_ref().map_or(&[][..], |model| &model.menu);
        match entry_at(places, menu) {
            Some(Entry::Item { action, .. }) => self.choose(action.clone()),
            Some(Entry::Check { action, .. }) => {
                // The system has ticked it already; that is for the engine to say.
                self.write_menu();
                self.choose(action.clone());
            }
            Some(Entry::Menu { .. } | Entry::Separator) | None => {}
        }
    }

    fn choose(&self, action: Action) {
        // Fails only while the tray is ending.
        let _ = self.choices.send(Choice {
            action,
            activation: None,
        });
    }
}

/// The entries as the system has them, with their places behind `id`.
fn items(id: &str, entries: &[Entry]) -> tray_icon::menu::Result<Vec<Item>> {
    let entries = entries.iter().enumerate();
    let items = entries.map(|(place, entry)| Item::new(format!("{id}.{place}"), entry));
    items.collect()
}

/// The entry at these places, one for each menu on the way.
fn entry_at<'a>(places: &str, menu: &'a [Entry]) -> Option<&'a Entry> {
    match places.split_once('.') {
        None => menu.get(places.parse::<usize>().ok()?),
        Some((place, rest)) => match menu.get(place.parse::<usize>().ok()?)? {
            Entry::Menu { entries, .. } => entry_at(rest, entries),
            Entry::Item { .. } | Entry::Check { .. } | Entry::Separator => None,
        },
    }
}

/// Whether a menu with the one can show the other.
fn fit(one: &[Entry], other: &[Entry]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|pair| match pair {
            (Entry::Item { action: one, .. }, Entry::Item { action: other, .. }) => one == other,
            (Entry::Menu { entries: one, .. }, Entry::Menu { entries: other, .. }) => {
                fit(one, other)
            }
            (Entry::Check { .. }, Entry::Check { .. }) | (Entry::Separator, Entry::Separator) => {
                true
            }
            _ => false,
        })
}

fn write(items: &[Item], entries: &[Entry]) {
    for (item, entry) in items.iter().zip(entries) {
        item.write(entry);
    }
}

impl Item {
    fn new(id: String, entry: &Entry) -> tray_icon::menu::Result<Self> {
        Ok(match entry {
            Entry::Item { label, enabled, .. } => {
                Self::Plain(MenuItem::with_id(id, as_label(label), *enabled, None))
            }
            Entry::Check { label, on, .. } => {
                Self::Check(CheckMenuItem::with_id(id, as_label(label), true, *on, None))
            }
            Entry::Menu {
                label,
                enabled,
                entries,
            } => {
                let below = items(&id, entries)?;
                let menu = Submenu::with_id(id, as_label(label), *enabled);
                for item in &below {
                    menu.append(item.as_menu_item())?;
                }
                Self::Menu(menu, below)
            }
            Entry::Separator => Self::Separator(PredefinedMenuItem::separator()),
        })
    }

    fn as_menu_item(&self) -> &dyn IsMenuItem {
        match self {
            Self::Plain(item) => item,
            Self::Check(item) => item,
            Self::Menu(item, _) => item,
            Self::Separator(item) => item,
        }
    }

    fn write(&self, entry: &Entry) {
        match (self, entry) {
            (Self::Plain(item), Entry::Item { label, enabled, .. }) => {
                item.set_text(as_label(label));
                item.set_enabled(*enabled);
            }
            (Self::Check(item), Entry::Check { label, on, .. }) => {
                item.set_text(as_label(label));
                item.set_checked(*on);
            }
            (
                Self::Menu(item, below),
                Entry::Menu {
                    label,
                    enabled,
                    entries,
                },
            ) => {
                item.set_text(as_label(label));
                item.set_enabled(*enabled);
                write(below, entries);
            }
            _ => {}
        }
    }
}

/// In a label an ampersand marks a key, and two are one.
fn as_label(text: &str) -> String {
    text.replace('&', "&&")
}

#[cfg(windows)]
fn set_icon(icon: &TrayIcon, sign: Sign, scale: f64) -> tray_icon::Result<()> {
    /// The size of small icons, in points.
    const SMALL: f64 = 16.0;
    // A monitor's scale is between 1 and 5.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let wanted = (SMALL * scale).round() as u32;
    icon.set_icon(picture(icons::on_taskbar(
        sign,
        super::taskbar::is_light(),
        wanted,
    )))
}

#[cfg(target_os = "macos")]
fn set_icon(icon: &TrayIcon, sign: Sign, _scale: f64) -> tray_icon::Result<()> {
    icon.set_icon_templated(picture(icons::template(sign)))
}

fn picture(pixels: Option<Pixels>) -> Option<Icon> {
    let Pixels {
        width,
        height,
        rgba,
    } = pixels?;
    Icon::from_rgba(rgba, width, height).ok()
}

/// As much of it as the system shows, in whole characters.
#[cfg(windows)]
fn tooltip(text: &str) -> String {
    if text.encode_utf16().count() <= TOOLTIP_UNITS {
        return text.to_owned();
    }
    let mut units = 1;
    let mut cut: String = text
        .chars()
        .take_while(|c| {
            units += c.len_utf16();
            units <= TOOLTIP_UNITS
        })
        .collect();
    cut.push('…');
    cut
}

#[cfg(target_os = "macos")]
fn tooltip(text: &str) -> String {
    text.to_owned()
}

#[cfg(all(test, windows))]
mod tests {
    use super::*;

    #[test]
    fn tooltips_are_cut_between_characters() {
        assert_eq!(tooltip(&"a".repeat(127)), "a".repeat(127));
        assert_eq!(tooltip(&"a".repeat(128)), format!("{}…", "a".repeat(126)));
        assert_eq!(tooltip(&"😀".repeat(64)), format!("{}…", "😀".repeat(63)));
    }
}
