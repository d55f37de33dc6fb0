//! Signing in through a provider: who comes back in the same browser, in time and once, vouched for as expected, gets in.
//! Everybody else does not, and whoever signs in here is kept from nothing.

use crate::bench::{Bench, Client, PASSWORD};
use crate::providers::{ISSUER, Wrong, arrive, depart, questions};
use crate::things;
use anlan_model::accounts::Role;
use anlan_model::ids::AccountId;
use serde_json::{Value, json};

/// An account whose holder the provider knows by the same name.
fn named(bench: &Bench, role: Role) -> (AccountId, String) {
    let (id, name) = things::with_role(bench, role, None);
    things::identity(bench, id, &name);
    (id, name)
}

/// Somebody goes to the provider, signs in there, and comes back.
async fn through(bench: &Bench, client: &mut Client, subject: &str) -> crate::bench::Answer {
    let url = depart(client).await;
    let back = bench.provider.signs_in(&url, subject);
    arrive(client, &back).await
}

#[tokio::test]
async fn somebody_named_beforehand_gets_in_and_is_known_by_the_lasting_word_from_then_on() {
    let bench = Bench::named();
    let listed = bench.client().get("/api/session/providers").await.ok();
    assert_eq!(
        (&listed[0]["name"], &listed[0]["title_en"]),
        (&json!("city"), &json!("City sign-in"))
    );
    let (id, name) = named(&bench, Role::Duty);
    let mut client = bench.client();
    let url = depart(&mut client).await;
    let asked = questions(&url);
    assert_eq!(asked["tenant"], "1");
    assert_eq!(asked["redirect_uri"], "http://county.test/sign-in/through/city");
    assert_eq!(
        (asked["code_challenge_method"].as_str(), asked["scope"].as_str()),
        ("S256", "openid profile")
    );
    let back = bench.provider.signs_in(&url, &format!("sub-of-{name}"));
    let session = arrive(&mut client, &back).await.ok();
    assert_eq!(session["account"]["id"], id.0);
    client.get("/api/cases").await.ok();
    let asked_before = bench.provider.asked("/me");

    // Somebody else was given the name there since: the name opens nothing any more.
    let refused = through(&bench, &mut bench.client(), &format!("sub-of-other-{name}")).await;
    refused.refused(403, "identity.unknown");
    // The same person under another name is the same person, and the name is not even asked for.
    let mut again = bench.client();
    bench.provider.does(Wrong {
        claims: json!({"preferred_username": "somebody-else"}),
        ..Wrong::default()
    });
    through(&bench, &mut again, &format!("sub-of-{name}")).await.ok();
    assert_eq!(bench.provider.asked("/me"), asked_before + 1);
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let seen = admin.get(&format!("/api/accounts/{id}")).await.ok();
    assert_eq!(seen["identity"]["is_linked"], true);
    assert_eq!(
        (&seen["identity"]["issuer"], &seen["identity"]["login"]),
        (&json!(ISSUER), &json!(name))
    );
}

#[tokio::test]
async fn nobody_is_let_in_for_being_known_elsewhere() {
    let bench = Bench::named();
    let unknown = through(&bench, &mut bench.client(), "sub-of-a-stranger").await;
    let told = unknown.refused(403, "identity.unknown");
    assert!(told["detail"].as_str().unwrap().contains("no account here"));
    // A local account of that name was not named for the provider.
    let (_, name) = things::with_role(&bench, Role::Duty, Some(PASSWORD));
    let refused = through(&bench, &mut bench.client(), &format!("sub-of-{name}")).await;
    refused.refused(403, "identity.unknown");
    // A closed account, before and after its holder first came.
    let (id, name) = named(&bench, Role::Duty);
    through(&bench, &mut bench.client(), &format!("sub-of-{name}"))
        .await
        .ok();
    things::close(&bench, id);
    let refused = through(&bench, &mut bench.client(), &format!("sub-of-{name}")).await;
    refused.refused(403, "identity.unknown");
    let (id, name) = named(&bench, Role::Duty);
    things::close(&bench, id);
    let refused = through(&bench, &mut bench.client(), &format!("sub-of-{name}")).await;
    refused.refused(403, "identity.unknown");
    // An account without roles may not be signed in.
    let (_, name) = named(&bench, Role::Resident);
    let refused = through(&bench, &mut bench.client(), &format!("sub-of-{name}")).await;
    refused.refused(403, "no_right");
}

