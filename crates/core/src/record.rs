//! What is kept and told: a poke, how its domains fared, a notice. Plain records with codes and
//! values; the sentences are made from them elsewhere.

use std::{net::IpAddr, time::Duration};

use dequeue_smtp::{
    Certificate, Choice, DialogueLine, Method, Outcome, Reason, Tls, TlsFault, Verdict,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    arrivals::{ArrivalMonitoring, Arrivals},
    mail_server::MailServerState,
    secret_fault::SecretFault,
};

/// Which notifications an account makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Notify {
    /// No notices.
    Never,
    /// The first success, a failure, a recovery.
    #[default]
    Problems,
    /// Every poke.
    Everything,
}

/// What set off a poke.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Trigger {
    /// Its time had come, or that of another try.
    Schedule,
    /// The user asked for it.
    User,
    /// A queue run that was under way may have passed over mail.
    Second,
    /// The network came up.
    NetworkUp,
    /// The machine woke.
    Woke,
    /// The mail server, for which it was held, answers again.
    MailServerBack,
    /// A poke by host on the command line, outside any account.
    Host,
}

/// One poke: the same shape in the history, in events and with `--json`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Poke {
    /// Its place in the history; 0 where it is in none.
    #[ts(type = "number")]
    pub id: i64,
    /// The account; empty for a poke by host.
    pub account: String,
    /// The provider's host; of several, the one that the answer came from, or that was tried last.
    /// All that is told beside [`Poke::tried`] is of it alone.
    pub host: String,
    /// The address and port that were connected to, or tried last.
    pub address: Option<String>,
    /// The account's hosts that were tried before it in vain, in this order.
    #[serde(default)]
    pub tried: Vec<Tried>,
    /// The method that was used; `auto` only where it did not come to choosing one.
    pub method: Method,
    /// Why it was chosen, where the account leaves that open.
    #[serde(default)]
    pub choice: Option<Choice>,
    /// How it ended.
    pub outcome: Outcome,
    /// What the outcome was read from.
    pub reason: Reason,
    /// The code of the reply that the outcome was read from.
    pub code: Option<u16>,
    /// What the provider said, as it said it; never words of ours.
    pub text: Option<String>,
    /// Why the secret of the login could not be had, where that kept the poke from going out.
    #[serde(default)]
    #[ts(type = "{ kind: string } | null")]
    pub secret_fault: Option<SecretFault>,
    /// How each domain fared.
    pub domains: Vec<DomainView>,
    /// What set it off.
    pub trigger: Trigger,
    /// When it began.
    #[ts(type = "string")]
    pub started_at: Timestamp,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
    /// Round trips waited for, the TCP handshake and the greeting included.
    pub round_trips: u32,
    /// The line's protection, where there was one.
    pub tls: Option<Tls>,
    /// The certificate that the provider showed, also where it does not hold: it can be pinned.
    #[serde(default)]
    pub certificate: Option<Certificate>,
    /// Why TLS failed, where it did; also where the poke went on without it.
    #[serde(default)]
    #[ts(type = "{ kind: string } | null")]
    pub tls_fault: Option<TlsFault>,
    /// What came over the connection, where the method is one that turns it round.
    #[serde(default)]
    pub delivered: Option<Delivered>,
    /// How long the provider kept the connection open after its goodbye, in milliseconds: at
    /// AutoTURN providers the time of its delivery. Known some time after the poke.
    #[serde(default)]
    pub busy_ms: Option<u32>,
    /// How the mail server stood before the poke, where it was looked at.
    #[serde(default)]
    pub mail_server: Option<MailServerState>,
    /// The mail server that was set when it was made; `None` for this machine's own.
    #[serde(default)]
    pub mail_server_address: Option<String>,
    /// Whether what arrives at the mail server can be seen; `None` where it was not looked for.
    #[serde(default)]
    pub monitoring: Option<ArrivalMonitoring>,
    /// What has arrived at the mail server since, as far as it was seen.
    #[serde(default)]
    pub arrivals: Option<Arrivals>,
    /// The address that the provider saw us come from.
    #[ts(type = "string | null")]
    pub seen_address: Option<IpAddr>,
    /// What was said. Empty in lists and events; ask for the poke.
    pub dialogue: Vec<DialogueLine>,
}

/// An AutoTURN provider that keeps the connection open at least this long after its goodbye has
/// delivered mail: with nothing to deliver it closes at once.
pub const BUSY: Duration = Duration::from_millis(300);

impl Poke {
    /// Whether the provider was busy with us after its goodbye: with an AutoTURN provider, mail came.
    #[must_use]
    pub fn was_busy(&self) -> bool {
        self.busy_ms
            .is_some_and(|busy| Duration::from_millis(busy.into()) >= BUSY)
    }

