//! End to end: the real programs against real mail servers, a real desktop and hostile providers.
//!
//! [`rig`] holds what the tests stand on: providers, the mail server, mail, a desktop without a
//! screen, the panel's side of the tray, the window's driver. A rig starts what it needs on
//! loopback addresses of its own, so that tests run side by side, and ends it when dropped.
//! A program that a rig needs and does not find fails the test and names the Debian package.

// Nextest runs each test in a process of its own; a failed rig is a failed test, so rigs panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// `pub` marks a rig's face towards the tests, though nothing leaves this binary.
#![allow(unreachable_pub)]
// The rigs serve tests that run on Linux only, too.
#![cfg_attr(not(target_os = "linux"), allow(dead_code))]

#[cfg(target_os = "linux")]
mod arrivals;
#[cfg(target_os = "linux")]
mod auto;
mod autoturn;
mod demo;
#[cfg(target_os = "linux")]
mod disk;
#[cfg(target_os = "linux")]
mod doctor;
#[cfg(target_os = "linux")]
mod engine;
#[cfg(target_os = "linux")]
mod exim;
mod faults;
mod health;
#[cfg(target_os = "linux")]
mod held;
mod import;
mod input;
#[cfg(target_os = "linux")]
mod logins;
#[cfg(target_os = "linux")]
mod mail_server_first;
mod man;
#[cfg(target_os = "linux")]
mod notices;
#[cfg(target_os = "linux")]
mod odmr;
#[cfg(target_os = "linux")]
mod postfix;
mod programs;
mod rig;
#[cfg(target_os = "linux")]
mod running;
#[cfg(target_os = "linux")]
mod secrets;
#[cfg(target_os = "linux")]
mod sendmail;
#[cfg(target_os = "linux")]
mod tray;
#[cfg(target_os = "linux")]
mod turn;
mod visits;
#[cfg(target_os = "linux")]
mod window;
#[cfg(target_os = "linux")]
mod windows;
mod wire;
