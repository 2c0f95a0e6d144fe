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
//! * a reply that came before its command was sent answers nothing.

use std::{collections::VecDeque, net::IpAddr, time::Duration};

use crate::{
    capabilities::{Capabilities, is_masked_greeting},
    command::{Command, Method},
    limits::{self, TimeLimits},
    name::{EhloName, EtrnTarget},
    reply::{Reply, ReplyFault, ReplyParser},
    report::{Dialogue, DialogueLine, DomainReport, Report, Speaker},
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
    /// Codes of refusals that are normal at this provider: there the visit itself is the request.
    pub normal_codes: Vec<u16>,
    /// How long each phase may take.
    pub limits: TimeLimits,
}

impl Plan {
    /// A plan with this method, no domain and the default limits.
    #[must_use]
    pub fn new(method: Method) -> Self {
        Self {
            method,
            targets: Vec::new(),
            ehlo: None,
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
    /// Write all of these bytes.
    Send {
        /// What to write.
        bytes: &'a [u8],
        /// When to give up.
        until: Duration,
    },
    /// Read whatever comes.
    Receive {
        /// When to give up.
        until: Duration,
    },
    /// Close the connection, if there is one. The report is ready.
    Done,
}

/// Why no connection came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectFault {
    /// The name has no address.
    NoAddress,
    /// The connection was refused.
    Refused,
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
    /// The bytes were written.
    Sent,
    /// These bytes were read; never empty.
    Received(&'a [u8]),
    /// The provider closed the connection.
    Closed,
    /// The connection broke.
    Reset,
    /// The step's deadline passed.
    TimedOut,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Connecting,
    Greeting,
    Hello { helo: bool },
    Asking { quit_sent: bool },
    Quitting,
    Done,
}

/// A poke under way. See the crate's front page for a whole one.
#[derive(Debug)]
pub struct Session {
    plan: Plan,
    method: Method,
    state: State,
    /// When the state's wait is over, since the session began.
    deadline: Duration,
    outgoing: Vec<u8>,
    parser: ReplyParser,
    received: usize,
    unasked: usize,
    /// Targets not asked for yet, by their index in the plan. The first is the one being asked.
    waiting: VecDeque<usize>,
    asked_here: usize,
    verdicts: Vec<Option<Verdict>>,
    /// The verdict on the session itself, for what no domain's reply says.
    overall: Option<Verdict>,
    local: Option<IpAddr>,
    capabilities: Capabilities,
    /// The reply to EHLO on this connection, where it has several lines.
    hello: Option<Reply>,
    masked: bool,
    helo_only: bool,
    round_trips: u32,
    dialogue: Dialogue,
}

impl Session {
    /// A session that has yet to connect.
    #[must_use]
    pub fn new(plan: Plan) -> Self {
        let method = match plan.method {
            // There is nothing to ask for by name: all that is left is the visit itself.
            Method::Auto | Method::Etrn | Method::Qsnd if plan.targets.is_empty() => Method::Signal,
            method => method,
        };
        Self {
            method,
            state: State::Connecting,
            deadline: plan.limits.session,
            outgoing: Vec::new(),
            parser: ReplyParser::default(),
            received: 0,
            unasked: 0,
            waiting: (0..plan.targets.len()).collect(),
            asked_here: 0,
            verdicts: vec![None; plan.targets.len()],
            overall: None,
            local: None,
            capabilities: Capabilities::default(),
            hello: None,
            masked: false,
            helo_only: false,
            round_trips: 0,
            dialogue: Dialogue::default(),
            plan,
        }
    }

    /// What to do next. Asking again without feeding gives the same.
    #[must_use]
    pub fn step(&self) -> Step<'_> {
        match self.state {
            State::Done => Step::Done,
            State::Connecting => Step::Connect {
                limit: self.plan.limits.connect,
                until: self.plan.limits.session,
            },
            _ if !self.outgoing.is_empty() => Step::Send {
                bytes: &self.outgoing,
                until: self.deadline,
            },
            _ => Step::Receive {
                until: self.deadline,
            },
        }
    }

    /// Takes what came of the last step, `at` this time since the session began. Bytes that are
    /// fed before a [`Step::Send`] is done do not answer it.
    pub fn feed(&mut self, at: Duration, input: Input<'_>) {
        if self.state == State::Done {
            return;
        }
        match input {
            Input::Connected { local } => self.connected(at, local),
            Input::ConnectFailed(fault) => self.connect_failed(at, fault),
            Input::Sent => self.outgoing.clear(),
            Input::Received(bytes) => self.take(at, bytes),
            Input::Closed => self.lost(at, "closed"),
            Input::Reset => self.lost(at, "reset"),
            Input::TimedOut => self.timed_out(at),
        }
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
            verdict: worst.or(overall).unwrap_or_else(unanswered),
            domains,
            round_trips: self.round_trips,
            seen_address: self.capabilities.seen_address,
            dialogue: self.dialogue.into_lines(),
        }
    }

