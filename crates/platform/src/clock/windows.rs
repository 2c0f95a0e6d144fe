//! A timer on Windows' wall clock: it counts on over sleep, and rings early when the clock is set
//! forward.

use std::{
    ffi::c_void,
    io,
    os::windows::io::{AsRawHandle, FromRawHandle, OwnedHandle},
    ptr,
};

use jiff::Timestamp;
use tokio::sync::Notify;
use windows_sys::Win32::{
    Foundation::{HANDLE, INVALID_HANDLE_VALUE},
    System::Threading::{
        CreateWaitableTimerW, INFINITE, RegisterWaitForSingleObject, SetWaitableTimer,
        UnregisterWaitEx, WT_EXECUTEINWAITTHREAD, WT_EXECUTEONLYONCE,
    },
};

/// Seconds from 1601, where Windows' count begins, to 1970.
const TO_UNIX: i128 = 11_644_473_600;
/// Nanoseconds of one count.
const COUNT: i128 = 100;

/// A timer that has been set. It is ended when this is dropped.
#[derive(Debug)]
pub(super) struct Timer {
    /// The pool's wait for it, which ends before the two below.
    wait: Wait,
    _timer: OwnedHandle,
    rung: Box<Notify>,
}

#[derive(Debug)]
struct Wait(HANDLE);

// SAFETY: a handle may be used, and given back, by any thread.
#[expect(unsafe_code)]
unsafe impl Send for Wait {}
// SAFETY: as above.
#[expect(unsafe_code)]
unsafe impl Sync for Wait {}

impl Timer {
    /// One that rings at this time.
    ///
    /// # Errors
    /// What the system says.
    #[expect(unsafe_code)]
    pub(super) fn at(time: Timestamp) -> io::Result<Self> {
        let from_1601 = time.as_nanosecond() + TO_UNIX * 1_000_000_000;
        // Never before the time. What is negative would be counted from now.
        let counts = (from_1601.max(0) + COUNT - 1) / COUNT;
        let at = i64::try_from(counts).unwrap_or(i64::MAX);
        // SAFETY: it takes nothing of ours.
        let timer = unsafe { CreateWaitableTimerW(ptr::null(), 0, ptr::null()) };
        if timer.is_null() {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: it was made for us alone just now.
        let timer = unsafe { OwnedHandle::from_raw_handle(timer) };
        // SAFETY: the time is read during the call.
        let set = unsafe {
            SetWaitableTimer(
                timer.as_raw_handle(),
                &raw const at,
                0,
                None,
                ptr::null(),
                0,
            )
        };
        if set == 0 {
            return Err(io::Error::last_os_error());
        }
        let rung = Box::new(Notify::new());
        let mut wait = ptr::null_mut();
        // SAFETY: what the callback is given stays where it is until the wait has been ended, which
        // waits for the callback.
        let registered = unsafe {
            RegisterWaitForSingleObject(
                &raw mut wait,
                timer.as_raw_handle(),
                Some(ring),
                ptr::from_ref(&*rung).cast(),
                INFINITE,
                WT_EXECUTEONLYONCE | WT_EXECUTEINWAITTHREAD,
            )
        };
        if registered == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self {
            wait: Wait(wait),
            _timer: timer,
            rung,
        })
    }

    /// Waits until it rings.
    pub(super) async fn rings(&self) {
        self.rung.notified().await;
    }
}

impl Drop for Timer {
    #[expect(unsafe_code)]
    fn drop(&mut self) {
        // SAFETY: it is ended once; the call returns when the callback does not run, and will not.
        unsafe { UnregisterWaitEx(self.wait.0, INVALID_HANDLE_VALUE) };
    }
}

#[expect(unsafe_code)]
unsafe extern "system" fn ring(rung: *mut c_void, _timed_out: bool) {
    // SAFETY: it is the one of the timer, which is still there.
    unsafe { (*rung.cast::<Notify>()).notify_one() };
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn it_rings_at_its_time_and_not_before() {
        let due = Timestamp::now() + Duration::from_millis(30);
        let timer = Timer::at(due).unwrap();
        timer.rings().await;
        assert!(Timestamp::now() >= due);
        // The past rings at once.
        Timer::at(Timestamp::UNIX_EPOCH).unwrap().rings().await;
    }

    #[tokio::test]
    async fn one_that_nobody_waits_for_goes() {
        for _ in 0..1000 {
            drop(Timer::at(Timestamp::now() + Duration::from_secs(3600)).unwrap());
            drop(Timer::at(Timestamp::UNIX_EPOCH).unwrap());
        }
    }
}
