//! Windows: its IP Helper's notices of changes in the network, which Windows 7 has too, and those of the
//! end of a sleep. Which ways out there are is asked of the sockets.

use std::{
    collections::BTreeSet,
    ffi::c_void,
    io,
    mem::transmute,
    net::IpAddr,
    ptr,
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::sync::Notify;
use windows_sys::Win32::{
    Foundation::{HANDLE, NO_ERROR},
    NetworkManagement::IpHelper::{
        CancelMibChangeNotify2, MIB_IPFORWARD_ROW2, MIB_NOTIFICATION_TYPE,
        MIB_UNICASTIPADDRESS_ROW, NotifyRouteChange2, NotifyUnicastIpAddressChange,
    },
    Networking::WinSock::AF_UNSPEC,
    System::{
        Power::DEVICE_NOTIFY_SUBSCRIBE_PARAMETERS, WindowsProgramming::QueryUnbiasedInterruptTime,
    },
    UI::WindowsAndMessaging::{DEVICE_NOTIFY_CALLBACK, PBT_APMRESUMEAUTOMATIC},
};

use crate::{
    library::function,
    sleep::{has_slept, tell},
};

pub(super) use super::sockets::ways;

const POWER: &std::ffi::CStr = c"powrprof.dll";

/// As Windows declares `PowerRegisterSuspendResumeNotification`, which Windows 7 does not have.
type Register = unsafe extern "system" fn(
    u32,
    *const DEVICE_NOTIFY_SUBSCRIBE_PARAMETERS,
    *mut *mut c_void,
) -> u32;
/// As Windows declares `PowerUnregisterSuspendResumeNotification`.
type Unregister = unsafe extern "system" fn(*mut c_void) -> u32;

/// The system's notices of sleep. While there is one of these, nobody has to wake up to find out.
#[derive(Debug)]
pub(super) struct Sleep {
    registration: Registration,
    woke: Box<Notify>,
    looked: Look,
}

#[derive(Debug)]
struct Registration(*mut c_void);

// SAFETY: it may be given back by any thread.
#[expect(unsafe_code)]
unsafe impl Send for Registration {}
// SAFETY: nothing is done with a shared one.
#[expect(unsafe_code)]
unsafe impl Sync for Registration {}

impl Sleep {
    #[expect(unsafe_code)]
    pub(super) fn open() -> io::Result<Self> {
        let register = function(POWER, c"PowerRegisterSuspendResumeNotification");
        let register = register.ok_or(io::ErrorKind::Unsupported)?;
        let woke = Box::new(Notify::new());
        let recipient = DEVICE_NOTIFY_SUBSCRIBE_PARAMETERS {
            Callback: Some(woken),
            Context: ptr::from_ref(&*woke).cast_mut().cast(),
        };
        let mut registration = ptr::null_mut();
        // SAFETY: as Windows declares it; the structure is read during the call, and what the callback
        // is given stays where it is until it has been unregistered.
        let code = unsafe {
            let register: Register = transmute(register);
            register(
                DEVICE_NOTIFY_CALLBACK,
                &raw const recipient,
                &raw mut registration,
            )
        };
        if code != 0 {
            return Err(io::Error::from_raw_os_error(code.cast_signed()));
        }
        tell(true);
        Ok(Self {
            registration: Registration(registration),
            woke,
            looked: Look::now(),
        })
    }

    /// Waits for the end of a sleep.
    pub(super) async fn over(&mut self) -> io::Result<()> {
        loop {
            self.woke.notified().await;
            let before = std::mem::replace(&mut self.looked, Look::now());
            let passed = self.looked.at - before.at;
            if has_slept(passed, self.looked.awake.saturating_sub(before.awake)) {
                return Ok(());
            }
        }
    }
}

impl Drop for Sleep {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        tell(false);
        if let Some(unregister) = function(POWER, c"PowerUnregisterSuspendResumeNotification") {
            // SAFETY: as Windows declares it; afterwards the callback is not called any more.
            unsafe {
                let unregister: Unregister = transmute(unregister);
                unregister(self.registration.0);
            }
        }
    }
}

/// What two clocks show: one that counts on during sleep, and one that does not.
#[derive(Clone, Copy, Debug)]
struct Look {
    at: Instant,
    awake: Duration,
}

impl Look {
    #[expect(unsafe_code)]
    fn now() -> Self {
        let mut counts = 0;
        // SAFETY: the place outlives the call.
        unsafe { QueryUnbiasedInterruptTime(&raw mut counts) };
        Self {
            at: Instant::now(),
            // A count is of 100 nanoseconds.
            awake: Duration::from_micros(counts / 10),
        }
    }
}

