//! Where things lie: the checkout, the programs built from it, and the folder for downloads.

use std::{
    env,
    ffi::{OsStr, OsString},
    fs,
    hash::{DefaultHasher, Hasher},
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// The root of the checkout.
pub(crate) fn root() -> PathBuf {
    // Cargo says where this package lies now; the place it was compiled at is the second choice.
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .unwrap_or_else(|| OsString::from(env!("CARGO_MANIFEST_DIR")));
    Path::new(&package)
        .parent()
        .map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}

/// The window's folder.
pub(crate) fn ui() -> PathBuf {
    root().join("ui")
}

/// The version of everything in this workspace.
///
/// # Errors
/// When the manifest cannot be read, or does not say.
#[cfg(unix)]
pub(crate) fn version() -> Result<String> {
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    let version = manifest.lines().find_map(|line| {
        let version = line.strip_prefix("version = \"")?;
        version.strip_suffix('"')
    });
    Ok(version.context("Cargo.toml names no version")?.to_owned())
}

/// A configuration for cargo, as a file: nothing is optimised. What `Cargo.toml` optimises for the
/// simulated years costs more to compile than tests without them gain by it.
///
/// # Errors
/// When the manifest cannot be read, or the file not written.
pub(crate) fn unoptimised() -> Result<PathBuf> {
    const SECTION: &str = "[profile.dev.package]\n";
    let manifest = fs::read_to_string(root().join("Cargo.toml"))?;
    let (_, packages) = manifest
        .split_once(SECTION)
        .context("Cargo.toml optimises nothing")?;
    let packages = packages.lines().take_while(|line| !line.is_empty());
    let names = packages.filter_map(|line| Some(line.split_once(" = ")?.0));
    let mut config = SECTION.to_owned();
    for name in names {
        config += &format!("{name} = {{ opt-level = 0 }}\n");
    }
    let file = target()?.join("unoptimised.toml");
    fs::write(&file, config)?;
    Ok(file)
}

/// A program of this workspace in the dev profile: they all lie beside this one.
///
/// # Errors
/// When the system cannot tell where this program lies.
pub(crate) fn built(program: &str) -> Result<PathBuf> {
    let own = env::current_exe().context("cannot tell where xtask itself lies")?;
    Ok(own.with_file_name(format!("{program}{}", env::consts::EXE_SUFFIX)))
}

/// The folder of everything that is built.
///
/// # Errors
/// As [`built`].
pub(crate) fn target() -> Result<PathBuf> {
    // This program lies in the folder of the dev profile there.
    let own = env::current_exe().context("cannot tell where xtask itself lies")?;
    let target = own.ancestors().nth(2);
    Ok(target.context("xtask lies in no target folder")?.to_owned())
}

/// What is fetched once for all checkouts: the user's cache folder, by the platform's convention.
///
/// # Errors
/// When the environment names no home.
pub(crate) fn cache() -> Result<PathBuf> {
    let set = |name: &str| {
        env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let base = if cfg!(windows) {
        set("LOCALAPPDATA")
    } else {
        set("XDG_CACHE_HOME").or_else(|| Some(set("HOME")?.join(".cache")))
    };
    Ok(base
        .context("neither HOME nor XDG_CACHE_HOME is set")?
        .join("dequeue-dev"))
}

/// The folder `name` in [`cache`], as `make` has made it, whole or not at all: it is filled under
/// another name first.
///
/// # Errors
/// When `make` fails, or the system with folders.
pub(crate) fn cached(name: &str, make: impl FnOnce(&Path) -> Result<()>) -> Result<PathBuf> {
    let folder = cache()?.join(name);
    if !folder.exists() {
        let partial = folder.with_extension("partial");
        if partial.exists() {
            fs::remove_dir_all(&partial)?;
        }
        fs::create_dir_all(&partial)?;
        make(&partial)?;
        fs::rename(&partial, &folder)?;
    }
    Ok(folder)
}

/// One number for the names and contents of `paths`, files and whole folders. Unlike a time of
/// change it stays the same when a fresh checkout writes the same files again.
///
/// # Errors
/// When one of them cannot be read; one that is not there counts as empty.
pub(crate) fn fingerprint(paths: &[PathBuf], leave_out: &[&str]) -> Result<String> {
    let mut hasher = DefaultHasher::new();
    for path in paths {
        add(path, leave_out, &mut hasher).with_context(|| path.display().to_string())?;
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn add(path: &Path, leave_out: &[&str], hasher: &mut DefaultHasher) -> Result<()> {
    let name = path.file_name().unwrap_or_default();
    if leave_out.iter().any(|out| OsStr::new(out) == name) {
        return Ok(());
    }
    hasher.write(name.as_encoded_bytes());
    if path.is_dir() {
        let mut inside: Vec<_> = fs::read_dir(path)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        inside.sort();
        for entry in inside {
            add(&entry, leave_out, hasher)?;
        }
    } else if path.exists() {
        let content = fs::read(path)?;
        hasher.write_usize(content.len());
        hasher.write(&content);
    }
    Ok(())
}
