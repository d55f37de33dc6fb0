//! Messages made for tests, and the programs that other people judge documents with. Tests only.

use anlan_model::alerts::{
    AlertCategory, AlertScope, AlertStatus, Area, Certainty, Circle, Info, Message, MessageKind, MessageRef,
    NamedValue, Resource, Response, Severity, Urgency, Word,
};
use anlan_model::places::Point;
use jiff::Timestamp;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

fn word<W: Word + std::fmt::Debug>() -> impl Strategy<Value = W> {
    select(W::ALL)
}

/// A text that begins and ends with no blank, with what XML must escape in it.
fn text() -> impl Strategy<Value = String> {
    let line = "[a-z警<>&\"'\\]éà🔥0-9]([a-z警报<>&\"'\\] \n\r\t-]{0,12}[a-z.>&])?";
    line.prop_map(|text: String| text)
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9:@._>\"'/-]{1,12}"
}

fn item() -> impl Strategy<Value = String> {
    "[a-z&<]{1,6}( [a-z]{1,4})?"
}

fn time() -> impl Strategy<Value = Timestamp> {
    (0_i64..4_000_000_000).prop_map(|second| Timestamp::from_second(second).unwrap())
}

fn point() -> impl Strategy<Value = Point> {
    (-180.0..=180.0, -90.0..=90.0).prop_map(|(lon, lat)| Point { lon, lat })
}

/// Four points or more, closed; it may well cross itself.
fn ring() -> impl Strategy<Value = Vec<Point>> {
    prop::collection::vec(point(), 3..8).prop_map(|mut ring| {
        ring.push(ring[0]);
        ring
    })
}

fn named() -> impl Strategy<Value = Vec<NamedValue>> {
    let one = (text(), text()).prop_map(|(name, value)| NamedValue { name, value });
    prop::collection::vec(one, 0..3)
}

fn area() -> impl Strategy<Value = Area> {
    let circle = (point(), 0.0..500.0).prop_map(|(middle, radius_km)| Circle { middle, radius_km });
    let circles = prop::collection::vec(circle, 0..2);
    let heights = option::of((-100.0..5000.0, option::of(0.0..9000.0)));
    let polygons = prop::collection::vec(ring(), 0..3);
    (text(), polygons, circles, named(), heights).prop_map(
        |(description, polygons, circles, geocodes, heights)| Area {
            description,
            polygons,
            circles,
            geocodes,
            altitude: heights.map(|(altitude, _)| altitude),
            ceiling: heights.and_then(|(_, ceiling)| ceiling),
        },
    )
}

fn resource() -> impl Strategy<Value = Resource> {
    let uri = option::of("https://example\\.org/[a-z?&=]{0,8}");
    (
        text(),
        option::of(0_u64..1 << 40),
        uri,
        option::of("[0-9a-f]{40}"),
    )
        .prop_map(|(description, size, uri, digest)| Resource {
            description,
            media_type: "image/png".into(),
            size,
            uri,
            digest,
            is_inside: false,
        })
}

fn info() -> impl Strategy<Value = Info> {
    let scales = (word::<Urgency>(), word::<Severity>(), word::<Certainty>());
    let times = (option::of(time()), option::of(time()), option::of(time()));
    let texts = prop::collection::vec(option::of(text()), 7);
    let lists = (
        prop::collection::vec(word::<AlertCategory>(), 1..3),
        prop::collection::vec(word::<Response>(), 0..3),
        named(),
        named(),
        prop::collection::vec(resource(), 0..2),
        prop::collection::vec(area(), 0..3),
    );
    let language = select(vec!["zh-CN", "en", "en-US", "fr", "x-Klingon1"]);
    (language, text(), scales, times, texts, lists).prop_map(
        |(language, event, scales, times, texts, lists)| {
            let mut texts = texts.into_iter();
            let mut next = || texts.next().flatten();
            Info {
                language: language.into(),
                categories: lists.0,
                event,
                responses: lists.1,
                urgency: scales.0,
                severity: scales.1,
                certainty: scales.2,
                audience: next(),
                event_codes: lists.2,
                effective: times.0,
                onset: times.1,
                expires: times.2,
                sender_name: next(),
                headline: next(),
                description: next(),
                instruction: next(),
                web: next().map(|_| "https://example.org/?a=1&b=2".into()),
                contact: next(),
                parameters: lists.3,
                resources: lists.4,
                areas: lists.5,
            }
        },
    )
}

