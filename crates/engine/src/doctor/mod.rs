//! The doctor: tests everything between a provider and the mail server, and says what to do.
//!
//! The checks run side by side, each within a limit of its own, and tell what they found as soon as
//! they know; of an account with several hosts each is looked at. What they gather (`facts`) is
//! judged by pure functions (`judge`); one verdict names the cause that explains most.
//!
//! Nothing is asked of the provider: no ETRN, no ATRN, no TURN. A provider that starts at any visit
//! takes this one for a poke, so that it is not visited where the mail server would turn its mail
//! away.

mod dns;
mod facts;
mod gather;
mod judge;
mod report;
#[cfg(test)]
mod tests;
mod time;

use std::sync::{Mutex, PoisonError};

use dequeue_api::{Check, CheckState, Diagnosis, DiagnosisVerdict, Finding, paths::Paths};
use dequeue_core::{record::Poke, settings::Account, text::Text};
use dequeue_platform::clock::Clock;
use dequeue_smtp::{Learned, Verdict};
use jiff::ToSpan;

use self::{
    gather::Visited,
    judge::{Found, Words},
};
use crate::{
    history::HistoryWriter,
    poke::{SecretFrom, at_host},
};

pub use self::{
    dns::{PUBLIC_DNS_VARIABLE, Resolvers},
    time::TIME_SERVER_VARIABLE,
};

/// Mail that came within so many days shows that it gets in.
const LATELY_DAYS: i64 = 7;

/// What a diagnosis goes by, beside the account.
#[derive(Clone, Copy, Debug)]
pub struct Diagnosing<'a> {
    /// Where the settings and the history are; none where a provider is tested by its host.
    pub paths: Option<&'a Paths>,
    /// Where the secret of a login comes from.
    pub secret: SecretFrom<'a>,
    /// The sentences.
    pub text: &'a Text,
    /// The time of day.
    pub clock: Clock,
    /// What earlier pokes have shown.
    pub known: &'a Known,
}

/// What earlier pokes of an account have shown.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The last one.
    pub last: Option<Poke>,
    /// What the method `auto` has found out.
    pub learned: Option<Learned>,
    /// Whether mail has come after one lately: see [`arrived_lately`].
    pub arrived: bool,
}

/// Whether mail has come after a poke of the last days. A history that cannot be read tells nothing.
pub async fn arrived_lately(history: &HistoryWriter, account: &str) -> bool {
    let to = history.day_of(Clock::System.now());
    let from = to.saturating_sub(LATELY_DAYS.days());
    let days = history.days(Some(account), from, to).await;
    let days = days.unwrap_or_default();
    days.iter().any(|day| day.arrived.connections > 0)
}

/// Tests everything between the account's provider, at each of its hosts, and the mail server.
/// `on_finding` sees each finding as soon as it is known. Public resolvers are those of
/// [`Resolvers::from_environment`], time servers those of [`TIME_SERVER_VARIABLE`]. Each check has a
/// limit of its own; all of them take some seconds where everybody answers, and five minutes at most.
pub async fn diagnose(
    account: &Account,
    diagnosing: &Diagnosing<'_>,
    on_finding: impl FnMut(&Finding) + Send,
) -> Diagnosis {
    let notes = Notes {
        account,
        text: diagnosing.text,
        taken: Mutex::new((Vec::new(), on_finding)),
    };
    let visited = gather::all(account, diagnosing, &Resolvers::from_environment(), &notes).await;
    let mut found = notes.end();
    // Those of one check stay in the order of the domains.
    found.sort_by_key(|found| match found.host {
        Some(host) => (Check::Name, host, found.check),
        None => (found.check, 0, found.check),
    });
    conclude(account, diagnosing, &found, &visited)
}

