//! Debian packages and RPM packages: `dequeue` (the command line and the service, for servers) and
//! `dequeue-desktop` (tray and window, which bring GTK and WebKit).

use std::{fs, path::Path, process::Command};

use anyhow::{Context, Result};
use jiff::{Timestamp, tz::TimeZone};

use super::{
    parts,
    programs::Programs,
    stage::{self, FILE, PROGRAM, Packed, Root, dated, say},
};
use crate::{
    process::{command, read, run},
    workspace,
};

/// The number of the packages of one version.
const REVISION: &str = "1";
/// An address is wanted, and there is none yet.
const MAINTAINER: &str = "The Dequeue developers <dequeue@dequeue.invalid>";
const UNIT: &str = "crates/platform/src/service/dequeue.service";
/// Sizes in which the icon is there as pixels, by its file.
const ICONS: [(&str, &str); 3] = [
    ("32x32", "32x32.png"),
    ("128x128", "128x128.png"),
    ("256x256", "128x128@2x.png"),
];

/// The two packages of a family, as trees of files.
struct Trees {
    version: String,
    server: Root,
    desktop: Root,
}

/// What a family of distributions has its own way in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Family {
    Debian,
    Rpm,
}

/// Makes the packages in `out`.
///
/// # Errors
/// When one of the tools fails.
pub(super) fn pack(programs: &Programs, out: &Path, packed: Packed) -> Result<()> {
    let work = workspace::target()?.join("packing");
    say("the Debian packages");
    let debian = lay_out(programs, Family::Debian, &work.join("debian"))?;
    debian_package(
        &debian.server,
        &server_control(&debian.version),
        &scripts()?,
        out,
        packed,
    )?;
    debian_package(
        &debian.desktop,
        &desktop_control(&debian.version),
        &[],
        out,
        packed,
    )?;
    say("the RPM packages");
    let rpm = lay_out(programs, Family::Rpm, &work.join("rpm"))?;
    rpm_packages(&rpm, &work.join("rpm"), out, packed)?;
    let sbom = out.join(format!("dequeue-{}-linux.cdx.json", rpm.version));
    fs::write(sbom, parts::sbom(programs)?)?;
    Ok(())
}

/// Lays out the files of both packages.
fn lay_out(programs: &Programs, family: Family, work: &Path) -> Result<Trees> {
    let version = workspace::version()?;
    let server = Root::at(work.join("dequeue"))?;
    let desktop = Root::at(work.join("dequeue-desktop"))?;
    let program = |root: &Root, name: &str| -> Result<()> {
        let program = root.copy(&programs.path(name)?, &format!("usr/bin/{name}"), PROGRAM)?;
        run(command("strip").arg(program))
    };

    program(&server, "dequeue")?;
    let unit = workspace::root().join(UNIT);
    server.copy(&unit, "usr/lib/systemd/system/dequeue.service", FILE)?;
    let dequeue = programs.path("dequeue")?;
    let says = |arguments: &[&str], language: &str| -> Result<String> {
        let mut dequeue = Command::new(&dequeue);
        // Not the settings of whoever packs.
        dequeue.env("DEQUEUE_HOME", work.join("home"));
        dequeue
            .env("LC_ALL", language)
            .env_remove("LANGUAGE")
            .env("SOURCE_DATE_EPOCH", stage::date()?);
        Ok(read(dequeue.args(arguments))? + "\n")
    };
    for (language, folder) in [("C.UTF-8", ""), ("nl_NL.UTF-8", "nl/")] {
        let page = says(&["man"], language)?;
        server.put_packed(&format!("usr/share/man/{folder}man1/dequeue.1"), page)?;
    }
    let zsh = match family {
        Family::Debian => "usr/share/zsh/vendor-completions/_dequeue",
        Family::Rpm => "usr/share/zsh/site-functions/_dequeue",
    };
    for (shell, path) in [
        ("bash", "usr/share/bash-completion/completions/dequeue"),
        ("zsh", zsh),
        ("fish", "usr/share/fish/vendor_completions.d/dequeue.fish"),
    ] {
        server.put(path, FILE, says(&["completions", shell], "C.UTF-8")?)?;
    }

    program(&desktop, "dequeue-tray")?;
    if programs.window {
        program(&desktop, "dequeue-window")?;
    }
    desktop.put(
        "usr/share/applications/dequeue.desktop",
        FILE,
        text("dequeue.desktop")?,
    )?;
    let metainfo = "org.dequeue.Dequeue.metainfo.xml";
    let released = day()?.to_string();
    let about = text(metainfo)?
        .replace("@VERSION@", &version)
        .replace("@DATE@", &released);
    desktop.put(&format!("usr/share/metainfo/{metainfo}"), FILE, about)?;
    let policy = "org.dequeue.policy";
    desktop.copy(
        &workspace::root().join("src-tauri/linux").join(policy),
        &format!("usr/share/polkit-1/actions/{policy}"),
        FILE,
    )?;
    let icons = workspace::root().join("icons");
    let hicolor = "usr/share/icons/hicolor";
    desktop.copy(
        &icons.join("dequeue.svg"),
        &format!("{hicolor}/scalable/apps/dequeue.svg"),
        FILE,
    )?;
    for (size, file) in ICONS {
        desktop.copy(
            &icons.join(file),
            &format!("{hicolor}/{size}/apps/dequeue.png"),
            FILE,
        )?;
    }

    let licences = parts::licences(programs)?;
    for (root, package) in [(&server, "dequeue"), (&desktop, "dequeue-desktop")] {
        documents(root, package, family, &version, &licences)?;
    }
    Ok(Trees {
        version,
        server,
        desktop,
    })
}

