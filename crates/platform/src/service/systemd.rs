//! Linux: a unit of systemd, which an administrator's own unit or a package's goes before.
//!
//! Where systemd is there but does not run, as while an image is built, the unit is enabled all the same.
//! Where there is none, the account and the folders are made, and the caller gets what makes it a service
//! of OpenRC.

use std::{
    fs::{self, File},
    io::{self, Read},
    os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown},
    path::{Path, PathBuf},
};

use rustix::fs::OFlags;

use super::{
    description::{ARGUMENTS, Change, Service, ServiceError, ServiceState, failed},
    folders::{FolderFault, Owner},
    unix::{last_words, make_folder, need_root, output, owner, tell},
};
use crate::files::{Access, write_whole};

/// The unit as packages bring it, for this program.
const UNIT: &str = include_str!("dequeue.service");
/// In it, the program.
const PROGRAM: &str = "/usr/bin/dequeue";
/// The service of OpenRC.
const OPENRC: &str = include_str!("openrc.sh");
/// The number of root, whose folder of settings is the service's group's.
const ROOT: u32 = 0;
/// The service's user and group.
const USER: &str = "dequeue";
/// What begins a unit that was written here. One without it is an administrator's.
const MARK: &str =
    "# Written by `dequeue service install`, which writes it anew at each upgrade.\n";
/// Where a unit is written to.
const OWN_UNITS: &str = "/etc/systemd/system";
/// Where packages put theirs.
const PACKAGES_UNITS: [&str; 3] = [
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
    "/lib/systemd/system",
];
/// There while systemd runs the machine (sd_booted(3)).
const RUNS: &str = "/run/systemd/system";
/// What the unit closes to the service: it could not start a program there.
const OF_USERS: [&str; 3] = ["/home", "/root", "/run/user"];

pub(super) fn install(service: &Service<'_>) -> Result<Change, ServiceError> {
    need_root()?;
    if OF_USERS.iter().any(|it| service.program.starts_with(it)) {
        let program = service.program.to_owned();
        return Err(ServiceError::ProgramOfUser { program });
    }
    let (owner, mut changed) = account(service)?;
    changed |= make_folders(service, owner)?;
    if !has_systemd() {
        return Err(ServiceError::NoManager { script: OPENRC });
    }
    changed |= write_unit(service)?;
    if !is_enabled(service) {
        systemctl(&["enable", service.name])?;
        changed = true;
    }
    Ok(Change::made(changed))
}

pub(super) fn uninstall(service: &Service<'_>, with_data: bool) -> Result<Change, ServiceError> {
    need_root()?;
    let mut changed = false;
    if has_systemd() && (unit(service).is_some() || is_enabled(service)) {
        if runs_here() {
            // An unknown one is as good as stopped.
            let _ = systemctl(&["stop", service.name]);
        }
        if is_enabled(service) {
            systemctl(&["disable", service.name])?;
            changed = true;
        }
    }
    let own = own_unit(service);
    if is_written_here(&own) {
        fs::remove_file(&own).map_err(failed(&own))?;
        reload()?;
        changed = true;
    }
    if with_data {
        let settings = service.settings.parent().unwrap_or(service.settings);
        for folder in [settings, service.data] {
            match fs::remove_dir_all(folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => {
                    removed.map_err(failed(folder))?;
                    changed = true;
                }
            }
        }
        if owner(USER).is_some() {
            // One that is still used stays.
            let _ = output(&["userdel", USER]);
        }
    }
    Ok(Change::made(changed))
}

pub(super) fn start(service: &Service<'_>) -> Result<Change, ServiceError> {
    need_manager(service)?;
    if is_active(service) {
        return Ok(Change::AsBefore);
    }
    need_root()?;
    systemctl(&["start", service.name]).map_err(|error| match error {
        ServiceError::Manager { said } => ServiceError::NotUp { said },
        other => other,
    })?;
    Ok(Change::Changed)
}

