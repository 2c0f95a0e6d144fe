//! Windows' named pipe. Its name is in no folder, so any user of the machine may have made a pipe of
//! that name before the engine did: it is asked whose it is before anything is said, and whoever
//! stands behind it may learn who we are, but not act as us.

use std::{
    ffi::c_void,
    fs::OpenOptions,
    io,
    os::windows::{
        fs::OpenOptionsExt,
        io::{AsHandle, AsRawHandle, BorrowedHandle, FromRawHandle, IntoRawHandle, OwnedHandle},
    },
    ptr,
    time::Duration,
};

use tokio::{
    net::windows::named_pipe::NamedPipeClient,
    time::{Instant, sleep},
};
use widestring::U16CStr;
use windows_sys::Win32::{
    Foundation::{ERROR_PIPE_BUSY, ERROR_SUCCESS, LocalFree},
    Security::{
        Authorization::{
            ConvertSidToStringSidW, GetSecurityInfo, SE_FILE_OBJECT, SE_KERNEL_OBJECT,
            SE_OBJECT_TYPE,
        },
        GetTokenInformation, OWNER_SECURITY_INFORMATION, PSID, TOKEN_QUERY, TOKEN_USER, TokenUser,
    },
    Storage::FileSystem::{
        FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OVERLAPPED, FILE_READ_ATTRIBUTES, FILE_READ_DATA,
        FILE_WRITE_ATTRIBUTES, FILE_WRITE_DATA, READ_CONTROL, SECURITY_IDENTIFICATION, SYNCHRONIZE,
    },
    System::Threading::{GetCurrentProcess, OpenProcessToken},
};

use crate::paths::Paths;

/// How long all of a pipe's instances may be taken.
const BUSY: Duration = Duration::from_secs(5);
/// Time between two looks at a pipe that is busy.
const LOOK: Duration = Duration::from_millis(20);
/// What a client needs of a pipe, to talk and to look whose it is. To open it for all writing would ask
/// for the right to make further instances as well (`FILE_CREATE_PIPE_INSTANCE`).
pub(super) const TO_TALK: u32 = FILE_READ_DATA
    | FILE_WRITE_DATA
    | FILE_READ_ATTRIBUTES
    | FILE_WRITE_ATTRIBUTES
    | READ_CONTROL
    | SYNCHRONIZE;
/// The account of the service, `NT SERVICE\Dequeue`: the digits are those of its name's SHA-1
/// (`sc showsid Dequeue`).
const SERVICE: &str = "S-1-5-80-3315882999-3363819701-1915291832-3637378281-748255520";
/// Who may run an engine for a user, beside the user: the system, which services run as, and the
/// administrators, whom Windows makes the owner of what one of them makes with full rights unless it is
/// told otherwise.
const TRUSTED: [&str; 2] = ["S-1-5-18", "S-1-5-32-544"];

/// Opens the pipe with this path. The server may ask who we are and nothing more.
pub(super) async fn open(path: &str) -> io::Result<NamedPipeClient> {
    let give_up = Instant::now() + BUSY;
    loop {
        match try_open(path) {
            Err(error) if is_busy(&error) && Instant::now() < give_up => sleep(LOOK).await,
            opened => return opened,
        }
    }
}

/// Opens an instance that is free.
#[allow(unsafe_code)]
fn try_open(path: &str) -> io::Result<NamedPipeClient> {
    let pipe = OpenOptions::new()
        .access_mode(TO_TALK)
        .custom_flags(FILE_FLAG_OVERLAPPED)
        .security_qos_flags(SECURITY_IDENTIFICATION)
        .open(path)?;
    // SAFETY: it is the handle of a pipe, opened to be waited for, and nobody else has it.
    unsafe { NamedPipeClient::from_raw_handle(pipe.into_raw_handle()) }
}

fn is_busy(error: &io::Error) -> bool {
    error.raw_os_error() == i32::try_from(ERROR_PIPE_BUSY).ok()
}

