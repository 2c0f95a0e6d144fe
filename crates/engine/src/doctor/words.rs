//! A finding in a person's words: the one place where the doctor's sentences are made.

use dequeue_api::{CheckState, Finding};
use dequeue_core::{settings::Account, text::Text};
use dequeue_smtp::Verdict;

use super::{
    judge::{Found, Words},
    masking,
};
use crate::poke::at_host;

/// A finding in a person's words, without the name of the user who logs in.
pub(super) fn in_words(found: &Found, account: &Account, text: &Text) -> Finding {
    let masked = |text: &str| masking::masked(text, &account.user);
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
        Words::Poke(verdict, fault) => {
            let verdict = Verdict {
                text: verdict.text.as_deref().map(masked),
                ..verdict.clone()
            };
            let host = &at_host(account, host).host;
            let said = text.explain_with_tls(host.as_str(), &verdict, fault.as_ref(), None);
            (text.with_answer(said, &verdict), None)
        }
        Words::Tls(key, fault) => {
            let host = &at_host(account, host).host;
            let values = [
                ("why", text.explain_tls(host.as_str(), fault).into()),
                ("do", text.advise_tls(host.as_str(), fault).into()),
            ];
            let advice = text.format(&format!("doctor-{key}-do"), &values);
            (text.format(&format!("doctor-{key}"), &values), Some(advice))
        }
        Words::MailServer { state, holds } => {
            let server = account.mail_server();
            let said = match holds {
                true => state.explain_held(&server, text),
                false => state.explain(&server, text),
            };
            (said, None)
        }
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
pub(super) fn host_name(account: &Account, host: usize) -> String {
    let other = host
        .checked_sub(1)
        .and_then(|at| account.other_hosts.get(at));
    other.map_or_else(|| account.host.to_string(), ToString::to_string)
}
