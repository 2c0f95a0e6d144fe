//! What the tests stand on. One module a rig; each proves itself by tests of its own.

pub mod autoturn;
pub mod client;
#[cfg(target_os = "linux")]
pub mod desk;
pub mod listener;
pub mod mail;
pub mod net;
pub mod own_server;
#[cfg(target_os = "linux")]
pub mod postfix;
#[cfg(target_os = "linux")]
pub mod process;
pub mod scripted;
#[cfg(target_os = "linux")]
pub mod sni;
pub mod wait;
#[cfg(target_os = "linux")]
pub mod webdriver;
