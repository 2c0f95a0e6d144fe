//! macOS: a daemon of launchd. It has been compiled, and not been run on a Mac.

use std::{
    fs, io,
    os::unix::fs::{PermissionsExt, lchown},
    path::{Path, PathBuf},
};

use super::{
    description::{ARGUMENTS, Change, Service, ServiceError, ServiceState, failed},
    folders::Owner,
    unix::{last_words, make_folder, need_root, output, owner, tell},
};
use crate::files::{Access, write_whole};

/// The service's user: those of services begin with an underscore.
const USER: &str = "_dequeue";
/// Where the daemons of the machine are.
const DAEMONS: &str = "/Library/LaunchDaemons";

pub(super) fn install(service: &Service<'_>) -> Result<Change, ServiceError> {
    need_root()?;
    if service.program.starts_with("/Users") {
        let program = service.program.to_owned();
        return Err(ServiceError::ProgramOfUser { program });
    }
    let (owner, mut changed) = account()?;
    changed |= make_folders(service, owner)?;
    let (path, text) = (plist(service), description(service));
    if fs::read_to_string(&path).is_ok_and(|there| there == text) {
        return Ok(Change::made(changed));
    }
    write_whole(&path, text.as_bytes(), Access::Private).map_err(failed(&path))?;
    // launchd takes what is root's and nobody else can write.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).map_err(failed(&path))?;
    Ok(Change::Changed)
}

pub(super) fn uninstall(service: &Service<'_>, with_data: bool) -> Result<Change, ServiceError> {
    need_root()?;
    let path = plist(service);
    let mut changed = false;
    if path.exists() {
        if is_loaded(service) {
            launchctl(&["bootout", &target(service)])?;
        }
        fs::remove_file(&path).map_err(failed(&path))?;
        changed = true;
    }
    if with_data {
        let control = control(service);
        for folder in [service.data, control.as_path()] {
            match fs::remove_dir_all(folder) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                removed => {
                    removed.map_err(failed(folder))?;
                    changed = true;
                }
            }
        }
    }
    Ok(Change::made(changed))
}

pub(super) fn start(service: &Service<'_>) -> Result<Change, ServiceError> {
    let path = plist(service);
    if !path.exists() {
        return Err(ServiceError::NotInstalled);
    }
    if is_loaded(service) {
        return Ok(Change::AsBefore);
    }
    need_root()?;
    launchctl(&["bootstrap", "system", &path.display().to_string()])?;
    Ok(Change::Changed)
}

pub(super) fn stop(service: &Service<'_>) -> Result<Change, ServiceError> {
    if !plist(service).exists() {
        return Err(ServiceError::NotInstalled);
    }
    if !is_loaded(service) {
        return Ok(Change::AsBefore);
    }
    need_root()?;
    launchctl(&["bootout", &target(service)])?;
    Ok(Change::Changed)
}

pub(super) fn state(service: &Service<'_>) -> Result<ServiceState, ServiceError> {
    let is_installed = plist(service).exists();
    Ok(ServiceState {
        is_installed,
        starts_at_boot: is_installed,
        runs: Some(is_loaded(service)),
    })
}

pub(super) fn settings(service: &Service<'_>) -> Option<Vec<u8>> {
    // Its folder is closed to all others.
    fs::read(service.settings).ok()
}

pub(super) fn put_settings(service: &Service<'_>, settings: &[u8]) -> Result<(), ServiceError> {
    need_root()?;
    let owner = owner(USER).ok_or(ServiceError::NotInstalled)?;
    let path = service.settings;
    write_whole(path, settings, Access::Private).map_err(failed(path))?;
    lchown(path, Some(owner.user), Some(owner.group)).map_err(failed(path))
}

fn plist(service: &Service<'_>) -> PathBuf {
    Path::new(DAEMONS).join(format!("{}.plist", service.name))
}

/// The folder of the socket. It is beside that of the data, where only root makes anything, so that nobody
/// can have put it there; and not in `/var/run`, which is empty after a boot.
fn control(service: &Service<'_>) -> PathBuf {
    service.data.with_file_name("Dequeue Control")
}

fn target(service: &Service<'_>) -> String {
    format!("system/{}", service.name)
}

/// What launchd is to know (launchd.plist(5)).
fn description(service: &Service<'_>) -> String {
    let escaped = |text: &str| {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        text.replace('>', "&gt;")
    };
    let program = escaped(&service.program.display().to_string());
    let arguments: String = ARGUMENTS
        .iter()
        .map(|it| format!("\t\t<string>{it}</string>\n"))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n\
         \t<key>Label</key>\n\t<string>{}</string>\n\
         \t<key>ProgramArguments</key>\n\t<array>\n\t\t<string>{program}</string>\n{arguments}\t</array>\n\
         \t<key>UserName</key>\n\t<string>{USER}</string>\n\
         \t<key>RunAtLoad</key>\n\t<true/>\n\
         \t<key>KeepAlive</key>\n\t<dict>\n\t\t<key>SuccessfulExit</key>\n\t\t<false/>\n\t</dict>\n\
         \t<key>ThrottleInterval</key>\n\t<integer>10</integer>\n\
         \t<key>ExitTimeOut</key>\n\t<integer>30</integer>\n\
         \t<key>Umask</key>\n\t<integer>63</integer>\n\
         </dict>\n</plist>\n",
        service.name
    )
}

/// The service's account; whether it was made now.
fn account() -> Result<(Owner, bool), ServiceError> {
    if let Some(owner) = owner(USER) {
        return Ok((owner, false));
    }
    // A role account: it has no password and no home, and nobody logs on as it. Its number is of those
    // that are left to such.
    let made = output(&[
        "sysadminctl",
        "-addUser",
        USER,
        "-UID",
        "395",
        "-roleAccount",
    ]);
    match made {
        Ok(made) => match owner(USER) {
            Some(owner) => Ok((owner, true)),
            None => Err(ServiceError::Manager {
                said: last_words(&made),
            }),
        },
        Err(error) => Err(ServiceError::Manager {
            said: error.to_string(),
        }),
    }
}

/// Makes the folders: that of settings and data is the service's alone, others may look into the socket's.
fn make_folders(service: &Service<'_>, owner: Owner) -> Result<bool, ServiceError> {
    let control = control(service);
    Ok(make_folder(service.data, owner, owner.user, 0o700)?
        | make_folder(&control, owner, owner.user, 0o755)?)
}

fn is_loaded(service: &Service<'_>) -> bool {
    let printed = output(&["launchctl", "print", &target(service)]);
    printed.is_ok_and(|printed| printed.status.success())
}

fn launchctl(arguments: &[&str]) -> Result<(), ServiceError> {
    tell("launchctl", arguments)
}
