//! `dequeue settings`: where the settings file is, whether it and the files for TLS that it names are
//! right, what stands in it beside the accounts, and the way to another machine and from another
//! program.
//!
//! What is set and imported goes through the engine, which judges it and writes the file, as for
//! the window: all of it, or nothing.

use std::{
    collections::{BTreeMap, HashSet},
    fs,
    io::{self, BufRead, Read},
    path::Path,
};

use dequeue_api::{ApiError, ErrorCode, PasswordKept, Request, Response};
use dequeue_core::{
    import::{self, Imported, ImportedAccount, NoteKind, Source, Withheld},
    settings::{channel::SECRETS, value::SECRET_PLACE},
    sink,
};
use dequeue_engine::tls::file_faults;
use dequeue_platform::files::write_new;
use dequeue_smtp::Secret;
use serde::Serialize;
use zeroize::Zeroizing;

use crate::{
    account::{pair, remind},
    arguments::{Import, Settings},
    failure::{Failure, status},
    home::{Home, unexpected},
    output::Output,
    secret::say_where_kept,
};

/// Where the file is, and how many accounts it has where that was asked.
#[derive(Serialize)]
struct File {
    settings_path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts: Option<usize>,
    /// What may hold a key, so that an export leaves it out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    may_hold_keys: Vec<Withheld>,
}

/// All settings but the secrets.
#[derive(Serialize)]
struct Exported<'a> {
    settings: &'a str,
    left_out: &'a [Withheld],
}

/// What was taken over.
#[derive(Serialize)]
struct Taken<'a> {
    accounts: Vec<&'a str>,
    /// What became of the passwords that were in the file.
    passwords: &'a [PasswordKept],
    notes: Vec<Told>,
    left_out: Vec<Missing<'a>>,
}

/// What an export left out.
#[derive(Serialize)]
struct Missing<'a> {
    #[serde(flatten)]
    what: &'a Withheld,
    /// Whether the settings here had it already, and still have.
    kept: bool,
}

/// What was not.
#[derive(Serialize)]
struct Told {
    line: usize,
    message: String,
}

/// Tells about the settings file, or takes settings from it or to it.
///
/// # Errors
/// The faults of the file, with their lines; nothing was changed.
pub(crate) async fn settings(
    home: &Home,
    wanted: &Settings,
    out: &mut Output,
) -> Result<u8, Failure> {
    match wanted {
        Settings::Path => path(home, out),
        Settings::Check => check(home, out)?,
        Settings::Show => show(home, out).await?,
        Settings::Set { values } => set(home, values, out).await?,
        Settings::TryNotices => return try_notices(home, out).await,
        Settings::Export { to } => export(home, to.as_deref(), out).await?,
        Settings::Import(wanted) => take_over(home, wanted, out).await?,
    }
    Ok(0)
}

fn path(home: &Home, out: &mut Output) {
    let settings_path = home.paths.settings().display().to_string();
    out.say(&settings_path);
    out.object(&File {
        settings_path,
        accounts: None,
        may_hold_keys: Vec::new(),
    });
}

fn check(home: &Home, out: &mut Output) -> Result<(), Failure> {
    let settings_path = home.paths.settings().display().to_string();
    out.text = home.text();
    let settings = home
        .settings()
        .map_err(|faults| Failure::settings(&faults, &out.text))?;
    let accounts = settings.accounts.iter();
    let faults = accounts.flat_map(|account| {
        let faults = file_faults(account.ca_file.as_deref(), account.client_certificate());
        faults.into_iter().map(move |fault| (account, fault))
    });
    let faults: Vec<_> = faults.collect();
    if !faults.is_empty() {
        return Err(Failure::tls_files(&faults, &out.text));
    }
    let count = settings.accounts.len();
    let there = home.paths.settings().exists();
    let key = if there {
        "cli-settings-right"
    } else {
        "cli-settings-none"
    };
    let values = [
        ("count", count.into()),
        ("path", settings_path.as_str().into()),
    ];
    out.say(&out.text.format(key, &values));
    let may_hold_keys = import::withheld(&settings);
    for what in &may_hold_keys {
        let (key, secret) = match what.key.as_str() {
            "heartbeat" => ("cli-check-key-in-address", "heartbeat_secret"),
            "notice_webhook" => ("cli-check-key-in-address", "notice_webhook_secret"),
            _ => ("cli-check-key-in-command", ""),
        };
        let values = [
            ("what", named(what, out).into()),
            ("secret", secret.into()),
            ("place", SECRET_PLACE.into()),
        ];
        out.say(&out.text.format(key, &values));
    }
    out.object(&File {
        settings_path,
        accounts: Some(count),
        may_hold_keys,
    });
    Ok(())
}

