//! The Event Log of Windows, in which an administrator looks first for what ails a service.
//!
//! Its source is [`SOURCE`] in the log “Application”. The texts of its events are those of a program of
//! Windows itself, which has one for each number from 1 to 1000 that says what it is given: so they can
//! still be read where Dequeue has been moved or removed.
#![allow(unsafe_code)]

use std::{io, iter, ptr};

use tracing::Level;
use windows_registry::LOCAL_MACHINE;
use windows_sys::Win32::{
    Foundation::HANDLE,
    System::EventLog::{
        DeregisterEventSource, EVENTLOG_ERROR_TYPE, EVENTLOG_INFORMATION_TYPE,
        EVENTLOG_WARNING_TYPE, RegisterEventSourceW, ReportEventW,
    },
};

/// The source of our events.
const SOURCE: &str = "Dequeue";

const SOURCES: &str = r"SYSTEM\CurrentControlSet\Services\EventLog\Application";
/// Eventcreate.exe is on every Windows from XP on.
const TEXTS: &str = r"%SystemRoot%\System32\EventCreate.exe";
/// Errors, warnings and information.
const TYPES: u32 = 7;

/// Makes the source known to Windows. Done again, it is as before.
///
/// # Errors
/// What Windows says: it takes an administrator.
pub(super) fn register_source() -> io::Result<()> {
    let key = LOCAL_MACHINE.create(format!(r"{SOURCES}\{SOURCE}"))?;
    key.set_expand_string("EventMessageFile", TEXTS)?;
    key.set_u32("TypesSupported", TYPES)?;
    Ok(())
}

/// Takes the source out again. It is no fault where it is not there.
///
/// # Errors
/// As those of [`register_source`].
pub(super) fn unregister_source() -> io::Result<()> {
    let sources = LOCAL_MACHINE.options().read().write().open(SOURCES)?;
    if sources.open(SOURCE).is_err() {
        return Ok(());
    }
    Ok(sources.remove_tree(SOURCE)?)
}

/// Whether an event is told there: warnings and what is worse of our own, and the service's beginning
/// and end.
pub(super) fn is_wanted(level: Level, target: &str) -> bool {
    target.starts_with(super::OURS) && level <= Level::WARN || target == super::LIFE
}

/// The open source.
pub(super) struct EventLog(HANDLE);

// SAFETY: the handle is a number for the Event Log's service, which any thread may use.
unsafe impl Send for EventLog {}
// SAFETY: as above; ReportEventW may be called by several threads at once.
unsafe impl Sync for EventLog {}

impl EventLog {
    /// `None` where there is no Event Log.
    pub(super) fn open() -> Option<Self> {
        let name = wide(SOURCE);
        // SAFETY: the name is a text that ends with 0, and outlives the call.
        let source = unsafe { RegisterEventSourceW(ptr::null(), name.as_ptr()) };
        (!source.is_null()).then_some(Self(source))
    }

    pub(super) fn report(&self, level: Level, words: &str) {
        // The numbers stay the same for ever: administrators filter by them.
        let (kind, number) = match level {
            Level::ERROR => (EVENTLOG_ERROR_TYPE, 3),
            Level::WARN => (EVENTLOG_WARNING_TYPE, 2),
            Level::INFO | Level::DEBUG | Level::TRACE => (EVENTLOG_INFORMATION_TYPE, 1),
        };
        let words = wide(words);
        let texts = [words.as_ptr()];
        // SAFETY: the source is open, there is one text, which ends with 0, and no data; all of it
        // outlives the call.
        unsafe {
            ReportEventW(
                self.0,
                kind,
                0,
                number,
                ptr::null_mut(),
                1,
                0,
                texts.as_ptr(),
                ptr::null(),
            );
        }
    }
}

impl Drop for EventLog {
    fn drop(&mut self) {
        // SAFETY: the source was opened by us, and is used no more.
        unsafe { DeregisterEventSource(self.0) };
    }
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain(iter::once(0)).collect()
}
