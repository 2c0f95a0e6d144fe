//! Whose a file is, who may use a folder, and what a service may do: calls of Windows that no safe crate
//! has.

use std::{ffi::OsStr, io, os::windows::ffi::OsStrExt, path::Path, ptr};

use sha1::{Digest, Sha1};
use windows_service::service::Service;
use windows_sys::Win32::{
    Foundation::ERROR_SUCCESS,
    Security::{
        ACL,
        Authorization::{
            ConvertStringSecurityDescriptorToSecurityDescriptorW, GetNamedSecurityInfoW,
            SDDL_REVISION_1, SE_FILE_OBJECT, SetNamedSecurityInfoW,
        },
        DACL_SECURITY_INFORMATION, GetSecurityDescriptorDacl, OWNER_SECURITY_INFORMATION,
        PROTECTED_DACL_SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, PSID, SECURITY_ATTRIBUTES,
    },
    Storage::FileSystem::CreateDirectoryW,
    System::Services::{
        ChangeServiceConfig2W, SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO,
        SERVICE_REQUIRED_PRIVILEGES_INFOW,
    },
};

use crate::sid::{self, Local};

/// Who may have made what is the service's: the system, the administrators, and whoever installs Windows
/// itself. Beside them the service, and whom this process runs as.
const TRUSTED: [&str; 3] = [
    "S-1-5-18",
    "S-1-5-32-544",
    "S-1-5-80-956008885-3418522649-1831038044-1853292631-2271478464",
];

/// The name that the account of the service is made of.
const SERVICE: &str = "Dequeue";

/// Who may use the folder of the service with this name, in SDDL: the system, the administrators and the
/// service everything, nobody else anything, also of what is made in it later.
pub(super) fn access(service: &str) -> String {
    let sid = service_sid(service);
    format!("O:BAD:PAI(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)(A;OICI;FA;;;{sid})")
}

/// The SID of the account `NT SERVICE\NAME`, which Windows makes of the name alone: five numbers, little
/// endian, of the SHA-1 of the name in capitals and in UTF-16.
fn service_sid(name: &str) -> String {
    let name: Vec<u8> = name
        .to_uppercase()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let digest = Sha1::digest(name);
    let (numbers, _) = digest.as_chunks::<4>();
    let numbers = numbers.iter().map(|four| u32::from_le_bytes(*four));
    numbers.fold("S-1-5-80".to_owned(), |sid, number| {
        format!("{sid}-{number}")
    })
}

