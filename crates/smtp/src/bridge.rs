//! The bridge of ATRN and TURN: after the turn every octet passes between the provider and the mail
//! server, both ways, unchanged. No mail is stored here, so none can be lost: the provider keeps a
//! message until the mail server has accepted it.
//!
//! This is the part without sockets. The driver reads from a side only when [`Bridge::wants`] says
//! so, which holds a fast side back; writes what is [`Bridge::pending`]; and passes on each end. A
//! counter follows the commands and their replies and counts the messages, without reading one.

use std::collections::VecDeque;

use crate::limits;

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

/// What passed a bridge.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Passed {
    /// Messages that the mail server accepted; `None` if the two began TLS, or spoke something other
    /// than SMTP.
    pub messages: Option<u32>,
    /// Messages that the mail server refused, temporarily or permanently.
    pub refused: u32,
    /// Octets from the provider to the mail server.
    pub octets: u64,
    /// Whether the bridge ended in the middle of a message, or before the first and not by the
    /// provider. A provider that ends it without a message has none: so does Exim when another visit
    /// was faster.
    pub broken: bool,
    /// Whether the provider sent anything at all.
    pub spoke: bool,
}

/// The octets on their way in one direction.
#[derive(Debug, Default)]
struct Pipe {
    buffer: Vec<u8>,
    written: usize,
    passed: u64,
    /// The source has ended.
    ended: bool,
    /// The destination has been told of the end, or is gone.
    shut: bool,
}

impl Pipe {
    fn pending(&self) -> &[u8] {
        &self.buffer[self.written..]
    }
}

/// A bridge in use.
#[derive(Debug)]
pub struct Bridge {
    to_mail_server: Pipe,
    to_provider: Pipe,
    counter: MessageCounter,
    /// The side that ended first.
    ended_by: Option<Side>,
}

impl Bridge {
    /// A bridge on which the mail server has already sent its `greeting`, and the provider, which need
    /// not wait for it, these `early` octets.
    #[must_use]
    pub fn new(greeting: &[u8], early: &[u8]) -> Self {
        let mut bridge = Self {
            to_mail_server: Pipe::default(),
            to_provider: Pipe::default(),
            counter: MessageCounter::default(),
            ended_by: None,
        };
        bridge.to_provider.buffer.extend_from_slice(greeting);
        if !early.is_empty() {
            bridge.take(Side::Provider, early);
        }
        bridge
    }

