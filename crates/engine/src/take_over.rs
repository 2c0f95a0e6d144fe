//! Moves the accounts of a user's engine into the machine's service: what an administrator's program
//! does between the two. It holds nothing itself: killed at any moment, the two engines come to terms
//! about whose the accounts are (`controller/hand_over.rs`), and it can be started again.
//!
//! 1. The user's engine stops poking, notes that, and gives settings and passwords.
//! 2. Its history is copied. Nothing goes by it yet.
//! 3. The service takes all accounts over, or none. From here on they are the service's.
//! 4. The user's engine puts its settings away.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use dequeue_api::{
    ApiError, Client, ErrorCode, PasswordKept, Paths, Request, Response, SettingsView,
    client::error,
};
use dequeue_core::{
    Text,
    settings::{Account, Settings, channel},
};
use dequeue_platform::blocking::blocking;
use dequeue_smtp::Secret;
use ring::rand::{SecureRandom, SystemRandom};

use crate::history::History;

/// Between whom accounts are moved.
#[derive(Debug)]
pub struct Move<'a> {
    /// The user's engine.
    pub user: &'a Client,
    /// The folder of its data.
    pub user_data: &'a Path,
    /// The service's engine.
    pub service: &'a Client,
    /// Its places.
    pub service_paths: &'a Paths,
    /// The folder that those are in, where they are not this machine's own.
    pub service_in: Option<PathBuf>,
    /// What stands behind a name that is taken there, to tell the two apart.
    pub of: &'a str,
    /// Whether its settings may have programs started in the service's name.
    pub allow_commands: bool,
}

/// What was moved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moved {
    /// What each account is called in the service, by what it was called.
    pub accounts: BTreeMap<String, String>,
    /// Accounts that the service had already, just so.
    pub were_there: Vec<String>,
    /// General settings that were taken over, by key: the service had none of its own there.
    pub general: Vec<String>,
    /// Pokes that were copied.
    pub pokes: u64,
    /// Passwords that could not be kept, and why.
    pub not_kept: Vec<PasswordKept>,
}

/// What has just been done of a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The user's engine pokes no more, and has given settings and passwords.
    Given,
    /// The history is copied.
    Copied,
    /// The service has the accounts.
    Taken,
    /// The user's engine has put its settings away.
    PutAway,
}

