//! Finds the rules beyond the schema that a message breaks, each with the element that breaks it. Changes nothing, and does not
//! decide what is done about it: that stands at each rule.

use super::{AlertRule, AlertScope, Area, Info, Message, MessageKind, MessageRef, Resource};
use crate::places::Point;
use anlan_grid::rings;
use jiff::Timestamp;

/// A rule that a message breaks, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AlertFault {
    /// The rule.
    pub rule: AlertRule,
    /// The element, as a path of the protocol's names: `alert/info[2]/area/polygon`. The number of one among several of its
    /// name is counted from 1; a single one has none.
    pub at: String,
}

impl Message {
    /// The rules that it breaks, in the order of its elements.
    pub fn faults(&self) -> Vec<AlertFault> {
        let mut found = Found {
            faults: Vec::new(),
            pairs: PAIRS_MAX,
        };
        for (element, text) in [
            ("alert/identifier", &self.name.identifier),
            ("alert/sender", &self.name.sender),
        ] {
            found.unless(is_name(text), AlertRule::Name, element);
        }
        self.scoped(&mut found);
        self.referring(&mut found);
        for (nth, info) in self.infos.iter().enumerate() {
            let at = path("alert", "info", nth, self.infos.len());
            info.check(self.name.sent, &at, &mut found);
        }
        found.faults
    }

    fn scoped(&self, found: &mut Found) {
        let (is_restricted, is_private) = (
            self.scope == AlertScope::Restricted,
            self.scope == AlertScope::Private,
        );
        let restriction = self.restriction.is_some();
        found.unless(
            !is_restricted || restriction,
            AlertRule::RestrictionNeeded,
            "alert/scope",
        );
        found.unless(
            is_restricted || !restriction,
            AlertRule::RestrictionUnused,
            "alert/restriction",
        );
        found.unless(
            !is_private || !self.addresses.is_empty(),
            AlertRule::AddressesNeeded,
            "alert/scope",
        );
    }

    fn referring(&self, found: &mut Found) {
        let is_alone = self.references.is_empty();
        match self.kind {
            MessageKind::Alert => {}
            MessageKind::Update => found.unless(!is_alone, AlertRule::UpdateOfNothing, "alert/msgType"),
            MessageKind::Cancel | MessageKind::Ack | MessageKind::Error => {
                found.unless(!is_alone, AlertRule::ReferencesNeeded, "alert/msgType");
            }
        }
        let is_self = |one: &MessageRef| *one == self.name;
        let is_later = |one: &MessageRef| one.sent > self.name.sent;
        found.unless(
            !self.references.iter().any(is_self),
            AlertRule::ReferenceToItself,
            "alert/references",
        );
        found.unless(
            !self.references.iter().any(is_later),
            AlertRule::ReferenceLater,
            "alert/references",
        );
        for reference in &self.references {
            let is_whole = is_name(&reference.sender) && is_name(&reference.identifier);
            found.unless(is_whole, AlertRule::Name, "alert/references");
        }
    }
}

impl Info {
    fn check(&self, sent: Timestamp, at: &str, found: &mut Found) {
        found.unless(
            is_language(&self.language),
            AlertRule::Language,
            &format!("{at}/language"),
        );
        found.unless(!self.categories.is_empty(), AlertRule::CategoryNeeded, at);
        found.unless(
            !self.event.trim().is_empty(),
            AlertRule::WordsMissing,
            &format!("{at}/event"),
        );
        let begins = self.effective.unwrap_or(sent).max(sent);
        let ends_after = self.expires.is_none_or(|ends| ends > begins);
        found.unless(ends_after, AlertRule::Expires, &format!("{at}/expires"));
        let web = self.web.as_deref().is_none_or(is_absolute);
        found.unless(web, AlertRule::Web, &format!("{at}/web"));
        for (nth, resource) in self.resources.iter().enumerate() {
            resource.check(&path(at, "resource", nth, self.resources.len()), found);
        }
        for (nth, area) in self.areas.iter().enumerate() {
            area.check(&path(at, "area", nth, self.areas.len()), found);
        }
    }
}

impl Resource {
    fn check(&self, at: &str, found: &mut Found) {
        found.unless(
            is_media_type(&self.media_type),
            AlertRule::MediaType,
            &format!("{at}/mimeType"),
        );
        let uri = self.is_inside || self.uri.as_deref().is_none_or(is_absolute);
        found.unless(uri, AlertRule::Uri, &format!("{at}/uri"));
    }
}

