//! The ceremony against the W3C's own vector, and against an authenticator made of a key, one thing wrong at a time.

use super::*;
use p256::ecdsa::SigningKey;
use p256::ecdsa::signature::Signer;
use proptest::prelude::*;
use serde_json::json;

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().map(|digit| digit.to_digit(16).unwrap()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::try_from(pair[0] * 16 + pair[1]).unwrap())
        .collect()
}

fn site() -> Site {
    Site {
        domain: "example.org".into(),
        origin: "https://example.org".into(),
    }
}

/// W3C Web Authentication Level 3, 16.2: "ES256 Credential with No Attestation".
mod vector {
    pub(super) const ATTESTATION: &str = "a363666d74646e6f6e656761747453746d74a068617574684461746158a4bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b559000000008446ccb9ab1db374750b2367ff6f3a1f0020f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4a5010203262001215820afefa16f97ca9b2d23eb86ccb64098d20db90856062eb249c33a9b672f26df61225820930a56b87a2fca66334b03458abf879717c12cc68ed73290af2e2664796b9220";
    pub(super) const CREDENTIAL: &str = "f91f391db4c9b2fde0ea70189cba3fb63f579ba6122b33ad94ff3ec330084be4";
    pub(super) const DATA: &str =
        "bfabc37432958b063360d3ad6461c9c4735ae7f8edd46592a5e0f01452b2e4b51900000000";
    pub(super) const CLIENT: &str = "7b2274797065223a22776562617574686e2e676574222c226368616c6c656e6765223a224f63446e55685158756c5455506f334a5558543049393770767a7a59425039745a63685879617630314167222c226f726967696e223a2268747470733a2f2f6578616d706c652e6f7267222c2263726f73734f726967696e223a66616c73657d";
    pub(super) const CHALLENGE: &str = "39c0e7521417ba54d43e8dc95174f423dee9bf3cd804ff6d65c857c9abf4d408";
    pub(super) const SIGNATURE: &str = "3046022100f50a4e2e4409249c4a853ba361282f09841df4dd4547a13a87780218deffcd380221008480ac0f0b93538174f575bf11a1dd5d78c6e486013f937295ea13653e331e87";
}

#[test]
fn the_w3c_vector_verifies() {
    let attestation = hex(vector::ATTESTATION);
    let data = authenticator_data(&attestation).unwrap();
    let (name, rest) = credential(&data[37..]).unwrap();
    assert_eq!(name, hex(vector::CREDENTIAL));
    let (_, used) = public_key(rest).unwrap();
    assert_eq!(used, rest.len());
    let answer = json!({"rawId": text(name), "response": {
        "clientDataJSON": text(&hex(vector::CLIENT)), "authenticatorData": text(&hex(vector::DATA)),
        "signature": text(&hex(vector::SIGNATURE)),
    }});
    let read = assertion(&answer, &site()).unwrap();
    assert_eq!(read.challenge, hex(vector::CHALLENGE));
    read.check_signature(rest).unwrap();
    // In the vector nobody unlocked the key, which is not enough here.
    let kept = Kept {
        counter: 0,
        is_eligible: true,
        key: rest.to_vec(),
    };
    assert_eq!(
        read.verify(&kept, &site()),
        Err(Fault("its holder did not unlock it"))
    );
}

/// An authenticator with one key, and what it would say; each field may be set wrong.
#[derive(Clone)]
struct Token {
    domain: &'static str,
    origin: &'static str,
    flags: u8,
    counter: u32,
    client_extra: &'static str,
    tail: Vec<u8>,
}

impl Default for Token {
    fn default() -> Self {
        Self {
            domain: "example.org",
            origin: "https://example.org",
            flags: USER_PRESENT | USER_VERIFIED,
            counter: 1,
            client_extra: "",
            tail: vec![],
        }
    }
}

fn key() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).unwrap()
}

fn cose() -> Vec<u8> {
    let point = key().verifying_key().to_sec1_point(false);
    let (x, y) = (&point.as_bytes()[1..33], &point.as_bytes()[33..]);
    let head = [0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20];
    [&head[..], x, &[0x22, 0x58, 0x20], y].concat()
}

