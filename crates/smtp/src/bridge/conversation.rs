//! The conversation over a bridge, command by command and reply by reply: what of it passes, what is
//! answered here, and what comes of the messages. A message itself is not looked at.
//!
//! Two rules keep what we see the same as what the mail server sees. A command passes only when its
//! line is whole, and one whose reply decides how the next octets are to be read (DATA, EHLO,
//! STARTTLS) only with nothing behind it: the rest waits for the reply (RFC 2920 3.1 asks a client for
//! the same). And an answer of our own is given in its turn, behind the replies to what was said before.

use std::collections::VecDeque;

use super::{command::Command, pipe::Pipe, recipients::Recipients, text::Text};
use crate::limits;

/// Why a conversation cannot go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The provider goes on as a server: the roles were not reversed.
    DidNotTurn,
    /// What follows cannot be read as the mail server reads it.
    Unreadable,
}

/// An answer of our own, in place of the mail server's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    ForeignRecipient,
    NotHere,
    NoTls,
    NoChunks,
    TooLong,
    Odd,
}

impl Answer {
    const fn line(self) -> &'static [u8] {
        match self {
            Self::ForeignRecipient => b"550 5.7.1 Not a recipient of this account\r\n",
            Self::NotHere => b"502 5.5.1 Command not available on this connection\r\n",
            Self::NoTls => b"454 4.7.0 TLS not available on this connection\r\n",
            Self::NoChunks => b"502 5.5.1 CHUNKING was not offered\r\n",
            Self::TooLong => b"500 5.5.2 Line too long\r\n",
            Self::Odd => b"500 5.5.2 Control character in a command\r\n",
        }
    }
}

/// The reply that a command of the provider waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Awaited {
    /// Any reply.
    Reply,
    /// To EHLO, or to HELO.
    Hello { extended: bool },
    /// To MAIL.
    Sender,
    /// To RCPT.
    Recipient,
    /// To RSET: after it no message is under way.
    Reset,
    /// To DATA: after a 354 the message follows.
    Data,
    /// To a whole message.
    Message,
    /// To STARTTLS: after a 220 nothing can be read.
    StartTls,
    /// To QUIT.
    Quit,
    /// None of the mail server's: the command did not pass.
    Ours(Answer),
}

/// What the provider is sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sending {
    Commands,
    /// The lines of a message, to the one with a dot alone.
    Message(Text),
    /// The octets that are left of a BDAT chunk (RFC 3030), and whether they pass.
    Chunk {
        left: u64,
        passes: bool,
    },
    /// TLS, which cannot be read.
    Blind,
}

/// The message under way: how its recipients so far fared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Transaction {
    accepted: u32,
    refused: u32,
    foreign: u32,
}

/// What has come of the messages so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    /// Messages that the mail server accepted.
    pub(super) taken: u32,
    /// Messages that it refused.
    pub(super) refused: u32,
    /// Recipients that it refused of messages that it accepted for others.
    pub(super) recipients_refused: u32,
    /// Recipients that did not pass.
    pub(super) foreign: u32,
}

/// The reply to EHLO, held back by a line: the one that tells of STARTTLS may have to be left out, and
/// the one before it be the last.
#[derive(Debug, Default)]
struct HelloReply {
    before: Vec<u8>,
    line: Vec<u8>,
    is_first: bool,
    offers_chunks: bool,
}

/// Octets kept of a reply line: enough for its code.
const REPLY_KEPT: usize = 4;
/// Commands in a row that may be refused for good, when none was accepted before, and after one was.
const REFUSED: [u32; 2] = [10, 100];

/// The conversation so far.
#[derive(Debug)]
pub(super) struct Conversation {
    recipients: Recipients,
    sending: Sending,
    /// The line that the provider has begun; of a line that is too long, its start.
    line: Vec<u8>,
    line_is_too_long: bool,
    /// The start of the line that the mail server has begun.
    reply: Vec<u8>,
    /// The mail server is in the middle of a reply.
    is_replying: bool,
    hello: HelloReply,
    awaited: VecDeque<Awaited>,
    transaction: Option<Transaction>,
    offers_chunks: bool,
    tally: Tally,
    /// Commands in a row that were refused for good, those about recipients apart.
    refused_in_a_row: u32,
    /// Replies that answered nothing.
    unasked: usize,
    /// A command was accepted.
    went_well_once: bool,
    is_a_client: bool,
    said_goodbye: bool,
    fault: Option<Fault>,
}

