#![doc = include_str!("../README.md")]

pub mod bridge;
pub mod capabilities;
pub mod command;
pub mod limits;
pub mod meaning;
pub mod name;
pub mod reply;
pub mod report;
pub mod sasl;
pub mod session;
pub mod tls;
pub mod verdict;

pub use bridge::{Bridge, BridgeEnd, Passed, Recipients, Side};
pub use capabilities::Capabilities;
pub use command::{Command, Method};
pub use limits::TimeLimits;
pub use name::{Domain, EhloName, EtrnTarget, NameFault};
pub use reply::{Reply, ReplyFault, ReplyParser};
pub use report::{Choice, DialogueLine, DomainReport, Learned, Report, Speaker};
pub use sasl::{
    Exchange, Login, LoginChoice, Mechanism, NoMechanism, SaslFault, Secret, candidates,
};
pub use session::{ConnectFault, Input, Plan, Session, Step};
pub use tls::{
    Alert, AlertMoment, Certificate, CertificateFault, CertificateTrust, Security, Tls, TlsFault,
    TlsFile, TlsFileFault,
};
pub use verdict::{Outcome, Reason, Verdict};
