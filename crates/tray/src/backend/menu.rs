//! The menu as the system has it, on Windows and macOS.

use muda::{CheckMenuItem, IsMenuItem, Menu, MenuItem, PredefinedMenuItem, Submenu};

use crate::model::{Action, Entry};

/// A menu, and what it shows.
pub(super) struct SystemMenu {
    menu: Menu,
    entries: Vec<Entry>,
    /// The menu's entries, in the order of the model's.
    items: Vec<Item>,
}

/// One entry of the system's menu.
enum Item {
    Plain(MenuItem),
    Check(CheckMenuItem),
    Menu(Submenu, Vec<Item>),
    Separator(PredefinedMenuItem),
}

impl SystemMenu {
    /// A menu with these entries.
    ///
    /// # Errors
    /// What the system says.
    pub(super) fn new(entries: Vec<Entry>) -> muda::Result<Self> {
        let items = items(&entries)?;
        let menu = Menu::new();
        for item in &items {
            menu.append(item.as_menu_item())?;
        }
        Ok(Self {
            menu,
            entries,
            items,
        })
    }

    /// The system's own.
    pub(super) const fn menu(&self) -> &Menu {
        &self.menu
    }

    /// Shows these entries from now on, where they are the same apart from what they say: a menu that
    /// is open stays so. An entry that does something else now is another, since an open menu must not
    /// change under the pointer. Gives whether that was so.
    pub(super) fn show(&mut self, entries: &[Entry]) -> bool {
        let fits = fit(&self.entries, entries);
        if fits {
            self.entries = entries.to_vec();
            self.write();
        }
        fits
    }

    /// Ticks what is on: the system has ticked what was chosen, which is for the engine to say.
    pub(super) fn write(&self) {
        write(&self.items, &self.entries);
    }
}

/// An entry's id, which says what it does: a menu that is still open while another has taken its place
/// does what is to be read in it.
fn id_of(action: &Action) -> String {
    serde_json::to_string(action).unwrap_or_default()
}

/// What the entry of this id does. `None` where no entry has such an id.
pub(super) fn action_of(id: &str) -> Option<Action> {
    serde_json::from_str(id).ok()
}

/// The entries as the system has them.
fn items(entries: &[Entry]) -> muda::Result<Vec<Item>> {
    entries.iter().map(Item::new).collect()
}

/// Whether a menu with the one can show the other.
fn fit(one: &[Entry], other: &[Entry]) -> bool {
    one.len() == other.len()
        && one.iter().zip(other).all(|pair| match pair {
            (Entry::Item { action: one, .. }, Entry::Item { action: other, .. }) => one == other,
            (Entry::Menu { entries: one, .. }, Entry::Menu { entries: other, .. }) => {
                fit(one, other)
            }
            (Entry::Check { action: one, .. }, Entry::Check { action: other, .. }) => one == other,
            (Entry::Separator, Entry::Separator) => true,
            _ => false,
        })
}

fn write(items: &[Item], entries: &[Entry]) {
    for (item, entry) in items.iter().zip(entries) {
        item.write(entry);
    }
}

impl Item {
    fn new(entry: &Entry) -> muda::Result<Self> {
        Ok(match entry {
            Entry::Item {
                action,
                label,
                enabled,
            } => Self::Plain(MenuItem::with_id(
                id_of(action),
                as_label(label),
                *enabled,
                None,
            )),
            Entry::Check { action, label, on } => Self::Check(CheckMenuItem::with_id(
                id_of(action),
                as_label(label),
                true,
                *on,
                None,
            )),
            Entry::Menu {
                label,
                enabled,
                entries,
            } => {
                let below = items(entries)?;
                let menu = Submenu::new(as_label(label), *enabled);
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

#[cfg(test)]
mod tests {
    use dequeue_api::PauseLength;

    use super::*;

    #[test]
    fn an_id_says_what_its_entry_does() {
        let account = || Some("vevida \"1\" & co".to_owned());
        for action in [
            Action::Open(None),
            Action::Open(account()),
            Action::Poke(account()),
            Action::Pause(None, PauseLength::HOUR),
            Action::Pause(account(), PauseLength::UntilResumed),
            Action::Resume(account()),
            Action::StartAtLogin(true),
            Action::ShowNotices(false),
            Action::MoveIn,
            Action::Quit,
        ] {
            assert_eq!(action_of(&id_of(&action)), Some(action));
        }
        assert_eq!(action_of("1001"), None);
    }
}
