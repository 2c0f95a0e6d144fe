//! Which mechanism to use: one that is offered, that the user has chosen, and that is safe here.

use std::{fmt, slice};

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use super::secret::Secret;

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

    /// Whether a server that does not know the secret fails it.
    #[must_use]
    pub const fn proves_server(self) -> bool {
        match self {
            Self::ScramSha256 | Self::ScramSha1 => true,
            Self::External
            | Self::OAuthBearer
            | Self::XOAuth2
            | Self::CramMd5
            | Self::Plain
            | Self::Login => false,
        }
    }

    /// Whether an eavesdropper learns the secret.
    #[must_use]
    pub const fn reveals_secret(self) -> bool {
        match self {
            Self::OAuthBearer | Self::XOAuth2 | Self::Plain | Self::Login => true,
            Self::External | Self::ScramSha256 | Self::ScramSha1 | Self::CramMd5 => false,
        }
    }

    /// Whether the secret is a token (OAuth 2.0), which holds for a time, and not a password.
    #[must_use]
    pub const fn takes_token(self) -> bool {
        match self {
            Self::OAuthBearer | Self::XOAuth2 => true,
            Self::Plain
            | Self::Login
            | Self::External
            | Self::ScramSha256
            | Self::ScramSha1
            | Self::CramMd5 => false,
        }
    }
}

/// The user's choice of mechanisms.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum LoginChoice {
    /// The strongest mechanism for a password; EXTERNAL where there is only a client certificate.
    #[default]
    Auto,
    /// The strongest mechanism for an OAuth token.
    Token,
    /// This mechanism only.
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

/// The credentials of a login, and how they may be used.
#[derive(Clone, Debug)]
pub struct Login {
    /// The user's name, which may be empty for EXTERNAL and OAUTHBEARER only.
    pub user: String,
    /// The password or token; EXTERNAL needs none.
    pub secret: Option<Secret>,
    /// The mechanisms that may be used.
    pub choice: LoginChoice,
    /// Whether the secret may be sent where others could read it.
    pub in_clear: bool,
    /// Whether the TLS handshake presents a client certificate.
    pub certificate: bool,
}

/// Why there is no mechanism to try.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NoMechanism {
    /// The provider offers none that this crate knows.
    NoneOffered,
    /// The provider offers none of those that may be used.
    NoneInCommon,
    /// Those that may be used would reveal the secret to an eavesdropper.
    OnlyInClear,
}

/// The mechanisms to try, the strongest first; never empty.
///
/// `offered` comes from the EHLO reply, the one after the handshake where there is TLS. `protected`
/// tells whether the connection has TLS with a valid or pinned certificate: without it, a man in the
/// middle could read the secret.
///
/// # Errors
/// [`NoMechanism`] says why none is left.
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