pub(super) fn stop(service: &Service<'_>) -> Result<Change, ServiceError> {
    // What nothing could have started does not run.
    let may_run = has_systemd() && runs_here();
    if !may_run || !is_active(service) {
        return Ok(Change::AsBefore);
    }
    need_root()?;
    systemctl(&["stop", service.name])?;
    Ok(Change::Changed)
}

pub(super) fn state(service: &Service<'_>) -> Result<ServiceState, ServiceError> {
    Ok(ServiceState {
        is_installed: unit(service).is_some(),
        starts_at_boot: is_enabled(service),
        runs: (has_systemd() && runs_here()).then(|| is_active(service)),
    })
}

pub(super) fn put_settings(service: &Service<'_>, settings: &[u8]) -> Result<(), ServiceError> {
    need_root()?;
    let owner = owner(USER).ok_or(ServiceError::NotInstalled)?;
    let path = service.settings;
    write_whole(path, settings, Access::Private).map_err(failed(path))?;
    give_settings(path, owner)
}

/// Gives the settings to the service; its group may change them, and nobody else can read them. What is
/// given is the file that is looked at: whoever may write the folder could have put a link in its place.
fn give_settings(path: &Path, owner: Owner) -> Result<(), ServiceError> {
    let file = open_itself(path).map_err(failed(path))?;
    let found = file.metadata().map_err(failed(path))?;
    if !found.is_file() || found.nlink() != 1 {
        let path = path.to_owned();
        return Err(FolderFault::OfAnother { path }.into());
    }
    fchown(&file, Some(owner.user), Some(owner.group)).map_err(failed(path))?;
    file.set_permissions(fs::Permissions::from_mode(0o660))
        .map_err(failed(path))
}

pub(super) fn settings(service: &Service<'_>) -> Option<Vec<u8>> {
    let mut settings = Vec::new();
    let mut file = open_itself(service.settings).ok()?;
    file.read_to_end(&mut settings).ok()?;
    Some(settings)
}

/// Opens a file, through no link, and without waiting for what is none.
fn open_itself(path: &Path) -> io::Result<File> {
    let flags = (OFlags::NOFOLLOW | OFlags::NONBLOCK).bits().cast_signed();
    File::options().read(true).custom_flags(flags).open(path)
}

/// Errors where there is nothing that could start or stop the service.
fn need_manager(service: &Service<'_>) -> Result<(), ServiceError> {
    if !has_systemd() {
        return Err(ServiceError::NoManager { script: OPENRC });
    }
    if unit(service).is_none() {
        return Err(ServiceError::NotInstalled);
    }
    if runs_here() {
        Ok(())
    } else {
        Err(ServiceError::ManagerNotRunning)
    }
}

// ---- The account and the folders ----------------------------------------------------------------

/// The service's account; whether it was made now.
fn account(service: &Service<'_>) -> Result<(Owner, bool), ServiceError> {
    if let Some(owner) = owner(USER) {
        return Ok((owner, false));
    }
    let home = service.data.display().to_string();
    let line = format!("u {USER} - \"{}\" {home}", service.description);
    let nologin = "/usr/sbin/nologin";
    let ways: [&[&str]; 3] = [
        &["systemd-sysusers", "--inline", &line],
        &[
            "useradd",
            "--system",
            "--user-group",
            "--no-create-home",
            "--home-dir",
            &home,
            "--shell",
            nologin,
            "--comment",
            service.description,
            USER,
        ],
        // That of busybox, which has no other.
        &[
            "adduser",
            "-S",
            "-D",
            "-H",
            "-h",
            &home,
            "-s",
            "/sbin/nologin",
            USER,
        ],
    ];
    let mut said = String::new();
    for way in ways {
        if way[0] == "adduser" {
            // It would put the user into the group of nobody; where it is there, all is well.
            let _ = output(&["addgroup", "-S", USER]);
        }
        match output(way) {
            Ok(made) if made.status.success() => {
                if way[0] == "adduser" {
                    let _ = output(&["addgroup", USER, USER]);
                }
                if let Some(owner) = owner(USER) {
                    return Ok((owner, true));
                }
            }
            Ok(made) => said = last_words(&made),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => said = error.to_string(),
        }
    }
    Err(ServiceError::Manager { said })
}

