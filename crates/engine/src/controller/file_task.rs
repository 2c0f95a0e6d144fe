//! What is to be done with the settings file: one thing after the other, away from all else that goes
//! on, since a disk may take its time.

use dequeue_api::{ApiError, Response};
use dequeue_core::{
    import::Withheld,
    settings::{
        Account,
        fault::{Fault, FaultKind},
        file::SettingsFile,
    },
};
use tokio::sync::oneshot;

use crate::settings_file::{EditError, NewContent, Revision, Unparsed};

pub(super) type Answer = Result<Response, ApiError>;

/// Makes of what the file holds what it is to hold, or says what is wrong with that.
pub(super) type Judge =
    Box<dyn FnMut(&SettingsFile) -> Result<(NewContent, Change), ApiError> + Send>;

pub(super) enum FileTask {
    /// Others may have changed it.
    Read,
    /// A client changes it.
    Edit {
        judge: Judge,
        reply: oneshot::Sender<Answer>,
    },
}

/// What came of it.
pub(super) enum FileTaskEnd {
    Read(Unparsed),
    Edited(Box<Edited>),
}

pub(super) struct Edited {
    pub(super) result: Result<(NewContent, Change, Revision), EditError<ApiError>>,
    pub(super) reply: oneshot::Sender<Answer>,
}

/// What a client has changed.
pub(super) enum Change {
    /// An account, which may have another name now, or what is set for none of its own.
    Saved,
    /// This account is gone.
    Removed(String),
    /// Settings were taken over. What was left out of them and is set here was kept.
    Imported { kept: Vec<Withheld> },
}

impl Change {
    pub(super) fn into_response(self) -> Response {
        match self {
            Self::Saved | Self::Removed(_) => Response::Done,
            Self::Imported { kept } => Response::Imported {
                kept,
                passwords: Vec::new(),
            },
        }
    }
}

/// An account that does not have the name of the demo's, which is in no file.
pub(super) fn not_the_demos(account: Account, demo: Option<&str>) -> Result<Account, Vec<Fault>> {
    if demo == Some(account.name.as_str()) {
        return Err(vec![Fault::new("name", &account.name, FaultKind::Taken)]);
    }
    Ok(account)
}
