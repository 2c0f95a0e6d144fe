//! What the tray asks of Windows itself: how finely it is drawn, dark menus, to be started again.

use std::{mem::transmute, ptr};

use dequeue_platform::library::{function, numbered_function};
use windows_registry::LOCAL_MACHINE;
use windows_sys::{
    Win32::{
        Foundation::HWND,
        System::Recovery::{
            RESTART_NO_CRASH, RESTART_NO_HANG, RESTART_NO_REBOOT, RegisterApplicationRestart,
        },
        UI::WindowsAndMessaging::FindWindowW,
    },
    core::w,
};

/// `DPI_AWARENESS_CONTEXT_PER_MONITOR_AWARE_V2`.
const PER_MONITOR_V2: isize = -4;
/// The first Windows 10 whose menus can be dark (1903).
const DARK_MENUS_SINCE: u32 = 18362;
/// `SetPreferredAppMode` of uxtheme.dll, which has no name there.
const SET_PREFERRED_APP_MODE: u16 = 135;
/// `AllowDark`: dark menus where the user has a dark desktop.
const ALLOW_DARK: i32 = 1;

/// Has the icon drawn as finely as the screen is, where the program's manifest does not say so
/// already (from Windows 10 1703 on).
#[expect(unsafe_code)]
pub(super) fn see_every_pixel() {
    let Some(found) = function(c"user32.dll", c"SetProcessDpiAwarenessContext") else {
        return;
    };
    // SAFETY: as Windows declares it. Where it was settled before, it does nothing.
    unsafe {
        let set: unsafe extern "system" fn(isize) -> i32 = transmute(found);
        set(PER_MONITOR_V2);
    }
}

/// Dots an inch of the screen with the taskbar; `None` before Windows 10.
#[expect(unsafe_code)]
pub(super) fn taskbar_dpi() -> Option<u32> {
    let of_window = function(c"user32.dll", c"GetDpiForWindow")?;
    // SAFETY: as Windows declares it; a window that has gone meanwhile has 0.
    let dpi = unsafe {
        let of_window: unsafe extern "system" fn(HWND) -> u32 = transmute(of_window);
        of_window(FindWindowW(w!("Shell_TrayWnd"), ptr::null()))
    };
    (dpi != 0).then_some(dpi)
}

/// Lets menus be dark where the desktop is. Nothing that is documented does.
#[expect(unsafe_code)]
pub(super) fn dark_menus() {
    let build = LOCAL_MACHINE
        .open(r"SOFTWARE\Microsoft\Windows NT\CurrentVersion")
        .and_then(|key| key.get_string("CurrentBuildNumber"));
    let build = build.ok().and_then(|build| build.parse().ok());
    // Wine has another function under that number.
    let is_wine = function(c"ntdll.dll", c"wine_get_version").is_some();
    if is_wine || build.is_none_or(|build: u32| build < DARK_MENUS_SINCE) {
        return;
    }
    let Some(found) = numbered_function(c"uxtheme.dll", SET_PREFERRED_APP_MODE) else {
        return;
    };
    // SAFETY: so it has been since that Windows; it takes a number and gives the one before.
    unsafe {
        let set: unsafe extern "system" fn(i32) -> i32 = transmute(found);
        set(ALLOW_DARK);
    }
}

/// Has an installer that ends this program to replace it start it again, quietly.
#[expect(unsafe_code)]
pub(super) fn start_again_after_update() {
    let not_otherwise = RESTART_NO_CRASH | RESTART_NO_HANG | RESTART_NO_REBOOT;
    // SAFETY: the text is a literal.
    let code = unsafe { RegisterApplicationRestart(w!("--quiet"), not_otherwise) };
    if code < 0 {
        tracing::debug!(code, "an update will not start the tray again");
    }
}
