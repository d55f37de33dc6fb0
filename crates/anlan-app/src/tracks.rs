//! What a reporter does with the tracking link: follow, add a photo, rate, ask to reopen. The code is the only key;
//! a wrong one says nothing about what exists.

mod looks;

use crate::photos::{self, Size};
use crate::{App, Caller, Error, accesses, cases, reports};
use anlan_model::accesses::Purpose;
use anlan_model::cases::{Case, Phase, Rating};
use anlan_model::events::{Event, Stamp};
use anlan_model::ids::{MoveCode, OfficeId, PhotoId, StateCode};
use anlan_model::procedures::{Actor, MoveRequest};
use anlan_model::reports::Report;
use anlan_policy::Action;
use anlan_store::photos::Photo;
use jiff::Timestamp;
pub use looks::{By, Look, Looks, Standing, Summary, looks, proof};

const COMMENT_MAX: usize = 2000;

/// One step of the way, as a parcel's journey is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The state entered.
    pub state: StateCode,
    /// When.
    pub at: Timestamp,
    /// The office that had to act then.
    pub office: Option<OfficeId>,
    /// The public note left with it, for closings only.
    pub note: Option<String>,
}

/// What the link shows.
#[derive(Debug, Clone)]
pub struct Tracked {
    /// The case.
    pub case: Case,
    /// The reporter's own report.
    pub report: Report,
    /// The way so far.
    pub steps: Vec<Step>,
    /// The case's photos.
    pub photos: Vec<Photo>,
    /// Whether it may be rated now.
    pub may_rate: bool,
    /// Whether it may be reopened now.
    pub may_reopen: bool,
    /// Seconds left by the working clock.
    pub remaining_s: Option<i64>,
}

/// The reporter's word.
#[derive(Debug, Clone)]
pub struct Rate {
    /// 1 to 5.
    pub stars: u8,
    /// Whether it is fixed.
    pub is_fixed: bool,
    /// In words.
    pub comment: String,
}

fn find(app: &App, code: &str) -> Result<(Report, Case), Error> {
    let digest = reports::track_digest(code);
    app.store.read(|tx| {
        let report = anlan_store::reports::by_track(tx, &digest)?.ok_or(Error::Missing { what: "report" })?;
        let mut case = anlan_store::cases::get(tx, report.case)?;
        while let Some(into) = case.merged_into {
            case = anlan_store::cases::get(tx, into)?;
        }
        Ok((report, case))
    })
}

fn entry(app: &App, action: Action, case: &Case) -> anlan_model::accesses::Access {
    accesses::entry(
        app,
        &Caller::resident(),
        action,
        "case",
        case.id,
        Purpose::OwnReport,
    )
}

/// What has become of the report behind this code.
pub fn open(app: &App, code: &str) -> Result<Tracked, Error> {
    let (report, case) = find(app, code)?;
    accesses::log(app, entry(app, Action::CaseRead, &case))?;
    shown(app, report, case)
}

fn shown(app: &App, report: Report, case: Case) -> Result<Tracked, Error> {
    let node = app.node();
    let now = app.clock.now();
    let (events, photos) = app.store.read(|tx| {
        Ok::<_, Error>((
            anlan_store::events::of_case(tx, case.id)?,
            anlan_store::photos::of_case(tx, case.id)?,
        ))
    })?;
    let steps = events
        .iter()
        .filter_map(|kept| step(&kept.event, kept.stamp.at))
        .collect();
    let offers = node
        .procedure
        .offers(&case, &resident(), &cases::ground(&node, &case, now));
    let may = |code: &str| {
        offers
            .iter()
            .any(|offer| offer.allowed && offer.code.as_str() == code)
    };
    let remaining_s = node.keeper(case.class.as_ref()).remaining_s(&case.clocks, now);
    let (may_rate, may_reopen) = (may("rate"), may("reopen"));
    Ok(Tracked {
        case,
        report,
        steps,
        photos,
        may_rate,
        may_reopen,
        remaining_s,
    })
}