    fn pipe(&mut self, from: Side) -> &mut Pipe {
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

    /// Whether to read from this side now: everything read before has been written.
    #[must_use]
    pub fn wants(&self, from: Side) -> bool {
        let pipe = self.pipe_from(from);
        !pipe.ended && pipe.pending().is_empty()
    }

    /// Takes octets that were read from this side, at most [`limits::BRIDGE_BUFFER`] at a time.
    pub fn take(&mut self, from: Side, octets: &[u8]) {
        let pipe = self.pipe(from);
        if pipe.shut {
            // The destination is gone.
            return;
        }
        if pipe.written > 0 {
            pipe.buffer.drain(..pipe.written);
            pipe.written = 0;
        }
        pipe.buffer.extend_from_slice(octets);
        pipe.passed += octets.len() as u64;
        self.counter.watch(from, octets);
    }

    /// Notes that this side has ended: the end of its stream was read, or its connection broke.
    pub fn end(&mut self, from: Side) {
        self.ended_by.get_or_insert(from);
        self.pipe(from).ended = true;
    }

    /// Notes that nothing can be written to this side any more.
    pub fn lose(&mut self, to: Side) {
        self.ended_by.get_or_insert(to);
        let pipe = self.pipe(to.other());
        pipe.buffer = Vec::new();
        pipe.written = 0;
        pipe.shut = true;
        // What the source still sends is of no use either.
        pipe.ended = true;
    }

    /// The octets to be written to this side.
    #[must_use]
    pub fn pending(&self, to: Side) -> &[u8] {
        self.pipe_from(to.other()).pending()
    }

    /// Notes that this number of pending octets was written.
    pub fn wrote(&mut self, to: Side, count: usize) {
        let pipe = self.pipe(to.other());
        pipe.written = (pipe.written + count).min(pipe.buffer.len());
        if pipe.written == pipe.buffer.len() {
            pipe.buffer.clear();
            pipe.written = 0;
        }
    }

    /// Whether to shut down writing to this side now: nothing more will come.
    #[must_use]
    pub fn wants_shutdown(&self, to: Side) -> bool {
        let pipe = self.pipe_from(to.other());
        pipe.ended && pipe.pending().is_empty() && !pipe.shut
    }

    /// Notes that writing to this side was shut down.
    pub fn shut(&mut self, to: Side) {
        self.pipe(to.other()).shut = true;
    }

    /// Whether one side has ended; the other then has [`limits::BRIDGE_ENDING`] to end too.
    #[must_use]
    pub const fn is_ending(&self) -> bool {
        self.to_mail_server.ended || self.to_provider.ended
    }

    /// Whether both directions are over.
    #[must_use]
    pub const fn is_over(&self) -> bool {
        self.to_mail_server.shut && self.to_provider.shut
    }

    /// Whether more has passed than [`limits::BRIDGE_PASSED`].
    #[must_use]
    pub const fn is_too_much(&self) -> bool {
        self.to_mail_server.passed > limits::BRIDGE_PASSED
            || self.to_provider.passed > limits::BRIDGE_PASSED
    }

    /// What has passed so far.
    #[must_use]
    pub fn passed(&self) -> Passed {
        Passed {
            messages: (!self.counter.is_blind()).then_some(self.counter.taken),
            refused: self.counter.refused + u32::from(self.counter.is_turned_down()),
            octets: self.to_mail_server.passed,
            broken: self.counter.is_broken_off(self.ended_by),
            spoke: self.to_mail_server.passed > 0,
        }
    }
}

/// The reply that a command of the provider waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    /// Any reply.
    Reply,
    /// To MAIL.
    Sender,
    /// To RCPT.
    Recipient,
    /// Any reply; after it no message is under way.
    Reset,
    /// To DATA: after a 354 the message follows.
    Data,
    /// To a whole message.
    Message,
    /// To STARTTLS: after a 220 nothing can be read.
    StartTls,
    /// To QUIT.
    Quit,
}

/// What the provider is sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sending {
    Commands,
    /// A message, and how many of its last octets belong to CR LF . CR LF.
    Message(u8),
    /// The octets that are left of a BDAT chunk (RFC 3030).
    Chunk(u64),
    /// TLS, which cannot be read.
    Blind,
    /// Something other than SMTP.
    Lost,
}

/// How far the mail server has accepted the message under way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Envelope {
    /// There is no message under way.
    None,
    /// Its sender is accepted.
    Open,
    /// A recipient is accepted.
    Accepted,
    /// Every recipient so far is refused.
    Refused,
}

/// Octets kept of a line: enough to tell a command, or the code of a reply.
const LINE_KEPT: usize = 64;

/// Counts the messages that pass, by the commands and their replies.
#[derive(Debug)]
struct MessageCounter {
    sending: Sending,
    command: Vec<u8>,
    reply: Vec<u8>,
    awaited: VecDeque<Awaited>,
    envelope: Envelope,
    taken: u32,
    refused: u32,
    said_goodbye: bool,
}

impl Default for MessageCounter {
    fn default() -> Self {
        Self {
            sending: Sending::Commands,
            command: Vec::new(),
            reply: Vec::new(),
            awaited: VecDeque::new(),
            envelope: Envelope::None,
            taken: 0,
            refused: 0,
            said_goodbye: false,
        }
    }
}

impl MessageCounter {
    fn is_blind(&self) -> bool {
        matches!(self.sending, Sending::Blind | Sending::Lost)
    }

    /// Whether the message under way has been refused for every recipient.
    fn is_turned_down(&self) -> bool {
        !self.is_blind() && self.envelope == Envelope::Refused
    }

