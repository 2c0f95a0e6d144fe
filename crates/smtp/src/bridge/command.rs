//! What a line of the provider asks the mail server for.

use std::str;

/// A command, as far as a bridge tells commands apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Command<'a> {
    /// EHLO, or HELO: the one that is not extended.
    Hello { extended: bool },
    /// MAIL: a message begins.
    Sender,
    /// RCPT, and what stands behind it.
    Recipient(&'a [u8]),
    /// DATA: after a 354 the message itself.
    Data,
    /// BDAT (RFC 3030), and whether the chunk is the last.
    Chunk { size: u64, last: bool },
    /// BDAT with something else behind it: where its octets end cannot be known.
    EndlessChunk,
    /// RSET: the message is given up.
    Reset,
    /// NOOP and HELP, after which nothing is different.
    Harmless,
    /// STARTTLS: from its 220 on nothing can be read.
    StartTls,
    /// QUIT: after its reply nothing comes.
    Quit,
    /// A line as of a reply: a client says no such thing.
    Reply,
    /// A line with a control character, at which servers may see different commands.
    Odd,
    /// Anything else.
    Other,
}

/// The largest chunk. Exim counts in 32 bits, and would take a larger one for a small one.
const CHUNK: u64 = i32::MAX as u64;

impl<'a> Command<'a> {
    /// Reads a line without its end.
    pub(super) fn read(line: &'a [u8]) -> Self {
        if line.iter().any(|o| o.is_ascii_control() && *o != b'\t') {
            return Self::Odd;
        }
        let is_blank = |octet: &u8| matches!(octet, b' ' | b'\t');
        let line = line.trim_ascii_start();
        if is_reply(line) {
            return Self::Reply;
        }
        let end = line.iter().position(is_blank).unwrap_or(line.len());
        let (verb, argument) = line.split_at(end);
        let is = |name: &str| verb.eq_ignore_ascii_case(name.as_bytes());
        match () {
            () if is("EHLO") => Self::Hello { extended: true },
            () if is("HELO") => Self::Hello { extended: false },
            () if is("MAIL") => Self::Sender,
            () if is("RCPT") => Self::Recipient(argument),
            () if is("DATA") => Self::Data,
            () if is("BDAT") => chunk(argument),
            () if is("RSET") => Self::Reset,
            () if is("NOOP") || is("HELP") => Self::Harmless,
            () if is("STARTTLS") => Self::StartTls,
            () if is("QUIT") => Self::Quit,
            () => Self::Other,
        }
    }

    /// Whether an SMTP client says such a thing.
    pub(super) const fn is_of_a_client(self) -> bool {
        !matches!(self, Self::Reply | Self::Odd | Self::Other)
    }
}

/// Whether a line begins as a reply does: three digits, and a space, a hyphen or nothing.
fn is_reply(line: &[u8]) -> bool {
    let code = line.get(..3);
    code.is_some_and(|code| code.iter().all(u8::is_ascii_digit))
        && matches!(line.get(3), None | Some(b' ' | b'-'))
}

fn chunk<'a>(argument: &[u8]) -> Command<'a> {
    let mut words = argument
        .split(|octet| matches!(octet, b' ' | b'\t'))
        .filter(|word| !word.is_empty());
    let size = words.next().filter(|it| it.iter().all(u8::is_ascii_digit));
    let size = size.and_then(|it| str::from_utf8(it).ok()?.parse().ok());
    let last = words.next().map(|it| it.eq_ignore_ascii_case(b"LAST"));
    match (size, last, words.next()) {
        (Some(size @ ..=CHUNK), None | Some(true), None) => Command::Chunk {
            size,
            last: last.is_some(),
        },
        _ => Command::EndlessChunk,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_each_line_asks_for() {
        let chunk = |size, last| Command::Chunk { size, last };
        for (line, command) in [
            ("EHLO p.test", Command::Hello { extended: true }),
            ("helo", Command::Hello { extended: false }),
            (
                "  rcpt\tTO:<a@b.test>",
                Command::Recipient(b"\tTO:<a@b.test>"),
            ),
            ("RCPT", Command::Recipient(b"")),
            ("RCPTTO:<a@b.test>", Command::Other),
            ("Mail From:<>", Command::Sender),
            ("NOOP RCPT TO:<a@b.test>", Command::Harmless),
            ("BDAT 12", chunk(12, false)),
            ("BDAT 0 last", chunk(0, true)),
            ("BDAT", Command::EndlessChunk),
            ("BDAT +1", Command::EndlessChunk),
            ("BDAT 1 LAST x", Command::EndlessChunk),
            ("BDAT 1 x", Command::EndlessChunk),
            ("BDAT 2147483648", Command::EndlessChunk),
            ("BDAT 99999999999999999999999", Command::EndlessChunk),
            ("500 5.5.1 unrecognized", Command::Reply),
            ("250-x", Command::Reply),
            ("220", Command::Reply),
            ("2500 x", Command::Other),
            ("NOOP\rRCPT TO:<a@b.test>", Command::Odd),
            ("NOOP \0", Command::Odd),
            ("VRFY a", Command::Other),
            ("XCLIENT ADDR=192.0.2.1", Command::Other),
            ("", Command::Other),
            (".", Command::Other),
        ] {
            assert_eq!(Command::read(line.as_bytes()), command, "{line}");
        }
    }
}
