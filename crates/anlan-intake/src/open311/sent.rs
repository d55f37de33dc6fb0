//! What a sender's request says, turned into an `Incoming`. What names the sender's device or account elsewhere is not kept.

use super::{Fault, Fields, field, or_note};
use anlan_model::ids::ClassCode;
use anlan_model::incoming::{Channel, Contact, Incoming};
use anlan_model::places::{Datum, GivenPoint};
use jiff::Timestamp;
use std::collections::BTreeMap;

const ATTRIBUTES_MAX: usize = 50;
const ATTRIBUTE_CHARS_MAX: usize = 100;
const VALUE_CHARS_MAX: usize = 2000;

/// A request as it was sent, checked as far as it can be without knowing this node.
#[derive(Debug, Clone, PartialEq)]
pub struct Sent {
    /// What it is about.
    pub service_code: String,
    description: String,
    address: Option<String>,
    point: Option<GivenPoint>,
    contact: Contact,
    facts: BTreeMap<String, String>,
}

impl Sent {
    /// Reads a form; every fault if there is one.
    pub fn read(fields: &Fields) -> Result<Self, Vec<Fault>> {
        let mut faults = Vec::new();
        let text = |name: &str| field(fields, name).map(str::to_owned);
        let service_code = text("service_code").unwrap_or_else(|| {
            faults.push(Fault::bad(
                "缺少 service_code；可用的代码见 services。",
                "service_code is missing; services lists the codes.",
            ));
            String::new()
        });
        let point = point(fields).map(|point| (point, false));
        let (point, is_point_wrong) = or_note(point, (None, true), &mut faults);
        let address = text("address_string");
        let address_id = text("address_id");
        let has_place = point.is_some() || address.is_some() || address_id.is_some();
        if !has_place && !is_point_wrong {
            faults.push(Fault::bad(
                "请说明地点：lat 和 long、address_string 或 address_id。",
                "Say where it is: lat and long, address_string or address_id.",
            ));
        }
        let mut facts = attributes(fields, &mut faults);
        facts.extend(address_id.map(|id| ("address_id".to_owned(), id)));
        match field(fields, "media_url") {
            Some(url) if is_web_address(url) => _ = facts.insert("media_url".to_owned(), url.to_owned()),
            Some(_) => faults.push(Fault::bad(
                "media_url 应为以 http:// 或 https:// 开头的地址；照片也可作为附件上传。",
                "media_url is an address that begins with http:// or https://; photos may also be sent as files.",
            )),
            None => {}
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        Ok(Self {
            service_code,
            // Forms send line ends as CR LF.
            description: text("description").unwrap_or_default().replace("\r\n", "\n"),
            address,
            point,
            contact: Contact {
                name: name(field(fields, "first_name"), field(fields, "last_name")),
                phone: text("phone"),
                email: text("email"),
            },
            facts,
        })
    }

    /// The message, from this feed, with the sender's own id for it if there is one.
    pub fn incoming(
        self,
        source: String,
        external_id: Option<String>,
        service_name: &str,
        now: Timestamp,
    ) -> Incoming {
        Incoming {
            channel: Channel::Open311,
            source,
            external_id,
            class: Some(ClassCode(self.service_code)),
            // Whoever says no word says what it is by the service.
            title: if self.description.trim().is_empty() {
                service_name.to_owned()
            } else {
                String::new()
            },
            description: self.description,
            address: self.address,
            point: self.point,
            reported_at: now,
            contact: Some(self.contact).filter(|contact| !contact.is_empty()),
            history: None,
            is_duplicate: false,
            is_default_point: false,
            facts: self.facts,
        }
    }
}

fn point(fields: &Fields) -> Result<Option<GivenPoint>, Fault> {
    let (lat, long) = (field(fields, "lat"), field(fields, "long"));
    if lat.is_none() && long.is_none() {
        return Ok(None);
    }
    let number = |text: Option<&str>, most: f64| {
        let number: f64 = text?.parse().ok()?;
        (number.abs() <= most).then_some(number)
    };
    match (number(lat, 90.0), number(long, 180.0)) {
        (Some(lat), Some(lon)) => Ok(Some(GivenPoint {
            lon,
            lat,
            datum: Datum::Wgs84,
            error_m: None,
        })),
        _ => Err(Fault::bad(
            "lat 和 long 要一起给出：WGS84 度数，纬度 −90 到 90，经度 −180 到 180。",
            "Give lat and long together: degrees of WGS84, latitude from −90 to 90, longitude from −180 to 180.",
        )),
    }
}

/// `attribute[CODE]` and `attribute[CODE][]`, several values of one in one text.
fn attributes(fields: &Fields, faults: &mut Vec<Fault>) -> BTreeMap<String, String> {
    let mut all: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in fields {
        let Some(code) = attribute(name).filter(|_| !value.trim().is_empty()) else {
            continue;
        };
        let kept = all.entry(format!("attribute.{code}")).or_default();
        if !kept.is_empty() {
            kept.push_str("; ");
        }
        kept.push_str(value.trim());
    }
    let chars = |text: &str| text.chars().count();
    let is_long = |(name, value): (&String, &String)| {
        chars(name) > ATTRIBUTE_CHARS_MAX || chars(value) > VALUE_CHARS_MAX
    };
    if all.len() > ATTRIBUTES_MAX || all.iter().any(is_long) {
        faults.push(Fault::bad(
            format!("附加属性最多 {ATTRIBUTES_MAX} 个，每个最多 {VALUE_CHARS_MAX} 个字符。没有保存任何内容。"),
            format!("At most {ATTRIBUTES_MAX} attributes of {VALUE_CHARS_MAX} characters are taken. Nothing was kept."),
        ));
    }
    all
}

fn attribute(name: &str) -> Option<&str> {
    let inner = name.strip_prefix("attribute[")?;
    let inner = inner.strip_suffix("[]").unwrap_or(inner);
    inner.strip_suffix(']').filter(|code| !code.is_empty())
}

/// A person's name, the family's first where names are written without a blank.
fn name(first: Option<&str>, last: Option<&str>) -> Option<String> {
    match (first, last) {
        (Some(first), Some(last)) if first.is_ascii() || last.is_ascii() => Some(format!("{first} {last}")),
        (Some(first), Some(last)) => Some(format!("{last}{first}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

fn is_web_address(text: &str) -> bool {
    let rest = text
        .strip_prefix("https://")
        .or_else(|| text.strip_prefix("http://"));
    let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\' | '`');
    text.len() <= VALUE_CHARS_MAX && rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(is_plain))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Incoming, String> {
        let fields: Vec<(String, String)> = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let now = "2026-11-23T02:00:00Z".parse().unwrap();
        Sent::read(&fields)
            .map(|sent| sent.incoming("open311:city".into(), None, "Street lamp", now))
            .map_err(|faults| faults.into_iter().map(|fault| fault.en + "\n").collect())
    }

    #[test]
    fn a_form_becomes_a_message() {
        let incoming = read(&[
            ("api_key", "secret"),
            ("service_code", "001"),
            ("lat", "27.9"),
            ("long", " 113.2 "),
            ("address_string", ""),
            ("address_id", "77"),
            ("email", "a@example.org"),
            ("first_name", "Anna"),
            ("last_name", "Berg"),
            ("device_id", "imei-1"),
            ("account_id", "42"),
            ("description", "two lamps\r\nout"),
            ("media_url", "https://example.org/a.jpg"),
            ("attribute[SIZE]", "big"),
            ("attribute[KIND][]", "a"),
            ("attribute[KIND][]", "b"),
            ("attribute=SIZE", "x"),
        ])
        .unwrap();
        assert_eq!(incoming.class, Some(ClassCode("001".into())));
        assert_eq!(incoming.description, "two lamps\nout");
        assert_eq!(incoming.title, "");
        let point = incoming.point.unwrap();
        assert_eq!((point.lat, point.lon, point.datum), (27.9, 113.2, Datum::Wgs84));
        assert_eq!(incoming.address, None, "an empty parameter is an absent one");
        let contact = incoming.contact.unwrap();
        assert_eq!(contact.name.as_deref(), Some("Anna Berg"));
        let facts: Vec<_> = incoming
            .facts
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        assert_eq!(
            facts,
            [
                ("address_id", "77"),
                ("attribute.KIND", "a; b"),
                ("attribute.SIZE", "big"),
                ("media_url", "https://example.org/a.jpg"),
            ]
        );
    }

    #[test]
    fn a_wordless_request_is_named_by_its_service() {
        let incoming = read(&[
            ("service_code", "001"),
            ("address_string", "3 River Street"),
            ("first_name", "伟"),
            ("last_name", "王"),
        ])
        .unwrap();
        assert_eq!(incoming.title, "Street lamp");
        assert_eq!(incoming.contact.unwrap().name.as_deref(), Some("王伟"));
    }

    #[test]
    fn what_is_wrong_is_said_all_at_once() {
        let place = ("address_string", "here");
        for (pairs, said) in [
            (&[][..], &["service_code is missing", "Say where"][..]),
            (&[("service_code", "1")], &["Say where"]),
            (&[("service_code", "1"), ("lat", "27.9")], &["together"]),
            (
                &[("service_code", "1"), ("lat", "91"), ("long", "1")],
                &["together"],
            ),
            (
                &[("service_code", "1"), ("lat", "NaN"), ("long", "1")],
                &["together"],
            ),
            (
                &[("service_code", "1"), ("lat", "inf"), ("long", "1")],
                &["together"],
            ),
            (
                &[("service_code", "1"), place, ("media_url", "javascript:alert(1)")],
                &["media_url"],
            ),
            (
                &[("service_code", "1"), place, ("media_url", "http://a b")],
                &["media_url"],
            ),
        ] {
            let told = read(pairs).unwrap_err();
            assert_eq!(told.lines().count(), said.len(), "{pairs:?}: {told}");
            assert!(said.iter().all(|said| told.contains(said)), "{pairs:?}: {told}");
        }
        let many: Vec<(String, String)> = (0..51)
            .map(|n| (format!("attribute[{n}]"), "x".to_owned()))
            .chain([
                ("service_code".into(), "1".into()),
                ("address_id".into(), "1".into()),
            ])
            .collect();
        assert_eq!(Sent::read(&many).unwrap_err().len(), 1);
    }

    proptest! {
        #[test]
        fn any_form_is_read_without_harm(pairs: Vec<(String, String)>) {
            let _ = Sent::read(&pairs);
        }
    }
}
