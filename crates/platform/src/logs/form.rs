//! How a line looks. In a file it is
//!
//! ```text
//! 2026-11-29T19:40:46.123Z WARN dequeue-tray[812] dequeue_engine::channel: not told fault="…"
//! ```
//!
//! with the instant in UTC, the program and its process, the module, what happened, and its fields.

use std::fmt::{self, Write};

use jiff::Timestamp;
use tracing::{
    Event, Level,
    field::{Field, Visit},
};

/// A line is cut off after so many octets: a writer's lines are whole in the file only where they go
/// there at once.
const WORDS_OCTETS: usize = 16 * 1024;

/// What happened, with its fields.
#[derive(Default)]
pub(super) struct Words {
    message: String,
    fields: String,
}

impl Words {
    pub(super) fn of(event: &Event<'_>) -> String {
        let mut words = Self::default();
        event.record(&mut words);
        let mut whole = words.message + &words.fields;
        if whole.len() > WORDS_OCTETS {
            let end = whole.floor_char_boundary(WORDS_OCTETS);
            whole.truncate(end);
            whole.push('…');
        }
        whole
    }
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        // Writing to a string cannot fail.
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

pub(super) fn for_file(level: Level, program: &str, target: &str, words: &str) -> String {
    let (now, process) = (now(), std::process::id());
    format!("{now} {level} {program}[{process}] {target}: {words}\n")
}

pub(super) fn for_person(level: Level, target: &str, words: &str) -> String {
    format!("{} {level:>5} {target}: {words}\n", now())
}

/// The journal knows the time by itself, and takes the priority from the beginning of the line
/// (sd-daemon(3)).
pub(super) fn for_journal(level: Level, target: &str, words: &str) -> String {
    let priority = match level {
        Level::ERROR => 3,
        Level::WARN => 4,
        Level::INFO => 6,
        Level::DEBUG | Level::TRACE => 7,
    };
    format!("<{priority}>{target}: {words}\n")
}

fn now() -> String {
    format!("{:.3}", Timestamp::now())
}
