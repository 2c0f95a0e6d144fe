//! Names that go over the wire: domains, ETRN targets, EHLO names. Each is validated before anything
//! is sent and contains no CR, LF, space or quote, so that no setting can smuggle in a command.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

/// The longest name in octets (RFC 1035 2.3.4).
const NAME_OCTETS: usize = 255;
/// The longest label in octets (RFC 1035 2.3.4).
const LABEL_OCTETS: usize = 63;

/// Why a name cannot be sent. Every language of the user has a sentence for each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameFault {
    /// The name is empty.
    #[error("the name is empty")]
    Empty,
    /// The name contains a space or tab.
    #[error("the name contains a space")]
    Space,
    /// The name contains CR, LF, NUL or another control character.
    #[error("the name contains a line break or another control character")]
    Control,
    /// The name contains a character that no domain has.
    #[error("the name contains the character {0:?}")]
    Character(char),
    /// The name is longer than 255 octets.
    #[error("the name is {0} octets long; 255 are allowed")]
    TooLong(usize),
    /// A label is empty, longer than 63 octets, or begins or ends with a hyphen.
    #[error("the part {0:?} of the name is not a label of a domain")]
    Label(String),
    /// IDNA refuses the international name, or what is in brackets is no address.
    #[error("the name is not valid")]
    Invalid,
    /// The name is `localhost`, which tells a provider nothing.
    #[error("localhost is not a name for a provider")]
    Localhost,
}

/// A domain as it is sent: A-labels in lower case, without the final dot. However it was spelt, in
/// capitals, with the final dot (RFC 1034 3.1) or in U-labels (RFC 5890 2.3.2.1), a domain is equal
/// to itself: domains are compared in this form and in no other.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Domain(String);

impl Domain {
    /// The domain as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Domain {
    type Err = NameFault;

    fn from_str(text: &str) -> Result<Self, NameFault> {
        validate_characters(text)?;
        let ascii = if text.is_ascii() {
            text.to_ascii_lowercase()
        } else {
            let mapped = idna::domain_to_ascii(text).map_err(|_| NameFault::Invalid)?;
            // IDNA maps some characters to ones that no domain has: U+00B4 to one with a space.
            validate_characters(&mapped).map_err(|_| NameFault::Invalid)?;
            mapped
        };
        let name = ascii.strip_suffix('.').unwrap_or(&ascii);
        if name.is_empty() {
            return Err(NameFault::Empty);
        }
        if name.len() > NAME_OCTETS {
            return Err(NameFault::TooLong(name.len()));
        }
        for label in name.split('.') {
            validate_label(label)?;
        }
        Ok(Self(name.to_owned()))
    }
}

/// The target of an ETRN (RFC 1985 5.1): a domain, `@domain` for it and all its subdomains, `#queue` for
/// a queue of the provider, or an address in brackets, which Postfix accepts. Two that are one
/// [`Domain`] are one target; `domain`, `@domain` and `#domain` are three.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EtrnTarget(String);

impl EtrnTarget {
    /// The target as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain that mail is held for, with or without its subdomains; `None` for a queue of the
    /// provider and for an address.
    #[must_use]
    pub fn domain(&self) -> Option<Domain> {
        let domain = self.0.strip_prefix('@').unwrap_or(&self.0);
        // Neither `#` nor `[` may stand in a domain.
        domain.parse().ok()
    }
}

impl FromStr for EtrnTarget {
    type Err = NameFault;

    fn from_str(text: &str) -> Result<Self, NameFault> {
        if let Some(domain) = text.strip_prefix('@') {
            return Ok(Self(format!("@{}", domain.parse::<Domain>()?)));
        }
        if let Some(queue) = text.strip_prefix('#') {
            validate_characters(queue)?;
            let odd = |c: &char| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-' | '_');
            return match queue.chars().find(odd) {
                _ if queue.len() > NAME_OCTETS => Err(NameFault::TooLong(queue.len())),
                Some(c) => Err(NameFault::Character(c)),
                None => Ok(Self(text.to_owned())),
            };
        }
        if let Some(inner) = text.strip_prefix('[') {
            let address = inner.strip_suffix(']').ok_or(NameFault::Invalid)?;
            // As it is sent, or as people write it.
            let address = address.strip_prefix("IPv6:").unwrap_or(address);
            return Ok(Self(literal(
                address.parse().map_err(|_| NameFault::Invalid)?,
            )));
        }
        Ok(Self(text.parse::<Domain>()?.0))
    }
}

