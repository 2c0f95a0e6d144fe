//! What has arrived after one poke, counted from the events.

use std::net::{IpAddr, SocketAddr};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{
    amounts::{duration, size},
    settings::value::Server,
    text::{self, Text},
};

/// With fewer octets than this a connection has brought no mail. EHLO and QUIT, also with a MAIL
/// and a RCPT that is refused, stay below; a message that a provider passes on does not: its
/// envelope takes 50 at least, the Received line that every relay must add (RFC 5321 4.4) 60, its
/// Date and From 50. Within TLS all is larger, and a bare visit looks like a small message.
pub const LEAST_MAIL: u64 = 150;

/// Who the provider is, among those that connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provider {
    /// Everyone but this machine itself.
    Anyone,
    /// These addresses, and their neighbours: a provider often delivers from another machine than
    /// the one that is poked. Give all that its name resolves to.
    At(Vec<IpAddr>),
}

/// What arrived after a poke.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Arrivals {
    /// From the provider's addresses, or from the same /24 (IPv4) or /64 (IPv6).
    pub provider: Count,
    /// From anywhere else but this machine: mail that has nothing to do with the poke, or the
    /// provider's from addresses that nobody knows as such.
    pub elsewhere: Count,
    /// Too much happened at once to see all of it: the numbers are the least there was.
    pub overrun: bool,
}

/// A number of connections.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
pub struct Count {
    /// Connections that brought mail; or all, where the system does not tell what they brought.
    pub connections: u32,
    /// Octets that those connections brought, the commands of SMTP among them; none where the
    /// system does not tell.
    #[ts(type = "number | null")]
    pub bytes: Option<u64>,
    /// From the poke to the first of those connections: to its end, where the system tells of the
    /// end, so that it includes the delivery.
    #[ts(type = "number | null")]
    pub first_after_ms: Option<u64>,
    /// Connections without mail, beside the others.
    pub bare: u32,
}

/// What a connection is to a poke: the higher, the more surely it has come by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    /// None: it is from before the poke, or from this machine itself.
    None,
    /// It is counted, and no mail came by the poke on it: it brought none, or came from elsewhere.
    Counted,
    /// It has brought mail from a neighbour of the provider, or from anyone where all may be it.
    Neighbour,
    /// It has brought mail from one of the provider's addresses.
    Provider,
}

impl Relation {
    /// Whether the connection is among those counted for the poke.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        !matches!(self, Self::None)
    }

    /// Whether the connection has brought mail by the poke, as far as anyone can tell.
    #[must_use]
    pub const fn is_delivery(self) -> bool {
        matches!(self, Self::Neighbour | Self::Provider)
    }
}

/// Counts arrivals for one poke.
#[derive(Clone, Debug)]
pub struct ArrivalCounter {
    provider: Provider,
    since: Timestamp,
    arrivals: Arrivals,
}

impl ArrivalCounter {
    /// For a poke that started at `since`.
    #[must_use]
    pub fn new(provider: Provider, since: Timestamp) -> Self {
        Self {
            provider,
            since,
            arrivals: Arrivals::default(),
        }
    }

    /// Counts a connection, where it is one to count: none from before the poke, nor from this
    /// machine itself. Gives what it is to the poke.
    pub fn add(&mut self, arrival: &Arrival) -> Relation {
        if arrival.at < self.since {
            return Relation::None;
        }
        let peer = arrival.peer.ip().to_canonical();
        let from_here = peer.is_loopback() || peer == arrival.local.ip().to_canonical();
        let (count, relation) = match &self.provider {
            // A provider on this machine is one all the same, once it is named.
            Provider::At(addresses) if addresses.contains(&peer) => {
                (&mut self.arrivals.provider, Relation::Provider)
            }
            Provider::At(_) | Provider::Anyone if from_here => return Relation::None,
            Provider::Anyone => (&mut self.arrivals.provider, Relation::Neighbour),
            Provider::At(addresses) if addresses.iter().any(|it| are_neighbours(*it, peer)) => {
                (&mut self.arrivals.provider, Relation::Neighbour)
            }
            Provider::At(_) => (&mut self.arrivals.elsewhere, Relation::Counted),
        };
        let received = arrival.traffic.map(|traffic| traffic.received);
        if received.is_some_and(|octets| octets < LEAST_MAIL) {
            count.bare = count.bare.saturating_add(1);
            return Relation::Counted;
        }
        count.connections = count.connections.saturating_add(1);
        if let Some(octets) = received {
            count.bytes = Some(count.bytes.unwrap_or_default().saturating_add(octets));
        }
        let after = arrival.at.duration_since(self.since).as_millis();
        let after = u64::try_from(after).unwrap_or_default();
        count.first_after_ms = Some(count.first_after_ms.map_or(after, |first| first.min(after)));
        relation
    }

