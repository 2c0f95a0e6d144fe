//! Windows: a service of the service control manager, with an account of its own that has no password and
//! no rights but those of the service (a virtual account), a start after the others at boot, and a restart
//! where it ends by itself.

use std::{
    fs, io, thread,
    time::{Duration, Instant},
};

use windows_service::{
    Error,
    service::{
        Service as Handle, ServiceAccess, ServiceAction, ServiceActionType, ServiceErrorControl,
        ServiceFailureActions, ServiceFailureResetPeriod, ServiceInfo, ServiceSidType,
        ServiceStartType, ServiceState as Stage, ServiceType,
    },
    service_manager::{ServiceManager, ServiceManagerAccess},
};
use windows_sys::Win32::Foundation::{
    ERROR_ACCESS_DENIED, ERROR_INVALID_LEVEL, ERROR_SERVICE_ALREADY_RUNNING,
    ERROR_SERVICE_DOES_NOT_EXIST, ERROR_SERVICE_MARKED_FOR_DELETE, ERROR_SERVICE_NOT_ACTIVE,
};

use super::{
    description::{ARGUMENTS, Change, Service, ServiceError, ServiceState, failed},
    folders, security,
};
use crate::{
    files::{Access, write_whole},
    logs,
};

/// When it is started again after it has ended by itself: at first, the second time, from then on.
const RESTARTS: [Duration; 3] = [
    Duration::from_secs(3),
    Duration::from_secs(30),
    Duration::from_secs(600),
];
/// After so long without an end, the next one is the first again.
const RESETS: Duration = Duration::from_secs(24 * 3600);
/// How long it may take to end while the machine shuts down.
const PRESHUTDOWN: Duration = Duration::from_secs(20);
/// How long it may take to start or to end.
const PATIENCE: Duration = Duration::from_secs(60);
/// Time between two looks whether it has.
const LOOK: Duration = Duration::from_millis(50);
/// What its account may do beyond what everyone may: be told of changes and pass through folders, which
/// Windows asks of all. It may not log on, debug, back up, load, or act as its clients.
const PRIVILEGES: [&str; 1] = ["SeChangeNotifyPrivilege"];

pub(super) fn install(service: &Service<'_>) -> Result<Change, ServiceError> {
    let manager = manager(ServiceManagerAccess::CONNECT | ServiceManagerAccess::CREATE_SERVICE)?;
    // Before anything is done: what was planted stops it whole.
    folders::check(service.data)?;
    let info = ServiceInfo {
        name: service.name.into(),
        display_name: service.name.into(),
        service_type: ServiceType::OWN_PROCESS,
        start_type: ServiceStartType::AutoStart,
        error_control: ServiceErrorControl::Normal,
        executable_path: service.program.to_owned(),
        launch_arguments: ARGUMENTS.map(Into::into).into(),
        dependencies: Vec::new(),
        account_name: Some(format!(r"NT SERVICE\{}", service.name).into()),
        account_password: None,
    };
    if let Err(error) = logs::register_event_source() {
        tracing::warn!(%error, "the Event Log has no texts for the service's events");
    }
    let access = ServiceAccess::QUERY_CONFIG
        | ServiceAccess::CHANGE_CONFIG
        // It takes that to set a restart.
        | ServiceAccess::START;
    let (handle, mut changed) = match manager.open_service(service.name, access) {
        Ok(handle) => {
            let changed = !is_as(&handle, &info);
            if changed {
                handle.change_config(&info).map_err(said)?;
            }
            (handle, changed)
        }
        Err(error) if is(&error, ERROR_SERVICE_DOES_NOT_EXIST) => {
            let handle = manager.create_service(&info, access).map_err(said)?;
            (handle, true)
        }
        Err(error) => return Err(said(error)),
    };
    configure(&handle, service).map_err(said)?;
    changed |= make_folder(service)?;
    Ok(Change::made(changed))
}