#[tokio::test]
async fn what_a_browser_brings_back_is_its_own_is_new_and_is_taken_once() {
    let bench = Bench::named();
    let (_, name) = named(&bench, Role::Duty);
    let subject = format!("sub-of-{name}");
    // Without the browser's own half, in another browser, and with another state.
    let mut client = bench.client();
    let url = depart(&mut client).await;
    let back = bench.provider.signs_in(&url, &subject);
    arrive(&mut bench.client(), &back)
        .await
        .refused(401, "session.none");
    let mut other = bench.client();
    depart(&mut other).await;
    arrive(&mut other, &back)
        .await
        .refused(401, "identity.begin_again");
    let mut changed = back.clone();
    changed["state"] = json!("0".repeat(64));
    arrive(&mut client, &changed)
        .await
        .refused(401, "identity.begin_again");
    arrive(&mut client, &back)
        .await
        .refused(401, "identity.begin_again");
    // At the address of another provider.
    let url = depart(&mut client).await;
    let mut changed = bench.provider.signs_in(&url, &subject);
    changed["provider"] = json!("province");
    arrive(&mut client, &changed)
        .await
        .refused(401, "identity.begin_again");
    // Twice.
    let mut client = bench.client();
    let url = depart(&mut client).await;
    let cookie = client.cookie.clone();
    let back = bench.provider.signs_in(&url, &subject);
    arrive(&mut client, &back).await.ok();
    client.cookie.clone_from(&cookie);
    arrive(&mut client, &back)
        .await
        .refused(401, "identity.begin_again");
    // Somebody else's code: PKCE binds it to the browser it was given to.
    let (mut thief, mut client) = (bench.client(), bench.client());
    let theirs = bench.provider.signs_in(&depart(&mut client).await, &subject);
    let mut own = bench
        .provider
        .signs_in(&depart(&mut thief).await, "sub-of-a-thief");
    own["code"] = theirs["code"].clone();
    arrive(&mut thief, &own).await.refused(403, "identity.refused");
    // Too late.
    let mut client = bench.client();
    let back = bench.provider.signs_in(&depart(&mut client).await, &subject);
    bench.later(10);
    arrive(&mut client, &back)
        .await
        .refused(401, "identity.begin_again");
    // Refused there.
    let mut client = bench.client();
    let mut back = bench.provider.signs_in(&depart(&mut client).await, &subject);
    back.as_object_mut().unwrap().remove("code");
    arrive(&mut client, &back).await.refused(403, "identity.declined");
}

#[tokio::test]
async fn a_token_that_is_wrong_in_one_thing_is_no_proof() {
    let bench = Bench::named();
    let (_, name) = named(&bench, Role::Duty);
    let claims = |claims: Value| Wrong {
        claims,
        ..Wrong::default()
    };
    let head = |head: Value| Wrong {
        head,
        ..Wrong::default()
    };
    let now = crate::bench::now().as_second();
    for wrong in [
        claims(json!({"nonce": "0".repeat(64)})),
        claims(json!({"nonce": null})),
        claims(json!({"aud": "another"})),
        claims(json!({"aud": ["anlan", "another"]})),
        claims(json!({"azp": "another"})),
        claims(json!({"iss": "https://evil.example"})),
        claims(json!({"exp": now - 61})),
        claims(json!({"iat": now + 61})),
        claims(json!({"sub": null})),
        head(json!({"alg": "none"})),
        head(json!({"alg": "HS256"})),
        head(json!({"alg": "RS256"})),
        head(json!({"crit": ["x"], "x": 1})),
        head(json!({"kid": "key-9"})),
        Wrong {
            head: json!({"alg": "none", "kid": null}),
            is_unsigned: true,
            ..Wrong::default()
        },
        Wrong {
            is_unsigned: true,
            ..Wrong::default()
        },
        Wrong {
            head: json!({"alg": "HS256"}),
            is_hmac: true,
            ..Wrong::default()
        },
        Wrong {
            is_hmac: true,
            ..Wrong::default()
        },
    ] {
        let shown = format!("{wrong:?}");
        bench.provider.does(wrong);
        let answer = through(&bench, &mut bench.client(), &format!("sub-of-{name}")).await;
        assert_eq!(
            (answer.status.as_u16(), answer.code()),
            (403, "identity.refused".into()),
            "{shown}"
        );
    }
    bench
        .provider
        .does(claims(json!({"exp": now - 59, "iat": now + 59})));
    through(&bench, &mut bench.client(), &format!("sub-of-{name}"))
        .await
        .ok();
}

