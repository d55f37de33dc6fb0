//! Who may do what, on what, for which purpose, with the reason in words. The policies are Cedar; here they are loaded,
//! checked, preselected and asked. Pure: it reads no clock, no database and no request; what it decides from is handed
//! in, and row rules leave it as data that the store applies as filters.

mod actions;
mod actors;
mod answers;
mod decisions;
mod fields;
mod forms;
mod loading;
mod owned;
mod pages;
mod policies;
mod questions;
mod reaches;
mod rows;
mod scopes;
mod selecting;
mod sets;
mod situations;

pub use actions::{Action, Resource};
pub use actors::Actor;
pub use decisions::Decision;
pub use fields::{FieldRows, FieldRule};
pub use loading::{PolicyError, PolicyText};
pub use pages::RightChange;
pub use policies::Policy;
pub use questions::{CaseFacts, PostFacts};
pub use rows::RowRule;
pub use sets::ActionSet;
