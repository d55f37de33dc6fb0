//! The demo's alerts: what a made-up weather office and a made-up hydrological station told the public these days, handed in as the
//! documents they would be.

use super::cast::Cast;
use super::county::MIDDLE;
use anlan_app::{App, Caller, alerts};
use anlan_intake::cap;
use anlan_model::accounts::Role;
use anlan_model::alerts::{
    Alert, AlertCategory, AlertScope, AlertState, AlertStatus, Area, Certainty, Circle, Info, Message,
    MessageKind, MessageRef, Response, Severity, Urgency,
};
use anlan_model::places::Point;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

const WEATHER: &str = "weather.demo.example";
const WATER: &str = "water.demo.example";
const NAMES: [(&str, [&str; 2]); 2] = [
    (WEATHER, ["示范县气象台", "Demo county weather office"]),
    (WATER, ["示范县水文站", "Demo county hydrological station"]),
];

/// What differs from one of them to the next.
struct Told {
    sender: &'static str,
    identifier: &'static str,
    hours_ago: i64,
    hours_left: i64,
    severity: Severity,
    /// Event, headline, description, instruction; Chinese, English.
    words: [[&'static str; 4]; 2],
    /// Its area in words, Chinese and English.
    place: [&'static str; 2],
    area: Area,
}

/// Hands them in, oldest first. The duty desk looked at the one that is over.
pub(super) fn receive(app: &App, cast: &Cast, now: Timestamp) -> anyhow::Result<()> {
    let wind = message(&wind(), now);
    let mut eased = message(&eased(), now);
    eased.kind = MessageKind::Update;
    eased.references = vec![wind.name.clone()];
    let mut drill = message(&drill(), now);
    drill.status = AlertStatus::Exercise;
    let first = take(app, &wind)?;
    let is_new = first.state == AlertState::Received;
    if let Some(duty) = cast.of_role(Role::Duty, 0).filter(|_| is_new) {
        alerts::look(app, &duty, (first.id, first.version))?;
    }
    for message in [eased, drill, message(&high_water(), now), message(&rain(), now)] {
        take(app, &message)?;
    }
    Ok(())
}

fn take(app: &App, message: &Message) -> anyhow::Result<Alert> {
    let document = cap::print(message, &TimeZone::system()).into_bytes();
    let arrived = cap::arrived("demo".to_owned(), document, &[])?;
    Ok(alerts::receive(app, &Caller::system(), arrived)?.alert)
}

fn message(told: &Told, now: Timestamp) -> Message {
    let hours = |hours: i64| {
        let at = now.checked_add(SignedDuration::from_hours(hours)).unwrap_or(now);
        // The protocol knows no parts of a second.
        Timestamp::from_second(at.as_second()).unwrap_or(at)
    };
    let [zh, en] = told.words;
    let [place_zh, place_en] = told.place;
    let names = NAMES.iter().find(|(sender, _)| *sender == told.sender);
    let [name_zh, name_en] = names.map_or([""; 2], |(_, names)| *names);
    let info =
        |language: &str, [event, headline, description, instruction]: [&str; 4], name: &str, place: &str| {
            let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            Info {
                language: language.to_owned(),
                categories: vec![AlertCategory::Met],
                event: event.to_owned(),
                responses: vec![Response::Prepare],
                urgency: Urgency::Expected,
                severity: told.severity,
                certainty: Certainty::Likely,
                audience: None,
                event_codes: vec![],
                effective: None,
                onset: None,
                expires: Some(hours(told.hours_left)),
                sender_name: some(name),
                headline: some(headline),
                description: some(description),
                instruction: some(instruction),
                web: None,
                contact: None,
                parameters: vec![],
                resources: vec![],
                areas: vec![Area {
                    description: place.to_owned(),
                    ..told.area.clone()
                }],
            }
        };
    Message {
        name: MessageRef {
            sender: told.sender.to_owned(),
            identifier: told.identifier.to_owned(),
            sent: hours(-told.hours_ago),
        },
        status: AlertStatus::Actual,
        kind: MessageKind::Alert,
        scope: AlertScope::Public,
        source: None,
        restriction: None,
        addresses: vec![],
        codes: vec![],
        note: None,
        references: vec![],
        incidents: vec![],
        infos: vec![
            info("zh-CN", zh, name_zh, place_zh),
            info("en", en, name_en, place_en),
        ],
    }
}

fn around(radius_km: f64) -> Area {
    Area {
        description: String::new(),
        polygons: vec![],
        circles: vec![Circle {
            middle: MIDDLE,
            radius_km,
        }],
        geocodes: vec![],
        altitude: None,
        ceiling: None,
    }
}

/// A strip along the river, which crosses the county from west to east.
fn river() -> Area {
    let corner = |east: f64, north: f64| Point {
        lon: MIDDLE.lon + east,
        lat: MIDDLE.lat + north,
    };
    let ring = [
        corner(-0.12, -0.03),
        corner(0.12, -0.03),
        corner(0.12, 0.03),
        corner(-0.12, 0.03),
        corner(-0.12, -0.03),
    ];
    Area {
        polygons: vec![ring.to_vec()],
        circles: vec![],
        ..around(0.0)
    }
}

fn wind() -> Told {
    Told {
        sender: WEATHER,
        identifier: "demo-wind-1",
        hours_ago: 30,
        hours_left: -6,
        severity: Severity::Moderate,
        words: [
            [
                "大风",
                "大风黄色警报：阵风 8 级",
                "受冷空气影响，预计未来 24 小时全县有 6 级偏北风，阵风 8 级。",
                "请加固广告牌和临时构筑物。",
            ],
            [
                "Strong wind",
                "Strong wind: gusts of force 8",
                "A cold front brings northerly wind of force 6 with gusts of 8 within 24 hours.",
                "Secure hoardings and temporary structures.",
            ],
        ],
        place: ["示范县全境", "The whole of Demo county"],
        area: around(15.0),
    }
}

fn eased() -> Told {
    Told {
        identifier: "demo-wind-2",
        hours_ago: 14,
        hours_left: -2,
        severity: Severity::Minor,
        words: [
            [
                "大风",
                "大风警报降级：风力逐渐减弱",
                "冷空气主体已经过境，风力逐渐减弱到 4 级。",
                "",
            ],
            [
                "Strong wind",
                "Wind is easing",
                "The front has passed; wind falls to force 4.",
                "",
            ],
        ],
        ..wind()
    }
}

fn drill() -> Told {
    Told {
        sender: WATER,
        identifier: "demo-drill-1",
        hours_ago: 9,
        hours_left: 40,
        words: [
            [
                "洪水",
                "防汛演练：沿河地带转移",
                "这是一次演练，请参演单位按方案行动，居民无需撤离。",
                "",
            ],
            [
                "Flood",
                "Exercise: moving people out of the low ground",
                "This is an exercise. Units taking part act by the plan; residents need not leave.",
                "",
            ],
        ],
        place: ["沿河低洼地带", "Low ground along the river"],
        area: river(),
        ..wind()
    }
}

fn high_water() -> Told {
    Told {
        sender: WATER,
        identifier: "demo-water-1",
        hours_ago: 5,
        hours_left: 31,
        severity: Severity::Moderate,
        words: [
            [
                "洪水",
                "河道水位上涨",
                "预计今天夜间水位接近警戒线，沿河低洼地带可能进水。",
                "请勿在河边停留，地下空间准备挡水板。",
            ],
            [
                "Flood",
                "The river is rising",
                "The river will come near its warning mark tonight; low ground along it may be flooded.",
                "Keep away from the banks; have flood boards ready for basements.",
            ],
        ],
        place: ["沿河低洼地带", "Low ground along the river"],
        area: river(),
    }
}

fn rain() -> Told {
    Told {
        identifier: "demo-rain-1",
        hours_ago: 1,
        hours_left: 11,
        severity: Severity::Severe,
        words: [
            [
                "暴雨",
                "暴雨橙色警报：3 小时内降雨量将达 50 毫米以上",
                "城区和沿河乡镇 3 小时内降雨量将达 50 毫米以上，伴有雷电，易引发内涝。",
                "低洼地区人员做好转移准备，避免驶入积水路段。",
            ],
            [
                "Rainstorm",
                "Rainstorm: more than 50 mm within three hours",
                "More than 50 mm of rain within three hours in town and along the river, with lightning; streets may be flooded.",
                "Be ready to leave low ground; do not drive into standing water.",
            ],
        ],
        place: ["城区及周边 8 公里", "Town and 8 km around"],
        area: around(8.0),
        ..wind()
    }
}
