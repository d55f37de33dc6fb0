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
        let mut found = Found(Vec::new());
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
        found.0
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
            if let Some(rule) = broken_by(ring) {
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
fn broken_by(ring: &[Point]) -> Option<AlertRule> {
    if ring.len() < 4 {
        return Some(AlertRule::PolygonShort);
    }
    if !ring.iter().all(|point| point.is_on_earth()) {
        return Some(AlertRule::OffEarth);
    }
    if ring.first() != ring.last() {
        return Some(AlertRule::PolygonOpen);
    }
    rings::crossing(&super::bare(ring)).map(|_| AlertRule::PolygonCrosses)
}

struct Found(Vec<AlertFault>);

impl Found {
    fn say(&mut self, rule: AlertRule, at: &str) {
        self.0.push(AlertFault {
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
