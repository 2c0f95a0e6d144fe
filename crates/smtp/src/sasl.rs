//! Authentication (SASL, RFC 4422; in SMTP, RFC 4954): the choice of a mechanism, and its exchange.
//! Nothing here knows lines or replies: challenges come in and responses go out, as bytes.
//!
//! Own code on RustCrypto's primitives rather than the crate `rsasl` 2: that has no CRAM-MD5, which
//! ODMR requires (RFC 2645), wipes no secret, computes as many SCRAM rounds as a server asks for,
//! makes its nonces itself, and brings second versions of base64, rand and the hashes.

mod encoding;
mod fault;
mod mechanism;
mod scram;
mod secret;

use std::{fmt, mem, str};

use base64::Engine;
use hmac::Hmac;
use md5::Md5;
use zeroize::Zeroizing;

use self::{
    encoding::{BASE64, joined},
    scram::{Final, Hash, Scram, Signature, escaped, mac},
};
use crate::limits;

pub use self::{
    encoding::{decode, encode, encode_initial},
    fault::SaslFault,
    mechanism::{Login, LoginChoice, Mechanism, NoMechanism, candidates},
    secret::Secret,
};

/// An authentication under way: created by [`Exchange::new`], started by [`Exchange::initial`],
/// continued by [`Exchange::answer`] at each 334, finished by [`Exchange::accepted`] at the 235.
pub struct Exchange {
    mechanism: Mechanism,
    /// The first message, as long as the server may still ask for it.
    opening: Option<Zeroizing<Vec<u8>>>,
    state: State,
    secret_patterns: Vec<Zeroizing<String>>,
}

/// The answer to the next challenge.
enum State {
    /// OAUTHBEARER and XOAUTH2: these bytes, whatever the server's error says.
    TokenRefused(&'static [u8]),
    /// LOGIN: the user's name, whatever the prompt says.
    User {
        user: String,
        secret: Secret,
    },
    /// LOGIN: the secret.
    Secret(Secret),
    CramMd5 {
        user: String,
        secret: Secret,
    },
    ScramFirst(Scram),
    ScramFinal(Signature),
    /// SCRAM: nothing; the server has proved itself.
    Proven,
    /// None: the mechanism is finished.
    Spent,
}

impl Exchange {
    /// Prepares an authentication. OAUTHBEARER sends `host` and `port` of the server; SCRAM uses
    /// `nonce`, at least 18 random bytes that have not been used before.
    ///
    /// # Errors
    /// [`SaslFault::Unprintable`] if the mechanism cannot carry the user's name or the secret.
    pub fn new(
        mechanism: Mechanism,
        login: &Login,
        host: &str,
        port: u16,
        nonce: &[u8],
    ) -> Result<Self, SaslFault> {
        let user = login.user.as_str();
        let secret = login.secret.clone().unwrap_or_else(|| String::new().into());
        let word = secret.expose();
        let needs_user = !matches!(mechanism, Mechanism::External | Mechanism::OAuthBearer);
        let needs_secret = mechanism != Mechanism::External;
        if (needs_user && user.is_empty())
            || (needs_secret && word.is_empty())
            || user.contains('\0')
            || word.contains('\0')
        {
            return Err(SaslFault::Unprintable);
        }
        if mechanism.takes_token()
            && (user.chars().chain(host.chars()).any(char::is_control)
                || !word.bytes().all(|b| b.is_ascii_graphic()))
        {
            return Err(SaslFault::Unprintable);
        }

        let mut opening = None;
        let state = match mechanism {
            Mechanism::External => {
                opening = Some(joined(&[user]));
                State::Spent
            }
            Mechanism::Plain => {
                opening = Some(joined(&["\0", user, "\0", word]));
                State::Spent
            }
            Mechanism::OAuthBearer => {
                let identity = if user.is_empty() {
                    String::new()
                } else {
                    format!("a={}", escaped(user))
                };
                let address = format!("\x01host={host}\x01port={port}\x01auth=Bearer ");
                opening = Some(joined(&["n,", &identity, ",", &address, word, "\x01\x01"]));
                State::TokenRefused(b"\x01")
            }
            Mechanism::XOAuth2 => {
                opening = Some(joined(&[
                    "user=",
                    user,
                    "\x01auth=Bearer ",
                    word,
                    "\x01\x01",
                ]));
                State::TokenRefused(b"")
            }
            Mechanism::Login => State::User {
                user: user.to_owned(),
                secret: secret.clone(),
            },
            Mechanism::CramMd5 => State::CramMd5 {
                user: user.to_owned(),
                secret: secret.clone(),
            },
            Mechanism::ScramSha1 | Mechanism::ScramSha256 => {
                let hash = if mechanism == Mechanism::ScramSha1 {
                    Hash::Sha1
                } else {
                    Hash::Sha256
                };
                let scram = Scram::new(hash, user, word, BASE64.encode(nonce))?;
                opening = Some(joined(&[&scram.first()]));
                State::ScramFirst(scram)
            }
        };

        let mut secret_patterns = Vec::new();
        if !word.is_empty() {
            if let Some(message) = opening.as_ref().filter(|_| mechanism.reveals_secret()) {
                secret_patterns.push(encode(message));
            }
            secret_patterns.push(encode(word.as_bytes()));
            secret_patterns.push(Zeroizing::new(word.to_owned()));
        }
        Ok(Self {
            mechanism,
            opening,
            state,
            secret_patterns,
        })
    }

