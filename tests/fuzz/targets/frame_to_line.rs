#![no_main]

libfuzzer_sys::fuzz_target!(|frame: &[u8]| jackdaws::fuzz::frame_to_line(frame));
