//! Opening a connection to a provider: resolve, bind, connect, each address within its limit.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, SocketAddr, SocketAddrV6},
    time::Duration,
};

use dequeue_core::settings::{
    Account,
    value::{Host, IpVersion, Server},
};
use dequeue_smtp::{ConnectFault, EhloName};
use tokio::{
    net::{TcpSocket, TcpStream, lookup_host},
    time::{Instant, timeout, timeout_at},
};

/// Why no connection came about, and at which address it was tried last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotConnected {
    /// What went wrong, at the address whose failure says most.
    pub fault: ConnectFault,
    /// The address and port of that attempt; `None` where there was none.
    pub address: Option<SocketAddr>,
}

/// Connects to the account's provider: each of its addresses in turn, IPv4 first, for at most
/// `limit` each and not beyond `until`. `resolved` gets all addresses that its name has.
///
/// # Errors
/// [`NotConnected`], of the address whose failure says most.
pub async fn connect(
    account: &Account,
    limit: Duration,
    until: Instant,
    resolved: &mut BTreeSet<IpAddr>,
) -> Result<TcpStream, NotConnected> {
    let target = (&account.host, account.port());
    let from = (account.ip_versions(), source(account));
    open(target, from, limit, until, resolved).await
}

/// The address that the account's connections come from, where one is set.
pub(crate) fn source(account: &Account) -> Option<IpAddr> {
    account.bind.as_ref().map(|address| address.ip())
}

/// Connects to this one of the provider's addresses, for at most `limit`.
///
/// # Errors
/// [`NotConnected`].
pub(crate) async fn connect_at(
    address: SocketAddr,
    bind: Option<IpAddr>,
    limit: Duration,
) -> Result<TcpStream, NotConnected> {
    let fault = match timeout(limit, connect_to(address, bind)).await {
        Ok(Ok(stream)) => return Ok(stream),
        Ok(Err(error)) => {
            tracing::debug!(%address, %error, "not connected");
            fault_of(&error)
        }
        Err(_) => ConnectFault::TimedOut,
    };
    Err(NotConnected {
        fault,
        address: Some(address),
    })
}

/// Connects to the mail server: each of its addresses in turn, for at most `limit` each and not
/// beyond `until`.
///
/// # Errors
/// [`NotConnected`], of the address whose failure says most.
pub async fn connect_mail_server(
    server: &Server,
    limit: Duration,
    until: Instant,
) -> Result<TcpStream, NotConnected> {
    let target = (&server.host, server.port);
    let resolved = &mut BTreeSet::new();
    let from = ([IpVersion::Auto; 2], None);
    open(target, from, limit, until, resolved).await
}

/// All addresses of a host, with the port; an address of a link with the number of its interface.
///
/// # Errors
/// [`ConnectFault::NoAddress`], [`ConnectFault::NoInterface`].
pub(crate) async fn addresses(
    host: &Host,
    port: u16,
    limit: Duration,
) -> Result<Vec<SocketAddr>, ConnectFault> {
    // The system's resolver reads `fe80::1%eth0` as well.
    match timeout(limit, lookup_host((host.as_str(), port))).await {
        Ok(Ok(found)) => Ok(found.collect()),
        Ok(Err(error)) => {
            tracing::debug!(%host, %error, "not resolved");
            Err(match host.address() {
                Some(_) => ConnectFault::NoInterface,
                None => ConnectFault::NoAddress,
            })
        }
        Err(_) => Err(ConnectFault::NoAddress),
    }
}

async fn open(
    (host, port): (&Host, u16),
    (versions, bind): ([IpVersion; 2], Option<IpAddr>),
    limit: Duration,
    until: Instant,
    resolved: &mut BTreeSet<IpAddr>,
) -> Result<TcpStream, NotConnected> {
    let nowhere = |fault| NotConnected {
        fault,
        address: None,
    };
    let found = match timeout_at(until, addresses(host, port, limit)).await {
        Ok(found) => found.map_err(nowhere)?,
        Err(_) => return Err(nowhere(ConnectFault::NoAddress)),
    };
    resolved.extend(found.iter().map(SocketAddr::ip));
    let found = usable(found, versions).map_err(nowhere)?;
    let mut failed = nowhere(ConnectFault::NoAddress);
    for address in found {
        let fault = match timeout_at(until, connect_at(address, bind, limit)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(not)) => not.fault,
            Err(_) => ConnectFault::TimedOut,
        };
        if failed.address.is_none() || weight(fault) > weight(failed.fault) {
            failed = NotConnected {
                fault,
                address: Some(address),
            };
        }
    }
    Err(failed)
}

/// The addresses that may be tried, IPv4 first: most providers know their customers by it.
///
/// # Errors
/// That there is none, and which are wanted: [`ConnectFault::NoAddress`],
/// [`ConnectFault::NoIpv4Address`], [`ConnectFault::NoIpv6Address`].
pub(crate) fn usable(
    found: Vec<SocketAddr>,
    versions: [IpVersion; 2],
) -> Result<Vec<SocketAddr>, ConnectFault> {
    let mut usable = found;
    if usable.is_empty() {
        return Err(ConnectFault::NoAddress);
    }
    for version in versions {
        usable.retain(|address| version.allows(address.ip()));
        if usable.is_empty() {
            return Err(match version {
                IpVersion::V4 => ConnectFault::NoIpv4Address,
                IpVersion::V6 => ConnectFault::NoIpv6Address,
                IpVersion::Auto => ConnectFault::NoAddress,
            });
        }
    }
    usable.sort_by_key(SocketAddr::is_ipv6);
    usable.dedup();
    Ok(usable)
}