fn conclude(
    account: &Account,
    diagnosing: &Diagnosing<'_>,
    found: &[Found],
    visited: &[Visited],
) -> Diagnosis {
    let text = diagnosing.text;
    let findings: Vec<Finding> = found
        .iter()
        .map(|found| in_words(found, account, text))
        .collect();
    let (verdict, cause, exit_status) = judge::verdict(found, account);
    let cause = cause.and_then(|at| findings.get(at));
    let why = cause.map_or_else(String::new, |finding| match &finding.advice {
        Some(advice) => format!("{} {advice}", finding.meaning),
        None => finding.meaning.clone(),
    });
    let sentence = match verdict {
        DiagnosisVerdict::AllWell => text.get("doctor-all-well"),
        DiagnosisVerdict::Warnings => text.format("doctor-warnings", &[("why", why.into())]),
        DiagnosisVerdict::WillNotWork => {
            text.format("doctor-will-not-work", &[("why", why.into())])
        }
    };
    let english = Text::for_language("en");
    let in_english: Vec<Finding> = found
        .iter()
        .map(|found| in_words(found, account, &english))
        .collect();
    let report = report::report(
        account,
        verdict,
        &in_english,
        visited,
        diagnosing.clock.now(),
    );
    Diagnosis {
        account: account.name.clone(),
        verdict,
        cause: cause.map(|finding| finding.check),
        sentence,
        exit_status,
        findings,
        report,
    }
}

/// A finding in a person's words, without the name of the user who logs in.
fn in_words(found: &Found, account: &Account, text: &Text) -> Finding {
    let masked = |text: &str| report::masked(text, &account.user);
    let host = found.host.unwrap_or_default();
    let as_values = |values: &[(&'static str, String)]| -> Vec<_> {
        let values = values.iter();
        values
            .map(|(name, value)| (*name, masked(value).into()))
            .collect()
    };
    let (meaning, advice) = match &found.words {
        Words::Own(key, values) => {
            let values = as_values(values);
            let passed = found.state == CheckState::Passed;
            let advice = (!passed).then(|| text.format(&format!("doctor-{key}-do"), &values));
            (text.format(&format!("doctor-{key}"), &values), advice)
        }
        Words::Hosts(key, values, cause) => {
            let cause = in_words(cause, account, text);
            let mut values = as_values(values);
            values.push(("why", cause.meaning.into()));
            (text.format(&format!("doctor-{key}"), &values), cause.advice)
        }
        Words::Poke(verdict) => {
            let verdict = Verdict {
                text: verdict.text.as_deref().map(masked),
                ..verdict.clone()
            };
            let host = &at_host(account, host).host;
            (text.explain(host.as_str(), &verdict, None), None)
        }
        Words::MailServer(state) => (state.explain(&account.mail_server(), text), None),
        Words::Said(sentence) => (sentence.clone(), None),
    };
    Finding {
        check: found.check,
        host: found.host.map(|host| host_name(account, host)),
        subject: found.subject.clone(),
        state: found.state,
        meaning,
        advice,
        details: found.details.iter().map(|line| masked(line)).collect(),
    }
}

/// How one of several hosts stands in the settings.
fn host_name(account: &Account, host: usize) -> String {
    let other = host
        .checked_sub(1)
        .and_then(|at| account.other_hosts.get(at));
    other.map_or_else(|| account.host.to_string(), ToString::to_string)
}

/// What has been found so far, by all checks.
struct Notes<'a, F> {
    account: &'a Account,
    text: &'a Text,
    taken: Mutex<(Vec<Found>, F)>,
}

impl<F: FnMut(&Finding)> Notes<'_, F> {
    fn take(&self, found: Found) {
        let finding = in_words(&found, self.account, self.text);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        (taken.1)(&finding);
        taken.0.push(found);
    }

    fn so_far(&self) -> Vec<Found> {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.0.clone()
    }

    fn end(self) -> Vec<Found> {
        let taken = self.taken.into_inner();
        taken.unwrap_or_else(PoisonError::into_inner).0
    }
}
