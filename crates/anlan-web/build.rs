//! Makes sure the folder of the built ui exists, so that the program builds without Node, and rebuilds when it changes.

use std::{fs, io};

const UI: &str = "../../ui/dist";

fn main() -> io::Result<()> {
    // An absent path would make cargo rebuild this crate every time.
    fs::create_dir_all(UI)?;
    let mut out = io::stdout().lock();
    io::Write::write_all(&mut out, format!("cargo::rerun-if-changed={UI}\n").as_bytes())
}
