//! The panel's side of the tray: speaks to a tray item over D-Bus as a panel does, and clicks its
//! menu (StatusNotifierItem and com.canonical.dbusmenu).

use std::{collections::HashMap, time::Duration};

use zbus::{
    blocking::{Connection, Proxy, connection, fdo::DBusProxy},
    zvariant::{OwnedValue, Structure, Value},
};

use crate::rig::wait;

const WATCHER: &str = "org.kde.StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";
/// What ksni answers to the click on an entry that is no longer there.
const NO_SUCH_ENTRY: &str = "org.freedesktop.DBus.Error.InvalidArgs";

/// A connection to a session bus, in the panel's place.
pub struct Panel {
    connection: Connection,
}

/// Pictures of an icon: width, height, and ARGB octets in network order.
pub type Pixmaps = Vec<(i32, i32, Vec<u8>)>;

/// What a tray item says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Properties {
    pub id: String,
    pub title: String,
    /// `Active`, `Passive` or `NeedsAttention`.
    pub status: String,
    /// The name of a themed icon, or nothing.
    pub icon_name: String,
    pub icon_pixmap: Pixmaps,
    pub tooltip_title: String,
    pub tooltip_text: String,
}

/// One entry of a menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub id: i32,
    /// Without the marks of access keys.
    pub label: String,
    pub enabled: bool,
    pub visible: bool,
    pub separator: bool,
    /// Whether it is ticked, for an entry that can be.
    pub checked: Option<bool>,
    pub entries: Vec<Entry>,
}

impl Panel {
    /// Connects to the bus at `address`.
    ///
    /// # Panics
    /// When there is none.
    pub fn connect(address: &str) -> Self {
        let connection = connection::Builder::address(address)
            .and_then(connection::Builder::build)
            .unwrap_or_else(|error| panic!("no session bus at {address}: {error}"));
        Self { connection }
    }

    /// Whether somebody owns `name` on the bus.
    pub fn has_name(&self, name: &str) -> bool {
        let bus = DBusProxy::new(&self.connection).expect("the bus itself");
        let name = name.try_into().expect("a bus name");
        bus.name_has_owner(name).expect("an answer of the bus")
    }

    /// Whether there is a tray that takes items and shows them.
    pub fn is_ready(&self) -> bool {
        self.has_name(WATCHER)
            && self
                .watcher()
                .get_property("IsStatusNotifierHostRegistered")
                .unwrap_or(false)
    }

    /// The items in the tray.
    pub fn items(&self) -> Vec<Item> {
        let names: Vec<String> = self
            .watcher()
            .get_property("RegisteredStatusNotifierItems")
            .unwrap_or_default();
        names.iter().map(|name| self.item(name)).collect()
    }

    /// Waits for an item of the process `pid`.
    ///
    /// # Panics
    /// When `limit` passes first.
    pub fn wait_for_item_of(&self, pid: u32, limit: Duration) -> Item {
        wait::until(&format!("a tray item of process {pid}"), limit, || {
            self.items()
                .into_iter()
                .find(|item| item.pid() == Some(pid))
        })
    }

    fn watcher(&self) -> Proxy<'static> {
        Proxy::new(&self.connection, WATCHER, "/StatusNotifierWatcher", WATCHER)
            .expect("valid names")
    }

    /// An item as the watcher names it: its bus name, with or without a path behind it.
    fn item(&self, name: &str) -> Item {
        let (owner, path) = match name.find('/') {
            Some(at) => name.split_at(at),
            None => (name, "/StatusNotifierItem"),
        };
        Item {
            connection: self.connection.clone(),
            owner: owner.to_owned(),
            path: path.to_owned(),
        }
    }
}

/// A tray item.
pub struct Item {
    connection: Connection,
    owner: String,
    path: String,
}

impl Item {
    /// The process that it belongs to, if that is still there.
    pub fn pid(&self) -> Option<u32> {
        let bus = DBusProxy::new(&self.connection).ok()?;
        let owner = self.owner.as_str().try_into().ok()?;
        bus.get_connection_unix_process_id(owner).ok()
    }

