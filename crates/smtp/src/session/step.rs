//! What passes between a session and its driver: steps out, inputs in.

use std::{net::IpAddr, time::Duration};

use crate::{
    tls::{Alert, Certificate, Tls, TlsFault},
    verdict::Reason,
};

/// The driver's next step. Deadlines are times since the session began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Connect to the provider, after closing an earlier connection to it.
    Connect {
        /// How long the connection may take, for each address that is tried.
        limit: Duration,
        /// When the whole session must have ended.
        until: Duration,
    },
    /// Connect to the mail server, after closing an earlier connection to it.
    ConnectMailServer {
        /// When to give up.
        until: Duration,
    },
    /// Begin TLS on the connection to the provider.
    StartTls {
        /// Whether the certificate must hold.
        strict: bool,
        /// When to give up.
        until: Duration,
    },
    /// Write to the provider.
    Send {
        /// The bytes, all of them.
        bytes: &'a [u8],
        /// When to give up.
        until: Duration,
    },
    /// Read from the provider, as much as is there.
    Receive {
        /// When to give up.
        until: Duration,
    },
    /// Read from the mail server, as much as is there.
    ReceiveFromMailServer {
        /// When to give up.
        until: Duration,
    },
    /// Pass octets both ways through [`Session::bridge`], until it is over, the provider has said
    /// nothing at all for `opening`, or nothing has passed for `idle`.
    ///
    /// [`Session::bridge`]: crate::Session::bridge
    Bridge {
        /// How long the provider may take before it says anything.
        opening: Duration,
        /// How long the bridge may stand still after that.
        idle: Duration,
        /// When to give up.
        until: Duration,
    },
    /// Close the connections. The report is ready.
    Done,
}

/// Why a connection could not be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectFault {
    /// The name has no address.
    NoAddress,
    /// The name has addresses, but none of IPv4, which alone may be used.
    NoIpv4Address,
    /// The name has addresses, but none of IPv6, which alone may be used.
    NoIpv6Address,
    /// This machine has no such network interface as the address names.
    NoInterface,
    /// The connection was refused.
    Refused,
    /// The connection was reset as soon as it was open.
    Reset,
    /// There is no route to the address.
    NoRoute,
    /// Nothing answered within the limit.
    TimedOut,
    /// A fault on this machine.
    Local,
}

/// The result of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input<'a> {
    /// The connection to the provider is open.
    Connected {
        /// Our own address on it.
        local: IpAddr,
    },
    /// The connection could not be opened.
    ConnectFailed(ConnectFault),
    /// The connection to the mail server is open.
    MailServerConnected {
        /// Whether it has been seen, before this session or in it, to refuse mail for a foreign domain
        /// from this machine.
        refuses_relay: bool,
    },
    /// The mail server was looked at first, and must not get mail now, for this reason.
    MailServerUnfit(Reason),
    /// The TLS handshake succeeded.
    TlsStarted(&'a Tls),
    /// The TLS handshake failed; with the certificate that the provider showed, if any.
    TlsFailed(&'a TlsFault, Option<&'a Certificate>),
    /// On a line under TLS the provider sent this alert, which ends it.
    TlsAlert(Alert),
    /// The bytes were written.
    Sent,
    /// These bytes were read; never empty.
    Received(&'a [u8]),
    /// The other side closed the connection.
    Closed,
    /// The other side reset the connection, or it broke.
    Reset,
    /// The bridge is over: both sides have ended.
    BridgeOver,
    /// The step's deadline passed.
    TimedOut,
}
