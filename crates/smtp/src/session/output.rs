//! What is written to the provider, and what of it the dialogue may show.

use std::time::Duration;

use zeroize::{Zeroize, Zeroizing};

use super::state::Session;
use crate::{
    command::Command,
    limits,
    report::{DialogueLine, Speaker},
};

impl Session {
    /// Queues a command; it goes out with whatever is queued already.
    pub(super) fn say(&mut self, at: Duration, command: &Command) {
        let line = command.to_string();
        self.say_secret(at, &line, &line);
    }

    /// Queues a line of which the dialogue shows only `shown`.
    pub(super) fn say_secret(&mut self, at: Duration, line: &str, shown: &str) {
        let needed = self.outgoing.len() + line.len() + 2;
        if needed > self.outgoing.capacity() {
            // A vector that reallocates by itself leaves a copy of its old content in memory.
            let mut larger = Zeroizing::new(Vec::with_capacity(needed + limits::COMMAND_LINE));
            larger.extend_from_slice(&self.outgoing);
            self.outgoing = larger;
        }
        self.outgoing.extend_from_slice(line.as_bytes());
        self.outgoing.extend_from_slice(b"\r\n");
        self.dialogue
            .push(DialogueLine::new(Speaker::Us, at, shown));
    }

    pub(super) fn sent(&mut self) {
        self.outgoing.zeroize();
    }
}
