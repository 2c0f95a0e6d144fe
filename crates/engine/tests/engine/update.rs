//! Announcements of versions over HTTP: which are believed, and that nothing else is fetched.

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
    thread,
};

use dequeue_core::update::Unbelieved;
use dequeue_engine::{
    channel::Why,
    update::{LookFault, Source},
};

const KEY: &str = include_str!("../announcements/key.txt");

macro_rules! announcement {
    ($name:literal) => {
        (
            include_bytes!(concat!("../announcements/", $name, ".json")).to_vec(),
            include_bytes!(concat!("../announcements/", $name, ".json.minisig")).to_vec(),
        )
    };
}

/// A web server that has an announcement and its signature, and keeps what it was asked for.
struct Server {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start(answers: HashMap<&'static str, Vec<u8>>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let keeps = asked.clone();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let Some(Ok(first)) = lines.next() else {
                    continue;
                };
                // The head ends with an empty line.
                for line in lines.map_while(Result::ok) {
                    if line.is_empty() {
                        break;
                    }
                }
                let path = first.split(' ').nth(1).unwrap_or_default().to_owned();
                let answer = answers.get(path.as_str()).cloned();
                keeps.lock().unwrap().push(first);
                let answer = answer.unwrap_or_else(|| head("404 Not Found", 0));
                // A client that has seen enough hangs up.
                let _ = stream.write_all(&answer);
            }
        });
        Self { address, asked }
    }

    /// One that has these two files.
    fn with((file, signature): (Vec<u8>, Vec<u8>)) -> Self {
        Self::start(HashMap::from([
            ("/latest.json", ok(&file)),
            ("/latest.json.minisig", ok(&signature)),
        ]))
    }

    fn source(&self) -> Source {
        Source::new(&format!("http://{}/latest.json", self.address), KEY.trim()).unwrap()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

fn head(status: &str, length: usize) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n").into()
}

fn ok(body: &[u8]) -> Vec<u8> {
    [head("200 OK", body.len()), body.to_vec()].concat()
}

#[tokio::test]
async fn what_is_signed_is_believed() {
    let server = Server::with(announcement!("9.9.9"));
    let announcement = server.source().look().await.unwrap();
    assert_eq!(announcement.version.to_string(), "9.9.9");
    assert_eq!(announcement.date.to_string(), "2025-01-15");
    assert_eq!(announcement.notes, "https://dequeue.example/9.9.9");
    let expected = [
        "GET /latest.json HTTP/1.1",
        "GET /latest.json.minisig HTTP/1.1",
    ];
    assert_eq!(server.asked(), expected);
}

#[tokio::test]
async fn what_is_not_signed_for_this_is_not_believed() {
    let (file, right) = announcement!("9.9.9");
    let (_, of_another) = announcement!("9.9.8");
    let other_key = include_bytes!("../announcements/9.9.9-other-key.minisig").to_vec();
    let other_comment = include_bytes!("../announcements/9.9.9-other-comment.minisig").to_vec();
    let old_kind = include_bytes!("../announcements/9.9.9-old-kind.minisig").to_vec();
    let text = String::from_utf8(right.clone()).unwrap();
    let changed_file = String::from_utf8(file.clone())
        .unwrap()
        .replace("9.9.9", "9.9.7");
    // Only the comment: what vouches for it is a signature of its own.
    let changed_comment = text.replace("dequeue 9.9.9", "dequeue 9.9.8");
    let changed_signature = text.replacen('B', "A", 1);
    for (what, file, signature, fault) in [
        (
            "of another file",
            file.clone(),
            of_another,
            LookFault::Unsigned,
        ),
        (
            "by another key",
            file.clone(),
            other_key,
            LookFault::Unsigned,
        ),
        (
            "of the old kind",
            file.clone(),
            old_kind,
            LookFault::Unsigned,
        ),
        (
            "changed",
            file.clone(),
            changed_signature.into(),
            LookFault::Unsigned,
        ),
        (
            "with a changed comment",
            file.clone(),
            changed_comment.into(),
            LookFault::Unsigned,
        ),
        (
            "of a changed file",
            changed_file.into(),
            right,
            LookFault::Unsigned,
        ),
        (
            "garbage",
            file.clone(),
            b"\xff\xfe garbage".to_vec(),
            LookFault::Unsigned,
        ),
        ("empty", file.clone(), Vec::new(), LookFault::Unsigned),
        (
            "for something else",
            file,
            other_comment,
            LookFault::Unbelieved(Unbelieved::OtherComment),
        ),
    ] {
        let looked = Server::with((file, signature)).source().look().await;
        assert_eq!(looked, Err(fault), "a signature {what}");
    }
    let garbage = Server::with(announcement!("garbage")).source().look().await;
    assert_eq!(garbage, Err(LookFault::Unbelieved(Unbelieved::Garbage)));
}

#[tokio::test]
async fn what_is_too_large_or_elsewhere_or_not_there_is_not_read() {
    let (file, signature) = announcement!("9.9.9");
    let endless = [head("200 OK", usize::MAX / 2), vec![b' '; 1 << 20]].concat();
    let large = [ok(&vec![b' '; 100_000])].concat();
    for large in [endless, large] {
        let answers = HashMap::from([
            ("/latest.json", large),
            ("/latest.json.minisig", ok(&signature)),
        ]);
        let server = Server::start(answers);
        assert_eq!(server.source().look().await, Err(LookFault::TooLarge));
        assert_eq!(server.asked().len(), 1);
    }
    let elsewhere = Server::with((file, signature));
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nLocation: http://{}/latest.json\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        elsewhere.address
    );
    let server = Server::start(HashMap::from([("/latest.json", redirect.into_bytes())]));
    let looked = server.source().look().await;
    assert_eq!(looked, Err(LookFault::Unreachable(Why::Status(302))));
    assert_eq!(elsewhere.asked(), [""; 0]);
    let looked = Server::start(HashMap::new()).source().look().await;
    assert_eq!(looked, Err(LookFault::Unreachable(Why::Status(404))));
    // Nobody listens at port 1.
    let nobody = Source::new("http://127.0.0.1:1/latest.json", KEY.trim()).unwrap();
    let looked = nobody.look().await;
    assert!(
        matches!(looked, Err(LookFault::Unreachable(_))),
        "{looked:?}"
    );
}

#[test]
fn a_source_is_an_address_and_a_key() {
    for (address, key) in [
        ("no address", KEY.trim()),
        ("/latest.json", KEY.trim()),
        ("https://dequeue.example/latest.json", "no key"),
        ("https://dequeue.example/latest.json", ""),
        ("file:///etc/passwd", KEY.trim()),
    ] {
        assert!(Source::new(address, key).is_none(), "{address} {key}");
    }
}
