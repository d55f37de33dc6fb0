//! A case's file, as the application hands it out, turned into the JSON a screen shows.

use super::cases::{
    CaseDetail, CaseSummary, Clocks, Closing, Likeness, MoveNeeds, MoveOffer, Pause, Place, Rating,
    ReportLine, Route, WhyNot,
};
use super::photos::Photo;
use super::timelines::Happening;
use anlan_app::cases::{self as app, CaseFile};
use anlan_model::cases as model;
use anlan_model::places;
use anlan_model::procedures::Offer;
use anlan_model::reports::Report;
use jiff::Timestamp;

impl CaseDetail {
    pub(crate) fn of(file: CaseFile, now: Timestamp) -> Self {
        let case = file.case;
        let photos = file.photos.into_iter();
        Self {
            summary: CaseSummary::of(&case, now),
            description: file
                .reports
                .first()
                .map(|report| report.description.clone())
                .unwrap_or_default(),
            place: Place::from(&case.place),
            route: route(&case, file.route_explained),
            clocks: Clocks::of(&case.clocks, file.remaining_s),
            closing: case.closing.map(Closing::from),
            rating: case.rating.map(Rating::from),
            is_arbitrated: case.is_arbitrated,
            reopened: case.reopened,
            reworks: case.reworks,
            report_list: file.reports.into_iter().map(ReportLine::from).collect(),
            photos: photos
                .map(|photo| Photo::new(photo.id, photo.shows, [photo.width, photo.height], photo.at))
                .collect(),
            timeline: file.timeline.into_iter().map(Happening::from).collect(),
            moves: file.offers.into_iter().map(MoveOffer::from).collect(),
            merged_into: case.merged_into.map(|id| id.0),
            split_from: case.split_from.map(|id| id.0),
        }
    }
}

fn route(case: &model::Case, explained: Option<(String, String)>) -> Option<Route> {
    let route = case.route.as_ref()?;
    let (explain_zh, explain_en) = explained.unwrap_or_default();
    Some(Route {
        rule_set: route.rule_set,
        rule: route.rule.as_ref().map(|rule| rule.0.clone()),
        office: route.office.0,
        explain_zh,
        explain_en,
    })
}

impl From<&places::Place> for Place {
    fn from(place: &places::Place) -> Self {
        Self {
            address: place.address.clone(),
            point: place.point.map(|point| [point.lon, point.lat]),
            error_m: place.error_m,
            datum: place.datum.into(),
            certainty: place.certainty.into(),
            other_cells: place.other_cells.iter().map(|cell| cell.0).collect(),
            division: place.division.clone(),
            is_default_point: place.is_default_point,
        }
    }
}

impl Clocks {
    fn of(clocks: &model::Clocks, remaining_s: Option<i64>) -> Self {
        let pauses = clocks.pauses.iter().map(|pause| Pause {
            reason: pause.reason.0.clone(),
            from: pause.from,
            until: pause.until,
        });
        Self {
            due_at: clocks.due_at,
            state_due_at: clocks.state_due_at,
            state_since: clocks.state_since,
            extensions: clocks.extensions,
            pauses: pauses.collect(),
            remaining_s,
        }
    }
}

impl From<model::Closing> for Closing {
    fn from(closing: model::Closing) -> Self {
        Self {
            reason: closing.reason.0,
            note: closing.note,
            at: closing.at,
            by: closing.by.map(|account| account.0),
            forced: closing.forced,
        }
    }
}

impl From<model::Rating> for Rating {
    fn from(rating: model::Rating) -> Self {
        Self {
            stars: rating.stars,
            is_fixed: rating.is_fixed,
            comment: rating.comment,
            at: rating.at,
        }
    }
}

impl From<Report> for ReportLine {
    fn from(report: Report) -> Self {
        Self {
            id: report.id.0,
            channel: report.channel.into(),
            source: report.source,
            description: report.description,
            reported_at: report.reported_at,
            received_at: report.received_at,
            has_contact: report.has_contact,
            facts: report.facts,
        }
    }
}

impl From<Offer> for MoveOffer {
    fn from(offer: Offer) -> Self {
        Self {
            code: offer.code.0,
            name_zh: offer.name_zh,
            name_en: offer.name_en,
            allowed: offer.allowed,
            why_not: offer.refusal.map(|refusal| WhyNot {
                code: refusal.code.into(),
                zh: refusal.zh,
                en: refusal.en,
            }),
            needs: MoveNeeds {
                note: offer.needs.note,
                reason: offer.needs.reason,
                office: offer.needs.office,
                rule: offer.needs.rule,
                until: offer.needs.until,
            },
            grave: offer.grave,
        }
    }
}

impl From<app::Likeness> for Likeness {
    fn from(likeness: app::Likeness) -> Self {
        let case = likeness.case;
        Self {
            id: case.id.0,
            number: case.number(),
            title: case.title,
            class: case.class.map(|class| class.0),
            distance_m: likeness.distance_m,
            hours_apart: likeness.hours_apart,
            score: likeness.score,
            state: case.state.0,
        }
    }
}
