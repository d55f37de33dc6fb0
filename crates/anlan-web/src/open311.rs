//! Open311 GeoReport v2: what other systems and other cities' apps read here and hand in. Reading is for everybody and tells
//! what is public of cases; handing in takes a machine's key. Documents are printed and forms read by intake, what is public is
//! decided in the application; here are addresses, statuses and the protocol's own form of errors.

mod handing_in;

use crate::languages::Lang;
use crate::problems::Failure;
use crate::public::WORDS_BYTES_MAX;
use crate::state::{Web, run};
use anlan_app::jurisdictions::Jurisdiction;
use anlan_app::publications::{self, Publication, Wanted};
use anlan_intake::open311::{self, Discovery, Document, Fault, Fields, Format, Request, Service, field};
use anlan_model::classes::Class;
use anlan_model::ids::ClassCode;
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequestParts, Path, Query, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use jiff::Timestamp;

/// When something about these addresses changed last.
const CHANGESET: &str = "2026-11-28T00:00:00+08:00";

/// Everything below `/open311/`.
pub(crate) fn routes(web: &Web) -> Router<Web> {
    let room = DefaultBodyLimit::max(web.config.photo_bytes_max + WORDS_BYTES_MAX);
    Router::new()
        .route("/open311/discovery.json", get(discovery))
        .route("/open311/discovery.xml", get(discovery))
        .route("/open311/v2/services.json", get(services))
        .route("/open311/v2/services.xml", get(services))
        .route("/open311/v2/services/{file}", get(definition))
        .route("/open311/v2/requests.json", get(requests))
        .route("/open311/v2/requests.xml", get(requests))
        .route("/open311/v2/requests/{file}", get(request))
        .route("/open311/v2/tokens/{file}", get(token))
        .route("/open311/v2/requests.json", post(handing_in::hand_in).layer(room))
        .route("/open311/v2/requests.xml", post(handing_in::hand_in).layer(room))
        .route("/open311/{*path}", get(nowhere).post(nowhere))
}

/// How an answer is to be written, and what was asked.
struct Asked {
    format: Format,
    lang: Lang,
    fields: Vec<(String, String)>,
}

impl FromRequestParts<Web> for Asked {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let asked = Self::of(&parts.uri, &parts.headers);
        if web.app.published.is_empty() {
            return Err(asked.refuse(&[nothing_here()]));
        }
        match fault_of_place(web, &asked.fields) {
            Some(fault) => Err(asked.refuse(&[fault])),
            None => Ok(asked),
        }
    }
}

impl Asked {
    fn of(uri: &Uri, headers: &HeaderMap) -> Self {
        let format = Format::of_name(uri.path()).map_or(Format::Xml, |(_, format)| format);
        let lang = Lang::asked(headers).unwrap_or(Lang::Zh);
        let fields = Query::try_from_uri(uri).map(|query| query.0).unwrap_or_default();
        Self { format, lang, fields }
    }

    fn answer(&self, status: StatusCode, document: &Document) -> Response {
        let Ok(bytes) = document.print(self.format) else {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        };
        let mut response = (status, Body::from(bytes)).into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.format.media_type()),
        );
        headers.insert(
            header::CONTENT_LANGUAGE,
            HeaderValue::from_static(self.lang.tag()),
        );
        headers.insert(header::VARY, HeaderValue::from_static("accept-language, cookie"));
        response
    }

    fn refuse(&self, faults: &[Fault]) -> Response {
        let code = faults.first().map_or(400, |fault| fault.code);
        let status = StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST);
        self.answer(status, &open311::faults(faults, self.lang == Lang::Zh))
    }

    fn fail(&self, failure: &Failure) -> Response {
        let mut response = self.refuse(&faults_of(failure));
        if let Some(wait) = failure.retry_after_s() {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(wait));
        }
        response
    }
}

/// There is one jurisdiction here; who names one names it.
fn fault_of_place(web: &Web, fields: &Fields) -> Option<Fault> {
    let own = web.config.open311_jurisdiction.as_deref()?;
    let named = field(fields, "jurisdiction_id")?;
    (named != own).then(|| Fault {
        code: 404,
        zh: format!("没有这个 jurisdiction_id；本节点为 {own}，也可以省略。"),
        en: format!("There is no such jurisdiction_id; this node is {own}, and it may be left out."),
    })
}