    fn connected(&mut self, at: Duration, local: IpAddr) {
        self.local = Some(local);
        self.parser = ReplyParser::default();
        self.outgoing.clear();
        self.asked_here = 0;
        self.hello = None;
        self.dialogue.push(DialogueLine::event(at, "connected"));
        self.enter(at, State::Greeting, self.plan.limits.greeting);
        self.round_trips += 2;
    }

    fn connect_failed(&mut self, at: Duration, fault: ConnectFault) {
        self.dialogue
            .push(DialogueLine::event(at, "connect-failed"));
        self.give_up(match fault {
            ConnectFault::NoAddress => Verdict::new(Outcome::Unreachable, Reason::NoAddress),
            ConnectFault::Refused => Verdict::new(Outcome::Unreachable, Reason::ConnectionRefused),
            ConnectFault::NoRoute => Verdict::new(Outcome::Unreachable, Reason::NoRoute),
            ConnectFault::TimedOut => Verdict::new(Outcome::Unreachable, Reason::ConnectTimeout),
            ConnectFault::Local => Verdict::new(Outcome::Failed, Reason::LocalFault),
        });
        self.state = State::Done;
    }

    fn take(&mut self, at: Duration, bytes: &[u8]) {
        self.received += bytes.len();
        if self.received > limits::SESSION_RECEIVED {
            return self.broken(at, Verdict::new(Outcome::Refused, Reason::TooMuch));
        }
        self.parser.push(bytes);
        // What stands behind the end of a connection belongs to none.
        while !matches!(self.state, State::Connecting | State::Done) {
            // A command that is still to be written cannot have been answered yet.
            let unasked = !self.outgoing.is_empty();
            match self.parser.next_reply() {
                Ok(None) => return,
                Ok(Some(reply)) => {
                    for line in reply.lines() {
                        self.dialogue
                            .push(DialogueLine::new(Speaker::Provider, at, line));
                    }
                    if unasked {
                        self.ignore(at);
                    } else {
                        self.reply(at, &reply);
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
            State::Hello { .. } | State::Asking { .. } if reply.code() == 220 => self.ignore(at),
            // An EHLO reply that comes twice (Exim 4.96) answers no request.
            State::Asking { .. } if self.hello.as_ref() == Some(reply) => self.ignore(at),
            State::Hello { helo } => self.hello_answered(at, reply, helo),
            State::Asking { quit_sent } => self.request_answered(at, reply, quit_sent),
            State::Quitting => match reply.code() {
                // Also a refusal of QUIT ends the session; only a doubled reply is passed over.
                221 | 400..=599 => self.ended(at),
                _ => self.ignore(at),
            },
            State::Connecting | State::Done => {}
        }
    }

    fn greeted(&mut self, at: Duration, reply: &Reply) {
        if reply.code() != 220 {
            self.give_up(read_refused_start(reply));
            return self.quit(at);
        }
        self.masked = is_masked_greeting(reply);
        match self.method {
            Method::Signal => self.quit(at),
            Method::Qsnd => self.ask(at),
            Method::Auto | Method::Etrn => self.hello(at, self.helo_only),
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
                self.capabilities = if helo {
                    // HELO's reply offers nothing, but may name our address.
                    Capabilities {
                        seen_address: said.seen_address,
                        ..Capabilities::default()
                    }
                } else {
                    said
                };
                // One of a single line may be word for word the answer to a request.
                self.hello = Some(reply.clone()).filter(|reply| reply.lines().count() > 1);
            }
            // An old server that does not know EHLO (RFC 5321 3.2).
            500 | 501 | 502 | 504 | 550 if !helo => return self.hello(at, true),
            _ => {
                self.give_up(read_refused_start(reply));
                return self.quit(at);
            }
        }
        if self.method == Method::Auto {
            // HELO gives no list to read, so the question itself has to tell.
            let ask = helo || self.capabilities.etrn;
            self.method = if ask { Method::Etrn } else { Method::Signal };
        }
        if self.method == Method::Signal {
            self.quit(at)
        } else {
            self.ask(at)
        }
    }

    /// Asks for the first target that is waiting; with the last one of this connection goes the
    /// QUIT, where the provider takes both in one segment.
    fn ask(&mut self, at: Duration) {
        let Some(target) = self
            .waiting
            .front()
            .map(|index| self.plan.targets[*index].clone())
        else {
            return self.quit(at);
        };
        self.asked_here += 1;
        let last = self.waiting.len() == 1 || self.asked_here == limits::DOMAINS_PER_CONNECTION;
        self.say(
            at,
            &match self.method {
                Method::Qsnd => Command::Qsnd(target),
                Method::Auto | Method::Signal | Method::Etrn => Command::Etrn(target),
            },
        );
        let quit_sent = last && self.capabilities.pipelining;
        if quit_sent {
            self.say(at, &Command::Quit);
        }
        self.enter(at, State::Asking { quit_sent }, self.plan.limits.command);
        self.round_trips += 1;
    }

    fn request_answered(&mut self, at: Duration, reply: &Reply, quit_sent: bool) {
        let code = reply.code();
        if quit_sent && code == 221 {
            // The answer to QUIT: the request before it got none (Sendmail under load).
            self.settle(Verdict::new(Outcome::Unknown, Reason::NoAnswer));
            return self.ended(at);
        }
        self.settle(read_request_reply(
            reply,
            &self.plan.normal_codes,
            self.masked,
        ));
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
            State::Hello { helo: false } if !self.helo_only => {
                self.helo_only = true;
                self.state = State::Connecting;
            }
            State::Greeting | State::Hello { .. } => {
                self.give_up(Verdict::new(Outcome::Unknown, Reason::HungUp));
                self.state = State::Done;
            }
            State::Asking { .. } => {
                self.settle(Verdict::new(Outcome::Unknown, Reason::HungUp));
                self.next_connection(at);
            }
            // Any end of the connection is the signal; who hangs up on QUIT has heard it.
            State::Quitting => self.ended(at),
            State::Connecting | State::Done => self.state = State::Done,
        }
    }

    fn timed_out(&mut self, at: Duration) {
        self.dialogue.push(DialogueLine::event(at, "timed-out"));
        let silence = Verdict::new(Outcome::Unknown, Reason::NoAnswer);
        let unsent = !self.outgoing.is_empty();
        self.outgoing.clear();
        match self.state {
            State::Connecting | State::Done => self.connect_failed(at, ConnectFault::TimedOut),
            State::Quitting => {
                if self.method == Method::Signal && self.overall.is_none() {
                    self.give_up(silence);
                }
                self.next_connection(at);
            }
            State::Greeting | State::Hello { .. } | State::Asking { .. } => {
                let quit_sent = matches!(self.state, State::Asking { quit_sent: true });
                // Who does not answer one request will not answer the next within its limit.
                self.give_up(silence);
                // A peer that reads nothing will not read a QUIT either.
                if quit_sent || unsent {
                    self.state = State::Done
                } else {
                    self.quit(at)
                }
            }
        }
    }

    fn not_a_reply(&mut self, at: Duration, fault: ReplyFault) {
        let verdict = match fault {
            ReplyFault::TooLong => Verdict::new(Outcome::Refused, Reason::TooMuch),
            ReplyFault::NotSmtp(line) => {
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
        self.outgoing.clear();
        self.give_up(verdict);
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

    /// The first waiting target has its verdict.
    fn settle(&mut self, verdict: Verdict) {
        if let Some(index) = self.waiting.pop_front() {
            self.verdicts[index] = Some(verdict);
        }
    }

    /// Nothing more will be asked; this is what becomes of all that has no verdict.
    fn give_up(&mut self, verdict: Verdict) {
        for index in self.waiting.drain(..) {
            self.verdicts[index] = Some(verdict.clone());
        }
        self.overall.get_or_insert(verdict);
    }

    /// Targets that are left get a further connection. Each connection settles at least one, so
    /// this comes to an end.
    fn next_connection(&mut self, at: Duration) {
        if self.waiting.is_empty() || at >= self.plan.limits.session {
            self.state = State::Done;
        } else {
            self.state = State::Connecting;
        }
    }

    fn say(&mut self, at: Duration, command: &Command) {
        let line = command.to_string();
        self.outgoing.extend_from_slice(line.as_bytes());
        self.outgoing.extend_from_slice(b"\r\n");
        self.dialogue.push(DialogueLine::new(Speaker::Us, at, line));
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