impl Conversation {
    pub(super) fn new(recipients: Recipients) -> Self {
        Self {
            recipients,
            sending: Sending::Commands,
            line: Vec::new(),
            line_is_too_long: false,
            reply: Vec::new(),
            is_replying: false,
            hello: HelloReply::default(),
            awaited: VecDeque::new(),
            transaction: None,
            offers_chunks: false,
            tally: Tally::default(),
            refused_in_a_row: 0,
            unasked: 0,
            went_well_once: false,
            is_a_client: false,
            said_goodbye: false,
            fault: None,
        }
    }

    /// Whether the two have begun TLS.
    pub(super) fn is_blind(&self) -> bool {
        self.sending == Sending::Blind
    }

    pub(super) const fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Whether the provider has taken its leave, heard or not.
    pub(super) fn has_ended(&self) -> bool {
        self.said_goodbye || self.awaited.contains(&Awaited::Quit)
    }

    /// What has come of the messages; one that has been refused for every recipient counts as refused.
    pub(super) fn tally(&self) -> Tally {
        let mut tally = self.tally;
        tally.refused += u32::from(self.is_turned_down());
        tally
    }

    /// Whether an end now interrupts a message.
    pub(super) fn is_within_a_message(&self) -> bool {
        let waits = |awaited: &Awaited| match awaited {
            Awaited::Sender | Awaited::Recipient | Awaited::Data | Awaited::Message => true,
            Awaited::Reply
            | Awaited::Hello { .. }
            | Awaited::Reset
            | Awaited::StartTls
            | Awaited::Quit
            | Awaited::Ours(_) => false,
        };
        match self.sending {
            Sending::Blind => false,
            Sending::Message(_) | Sending::Chunk { .. } => true,
            Sending::Commands => {
                let goes_on = |it: Transaction| it.accepted > 0 || it == Transaction::default();
                self.transaction.is_some_and(goes_on) || self.awaited.iter().any(waits)
            }
        }
    }

    /// Whether the message under way has been refused for every recipient that passed.
    fn is_turned_down(&self) -> bool {
        let turned_down = |it: Transaction| it.accepted == 0 && it.refused > 0;
        !self.is_blind() && self.transaction.is_some_and(turned_down)
    }

    // ---- What the provider says -------------------------------------------------------------

    /// Takes octets of the provider, as far as it can now: the rest is to be offered again when
    /// replies have come, or were written. Gives how many it took.
    pub(super) fn hear_provider(
        &mut self,
        octets: &[u8],
        to_mail_server: &mut Pipe,
        to_provider: &mut Pipe,
    ) -> usize {
        let mut taken = 0;
        while taken < octets.len() && self.listens(to_provider) {
            let rest = &octets[taken..];
            taken += match self.sending {
                Sending::Blind => {
                    to_mail_server.push(rest);
                    rest.len()
                }
                Sending::Chunk { left, passes } => {
                    let size = usize::try_from(left).unwrap_or(usize::MAX).min(rest.len());
                    if passes {
                        to_mail_server.push(&rest[..size]);
                    }
                    self.sending = match left - size as u64 {
                        0 => Sending::Commands,
                        left => Sending::Chunk { left, passes },
                    };
                    size
                }
                Sending::Message(text) => self.hear_text(text, rest, to_mail_server),
                Sending::Commands => self.hear_line(rest, to_mail_server, to_provider),
            };
        }
        taken
    }

    fn listens(&self, to_provider: &Pipe) -> bool {
        let decides = matches!(
            self.awaited.back(),
            Some(Awaited::Data | Awaited::Hello { .. } | Awaited::StartTls)
        );
        self.fault.is_none()
            && !decides
            && self.awaited.len() < limits::BRIDGE_COMMANDS
            // Answers of our own, to a provider that does not read them.
            && to_provider.pending().len() < limits::BRIDGE_BUFFER
    }

