//! The control socket: the api's JSON between processes, each message behind its length in four
//! octets (big-endian). The engine speaks first, with [`Message::Hello`]. A Unix socket or a named
//! pipe; a user's is open to its owner and to administrators, the service's to everyone on the
//! machine. A client says nothing to one that may be somebody else's: planted, to hear a password.

#[cfg(windows)]
mod pipe;

use std::{
    collections::HashMap,
    io::{self, Write as _},
    time::Duration,
};
#[cfg(unix)]
use std::{
    fs::Metadata,
    path::{Path, PathBuf},
};

use dequeue_core::text::{SYSTEM, Text};
use interprocess::local_socket::{ListenerOptions, Name, tokio::Listener};
#[cfg(unix)]
use interprocess::local_socket::{tokio::Stream, traits::StreamCommon as _};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
#[cfg(windows)]
use tokio::net::windows::named_pipe::NamedPipeClient;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    sync::{mpsc, oneshot},
    time::timeout,
};

#[cfg(windows)]
pub use self::pipe::user as user_sid;
#[cfg(windows)]
use self::pipe::{is_of_folder, is_trusted};
use crate::{
    client::{Client, Envelope, ServerEnd, engine_gone, error},
    frame::{Frame, Sender},
    messages::{ApiError, Call, ErrorCode, Event, Message, PROTOCOL, Request, Response},
    paths::Paths,
};

/// The longest message of the engine: all settings of 10,000 accounts with 40 domains each stay below;
/// their state goes in parts. A longer answer is told to be too large.
pub const MESSAGE_OCTETS: u32 = 256 * 1024 * 1024;
/// The longest request: an import of as much as may be imported (16 MB), in JSON.
pub const REQUEST_OCTETS: u32 = 32 * 1024 * 1024;
/// The longest request of a client that may only look: all accounts of a machine by name.
pub const LOOKING_OCTETS: u32 = 1024 * 1024;
/// Messages that wait for a client to read them, before its events wait where they can be dropped.
pub const MESSAGES_WAITING: usize = 64;
/// How long an engine may take to say which version it speaks.
const HELLO: Duration = Duration::from_secs(5);
/// How long an engine may take to answer what it knows at once.
const ANSWERING: Duration = Duration::from_secs(8);

/// Attaches to the engine that runs on these folders; `None` where none runs. Where it is another
/// user's, or of a version that cannot be understood, every request is answered with an error that
/// says so.
pub async fn attach(paths: &Paths) -> Option<Client> {
    for place in places(paths) {
        let connected = async {
            let stream = connect(place).await?;
            Ok::<_, io::Error>((is_trusted(&stream, paths)?, stream))
        };
        match connected.await {
            Ok((is_trusted, stream)) => {
                let (client, served) = Client::attached(ANSWERING);
                if is_trusted {
                    tokio::spawn(relay(stream, served));
                } else {
                    tracing::warn!("the engine's socket is another user's");
                    let why = if paths.are_the_machines() {
                        not_the_services
                    } else {
                        another_users
                    };
                    tokio::spawn(refuse(served, why));
                }
                return Some(client);
            }
            Err(error) => tracing::debug!(%error, "no engine to attach to"),
        }
    }
    None
}

/// Attaches to the engine of whoever the data folder is, for an administrator who moves its accounts;
/// `None` where none runs.
pub async fn attach_to_another(paths: &Paths) -> Option<Client> {
    for place in places(paths) {
        let Ok(stream) = connect(place).await else {
            continue;
        };
        if is_of_folder(&stream, paths).unwrap_or_default() {
            let (client, served) = Client::attached(ANSWERING);
            tokio::spawn(relay(stream, served));
            return Some(client);
        }
        tracing::warn!("the engine's socket is not its folder's owner's");
    }
    None
}

/// Whether another user has made what clients of these folders would take for the engine's socket.
pub async fn is_another_users(paths: &Paths) -> bool {
    for place in places(paths) {
        if let Ok(stream) = connect(place).await {
            return is_trusted(&stream, paths).is_ok_and(|trusted| !trusted);
        }
    }
    false
}