#[tokio::test]
async fn a_new_key_is_asked_for_and_made_up_ones_not_over_and_over() {
    let bench = Bench::named();
    let (_, name) = named(&bench, Role::Duty);
    let subject = format!("sub-of-{name}");
    through(&bench, &mut bench.client(), &subject).await.ok();
    assert_eq!(bench.provider.asked("/keys"), 1);
    bench.provider.turns_to(1);
    through(&bench, &mut bench.client(), &subject).await.ok();
    assert_eq!(bench.provider.asked("/keys"), 2);
    bench.provider.turns_to(2);
    bench.provider.does(Wrong {
        hides_keys: true,
        ..Wrong::default()
    });
    for _ in 0..5 {
        let refused = through(&bench, &mut bench.client(), &subject).await;
        refused.refused(403, "identity.refused");
    }
    assert_eq!(
        bench.provider.asked("/keys"),
        2,
        "not before half a minute has passed"
    );
    bench.provider.does(Wrong::default());
    bench.later(1);
    through(&bench, &mut bench.client(), &subject).await.ok();
    assert_eq!(bench.provider.asked("/keys"), 3);
}

#[tokio::test]
async fn an_answer_of_another_provider_is_not_taken_for_this_ones() {
    let bench = Bench::named();
    let (_, name) = named(&bench, Role::Duty);
    for iss in [Some("https://evil.example"), None] {
        let mut client = bench.client();
        let url = depart(&mut client).await;
        let mut back = bench.provider.signs_in(&url, &format!("sub-of-{name}"));
        match iss {
            Some(iss) => back["iss"] = json!(iss),
            None => _ = back.as_object_mut().unwrap().remove("iss"),
        }
        let before = bench.provider.asked("/token");
        arrive(&mut client, &back).await.refused(403, "identity.refused");
        assert_eq!(bench.provider.asked("/token"), before, "the code is sent nowhere");
    }
    // What the provider says about somebody else names nobody.
    bench.provider.does(Wrong {
        userinfo_of: Some("sub-of-another".into()),
        ..Wrong::default()
    });
    let refused = through(&bench, &mut bench.client(), &format!("sub-of-{name}")).await;
    refused.refused(403, "identity.unknown");
}

#[tokio::test]
async fn a_provider_that_fails_or_lies_keeps_nobody_from_signing_in_here() {
    let departs = |document: Value, is_silent: bool| async move {
        let bench = Bench::named();
        bench.provider.does(Wrong {
            document,
            is_silent,
            ..Wrong::default()
        });
        let body = json!({"provider": "city"});
        let client = bench.client();
        for _ in 0..3 {
            let told = client.post("/api/session/provider", &body).await;
            told.refused(409, "provider.silent");
        }
        let path = "/.well-known/openid-configuration";
        assert_eq!(bench.provider.asked(path), 1, "it is left alone for some seconds");
        bench.sign_in(Role::Duty, bench.centre).await;
        bench.provider.does(Wrong::default());
        bench.later(1);
        client.post("/api/session/provider", &body).await.ok();
    };
    departs(json!({}), true).await;
    departs(json!({"issuer": "https://evil.example"}), false).await;
    departs(json!({"token_endpoint": "http://id.example/token"}), false).await;
    departs(json!({"jwks_uri": "file:///etc/passwd"}), false).await;
    departs(json!({"authorization_endpoint": null}), false).await;
    departs(json!({"code_challenge_methods_supported": ["plain"]}), false).await;
    let bench = Bench::named();
    let body = json!({"provider": "province"});
    bench
        .client()
        .post("/api/session/provider", &body)
        .await
        .refused(404, "missing");
}

