//! In words, why there is no window: on standard error, and on Windows in a box.

use std::{fmt::Display, panic, process::ExitCode};

#[cfg(windows)]
use dequeue_api::program::EXIT_NO_WEB_VIEW;
use dequeue_api::{Text, sink};

/// A fault of our own, as in `sysexits.h`.
const EXIT_FAULT: u8 = 70;

/// Says it, and gives the exit status that goes with it.
pub(crate) fn say(sentence: &str) -> ExitCode {
    let sentence = sink::text(sentence);
    #[cfg(windows)]
    rfd::MessageDialog::new()
        .set_title("Dequeue")
        .set_description(&*sentence)
        .set_level(rfd::MessageLevel::Error)
        .show();
    eprintln!("{sentence}");
    ExitCode::from(EXIT_FAULT)
}

/// What this desktop lacks, if anything.
#[cfg(target_os = "linux")]
pub(crate) fn display(text: &Text) -> Option<String> {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    (!set("DISPLAY") && !set("WAYLAND_DISPLAY")).then(|| text.get("window-no-display"))
}

/// Microsoft's own way to the web view's installer.
#[cfg(windows)]
const WEB_VIEW: &str = "https://go.microsoft.com/fwlink/p/?LinkId=2124703";

/// Whether Windows has a web view. Without one the toolkit shows a box that blocks.
#[cfg(windows)]
pub(crate) fn has_web_view() -> bool {
    tauri::webview_version().is_ok()
}

/// Says that there is no web view, and offers to fetch it; also why mail is not asked for, where that
/// is so. Gives the exit status that goes with it.
#[cfg(windows)]
pub(crate) fn say_no_web_view(no_engine: Option<&String>, text: &Text) -> ExitCode {
    use rfd::{MessageButtons, MessageDialog, MessageDialogResult, MessageLevel};
    let sentence = text.get("window-no-webview");
    let sentence = match no_engine {
        None => format!("{sentence}\n\n{}", text.get("window-no-webview-goes-on")),
        Some(why) => format!("{sentence}\n\n{why}"),
    };
    let sentence = sink::text(&sentence);
    eprintln!("{sentence}");
    let fetch = text.get("window-no-webview-fetch");
    let answer = MessageDialog::new()
        .set_title("Dequeue")
        .set_description(&*sentence)
        .set_level(MessageLevel::Warning)
        .set_buttons(MessageButtons::OkCancelCustom(
            fetch.clone(),
            text.get("window-no-webview-close"),
        ))
        .show();
    if answer == MessageDialogResult::Custom(fetch) {
        // It hands an address on to the user's browser.
        let opened = std::process::Command::new("explorer.exe")
            .arg(WEB_VIEW)
            .spawn();
        if let Err(error) = opened {
            eprintln!("{error}");
        }
    }
    ExitCode::from(EXIT_NO_WEB_VIEW)
}

/// What this desktop lacks, if anything: Windows and macOS always have one.
#[cfg(any(windows, target_os = "macos"))]
pub(crate) const fn display(_: &Text) -> Option<String> {
    None
}

/// Why the window does not open.
pub(crate) fn window(error: &dyn Display, text: &Text) -> String {
    text.format("window-cannot-open", &[("error", error.to_string().into())])
}

/// From here to [`opened`], a panic of the toolkit is said in words and ends the program.
pub(crate) fn while_opening(text: &Text) {
    let text = text.clone();
    panic::set_hook(Box::new(move |fault| {
        // What comes after the colon is for the toolkit's own developers.
        let error = fault
            .payload_as_str()
            .and_then(|error| error.split(": ").next());
        say(&window(&error.unwrap_or_default(), &text));
        std::process::exit(EXIT_FAULT.into());
    }));
}

/// The window stands.
pub(crate) fn opened() {
    drop(panic::take_hook());
}
