//! The state machine of a poke: what to do next, given what came so far.
//!
//! The driver asks for a [`Step`], takes it, and feeds the [`Input`] that results, together with the
//! time since the session began. Nothing here reads a clock or a socket.
//!
//! The rules of a session, and their reasons:
//! * nothing is sent before the greeting: Sendmail and Exim refuse early talkers;
//! * EHLO goes alone, and so does each request; only the last request and QUIT share a segment, and
//!   only where PIPELINING is offered: anything more makes Exim 4.96 and Sendmail 8.17 answer twice;
//! * QUIT is always sent, even after a refusal: at AutoTURN providers it is the QUIT that counts;
//! * the refusal of one domain stops no other; after a lost connection the rest goes over a new one;
//! * a reply that arrives before its command is sent answers nothing;
//! * nothing received in the clear is believed once TLS has begun (RFC 3207 4.2);
//! * after a 421 nothing is sent, whatever it was that it answers (RFC 5321 3.8);
//! * what is read is what came: secrets are redacted where words leave, in the dialogue and the
//!   report;
//! * ATRN and TURN are sent only after the mail server has said 220, so that no turn is in vain;
//! * what turns the connection round by itself (`auto`) does so only for a provider that is known to
//!   be the provider: the line is protected, or it has proved that it knows the secret.
//!
//! One file a concern: `plan`, `step` and `state` hold the data; `connection`, `introduction` (with
//! `protection` and `login`), `requests`, `turn`, `finger` and `ends` follow the order of a
//! conversation; `replies` takes what arrives to the one that waits for it, and `output` is what is
//! sent. Above `state`, none of them imports another.

mod connection;
mod ends;
mod finger;
mod introduction;
mod login;
mod output;
mod plan;
mod protection;
mod replies;
mod requests;
mod state;
mod step;
mod turn;

use std::time::Duration;

use zeroize::Zeroizing;

use self::state::{Said, State};
use crate::{
    bridge::Bridge,
    capabilities::Capabilities,
    command::Method,
    limits,
    reply::ReplyParser,
    report::{Dialogue, DialogueLine, DomainReport, Report},
    sasl::Secret,
    verdict::{Outcome, Reason, Verdict},
};

pub use self::{
    plan::Plan,
    state::Session,
    step::{ConnectFault, Input, Step},
};

