//! Who may do what, on what, with the reason in words. Pure: it reads no clock, no database and no request;
//! what it decides from is handed in, and row rules leave it as data that the store applies as filters.

mod actions;
mod rights;
mod rows;

pub use actions::Action;
pub use rights::{Actor, Decision, Policy, PolicyError, Scope};
pub use rows::RowRule;
