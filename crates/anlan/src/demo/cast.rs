//! Who plays the demo's people, and the pictures they take.

use super::dice::Dice;
use super::life::{Whither, Who};
use super::pictures;
use anlan_app::{App, Caller};
use anlan_model::accounts::{Account, Role};
use anlan_model::cases::Case;
use anlan_model::ids::OfficeId;
use std::collections::BTreeMap;

/// Accounts by what they do, and offices by code.
#[derive(Debug)]
pub(super) struct Cast {
    accounts: Vec<Account>,
    offices: BTreeMap<String, OfficeId>,
    centre: Option<OfficeId>,
}

impl Cast {
    /// The accounts and offices of the node.
    pub(super) fn of(app: &App) -> anyhow::Result<Self> {
        let accounts = app.store.read(|tx| anlan_store::accounts::list(tx, None))?;
        let node = app.node();
        let offices = node
            .offices
            .values()
            .map(|office| (office.code.clone(), office.id))
            .collect();
        Ok(Self {
            accounts,
            offices,
            centre: node.centre().map(|office| office.id),
        })
    }

    fn one(&self, turn: i64, fits: impl Fn(&Account) -> bool) -> Option<&Account> {
        let fitting: Vec<&Account> = self.accounts.iter().filter(|account| fits(account)).collect();
        let turn = usize::try_from(turn.unsigned_abs())
            .unwrap_or(0)
            .checked_rem(fitting.len())?;
        fitting.get(turn).copied()
    }

    /// The account of a role, those of one role taking turns by case.
    pub(super) fn of_role(&self, role: Role, turn: i64) -> Option<Caller> {
        self.one(turn, |account| account.roles.contains(&role))
            .map(|account| Caller::of(account, "api"))
    }

    /// Who does it for this case; `None` for the reporter, and where nobody is there for it.
    pub(super) fn caller(&self, who: Who, case: &Case) -> Option<Caller> {
        let role = |role: Role| self.of_role(role, case.id.0);
        match who {
            Who::Duty => role(Role::Duty),
            Who::Supervisor => role(Role::Supervisor),
            Who::Arbiter => role(Role::Arbiter),
            Who::Resident => None,
            Who::Officer => self
                .one(case.id.0, |account| {
                    account.roles.contains(&Role::Officer) && account.office == case.office
                })
                .map(|account| Caller::of(account, "api")),
            // Where the place is unknown, or the complaint is about the worker's own office, the desk looks at it.
            Who::Worker => self
                .one(case.id.0, |account| {
                    let division = case.place.division.as_deref().unwrap_or_default();
                    let is_subject = account.office.is_some() && account.office == case.about_office;
                    account.roles.contains(&Role::Worker)
                        && division.starts_with(account.division.as_str())
                        && !is_subject
                })
                .map_or_else(|| role(Role::Duty), |account| Some(Caller::of(account, "api"))),
        }
    }

    /// An office by its code.
    pub(super) fn office(&self, code: &str) -> Option<OfficeId> {
        self.offices.get(code).copied()
    }

    /// The street office of a cell's code.
    pub(super) fn street(&self, cell: &str) -> Option<OfficeId> {
        self.office(&format!("street-{}", cell.get(6..9)?))
    }

    /// Whether nobody but the centre has the case.
    pub(super) fn is_at_centre(&self, case: &Case) -> bool {
        case.office.is_none() || case.office == self.centre
    }

    /// Where a case is sent.
    pub(super) fn whither(&self, whither: Whither, case: &Case) -> Option<OfficeId> {
        let routed = case
            .route
            .as_ref()
            .map(|route| route.office)
            .filter(|office| Some(*office) != case.about_office);
        let usual = routed.or(self.centre);
        if whither == Whither::Usual {
            return usual;
        }
        let street = case
            .place
            .division
            .as_deref()
            .and_then(|division| self.street(division));
        let others = [street, self.office("urban"), self.office("housing")];
        others
            .into_iter()
            .flatten()
            .find(|office| Some(*office) != usual && Some(*office) != case.about_office)
            .or(self.centre)
    }
}

/// A picture as the store keeps it.
#[derive(Debug, Clone)]
pub(super) struct Picture {
    pub(super) full: String,
    pub(super) thumb: String,
    pub(super) width: u32,
    pub(super) height: u32,
}

/// One picture per scene, before and after. Many cases share one: the store keeps equal bytes once.
#[derive(Debug)]
pub(super) struct Pictures(BTreeMap<(&'static str, bool), Picture>);

impl Pictures {
    /// Draws them and puts them in the store.
    pub(super) fn draw(app: &App, dice: &Dice) -> anyhow::Result<Self> {
        let mut kept = BTreeMap::new();
        for scene in pictures::SCENES {
            for is_after in [false, true] {
                let drawn = anlan_app::photos::draw(&pictures::draw(dice, scene, is_after)?)?;
                let picture = Picture {
                    full: app.store.put_blob(&drawn.full)?,
                    thumb: app.store.put_blob(&drawn.thumb)?,
                    width: drawn.width,
                    height: drawn.height,
                };
                kept.insert((scene, is_after), picture);
            }
        }
        Ok(Self(kept))
    }

    /// The picture of a scene.
    pub(super) fn find(&self, scene: &str, is_after: bool) -> Option<&Picture> {
        let (_, picture) = self
            .0
            .iter()
            .find(|((known, after), _)| *known == scene && *after == is_after)?;
        Some(picture)
    }
}