/// Shows the values as `set` takes them.
async fn show(home: &Home, out: &mut Output) -> Result<(), Failure> {
    let engine = home.engine_alone(out).await?;
    engine.need_settings(home, &out.text)?;
    let texts = engine.settings(&out.text).await?.general_texts();
    for (key, text) in &texts {
        out.say(format!("{key} = {text}").trim_end());
    }
    out.object(&texts.into_iter().collect::<BTreeMap<_, _>>());
    if !engine.snapshot.may_change {
        out.warn(&out.text.get("rights-keys-not-shown"));
    }
    engine.leave().await;
    Ok(())
}

/// Changes what belongs to no account.
async fn set(home: &Home, values: &[String], out: &mut Output) -> Result<(), Failure> {
    let fields = values
        .iter()
        .map(|value| pair(value, out))
        .collect::<Result<BTreeMap<_, _>, _>>()?;
    let engine = home.engine_alone(out).await?;
    engine.need_settings(home, &out.text)?;
    let login = ["notice_mail_user", "notice_mail_secret"];
    let login = login.iter().any(|key| fields.contains_key(*key));
    let response = engine.ask(Request::SaveGeneral { fields }).await?;
    out.object(&response);
    out.say(&out.text.get("cli-settings-saved"));
    let settings = engine.settings(&out.text).await?;
    let wants_password =
        settings.channels.mail.user.is_some() && settings.notice_mail_secret.is_kept_here();
    if login && wants_password {
        let values = [("name", SECRETS[0].into())];
        out.say(&out.text.format("cli-account-secret", &values));
    }
    engine.leave().await;
    Ok(())
}

/// Sends a notice that is a trial by every channel that is set, and says how each fared.
async fn try_notices(home: &Home, out: &mut Output) -> Result<u8, Failure> {
    let engine = home.engine_alone(out).await?;
    engine.need_settings(home, &out.text)?;
    let Response::Trials { trials } = engine.ask(Request::TryChannels).await? else {
        return Err(unexpected(&out.text));
    };
    if trials.is_empty() {
        out.say(&out.text.get("cli-trials-none"));
    }
    for trial in &trials {
        out.say(&trial.message);
        out.object(trial);
    }
    engine.leave().await;
    let all_went = trials.iter().all(|trial| trial.ok);
    Ok(if all_went { 0 } else { status::FAULT })
}

async fn export(home: &Home, to: Option<&Path>, out: &mut Output) -> Result<(), Failure> {
    let engine = home.engine_alone(out).await?;
    engine.need_settings(home, &out.text)?;
    let Response::Exported { text, left_out } = engine.ask(Request::Export).await? else {
        return Err(unexpected(&out.text));
    };
    engine.leave().await;
    let settings = text.as_str();
    match to.filter(|to| *to != Path::new("-")) {
        None => out.give_out(settings.trim_end()),
        Some(to) => {
            let written = write_new(to, settings.as_bytes());
            let path = to.display().to_string();
            if let Err(error) = written {
                let values = [("path", path.into()), ("error", error.to_string().into())];
                let message = out.text.format("cli-export-failed", &values);
                return Err(Failure::fault("output", message));
            }
            out.say(&out.text.format("cli-export-done", &[("path", path.into())]));
        }
    }
    for what in &left_out {
        // Not among the settings, which may go on to a file.
        out.warn(&about(what, "cli-export-left-out", out));
    }
    out.object(&Exported {
        settings,
        left_out: &left_out,
    });
    Ok(())
}

/// What is left out, in words.
fn named(what: &Withheld, out: &Output) -> String {
    let key = ("key", what.key.as_str().into());
    match &what.account {
        Some(account) => {
            let values = [key, ("account", account.as_str().into())];
            out.text.format("cli-withheld-of-account", &values)
        }
        None => out.text.format("cli-withheld", &[key]),
    }
}

