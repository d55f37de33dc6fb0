//! "Who opened my report" from outside: the page against the rows, the file against the log's key, and what neither tells.

use crate::bench::{Answer, Bench, Client, NOW, PIXEL};
use anlan_model::accounts::Role;
use anlan_model::ids::CaseId;
use anlan_store::accesses;
use anlan_store::logs::{CaseProof, Keeper};
use anlan_tlog::notes::Signer;
use axum::http::{StatusCode, header};
use serde_json::json;

fn signer() -> Signer {
    Signer::new("county.example/log".parse().unwrap(), &[5; 32])
}

/// A report that clerk and officers have looked at; its case and code.
async fn looked_at(bench: &Bench) -> (i64, String) {
    let clerk = bench.sign_in(Role::Clerk, bench.centre).await;
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let officer = bench.sign_in(Role::Officer, bench.water).await;
    let (case, code) = clerk.report("m01001", "water on the road").await;
    for (seconds, client) in (1..).zip([&duty, &officer, &duty]) {
        later(bench, seconds);
        client.get(&format!("/api/cases/{case}")).await.ok();
    }
    let photos = format!("/api/cases/{case}/photos?shows=before");
    duty.form(&photos, &[("photo", Some("a.png"), &PIXEL)]).await.ok();
    duty.get(&format!("/api/cases/{case}/contact?purpose=case"))
        .await
        .ok();
    duty.post(&format!("/api/cases/{case}/notes"), &json!({"note": "seen"}))
        .await
        .ok();
    (case, code)
}

/// Puts the clock so many seconds after the beginning.
fn later(bench: &Bench, seconds: i64) {
    let begin: jiff::Timestamp = NOW.parse().unwrap();
    let time = begin.checked_add(jiff::SignedDuration::from_secs(seconds));
    bench.clock.set(time.unwrap());
}

