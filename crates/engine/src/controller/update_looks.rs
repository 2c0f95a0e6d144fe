//! It is looked for newer versions, and what came of it is told.

use dequeue_api::{ApiError, ErrorCode, Response, client::error};
use dequeue_core::{text::Text, update::Announcement};
use jiff::Timestamp;
use tokio::sync::oneshot;

use super::{Controller, file_task::Answer, internal::Internal};
use crate::update::LookFault;

impl Controller {
    /// When it is looked next, by itself: an engine for one command never does.
    pub(super) fn next_look_at(&self) -> Option<Timestamp> {
        let next = self.updates.next_at(self.accounts.pace.seed);
        next.filter(|_| self.accounts.pace.is_on)
    }

    /// Looks, where that is due.
    pub(super) fn look_on_time(&mut self, now: Timestamp) {
        if self.next_look_at().is_some_and(|due| due <= now) {
            self.look(Vec::new());
        }
    }

    /// Looks because somebody asks; whoever asks meanwhile is told the same.
    pub(super) fn look_now(&mut self, reply: oneshot::Sender<Answer>) {
        match &mut self.updates.waiting {
            Some(waiting) => waiting.push(reply),
            None => self.look(vec![reply]),
        }
    }

    fn look(&mut self, waiting: Vec<oneshot::Sender<Answer>>) {
        self.updates.waiting = Some(waiting);
        // Whatever comes of it, and even if it is killed meanwhile: the next is a week later.
        self.updates.known.looked_at = Some(self.clock.now());
        self.memory.note_update(&self.updates.known);
        let (environment, internal) = (self.environment.clone(), self.internal.clone());
        self.tasks.spawn(async move {
            let looked = environment.look_for_update().await;
            let _ = internal.send(Internal::Looked(looked)).await;
        });
    }

    /// It was looked.
    pub(super) fn looked(&mut self, looked: Result<Announcement, LookFault>) {
        let waiting = self.updates.waiting.take().unwrap_or_default();
        let known = self.updates.known.announcement.as_ref();
        let looked = looked.and_then(|announcement| {
            let follows = announcement.follows(known, self.clock.now());
            follows.map_err(LookFault::Unbelieved)?;
            Ok(announcement)
        });
        let answer = match looked {
            Ok(announcement) => {
                tracing::info!(version = %announcement.version, "the newest version announced");
                let before = self.updates.newer();
                self.updates.known.announcement = Some(announcement);
                self.memory.note_update(&self.updates.known);
                let newer = self.updates.newer();
                if newer != before {
                    self.tell_all();
                }
                Ok(Response::Update { newer })
            }
            Err(fault) => {
                // Nobody is told: it is looked again in a week.
                tracing::info!(%fault, "no newer version could be looked for");
                Err(not_looked(&fault, &self.text))
            }
        };
        for reply in waiting {
            // The caller may have left.
            let _ = reply.send(answer.clone());
        }
    }
}

fn not_looked(fault: &LookFault, text: &Text) -> ApiError {
    let key = match fault {
        LookFault::NoSource => "error-update-no-source",
        LookFault::Unreachable(_) | LookFault::TooLarge => "error-update-unreachable",
        LookFault::Unsigned | LookFault::Unbelieved(_) => "error-update-not-believed",
    };
    let values = [("error", fault.to_string().into())];
    error(ErrorCode::Update, text.format(key, &values))
}
