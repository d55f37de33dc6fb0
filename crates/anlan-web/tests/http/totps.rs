//! Authenticator apps: set up by a code, asked for at sign-in, each code once; recovery codes for when the phone is gone.

use crate::bench::{Bench, Client, PASSWORD};
use anlan_model::accounts::Role;
use anlan_model::clock::Clock;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

/// The code an app shows, computed here from RFC 4226 and RFC 6238 alone.
pub(crate) fn code(secret: &str, seconds: i64) -> String {
    let mut bits = 0_u64;
    let mut held = 0;
    let mut key = Vec::new();
    for letter in secret.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
            .iter()
            .position(|known| *known == letter)
            .unwrap();
        bits = (bits << 5) | value as u64;
        held += 5;
        if held >= 8 {
            held -= 8;
            key.push(u8::try_from((bits >> held) & 0xff).unwrap());
        }
    }
    let mut mac = Hmac::<Sha1>::new_from_slice(&key).unwrap();
    mac.update(&(seconds / 30).to_be_bytes());
    let hash = mac.finalize().into_bytes();
    let at = usize::from(hash[19] & 15);
    let number = u32::from_be_bytes(hash[at..at + 4].try_into().unwrap()) & 0x7fff_ffff;
    format!("{:06}", number % 1_000_000)
}

struct Phone {
    secret: String,
    recovery: Vec<String>,
}

impl Phone {
    fn shows(&self, bench: &Bench) -> String {
        code(&self.secret, bench.clock.now().as_second())
    }
}

