//! Which recipients may pass a bridge. The mail server sees this machine at the other end, which it
//! may trust to send mail to anyone; the provider, or whoever passes for it, must not have that trust.
//!
//! A recipient passes only in a spelling that every mail server understands alike: what one takes for
//! a part of the mailbox, another may take for a place to relay to.

use std::str;

use crate::name::{Domain, EtrnTarget};

/// The recipients that may pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipients {
    allowed: Vec<Allowed>,
    refuses_relay: bool,
}

/// One domain, or address literal, of the account.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Allowed {
    /// As [`EtrnTarget`] has it: A-labels in lower case, without the final dot.
    name: String,
    /// With all domains below it.
    below: bool,
}

impl Recipients {
    /// Those at the domains of `targets`; a `#queue` names none. Where no domain is named, all pass
    /// at a mail server that refuses to relay, and none at any other. `refuses_relay` tells that the
    /// mail server has been seen to refuse mail for a foreign domain from this machine.
    #[must_use]
    pub fn new(targets: &[EtrnTarget], refuses_relay: bool) -> Self {
        let named = |target: &EtrnTarget| {
            let text = target.as_str();
            let below = text.strip_prefix('@');
            (!text.starts_with('#')).then(|| Allowed {
                name: below.unwrap_or(text).to_owned(),
                below: below.is_some(),
            })
        };
        Self {
            allowed: targets.iter().filter_map(named).collect(),
            refuses_relay,
        }
    }

    /// Whether the mail server has been seen not to relay for this machine. Then the two servers may
    /// begin TLS, under which nothing can be read.
    #[must_use]
    pub const fn refuses_relay(&self) -> bool {
        self.refuses_relay
    }

    /// Whether the recipient of a RCPT command may pass; `argument` is what stands behind the word.
    /// What cannot be understood may not.
    #[must_use]
    pub fn permits(&self, argument: &[u8]) -> bool {
        if self.allowed.is_empty() && self.refuses_relay {
            return true;
        }
        str::from_utf8(argument)
            .ok()
            .and_then(Path::of_argument)
            .is_some_and(|path| self.permits_path(&path))
    }

    fn permits_path(&self, path: &Path<'_>) -> bool {
        let Some(domain) = path.domain else {
            // RFC 5321 4.5.1: every server takes mail for it, and it has no domain to relay to.
            return path.local.eq_ignore_ascii_case("postmaster") && path.route.is_none();
        };
        // Servers of old send a mailbox with a percent sign, an exclamation mark or an inner at-sign
        // on to the host that is named in it, also in quotation marks.
        (self.refuses_relay || !path.local.contains(['%', '!', '@']))
            && self.has(domain)
            && path.route.is_none_or(|route| self.has_all(route))
    }

    /// Whether all hosts of a source route, as in `@a.example,@b.example`, are the account's.
    fn has_all(&self, route: &str) -> bool {
        let mut hosts = route.split(',').map(|hop| hop.strip_prefix('@'));
        hosts.all(|host| host.is_some_and(|host| self.has(host)))
    }

    fn has(&self, domain: &str) -> bool {
        if domain.starts_with('[') {
            let mut allowed = self.allowed.iter();
            return allowed.any(|own| own.name.eq_ignore_ascii_case(domain));
        }
        let Ok(domain) = domain.parse::<Domain>() else {
            return false;
        };
        self.allowed
            .iter()
            .any(|own| match domain.as_str().strip_suffix(&own.name) {
                Some("") => true,
                Some(label) => own.below && label.ends_with('.'),
                None => false,
            })
    }
}

/// A forward path (RFC 5321 4.1.2).
#[derive(Debug, PartialEq, Eq)]
struct Path<'a> {
    /// The hosts of a source route, with their at-signs and commas.
    route: Option<&'a str>,
    /// The mailbox, with its quotation marks.
    local: &'a str,
    domain: Option<&'a str>,
}

