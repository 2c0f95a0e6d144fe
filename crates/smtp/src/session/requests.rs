//! ETRN and QSND: one request after the other, until no domain is left.

use std::time::Duration;

use super::state::{Session, State};
use crate::{
    command::{Command, Method},
    limits,
    reply::Reply,
    report::Choice,
    verdict::{Outcome, Reason, Verdict, ends_requests, read_request_reply},
};

impl Session {
    /// Sends the next request. QUIT goes along with the last one of this connection where the
    /// provider offers PIPELINING.
    pub(super) fn ask(&mut self, at: Duration) {
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
        // As long as the provider may not know the request, QUIT waits for the answer.
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

    pub(super) fn request_answered(&mut self, at: Duration, reply: &Reply, quit_sent: bool) {
        let code = reply.code();
        if quit_sent && code == 221 {
            // The reply to QUIT: the request before it got none (Sendmail under load).
            self.settle(&Verdict::new(Outcome::Unknown, Reason::NoAnswer));
            return self.ended(at);
        }
        let verdict = read_request_reply(reply, &self.plan.normal_codes, self.masked);
        let found_out = self.plan.method == Method::Auto
            && self.method == Method::Etrn
            && !self.capabilities.etrn;
        if found_out && verdict.reason == Reason::NotImplemented {
            // At such a provider the visit itself is the request.
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
            self.settle_rest(Verdict::of_reply(Outcome::Refused, reason, reply));
        }
        if quit_sent {
            self.enter(at, State::Quitting, self.plan.limits.command);
        } else if code == 221 || self.asked_here == limits::DOMAINS_PER_CONNECTION {
            // Also where the provider says goodbye unasked: the rest goes over another connection.
            self.quit(at);
        } else {
            self.ask(at);
        }
    }
}
