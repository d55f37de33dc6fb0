//! Reading what stands behind the question mark, so that a misspelt filter is an error and never silently ignored.

use crate::problems::Failure;
use axum::extract::{FromRequestParts, Query};
use axum::http::request::Parts;
use axum::http::{StatusCode, Uri};
use serde::de::DeserializeOwned;
use std::str::FromStr;
use utoipa::IntoParams;

/// The query of a request, unread.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    uri: Uri,
    names: Vec<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Asked {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        Self::of(parts.uri.clone())
    }
}

impl Asked {
    /// Refuses a name that comes twice: which one was meant?
    pub(crate) fn of(uri: Uri) -> Result<Self, Failure> {
        let pairs = Query::<Vec<(String, String)>>::try_from_uri(&uri);
        let pairs = pairs.map_err(|_why| unreadable("?"))?.0;
        let mut names: Vec<String> = Vec::with_capacity(pairs.len());
        for (name, _) in pairs {
            if names.contains(&name) {
                return Err(Failure::field(
                    &name,
                    "filter.repeated",
                    format!("查询参数 {name} 出现了两次；多个值请用逗号分隔。"),
                    format!(
                        "The parameter {name} comes twice; put several values into one, separated by commas."
                    ),
                ));
            }
            names.push(name);
        }
        Ok(Self { uri, names })
    }

    /// Reads the parameters of `T`, leaving others alone.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        Query::<T>::try_from_uri(&self.uri)
            .map(|query| query.0)
            .map_err(|_why| unreadable("?"))
    }

    /// Refuses names that none of the given sets has.
    pub(crate) fn only(&self, known: &[Vec<String>]) -> Result<(), Failure> {
        let stranger = self
            .names
            .iter()
            .find(|name| !known.iter().flatten().any(|known| known == *name));
        let Some(name) = stranger else { return Ok(()) };
        let list = known.iter().flatten().cloned().collect::<Vec<_>>().join(", ");
        Err(Failure::field(
            name,
            "filter.unknown",
            format!("没有名为 {name} 的查询参数；可用：{list}。"),
            format!("There is no parameter {name}; known are {list}."),
        ))
    }
}

/// The names of a parameter struct, for `Asked::only`.
pub(crate) fn names<T: IntoParams>() -> Vec<String> {
    T::into_params(|| None)
        .into_iter()
        .map(|parameter| parameter.name)
        .collect()
}

/// A cursor is the one thing of a list that only the store can judge: its refusal names no field.
pub(crate) fn cursor_fault(failure: Failure) -> Failure {
    let is_ours = failure.status() == StatusCode::UNPROCESSABLE_ENTITY && failure.faults().is_empty();
    if is_ours { bad_cursor() } else { failure }
}

/// 422 for a cursor that is none.
pub(crate) fn bad_cursor() -> Failure {
    Failure::field(
        "cursor",
        "cursor.unreadable",
        "游标无效或来自不同的排序，请从第一页重新开始。",
        "This cursor is not one of ours, or comes from another order. Start again from the first page.",
    )
}

fn unreadable(field: &str) -> Failure {
    Failure::field(
        field,
        "filter.unreadable",
        "查询参数无法读取。",
        "The query cannot be read.",
    )
}

fn wrong(field: &str, value: &str, zh: &str, en: &str) -> Failure {
    let shown: String = value.chars().take(60).collect();
    Failure::field(
        field,
        "filter.value",
        format!("{field} 的值“{shown}”无效：{zh}。"),
        format!("{field} cannot be \"{shown}\": {en}."),
    )
}

/// One value; empty counts as absent.
pub(crate) fn one<T: FromStr>(
    field: &str,
    value: Option<&str>,
    zh: &str,
    en: &str,
) -> Result<Option<T>, Failure> {
    let Some(text) = value.map(str::trim).filter(|text| !text.is_empty()) else {
        return Ok(None);
    };
    text.parse().map(Some).map_err(|_why| wrong(field, text, zh, en))
}

/// Lines on a page: 1 to 200, and 50 if not said.
pub(crate) fn limit(text: Option<&str>) -> Result<u16, Failure> {
    let found: u16 = one("limit", text, "可用 1 到 200", "use 1 to 200")?.unwrap_or(50);
    if (1..=200).contains(&found) {
        return Ok(found);
    }
    Err(Failure::field(
        "limit",
        "filter.value",
        "limit 可用 1 到 200。",
        "limit goes from 1 to 200.",
    ))
}

/// Several values, separated by commas.
pub(crate) fn many<T>(
    field: &str,
    value: Option<&str>,
    hint: (&str, &str),
    read: impl Fn(&str) -> Option<T>,
) -> Result<Vec<T>, Failure> {
    let pieces = value
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty());
    pieces
        .map(|text| read(text).ok_or_else(|| wrong(field, text, hint.0, hint.1)))
        .collect()
}

/// `west,south,east,north` in degrees.
pub(crate) fn bbox(field: &str, value: Option<&str>) -> Result<Option<[f64; 4]>, Failure> {
    let hint = (
        "应为 西，南，东，北 四个度数",
        "give west,south,east,north in degrees",
    );
    let numbers = many(field, value, hint, |text| {
        text.parse::<f64>().ok().filter(|n| n.is_finite())
    })?;
    if numbers.is_empty() {
        return Ok(None);
    }
    let text = value.unwrap_or_default();
    let bounds: [f64; 4] = numbers
        .try_into()
        .map_err(|_why| wrong(field, text, hint.0, hint.1))?;
    let [west, south, east, north] = bounds;
    let is_ordered = west <= east && south <= north && south >= -90.0 && north <= 90.0;
    if is_ordered {
        Ok(Some(bounds))
    } else {
        Err(wrong(field, text, hint.0, hint.1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize, IntoParams)]
    struct Sample {
        #[expect(dead_code, reason = "only its name is tested")]
        state: Option<String>,
    }

    fn asked(text: &str) -> Result<Asked, Failure> {
        Asked::of(format!("/api/x?{text}").parse().unwrap())
    }

    #[test]
    fn strangers_and_repeats_are_named() {
        let known = [names::<Sample>()];
        assert!(asked("state=a").unwrap().only(&known).is_ok());
        assert_eq!(
            asked("stat=a").unwrap().only(&known).unwrap_err().code(),
            "filter.unknown"
        );
        assert_eq!(asked("state=a&state=b").unwrap_err().code(), "filter.repeated");
    }

    #[test]
    fn a_box_is_four_ordered_numbers() {
        assert_eq!(bbox("bbox", Some("1,2,3,4")).unwrap(), Some([1.0, 2.0, 3.0, 4.0]));
        assert_eq!(bbox("bbox", None).unwrap(), None);
        for text in ["1,2,3", "3,2,1,4", "1,2,3,x", "1,2,NaN,4", "0,-91,1,1"] {
            assert_eq!(
                bbox("bbox", Some(text)).unwrap_err().code(),
                "filter.value",
                "{text}"
            );
        }
    }
}
