//! The bytes of Linux's socket monitoring (`sock_diag(7)`, `linux/inet_diag.h`): what is asked, and
//! what is told. Numbers are in the machine's byte order, addresses and ports in the network's.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::seen::{Connection, Traffic};
use crate::netlink::{AF_INET, AF_INET6, DUMP, array, attributes, end, frames};

/// SKNLGRP_INET_TCP_DESTROY and SKNLGRP_INET6_TCP_DESTROY (1 and 3), as bits.
pub(super) const ENDED_CONNECTIONS: u32 = 1 << 0 | 1 << 2;

const IPPROTO_TCP: u8 = 6;
/// TCP_LISTEN, as a bit.
const LISTENING: u32 = 1 << 10;

const SOCK_DIAG_BY_FAMILY: u16 = 20;
/// INET_DIAG_INFO: a `struct tcp_info`.
const INFO: u16 = 2;

/// `struct inet_diag_msg`.
const SOCKET: usize = 72;
/// `tcpi_bytes_acked` in `struct tcp_info`; `tcpi_bytes_received` comes after it. Linux 4.1.
const BYTES: usize = 120;

/// One message.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Message {
    Socket(Connection),
    /// The dump is over, with this error number; 0 for none.
    Done(i32),
    /// Of a kind that nobody asked for, or too short for what it says it is.
    Other,
}

/// Asks for the sockets of `family` that listen on `port`.
pub(super) fn ask_listening(family: u8, port: u16) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(72);
    bytes.extend(72u32.to_ne_bytes());
    bytes.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    bytes.extend(DUMP.to_ne_bytes());
    bytes.extend([0; 8]); // sequence and sender
    bytes.extend([family, IPPROTO_TCP, 0, 0]);
    bytes.extend(LISTENING.to_ne_bytes());
    bytes.extend(port.to_be_bytes());
    bytes.resize(72, 0);
    bytes
}

/// The messages of one datagram.
pub(super) fn messages(bytes: &[u8]) -> impl Iterator<Item = Message> {
    frames(bytes).map(|(kind, body)| message(kind, body))
}

/// One of them.
pub(super) fn message(kind: u16, body: &[u8]) -> Message {
    let told = match kind {
        SOCK_DIAG_BY_FAMILY => socket(body).map(Message::Socket),
        _ => end(kind, body).map(Message::Done),
    };
    told.unwrap_or(Message::Other)
}

fn socket(body: &[u8]) -> Option<Connection> {
    let family = *body.first()?;
    let at = |port: usize, address: usize| {
        let port = u16::from_be_bytes(array(body, port)?);
        let address = match family {
            AF_INET => IpAddr::from(array::<4>(body, address)?),
            // A server that listens on all addresses through IPv6 has IPv4 in it.
            AF_INET6 => Ipv6Addr::from(array::<16>(body, address)?).to_canonical(),
            _ => return None,
        };
        Some(SocketAddr::new(address, port))
    };
    Some(Connection {
        local: at(4, 8)?,
        peer: at(6, 24)?,
        traffic: traffic(body.get(SOCKET..)?),
    })
}

fn traffic(bytes: &[u8]) -> Option<Traffic> {
    let (_, info) = attributes(bytes).find(|(kind, _)| *kind == INFO)?;
    Some(Traffic {
        sent: u64::from_ne_bytes(array(info, BYTES)?),
        received: u64::from_ne_bytes(array(info, BYTES + 8)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::netlink::{ATTRIBUTE, HEADER, NLMSG_DONE, NLMSG_ERROR};
    use proptest::prelude::*;

    /// A message as the kernel builds it: an attribute before the one with the bytes, and padding.
    fn ended(family: u8, peer: &[u8], bytes: Option<(u64, u64)>) -> Vec<u8> {
        let mut body = vec![family, 7, 0, 0];
        body.extend(25u16.to_be_bytes());
        body.extend(40000u16.to_be_bytes());
        body.extend([0; 16]);
        body.extend(peer);
        body.resize(SOCKET, 0);
        body.extend([5, 0, 10, 0, 6, 0, 0, 0]);
        if let Some((sent, received)) = bytes {
            let length = u16::try_from(ATTRIBUTE + BYTES + 16).unwrap();
            body.extend(length.to_ne_bytes());
            body.extend(INFO.to_ne_bytes());
            body.extend([9; BYTES]);
            body.extend(sent.to_ne_bytes());
            body.extend(received.to_ne_bytes());
        }
        let length = u32::try_from(HEADER + body.len()).unwrap();
        let mut message = length.to_ne_bytes().to_vec();
        message.extend(SOCK_DIAG_BY_FAMILY.to_ne_bytes());
        message.extend([0; 10]);
        message.extend(body);
        message
    }

    fn read(bytes: &[u8]) -> Vec<Message> {
        messages(bytes).collect()
    }

    #[test]
    fn connections_of_either_family_with_their_bytes() {
        let four = ended(AF_INET, &[192, 0, 2, 7], Some((300, 4000)));
        let mapped: Ipv6Addr = "::ffff:192.0.2.7".parse().unwrap();
        let mapped = ended(AF_INET6, &mapped.octets(), Some((1, 2)));
        let six: Ipv6Addr = "2001:db8::7".parse().unwrap();
        let six = ended(AF_INET6, &six.octets(), None);
        let seen = read(&[four, mapped, six].concat());
        let peers: Vec<(String, Option<(u64, u64)>)> = seen
            .iter()
            .map(|message| match message {
                Message::Socket(it) => {
                    assert_eq!(it.local.port(), 25);
                    let traffic = it.traffic.map(|t| (t.sent, t.received));
                    (it.peer.to_string(), traffic)
                }
                other => panic!("{other:?}"),
            })
            .collect();
        assert_eq!(
            peers,
            [
                ("192.0.2.7:40000".to_owned(), Some((300, 4000))),
                ("192.0.2.7:40000".to_owned(), Some((1, 2))),
                ("[2001:db8::7]:40000".to_owned(), None),
            ]
        );
    }

    #[test]
    fn ends_and_errors() {
        let message = |kind: u16, body: &[u8]| {
            let length = u32::try_from(HEADER + body.len()).unwrap();
            let mut bytes = length.to_ne_bytes().to_vec();
            bytes.extend(kind.to_ne_bytes());
            bytes.extend([0; 10]);
            bytes.extend(body);
            bytes
        };
        let all = [
            message(NLMSG_DONE, &[0; 4]),
            message(NLMSG_ERROR, &(-2i32).to_ne_bytes()),
            message(1, &[]),
        ];
        assert_eq!(
            read(&all.concat()),
            [Message::Done(0), Message::Done(-2), Message::Other]
        );
    }

    proptest! {
        /// A message that is cut short gives nothing, or what it still holds; never a panic.
        #[test]
        fn cut_and_changed_messages(cut in 0usize..240, at in 0usize..240, byte: u8) {
            let mut bytes = ended(AF_INET, &[192, 0, 2, 7], Some((300, 4000)));
            if let Some(changed) = bytes.get_mut(at) {
                *changed = byte;
            }
            bytes.truncate(cut);
            prop_assert!(read(&bytes).len() <= 1 + bytes.len() / HEADER);
        }

        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            prop_assert!(read(&bytes).len() <= bytes.len());
        }
    }
}
