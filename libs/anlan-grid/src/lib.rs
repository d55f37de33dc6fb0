//! Geometry of places: datums, cells and what lies in them, checks of polygons, clusters for a map.
//! Pure mathematics: it reads no file, keeps no clock and knows nothing of the program that uses it.
//!
//! | module | question it answers |
//! |---|---|
//! | [`datum`] | what are these Chinese map coordinates in WGS84? |
//! | [`cells`] | which cell does this point lie in, and which others might it lie in? |
//! | [`topology`] | can this set of polygons be used as cells, and what is wrong with it? |
//! | [`geo_json`] | what polygons and properties does this file hold? |
//! | [`clusters`] | which dots does a map draw for a million points? |
//! | [`rings`] | does this closed line hold that point, and does it cross itself? |
//! | [`distance`] | how many metres, how many square metres? |
//!
//! Everywhere a point is `lon, lat` in degrees, in that order, WGS84 unless a name says otherwise.

pub mod cells;
pub mod clusters;
pub mod datum;
pub mod distance;
pub mod geo_json;
pub mod rings;
pub mod topology;
