//! Windows: its own notice of a change in the network, by WinRT, whose calls are safe. Which ways
//! out there are is asked of the sockets.

use std::{collections::BTreeSet, future, io, net::IpAddr, sync::Arc};

use tokio::sync::Notify;
use windows::Networking::Connectivity::{NetworkInformation, NetworkStatusChangedEventHandler};

pub(super) use super::sockets::ways;

/// What Windows knows of sleep cannot be had without unsafe code. Who waits for a time notices it
/// ([`crate::clock::Clock::wait_until`]), so nobody has to wake up for it here.
#[derive(Debug)]
pub(super) struct Sleep;

impl Sleep {
    #[expect(clippy::unnecessary_wraps, reason = "other systems may not tell")]
    pub(super) const fn open() -> io::Result<Self> {
        Ok(Self)
    }

    /// Never ends.
    pub(super) async fn over(&mut self) -> io::Result<()> {
        future::pending().await
    }
}

/// The system's notices of changes.
#[derive(Debug)]
pub(super) struct Network {
    /// Those that were there when it was last looked.
    pub(super) ways: BTreeSet<IpAddr>,
    changes: Arc<Notify>,
    /// What the handler is taken back with.
    token: i64,
}

impl Network {
    pub(super) fn open() -> io::Result<Self> {
        let changes = Arc::new(Notify::new());
        let told = Arc::clone(&changes);
        let handler = NetworkStatusChangedEventHandler::new(move |_| {
            told.notify_one();
            Ok(())
        });
        let token = NetworkInformation::NetworkStatusChanged(&handler).map_err(io::Error::other)?;
        Ok(Self {
            ways: ways()?,
            changes,
            token,
        })
    }

    /// Waits for a change.
    pub(super) async fn changed(&mut self) -> io::Result<()> {
        self.changes.notified().await;
        Ok(())
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = NetworkInformation::RemoveNetworkStatusChanged(self.token);
    }
}
