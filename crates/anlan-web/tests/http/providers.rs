//! A provider of sign-ins that does as it is told, for the tests: it keeps codes, checks PKCE and signs tokens, and can be made
//! to do each of these wrongly.

use crate::bench::{Answer, Client};
use anlan_app::identities::{Provider, TwoFactors};
use anlan_app::ports::{Answered, Asked, Elsewhere};
use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signer, SigningKey};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard};

pub(crate) const ISSUER: &str = "https://id.example";
const SECRET: &str = "calm water";

/// What it does otherwise than it should.
#[derive(Debug, Clone, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one thing that can be wrong"
)]
pub(crate) struct Wrong {
    /// Put over what it says of itself.
    pub(crate) document: Value,
    /// Put over a token's claims; null takes one away.
    pub(crate) claims: Value,
    /// Put over a token's head.
    pub(crate) head: Value,
    /// The token carries no signature, or the HMAC under the public key.
    pub(crate) is_unsigned: bool,
    pub(crate) is_hmac: bool,
    /// It names its new key before it publishes it.
    pub(crate) hides_keys: bool,
    /// It does not answer at all.
    pub(crate) is_silent: bool,
    /// Whom `userinfo` is about, in place of who asked.
    pub(crate) userinfo_of: Option<String>,
}

#[derive(Debug, Default)]
struct State {
    wrong: Wrong,
    /// Which key it signs with.
    key: u8,
    /// Codes given, with the questions they answer and the subject.
    codes: BTreeMap<String, (BTreeMap<String, String>, String)>,
    asked: BTreeMap<String, usize>,
}

#[derive(Debug, Default)]
pub(crate) struct FakeProvider(Mutex<State>);

fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number + 1; 32])
}

fn text(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

fn put_over(value: &mut Value, over: &Value) {
    let Some(over) = over.as_object() else { return };
    let own = value.as_object_mut().unwrap();
    for (name, value) in over {
        if value.is_null() {
            own.remove(name);
        } else {
            own.insert(name.clone(), value.clone());
        }
    }
}

impl FakeProvider {
    /// As the node is told of it.
    pub(crate) fn provider() -> Provider {
        Provider {
            name: "city".into(),
            issuer: ISSUER.into(),
            client: "anlan".into(),
            secret: Some(SECRET.into()),
            title_zh: "市统一身份认证".into(),
            title_en: "City sign-in".into(),
            login_claim: "preferred_username".into(),
            two_factors: TwoFactors::Said {
                amr: vec!["mfa".into()],
                acr: vec!["gold".into()],
            },
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap()
    }

    pub(crate) fn does(&self, wrong: Wrong) {
        self.state().wrong = wrong;
    }

    /// From now on it signs with another key.
    pub(crate) fn turns_to(&self, key: u8) {
        self.state().key = key;
    }

    /// How often that address was asked.
    pub(crate) fn asked(&self, path: &str) -> usize {
        self.state().asked.get(path).copied().unwrap_or(0)
    }

    /// What it sends a browser back with once this person has signed in there.
    pub(crate) fn signs_in(&self, url: &str, subject: &str) -> Value {
        let questions = questions(url);
        let mut state = self.state();
        let code = format!("code-{}", state.codes.len());
        let back = json!({"provider": "city", "state": questions["state"], "code": code, "iss": ISSUER});
        state.codes.insert(code, (questions, subject.to_owned()));
        back
    }

    fn document(wrong: &Wrong) -> Value {
        let mut document = json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/auth?tenant=1"),
            "token_endpoint": format!("{ISSUER}/token"),
            "jwks_uri": format!("{ISSUER}/keys"),
            "userinfo_endpoint": format!("{ISSUER}/me"),
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        });
        put_over(&mut document, &wrong.document);
        document
    }

    fn token(state: &mut State, asked: &Asked<'_>) -> Result<Value, u16> {
        assert_eq!(asked.basic, Some(("anlan", "calm%20water")));
        let form: BTreeMap<&str, &str> = asked.form.unwrap().iter().copied().collect();
        let (questions, subject) = state.codes.remove(form["code"]).ok_or(400_u16)?;
        let challenge = text(&Sha256::digest(form["code_verifier"].as_bytes()));
        if challenge != questions["code_challenge"] || form["redirect_uri"] != questions["redirect_uri"] {
            return Err(400);
        }
        let mut head = json!({"alg": "EdDSA", "kid": format!("key-{}", state.key)});
        put_over(&mut head, &state.wrong.head);
        let now = crate::bench::now().as_second();
        let mut claims = json!({
            "iss": ISSUER, "sub": subject, "aud": "anlan", "nonce": questions["nonce"],
            "iat": now, "exp": now + 300,
        });
        put_over(&mut claims, &state.wrong.claims);
        let message = format!(
            "{}.{}",
            text(head.to_string().as_bytes()),
            text(claims.to_string().as_bytes())
        );
        let signature = if state.wrong.is_unsigned {
            vec![]
        } else if state.wrong.is_hmac {
            let public = key(state.key).verifying_key();
            let mut mac = Hmac::<Sha256>::new_from_slice(public.as_bytes()).unwrap();
            mac.update(message.as_bytes());
            mac.finalize().into_bytes().to_vec()
        } else {
            key(state.key).sign(message.as_bytes()).to_bytes().to_vec()
        };
        Ok(json!({"id_token": format!("{message}.{}", text(&signature)), "access_token": subject}))
    }
}