    /// What it says of itself now.
    ///
    /// # Panics
    /// When it does not answer.
    pub fn properties(&self) -> Properties {
        let proxy = self.proxy();
        let text = |name| proxy.get_property(name).unwrap_or_default();
        let (_, _, tooltip_title, tooltip_text): (String, Pixmaps, String, String) =
            proxy.get_property("ToolTip").unwrap_or_default();
        Properties {
            id: proxy.get_property("Id").expect("an Id"),
            title: text("Title"),
            status: proxy.get_property("Status").expect("a Status"),
            icon_name: text("IconName"),
            icon_pixmap: proxy.get_property("IconPixmap").unwrap_or_default(),
            tooltip_title,
            tooltip_text,
        }
    }

    /// Waits until its properties are as `wanted` says.
    ///
    /// # Panics
    /// When `limit` passes first.
    pub fn wait_for(
        &self,
        what: &str,
        limit: Duration,
        wanted: impl Fn(&Properties) -> bool,
    ) -> Properties {
        wait::until(what, limit, || Some(self.properties()).filter(&wanted))
    }

    /// The menu's entries, as they are now.
    ///
    /// # Panics
    /// When it has no menu or does not answer.
    pub fn menu(&self) -> Vec<Entry> {
        let menu = self.menu_proxy();
        // Panels announce that they are about to show it, so that it can be brought up to date.
        let _: Result<bool, _> = menu.call("AboutToShow", &(0i32,));
        type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);
        let all: &[&str] = &[];
        let (_, (_, _, children)): (u32, Layout) = menu
            .call("GetLayout", &(0i32, -1i32, all))
            .expect("the menu's layout");
        children.iter().map(|child| entry(child)).collect()
    }

    /// Waits until the menu has an entry for which `wanted` holds, in whatever sub-menu.
    ///
    /// # Panics
    /// With the menu when `limit` passes first.
    pub fn wait_for_entry(
        &self,
        what: &str,
        limit: Duration,
        wanted: impl Fn(&Entry) -> bool,
    ) -> Entry {
        wait::until(what, limit, || find(&self.menu(), &wanted).cloned())
    }

    /// Clicks the entry with this label, in whatever sub-menu.
    ///
    /// # Panics
    /// When there is no such entry, or it cannot be clicked now.
    pub fn click(&self, label: &str) {
        self.click_one_of(|menu| menu, label);
    }

    /// Clicks the entry with this label in the sub-menu whose label starts so.
    ///
    /// # Panics
    /// As [`Item::click`], and when there is no such sub-menu.
    pub fn click_in(&self, start: &str, label: &str) {
        let is_it = |entry: &Entry| !entry.entries.is_empty() && entry.label.starts_with(start);
        let below = |menu: Vec<Entry>| match find(&menu, &is_it) {
            Some(below) => below.entries.clone(),
            None => panic!("no sub-menu {start:?} in the menu {menu:#?}"),
        };
        self.click_one_of(below, label);
    }

    /// Where the menu is made anew between the look and the click, its entries have other ids and the
    /// click is refused: then it is looked at again, as by a panel that is told of the new menu.
    fn click_one_of(&self, part: impl Fn(Vec<Entry>) -> Vec<Entry>, label: &str) {
        wait::until("the click to be taken", wait::SOON, || {
            let menu = part(self.menu());
            let Some(entry) = find(&menu, &|entry| entry.label == label) else {
                panic!("no entry {label:?} in the menu {menu:#?}");
            };
            assert!(
                entry.enabled && entry.visible,
                "{label:?} cannot be clicked"
            );
            let event = (entry.id, "clicked", Value::from(0i32), 0u32);
            match self.menu_proxy().call("Event", &event) {
                Ok(()) => Some(()),
                Err(zbus::Error::MethodError(name, ..)) if name.as_str() == NO_SUCH_ENTRY => None,
                Err(error) => panic!("the click is not taken: {error}"),
            }
        });
    }

    /// Does what a left click on the icon does.
    ///
    /// # Errors
    /// What the item says when it has no such thing.
    pub fn activate(&self) -> zbus::Result<()> {
        self.proxy().call("Activate", &(0i32, 0i32))
    }

    fn proxy(&self) -> Proxy<'_> {
        // Asked anew each time: not every program says when a property has changed.
        zbus::blocking::proxy::Builder::new(&self.connection)
            .destination(self.owner.as_str())
            .and_then(|builder| builder.path(self.path.as_str()))
            .and_then(|builder| builder.interface(ITEM))
            .expect("valid names")
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .expect("a proxy")
    }

    fn menu_proxy(&self) -> Proxy<'_> {
        let path: zbus::zvariant::OwnedObjectPath = self
            .proxy()
            .get_property("Menu")
            .expect("the item has a menu");
        Proxy::new(&self.connection, self.owner.clone(), path, MENU).expect("valid names")
    }
}

