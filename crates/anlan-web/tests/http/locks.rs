//! Locks: guessing gets slow and stays slow over a restart; nobody can keep an officer out; nothing tells which names exist.

use crate::bench::{Bench, PASSWORD};
use anlan_app::App;
use anlan_model::accounts::Role;
use anlan_model::clock::Clock;
use anlan_policy::Policy;
use anlan_store::accesses::AccessFilter;
use axum::http::header;
use std::sync::Arc;

const WRONG: &str = "not this one";

async fn fail(bench: &Bench, name: &str, times: usize) {
    for _ in 0..times {
        bench
            .client()
            .enter(name, WRONG)
            .await
            .refused(401, "session.wrong");
    }
}

#[tokio::test]
async fn guessing_gets_slow_and_a_restart_forgets_nothing() {
    let bench = Bench::new();
    let name = bench.account(Role::Duty, bench.centre);
    fail(&bench, &name, 5).await;
    let answer = bench.client().enter(&name, PASSWORD).await;
    answer.refused(429, "too_many");
    assert_eq!(answer.headers[header::RETRY_AFTER], "1");

    // The same store under a program that has just started.
    let clock = Arc::clone(&bench.clock) as Arc<dyn Clock>;
    let fresh = App::new(
        bench.app.store.clone(),
        Policy::shipped().unwrap(),
        clock,
        [9; 32],
    )
    .unwrap();
    let mut client = bench.client();
    client.router = anlan_web::router(fresh, anlan_web::WebConfig::default());
    client.enter(&name, PASSWORD).await.refused(429, "too_many");

    bench.later(1);
    fail(&bench, &name, 1).await;
    let answer = bench.client().enter(&name, PASSWORD).await;
    assert_eq!(
        answer.headers[header::RETRY_AFTER],
        "2",
        "each wait is longer than the last"
    );
    bench.later(15);
    bench.client().enter(&name, PASSWORD).await.ok();
    fail(&bench, &name, 4).await;
    bench.client().enter(&name, PASSWORD).await.ok();
}

#[tokio::test]
async fn a_name_that_is_none_is_answered_like_one_that_is() {
    let bench = Bench::new();
    let name = bench.account(Role::Duty, bench.centre);
    let mut seen = Vec::new();
    for name in [name.as_str(), "nobody-here"] {
        let mut answers = Vec::new();
        for _ in 0..7 {
            let answer = bench.client().enter(name, WRONG).await;
            answers.push((answer.status, answer.text()));
        }
        seen.push(answers);
    }
    assert_eq!(seen[0], seen[1]);
}

#[tokio::test]
async fn many_tries_at_once_are_no_way_around() {
    let bench = Bench::new();
    let name = bench.account(Role::Duty, bench.centre);
    let tries = (0..12).map(|_| {
        let (mut client, name) = (bench.client(), name.clone());
        async move { client.enter(&name, WRONG).await.status.as_u16() }
    });
    let answers = futures_util::future::join_all(tries).await;
    assert_eq!(
        answers.iter().filter(|status| **status == 401).count(),
        5,
        "{answers:?}"
    );
    assert_eq!(
        answers.iter().filter(|status| **status == 429).count(),
        7,
        "{answers:?}"
    );
}

#[tokio::test]
async fn strangers_cannot_keep_an_officer_out_of_their_own_browser() {
    let bench = Bench::new();
    let name = bench.account(Role::Duty, bench.centre);
    let own = bench.sign_in(Role::Duty, bench.centre).await;
    fail(&bench, &name, 5).await;
    bench
        .client()
        .enter(&name, PASSWORD)
        .await
        .refused(429, "too_many");
    let mut again = own.without_session();
    again.enter(&name, PASSWORD).await.ok();

    // A mark that was made up, or is another account's, is none.
    let clerk = bench.sign_in(Role::Clerk, bench.centre).await;
    clerk
        .without_session()
        .enter(&name, PASSWORD)
        .await
        .refused(429, "too_many");
    let mut forged = bench.client();
    let mark = own
        .cookie
        .clone()
        .unwrap()
        .replace("anlan_device=", "anlan_device=9");
    forged.cookie = Some(mark);
    forged.enter(&name, PASSWORD).await.refused(429, "too_many");

    // A known browser is not free to guess either, and makes nobody else wait.
    bench.later(16);
    for _ in 0..5 {
        own.without_session()
            .enter(&name, WRONG)
            .await
            .refused(401, "session.wrong");
    }
    own.without_session()
        .enter(&name, PASSWORD)
        .await
        .refused(429, "too_many");
    bench.client().enter(&name, PASSWORD).await.ok();
}

#[tokio::test]
async fn one_address_that_tries_many_names_waits_too() {
    let bench = Bench::new();
    for at in 0..30 {
        fail(&bench, &format!("name-{at}"), 1).await;
    }
    bench
        .client()
        .enter("name-31", WRONG)
        .await
        .refused(429, "too_many");
}

#[tokio::test]
async fn failed_tries_are_in_the_access_log_and_the_security_administrator_clears_a_lock() {
    let bench = Bench::new();
    let name = bench.account(Role::Duty, bench.centre);
    let security = bench.sign_in(Role::Security, bench.centre).await;
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let id = duty.get("/api/session").await.ok()["account"]["id"]
        .as_i64()
        .unwrap();
    fail(&bench, &name, 5).await;
    fail(&bench, "nobody-here", 1).await;

    let filter = AccessFilter {
        resource: Some("session".into()),
        ..AccessFilter::default()
    };
    let page = bench
        .app
        .store
        .read(|tx| anlan_store::accesses::list(tx, &filter, None, 50))
        .unwrap();
    let failed: Vec<_> = page.items.iter().filter(|access| !access.allowed).collect();
    assert_eq!(
        failed
            .iter()
            .filter(|access| access.resource_id == id.to_string())
            .count(),
        5
    );
    assert_eq!(
        failed
            .iter()
            .filter(|access| access.resource_id == "unknown")
            .count(),
        1
    );
    assert!(
        failed.iter().all(|access| access.actor.is_none()),
        "nobody knows who it was"
    );

    duty.get("/api/locks").await.refused(403, "no_right");
    let locks = admin.get("/api/locks").await.ok();
    let lock = locks
        .as_array()
        .unwrap()
        .iter()
        .find(|lock| lock["account"] == id)
        .unwrap();
    assert_eq!((&lock["kind"], &lock["tries"]), (&"account".into(), &5.into()));
    assert!(
        !locks.to_string().contains("nobody-here"),
        "what was typed as a name is not kept"
    );
    let path = format!("/api/locks/{}", lock["id"]);
    admin.delete(&path).await.refused(403, "no_right");
    bench
        .client()
        .enter(&name, PASSWORD)
        .await
        .refused(429, "too_many");
    assert_eq!(security.delete(&path).await.status, 204);
    security.delete(&path).await.refused(404, "missing");
    bench.client().enter(&name, PASSWORD).await.ok();
}
