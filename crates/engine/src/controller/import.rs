//! Settings that are taken over from elsewhere.

use std::collections::{BTreeMap, HashMap, HashSet};

use dequeue_api::ApiError;
use dequeue_core::{
    import::Withheld,
    settings::{Account, Settings},
    text::Text,
};

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
    /// Whether it may switch on programs.
    pub(super) allow_commands: bool,
    /// The demo's account, whose name is taken.
    pub(super) demo: Option<String>,
    pub(super) text: Text,
}

/// Settings by key, of an account or of none.
type Kept = HashMap<Option<String>, Vec<(String, String)>>;

impl Import {
    /// The settings with those that are taken over, judged as a whole.
    ///
    /// # Errors
    /// Every wrong field; else every program that nobody has allowed.
    pub(super) fn onto(&self, before: &Settings) -> Result<(NewContent, Change), ApiError> {
        let text = &self.text;
        let (mut settings, mut wrong) = match before.with_general(&self.general) {
            Ok(settings) => (settings, Vec::new()),
            Err(faults) => (before.clone(), errors::fields(&faults, "", text)),
        };
        let mut commands = errors::commands(before, &settings, None, "", text);
        let kept = self.kept(before);
        let mut seen = HashSet::new();
        for (place, fields) in self.accounts.iter().enumerate() {
            let place = format!("accounts.{place}.");
            let name = fields.get("name").map_or("", |name| name.trim());
            // Each is replaced once: a name that comes twice is taken.
            let there = before
                .account(name)
                .filter(|_| self.replaces && seen.insert(name));
            let original = there.map(|account| account.name.as_str());
            let mut fields = fields.clone();
            let of_account = kept.get(&Some(name.to_owned()));
            fields.extend(of_account.into_iter().flatten().cloned());
            // Nothing of one that is replaced is left.
            let judged = settings
                .with_new_account(original, &fields)
                .and_then(|account| not_the_demos(account, self.demo.as_deref()));
            match judged {
                Ok(account) => {
                    let unset = Account::default();
                    let before = there.unwrap_or(&unset);
                    let new = errors::commands(before, &account, Some(name), &place, text);
                    commands.extend(new);
                    settings.put_account(original, account);
                }
                Err(faults) => wrong.extend(errors::fields(&faults, &place, text)),
            }
        }
        if !wrong.is_empty() {
            return Err(errors::wrong(wrong));
        }
        if !self.allow_commands && !commands.is_empty() {
            return Err(errors::not_allowed(commands));
        }
        let is_kept = |what: &&Withheld| {
            let mut texts = kept.get(&what.account).into_iter().flatten();
            texts.any(|(key, _)| *key == what.key)
        };
        let kept = self.left_out.iter().filter(is_kept).cloned().collect();
        Ok((settings.into(), Change::Imported { kept }))
    }

    /// What was left out and is set here, in accounts that are replaced and in none.
    fn kept(&self, before: &Settings) -> Kept {
        let names = self.accounts.iter().filter_map(|fields| fields.get("name"));
        let names: HashSet<&str> = names.map(|name| name.trim()).collect();
        let mut kept = Kept::new();
        for Withheld { account, key } in &self.left_out {
            let is_replaced = |name: &String| self.replaces && names.contains(name.as_str());
            if account.as_ref().is_none_or(is_replaced)
                && let Some(text) = before.set_text(account.as_deref(), key)
            {
                let of_account = kept.entry(account.clone()).or_default();
                of_account.push((key.clone(), text));
            }
        }
        kept
    }
}
