//! Files that are replaced whole or not at all: a reader, and whoever comes after a crash or a loss
//! of power, finds the old file or the new one, never half of either. And folders and files that are
//! their owner's alone.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File, Metadata, OpenOptions, TryLockError},
    hash::{BuildHasher, RandomState},
    io::{self, Read, Write},
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// What ends the name of a file that is still being written.
const UNFINISHED: &str = ".new";
/// What ends the name of the file whose lock the writers of another take.
const LOCK: &str = ".lock";
/// An unfinished file that is older is a killed writer's: nobody writes for this long.
const ABANDONED: Duration = Duration::from_secs(600);
/// New names that are tried. By chance none is ever taken.
const TRIES: usize = 8;
/// How long another writer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often it is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(5);

/// Who may read and write the new file. On Windows, where a file has no mode, its folder decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Its owner alone, whatever was there before. A link in its place is replaced.
    Private,
    /// Whoever could with the old file, whose mode and owner are kept as far as the system allows;
    /// of a new file its owner alone. A link stays a link: what it points to is replaced.
    AsBefore,
}

/// Replaces a file whatever is in it, or makes it where there is none: writes beside it, to the disk,
/// then renames. Whoever is to read it is settled before the first octet is written, and what is
/// written beside it has a new name each time, through which no link is followed.
///
/// # Errors
/// The old file is as it was, and nothing is left beside it. With [`Access::AsBefore`] that is also
/// [`io::ErrorKind::PermissionDenied`] for a file that its owner has made read-only, which a rename
/// would not heed, and [`io::ErrorKind::InvalidInput`] for what is no file.
pub fn write_whole(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    let target = match access {
        Access::Private => Target::anew(path),
        Access::AsBefore => Target::of(path)?,
    };
    target.write(bytes, |_| Ok(true)).map(drop)
}

/// Writes a file that is not there yet; its owner's alone.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`] where something is there; else nothing is left of it.
pub fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let written = fill(create(path)?, bytes);
    if written.is_err() {
        // What is half there is of no use to anyone.
        let _ = fs::remove_file(path);
    }
    written?;
    sync_folder(folder_of(path));
    Ok(())
}

/// A file that others write too, while it is changed here: it is read, and replaced only where
/// nobody has changed it since. Programs that change it by this wait for one another; others, as an
/// editor, are noticed.
#[derive(Debug)]
pub struct Editing<'a> {
    path: &'a Path,
    /// As it was last read; `None` where there was none.
    read: Option<Vec<u8>>,
    /// `None` where this user, or the file system, can lock nothing here.
    _lock: Option<File>,
}

/// What became of an edit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edited {
    /// The file is as it was to become.
    Written,
    /// Somebody else has changed the file since it was read. It is as that one left it.
    ChangedMeanwhile,
}

impl<'a> Editing<'a> {
    /// Waits for whoever changes the file now, for 5 seconds at most: then it is `None`. From here to
    /// its drop, others wait for this one.
    #[must_use]
    pub fn begin(path: &'a Path) -> Option<Self> {
        let mut beside = resolved(path).into_os_string();
        beside.push(LOCK);
        let lock = match lock_within(Path::new(&beside), PATIENCE) {
            Ok(None) => return None,
            Ok(lock) => lock,
            Err(error) => {
                tracing::debug!(%error, file = %path.display(), "edited without a lock");
                None
            }
        };
        Some(Self {
            path,
            read: None,
            _lock: lock,
        })
    }

    /// Reads the file: [`read`].
    ///
    /// # Errors
    /// What the system says.
    pub fn read(&mut self, at_most: u64) -> io::Result<Option<&[u8]>> {
        self.read = read(self.path, at_most)?;
        Ok(self.read.as_deref())
    }

    /// Replaces the file that was read, as [`write_whole`] does with [`Access::AsBefore`].
    ///
    /// # Errors
    /// As those of [`write_whole`].
    pub fn write(&self, bytes: &[u8]) -> io::Result<Edited> {
        let is_as_read = |path: &Path| {
            let at_most = self.read.as_ref().map_or(0, Vec::len) as u64;
            match read(path, at_most) {
                Ok(now) => Ok(now == self.read),
                Err(error) if error.kind() == io::ErrorKind::FileTooLarge => Ok(false),
                Err(error) => Err(error),
            }
        };
        let is_written = Target::of(self.path)?.write(bytes, is_as_read)?;
        Ok(if is_written {
            Edited::Written
        } else {
            Edited::ChangedMeanwhile
        })
    }
}

