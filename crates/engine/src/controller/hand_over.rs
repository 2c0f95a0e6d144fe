//! This engine's accounts move into the service's. An administrator's program takes them there
//! ([`crate::take_over`]); here is what they are taken from.
//!
//! At no moment may two engines poke one account, whoever is killed in between. So this one stops
//! poking first, and notes on the disk that it has given its accounts away, before it gives them. From
//! then on only the service can say whose they are: it says that it has them, or promises never to take
//! them any more. Until it has said so, also after a restart, nothing is poked here.

use std::{collections::BTreeMap, io, path::Path, sync::Arc};

use dequeue_api::{
    ApiError, ErrorCode, Event, Request, Response,
    client::{ClientId, error},
};
use dequeue_core::{
    Text,
    secret_fault::SecretFault,
    settings::{channel, secret_source::SecretSource},
};
use dequeue_platform::{
    blocking::blocking,
    files::{self, Access, sync_folder},
};
use dequeue_smtp::Secret;
use tokio::{
    sync::oneshot,
    time::{Duration, sleep},
};

use super::{
    Controller, errors,
    file_task::Answer,
    internal::Internal,
    moves::{HandOver, NOTE, Offer},
    views,
};
use crate::secrets::Secrets;

/// What the settings file is called once its accounts are the service's.
const MOVED: &str = "settings.moved-to-the-service";
/// Between the first two times that the service is asked, and the most that it grows to.
const ASKED_AGAIN: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

impl Controller {
    /// Whether this is for the service to do from now on, or until it says that it is not.
    pub(super) const fn is_handed_over(&self) -> bool {
        self.hand_over.is_some()
    }

    /// What to say where nothing is poked for that.
    pub(super) fn hand_over_sentence(&self) -> Option<String> {
        let key = match self.hand_over.as_ref()? {
            HandOver::Begun { .. } | HandOver::Gathered { .. } | HandOver::Given { .. } => {
                "hand-over-goes-on"
            }
            HandOver::Unfinished => "hand-over-unfinished",
            HandOver::Done => "hand-over-done",
        };
        Some(self.text.get(key))
    }

    /// The error of what is not done meanwhile.
    pub(super) fn handed_over_error(&self) -> ApiError {
        let message = self.hand_over_sentence().unwrap_or_default();
        error(ErrorCode::HandOver, message)
    }

    /// Somebody wants to take the accounts to the service.
    pub(super) fn begin_hand_over(
        &mut self,
        offer: Offer,
        by: ClientId,
        reply: oneshot::Sender<Answer>,
    ) {
        let refused = if self.is_handed_over() {
            Some(self.handed_over_error())
        } else if !self.faults.is_empty() {
            Some(errors::faulty(&self.faults, &self.text))
        } else if self.paths.are_the_machines() || !self.accounts.pace.is_on {
            let message = self.text.get("hand-over-not-this-engine");
            Some(error(ErrorCode::HandOver, message))
        } else {
            None
        };
        if let Some(error) = refused {
            // The caller may have left.
            let _ = reply.send(Err(error));
            return;
        }
        self.hand_over = Some(HandOver::Begun { offer, by, reply });
        self.tell_all();
    }

    /// Goes on with one that has begun, once nothing is under way any more.
    pub(super) fn go_on_with_hand_over(&mut self) {
        // Asked after everything that happens, so first what costs nothing.
        let has_begun = matches!(self.hand_over, Some(HandOver::Begun { .. }));
        let is_busy = || {
            let mut accounts = self.accounts.of_settings();
            self.is_changing_settings() || accounts.any(|state| state.is_poking())
        };
        if !has_begun || is_busy() {
            return;
        }
        let Some(HandOver::Begun { offer, by, reply }) = self.hand_over.take() else {
            return;
        };
        let settings = views::settings(&self.settings, &self.accounts);
        let accounts = self.accounts.of_settings();
        let accounts =
            accounts.map(|state| (state.name().to_owned(), state.account.secret.clone()));
        let accounts: Vec<_> = accounts.collect();
        let of_notices = channel::SECRETS.into_iter().filter_map(|key| {
            let source = self.settings.notice_secret(key)?;
            Some((key.to_owned(), source.clone()))
        });
        let of_notices: Vec<_> = of_notices.collect();
        let (secrets, text) = (self.secrets.clone(), self.text.clone());
        let (internal, data) = (self.internal.clone(), self.paths.data().to_owned());
        let noted = offer.clone();
        self.hand_over = Some(HandOver::Gathered { offer, by, reply });
        self.tasks.spawn(async move {
            let gathered = async {
                let passwords = gather(&secrets, accounts, &text).await?;
                let notice_secrets = gather(&secrets, of_notices, &text).await?;
                let written = blocking(move || write_note(&data, &noted)).await;
                written.map_err(|fault| {
                    let values = [("error", fault.to_string().into())];
                    error(
                        ErrorCode::HandOver,
                        text.format("hand-over-not-noted", &values),
                    )
                })?;
                Ok(Response::HandedOver {
                    settings,
                    passwords,
                    notice_secrets,
                })
            };
            let gathered = Box::new(gathered.await);
            let _ = internal.send(Internal::HandOverGathered(gathered)).await;
        });
    }

    /// The passwords are there, and it is noted.
    pub(super) fn give(&mut self, gathered: Answer) {
        let Some(HandOver::Gathered { offer, by, reply }) = self.hand_over.take() else {
            return;
        };
        if let Err(error) = gathered {
            let _ = reply.send(Err(error));
            // It may have been noted all the same.
            self.take_work_up();
            return;
        }
        self.hand_over = Some(HandOver::Given {
            offer: offer.clone(),
            by,
        });
        if reply.send(gathered).is_err() {
            self.ask_the_service(offer);
        }
    }

