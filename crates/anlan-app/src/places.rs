//! Placing and routing: point → cell with its certainty, then cell, class and words → office, with the rule that said so.

use crate::Error;
use crate::cases::EditCase;
use crate::jurisdictions::Jurisdiction;
use anlan_model::cases::{Case, Route};
use anlan_model::classes::Priority;
use anlan_model::events::Event;
use anlan_model::ids::{CellId, ClassCode, OfficeId};
use anlan_model::incoming::{Channel, Incoming};
use anlan_model::places::{Certainty, Datum, GivenPoint, Place, Point};
use anlan_model::routing::RouteFacts;
use jiff::Timestamp;

/// Metres taken where the sender states no error: a phone in a street.
const ERROR_M_DEFAULT: f64 = 10.0;
const ERROR_M_MAX: f64 = 5000.0;

/// The point in WGS84.
pub(crate) fn inside(given: &GivenPoint) -> Result<Point, Error> {
    let (lon, lat) = match given.datum {
        Datum::Wgs84 | Datum::Cgcs2000 => (given.lon, given.lat),
        Datum::Gcj02 => anlan_grid::datum::gcj02_to_wgs84(given.lon, given.lat),
        Datum::Bd09 => anlan_grid::datum::bd09_to_wgs84(given.lon, given.lat),
    };
    let point = Point { lon, lat };
    let error_m = given.error_m.unwrap_or(ERROR_M_DEFAULT);
    if !point.is_on_earth() || !(0.0..=ERROR_M_MAX).contains(&error_m) {
        let GivenPoint { lon, lat, .. } = given;
        return Err(Error::field(
            "point",
            "coordinates.impossible",
            format!(
                "经度 {lon}、纬度 {lat}、误差 {error_m} 米不是有效位置：经度在 ±180 之间，纬度在 ±90 之间，误差在 0 到 {ERROR_M_MAX} 米之间。请检查经纬度是否颠倒。"
            ),
            format!(
                "Longitude {lon}, latitude {lat}, error {error_m} m is no place: longitude lies in ±180, latitude in ±90, the error in 0 … {ERROR_M_MAX} m. Check whether the two are swapped."
            ),
        ));
    }
    Ok(point)
}

fn cell_id(key: u32) -> CellId {
    CellId(key.into())
}

/// The place of an incoming report, without its route.
pub(crate) fn place(node: &Jurisdiction, incoming: &Incoming) -> Result<Place, Error> {
    let mut place = Place {
        address: incoming.address.clone(),
        is_default_point: incoming.is_default_point,
        ..Place::default()
    };
    if let Some(given) = &incoming.point {
        locate(node, &mut place, given)?;
    }
    Ok(place)
}

fn locate(node: &Jurisdiction, place: &mut Place, given: &GivenPoint) -> Result<(), Error> {
    let point = inside(given)?;
    let error_m = given.error_m.unwrap_or(ERROR_M_DEFAULT);
    let located = node.index.locate_with_error(point.lon, point.lat, error_m);
    place.point = Some(point);
    place.error_m = given.error_m;
    place.datum = given.datum;
    place.cell = located.cell.map(cell_id);
    place.division = place
        .cell
        .and_then(|cell| node.cells.get(&cell))
        .map(|cell| cell.division.clone());
    place.other_cells = located.others.into_iter().map(cell_id).collect();
    place.certainty = match (place.cell, place.other_cells.is_empty()) {
        (None, _) => Certainty::Outside,
        (Some(_), true) => Certainty::Sure,
        (Some(_), false) => Certainty::NearCell,
    };
    Ok(())
}

/// What routing looks at.
struct Matter<'a> {
    class: Option<&'a ClassCode>,
    channel: Channel,
    at: Timestamp,
    texts: [&'a str; 3],
    about: Option<OfficeId>,
}

impl Matter<'_> {
    fn office(&self, node: &Jurisdiction, cell: Option<CellId>) -> Option<Route> {
        let cell = cell.and_then(|cell| node.cells.get(&cell));
        let facts = RouteFacts {
            class: self.class.and_then(|code| node.classes.get(code)),
            division: cell.map(|cell| cell.division.as_str()),
            cell: cell.map(|cell| cell.code.as_str()),
            channel: self.channel,
            at: self.at,
            texts: &self.texts,
            about_office: self.about,
        };
        node.router
            .route(&facts, &node.calendar)
            .map(|routed| routed.route())
    }
}

/// Routes a placed report; marks the place where the error circle reaches another owner.
pub(crate) fn route(
    node: &Jurisdiction,
    incoming: &Incoming,
    about: Option<OfficeId>,
    place: &mut Place,
) -> (Option<OfficeId>, Option<Route>) {
    let matter = Matter {
        class: incoming.class.as_ref(),
        channel: incoming.channel,
        at: incoming.reported_at,
        texts: [
            &incoming.title,
            &incoming.description,
            incoming.address.as_deref().unwrap_or_default(),
        ],
        about,
    };
    decide(node, &matter, place)
}

fn decide(node: &Jurisdiction, matter: &Matter<'_>, place: &mut Place) -> (Option<OfficeId>, Option<Route>) {
    let route = matter.office(node, place.cell);
    let office = route.as_ref().map(|route| route.office);
    let other_owner = |cell: &CellId| matter.office(node, Some(*cell)).map(|route| route.office) != office;
    if place.certainty == Certainty::NearCell && place.other_cells.iter().any(other_owner) {
        place.certainty = Certainty::NearOwner;
    }
    (office, route)
}

/// The events that corrections amount to; none where nothing changes.
pub(crate) fn corrections(
    node: &Jurisdiction,
    case: &Case,
    text: &str,
    edit: &EditCase,
) -> Result<Vec<Event>, Error> {
    let mut events = Vec::new();
    let mut place = case.place.clone();
    let class = edit.class.clone().or_else(|| case.class.clone());
    if let Some(address) = &edit.address {
        place.address = Some(address.clone());
    }
    if let Some(given) = &edit.point {
        locate(node, &mut place, given)?;
        place.is_default_point = false;
    }
    let address = place.address.clone().unwrap_or_default();
    let matter = Matter {
        class: class.as_ref(),
        channel: case.channel,
        at: case.opened_at,
        texts: [&case.title, text, &address],
        about: case.about_office,
    };
    let (office, route) = decide(node, &matter, &mut place);
    // Once a person has sent it somewhere, a correction no longer moves it on its own.
    let keeps = case.is_arbitrated
        || case
            .route
            .as_ref()
            .is_some_and(|route| Some(route.office) != case.office);
    let (office, route) = if keeps {
        (case.office, case.route.clone())
    } else {
        (office, route)
    };
    if place != case.place {
        events.push(Event::CasePlaced {
            place,
            office,
            route: route.clone(),
        });
    }
    let priority = edit
        .priority
        .unwrap_or_else(|| priority(node, class.as_ref(), case));
    if let Some(class) = class.filter(|class| Some(class) != case.class.as_ref() || priority != case.priority)
    {
        let keeper = node.keeper(Some(&class));
        let clocks = if Some(&class) == case.class.as_ref() {
            case.clocks.clone()
        } else {
            keeper.reclassify(&case.clocks, &case.state, case.opened_at)
        };
        events.push(Event::CaseReclassified {
            class,
            priority,
            office,
            route,
            clocks,
        });
    }
    Ok(events)
}

fn priority(node: &Jurisdiction, class: Option<&ClassCode>, case: &Case) -> Priority {
    match class {
        Some(code) if Some(code) != case.class.as_ref() => node
            .classes
            .get(code)
            .map_or(case.priority, |class| class.priority),
        _ => case.priority,
    }
}
