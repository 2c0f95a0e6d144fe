//! The engine's end of the control socket ([`dequeue_api::socket`]): serves whoever connects.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use dequeue_api::{
    Call, ErrorCode, Event, Message, PROTOCOL,
    client::{Client, ClientId, error},
    socket::{MESSAGES_WAITING, REQUEST_OCTETS, read, write},
};
use dequeue_core::text::{SYSTEM, Text};
use interprocess::local_socket::tokio::{Listener, prelude::*};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    sync::{Semaphore, broadcast::error::RecvError, mpsc},
    task::JoinSet,
};

/// Clients at once; each is a process of this user's, or a terminal. One more is hung up on.
const CLIENTS: usize = 128;
/// Requests of one client that are answered side by side.
const REQUESTS: usize = 64;

/// Serves whoever connects, for as long as the engine lives. `gone` is told of each client that left.
pub(crate) async fn serve(listener: Listener, client: Client, gone: mpsc::Sender<ClientId>) {
    let clients = AtomicU64::new(1);
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
            Ok(_) if connections.len() >= CLIENTS => {
                tracing::warn!(CLIENTS, "another client has to wait");
            }
            Ok(stream) => {
                let id = clients.fetch_add(1, Ordering::Relaxed);
                let (client, gone) = (client.for_client(id), gone.clone());
                connections.spawn(async move {
                    converse(stream, client).await;
                    let _ = gone.send(id).await;
                });
            }
            Err(error) => {
                tracing::warn!(%error, "the control socket does not accept");
                // Out of descriptors, most likely: not in a circle at full speed.
                tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            }
        }
        while connections.try_join_next().is_some() {}
    }
}

/// One client's connection.
async fn converse(stream: impl AsyncRead + AsyncWrite, client: Client) {
    let mut events = client.events();
    let (mut reader, mut writer) = tokio::io::split(stream);
    let hello = Message::Hello { protocol: PROTOCOL };
    if write(&mut writer, &hello).await.is_err() {
        return;
    }
    let (answers, mut answered) = mpsc::channel::<Message>(MESSAGES_WAITING);
    let room = Arc::new(Semaphore::new(REQUESTS));
    let reading = async {
        // What is beyond the room waits in the socket, and then at the client.
        while let Ok(permit) = room.clone().acquire_owned().await
            && let Ok(call) = read::<serde_json::Value>(&mut reader, REQUEST_OCTETS).await
        {
            let (client, answers) = (client.clone(), answers.clone());
            // A request may take as long as a poke; the next one does not wait for it.
            tokio::spawn(async move {
                let id = call
                    .get("id")
                    .and_then(serde_json::Value::as_u64)
                    .unwrap_or_default();
                let result = match serde_json::from_value::<Call>(call) {
                    Ok(Call { request, .. }) => client.request(request).await,
                    Err(fault) => {
                        tracing::warn!(%fault, "a request that this version does not know");
                        let message = Text::for_language(SYSTEM).get("error-protocol");
                        Err(error(ErrorCode::Protocol, message))
                    }
                };
                let _ = answers.send(Message::Answer { id, result }).await;
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
                    Ok(event) => Message::Event(event),
                    Err(RecvError::Lagged(_)) => Message::Event(Event::Missed),
                    Err(RecvError::Closed) => return,
                },
            };
            let written = match write(&mut writer, &message).await {
                Err(fault) if fault.kind() == io::ErrorKind::FileTooLarge => {
                    write(&mut writer, &too_large(message)).await
                }
                written => written,
            };
            if written.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
}

/// What is sent in place of a message that is too long: whoever waits for an answer learns why, and
/// an event is as good as missed.
fn too_large(message: Message) -> Message {
    match message {
        Message::Answer { id, .. } => {
            let text = Text::for_language(SYSTEM).get("error-too-large");
            let result = Err(error(ErrorCode::TooLarge, text));
            Message::Answer { id, result }
        }
        Message::Event(_) | Message::Hello { .. } => Message::Event(Event::Missed),
    }
}

#[cfg(test)]
mod tests {
    use dequeue_api::{Request, Response, socket::MESSAGE_OCTETS};
    use tokio::{io::duplex, task::yield_now};

    use super::*;

    #[tokio::test]
    async fn an_answer_that_is_too_long_is_told_as_that() {
        let (client, mut served) = Client::new();
        let (near, mut far) = duplex(1 << 16);
        tokio::spawn(converse(near, client.clone()));
        tokio::spawn(async move {
            while let Some(ask) = served.asks.recv().await {
                let text = match ask.request {
                    Request::Export => "x".repeat(MESSAGE_OCTETS as usize),
                    _ => String::new(),
                };
                let left_out = Vec::new();
                let _ = ask.reply.send(Ok(Response::Exported { text, left_out }));
            }
        });
        let hello: Message = read(&mut far, MESSAGE_OCTETS).await.unwrap();
        assert_eq!(hello, Message::Hello { protocol: PROTOCOL });
        for (id, request, too_long) in [
            (1, Request::Export, true),
            // The line is as good as before.
            (2, Request::Snapshot, false),
        ] {
            write(&mut far, &Call { id, request }).await.unwrap();
            let answer: Message = read(&mut far, MESSAGE_OCTETS).await.unwrap();
            let Message::Answer { id: of, result } = answer else {
                panic!("{answer:?}");
            };
            assert_eq!(of, id);
            let code = result.err().map(|error| error.code);
            assert_eq!(code, too_long.then_some(ErrorCode::TooLarge));
        }
        let event = too_large(Message::Event(Event::ShowWindow));
        assert_eq!(event, Message::Event(Event::Missed));
    }

    /// A client that asks on and on and reads nothing waits; the engine does not fill up.
    #[tokio::test]
    async fn the_requests_of_a_client_are_bounded() {
        let (client, mut served) = Client::new();
        let (near, far) = duplex(1 << 10);
        tokio::spawn(converse(near, client.clone()));
        let (_unread, mut writer) = tokio::io::split(far);
        let asking = tokio::spawn(async move {
            for id in 0..1000 {
                let request = Request::Snapshot;
                write(&mut writer, &Call { id, request }).await.unwrap();
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
        assert!(waiting.len() <= REQUESTS, "{}", waiting.len());
    }
}