/// Reads a file; `None` where there is none. What is no file is not waited for.
///
/// # Errors
/// [`io::ErrorKind::FileTooLarge`] for one of more than `at_most` octets, the kinds of
/// [`open_to_read`], and what else the system says.
pub fn read(path: &Path, at_most: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match open_to_read(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut bytes = Vec::new();
    file.take(at_most.saturating_add(1))
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > at_most {
        return Err(io::ErrorKind::FileTooLarge.into());
    }
    Ok(Some(bytes))
}

/// Opens a file, through whatever links. A pipe that nobody writes holds nobody up.
///
/// # Errors
/// [`io::ErrorKind::IsADirectory`], [`io::ErrorKind::InvalidInput`] for what else is no file, and
/// what the system says.
pub fn open_to_read(path: &Path) -> io::Result<File> {
    open(path, File::options().read(true))
}

fn open(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        options,
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !metadata.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok(file)
}

/// Takes the lock of a file, which is made where it is missing and is open to nobody else, who could
/// hold the lock; it holds until what is given is dropped, or its process ends, however that comes
/// about. `None` where another holds it.
///
/// # Errors
/// The file cannot be opened, or the file system knows no locks.
pub fn lock(path: &Path) -> io::Result<Option<File>> {
    let file = match create(path) {
        // Over a network, only what can be written can be locked; elsewhere what can be read, too.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            open(path, File::options().write(true)).or_else(|_| open_to_read(path))?
        }
        created => created?,
    };
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

/// As [`lock`], with another waited for: [`io::ErrorKind::WouldBlock`] where it holds on for more than
/// 5 seconds.
///
/// # Errors
/// As those of [`lock`].
pub fn lock_patiently(path: &Path) -> io::Result<File> {
    lock_within(path, PATIENCE)?.ok_or_else(|| io::ErrorKind::WouldBlock.into())
}

fn lock_within(path: &Path, patience: Duration) -> io::Result<Option<File>> {
    let give_up = Instant::now() + patience;
    loop {
        match lock(path)? {
            None if Instant::now() < give_up => thread::sleep(LOOK),
            locked => return Ok(locked),
        }
    }
}

/// Removes what killed writers of this file have left beside it. The caller sees to it that nobody
/// writes the file meanwhile; [`write_whole`] by itself removes only what is old.
///
/// # Errors
/// Something of it may still be there.
pub fn remove_unfinished(path: &Path) -> io::Result<()> {
    remove_unfinished_since(path, Duration::ZERO)
}

/// Puts the file `from` in the place of `to`: a reader sees the old or the new.
///
/// On Windows a rename fails while another program reads either file: a virus scanner, a backup, a
/// viewer. Such a moment is waited for, a second at most.
///
/// # Errors
/// What the system says.
pub fn replace(from: &Path, to: &Path) -> io::Result<()> {
    #[cfg(windows)]
    for _ in 0..100 {
        match fs::rename(from, to) {
            Err(error) if is_in_use(&error) => std::thread::sleep(Duration::from_millis(10)),
            done => return done,
        }
    }
    fs::rename(from, to)
}

/// Has the names in a folder outlast a loss of power, as far as the system goes: some cannot, and
/// what was renamed or removed is so all the same.
pub fn sync_folder(folder: &Path) {
    #[cfg(unix)]
    if let Err(error) = File::open(folder).and_then(|folder| folder.sync_all()) {
        tracing::debug!(%error, folder = %folder.display(), "the folder cannot be synced");
    }
    // There the names are written with the files.
    #[cfg(not(unix))]
    let _ = folder;
}

/// Makes a folder, and those above it; a new one is its owner's alone.
///
/// # Errors
/// What the system says.
pub fn make_private(folder: &Path) -> io::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    if let Some(above) = folder.parent().filter(|above| *above != Path::new("")) {
        make_private(above)?;
    }
    match make_own(folder) {
        // Another was quicker.
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => Ok(()),
        made => made,
    }
}