    /// Whether an end now, by this side, interrupts something.
    fn is_broken_off(&self, ended_by: Option<Side>) -> bool {
        match self.sending {
            Sending::Blind => false,
            Sending::Message(_) | Sending::Chunk(_) | Sending::Lost => true,
            Sending::Commands => {
                let in_message = |awaited: &Awaited| match awaited {
                    Awaited::Sender | Awaited::Recipient | Awaited::Data | Awaited::Message => true,
                    Awaited::Reply | Awaited::Reset | Awaited::StartTls | Awaited::Quit => false,
                };
                let in_envelope = matches!(self.envelope, Envelope::Open | Envelope::Accepted);
                let came_to_something = self.said_goodbye
                    || self.taken > 0
                    || self.refused > 0
                    || self.is_turned_down();
                in_envelope
                    || self.awaited.iter().any(in_message)
                    || !came_to_something && ended_by != Some(Side::Provider)
            }
        }
    }

    fn watch(&mut self, from: Side, octets: &[u8]) {
        if !self.is_blind() {
            match from {
                Side::Provider => self.commands(octets),
                Side::MailServer => self.replies(octets),
            }
        }
    }

    fn commands(&mut self, mut octets: &[u8]) {
        while !octets.is_empty() {
            match self.sending {
                Sending::Blind | Sending::Lost => return,
                Sending::Chunk(left) => {
                    let skipped = left.min(octets.len() as u64);
                    octets = octets
                        .get(usize::try_from(skipped).unwrap_or(octets.len())..)
                        .unwrap_or_default();
                    self.sending = match left - skipped {
                        0 => Sending::Commands,
                        left => Sending::Chunk(left),
                    };
                }
                Sending::Message(mut seen) => {
                    let mut used = 0;
                    for octet in octets {
                        used += 1;
                        seen = match (seen, octet) {
                            (4, b'\n') => 5,
                            (3, b'\r') => 4,
                            (2, b'.') => 3,
                            (1, b'\n') => 2,
                            (_, b'\r') => 1,
                            (..) => 0,
                        };
                        if seen == 5 {
                            break;
                        }
                    }
                    octets = &octets[used..];
                    self.sending = if seen == 5 {
                        self.awaits(Awaited::Message);
                        Sending::Commands
                    } else {
                        Sending::Message(seen)
                    };
                }
                Sending::Commands => {
                    let end = octets.iter().position(|octet| *octet == b'\n');
                    let used = end.map_or(octets.len(), |end| end + 1);
                    let room = LINE_KEPT.saturating_sub(self.command.len());
                    self.command.extend_from_slice(&octets[..used.min(room)]);
                    octets = &octets[used..];
                    if end.is_some() {
                        self.command_ended();
                    }
                }
            }
        }
    }

    fn command_ended(&mut self) {
        let line = std::mem::take(&mut self.command);
        let line = String::from_utf8_lossy(&line).to_ascii_uppercase();
        let mut words = line.split_ascii_whitespace();
        match words.next() {
            Some("MAIL") => self.awaits(Awaited::Sender),
            Some("RCPT") => self.awaits(Awaited::Recipient),
            Some("RSET" | "EHLO" | "HELO") => self.awaits(Awaited::Reset),
            Some("DATA") => self.awaits(Awaited::Data),
            Some("BDAT") => match words.next().map(str::parse) {
                Some(Ok(size)) => {
                    let last = words.next() == Some("LAST");
                    self.awaits(if last {
                        Awaited::Message
                    } else {
                        Awaited::Reply
                    });
                    if size > 0 && !self.is_blind() {
                        self.sending = Sending::Chunk(size);
                    }
                }
                _ => self.sending = Sending::Lost,
            },
            Some("STARTTLS") => self.awaits(Awaited::StartTls),
            Some("QUIT") => self.awaits(Awaited::Quit),
            Some(_) | None => self.awaits(Awaited::Reply),
        }
        self.command = Vec::with_capacity(LINE_KEPT);
    }

