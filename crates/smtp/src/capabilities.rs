//! What a provider tells about itself in its greeting and its EHLO reply (RFC 5321 4.1.1.1).

use std::net::IpAddr;

use sha2::{Digest, Sha256};

use crate::{reply::Reply, sasl::Mechanism};

/// What the EHLO reply offers, as far as a poke needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Capabilities {
    /// PIPELINING (RFC 2920): a command may be sent before the reply to the one ahead of it.
    pub pipelining: bool,
    /// ETRN (RFC 1985).
    pub etrn: bool,
    /// ATRN (RFC 2645).
    pub atrn: bool,
    /// STARTTLS (RFC 3207).
    pub starttls: bool,
    /// The mechanisms of AUTH (RFC 4954) that are offered and known here, each once.
    pub auth: Vec<Mechanism>,
    /// Our address as the provider sees it, if the first line has it in brackets, as in `250-host
    /// Hello name [192.0.2.7]`. Our name may be in brackets too, so that the last one counts.
    pub seen_address: Option<IpAddr>,
}

impl Capabilities {
    /// Reads an EHLO reply.
    #[must_use]
    pub fn from_reply(reply: &Reply) -> Self {
        let mut found = Self::default();
        for (i, line) in reply.lines().enumerate() {
            let text = line.get(4..).unwrap_or_default();
            if i == 0 {
                found.seen_address = bracketed_address(text);
                continue;
            }
            // Old servers write `AUTH=LOGIN PLAIN`.
            let mut words = text.split([' ', '\t', '=']).filter(|word| !word.is_empty());
            match words.next().unwrap_or_default() {
                word if word.eq_ignore_ascii_case("PIPELINING") => found.pipelining = true,
                word if word.eq_ignore_ascii_case("ETRN") => found.etrn = true,
                word if word.eq_ignore_ascii_case("ATRN") => found.atrn = true,
                word if word.eq_ignore_ascii_case("STARTTLS") => found.starttls = true,
                word if word.eq_ignore_ascii_case("AUTH") => {
                    for mechanism in words.filter_map(Mechanism::from_name) {
                        if !found.auth.contains(&mechanism) {
                            found.auth.push(mechanism);
                        }
                    }
                }
                _ => {}
            }
        }
        found
    }
}

/// Whether a greeting went through a PIX firewall's `fixup protocol smtp`, which masks it with
/// asterisks and turns unknown verbs into NOOP: a 250 behind it proves nothing.
#[must_use]
pub fn is_masked_greeting(greeting: &Reply) -> bool {
    let text = greeting.text();
    text.starts_with("***") && text.chars().all(|c| matches!(c, '*' | '2' | '0' | ' '))
}

/// The part of a greeting that stays the same from visit to visit: its first words up to a date,
/// without the digits that distinguish the hosts of a pool. As a digest, in hexadecimal: it is only
/// compared, and a greeting may hold a word that is secret.
#[must_use]
pub fn greeting_shape(greeting: &Reply) -> String {
    const WORDS: usize = 4;
    let text = greeting.text();
    let words = text
        .split_ascii_whitespace()
        .take_while(|word| !word.ends_with([',', ';']))
        .take(WORDS)
        .map(|word| word.replace(|c: char| c.is_ascii_digit(), ""));
    let shape = words.collect::<Vec<_>>().join(" ").to_lowercase();
    let digest = Sha256::digest(shape.as_bytes());
    digest
        .iter()
        .take(16)
        .map(|octet| format!("{octet:02x}"))
        .collect()
}

fn bracketed_address(text: &str) -> Option<IpAddr> {
    let addresses = text.split('[').skip(1).filter_map(|part| {
        let inner = part.split_once(']')?.0;
        inner.strip_prefix("IPv6:").unwrap_or(inner).parse().ok()
    });
    addresses.last()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::ReplyParser;

    fn reply(text: &str) -> Reply {
        let mut parser = ReplyParser::default();
        parser.push(text.as_bytes());
        parser.next_reply().unwrap().unwrap()
    }

    #[test]
    fn real_ehlo_replies() {
        let postfix = Capabilities::from_reply(&reply(
            "250-mail.provider.test\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-ETRN\r\n250 DSN\r\n",
        ));
        assert!(postfix.pipelining && postfix.etrn && !postfix.starttls);
        assert_eq!(postfix.seen_address, None);
        let exim = Capabilities::from_reply(&reply(
            "250-mail.provider.test Hello probe.test [198.51.100.7]\r\n250-pipelining\r\n250 HELP\r\n",
        ));
        assert!(exim.pipelining && !exim.etrn);
        assert_eq!(exim.seen_address, Some("198.51.100.7".parse().unwrap()));
        let literal = Capabilities::from_reply(&reply(
            "250 mail.provider.test Hello [10.0.0.5] [198.51.100.7], pleased to meet you\r\n",
        ));
        assert_eq!(
            literal.seen_address,
            Some("198.51.100.7".parse().unwrap()),
            "not what we call ourselves"
        );
        // The name of the host is no offer, whatever it is.
        assert!(!Capabilities::from_reply(&reply("250 ETRN\r\n")).etrn);
    }

    #[test]
    fn what_stays_the_same_of_a_greeting() {
        let shape = |text: &str| greeting_shape(&reply(text));
        assert_eq!(
            shape("220 mx1.provider.test ESMTP Exim 4.96 Wed, 25 Nov 2026 01:50:21 +0000\r\n"),
            shape("220 mx2.provider.test ESMTP Exim 4.98 Thu, 26 Nov 2026 11:00:00 +0000\r\n"),
        );
        assert_ne!(
            shape("220 mx1.provider.test ESMTP Exim 4.96\r\n"),
            shape("220 mx1.provider.test ESMTP Postfix\r\n"),
        );
    }

    #[test]
    fn masked_greetings() {
        assert!(is_masked_greeting(&reply(
            "220 ****************************02**0****\r\n"
        )));
        assert!(!is_masked_greeting(&reply("220 *** welcome ***\r\n")));
        assert!(!is_masked_greeting(&reply("220 mail.provider.test\r\n")));
    }
}
