//! Programs that settings start: an import that would switch one on has to say so first.

use crate::settings::definition::{Defined, Secrecy};

/// The settings that start a program, by key, with its command line; those that `before` has
/// already are left out.
#[must_use]
pub fn new_commands<T: Defined>(before: &T, after: &T) -> Vec<(&'static str, String)> {
    let new = T::DEFINITIONS.iter().filter_map(|setting| {
        let text = setting.text(after);
        let line = match setting.secrecy {
            Secrecy::Command => text.as_str(),
            Secrecy::Source => text.strip_prefix("command:")?,
            Secrecy::Open | Secrecy::Address => return None,
        };
        let is_new = !line.is_empty() && setting.text(before) != text;
        is_new.then(|| (setting.key, whole(line)))
    });
    new.collect()
}

/// A command line as it is shown to whoever decides on it: all of it, and nothing in it unseen.
fn whole(line: &str) -> String {
    let shown = line.chars().map(|c| {
        let is_seen = !c.is_control() && c.escape_debug().len() <= "\\'".len();
        if is_seen {
            c.to_string()
        } else {
            c.escape_debug().to_string()
        }
    });
    shown.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::{Settings, value::Value};

    #[test]
    fn a_command_is_shown_whole() {
        let mut settings = Settings::default();
        let long = "/opt/tell ".repeat(40);
        let line = format!("{long} 'it' \"C:\\x\" \u{202e}é");
        settings.set("notice_command", &Value::Text(&line)).unwrap();
        let commands = new_commands(&Settings::default(), &settings);
        let [("notice_command", shown)] = commands.as_slice() else {
            panic!("{commands:?}")
        };
        assert!(shown.contains(&"/opt/tell ".repeat(39)), "{shown}");
        assert!(shown.ends_with(r"\u{202e}é"), "{shown}");
        assert_eq!(new_commands(&settings, &settings), []);
    }
}