async fn page(client: &Client, code: &str, lang: &str) -> String {
    let answer = client.get(&format!("/t/{code}/accesses?lang={lang}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer.text()
}

async fn file(client: &Client, code: &str) -> Answer {
    client.get(&format!("/t/{code}/accesses/proof")).await
}

/// Accesses that the database has to this case.
fn rows(bench: &Bench, case: i64) -> Vec<accesses::Look> {
    let found = bench
        .app
        .store
        .read(|tx| accesses::of_case(tx, CaseId(case)))
        .unwrap();
    found.unwrap().looks
}

#[tokio::test]
async fn the_page_shows_every_row_in_plain_words_and_no_names() {
    let bench = Bench::new();
    let mut keeper = Keeper::open(&bench.app.store, signer()).unwrap();
    let (case, code) = looked_at(&bench).await;
    keeper.follow().unwrap();
    let resident = bench.client();
    let text = page(&resident, &code, "en").await;
    let rows = rows(&bench, case);
    assert_eq!(text.matches("<time ").count(), rows.len());
    assert!(text.contains(&format!("{} in all", rows.len())));
    let places = rows
        .iter()
        .rev()
        .map(|row| text.find(&format!("datetime=\"{}\"", row.access.at)).unwrap());
    assert!(places.is_sorted(), "newest first");
    for words in [
        "Opened the case",
        "Person A of Office of centre",
        "Person C of Office of water",
        "Looked at your contact details",
        "Added a remark",
        "Looked at the list of accesses",
        "You, or somebody with your code",
        "to deal with the case",
        "none is missing",
        "1 more were made just now",
        "accesses/proof",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    // The duty officer opened it twice and is one person.
    assert!(
        text.matches("Person B of Office of centre").count() >= 4,
        "{text}"
    );
    assert!(!text.contains("Person D"), "{text}");
    for name in ["Duty Li", "Clerk Li", "Officer Li", "duty1", "clerk1"] {
        assert!(!text.contains(name), "{name}");
    }
    keeper.follow().unwrap();
    let zh = page(&resident, &code, "zh").await;
    for words in ["打开了案件", "water局 工作人员 C", "记录完整", "下载证明文件"] {
        assert!(zh.contains(words), "{words}: {zh}");
    }
    let progress = resident.get(&format!("/t/{code}?lang=en")).await.text();
    assert!(progress.contains(&format!("/t/{code}/accesses")), "{progress}");
}

#[tokio::test]
async fn the_file_proves_every_signed_row_and_reading_it_is_a_row() {
    let bench = Bench::new();
    let mut keeper = Keeper::open(&bench.app.store, signer()).unwrap();
    let (case, code) = looked_at(&bench).await;
    keeper.follow().unwrap();
    let resident = bench.client();
    let before = rows(&bench, case);
    let answer = file(&resident, &code).await;
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/json");
    assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    let proof = CaseProof::parse(&answer.text()).unwrap();
    proof.verify(signer().key()).unwrap();
    assert_eq!(proof.cases.len(), 1);
    let leaves: Vec<&[u8]> = proof.cases[0]
        .entries
        .iter()
        .map(|entry| entry.leaf.as_bytes())
        .collect();
    let kept: Vec<&[u8]> = before.iter().map(|row| row.leaf.as_deref().unwrap()).collect();
    assert_eq!(leaves, kept);
    let after = rows(&bench, case);
    assert_eq!(after.len(), before.len() + 1);
    let own = &after.last().unwrap().access;
    assert_eq!((own.action.as_str(), own.actor), ("access.read", None));

    // Another key, a changed entry, one left out, two swapped, another place.
    let other = Signer::new("county.example/log".parse().unwrap(), &[6; 32]);
    assert!(proof.verify(other.key()).is_err());
    let changed = |change: &dyn Fn(&mut CaseProof)| {
        let mut copy = proof.clone();
        change(&mut copy);
        copy.verify(signer().key()).unwrap_err().to_string()
    };
    changed(&|proof| {
        let leaf = &mut proof.cases[0].entries[1].leaf;
        *leaf = leaf.replace("\"purpose\":\"case\"", "\"purpose\":\"audit\"");
    });
    changed(&|proof| drop(proof.cases[0].entries.remove(2)));
    changed(&|proof| proof.cases[0].entries.swap(1, 2));
    changed(&|proof| proof.cases[0].entries[0].index += 1);
    changed(&|proof| proof.cases[0].case += 1);
    changed(&|proof| proof.checkpoint = proof.checkpoint.replacen("\n1", "\n2", 1));
}

#[tokio::test]
async fn a_merged_report_shows_both_cases() {
    let bench = Bench::new();
    let mut keeper = Keeper::open(&bench.app.store, signer()).unwrap();
    let clerk = bench.sign_in(Role::Clerk, bench.centre).await;
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let (first, _) = clerk.report("m01001", "water on the road").await;
    let (second, code) = clerk.report("m01001", "water on the road again").await;
    duty.get(&format!("/api/cases/{second}")).await.ok();
    duty.post(&format!("/api/cases/{second}/merge"), &json!({"into": first}))
        .await
        .ok();
    keeper.follow().unwrap();
    let resident = bench.client();
    let shown = page(&resident, &code, "en").await;
    let all = rows(&bench, first).len() + rows(&bench, second).len();
    assert_eq!(shown.matches("<time ").count(), all);
    keeper.follow().unwrap();
    let proof = CaseProof::parse(&file(&resident, &code).await.text()).unwrap();
    proof.verify(signer().key()).unwrap();
    let cases: Vec<i64> = proof.cases.iter().map(|case| case.case).collect();
    assert_eq!(cases, [second, first]);
    assert_eq!(proof.entries(), u64::try_from(all).unwrap());
}

#[tokio::test]
async fn without_a_log_the_page_says_so_and_a_wrong_code_learns_nothing() {
    let bench = Bench::new();
    let (case, code) = looked_at(&bench).await;
    let resident = bench.client();
    let text = page(&resident, &code, "en").await;
    assert!(text.contains("is not signed at present"), "{text}");
    assert!(!text.contains("accesses/proof"), "{text}");
    assert_eq!(text.matches("<time ").count(), rows(&bench, case).len());
    assert_eq!(
        file(&resident, &code).await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    for wrong in ["00000000000000000000", "x", "%ff"] {
        for path in ["accesses", "accesses/proof"] {
            let answer = resident.get(&format!("/t/{wrong}/{path}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{wrong} {path}");
        }
    }
    let mut keeper = Keeper::open(&bench.app.store, signer()).unwrap();
    keeper.follow().unwrap();
    let erased = bench
        .app
        .store
        .write(move |tx| accesses::erase_key(tx, CaseId(case)));
    assert!(erased.unwrap());
    let text = page(&resident, &code, "en").await;
    assert!(text.contains("was erased when its time was over"), "{text}");
}

#[tokio::test]
async fn a_report_split_off_shows_what_was_before_and_nothing_of_the_others_after() {
    let bench = Bench::new();
    let mut keeper = Keeper::open(&bench.app.store, signer()).unwrap();
    let clerk = bench.sign_in(Role::Clerk, bench.centre).await;
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let (first, _) = clerk.report("m01001", "water on the road").await;
    let (second, code) = clerk.report("m01001", "a lamp is out").await;
    duty.post(&format!("/api/cases/{second}/merge"), &json!({"into": first}))
        .await
        .ok();
    duty.get(&format!("/api/cases/{first}")).await.ok();
    let reports = duty.get(&format!("/api/cases/{first}")).await.ok()["report_list"].clone();
    let report = reports.as_array().unwrap().last().unwrap()["id"].clone();
    let split = format!("/api/cases/{first}/split");
    duty.post(&split, &json!({"reports": [report]})).await.ok();
    later(&bench, 5);
    duty.post(
        &format!("/api/cases/{first}/notes"),
        &json!({"note": "of the others"}),
    )
    .await
    .ok();
    keeper.follow().unwrap();
    let resident = bench.client();
    let proof = CaseProof::parse(&file(&resident, &code).await.text()).unwrap();
    proof.verify(signer().key()).unwrap();
    let cases: Vec<i64> = proof.cases.iter().map(|case| case.case).collect();
    assert_eq!(cases.len(), 3, "{cases:?}");
    assert_eq!(cases[..2], [second, first]);
    let text = page(&resident, &code, "en").await;
    assert!(text.contains("Merged or split the case"), "{text}");
    assert!(!text.contains("Added a remark"), "{text}");
}

#[tokio::test]
async fn a_portal_asks_in_the_shapes_of_the_data_tracker() {
    let bench = Bench::new();
    let portal = bench.client();
    let failing = portal.get("/data-tracker/heartbeat").await.ok();
    assert_eq!(failing["status"], "FAIL");
    let mut keeper = Keeper::open(&bench.app.store, signer()).unwrap();
    let (case, code) = looked_at(&bench).await;
    keeper.follow().unwrap();
    assert_eq!(portal.get("/data-tracker/heartbeat").await.ok()["status"], "OK");
    let period = portal.get("/data-tracker/usagePeriod").await.ok();
    assert_eq!(period["periodStart"], NOW);

    let asked = async |query: &str, who: &str| {
        let path = format!("/data-tracker/findUsage?userCode={code}{query}");
        let request = axum::http::Request::get(path)
            .header("X-Road-UserId", who)
            .header(header::ACCEPT_LANGUAGE, "en");
        portal
            .send(request.body(axum::body::Body::empty()).unwrap())
            .await
    };
    let all = asked("", &code).await.ok();
    let rows = rows(&bench, case);
    assert_eq!(all["totalUsages"], rows.len());
    let usages = all["usages"].as_array().unwrap();
    assert_eq!(usages.len(), rows.len());
    let officer = usages
        .iter()
        .find(|usage| usage["receiverCode"] == "water")
        .unwrap();
    assert_eq!(officer["receiverName"], "Office of water");
    assert_eq!(officer["action"], "Opened the case, to deal with the case");
    assert_eq!(officer["receiverSystem"], "Anlan County");
    assert_eq!(officer["logtime"], "2026-11-23T02:00:02Z");
    let text = all.to_string();
    assert!(!text.contains(" Li\""), "no names: {text}");

    // Ten o'clock at the node is two o'clock in Greenwich.
    let two = asked(
        "&periodStart=2026-11-23T10:00:02&periodEnd=2026-11-23T02:00:02Z",
        &code,
    )
    .await
    .ok();
    assert_eq!(two["totalUsages"], 1);
    let page = asked("&offset=1&limit=2", &code).await.ok();
    assert_eq!(page["usages"].as_array().unwrap().len(), 2);
    assert_eq!(page["totalUsages"], rows.len() + 2);
    for (query, who) in [
        ("&limit=0", code.as_str()),
        ("&limit=10001", &code),
        ("&periodStart=today", &code),
        ("", "00000000000000000000"),
    ] {
        asked(query, who).await.refused(400, "query");
    }
    let nobody = axum::http::Request::get("/data-tracker/findUsage?userCode=00000000000000000000")
        .header("X-Road-UserId", "00000000000000000000");
    let answer = portal.send(nobody.body(axum::body::Body::empty()).unwrap()).await;
    answer.refused(404, "missing");
}
