//! ATRN and TURN: the turn, the bridge, and whether to come again.

use std::time::Duration;

use super::state::{Session, State};
use crate::{
    bridge::{Bridge, Passed},
    command::{Command, Method},
    limits,
    meaning::{ends_requests, read_refused_turn},
    reply::Reply,
    report::DialogueLine,
    verdict::{Outcome, Reason, Verdict},
};

impl Session {
    pub(super) fn turn(&mut self, at: Duration) {
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
        if reply.code() == 250 {
            self.dialogue.push(DialogueLine::event(at, "turned"));
            let early = self.parser.take_rest();
            self.bridge = Some(Bridge::new(&self.mail_server_greeting, &early));
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
        // A bridge that cannot be read has ended well if both sides have ended.
        let broken = now.broken || now.messages.is_none() && !bridge.is_over();
        self.turns += 1;
        let sum = self.passed.get_or_insert(Passed {
            messages: Some(0),
            ..Passed::default()
        });
        sum.messages = sum.messages.zip(now.messages).map(|(a, b)| a + b);
        sum.refused += now.refused;
        sum.octets += now.octets;
        sum.spoke |= now.spoke;
        sum.broken = broken;
        // After a message, a visit without a word does not mean that there is nothing more: the
        // provider may still be busy with that message, and the rest of its queue locked (Exim).
        let silent = !now.spoke && sum.messages != Some(0);
        self.silent_turns = if silent { self.silent_turns + 1 } else { 0 };
        let more = now.messages != Some(0) || silent && self.silent_turns <= limits::SILENT_TURNS;
        let again = more && now.refused == 0 && !broken && self.turns < limits::TURNS;
        if again {
            return self.next_connection(at);
        }
        let verdict = match (broken, now.refused, now.messages) {
            (_, 1.., _) => Verdict::new(Outcome::Failed, Reason::MailServerRefused),
            (true, ..) if !now.spoke && !bridge.is_ending() => {
                Verdict::new(Outcome::Unknown, Reason::NoAnswer)
            }
            (true, ..) => Verdict::new(Outcome::Unknown, Reason::DeliveryBroken),
            (false, 0, Some(0)) => Verdict::new(Outcome::NothingWaiting, Reason::NoMessages),
            (false, 0, Some(_)) => Verdict::new(Outcome::Delivered, Reason::MessagesDelivered),
            (false, 0, None) => Verdict::new(Outcome::Delivered, Reason::DeliveredUncounted),
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