/// A refusal that came before any handler, in the form this door speaks.
pub(crate) fn refusal(parts: &Parts, failure: &Failure) -> Response {
    Asked::of(&parts.uri, &parts.headers).fail(failure)
}

/// What the protocol says of a failure: no key is 403, no such thing 404, and all else about the request 400.
fn faults_of(failure: &Failure) -> Vec<Fault> {
    let code = match failure.status().as_u16() {
        401 | 403 => 403,
        code @ (404 | 408 | 413 | 429 | 500..) => code,
        _ => 400,
    };
    let whole = Fault {
        code,
        zh: failure.detail(Lang::Zh).to_owned(),
        en: failure.detail(Lang::En).to_owned(),
    };
    let fields = failure.faults().iter().map(|fault| Fault {
        code,
        zh: format!("{}：{}", fault.field, fault.zh),
        en: format!("{}: {}", fault.field, fault.en),
    });
    std::iter::once(whole).chain(fields).collect()
}

fn nothing_here() -> Fault {
    Fault {
        code: 404,
        zh: "本节点不提供 Open311。".into(),
        en: "This node does not offer Open311.".into(),
    }
}

/// What is asked for in vain is answered in the form that whoever asks can read.
async fn nowhere(asked: Asked) -> Response {
    asked.refuse(&[Fault {
        code: 404,
        zh: "没有这个地址；可用的地址见 discovery，以 .xml 或 .json 结尾。".into(),
        en: "There is no such address; discovery tells where the API is, and addresses end in .xml or .json."
            .into(),
    }])
}

async fn discovery(State(web): State<Web>, asked: Asked, headers: HeaderMap) -> Response {
    let node = web.app.node();
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let base = match (&web.config.public_url, host) {
        (Some(url), _) => url.trim_end_matches('/').to_owned(),
        (None, Some(host)) => format!("http://{host}"),
        (None, None) => String::new(),
    };
    let (zh, en) = (
        "向本节点管理员申请：为贵方系统建立机器账号并发放密钥。",
        "Ask this node's administrators: they open a machine account for your system and make its key.",
    );
    let told = Discovery {
        changeset: CHANGESET.to_owned(),
        contact: asked.lang.pick(&node.node.name_zh, &node.node.name_en).clone(),
        key_service: asked.lang.pick(zh, en).to_owned(),
        url: format!("{base}/open311/v2"),
        is_test: node.node.is_demo,
    };
    asked.answer(StatusCode::OK, &open311::discovery(&told))
}

fn service(class: &Class, lang: Lang) -> Service {
    Service {
        code: class.code.0.clone(),
        name: lang.pick(&class.name_zh, &class.name_en).clone(),
        group: lang.pick(&class.group_zh, &class.group_en).clone(),
    }
}

async fn services(State(web): State<Web>, asked: Asked) -> Response {
    let classes = publications::classes(&web.app);
    let all: Vec<Service> = classes.iter().map(|class| service(class, asked.lang)).collect();
    asked.answer(StatusCode::OK, &open311::services(&all))
}

/// The name before the format, of a path's last part.
fn named(file: &str) -> Result<&str, Fault> {
    Format::of_name(file).map(|(name, _)| name).ok_or_else(|| Fault {
        code: 404,
        zh: "地址应以 .xml 或 .json 结尾。".into(),
        en: "The address ends in .xml or .json.".into(),
    })
}

async fn definition(State(web): State<Web>, asked: Asked, Path(file): Path<String>) -> Response {
    let found = named(&file).and_then(|code| offered(&web, code));
    match found {
        Ok(class) => asked.answer(StatusCode::OK, &open311::definition(class.code.as_str())),
        Err(fault) => asked.refuse(&[fault]),
    }
}

/// The kind that is offered here under this code.
fn offered(web: &Web, code: &str) -> Result<Class, Fault> {
    let found = publications::find_class(&web.app, code);
    found.ok_or_else(|| Fault {
        code: 404,
        zh: "没有这个 service_code；可用的代码见 services。".into(),
        en: "There is no such service_code here; services lists the codes.".into(),
    })
}