/// Makes the folders as the unit has them, and settings to begin with; gives whether anything was made.
fn make_folders(service: &Service<'_>, owner: Owner) -> Result<bool, ServiceError> {
    let settings = service.settings.parent().unwrap_or(service.settings);
    // Of the settings, the group's own are the group's, whoever makes them.
    let made = make_folder(settings, owner, ROOT, 0o2775)?
        | make_folder(service.data, owner, owner.user, 0o700)?;
    if service.settings.symlink_metadata().is_ok() {
        return Ok(made);
    }
    put_settings(service, b"version = 1\n")?;
    Ok(true)
}

// ---- The unit -----------------------------------------------------------------------------------

/// Writes the unit, unless an administrator has one of their own, or a package's starts this program;
/// gives whether it did.
fn write_unit(service: &Service<'_>) -> Result<bool, ServiceError> {
    let own = own_unit(service);
    let text = unit_for(service.program);
    let by_package = PACKAGES_UNITS
        .map(|folder| Path::new(folder).join(service.name))
        .iter()
        .any(|unit| fs::read_to_string(unit).is_ok_and(|unit| starts(&unit, service.program)));
    match fs::read_to_string(&own) {
        Ok(_) if !is_written_here(&own) => return Ok(false),
        Ok(_) if by_package => {
            fs::remove_file(&own).map_err(failed(&own))?;
        }
        Ok(there) if there == text => return Ok(false),
        Err(_) if by_package => return Ok(false),
        _ => {
            fs::create_dir_all(OWN_UNITS).map_err(failed(Path::new(OWN_UNITS)))?;
            write_whole(&own, text.as_bytes(), Access::Private).map_err(failed(&own))?;
            // As all units; there is nothing secret in it.
            let mode = fs::Permissions::from_mode(0o644);
            fs::set_permissions(&own, mode).map_err(failed(&own))?;
        }
    }
    reload()?;
    Ok(true)
}

/// The unit that starts this program.
fn unit_for(program: &Path) -> String {
    let unit = UNIT.replacen(PROGRAM, &quoted(program), 1);
    format!("{MARK}{unit}")
}

/// Whether a unit starts this program as the service.
fn starts(unit: &str, program: &Path) -> bool {
    let command = format!("ExecStart={} {}", quoted(program), ARGUMENTS.join(" "));
    unit.lines().any(|line| line == command)
}

