//! What Linux's netlink families share (`netlink(7)`): sockets, datagrams, and how messages and
//! attributes lie in them. Numbers are in the machine's byte order. It asks for no privilege.

use std::{io, os::fd::OwnedFd};

use rustix::{
    io::Errno,
    net::{
        AddressFamily, Protocol, RecvFlags, SocketFlags, SocketType, bind,
        netlink::SocketAddrNetlink, recvfrom, socket_with,
    },
};

/// A datagram of a dump may be this long.
pub(crate) const DATAGRAM: usize = 32 * 1024;

pub(crate) const AF_INET: u8 = 2;
pub(crate) const AF_INET6: u8 = 10;

/// NLM_F_REQUEST and NLM_F_DUMP: tell all that there is.
pub(crate) const DUMP: u16 = 0x1 | 0x300;

pub(crate) const NLMSG_ERROR: u16 = 2;
pub(crate) const NLMSG_DONE: u16 = 3;

/// `struct nlmsghdr`.
pub(crate) const HEADER: usize = 16;
/// `struct rtattr`.
pub(crate) const ATTRIBUTE: usize = 4;

/// A socket of this family (without a protocol: rtnetlink) in these multicast groups.
pub(crate) fn open(
    protocol: Option<Protocol>,
    flags: SocketFlags,
    groups: u32,
) -> io::Result<OwnedFd> {
    let flags = flags | SocketFlags::CLOEXEC;
    let socket = socket_with(AddressFamily::NETLINK, SocketType::RAW, flags, protocol)?;
    bind(&socket, &SocketAddrNetlink::new(0, groups))?;
    Ok(socket)
}

/// One datagram; empty when it is not from the kernel.
pub(crate) fn receive<'a>(socket: &OwnedFd, buffer: &'a mut [u8]) -> Result<&'a [u8], Errno> {
    let (length, _, from) = recvfrom(socket, &mut *buffer, RecvFlags::empty())?;
    let from = from.and_then(|from| SocketAddrNetlink::try_from(from).ok());
    if from.is_some_and(|from| from.pid() == 0) {
        Ok(buffer.get(..length).unwrap_or_default())
    } else {
        Ok(&[])
    }
}

/// Reads a dump to its end. The kernel answers at once: none of this waits.
pub(crate) fn read_dump(socket: &OwnedFd, mut each: impl FnMut(u16, &[u8])) -> io::Result<()> {
    let mut buffer = vec![0; DATAGRAM];
    loop {
        for (kind, body) in frames(receive(socket, &mut buffer)?) {
            match end(kind, body) {
                Some(0) => return Ok(()),
                Some(error) => return Err(io::Error::from_raw_os_error(error.saturating_abs())),
                None => each(kind, body),
            }
        }
    }
}

/// The kinds and bodies of the messages of one datagram.
pub(crate) fn frames(mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::try_from(u32_at(bytes, 0)?).ok()?;
        let kind = u16_at(bytes, 4)?;
        let body = bytes.get(HEADER..length)?;
        bytes = bytes.get(padded(length)..).unwrap_or_default();
        Some((kind, body))
    })
}

/// Where this message is the end of a dump: its error number, 0 for none.
pub(crate) fn end(kind: u16, body: &[u8]) -> Option<i32> {
    match kind {
        // A dump's end may bring an error number, as an error does.
        NLMSG_DONE => Some(i32_at(body, 0).unwrap_or_default()),
        NLMSG_ERROR => i32_at(body, 0),
        _ => None,
    }
}

/// Kinds and values of attributes.
pub(crate) fn attributes(mut bytes: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = usize::from(u16_at(bytes, 0)?);
        let kind = u16_at(bytes, 2)?;
        let value = bytes.get(ATTRIBUTE..length)?;
        bytes = bytes.get(padded(length)..).unwrap_or_default();
        Some((kind, value))
    })
}

/// Messages and attributes begin at multiples of four.
pub(crate) const fn padded(length: usize) -> usize {
    length.next_multiple_of(4)
}

pub(crate) fn array<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk().copied()
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    array(bytes, at).map(u16::from_ne_bytes)
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array(bytes, at).map(u32::from_ne_bytes)
}

fn i32_at(bytes: &[u8], at: usize) -> Option<i32> {
    array(bytes, at).map(i32::from_ne_bytes)
}
