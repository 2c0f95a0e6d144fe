//! The bytes of macOS' list of TCP connections, `net.inet.tcp.pcblist_n`, which its own `netstat`
//! prints and which any user may read. Numbers are in the machine's byte order, addresses and ports
//! in the network's; structures are packed to 4 octets and begin at multiples of 8.
//!
//! The layout is from Apple's published kernel (xnu: `in_pcblist.c` writes it, `in_pcb.h`,
//! `socketvar.h` and `tcp_var.h` declare it, for Apple's own programs alone). It has been the same
//! since macOS 10.7, structures having grown at their ends only; but nothing promises that, so what is
//! not as expected is [`Unknown`] rather than read.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use thiserror::Error;

use super::{
    seen::{Connection, Traffic},
    table::{Row, Stage},
};

/// `struct xinpgen`: it stands at the beginning and, as nothing else is as short, ends the list.
const GENERATION: usize = 24;

/// XSO_INPCB: a `struct xinpcb_n`, the first of the structures about one connection.
const ENDS: u32 = 0x10;
/// XSO_TCPCB: a `struct xtcpcb_n`, the last of them.
const TCP: u32 = 0x20;

/// INP_IPV4, INP_IPV6 in `inp_vflag`. A connection over IPv4 to a socket of IPv6 has the first.
const IPV4: u8 = 1;
const IPV6: u8 = 2;

/// The list is not in the form that is known.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("macOS' list of connections has a form that is not known")]
pub(super) struct Unknown;

/// All connections and listeners of the list.
pub(super) fn rows(list: &[u8]) -> Result<Vec<Row>, Unknown> {
    let length = number(list, 0)?;
    let expected = number(list, 4)?;
    let mut rest = after(list, length)?;
    let mut ends = None;
    let mut seen = false;
    let mut rows = Vec::new();
    while !rest.is_empty() {
        let length = number(rest, 0)?;
        if length as usize <= GENERATION {
            break;
        }
        let body = rest.get(..length as usize).ok_or(Unknown)?;
        match number(body, 4)? {
            ENDS => ends = two_ends(body)?,
            TCP => {
                let stage = stage(number(body, 36)?)?;
                seen = true;
                if let Some((local, peer)) = ends.take() {
                    let traffic = traffic(body)?;
                    let connection = Connection {
                        local,
                        peer,
                        traffic,
                    };
                    rows.push(Row { connection, stage });
                }
            }
            // The socket, its buffers and its counters, which count by class of traffic.
            _ => {}
        }
        rest = after(rest, length)?;
    }
    // Were the kinds numbered anew, nothing would be found.
    if expected > 0 && !seen {
        return Err(Unknown);
    }
    Ok(rows)
}

/// What comes after a structure of `length` octets.
fn after(list: &[u8], length: u32) -> Result<&[u8], Unknown> {
    let length = length as usize;
    if length < GENERATION || length > list.len() {
        return Err(Unknown);
    }
    Ok(list.get(length.next_multiple_of(8)..).unwrap_or_default())
}

/// The local end and the peer; none for a socket of neither family.
fn two_ends(body: &[u8]) -> Result<Option<(SocketAddr, SocketAddr)>, Unknown> {
    let [version] = array(body, 44)?;
    let address = |at: usize| {
        Ok(if version & IPV4 != 0 {
            // In the last octets of the place for one of IPv6.
            Some(IpAddr::from(Ipv4Addr::from(array::<4>(body, at + 12)?)))
        } else if version & IPV6 != 0 {
            Some(Ipv6Addr::from(array::<16>(body, at)?).to_canonical())
        } else {
            None
        })
    };
    let port = |at| Ok(u16::from_be_bytes(array(body, at)?));
    let (peer, local) = (address(48)?, address(64)?);
    let (peer_port, local_port) = (port(16)?, port(18)?);
    Ok(local.zip(peer).map(|(local, peer)| {
        (
            SocketAddr::new(local, local_port),
            SocketAddr::new(peer, peer_port),
        )
    }))
}

