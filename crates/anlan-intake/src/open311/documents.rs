//! What each document of GeoReport v2 holds, field by field in the order of the specification's examples.

use super::print::{Document, Piece};

/// A kind of request that is taken here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Stable, a string: leading zeros count.
    pub code: String,
    /// As people call it.
    pub name: String,
    /// The group it belongs to.
    pub group: String,
}

/// What the public may know of a request.
#[derive(Debug, Clone, PartialEq)]
pub struct Request {
    /// The number people say.
    pub id: String,
    /// Whether it is still open.
    pub is_open: bool,
    /// How it stands, in words.
    pub status_notes: Option<String>,
    /// Its kind in words.
    pub service_name: String,
    /// Its kind.
    pub service_code: String,
    /// The office that has to act.
    pub agency: Option<String>,
    /// When it was made, as printed.
    pub requested: String,
    /// When it last changed, as printed.
    pub updated: String,
    /// By when it should be done, as printed.
    pub expected: Option<String>,
    /// Latitude and longitude, degrees, WGS84, coarse.
    pub lat_long: Option<[f64; 2]>,
}

/// What a sender gets for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Its number.
    pub id: String,
    /// What the sender should know.
    pub notice: Option<String>,
}

/// Something that is wrong with a request. A document of errors is a list of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The HTTP status.
    pub code: u16,
    /// What is wrong and what to do, Chinese.
    pub zh: String,
    /// The same, English.
    pub en: String,
}

impl Fault {
    /// Something about a request that cannot be taken as it is.
    pub fn bad(zh: impl Into<String>, en: impl Into<String>) -> Self {
        let (zh, en) = (zh.into(), en.into());
        Self { code: 400, zh, en }
    }
}

/// Where this node's Open311 is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    /// Changes when something here changes, as printed.
    pub changeset: String,
    /// Whom to ask, in words.
    pub contact: String,
    /// How to come by a key, in words.
    pub key_service: String,
    /// The address of the API.
    pub url: String,
    /// Whether it is for trying only.
    pub is_test: bool,
}

/// The list of services.
pub fn services(all: &[Service]) -> Document {
    let one = |service: &Service| {
        Piece::Record(vec![
            ("service_code", service.code.as_str().into()),
            ("service_name", service.name.as_str().into()),
            ("description", service.name.as_str().into()),
            ("metadata", Piece::Flag(false)),
            ("type", "realtime".into()),
            ("keywords", Piece::Nothing),
            ("group", service.group.as_str().into()),
        ])
    };
    list("services", "service", all.iter().map(one))
}

/// What is asked beside the usual about a service: nothing, so far.
pub fn definition(code: &str) -> Document {
    Document {
        root: "service_definition",
        piece: Piece::Record(vec![
            ("service_code", code.into()),
            ("attributes", Piece::List("attribute", vec![])),
        ]),
    }
}

/// A list of requests; also one request is a list.
pub fn requests(all: &[Request]) -> Document {
    let one = |request: &Request| {
        let [lat, long] = request.lat_long.map_or([None; 2], |both| both.map(Some));
        Piece::Record(vec![
            ("service_request_id", request.id.as_str().into()),
            ("status", if request.is_open { "open" } else { "closed" }.into()),
            ("status_notes", request.status_notes.clone().into()),
            ("service_name", request.service_name.as_str().into()),
            ("service_code", request.service_code.as_str().into()),
            ("description", Piece::Nothing),
            ("agency_responsible", request.agency.clone().into()),
            ("service_notice", Piece::Nothing),
            ("requested_datetime", request.requested.as_str().into()),
            ("updated_datetime", request.updated.as_str().into()),
            ("expected_datetime", request.expected.clone().into()),
            ("address", Piece::Nothing),
            ("address_id", Piece::Nothing),
            ("zipcode", Piece::Nothing),
            ("lat", lat.into()),
            ("long", long.into()),
            ("media_url", Piece::Nothing),
        ])
    };
    list("service_requests", "request", all.iter().map(one))
}

/// The answer to a request that was taken.
pub fn receipt(receipt: &Receipt) -> Document {
    let one = Piece::Record(vec![
        ("service_request_id", receipt.id.as_str().into()),
        ("service_notice", receipt.notice.clone().into()),
        ("account_id", Piece::Nothing),
    ]);
    list("service_requests", "request", std::iter::once(one))
}

/// Why a request was refused, in one of the two languages.
pub fn faults(all: &[Fault], is_chinese: bool) -> Document {
    let one = |fault: &Fault| {
        let words = if is_chinese { &fault.zh } else { &fault.en };
        Piece::Record(vec![
            ("code", Piece::Whole(fault.code.into())),
            ("description", words.as_str().into()),
        ])
    };
    list("errors", "error", all.iter().map(one))
}

/// Where everything is.
pub fn discovery(of: &Discovery) -> Document {
    let formats = vec!["text/xml".into(), "application/json".into()];
    let endpoint = Piece::Record(vec![
        ("specification", "http://wiki.open311.org/GeoReport_v2".into()),
        ("url", of.url.as_str().into()),
        ("changeset", of.changeset.as_str().into()),
        ("type", if of.is_test { "test" } else { "production" }.into()),
        ("formats", Piece::List("format", formats)),
    ]);
    Document {
        root: "discovery",
        piece: Piece::Record(vec![
            ("changeset", of.changeset.as_str().into()),
            ("contact", of.contact.as_str().into()),
            ("key_service", of.key_service.as_str().into()),
            ("endpoints", Piece::List("endpoint", vec![endpoint])),
        ]),
    }
}

fn list(root: &'static str, each: &'static str, items: impl Iterator<Item = Piece>) -> Document {
    let piece = Piece::List(each, items.collect());
    Document { root, piece }
}
