//! In words, why there is no window: on standard error, and on Windows in a box.

use std::{fmt::Display, panic, process::ExitCode};

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

/// What this desktop lacks, if anything. Without its web view, Windows shows a box that blocks.
#[cfg(windows)]
pub(crate) fn display(text: &Text) -> Option<String> {
    tauri::webview_version()
        .is_err()
        .then(|| text.get("window-no-webview"))
}

/// What this desktop lacks, if anything: macOS brings all of it.
#[cfg(target_os = "macos")]
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
