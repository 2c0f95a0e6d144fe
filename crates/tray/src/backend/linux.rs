//! Linux: a StatusNotifierItem on the session bus. The desktop draws icon, tooltip and menu.
//!
//! Left click opens the window where the desktop tells of it (KDE, Xfce); GNOME opens the menu by
//! itself.

use std::{env, time::Duration};

use dequeue_core::{Text, sink};
use ksni::{
    Handle, Icon, MenuItem, OfflineReason, ToolTip, TrayMethods,
    menu::{CheckmarkItem, StandardItem, SubMenu},
};
use tokio::{sync::watch, task::JoinHandle, time::sleep};

use super::{Choice, Choices, TrayBackend};
use crate::{
    icons,
    model::{Action, Entry, Sign, TrayModel},
};

/// The first wait for a bus that is not there; each next is twice as long, up to the last.
const WAIT_FOR_BUS: Duration = Duration::from_secs(2);
const LONGEST_WAIT_FOR_BUS: Duration = Duration::from_secs(300);

/// The place in the desktop's panel, whether or not there is one at the moment.
pub(crate) struct Linux {
    models: Option<watch::Sender<Option<TrayModel>>>,
    task: Option<JoinHandle<()>>,
}

impl Linux {
    /// Prepares for the first model. What is missing is said in the log, on standard error.
    pub(crate) fn new(choices: Choices, text: Text) -> Self {
        let set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
        if !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
            tracing::warn!("{}", text.get("tray-no-desktop"));
            return Self {
                models: None,
                task: None,
            };
        }
        let (models, shown) = watch::channel(None);
        Self {
            models: Some(models),
            task: Some(tokio::spawn(keep(shown, choices, text))),
        }
    }
}

impl TrayBackend for Linux {
    async fn show(&mut self, model: TrayModel) {
        if let Some(models) = &self.models {
            models.send_replace(Some(model));
        }
    }

    async fn remove(&mut self) {
        self.models = None;
        if let Some(task) = self.task.take()
            && let Err(error) = task.await
        {
            tracing::warn!(%error, "panel");
        }
    }
}

/// Shows the models until there are no more to come.
async fn keep(mut models: watch::Receiver<Option<TrayModel>>, choices: Choices, text: Text) {
    let Ok(Some(first)) = models
        .wait_for(Option::is_some)
        .await
        .map(|model| model.clone())
    else {
        return;
    };
    let Some(handle) = register(first, &mut models, &choices, &text).await else {
        return;
    };
    while models.changed().await.is_ok() {
        let Some(model) = models.borrow_and_update().clone() else {
            continue;
        };
        handle.update(|item| item.wear(model)).await;
    }
    handle.shutdown().await;
}

/// Registers the item, waiting for the bus as long as it takes. `None` when nothing is to be shown
/// any more.
async fn register(
    mut model: TrayModel,
    models: &mut watch::Receiver<Option<TrayModel>>,
    choices: &Choices,
    text: &Text,
) -> Option<Handle<Item>> {
    let mut wait = WAIT_FOR_BUS;
    loop {
        let item = Item::new(model.clone(), choices.clone());
        // A panel may come after us, or come back; ksni then registers by itself.
        match item.assume_sni_available(true).spawn().await {
            Ok(handle) => return Some(handle),
            Err(error) if wait == WAIT_FOR_BUS => {
                let error = error.to_string();
                tracing::warn!("{}", text.format("tray-no-bus", &[("error", error.into())]));
            }
            Err(error) => tracing::debug!(%error, "still no bus"),
        }
        tokio::select! {
            () = sleep(wait) => {}
            () = gone(models) => return None,
        }
        if let Some(newer) = models.borrow_and_update().clone() {
            model = newer;
        }
        wait = (wait * 2).min(LONGEST_WAIT_FOR_BUS);
    }
}

/// Waits until nobody has a model to show any more.
async fn gone(models: &mut watch::Receiver<Option<TrayModel>>) {
    while models.changed().await.is_ok() {}
}