async fn connect_to(address: SocketAddr, bind: Option<IpAddr>) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() {
        TcpSocket::new_v4()
    } else {
        TcpSocket::new_v6()
    }?;
    if let Some(bind) = bind {
        socket.bind(match (bind, address) {
            // It is on the link of the address that it goes to.
            (IpAddr::V6(bind), SocketAddr::V6(to)) if bind.is_unicast_link_local() => {
                SocketAddrV6::new(bind, 0, 0, to.scope_id()).into()
            }
            (bind, _) => (bind, 0).into(),
        })?;
    }
    let stream = socket.connect(address).await?;
    // Each write is a whole step of the conversation: waiting to fill a segment gains nothing.
    stream.set_nodelay(true)?;
    Ok(stream)
}

fn fault_of(error: &io::Error) -> ConnectFault {
    use io::ErrorKind;
    match error.kind() {
        ErrorKind::ConnectionRefused | ErrorKind::ConnectionAborted => ConnectFault::Refused,
        ErrorKind::ConnectionReset => ConnectFault::Reset,
        ErrorKind::HostUnreachable | ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => {
            ConnectFault::NoRoute
        }
        ErrorKind::TimedOut => ConnectFault::TimedOut,
        _ => ConnectFault::Local,
    }
}

/// How much a fault says about the provider: an answer more than silence, and silence more than
/// what is missing on this side, such as IPv6.
const fn weight(fault: ConnectFault) -> u8 {
    match fault {
        ConnectFault::Reset => 4,
        ConnectFault::Refused => 3,
        ConnectFault::TimedOut => 2,
        ConnectFault::NoRoute => 1,
        ConnectFault::Local
        | ConnectFault::NoAddress
        | ConnectFault::NoIpv4Address
        | ConnectFault::NoIpv6Address
        | ConnectFault::NoInterface => 0,
    }
}

/// This machine's full name, if it has one that says something to a provider.
#[must_use]
pub fn own_name() -> Option<EhloName> {
    let name = machine_name();
    // A name without a domain is no name on the Internet (RFC 5321 4.1.1.1).
    if name.contains('.') {
        name.parse().ok()
    } else {
        None
    }
}

/// What this machine is called by people, with its domain where it has one.
#[must_use]
pub fn machine_name() -> String {
    let name = system_name();
    if name.is_empty() {
        "localhost".to_owned()
    } else {
        name
    }
}

#[cfg(unix)]
fn system_name() -> String {
    let name = rustix::system::uname();
    name.nodename().to_string_lossy().into_owned()
}

#[cfg(windows)]
fn system_name() -> String {
    let name = std::env::var("COMPUTERNAME").unwrap_or_default();
    match std::env::var("USERDNSDOMAIN") {
        Ok(domain) if !name.is_empty() => format!("{name}.{domain}"),
        _ => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of several addresses: IPv6 may be missing here in more than one way.
    #[test]
    fn an_answer_says_more_than_silence() {
        use ConnectFault::*;
        let weights = [Reset, Refused, TimedOut, NoRoute, Local].map(weight);
        assert!(weights.is_sorted_by(|a, b| a > b), "{weights:?}");
    }

    #[test]
    fn ipv4_comes_first_and_the_settings_decide() {
        let all: Vec<SocketAddr> = [
            "[2001:db8::1]:25",
            "192.0.2.1:25",
            "[2001:db8::2]:25",
            "192.0.2.2:25",
        ]
        .iter()
        .map(|a| a.parse().unwrap())
        .collect();
        use IpVersion::{Auto, V4, V6};
        let shown = |ip, of_source| {
            let usable = usable(all.clone(), [ip, of_source])?;
            Ok(usable
                .iter()
                .map(|a| a.ip().to_string())
                .collect::<Vec<_>>())
        };
        let of = |shown: &[&str]| Ok(shown.iter().map(|it| (*it).to_owned()).collect());
        let (four, six) = (["192.0.2.1", "192.0.2.2"], ["2001:db8::1", "2001:db8::2"]);
        assert_eq!(shown(Auto, Auto), of(&[four, six].concat()));
        assert_eq!(shown(V6, Auto), of(&six));
        assert_eq!(shown(Auto, V4), of(&four));
        assert_eq!(shown(V6, V4), Err(ConnectFault::NoIpv4Address));
    }

    #[test]
    fn where_there_is_none_of_the_only_version_that_is_said() {
        use IpVersion::{Auto, V4, V6};
        let four: SocketAddr = "192.0.2.1:25".parse().unwrap();
        let six: SocketAddr = "[2001:db8::1]:25".parse().unwrap();
        for (found, versions, fault) in [
            (vec![], [V6, Auto], ConnectFault::NoAddress),
            (vec![four], [V6, Auto], ConnectFault::NoIpv6Address),
            (vec![four], [Auto, V6], ConnectFault::NoIpv6Address),
            (vec![six], [V4, Auto], ConnectFault::NoIpv4Address),
            (vec![six], [Auto, V4], ConnectFault::NoIpv4Address),
        ] {
            assert_eq!(usable(found, versions), Err(fault));
        }
    }
}
