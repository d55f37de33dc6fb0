//! Arbitrary bytes as a series and a method; what must hold stands in the library.
#![no_main]

use anlan_fuzz::series;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: series::Input| {
    series::run(input);
});