/// A sentence on what is left out and on the command that sets it.
fn about(what: &Withheld, sentence: &str, out: &Output) -> String {
    let key = &what.key;
    let command = match &what.account {
        Some(account) => {
            let account = sink::shell_word(account);
            format!("dequeue account set {account} {key}=…")
        }
        None => format!("dequeue settings set {key}=…"),
    };
    let values = [
        ("what", named(what, out).into()),
        ("command", command.into()),
    ];
    out.text.format(sentence, &values)
}

async fn take_over(home: &Home, wanted: &Import, out: &mut Output) -> Result<(), Failure> {
    let imported = understand(wanted, out)?;
    let engine = home.engine(out).await?;
    engine.need_settings(home, &out.text)?;
    let there = engine
        .snapshot
        .accounts
        .iter()
        .map(|account| account.name.as_str());
    let there: HashSet<&str> = there.collect();
    let accounts = imported.accounts.iter();
    let names = accounts.clone().map(ImportedAccount::name);
    let taken: Vec<&str> = names.filter(|name| there.contains(name)).collect();
    if !wanted.replace && !taken.is_empty() {
        let values = [("names", taken.join(", ").into())];
        let message = out.text.format("cli-import-taken", &values);
        return Err(Failure::of(ErrorCode::InvalidInput, message));
    }
    let accounts: Vec<_> = accounts.map(|account| account.fields.clone()).collect();
    let request = |allow_commands| Request::Import {
        general: imported.general.clone(),
        accounts: accounts.clone(),
        left_out: imported.left_out.clone(),
        passwords: passwords(&imported),
        replace: wanted.replace,
        allow_commands,
        dry_run: false,
    };
    let mut answer = engine
        .client()
        .request(request(wanted.allow_commands))
        .await;
    if let Err(error) = &answer
        && error.code == ErrorCode::CommandsNotAllowed
        && are_allowed(&by_line(error, &imported, wanted, out), out)
    {
        answer = engine.client().request(request(true)).await;
    }
    let (kept, passwords) = match answer {
        Ok(Response::Imported { kept, passwords }) => (kept, passwords),
        Ok(_) => return Err(unexpected(&out.text)),
        Err(error) => return Err(refused(error, &imported, wanted, out)),
    };
    tell(home, &imported, &kept, &passwords, wanted, out);
    remind(&engine, out);
    engine.leave().await;
    Ok(())
}

/// Asks whether programs may be started, where there is somebody to ask.
fn are_allowed(commands: &str, out: &mut Output) -> bool {
    if !out.can_ask() {
        return false;
    }
    let question = out.text.get("cli-import-commands-ask");
    out.warn(&format!("{commands}\n{question}"));
    let mut answer = String::new();
    let is_answered = io::stdin().lock().take(80).read_line(&mut answer).is_ok();
    let yes = out.text.get("cli-import-commands-yes");
    is_answered && answer.trim().to_lowercase().starts_with(&yes)
}

fn understand(wanted: &Import, out: &Output) -> Result<Imported, Failure> {
    let path = wanted.file.as_path();
    let unreadable = |message| Failure::of(ErrorCode::InvalidInput, message);
    let place = || ("path", path.display().to_string().into());
    let octets = read(path).map_err(|error| {
        let values = [place(), ("error", error.to_string().into())];
        unreadable(out.text.format("cli-import-unreadable", &values))
    })?;
    if octets.len() > import::LARGEST_FILE {
        return Err(unreadable(
            out.text.format("cli-import-too-large", &[place()]),
        ));
    }
    let source = Source::decode(&octets);
    match wanted.from {
        None if !source.is_unicode() => {
            let values = [place(), ("fault", out.text.get("settings-not-utf8").into())];
            Err(unreadable(out.text.format("settings-in", &values)))
        }
        None => {
            import::own(path, source.text()).map_err(|faults| Failure::settings(&faults, &out.text))
        }
        Some(program) => import::parse(program.into(), &source)
            .map_err(|fault| unreadable(fault.sentence(path, &out.text))),
    }
}

