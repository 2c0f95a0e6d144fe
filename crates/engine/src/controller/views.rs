//! What clients see of the controller's state.

use std::collections::BTreeMap;

use dequeue_api::{AccountView, AlarmView, ChannelView, General, PokeView, SettingsView, Whole};
use dequeue_core::{
    alarm::Alarm,
    health::{self, Health, HealthFacts},
    record::Poke,
    settings::{Account, Settings, channels::WebAddress, definition::Defined},
    text::{Text, name},
};
use jiff::Timestamp;

use super::{account_state::AccountState, accounts::Accounts};

/// One account as it stands.
pub(super) fn account(
    accounts: &Accounts,
    state: &AccountState,
    text: &Text,
    now: Timestamp,
) -> AccountView {
    let account = &state.account;
    let last = state.past.last.clone();
    let last = last.map(|poke| Box::new(PokeView::new(poke, text)));
    let alarms = state.alarms.raised();
    let next_at = accounts.next_poke(state, now);
    AccountView {
        name: account.name.clone(),
        fields: shown::<Account>(
            account
                .texts()
                .into_iter()
                .filter(|(key, _)| *key != "name"),
        ),
        port: account.port(),
        heartbeat_host: account
            .heartbeat
            .as_ref()
            .map(WebAddress::host)
            .unwrap_or_default(),
        alarms: alarms.map(|alarm| alarm_view(alarm, state, text)).collect(),
        held: state.is_held(),
        health: health_of(accounts, state, now),
        poking: state.is_poking(),
        paused: accounts.is_paused(state),
        paused_until: accounts.paused_until(state),
        demo: state.is_demo,
        last,
        last_success_at: state.past.last_success_at,
        last_arrival_at: state.alarms.arrived_at(),
        failures: state.past.failures,
        next_at,
        next_reason_words: (next_at.and_then(|next| accounts.why_next(state, next)))
            .map(|reason| text.get(&format!("next-{}", name(&reason)))),
        arrived_today_words: arrived_today_words(accounts, state, text, now),
    }
}

/// What has arrived today; `None` where nothing has and nothing could be seen.
fn arrived_today_words(
    accounts: &Accounts,
    state: &AccountState,
    text: &Text,
    now: Timestamp,
) -> Option<String> {
    let today = accounts.pace.today(now);
    let arrived = state.past.arrived_on(today).words(text);
    let nothing = || state.sees_arrivals().then(|| text.get("arrived-nothing"));
    arrived.or_else(nothing)
}

fn alarm_view(alarm: &Alarm, state: &AccountState, text: &Text) -> AlarmView {
    let (title, body) = alarm.words(text, state.name());
    AlarmView {
        kind: alarm.kind(),
        title,
        body,
    }
}

fn health_of(accounts: &Accounts, state: &AccountState, now: Timestamp) -> Health {
    health::of_account(HealthFacts {
        // One that was broken off says nothing.
        poked: state.past.failures > 0 || state.past.last_success_at.is_some(),
        paused: accounts.is_paused(state),
        failures: state.past.failures,
        needs_user: state.past.last.as_ref().is_some_and(Poke::needs_user),
        silent: state.is_silent(),
        proved: state.is_proved(now),
    })
}

/// How each account of the settings stands.
pub(super) fn standing(
    accounts: &Accounts,
    now: Timestamp,
) -> impl Iterator<Item = (&str, Health)> {
    let states = accounts.of_settings();
    states.map(move |state| (state.name(), health_of(accounts, state, now)))
}

/// How all accounts stand together.
pub(super) fn whole(accounts: &Accounts, settings_fault: bool, now: Timestamp) -> Whole {
    let each = accounts.iter().map(|state| health_of(accounts, state, now));
    Whole {
        health: health::of_all(each, settings_fault),
        poking: accounts.iter().filter(|state| state.is_poking()).count(),
    }
}

/// The settings that belong to no account.
pub(super) fn general(settings: &Settings, text: &Text) -> General {
    let destinations = settings.channels.destinations().into_iter();
    General {
        fields: shown::<Settings>(settings.general_texts()),
        language_in_use: text.language().to_owned(),
        channels: destinations
            .map(|(channel, to)| ChannelView { channel, to })
            .collect(),
    }
}

/// Settings without those that may hold a key.
fn shown<T: Defined>(
    texts: impl IntoIterator<Item = (&'static str, String)>,
) -> BTreeMap<String, String> {
    let is_shown = |key| T::definition(key).is_some_and(|it| it.secrecy.is_shown());
    by_key(texts.into_iter().filter(|(key, _)| is_shown(key)))
}

/// All settings but the demo's, as they go in.
pub(super) fn settings(settings: &Settings, accounts: &Accounts) -> SettingsView {
    let states = accounts.of_settings();
    SettingsView {
        general: by_key(settings.general_texts()),
        accounts: states.map(|state| by_key(state.account.texts())).collect(),
    }
}

fn by_key(texts: impl IntoIterator<Item = (&'static str, String)>) -> BTreeMap<String, String> {
    let texts = texts.into_iter();
    texts.map(|(key, text)| (key.to_owned(), text)).collect()
}