impl Elsewhere for FakeProvider {
    fn ask(&self, asked: &Asked<'_>, _: u64) -> Result<Answered, String> {
        let mut state = self.state();
        let path = asked.url.strip_prefix(ISSUER).unwrap_or(asked.url).to_owned();
        *state.asked.entry(path.clone()).or_default() += 1;
        if state.wrong.is_silent {
            return Err("nobody answers".into());
        }
        let body = match path.as_str() {
            "/.well-known/openid-configuration" => Self::document(&state.wrong),
            "/keys" => {
                let shown = if state.wrong.hides_keys { 0 } else { state.key };
                let public = key(shown).verifying_key();
                json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": format!("key-{shown}"),
                    "use": "sig", "x": text(public.as_bytes())}]})
            }
            "/token" => match Self::token(&mut state, asked) {
                Ok(given) => given,
                Err(status) => {
                    return Ok(Answered {
                        status,
                        body: br#"{"error":"invalid_grant"}"#.to_vec(),
                    });
                }
            },
            "/me" => {
                let subject = asked.bearer.unwrap().to_owned();
                let about = state.wrong.userinfo_of.clone().unwrap_or_else(|| subject.clone());
                json!({"sub": about, "preferred_username": subject.replace("sub-of-", "")})
            }
            other => panic!("nobody asks {other}"),
        };
        Ok(Answered {
            status: 200,
            body: body.to_string().into_bytes(),
        })
    }
}

/// What an address asks.
pub(crate) fn questions(url: &str) -> BTreeMap<String, String> {
    let (_, query) = url.split_once('?').unwrap();
    let pairs = query.split('&').map(|pair| pair.split_once('=').unwrap());
    pairs
        .map(|(name, value)| {
            (
                name.to_owned(),
                value.replace("%3A", ":").replace("%2F", "/").replace("%20", " "),
            )
        })
        .collect()
}

/// A browser that is sent to the provider; where to.
pub(crate) async fn depart(client: &mut Client) -> String {
    let sent = client
        .step("POST", "/api/session/provider", &json!({"provider": "city"}))
        .await
        .ok();
    sent["url"].as_str().unwrap().to_owned()
}

/// The same browser comes back with that.
pub(crate) async fn arrive(client: &mut Client, back: &Value) -> Answer {
    client.step("POST", "/api/session/provider/answer", back).await
}