impl<'a> Path<'a> {
    /// Reads `TO:<path> parameters`, also with spaces around the colon, and without the brackets.
    fn of_argument(argument: &'a str) -> Option<Self> {
        const BLANK: [char; 2] = [' ', '\t'];
        let argument = argument.trim_matches(BLANK);
        let (word, rest) = argument.split_at_checked(2)?;
        let rest = rest.trim_start_matches(BLANK).strip_prefix(':')?;
        let rest = rest.trim_start_matches(BLANK);
        let (path, parameters) = match rest.strip_prefix('<') {
            Some(inner) => {
                let end = end_of(inner, |c| c == '>')?;
                (&inner[..end], &inner[end + 1..])
            }
            None => {
                let end = end_of(rest, |c| BLANK.contains(&c)).unwrap_or(rest.len());
                rest.split_at(end)
            }
        };
        let are_parameters = parameters.is_empty() || parameters.starts_with(BLANK);
        let mut parameters = parameters.split(BLANK).filter(|word| !word.is_empty());
        (word.eq_ignore_ascii_case("TO") && are_parameters && parameters.all(is_parameter))
            .then(|| Self::read(path))
            .flatten()
    }

    fn read(path: &'a str) -> Option<Self> {
        let (route, mailbox) = match path.split_once(':') {
            Some((route, mailbox)) if path.starts_with('@') => (Some(route), mailbox),
            Some(_) | None => (None, path),
        };
        let at = end_of(mailbox, |c| c == '@');
        let (local, domain) = match at {
            Some(at) => (&mailbox[..at], Some(&mailbox[at + 1..])),
            None => (mailbox, None),
        };
        is_local_part(local).then_some(Self {
            route,
            local,
            domain,
        })
    }
}

/// Where the first of such characters is that stands in no quotation marks; `None` also where the
/// quotation marks are not closed.
fn end_of(text: &str, is_end: impl Fn(char) -> bool) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            c if !quoted && is_end(c) => return Some(at),
            _ => {}
        }
    }
    None
}

/// Whether a mailbox is written in atoms (RFC 5321 4.1.2; RFC 6531 3.3 for what is not ASCII), or all
/// of it in quotation marks.
fn is_local_part(text: &str) -> bool {
    if let Some(inner) = text.strip_prefix('"') {
        let closed = inner.strip_suffix('"');
        return closed.is_some_and(|inner| end_of(inner, |_| false).is_none() && is_quoted(inner));
    }
    let is_atom =
        |c: char| c.is_ascii_alphanumeric() || !c.is_ascii() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    !text.is_empty() && text.chars().all(is_atom)
}

/// Whether what stands between quotation marks has none that ends them before.
fn is_quoted(inner: &str) -> bool {
    let mut escaped = false;
    for c in inner.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return false,
            _ => {}
        }
    }
    !escaped && !inner.is_empty()
}

