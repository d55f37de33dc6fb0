//! Early warning from counts: is this more than usual, here and now? Pure mathematics: it reads no file, keeps no
//! clock, draws no random number of its own and knows nothing of the program that uses it.
//!
//! | module | question it answers |
//! |---|---|
//! | [`temporal`] | is one series of counts higher than its own past lets us expect? |

pub mod temporal;
