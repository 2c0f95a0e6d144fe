//! `dequeue account`: the accounts of the settings, shown and changed. What is changed goes through
//! the engine, which judges it and writes the file, as for the window.

use std::collections::BTreeMap;

use dequeue_api::{AccountView, Request, Response};
use dequeue_core::{
    settings::{self, Credential, value::Value},
    sink,
};

use crate::{
    arguments::{Account, Add},
    failure::Failure,
    home::{Engine, Home, warn_of_settings},
    output::Output,
    poke::wrong_values,
};

/// Does what is wanted with the accounts.
///
/// # Errors
/// [`Failure`]; nothing was changed.
pub(crate) async fn account(
    home: &Home,
    wanted: &Account,
    out: &mut Output,
) -> Result<u8, Failure> {
    let engine = home.engine(out).await?;
    engine.need_settings(home, &out.text)?;
    match wanted {
        Account::List => list(&engine, out),
        Account::Show { account } => show(&engine, account, out).await?,
        Account::Add(add) => {
            let fields = fields(add, out)?;
            let name = fields.get("name").cloned().unwrap_or_default();
            save(&engine, None, fields, out).await?;
            done("cli-account-added", &name, out);
            remind_of_secret(&engine, &name, out).await?;
            remind(&engine, out);
        }
        Account::Set { account, values } => {
            let fields = values
                .iter()
                .map(|value| pair(value, out))
                .collect::<Result<BTreeMap<_, _>, _>>()?;
            let name = fields.get("name").unwrap_or(account).clone();
            let login = ["user", "secret"]
                .iter()
                .any(|key| fields.contains_key(*key));
            save(&engine, Some(account), fields, out).await?;
            done("cli-account-saved", account, out);
            if login {
                remind_of_secret(&engine, &name, out).await?;
            }
            remind(&engine, out);
        }
        Account::Remove { account } => {
            let response = engine
                .ask(Request::RemoveAccount {
                    account: account.clone(),
                })
                .await?;
            out.object(&response);
            done("cli-account-removed", account, out);
        }
    }
    engine.leave().await;
    Ok(0)
}

fn list(engine: &Engine, out: &mut Output) {
    let accounts = &engine.snapshot.accounts;
    warn_of_settings(&engine.snapshot, out);
    if accounts.is_empty() && engine.snapshot.settings_fault.is_none() {
        out.say(&out.text.get("cli-no-accounts"));
    }
    for account in accounts {
        out.object(account);
        out.say(&line(account, out));
    }
}

fn line(account: &AccountView, out: &Output) -> String {
    let setting = |key| (key, account.setting(key).into());
    let values = [
        ("name", account.name.as_str().into()),
        setting("host"),
        ("port", account.port.to_string().into()),
        setting("method"),
        setting("every"),
        setting("domains"),
    ];
    let key = if account.setting("domains").is_empty() {
        "cli-account-line"
    } else {
        "cli-account-line-domains"
    };
    out.text.format(key, &values)
}

/// Shows the values as `set` takes them.
async fn show(engine: &Engine, name: &str, out: &mut Output) -> Result<(), Failure> {
    let settings = engine.settings(&out.text).await?;
    let Some(account) = settings.account(name) else {
        return Err(Failure::no_such_account(name, &engine.snapshot, &out.text));
    };
    let texts = account.texts();
    if out.is_json() {
        out.object(&texts.into_iter().collect::<BTreeMap<_, _>>());
    } else {
        for (key, text) in texts {
            out.say(format!("{key} = {text}").trim_end());
        }
    }
    if !engine.snapshot.may_change {
        out.warn(&out.text.get("rights-keys-not-shown"));
    }
    Ok(())
}

/// The fields of a new account, in the form in which they are typed elsewhere. They are judged as
/// they came first, since the typed form splits at what may not stand in a value here.
fn fields(add: &Add, out: &Output) -> Result<BTreeMap<String, String>, Failure> {
    let fields = add.fields();
    settings::Account::unnamed(fields.iter().filter(|(key, _)| *key != "name").cloned())
        .map_err(|faults| wrong_values(&faults, out))?;
    let texts = fields
        .into_iter()
        .map(|(key, value)| (key.to_owned(), typed(&value)));
    Ok(texts.collect())
}

fn typed(value: &Value<'_>) -> String {
    match value {
        Value::Text(text) => (*text).to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
        Value::List(items) => items.iter().map(typed).collect::<Vec<_>>().join(","),
        Value::Other => String::new(),
    }
}

/// A setting as it is typed, apart.
///
/// # Errors
/// That it is none, or would be a password.
pub(crate) fn pair(typed: &str, out: &Output) -> Result<(String, String), Failure> {
    match typed.split_once('=') {
        Some(("password", _)) => Err(Failure::usage(out.text.get("cli-no-secret-here"))),
        Some((key, value)) => Ok((key.trim().to_owned(), value.to_owned())),
        None => {
            let values = [("value", sink::line(typed).into())];
            Err(Failure::usage(out.text.format("cli-not-a-pair", &values)))
        }
    }
}

async fn save(
    engine: &Engine,
    original: Option<&str>,
    fields: BTreeMap<String, String>,
    out: &mut Output,
) -> Result<(), Failure> {
    let original = original.map(str::to_owned);
    let response = engine
        .ask(Request::SaveAccount {
            original,
            fields,
            dry_run: false,
        })
        .await?;
    debug_assert_eq!(response, Response::Done);
    out.object(&response);
    Ok(())
}

fn done(key: &str, name: &str, out: &mut Output) {
    out.say(&out.text.format(key, &[("name", name.into())]));
}

/// A login is of no use without its password, which the settings do not hold.
async fn remind_of_secret(engine: &Engine, name: &str, out: &mut Output) -> Result<(), Failure> {
    let settings = engine.settings(&out.text).await?;
    let wanting = |account: &settings::Account| {
        account.credential() == Some(Credential::Password) && account.secret.is_kept_here()
    };
    if settings.account(name).is_some_and(wanting) {
        let values = [("name", sink::shell_word(name).into())];
        out.say(&out.text.format("cli-account-secret", &values));
    }
    Ok(())
}

/// An account is of little use where nobody pokes on time.
pub(crate) fn remind(engine: &Engine, out: &mut Output) {
    if !engine.runs() {
        out.say(&out.text.get("cli-status-nobody"));
    }
}
