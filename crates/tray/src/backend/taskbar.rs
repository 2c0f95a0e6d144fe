//! The colour of the Windows taskbar, which is a setting of its own beside that of the programs.

use std::{io, thread};

use windows_registry::CURRENT_USER;

const PERSONALIZE: &str = r"Software\Microsoft\Windows\CurrentVersion\Themes\Personalize";

/// Whether the taskbar is light. Older systems have a dark one and no such setting.
pub(super) fn is_light() -> bool {
    CURRENT_USER
        .open(PERSONALIZE)
        .and_then(|key| key.get_u32("SystemUsesLightTheme"))
        .is_ok_and(|value| value != 0)
}

/// Calls `changed` whenever the colours are chosen anew, from a thread that does nothing else.
pub(super) fn watch(changed: impl Fn() + Send + 'static) {
    let watching = thread::Builder::new()
        .name("taskbar".to_owned())
        .spawn(move || {
            loop {
                if let Err(error) = wait() {
                    tracing::debug!(%error, "the taskbar's colour is not watched");
                    return;
                }
                changed();
            }
        });
    if let Err(error) = watching {
        tracing::debug!(%error, "the taskbar's colour is not watched");
    }
}

/// Waits until a value below the key changes.
#[allow(unsafe_code)]
fn wait() -> io::Result<()> {
    use windows_sys::Win32::{
        Foundation::ERROR_SUCCESS,
        System::Registry::{REG_NOTIFY_CHANGE_LAST_SET, RegNotifyChangeKeyValue},
    };
    let key = CURRENT_USER.open(PERSONALIZE)?;
    // SAFETY: the key is open until the call returns; it is synchronous, so there is no event
    // handle to outlive it.
    let code = unsafe {
        RegNotifyChangeKeyValue(
            key.as_raw(),
            0,
            REG_NOTIFY_CHANGE_LAST_SET,
            std::ptr::null_mut(),
            0,
        )
    };
    if code == ERROR_SUCCESS {
        Ok(())
    } else {
        Err(io::Error::from_raw_os_error(code as i32))
    }
}
