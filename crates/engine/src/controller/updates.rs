//! What is known of newer versions, and when it is looked for one.

use dequeue_api::NewVersion;
use dequeue_core::update::{KnownUpdate, UpdateCheck, next_look};
use jiff::Timestamp;
use semver::Version;
use tokio::sync::oneshot;

use super::file_task::Answer;

/// What is known of newer versions, and what is under way.
pub(super) struct Updates {
    pub(super) known: KnownUpdate,
    running: Version,
    /// Since when it is looked once a week; `None` where it is not.
    wanted: Option<Timestamp>,
    /// Who is told what comes of the look that is under way; `None` where none is.
    pub(super) waiting: Option<Vec<oneshot::Sender<Answer>>>,
}

impl Updates {
    pub(super) fn new(mut known: KnownUpdate, now: Timestamp) -> Self {
        known.at(now);
        Self {
            known,
            // A number that is none is newer than nothing.
            running: Version::parse(env!("CARGO_PKG_VERSION")).unwrap_or(Version::new(0, 0, 0)),
            wanted: None,
            waiting: None,
        }
    }

    /// Takes over whether it is wanted.
    pub(super) fn take_settings(&mut self, check: UpdateCheck, now: Timestamp) {
        self.wanted = match check {
            UpdateCheck::Off => None,
            UpdateCheck::Weekly => self.wanted.or(Some(now)),
        };
    }

    /// The clock says this, which is earlier than before.
    pub(super) fn clock_set_back(&mut self, now: Timestamp) {
        self.known.at(now);
        self.wanted = self.wanted.map(|wanted| wanted.min(now));
    }

    /// When it is looked next; `None` where it is not, or is being looked.
    pub(super) fn next_at(&self, seed: u64) -> Option<Timestamp> {
        let wanted = self.wanted.filter(|_| self.waiting.is_none())?;
        Some(next_look(self.known.looked_at, wanted, seed))
    }

    /// The version that is newer than this one, where one is known.
    pub(super) fn newer(&self) -> Option<NewVersion> {
        let known = self.known.announcement.as_ref();
        let known = known.filter(|it| it.is_newer_than(&self.running))?;
        Some(NewVersion {
            version: known.version.to_string(),
            date: known.date.to_string(),
            notes: known.notes.clone(),
        })
    }
}
