//! What a provider says of itself, from any octets.

#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| dequeue_fuzz::ehlo(octets));