/// Whether a word is a parameter of an extension (RFC 5321 4.1.2), such as `NOTIFY=NEVER`.
fn is_parameter(word: &str) -> bool {
    let (keyword, _) = word.split_once('=').unwrap_or((word, ""));
    let is_keyword = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
    !keyword.is_empty() && keyword.bytes().all(is_keyword)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recipients(targets: &[&str], refuses_relay: bool) -> Recipients {
        let targets: Vec<EtrnTarget> = targets.iter().map(|it| it.parse().unwrap()).collect();
        Recipients::new(&targets, refuses_relay)
    }

    /// Each spelling, and to whom it may pass: nobody (0), a server that refuses to relay (1), any (2).
    const SPELLINGS: &[(&str, u8)] = &[
        (" TO:<office@ours.test>", 2),
        ("\tto:<office@OURS.Test>", 2),
        (" TO :  <office@ours.test.>", 2),
        (" To:office@ours.test", 2),
        (
            " TO:<office@ours.test> NOTIFY=NEVER ORCPT=rfc822;a+40b@c.test",
            2,
        ),
        (" TO:office@ours.test NOTIFY=NEVER", 2),
        (" TO:<SRS0=x=y=their.test=a@ours.test>", 2),
        (" TO:<\"the office\"@ours.test>", 2),
        (" TO:<\"a>\\\"b\"@ours.test>", 2),
        (" TO:<büro@ours.test> SMTPUTF8", 2),
        (" TO:<a@below.wide.test>", 2),
        (" TO:<a@wide.test>", 2),
        (" TO:<a@[192.0.2.1]>", 2),
        (" TO:<a@bücher.test>", 2),
        (" TO:<a@XN--BCHER-KVA.test>", 2),
        (" TO:<postmaster>", 2),
        (" TO:<PostMaster>", 2),
        (" TO:postmaster", 2),
        (" TO:<@ours.test,@wide.test:office@ours.test>", 2),
        // A mailbox that names another place.
        (" TO:<victim%their.test@ours.test>", 1),
        (" TO:<their.test!victim@ours.test>", 1),
        (" TO:<\"victim@their.test\"@ours.test>", 1),
        (" TO:victim%their.test@ours.test", 1),
        // Foreign.
        (" TO:<victim@their.test>", 0),
        ("  TO:  <victim@their.test>  ", 0),
        (" TO:victim@their.test", 0),
        (" TO:<victim@their.test> NOTIFY=NEVER", 0),
        (" TO:<@ours.test:victim@their.test>", 0),
        (" TO:<@their.test:office@ours.test>", 0),
        (" TO:<@ours.test,@their.test:office@ours.test>", 0),
        (" TO:<@ours.test:postmaster>", 0),
        (" TO:<office@below.ours.test>", 0),
        (" TO:<office@xours.test>", 0),
        (" TO:<office@xwide.test>", 0),
        (" TO:<office@ours.test.their.test>", 0),
        (" TO:<victim@their.test@ours.test>", 0),
        (" TO:<\"office@ours.test\"@their.test>", 0),
        (" TO:<\"a\\\"@ours.test>\"@their.test>", 0),
        (" TO:<a@[192.0.2.2]>", 0),
        (" TO:<a@[IPv6:::1]>", 0),
        (" TO:<office>", 0),
        (" TO:<>", 0),
        (" TO:<@ours.test>", 0),
        (" TO:", 0),
        ("", 0),
        // Not a spelling that all understand alike.
        (" TO:<office@ours.test> <victim@their.test>", 0),
        (" TO:<office@ours.test>victim@their.test", 0),
        (" TO:<office@ours.test>,<victim@their.test>", 0),
        (" TO:office@ours.test,victim@their.test", 0),
        (" TO:<office@ours.test,victim@their.test>", 0),
        (" TO:(<office@ours.test>)victim@their.test", 0),
        (" TO:<victim@their.test(@ours.test)>", 0),
        (" TO:<<victim@their.test>@ours.test>", 0),
        (" TO:\"office\" <victim@their.test>", 0),
        (" TO:<off ice@ours.test>", 0),
        (" TO:<office\\@their.test@ours.test>", 0),
        (" TO:<office@ours.test", 0),
        (" TO:<\"office@ours.test>", 0),
        (" TO<office@ours.test>", 0),
        (" FROM:<office@ours.test>", 0),
        (" TO:<office@ours..test>", 0),
        (" TO:<\"a\"b\"@their.test\"@ours.test>", 0),
    ];

    #[test]
    fn who_may_pass_in_every_spelling() {
        let targets = [
            "ours.test",
            "@wide.test",
            "#queue",
            "[192.0.2.1]",
            "bücher.test",
        ];
        for (spelling, to) in SPELLINGS {
            for refuses_relay in [false, true] {
                let passes = recipients(&targets, refuses_relay).permits(spelling.as_bytes());
                let expected = *to == 2 || *to == 1 && refuses_relay;
                assert_eq!(
                    passes, expected,
                    "{spelling} at one that refuses: {refuses_relay}"
                );
            }
        }
        assert!(!recipients(&targets, true).permits(b" TO:<a\xFF@ours.test>"));
    }

    #[test]
    fn without_a_domain_it_is_for_the_mail_server_to_refuse() {
        for targets in [&[][..], &["#queue"]] {
            for recipient in [" TO:<office@ours.test>", " TO:<victim@their.test>"] {
                assert!(recipients(targets, true).permits(recipient.as_bytes()));
                assert!(!recipients(targets, false).permits(recipient.as_bytes()));
            }
            assert!(recipients(targets, false).permits(b" TO:<postmaster>"));
        }
    }
}
