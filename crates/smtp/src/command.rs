//! The commands that are sent to a provider. Their arguments are valid names only, so that the bytes of
//! a command are always one line.

use std::fmt;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::name::{EhloName, EtrnTarget};

/// How a poke asks the provider for the mail that it holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The method that suits the provider's EHLO reply and its answer to ETRN; see [`Choice`].
    ///
    /// [`Choice`]: crate::report::Choice
    #[default]
    Auto,
    /// The connection and its QUIT are the request (qmail with serialmail's AutoTURN).
    Signal,
    /// ETRN for each domain (RFC 1985).
    Etrn,
    /// ATRN (ODMR, RFC 2645): the mail comes over the same connection.
    Atrn,
    /// TURN (RFC 821 3.8): the same, without domains.
    Turn,
    /// QSND for each domain (Post.Office).
    Qsnd,
    /// A finger request (RFC 1288), at providers where one is the request.
    Finger,
    /// A connection to the provider's "hello" port is the request (serialmail).
    Hello,
}

impl Method {
    /// Every method, in the order in which lists show them.
    pub const ALL: [Self; 8] = [
        Self::Auto,
        Self::Signal,
        Self::Etrn,
        Self::Atrn,
        Self::Turn,
        Self::Qsnd,
        Self::Finger,
        Self::Hello,
    ];

    /// The name in settings, on the command line and in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Signal => "signal",
            Self::Etrn => "etrn",
            Self::Atrn => "atrn",
            Self::Turn => "turn",
            Self::Qsnd => "qsnd",
            Self::Finger => "finger",
            Self::Hello => "hello",
        }
    }

    /// The usual port for this method: 366 for ODMR (RFC 2645 2), 79 for finger (RFC 1288), 1789 for
    /// serialmail's hello, otherwise 25.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::Auto | Self::Signal | Self::Etrn | Self::Turn | Self::Qsnd => 25,
            Self::Atrn => 366,
            Self::Finger => 79,
            Self::Hello => 1789,
        }
    }

    /// Whether the mail comes over the same connection, through a bridge to the mail server.
    #[must_use]
    pub const fn turns(self) -> bool {
        matches!(self, Self::Atrn | Self::Turn)
    }

    /// Whether it asks for each domain by name and so needs at least one.
    #[must_use]
    pub const fn needs_domains(self) -> bool {
        matches!(self, Self::Etrn | Self::Qsnd)
    }

    /// Whether its connection speaks SMTP.
    #[must_use]
    pub const fn is_smtp(self) -> bool {
        !matches!(self, Self::Finger | Self::Hello)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A command. Its [`fmt::Display`] is the line without the line end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// EHLO (RFC 5321 4.1.1.1).
    Ehlo(EhloName),
    /// HELO, for a provider that hangs up on EHLO.
    Helo(EhloName),
    /// ETRN (RFC 1985 5).
    Etrn(EtrnTarget),
    /// ATRN for these domains, or for all that belong to the login if none is named (RFC 2645 5.2.1).
    Atrn(Vec<EtrnTarget>),
    /// TURN (RFC 821 4.1.1).
    Turn,
    /// QSND (Post.Office; not in any RFC).
    Qsnd(EtrnTarget),
    /// STARTTLS (RFC 3207).
    StartTls,
    /// QUIT (RFC 5321 4.1.1.10).
    Quit,
}

impl fmt::Display for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ehlo(name) => write!(f, "EHLO {name}"),
            Self::Helo(name) => write!(f, "HELO {name}"),
            Self::Etrn(target) => write!(f, "ETRN {target}"),
            Self::Atrn(targets) => {
                f.write_str("ATRN")?;
                for (i, target) in targets.iter().enumerate() {
                    f.write_str(if i == 0 { " " } else { "," })?;
                    target.fmt(f)?;
                }
                Ok(())
            }
            Self::Turn => f.write_str("TURN"),
            Self::Qsnd(target) => write!(f, "QSND {target}"),
            Self::StartTls => f.write_str("STARTTLS"),
            Self::Quit => f.write_str("QUIT"),
        }
    }
}
