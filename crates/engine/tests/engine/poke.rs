//! Pokes over real connections, to providers that do all that providers do.

use std::{net::SocketAddr, time::Duration};

use crate::left_out::left_out;
use dequeue_core::{
    Text,
    record::Poke,
    settings::{
        Account,
        value::{IpVersion, Value},
    },
};
use dequeue_engine::poke::{Poking, poke};
use dequeue_smtp::{DialogueLine, Outcome, Reason, Speaker};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    sync::mpsc,
    task::JoinHandle,
    time::{Instant, advance},
};

fn account(fields: &[(&str, &str)]) -> Account {
    let usual = [
        ("name", "a"),
        ("host", "127.0.0.1"),
        ("method", "etrn"),
        ("domains", "example.org"),
    ];
    Account::unnamed(
        usual
            .iter()
            .chain(fields)
            .map(|(key, value)| (*key, Value::Text(value))),
    )
    .unwrap()
}

async fn poked(account: &Account) -> Poke {
    let mut shown = Vec::new();
    let text = Text::for_language("en");
    let poke = poke(account, Poking::by_host(None), |line| {
        shown.push(line.clone())
    })
    .await
    .poke;
    assert_eq!(shown, poke.dialogue, "each line was shown as it was said");
    assert!(!text.explain_poke(&poke).is_empty());
    poke
}

fn port(listener: &TcpListener) -> String {
    listener.local_addr().unwrap().port().to_string()
}

/// Takes one connection, says what is to be said, hangs up at QUIT if it is `polite`, and gives all
/// that it was sent.
async fn provider(says: &'static [u8], polite: bool) -> (String, JoinHandle<(SocketAddr, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = port(&listener);
    let heard = tokio::spawn(async move {
        let (mut stream, from) = listener.accept().await.unwrap();
        stream.write_all(says).await.unwrap();
        let mut heard = String::new();
        let mut bytes = [0; 256];
        // A reset ends it as well.
        while let Ok(count @ 1..) = stream.read(&mut bytes).await {
            heard.push_str(std::str::from_utf8(&bytes[..count]).unwrap());
            if polite && heard.ends_with("QUIT\r\n") {
                break;
            }
        }
        (from, heard)
    });
    (port, heard)
}

#[tokio::test]
async fn a_refused_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = port(&listener);
    drop(listener);
    let poke = poked(&account(&[("port", &port)])).await;
    assert_eq!(
        (poke.outcome, poke.reason),
        (Outcome::Unreachable, Reason::ConnectionRefused)
    );
    assert_eq!((poke.exit_status(), poke.round_trips), (69, 0));
    assert_eq!(
        poke.address,
        Some(format!("127.0.0.1:{port}")),
        "where it was tried"
    );
    assert_eq!(poke.domains[0].outcome, Outcome::Unreachable);
    let explanation = Text::for_language("en").explain_poke(&poke);
    assert!(explanation.contains("127.0.0.1"), "{}", explanation);
}

#[tokio::test]
async fn a_name_without_an_address() {
    // RFC 6761: a name under .invalid never has one.
    let poke = poked(&account(&[
        ("host", "bsmtp.nosuch.invalid"),
        ("connect_timeout", "5s"),
    ]))
    .await;
    assert_eq!(
        (poke.outcome, poke.reason, poke.exit_status()),
        (Outcome::Unreachable, Reason::NoAddress, 69)
    );
    assert_eq!(poke.address, None);
    // One that has addresses, of which none may be used, is told as that. (Settings with an address
    // that cannot be used are refused; in these it stands for a name's.)
    let account = Account {
        ip: IpVersion::V6,
        ..account(&[])
    };
    let poke = poked(&account).await;
    assert_eq!(
        (poke.outcome, poke.reason, poke.exit_status()),
        (Outcome::Unreachable, Reason::NoIpv6Address, 69)
    );
}

