//! What each system does in its own way, behind one interface for all of them.
//!
//! Nothing here decides anything about mail and nothing words anything for a person: the caller
//! brings what is to be done, and gets what the system says.

pub mod blocking;
pub mod clock;
pub mod connections;
pub mod console;
pub mod core_dump;
pub mod desktop;
pub mod files;
#[cfg(windows)]
pub mod folder_watch;
pub mod keyring;
#[cfg(windows)]
pub mod library;
pub mod logs;
#[cfg(target_os = "linux")]
mod netlink;
pub mod peer;
pub mod program;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod readiness;
pub mod service;
#[cfg(windows)]
mod sid;
mod sleep;
pub mod start_at_login;
pub mod system_events;
mod windows_7;

#[cfg(all(test, unix))]
#[allow(clippy::expect_used)]
#[path = "../../../tests/e2e/rig/left_out.rs"]
mod left_out;
