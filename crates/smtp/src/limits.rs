//! Every bound on a conversation, in one place. However slow, broken or hostile a provider is, it
//! costs no more memory and time than is written here.

use std::time::Duration;

/// Octets in one reply line, line end included. RFC 5321 4.5.3.1.5 says 512; real servers exceed it.
pub const REPLY_LINE: usize = 4096;
/// Lines in one reply.
pub const REPLY_LINES: usize = 128;
/// Octets in one reply.
pub const REPLY: usize = 32 * 1024;
/// Characters of a reply's text in a verdict; the dialogue has the rest.
pub const VERDICT_TEXT: usize = 1024;
/// Octets received over the whole session.
pub const SESSION_RECEIVED: usize = 256 * 1024;
/// Replies without a command of ours that are passed over before the session is given up.
pub const UNASKED_REPLIES: usize = 8;
/// Lines kept of a dialogue.
pub const DIALOGUE_LINES: usize = 512;
/// Octets kept of a dialogue, in which a control character takes several.
pub const DIALOGUE: usize = 256 * 1024;
/// Domains asked for over one connection: from the 8th ETRN on, Sendmail slows its answers down.
pub const DOMAINS_PER_CONNECTION: usize = 7;
/// Octets in one command line, line end included (RFC 5321 4.5.3.1.4).
pub const COMMAND_LINE: usize = 512;
/// Octets of the answer to a finger request. It is shown to people: where it goes on, the request has
/// been answered, and is hung up on.
pub const FINGER_ANSWER: usize = 4096;
/// Visits by ATRN or TURN in one poke, each except the last with a message: over TLS, Exim delivers one
/// message a visit, so that many may be needed.
pub const TURNS: u32 = 100;
/// Visits in a row that may end without a word after one that brought a message.
pub const SILENT_TURNS: u32 = 3;
/// Octets held in one direction of a bridge.
pub const BRIDGE_BUFFER: usize = 32 * 1024;
/// Octets that may pass a bridge in one direction.
pub const BRIDGE_PASSED: u64 = 64 * 1024 * 1024 * 1024;
/// How long a bridge may stand.
pub const BRIDGE: Duration = Duration::from_secs(12 * 3600);
/// How long a bridge may stand still (RFC 5321 4.5.3.2.6 gives the end of the data 10 minutes).
pub const BRIDGE_IDLE: Duration = Duration::from_secs(660);
/// How long a bridge waits for its other side when one has ended.
pub const BRIDGE_ENDING: Duration = Duration::from_secs(30);
/// Commands on a bridge that may wait for their replies; no more are read until some have come.
pub const BRIDGE_COMMANDS: usize = 1024;
/// Octets in one command line on a bridge, line end included: 512 (RFC 5321 4.5.3.1.4), and the
/// parameters of extensions. Servers read on for twice as much before they take the rest of a line for
/// another one.
pub const BRIDGE_COMMAND_LINE: usize = 1024;
/// Octets in one challenge of an authentication, before its base64 encoding.
pub const SASL_CHALLENGE: usize = 3072;
/// Rounds of hashing for SCRAM's salted password. Fewer than RFC 5802 5.1 and RFC 7677 4 ask for make
/// the proof a dictionary's prey for whoever asks for it; more cost this machine too much time, in
/// which it does nothing else.
pub const SCRAM_ITERATIONS: std::ops::RangeInclusive<u32> = 4096..=600_000;
/// How long the reply to QUIT is awaited when the session has failed already.
pub const FAREWELL: Duration = Duration::from_secs(5);

/// How long each phase may take. The defaults are those of RFC 5321 4.5.3.2, except for connecting,
/// where waiting longer gains nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TimeLimits {
    /// Opening the TCP connection, for each address of the provider.
    pub connect: Duration,
    /// From the connection to the whole greeting.
    pub greeting: Duration,
    /// From a command to its whole reply, QUIT included: a provider may run its queue first.
    pub command: Duration,
    /// From ATRN or TURN to its reply; the provider searches its queue first (RFC 2645 5.2.1).
    pub turn: Duration,
    /// The whole session, except for the time in which mail passes a bridge.
    pub session: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(30),
            greeting: Duration::from_secs(300),
            command: Duration::from_secs(300),
            turn: Duration::from_secs(600),
            session: Duration::from_secs(1800),
        }
    }
}
