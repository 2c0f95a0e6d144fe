//! What the tests stand on. One module a rig; each proves itself by tests of its own.

pub mod autoturn;
#[cfg(target_os = "linux")]
pub mod certificate;
pub mod client;
#[cfg(target_os = "linux")]
pub mod desk;
#[cfg(unix)]
pub mod events;
#[cfg(target_os = "linux")]
pub mod exim;
pub mod listener;
pub mod mail;
#[cfg(target_os = "linux")]
pub mod names;
pub mod net;
#[cfg(target_os = "linux")]
pub mod netns;
#[cfg(target_os = "linux")]
pub mod odmr;
pub mod own_server;
#[cfg(target_os = "linux")]
pub mod postfix;
#[cfg(target_os = "linux")]
pub mod process;
#[cfg(target_os = "linux")]
pub mod provider;
pub mod scripted;
#[cfg(target_os = "linux")]
pub mod sendmail;
#[cfg(target_os = "linux")]
pub mod sni;
#[cfg(target_os = "linux")]
pub mod tls;
pub mod wait;
#[cfg(target_os = "linux")]
pub mod webdriver;
