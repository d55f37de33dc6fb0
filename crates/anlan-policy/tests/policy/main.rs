//! The policies: that the shipped ones say what was meant, that preselection and row rules change no answer, and that
//! faulty ones are refused.

mod agreement;
mod chance;
mod faults;
mod generated;
mod preselection;
mod reference;
mod rows;
mod shipped;
