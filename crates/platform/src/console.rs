//! Text between this program and others on a command line. Windows' own programs read and write what is
//! no console, a file or a pipe, in the console's code page; elsewhere all is UTF-8.

use std::borrow::Cow;

use zeroize::Zeroizing;

#[cfg(not(windows))]
use plain as system;

/// A text as it goes to standard output. What a code page has no character for becomes one that looks
/// like it, or `?`. To a console itself, and where there is none, it is UTF-8.
#[must_use]
pub fn for_stdout(text: &str) -> Cow<'_, [u8]> {
    system::encoded(text, std::io::IsTerminal::is_terminal(&std::io::stdout()))
}

/// The same for standard error.
#[must_use]
pub fn for_stderr(text: &str) -> Cow<'_, [u8]> {
    system::encoded(text, std::io::IsTerminal::is_terminal(&std::io::stderr()))
}

/// A text that came from standard input: UTF-8, or what the console's code page makes of it. `None` where
/// it is neither.
#[must_use]
pub fn from_stdin(octets: &[u8]) -> Option<Zeroizing<String>> {
    match std::str::from_utf8(octets) {
        Ok(text) => Some(Zeroizing::new(text.to_owned())),
        Err(_) => system::decoded(octets),
    }
}

#[cfg(not(windows))]
mod plain {
    use super::*;

    pub(super) const fn encoded(text: &str, _is_console: bool) -> Cow<'_, [u8]> {
        Cow::Borrowed(text.as_bytes())
    }

    pub(super) const fn decoded(_: &[u8]) -> Option<Zeroizing<String>> {
        None
    }
}

#[cfg(windows)]
mod system {
    use std::ptr;

    use windows_sys::Win32::{
        Globalization::{MB_ERR_INVALID_CHARS, MultiByteToWideChar, WideCharToMultiByte},
        System::Console::{GetConsoleCP, GetConsoleOutputCP},
    };

    use super::*;

    /// UTF-8 as a code page.
    const UTF8: u32 = 65001;

    #[expect(unsafe_code)]
    pub(super) fn encoded(text: &str, is_console: bool) -> Cow<'_, [u8]> {
        // SAFETY: it takes nothing; without a console it gives 0.
        let page = unsafe { GetConsoleOutputCP() };
        if is_console || page == 0 || page == UTF8 || text.is_ascii() {
            return Cow::Borrowed(text.as_bytes());
        }
        in_page(page, text).map_or(Cow::Borrowed(text.as_bytes()), Cow::Owned)
    }

    #[expect(unsafe_code)]
    pub(super) fn decoded(octets: &[u8]) -> Option<Zeroizing<String>> {
        // SAFETY: it takes nothing; without a console it gives 0.
        let page = unsafe { GetConsoleCP() };
        from_page(page, octets)
    }

    #[expect(unsafe_code)]
    pub(super) fn in_page(page: u32, text: &str) -> Option<Vec<u8>> {
        let wide: Vec<u16> = text.encode_utf16().collect();
        let units = i32::try_from(wide.len()).ok()?;
        // No code page takes more for a unit.
        let mut octets = vec![0; wide.len() * 4];
        let room = i32::try_from(octets.len()).ok()?;
        // SAFETY: both are as long as is said.
        let written = unsafe {
            WideCharToMultiByte(
                page,
                0,
                wide.as_ptr(),
                units,
                octets.as_mut_ptr(),
                room,
                ptr::null(),
                ptr::null_mut(),
            )
        };
        octets.truncate(
            usize::try_from(written)
                .ok()
                .filter(|written| *written > 0)?,
        );
        Some(octets)
    }

    /// 0 stands for the code page of the system's programs without windows.
    #[expect(unsafe_code)]
    pub(super) fn from_page(page: u32, octets: &[u8]) -> Option<Zeroizing<String>> {
        /// `CP_OEMCP`.
        const OEM: u32 = 1;
        let page = if page == 0 { OEM } else { page };
        let length = i32::try_from(octets.len()).ok()?;
        let mut wide = Zeroizing::new(vec![0_u16; octets.len()]);
        // SAFETY: both are as long as is said; there are no more units than octets.
        let units = unsafe {
            MultiByteToWideChar(
                page,
                MB_ERR_INVALID_CHARS,
                octets.as_ptr(),
                length,
                wide.as_mut_ptr(),
                length,
            )
        };
        let units = usize::try_from(units).ok().filter(|units| *units > 0)?;
        // As long as it can be from the start: one that grows leaves copies behind.
        let mut text = Zeroizing::new(String::with_capacity(3 * units));
        for c in char::decode_utf16(wide[..units].iter().copied()) {
            text.push(c.ok()?);
        }
        Some(text)
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// Of DOS, for western Europe.
        const PAGE: u32 = 850;

        #[test]
        fn a_code_page_is_read_and_written() {
            assert_eq!(in_page(PAGE, "zoë é").unwrap(), b"zo\x89 \x82");
            let read = from_page(PAGE, b"zo\x89 \x82").unwrap();
            assert_eq!(*read, "zoë é");
            // What it does not have looks like it, or is a question mark.
            let quoted = in_page(PAGE, "“a” ☃").unwrap();
            assert!(!quoted.is_empty() && quoted.is_ascii(), "{quoted:?}");
            assert!(from_page(PAGE, b"").is_none());
            assert_eq!(encoded("é", true), "é".as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utf8_is_read_as_that() {
        assert_eq!(*from_stdin("één ☃".as_bytes()).unwrap(), "één ☃");
    }
}
