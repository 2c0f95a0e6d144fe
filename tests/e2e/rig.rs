//! What the tests stand on, wherever they run. One module a rig; each proves itself by tests of its own.

pub mod autoturn;
pub mod client;
pub mod listener;
pub mod mail;
pub mod mail_server;
pub mod net;
pub mod scripted;
pub mod wait;
pub mod wine;
