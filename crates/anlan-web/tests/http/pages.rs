//! The residents' pages: a report from form to rating without JavaScript, in both languages, and hostile input.

use crate::bench::{Answer, Bench, Client, PIXEL, Part};
use anlan_model::accounts::Role;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;

fn hidden_token(page: &str) -> String {
    let (_, rest) = page.split_once("name=\"token\" value=\"").unwrap();
    rest.split('"').next().unwrap().to_owned()
}

async fn hand_in(client: &Client, parts: &[Part<'_>]) -> Answer {
    let form = client.get("/report").await;
    assert_eq!(form.status, StatusCode::OK);
    let token = hidden_token(&form.text());
    let mut all: Vec<Part<'_>> = vec![("token", None, token.as_bytes())];
    all.extend_from_slice(parts);
    client.form("/report", &all).await
}

fn location(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    answer.headers[header::LOCATION].to_str().unwrap().to_owned()
}

/// The tracking code inside `/t/{code}?…`.
fn code(location: &str) -> String {
    let rest = location.strip_prefix("/t/").unwrap();
    rest.split('?').next().unwrap().to_owned()
}

async fn post(client: &Client, path: &str, body: &str) -> Answer {
    let request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    client
        .send(request.body(Body::from(body.to_owned())).unwrap())
        .await
}

/// A flooded road, reported with everything the form has.
async fn flood(resident: &Client) -> String {
    let parts: [Part<'_>; 7] = [
        ("class", None, b"m01001"),
        ("description", None, "路面积水很深\r\n第二行".as_bytes()),
        ("address", None, "1 River Street".as_bytes()),
        ("lat", None, b"29.5"),
        ("lon", None, b"105.5"),
        ("phone", None, b"13800138000"),
        ("photo", Some("a.png"), &PIXEL),
    ];
    location(&hand_in(resident, &parts).await)
}

async fn close(desk: &Client) {
    let close = json!({"move": "force_close", "reason": "fixed", "note": "pumped dry <b>&</b>"});
    let version = desk.get("/api/cases/1").await.ok()["version"].as_u64().unwrap();
    let version = u32::try_from(version).unwrap();
    desk.json("POST", "/api/cases/1/moves", Some(version), &close)
        .await
        .ok();
}

#[tokio::test]
async fn a_resident_reports_and_follows() {
    let bench = Bench::new();
    let resident = bench.client();
    let link = flood(&resident).await;
    let code = code(&link);
    let page = resident.get(&format!("{link}&lang=en")).await;
    assert_eq!(page.status, StatusCode::OK);
    let text = page.text();
    for words in [
        "Flooded road",
        "Office of water",
        "We have your report",
        "Promised to be done by",
        "AL26-000001",
        "第二行",
        "/photos/1?size=thumb",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    assert!(!text.contains("13800138000"), "contact data stays in the vault");
    assert!(text.contains("<html lang=\"en\""));
    assert!(
        page.headers[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .starts_with("lang=en")
    );
    let zh = resident.get(&link).await.text();
    assert!(
        zh.contains("<html lang=\"zh-CN\"") && zh.contains("路面积水") && zh.contains("前办结"),
        "{zh}"
    );
    let picture = resident.get(&format!("/t/{code}/photos/1?size=thumb")).await;
    assert_eq!(
        (picture.status, &picture.body[..2]),
        (StatusCode::OK, [0xff, 0xd8].as_slice())
    );
}

#[tokio::test]
async fn a_resident_rates_and_reopens() {
    let bench = Bench::new();
    let resident = bench.client();
    let code = code(&flood(&resident).await);
    let desk = bench.sign_in(Role::Supervisor, bench.centre).await;
    close(&desk).await;
    let page = resident.get(&format!("/t/{code}?lang=en")).await.text();
    for words in [
        "What was done",
        "Fixed",
        "pumped dry &#60;b&#62;",
        "How well was it dealt with?",
        "Not fixed?",
        "within the promised time",
    ] {
        assert!(page.contains(words), "{words} in {page}");
    }
    let told = post(&resident, &format!("/t/{code}/rate"), "stars=9&is_fixed=true").await;
    assert_eq!(told.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        post(&resident, &format!("/t/{code}/rate"), "is_fixed=true")
            .await
            .status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    location(
        &post(
            &resident,
            &format!("/t/{code}/rate"),
            "stars=2&is_fixed=false&comment=still+wet",
        )
        .await,
    );
    let page = resident.get(&format!("/t/{code}?lang=en")).await.text();
    assert!(page.contains("2 / 5") && page.contains("still wet"), "{page}");
    location(&post(&resident, &format!("/t/{code}/reopen"), "note=water+again").await);
    let case = desk.get("/api/cases/1").await.ok();
    assert_eq!((&case["phase"], &case["reopened"]), (&json!("open"), &json!(1)));
    let again = post(&resident, &format!("/t/{code}/reopen"), "note=again").await;
    assert_eq!(again.status, StatusCode::FORBIDDEN);
    assert_eq!(
        location(
            &resident
                .form(&format!("/t/{code}/photos"), &[("photo", Some("b.png"), &PIXEL)])
                .await
        ),
        format!("/t/{code}?said=photos")
    );
}

#[tokio::test]
async fn what_was_typed_stays_when_something_is_wrong() {
    let bench = Bench::new();
    let resident = bench.client();
    let parts: [Part<'_>; 5] = [
        (
            "description",
            None,
            "a\u{0}b <script>alert(1)</script> \"x\" 🌊".as_bytes(),
        ),
        ("address", None, "<i>here</i>".as_bytes()),
        ("lat", None, b"95"),
        ("lon", None, b"105"),
        ("photo", Some("a.png"), &PIXEL),
    ];
    let answer = hand_in(&resident, &parts).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let text = answer.text();
    for words in [
        "&#60;script&#62;alert(1)",
        "&#60;i&#62;here",
        "value=\"95\"",
        "aria-invalid=\"true\"",
        "重新选择",
        "point-fault",
    ] {
        assert!(text.contains(words), "{words} in {text}");
    }
    assert!(!text.contains("<script>alert"));
    let nul: [Part<'_>; 1] = [("description", None, "a\u{0}b".as_bytes())];
    let answer = hand_in(&resident, &nul).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("description-fault"), "{}", answer.text());
    let empty = hand_in(&resident, &[]).await;
    assert!(empty.text().contains("description-fault"), "{}", empty.text());
    let desk = bench.sign_in(Role::Duty, bench.centre).await;
    assert_eq!(desk.get("/api/cases").await.ok()["total"], 0, "nothing was kept");
}

#[tokio::test]
async fn a_double_click_makes_one_report() {
    let bench = Bench::new();
    let resident = bench.client();
    let token = hidden_token(&resident.get("/report").await.text());
    let parts: [Part<'_>; 2] = [
        ("token", None, token.as_bytes()),
        ("description", None, b"a lamp is out"),
    ];
    let (one, two) = tokio::join!(resident.form("/report", &parts), resident.form("/report", &parts));
    assert_eq!(location(&one), location(&two));
    let desk = bench.sign_in(Role::Duty, bench.centre).await;
    assert_eq!(desk.get("/api/cases").await.ok()["total"], 1);
}

#[tokio::test]
async fn twenty_photos_are_kept_and_bad_ones_named() {
    let bench = Bench::new();
    let resident = bench.client();
    let zip = b"PK\x03\x04 a zip".as_slice();
    let large = vec![0_u8; 21 * 1024 * 1024];
    let mut parts: Vec<Part<'_>> = vec![
        ("description", None, b"a lamp is out"),
        ("photo", Some("z.jpg"), zip),
        ("photo", Some("l.jpg"), &large),
    ];
    parts.extend((0..19).map(|_| -> Part<'_> { ("photo", Some("a.png"), &PIXEL) }));
    let link = location(&hand_in(&resident, &parts).await);
    assert!(
        link.contains("1:photo.not_a_picture,2:photo.too_large,21:photo.too_many"),
        "{link}"
    );
    let page = resident.get(&format!("{link}&lang=en")).await.text();
    assert!(
        page.contains("Photo 1: not a JPEG") && page.contains("Photo 21: over the limit"),
        "{page}"
    );
    assert_eq!(page.matches("size=thumb").count(), 18);
}

#[tokio::test]
async fn complaints_about_an_office_stay_hidden_from_it() {
    let bench = Bench::new();
    let about = bench.water.to_string();
    let parts: [Part<'_>; 3] = [
        ("class", None, b"m01001"),
        ("description", None, b"nobody came"),
        ("about_office", None, about.as_bytes()),
    ];
    location(&hand_in(&bench.client(), &parts).await);
    let water = bench.sign_in(Role::Officer, bench.water).await;
    assert_eq!(water.get("/api/cases").await.ok()["total"], 0);
    water.get("/api/cases/1").await.refused(404, "missing");
}

#[tokio::test]
async fn a_wrong_code_learns_nothing() {
    let bench = Bench::new();
    let resident = bench.client();
    let link = location(&hand_in(&resident, &[("description", None, b"x")]).await);
    let right = code(&link);
    let wrong: String = right.chars().rev().collect();
    let unknown = resident.get(&format!("/t/{wrong}")).await;
    let nonsense = resident.get("/t/nonsense%00").await;
    assert_eq!(
        (unknown.status, nonsense.status),
        (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND)
    );
    assert_eq!(unknown.text(), nonsense.text());
    assert_eq!(resident.get("/t/%FF").await.text(), unknown.text());
    for path in ["rate", "reopen"] {
        let body = "stars=5&is_fixed=true&note=x";
        assert_eq!(
            post(&resident, &format!("/t/{wrong}/{path}"), body).await.status,
            StatusCode::NOT_FOUND
        );
    }
    assert_eq!(
        resident
            .form(&format!("/t/{wrong}/photos"), &[("photo", Some("a.png"), &PIXEL)])
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        resident.get(&format!("/t/{wrong}/photos/1")).await.status,
        StatusCode::NOT_FOUND
    );
    let bad = resident.get("/track?code=abc").await;
    assert_eq!(bad.status, StatusCode::UNPROCESSABLE_ENTITY);
    let pasted = resident
        .get(&format!(
            "/track?code=https%3A%2F%2Fx.example%2Ft%2F{}%3Fsaid%3Dthanks",
            right.to_uppercase()
        ))
        .await;
    assert_eq!(location(&pasted), format!("/t/{right}"));
}

#[tokio::test]
async fn forms_that_are_none_are_told_so() {
    let bench = Bench::new();
    let resident = bench.client();
    let answer = post(&resident, "/report", "description=x").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("<html"));
    let request = Request::post("/report").header(header::CONTENT_TYPE, "multipart/form-data; boundary=calm");
    let cut = resident
        .send(
            request
                .body(Body::from(
                    "--calm\r\nContent-Disposition: form-data; name=\"desc",
                ))
                .unwrap(),
        )
        .await;
    assert_eq!(cut.status, StatusCode::BAD_REQUEST);
}
