//! How much of the history is kept: the settings `keep_for` and `keep_at_most`.

use std::time::Duration;

/// How much of the history is kept: the settings `keep_for` and `keep_at_most`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keep {
    /// Pokes older than this go.
    pub age: Duration,
    /// The oldest pokes go where the file is larger than this, in MB of a million bytes. The last
    /// hundred pokes and the days' figures stay in any case.
    pub megabytes: u32,
}

impl Default for Keep {
    fn default() -> Self {
        Self {
            age: Duration::from_secs(400 * 86_400),
            megabytes: 100,
        }
    }
}
