//! A sender or recipient of notices: an e-mail address, with a name where one is given (RFC 5322
//! 3.4).

use std::{fmt, net::IpAddr, str::FromStr};

use email_address::EmailAddress;

use super::fault::FaultKind;

/// An address as people write it: `a@b.example` or `Name <a@b.example>`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mailbox {
    name: Option<String>,
    local: String,
    domain: String,
}

impl Mailbox {
    /// The person's or the role's name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What stands before the `@`.
    #[must_use]
    pub fn local(&self) -> &str {
        &self.local
    }

    /// What stands behind the `@`: a domain, or an IP address in brackets.
    #[must_use]
    pub fn domain(&self) -> &str {
        &self.domain
    }

    /// The address without the name.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}@{}", self.local, self.domain)
    }
}

impl FromStr for Mailbox {
    type Err = FaultKind;

    fn from_str(text: &str) -> Result<Self, FaultKind> {
        if text.contains(char::is_control) {
            return Err(FaultKind::NotAMailAddress);
        }
        let (name, address) = match text.strip_suffix('>').and_then(|t| t.rsplit_once('<')) {
            Some((name, address)) => (unquoted(name.trim())?, address),
            None => (None, text),
        };
        let (local, domain) = address
            .trim()
            .rsplit_once('@')
            .ok_or(FaultKind::NotAMailAddress)?;
        if !EmailAddress::is_valid_local_part(local) || !is_domain(domain) {
            return Err(FaultKind::NotAMailAddress);
        }
        Ok(Self {
            name,
            local: local.to_owned(),
            domain: domain.to_owned(),
        })
    }
}

fn is_domain(domain: &str) -> bool {
    let literal = domain.strip_prefix('[').and_then(|d| d.strip_suffix(']'));
    match literal {
        Some(literal) => literal
            .trim_start_matches("IPv6:")
            .parse::<IpAddr>()
            .is_ok(),
        None => EmailAddress::is_valid_domain(domain),
    }
}

/// The name that stands before an address in angle brackets, with or without quotation marks.
fn unquoted(text: &str) -> Result<Option<String>, FaultKind> {
    let Some(inner) = text.strip_prefix('"') else {
        let plain = !text.contains(['"', '<', '>', '@', ',', ';', '\\']);
        return match plain {
            true => Ok(Some(text.to_owned()).filter(|name| !name.is_empty())),
            false => Err(FaultKind::NotAMailAddress),
        };
    };
    let mut name = String::new();
    let mut characters = inner.chars();
    loop {
        match characters.next() {
            Some('"') if characters.as_str().is_empty() => break,
            Some('\\') => name.push(characters.next().ok_or(FaultKind::NotAMailAddress)?),
            Some(c) if c != '"' => name.push(c),
            Some(_) | None => return Err(FaultKind::NotAMailAddress),
        }
    }
    Ok(Some(name).filter(|name| !name.is_empty()))
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let address = self.address();
        // Atoms and spaces stand as they are (RFC 5322 3.2.3).
        let plain = |c: char| c.is_alphanumeric() || " !#$%&'*+-/=?^_`{|}~".contains(c);
        match &self.name {
            Some(name) if name.chars().all(plain) => write!(f, "{name} <{address}>"),
            Some(name) => {
                let escaped = name.replace('\\', "\\\\").replace('"', "\\\"");
                write!(f, "\"{escaped}\" <{address}>")
            }
            None => f.write_str(&address),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write() {
        for (text, name, address) in [
            ("a@b.test", None, "a@b.test"),
            ("<a@b.test>", None, "a@b.test"),
            ("The boss <a.b+c@d.test>", Some("The boss"), "a.b+c@d.test"),
            ("\"D, C\" <c@d.test>", Some("D, C"), "c@d.test"),
            ("\"a \\\" b\" <c@d.test>", Some("a \" b"), "c@d.test"),
            ("a@[192.0.2.1]", None, "a@[192.0.2.1]"),
            ("josé@bücher.test", None, "josé@bücher.test"),
        ] {
            let mailbox: Mailbox = text.parse().unwrap();
            assert_eq!(mailbox.name(), name, "{text}");
            assert_eq!(mailbox.address(), address, "{text}");
            assert_eq!(mailbox.to_string().parse::<Mailbox>().unwrap(), mailbox);
        }
    }

    #[test]
    fn what_is_no_address() {
        for text in [
            "",
            "a",
            "@b.test",
            "a@",
            "a b@c.test",
            "a@b@c.test",
            "a@b c",
            "x <a>",
            "\"x <a@b.test>",
            "a@b.test, c@d.test",
            "a <b@c.test> d",
            "a\n <b@c.test>",
            "a, b <c@d.test>",
        ] {
            assert_eq!(
                text.parse::<Mailbox>(),
                Err(FaultKind::NotAMailAddress),
                "{text}"
            );
        }
    }
}
