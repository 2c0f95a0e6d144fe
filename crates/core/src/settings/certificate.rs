//! What an account says of certificates: its own, and the only one that will do.

use std::{fmt, path::Path, str::FromStr};

/// A certificate of our own, in PEM.
#[derive(Clone, Copy, Debug)]
pub struct ClientCertificate<'a> {
    /// The certificate, and after it those that lead to its authority.
    pub certificate: &'a Path,
    /// Its key, not encrypted. May be the same file.
    pub key: &'a Path,
}

/// A certificate that the user chose to trust: SHA-256 of its DER. Written as upper-case pairs of
/// hexadecimal digits with colons between, like [`Certificate::fingerprint`](dequeue_smtp::Certificate::fingerprint); read with or without
/// colons and spaces, in either case, and with or without `sha256:` before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Pin([u8; 32]);

/// What was given is no SHA-256 fingerprint.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a certificate's fingerprint is 64 hexadecimal digits (SHA-256)")]
pub struct PinError;

impl Pin {
    /// The pin of a certificate with this digest: SHA-256 of its DER.
    #[must_use]
    pub const fn of_digest(digest: [u8; 32]) -> Self {
        Self(digest)
    }
}

impl fmt::Display for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, byte) in self.0.iter().enumerate() {
            let colon = if at == 0 { "" } else { ":" };
            write!(f, "{colon}{byte:02X}")?;
        }
        Ok(())
    }
}

impl FromStr for Pin {
    type Err = PinError;

    fn from_str(text: &str) -> Result<Self, PinError> {
        const PREFIX: &str = "sha256:";
        let text = text.trim();
        let digits = match text.get(..PREFIX.len()) {
            Some(start) if start.eq_ignore_ascii_case(PREFIX) => &text[PREFIX.len()..],
            Some(_) | None => text,
        };
        let mut pin = [0; 32];
        let mut count = 0;
        for digit in digits.chars().filter(|digit| !matches!(digit, ':' | ' ')) {
            let digit = digit
                .to_digit(16)
                .and_then(|digit| u8::try_from(digit).ok());
            let place = pin.get_mut(count / 2).ok_or(PinError)?;
            *place = *place << 4 | digit.ok_or(PinError)?;
            count += 1;
        }
        if count == 2 * pin.len() {
            Ok(Self(pin))
        } else {
            Err(PinError)
        }
    }
}
