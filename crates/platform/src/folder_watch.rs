//! What changes in a folder of Windows, from a thread that waits for it and does nothing else.

use std::{
    ffi::{OsString, c_void},
    fs::{File, OpenOptions},
    io,
    os::windows::{
        ffi::OsStringExt,
        fs::OpenOptionsExt,
        io::{AsRawHandle, FromRawHandle, OwnedHandle},
    },
    path::Path,
    ptr,
    sync::Arc,
    thread,
};

use windows_sys::Win32::{
    Foundation::WAIT_OBJECT_0,
    Storage::FileSystem::{
        FILE_FLAG_BACKUP_SEMANTICS, FILE_FLAG_OVERLAPPED, FILE_LIST_DIRECTORY,
        FILE_NOTIFY_CHANGE_CREATION, FILE_NOTIFY_CHANGE_FILE_NAME, FILE_NOTIFY_CHANGE_LAST_WRITE,
        FILE_NOTIFY_CHANGE_SIZE, ReadDirectoryChangesW,
    },
    System::{
        IO::{CancelIoEx, GetOverlappedResult, OVERLAPPED},
        Threading::{CreateEventW, INFINITE, SetEvent, WaitForMultipleObjects},
    },
};

/// Octets for what changes at once. What has no room is told as a change of everything.
const ROOM: usize = 16 * 1024;
/// What a `FILE_NOTIFY_INFORMATION` has before its name: the next one's place, what has happened, and
/// the name's length in octets.
const HEAD: usize = 12;

/// The watching. Dropping it ends it.
#[derive(Debug)]
#[must_use = "dropping it ends the watching"]
pub struct FolderWatch {
    stop: Arc<Event>,
}

/// Tells from now on of each file of the folder that has come, gone or been written to, by its name;
/// `None` where so much has changed that the names are lost. It is told in a thread of its own.
///
/// # Errors
/// What the system says.
pub fn watch(
    folder: &Path,
    changed: impl FnMut(Option<OsString>) + Send + 'static,
) -> io::Result<FolderWatch> {
    let folder = OpenOptions::new()
        .access_mode(FILE_LIST_DIRECTORY)
        .custom_flags(FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OVERLAPPED)
        .open(folder)?;
    let stop = Arc::new(Event::new()?);
    let stopped = stop.clone();
    let ready = Event::new()?;
    // Changes are kept from the first call on.
    let mut reading = Reading::begin(folder, ready)?;
    let mut changed = changed;
    thread::Builder::new()
        .name("folder-watch".to_owned())
        .spawn(move || {
            loop {
                match reading.next(&stopped) {
                    Ok(Some(names)) if names.is_empty() => changed(None),
                    Ok(Some(names)) => names.into_iter().for_each(|name| changed(Some(name))),
                    Ok(None) => return,
                    Err(error) => {
                        tracing::warn!(%error, "a folder is watched no longer");
                        return;
                    }
                }
            }
        })?;
    Ok(FolderWatch { stop })
}

impl Drop for FolderWatch {
    fn drop(&mut self) {
        self.stop.set();
    }
}

/// An event of Windows that stays set until it is read, by one reader.
#[derive(Debug)]
struct Event(OwnedHandle);

impl Event {
    #[expect(unsafe_code)]
    fn new() -> io::Result<Self> {
        // SAFETY: it takes nothing of ours.
        let event = unsafe { CreateEventW(ptr::null(), 0, 0, ptr::null()) };
        if event.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it was made for us alone just now.
        Ok(Self(unsafe { OwnedHandle::from_raw_handle(event) }))
    }

    #[expect(unsafe_code)]
    fn set(&self) {
        // SAFETY: the handle is open.
        unsafe { SetEvent(self.0.as_raw_handle()) };
    }
}

/// What Windows writes to while it watches.
struct Room {
    /// Aligned as Windows wants it.
    octets: [u32; ROOM / 4],
    overlapped: OVERLAPPED,
}

/// A folder whose changes are being read.
struct Reading {
    folder: File,
    ready: Event,
    /// Boxed, since Windows writes to it from the call until it has an answer.
    room: Box<Room>,
    is_under_way: bool,
}

// SAFETY: what Windows writes to moves with its owner's pointer only, and one thread uses it at a time.
#[expect(unsafe_code)]
unsafe impl Send for Reading {}

impl Reading {
    fn begin(folder: File, ready: Event) -> io::Result<Self> {
        let room = Box::new(Room {
            octets: [0; ROOM / 4],
            overlapped: OVERLAPPED::default(),
        });
        let mut reading = Self {
            folder,
            ready,
            room,
            is_under_way: false,
        };
        reading.ask()?;
        Ok(reading)
    }

    #[expect(unsafe_code)]
    fn ask(&mut self) -> io::Result<()> {
        let what = FILE_NOTIFY_CHANGE_FILE_NAME
            | FILE_NOTIFY_CHANGE_SIZE
            | FILE_NOTIFY_CHANGE_LAST_WRITE
            | FILE_NOTIFY_CHANGE_CREATION;
        self.room.overlapped = OVERLAPPED {
            hEvent: self.ready.0.as_raw_handle(),
            ..OVERLAPPED::default()
        };
        // SAFETY: the room is as large as is said, and stays where it is until there is an answer: none
        // is asked for before the last has come, and the end waits for it.
        let begun = unsafe {
            ReadDirectoryChangesW(
                self.folder.as_raw_handle(),
                self.room.octets.as_mut_ptr().cast::<c_void>(),
                ROOM as u32,
                0,
                what,
                ptr::null_mut(),
                &raw mut self.room.overlapped,
                None,
            )
        };
        if begun == 0 {
            return Err(io::Error::last_os_error());
        }
        self.is_under_way = true;
        Ok(())
    }

