//! The protection that a session asks for, and what it learns of it. The driver does the handshake;
//! this crate decides when it begins and whether its result is acceptable.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How the connection to the provider is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Security {
    /// No TLS.
    None,
    /// STARTTLS (RFC 3207) if the provider offers it, with any certificate; otherwise no TLS. Protects
    /// against eavesdroppers, not against a man in the middle.
    #[default]
    Opportunistic,
    /// STARTTLS with a valid or pinned certificate, or nothing is asked.
    Required,
    /// TLS from the first byte (RFC 8314), with a valid or pinned certificate.
    Implicit,
}

impl Security {
    /// Every choice, in the order in which lists show them.
    pub const ALL: [Self; 4] = [
        Self::None,
        Self::Opportunistic,
        Self::Required,
        Self::Implicit,
    ];

    /// Whether nothing may be asked without a valid or pinned certificate.
    #[must_use]
    pub const fn is_strict(self) -> bool {
        matches!(self, Self::Required | Self::Implicit)
    }
}

/// The certificate that the provider showed.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Certificate {
    /// SHA-256 of the whole certificate (DER), in upper-case hexadecimal pairs with colons between.
    pub fingerprint: String,
    /// When it begins, in seconds since 1970, UTC.
    #[ts(type = "number")]
    pub valid_from: i64,
    /// When it expires, in seconds since 1970, UTC.
    #[ts(type = "number")]
    pub expires_at: i64,
}

/// Why the provider's certificate is trusted, if it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateTrust {
    /// An authority that this machine or the account's CA file trusts has issued it.
    Verified,
    /// The user has pinned it.
    Pinned,
    /// It is not trusted, and the account does not require it to be.
    Unverified,
}

/// The protection of a connection after the handshake.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Tls {
    /// The version of TLS, as in `TLSv1.3`.
    pub version: String,
    /// The cipher suite, as in `TLS13_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// The name against which the certificate was verified.
    pub peer: String,
    /// Why the certificate is trusted, if it is.
    pub trust: CertificateTrust,
    /// What the server proved itself with.
    pub certificate: Certificate,
}

/// Why a certificate is not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateFault {
    /// No trusted authority has issued it; self-signed ones are among these.
    UnknownIssuer,
    /// It has expired.
    Expired,
    /// It is not valid yet, or the clock of this machine is wrong.
    NotYetValid,
    /// It is for another name.
    WrongName,
    /// It has been revoked.
    Revoked,
    /// It is not the one that was pinned.
    NotThePinned,
    /// Its RSA key has fewer than 2048 bits: with such a key no handshake can be checked.
    WeakKey,
    /// It, or one that leads to its authority, is signed with an algorithm that is not accepted, such
    /// as SHA-1.
    WeakSignature,
    /// Anything else.
    Invalid,
}

/// The description of an alert (RFC 8446 6): why the provider ends TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Alert(pub u8);

impl Alert {
    /// The name of the RFCs, as in `handshake_failure`; `None` for one that no RFC names.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        Some(match self.0 {
            10 => "unexpected_message",
            20 => "bad_record_mac",
            21 => "decryption_failed",
            22 => "record_overflow",
            30 => "decompression_failure",
            40 => "handshake_failure",
            41 => "no_certificate",
            42 => "bad_certificate",
            43 => "unsupported_certificate",
            44 => "certificate_revoked",
            45 => "certificate_expired",
            46 => "certificate_unknown",
            47 => "illegal_parameter",
            48 => "unknown_ca",
            49 => "access_denied",
            50 => "decode_error",
            51 => "decrypt_error",
            60 => "export_restriction",
            70 => "protocol_version",
            71 => "insufficient_security",
            80 => "internal_error",
            86 => "inappropriate_fallback",
            90 => "user_canceled",
            100 => "no_renegotiation",
            109 => "missing_extension",
            110 => "unsupported_extension",
            111 => "certificate_unobtainable",
            112 => "unrecognized_name",
            113 => "bad_certificate_status_response",
            114 => "bad_certificate_hash_value",
            115 => "unknown_psk_identity",
            116 => "certificate_required",
            120 => "no_application_protocol",
            121 => "ech_required",
            _ => return None,
        })
    }
}

/// When an alert came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertMoment {
    /// In answer to our first message, before anything else of the provider's.
    AtOnce,
    /// Later in the handshake.
    Later {
        /// Whether the provider had asked for a certificate of ours.
        certificate_asked: bool,
    },
    /// On a line whose handshake was done. With TLS 1.3 the provider judges our certificate only then.
    AfterHandshake,
}

/// A file of the account that TLS needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TlsFile {
    /// The authorities that are trusted.
    CaFile,
    /// Our certificate.
    ClientCert,
    /// Its key.
    ClientKey,
}

/// What is wrong with a file that TLS needs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum TlsFileFault {
    /// There is no such file.
    Missing,
    /// It cannot be read.
    Unreadable {
        /// What the system said.
        error: String,
    },
    /// It is not PEM, or a PEM section in it is broken.
    NotPem,
    /// It is PEM, but no certificate is in it.
    NoCertificate,
    /// A certificate in it cannot be understood.
    BadCertificate,
    /// It is PEM, but no key is in it.
    NoKey,
    /// Its key is encrypted.
    EncryptedKey,
    /// Its key is of a kind that cannot be used.
    BadKey,
    /// Its key does not belong to the certificate.
    KeyOfAnother,
}

