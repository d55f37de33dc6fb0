//! `/t/{code}/accesses`: who opened the report, in plain words, and the file that proves it. What may be told is decided
//! in the application.

use super::look_words::LookWords;
use super::page;
use super::pages::{LookLine, LooksPage, Page};
use super::times::moment;
use super::track::{Key, refused};
use crate::languages::Lang;
use crate::state::{Web, run};
use anlan_app::jurisdictions::Jurisdiction;
use anlan_app::tracks::{self, By, Look, Looks, Summary};
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

/// Lines shown at most: who wants more has the file.
const LINES_MAX: usize = 500;

/// The list.
pub(crate) async fn show(State(web): State<Web>, visitor: Page, key: Key) -> Response {
    let (app, code) = (web.app.clone(), key.code.clone());
    match run(move || tracks::looks(&app, &code)).await {
        Ok(looks) => drawn(&web, visitor, key.code, &looks),
        Err(failure) => refused(visitor, None, &failure),
    }
}

/// The proof file.
pub(crate) async fn proof(State(web): State<Web>, visitor: Page, Key { code, .. }: Key) -> Response {
    let (app, key) = (web.app.clone(), code.clone());
    match run(move || tracks::proof(&app, &key)).await {
        Ok(text) => {
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (
                    header::CONTENT_DISPOSITION,
                    "attachment; filename=\"access-proof.json\"",
                ),
            ];
            (
                headers.map(|(name, value)| (name, HeaderValue::from_static(value))),
                text,
            )
                .into_response()
        }
        Err(failure) => refused(visitor, Some(&code), &failure),
    }
}

fn drawn(web: &Web, visitor: Page, code: String, looks: &Looks) -> Response {
    let node = web.app.node();
    let view = View {
        node: &node,
        lang: visitor.lang,
        words: LookWords::of(visitor.lang),
    };
    let all = looks.looks.len();
    let lines = looks.looks.iter().take(LINES_MAX);
    let template = LooksPage {
        code,
        number: looks.number.clone(),
        count: numbered(view.words.count, all),
        summary: view.summary(&looks.summary),
        tone: if looks.summary == Summary::Unproved {
            "late"
        } else {
            ""
        },
        has_proof: matches!(looks.summary, Summary::Whole { .. }),
        looks: lines.map(|look| view.line(look)).collect(),
        rest: (all > LINES_MAX).then(|| numbered(view.words.rest, LINES_MAX)),
        w: view.words,
        t: visitor.words(),
        page: visitor.at("track"),
    };
    let response = page(StatusCode::OK, &template, template.page.lang);
    template.page.remember(response)
}

struct View<'a> {
    node: &'a Jurisdiction,
    lang: Lang,
    words: &'static LookWords,
}

impl View<'_> {
    fn line(&self, look: &Look) -> LookLine {
        LookLine {
            what: what(self.words, look),
            who: self.who(look.by),
            what_for: self.words.purpose(look.purpose),
            at: look.at.to_string(),
            when: moment(self.lang, look.at, self.node.calendar.zone()),
            standing: self.words.standing(look.standing),
        }
    }

    fn who(&self, by: By) -> String {
        match by {
            By::Reporter => self.words.reporter.to_owned(),
            By::Node => self.words.node.to_owned(),
            By::Oversight => self.words.oversight.to_owned(),
            By::Staff { person, office } => {
                let office = office.and_then(|office| self.node.offices.get(&office));
                let form = office.map_or_else(
                    || self.words.staff.to_owned(),
                    |office| {
                        let name = self.lang.pick(&office.name_zh, &office.name_en);
                        self.words.staff_of.replace("{office}", name)
                    },
                );
                form.replace("{who}", &letters(person))
            }
        }
    }

    fn summary(&self, summary: &Summary) -> String {
        let words = self.words;
        let (signed, waiting, apart) = match summary {
            Summary::Erased => return words.erased.to_owned(),
            Summary::Unproved => return words.unproved.to_owned(),
            Summary::Whole {
                signed,
                waiting,
                apart,
            } => (*signed, *waiting, *apart),
        };
        let whole = words.whole.replace("{signed}", &signed.to_string());
        let more = [(words.waiting, waiting), (words.apart, apart)];
        let more = more
            .into_iter()
            .filter(|(_, count)| *count > 0)
            .map(|(form, count)| numbered(form, count));
        let sentences: Vec<String> = std::iter::once(whole).chain(more).collect();
        sentences.join(self.lang.pick("", " "))
    }
}

fn what(words: &LookWords, look: &Look) -> String {
    let refused = if look.allowed { "" } else { words.refused };
    format!("{}{refused}", words.action(&look.action))
}

/// What was done and what for, in one line.
pub(crate) fn action(lang: Lang, look: &Look) -> String {
    let words = LookWords::of(lang);
    let (what, what_for) = (what(words, look), words.purpose(look.purpose));
    format!("{what}{}{what_for}", lang.pick("，", ", "))
}

/// The office that looked, by code and name; else what stands for it.
pub(crate) fn receiver(node: &Jurisdiction, lang: Lang, by: By) -> (String, String) {
    let words = LookWords::of(lang);
    let (code, name) = match by {
        By::Reporter => ("reporter", words.reporter),
        By::Node => ("node", words.node),
        By::Oversight => ("oversight", words.oversight),
        By::Staff { office, .. } => {
            let office = office.and_then(|office| node.offices.get(&office));
            return office.map_or_else(
                || {
                    (
                        "staff".to_owned(),
                        lang.pick(&node.node.name_zh, &node.node.name_en).clone(),
                    )
                },
                |office| {
                    let name = lang.pick(&office.name_zh, &office.name_en);
                    (office.code.clone(), name.clone())
                },
            );
        }
    };
    (code.to_owned(), name.to_owned())
}

fn numbered(form: &str, count: usize) -> String {
    form.replace("{n}", &count.to_string())
}

/// A, B … Z, AA, AB …
fn letters(number: usize) -> String {
    let letter = |digit: usize| char::from(b'A' + u8::try_from(digit % 26).unwrap_or_default());
    let (mut text, mut rest) = (vec![letter(number)], number / 26);
    while rest > 0 {
        text.push(letter(rest - 1));
        rest = (rest - 1) / 26;
    }
    text.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_apart_by_letters() {
        let told = [0, 1, 25, 26, 27, 51, 52, 701, 702].map(letters);
        assert_eq!(told, ["A", "B", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA"]);
    }
}
