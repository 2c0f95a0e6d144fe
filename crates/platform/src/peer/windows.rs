//! The token of a pipe's client: its user, its session, and whether it acts as an administrator.

use std::{
    io,
    os::windows::io::{AsHandle, AsRawHandle, FromRawHandle, OwnedHandle},
    process, ptr,
};

use windows_sys::Win32::{
    Foundation::{ERROR_CANNOT_IMPERSONATE, HANDLE},
    Security::{
        CheckTokenMembership, CreateWellKnownSid, PSID, RevertToSelf, TOKEN_QUERY, TokenSessionId,
        WinBuiltinAdministratorsSid,
    },
    System::{
        Pipes::ImpersonateNamedPipeClient,
        Threading::{GetCurrentThread, OpenThreadToken},
    },
};

use super::{Peer, Standing};
use crate::sid::{self, Room};

/// The group whose members may change what the service does: on Windows an account has no group of its own.
const GROUP: &str = "dequeue";
/// The system itself, which services run as.
const SYSTEM: &str = "S-1-5-18";

/// The user at the other end of a named pipe, at the server's end. Who has said no word yet, and has
/// asked for the token to be looked at with each, [is not known](is_too_early).
///
/// # Errors
/// What the system says. A client that is to be nobody is refused by it as well.
pub fn of_pipe(pipe: &impl AsHandle) -> io::Result<Peer> {
    let token = client_token(pipe)?;
    let user = sid::user(&token)?;
    let is_administrator = user == SYSTEM || is_administrator(&token)?;
    let standing = if is_administrator {
        Standing::Administrator
    } else if user == sid::own_user()? {
        Standing::Ourselves
    } else if is_of_group(&token, GROUP) {
        Standing::OurGroup
    } else {
        Standing::Stranger
    };
    Ok(Peer {
        session: session(&token)?,
        user,
        standing,
    })
}

/// Whether [`of_pipe`] may tell more once something has been read from the pipe.
#[must_use]
pub fn is_too_early(error: &io::Error) -> bool {
    error.raw_os_error() == i32::try_from(ERROR_CANNOT_IMPERSONATE).ok()
}

/// The client's token, to be looked at and not to be acted with.
#[allow(unsafe_code)]
fn client_token(pipe: &impl AsHandle) -> io::Result<OwnedHandle> {
    let pipe = pipe.as_handle();
    // SAFETY: the handle is open while it is borrowed.
    if unsafe { ImpersonateNamedPipeClient(pipe.as_raw_handle()) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let mut token: HANDLE = ptr::null_mut();
    // SAFETY: the thread's own handle is always open, and the place outlives the call. Whether the
    // token may be opened is asked of this process, not of the client, whose thread this is now.
    let opened = unsafe { OpenThreadToken(GetCurrentThread(), TOKEN_QUERY, 1, &raw mut token) };
    let fault = io::Error::last_os_error();
    // SAFETY: it takes nothing.
    if unsafe { RevertToSelf() } == 0 {
        // Nothing may go on in another user's name.
        process::abort();
    }
    if opened == 0 {
        return Err(fault);
    }
    // SAFETY: the call has opened it for us alone.
    Ok(unsafe { OwnedHandle::from_raw_handle(token) })
}

fn session(token: &OwnedHandle) -> io::Result<u32> {
    let mut session = [0_u32; 1];
    sid::tell(token, TokenSessionId, &mut session)?;
    Ok(session[0])
}

/// Whether the token acts as an administrator: one who has not been asked by UAC does not.
#[allow(unsafe_code)]
fn is_administrator(token: &OwnedHandle) -> io::Result<bool> {
    let mut administrators: Room = [0; 16];
    let mut length = size_of::<Room>() as u32;
    let sid: PSID = administrators.as_mut_ptr().cast();
    // SAFETY: the place is as long as it is said to be; no domain is needed for this SID.
    let made = unsafe {
        CreateWellKnownSid(
            WinBuiltinAdministratorsSid,
            ptr::null_mut(),
            sid,
            &raw mut length,
        )
    };
    if made == 0 {
        return Err(io::Error::last_os_error());
    }
    is_member(token, sid)
}

/// Whether the token is that of a member of the machine's own group with this name, which need not exist.
/// Where Windows does not say, it is not: such a user may look all the same.
fn is_of_group(token: &OwnedHandle, name: &str) -> bool {
    let mut group: Room = [0; 16];
    let found = sid::of_local_group(name, &mut group)
        .and_then(|found| Ok(found && is_member(token, group.as_mut_ptr().cast())?));
    found.unwrap_or_else(|error| {
        tracing::debug!(%error, "whether a client is of the group is not known");
        false
    })
}

/// Whether a token has this SID, which is a whole one, among its groups.
#[allow(unsafe_code)]
fn is_member(token: &OwnedHandle, sid: PSID) -> io::Result<bool> {
    let mut is_member = 0;
    // SAFETY: the token is open, the callers' SIDs are whole, and the place outlives the call.
    if unsafe { CheckTokenMembership(token.as_raw_handle(), sid, &raw mut is_member) } == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(is_member != 0)
}