impl Token {
    fn client(&self, kind: &str) -> Vec<u8> {
        let (origin, extra) = (self.origin, self.client_extra);
        format!(r#"{{"type":"{kind}","challenge":"AAAA","origin":"{origin}"{extra}}}"#).into_bytes()
    }

    fn data(&self, more: &[u8]) -> Vec<u8> {
        let hash: [u8; 32] = Sha256::digest(self.domain.as_bytes()).into();
        [
            &hash[..],
            &[self.flags],
            &self.counter.to_be_bytes(),
            more,
            &self.tail,
        ]
        .concat()
    }

    fn registers(&self) -> Result<Registration, Fault> {
        let name = [9; 16];
        let attested = [&[0; 16][..], &16_u16.to_be_bytes(), &name, &cose()].concat();
        let with_key = Self {
            flags: self.flags | HAS_CREDENTIAL,
            ..self.clone()
        };
        let data = with_key.data(&attested);
        let length = u16::try_from(data.len()).unwrap().to_be_bytes();
        let mut object = vec![0xa3, 0x63];
        object.extend_from_slice(b"fmt\x64none\x67attStmt\xa0\x68authData\x59");
        object.extend_from_slice(&length);
        object.extend_from_slice(&data);
        let answer = json!({"rawId": text(&name), "response": {
            "clientDataJSON": text(&self.client("webauthn.create")), "attestationObject": text(&object),
        }});
        registration(&answer, &site())
    }

    fn signs(&self, kept: &Kept) -> Result<Kept, Fault> {
        let (client, data) = (self.client("webauthn.get"), self.data(&[]));
        let message = [data.as_slice(), &Sha256::digest(&client)].concat();
        let signature: ecdsa::Signature = key().sign(&message);
        let answer = json!({"rawId": text(&[9; 16]), "response": {
            "clientDataJSON": text(&client), "authenticatorData": text(&data),
            "signature": text(signature.to_der().as_bytes()), "userHandle": text(b"holder"),
        }});
        assertion(&answer, &site())?.verify(kept, &site())
    }
}

#[test]
fn a_key_registers_and_signs() {
    let made = Token::default().registers().unwrap();
    assert_eq!(
        (made.challenge.as_slice(), made.credential.as_slice()),
        (&[0, 0, 0][..], &[9; 16][..])
    );
    assert_eq!(Kept::decode(&made.kept.encode()), Some(made.kept.clone()));
    let next = Token {
        counter: 2,
        ..Token::default()
    };
    let kept = next.signs(&made.kept).unwrap();
    assert_eq!(kept.counter, 2);
    let extended = Token {
        counter: 3,
        flags: USER_PRESENT | USER_VERIFIED | HAS_EXTENSIONS,
        tail: vec![0xa0],
        ..Token::default()
    };
    extended.signs(&kept).unwrap();
}

#[test]
fn whatever_is_wrong_is_refused() {
    let made = Token::default().registers().unwrap();
    let good = Token {
        counter: 2,
        ..Token::default()
    };
    let wrong = [
        Token {
            domain: "evil.example",
            ..good.clone()
        },
        Token {
            origin: "https://evil.example",
            ..good.clone()
        },
        Token {
            origin: "http://example.org",
            ..good.clone()
        },
        Token {
            flags: USER_PRESENT,
            ..good.clone()
        },
        Token {
            flags: USER_VERIFIED,
            ..good.clone()
        },
        Token {
            flags: good.flags | BACKED_UP,
            ..good.clone()
        },
        Token {
            client_extra: r#","crossOrigin":true"#,
            ..good.clone()
        },
        Token {
            client_extra: r#","topOrigin":"https://evil.example""#,
            ..good.clone()
        },
        Token {
            tail: vec![0],
            ..good.clone()
        },
        Token {
            flags: good.flags | HAS_EXTENSIONS,
            ..good.clone()
        },
    ];
    for token in &wrong {
        assert!(token.registers().is_err());
        assert!(token.signs(&made.kept).is_err());
    }
    assert_eq!(
        Token::default().signs(&made.kept),
        Err(Fault("its counter went back: there may be a copy"))
    );
    let copied = Token {
        flags: good.flags | BACKUP_ELIGIBLE,
        ..good.clone()
    };
    assert_eq!(
        copied.signs(&made.kept),
        Err(Fault("its eligibility has changed"))
    );
}

#[test]
fn another_keys_signature_is_wrong() {
    let made = Token::default().registers().unwrap();
    let good = Token {
        counter: 2,
        ..Token::default()
    };
    let other = SigningKey::from_slice(&[8; 32]).unwrap();
    let point = other.verifying_key().to_sec1_point(false);
    let mut foreign = made.kept.clone();
    let at = foreign.key.len() - 67;
    foreign.key[at..at + 32].copy_from_slice(&point.as_bytes()[1..33]);
    foreign.key[at + 35..].copy_from_slice(&point.as_bytes()[33..]);
    assert_eq!(good.signs(&foreign), Err(Fault("the signature is wrong")));
    good.signs(&made.kept).unwrap();
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_harm(client: Vec<u8>, object: Vec<u8>, data: Vec<u8>, signature: Vec<u8>) {
        let made = json!({"rawId": "AAAA", "response": {"clientDataJSON": text(&client), "attestationObject": text(&object)}});
        prop_assert!(registration(&made, &site()).is_err());
        let _ = authenticator_data(&object);
        let _ = public_key(&data).map(|(_, used)| used);
        let _ = credential(&data);
        let read = Assertion { challenge: vec![], credential: vec![], holder: vec![], data, client, signature };
        let kept = Kept { counter: 0, is_eligible: false, key: cose() };
        prop_assert!(read.verify(&kept, &site()).is_err());
    }

    #[test]
    fn a_key_of_any_bytes_is_read_whole_or_not_at_all(cut in 0_usize..77, bit in 0_usize..616) {
        let whole = cose();
        prop_assert!(public_key(&whole[..cut.min(whole.len() - 1)]).is_err());
        let mut other = whole.clone();
        other[bit / 8 % whole.len()] ^= 1 << (bit % 8);
        // Whatever one bit is changed to, it is refused or it is another key, on which this key's signature is wrong.
        let kept = Kept { counter: 0, is_eligible: false, key: other };
        prop_assert!(Token::default().signs(&kept).is_err() || kept.key[..10] != whole[..10]);
    }
}
