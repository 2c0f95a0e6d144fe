//! One engine for all clients: hosting, attaching, and the control socket between them, as one
//! process sees it and byte by byte.

use dequeue_api::{
    Client, ErrorCode, Event, Paths, PauseLength, Request, Response, Seat, Snapshot, attach,
};
use dequeue_engine::{Attached, Hosting, host_or_attach};
use tokio::net::TcpListener;

fn show_window() -> Event {
    Event::ShowWindow {
        account: None,
        seat: Seat::default(),
    }
}

async fn host(paths: &Paths) -> Attached {
    let engine = host_or_attach(paths, Hosting::Rhythm).await.unwrap();
    assert!(engine.is_hosting());
    engine
}

async fn snapshot(client: &Client) -> Snapshot {
    match client.request(Request::Snapshot).await.unwrap() {
        Response::Snapshot { snapshot } => *snapshot,
        other => panic!("{other:?}"),
    }
}

fn save(name: &str, port: u16) -> Request {
    let fields = [
        ("name", name.to_owned()),
        ("host", "127.0.0.1".to_owned()),
        ("port", port.to_string()),
        ("method", "signal".to_owned()),
    ];
    Request::SaveAccount {
        original: None,
        fields: fields.map(|(key, value)| (key.to_owned(), value)).into(),
        dry_run: false,
    }
}

/// A provider that takes connections and never says a word.
async fn silent_provider() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut held = Vec::new();
        loop {
            held.push(listener.accept().await.unwrap());
        }
    });
    port
}

#[tokio::test]
async fn the_second_attaches_to_the_first() {
    let folder = tempfile::tempdir().unwrap();
    let paths = Paths::in_folder(&folder.path().join("new"));
    assert!(
        attach(&paths).await.is_none(),
        "there is nothing to attach to"
    );
    let first = host(&paths).await;
    let mut others = Vec::new();
    for hosting in [Hosting::Rhythm, Hosting::Once] {
        let other = host_or_attach(&paths, hosting).await.unwrap();
        assert!(!other.is_hosting(), "{hosting:?}");
        others.push(other);
    }
    // What one changes, all see.
    let mut events: Vec<_> = others.iter().map(|other| other.client.events()).collect();
    events.push(first.client.events());
    // An answer means that the line stands, and with it the events.
    for other in &others {
        snapshot(&other.client).await;
    }
    let port = silent_provider().await;
    let saved = others[0].client.request(save("a", port)).await;
    assert_eq!(saved, Ok(Response::Done));
    for events in &mut events {
        let Event::Changed { snapshot } = events.recv().await.unwrap() else {
            panic!()
        };
        assert_eq!(snapshot.accounts[0].name, "a");
    }
    // An error is the same over the socket, fields and all.
    let wrong = save("a", 0);
    let here = first.client.request(wrong.clone()).await.unwrap_err();
    let there = others[1].client.request(wrong).await.unwrap_err();
    assert_eq!(here.code, ErrorCode::InvalidInput);
    assert_eq!(here, there);
    // A client that leaves takes nothing with it.
    others.pop().unwrap().stop().await;
    assert_eq!(
        snapshot(&others[0].client).await,
        snapshot(&first.client).await
    );
}

#[tokio::test]
async fn when_the_engine_ends_every_face_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let paths = Paths::in_folder(folder.path());
    let engine = host(&paths).await;
    let client = attach(&paths).await.unwrap();
    let mut events = client.events();
    // A poke that is under way when the engine ends.
    let port = silent_provider().await;
    client.request(save("a", port)).await.unwrap();
    let asking = client.clone();
    let asked =
        tokio::spawn(async move { asking.request(Request::PokeNow { accounts: vec![] }).await });
    loop {
        let shown = events.recv().await.unwrap();
        if matches!(shown, Event::Dialogue { .. }) {
            break;
        }
    }
    engine.stop().await;
    assert_eq!(
        asked.await.unwrap().unwrap_err().code,
        ErrorCode::EngineGone
    );
    loop {
        if events.recv().await.unwrap() == Event::Gone {
            break;
        }
    }
    let error = client.request(Request::Snapshot).await.unwrap_err();
    assert_eq!(error.code, ErrorCode::EngineGone);
    assert!(attach(&paths).await.is_none());
    // Its place is free.
    let next = host(&paths).await;
    assert_eq!(snapshot(&next.client).await.accounts.len(), 1);
    assert!(attach(&paths).await.is_some());
}