/// Carries a client's requests over the socket and the engine's messages back, until either ends.
async fn relay(stream: impl AsyncRead + AsyncWrite + Send + 'static, mut served: ServerEnd) {
    let (mut reader, mut writer) = tokio::io::split(stream);
    match timeout(HELLO, read::<Message>(&mut reader, MESSAGE_OCTETS)).await {
        Ok(Ok(Message::Hello { protocol: PROTOCOL })) => {}
        Ok(Err(fault)) if fault.kind() != io::ErrorKind::InvalidData => {
            let _ = served.events.send(Event::Gone);
            return;
        }
        Ok(Ok(_) | Err(_)) => {
            tracing::warn!("the engine that runs is of another version");
            return refuse(served, other_version).await;
        }
        Err(_) => {
            tracing::warn!("the engine that runs says nothing");
            let _ = served.events.send(Event::Gone);
            return;
        }
    }
    let (messages, mut incoming) = mpsc::channel(MESSAGES_WAITING);
    // Reading has a task of its own, since a message that is half read must not be dropped. What is read
    // is wiped: passwords that move into the service are in it.
    let reading = tokio::spawn(async move {
        while let Ok(frame) = read_frame(&mut reader, MESSAGE_OCTETS, Sender::Client).await {
            if messages.send(understood(frame.octets())).await.is_err() {
                break;
            }
        }
    });
    // So has writing: an engine that has as many requests as it takes reads no further one before it
    // has got rid of what it says.
    let (calls, mut to_write) = mpsc::channel::<Call>(1);
    let (refused, mut refusals) = mpsc::channel(1);
    let writing = tokio::spawn(async move {
        while let Some(call) = to_write.recv().await {
            match write_from(Sender::Client, &mut writer, &call, REQUEST_OCTETS).await {
                Ok(()) => {}
                Err(fault) if fault.kind() == io::ErrorKind::FileTooLarge => {
                    if refused.send(call.id).await.is_err() {
                        break;
                    }
                }
                Err(_) => break,
            }
        }
    });
    let mut waiting: HashMap<u64, oneshot::Sender<Result<Response, ApiError>>> = HashMap::new();
    let mut unsent: Option<Call> = None;
    let mut next = 0;
    loop {
        tokio::select! {
            ask = served.asks.recv(), if unsent.is_none() => {
                let Some(Envelope { request, reply, .. }) = ask else { break };
                next += 1;
                waiting.insert(next, reply);
                unsent = Some(Call { id: next, request });
            }
            room = calls.reserve(), if unsent.is_some() => {
                let Ok(room) = room else { break };
                if let Some(call) = unsent.take() {
                    room.send(call);
                }
            }
            Some(id) = refusals.recv() => {
                if let Some(reply) = waiting.remove(&id) {
                    let _ = reply.send(Err(too_large()));
                }
            }
            message = incoming.recv() => match message {
                Some(Some(Message::Answer { id, result })) => {
                    if let Some(reply) = waiting.remove(&id) {
                        // Who asked may have stopped waiting.
                        let _ = reply.send(result);
                    }
                }
                Some(Some(Message::Event(event))) => {
                    let _ = served.events.send(event);
                }
                Some(Some(Message::Hello { .. }) | None) => {}
                None => break,
            },
        }
    }
    reading.abort();
    writing.abort();
    for (_, reply) in waiting.drain() {
        let _ = reply.send(Err(engine_gone()));
    }
    let _ = served.events.send(Event::Gone);
}

/// A message of the engine. What this version does not know is passed over, except an answer, for
/// which somebody waits.
fn understood(bytes: &[u8]) -> Option<Message> {
    match serde_json::from_slice(bytes) {
        Ok(message) => Some(message),
        Err(fault) => {
            tracing::debug!(%fault, "a message that this version does not know");
            let message: serde_json::Value = serde_json::from_slice(bytes).ok()?;
            let id = message.get("answer")?.get("id")?.as_u64()?;
            let result = Err(other_version());
            Some(Message::Answer { id, result })
        }
    }
}

/// Answers every request with this error, for as long as the client is there: it may look for another
/// engine, and pauses before it does.
async fn refuse(mut served: ServerEnd, why: fn() -> ApiError) {
    while let Some(Envelope { reply, .. }) = served.asks.recv().await {
        let _ = reply.send(Err(why()));
    }
}

