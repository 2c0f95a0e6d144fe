//! What the controller is told by what it has set going.

use std::time::Duration;

use dequeue_core::{arrivals::ArrivalMonitoring, settings::channel::Channel};
use dequeue_smtp::DialogueLine;

use super::account_state::AccountKey;
use crate::{channel::ChannelFault, poke::Poked};

/// What happened elsewhere.
pub(super) enum Internal {
    /// A line of the dialogue of a poke under way.
    Line { key: AccountKey, line: DialogueLine },
    /// A poke has ended.
    Poked {
        key: AccountKey,
        poked: Box<Poked>,
        /// Whether arrivals are being watched since before the poke.
        monitoring: Option<ArrivalMonitoring>,
    },
    /// The connection of a poke that had ended was closed, so long after the goodbye.
    Closed {
        key: AccountKey,
        id: i64,
        after: Duration,
    },
    /// The mail server of an account answers again.
    MailServerBack { key: AccountKey },
    /// An account's password or token has been kept.
    SecretKept { account: String },
    /// How a notice or a heartbeat fared on its way.
    Channel(Channel, Result<(), ChannelFault>),
}
