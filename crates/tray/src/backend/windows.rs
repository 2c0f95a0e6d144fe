//! Windows: the icon and the window that nobody sees live on the main thread, everything else in
//! another thread, and messages go between them. A left click opens the window, a right click the menu.

mod message_window;
mod notify_icon;
mod quit;
mod system;
mod taskbar;

use std::{env, sync::mpsc as blocking, thread, time::Duration};

use dequeue_api::Paths;
use dequeue_platform::desktop::{Notification, Urgency};
use muda::{ContextMenu as _, MenuEvent};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use windows_sys::Win32::UI::WindowsAndMessaging::{HMENU, SetMenuDefaultItem};

use self::{
    message_window::{MessageWindow, Next, Occasion, Waker, close_menu, title},
    notify_icon::NotifyIcon,
};
use super::{Choice, Choices, TrayBackend, menu, menu::SystemMenu};
use crate::{
    icons,
    message_box::{self, Level},
    model::{Action, TrayModel},
};

pub(crate) use self::quit::quit;

/// How long the end of a session may be held up for an orderly end: Windows itself waits for five
/// seconds.
const ENDING: Duration = Duration::from_secs(4);

/// What reaches the main thread.
enum Message {
    /// A model to show from now on.
    Show(Box<TrayModel>),
    /// The icon is to go.
    Remove,
    /// A notification that the desktop does not show.
    Tell(Box<Notification<Action>>),
    /// A menu entry was chosen, by its id.
    Chosen(String),
    /// The other thread is done.
    Done,
}

/// A line to the main thread.
#[derive(Clone)]
struct Main {
    messages: blocking::Sender<Message>,
    waker: Waker,
}

impl Main {
    /// Does not wait. What the main thread does not take any more is lost with the icon.
    fn send(&self, message: Message) {
        let _ = self.messages.send(message);
        self.waker.wake();
    }
}

/// The other thread's end.
pub(crate) struct Native {
    main: Main,
}

impl TrayBackend for Native {
    async fn show(&mut self, model: TrayModel) {
        self.main.send(Message::Show(Box::new(model)));
    }

    /// Does not wait for the main thread, which may be waiting for this one: at a session's end.
    async fn remove(&mut self) {
        self.main.send(Message::Remove);
    }

    /// In a balloon at the icon. What answers a click is shown in a box, since somebody waits for it.
    fn tell(&mut self, notification: Notification<Action>) {
        if notification.is_answer {
            let Notification { title, body, .. } = notification;
            message_box::show_aside(Level::Warning, format!("{title}\n\n{body}"));
        } else {
            self.main.send(Message::Tell(Box::new(notification)));
        }
    }
}

/// Says that the other thread is done, however that comes about.
struct AtEnd {
    main: Main,
    ended: blocking::Sender<()>,
}

impl Drop for AtEnd {
    fn drop(&mut self) {
        let _ = self.ended.send(());
        self.main.send(Message::Done);
    }
}

/// Runs `life` in a thread of its own, and the loop of Windows' messages in this one until `life` has
/// ended.
///
/// # Errors
/// What the system says when there can be no window or no second thread.
pub(crate) fn run(
    paths: &Paths,
    life: impl FnOnce(Native, UnboundedReceiver<Choice>) + Send + 'static,
) -> Result<(), String> {
    system::see_every_pixel();
    system::dark_menus();
    system::start_again_after_update();
    let window = MessageWindow::new(&title(paths)).map_err(|error| error.to_string())?;
    let (messages, left) = blocking::channel();
    let waker = window.waker();
    let main = Main { messages, waker };
    let (choices, chosen) = unbounded_channel();
    let (ended, end) = blocking::channel();
    let backend = Native { main: main.clone() };
    let at_end = AtEnd {
        main: main.clone(),
        ended,
    };
    thread::Builder::new()
        .name("engine".to_owned())
        .spawn(move || {
            let _at_end = at_end;
            life(backend, chosen);
        })
        .map_err(|error| error.to_string())?;
    MenuEvent::set_event_handler(Some(move |event: MenuEvent| {
        main.send(Message::Chosen(event.id.0));
    }));

    let session_ends = {
        let choices = choices.clone();
        move || {
            tracing::info!("the session ends");
            choose(&choices, Action::Quit);
            let _ = end.recv_timeout(ENDING);
        }
    };
    let mut shown = Shown {
        icon: Some(NotifyIcon::new(window.handle(), identity(paths))),
        model: None,
        menu: None,
        balloon: None,
        choices,
    };
    window.run(
        move |occasion| match occasion {
            Occasion::Woken => shown.take(&left),
            occasion => shown.happened(occasion),
        },
        session_ends,
    );
    Ok(())
}