/// What ksni asks when the desktop asks it. Nothing here waits for anything.
struct Item {
    model: TrayModel,
    pictures: Vec<Icon>,
    choices: Choices,
}

impl Item {
    fn new(model: TrayModel, choices: Choices) -> Self {
        Self {
            pictures: pictures(model.icon),
            model,
            choices,
        }
    }

    fn wear(&mut self, model: TrayModel) {
        if model.icon != self.model.icon {
            self.pictures = pictures(model.icon);
        }
        self.model = model;
    }

    fn choose(&self, action: Action) {
        let activation = ksni::current_xdg_activation_token();
        // Fails only while the tray is ending.
        let _ = self.choices.send(Choice { action, activation });
    }
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        "dequeue".to_owned()
    }

    fn title(&self) -> String {
        "Dequeue".to_owned()
    }

    fn icon_pixmap(&self) -> Vec<Icon> {
        self.pictures.clone()
    }

    fn tool_tip(&self) -> ToolTip {
        let (title, rest) = self
            .model
            .tooltip
            .split_once('\n')
            .unwrap_or((&self.model.tooltip, ""));
        ToolTip {
            title: title.to_owned(),
            description: sink::markup(rest),
            ..ToolTip::default()
        }
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        self.model.menu.iter().map(menu_item).collect()
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        self.choose(Action::Open(None));
    }

    fn watcher_online(&self) {
        tracing::info!("the desktop's panel is there");
    }

    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        tracing::info!(?reason, "the desktop's panel is not there; waiting for it");
        true
    }
}

fn menu_item(entry: &Entry) -> MenuItem<Item> {
    match entry {
        Entry::Item {
            action,
            label,
            enabled,
        } => {
            let action = action.clone();
            StandardItem {
                label: as_label(label),
                enabled: *enabled,
                activate: Box::new(move |item: &mut Item| item.choose(action.clone())),
                ..StandardItem::default()
            }
            .into()
        }
        Entry::Check { action, label, on } => {
            let action = action.clone();
            CheckmarkItem {
                label: as_label(label),
                checked: *on,
                activate: Box::new(move |item: &mut Item| item.choose(action.clone())),
                ..CheckmarkItem::default()
            }
            .into()
        }
        Entry::Menu {
            label,
            enabled,
            entries,
        } => SubMenu {
            label: as_label(label),
            enabled: *enabled,
            submenu: entries.iter().map(menu_item).collect(),
            ..SubMenu::default()
        }
        .into(),
        Entry::Separator => MenuItem::Separator,
    }
}

/// In a label an underscore marks a key, and two are one.
fn as_label(text: &str) -> String {
    text.replace('_', "__")
}

/// As the bus wants them: alpha first.
fn pictures(sign: Sign) -> Vec<Icon> {
    let pictures = icons::on_any_panel(sign)
        .into_iter()
        .filter_map(|mut picture| {
            for pixel in picture.rgba.chunks_exact_mut(4) {
                pixel.rotate_right(1);
            }
            Some(Icon {
                width: i32::try_from(picture.width).ok()?,
                height: i32::try_from(picture.height).ok()?,
                data: picture.rgba,
            })
        });
    pictures.collect()
}

#[cfg(test)]
mod tests {
    use dequeue_core::health::Health;

    use super::*;

    #[test]
    fn names_with_signs_of_their_own_arrive_whole() {
        assert_eq!(as_label("my_mail: All well"), "my__mail: All well");
    }

    #[test]
    fn pixels_have_alpha_first() {
        let asked = Sign {
            health: Health::Asked,
            poking: false,
        };
        let picture = &pictures(asked)[0];
        let original = &icons::on_any_panel(asked)[0];
        let opaque = original
            .rgba
            .chunks(4)
            .position(|pixel| pixel[3] == 255)
            .unwrap();
        let [red, green, blue, alpha] = original.rgba[opaque * 4..][..4] else {
            unreachable!()
        };
        assert_eq!(picture.data[opaque * 4..][..4], [alpha, red, green, blue]);
    }
}
