#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| jackdaws::fuzz::stream(bytes));
