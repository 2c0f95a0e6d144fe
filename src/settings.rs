//! `dequeue settings`: where the settings file is, and whether it is right.

use serde::Serialize;

use crate::{arguments::Settings, failure::Failure, home::Home, output::Output};

/// Where the file is, and how many accounts it has where that was asked.
#[derive(Serialize)]
struct File {
    settings_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts: Option<usize>,
}

/// Tells about the settings file.
///
/// # Errors
/// The faults of the file, with their lines.
pub(crate) fn settings(home: &Home, wanted: Settings, out: &mut Output) -> Result<u8, Failure> {
    let settings_path = home.paths.settings().display().to_string();
    match wanted {
        Settings::Path => {
            out.say(&settings_path);
            out.object(&File {
                settings_path,
                accounts: None,
            });
        }
        Settings::Check => {
            let count = match &home.settings {
                Ok(settings) => settings.accounts.len(),
                Err(faults) => return Err(Failure::settings(faults, &out.text)),
            };
            let there = home.paths.settings().exists();
            let key = if there {
                "cli-settings-right"
            } else {
                "cli-settings-none"
            };
            let values = [
                ("count", count.into()),
                ("path", settings_path.as_str().into()),
            ];
            out.say(&out.text.format(key, &values));
            out.object(&File {
                settings_path,
                accounts: Some(count),
            });
        }
    }
    Ok(0)
}