/// A path as the command line of a unit has it (systemd.service(5), systemd.syntax(7)).
fn quoted(program: &Path) -> String {
    let program = program.display().to_string();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if program.chars().all(plain) {
        return program;
    }
    let mut quoted = String::from('"');
    for c in program.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '%' | '$' => quoted.extend([c, c]),
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

fn own_unit(service: &Service<'_>) -> PathBuf {
    Path::new(OWN_UNITS).join(service.name)
}

fn is_written_here(unit: &Path) -> bool {
    fs::read_to_string(unit).is_ok_and(|unit| unit.starts_with(MARK))
}

/// The unit that systemd goes by.
fn unit(service: &Service<'_>) -> Option<PathBuf> {
    let folders = [OWN_UNITS].into_iter().chain(PACKAGES_UNITS);
    let mut units = folders.map(|folder| Path::new(folder).join(service.name));
    units.find(|unit| unit.exists())
}

/// Whether it is started at boot.
fn is_enabled(service: &Service<'_>) -> bool {
    let wants = Path::new(OWN_UNITS).join("multi-user.target.wants");
    wants.join(service.name).symlink_metadata().is_ok()
}

// ---- systemd ------------------------------------------------------------------------------------

fn has_systemd() -> bool {
    ["/usr/bin/systemctl", "/bin/systemctl"]
        .iter()
        .any(|it| Path::new(it).exists())
}

fn runs_here() -> bool {
    Path::new(RUNS).is_dir()
}

/// Has systemd read its units anew, where it runs.
fn reload() -> Result<(), ServiceError> {
    if has_systemd() && runs_here() {
        systemctl(&["daemon-reload"])
    } else {
        Ok(())
    }
}

fn is_active(service: &Service<'_>) -> bool {
    let active = output(&["systemctl", "is-active", "--quiet", service.name]);
    active.is_ok_and(|active| active.status.success())
}

fn systemctl(arguments: &[&str]) -> Result<(), ServiceError> {
    let arguments: Vec<&str> = ["--quiet"].iter().chain(arguments).copied().collect();
    tell("systemctl", &arguments)
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;
    use crate::left_out::left_out;

    #[test]
    fn the_unit_starts_the_program_that_installs_it() {
        assert!(
            starts(UNIT, Path::new(PROGRAM)),
            "packages bring it as it is"
        );
        let program = Path::new("/opt/De queue/50%/de\"queue");
        let unit = unit_for(program);
        assert!(starts(&unit, program));
        assert!(!starts(&unit, Path::new(PROGRAM)));
        let line = "ExecStart=\"/opt/De queue/50%%/de\\\"queue\" run --service";
        assert!(unit.lines().any(|it| it == line), "{unit}");
        assert!(unit.starts_with(MARK));
        assert_eq!(
            unit.replacen(line, &format!("ExecStart={PROGRAM} run --service"), 1),
            format!("{MARK}{UNIT}")
        );
    }

    /// Exposure as systemd itself measures it: 0 is none, 10 is all.
    #[test]
    fn the_units_exposure_is_below_two() {
        let folder = tempfile::tempdir().unwrap();
        let unit = folder.path().join("dequeue.service");
        fs::write(&unit, UNIT).unwrap();
        let analyze = Command::new("systemd-analyze")
            .args(["security", "--offline=true", "--no-pager"])
            .arg(&unit)
            .output();
        let analyze = match analyze {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return left_out("systemd-analyze, of Debian's package systemd, is not there");
            }
            analyze => analyze.unwrap(),
        };
        let said = String::from_utf8_lossy(&analyze.stdout).into_owned();
        let level = said
            .lines()
            .find(|line| line.contains("Overall exposure level"));
        let level = level.and_then(|line| line.split(": ").nth(1));
        let level: f64 = level
            .and_then(|it| it.split(' ').next())
            .unwrap_or("?")
            .parse()
            .unwrap_or(10.0);
        assert!(level < 2.0, "{said}");
    }

    #[test]
    fn settings_are_given_through_no_link() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (
            folder.path().join("real"),
            folder.path().join("settings.toml"),
        );
        fs::write(&real, "secret").unwrap();
        fs::set_permissions(&real, fs::Permissions::from_mode(0o600)).unwrap();
        let owner = Owner::this_process();
        let service = Service {
            name: "dequeue.service",
            description: "",
            program: Path::new(PROGRAM),
            settings: &link,
            data: folder.path(),
        };
        std::os::unix::fs::symlink(&real, &link).unwrap();
        assert!(give_settings(&link, owner).is_err());
        assert_eq!(settings(&service), None);
        fs::remove_file(&link).unwrap();
        fs::hard_link(&real, &link).unwrap();
        let refused = give_settings(&link, owner).unwrap_err();
        assert!(matches!(
            refused,
            ServiceError::Folder(FolderFault::OfAnother { .. })
        ));
        let mode = fs::metadata(&real).unwrap().mode() & 0o777;
        assert_eq!(mode, 0o600);
        fs::remove_file(&real).unwrap();
        give_settings(&link, owner).unwrap();
        assert_eq!(fs::metadata(&link).unwrap().mode() & 0o777, 0o660);
        assert_eq!(settings(&service).unwrap(), b"secret");
    }

    /// What is shown of it is copied by hand, and control characters are not shown as they are.
    #[test]
    fn the_script_for_openrc_is_shown_as_it_is() {
        let is_shown = |c: char| c == '\n' || !c.is_control();
        assert!(OPENRC.chars().all(is_shown), "{OPENRC:?}");
    }

    #[test]
    fn only_root_installs() {
        if rustix::process::geteuid().is_root() {
            assert!(need_root().is_ok());
        } else {
            assert!(matches!(need_root(), Err(ServiceError::NotAllowed)));
        }
    }
}
