//! What WebAuthn (W3C, Level 3) has a site check: client data, authenticator data, public key and signature. Pure: no store, no
//! clock. Attestation is not looked at, for no maker of authenticators is trusted more than another. Keys are ES256 and EdDSA.

use super::Site;
use base64ct::{Base64UrlUnpadded, Encoding};
use ed25519_dalek as ed25519;
use minicbor::Decoder;
use p256::ecdsa;
use p256::ecdsa::signature::Verifier;
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

/// COSE algorithm numbers (RFC 9053, table 1 and 2).
pub(super) const ES256: i64 = -7;
pub(super) const EDDSA: i64 = -8;
/// Longest name an authenticator may give a key (WebAuthn, 7.1, step 25).
const CREDENTIAL_BYTES_MAX: usize = 1023;
/// Bits of the flags byte (WebAuthn, 6.1).
const USER_PRESENT: u8 = 0x01;
const USER_VERIFIED: u8 = 0x04;
const BACKUP_ELIGIBLE: u8 = 0x08;
const BACKED_UP: u8 = 0x10;
const HAS_CREDENTIAL: u8 = 0x40;
const HAS_EXTENSIONS: u8 = 0x80;

/// Why an answer is no proof. For the node's own log: who sent it is told only that it was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Fault(&'static str);

/// A key as it is kept: what it takes to check the next signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Kept {
    /// Signatures so far, as the authenticator counts; 0 if it does not.
    pub(super) counter: u32,
    /// Whether it may be copied to other devices; this never changes.
    pub(super) is_eligible: bool,
    /// COSE key, as the authenticator sent it.
    pub(super) key: Vec<u8>,
}

impl Kept {
    /// As bytes: counter, eligibility, key.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut bytes = self.counter.to_be_bytes().to_vec();
        bytes.push(u8::from(self.is_eligible));
        bytes.extend_from_slice(&self.key);
        bytes
    }

    /// Reads these bytes.
    pub(super) fn decode(bytes: &[u8]) -> Option<Self> {
        let (counter, rest) = bytes.split_first_chunk::<4>()?;
        let (eligible, key) = rest.split_first()?;
        Some(Self {
            counter: u32::from_be_bytes(*counter),
            is_eligible: *eligible == 1,
            key: key.to_vec(),
        })
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    raw_id: String,
    response: CreatedResponse,
}

