//! What came of a poke, in words: the one place where a poke's sentences are made.

use dequeue_smtp::{CertificateFault, Outcome, Reason, TlsFault, Verdict};

use crate::{
    amounts::size,
    mail_server::MailServerState,
    record::{Delivered, Poke, Trigger},
    settings::value::Server,
    text::{Text, name},
    tls_fault::alert_name,
};

/// Characters of a provider's answer that a notice has room for.
const ANSWER_TOLD: usize = 200;

impl Text {
    /// One or two sentences on what came of a poke of `host`.
    #[must_use]
    pub fn explain(&self, host: &str, verdict: &Verdict, delivered: Option<Delivered>) -> String {
        let code = verdict.code.map(|code| code.to_string());
        let messages = delivered.and_then(|delivered| delivered.messages);
        let lost = delivered.map_or(0, |it| it.recipients_refused.saturating_add(it.foreign));
        let key = match verdict.reason {
            // It did not come to a handshake.
            Reason::TlsFailed if code.is_some() => "reason-starttls-refused".to_owned(),
            Reason::MessagesDelivered if lost > 0 => "reason-messages-delivered-in-part".to_owned(),
            reason => format!("reason-{}", name(&reason)),
        };
        let mut said = self.format(
            &key,
            &[
                ("host", host.into()),
                ("pending", verdict.pending.unwrap_or_default().into()),
                ("code", code.unwrap_or_default().into()),
                ("messages", messages.unwrap_or_default().into()),
                ("refused", delivered.map_or(0, |it| it.refused).into()),
                ("answer", verdict.text.clone().unwrap_or_default().into()),
            ],
        );
        if let Some(delivered) = delivered.filter(|_| counts_the_whole(verdict.reason)) {
            for (key, count) in [
                ("recipients-refused", delivered.recipients_refused),
                ("recipients-foreign", delivered.foreign),
            ] {
                if count > 0 {
                    said.push(' ');
                    said.push_str(&self.format(key, &[("count", count.into())]));
                }
            }
        }
        said
    }

    /// The same where TLS failed on the way, which is often why: for a poke and for a probe of the
    /// doctor alike.
    #[must_use]
    pub fn explain_with_tls(
        &self,
        host: &str,
        verdict: &Verdict,
        fault: Option<&TlsFault>,
        delivered: Option<Delivered>,
    ) -> String {
        use CertificateFault::{WeakKey, WeakSignature};
        use Reason as R;
        let explained = || self.explain(host, verdict, delivered);
        let Some(fault) = fault else {
            return explained();
        };
        let key = match (verdict.reason, fault) {
            (R::TlsFailed, _) if verdict.code.is_none() => "reason-tls-failed-because",
            // What the provider insists on had been tried.
            (R::TlsRequired, _) => "reason-tls-required-because",
            (R::LoginInClear, _) => "reason-login-in-clear-because",
            (R::LoginNotOffered, _) => "reason-login-not-offered-because",
            (R::TlsLocal, _)
            | (R::CertificateInvalid, TlsFault::Certificate(WeakKey | WeakSignature))
            | (R::ClientCertificateRequired, TlsFault::ClientCertificate { .. }) => {
                "reason-because"
            }
            (
                R::HungUp | R::HungUpBeforeRequest | R::NotGreeted,
                TlsFault::Alerted { alert } | TlsFault::ClientCertificate { alert },
            ) => {
                let values = [
                    ("explanation", explained().into()),
                    ("alert", alert_name(*alert).into()),
                ];
                return self.format("explanation-tls-alert", &values);
            }
            _ => return explained(),
        };
        let values = [
            ("why", self.explain_tls(host, fault).into()),
            ("do", self.advise_tls(host, fault).into()),
        ];
        self.format(key, &values)
    }

    /// What came of the asking: the first of the sentences of [`Text::explain_poke`].
    #[must_use]
    pub fn summarize_poke(&self, poke: &Poke) -> String {
        self.explain_outcome(poke)
    }

