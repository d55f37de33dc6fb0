//! Locks: failed tries to sign in are counted, and whoever goes on trying waits longer and longer. No wait is for ever:
//! guessing must not be worth it, and keeping somebody else out must not be possible.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// Longest wait, seconds.
pub const WAIT_S_MAX: u32 = 900;
/// Tries are forgotten after so long without one.
const FORGOTTEN_AFTER: SignedDuration = SignedDuration::from_hours(24);

/// Whose tries are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LockKind {
    /// Those at one account name, whether or not there is such an account, from browsers that never got in to it.
    Account,
    /// Those from one address, at whatever name, from browsers that never got in.
    Address,
    /// Those at one account from one browser that did get in before.
    Device,
    /// Those at one account's second step.
    Code,
}

impl LockKind {
    /// Tries before the first wait. Many people share an address, so it has more.
    pub fn free(self) -> u32 {
        match self {
            Self::Account | Self::Device | Self::Code => 5,
            Self::Address => 30,
        }
    }
}

/// Failed tries that are counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tries {
    /// How many.
    pub count: u32,
    /// When the last one was.
    pub last_at: Timestamp,
    /// Until when the next one is refused unheard.
    pub wait_until: Timestamp,
}

impl Tries {
    /// None so far.
    pub fn none(now: Timestamp) -> Self {
        Self {
            count: 0,
            last_at: now,
            wait_until: now,
        }
    }

    /// How long to wait yet, whole seconds; `None` if a try is heard. Nobody waits longer than the longest wait, so that a
    /// clock that was ahead keeps nobody out.
    pub fn wait_s(&self, now: Timestamp) -> Option<u32> {
        let left = self.wait_until.duration_since(now).as_millis();
        let seconds = u32::try_from((left.max(0) + 999) / 1000).unwrap_or(u32::MAX);
        (1..=WAIT_S_MAX).contains(&seconds).then_some(seconds)
    }

    /// With one more. The first wait is a second, each further one twice the last, up to `WAIT_S_MAX`.
    #[must_use]
    pub fn and_one(self, kind: LockKind, now: Timestamp) -> Self {
        let is_old = now.duration_since(self.last_at) >= FORGOTTEN_AFTER;
        let count = if is_old { 1 } else { self.count.saturating_add(1) };
        let wait = count
            .checked_sub(kind.free())
            .map_or(0, |over| 2_u32.saturating_pow(over).min(WAIT_S_MAX));
        let until = now.saturating_add(SignedDuration::from_secs(wait.into()));
        Self {
            count,
            last_at: now,
            wait_until: until.unwrap_or(now),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        let mut now = Timestamp::UNIX_EPOCH;
        let mut tries = Tries::none(now);
        let mut waits = Vec::new();
        for _ in 0..20 {
            tries = tries.and_one(LockKind::Account, now);
            let wait = tries.wait_s(now).unwrap_or(0);
            waits.push(wait);
            now += SignedDuration::from_secs(wait.into());
            assert_eq!(tries.wait_s(now), None, "a wait ends");
        }
        assert_eq!(
            waits[..16],
            [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]
        );
        assert!(waits.iter().all(|wait| *wait <= WAIT_S_MAX));
        let later = now + FORGOTTEN_AFTER;
        assert_eq!(tries.and_one(LockKind::Account, later).count, 1);
    }

    #[test]
    fn a_clock_that_was_ahead_keeps_nobody_out() {
        let now = Timestamp::UNIX_EPOCH;
        for ahead in [
            SignedDuration::from_hours(1),
            SignedDuration::from_hours(24 * 365 * 200),
        ] {
            let tries = (0..20).fold(Tries::none(now), |tries, _| {
                tries.and_one(LockKind::Account, now + ahead)
            });
            assert!(tries.wait_s(now + ahead).is_some());
            assert_eq!(tries.wait_s(now), None, "{ahead}");
        }
    }

    #[test]
    fn an_address_that_many_share_has_more_tries() {
        let now = Timestamp::UNIX_EPOCH;
        let tries = (0..29).fold(Tries::none(now), |tries, _| tries.and_one(LockKind::Address, now));
        assert_eq!(tries.wait_s(now), None);
        assert_eq!(tries.and_one(LockKind::Address, now).wait_s(now), Some(1));
    }
}
