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
    /// The certificate.
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
    /// Anything else.
    Invalid,
}

/// Why a handshake failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// The certificate is not trusted.
    Certificate(CertificateFault),
    /// The answer is not TLS, there is no version or cipher in common, or the provider sent an alert.
    Protocol,
    /// The provider hung up.
    Closed,
    /// It did not finish within its limit.
    TimedOut,
    /// A fault on this machine, such as a CA file or client certificate that cannot be read.
    Local,
}