    /// Some connections were not seen.
    pub fn overrun(&mut self) {
        self.arrivals.overrun = true;
    }

    /// What has arrived so far.
    #[must_use]
    pub const fn arrivals(&self) -> Arrivals {
        self.arrivals
    }
}

/// Whether two addresses are in the same /24 (IPv4) or /64 (IPv6).
pub fn are_neighbours(one: IpAddr, other: IpAddr) -> bool {
    match (one.to_canonical(), other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => one.octets()[..3] == other.octets()[..3],
        (IpAddr::V6(one), IpAddr::V6(other)) => one.octets()[..8] == other.octets()[..8],
        (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
    }
}

impl Arrivals {
    /// A sentence or a few for a person, as in "3 connections from the provider brought 1.2 MB, the
    /// first after 4 s."
    #[must_use]
    pub fn explain(&self, text: &Text) -> String {
        let mut sentences = Vec::new();
        if self.provider.connections > 0 {
            sentences.push(of_mail("provider", &self.provider, text));
        } else if self.provider.bare == 0 {
            sentences.push(text.get("arrivals-none"));
        }
        if self.provider.bare > 0 {
            let bare = ("count", self.provider.bare.into());
            sentences.push(text.format("arrivals-bare", &[bare]));
        }
        // What came from elsewhere without mail is the noise of the Internet.
        if self.elsewhere.connections > 0 {
            sentences.push(of_mail("elsewhere", &self.elsewhere, text));
        }
        if self.overrun {
            sentences.push(text.get("arrivals-overrun"));
        }
        sentences.join(" ")
    }
}

fn of_mail(origin: &str, count: &Count, text: &Text) -> String {
    let first = duration(count.first_after_ms.unwrap_or_default(), text);
    let (end, size) = match count.bytes {
        Some(octets) => ("", size(octets, text)),
        None => ("-unmeasured", String::new()),
    };
    text.format(
        &format!("arrivals-{origin}{end}"),
        &[
            ("count", count.connections.into()),
            ("size", size.into()),
            ("first", first.into()),
        ],
    )
}

/// A connection to the mail server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// Where it came from.
    pub peer: SocketAddr,
    /// Where it went: an address of this machine, and the mail server's port.
    pub local: SocketAddr,
    /// What passed over it, where the system tells.
    pub traffic: Option<Traffic>,
    /// When it ended; on Windows, when it was first seen.
    pub at: Timestamp,
}

/// Octets over a connection, in TCP's payload. TCP counts an end of the stream as one more, so each
/// may be one too high.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Traffic {
    /// From the peer to the mail server.
    pub received: u64,
    /// From the mail server to the peer, as far as the peer has acknowledged it.
    pub sent: u64,
}

/// Whether arrivals can be seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case", tag = "monitoring", content = "reason")]
pub enum ArrivalMonitoring {
    /// They are being watched.
    Watching,
    /// The mail server is another machine.
    NotHere,
    /// Nothing on this machine listens on the mail server's port.
    NotListening,
    /// This system does not tell.
    NotPossible(MonitoringUnavailable),
}