/// What is to be read beside the programs.
fn documents(
    root: &Root,
    package: &str,
    family: Family,
    version: &str,
    licences: &str,
) -> Result<()> {
    let own = ["LICENSE-MIT", "LICENSE-APACHE"];
    match family {
        Family::Debian => {
            let mit = fs::read_to_string(workspace::root().join("LICENSE-MIT"))?;
            let folder = format!("usr/share/doc/{package}");
            root.put(&format!("{folder}/copyright"), FILE, copyright(&mit))?;
            root.put_packed(&format!("{folder}/THIRD-PARTY.txt"), licences)?;
            root.put_packed(&format!("{folder}/changelog.Debian"), changelog(version)?)
        }
        Family::Rpm => {
            let folder = format!("usr/share/licenses/{package}");
            for licence in own {
                root.copy(
                    &workspace::root().join(licence),
                    &format!("{folder}/{licence}"),
                    FILE,
                )?;
            }
            root.put(&format!("{folder}/THIRD-PARTY.txt"), FILE, licences)
        }
    }
}

/// In Debian's machine-readable form.
fn copyright(mit: &str) -> String {
    let indented = |line: &str| match line.trim_end() {
        "" => " .\n".to_owned(),
        line => format!(" {line}\n"),
    };
    let mit: String = mit.lines().map(indented).collect();
    format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
         Upstream-Name: Dequeue\n\
         Comment: What is built in by others, and its licences: THIRD-PARTY.txt.gz beside this file.\n\
         \n\
         Files: *\n\
         Copyright: The Dequeue developers\n\
         License: MIT or Apache-2.0\n\
         \n\
         License: MIT\n{mit}\n\
         License: Apache-2.0\n \
         See /usr/share/common-licenses/Apache-2.0.\n"
    )
}

fn changelog(version: &str) -> Result<String> {
    let date = Timestamp::from_second(stage::date()?.parse()?)?.to_zoned_datetime(TimeZone::UTC);
    let date = date.strftime("%a, %d %b %Y %H:%M:%S +0000");
    Ok(format!(
        "dequeue ({version}-{REVISION}) unstable; urgency=medium\n\n  \
         * Version {version}.\n\n -- {MAINTAINER}  {date}\n"
    ))
}

fn day() -> Result<jiff::civil::Date> {
    let date = Timestamp::from_second(stage::date()?.parse()?)?;
    Ok(date.to_zoned_datetime(TimeZone::UTC).date())
}

/// A file beside this one.
fn text(name: &str) -> Result<String> {
    let path = workspace::root().join("xtask/src/dist/linux").join(name);
    fs::read_to_string(&path).with_context(|| path.display().to_string())
}

// ---- Debian -------------------------------------------------------------------------------------

/// The fields of a package's control file, except those that are found out.
struct Control {
    name: &'static str,
    version: String,
    depends: String,
    fields: &'static str,
}

fn server_control(version: &str) -> Control {
    Control {
        name: "dequeue",
        version: format!("{version}-{REVISION}"),
        // userdel and useradd; deb-systemd-invoke.
        depends: "passwd, init-system-helpers (>= 1.52)".to_owned(),
        fields: "Recommends: ca-certificates, default-mta | mail-transport-agent\n\
                 Suggests: dequeue-desktop\n\
                 Section: mail\n\
                 Description: asks mail providers for held mail\n \
                 Your provider holds your company's mail until your mail server asks for it:\n \
                 batched SMTP, ETRN, ODMR, a backup MX. Dequeue asks on time, every time, and\n \
                 tells you in plain words whether it worked.\n .\n \
                 This package is the command line and the service.\n",
    }
}

fn desktop_control(version: &str) -> Control {
    Control {
        name: "dequeue-desktop",
        version: format!("{version}-{REVISION}"),
        depends: format!("dequeue (= {version}-{REVISION})"),
        // pkexec asks for an administrator.
        fields: "Recommends: pkexec\n\
                 Section: mail\n\
                 Description: asks mail providers for held mail - tray and window\n \
                 An icon in the tray shows how the accounts of Dequeue stand; a window sets\n \
                 them up, and shows what each provider said.\n",
    }
}

/// The maintainer scripts of the server's package.
fn scripts() -> Result<Vec<(&'static str, String)>> {
    let names = ["postinst", "prerm", "postrm"];
    names
        .into_iter()
        .map(|name| Ok((name, text(name)?)))
        .collect()
}

