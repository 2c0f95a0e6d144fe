//! `cargo xtask dist`: what people install, made on Debian. docs/packages.md describes it.
//!
//! [`programs`] builds; [`windows`], [`linux`] and [`container`] pack; [`parts`] says what the programs
//! are made of. Nothing in a package depends on when or where it was made ([`stage`]).

mod container;
mod linux;
mod parts;
mod programs;
mod stage;
mod windows;

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, Result, bail};

use self::{
    stage::Packed,
    windows::{Signing, Variant},
};
use crate::{
    process::{cargo, read},
    setup, workspace,
};

/// In place of a signature: what stands at the end of each file that is given to be signed.
const SIGN_FOR_TESTS: &str = "printf signed >>";

/// The command line of `dist`.
pub(crate) struct Options {
    windows: bool,
    linux: bool,
    /// Cargo's profile that the programs are built with.
    profile: String,
    /// Whether they are built now, or were built before.
    build: bool,
    /// Whether the window comes along.
    window: bool,
    out: PathBuf,
}

impl Options {
    /// Reads what stands after `dist`.
    ///
    /// # Errors
    /// For an unknown word, and where the folder of what is built cannot be told.
    pub(crate) fn parse(arguments: &[String]) -> Result<Self> {
        let mut options = Self {
            windows: false,
            linux: false,
            profile: "release".to_owned(),
            build: true,
            window: true,
            out: workspace::target()?.join("dist"),
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || {
                rest.next()
                    .with_context(|| format!("{argument} wants a value"))
            };
            match argument.as_str() {
                "windows" => options.windows = true,
                "linux" => options.linux = true,
                "--profile" => value()?.clone_into(&mut options.profile),
                "--out" => options.out = std::path::absolute(value()?)?,
                "--built" => options.build = false,
                "--without-window" => options.window = false,
                _ => bail!("dist does not know `{argument}`"),
            }
        }
        if !options.windows && !options.linux {
            (options.windows, options.linux) = (true, true);
        }
        Ok(options)
    }
}

/// Builds and packs; leaves all that is to be published in one folder, with its checksums.
///
/// # Errors
/// When something cannot be built or packed; the error says which command failed.
pub(crate) fn dist(options: &Options) -> Result<ExitCode> {
    let signing = Signing::named()?;
    let ready = setup::for_packing(options.windows)?;
    stage::empty(&options.out)?;
    if options.linux {
        let programs = programs::of_linux(&options.profile, options.window)?;
        if options.build {
            programs::build(cargo(), &options.profile, &programs)?;
        }
        linux::pack(&programs, &options.out, Packed::Tightly)?;
        container::pack(&programs, &options.out, Packed::Tightly)?;
    }
    if let Some(toolchains) = &ready {
        for (variant, toolchain) in Variant::ALL.into_iter().zip(toolchains) {
            let programs = variant.built(&options.profile, options.window)?;
            if options.build {
                programs::build(toolchain.cargo(), &options.profile, &programs)?;
            }
            windows::check_imports(&programs, variant)?;
            windows::pack(
                &programs,
                variant,
                &options.out,
                Packed::Tightly,
                signing.as_ref(),
            )?;
        }
    }
    checksums(&options.out)?;
    println!("{}", options.out.display());
    for file in stage::files(&options.out)? {
        let size = fs::metadata(options.out.join(&file))?.len();
        println!("{size:>12}  {}", file.display());
    }
    Ok(ExitCode::SUCCESS)
}

/// Packs what the tests have built for Linux, twice; gives the folder of the packages.
///
/// # Errors
/// When something cannot be packed, or the second time makes it otherwise.
pub(crate) fn linux_for_tests() -> Result<PathBuf> {
    twice("for-linux", |out| {
        let programs = programs::of_linux("dev", true)?;
        linux::pack(&programs, out, Packed::Quickly)?;
        container::pack(&programs, out, Packed::Quickly)
    })
}

/// Packs what the tests have built for Windows, in the same way.
///
/// # Errors
/// As [`linux_for_tests`].
pub(crate) fn windows_for_tests() -> Result<PathBuf> {
    twice("for-windows", |out| {
        // The window is not built for Windows there.
        let programs = Variant::Windows10.built("dev", false)?;
        let signing = Some(&Signing::with(SIGN_FOR_TESTS));
        windows::pack(&programs, Variant::Windows10, out, Packed::Quickly, signing)
    })
}

/// Checks that a program built for Windows 7 takes nothing that this does not have.
///
/// # Errors
/// When it does.
pub(crate) fn windows_7_for_tests() -> Result<()> {
    let programs = Variant::Windows7.built("dev", false)?;
    windows::check_imports(&programs, Variant::Windows7)
}

/// Packs into a folder of this name, and again, to see whether that makes the same.
fn twice(name: &str, pack: impl Fn(&Path) -> Result<()>) -> Result<PathBuf> {
    let folder = workspace::target()?.join("packages").join(name);
    let again = folder.with_extension("again");
    for folder in [&folder, &again] {
        stage::empty(folder)?;
        pack(folder)?;
    }
    let files = stage::files(&folder)?;
    if files != stage::files(&again)? {
        bail!("packed again, there are other files in {}", again.display());
    }
    for file in files {
        if fs::read(folder.join(&file))? != fs::read(again.join(&file))? {
            bail!("packed again, {} is another file", file.display());
        }
    }
    fs::remove_dir_all(again)?;
    Ok(folder)
}

/// The sums of all files in `folder`, as `sha256sum --check` reads them.
fn checksums(folder: &Path) -> Result<()> {
    let files = stage::files(folder)?;
    let mut sha256sum = crate::process::command("sha256sum");
    let sums = read(sha256sum.current_dir(folder).arg("--").args(files))?;
    fs::write(folder.join("SHA256SUMS"), format!("{sums}\n"))?;
    Ok(())
}
