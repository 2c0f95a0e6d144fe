//! What a person sends to the provider's help desk: in English, without a secret, without the name
//! of the user who logs in. Each line is safe by itself: no stranger adds one.

use std::fmt::Write as _;

use dequeue_api::{CheckState, DiagnosisVerdict, Finding};
use dequeue_core::{settings::Account, sink, text::name};
use jiff::Timestamp;

use super::{gather::Visited, masking::MASK};

/// The report. The findings are in English, and masked.
pub(super) fn report(
    account: &Account,
    verdict: DiagnosisVerdict,
    findings: &[Finding],
    visited: &[Visited],
    now: Timestamp,
) -> String {
    let domains: Vec<&str> = account.domains.iter().map(|it| it.as_str()).collect();
    let login = if account.user.is_empty() {
        "none"
    } else {
        MASK
    };
    let mut providers = String::new();
    for host in visited {
        let reached = host
            .address
            .map_or_else(String::new, |it| format!(" ({it})"));
        // Writing to a string cannot fail.
        let _ = writeln!(
            providers,
            "provider: {}, port {}{reached}",
            host.host, host.port
        );
    }
    let now = now.strftime("%Y-%m-%d %H:%M:%S UTC");
    let mut report = format!(
        "Dequeue {} on {}, {now}\n\
         {providers}\
         method: {}, TLS: {}, login: {login}\n\
         domains: {}\n\
         verdict: {}\n",
        env!("CARGO_PKG_VERSION"),
        std::env::consts::OS,
        account.method,
        name(&account.tls),
        sink::line(&domains.join(", ")),
        name(&verdict),
    );
    for finding in findings {
        let subject = finding.host.iter().chain(&finding.subject);
        let subject: String = subject.map(|subject| format!(" {subject}")).collect();
        let _ = write!(
            report,
            "\n[{}] {}{}\n    {}\n",
            name(&finding.state),
            name(&finding.check),
            sink::line(&subject),
            sink::line(&finding.meaning)
        );
        if finding.state != CheckState::Passed
            && let Some(advice) = &finding.advice
        {
            let _ = writeln!(report, "    {}", sink::line(advice));
        }
        for line in &finding.details {
            let _ = writeln!(report, "      {}", sink::line(line));
        }
    }
    report
}

#[cfg(test)]
mod tests {
    use super::super::masking::masked;

    #[test]
    fn a_users_name_is_masked_where_it_is_one() {
        for (text, user, expected) in [
            ("535 office17: wrong", "office17", "535 ****: wrong"),
            (
                "user office17@mail.test.",
                "office17",
                "user ****@mail.test.",
            ),
            ("no such user: office17.", "office17", "no such user: ****."),
            ("a@b.test is a@b.test", "a@b.test", "**** is ****"),
            ("220 mail.provider.test", "mail", "220 mail.provider.test"),
            ("220 provider-mail", "mail", "220 provider-mail"),
            ("nobody", "", "nobody"),
        ] {
            assert_eq!(masked(text, user), expected);
        }
    }
}
