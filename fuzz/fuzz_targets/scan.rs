//! Arbitrary bytes as a small study; what must hold stands in the library.
#![no_main]

use anlan_fuzz::studies;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: studies::Input| {
    studies::run(input);
});
