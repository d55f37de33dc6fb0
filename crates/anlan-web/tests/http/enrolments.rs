//! A second factor demanded by role: a password alone opens nothing but the way to set one up, and that opens nothing else.

use crate::authenticators::Authenticator;
use crate::bench::{Answer, Bench, Client, ORIGIN, PASSWORD};
use crate::machines;
use crate::things;
use crate::totps::code;
use anlan_app::{Caller, passwords};
use anlan_model::accounts::Role;
use anlan_model::clock::Clock;
use anlan_web::doors::{DOORS, Key};
use serde_json::{Value, json};

const TOTP: &str = "/api/session/enrolment/totp";
const PASSKEY: &str = "/api/session/enrolment/passkey";

fn step(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json()["step"].clone())
}

/// Somebody whose password was right and of whom a second factor is demanded.
async fn enrolling(bench: &Bench, name: &str) -> Client {
    let mut client = bench.client();
    let answer = client.enter(name, PASSWORD).await;
    assert_eq!(step(&answer), (202, json!("enrol")), "{}", answer.text());
    client
}

async fn secret(client: &Client) -> String {
    let made = client.post(TOTP, &json!({})).await.ok();
    assert!(made["qr_svg"].as_str().unwrap().starts_with("<svg"));
    made["secret"].as_str().unwrap().to_owned()
}

fn shown(bench: &Bench, secret: &str) -> Value {
    json!({"code": code(secret, bench.clock.now().as_second())})
}

/// Sets up a passkey on the way in; the key and the recovery codes.
async fn with_passkey(bench: &Bench, name: &str) -> (Authenticator, Vec<String>) {
    let mut client = enrolling(bench, name).await;
    let asked = client.post(&format!("{PASSKEY}/asked"), &json!({})).await.ok();
    let (key, credential) = Authenticator::register(things::number(), &asked["options"], ORIGIN);
    let body = json!({"name": "desk", "credential": credential});
    let enrolled = client.step("POST", PASSKEY, &body).await.ok();
    client.get("/api/session").await.ok();
    let codes = enrolled["codes"].as_array().unwrap().iter();
    (key, codes.map(|code| code.as_str().unwrap().to_owned()).collect())
}

#[tokio::test]
async fn a_password_alone_opens_no_session_where_two_factors_are_demanded() {
    let bench = Bench::demanding(&[Role::Duty]);
    let name = bench.account(Role::Duty, bench.centre);
    let mut client = enrolling(&bench, &name).await;
    for door in DOORS
        .iter()
        .filter(|door| matches!(door.key, Key::Session | Key::Holder))
    {
        let (method, path) = door.at.split_once(' ').unwrap();
        let path = path.replace("{id}", "1").replace("{upload}", "1");
        let answer = client.json(method, &path, Some(1), &json!({})).await;
        assert_eq!(answer.status.as_u16(), 401, "{}: {}", door.at, answer.text());
    }
    for (path, body) in [
        ("/api/session/code", json!({"code": "000000"})),
        (
            "/api/session/password",
            json!({"password": "tall grey heron wades"}),
        ),
    ] {
        client.post(path, &body).await.refused(401, "session.begin_again");
    }
    let secret = secret(&client).await;
    let wrong = client.json("PUT", TOTP, None, &json!({"code": "none"})).await;
    wrong.refused(422, "code.wrong");
    let enrolled = client.step("PUT", TOTP, &shown(&bench, &secret)).await.ok();
    assert_eq!(enrolled["codes"].as_array().unwrap().len(), 10);
    assert_eq!(enrolled["session"]["account"]["name"], json!(name));
    client.get("/api/cases").await.ok();
    bench.later(1);
    let mut again = bench.client();
    assert_eq!(step(&again.enter(&name, PASSWORD).await), (202, json!("code")));
    again
        .post(TOTP, &json!({}))
        .await
        .refused(401, "session.begin_again");
    again
        .step("POST", "/api/session/code", &shown(&bench, &secret))
        .await
        .ok();
    again.get("/api/cases").await.ok();
}

#[tokio::test]
async fn a_passkey_is_both_factors_and_a_password_beside_it_is_one() {
    let bench = Bench::demanding(&[Role::Duty]);
    let name = bench.account(Role::Duty, bench.centre);
    // Somebody else who knows the password begins to set up an app, and does not come to an end.
    let thief = enrolling(&bench, &name).await;
    let stolen = secret(&thief).await;
    let (key, codes) = with_passkey(&bench, &name).await;
    let late = thief.json("PUT", TOTP, None, &shown(&bench, &stolen)).await;
    late.refused(401, "session.begin_again");

    let mut client = bench.client();
    assert_eq!(
        step(&client.enter(&name, PASSWORD).await),
        (202, json!("passkey"))
    );
    client.get("/api/session").await.refused(401, "session.none");
    client
        .post(TOTP, &json!({}))
        .await
        .refused(401, "session.begin_again");
    let answer = client.post("/api/session/code", &shown(&bench, &stolen)).await;
    answer.refused(422, "code.wrong");
    let asked = client.post("/api/session/passkey/asked", &json!({})).await.ok();
    let body = json!({"credential": key.sign(&asked["options"], ORIGIN)});
    client.step("POST", "/api/session/passkey", &body).await.ok();
    client.get("/api/cases").await.ok();

    // The day the key is lost.
    for is_first in [true, false] {
        let mut client = bench.client();
        client.enter(&name, PASSWORD).await;
        let answer = client
            .step("POST", "/api/session/code", &json!({"code": codes[0]}))
            .await;
        if is_first {
            answer.ok();
            client.get("/api/cases").await.ok();
            assert_eq!(client.get("/api/totp").await.ok()["codes_left"], 9);
            client.post("/api/totp/codes", &json!({})).await.ok();
        } else {
            answer.refused(422, "code.wrong");
        }
    }
}

