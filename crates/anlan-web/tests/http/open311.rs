//! Open311: what everybody may read, what a machine hands in, and what neither ever shows.

use crate::bench::{Answer, Bench, Client, PIXEL};
use crate::things::{self, Lies};
use anlan_app::publications::Published;
use anlan_app::{Caller, reports};
use anlan_model::accounts::Role;
use anlan_model::clock::Clock;
use anlan_model::ids::ClassCode;
use anlan_model::incoming::{Channel, Contact, Incoming};
use anlan_model::places::{Datum, GivenPoint};
use anlan_web::WebConfig;
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

const SECRET: &str = "behind the red door of Li, 13900000000";

/// With something in every field that must not get out.
fn incoming(class: &str) -> Incoming {
    Incoming {
        channel: Channel::Web,
        source: "web".into(),
        class: Some(ClassCode::from(class)),
        title: String::new(),
        description: SECRET.into(),
        address: Some(format!("7 {SECRET}")),
        point: Some(GivenPoint {
            lon: 105.123_456,
            lat: 29.765_432,
            datum: Datum::Wgs84,
            error_m: Some(10.0),
        }),
        contact: Some(Contact {
            name: Some("Li".into()),
            phone: Some("13900000000".into()),
            email: None,
        }),
        facts: [("note".to_owned(), SECRET.to_owned())].into(),
        ..things::incoming(Lies::Here)
    }
}

/// The number of a new case.
fn reported(bench: &Bench, class: &str) -> String {
    let incoming = Incoming {
        reported_at: bench.clock.now(),
        ..incoming(class)
    };
    let taken = reports::take(&bench.app, &Caller::resident(), incoming, None).unwrap();
    taken.case.number()
}

async fn ask(client: &Client, path: &str, lang: &str) -> Answer {
    let request = Request::get(format!("/open311/{path}")).header(header::ACCEPT_LANGUAGE, lang);
    client.send(request.body(Body::empty()).unwrap()).await
}

async fn list(bench: &Bench, query: &str) -> Vec<Value> {
    let answer = ask(&bench.client(), &format!("v2/requests.json{query}"), "en").await;
    answer.ok().as_array().unwrap().clone()
}

fn ids(all: &[Value]) -> Vec<&str> {
    all.iter()
        .map(|one| one["service_request_id"].as_str().unwrap())
        .collect()
}

/// What was said, and that it is in the protocol's own form.
fn faults(answer: &Answer) -> (u16, String) {
    let all = answer.json();
    let codes: Vec<&Value> = all.as_array().unwrap().iter().map(|one| &one["code"]).collect();
    let status = answer.status.as_u16();
    assert!(codes.iter().all(|code| **code == status), "{codes:?} {status}");
    let words = all.as_array().unwrap().iter();
    let words: Vec<&str> = words.map(|one| one["description"].as_str().unwrap()).collect();
    (status, words.join(" | "))
}

#[tokio::test]
async fn what_is_public_is_coarse_and_wordless() {
    let bench = Bench::named();
    let number = reported(&bench, "m01001");
    let answer = ask(&bench.client(), &format!("v2/requests/{number}.json"), "en").await;
    let only = &answer.ok()[0];
    assert_eq!(
        *only,
        json!({
            "service_request_id": number, "status": "open", "status_notes": only["status_notes"],
            "service_name": "Flooded road", "service_code": "m01001", "description": null,
            "agency_responsible": "Office of water", "service_notice": null,
            "requested_datetime": "2026-11-23T10:00:00+08:00", "updated_datetime": "2026-11-23T10:00:00+08:00",
            "expected_datetime": only["expected_datetime"], "address": null, "address_id": null, "zipcode": null,
            "lat": 29.765, "long": 105.123, "media_url": null,
        })
    );
    let chinese = ask(&bench.client(), &format!("v2/requests/{number}.xml"), "zh-CN").await;
    assert_eq!(chinese.headers[header::CONTENT_TYPE], "text/xml; charset=utf-8");
    let text = chinese.text();
    assert!(
        text.contains("<service_requests><request><service_request_id>"),
        "{text}"
    );
    assert!(text.contains("<service_name>路面积水</service_name>"), "{text}");
    for path in [
        "v2/requests.xml",
        "v2/requests.json",
        "v2/requests.json?page_size=1",
    ] {
        let text = ask(&bench.client(), path, "en").await.text();
        assert!(text.contains(&number), "{text}");
        for word in ["red door", "13900000000", "Li,", "105.1234", "29.7654"] {
            assert!(!text.contains(word), "{path}: {text}");
        }
    }
}

