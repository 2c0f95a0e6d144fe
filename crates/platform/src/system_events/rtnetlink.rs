//! The bytes of Linux's rtnetlink (`rtnetlink(7)`), as far as they tell of ways out of this machine.
//! Numbers are in the machine's byte order, addresses in the network's.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::netlink::{AF_INET, AF_INET6, DUMP, array, attributes, end, frames, u32_at};

/// RTMGRP_LINK, RTMGRP_IPV4_IFADDR, RTMGRP_IPV4_ROUTE, RTMGRP_IPV6_IFADDR and RTMGRP_IPV6_ROUTE.
/// Of a link that loses its carrier, or that is taken down with its IPv4 routes, only the first tells.
pub(super) const GROUPS: u32 = 0x1 | 0x10 | 0x40 | 0x100 | 0x400;

/// RTM_GETADDR.
pub(super) const GET_ADDRESSES: u16 = 22;
/// RTM_GETROUTE.
pub(super) const GET_ROUTES: u16 = 26;

const NEW_LINK: u16 = 16;
const DELETE_LINK: u16 = 17;
const NEW_ADDRESS: u16 = 20;
const DELETE_ADDRESS: u16 = 21;
const NEW_ROUTE: u16 = 24;
const DELETE_ROUTE: u16 = 25;

/// IFLA_WIRELESS: news of the radio alone, as after each scan.
const WIRELESS: u16 = 11;
/// IFA_ADDRESS: of a point-to-point link it is the other end's.
const ADDRESS: u16 = 1;
/// IFA_LOCAL.
const LOCAL: u16 = 2;
/// RTA_OIF.
const LINK: u16 = 4;
/// RTA_GATEWAY.
const GATEWAY: u16 = 5;

/// IFA_F_DADFAILED, IFA_F_DEPRECATED, IFA_F_TENTATIVE: nothing new is sent from these.
const UNUSABLE: u8 = 0x08 | 0x20 | 0x40;
/// IFA_F_TEMPORARY: IPv6 makes a new one each day beside the lasting one. In IPv4 the bit means that
/// there is another address in the same network.
const TEMPORARY: u8 = 0x01;
/// RTN_UNICAST: not one that drops or refuses.
const UNICAST: u8 = 1;
/// RTNH_F_DEAD, RTNH_F_LINKDOWN.
const NOT_CARRYING: u32 = 0x1 | 0x10;

/// `struct ifinfomsg`.
const LINK_BODY: usize = 16;
/// `struct ifaddrmsg`.
const ADDRESS_BODY: usize = 8;
/// `struct rtmsg`.
const ROUTE_BODY: usize = 12;

/// One message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    /// There is this way out.
    Way(Way),
    /// One may have come or gone.
    Change,
    /// The dump is over, with this error number; 0 for none.
    Done(i32),
    /// It has to do with no way out, or is too short for what it says it is.
    Other,
}

/// A way out of this machine. Links are told apart by the kernel's number for them.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    /// An address that others can reach: neither loopback nor of the link alone.
    Address { link: u32, address: IpAddr },
    /// A default route.
    Route {
        family: u8,
        link: Option<u32>,
        gateway: Option<IpAddr>,
    },
}

/// Asks for all that there is of one kind.
pub(super) fn ask(kind: u16) -> Vec<u8> {
    const LENGTH: u32 = 20;
    let mut bytes = Vec::with_capacity(20);
    bytes.extend(LENGTH.to_ne_bytes());
    bytes.extend(kind.to_ne_bytes());
    bytes.extend(DUMP.to_ne_bytes());
    bytes.extend([0; 8]); // sequence and sender
    bytes.extend([0; 4]); // of any family
    bytes
}

/// The messages of one datagram.
pub(super) fn messages(bytes: &[u8]) -> impl Iterator<Item = Message> {
    frames(bytes).map(|(kind, body)| message(kind, body))
}

/// One of them.
pub(super) fn message(kind: u16, body: &[u8]) -> Message {
    told(kind, body).unwrap_or(Message::Other)
}

fn told(kind: u16, body: &[u8]) -> Option<Message> {
    Some(match kind {
        NEW_ADDRESS => Message::Way(address(body)?),
        NEW_ROUTE => Message::Way(route(body)?),
        DELETE_ADDRESS => address(body).map(|_| Message::Change)?,
        DELETE_ROUTE => route(body).map(|_| Message::Change)?,
        NEW_LINK | DELETE_LINK => {
            let mut told = attributes(body.get(LINK_BODY..)?);
            let radio = told.any(|(kind, _)| kind == WIRELESS);
            (!radio).then_some(Message::Change)?
        }
        _ => Message::Done(end(kind, body)?),
    })
}

