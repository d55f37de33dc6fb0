//! The page templates and what they are filled with. Nothing is looked up here.

use super::look_words::LookWords;
use super::words::Words;
use crate::languages::Lang;
use crate::problems::Failure;
use crate::state::Web;
use askama::Template;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{HeaderValue, header};
use axum::response::Response;
use serde::Deserialize;
use std::convert::Infallible;

/// What every page shows around its content.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    pub(crate) lang: Lang,
    pub(crate) node: String,
    pub(crate) is_demo: bool,
    /// Which entry of the navigation the page is.
    pub(crate) here: &'static str,
    /// The visitor chose the language just now: remember it.
    is_chosen: bool,
}

#[derive(Debug, Deserialize)]
struct Choice {
    lang: Option<String>,
}

impl FromRequestParts<Web> for Page {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Infallible> {
        Ok(Self::of(parts, web))
    }
}

impl Page {
    /// What a request asks for.
    pub(crate) fn of(parts: &Parts, web: &Web) -> Self {
        let choice = Query::<Choice>::try_from_uri(&parts.uri)
            .ok()
            .and_then(|query| query.0.lang);
        let chosen = choice.as_deref().and_then(Lang::from_tag);
        let lang = chosen.or_else(|| Lang::asked(&parts.headers)).unwrap_or(Lang::Zh);
        let node = web.app.node();
        let name = lang.pick(&node.node.name_zh, &node.node.name_en).clone();
        Self {
            lang,
            node: name,
            is_demo: node.node.is_demo,
            here: "",
            is_chosen: chosen.is_some(),
        }
    }

    pub(crate) fn words(&self) -> &'static Words {
        Words::of(self.lang)
    }

    pub(crate) fn at(mut self, here: &'static str) -> Self {
        self.here = here;
        self
    }

    /// Adds the language cookie if the visitor chose one.
    pub(crate) fn remember(&self, mut response: Response) -> Response {
        if self.is_chosen {
            let cookie = self.lang.pick(
                "lang=zh; Path=/; SameSite=Lax; Max-Age=31536000",
                "lang=en; Path=/; SameSite=Lax; Max-Age=31536000",
            );
            response
                .headers_mut()
                .append(header::SET_COOKIE, HeaderValue::from_static(cookie));
        }
        response
    }
}

/// One thing to correct.
#[derive(Debug)]
pub(crate) struct FaultLine {
    /// Which part of the form shows it.
    group: &'static str,
    /// The control it is about.
    pub(crate) anchor: &'static str,
    pub(crate) message: String,
}

/// Everything to correct.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    pub(crate) items: Vec<FaultLine>,
}

impl Faults {
    /// The fields of a failure, in the words of the form.
    pub(crate) fn of(failure: &Failure, lang: Lang) -> Self {
        let lines = failure.faults().iter().map(|fault| {
            let (group, anchor) = control(&fault.field);
            FaultLine {
                group,
                anchor,
                message: lang.pick(&fault.zh, &fault.en).clone(),
            }
        });
        let mut items: Vec<FaultLine> = lines.collect();
        if items.is_empty() {
            items.push(FaultLine {
                group: "form",
                anchor: "main",
                message: failure.detail(lang).to_owned(),
            });
        }
        Self { items }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(crate) fn has(&self, group: &str) -> bool {
        self.get(group).is_some()
    }

    pub(crate) fn get(&self, group: &str) -> Option<&str> {
        self.items
            .iter()
            .find(|fault| fault.group == group)
            .map(|fault| fault.message.as_str())
    }
}

fn control(field: &str) -> (&'static str, &'static str) {
    match field {
        "class" => ("class", "class"),
        "description" | "title" => ("description", "description"),
        "address" => ("address", "address"),
        "contact.name" => ("contact", "name"),
        "contact.phone" => ("contact", "phone"),
        "contact.email" => ("contact", "email"),
        "about_office" => ("about_office", "about_office"),
        _ if field.starts_with("point") || field == "error_m" => ("point", "lat"),
        _ => ("form", "main"),
    }
}

/// What somebody typed into the report form, as typed.
#[derive(Clone, Default)]
pub(crate) struct Given {
    pub(crate) token: String,
    pub(crate) class: String,
    pub(crate) description: String,
    pub(crate) address: String,
    pub(crate) lat: String,
    pub(crate) lon: String,
    pub(crate) error_m: String,
    pub(crate) name: String,
    pub(crate) phone: String,
    pub(crate) email: String,
    pub(crate) about_office: String,
}

impl Given {
    pub(crate) fn has_point(&self) -> bool {
        !self.lat.is_empty() || !self.lon.is_empty()
    }

    pub(crate) fn has_contact(&self) -> bool {
        [&self.name, &self.phone, &self.email]
            .iter()
            .any(|text| !text.is_empty())
    }

