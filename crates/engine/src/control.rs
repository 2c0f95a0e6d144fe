//! The engine's end of the control socket ([`dequeue_api::socket`]): serves whoever connects, as far
//! as the user who does so may ask for it.

#[cfg(test)]
#[path = "../tests/engine/every_request.rs"]
mod every_request;
mod guests;

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use dequeue_api::{
    ApiError, ErrorCode, Event, Message, PROTOCOL, Request, Response, Rights, Seat,
    client::{Client, ClientId, error},
    rights::not_allowed,
    socket::{
        LOOKING_OCTETS, MESSAGE_OCTETS, MESSAGES_WAITING, read_call, too_large, write, write_secret,
    },
};
use dequeue_core::text::{SYSTEM, Text};
use dequeue_platform::peer::{self, Peer};
use interprocess::local_socket::tokio::{Listener, Stream, prelude::*};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{broadcast::error::RecvError, mpsc},
    task::JoinSet,
    time::timeout,
};

pub(crate) use self::guests::Audience;
use self::guests::{Grant, Guests};

/// Clients at once; each is a process of a user's, or a terminal. One more is hung up on.
const CLIENTS: usize = 128;
/// How long a client may take for its first word where the system does not say before who it is.
const FIRST_WORD: Duration = Duration::from_secs(10);

/// A request and its number, where this version knows the request.
type Asked = (u64, Result<Request, serde_json::Error>);

