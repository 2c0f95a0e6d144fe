//! The engine over real connections, sockets, processes and keyrings. What counts the memory of its
//! process is a program of its own: `hostile` and `simulation`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[cfg(target_os = "linux")]
mod arrivals;
mod control;
mod every_request;
mod floods;
#[cfg(target_os = "linux")]
mod keyring;
mod kill;
#[path = "../../../../tests/e2e/rig/left_out.rs"]
mod left_out;
#[cfg(target_os = "linux")]
mod log;
mod mail_server;
mod poke;
mod rights;
#[cfg(target_os = "linux")]
mod secrets;
mod slow_hosts;
mod take_over;
mod update;
