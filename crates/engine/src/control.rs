//! The engine's end of the control socket ([`dequeue_api::socket`]): serves whoever connects.

use std::sync::atomic::{AtomicU64, Ordering};

use dequeue_api::{
    Call, ErrorCode, Event, Message,
    client::{Client, ClientId, error},
    socket::{MESSAGES_WAITING, read, write},
};
use dequeue_core::text::{SYSTEM, Text};
use interprocess::local_socket::tokio::{Listener, Stream, prelude::*};
use tokio::{
    sync::{broadcast::error::RecvError, mpsc},
    task::JoinSet,
};

/// Serves whoever connects, for as long as the engine lives. `gone` is told of each client that left.
pub(crate) async fn serve(listener: Listener, client: Client, gone: mpsc::Sender<ClientId>) {
    let clients = AtomicU64::new(1);
    let mut connections = JoinSet::new();
    loop {
        match listener.accept().await {
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
async fn converse(stream: Stream, client: Client) {
    let mut events = client.events();
    let (mut reader, mut writer) = tokio::io::split(stream);
    let (answers, mut answered) = mpsc::channel::<Message>(MESSAGES_WAITING);
    let reading = async {
        while let Ok(call) = read::<serde_json::Value>(&mut reader).await {
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
            if write(&mut writer, &message).await.is_err() {
                return;
            }
        }
    };
    tokio::select! {
        () = reading => {}
        () = writing => {}
    }
}
