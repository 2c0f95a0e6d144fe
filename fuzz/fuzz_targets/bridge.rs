//! Two sides that do anything over a bridge.

#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| dequeue_fuzz::bridge(octets));
