//! New settings: read from the file, and taken over while all runs on.

use std::collections::{HashMap, HashSet};

use dequeue_api::{ApiError, Response};
use dequeue_core::{
    notice::{self, Change},
    settings::{Account, Settings, file::SettingsFile, secret_source::SecretSource},
    text::Text,
};
use dequeue_platform::blocking::blocking;
use jiff::Timestamp;
use tokio::sync::oneshot;

use super::{
    Controller,
    account_state::{AccountKey, AccountState},
    accounts::Placed,
    errors,
    file_task::{Answer, Change as SettingsChange, Edited, FileTask, FileTaskEnd},
    internal::Internal,
    new_settings::NewSettings,
    remembered::Remembered,
};
use crate::{
    history::HistoryError,
    logs,
    settings_file::{self, NewContent, Revision, Unparsed},
};

impl Controller {
    /// Has the settings file read: somebody may have changed it.
    pub(super) fn reload(&mut self) {
        let tasks = &mut self.file_tasks;
        if !tasks.iter().any(|task| matches!(task, FileTask::Read)) {
            tasks.push_back(FileTask::Read);
        }
        self.next_file_task();
    }

    /// Has the settings file changed. The client is answered when that is done.
    pub(super) fn edit(
        &mut self,
        reply: oneshot::Sender<Answer>,
        judge: impl FnMut(&SettingsFile) -> Result<(NewContent, SettingsChange), ApiError>
        + Send
        + 'static,
    ) {
        let judge = Box::new(judge);
        (self.file_tasks).push_back(FileTask::Edit { judge, reply });
        self.next_file_task();
    }

    /// Whether something is to be done with the settings file, or is being done.
    pub(super) fn has_file_tasks(&self) -> bool {
        self.file_task_runs || !self.file_tasks.is_empty()
    }

    /// Whether the settings are about to be others.
    pub(super) fn is_changing_settings(&self) -> bool {
        self.imports_begun > 0 || self.has_file_tasks() || !self.settings_waiting.is_empty()
    }

    /// Begins what waits longest, unless something is under way: what is read must not be older than
    /// what has been written.
    fn next_file_task(&mut self) {
        if self.file_task_runs {
            return;
        }
        let Some(task) = self.file_tasks.pop_front() else {
            return;
        };
        self.file_task_runs = true;
        let path = self.paths.settings().to_owned();
        let accounts_are_known = self.knows_accounts();
        let internal = self.internal.clone();
        self.tasks.spawn(async move {
            let work = move || match task {
                FileTask::Read => FileTaskEnd::Read(settings_file::read(&path)),
                FileTask::Edit { judge, reply } => FileTaskEnd::Edited(Box::new(Edited {
                    result: settings_file::edit(&path, accounts_are_known, judge),
                    reply,
                })),
            };
            let end = blocking(work).await;
            let _ = internal.send(Internal::SettingsFile(end)).await;
        });
    }

    /// Whether there are accounts, or will be once the history has told what it knows of them.
    pub(super) fn knows_accounts(&self) -> bool {
        match self.settings_waiting.back() {
            Some(new) => !new.accounts.is_empty(),
            None => self.accounts.of_settings().next().is_some(),
        }
    }

    pub(super) fn file_task_ended(&mut self, end: FileTaskEnd) {
        self.file_task_runs = false;
        match end {
            FileTaskEnd::Read(there) => self.take_file(there),
            FileTaskEnd::Edited(edited) => {
                let Edited { result, reply } = *edited;
                let answer = result
                    .map(|(new, change, revision)| self.edited(new, change, revision))
                    .map_err(|fault| errors::not_edited(fault, &self.paths, &self.text));
                self.answer_when_written(answer, reply);
            }
        }
        self.next_file_task();
    }

    /// Takes over what the settings file holds, where that is something else.
    fn take_file(&mut self, there: Unparsed) {
        let revision = there.revision();
        if revision.is_some() && revision == self.revision {
            return;
        }
        let changed = match there.parse(self.knows_accounts()) {
            Ok(file) => {
                let revision = Revision::of_file(&file);
                self.take_revision(file.into_settings(), revision, None)
            }
            // The last good settings go on running.
            Err(faults) if faults == self.faults => false,
            Err(faults) => {
                let lines: Vec<_> = faults.iter().filter_map(|fault| fault.line).collect();
                tracing::warn!(
                    ?lines,
                    "the settings file has faults; the last good settings run on"
                );
                self.revision = None;
                self.faults = faults;
                true
            }
        };
        if changed {
            self.tell_all();
        }
    }

