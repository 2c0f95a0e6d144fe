//! Passwords that come along with settings that are taken over. They are kept before the settings
//! name their accounts, and what was there before comes back where the settings are not written: a
//! program that is killed in between leaves no account without its password.

use std::{collections::BTreeMap, sync::Arc};

use dequeue_api::{
    ErrorCode, PasswordKept, Response,
    client::{engine_gone, error},
};
use dequeue_core::{
    Text,
    settings::{Settings, secret_source::SecretSource},
};
use dequeue_platform::blocking::blocking;
use dequeue_smtp::Secret;
use tokio::sync::oneshot;

use super::{
    Controller, errors,
    file_task::Answer,
    import::Import,
    internal::{ImportToWrite, Internal},
};
use crate::{history, secrets::Secrets, settings_file};

/// What was kept, and what it took the place of.
struct Replaced {
    account: String,
    source: SecretSource,
    earlier: Option<Secret>,
}

impl Controller {
    /// Takes settings over with their passwords. Where they come from another engine, that it is
    /// `taking` them is to be noted first.
    pub(super) fn import_with_passwords(
        &mut self,
        import: Import,
        passwords: BTreeMap<String, Secret>,
        taking: Option<(String, Option<history::Answer<()>>)>,
        reply: oneshot::Sender<Answer>,
    ) {
        let (paths, accounts_are_known) = (self.paths.clone(), self.knows_accounts());
        let (secrets, turn) = (self.secrets.clone(), self.secrets_turn.clone());
        let (internal, text) = (self.internal.clone(), self.text.clone());
        while self.imports.try_join_next().is_some() {}
        self.imports_begun += 1;
        self.imports.spawn(async move {
            let (token, noted) = taking.map_or((None, None), |(token, noted)| (Some(token), noted));
            if let Some(noted) = noted
                && let Err(fault) = noted.await
            {
                let _ = internal.send(Internal::Import(None)).await;
                let _ = reply.send(Err(error(ErrorCode::History, fault.to_string())));
                return;
            }
            // Nothing is kept for what would not be written.
            let judged = move || {
                let file = settings_file::read(paths.settings()).parse(accounts_are_known);
                let text = &import.text;
                let judged = file
                    .map_err(|faults| errors::faulty_not_saved(&faults, text))
                    .and_then(|file| import.onto(file.settings()));
                judged.map(|(new, _)| (new.settings, import))
            };
            let (settings, import) = match blocking(judged).await {
                Ok(judged) => judged,
                Err(error) => {
                    let _ = internal.send(Internal::Import(None)).await;
                    // The caller may have left.
                    let _ = reply.send(Err(error));
                    return;
                }
            };
            let turn = turn.lock().await;
            let (told, mut replaced) = keep(&secrets, &settings, passwords, &text).await;
            let (answer, answered) = oneshot::channel();
            let import = Box::new(ImportToWrite {
                import,
                reply: answer,
            });
            let _ = internal.send(Internal::Import(Some(import))).await;
            let answer = match answered.await.unwrap_or_else(|_| Err(engine_gone())) {
                Ok(Response::Imported { kept, .. }) => Ok(Response::Imported {
                    kept,
                    passwords: told,
                }),
                answer => {
                    put_back(&secrets, std::mem::take(&mut replaced)).await;
                    answer
                }
            };
            drop(turn);
            if let Some(token) = token.filter(|_| answer.is_ok()) {
                let _ = internal.send(Internal::TookOver { token }).await;
            }
            for Replaced { account, .. } in replaced {
                let _ = internal.send(Internal::SecretKept { account }).await;
            }
            // The caller may have left.
            let _ = reply.send(answer);
        });
    }
}

/// Keeps passwords where the settings of their accounts will say.
async fn keep(
    secrets: &Arc<Secrets>,
    settings: &Settings,
    passwords: BTreeMap<String, Secret>,
    text: &Text,
) -> (Vec<PasswordKept>, Vec<Replaced>) {
    let (mut told, mut replaced) = (Vec::new(), Vec::new());
    for (account, password) in passwords {
        let source = settings.account(&account).map(|it| it.secret.clone());
        let source = source.unwrap_or_default();
        let earlier = secrets.get(&account, &source).await.ok();
        let kept = secrets.set(&account, &source, &password).await;
        told.push(PasswordKept {
            account: account.clone(),
            kept_in: kept.as_ref().ok().copied(),
            fault: kept.as_ref().err().map(|fault| fault.sentence(text)),
        });
        if kept.is_ok() {
            replaced.push(Replaced {
                account,
                source,
                earlier,
            });
        }
    }
    (told, replaced)
}

/// Has everything as it was before, as far as that goes.
async fn put_back(secrets: &Arc<Secrets>, replaced: Vec<Replaced>) {
    for Replaced {
        account,
        source,
        earlier,
    } in replaced
    {
        let done = match earlier {
            Some(earlier) => secrets.set(&account, &source, &earlier).await.map(drop),
            None => secrets.clear(&account, &source).await.map(drop),
        };
        if let Err(fault) = done {
            tracing::warn!(%fault, "the secret of settings that were not taken over may still be kept");
        }
    }
}
