//! systemd: datagrams to the socket that `NOTIFY_SOCKET` names. A signal tells the program to end.

use std::{future, time::Duration};

/// The manager that started this program.
#[derive(Debug)]
pub struct Manager {
    _private: (),
}

/// Runs `main`, the whole of a service; gives its exit status, 0 where all is well. The name is that of the service.
pub fn under_manager(_name: &str, main: impl FnOnce(Manager) -> u8 + Send + 'static) -> u8 {
    main(Manager { _private: () })
}

impl Manager {
    /// The service is up.
    pub fn ready(&self) {
        notify("READY=1");
    }

    /// The service has begun to end; the manager is told again and again that it goes on, until the end.
    pub fn stopping(&self) {
        notify("STOPPING=1");
    }

    /// How often the manager wants to be told [that the service lives](Self::alive): twice in the time after
    /// which it would be ended. `None` where it does not look.
    #[must_use]
    pub fn wants_to_hear(&self) -> Option<Duration> {
        watchdog().map(|limit| limit / 2)
    }

    /// The service lives.
    pub fn alive(&self) {
        notify("WATCHDOG=1");
    }

    /// Waits until the manager tells the service to end. Here a signal does.
    pub async fn told_to_end(&mut self) {
        future::pending().await
    }
}

#[cfg(target_os = "linux")]
fn notify(state: &str) {
    if let Err(error) = send(state) {
        tracing::debug!(%error, state, "the service manager was not told");
    }
}

#[cfg(target_os = "linux")]
fn send(state: &str) -> std::io::Result<()> {
    use std::{
        env,
        os::{
            linux::net::SocketAddrExt,
            unix::{
                ffi::OsStrExt,
                net::{SocketAddr, UnixDatagram},
            },
        },
    };
    let Some(place) = env::var_os("NOTIFY_SOCKET").filter(|it| !it.is_empty()) else {
        return Ok(());
    };
    // An abstract one is in no folder, and begins with @.
    let address = match place.as_bytes().strip_prefix(b"@") {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(&place)?,
    };
    let socket = UnixDatagram::unbound()?;
    // A manager that does not read must not hold up the engine.
    socket.set_nonblocking(true)?;
    socket.send_to_addr(state.as_bytes(), &address).map(drop)
}

/// How long systemd waits for a sign of life.
#[cfg(target_os = "linux")]
fn watchdog() -> Option<Duration> {
    use std::{env, process};

    let limit = env::var("WATCHDOG_USEC").ok()?.parse().ok()?;
    // Another process may be meant, which has left its environment to this one.
    let is_meant = match env::var("WATCHDOG_PID") {
        Ok(id) => id.parse() == Ok(process::id()),
        Err(_) => true,
    };
    (is_meant && limit > 0).then(|| Duration::from_micros(limit))
}

#[cfg(not(target_os = "linux"))]
fn notify(_state: &str) {}

#[cfg(not(target_os = "linux"))]
const fn watchdog() -> Option<Duration> {
    None
}