    /// Waits for what changes next; `None` where the watching is to end. An empty list says that there
    /// was more than there is room for.
    #[expect(unsafe_code)]
    fn next(&mut self, stop: &Event) -> io::Result<Option<Vec<OsString>>> {
        let events = [self.ready.0.as_raw_handle(), stop.0.as_raw_handle()];
        // SAFETY: both handles are open meanwhile.
        let which = unsafe { WaitForMultipleObjects(2, events.as_ptr(), 0, INFINITE) };
        if which != WAIT_OBJECT_0 {
            return if which == WAIT_OBJECT_0 + 1 {
                Ok(None)
            } else {
                Err(io::Error::last_os_error())
            };
        }
        let octets = self.answer()?;
        let names = self.names(octets);
        self.ask()?;
        Ok(Some(names))
    }

    /// Waits for Windows' answer; gives how many octets it has.
    #[expect(unsafe_code)]
    fn answer(&mut self) -> io::Result<usize> {
        let mut octets = 0;
        // SAFETY: it is the call that is under way.
        let done = unsafe {
            GetOverlappedResult(
                self.folder.as_raw_handle(),
                &raw const self.room.overlapped,
                &raw mut octets,
                1,
            )
        };
        self.is_under_way = false;
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(octets as usize)
    }

    fn names(&self, octets: usize) -> Vec<OsString> {
        let words = &self.room.octets[..octets.min(ROOM).div_ceil(4)];
        let octets: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        names(&octets)
    }
}

impl Drop for Reading {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        if self.is_under_way {
            // SAFETY: it is the call that is under way; its answer is waited for, so that Windows
            // writes nowhere afterwards.
            unsafe {
                CancelIoEx(self.folder.as_raw_handle(), &raw const self.room.overlapped);
            }
            let _ = self.answer();
        }
    }
}

/// The names in what Windows tells: one entry after the other, each with the place of the next.
fn names(mut told: &[u8]) -> Vec<OsString> {
    let mut names = Vec::new();
    while told.len() >= HEAD {
        let number = |at: usize| -> usize {
            let octets = told[at..at + 4].iter().rev();
            octets.fold(0, |number, octet| number << 8 | usize::from(*octet))
        };
        let (next, length) = (number(0), number(8));
        let end = (HEAD + length).min(told.len());
        let units = told[HEAD..end].chunks_exact(2);
        let units: Vec<u16> = units
            .map(|unit| u16::from_le_bytes([unit[0], unit[1]]))
            .collect();
        names.push(OsString::from_wide(&units));
        if next == 0 || next > told.len() {
            break;
        }
        told = &told[next..];
    }
    names
}

#[cfg(test)]
mod tests {
    use std::{fs, sync::mpsc, time::Duration};

    use super::*;

    const SOON: Duration = Duration::from_secs(30);

    #[test]
    fn what_comes_changes_and_is_replaced_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let (tell, told) = mpsc::channel();
        let watching = watch(folder.path(), move |name| {
            let _ = tell.send(name);
        });
        let watching = watching.unwrap();
        let wait_for = |name: &str| {
            while told.recv_timeout(SOON).expect(name) != Some(name.into()) {}
        };
        let at = |name: &str| folder.path().join(name);
        fs::write(at("één.toml"), "1").unwrap();
        wait_for("één.toml");
        fs::write(at("other"), "1").unwrap();
        wait_for("other");
        fs::rename(at("other"), at("één.toml")).unwrap();
        wait_for("één.toml");
        // Nothing is told afterwards, and the thread ends.
        drop(watching);
        let gone = Err(mpsc::RecvTimeoutError::Disconnected);
        while let Ok(told) = told.recv_timeout(SOON).map_err(|error| {
            assert_eq!(Err::<(), _>(error), gone);
        }) {
            drop(told);
        }
    }

    #[test]
    fn a_folder_that_is_not_there_cannot_be_watched() {
        let folder = tempfile::tempdir().unwrap();
        assert!(watch(&folder.path().join("none"), |_| {}).is_err());
    }

    #[test]
    fn what_is_told_is_read_whatever_it_is() {
        let entry = |next: u32, name: &str| {
            let name: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let length = u32::try_from(name.len()).unwrap();
            let head = [next, 1, length].map(u32::to_le_bytes).concat();
            [head, name].concat()
        };
        let mut told = entry(16, "ab");
        told.extend(entry(0, "c"));
        assert_eq!(names(&told), ["ab", "c"]);
        assert_eq!(names(&[]), Vec::<OsString>::new());
        for end in 0..told.len() {
            let _ = names(&told[..end]);
        }
        assert_eq!(names(&entry(1 << 20, "a")), ["a"]);
    }
}
