//! The conversation with a provider that holds mail until it is asked for it.
//!
//! This crate knows no socket, no clock and no async runtime. A [`Session`] is built from a
//! [`Plan`]; its driver asks for the next [`Step`], does it, and feeds back what came of it:
//!
//! ```
//! use dequeue_smtp::{Input, Method, Outcome, Plan, Session, Step};
//! use std::{net::Ipv4Addr, time::Duration};
//!
//! let mut session = Session::new(Plan::new(Method::Signal));
//! let now = Duration::ZERO; // time since the session began; the driver's own clock
//! assert!(matches!(session.step(), Step::Connect { .. }));
//! session.feed(now, Input::Connected { local: Ipv4Addr::LOCALHOST.into() });
//! assert!(matches!(session.step(), Step::Receive { .. }));
//! session.feed(now, Input::Received(b"220 mail.provider.example ESMTP\r\n"));
//! assert!(matches!(session.step(), Step::Send { bytes, .. } if bytes == b"QUIT\r\n"));
//! session.feed(now, Input::Sent);
//! session.feed(now, Input::Received(b"221 mail.provider.example\r\n"));
//! assert!(matches!(session.step(), Step::Done));
//! assert_eq!(session.into_report().verdict.outcome, Outcome::Signalled);
//! ```
//!
//! * [`reply`]: replies parsed from any slicing of bytes, within limits
//! * [`name`]: domains, ETRN targets and EHLO names that cannot hold CR, LF or nonsense
//! * [`command`]: what is sent, as bytes
//! * [`capabilities`]: what a provider offers in its EHLO reply
//! * [`verdict`]: what a reply means to a person; the one table, and the exit statuses
//! * [`session`]: the state machine
//! * [`report`]: what is left when it has ended
//! * [`secret`]: a password or a token in memory
//! * [`tls`]: what is wished of the line's protection, and what is learnt of it
//! * [`limits`]: every bound, in one place

pub mod capabilities;
pub mod command;
pub mod limits;
pub mod name;
pub mod reply;
pub mod report;
pub mod secret;
pub mod session;
pub mod tls;
pub mod verdict;

pub use capabilities::Capabilities;
pub use command::{Command, Method};
pub use limits::TimeLimits;
pub use name::{Domain, EhloName, EtrnTarget, NameFault};
pub use reply::{Reply, ReplyFault, ReplyParser};
pub use report::{DialogueLine, DomainReport, Report, Speaker};
pub use secret::Secret;
pub use session::{ConnectFault, Input, Plan, Session, Step};
pub use tls::{Certificate, CertificateFault, Security, Tls, TlsFault, Trust};
pub use verdict::{Outcome, Reason, Verdict};
