//! The words of a `fetchmailrc`, as fetchmail's own lexer divides them: the longest match counts,
//! a keyword is one in small letters and whole, and what a word means depends on the one before it.

use zeroize::Zeroizing;

use crate::import::model::{ImportFault, ImportFaultKind};

/// A word, which may be a password: nothing here shows itself.
pub(super) struct Token {
    pub(super) line: usize,
    pub(super) kind: Kind,
}

/// What it is.
pub(super) enum Kind {
    /// In one spelling: `user` for `username`.
    Keyword(&'static str),
    /// A protocol, in small letters, or a way to log in; each stands behind its keyword alone.
    Protocol(&'static str),
    Login(&'static str),
    Number(Zeroizing<String>),
    Text {
        text: Zeroizing<String>,
        is_quoted: bool,
    },
    /// `=`
    Map,
}

/// What the word in front of it makes of the next one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Initial,
    /// Whatever comes is a name.
    Name,
    /// `password` is a way to log in.
    Login,
}

/// The words of a text, without comments and without what counts for nothing.
///
/// # Errors
/// A quotation mark without its partner, a text that is none.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, ImportFault> {
    let mut tokens = Vec::new();
    let mut state = State::Initial;
    let mut line = 1;
    let mut rest = text;
    let last_line = text.len() - text.rfind('\n').map_or(0, |at| at + 1);
    while let Some(first) = rest.chars().next() {
        let word = &rest[..rest.find(ends_word).unwrap_or(rest.len())];
        let (kind, length) = match first {
            '\n' => {
                line += 1;
                rest = &rest[1..];
                continue;
            }
            // In a last line that does not end it is a word.
            '#' if rest.len() > last_line => {
                rest = &rest[rest.find('\n').unwrap_or_default()..];
                continue;
            }
            '\\' if rest[1..].starts_with('\n') => {
                rest = &rest[1..];
                continue;
            }
            '=' => {
                state = State::Name;
                (Some(Kind::Map), 1)
            }
            ' ' | '\t' | '\r' | ',' | ':' | ';' => (None, 1),
            '"' | '\'' => {
                let quoted = rest[1..].find(first).map_or(0, |at| at + 2);
                // What goes on behind the second mark is a word with two marks in it, which nobody
                // means.
                if quoted < word.len() {
                    return Err(ImportFault::new(
                        line,
                        ImportFaultKind::Unclosed,
                        &rest[..1],
                    ));
                }
                state = State::Initial;
                let text = &rest[1..quoted - 1];
                (Some(quoted_text(text, true, line)?), quoted)
            }
            _ => {
                let (kind, next, length) = unquoted(word, state);
                state = next;
                let kind = match kind {
                    Some(Kind::Text { text, .. }) => Some(quoted_text(&text, false, line)?),
                    kind => kind,
                };
                (kind, length)
            }
        };
        tokens.extend(kind.map(|kind| Token { line, kind }));
        line += rest[..length].matches('\n').count();
        rest = &rest[length..];
    }
    Ok(tokens)
}

const fn ends_word(c: char) -> bool {
    matches!(c, '=' | ';' | ':' | ',' | ' ' | '\t' | '\r' | '\n')
}

/// A word that is not quoted, the state behind it, and how much of it that is.
fn unquoted(word: &str, state: State) -> (Option<Kind>, State, usize) {
    let text = |word: &str| Kind::Text {
        text: Zeroizing::new(word.to_owned()),
        is_quoted: false,
    };
    let whole = word.len();
    if state == State::Name {
        return (Some(text(word)), State::Initial, whole);
    }
    if state == State::Login {
        match word {
            "password" => return (Some(Kind::Login("password")), State::Initial, whole),
            "pass" => return (Some(text(word)), state, whole),
            _ => {}
        }
    }
    if let Some(login) = login(word) {
        return (Some(Kind::Login(login)), State::Initial, whole);
    }
    if let Some(protocol) = protocol(word) {
        return (Some(Kind::Protocol(protocol)), state, whole);
    }
    if is_negated(word) {
        return (Some(Kind::Keyword("no")), state, 2);
    }
    match keyword(word) {
        Some("") => (None, state, whole),
        Some(found) => {
            let next = match found {
                "user" | "password" | "is" | "to" => State::Name,
                "auth" => State::Login,
                _ => state,
            };
            (Some(Kind::Keyword(found)), next, whole)
        }
        None => {
            let digits = word.strip_prefix('-').unwrap_or(word);
            let is_number = !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit());
            let kind = if is_number {
                Kind::Number(Zeroizing::new(word.to_owned()))
            } else {
                text(word)
            };
            (Some(kind), state, whole)
        }
    }
}

