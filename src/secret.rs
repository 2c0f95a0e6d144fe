//! `dequeue secret`, and the password of a poke by host.
//!
//! A password is typed unseen, read from standard input, or comes from where the user says; it is
//! never an argument, which every user of the machine could read in the list of processes.

use std::{
    env,
    io::{self, BufRead, IsTerminal, Read},
    mem,
};

use dequeue_api::{ErrorCode, Kept, Paths, Request, Response};
use dequeue_core::{
    secret_fault::SecretFault,
    settings::{
        Account, Credential, Settings,
        channel::SECRETS,
        secret_source::{SecretSource, ShownSource},
    },
};
use dequeue_engine::secrets::{SECRET_OCTETS, Secrets};
use dequeue_platform::console;
use dequeue_smtp::Secret;
use serde::Serialize;
use tokio::task::spawn_blocking;
use zeroize::Zeroizing;

use crate::{
    arguments,
    failure::Failure,
    home::{Engine, Home, unexpected},
    output::Output,
};

/// What was done with an account's password.
#[derive(Serialize)]
struct Done<'a> {
    account: &'a str,
    /// `file` or `keyring`; nothing where the password has been forgotten.
    kept_in: Option<Kept>,
}

/// Keeps the password of an account, or forgets it.
///
/// # Errors
/// [`Failure`]; an earlier password is still there.
pub(crate) async fn secret(
    home: &Home,
    wanted: &arguments::Secret,
    out: &mut Output,
) -> Result<u8, Failure> {
    let engine = home.engine(out).await?;
    engine.need_settings(home, &out.text)?;
    match wanted {
        arguments::Secret::Set { account } => set(home, &engine, account, out).await?,
        arguments::Secret::Clear { account } => clear(&engine, account, out).await?,
    }
    engine.leave().await;
    Ok(0)
}

async fn set(home: &Home, engine: &Engine, name: &str, out: &mut Output) -> Result<(), Failure> {
    let is_used =
        is_for_notices(name) || !engine.account(name, &out.text)?.setting("user").is_empty();
    let settings = engine.settings(&out.text).await?;
    let source = source(&settings, name);
    if !source.is_kept_here() {
        // Nobody is asked for what will not be kept.
        let fault = SecretFault::KeptElsewhere {
            from: (&source).into(),
        };
        return Err(faulty(&fault, out));
    }
    let secret = if io::stdin().is_terminal() {
        let prompt = out
            .text
            .format("cli-secret-prompt", &[("name", name.into())]);
        ask(prompt, out).await?
    } else {
        read(out).await?
    };
    if secret.expose().is_empty() {
        return Err(Failure::usage(out.text.get("cli-secret-empty")));
    }
    let account = name.to_owned();
    let kept_in = keep(engine, account, secret, out).await?;
    say_where_kept(home, name, kept_in, out);
    if !is_used {
        out.say(&out.text.get("cli-secret-no-user"));
    }
    out.object(&Done {
        account: name,
        kept_in: Some(kept_in),
    });
    Ok(())
}

/// Where a secret comes from, by the settings.
fn source(settings: &Settings, name: &str) -> SecretSource {
    let of_account = || settings.account(name).map(|account| &account.secret);
    let source = settings.notice_secret(name).or_else(of_account);
    source.cloned().unwrap_or_default()
}

/// Whether it is the name of a secret for notices, not of an account.
fn is_for_notices(name: &str) -> bool {
    SECRETS.contains(&name)
}

/// Has the engine keep a secret; gives where that is.
///
/// # Errors
/// The engine's error; an earlier secret is still there.
pub(crate) async fn keep(
    engine: &Engine,
    account: String,
    secret: Secret,
    out: &Output,
) -> Result<Kept, Failure> {
    match engine.ask(Request::SetSecret { account, secret }).await? {
        Response::SecretKept { kept_in } => Ok(kept_in),
        _ => Err(unexpected(&out.text)),
    }
}

/// Says where a secret is kept that was set just now.
pub(crate) fn say_where_kept(home: &Home, name: &str, kept_in: Kept, out: &mut Output) {
    let key = match kept_in {
        Kept::File => "cli-secret-in-file",
        Kept::Keyring => "cli-secret-in-keyring",
    };
    let path = home.paths.data().display().to_string();
    let values = [("name", name.into()), ("path", path.into())];
    out.say(&out.text.format(key, &values));
}

