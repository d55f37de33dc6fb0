//! What the fuzz targets feed to the library and the readers, and what must hold of every answer. Each `run` says how far
//! an input came, so that the seeds are inputs that come far. It starts no fuzzing by itself.

pub mod alerts;
pub mod notes;
pub mod projects;
pub mod series;
pub mod studies;
pub mod tiles;
pub mod witnesses;

use arbitrary::Arbitrary;

/// A number for a setting. Bits alone are nearly always far from what a setting allows; these are near as well.
#[derive(Debug, Clone, Copy, Arbitrary)]
pub enum Number {
    /// Any bits, NaN and infinities among them.
    Any(f64),
    /// 0 to 1.
    Share(u8),
    /// Above 0, to 32.
    Small(u8),
}

impl Number {
    /// The number itself.
    pub fn value(self) -> f64 {
        match self {
            Self::Any(value) => value,
            Self::Share(parts) => f64::from(parts) / 255.0,
            Self::Small(parts) => (f64::from(parts) + 1.0) / 8.0,
        }
    }
}