/// The error of a message that is longer than it may be.
#[must_use]
pub fn too_large() -> ApiError {
    let message = Text::for_language(SYSTEM).get("error-too-large");
    error(ErrorCode::TooLarge, message)
}

fn other_version() -> ApiError {
    let message = Text::for_language(SYSTEM).get("error-protocol");
    error(ErrorCode::Protocol, message)
}

fn another_users() -> ApiError {
    let message = Text::for_language(SYSTEM).get("error-engine-of-another");
    error(ErrorCode::EngineGone, message)
}

fn not_the_services() -> ApiError {
    let message = Text::for_language(SYSTEM).get("rights-not-the-services");
    error(ErrorCode::EngineGone, message)
}

/// Opens the socket, in the data folder or in a [`stand-in`](Paths::stand_ins) that is there. The lock
/// on the data folder must be held: a socket that is left over from an engine that was killed is
/// replaced.
///
/// # Errors
/// What the system says.
pub fn listen(paths: &Paths) -> io::Result<Listener> {
    let mut fault = io::Error::from(io::ErrorKind::InvalidFilename);
    for place in places(paths) {
        let Some(name) = named(place.clone()) else {
            continue;
        };
        let options = ListenerOptions::new().name(name).try_overwrite(true);
        let options = private(options, paths)?;
        let opened = options.create_tokio().and_then(|listener| {
            open_up(&place, paths)?;
            Ok(listener)
        });
        match opened {
            Ok(listener) => return Ok(listener),
            Err(error) => fault = error,
        }
    }
    Err(fault)
}

/// Reads one message of the engine, of at most this many octets.
///
/// # Errors
/// The end of the connection, or what is no message.
pub async fn read<T: DeserializeOwned>(
    stream: &mut (impl AsyncRead + Unpin),
    at_most: u32,
) -> io::Result<T> {
    let frame = read_frame(stream, at_most, Sender::Engine).await?;
    Ok(serde_json::from_slice(frame.octets())?)
}

/// Reads one request of at most this many octets: its number, and the request itself where this version knows it.
///
/// # Errors
/// The end of the connection, or what is no message.
pub async fn read_call(
    stream: &mut (impl AsyncRead + Unpin),
    at_most: u32,
) -> io::Result<(u64, Result<Request, serde_json::Error>)> {
    #[derive(Deserialize)]
    struct Numbered {
        #[serde(default)]
        id: u64,
    }
    let frame = read_frame(stream, at_most, Sender::Client).await?;
    let Numbered { id } = serde_json::from_slice(frame.octets())?;
    let call = serde_json::from_slice::<Call>(frame.octets());
    Ok((id, call.map(|call| call.request)))
}

async fn read_frame(
    stream: &mut (impl AsyncRead + Unpin),
    at_most: u32,
    from: Sender,
) -> io::Result<Frame> {
    let length = stream.read_u32().await?;
    if length > at_most {
        return Err(io::ErrorKind::InvalidData.into());
    }
    Frame::read(stream, length.try_into().unwrap_or(usize::MAX), from).await
}

/// Writes one message of at most this many octets. One with a password in it is not written so, but
/// with [`write_secret`]: its octets are not wiped.
///
/// # Errors
/// The end of the connection; [`io::ErrorKind::FileTooLarge`], and nothing was written, where the
/// message is longer.
pub async fn write(
    stream: &mut (impl AsyncWrite + Unpin),
    message: &impl Serialize,
    at_most: u32,
) -> io::Result<()> {
    write_from(Sender::Engine, stream, message, at_most).await
}

/// As [`write()`], for a message with passwords in it.
///
/// # Errors
/// As of [`write()`].
pub async fn write_secret(
    stream: &mut (impl AsyncWrite + Unpin),
    message: &impl Serialize,
    at_most: u32,
) -> io::Result<()> {
    write_from(Sender::Client, stream, message, at_most).await
}

async fn write_from(
    from: Sender,
    stream: &mut (impl AsyncWrite + Unpin),
    message: &impl Serialize,
    at_most: u32,
) -> io::Result<()> {
    let mut frame = Frame::new(from);
    frame.write_all(&[0; 4])?;
    serde_json::to_writer(&mut frame, message)?;
    let length = u32::try_from(frame.octets().len() - 4).unwrap_or(u32::MAX);
    if length > at_most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    frame.octets_mut()[..4].copy_from_slice(&length.to_be_bytes());
    stream.write_all(frame.octets()).await?;
    stream.flush().await
}