impl Area {
    fn check(&self, at: &str, found: &mut Found) {
        found.unless(
            !self.description.trim().is_empty(),
            AlertRule::WordsMissing,
            &format!("{at}/areaDesc"),
        );
        for (nth, ring) in self.polygons.iter().enumerate() {
            if let Some(rule) = broken_by(ring, &mut found.pairs) {
                found.say(rule, &path(at, "polygon", nth, self.polygons.len()));
            }
        }
        for (nth, circle) in self.circles.iter().enumerate() {
            let at = path(at, "circle", nth, self.circles.len());
            found.unless(circle.middle.is_on_earth(), AlertRule::OffEarth, &at);
            let is_radius = circle.radius_km.is_finite() && circle.radius_km >= 0.0;
            found.unless(is_radius, AlertRule::Radius, &at);
        }
        for (element, height) in [("altitude", self.altitude), ("ceiling", self.ceiling)] {
            let is_height = height.is_none_or(f64::is_finite);
            found.unless(is_height, AlertRule::Height, &format!("{at}/{element}"));
        }
        let at = format!("{at}/ceiling");
        match (self.altitude, self.ceiling) {
            (None, Some(_)) => found.say(AlertRule::CeilingAlone, &at),
            (Some(altitude), Some(ceiling)) if ceiling < altitude => found.say(AlertRule::CeilingLow, &at),
            _ => {}
        }
    }
}

/// The first rule that a ring breaks. What is no ring is not tried for crossings.
fn broken_by(ring: &[Point], pairs: &mut usize) -> Option<AlertRule> {
    if ring.len() < 4 {
        return Some(AlertRule::PolygonShort);
    }
    if !ring.iter().all(|point| point.is_on_earth()) {
        return Some(AlertRule::OffEarth);
    }
    if ring.first() != ring.last() {
        return Some(AlertRule::PolygonOpen);
    }
    rings::crossing(&super::bare(ring), pairs).map(|_| AlertRule::PolygonCrosses)
}

/// So many pairs of edges are looked at for crossings in one message, over all its polygons: some tenths of a second. The outline of
/// a country takes some ten thousand; only a polygon made to cost time takes more, and of that crossings are not told.
const PAIRS_MAX: usize = 4_000_000;

struct Found {
    faults: Vec<AlertFault>,
    pairs: usize,
}

impl Found {
    fn say(&mut self, rule: AlertRule, at: &str) {
        self.faults.push(AlertFault {
            rule,
            at: at.to_owned(),
        });
    }

    fn unless(&mut self, holds: bool, rule: AlertRule, at: &str) {
        if !holds {
            self.say(rule, at);
        }
    }
}

fn path(parent: &str, name: &str, nth: usize, of: usize) -> String {
    match of {
        1 => format!("{parent}/{name}"),
        _ => format!("{parent}/{name}[{}]", nth + 1),
    }
}

fn is_name(text: &str) -> bool {
    let is_bad = |c: char| c.is_whitespace() || matches!(c, ',' | '<' | '&');
    !text.is_empty() && !text.contains(is_bad)
}

/// As the type `language` of XML Schema has it: RFC 3066's form.
fn is_language(text: &str) -> bool {
    text.split('-').enumerate().all(|(nth, part)| {
        let fits = |c: char| c.is_ascii_alphabetic() || (nth > 0 && c.is_ascii_digit());
        (1..=8).contains(&part.len()) && part.chars().all(fits)
    })
}

/// Whether it begins with a scheme (RFC 3986, section 3.1) and goes on after it.
fn is_absolute(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    let begins = scheme.chars().next().is_some_and(|c| c.is_ascii_alphabetic());
    begins && scheme.chars().all(fits) && !rest.is_empty() && !text.contains(char::is_whitespace)
}

