//! What of a provider's words reaches a mail server.

#![no_main]

libfuzzer_sys::fuzz_target!(|octets: &[u8]| dequeue_fuzz::filter(octets));
