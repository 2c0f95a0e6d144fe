//! What a person sends to the provider's help desk: in English, without a secret, without the name
//! of the user who logs in.

use std::fmt::Write as _;

use jiff::Timestamp;

use super::Seen;
use crate::{
    api::{CheckState, DiagnosisVerdict, Finding},
    settings::Account,
    text::name,
};

/// What stands in the place of a user's name.
const MASK: &str = "****";

/// Text in which the user's name does not stand. A name of one letter would blot out the text, and
/// tells nobody anything.
pub(super) fn masked(text: &str, user: &str) -> String {
    if user.len() < 2 {
        return text.to_owned();
    }
    text.replace(user, MASK)
}

/// The report. The findings are in English, and masked.
pub(super) fn report(
    account: &Account,
    verdict: DiagnosisVerdict,
    findings: &[Finding],
    seen: &Seen,
    now: Timestamp,
) -> String {
    let domains: Vec<&str> = account.domains.iter().map(|it| it.as_str()).collect();
    let login = if account.user.is_empty() {
        "none"
    } else {
        MASK
    };
    let now = now.strftime("%Y-%m-%d %H:%M:%S UTC");
    let mut report = format!(
        "Dequeue {} on {}, {now}\n\
         provider: {}, port {}{}\n\
         method: {}, TLS: {}, login: {login}\n\
         domains: {}\n\
         verdict: {}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        account.host,
        account.port(),
        seen.address
            .as_ref()
            .map(|address| format!(" ({address})"))
            .unwrap_or_default(),
        account.method,
        name(&account.tls),
        domains.join(", "),
        name(&verdict),
    );
    for finding in findings {
        let subject = finding.subject.iter();
        let subject: String = subject.map(|subject| format!(" {subject}")).collect();
        // Writing to a string cannot fail.
        let _ = write!(
            report,
            "\n[{}] {}{subject}\n    {}\n",
            name(&finding.state),
            name(&finding.check),
            finding.meaning
        );
        if finding.state != CheckState::Passed
            && let Some(advice) = &finding.advice
        {
            let _ = writeln!(report, "    {advice}");
        }
        for line in &finding.details {
            let _ = writeln!(report, "      {line}");
        }
    }
    masked(&report, &account.user)
}
