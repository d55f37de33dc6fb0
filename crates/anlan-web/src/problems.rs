//! Everything that can go wrong at this door, and its one form: RFC 9457 `application/problem+json` in the caller's
//! language. Handlers return a `Failure`; `speak` writes it out. No data the caller may not see gets in here.

use crate::languages::Lang;
use crate::wording;
use anlan_app::Error;
use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::borrow::Cow;
use utoipa::ToSchema;

/// RFC 9457 problem details.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// A URN that names the kind of problem.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// The kind of problem in a few words.
    pub(crate) title: String,
    /// The HTTP status, repeated.
    pub(crate) status: u16,
    /// What happened, what was kept and what to do, in the caller's language.
    pub(crate) detail: String,
    /// Stable code to program against.
    pub(crate) code: String,
    /// The fields at fault.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub(crate) fields: Vec<ProblemField>,
    /// What was kept all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) kept: Option<String>,
}

/// One field that cannot be taken.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ProblemField {
    /// Its path, e.g. `point[0]`.
    pub(crate) field: String,
    /// Stable code.
    pub(crate) code: String,
    /// What is wrong and what to do.
    pub(crate) message: String,
}

/// One field at fault, in both languages.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    pub(crate) field: String,
    pub(crate) code: Cow<'static, str>,
    pub(crate) zh: String,
    pub(crate) en: String,
}

/// Why a request is not answered as asked.
#[derive(Debug, Clone)]
pub(crate) struct Failure(Box<Parts>);

#[derive(Debug, Clone)]
struct Parts {
    status: StatusCode,
    code: Cow<'static, str>,
    zh: String,
    en: String,
    fields: Vec<Fault>,
    retry_after_s: Option<u32>,
    kept: Option<(String, String)>,
}

impl Failure {
    /// A failure without fields.
    pub(crate) fn new(
        status: StatusCode,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        Self(Box::new(Parts {
            status,
            code: code.into(),
            zh: zh.into(),
            en: en.into(),
            fields: vec![],
            retry_after_s: None,
            kept: None,
        }))
    }