#[derive(Deserialize)]
struct CreatedResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    #[serde(rename = "attestationObject")]
    attestation: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Signed {
    raw_id: String,
    response: SignedResponse,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct SignedResponse {
    #[serde(rename = "clientDataJSON")]
    client_data: String,
    authenticator_data: String,
    signature: String,
    user_handle: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    top_origin: Option<String>,
}

/// A new key that its authenticator presents.
#[derive(Debug)]
pub(super) struct Registration {
    /// What was signed for.
    pub(super) challenge: Vec<u8>,
    /// The authenticator's name for the key.
    pub(super) credential: Vec<u8>,
    /// The key.
    pub(super) kept: Kept,
}

/// Somebody's answer that has yet to be checked against their key.
#[derive(Debug)]
pub(super) struct Assertion {
    /// What was signed for.
    pub(super) challenge: Vec<u8>,
    /// The authenticator's name for the key.
    pub(super) credential: Vec<u8>,
    /// Whose key it is, as the authenticator has it.
    pub(super) holder: Vec<u8>,
    data: Vec<u8>,
    client: Vec<u8>,
    signature: Vec<u8>,
}

fn bytes(text: &str) -> Result<Vec<u8>, Fault> {
    // Some browsers pad, some do not.
    Base64UrlUnpadded::decode_vec(text.trim_end_matches('=')).map_err(|_why| Fault("not base64url"))
}

/// Bytes as WebAuthn's JSON has them.
pub(super) fn text(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

/// Checks what the browser says it signed (7.1, steps 5 to 12; 7.2, steps 8 to 14); the challenge is the caller's to compare.
fn challenge(json: &[u8], kind: &str, site: &Site) -> Result<Vec<u8>, Fault> {
    let data: ClientData =
        serde_json::from_slice(json).map_err(|_why| Fault("client data cannot be read"))?;
    if data.kind != kind {
        return Err(Fault("made for another purpose"));
    }
    if data.origin != site.origin {
        return Err(Fault("made on another site"));
    }
    if data.cross_origin || data.top_origin.is_some() {
        return Err(Fault("made within another site's page"));
    }
    bytes(&data.challenge)
}

/// Flags and counter of authenticator data, checked (7.1, steps 14 to 18; 7.2, steps 15 to 19), and what follows them.
fn checked<'d>(data: &'d [u8], site: &Site) -> Result<(u8, u32, &'d [u8]), Fault> {
    let short = Fault("authenticator data is too short");
    let (hash, rest) = data.split_first_chunk::<32>().ok_or(short)?;
    let (flags, rest) = rest.split_first().ok_or(short)?;
    let (counter, rest) = rest.split_first_chunk::<4>().ok_or(short)?;
    let own: [u8; 32] = Sha256::digest(site.domain.as_bytes()).into();
    if *hash != own {
        return Err(Fault("a key of another site"));
    }
    if flags & USER_PRESENT == 0 || flags & USER_VERIFIED == 0 {
        return Err(Fault("its holder did not unlock it"));
    }
    if flags & BACKED_UP != 0 && flags & BACKUP_ELIGIBLE == 0 {
        return Err(Fault("backed up, but not eligible"));
    }
    Ok((*flags, u32::from_be_bytes(*counter), rest))
}

/// Reads and checks a new key (7.1).
pub(super) fn registration(answer: &Value, site: &Site) -> Result<Registration, Fault> {
    let created = Created::deserialize(answer).map_err(|_why| Fault("not the answer to a registration"))?;
    let client = bytes(&created.response.client_data)?;
    let challenge = challenge(&client, "webauthn.create", site)?;
    let attestation = bytes(&created.response.attestation)?;
    let data = authenticator_data(&attestation).map_err(|_why| Fault("attestation cannot be read"))?;
    let (flags, counter, rest) = checked(data, site)?;
    if flags & HAS_CREDENTIAL == 0 {
        return Err(Fault("there is no key in it"));
    }
    let (credential, rest) = credential(rest)?;
    if credential != bytes(&created.raw_id)? {
        return Err(Fault("two names for one key"));
    }
    let (_, used) = public_key(rest)?;
    let (key, extensions) = rest
        .split_at_checked(used)
        .ok_or(Fault("a key that is cut off"))?;
    ends(extensions, flags)?;
    Ok(Registration {
        challenge,
        credential: credential.to_vec(),
        kept: Kept {
            counter,
            is_eligible: flags & BACKUP_ELIGIBLE != 0,
            key: key.to_vec(),
        },
    })
}

/// The authenticator data within an attestation object (6.5).
fn authenticator_data(attestation: &[u8]) -> Result<&[u8], minicbor::decode::Error> {
    let mut decoder = Decoder::new(attestation);
    let fields = decoder.map()?.unwrap_or(0);
    let mut found = None;
    for _ in 0..fields {
        if decoder.str()? == "authData" {
            found = Some(decoder.bytes()?);
        } else {
            decoder.skip()?;
        }
    }
    found.ok_or_else(|| minicbor::decode::Error::message("no authData"))
}

/// The authenticator's name for the key, and what follows (6.5.1): 16 bytes of model, two of length, the name.
fn credential(data: &[u8]) -> Result<(&[u8], &[u8]), Fault> {
    let short = Fault("a key without a name");
    let (_, rest) = data.split_at_checked(16).ok_or(short)?;
    let (length, rest) = rest.split_first_chunk::<2>().ok_or(short)?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length == 0 || length > CREDENTIAL_BYTES_MAX {
        return Err(Fault("a name of a length that is not allowed"));
    }
    rest.split_at_checked(length).ok_or(short)
}

/// After the key come extensions, if the flags say so, and then nothing.
fn ends(rest: &[u8], flags: u8) -> Result<(), Fault> {
    let has = flags & HAS_EXTENSIONS != 0;
    let mut decoder = Decoder::new(rest);
    let is_whole = if has {
        decoder.skip().is_ok() && decoder.position() == rest.len()
    } else {
        rest.is_empty()
    };
    if is_whole {
        Ok(())
    } else {
        Err(Fault("something follows that should not"))
    }
}

enum PublicKey {
    P256(ecdsa::VerifyingKey),
    Ed25519(ed25519::VerifyingKey),
}

/// Reads a COSE key (RFC 9052, 7) and how many bytes it has.
fn public_key(data: &[u8]) -> Result<(PublicKey, usize), Fault> {
    let mut decoder = Decoder::new(data);
    let (mut algorithm, mut curve, mut x, mut y) = (0, 0, None, None);
    let mut read = || -> Result<(), minicbor::decode::Error> {
        for _ in 0..decoder.map()?.unwrap_or(0) {
            match decoder.i64()? {
                3 => algorithm = decoder.i64()?,
                -1 => curve = decoder.i64()?,
                -2 => x = <[u8; 32]>::try_from(decoder.bytes()?).ok(),
                -3 => y = <[u8; 32]>::try_from(decoder.bytes()?).ok(),
                _ => decoder.skip()?,
            }
        }
        Ok(())
    };
    read().map_err(|_why| Fault("a key that cannot be read"))?;
    let x = x.ok_or(Fault("a key without its number"))?;
    let key = match (algorithm, curve, y) {
        (ES256, 1, Some(y)) => {
            let point = [&[4], x.as_slice(), &y].concat();
            ecdsa::VerifyingKey::from_sec1_bytes(&point)
                .map(PublicKey::P256)
                .ok()
        }
        (EDDSA, 6, _) => ed25519::VerifyingKey::from_bytes(&x)
            .ok()
            .filter(|key| !key.is_weak())
            .map(PublicKey::Ed25519),
        _ => None,
    };
    let used = decoder.position();
    key.map(|key| (key, used))
        .ok_or(Fault("a kind of key that is not taken"))
}

/// Reads an answer to a sign-in (7.2) as far as it can be without the key.
pub(super) fn assertion(answer: &Value, site: &Site) -> Result<Assertion, Fault> {
    let signed = Signed::deserialize(answer).map_err(|_why| Fault("not the answer to a sign-in"))?;
    let client = bytes(&signed.response.client_data)?;
    let holder = signed.response.user_handle.as_deref().unwrap_or_default();
    Ok(Assertion {
        challenge: challenge(&client, "webauthn.get", site)?,
        credential: bytes(&signed.raw_id)?,
        holder: bytes(holder)?,
        data: bytes(&signed.response.authenticator_data)?,
        signature: bytes(&signed.response.signature)?,
        client,
    })
}

impl Assertion {
    /// Checks it against the key; the key as it is to be kept from now on.
    pub(super) fn verify(&self, kept: &Kept, site: &Site) -> Result<Kept, Fault> {
        let (flags, counter, rest) = checked(&self.data, site)?;
        ends(rest, flags)?;
        if (flags & BACKUP_ELIGIBLE != 0) != kept.is_eligible {
            return Err(Fault("its eligibility has changed"));
        }
        self.check_signature(&kept.key)?;
        if (counter != 0 || kept.counter != 0) && counter <= kept.counter {
            return Err(Fault("its counter went back: there may be a copy"));
        }
        Ok(Kept {
            counter,
            ..kept.clone()
        })
    }

    fn check_signature(&self, key: &[u8]) -> Result<(), Fault> {
        let wrong = Fault("the signature is wrong");
        let message = [self.data.as_slice(), &Sha256::digest(&self.client)].concat();
        match public_key(key)?.0 {
            PublicKey::P256(key) => {
                let signature = ecdsa::Signature::from_der(&self.signature).map_err(|_why| wrong)?;
                key.verify(&message, &signature).map_err(|_why| wrong)
            }
            PublicKey::Ed25519(key) => {
                let signature = ed25519::Signature::from_slice(&self.signature).map_err(|_why| wrong)?;
                key.verify_strict(&message, &signature).map_err(|_why| wrong)
            }
        }
    }
}

#[cfg(test)]
mod tests;
