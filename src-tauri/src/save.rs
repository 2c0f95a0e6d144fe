//! Saves what the page has to give as a new file among the user's downloads. The page has no say in
//! where that is, and no file is ever replaced.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Files of one name that are tried.
const TRIES: u32 = 1000;

/// Saves a text in a new file of this folder: `NAME.txt`, or the first of `NAME-2.txt`, `NAME-3.txt` and so
/// on that is not there. Gives where that is.
///
/// # Errors
/// [`io::ErrorKind::InvalidInput`] for a name that is not made of small letters and hyphens, and what
/// the system says.
pub(crate) fn save(folder: &Path, name: &str, text: &str) -> io::Result<PathBuf> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c == '-';
    if name.is_empty() || !name.chars().all(is_plain) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    for number in 1..TRIES {
        let path = folder.join(match number {
            1 => format!("{name}.txt"),
            number => format!("{name}-{number}.txt"),
        });
        match create(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            created => {
                created?.write_all(text.as_bytes())?;
                return Ok(path);
            }
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// A new file; its owner's alone.
fn create(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn each_is_a_new_file_of_that_folder() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [("dequeue-log.txt", "a"), ("dequeue-log-2.txt", "b")] {
            let path = save(folder.path(), "dequeue-log", text).unwrap();
            assert_eq!(path, folder.path().join(name));
            assert_eq!(fs::read_to_string(path).unwrap(), text);
        }
        for name in ["", "../x", "a/b", "A", "a.b", "c:x"] {
            let fault = save(folder.path(), name, "x").unwrap_err();
            assert_eq!(fault.kind(), io::ErrorKind::InvalidInput, "{name}");
        }
        assert!(save(&folder.path().join("none"), "a", "x").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}
