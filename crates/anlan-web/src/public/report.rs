//! `/report`: a resident's form, and taking it in. Sending the same form twice makes one report.

use super::page;
use super::pages::{Choosable, Faults, Given, Group, MessagePage, Page, ReportPage};
use crate::forms::{self, Broken, Sent};
use crate::languages::Lang;
use crate::problems::Failure;
use crate::state::{Web, run};
use anlan_app::reports::Taken;
use anlan_app::{Caller, reports, tracks};
use anlan_model::ids::{ClassCode, OfficeId};
use anlan_model::incoming::{Channel, Contact, Incoming};
use anlan_model::places::{Datum, GivenPoint};
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use std::collections::BTreeMap;

/// Photos of a report that were not kept: place in the form and the reason's code.
pub(super) type NotKept = Vec<(usize, String)>;

pub(crate) async fn form(State(web): State<Web>, visitor: Page) -> Response {
    match fresh_token() {
        Ok(token) => shown(
            &web,
            visitor,
            Given {
                token,
                ..Given::default()
            },
            Faults::default(),
            StatusCode::OK,
        ),
        Err(failure) => failure.into_response(),
    }
}

/// 128 bits nobody can guess: the form's identity, so that sending it twice is harmless.
fn fresh_token() -> Result<String, Failure> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|error| {
        tracing::error!(%error, "no randomness");
        Failure::internal()
    })?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn shown(web: &Web, visitor: Page, given: Given, faults: Faults, status: StatusCode) -> Response {
    let visitor = visitor.at("report");
    let lang = visitor.lang;
    let template = ReportPage {
        t: visitor.words(),
        groups: groups(web, lang, &given.class),
        offices: offices(web, lang, &given.about_office),
        given,
        faults,
        photos_max: web.config.public_photos_max,
        page: visitor,
    };
    let response = page(status, &template, lang);
    template.page.remember(response)
}

fn groups(web: &Web, lang: Lang, chosen: &str) -> Vec<Group> {
    let node = web.app.node();
    let mut groups: BTreeMap<(String, &str), Vec<Choosable<String>>> = BTreeMap::new();
    for class in node.classes.values().filter(|class| class.is_active) {
        let group = lang.pick(class.group_zh.as_str(), class.group_en.as_str());
        let kind = class
            .code
            .as_str()
            .chars()
            .next()
            .map(String::from)
            .unwrap_or_default();
        groups.entry((kind, group)).or_default().push(Choosable {
            code: class.code.0.clone(),
            name: lang.pick(&class.name_zh, &class.name_en).clone(),
            is_chosen: class.code.as_str() == chosen,
        });
    }
    // Matters first: what happens is reported more often than a thing that broke.
    let mut ordered: Vec<_> = groups.into_iter().collect();
    ordered.sort_by_key(|((kind, _), _)| kind != "m");
    ordered
        .into_iter()
        .map(|((_, name), classes)| Group {
            name: name.to_owned(),
            classes,
        })
        .collect()
}

fn offices(web: &Web, lang: Lang, chosen: &str) -> Vec<Choosable<i64>> {
    let node = web.app.node();
    let active = node.offices.values().filter(|office| office.is_active);
    let choices = active.map(|office| Choosable {
        code: office.id.0,
        name: lang.pick(&office.name_zh, &office.name_en).clone(),
        is_chosen: office.id.to_string() == chosen,
    });
    choices.collect()
}

pub(crate) async fn hand_in(
    State(web): State<Web>,
    visitor: Page,
    form: Result<Multipart, MultipartRejection>,
) -> Response {
    let Ok(mut form) = form else {
        return broken(visitor, &Broken::NotAForm);
    };
    let mut desk = Desk {
        web: &web,
        given: Given::default(),
        taken: None,
        photos: 0,
        not_kept: vec![],
    };
    match desk.read(&mut form).await {
        Ok(()) => desk.thank(),
        Err(Stop::Broken(reason)) => match desk.taken {
            // The words are kept already; only the photos broke off.
            Some(_) => desk.thank(),
            None => broken(visitor, &reason),
        },
        Err(Stop::Refused(failure)) => {
            forms::drain(&mut form).await;
            again(&web, visitor, desk.given, &failure)
        }
    }
}

fn again(web: &Web, visitor: Page, mut given: Given, failure: &Failure) -> Response {
    if given.token.is_empty()
        && let Ok(token) = fresh_token()
    {
        given.token = token;
    }
    let faults = Faults::of(failure, visitor.lang);
    shown(web, visitor, given, faults, failure.status())
}

fn broken(visitor: Page, reason: &Broken) -> Response {
    let (status, failure) = (reason.status(), Failure::of_status(reason.status()));
    let words = visitor.words();
    let (lang, text) = (visitor.lang, failure.detail(visitor.lang).to_owned());
    let back = ("/report".to_owned(), words.back_to_report);
    page(
        status,
        &message(visitor.at("report"), words.refused_title, text, back),
        lang,
    )
}

/// A page of a few sentences.
pub(super) fn message(
    visitor: Page,
    title: &'static str,
    text: String,
    (back, back_text): (String, &'static str),
) -> MessagePage {
    MessagePage {
        t: visitor.words(),
        page: visitor,
        title,
        text,
        faults: vec![],
        back,
        back_text,
    }
}

enum Stop {
    Broken(Broken),
    Refused(Failure),
}

impl From<Broken> for Stop {
    fn from(reason: Broken) -> Self {
        Self::Broken(reason)
    }
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Refused(failure)
    }
}

/// One form being read: its words, and, from its first photo on, the report they became.
struct Desk<'a> {
    web: &'a Web,
    given: Given,
    taken: Option<Taken>,
    photos: usize,
    not_kept: NotKept,
}

