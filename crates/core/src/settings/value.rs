//! The values that settings are made of: read from what a person types, shown as the settings file
//! has them.

use std::{fmt, net::IpAddr, str::FromStr, time::Duration};

use dequeue_smtp::NameFault;

use super::fault::FaultKind;

/// Stands in a web address where a secret goes that the settings are not to hold.
pub const SECRET_PLACE: &str = "{secret}";
/// Stands in an export where something was left out.
pub const LEFT_OUT: &str = "{left-out}";

/// The port of SMTP (RFC 5321 4.5.4.2).
pub const SMTP_PORT: u16 = 25;

pub(crate) const TEXT_OCTETS: usize = 1024;

const NAME_CHARACTERS: usize = 60;

/// How long may be between pokes.
pub(crate) const EVERY: Range = Range::time(10, 31 * 86_400);

/// For how long nothing may arrive before an alarm.
pub(crate) const SILENCE: Range = Range::time(3600, 366 * 86_400);

/// The least and the most of a number or of a time in seconds, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    least: u64,
    most: u64,
    is_time: bool,
}

impl Range {
    /// A range of numbers.
    #[must_use]
    pub const fn of(least: u64, most: u64) -> Self {
        Self {
            least,
            most,
            is_time: false,
        }
    }

    /// A range of times, in seconds.
    #[must_use]
    pub const fn time(least: u64, most: u64) -> Self {
        Self {
            least,
            most,
            is_time: true,
        }
    }

    /// The least and the most, as they are entered.
    #[must_use]
    pub fn ends(self) -> [String; 2] {
        [self.least, self.most].map(|end| match self.is_time {
            true => format_duration(Duration::from_secs(end)),
            false => end.to_string(),
        })
    }

    /// The time, where it is within the range.
    ///
    /// # Errors
    /// [`FaultKind::TooShort`], [`FaultKind::OutOfRange`].
    pub const fn time_within(self, time: Duration) -> Result<Duration, FaultKind> {
        match time.as_secs() {
            seconds if seconds < self.least => Err(FaultKind::TooShort),
            seconds if seconds > self.most => Err(FaultKind::OutOfRange),
            _ => Ok(time),
        }
    }

    /// The number, where it is within the range.
    ///
    /// # Errors
    /// [`FaultKind::OutOfRange`].
    pub fn number_within<N: TryFrom<i64>>(self, number: i64) -> Result<N, FaultKind> {
        let is_within =
            u64::try_from(number).is_ok_and(|it| (self.least..=self.most).contains(&it));
        let within = is_within.then(|| N::try_from(number).ok()).flatten();
        within.ok_or(FaultKind::OutOfRange)
    }
}

/// A value as it comes in: typed by a person, or of TOML's own kinds.
#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    /// As it was typed.
    Text(&'a str),
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// Several values.
    List(Vec<Value<'a>>),
    /// Something that no setting takes.
    Other,
}

/// An IP address. One that is link-local (RFC 4291 2.5.6) may name the network interface on whose link
/// it is, as in `fe80::1%eth0` (RFC 4007 11.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    ip: IpAddr,
    scope: Option<String>,
}

impl Address {
    /// The address alone.
    #[must_use]
    pub const fn ip(&self) -> IpAddr {
        self.ip
    }

    /// The interface, by its name or its number; Windows knows them by their numbers only.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.scope {
            Some(scope) => write!(f, "{}%{scope}", self.ip),
            None => self.ip.fmt(f),
        }
    }
}

impl FromStr for Address {
    type Err = NameFault;

    fn from_str(text: &str) -> Result<Self, NameFault> {
        let (ip, scope) = match text.split_once('%') {
            Some((ip, scope)) => (ip, Some(scope)),
            None => (text, None),
        };
        let ip: IpAddr = ip.parse().map_err(|_| NameFault::Invalid)?;
        let link_local = matches!(ip, IpAddr::V6(six) if six.is_unicast_link_local());
        // RFC 6874 2: what a ZoneID consists of.
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | '~');
        match scope {
            Some(scope) if !link_local || scope.is_empty() || !scope.chars().all(fits) => {
                Err(NameFault::Invalid)
            }
            scope => Ok(Self {
                ip,
                scope: scope.map(str::to_owned),
            }),
        }
    }
}

