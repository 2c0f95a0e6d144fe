//! Files on their way into a package: by one date, in one order, whoever makes it and when.

use std::{
    env, fs,
    io::{self, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

use crate::process::{command, read, run};

/// How tightly things are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Packed {
    /// As they are published: most of a minute for each.
    Tightly,
    /// In a second or two, for the tests.
    Quickly,
}

impl Packed {
    /// The option of gzip and zip.
    pub(super) const fn level(self) -> &'static str {
        match self {
            Self::Tightly => "-9",
            Self::Quickly => "-1",
        }
    }
}

/// What a program or a script may be, and what everything else.
pub(super) const PROGRAM: u32 = 0o755;
pub(super) const FILE: u32 = 0o644;

/// The date of everything in a package, in seconds since 1970: `SOURCE_DATE_EPOCH`, as the
/// Reproducible Builds project defines it, else that of the last commit.
///
/// # Errors
/// Where there is neither.
pub(super) fn date() -> Result<String> {
    match env::var("SOURCE_DATE_EPOCH") {
        Ok(date) => Ok(date),
        Err(_) => read(command("git").args(["log", "-1", "--format=%ct"]))
            .context("no commit to take the date of the packages from; set SOURCE_DATE_EPOCH"),
    }
}

/// [`command`] for a program that writes a date.
///
/// # Errors
/// As [`date`].
pub(super) fn dated(program: &str) -> Result<std::process::Command> {
    let mut command = command(program);
    // The umask and the zone of whoever packs do not count either.
    command
        .env("SOURCE_DATE_EPOCH", date()?)
        .env("TZ", "UTC")
        .env("LC_ALL", "C.UTF-8");
    Ok(command)
}

/// Makes a folder that is empty.
///
/// # Errors
/// When the system does not.
pub(super) fn empty(folder: &Path) -> Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            return Err(error).with_context(|| folder.display().to_string());
        }
        _ => {}
    }
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())
}

/// A folder that is to become the root of a system.
pub(super) struct Root(pub(super) PathBuf);

impl Root {
    /// An empty one at this place.
    ///
    /// # Errors
    /// As [`empty`].
    pub(super) fn at(folder: PathBuf) -> Result<Self> {
        empty(&folder)?;
        Ok(Self(folder))
    }

    /// Puts a file there; `path` as it will be, without the leading slash.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn put(&self, path: &str, mode: u32, content: impl AsRef<[u8]>) -> Result<()> {
        let file = self.make_way(path)?;
        fs::write(&file, content).with_context(|| path.to_owned())?;
        fs::set_permissions(&file, fs::Permissions::from_mode(mode))?;
        Ok(())
    }

    /// Copies a file there, as [`Self::put`].
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub(super) fn copy(&self, from: &Path, path: &str, mode: u32) -> Result<PathBuf> {
        let file = self.make_way(path)?;
        fs::copy(from, &file).with_context(|| from.display().to_string())?;
        fs::set_permissions(&file, fs::Permissions::from_mode(mode))?;
        Ok(file)
    }

    /// Makes a folder.
    ///
    /// # Errors
    /// When the system does not.
    pub(super) fn folder(&self, path: &str, mode: u32) -> Result<()> {
        let folder = self.0.join(path);
        fs::create_dir_all(&folder)?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(mode))?;
        Ok(())
    }

    /// As `gzip` packs documentation.
    ///
    /// # Errors
    /// As [`Self::put`], or without gzip.
    pub(super) fn put_packed(&self, path: &str, content: impl AsRef<[u8]>) -> Result<()> {
        self.put(path, FILE, content)?;
        run(command("gzip")
            .args(["-9n", "--force"])
            .arg(self.0.join(path)))
    }

    /// Gives everything below the one date and modes that do not depend on a umask. The last thing
    /// before it is packed.
    ///
    /// # Errors
    /// When a file cannot be changed.
    pub(super) fn finish(&self) -> Result<()> {
        set_date(&self.0)
    }

    fn make_way(&self, path: &str) -> Result<PathBuf> {
        let file = self.0.join(path);
        let folder = file.parent().context("a file in no folder")?;
        fs::create_dir_all(folder)?;
        for folder in folder.ancestors().take_while(|it| it.starts_with(&self.0)) {
            let mode = fs::metadata(folder)?.permissions().mode() & 0o7777;
            // One made for a purpose keeps its mode.
            if mode & 0o7000 == 0 {
                fs::set_permissions(folder, fs::Permissions::from_mode(PROGRAM))?;
            }
        }
        Ok(file)
    }
}

/// Sets the date of everything in `folder`, itself included.
fn set_date(folder: &Path) -> Result<()> {
    let date = format!("@{}", date()?);
    run(command("find")
        .arg(folder)
        .args(["-exec", "touch", "--no-dereference", "--date"])
        .args([&date, "{}", "+"]))
}

/// The files right in `folder`, by name.
///
/// # Errors
/// When it cannot be read.
pub(super) fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            files.push(PathBuf::from(entry.file_name()));
        }
    }
    files.sort();
    Ok(files)
}

/// Packs `folder` with everything in it, in one order; `owner` and `group` are tar's options.
///
/// # Errors
/// When tar fails.
pub(super) fn tar(folder: &Path, into: &Path, owner: &str, group: &str) -> Result<()> {
    let date = format!("--mtime=@{}", date()?);
    run(dated("tar")?
        .arg("--create")
        .arg("--file")
        .arg(into)
        .arg("--directory")
        .arg(folder)
        .args([
            "--sort=name",
            "--format=ustar",
            "--numeric-owner",
            &date,
            owner,
            group,
        ])
        .arg("."))
}

/// Says a line, as the set-up does.
pub(super) fn say(what: &str) {
    println!("dist: {what}");
    // Not to come after what a command says that is started next.
    let _ = io::stdout().flush();
}