/// The states of `tcp_fsm.h`, by number.
const fn stage(state: u32) -> Result<Stage, Unknown> {
    Ok(match state {
        // CLOSED, SYN_SENT, SYN_RECEIVED
        0 | 2 | 3 => Stage::Opening,
        1 => Stage::Listening,
        // ESTABLISHED, FIN_WAIT_1, FIN_WAIT_2
        4 | 6 | 9 => Stage::Open,
        // CLOSE_WAIT, CLOSING, LAST_ACK, TIME_WAIT
        5 | 7 | 8 | 10 => Stage::Ended,
        _ => return Err(Unknown),
    })
}

/// By the numbers of TCP's sequences, which start anywhere and count each octet; a connection of
/// more than 4 GiB starts again. None for a connection that an Apple program has made past the
/// kernel's TCP, of which they are not told.
fn traffic(body: &[u8]) -> Result<Option<Traffic>, Unknown> {
    let acknowledged = number(body, 48)?;
    let first_sent = number(body, 72)?;
    let first_received = number(body, 76)?;
    let next_received = number(body, 80)?;
    // The opening of a connection counts as one.
    let octets = |first: u32, next: u32| u64::from(next.wrapping_sub(first).saturating_sub(1));
    let told = (first_sent, first_received) != (0, 0);
    Ok(told.then(|| Traffic {
        received: octets(first_received, next_received),
        sent: octets(first_sent, acknowledged),
    }))
}

fn number(bytes: &[u8], at: usize) -> Result<u32, Unknown> {
    Ok(u32::from_ne_bytes(array(bytes, at)?))
}

