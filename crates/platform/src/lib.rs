//! What each system does in its own way, behind one interface for all of them.
//!
//! Nothing here decides anything about mail and nothing words anything for a person: the caller
//! brings what is to be done, and gets what the system says.

pub mod blocking;
pub mod clock;
pub mod connections;
pub mod core_dump;
pub mod desktop;
pub mod files;
pub mod keyring;
#[cfg(target_os = "linux")]
mod netlink;
pub mod program;
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod readiness;
mod sleep;
pub mod start_at_login;
pub mod system_events;