/// Whether the pipe is this user's, the system's or the administrators', or, where the machine's is
/// looked for, the service's. Nobody can give a pipe to one of them without being one of them.
pub(super) fn is_trusted(pipe: &impl AsHandle, paths: &Paths) -> io::Result<bool> {
    let owner = owner(pipe.as_handle())?;
    let is_service = paths.are_the_machines() && owner == SERVICE;
    Ok(is_service || TRUSTED.contains(&owner.as_str()) || owner == user()?)
}

/// Whether the pipe is of the user whose the data folder is.
pub(super) fn is_of_folder(pipe: &impl AsHandle, paths: &Paths) -> io::Result<bool> {
    let folder = OpenOptions::new()
        .access_mode(READ_CONTROL)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS)
        .open(paths.data())?;
    let folders = owner_of(folder.as_handle(), SE_FILE_OBJECT)?;
    let pipes = owner(pipe.as_handle())?;
    // What an administrator has made belongs to all of them, unless it is told otherwise.
    Ok(pipes == folders || TRUSTED.contains(&pipes.as_str()) || pipes == user()?)
}

fn owner(pipe: BorrowedHandle<'_>) -> io::Result<String> {
    owner_of(pipe, SE_KERNEL_OBJECT)
}

/// The SID of an object's owner, as text.
#[allow(unsafe_code)]
fn owner_of(object: BorrowedHandle<'_>, kind: SE_OBJECT_TYPE) -> io::Result<String> {
    let mut owner: PSID = ptr::null_mut();
    let mut descriptor = Local(ptr::null_mut());
    // SAFETY: the handle is open while it is borrowed, and the pointers are to places that outlive
    // the call. What the descriptor points to is ours to free, and the owner lies within it.
    let code = unsafe {
        GetSecurityInfo(
            object.as_raw_handle(),
            kind,
            OWNER_SECURITY_INFORMATION,
            &raw mut owner,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            &raw mut descriptor.0,
        )
    };
    if code != ERROR_SUCCESS {
        return Err(io::Error::from_raw_os_error(code.cast_signed()));
    }
    if owner.is_null() {
        return Err(io::ErrorKind::NotFound.into());
    }
    // SAFETY: Windows has put a SID there, inside of the descriptor that is still held.
    unsafe { text(owner) }
}

/// The SID of the user that this process runs as, as text: `S-1-5-…`. It is the same whether or not the
/// process has the rights of an administrator.
///
/// # Errors
/// What the system says.
#[allow(unsafe_code)]
pub fn user() -> io::Result<String> {
    /// Octets enough for a `TOKEN_USER` with the longest SID (16 and 68).
    type Buffer = [u64; 16];

    let mut token = ptr::null_mut();
    // SAFETY: the process's own handle is always open, and the place outlives the call.
    let opened = unsafe { OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &raw mut token) };
    if opened == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has opened it for us alone.
    let token = unsafe { OwnedHandle::from_raw_handle(token) };
    let mut buffer: Buffer = [0; 16];
    let mut length = 0;
    // SAFETY: the buffer is as long as it is said to be, and aligned for a TOKEN_USER.
    let told = unsafe {
        GetTokenInformation(
            token.as_raw_handle(),
            TokenUser,
            buffer.as_mut_ptr().cast(),
            size_of::<Buffer>() as u32,
            &raw mut length,
        )
    };
    if told == 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the call has put a TOKEN_USER at the buffer's start, and its SID behind it.
    unsafe { text((*buffer.as_ptr().cast::<TOKEN_USER>()).User.Sid) }
}