fn address(body: &[u8]) -> Option<Way> {
    let [family, _, flags, _] = array(body, 0)?;
    let link = u32_at(body, 4)?;
    let temporary = family == AF_INET6 && flags & TEMPORARY != 0;
    if temporary || flags & UNUSABLE != 0 {
        return None;
    }
    let mut found = None;
    for (kind, value) in attributes(body.get(ADDRESS_BODY..)?) {
        match kind {
            LOCAL => found = ip(family, value),
            ADDRESS => found = found.or_else(|| ip(family, value)),
            _ => {}
        }
    }
    let address = found.filter(|it| can_be_reached(*it))?;
    Some(Way::Address { link, address })
}

fn route(body: &[u8]) -> Option<Way> {
    let [family, length, _, _, _, _, _, kind] = array(body, 0)?;
    let flags = u32_at(body, 8)?;
    let known = matches!(family, AF_INET | AF_INET6);
    if !known || length != 0 || kind != UNICAST || flags & NOT_CARRYING != 0 {
        return None;
    }
    let (mut link, mut gateway) = (None, None);
    for (kind, value) in attributes(body.get(ROUTE_BODY..)?) {
        match kind {
            LINK => link = u32_at(value, 0),
            GATEWAY => gateway = ip(family, value),
            _ => {}
        }
    }
    Some(Way::Route {
        family,
        link,
        gateway,
    })
}

fn ip(family: u8, bytes: &[u8]) -> Option<IpAddr> {
    match family {
        AF_INET => array(bytes, 0).map(|it: [u8; 4]| Ipv4Addr::from(it).into()),
        AF_INET6 => array(bytes, 0).map(|it: [u8; 16]| Ipv6Addr::from(it).into()),
        _ => None,
    }
}