/// The octets of a file or of standard input; more than may be imported where there are more. As
/// many as there may be from the start: a buffer that grows leaves copies of passwords behind.
fn read(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let most = import::LARGEST_FILE + 1;
    let mut octets = Zeroizing::new(Vec::with_capacity(most + 32));
    let most = most as u64;
    if path == Path::new("-") {
        io::stdin().lock().take(most).read_to_end(&mut octets)?;
    } else {
        fs::File::open(path)?.take(most).read_to_end(&mut octets)?;
    }
    Ok(octets)
}

/// Why nothing was taken over.
fn refused(error: ApiError, imported: &Imported, wanted: &Import, out: &Output) -> Failure {
    if error.fields.is_empty() {
        return error.into();
    }
    let mut message = by_line(&error, imported, wanted, out);
    if error.code == ErrorCode::CommandsNotAllowed {
        message = format!("{message}\n{}", out.text.get("cli-import-commands-refused"));
    }
    Failure::of(error.code, message)
}

/// What is said of the settings of a file, by the line that their account begins at.
fn by_line(error: &ApiError, imported: &Imported, wanted: &Import, out: &Output) -> String {
    let mut said: Vec<(Option<usize>, Vec<&str>)> = Vec::new();
    for fault in &error.fields {
        let place = fault.field.strip_prefix("accounts.");
        let place = place.and_then(|place| place.split_once('.')?.0.parse().ok());
        let account = place.and_then(|place: usize| imported.accounts.get(place));
        let (line, message) = (account.map(|account| account.line), fault.message.as_str());
        match said.last_mut().filter(|(last, _)| *last == line) {
            Some((_, messages)) => messages.push(message),
            None => said.push((line, vec![message])),
        }
    }
    let sentences = said.into_iter().map(|(line, messages)| {
        let fault = messages.join("\n");
        let Some(line) = line else { return fault };
        let values = [
            ("line", line.to_string().into()),
            ("path", wanted.file.display().to_string().into()),
            ("fault", fault.into()),
        ];
        out.text.format("settings-at-line", &values)
    });
    sentences.collect::<Vec<_>>().join("\n")
}

fn tell(
    home: &Home,
    imported: &Imported,
    kept: &[Withheld],
    passwords: &[PasswordKept],
    wanted: &Import,
    out: &mut Output,
) {
    let accounts: Vec<&str> = imported
        .accounts
        .iter()
        .map(ImportedAccount::name)
        .collect();
    let key = if accounts.is_empty() {
        "cli-imported-none"
    } else {
        "cli-imported"
    };
    let values = [
        ("count", accounts.len().into()),
        ("names", accounts.join(", ").into()),
    ];
    out.say(&out.text.format(key, &values));
    for password in passwords {
        if let Some(kept_in) = password.kept_in {
            say_where_kept(home, &password.account, kept_in, out);
        }
        // That is no reason to take nothing over: its note says what to do.
        if let Some(fault) = &password.fault {
            out.warn(fault);
        }
    }
    let is_kept = |account: &str| {
        let mut kept = passwords.iter().filter(|it| it.kept_in.is_some());
        kept.any(|it| it.account == account)
    };
    let notes = imported
        .notes
        .iter()
        .filter(|note| note.kind != NoteKind::Password || !is_kept(&note.about))
        .map(|note| Told {
            line: note.line,
            message: note.sentence(&wanted.file, &out.text),
        });
    let notes: Vec<Told> = notes.collect();
    for note in &notes {
        out.say(&note.message);
    }
    let left_out = imported.left_out.iter().map(|what| Missing {
        what,
        kept: kept.contains(what),
    });
    let left_out: Vec<Missing<'_>> = left_out.collect();
    for missing in &left_out {
        let key = if missing.kept {
            "cli-import-left-out-kept"
        } else {
            "cli-import-left-out"
        };
        out.say(&about(missing.what, key, out));
    }
    out.object(&Taken {
        accounts,
        passwords,
        notes,
        left_out,
    });
}

/// The passwords that were in the file, by their accounts.
fn passwords(imported: &Imported) -> BTreeMap<String, Secret> {
    let accounts = imported.accounts.iter();
    accounts
        .filter_map(|it| Some((it.name().to_owned(), it.password.clone()?)))
        .collect()
}
