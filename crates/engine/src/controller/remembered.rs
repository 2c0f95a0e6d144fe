//! What the history knows of an account beside its pokes, and under which keys.

use dequeue_core::{alarm::Alarms, day::Past, notice::NoticeState};
use dequeue_smtp::Learned;

use super::account_state::Pause;
use crate::history::AccountHistory;

/// The pause that the history knows of.
pub(super) fn paused(known: &AccountHistory) -> Option<Pause> {
    let until = known.state(notes::PAUSED_UNTIL);
    known.paused.then_some(Pause { until })
}

/// What is noted in the history, of an account or of everything.
pub(super) mod notes {
    /// What the method `auto` has found out.
    pub(crate) const LEARNED: &str = "learned";
    /// What an account's healthy life is like, and which alarms are raised.
    pub(crate) const ALARMS: &str = "alarms";
    /// What is true of an account and has been told of it; when each topic was told last.
    pub(crate) const NOTICES: &str = "notices";
    /// The notices that were given lately.
    pub(crate) const GIVEN: &str = "given-notices";
    /// When the last summary was sent, or was wanted first.
    pub(crate) const SUMMARY: &str = "summary";
    /// The newest version that was announced, and when it was looked last.
    pub(crate) const UPDATE: &str = "update";
    /// When a pause ends by itself.
    pub(crate) const PAUSED_UNTIL: &str = "paused-until";
    /// Which accounts of users' engines have been taken over.
    pub(crate) const TAKEN_OVER: &str = "taken-over";
    /// The number that this installation draws its jitter from.
    pub(crate) const SEED: &str = "seed";
}

/// What the history knows of an account.
#[derive(Default)]
pub(super) struct Remembered {
    pub(super) past: Past,
    /// The pause of this account alone.
    pub(super) pause: Option<Pause>,
    pub(super) learned: Option<Learned>,
    pub(super) alarms: Alarms,
    pub(super) notices: Option<NoticeState>,
}

impl From<AccountHistory> for Remembered {
    fn from(history: AccountHistory) -> Self {
        Self {
            pause: paused(&history),
            learned: history.state(notes::LEARNED),
            alarms: history.state(notes::ALARMS).unwrap_or_default(),
            notices: history.state(notes::NOTICES),
            past: history.past,
        }
    }
}