    fn hear_text(&mut self, mut text: Text, octets: &[u8], to_mail_server: &mut Pipe) -> usize {
        let mut at = 0;
        while let Some(octet) = octets.get(at) {
            if text.is_within_a_line() && !text.is_ambiguous() {
                let is_end = |octet: &u8| matches!(octet, b'\r' | b'\n');
                match octets[at..].iter().position(is_end) {
                    Some(within) => at += within,
                    None => {
                        at = octets.len();
                        break;
                    }
                }
                text.push(octets[at]);
                at += 1;
                continue;
            }
            if text.is_ambiguous() && !self.may_be_a_command(*octet) {
                self.fault = Some(Fault::Unreadable);
                break;
            }
            text.push(*octet);
            at += 1;
            if text.has_ended() {
                break;
            }
        }
        to_mail_server.push(&octets[..at]);
        if text.has_ended() {
            self.line.clear();
            self.sending = Sending::Commands;
            self.awaited.push_back(Awaited::Message);
        } else {
            self.sending = Sending::Message(text);
        }
        at
    }

    /// Follows a line of a text that the mail server may take for a command. False where it would let
    /// a recipient pass that must not.
    fn may_be_a_command(&mut self, octet: u8) -> bool {
        if !matches!(octet, b'\r' | b'\n') {
            self.gather(&[octet]);
            return true;
        }
        let line = std::mem::take(&mut self.line);
        let passes = match Command::read(&line) {
            Command::Recipient(argument) => self.recipients.permits(argument),
            // A server may see more in it than we do.
            _ => !is_about_a_recipient(&line),
        };
        self.line = line;
        self.line.clear();
        passes
    }

    /// Keeps octets of a line, as far as a line may be long. Gives whether all had room.
    fn gather(&mut self, octets: &[u8]) -> bool {
        let room = limits::BRIDGE_COMMAND_LINE.saturating_sub(self.line.len());
        self.line
            .extend_from_slice(&octets[..octets.len().min(room)]);
        octets.len() <= room
    }

    fn hear_line(
        &mut self,
        octets: &[u8],
        to_mail_server: &mut Pipe,
        to_provider: &mut Pipe,
    ) -> usize {
        let end = octets.iter().position(|octet| *octet == b'\n');
        let used = end.map_or(octets.len(), |end| end + 1);
        self.line_is_too_long |= !self.gather(&octets[..used]);
        if end.is_some() {
            let mut line = std::mem::take(&mut self.line);
            if std::mem::take(&mut self.line_is_too_long) {
                self.answer(Answer::TooLong, to_provider);
            } else {
                self.hear_command(&line, to_mail_server, to_provider);
            }
            line.clear();
            self.line = line;
        }
        used
    }

    fn hear_command(&mut self, line: &[u8], to_mail_server: &mut Pipe, to_provider: &mut Pipe) {
        let bare = line.strip_suffix(b"\n").unwrap_or(line);
        let command = Command::read(bare.strip_suffix(b"\r").unwrap_or(bare));
        self.is_a_client |= command.is_of_a_client();
        let answer = match command {
            Command::Reply => {
                self.fault = Some(self.at_odds());
                return;
            }
            Command::EndlessChunk => {
                self.fault = Some(Fault::Unreadable);
                return;
            }
            Command::Recipient(argument) if !self.recipients.permits(argument) => {
                Answer::ForeignRecipient
            }
            Command::StartTls if !self.recipients.refuses_relay() => Answer::NoTls,
            Command::Chunk { size, .. } if !self.offers_chunks => {
                self.chunk(size, false);
                Answer::NoChunks
            }
            Command::Odd => Answer::Odd,
            Command::Other => Answer::NotHere,
            Command::Hello { extended } => {
                self.hello.is_first = true;
                return self.pass(line, Awaited::Hello { extended }, to_mail_server);
            }
            Command::Sender => return self.pass(line, Awaited::Sender, to_mail_server),
            Command::Recipient(_) => return self.pass(line, Awaited::Recipient, to_mail_server),
            Command::Data => return self.pass(line, Awaited::Data, to_mail_server),
            Command::Chunk { size, last } => {
                self.chunk(size, true);
                let reply = match last {
                    true => Awaited::Message,
                    false => Awaited::Reply,
                };
                return self.pass(line, reply, to_mail_server);
            }
            Command::Reset => return self.pass(line, Awaited::Reset, to_mail_server),
            Command::Harmless => return self.pass(line, Awaited::Reply, to_mail_server),
            Command::StartTls => return self.pass(line, Awaited::StartTls, to_mail_server),
            Command::Quit => return self.pass(line, Awaited::Quit, to_mail_server),
        };
        self.answer(answer, to_provider);
    }

