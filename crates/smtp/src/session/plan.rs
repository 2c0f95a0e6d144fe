//! What a session is to do.

use crate::{
    command::Method,
    limits::TimeLimits,
    name::{EhloName, EtrnTarget},
    report::Learned,
    sasl::Login,
    tls::Security,
};

/// What a session is to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How to ask for the mail.
    pub method: Method,
    /// The domains and queues to ask for.
    pub targets: Vec<EtrnTarget>,
    /// The name in EHLO; `None` for the address literal of the connection.
    pub ehlo: Option<EhloName>,
    /// How the connection is protected.
    pub security: Security,
    /// The login; `None` for no AUTH.
    pub login: Option<Login>,
    /// The provider's host and port, which OAUTHBEARER sends (RFC 7628 3.1).
    pub host: (String, u16),
    /// Random octets, new for each session; each login derives its own nonce from them (RFC 5802 5.1).
    pub nonce: [u8; 24],
    /// The query of a finger request; `None` for one request a domain.
    pub finger: Option<String>,
    /// Whether [`Method::Auto`] may turn the connection round to the mail server: only where somebody
    /// has said which that is.
    pub may_turn: bool,
    /// What [`Method::Auto`] found at an earlier poke.
    pub learned: Option<Learned>,
    /// Codes of refusals that are normal at this provider: there the visit itself is the request.
    pub normal_codes: Vec<u16>,
    /// How long each phase may take.
    pub limits: TimeLimits,
}

impl Plan {
    /// A plan with this method and the default limits: no domain, no protection, no login.
    #[must_use]
    pub fn new(method: Method) -> Self {
        Self {
            method,
            targets: Vec::new(),
            ehlo: None,
            security: Security::None,
            login: None,
            host: (String::new(), method.port()),
            nonce: [0; 24],
            finger: None,
            may_turn: false,
            learned: None,
            normal_codes: Vec::new(),
            limits: TimeLimits::default(),
        }
    }
}
