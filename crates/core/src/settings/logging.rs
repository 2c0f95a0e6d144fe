//! What the programs log: the settings `log_level` and `log_at_most`.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How important something must be to be logged; each takes those before it along.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS,
)]
#[serde(rename_all = "kebab-case")]
pub enum LogLevel {
    /// What does not work at all.
    Error,
    /// What does not work as it should.
    Warn,
    /// What is done: each poke with what came of it.
    #[default]
    Info,
    /// What may help to find a fault.
    Debug,
    /// All there is.
    Trace,
}

impl LogLevel {
    /// All of them, the most important first.
    pub const ALL: [Self; 5] = [
        Self::Error,
        Self::Warn,
        Self::Info,
        Self::Debug,
        Self::Trace,
    ];
}

/// What the programs log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logging {
    /// What is logged.
    pub level: LogLevel,
    /// The oldest lines go where the files are larger than this, in MB of a million bytes.
    pub megabytes: u32,
}

impl Default for Logging {
    fn default() -> Self {
        Self {
            level: LogLevel::default(),
            megabytes: 10,
        }
    }
}
