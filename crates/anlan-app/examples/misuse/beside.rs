//! Looks beside the case in hand: a wrong row or number, neighbours that may be the same, what the place has seen before.

use crate::desk::{Desk, Sim, cell};
use crate::staff::DAY_S;
use anlan_model::accounts::Role;
use anlan_model::ids::{AccountId, CaseId};

impl Desk<'_> {
    /// The wrong row of a list: another case of those days, left at once.
    pub(crate) fn wrong_row(&mut self, who: AccountId, second: i64) {
        let Some(person) = self.staff.get(who) else {
            return;
        };
        let rows = crate::habits::within_reach(self, person, second, 8);
        if let Some(wrong) = self.dice.pick(&rows).copied() {
            let ago = self.dice.between(5, 25);
            let wrong = self.cases.get(wrong).map(|case| case.id);
            self.log(second - ago, who, "case.read", wrong, 1);
        }
    }

    /// A number with one digit wrong that is another case's.
    pub(crate) fn slip(&mut self, id: CaseId) -> Option<CaseId> {
        let step = *self.dice.pick(&[1, 10, 100, -1, -10, -100])?;
        let wrong = CaseId(id.0 + step);
        let is_one = (1..i64::try_from(self.cases.len()).ok()?).contains(&wrong.0);
        (is_one && anlan_model::reviews::is_slip(id, wrong)).then_some(wrong)
    }

    /// The desk opens cases near by to see whether they are the same.
    pub(crate) fn compare(&mut self, index: usize, at_s: i64) {
        let Some((person, second)) = self.staff.find(&mut self.dice, (Role::Duty, None), at_s) else {
            return;
        };
        let who = person.account.id;
        let near = self.near(index, 2);
        self.look(who, second, index, (0.3, 0.0));
        for (turn, other) in (1..).zip(near) {
            self.log(second + 25 * turn, who, "case.read", Some(other), 1);
        }
    }

    /// What the place has seen before, for whoever has to act there.
    pub(crate) fn history(&mut self, who: AccountId, second: i64, index: usize) {
        let (Some(case), Some(person)) = (self.cases.get(index), self.staff.get(who)) else {
            return;
        };
        let point = case.point;
        let mut before = crate::habits::within_reach(self, person, second, 200);
        before
            .retain(|other| *other != index && self.cases.get(*other).is_some_and(|one| one.point == point));
        let recent: Vec<usize> = before.into_iter().rev().take(2).collect();
        for (turn, other) in (0..).zip(recent) {
            let id = self.cases.get(other).map(|case| case.id);
            self.log(second + 15 * turn, who, "case.read", id, 1);
        }
    }

    /// Cases of the same cell in the days before.
    fn near(&self, index: usize, most: usize) -> Vec<CaseId> {
        let Some(case) = self.cases.get(index) else {
            return Vec::new();
        };
        let own = cell(case.street, case.point);
        self.cases
            .get(..index)
            .into_iter()
            .flatten()
            .rev()
            .take_while(|other| other.opened_s > case.opened_s - 10 * DAY_S)
            .filter(|other| cell(other.street, other.point) == own)
            .take(most)
            .map(|other| other.id)
            .collect()
    }

    /// Cases received in a stretch of time that satisfy a condition.
    pub(crate) fn among(&self, from_s: i64, to_s: i64, fits: impl Fn(&Sim) -> bool) -> Vec<usize> {
        let first = self.cases.partition_point(|case| case.opened_s < from_s);
        let end = self.cases.partition_point(|case| case.opened_s < to_s);
        (first..end)
            .filter(|index| self.cases.get(*index).is_some_and(&fits))
            .collect()
    }
}
