//! What the kernel has noted of the process that connected, at that moment: user and groups.

use std::{
    io,
    os::fd::{AsFd, AsRawFd, BorrowedFd},
};

use rustix::process::{getegid, geteuid};

use super::{Peer, Standing};

/// The user at the other end of a Unix socket, which connected to it. Groups are those that the
/// process has, wherever the system knows them from.
///
/// # Errors
/// What the system says; [`io::ErrorKind::Unsupported`] where this is not known of it.
pub fn of_socket(socket: &impl AsFd) -> io::Result<Peer> {
    let (user, groups) = credentials(socket.as_fd())?;
    let (us, our_group) = (geteuid().as_raw(), getegid().as_raw());
    Ok(Peer {
        user: user.to_string(),
        session: 0,
        standing: if user == 0 {
            Standing::Administrator
        } else if user == us {
            Standing::Ourselves
        } else if our_group != 0 && groups.contains(&our_group) {
            Standing::OurGroup
        } else {
            Standing::Stranger
        },
    })
}

/// The user's number and those of all groups.
#[cfg(target_os = "linux")]
fn credentials(socket: BorrowedFd<'_>) -> io::Result<(u32, Vec<u32>)> {
    /// Groups that there is room for at first; few users are in more.
    const USUAL: usize = 32;

    // pid, uid, gid.
    let mut process = [0; 3];
    option(socket, libc::SOL_SOCKET, libc::SO_PEERCRED, &mut process)?;
    let [_, user, group] = process;
    let mut groups = vec![0; USUAL];
    let count = loop {
        match option(socket, libc::SOL_SOCKET, libc::SO_PEERGROUPS, &mut groups) {
            Ok(count) => break count,
            // The most that a process can have is 65,536.
            Err(error) if error.raw_os_error() == Some(libc::ERANGE) && groups.len() <= 65_536 => {
                groups.resize(groups.len() * 2, 0);
            }
            Err(error) => return Err(error),
        }
    };
    groups.truncate(count);
    groups.push(group);
    Ok((user, groups))
}

/// The user's number and those of the first 16 groups.
#[cfg(target_os = "macos")]
fn credentials(socket: BorrowedFd<'_>) -> io::Result<(u32, Vec<u32>)> {
    /// `SOL_LOCAL` of `sys/un.h`.
    const SOL_LOCAL: i32 = 0;
    /// `XUCRED_VERSION` of `sys/ucred.h`.
    const VERSION: u32 = 0;

    // `struct xucred`: version, uid, the number of groups in 16 bits, and 16 groups.
    let mut process = [0_u32; 19];
    option(socket, SOL_LOCAL, libc::LOCAL_PEERCRED, &mut process)?;
    let [version, user, count, groups @ ..] = process;
    if version != VERSION {
        return Err(io::ErrorKind::InvalidData.into());
    }
    let count = usize::from(count.to_le_bytes()[0]).min(groups.len());
    Ok((user, groups[..count].to_vec()))
}

#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn credentials(_: BorrowedFd<'_>) -> io::Result<(u32, Vec<u32>)> {
    Err(io::ErrorKind::Unsupported.into())
}

/// What an option of a socket holds, in whole numbers; gives how many.
#[cfg(any(target_os = "linux", target_os = "macos"))]
#[allow(unsafe_code)]
fn option(socket: BorrowedFd<'_>, level: i32, name: i32, into: &mut [u32]) -> io::Result<usize> {
    let mut length = libc::socklen_t::try_from(size_of_val(into)).unwrap_or(libc::socklen_t::MAX);
    // SAFETY: the descriptor is open while it is borrowed, the place is as long as it is said to be,
    // and any octets are whole numbers.
    let code = unsafe {
        libc::getsockopt(
            socket.as_raw_fd(),
            level,
            name,
            into.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    if code != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(usize::try_from(length).unwrap_or(usize::MAX) / size_of::<u32>())
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::{
        fs::{self, Permissions},
        os::unix::{
            fs::PermissionsExt,
            net::{UnixListener, UnixStream},
        },
    };

    use rustix::{
        process::{Gid, Uid, getuid},
        thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid},
    };

    use super::*;

    #[test]
    fn a_process_of_our_own_is_known_as_that() {
        let (here, _there) = UnixStream::pair().unwrap();
        let peer = of_socket(&here).unwrap();
        assert_eq!(peer.user, getuid().as_raw().to_string());
        assert_ne!(peer.standing, Standing::Stranger);
    }

    #[test]
    fn user_and_groups_are_those_of_who_connected() {
        if !getuid().is_root() {
            eprintln!("LEFT OUT: only root becomes another user");
            return;
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let listener = UnixListener::bind(&path).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o666)).unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o711)).unwrap();
        let stream = UnixStream::connect(&path).unwrap();
        drop(stream);
        let (first, _) = listener.accept().unwrap();
        assert_eq!(of_socket(&first).unwrap().standing, Standing::Administrator);
        let many: Vec<u32> = (5000..5100).collect();
        for groups in [vec![], vec![4321], many] {
            std::thread::scope(|scope| {
                let connecting = scope.spawn(|| {
                    let ids: Vec<Gid> = groups.iter().copied().map(Gid::from_raw).collect();
                    let (user, group) = (Uid::from_raw(1234), Gid::from_raw(2345));
                    set_thread_groups(&ids).unwrap();
                    set_thread_res_gid(group, group, group).unwrap();
                    set_thread_res_uid(user, user, user).unwrap();
                    UnixStream::connect(&path).unwrap()
                });
                let _stream = connecting.join().unwrap();
            });
            let (stream, _) = listener.accept().unwrap();
            let (user, mut known) = credentials(stream.as_fd()).unwrap();
            assert_eq!((user, known.pop()), (1234, Some(2345)));
            known.sort_unstable();
            assert_eq!(known, groups);
            let peer = of_socket(&stream).unwrap();
            assert_eq!(
                (peer.user.as_str(), peer.standing),
                ("1234", Standing::Stranger)
            );
        }
    }
}
