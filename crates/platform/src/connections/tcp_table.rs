//! The rows of Windows' TCP tables as GetTcpTable and GetTcp6Table write them: a count, and behind it
//! `MIB_TCPROW` or `MIB_TCP6ROW` (tcpmib.h), which hold nothing but numbers of 32 bits and addresses.
//! Addresses and ports are in the network's byte order.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// MIB_TCP_STATE_LISTEN.
const LISTEN: u32 = 2;

/// A connection, or what waits for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Socket {
    pub(super) local: SocketAddr,
    /// Without meaning where it listens.
    pub(super) peer: SocketAddr,
    pub(super) listens: bool,
}

/// Those of the table of IPv4.
pub(super) fn ipv4(table: &[u32]) -> impl Iterator<Item = Socket> {
    rows(table).map(|&[state, local, local_port, peer, peer_port]| {
        let address = |address: u32| IpAddr::from(Ipv4Addr::from(address.to_ne_bytes()));
        Socket {
            local: SocketAddr::new(address(local), port(local_port)),
            peer: SocketAddr::new(address(peer), port(peer_port)),
            listens: state == LISTEN,
        }
    })
}

/// Those of the table of IPv6. A connection over IPv4 to a socket of IPv6 has its IPv4 addresses.
pub(super) fn ipv6(table: &[u32]) -> impl Iterator<Item = Socket> {
    // Behind each address stands its zone, which no provider is in.
    rows(table).map(
        |&[state, a, b, c, d, _, local_port, e, f, g, h, _, peer_port]| Socket {
            local: SocketAddr::new(ipv6_address([a, b, c, d]), port(local_port)),
            peer: SocketAddr::new(ipv6_address([e, f, g, h]), port(peer_port)),
            listens: state == LISTEN,
        },
    )
}

/// As many as the table says, or as there are.
fn rows<const WORDS: usize>(table: &[u32]) -> impl Iterator<Item = &[u32; WORDS]> {
    let (count, rows) = match table {
        [count, rows @ ..] => (*count as usize, rows),
        [] => (0, table),
    };
    rows.as_chunks().0.iter().take(count)
}

fn ipv6_address(words: [u32; 4]) -> IpAddr {
    let mut octets = [0; 16];
    for (place, word) in octets.as_chunks_mut().0.iter_mut().zip(words) {
        *place = word.to_ne_bytes();
    }
    Ipv6Addr::from(octets).to_canonical()
}

/// It stands in the first two octets of its four.
fn port(word: u32) -> u16 {
    let [high, low, ..] = word.to_ne_bytes();
    u16::from_be_bytes([high, low])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers as they lie in the memory of a machine.
    fn table(count: u32, rows: &[[u8; 4]]) -> Vec<u32> {
        let rows = rows.iter().map(|octets| u32::from_ne_bytes(*octets));
        std::iter::once(count).chain(rows).collect()
    }

    const STATE_LISTEN: [u8; 4] = 2_u32.to_ne_bytes();
    const STATE_ESTABLISHED: [u8; 4] = 5_u32.to_ne_bytes();
    const PORT_25: [u8; 4] = [0, 25, 0xff, 0xff];
    const PORT_40_000: [u8; 4] = [0x9c, 0x40, 0, 0];
    const NOTHING: [u8; 4] = [0; 4];

    #[test]
    fn ipv4_as_windows_writes_it() {
        let rows = [
            [STATE_LISTEN, NOTHING, PORT_25, NOTHING, NOTHING],
            [
                STATE_ESTABLISHED,
                [192, 0, 2, 1],
                PORT_25,
                [198, 51, 100, 7],
                PORT_40_000,
            ],
        ];
        let listens = Socket {
            local: "0.0.0.0:25".parse().unwrap(),
            peer: "0.0.0.0:0".parse().unwrap(),
            listens: true,
        };
        let connection = Socket {
            local: "192.0.2.1:25".parse().unwrap(),
            peer: "198.51.100.7:40000".parse().unwrap(),
            listens: false,
        };
        let all: Vec<_> = ipv4(&table(2, rows.as_flattened())).collect();
        assert_eq!(all, [listens, connection]);
        // What stands behind the rows is room for more.
        let first: Vec<_> = ipv4(&table(1, rows.as_flattened())).collect();
        assert_eq!(first, [listens]);
    }

    #[test]
    fn ipv6_as_windows_writes_it() {
        let documentation = [[0x20, 1, 0x0d, 0xb8], NOTHING, NOTHING, [0, 0, 0, 9]];
        let mapped = [NOTHING, NOTHING, [0, 0, 0xff, 0xff], [198, 51, 100, 7]];
        let zone = [4, 0, 0, 0];
        let row = |ends: [[u8; 4]; 4]| {
            let mut row = vec![STATE_ESTABLISHED];
            row.extend(ends);
            row.extend([zone, PORT_25]);
            row.extend(ends);
            row.extend([zone, PORT_40_000]);
            row
        };
        let rows = [row(documentation), row(mapped)].concat();
        let all: Vec<_> = ipv6(&table(2, &rows)).collect();
        let ends: Vec<_> = all.iter().map(|it| (it.local, it.peer)).collect();
        let expected = [
            ("[2001:db8::9]:25", "[2001:db8::9]:40000"),
            ("198.51.100.7:25", "198.51.100.7:40000"),
        ];
        let expected =
            expected.map(|(local, peer)| (local.parse().unwrap(), peer.parse().unwrap()));
        assert_eq!(ends, expected);
        assert!(all.iter().all(|it| !it.listens));
    }

    /// It may have grown, shrunk or be in a form that is not known: what is not there is not read.
    #[test]
    fn a_table_that_says_more_than_it_holds_is_read_as_far_as_it_goes() {
        assert_eq!(ipv4(&[]).count(), 0);
        assert_eq!(ipv6(&[]).count(), 0);
        assert_eq!(ipv4(&table(u32::MAX, &[NOTHING; 12])).count(), 2);
        assert_eq!(ipv6(&table(u32::MAX, &[NOTHING; 25])).count(), 1);
    }
}
