//! A password or token, and the forms of it that give it away.

use std::fmt;

use zeroize::Zeroizing;

use super::encoding::{encode, joined};

/// A password or token, which is wiped from memory when dropped and which `Debug` does not show.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret itself, to be sent.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// Texts that give the secret away wherever they appear: the secret, and those digits of its base64
    /// that do not depend on what is encoded before and after it.
    pub(crate) fn secret_patterns(&self) -> Vec<Zeroizing<String>> {
        let digits = |before: usize| {
            let padded = joined(&[&"\0\0"[..before], self.expose()]);
            let encoded = encode(&padded);
            // The digits at both ends hold bits of the neighbours.
            let start = (before * 8).div_ceil(6);
            let end = padded.len() * 8 / 6;
            Zeroizing::new(encoded.get(start..end).unwrap_or_default().to_owned())
        };
        let encoded = (0..3).map(digits);
        std::iter::once(self.0.clone()).chain(encoded).collect()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}
