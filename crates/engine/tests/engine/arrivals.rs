//! Arrivals of real traffic: what the kernel tells of connections to a server on this machine, as
//! root and as an ordinary user.

use std::{
    net::{IpAddr, SocketAddr},
    os::unix::{fs::PermissionsExt, process::CommandExt},
    process::Command,
    time::Duration,
};

use dequeue_core::{
    arrivals::{Arrival, ArrivalCounter, ArrivalMonitoring, LEAST_MAIL, Provider},
    settings::value::Server,
};
use dequeue_engine::arrivals::{ArrivalEvent, Watcher};
use dequeue_platform::clock::Clock;
use jiff::Timestamp;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::mpsc,
    time::{advance, pause},
};

use crate::left_out::left_out;

const A_WHILE: Duration = Duration::from_secs(300);

/// Who closes the connection first. TCP counts the end of a stream as an octet, if it comes before
/// the server has done with the connection: always where the client closes first.
#[derive(Clone, Copy, Debug)]
enum First {
    Server,
    Client,
}

/// A server that is watched.
struct Watched {
    listener: TcpListener,
    watcher: Watcher,
    events: mpsc::Receiver<ArrivalEvent>,
}

impl Watched {
    async fn at(address: &str) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let (sender, events) = mpsc::channel(16);
        let watched = Self {
            watcher: Watcher::new(Clock::System, sender),
            events,
            listener,
        };
        let monitoring = watched.watcher.watch(&watched.own(), A_WHILE).await;
        assert_eq!(monitoring, ArrivalMonitoring::Watching);
        watched
    }

    fn address(&self) -> SocketAddr {
        self.listener.local_addr().unwrap()
    }

    fn own(&self) -> Server {
        Server {
            host: self.address().ip().to_string().parse().unwrap(),
            port: self.address().port(),
        }
    }

    /// A connection from `source` that brings so many octets and takes ten.
    async fn visit(&self, source: IpAddr, to: SocketAddr, octets: usize, first: First) {
        let socket = match source {
            IpAddr::V4(_) => TcpSocket::new_v4(),
            IpAddr::V6(_) => TcpSocket::new_v6(),
        }
        .unwrap();
        socket.bind((source, 0).into()).unwrap();
        let (client, server) = tokio::join!(socket.connect(to), self.listener.accept());
        let (mut client, mut server): (TcpStream, TcpStream) = (client.unwrap(), server.unwrap().0);
        let brought = vec![b'x'; octets];
        let mut taken = vec![0; octets];
        let (sent, received) =
            tokio::join!(client.write_all(&brought), server.read_exact(&mut taken));
        sent.unwrap();
        received.unwrap();
        server.write_all(b"0123456789").await.unwrap();
        client.read_exact(&mut [0; 10]).await.unwrap();
        let (one, mut other) = match first {
            First::Server => (server, client),
            First::Client => (client, server),
        };
        drop(one);
        assert_eq!(other.read(&mut [0; 1]).await.unwrap(), 0);
    }

    /// The next event about the server at `to`. What connects for another test may have the same
    /// number as its own port; where ports are given out by hand, none has a server's.
    async fn next(&mut self, to: SocketAddr) -> ArrivalEvent {
        loop {
            match self.events.recv().await.unwrap() {
                ArrivalEvent::Arrival(arrival) if arrival.local != to => {}
                event => return event,
            }
        }
    }

    async fn next_arrival(&mut self, to: SocketAddr) -> Arrival {
        match self.next(to).await {
            ArrivalEvent::Arrival(arrival) => arrival,
            other => panic!("{other:?}"),
        }
    }
}

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

