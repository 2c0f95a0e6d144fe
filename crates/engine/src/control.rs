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
    socket::{MESSAGE_OCTETS, MESSAGES_WAITING, REQUEST_OCTETS, read, too_large, write},
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
    if write(&mut writer, &hello, MESSAGE_OCTETS).await.is_err() {
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

/// Sends a message. In place of one that is too long, whoever waits for an answer learns why, and an
/// event is as good as missed.
async fn send(
    writer: &mut (impl AsyncWrite + Unpin),
    message: Message,
    at_most: u32,
) -> io::Result<()> {
    match write(writer, &message, at_most).await {
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
    use dequeue_api::{Request, Response};
    use dequeue_smtp::DialogueLine;
    use tokio::{io::duplex, task::yield_now};

    use super::*;

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
        assert!(waiting.len() <= REQUESTS, "{}", waiting.len());
    }
}
