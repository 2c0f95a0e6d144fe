//! AUTH (RFC 4954): the strongest mechanism first, the next where one is not accepted.

use std::{collections::VecDeque, time::Duration};

use zeroize::Zeroizing;

use super::state::{LoginAttempt, Session, State};
use crate::{
    limits,
    meaning::{Asked, read_reply},
    reply::Reply,
    sasl::{self, Exchange, Mechanism, NoMechanism, SaslFault},
    verdict::{Outcome, Reason, Verdict},
};

impl Session {
    pub(super) fn log_in(&mut self, at: Duration) {
        let Some(login) = &self.plan.login else {
            return self.ask(at);
        };
        match sasl::candidates(login, &self.said.capabilities.auth, self.is_protected()) {
            Ok(mechanisms) => self.try_login(at, mechanisms.into()),
            Err(none) => {
                let reason = match none {
                    NoMechanism::NoneOffered => Reason::LoginNotOffered,
                    NoMechanism::NoneInCommon => Reason::LoginMechanism,
                    NoMechanism::OnlyInClear if self.tls.is_some() => Reason::LoginUnverified,
                    NoMechanism::OnlyInClear => Reason::LoginInClear,
                };
                self.give_up(Verdict::new(Outcome::Refused, reason));
                self.quit(at);
            }
        }
    }

    fn try_login(&mut self, at: Duration, mut mechanisms: VecDeque<Mechanism>) {
        let Some((mechanism, login)) = mechanisms.pop_front().zip(self.plan.login.as_ref()) else {
            return self.ask(at);
        };
        let (host, port) = &self.plan.host;
        // Never the same twice, so that a recorded answer is of no use in another login.
        let nonce = [&self.plan.nonce[..], &self.logins.to_be_bytes()].concat();
        self.logins += 1;
        let exchange = Exchange::new(mechanism, login, host, *port, &nonce);
        let exchange = match exchange {
            Ok(exchange) => exchange,
            // The mechanism may have no form for this password; another may.
            Err(_) if !mechanisms.is_empty() => return self.try_login(at, mechanisms),
            Err(_) => {
                self.give_up(Verdict::new(Outcome::Failed, Reason::LoginMechanism));
                return self.quit(at);
            }
        };
        self.secret_patterns.extend(exchange.secret_patterns());
        // The longest first: a short one inside a long one would leave parts of it standing.
        self.secret_patterns
            .sort_by_key(|pattern| std::cmp::Reverse(pattern.len()));
        let mut line = Zeroizing::new(format!("AUTH {}", mechanism.name()));
        let mut shown = line.to_string();
        if let Some(response) = exchange.initial() {
            let encoded = sasl::encode_initial(&response);
            // A response too long for the line is left out; the server asks for it.
            if line.len() + encoded.len() + " \r\n".len() <= limits::COMMAND_LINE {
                line = Zeroizing::new([line.as_str(), " ", &encoded].concat());
                shown.push_str(" ****");
            }
        }
        self.say_secret(at, &line, &shown);
        self.login = Some(LoginAttempt {
            exchange,
            others: mechanisms,
            cancelled: None,
        });
        self.enter(at, State::Login, self.plan.limits.command);
        self.round_trips += 1;
    }

    pub(super) fn login_answered(&mut self, at: Duration, reply: &Reply) {
        let Some(mut login) = self.login.take() else {
            return self.ignore(at);
        };
        match (reply.code(), login.cancelled) {
            (_, Some(reason)) => {
                self.give_up(Verdict::new(Outcome::Refused, reason));
                self.quit(at);
            }
            (235, None) => {
                let data = sasl::decode(&reply.text()).ok();
                match login.exchange.accepted(data.as_deref()) {
                    Ok(()) => {
                        self.logged_in = true;
                        self.is_proved = login.exchange.mechanism().proves_server();
                        self.ask(at);
                    }
                    Err(fault) => {
                        self.give_up(Verdict::new(Outcome::Refused, login_reason(fault)));
                        self.quit(at);
                    }
                }
            }
            (334, None) => {
                match login.exchange.answer(&reply.text()) {
                    Ok(response) => self.say_secret(at, &response, "****"),
                    Err(fault) => {
                        // An asterisk cancels (RFC 4954 4).
                        login.cancelled = Some(login_reason(fault));
                        self.say_secret(at, "*", "*");
                    }
                }
                self.login = Some(login);
                self.enter(at, State::Login, self.plan.limits.command);
                self.round_trips += 1;
            }
            (_, None) => {
                let mut verdict = read_reply(Asked::Login, reply);
                // A server that stores only hashes of passwords may offer mechanisms that need the
                // password itself. One more attempt tells; several could lock the user out.
                let mut others = login.others;
                let hidden = !login.exchange.mechanism().reveals_secret();
                if verdict.reason == Reason::LoginRefused && hidden {
                    others.retain(|other| other.reveals_secret());
                    others.truncate(1);
                }
                let another = verdict.reason == Reason::LoginMechanism
                    || verdict.reason == Reason::LoginRefused && hidden;
                if another && !others.is_empty() {
                    return self.try_login(at, others);
                }
                let by_token = login.exchange.mechanism().takes_token();
                if verdict.reason == Reason::LoginRefused && by_token {
                    verdict.reason = Reason::TokenRefused;
                }
                self.give_up(verdict);
                self.quit(at);
            }
        }
    }
}

const fn login_reason(fault: SaslFault) -> Reason {
    match fault {
        SaslFault::ServerNotProved => Reason::ServerNotProved,
        SaslFault::TooManySteps => Reason::TooMuch,
        SaslFault::Challenge | SaslFault::Iterations | SaslFault::Unprintable => {
            Reason::LoginConfused
        }
    }
}