#[tokio::test]
async fn the_source_address_is_the_one_that_was_set() {
    let (port, heard) = provider(b"554 no\r\n", true).await;
    let poke = poked(&account(&[("port", &port), ("bind", "127.0.0.9")])).await;
    assert_eq!(poke.outcome, Outcome::Refused);
    let (from, heard) = heard.await.unwrap();
    assert_eq!(
        (from.ip().to_string().as_str(), heard.as_str()),
        ("127.0.0.9", "QUIT\r\n")
    );
    // One that this machine does not have (RFC 5737).
    let poke = poked(&account(&[("port", &port), ("bind", "192.0.2.1")])).await;
    assert_eq!(
        (poke.outcome, poke.reason, poke.exit_status()),
        (Outcome::Failed, Reason::LocalFault, 70)
    );
}

#[tokio::test]
async fn an_ipv6_address() {
    let Ok(listener) = TcpListener::bind("[::1]:0").await else {
        left_out("this machine has no IPv6 on its loopback interface");
        return;
    };
    let port = port(&listener);
    let account = account(&[("host", "[::1]"), ("port", &port)]);
    let accept = async {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"421 six\r\n").await.unwrap();
    };
    let (poke, ()) = tokio::join!(poked(&account), accept);
    assert_eq!(poke.address, Some(format!("[::1]:{port}")));
    assert_eq!(
        (poke.text.as_deref(), poke.host.as_str()),
        (Some("six"), "::1")
    );
}

/// A host that drops what it does not want: here one whose queue of connections is full.
#[tokio::test]
async fn a_connection_that_nobody_takes() {
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let full = socket.listen(0).unwrap();
    let address = full.local_addr().unwrap();
    let mut held = Vec::new();
    // Until one has to wait: the kernel holds one or two more than it was told.
    while let Ok(stream) =
        tokio::time::timeout(Duration::from_millis(500), TcpStream::connect(address)).await
    {
        held.push(stream.unwrap());
    }
    tokio::time::pause();
    let account = account(&[
        ("port", &address.port().to_string()),
        ("connect_timeout", "20s"),
    ]);
    let begun = Instant::now();
    let poke = poked(&account).await;
    assert_eq!(
        (poke.outcome, poke.reason, poke.exit_status()),
        (Outcome::Unreachable, Reason::ConnectTimeout, 69)
    );
    assert_eq!(begun.elapsed().as_secs(), 20);
    assert_eq!(poke.address, Some(address.to_string()));
}

/// The clock stands still except for what the test moves it: tokio lets a paused one run to the next
/// deadline when all is idle, but not while a blocking task runs.
#[tokio::test(start_paused = true)]
async fn silence_has_its_limit_and_a_goodbye() {
    let (_still, moved) = std::sync::mpsc::channel::<()>();
    tokio::task::spawn_blocking(move || moved.recv());
    use Reason::{NotGreeted, SilentBeforeRequest};
    for (says, last_line, limit, reason) in [
        (b"".as_slice(), "connected", 7, NotGreeted),
        (b"220-hi\r\n220", "connected", 7, NotGreeted),
        (
            b"220 hi\r\n",
            "EHLO office.example",
            11,
            SilentBeforeRequest,
        ),
    ] {
        let (port, heard) = provider(says, false).await;
        let account = account(&[
            ("port", &port),
            ("greeting_timeout", "7s"),
            ("command_timeout", "11s"),
            ("ehlo", "office.example"),
        ]);
        let (shows, mut shown) = mpsc::unbounded_channel();
        let _text = Text::for_language("en");
        let poking = tokio::spawn(async move {
            let show = |line: &DialogueLine| shows.send(line.line.clone()).unwrap();
            poke(&account, Poking::by_host(None), show).await.poke
        });
        while shown.recv().await.unwrap() != last_line {}
        advance(Duration::from_secs(limit) - Duration::from_millis(1)).await;
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        assert!(
            shown.is_empty() && !poking.is_finished(),
            "not before its time"
        );
        advance(Duration::from_millis(1)).await;
        assert_eq!(shown.recv().await.unwrap(), "timed-out");
        assert_eq!(shown.recv().await.unwrap(), "QUIT");
        // Five seconds for what comes to the QUIT, and nothing comes.
        advance(Duration::from_secs(5)).await;
        let poke = poking.await.unwrap();
        assert_eq!(
            (poke.outcome, poke.reason, poke.exit_status()),
            (Outcome::Unknown, reason, 75)
        );
        assert_eq!(u64::from(poke.duration_ms), (limit + 5) * 1000);
        let (_, heard) = heard.await.unwrap();
        assert!(heard.ends_with("QUIT\r\n"), "{heard}");
        assert_eq!(heard.starts_with("EHLO office.example\r\n"), limit == 11);
    }
}

