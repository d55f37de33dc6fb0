//! The access log from outside: things are done through many doors, and somebody without a session verifies, by what is
//! served alone, that each left its entry.

use crate::bench::{Bench, Client, PIXEL};
use anlan_model::accounts::Role;
use anlan_store::accesses::{self, AccessFilter, Leaf};
use anlan_store::logs::Keeper;
use anlan_tlog::bundles;
use anlan_tlog::checkpoints::{Checkpoint, check_growth};
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::{Signer, VerifierKey};
use anlan_tlog::proofs::Plan;
use anlan_tlog::tiles::{self, Tile};
use anlan_tlog::trees::{Head, Tree};
use axum::http::{StatusCode, header};
use serde_json::json;
use std::collections::{BTreeMap, HashMap};

fn signer() -> Signer {
    Signer::new("county.example/log".parse().unwrap(), &[5; 32])
}

async fn fetch(client: &Client, path: &str) -> Vec<u8> {
    let answer = client.get(&format!("/log/{path}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}");
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/octet-stream");
    assert_eq!(
        answer.headers[header::CACHE_CONTROL],
        "public, max-age=31536000, immutable"
    );
    answer.body
}

/// What somebody outside finds, given the log's key: its head, its entries and its tiles.
async fn verified(client: &Client, key: &VerifierKey) -> (Head, Vec<Leaf>, HashMap<Tile, Vec<u8>>) {
    let answer = client.get("/log/checkpoint").await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-cache");
    let (checkpoint, _) = Checkpoint::open(&answer.body, key).unwrap();
    let head = checkpoint.head();
    let (mut tree, mut leaves) = (Tree::new(), Vec::new());
    for bundle in bundles::of_log(head.size) {
        let bytes = fetch(client, &bundle.path()).await;
        for entry in bundle.entries(&bytes).unwrap() {
            tree.grow([Hash::of_leaf(entry)]).unwrap();
            leaves.push(Leaf::decode(entry).unwrap());
        }
    }
    assert_eq!(tree.head(), head);
    let mut served = HashMap::new();
    for tile in tiles::of_tree(head.size) {
        served.insert(tile, fetch(client, &tile.path()).await);
    }
    assert_eq!(Tree::from_tiles(head.size, &served).unwrap(), tree);
    (head, leaves, served)
}

/// Looks and changes through the API, the residents' pages and the desk.
async fn live(bench: &Bench) {
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let clerk = bench.sign_in(Role::Clerk, bench.centre).await;
    let (flood, code) = clerk.report("m01001", "water on the road").await;
    let (again, _) = clerk.report("m01001", "water on the road again").await;
    let (cover, _) = clerk.report("m01002", "a cover is missing").await;
    for path in [
        "/api/cases".to_owned(),
        "/api/cases?q=water".to_owned(),
        format!("/api/cases/{flood}"),
        format!("/api/cases/{flood}/duplicates"),
        format!("/api/cases/{cover}"),
    ] {
        duty.get(&path).await.ok();
    }
    duty.post(&format!("/api/cases/{again}/merge"), &json!({"into": flood}))
        .await
        .ok();
    duty.post(&format!("/api/cases/{cover}/notes"), &json!({"note": "seen"}))
        .await
        .ok();
    let photos = format!("/api/cases/{flood}/photos?shows=before");
    let kept = duty.form(&photos, &[("photo", Some("a.png"), &PIXEL)]).await;
    let photo = kept.ok()[0]["id"].clone();
    assert!(
        duty.get(&format!("/api/photos/{photo}"))
            .await
            .status
            .is_success()
    );
    let resident = bench.client();
    let page = resident.get(&format!("/t/{code}?lang=en")).await;
    assert_eq!(page.status, StatusCode::OK);
}

fn by_action<'a>(actions: impl IntoIterator<Item = &'a str>) -> BTreeMap<String, u32> {
    actions.into_iter().fold(BTreeMap::new(), |mut counted, action| {
        *counted.entry(action.to_owned()).or_default() += 1;
        counted
    })
}

#[tokio::test]
async fn what_was_done_is_in_the_log_that_anyone_can_verify() {
    let bench = Bench::new();
    let outsider = bench.client();
    outsider.get("/log/checkpoint").await.refused(404, "missing");
    let mut keeper = Keeper::open(&bench.app.store, signer()).unwrap();
    live(&bench).await;
    keeper.follow().unwrap();
    let (head, leaves, _) = verified(&outsider, signer().key()).await;

    let rows = bench
        .app
        .store
        .read(|tx| accesses::list(tx, &AccessFilter::default(), None, 1000))
        .unwrap();
    assert!(rows.next.is_none());
    let counted = by_action(leaves.iter().map(|leaf| leaf.action.as_str()));
    assert_eq!(
        counted,
        by_action(rows.items.iter().map(|row| row.action.as_str()))
    );
    for action in [
        "report.create",
        "case.list",
        "case.read",
        "case.merge",
        "case.note",
        "photo.add",
        "photo.read",
    ] {
        assert!(counted.contains_key(action), "{action}: {counted:?}");
    }
    let of_cases = ["case", "contact", "photo"];
    for leaf in &leaves {
        let is_about_one = of_cases.contains(&leaf.resource.as_str());
        assert_eq!(leaf.subject.is_some(), is_about_one, "{leaf:?}");
    }

    live(&bench).await;
    keeper.follow().unwrap();
    let (later, more, tiles) = verified(&outsider, signer().key()).await;
    assert_eq!(more[..leaves.len()], leaves);
    assert!(more.len() > leaves.len());
    let proof = Plan::consistency(head.size, later.size)
        .unwrap()
        .prove(&tiles)
        .unwrap();
    check_growth(&head, &later, &proof).unwrap();
    let found = anlan_store::logs::verify(&bench.app.store, None, signer().key(), &mut |_, _| {}).unwrap();
    assert_eq!(found.accesses, later.size);
}

#[tokio::test]
async fn what_is_no_file_of_the_log_is_not_there() {
    let bench = Bench::new();
    let mut keeper = Keeper::open(&bench.app.store, signer()).unwrap();
    let client = bench.client();
    let before = keeper.follow().unwrap().size;
    for path in [
        "tile/0/000",
        "tile/0/000.p/0",
        "tile/0/000.p/255",
        "tile/0/x000/000",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/000.p/256",
        "tile/9/000",
        "tile/0",
        "lock",
        "..%2fanlan.db",
        "tile/..%2f..%2fanlan.db",
        "%ff",
        "%00",
        "checkpoint/",
        "tile/entries/999.p/1",
    ] {
        let answer = client.get(&format!("/log/{path}")).await;
        assert!(
            matches!(answer.status, StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST),
            "{path}: {}",
            answer.status
        );
    }
    assert_eq!(
        keeper.follow().unwrap().size,
        before,
        "serving the log is no access"
    );
}