/// The first entry for which `wanted` holds.
pub fn find<'a>(entries: &'a [Entry], wanted: &impl Fn(&Entry) -> bool) -> Option<&'a Entry> {
    entries.iter().find_map(|entry| {
        if wanted(entry) {
            Some(entry)
        } else {
            find(&entry.entries, wanted)
        }
    })
}

/// Reads `(ia{sv}av)`: the id, the properties that differ from the defaults, the children.
fn entry(value: &Value<'_>) -> Entry {
    let structure: &Structure<'_> = value.downcast_ref().expect("an entry");
    let [id, Value::Dict(properties), Value::Array(children)] = structure.fields() else {
        panic!("not a menu entry: {structure:?}");
    };
    let property = |name: &str| {
        let mut all = properties.iter();
        let (_, value) = all.find(|(key, _)| **key == Value::from(name))?;
        Some(match value {
            Value::Value(inner) => &**inner,
            plain => plain,
        })
    };
    let flag = |name| property(name).and_then(|value| value.downcast_ref::<bool>().ok());
    let text = |name| {
        let value = property(name).and_then(|value| value.downcast_ref::<String>().ok());
        value.unwrap_or_default()
    };
    let state = property("toggle-state").and_then(|value| value.downcast_ref::<i32>().ok());
    let can_be_checked = !text("toggle-type").is_empty();
    Entry {
        id: id.downcast_ref().expect("an id"),
        label: without_access_keys(&text("label")),
        enabled: flag("enabled").unwrap_or(true),
        visible: flag("visible").unwrap_or(true),
        separator: text("type") == "separator",
        checked: can_be_checked.then_some(state == Some(1)),
        entries: children
            .iter()
            .map(|child| match child {
                Value::Value(inner) => entry(inner),
                other => entry(other),
            })
            .collect(),
    }
}

