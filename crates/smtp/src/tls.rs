//! What a conversation wishes of the line's protection, and what it learns of it. The handshake
//! itself is the driver's; this crate only decides when, and whether what came of it will do.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// How the line to the provider is protected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Security {
    /// Never.
    None,
    /// STARTTLS (RFC 3207) where the provider offers it, whatever its certificate; without it where
    /// not. Keeps out who listens, not who meddles.
    #[default]
    Opportunistic,
    /// STARTTLS with a certificate that holds, or nothing is asked.
    Required,
    /// TLS from the first byte (RFC 8314), with a certificate that holds.
    Implicit,
}

impl Security {
    /// Every choice, in the order in which a person is shown them.
    pub const ALL: [Self; 4] = [
        Self::None,
        Self::Opportunistic,
        Self::Required,
        Self::Implicit,
    ];

    /// Whether nothing may be asked without a certificate that holds.
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
    /// When it ends, in seconds since 1970, UTC.
    #[ts(type = "number")]
    pub expires_at: i64,
}

/// What stands behind the provider's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Trust {
    /// An authority that this machine, or the account's own CA file, trusts.
    Verified,
    /// The user, who pinned it.
    Pinned,
    /// Nothing: it does not hold, and the account does not ask that it should.
    Unverified,
}

/// The line's protection after a handshake.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
pub struct Tls {
    /// As in `TLSv1.3`.
    pub version: String,
    /// The cipher suite, as in `TLS13_AES_256_GCM_SHA384`.
    pub cipher: String,
    /// The name that the certificate was checked against.
    pub peer: String,
    /// What stands behind the certificate.
    pub trust: Trust,
    /// The certificate.
    pub certificate: Certificate,
}

/// Why a certificate does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum CertificateFault {
    /// Nobody who is trusted stands behind it; self-signed ones are of this kind.
    UnknownIssuer,
    /// Its time is over.
    Expired,
    /// Its time has yet to come; or this machine's clock is wrong.
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

/// Why no handshake came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TlsFault {
    /// The certificate does not hold.
    Certificate(CertificateFault),
    /// What came is no TLS, or the two have no version or cipher in common, or the provider sent an
    /// alert.
    Protocol,
    /// The provider hung up.
    Closed,
    /// It took too long.
    TimedOut,
    /// Something on this machine: a CA file or client certificate that cannot be read.
    Local,
}