/// Makes one package of a tree.
fn debian_package(
    root: &Root,
    control: &Control,
    scripts: &[(&str, String)],
    out: &Path,
    packed: Packed,
) -> Result<()> {
    let Control {
        name,
        version,
        depends,
        fields,
    } = control;
    let architecture = read(command("dpkg").arg("--print-architecture"))?;
    let libraries = shared_libraries(root)?;
    let size = read(command("du").args(["--apparent-size", "-sk"]).arg(&root.0))?;
    let size = size
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned();
    let depends = [libraries.as_str(), depends].join(", ");
    let sums = sums(root)?;
    let control = format!(
        "Package: {name}\nVersion: {version}\nArchitecture: {architecture}\n\
         Maintainer: {MAINTAINER}\nInstalled-Size: {size}\nDepends: {depends}\n\
         Priority: optional\n{fields}"
    );
    root.put("DEBIAN/control", FILE, control)?;
    root.put("DEBIAN/md5sums", FILE, sums)?;
    for (script, text) in scripts {
        root.put(&format!("DEBIAN/{script}"), PROGRAM, text)?;
    }
    root.finish()?;
    let file = out.join(format!("{name}_{version}_{architecture}.deb"));
    run(dated("dpkg-deb")?
        .arg(match packed {
            Packed::Tightly => "-Zxz",
            Packed::Quickly => "-Znone",
        })
        .args(["--root-owner-group", "--build"])
        .arg(&root.0)
        .arg(file))
}

/// The packages of the libraries that the programs load, as Debian's own tool finds them.
fn shared_libraries(root: &Root) -> Result<String> {
    // It wants to be in a source package.
    let source = root.0.with_extension("source");
    let source = Root::at(source)?;
    source.put(
        "debian/control",
        FILE,
        "Source: dequeue\n\nPackage: dequeue\nArchitecture: any\n",
    )?;
    let mut dpkg = command("dpkg-shlibdeps");
    dpkg.current_dir(&source.0).arg("-O");
    for program in stage::files(&root.0.join("usr/bin"))? {
        dpkg.arg(root.0.join("usr/bin").join(program));
    }
    let said = read(&mut dpkg)?;
    let depends = said
        .lines()
        .find_map(|line| line.strip_prefix("shlibs:Depends="));
    Ok(depends
        .context("dpkg-shlibdeps names no packages")?
        .to_owned())
}

/// What `dpkg --verify` compares.
fn sums(root: &Root) -> Result<String> {
    let files = r"find usr etc -type f -print0 2>/dev/null | LC_ALL=C sort -z | xargs -0 md5sum --";
    let sums = read(command("sh").current_dir(&root.0).args(["-c", files]))?;
    Ok(format!("{sums}\n"))
}

// ---- RPM ----------------------------------------------------------------------------------------

/// Makes both packages with rpmbuild.
fn rpm_packages(trees: &Trees, work: &Path, out: &Path, packed: Packed) -> Result<()> {
    trees.server.finish()?;
    trees.desktop.finish()?;
    let spec = text("dequeue.spec")?
        .replace("@VERSION@", &trees.version)
        .replace("@ROOT@", &trees.server.0.display().to_string())
        .replace("@DESKTOP@", &trees.desktop.0.display().to_string())
        .replace("@FILES@", &listed(&trees.server)?)
        .replace("@DESKTOP_FILES@", &listed(&trees.desktop)?);
    let file = work.join("dequeue.spec");
    fs::write(&file, spec)?;
    let top = work.join("rpmbuild");
    stage::empty(&top)?;
    let mut rpmbuild = dated("rpmbuild")?;
    rpmbuild.args(["-bb", "--quiet", "--target", "x86_64-linux"]);
    let mut define = |name: &str, value: &str| {
        rpmbuild.args(["--define", &format!("{name} {value}")]);
    };
    define("_topdir", &top.display().to_string());
    define("_rpmdir", &top.join("made").display().to_string());
    define(
        "_rpmfilename",
        "%%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm",
    );
    // Neither the day nor the machine.
    define("use_source_date_epoch_as_buildtime", "1");
    define("clamp_mtime_to_source_date_epoch", "1");
    define("_buildhost", "dequeue");
    // What every RPM since Red Hat's 7 reads.
    define(
        "_binary_payload",
        match packed {
            Packed::Tightly => "w9.xzdio",
            Packed::Quickly => "w1.gzdio",
        },
    );
    run(rpmbuild.arg(&file))?;
    let made = top.join("made");
    for file in stage::files(&made)? {
        fs::copy(made.join(&file), out.join(&file))?;
    }
    Ok(())
}

/// A tree's files as a spec lists them.
fn listed(root: &Root) -> Result<String> {
    let files = read(
        command("find")
            .current_dir(&root.0)
            .args([".", "-type", "f"]),
    )?;
    let mut lines: Vec<String> = files
        .lines()
        .map(|path| path.trim_start_matches('.'))
        .map(|path| match path.strip_prefix("/usr/share/licenses/") {
            Some(_) => format!("%license {path}"),
            None => path.to_owned(),
        })
        .map(|line| format!("%attr(-, root, root) {line}"))
        .collect();
    lines.sort();
    Ok(lines.join("\n"))
}