/// Serves whoever connects, for as long as the engine lives. `gone` is told of each client that left.
pub(crate) async fn serve(
    listener: Listener,
    audience: Audience,
    client: Client,
    gone: mpsc::Sender<ClientId>,
) {
    let clients = AtomicU64::new(1);
    let guests = Arc::new(Guests::default());
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok(_) if connections.len() >= CLIENTS => {
                tracing::warn!(CLIENTS, "another client has to wait");
            }
            Ok(stream) => {
                let id = clients.fetch_add(1, Ordering::Relaxed);
                let (client, gone, guests) = (client.clone(), gone.clone(), guests.clone());
                connections.spawn(async move {
                    receive(stream, audience, &guests, client, id).await;
                    let _ = gone.send(id).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the control socket does not accept");
                // Out of descriptors, most likely: not in a circle at full speed.
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

/// Finds out who has connected, and serves that client if it has any business here. Else it is hung
/// up on.
async fn receive(
    mut stream: Stream,
    audience: Audience,
    guests: &Arc<Guests>,
    client: Client,
    id: ClientId,
) {
    let known = match peer_of(&stream) {
        Ok(peer) => Some(peer),
        Err(error) if is_too_early(&error) => None,
        Err(error) => {
            tracing::warn!(%error, "it is not known who has connected");
            return;
        }
    };
    let (peer, first) = match known {
        Some(peer) => (peer, None),
        None => match first_word(&mut stream).await {
            Ok((peer, first)) => (peer, Some(first)),
            Err(error) => {
                tracing::warn!(%error, "it is not known who has connected");
                return;
            }
        },
    };
    let Some(grant) = guests.admit(&peer, audience) else {
        tracing::warn!(user = peer.user, "a client of this user's was not let in");
        return;
    };
    let client = client.for_client(id, grant.seat);
    converse(stream, client, &grant, first).await;
}

/// Greets a client whom the system tells of only once it has said something, and hears that.
async fn first_word(stream: &mut Stream) -> io::Result<(Peer, Asked)> {
    let hello = Message::Hello { protocol: PROTOCOL };
    write(stream, &hello, MESSAGE_OCTETS).await?;
    let first = timeout(FIRST_WORD, read_call(stream, LOOKING_OCTETS)).await??;
    Ok((peer_of(stream)?, first))
}

#[cfg(unix)]
fn peer_of(stream: &Stream) -> io::Result<Peer> {
    let Stream::UdSocket(socket) = stream;
    peer::of_socket(socket)
}

#[cfg(windows)]
fn peer_of(stream: &Stream) -> io::Result<Peer> {
    let Stream::NamedPipe(pipe) = stream;
    peer::of_pipe(pipe)
}

#[cfg(unix)]
const fn is_too_early(_: &io::Error) -> bool {
    false
}

#[cfg(windows)]
fn is_too_early(error: &io::Error) -> bool {
    peer::is_too_early(error)
}

/// One client's connection. One that has said its `first` word has been greeted.
async fn converse(
    stream: impl AsyncRead + AsyncWrite,
    client: Client,
    grant: &Grant,
    mut first: Option<Asked>,
) {
    let rights = grant.rights;
    let mut events = client.events();
    let (mut reader, mut writer) = tokio::io::split(stream);
    let hello = Message::Hello { protocol: PROTOCOL };
    if first.is_none() && write(&mut writer, &hello, MESSAGE_OCTETS).await.is_err() {
        return;
    }
    let (answers, mut answered) = mpsc::channel::<Message>(MESSAGES_WAITING);
    let reading = async {
        // What is beyond the room waits in the socket, and then at the client.
        while let Ok(permit) = grant.room.clone().acquire_owned().await {
            let asked = match first.take() {
                Some(first) => Ok(first),
                None => read_call(&mut reader, grant.longest).await,
            };
            let Ok((id, request)) = asked else { break };
            let (client, answers) = (client.clone(), answers.clone());
            // A request may take as long as a poke; the next one does not wait for it.
            tokio::spawn(async move {
                let result = match request {
                    Ok(request) => ask(&client, request, rights).await,
                    Err(fault) => {
                        tracing::warn!(%fault, "a request that this version does not know");
                        let message = Text::for_language(SYSTEM).get("error-protocol");
                        Err(error(ErrorCode::Protocol, message))
                    }
                };
                let answer = Message::Answer { id, result };
                let _ = answers.send(answer.for_rights(rights)).await;
                drop(permit);
            });
        }
    };
    let writing = async {
        loop {
            let message = tokio::select! {
                biased;
                Some(answer) = answered.recv() => answer,
                event = events.recv() => match event {
                    Ok(event) => match at_seat(event, grant.seat) {
                        Some(event) => Message::Event(event).for_rights(rights),
                        None => continue,
                    },
                    Err(RecvError::Lagged(_)) => Message::Event(Event::Missed),
                    Err(RecvError::Closed) => return,
                },
            };
            if send(&mut writer, message, MESSAGE_OCTETS).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
}

/// Passes a request on, if the client may ask for it; else says so in the engine's language.
async fn ask(client: &Client, request: Request, rights: Rights) -> Result<Response, ApiError> {
    if request.needs() <= rights {
        return client.request(request.for_rights(rights)).await;
    }
    let language = client.overview().await;
    let language = language.map(|(snapshot, _)| snapshot.general.language_in_use);
    let language = language.unwrap_or_else(|_| SYSTEM.to_owned());
    Err(not_allowed(&Text::for_language(&language)))
}

/// The event as it is for a client that sits there; `None` where it is for others.
fn at_seat(event: Event, here: Seat) -> Option<Event> {
    match event {
        Event::ShowWindow { seat, .. } | Event::CloseWindow { seat } if seat != here => None,
        Event::Notice {
            notice,
            in_front_at,
            ..
        } => Some(Event::Notice {
            notice,
            in_window: in_front_at.contains(&here),
            in_front_at,
        }),
        event => Some(event),
    }
}

/// Sends a message. In place of one that is too long, whoever waits for an answer learns why, and an
/// event is as good as missed.
async fn send(
    writer: &mut (impl AsyncWrite + Unpin),
    message: Message,
    at_most: u32,
) -> io::Result<()> {
    let written = match &message {
        Message::Answer {
            result: Ok(Response::HandedOver { .. }),
            ..
        } => write_secret(writer, &message, at_most).await,
        message => write(writer, message, at_most).await,
    };
    match written {
        Err(fault) if fault.kind() == io::ErrorKind::FileTooLarge => {
            let instead = match message {
                Message::Answer { id, .. } => Message::Answer {
                    id,
                    result: Err(too_large()),
                },
                Message::Event(_) | Message::Hello { .. } => Message::Event(Event::Missed),
            };
            write(writer, &instead, at_most).await
        }
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use dequeue_api::{
        Call,
        socket::{REQUEST_OCTETS, read},
    };
    use dequeue_platform::peer::Standing;
    use dequeue_smtp::DialogueLine;
    use tokio::{io::duplex, task::yield_now};

    use super::{
        every_request::every_request,
        guests::{LOOKING_REQUESTS, REQUESTS},
        *,
    };

    #[tokio::test]
    async fn what_is_too_long_is_told_as_that() {
        let (mut near, mut far) = duplex(1 << 16);
        let answer = |text: String| Message::Answer {
            id: 7,
            result: Ok(Response::Exported {
                text,
                left_out: Vec::new(),
            }),
        };
        let long = answer("x".repeat(1000));
        send(&mut near, long, 1000).await.unwrap();
        let told: Message = read(&mut far, 1000).await.unwrap();
        let Message::Answer { id: 7, result } = told else {
            panic!("{told:?}");
        };
        assert_eq!(result.unwrap_err().code, ErrorCode::TooLarge);
        let line = DialogueLine::next_host(&"x".repeat(1000));
        let account = String::new();
        let event = Message::Event(Event::Dialogue { account, line });
        send(&mut near, event, 1000).await.unwrap();
        let told: Message = read(&mut far, 1000).await.unwrap();
        assert_eq!(told, Message::Event(Event::Missed));
        // The line is as good as before.
        send(&mut near, answer("short".into()), 1000).await.unwrap();
        let told: Message = read(&mut far, 1000).await.unwrap();
        assert_eq!(told, answer("short".into()));
    }

    /// The same for every request there is, whatever the line is: a socket or a pipe.
    #[tokio::test]
    async fn what_is_not_allowed_reaches_no_controller() {
        let (client, mut served) = Client::new();
        let (near, mut far) = duplex(1 << 16);
        let peer = Peer {
            user: "1000".to_owned(),
            session: 0,
            standing: Standing::Stranger,
        };
        let grant = Arc::new(Guests::default()).admit(&peer, Audience::Machine);
        let grant = grant.unwrap();
        tokio::spawn(async move { converse(near, client, &grant, None).await });
        let _hello: Message = read(&mut far, 1000).await.unwrap();
        let mut refused = 0;
        for request in every_request() {
            let call = Call {
                id: 1,
                request: request.clone(),
            };
            write(&mut far, &call, REQUEST_OCTETS).await.unwrap();
            let asked = served.asks.recv().await.unwrap();
            let is_refused = request.needs() > Rights::Look;
            if is_refused {
                // It is only asked which language it speaks.
                let nothing = Request::SnapshotPart {
                    from: 0,
                    at_most: 0,
                };
                assert_eq!(asked.request, nothing, "{request:?}");
            } else if request != Request::Snapshot {
                // Which is asked for in parts.
                assert_eq!(asked.request, request.clone().for_rights(Rights::Look));
            }
            asked.reply.send(Ok(Response::Done)).unwrap();
            let Message::Answer { result, .. } = read(&mut far, 100_000).await.unwrap() else {
                panic!("an event");
            };
            match result {
                Ok(Response::Done) => assert!(!is_refused, "{request:?}"),
                Err(error) => {
                    assert_eq!(error.code, ErrorCode::NotAllowed, "{request:?}");
                    assert!(is_refused);
                    refused += 1;
                }
                other => panic!("{other:?}"),
            }
        }
        assert!(refused > 10);
    }

    /// A client that asks on and on and reads nothing waits; the engine does not fill up.
    #[tokio::test]
    async fn the_requests_of_a_client_are_bounded() {
        let bounds = [
            (Standing::Administrator, REQUESTS),
            (Standing::Stranger, LOOKING_REQUESTS),
        ];
        for (standing, at_most) in bounds {
            bounded(standing, at_most).await;
        }
    }

    async fn bounded(standing: Standing, at_most: usize) {
        let (client, mut served) = Client::new();
        let (near, far) = duplex(1 << 10);
        let peer = Peer {
            user: "1000".to_owned(),
            session: 0,
            standing,
        };
        let guests = Arc::new(Guests::default());
        let grant = guests.admit(&peer, Audience::Machine).unwrap();
        let client = client.clone();
        tokio::spawn(async move { converse(near, client, &grant, None).await });
        let (_unread, mut writer) = tokio::io::split(far);
        let asking = tokio::spawn(async move {
            for id in 0..1000 {
                let request = Request::Snapshot;
                write(&mut writer, &Call { id, request }, REQUEST_OCTETS)
                    .await
                    .unwrap();
            }
        });
        for _ in 0..10_000 {
            yield_now().await;
        }
        assert!(!asking.is_finished());
        let mut waiting = Vec::new();
        while let Ok(ask) = served.asks.try_recv() {
            waiting.push(ask);
            yield_now().await;
        }
        assert!(waiting.len() <= at_most, "{}", waiting.len());
    }
}