/// Messages that break no rule that forbids.
pub(super) fn message() -> impl Strategy<Value = Message> {
    let reference = || {
        (name(), name(), time()).prop_map(|(sender, identifier, sent)| MessageRef {
            sender,
            identifier,
            sent,
        })
    };
    let words = (word::<AlertStatus>(), word::<MessageKind>(), word::<AlertScope>());
    let texts = (option::of(text()), option::of(text()), option::of(text()));
    let lists = (
        prop::collection::vec(item(), 1..3),
        prop::collection::vec(text(), 0..2),
        prop::collection::vec(reference(), 1..3),
        prop::collection::vec(item(), 0..3),
        prop::collection::vec(info(), 0..3),
    );
    (reference(), words, texts, lists).prop_map(|(name, words, texts, lists)| Message {
        name,
        status: words.0,
        kind: words.1,
        scope: words.2,
        source: texts.0,
        restriction: texts.1,
        addresses: lists.0,
        codes: lists.1,
        note: texts.2,
        references: lists.2,
        incidents: lists.3,
        infos: lists.4,
    })
}

/// A document of many parts that breaks no rule.
pub(super) const DOCUMENT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2">
  <identifier>a-1</identifier>
  <sender>urn:node:1</sender>
  <sent>2026-07-23T10:15:00+08:00</sent>
  <status>Actual</status>
  <msgType>Update</msgType>
  <scope>Public</scope>
  <references>urn:node:1,a-0,2026-07-23T10:00:00+08:00</references>
  <info>
    <language>zh-CN</language>
    <category>Infra</category>
    <event>燃气泄漏</event>
    <responseType>Evacuate</responseType>
    <urgency>Immediate</urgency>
    <severity>Severe</severity>
    <certainty>Observed</certainty>
    <eventCode><valueName>GB/T47678.5</valueName><value>01011</value></eventCode>
    <expires>2026-07-23T16:15:00+08:00</expires>
    <web>https://example.org/alerts/1</web>
    <resource>
      <resourceDesc>图</resourceDesc>
      <mimeType>image/png</mimeType>
      <size>12</size>
      <uri>https://example.org/1.png</uri>
    </resource>
    <area>
      <areaDesc>第一网格</areaDesc>
      <polygon>30.24,120.10 30.24,120.11 30.25,120.11 30.24,120.10</polygon>
      <circle>30.2,120.1 1.5</circle>
      <altitude>10</altitude>
      <ceiling>300.5</ceiling>
    </area>
  </info>
</alert>
"#;

/// Runs a program on an input; `None`, with a word, where it is not installed.
pub(super) fn run(program: &str, arguments: &[&str], input: &[u8]) -> Option<Output> {
    let started = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let Ok(mut child) = started else {
        println!("skipped: {program} is not installed");
        return None;
    };
    // A program that ends before it read everything is judged by what it says.
    let _ = child.stdin.take().unwrap().write_all(input);
    Some(child.wait_with_output().unwrap())
}

/// A schema of the shared standards; `None`, with a word, where they are not.
pub(super) fn schema(name: &str) -> Option<String> {
    let root = std::env::var_os("ANLAN_SHARED").map_or_else(
        || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        PathBuf::from,
    );
    let path = root.join("standards/cap/schemas").join(name);
    if path.is_file() {
        return Some(path.display().to_string());
    }
    println!("skipped: no {} (set ANLAN_SHARED)", path.display());
    None
}