/// Makes a folder where there is nothing; its owner's alone.
///
/// # Errors
/// What the system says.
pub fn make_own(folder: &Path) -> io::Result<()> {
    #[cfg_attr(not(unix), allow(unused_mut))]
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    #[cfg(unix)]
    unix::leave_folder(folder);
    Ok(())
}

/// Makes an empty file where there is nothing, not even a link; its owner's alone.
///
/// # Errors
/// [`io::ErrorKind::AlreadyExists`], and what else the system says.
pub fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    unix::leave(&file, folder_of(path));
    Ok(file)
}

/// Opens a file at whose end is written, also by others at the same time: what is written at once stays
/// together. A new one is its owner's alone; no link is followed.
///
/// # Errors
/// What the system says, and [`io::ErrorKind::InvalidInput`] for what is no file.
pub fn append(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.append(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.mode(0o600).custom_flags(flags.bits().cast_signed());
    }
    let created = options.clone().create_new(true).open(path);
    match created {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        created => {
            let file = created?;
            #[cfg(unix)]
            unix::leave(&file, folder_of(path));
            return Ok(file);
        }
    }
    let file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    Ok(file)
}

/// Whether an error of the system says that the disk does not do what it is told: EIO.
#[cfg(unix)]
#[must_use]
pub fn is_disk_error(code: i32) -> bool {
    code == rustix::io::Errno::IO.raw_os_error()
}

/// Whether an error of the system says that the disk does not do what it is told: `ERROR_CRC`,
/// `ERROR_WRITE_FAULT`, `ERROR_READ_FAULT`, `ERROR_IO_DEVICE`.
#[cfg(windows)]
#[must_use]
pub const fn is_disk_error(code: i32) -> bool {
    matches!(code, 23 | 29 | 30 | 1117)
}

/// What is to be replaced.
struct Target {
    path: PathBuf,
    /// The file whose access is kept.
    old: Option<Metadata>,
}

impl Target {
    /// Whatever is there is replaced.
    fn anew(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            old: None,
        }
    }

    /// The file that this, or the link at it, names, with its access.
    fn of(path: &Path) -> io::Result<Self> {
        let path = resolved(path);
        let old = match fs::metadata(&path) {
            Ok(old) if !old.is_file() => return Err(io::ErrorKind::InvalidInput.into()),
            Ok(old) if old.permissions().readonly() => {
                return Err(io::ErrorKind::PermissionDenied.into());
            }
            Ok(old) => Some(old),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        Ok(Self { path, old })
    }

    /// Puts a new file there if `is_wanted` says so just before the rename; gives whether it did.
    fn write(
        &self,
        bytes: &[u8],
        is_wanted: impl FnOnce(&Path) -> io::Result<bool>,
    ) -> io::Result<bool> {
        // What is still there harms nobody.
        let _ = remove_unfinished_since(&self.path, ABANDONED);
        let (beside, file) = create_beside(&self.path)?;
        let put = || {
            #[cfg(unix)]
            if let Some(old) = &self.old {
                unix::give_access_of(&file, old)?;
            }
            #[cfg(not(unix))]
            let _ = &self.old;
            fill(file, bytes)?;
            if !is_wanted(&self.path)? {
                return Ok(false);
            }
            replace(&beside, &self.path)?;
            Ok(true)
        };
        let put = put();
        if matches!(put, Ok(true)) {
            sync_folder(folder_of(&self.path));
        } else {
            // What was not put there is of no use to anyone.
            let _ = fs::remove_file(&beside);
        }
        put
    }
}

/// What a link names; else the path itself.
fn resolved(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if folder != Path::new("") => folder,
        _ => Path::new("."),
    }
}

