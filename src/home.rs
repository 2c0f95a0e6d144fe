//! Where the settings are, and the engine that knows them: the one that runs, or, where none does,
//! one that opens the files for this command alone.

use dequeue_api::{AccountView, Client, Paths, Request, Response, Snapshot};
use dequeue_core::{
    Text,
    settings::{Settings, file::FileFault},
    text::SYSTEM,
};
use dequeue_engine::{Hosting, StartError, host::Attached, host_or_attach, settings_file};

use crate::{failure::Failure, output::Output};

/// One installation's places.
pub(crate) struct Home {
    /// Where everything is.
    pub(crate) paths: Paths,
}

impl Home {
    /// The one that this face belongs to: the machine's where its service is in charge, else this
    /// user's.
    ///
    /// # Errors
    /// Where there are no folders to live in.
    pub(crate) fn open() -> Result<Self, StartError> {
        let paths = Paths::find()?;
        Ok(Self { paths })
    }

    /// The settings as they are on the disk. A running engine knows them better.
    ///
    /// # Errors
    /// What is wrong with them.
    pub(crate) fn settings(&self) -> Result<Settings, Vec<FileFault>> {
        settings_file::load(self.paths.settings()).map(|file| file.settings().clone())
    }

    /// The language of the settings on the disk, the system's where they cannot be read.
    pub(crate) fn text(&self) -> Text {
        let settings = self.settings();
        Text::for_language(settings.as_ref().map_or(SYSTEM, |it| &it.language))
    }

    /// The engine that runs, or one for this command alone; from here on its language is spoken.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) async fn engine(&self, out: &mut Output) -> Result<Engine, Failure> {
        let attached = self.attached(out).await?;
        let snapshot = attached.client.snapshot().await?;
        out.text = Text::for_language(&snapshot.general.language_in_use);
        Ok(Engine { attached, snapshot })
    }

    /// The same without a look at the accounts, which may be many.
    ///
    /// # Errors
    /// [`Failure`].
    pub(crate) async fn engine_alone(&self, out: &mut Output) -> Result<Engine, Failure> {
        let attached = self.attached(out).await?;
        let (snapshot, _) = attached.client.overview().await?;
        out.text = Text::for_language(&snapshot.general.language_in_use);
        Ok(Engine { attached, snapshot })
    }

    async fn attached(&self, out: &mut Output) -> Result<Attached, Failure> {
        let attached = host_or_attach(&self.paths, Hosting::Once).await;
        attached.map_err(|error| {
            out.text = self.text();
            Failure::start(&error, &out.text)
        })
    }
}

/// An engine within reach.
pub(crate) struct Engine {
    attached: Attached,
    /// How things stood when it was reached; without accounts where they were not asked for.
    pub(crate) snapshot: Snapshot,
}

impl Engine {
    /// Whether it pokes on time, beyond this command.
    pub(crate) const fn runs(&self) -> bool {
        !self.attached.is_hosting()
    }

    /// The line to it.
    pub(crate) const fn client(&self) -> &Client {
        &self.attached.client
    }

    /// Asks it.
    ///
    /// # Errors
    /// The engine's error.
    pub(crate) async fn ask(&self, request: Request) -> Result<Response, Failure> {
        Ok(self.attached.client.request(request).await?)
    }

    /// The settings that it goes by.
    ///
    /// # Errors
    /// The engine's error, or that it has settings which this version does not know.
    pub(crate) async fn settings(&self, text: &Text) -> Result<Settings, Failure> {
        let Response::Settings { settings: view } = self.ask(Request::Settings).await? else {
            return Err(unexpected(text));
        };
        let unknown = |_| unexpected(text);
        let mut settings = Settings::default()
            .with_general(&view.general)
            .map_err(unknown)?;
        for fields in &view.accounts {
            let account = settings.with_account(None, fields).map_err(unknown)?;
            settings.put_account(None, account);
        }
        Ok(settings)
    }

    /// The accounts are needed: a settings file with faults stops the command where no engine
    /// goes on with the last good settings.
    ///
    /// # Errors
    /// What is wrong in the file, line by line.
    pub(crate) fn need_settings(&self, home: &Home, text: &Text) -> Result<(), Failure> {
        if self.runs() || self.snapshot.settings_fault.is_none() {
            return Ok(());
        }
        match home.settings() {
            Err(faults) => Err(Failure::settings(&faults, text)),
            Ok(_) => Ok(()),
        }
    }

    /// The account with this name.
    ///
    /// # Errors
    /// That there is none, with the names that there are.
    pub(crate) fn account(&self, name: &str, text: &Text) -> Result<&AccountView, Failure> {
        let found = self
            .snapshot
            .accounts
            .iter()
            .find(|account| account.name == name);
        found.ok_or_else(|| Failure::no_such_account(name, &self.snapshot, text))
    }

    /// Lets go of it; one for this command alone ends in good order.
    pub(crate) async fn leave(self) {
        self.attached.stop().await;
    }
}

/// Says what is wrong with the settings file of an engine that runs all the same, and where its accounts
/// are being moved.
pub(crate) fn warn_of_settings(snapshot: &Snapshot, out: &mut Output) {
    if let Some(hand_over) = &snapshot.hand_over {
        out.warn(hand_over);
    }
    if let Some(fault) = &snapshot.settings_fault {
        warn_of_settings_fault(fault, !snapshot.accounts.is_empty(), out);
    }
}

/// The same, with whether the engine has accounts of the last good settings.
pub(crate) fn warn_of_settings_fault(fault: &str, last_good: bool, out: &mut Output) {
    out.warn(fault);
    let key = if last_good {
        "settings-keep-running"
    } else {
        "cli-settings-needed"
    };
    out.warn(&out.text.get(key));
}

/// Says why what an engine for this command alone keeps will not be there later, or where a damaged
/// history went. An engine that runs on says so in its status.
pub(crate) fn warn_of_history(engine: &Engine, snapshot: &Snapshot, out: &mut Output) {
    if let Some(fault) = snapshot.history_fault.as_ref().filter(|_| !engine.runs()) {
        out.warn(fault);
    }
}

/// An answer that does not belong to the request.
pub(crate) fn unexpected(text: &Text) -> Failure {
    Failure::of(dequeue_api::ErrorCode::Protocol, text.get("error-protocol"))
}
