//! Who may do what: how much each request needs, and what of an answer is for whom.
//!
//! The engine decides by who the client's user is, which the system says of the connection, before
//! anything else of it sees a request. Who may only look also pokes: that harms nobody, and is what
//! a person in front of an empty mailbox wants.

use std::collections::BTreeMap;

use dequeue_core::{
    Text,
    settings::{Account, Settings, definition::Defined},
};

use crate::{
    client::error,
    messages::{ApiError, ErrorCode, Event, Message, Request, Response},
    views::{AccountView, General, SettingsView, Snapshot},
};

/// What a client may do. Each may do what those before it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rights {
    /// See how everything stands, and poke: everyone on the machine, with the service's engine.
    Look,
    /// Change settings, secrets and pauses: the user whose engine it is, and members of the service's
    /// group.
    Change,
    /// Get secrets out of it: root and the administrators.
    Administer,
}

impl Request {
    /// What a client must be allowed to be answered. What an answer has for those alone who may
    /// change things is taken out for others, see [`Message::for_rights`].
    #[must_use]
    pub const fn needs(&self) -> Rights {
        match self {
            Self::Snapshot
            | Self::SnapshotPart { .. }
            | Self::PokeNow { .. }
            | Self::Diagnose { .. }
            | Self::Settings
            | Self::History { .. }
            | Self::Poke { .. }
            | Self::Days { .. }
            | Self::Notices { .. }
            // A window is its own user's.
            | Self::AttachWindow
            | Self::ShowWindow { .. }
            | Self::WindowInFront { .. }
            | Self::CloseWindow
            // Whoever knows the move has begun it.
            | Self::TakeBack { .. } => Rights::Look,
            Self::Pause { .. }
            | Self::Resume { .. }
            | Self::SaveAccount { .. }
            | Self::SetSecret { .. }
            | Self::ClearSecret { .. }
            | Self::RemoveAccount { .. }
            | Self::SaveGeneral { .. }
            | Self::Import { .. }
            // With the comments of the settings file, which may say anything.
            | Self::Export
            | Self::StartDemo
            | Self::StopDemo
            | Self::SetStartAtLogin { .. }
            | Self::End
            // Lines of those who look closely, about whatever went wrong.
            | Self::Log { .. }
            // Asks somebody outside, which is off unless it was wanted.
            | Self::CheckForUpdate
            // Sends mail to others, and starts a program.
            | Self::TryChannels => Rights::Change,
            Self::HandOver { .. } | Self::HandedOver { .. } | Self::TakeOver { .. } => {
                Rights::Administer
            }
        }
    }

    /// The request as it is served to a client with these rights.
    #[must_use]
    pub fn for_rights(self, rights: Rights) -> Self {
        match self {
            // What counts as seen has been seen by someone who can do something about it.
            Self::Notices { .. } if rights < Rights::Change => Self::Notices { seen: false },
            request => request,
        }
    }
}

impl Message {
    /// The message as it is for a client with these rights: it is told whether it may change things,
    /// and who may not gets no setting that may hold a key.
    #[must_use]
    pub fn for_rights(mut self, rights: Rights) -> Self {
        match &mut self {
            Self::Answer {
                result:
                    Ok(Response::Snapshot { snapshot } | Response::SnapshotPart { snapshot, .. }),
                ..
            }
            | Self::Event(Event::Changed { snapshot }) => {
                snapshot.may_change = rights >= Rights::Change;
                if !snapshot.may_change {
                    snapshot.leave_out_keys();
                }
            }
            Self::Answer {
                result: Ok(Response::Settings { settings }),
                ..
            } if rights < Rights::Change => settings.leave_out_keys(),
            Self::Event(Event::Account { account, .. }) if rights < Rights::Change => {
                account.leave_out_keys();
            }
            Self::Hello { .. } | Self::Answer { .. } | Self::Event(_) => {}
        }
        self
    }
}

impl Snapshot {
    fn leave_out_keys(&mut self) {
        self.general.leave_out_keys();
        for account in &mut self.accounts {
            account.leave_out_keys();
        }
        if self.settings_fault.is_some() {
            // Which may repeat what somebody has put into the file.
            let text = Text::for_language(&self.general.language_in_use);
            self.settings_fault = Some(text.get("rights-settings-fault"));
        }
        // They are not this client's to see to.
        self.unseen_notices = 0;
    }
}

impl General {
    fn leave_out_keys(&mut self) {
        leave_out_keys::<Settings>(&mut self.fields);
    }
}

impl AccountView {
    fn leave_out_keys(&mut self) {
        leave_out_keys::<Account>(&mut self.fields);
    }
}

impl SettingsView {
    fn leave_out_keys(&mut self) {
        leave_out_keys::<Settings>(&mut self.general);
        for account in &mut self.accounts {
            leave_out_keys::<Account>(account);
        }
    }
}

/// Leaves out commands, web addresses, and where secrets come from.
fn leave_out_keys<T: Defined>(fields: &mut BTreeMap<String, String>) {
    fields.retain(|key, _| T::definition(key).is_some_and(|it| !it.secrecy.may_hold_key()));
}

/// The error of a request that needs more than its client may do: who may, and how.
#[must_use]
pub fn not_allowed(text: &Text) -> ApiError {
    let key = if cfg!(windows) {
        "rights-not-allowed-windows"
    } else {
        "rights-not-allowed-unix"
    };
    error(ErrorCode::NotAllowed, text.get(key))
}
