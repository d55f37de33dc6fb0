//! The page of one report: its way so far like a parcel's, who has it, what was promised and what was done.

use super::page;
use super::pages::{Done, Notice, Page, PhotoLine, ProgressPage, StepLine};
use super::promises::Standing;
use super::times::moment;
use super::words::Words;
use crate::languages::Lang;
use crate::state::Web;
use anlan_app::jurisdictions::Jurisdiction;
use anlan_app::tracks::{Step, Tracked};
use anlan_model::cases::{Case, Phase};
use anlan_model::ids::{OfficeId, StateCode};
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

/// Refused photos told one by one at most.
const LINES_MAX: usize = 40;

/// What the page was told to say above itself by whoever led here.
#[derive(Debug, Default, Deserialize)]
pub(super) struct SaidQuery {
    said: Option<String>,
    photos: Option<String>,
}

/// Draws the page.
pub(super) fn progress(
    web: &Web,
    visitor: Page,
    code: String,
    tracked: &Tracked,
    notices: Vec<Notice>,
) -> Response {
    let node = web.app.node();
    let view = View {
        node: &node,
        lang: visitor.lang,
        words: visitor.words(),
    };
    let case = &tracked.case;
    let standing = Standing {
        lang: visitor.lang,
        case,
        procedure: &node.procedure,
        zone: node.calendar.zone(),
        now: web.app.clock.now(),
        remaining_s: tracked.remaining_s,
    };
    let promise = standing.promise();
    let photos = tracked.photos.iter();
    let template = ProgressPage {
        code,
        number: case.number(),
        title: view.title(case),
        notices,
        tone: promise.tone,
        state_name: view.state(&case.state),
        office: case
            .office
            .filter(|_| case.phase == Phase::Open)
            .and_then(|office| view.office(office)),
        promise: promise.lines,
        done: view.done(case),
        may_rate: tracked.may_rate,
        rating: case.rating.clone(),
        reopen_lead: view.reopen_lead(case).filter(|_| tracked.may_reopen),
        steps: tracked.steps.iter().rev().map(|step| view.step(step)).collect(),
        class: view.class(case),
        address: case.place.address.clone(),
        received: view.when(tracked.report.received_at),
        description: tracked.report.description.clone(),
        photos: photos
            .map(|photo| view.photo(photo.id.0, &photo.shows, [photo.width, photo.height], photo.at))
            .collect(),
        may_add_photo: case.phase == Phase::Open,
        photos_max: web.config.public_photos_max,
        t: visitor.words(),
        page: visitor.at("track"),
    };
    template
        .page
        .remember(page(StatusCode::OK, &template, template.page.lang))
}

/// The node's names in the visitor's language.
struct View<'a> {
    node: &'a Jurisdiction,
    lang: Lang,
    words: &'static Words,
}

impl View<'_> {
    fn when(&self, at: Timestamp) -> String {
        moment(self.lang, at, self.node.calendar.zone())
    }

    fn state(&self, code: &StateCode) -> String {
        let state = self.node.procedure.state(code);
        state.map_or_else(
            || code.to_string(),
            |state| self.lang.pick(&state.name_zh, &state.name_en).clone(),
        )
    }

    fn office(&self, id: OfficeId) -> Option<String> {
        let office = self.node.offices.get(&id)?;
        Some(self.lang.pick(&office.name_zh, &office.name_en).clone())
    }

    fn class(&self, case: &Case) -> Option<String> {
        let class = self.node.classes.get(case.class.as_ref()?)?;
        Some(self.lang.pick(&class.name_zh, &class.name_en).clone())
    }

    fn title(&self, case: &Case) -> String {
        self.class(case).unwrap_or_else(|| case.title.clone())
    }

    fn done(&self, case: &Case) -> Option<Done> {
        let closing = case.closing.as_ref().filter(|_| case.phase == Phase::Closed)?;
        let reason = self.node.procedure.reason(&closing.reason);
        let reason = reason.map(|reason| self.lang.pick(&reason.name_zh, &reason.name_en).clone());
        Some(Done {
            reason: reason.unwrap_or_else(|| self.state(&case.state)),
            note: closing.note.clone(),
        })
    }

    fn reopen_lead(&self, case: &Case) -> Option<String> {
        let days = i64::from(self.node.procedure.limits().reopen_window_days);
        let until = case
            .closing
            .as_ref()?
            .at
            .checked_add(SignedDuration::from_hours(24 * days))
            .ok()?;
        Some(self.words.reopen_lead.replace("{until}", &self.when(until)))
    }

    fn step(&self, step: &Step) -> StepLine {
        StepLine {
            state: self.state(&step.state),
            office: step.office.and_then(|office| self.office(office)),
            at: step.at.to_string(),
            when: self.when(step.at),
            note: step.note.clone().filter(|note| !note.is_empty()),
        }
    }

    fn photo(&self, id: i64, shows: &str, [width, height]: [u32; 2], at: Timestamp) -> PhotoLine {
        let caption = match shows {
            "before" => self.words.photo_before,
            "after" => self.words.photo_after,
            _ => self.words.photo_other,
        };
        let alt = format!("{caption}, {}", self.when(at));
        PhotoLine {
            id,
            alt,
            caption: caption.to_owned(),
            width,
            height,
        }
    }
}

/// What to say above the page: what was just done, and what of it could not be kept.
pub(super) fn notices(words: &'static Words, said: &SaidQuery) -> Vec<Notice> {
    let not_kept = not_kept(words, said.photos.as_deref().unwrap_or_default());
    let done = match said.said.as_deref() {
        Some("thanks") => Some(words.thanks),
        Some("rated") => Some(words.rated),
        Some("reopened") => Some(words.reopened),
        Some("photos") if not_kept.is_empty() => Some(words.photos_kept),
        _ => None,
    };
    let done = done.map(|text| Notice {
        is_good: true,
        text,
        details: vec![],
    });
    let refused = Notice {
        is_good: false,
        text: words.photos_refused,
        details: not_kept,
    };
    let refused = Some(refused).filter(|notice| !notice.details.is_empty());
    done.into_iter().chain(refused).collect()
}

fn not_kept(words: &'static Words, list: &str) -> Vec<String> {
    let lines = list.split(',').take(LINES_MAX).filter_map(|entry| {
        let (place, code) = entry.split_once(':')?;
        let place: usize = place.parse().ok()?;
        let why = match code {
            "photo.not_a_picture" => words.photo_not_a_picture,
            "photo.broken" => words.photo_broken,
            "photo.too_large" => words.photo_too_large,
            "photo.too_many" => words.photo_too_many,
            _ => words.photo_refused,
        };
        Some(format!(
            "{}{why}",
            words.photo_number.replace("{n}", &place.to_string())
        ))
    });
    lines.collect()
}
