//! What the provider sends: parsed into replies, each of which goes to the state that waits for it.

use std::time::Duration;

use zeroize::Zeroize;

use super::state::{Session, State};
use crate::{
    command::Method,
    limits,
    meaning::read_request_reply,
    reply::{Reply, ReplyFault, ReplyParser, redact},
    report::{DialogueLine, Speaker},
    verdict::{Outcome, Reason, Verdict},
};

impl Session {
    /// Takes bytes that the provider sent.
    pub(super) fn take(&mut self, at: Duration, bytes: &[u8]) {
        if self.state == State::Fingering {
            return self.finger_said(at, bytes);
        }
        self.received += bytes.len();
        if self.received > limits::SESSION_RECEIVED {
            return self.broken(at, Verdict::new(Outcome::Refused, Reason::TooMuch));
        }
        self.parser.push(bytes);
        // Bytes behind the end of a connection answer nothing; those behind a turn are the bridge's.
        while !matches!(
            self.state,
            State::MailServer { .. }
                | State::Connecting
                | State::Handshake { .. }
                | State::Bridging
                | State::Done
        ) {
            // A command that is not written yet cannot have been answered.
            let unasked = !self.outgoing.is_empty();
            match self.parser.next_reply() {
                Ok(None) => return,
                Ok(Some(reply)) => {
                    let shown = reply.redacted(&self.secret_patterns);
                    for line in shown.lines() {
                        self.dialogue
                            .push(DialogueLine::new(Speaker::Provider, at, line));
                    }
                    let closing = reply.code() == 421 && (unasked || self.state != State::Quitting);
                    if closing {
                        return self.service_closing(at, &reply);
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
            // A second greeting, or one of two replies where one of two lines was meant.
            State::Ehlo { .. } | State::Asking { .. } | State::Turning if reply.code() == 220 => {
                self.ignore(at);
            }
            // The EHLO reply once more (Exim 4.96) answers nothing. A single line may read exactly like
            // an answer.
            State::Asking { .. } | State::Turning | State::StartTls | State::Login
                if self.said.ehlo_reply.as_ref() == Some(reply) && reply.lines().count() > 1 =>
            {
                self.ignore(at);
            }
            State::Ehlo { helo } => self.ehlo_answered(at, reply, helo),
            State::StartTls => self.starttls_answered(at, reply),
            State::Login => self.login_answered(at, reply),
            State::Asking { quit_sent } => self.request_answered(at, reply, quit_sent),
            State::Turning => self.turn_answered(at, reply),
            State::Quitting => match reply.code() {
                // Even a refusal of QUIT ends the session; only a repeated reply is ignored.
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

    /// 421, whatever was asked, and even where nothing was: the provider hangs up, and hears nothing
    /// more.
    fn service_closing(&mut self, at: Duration, reply: &Reply) {
        self.outgoing.zeroize();
        let verdict = read_request_reply(reply, &self.plan.normal_codes, false);
        if self.state == State::Quitting && self.overall.is_none() && self.method != Method::Signal
        {
            // Everything on this connection is answered.
            return self.ended(at);
        }
        self.give_up(verdict);
        self.state = State::Done;
    }

    fn not_a_reply(&mut self, at: Duration, fault: ReplyFault) {
        let verdict = match fault {
            ReplyFault::TooLong => Verdict::new(Outcome::Refused, Reason::TooMuch),
            ReplyFault::NotSmtp(line) => {
                let line = redact(&line, &self.secret_patterns).into_owned();
                self.dialogue
                    .push(DialogueLine::new(Speaker::Provider, at, line.as_str()));
                // Whoever has greeted and introduced itself is a mail server.
                let reason = match self.state {
                    State::Greeting | State::Ehlo { .. } => Reason::NotSmtp,
                    _ => Reason::BadReply,
                };
                Verdict {
                    text: Some(line),
                    ..Verdict::new(Outcome::Refused, reason)
                }
            }
        };
        if self.outgoing.is_empty() {
            self.broken(at, verdict);
        } else {
            // It answers no command.
            self.parser = ReplyParser::default();
            self.ignore(at);
        }
    }

    /// What came cannot be understood, and neither can what follows.
    fn broken(&mut self, at: Duration, verdict: Verdict) {
        let full = self.received > limits::SESSION_RECEIVED;
        let unsent = !self.outgoing.is_empty();
        let quitting = self.state == State::Quitting;
        if quitting && unsent && !full {
            // The QUIT still goes out.
            return;
        }
        if quitting && self.overall.is_none() && !full {
            // Every request is answered: garbage in place of the 221 changes nothing.
            return self.ended(at);
        }
        let quit_sent = quitting || self.state == State::Asking { quit_sent: true } && !unsent;
        self.outgoing.zeroize();
        self.give_up(verdict);
        // After a limit on octets nothing more may be read, not even the reply to a QUIT.
        if quit_sent || full {
            self.state = State::Done;
        } else {
            self.parser = ReplyParser::default();
            self.quit(at);
        }
    }

    /// Passes over a reply that answers nothing; a limited number of them.
    pub(super) fn ignore(&mut self, at: Duration) {
        self.unasked += 1;
        if self.unasked > limits::UNASKED_REPLIES {
            self.broken(at, Verdict::new(Outcome::Refused, Reason::TooMuch));
        }
    }
}
