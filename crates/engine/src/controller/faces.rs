//! What faces see of the controller's state, and its errors in words.

use dequeue_core::{
    alarm::{Alarm, AlarmKind},
    health::{self, Health, HealthFacts},
    settings::{channels::WebAddress, fault::Fault, file::FileFault},
};
use dequeue_platform::start_at_login;
use jiff::Timestamp;

use super::{
    Controller,
    slots::{Slot, Timer},
};
use crate::{
    api::{
        AccountView, AlarmView, ApiError, ChannelView, ErrorCode, Event, FieldError, General,
        Snapshot,
    },
    client::error,
    history::HistoryError,
    settings_file::SaveError,
};

impl Controller {
    pub(super) fn snapshot(&self) -> Snapshot {
        Snapshot {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            health: self.health(),
            paused: self.paused,
            accounts: self.slots.iter().map(|slot| self.view(slot)).collect(),
            general: General {
                language: self.settings.language.clone(),
                language_in_use: self.text.language().to_owned(),
                notice_quiet: optional(self.settings.quiet.as_ref()),
                channels: self
                    .settings
                    .channels
                    .destinations()
                    .into_iter()
                    .map(|(channel, to)| ChannelView { channel, to })
                    .collect(),
            },
            settings_path: self.paths.settings().display().to_string(),
            settings_fault: self.fault_sentence(&self.faults),
            history_fault: self.history.sentence(&self.text),
            channel_faults: self
                .channel_faults
                .values()
                .map(|fault| fault.sentence(&self.text))
                .collect(),
            demo: self.demo.is_some(),
            start_at_login: start_at_login::is_on(),
        }
    }

    fn view(&self, slot: &Slot) -> AccountView {
        let account = &slot.account;
        let last = slot.past.last.as_ref().map(|poke| {
            let mut poke = Box::new(poke.clone());
            self.text.tell_of(&mut poke);
            poke
        });
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
            alarms: slot
                .alarms
                .raised()
                .map(|alarm| self.alarm(slot, alarm))
                .collect(),
            held: slot.recovery.is_some(),
            notify: account.notify,
            health: self.health_of(slot),
            paused: self.paused || slot.paused,
            demo: slot.demo,
            last,
            last_success_at: slot.past.last_success_at,
            last_arrival_at: slot.alarms.arrived_at(),
            failures: slot.past.failures,
            next_at: self.next_of(slot),
        }
    }

    /// When its next poke is due, of whatever kind.
    fn next_of(&self, slot: &Slot) -> Option<Timestamp> {
        let noted = |matter| self.slots.noted(slot.key, matter);
        let next = [noted(Timer::Poke), noted(Timer::SecondPoke)];
        // While one is under way, or waits for its turn, it is the one after it.
        let next = next.into_iter().flatten().min();
        next.or_else(|| self.due(slot, self.clock.now()))
    }

    fn alarm(&self, slot: &Slot, alarm: &Alarm) -> AlarmView {
        let (title, body) = alarm.words(&self.text, &slot.account.name);
        AlarmView {
            kind: alarm.kind(),
            title,
            body,
        }
    }

    fn health_of(&self, slot: &Slot) -> Health {
        health::of_account(HealthFacts {
            poking: slot.poking.is_some(),
            paused: self.paused || slot.paused,
            failures: slot.past.failures,
            silent: slot
                .alarms
                .raised()
                .any(|alarm| alarm.kind() == AlarmKind::Silence),
        })
    }

    fn health(&self) -> Health {
        let accounts = self.slots.iter().map(|slot| self.health_of(slot));
        health::of_all(accounts, !self.faults.is_empty())
    }

    pub(super) fn tell(&self, event: Event) {
        // Nobody may be looking.
        let _ = self.events.send(event);
    }

    pub(super) fn tell_account(&self, i: usize) {
        // No view is made where nobody looks.
        if self.events.receiver_count() > 0 {
            let account = Box::new(self.view(&self.slots[i]));
            self.tell(Event::Account {
                account,
                health: self.health(),
            });
        }
    }

    pub(super) fn tell_all(&self) {
        // No snapshot is made where nobody looks.
        if self.events.receiver_count() > 0 {
            self.tell(Event::Changed {
                snapshot: Box::new(self.snapshot()),
            });
        }
    }

    // ---- Errors, in words -------------------------------------------------------------------

    pub(super) fn find(&self, name: &str) -> Result<usize, ApiError> {
        self.slots
            .find(name)
            .ok_or_else(|| self.no_such_account(name))
    }

    pub(super) fn no_such_account(&self, name: &str) -> ApiError {
        let names: Vec<&str> = self
            .slots
            .iter()
            .map(|slot| slot.account.name.as_str())
            .collect();
        let key = if names.is_empty() {
            "error-no-accounts"
        } else {
            "error-no-such-account"
        };
        let values = [("name", name.into()), ("accounts", names.join(", ").into())];
        error(ErrorCode::NoSuchAccount, self.text.format(key, &values))
    }

    pub(super) fn history_error(&self, fault: &HistoryError) -> ApiError {
        let values = [
            ("error", fault.to_string().into()),
            ("path", self.paths.data().display().to_string().into()),
        ];
        error(
            ErrorCode::History,
            self.text.format("error-history", &values),
        )
    }

    pub(super) fn invalid(&self, faults: &[Fault]) -> ApiError {
        let fields: Vec<FieldError> = faults
            .iter()
            .map(|fault| FieldError {
                field: fault.field.clone(),
                message: fault.sentence(&self.text),
            })
            .collect();
        let sentences: Vec<&str> = fields.iter().map(|field| field.message.as_str()).collect();
        ApiError {
            code: ErrorCode::InvalidInput,
            message: sentences.join("\n"),
            fields,
        }
    }

    pub(super) fn fault_sentence(&self, faults: &[FileFault]) -> Option<String> {
        let sentences: Vec<String> = faults
            .iter()
            .map(|fault| fault.sentence(&self.text))
            .collect();
        (!sentences.is_empty()).then(|| sentences.join("\n"))
    }

    pub(super) fn faulty(&self, faults: &[FileFault]) -> ApiError {
        let fault = self.fault_sentence(faults).unwrap_or_default();
        let message = self
            .text
            .format("settings-faulty-not-saved", &[("fault", fault.into())]);
        error(ErrorCode::SettingsFault, message)
    }

    pub(super) fn not_saved(&self, fault: SaveError) -> ApiError {
        match fault {
            SaveError::Faulty(faults) => self.faulty(&faults),
            SaveError::NotWritable(fault) => {
                let values = [
                    ("error", fault.to_string().into()),
                    ("path", self.paths.settings().display().to_string().into()),
                ];
                let message = self.text.format("settings-not-writable", &values);
                error(ErrorCode::SettingsNotWritable, message)
            }
        }
    }
}

fn optional<T: ToString>(value: Option<&T>) -> String {
    value.map(T::to_string).unwrap_or_default()
}
