//! One slow host never delays another account, and none is stormed. Seen from outside, by a client: a
//! hosted engine, real connections, and no time that passes.

use std::{
    collections::BTreeSet,
    fs,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use dequeue_api::{Paths, PokeView, Request, Response};
use dequeue_core::record::Trigger;
use dequeue_engine::{Hosting, host_or_attach};
use dequeue_smtp::Outcome;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
};

/// Accounts of hosts that take the connection and never say a word, each a host of its own.
const STUCK: usize = 63;
/// And of one such host alone: more than there may be visitors at one host.
const CROWD: usize = 30;

/// Takes every connection, whichever of this machine's addresses it is for, and says nothing; tells
/// of each for which address it was.
async fn silent_hosts() -> (u16, mpsc::UnboundedReceiver<SocketAddr>) {
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tells, told) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tells.send(stream.local_addr().unwrap()).unwrap();
            held.push(stream);
        }
    });
    (port, told)
}

/// A provider that greets, and says goodbye to whatever comes.
async fn good_host() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            tokio::spawn(serve(stream, || {}));
        }
    });
    port
}

fn account(name: &str, host: &str, port: u16) -> String {
    format!(
        "[[account]]\nname = \"{name}\"\nhost = \"{host}\"\nport = {port}\nmethod = \"signal\"\n\
         tls = \"none\"\nevery = \"15m\"\njitter = \"0s\"\n\n"
    )
}

#[tokio::test]
async fn hosts_that_say_nothing_hold_up_nobody_else() {
    let (silent, mut visited) = silent_hosts().await;
    let good = good_host().await;
    let folder = tempfile::tempdir().unwrap();
    let paths = Paths::in_folder(folder.path());
    // The good one comes last of all.
    let stuck =
        (1..=STUCK).map(|i| account(&format!("stuck {i}"), &format!("127.0.1.{i}"), silent));
    let crowd = (1..=CROWD).map(|i| account(&format!("crowd {i}"), "127.0.2.1", silent));
    let settings: String = stuck
        .chain(crowd)
        .chain([account("good", "127.0.0.1", good)])
        .collect();
    let settings = format!("version = 1\nlanguage = \"en\"\n\n{settings}");
    fs::write(paths.settings(), settings).unwrap();

    let engine = host_or_attach(&paths, Hosting::Rhythm).await.unwrap();
    // All that are alone at their host wait for a greeting by now.
    let mut hosts = BTreeSet::new();
    while hosts.len() < STUCK + 1 {
        hosts.insert(visited.recv().await.unwrap().ip());
    }
    let accounts = vec!["good".to_owned()];
    let poked = engine.client.request(Request::PokeNow { accounts }).await;
    match poked.unwrap() {
        Response::Pokes { pokes, .. } => {
            let outcomes: Vec<Outcome> = pokes.iter().map(|poke| poke.outcome).collect();
            assert_eq!(outcomes, [Outcome::Signalled]);
        }
        other => panic!("{other:?}"),
    }
    // On time it came as well, of its own accord, and the others are at it still.
    let past = Request::History {
        account: None,
        since: None,
        before: None,
        limit: 1000,
    };
    let pokes: Vec<PokeView> = match engine.client.request(past).await.unwrap() {
        Response::Pokes { pokes, .. } => pokes,
        other => panic!("{other:?}"),
    };
    assert!(pokes.iter().all(|poke| poke.account == "good"), "{pokes:?}");
    assert!(
        pokes.iter().any(|poke| poke.trigger == Trigger::Schedule),
        "{pokes:?}"
    );
    let snapshot = match engine.client.request(Request::Snapshot).await.unwrap() {
        Response::Snapshot { snapshot } => snapshot,
        other => panic!("{other:?}"),
    };
    let poking = snapshot.accounts.iter();
    let poking = poking.filter(|account| account.poking).count();
    assert!(poking > STUCK, "{poking} at it");
    // Nor do they hold up its end.
    engine.stop().await;
}

/// A provider that lets nobody go before it is told to; it knows how many were there at once.
struct Gate {
    port: u16,
    inside: watch::Receiver<usize>,
    most: Arc<AtomicUsize>,
    opens: watch::Sender<bool>,
}

