//! The service of this machine: how each system's service manager is told of it, and how the service's
//! program talks with the manager that started it.
//!
//! [`install`], [`uninstall`], [`start`], [`stop`] and [`restart`] may be called again and again: what is
//! as it is to be is left alone, and they say whether they had anything to do. [`process`] is the
//! service's own side.

mod description;
pub mod folders;
pub mod process;

#[cfg(target_os = "macos")]
mod launchd;
#[cfg(windows)]
mod security;
#[cfg(all(unix, not(target_os = "macos")))]
mod systemd;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

#[cfg(target_os = "macos")]
use launchd as system;
#[cfg(all(unix, not(target_os = "macos")))]
use systemd as system;
#[cfg(windows)]
use windows as system;

pub use self::description::{ARGUMENTS, Change, Service, ServiceError, ServiceState};

/// Installs the service, or brings it up to date: its account and folders, and what the service manager
/// is to know of it, with a start at boot. It is not started, and one that runs goes on as it was.
///
/// # Errors
/// [`ServiceError`].
pub fn install(service: &Service<'_>) -> Result<Change, ServiceError> {
    system::install(service)
}

/// Stops the service and removes it from the service manager. Its settings and its data stay, unless all is
/// to go.
///
/// # Errors
/// [`ServiceError`].
pub fn uninstall(service: &Service<'_>, with_data: bool) -> Result<Change, ServiceError> {
    system::uninstall(service, with_data)
}

/// Starts the service and waits until it is up.
///
/// # Errors
/// [`ServiceError`].
pub fn start(service: &Service<'_>) -> Result<Change, ServiceError> {
    system::start(service)
}

/// Stops the service and waits until it has ended.
///
/// # Errors
/// [`ServiceError`].
pub fn stop(service: &Service<'_>) -> Result<Change, ServiceError> {
    system::stop(service)
}

/// Stops the service where it runs, and starts it.
///
/// # Errors
/// [`ServiceError`].
pub fn restart(service: &Service<'_>) -> Result<Change, ServiceError> {
    stop(service)?;
    start(service)
}

/// How the service stands; anyone may ask.
///
/// # Errors
/// [`ServiceError::Manager`].
pub fn state(service: &Service<'_>) -> Result<ServiceState, ServiceError> {
    system::state(service)
}

/// Puts settings in the place of the service's, whatever is there; the service is not running, or picks
/// them up. They are the service's to change from then on.
///
/// # Errors
/// [`ServiceError`].
pub fn put_settings(service: &Service<'_>, settings: &[u8]) -> Result<(), ServiceError> {
    system::put_settings(service, settings)
}

/// The service's settings as they are; `None` where they cannot be read, or something else stands there.
#[must_use]
pub fn settings(service: &Service<'_>) -> Option<Vec<u8>> {
    system::settings(service)
}
