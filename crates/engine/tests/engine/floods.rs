//! Peers that never stop talking, at every socket that is read outside a session: each is hung up on
//! after what a well-meaning one may say. The bounds of sessions are in `hostile`.

use std::{
    future::Future,
    io,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use dequeue_core::settings::{Account, value::Value};
use dequeue_engine::{
    demo::{Demo, Manner},
    mail_server::{ProbeLimits, probe},
    poke::{Poking, poke},
};
use dequeue_smtp::{Outcome, Reason};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What may go to a peer that has been hung up on: what it may say, and the buffers of both sockets.
const AT_MOST: u64 = 16 * 1024 * 1024;

/// Says this, hears something after each part but the last, and then says one letter without end. Gives
/// its address, and counts the octets that went.
async fn flood(parts: &'static [&'static str]) -> (SocketAddr, Arc<AtomicU64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let said = Arc::new(AtomicU64::new(0));
    let counted = said.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = talk(stream, parts, &counted).await;
        }
    });
    (address, said)
}

async fn talk(mut stream: TcpStream, parts: &[&str], said: &AtomicU64) -> io::Result<()> {
    for (number, part) in parts.iter().enumerate() {
        if number > 0 {
            let _ = stream.read(&mut [0; 512]).await?;
        }
        stream.write_all(part.as_bytes()).await?;
    }
    let many = vec![b'x'; 1 << 16];
    loop {
        said.fetch_add(stream.write(&many).await? as u64, Ordering::Relaxed);
    }
}

fn account(address: SocketAddr, method: &str) -> Account {
    let port = address.port().to_string();
    let mut account = Account::default();
    for (key, value) in [
        ("name", "a"),
        ("host", "127.0.0.1"),
        ("port", &port),
        ("method", method),
        ("domains", "example.org"),
    ] {
        account.set(key, &Value::Text(value)).unwrap();
    }
    account
}

/// What comes of it is there before too much was said.
async fn ends<T>(what: &str, said: &AtomicU64, end: impl Future<Output = T>) -> T {
    let end = end.await;
    let said = said.load(Ordering::Relaxed);
    assert!(said < AT_MOST, "{what}: {said} octets were taken");
    end
}

#[tokio::test]
async fn after_the_goodbye() {
    let (address, said) = flood(&["220 hi\r\n", "221 bye\r\n"]).await;
    let account = account(address, "signal");
    let poked = poke(&account, Poking::by_host(None), |_| {}).await;
    assert_eq!(poked.poke.outcome, Outcome::Signalled);
    let lingering = poked.lingering.unwrap();
    let end = ends("after 221", &said, lingering.end()).await;
    assert_eq!(end, None, "that is no end of a delivery");
}

#[tokio::test]
async fn in_answer_to_finger() {
    let (address, said) = flood(&["", "one moment\r\n"]).await;
    let account = account(address, "finger");
    let poking = poke(&account, Poking::by_host(None), |_| {});
    let poke = ends("finger", &said, poking).await.poke;
    // The request was made, and answered.
    assert_eq!(
        (poke.outcome, poke.reason),
        (Outcome::Signalled, Reason::FingerSignals)
    );
}

#[tokio::test]
async fn of_the_mail_server() {
    for parts in [
        &["220 "][..],
        &["220-hi\r\n"],
        &["220 hi\r\n", "250-"],
        &["220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "250-"],
    ] {
        let (address, said) = flood(parts).await;
        let server = address.to_string().parse().unwrap();
        let domains = ["example.org".parse().unwrap()];
        let probing = probe(&server, &domains, true, ProbeLimits::default());
        let state = ends("mail server", &said, probing).await;
        assert!(!state.is_ready(), "{state:?}");
    }
}

/// Every user of this machine reaches the demo's servers.
#[tokio::test]
async fn at_the_demo() {
    let demo = Demo::start(Manner::Etrn).await.unwrap();
    let account = demo.account("demo".into());
    let provider = (account.host.as_str(), account.port());
    let said = AtomicU64::new(0);
    for parts in [&[""][..], &["EHLO x\r\n", "NOOP "]] {
        let stream = TcpStream::connect(provider).await.unwrap();
        let end = ends("demo", &said, talk(stream, parts, &said)).await;
        assert!(end.is_err());
    }
    // It is there for others as before.
    let poked = poke(&account, Poking::by_host(None), |_| {}).await;
    assert_eq!(poked.poke.reason, Reason::PendingStarted);
}