#[tokio::test]
async fn setting_up_is_short_lived_and_bears_few_wrong_codes() {
    let bench = Bench::demanding(&[Role::Duty]);
    let name = bench.account(Role::Duty, bench.centre);
    let late = enrolling(&bench, &name).await;
    secret(&late).await;
    bench.later(6);
    late.post(TOTP, &json!({}))
        .await
        .refused(401, "session.begin_again");
    let guessing = enrolling(&bench, &name).await;
    let secret = secret(&guessing).await;
    for _ in 0..5 {
        let wrong = guessing.json("PUT", TOTP, None, &json!({"code": "none"})).await;
        wrong.refused(422, "code.wrong");
    }
    let answer = guessing.json("PUT", TOTP, None, &shown(&bench, &secret)).await;
    answer.refused(401, "session.begin_again");
    for (method, path) in [("POST", TOTP), ("PUT", TOTP), ("POST", PASSKEY)] {
        let body = json!({"code": "1", "name": "x", "credential": {}});
        let body = if method == "PUT" {
            json!({"code": "1"})
        } else {
            body
        };
        let stranger = bench.client().json(method, path, None, &body).await;
        assert_eq!(
            stranger.status.as_u16(),
            401,
            "{method} {path}: {}",
            stranger.text()
        );
    }
}

#[tokio::test]
async fn a_one_time_word_is_replaced_before_a_factor_is_set_up() {
    let bench = Bench::demanding(&[Role::Clerk]);
    let (id, name) = things::with_role(&bench, Role::Clerk, None);
    let (word, _) = passwords::reset(&bench.app, &Caller::system(), id).unwrap();
    let mut client = bench.client();
    assert_eq!(step(&client.enter(&name, &word).await), (202, json!("password")));
    client
        .post(TOTP, &json!({}))
        .await
        .refused(401, "session.begin_again");
    let chosen = json!({"password": "tall grey heron wades"});
    let answer = client.step("POST", "/api/session/password", &chosen).await;
    assert_eq!(step(&answer), (202, json!("enrol")));
    let secret = secret(&client).await;
    client.step("PUT", TOTP, &shown(&bench, &secret)).await.ok();
    client.get("/api/session").await.ok();
}

#[tokio::test]
async fn whoever_comes_to_such_a_role_is_asked_at_once_and_no_machine_is() {
    let bench = Bench::demanding(&[Role::Auditor, Role::Steward]);
    let security = bench.sign_in(Role::Security, bench.centre).await;
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let own = bench.sign_in(Role::Duty, bench.centre).await;
    let (name, id) = (
        bench.account(Role::Duty, bench.centre),
        bench.actor(&own).account.unwrap(),
    );
    let path = format!("/api/accounts/{id}");
    assert_eq!(admin.get(&path).await.ok()["lacks_factor"], false);
    let roles = json!({"roles": ["duty", "steward"]});
    let given = security
        .json("PUT", &format!("{path}/roles"), None, &roles)
        .await
        .ok();
    assert_eq!(given["lacks_factor"], true);
    own.get("/api/session").await.refused(401, "session.none");
    with_passkey(&bench, &name).await;
    assert_eq!(admin.get(&path).await.ok()["lacks_factor"], false);
    // Whoever lost it is not locked out: another administrator takes it away, and a new one is set up.
    assert_eq!(
        security.delete(&format!("{path}/factors")).await.status.as_u16(),
        204
    );
    let listed = admin.get("/api/accounts/secured").await.ok();
    let lacking = listed
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["lacks_factor"] == true);
    assert_eq!(
        lacking.map(|one| one["id"].clone()).collect::<Vec<_>>(),
        [json!(id.0)]
    );
    enrolling(&bench, &name).await;

    let (machine, key, _) = things::machine_key(&bench, Role::Steward, &["case.list"]);
    machines::send(&bench, &key, "GET /api/cases", &json!({}))
        .await
        .ok();
    let seen = admin.get(&format!("/api/accounts/{machine}")).await.ok();
    assert_eq!(seen["lacks_factor"], false);
}