/// One underscore marks the next letter as access key, two stand for one.
fn without_access_keys(label: &str) -> String {
    label
        .replace("__", "\0")
        .replace('_', "")
        .replace('\0', "_")
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use zbus::zvariant::ObjectPath;

    use super::{
        super::test_desktop::{TestDesktop, Theme},
        *,
    };
    use crate::rig::wait::SOON;

    /// A tray item as small as a panel allows.
    struct SmallItem(Sender<i32>);

    /// What [`SmallItem`] reports for a click on the icon itself.
    const ICON: i32 = -1;

    #[zbus::interface(name = "org.kde.StatusNotifierItem")]
    impl SmallItem {
        fn activate(&self, _x: i32, _y: i32) {
            self.0.send(ICON).ok();
        }
        #[zbus(property)]
        fn id(&self) -> &str {
            "small"
        }
        #[zbus(property)]
        fn title(&self) -> &str {
            "A small item"
        }
        #[zbus(property)]
        fn category(&self) -> &str {
            "ApplicationStatus"
        }
        #[zbus(property)]
        fn status(&self) -> &str {
            "Active"
        }
        #[zbus(property)]
        fn icon_name(&self) -> &str {
            "mail-unread"
        }
        #[zbus(property)]
        fn icon_pixmap(&self) -> Pixmaps {
            vec![(1, 1, vec![255, 1, 2, 3])]
        }
        #[zbus(property)]
        fn tool_tip(&self) -> (String, Pixmaps, String, String) {
            (String::new(), Vec::new(), "Title".into(), "Text".into())
        }
        /// Without this the panel shows the menu at any click.
        #[zbus(property)]
        fn item_is_menu(&self) -> bool {
            false
        }
        #[zbus(property)]
        fn menu(&self) -> ObjectPath<'_> {
            ObjectPath::from_static_str_unchecked("/Menu")
        }
    }

    type Layout = (i32, HashMap<String, Value<'static>>, Vec<Value<'static>>);

    struct SmallMenu(Sender<i32>);

    impl SmallMenu {
        fn entry(id: i32, properties: &[(&str, Value<'static>)], below: Vec<Layout>) -> Layout {
            let properties = properties
                .iter()
                .map(|(name, value)| ((*name).to_owned(), value.try_clone().unwrap()))
                .collect();
            let below = below.into_iter().map(Value::from).collect();
            (id, properties, below)
        }
    }

    #[zbus::interface(name = "com.canonical.dbusmenu")]
    impl SmallMenu {
        fn about_to_show(&self, _id: i32) -> bool {
            false
        }
        fn get_layout(&self, _parent: i32, _depth: i32, _names: Vec<String>) -> (u32, Layout) {
            let tick = [
                ("label", "Start at _login".into()),
                ("toggle-type", "checkmark".into()),
                ("toggle-state", 1i32.into()),
            ];
            let entries = vec![
                Self::entry(1, &[("label", "_Open".into())], vec![]),
                Self::entry(2, &[("type", "separator".into())], vec![]),
                Self::entry(
                    3,
                    &[
                        ("label", "More".into()),
                        ("children-display", "submenu".into()),
                    ],
                    vec![Self::entry(4, &tick, vec![])],
                ),
                Self::entry(
                    5,
                    &[("label", "a__b".into()), ("enabled", false.into())],
                    vec![],
                ),
            ];
            (1, Self::entry(0, &[], entries))
        }
        fn event(&self, id: i32, what: &str, _data: Value<'_>, _at: u32) {
            if what == "clicked" {
                self.0.send(id).ok();
            }
        }
        #[zbus(property)]
        fn version(&self) -> u32 {
            3
        }
    }

    fn show_item(bus: &str) -> (Connection, Receiver<i32>) {
        let (clicked, clicks) = channel();
        let connection = connection::Builder::address(bus)
            .unwrap()
            .serve_at("/StatusNotifierItem", SmallItem(clicked.clone()))
            .unwrap()
            .serve_at("/Menu", SmallMenu(clicked))
            .unwrap()
            .build()
            .unwrap();
        let watcher = Proxy::new(&connection, WATCHER, "/StatusNotifierWatcher", WATCHER).unwrap();
        let name = connection.unique_name().unwrap().to_string();
        let _: () = watcher.call("RegisterStatusNotifierItem", &name).unwrap();
        (connection, clicks)
    }

    #[test]
    fn reads_and_clicks_an_item_in_a_real_tray() {
        let desktop = TestDesktop::start(Theme::Light);
        let panel = Panel::connect(desktop.bus());
        assert!(panel.items().is_empty());
        let (owner, clicks) = show_item(desktop.bus());
        let item = panel.wait_for_item_of(std::process::id(), SOON);
        let properties = item.wait_for("the title", SOON, |item| item.title == "A small item");
        assert_eq!(
            properties,
            Properties {
                id: "small".into(),
                title: "A small item".into(),
                status: "Active".into(),
                icon_name: "mail-unread".into(),
                icon_pixmap: vec![(1, 1, vec![255, 1, 2, 3])],
                tooltip_title: "Title".into(),
                tooltip_text: "Text".into(),
            }
        );

        let menu = item.menu();
        let labels: Vec<&str> = menu.iter().map(|entry| entry.label.as_str()).collect();
        assert_eq!(labels, ["Open", "", "More", "a_b"]);
        assert!(menu[1].separator && !menu[3].enabled && menu[0].checked.is_none());
        let tick = item.wait_for_entry("the tick", SOON, |entry| entry.checked.is_some());
        assert_eq!(
            (tick.label.as_str(), tick.checked),
            ("Start at login", Some(true))
        );

        item.click("Start at login");
        item.click("Open");
        assert_eq!(clicks.recv_timeout(SOON), Ok(4));
        assert_eq!(clicks.recv_timeout(SOON), Ok(1));
        item.activate().unwrap();
        assert_eq!(clicks.recv_timeout(SOON), Ok(ICON));
        // And once more through the real panel, with the mouse.
        wait::until("a click on the icon", SOON, || {
            desktop.click(TestDesktop::TRAY, 1);
            clicks.recv_timeout(Duration::from_millis(200)).ok()
        });

        drop(owner);
        wait::until("the item to go", SOON, || {
            panel.items().is_empty().then_some(())
        });
        assert_eq!(item.pid(), None);
    }
}
