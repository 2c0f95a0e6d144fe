//! How much of the history is kept: its settings.

use std::time::Duration;

use crate::settings::{Fault, FaultKind, Value, parse_duration};

const KEEP_FOR_LEAST: Duration = Duration::from_secs(86_400);
const KEEP_FOR_MOST: Duration = Duration::from_secs(3660 * 86_400);
const MEGABYTES_MOST: u32 = 1_000_000;

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

impl Keep {
    /// The keys in the settings file.
    pub const FIELDS: [&str; 2] = ["keep_for", "keep_at_most"];

    /// Sets one value by its key in the settings file: `keep_for` is a length of time of at least a
    /// day, `keep_at_most` a number of MB.
    ///
    /// # Errors
    /// What is wrong with the key or the value; nothing was set.
    pub fn set(&mut self, key: &str, value: &Value<'_>) -> Result<(), Fault> {
        let number;
        let text = match value {
            Value::Text(text) => text.trim(),
            Value::Number(n) => {
                number = n.to_string();
                &number
            }
            Value::Flag(_) | Value::List(_) | Value::Other => {
                return Err(Fault::new(key, "", FaultKind::WrongType));
            }
        };
        let fault = |kind| Fault::new(key, text, kind);
        match key {
            "keep_for" => {
                self.age = match parse_duration(text).map_err(fault)? {
                    age if age < KEEP_FOR_LEAST => return Err(fault(FaultKind::TooShort)),
                    age if age > KEEP_FOR_MOST => return Err(fault(FaultKind::OutOfRange)),
                    age => age,
                };
            }
            "keep_at_most" => {
                self.megabytes = match text.parse::<i64>().map(u32::try_from) {
                    Ok(Ok(megabytes @ 1..=MEGABYTES_MOST)) => megabytes,
                    Ok(_) => return Err(fault(FaultKind::OutOfRange)),
                    Err(_) => return Err(fault(FaultKind::NotANumber)),
                };
            }
            _ => return Err(Fault::new("unknown-key", key, FaultKind::UnknownKey)),
        }
        Ok(())
    }
}
