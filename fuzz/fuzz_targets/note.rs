//! Arbitrary bytes as a signed note, checkpoint or key; what must hold stands in the library.
#![no_main]

use anlan_fuzz::notes;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    notes::run(data);
});
