//! New settings: read from the file, and taken over while all runs on.

use std::collections::{HashMap, HashSet};

use dequeue_api::ApiError;
use dequeue_core::{
    notice::{self, Change},
    settings::{Account, Settings, file::SettingsFile},
    text::Text,
};
use jiff::Timestamp;

use super::{
    Controller,
    account_state::{AccountKey, AccountState},
    accounts::Placed,
    errors,
    new_settings::NewSettings,
    remembered::Remembered,
};
use crate::{
    history::HistoryError,
    settings_file::{self, Revision},
};

impl Controller {
    /// Takes over what the settings file holds, where that is something else.
    pub(super) fn reload(&mut self) {
        let changed = match settings_file::load_unless(self.paths.settings(), self.revision) {
            Ok(None) => false,
            Ok(Some(file)) => {
                let revision = Revision::of_file(&file);
                self.take_revision(file.into_settings(), revision, None)
            }
            // The last good settings go on running.
            Err(faults) if faults == self.faults => false,
            Err(faults) => {
                self.revision = None;
                self.faults = faults;
                true
            }
        };
        if changed {
            self.tell_all();
        }
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

    /// Writes these settings in place of what the file holds.
    ///
    /// # Errors
    /// Where the file cannot be written: nothing has changed.
    pub(super) fn write_settings(
        &mut self,
        file: &SettingsFile,
        settings: &Settings,
        renamed: Option<(&str, &str)>,
    ) -> Result<Revision, ApiError> {
        settings_file::save(file, settings, renamed)
            .map_err(|error| errors::not_writable(&error, &self.paths, &self.text))
    }

    /// Goes on by settings that have just been written. An account that was `renamed` in them is
    /// known there by its new name.
    pub(super) fn go_on_by(
        &mut self,
        settings: Settings,
        revision: Revision,
        renamed: Option<(String, String)>,
    ) {
        if self.take_revision(settings, revision, renamed) {
            self.tell_all();
        }
    }

    /// An account goes by another name, also in settings that wait: what is written of it from now on
    /// stands under that name.
    fn rename(&mut self, from: &str, to: &str) {
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
        let known = self.accounts.of_settings();
        let known: HashMap<String, AccountKey> = known
            .map(|state| (state.name().to_owned(), state.key))
            .collect();
        let now = self.clock.now();
        let mut placed = Vec::with_capacity(accounts.len());
        for account in accounts {
            placed.push(match known.get(&account.name) {
                Some(key) => Placed::Known(*key, Box::new(account)),
                None => {
                    let asked = asked_as.get(&account.name).unwrap_or(&account.name);
                    let remembered = remembered.remove(asked).unwrap_or_default();
                    Placed::New(Box::new(self.new_account(account, remembered, now)))
                }
            });
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

    /// An account with what the history knows of it.
    fn new_account(
        &mut self,
        account: Account,
        remembered: Remembered,
        now: Timestamp,
    ) -> AccountState {
        let mut state = self.accounts.new_state(account, remembered.past, now);
        state.is_paused = remembered.is_paused;
        state.learned = remembered.learned;
        state.alarms = remembered.alarms;
        state.alarms.began(now);
        if let Some(known) = remembered.notices {
            self.announcer.notices.remember(state.name(), known);
            // No sentence is kept.
            if let Some(last) = &state.past.last {
                let explanation = self.text.explain_with_answer(last);
                self.announcer.notices.reword(state.name(), &explanation);
            }
        }
        // A kill may have come between a poke that worked, or a pause, and that.
        let worked = state
            .past
            .last
            .as_ref()
            .filter(|_| state.past.failures == 0);
        if let Some(last) = worked.filter(|_| self.announcer.notices.is_trouble(state.name())) {
            let poked = notice::PokeResult {
                account: state.name().to_owned(),
                wanted: state.notices(),
                outcome: last.outcome,
                failures: 0,
                first_success: false,
                explanation: self.text.explain_with_answer(last),
            };
            self.feed(now, Change::Poked(poked));
        }
        let pause = Change::Paused {
            account: state.name().to_owned(),
            paused: self.accounts.is_paused(&state),
        };
        self.feed(now, pause);
        state
    }
}