    /// The settings file has been changed by a client: goes on by what it holds now.
    fn edited(&mut self, new: NewContent, change: SettingsChange, revision: Revision) -> Response {
        let NewContent { settings, renamed } = new;
        if let SettingsChange::Removed(name) = &change {
            self.removed(name);
        }
        if let Some((from, to)) = &renamed {
            let account = settings.account(to);
            self.renamed(from, to, account.map(|account| account.secret.clone()));
        }
        if self.take_revision(settings, revision, renamed) {
            self.tell_all();
        }
        change.into_response()
    }

    /// What is kept of an account follows it to its new name.
    fn renamed(&mut self, from: &str, to: &str, source: Option<SecretSource>) {
        self.memory.rename(from, to);
        let (from, to) = (from.to_owned(), to.to_owned());
        if let Some(source) = source {
            let (from, to) = (from.clone(), to.clone());
            self.with_secrets(source, move |secrets, source| async move {
                if let Err(fault) = secrets.rename(&from, &to, &source).await {
                    // The account stands; its secret has to be typed again.
                    tracing::warn!(%fault, "a secret did not follow its account to the new name");
                }
            });
        }
        self.feed(self.clock.now(), Change::Renamed { from, to });
    }

    /// What is kept of an account is forgotten with it.
    fn removed(&mut self, name: &str) {
        self.memory.forget(name);
        let name = name.to_owned();
        // Whatever its settings say now: a secret that was kept once must not serve a later account of
        // that name.
        self.with_secrets(SecretSource::Stored, move |secrets, source| async move {
            if let Err(fault) = secrets.clear(&name, &source).await {
                tracing::warn!(%fault, "the secret of a removed account may still be kept");
            }
        });
    }

    /// Takes over what the file holds at this revision; gives whether that is something else and in
    /// force from now on.
    fn take_revision(
        &mut self,
        mut settings: Settings,
        revision: Revision,
        renamed: Option<(String, String)>,
    ) -> bool {
        let accounts = std::mem::take(&mut settings.accounts);
        let same = self.faults.is_empty()
            && self.settings_waiting.is_empty()
            && settings == self.settings
            && self.accounts.are_set_as(&accounts);
        self.revision = Some(revision);
        self.faults.clear();
        if let Some((from, to)) = renamed {
            self.rename(&from, &to);
        }
        !same && self.take_settings(NewSettings::new(settings, accounts))
    }

    /// An account goes by another name, also in settings that wait: what is written of it from now on
    /// stands under that name.
    fn rename(&mut self, from: &str, to: &str) {
        self.edition += 1;
        for earlier in &mut self.settings_waiting {
            earlier.rename(from, to);
        }
        let renamed = self.accounts.of_settings().find(|it| it.name() == from);
        let key = renamed.map(|state| state.key);
        if let Some(state) = key.and_then(|key| self.accounts.get_mut(key)) {
            let account = Account::clone(&state.account);
            state.take_account(Account {
                name: to.to_owned(),
                ..account
            });
        }
    }

    /// Takes over new settings and their accounts. What is known of an account stays with its name:
    /// where there are new ones, the history is asked for that first. Gives whether the settings are
    /// in force at once; else it is told when they are.
    fn take_settings(&mut self, new: NewSettings) -> bool {
        // Those before are not overtaken, and may still take accounts away.
        let waits = !self.settings_waiting.is_empty();
        let known = self.accounts.of_settings();
        let known: HashSet<&str> = known.map(AccountState::name).collect();
        let names = new.accounts.iter().map(|account| &account.name);
        let names = names.filter(|name| waits || !known.contains(name.as_str()));
        let names: Vec<String> = names.cloned().collect();
        if names.is_empty() && !waits {
            self.settle(new, HashMap::new());
            return true;
        }
        self.settings_waiting.push_back(new);
        self.memory.remember(names);
        false
    }

    /// The history has said what it knows of the accounts that are new in the settings that wait
    /// longest.
    pub(super) fn remembered(
        &mut self,
        remembered: Result<HashMap<String, Remembered>, HistoryError>,
    ) {
        let Some(new) = self.settings_waiting.pop_front() else {
            return;
        };
        match remembered {
            Ok(remembered) => self.settle(new, remembered),
            Err(error) => tracing::error!(%error, "the history could not be read"),
        }
        self.tell_all();
    }

