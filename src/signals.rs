//! When the system, or a person at the keyboard, tells the program to end.

/// Waits until this program is told to end.
#[cfg(unix)]
pub(crate) async fn told_to_end() {
    use tokio::signal::unix::{SignalKind, signal};
    let next = async |kind| match signal(kind) {
        Ok(mut signals) => drop(signals.recv().await),
        // Without a handler the signal ends the program by itself.
        Err(_) => std::future::pending().await,
    };
    tokio::select! {
        () = next(SignalKind::interrupt()) => {}
        () = next(SignalKind::terminate()) => {}
        () = next(SignalKind::hangup()) => {}
    }
}

/// Waits until this program is told to end.
#[cfg(windows)]
pub(crate) async fn told_to_end() {
    use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_shutdown};
    macro_rules! next {
        ($signal:ident) => {
            async {
                match $signal() {
                    Ok(mut signals) => drop(signals.recv().await),
                    // Without a handler the signal ends the program by itself.
                    Err(_) => std::future::pending().await,
                }
            }
        };
    }
    tokio::select! {
        () = next!(ctrl_c) => {}
        () = next!(ctrl_break) => {}
        () = next!(ctrl_close) => {}
        () = next!(ctrl_shutdown) => {}
    }
}
