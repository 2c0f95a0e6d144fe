//! Core dumps, which would put passwords into a file.

/// Keeps this process out of core dumps, and its memory from other programs of the same user.
/// Programs that it starts are as they would be otherwise.
///
/// Windows keeps none unless an administrator asks for them; what it sends to Microsoft after a crash
/// has nothing of the heap then.
#[cfg_attr(windows, allow(unsafe_code))]
pub fn turn_off() {
    #[cfg(target_os = "linux")]
    let done = {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        // Not by a limit of their size: a handler like systemd-coredump takes no notice of it.
        set_dumpable_behavior(DumpableBehavior::NotDumpable)
    };
    #[cfg(all(unix, not(target_os = "linux")))]
    let done = {
        use rustix::process::{Resource, Rlimit, setrlimit};
        let none = Rlimit {
            current: Some(0),
            maximum: Some(0),
        };
        setrlimit(Resource::Core, none)
    };
    #[cfg(windows)]
    {
        use windows_sys::Win32::System::ErrorReporting::{
            WER_FAULT_REPORTING_FLAG_NOHEAP, WerSetFlags,
        };
        // SAFETY: the call takes a number, and points to nothing of ours.
        let code = unsafe { WerSetFlags(WER_FAULT_REPORTING_FLAG_NOHEAP) };
        if code < 0 {
            tracing::debug!(code, "the heap may be part of error reports");
        }
    }
    #[cfg(unix)]
    if let Err(error) = done {
        tracing::debug!(%error, "core dumps could not be turned off");
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use rustix::process::{DumpableBehavior, dumpable_behavior};

    use super::*;

    #[test]
    fn this_process_is_in_no_core_dump() {
        turn_off();
        let now = dumpable_behavior().unwrap();
        assert_eq!(now, DumpableBehavior::NotDumpable);
    }
}