    /// Whether mail came over its own connection, or may have where nobody could count it.
    #[must_use]
    pub fn may_have_delivered(&self) -> bool {
        (self.delivered).is_some_and(|delivered| delivered.messages != Some(0))
    }

    /// Whether mail came over its own connection, however the poke ended.
    #[must_use]
    pub fn has_delivered(&self) -> bool {
        let messages = self.delivered.and_then(|delivered| delivered.messages);
        messages.is_some_and(|messages| messages > 0)
    }

    /// Whether mail may have come of it, so that it can be said that none has.
    #[must_use]
    pub const fn may_bring_mail(&self) -> bool {
        match self.outcome {
            Outcome::Started | Outcome::Signalled | Outcome::Delivered | Outcome::Unknown => true,
            Outcome::NothingWaiting
            | Outcome::Refused
            | Outcome::Unreachable
            | Outcome::Held
            | Outcome::Failed => false,
        }
    }

    /// Whether it shows that mail gets through, by itself: mail came over its connection or was seen
    /// to arrive after it, or the provider looked into its queue for each domain, and gave a number or
    /// said that nothing waits. That delivery starts is a promise, not a proof.
    #[must_use]
    pub fn proves(&self) -> bool {
        let looked = |reason, pending: Option<u32>| match reason {
            Reason::NoMessages => true,
            Reason::PendingStarted => pending.is_some(),
            _ => false,
        };
        self.outcome.is_success()
            && (self.arrivals.is_some_and(|it| it.provider.connections > 0)
                || self.has_delivered()
                || !self.domains.is_empty()
                    && (self.domains.iter()).all(|domain| looked(domain.reason, domain.pending)))
    }

    /// How many pokes in a row have not worked with this one, given how many before it. One that was
    /// broken off says nothing of the provider, and so is none of them.
    #[must_use]
    pub const fn failures(&self, before: u32) -> u32 {
        if self.outcome.is_success() {
            0
        } else if self.reason.is_interruption() {
            before
        } else {
            before.saturating_add(1)
        }
    }

    /// Whether it did not work for want of something that only the user can give: no provider and no
    /// network is to blame.
    #[must_use]
    pub const fn needs_user(&self) -> bool {
        matches!(
            self.reason,
            Reason::DomainsNeeded
                | Reason::LoginNeeded
                | Reason::MailServerUnset
                | Reason::SecretMissing
        )
    }

    /// Whether nobody can tell from the poke if the provider starts its queue at a visit: `auto` had
    /// nothing else to try.
    #[must_use]
    pub fn is_guess(&self) -> bool {
        self.reason == Reason::QuitSignals && self.choice.is_some() && !self.proves()
    }

    /// Whether pinning the certificate that the provider showed is a way out. A revoked one must not
    /// be trusted; one whose time has yet to come speaks of this machine's clock.
    #[must_use]
    pub const fn can_be_pinned(&self) -> bool {
        self.certificate.is_some()
            && matches!(
                self.reason,
                Reason::CertificateUnknown
                    | Reason::CertificateChanged
                    | Reason::CertificateExpired
                    | Reason::CertificateWrongName
                    | Reason::LoginUnverified
            )
    }

    /// The exit status that goes with it on the command line.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        let mut verdict = Verdict::new(self.outcome, self.reason);
        verdict.code = self.code;
        verdict.exit_status()
    }
}

/// A host of the account that was tried in vain, before another.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct Tried {
    /// The provider's host, as it was set.
    pub host: String,
    /// The address and port that were connected to, or tried last.
    pub address: Option<String>,
    /// How it ended.
    pub outcome: Outcome,
    /// What the outcome was read from.
    pub reason: Reason,
    /// The code of the reply that the outcome was read from.
    pub code: Option<u16>,
    /// What the host said, as it said it.
    pub text: Option<String>,
    /// Why TLS with it failed, where it did.
    #[serde(default)]
    #[ts(type = "{ kind: string } | null")]
    pub tls_fault: Option<TlsFault>,
    /// How long it took, in milliseconds.
    pub duration_ms: u32,
}

/// How one domain fared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, TS)]
pub struct DomainView {
    /// The domain as it was asked for.
    pub domain: String,
    /// How it ended.
    pub outcome: Outcome,
    /// What the outcome was read from.
    pub reason: Reason,
    /// How many messages are on their way, where the provider says.
    pub pending: Option<u32>,
    /// The reply's code.
    pub code: Option<u16>,
    /// The reply's enhanced status code.
    pub enhanced: Option<String>,
    /// The reply's text, as it came.
    pub text: Option<String>,
}

/// What came over the connection that ATRN or TURN turned round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Delivered {
    /// Messages that the mail server took; `None` where it and the provider protected the line, so
    /// that they could not be counted.
    pub messages: Option<u32>,
    /// Messages that the mail server refused.
    pub refused: u32,
    /// Recipients that the mail server refused of messages that it took for others.
    #[serde(default)]
    pub recipients_refused: u32,
    /// Recipients that were refused before they reached the mail server, since they are not at the
    /// account's domains.
    #[serde(default)]
    pub foreign: u32,
    /// Octets that the provider sent.
    #[ts(type = "number")]
    pub octets: u64,
}

