//! What a service is to be, how it stands, and why it is not as it was to be.

use std::{
    io,
    path::{Path, PathBuf},
};

use super::folders::FolderFault;

/// The service as it is to be.
#[derive(Clone, Copy, Debug)]
pub struct Service<'a> {
    /// Its name in the system's service manager.
    pub name: &'a str,
    /// What it does, in a sentence, for those who look at a list of services.
    pub description: &'a str,
    /// Its program, by an absolute path.
    pub program: &'a Path,
    /// The file of its settings, in a folder of its own.
    pub settings: &'a Path,
    /// The folder of its data.
    pub data: &'a Path,
}

/// What its program is given.
pub const ARGUMENTS: [&str; 2] = ["run", "--service"];

/// How the service stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServiceState {
    /// The service manager knows it.
    pub is_installed: bool,
    /// It is started when the machine starts.
    pub starts_at_boot: bool,
    /// The service manager has started it; `None` where no service manager runs here.
    pub runs: Option<bool>,
}

/// Whether there was anything to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// It is otherwise than before.
    Changed,
    /// It was so already.
    AsBefore,
}

impl Change {
    /// Of whether something was done.
    pub(super) const fn made(changed: bool) -> Self {
        if changed {
            Self::Changed
        } else {
            Self::AsBefore
        }
    }
}

/// Why the service is not as it was to be.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// It takes an administrator.
    #[error("it takes an administrator")]
    NotAllowed,
    /// There is no such service.
    #[error("the service is not installed")]
    NotInstalled,
    /// The machine has no service manager that is known here. What was to be prepared is: the account and
    /// the folders.
    #[error("no service manager")]
    NoManager {
        /// What makes it a service of OpenRC.
        script: &'static str,
    },
    /// The service manager is there and does not run, as in a container.
    #[error("the service manager does not run")]
    ManagerNotRunning,
    /// The service could not run a program that lies in a user's folder.
    #[error("{program} lies in a user's folder")]
    ProgramOfUser {
        /// The program.
        program: PathBuf,
    },
    /// A folder of the service is not the service's.
    #[error(transparent)]
    Folder(#[from] FolderFault),
    /// It was started, and ended at once, or did not come up in time.
    #[error("the service did not come up: {said}")]
    NotUp {
        /// What the service manager says.
        said: String,
    },
    /// The service manager does not do it.
    #[error("the service manager: {said}")]
    Manager {
        /// What it says.
        said: String,
    },
    /// A file cannot be written.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
}

/// Why something of the service's at this path is not as it was to be.
pub(super) fn failed(path: &Path) -> impl FnOnce(io::Error) -> ServiceError {
    let path = path.to_owned();
    |error| match error.kind() {
        io::ErrorKind::PermissionDenied => ServiceError::NotAllowed,
        _ => ServiceError::File { path, error },
    }
}