    /// How the mail server stood before a poke; `None` where it was not looked at.
    #[must_use]
    pub fn explain_mail_server(&self, poke: &Poke) -> Option<String> {
        let state = poke.mail_server.as_ref()?;
        let server = mail_server_of(poke);
        Some(match poke.outcome {
            Outcome::Held => state.explain_held(&server, self),
            _ => state.explain(&server, self),
        })
    }

    /// What came of a poke at the mail server, over the same connection or over others; `None` while
    /// nothing is known of it.
    #[must_use]
    pub fn explain_arrivals(&self, poke: &Poke) -> Option<String> {
        match (&poke.delivered, &poke.arrivals) {
            (Some(delivered), _) => Some(self.amount_delivered(delivered)),
            (None, arrivals) => Some(arrivals.as_ref()?.explain(self)),
        }
    }

    /// Why what arrives after a poke cannot be seen; `None` where it can be, or was not looked for.
    #[must_use]
    pub fn explain_unseen_arrivals(&self, poke: &Poke) -> Option<String> {
        (poke.monitoring.as_ref()?).explain(set_mail_server(poke).as_ref(), self)
    }

    /// As in “3 messages, 1.2 MB”.
    fn amount_delivered(&self, delivered: &Delivered) -> String {
        let mut parts = vec![match delivered.messages {
            Some(count) => self.format("delivered-messages", &[("count", count.into())]),
            None => self.get("delivered-uncounted"),
        }];
        if delivered.octets > 0 {
            parts.push(size(delivered.octets, self));
        }
        let recipients = delivered
            .recipients_refused
            .saturating_add(delivered.foreign);
        if recipients > 0 {
            let refused = [("count", recipients.into())];
            parts.push(self.format("delivered-recipients-refused", &refused));
        }
        if delivered.refused > 0 {
            let refused = [("count", delivered.refused.into())];
            parts.push(self.format("delivered-refused", &refused));
        }
        parts.join(", ")
    }

    /// The explanation of a whole poke: one sentence where all domains fared alike, else one for
    /// each domain.
    #[must_use]
    pub fn explain_poke(&self, poke: &Poke) -> String {
        self.complete_summary(self.summarize_poke(poke), poke)
    }

    /// The same for whoever has the poke's [summary](Text::summarize_poke) already.
    #[must_use]
    pub fn complete_summary(&self, summary: String, poke: &Poke) -> String {
        let mut explanation = summary;
        // Mail comes all the same, but strangers may use the server, or its mail has to wait.
        if let Some(state @ (MailServerState::OpenRelay { .. } | MailServerState::Postpones { .. })) =
            &poke.mail_server
            && poke.outcome != Outcome::Held
        {
            explanation.push(' ');
            explanation.push_str(&state.explain(&mail_server_of(poke), self));
        }
        for (at, tried) in poke.tried.iter().enumerate() {
            let after = poke.tried.get(at + 1).map_or(&poke.host, |next| &next.host);
            let verdict = Verdict {
                code: tried.code,
                text: tried.text.clone(),
                ..Verdict::new(tried.outcome, tried.reason)
            };
            let why = self.explain_with_tls(&tried.host, &verdict, tried.tls_fault.as_ref(), None);
            let values = [
                ("host", after.as_str().into()),
                ("tried", tried.host.as_str().into()),
                ("why", why.into()),
            ];
            explanation.push(' ');
            explanation.push_str(&self.format("explanation-tried", &values));
        }
        // What arrived is what it was all for.
        if let Some(arrivals) = &poke.arrivals {
            explanation.push(' ');
            explanation.push_str(&arrivals.explain(self));
        }
        explanation
    }

    /// The same, and what the provider said where it refused: who reads it elsewhere has nothing
    /// else to look at.
    #[must_use]
    pub fn explain_with_answer(&self, poke: &Poke) -> String {
        let verdict = Verdict {
            code: poke.code,
            text: poke.text.clone(),
            ..Verdict::new(poke.outcome, poke.reason)
        };
        self.with_answer(self.explain_poke(poke), &verdict)
    }

