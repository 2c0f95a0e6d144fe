//! The state machine of a poke: what to do next, given what came so far.
//!
//! The driver asks for a [`Step`], does it, and feeds the [`Input`] that came of it, each time with
//! the time since the session began. Nothing here reads a clock or a socket.
//!
//! What it keeps to, and why:
//! * not a byte before the greeting: Sendmail and Exim refuse early talkers;
//! * EHLO alone, then each request alone; only the last request and QUIT share a segment, and only
//!   where PIPELINING is offered: anything more makes Exim 4.96 and Sendmail 8.17 answer twice;
//! * QUIT always, also after a refusal, since at AutoTURN providers it is the QUIT that counts;
//! * one refusal hides no other domain; a lost connection leaves the rest to a further one;
//! * a reply that came before its command was sent answers nothing;
//! * nothing that came in the clear is believed once TLS has begun (RFC 3207 4.2);
//! * the mail server has said 220 before ATRN or TURN is sent, so that no turn is in vain.

mod finger;
mod login;
mod protection;
mod turn;

use std::{collections::VecDeque, net::IpAddr, time::Duration};

use zeroize::{Zeroize, Zeroizing};

use self::login::LoggingIn;
use crate::{
    bridge::{Bridge, Passed},
    capabilities::{Capabilities, greeting_shape, is_masked_greeting},
    command::{Command, Method},
    limits::{self, TimeLimits},
    name::{EhloName, EtrnTarget},
    reply::{Reply, ReplyFault, ReplyParser, redacted},
    report::{Choice, Dialogue, DialogueLine, DomainReport, Learned, Report, Speaker},
    sasl::{Login, Secret},
    tls::{Certificate, Security, Tls, TlsFault},
    verdict::{Outcome, Reason, Verdict, ends_requests, read_refused_start, read_request_reply},
};

/// What a session is to do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// How to ask.
    pub method: Method,
    /// What to ask for.
    pub targets: Vec<EtrnTarget>,
    /// What to call ourselves; `None` for the address literal of the connection.
    pub ehlo: Option<EhloName>,
    /// How the line is to be protected.
    pub security: Security,
    /// Who to log in as; `None` for nobody.
    pub login: Option<Login>,
    /// The provider's host and port, which OAUTHBEARER sends (RFC 7628 3.1).
    pub host: (String, u16),
    /// Octets that nobody can guess, new for each session; from them each login gets its own nonce
    /// (RFC 5802 5.1).
    pub nonce: [u8; 24],
    /// What a finger request asks for, instead of each domain.
    pub finger: Option<String>,
    /// What [`Method::Auto`] found before.
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
            learned: None,
            normal_codes: Vec::new(),
            limits: TimeLimits::default(),
        }
    }
}

/// What the driver is to do next. Deadlines are times since the session began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Open a connection to the provider, a new one where there was one before.
    Connect {
        /// How long the connection may take, for each address that is tried.
        limit: Duration,
        /// When the whole session must have ended.
        until: Duration,
    },
    /// Open a connection to the mail server, a new one where there was one before.
    ConnectMailServer {
        /// When to give up.
        until: Duration,
    },
    /// Begin TLS on the connection to the provider.
    StartTls {
        /// Whether the certificate must hold.
        strict: bool,
        /// When to give up.
        until: Duration,
    },
    /// Write all of these bytes to the provider.
    Send {
        /// What to write.
        bytes: &'a [u8],
        /// When to give up.
        until: Duration,
    },
    /// Read whatever comes from the provider.
    Receive {
        /// When to give up.
        until: Duration,
    },
    /// Read whatever comes from the mail server.
    ReceiveFromMailServer {
        /// When to give up.
        until: Duration,
    },
    /// Pass everything both ways, by [`Session::bridge`], until it is over or stands still.
    Bridge {
        /// How long nothing may pass.
        idle: Duration,
        /// When to give up.
        until: Duration,
    },
    /// Close the connections, if there are any. The report is ready.
    Done,
}

/// Why no connection came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectFault {
    /// The name has no address.
    NoAddress,
    /// The connection was refused.
    Refused,
    /// The connection was broken off in the moment in which it stood.
    Reset,
    /// There is no route.
    NoRoute,
    /// Nobody answered in time.
    TimedOut,
    /// This machine would not do it.
    Local,
}

