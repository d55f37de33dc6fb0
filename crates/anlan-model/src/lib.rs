//! The words of Anlan and the rules that hold between them: typed ids, states and moves, deadlines, routing.
//! This crate does no I/O, reads no clock and knows no database, protocol or screen.

pub mod accesses;
pub mod accounts;
pub mod alerts;
pub mod calendars;
pub mod cases;
pub mod cells;
pub mod class_tables;
pub mod classes;
pub mod classifications;
pub mod clock;
pub mod deadlines;
pub mod directories;
pub mod duplicates;
pub mod erasures;
pub mod events;
pub mod grants;
pub mod identities;
pub mod ids;
pub mod imports;
pub mod incoming;
pub mod locks;
pub mod machines;
pub mod offices;
pub mod places;
pub mod posts;
pub mod procedures;
pub mod reports;
pub mod restorations;
pub mod reviews;
pub mod routing;
pub mod sessions;
pub mod tables;
pub mod warnings;