#[tokio::test]
async fn a_node_that_publishes_nothing_has_no_such_door() {
    let mut bench = Bench::named();
    let number = reported(&bench, "m01001");
    bench.app = bench.app.clone().with_published(Published::default());
    let router = anlan_web::router(bench.app.clone(), WebConfig::default());
    let client = Client { router, cookie: None };
    let paths = ["discovery.json", "v2/services.json", "v2/requests.json"];
    let own = format!("v2/requests/{number}.json");
    for path in paths.into_iter().chain([own.as_str()]) {
        let (status, words) = faults(&ask(&client, path, "en").await);
        assert_eq!(
            (status, words.as_str()),
            (404, "This node does not offer Open311.")
        );
    }
    let (_, token, _) = things::machine_key(&bench, Role::Clerk, &["report.create"]);
    let body = format!("api_key={token}&service_code=m01001&address_string=here");
    assert_eq!(faults(&post(&client, "json", &body).await).0, 404);
}

#[tokio::test]
async fn other_kinds_complaints_and_withdrawn_cases_are_not_public() {
    let mut bench = Bench::named();
    let (flood, cover) = (reported(&bench, "m01001"), reported(&bench, "m01002"));
    let about = things::case(&bench, Lies::About).number();
    assert_eq!(
        ids(&list(&bench, "").await),
        [&*cover, &*flood],
        "the newest first"
    );
    let asked = format!("?service_request_id={flood},{about},AL26-999999,{cover},x");
    assert_eq!(ids(&list(&bench, &asked).await), [&*flood, &*cover]);
    let alone = ask(&bench.client(), &format!("v2/requests/{about}.json"), "en").await;
    let missing = ask(&bench.client(), "v2/requests/AL26-999999.json", "en").await;
    assert_eq!(
        faults(&alone),
        faults(&missing),
        "what is not public does not exist"
    );

    bench.app = bench
        .app
        .clone()
        .with_published(Published::of(["m01002".into(), " ".into()]));
    bench.router = anlan_web::router(bench.app.clone(), WebConfig::default());
    assert_eq!(ids(&list(&bench, "").await), [&*cover]);
    assert_eq!(
        ids(&list(&bench, "?service_code=m01001").await),
        Vec::<&str>::new()
    );
    assert_eq!(
        ids(&list(&bench, &format!("?service_request_id={flood}")).await),
        Vec::<&str>::new()
    );
    let services = ask(&bench.client(), "v2/services.json", "en").await.ok();
    assert_eq!(services.as_array().unwrap().len(), 1);
    assert_eq!(services[0]["service_code"], "m01002");
}

#[tokio::test]
async fn a_list_is_narrowed_as_it_is_asked() {
    let bench = Bench::named();
    let mut all = Vec::new();
    for minute in 0..5 {
        all.insert(
            0,
            reported(&bench, if minute % 2 == 0 { "m01001" } else { "m01002" }),
        );
        bench.later(60 * 24 * 20);
    }
    let supervisor = bench.sign_in(Role::Supervisor, bench.centre).await;
    let id: i64 = all[0].split('-').nth(1).unwrap().parse().unwrap();
    let close = json!({"move": "force_close", "reason": "fixed", "note": SECRET});
    supervisor
        .json("POST", &format!("/api/cases/{id}/moves"), Some(1), &close)
        .await
        .ok();
    let shown = |all: &[Value]| ids(all).iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
    // Now is 100 days after the first: the two oldest lie outside of ninety.
    assert_eq!(shown(&list(&bench, "").await), all[..4]);
    assert_eq!(shown(&list(&bench, "?page_size=2&page=2").await), all[2..4]);
    assert_eq!(
        shown(&list(&bench, "?page_size=2&page=3").await),
        Vec::<String>::new()
    );
    assert_eq!(shown(&list(&bench, "?status=closed").await), all[..1]);
    assert_eq!(shown(&list(&bench, "?status=open").await), all[1..4]);
    assert_eq!(
        shown(&list(&bench, "?status=open&service_code=m01002").await),
        [all[1].clone(), all[3].clone()]
    );
    let early = "?start_date=2026-11-23T00:00:00Z&end_date=2026-12-14T00:00:00+08:00";
    assert_eq!(shown(&list(&bench, early).await), all[3..]);
    let closed = &list(&bench, "?status=closed").await[0];
    let notes = closed["status_notes"].as_str().unwrap();
    assert!(notes.contains(": ") && !notes.contains("red door"), "{notes}");

    for (query, said) in [
        ("?start_date=2026-01-01&end_date=2026-12-01", "90 days"),
        ("?status=late&page=0", "open, closed or both"),
    ] {
        let answer = ask(&bench.client(), &format!("v2/requests.json{query}"), "en").await;
        let (status, words) = faults(&answer);
        assert!(status == 400 && words.contains(said), "{query}: {words}");
    }
    let xml = ask(&bench.client(), "v2/requests.xml?page=x", "zh").await.text();
    assert!(
        xml.contains("<errors><error><code>400</code><description>page 应为"),
        "{xml}"
    );
}

