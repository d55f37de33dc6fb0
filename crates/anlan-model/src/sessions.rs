//! Sessions: how long one holds, and who opens one with two factors. Who may end one is policy, and what a token looks like is
//! nobody's business here.

use crate::accounts::Role;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// A session ends so long after sign-in, whatever happens: a shift.
pub const LASTS: SignedDuration = SignedDuration::from_hours(12);
/// It ends so long after its holder last did something.
pub const IDLE: SignedDuration = SignedDuration::from_hours(1);
/// How far a clock may be set back without ending the sessions that it has seen.
pub const CLOCK_STEP_MAX: SignedDuration = SignedDuration::from_hours(1);
/// Steps that change how one signs in want a proof of who is there that is at most this old.
pub const PROOF: SignedDuration = SignedDuration::from_mins(10);
/// A sign-in that waits for its second step is dropped after this.
pub const STEP: SignedDuration = SignedDuration::from_mins(5);
/// Wrong answers to the second step before the sign-in begins anew.
pub const STEP_TRIES: u32 = 5;

/// Sessions not seen since this instant have ended.
pub fn idle_from(now: Timestamp) -> Timestamp {
    now.saturating_sub(IDLE).unwrap_or(Timestamp::MIN)
}

/// The latest time at which a session may have been seen. One that was seen later, by a clock that was ahead, would hold for
/// as long as the clock was; setting a clock right by less ends nothing.
pub fn seen_by(now: Timestamp) -> Timestamp {
    now.saturating_add(CLOCK_STEP_MAX).unwrap_or(Timestamp::MAX)
}

/// When one that begins now ends at the latest.
pub fn ends_at(now: Timestamp) -> Timestamp {
    now.saturating_add(LASTS).unwrap_or(Timestamp::MAX)
}

/// What is still wanted of somebody whose name and password were right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A code of the authenticator app, or a recovery code.
    Code,
    /// A password of their own in place of the one-time word.
    Password,
    /// A passkey, as a second factor is demanded and there is no other; or a recovery code.
    Passkey,
    /// A second factor, as one is demanded and there is none yet.
    Enrol,
}

/// Roles whose holders sign in with two factors, whatever else they hold.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TwoFactorRoles(BTreeSet<Role>);

impl TwoFactorRoles {
    /// Every role that is given to people.
    pub fn all() -> Self {
        let roles = Role::ALL.into_iter();
        Self(roles.filter(|role| Self::may_hold(*role)).collect())
    }

    /// These roles; the first that no person is given is handed back.
    pub fn of(roles: &[Role]) -> Result<Self, Role> {
        match roles.iter().find(|role| !Self::may_hold(**role)) {
            Some(unfit) => Err(*unfit),
            None => Ok(Self(roles.iter().copied().collect())),
        }
    }

    fn may_hold(role: Role) -> bool {
        role.is_given() && !role.is_for_machines()
    }

    /// Whether who holds these roles signs in with two factors.
    pub fn are_held(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.0.contains(role))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_of_a_person_can_be_demanded_and_no_other() {
        for role in Role::ALL {
            let is_a_persons = !matches!(role, Role::Resident | Role::Directory | Role::System);
            assert_eq!(TwoFactorRoles::of(&[Role::Duty, role]).is_ok(), is_a_persons);
            assert_eq!(TwoFactorRoles::all().are_held(&[role]), is_a_persons);
            assert!(!TwoFactorRoles::default().are_held(&[role]));
        }
        assert!(!TwoFactorRoles::all().are_held(&[]));
    }
}
