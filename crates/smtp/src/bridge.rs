//! The bridge of ATRN and TURN: after the turn mail passes from the provider to the mail server over
//! it. No mail is stored here, so none can be lost: the provider keeps a message until the mail server
//! has accepted it. A message passes as it is, octet for octet.
//!
//! The mail server sees a connection from this machine, which it may trust more than the provider
//! deserves. So only the commands that bring mail pass, and of recipients only those of the account
//! ([`Recipients`]); anything else is answered here. See `conversation` for how that keeps in step.
//!
//! This is the part without sockets. The driver reads from a side only when [`Bridge::wants`] says
//! so, which holds a fast side back; writes what is [`Bridge::pending`]; and passes on each end.

mod command;
mod conversation;
mod pipe;
mod recipients;
mod text;

use self::{
    conversation::{Conversation, Fault},
    pipe::Pipe,
};
use crate::limits;

pub use self::recipients::Recipients;

/// One end of a bridge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// The provider, which is the SMTP client now.
    Provider,
    /// The mail server.
    MailServer,
}

impl Side {
    /// The other end.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Provider => Self::MailServer,
            Self::MailServer => Self::Provider,
        }
    }
}

/// How a bridge ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BridgeEnd {
    /// In good order: the provider said goodbye, or ended it after a message or under TLS.
    #[default]
    Good,
    /// The provider ended it without a message and without a goodbye, or never said anything.
    Abandoned,
    /// In the middle of a message, by the mail server, or where it could not be read any more.
    Broken,
    /// The provider went on as a server: it had not reversed the roles.
    DidNotTurn,
}

/// What passed a bridge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Messages that the mail server accepted; `None` if the two began TLS.
    pub messages: Option<u32>,
    /// Messages that the mail server refused, temporarily or permanently.
    pub refused: u32,
    /// Recipients that the mail server refused of messages that it accepted for others.
    pub recipients_refused: u32,
    /// Recipients that did not pass, since they are not the account's.
    pub foreign: u32,
    /// Octets from the provider.
    pub octets: u64,
    /// How it ended.
    pub end: BridgeEnd,
    /// Whether the provider sent anything at all.
    pub spoke: bool,
}

/// A bridge in use.
#[derive(Debug)]
pub struct Bridge {
    to_mail_server: Pipe,
    to_provider: Pipe,
    /// Octets of the provider that wait for a reply.
    waiting: Vec<u8>,
    conversation: Conversation,
    /// The side that ended first.
    ended_by: Option<Side>,
}

impl Bridge {
    /// A bridge over which only `recipients` get mail. The mail server has already sent its
    /// `greeting`, and the provider, which need not wait for it, these `early` octets.
    #[must_use]
    pub fn new(recipients: Recipients, greeting: &[u8], early: &[u8]) -> Self {
        let mut bridge = Self {
            to_mail_server: Pipe::default(),
            to_provider: Pipe::default(),
            waiting: Vec::new(),
            conversation: Conversation::new(recipients),
            ended_by: None,
        };
        bridge.to_provider.push(greeting);
        if !early.is_empty() {
            bridge.take(Side::Provider, early);
        }
        bridge
    }

    const fn pipe(&mut self, from: Side) -> &mut Pipe {
        match from {
            Side::Provider => &mut self.to_mail_server,
            Side::MailServer => &mut self.to_provider,
        }
    }

    const fn pipe_from(&self, from: Side) -> &Pipe {
        match from {
            Side::Provider => &self.to_mail_server,
            Side::MailServer => &self.to_provider,
        }
    }

    /// Whether to read from this side now: everything read before has been understood and written.
    #[must_use]
    pub fn wants(&self, from: Side) -> bool {
        let pipe = self.pipe_from(from);
        let is_done = pipe.pending().is_empty();
        !pipe.ended && is_done && (from == Side::MailServer || self.waiting.is_empty())
    }

    /// Takes octets that were read from this side, at most [`limits::BRIDGE_BUFFER`] at a time.
    pub fn take(&mut self, from: Side, octets: &[u8]) {
        let pipe = self.pipe(from);
        if pipe.shut {
            // The destination is gone.
            return;
        }
        pipe.taken += octets.len() as u64;
        match from {
            Side::MailServer => {
                let mut rest = octets;
                // What waits for a reply is heard before the next one is.
                while !rest.is_empty() && self.conversation.fault().is_none() {
                    let back = &mut self.to_provider;
                    let taken = self.conversation.hear_mail_server(rest, back);
                    rest = &rest[taken..];
                    self.go_on();
                }
            }
            // Nobody is left to answer it.
            Side::Provider if self.to_provider.ended && !self.conversation.is_blind() => {}
            Side::Provider if self.waiting.is_empty() => {
                let taken = self.hear_provider(octets);
                self.waiting.extend_from_slice(&octets[taken..]);
            }
            Side::Provider => {
                self.waiting.extend_from_slice(octets);
                self.go_on();
            }
        }
    }

