//! Files that are replaced whole or not at all: a reader, and whoever comes after a crash or a loss
//! of power, finds the old file or the new one, never half of either.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File, Metadata},
    hash::{BuildHasher, RandomState},
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

/// What ends the name of a file that is still being written.
const UNFINISHED: &str = ".new";
/// An unfinished file that is older is a killed writer's: nobody writes for this long.
const ABANDONED: Duration = Duration::from_secs(600);
/// New names that are tried. By chance none is ever taken.
const TRIES: usize = 8;

/// Who may read and write the new file. On Windows, where a file has no mode, its folder decides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Its owner alone, whatever was there before. A link in its place is replaced.
    Private,
    /// Whoever could with the old file, whose mode and owner are kept as far as the system allows;
    /// of a new file its owner alone. A link stays a link: what it points to is replaced.
    AsBefore,
}

/// Replaces a file, or makes it where there is none: writes beside it, to the disk, then renames.
/// Whoever is to read it is settled before the first octet is written, and what is written beside it
/// has a new name each time, through which no link is followed.
///
/// # Errors
/// The old file is as it was, and nothing is left beside it. With [`Access::AsBefore`] that is also
/// [`io::ErrorKind::PermissionDenied`] for a file that its owner has made read-only, which a rename
/// would not heed, and [`io::ErrorKind::InvalidInput`] for what is no file.
pub fn write_whole(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    let (path, old) = match access {
        Access::Private => (path.to_owned(), None),
        Access::AsBefore => {
            let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
            let old = replaceable(&path)?;
            (path, old)
        }
    };
    // What is still there harms nobody.
    let _ = remove_unfinished_since(&path, ABANDONED);
    let (beside, file) = create_beside(&path)?;
    let written = fill(file, bytes, old.as_ref()).and_then(|()| replace(&beside, &path));
    if written.is_err() {
        // What is half there is of no use to anyone.
        let _ = fs::remove_file(&beside);
    }
    written?;
    sync_folder(folder_of(&path));
    Ok(())
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

/// The file that is to be replaced, where there is one that may be.
fn replaceable(path: &Path) -> io::Result<Option<Metadata>> {
    match fs::metadata(path) {
        Ok(old) if !old.is_file() => Err(io::ErrorKind::InvalidInput.into()),
        Ok(old) if old.permissions().readonly() => Err(io::ErrorKind::PermissionDenied.into()),
        Ok(old) => Ok(Some(old)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
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

/// A file where there is nothing, not even a link; its owner's alone.
fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
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

fn fill(mut file: File, bytes: &[u8], old: Option<&Metadata>) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(old) = old {
        unix::give_access_of(&file, old)?;
    }
    #[cfg(not(unix))]
    let _ = old;
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
        fs::{File, Metadata, Permissions},
        io,
        os::unix::fs::{MetadataExt, PermissionsExt, fchown},
    };

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

#[cfg(all(test, unix))]
#[allow(clippy::expect_used)]
#[path = "../../../tests/e2e/rig/left_out.rs"]
mod left_out;

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

    #[cfg(unix)]
    mod unix {
        use super::{super::left_out::left_out, *};
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
