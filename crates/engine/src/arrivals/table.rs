//! What is new in a table of TCP connections that is looked at again and again.

use std::{collections::HashSet, net::SocketAddr};

use super::Connection;

/// The connections that the last look saw, each by its two ends. A closed one stays in the system's
/// table for a minute or more, where this machine closed first, and is not new again.
#[derive(Debug, Default)]
pub(super) struct Table {
    known: HashSet<(SocketAddr, SocketAddr)>,
}

impl Table {
    /// Takes the whole table, (local, peer) each, and gives what was not in the last one.
    pub(super) fn look(
        &mut self,
        table: impl Iterator<Item = (SocketAddr, SocketAddr)>,
    ) -> Vec<Connection> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