impl Move<'_> {
    /// Moves the accounts. `on_step` is told how far it has come.
    ///
    /// # Errors
    /// In words of `text`, or the engines' own. Both engines know what became of it.
    pub async fn carry_out(self, text: &Text, on_step: impl Fn(Step)) -> Result<Moved, ApiError> {
        let token = token().ok_or_else(|| fault("hand-over-no-token", text))?;
        let hand_over = Request::HandOver {
            token: token.clone(),
            service_in: self.service_in.clone(),
        };
        let given = self.user.request(hand_over).await?;
        let Response::HandedOver {
            settings: theirs,
            passwords,
            notice_secrets,
        } = given
        else {
            return Err(fault("error-protocol", text));
        };
        on_step(Step::Given);
        let Response::Settings { settings: ours } = self.service.request(Request::Settings).await?
        else {
            return Err(fault("error-protocol", text));
        };
        let plan = Plan::new(theirs, &ours, self.of);
        if plan.accounts.is_empty() && plan.were_there.is_empty() {
            return Err(fault("hand-over-nothing", text));
        }
        let pokes = self.copy_history(&plan, text).await?;
        on_step(Step::Copied);
        self.keep_notice_secrets(&plan, notice_secrets).await?;
        let mut moved = Moved {
            accounts: plan.names.clone(),
            were_there: plan.were_there.clone(),
            general: plan.general.keys().cloned().collect(),
            pokes,
            not_kept: Vec::new(),
        };
        if !plan.accounts.is_empty() {
            moved.not_kept = self.take_over(&token, plan, passwords).await?;
        }
        on_step(Step::Taken);
        self.user.request(Request::HandedOver { token }).await?;
        on_step(Step::PutAway);
        Ok(moved)
    }

    async fn copy_history(&self, plan: &Plan, text: &Text) -> Result<u64, ApiError> {
        let from = self.user_data.join("history.sqlite");
        let to = self.service_paths.history();
        let names = plan.names.clone();
        let copied = blocking(move || {
            let (ours, _) = History::open(&to)?;
            ours.copy_from(&from, &names)
        });
        copied.await.map_err(|fault| {
            let values = [("error", fault.to_string().into())];
            let message = text.format("hand-over-history", &values);
            error(ErrorCode::HandOver, message)
        })
    }

    /// Those that belong to general settings that are taken over.
    async fn keep_notice_secrets(
        &self,
        plan: &Plan,
        secrets: BTreeMap<String, Secret>,
    ) -> Result<(), ApiError> {
        for (key, secret) in secrets {
            if plan.takes_secret(&key) {
                let account = key;
                let keep = Request::SetSecret { account, secret };
                self.service.request(keep).await?;
            }
        }
        Ok(())
    }

    async fn take_over(
        &self,
        token: &str,
        plan: Plan,
        passwords: BTreeMap<String, Secret>,
    ) -> Result<Vec<PasswordKept>, ApiError> {
        let passwords = passwords.into_iter().filter_map(|(name, password)| {
            let name = plan.names.get(&name)?;
            Some((name.clone(), password))
        });
        let take_over = Request::TakeOver {
            token: token.to_owned(),
            passwords: passwords.collect(),
            general: plan.general,
            accounts: plan.accounts,
            allow_commands: self.allow_commands,
        };
        match self.service.request(take_over).await? {
            Response::Imported { passwords, .. } => {
                let lost = passwords.into_iter().filter(|it| it.kept_in.is_none());
                Ok(lost.collect())
            }
            _ => Ok(Vec::new()),
        }
    }
}

/// What is to be taken over.
#[derive(Debug, Default, PartialEq)]
struct Plan {
    /// What each account is to be called, by what it was called.
    names: BTreeMap<String, String>,
    accounts: Vec<BTreeMap<String, String>>,
    were_there: Vec<String>,
    general: BTreeMap<String, String>,
}

impl Plan {
    /// `of` tells accounts apart whose names are taken.
    fn new(theirs: SettingsView, ours: &SettingsView, of: &str) -> Self {
        let mut plan = Self::default();
        let name = |fields: &BTreeMap<String, String>| fields.get("name").cloned();
        let mut taken: BTreeSet<String> = ours.accounts.iter().filter_map(name).collect();
        for mut fields in theirs.accounts {
            // The password comes along by itself, wherever it came from.
            fields.insert(
                "secret".to_owned(),
                setting(&Account::default().texts(), "secret"),
            );
            let was_called = name(&fields).unwrap_or_default();
            let there = ours
                .accounts
                .iter()
                .find(|it| name(it).as_ref() == Some(&was_called));
            if there.is_some_and(|there| are_alike(there, &fields)) {
                plan.were_there.push(was_called);
                continue;
            }
            let candidates = (1..).map(|number| match number {
                1 => was_called.clone(),
                2 => format!("{was_called} ({of})"),
                number => format!("{was_called} ({of} {})", number - 1),
            });
            let mut free = candidates.filter(|name| !taken.contains(name));
            let is_called = free.next().unwrap_or_else(|| was_called.clone());
            taken.insert(is_called.clone());
            fields.insert("name".to_owned(), is_called.clone());
            plan.names.insert(was_called, is_called);
            plan.accounts.push(fields);
        }
        // What the machine has set stays; where it has set nothing, the user's counts.
        let unset = Settings::default().general_texts();
        let is_unset = |(key, value): (&String, &String)| *value == setting(&unset, key);
        let set = ours.general.iter().filter(|it| !is_unset(*it));
        let set: BTreeSet<&str> = set.map(|(key, _)| together(key)).collect();
        for (key, value) in &theirs.general {
            let is_source = channel::SECRETS.contains(&key.as_str());
            if !set.contains(together(key)) && !is_source && !is_unset((key, value)) {
                plan.general.insert(key.clone(), value.clone());
            }
        }
        plan
    }

