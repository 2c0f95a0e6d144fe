//! Windows: the control dispatcher has the program's first thread, the service runs in another.
//!
//! While it starts and while it ends, the manager is told every few seconds that it goes on (a checkpoint),
//! but not for ever: one that hangs is then ended.

use std::{
    ffi::OsString,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU8, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::sync::watch;
use windows_service::{
    define_windows_service,
    service::{
        PowerEventParam, ServiceControl, ServiceControlAccept, ServiceExitCode,
        ServiceState as Stage, ServiceStatus, ServiceType,
    },
    service_control_handler::{self, ServiceControlHandlerResult, ServiceStatusHandle},
    service_dispatcher,
};

use crate::system_events::{self, SystemEvent};

/// Time between two checkpoints.
const APART: Duration = Duration::from_secs(2);
/// How long the manager is to wait for the next one.
const HINT: Duration = Duration::from_secs(10);
/// Checkpoints of a start or an end: two minutes. Nothing that goes well takes as long.
const AT_MOST: u32 = 60;

/// `ERROR_FAILED_SERVICE_CONTROLLER_CONNECT`: no manager has started this program.
const NO_MANAGER: i32 = 1063;
/// The exit status of a service that never came to its own (EX_SOFTWARE of sysexits.h).
const UNKNOWN: u8 = 70;

type Main = Box<dyn FnOnce(Manager) -> u8 + Send>;

/// What the dispatcher's callback, which takes nothing along, is to run.
static MAIN: Mutex<Option<(String, Main)>> = Mutex::new(None);
static EXIT: AtomicU8 = AtomicU8::new(UNKNOWN);

define_windows_service!(dispatched, serve);

/// The manager that started this program.
#[derive(Debug)]
pub struct Manager {
    told: Option<Arc<Told>>,
    end: watch::Receiver<bool>,
    /// Where there is no manager, nobody tells.
    _teller: Option<watch::Sender<bool>>,
}

/// Runs `main`, the whole of a service; gives its exit status, 0 where all is well. The name is that of the service.
pub fn under_manager(name: &str, main: impl FnOnce(Manager) -> u8 + Send + 'static) -> u8 {
    *lock(&MAIN) = Some((name.to_owned(), Box::new(main)));
    match service_dispatcher::start(name, dispatched) {
        Ok(()) => EXIT.load(Ordering::SeqCst),
        Err(error) => {
            if !is_no_manager(&error) {
                tracing::error!(%error, "the service manager does not take this program");
            }
            // In a terminal, then.
            let Some((_, main)) = lock(&MAIN).take() else {
                return UNKNOWN;
            };
            let (teller, end) = watch::channel(false);
            main(Manager {
                told: None,
                end,
                _teller: Some(teller),
            })
        }
    }
}

fn is_no_manager(error: &windows_service::Error) -> bool {
    matches!(error, windows_service::Error::Winapi(error) if error.raw_os_error() == Some(NO_MANAGER))
}

/// The service's own thread, from its start to its end.
fn serve(_arguments: Vec<OsString>) {
    let Some((name, main)) = lock(&MAIN).take() else {
        return;
    };
    let (tells, end) = watch::channel(false);
    let told = Arc::new(Told::default());
    let stops = Arc::clone(&told);
    let handler = move |control| match control {
        ServiceControl::Stop | ServiceControl::Preshutdown | ServiceControl::Shutdown => {
            stops.begin(Stage::StopPending);
            tells.send_replace(true);
            ServiceControlHandlerResult::NoError
        }
        ServiceControl::PowerEvent(event) => {
            if let PowerEventParam::ResumeAutomatic
            | PowerEventParam::ResumeSuspend
            | PowerEventParam::ResumeCritical = event
            {
                system_events::tell(SystemEvent::MachineWoke);
            }
            ServiceControlHandlerResult::NoError
        }
        ServiceControl::Interrogate => ServiceControlHandlerResult::NoError,
        _ => ServiceControlHandlerResult::NotImplemented,
    };
    let handle = match service_control_handler::register(name, handler) {
        Ok(handle) => handle,
        Err(error) => {
            tracing::error!(%error, "the service manager does not take this program");
            return;
        }
    };
    lock(&told.status).handle = Some(handle);
    told.begin(Stage::StartPending);
    let status = main(Manager {
        told: Some(Arc::clone(&told)),
        end,
        _teller: None,
    });
    EXIT.store(status, Ordering::SeqCst);
    told.ended(status);
}

/// What the manager has been told.
#[derive(Debug, Default)]
struct Told {
    status: Mutex<Status>,
}

#[derive(Debug, Default)]
struct Status {
    handle: Option<ServiceStatusHandle>,
    stage: Option<Stage>,
    checkpoint: u32,
}

impl Told {
    /// Begins a stage that is on its way to another, and tells of it until that comes.
    fn begin(self: &Arc<Self>, stage: Stage) {
        {
            let mut status = lock(&self.status);
            if matches!(status.stage, Some(Stage::StopPending | Stage::Stopped)) {
                return;
            }
            status.stage = Some(stage);
            status.checkpoint = 0;
            status.tell(ServiceExitCode::NO_ERROR);
        }
        let told = Arc::clone(self);
        thread::spawn(move || {
            for _ in 0..AT_MOST {
                thread::sleep(APART);
                let mut status = lock(&told.status);
                if status.stage != Some(stage) {
                    return;
                }
                status.tell(ServiceExitCode::NO_ERROR);
            }
        });
    }

    fn runs(&self) {
        let mut status = lock(&self.status);
        if status.stage == Some(Stage::StartPending) {
            status.stage = Some(Stage::Running);
            status.tell(ServiceExitCode::NO_ERROR);
        }
    }

    fn ended(&self, code: u8) {
        let mut status = lock(&self.status);
        status.stage = Some(Stage::Stopped);
        status.tell(match code {
            0 => ServiceExitCode::NO_ERROR,
            code => ServiceExitCode::ServiceSpecific(code.into()),
        });
    }
}

impl Status {
    fn tell(&mut self, exit_code: ServiceExitCode) {
        let (Some(handle), Some(stage)) = (self.handle, self.stage) else {
            return;
        };
        let is_pending = matches!(stage, Stage::StartPending | Stage::StopPending);
        self.checkpoint = if is_pending { self.checkpoint + 1 } else { 0 };
        let controls_accepted = match stage {
            Stage::Running => {
                ServiceControlAccept::STOP
                    | ServiceControlAccept::PRESHUTDOWN
                    | ServiceControlAccept::POWER_EVENT
            }
            _ => ServiceControlAccept::empty(),
        };
        let told = handle.set_service_status(ServiceStatus {
            service_type: ServiceType::OWN_PROCESS,
            current_state: stage,
            controls_accepted,
            exit_code,
            checkpoint: self.checkpoint,
            wait_hint: if is_pending { HINT } else { Duration::ZERO },
            process_id: None,
        });
        if let Err(error) = told {
            tracing::debug!(%error, ?stage, "the service manager was not told");
        }
    }
}

impl Manager {
    /// The service is up.
    pub fn ready(&self) {
        if let Some(told) = &self.told {
            told.runs();
        }
    }

    /// The service has begun to end; the manager is told again and again that it goes on, until the end.
    pub fn stopping(&self) {
        if let Some(told) = &self.told {
            told.begin(Stage::StopPending);
        }
    }

    /// How often the manager wants to be told [that the service lives](Self::alive): twice in the time after
    /// which it would be ended. `None` where it does not look.
    #[must_use]
    pub const fn wants_to_hear(&self) -> Option<Duration> {
        None
    }

    /// The service lives.
    pub const fn alive(&self) {}

    /// Waits until the manager tells the service to end.
    pub async fn told_to_end(&mut self) {
        let told = self.end.wait_for(|end| *end).await.is_ok();
        if !told {
            std::future::pending::<()>().await;
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
