//! The files of the log: `dequeue-1.log`, `dequeue-2.log` and so on in a folder that is its owner's
//! alone. The highest number is written; one that is full is left as it is, and the oldest are removed,
//! so that all together stay below a bound.
//!
//! Several programs write there side by side: each octet is appended by the system, in one piece with
//! its line, nothing is ever renamed, and whoever finds its file full looks for the next one, which
//! another may have begun. No lock is needed for that, and none can be left behind; but on Windows, where
//! shared folders and Wine append in two steps, writers take turns by one.

use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::files::{append, make_private};

const BEFORE_NUMBER: &str = "dequeue-";
const AFTER_NUMBER: &str = ".log";
/// All files together have so many octets at most, unless the settings say otherwise.
pub const OCTETS: u64 = 10_000_000;
/// The bound is that of so many files: what goes at once is this part of it.
const FILES: u64 = 8;

/// Writes the files. A clone writes beside it, as another program would.
#[derive(Debug)]
pub(super) struct FileLog {
    folder: PathBuf,
    at_most: Arc<AtomicU64>,
    open: Option<File>,
    /// Whether half a line stands at the end, since the disk took no more of it.
    is_torn: bool,
    /// The file whose lock the writers take turns by.
    #[cfg(windows)]
    turn: Option<File>,
}

impl Clone for FileLog {
    fn clone(&self) -> Self {
        Self {
            folder: self.folder.clone(),
            at_most: self.at_most.clone(),
            open: None,
            is_torn: false,
            #[cfg(windows)]
            turn: None,
        }
    }
}

impl FileLog {
    pub(super) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            at_most: Arc::new(AtomicU64::new(OCTETS)),
            open: None,
            is_torn: false,
            #[cfg(windows)]
            turn: None,
        }
    }

    /// Of all clones.
    pub(super) fn keep_at_most(&self, octets: u64) {
        self.at_most.store(octets, Ordering::Relaxed);
    }

    /// Appends whole lines.
    pub(super) fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        let at_most = self.at_most.load(Ordering::Relaxed);
        let most = (at_most / FILES).saturating_sub(lines.len() as u64);
        if let Some(open) = self.open.take_if(|open| is_left(open, most)) {
            drop(open);
        }
        let open = match &mut self.open {
            Some(open) => open,
            closed => closed.insert(next(&self.folder, most, at_most)?),
        };
        #[cfg(windows)]
        let _turn = take_turn(&mut self.turn, &self.folder)?;
        let end: &[u8] = if self.is_torn { b"\n" } else { b"" };
        let written = open.write_all(end).and_then(|()| open.write_all(lines));
        self.is_torn = written.is_err();
        if self.is_torn {
            self.open = None;
        }
        written
    }
}

/// Holds the writers' lock; a process that ends lets go of it, however that comes about.
#[cfg(windows)]
struct Turn<'a>(&'a File);

#[cfg(windows)]
impl Drop for Turn<'_> {
    fn drop(&mut self) {
        // It goes with the handle at the latest.
        let _ = self.0.unlock();
    }
}

/// Waits for whoever writes now. The file that is locked is not one of the log: its readers would have to
/// wait as well.
#[cfg(windows)]
fn take_turn<'a>(turn: &'a mut Option<File>, folder: &Path) -> io::Result<Turn<'a>> {
    let file = match turn {
        Some(file) => file,
        none => {
            // What is opened for appending alone cannot be locked.
            let mut options = File::options();
            options.read(true).write(true).create(true).truncate(false);
            none.insert(options.open(folder.join("dequeue.lock"))?)
        }
    };
    file.lock()?;
    Ok(Turn(file))
}

/// The files of a folder by their numbers, the oldest first.
pub(super) fn numbered(folder: &Path) -> io::Result<Vec<(u64, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        found.extend(number(&entry.file_name().to_string_lossy()).map(|it| (it, entry.path())));
    }
    found.sort_unstable();
    Ok(found)
}

fn number(name: &str) -> Option<u64> {
    let number = name.strip_prefix(BEFORE_NUMBER)?;
    number.strip_suffix(AFTER_NUMBER)?.parse().ok()
}

/// The file to write on in: the newest, or one that is begun after it.
fn next(folder: &Path, most: u64, at_most: u64) -> io::Result<File> {
    make_private(folder)?;
    let newest = numbered(folder)?.last().map_or(1, |(number, _)| *number);
    for number in newest.. {
        let path = folder.join(format!("{BEFORE_NUMBER}{number}{AFTER_NUMBER}"));
        let file = append(&path)?;
        let length = file.metadata()?.len();
        if length == 0 {
            remove_oldest(folder, number, at_most);
        }
        // An empty one takes lines that are longer than any file may be.
        if length <= most || length == 0 {
            return Ok(file);
        }
    }
    Err(io::ErrorKind::StorageFull.into())
}

/// Whether a file is written no longer: it has no room, or somebody has removed it.
fn is_left(file: &File, most: u64) -> bool {
    let Ok(metadata) = file.metadata() else {
        return true;
    };
    #[cfg(unix)]
    if std::os::unix::fs::MetadataExt::nlink(&metadata) == 0 {
        return true;
    }
    metadata.len() > most
}

/// Makes room for a file that has just been begun. What cannot be removed is left for the next time.
fn remove_oldest(folder: &Path, begun: u64, at_most: u64) {
    let mut left = at_most - at_most / FILES;
    let others = numbered(folder).unwrap_or_default().into_iter().rev();
    for (_, path) in others.filter(|(number, _)| *number != begun) {
        let length = fs::metadata(&path).map_or(0, |it| it.len());
        match left.checked_sub(length) {
            Some(rest) => left = rest,
            None => {
                left = 0;
                let _ = fs::remove_file(path);
            }
        }
    }
}
