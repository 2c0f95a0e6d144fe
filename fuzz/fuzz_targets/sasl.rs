//! A server that says anything in a login.

#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| dequeue_fuzz::exchange(octets));
