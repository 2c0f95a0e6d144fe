//! Responses and challenges in base64, as lines carry them (RFC 4954 4).

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use zeroize::Zeroizing;

use super::fault::SaslFault;
use crate::limits;

/// Padding is written, and optional in what a server sends.
pub(super) const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The line of a response, without its line end. An empty response is an empty line.
#[must_use]
pub fn encode(response: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(BASE64.encode(response))
}

/// An initial response as an argument of AUTH, where an empty one is `=` (RFC 4954 4).
#[must_use]
pub fn encode_initial(response: &[u8]) -> Zeroizing<String> {
    if response.is_empty() {
        Zeroizing::new("=".to_owned())
    } else {
        encode(response)
    }
}

/// The challenge in the text of a 334.
///
/// # Errors
/// [`SaslFault::Challenge`] if it is not base64 or is too long.
pub fn decode(text: &str) -> Result<Vec<u8>, SaslFault> {
    let text = text.trim_ascii();
    if text == "=" {
        return Ok(Vec::new());
    }
    if text.len() > limits::SASL_CHALLENGE.div_ceil(3) * 4 {
        return Err(SaslFault::Challenge);
    }
    BASE64.decode(text).map_err(|_| SaslFault::Challenge)
}

/// These parts in one buffer of the right size: a buffer that grows leaves copies behind.
pub(super) fn joined(parts: &[&str]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(parts.concat().into_bytes())
}
