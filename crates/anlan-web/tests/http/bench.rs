//! What the tests share: a node in a folder of its own with offices, classes, one cell and accounts made as needed,
//! and a client that keeps its cookie.

use crate::providers::FakeProvider;
use anlan_app::jurisdictions::{NodeSettings, documents};
use anlan_app::ports::{Files, MappingInfo};
use anlan_app::publications::Published;
use anlan_app::{App, Caller, accounts, reference};
use anlan_model::accounts::{Account, Role};
use anlan_model::classes::{Class, ClassKind, ClosingDemand, Priority};
use anlan_model::clock::{Clock, SetClock};
use anlan_model::ids::{AccountId, ClassCode, OfficeId};
use anlan_model::offices::OfficeKind;
use anlan_model::sessions::TwoFactorRoles;
use anlan_policy::Policy;
use anlan_store::cells::NewCell;
use anlan_store::offices::NewOffice;
use anlan_store::{Store, StoreConfig};
use anlan_web::WebConfig;
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use serde_json::Value;
use std::path::Path;
use std::sync::Arc;
use tower::ServiceExt;

pub(crate) const COOKIE: &str = "anlan_session";
pub(crate) const PASSWORD: &str = "calm-water-2026";
/// By which address people reach a node that knows it.
pub(crate) const ORIGIN: &str = "http://county.test";
/// A Monday, ten in the morning in Beijing.
pub(crate) const NOW: &str = "2026-11-23T02:00:00Z";

/// The time at which every bench begins.
pub(crate) fn now() -> jiff::Timestamp {
    NOW.parse().unwrap()
}

pub(crate) struct Bench {
    pub(crate) app: App,
    pub(crate) router: Router,
    pub(crate) clock: Arc<SetClock>,
    pub(crate) provider: Arc<FakeProvider>,
    pub(crate) centre: OfficeId,
    pub(crate) water: OfficeId,
    pub(crate) roads: OfficeId,
    folder: tempfile::TempDir,
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.app.store.close();
    }
}

impl Bench {
    pub(crate) fn new() -> Self {
        Self::with(WebConfig::default())
    }

    /// A node that knows its address and demands two factors of everybody with one of these roles.
    pub(crate) fn demanding(roles: &[Role]) -> Self {
        Self::made(
            WebConfig {
                public_url: Some(ORIGIN.into()),
                ..WebConfig::default()
            },
            TwoFactorRoles::of(roles).unwrap(),
        )
    }

    pub(crate) fn with(config: WebConfig) -> Self {
        Self::made(config, TwoFactorRoles::default())
    }

    fn made(config: WebConfig, roles: TwoFactorRoles) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("anlan.db");
        let store = StoreConfig {
            path,
            readers: 4,
            cache_mib: 8,
            master_key: [7; 32],
            pseudonym_key: [8; 32],
        };
        let (store, writer) = Store::open(&store).unwrap();
        std::thread::Builder::new().spawn(move || writer.run()).unwrap();
        let clock = Arc::new(SetClock::at(NOW.parse().unwrap()));
        let on = Arc::clone(&clock) as Arc<dyn Clock>;
        let app = App::new(store, Policy::shipped().unwrap(), on, [9; 32]).unwrap();
        let provider = Arc::new(FakeProvider::default());
        let app = app
            .with_files(Arc::new(Plain))
            .with_two_factor_roles(roles)
            .with_published(Published::of(["m".into()]))
            .with_providers(vec![FakeProvider::provider()], Arc::clone(&provider) as _);
        let offices = furnish(&app);
        let [centre, water, roads] = offices[..] else {
            panic!("three offices")
        };
        let router = anlan_web::router(app.clone(), config);
        Self {
            app,
            router,
            clock,
            provider,
            centre,
            water,
            roads,
            folder,
        }
    }

    /// A node that knows by which address people reach it.
    pub(crate) fn named() -> Self {
        Self::with(WebConfig {
            public_url: Some(ORIGIN.into()),
            ..WebConfig::default()
        })
    }

    /// The node's data folder.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Moves the clock on.
    pub(crate) fn later(&self, minutes: i64) {
        let later = jiff::SignedDuration::from_mins(minutes);
        self.clock.set(self.clock.now() + later);
    }

    /// A client signed in with an account of this role at this office.
    pub(crate) async fn sign_in(&self, role: Role, office: OfficeId) -> Client {
        let name = self.account(role, office);
        let mut client = self.client();
        let answer = client.enter(&name, PASSWORD).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        client
    }

    /// The name of an account of this role at this office.
    pub(crate) fn account(&self, role: Role, office: OfficeId) -> String {
        let name = format!("{role:?}{office}").to_lowercase();
        let account = Account {
            id: AccountId(0),
            name: name.clone(),
            display_name: format!("{role:?} Li"),
            roles: vec![role],
            office: Some(office),
            division: "990101".into(),
            is_active: true,
        };
        // The same person may sign in twice.
        let _ = accounts::create(&self.app, &Caller::system(), account, PASSWORD);
        name
    }

    pub(crate) fn client(&self) -> Client {
        Client {
            router: self.router.clone(),
            cookie: None,
        }
    }
}

