//! Every way in which TLS can fail has its sentences, in each language, and they name only what exists.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeSet;

use dequeue_core::{
    Text,
    settings::{Account, definition::Defined},
    text::LANGUAGES,
};
use dequeue_smtp::{
    Alert, CertificateFault, Outcome, Reason, TlsFault, TlsFile, TlsFileFault, Verdict,
};

const HOST: &str = "mail.provider.test";

fn of_files() -> Vec<TlsFault> {
    use TlsFileFault as F;
    let error = || "Permission denied (os error 13)".to_owned();
    let faults = [
        F::Missing,
        F::Unreadable { error: error() },
        F::NotPem,
        F::NoCertificate,
        F::BadCertificate,
        F::NoKey,
        F::EncryptedKey,
        F::BadKey,
        F::KeyOfAnother,
    ];
    let of = |file| {
        faults.iter().map(move |fault| TlsFault::File {
            file,
            path: "/etc/ssl/our.pem".into(),
            fault: fault.clone(),
        })
    };
    [TlsFile::CaFile, TlsFile::ClientCert, TlsFile::ClientKey]
        .into_iter()
        .flat_map(of)
        .collect()
}

/// Each kind of fault, and each value that changes its sentence.
fn faults() -> Vec<TlsFault> {
    let alert = Alert(40);
    let mut faults = vec![
        TlsFault::Certificate(CertificateFault::WeakKey),
        TlsFault::Certificate(CertificateFault::WeakSignature),
        TlsFault::Certificate(CertificateFault::Invalid),
        TlsFault::ClientCertificate { alert: Alert(116) },
        TlsFault::Version,
        TlsFault::NothingInCommon { alert: None },
        TlsFault::NothingInCommon { alert: Some(alert) },
        TlsFault::Alerted { alert: Alert(80) },
        TlsFault::Alerted { alert: Alert(112) },
        TlsFault::Alerted { alert: Alert(200) },
        TlsFault::NotTls { said: None },
        TlsFault::NotTls {
            said: Some("220 mail.provider.test".into()),
        },
        TlsFault::Broken {
            error: "received corrupt message".into(),
        },
        TlsFault::Closed,
        TlsFault::TimedOut,
        TlsFault::NoAuthorities,
        TlsFault::BadName,
        TlsFault::Local {
            error: "failed to get random bytes".into(),
        },
    ];
    faults.extend(of_files());
    faults
}

/// What a session makes of a fault where TLS is required.
fn verdict(fault: &TlsFault) -> Verdict {
    match fault {
        TlsFault::Certificate(_) => Verdict::new(Outcome::Refused, Reason::CertificateInvalid),
        TlsFault::ClientCertificate { .. } => {
            Verdict::new(Outcome::Refused, Reason::ClientCertificateRequired)
        }
        local if local.is_local() => Verdict::new(Outcome::Failed, Reason::TlsLocal),
        _ => Verdict::new(Outcome::Refused, Reason::TlsFailed),
    }
}

/// Words that stand in quotation marks.
fn quoted(sentence: &str) -> Vec<String> {
    let parts = sentence.split('“').skip(1);
    parts
        .map(|part| part.split('”').next().unwrap().to_owned())
        .collect()
}