impl Session {
    /// A session that has yet to connect.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        let method = match plan.method {
            // There is nothing to ask for by name: all that is left is the visit itself.
            Method::Etrn | Method::Qsnd if plan.targets.is_empty() => Method::Signal,
            method => method,
        };
        let secret = plan.login.as_ref().and_then(|login| login.secret.as_ref());
        let secret_patterns = secret.map(Secret::secret_patterns).unwrap_or_default();
        let mut session = Self {
            method,
            choice: None,
            learned: None,
            state: State::Connecting,
            deadline: Duration::ZERO,
            outgoing: Zeroizing::default(),
            parser: ReplyParser::default(),
            received: 0,
            unasked: 0,
            waiting: (0..plan.targets.len()).collect(),
            asking: 0,
            asked_here: 0,
            doubted: None,
            ungrouped: false,
            verdicts: vec![None; plan.targets.len()],
            overall: None,
            local: None,
            said: Said::default(),
            seen_earlier: None,
            greeting: String::new(),
            helo_only: false,
            tls: None,
            certificate: None,
            without_tls: false,
            tls_fault: None,
            login: None,
            logins: 0,
            logged_in: false,
            secret_patterns,
            is_proved: false,
            refuses_relay: false,
            mail_server_greeting: Vec::new(),
            finger_answer: Vec::new(),
            bridge: None,
            turns: 0,
            silent_turns: 0,
            passed: None,
            lingers: false,
            round_trips: 0,
            dialogue: Dialogue::default(),
            only_probes: false,
            plan,
        };
        session.begin_connection(Duration::ZERO);
        session
    }

    /// A session that asks for nothing: it sends EHLO, starts TLS and logs in where the plan says so,
    /// and quits. The plan's method and targets play no part. A provider that starts its queue at any
    /// visit takes a probe for a poke.
    #[must_use]
    pub fn probe(plan: Plan) -> Self {
        Self {
            only_probes: true,
            ..Self::new(Plan {
                method: Method::Signal,
                targets: Vec::new(),
                ..plan
            })
        }
    }

    /// The driver's next step. It stays the same until something is fed.
    #[must_use]
    pub fn step(&self) -> Step<'_> {
        let until = self.deadline;
        match self.state {
            State::Done => Step::Done,
            State::Connecting => Step::Connect {
                limit: self.plan.limits.connect,
                until: self.plan.limits.session,
            },
            State::MailServer { connected: false } => Step::ConnectMailServer { until },
            State::MailServer { connected: true } => Step::ReceiveFromMailServer { until },
            State::Handshake { .. } => Step::StartTls {
                strict: self.plan.security.is_strict(),
                until,
            },
            State::Bridging => Step::Bridge {
                opening: self.plan.limits.turn,
                idle: limits::BRIDGE_IDLE,
                until,
            },
            _ if !self.outgoing.is_empty() => Step::Send {
                bytes: &self.outgoing,
                until,
            },
            State::Greeting
            | State::Ehlo { .. }
            | State::StartTls
            | State::Login
            | State::Asking { .. }
            | State::Turning
            | State::Fingering
            | State::Quitting => Step::Receive { until },
        }
    }

    /// Takes the result of the last step, `at` this time since the session began. Bytes that are
    /// fed while a [`Step::Send`] is pending do not answer it.
    pub fn feed(&mut self, at: Duration, input: Input<'_>) {
        if self.state == State::Done {
            return;
        }
        if let State::MailServer { connected } = self.state {
            return self.feed_mail_server(at, connected, input);
        }
        if self.state == State::Bridging {
            return match input {
                Input::BridgeOver
                | Input::TimedOut
                | Input::Reset
                | Input::Closed
                | Input::TlsAlert(_) => {
                    self.bridge_ended(at);
                }
                _ => {}
            };
        }
        match input {
            Input::Connected { local } => self.connected(at, local),
            Input::ConnectFailed(fault) => self.connect_failed(at, fault),
            Input::TlsStarted(tls) => self.tls_started(at, tls),
            Input::TlsFailed(fault, certificate) => {
                self.tls_failed(at, fault.clone(), certificate);
            }
            Input::TlsAlert(alert) => self.tls_alert(at, alert),
            Input::Sent => self.sent(),
            Input::Received(bytes) => self.take(at, bytes),
            Input::Closed => self.lost(at, "closed"),
            Input::Reset => self.lost(at, "reset"),
            Input::TimedOut => self.timed_out(at),
            Input::MailServerConnected { .. } | Input::MailServerUnfit(_) | Input::BridgeOver => {}
        }
    }

    /// Calls the session off before its first step, for a reason on this machine.
    pub fn call_off(&mut self, verdict: Verdict) {
        self.settle_rest(verdict);
        self.state = State::Done;
    }

    /// Breaks the session off, `at` this time since it began, since the program ends: nothing more is
    /// sent. What was asked and not answered may have worked, and is told as that.
    pub fn interrupt(&mut self, at: Duration) {
        if self.state == State::Done {
            return;
        }
        self.dialogue.push(DialogueLine::event(at, "interrupted"));
        let before = Reason::InterruptedBeforeRequest;
        let how = match self.state {
            State::Connecting | State::MailServer { .. } => Verdict::new(Outcome::Unknown, before),
            State::Bridging => {
                // What has passed so far is counted.
                self.bridge_ended(at);
                Verdict::new(Outcome::Unknown, before)
            }
            _ => match self.unanswered(Reason::Interrupted, before) {
                how if how.reason == Reason::Interrupted => how,
                // What else there would be to say of a provider that has not greeted yet is not known.
                _ => Verdict::new(Outcome::Unknown, before),
            },
        };
        self.give_up_unanswered(how, before);
        self.state = State::Done;
    }

    /// The bridge of a [`Step::Bridge`]; `None` at any other step.
    pub const fn bridge(&mut self) -> Option<&mut Bridge> {
        self.bridge.as_mut()
    }

    /// What the provider has offered so far on this connection.
    #[must_use]
    pub const fn capabilities(&self) -> &Capabilities {
        &self.said.capabilities
    }

    /// Whether a firewall masks the provider's greeting: a 250 behind it proves nothing.
    #[must_use]
    pub const fn is_masked(&self) -> bool {
        self.said.masked
    }

    /// The dialogue so far, to be shown live.
    #[must_use]
    pub fn dialogue(&self) -> &[DialogueLine] {
        self.dialogue.lines()
    }

    /// The report. Before [`Step::Done`], what has not been answered yet counts as unknown.
    #[must_use]
    pub fn into_report(self) -> Report {
        let unanswered = || Verdict::new(Outcome::Unknown, Reason::NoAnswer);
        let patterns = self.secret_patterns;
        let overall = self.overall.map(|verdict| verdict.redacted(&patterns));
        let domains: Vec<DomainReport> = std::iter::zip(self.plan.targets, self.verdicts)
            .map(|(target, verdict)| DomainReport {
                target,
                verdict: verdict
                    .map(|verdict| verdict.redacted(&patterns))
                    .or_else(|| overall.clone())
                    .unwrap_or_else(unanswered),
            })
            .collect();
        let worst = Verdict::worst(domains.iter().map(|domain| &domain.verdict)).cloned();
        Report {
            method: self.method,
            choice: self.choice,
            learned: self.learned,
            verdict: worst.or(overall).unwrap_or_else(unanswered),
            domains,
            round_trips: self.round_trips,
            seen_address: self.said.seen_address.or(self.seen_earlier),
            tls: self.tls,
            certificate: self.certificate,
            tls_fault: self.tls_fault,
            passed: self.passed,
            lingers: self.lingers,
            dialogue: self.dialogue.into_lines(),
        }
    }
}
