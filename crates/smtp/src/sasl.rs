//! Authentication (SASL, RFC 4422; in SMTP, RFC 4954): which mechanism to use, and what is said in
//! it. Nothing here knows of lines or replies: challenges come in, responses go out, as bytes.
//!
//! Own code on RustCrypto's primitives rather than the crate `rsasl` 2: that has no CRAM-MD5, which
//! ODMR asks for (RFC 2645), wipes no secret, does as many SCRAM rounds as a server asks for, makes
//! its nonces itself, and brings second versions of base64, rand and the hashes.

mod scram;

use std::{fmt, mem, slice, str};

use base64::{
    Engine, alphabet,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use hmac::Hmac;
use md5::Md5;
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use zeroize::Zeroizing;

use self::scram::{Final, Hash, Scram, Signature, escaped, mac};
use crate::limits;

/// Padding is written, and not missed where a server leaves it out.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// A password or token: wiped when dropped, shown by nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// The secret itself, for the one who sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Secret {
    /// Texts that give it away wherever they stand: itself, and what remains the same of its base64,
    /// whatever stands before and after it in what is encoded.
    pub(crate) fn secret_patterns(&self) -> Vec<Zeroizing<String>> {
        let digits = |before: usize| {
            let padded = joined(&[&"\0\0"[..before], self.expose()]);
            let encoded = encode(&padded);
            // The digits at both ends hold some of its neighbours' bits.
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

/// A SASL mechanism.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Mechanism {
    /// The client certificate of the TLS handshake (RFC 4422 A).
    External,
    /// RFC 7677. Proves both sides.
    #[serde(rename = "scram-sha-256")]
    ScramSha256,
    /// RFC 5802. Proves both sides.
    #[serde(rename = "scram-sha-1")]
    ScramSha1,
    /// A token (RFC 7628).
    #[serde(rename = "oauthbearer")]
    OAuthBearer,
    /// A token, as Google and Microsoft had it before RFC 7628.
    #[serde(rename = "xoauth2")]
    XOAuth2,
    /// RFC 2195. What ODMR asks for (RFC 2645).
    #[serde(rename = "cram-md5")]
    CramMd5,
    /// RFC 4616.
    Plain,
    /// PLAIN in two halves; in no RFC, but everywhere.
    Login,
}

impl Mechanism {
    /// Every mechanism, the strongest first.
    pub const ALL: [Self; 8] = [
        Self::External,
        Self::ScramSha256,
        Self::ScramSha1,
        Self::OAuthBearer,
        Self::XOAuth2,
        Self::CramMd5,
        Self::Plain,
        Self::Login,
    ];

    /// The name on the wire (IANA's registry of SASL mechanisms).
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::External => "EXTERNAL",
            Self::ScramSha256 => "SCRAM-SHA-256",
            Self::ScramSha1 => "SCRAM-SHA-1",
            Self::OAuthBearer => "OAUTHBEARER",
            Self::XOAuth2 => "XOAUTH2",
            Self::CramMd5 => "CRAM-MD5",
            Self::Plain => "PLAIN",
            Self::Login => "LOGIN",
        }
    }

    /// The mechanism of a name on the wire, in upper or lower case.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|mechanism| mechanism.name().eq_ignore_ascii_case(name))
    }

    /// Whether who listens to the line learns the secret.
    #[must_use]
    pub const fn reveals_secret(self) -> bool {
        match self {
            Self::OAuthBearer | Self::XOAuth2 | Self::Plain | Self::Login => true,
            Self::External | Self::ScramSha256 | Self::ScramSha1 | Self::CramMd5 => false,
        }
    }
}

/// How the user wishes to authenticate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum LoginChoice {
    /// With a password, by the strongest mechanism there is; with the client certificate where there
    /// is no password.
    #[default]
    Auto,
    /// With an OAuth token, by the strongest mechanism there is.
    Token,
    /// By this mechanism only.
    #[serde(untagged)]
    Only(Mechanism),
}

impl LoginChoice {
    /// Every choice, in the order in which a person is shown them.
    pub const ALL: [Self; 10] = [
        Self::Auto,
        Self::Token,
        Self::Only(Mechanism::External),
        Self::Only(Mechanism::ScramSha256),
        Self::Only(Mechanism::ScramSha1),
        Self::Only(Mechanism::OAuthBearer),
        Self::Only(Mechanism::XOAuth2),
        Self::Only(Mechanism::CramMd5),
        Self::Only(Mechanism::Plain),
        Self::Only(Mechanism::Login),
    ];