/// A type and a subtype (RFC 2045, section 5.1), parameters after them left aside.
fn is_media_type(text: &str) -> bool {
    let is_token = |part: &str| {
        let fits = |c: char| c.is_ascii_graphic() && !"()<>@,;:\\\"/[]?=".contains(c);
        !part.is_empty() && part.chars().all(fits)
    };
    let bare = text.split(';').next().unwrap_or_default().trim_end();
    bare.split_once('/')
        .is_some_and(|(kind, sub)| is_token(kind) && is_token(sub))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alerts::{AlertCategory, AlertStatus, Certainty, Circle, Severity, Urgency};

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn point(lon: f64, lat: f64) -> Point {
        Point { lon, lat }
    }

    fn square() -> Vec<Point> {
        let corners = [(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (0.0, 0.0)];
        corners.map(|(lon, lat)| point(lon, lat)).to_vec()
    }

    fn message() -> Message {
        let area = Area {
            description: "here".into(),
            polygons: vec![square()],
            circles: vec![Circle {
                middle: point(120.0, 30.0),
                radius_km: 0.0,
            }],
            geocodes: vec![],
            altitude: Some(10.0),
            ceiling: Some(20.0),
        };
        let resource = Resource {
            description: "map".into(),
            media_type: "image/svg+xml; charset=utf-8".into(),
            size: None,
            uri: Some("https://example.org/map".into()),
            digest: None,
            is_inside: false,
        };
        let info = Info {
            language: "zh-Hans-CN".into(),
            categories: vec![AlertCategory::Met],
            event: "storm".into(),
            responses: vec![],
            urgency: Urgency::Future,
            severity: Severity::Minor,
            certainty: Certainty::Likely,
            audience: None,
            event_codes: vec![],
            effective: None,
            onset: None,
            expires: Some(at("2026-07-24T00:00:00Z")),
            sender_name: None,
            headline: None,
            description: None,
            instruction: None,
            web: Some("https://example.org".into()),
            contact: None,
            parameters: vec![],
            resources: vec![resource],
            areas: vec![area],
        };
        Message {
            name: MessageRef {
                sender: "urn:x".into(),
                identifier: "2".into(),
                sent: at("2026-07-23T00:00:00Z"),
            },
            status: AlertStatus::Actual,
            kind: MessageKind::Update,
            scope: AlertScope::Public,
            source: None,
            restriction: None,
            addresses: vec![],
            codes: vec![],
            note: None,
            references: vec![MessageRef {
                sender: "urn:x".into(),
                identifier: "1".into(),
                sent: at("2026-07-22T00:00:00Z"),
            }],
            incidents: vec![],
            infos: vec![info],
        }
    }

    /// What is told once the good message was changed.
    fn told(change: impl FnOnce(&mut Message)) -> Vec<(AlertRule, String)> {
        let mut message = message();
        change(&mut message);
        let faults = message.faults().into_iter();
        faults.map(|fault| (fault.rule, fault.at)).collect()
    }

    fn one(rule: AlertRule, at: &str) -> Vec<(AlertRule, String)> {
        vec![(rule, at.to_owned())]
    }

    #[test]
    fn a_message_that_breaks_no_rule_has_no_faults() {
        assert_eq!(told(|_| {}), vec![]);
    }

    #[test]
    fn names_scopes_and_references_are_held_to_their_rules() {
        for bad in ["", "a b", "a,b", "a<b", "a&b"] {
            let found = told(|message| message.name.identifier = bad.into());
            assert_eq!(found, one(AlertRule::Name, "alert/identifier"), "{bad}");
        }
        let found = told(|message| message.references[0].sender = String::new());
        assert_eq!(found, one(AlertRule::Name, "alert/references"));
        let found = told(|message| message.scope = AlertScope::Private);
        assert_eq!(found, one(AlertRule::AddressesNeeded, "alert/scope"));
        let found = told(|message| message.scope = AlertScope::Restricted);
        assert_eq!(found, one(AlertRule::RestrictionNeeded, "alert/scope"));
        let found = told(|message| message.restriction = Some("staff".into()));
        assert_eq!(found, one(AlertRule::RestrictionUnused, "alert/restriction"));
        for (kind, rule) in [
            (MessageKind::Update, AlertRule::UpdateOfNothing),
            (MessageKind::Cancel, AlertRule::ReferencesNeeded),
            (MessageKind::Ack, AlertRule::ReferencesNeeded),
            (MessageKind::Error, AlertRule::ReferencesNeeded),
        ] {
            let found = told(|message| (message.kind, message.references) = (kind, vec![]));
            assert_eq!(found, one(rule, "alert/msgType"));
        }
        let found = told(|message| message.references.push(message.name.clone()));
        assert_eq!(found, one(AlertRule::ReferenceToItself, "alert/references"));
        let found = told(|message| message.references[0].sent = at("2026-07-23T00:00:01Z"));
        assert_eq!(found, one(AlertRule::ReferenceLater, "alert/references"));
    }

    #[test]
    fn what_it_says_is_held_to_its_rules() {
        for bad in ["", "zh_CN", "zh-", "toolonglanguage", "1a"] {
            let found = told(|message| message.infos[0].language = bad.into());
            assert_eq!(found, one(AlertRule::Language, "alert/info/language"), "{bad}");
        }
        let found = told(|message| message.infos[0].categories.clear());
        assert_eq!(found, one(AlertRule::CategoryNeeded, "alert/info"));
        let found = told(|message| message.infos[0].event = " ".into());
        assert_eq!(found, one(AlertRule::WordsMissing, "alert/info/event"));
        let found = told(|message| message.infos[0].effective = Some(at("2026-07-24T00:00:00Z")));
        assert_eq!(found, one(AlertRule::Expires, "alert/info/expires"));
        for bad in ["www.example.org", "/a", "a b:c", "1:2", "http:"] {
            let found = told(|message| message.infos[0].web = Some(bad.into()));
            assert_eq!(found, one(AlertRule::Web, "alert/info/web"), "{bad}");
            let found = told(|message| message.infos[0].resources[0].uri = Some(bad.into()));
            assert_eq!(found, one(AlertRule::Uri, "alert/info/resource/uri"), "{bad}");
        }
        let found = told(|message| {
            let resource = &mut message.infos[0].resources[0];
            (resource.uri, resource.is_inside) = (Some("map.png".into()), true);
        });
        assert_eq!(found, vec![]);
        for bad in ["", "png", "image/", "/png", "image/p ng", "a/b/c"] {
            let found = told(|message| message.infos[0].resources[0].media_type = bad.into());
            assert_eq!(
                found,
                one(AlertRule::MediaType, "alert/info/resource/mimeType"),
                "{bad}"
            );
        }
    }

    #[test]
    fn shapes_are_held_to_their_rules_and_named_by_their_number() {
        let polygon =
            |ring: Vec<Point>| told(|message| message.infos[0].areas[0].polygons = vec![square(), ring]);
        let second = "alert/info/area/polygon[2]";
        assert_eq!(
            polygon(square()[..3].to_vec()),
            one(AlertRule::PolygonShort, second)
        );
        assert_eq!(
            polygon(square()[..4].to_vec()),
            one(AlertRule::PolygonOpen, second)
        );
        let mut far = square();
        far[1] = point(20.0, 91.0);
        assert_eq!(polygon(far), one(AlertRule::OffEarth, second));
        let mut tie = square();
        tie.swap(1, 2);
        assert_eq!(polygon(tie), one(AlertRule::PolygonCrosses, second));
        for radius in [-1.0, f64::NAN, f64::INFINITY] {
            let found = told(|message| message.infos[0].areas[0].circles[0].radius_km = radius);
            assert_eq!(found, one(AlertRule::Radius, "alert/info/area/circle"));
        }
        let found = told(|message| message.infos[0].areas[0].circles[0].middle = point(181.0, 0.0));
        assert_eq!(found, one(AlertRule::OffEarth, "alert/info/area/circle"));
        let heights = |altitude, ceiling| {
            told(|message| {
                let area = &mut message.infos[0].areas[0];
                (area.altitude, area.ceiling) = (altitude, ceiling);
            })
        };
        assert_eq!(
            heights(None, Some(1.0)),
            one(AlertRule::CeilingAlone, "alert/info/area/ceiling")
        );
        assert_eq!(
            heights(Some(2.0), Some(1.0)),
            one(AlertRule::CeilingLow, "alert/info/area/ceiling")
        );
        assert_eq!(
            heights(Some(f64::NAN), None),
            one(AlertRule::Height, "alert/info/area/altitude")
        );
        assert_eq!(heights(Some(-1.0), None), vec![]);
    }

    /// Every edge lies across the box of every other, and none crosses.
    #[test]
    fn a_polygon_made_to_cost_time_is_left_unjudged() {
        let teeth = (0..30_000).map(|nth| {
            let shift = f64::from(nth) * 1e-4;
            point(shift + f64::from(nth % 2) * 100.0, f64::from(nth % 2) * 80.0)
        });
        let mut comb: Vec<Point> = teeth.collect();
        comb.extend([point(170.0, -80.0), point(0.0, -80.0), point(0.0, 0.0)]);
        let found = told(|message| message.infos[0].areas[0].polygons = vec![comb; 3]);
        assert_eq!(found, vec![]);
    }
}