#[tokio::test]
async fn what_is_no_provider() {
    for (says, reason) in [
        (b"SSH-2.0-OpenSSH_9.2p1\r\n".as_slice(), Reason::NotSmtp),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Reason::NotSmtp),
        (b"\x16\x03\x01\x02\x00", Reason::NotSmtp),
        (b"\0\0\0\0", Reason::NotSmtp),
        (&[b'2'; 9000], Reason::NotSmtp),
        (
            &[b"220 ", [b'x'; 9000].as_slice()].concat(),
            Reason::TooMuch,
        ),
    ] {
        let says: &'static [u8] = says.to_vec().leak();
        let (port, heard) = provider(says, true).await;
        let poke = poked(&account(&[("port", &port)])).await;
        assert_eq!(
            (poke.outcome, poke.reason, poke.exit_status()),
            (Outcome::Refused, reason, 76)
        );
        assert_eq!(heard.await.unwrap().1, "QUIT\r\n");
    }
}

/// Resets at each step: before the greeting, after it, and at the request.
#[tokio::test]
async fn resets_at_each_step() {
    let hello = b"250-hi\r\n250 PIPELINING\r\n".as_slice();
    for (replies, outcome, reason) in [
        (vec![], Outcome::Unknown, Reason::NotGreeted),
        // At EHLO: once more with HELO, to the same end.
        (
            vec![b"220 hi\r\n".as_slice()],
            Outcome::Unknown,
            Reason::HungUpBeforeRequest,
        ),
        (vec![b"220 hi\r\n", hello], Outcome::Unknown, Reason::HungUp),
        (
            vec![b"220 hi\r\n", hello, b"250 OK\r\n"],
            Outcome::Started,
            Reason::QueuingStarted,
        ),
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = port(&listener);
        let said = replies.clone();
        let serving = tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                for (i, reply) in said.iter().enumerate() {
                    if i > 0 {
                        // What is unread at the close makes a reset of it anyway.
                        let _ = stream.read(&mut [0; 256]).await.unwrap();
                    }
                    stream.write_all(reply).await.unwrap();
                }
                if said.len() < 3 && !said.is_empty() {
                    let _ = stream.read(&mut [0; 256]).await.unwrap();
                }
                stream.set_zero_linger().unwrap();
            }
        });
        let poke = poked(&account(&[("port", &port)])).await;
        assert_eq!(
            (poke.outcome, poke.reason),
            (outcome, reason),
            "{replies:?} {:?}",
            poke.dialogue
        );
        let end = poke.dialogue.last().unwrap();
        assert_eq!(end.from, Speaker::Connection, "{end:?}");
        assert!(["closed", "reset"].contains(&end.line.as_str()), "{end:?}");
        serving.abort();
    }
}

#[tokio::test]
async fn times_are_whole_milliseconds() {
    let (port, _heard) = provider(b"554 no\r\n", true).await;
    let poke = poked(&account(&[("port", &port)])).await;
    assert_eq!(poke.started_at.subsec_nanosecond() % 1_000_000, 0);
}
