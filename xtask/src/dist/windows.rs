//! Windows: a set-up program and a portable folder, both for Windows 10 and later and for Windows 7.

pub(crate) mod imports;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail};

use super::{
    parts,
    programs::{self, Programs},
    stage::{self, FILE, PROGRAM, Packed, Root, dated, say},
};
use crate::{
    process::{command, run},
    setup::windows::{TARGET, TARGET_7},
    workspace,
};

/// Names a command that signs the file whose name is added to it: a script around `osslsigncode`.
const SIGN_VARIABLE: &str = "DEQUEUE_SIGN";
/// What `setup.nsi` has the shell do with the uninstaller, which exists only while NSIS works.
const SIGN_SCRIPT_VARIABLE: &str = "DEQUEUE_SIGN_SCRIPT";

/// What signs.
pub(crate) struct Signing {
    /// For a shell, with the name of the file as its first argument.
    script: String,
}

impl Signing {
    /// With a command that the name of the file is added to.
    pub(crate) fn with(command: &str) -> Self {
        let script = format!("{command} \"$1\"");
        Self { script }
    }

    /// As whoever packs has named it; none where nobody has.
    ///
    /// # Errors
    /// When the variable holds no text: what is to be signed does not go out unsigned.
    pub(crate) fn named() -> Result<Option<Self>> {
        match env::var(SIGN_VARIABLE) {
            Ok(command) => Ok(Some(Self::with(&command))),
            Err(env::VarError::NotPresent) => Ok(None),
            Err(error) => Err(error).context(SIGN_VARIABLE),
        }
    }

    fn sign(&self, file: &Path) -> Result<()> {
        run(command("sh").args(["-c", &self.script, "sh"]).arg(file))
    }

    fn is_for(&self, makensis: &mut Command) {
        makensis
            .arg("-DSIGN")
            .env(SIGN_SCRIPT_VARIABLE, &self.script);
    }
}

/// For which Windows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Variant {
    /// Windows 10, Server 2016 and later.
    Windows10,
    /// Windows 7 SP1 and Server 2008 R2 SP1 on.
    Windows7,
}

impl Variant {
    /// Both.
    pub(crate) const ALL: [Self; 2] = [Self::Windows10, Self::Windows7];

    /// The target of its programs.
    pub(crate) const fn target(self) -> &'static str {
        match self {
            Self::Windows10 => TARGET,
            Self::Windows7 => TARGET_7,
        }
    }

    /// In the names of its files.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Windows10 => "windows",
            Self::Windows7 => "windows7",
        }
    }

    /// Its programs as they are after a build with this profile.
    ///
    /// # Errors
    /// Where the folder of what is built cannot be told.
    pub(crate) fn built(self, profile: &str, window: bool) -> Result<Programs> {
        let folder = workspace::target()?.join(self.target());
        Ok(Programs {
            folder: folder.join(programs::folder(profile)),
            suffix: ".exe",
            // Of Tauri, the part that writes the resources does not know the target; and the last
            // WebView2 for it is that of 2023.
            window: window && self == Self::Windows10,
            target: Some(self.target()),
        })
    }
}

/// Makes the set-up program and the portable folder in `out`, all programs in them signed where
/// something signs.
///
/// # Errors
/// When one of the tools fails, that which signs included.
pub(crate) fn pack(
    programs: &Programs,
    variant: Variant,
    out: &Path,
    packed: Packed,
    signing: Option<&Signing>,
) -> Result<()> {
    let version = workspace::version()?;
    let work = workspace::target()?.join("packing").join(variant.name());
    // The folder as it is in the portable form.
    let root = Root::at(work.join("Dequeue"))?;
    for name in programs.names() {
        let name = format!("{name}.exe");
        let program = root.copy(&programs.folder.join(&name), &name, PROGRAM)?;
        // It writes into the program when it was made.
        run(dated("x86_64-w64-mingw32-strip")?.arg(&program))?;
        if let Some(signing) = signing {
            signing.sign(&program)?;
        }
    }
    if programs.window {
        // Beside each program that opens a window: mingw's linker cannot take it in.
        let loader = "WebView2Loader.dll";
        root.copy(&programs.folder.join(loader), loader, FILE)?;
    }
    root.put("THIRD-PARTY.txt", FILE, parts::licences(programs)?)?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        root.copy(
            &workspace::root().join(licence),
            &format!("{licence}.txt"),
            FILE,
        )?;
    }
    root.finish()?;

    say(&format!("the set-up program for {}", variant.name()));
    let name = format!("dequeue-{version}-{}", variant.name());
    let setup = out.join(format!("{name}-setup.exe"));
    let mut makensis = dated("makensis")?;
    makensis.args(["-V2", "-INPUTCHARSET", "UTF8"]);
    let mut define = |name: &str, value: &str| {
        makensis.arg(format!("-D{name}={value}"));
    };
    define("PROGRAMS", &shown(&root.0)?);
    define("ICONS", &shown(&workspace::root().join("icons"))?);
    define("OUT", &shown(&setup)?);
    define("VERSION", &version);
    define("VERSION4", &format!("{version}.0"));
    define(
        "COMPRESSOR",
        match packed {
            Packed::Tightly => "lzma",
            Packed::Quickly => "zlib",
        },
    );
    if programs.window {
        define("WINDOW", "");
    }
    if variant == Variant::Windows7 {
        define("WINDOWS_7", "");
    }
    if let Some(signing) = signing {
        signing.is_for(&mut makensis);
    }
    run(makensis.arg(workspace::root().join("xtask/src/dist/windows/setup.nsi")))?;
    if let Some(signing) = signing {
        signing.sign(&setup)?;
    }

    say(&format!("the portable folder for {}", variant.name()));
    // By this file the programs know that settings and data belong beside them.
    root.put("portable", FILE, "")?;
    root.finish()?;
    let zip = out.join(format!("{name}-portable.zip"));
    if zip.exists() {
        fs::remove_file(&zip)?;
    }
    let files = stage::files(&root.0)?;
    let mut command = dated("zip")?;
    command
        .current_dir(&work)
        .args(["--quiet", "-X", packed.level()])
        .arg(&zip);
    run(command.args(files.iter().map(|file| Path::new("Dequeue").join(file))))?;

    let sbom = out.join(format!("{name}.cdx.json"));
    fs::write(sbom, parts::sbom(programs)?)?;
    Ok(())
}

fn shown(path: &Path) -> Result<String> {
    let path: PathBuf = std::path::absolute(path)?;
    let Some(path) = path.to_str() else {
        bail!("{} is not UTF-8", path.display());
    };
    Ok(path.to_owned())
}

/// That each program takes nothing from Windows that this Windows does not have.
///
/// # Errors
/// When one does; the error names what.
pub(crate) fn check_imports(programs: &Programs, variant: Variant) -> Result<()> {
    if variant != Variant::Windows7 {
        return Ok(());
    }
    for name in programs.names() {
        let program = programs.path(name)?;
        imports::check(&program).with_context(|| program.display().to_string())?;
    }
    Ok(())
}