async fn requests(State(web): State<Web>, asked: Asked) -> Response {
    let node = web.app.node();
    let now = web.app.clock.now();
    let wanted = match open311::Wanted::read(&asked.fields, now, node.calendar.zone()) {
        Ok(wanted) => wanted,
        Err(faults) => return asked.refuse(&faults),
    };
    let app = web.app.clone();
    let found = run(move || {
        if !wanted.ids.is_empty() {
            return publications::of_numbers(&app, &wanted.ids);
        }
        let wanted = Wanted {
            classes: wanted.service_codes.into_iter().map(ClassCode).collect(),
            from: wanted.from,
            until: wanted.until,
            is_open: wanted.is_open,
            skip: wanted.skip,
            limit: wanted.limit,
        };
        publications::list(&app, &wanted)
    });
    match found.await {
        Ok(found) => asked.told(&node, &found),
        Err(failure) => asked.fail(&failure),
    }
}

async fn request(State(web): State<Web>, asked: Asked, Path(file): Path<String>) -> Response {
    let number = match named(&file) {
        Ok(number) => number.to_owned(),
        Err(fault) => return asked.refuse(&[fault]),
    };
    let app = web.app.clone();
    match run(move || publications::of_numbers(&app, &[number])).await {
        Ok(found) if found.is_empty() => asked.refuse(&[Fault {
            code: 404,
            zh: "没有这个编号，或该请求不公开。".into(),
            en: "There is no request with this number, or it is not public.".into(),
        }]),
        Ok(found) => asked.told(&web.app.node(), &found),
        Err(failure) => asked.fail(&failure),
    }
}

/// Whoever hands in is told the number at once, so there are no tokens to be asked about.
async fn token(asked: Asked, Path(file): Path<String>) -> Response {
    let fault = named(&file).err().unwrap_or_else(|| Fault {
        code: 404,
        zh: "没有这个令牌；提交后直接返回编号。".into(),
        en: "There is no such token; who hands in is told the number at once.".into(),
    });
    asked.refuse(&[fault])
}

impl Asked {
    fn told(&self, node: &Jurisdiction, found: &[Publication]) -> Response {
        let all: Vec<Request> = found.iter().map(|one| written(node, self.lang, one)).collect();
        self.answer(StatusCode::OK, &open311::requests(&all))
    }
}

fn written(node: &Jurisdiction, lang: Lang, one: &Publication) -> Request {
    let class = node.classes.get(&one.class);
    let office = one.office.and_then(|office| node.offices.get(&office));
    let name = class.map(|class| lang.pick(&class.name_zh, &class.name_en).clone());
    let time = |at: Timestamp| {
        let zoned = at.to_zoned_datetime(node.calendar.zone().clone());
        zoned.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    };
    Request {
        id: one.number.clone(),
        is_open: one.is_open,
        status_notes: notes(node, lang, one),
        service_name: name.unwrap_or_else(|| one.class.0.clone()),
        service_code: one.class.0.clone(),
        agency: office.map(|office| lang.pick(&office.name_zh, &office.name_en).clone()),
        requested: time(one.opened_at),
        updated: time(one.updated_at),
        expected: one.due_at.map(time),
        lat_long: one.about.map(|point| [point.lat, point.lon]),
    }
}

/// The state in words, and for what is closed why.
fn notes(node: &Jurisdiction, lang: Lang, one: &Publication) -> Option<String> {
    let state = node.procedure.state(&one.state);
    let state = state.map(|state| lang.pick(&state.name_zh, &state.name_en).clone());
    let reason = one.reason.as_ref().and_then(|code| node.procedure.reason(code));
    let reason = reason.map(|reason| lang.pick(&reason.name_zh, &reason.name_en).clone());
    match (state, reason.filter(|_| !one.is_open)) {
        (Some(state), Some(reason)) => {
            Some(lang.pick(format!("{state}：{reason}"), format!("{state}: {reason}")))
        }
        (state, reason) => state.or(reason),
    }
}