/// What came of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// The connection stands.
    Connected {
        /// Our own address on it.
        local: IpAddr,
    },
    /// No connection came about.
    ConnectFailed(ConnectFault),
    /// The connection to the mail server stands.
    MailServerConnected,
    /// TLS stands.
    TlsStarted(&'a Tls),
    /// TLS does not stand; with the certificate that was shown, if one was.
    TlsFailed(TlsFault, Option<&'a Certificate>),
    /// The bytes were written.
    Sent,
    /// These bytes were read; never empty.
    Received(&'a [u8]),
    /// What was read from, or written to, was closed by the other side.
    Closed,
    /// The connection broke.
    Reset,
    /// The bridge is over: both sides have ended.
    BridgeOver,
    /// The step's deadline passed.
    TimedOut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    MailServer {
        connected: bool,
    },
    Connecting,
    Greeting,
    /// TLS is to begin: from the first byte, or after STARTTLS.
    Handshake {
        implicit: bool,
    },
    Hello {
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

/// A poke under way. See the crate's front page for a whole one.
#[derive(Debug)]
pub struct Session {
    plan: Plan,
    method: Method,
    choice: Option<Choice>,
    learned: Option<Learned>,
    state: State,
    /// When the state's wait is over, since the session began.
    deadline: Duration,
    outgoing: Zeroizing<Vec<u8>>,
    parser: ReplyParser,
    received: usize,
    unasked: usize,
    /// Targets not asked for yet, by their index in the plan. The first `asking` are being asked.
    waiting: VecDeque<usize>,
    asking: usize,
    asked_here: usize,
    verdicts: Vec<Option<Verdict>>,
    /// The verdict on the session itself, for what no domain's reply says.
    overall: Option<Verdict>,
    local: Option<IpAddr>,
    capabilities: Capabilities,
    seen_address: Option<IpAddr>,
    /// The reply to EHLO on this connection.
    hello: Option<Reply>,
    greeting: String,
    masked: bool,
    helo_only: bool,
    tls: Option<Tls>,
    certificate: Option<Certificate>,
    /// An opportunistic handshake failed: the next connection does without.
    without_tls: bool,
    login: Option<LoggingIn>,
    /// Logins begun, on all connections.
    logins: u32,
    logged_in: bool,
    /// What must never be shown, whoever says it.
    secret_patterns: Vec<Zeroizing<String>>,
    own_greeting: Vec<u8>,
    bridge: Option<Bridge>,
    turns: u32,
    /// Of these, how many of the last ended without a word.
    silent_turns: u32,
    passed: Option<Passed>,
    lingers: bool,
    round_trips: u32,
    dialogue: Dialogue,
    /// Nothing is asked for; all that comes before a request is done.
    only_looks: bool,
}

impl Session {
    /// A session that has yet to connect.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        let without_domains = plan.targets.is_empty();
        let (method, choice) = match plan.method {
            // There is nothing to ask for by name: all that is left is the visit itself.
            Method::Auto if without_domains && plan.login.is_none() => {
                (Method::Signal, Some(Choice::NoDomains))
            }
            Method::Etrn | Method::Qsnd if without_domains => (Method::Signal, None),
            method => (method, None),
        };
        let secret = plan.login.as_ref().and_then(|login| login.secret.as_ref());
        let secret_patterns = secret.map(Secret::secret_patterns).unwrap_or_default();
        let mut session = Self {
            method,
            choice,
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
            verdicts: vec![None; plan.targets.len()],
            overall: None,
            local: None,
            capabilities: Capabilities::default(),
            seen_address: None,
            hello: None,
            greeting: String::new(),
            masked: false,
            helo_only: false,
            tls: None,
            certificate: None,
            without_tls: false,
            login: None,
            logins: 0,
            logged_in: false,
            secret_patterns,
            own_greeting: Vec::new(),
            bridge: None,
            turns: 0,
            silent_turns: 0,
            passed: None,
            lingers: false,
            round_trips: 0,
            dialogue: Dialogue::default(),
            only_looks: false,
            plan,
        };
        session.begin_connection(Duration::ZERO);
        session
    }

    /// A session that looks and asks for nothing: it introduces itself, protects the line, logs in
    /// where the plan says so, and takes its leave. The plan's method and targets play no part. At
    /// providers that start at any visit this is a poke all the same.
    #[must_use]
    pub fn look(plan: Plan) -> Self {
        Self {
            only_looks: true,
            ..Self::new(Plan {
                method: Method::Signal,
                targets: Vec::new(),
                ..plan
            })
        }
    }

    /// What to do next. Asking again without feeding gives the same.
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
                idle: limits::BRIDGE_IDLE,
                until,
            },
            _ if !self.outgoing.is_empty() => Step::Send {
                bytes: &self.outgoing,
                until,
            },
            State::Greeting
            | State::Hello { .. }
            | State::StartTls
            | State::Login
            | State::Asking { .. }
            | State::Turning
            | State::Fingering
            | State::Quitting => Step::Receive { until },
        }
    }

    /// Takes what came of the last step, `at` this time since the session began. Bytes that are
    /// fed before a [`Step::Send`] is done do not answer it.
    pub fn feed(&mut self, at: Duration, input: Input<'_>) {
        if self.state == State::Done {
            return;
        }
        if let State::MailServer { connected } = self.state {
            return self.mail_server(at, connected, input);
        }
        if self.state == State::Bridging {
            return match input {
                Input::BridgeOver | Input::TimedOut | Input::Reset | Input::Closed => {
                    self.bridge_ended(at);
                }
                _ => {}
            };
        }
        match input {
            Input::Connected { local } => self.connected(at, local),
            Input::ConnectFailed(fault) => self.connect_failed(at, fault),
            Input::TlsStarted(tls) => self.tls_started(at, tls),
            Input::TlsFailed(fault, certificate) => self.tls_failed(at, fault, certificate),
            Input::Sent => self.sent(),
            Input::Received(bytes) => self.take(at, bytes),
            Input::Closed => self.lost(at, "closed"),
            Input::Reset => self.lost(at, "reset"),
            Input::TimedOut => self.timed_out(at),
            Input::MailServerConnected | Input::BridgeOver => {}
        }
    }

    /// Calls the session off before anything was done, for a reason of this machine's.
    pub fn call_off(&mut self, verdict: Verdict) {
        self.give_up(verdict);
        self.state = State::Done;
    }

    /// The bridge of a [`Step::Bridge`].
    pub const fn bridge(&mut self) -> Option<&mut Bridge> {
        self.bridge.as_mut()
    }

    /// What the provider offers, as far as it has said so on this connection.
    #[must_use]
    pub const fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Whether a firewall masks the provider's greeting: a 250 behind it proves nothing.
    #[must_use]
    pub const fn is_masked(&self) -> bool {
        self.masked
    }

    /// The dialogue so far, for showing it live.
    #[must_use]
    pub fn dialogue(&self) -> &[DialogueLine] {
        self.dialogue.lines()
    }

    /// The report. Before [`Step::Done`] it says of what has not been answered that it is unknown.
    #[must_use]
    pub fn into_report(self) -> Report {
        let unanswered = || Verdict::new(Outcome::Unknown, Reason::NoAnswer);
        let overall = self.overall;
        let domains: Vec<DomainReport> = std::iter::zip(self.plan.targets, self.verdicts)
            .map(|(target, verdict)| DomainReport {
                target,
                verdict: verdict
                    .or_else(|| overall.clone())
                    .unwrap_or_else(unanswered),
            })
            .collect();
        let worst = domains
            .iter()
            .map(|domain| &domain.verdict)
            .reduce(|a, b| if b.severity() > a.severity() { b } else { a })
            .cloned();
        Report {
            method: self.method,
            choice: self.choice,
            learned: self.learned,
            verdict: worst.or(overall).unwrap_or_else(unanswered),
            domains,
            round_trips: self.round_trips,
            seen_address: self.seen_address,
            tls: self.tls,
            certificate: self.certificate,
            passed: self.passed,
            lingers: self.lingers,
            dialogue: self.dialogue.into_lines(),
        }
    }

    // ---- Connections ------------------------------------------------------------------------

    /// The first step of a connection: where the mail will come back over it, to the mail server.
    fn begin_connection(&mut self, at: Duration) {
        self.deadline = (at + self.plan.limits.connect).min(self.plan.limits.session);
        self.state = if self.method.turns() {
            State::MailServer { connected: false }
        } else {
            State::Connecting
        };
    }

    fn mail_server(&mut self, at: Duration, connected: bool, input: Input<'_>) {
        match input {
            Input::MailServerConnected if !connected => {
                self.dialogue
                    .push(DialogueLine::event(at, "mail-server-connected"));
                self.own_greeting.clear();
                self.parser = ReplyParser::default();
                let limit = self.plan.limits.greeting;
                self.enter(at, State::MailServer { connected: true }, limit);
            }
            Input::Received(bytes) if connected => {
                self.own_greeting.extend_from_slice(bytes);
                self.parser.push(bytes);
                match self.parser.next_reply() {
                    Ok(None) => {}
                    Ok(Some(reply)) if reply.code() == 220 => {
                        self.parser = ReplyParser::default();
                        self.state = State::Connecting;
                    }
                    Ok(Some(reply)) => self.mail_server_failed(
                        at,
                        Verdict::of_reply(
                            Outcome::Held,
                            Reason::MailServerNotReady,
                            &reply.without(&self.secret_patterns),
                        ),
                    ),
                    Err(_) => self.mail_server_failed(
                        at,
                        Verdict::new(Outcome::Held, Reason::MailServerNotReady),
                    ),
                }
            }
            Input::Sent => {}
            _ if connected => {
                self.mail_server_failed(at, Verdict::new(Outcome::Held, Reason::MailServerNotReady))
            }
            _ => self.mail_server_failed(at, Verdict::new(Outcome::Held, Reason::MailServerDown)),
        }
    }

    fn mail_server_failed(&mut self, at: Duration, verdict: Verdict) {
        self.dialogue
            .push(DialogueLine::event(at, "mail-server-failed"));
        self.turn_over(verdict);
        self.next_connection(at);
    }

    fn connected(&mut self, at: Duration, local: IpAddr) {
        self.local = Some(local);
        self.parser = ReplyParser::default();
        self.outgoing.clear();
        self.asked_here = 0;
        self.hello = None;
        self.capabilities = Capabilities::default();
        self.tls = None;
        self.login = None;
        self.logged_in = false;
        self.dialogue.push(DialogueLine::event(at, "connected"));
        self.round_trips += 1;
        match self.method {
            Method::Hello => {
                self.give_up(Verdict::new(Outcome::Signalled, Reason::HelloSignals));
                self.state = State::Done;
            }
            Method::Finger => self.finger(at),
            _ if self.plan.security == Security::Implicit => self.handshake(at, true),
            _ => self.await_greeting(at),
        }
    }

    fn await_greeting(&mut self, at: Duration) {
        self.enter(at, State::Greeting, self.plan.limits.greeting);
        self.round_trips += 1;
    }

    fn connect_failed(&mut self, at: Duration, fault: ConnectFault) {
        self.dialogue
            .push(DialogueLine::event(at, "connect-failed"));
        self.turn_over(match fault {
            ConnectFault::NoAddress => Verdict::new(Outcome::Unreachable, Reason::NoAddress),
            ConnectFault::Refused => Verdict::new(Outcome::Unreachable, Reason::ConnectionRefused),
            ConnectFault::Reset => Verdict::new(Outcome::Unknown, Reason::HungUp),
            ConnectFault::NoRoute => Verdict::new(Outcome::Unreachable, Reason::NoRoute),
            ConnectFault::TimedOut => Verdict::new(Outcome::Unreachable, Reason::ConnectTimeout),
            ConnectFault::Local => Verdict::new(Outcome::Failed, Reason::LocalFault),
        });
        self.state = State::Done;
    }

    // ---- Replies ----------------------------------------------------------------------------

    fn sent(&mut self) {
        self.outgoing.zeroize();
    }

    fn take(&mut self, at: Duration, bytes: &[u8]) {
        self.received += bytes.len();
        if self.received > limits::SESSION_RECEIVED {
            return self.broken(at, Verdict::new(Outcome::Refused, Reason::TooMuch));
        }
        if self.state == State::Fingering {
            return self.finger_said(bytes);
        }
        self.parser.push(bytes);
        // What stands behind the end of a connection belongs to none, what stands behind a turn to
        // the bridge.
        while !matches!(
            self.state,
            State::MailServer { .. }
                | State::Connecting
                | State::Handshake { .. }
                | State::Bridging
                | State::Done
        ) {
            // A command that is still to be written cannot have been answered yet.
            let unasked = !self.outgoing.is_empty();
            match self.parser.next_reply() {
                Ok(None) => return,
                Ok(Some(reply)) => {
                    let shown = reply.without(&self.secret_patterns);
                    for line in shown.lines() {
                        self.dialogue
                            .push(DialogueLine::new(Speaker::Provider, at, line));
                    }
                    if unasked {
                        self.ignore(at);
                    } else if self.state == State::Login && matches!(reply.code(), 235 | 334) {
                        // Read by the login alone, and as it came.
                        self.login_answered(at, &reply);
                    } else {
                        self.reply(at, &shown);
                    }
                }
                Err(fault) => return self.not_a_reply(at, fault),
            }
        }
    }

    fn reply(&mut self, at: Duration, reply: &Reply) {
        match self.state {
            State::Greeting => self.greeted(at, reply),
            // A greeting that comes twice, or in two replies where one of two lines was meant.
            State::Hello { .. } | State::Asking { .. } | State::Turning if reply.code() == 220 => {
                self.ignore(at);
            }
            // An EHLO reply that comes twice (Exim 4.96) answers no request, and turns nothing. One
            // of a single line may be word for word the answer to a request, but to no turn.
            State::Turning if self.hello.as_ref() == Some(reply) => self.ignore(at),
            State::Asking { .. } | State::StartTls | State::Login
                if self.hello.as_ref() == Some(reply) && reply.lines().count() > 1 =>
            {
                self.ignore(at);
            }
            State::Hello { helo } => self.hello_answered(at, reply, helo),
            State::StartTls => self.starttls_answered(at, reply),
            State::Login => self.login_answered(at, reply),
            State::Asking { quit_sent } => self.request_answered(at, reply, quit_sent),
            State::Turning => self.turn_answered(at, reply),
            State::Quitting => match reply.code() {
                // Also a refusal of QUIT ends the session; only a doubled reply is passed over.
                221 | 400..=599 => {
                    self.lingers = self.method == Method::Signal && reply.code() == 221;
                    self.ended(at);
                }
                _ => self.ignore(at),
            },
            State::MailServer { .. }
            | State::Connecting
            | State::Handshake { .. }
            | State::Bridging
            | State::Fingering
            | State::Done => {}
        }
    }

    fn greeted(&mut self, at: Duration, reply: &Reply) {
        if reply.code() != 220 {
            self.turn_over(read_refused_start(reply));
            return self.quit(at);
        }
        self.masked = is_masked_greeting(reply);
        self.greeting = greeting_shape(reply);
        let remembered = self.plan.learned.as_ref();
        if let Some(learned) = remembered.filter(|learned| {
            self.method == Method::Auto
                && learned.method == Method::Signal
                && learned.greeting == self.greeting
        }) {
            self.learned = Some(learned.clone());
            self.choose(Method::Signal, Choice::Remembered);
        }
        // Where nothing has to be known of the provider, its EHLO reply is not waited for.
        let introduce = self.only_looks
            || self.plan.login.is_some()
            || self.plan.security == Security::Required
            || !matches!(self.method, Method::Signal | Method::Qsnd);
        if introduce {
            self.hello(at, self.helo_only);
        } else {
            self.ask(at);
        }
    }

    fn hello(&mut self, at: Duration, helo: bool) {
        let name = self.plan.ehlo.clone().unwrap_or_else(|| {
            EhloName::from_address(self.local.unwrap_or(IpAddr::from([127, 0, 0, 1])))
        });
        self.say(
            at,
            &if helo {
                Command::Helo(name)
            } else {
                Command::Ehlo(name)
            },
        );
        self.enter(at, State::Hello { helo }, self.plan.limits.command);
        self.round_trips += 1;
    }

    fn hello_answered(&mut self, at: Duration, reply: &Reply, helo: bool) {
        match reply.code() {
            200..=299 => {
                let said = Capabilities::from_reply(reply);
                self.seen_address = said.seen_address.or(self.seen_address);
                // HELO's reply offers nothing.
                self.capabilities = if helo { Capabilities::default() } else { said };
                self.hello = Some(reply.clone());
                self.introduced(at);
            }
            // An old server that does not know EHLO (RFC 5321 3.2).
            500 | 501 | 502 | 504 | 550 if !helo => self.hello(at, true),
            _ => {
                self.turn_over(read_refused_start(reply));
                self.quit(at);
            }
        }
    }

    /// The provider has introduced itself: protect the line, log in, ask.
    fn introduced(&mut self, at: Duration) {
        let wants_tls = matches!(
            self.plan.security,
            Security::Opportunistic | Security::Required
        );
        if wants_tls && self.tls.is_none() && !self.without_tls {
            if self.capabilities.starttls {
                self.say(at, &Command::StartTls);
                self.enter(at, State::StartTls, self.plan.limits.command);
                self.round_trips += 1;
                return;
            }
            if self.plan.security == Security::Required {
                self.turn_over(Verdict::new(Outcome::Refused, Reason::TlsNotOffered));
                return self.quit(at);
            }
        }
        if self.method == Method::Auto {
            self.choose_method();
            if self.method.turns() {
                // Only a connection that begins with the mail server may turn.
                return self.quit(at);
            }
        }
        if self.plan.login.is_some() && !self.logged_in {
            return self.log_in(at);
        }
        self.ask(at);
    }

    /// What the EHLO reply, and what was learnt before, make of [`Method::Auto`].
    fn choose_method(&mut self) {
        let without_domains = self.plan.targets.is_empty();
        if self.capabilities.atrn && self.plan.login.is_some() {
            self.choose(Method::Atrn, Choice::AtrnOffered);
        } else if without_domains {
            self.choose(Method::Signal, Choice::NoDomains);
        } else if self.capabilities.etrn {
            self.choose(Method::Etrn, Choice::EtrnOffered);
        } else {
            // Whether it is known all the same only the answer will tell.
            self.method = Method::Etrn;
        }
    }

    fn choose(&mut self, method: Method, choice: Choice) {
        self.method = method;
        self.choice = Some(choice);
        if matches!(
            choice,
            Choice::EtrnAnswered | Choice::EtrnUnknown | Choice::EtrnOffered
        ) {
            self.learned = Some(Learned {
                method,
                choice,
                greeting: self.greeting.clone(),
            });
        }
    }

    // ---- The request ------------------------------------------------------------------------

    /// Asks for what is waiting; with the last request of this connection goes the QUIT, where the
    /// provider takes both in one segment.
    fn ask(&mut self, at: Duration) {
        let Some(target) = self
            .waiting
            .front()
            .map(|index| self.plan.targets[*index].clone())
        else {
            return match self.method {
                Method::Atrn | Method::Turn => self.turn(at),
                _ => self.quit(at),
            };
        };
        let command = match self.method {
            Method::Atrn | Method::Turn => return self.turn(at),
            Method::Signal => return self.quit(at),
            Method::Qsnd => Command::Qsnd(target),
            Method::Auto | Method::Etrn | Method::Finger | Method::Hello => Command::Etrn(target),
        };
        self.asking = 1;
        self.asked_here += 1;
        let last = self.waiting.len() == 1 || self.asked_here == limits::DOMAINS_PER_CONNECTION;
        self.say(at, &command);
        // While it is not sure that the request is known, the answer comes before the goodbye.
        let quit_sent = last && self.capabilities.pipelining && !self.is_trial();
        if quit_sent {
            self.say(at, &Command::Quit);
        }
        self.enter(at, State::Asking { quit_sent }, self.plan.limits.command);
        self.round_trips += 1;
    }

    /// Whether ETRN is being tried, though the provider does not offer it.
    fn is_trial(&self) -> bool {
        self.plan.method == Method::Auto
            && self.method == Method::Etrn
            && self.choice.is_none()
            && !self
                .plan
                .learned
                .as_ref()
                .is_some_and(|learned| learned.method == Method::Etrn)
    }

    fn request_answered(&mut self, at: Duration, reply: &Reply, quit_sent: bool) {
        let code = reply.code();
        if quit_sent && code == 221 {
            // The answer to QUIT: the request before it got none (Sendmail under load).
            self.settle(&Verdict::new(Outcome::Unknown, Reason::NoAnswer));
            return self.ended(at);
        }
        let verdict = read_request_reply(reply, &self.plan.normal_codes, self.masked);
        let found_out = self.plan.method == Method::Auto
            && self.method == Method::Etrn
            && !self.capabilities.etrn;
        if found_out && verdict.reason == Reason::NotImplemented {
            // At such a provider it is the visit that counts.
            self.choose(Method::Signal, Choice::EtrnUnknown);
            return if quit_sent {
                self.enter(at, State::Quitting, self.plan.limits.command);
            } else {
                self.quit(at)
            };
        }
        if found_out && verdict.outcome.is_success() {
            self.choose(Method::Etrn, Choice::EtrnAnswered);
        }
        self.settle(&verdict);
        let stop = ends_requests(code) && !self.plan.normal_codes.contains(&code);
        if stop || code == 421 {
            let reason = if stop {
                Reason::NotAsked
            } else {
                Reason::ServiceClosing
            };
            self.give_up(Verdict::of_reply(Outcome::Refused, reason, reply));
        }
        if quit_sent {
            self.enter(at, State::Quitting, self.plan.limits.command);
        } else if code == 221 || self.asked_here == limits::DOMAINS_PER_CONNECTION {
            // Also where the provider says goodbye of its own accord: the rest goes over a further
            // connection.
            self.quit(at);
        } else {
            self.ask(at);
        }
    }

    // ---- Ends -------------------------------------------------------------------------------

    fn quit(&mut self, at: Duration) {
        self.say(at, &Command::Quit);
        let limit = if self.overall.is_some() {
            limits::FAREWELL
        } else {
            self.plan.limits.command
        };
        self.enter(at, State::Quitting, limit);
        self.round_trips += 1;
    }

    /// The conversation on this connection is over, in good order.
    fn ended(&mut self, at: Duration) {
        if self.method == Method::Signal && self.overall.is_none() {
            self.give_up(Verdict::new(Outcome::Signalled, Reason::QuitSignals));
        }
        self.next_connection(at);
    }

    /// The connection is gone.
    fn lost(&mut self, at: Duration, how: &'static str) {
        self.dialogue.push(DialogueLine::event(at, how));
        match self.state {
            // Old servers hang up on EHLO: once more, with HELO.
            State::Hello { helo: false } if !self.helo_only && self.tls.is_none() => {
                self.helo_only = true;
                self.begin_connection(at);
            }
            State::Fingering if self.outgoing.is_empty() => self.finger_ended(at),
            State::Greeting
            | State::Hello { .. }
            | State::StartTls
            | State::Login
            | State::Turning
            | State::Fingering => {
                self.turn_over(Verdict::new(Outcome::Unknown, Reason::HungUp));
                self.state = State::Done;
            }
            State::Handshake { .. } => self.tls_failed(at, TlsFault::Closed, None),
            State::Asking { .. } => {
                self.settle(&Verdict::new(Outcome::Unknown, Reason::HungUp));
                self.next_connection(at);
            }
            // Any end of the connection is the signal; who hangs up on QUIT has heard it.
            State::Quitting => self.ended(at),
            State::MailServer { .. } | State::Connecting | State::Bridging | State::Done => {
                self.state = State::Done;
            }
        }
    }

    fn timed_out(&mut self, at: Duration) {
        self.dialogue.push(DialogueLine::event(at, "timed-out"));
        let silence = Verdict::new(Outcome::Unknown, Reason::NoAnswer);
        let unsent = !self.outgoing.is_empty();
        self.outgoing.zeroize();
        match self.state {
            State::Connecting | State::Done => self.connect_failed(at, ConnectFault::TimedOut),
            State::Handshake { .. } => self.tls_failed(at, TlsFault::TimedOut, None),
            State::Quitting => {
                if self.method == Method::Signal && self.overall.is_none() {
                    self.give_up(silence);
                }
                self.next_connection(at);
            }
            State::Fingering | State::Bridging | State::MailServer { .. } => {
                self.turn_over(silence);
                self.state = State::Done;
            }
            State::Greeting
            | State::Hello { .. }
            | State::StartTls
            | State::Login
            | State::Turning
            | State::Asking { .. } => {
                let quit_sent = matches!(self.state, State::Asking { quit_sent: true });
                // Who does not answer one request will not answer the next within its limit.
                self.turn_over(silence);
                // A peer that reads nothing will not read a QUIT either.
                if quit_sent || unsent {
                    self.state = State::Done;
                } else {
                    self.quit(at);
                }
            }
        }
    }

    fn not_a_reply(&mut self, at: Duration, fault: ReplyFault) {
        let verdict = match fault {
            ReplyFault::TooLong => Verdict::new(Outcome::Refused, Reason::TooMuch),
            ReplyFault::NotSmtp(line) => {
                let line = redacted(&line, &self.secret_patterns).into_owned();
                self.dialogue
                    .push(DialogueLine::new(Speaker::Provider, at, line.as_str()));
                Verdict {
                    text: Some(line),
                    ..Verdict::new(Outcome::Refused, Reason::NotSmtp)
                }
            }
        };
        if self.outgoing.is_empty() {
            self.broken(at, verdict);
        } else {
            // It answers nothing either.
            self.parser = ReplyParser::default();
            self.ignore(at);
        }
    }

    /// What came cannot be understood, and nothing after it will be.
    fn broken(&mut self, at: Duration, verdict: Verdict) {
        let full = self.received > limits::SESSION_RECEIVED;
        let unsent = !self.outgoing.is_empty();
        let quitting = self.state == State::Quitting;
        if quitting && unsent && !full {
            // The QUIT still goes out.
            return;
        }
        if quitting && self.overall.is_none() && !full {
            // All is answered; garbage in place of the 221 changes nothing.
            return self.ended(at);
        }
        let quit_sent = quitting || self.state == State::Asking { quit_sent: true } && !unsent;
        // What has not been written yet is not written any more.
        self.outgoing.zeroize();
        self.turn_over(verdict);
        // What is read after this is of no use: a full buffer means the session's end.
        if quit_sent || full {
            self.state = State::Done;
        } else {
            self.parser = ReplyParser::default();
            self.quit(at);
        }
    }

    fn ignore(&mut self, at: Duration) {
        self.unasked += 1;
        if self.unasked > limits::UNASKED_REPLIES {
            self.broken(at, Verdict::new(Outcome::Refused, Reason::TooMuch));
        }
    }

    /// What was asked for last has its verdict.
    fn settle(&mut self, verdict: &Verdict) {
        for index in self.waiting.drain(..self.asking.min(self.waiting.len())) {
            self.verdicts[index] = Some(verdict.clone());
        }
        self.asking = 0;
    }

    /// Nothing more will be asked; this is what becomes of all that has no verdict.
    fn give_up(&mut self, verdict: Verdict) {
        for index in self.waiting.drain(..) {
            self.verdicts[index] = Some(verdict.clone());
        }
        self.overall.get_or_insert(verdict);
    }

    /// The same, but for the domains whose mail an earlier visit has brought.
    fn turn_over(&mut self, verdict: Verdict) {
        if self.turns > 0 {
            self.turn_settled(verdict.clone());
        }
        self.give_up(verdict);
    }

    /// Targets that are left get a further connection. Each connection settles at least one, or
    /// is one of a bounded number of further visits, so this comes to an end.
    fn next_connection(&mut self, at: Duration) {
        let left = if self.plan.targets.is_empty() {
            self.overall.is_none()
        } else {
            !self.waiting.is_empty()
        };
        if left && at < self.plan.limits.session {
            self.begin_connection(at);
        } else {
            self.state = State::Done;
        }
    }

    fn say(&mut self, at: Duration, command: &Command) {
        let line = command.to_string();
        self.say_secret(at, &line, &line);
    }

    /// Says a line of which only `shown` may be seen.
    fn say_secret(&mut self, at: Duration, line: &str, shown: &str) {
        let needed = self.outgoing.len() + line.len() + 2;
        if needed > self.outgoing.capacity() {
            // A vector that grows by itself leaves what it held behind.
            let mut larger = Zeroizing::new(Vec::with_capacity(needed + limits::COMMAND_LINE));
            larger.extend_from_slice(&self.outgoing);
            self.outgoing = larger;
        }
        self.outgoing.extend_from_slice(line.as_bytes());
        self.outgoing.extend_from_slice(b"\r\n");
        self.dialogue
            .push(DialogueLine::new(Speaker::Us, at, shown));
    }

    fn enter(&mut self, at: Duration, state: State, limit: Duration) {
        self.state = state;
        let end = self.plan.limits.session;
        // A session that is at its end may still say goodbye, but ask for nothing more.
        let end = if state == State::Quitting {
            end.max(at + limits::FAREWELL)
        } else {
            end
        };
        self.deadline = (at + limit).min(end);
    }
}
