//! What a session knows, and what it waits for. Every other file of a session builds on this one.

use std::{collections::VecDeque, net::IpAddr, time::Duration};

use zeroize::Zeroizing;

use super::plan::Plan;
use crate::{
    bridge::{Bridge, Passed},
    capabilities::Capabilities,
    command::Method,
    limits,
    reply::{Reply, ReplyParser},
    report::{Choice, Dialogue, Learned},
    sasl::{Exchange, Mechanism},
    tls::{Certificate, Tls},
    verdict::{Reason, Verdict},
};

/// A poke under way. The front page of the crate shows a whole one.
#[derive(Debug)]
pub struct Session {
    pub(super) plan: Plan,
    pub(super) method: Method,
    pub(super) choice: Option<Choice>,
    pub(super) learned: Option<Learned>,
    pub(super) state: State,
    /// When the state times out, since the session began.
    pub(super) deadline: Duration,
    /// What the driver has yet to write.
    pub(super) outgoing: Zeroizing<Vec<u8>>,
    pub(super) parser: ReplyParser,
    /// Octets received, on all connections.
    pub(super) received: usize,
    /// Replies that answered nothing.
    pub(super) unasked: usize,
    /// Targets without a verdict, by their index in the plan. The first `asking` are being asked for.
    pub(super) waiting: VecDeque<usize>,
    pub(super) asking: usize,
    /// Requests sent on this connection.
    pub(super) asked_here: usize,
    pub(super) verdicts: Vec<Option<Verdict>>,
    /// The verdict on the session as a whole: no more is asked once there is one.
    pub(super) overall: Option<Verdict>,
    /// Our own address on this connection.
    pub(super) local: Option<IpAddr>,
    pub(super) capabilities: Capabilities,
    pub(super) seen_address: Option<IpAddr>,
    /// The reply to EHLO on this connection.
    pub(super) ehlo_reply: Option<Reply>,
    /// What stays the same in the provider's greeting from visit to visit.
    pub(super) greeting: String,
    pub(super) masked: bool,
    /// The provider hung up on EHLO.
    pub(super) helo_only: bool,
    pub(super) tls: Option<Tls>,
    pub(super) certificate: Option<Certificate>,
    /// An opportunistic handshake failed, or STARTTLS was refused.
    pub(super) without_tls: bool,
    pub(super) login: Option<LoginAttempt>,
    /// Logins begun, on all connections.
    pub(super) logins: u32,
    pub(super) logged_in: bool,
    /// What is redacted wherever it appears, the longest first.
    pub(super) secret_patterns: Vec<Zeroizing<String>>,
    /// The mail server's greeting as it came; it is the first thing that a bridge passes on.
    pub(super) mail_server_greeting: Vec<u8>,
    pub(super) finger_answer: Vec<u8>,
    pub(super) bridge: Option<Bridge>,
    /// Visits by ATRN or TURN that turned.
    pub(super) turns: u32,
    /// How many of the last of them ended without a word.
    pub(super) silent_turns: u32,
    pub(super) passed: Option<Passed>,
    pub(super) lingers: bool,
    pub(super) round_trips: u32,
    pub(super) dialogue: Dialogue,
    /// Whether it asks for nothing ([`Session::probe`]).
    pub(super) only_probes: bool,
}

impl Session {
    /// Enters a state that times out after `limit`, or when the session does.
    pub(super) fn enter(&mut self, at: Duration, state: State, limit: Duration) {
        self.state = state;
        let end = self.plan.limits.session;
        // A session that is out of time may still quit, but asks for nothing more.
        let end = if state == State::Quitting {
            end.max(at + limits::FAREWELL)
        } else {
            end
        };
        self.deadline = (at + limit).min(end);
    }
}

/// What a session waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    MailServer {
        connected: bool,
    },
    Connecting,
    Greeting,
    /// TLS is to begin: from the first byte, or after STARTTLS.
    Handshake {
        implicit: bool,
    },
    Ehlo {
        helo: bool,
    },
    StartTls,
    Login,
    Asking {
        quit_sent: bool,
    },
    Turning,
    Bridging,
    Fingering,
    Quitting,
    Done,
}

/// A login under way.
#[derive(Debug)]
pub(super) struct LoginAttempt {
    pub(super) exchange: Exchange,
    /// Mechanisms to try if the provider does not accept this one.
    pub(super) others: VecDeque<Mechanism>,
    /// Why it was cancelled.
    pub(super) cancelled: Option<Reason>,
}