impl ArrivalMonitoring {
    /// What cannot be known and why, for a person; nothing while it is being watched. `server` is the
    /// mail server that is set, if any.
    #[must_use]
    pub fn explain(&self, server: Option<&Server>, text: &Text) -> Option<String> {
        let key = match self {
            Self::Watching => return None,
            Self::NotHere => "arrivals-not-here".to_owned(),
            // Where nobody says that it runs here, it may well be another machine.
            Self::NotListening if server.is_none() => "arrivals-no-mail-server".to_owned(),
            Self::NotListening => "arrivals-not-listening".to_owned(),
            Self::NotPossible(reason) => format!("arrivals-not-possible-{}", text::name(reason)),
        };
        let server = server.cloned().unwrap_or_default();
        let values = [
            ("host", server.host.as_str().into()),
            ("port", server.port.to_string().into()),
        ];
        Some(text.format(&key, &values))
    }
}

/// Why a system does not tell of arrivals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "kebab-case")]
pub enum MonitoringUnavailable {
    /// It does not do so to an ordinary user, or no longer in a form that is known.
    System,
    /// The Linux kernel lacks the module `tcp_diag`, or may not load it.
    NoModule,
    /// This process may not ask: a sandbox or the service's own restrictions forbid it.
    Forbidden,
    /// Asking failed in another way; the log has more.
    Failed,
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SINCE: Timestamp = Timestamp::UNIX_EPOCH;

    fn arrival(peer: &str, received: Option<u64>, after_ms: i64) -> Arrival {
        let peer: IpAddr = peer.parse().unwrap();
        let own = if peer.is_ipv4() {
            "192.0.2.1"
        } else {
            "2001:db8::1"
        };
        Arrival {
            peer: (peer, 40000).into(),
            local: (own.parse::<IpAddr>().unwrap(), 25).into(),
            traffic: received.map(|received| Traffic { received, sent: 0 }),
            at: Timestamp::from_millisecond(after_ms).unwrap(),
        }
    }

    fn at(addresses: &[&str]) -> Provider {
        Provider::At(addresses.iter().map(|it| it.parse().unwrap()).collect())
    }

    fn count(connections: u32, bytes: u64, first: u64, bare: u32) -> Count {
        Count {
            connections,
            bytes: (connections > 0).then_some(bytes),
            first_after_ms: (connections > 0).then_some(first),
            bare,
        }
    }

    #[test]
    fn whose_connection_it_is() {
        let known = at(&["198.51.100.7", "2001:db8:5::7"]);
        let local = at(&["127.0.0.9"]);
        for (provider, peer, ours, theirs) in [
            (&known, "198.51.100.7", 1, 0),
            (&known, "198.51.100.200", 1, 0),
            (&known, "::ffff:198.51.100.7", 1, 0),
            (&known, "198.51.101.7", 0, 1),
            (&known, "2001:db8:5::99", 1, 0),
            (&known, "2001:db8:5:1::7", 0, 1),
            (&known, "127.0.0.1", 0, 0),
            (&known, "::1", 0, 0),
            (&known, "192.0.2.1", 0, 0),
            (&Provider::Anyone, "203.0.113.9", 1, 0),
            (&Provider::Anyone, "127.0.0.1", 0, 0),
            (&local, "127.0.0.9", 1, 0),
            (&local, "127.0.0.1", 0, 0),
        ] {
            let mut counter = ArrivalCounter::new(provider.clone(), SINCE);
            let counted = counter.add(&arrival(peer, Some(5000), 1)).is_counted();
            let found = counter.arrivals();
            let seen = (found.provider.connections, found.elsewhere.connections);
            assert_eq!(seen, (ours, theirs), "{peer}");
            assert_eq!(counted, ours + theirs == 1, "{peer}");
        }
    }

    #[test]
    fn mail_is_told_from_a_bare_visit_by_its_bytes() {
        let mut counter = ArrivalCounter::new(at(&["198.51.100.7"]), SINCE);
        counter.add(&arrival("198.51.100.7", Some(5000), -1));
        assert_eq!(counter.arrivals(), Arrivals::default(), "before the poke");
        for (received, after) in [
            (0, 10),
            (LEAST_MAIL - 1, 20),
            (LEAST_MAIL, 4000),
            (9000, 300),
        ] {
            counter.add(&arrival("198.51.100.7", Some(received), after));
        }
        counter.add(&arrival("203.0.113.9", Some(1), 5));
        assert_eq!(
            counter.arrivals().provider,
            count(2, 9000 + LEAST_MAIL, 300, 2)
        );
        assert_eq!(counter.arrivals().elsewhere, count(0, 0, 0, 1));
    }

