//! What the tray shows: icon, tooltip and menu as plain data, a pure function of the engine's
//! state, the time and the language. The backend draws it and knows no more.

use dequeue_api::{AccountView, GivenNotice, PauseLength, PokeView, Snapshot};
use dequeue_core::{Text, health::Health, record::Poke, sink};
use jiff::{Timestamp, ToSpan, ZonedDateTime};

/// The menu grows no longer than this by accounts; the others are in a sub-menu.
const ACCOUNTS_IN_MENU: usize = 10;
/// Nor does that one grow longer than this; the window has room for all.
const MORE_ACCOUNTS_IN_MENU: usize = 25;
/// How many of the last notices the menu recalls.
pub(crate) const NOTICES_IN_MENU: usize = 3;
/// The same for a tooltip's lines on accounts that fail.
const ACCOUNTS_IN_TOOLTIP: usize = 3;

/// What the icon tells: how things stand, and beside it whether something is going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Sign {
    /// How everything stands.
    pub(crate) health: Health,
    /// Whether an account is being poked.
    pub(crate) poking: bool,
}

/// All that is to be seen of the tray.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TrayModel {
    /// What the icon tells.
    pub(crate) icon: Sign,
    /// One or more lines; the first says how things stand, the most important come first.
    pub(crate) tooltip: String,
    /// From top to bottom.
    pub(crate) menu: Vec<Entry>,
}

/// What is this user's alone where the engine is everyone's, and so is in no state of it. Nothing of
/// that at an engine of the user's own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Personal {
    /// Whether the engine is the service's.
    pub(crate) at_service: bool,
    /// Whether the tray starts at login.
    pub(crate) start_at_login: Option<bool>,
    /// Whether notices are shown.
    pub(crate) shows_notices: bool,
    /// How many accounts of the user's own are still to move into the service.
    pub(crate) to_move: usize,
}

/// One line of the menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Entry {
    /// Something to choose.
    Item {
        /// What it does.
        action: Action,
        /// Its text, as it is to be read.
        label: String,
        /// Whether it can be chosen now.
        enabled: bool,
    },
    /// Something that is on or off.
    Check {
        /// What choosing it does.
        action: Action,
        /// Its text, as it is to be read.
        label: String,
        /// Whether it is on.
        on: bool,
    },
    /// A menu of its own.
    Menu {
        /// Its text, as it is to be read.
        label: String,
        /// Whether it can be opened now.
        enabled: bool,
        /// From top to bottom.
        entries: Vec<Entry>,
    },
    /// A line between groups.
    Separator,
}

/// What a person can ask of the tray. Where an account can be named and none is, all are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
// The systems' menus know an entry by a text.
#[cfg_attr(
    any(windows, target_os = "macos"),
    derive(serde::Serialize, serde::Deserialize)
)]
pub(crate) enum Action {
    /// Shows the window, at this account.
    Open(Option<String>),
    /// Pokes.
    Poke(Option<String>),
    /// Pauses for so long.
    Pause(Option<String>, PauseLength),
    /// Ends a pause; where all are meant and none of them is one of everything, those of the accounts.
    Resume(Option<String>),
    /// Starts the tray at login, or no longer.
    StartAtLogin(bool),
    /// Shows notices to this user, or no longer.
    ShowNotices(bool),
    /// Moves the user's own accounts into the service.
    MoveIn,
    /// Ends the tray.
    Quit,
}

impl TrayModel {
    /// The model for this state. `notices` are the last ones, the newest first; `now` also brings the
    /// time zone to tell times in.
    pub(crate) fn new(
        state: &Snapshot,
        notices: &[GivenNotice],
        personal: Personal,
        now: &ZonedDateTime,
        text: &Text,
    ) -> Self {
        let words = Words {
            now,
            text,
            personal,
        };
        Self {
            icon: Sign {
                health: state.health,
                poking: state.poking > 0,
            },
            tooltip: sink::text(&words.tooltip(state)).into_owned(),
            menu: words.menu(state, notices),
        }
    }

    /// The model while no engine can be had; `why` is a sentence.
    pub(crate) fn without_engine(why: &str, text: &Text) -> Self {
        let words = |key| text.get(key);
        Self {
            icon: Sign {
                health: Health::Trouble,
                poking: false,
            },
            tooltip: sink::text(&format!("{}\n{why}", words("tray-title-no-engine"))).into_owned(),
            menu: vec![
                item(Action::Open(None), words("tray-open"), true),
                Entry::Separator,
                item(Action::Quit, words("tray-quit"), true),
            ],
        }
    }
}

