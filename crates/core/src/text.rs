//! Sentences for people, in their language, from `locales/`.
//!
//! A sentence is parsed when it is first said: a poke needs a handful of the hundreds there are, and
//! parsing them all would cost it more than everything else it does.

use std::sync::{Arc, Mutex, PoisonError};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use memchr::memmem;
use serde::Serialize;
use unic_langid::LanguageIdentifier;

const ENGLISH: &str = include_str!("../../../locales/en.ftl");
const DUTCH: &str = include_str!("../../../locales/nl.ftl");

/// The choice of language in the settings that follows the system's.
pub const SYSTEM: &str = "system";
/// The languages there are, as in the settings.
pub const LANGUAGES: [&str; 2] = ["en", "nl"];

/// The sentences of one language. Cheap to clone.
#[derive(Clone)]
pub struct Text {
    /// The sentences that have been said.
    bundle: Arc<Mutex<FluentBundle<FluentResource>>>,
    /// All of them.
    source: &'static str,
    language: &'static str,
}

impl std::fmt::Debug for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Text")
            .field("language", &self.language)
            .finish_non_exhaustive()
    }
}

impl Text {
    /// The sentences for a choice of the settings: `en`, `nl`, or `system` for the language of the
    /// user's system, English where that is another.
    #[must_use]
    pub fn for_language(choice: &str) -> Self {
        let system;
        let wanted = if choice == SYSTEM {
            system = sys_locale::get_locale().unwrap_or_default();
            system.as_str()
        } else {
            choice
        };
        let (language, source) = if wanted.starts_with("nl") {
            ("nl", DUTCH)
        } else {
            ("en", ENGLISH)
        };
        let identifier = language.parse::<LanguageIdentifier>().unwrap_or_default();
        let mut bundle = FluentBundle::new_concurrent(vec![identifier]);
        // The marks around values are for mixed directions of writing, which neither language has.
        bundle.set_use_isolating(false);
        Self {
            bundle: Arc::new(Mutex::new(bundle)),
            source,
            language,
        }
    }

    /// `en` or `nl`.
    #[must_use]
    pub const fn language(&self) -> &'static str {
        self.language
    }

    /// The sentence with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> String {
        self.format(key, &[])
    }

    /// The sentence with this key and these values in it. A key that does not exist comes back as
    /// itself, which a person can still report.
    #[must_use]
    pub fn format(&self, key: &str, values: &[(&str, FluentValue<'_>)]) -> String {
        let mut bundle = self.bundle.lock().unwrap_or_else(PoisonError::into_inner);
        if !bundle.has_message(key)
            && let Some(source) = source_of(self.source, key)
        {
            // A fault in the file loses that one message; a test finds it first.
            let message =
                FluentResource::try_new(source.to_owned()).unwrap_or_else(|(rest, _)| rest);
            bundle.add_resource_overriding(message);
        }
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            args.set(*name, value.clone());
        }
        let mut errors = Vec::new();
        bundle
            .format_pattern(pattern, Some(&args), &mut errors)
            .into_owned()
    }
}

/// The lines of the message with this key: its first, and those after it that are indented, empty
/// or close a selection. No message refers to another, which a test sees to.
fn source_of<'a>(source: &'a str, key: &str) -> Option<&'a str> {
    let first = format!("\n{key} =");
    let start = 1 + memmem::find(source.as_bytes(), first.as_bytes())?;
    let message = source.get(start..)?;
    let goes_on = |line: &&str| line.starts_with([' ', '}', '\n']);
    let mut lines = message.split_inclusive('\n');
    let length = lines.next()?.len() + lines.take_while(goes_on).map(str::len).sum::<usize>();
    message.get(..length)
}

