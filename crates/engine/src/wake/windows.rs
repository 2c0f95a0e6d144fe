//! Windows: its own notice of a change in the network, by WinRT, whose calls are safe. Which ways
//! out there are is asked of the sockets.

use std::{
    collections::BTreeSet,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, UdpSocket},
    sync::Arc,
};

use tokio::sync::Notify;
use windows::Networking::Connectivity::{NetworkInformation, NetworkStatusChangedEventHandler};

pub(super) use super::nothing::Sleep;

/// Any addresses of the Internet. Nothing is sent to them.
const FAR: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(1, 1, 1, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2606, 0x4700, 0x4700, 0, 0, 0, 0, 0x1111)),
];

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

/// The addresses from which this machine would reach the Internet.
pub(super) fn ways() -> io::Result<BTreeSet<IpAddr>> {
    let source = |far: &IpAddr| -> io::Result<IpAddr> {
        let any = match far {
            IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::UNSPECIFIED),
            IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::UNSPECIFIED),
        };
        let socket = UdpSocket::bind((any, 0))?;
        socket.connect((*far, 25))?;
        Ok(socket.local_addr()?.ip())
    };
    // No route, no IPv6: no way out, and no fault.
    Ok(FAR.iter().filter_map(|far| source(far).ok()).collect())
}
