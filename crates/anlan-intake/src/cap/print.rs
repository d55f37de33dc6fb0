//! Prints a message as a document of CAP 1.2, in the order and the forms of its schema. It judges nothing: what a message breaks,
//! [`Message::faults`] says.

use super::Version;
use super::text::is_char;
use anlan_model::alerts::{AlertCategory, Area, Info, Message, MessageRef, NamedValue, Resource, Word};
use anlan_model::places::Point;
use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::{Offset, TimeZone};

/// The document of a message, its times at the offsets of a zone.
///
/// Characters that XML does not hold are left out. Of a file that a message carried inside, whose content is not kept, the
/// description alone is printed. An info without a category, which the schema does not know, is printed as `Other`.
pub fn print(message: &Message, zone: &TimeZone) -> String {
    let mut page = Page {
        out: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned(),
        open: Vec::new(),
        zone,
    };
    page.raw(&format!("<alert xmlns=\"{}\">\n", Version::V1_2.namespace()));
    page.open.push("alert");
    page.alert(message);
    page.end();
    page.out
}

/// A time as the protocol writes it, at the offset of the zone; UTC is `-00:00`.
pub(super) fn time(at: Timestamp, zone: &TimeZone) -> String {
    // Offsets of long ago have seconds, which the protocol has no room for.
    let minutes = zone.to_offset(at).seconds().div_euclid(60);
    let offset = Offset::from_seconds(minutes * 60).unwrap_or(Offset::UTC);
    let local = offset.to_datetime(at);
    let written = strtime::format("%Y-%m-%dT%H:%M:%S", local).unwrap_or_default();
    let sign = if minutes > 0 { '+' } else { '-' };
    let minutes = minutes.abs();
    format!("{written}{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

struct Page<'a> {
    out: String,
    open: Vec<&'static str>,
    zone: &'a TimeZone,
}

impl Page<'_> {
    fn raw(&mut self, text: &str) {
        let indent = self.open.len() * 2;
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.out.push_str(text);
    }

    fn begin(&mut self, name: &'static str) {
        self.raw(&format!("<{name}>\n"));
        self.open.push(name);
    }

    fn end(&mut self) {
        if let Some(name) = self.open.pop() {
            self.raw(&format!("</{name}>\n"));
        }
    }

    fn put(&mut self, name: &str, text: &str) {
        self.raw(&format!("<{name}>"));
        escape(text, &mut self.out);
        for part in ["</", name, ">\n"] {
            self.out.push_str(part);
        }
    }

    fn may(&mut self, name: &str, text: Option<&str>) {
        if let Some(text) = text {
            self.put(name, text);
        }
    }

    fn words<W: Word>(&mut self, name: &str, words: &[W]) {
        for word in words {
            self.put(name, word.word());
        }
    }

    fn time(&mut self, name: &str, at: Option<Timestamp>) {
        if let Some(at) = at {
            self.put(name, &time(at, self.zone));
        }
    }

    fn named(&mut self, name: &'static str, values: &[NamedValue]) {
        for value in values {
            self.begin(name);
            self.put("valueName", &value.name);
            self.put("value", &value.value);
            self.end();
        }
    }

    fn alert(&mut self, message: &Message) {
        self.put("identifier", &message.name.identifier);
        self.put("sender", &message.name.sender);
        self.time("sent", Some(message.name.sent));
        self.put("status", message.status.word());
        self.put("msgType", message.kind.word());
        self.may("source", message.source.as_deref());
        self.put("scope", message.scope.word());
        self.may("restriction", message.restriction.as_deref());
        self.list("addresses", &message.addresses);
        for code in &message.codes {
            self.put("code", code);
        }
        self.may("note", message.note.as_deref());
        let zone = self.zone;
        let references = message.references.iter().map(|one| reference(one, zone));
        let references: Vec<String> = references.collect();
        if !references.is_empty() {
            self.put("references", &references.join(" "));
        }
        self.list("incidents", &message.incidents);
        for info in &message.infos {
            self.info(info);
        }
    }

    fn list(&mut self, name: &str, items: &[String]) {
        if !items.is_empty() {
            let items: Vec<String> = items.iter().map(|item| item_of_list(item)).collect();
            self.put(name, &items.join(" "));
        }
    }

    fn info(&mut self, info: &Info) {
        self.begin("info");
        self.put("language", &info.language);
        match info.categories.as_slice() {
            [] => self.words("category", &[AlertCategory::Other]),
            some => self.words("category", some),
        }
        self.put("event", &info.event);
        self.words("responseType", &info.responses);
        self.put("urgency", info.urgency.word());
        self.put("severity", info.severity.word());
        self.put("certainty", info.certainty.word());
        self.may("audience", info.audience.as_deref());
        self.named("eventCode", &info.event_codes);
        self.time("effective", info.effective);
        self.time("onset", info.onset);
        self.time("expires", info.expires);
        self.may("senderName", info.sender_name.as_deref());
        self.may("headline", info.headline.as_deref());
        self.may("description", info.description.as_deref());
        self.may("instruction", info.instruction.as_deref());
        self.may("web", info.web.as_deref());
        self.may("contact", info.contact.as_deref());
        self.named("parameter", &info.parameters);
        for resource in &info.resources {
            self.resource(resource);
        }
        for area in &info.areas {
            self.area(area);
        }
        self.end();
    }

    fn resource(&mut self, resource: &Resource) {
        self.begin("resource");
        self.put("resourceDesc", &resource.description);
        self.put("mimeType", &resource.media_type);
        let size = resource.size.map(|size| size.to_string());
        self.may("size", size.as_deref());
        self.may("uri", resource.uri.as_deref());
        self.may("digest", resource.digest.as_deref());
        self.end();
    }

    fn area(&mut self, area: &Area) {
        self.begin("area");
        self.put("areaDesc", &area.description);
        for ring in &area.polygons {
            let points: Vec<String> = ring.iter().map(point).collect();
            self.put("polygon", &points.join(" "));
        }
        for circle in &area.circles {
            self.put(
                "circle",
                &format!("{} {}", point(&circle.middle), circle.radius_km),
            );
        }
        self.named("geocode", &area.geocodes);
        for (name, height) in [("altitude", area.altitude), ("ceiling", area.ceiling)] {
            let height = height.filter(|height| height.is_finite());
            self.may(name, height.map(|height| height.to_string()).as_deref());
        }
        self.end();
    }
}

