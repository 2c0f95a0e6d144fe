//! New settings on their way in force.

use std::collections::HashMap;

use dequeue_core::settings::{Account, Settings};

/// Settings that are to be taken over.
pub(super) struct NewSettings {
    pub(super) settings: Settings,
    pub(super) accounts: Vec<Account>,
    /// What the history was asked about accounts that have been renamed since, by their names now.
    pub(super) asked_as: HashMap<String, String>,
}

impl NewSettings {
    pub(super) fn new(settings: Settings, accounts: Vec<Account>) -> Self {
        Self {
            settings,
            accounts,
            asked_as: HashMap::new(),
        }
    }

    /// Settings behind these have another name for an account.
    pub(super) fn rename(&mut self, from: &str, to: &str) {
        let mut accounts = self.accounts.iter_mut();
        if let Some(account) = accounts.find(|account| account.name == from) {
            to.clone_into(&mut account.name);
            let asked_as = self.asked_as.remove(from);
            let asked_as = asked_as.unwrap_or_else(|| from.to_owned());
            self.asked_as.insert(to.to_owned(), asked_as);
        }
    }
}