    /// Puts new settings in force. The accounts that are not here yet are `remembered`.
    pub(super) fn settle(&mut self, new: NewSettings, mut remembered: HashMap<String, Remembered>) {
        let NewSettings {
            settings,
            accounts,
            asked_as,
        } = new;
        self.edition += 1;
        tracing::info!(accounts = accounts.len(), "settings are in force");
        let known = self.accounts.of_settings();
        let known: HashMap<String, AccountKey> = known
            .map(|state| (state.name().to_owned(), state.key))
            .collect();
        let now = self.clock.now();
        let mut placed = Vec::with_capacity(accounts.len());
        let mut news = Vec::new();
        for account in accounts {
            placed.push(match known.get(&account.name) {
                Some(key) => Placed::Known(*key, Box::new(account)),
                None => {
                    let asked = asked_as.get(&account.name).unwrap_or(&account.name);
                    let remembered = remembered.remove(asked).unwrap_or_default();
                    let new = self.new_account(account, remembered, now, &mut news);
                    Placed::New(Box::new(new))
                }
            });
        }
        // Once all is remembered: whatever is remembered has the notices look at all accounts anew.
        for change in news {
            self.feed(now, change);
        }
        for gone in self.accounts.arrange(placed, now) {
            self.memory.let_go(gone.key);
            for counted in self.arrivals.let_go(gone.key) {
                self.write_counted(&counted);
            }
            let account = gone.name().to_owned();
            self.feed(now, Change::Removed { account });
        }
        let spoken = self.text.language();
        self.text = Text::for_language(&settings.language);
        if spoken != self.text.language() {
            self.reword_notices();
        }
        self.memory.set_keep(settings.keep);
        logs::follow(settings.log);
        self.updates.take_settings(settings.update_check, now);
        self.announcer.take_settings(&self.settings, &settings);
        self.settings = settings;
        for key in self.accounts.keys() {
            if self.accounts.get(key).is_some_and(AccountState::is_held) {
                // It may be another server now.
                self.watch_for_recovery(key);
            }
            self.accounts.plan(key, now);
        }
    }

    /// Trouble that is told again is told in the language of today.
    fn reword_notices(&mut self) {
        for state in self.accounts.iter() {
            if let Some(last) = &state.past.last {
                let explanation = self.text.explain_with_answer(last);
                self.announcer.notices.reword(state.name(), &explanation);
            }
        }
    }

    /// An account with what the history knows of it, and the `news` that there are of it.
    fn new_account(
        &mut self,
        account: Account,
        remembered: Remembered,
        now: Timestamp,
        news: &mut Vec<Change>,
    ) -> AccountState {
        let mut state = self.accounts.new_state(account, remembered.past, now);
        state.pause = remembered.pause;
        state.learned = remembered.learned;
        state.alarms = remembered.alarms;
        state.alarms.began(now);
        // A kill may have come between a poke, or what arrived by it, and all that follows from it.
        let last = state.past.last.as_ref();
        let changes = last.map_or_else(Vec::new, |last| state.alarms.catch_up(last, now));
        if !changes.is_empty() {
            self.memory.alarms_changed(&state, true, now);
        }
        for change in changes {
            news.push(Change::Alarm {
                account: state.name().to_owned(),
                wanted: state.notices(),
                change,
            });
        }
        if let Some(known) = remembered.notices {
            self.announcer.notices.remember(state.name(), known);
            // No sentence is kept.
            if let Some(last) = &state.past.last {
                let explanation = self.text.explain_with_answer(last);
                self.announcer.notices.reword(state.name(), &explanation);
            }
        }
        let last = state.past.last.as_ref();
        let worked = last.filter(|last| last.outcome.is_success());
        if let Some(last) = worked.filter(|_| self.announcer.notices.is_trouble(state.name())) {
            let poked = notice::PokeResult {
                account: state.name().to_owned(),
                wanted: state.notices(),
                provider: state.account.host.to_string(),
                news: notice::PokeNews::new(last, self.text.explain_with_answer(last)),
                failures: 0,
                first_success: false,
            };
            news.push(Change::Poked(poked));
        }
        news.push(Change::Paused {
            account: state.name().to_owned(),
            paused: self.accounts.is_paused(&state),
            ends: self.accounts.paused_until(&state).is_some(),
        });
        state
    }
}
