//! What kept the history from its work, and what to say of it.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use dequeue_core::text::Text;
use dequeue_platform::files::{create, is_disk_error};
use rusqlite::ErrorCode;

/// What kept the history from its work.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// SQLite refused or failed.
    #[error("{0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A row whose JSON this version does not read.
    #[error("a row cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// The file could not be read, moved or removed.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The file is of a later version.
    #[error("the file is of a later version ({0})")]
    Version(i64),
    /// The file is damaged, in the words of SQLite's check.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// Its writer has ended.
    #[error("the history is closed")]
    Closed,
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
            Self::Json(_) | Self::Io(_) | Self::Version(_) | Self::Closed => false,
        }
    }

    /// Whether others hold it at this moment.
    pub(super) fn is_busy(&self) -> bool {
        matches!(self, Self::Sqlite(error)
            if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy))
    }

    /// What is wrong with the history in `path`. SQLite does not say what the system said, so the
    /// folder is tried: a small file is written there and removed.
    #[must_use]
    pub fn at(&self, path: &Path) -> HistoryFault {
        let tried = match self {
            Self::Sqlite(_) | Self::Io(_) => try_to_write(path).err(),
            Self::Json(_) | Self::Version(_) | Self::Damaged(_) | Self::Closed => None,
        };
        HistoryFault {
            trouble: Trouble::of(self, tried.as_ref()),
            path: path.to_owned(),
            error: tried.map_or_else(|| self.to_string(), |error| error.to_string()),
        }
    }
}

/// What is wrong with the history's file, and what the system said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryFault {
    trouble: Trouble,
    path: PathBuf,
    error: String,
}

impl HistoryFault {
    /// Two or three sentences: what is wrong, what becomes of the pokes, and what to do.
    #[must_use]
    pub fn sentence(&self, text: &Text) -> String {
        let key = match self.trouble {
            Trouble::Full => "history-full",
            Trouble::ReadOnlyDisk => "history-read-only-disk",
            Trouble::NotAllowed => "history-not-allowed",
            Trouble::DiskError => "history-disk-error",
            Trouble::LaterVersion => "history-later-version",
            Trouble::Damaged => "history-damaged",
            Trouble::Other => "history-not-written",
        };
        let values = [
            ("path", self.path.display().to_string().into()),
            ("error", self.error.as_str().into()),
        ];
        text.format(key, &values)
    }
}

/// What can be wrong, told apart by what there is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trouble {
    /// No room on the disk, or none left for this user (ENOSPC, EDQUOT).
    Full,
    /// The disk is mounted so that it can only be read (EROFS).
    ReadOnlyDisk,
    /// This user may not write there (EACCES, EPERM).
    NotAllowed,
    /// The disk does not do what it is told (EIO).
    DiskError,
    /// The file is of a later version.
    LaterVersion,
    /// The file is damaged, and could not be put aside.
    Damaged,
    /// Whatever else.
    Other,
}

impl Trouble {
    /// By an error, and by what the system said when the folder was tried.
    fn of(error: &HistoryError, tried: Option<&io::Error>) -> Self {
        let code = match error {
            HistoryError::Version(_) => return Self::LaterVersion,
            error if error.is_damage() => return Self::Damaged,
            HistoryError::Sqlite(error) => error.sqlite_error_code(),
            HistoryError::Io(_)
            | HistoryError::Json(_)
            | HistoryError::Damaged(_)
            | HistoryError::Closed => None,
        };
        if code == Some(ErrorCode::DiskFull) {
            return Self::Full;
        }
        let of_io = match error {
            HistoryError::Io(error) => Some(error),
            _ => None,
        };
        if let Some(trouble) = tried.or(of_io).and_then(Self::of_system) {
            return trouble;
        }
        match code {
            Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                Self::NotAllowed
            }
            Some(ErrorCode::SystemIoFailure) => Self::DiskError,
            _ => Self::Other,
        }
    }

    fn of_system(error: &io::Error) -> Option<Self> {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Some(Self::Full),
            io::ErrorKind::ReadOnlyFilesystem => Some(Self::ReadOnlyDisk),
            io::ErrorKind::PermissionDenied => Some(Self::NotAllowed),
            _ if error.raw_os_error().is_some_and(is_disk_error) => Some(Self::DiskError),
            _ => None,
        }
    }
}

