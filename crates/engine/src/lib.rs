//! Everything that happens in Dequeue, and when.
//!
//! One controller ([`controller`]) owns all state. The clients (tray, window, command line) hold a
//! [`Client`](dequeue_api::Client), send it [`Request`](dequeue_api::Request)s and receive
//! [`Event`](dequeue_api::Event)s; whether the engine is in the same process or behind the control
//! socket makes no difference to them.
//!
//! What is decided is decided by pure functions of state, input and time in [`dequeue_core`]. Here
//! is the shell around them: the network ([`connect`], [`poke`], [`bridge`], [`mail_server`],
//! [`arrivals`], [`doctor`]), the disk ([`history`], [`settings_file`], [`secrets`]), the socket
//! ([`control`]) and the channels that notices take ([`channel`]).

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
pub mod lock;
pub mod logs;
pub mod mail_server;
pub mod poke;
pub mod secrets;
pub mod settings_file;
pub mod stream;
pub mod take_over;
pub mod tls;
pub mod update;

pub use host::{Attached, HostOrAttach, Hosting, StartError, host_or_attach};
