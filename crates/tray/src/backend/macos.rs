//! macOS: the icon lives on the main thread's event loop, everything else in another thread, and
//! messages go between them. A click opens the menu, as people are used to there.

use std::{sync::mpsc as blocking, thread, time::Duration};

use muda::MenuEvent;
use tao::{
    event::Event,
    event_loop::{ControlFlow, EventLoop, EventLoopBuilder, EventLoopProxy},
};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tray_icon::{Icon, TrayIcon, TrayIconBuilder, TrayIconEvent};

use super::{Choice, Choices, TrayBackend, menu, menu::SystemMenu};
use crate::{
    icons::{self, Pixels},
    model::{Action, Sign, TrayModel},
};

/// How long the end of a session may be held up for an orderly end.
const ENDING: Duration = Duration::from_secs(4);

/// What reaches the main thread.
enum Message {
    /// A model to show from now on.
    Show(Box<TrayModel>),
    /// The icon is to go.
    Remove,
    /// A menu entry was chosen, by its id.
    Chosen(String),
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

    /// Does not wait for the main thread, which may be waiting for this one: at a session's end.
    async fn remove(&mut self) {
        self.send(Message::Remove);
    }
}

impl Native {
    fn send(&self, message: Message) {
        // An error means that the main thread has ended, and the icon with it.
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
        menu: None,
        choices,
    };
    events.run(move |event, _, flow| {
        *flow = ControlFlow::Wait;
        match event {
            Event::UserEvent(Message::Show(model)) => shown.show(*model),
            Event::UserEvent(Message::Remove) => shown.icon = None,
            Event::UserEvent(Message::Chosen(id)) => {
                if let Some(menu) = &shown.menu {
                    menu.write();
                }
                if let Some(action) = menu::action_of(&id) {
                    shown.choose(action);
                }
            }
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

/// Without a place in the Dock.
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
    // The menu is all that a click opens; nobody else wants to hear of it.
    TrayIconEvent::set_event_handler(Some(|_: TrayIconEvent| {}));
}

/// The main thread's end.
struct Shown {
    icon: Option<TrayIcon>,
    model: Option<TrayModel>,
    menu: Option<SystemMenu>,
    choices: Choices,
}

impl Shown {
    fn show(&mut self, model: TrayModel) {
        let is_there = self.icon.is_some();
        let fits = |menu: &mut SystemMenu| menu.show(&model.menu);
        let stays = is_there && self.menu.as_mut().is_some_and(fits);
        self.model = Some(model);
        if !stays && let Err(error) = self.build() {
            tracing::error!(%error, "no icon");
            return;
        }
        self.draw();
    }

    fn build(&mut self) -> Result<(), Box<dyn std::error::Error>> {
        let Some(model) = &self.model else {
            return Ok(());
        };
        let menu = SystemMenu::new(model.menu.clone())?;
        let shown = Box::new(menu.menu().clone());
        self.menu = Some(menu);
        match &self.icon {
            Some(icon) => icon.set_menu(Some(shown)),
            None => {
                let icon = TrayIconBuilder::new().with_menu(shown).build()?;
                self.icon = Some(icon);
            }
        }
        Ok(())
    }

    /// Icon and tooltip.
    fn draw(&self) {
        let (Some(icon), Some(model)) = (&self.icon, &self.model) else {
            return;
        };
        let drawn = icon
            .set_icon_templated(picture(model.icon))
            .and_then(|()| icon.set_tooltip(Some(&model.tooltip)));
        if let Err(error) = drawn {
            tracing::warn!(%error, "icon not drawn");
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

fn picture(sign: Sign) -> Option<Icon> {
    let Pixels {
        width,
        height,
        rgba,
    } = icons::template(sign)?;
    Icon::from_rgba(rgba, width, height).ok()
}
