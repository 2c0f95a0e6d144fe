//! When to end: at a signal, and when the login session does.

#[cfg(target_os = "linux")]
use std::{
    env, io,
    os::fd::OwnedFd,
    path::{Path, PathBuf},
};

/// Waits until this program is to end.
#[cfg(unix)]
pub(crate) async fn ended() {
    use tokio::signal::unix::{SignalKind, signal};
    let next = async |kind| match signal(kind) {
        Ok(mut signals) => {
            signals.recv().await;
        }
        Err(error) => {
            tracing::warn!(%error, "no signal handler");
            std::future::pending().await
        }
    };
    tokio::select! {
        () = next(SignalKind::terminate()) => tracing::debug!("SIGTERM"),
        () = next(SignalKind::interrupt()) => tracing::debug!("SIGINT"),
        () = next(SignalKind::hangup()) => tracing::debug!("SIGHUP"),
        () = display_gone() => tracing::debug!("the display is gone"),
    }
}

/// Waits until this program is to end. The end of the session comes through the event loop.
#[cfg(windows)]
pub(crate) async fn ended() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending().await
    }
}

#[cfg(target_os = "macos")]
async fn display_gone() {
    std::future::pending().await
}

/// Waits until the display server has taken its socket away. Not every desktop ends the programs
/// that it has started when the user logs out; most notice since they lose the display, to which
/// this one has no connection.
#[cfg(target_os = "linux")]
async fn display_gone() {
    let (gone, wait) = tokio::sync::oneshot::channel();
    if let Some(socket) = display_socket() {
        // A thread that sleeps in the system costs next to nothing.
        let watching = std::thread::Builder::new()
            .name("display".to_owned())
            .spawn(move || {
                match watch(&socket).and_then(|watch| wait_until_removed(&watch, &socket)) {
                    // Nobody waits while the program is ending.
                    Ok(()) => drop(gone.send(())),
                    Err(error) => tracing::debug!(%error, ?socket, "display not watched"),
                }
            });
        if let Err(error) = watching {
            tracing::debug!(%error, "display not watched");
        }
    }
    if wait.await.is_err() {
        std::future::pending().await
    }
}

#[cfg(target_os = "linux")]
fn display_socket() -> Option<PathBuf> {
    let variable = |name| env::var(name).ok().filter(|value| !value.is_empty());
    if let Some(display) = variable("WAYLAND_DISPLAY") {
        return Some(Path::new(&variable("XDG_RUNTIME_DIR")?).join(display));
    }
    // As in `:0` or `:0.0`; one with a host before the colon is elsewhere.
    let display = variable("DISPLAY")?;
    let number = display.strip_prefix(':')?.split('.').next()?;
    Some(Path::new("/tmp/.X11-unix").join(format!("X{number}")))
}

/// Begins to watch whether a file goes.
///
/// # Errors
/// Where it cannot be watched, as when it is not there to begin with.
#[cfg(target_os = "linux")]
fn watch(path: &Path) -> io::Result<OwnedFd> {
    use rustix::fs::inotify::{CreateFlags, WatchFlags, add_watch, init};
    let watch = init(CreateFlags::CLOEXEC)?;
    // Removing a file whose owner still has it open changes only its count of links.
    add_watch(
        &watch,
        path,
        WatchFlags::ATTRIB | WatchFlags::DELETE_SELF | WatchFlags::MOVE_SELF,
    )?;
    Ok(watch)
}

/// Waits until a watched file is no longer there.
///
/// # Errors
/// What the system says when the watch breaks down.
#[cfg(target_os = "linux")]
fn wait_until_removed(watch: &OwnedFd, path: &Path) -> io::Result<()> {
    let mut buffer = [std::mem::MaybeUninit::uninit(); 1024];
    let mut events = rustix::fs::inotify::Reader::new(watch, &mut buffer);
    while path.exists() {
        events.next()?;
    }
    Ok(())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;
    use std::{
        fs::{Permissions, remove_file, set_permissions},
        os::unix::{fs::PermissionsExt, net::UnixListener},
        thread,
    };

    #[test]
    fn a_socket_that_goes_is_noticed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("X7");
        assert!(watch(&path).is_err(), "watches what is not there");
        // The server still holds it open while it takes the name away.
        let _listener = UnixListener::bind(&path).unwrap();
        let watch = watch(&path).unwrap();
        let waiting = thread::spawn({
            let path = path.clone();
            move || wait_until_removed(&watch, &path).map(|()| path.exists())
        });
        // Other changes are not the end.
        set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        remove_file(&path).unwrap();
        assert!(!waiting.join().unwrap().unwrap());
    }
}