    fn awaits(&mut self, reply: Awaited) {
        if self.awaited.len() < limits::BRIDGE_COMMANDS {
            self.awaited.push_back(reply);
        } else {
            self.sending = Sending::Lost;
        }
    }

    fn replies(&mut self, octets: &[u8]) {
        for part in octets.split_inclusive(|octet| *octet == b'\n') {
            if self.is_blind() {
                // An earlier line of these octets began TLS.
                return;
            }
            let room = LINE_KEPT.saturating_sub(self.reply.len());
            self.reply.extend_from_slice(&part[..part.len().min(room)]);
            if part.ends_with(b"\n") {
                self.reply_line_ended();
            }
        }
    }

    fn reply_line_ended(&mut self) {
        let class = self.reply.first().copied();
        let more = self.reply.get(3) == Some(&b'-');
        self.reply.clear();
        if more {
            return;
        }
        let Some(awaited) = self.awaited.pop_front() else {
            // A reply without a command, such as a 421.
            return;
        };
        let good = class == Some(b'2');
        match (awaited, class) {
            (Awaited::Sender, _) if good => self.envelope = Envelope::Open,
            (Awaited::Recipient, _) if good && self.envelope != Envelope::None => {
                self.envelope = Envelope::Accepted;
            }
            (Awaited::Recipient, _) if self.envelope == Envelope::Open => {
                self.envelope = Envelope::Refused;
            }
            (Awaited::Data, Some(b'3')) => self.sending = Sending::Message(2),
            (Awaited::Message, _) if good => {
                self.taken += 1;
                self.envelope = Envelope::None;
            }
            (Awaited::Sender | Awaited::Message, _) => self.turned_down(),
            // The message has been refused already.
            (Awaited::Data, _) if self.envelope == Envelope::None => {}
            (Awaited::Data, _) => self.turned_down(),
            (Awaited::Reset, _) => self.reset(),
            (Awaited::StartTls, _) if good => self.sending = Sending::Blind,
            (Awaited::Quit, _) => {
                self.reset();
                self.said_goodbye = true;
            }
            (Awaited::Reply | Awaited::Recipient | Awaited::StartTls, _) => {}
        }
    }

    fn turned_down(&mut self) {
        self.refused += 1;
        self.envelope = Envelope::None;
    }