    /// The name in settings, on the command line and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Token => "token",
            Self::Only(Mechanism::External) => "external",
            Self::Only(Mechanism::ScramSha256) => "scram-sha-256",
            Self::Only(Mechanism::ScramSha1) => "scram-sha-1",
            Self::Only(Mechanism::OAuthBearer) => "oauthbearer",
            Self::Only(Mechanism::XOAuth2) => "xoauth2",
            Self::Only(Mechanism::CramMd5) => "cram-md5",
            Self::Only(Mechanism::Plain) => "plain",
            Self::Only(Mechanism::Login) => "login",
        }
    }
}

impl fmt::Display for LoginChoice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Who authenticates, and how.
#[derive(Clone, Debug)]
pub struct Login {
    /// The name of the user; may be empty for EXTERNAL and OAUTHBEARER only.
    pub user: String,
    /// The password or token; EXTERNAL does without.
    pub secret: Option<Secret>,
    /// The mechanisms that will do.
    pub choice: LoginChoice,
    /// Whether the secret may go over a line that anyone can listen to.
    pub in_clear: bool,
    /// Whether a client certificate is shown in the TLS handshake.
    pub certificate: bool,
}

/// Why there is no mechanism to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoMechanism {
    /// The provider offers none, or none that is known here.
    NoneOffered,
    /// The provider offers none of those that will do.
    NoneInCommon,
    /// Those that would do give the secret to who listens to the line.
    OnlyInClear,
}

/// The mechanisms to try, the strongest first; never empty.
///
/// `offered` is what the EHLO reply offers, the one after TLS where there is TLS. `protected` tells
/// whether the line has TLS with a certificate that holds, by an authority or by being pinned:
/// without one, who meddles with the line could be the one who reads the secret.
///
/// # Errors
/// Why there is none.
pub fn candidates(
    login: &Login,
    offered: &[Mechanism],
    protected: bool,
) -> Result<Vec<Mechanism>, NoMechanism> {
    use Mechanism::{
        CramMd5, External, Login, OAuthBearer, Plain, ScramSha1, ScramSha256, XOAuth2,
    };
    if offered.is_empty() {
        return Err(NoMechanism::NoneOffered);
    }
    let suitable = match &login.choice {
        LoginChoice::Auto if login.certificate && login.secret.is_none() => &[External][..],
        LoginChoice::Auto => &[ScramSha256, ScramSha1, CramMd5, Plain, Login],
        LoginChoice::Token => &[OAuthBearer, XOAuth2],
        LoginChoice::Only(mechanism) => slice::from_ref(mechanism),
    };
    let mut common = suitable.to_vec();
    common.retain(|mechanism| offered.contains(mechanism));
    if common.is_empty() {
        return Err(NoMechanism::NoneInCommon);
    }
    common.retain(|mechanism| protected || login.in_clear || !mechanism.reveals_secret());
    if common.is_empty() {
        return Err(NoMechanism::OnlyInClear);
    }
    Ok(common)
}

/// Why an exchange cannot go on. The command is then cancelled with `*` (RFC 4954 4), but for
/// [`SaslFault::Unprintable`], which is known before anything is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum SaslFault {
    /// What the server sent cannot be understood, or is too long.
    #[error("the challenge cannot be understood")]
    Challenge,
    /// The server did not show that it knows the password, or did so wrongly: it may be another.
    #[error("the server did not prove that it knows the password")]
    ServerNotProved,
    /// The server goes on asking where nothing is left to say.
    #[error("the server asks for more than the mechanism has")]
    TooManySteps,
    /// The user's name or the secret is missing, or holds what the mechanism cannot carry: NUL for
    /// all, what SASLprep prohibits for SCRAM, all but visible ASCII in a token. Another mechanism
    /// may do.
    #[error("the mechanism cannot carry this user or secret")]
    Unprintable,
    /// The server asks for no rounds of hashing, or for more than [`limits::SCRAM_ITERATIONS`].
    #[error("the server asks for no hashing, or for endless hashing")]
    Iterations,
}

