//! Arbitrary bytes as an alert, a feed of alerts or a signed alert; what must hold stands in the library.
#![no_main]

use anlan_fuzz::alerts;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    alerts::run(data);
});
