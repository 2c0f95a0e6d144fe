//! What is sent to a provider. A command is made of checked names only, so its bytes are one line.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::name::{EhloName, EtrnTarget};

/// How a poke asks the provider for the held mail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// [`Method::Etrn`] where the provider's EHLO reply offers it (or there is none to read),
    /// [`Method::Signal`] where it does not, or where the account names no domain.
    #[default]
    Auto,
    /// The connection and its QUIT are the request (qmail with serialmail's AutoTURN).
    Signal,
    /// ETRN for each domain (RFC 1985).
    Etrn,
    /// QSND for each domain (Post.Office).
    Qsnd,
}

impl Method {
    /// Every method, in the order in which a person is shown them.
    pub const ALL: [Self; 4] = [Self::Auto, Self::Signal, Self::Etrn, Self::Qsnd];

    /// The name in settings, on the command line and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Signal => "signal",
            Self::Etrn => "etrn",
            Self::Qsnd => "qsnd",
        }
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// One command, whose [`fmt::Display`] is its line without the line end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// EHLO (RFC 5321 4.1.1.1).
    Ehlo(EhloName),
    /// HELO, for a provider that hangs up on EHLO.
    Helo(EhloName),
    /// ETRN (RFC 1985 5).
    Etrn(EtrnTarget),
    /// QSND (Post.Office; not in any RFC).
    Qsnd(EtrnTarget),
    /// QUIT (RFC 5321 4.1.1.10).
    Quit,
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ehlo(name) => write!(f, "EHLO {name}"),
            Self::Helo(name) => write!(f, "HELO {name}"),
            Self::Etrn(target) => write!(f, "ETRN {target}"),
            Self::Qsnd(target) => write!(f, "QSND {target}"),
            Self::Quit => f.write_str("QUIT"),
        }
    }
}
