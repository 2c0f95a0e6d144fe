//! A box of the system's own, for what a program without a console has no other way to say.

use std::{io, os::windows::io::AsRawHandle, ptr, thread};

use windows_sys::Win32::UI::WindowsAndMessaging::{
    MB_ICONERROR, MB_ICONINFORMATION, MB_ICONWARNING, MB_SETFOREGROUND, MessageBoxW,
};

/// What kind of thing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Level {
    /// What was asked for.
    Information,
    /// Something could not be done.
    Warning,
    /// The program cannot go on.
    Error,
}

/// Whether what is written to standard error reaches nobody: there is no console, and no file.
pub(crate) fn is_needed() -> bool {
    io::stderr().as_raw_handle().is_null()
}

/// Shows a box until somebody has read it.
#[expect(unsafe_code)]
pub(crate) fn show(level: Level, text: &str) {
    let wide = |text: &str| -> Vec<u16> { text.encode_utf16().chain([0]).collect() };
    // A NUL would end it.
    let (text, title) = (wide(&text.replace('\0', " ")), wide("Dequeue"));
    let looks = match level {
        Level::Information => MB_ICONINFORMATION,
        Level::Warning => MB_ICONWARNING,
        Level::Error => MB_ICONERROR,
    };
    // SAFETY: the texts end with a NUL and outlive the call; the box has no owner.
    unsafe {
        MessageBoxW(
            ptr::null_mut(),
            text.as_ptr(),
            title.as_ptr(),
            looks | MB_SETFOREGROUND,
        )
    };
}

/// The same without waiting.
pub(crate) fn show_aside(level: Level, text: String) {
    let shown = thread::Builder::new()
        .name("box".to_owned())
        .spawn(move || show(level, &text));
    if let Err(error) = shown {
        tracing::warn!(%error, "no box");
    }
}