    fn chunk(&mut self, size: u64, passes: bool) {
        if size > 0 {
            self.sending = Sending::Chunk { left: size, passes };
        }
    }

    fn pass(&mut self, line: &[u8], reply: Awaited, to_mail_server: &mut Pipe) {
        to_mail_server.push(line);
        self.awaited.push_back(reply);
    }

    /// Gives an answer of our own, when the replies to what was said before have been given.
    fn answer(&mut self, answer: Answer, to_provider: &mut Pipe) {
        self.awaited.push_back(Awaited::Ours(answer));
        self.give_answers(to_provider);
    }

    fn give_answers(&mut self, to_provider: &mut Pipe) {
        while !self.is_replying
            && let Some(Awaited::Ours(answer)) = self.awaited.front().copied()
        {
            self.awaited.pop_front();
            to_provider.push(answer.line());
            if answer == Answer::ForeignRecipient {
                self.tally.foreign = self.tally.foreign.saturating_add(1);
                if let Some(transaction) = &mut self.transaction {
                    transaction.foreign += 1;
                }
                // As many of them as there are recipients may follow a MAIL.
                self.weigh((!self.went_well_once).then_some(b'5'));
            } else {
                self.weigh(answer.line().first().copied());
            }
        }
    }

    /// Notes how a command fared, by the first digit of its reply.
    fn weigh(&mut self, class: Option<u8>) {
        match class {
            Some(b'2' | b'3') => {
                self.went_well_once = true;
                self.refused_in_a_row = 0;
            }
            Some(b'5') => self.refused_in_a_row += 1,
            Some(_) | None => {}
        }
        if self.refused_in_a_row >= REFUSED[usize::from(self.went_well_once)] {
            self.fault = Some(self.at_odds());
        }
    }

    /// What it is where the two do not understand each other: no client at all, or one no more.
    const fn at_odds(&self) -> Fault {
        if self.is_a_client && self.went_well_once {
            Fault::Unreadable
        } else {
            Fault::DidNotTurn
        }
    }

    // ---- What the mail server says ----------------------------------------------------------

    /// Takes octets of the mail server, to the end of a reply at most. Gives how many it took.
    pub(super) fn hear_mail_server(&mut self, octets: &[u8], to_provider: &mut Pipe) -> usize {
        if self.is_blind() {
            to_provider.push(octets);
            return octets.len();
        }
        let mut taken = 0;
        for part in octets.split_inclusive(|octet| *octet == b'\n') {
            taken += part.len();
            self.is_replying = true;
            let room = REPLY_KEPT.saturating_sub(self.reply.len());
            self.reply.extend_from_slice(&part[..part.len().min(room)]);
            if self.holds_back() {
                self.hello.line.extend_from_slice(part);
                if self.hello.line.len() > limits::REPLY_LINE {
                    // No server says that much in a line, and no client reads it.
                    self.hello.give(to_provider);
                }
            } else {
                to_provider.push(part);
            }
            if part.ends_with(b"\n") {
                self.reply_line_ended(to_provider);
                self.give_answers(to_provider);
            }
            if !self.is_replying {
                break;
            }
        }
        taken
    }

    /// The mail server has ended: what is held back of it goes on as it is.
    pub(super) fn mail_server_ended(&mut self, to_provider: &mut Pipe) {
        self.hello.give(to_provider);
    }

    fn holds_back(&self) -> bool {
        matches!(self.awaited.front(), Some(Awaited::Hello { .. }))
    }