/// Where the socket may be: in the data folder, else in what stands in for it, as where the data folder
/// cannot be written or its path is too long; the service's in the folder that it has for that.
#[cfg(unix)]
fn places(paths: &Paths) -> Vec<PathBuf> {
    /// `sun_path` holds 104 octets on macOS, 108 on Linux.
    const SOCKET_PATH: usize = 100;
    const SOCKET: &str = "control.sock";
    let fits = |path: &PathBuf| path.as_os_str().len() <= SOCKET_PATH;
    // The service's is where everyone may look, and nowhere else: nobody but it and root can have
    // made anything there.
    if let Some(folder) = paths.runtime() {
        return vec![folder.join(SOCKET)];
    }
    [paths.data().join(SOCKET)]
        .into_iter()
        .chain(paths.stand_ins(SOCKET))
        .filter(fits)
        .collect()
}

#[cfg(unix)]
fn named(place: PathBuf) -> Option<Name<'static>> {
    use interprocess::local_socket::{GenericFilePath, ToFsName};
    place.to_fs_name::<GenericFilePath>().ok()
}

#[cfg(unix)]
async fn connect(place: PathBuf) -> io::Result<Stream> {
    use interprocess::local_socket::tokio::prelude::*;
    let name = named(place).ok_or(io::ErrorKind::InvalidFilename)?;
    Stream::connect(name).await
}

/// Whether who listens there is this user or the administrator, who may talk to whomever he likes. The
/// service is the user whose its folder is, which only root can have made there.
#[cfg(unix)]
fn is_trusted(stream: &Stream, paths: &Paths) -> io::Result<bool> {
    let us = rustix::process::geteuid();
    let peer = stream.peer_creds()?.euid();
    if paths.are_the_machines() {
        let service = paths.runtime().and_then(keeper);
        return Ok(peer.is_some_and(|peer| peer == 0 || Some(peer) == service));
    }
    Ok(us.is_root() || peer.is_some_and(|peer| peer == 0 || peer == us.as_raw()))
}

/// Whether who listens there is the user whose the data folder is.
#[cfg(unix)]
fn is_of_folder(stream: &Stream, paths: &Paths) -> io::Result<bool> {
    use std::os::unix::fs::MetadataExt;
    let owner = paths.data().symlink_metadata()?.uid();
    Ok(stream.peer_creds()?.euid() == Some(owner))
}

/// The user whose a folder is, in which nobody else has anything to say: not even by a link, or by a
/// folder above it that is neither root's nor ours.
#[cfg(unix)]
fn keeper(folder: &Path) -> Option<u32> {
    use std::os::unix::fs::MetadataExt;
    let us = rustix::process::geteuid().as_raw();
    let there = folder.symlink_metadata().ok()?;
    let above = folder.parent()?.symlink_metadata().ok()?;
    let is_closed = |it: &Metadata| it.is_dir() && it.mode() & 0o022 == 0;
    let is_ours = [0, us].contains(&above.uid());
    (is_closed(&there) && is_closed(&above) && is_ours).then(|| there.uid())
}

/// The pipe's name, which is in no folder.
#[cfg(windows)]
fn pipe_name(paths: &Paths) -> String {
    format!("dequeue-{:016x}", paths.fingerprint())
}

#[cfg(windows)]
fn places(paths: &Paths) -> Vec<String> {
    vec![pipe_name(paths)]
}

#[cfg(windows)]
fn named(place: String) -> Option<Name<'static>> {
    use interprocess::local_socket::{GenericNamespaced, ToNsName};
    place.to_ns_name::<GenericNamespaced>().ok()
}

#[cfg(windows)]
async fn connect(place: String) -> io::Result<NamedPipeClient> {
    pipe::open(&format!(r"\\.\pipe\{place}")).await
}