/// What a person has to know of the history; all is well by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryStatus {
    /// Why its file cannot be written. As long as that is so, what is to be written waits.
    pub fault: Option<HistoryFault>,
    /// Where a damaged file went; told until the engine ends.
    pub put_aside: Option<PathBuf>,
    /// Pokes that waited until they were too many; told until the engine ends.
    pub dropped: u64,
}

impl HistoryStatus {
    /// What is wrong, what is missing, and where a damaged file went; `None` where all is well.
    #[must_use]
    pub fn sentence(&self, text: &Text) -> Option<String> {
        let dropped = ("count", self.dropped.into());
        let sentences = [
            self.fault.as_ref().map(|fault| fault.sentence(text)),
            (self.dropped > 0).then(|| text.format("history-dropped", &[dropped])),
            self.put_aside
                .as_ref()
                .map(|aside| put_aside_sentence(aside, text)),
        ];
        let sentences: Vec<String> = sentences.into_iter().flatten().collect();
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }
}

/// Whether the file, where there is one, may be written, and a page beside it.
fn try_to_write(path: &Path) -> io::Result<()> {
    match File::options().append(true).open(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        Ok(_) | Err(_) => {}
    }
    let beside = path.with_extension(format!("try-{}", std::process::id()));
    let written = create(&beside).and_then(|mut file| {
        file.write_all(&[0; 4096])?;
        file.sync_data()
    });
    // What could not be made need not go.
    let _ = fs::remove_file(&beside);
    written
}

/// What to say where a damaged history was put aside and a new one begun.
#[must_use]
pub fn put_aside_sentence(aside: &Path, text: &Text) -> String {
    let path = aside.display().to_string();
    text.format("history-put-aside", &[("path", path.into())])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sqlite(code: i32) -> HistoryError {
        let error = rusqlite::ffi::Error::new(code);
        HistoryError::Sqlite(rusqlite::Error::SqliteFailure(error, None))
    }

    #[test]
    fn each_trouble_has_a_sentence_of_its_own() {
        use rusqlite::ffi::{
            SQLITE_BUSY, SQLITE_CANTOPEN, SQLITE_CORRUPT, SQLITE_FULL, SQLITE_IOERR_FSYNC,
            SQLITE_IOERR_WRITE, SQLITE_READONLY,
        };
        let kind = |kind: io::ErrorKind| Some(io::Error::from(kind));
        let (read_only, full, denied) = (
            io::ErrorKind::ReadOnlyFilesystem,
            io::ErrorKind::StorageFull,
            io::ErrorKind::PermissionDenied,
        );
        let mut told = Vec::new();
        for (error, tried, trouble) in [
            (sqlite(SQLITE_FULL), None, Trouble::Full),
            (sqlite(SQLITE_IOERR_WRITE), kind(full), Trouble::Full),
            (
                sqlite(SQLITE_CANTOPEN),
                kind(io::ErrorKind::QuotaExceeded),
                Trouble::Full,
            ),
            (
                sqlite(SQLITE_IOERR_FSYNC),
                kind(read_only),
                Trouble::ReadOnlyDisk,
            ),
            (
                HistoryError::Io(read_only.into()),
                None,
                Trouble::ReadOnlyDisk,
            ),
            (sqlite(SQLITE_READONLY), kind(denied), Trouble::NotAllowed),
            (sqlite(SQLITE_CANTOPEN), None, Trouble::NotAllowed),
            (sqlite(SQLITE_IOERR_FSYNC), None, Trouble::DiskError),
            #[cfg(unix)]
            (
                sqlite(SQLITE_CANTOPEN),
                Some(io::Error::from_raw_os_error(5)),
                Trouble::DiskError,
            ),
            (HistoryError::Version(9), None, Trouble::LaterVersion),
            (sqlite(SQLITE_CORRUPT), kind(full), Trouble::Damaged),
            (sqlite(SQLITE_BUSY), None, Trouble::Other),
        ] {
            assert_eq!(
                Trouble::of(&error, tried.as_ref()),
                trouble,
                "{error:?}, {tried:?}"
            );
            for language in ["en", "nl"] {
                let fault = HistoryFault {
                    trouble,
                    path: "/the/history".into(),
                    error: "told".to_owned(),
                };
                let sentence = fault.sentence(&Text::for_language(language));
                assert!(sentence.contains("/the/history"), "{sentence}");
                told.push(sentence);
            }
        }
        told.sort();
        told.dedup();
        assert_eq!(told.len(), 2 * 7, "{told:#?}");
    }
}
