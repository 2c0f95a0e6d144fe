//! End to end: the real programs against real mail servers, a real desktop and hostile providers.
//!
//! Two groups: what runs on every system stands here, the rest in [`linux`]. [`rig`] and
//! [`linux::rig`] hold what the tests stand on: providers, the mail server, mail, a desktop without
//! a screen, the panel's side of the tray, the window's driver. A rig starts what it needs on
//! loopback addresses of its own, so that tests run side by side, and ends it when dropped.
//! A program that a rig needs and does not find fails the test and names the Debian package; the
//! few tests that may be left out are counted ([`rig::left_out`]).

// Nextest runs each test in a process of its own; a failed rig is a failed test, so rigs panic.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]
// `pub` marks a rig's client towards the tests, though nothing leaves this binary.
#![allow(unreachable_pub)]
// The rigs also serve the tests of Linux.
#![cfg_attr(not(target_os = "linux"), allow(dead_code))]

mod autoturn;
mod demo;
mod faults;
mod health;
mod import;
mod input;
#[cfg(target_os = "linux")]
mod linux;
mod man;
mod programs;
mod rig;
mod visits;
mod wire;