/// Lets everyone on the machine in where they are to come in. What they may do there is asked of each.
#[cfg(unix)]
fn open_up(place: &Path, paths: &Paths) -> io::Result<()> {
    use std::{fs::Permissions, os::unix::fs::PermissionsExt};
    if paths.are_the_machines() {
        if let Some(folder) = paths.runtime() {
            // Where no service manager has made it, it may be closed. If it is root's, it is as it is.
            let _ = std::fs::set_permissions(folder, Permissions::from_mode(0o755));
        }
        std::fs::set_permissions(place, Permissions::from_mode(0o666))?;
    }
    Ok(())
}

/// Lets everyone on the machine in: a pipe is open to them from the start, or not at all.
#[cfg(windows)]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it may fail")]
const fn open_up(_: &str, _: &Paths) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn private<'a>(options: ListenerOptions<'a>, _: &Paths) -> io::Result<ListenerOptions<'a>> {
    // The folder is its owner's alone already, and macOS cannot set the mode of a socket.
    #[cfg(target_os = "linux")]
    let options = {
        use interprocess::os::unix::local_socket::ListenerOptionsExt;
        options.mode(0o600)
    };
    Ok(options)
}

#[cfg(windows)]
fn private<'a>(options: ListenerOptions<'a>, paths: &Paths) -> io::Result<ListenerOptions<'a>> {
    use interprocess::os::windows::{
        local_socket::ListenerOptionsExt, security_descriptor::SecurityDescriptor,
    };
    // Everything to the system, to administrators and to the owner; nothing to anyone else. The owner
    // is the user, also where Windows would take the administrators: clients look whose it is. Who is
    // to come in to the service's may talk, and make no further instance of the pipe, which others
    // would then talk to.
    const OWN: &str = "D:P(A;;GA;;;SY)(A;;GA;;;BA)(A;;GA;;;OW)";
    let others = if paths.are_the_machines() {
        format!("(A;;{:#x};;;AU)", pipe::TO_TALK)
    } else {
        String::new()
    };
    let text = format!("O:{}{OWN}{others}", pipe::user()?);
    let text = widestring::U16CString::from_str_truncate(text);
    Ok(options.security_descriptor(SecurityDescriptor::deserialize(&text)?))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tokio::io::{DuplexStream, duplex};

    use super::*;
    use crate::{messages::Request, seat::Seat};

    fn attached() -> (Client, DuplexStream) {
        let (near, far) = duplex(1 << 16);
        let (client, served) = Client::attached(ANSWERING);
        tokio::spawn(relay(near, served));
        (client, far)
    }

    async fn say(engine: &mut DuplexStream, message: &Value) {
        write(engine, message, MESSAGE_OCTETS).await.unwrap();
    }

    const SNAPSHOT: Request = Request::Snapshot;

    #[tokio::test]
    async fn an_engine_of_another_version_is_told_as_that() {
        for hello in [
            json!({"hello": {"protocol": PROTOCOL + 1}}),
            json!({"event": {"type": "missed"}}),
            json!({"welcome": 3}),
            json!("x".repeat(100)),
        ] {
            let (client, mut engine) = attached();
            say(&mut engine, &hello).await;
            for _ in 0..3 {
                let error = client.request(SNAPSHOT).await.unwrap_err();
                assert_eq!(error.code, ErrorCode::Protocol, "{hello}");
            }
        }
        let (client, engine) = attached();
        drop(engine);
        let error = client.request(SNAPSHOT).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::EngineGone);
    }

    #[tokio::test(start_paused = true)]
    async fn an_engine_that_does_not_answer_is_told_as_that() {
        let (client, mut engine) = attached();
        say(&mut engine, &json!({"hello": {"protocol": PROTOCOL}})).await;
        let error = client.request(SNAPSHOT).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::EngineGone);
        assert_ne!(error.message, engine_gone().message);
        // It says nothing at all.
        let (client, _engine) = attached();
        let error = client.request(SNAPSHOT).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::EngineGone);
    }

    /// An engine that has as many requests as it takes reads none before it has got rid of what it
    /// says: a client with more of them listens all the same.
    #[tokio::test(start_paused = true)]
    async fn a_client_listens_while_the_engine_does_not() {
        let (ours, mut theirs) = duplex(64);
        let (client, served) = Client::attached(ANSWERING);
        let mut events = client.events();
        tokio::spawn(relay(ours, served));
        say(&mut theirs, &json!({ "hello": { "protocol": PROTOCOL } })).await;
        let asking = (0..40).map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.request(Request::StopDemo).await })
        });
        let asking: Vec<_> = asking.collect();
        let engine = async {
            for _ in 0..400 {
                say(&mut theirs, &json!({ "event": { "type": "close-window" } })).await;
            }
            for _ in 0..asking.len() {
                let call: Call = read(&mut theirs, REQUEST_OCTETS).await.unwrap();
                let answer =
                    json!({ "answer": { "id": call.id, "result": { "Ok": { "type": "done" } } } });
                say(&mut theirs, &answer).await;
            }
        };
        let hears = async {
            for _ in 0..400 {
                assert_eq!(
                    events.recv().await,
                    Ok(Event::CloseWindow { seat: Seat(0) })
                );
            }
        };
        let both = async { tokio::join!(engine, hears) };
        timeout(Duration::from_secs(60), both)
            .await
            .expect("nobody waits for the other");
        for asked in asking {
            assert_eq!(asked.await.unwrap(), Ok(Response::Done));
        }
    }

    #[tokio::test]
    async fn what_this_version_does_not_know_is_passed_over() {
        let (client, mut engine) = attached();
        let mut events = client.events();
        say(&mut engine, &json!({"hello": {"protocol": PROTOCOL}})).await;
        let answering = tokio::spawn(async move {
            let call: Call = read(&mut engine, REQUEST_OCTETS).await.unwrap();
            for event in [
                json!({"event": {"type": "weather", "sunny": true}}),
                json!({"advice": "take an umbrella"}),
                json!({"event": {"type": "missed"}}),
                json!({"answer": {"id": call.id, "result": {"Ok": {"type": "forecast"}}}}),
            ] {
                say(&mut engine, &event).await;
            }
            let call: Call = read(&mut engine, REQUEST_OCTETS).await.unwrap();
            let answer = json!({"answer": {"id": call.id, "result": {"Ok": {"type": "done"}}}});
            say(&mut engine, &answer).await;
            engine
        });
        let error = client.request(SNAPSHOT).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::Protocol);
        assert_eq!(events.recv().await, Ok(Event::Missed));
        assert_eq!(client.request(SNAPSHOT).await, Ok(Response::Done));
        drop(answering.await.unwrap());
    }

    #[tokio::test]
    async fn what_is_too_long_is_not_begun() {
        let (mut near, mut far) = duplex(100);
        let fault = write(&mut near, &"x".repeat(50), 51).await.unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::FileTooLarge);
        write(&mut near, &"short", 51).await.unwrap();
        let read: String = read(&mut far, 100).await.unwrap();
        assert_eq!(read, "short");
    }

    /// A request that the engine would hang up on is not sent, and the line is as good as before.
    #[tokio::test]
    async fn a_request_that_is_too_long_is_told_as_that() {
        let (client, mut engine) = attached();
        say(&mut engine, &json!({"hello": {"protocol": PROTOCOL}})).await;
        let answering = tokio::spawn(async move {
            let call: Call = read(&mut engine, REQUEST_OCTETS).await.unwrap();
            let answer = json!({"answer": {"id": call.id, "result": {"Ok": {"type": "done"}}}});
            say(&mut engine, &answer).await;
            engine
        });
        let account = "x".repeat(REQUEST_OCTETS as usize);
        let request = Request::RemoveAccount { account };
        let error = client.request(request).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::TooLarge);
        assert_eq!(client.request(SNAPSHOT).await, Ok(Response::Done));
        drop(answering.await.unwrap());
    }

    #[tokio::test]
    async fn what_is_announced_takes_no_memory_and_what_is_too_long_is_not_read() {
        let (mut near, mut far) = duplex(100);
        near.write_all(&REQUEST_OCTETS.to_be_bytes()).await.unwrap();
        near.write_all(b"{}").await.unwrap();
        drop(near);
        let fault = read::<Value>(&mut far, REQUEST_OCTETS).await.unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::UnexpectedEof);
        let (mut near, mut far) = duplex(100);
        let length = REQUEST_OCTETS + 1;
        near.write_all(&length.to_be_bytes()).await.unwrap();
        let fault = read::<Value>(&mut far, REQUEST_OCTETS).await.unwrap_err();
        assert_eq!(fault.kind(), io::ErrorKind::InvalidData);
    }
}
