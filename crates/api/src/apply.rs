//! How events change the state: the one place where clients in Rust merge them.

use crate::{
    messages::Event,
    views::{PokeView, Snapshot},
};

impl Snapshot {
    /// Merges an event into the state. The page's reducer, `ui/src/state.ts`, does the same; both
    /// are held to `tests/apply.json`.
    pub fn apply(&mut self, event: &Event) {
        match event {
            Event::Changed { snapshot } => self.clone_from(snapshot),
            Event::Account { account, whole } => {
                let mut accounts = self.accounts.iter_mut();
                // One that is not known comes with the whole state.
                if let Some(known) = accounts.find(|known| known.name == account.name) {
                    known.clone_from(account);
                }
                self.whole = *whole;
            }
            Event::PokeCompleted { poke } => {
                let is_last = |last: &&mut Box<PokeView>| last.id == poke.id;
                let mut accounts = self.accounts.iter_mut();
                if let Some(known) = accounts.find(|known| known.name == poke.account)
                    && let Some(last) = known.last.as_mut().filter(is_last)
                {
                    last.clone_from(poke);
                }
            }
            Event::Dialogue { .. }
            | Event::Poked { .. }
            | Event::Notice { .. }
            | Event::Finding { .. }
            | Event::ShowWindow { .. }
            | Event::CloseWindow { .. }
            | Event::End
            | Event::Moved
            | Event::Missed
            | Event::Gone => {}
        }
    }
}
