//! What [`crate::rig::scripted`] can do on Linux only.

use std::{io, net::TcpStream, time::Duration};

use crate::rig::scripted::Unanswering;

#[test]
fn an_unanswering_address_takes_no_connection() {
    let silent = Unanswering::start();
    let limit = Duration::from_millis(200);
    let error = TcpStream::connect_timeout(&silent.address(), limit).unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::TimedOut);
}
