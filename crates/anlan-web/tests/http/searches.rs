//! Searching over HTTP: words are found where they may be read, and nothing else tells of them.

use crate::bench::{Bench, Client};
use anlan_model::accounts::Role;
use serde_json::{Value, json};

/// How many cases the list, the totals and the map have for a search.
async fn found(client: &Client, words: &str) -> [Value; 3] {
    let words = words
        .bytes()
        .fold(String::new(), |text, byte| format!("{text}%{byte:02X}"));
    let list = client.get(&format!("/api/cases?q={words}")).await.ok();
    let counts = client.get(&format!("/api/counts?q={words}")).await.ok();
    let map = client.get(&format!("/api/map?q={words}")).await.ok();
    [
        list["total"].clone(),
        counts["total"].clone(),
        map["total"].clone(),
    ]
}

#[tokio::test]
async fn a_search_confirms_no_word_that_may_not_be_read() {
    let bench = Bench::new();
    let desk = bench.sign_in(Role::Duty, bench.centre).await;
    let (id, _) = desk.report("m01001", "Gas smell behind the school").await;
    let steward = bench.sign_in(Role::Steward, bench.centre).await;
    let number = desk.get(&format!("/api/cases/{id}")).await.ok()["number"].clone();
    for (words, of_desk, of_steward) in [
        ("smell", 1, 0),
        ("gas school", 1, 0),
        ("harbour", 0, 0),
        (number.as_str().unwrap(), 1, 1),
    ] {
        assert_eq!(
            found(&desk, words).await,
            [json!(of_desk), json!(of_desk), json!(of_desk)],
            "{words}"
        );
        let of_steward = [json!(of_steward), json!(of_steward), json!(of_steward)];
        assert_eq!(found(&steward, words).await, of_steward, "{words}");
    }
    let mut rules = steward.get("/api/rules").await.ok();
    rules["rules"] = json!([{"name": "smell", "keywords": ["smell"], "office": "roads"}]);
    let tried = desk.post("/api/rules/try", &rules).await.ok();
    assert_eq!(
        (&tried["per_rule"]["smell"], &tried["unread"]),
        (&json!(1), &json!(0))
    );
    let tried = steward.post("/api/rules/try", &rules).await.ok();
    assert_eq!(
        (&tried["per_rule"]["smell"], &tried["unread"]),
        (&json!(0), &json!(1))
    );
}