    /// One field that cannot be taken: 422.
    pub(crate) fn field(
        field: &str,
        code: &'static str,
        zh: impl Into<String>,
        en: impl Into<String>,
    ) -> Self {
        let (zh, en) = (zh.into(), en.into());
        let mut failure = Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, zh.clone(), en.clone());
        failure.0.fields.push(Fault {
            field: field.into(),
            code: code.into(),
            zh,
            en,
        });
        failure
    }

    /// Adds what was kept all the same.
    pub(crate) fn keeping(mut self, zh: String, en: String) -> Self {
        self.0.kept = Some((zh, en));
        self
    }

    /// What the status alone says, for answers that were made without us (404, 405, 413 …).
    pub(crate) fn of_status(status: StatusCode) -> Self {
        let (code, zh, en) = wording::of_status(status);
        Self::new(status, code, zh, en)
    }

    /// Something of ours broke. The reason is in the log, not in the answer.
    pub(crate) fn internal() -> Self {
        Self::of_status(StatusCode::INTERNAL_SERVER_ERROR)
    }

    /// There is no such thing, or none the caller may know of.
    pub(crate) fn missing() -> Self {
        Self::of_status(StatusCode::NOT_FOUND)
    }

    pub(crate) fn status(&self) -> StatusCode {
        self.0.status
    }

    pub(crate) fn code(&self) -> &str {
        &self.0.code
    }

    /// When to try again, where that helps.
    pub(crate) fn retry_after_s(&self) -> Option<u32> {
        self.0.retry_after_s
    }

    /// What happened, in one language.
    pub(crate) fn detail(&self, lang: Lang) -> &str {
        lang.pick(&self.0.zh, &self.0.en)
    }

    /// The fields at fault.
    pub(crate) fn faults(&self) -> &[Fault] {
        &self.0.fields
    }

    /// As the wire shows it.
    pub(crate) fn problem(&self, lang: Lang) -> Problem {
        let parts = &self.0;
        let fields = parts.fields.iter().map(|fault| ProblemField {
            field: fault.field.clone(),
            code: fault.code.to_string(),
            message: lang.pick(&fault.zh, &fault.en).clone(),
        });
        let (_, zh, en) = wording::title(parts.status);
        Problem {
            kind: format!("urn:anlan:problem:{}", parts.code),
            title: lang.pick(zh, en).into(),
            status: parts.status.as_u16(),
            detail: self.detail(lang).into(),
            code: parts.code.to_string(),
            fields: fields.collect(),
            kept: parts.kept.as_ref().map(|(zh, en)| lang.pick(zh, en).clone()),
        }
    }

    fn write(&self, lang: Lang, response: &mut Response) {
        let body = serde_json::to_vec(&self.problem(lang)).unwrap_or_default();
        *response.status_mut() = self.0.status;
        *response.body_mut() = Body::from(body);
        let headers = response.headers_mut();
        headers.remove(header::CONTENT_LENGTH);
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
        if let Some(seconds) = self.0.retry_after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error {
            Error::Denied { code, zh, en } => Self::new(StatusCode::FORBIDDEN, code, zh, en),
            Error::Invalid { code, zh, en, fields } => {
                let mut failure = Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, zh, en);
                failure.0.fields.extend(fields.into_iter().map(|fault| Fault {
                    field: fault.field,
                    code: fault.code.into(),
                    zh: fault.zh,
                    en: fault.en,
                }));
                failure
            }
            Error::Missing { .. } => Self::missing(),
            Error::Conflict { code, zh, en } => Self::new(StatusCode::CONFLICT, code, zh, en),
            Error::SignedOut { code, zh, en } => Self::new(StatusCode::UNAUTHORIZED, code, zh, en),
            Error::TooMany { retry_after_s } => {
                let zh = format!("尝试次数过多，请在 {retry_after_s} 秒后再试。");
                let en = format!("Too many tries. Wait {retry_after_s} seconds, then try again.");
                let mut failure = Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many", zh, en);
                failure.0.retry_after_s = Some(retry_after_s);
                failure
            }
            Error::Unavailable { detail } => {
                // The reason may name files or tables; it goes to the log only.
                tracing::error!(detail, "an action could not be carried out");
                Self::of_status(StatusCode::SERVICE_UNAVAILABLE)
            }
        }
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let mut response = self.0.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes every failure out in the caller's language; turns the API's bare error answers (404, 405, 413 …) into
/// problems too. Pages speak for themselves.
pub(crate) async fn speak(request: Request, next: Next) -> Response {
    let lang = Lang::asked(request.headers()).unwrap_or(Lang::En);
    let is_api = request.uri().path() == "/api" || request.uri().path().starts_with("/api/");
    let mut response = next.run(request).await;
    let failure = response.extensions_mut().remove::<Failure>();
    let status = response.status();
    if let Some(failure) = failure {
        failure.write(lang, &mut response);
    } else if is_api && (status.is_client_error() || status.is_server_error()) {
        Failure::of_status(status).write(lang, &mut response);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_application_error_has_its_status() {
        let cases = [
            (Error::denied("no_right", "不行", "no"), 403, "no_right"),
            (
                Error::field("note", "note.missing", "请写明情况", "say why"),
                422,
                "note.missing",
            ),
            (Error::Missing { what: "case" }, 404, "missing"),
            (
                Error::conflict("case.moved_meanwhile", "李四已结案", "Li closed it"),
                409,
                "case.moved_meanwhile",
            ),
            (
                Error::SignedOut {
                    code: "session.none",
                    zh: "请登录".into(),
                    en: "sign in".into(),
                },
                401,
                "session.none",
            ),
            (Error::TooMany { retry_after_s: 7 }, 429, "too_many"),
            (
                Error::Unavailable {
                    detail: "/var/secret is full".into(),
                },
                503,
                "unavailable",
            ),
        ];
        for (error, status, code) in cases {
            let problem = Failure::from(error).problem(Lang::En);
            assert_eq!((problem.status, problem.code.as_str()), (status, code));
            assert!(!problem.detail.contains("secret"), "{}", problem.detail);
        }
    }

    #[test]
    fn a_problem_speaks_both_languages() {
        let failure = Failure::from(Error::denied("no_right", "不行", "no"));
        assert_eq!(failure.problem(Lang::Zh).detail, "不行");
        assert_eq!(failure.problem(Lang::En).detail, "no");
        assert_eq!(failure.problem(Lang::Zh).title, "不允许");
    }
}