#[tokio::test]
async fn a_delivery_is_told_with_its_bytes() {
    for (listen, to, from) in [
        ("127.0.0.1:0", "127.0.0.1", "127.0.0.9"),
        ("[::1]:0", "::1", "::1"),
        // A server that takes both through IPv6.
        ("[::]:0", "127.0.0.1", "127.0.0.8"),
        ("[::]:0", "::1", "::1"),
    ] {
        let mut watched = Watched::at(listen).await;
        let to = SocketAddr::new(ip(to), watched.address().port());
        for (octets, first) in [
            (0, First::Client),
            (36, First::Server),
            (1000, First::Client),
            (1000, First::Server),
            (3_000_000, First::Server),
        ] {
            let before = Timestamp::now();
            watched.visit(ip(from), to, octets, first).await;
            let seen = watched.next_arrival(to).await;
            assert_eq!(seen.peer.ip(), ip(from), "{listen}");
            let traffic = seen.traffic.unwrap();
            let octets = u64::try_from(octets).unwrap();
            let end = match first {
                First::Server => 0..=1,
                First::Client => 1..=1,
            };
            assert!(end.contains(&(traffic.received - octets)), "{traffic:?}");
            assert!((10..=11).contains(&traffic.sent), "{traffic:?}");
            assert!(seen.at >= before && seen.at <= Timestamp::now());

            let mut counter = ArrivalCounter::new(Provider::At(vec![ip(from)]), before);
            assert!(counter.add(&seen).is_counted());
            let count = counter.arrivals().provider;
            let is_mail = octets >= LEAST_MAIL;
            assert_eq!(count.connections == 1, is_mail, "{octets} octets");
            assert_eq!(count.bare == 1, !is_mail, "{octets} octets");
        }
    }
}

#[tokio::test]
async fn of_a_burst_none_is_lost_or_it_is_said() {
    const MANY: usize = 500;
    // The events are not taken until all has happened: the watcher has to wait with the rest.
    let mut watched = Watched::at("127.0.0.1:0").await;
    let to = watched.address();
    let started = Timestamp::now();
    for _ in 0..MANY {
        watched.visit(ip("127.0.0.9"), to, 200, First::Client).await;
    }
    let mut counter = ArrivalCounter::new(Provider::At(vec![ip("127.0.0.9")]), started);
    while !counter.arrivals().overrun {
        match watched.next(to).await {
            ArrivalEvent::Arrival(arrival) => assert!(counter.add(&arrival).is_counted()),
            ArrivalEvent::Overrun => counter.overrun(),
            ArrivalEvent::Broken(kind) => panic!("{kind}"),
        }
        if usize::try_from(counter.arrivals().provider.connections).unwrap() == MANY {
            break;
        }
    }
    let arrivals = counter.arrivals();
    if !arrivals.overrun {
        let bytes = u64::try_from(MANY).unwrap() * 201;
        assert_eq!(arrivals.provider.bytes, Some(bytes));
    }
}

#[tokio::test]
async fn other_ports_are_nobodys_business() {
    let mut watched = Watched::at("127.0.0.1:0").await;
    let other = Watched::at("127.0.0.1:0").await;
    let from = ip("127.0.0.9");
    other.visit(from, other.address(), 500, First::Client).await;
    watched
        .visit(from, watched.address(), 700, First::Client)
        .await;
    let seen = watched.next_arrival(watched.address()).await;
    assert_eq!(seen.traffic.unwrap().received, 701);
}

#[tokio::test]
async fn watching_ends_by_itself_and_can_be_put_off() {
    let mut watched = Watched::at("127.0.0.1:0").await;
    pause();
    advance(A_WHILE - Duration::from_secs(1)).await;
    let monitoring = watched.watcher.watch(&watched.own(), A_WHILE).await;
    assert_eq!(monitoring, ArrivalMonitoring::Watching);
    // A shorter wish does not shorten a longer one.
    let short = Duration::from_secs(1);
    watched.watcher.watch(&watched.own(), short).await;
    tokio::time::sleep(A_WHILE - short).await;
    assert!(watched.watcher.is_watching());
    tokio::time::sleep(short * 2).await;
    assert!(!watched.watcher.is_watching());
    tokio::time::resume();

    // Another watcher tells when the connection has ended for the kernel too.
    let (sender, mut told) = mpsc::channel(1);
    let witness = Watcher::new(Clock::System, sender);
    witness.watch(&watched.own(), A_WHILE).await;
    let (from, to) = (ip("127.0.0.9"), watched.address());
    watched.visit(from, to, 500, First::Client).await;
    while let Some(ArrivalEvent::Arrival(arrival)) = told.recv().await
        && arrival.local != to
    {}
    watched.watcher.watch(&watched.own(), A_WHILE).await;
    watched.visit(from, to, 700, First::Client).await;
    let seen = watched.next_arrival(to).await.traffic.unwrap().received;
    assert_eq!(seen, 701, "nothing from between was kept");
}

