//! ATRN and TURN: the turn, the bridge, and whether to come again.

use std::time::Duration;

use super::state::{Session, State};
use crate::{
    bridge::{Bridge, BridgeEnd, Passed, Recipients},
    command::{Command, Method},
    limits,
    meaning::{ends_requests, read_refused_turn},
    reply::Reply,
    report::DialogueLine,
    sasl,
    verdict::{Outcome, Reason, Verdict},
};

impl Session {
    /// Whether [`Method::Auto`] goes on with ATRN: a turn gives the other end a connection to the mail
    /// server that comes from this machine, so a word in the clear, which anyone on the line may have
    /// said, is not enough.
    pub(super) fn may_turn(&self) -> bool {
        let Some(login) = &self.plan.login else {
            return false;
        };
        let proves = || {
            let mechanisms =
                sasl::candidates(login, &self.said.capabilities.auth, self.is_protected());
            mechanisms.is_ok_and(|all| all.first().is_some_and(|it| it.proves_server()))
        };
        self.plan.may_turn
            && self.said.capabilities.atrn
            && !self.said.masked
            && (self.is_protected() || proves())
    }

    pub(super) fn turn(&mut self, at: Duration) {
        if self.plan.method == Method::Auto && !self.is_protected() && !self.is_proved {
            // It was to prove itself, and the login went another way.
            self.choose_request();
            if self.lacks_something(at) {
                return;
            }
            return self.ask(at);
        }
        let mut targets = Vec::new();
        if self.method == Method::Atrn {
            let mut room = limits::COMMAND_LINE - "ATRN\r\n".len();
            for index in &self.waiting {
                let target = &self.plan.targets[*index];
                match room.checked_sub(target.as_str().len() + 1) {
                    Some(left) => room = left,
                    None => break,
                }
                targets.push(target.clone());
            }
        }
        let (command, asking) = match self.method {
            Method::Atrn => {
                let asking = targets.len();
                (Command::Atrn(targets), asking)
            }
            // TURN names no domain: the mail that comes is for all of them.
            _ => (Command::Turn, self.waiting.len()),
        };
        self.asking = asking;
        self.say(at, &command);
        self.enter(at, State::Turning, self.plan.limits.turn);
        self.round_trips += 1;
    }

    pub(super) fn turn_answered(&mut self, at: Duration, reply: &Reply) {
        if reply.code() == 250 && self.said.masked {
            // The firewall has made a NOOP of it.
            self.settle_visit(Verdict::of_reply(
                Outcome::Unknown,
                Reason::MaskedByFirewall,
                reply,
            ));
            return self.quit(at);
        }
        if reply.code() == 250 {
            self.dialogue.push(DialogueLine::event(at, "turned"));
            let early = self.parser.take_rest();
            let recipients = Recipients::new(&self.plan.targets, self.refuses_relay);
            let greeting = &self.mail_server_greeting;
            self.bridge = Some(Bridge::new(recipients, greeting, &early));
            self.state = State::Bridging;
            // Beyond the limit of the session: the mail takes as long as it takes.
            self.deadline = at + limits::BRIDGE;
            return;
        }
        let verdict = read_refused_turn(reply, &self.plan.normal_codes);
        let verdict = self.for_want_of_login(verdict);
        let nothing_more = verdict.reason == Reason::NotImplemented || ends_requests(reply.code());
        self.settle_visit(verdict.clone());
        if nothing_more && !verdict.outcome.is_success() {
            self.give_up(verdict);
        }
        self.quit(at);
    }

    pub(super) fn bridge_ended(&mut self, at: Duration) {
        self.dialogue.push(DialogueLine::event(at, "bridge-ended"));
        let Some(bridge) = self.bridge.take() else {
            return self.lost(at, "closed");
        };
        let now = bridge.passed();
        self.turns += 1;
        let sum = self.passed.get_or_insert(Passed {
            messages: Some(0),
            ..Passed::default()
        });
        sum.messages = sum.messages.zip(now.messages).map(|(a, b)| a + b);
        sum.refused += now.refused;
        sum.recipients_refused += now.recipients_refused;
        sum.foreign = sum.foreign.saturating_add(now.foreign);
        sum.octets += now.octets;
        sum.spoke |= now.spoke;
        sum.end = now.end;
        // After a message, a visit without a word does not mean that there is nothing more: the
        // provider may still be busy with that message, and the rest of its queue locked (Exim).
        let silent = !now.spoke && sum.messages != Some(0);
        self.silent_turns = if silent { self.silent_turns + 1 } else { 0 };
        let more = now.messages != Some(0) || silent && self.silent_turns <= limits::SILENT_TURNS;
        let in_order = match now.end {
            BridgeEnd::Good => true,
            BridgeEnd::Abandoned => bridge.is_ending(),
            BridgeEnd::Broken | BridgeEnd::DidNotTurn => false,
        };
        let again = more && now.refused == 0 && in_order && self.turns < limits::TURNS;
        if again {
            return self.next_connection(at);
        }
        let verdict = match (now.end, now.messages) {
            _ if now.refused > 0 => Verdict::new(Outcome::Failed, Reason::MailServerRefused),
            (BridgeEnd::DidNotTurn, _) => {
                self.give_up(Verdict::new(Outcome::Refused, Reason::DidNotTurn));
                return self.next_connection(at);
            }
            (BridgeEnd::Broken, _) => Verdict::new(Outcome::Unknown, Reason::DeliveryBroken),
            // Only a goodbye says that there is no mail.
            (BridgeEnd::Abandoned, _) if bridge.is_ending() => {
                Verdict::new(Outcome::Unknown, Reason::TurnAbandoned)
            }
            (BridgeEnd::Abandoned, _) => Verdict::new(Outcome::Unknown, Reason::NoAnswer),
            (BridgeEnd::Good, Some(0)) if now.foreign > 0 => {
                Verdict::new(Outcome::Failed, Reason::ForeignRecipients)
            }
            (BridgeEnd::Good, Some(0)) => Verdict::new(Outcome::NothingWaiting, Reason::NoMessages),
            (BridgeEnd::Good, Some(_)) => {
                Verdict::new(Outcome::Delivered, Reason::MessagesDelivered)
            }
            (BridgeEnd::Good, None) => Verdict::new(Outcome::Delivered, Reason::DeliveredUncounted),
        };
        self.settle_visit(verdict);
        self.next_connection(at);
    }

    /// Gives the domains that were asked for the verdict of their visits: what earlier visits have
    /// brought counts, even if the last one brought nothing.
    pub(super) fn settle_visit(&mut self, verdict: Verdict) {
        let verdict = self.with_earlier_turns(verdict);
        if self.plan.targets.is_empty() {
            self.overall.get_or_insert(verdict);
        } else {
            self.settle(&verdict);
        }
        self.turns = 0;
        self.silent_turns = 0;
    }

    pub(super) fn with_earlier_turns(&self, verdict: Verdict) -> Verdict {
        let spoilt = matches!(
            verdict.reason,
            Reason::MailServerRefused | Reason::DeliveryBroken
        );
        let earlier = self.passed.filter(|_| self.turns > 0 && !spoilt);
        match earlier {
            Some(passed) if passed.messages.is_none() => {
                Verdict::new(Outcome::Delivered, Reason::DeliveredUncounted)
            }
            Some(Passed {
                messages: Some(1..),
                ..
            }) => Verdict::new(Outcome::Delivered, Reason::MessagesDelivered),
            Some(_) | None => verdict,
        }
    }
}
