//! Replies (RFC 5321 4.2), parsed from any slicing of bytes and within limits.
//!
//! Lenient where real servers are: a line may end in LF alone, may be longer than 512 octets, and may
//! be a code without text. Strict where it matters: a line without a code is a fault, which is shown
//! as it came, and anything beyond a limit stops the parser instead of growing it.

use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::limits;

/// A whole reply, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    code: u16,
    raw: Vec<u8>,
}

impl Reply {
    /// The code of the last line, 200 to 599.
    #[must_use]
    pub const fn code(&self) -> u16 {
        self.code
    }

    /// The bytes as they came, line ends included.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.raw
    }

    /// The lines without their ends, as they came but for invalid UTF-8. They are a stranger's: whoever
    /// shows them sees to it that no control character acts there.
    pub fn lines(&self) -> impl Iterator<Item = Cow<'_, str>> {
        split(&self.raw).map(String::from_utf8_lossy)
    }

    /// The text after the codes, in one line, as it came: see [`Reply::lines`].
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for line in split(&self.raw) {
            let part = String::from_utf8_lossy(line.get(4..).unwrap_or_default());
            if !text.is_empty() && !part.is_empty() {
                text.push(' ');
            }
            text.push_str(&part);
        }
        text
    }

    /// The enhanced status code (RFC 3463) at the start of the last line's text, if any.
    #[must_use]
    pub fn enhanced(&self) -> Option<String> {
        let last = split(&self.raw).last()?;
        let word = last.get(4..)?.split(|b| *b == b' ').next()?;
        let mut parts = word.split(|b| *b == b'.');
        let number = |part: Option<&[u8]>| {
            part.is_some_and(|p| (1..=3).contains(&p.len()) && p.iter().all(u8::is_ascii_digit))
        };
        let class = parts
            .next()
            .is_some_and(|p| matches!(p, b"2" | b"4" | b"5"));
        let is_one =
            class && number(parts.next()) && number(parts.next()) && parts.next().is_none();
        is_one.then(|| String::from_utf8_lossy(word).into_owned())
    }

    /// The same reply with these patterns redacted, wherever the provider repeats them.
    pub(crate) fn redacted(&self, secret_patterns: &[Zeroizing<String>]) -> Cow<'_, Self> {
        let raw = String::from_utf8_lossy(&self.raw);
        match redact(&raw, secret_patterns) {
            Cow::Borrowed(_) => Cow::Borrowed(self),
            Cow::Owned(text) => Cow::Owned(Self {
                code: self.code,
                raw: text.into_bytes(),
            }),
        }
    }
}

/// The text with these patterns redacted. A pattern shorter than a word could match by chance, and
/// the place of the redaction would give it away.
pub(crate) fn redact<'a>(text: &'a str, secret_patterns: &[Zeroizing<String>]) -> Cow<'a, str> {
    const SHORTEST: usize = 4;
    let mut text = Cow::Borrowed(text);
    for pattern in secret_patterns {
        if pattern.len() >= SHORTEST && text.contains(pattern.as_str()) {
            text = Cow::Owned(text.replace(pattern.as_str(), "****"));
        }
    }
    text
}

/// Why the bytes are no reply.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplyFault {
    /// A line has no code, so that it is not SMTP: the line, shortened.
    #[error("not an SMTP reply: {0}")]
    NotSmtp(String),
    /// A line, the number of lines or the whole reply exceeds [`limits`].
    #[error("the reply exceeds the limits")]
    TooLong,
}

/// Parses bytes into replies. After a fault it returns that fault for ever.
#[derive(Debug, Default)]
pub struct ReplyParser {
    buffer: Vec<u8>,
    /// Start of the incomplete line.
    line_start: usize,
    /// How far the line has been searched for its end.
    searched: usize,
    lines: usize,
    fault: Option<ReplyFault>,
}

impl ReplyParser {
    /// Takes bytes that were received.
    pub fn push(&mut self, bytes: &[u8]) {
        // After a fault nothing is kept.
        if self.fault.is_none() {
            self.buffer.extend_from_slice(bytes);
        }
    }