    /// No message is under way any more.
    fn reset(&mut self) {
        if self.is_turned_down() {
            self.refused += 1;
        }
        self.envelope = Envelope::None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What each side says in turn, as it would over a real bridge.
    const TALK: &[(Side, &str)] = &[
        (Side::Provider, "EHLO mail.provider.test\r\n"),
        (
            Side::MailServer,
            "250-mail.office.test\r\n250 PIPELINING\r\n",
        ),
        (
            Side::Provider,
            "MAIL FROM:<a@b.test>\r\nRCPT TO:<c@d.test>\r\nDATA\r\n",
        ),
        (Side::MailServer, "250 ok\r\n250 ok\r\n354 go on\r\n"),
        (
            Side::Provider,
            "Subject: x\r\n\r\nDATA\r\n..\r\n.\n.\r\r\nQUIT\r\n.\r\n",
        ),
        (Side::MailServer, "250 taken\r\n"),
        (
            Side::Provider,
            "mail from:<a@b.test>\r\nrcpt to:<c@d.test>\r\ndata\r\n",
        ),
        (Side::MailServer, "250 ok\r\n250 ok\r\n354 go on\r\n"),
        (Side::Provider, ".\r\n"),
        (Side::MailServer, "554 no empty mail\r\n"),
        (
            Side::Provider,
            "MAIL FROM:<>\r\nRCPT TO:<c@d.test>\r\nBDAT 7\r\nQUIT\r\n.BDAT 3 LAST\r\n\n\r\n",
        ),
        (
            Side::MailServer,
            "250 ok\r\n250 ok\r\n250 7 octets\r\n250-taken\r\n250 really\r\n",
        ),
        (Side::Provider, "QUIT\r\n"),
        (Side::MailServer, "221 bye\r\n"),
    ];

    #[test]
    fn messages_are_counted_without_a_look_into_them() {
        for slice in 1..60 {
            let mut bridge = Bridge::new(b"220 mail.office.test\r\n", b"");
            for (from, text) in TALK {
                for part in text.as_bytes().chunks(slice) {
                    assert!(bridge.wants(Side::Provider) || *from == Side::MailServer);
                    bridge.take(*from, part);
                    bridge.wrote(from.other(), part.len());
                }
            }
            let passed = bridge.passed();
            assert_eq!(
                (passed.messages, passed.refused, passed.broken),
                (Some(2), 1, false),
                "in slices of {slice}"
            );
        }
    }

    #[test]
    fn a_protected_line_cannot_be_counted() {
        let mut bridge = Bridge::new(b"220 hi\r\n", b"EHLO p.test\r\n");
        bridge.take(Side::MailServer, b"250 STARTTLS\r\n");
        bridge.take(Side::Provider, b"STARTTLS\r\n");
        bridge.take(Side::MailServer, b"220 go\r\n");
        bridge.take(Side::Provider, b"\x16\x03\x01\nDATA\r\n");
        let passed = bridge.passed();
        assert_eq!((passed.messages, passed.broken), (None, false));
    }

    #[test]
    fn no_mail_is_ehlo_and_quit() {
        let mut bridge = Bridge::new(b"220 hi\r\n", b"");
        assert!(!bridge.passed().spoke);
        bridge.take(Side::Provider, b"EHLO p.test\r\nQUIT\r\n");
        bridge.take(Side::MailServer, b"250 hi\r\n");
        assert!(bridge.passed().broken, "nobody has said goodbye yet");
        bridge.take(Side::MailServer, b"221 bye\r\n");
        assert!(!bridge.passed().broken);
        let passed = bridge.passed();
        assert_eq!(
            (passed.messages, passed.refused, passed.broken),
            (Some(0), 0, false)
        );
    }

    #[test]
    fn commands_that_nobody_answers_are_not_gathered() {
        let mut bridge = Bridge::new(b"", b"");
        for _ in 0..10_000 {
            bridge.take(Side::Provider, b"NOOP\r\n");
            bridge.wrote(Side::MailServer, 6);
        }
        assert_eq!(bridge.passed().messages, None);
        assert!(bridge.counter.awaited.len() <= limits::BRIDGE_COMMANDS);
    }

    fn any_side() -> impl Strategy<Value = Side> {
        prop_oneof![Just(Side::Provider), Just(Side::MailServer)]
    }

    proptest! {
        /// Whatever is said, in whatever pieces, and however slowly the other side takes it.
        #[test]
        fn every_octet_passes_once_and_in_order(
            says in proptest::collection::vec((any_side(), proptest::collection::vec(any::<u8>(), 1..200), 0..300_usize), 0..60)
        ) {
            let mut bridge = Bridge::new(b"220 hi\r\n", b"");
            let (mut said, mut heard) = ([Vec::new(), b"220 hi\r\n".to_vec()], [Vec::new(), Vec::new()]);
            let at = |side: Side| usize::from(side == Side::MailServer);
            for (from, octets, room) in says {
                if bridge.wants(from) {
                    said[at(from)].extend_from_slice(&octets);
                    bridge.take(from, &octets);
                }
                let pending = bridge.pending(from.other());
                let part = pending[..pending.len().min(room)].to_vec();
                bridge.wrote(from.other(), part.len());
                heard[at(from)].extend(part);
            }
            for from in [Side::Provider, Side::MailServer] {
                bridge.end(from);
                let part = bridge.pending(from.other()).to_vec();
                bridge.wrote(from.other(), part.len());
                heard[at(from)].extend(part);
                prop_assert!(bridge.wants_shutdown(from.other()));
                bridge.shut(from.other());
            }
            prop_assert!(bridge.is_over());
            prop_assert_eq!(said, heard);
        }
    }
}