#[tokio::test]
async fn a_second_step_is_asked_for_whoever_vouched() {
    let bench = Bench::named();
    let (id, name) = named(&bench, Role::Duty);
    things::totp(&bench, id, true);
    let mut client = bench.client();
    let half = through(&bench, &mut client, &format!("sub-of-{name}")).await;
    assert_eq!(
        (half.status.as_u16(), half.json()),
        (202, json!({"step": "code"}))
    );
    client.get("/api/session").await.refused(401, "session.none");
    let code = json!({"code": things::RECOVERY});
    client.step("POST", "/api/session/code", &code).await.ok();
    client.get("/api/session").await.ok();
}

#[tokio::test]
async fn a_provider_vouches_for_two_factors_only_where_its_token_says_so() {
    let bench = Bench::demanding(&[Role::Duty]);
    let (_, name) = named(&bench, Role::Duty);
    let subject = format!("sub-of-{name}");
    for (claims, status) in [
        (json!({"amr": ["pwd"]}), 202),
        (json!({"acr": "bronze"}), 202),
        (json!({"amr": ["pwd", "mfa"]}), 200),
        (json!({"acr": "gold"}), 200),
    ] {
        bench.provider.does(Wrong {
            claims,
            ..Wrong::default()
        });
        let mut client = bench.client();
        let url = depart(&mut client).await;
        assert_eq!(questions(&url)["acr_values"], "gold");
        let back = bench.provider.signs_in(&url, &subject);
        let answer = arrive(&mut client, &back).await;
        assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
        if status == 202 {
            assert_eq!(answer.json(), json!({"step": "enrol"}));
            client.get("/api/session").await.refused(401, "session.none");
        }
    }
}

#[tokio::test]
async fn an_administrator_names_who_signs_in_elsewhere_and_takes_over_nobody_with_it() {
    let bench = Bench::named();
    let admin = bench.sign_in(Role::Admin, bench.centre).await;
    let duty = bench.sign_in(Role::Duty, bench.centre).await;
    let id = bench.actor(&duty).account.unwrap();
    let path = format!("/api/accounts/{id}/identity");
    let body = json!({"provider": "city", "login": " Li.Ming "});
    duty.json("PUT", &path, None, &body)
        .await
        .refused(403, "no_right");
    let seen = admin.json("PUT", &path, None, &body).await.ok();
    assert_eq!(seen["identity"]["login"], "li.ming");
    duty.get("/api/session").await.refused(401, "session.none");
    let name = bench.account(Role::Duty, bench.centre);
    bench
        .client()
        .enter(&name, PASSWORD)
        .await
        .refused(401, "session.wrong");
    through(&bench, &mut bench.client(), "sub-of-li.ming").await.ok();

    let (other, _) = things::with_role(&bench, Role::Clerk, None);
    let other = format!("/api/accounts/{other}/identity");
    admin
        .json("PUT", &other, None, &body)
        .await
        .refused(409, "identity.taken");
    let wrong = json!({"provider": "province", "login": "x"});
    admin
        .json("PUT", &other, None, &wrong)
        .await
        .refused(422, "identity.provider");
    let wrong = json!({"provider": "city", "login": " "});
    admin
        .json("PUT", &other, None, &wrong)
        .await
        .refused(422, "identity.login");
    for role in [Role::Security, Role::Auditor, Role::Admin] {
        let (apart, _) = things::with_role(&bench, role, None);
        let path = format!("/api/accounts/{apart}/identity");
        admin
            .json("PUT", &path, None, &body)
            .await
            .refused(403, "account.apart");
    }
    let own = format!("/api/accounts/{}/identity", bench.actor(&admin).account.unwrap());
    admin
        .json("PUT", &own, None, &body)
        .await
        .refused(403, "account.own");

    let seen = admin.delete(&path).await.ok();
    assert_eq!(seen.get("identity"), None);
    let refused = through(&bench, &mut bench.client(), "sub-of-li.ming").await;
    refused.refused(403, "identity.unknown");
    admin.delete(&path).await.refused(404, "missing");
}