fn array<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N], Unknown> {
    let found = bytes.get(at..).and_then(|rest| rest.first_chunk());
    found.copied().ok_or(Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A structure in the making, packed to 4 octets, field by field as the headers declare it.
    #[derive(Default)]
    struct Packed(Vec<u8>);

    impl Packed {
        fn align(mut self, to: usize) -> Self {
            self.0.resize(self.0.len().next_multiple_of(to), 0);
            self
        }

        fn put(mut self, field: &[u8]) -> Self {
            self.0.extend(field);
            self
        }

        fn octets<const N: usize>(self, fields: [u8; N]) -> Self {
            self.put(&fields)
        }

        fn short(self, field: u16) -> Self {
            self.align(2).put(&field.to_ne_bytes())
        }

        fn port(self, field: u16) -> Self {
            self.align(2).put(&field.to_be_bytes())
        }

        fn int(self, field: u32) -> Self {
            self.align(4).put(&field.to_ne_bytes())
        }

        fn ints<const N: usize>(self, fields: [u32; N]) -> Self {
            fields.into_iter().fold(self, Self::int)
        }

        /// Of 8 octets, which begins at a multiple of 4 all the same.
        fn long(self, field: u64) -> Self {
            self.align(4).put(&field.to_ne_bytes())
        }

        /// With its length at its beginning.
        fn whole(self) -> Vec<u8> {
            let mut bytes = self.align(4).0;
            let length = u32::try_from(bytes.len()).unwrap();
            bytes[..4].copy_from_slice(&length.to_ne_bytes());
            bytes
        }
    }

    fn generation(count: u32) -> Vec<u8> {
        Packed::default().ints([0, count]).long(77).long(78).whole()
    }

    /// `struct in_addr_4in6`, or an address of IPv6.
    fn place(address: IpAddr) -> [u8; 16] {
        let mut place = [0; 16];
        match address {
            IpAddr::V4(it) => place[12..].copy_from_slice(&it.octets()),
            IpAddr::V6(it) => place = it.octets(),
        }
        place
    }

    fn xinpcb_n(version: u8, local: SocketAddr, peer: SocketAddr) -> Vec<u8> {
        Packed::default()
            .ints([0, 0x10])
            .long(0xffff_ff80_0000_0001) // xi_inpp
            .port(peer.port())
            .port(local.port())
            .long(0xffff_ff80_0000_0002) // inp_ppcb
            .long(5) // inp_gencnt
            .ints([0x0080_0040, 0]) // inp_flags, inp_flow
            .octets([version, 64, 6]) // inp_vflag, inp_ip_ttl, inp_ip_p
            .align(4)
            .put(&place(peer.ip()))
            .put(&place(local.ip()))
            .octets([0]) // inp4_ip_tos
            .align(4)
            .octets([0]) // inp6_hlim
            .int(0) // inp6_cksum
            .short(0) // inp6_ifindex
            .short(0) // inp6_hops
            .ints([9, 9]) // inp_flowhash, inp_flags2
            .whole()
    }

    /// Sequence numbers as `[snd_una, iss, irs, rcv_nxt]`.
    fn xtcpcb_n(state: u32, [una, iss, irs, next]: [u32; 4]) -> Vec<u8> {
        Packed::default()
            .ints([0, 0x20])
            .long(0) // t_segq
            .ints([0, 1, 2, 3, 4]) // t_dupacks, t_timer
            .ints([state, 0x3e0, 0]) // t_state, t_flags, t_force
            .ints([una, una, una, una]) // snd_una, snd_max, snd_nxt, snd_up
            .ints([irs, una]) // snd_wl1, snd_wl2
            .ints([iss, irs, next, next]) // iss, irs, rcv_nxt, rcv_adv
            .ints([0; 19]) // rcv_wnd to t_softerror
            .octets([0; 6]) // t_oobflags to requested_s_scale
            .ints([0; 8])
            .whole()
    }

    /// What else there is about each connection: the socket, its buffers and its counters.
    fn between() -> Vec<u8> {
        let socket = Packed::default()
            .ints([0, 1])
            .long(3)
            .put(&[0xff; 88])
            .whole();
        let received = Packed::default().ints([0, 2]).put(&[0xff; 24]).whole();
        let sent = Packed::default().ints([0, 4]).put(&[0xff; 24]).whole();
        let counters = Packed::default().ints([0, 8]).put(&[0xff; 128]).whole();
        padded([socket, received, sent, counters])
    }

    fn padded<const N: usize>(structures: [Vec<u8>; N]) -> Vec<u8> {
        let mut bytes = Vec::new();
        for structure in structures {
            bytes.extend(structure);
            bytes.resize(bytes.len().next_multiple_of(8), 0);
        }
        bytes
    }

    fn end(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    fn list() -> Vec<u8> {
        let any4 = end("0.0.0.0:0");
        let far = end("198.51.100.7:40000");
        let own6 = end("[2001:db8::1]:25");
        let far6 = end("[2001:db8:5::7]:1025");
        padded([
            generation(4),
            xinpcb_n(IPV4 | IPV6, end("0.0.0.0:25"), any4),
            between(),
            xtcpcb_n(1, [0; 4]),
            xinpcb_n(IPV4, end("192.0.2.1:25"), far),
            between(),
            // A listener's child whose numbers have gone past the last.
            xtcpcb_n(4, [1301, 1000, u32::MAX, 4000]),
            xinpcb_n(IPV6, own6, far6),
            between(),
            xtcpcb_n(10, [302, 1, 500, 5501]),
            // Of neither family.
            xinpcb_n(0, any4, any4),
            between(),
            xtcpcb_n(0, [0; 4]),
            generation(4),
        ])
    }

    #[test]
    fn the_structures_have_their_published_sizes() {
        let far = end("198.51.100.7:40000");
        let sizes = [
            generation(0).len(),
            xinpcb_n(IPV4, far, far).len(),
            xtcpcb_n(4, [0; 4]).len(),
        ];
        assert_eq!(sizes, [24, 104, 204]);
    }

    #[test]
    fn listeners_and_connections_with_their_bytes() {
        let row = |stage, local: &str, peer: &str, traffic: Option<(u64, u64)>| Row {
            connection: Connection {
                local: end(local),
                peer: end(peer),
                traffic: traffic.map(|(received, sent)| Traffic { received, sent }),
            },
            stage,
        };
        let expected = vec![
            row(Stage::Listening, "0.0.0.0:25", "0.0.0.0:0", None),
            row(
                Stage::Open,
                "192.0.2.1:25",
                "198.51.100.7:40000",
                Some((4000, 300)),
            ),
            row(
                Stage::Ended,
                "[2001:db8::1]:25",
                "[2001:db8:5::7]:1025",
                Some((5000, 300)),
            ),
        ];
        assert_eq!(rows(&list()), Ok(expected));
    }

    #[test]
    fn no_connections_are_no_fault() {
        assert_eq!(rows(&generation(0)), Ok(vec![]));
        let twice = [generation(0), generation(0)].concat();
        assert_eq!(rows(&twice), Ok(vec![]));
    }

    #[test]
    fn a_form_that_is_not_known_is_said() {
        let far = end("198.51.100.7:40000");
        let one = |ends: Vec<u8>, tcp: Vec<u8>| padded([generation(1), ends, between(), tcp]);
        let ends = || xinpcb_n(IPV4, far, far);
        let tcp = || xtcpcb_n(4, [1, 1, 1, 1]);
        assert_eq!(rows(&one(ends(), tcp())).map(|it| it.len()), Ok(1));
        let shortened = |mut structure: Vec<u8>, length: u32| {
            structure.truncate(length as usize);
            structure[..4].copy_from_slice(&length.to_ne_bytes());
            structure
        };
        let renumbered = |mut structure: Vec<u8>, kind: u32| {
            structure[4..8].copy_from_slice(&kind.to_ne_bytes());
            structure
        };
        for (what, list) in [
            ("nothing", vec![]),
            ("a beginning cut short", generation(1)[..20].to_vec()),
            ("fewer than was said", generation(1)),
            ("short ends", one(shortened(ends(), 76), tcp())),
            ("a short state", one(ends(), shortened(tcp(), 80))),
            ("another kind", one(ends(), renumbered(tcp(), 0x40))),
            ("a state beyond TCP's", one(ends(), xtcpcb_n(11, [0; 4]))),
            ("the last structure cut", {
                let mut list = one(ends(), tcp());
                list.truncate(list.len() - 8);
                list
            }),
        ] {
            assert_eq!(rows(&list), Err(Unknown), "{what}");
        }
    }

    proptest! {
        /// A list that is cut short or changed is read or refused; never a panic, never more rows
        /// than there is room for.
        #[test]
        fn cut_and_changed_lists(
            cut in 0usize..2600,
            changes in proptest::collection::vec((0usize..2600, any::<u8>()), 0..4),
        ) {
            let mut list = list();
            for (at, octet) in changes {
                if let Some(changed) = list.get_mut(at) {
                    *changed = octet;
                }
            }
            list.truncate(cut);
            prop_assert!(rows(&list).map_or(0, |rows| rows.len()) <= list.len() / 204);
        }

        #[test]
        fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            prop_assert!(rows(&bytes).map_or(0, |rows| rows.len()) <= bytes.len() / GENERATION);
        }

        /// Whatever numbers TCP starts from, what passed is counted.
        #[test]
        fn bytes_from_any_start(iss: u32, irs: u32, sent in 0u32..1 << 30, received in 0u32..1 << 30) {
            prop_assume!((iss, irs) != (0, 0));
            let una = iss.wrapping_add(1).wrapping_add(sent);
            let next = irs.wrapping_add(1).wrapping_add(received);
            let body = xtcpcb_n(4, [una, iss, irs, next]);
            let expected = Traffic { received: received.into(), sent: sent.into() };
            prop_assert_eq!(traffic(&body), Ok(Some(expected)));
        }
    }
}