/// A reader of files that has one mapping and finds nothing to tell.
#[derive(Debug)]
struct Plain;

impl Files for Plain {
    fn mappings(&self) -> Vec<MappingInfo> {
        vec![MappingInfo {
            name: "plain".into(),
            title_zh: "普通".into(),
            title_en: "Plain".into(),
            description_zh: String::new(),
            description_en: String::new(),
        }]
    }

    fn profile(
        &self,
        _: &Path,
        _: Option<&str>,
        _: jiff::Timestamp,
    ) -> Result<serde_json::Value, anlan_app::Error> {
        Ok(serde_json::json!({"columns": []}))
    }
}

fn office(code: &str, kind: OfficeKind) -> NewOffice {
    NewOffice {
        code: code.into(),
        name_zh: format!("{code}局"),
        name_en: format!("Office of {code}"),
        kind,
        parent: None,
        division: "990101".into(),
        is_active: true,
    }
}

fn class(code: &str, zh: &str, en: &str) -> Class {
    Class {
        code: ClassCode::from(code),
        kind: ClassKind::Matter,
        table: "test".into(),
        group_zh: "市政".into(),
        group_en: "Streets".into(),
        name_zh: zh.into(),
        name_en: en.into(),
        priority: Priority::P2,
        closing: ClosingDemand::default(),
        is_active: true,
        duplicate_radius_m: 100,
    }
}

fn furnish(app: &App) -> Vec<OfficeId> {
    let system = Caller::system();
    let offices = vec![
        office("centre", OfficeKind::Centre),
        office("water", OfficeKind::Department),
        office("roads", OfficeKind::Department),
    ];
    let ids = reference::put_offices(app, &system, offices).unwrap();
    let classes = vec![
        class("m01001", "路面积水", "Flooded road"),
        class("m01002", "井盖缺失", "Missing manhole cover"),
    ];
    reference::put_classes(app, &system, classes).unwrap();
    let cell = NewCell {
        code: "990101001000001".into(),
        name_zh: "一号网格".into(),
        name_en: "Cell one".into(),
        division: "990101001000".into(),
        population: Some(2400),
        geometry: r#"{"type":"Polygon","coordinates":[[[105.0,29.0],[106.0,29.0],[106.0,30.0],[105.0,30.0],[105.0,29.0]]]}"#.into(),
    };
    reference::put_cells(app, &system, "test", vec![cell], vec![]).unwrap();
    let node = NodeSettings {
        name_zh: "安澜县".into(),
        name_en: "Anlan County".into(),
        is_demo: true,
        centre_office: "centre".into(),
        ..NodeSettings::default()
    };
    reference::put_document(
        app,
        &system,
        documents::NODE,
        serde_json::to_string(&node).unwrap(),
    )
    .unwrap();
    let rules = serde_json::json!({"version": 1, "fallback_office": "centre", "rules": [
        {"name": "water", "classes": ["m01001"], "office": "water"},
        {"name": "covers", "classes": ["m01002"], "office": "roads"},
    ]});
    reference::put_document(app, &system, documents::RULES, rules.to_string()).unwrap();
    ids
}