#[tokio::test]
async fn what_cannot_be_seen_is_said() {
    let watched = Watched::at("127.0.0.1:0").await;
    let (sender, _events) = mpsc::channel(1);
    let watcher = Watcher::new(Clock::System, sender);
    let own = Server {
        host: "192.0.2.1".parse().unwrap(),
        ..watched.own()
    };
    assert_eq!(
        watcher.watch(&own, A_WHILE).await,
        ArrivalMonitoring::NotHere
    );
    let own = watched.own();
    drop(watched);
    assert_eq!(
        watcher.watch(&own, A_WHILE).await,
        ArrivalMonitoring::NotListening
    );
    assert!(!watcher.is_watching(), "nothing is left open");
}

/// A machine of its own with two addresses on no loopback network: connections between them are as
/// those of strangers. The test below runs it in a network namespace.
#[tokio::test]
#[ignore = "needs the network namespace that strangers_are_told_from_the_provider makes"]
async fn strangers() {
    let mut watched = Watched::at("192.0.2.1:0").await;
    let started = Timestamp::now();
    let mut counter = ArrivalCounter::new(Provider::At(vec![ip("198.51.100.7")]), started);
    for (from, octets) in [
        ("198.51.100.7", 1000),
        ("198.51.100.9", 2000),
        ("203.0.113.5", 4000),
        ("198.51.100.7", 50),
        ("192.0.2.1", 8000),
    ] {
        watched
            .visit(ip(from), watched.address(), octets, First::Client)
            .await;
        let seen = watched.next_arrival(watched.address()).await;
        let counted = counter.add(&seen).is_counted();
        assert_eq!(counted, from != "192.0.2.1", "{from}");
    }
    let found = counter.arrivals();
    assert_eq!((found.provider.connections, found.provider.bare), (2, 1));
    assert_eq!(found.provider.bytes, Some(3002));
    assert_eq!(found.elsewhere.bytes, Some(4001));
}

#[test]
fn strangers_are_told_from_the_provider() {
    if !is_root() {
        left_out("only root makes a network namespace here");
        return;
    }
    let set_up = "ip link set lo up && for it in 192.0.2.1 198.51.100.7 198.51.100.9 203.0.113.5; \
                  do ip addr add $it/32 dev lo || exit; done && exec \"$0\" \"$@\"";
    let mut namespace = Command::new("unshare");
    namespace
        .args(["--net", "sh", "-c", set_up])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "--ignored", "arrivals::strangers"]);
    assert_eq!(passed(&mut namespace), 1);
}

/// All of this file again, without root's powers. The test program may lie where only root can go.
#[test]
fn as_an_ordinary_user() {
    const NOBODY: u32 = 65534;
    if !is_root() {
        left_out("the other tests are run by an ordinary user already");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let open = PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(folder.path(), open).unwrap();
    let program = folder.path().join("engine");
    std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
    let mut nobody = Command::new(program);
    nobody.current_dir("/").uid(NOBODY).gid(NOBODY).args([
        "arrivals::",
        "--skip",
        "as_an_ordinary_user",
        "--skip",
        "strangers",
    ]);
    assert_eq!(passed(&mut nobody), 5);
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// How many tests passed in another run of this program.
fn passed(run: &mut Command) -> u32 {
    let output = run.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{failed}");
    let (_, count) = said.rsplit_once("test result: ok. ").unwrap();
    count.split(' ').next().unwrap().parse().unwrap()
}