/// Something that deserves a notification, in the user's language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// The account, where it is about one.
    pub account: Option<String>,
    /// The heading, with the account's name.
    pub title: String,
    /// What happened, and what to do.
    pub body: String,
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum NoticeKind {
    /// The first poke of an account has worked.
    FirstSuccess,
    /// A poke has failed after one that had worked, or the first has.
    Failure,
    /// A poke has worked after one that had failed.
    Recovery,
    /// Every other poke, where the user wants to hear of each.
    Poked,
    /// Trouble that was told lasts.
    Reminder,
    /// Pokes work, but something is no longer as it was.
    Alarm,
    /// What an alarm was about is over.
    AlarmOver,
    /// A pause without an end goes on.
    Paused,
    /// What the last week came to, and how the accounts stand.
    Summary,
    /// Nothing happened: the channels are being tried out.
    Trial,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn poke(reason: &str, certificate: bool) -> Poke {
        let certificate = certificate
            .then(|| serde_json::json!({"fingerprint": "AB", "valid_from": 0, "expires_at": 1}));
        serde_json::from_value(serde_json::json!({
            "id": 1, "account": "a", "host": "h.test", "address": null, "method": "etrn",
            "outcome": "refused", "reason": reason, "code": null, "text": null, "domains": [],
            "trigger": "schedule", "started_at": "2026-11-25T09:15:00Z", "duration_ms": 1,
            "round_trips": 1, "tls": null, "certificate": certificate, "seen_address": null,
            "dialogue": []
        }))
        .unwrap()
    }

    #[test]
    fn a_certificate_is_pinned_only_where_a_person_can_judge_it() {
        for (reason, can) in [
            ("certificate-unknown", true),
            ("certificate-changed", true),
            ("certificate-expired", true),
            ("certificate-wrong-name", true),
            ("login-unverified", true),
            ("certificate-not-yet-valid", false),
            ("certificate-revoked", false),
            ("certificate-invalid", false),
            ("tls-failed", false),
            ("pending-started", false),
        ] {
            assert_eq!(poke(reason, true).can_be_pinned(), can, "{reason}");
            assert!(!poke(reason, false).can_be_pinned(), "{reason}");
        }
    }
    /// A promise is no proof; a number for each domain is one, and so is mail.
    #[test]
    fn what_proves_that_mail_gets_through() {
        let domain = |reason: &str, pending: Option<u32>| {
            serde_json::json!({
                "domain": "d.test", "outcome": "started", "reason": reason, "pending": pending,
                "code": null, "enhanced": null, "text": null
            })
        };
        let count = |connections: u32| serde_json::json!({"connections": connections, "bytes": null, "first_after_ms": null, "bare": 0});
        let number = domain("pending-started", Some(3));
        let none = domain("no-messages", None);
        let promise = domain("queuing-started", None);
        for (more, proves) in [
            (serde_json::json!({"domains": [number]}), true),
            (serde_json::json!({"domains": [number, none]}), true),
            (
                serde_json::json!({"domains": [domain("pending-started", None)]}),
                false,
            ),
            (serde_json::json!({"domains": [promise]}), false),
            (serde_json::json!({"domains": [number, promise]}), false),
            (
                serde_json::json!({"domains": [domain("already-running", None)]}),
                false,
            ),
            (
                serde_json::json!({"domains": [], "outcome": "signalled", "busy_ms": 9000}),
                false,
            ),
            (
                serde_json::json!({"domains": [none], "outcome": "refused"}),
                false,
            ),
            (
                serde_json::json!({"domains": [promise], "arrivals":
                    {"provider": count(1), "elsewhere": count(0), "overrun": false}}),
                true,
            ),
            (
                serde_json::json!({"domains": [promise], "arrivals":
                    {"provider": count(0), "elsewhere": count(7), "overrun": false}}),
                false,
            ),
            (
                serde_json::json!({"outcome": "delivered", "delivered":
                    {"messages": 1, "refused": 0, "octets": 300}}),
                true,
            ),
            (
                serde_json::json!({"outcome": "delivered", "delivered":
                    {"messages": null, "refused": 0, "octets": 300}}),
                false,
            ),
        ] {
            let mut json = serde_json::to_value(poke("queuing-started", false)).unwrap();
            json["outcome"] = "started".into();
            for (key, value) in more.as_object().unwrap() {
                json[key] = value.clone();
            }
            let poke: Poke = serde_json::from_value(json).unwrap();
            assert_eq!(poke.proves(), proves, "{more}");
        }
    }
}