    /// A client has left. Where it was to take the accounts to the service, that does not go on.
    pub(super) fn hand_over_client_gone(&mut self, client: ClientId) {
        match self.hand_over.take() {
            Some(HandOver::Begun { by, .. }) if by == client => self.tell_all(),
            Some(HandOver::Given { offer, by }) if by == client => self.ask_the_service(offer),
            other => self.hand_over = other,
        }
    }

    /// Asks the service whose the accounts are, until it says so.
    pub(super) fn ask_the_service(&mut self, offer: Offer) {
        self.hand_over = Some(HandOver::Unfinished);
        self.tell_all();
        let (environment, internal) = (self.environment.clone(), self.internal.clone());
        self.tasks.spawn(async move {
            let (mut pause, longest) = ASKED_AGAIN;
            let has_them = loop {
                let place = offer.service_in.as_deref();
                if let Some(has_them) = environment.take_back(&offer.token, place).await {
                    break has_them;
                }
                sleep(pause).await;
                pause = (2 * pause).min(longest);
            };
            let _ = internal.send(Internal::TakenBack { has_them }).await;
        });
    }

    /// The service has said whose they are.
    pub(super) fn taken_back(&mut self, has_them: bool) {
        if has_them {
            self.end_hand_over(None);
        } else {
            self.take_work_up();
        }
    }

    /// The accounts are the service's, says who has taken them there.
    pub(super) fn handed_over(&mut self, token: &str, reply: oneshot::Sender<Answer>) {
        match &self.hand_over {
            Some(HandOver::Given { offer, .. }) if offer.token == token => {
                self.end_hand_over(Some(reply));
            }
            Some(HandOver::Done) => drop(reply.send(Ok(Response::Done))),
            _ => drop(reply.send(Err(self.handed_over_error()))),
        }
    }

    /// Notes that the accounts are no longer this engine's, which it never pokes again.
    fn end_hand_over(&mut self, reply: Option<oneshot::Sender<Answer>>) {
        self.hand_over = Some(HandOver::Done);
        let (paths, internal) = (self.paths.clone(), self.internal.clone());
        let text = self.text.clone();
        self.tasks.spawn(async move {
            let moved = blocking(move || put_away(paths.settings(), paths.data())).await;
            let answer = moved.map(|()| Response::Done).map_err(|fault| {
                tracing::error!(%fault, "settings that are the service's now could not be put away");
                let values = [("error", fault.to_string().into())];
                error(ErrorCode::HandOver, text.format("hand-over-not-put-away", &values))
            });
            let _ = internal.send(Internal::HandedOver { reply, answer }).await;
        });
    }

    /// They are, for good.
    pub(super) fn moved(&mut self, reply: Option<oneshot::Sender<Answer>>, answer: Answer) {
        if let Some(reply) = reply {
            let _ = reply.send(answer);
        }
        self.tell_all();
        self.tell(Event::Moved);
    }

    /// The service has not taken the accounts and never will: they are this engine's as before.
    fn take_work_up(&mut self) {
        let note = self.paths.data().join(NOTE);
        match std::fs::remove_file(&note) {
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => {
                // After a restart the service is asked again, and says the same.
                tracing::warn!(%fault, "the note on a hand-over is still there");
            }
            _ => sync_folder(self.paths.data()),
        }
        self.hand_over = None;
        self.tell_all();
    }

    /// Whether a request waits for the end of a hand-over.
    pub(super) fn is_for_later(&self, request: &Request) -> bool {
        self.is_handed_over()
            && matches!(
                request,
                Request::PokeNow { .. }
                    | Request::Diagnose { .. }
                    | Request::Pause { .. }
                    | Request::Resume { .. }
                    | Request::SaveAccount { .. }
                    | Request::SetSecret { .. }
                    | Request::ClearSecret { .. }
                    | Request::RemoveAccount { .. }
                    | Request::SaveGeneral { .. }
                    | Request::Import { .. }
                    | Request::StartDemo
            )
    }
}

/// The passwords that there are, by name.
async fn gather(
    secrets: &Arc<Secrets>,
    sources: Vec<(String, SecretSource)>,
    text: &Text,
) -> Result<BTreeMap<String, Secret>, ApiError> {
    let mut gathered = BTreeMap::new();
    for (name, source) in sources {
        match secrets.get(&name, &source).await {
            Ok(secret) => {
                gathered.insert(name, secret);
            }
            Err(SecretFault::NotSet { .. } | SecretFault::NotSetNoKeyring { .. }) => {}
            // One that is there and cannot be read must not be lost.
            Err(fault) => return Err(error(ErrorCode::Secret, fault.sentence(text))),
        }
    }
    Ok(gathered)
}

fn write_note(data: &Path, offer: &Offer) -> io::Result<()> {
    let octets = serde_json::to_vec(offer)?;
    files::write_whole(&data.join(NOTE), &octets, Access::Private)
}

/// Puts the settings away, then the note: in between it is the service that says how it stands.
fn put_away(settings: &Path, data: &Path) -> io::Result<()> {
    let free = |number: u32| {
        let name = match number {
            0 => format!("{MOVED}.toml"),
            number => format!("{MOVED}-{number}.toml"),
        };
        let path = settings.with_file_name(name);
        (!path.exists()).then_some(path)
    };
    let aside = (0..1000)
        .find_map(free)
        .ok_or(io::ErrorKind::AlreadyExists)?;
    match files::replace(settings, &aside) {
        // An engine before this one did it, and was killed.
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => {}
        done => done?,
    }
    sync_folder(settings.parent().unwrap_or(Path::new(".")));
    match std::fs::remove_file(data.join(NOTE)) {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => Err(fault),
        _ => {
            sync_folder(data);
            Ok(())
        }
    }
}
