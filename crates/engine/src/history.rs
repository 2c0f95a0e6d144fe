//! The history: every poke with its report and dialogue, what each day came to, and what the engine
//! wants to know again after a restart, in SQLite. Each poke is on the disk, and in its day's
//! figures, before anyone is told of it.
//!
//! The file is bounded: [`Keep`](dequeue_core::settings::keep::Keep) says how old pokes may get and how much room they may take; what is
//! removed gives its room back to the disk. The days' figures are kept for ten years.

mod backlog;
mod buffered;
mod copy;
mod database;
mod day;
mod fault;
mod retention;
mod state;
mod tables;
mod writer;

pub use buffered::AccountHistory;
pub use database::History;
pub use fault::{HistoryError, HistoryFault, HistoryStatus, put_aside_sentence};
pub use state::State;
pub use writer::{Answer, HistoryWriter};

#[cfg(test)]
mod tests;
