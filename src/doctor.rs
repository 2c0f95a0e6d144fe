//! `dequeue doctor`: tests everything between provider and mail server, and says what to do.
//!
//! Findings show as they come. With `--json` there is one object for each, and the diagnosis at the
//! end of each account. Where no engine can be had, since the data folder cannot be written for one,
//! the test is made without it: that is when it is needed.

use std::path::Path;

use dequeue_api::{CheckState, Diagnosis, ErrorCode, Event, Finding, Request, Response};
use dequeue_core::{settings::Account, text::name};
use dequeue_engine::{
    doctor::{Diagnosing, Observed, diagnose, masked},
    poke::SecretFrom,
    secrets::Secrets,
};
use dequeue_platform::{
    clock::Clock,
    files::{Access, write_whole},
};
use dequeue_smtp::verdict::worst_exit_status;
use serde::Serialize;
use tokio::sync::broadcast::error::RecvError;

use crate::{
    arguments,
    failure::Failure,
    home::{Home, unexpected, warn_of_settings},
    logs,
    output::Output,
    poke::wrong_values,
    secret,
};

/// How many lines of the log are in a report.
const LOGGED: usize = 200;

/// A line of `--json`.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum Shown<'a> {
    /// As it comes.
    Finding {
        account: &'a str,
        #[serde(flatten)]
        finding: &'a Finding,
    },
    /// At the end.
    Diagnosis {
        #[serde(flatten)]
        diagnosis: &'a Diagnosis,
    },
}

/// Tests a provider by its host; gives the exit status.
///
/// # Errors
/// What is wrong with the values; nothing was tested.
pub(crate) async fn by_host(wanted: &arguments::Doctor, out: &mut Output) -> Result<u8, Failure> {
    let account =
        Account::unnamed(wanted.provider.fields()).map_err(|faults| wrong_values(&faults, out))?;
    let secret = secret::for_host(&account, out).await?;
    let text = out.text.clone();
    let diagnosing = Diagnosing {
        paths: None,
        secret: SecretFrom::Given(secret.as_ref()),
        text: &text,
        clock: Clock::System,
        observed: &Observed::default(),
    };
    say_what_is_tested(account.host.as_str(), out);
    let diagnosis = diagnose(&account, &diagnosing, |finding| {
        show(&account.name, finding, out);
    })
    .await;
    end(&[diagnosis], wanted.report.as_deref(), "", out)
}

/// Tests accounts of the settings; gives the worst of their exit statuses.
///
/// # Errors
/// [`Failure`].
pub(crate) async fn accounts(
    home: &Home,
    wanted: &arguments::Doctor,
    out: &mut Output,
) -> Result<u8, Failure> {
    let diagnoses = match home.engine(out).await {
        Ok(engine) => {
            engine.need_settings(home, &out.text)?;
            warn_of_settings(&engine.snapshot, out);
            let names: Vec<String> = match &wanted.account {
                Some(name) => vec![engine.account(name, &out.text)?.name.clone()],
                None => {
                    let all = engine.snapshot.accounts.iter();
                    all.map(|account| account.name.clone()).collect()
                }
            };
            let mut diagnoses = Vec::new();
            for name in names {
                say_what_is_tested(&name, out);
                diagnoses.extend(by_engine(engine.client(), name, out).await?);
            }
            engine.leave().await;
            diagnoses
        }
        Err(failure) => without_engine(home, wanted.account.as_deref(), failure, out).await?,
    };
    if diagnoses.is_empty() {
        let none = out.text.get("cli-no-accounts");
        return Err(Failure::of(ErrorCode::NoSuchAccount, none));
    }
    let log = match &wanted.report {
        Some(_) => log(home, &diagnoses, out).await,
        None => String::new(),
    };
    end(&diagnoses, wanted.report.as_deref(), &log, out)
}

/// What has been logged lately, for the end of the report. Empty where the log cannot be had.
async fn log(home: &Home, diagnoses: &[Diagnosis], out: &mut Output) -> String {
    let lines = logs::tail(home, LOGGED, out).await;
    if lines.is_empty() {
        return String::new();
    }
    let lines = lines.join("\n");
    // Nobody's name is in a report; an account may have been removed since.
    let settings = home.settings().unwrap_or_default();
    let accounts = settings.accounts.iter();
    let tested = accounts.filter(|it| diagnoses.iter().any(|of| of.account == it.name));
    let lines = tested.fold(lines, |lines, account| masked(&lines, &account.user));
    format!("\n\nlog:\n{lines}\n")
}

