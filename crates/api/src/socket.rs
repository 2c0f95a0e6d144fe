//! The control socket: the api's JSON between processes, each message behind its length in four
//! octets (big-endian). A Unix socket or a named pipe, open to its owner and to administrators.

use std::{collections::HashMap, io};

use interprocess::local_socket::{
    ListenerOptions, Name,
    tokio::{Listener, Stream, prelude::*},
};
use serde::{Serialize, de::DeserializeOwned};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::{mpsc, oneshot},
};

use crate::{
    client::{Client, Envelope, ServerEnd, engine_gone},
    messages::{ApiError, Call, Event, Message, Response},
    paths::{Paths, make_private, temporary_folder},
};

/// The longest message: the state of 10,000 accounts, each with a poke of several domains, stays far
/// below.
pub const MESSAGE_OCTETS: u32 = 64 * 1024 * 1024;
/// Messages that wait for a client to read them, before its events wait where they can be dropped.
pub const MESSAGES_WAITING: usize = 64;

/// Attaches to the engine that runs on these folders; `None` where none runs.
pub async fn attach(paths: &Paths) -> Option<Client> {
    for name in names(paths) {
        match Stream::connect(name).await {
            Ok(stream) => {
                let (client, served) = Client::new();
                tokio::spawn(relay(stream, served));
                return Some(client);
            }
            Err(error) => tracing::debug!(%error, "no engine to attach to"),
        }
    }
    None
}

/// Carries a client's requests over the socket and the engine's messages back, until either ends.
async fn relay(stream: Stream, mut served: ServerEnd) {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let (messages, mut incoming) = mpsc::channel(MESSAGES_WAITING);
    // Reading has a task of its own, since a message that is half read must not be dropped.
    let reading = tokio::spawn(async move {
        while let Ok(message) = read::<Message>(&mut reader).await {
            if messages.send(message).await.is_err() {
                break;
            }
        }
    });
    let mut waiting: HashMap<u64, oneshot::Sender<Result<Response, ApiError>>> = HashMap::new();
    let mut next = 0;
    loop {
        tokio::select! {
            ask = served.asks.recv() => {
                let Some(Envelope { request, reply, .. }) = ask else { break };
                next += 1;
                waiting.insert(next, reply);
                if write(&mut writer, &Call { id: next, request }).await.is_err() {
                    break;
                }
            }
            message = incoming.recv() => match message {
                Some(Message::Answer { id, result }) => {
                    if let Some(reply) = waiting.remove(&id) {
                        // Who asked may have stopped waiting.
                        let _ = reply.send(result);
                    }
                }
                Some(Message::Event(event)) => {
                    let _ = served.events.send(event);
                }
                None => break,
            },
        }
    }
    reading.abort();
    for (_, reply) in waiting.drain() {
        let _ = reply.send(Err(engine_gone()));
    }
    let _ = served.events.send(Event::Gone);
}

/// Opens the socket. The lock on the data folder must be held: a socket that is left over from an
/// engine that was killed is replaced.
///
/// # Errors
/// What the system says.
pub fn listen(paths: &Paths) -> io::Result<Listener> {
    listen_at(names(paths)).or_else(|_| {
        make_private(&temporary_folder())?;
        listen_at(names(paths))
    })
}

/// Listens at the first of these that works.
fn listen_at(names: Vec<Name<'static>>) -> io::Result<Listener> {
    let mut fault = io::Error::from(io::ErrorKind::InvalidFilename);
    for name in names {
        let options = ListenerOptions::new().name(name).try_overwrite(true);
        match private(options)?.create_tokio() {
            Ok(listener) => return Ok(listener),
            Err(error) => fault = error,
        }
    }
    Err(fault)
}

/// Reads one message.
///
/// # Errors
/// The end of the connection, or what is no message.
pub async fn read<T: DeserializeOwned>(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<T> {
    let length = stream.read_u32().await?;
    if length > MESSAGE_OCTETS {
        return Err(io::ErrorKind::InvalidData.into());
    }
    // Grown by what comes, not by what is announced.
    let mut bytes = Vec::new();
    stream.take(length.into()).read_to_end(&mut bytes).await?;
    Ok(serde_json::from_slice(&bytes)?)
}

/// Writes one message.
///
/// # Errors
/// The end of the connection.
pub async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    message: &impl Serialize,
) -> io::Result<()> {
    let mut bytes = vec![0; 4];
    serde_json::to_writer(&mut bytes, message)?;
    let length = u32::try_from(bytes.len() - 4).map_err(|_| io::ErrorKind::InvalidData)?;
    bytes[..4].copy_from_slice(&length.to_be_bytes());
    stream.write_all(&bytes).await?;
    stream.flush().await
}

/// Where the socket may be: in the data folder, else in the user's temporary one, as where the data
/// folder cannot be written.
#[cfg(unix)]
fn names(paths: &Paths) -> Vec<Name<'static>> {
    use interprocess::local_socket::{GenericFilePath, ToFsName};
    /// `sun_path` holds 104 octets on macOS, 108 on Linux.
    const SOCKET_PATH: usize = 100;
    const SOCKET: &str = "control.sock";
    let places = [Ok(paths.data().join(SOCKET)), paths.instead(SOCKET)];
    let fits = |path: &std::path::PathBuf| path.as_os_str().len() <= SOCKET_PATH;
    places
        .into_iter()
        .flatten()
        .filter(fits)
        .filter_map(|path| path.to_fs_name::<GenericFilePath>().ok())
        .collect()
}

/// The pipe's name, which is in no folder.
#[cfg(windows)]
fn names(paths: &Paths) -> Vec<Name<'static>> {
    use interprocess::local_socket::{GenericNamespaced, ToNsName};
    let name = format!("dequeue-{:016x}", paths.fingerprint());
    name.to_ns_name::<GenericNamespaced>().into_iter().collect()
}

#[cfg(unix)]
fn private(options: ListenerOptions<'_>) -> io::Result<ListenerOptions<'_>> {
    // The folder is its owner's alone already, and macOS cannot set the mode of a socket.
    #[cfg(target_os = "linux")]
    let options = {
        use interprocess::os::unix::local_socket::ListenerOptionsExt;
        options.mode(0o600)
    };
    Ok(options)
}

#[cfg(windows)]
fn private(options: ListenerOptions<'_>) -> io::Result<ListenerOptions<'_>> {
    use interprocess::os::windows::{
        local_socket::ListenerOptionsExt, security_descriptor::SecurityDescriptor,
    };
    // Everything to the system, to administrators and to the owner; nothing to anyone else.
    const OWN: &str = "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;OW)";
    let text = widestring::U16CString::from_str_truncate(OWN);
    Ok(options.security_descriptor(SecurityDescriptor::deserialize(&text)?))
}
