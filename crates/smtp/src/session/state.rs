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
    tls::{Certificate, Tls, TlsFault},
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
    /// The last refusal, as long as it may be that of a group.
    pub(super) doubted: Option<Doubted>,
    /// Whether each command goes alone from now on.
    pub(super) ungrouped: bool,
    pub(super) verdicts: Vec<Option<Verdict>>,
    /// The verdict on the session as a whole: no more is asked once there is one.
    pub(super) overall: Option<Verdict>,
    /// Our own address on this connection.
    pub(super) local: Option<IpAddr>,
    /// What the provider has said on this line.
    pub(super) said: Said,
    /// Our address as the provider saw it on an earlier connection.
    pub(super) seen_earlier: Option<IpAddr>,
    /// What stays the same in the provider's greeting from visit to visit. It stays when TLS begins:
    /// it says only whether this is the provider that was visited before, and the next visit compares
    /// it in the clear too.
    pub(super) greeting: String,
    /// The provider hung up on EHLO.
    pub(super) helo_only: bool,
    pub(super) tls: Option<Tls>,
    pub(super) certificate: Option<Certificate>,
    /// An opportunistic handshake failed, or STARTTLS was refused.
    pub(super) without_tls: bool,
    /// Why TLS failed last, on any of the connections.
    pub(super) tls_fault: Option<TlsFault>,
    pub(super) login: Option<LoginAttempt>,
    /// Logins begun, on all connections.
    pub(super) logins: u32,
    pub(super) logged_in: bool,
    /// What is redacted wherever it appears, the longest first.
    pub(super) secret_patterns: Vec<Zeroizing<String>>,
    /// The provider has proved that it knows the secret (SCRAM).
    pub(super) is_proved: bool,
    /// The mail server has been seen to refuse mail for a foreign domain from this machine.
    pub(super) refuses_relay: bool,
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

/// What the provider has said on one line. It is dropped whole with the line, and where TLS begins on
/// it: until then anyone may have said it (RFC 3207 4.2).
#[derive(Debug, Default)]
pub(super) struct Said {
    /// Whether a firewall masks the greeting.
    pub(super) masked: bool,
    pub(super) capabilities: Capabilities,
    pub(super) seen_address: Option<IpAddr>,
    pub(super) ehlo_reply: Option<Reply>,
}

/// A refusal of a request that went out together with its QUIT. A server that takes no groups of
/// commands refuses the group, drops the QUIT and keeps the line open (RFC 2920 3.1).
#[derive(Debug)]
pub(super) struct Doubted {
    /// The target, by its index in the plan.
    pub(super) target: usize,
    /// What the refusal means if it was the request's.
    pub(super) verdict: Verdict,
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