fn item(action: Action, label: String, enabled: bool) -> Entry {
    Entry::Item {
        action,
        label: sink::line(&label).into_owned(),
        enabled,
    }
}

fn submenu(label: &str, enabled: bool, entries: Vec<Entry>) -> Entry {
    Entry::Menu {
        label: sink::line(label).into_owned(),
        enabled,
        entries,
    }
}

struct Words<'a> {
    now: &'a ZonedDateTime,
    text: &'a Text,
    personal: Personal,
}

impl Words<'_> {
    fn tooltip(&self, state: &Snapshot) -> String {
        let mut lines = vec![self.title(state)];
        lines.extend(state.settings_fault.clone());
        lines.extend(state.hand_over.clone());
        // Trouble first: a poke under way hides it nowhere, not even where a tooltip is cut off.
        lines.extend(
            urgent(state)
                .take(ACCOUNTS_IN_TOOLTIP)
                .map(|it| self.failing(it)),
        );
        if is_all_paused(state) {
            lines.push(match pause_end(state) {
                Some(end) => self.at("tray-paused-until", end),
                None => self.text.get("tray-until-resumed"),
            });
        }
        if state.poking > 0 {
            lines.push(self.about(
                "tray-poking",
                state.accounts.iter().filter(|account| account.poking),
            ));
        }
        match state.health {
            Health::NotSetUp => lines.push(self.text.get("tray-set-up")),
            Health::Trouble | Health::NeedsYou => lines.extend(self.next(state)),
            Health::Proved | Health::Asked | Health::Waiting | Health::Paused => {
                lines.extend(self.last(state));
                lines.extend(self.next(state));
            }
        }
        lines.join("\n")
    }

    fn title(&self, state: &Snapshot) -> String {
        match state.health {
            Health::Waiting => self.text.get("tray-title-waiting"),
            Health::Proved => self.text.get("tray-title-proved"),
            Health::Asked => self.text.get("tray-title-asked"),
            Health::NeedsYou => self.about("tray-title-needs-you", urgent(state)),
            // Where both are wrong, the accounts follow below.
            Health::Trouble if state.settings_fault.is_some() => {
                self.text.get("tray-title-settings-fault")
            }
            Health::Trouble => self.about("tray-title-trouble", failing(state)),
            Health::Paused => self.text.get("tray-title-paused"),
            Health::NotSetUp => self.text.get("tray-title-not-set-up"),
        }
    }

    /// The sentence about one account by its name, or about several by their number.
    fn about<'s>(&self, key: &str, mut accounts: impl Iterator<Item = &'s AccountView>) -> String {
        let first = accounts.next().map_or("", |account| account.name.as_str());
        match accounts.count() {
            0 => self.text.format(key, &[("account", first.into())]),
            others => self
                .text
                .format(&format!("{key}-several"), &[("count", (others + 1).into())]),
        }
    }

    fn last(&self, state: &Snapshot) -> Option<String> {
        latest(state).map(|poke| {
            self.text.format(
                "tray-last",
                &[
                    ("account", poke.account.as_str().into()),
                    ("outcome", self.outcome(poke).into()),
                    ("time", self.time(poke.started_at).into()),
                ],
            )
        })
    }

    fn next(&self, state: &Snapshot) -> Option<String> {
        let next = state
            .accounts
            .iter()
            .filter_map(|account| account.next_at)
            .min()?;
        Some(self.at("tray-next", next))
    }

    /// The sentence about a time.
    fn at(&self, key: &str, time: Timestamp) -> String {
        self.text.format(key, &[("time", self.time(time).into())])
    }

    fn failing(&self, account: &AccountView) -> String {
        let outcome = account
            .last
            .as_deref()
            .map_or_else(String::new, |poke| self.outcome(poke));
        let mut values = vec![
            ("account", account.name.as_str().into()),
            ("outcome", outcome.into()),
            ("failures", account.failures.into()),
        ];
        let key = match account.last_success_at {
            Some(time) => {
                values.push(("time", self.time(time).into()));
                "tray-failing"
            }
            None => "tray-failing-always",
        };
        self.text.format(key, &values)
    }

    fn menu(&self, state: &Snapshot, notices: &[GivenNotice]) -> Vec<Entry> {
        let words = |key| self.text.get(key);
        let set_up = !state.accounts.is_empty();
        let mut menu = vec![
            item(Action::Open(None), words("tray-open"), true),
            item(Action::Poke(None), words("tray-poke-all"), set_up),
            if !state.may_change {
                self.not_allowed(is_all_paused(state))
            } else if is_all_paused(state) {
                item(Action::Resume(None), self.resume(pause_end(state)), set_up)
            } else {
                self.pause(None, set_up)
            },
            Entry::Separator,
        ];
        if set_up {
            menu.extend(self.accounts(state));
            menu.push(Entry::Separator);
        }
        if !notices.is_empty() {
            let last = notices.iter().take(NOTICES_IN_MENU);
            let entries = last.map(|given| self.notice(given, state)).collect();
            menu.push(submenu(&words("tray-last-notices"), true, entries));
            menu.push(Entry::Separator);
        }
        if let Some(newer) = &state.update {
            let values = [("version", newer.version.as_str().into())];
            let label = self.text.format("tray-newer-version", &values);
            menu.push(item(Action::Open(None), label, true));
            menu.push(Entry::Separator);
        }
        let Personal {
            at_service,
            shows_notices,
            to_move,
            ..
        } = self.personal;
        if to_move > 0 {
            let label = (self.text).format("tray-move", &[("count", to_move.into())]);
            menu.push(item(Action::MoveIn, label, true));
            menu.push(Entry::Separator);
        }
        if at_service {
            menu.push(Entry::Check {
                action: Action::ShowNotices(!shows_notices),
                label: words("tray-show-notices"),
                on: shows_notices,
            });
        }
        let start_at_login = if at_service {
            self.personal.start_at_login
        } else {
            state.start_at_login
        };
        if let Some(on) = start_at_login {
            let label = words("tray-start-at-login");
            menu.push(Entry::Check {
                action: Action::StartAtLogin(!on),
                label,
                on,
            });
        }
        let quit = if at_service {
            "tray-quit-service"
        } else {
            "tray-quit"
        };
        menu.push(item(Action::Quit, words(quit), true));
        menu
    }

    /// In place of what pauses or resumes, with the reason why it cannot be chosen.
    fn not_allowed(&self, paused: bool) -> Entry {
        let (action, label) = if paused {
            (Action::Resume(None), "tray-resume-not-allowed")
        } else {
            let pause = Action::Pause(None, PauseLength::UntilResumed);
            (pause, "tray-pause-not-allowed")
        };
        item(action, self.text.get(label), false)
    }

    /// Each account with its own menu, the most urgent first.
    fn accounts(&self, state: &Snapshot) -> Vec<Entry> {
        let mut accounts: Vec<&AccountView> = state.accounts.iter().collect();
        accounts.sort_by_key(|account| account.health);
        let shown = match accounts.len() {
            // The line “1 more” would take the place of the one.
            count if count <= ACCOUNTS_IN_MENU + 1 => count,
            _ => ACCOUNTS_IN_MENU,
        };
        let (shown, rest) = accounts.split_at(shown);
        let menus = |accounts: &[&AccountView]| -> Vec<Entry> {
            let menus = accounts.iter().map(|it| self.account_menu(it, state));
            menus.collect()
        };
        let mut entries = menus(shown);
        if !rest.is_empty() {
            let (listed, others) = rest.split_at(rest.len().min(MORE_ACCOUNTS_IN_MENU));
            let count = |key, count: usize| self.text.format(key, &[("count", count.into())]);
            let mut more = menus(listed);
            if !others.is_empty() {
                let label = count("tray-more-in-window", others.len());
                more.push(item(Action::Open(None), label, true));
            }
            let label = count("tray-more-accounts", rest.len());
            entries.push(submenu(&label, true, more));
        }
        entries
    }

    fn account_menu(&self, account: &AccountView, state: &Snapshot) -> Entry {
        let name = Some(account.name.clone());
        let label = self.text.format(
            "tray-open-account",
            &[("account", account.name.as_str().into())],
        );
        let mut entries = vec![
            item(Action::Open(name.clone()), label, true),
            item(
                Action::Poke(name.clone()),
                self.text.get("tray-poke-now"),
                true,
            ),
        ];
        if !state.may_change {
            entries.push(self.not_allowed(account.paused));
        } else if !account.paused {
            entries.push(self.pause(name, true));
        } else if !state.paused {
            let label = self.resume(account.paused_until);
            entries.push(item(Action::Resume(name), label, true));
        }
        // A pause of everything ends for all at once.
        submenu(&self.account(account), true, entries)
    }

    /// How long a pause is to last.
    fn pause(&self, account: Option<String>, enabled: bool) -> Entry {
        let lengths = [
            ("tray-pause-hour", PauseLength::HOUR),
            ("tray-pause-tomorrow", PauseLength::Tomorrow),
            ("tray-pause-until-resumed", PauseLength::UntilResumed),
        ];
        let entries = lengths.map(|(key, length)| {
            let action = Action::Pause(account.clone(), length);
            item(action, self.text.get(key), true)
        });
        submenu(&self.text.get("tray-pause"), enabled, entries.into())
    }

    fn resume(&self, ends: Option<Timestamp>) -> String {
        match ends {
            Some(end) => self.at("tray-resume-before", end),
            None => self.text.get("tray-resume"),
        }
    }

    fn notice(&self, given: &GivenNotice, state: &Snapshot) -> Entry {
        let label = self.text.format(
            "tray-notice",
            &[
                ("time", self.time(given.at).into()),
                ("title", given.notice.title.as_str().into()),
            ],
        );
        let accounts = &state.accounts;
        let account = given.notice.account.clone();
        // It may have gone since.
        let known = account.filter(|name| accounts.iter().any(|it| it.name == *name));
        item(Action::Open(known), label, true)
    }

    /// The account and how it stands, in one line.
    fn account(&self, account: &AccountView) -> String {
        let (state, time) = match (account.health, account.last.as_deref()) {
            (
                Health::Proved
                | Health::Asked
                | Health::Waiting
                | Health::Trouble
                | Health::NotSetUp,
                Some(poke),
            ) => (self.outcome(poke), Some(self.time(poke.started_at))),
            (Health::NeedsYou | Health::Paused, _) | (_, None) => {
                (self.text.get(&account.health_key()), None)
            }
        };
        let mut values = vec![
            ("account", account.name.as_str().into()),
            ("state", state.into()),
        ];
        let key = match time {
            Some(time) => {
                values.push(("time", time.into()));
                "tray-account-at"
            }
            None => "tray-account",
        };
        let label = self.text.format(key, &values);
        if account.poking {
            self.text
                .format("tray-account-poking", &[("account", label.into())])
        } else {
            label
        }
    }

    fn outcome(&self, poke: &Poke) -> String {
        self.text.get(&format!("outcome-{}", poke.outcome.name()))
    }

    /// As in `10:15` for today, `yesterday 10:15`, `24 Nov 10:15`.
    fn time(&self, at: Timestamp) -> String {
        let at = at.to_zoned_datetime(self.now.time_zone().clone());
        let time = at.strftime("%H:%M").to_string();
        let (day, today) = (at.date(), self.now.date());
        if day == today {
            time
        } else if day.checked_add(1.day()).is_ok_and(|next| next == today) {
            self.text
                .format("tray-time-yesterday", &[("time", time.into())])
        } else if today.checked_add(1.day()).is_ok_and(|next| next == day) {
            self.text
                .format("tray-time-tomorrow", &[("time", time.into())])
        } else {
            self.text.format(
                "tray-time-on-day",
                &[
                    ("day", day.day().into()),
                    ("month", day.month().into()),
                    ("time", time.into()),
                ],
            )
        }
    }
}

