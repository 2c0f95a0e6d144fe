//! What the controller is told by what it has set going.

use std::{collections::HashMap, time::Duration};

use dequeue_api::{ApiError, Response};
use dequeue_core::{
    arrivals::ArrivalMonitoring,
    day::Day,
    notice::Said,
    record::Poke,
    settings::{channel::Channel, value::Host},
    summary::Week,
    update::Announcement,
};
use dequeue_smtp::DialogueLine;
use jiff::Timestamp;
use tokio::sync::oneshot;

use super::{
    account_state::{AccountKey, EndedPoke},
    file_task::{Answer, FileTaskEnd},
    import::Import,
    remembered::Remembered,
};
use crate::{channel::ChannelFault, history::HistoryError, poke::Poked, update::LookFault};

/// What happened elsewhere.
pub(super) enum Internal {
    /// A line of the dialogue of a poke under way.
    Line { key: AccountKey, line: DialogueLine },
    /// A poke under way goes on to this host, and waits for its turn there.
    NextHost {
        key: AccountKey,
        host: Host,
        /// Told when it is.
        turn: oneshot::Sender<()>,
    },
    /// A poke has ended.
    Poked {
        key: AccountKey,
        poked: Box<Poked>,
        /// Whether arrivals are being watched since before the poke.
        monitoring: Option<ArrivalMonitoring>,
    },
    /// A poke that has ended is written down, under this id; 0 where that was not possible.
    Written { ended: Box<EndedPoke>, id: i64 },
    /// What has become known of a poke is written down; it is without its dialogue.
    Completed {
        key: AccountKey,
        /// `None` where it is not in the history any more.
        poke: Option<Box<Poke>>,
    },
    /// What the history knows of the accounts that are new in the settings that wait longest.
    Remembered(Result<HashMap<String, Remembered>, HistoryError>),
    /// That a notice is told is written down.
    Noted(Said),
    /// That a summary is sent is written down.
    SummedUp(SummedUp),
    /// What a client has changed is written down.
    Replied {
        reply: Reply,
        written: Result<(), HistoryError>,
    },
    /// How the history is has changed.
    HistoryStatus,
    /// The history's file can be written again; these accounts are paused in it.
    HistoryMended { pauses: Vec<String> },
    /// The connection of a poke that had ended was closed; how long after the goodbye.
    Closed {
        key: AccountKey,
        id: i64,
        after: Duration,
    },
    /// The mail server of an account answers again.
    MailServerBack { key: AccountKey },
    /// What was to be done with the settings file is done.
    SettingsFile(FileTaskEnd),
    /// The passwords of settings that are taken over are kept: these are to be written; `None`
    /// where they will not be.
    Import(Option<Box<ImportToWrite>>),
    /// An account's password or token has been kept.
    SecretKept { account: String },
    /// What a hand-over gives is gathered and noted, or cannot be.
    HandOverGathered(Box<Answer>),
    /// The service has said whether it has the accounts that were given away.
    TakenBack { has_them: bool },
    /// The settings were put away, since their accounts are the service's.
    HandedOver {
        reply: Option<oneshot::Sender<Answer>>,
        answer: Answer,
    },
    /// The accounts of this move have been taken over.
    TookOver { token: String },
    /// It was looked for a newer version.
    Looked(Result<Announcement, LookFault>),
    /// How a notice or a heartbeat fared on its way.
    Channel(Channel, Result<(), ChannelFault>),
}

/// What a summary has from the history.
pub(super) struct SummedUp {
    /// When it was due and is given.
    pub(super) at: Timestamp,
    pub(super) week: Week,
    /// Those of the week that had pokes; `None` where they could not be read.
    pub(super) days: Option<Vec<Day>>,
}

/// Settings that are taken over.
pub(super) struct ImportToWrite {
    pub(super) import: Import,
    pub(super) reply: oneshot::Sender<Answer>,
}

/// What a client is told once what it has changed is written down.
pub(super) struct Reply {
    pub(super) to: oneshot::Sender<Result<Response, ApiError>>,
    pub(super) answer: Result<Response, ApiError>,
}

impl Reply {
    /// Tells it, unless that could not be written.
    pub(super) fn send(self, written: Result<(), ApiError>) {
        // The caller may have left.
        let _ = self
            .to
            .send(self.answer.and_then(|answer| written.map(|()| answer)));
    }
}