/// The provider's host: a name or an address, nothing else.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Host(String);

impl Host {
    /// As it is resolved.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address, where it is one and no name.
    #[must_use]
    pub fn address(&self) -> Option<Address> {
        self.0.parse().ok()
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Host {
    type Err = NameFault;

    fn from_str(text: &str) -> Result<Self, NameFault> {
        let bare = text
            .strip_prefix('[')
            .and_then(|t| t.strip_suffix(']'))
            .unwrap_or(text);
        match bare.parse::<Address>() {
            Ok(address) => return Ok(Self(address.to_string())),
            // An address all the same, of an interface that cannot be.
            Err(fault) if is_scoped(bare) => return Err(fault),
            Err(_) => {}
        }
        text.parse::<dequeue_smtp::Domain>()
            .map(|domain| Self(domain.into()))
    }
}

/// Whether it is an address with something behind a percent sign.
fn is_scoped(text: &str) -> bool {
    text.split_once('%')
        .is_some_and(|(ip, _)| ip.parse::<IpAddr>().is_ok())
}

/// Another of the provider's hosts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtherHost {
    /// The name or address.
    pub host: Host,
    /// The port; the account's where there is none.
    pub port: Option<u16>,
}

impl fmt::Display for OtherHost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.port {
            Some(port) => write_server(f, &self.host, port),
            None => self.host.fmt(f),
        }
    }
}

impl FromStr for OtherHost {
    type Err = FaultKind;

    fn from_str(text: &str) -> Result<Self, FaultKind> {
        let (host, port) = parse_server(text)?;
        Ok(Self { host, port })
    }
}

/// A mail server: a name or an address, and its port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The name or address.
    pub host: Host,
    /// The TCP port; 25 where none is written.
    pub port: u16,
}

impl Default for Server {
    /// The one on this machine.
    fn default() -> Self {
        Self {
            host: Host("127.0.0.1".to_owned()),
            port: SMTP_PORT,
        }
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_server(f, &self.host, self.port)
    }
}

impl FromStr for Server {
    type Err = FaultKind;

    fn from_str(text: &str) -> Result<Self, FaultKind> {
        let (host, port) = parse_server(text)?;
        let port = port.unwrap_or(SMTP_PORT);
        Ok(Self { host, port })
    }
}

/// An IPv6 address has its own colons: with a port it stands in brackets.
fn write_server(f: &mut fmt::Formatter<'_>, host: &Host, port: u16) -> fmt::Result {
    match host.0.contains(':') {
        true => write!(f, "[{host}]:{port}"),
        false => write!(f, "{host}:{port}"),
    }
}

fn parse_server(text: &str) -> Result<(Host, Option<u16>), FaultKind> {
    let bare_six = text.parse::<Address>().is_ok_and(|it| it.ip.is_ipv6());
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !bare_six && !port.ends_with(']') => (host, Some(parse_port(port)?)),
        _ => (text, None),
    };
    Ok((host.parse().map_err(FaultKind::Name)?, port))
}

/// Which addresses of the provider are used. Most providers know their customers by IPv4.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IpVersion {
    /// IPv4 before IPv6.
    #[default]
    Auto,
    /// Only IPv4.
    V4,
    /// Only IPv6.
    V6,
}

impl IpVersion {
    /// Whether an address of this version may be used.
    #[must_use]
    pub const fn allows(self, ip: IpAddr) -> bool {
        match self {
            Self::Auto => true,
            Self::V4 => ip.is_ipv4(),
            Self::V6 => ip.is_ipv6(),
        }
    }

    /// As in the settings file.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::V4 => "4",
            Self::V6 => "6",
        }
    }
}

/// The time between pokes; every quarter of an hour where nothing is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every(Duration);

impl Default for Every {
    fn default() -> Self {
        Self(Duration::from_secs(15 * 60))
    }
}

impl Every {
    /// The length of time.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }
}

