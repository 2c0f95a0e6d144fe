//! The doctor: tests everything between a provider and the mail server, and says what to do.
//!
//! The checks run side by side, each within a limit of its own, and tell what they found as soon as
//! they know; of an account with several hosts each is looked at. What they gather (`facts`) is
//! judged by pure functions (`judge`); one verdict names the cause that explains most.
//!
//! Nothing is asked of the provider: no ETRN, no ATRN, no TURN. A provider that starts at any visit
//! takes this one for a poke, so that it is not visited where the mail server would turn its mail
//! away.

mod diagnosing;
mod dns;
mod facts;
mod gather;
mod judge;
mod masking;
mod notes;
mod report;
#[cfg(test)]
mod tests;
mod time;
mod words;

use dequeue_api::{Check, CheckState, Diagnosis, DiagnosisVerdict, Finding};
use dequeue_core::{settings::Account, text::Text};
use dequeue_platform::clock::Clock;
use jiff::ToSpan;

use self::{gather::Visited, judge::Found, notes::Notes, words::in_words};
use crate::history::HistoryWriter;

pub use self::{
    diagnosing::{Diagnosing, Observed},
    dns::{PUBLIC_DNS_VARIABLE, Resolvers},
    masking::masked,
    time::TIME_SERVER_VARIABLE,
};

/// Mail that came within this many days shows that it gets in.
const LATELY_DAYS: i64 = 7;

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
    let notes = Notes::new(account, diagnosing.text, on_finding);
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
        DiagnosisVerdict::Unsure => {
            let unsure = found.iter().filter(|it| it.state == CheckState::CannotKnow);
            text.format("doctor-unsure", &[("count", unsure.count().into())])
        }
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