async fn set_up(bench: &Bench, client: &Client) -> Phone {
    let made = client.post("/api/totp", &json!({})).await.ok();
    let secret = made["secret"].as_str().unwrap().to_owned();
    assert!(made["uri"].as_str().unwrap().starts_with("otpauth://totp/"));
    assert!(made["uri"].as_str().unwrap().contains(&secret));
    assert!(made["qr_svg"].as_str().unwrap().starts_with("<svg"));
    let mut phone = Phone {
        secret,
        recovery: vec![],
    };
    let body = json!({"code": phone.shows(bench)});
    let codes = client.json("PUT", "/api/totp", None, &body).await.ok();
    phone.recovery = codes["codes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c.as_str().unwrap().to_owned())
        .collect();
    phone
}

async fn answer(client: &mut Client, code: &str) -> crate::bench::Answer {
    client
        .step("POST", "/api/session/code", &json!({"code": code}))
        .await
}

#[tokio::test]
async fn signing_in_takes_a_code_once_it_is_set_up() {
    let bench = Bench::new();
    let name = bench.account(Role::Duty, bench.centre);
    let own = bench.sign_in(Role::Duty, bench.centre).await;
    let other = bench.sign_in(Role::Duty, bench.centre).await;
    assert_eq!(
        own.get("/api/totp").await.ok(),
        json!({"is_on": false, "codes_left": 0})
    );
    own.post("/api/totp", &json!({})).await.ok();
    own.json("PUT", "/api/totp", None, &json!({"code": "000000"}))
        .await
        .refused(422, "code.wrong");
    bench.client().enter(&name, PASSWORD).await.ok();
    let phone = set_up(&bench, &own).await;
    assert_eq!(phone.recovery.len(), 10);
    assert_eq!(
        own.get("/api/totp").await.ok(),
        json!({"is_on": true, "codes_left": 10})
    );
    other.get("/api/session").await.refused(401, "session.none");
    own.post("/api/totp", &json!({})).await.refused(409, "totp.on");

    let mut client = bench.client();
    let half = client.enter(&name, PASSWORD).await;
    assert_eq!(
        (half.status.as_u16(), half.json()),
        (202, json!({"step": "code"}))
    );
    client.get("/api/session").await.refused(401, "session.none");
    client.get("/api/cases").await.refused(401, "session.none");
    answer(&mut client, "123456").await.refused(422, "code.wrong");
    let used = phone.shows(&bench);
    answer(&mut client, &used).await.refused(422, "code.wrong");
    bench.later(1);
    let fresh = phone.shows(&bench);
    answer(&mut client, &fresh).await.ok();
    client.get("/api/cases").await.ok();

    // Within its half minute, and from a clock that is one step behind: a code opens once.
    let mut thief = bench.client();
    thief.enter(&name, PASSWORD).await;
    answer(&mut thief, &fresh).await.refused(422, "code.wrong");
    answer(
        &mut thief,
        &code(&phone.secret, bench.clock.now().as_second() - 30),
    )
    .await
    .refused(422, "code.wrong");
    answer(
        &mut thief,
        &code(&phone.secret, bench.clock.now().as_second() + 30),
    )
    .await
    .ok();
}

#[tokio::test]
async fn two_at_once_with_one_code_are_one() {
    let bench = Bench::new();
    let name = bench.account(Role::Duty, bench.centre);
    let own = bench.sign_in(Role::Duty, bench.centre).await;
    let phone = set_up(&bench, &own).await;
    bench.later(1);
    let (mut one, mut two) = (bench.client(), bench.client());
    one.enter(&name, PASSWORD).await;
    two.enter(&name, PASSWORD).await;
    let shown = phone.shows(&bench);
    let (first, second) = tokio::join!(answer(&mut one, &shown), answer(&mut two, &shown));
    let mut statuses = [first.status.as_u16(), second.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
}

#[tokio::test]
async fn a_recovery_code_opens_once_and_new_ones_end_the_old() {
    let bench = Bench::new();
    let name = bench.account(Role::Duty, bench.centre);
    let own = bench.sign_in(Role::Duty, bench.centre).await;
    let phone = set_up(&bench, &own).await;
    let typed = phone.recovery[3].to_uppercase().replace('-', " ");
    let mut client = bench.client();
    client.enter(&name, PASSWORD).await;
    answer(&mut client, &typed).await.ok();
    assert_eq!(client.get("/api/totp").await.ok()["codes_left"], 9);
    let mut again = bench.client();
    again.enter(&name, PASSWORD).await;
    answer(&mut again, &typed).await.refused(422, "code.wrong");
    let renewed = client.post("/api/totp/codes", &json!({})).await.ok();
    answer(&mut again, &phone.recovery[4])
        .await
        .refused(422, "code.wrong");
    answer(&mut again, renewed["codes"][0].as_str().unwrap())
        .await
        .ok();
}

#[tokio::test]
async fn a_half_sign_in_is_short_lived_and_bears_few_wrong_codes() {
    let bench = Bench::new();
    let name = bench.account(Role::Duty, bench.centre);
    let own = bench.sign_in(Role::Duty, bench.centre).await;
    let phone = set_up(&bench, &own).await;
    bench.later(1);
    let mut late = bench.client();
    late.enter(&name, PASSWORD).await;
    bench.later(6);
    answer(&mut late, &phone.shows(&bench))
        .await
        .refused(401, "session.begin_again");

    let mut guessing = bench.client();
    guessing.enter(&name, PASSWORD).await;
    for _ in 0..5 {
        answer(&mut guessing, "999999").await.refused(422, "code.wrong");
    }
    answer(&mut guessing, &phone.shows(&bench))
        .await
        .refused(401, "session.begin_again");
    let mut begun_anew = bench.client();
    begun_anew.enter(&name, PASSWORD).await;
    answer(&mut begun_anew, &phone.shows(&bench))
        .await
        .refused(429, "too_many");
    bench
        .client()
        .step("POST", "/api/session/code", &json!({"code": "1"}))
        .await
        .refused(401, "session.none");
}

#[tokio::test]
async fn changing_how_one_signs_in_wants_a_fresh_proof() {
    let bench = Bench::new();
    let mut own = bench.sign_in(Role::Duty, bench.centre).await;
    bench.later(11);
    own.post("/api/totp", &json!({}))
        .await
        .refused(403, "session.proof");
    let before = own.clone();
    own.step("POST", "/api/session/proof", &json!({"password": "not this"}))
        .await
        .refused(422, "password.wrong");
    own.step("POST", "/api/session/proof", &json!({"password": PASSWORD}))
        .await;
    before.get("/api/session").await.refused(401, "session.none");
    let phone = set_up(&bench, &own).await;
    bench.later(11);
    own.delete("/api/totp").await.refused(403, "session.proof");
    let without_code: Value = json!({"password": PASSWORD});
    own.step("POST", "/api/session/proof", &without_code)
        .await
        .refused(422, "code.wrong");
    let whole = json!({"password": PASSWORD, "code": phone.shows(&bench)});
    assert_eq!(own.step("POST", "/api/session/proof", &whole).await.status, 204);
    assert_eq!(own.delete("/api/totp").await.status, 204);
    assert_eq!(
        own.get("/api/totp").await.ok(),
        json!({"is_on": false, "codes_left": 0})
    );
}
