//! ID tokens: what OpenID Connect Core 1.0 (section 3.1.3.7) has a client check, for tokens signed with RS256, ES256 or EdDSA
//! (RFC 7518, RFC 8037). Pure: no store, no clock, no network. Nothing in a token says how it is checked but its `alg` and
//! `kid`, and those only choose among the provider's own keys.

use anlan_model::identities::SKEW;
use base64ct::{Base64UrlUnpadded, Encoding};
use jiff::Timestamp;
use ring::signature::{self, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use serde_json::{Map, Value};

/// Keys of a provider that are looked at.
const KEYS_MAX: usize = 64;
/// `sub` is at most this long (OpenID Connect Core, section 2).
const SUBJECT_BYTES_MAX: usize = 255;

/// Why a token is no proof. For the node's own log: who brought it is told only that it was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    /// Not a signed token at all.
    #[error("it is no signed token")]
    Form,
    /// Signed in a way that is not taken, or not at all.
    #[error("its algorithm {0:?} is not taken")]
    Algorithm(String),
    /// The provider has no such key; it may have a new one.
    #[error("the provider has no key for it")]
    UnknownKey,
    /// The signature is not that key's.
    #[error("its signature is wrong")]
    Signature,
    /// A claim is missing or says something else.
    #[error("its {0} is not as it must be")]
    Claim(&'static str),
}

/// What a key is good for.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Rsa { n: Vec<u8>, e: Vec<u8> },
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    id: Option<String>,
    kind: Kind,
}

/// A provider's keys for signing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keys(Vec<Key>);

#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

#[derive(Deserialize)]
struct Parts {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    purpose: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// Reads a JSON Web Key Set (RFC 7517). Keys that are for something else, or of a kind not taken, are passed over.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let set: Set = serde_json::from_slice(bytes).ok()?;
        let keys = set.keys.into_iter().take(KEYS_MAX).filter_map(key);
        Some(Self(keys.collect()))
    }
}

fn key(value: Value) -> Option<Key> {
    let parts: Parts = serde_json::from_value(value).ok()?;
    if parts.purpose.as_deref().is_some_and(|purpose| purpose != "sig") {
        return None;
    }
    let kind = match (parts.kty.as_str(), parts.crv.as_deref()) {
        ("RSA", _) => Kind::Rsa {
            n: number(&bytes(parts.n.as_deref()?)?),
            e: number(&bytes(parts.e.as_deref()?)?),
        },
        ("EC", Some("P-256")) => {
            let (x, y) = (bytes(parts.x.as_deref()?)?, bytes(parts.y.as_deref()?)?);
            if x.len() != 32 || y.len() != 32 {
                return None;
            }
            // Uncompressed point (SEC 1, 2.3.3).
            Kind::P256([&[4], x.as_slice(), y.as_slice()].concat())
        }
        ("OKP", Some("Ed25519")) => Kind::Ed25519(bytes(parts.x.as_deref()?)?),
        _ => return None,
    };
    Some(Key { id: parts.kid, kind })
}

/// Without the zero bytes in front that some write.
fn number(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().copied().skip_while(|byte| *byte == 0).collect()
}

fn bytes(text: &str) -> Option<Vec<u8>> {
    Base64UrlUnpadded::decode_vec(text).ok()
}

#[derive(Deserialize)]
struct Head {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

/// The claims of a token that one of these keys signed. What they say is not looked at yet.
pub(super) fn signed(token: &str, keys: &Keys) -> Result<Map<String, Value>, Fault> {
    let (message, signature) = token.rsplit_once('.').ok_or(Fault::Form)?;
    let (head, body) = message.split_once('.').ok_or(Fault::Form)?;
    let head = bytes(head).ok_or(Fault::Form)?;
    let head: Head = serde_json::from_slice(&head).map_err(|_why| Fault::Form)?;
    // An extension that is said to matter and that is not known (RFC 7515, 4.1.11).
    if head.crit.is_some() {
        return Err(Fault::Form);
    }
    let fits: fn(&Kind) -> bool = match head.alg.as_str() {
        "RS256" => |kind| matches!(kind, Kind::Rsa { .. }),
        "ES256" => |kind| matches!(kind, Kind::P256(_)),
        "EdDSA" => |kind| matches!(kind, Kind::Ed25519(_)),
        _ => return Err(Fault::Algorithm(head.alg)),
    };
    let mut known = keys.0.iter().filter(|key| fits(&key.kind));
    let key = match &head.kid {
        Some(id) => known.find(|key| key.id.as_ref() == Some(id)),
        // Without a name there must be one key only that it can mean.
        None => known.next().filter(|_| known.next().is_none()),
    };
    let key = key.ok_or(Fault::UnknownKey)?;
    let signature = bytes(signature).ok_or(Fault::Form)?;
    if !is_by(&key.kind, message.as_bytes(), &signature) {
        return Err(Fault::Signature);
    }
    let body = bytes(body).ok_or(Fault::Form)?;
    serde_json::from_slice(&body).map_err(|_why| Fault::Form)
}

fn is_by(key: &Kind, message: &[u8], signature: &[u8]) -> bool {
    let checked = match key {
        // Keys of less than 2,048 bits are refused here.
        Kind::Rsa { n, e } => {
            RsaPublicKeyComponents { n, e }.verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, signature)
        }
        Kind::P256(point) => {
            UnparsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point).verify(message, signature)
        }
        Kind::Ed25519(point) => UnparsedPublicKey::new(&signature::ED25519, point).verify(message, signature),
    };
    checked.is_ok()
}

/// What the claims of a token must say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client: &'a str,
    pub(super) nonce: &'a str,
    pub(super) now: Timestamp,
}

impl Expected<'_> {
    /// The subject of claims that say so.
    pub(super) fn of<'c>(&self, claims: &'c Map<String, Value>) -> Result<&'c str, Fault> {
        let text = |name: &str| claims.get(name).and_then(Value::as_str);
        let is = |name: &'static str, wanted: &str| {
            if text(name) == Some(wanted) {
                Ok(())
            } else {
                Err(Fault::Claim(name))
            }
        };
        is("iss", self.issuer)?;
        self.audience(claims)?;
        if claims.contains_key("azp") {
            is("azp", self.client)?;
        }
        let time = |name: &'static str| {
            let seconds = claims.get(name).and_then(Value::as_f64);
            seconds.ok_or(Fault::Claim(name))
        };
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^52")]
        let (now, skew) = (self.now.as_second() as f64, SKEW.as_secs() as f64);
        if time("exp")? <= now - skew {
            return Err(Fault::Claim("exp"));
        }
        if time("iat")? > now + skew {
            return Err(Fault::Claim("iat"));
        }
        if claims.contains_key("nbf") && time("nbf")? > now + skew {
            return Err(Fault::Claim("nbf"));
        }
        is("nonce", self.nonce)?;
        let subject = text("sub").filter(|subject| (1..=SUBJECT_BYTES_MAX).contains(&subject.len()));
        subject.ok_or(Fault::Claim("sub"))
    }

    /// It is for us; where it is for others too, it says that we are who asked for it.
    fn audience(&self, claims: &Map<String, Value>) -> Result<(), Fault> {
        let is_for_us = match claims.get("aud") {
            Some(Value::String(one)) => one == self.client,
            Some(Value::Array(several)) => {
                let is_among = several.iter().any(|one| one.as_str() == Some(self.client));
                is_among && (several.len() == 1 || claims.contains_key("azp"))
            }
            _ => false,
        };
        if is_for_us {
            Ok(())
        } else {
            Err(Fault::Claim("aud"))
        }
    }
}

#[cfg(test)]
mod tests;
