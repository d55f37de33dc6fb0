//! The compiled half of the Python module `anlan_scan`: numbers in, numbers out, the library's words for what is wrong.
//! Names of places, dates and data frames are the Python half's affair; the mathematics is `anlan-scan`'s.

#![expect(
    clippy::needless_pass_by_value,
    reason = "functions called from Python own what was read from its objects"
)]

mod input;
mod scanning;
mod series;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;

/// What the Python half calls; not for anyone else.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::scanning::scan;
    #[pymodule_export]
    use super::series::{adjust, cusum, ears, ewma, farrington, farrington_flexible, glr};
}

/// What the library refuses, as Python's `ValueError` with the library's words.
fn refused(why: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(why.to_string())
}
