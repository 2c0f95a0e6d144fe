//! What kept the history from its work, and what to say of it.

use std::{io, path::Path};

use rusqlite::ErrorCode;

use crate::text::Text;

/// What kept the history from its work.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// SQLite.
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A row whose JSON this version does not read.
    #[error("a row cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// The disk.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file is of a later version.
    #[error("the file is of a later version ({0})")]
    Version(i64),
    /// The file is damaged, in the words of SQLite's check.
    #[error("the file is damaged: {0}")]
    Damaged(String),
}

impl HistoryError {
    /// Whether the file itself is broken, so that only putting it aside helps.
    #[must_use]
    pub fn is_damage(&self) -> bool {
        match self {
            Self::Damaged(_) => true,
            Self::Sqlite(error) => {
                use rusqlite::Error::{
                    FromSqlConversionFailure, IntegralValueOutOfRange, InvalidColumnType, Utf8Error,
                };
                // What has the wrong type in its column was not written by us.
                matches!(
                    error,
                    FromSqlConversionFailure(..)
                        | IntegralValueOutOfRange(..)
                        | InvalidColumnType(..)
                        | Utf8Error(..)
                ) || matches!(
                    error.sqlite_error_code(),
                    Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
                )
            }
            Self::Json(_) | Self::Io(_) | Self::Version(_) => false,
        }
    }

    /// Whether others hold it at this moment.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self, Self::Sqlite(error)
            if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy))
    }

    /// One or two sentences: what is wrong with the history in `path`, and what to do.
    #[must_use]
    pub fn sentence(&self, path: &Path, text: &Text) -> String {
        let code = match self {
            Self::Sqlite(error) => error.sqlite_error_code(),
            Self::Json(_) | Self::Io(_) | Self::Version(_) | Self::Damaged(_) => None,
        };
        let key = match (self, code) {
            (_, Some(ErrorCode::DiskFull)) => "history-full",
            (_, Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen)) => "history-read-only",
            (Self::Version(_), _) => "history-later-version",
            (damage, _) if damage.is_damage() => "history-damaged",
            _ => "error-history",
        };
        text.format(
            key,
            &[
                ("path", path.display().to_string().into()),
                ("error", self.to_string().into()),
            ],
        )
    }
}

/// What to say where a damaged history was put aside and a new one begun.
#[must_use]
pub fn put_aside_sentence(aside: &Path, text: &Text) -> String {
    let path = aside.display().to_string();
    text.format("history-put-aside", &[("path", path.into())])
}