    /// An explanation of a verdict, and what the provider said where it refused.
    #[must_use]
    pub fn with_answer(&self, explanation: String, verdict: &Verdict) -> String {
        match (verdict.outcome, verdict.code, &verdict.text) {
            (Outcome::Refused, Some(code), Some(text)) => {
                let answer: String = text.chars().take(ANSWER_TOLD).collect();
                self.format(
                    "explanation-with-answer",
                    &[
                        ("explanation", explanation.into()),
                        ("answer", format!("{code} {answer}").into()),
                    ],
                )
            }
            _ => explanation,
        }
    }

    fn explain_outcome(&self, poke: &Poke) -> String {
        if let (Outcome::Held, Some(state)) = (poke.outcome, &poke.mail_server) {
            let why = state.explain_held(&mail_server_of(poke), self);
            // Nobody comes back to a poke by host.
            let key = match poke.trigger {
                Trigger::Host => "reason-held-once",
                Trigger::Schedule
                | Trigger::User
                | Trigger::Second
                | Trigger::NetworkUp
                | Trigger::Woke
                | Trigger::MailServerBack => "reason-held-because",
            };
            return self.format(key, &[("why", why.into())]);
        }
        let of = |reason: Reason, pending, code: Option<u16>| {
            let mut verdict = Verdict::new(poke.outcome, reason);
            verdict.pending = pending;
            verdict.code = code;
            verdict.text = match &poke.secret_fault {
                Some(fault) => Some(fault.sentence(self)),
                None => poke.text.clone(),
            };
            if reason == Reason::QuitSignals && poke.is_guess() {
                return self.get("reason-quit-unsure");
            }
            let tls_fault = poke.tls_fault.as_ref();
            self.explain_with_tls(&poke.host, &verdict, tls_fault, poke.delivered)
        };
        let sentences: Vec<(&str, Reason, String)> = poke
            .domains
            .iter()
            .map(|domain| {
                (
                    domain.domain.as_str(),
                    domain.reason,
                    of(domain.reason, domain.pending, domain.code),
                )
            })
            .collect();
        match sentences.as_slice() {
            [] => of(poke.reason, None, poke.code),
            [(_, _, first), rest @ ..] if rest.iter().all(|(_, _, other)| other == first) => {
                first.clone()
            }
            several => {
                let mut said: Vec<String> = Vec::new();
                for (domain, reason, sentence) in several {
                    // What came is counted for all domains together, so it is told once, and of none.
                    let sentence = match counts_the_whole(*reason) {
                        true => sentence.clone(),
                        false => self.format(
                            "reason-of-domain",
                            &[
                                ("domain", (*domain).into()),
                                ("sentence", sentence.as_str().into()),
                            ],
                        ),
                    };
                    if !said.contains(&sentence) {
                        said.push(sentence);
                    }
                }
                said.join(" ")
            }
        }
    }
}

/// Whether the sentence of a reason tells of all that came over the connection.
const fn counts_the_whole(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::MessagesDelivered
            | Reason::DeliveredUncounted
            | Reason::MailServerRefused
            | Reason::ForeignRecipients
    )
}

/// The mail server that was set when the poke was made, if any.
fn set_mail_server(poke: &Poke) -> Option<Server> {
    poke.mail_server_address.as_deref()?.parse().ok()
}

