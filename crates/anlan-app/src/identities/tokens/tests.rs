//! Tokens against the examples of the standards, one thing wrong at a time.

use super::*;
use serde_json::json;

/// RFC 7515, appendix A.2 (RS256): key and token.
const RSA: &str = r#"{"kty":"RSA","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ","e":"AQAB"}"#;
const RS256: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
/// RFC 7515, appendix A.3 (ES256).
const EC: &str = r#"{"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU","y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}"#;
const ES256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
/// RFC 8037, appendix A.4 (EdDSA); its payload is no JSON.
const OKP: &str = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
const EDDSA: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

fn keys(all: &[&str]) -> Keys {
    Keys::read(format!(r#"{{"keys":[{}]}}"#, all.join(",")).as_bytes()).unwrap()
}

#[test]
fn the_published_examples_hold() {
    let all = keys(&[RSA, EC, OKP]);
    for token in [RS256, ES256] {
        assert_eq!(signed(token, &all).unwrap()["iss"], "joe");
    }
    // The signature holds; what it covers is no set of claims.
    assert_eq!(signed(EDDSA, &all), Err(Fault::Form));
}

#[test]
fn any_changed_letter_is_seen() {
    let all = keys(&[RSA, EC, OKP]);
    for token in [RS256, ES256, EDDSA] {
        let at = token.rfind('.').unwrap();
        let (message, signature) = token.split_at(at);
        let other = if message.ends_with('A') { "Q" } else { "A" };
        let kept = message.get(..message.len() - 1).unwrap();
        let changed = format!("{kept}{other}{signature}");
        assert!(matches!(
            signed(&changed, &all),
            Err(Fault::Signature | Fault::Form)
        ));
        assert_eq!(signed(&format!("{message}.AAAA"), &all), Err(Fault::Signature));
        assert!(signed(message, &all).is_err());
    }
}

fn headed(head: &Value, token: &str) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    format!(
        "{}.{rest}",
        Base64UrlUnpadded::encode_string(head.to_string().as_bytes())
    )
}

#[test]
fn the_header_cannot_choose_a_weaker_way() {
    let all = keys(&[RSA, EC, OKP]);
    for alg in ["none", "None", "HS256", "HS512", "RS384", "PS256", "ES256K", ""] {
        let refused = signed(&headed(&json!({"alg": alg}), RS256), &all);
        assert_eq!(refused, Err(Fault::Algorithm(alg.into())));
    }
    let unsigned = headed(&json!({"alg": "none"}), RS256);
    let unsigned = format!("{}.", unsigned.rsplit_once('.').unwrap().0);
    assert_eq!(signed(&unsigned, &all), Err(Fault::Algorithm("none".into())));
    let critical = headed(&json!({"alg": "RS256", "crit": ["exp"]}), RS256);
    assert_eq!(signed(&critical, &all), Err(Fault::Form));
    // A key that the token itself brings is not looked at.
    let brought = headed(
        &json!({"alg": "RS256", "jwk": serde_json::from_str::<Value>(RSA).unwrap()}),
        RS256,
    );
    assert_eq!(signed(&brought, &keys(&[EC])), Err(Fault::UnknownKey));
    // A key of one kind is none of another.
    assert_eq!(
        signed(&headed(&json!({"alg": "EdDSA"}), ES256), &keys(&[RSA, EC])),
        Err(Fault::UnknownKey)
    );
}

#[test]
fn a_key_is_chosen_by_name_and_never_guessed() {
    let named = |kid: &str| RSA.replacen('{', &format!(r#"{{"kid":"{kid}","#), 1);
    let two = keys(&[&named("a"), &named("b")]);
    assert_eq!(signed(RS256, &two), Err(Fault::UnknownKey), "two could be meant");
    let other = headed(&json!({"alg": "RS256", "kid": "c"}), RS256);
    assert_eq!(signed(&other, &two), Err(Fault::UnknownKey));
    signed(RS256, &keys(&[&named("a")])).unwrap();
    let sealing = RSA.replacen('{', r#"{"use":"enc","#, 1);
    assert_eq!(signed(RS256, &keys(&[&sealing])), Err(Fault::UnknownKey));
    // 512 bits.
    let weak = format!(r#"{{"kty":"RSA","n":"{}","e":"AQAB"}}"#, "Q".repeat(86));
    assert_eq!(signed(RS256, &keys(&[&weak])), Err(Fault::Signature));
    assert_eq!(Keys::read(b"[]"), None);
    assert_eq!(
        Keys::read(br#"{"keys":[1,{},{"kty":"oct","k":"AA"}]}"#),
        Some(Keys(vec![]))
    );
}

fn claims(over: &Value) -> Map<String, Value> {
    let mut claims = json!({
        "iss": "https://id.example", "aud": "anlan", "sub": "248", "nonce": "n",
        "exp": 1_000_300, "iat": 1_000_000,
    });
    let own = claims.as_object_mut().unwrap();
    for (name, value) in over.as_object().unwrap() {
        if value.is_null() {
            own.remove(name);
        } else {
            own.insert(name.clone(), value.clone());
        }
    }
    own.clone()
}

#[test]
fn every_claim_is_as_it_must_be() {
    let expected = Expected {
        issuer: "https://id.example",
        client: "anlan",
        nonce: "n",
        now: Timestamp::from_second(1_000_100).unwrap(),
    };
    let said = |over: Value| {
        let claims = claims(&over);
        expected.of(&claims).map(str::to_owned)
    };
    for fine in [
        json!({}),
        json!({"aud": ["anlan"]}),
        json!({"aud": ["anlan", "other"], "azp": "anlan"}),
        // 59 seconds beyond, and a clock 59 seconds ahead.
        json!({"exp": 1_000_041}),
        json!({"iat": 1_000_159, "nbf": 1_000_159.5}),
    ] {
        assert_eq!(said(fine.clone()), Ok("248".into()), "{fine}");
    }
    for (over, name) in [
        (json!({"iss": "https://id.example/"}), "iss"),
        (json!({"iss": null}), "iss"),
        (json!({"aud": "other"}), "aud"),
        (json!({"aud": null}), "aud"),
        (json!({"aud": ["anlan", "other"]}), "aud"),
        (json!({"aud": ["other"]}), "aud"),
        (json!({"azp": "other"}), "azp"),
        (json!({"azp": 1}), "azp"),
        (json!({"exp": 1_000_040}), "exp"),
        (json!({"exp": "2000000"}), "exp"),
        (json!({"exp": null}), "exp"),
        (json!({"iat": 1_000_161}), "iat"),
        (json!({"iat": null}), "iat"),
        (json!({"nbf": 1_000_161}), "nbf"),
        (json!({"nonce": "m"}), "nonce"),
        (json!({"nonce": null}), "nonce"),
        (json!({"sub": ""}), "sub"),
        (json!({"sub": 248}), "sub"),
        (json!({"sub": "x".repeat(256)}), "sub"),
    ] {
        assert_eq!(said(over.clone()), Err(Fault::Claim(name)), "{over}");
    }
}
