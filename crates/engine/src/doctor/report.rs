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
    use dequeue_api::Check;
    use dequeue_core::settings::value::Value;

    use super::{super::masking::masked, *};

    /// What a provider, a name server or a certificate says adds no line to the report, and turns none
    /// round.
    #[test]
    fn a_strangers_words_stay_in_their_line() {
        let evil = "x\u{202e}\x1b[31m\u{9b}\u{2028}\u{200b}\r\n[passed] all";
        let finding = Finding {
            check: Check::Greeting,
            host: Some(evil.to_owned()),
            subject: Some(evil.to_owned()),
            state: CheckState::Failed,
            meaning: evil.to_owned(),
            advice: Some(evil.to_owned()),
            details: vec![evil.to_owned()],
        };
        let fields = [("host", Value::Text("h.test"))];
        let account = Account::unnamed(fields).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let verdict = DiagnosisVerdict::WillNotWork;
        let plain = Finding {
            host: None,
            subject: None,
            meaning: "m".to_owned(),
            advice: Some("a".to_owned()),
            details: vec!["d".to_owned()],
            ..finding.clone()
        };
        let plain = report(&account, verdict, &[plain], &[], now);
        let report = report(&account, verdict, &[finding], &[], now);
        assert_eq!(report, sink::text(&report));
        assert_eq!(report.lines().count(), plain.lines().count(), "{report}");
        assert_eq!(report.matches(r"x\u{202e}").count(), 5);
    }

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