#[tokio::test]
async fn an_engine_for_one_command_keeps_nobody_out() {
    let folder = tempfile::tempdir().unwrap();
    let paths = Paths::in_folder(folder.path());
    let once = host_or_attach(&paths, Hosting::Once).await.unwrap();
    assert!(once.is_hosting());
    let twice = host_or_attach(&paths, Hosting::Once).await.unwrap();
    assert!(twice.is_hosting() && attach(&paths).await.is_none());
    let rhythm = host(&paths).await;
    assert!(attach(&paths).await.is_some());
    // All write to one history.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    once.client
        .request(Request::Pause {
            account: None,
            lasts: PauseLength::UntilResumed,
        })
        .await
        .unwrap();
    once.client.request(save("a", port)).await.unwrap();
    for engine in [&once, &rhythm] {
        let all = Request::PokeNow { accounts: vec![] };
        // The one has the account from itself, the other from the file, when it sees it.
        while engine.client.request(all.clone()).await
            == Ok(Response::Pokes {
                pokes: vec![],
                more: false,
            })
        {
            tokio::task::yield_now().await;
        }
    }
    let page = Request::History {
        account: None,
        since: None,
        before: None,
        limit: 10,
    };
    let Response::Pokes { pokes, .. } = twice.client.request(page).await.unwrap() else {
        panic!()
    };
    assert!(pokes.len() >= 2, "{pokes:?}");
}

#[tokio::test]
async fn a_window_that_leaves_makes_room_for_another() {
    let folder = tempfile::tempdir().unwrap();
    let paths = Paths::in_folder(folder.path());
    let engine = host(&paths).await;
    let open = |open| Ok(Response::Window { open });
    let window = attach(&paths).await.unwrap();
    let mut events = window.events();
    assert_eq!(window.request(Request::AttachWindow).await, open(false));
    let second = attach(&paths).await.unwrap();
    assert_eq!(second.request(Request::AttachWindow).await, open(true));
    assert_eq!(events.recv().await.unwrap(), show_window());
    assert_eq!(
        engine
            .client
            .request(Request::ShowWindow { account: None })
            .await,
        open(true)
    );
    drop(window);
    while engine
        .client
        .request(Request::ShowWindow { account: None })
        .await
        == open(true)
    {
        tokio::task::yield_now().await;
    }
    assert_eq!(second.request(Request::AttachWindow).await, open(false));
}

#[cfg(unix)]
mod on_the_wire {
    use std::{
        fs,
        os::unix::fs::{MetadataExt, PermissionsExt},
    };