/// The poke that began last, of any account.
fn latest(state: &Snapshot) -> Option<&PokeView> {
    state
        .accounts
        .iter()
        .filter_map(|account| account.last.as_deref())
        .max_by_key(|poke| poke.started_at)
}

/// Whether every account is paused, with everything or each by itself.
fn is_all_paused(state: &Snapshot) -> bool {
    state.paused
        || !state.accounts.is_empty() && state.accounts.iter().all(|account| account.paused)
}

/// When everything that is paused goes on by itself.
fn pause_end(state: &Snapshot) -> Option<Timestamp> {
    if state.paused {
        return state.paused_until;
    }
    let ends = state.accounts.iter().map(|account| account.paused_until);
    // One that has no end is missing then.
    ends.collect::<Option<Vec<_>>>()?.into_iter().max()
}

/// Those in trouble.
fn failing(state: &Snapshot) -> impl Iterator<Item = &AccountView> {
    let accounts = state.accounts.iter();
    accounts.filter(|account| account.health == Health::Trouble)
}

/// Those that somebody has to do something about, the most urgent first.
fn urgent(state: &Snapshot) -> impl Iterator<Item = &AccountView> {
    let accounts = state.accounts.iter();
    let mut urgent: Vec<_> = accounts.filter(|it| it.health.is_urgent()).collect();
    urgent.sort_by_key(|account| account.health);
    urgent.into_iter()
}

#[cfg(test)]
mod tests;
