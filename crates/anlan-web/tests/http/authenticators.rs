//! A passkey made of a key in memory, which says what an authenticator and a browser would say (W3C WebAuthn Level 3, 6.1 and
//! 6.5): no attestation, its holder always there.

use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek::{Signer, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Present and verified (6.1, flags).
const UNLOCKED: u8 = 0x05;
/// A key is in it.
const WITH_KEY: u8 = 0x40;

/// The key, under a name of its own.
pub(crate) struct Authenticator {
    key: SigningKey,
    name: [u8; 16],
    holder: Value,
}

fn text(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// What the browser says was asked of it.
fn client(kind: &str, options: &Value, origin: &str) -> String {
    json!({"type": kind, "challenge": options["challenge"], "origin": origin}).to_string()
}

/// Authenticator data, with a counter that does not count.
fn data(domain: &Value, flags: u8) -> Vec<u8> {
    let mut data = Sha256::digest(domain.as_str().unwrap().as_bytes()).to_vec();
    data.push(flags);
    data.extend([0; 4]);
    data
}

impl Authenticator {
    /// Makes a key as these options ask; what the browser sends.
    pub(crate) fn register(seed: u32, options: &Value, origin: &str) -> (Self, Value) {
        let mut secret = [7; 32];
        secret[..4].copy_from_slice(&seed.to_be_bytes());
        let mut name = [9; 16];
        name[..4].copy_from_slice(&seed.to_be_bytes());
        let made = Self {
            key: SigningKey::from_bytes(&secret),
            name,
            holder: options["user"]["id"].clone(),
        };
        let mut data = data(&options["rp"]["id"], UNLOCKED | WITH_KEY);
        data.extend([0; 16]);
        data.extend([0, 16]);
        data.extend(made.name);
        // A COSE key (RFC 9053, 7.2): kind 1, algorithm -8, curve 6, the point.
        data.extend([0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20]);
        data.extend(made.key.verifying_key().as_bytes());
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(data.len()).unwrap());
        attestation.extend(data);
        let answer = json!({"rawId": text(&made.name), "response": {
            "clientDataJSON": text(client("webauthn.create", options, origin).as_bytes()),
            "attestationObject": text(&attestation),
        }});
        (made, answer)
    }

    /// Answers to these options.
    pub(crate) fn sign(&self, options: &Value, origin: &str) -> Value {
        let client = client("webauthn.get", options, origin);
        let data = data(&options["rpId"], UNLOCKED);
        let message = [data.as_slice(), &Sha256::digest(client.as_bytes())].concat();
        json!({"rawId": text(&self.name), "response": {
            "clientDataJSON": text(client.as_bytes()),
            "authenticatorData": text(&data),
            "signature": text(&self.key.sign(&message).to_bytes()),
            "userHandle": self.holder,
        }})
    }
}
