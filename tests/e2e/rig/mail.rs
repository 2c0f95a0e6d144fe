//! Mail that is awkward on purpose, and the proof that it arrived byte for byte.

use std::{
    net::{IpAddr, SocketAddr},
    sync::atomic::{AtomicU32, Ordering},
};

use super::{client::Client, mail_server::Arrival};

/// The size of a large message, in octets: many times what any buffer on its way holds.
pub const LARGE: usize = 20_000_000;

/// A message as handed to a provider.
#[derive(Debug, Clone)]
pub struct Message {
    /// The Message-ID, without its angle brackets.
    pub id: String,
    pub from: String,
    pub to: String,
    /// Headers and body with CRLF line ends, before dot-stuffing.
    pub bytes: Vec<u8>,
}

impl Message {
    /// A message to `to` with all that servers like to trip over: lines of dots, 8-bit bytes that
    /// are not UTF-8, a line of the full 998 octets, trailing blanks, `From ` at a line's start,
    /// empty lines at the end. Each message has them in another order.
    pub fn awkward(to: &str) -> Self {
        Self::build(to, 0)
    }

    /// The same again and again, until the body has at least `size` octets.
    pub fn sized(to: &str, size: usize) -> Self {
        Self::build(to, size)
    }

    fn build(to: &str, size: usize) -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let id = format!("{}.{count}@sender.test", std::process::id());
        let from = "sender@sender.test".to_owned();

        let mut body: Vec<Vec<u8>> = [
            b".".as_slice(),
            b"..",
            b".hidden",
            b"From here",
            b"tab\there",
            b"trailing blanks   ",
            "élève, €uro, ÿ".as_bytes(),
            b"not UTF-8: \xff\xfe\x80",
            &[b'x'; 998],
            b"QUIT",
            b"",
            b"",
        ]
        .map(Vec::from)
        .into();
        let steps = count as usize % body.len();
        body.rotate_left(steps);
        let mut bytes = format!(
            "From: <{from}>\r\nTo: <{to}>\r\nSubject: held mail {count}\r\n\
             Date: Tue, 24 Nov 2026 10:00:00 +0000\r\nMessage-ID: <{id}>\r\n\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\
             Content-Transfer-Encoding: 8bit\r\n\r\n"
        )
        .into_bytes();
        let head = bytes.len();
        // Each round begins with a different line, so that no other line stands in for one that goes
        // missing.
        for round in 0.. {
            bytes.extend(format!("{round:06}\r\n").into_bytes());
            for line in &body {
                bytes.extend(line);
                bytes.extend(b"\r\n");
            }
            if bytes.len() - head >= size {
                break;
            }
        }
        Self {
            id,
            from,
            to: to.to_owned(),
            bytes,
        }
    }
}

/// `count` awkward messages to `to`.
pub fn awkward(count: usize, to: &str) -> Vec<Message> {
    (0..count).map(|_| Message::awkward(to)).collect()
}

/// What goes over the wire after DATA: dots doubled at line starts, and the closing dot.
pub fn stuffed(bytes: &[u8]) -> Vec<u8> {
    let mut wire = Vec::with_capacity(bytes.len() + 16);
    for line in bytes.split_inclusive(|&byte| byte == b'\n') {
        if line.starts_with(b".") {
            wire.push(b'.');
        }
        wire.extend(line);
    }
    wire.extend(b".\r\n");
    wire
}

/// Hands the messages to the server at `to`, as a stranger's mail server does.
///
/// # Panics
/// When the server does not take one.
pub fn inject(source: impl Into<IpAddr>, to: SocketAddr, messages: &[Message]) {
    let (mut client, _) = Client::hello(source, to);
    for message in messages {
        client.ask(&format!("MAIL FROM:<{}> BODY=8BITMIME", message.from), 250);
        client.ask(&format!("RCPT TO:<{}>", message.to), 250);
        client.ask("DATA", 354);
        client.send(&stuffed(&message.bytes)).expect("sending mail");
        client.expect(250);
    }
    client.ask("QUIT", 221);
}