async fn by_engine(
    client: &dequeue_api::Client,
    name: String,
    out: &mut Output,
) -> Result<Vec<Diagnosis>, Failure> {
    let mut events = client.events();
    let account = Some(name.clone());
    let diagnosing = client.request(Request::Diagnose { account });
    tokio::pin!(diagnosing);
    let mut gone = false;
    loop {
        tokio::select! {
            // What was found before the end is shown before it.
            biased;
            event = events.recv(), if !gone => match event {
                Ok(Event::Finding { account, finding }) if account == name => {
                    show(&account, &finding, out);
                }
                Ok(_) | Err(RecvError::Lagged(_)) => {}
                // The request that is under way will say so.
                Err(RecvError::Closed) => gone = true,
            },
            answer = &mut diagnosing => {
                return match answer? {
                    Response::Diagnoses { diagnoses } => Ok(diagnoses),
                    _ => Err(unexpected(&out.text)),
                };
            }
        }
    }
}

/// Tests the accounts as they stand in the settings file.
///
/// # Errors
/// The failure that kept the engine from running, where there is nothing to test.
async fn without_engine(
    home: &Home,
    account: Option<&str>,
    failure: Failure,
    out: &mut Output,
) -> Result<Vec<Diagnosis>, Failure> {
    let Ok(settings) = home.settings() else {
        return Err(failure);
    };
    let wanted = |it: &&Account| account.is_none_or(|name| it.name == name);
    let accounts: Vec<&Account> = settings.accounts.iter().filter(wanted).collect();
    if accounts.is_empty() {
        return Err(failure);
    }
    out.warn(&failure.message);
    let (secrets, text) = (Secrets::new(&home.paths), out.text.clone());
    let mut diagnoses = Vec::new();
    for account in accounts {
        let diagnosing = Diagnosing {
            paths: Some(&home.paths),
            secret: SecretFrom::Account(&secrets),
            text: &text,
            clock: Clock::System,
            observed: &Observed::default(),
        };
        say_what_is_tested(&account.name, out);
        let on_finding = |finding: &Finding| show(&account.name, finding, out);
        diagnoses.push(diagnose(account, &diagnosing, on_finding).await);
    }
    Ok(diagnoses)
}

fn say_what_is_tested(name: &str, out: &mut Output) {
    out.say(
        &out.text
            .format("cli-doctor-tests", &[("name", name.into())]),
    );
}

fn show(account: &str, finding: &Finding, out: &mut Output) {
    out.object(&Shown::Finding { account, finding });
    let mark = match finding.state {
        CheckState::Passed => "✓",
        CheckState::Warning => "!",
        CheckState::Failed => "✗",
        CheckState::CannotKnow => "?",
    };
    let check = out
        .text
        .get(&format!("doctor-check-{}", name(&finding.check)));
    // The mark is for the eye; who hears it gets the word.
    let state = out
        .text
        .get(&format!("doctor-state-{}", name(&finding.state)));
    let host = finding.host.iter();
    let host: String = host.map(|host| format!(", {host}")).collect();
    out.say(&format!(
        "{mark} {check}{host} ({state}): {}",
        finding.meaning
    ));
    if let Some(advice) = &finding.advice {
        out.say(&format!("  {advice}"));
    }
    if out.is_verbose() {
        for line in &finding.details {
            out.say(&format!("    {line}"));
        }
    }
}

/// Shows what it all comes to, and writes the report.
fn end(
    diagnoses: &[Diagnosis],
    report: Option<&Path>,
    log: &str,
    out: &mut Output,
) -> Result<u8, Failure> {
    for diagnosis in diagnoses {
        out.object(&Shown::Diagnosis { diagnosis });
        out.say("");
        if diagnoses.len() > 1 {
            out.say(&format!("{}: {}", diagnosis.account, diagnosis.sentence));
        } else {
            out.say(&diagnosis.sentence);
        }
    }
    if let Some(path) = report {
        let reports: Vec<&str> = diagnoses.iter().map(|it| it.report.as_str()).collect();
        let path_shown = path.display().to_string();
        let report = reports.join("\n\n") + log;
        write_whole(path, report.as_bytes(), Access::AsBefore).map_err(|error| {
            let values = [
                ("path", path_shown.as_str().into()),
                ("error", error.to_string().into()),
            ];
            Failure::fault(
                "output",
                out.text.format("cli-doctor-report-failed", &values),
            )
        })?;
        let values = [("path", path_shown.as_str().into())];
        out.say(&out.text.format("cli-doctor-report", &values));
    }
    Ok(worst_exit_status(diagnoses.iter().map(|it| it.exit_status)))
}