#[derive(Clone)]
pub(crate) struct Client {
    pub(crate) router: Router,
    pub(crate) cookie: Option<String>,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The problem's code; panics if the answer is no problem.
    pub(crate) fn code(&self) -> String {
        assert_eq!(
            self.headers[header::CONTENT_TYPE],
            "application/problem+json",
            "{}",
            self.text()
        );
        let problem = self.json();
        assert_eq!(problem["status"], self.status.as_u16());
        assert!(!problem["detail"].as_str().unwrap().is_empty());
        problem["code"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    pub(crate) fn refused(&self, status: u16, code: &str) -> Value {
        assert_eq!(
            (self.status.as_u16(), self.code().as_str()),
            (status, code),
            "{}",
            self.text()
        );
        self.json()
    }

    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert!(self.status.is_success(), "{}: {}", self.status, self.text());
        self.json()
    }
}

impl Client {
    /// The request with the client's cookie, as a browser on this site sends it.
    pub(crate) fn dressed(&self, mut request: Request<Body>) -> Request<Body> {
        if let Some(cookie) = &self.cookie {
            request
                .headers_mut()
                .append(header::COOKIE, cookie.parse().unwrap());
        }
        let headers = request.headers_mut();
        if !headers.contains_key("sec-fetch-site") && !headers.contains_key(header::ORIGIN) {
            headers.insert("sec-fetch-site", "same-origin".parse().unwrap());
        }
        request
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let request = self.dressed(request);
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = axum::body::to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// Signs in with name and password, and keeps the cookies it is given.
    pub(crate) async fn enter(&mut self, name: &str, password: &str) -> Answer {
        let body = serde_json::json!({"name": name, "password": password});
        self.step("POST", "/api/session", &body).await
    }

    /// A request whose answer may set cookies; they are kept as a browser keeps them.
    pub(crate) async fn step(&mut self, method: &str, path: &str, body: &Value) -> Answer {
        let answer = self.json(method, path, None, body).await;
        let text = self.cookie.take().unwrap_or_default();
        let mut jar: Vec<String> = text
            .split("; ")
            .filter(|pair| !pair.is_empty())
            .map(str::to_owned)
            .collect();
        for line in answer.headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let pair = line.split(';').next().unwrap();
            let name = format!("{}=", pair.split('=').next().unwrap());
            jar.retain(|known| !known.starts_with(&name));
            if !line.contains("Max-Age=0") {
                jar.push(pair.to_owned());
            }
        }
        self.cookie = (!jar.is_empty()).then(|| jar.join("; "));
        answer
    }

    /// The token of its session.
    pub(crate) fn token(&self) -> String {
        let cookie = self.cookie.as_deref().unwrap();
        let mut pairs = cookie.split("; ");
        let start = format!("{COOKIE}=");
        pairs
            .find_map(|pair| pair.strip_prefix(&start))
            .unwrap()
            .to_owned()
    }

    /// The same browser after its session cookie was taken out.
    pub(crate) fn without_session(&self) -> Self {
        let text = self.cookie.clone().unwrap_or_default();
        let kept: Vec<&str> = text
            .split("; ")
            .filter(|pair| !pair.starts_with("anlan_session="))
            .collect();
        Self {
            router: self.router.clone(),
            cookie: Some(kept.join("; ")),
        }
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(Request::delete(path).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(Request::get(path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        self.json("POST", path, None, body).await
    }

    pub(crate) async fn json(&self, method: &str, path: &str, version: Option<u32>, body: &Value) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(version) = version {
            request = request.header(header::IF_MATCH, format!("\"v{version}\""));
        }
        self.send(request.body(Body::from(body.to_string())).unwrap())
            .await
    }

    pub(crate) async fn form(&self, path: &str, parts: &[Part<'_>]) -> Answer {
        let request = Request::post(path).header(header::CONTENT_TYPE, "multipart/form-data; boundary=calm");
        self.send(request.body(Body::from(multipart(parts))).unwrap())
            .await
    }

    /// Hands in a report from the desk; its case's id and tracking code.
    pub(crate) async fn report(&self, class: &str, text: &str) -> (i64, String) {
        let body = serde_json::json!({
            "channel": "hotline", "class": class, "description": text, "address": "1 River Street",
            "point": [105.5, 29.5], "error_m": 10.0,
        });
        let answer = self.post("/api/reports", &body).await.ok();
        (
            answer["case"].as_i64().unwrap(),
            answer["tracking_code"].as_str().unwrap().to_owned(),
        )
    }
}

/// A field of a form: name, file name, content.
pub(crate) type Part<'a> = (&'a str, Option<&'a str>, &'a [u8]);

pub(crate) fn multipart(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, content) in parts {
        body.extend_from_slice(
            format!("--calm\r\nContent-Disposition: form-data; name=\"{name}\"").as_bytes(),
        );
        if let Some(file) = file {
            body.extend_from_slice(format!("; filename=\"{file}\"\r\nContent-Type: image/jpeg").as_bytes());
        }
        body.extend_from_slice(b"\r\n\r\n");
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--calm--\r\n");
    body
}

/// One transparent pixel, PNG.
pub(crate) const PIXEL: [u8; 70] = [
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00,
    0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06, 0x00, 0x00, 0x00, 0x1f, 0x15, 0xc4, 0x89, 0x00,
    0x00, 0x00, 0x0d, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x63, 0x64, 0xf8, 0xcf, 0x50, 0x0f, 0x00, 0x03,
    0x86, 0x01, 0x80, 0x5a, 0x34, 0x7d, 0x6b, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42,
    0x60, 0x82,
];
