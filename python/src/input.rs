//! What comes from Python, as the library takes it. It checks only what the library's types cannot hold.

use crate::refused;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;

/// Numbers as the bytes of little-endian doubles: one copy, whatever held them in Python.
#[derive(Debug, Clone)]
pub(crate) struct Reals(pub(crate) Vec<f64>);

impl<'py> FromPyObject<'_, 'py> for Reals {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let bytes: PyBackedBytes = object.extract()?;
        let (numbers, rest) = bytes.as_chunks::<8>();
        if !rest.is_empty() {
            return Err(PyValueError::new_err("numbers come as doubles of eight bytes"));
        }
        Ok(Self(
            numbers.iter().map(|bytes| f64::from_le_bytes(*bytes)).collect(),
        ))
    }
}

impl Reals {
    /// Pairs of numbers, as coordinates come.
    pub(crate) fn pairs(&self) -> Vec<[f64; 2]> {
        let (pairs, _) = self.0.as_chunks::<2>();
        pairs.to_vec()
    }

    /// Counts. `what` names them where one is none.
    pub(crate) fn counts(&self, what: &str) -> PyResult<Vec<u32>> {
        let numbers = self.0.iter().enumerate();
        numbers.map(|(at, value)| count(*value, what, at)).collect()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the value is checked to be whole and within the type just before"
)]
fn count(value: f64, what: &str, at: usize) -> PyResult<u32> {
    let is_count = value >= 0.0 && value <= f64::from(u32::MAX) && value.fract() == 0.0;
    if is_count {
        return Ok(value as u32);
    }
    let most = u32::MAX;
    Err(refused(format!(
        "{what} at index {at} is {value}: a count is a whole number from 0 to {most}"
    )))
}
