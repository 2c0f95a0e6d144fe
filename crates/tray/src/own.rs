//! What is this user's own where the service's engine is everyone's: whether notices are shown here,
//! and the accounts that the user had before there was a service. Those are asked for by an engine of
//! their own, beside the service's, until they have been moved into it.

use std::{fs, io, path::PathBuf};

use dequeue_api::{
    Connection, Event, News, Paths, Snapshot,
    elevated::{self, Elevated},
    program::beside,
};
use dequeue_core::record::Notice;
use dequeue_engine::HostOrAttach;
use dequeue_platform::{
    files::{Access, make_private, write_whole},
    start_at_login,
};

use crate::model::Personal;

/// The file that says that this user wants no notices.
const NO_NOTICES: &str = "no-notices";
/// The file that says that this user has been asked whether to move the accounts; the menu goes on offering it.
const ASKED: &str = "asked-to-move";
/// The command line, which moves accounts.
const COMMAND_LINE: &str = "dequeue";

/// What is this user's own beside the service.
pub(crate) struct Own {
    paths: Paths,
    shows_notices: bool,
    start_at_login: Option<bool>,
    /// The engine of the user's own accounts, where there are any.
    connection: Option<Connection<HostOrAttach>>,
    has_asked: bool,
}

/// What happened to the user's own accounts.
#[derive(Debug, PartialEq)]
pub(crate) enum OwnNews {
    /// They are there, and somebody is to be asked whether to move them.
    Ask(usize),
    /// Something deserves a notification.
    Notice(Notice),
    /// They are the service's now.
    Moved,
    /// Something else: how many there are may have changed.
    Other,
}

impl Own {
    /// What is this user's own; `None` where there is no place for it.
    pub(crate) fn find() -> Option<Self> {
        Some(Self::at(Paths::for_user().ok()?))
    }

    fn at(paths: Paths) -> Self {
        let is_set_up = paths.settings().is_file();
        Self {
            shows_notices: !paths.data().join(NO_NOTICES).exists(),
            start_at_login: start_at_login::is_on(),
            connection: is_set_up.then(|| Connection::new(HostOrAttach(paths.clone()))),
            has_asked: paths.data().join(ASKED).exists(),
            paths,
        }
    }

    /// What the menu has of it.
    pub(crate) fn personal(&self) -> Personal {
        Personal {
            at_service: true,
            start_at_login: self.start_at_login,
            shows_notices: self.shows_notices,
            to_move: self.to_move(),
        }
    }

    /// The folder of the user's own engine.
    pub(crate) fn folder(&self) -> PathBuf {
        self.paths.data().to_owned()
    }

    pub(crate) const fn shows_notices(&self) -> bool {
        self.shows_notices
    }

    /// Shows notices from now on, or no longer.
    ///
    /// # Errors
    /// It will not be remembered.
    pub(crate) fn show_notices(&mut self, shows: bool) -> io::Result<()> {
        self.shows_notices = shows;
        self.note(NO_NOTICES, !shows)
    }

    /// Remembers that something is so, or no longer, by an empty file.
    fn note(&self, name: &str, is_so: bool) -> io::Result<()> {
        let file = self.paths.data().join(name);
        if is_so {
            make_private(self.paths.data())?;
            return write_whole(&file, b"", Access::Private);
        }
        match fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Starts the tray at login from now on, or no longer.
    ///
    /// # Errors
    /// What the system says.
    pub(crate) fn start_at_login(
        &mut self,
        on: bool,
        program: &str,
        argument: &str,
    ) -> io::Result<()> {
        if on {
            start_at_login::turn_on(&beside(program)?, &[argument])?;
        } else {
            start_at_login::turn_off()?;
        }
        self.start_at_login = start_at_login::is_on();
        Ok(())
    }

    fn to_move(&self) -> usize {
        let state = self.connection.as_ref().and_then(Connection::state);
        state.map_or(0, own_accounts)
    }

    /// The next news of the user's own accounts; none comes where there are none.
    pub(crate) async fn next(&mut self) -> OwnNews {
        let Some(connection) = &mut self.connection else {
            return std::future::pending().await;
        };
        let news = connection.next().await;
        let accounts = connection.state().map_or(0, own_accounts);
        match news {
            News::Event(Event::Moved) => {
                // Should there be others one day, they are asked about.
                self.note(ASKED, false)
                    .unwrap_or_else(|error| tracing::warn!(%error, "it will not be asked again"));
                OwnNews::Moved
            }
            News::Event(Event::Notice { notice, .. }) => OwnNews::Notice(notice),
            News::Attached if accounts > 0 && !self.has_asked => {
                self.has_asked = true;
                self.note(ASKED, true)
                    .unwrap_or_else(|error| tracing::warn!(%error, "it will be asked again"));
                OwnNews::Ask(accounts)
            }
            News::Unavailable(error) => {
                tracing::error!(%error, "no engine for this user's own accounts");
                OwnNews::Other
            }
            News::Attached | News::Event(_) => OwnNews::Other,
        }
    }

    /// Ends the engine of the user's own accounts, in good order.
    pub(crate) async fn end(&mut self) {
        if let Some(engine) = self.connection.take().and_then(Connection::into_engine) {
            engine.stop().await;
        }
    }
}

fn own_accounts(state: &Snapshot) -> usize {
    state.accounts.iter().filter(|it| !it.demo).count()
}

/// Has an administrator move the accounts of the engine in this folder into the service.
///
/// # Errors
/// Why it was not done, in the words of who was to do it; empty where nobody consented.
pub(crate) async fn move_in(folder: PathBuf) -> Result<(), String> {
    let program = beside(COMMAND_LINE).map_err(|error| error.to_string())?;
    let arguments = ["service", "take-over", "--home"];
    let mut arguments: Vec<_> = arguments.map(Into::into).into();
    arguments.push(folder.into_os_string());
    match elevated::run(&program, &arguments).await {
        Ok(Elevated::Ended { success: true, .. }) => Ok(()),
        Ok(Elevated::Ended { said, .. }) => Err(said),
        Ok(Elevated::Refused) => Err(String::new()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn who_wants_no_notices_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let paths = || Paths::in_folder(&folder.path().join("new"));
        let mut own = Own::at(paths());
        assert!(own.shows_notices() && own.personal().shows_notices);
        own.show_notices(true).unwrap();
        own.show_notices(false).unwrap();
        assert!(!own.shows_notices());
        assert!(!Own::at(paths()).shows_notices());
        own.show_notices(true).unwrap();
        assert!(Own::at(paths()).shows_notices());
    }

    #[tokio::test]
    async fn accounts_of_ones_own_are_asked_about_once() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::in_folder(folder.path());
        let none = Own::at(paths.clone());
        assert!(
            none.connection.is_none(),
            "no engine is started for nothing"
        );
        let settings = "version = 1\n[[account]]\nname = \"a\"\nhost = \"127.0.0.1\"\nport = 1\n";
        fs::write(paths.settings(), settings).unwrap();
        let mut own = Own::at(paths.clone());
        assert_eq!(own.next().await, OwnNews::Ask(1));
        assert_eq!(own.personal().to_move, 1);
        own.end().await;
        assert_eq!(own.personal().to_move, 0);
        // At the next login the menu offers it, and nobody is asked.
        let mut own = Own::at(paths);
        assert_eq!(own.next().await, OwnNews::Other);
        assert_eq!(own.personal().to_move, 1);
        own.end().await;
    }
}