/// What Windows knows the icon by: of this program in this place, and of these folders.
fn identity(paths: &Paths) -> u128 {
    let program = env::current_exe().unwrap_or_default();
    // FNV-1a, in 128 bits: it has to be the same in every version of this program.
    let octets = program.as_os_str().as_encoded_bytes().iter().copied();
    let octets = octets.chain(paths.fingerprint().to_be_bytes());
    let hash = octets.fold(
        0x6c62_272e_07bb_0142_62b8_2175_6295_c58d,
        |hash: u128, octet| {
            (hash ^ u128::from(octet.to_ascii_lowercase()))
                .wrapping_mul(0x0100_0000_0000_0000_0000_013b)
        },
    );
    // A UUID of the eighth version (RFC 9562), whose other bits are anyone's own.
    let version: u128 = 0x8 << 76;
    let variant: u128 = 0x2 << 62;
    let free = !((0xf << 76) | (0x3 << 62));
    hash & free | version | variant
}

fn choose(choices: &Choices, action: Action) {
    // Fails only while the tray is ending.
    let _ = choices.send(Choice {
        action,
        activation: None,
    });
}

/// The main thread's end.
struct Shown {
    /// None while the tray is ending.
    icon: Option<NotifyIcon>,
    model: Option<TrayModel>,
    menu: Option<SystemMenu>,
    /// What a click on the balloon does.
    balloon: Option<Action>,
    choices: Choices,
}

impl Shown {
    fn take(&mut self, left: &blocking::Receiver<Message>) -> Next {
        while let Ok(message) = left.try_recv() {
            match message {
                Message::Show(model) => self.show(*model),
                Message::Remove => self.remove(),
                Message::Tell(notification) => self.tell(*notification),
                Message::Chosen(id) => {
                    if let Some(menu) = &self.menu {
                        menu.write();
                    }
                    if let Some(action) = menu::action_of(&id) {
                        choose(&self.choices, action);
                    }
                }
                Message::Done => {
                    self.remove();
                    return Next::End;
                }
            }
        }
        Next::Wait
    }

    fn happened(&mut self, occasion: Occasion) -> Next {
        match occasion {
            Occasion::Woken => {}
            Occasion::IconChosen => choose(&self.choices, Action::Open(None)),
            Occasion::MenuWanted(x, y) => {
                if let Some(menu) = &self.menu {
                    return Next::Show(menu.menu().clone(), (x, y));
                }
            }
            Occasion::BalloonClicked => {
                if let Some(action) = self.balloon.take() {
                    choose(&self.choices, action);
                }
            }
            Occasion::TaskbarCreated => {
                self.draw();
                if let Some(icon) = &mut self.icon {
                    icon.add();
                }
            }
            Occasion::LooksChanged => self.draw(),
            Occasion::AskedToEnd => {
                tracing::info!("asked to end");
                choose(&self.choices, Action::Quit);
            }
            Occasion::SessionEnds => self.remove(),
        }
        Next::Wait
    }

    fn show(&mut self, model: TrayModel) {
        let fits = |menu: &mut SystemMenu| menu.show(&model.menu);
        if !self.menu.as_mut().is_some_and(fits) {
            match SystemMenu::new(model.menu.clone()) {
                Ok(menu) => {
                    mark_first(&menu);
                    self.menu = Some(menu);
                }
                Err(error) => tracing::error!(%error, "no menu"),
            }
        }
        self.model = Some(model);
        self.draw();
    }

    /// Icon and tooltip.
    fn draw(&mut self) {
        let (Some(icon), Some(model)) = (&mut self.icon, &self.model) else {
            return;
        };
        let picture = icons::on_taskbar(model.icon, taskbar::ground(), taskbar::icon_size());
        if let Some(picture) = picture {
            icon.show(&picture, &model.tooltip);
        }
    }

    fn tell(&mut self, notification: Notification<Action>) {
        let Some(icon) = &self.icon else { return };
        let is_urgent = notification.urgency == Urgency::Critical;
        if icon.balloon(&notification.title, &notification.body, is_urgent) {
            self.balloon = Some(notification.click.action);
        } else {
            tracing::warn!("nor was it shown at the icon");
        }
    }

    fn remove(&mut self) {
        close_menu();
        self.icon = None;
    }
}

/// The first entry does what a click on the icon does, and looks like it.
#[expect(unsafe_code)]
fn mark_first(menu: &SystemMenu) {
    let handle = menu.menu().hpopupmenu() as HMENU;
    // SAFETY: the menu is there for as long as its owner, and it is meant by place.
    unsafe { SetMenuDefaultItem(handle, 0, 1) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_icon_is_known_by_its_program_and_its_folders() {
        let of = |folder: &str| identity(&Paths::in_folder(folder.as_ref()));
        assert_eq!(of(r"C:\a"), of(r"C:\A"));
        assert_ne!(of(r"C:\a"), of(r"C:\b"));
        let text = format!("{:032x}", of(r"C:\a"));
        assert_eq!(&text[12..13], "8");
        assert!("89ab".contains(&text[16..17]), "{text}");
    }
}