async fn clear(engine: &Engine, name: &str, out: &mut Output) -> Result<(), Failure> {
    if !is_for_notices(name) {
        engine.account(name, &out.text)?;
    }
    let account = name.to_owned();
    engine.ask(Request::ClearSecret { account }).await?;
    let values = [("name", name.into())];
    out.say(&out.text.format("cli-secret-cleared", &values));
    out.object(&Done {
        account: name,
        kept_in: None,
    });
    Ok(())
}

/// The password of a poke by host: from its source, or from whoever sits at the terminal.
///
/// # Errors
/// [`Failure`]; nothing was sent.
pub(crate) async fn for_host(account: &Account, out: &Output) -> Result<Option<Secret>, Failure> {
    match account.credential() {
        None | Some(Credential::Certificate) => return Ok(None),
        // Nobody is asked for what the certificate makes unnecessary.
        Some(Credential::PasswordOrCertificate) if account.secret == SecretSource::Stored => {
            return Ok(None);
        }
        Some(Credential::PasswordOrCertificate | Credential::Password) => {}
    }
    match &account.secret {
        SecretSource::Stored if io::stdin().is_terminal() => {
            let values = [
                ("user", account.user.as_str().into()),
                ("host", account.host.as_str().into()),
            ];
            let typed = ask(out.text.format("cli-secret-prompt-host", &values), out).await?;
            if typed.expose().is_empty() {
                return Err(Failure::usage(out.text.get("cli-secret-empty")));
            }
            Ok(Some(typed))
        }
        SecretSource::Stored => Err(Failure::usage(out.text.get("cli-secret-no-terminal"))),
        SecretSource::Keyring | SecretSource::File => {
            Err(Failure::usage(out.text.get("cli-secret-not-by-host")))
        }
        source @ (SecretSource::PathFile(_) | SecretSource::Env(_) | SecretSource::Command(_)) => {
            // A path begins where the command was typed; there are no settings it could begin at.
            let here = env::current_dir().unwrap_or_default();
            let secrets = Secrets::new(&Paths::in_folder(&here));
            let secret = secrets.get("", source).await;
            secret.map(Some).map_err(|fault| faulty(&fault, out))
        }
    }
}

fn faulty(fault: &SecretFault, out: &Output) -> Failure {
    Failure::of(ErrorCode::Secret, fault.sentence(&out.text))
}

/// Asks at the terminal, without an echo.
async fn ask(prompt: String, out: &Output) -> Result<Secret, Failure> {
    let typed = unhindered(move || rpassword::prompt_password(format!("{prompt} "))).await;
    typed
        .map(Secret::from)
        .map_err(|error| unreadable(&error, out))
}

/// The first line of standard input.
async fn read(out: &Output) -> Result<Secret, Failure> {
    let line = unhindered(|| {
        // As long as it can be from the start: a buffer that grows leaves copies behind. What is
        // longer than a secret may be, the engine refuses.
        let most = SECRET_OCTETS + 2;
        let mut line = Zeroizing::new(Vec::with_capacity(most));
        let mut input = io::stdin().lock().take(most as u64);
        input.read_until(b'\n', &mut line).map(|_| line)
    });
    let line = line.await.map_err(|error| unreadable(&error, out))?;
    let line = line.strip_suffix(b"\n").unwrap_or(&line);
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    match console::from_stdin(line) {
        Some(mut text) => Ok(Secret::from(mem::take(&mut *text))),
        None => {
            let from = ShownSource::standard_input();
            let fault = SecretFault::NotText { from };
            Err(Failure::usage(fault.sentence(&out.text)))
        }
    }
}

fn unreadable(error: &io::Error, out: &Output) -> Failure {
    let values = [("error", error.to_string().into())];
    Failure::fault("fault", out.text.format("cli-secret-unreadable", &values))
}

/// Waits for a person without holding up an engine that lives in this program meanwhile.
async fn unhindered<T: Send + 'static>(
    wait: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    spawn_blocking(wait).await.map_err(io::Error::other)?
}
