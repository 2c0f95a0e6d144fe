//! `dequeue service take-over`: moves the accounts of a user's own engine into the service, for an
//! administrator. What may be cut off in between, and what becomes of it then, see
//! [`dequeue_engine::take_over`].

use std::{
    env,
    path::{Path, PathBuf},
};

use dequeue_api::{ErrorCode, Paths, attach, paths::service_is_silent, socket::attach_to_another};
use dequeue_core::sink;
use dequeue_engine::take_over::{Move, Moved};
use serde::Serialize;

use crate::{arguments::TakeOver, failure::Failure, output::Output};

/// What came of it, for programs.
#[derive(Debug, Serialize)]
struct Done<'a> {
    /// What each account is called in the service, by what it was called.
    accounts: &'a std::collections::BTreeMap<String, String>,
    /// Accounts that the service had already, just so.
    were_there: &'a [String],
    /// General settings that came along, by key.
    general: &'a [String],
    /// Pokes that were copied into the service's history.
    pokes: u64,
    /// Accounts whose passwords are to be entered anew.
    without_password: Vec<&'a str>,
}

/// Moves them; gives the exit status.
///
/// # Errors
/// [`Failure`]; the accounts are where they were, or both engines come to terms about them.
pub(crate) async fn take_over(
    service_paths: &Paths,
    wanted: &TakeOver,
    out: &mut Output,
) -> Result<u8, Failure> {
    let whose = Whose::find(wanted, out)?;
    let Some(service) = attach(service_paths).await else {
        let sentence = service_is_silent(&out.text);
        return Err(Failure::of(ErrorCode::EngineGone, sentence));
    };
    if !service.overview().await?.0.may_change {
        return Err(dequeue_api::rights::not_allowed(&out.text).into());
    }
    let Some(user) = attach_to_another(&Paths::in_folder(&whose.data)).await else {
        let folder = whose.data.display().to_string();
        let sentence = out.text.format(
            "cli-take-over-nobody",
            &[("folder", sink::line(&folder).into_owned().into())],
        );
        return Err(Failure::of(ErrorCode::EngineGone, sentence));
    };
    let moving = Move {
        user: &user,
        user_data: &whose.data,
        service: &service,
        service_paths,
        service_in: None,
        of: &whose.name,
        allow_commands: wanted.allow_commands,
    };
    let moved = moving
        .carry_out(&out.text, |_| {})
        .await
        .map_err(|mut error| {
            if error.code == ErrorCode::CommandsNotAllowed {
                let how = out.text.get("cli-import-commands-refused");
                error.message = format!("{}\n{how}", error.message);
            }
            Failure::from(error)
        })?;
    tell(&moved, out);
    Ok(0)
}

fn tell(moved: &Moved, out: &mut Output) {
    let lost = moved.not_kept.iter();
    out.object(&Done {
        accounts: &moved.accounts,
        were_there: &moved.were_there,
        general: &moved.general,
        pokes: moved.pokes,
        without_password: lost.map(|it| it.account.as_str()).collect(),
    });
    let values = [
        ("count", moved.accounts.len().into()),
        ("pokes", moved.pokes.into()),
    ];
    out.say(&out.text.format("cli-take-over-done", &values));
    for (was, is) in moved.accounts.iter().filter(|(was, is)| was != is) {
        let values = [
            ("account", sink::line(was).into_owned().into()),
            ("name", sink::line(is).into_owned().into()),
        ];
        out.say(&out.text.format("cli-take-over-renamed", &values));
    }
    for account in &moved.were_there {
        let values = [("account", sink::line(account).into_owned().into())];
        out.say(&out.text.format("cli-take-over-was-there", &values));
    }
    for lost in &moved.not_kept {
        let account = sink::line(&lost.account).into_owned();
        let fault = lost.fault.clone().unwrap_or_default();
        let values = [("account", account.into()), ("fault", fault.into())];
        out.warn(&out.text.format("cli-take-over-password", &values));
    }
}

/// The user whose accounts are moved.
struct Whose {
    /// The folder of the data of the user's engine.
    data: PathBuf,
    /// What tells that user's accounts apart.
    name: String,
}

impl Whose {
    /// The one who is named, or who has asked for it by sudo, polkit or UAC.
    fn find(wanted: &TakeOver, out: &Output) -> Result<Self, Failure> {
        let name = wanted.of_user.clone().or_else(asked_by).unwrap_or_default();
        let data = match (&wanted.own_home, &wanted.of_user) {
            (Some(home), _) => std::path::absolute(home).ok(),
            (None, None) if !is_by_another(&name) => {
                Paths::for_user().ok().map(|paths| paths.data().to_owned())
            }
            (None, _) => home_of(&name).map(|home| data_in(&home)),
        };
        let unknown = || {
            let values = [("user", sink::line(&name).into_owned().into())];
            Failure::usage(out.text.format("cli-take-over-unknown-user", &values))
        };
        Ok(Self {
            data: data.ok_or_else(unknown)?,
            name: if name.is_empty() { "2".into() } else { name },
        })
    }
}

/// The user who is logged on, whoever this program runs as.
#[cfg(unix)]
fn asked_by() -> Option<String> {
    let by_number = |number: String| passwd(|fields| fields.get(2) == Some(&number.as_str()), 0);
    (env::var("SUDO_USER").ok())
        .or_else(|| env::var("PKEXEC_UID").ok().and_then(by_number))
        .or_else(|| env::var("USER").ok())
}

#[cfg(windows)]
fn asked_by() -> Option<String> {
    env::var("USERNAME").ok()
}

/// Whether this program runs as another user than the one who asked for it.
fn is_by_another(name: &str) -> bool {
    cfg!(unix) && env::var("USER").is_ok_and(|user| user != name)
        || env::var_os("PKEXEC_UID").is_some()
}

/// A field of the first user of this machine that is looked for.
#[cfg(unix)]
fn passwd(is_wanted: impl Fn(&[&str]) -> bool, field: usize) -> Option<String> {
    let users = std::fs::read_to_string("/etc/passwd").ok()?;
    let mut users = users
        .lines()
        .map(|line| line.split(':').collect::<Vec<_>>());
    let user = users.find(|fields| is_wanted(fields))?;
    user.get(field).map(|it| (*it).to_owned())
}

/// A user's home; only those that the machine itself knows have one.
#[cfg(unix)]
fn home_of(name: &str) -> Option<PathBuf> {
    passwd(|fields| fields.first() == Some(&name), 5).map(PathBuf::from)
}

/// A user's profile, where profiles usually are.
#[cfg(windows)]
fn home_of(name: &str) -> Option<PathBuf> {
    let own = PathBuf::from(env::var_os("USERPROFILE")?);
    let profile = own.with_file_name(name);
    profile.is_dir().then_some(profile)
}

/// Where the data of a user's engine is by the platform's convention.
fn data_in(home: &Path) -> PathBuf {
    if cfg!(windows) {
        home.join(r"AppData\Local\Dequeue\data")
    } else if cfg!(target_os = "macos") {
        home.join("Library/Application Support/Dequeue")
    } else {
        home.join(".local/share/dequeue")
    }
}