    /// Whether there are bytes that are not yet a whole reply.
    #[must_use]
    pub fn has_partial(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// Takes the bytes out that are not a reply; after a turn they belong to the bridge.
    #[must_use]
    pub fn take_rest(&mut self) -> Vec<u8> {
        std::mem::take(self).buffer
    }

    /// The next whole reply; `None` if more bytes are needed.
    ///
    /// # Errors
    /// [`ReplyFault`], now and at every later call, if the bytes cannot become a reply.
    pub fn next_reply(&mut self) -> Result<Option<Reply>, ReplyFault> {
        if let Some(fault) = &self.fault {
            return Err(fault.clone());
        }
        let parsed = self.parse();
        if let Err(fault) = &parsed {
            self.fault = Some(fault.clone());
            self.buffer = Vec::new();
        }
        parsed
    }

    fn parse(&mut self) -> Result<Option<Reply>, ReplyFault> {
        loop {
            let Some(end) = self.buffer[self.searched..]
                .iter()
                .position(|b| *b == b'\n')
            else {
                self.searched = self.buffer.len();
                let unfinished = &self.buffer[self.line_start..];
                // A line that does not begin with a code will never be a reply.
                if !may_become_code(unfinished) {
                    return Err(ReplyFault::NotSmtp(excerpt(unfinished)));
                }
                return if unfinished.len() > limits::REPLY_LINE {
                    Err(ReplyFault::TooLong)
                } else {
                    Ok(None)
                };
            };
            let next = self.searched + end + 1;
            let line = &self.buffer[self.line_start..next];
            self.lines += 1;
            let too_long = line.len() > limits::REPLY_LINE
                || self.lines > limits::REPLY_LINES
                || next > limits::REPLY;
            if too_long {
                return Err(ReplyFault::TooLong);
            }
            let (code, last) = read_line(line)?;
            self.line_start = next;
            self.searched = next;
            if last {
                let rest = self.buffer.split_off(next);
                let raw = std::mem::replace(&mut self.buffer, rest);
                (self.line_start, self.searched, self.lines) = (0, 0, 0);
                return Ok(Some(Reply { code, raw }));
            }
        }
    }
}

/// The code of a line, and whether it is the last one of its reply.
fn read_line(line: &[u8]) -> Result<(u16, bool), ReplyFault> {
    let text = trim_end(line);
    let not_smtp = || ReplyFault::NotSmtp(excerpt(text));
    let (digits, rest) = text.split_at_checked(3).ok_or_else(not_smtp)?;
    if !matches!(digits[0], b'2'..=b'5') || !digits.iter().all(u8::is_ascii_digit) {
        return Err(not_smtp());
    }
    let code = digits
        .iter()
        .fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
    match rest.first() {
        None | Some(b' ') => Ok((code, true)),
        Some(b'-') => Ok((code, false)),
        Some(_) => Err(not_smtp()),
    }
}

fn may_become_code(start: &[u8]) -> bool {
    start.iter().take(4).enumerate().all(|(i, b)| match i {
        0 => matches!(b, b'2'..=b'5'),
        1 | 2 => b.is_ascii_digit(),
        _ => matches!(b, b' ' | b'-' | b'\r'),
    })
}

fn split(raw: &[u8]) -> impl Iterator<Item = &[u8]> {
    raw.split_inclusive(|b| *b == b'\n').map(trim_end)
}

fn trim_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

fn excerpt(line: &[u8]) -> String {
    const SHOWN: usize = 200;
    String::from_utf8_lossy(&line[..line.len().min(SHOWN)]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const REAL: &[&str] = &[
        "220 mail.provider.test ESMTP Postfix\r\n",
        "250-mail.provider.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250 CHUNKING\r\n",
        "250 2.0.0 Queuing for node customer.test started\r\n",
        "253 OK, 3 pending messages for node example.org started\r\n",
        "459 <unknown.example>: service unavailable\r\n",
        "502 unimplemented (#5.5.1)\r\n",
        "250\r\n",
        "250 \n",
        "250-first\n250\n",
        "220 ***************************2***\r\n",
    ];

    fn all(parser: &mut ReplyParser) -> Vec<Reply> {
        std::iter::from_fn(|| parser.next_reply().unwrap()).collect()
    }

    #[test]
    fn every_split_of_real_replies_gives_the_same() {
        let stream: Vec<u8> = REAL.concat().into_bytes();
        let mut whole = ReplyParser::default();
        whole.push(&stream);
        let expected = all(&mut whole);
        assert_eq!(expected.len(), REAL.len());
        for (reply, text) in expected.iter().zip(REAL) {
            assert_eq!(reply.as_bytes(), text.as_bytes());
        }
        for first in 0..=stream.len() {
            let mut parser = ReplyParser::default();
            parser.push(&stream[..first]);
            let mut got = all(&mut parser);
            parser.push(&stream[first..]);
            got.extend(all(&mut parser));
            assert_eq!(got, expected, "split at {first}");
            assert!(!parser.has_partial());
        }
        let mut bytewise = ReplyParser::default();
        let got: Vec<Reply> = stream
            .iter()
            .filter_map(|byte| {
                bytewise.push(&[*byte]);
                bytewise.next_reply().unwrap()
            })
            .collect();
        assert_eq!(got, expected);
    }

    #[test]
    fn text_and_enhanced_code() {
        let mut parser = ReplyParser::default();
        parser.push(b"554-5.7.1 first\r\n554 5.7.1 <a.test>: Etrn command \x1b[31mrejected\r\n");
        let reply = parser.next_reply().unwrap().unwrap();
        assert_eq!(reply.code(), 554);
        assert_eq!(reply.enhanced().as_deref(), Some("5.7.1"));
        assert_eq!(
            reply.text(),
            "5.7.1 first 5.7.1 <a.test>: Etrn command \u{1b}[31mrejected"
        );
        parser.push(b"250 2.0 OK\r\n250\r\n");
        assert_eq!(parser.next_reply().unwrap().unwrap().enhanced(), None);
        assert_eq!(parser.next_reply().unwrap().unwrap().text(), "");
    }

    #[test]
    fn what_is_no_reply_is_shown_as_it_came() {
        for garbage in [
            "SSH-2.0-OpenSSH_9.2\r\n",
            "25x no\r\n",
            "99 short\r\n",
            "2500 four\r\n",
            "\r\n",
        ] {
            let mut parser = ReplyParser::default();
            parser.push(garbage.as_bytes());
            let fault = ReplyFault::NotSmtp(garbage.trim_end().to_owned());
            assert_eq!(parser.next_reply(), Err(fault.clone()), "{garbage}");
            parser.push(b"220 too late\r\n");
            assert_eq!(parser.next_reply(), Err(fault), "a fault stays");
        }
        let mut parser = ReplyParser::default();
        parser.push(b"\x16\x03\x01");
        assert!(
            parser.next_reply().is_err(),
            "no line end is needed to see that TLS is not SMTP"
        );
    }

    #[test]
    fn limits_poison_instead_of_growing() {
        let line = "250-".to_owned() + &"x".repeat(limits::REPLY_LINE) + "\r\n";
        let many = "250-x\r\n".repeat(limits::REPLY_LINES + 1);
        let big = ("250-".to_owned() + &"x".repeat(4000) + "\r\n").repeat(9);
        for hostile in [
            line,
            many,
            big,
            "250 ".to_owned() + &"x".repeat(limits::REPLY_LINE),
        ] {
            let mut parser = ReplyParser::default();
            parser.push(hostile.as_bytes());
            assert_eq!(parser.next_reply(), Err(ReplyFault::TooLong));
            parser.push(&[b'x'; 1000]);
            assert!(!parser.has_partial(), "nothing is kept any more");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_in_any_slices(bytes in proptest::collection::vec(any::<u8>(), 0..600), cut in 0usize..600) {
            let mut once = ReplyParser::default();
            once.push(&bytes);
            let mut twice = ReplyParser::default();
            let cut = cut.min(bytes.len());
            twice.push(&bytes[..cut]);
            let mut a = vec![];
            let mut b = vec![];
            while let Ok(Some(reply)) = once.next_reply() { a.push(reply); }
            while let Ok(Some(reply)) = twice.next_reply() { b.push(reply); }
            twice.push(&bytes[cut..]);
            while let Ok(Some(reply)) = twice.next_reply() { b.push(reply); }
            prop_assert_eq!(a, b);
        }
    }
}