#[tokio::test]
async fn what_is_there_is_found_and_asks_nothing_more() {
    let bench = Bench::named();
    let discovery = ask(&bench.client(), "discovery.json", "en").await.ok();
    assert_eq!(discovery["endpoints"][0]["url"], "http://county.test/open311/v2");
    assert_eq!(discovery["endpoints"][0]["type"], "test");
    assert_eq!(discovery["contact"], "Anlan County");
    let services = ask(&bench.client(), "v2/services.json", "en").await.ok();
    assert_eq!(
        services[0],
        json!({
            "service_code": "m01001", "service_name": "Flooded road", "description": "Flooded road",
            "metadata": false, "type": "realtime", "keywords": null, "group": "Streets",
        })
    );
    let definition = ask(&bench.client(), "v2/services/m01001.json", "en").await.ok();
    assert_eq!(definition, json!({"service_code": "m01001", "attributes": []}));
    for path in [
        "v2/services/x.json",
        "v2/tokens/1.json",
        "v2/requests/nothing.json",
    ] {
        assert_eq!(faults(&ask(&bench.client(), path, "en").await).0, 404, "{path}");
    }
    let nowhere = ask(&bench.client(), "v2/requests.csv", "en").await;
    assert!(nowhere.status == 404 && nowhere.text().contains("<errors><error><code>404</code>"));
    let bare = ask(&bench.client(), "v2/services/m01001", "en").await;
    assert!(bare.status == 404 && bare.text().contains("ends in .xml or .json"));
}

#[tokio::test]
async fn a_jurisdiction_is_named_rightly_or_not_at_all() {
    let bench = Bench::with(WebConfig {
        open311_jurisdiction: Some("anlan.example".into()),
        ..WebConfig::default()
    });
    for (query, status) in [
        ("", 200),
        ("?jurisdiction_id=", 200),
        ("?jurisdiction_id=anlan.example", 200),
        ("?jurisdiction_id=sf", 404),
    ] {
        let answer = ask(&bench.client(), &format!("v2/services.json{query}"), "en").await;
        assert_eq!(answer.status, status, "{query}");
    }
}

async fn post(client: &Client, format: &str, body: &str) -> Answer {
    let request = Request::post(format!("/open311/v2/requests.{format}"))
        .header(
            header::CONTENT_TYPE,
            "application/x-www-form-urlencoded; charset=utf-8",
        )
        .header(header::ACCEPT_LANGUAGE, "en");
    client
        .send(request.body(Body::from(body.to_owned())).unwrap())
        .await
}

fn key(bench: &Bench) -> String {
    things::machine_key(bench, Role::Clerk, &["report.create"]).1
}

#[tokio::test]
async fn a_machine_hands_in_with_its_key() {
    let bench = Bench::named();
    let body = format!(
        "api_key={}&service_code=m01002&lat=29.5&long=105.5&description=cover%20gone&first_name=Anna&last_name=Berg&phone=1390&attribute%5BSIZE%5D=big&device_id=imei",
        key(&bench)
    );
    let receipt = post(&bench.client(), "json", &body).await.ok();
    let number = receipt[0]["service_request_id"].as_str().unwrap().to_owned();
    assert_eq!(
        receipt,
        json!([{"service_request_id": number, "service_notice": null, "account_id": null}])
    );
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let id: i64 = number.split('-').nth(1).unwrap().parse().unwrap();
    let file = duty.get(&format!("/api/cases/{id}")).await.ok();
    assert_eq!(file["channel"], "open311");
    assert_eq!(file["title"], "cover gone");
    let text = file.to_string();
    assert!(
        text.contains("attribute.SIZE") && !text.contains("imei"),
        "{text}"
    );
    let contact = duty
        .get(&format!("/api/cases/{id}/contact?purpose=case"))
        .await
        .ok();
    assert!(contact.to_string().contains("Anna Berg"));

    let bearer = Request::post("/open311/v2/requests.xml")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::AUTHORIZATION, format!("Bearer {}", key(&bench)));
    let body = Body::from("service_code=m01001&address_string=3%20River%20Street");
    let answer = bench.client().send(bearer.body(body).unwrap()).await;
    assert!(
        answer
            .text()
            .contains("<service_requests><request><service_request_id>AL26-"),
        "{}",
        answer.text()
    );
}

