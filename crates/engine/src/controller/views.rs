//! What clients see of the controller's state.

use dequeue_api::{AccountView, AlarmView, ChannelView, PokeView};
use dequeue_core::{
    alarm::Alarm,
    health::{self, Health, HealthFacts},
    settings::{Settings, channels::WebAddress},
    text::Text,
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
    AccountView {
        name: account.name.clone(),
        host: account.host.to_string(),
        port: account.port(),
        port_is_set: account.port.is_some(),
        method: account.method,
        tls: account.tls,
        user: account.user.clone(),
        auth: account.auth,
        secret: account.secret.to_string(),
        pin: optional(account.pin.as_ref()),
        domains: account.domains.iter().map(ToString::to_string).collect(),
        every: account.rhythm.every.to_string(),
        hours: optional(account.rhythm.hours.as_ref()),
        outside: account.rhythm.outside.to_string(),
        time_zone: account.rhythm.zone.to_string(),
        cron: optional(account.rhythm.cron.as_ref()),
        jitter: account.rhythm.jitter.to_string(),
        mail_server: optional(account.mail_server.as_ref()),
        mail_server_first: account.mail_server_first,
        mail_server_test: account.mail_server_test,
        notify_after: account.notify_after,
        silence_alarm: optional(account.silence_alarm.as_ref()),
        heartbeat: account
            .heartbeat
            .as_ref()
            .map(WebAddress::host)
            .unwrap_or_default(),
        alarms: alarms.map(|alarm| alarm_view(alarm, state, text)).collect(),
        held: state.is_held(),
        notify: account.notify,
        health: health_of(accounts, state),
        paused: accounts.is_paused(state),
        demo: state.is_demo,
        last,
        last_success_at: state.past.last_success_at,
        last_arrival_at: state.alarms.arrived_at(),
        failures: state.past.failures,
        next_at: accounts.next_poke(state, now),
    }
}

fn alarm_view(alarm: &Alarm, state: &AccountState, text: &Text) -> AlarmView {
    let (title, body) = alarm.words(text, state.name());
    AlarmView {
        kind: alarm.kind(),
        title,
        body,
    }
}

fn health_of(accounts: &Accounts, state: &AccountState) -> Health {
    health::of_account(HealthFacts {
        poking: state.is_poking(),
        paused: accounts.is_paused(state),
        failures: state.past.failures,
        silent: state.is_silent(),
    })
}

/// How all accounts stand together.
pub(super) fn health(accounts: &Accounts, settings_fault: bool) -> Health {
    let each = accounts.iter().map(|state| health_of(accounts, state));
    health::of_all(each, settings_fault)
}

/// An optional value as a person types it.
pub(super) fn optional<T: ToString>(value: Option<&T>) -> String {
    value.map(T::to_string).unwrap_or_default()
}

/// The ways out for notices that are set.
pub(super) fn channels(settings: &Settings) -> Vec<ChannelView> {
    let destinations = settings.channels.destinations().into_iter();
    destinations
        .map(|(channel, to)| ChannelView { channel, to })
        .collect()
}
