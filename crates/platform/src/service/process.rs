//! A service's program and the manager that started it: it is told that the service is up, that it lives
//! and that it ends, and tells it to end, or that the machine has slept.
//!
//! systemd by sd_notify(3) (on macOS launchd wants to hear nothing), Windows by its control dispatcher.
//! Where no manager has started the program, as in a terminal or a container, all of it does nothing.

#[cfg(windows)]
#[path = "process/windows.rs"]
mod system;
#[cfg(not(windows))]
#[path = "process/unix.rs"]
mod system;

pub use self::system::{Manager, under_manager};