/// The mail server that a poke looked at.
fn mail_server_of(poke: &Poke) -> Server {
    set_mail_server(poke).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::text::LANGUAGES;

    fn poke(values: &serde_json::Value) -> Poke {
        let mut poke = json!({
            "id": 1, "account": "a", "host": "h.test", "address": null, "method": "atrn",
            "outcome": "delivered", "reason": "messages-delivered", "code": null, "text": null,
            "domains": [], "trigger": "schedule", "started_at": "2026-11-25T09:15:00Z",
            "duration_ms": 1, "round_trips": 4, "tls": null, "seen_address": null, "dialogue": []
        });
        for (key, value) in values.as_object().unwrap() {
            poke[key] = value.clone();
        }
        serde_json::from_value(poke).unwrap()
    }

    fn domain(domain: &str, outcome: &str, reason: &str) -> serde_json::Value {
        json!({
            "domain": domain, "outcome": outcome, "reason": reason,
            "pending": null, "code": null, "enhanced": null, "text": null
        })
    }

    /// Three messages are three messages, over however many requests and for however many domains.
    #[test]
    fn what_came_is_told_once() {
        for language in LANGUAGES {
            let text = Text::for_language(language);
            for reason in [
                "messages-delivered",
                "mail-server-refused",
                "foreign-recipients",
            ] {
                let mut domains: Vec<_> = (0..14)
                    .map(|i| domain(&format!("d{i}.test"), "delivered", reason))
                    .collect();
                domains.push(domain("late.test", "nothing-waiting", "no-messages"));
                domains.push(domain("e.test", "delivered", reason));
                let poke = poke(&json!({
                    "domains": domains,
                    "delivered": {
                        "messages": 3, "refused": 3, "recipients_refused": 5, "foreign": 7, "octets": 1
                    }
                }));
                let said = text.explain_poke(&poke);
                let counts = if reason == "foreign-recipients" {
                    "57"
                } else {
                    "357"
                };
                for count in counts.chars() {
                    assert_eq!(said.matches(count).count(), 1, "{count}: {said}");
                }
                assert_eq!(said.matches("late.test").count(), 1, "{said}");
                assert!(
                    !said.contains("d0.test") && !said.contains("e.test:e"),
                    "{said}"
                );
            }
        }
    }

    #[test]
    fn a_message_that_lost_recipients_was_not_taken_whole() {
        let text = Text::for_language("en");
        let of = |refused, foreign| {
            text.explain_poke(&poke(&json!({ "delivered": {
                "messages": 1, "refused": 0, "recipients_refused": refused, "foreign": foreign, "octets": 1
            }})))
        };
        let whole = of(0, 0);
        assert!(!whole.contains("recipient"), "{whole}");
        let (refused, foreign) = (of(1, 0), of(0, 1));
        for said in [&refused, &foreign] {
            assert!(said.contains("not for every recipient"), "{said}");
        }
        assert!(refused.contains("It refused one recipient") && !refused.contains("domain"));
        assert!(
            foreign.contains("add it to the account's domains"),
            "{foreign}"
        );
        // As the history has it from before it was counted.
        let old = poke(&json!({ "delivered": { "messages": 1, "refused": 0, "octets": 1 } }));
        assert_eq!(text.explain_poke(&old), whole);
    }

    /// Nobody comes back to a poke by host; and each names the server.
    #[test]
    fn what_is_held_says_where_and_whether_it_follows() {
        let states = [
            json!({ "state": "turns-away", "answer": "554 no service" }),
            json!({ "state": "trusts-us", "domain": "example.com" }),
            json!({ "state": "open-relay", "domain": "example.com", "from": "192.0.2.1" }),
            json!({ "state": "untestable", "answer": "530 5.7.0 STARTTLS first" }),
            json!({ "state": "refusing" }),
            json!({ "state": "silent" }),
        ];
        for state in states {
            for (trigger, follows) in [("host", false), ("schedule", true), ("user", true)] {
                let poke = poke(&json!({
                    "outcome": "held", "reason": "mail-server-not-ready", "trigger": trigger,
                    "mail_server": state, "mail_server_address": "192.0.2.25:2525"
                }));
                let said = Text::for_language("en").explain_poke(&poke);
                assert!(
                    said.contains("192.0.2.25") && said.contains("2525"),
                    "{said}"
                );
                assert_eq!(said.contains("Dequeue will ask"), follows, "{said}");
                let words = Text::for_language("en").explain_mail_server(&poke).unwrap();
                assert_eq!(said.matches(&words).count(), 1, "{said}");
            }
        }
    }
}
