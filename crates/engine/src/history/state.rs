//! What the engine wants to know again after a restart, as the file keeps it.

use serde::{Serialize, de::DeserializeOwned};

/// A state, in JSON: made where it is known and read where it is wanted again, and in between a text
/// that nobody looks into.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct State(pub(super) String);

impl State {
    /// The state that `value` is.
    ///
    /// # Errors
    /// When it cannot be said in JSON.
    pub fn of<T: Serialize>(value: &T) -> serde_json::Result<Self> {
        serde_json::to_string(value).map(Self)
    }

    /// The value that it is under this key; `None` where it is of a shape that this version does not
    /// read.
    #[must_use]
    pub fn read<T: DeserializeOwned>(&self, key: &str) -> Option<T> {
        serde_json::from_str(&self.0)
            .inspect_err(|error| tracing::warn!(key, %error, "a state cannot be read"))
            .ok()
    }
}