/// Our name in EHLO (RFC 5321 4.1.1.1): a fully qualified domain name or an address literal.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct EhloName(String);

impl EhloName {
    /// The name as it is sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address literal (RFC 5321 4.1.3), for a machine without a domain name.
    #[must_use]
    pub fn from_address(address: IpAddr) -> Self {
        Self(literal(address))
    }
}

impl FromStr for EhloName {
    type Err = NameFault;

    fn from_str(text: &str) -> Result<Self, NameFault> {
        if let Some(inner) = text.strip_prefix('[') {
            let inner = inner.strip_suffix(']').ok_or(NameFault::Invalid)?;
            return match inner.strip_prefix("IPv6:") {
                Some(six) => six.parse::<Ipv6Addr>().map(IpAddr::V6),
                None => inner.parse::<Ipv4Addr>().map(IpAddr::V4),
            }
            .map(Self::from_address)
            .map_err(|_| NameFault::Invalid);
        }
        let domain: Domain = text.parse()?;
        if domain.0 == "localhost" || domain.0.starts_with("localhost.") {
            return Err(NameFault::Localhost);
        }
        Ok(Self(domain.0))
    }
}

fn literal(address: IpAddr) -> String {
    match address {
        IpAddr::V4(four) => format!("[{four}]"),
        IpAddr::V6(six) => format!("[IPv6:{six}]"),
    }
}

fn validate_characters(text: &str) -> Result<(), NameFault> {
    if text.is_empty() {
        return Err(NameFault::Empty);
    }
    // Control characters first: a tab or CR has a sentence of its own, and IDNA drops some.
    for c in text.chars() {
        match c {
            ' ' | '\t' | '\u{a0}' => return Err(NameFault::Space),
            c if c.is_control() => return Err(NameFault::Control),
            c if c.is_ascii() && !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-' | '_') => {
                return Err(NameFault::Character(c));
            }
            _ => {}
        }
    }
    Ok(())
}

fn validate_label(label: &str) -> Result<(), NameFault> {
    let wrong = label.is_empty()
        || label.len() > LABEL_OCTETS
        || label.starts_with('-')
        || label.ends_with('-');
    if wrong {
        Err(NameFault::Label(label.to_owned()))
    } else {
        Ok(())
    }
}