    /// The field of this name, to be filled.
    pub(crate) fn field(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "token" => &mut self.token,
            "class" => &mut self.class,
            "description" => &mut self.description,
            "address" => &mut self.address,
            "lat" => &mut self.lat,
            "lon" => &mut self.lon,
            "error_m" => &mut self.error_m,
            "name" => &mut self.name,
            "phone" => &mut self.phone,
            "email" => &mut self.email,
            "about_office" => &mut self.about_office,
            _ => return None,
        })
    }
}

/// A group of classes to choose from.
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) classes: Vec<Choosable<String>>,
}

/// One entry of a list to choose from.
pub(crate) struct Choosable<T> {
    pub(crate) code: T,
    pub(crate) name: String,
    pub(crate) is_chosen: bool,
}

/// `GET /report`, and `POST /report` when something has to be corrected.
#[derive(Template)]
#[template(path = "report.html")]
pub(crate) struct ReportPage {
    pub(crate) page: Page,
    pub(crate) t: &'static Words,
    pub(crate) groups: Vec<Group>,
    pub(crate) offices: Vec<Choosable<i64>>,
    pub(crate) given: Given,
    pub(crate) faults: Faults,
    pub(crate) photos_max: usize,
}

/// `GET /track`.
#[derive(Template)]
#[template(path = "track.html")]
pub(crate) struct TrackPage {
    pub(crate) page: Page,
    pub(crate) t: &'static Words,
    pub(crate) code: String,
    pub(crate) is_bad: bool,
}

/// Something in a few sentences: not found, not possible.
#[derive(Template)]
#[template(path = "message.html")]
pub(crate) struct MessagePage {
    pub(crate) page: Page,
    pub(crate) t: &'static Words,
    pub(crate) title: &'static str,
    pub(crate) text: String,
    pub(crate) faults: Vec<String>,
    pub(crate) back: String,
    pub(crate) back_text: &'static str,
}

/// A line above the page about what was just done.
pub(crate) struct Notice {
    pub(crate) is_good: bool,
    pub(crate) text: &'static str,
    pub(crate) details: Vec<String>,
}

/// How it was closed.
pub(crate) struct Done {
    pub(crate) reason: String,
    pub(crate) note: String,
}

/// One step of the way, newest first.
pub(crate) struct StepLine {
    pub(crate) state: String,
    pub(crate) office: Option<String>,
    pub(crate) at: String,
    pub(crate) when: String,
    pub(crate) note: Option<String>,
}

/// One photo of the case.
pub(crate) struct PhotoLine {
    pub(crate) id: i64,
    pub(crate) alt: String,
    pub(crate) caption: String,
    pub(crate) width: u32,
    pub(crate) height: u32,
}

/// One access to the report's case.
pub(crate) struct LookLine {
    pub(crate) what: String,
    pub(crate) who: String,
    pub(crate) what_for: &'static str,
    pub(crate) at: String,
    pub(crate) when: String,
    /// How far it is in the log.
    pub(crate) standing: &'static str,
}

/// `GET /t/{code}/accesses`.
#[derive(Template)]
#[template(path = "looks.html")]
pub(crate) struct LooksPage {
    pub(crate) page: Page,
    pub(crate) t: &'static Words,
    pub(crate) w: &'static LookWords,
    pub(crate) code: String,
    pub(crate) number: String,
    pub(crate) count: String,
    /// What the log says of the list.
    pub(crate) summary: String,
    /// `late` where it does not prove it.
    pub(crate) tone: &'static str,
    pub(crate) has_proof: bool,
    pub(crate) looks: Vec<LookLine>,
    /// Where not all are shown.
    pub(crate) rest: Option<String>,
}

/// `GET /t/{code}`.
#[derive(Template)]
#[template(path = "progress.html")]
pub(crate) struct ProgressPage {
    pub(crate) page: Page,
    pub(crate) t: &'static Words,
    pub(crate) code: String,
    pub(crate) number: String,
    pub(crate) title: String,
    pub(crate) notices: Vec<Notice>,
    /// `late`, `paused` or nothing.
    pub(crate) tone: &'static str,
    pub(crate) state_name: String,
    pub(crate) office: Option<String>,
    pub(crate) promise: Vec<String>,
    pub(crate) done: Option<Done>,
    pub(crate) may_rate: bool,
    pub(crate) rating: Option<anlan_model::cases::Rating>,
    /// Until when it may be reopened, in words; `None` if it may not.
    pub(crate) reopen_lead: Option<String>,
    pub(crate) steps: Vec<StepLine>,
    pub(crate) class: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) received: String,
    pub(crate) description: String,
    pub(crate) photos: Vec<PhotoLine>,
    pub(crate) may_add_photo: bool,
    pub(crate) photos_max: usize,
}
