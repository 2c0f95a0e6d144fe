//! The service's end of a move: the accounts of a user's engine come here, once. See `hand_over.rs`
//! for what must not happen meanwhile.
//!
//! Before accounts are taken over it is noted which they will be. So this engine can always say whether
//! it has them: the settings file is written whole or not at all. Whoever is told that it has not gets
//! the promise with it that it never will.

use std::collections::BTreeMap;

use dequeue_api::{ErrorCode, Response, client::error};
use dequeue_smtp::Secret;
use tokio::sync::oneshot;

use super::{Controller, file_task::Answer, import::Import, moves::MoveState};

impl Controller {
    /// Takes accounts over that are another engine's until now.
    pub(super) fn take_over(
        &mut self,
        token: &str,
        import: Import,
        passwords: BTreeMap<String, Secret>,
        reply: oneshot::Sender<Answer>,
    ) {
        if self.taken_over.state(token) == Some(MoveState::TakenBack) {
            let message = self.text.get("hand-over-taken-back");
            let _ = reply.send(Err(error(ErrorCode::HandOver, message)));
            return;
        }
        let names = import
            .accounts
            .iter()
            .filter_map(|fields| fields.get("name"));
        let names: Vec<String> = names.map(|name| name.trim().to_owned()).collect();
        // By their names it is seen later whether they are here.
        if let Some(taken) = names.iter().find(|name| self.accounts.find(name).is_some()) {
            let values = [("account", taken.as_str().into())];
            let message = self.text.format("hand-over-name-taken", &values);
            let _ = reply.send(Err(error(ErrorCode::HandOver, message)));
            return;
        }
        self.taken_over.set(token, names, MoveState::Begun);
        let noted = self.memory.note_taken_over(&self.taken_over);
        let token = token.to_owned();
        self.import_with_passwords(import, passwords, Some((token, noted)), reply);
    }

    /// They are here.
    pub(super) fn took_over(&mut self, token: &str) {
        let accounts = self.taken_over.accounts(token);
        self.taken_over.set(token, accounts, MoveState::Done);
        // Nothing waits for it: until it is noted, the settings tell the same.
        drop(self.memory.note_taken_over(&self.taken_over));
    }

    /// Whether the accounts are here. If not, they never will be.
    pub(super) fn take_back(&mut self, token: &str, reply: oneshot::Sender<Answer>) {
        if self.is_changing_settings() || !self.faults.is_empty() {
            let message = self.text.get("hand-over-goes-on");
            let _ = reply.send(Err(error(ErrorCode::HandOver, message)));
            return;
        }
        let accounts = self.taken_over.accounts(token);
        let has_them = match self.taken_over.state(token) {
            Some(MoveState::Done) => true,
            Some(MoveState::TakenBack) => false,
            Some(MoveState::Begun) => {
                let mut states = self.accounts.of_settings();
                states.any(|state| accounts.iter().any(|name| name == state.name()))
            }
            None => false,
        };
        let state = if has_them {
            MoveState::Done
        } else {
            MoveState::TakenBack
        };
        self.taken_over.set(token, accounts, state);
        let noted = self.memory.note_taken_over(&self.taken_over);
        self.memory.wait_for(noted);
        self.answer_when_written(Ok(Response::TakenBack { has_them }), reply);
    }
}
