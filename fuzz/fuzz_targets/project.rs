//! Arbitrary bytes as a SaTScan project; what must hold stands in the library.
#![no_main]

use anlan_fuzz::projects;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    projects::run(data);
});