    use dequeue_api::PROTOCOL;
    use serde_json::{Value, json};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::UnixStream,
    };

    use super::*;

    fn mode(path: impl AsRef<std::path::Path>) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    async fn connect(paths: &Paths) -> UnixStream {
        let socket = paths.data().join("control.sock");
        let mut stream = UnixStream::connect(socket).await.unwrap();
        let hello = receive(&mut stream).await;
        assert_eq!(hello, json!({"hello": {"protocol": PROTOCOL}}));
        stream
    }

    async fn send(stream: &mut UnixStream, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).unwrap();
        stream.write_all(&length.to_be_bytes()).await.unwrap();
        stream.write_all(bytes).await.unwrap();
    }

    async fn receive(stream: &mut UnixStream) -> Value {
        let length = stream.read_u32().await.unwrap();
        let mut bytes = vec![0; length as usize];
        stream.read_exact(&mut bytes).await.unwrap();
        serde_json::from_slice(&bytes).unwrap()
    }

    /// Whether the other end has hung up.
    async fn hung_up(stream: &mut UnixStream) -> bool {
        matches!(stream.read(&mut [0; 1]).await, Ok(0) | Err(_))
    }

    #[tokio::test]
    async fn what_is_not_understood_is_said_and_what_is_no_message_ends_the_line() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::in_folder(folder.path());
        let engine = host(&paths).await;
        let mut stream = connect(&paths).await;
        for (id, request) in [
            (7, json!({"type": "fly"})),
            (8, json!({"type": "pause", "account": 3})),
            (9, json!("snapshot")),
        ] {
            send(
                &mut stream,
                json!({"id": id, "request": request}).to_string().as_bytes(),
            )
            .await;
            let answer = receive(&mut stream).await;
            assert_eq!(answer["answer"]["id"], id);
            assert_eq!(
                answer["answer"]["result"]["Err"]["code"], "protocol",
                "{answer}"
            );
        }
        // The line is as good as before, also in small pieces.
        let call = json!({"id": 10, "request": {"type": "snapshot"}}).to_string();
        let length = u32::try_from(call.len()).unwrap().to_be_bytes();
        for byte in length.iter().chain(call.as_bytes()) {
            stream.write_all(&[*byte]).await.unwrap();
        }
        let answer = receive(&mut stream).await;
        assert_eq!(
            answer["answer"]["result"]["Ok"]["type"], "snapshot",
            "{answer}"
        );

        let oversize = dequeue_api::socket::REQUEST_OCTETS + 1;
        stream.write_all(&oversize.to_be_bytes()).await.unwrap();
        assert!(hung_up(&mut stream).await);
        let mut stream = connect(&paths).await;
        send(&mut stream, b"this is not JSON").await;
        assert!(hung_up(&mut stream).await);
        // Half a message, and gone.
        let mut stream = connect(&paths).await;
        stream.write_all(&[0, 0, 1, 0, b'{']).await.unwrap();
        drop(stream);
        snapshot(&engine.client).await;
        assert!(
            attach(&paths).await.is_some(),
            "nothing of that troubles anybody else"
        );
    }

    /// A client that does not read holds nobody up, and learns that it has missed something.
    #[tokio::test]
    async fn a_face_that_is_too_slow() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::in_folder(folder.path());
        let engine = host(&paths).await;
        let mut stream = connect(&paths).await;
        send(&mut stream, br#"{"id":1,"request":{"type":"snapshot"}}"#).await;
        receive(&mut stream).await;
        for _ in 0..3000 {
            engine
                .client
                .request(Request::Pause {
                    account: None,
                    lasts: PauseLength::UntilResumed,
                })
                .await
                .unwrap();
        }
        let mut read = 0;
        while receive(&mut stream).await != json!({"event": {"type": "missed"}}) {
            read += 1;
        }
        assert!(read < 3000, "{read}");
        // It asks again, and knows all.
        send(&mut stream, br#"{"id":2,"request":{"type":"snapshot"}}"#).await;
        let answer = loop {
            let message = receive(&mut stream).await;
            if message.get("answer").is_some() {
                break message;
            }
        };
        assert_eq!(answer["answer"]["result"]["Ok"]["snapshot"]["paused"], true);
    }

    #[tokio::test]
    async fn the_socket_is_its_owners_alone() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::in_folder(&folder.path().join("new"));
        let _engine = host(&paths).await;
        assert_eq!(mode(paths.data()), 0o700);
        // On macOS the folder alone keeps others out.
        if cfg!(target_os = "linux") {
            assert_eq!(mode(paths.data().join("control.sock")), 0o600);
        }
    }

    #[tokio::test]
    async fn what_a_killed_engine_left_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::in_folder(folder.path());
        let socket = paths.data().join("control.sock");
        drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
        assert!(socket.exists());
        let engine = host(&paths).await;
        let client = attach(&paths).await.unwrap();
        snapshot(&client).await;
        engine.stop().await;
        assert!(!socket.exists(), "in good order it leaves none");
    }

    /// `sun_path` holds 108 octets on Linux, 104 on macOS.
    #[tokio::test]
    async fn a_folder_too_deep_for_a_socket() {
        let folder = tempfile::tempdir().unwrap();
        let deep = folder.path().join("a".repeat(100)).join("b".repeat(100));
        let paths = Paths::in_folder(&deep);
        let engine = host(&paths).await;
        let client = attach(&paths).await.unwrap();
        snapshot(&client).await;
        assert!(!deep.join("control.sock").exists() && deep.join("history.sqlite").exists());
        let beside = Paths::in_folder(&deep.with_file_name("c".repeat(100)));
        assert!(
            attach(&beside).await.is_none(),
            "each folder has a socket of its own"
        );
        let user = fs::metadata(folder.path()).unwrap().uid();
        let sockets = std::env::temp_dir().join(format!("dequeue-{user}"));
        assert_eq!(mode(&sockets), 0o700);
        engine.stop().await;
    }
}

/// A backup or a person with a shell has the history open for writing. What is asked meanwhile is
/// answered while the lock is held; were anything to wait for it, this test would not end.
#[tokio::test]
async fn a_history_that_another_program_has_locked_holds_up_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let paths = Paths::in_folder(folder.path());
    let engine = host(&paths).await;
    // Nobody listens there any more.
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = gone.local_addr().unwrap().port();
    drop(gone);
    engine.client.request(save("a", port)).await.unwrap();
    let other = rusqlite::Connection::open(paths.history()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let face = attach(&paths).await.unwrap();
    for _ in 0..3 {
        let accounts = vec!["a".to_owned()];
        let answer = face.request(Request::PokeNow { accounts }).await.unwrap();
        let Response::Pokes { pokes, .. } = answer else {
            panic!("{answer:?}")
        };
        let last = pokes[0].id;
        let account = snapshot(&face).await.accounts.remove(0);
        assert_eq!(account.last.unwrap().id, last);
        let history = Request::History {
            account: None,
            since: None,
            before: None,
            limit: 10,
        };
        let answer = face.request(history).await.unwrap();
        let Response::Pokes { pokes, .. } = answer else {
            panic!("{answer:?}")
        };
        assert_eq!(pokes[0].id, last, "what waits is shown, too");
    }
    let fault = snapshot(&face).await.history_fault;
    assert!(fault.is_some(), "nobody is told that it cannot be written");

    other.execute_batch("ROLLBACK").unwrap();
    engine.stop().await;
    // Beside these three there may be the first poke of the new account.
    let count = "SELECT count(*) FROM poke";
    let kept: i64 = other.query_row(count, (), |row| row.get(0)).unwrap();
    assert!(kept >= 3, "what waited is written once that works: {kept}");
}