#[expect(unsafe_code)]
unsafe extern "system" fn woken(woke: *const c_void, what: u32, _setting: *const c_void) -> u32 {
    if what == PBT_APMRESUMEAUTOMATIC {
        // SAFETY: it is the one of the registration, which is still there.
        unsafe { (*woke.cast::<Notify>()).notify_one() };
    }
    0
}

/// The system's notices of changes.
#[derive(Debug)]
pub(super) struct Network {
    /// Those that were there when it was last looked.
    pub(super) ways: BTreeSet<IpAddr>,
    notices: Notices,
}

impl Network {
    pub(super) fn open() -> io::Result<Self> {
        let notices = Notices::open()?;
        let ways = ways()?;
        Ok(Self { ways, notices })
    }

    /// Waits for a change.
    pub(super) async fn changed(&mut self) -> io::Result<()> {
        self.notices.changed.notified().await;
        Ok(())
    }
}

/// Those of addresses and those of routes: an address may come before its route, and a route may
/// change while the addresses stay.
#[derive(Debug)]
struct Notices {
    /// What they are taken back with.
    handles: Vec<Handle>,
    /// Told of each; the system has a pointer to it until all handles are taken back.
    changed: Arc<Notify>,
}

/// Of a registration. The system takes it back from any thread.
#[derive(Debug)]
struct Handle(HANDLE);

#[expect(unsafe_code, reason = "the pointer is never followed here")]
// SAFETY: it is the system's name for a registration, and only handed back to it.
unsafe impl Send for Handle {}
#[expect(unsafe_code, reason = "the pointer is never followed here")]
// SAFETY: as above.
unsafe impl Sync for Handle {}

impl Notices {
    fn open() -> io::Result<Self> {
        let mut notices = Self {
            handles: Vec::new(),
            changed: Arc::default(),
        };
        let told: *const c_void = Arc::as_ptr(&notices.changed).cast();
        let mut address = ptr::null_mut();
        #[expect(unsafe_code, reason = "no safe crate has this call alone")]
        // SAFETY: `told` is good until the registration is taken back, which `Drop` does before it
        // lets go of what it points to; `address` is written to during the call only.
        let result = unsafe {
            NotifyUnicastIpAddressChange(
                AF_UNSPEC,
                Some(address_changed),
                told,
                false,
                &raw mut address,
            )
        };
        notices.keep(result, address)?;
        let mut route = ptr::null_mut();
        #[expect(unsafe_code, reason = "as above")]
        // SAFETY: as above, with `route`.
        let result = unsafe {
            NotifyRouteChange2(AF_UNSPEC, Some(route_changed), told, false, &raw mut route)
        };
        notices.keep(result, route)?;
        Ok(notices)
    }

    fn keep(&mut self, result: u32, handle: HANDLE) -> io::Result<()> {
        if result != NO_ERROR {
            return Err(io::Error::from_raw_os_error(result.cast_signed()));
        }
        self.handles.push(Handle(handle));
        Ok(())
    }
}

impl Drop for Notices {
    fn drop(&mut self) {
        for handle in &self.handles {
            #[expect(unsafe_code, reason = "as above")]
            // SAFETY: it is of a registration that was made and not taken back yet. The call waits
            // for those that are under way, so that none uses `changed` afterwards.
            unsafe {
                CancelMibChangeNotify2(handle.0);
            }
        }
    }
}

#[expect(unsafe_code, reason = "the system calls it")]
unsafe extern "system" fn address_changed(
    told: *const c_void,
    _: *const MIB_UNICASTIPADDRESS_ROW,
    _: MIB_NOTIFICATION_TYPE,
) {
    // SAFETY: the system hands back what `Notices::open` gave it.
    unsafe { notify(told) }
}

#[expect(unsafe_code, reason = "the system calls it")]
unsafe extern "system" fn route_changed(
    told: *const c_void,
    _: *const MIB_IPFORWARD_ROW2,
    _: MIB_NOTIFICATION_TYPE,
) {
    // SAFETY: the system hands back what `Notices::open` gave it.
    unsafe { notify(told) }
}

/// # Safety
/// `told` points to a `Notify` that lives for as long as the call.
#[expect(unsafe_code, reason = "a pointer that the system has kept")]
unsafe fn notify(told: *const c_void) {
    // SAFETY: said above.
    let changed = unsafe { &*told.cast::<Notify>() };
    changed.notify_one();
}
