//! A finger request (RFC 1288): one line, and whatever comes back until the provider hangs up.

use std::time::Duration;

use super::state::{Session, State};
use crate::{
    limits,
    reply::redact,
    report::{DialogueLine, Speaker},
    verdict::{Outcome, Reason, Verdict},
};

impl Session {
    pub(super) fn finger(&mut self, at: Duration) {
        let first = self.waiting.front();
        let asked = match (&self.plan.finger, first) {
            (Some(query), _) => {
                self.asking = self.waiting.len();
                query.clone()
            }
            (None, Some(index)) => {
                self.asking = 1;
                self.plan.targets[*index].to_string()
            }
            (None, None) => String::new(),
        };
        self.say_secret(at, &asked, &asked);
        self.finger_answer.clear();
        self.enter(at, State::Fingering, self.plan.limits.command);
        self.round_trips += 1;
    }

    pub(super) fn finger_said(&mut self, at: Duration, bytes: &[u8]) {
        let room = limits::FINGER_ANSWER.saturating_sub(self.finger_answer.len());
        self.finger_answer
            .extend_from_slice(&bytes[..bytes.len().min(room)]);
        if bytes.len() >= room {
            self.finger_ended(at);
        }
    }

    pub(super) fn finger_ended(&mut self, at: Duration) {
        let said = std::mem::take(&mut self.finger_answer);
        let lines: Vec<String> = said
            .split(|octet| matches!(octet, b'\r' | b'\n'))
            .filter(|line| !line.is_empty())
            .map(|line| redact(&String::from_utf8_lossy(line), &self.secret_patterns).into_owned())
            .collect();
        for line in &lines {
            self.dialogue
                .push(DialogueLine::new(Speaker::Provider, at, line.as_str()));
        }
        let verdict = Verdict {
            text: lines.into_iter().next(),
            ..Verdict::new(Outcome::Signalled, Reason::FingerSignals)
        };
        self.settle_visit(verdict);
        self.next_connection(at);
    }
}