/// Why TLS failed: codes and values; whoever shows it makes the sentence.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", content = "about", rename_all = "kebab-case")]
pub enum TlsFault {
    /// The provider's certificate is not trusted, or cannot be used.
    Certificate(CertificateFault),
    /// The provider asks for a certificate of ours, and got none, or one that it does not accept.
    ClientCertificate {
        /// The alert that said so.
        alert: Alert,
    },
    /// The provider speaks only versions of TLS that are no longer safe, older than 1.2.
    Version,
    /// The provider and we have no cipher, curve or signature in common.
    NothingInCommon {
        /// The alert that said so, where it was the provider that found it.
        alert: Option<Alert>,
    },
    /// The provider ended it with this alert.
    Alerted {
        /// What it said of the reason (RFC 8446 6.2).
        alert: Alert,
    },
    /// What answered is not TLS.
    NotTls {
        /// The beginning of its first line, where that is text.
        said: Option<String>,
    },
    /// What came is TLS, but not as it should be.
    Broken {
        /// What the library for TLS found, in its words.
        error: String,
    },
    /// The provider hung up.
    Closed,
    /// It did not finish within its limit.
    TimedOut,
    /// A file of the account cannot be used; nothing was sent.
    File {
        /// Whose place it has among the settings.
        file: TlsFile,
        /// Where it is.
        path: String,
        /// What is wrong with it.
        fault: TlsFileFault,
    },
    /// This machine has no authorities, and the account names none; nothing was sent.
    NoAuthorities,
    /// The host's name cannot stand in a certificate; nothing was sent.
    BadName,
    /// Anything else on this machine, such as a system without random numbers.
    Local {
        /// What the system, or the library for TLS, said.
        error: String,
    },
}

impl TlsFault {
    /// What an alert means (RFC 8446 6.2; RFC 5246 7.2.2), by the moment at which it came.
    #[must_use]
    pub const fn of_alert(alert: Alert, moment: AlertMoment) -> Self {
        match (alert.0, moment) {
            (70, _) => Self::Version,
            (71, _) | (40, AlertMoment::AtOnce) => Self::NothingInCommon { alert: Some(alert) },
            // TLS 1.2 has no alert of its own for a certificate that is missing.
            (
                40,
                AlertMoment::Later {
                    certificate_asked: true,
                },
            )
            // These judge a certificate; ours is the only one that the provider judges.
            | (41..=46 | 48 | 49 | 116, AlertMoment::Later { .. } | AlertMoment::AfterHandshake) => {
                Self::ClientCertificate { alert }
            }
            _ => Self::Alerted { alert },
        }
    }

    /// Whether it is a fault of this machine or of the settings, so that nothing was sent.
    #[must_use]
    pub const fn is_local(&self) -> bool {
        match self {
            Self::File { .. } | Self::NoAuthorities | Self::BadName | Self::Local { .. } => true,
            Self::Certificate(_)
            | Self::ClientCertificate { .. }
            | Self::Version
            | Self::NothingInCommon { .. }
            | Self::Alerted { .. }
            | Self::NotTls { .. }
            | Self::Broken { .. }
            | Self::Closed
            | Self::TimedOut => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_alert_means_depends_on_when_it_comes() {
        use AlertMoment::{AfterHandshake, AtOnce, Later};
        let asked = Later {
            certificate_asked: true,
        };
        let unasked = Later {
            certificate_asked: false,
        };
        let certificate = |alert| TlsFault::ClientCertificate { alert };
        let alerted = |alert| TlsFault::Alerted { alert };
        let nothing = |alert| TlsFault::NothingInCommon { alert: Some(alert) };
        let version = |_| TlsFault::Version;
        for (code, moment, expected) in [
            // No shared cipher, as OpenSSL and Schannel say it.
            (40, AtOnce, nothing as fn(Alert) -> TlsFault),
            (71, AtOnce, nothing),
            (70, AtOnce, version),
            // No certificate, as OpenSSL says it with TLS 1.2 and with 1.3.
            (40, asked, certificate),
            (40, unasked, alerted),
            (116, AfterHandshake, certificate),
            (42, asked, certificate),
            (48, AfterHandshake, certificate),
            (40, AfterHandshake, alerted),
            (80, AfterHandshake, alerted),
            (112, AtOnce, alerted),
            (255, unasked, alerted),
        ] {
            let alert = Alert(code);
            let fault = TlsFault::of_alert(alert, moment);
            assert_eq!(fault, expected(alert), "{code} {moment:?}");
        }
    }

    #[test]
    fn a_fault_is_read_as_it_is_written() {
        let fault = TlsFault::File {
            file: TlsFile::ClientKey,
            path: "/etc/ssl/our.key".into(),
            fault: TlsFileFault::KeyOfAnother,
        };
        let json = serde_json::json!({
            "kind": "file",
            "about": {
                "file": "client_key",
                "path": "/etc/ssl/our.key",
                "fault": { "kind": "key-of-another" },
            },
        });
        assert_eq!(serde_json::to_value(&fault).unwrap(), json);
        assert_eq!(serde_json::from_value::<TlsFault>(json).unwrap(), fault);
    }
}