fn point(point: &Point) -> String {
    format!("{},{}", point.lat, point.lon)
}

fn reference(one: &MessageRef, zone: &TimeZone) -> String {
    format!("{},{},{}", one.sender, one.identifier, time(one.sent, zone))
}

/// In quotes where it has blanks. A quote within cannot be written, and becomes an apostrophe.
fn item_of_list(item: &str) -> String {
    let item = item.replace('"', "'");
    if item.contains(char::is_whitespace) || item.is_empty() {
        return format!("\"{item}\"");
    }
    item
}

/// The text as XML holds it between two tags.
pub(super) fn escape(text: &str, out: &mut String) {
    for c in text.chars().filter(|c| is_char(*c)) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            // Read back as they are; else a reader makes them a line feed.
            '\r' => out.push_str("&#13;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read, tests as made};
    use super::*;
    use proptest::prelude::*;
    use proptest::strategy::ValueTree as _;
    use proptest::test_runner::TestRunner;

    #[test]
    fn times_have_the_offset_of_their_zone_and_never_a_z() {
        let at: Timestamp = "2026-07-23T02:15:00.9Z".parse().unwrap();
        let zone = |name: &str| TimeZone::get(name).unwrap();
        assert_eq!(time(at, &zone("Asia/Shanghai")), "2026-07-23T10:15:00+08:00");
        assert_eq!(time(at, &zone("America/St_Johns")), "2026-07-22T23:45:00-02:30");
        assert_eq!(time(at, &TimeZone::UTC), "2026-07-23T02:15:00-00:00");
        let old: Timestamp = "1850-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(time(old, &zone("Asia/Shanghai")), "1850-01-01T08:05:00+08:05");
    }

    #[test]
    fn what_xml_cannot_hold_is_left_out_and_the_rest_escaped() {
        let mut out = String::new();
        escape("a\u{0}\u{1b}b\u{fffe}<&>\"\r\n🔥", &mut out);
        assert_eq!(out, "ab&lt;&amp;&gt;&quot;&#13;\n🔥");
        assert_eq!(item_of_list("a \"b\""), "\"a 'b'\"");
    }

    #[test]
    fn what_is_printed_is_valid_by_the_schema_of_the_standard() {
        let Some(schema) = made::schema("cap12.xsd") else {
            return;
        };
        let mut runner = TestRunner::deterministic();
        let zone = TimeZone::get("Asia/Shanghai").unwrap();
        for round in 0..40 {
            let mut message = made::message().new_tree(&mut runner).unwrap().current();
            if let Some(info) = message.infos.first_mut().filter(|_| round % 4 == 0) {
                info.categories.clear();
            }
            let printed = print(&message, &zone);
            let Some(judged) = made::run(
                "xmllint",
                &["--noout", "--schema", &schema, "-"],
                printed.as_bytes(),
            ) else {
                return;
            };
            let said = String::from_utf8_lossy(&judged.stderr);
            assert!(judged.status.success(), "{said}\n{printed}");
        }
    }

    proptest! {
        #[test]
        fn a_message_that_is_printed_reads_back_the_same(message in made::message(), minutes in -840_i32..=840) {
            let zone = TimeZone::fixed(Offset::from_seconds(minutes * 60).unwrap());
            let back = read(print(&message, &zone).as_bytes());
            prop_assert_eq!(back.map(|read| read.message), Ok(message));
        }
    }
}
