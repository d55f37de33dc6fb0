//! Early warning from counts: is this more than usual, here and now? Pure mathematics: it reads no file, keeps no
//! clock, starts no thread and knows nothing of the program that uses it.
//!
//! | module | question it answers |
//! |---|---|
//! | [`scan`] | where and when, among many places, did more come than chance lets us expect? |
//! | [`temporal`] | is one series of counts higher than its own past lets us expect? |
//! | [`watch`] | what is usual on a day in a place, and is something above it now, everywhere or in neighbouring places? |

pub mod scan;
pub mod temporal;
pub mod watch;
