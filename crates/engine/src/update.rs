//! Looks whether there is a newer version: fetches the announcement and its signature, and believes
//! what is signed. Nothing else is ever fetched, and nothing is installed.
//!
//! The signature is minisign's (<https://jedisct1.github.io/minisign/>), in a file of its own beside the
//! announcement, with `.minisig` at the end of its name.

use std::{env, time::Duration};

use dequeue_core::update::{Announcement, Unbelieved};
use minisign_verify::{PublicKey, Signature};

use crate::channel::{CertificateRoots, Why, http::fetch};

/// Where announcements are, and the key they are signed with, for whoever hands out Dequeue in a place
/// of their own: both, with a space between them.
pub const SOURCE_VARIABLE: &str = "DEQUEUE_UPDATES";
/// The same as it was built in. There is no public place yet: a build that names none looks nowhere.
const BUILT_IN: Option<&str> = option_env!("DEQUEUE_UPDATES");

/// Octets of an announcement and of a signature.
const FILE_OCTETS: u64 = 4096;
/// How long each of the two may take.
const LIMIT: Duration = Duration::from_secs(30);
/// What ends the name of a signature.
const SIGNATURE: &str = ".minisig";

/// Where announcements come from.
#[derive(Clone)]
pub struct Source {
    address: String,
    key: PublicKey,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Source").field(&self.address).finish()
    }
}

/// Why nothing was found out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LookFault {
    /// This build knows no place, or none that can be used.
    #[error("no place is known where versions are announced")]
    NoSource,
    /// The announcement or its signature cannot be had.
    #[error("the announcement cannot be had: {0:?}")]
    Unreachable(Why),
    /// The announcement or its signature is larger than any is.
    #[error("the announcement is too large")]
    TooLarge,
    /// The signature is not by the key, or not of this file.
    #[error("the signature is not right")]
    Unsigned,
    /// It is signed, but not believed.
    #[error("the announcement is not believed: {0}")]
    Unbelieved(Unbelieved),
}

impl Source {
    /// A place, by the address of the announcement and the minisign key in base64.
    #[must_use]
    pub fn new(address: &str, key: &str) -> Option<Self> {
        let uri: ureq::http::Uri = address.parse().ok()?;
        let is_web = matches!(uri.scheme_str(), Some("http" | "https"));
        uri.host().filter(|host| is_web && !host.is_empty())?;
        Some(Self {
            address: address.to_owned(),
            key: PublicKey::from_base64(key).ok()?,
        })
    }

    /// The place that [`SOURCE_VARIABLE`] names, else the one that was built in.
    #[must_use]
    pub fn from_environment() -> Option<Self> {
        let set = env::var(SOURCE_VARIABLE).ok();
        let (address, key) = set.as_deref().or(BUILT_IN)?.trim().split_once(' ')?;
        Self::new(address, key.trim())
    }

    /// What is announced there. Whether it is newer than what is known is not looked at.
    ///
    /// # Errors
    /// [`LookFault`].
    pub async fn look(&self) -> Result<Announcement, LookFault> {
        let file = self.fetch("").await?;
        let signature = self.fetch(SIGNATURE).await?;
        let signature = String::from_utf8(signature).map_err(|_| LookFault::Unsigned)?;
        let signature = Signature::decode(&signature).map_err(|_| LookFault::Unsigned)?;
        // It vouches for the comment, too. Signatures of the old kind, which hash nothing, are not made
        // any more.
        let verified = self.key.verify(&file, &signature, false);
        verified.map_err(|_| LookFault::Unsigned)?;
        Announcement::read(&file, signature.trusted_comment()).map_err(LookFault::Unbelieved)
    }

    async fn fetch(&self, end: &str) -> Result<Vec<u8>, LookFault> {
        let address = format!("{}{end}", self.address);
        let fetched = fetch(address, FILE_OCTETS, LIMIT, CertificateRoots::System).await;
        let fetched = fetched.map_err(LookFault::Unreachable)?;
        fetched.ok_or(LookFault::TooLarge)
    }
}