    /// The mechanism, whose name follows AUTH.
    #[must_use]
    pub fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// The initial response, for the AUTH command; `None` where the server speaks first. The caller
    /// leaves it out where it makes the command too long: an empty challenge then asks for it.
    #[must_use]
    pub fn initial(&self) -> Option<Zeroizing<Vec<u8>>> {
        self.opening.clone()
    }

    /// The response to a challenge.
    ///
    /// # Errors
    /// The exchange is over, and AUTH to be cancelled.
    pub fn respond(&mut self, challenge: &[u8]) -> Result<Zeroizing<Vec<u8>>, SaslFault> {
        let opening = self.opening.take();
        if challenge.len() > limits::SASL_CHALLENGE {
            self.state = State::Spent;
            return Err(SaslFault::Challenge);
        }
        // A server that did not get the first message, or overlooked it, asks for it. PLAIN and
        // EXTERNAL have no other answer, whatever the prompt says.
        if let Some(message) = opening
            && (challenge.is_empty() || matches!(self.state, State::Spent))
        {
            return Ok(message);
        }
        let (response, state) = match mem::replace(&mut self.state, State::Spent) {
            State::TokenRefused(answer) => (Zeroizing::new(answer.to_vec()), State::Spent),
            State::User { user, secret } => (joined(&[&user]), State::Secret(secret)),
            State::Secret(secret) => (joined(&[secret.expose()]), State::Spent),
            State::CramMd5 { user, secret } => {
                if challenge.is_empty() {
                    return Err(SaslFault::Challenge);
                }
                let digest = mac::<Hmac<Md5>>(secret.expose().as_bytes(), challenge)?;
                let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
                (joined(&[&user, " ", &digest]), State::Spent)
            }
            State::ScramFirst(scram) => {
                let (proof, signature) = scram.prove(text(challenge)?)?;
                (proof, State::ScramFinal(signature))
            }
            // SCRAM has no answer to the server's last message, but SMTP needs one to every 334. After
            // a refusal the 535 follows.
            State::ScramFinal(signature) => match signature.verify(text(challenge)?)? {
                Final::Proven => (joined(&[]), State::Proven),
                Final::Refused => (joined(&[]), State::Spent),
            },
            State::Proven | State::Spent => return Err(SaslFault::TooManySteps),
        };
        self.state = state;
        Ok(response)
    }

    /// The line, without its line end, that answers a 334 with this text. Some servers write their
    /// prompts for PLAIN and LOGIN in plain words (qmail: `334 ok, go on`), which are ignored.
    ///
    /// # Errors
    /// As for [`Exchange::respond`].
    pub fn answer(&mut self, text: &str) -> Result<Zeroizing<String>, SaslFault> {
        let challenge = match (decode(text), self.mechanism) {
            (Err(_), Mechanism::Plain | Mechanism::Login) => Vec::new(),
            (challenge, _) => challenge?,
        };
        self.respond(&challenge).map(|response| encode(&response))
    }

    /// Whether the server's 235 may be believed. `data` is the text of the 235, decoded, if it is
    /// base64: some servers send SCRAM's last message there.
    ///
    /// # Errors
    /// [`SaslFault::ServerNotProved`], for SCRAM only.
    pub fn accepted(&self, data: Option<&[u8]>) -> Result<(), SaslFault> {
        if !matches!(
            self.mechanism,
            Mechanism::ScramSha1 | Mechanism::ScramSha256
        ) {
            return Ok(());
        }
        let proven = match &self.state {
            State::Proven => true,
            State::ScramFinal(signature) => data
                .and_then(|data| str::from_utf8(data).ok())
                .is_some_and(|last| signature.verify(last) == Ok(Final::Proven)),
            State::TokenRefused(_)
            | State::User { .. }
            | State::Secret(_)
            | State::CramMd5 { .. }
            | State::ScramFirst(_)
            | State::Spent => false,
        };
        proven.then_some(()).ok_or(SaslFault::ServerNotProved)
    }

    /// Texts that give the secret away and that a server may echo: nothing that is shown or stored of
    /// its replies may contain one. The longest first; none is empty.
    #[must_use]
    pub fn secret_patterns(&self) -> Vec<Zeroizing<String>> {
        self.secret_patterns.clone()
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("mechanism", &self.mechanism)
            .finish_non_exhaustive()
    }
}

fn text(challenge: &[u8]) -> Result<&str, SaslFault> {
    str::from_utf8(challenge).map_err(|_| SaslFault::Challenge)
}

#[cfg(test)]
mod tests;
