//! The notices that were given lately: what somebody who was away can look at.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::said::Said;

/// How many notices that were given are kept.
pub(super) const GIVEN_KEPT: usize = 100;

/// The notices that were given lately, kept without a sentence.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Given {
    /// The newest last.
    list: VecDeque<Said>,
    unseen: usize,
}

impl Given {
    pub(super) fn add(&mut self, said: Said, seen: bool) {
        if self.list.len() == GIVEN_KEPT {
            self.list.pop_front();
        }
        self.list.push_back(said.shortened());
        if !seen {
            self.unseen = (self.unseen + 1).min(self.list.len());
        }
    }

    pub(super) fn see(&mut self) -> bool {
        std::mem::take(&mut self.unseen) > 0
    }

    /// How many nobody has seen.
    #[must_use]
    pub const fn unseen(&self) -> usize {
        self.unseen
    }

    /// All of them, the newest first.
    pub fn newest_first(&self) -> impl Iterator<Item = &Said> {
        self.list.iter().rev()
    }
}
