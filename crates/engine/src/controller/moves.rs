//! How far the move of accounts from a user's engine into the service has come: on the one side
//! [`HandOver`], on the other [`TakenOver`].

use std::path::{Path, PathBuf};

use dequeue_api::client::ClientId;
use dequeue_platform::files;
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

use super::file_task::Answer;

/// The file in the data folder that notes it.
pub(super) const NOTE: &str = "hand-over.json";
/// No such note is longer.
const NOTE_OCTETS: u64 = 64 * 1024;
/// To whom the accounts are given, and under which name the service knows that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Offer {
    pub(super) token: String,
    /// The folder of a service that is not this machine's own: a test's.
    pub(super) service_in: Option<PathBuf>,
}

/// How far it has come.
#[derive(Debug)]
pub(super) enum HandOver {
    /// What is under way ends first.
    Begun {
        offer: Offer,
        by: ClientId,
        reply: oneshot::Sender<Answer>,
    },
    /// The passwords are being gathered, and it is being noted.
    Gathered {
        offer: Offer,
        by: ClientId,
        reply: oneshot::Sender<Answer>,
    },
    /// They have been given away.
    Given { offer: Offer, by: ClientId },
    /// Whoever was to take them there has gone. The service is asked whose they are.
    Unfinished,
    /// The service has them.
    Done,
}

impl HandOver {
    /// What was begun by an engine before this one.
    pub(super) fn left_over(data: &Path) -> Option<Offer> {
        let octets = files::read(&data.join(NOTE), NOTE_OCTETS).ok()??;
        match serde_json::from_slice(&octets) {
            Ok(offer) => Some(offer),
            Err(error) => {
                tracing::error!(%error, "the note on a hand-over cannot be read");
                None
            }
        }
    }
}

/// Moves that are remembered; of those before, none is under way any more.
const MOST: usize = 256;

/// What is known of each move, the newest last.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct TakenOver(Vec<Move>);

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Move {
    token: String,
    /// What the accounts are called here.
    accounts: Vec<String>,
    state: MoveState,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum MoveState {
    /// The accounts are to be here; whether they are is seen by the settings.
    Begun,
    /// They are here, or have been.
    Done,
    /// They never will be.
    TakenBack,
}

impl TakenOver {
    pub(super) fn state(&self, token: &str) -> Option<MoveState> {
        let known = self.0.iter().find(|it| it.token == token);
        known.map(|it| it.state)
    }

    pub(super) fn set(&mut self, token: &str, accounts: Vec<String>, state: MoveState) {
        self.0.retain(|it| it.token != token);
        let surplus = (self.0.len() + 1).saturating_sub(MOST);
        self.0.drain(..surplus);
        self.0.push(Move {
            token: token.to_owned(),
            accounts,
            state,
        });
    }

    pub(super) fn accounts(&self, token: &str) -> Vec<String> {
        let known = self.0.iter().find(|it| it.token == token);
        known.map(|it| it.accounts.clone()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_of_long_ago_are_forgotten() {
        let mut taken = TakenOver::default();
        for number in 0..MOST + 10 {
            taken.set(&number.to_string(), vec!["a".to_owned()], MoveState::Begun);
        }
        taken.set("100", taken.accounts("100"), MoveState::Done);
        assert_eq!(taken.0.len(), MOST);
        assert_eq!(taken.state("9"), None);
        assert_eq!(taken.state("100"), Some(MoveState::Done));
        assert_eq!(taken.accounts("100"), ["a"]);
    }
}
