//! ETRN and QSND: one request after the other, until no domain is left.

use std::time::Duration;

use super::state::{Doubted, Session, State};
use crate::{
    command::{Command, Method},
    limits,
    meaning::{ends_requests, is_no_answer_to_etrn, read_request_reply},
    reply::Reply,
    report::Choice,
    verdict::{Outcome, Reason, Verdict},
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
        let last = self.waiting.len() == 1 || self.asked_here >= limits::DOMAINS_PER_CONNECTION;
        self.say(at, &command);
        // As long as the provider may not know the request, QUIT waits for the answer.
        let may_group = self.said.capabilities.pipelining && !self.ungrouped;
        let quit_sent = last && may_group && !self.is_trial();
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
            self.settle(&Verdict::new(Outcome::Unknown, Reason::HungUp));
            return self.ended(at);
        }
        let tried = self.plan.method == Method::Auto
            && self.method == Method::Etrn
            && !self.said.capabilities.etrn;
        let is_normal = self.plan.normal_codes.contains(&code);
        if tried && self.choice.is_none() && !is_normal && is_no_answer_to_etrn(reply) {
            // At such a provider the visit itself is the request.
            self.choose(Method::Signal, Choice::EtrnUnknown);
            return if quit_sent {
                self.enter(at, State::Quitting, self.plan.limits.command);
            } else {
                self.quit(at)
            };
        }
        let verdict = read_request_reply(reply, &self.plan.normal_codes, self.said.masked);
        let verdict = self.for_want_of_login(verdict);
        if tried && verdict.outcome.is_success() {
            self.choose(Method::Etrn, Choice::EtrnAnswered);
        }
        let asked = self.waiting.front().copied();
        self.settle(&verdict);
        if quit_sent && code >= 500 && !is_normal && !self.ungrouped {
            self.doubted = asked.map(|target| Doubted { target, verdict });
            // Whether it was the group that was refused shows soon.
            return self.enter(at, State::Quitting, limits::FAREWELL);
        }
        if verdict.reason == Reason::NotImplemented {
            // A server that does not know the command counts each further one as an error (chasquid).
            self.settle_rest(verdict);
        } else if !is_normal {
            self.end_requests(Verdict::of_reply(Outcome::Refused, Reason::NotAsked, reply));
        }
        if quit_sent {
            self.enter(at, State::Quitting, self.plan.limits.command);
        } else if code == 221 || self.asked_here >= limits::DOMAINS_PER_CONNECTION {
            // Also where the provider says goodbye unasked: the rest goes over another connection.
            self.quit(at);
        } else {
            self.ask(at);
        }
    }

    /// After some refusals no further domain may be asked for.
    pub(super) fn end_requests(&mut self, rest: Verdict) {
        if rest.code.is_some_and(ends_requests) {
            self.settle_rest(rest);
        }
    }

    /// A refusal that a login may cure is told as that.
    pub(super) fn for_want_of_login(&self, verdict: Verdict) -> Verdict {
        let may_cure = verdict.reason == Reason::Denied
            && self.plan.login.is_none()
            && !self.said.capabilities.auth.is_empty();
        Verdict {
            reason: if may_cure {
                Reason::DeniedWithoutLogin
            } else {
                verdict.reason
            },
            ..verdict
        }
    }

    /// Asks once more, alone, for what was refused together with its QUIT: the QUIT was not read,
    /// so that the group was refused. Whether there is anything to ask.
    pub(super) fn ask_alone(&mut self, at: Duration) -> bool {
        let Some(doubted) = &self.doubted else {
            return false;
        };
        if self.ungrouped || at >= self.plan.limits.session {
            return false;
        }
        self.ungrouped = true;
        self.verdicts[doubted.target] = None;
        self.waiting.push_front(doubted.target);
        self.ask(at);
        true
    }
}
