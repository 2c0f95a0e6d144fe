//! What the taskbar looks like: its colour, which is a setting of its own beside that of the
//! programs, and the size of its icons.

use std::ptr;

use windows_registry::CURRENT_USER;
use windows_sys::Win32::UI::{
    Accessibility::{HCF_HIGHCONTRASTON, HIGHCONTRASTW},
    WindowsAndMessaging::{SPI_GETHIGHCONTRAST, SystemParametersInfoW},
};

use super::system;
use crate::icons::Ground;

const PERSONALIZE: &str = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize";
/// Dots an inch where nothing is enlarged.
const USUAL_DPI: u32 = 96;
/// The size of small icons there.
const SMALL: u32 = 16;

/// The taskbar's colour. Where it is not known, as before Windows 10, and in high contrast, where it
/// may be any, a picture for every ground is needed.
pub(super) fn ground() -> Ground {
    let setting = CURRENT_USER
        .open(PERSONALIZE)
        .and_then(|key| key.get_u32("SystemUsesLightTheme"));
    match setting {
        _ if is_high_contrast() => Ground::Any,
        Ok(0) => Ground::Dark,
        Ok(_) => Ground::Light,
        Err(_) => Ground::Any,
    }
}

/// The size of its icons in pixels.
pub(super) fn icon_size() -> u32 {
    let dpi = system::taskbar_dpi().unwrap_or(USUAL_DPI);
    (SMALL * dpi + USUAL_DPI / 2) / USUAL_DPI
}

#[expect(unsafe_code)]
fn is_high_contrast() -> bool {
    let size = size_of::<HIGHCONTRASTW>() as u32;
    let mut contrast = HIGHCONTRASTW {
        cbSize: size,
        dwFlags: 0,
        lpszDefaultScheme: ptr::null_mut(),
    };
    // SAFETY: the structure is as large as it says, and outlives the call, which fills it in.
    let known =
        unsafe { SystemParametersInfoW(SPI_GETHIGHCONTRAST, size, (&raw mut contrast).cast(), 0) };
    known != 0 && contrast.dwFlags & HCF_HIGHCONTRASTON != 0
}