/// The name of a value in JSON, which is also the end of its text's key.
pub fn name(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(name)) => name,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dequeue_smtp::{Reason, Verdict};
    use fluent_bundle::FluentResource;
    use std::collections::BTreeMap;

    /// Each key with the variables that its text uses.
    fn keys(source: &str) -> BTreeMap<String, Vec<String>> {
        let parsed = FluentResource::try_new(source.to_owned());
        assert!(
            parsed.is_ok(),
            "{:?}",
            parsed.err().map(|(_, errors)| errors)
        );
        let mut keys: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut current = None;
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            if let Some((key, _)) = line
                .split_once(" =")
                .filter(|(k, _)| !k.starts_with([' ', '}']))
            {
                assert!(
                    keys.insert(key.to_owned(), Vec::new()).is_none(),
                    "{key} stands twice"
                );
                current = Some(key.to_owned());
            }
            let Some(variables) = current.as_ref().and_then(|key| keys.get_mut(key)) else {
                continue;
            };
            for part in line.split('$').skip(1) {
                variables.push(
                    part.chars()
                        .take_while(|c| c.is_alphanumeric() || *c == '_')
                        .collect(),
                );
                variables.sort();
                variables.dedup();
            }
        }
        keys
    }

    #[test]
    fn both_languages_say_the_same() {
        let (english, dutch) = (keys(ENGLISH), keys(DUTCH));
        assert!(english.len() > 100);
        for (key, variables) in &english {
            assert_eq!(dutch.get(key), Some(variables), "{key} in nl.ftl");
        }
        assert_eq!(
            english.len(),
            dutch.len(),
            "keys in nl.ftl that en.ftl lacks"
        );
    }

    #[test]
    fn each_sentence_is_found_alone_as_it_is_among_all() {
        for source in [ENGLISH, DUTCH] {
            let all = FluentResource::try_new(source.to_owned()).unwrap();
            let mut entries = all.entries();
            for key in source.lines().filter_map(|line| line.split_once(" =")) {
                let Some(key) = Some(key.0).filter(|key| !key.starts_with([' ', '#', '}'])) else {
                    continue;
                };
                let alone = source_of(source, key).unwrap();
                for (_, placed) in alone
                    .match_indices('{')
                    .map(|(at, _)| alone.split_at(at + 1))
                {
                    assert!(placed.trim_start().starts_with('$'), "{key}: {placed}");
                }
                let alone = FluentResource::try_new(alone.to_owned()).unwrap();
                assert_eq!(alone.entries().count(), 1, "{key}");
                assert_eq!(alone.get_entry(0), entries.next(), "{key}");
            }
            assert!(entries.next().is_none());
            assert_eq!(source_of(source, "no-such-key"), None);
        }
    }

    #[test]
    fn every_value_has_its_words() {
        use dequeue_smtp::Outcome;
        for language in LANGUAGES {
            let text = Text::for_language(language);
            let known = |key: String| assert_ne!(text.get(&key), key, "{language}");
            for reason in REASONS {
                known(format!("reason-{}", name(reason)));
            }
            for outcome in Outcome::ALL {
                known(format!("outcome-{}", outcome.name()));
            }
        }
    }

    #[test]
    fn the_summary_of_a_poke_is_told_before_its_circumstances() {
        let text = Text::for_language("en");
        let count = serde_json::json!({
            "connections": 1, "bytes": 1700, "first_after_ms": 29, "bare": 0
        });
        let none = serde_json::json!({
            "connections": 0, "bytes": null, "first_after_ms": null, "bare": 0
        });
        let poke: crate::record::Poke = serde_json::from_value(serde_json::json!({
            "id": 1, "account": "a", "host": "h.test", "address": null, "method": "etrn",
            "outcome": "started", "reason": "already-running", "code": 458, "text": null,
            "domains": [], "trigger": "schedule",
            "started_at": "2026-11-25T09:15:00Z", "duration_ms": 1, "round_trips": 4, "tls": null,
            "mail_server": { "state": "postpones", "domain": "a.test", "answer": "450 Later" },
            "arrivals": { "provider": count, "elsewhere": none, "overrun": false },
            "seen_address": null, "dialogue": []
        }))
        .unwrap();
        let (summary, explanation) = (text.summarize_poke(&poke), text.explain_poke(&poke));
        assert_eq!(
            summary,
            "The provider was already delivering. Nothing more is needed."
        );
        let rest = explanation.strip_prefix(&summary).unwrap();
        assert!(rest.starts_with(" Your mail server defers"), "{rest}");
        assert!(
            rest.ends_with(" One connection from the provider brought 1.7 kB after 29 ms."),
            "{rest}"
        );
        // Each is also told by itself, and together they are the explanation.
        let parts = [
            Some(summary),
            text.explain_mail_server(&poke),
            text.explain_arrivals(&poke),
        ];
        assert_eq!(parts.map(Option::unwrap).join(" "), explanation);
        assert_eq!(text.explain_unseen_arrivals(&poke), None);

        // What came over the same connection is told by its amount.
        let with = |messages| crate::record::Poke {
            delivered: Some(crate::record::Delivered {
                messages,
                refused: 1,
                recipients_refused: 0,
                foreign: 0,
                octets: 1_234_567,
            }),
            ..poke.clone()
        };
        let said = |messages| text.explain_arrivals(&with(messages)).unwrap();
        assert_eq!(
            said(Some(3)),
            "3 messages, 1.2 MB, 1 refused by your mail server"
        );
        assert_eq!(
            said(None),
            "messages that could not be counted, 1.2 MB, 1 refused by your mail server"
        );
    }

    #[test]
    fn numbers_are_counted_as_people_count() {
        let text = Text::for_language("nl");
        let mut verdict = Verdict::new(dequeue_smtp::Outcome::Started, Reason::PendingStarted);
        for (pending, words) in [
            (1, "één bericht."),
            (3, "3 berichten."),
            (0, "wachtende mail."),
        ] {
            verdict.pending = Some(pending);
            assert!(text.explain("h.test", &verdict, None).ends_with(words));
        }
    }

    const REASONS: &[Reason] = &[
        Reason::QueuingStarted,
        Reason::PendingStarted,
        Reason::AlreadyRunning,
        Reason::NoMessages,
        Reason::QuitSignals,
        Reason::NormalHere,
        Reason::MaskedByFirewall,
        Reason::TryLater,
        Reason::ServiceClosing,
        Reason::CannotQueue,
        Reason::NotAllowed,
        Reason::Syntax,
        Reason::NotImplemented,
        Reason::BadSequence,
        Reason::FingerSignals,
        Reason::HelloSignals,
        Reason::MessagesDelivered,
        Reason::DeliveredUncounted,
        Reason::MailServerRefused,
        Reason::ForeignRecipients,
        Reason::DeliveryBroken,
        Reason::TurnAbandoned,
        Reason::DidNotTurn,
        Reason::DomainsNeeded,
        Reason::LoginNeeded,
        Reason::MailServerUnset,
        Reason::MailServerDown,
        Reason::MailServerNotReady,
        Reason::TlsRequired,
        Reason::TlsNotOffered,
        Reason::TlsFailed,
        Reason::Injected,
        Reason::CertificateUnknown,
        Reason::CertificateExpired,
        Reason::CertificateNotYetValid,
        Reason::CertificateWrongName,
        Reason::CertificateRevoked,
        Reason::CertificateChanged,
        Reason::CertificateInvalid,
        Reason::TlsLocal,
        Reason::ClientCertificateRequired,
        Reason::LoginNotOffered,
        Reason::LoginMechanism,
        Reason::LoginInClear,
        Reason::LoginUnverified,
        Reason::TokenRefused,
        Reason::LoginConfused,
        Reason::ServerNotProved,
        Reason::SecretMissing,
        Reason::LoginRequired,
        Reason::LoginRefused,
        Reason::Denied,
        Reason::NotAsked,
        Reason::NotSmtp,
        Reason::TooMuch,
        Reason::NoAnswer,
        Reason::HungUp,
        Reason::NoAddress,
        Reason::NoIpv4Address,
        Reason::NoIpv6Address,
        Reason::NoInterface,
        Reason::ConnectionRefused,
        Reason::NoRoute,
        Reason::ConnectTimeout,
        Reason::PasswordTransition,
        Reason::DeniedWithoutLogin,
        Reason::EhloRefused,
        Reason::BadReply,
        Reason::NotGreeted,
        Reason::ImplicitTlsExpected,
        Reason::SilentBeforeRequest,
        Reason::HungUpBeforeRequest,
        Reason::Interrupted,
        Reason::InterruptedBeforeRequest,
        Reason::LocalFault,
    ];
}
