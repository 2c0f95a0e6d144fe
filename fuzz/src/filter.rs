//! What of a provider's words reaches a mail server over a bridge.

use dequeue_smtp::{Bridge, Recipients, Side};

/// A provider that says anything to a mail server that trusts this machine: no recipient but the
/// account's reaches it, and no command but those that bring mail. The first octet says how all of it
/// is cut, the second which kind of server it is.
pub fn filter(octets: &[u8]) {
    let (cut, kind, said) = match octets {
        [cut, kind, said @ ..] => (usize::from(*cut).max(1), *kind, said),
        _ => return,
    };
    let Ok(target) = "d.test".parse() else {
        return;
    };
    let recipients = Recipients::new(&[target], false);
    let mut bridge = Bridge::new(recipients, b"220 own\r\n", b"");
    let mut server = MailServer {
        is_old: kind & 1 == 1,
        refuses: kind & 2 == 2,
        ..MailServer::default()
    };
    let mut rest = said;
    loop {
        let size = rest.len().min(cut);
        let takes = size > 0 && bridge.wants(Side::Provider);
        if takes {
            bridge.take(Side::Provider, &rest[..size]);
            rest = &rest[size..];
        }
        let ahead = bridge.pending(Side::MailServer).to_vec();
        bridge.wrote(Side::MailServer, usize::MAX);
        let reply = server.hear(&ahead);
        if !reply.is_empty() {
            bridge.take(Side::MailServer, &reply);
        }
        bridge.wrote(Side::Provider, usize::MAX);
        if bridge.is_over() || !takes && ahead.is_empty() && reply.is_empty() {
            return;
        }
    }
}

/// A mail server, as far as it tells commands from what they bring.
#[derive(Default)]
struct MailServer {
    /// It takes a dot between line ends of any kind for the end of a message.
    is_old: bool,
    /// It refuses every command.
    refuses: bool,
    line: Vec<u8>,
    in_text: bool,
    after_crlf: bool,
    has_recipient: bool,
    chunk: u64,
}

impl MailServer {
    fn hear(&mut self, octets: &[u8]) -> Vec<u8> {
        let mut says = Vec::new();
        for octet in octets {
            if self.chunk > 0 {
                self.chunk -= 1;
                continue;
            }
            self.line.push(*octet);
            if *octet == b'\n' || self.is_old && self.in_text && *octet == b'\r' {
                let line = std::mem::take(&mut self.line);
                let after_crlf = std::mem::replace(&mut self.after_crlf, line.ends_with(b"\r\n"));
                says.extend_from_slice(self.line_ended(&line, after_crlf));
            }
        }
        says
    }

    fn line_ended(&mut self, line: &[u8], after_crlf: bool) -> &'static [u8] {
        if self.in_text {
            let is_end = line == b".\r\n" && after_crlf;
            if is_end || self.is_old && line.trim_ascii() == b"." {
                self.in_text = false;
                // The LF of the CR that ended it belongs to it.
                self.line.clear();
                return b"250 taken\r\n";
            }
            return b"";
        }
        let text = String::from_utf8_lossy(line).to_ascii_uppercase();
        let mut words = text.split_ascii_whitespace();
        match words.next() {
            Some("RCPT") => {
                let path = text.replace(' ', "");
                let end = path.find("D.TEST").or(path.find("POSTMASTER"));
                assert!(end.is_some(), "{text:?} reached the mail server");
                self.has_recipient |= !self.refuses;
            }
            Some("DATA") if std::mem::take(&mut self.has_recipient) => {
                self.in_text = true;
                self.after_crlf = true;
                return b"354 go on\r\n";
            }
            Some("BDAT") => {
                let size = words.next().and_then(|size| size.parse().ok());
                self.chunk = size.unwrap_or_default();
            }
            Some("EHLO") if !self.refuses => {
                return b"250-own\r\n250-STARTTLS\r\n250 CHUNKING\r\n";
            }
            Some("EHLO" | "HELO" | "MAIL" | "DATA" | "RSET" | "NOOP" | "HELP" | "QUIT") => {}
            // What it takes for commands is the rest of a message.
            Some(_) | None if self.is_old => return b"500 what\r\n",
            Some(_) | None => panic!("{text:?} reached the mail server"),
        }
        match self.refuses {
            true => b"550 no\r\n",
            false => b"250 ok\r\n",
        }
    }
}
