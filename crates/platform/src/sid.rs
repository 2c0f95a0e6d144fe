//! Users of Windows by their SIDs, and what a token says.

use std::{
    ffi::c_void,
    io,
    os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle},
    ptr,
};

use windows_sys::Win32::{
    Foundation::{ERROR_NONE_MAPPED, HANDLE, LocalFree},
    Security::{
        Authorization::ConvertSidToStringSidW, GetTokenInformation, LookupAccountNameW, PSID,
        SidTypeAlias, TOKEN_INFORMATION_CLASS, TOKEN_QUERY, TOKEN_USER, TokenUser,
    },
    System::{
        Threading::{GetCurrentProcess, OpenProcessToken},
        WindowsProgramming::GetComputerNameW,
    },
};

/// Room for a `TOKEN_USER` with the longest SID (16 and 68 octets), aligned for it.
pub(crate) type Room = [u64; 16];

/// What Windows has reserved for us with `LocalAlloc`; freed with this.
pub(crate) struct Local(pub(crate) *mut c_void);

impl Drop for Local {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: it was reserved so, nobody else frees it, and NULL is left alone.
        unsafe { LocalFree(self.0) };
    }
}

/// The SID of the user that this process runs as, as text.
///
/// # Errors
/// What Windows says.
#[allow(unsafe_code)]
pub(crate) fn own_user() -> io::Result<String> {
    let mut token: HANDLE = ptr::null_mut();
    // SAFETY: the process's own handle is always open, and the place outlives the call.
    if unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) } == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has opened it for us alone.
    user(&unsafe { OwnedHandle::from_raw_handle(token) })
}

/// The SID of a token's user, as text.
///
/// # Errors
/// What Windows says.
#[allow(unsafe_code)]
pub(crate) fn user(token: &OwnedHandle) -> io::Result<String> {
    let mut room: Room = [0; 16];
    tell(token, TokenUser, &mut room)?;
    // SAFETY: the call has put a TOKEN_USER at the start, which the room is aligned for, and its SID
    // behind it.
    unsafe { text((*room.as_ptr().cast::<TOKEN_USER>()).User.Sid) }
}

/// Puts the SID of the machine's own group with this name there; gives whether there is one. A domain is not
/// asked, which could take its time.
///
/// # Errors
/// What Windows says.
#[allow(unsafe_code)]
pub(crate) fn of_local_group(name: &str, group: &mut Room) -> io::Result<bool> {
    let mut machine = [0_u16; 256];
    let mut length = machine.len() as u32;
    // SAFETY: the place is as long as it is said to be.
    if unsafe { GetComputerNameW(machine.as_mut_ptr(), &raw mut length) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let machine = &machine[..length as usize];
    let backslash = u16::from(b'\\');
    let qualified: Vec<u16> = machine
        .iter()
        .copied()
        .chain([backslash])
        .chain(name.encode_utf16())
        .chain([0])
        .collect();
    let mut room = size_of::<Room>() as u32;
    let mut domain = [0_u16; 256];
    let mut domain_length = domain.len() as u32;
    let mut kind = 0;
    // SAFETY: the name ends with a NUL, and the places are as long as they are said to be.
    let found = unsafe {
        LookupAccountNameW(
            ptr::null(),
            qualified.as_ptr(),
            group.as_mut_ptr().cast(),
            &raw mut room,
            domain.as_mut_ptr(),
            &raw mut domain_length,
            &raw mut kind,
        )
    };
    if found != 0 {
        // A user of that name is no group.
        return Ok(kind == SidTypeAlias);
    }
    let error = io::Error::last_os_error();
    if error.raw_os_error() == i32::try_from(ERROR_NONE_MAPPED).ok() {
        return Ok(false);
    }
    Err(error)
}

/// Has something of a token put into this place.
///
/// # Errors
/// What Windows says.
#[allow(unsafe_code)]
pub(crate) fn tell<T>(
    token: &OwnedHandle,
    what: TOKEN_INFORMATION_CLASS,
    into: &mut [T],
) -> io::Result<()> {
    let mut length = 0;
    let room = u32::try_from(size_of_val(into)).unwrap_or(u32::MAX);
    // SAFETY: the token is open, and the place as long as it is said to be; the callers' places hold
    // whole numbers, which any octets are.
    let told = unsafe {
        GetTokenInformation(
            token.as_raw_handle(),
            what,
            into.as_mut_ptr().cast(),
            room,
            &raw mut length,
        )
    };
    if told == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// A SID as text: `S-1-5-…`.
///
/// # Errors
/// What Windows says.
///
/// # Safety
/// It points to a whole SID.
#[allow(unsafe_code)]
pub(crate) unsafe fn text(sid: PSID) -> io::Result<String> {
    let mut text = ptr::null_mut();
    // SAFETY: the caller vouches for the SID; the place outlives the call.
    if unsafe { ConvertSidToStringSidW(sid, &raw mut text) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let _held = Local(text.cast());
    let mut length = 0;
    // SAFETY: the call has made a text with a NUL at its end, which is held until the end of this.
    while unsafe { *text.add(length) } != 0 {
        length += 1;
    }
    // SAFETY: as before, and the text is as long as was counted.
    let units = unsafe { std::slice::from_raw_parts(text, length) };
    String::from_utf16(units).map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_that_nobody_has_made_has_no_member() {
        let mut group: Room = [0; 16];
        assert!(!of_local_group("dequeue", &mut group).unwrap());
        // The name of the user is no group's.
        let user = std::env::var("USERNAME").unwrap();
        assert!(!of_local_group(&user, &mut group).unwrap());
        assert!(own_user().unwrap().starts_with("S-1-5-"));
    }
}