/// A SID as text: `S-1-5-…`.
///
/// # Safety
/// It points to a whole SID.
#[allow(unsafe_code)]
unsafe fn text(sid: PSID) -> io::Result<String> {
    let mut text = ptr::null_mut();
    // SAFETY: the caller vouches for the SID; the place outlives the call.
    if unsafe { ConvertSidToStringSidW(sid, &raw mut text) } == 0 {
        return Err(io::Error::last_os_error());
    }
    let text = Local(text.cast());
    // SAFETY: the call has made a text with a NUL at its end, which is held until it is freed below.
    let text = unsafe { U16CStr::from_ptr_str(text.0.cast_const().cast()) };
    text.to_string().map_err(io::Error::other)
}

/// What Windows has reserved for us with `LocalAlloc`; freed with this.
struct Local(*mut c_void);

impl Drop for Local {
    #[allow(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: it was reserved so, nobody else frees it, and NULL is left alone.
        unsafe { LocalFree(self.0) };
    }
}

#[cfg(test)]
mod tests {
    use interprocess::{
        local_socket::{
            GenericNamespaced, ListenerOptions, ToNsName,
            tokio::{Listener, prelude::*},
        },
        os::windows::{local_socket::ListenerOptionsExt, security_descriptor::SecurityDescriptor},
    };
    use tokio::io::AsyncReadExt;
    use widestring::U16CString;

    use super::*;
    use crate::{Request, socket};

    /// Somebody whom this machine does not know.
    const STRANGER: &str = "S-1-5-21-1111111111-2222222222-3333333333-1013";

    /// A pipe where an engine's would be, of the user who is said in SDDL. Windows lets nobody make
    /// it another's; Wine does.
    fn planted(paths: &Paths, owner: &str) -> io::Result<Listener> {
        let text = U16CString::from_str_truncate(format!("{owner}D:P(A;;GA;;;WD)"));
        let name = socket::pipe_name(paths);
        ListenerOptions::new()
            .name(name.to_ns_name::<GenericNamespaced>()?)
            .security_descriptor(SecurityDescriptor::deserialize(&text)?)
            .create_tokio()
    }

    #[test]
    fn a_user_has_a_sid_of_their_own() {
        let user = user().unwrap();
        assert!(user.starts_with("S-1-5-"), "{user}");
        assert_ne!(user, STRANGER);
    }

    #[tokio::test]
    async fn an_own_pipe_is_trusted() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::in_folder(folder.path());
        let _listener = socket::listen(&paths).unwrap();
        let client = socket::connect(socket::pipe_name(&paths)).await.unwrap();
        let whose = (owner(client.as_handle()).unwrap(), user().unwrap());
        assert!(is_trusted(&client, &paths).unwrap(), "{whose:?}");
        drop(client);
        assert!(!socket::is_another_users(&paths).await);
    }

    #[tokio::test]
    async fn another_users_pipe_is_told_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let paths = Paths::in_folder(folder.path());
        let listener = match planted(&paths, &format!("O:{STRANGER}")) {
            Ok(listener) => listener,
            // ERROR_INVALID_OWNER: Windows itself, which keeps strangers from our names here.
            Err(error) if error.raw_os_error() == Some(1307) => return,
            Err(error) => panic!("{error}"),
        };
        let client = socket::connect(socket::pipe_name(&paths)).await.unwrap();
        assert_eq!(owner(client.as_handle()).unwrap(), STRANGER);
        assert!(!is_trusted(&client, &paths).unwrap());
        drop(client);
        let _first = listener.accept().await.unwrap();
        assert!(socket::is_another_users(&paths).await);
        let _second = listener.accept().await.unwrap();

        let client = socket::attach(&paths).await.unwrap();
        let secret = Request::SetSecret {
            account: "a".into(),
            secret: "hunter2".to_owned().into(),
        };
        let error = client.request(secret).await.unwrap_err();
        assert_eq!(error, socket::another_users());
        // It was hung up on without a word.
        let mut heard = Vec::new();
        let mut stranger = listener.accept().await.unwrap();
        let _ = stranger.read_to_end(&mut heard).await;
        assert_eq!(heard, b"");
    }
}