/// A new file beside this one, by [`create`].
fn create_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    for _ in 0..TRIES {
        let beside = path.with_file_name(unfinished(name));
        match create(&beside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => return created.map(|file| (beside, file)),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A name that nothing has yet.
fn unfinished(name: &OsStr) -> OsString {
    // The standard library's only source of chance.
    let chance = RandomState::new().hash_one(name);
    let mut unfinished = name.to_owned();
    unfinished.push(format!(".{chance:016x}{UNFINISHED}"));
    unfinished
}

/// Whether the name is one that [`unfinished`] has made of `name`.
fn is_unfinished(candidate: &OsStr, name: &OsStr) -> bool {
    let candidate = candidate.as_encoded_bytes();
    candidate
        .strip_prefix(name.as_encoded_bytes())
        .and_then(|rest| rest.strip_prefix(b"."))
        .and_then(|rest| rest.strip_suffix(UNFINISHED.as_bytes()))
        .is_some_and(|chance| chance.len() == 16 && chance.iter().all(u8::is_ascii_hexdigit))
}

fn fill(mut file: File, bytes: &[u8]) -> io::Result<()> {
    file.write_all(bytes)?;
    file.sync_all()
}

/// Removes the unfinished files of this one that nobody has touched for so long.
fn remove_unfinished_since(path: &Path, age: Duration) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    for entry in fs::read_dir(folder_of(path))? {
        let entry = entry?;
        if is_unfinished(&entry.file_name(), name) {
            let touched = entry.metadata()?.modified()?;
            // A clock that was set back leaves it for a later time.
            if age.is_zero() || touched.elapsed().is_ok_and(|elapsed| elapsed >= age) {
                fs::remove_file(entry.path())?;
            }
        }
    }
    Ok(())
}

/// ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION.
#[cfg(windows)]
fn is_in_use(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(5 | 32 | 33))
}

#[cfg(unix)]
mod unix {
    use std::{
        fs::{self, File, Metadata, Permissions},
        io,
        os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
        path::Path,
    };

    use rustix::fs::OFlags;

    const ROOT: u32 = 0;

    /// Leaves what root has made in another's folder to that one, whose programs are to use it; as
    /// far as the system allows.
    pub(super) fn leave(file: &File, folder: &Path) {
        let left = file.metadata().and_then(|new| {
            let folder = fs::metadata(folder)?;
            if new.uid() == ROOT && folder.uid() != ROOT {
                fchown(file, Some(folder.uid()), Some(folder.gid()))?;
            }
            Ok(())
        });
        if let Err(error) = left {
            tracing::debug!(%error, folder = %folder.display(), "what is new here stays root's");
        }
    }

    /// As [`leave`] of a folder that was made just now. The other may have put a link in its place
    /// meanwhile, which is not followed.
    pub(super) fn leave_folder(folder: &Path) {
        let flags = OFlags::NOFOLLOW | OFlags::DIRECTORY;
        let mut options = File::options();
        options.read(true).custom_flags(flags.bits().cast_signed());
        if let (Ok(file), Some(above)) = (options.open(folder), folder.parent()) {
            leave(&file, above);
        }
    }

    /// Gives a file the owner, the group and the mode of an old one. Only root gives files away, and
    /// to groups that it is not in; then the file is this user's, and what the old group was allowed
    /// and everyone is not, nobody gets.
    pub(super) fn give_access_of(file: &File, old: &Metadata) -> io::Result<()> {
        let new = file.metadata()?;
        let owner = (old.uid() != new.uid()).then(|| old.uid());
        let group = (old.gid() != new.gid()).then(|| old.gid());
        let mut mode = old.mode() & 0o777;
        let given = owner.is_some() && fchown(file, owner, group).is_ok();
        if !given && group.is_some() && fchown(file, None, group).is_err() {
            mode &= 0o707 | ((mode & 0o007) << 3);
        }
        if mode != new.mode() & 0o777 {
            file.set_permissions(Permissions::from_mode(mode))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<OsString> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_is_made_and_replaced_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it");
        for access in [Access::Private, Access::AsBefore] {
            for bytes in [&b"one"[..], b"", b"three"] {
                write_whole(&path, bytes, access).unwrap();
                assert_eq!(fs::read(&path).unwrap(), bytes);
                assert_eq!(names(folder.path()), ["it"]);
            }
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn what_cannot_be_done_changes_nothing_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it");
        fs::create_dir(&path).unwrap();
        for access in [Access::Private, Access::AsBefore] {
            write_whole(&path, b"it", access).unwrap_err();
            assert_eq!(names(folder.path()), ["it"]);
            let nowhere = folder.path().join("none/it");
            let error = write_whole(&nowhere, b"it", access).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::NotFound);
            write_whole(&path.join(".."), b"it", access).unwrap_err();
        }
        assert!(path.is_dir());
    }

    #[test]
    fn a_file_that_its_owner_has_made_read_only_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it");
        fs::write(&path, "old").unwrap();
        let usual = fs::metadata(&path).unwrap().permissions();
        let mut read_only = usual.clone();
        read_only.set_readonly(true);
        fs::set_permissions(&path, read_only).unwrap();
        let error = write_whole(&path, b"new", Access::AsBefore).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(names(folder.path()), ["it"]);
        fs::set_permissions(&path, usual).unwrap();
    }