#[tokio::test]
async fn without_a_fitting_key_nothing_is_kept() {
    let bench = Bench::named();
    let rest = "service_code=m01001&address_string=here";
    let reader = things::machine_key(&bench, Role::Clerk, &["case.list"]).1;
    for body in [
        rest.to_owned(),
        format!("api_key=wrong&{rest}"),
        format!("api_key={reader}&{rest}"),
    ] {
        let (status, words) = faults(&post(&bench.client(), "json", &body).await);
        assert_eq!(status, 403, "{body}: {words}");
    }
    for (body, said) in [
        ("address_string=here", "service_code is missing"),
        ("service_code=none&address_string=here", "no such service_code"),
        ("service_code=m01001", "Say where"),
        ("service_code=m01001&lat=1", "together"),
        (
            "service_code=m01001&address_string=here&description=%00",
            "control character",
        ),
        (
            "service_code=m01001&address_string=here&jurisdiction_id=x&media_url=ftp%3A%2F%2Fx",
            "media_url",
        ),
    ] {
        let (status, words) = faults(
            &post(
                &bench.client(),
                "json",
                &format!("api_key={}&{body}", key(&bench)),
            )
            .await,
        );
        assert!(status == 400 && words.contains(said), "{body}: {status} {words}");
    }
    let json = Request::post("/open311/v2/requests.json").header(header::CONTENT_TYPE, "application/json");
    let answer = bench.client().send(json.body(Body::from("{}")).unwrap()).await;
    assert_eq!(faults(&answer).0, 400);
    let newest = bench.app.store.read(anlan_store::cases::newest);
    assert_eq!(newest.map_err(|error: anlan_store::Error| error).unwrap(), None);
}

#[tokio::test]
async fn photos_come_with_it_and_a_bad_one_takes_nothing_away() {
    let bench = Bench::named();
    let token = key(&bench);
    let parts = [
        ("photo1", Some("a.png"), PIXEL.as_slice()),
        ("media", Some("b.png"), b"no picture".as_slice()),
        ("api_key", None, token.as_bytes()),
        ("service_code", None, b"m01001".as_slice()),
        ("address_id", None, b"12".as_slice()),
    ];
    let receipt = bench
        .client()
        .form("/open311/v2/requests.json", &parts)
        .await
        .ok();
    let number = receipt[0]["service_request_id"].as_str().unwrap();
    let notice = receipt[0]["service_notice"].as_str().unwrap();
    assert!(notice.contains('2') && !notice.contains('1'), "{notice}");
    let id: i64 = number.split('-').nth(1).unwrap().parse().unwrap();
    let photos = bench
        .app
        .store
        .read(|tx| anlan_store::photos::of_case(tx, anlan_model::ids::CaseId(id)));
    assert_eq!(
        photos.map_err(|error: anlan_store::Error| error).unwrap().len(),
        1
    );
}

#[tokio::test]
async fn a_request_that_is_sent_again_is_the_same() {
    let bench = Bench::named();
    let token = key(&bench);
    let send = |name: &'static str| {
        let request = Request::post("/open311/v2/requests.json")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header("idempotency-key", name);
        let body = format!("api_key={token}&service_code=m01001&address_string=here");
        let client = bench.client();
        async move { client.send(request.body(Body::from(body)).unwrap()).await }
    };
    let (first, again, other) = (
        send("a-1").await.ok(),
        send("a-1").await.ok(),
        send("a-2").await.ok(),
    );
    assert_eq!(first, again);
    assert_ne!(first, other);
    assert_eq!(faults(&send("").await).0, 400);
}