    #[test]
    fn what_is_not_measured_is_not_made_up() {
        let mut counter = ArrivalCounter::new(Provider::Anyone, SINCE);
        counter.add(&arrival("198.51.100.7", None, 70));
        let found = counter.arrivals().provider;
        assert_eq!((found.connections, found.bytes, found.bare), (1, None, 0));
        assert_eq!(
            counter.arrivals().explain(&Text::for_language("en")),
            "One connection from the provider, after 70 ms. \
             This system does not show whether it brought mail."
        );
    }

    #[test]
    fn where_they_cannot_be_seen_that_is_said_with_the_mail_server() {
        let said = |monitoring: ArrivalMonitoring, server: Option<&str>| {
            let server: Option<Server> = server.map(|server| server.parse().unwrap());
            monitoring.explain(server.as_ref(), &Text::for_language("en"))
        };
        assert_eq!(said(ArrivalMonitoring::Watching, None), None);
        let far = said(ArrivalMonitoring::NotHere, Some("[2001:db8::1]:25")).unwrap();
        assert!(far.contains("at 2001:db8::1 is another machine"), "{far}");
        let closed = said(ArrivalMonitoring::NotListening, Some("[::1]:2525")).unwrap();
        assert!(closed.contains("listens on port 2525"), "{closed}");
        // Where nobody says that it runs here, it may well be another machine.
        let unset = said(ArrivalMonitoring::NotListening, None).unwrap();
        assert!(unset.contains("port 25, so arrivals cannot"), "{unset}");
        let unable = ArrivalMonitoring::NotPossible(MonitoringUnavailable::NoModule);
        assert!(said(unable, None).unwrap().contains("tcp_diag"));
    }

    #[test]
    fn sentences_in_both_languages() {
        let said = |arrivals: &Arrivals, language| arrivals.explain(&Text::for_language(language));
        let mut arrivals = Arrivals::default();
        assert_eq!(said(&arrivals, "en"), "Nothing has come from the provider.");
        assert_eq!(
            said(&arrivals, "nl"),
            "Er is niets van de provider gekomen."
        );
        arrivals.provider = count(3, 1_234_567, 4_200, 0);
        assert_eq!(
            said(&arrivals, "en"),
            "3 connections from the provider brought 1.2 MB, the first after 4 s."
        );
        assert_eq!(
            said(&arrivals, "nl"),
            "3 verbindingen van de provider brachten 1,2 MB, de eerste na 4 s."
        );
        arrivals.provider = count(0, 0, 0, 1);
        assert_eq!(
            said(&arrivals, "en"),
            "One connection from the provider brought no mail."
        );
        arrivals = Arrivals {
            provider: count(1, 640, 900, 2),
            elsewhere: count(1, 25_400, 200_000, 7),
            overrun: true,
        };
        assert_eq!(
            said(&arrivals, "en"),
            "One connection from the provider brought 640 bytes after 900 ms. \
             2 connections from the provider brought no mail. \
             One connection from elsewhere brought 25 kB. \
             So many connections ended at once that some may not have been counted."
        );
    }

    proptest! {
        /// Each connection from outside is in exactly one of the four numbers, in any order.
        #[test]
        fn nothing_is_lost_or_counted_twice(
            all in proptest::collection::vec((0u8..6, 0u64..400, 0i64..1000), 0..60)
        ) {
            let mut counter = ArrivalCounter::new(at(&["198.51.0.1"]), SINCE);
            let mut bytes = 0;
            for (net, received, after) in &all {
                counter.add(&arrival(&format!("198.51.{net}.1"), Some(*received), *after));
                bytes += if *received >= LEAST_MAIL { *received } else { 0 };
            }
            let Arrivals { provider, elsewhere, overrun } = counter.arrivals();
            let sum = provider.connections + provider.bare + elsewhere.connections + elsewhere.bare;
            prop_assert_eq!(usize::try_from(sum).unwrap(), all.len());
            prop_assert_eq!(provider.bytes.unwrap_or(0) + elsewhere.bytes.unwrap_or(0), bytes);
            prop_assert!(!overrun);
        }
    }
}