#[test]
fn every_fault_is_told_with_what_failed_and_what_to_do() {
    for language in LANGUAGES {
        let text = Text::for_language(language);
        for fault in faults() {
            let (why, advice) = (
                text.explain_tls(HOST, &fault),
                text.advise_tls(HOST, &fault),
            );
            for sentence in [&why, &advice] {
                assert!(
                    sentence.ends_with(['.', '?']),
                    "{language} {fault:?}: {sentence}"
                );
                assert!(
                    !sentence.contains(['{', '$']),
                    "{language} {fault:?}: {sentence}"
                );
            }
            let named: Vec<String> = match &fault {
                TlsFault::ClientCertificate { alert }
                | TlsFault::Alerted { alert }
                | TlsFault::NothingInCommon { alert: Some(alert) } => {
                    vec![
                        alert
                            .name()
                            .map_or("200".to_owned(), |it| it.replace('_', " ")),
                    ]
                }
                TlsFault::NotTls { said: Some(said) } => vec![said.clone()],
                TlsFault::Broken { error } | TlsFault::Local { error } => vec![error.clone()],
                TlsFault::File { file, path, fault } => {
                    let mut named = vec![path.clone(), dequeue_core::text::name(file)];
                    if let TlsFileFault::Unreadable { error } = fault {
                        named.push(error.clone());
                    }
                    named
                }
                TlsFault::Certificate(_)
                | TlsFault::Version
                | TlsFault::NothingInCommon { alert: None }
                | TlsFault::NotTls { said: None }
                | TlsFault::Closed
                | TlsFault::TimedOut
                | TlsFault::NoAuthorities
                | TlsFault::BadName => Vec::new(),
            };
            for part in named {
                assert!(why.contains(&part), "{language} {part}: {why}");
            }
            // A poke says the same, and so does one that the provider sends away for want of TLS.
            let told = |verdict: &Verdict| text.explain_with_tls(HOST, verdict, Some(&fault), None);
            let insists = Verdict::new(Outcome::Refused, Reason::TlsRequired);
            let mut sentences = vec![told(&insists)];
            if fault != TlsFault::Certificate(CertificateFault::Invalid) {
                sentences.push(told(&verdict(&fault)));
            }
            for sentence in sentences {
                assert!(sentence.contains(&why), "{language} {fault:?}: {sentence}");
                assert!(
                    sentence.contains(&advice),
                    "{language} {fault:?}: {sentence}"
                );
            }
        }
    }
}

#[test]
fn a_provider_that_insists_on_tls_is_not_told_to_be_met_with_it() {
    for language in LANGUAGES {
        let text = Text::for_language(language);
        let insists = Verdict::new(Outcome::Refused, Reason::TlsRequired);
        let fault = Some(&TlsFault::Version);
        let sentence = text.explain_with_tls(HOST, &insists, fault, None);
        assert!(!sentence.contains("required"), "{sentence}");
        let untried = text.explain_with_tls(HOST, &insists, None, None);
        assert!(untried.contains("required"), "{untried}");
        // The password would have gone over TLS.
        for reason in [Reason::LoginInClear, Reason::LoginNotOffered] {
            let verdict = Verdict::new(Outcome::Refused, reason);
            let sentence = text.explain_with_tls(HOST, &verdict, fault, None);
            assert!(sentence.contains("TLS 1.2"), "{sentence}");
            assert!(!sentence.contains("login_in_clear"), "{sentence}");
        }
    }
}

/// The settings and choices that sentences on TLS and on logins name.
#[test]
fn only_settings_that_exist_are_named() {
    let choices: BTreeSet<String> = Account::DEFINITIONS
        .iter()
        .flat_map(|setting| setting.choices())
        .collect();
    let mut named = BTreeSet::new();
    for language in LANGUAGES {
        let text = Text::for_language(language);
        let mut sentences = Vec::new();
        for fault in faults() {
            sentences.push(text.advise_tls(HOST, &fault));
            let verdict = verdict(&fault);
            sentences.push(text.explain_with_tls(HOST, &verdict, Some(&fault), None));
        }
        for reason in [
            Reason::ClientCertificateRequired,
            Reason::LoginUnverified,
            Reason::TokenRefused,
            Reason::TlsFailed,
        ] {
            let mut verdict = Verdict::new(Outcome::Refused, reason);
            sentences.push(text.explain(HOST, &verdict, None));
            verdict.code = Some(501);
            sentences.push(text.explain(HOST, &verdict, None));
        }
        for word in sentences.iter().flat_map(|sentence| quoted(sentence)) {
            // An alert, or what the other side said.
            if word.contains([' ', '-']) || word == "200" {
                continue;
            }
            let is_setting = Account::definition(&word).is_some();
            assert!(is_setting || choices.contains(&word), "{word}");
            named.insert(word);
        }
    }
    for word in [
        "ca_file",
        "client_cert",
        "client_key",
        "pin",
        "secret",
        "required",
    ] {
        assert!(named.contains(word), "{word} in {named:?}");
    }
}