/// Makes a folder with this access from the beginning.
///
/// # Errors
/// What Windows says.
#[allow(unsafe_code)]
pub(super) fn make_folder(folder: &Path, access: &str) -> io::Result<()> {
    let descriptor = descriptor(access)?;
    let attributes = SECURITY_ATTRIBUTES {
        nLength: size_of::<SECURITY_ATTRIBUTES>() as u32,
        lpSecurityDescriptor: descriptor.0,
        bInheritHandle: 0,
    };
    let folder = wide(folder.as_os_str());
    // SAFETY: the path ends with a NUL, and the attributes and their descriptor outlive the call.
    let made = unsafe { CreateDirectoryW(folder.as_ptr(), &raw const attributes) };
    if made == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Gives a folder, and what lies in it, this access, whatever it had.
///
/// # Errors
/// What Windows says.
#[allow(unsafe_code)]
pub(super) fn set_access(folder: &Path, access: &str) -> io::Result<()> {
    let descriptor = descriptor(access)?;
    let (mut present, mut defaulted) = (0, 0);
    let mut list: *mut ACL = ptr::null_mut();
    // SAFETY: the descriptor is a whole one, and the places outlive the call. The list lies within it.
    let got = unsafe {
        GetSecurityDescriptorDacl(
            descriptor.0,
            &raw mut present,
            &raw mut list,
            &raw mut defaulted,
        )
    };
    if got == 0 {
        return Err(io::Error::last_os_error());
    }
    let folder = wide(folder.as_os_str());
    // SAFETY: the path ends with a NUL, and the list lies in the descriptor, which is still held.
    let code = unsafe {
        SetNamedSecurityInfoW(
            folder.as_ptr(),
            SE_FILE_OBJECT,
            DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION,
            ptr::null_mut(),
            ptr::null_mut(),
            list,
            ptr::null(),
        )
    };
    done(code)
}

/// Whether what has this path was made by somebody who may have made what is the service's.
///
/// # Errors
/// What Windows says.
#[allow(unsafe_code)]
pub(super) fn is_trusted(path: &Path) -> io::Result<bool> {
    let path = wide(path.as_os_str());
    let mut owner: PSID = ptr::null_mut();
    let mut descriptor = Local(ptr::null_mut());
    // SAFETY: the path ends with a NUL, and the places outlive the call. What the descriptor points to is
    // ours to free, and the owner lies within it.
    let code = unsafe {
        GetNamedSecurityInfoW(
            path.as_ptr(),
            SE_FILE_OBJECT,
            OWNER_SECURITY_INFORMATION,
            &raw mut owner,
            ptr::null_mut(),
            ptr::null_mut(),
            ptr::null_mut(),
            &raw mut descriptor.0,
        )
    };
    done(code)?;
    if owner.is_null() {
        return Ok(false);
    }
    // SAFETY: Windows has put a SID there, inside of the descriptor that is still held.
    let owner = unsafe { sid::text(owner) }?;
    let is_known = TRUSTED.contains(&owner.as_str()) || owner == service_sid(SERVICE);
    Ok(is_known || owner == sid::own_user()?)
}

/// Lets a service have these privileges of its account and no other.
///
/// # Errors
/// What Windows says.
#[allow(unsafe_code)]
pub(super) fn require_privileges(service: &Service, privileges: &[&str]) -> io::Result<()> {
    let mut names: Vec<u16> = privileges
        .iter()
        .flat_map(|name| wide(OsStr::new(name)))
        .chain([0])
        .collect();
    let mut required = SERVICE_REQUIRED_PRIVILEGES_INFOW {
        pmszRequiredPrivileges: names.as_mut_ptr(),
    };
    // SAFETY: the handle is open while it is borrowed, and the names, each with a NUL behind it and one
    // more at the end, outlive the call.
    let changed = unsafe {
        ChangeServiceConfig2W(
            service.raw_handle(),
            SERVICE_CONFIG_REQUIRED_PRIVILEGES_INFO,
            (&raw mut required).cast(),
        )
    };
    if changed == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// A security descriptor out of its text.
#[allow(unsafe_code)]
fn descriptor(text: &str) -> io::Result<Local> {
    let text = wide(OsStr::new(text));
    let mut descriptor: PSECURITY_DESCRIPTOR = ptr::null_mut();
    // SAFETY: the text ends with a NUL, and the place outlives the call.
    let made = unsafe {
        ConvertStringSecurityDescriptorToSecurityDescriptorW(
            text.as_ptr(),
            SDDL_REVISION_1,
            &raw mut descriptor,
            ptr::null_mut(),
        )
    };
    if made == 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Local(descriptor))
}

fn done(code: u32) -> io::Result<()> {
    if code == ERROR_SUCCESS {
        Ok(())
    } else {
        Err(io::Error::from_raw_os_error(code.cast_signed()))
    }
}

fn wide(text: &OsStr) -> Vec<u16> {
    text.encode_wide().chain([0]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_of_a_service_is_made_of_its_name() {
        // Windows' own, which is the same on each machine.
        assert_eq!(service_sid("TrustedInstaller"), TRUSTED[2]);
        let ours = format!("(A;OICI;FA;;;{})", service_sid("dequeue"));
        assert!(access("Dequeue").ends_with(&ours), "{ours}");
    }

    #[test]
    fn what_this_process_makes_is_trusted_and_a_folder_has_its_access() {
        let folder = tempfile::tempdir().unwrap();
        assert!(is_trusted(folder.path()).unwrap());
        let data = folder.path().join("data");
        make_folder(&data, &access(SERVICE)).unwrap();
        assert!(data.is_dir());
        let again = make_folder(&data, &access(SERVICE)).unwrap_err();
        assert_eq!(again.kind(), io::ErrorKind::AlreadyExists);
        set_access(&data, &access(SERVICE)).unwrap();
        assert!(is_trusted(&data).unwrap());
        let missing = is_trusted(&folder.path().join("missing")).unwrap_err();
        assert_eq!(missing.kind(), io::ErrorKind::NotFound);
    }
}