impl Desk<'_> {
    async fn read(&mut self, form: &mut Multipart) -> Result<(), Stop> {
        while let Some(mut field) = forms::next_field(form).await? {
            let name = field.name().unwrap_or_default().to_owned();
            if name == "photo" {
                // Words before photos: a report stands before its first picture is looked at.
                self.take().await?;
                let sent = forms::file(&mut field, self.web.config.photo_bytes_max).await?;
                self.add(sent).await;
            } else if let Some(target) = self.given.field(&name) {
                *target = forms::text(&mut field).await?;
            }
        }
        self.take().await?;
        Ok(())
    }

    async fn take(&mut self) -> Result<(), Failure> {
        if self.taken.is_some() {
            return Ok(());
        }
        let (incoming, about) = incoming(self.web, &self.given)?;
        let app = self.web.app.clone();
        let taken = run(move || reports::take(&app, &Caller::resident(), incoming, about)).await?;
        self.taken = Some(taken);
        Ok(())
    }

    async fn add(&mut self, sent: Sent) {
        let Some(taken) = &self.taken else { return };
        if matches!(sent, Sent::Nothing) {
            return;
        }
        self.photos += 1;
        // Sent again, by a second click or after a broken line: what is there already is not added twice.
        if taken.known && self.photos <= kept_already(self.web, taken.tracking_code.clone()).await {
            return;
        }
        let result = match sent {
            _ if self.photos > self.web.config.public_photos_max => Err("photo.too_many".to_owned()),
            Sent::Bytes(bytes) => keep(self.web, taken.tracking_code.clone(), bytes).await,
            Sent::TooLarge => Err("photo.too_large".to_owned()),
            Sent::Nothing => Ok(()),
        };
        if let Err(code) = result {
            self.not_kept.push((self.photos, code));
        }
    }

    fn thank(&self) -> Response {
        let code = self
            .taken
            .as_ref()
            .map(|taken| taken.tracking_code.as_str())
            .unwrap_or_default();
        Redirect::to(&kept_at(code, "thanks", &self.not_kept)).into_response()
    }
}

/// How many photos the report behind the code has.
pub(crate) async fn kept_already(web: &Web, code: String) -> usize {
    let app = web.app.clone();
    run(move || tracks::open(&app, &code))
        .await
        .map_or(0, |tracked| tracked.photos.len())
}

/// Adds one photo to the report behind the code; the error is the reason's code.
pub(super) async fn keep(web: &Web, code: String, bytes: Vec<u8>) -> Result<(), String> {
    let app = web.app.clone();
    let added = run(move || tracks::add_photo(&app, &code, &bytes)).await;
    added.map(|_| ()).map_err(|failure| failure.code().to_owned())
}

/// The tracking page, told what to say above it.
pub(super) fn kept_at(code: &str, said: &str, not_kept: &NotKept) -> String {
    let list: Vec<String> = not_kept
        .iter()
        .map(|(place, code)| format!("{place}:{code}"))
        .collect();
    let photos = if list.is_empty() {
        String::new()
    } else {
        format!("&photos={}", list.join(","))
    };
    format!("/t/{code}?said={said}{photos}")
}

fn incoming(web: &Web, given: &Given) -> Result<(Incoming, Option<OfficeId>), Failure> {
    let text = |value: &str| {
        Some(value.trim())
            .filter(|value| !value.is_empty())
            .map(str::to_owned)
    };
    let about = text(&given.about_office)
        .map(|id| id.parse::<OfficeId>())
        .transpose();
    let about = about.map_err(|_why| {
        Failure::field(
            "about_office",
            "office.unknown",
            "没有这个单位。",
            "There is no such office.",
        )
    })?;
    let contact = Contact {
        name: text(&given.name),
        phone: text(&given.phone),
        email: text(&given.email),
    };
    let is_token = given.token.len() >= 32 && given.token.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let incoming = Incoming {
        channel: Channel::Web,
        source: "web".into(),
        external_id: is_token.then(|| given.token.clone()),
        class: text(&given.class).map(ClassCode),
        title: String::new(),
        // Browsers send line ends as CR LF.
        description: given.description.trim().replace("\r\n", "\n"),
        address: text(&given.address),
        point: point(given)?,
        reported_at: web.app.clock.now(),
        contact: Some(contact).filter(|contact| !contact.is_empty()),
        history: None,
        is_duplicate: false,
        is_default_point: false,
        facts: BTreeMap::new(),
    };
    Ok((incoming, about))
}

fn point(given: &Given) -> Result<Option<GivenPoint>, Failure> {
    if given.lat.trim().is_empty() && given.lon.trim().is_empty() {
        return Ok(None);
    }
    let number = |text: &str, limit: f64| {
        text.trim()
            .parse::<f64>()
            .ok()
            .filter(|value| value.abs() <= limit)
    };
    let (Some(lat), Some(lon)) = (number(&given.lat, 90.0), number(&given.lon, 180.0)) else {
        return Err(Failure::field(
            "point",
            "point.unreadable",
            "经纬度无法识别：纬度应在 −90 到 90 之间，经度应在 −180 到 180 之间，两项都要填写；也可以清空，改填地点。",
            "These coordinates cannot be read: give a latitude from −90 to 90 and a longitude from −180 to 180, or empty both and describe the place.",
        ));
    };
    let error_m = given
        .error_m
        .trim()
        .parse::<f64>()
        .ok()
        .filter(|value| (0.0..=100_000.0).contains(value));
    Ok(Some(GivenPoint {
        lon,
        lat,
        datum: Datum::Wgs84,
        error_m,
    }))
}