macro_rules! as_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
        impl TryFrom<String> for $name {
            type Error = NameFault;
            fn try_from(text: String) -> Result<Self, NameFault> {
                text.parse()
            }
        }
        impl From<$name> for String {
            fn from(name: $name) -> String {
                name.0
            }
        }
    )*};
}
as_text!(Domain, EtrnTarget, EhloName);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn domains_as_they_are_sent() {
        for (given, sent) in [
            ("example.org", "example.org"),
            ("Example.ORG.", "example.org"),
            ("bücher.example", "xn--bcher-kva.example"),
            ("_dmarc.example.org", "_dmarc.example.org"),
        ] {
            assert_eq!(
                given.parse::<Domain>().map(String::from),
                Ok(sent.to_owned()),
                "{given}"
            );
        }
    }

    #[test]
    fn what_is_no_domain() {
        let long = format!("{}.example", "a".repeat(64));
        let longer = vec!["a".repeat(50); 6].join(".");
        for (given, fault) in [
            ("", NameFault::Empty),
            (".", NameFault::Empty),
            ("two words", NameFault::Space),
            ("a.example\r\nQUIT", NameFault::Control),
            ("a\0b", NameFault::Control),
            ("\"quoted\".example", NameFault::Character('"')),
            ("user@example.org", NameFault::Character('@')),
            ("\u{b4}.example", NameFault::Invalid),
            ("a..example", NameFault::Label(String::new())),
            ("-a.example", NameFault::Label("-a".into())),
            (&long, NameFault::Label("a".repeat(64))),
            (&longer, NameFault::TooLong(305)),
        ] {
            assert_eq!(given.parse::<Domain>(), Err(fault), "{given}");
        }
    }

    #[test]
    fn etrn_targets() {
        for (given, sent) in [
            ("example.org", "example.org"),
            ("@Example.org", "@example.org"),
            ("#mqueue", "#mqueue"),
            ("[192.0.2.1]", "[192.0.2.1]"),
            ("[2001:db8::1]", "[IPv6:2001:db8::1]"),
            ("[IPv6:2001:db8::1]", "[IPv6:2001:db8::1]"),
        ] {
            assert_eq!(
                given.parse::<EtrnTarget>().map(String::from),
                Ok(sent.to_owned())
            );
        }
        for wrong in ["@", "#", "#a b", "[192.0.2]", "[192.0.2.1", "@@a.example"] {
            assert!(wrong.parse::<EtrnTarget>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_domain_of_a_target() {
        for (target, domain) in [
            ("Example.org.", Some("example.org")),
            ("@example.org", Some("example.org")),
            ("@bücher.example", Some("xn--bcher-kva.example")),
            ("#example.org", None),
            ("[192.0.2.1]", None),
            ("[2001:db8::1]", None),
        ] {
            let domain = domain.map(|it| it.parse::<Domain>().unwrap());
            assert_eq!(
                target.parse::<EtrnTarget>().unwrap().domain(),
                domain,
                "{target}"
            );
        }
    }

    #[test]
    fn ehlo_names() {
        assert_eq!("localhost".parse::<EhloName>(), Err(NameFault::Localhost));
        assert_eq!(
            "localhost.localdomain".parse::<EhloName>(),
            Err(NameFault::Localhost)
        );
        assert_eq!(
            "[IPv6:::1]".parse::<EhloName>().unwrap().as_str(),
            "[IPv6:::1]"
        );
        assert_eq!(
            "mail.example.org".parse::<EhloName>().unwrap().as_str(),
            "mail.example.org"
        );
    }

    /// A domain in one of the spellings that people have for it.
    fn spelt(domain: &str, capitals: u32, dot: usize, in_u_labels: bool) -> String {
        let domain = if in_u_labels {
            idna::domain_to_unicode(domain).0
        } else {
            domain.to_owned()
        };
        let letters = domain.chars().enumerate();
        let spelt: String = letters
            .flat_map(|(at, c)| match capitals >> (at % 32) & 1 {
                0 => vec![c],
                _ => c.to_uppercase().collect(),
            })
            .collect();
        // The ideographic full stop is a dot to IDNA, among labels that are not all ASCII.
        let dots = ["", ".", if spelt.is_ascii() { "." } else { "\u{3002}" }];
        spelt + dots[dot]
    }

    proptest! {
        #[test]
        fn a_domain_is_one_in_every_spelling(
            labels in proptest::collection::vec("[a-z0-9]{1,8}|b[üöäé]cher|δοκιμή|例え", 1..4),
            capitals in any::<u32>(),
            dot in 0..3_usize,
            in_u_labels in any::<bool>(),
        ) {
            let sent: Domain = format!("{}.test", labels.join(".")).parse().unwrap();
            let other = spelt(sent.as_str(), capitals, dot, in_u_labels);
            prop_assert_eq!(other.parse::<Domain>(), Ok(sent.clone()), "{}", other);
            let target = |text: &str| text.parse::<EtrnTarget>().unwrap();
            let all = [other.clone(), format!("@{other}"), format!("#{}", sent.as_str())];
            for (at, spelling) in all.iter().enumerate() {
                let same = [sent.to_string(), format!("@{sent}"), format!("#{sent}")];
                for (place, same) in same.iter().enumerate() {
                    prop_assert_eq!(target(spelling) == target(same), at == place, "{}", spelling);
                }
            }
        }

        #[test]
        fn nothing_that_parses_can_end_a_command(text in "\\PC{0,300}|[ -~\r\n\t]{0,300}") {
            for sent in [
                text.parse::<Domain>().map(String::from),
                text.parse::<EtrnTarget>().map(String::from),
                text.parse::<EhloName>().map(String::from),
            ].into_iter().flatten() {
                prop_assert!(sent.bytes().all(|b| b.is_ascii_graphic() && b != b'"'), "{sent:?}");
                prop_assert!(sent.len() <= NAME_OCTETS + 1);
                prop_assert_eq!(sent.parse::<EtrnTarget>().map(String::from), Ok(sent));
            }
        }
    }
}
