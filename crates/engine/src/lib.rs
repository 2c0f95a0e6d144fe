//! Everything that happens in Dequeue, and when.
//!
//! One controller ([`controller`]) owns all state. The faces (tray, window, command line) hold a
//! [`Client`], send it [`api::Request`]s and receive [`api::Event`]s; whether the engine is in the
//! same process or behind the control socket makes no difference to them.
//!
//! The deciding parts are pure functions of state, input and time: [`schedule`], [`retry`], [`fair`],
//! [`alarm`], [`notice`], [`standing`], [`settings`], [`import`]. The shell around them does the
//! waiting ([`clock`], [`wake`]), the network ([`connect`], [`poke`], [`bridge`], [`own_server`],
//! [`arrivals`], [`doctor`]), the disk ([`history`], [`settings::file`], [`secrets`]), the socket
//! ([`control`]) and the ways out for notices ([`desktop`], [`channel`]).

pub mod alarm;
pub mod api;
pub mod arrivals;
pub mod bridge;
pub mod channel;
pub mod client;
pub mod clock;
pub mod connect;
pub mod control;
pub mod controller;
pub mod demo;
pub mod desktop;
pub mod doctor;
pub mod fair;
pub mod history;
pub mod host;
pub mod import;
pub mod line;
#[cfg(target_os = "linux")]
mod netlink;
pub mod notice;
pub mod own_server;
pub mod paths;
pub mod poke;
pub mod program;
#[cfg(target_os = "linux")]
mod readiness;
pub mod retry;
pub mod schedule;
pub mod secrets;
pub mod settings;
pub mod standing;
pub mod start_at_login;
pub mod text;
pub mod tls;
pub mod wake;
mod words;

pub use client::Client;
pub use control::attach;
pub use host::{Attached, Hosting, StartError, host_or_attach};
pub use paths::{Paths, PathsError};
pub use text::Text;