    /// Whether notices are to go where the user's went, with this secret.
    fn takes_secret(&self, key: &str) -> bool {
        let mut taken = self.general.keys();
        taken.any(|taken| together(taken) == together(key))
    }
}

/// What a general setting belongs together with: a password of one server is none for another.
fn together(key: &str) -> &str {
    const TOGETHER: [&str; 3] = ["notice_mail", "notice_webhook", "heartbeat"];
    let found = TOGETHER.into_iter().find(|group| key.starts_with(group));
    found.unwrap_or(key)
}

/// Whether two accounts are set alike but for where their passwords are.
fn are_alike(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> bool {
    let without = |fields: &BTreeMap<String, String>| {
        let mut fields = fields.clone();
        fields.remove("secret");
        fields
    };
    without(one) == without(other)
}

fn setting(texts: &[(&'static str, String)], key: &str) -> String {
    let found = texts.iter().find(|(known, _)| *known == key);
    found.map(|(_, text)| text.clone()).unwrap_or_default()
}

/// What nobody can guess; `None` where the system gives no such thing.
fn token() -> Option<String> {
    let mut octets = [0_u8; 16];
    SystemRandom::new().fill(&mut octets).ok()?;
    Some(octets.iter().map(|octet| format!("{octet:02x}")).collect())
}

fn fault(key: &str, text: &Text) -> ApiError {
    error(ErrorCode::HandOver, text.get(key))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(general: &[(&str, &str)], accounts: &[&[(&str, &str)]]) -> SettingsView {
        let map = |fields: &[(&str, &str)]| {
            let fields = fields.iter();
            let owned = fields.map(|(key, value)| ((*key).to_owned(), (*value).to_owned()));
            owned.collect::<BTreeMap<_, _>>()
        };
        SettingsView {
            general: map(general),
            accounts: accounts.iter().map(|fields| map(fields)).collect(),
        }
    }

    #[test]
    fn names_that_are_taken_and_settings_that_are_set_stay_the_machines() {
        let theirs = view(
            &[
                ("language", "nl"),
                ("notice_quiet", "22:00-07:00"),
                ("notice_mail_host", "theirs.example"),
                ("notice_mail_secret", "env:MAIL"),
                ("notice_webhook", "https://hooks.example"),
            ],
            &[
                &[("name", "a"), ("host", "one.example"), ("secret", "env:A")],
                &[("name", "b"), ("host", "two.example"), ("secret", "stored")],
                &[("name", "c"), ("host", "three.example")],
            ],
        );
        let ours = view(
            &[
                ("language", "en"),
                ("notice_quiet", ""),
                ("notice_mail_user", "ours"),
            ],
            &[
                &[("name", "a"), ("host", "other.example")],
                &[("name", "a (jan)"), ("host", "other.example")],
                &[("name", "b"), ("host", "two.example"), ("secret", "file")],
            ],
        );
        let plan = Plan::new(theirs, &ours, "jan");
        assert_eq!(plan.names["a"], "a (jan 2)");
        assert_eq!(plan.names["c"], "c");
        assert_eq!(plan.were_there, ["b"]);
        assert_eq!(plan.general.get("language"), None);
        assert_eq!(plan.general["notice_quiet"], "22:00-07:00");
        assert_eq!(
            plan.general.get("notice_mail_host"),
            None,
            "it is another's"
        );
        assert!(plan.takes_secret("notice_webhook_secret"));
        assert!(!plan.takes_secret("notice_mail_secret"));
        let default = setting(&Account::default().texts(), "secret");
        assert_eq!(plan.accounts[0]["secret"], default);
    }

    #[test]
    fn nobody_guesses_a_token() {
        let tokens: BTreeSet<String> = (0..100).filter_map(|_| token()).collect();
        assert_eq!(tokens.len(), 100);
        assert!(tokens.iter().all(|token| token.len() == 32));
    }
}
