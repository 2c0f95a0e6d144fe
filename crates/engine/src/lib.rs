//! Everything that happens in Dequeue, and when.
//!
//! One controller ([`controller`]) owns all state. The clients (tray, window, command line) hold a
//! [`Client`], send it [`api::Request`]s and receive [`api::Event`]s; whether the engine is in the
//! same process or behind the control socket makes no difference to them.
//!
//! The deciding parts are pure functions of state, input and time: [`schedule`], [`retry`], [`poke_limiter`],
//! [`alarm`], [`notice`], [`health`], [`settings`], [`import`]. The shell around them does the
//! waiting ([`dequeue_platform`]), the network ([`connect`], [`poke`], [`bridge`], [`mail_server`],
//! [`arrivals`], [`doctor`]), the disk ([`history`], [`settings::file`], [`secrets`]), the socket
//! ([`control`]) and the ways out for notices ([`channel`]).

pub mod arrivals;
pub mod bridge;
pub mod channel;
pub mod connect;
pub mod control;
pub mod controller;
pub mod demo;
pub mod doctor;
pub mod history;
pub mod host;
pub mod mail_server;
pub mod poke;
pub mod secrets;
pub mod settings_file;
pub mod stream;
pub mod tls;

pub use host::{Attached, Hosting, StartError, host_or_attach};
