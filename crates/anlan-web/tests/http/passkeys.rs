//! Passkeys over HTTP: what a browser is asked, and that answers are taken once, from this site, and for whom they were asked.
//! The ceremony itself is tested beside its code, and with a real browser in the stories.

use crate::bench::{Bench, Client, PASSWORD};
use anlan_model::accounts::Role;
use anlan_web::WebConfig;
use axum::body::Body;
use axum::http::{Request, header};
use serde_json::{Value, json};

fn bench() -> Bench {
    Bench::with(WebConfig {
        public_url: Some("https://anlan.example.org/".into()),
        ..WebConfig::default()
    })
}

async fn ask(client: &Client, path: &str) -> Value {
    client.post(path, &json!({})).await.ok()["options"].clone()
}

#[tokio::test]
async fn a_browser_is_asked_for_a_key_of_this_site_that_its_holder_unlocks() {
    let bench = bench();
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let made = ask(&duty, "/api/passkeys/asked").await;
    assert_eq!(made["rp"]["id"], "anlan.example.org");
    assert_eq!(made["authenticatorSelection"]["userVerification"], "required");
    assert_eq!(made["authenticatorSelection"]["residentKey"], "required");
    assert_eq!(made["attestation"], "none");
    let again = ask(&duty, "/api/passkeys/asked").await;
    assert_ne!(made["challenge"], again["challenge"]);
    assert_eq!(
        made["user"]["id"], again["user"]["id"],
        "an account is one holder to its authenticators"
    );
    let clerk = bench.sign_in(Role::Clerk, bench.centre).await;
    assert_ne!(
        ask(&clerk, "/api/passkeys/asked").await["user"]["id"],
        made["user"]["id"]
    );

    let asked = ask(&bench.client(), "/api/session/passkey/asked").await;
    assert_eq!(
        (&asked["rpId"], &asked["userVerification"]),
        (&json!("anlan.example.org"), &json!("required"))
    );
    assert_eq!(
        asked["allowCredentials"],
        json!([]),
        "nobody learns who has a passkey"
    );
}

#[tokio::test]
async fn passkeys_want_a_name_and_a_fresh_proof() {
    let bench = Bench::new();
    let mut duty = bench.sign_in(Role::Duty, bench.centre).await;
    let at = |host: &'static str| {
        let request = Request::post("/api/passkeys/asked").header(header::HOST, host);
        duty.send(request.body(Body::empty()).unwrap())
    };
    at("10.0.0.3:8740").await.refused(409, "passkey.no_domain");
    at("[::1]:8740").await.refused(409, "passkey.no_domain");
    assert_eq!(
        at("localhost:8740").await.ok()["options"]["rp"]["id"],
        "localhost"
    );
    bench.later(11);
    let options = duty.post("/api/passkeys/asked", &json!({})).await;
    options.refused(403, "session.proof");
    duty.step("POST", "/api/session/proof", &json!({"password": PASSWORD}))
        .await;
    let request = Request::post("/api/passkeys/asked").header(header::HOST, "localhost:8740");
    duty.send(request.body(Body::empty()).unwrap()).await.ok();
}

#[tokio::test]
async fn what_is_no_answer_is_refused_and_says_nothing() {
    let bench = bench();
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    for credential in [
        json!({}),
        json!({"rawId": "AAAA", "response": {}}),
        json!({"rawId": 5}),
    ] {
        let body = json!({"name": "desk", "credential": credential});
        duty.post("/api/passkeys", &body)
            .await
            .refused(422, "passkey.refused");
        let body = json!({ "credential": credential });
        bench
            .client()
            .post("/api/session/passkey", &body)
            .await
            .refused(422, "passkey.refused");
    }
    let body = json!({"name": " ", "credential": {}});
    duty.post("/api/passkeys", &body)
        .await
        .refused(422, "passkey.name");
    assert_eq!(duty.get("/api/passkeys").await.ok(), json!([]));
    duty.delete("/api/passkeys/1").await.refused(404, "missing");
}
