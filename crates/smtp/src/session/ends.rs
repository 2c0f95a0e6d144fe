//! How a conversation ends (by QUIT, by silence, by a lost connection), and the verdicts on what was
//! asked and on what was not.

use std::time::Duration;

use zeroize::Zeroize;

use super::{
    state::{Session, State},
    step::ConnectFault,
};
use crate::{
    command::{Command, Method},
    limits,
    report::DialogueLine,
    tls::{Security, TlsFault},
    verdict::{Outcome, Reason, Verdict},
};

/// Where TLS begins with the first octet (RFC 8314 3.3).
const IMPLICIT_TLS_PORT: u16 = 465;

impl Session {
    pub(super) fn quit(&mut self, at: Duration) {
        self.say(at, &Command::Quit);
        let limit = if self.overall.is_some() {
            limits::FAREWELL
        } else {
            self.plan.limits.command
        };
        self.enter(at, State::Quitting, limit);
        self.round_trips += 1;
    }

    /// The conversation on this connection has ended in good order.
    pub(super) fn ended(&mut self, at: Duration) {
        if let Some(doubted) = self.doubted.take() {
            // The QUIT was read, so that it was the request that was refused.
            self.end_requests(Verdict {
                reason: Reason::NotAsked,
                ..doubted.verdict
            });
        }
        if self.method == Method::Signal && self.overall.is_none() {
            self.settle_rest(Verdict::new(Outcome::Signalled, Reason::QuitSignals));
        }
        self.next_connection(at);
    }

    /// How silence or a lost connection in this state is told: whether anything was asked decides
    /// whether it may have worked.
    pub(super) fn unanswered(&self, asked: Reason, before: Reason) -> Verdict {
        // The visit itself is the request, except a probe's, which asks for nothing.
        let is_visit = self.method == Method::Signal && !self.only_probes;
        let wants_tls = self.plan.host.1 == IMPLICIT_TLS_PORT
            && self.plan.security != Security::Implicit
            && !self.parser.has_partial();
        Verdict::new(
            Outcome::Unknown,
            match self.state {
                State::Greeting if wants_tls => Reason::ImplicitTlsExpected,
                State::Asking { .. } | State::Turning | State::Quitting | State::Bridging => asked,
                State::Fingering if self.outgoing.is_empty() => asked,
                _ if is_visit => asked,
                State::Greeting => Reason::NotGreeted,
                _ => before,
            },
        )
    }

    /// Gives up: what is being asked for gets the verdict `how`, and what has not been asked for is
    /// told as that.
    pub(super) fn give_up_unanswered(&mut self, how: Verdict, before: Reason) {
        if matches!(self.state, State::Turning) || self.turns > 0 {
            self.settle_visit(how);
            self.settle_rest(Verdict::new(Outcome::Unknown, before));
        } else if matches!(self.state, State::Asking { .. }) {
            self.settle(&how);
            self.settle_rest(Verdict::new(Outcome::Unknown, before));
        } else {
            self.settle_rest(how);
        }
    }

    /// The connection was `closed` or `reset` by the other side.
    pub(super) fn lost(&mut self, at: Duration, how: &'static str) {
        self.dialogue.push(DialogueLine::event(at, how));
        match self.state {
            // Old servers hang up on EHLO: once more, with HELO.
            State::Ehlo { helo: false } if !self.helo_only && self.tls.is_none() => {
                self.helo_only = true;
                self.begin_connection(at);
            }
            State::Fingering if self.outgoing.is_empty() => self.finger_ended(at),
            State::Greeting
            | State::Ehlo { .. }
            | State::StartTls
            | State::Login
            | State::Turning
            | State::Fingering => {
                let before = Reason::HungUpBeforeRequest;
                self.give_up_unanswered(self.unanswered(Reason::HungUp, before), before);
                self.state = State::Done;
            }
            State::Handshake { .. } => self.tls_failed(at, TlsFault::Closed, None),
            State::Asking { .. } => {
                self.settle(&Verdict::new(Outcome::Unknown, Reason::HungUp));
                self.next_connection(at);
            }
            // Any end of the connection is the signal: a provider that hangs up has read the QUIT.
            State::Quitting => self.ended(at),
            State::MailServer { .. } | State::Connecting | State::Bridging | State::Done => {
                self.state = State::Done;
            }
        }
    }

    pub(super) fn timed_out(&mut self, at: Duration) {
        self.dialogue.push(DialogueLine::event(at, "timed-out"));
        let before = Reason::SilentBeforeRequest;
        let silence = self.unanswered(Reason::NoAnswer, before);
        let unsent = !self.outgoing.is_empty();
        self.outgoing.zeroize();
        match self.state {
            State::Connecting | State::Done => self.connect_failed(at, ConnectFault::TimedOut),
            State::Handshake { .. } => self.tls_failed(at, TlsFault::TimedOut, None),
            State::Quitting => {
                if !unsent && self.ask_alone(at) {
                    return;
                }
                if self.method == Method::Signal && self.overall.is_none() {
                    self.settle_rest(silence);
                }
                self.next_connection(at);
            }
            State::Fingering | State::Bridging | State::MailServer { .. } => {
                self.give_up(silence);
                self.state = State::Done;
            }
            State::Greeting
            | State::Ehlo { .. }
            | State::StartTls
            | State::Login
            | State::Turning
            | State::Asking { .. } => {
                let quit_sent = matches!(self.state, State::Asking { quit_sent: true });
                // A provider that leaves one request unanswered will not answer the next in time.
                self.give_up_unanswered(silence, before);
                // A provider that reads nothing will not read a QUIT either.
                if quit_sent || unsent {
                    self.state = State::Done;
                } else {
                    self.quit(at);
                }
            }
        }
    }

    /// Gives the targets that are being asked for their verdict.
    pub(super) fn settle(&mut self, verdict: &Verdict) {
        for index in self.waiting.drain(..self.asking.min(self.waiting.len())) {
            // Asked once more, alone: no answer to that leaves the refusal.
            let refused = self.doubted.take_if(|doubted| doubted.target == index);
            let refused = refused.filter(|_| verdict.outcome == Outcome::Unknown);
            let verdict = refused.map_or_else(|| verdict.clone(), |doubted| doubted.verdict);
            self.verdicts[index] = Some(verdict);
        }
        self.asking = 0;
    }

    /// Gives every target that has no verdict this one, and the session too: nothing more is asked.
    pub(super) fn settle_rest(&mut self, verdict: Verdict) {
        for index in self.waiting.drain(..) {
            self.verdicts[index] = Some(verdict.clone());
        }
        self.overall.get_or_insert(verdict);
    }

    /// The same, except that domains whose mail an earlier visit has brought keep that success.
    pub(super) fn give_up(&mut self, verdict: Verdict) {
        if self.turns > 0 {
            self.settle_visit(verdict.clone());
        }
        self.settle_rest(verdict);
    }
}
