//! What makes a program start on Windows 7 whose libraries were written for later ones.

/// Puts that into the program in whose root it stands; in builds for other systems, nothing.
///
/// Libraries of Microsoft's take three functions from parts of Windows that came with Windows 8. A
/// program's own functions go before those of any library, so that none of the three is asked for:
///
/// * `CoTaskMemFree` frees by the allocator that it stands for, which is in `ole32.dll`.
/// * `CoCreateFreeThreadedMarshaler` says that there is no such thing; COM then does without.
/// * `RoOriginateErrorW` tells debuggers of errors; here it tells nobody.
///
/// `cargo xtask dist` and `cargo xtask test` look for what is missing on Windows 7 all the same.
#[macro_export]
macro_rules! run_on_windows_7 {
    () => {
        #[cfg(all(windows, target_vendor = "win7"))]
        #[allow(
            unsafe_code,
            non_snake_case,
            reason = "names for the linker, as Windows has them"
        )]
        mod windows_7 {
            use std::{ffi::c_void, ptr};

            const E_NOINTERFACE: u32 = 0x8000_4002;
            /// The only context that there is.
            const MEMORY_OF_TASK: u32 = 1;

            /// COM's allocator; its last three functions are of no use here.
            #[repr(C)]
            struct Malloc {
                functions: *const Functions,
            }

            #[repr(C)]
            struct Functions {
                unknown: [*const c_void; 3],
                allocate: [*const c_void; 2],
                free: unsafe extern "system" fn(*mut Malloc, *const c_void),
            }

            #[link(name = "ole32", kind = "raw-dylib")]
            unsafe extern "system" {
                fn CoGetMalloc(context: u32, malloc: *mut *mut Malloc) -> i32;
            }

            #[unsafe(no_mangle)]
            extern "system" fn CoTaskMemFree(memory: *const c_void) {
                let mut malloc = ptr::null_mut();
                // SAFETY: the system gives its one allocator, which lives for as long as the process.
                // The caller's memory is from it, as CoTaskMemFree demands.
                unsafe {
                    if CoGetMalloc(MEMORY_OF_TASK, &raw mut malloc) == 0 {
                        ((*(*malloc).functions).free)(malloc, memory);
                    }
                }
            }

            #[unsafe(no_mangle)]
            extern "system" fn CoCreateFreeThreadedMarshaler(
                _outer: *mut c_void,
                marshaler: *mut *mut c_void,
            ) -> i32 {
                // SAFETY: the caller wants an answer there, or gives no place for it.
                if let Some(marshaler) = unsafe { marshaler.as_mut() } {
                    *marshaler = ptr::null_mut();
                }
                E_NOINTERFACE.cast_signed()
            }

            #[unsafe(no_mangle)]
            extern "system" fn RoOriginateErrorW(_: i32, _: u32, _: *const u16) -> i32 {
                0
            }
        }
    };
}
