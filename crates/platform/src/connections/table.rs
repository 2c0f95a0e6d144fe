//! What is new in a table of TCP connections that is looked at again and again. A closed connection
//! stays in it for half a minute or more, where this machine closed first.

#[cfg(any(target_os = "macos", test))]
use std::collections::HashMap;
use std::{collections::HashSet, net::SocketAddr};

use super::seen::Connection;

/// The two ends of a connection, the local one first.
type Ends = (SocketAddr, SocketAddr);

/// For a table that has no more of a connection than its ends: each is new when it is first seen.
#[cfg(any(windows, test))]
#[derive(Debug, Default)]
pub(super) struct Table {
    known: HashSet<Ends>,
}

#[cfg(any(windows, test))]
impl Table {
    /// Takes the whole table and gives what was not in the last one.
    pub(super) fn look(&mut self, table: impl Iterator<Item = Ends>) -> Vec<Connection> {
        let mut now = HashSet::with_capacity(self.known.len());
        let mut new = Vec::new();
        for (local, peer) in table {
            if now.insert((local, peer)) && !self.known.contains(&(local, peer)) {
                new.push(Connection {
                    local,
                    peer,
                    traffic: None,
                });
            }
        }
        self.known = now;
        new
    }
}

/// For a table that has what passed over each connection and how far it has come: each is told of
/// once, when it is over.
#[cfg(any(target_os = "macos", test))]
#[derive(Debug, Default)]
pub(super) struct Measured {
    open: HashMap<Ends, Connection>,
    ended: HashSet<Ends>,
}

/// A line of such a table.
#[cfg(any(target_os = "macos", test))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) connection: Connection,
    pub(super) stage: Stage,
}

/// How far a connection has come.
#[cfg(any(target_os = "macos", test))]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// A listener, which has no peer.
    Listening,
    /// It may still come to nothing.
    Opening,
    /// The peer may send.
    Open,
    /// The peer has said that it sends no more.
    Ended,
}

#[cfg(any(target_os = "macos", test))]
impl Measured {
    /// Takes the whole table and gives the connections that have ended since the last look. Of one
    /// that is gone without an end having been seen, what passed until the last look is known.
    pub(super) fn look(&mut self, table: impl IntoIterator<Item = Row>) -> Vec<Connection> {
        let mut gone = std::mem::take(&mut self.open);
        let before = std::mem::take(&mut self.ended);
        let mut over = Vec::new();
        for Row { connection, stage } in table {
            let ends = (connection.local, connection.peer);
            match stage {
                Stage::Listening | Stage::Opening => {}
                Stage::Open => {
                    gone.remove(&ends);
                    self.open.insert(ends, connection);
                }
                Stage::Ended => {
                    gone.remove(&ends);
                    if self.ended.insert(ends) && !before.contains(&ends) {
                        over.push(connection);
                    }
                }
            }
        }
        over.extend(gone.into_values());
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::connections::seen::Traffic;
    use proptest::prelude::*;

    #[test]
    fn each_connection_is_new_once() {
        let end = |text: &str| text.parse::<SocketAddr>().unwrap();
        let own = end("192.0.2.1:25");
        let peers = [
            "198.51.100.7:1000",
            "198.51.100.7:1001",
            "198.51.100.8:1000",
        ]
        .map(end);
        let mut table = Table::default();
        let mut new = |seen: &[SocketAddr]| {
            let found = table.look(seen.iter().map(|peer| (own, *peer)));
            found.iter().map(|it| it.peer).collect::<Vec<_>>()
        };
        assert_eq!(new(&peers[..1]), &peers[..1]);
        assert_eq!(new(&peers[..1]), &[], "closed and still in the table");
        assert_eq!(new(&peers), &peers[1..]);
        assert_eq!(new(&peers[1..]), &[]);
        assert_eq!(new(&peers), &peers[..1], "the same port, used again");
        assert_eq!(new(&[peers[0], peers[0]]), &[]);
    }

    fn row(port: u16, received: u64, stage: Stage) -> Row {
        Row {
            connection: Connection {
                local: ([192, 0, 2, 1], 25).into(),
                peer: ([198, 51, 100, 7], port).into(),
                traffic: Some(Traffic { received, sent: 0 }),
            },
            stage,
        }
    }

    #[test]
    fn each_connection_is_told_of_when_it_is_over() {
        let mut table = Measured::default();
        let mut over = |rows: &[Row]| {
            let found = table.look(rows.iter().copied()).into_iter();
            let mut found: Vec<_> = found
                .map(|it| (it.peer.port(), it.traffic.map_or(0, |it| it.received)))
                .collect();
            found.sort_unstable();
            found
        };
        use Stage::{Ended, Listening, Open, Opening};
        let listener = row(0, 0, Listening);
        assert_eq!(over(&[listener, row(1, 10, Open), row(2, 0, Opening)]), []);
        assert_eq!(over(&[listener, row(1, 900, Open)]), []);
        let kept = row(1, 950, Ended);
        assert_eq!(over(&[listener, kept]), [(1, 950)]);
        assert_eq!(over(&[listener, kept]), [], "over and still in the table");
        assert_eq!(over(&[kept, row(3, 700, Ended)]), [(3, 700)], "a short one");
        assert_eq!(over(&[kept, row(4, 500, Open)]), []);
        assert_eq!(over(&[kept]), [(4, 500)], "the peer closed first");
        assert_eq!(over(&[row(1, 20, Open)]), [], "the same ends, used again");
        assert_eq!(over(&[row(1, 60, Ended)]), [(1, 60)]);
        assert_eq!(over(&[]), []);
    }

    proptest! {
        /// However it is looked at: a connection is told of once, after it was last seen open.
        #[test]
        fn one_connection_is_told_of_once(open in 0usize..5, ended in 0usize..5) {
            let mut table = Measured::default();
            let mut told = Vec::new();
            for look in 0..open + ended + 2 {
                let rows = match look {
                    it if it < open => vec![row(1, 5, Stage::Open)],
                    it if it < open + ended => vec![row(1, 5, Stage::Ended)],
                    _ => vec![],
                };
                told.extend(table.look(rows).iter().map(|_| look));
            }
            prop_assert_eq!(told, if open + ended > 0 { vec![open] } else { vec![] });
        }
    }
}
