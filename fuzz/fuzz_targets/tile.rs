//! Arbitrary bytes as a path, a bundle or numbers of a tree; what must hold stands in the library.
#![no_main]

use anlan_fuzz::tiles;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    tiles::run(data);
});
