//! The access review: each look of an official is explained from data, and what nothing explains is ranked. It watches how
//! officials use data, never residents. Pure so far: rows, events and accounts are handed in.

mod days;
mod memory;
mod ranking;

pub use days::{Examined, Explained, Grounds, LogDay, examine, loose};
pub use memory::{LOOKS_DAYS, Memory, WINDOW_DAYS, peers};
pub use ranking::rank;
