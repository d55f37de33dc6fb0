//! What a day of the access log comes down to for each account: figures from which the usual is told, and the looks that
//! nothing explained. No words and no contact data.

use crate::ids::{AccountId, CaseId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One account's day, in figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountDay {
    /// Looks at cases, each on its own.
    pub looks: u32,
    /// Of those, explained.
    pub explained: u32,
    /// Cases looked at.
    pub cases: u32,
    /// Cases with a look that nothing explains.
    pub unexplained: u32,
    /// The same, contact data three times.
    pub weight: u32,
    /// Cases whose contact data were shown and on which nothing was done.
    pub contacts: u32,
    /// Cases looked at off duty without a tie of the person.
    pub off_duty: u32,
    /// Rows of lists and maps shown.
    pub rows: u32,
    /// Longest row of case numbers one after another, unexplained.
    pub run: u32,
    /// Hours in which something was done, a bit each.
    pub acted: u32,
    /// Hours in which something was looked at.
    pub looked: u32,
    /// Whether a slow excess was told that day: the sum begins anew after it.
    pub is_told: bool,
    /// Whether it was a working day.
    pub is_working_day: bool,
}

/// A look without a tie of the person to the case, as it is remembered: nothing explains it, or only that their office or post
/// might have to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LooseLook {
    /// The entry's number in the access log.
    pub seq: i64,
    /// When.
    pub at: Timestamp,
    /// Whose account.
    pub account: AccountId,
    /// At which case.
    pub case: CaseId,
    /// Where that lies, to about fifty metres.
    pub spot: Option<(i32, i32)>,
    /// Whether office or post explain it.
    pub is_explained: bool,
}
