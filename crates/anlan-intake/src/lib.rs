//! Doors for foreign formats: files become rows, rows become `model::incoming::Incoming`.
//! Pure parsing over `impl Read`: no database, no HTTP, no environment, no clock of its own.

pub mod cap;
mod compression;
mod csv_rows;
mod encodings;
mod json_rows;
pub mod mapping;
pub mod open311;
pub mod profile;
pub mod refusals;
pub mod rows;
pub mod satscan;
mod sheet_rows;
pub mod sniff;
mod text;
pub mod times;

pub use compression::Compression;
pub use encodings::Encoding;
pub use sheet_rows::{XLSX_FILE_MAX, XLSX_PARTS_MAX, XLSX_TEXT_MAX};