/// Asserts that exactly the messages of `sent` arrived, each once, in any order, for the right
/// recipient, and that each ends byte for byte with what was sent; only trace headers may stand
/// in front.
///
/// # Panics
/// With the first difference.
pub fn assert_arrived(sent: &[Message], arrivals: &[Arrival]) {
    for message in sent {
        let mine: Vec<&Arrival> = arrivals
            .iter()
            .filter(|arrival| {
                contains(head(&arrival.bytes), format!("<{}>", message.id).as_bytes())
            })
            .collect();
        let [arrival] = mine[..] else {
            panic!("{} arrived {} times", message.id, mine.len());
        };
        assert_eq!(arrival.to, [message.to.as_str()], "recipient");
        let Some(trace) = arrival.bytes.strip_suffix(message.bytes.as_slice()) else {
            panic!("{} differs {}", message.id, difference(message, arrival));
        };
        assert_trace_headers(trace);
    }
    assert_eq!(
        arrivals.len(),
        sent.len(),
        "messages that nobody sent arrived"
    );
}

fn assert_trace_headers(trace: &[u8]) {
    const KNOWN: [&[u8]; 3] = [b"Received:", b"Return-Path:", b"Delivered-To:"];
    for line in trace.split_inclusive(|&byte| byte == b'\n') {
        let known = line.starts_with(b" ")
            || line.starts_with(b"\t")
            || KNOWN.iter().any(|name| line.starts_with(name));
        assert!(
            known && line.ends_with(b"\r\n"),
            "in front of the message stands {:?}",
            String::from_utf8_lossy(line)
        );
    }
}

/// Where two messages part, seen from their ends: that is where they should be the same.
fn difference(message: &Message, arrival: &Arrival) -> String {
    let same = message
        .bytes
        .iter()
        .rev()
        .zip(arrival.bytes.iter().rev())
        .take_while(|(sent, got)| sent == got)
        .count();
    let around = |bytes: &[u8]| {
        let from = bytes.len().saturating_sub(same + 30);
        let to = bytes.len().min(from + 60);
        bytes[from..to].escape_ascii().to_string()
    };
    format!(
        "{same} octets before its end: sent `{}`, got `{}`",
        around(&message.bytes),
        around(&arrival.bytes)
    )
}

/// The headers: all before the first empty line.
fn head(bytes: &[u8]) -> &[u8] {
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
    &bytes[..end.unwrap_or(bytes.len())]
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn arrived(message: &Message, bytes: Vec<u8>) -> Arrival {
        Arrival {
            peer: "127.0.0.1:1".parse().unwrap(),
            at: SystemTime::now(),
            from: message.from.clone(),
            to: vec![message.to.clone()],
            bytes,
        }
    }

    #[test]
    fn dots_are_doubled_at_line_starts_only() {
        assert_eq!(
            stuffed(b".\r\na.b\r\n..c\r\n"),
            b"..\r\na.b\r\n...c\r\n.\r\n"
        );
    }

    #[test]
    fn trace_headers_in_front_are_fine() {
        let message = Message::awkward("a@customer.test");
        let mut bytes = b"Received: from x\r\n\tby y; today\r\n".to_vec();
        bytes.extend(&message.bytes);
        let arrival = arrived(&message, bytes);
        assert_arrived(&[message], &[arrival]);
    }

    #[test]
    #[should_panic = "differs"]
    fn one_changed_octet_is_found() {
        let message = Message::awkward("a@customer.test");
        let mut bytes = message.bytes.clone();
        let last = bytes.len() - 5;
        bytes[last] ^= 1;
        let arrival = arrived(&message, bytes);
        assert_arrived(&[message], &[arrival]);
    }

    #[test]
    #[should_panic = "arrived 2 times"]
    fn a_double_is_found() {
        let message = Message::awkward("a@customer.test");
        let arrival = arrived(&message, message.bytes.clone());
        assert_arrived(&[message], &[arrival.clone(), arrival]);
    }

    #[test]
    #[should_panic = "in front of the message"]
    fn a_foreign_line_in_front_is_found() {
        let message = Message::awkward("a@customer.test");
        let bytes = [b"X-Spam: yes\r\n", message.bytes.as_slice()].concat();
        let arrival = arrived(&message, bytes);
        assert_arrived(&[message], &[arrival]);
    }

    #[test]
    fn sized_messages_are_at_least_that_long() {
        assert!(Message::sized("a@customer.test", 20_000).bytes.len() > 20_000);
    }
}