fn step(event: &Event, at: Timestamp) -> Option<Step> {
    match event {
        Event::CaseOpened(opened) => Some(Step {
            state: opened.state.clone(),
            at: opened.opened_at,
            office: opened.office,
            note: None,
        }),
        Event::CaseMoved(moved) if moved.from != moved.to => Some(Step {
            state: moved.to.clone(),
            at,
            office: moved.office,
            note: moved
                .closing
                .as_ref()
                .filter(|_| moved.phase == Phase::Closed)
                .map(|closing| closing.note.clone()),
        }),
        _ => None,
    }
}

const RESIDENT: [anlan_model::accounts::Role; 1] = [anlan_model::accounts::Role::Resident];

fn resident() -> Actor<'static> {
    Actor {
        account: None,
        roles: &RESIDENT,
        office: None,
    }
}

/// A move of the reporter, with a rating where there is one.
fn act(app: &App, code: &str, request: MoveRequest, rating: Option<Rating>) -> Result<Tracked, Error> {
    let (report, case) = find(app, code)?;
    let now = app.clock.now();
    let entry = entry(app, Action::CaseMove, &case);
    let (node, id) = (app.node(), case.id);
    let case = app.store.write(move |tx| {
        let case = anlan_store::cases::get(tx, id)?;
        let ground = cases::ground(&node, &case, now);
        let event = node
            .procedure
            .decide(&case, &request, &resident(), &ground)
            .map_err(cases::refused)?;
        let rated = rating.clone().map(|rating| Event::CaseRated { rating });
        let events: Vec<Event> = std::iter::once(event).chain(rated).collect();
        let case = anlan_store::cases::record(
            tx,
            &case,
            &events,
            &Stamp {
                at: now,
                by: None,
                post: None,
            },
        )?;
        anlan_store::accesses::append(tx, &entry)?;
        Ok::<_, Error>(case)
    })?;
    shown(app, report, case)
}

/// The reporter rates the result.
pub fn rate(app: &App, code: &str, rate: &Rate) -> Result<Tracked, Error> {
    if !(1..=5).contains(&rate.stars) {
        return Err(Error::field(
            "stars",
            "rating.range",
            "请选择一到五星。",
            "Choose one to five stars.",
        ));
    }
    check(&rate.comment)?;
    let rating = Rating {
        stars: rate.stars,
        is_fixed: rate.is_fixed,
        comment: rate.comment.trim().into(),
        at: app.clock.now(),
    };
    let request = MoveRequest {
        code: MoveCode::from("rate"),
        note: rating.comment.clone(),
        ..MoveRequest::default()
    };
    act(app, code, request, Some(rating))
}

/// The reporter says it is not fixed.
pub fn reopen(app: &App, code: &str, note: &str) -> Result<Tracked, Error> {
    check(note)?;
    let request = MoveRequest {
        code: MoveCode::from("reopen"),
        note: note.trim().into(),
        ..MoveRequest::default()
    };
    act(app, code, request, None)
}

fn check(text: &str) -> Result<(), Error> {
    if text.chars().count() > COMMENT_MAX {
        return Err(Error::field(
            "comment",
            "text.too_long",
            format!("最多 {COMMENT_MAX} 个字符，请缩短后再提交。"),
            format!("At most {COMMENT_MAX} characters are taken; shorten it and send again."),
        ));
    }
    cases::check_note(text)
}

/// The reporter adds a photo while the case is open.
pub fn add_photo(app: &App, code: &str, bytes: &[u8]) -> Result<Photo, Error> {
    let (_, case) = find(app, code)?;
    if case.phase != Phase::Open {
        return Err(Error::denied(
            "case.closed",
            "案件已办结，不能再添加照片。",
            "the case is closed; photos can no longer be added.",
        ));
    }
    let drawn = photos::draw(bytes)?;
    photos::keep(app, &Caller::resident(), case.id, "before", &drawn)
}

/// A photo of the case behind this code.
pub fn photo(app: &App, code: &str, id: PhotoId, size: Size) -> Result<Vec<u8>, Error> {
    let (_, case) = find(app, code)?;
    let photo = app
        .store
        .read(|tx| anlan_store::photos::find(tx, id).map_err(Error::from))?;
    let photo = photo
        .filter(|photo| photo.case == case.id)
        .ok_or(Error::Missing { what: "photo" })?;
    accesses::log(app, entry(app, Action::PhotoRead, &case))?;
    photos::picture(app, &photo, size)
}
