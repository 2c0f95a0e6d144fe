//! Settings that are taken over from elsewhere.

use std::collections::{BTreeMap, HashSet};

use dequeue_api::ApiError;
use dequeue_core::{import::Withheld, settings::Settings, text::Text};

use super::{
    errors,
    file_task::{Change, not_the_demos},
};
use crate::settings_file::NewContent;

/// What is to be taken over.
pub(super) struct Import {
    /// What is set for no account of its own.
    pub(super) general: BTreeMap<String, String>,
    pub(super) accounts: Vec<BTreeMap<String, String>>,
    /// What was left out, since it may hold a key.
    pub(super) left_out: Vec<Withheld>,
    /// Whether an account takes the place of one with its name.
    pub(super) replaces: bool,
    /// The demo's account, whose name is taken.
    pub(super) demo: Option<String>,
    pub(super) text: Text,
}

impl Import {
    /// The settings with those that are taken over, judged as a whole.
    ///
    /// # Errors
    /// Every wrong field.
    pub(super) fn onto(&self, before: &Settings) -> Result<(NewContent, Change), ApiError> {
        let text = &self.text;
        let (mut settings, mut wrong) = match before.with_general(&self.general) {
            Ok(settings) => (settings, Vec::new()),
            Err(faults) => (before.clone(), errors::fields(&faults, "", text)),
        };
        let names = self.accounts.iter().filter_map(|it| it.get("name"));
        let names: HashSet<&str> = names.map(|name| name.trim()).collect();
        let replaced = |name: &str| self.replaces && names.contains(name);
        let is_kept = |what: &Withheld| match &what.account {
            Some(name) if !replaced(name) => None,
            _ => before.set_text(what.account.as_deref(), &what.key),
        };
        let mut seen = HashSet::new();
        for (place, fields) in self.accounts.iter().enumerate() {
            let name = fields
                .get("name")
                .map(|name| name.trim())
                .unwrap_or_default();
            // Each is replaced once: a name that comes twice is taken.
            let is_replaced = self.replaces && before.account(name).is_some() && seen.insert(name);
            let original = is_replaced.then_some(name);
            let mut fields = fields.clone();
            let own = |what: &&Withheld| what.account.as_deref() == Some(name);
            for what in self.left_out.iter().filter(own) {
                let kept = is_kept(what).map(|text| (what.key.clone(), text));
                fields.extend(kept);
            }
            // Nothing of one that is replaced is left.
            let judged = settings
                .with_new_account(original, &fields)
                .and_then(|account| not_the_demos(account, self.demo.as_deref()));
            match judged {
                Ok(account) => settings.put_account(original, account),
                Err(faults) => {
                    let place = format!("accounts.{place}.");
                    wrong.extend(errors::fields(&faults, &place, text));
                }
            }
        }
        if !wrong.is_empty() {
            return Err(errors::wrong(wrong));
        }
        let kept = self.left_out.iter().filter(|what| is_kept(what).is_some());
        let kept = kept.cloned().collect();
        Ok((settings.into(), Change::Imported { kept }))
    }
}
