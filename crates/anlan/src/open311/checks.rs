//! The checks, one after another: each asks something and has what it found, or what is wrong.

use crate::http::{Answer, Client};
use anlan_intake::open311::{Format, Value, judging, read};
use jiff::Timestamp;
use serde::Serialize;

/// Largest answer that is read.
const BYTES_MAX: u64 = 64 * 1024 * 1024;
/// What nobody has.
const NOTHING: &str = "anlan-check-there-is-no-such-thing";

/// What became of one check.
#[derive(Debug, Serialize)]
pub(super) struct Outcome {
    /// What is checked.
    check: String,
    /// The address that was asked.
    asked: String,
    /// What was found, where nothing is wrong.
    found: String,
    /// What is wrong; empty where it holds.
    faults: Vec<String>,
}

impl Outcome {
    pub(super) fn holds(&self) -> bool {
        self.faults.is_empty()
    }

    pub(super) fn line(&self) -> String {
        let Self {
            check,
            asked,
            found,
            faults,
        } = self;
        if self.holds() {
            return format!("✓ {check}: {found}");
        }
        let faults: Vec<String> = faults.iter().map(|fault| format!("\n    {fault}")).collect();
        format!("✗ {check} ({asked}){}", faults.concat())
    }
}

/// A server that is checked.
pub(super) struct Server {
    client: Client,
    url: String,
    jurisdiction: Option<String>,
}

type Faults = Vec<String>;

impl Server {
    pub(super) fn new(client: Client, url: &str, jurisdiction: Option<String>) -> Self {
        let url = url.trim_end_matches('/').to_owned();
        Self {
            client,
            url,
            jurisdiction,
        }
    }

    /// Every check, each told as soon as it is done.
    pub(super) fn check(&self, with_post: bool, tell: impl FnMut(&Outcome)) -> Vec<Outcome> {
        let mut run = Run {
            server: self,
            base: self.url.clone(),
            formats: vec![Format::Xml, Format::Json],
            outcomes: Vec::new(),
            tell,
        };
        if let Some((_, format)) = Format::of_name(&self.url) {
            run.discovery(format);
        }
        let mut codes = Vec::new();
        for format in run.formats.clone() {
            codes.push(run.services(format));
            run.requests(format);
            run.refusals(format, with_post);
        }
        if let [one, other] = codes.as_slice() {
            run.alike(one, other);
        }
        run.outcomes
    }

    fn address(&self, base: &str, path: &str, format: Format, query: &str) -> String {
        let end = match format {
            Format::Xml => "xml",
            Format::Json => "json",
        };
        let own = self
            .jurisdiction
            .iter()
            .map(|name| format!("jurisdiction_id={name}"));
        let asked = Some(query.to_owned()).filter(|query| !query.is_empty());
        let parts: Vec<String> = own.chain(asked).collect();
        let query = if parts.is_empty() {
            String::new()
        } else {
            format!("?{}", parts.join("&"))
        };
        format!("{base}/{path}.{end}{query}")
    }
}

/// The checks of one server as they go.
struct Run<'a, T> {
    server: &'a Server,
    base: String,
    formats: Vec<Format>,
    outcomes: Vec<Outcome>,
    tell: T,
}