impl FromStr for Every {
    type Err = FaultKind;

    fn from_str(text: &str) -> Result<Self, FaultKind> {
        EVERY.time_within(parse_duration(text)?).map(Self)
    }
}

impl fmt::Display for Every {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_duration(self.0))
    }
}

/// A length of time as the settings file has it: `90s`, `15m`, `1h30m`, `1d`.
#[must_use]
pub fn format_duration(duration: Duration) -> String {
    let mut rest = duration.as_secs();
    let mut text = String::new();
    for (unit, seconds) in UNITS {
        if rest >= seconds {
            text.push_str(&format!("{}{unit}", rest / seconds));
            rest %= seconds;
        }
    }
    if text.is_empty() {
        "0s".to_owned()
    } else {
        text
    }
}

const UNITS: [(char, u64); 4] = [('d', 86_400), ('h', 3600), ('m', 60), ('s', 1)];

/// Reads what [`format_duration`] writes.
///
/// # Errors
/// [`FaultKind::NotADuration`], or [`FaultKind::OutOfRange`] beyond what can be counted.
pub fn parse_duration(text: &str) -> Result<Duration, FaultKind> {
    if text.is_empty() {
        return Err(FaultKind::Name(NameFault::Empty));
    }
    let mut total: u64 = 0;
    let mut number = String::new();
    for c in text.chars().filter(|c| *c != ' ') {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let (_, seconds) = UNITS
            .iter()
            .find(|(unit, _)| *unit == c)
            .ok_or(FaultKind::NotADuration)?;
        if number.is_empty() {
            return Err(FaultKind::NotADuration);
        }
        let counted: Option<u64> = number
            .parse()
            .ok()
            .and_then(|n: u64| n.checked_mul(*seconds));
        total = counted
            .and_then(|t| total.checked_add(t))
            .ok_or(FaultKind::OutOfRange)?;
        number.clear();
    }
    if number.is_empty() {
        Ok(Duration::from_secs(total))
    } else {
        Err(FaultKind::NotADuration)
    }
}

pub(crate) fn parse_name(text: &str) -> Result<String, FaultKind> {
    match text {
        "" => Err(FaultKind::Name(NameFault::Empty)),
        _ if text.chars().any(char::is_control) => Err(FaultKind::Name(NameFault::Control)),
        _ if text.chars().count() > NAME_CHARACTERS => {
            Err(FaultKind::Name(NameFault::TooLong(text.chars().count())))
        }
        // On the command line it would be taken for an option.
        _ if text.starts_with('-') => Err(FaultKind::Name(NameFault::Character('-'))),
        _ => Ok(text.to_owned()),
    }
}

pub(crate) fn parse_port(text: &str) -> Result<u16, FaultKind> {
    if text.is_empty() {
        return Err(FaultKind::Name(NameFault::Empty));
    }
    match text.parse::<i64>().map(u16::try_from) {
        Ok(Ok(port @ 1..)) => Ok(port),
        Ok(_) => Err(FaultKind::OutOfRange),
        Err(_) => Err(FaultKind::NotANumber),
    }
}

/// The items of a list that a person types: one a line, or with commas or semicolons between them,
/// which divide nothing within double quotation marks.
pub fn items(text: &str) -> impl Iterator<Item = &str> {
    let mut quoted = false;
    text.split(move |c| {
        quoted ^= c == '"';
        !quoted && matches!(c, ',' | ';' | '\n')
    })
    .map(str::trim)
    .filter(|item| !item.is_empty())
}

/// For how long nothing may arrive (`silence_alarm`), as in `2d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SilenceAfter(Duration);

impl SilenceAfter {
    /// The length of time.
    #[must_use]
    pub const fn duration(self) -> Duration {
        self.0
    }
}

impl FromStr for SilenceAfter {
    type Err = FaultKind;

    fn from_str(text: &str) -> Result<Self, FaultKind> {
        SILENCE.time_within(parse_duration(text)?).map(Self)
    }
}

impl fmt::Display for SilenceAfter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format_duration(self.0))
    }
}