    fn hear_provider(&mut self, octets: &[u8]) -> usize {
        let (ahead, back) = (&mut self.to_mail_server, &mut self.to_provider);
        self.conversation.hear_provider(octets, ahead, back)
    }

    /// Hears what waits, as far as it need not wait any more.
    fn go_on(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        let mut waiting = std::mem::take(&mut self.waiting);
        let taken = self.hear_provider(&waiting);
        waiting.drain(..taken);
        self.waiting = waiting;
    }

    /// Notes that this side has ended: the end of its stream was read, or its connection broke.
    pub fn end(&mut self, from: Side) {
        self.ended_by.get_or_insert(from);
        if from == Side::MailServer {
            self.conversation.mail_server_ended(&mut self.to_provider);
            // The replies that it waits for will not come.
            self.waiting = Vec::new();
        }
        self.pipe(from).ended = true;
    }

    /// Notes that nothing can be written to this side any more.
    pub fn lose(&mut self, to: Side) {
        self.ended_by.get_or_insert(to);
        self.pipe(to.other()).lose();
        if to == Side::MailServer {
            self.waiting = Vec::new();
        }
    }

    /// The octets to be written to this side.
    #[must_use]
    pub fn pending(&self, to: Side) -> &[u8] {
        self.pipe_from(to.other()).pending()
    }

    /// Notes that this number of pending octets was written.
    pub fn wrote(&mut self, to: Side, count: usize) {
        self.pipe(to.other()).wrote(count);
        if to == Side::Provider {
            // What waits may have waited for that.
            self.go_on();
        }
    }

    /// Whether to shut down writing to this side now: nothing more will come.
    #[must_use]
    pub fn wants_shutdown(&self, to: Side) -> bool {
        let pipe = self.pipe_from(to.other());
        let is_done = pipe.pending().is_empty() && !pipe.shut;
        pipe.ended && is_done && (to == Side::Provider || self.waiting.is_empty())
    }

    /// Notes that writing to this side was shut down.
    pub const fn shut(&mut self, to: Side) {
        self.pipe(to.other()).shut = true;
    }

    /// Whether one side has ended; the other then has [`limits::BRIDGE_ENDING`] to end too.
    #[must_use]
    pub const fn is_ending(&self) -> bool {
        self.to_mail_server.ended || self.to_provider.ended
    }

    /// Whether it is over: both directions, or there is no sense in going on.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.to_mail_server.shut && self.to_provider.shut || self.conversation.fault().is_some()
    }

    /// Whether more has passed than [`limits::BRIDGE_PASSED`].
    #[must_use]
    pub const fn is_too_much(&self) -> bool {
        self.to_mail_server.taken > limits::BRIDGE_PASSED
            || self.to_provider.taken > limits::BRIDGE_PASSED
    }

    /// Whether the provider has sent anything.
    #[must_use]
    pub const fn has_begun(&self) -> bool {
        self.to_mail_server.taken > 0
    }

    /// What has passed so far.
    #[must_use]
    pub fn passed(&self) -> Passed {
        let tally = self.conversation.tally();
        Passed {
            messages: (!self.conversation.is_blind()).then_some(tally.taken),
            refused: tally.refused,
            recipients_refused: tally.recipients_refused,
            foreign: tally.foreign,
            octets: self.to_mail_server.taken,
            end: self.ending(),
            spoke: self.has_begun(),
        }
    }

    /// How it ended, if it ends now.
    fn ending(&self) -> BridgeEnd {
        let tally = self.conversation.tally();
        let came_to_something = tally.taken > 0 || tally.refused > 0 || tally.foreign > 0;
        match self.conversation.fault() {
            Some(Fault::DidNotTurn) => BridgeEnd::DidNotTurn,
            Some(Fault::Unreadable) => BridgeEnd::Broken,
            None if self.conversation.is_within_a_message() => BridgeEnd::Broken,
            // A bridge that cannot be read has ended well if both sides have ended.
            None if self.conversation.is_blind() && self.is_over() => BridgeEnd::Good,
            None if self.conversation.is_blind() => BridgeEnd::Broken,
            None if self.conversation.has_ended() || came_to_something => BridgeEnd::Good,
            None if self.ended_by == Some(Side::MailServer) => BridgeEnd::Broken,
            None if self.ended_by.is_none() && self.has_begun() => BridgeEnd::Broken,
            None => BridgeEnd::Abandoned,
        }
    }
}

#[cfg(test)]
mod tests;