impl Gate {
    async fn at(address: &str) -> Self {
        let listener = TcpListener::bind((address, 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (enters, inside) = watch::channel(0);
        let (opens, open) = watch::channel(false);
        let most = Arc::new(AtomicUsize::new(0));
        let counts = most.clone();
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                enters.send_modify(|inside| {
                    *inside += 1;
                    counts.fetch_max(*inside, Ordering::Relaxed);
                });
                let (leaves, mut open) = (enters.clone(), open.clone());
                tokio::spawn(async move {
                    open.wait_for(|open| *open).await.unwrap();
                    // It has left when it may know that.
                    let leaving = || leaves.send_modify(|inside| *inside -= 1);
                    serve(stream, leaving).await.unwrap();
                });
            }
        });
        Self {
            port,
            inside,
            most,
            opens,
        }
    }
}

/// A greeting, and a goodbye to whatever comes, which is told of before.
async fn serve(mut stream: TcpStream, leaving: impl FnOnce()) -> std::io::Result<()> {
    stream.write_all(b"220 mail.provider.test\r\n").await?;
    let heard = stream.read(&mut [0; 64]).await?;
    assert!(heard > 0, "hung up without a goodbye");
    leaving();
    stream.write_all(b"221 bye\r\n").await
}

/// Accounts of which each has a first host of its own, which is down, come to the one host that they
/// share; and there are accounts that have no other.
#[tokio::test]
async fn a_host_that_many_fall_back_to_is_not_stormed() {
    const SHARING: usize = 60;
    const THERE_FIRST: usize = 20;
    const AT_ONCE: usize = 10;
    let mut gate = Gate::at("127.0.4.1").await;
    let good = good_host().await;
    // Taken at an address that none of the accounts has, so that nothing else listens there.
    let closed = TcpListener::bind("127.0.4.2:0").await.unwrap();
    let closed = closed.local_addr().unwrap().port();
    let other = format!("other_hosts = [\"127.0.4.1:{}\"]\n\n", gate.port);
    let sharing = (1..=SHARING).map(|i| {
        let first = account(&format!("sharing {i}"), &format!("127.0.3.{i}"), closed);
        first.trim_end().to_owned() + "\n" + &other
    });
    let first = (1..=THERE_FIRST).map(|i| account(&format!("first {i}"), "127.0.4.1", gate.port));
    let good = account("good", "127.0.0.1", good);
    let settings: String = sharing.chain(first).chain([good]).collect();
    let folder = tempfile::tempdir().unwrap();
    let paths = Paths::in_folder(folder.path());
    let settings = format!("version = 1\nlanguage = \"en\"\n\n{settings}");
    fs::write(paths.settings(), settings).unwrap();

    let engine = host_or_attach(&paths, Hosting::Rhythm).await.unwrap();
    gate.inside.wait_for(|it| *it >= AT_ONCE).await.unwrap();
    // Meanwhile all first hosts have refused, and another account goes as often as it wants to.
    let is_poking = async || {
        let Response::Snapshot { snapshot } =
            engine.client.request(Request::Snapshot).await.unwrap()
        else {
            panic!("no snapshot")
        };
        let accounts = snapshot.accounts.iter();
        let poking = accounts.filter(|account| account.poking);
        poking.count()
    };
    for _ in 0..20 {
        let accounts = vec!["good".to_owned()];
        let poked = engine.client.request(Request::PokeNow { accounts }).await;
        let Response::Pokes { pokes, .. } = poked.unwrap() else {
            panic!("no poke")
        };
        assert_eq!(pokes[0].outcome, Outcome::Signalled);
    }
    while is_poking().await < SHARING {}
    assert_eq!(*gate.inside.borrow(), AT_ONCE);

    gate.opens.send_replace(true);
    let accounts = Vec::new();
    let poked = engine.client.request(Request::PokeNow { accounts }).await;
    let Response::Pokes { pokes, .. } = poked.unwrap() else {
        panic!("no pokes")
    };
    assert_eq!(pokes.len(), SHARING + THERE_FIRST + 1);
    for poke in &pokes {
        assert_eq!(poke.outcome, Outcome::Signalled, "{poke:?}");
    }
    assert_eq!(gate.most.load(Ordering::Relaxed), AT_ONCE);
    engine.stop().await;
}
