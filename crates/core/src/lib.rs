//! What Dequeue decides and what it says: settings, schedule, retries, alarms, notices, health,
//! imports and sentences. Pure functions of state, input and time: nothing here opens a file or a
//! socket, reads a clock or waits.

pub mod alarm;
pub mod amounts;
pub mod arrivals;
pub mod day;
mod explain;
pub mod health;
pub mod import;
pub mod mail_server;
pub mod notice;
pub mod pause;
pub mod poke_limiter;
pub mod record;
pub mod retry;
pub mod schedule;
pub mod secret_fault;
pub mod settings;
pub mod shell_words;
pub mod sink;
pub mod summary;
pub mod text;
pub mod tls_fault;
pub mod update;

pub use text::Text;
