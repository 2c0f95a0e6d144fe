//! The machine's own places, which belong to its service and to no user, and whether the service is
//! in charge: installed, and started at boot.
//!
//! Every face looks here before it looks for an engine. It reads what the system's service manager
//! keeps on the disk and asks nobody, since each command line pays for it.

use std::path::PathBuf;

/// The service's name in the system's service manager.
#[cfg(windows)]
pub const SERVICE: &str = "Dequeue";
/// The service's name in the system's service manager.
#[cfg(target_os = "macos")]
pub const SERVICE: &str = "org.dequeue.dequeue";
/// The service's name in the system's service manager.
#[cfg(all(unix, not(target_os = "macos")))]
pub const SERVICE: &str = "dequeue.service";

/// What starts the service, as an administrator types it.
pub const START_COMMAND: &str = if cfg!(windows) {
    "dequeue service start"
} else {
    "sudo dequeue service start"
};

/// The machine's places as the system's convention has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Places {
    /// The settings' folder.
    pub(super) settings: PathBuf,
    /// The folder of history, secrets and lock: the service's alone.
    pub(super) data: PathBuf,
    /// The folder of the control socket, which everyone may look into; none where a socket is in no
    /// folder.
    pub(super) runtime: Option<PathBuf>,
}

/// Where the machine's places are; `None` where the system does not say.
#[cfg(all(unix, not(target_os = "macos")))]
pub(super) fn places() -> Option<Places> {
    Some(Places {
        settings: "/etc/dequeue".into(),
        data: "/var/lib/dequeue".into(),
        runtime: Some("/run/dequeue".into()),
    })
}

/// Where the machine's places are; `None` where the system does not say.
#[cfg(target_os = "macos")]
pub(super) fn places() -> Option<Places> {
    Some(Places {
        settings: "/Library/Application Support/Dequeue".into(),
        data: "/Library/Application Support/Dequeue".into(),
        // Not in /var/run, which is empty after a boot, and where only root can make a folder.
        runtime: Some("/Library/Application Support/Dequeue Control".into()),
    })
}

/// Where the machine's places are; `None` where the system does not say.
#[cfg(windows)]
pub(super) fn places() -> Option<Places> {
    // Asked of the system: the variable ProgramData is the user's to set.
    let folder = dirs_sys::known_folder(windows_sys::Win32::UI::Shell::FOLDERID_ProgramData)?;
    let folder = folder.join("Dequeue");
    Some(Places {
        settings: folder.clone(),
        data: folder,
        runtime: None,
    })
}

/// Whether the service is in charge: the unit is enabled, as `systemctl enable` does it, or something
/// answers on its socket, as where another init system has started it.
#[cfg(all(unix, not(target_os = "macos")))]
pub(super) fn is_in_charge() -> bool {
    use rustix::net::{
        AddressFamily, SocketAddrUnix, SocketFlags, SocketType, connect, socket_with,
    };

    const ENABLED: &str = "/etc/systemd/system/multi-user.target.wants/dequeue.service";
    let answers = || {
        // Not blocking: a queue of connections that is full is an answer as well.
        let flags = SocketFlags::NONBLOCK | SocketFlags::CLOEXEC;
        let socket = socket_with(AddressFamily::UNIX, SocketType::STREAM, flags, None).ok()?;
        let address = SocketAddrUnix::new("/run/dequeue/control.sock").ok()?;
        match connect(&socket, &address) {
            Ok(()) | Err(rustix::io::Errno::AGAIN) => Some(()),
            Err(_) => None,
        }
    };
    // The link itself: where it leads to may be seen by fewer.
    std::fs::symlink_metadata(ENABLED).is_ok() || answers().is_some()
}

/// Whether the service is in charge: launchd is told of it at boot.
#[cfg(target_os = "macos")]
pub(super) fn is_in_charge() -> bool {
    std::fs::symlink_metadata("/Library/LaunchDaemons/org.dequeue.dequeue.plist").is_ok()
}

/// Whether the service is in charge: the service manager knows it, and may start it. The registry
/// tells everyone so; the service manager itself does not talk to every user.
#[cfg(windows)]
pub(super) fn is_in_charge() -> bool {
    use windows_registry::LOCAL_MACHINE;

    /// `SERVICE_DISABLED`.
    const DISABLED: u32 = 4;
    let path = format!(r"SYSTEM\CurrentControlSet\Services\{SERVICE}");
    let Ok(key) = LOCAL_MACHINE.open(path) else {
        return false;
    };
    // One that is deleted stays there until its last handle is closed.
    let is_deleted = key.get_u32("DeleteFlag").is_ok_and(|flag| flag != 0);
    !is_deleted && key.get_u32("Start").is_ok_and(|start| start != DISABLED)
}
