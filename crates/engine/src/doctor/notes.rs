//! What has been found so far.

use std::sync::{Mutex, PoisonError};

use dequeue_api::Finding;
use dequeue_core::{settings::Account, text::Text};

use super::{judge::Found, words::in_words};

/// What has been found so far, by all checks.
pub(super) struct Notes<'a, F> {
    account: &'a Account,
    text: &'a Text,
    taken: Mutex<(Vec<Found>, F)>,
}

impl<'a, F: FnMut(&Finding)> Notes<'a, F> {
    /// Nothing yet; each finding is told to `on_finding`.
    pub(super) fn new(account: &'a Account, text: &'a Text, on_finding: F) -> Self {
        Self {
            account,
            text,
            taken: Mutex::new((Vec::new(), on_finding)),
        }
    }

    pub(super) fn take(&self, found: Found) {
        let finding = in_words(&found, self.account, self.text);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        (taken.1)(&finding);
        taken.0.push(found);
    }

    pub(super) fn so_far(&self) -> Vec<Found> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.0.clone()
    }

    pub(super) fn end(self) -> Vec<Found> {
        let taken = self.taken.into_inner();
        taken.unwrap_or_else(PoisonError::into_inner).0
    }
}
