//! Functions of Windows that not every version has, or that no import library names: they are looked
//! up when they are needed.

use std::{ffi::CStr, ptr};

use windows_sys::Win32::{
    Foundation::HMODULE,
    System::LibraryLoader::{GetProcAddress, LOAD_LIBRARY_SEARCH_SYSTEM32, LoadLibraryExA},
};

/// A function, of which nothing else is known: whoever calls it makes it what Windows declares.
pub type Function = unsafe extern "system" fn() -> isize;

/// The function of this name in a library of the system's own; `None` where it has none.
#[must_use]
#[expect(unsafe_code)]
pub fn function(library: &CStr, name: &CStr) -> Option<Function> {
    // SAFETY: the library is loaded, and is never unloaded; the name ends with a NUL.
    load(library).and_then(|library| unsafe { GetProcAddress(library, name.as_ptr().cast()) })
}

/// The same by its number, for functions that have no name.
#[must_use]
#[expect(unsafe_code)]
pub fn numbered_function(library: &CStr, number: u16) -> Option<Function> {
    let number = ptr::without_provenance(number.into());
    // SAFETY: as above; Windows takes what is no address for a number.
    load(library).and_then(|library| unsafe { GetProcAddress(library, number) })
}

#[expect(unsafe_code)]
fn load(library: &CStr) -> Option<HMODULE> {
    // SAFETY: the name ends with a NUL, and only the system's own folder is looked in.
    let library = unsafe {
        LoadLibraryExA(
            library.as_ptr().cast(),
            ptr::null_mut(),
            LOAD_LIBRARY_SEARCH_SYSTEM32,
        )
    };
    (!library.is_null()).then_some(library)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_found_and_what_is_not_is_not() {
        assert!(function(c"kernel32.dll", c"GetTickCount64").is_some());
        assert!(function(c"kernel32.dll", c"GetTickCount4096").is_none());
        assert!(function(c"no-such.dll", c"GetTickCount64").is_none());
        assert!(numbered_function(c"kernel32.dll", u16::MAX).is_none());
    }
}
