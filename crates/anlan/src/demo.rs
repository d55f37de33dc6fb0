//! The demo county: everything in it is invented, and says so. Seeds an empty node once and then keeps it alive.
//! It does nothing a person could not do: every case is made and moved by the application's own actions.

mod alerted;
mod cast;
mod county;
mod dice;
mod life;
mod matters;
mod mesh;
mod offices;
mod pictures;
mod places;
mod play;
mod prying;
mod regions;
mod river;
mod rosters;
mod start;
#[cfg(test)]
mod tests;
mod trickle;
mod warned;

use anlan_app::App;
use anlan_model::events::Stamp;
use anyhow::bail;
use cast::{Cast, Pictures};
use dice::Dice;
use life::{Rules, World};
pub(crate) use offices::Accounts;
use places::Places;
use std::sync::Arc;
pub(crate) use trickle::trickle;

/// One seed for all: the demo is the same on every machine, but for the day it is started on.
const SEED: u64 = 20_260_101;
/// The document that says the seeding is complete.
const SEEDED: &str = "demo-seeded";

/// Fills an empty node with the demo county and ninety days of its life; does nothing where that was done before. An
/// interrupted seeding goes on where it stopped: reports that are there already are left as they are.
pub(crate) fn seed(app: &App, progress: &mut dyn FnMut(u64, u64)) -> anyhow::Result<Accounts> {
    let places = Places::shipped()?;
    let offices = offices::offices(&places)?;
    let accounts = Accounts(offices::accounts(&places, &offices));
    if is_seeded(app)? {
        carry_on(app, &places, &accounts)?;
        return Ok(accounts);
    }
    let node = app.node();
    let is_empty = node.offices.is_empty() && node.cells.is_empty();
    if !node.node.is_demo && !is_empty {
        bail!(
            "this folder holds a node that is not the demo; choose another folder (--data), nothing was changed"
        );
    }
    for line in fill(app, &offices, &accounts, progress)? {
        tracing::warn!("demo: {line}");
    }
    carry_on(app, &places, &accounts)?;
    let stamp = Stamp {
        at: app.clock.now(),
        by: None,
        post: None,
    };
    app.store
        .write(move |tx| anlan_store::settings::put(tx, SEEDED, "true", &stamp))?;
    Ok(accounts)
}

/// Accounts that are not there yet, and rosters for the days to come.
fn carry_on(app: &App, places: &Places, accounts: &Accounts) -> anyhow::Result<()> {
    start::accounts(app, &accounts.0)?;
    match places.street.first() {
        Some(street) => rosters::keep(app, &street.code),
        None => Ok(()),
    }
}

/// Start data, then the stories. Answers what the procedure refused.
fn fill(
    app: &App,
    offices: &[offices::DemoOffice],
    accounts: &Accounts,
    progress: &mut dyn FnMut(u64, u64),
) -> anyhow::Result<Vec<String>> {
    let dice = Dice::new(SEED);
    let world = Arc::new(World::build(&dice)?);
    start::reference(app, &world.county, offices)?;
    start::accounts(app, &accounts.0)?;
    let (now, node) = (app.clock.now(), app.node());
    let rules = Rules {
        calendar: &node.calendar,
        deadlines: &node.deadlines,
        classes: &node.classes,
    };
    let stories = Arc::new(life::tell(&dice, &world, rules, now));
    let (cast, pictures) = (Arc::new(Cast::of(app)?), Arc::new(Pictures::draw(app, &dice)?));
    let stage = play::Stage {
        cast: Arc::clone(&cast),
        pictures,
        world,
        stories,
    };
    let refused = stage.play(app, now, progress)?;
    // Before the watch looks back: the log's days are read in the order in which they were written.
    prying::review(app)?;
    warned::relive(app, &cast, now)?;
    alerted::receive(app, &cast, now)?;
    Ok(refused)
}

fn is_seeded(app: &App) -> anyhow::Result<bool> {
    let found = app.store.read(|tx| anlan_store::settings::latest(tx, SEEDED))?;
    Ok(found.is_some())
}
