//! Arbitrary bytes as a request to a witness, its answer, a proof file or a policy; what must hold stands in the library.
#![no_main]

use anlan_fuzz::witnesses;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    witnesses::run(data);
});
