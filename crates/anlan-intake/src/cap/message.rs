//! What a document's elements say, as a message of the model. Older versions are translated here. Where something is wrong it is told
//! to the judge, and there is no message.

use super::Version;
use super::judging::{Judge, Parts, Place, quoted};
use super::shapes;
use super::values;
use super::{AREAS_MAX, INFOS_MAX, POINTS_MAX};
use anlan_model::alerts::{AlertCategory, AlertScope, Area, Info, Message, MessageRef, NamedValue, Resource};

/// What XML Schema puts where no language is given.
const LANGUAGE: &str = "en-US";
/// The media type of a file of which nothing is known (RFC 2046, section 4.5.1).
const MEDIA_TYPE: &str = "application/octet-stream";

/// Reads the message of an alert element.
pub(super) fn message(judge: &mut Judge, place: &Place<'_>) -> Option<Message> {
    let parts = judge.parts(place, shapes::ALERT);
    if let Some(password) = parts.one("password") {
        judge.leaf(password);
        judge.warn("cap.password", password, "a password is not kept".to_owned());
    }
    let name = name(judge, &parts);
    let (status, kind) = (judge.word(parts.one("status")), judge.word(parts.one("msgType")));
    let source = judge.text(parts.one("source"));
    let scope = scope(judge, &parts, place);
    let restriction = judge.text(parts.one("restriction"));
    let addresses = list(judge, &parts, "addresses");
    let codes = parts
        .all("code")
        .filter_map(|code| judge.text(Some(code)))
        .collect();
    let note = judge.text(parts.one("note"));
    let references = references(judge, &parts);
    let incidents = list(judge, &parts, "incidents");
    let infos = infos(judge, &parts);
    Some(Message {
        name: name?,
        status: status?,
        kind: kind?,
        scope: scope?,
        source,
        restriction,
        addresses,
        codes,
        note,
        references,
        incidents,
        infos,
    })
}

fn name(judge: &mut Judge, parts: &Parts<'_>) -> Option<MessageRef> {
    let identifier = judge.must(parts.one("identifier"));
    let sender = judge.must(parts.one("sender"));
    let sent = judge.time(parts.one("sent"));
    Some(MessageRef {
        sender: sender?,
        identifier: identifier?,
        sent: sent?,
    })
}

/// Version 1.0 may leave it out; its text takes that for public (section 3.2.1).
fn scope(judge: &mut Judge, parts: &Parts<'_>, place: &Place<'_>) -> Option<AlertScope> {
    if parts.one("scope").is_some() || judge.version != Version::V1_0 {
        return judge.word(parts.one("scope"));
    }
    judge.warn(
        "cap.filled",
        place,
        "scope is not given; it is taken as Public".to_owned(),
    );
    Some(AlertScope::Public)
}

fn list(judge: &mut Judge, parts: &Parts<'_>, name: &str) -> Vec<String> {
    let text = judge.text(parts.one(name));
    text.map_or_else(Vec::new, |text| values::list(&text))
}

fn references(judge: &mut Judge, parts: &Parts<'_>) -> Vec<MessageRef> {
    let place = parts.one("references");
    let (Some(text), Some(place)) = (judge.text(place), place) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for one in text.split_whitespace() {
        match values::reference(one, judge.version) {
            Some(reference) => found.push(reference),
            None => judge.warn(
                "cap.references",
                place,
                format!(
                    "{} is not sender,identifier,sent and is left out; correct it",
                    quoted(one)
                ),
            ),
        }
    }
    found
}

fn infos(judge: &mut Judge, parts: &Parts<'_>) -> Vec<Info> {
    let mut infos = Vec::new();
    for (nth, place) in parts.all("info").enumerate() {
        if nth == INFOS_MAX {
            judge.refuse(
                "cap.limit",
                place,
                format!("there are more than {INFOS_MAX} of info; send fewer"),
            );
            break;
        }
        infos.extend(info(judge, place));
    }
    infos
}

fn info(judge: &mut Judge, place: &Place<'_>) -> Option<Info> {
    let parts = judge.parts(place, shapes::INFO);
    let language = judge
        .text(parts.one("language"))
        .unwrap_or_else(|| LANGUAGE.to_owned());
    let categories = categories(judge, &parts, place);
    let event = judge.must(parts.one("event"));
    let responses = parts
        .all("responseType")
        .filter_map(|one| judge.word(Some(one)))
        .collect();
    let urgency = judge.word(parts.one("urgency"));
    let severity = judge.word(parts.one("severity"));
    let certainty = judge.word(parts.one("certainty"));
    Some(Info {
        language,
        categories,
        audience: judge.text(parts.one("audience")),
        event_codes: named_values(judge, &parts, "eventCode"),
        effective: judge.time(parts.one("effective")),
        onset: judge.time(parts.one("onset")),
        expires: judge.time(parts.one("expires")),
        sender_name: judge.text(parts.one("senderName")),
        headline: judge.text(parts.one("headline")),
        description: judge.text(parts.one("description")),
        instruction: judge.text(parts.one("instruction")),
        web: judge.text(parts.one("web")),
        contact: judge.text(parts.one("contact")),
        parameters: named_values(judge, &parts, "parameter"),
        resources: parts
            .all("resource")
            .filter_map(|one| resource(judge, one))
            .collect(),
        areas: parts.all("area").filter_map(|one| area(judge, one)).collect(),
        event: event?,
        responses,
        urgency: urgency?,
        severity: severity?,
        certainty: certainty?,
    })
}

