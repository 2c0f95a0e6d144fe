//! What clients (tray, window, command line) and the engine say to each other: the one list of
//! requests, responses and events, and a client's line to an engine, in this process or behind the
//! control socket.

mod apply;
pub mod client;
pub mod connection;
pub mod elevated;
mod frame;
pub mod messages;
pub mod paths;
pub mod program;
pub mod rights;
mod seat;
pub mod socket;
pub mod views;

pub use client::Client;
pub use connection::{Connection, EngineSource, News};
pub use dequeue_core::{
    pause::PauseLength,
    settings::logging::LogLevel,
    sink,
    text::{self, Text},
};
pub use messages::*;
pub use paths::{Paths, PathsError};
pub use rights::Rights;
pub use seat::Seat;
pub use socket::attach;
pub use views::*;