/// What is told beside the first configuration; to tell it twice changes nothing.
fn configure(handle: &Handle, service: &Service<'_>) -> windows_service::Result<()> {
    let restarts = RESTARTS.map(|delay| ServiceAction {
        action_type: ServiceActionType::Restart,
        delay,
    });
    let failure_actions = ServiceFailureActions {
        reset_period: ServiceFailureResetPeriod::After(RESETS),
        reboot_msg: None,
        command: None,
        actions: Some(restarts.into()),
    };
    for done in [
        handle.set_description(service.description),
        handle.set_delayed_auto_start(true),
        handle.set_config_service_sid_info(ServiceSidType::Unrestricted),
        handle.set_preshutdown_timeout(PRESHUTDOWN),
        handle.update_failure_actions(failure_actions),
        // Also where it says itself that it could not go on.
        handle.set_failure_actions_on_non_crash_failures(true),
        security::require_privileges(handle, &PRIVILEGES).map_err(Error::Winapi),
    ] {
        match done {
            // Each Windows knows all of it; Wine does not.
            Err(error) if is(&error, ERROR_INVALID_LEVEL) => {
                tracing::debug!("a property of services that is not known here");
            }
            done => done?,
        }
    }
    Ok(())
}

fn is_as(handle: &Handle, info: &ServiceInfo) -> bool {
    let Ok(config) = handle.query_config() else {
        return false;
    };
    let command = config.executable_path.to_string_lossy().replace('"', "");
    let wanted = format!("{} {}", info.executable_path.display(), ARGUMENTS.join(" "));
    let account = |account: &Option<std::ffi::OsString>| {
        let account = account
            .as_ref()
            .map(|it| it.to_string_lossy().to_lowercase());
        account.unwrap_or_default()
    };
    config.start_type == info.start_type
        && config.service_type == info.service_type
        && command == wanted
        && account(&config.account_name) == account(&info.account_name)
}

pub(super) fn uninstall(service: &Service<'_>, with_data: bool) -> Result<Change, ServiceError> {
    let access = ServiceAccess::QUERY_STATUS | ServiceAccess::STOP | ServiceAccess::DELETE;
    let mut changed = false;
    if let Some(handle) = open(service, access)? {
        end(&handle)?;
        match handle.delete() {
            Err(error) if is(&error, ERROR_SERVICE_MARKED_FOR_DELETE) => {}
            deleted => {
                deleted.map_err(said)?;
                changed = true;
            }
        }
        drop(handle);
        // It is gone when the last who has it open lets go.
        let give_up = Instant::now() + PATIENCE;
        while open(service, ServiceAccess::QUERY_STATUS)?.is_some() && Instant::now() < give_up {
            thread::sleep(LOOK);
        }
    } else {
        need_administrator()?;
    }
    if let Err(error) = logs::unregister_event_source() {
        tracing::warn!(%error, "the Event Log still knows the service");
    }
    if with_data {
        match fs::remove_dir_all(service.data) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            removed => {
                removed.map_err(failed(service.data))?;
                changed = true;
            }
        }
    }
    Ok(Change::made(changed))
}

pub(super) fn start(service: &Service<'_>) -> Result<Change, ServiceError> {
    let access = ServiceAccess::QUERY_STATUS | ServiceAccess::START;
    let handle = open(service, access)?.ok_or(ServiceError::NotInstalled)?;
    let changed = match handle.query_status().map_err(said)?.current_state {
        Stage::Running => return Ok(Change::AsBefore),
        Stage::StartPending => Change::AsBefore,
        Stage::StopPending => {
            until(&handle, Stage::Stopped)?;
            Change::Changed
        }
        _ => Change::Changed,
    };
    match handle.start::<&str>(&[]) {
        Err(error) if is(&error, ERROR_SERVICE_ALREADY_RUNNING) => {}
        Err(error) if is(&error, ERROR_ACCESS_DENIED) => return Err(ServiceError::NotAllowed),
        started => started.map_err(|error| ServiceError::NotUp { said: told(&error) })?,
    }
    until(&handle, Stage::Running)?;
    Ok(changed)
}

pub(super) fn stop(service: &Service<'_>) -> Result<Change, ServiceError> {
    let access = ServiceAccess::QUERY_STATUS | ServiceAccess::STOP;
    let handle = open(service, access)?.ok_or(ServiceError::NotInstalled)?;
    end(&handle)
}

