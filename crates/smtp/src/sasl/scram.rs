//! SCRAM (RFC 5802) with SHA-1 and SHA-256 (RFC 7677), without channel binding: its computations and
//! its messages.

use std::borrow::Cow;

use base64::Engine;
use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use stringprep::{saslprep, tables::unassigned_code_point};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::{encoding::BASE64, fault::SaslFault};
use crate::limits;

/// The GS2 header: no channel binding, no authorization identity.
const GS2_HEADER: &str = "n,,";

#[derive(Clone, Copy)]
pub(super) enum Hash {
    Sha1,
    Sha256,
}

/// An exchange that waits for the server's first message.
pub(super) struct Scram {
    hash: Hash,
    password: Zeroizing<String>,
    nonce: String,
    /// Our first message without the GS2 header.
    first_bare: String,
}

/// The signature with which the server must answer our proof.
pub(super) struct Signature(Zeroizing<Vec<u8>>);

/// What the server's final message says.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Final {
    /// The server knows the password too.
    Proven,
    /// The server does not accept our proof.
    Refused,
}

impl Scram {
    pub(super) fn new(
        hash: Hash,
        user: &str,
        password: &str,
        nonce: String,
    ) -> Result<Self, SaslFault> {
        let name = escaped(&prepared(user)?);
        let first_bare = format!("n={name},r={nonce}");
        Ok(Self {
            hash,
            password: prepared(password)?,
            nonce,
            first_bare,
        })
    }

    /// Our first message.
    pub(super) fn first(&self) -> String {
        format!("{GS2_HEADER}{}", self.first_bare)
    }

    /// Reads the server's first message; returns our final one and the signature that must answer it.
    pub(super) fn prove(
        self,
        server_first: &str,
    ) -> Result<(Zeroizing<Vec<u8>>, Signature), SaslFault> {
        // Optional extensions may follow. A mandatory one comes first, and is not known here.
        let mut attributes = server_first.split(',');
        let mut next = |key| attributes.next().and_then(|text| text.strip_prefix(key));
        let (Some(nonce), Some(salt), Some(iterations)) = (next("r="), next("s="), next("i="))
        else {
            return Err(SaslFault::Challenge);
        };
        let added = nonce.strip_prefix(&self.nonce);
        if !added
            .is_some_and(|added| !added.is_empty() && added.bytes().all(|b| b.is_ascii_graphic()))
        {
            return Err(SaslFault::Challenge);
        }
        let salt = BASE64.decode(salt).map_err(|_| SaslFault::Challenge)?;
        if salt.is_empty()
            || iterations.is_empty()
            || !iterations.bytes().all(|b| b.is_ascii_digit())
        {
            return Err(SaslFault::Challenge);
        }
        let iterations = iterations
            .parse()
            .ok()
            .filter(|n| limits::SCRAM_ITERATIONS.contains(n))
            .ok_or(SaslFault::Iterations)?;

        let without_proof = format!("c={},r={nonce}", BASE64.encode(GS2_HEADER));
        let exchanged = format!("{},{server_first},{without_proof}", self.first_bare);
        let compute = match self.hash {
            Hash::Sha1 => proof_and_signature::<Sha1>,
            Hash::Sha256 => proof_and_signature::<Sha256>,
        };
        let (proof, signature) = compute(&self.password, &salt, iterations, exchanged.as_bytes())?;
        let message = format!("{without_proof},p={}", BASE64.encode(&*proof));
        Ok((Zeroizing::new(message.into_bytes()), Signature(signature)))
    }
}

impl Signature {
    /// Reads the server's final message.
    pub(super) fn verify(&self, server_final: &str) -> Result<Final, SaslFault> {
        let word = server_final.split(',').next().unwrap_or_default();
        if let Some(given) = word.strip_prefix("v=") {
            let given = BASE64
                .decode(given)
                .map_err(|_| SaslFault::ServerNotProved)?;
            if bool::from(self.0.ct_eq(&given)) {
                Ok(Final::Proven)
            } else {
                Err(SaslFault::ServerNotProved)
            }
        } else if word.starts_with("e=") {
            Ok(Final::Refused)
        } else {
            Err(SaslFault::Challenge)
        }
    }
}

/// A name as SCRAM's and OAUTHBEARER's headers carry it (RFC 5801 4).
pub(super) fn escaped(name: &str) -> String {
    name.replace('=', "=3D").replace(',', "=2C")
}

/// SASLprep (RFC 4013), which knows Unicode 3.2. A text with a newer character is used as it is, which
/// agrees with servers that prepare nothing.
fn prepared(text: &str) -> Result<Zeroizing<String>, SaslFault> {
    let prepared = match saslprep(text) {
        Ok(prepared) => prepared,
        Err(_) if text.chars().any(char::is_control) => return Err(SaslFault::Unprintable),
        Err(_) if text.chars().any(unassigned_code_point) => Cow::Borrowed(text),
        Err(_) => return Err(SaslFault::Unprintable),
    };
    if prepared.is_empty() {
        return Err(SaslFault::Unprintable);
    }
    Ok(Zeroizing::new(prepared.into_owned()))
}

type Bytes = Zeroizing<Vec<u8>>;

/// The client's proof and the server's signature (RFC 5802 3) over everything that was `exchanged`.
fn proof_and_signature<D: EagerHash + Digest>(
    password: &str,
    salt: &[u8],
    iterations: u32,
    exchanged: &[u8],
) -> Result<(Bytes, Bytes), SaslFault> {
    let mut salted = Zeroizing::new(vec![0; <D as Digest>::output_size()]);
    pbkdf2::pbkdf2_hmac::<D>(password.as_bytes(), salt, iterations, &mut salted);
    let client_key = mac::<Hmac<D>>(&salted, b"Client Key")?;
    let stored_key = Zeroizing::new(D::digest(&*client_key).to_vec());
    let mut proof = mac::<Hmac<D>>(&stored_key, exchanged)?;
    for (byte, key) in proof.iter_mut().zip(client_key.iter()) {
        *byte ^= key;
    }
    let server_key = mac::<Hmac<D>>(&salted, b"Server Key")?;
    let signature = mac::<Hmac<D>>(&server_key, exchanged)?;
    Ok((proof, signature))
}

/// A keyed hash. HMAC accepts keys of any length, so it never fails in practice.
pub(super) fn mac<M: Mac + KeyInit>(key: &[u8], message: &[u8]) -> Result<Bytes, SaslFault> {
    let mac = <M as KeyInit>::new_from_slice(key).map_err(|_| SaslFault::Unprintable)?;
    Ok(Zeroizing::new(
        mac.chain_update(message).finalize().as_bytes().to_vec(),
    ))
}
