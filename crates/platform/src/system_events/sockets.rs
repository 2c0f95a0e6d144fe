//! The ways out of this machine as its sockets choose them, for systems whose routes cannot be read
//! without unsafe code.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket},
};

/// Any addresses of the Internet. Nothing is sent to them.
const FAR: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(1, 1, 1, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111)),
];

/// From where this machine would reach the Internet: an IPv4 address, an IPv6 network.
pub(super) fn ways() -> io::Result<BTreeSet<IpAddr>> {
    let source = |far: &IpAddr| -> io::Result<IpAddr> {
        let any = match far {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        let socket = UdpSocket::bind((any, 0))?;
        socket.connect((*far, 25))?;
        Ok(way(socket.local_addr()?.ip()))
    };
    // No route, no IPv6: no way out, and no fault.
    Ok(FAR.iter().filter_map(|far| source(far).ok()).collect())
}

/// In IPv6 a machine makes itself a new address each day, in the same network.
fn way(source: IpAddr) -> IpAddr {
    match source {
        IpAddr::V4(_) => source,
        IpAddr::V6(it) => IpAddr::V6(Ipv6Addr::from_bits(it.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_days_new_address_is_no_new_way() {
        let way = |text: &str| way(text.parse().unwrap());
        assert_eq!(way("2001:db8:1:2:3:4:5:6"), way("2001:db8:1:2:ffff::9"));
        assert_ne!(way("2001:db8:1:2:3:4:5:6"), way("2001:db8:1:3:3:4:5:6"));
        assert_ne!(way("192.0.2.1"), way("192.0.2.2"));
    }

    /// Linux knows its routes themselves.
    #[cfg(target_os = "linux")]
    #[test]
    fn there_is_a_way_where_there_is_a_route() {
        use crate::{
            netlink::AF_INET,
            system_events::{linux, rtnetlink::Way},
        };
        let routes = linux::ways().unwrap();
        let to_ipv4 = |way: &Way| matches!(way, Way::Route { family, .. } if *family == AF_INET);
        let sources = ways().unwrap();
        assert_eq!(
            sources.iter().any(IpAddr::is_ipv4),
            routes.iter().any(to_ipv4),
            "{sources:?} {routes:?}"
        );
    }
}