/// Ends a service, where it runs.
fn end(handle: &Handle) -> Result<Change, ServiceError> {
    let stage = handle.query_status().map_err(said)?.current_state;
    if stage == Stage::Stopped {
        return Ok(Change::AsBefore);
    }
    if stage == Stage::StartPending {
        // It does not listen before it is up.
        until(handle, Stage::Running)?;
    }
    match handle.stop() {
        Err(error) if is(&error, ERROR_SERVICE_NOT_ACTIVE) => {}
        stopped => {
            stopped.map_err(said)?;
        }
    }
    until(handle, Stage::Stopped)?;
    Ok(Change::Changed)
}

/// Waits until a service has come to where it was told to go.
fn until(handle: &Handle, wanted: Stage) -> Result<(), ServiceError> {
    let give_up = Instant::now() + PATIENCE;
    loop {
        let status = handle.query_status().map_err(said)?;
        if status.current_state == wanted {
            return Ok(());
        }
        let is_over = status.current_state == Stage::Stopped && wanted == Stage::Running;
        if is_over || Instant::now() > give_up {
            return Err(ServiceError::NotUp {
                said: format!("{:?}, {:?}", status.current_state, status.exit_code),
            });
        }
        thread::sleep(LOOK);
    }
}

pub(super) fn state(service: &Service<'_>) -> Result<ServiceState, ServiceError> {
    let access = ServiceAccess::QUERY_STATUS | ServiceAccess::QUERY_CONFIG;
    let Some(handle) = open(service, access)? else {
        return Ok(ServiceState {
            is_installed: false,
            starts_at_boot: false,
            runs: Some(false),
        });
    };
    let start_type = handle.query_config().map_err(said)?.start_type;
    let stage = handle.query_status().map_err(said)?.current_state;
    Ok(ServiceState {
        is_installed: true,
        starts_at_boot: start_type == ServiceStartType::AutoStart,
        runs: Some(stage == Stage::Running),
    })
}

pub(super) fn settings(service: &Service<'_>) -> Option<Vec<u8>> {
    // Its folder is closed to all others.
    fs::read(service.settings).ok()
}

pub(super) fn put_settings(service: &Service<'_>, settings: &[u8]) -> Result<(), ServiceError> {
    need_administrator()?;
    let path = service.settings;
    // Whoever may read it is settled by its folder.
    write_whole(path, settings, Access::Private).map_err(failed(path))
}

/// Makes the folder of settings and data, and leaves it to the system, the administrators and the service;
/// gives whether it was made now.
fn make_folder(service: &Service<'_>) -> Result<bool, ServiceError> {
    let folder = service.data;
    let access = security::access(service.name);
    let is_new = match security::make_folder(folder, &access) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => false,
        made => {
            made.map_err(failed(folder))?;
            true
        }
    };
    if !is_new {
        security::set_access(folder, &access).map_err(failed(folder))?;
        // What others put there before it was closed.
        folders::check(folder)?;
    }
    if !service.settings.exists() {
        put_settings(service, b"version = 1\n")?;
    }
    Ok(is_new)
}

/// The service, where there is one.
fn open(service: &Service<'_>, access: ServiceAccess) -> Result<Option<Handle>, ServiceError> {
    match manager(ServiceManagerAccess::CONNECT)?.open_service(service.name, access) {
        Ok(handle) => Ok(Some(handle)),
        Err(error) if is(&error, ERROR_SERVICE_DOES_NOT_EXIST) => Ok(None),
        Err(error) => Err(said(error)),
    }
}

fn manager(access: ServiceManagerAccess) -> Result<ServiceManager, ServiceError> {
    ServiceManager::local_computer(None::<&str>, access).map_err(said)
}

/// Only administrators may make services, so they are told from others by that.
fn need_administrator() -> Result<(), ServiceError> {
    manager(ServiceManagerAccess::CREATE_SERVICE).map(drop)
}

fn is(error: &Error, code: u32) -> bool {
    matches!(error, Error::Winapi(error) if error.raw_os_error() == i32::try_from(code).ok())
}

fn said(error: Error) -> ServiceError {
    if is(&error, ERROR_ACCESS_DENIED) {
        return ServiceError::NotAllowed;
    }
    ServiceError::Manager { said: told(&error) }
}

fn told(error: &Error) -> String {
    match error {
        // The words of Windows, without the crate's.
        Error::Winapi(error) => error.to_string(),
        error => error.to_string(),
    }
}