    #[test]
    fn what_killed_writers_have_left_goes_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it");
        let others = [
            "it.new",
            "it.0123456789abcdef",
            "it.0123456789abcdeg.new",
            "it.0123456789abcdef.new.txt",
            "its.0123456789abcdef.new",
        ];
        for name in others {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let left = path.with_file_name(unfinished(OsStr::new("it")));
        let old = |age: Duration| {
            let file = File::create(&left).unwrap();
            let since = std::time::SystemTime::now() - age;
            file.set_modified(since).unwrap();
        };
        let write = || write_whole(&path, b"it", Access::AsBefore).unwrap();
        old(Duration::from_secs(5));
        write();
        assert!(left.exists(), "another may be writing it");
        old(2 * ABANDONED);
        write();
        assert!(!left.exists());
        old(Duration::ZERO);
        remove_unfinished(&path).unwrap();
        assert!(!left.exists());
        assert_eq!(names(folder.path()).len(), others.len() + 1);
    }

    #[test]
    fn each_name_is_new() {
        let name = OsStr::new("it");
        let one = unfinished(name);
        assert_ne!(one, unfinished(name));
        assert!(is_unfinished(&one, name) && !is_unfinished(name, name));
    }

    #[test]
    fn what_is_new_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it");
        write_new(&path, b"one").unwrap();
        let error = write_new(&path, b"two").unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
        assert_eq!(fs::read(&path).unwrap(), b"one");
        assert_eq!(names(folder.path()), ["it"]);
    }

    #[test]
    fn no_more_is_read_than_may_be() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it");
        assert_eq!(read(&path, 9).unwrap(), None);
        fs::write(&path, "four").unwrap();
        assert_eq!(read(&path, 4).unwrap().unwrap(), b"four");
        let error = read(&path, 3).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::FileTooLarge);
        read(folder.path(), 9).unwrap_err();
    }

    #[test]
    fn an_edit_replaces_only_what_it_has_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it");
        let others: [Box<dyn Fn()>; 5] = [
            Box::new(|| fs::write(&path, "longer").unwrap()),
            // Of the same length, by a file in its place.
            Box::new(|| write_whole(&path, b"LONGER", Access::AsBefore).unwrap()),
            Box::new(|| fs::write(&path, "").unwrap()),
            Box::new(|| fs::remove_file(&path).unwrap()),
            Box::new(|| fs::write(&path, "there").unwrap()),
        ];
        for meanwhile in others {
            let mut editing = Editing::begin(&path).unwrap();
            editing.read(9).unwrap();
            meanwhile();
            let left = fs::read(&path).ok();
            assert_eq!(editing.write(b"ours").unwrap(), Edited::ChangedMeanwhile);
            assert_eq!(fs::read(&path).ok(), left);
            let read = editing.read(9).unwrap().map(<[u8]>::to_vec);
            assert_eq!(read, left);
            assert_eq!(editing.write(b"ours").unwrap(), Edited::Written);
            assert_eq!(fs::read(&path).unwrap(), b"ours");
        }
        assert_eq!(names(folder.path()), ["it", "it.lock"]);
    }

    #[test]
    fn one_edits_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("it");
        let beside = folder.path().join("it.lock");
        let editing = Editing::begin(&path).unwrap();
        assert!(lock_within(&beside, Duration::ZERO).unwrap().is_none());
        drop(editing);
        assert!(lock_within(&beside, Duration::ZERO).unwrap().is_some());
    }

    #[cfg(unix)]
    mod unix {
        use super::*;
        use crate::left_out::left_out;
        use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};

        const NOBODY: u32 = 65534;

        fn is_root() -> bool {
            rustix::process::geteuid().is_root()
        }

        fn mode(path: &Path) -> u32 {
            fs::metadata(path).unwrap().mode() & 0o777
        }

        fn set_mode(path: &Path, mode: u32) {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }

        #[test]
        fn a_new_file_is_its_owners_and_an_old_ones_mode_is_kept_or_not() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("it");
            for (access, kept) in [(Access::Private, 0o600), (Access::AsBefore, 0o664)] {
                write_whole(&path, b"one", access).unwrap();
                assert_eq!(mode(&path), 0o600);
                set_mode(&path, 0o664);
                write_whole(&path, b"two", access).unwrap();
                assert_eq!(mode(&path), kept, "{access:?}");
                fs::remove_file(&path).unwrap();
            }
        }

        #[test]
        fn a_link_is_kept_or_replaced_and_never_written_through() {
            let folder = tempfile::tempdir().unwrap();
            let elsewhere = tempfile::tempdir().unwrap();
            let (path, target) = (folder.path().join("it"), elsewhere.path().join("target"));
            fs::write(&target, "old").unwrap();
            let inode = fs::metadata(&target).unwrap().ino();
            symlink(&target, &path).unwrap();
            write_whole(&path, b"new", Access::AsBefore).unwrap();
            assert!(path.is_symlink());
            assert_eq!(fs::read(&target).unwrap(), b"new");
            assert_ne!(fs::metadata(&target).unwrap().ino(), inode, "replaced");
            assert_eq!(names(elsewhere.path()), ["target"]);

            write_whole(&path, b"private", Access::Private).unwrap();
            assert!(!path.is_symlink());
            assert_eq!(fs::read(&target).unwrap(), b"new");
            assert_eq!(names(folder.path()), ["it"]);
        }

        #[test]
        fn what_is_written_beside_a_file_goes_through_no_link() {
            let folder = tempfile::tempdir().unwrap();
            let (link, target) = (folder.path().join("link"), folder.path().join("target"));
            symlink(&target, &link).unwrap();
            let error = create(&link).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::AlreadyExists);
            assert!(!target.exists());
            let (beside, file) = create_beside(&target).unwrap();
            assert_eq!(mode(&beside), 0o600, "before anything is written");
            assert_eq!(file.metadata().unwrap().len(), 0);
        }

        #[test]
        fn what_is_no_file_is_not_replaced() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("it");
            symlink("/dev/null", &path).unwrap();
            let error = write_whole(&path, b"it", Access::AsBefore).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            assert!(!fs::metadata("/dev/null").unwrap().is_file());
        }

        #[test]
        fn links_to_one_file_have_one_lock() {
            let folder = tempfile::tempdir().unwrap();
            let (path, link) = (folder.path().join("it"), folder.path().join("link"));
            fs::write(&path, "it").unwrap();
            symlink(&path, &link).unwrap();
            let _editing = Editing::begin(&link).unwrap();
            assert_eq!(names(folder.path()), ["it", "it.lock", "link"]);
        }

        #[test]
        fn a_pipe_is_waited_for_neither_to_read_nor_to_lock_it() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("it");
            let made = std::process::Command::new("mkfifo").arg(&path).status();
            assert!(made.unwrap().success());
            for error in [
                open_to_read(&path).unwrap_err(),
                super::super::lock(&path).unwrap_err(),
            ] {
                assert_eq!(error.kind(), io::ErrorKind::InvalidInput);
            }
        }

        #[test]
        fn what_is_new_is_its_owners_alone_whatever_the_folder() {
            let folder = tempfile::tempdir().unwrap();
            set_mode(folder.path(), 0o777);
            let inside = folder.path().join("a/b");
            make_private(&inside).unwrap();
            make_private(&inside).unwrap();
            assert_eq!(mode(&folder.path().join("a")), 0o700);
            assert_eq!(mode(&inside), 0o700);
            for path in [folder.path().join("file"), inside.join("file")] {
                create(&path).unwrap();
                lock(&path.with_file_name("lock")).unwrap().unwrap();
                write_new(&path.with_file_name("new"), b"new").unwrap();
                for name in ["file", "lock", "new"] {
                    assert_eq!(mode(&path.with_file_name(name)), 0o600, "{name}");
                }
            }
        }

        #[test]
        fn what_root_makes_in_anothers_folder_is_the_others() {
            if !is_root() {
                left_out("only root gives files away");
                return;
            }
            let folder = tempfile::tempdir().unwrap();
            chown(folder.path(), Some(NOBODY), Some(NOBODY)).unwrap();
            let inside = folder.path().join("a/b");
            make_private(&inside).unwrap();
            let file = inside.join("file");
            for access in [Access::Private, Access::AsBefore] {
                write_whole(&file, b"it", access).unwrap();
                let lock = inside.join("lock");
                super::super::lock(&lock).unwrap().unwrap();
                for path in [&folder.path().join("a"), &inside, &file, &lock] {
                    let there = fs::metadata(path).unwrap();
                    assert_eq!((there.uid(), there.gid()), (NOBODY, NOBODY), "{path:?}");
                    assert_eq!(there.mode() & 0o077, 0);
                    if path.is_file() {
                        fs::remove_file(path).unwrap();
                    }
                }
            }
            // Through no link that the other has put there.
            let (link, target) = (folder.path().join("link"), tempfile::tempdir().unwrap());
            symlink(target.path(), &link).unwrap();
            super::super::unix::leave_folder(&link);
            assert_eq!(fs::metadata(target.path()).unwrap().uid(), 0);
        }

        #[test]
        fn root_keeps_the_owner() {
            if !is_root() {
                left_out("only root gives files away");
                return;
            }
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("it");
            fs::write(&path, "old").unwrap();
            set_mode(&path, 0o640);
            chown(&path, Some(NOBODY), Some(NOBODY)).unwrap();
            write_whole(&path, b"new", Access::AsBefore).unwrap();
            let new = fs::metadata(&path).unwrap();
            assert_eq!((new.uid(), new.gid()), (NOBODY, NOBODY));
            assert_eq!(mode(&path), 0o640);
        }

        /// Does this as an ordinary user: on a thread that has put root's powers off.
        #[cfg(target_os = "linux")]
        fn as_nobody(work: impl FnOnce() + Send) {
            use rustix::{
                process::{Gid, Uid},
                thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid},
            };
            std::thread::scope(|scope| {
                scope.spawn(|| {
                    if is_root() {
                        let (user, group) = (Uid::from_raw(NOBODY), Gid::from_raw(NOBODY));
                        set_thread_groups(&[]).unwrap();
                        set_thread_res_gid(group, group, group).unwrap();
                        set_thread_res_uid(user, user, user).unwrap();
                    }
                    work();
                });
            });
        }

        #[cfg(target_os = "linux")]
        #[test]
        fn a_folder_that_cannot_be_synced_is_no_error() {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("it");
            // Which cannot be opened either.
            set_mode(folder.path(), 0o733);
            if !is_root() {
                set_mode(folder.path(), 0o300);
            }
            as_nobody(|| {
                fs::read_dir(folder.path()).unwrap_err();
                for bytes in ["one", "two"] {
                    write_whole(&path, bytes.as_bytes(), Access::AsBefore).unwrap();
                    assert_eq!(fs::read_to_string(&path).unwrap(), bytes);
                }
            });
            set_mode(folder.path(), 0o700);
            assert_eq!(names(folder.path()), ["it"]);
        }

        #[cfg(target_os = "linux")]
        #[test]
        fn what_another_group_was_allowed_ours_is_not() {
            if !is_root() {
                left_out("only root makes a file of another group");
                return;
            }
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("it");
            set_mode(folder.path(), 0o777);
            for (before, after) in [(0o664, 0o644), (0o666, 0o666), (0o674, 0o644)] {
                let _ = fs::remove_file(&path);
                fs::write(&path, "old").unwrap();
                set_mode(&path, before);
                as_nobody(|| write_whole(&path, b"new", Access::AsBefore).unwrap());
                let new = fs::metadata(&path).unwrap();
                assert_eq!((new.uid(), new.gid()), (NOBODY, NOBODY));
                assert_eq!(mode(&path), after, "{before:o}");
            }
        }
    }
}
