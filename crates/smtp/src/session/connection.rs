//! The connections of a session: to the provider and, before a turn, to the mail server.

use std::{net::IpAddr, time::Duration};

use super::{
    state::{Said, Session, State},
    step::{ConnectFault, Input},
};
use crate::{
    command::Method,
    reply::ReplyParser,
    report::DialogueLine,
    tls::Security,
    verdict::{Outcome, Reason, Verdict},
};

impl Session {
    /// Begins a connection to the provider; where the mail comes back over it, the mail server is
    /// asked first.
    pub(super) fn begin_connection(&mut self, at: Duration) {
        self.deadline = (at + self.plan.limits.connect).min(self.plan.limits.session);
        self.state = if self.method.turns() {
            State::MailServer { connected: false }
        } else {
            State::Connecting
        };
    }

    pub(super) fn feed_mail_server(&mut self, at: Duration, connected: bool, input: Input<'_>) {
        match input {
            Input::MailServerConnected { refuses_relay } if !connected => {
                self.refuses_relay = refuses_relay;
                self.dialogue
                    .push(DialogueLine::event(at, "mail-server-connected"));
                self.mail_server_greeting.clear();
                self.parser = ReplyParser::default();
                let limit = self.plan.limits.greeting;
                self.enter(at, State::MailServer { connected: true }, limit);
            }
            Input::Received(bytes) if connected => {
                self.mail_server_greeting.extend_from_slice(bytes);
                self.parser.push(bytes);
                match self.parser.next_reply() {
                    Ok(None) => {}
                    Ok(Some(reply)) if reply.code() == 220 => {
                        self.parser = ReplyParser::default();
                        self.state = State::Connecting;
                    }
                    Ok(Some(reply)) => self.mail_server_failed(
                        at,
                        Verdict::of_reply(Outcome::Held, Reason::MailServerNotReady, &reply),
                    ),
                    Err(_) => self.mail_server_failed(
                        at,
                        Verdict::new(Outcome::Held, Reason::MailServerNotReady),
                    ),
                }
            }
            Input::Sent => {}
            Input::MailServerUnfit(reason) => {
                self.mail_server_failed(at, Verdict::new(Outcome::Held, reason));
            }
            _ if connected => {
                self.mail_server_failed(at, Verdict::new(Outcome::Held, Reason::MailServerNotReady))
            }
            _ => self.mail_server_failed(at, Verdict::new(Outcome::Held, Reason::MailServerDown)),
        }
    }

    fn mail_server_failed(&mut self, at: Duration, verdict: Verdict) {
        self.dialogue
            .push(DialogueLine::event(at, "mail-server-failed"));
        self.give_up(verdict);
        self.next_connection(at);
    }

    pub(super) fn connected(&mut self, at: Duration, local: IpAddr) {
        self.local = Some(local);
        self.parser = ReplyParser::default();
        self.outgoing.clear();
        self.asked_here = 0;
        self.doubted = None;
        self.seen_earlier = self.said.seen_address.or(self.seen_earlier);
        self.said = Said::default();
        self.tls = None;
        self.login = None;
        self.logged_in = false;
        self.is_proved = false;
        self.dialogue.push(DialogueLine::event(at, "connected"));
        self.round_trips += 1;
        match self.method {
            Method::Hello => {
                self.settle_rest(Verdict::new(Outcome::Signalled, Reason::HelloSignals));
                self.state = State::Done;
            }
            Method::Finger => self.finger(at),
            _ if self.plan.security == Security::Implicit => self.handshake(at, true),
            _ => self.await_greeting(at),
        }
    }

    pub(super) fn connect_failed(&mut self, at: Duration, fault: ConnectFault) {
        self.dialogue
            .push(DialogueLine::event(at, "connect-failed"));
        self.give_up(match fault {
            ConnectFault::NoAddress => Verdict::new(Outcome::Unreachable, Reason::NoAddress),
            ConnectFault::NoIpv4Address => {
                Verdict::new(Outcome::Unreachable, Reason::NoIpv4Address)
            }
            ConnectFault::NoIpv6Address => {
                Verdict::new(Outcome::Unreachable, Reason::NoIpv6Address)
            }
            ConnectFault::NoInterface => Verdict::new(Outcome::Unreachable, Reason::NoInterface),
            ConnectFault::Refused => Verdict::new(Outcome::Unreachable, Reason::ConnectionRefused),
            ConnectFault::Reset => self.unanswered(Reason::HungUp, Reason::NotGreeted),
            ConnectFault::NoRoute => Verdict::new(Outcome::Unreachable, Reason::NoRoute),
            ConnectFault::TimedOut => Verdict::new(Outcome::Unreachable, Reason::ConnectTimeout),
            ConnectFault::Local => Verdict::new(Outcome::Failed, Reason::LocalFault),
        });
        self.state = State::Done;
    }

    /// Opens another connection for the targets that are left. Each connection settles at least one
    /// target, or is one of a bounded number of visits, so that the session ends.
    pub(super) fn next_connection(&mut self, at: Duration) {
        let left = if self.plan.targets.is_empty() {
            self.overall.is_none()
        } else {
            !self.waiting.is_empty()
        };
        if left && at < self.plan.limits.session {
            return self.begin_connection(at);
        }
        if left {
            // The time is up before they were asked for.
            self.settle_rest(Verdict::new(Outcome::Unknown, Reason::SilentBeforeRequest));
        }
        self.state = State::Done;
    }
}
