//! Why TLS failed, in words, and what to do: the one place where these sentences are made, for a poke,
//! the doctor and `settings check` alike.

use dequeue_smtp::{Alert, CertificateFault, TlsFault, TlsFileFault};

use crate::text::{Text, name};

/// `unrecognized_name`: the provider has no certificate for the name that it was called by (RFC 6066
/// section 3).
const UNRECOGNIZED_NAME: Alert = Alert(112);

impl Text {
    /// Why TLS with `host` failed: a sentence.
    #[must_use]
    pub fn explain_tls(&self, host: &str, fault: &TlsFault) -> String {
        self.of_tls_fault(host, fault, "")
    }

    /// What to do about it: a sentence, or two.
    #[must_use]
    pub fn advise_tls(&self, host: &str, fault: &TlsFault) -> String {
        self.of_tls_fault(host, fault, "-do")
    }

    fn of_tls_fault(&self, host: &str, fault: &TlsFault, end: &str) -> String {
        let mut values = vec![("host", host.into())];
        let key = match fault {
            TlsFault::Certificate(CertificateFault::WeakKey) => "weak-key",
            TlsFault::Certificate(CertificateFault::WeakSignature) => "weak-signature",
            // The others have sentences of their own as reasons.
            TlsFault::Certificate(_) => "certificate",
            TlsFault::ClientCertificate { alert } => {
                values.push(("alert", alert_name(*alert).into()));
                "client-certificate"
            }
            TlsFault::Version => "version",
            TlsFault::NothingInCommon { alert: None } => "nothing-in-common",
            TlsFault::NothingInCommon { alert: Some(alert) } => {
                values.push(("alert", alert_name(*alert).into()));
                if end.is_empty() {
                    "nothing-in-common-alert"
                } else {
                    "nothing-in-common"
                }
            }
            TlsFault::Alerted { alert } => {
                values.push(("alert", alert_name(*alert).into()));
                if *alert == UNRECOGNIZED_NAME {
                    "unknown-name"
                } else {
                    "alerted"
                }
            }
            TlsFault::NotTls { said: Some(said) } if end.is_empty() => {
                values.push(("said", said.as_str().into()));
                "not-tls-said"
            }
            TlsFault::NotTls { .. } => "not-tls",
            TlsFault::Broken { error } => {
                values.push(("error", error.as_str().into()));
                "broken"
            }
            TlsFault::Closed => "closed",
            TlsFault::TimedOut => "timed-out",
            TlsFault::File { file, path, fault } => {
                values.push(("setting", name(file).into()));
                values.push(("path", path.as_str().into()));
                match fault {
                    TlsFileFault::Unreadable { error } => {
                        values.push(("error", error.as_str().into()));
                        "file-unreadable"
                    }
                    TlsFileFault::Missing => "file-missing",
                    TlsFileFault::NotPem => "file-not-pem",
                    TlsFileFault::NoCertificate => "file-no-certificate",
                    TlsFileFault::BadCertificate => "file-bad-certificate",
                    TlsFileFault::NoKey => "file-no-key",
                    TlsFileFault::EncryptedKey => "file-encrypted-key",
                    TlsFileFault::BadKey => "file-bad-key",
                    TlsFileFault::KeyOfAnother => "file-key-of-another",
                }
            }
            TlsFault::NoAuthorities => "no-authorities",
            TlsFault::BadName => "bad-name",
            TlsFault::Local { error } => {
                values.push(("error", error.as_str().into()));
                "local"
            }
        };
        self.format(&format!("tls-{key}{end}"), &values)
    }
}

/// The name of an alert as people read it, as in “handshake failure”.
pub(crate) fn alert_name(alert: Alert) -> String {
    match alert.name() {
        Some(name) => name.replace('_', " "),
        None => alert.0.to_string(),
    }
}
