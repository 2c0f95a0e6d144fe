//! A provider that does anything.

#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| dequeue_fuzz::session(octets));
