//! Photos over HTTP: what is a picture is kept and drawn anew, what is not is refused in words.

use crate::bench::{Bench, PIXEL, Part};
use anlan_model::accounts::Role;
use axum::http::{StatusCode, header};

#[tokio::test]
async fn photos_are_added_and_seen_by_those_who_may() {
    let bench = Bench::new();
    let desk = bench.sign_in(Role::Duty, bench.centre).await;
    let (id, _) = desk.report("m01001", "water").await;
    let path = format!("/api/cases/{id}/photos?shows=after");
    let kept = desk
        .form(
            &path,
            &[("photo", Some("a.jpg"), &PIXEL), ("photo", Some("b.png"), &PIXEL)],
        )
        .await;
    assert_eq!(kept.status, StatusCode::CREATED, "{}", kept.text());
    let photo = kept.json()[0]["id"].clone();
    assert_eq!(kept.json()[0]["shows"], "after");
    let picture = desk.get(&format!("/api/photos/{photo}?size=thumb")).await;
    assert_eq!(
        (picture.status, &picture.headers[header::CONTENT_TYPE]),
        (StatusCode::OK, &"image/jpeg".parse().unwrap())
    );
    assert_eq!(picture.body[..2], [0xff, 0xd8]);
    let roads = bench.sign_in(Role::Officer, bench.roads).await;
    roads
        .get(&format!("/api/photos/{photo}"))
        .await
        .refused(404, "missing");
    roads
        .form(&path, &[("photo", Some("a.jpg"), &PIXEL)])
        .await
        .refused(404, "missing");
    desk.get(&format!("/api/photos/{photo}?size=huge"))
        .await
        .refused(422, "filter.value");
}

#[tokio::test]
async fn what_is_no_photo_is_refused_in_words() {
    let bench = Bench::new();
    let desk = bench.sign_in(Role::Duty, bench.centre).await;
    let (id, _) = desk.report("m01001", "water").await;
    let path = format!("/api/cases/{id}/photos");
    let zip = b"PK\x03\x04 a zip named jpg".as_slice();
    desk.form(&path, &[("photo", Some("holiday.jpg"), zip)])
        .await
        .refused(422, "photo.not_a_picture");
    desk.form(&path, &[("photo", Some("cut.png"), &PIXEL[..40])])
        .await
        .refused(422, "photo.broken");
    desk.form(&path, &[("document", Some("a.jpg"), &PIXEL)])
        .await
        .refused(422, "field.unknown");
    desk.form(&path, &[]).await.refused(422, "field.missing");
    desk.form(
        &format!("{path}?shows=faces"),
        &[("photo", Some("a.jpg"), &PIXEL)],
    )
    .await
    .refused(422, "photo.shows");
    let large = vec![0_u8; 50 * 1024 * 1024];
    desk.form(&path, &[("photo", Some("large.jpg"), &large)])
        .await
        .refused(413, "too_large");
    let many: Vec<Part<'_>> = (0..13)
        .map(|_| ("photo", Some("a.png"), PIXEL.as_slice()))
        .collect();
    let told = desk.form(&path, &many).await.refused(422, "photo.too_many");
    assert!(told["kept"].as_str().unwrap().contains("first 12"), "{told}");
    assert_eq!(
        desk.get(&format!("/api/cases/{id}")).await.ok()["photos"]
            .as_array()
            .unwrap()
            .len(),
        12
    );
    let plain = desk.post(&path, &serde_json::json!({})).await;
    plain.refused(415, "content_type.unknown");
}
