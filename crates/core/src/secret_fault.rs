//! Why a secret cannot be had or kept, and the sentence that says it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::{
    settings::{fault::SourceFault, secret_source::ShownSource},
    sink,
    text::Text,
};

/// Why there is no secret, or why it cannot be kept.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "kind", content = "about", rename_all = "kebab-case")]
pub enum SecretFault {
    /// None has been stored for the account.
    #[error("no secret is stored for {account}")]
    NotSet {
        /// The account's name.
        account: String,
    },
    /// None is in the protected file, and there is no keyring that might have it.
    #[error("no secret is stored for {account}, and there is no keyring")]
    NotSetNoKeyring {
        /// The account's name.
        account: String,
    },
    /// There is no keyring, or it does not answer.
    #[error("the keyring cannot be used: {error}")]
    KeyringUnavailable {
        /// What the system said.
        error: String,
    },
    /// The keyring waits for its own password.
    #[error("the keyring is locked")]
    KeyringLocked,
    /// The account's secret is to come from a keyring, and the machine's service has none.
    #[error("a service has no keyring")]
    ServiceWithoutKeyring,
    /// The secret is longer than the keyring takes (2560 octets on Windows).
    #[error("the secret is too long for the keyring")]
    TooLongForKeyring,
    /// There is no such file.
    #[error("{path} does not exist")]
    FileMissing {
        /// The file that the account names.
        path: PathBuf,
    },
    /// Others than its owner can read the file, or change it.
    #[error("{path} is open to others")]
    FileOpenToOthers {
        /// The file that the account names.
        path: PathBuf,
    },
    /// The file belongs to another user, who could change it.
    #[error("{path} belongs to another user")]
    FileOfAnother {
        /// The file that the account names.
        path: PathBuf,
    },
    /// The file cannot be read.
    #[error("{path} cannot be read: {error}")]
    FileUnreadable {
        /// The file that the account names.
        path: PathBuf,
        /// What the system said.
        error: String,
    },
    /// The protected file cannot be written or removed.
    #[error("{path} cannot be written: {error}")]
    FileUnwritable {
        /// The file that the account names.
        path: PathBuf,
        /// What the system said.
        error: String,
    },
    /// The environment has no such variable.
    #[error("the variable {name} is not set")]
    VariableMissing {
        /// The variable's name.
        name: String,
    },
    /// The command's line is wrong.
    #[error("the command cannot be understood: {0}")]
    CommandLine(#[from] SourceFault),
    /// There is no such program.
    #[error("{program} was not found")]
    CommandNotFound {
        /// The program's name, without its arguments: they may hold a key.
        program: String,
    },
    /// The program cannot be started.
    #[error("{program} cannot be started: {error}")]
    CommandNotStarted {
        /// The program's name, without its arguments: they may hold a key.
        program: String,
        /// What the system said.
        error: String,
    },
    /// The command ended with a failure.
    #[error("{program} failed ({status:?})")]
    CommandFailed {
        /// The program's name, without its arguments: they may hold a key.
        program: String,
        /// Its exit status; none where a signal ended it.
        status: Option<i32>,
    },
    /// The command took too long, and was ended.
    #[error("{program} took longer than {seconds} s")]
    CommandTimedOut {
        /// The program's name, without its arguments: they may hold a key.
        program: String,
        /// How many seconds it may take.
        seconds: u64,
    },
    /// More than any secret takes.
    #[error("{from} gives too much for a secret")]
    TooLong {
        /// Where it was to come from.
        from: ShownSource,
    },
    /// Not UTF-8, or with control characters in it.
    #[error("{from} gives no plain text")]
    NotText {
        /// Where it was to come from.
        from: ShownSource,
    },
    /// Nothing at all.
    #[error("{from} gives an empty secret")]
    Empty {
        /// Where it was to come from.
        from: ShownSource,
    },
    /// The account's secret comes from a source that the user keeps, not this program.
    #[error("the secret comes from {from}")]
    KeptElsewhere {
        /// Where it was to come from.
        from: ShownSource,
    },
}

impl SecretFault {
    /// One or two sentences: what is wrong, what to do. Holds no secret.
    #[must_use]
    pub fn sentence(&self, text: &Text) -> String {
        let shown = |path: &Path| path.display().to_string();
        let named = |account: &str| {
            [
                ("account", account.to_owned().into()),
                ("typed", sink::shell_word(account).into_owned().into()),
            ]
        };
        match self {
            Self::NotSet { account } => text.format("secret-not-set", &named(account)),
            Self::NotSetNoKeyring { account } => {
                text.format("secret-not-set-no-keyring", &named(account))
            }
            Self::KeyringUnavailable { error } => text.format(
                "secret-keyring-unavailable",
                &[("error", error.as_str().into())],
            ),
            Self::KeyringLocked => text.get("secret-keyring-locked"),
            Self::ServiceWithoutKeyring => text.get("secret-service-without-keyring"),
            Self::TooLongForKeyring => text.get("secret-too-long-for-keyring"),
            Self::FileMissing { path } => {
                text.format("secret-file-missing", &[("path", shown(path).into())])
            }
            Self::FileOpenToOthers { path } => text.format(
                "secret-file-open-to-others",
                &[("path", shown(path).into())],
            ),
            Self::FileOfAnother { path } => {
                text.format("secret-file-of-another", &[("path", shown(path).into())])
            }
            Self::FileUnreadable { path, error } => text.format(
                "secret-file-unreadable",
                &[
                    ("path", shown(path).into()),
                    ("error", error.as_str().into()),
                ],
            ),
            Self::FileUnwritable { path, error } => text.format(
                "secret-file-unwritable",
                &[
                    ("path", shown(path).into()),
                    ("error", error.as_str().into()),
                ],
            ),
            Self::VariableMissing { name } => {
                text.format("secret-variable-missing", &[("name", name.as_str().into())])
            }
            Self::CommandLine(fault) => text.format(
                "secret-command-line",
                &[("fault", text.get(fault.key()).into())],
            ),
            Self::CommandNotFound { program } => text.format(
                "secret-command-not-found",
                &[("program", program.as_str().into())],
            ),
            Self::CommandNotStarted { program, error } => text.format(
                "secret-command-not-started",
                &[
                    ("program", program.as_str().into()),
                    ("error", error.as_str().into()),
                ],
            ),
            Self::CommandFailed {
                program,
                status: Some(status),
            } => text.format(
                "secret-command-failed",
                &[
                    ("program", program.as_str().into()),
                    ("status", status.to_string().into()),
                ],
            ),
            Self::CommandFailed {
                program,
                status: None,
            } => text.format(
                "secret-command-ended",
                &[("program", program.as_str().into())],
            ),
            Self::CommandTimedOut { program, seconds } => text.format(
                "secret-command-timed-out",
                &[
                    ("program", program.as_str().into()),
                    ("seconds", seconds.to_string().into()),
                ],
            ),
            Self::TooLong { from } => {
                text.format("secret-too-long", &[("from", from.to_string().into())])
            }
            Self::NotText { from } => {
                text.format("secret-not-text", &[("from", from.to_string().into())])
            }
            Self::Empty { from } => {
                text.format("secret-empty", &[("from", from.to_string().into())])
            }
            Self::KeptElsewhere { from } => text.format(
                "secret-kept-elsewhere",
                &[("from", from.to_string().into())],
            ),
        }
    }
}
