//! Checks of the mail server over real connections.

use std::time::Duration;

use dequeue_core::{mail_server::MailServerState, settings::value::Server};
use dequeue_engine::mail_server::{ProbeLimits, probe};
use dequeue_smtp::Domain;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
    time::{advance, pause},
};

/// A port that nobody else has, and its server.
async fn listen() -> (TcpListener, Server) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let own = Server {
        host: "localhost".parse().unwrap(),
        port: listener.local_addr().unwrap().port(),
    };
    (listener, own)
}

/// Greets, answers each command with the next of the replies, and gives the commands.
async fn serve(listener: TcpListener, replies: &'static [&'static str]) -> JoinHandle<Vec<String>> {
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let mut heard = Vec::new();
        for reply in replies {
            stream
                .write_all(format!("{reply}\r\n").as_bytes())
                .await
                .unwrap();
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap() == 0 {
                break;
            }
            heard.push(line.trim_end().to_owned());
        }
        heard
    })
}

fn domains(names: &[&str]) -> Vec<Domain> {
    names.iter().map(|name| name.parse().unwrap()).collect()
}

#[tokio::test]
async fn a_server_that_takes_the_domain_and_trusts_this_machine() {
    let (listener, own) = listen().await;
    let says = &[
        "220 mail ESMTP",
        "250 mail",
        "250 a",
        "250 b",
        "250 c",
        "250 d",
    ];
    let served = serve(listener, says).await;
    let state = probe(&own, &domains(&["a.test"]), true, ProbeLimits::default()).await;
    let domain = "example.com".to_owned();
    assert_eq!(state, MailServerState::TrustsUs { domain });
    let heard = served.await.unwrap();
    assert!(
        heard[0].starts_with("EHLO ") && !heard[0].contains("localhost"),
        "{heard:?}"
    );
    assert_eq!(
        heard[1..],
        [
            "MAIL FROM:<>",
            "RCPT TO:<postmaster@a.test>",
            "RCPT TO:<postmaster@example.com>",
            "RSET",
            "QUIT"
        ]
    );
}

#[tokio::test]
async fn a_greeting_is_enough_where_nothing_is_to_be_tested() {
    let (listener, own) = listen().await;
    let served = serve(listener, &["220-mail\r\n220 ESMTP"]).await;
    let state = probe(&own, &[], false, ProbeLimits::default()).await;
    let greeting = "mail ESMTP".to_owned();
    assert_eq!(state, MailServerState::Answering { greeting });
    assert_eq!(served.await.unwrap(), ["QUIT"]);
}

#[tokio::test]
async fn nobody_listens() {
    let (listener, own) = listen().await;
    drop(listener);
    let state = probe(&own, &[], false, ProbeLimits::default()).await;
    assert_eq!(state, MailServerState::Refusing);
    let nowhere = Server {
        host: "no-such-host.invalid".parse().unwrap(),
        port: 25,
    };
    let state = probe(&nowhere, &[], false, ProbeLimits::default()).await;
    assert_eq!(state, MailServerState::Unreachable);
}

/// Whatever it says or leaves unsaid, the check ends in time.
#[tokio::test]
async fn silence_and_trickles_are_bounded() {
    let limits = ProbeLimits::default();
    for trickle in [false, true] {
        let (listener, own) = listen().await;
        let checked = tokio::spawn(async move { probe(&own, &[], false, limits).await });
        let (mut stream, _): (TcpStream, _) = listener.accept().await.unwrap();
        if trickle {
            stream.write_all(b"220-a byte at a time").await.unwrap();
            // It is there to be read before the time passes.
            tokio::task::yield_now().await;
        }
        pause();
        advance(limits.reply + Duration::from_secs(1)).await;
        assert_eq!(checked.await.unwrap(), MailServerState::Silent, "{trickle}");
        tokio::time::resume();
    }
}