/// Version 1.0 may leave it out.
fn categories(judge: &mut Judge, parts: &Parts<'_>, place: &Place<'_>) -> Vec<AlertCategory> {
    if parts.one("category").is_none() && judge.version == Version::V1_0 {
        judge.warn(
            "cap.filled",
            place,
            "category is not given; it is taken as Other".to_owned(),
        );
        return vec![AlertCategory::Other];
    }
    parts
        .all("category")
        .filter_map(|one| judge.word(Some(one)))
        .collect()
}

fn named_values(judge: &mut Judge, parts: &Parts<'_>, name: &'static str) -> Vec<NamedValue> {
    parts
        .all(name)
        .filter_map(|one| named_value(judge, one))
        .collect()
}

/// Two elements; in version 1.0 one text with an equals sign.
fn named_value(judge: &mut Judge, place: &Place<'_>) -> Option<NamedValue> {
    if judge.version == Version::V1_0 {
        let text = judge.text(Some(place))?;
        return Some(values::named_value(&text).unwrap_or_else(|| {
            let message = format!("{} is not name=value; its name stays empty", quoted(&text));
            judge.warn("cap.named_value", place, message);
            NamedValue {
                name: String::new(),
                value: text,
            }
        }));
    }
    let parts = judge.parts(place, shapes::NAMED_VALUE);
    let (name, value) = (judge.must(parts.one("valueName")), judge.must(parts.one("value")));
    Some(NamedValue {
        name: name?,
        value: value?,
    })
}

fn resource(judge: &mut Judge, place: &Place<'_>) -> Option<Resource> {
    let parts = judge.parts(place, shapes::RESOURCE);
    let description = judge.must(parts.one("resourceDesc"));
    let mut media_type = judge.must(parts.one("mimeType"));
    if media_type.is_none() && judge.version != Version::V1_2 {
        judge.warn(
            "cap.filled",
            place,
            format!("mimeType is not given; it is taken as {MEDIA_TYPE}"),
        );
        media_type = Some(MEDIA_TYPE.to_owned());
    }
    let size = parts.one("size").and_then(|one| size(judge, one));
    let uri = judge.text(parts.one("uri"));
    let inside = parts.one("derefUri").map(|one| judge.leaf(one));
    let digest = judge.text(parts.one("digest"));
    Some(Resource {
        description: description?,
        media_type: media_type?,
        size,
        uri,
        digest,
        is_inside: inside.is_some_and(|content| !content.trim().is_empty()),
    })
}

/// The schema takes any whole number; below nought none is a length.
fn size(judge: &mut Judge, place: &Place<'_>) -> Option<u64> {
    let text = judge.text(Some(place))?;
    let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
    let is_whole = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    let size = text.parse().ok().filter(|_| is_whole);
    let message = format!(
        "{} is no length in bytes; write a whole number, nought or more",
        quoted(&text)
    );
    match (is_whole, size) {
        (false, _) => judge.refuse("cap.number", place, message),
        (true, None) => judge.warn("cap.number", place, message),
        (true, Some(_)) => {}
    }
    size
}

fn area(judge: &mut Judge, place: &Place<'_>) -> Option<Area> {
    judge.areas += 1;
    if judge.areas > AREAS_MAX {
        if judge.areas == AREAS_MAX + 1 {
            judge.refuse(
                "cap.limit",
                place,
                format!("there are more than {AREAS_MAX} of area; send fewer"),
            );
        }
        return None;
    }
    let parts = judge.parts(place, shapes::AREA);
    let description = judge.must(parts.one("areaDesc"));
    let mut polygons = Vec::new();
    for polygon in parts.all("polygon") {
        polygons.extend(ring(judge, polygon));
    }
    let circles = parts.all("circle").filter_map(|one| {
        let text = judge.text(Some(one))?;
        let circle = values::circle(&text);
        if circle.is_none() {
            let message = format!("{} is no circle; write latitude,longitude radius", quoted(&text));
            judge.refuse("cap.circle", one, message);
        }
        circle
    });
    Some(Area {
        circles: circles.collect(),
        polygons,
        description: description?,
        geocodes: named_values(judge, &parts, "geocode"),
        altitude: height(judge, parts.one("altitude")),
        ceiling: height(judge, parts.one("ceiling")),
    })
}

fn ring(judge: &mut Judge, place: &Place<'_>) -> Option<Vec<anlan_model::places::Point>> {
    judge.text(Some(place))?;
    match values::ring(&place.element.text) {
        Ok(ring) => {
            let before = judge.points;
            judge.points += ring.len();
            if judge.points > POINTS_MAX && before <= POINTS_MAX {
                let message = format!("there are more than {POINTS_MAX} points; simplify the polygons");
                judge.refuse("cap.limit", place, message);
            }
            (judge.points <= POINTS_MAX).then_some(ring)
        }
        Err(pair) => {
            let message = format!("{} is no pair latitude,longitude; correct it", quoted(pair));
            judge.refuse("cap.polygon", place, message);
            None
        }
    }
}

/// A number in 1.2; the older versions take any text, of which only a number can be kept.
fn height(judge: &mut Judge, place: Option<&Place<'_>>) -> Option<f64> {
    let text = judge.text(place)?;
    let (read, place) = (values::decimal(&text), place?);
    let message = format!("{} is no number of feet; write one", quoted(&text));
    match (read, judge.version) {
        (None, Version::V1_2) => judge.refuse("cap.number", place, message),
        (None, Version::V1_0 | Version::V1_1) => judge.warn("cap.number", place, message),
        (Some(_), _) => {}
    }
    read
}
