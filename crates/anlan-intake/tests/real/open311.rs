//! Documents of four cities' Open311 servers, counted: what is read, and what of it is not as the protocol says.

use crate::support::given;
use anlan_intake::open311::{Format, Value, judging, read};
use std::path::Path;

fn document(path: &Path) -> Value {
    let format = match path.extension().and_then(|end| end.to_str()) {
        Some("xml") => Format::Xml,
        _ => Format::Json,
    };
    read(&std::fs::read(path).unwrap(), format).unwrap()
}

#[test]
fn cities_documents_are_read_and_their_defects_told() {
    let Some(given) = given() else { return };
    let at = |path: &str| document(&given.join("open311").join(path));

    let services = at("node-open311-mocks/dc-services.xml");
    assert_eq!(
        (services.items().len(), judging::services(&services)),
        (86, vec![])
    );
    let definition = at("node-open311-mocks/dc-services-S0301.xml");
    assert_eq!(judging::definition(&definition, "S0301"), Vec::<String>::new());
    let errors = at("node-open311-mocks/boston-err-submitrequest-base_is_duplicate.xml");
    assert_eq!(judging::errors(&errors, 400), Vec::<String>::new());
    for (path, token) in [
        ("node-open311-mocks/token.xml", "12345"),
        (
            "node-open311-mocks/boston-submitrequest-token.xml",
            "503fc045901932078800163c",
        ),
    ] {
        assert_eq!(
            at(path).items().first().and_then(|one| one.text("token")),
            Some(token)
        );
    }
    for path in [
        "node-open311-mocks/discovery-boston.json",
        "node-open311-mocks/discovery-dc.xml",
    ] {
        let endpoints = at(path);
        let endpoint = endpoints.field("endpoints").items().first().unwrap();
        assert_eq!(
            endpoint.text("specification"),
            Some("http://wiki.open311.org/GeoReport_v2"),
            "{path}"
        );
        assert!(!endpoint.field("formats").items().is_empty(), "{path}");
    }

    let chicago = at("chicago/ChicagoRequests.json");
    assert_eq!((chicago.items().len(), judging::requests(&chicago)), (50, vec![]));
    let services = at("chicago/ChicagoServices.json");
    assert_eq!(judging::services(&services), Vec::<String>::new());

    let boston = at("boston-api/requests_sample.json");
    let faults = judging::requests(&boston);
    assert_eq!(boston.items().len(), 2402);
    assert!(
        faults.iter().any(|fault| fault.contains("status submitted")),
        "{faults:?}"
    );
    assert!(
        faults
            .iter()
            .any(|fault| fault.contains("lacks service_request_id")),
        "{faults:?}"
    );
}