    fn reply_line_ended(&mut self, to_provider: &mut Pipe) {
        let class = self.reply.first().copied();
        let more = self.reply.get(3) == Some(&b'-');
        self.reply.clear();
        if self.holds_back() {
            let may_begin_tls = self.recipients.refuses_relay();
            self.hello.line_ended(more, may_begin_tls, to_provider);
        }
        self.is_replying = more;
        if more {
            return;
        }
        let is_answer = |awaited: &mut Awaited| !matches!(awaited, Awaited::Ours(_));
        let Some(awaited) = self.awaited.pop_front_if(is_answer) else {
            return self.replied_unasked(class);
        };
        self.weigh(class.filter(|class| *class != b'5' || awaited != Awaited::Recipient));
        let good = class == Some(b'2');
        match awaited {
            Awaited::Hello { extended } => {
                let offers_chunks = std::mem::take(&mut self.hello.offers_chunks);
                if good {
                    self.offers_chunks = extended && offers_chunks;
                }
                self.reset();
            }
            Awaited::Sender if good => self.transaction = Some(Transaction::default()),
            Awaited::Sender => self.turned_down(),
            Awaited::Recipient => {
                if let Some(transaction) = &mut self.transaction {
                    match good {
                        true => transaction.accepted += 1,
                        false => transaction.refused += 1,
                    }
                }
            }
            Awaited::Data if class == Some(b'3') => self.sending = Sending::Message(Text::BEGUN),
            // Without a transaction, the message has been refused already.
            Awaited::Data if self.transaction.is_none() => {}
            Awaited::Message if good => {
                let transaction = self.transaction.take().unwrap_or_default();
                self.tally.taken += 1;
                self.tally.recipients_refused += transaction.refused;
            }
            Awaited::Data | Awaited::Message => self.turned_down(),
            Awaited::Reset => self.reset(),
            Awaited::StartTls if good => {
                self.sending = Sending::Blind;
                self.awaited.clear();
            }
            Awaited::Quit => {
                self.reset();
                self.said_goodbye = true;
            }
            Awaited::Reply | Awaited::StartTls | Awaited::Ours(_) => {}
        }
    }

    /// A reply that answers nothing: a 421, as a rule.
    fn replied_unasked(&mut self, class: Option<u8>) {
        self.unasked += 1;
        let within_text = matches!(self.sending, Sending::Message(_));
        if within_text && class == Some(b'2') {
            // The mail server has seen an end of the message that is none.
            self.fault = Some(Fault::Unreadable);
        } else if self.unasked > limits::UNASKED_REPLIES {
            self.fault = Some(match self.is_a_client {
                true => Fault::Unreadable,
                false => Fault::DidNotTurn,
            });
        }
    }

    /// The mail server has refused the message under way, unless no recipient of it passed.
    fn turned_down(&mut self) {
        let foreign = |it: Transaction| it.foreign > 0 && it.accepted == 0 && it.refused == 0;
        if !self.transaction.is_some_and(foreign) {
            self.tally.refused += 1;
        }
        self.transaction = None;
    }

    /// No message is under way any more.
    fn reset(&mut self) {
        if self.is_turned_down() {
            self.tally.refused += 1;
        }
        self.transaction = None;
    }
}

/// Whether a line begins with RCPT, or with that behind what a server may pass over.
fn is_about_a_recipient(line: &[u8]) -> bool {
    let passed_over = |octet: &u8| *octet == b' ' || octet.is_ascii_control();
    let start = line.iter().position(|octet| !passed_over(octet));
    let word = start.and_then(|start| line.get(start..start + 4));
    word.is_some_and(|word| word.eq_ignore_ascii_case(b"RCPT"))
}

impl HelloReply {
    fn line_ended(&mut self, more: bool, may_begin_tls: bool, to_provider: &mut Pipe) {
        let text = self.line.get(4..).unwrap_or_default();
        let word = text.split(u8::is_ascii_whitespace).next();
        let offers = |name: &[u8]| word.is_some_and(|word| word.eq_ignore_ascii_case(name));
        // The first line has the name of the host.
        let is_offer = !std::mem::take(&mut self.is_first);
        self.offers_chunks |= is_offer && offers(b"CHUNKING");
        if is_offer && !may_begin_tls && offers(b"STARTTLS") {
            if !more && let Some(mark) = self.before.get_mut(3) {
                *mark = b' ';
            }
        } else {
            to_provider.push(&self.before);
            std::mem::swap(&mut self.before, &mut self.line);
        }
        self.line.clear();
        if !more {
            self.give(to_provider);
        }
    }

    /// Gives what is held back.
    fn give(&mut self, to_provider: &mut Pipe) {
        to_provider.push(&self.before);
        to_provider.push(&self.line);
        self.before.clear();
        self.line.clear();
    }
}