/// A keyword in one spelling; empty for what counts for nothing.
fn keyword(word: &str) -> Option<&'static str> {
    const KEYWORDS: [&str; 86] = [
        "accept",
        "aka",
        "antispam",
        "bad-header",
        "batchlimit",
        "bouncemail",
        "bsmtp",
        "checkalias",
        "daemon",
        "defaults",
        "dns",
        "dropdelivered",
        "dropstatus",
        "envelope",
        "esmtpname",
        "esmtppassword",
        "expunge",
        "fastuidl",
        "fetchall",
        "fetchdomains",
        "fetchlimit",
        "fetchsizelimit",
        "flush",
        "forcecr",
        "here",
        "idfile",
        "idle",
        "interface",
        "interval",
        "invisible",
        "is",
        "keep",
        "limit",
        "limitflush",
        "lmtp",
        "logfile",
        "mda",
        "mimedecode",
        "monitor",
        "no",
        "pidfile",
        "plugin",
        "plugout",
        "poll",
        "port",
        "postmaster",
        "principal",
        "properties",
        "qvirtual",
        "reject",
        "rewrite",
        "service",
        "set",
        "showdots",
        "skip",
        "smtpaddress",
        "smtpname",
        "softbounce",
        "spambounce",
        "ssl",
        "sslcert",
        "sslcertck",
        "sslcertfile",
        "sslcertpath",
        "sslcommonname",
        "sslfingerprint",
        "sslkey",
        "sslproto",
        "stripcr",
        "syslog",
        "there",
        "timeout",
        "to",
        "tracepolls",
        "uidl",
        "via",
        "warnings",
        "auth",
        "folder",
        "local",
        "pass8bits",
        "password",
        "postconnect",
        "preconnect",
        "protocol",
        "smtphost",
    ];
    let found = match word {
        "and" | "with" | "has" | "wants" | "options" => return Some(""),
        "authenticate" | "preauth" | "preauthenticate" => "auth",
        "folders" => "folder",
        "localdomains" => "local",
        "mimedec" => "mimedecode",
        "pass" => "password",
        "pass8" => "pass8bits",
        "post" => "postconnect",
        "pre" => "preconnect",
        "proto" => "protocol",
        "server" => "poll",
        "smtp" => "smtphost",
        "user" | "username" => return Some("user"),
        word => word,
    };
    KEYWORDS.into_iter().find(|keyword| *keyword == found)
}

/// `nokeep` is `no keep`; not every keyword has that.
fn is_negated(word: &str) -> bool {
    const NEGATED: [&str; 20] = [
        "bouncemail",
        "checkalias",
        "dns",
        "dropdelivered",
        "dropstatus",
        "envelope",
        "fetchall",
        "flush",
        "forcecr",
        "idle",
        "keep",
        "limitflush",
        "mimedec",
        "mimedecode",
        "pass8",
        "pass8bits",
        "rewrite",
        "spambounce",
        "stripcr",
        "uidl",
    ];
    let rest = word.strip_prefix("no");
    rest.is_some_and(|rest| NEGATED.contains(&rest))
}

/// A way to log in.
pub(super) fn login(word: &str) -> Option<&'static str> {
    Some(match word {
        "any" => "any",
        "gssapi" => "gssapi",
        "kerberos" | "kerberos4" | "kerberos_v4" | "kerberos5" | "kerberos_v5" => "kerberos",
        "ssh" => "ssh",
        "external" => "external",
        "otp" | "opie" => "otp",
        "cram" | "cram-md5" => "cram-md5",
        "msn" => "msn",
        "ntlm" => "ntlm",
        _ => return None,
    })
}

/// A protocol, in small letters.
pub(super) fn protocol(word: &str) -> Option<&'static str> {
    Some(match word {
        "auto" | "AUTO" => "auto",
        "pop2" | "POP2" => "pop2",
        "pop3" | "POP3" => "pop3",
        "sdps" | "SDPS" => "sdps",
        "imap" | "IMAP" => "imap",
        "apop" | "APOP" => "apop",
        "rpop" | "RPOP" => "rpop",
        "kpop" | "KPOP" => "kpop",
        "etrn" | "ETRN" => "etrn",
        "odmr" | "ODMR" => "odmr",
        _ => return None,
    })
}

/// A text without its escapes: as in C, but `\` and digits is decimal unless a `0` or `x` stands
/// first. A NUL ends it.
fn quoted_text(text: &str, is_quoted: bool, line: usize) -> Result<Kind, ImportFault> {
    let wrong = |kind, about| ImportFault::new(line, kind, about);
    // Never longer than it was, so that no copy is left behind when it grows.
    let mut octets = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let (octet, next) = match (first, after) {
            (b'\\', []) => break,
            (b'\\', [b'\n', next @ ..]) => {
                rest = next;
                continue;
            }
            (b'\\', [b'x' | b'X', next @ ..]) => digits(next, 16, 2),
            (b'\\', [b'0', ..]) => digits(after, 8, 3),
            (b'\\', [b'1'..=b'9', ..]) => digits(after, 10, 3),
            (b'\\', [escaped, next @ ..]) => {
                let octet = match escaped {
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'b' => 8,
                    b'r' => b'\r',
                    other => *other,
                };
                (octet, next)
            }
            // It goes on over the line's end: its end was forgotten.
            (b'\n', _) => return Err(wrong(ImportFaultKind::Unclosed, "\"")),
            (octet, next) => (*octet, next),
        };
        if octet == 0 {
            break;
        }
        octets.push(octet);
        rest = next;
    }
    match std::str::from_utf8(&octets) {
        Ok(text) => Ok(Kind::Text {
            text: Zeroizing::new(text.to_owned()),
            is_quoted,
        }),
        Err(_) => Err(wrong(ImportFaultKind::CodePage, "\\")),
    }
}

/// A number of at most so many digits, of which the lowest octet counts.
fn digits(text: &[u8], radix: u32, at_most: usize) -> (u8, &[u8]) {
    let is_digit = |octet: &&u8| char::from(**octet).is_digit(radix);
    let length = text.iter().take(at_most).take_while(is_digit).count();
    let value = text[..length].iter().fold(0_u32, |value, octet| {
        value * radix + char::from(*octet).to_digit(radix).unwrap_or(0)
    });
    (value.to_le_bytes()[0], &text[length..])
}
