//! From the greeting to the first request: EHLO, then TLS and the login, and the choice of the method.

use std::{net::IpAddr, time::Duration};

use super::state::{Session, State};
use crate::{
    capabilities::{Capabilities, greeting_shape, is_masked_greeting},
    command::{Command, Method},
    meaning::{Asked, read_reply},
    name::EhloName,
    reply::Reply,
    report::{Choice, Learned},
    tls::Security,
    verdict::{Outcome, Reason, Verdict},
};

impl Session {
    pub(super) fn await_greeting(&mut self, at: Duration) {
        self.enter(at, State::Greeting, self.plan.limits.greeting);
        self.round_trips += 1;
    }

    pub(super) fn greeted(&mut self, at: Duration, reply: &Reply) {
        if reply.code() != 220 {
            self.give_up(read_reply(Asked::Connection, reply));
            return self.quit(at);
        }
        self.said.masked = is_masked_greeting(reply);
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
        // EHLO is left out where nothing needs to be known of the provider: it costs a round trip.
        let introduce = self.only_probes
            || self.plan.login.is_some()
            || self.plan.security == Security::Required
            || !matches!(self.method, Method::Signal | Method::Qsnd);
        if introduce {
            self.say_ehlo(at, self.helo_only);
        } else {
            self.ask(at);
        }
    }

    pub(super) fn say_ehlo(&mut self, at: Duration, helo: bool) {
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
        self.enter(at, State::Ehlo { helo }, self.plan.limits.command);
        self.round_trips += 1;
    }

    pub(super) fn ehlo_answered(&mut self, at: Duration, reply: &Reply, helo: bool) {
        match reply.code() {
            200..=299 => {
                let offered = Capabilities::from_reply(reply);
                self.said.seen_address = offered.seen_address.or(self.said.seen_address);
                // The reply to HELO offers nothing.
                if !helo {
                    self.said.capabilities = offered;
                }
                self.said.ehlo_reply = Some(reply.clone());
                self.introduced(at);
            }
            // An old server that does not know EHLO (RFC 5321 3.2).
            500 | 501 | 502 | 504 | 550 if !helo => self.say_ehlo(at, true),
            _ => {
                self.give_up(read_reply(Asked::Introduction, reply));
                self.quit(at);
            }
        }
    }

    /// Goes on after EHLO: STARTTLS, the login, the request, whichever comes next.
    pub(super) fn introduced(&mut self, at: Duration) {
        let wants_tls = matches!(
            self.plan.security,
            Security::Opportunistic | Security::Required
        );
        if wants_tls && self.tls.is_none() && !self.without_tls {
            if self.said.capabilities.starttls {
                self.say(at, &Command::StartTls);
                self.enter(at, State::StartTls, self.plan.limits.command);
                self.round_trips += 1;
                return;
            }
            if self.plan.security == Security::Required {
                self.give_up(Verdict::new(Outcome::Refused, Reason::TlsNotOffered));
                return self.quit(at);
            }
        }
        if self.method == Method::Auto {
            self.choose_method();
            if self.lacks_something(at) {
                return;
            }
            if self.method.turns() {
                // A turn needs a connection before which the mail server was asked.
                return self.quit(at);
            }
        }
        if self.plan.login.is_some() && !self.logged_in {
            return self.log_in(at);
        }
        self.ask(at);
    }

    /// Chooses the method of [`Method::Auto`] by the EHLO reply.
    fn choose_method(&mut self) {
        if self.may_turn() {
            self.choose(Method::Atrn, Choice::AtrnOffered);
        } else {
            self.choose_request();
        }
    }

    /// Chooses among the methods of [`Method::Auto`] that do not turn the connection round.
    pub(super) fn choose_request(&mut self) {
        let without_domains = self.plan.targets.is_empty();
        if without_domains {
            self.choose(Method::Signal, Choice::NoDomains);
        } else if self.said.capabilities.etrn {
            self.choose(Method::Etrn, Choice::EtrnOffered);
        } else {
            // The provider may know it all the same; only its answer tells.
            self.method = Method::Etrn;
        }
    }

    /// Ends the session where the provider offers a command for what is wanted and something has to
    /// be given for it first: a visit would bring nothing there, and be told as a success.
    pub(super) fn lacks_something(&mut self, at: Duration) -> bool {
        let offered = &self.said.capabilities;
        let lacking = match &self.plan.login {
            _ if self.choice != Some(Choice::NoDomains) => None,
            _ if offered.etrn => Some(Reason::DomainsNeeded),
            None if offered.atrn => Some(Reason::LoginNeeded),
            Some(_) if offered.atrn && !self.plan.may_turn => Some(Reason::MailServerUnset),
            Some(_) | None => None,
        };
        let Some(lacking) = lacking else {
            return false;
        };
        // No method has been chosen after all.
        (self.method, self.choice) = (Method::Auto, None);
        self.give_up(Verdict::new(Outcome::Failed, lacking));
        self.quit(at);
        true
    }

    /// Settles on a method, and remembers what was found out about the provider.
    pub(super) fn choose(&mut self, method: Method, choice: Choice) {
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
}
