//! Early warning from counts: is this more than usual, here and now? Pure mathematics: it reads no file, keeps no
//! clock, draws no random number of its own and knows nothing of the program that uses it.
//!
//! | module | question it answers |
//! |---|---|
//! | [`watch`] | what is usual on a day in a place, and is something above it now, everywhere or in neighbouring places? |

pub mod watch;