impl<T: FnMut(&Outcome)> Run<'_, T> {
    fn add(&mut self, check: impl Into<String>, asked: &str, found: String, faults: Faults) {
        let outcome = Outcome {
            check: check.into(),
            asked: asked.to_owned(),
            found,
            faults,
        };
        (self.tell)(&outcome);
        self.outcomes.push(outcome);
    }

    /// Asks, and has the document if it came with this status and in this format.
    fn ask(&self, url: &str, format: Format, status: u16) -> Result<Value, Faults> {
        let answer = self.server.client.get(url, BYTES_MAX);
        document(answer, format, status)
    }

    fn discovery(&mut self, format: Format) {
        let url = self.server.url.clone();
        let found = match self.ask(&url, format, 200) {
            Ok(found) => found,
            Err(faults) => return self.add("discovery is read", &url, String::new(), faults),
        };
        let endpoints = found.field("endpoints").items();
        let is_ours = |one: &&Value| {
            one.text("specification")
                .is_some_and(|text| text.ends_with("GeoReport_v2"))
        };
        let Some(endpoint) = endpoints.iter().find(is_ours) else {
            let faults = vec!["no endpoint for GeoReport_v2 is named".to_owned()];
            return self.add("discovery is read", &url, String::new(), faults);
        };
        let mut faults = Vec::new();
        for name in ["contact", "key_service", "changeset"] {
            if found.text(name).is_none() {
                faults.push(format!("it lacks {name}"));
            }
        }
        let named = endpoint
            .text("url")
            .map(|url| url.trim_end_matches('/').to_owned());
        match named {
            Some(base) => self.base = base,
            None => faults.push("the endpoint has no url".to_owned()),
        }
        let formats = endpoint.field("formats").items();
        let has = |word: &str| {
            let words = formats.iter().filter_map(|one| match one {
                Value::Text(text) => Some(text.as_str()),
                _ => None,
            });
            words.into_iter().any(|text| text.contains(word))
        };
        if !has("xml") {
            faults.push("text/xml is not among its formats; every server has it".to_owned());
        }
        if !has("json") {
            self.formats.retain(|format| *format == Format::Xml);
        }
        self.add(
            "discovery is read",
            &url,
            format!("the API is at {}", self.base),
            faults,
        );
    }

    /// The list of services and one definition; the codes there are.
    fn services(&mut self, format: Format) -> Vec<String> {
        let url = self.server.address(&self.base, "services", format, "");
        let check = format!("services ({format:?})");
        let list = match self.ask(&url, format, 200) {
            Ok(list) => list,
            Err(faults) => {
                self.add(check, &url, String::new(), faults);
                return Vec::new();
            }
        };
        let services = list.items();
        self.add(
            check,
            &url,
            format!("{} kinds", services.len()),
            judging::services(&list),
        );
        let with_questions = services.iter().find(|one| one.text("metadata") == Some("true"));
        if let Some(code) = with_questions.and_then(|one| one.text("service_code")) {
            let url = self
                .server
                .address(&self.base, &format!("services/{code}"), format, "");
            let (found, faults) = match self.ask(&url, format, 200) {
                Ok(found) => (
                    format!(
                        "{} questions about {code}",
                        found.field("attributes").items().len()
                    ),
                    judging::definition(&found, code),
                ),
                Err(faults) => (String::new(), faults),
            };
            self.add(format!("a definition ({format:?})"), &url, found, faults);
        }
        let codes = services.iter().filter_map(|one| one.text("service_code"));
        codes.map(str::to_owned).collect()
    }

    fn alike(&mut self, xml: &[String], json: &[String]) {
        let lost: Faults = xml
            .iter()
            .filter(|code| !json.contains(code))
            .map(|code| format!("{code} is in XML only"))
            .chain(
                json.iter()
                    .filter(|code| !xml.contains(code))
                    .map(|code| format!("{code} is in JSON only")),
            )
            .take(5)
            .collect();
        let base = self.base.clone();
        self.add(
            "both formats have the same kinds",
            &base,
            format!("{} kinds", xml.len()),
            lost,
        );
    }

    fn requests(&mut self, format: Format) {
        let (url, list) = self.list(format, "requests", "");
        let list = match list {
            Ok(list) => list,
            Err(faults) => return self.add(format!("requests ({format:?})"), &url, String::new(), faults),
        };
        let mut faults = judging::requests(&list);
        let count = list.items().len();
        if count > 1000 {
            faults.push(format!("it has {count} requests; the first 1,000 are answered"));
        }
        self.add(
            format!("requests ({format:?})"),
            &url,
            format!("{count} requests"),
            faults,
        );
        let Some(first) = list.items().first() else { return };
        if let Some(id) = first.text("service_request_id") {
            let is_it = |list: &[Value]| matches!(list, [one] if one.text("service_request_id") == Some(id));
            let path = format!("requests/{id}");
            self.narrowed(format, ("one request", &path, ""), &is_it);
            let query = format!("service_request_id={id}");
            self.narrowed(format, ("a request by its number", "requests", &query), &is_it);
        }
        for word in ["open", "closed"] {
            let is_so = |one: &Value| one.text("status") == Some(word);
            let query = format!("status={word}");
            self.narrowed(
                format,
                (&format!("{word} requests"), "requests", &query),
                &|list| list.iter().all(is_so),
            );
        }
        if let Some(code) = first.text("service_code") {
            let is_so = |one: &Value| one.text("service_code") == Some(code);
            let query = format!("service_code={code}");
            self.narrowed(format, ("requests of one kind", "requests", &query), &|list| {
                !list.is_empty() && list.iter().all(is_so)
            });
        }
        if let Some(time) = first.text("requested_datetime").and_then(judging::time) {
            self.of_a_day(format, time);
        }
    }

    /// The requests of the day before one that is there: none lies outside of it.
    fn of_a_day(&mut self, format: Format, until: Timestamp) {
        let from = until - jiff::SignedDuration::from_hours(24);
        let query = format!("start_date={from}&end_date={until}");
        let (from, until) = (from.as_second(), until.as_second());
        let is_so = |one: &Value| {
            let at = one.text("requested_datetime").and_then(judging::time);
            at.is_some_and(|at| (from..=until).contains(&at.as_second()))
        };
        self.narrowed(format, ("requests of a day", "requests", &query), &|list| {
            list.iter().all(is_so)
        });
    }

    fn list(&self, format: Format, path: &str, query: &str) -> (String, Result<Value, Faults>) {
        let url = self.server.address(&self.base, path, format, query);
        let list = self.ask(&url, format, 200);
        (url, list)
    }

    fn narrowed(
        &mut self,
        format: Format,
        (what, path, query): (&str, &str, &str),
        is_so: &dyn Fn(&[Value]) -> bool,
    ) {
        let (url, list) = self.list(format, path, query);
        let (found, faults) = match list {
            Ok(list) if is_so(list.items()) => (format!("{} requests", list.items().len()), vec![]),
            Ok(list) => {
                let count = list.items().len();
                (
                    String::new(),
                    vec![format!(
                        "among the {count} answered is something else than was asked for, or what was asked for is not there"
                    )],
                )
            }
            Err(faults) => (String::new(), faults),
        };
        self.add(format!("{what} ({format:?})"), &url, found, faults);
    }

    fn refusals(&mut self, format: Format, with_post: bool) {
        for (what, path) in [
            ("an unknown request", "requests"),
            ("an unknown kind", "services"),
        ] {
            let url = self
                .server
                .address(&self.base, &format!("{path}/{NOTHING}"), format, "");
            let faults = match self.ask(&url, format, 404) {
                Ok(found) => judging::errors(&found, 404),
                Err(faults) => faults,
            };
            self.add(
                format!("{what} ({format:?})"),
                &url,
                "404 with its reason".to_owned(),
                faults,
            );
        }
        if with_post {
            let url = self.server.address(&self.base, "requests", format, "");
            let answer = self.server.client.post_form(&url, BYTES_MAX);
            let status = answer.as_ref().map_or(0, |answer| answer.status);
            let faults = match status {
                400 | 401 | 403 => document(answer, format, status)
                    .map_or_else(|faults| faults, |found| judging::errors(&found, status)),
                _ => vec![format!("an empty form was answered {status}, not 400 or 403")],
            };
            self.add(
                format!("an empty form ({format:?})"),
                &url,
                format!("{status} with its reason"),
                faults,
            );
        }
    }
}

fn document(answer: anyhow::Result<Answer>, format: Format, status: u16) -> Result<Value, Faults> {
    let answer = answer.map_err(|why| vec![format!("{why:#}")])?;
    let mut faults = Vec::new();
    if answer.status != status {
        faults.push(format!("the status is {}, not {status}", answer.status));
    }
    let fits = match format {
        Format::Xml => ["text/xml", "application/xml"].as_slice(),
        Format::Json => ["application/json"].as_slice(),
    };
    let essence = answer.content_type.split(';').next().unwrap_or_default().trim();
    if !fits.contains(&essence) {
        faults.push(format!(
            "the content type is {:?}, not {}",
            answer.content_type,
            fits.concat()
        ));
    }
    match read(&answer.body, format) {
        Ok(found) if faults.is_empty() => Ok(found),
        Ok(_) => Err(faults),
        Err(refusal) => {
            let line = refusal.line.unwrap_or_default();
            faults.push(format!("line {line}: {}", refusal.message));
            Err(faults)
        }
    }
}