/// One authentication under way: made with [`Exchange::new`], begun with [`Exchange::initial`],
/// carried on with [`Exchange::answer`] for each 334, ended with [`Exchange::accepted`] at the 235.
pub struct Exchange {
    mechanism: Mechanism,
    /// The first message, as long as the server may still ask for it.
    opening: Option<Zeroizing<Vec<u8>>>,
    state: State,
    secret_patterns: Vec<Zeroizing<String>>,
}

/// What the next challenge is answered with.
enum State {
    /// OAUTHBEARER and XOAUTH2: with these bytes, whatever the server complains of.
    TokenRefused(&'static [u8]),
    /// LOGIN: with the name, whatever the prompt says.
    User {
        user: String,
        secret: Secret,
    },
    /// LOGIN: with the secret.
    Secret(Secret),
    CramMd5 {
        user: String,
        secret: Secret,
    },
    ScramFirst(Scram),
    ScramFinal(Signature),
    /// SCRAM: with nothing; the server has proved itself.
    Proven,
    /// With nothing.
    Spent,
}

impl Exchange {
    /// Prepares an authentication with the server at `host` and `port`, the ones connected to, which
    /// OAUTHBEARER names. `nonce` is 18 random bytes or more, never used before; only SCRAM uses it.
    ///
    /// # Errors
    /// [`SaslFault::Unprintable`].
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
        let is_token = matches!(mechanism, Mechanism::OAuthBearer | Mechanism::XOAuth2);
        if is_token
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
            secret_patterns.push(secret.0.clone());
        }
        Ok(Self {
            mechanism,
            opening,
            state,
            secret_patterns,
        })
    }

    /// The mechanism, whose name goes with AUTH.
    #[must_use]
    pub fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// The initial response, to go with the AUTH command; `None` where the server speaks first. Where
    /// it makes the command too long, it is left out of it: an empty challenge asks for it.
    #[must_use]
    pub fn initial(&self) -> Option<Zeroizing<Vec<u8>>> {
        self.opening.clone()
    }

    /// The response to a challenge.
    ///
    /// # Errors
    /// The exchange is over: the command is to be cancelled.
    pub fn respond(&mut self, challenge: &[u8]) -> Result<Zeroizing<Vec<u8>>, SaslFault> {
        let opening = self.opening.take();
        if challenge.len() > limits::SASL_CHALLENGE {
            self.state = State::Spent;
            return Err(SaslFault::Challenge);
        }
        // A server that was not given the first message, or overlooked it, asks for it. PLAIN and
        // EXTERNAL have nothing else to say, so the words of the prompt do not matter.
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
            // The server's last message needs no answer, but SMTP has no reply without one. After a
            // refusal comes the 535.
            State::ScramFinal(signature) => match signature.check(text(challenge)?)? {
                Final::Proven => (joined(&[]), State::Proven),
                Final::Refused => (joined(&[]), State::Spent),
            },
            State::Proven | State::Spent => return Err(SaslFault::TooManySteps),
        };
        self.state = state;
        Ok(response)
    }

    /// The line, without its end, that answers a 334 with this text. Some servers write their prompts
    /// for PLAIN and LOGIN in plain words (qmail's `334 ok, go on`); nothing hangs on those.
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

    /// Whether a success that the server reports may be believed. `data` is what the 235 brought in
    /// base64, if anything: some servers put SCRAM's last message there.
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
                .is_some_and(|last| signature.check(last) == Ok(Final::Proven)),
            State::TokenRefused(_)
            | State::User { .. }
            | State::Secret(_)
            | State::CramMd5 { .. }
            | State::ScramFirst(_)
            | State::Spent => false,
        };
        proven.then_some(()).ok_or(SaslFault::ServerNotProved)
    }

    /// Texts that give the secret away, in which a server may echo it: what is shown or kept of its
    /// replies must hold none of them. The longest first; never an empty one.
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

/// A response as its line, without the line end. An empty one is an empty line.
#[must_use]
pub fn encode(response: &[u8]) -> Zeroizing<String> {
    Zeroizing::new(BASE64.encode(response))
}

/// An initial response as it goes with the AUTH command, where an empty one is `=` (RFC 4954 4).
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
/// [`SaslFault::Challenge`] if it is not base64, or too long.
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

/// Allocated once, so that no copy stays behind.
fn joined(parts: &[&str]) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(parts.concat().into_bytes())
}

fn text(challenge: &[u8]) -> Result<&str, SaslFault> {
    str::from_utf8(challenge).map_err(|_| SaslFault::Challenge)
}

#[cfg(test)]
mod tests;