const fn can_be_reached(address: IpAddr) -> bool {
    !match address {
        IpAddr::V4(it) => it.is_loopback() || it.is_link_local(),
        IpAddr::V6(it) => it.is_loopback() || it.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netlink::{ATTRIBUTE, HEADER, NLMSG_DONE, NLMSG_ERROR, padded};
    use proptest::prelude::*;

    fn built(kind: u16, body: &[u8]) -> Vec<u8> {
        let length = u32::try_from(HEADER + body.len()).unwrap();
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend([0; 10]);
        bytes.extend(body);
        bytes
    }

    fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
        let length = u16::try_from(ATTRIBUTE + value.len()).unwrap();
        let mut bytes = length.to_ne_bytes().to_vec();
        bytes.extend(kind.to_ne_bytes());
        bytes.extend(value);
        bytes.resize(padded(bytes.len()), 0);
        bytes
    }

    /// An address on link 7, as the kernel writes it: before it the other end's, where there is one.
    fn told_address(kind: u16, flags: u8, peer: Option<&str>, own: &str) -> Vec<u8> {
        let (family, own) = octets(own);
        let mut body = vec![family, 24, flags, 0, 7, 0, 0, 0];
        if cfg!(target_endian = "big") {
            body[4..].reverse();
        }
        match peer {
            Some(peer) => {
                body.extend(attribute(ADDRESS, &octets(peer).1));
                body.extend(attribute(LOCAL, &own));
            }
            None => body.extend(attribute(ADDRESS, &own)),
        }
        body.extend(attribute(3, b"eth0\0"));
        built(kind, &body)
    }

    /// A route over link 7.
    fn told_route(kind: u16, length: u8, route: u8, flags: u32, gateway: &str) -> Vec<u8> {
        let (family, gateway) = octets(gateway);
        let mut body = vec![family, length, 0, 0, 254, 3, 0, route];
        body.extend(flags.to_ne_bytes());
        body.extend(attribute(15, &254u32.to_ne_bytes()));
        body.extend(attribute(GATEWAY, &gateway));
        body.extend(attribute(LINK, &7u32.to_ne_bytes()));
        built(kind, &body)
    }

    fn octets(address: &str) -> (u8, Vec<u8>) {
        match address.parse().unwrap() {
            IpAddr::V4(it) => (AF_INET, it.octets().to_vec()),
            IpAddr::V6(it) => (AF_INET6, it.octets().to_vec()),
        }
    }

    fn one(bytes: &[u8]) -> Message {
        let mut found: Vec<_> = messages(bytes).collect();
        assert_eq!(found.len(), 1);
        found.remove(0)
    }

    #[test]
    fn addresses() {
        let is = |address: &str| {
            Message::Way(Way::Address {
                link: 7,
                address: address.parse().unwrap(),
            })
        };
        for (flags, peer, own, expected) in [
            (0x80, None, "192.0.2.7", is("192.0.2.7")),
            (0x81, None, "192.0.2.7", is("192.0.2.7")),
            (0x80, Some("192.0.2.1"), "192.0.2.7", is("192.0.2.7")),
            (0x80, None, "10.1.2.3", is("10.1.2.3")),
            (0x80, None, "2001:db8::7", is("2001:db8::7")),
            (0x80, None, "127.0.0.1", Message::Other),
            (0x80, None, "169.254.9.9", Message::Other),
            (0x80, None, "::1", Message::Other),
            (0x80, None, "fe80::1", Message::Other),
            (0x01, None, "2001:db8::7", Message::Other),
            (0xc0, None, "2001:db8::7", Message::Other),
            (0xc8, None, "2001:db8::7", Message::Other),
            (0x20, None, "2001:db8::7", Message::Other),
        ] {
            let new = told_address(NEW_ADDRESS, flags, peer, own);
            assert_eq!(one(&new), expected, "{own} {flags:#x}");
            let gone = told_address(DELETE_ADDRESS, flags, peer, own);
            let matters = expected != Message::Other;
            assert_eq!(one(&gone) == Message::Change, matters, "{own} {flags:#x}");
        }
    }

    #[test]
    fn routes() {
        for (length, kind, flags, gateway, expected) in [
            (0, UNICAST, 0, "192.0.2.1", true),
            (0, UNICAST, 0, "fe80::1", true),
            (24, UNICAST, 0, "192.0.2.1", false),
            // Unreachable, and a cable that is out.
            (0, 7, 0, "192.0.2.1", false),
            (0, UNICAST, 0x10, "192.0.2.1", false),
        ] {
            let way = Message::Way(Way::Route {
                family: octets(gateway).0,
                link: Some(7),
                gateway: Some(gateway.parse().unwrap()),
            });
            let new = told_route(NEW_ROUTE, length, kind, flags, gateway);
            assert_eq!(one(&new) == way, expected, "{length} {kind} {flags}");
            let gone = told_route(DELETE_ROUTE, length, kind, flags, gateway);
            assert_eq!(one(&gone) == Message::Change, expected);
        }
    }

    #[test]
    fn links_ends_and_errors() {
        let mut link = vec![0; LINK_BODY];
        link.extend(attribute(3, b"wlan0\0"));
        let quiet = built(NEW_LINK, &link);
        link.extend(attribute(WIRELESS, &[0; 8]));
        let all = [
            quiet,
            built(NEW_LINK, &link),
            built(NLMSG_DONE, &[0; 4]),
            built(NLMSG_ERROR, &(-95i32).to_ne_bytes()),
            built(1, &[]),
        ];
        let found: Vec<_> = messages(&all.concat()).collect();
        let expected = [
            Message::Change,
            Message::Other,
            Message::Done(0),
            Message::Done(-95),
            Message::Other,
        ];
        assert_eq!(found, expected);
    }

    proptest! {
        /// A message that is cut short gives nothing, or what it still holds; never a panic.
        #[test]
        fn cut_and_changed_messages(cut in 0usize..120, at in 0usize..120, byte: u8) {
            let address = told_address(NEW_ADDRESS, 0x80, Some("192.0.2.1"), "192.0.2.7");
            let route = told_route(NEW_ROUTE, 0, UNICAST, 0, "fe80::1");
            let mut bytes = [address, route].concat();
            if let Some(changed) = bytes.get_mut(at) {
                *changed = byte;
            }
            bytes.truncate(cut);
            prop_assert!(messages(&bytes).count() <= bytes.len() / HEADER);
        }

        #[test]
        fn any_bytes(
            kind in 0u16..30,
            body in proptest::collection::vec(any::<u8>(), 0..200),
            rest in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            let bytes = [built(kind, &body), rest].concat();
            prop_assert!(messages(&bytes).count() <= bytes.len() / HEADER);
        }
    }
}
