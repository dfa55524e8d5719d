#![no_main]
#![allow(dead_code, reason = "each target runs one of the bodies")]

#[path = "../bodies.rs"]
mod bodies;

libfuzzer_sys::fuzz_target!(|frame: &[u8]| bodies::frame_to_line(frame));
