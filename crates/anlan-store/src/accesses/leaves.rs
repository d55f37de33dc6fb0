//! Leaves: the form in which an access is public. No personal data, no id of a case or account, no word anybody looked
//! for: who acted is a pseudonym, what it was about a commitment. `docs/handbook/access-log.md` describes every field.

use super::chains::Chain;
use crate::body;
use crate::error::Error;
use anlan_model::accesses::{Access, Purpose};
use anlan_model::ids::{AccountId, PostId};
use anlan_tlog::bundles::ENTRY_BYTES_MAX;
use anlan_tlog::hashes::Hash;
use hmac::{Hmac, KeyInit, Mac};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use sha2::Sha256;
use std::fmt::{self, Write as _};

/// The only version there is.
pub const LEAF_VERSION: u8 = 1;
/// Room for a leaf with every field and words of usual length, bytes.
const LEAF_BYTES: usize = 384;
/// Longest action or kind of thing, characters.
const WORD_MAX: usize = 64;
/// Why an access or bytes make no leaf.
const NO_WORD: &str = "action and kind of thing are words of lower-case letters, digits, `.`, `_` and `-`";

/// Makes pseudonyms of accounts and posts. Never printed.
pub(crate) struct Pseudonyms(Hmac<Sha256>);

impl Pseudonyms {
    pub(crate) fn new(key: [u8; 32]) -> Self {
        // HMAC itself fills a key up to a block of SHA-256 with zeros.
        let mut block = [0; 64];
        block.iter_mut().zip(key).for_each(|(to, byte)| *to = byte);
        Self(Hmac::new(&block.into()))
    }

    fn of(&self, account: AccountId) -> [u8; 32] {
        self.name(b"anlan pseudonym 1\n", account.0)
    }

    fn of_post(&self, post: PostId) -> [u8; 32] {
        self.name(b"anlan post 1\n", post.0)
    }

    fn name(&self, label: &[u8], id: i64) -> [u8; 32] {
        // What the key makes of the hash is the same for every name.
        let mac = self.0.clone().chain_update(label);
        mac.chain_update(id.to_be_bytes()).finalize().into_bytes().into()
    }
}

impl fmt::Debug for Pseudonyms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pseudonyms(…)")
    }
}

/// What an entry of the log says. Its JSON has exactly one spelling: fields by name, no blanks (RFC 8785).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Leaf {
    /// What was done, e.g. `case.read`.
    pub action: String,
    /// Pseudonym of the account that did it; none for a resident or the node itself.
    #[serde(default, deserialize_with = "code")]
    pub actor: Option<[u8; 32]>,
    /// Whether it was allowed.
    pub allowed: bool,
    /// How many records were shown or changed.
    pub count: u32,
    /// Pseudonym of the post it was done for; none for who acted as themselves.
    #[serde(default, deserialize_with = "code")]
    pub post: Option<[u8; 32]>,
    /// The link to the entry before it about the same case.
    #[serde(default, deserialize_with = "code")]
    pub previous: Option<[u8; 32]>,
    /// What for.
    pub purpose: Purpose,
    /// Kind of thing, e.g. `case`.
    pub resource: String,
    /// Commitment to the case and to the entry's place among those about it.
    #[serde(default, deserialize_with = "code")]
    pub subject: Option<[u8; 32]>,
    /// Milliseconds since 1970 UTC.
    pub time: i64,
    /// `LEAF_VERSION`.
    pub version: u8,
}

impl Leaf {
    /// The leaf of an access that is about to be noted at the end of this chain.
    pub(crate) fn of(access: &Access, names: &Pseudonyms, chain: Option<&Chain>) -> Self {
        Self {
            action: access.action.clone(),
            actor: access.actor.map(|account| names.of(account)),
            allowed: access.allowed,
            count: access.count,
            post: access.post.map(|post| names.of_post(post)),
            previous: chain.map(Chain::previous),
            purpose: access.purpose,
            resource: access.resource.clone(),
            subject: chain.map(Chain::subject),
            time: access.at.as_millisecond(),
            version: LEAF_VERSION,
        }
    }

    /// Its bytes in the log.
    pub fn encode(&self) -> Result<Vec<u8>, Error> {
        if !is_word(&self.action) || !is_word(&self.resource) {
            return Err(Error::Invalid(NO_WORD.to_owned()));
        }
        let (mut text, purpose) = (String::with_capacity(LEAF_BYTES), body::word(&self.purpose)?);
        self.spell(&purpose, &mut text)
            .map_err(|e| Error::Invalid(format!("no leaf: {e}")))?;
        // INVARIANT: two words, some numbers and three codes are some hundred bytes.
        debug_assert!(text.len() < ENTRY_BYTES_MAX, "a leaf fits into a bundle");
        Ok(text.into_bytes())
    }

    /// Writes the one spelling, field by field in the order of their names.
    // INVARIANT: words, numbers and base64 have no character that JSON escapes.
    fn spell(&self, purpose: &str, to: &mut String) -> fmt::Result {
        let code = |to: &mut String, name: &str, code: Option<[u8; 32]>| match code {
            Some(code) => write!(to, ",\"{name}\":\"{}\"", Hash::new(code)),
            None => Ok(()),
        };
        write!(to, "{{\"action\":\"{}\"", self.action)?;
        code(to, "actor", self.actor)?;
        write!(to, ",\"allowed\":{},\"count\":{}", self.allowed, self.count)?;
        code(to, "post", self.post)?;
        code(to, "previous", self.previous)?;
        write!(
            to,
            ",\"purpose\":\"{purpose}\",\"resource\":\"{}\"",
            self.resource
        )?;
        code(to, "subject", self.subject)?;
        write!(to, ",\"time\":{},\"version\":{}}}", self.time, self.version)
    }

    /// Reads the one spelling; `Error::Corrupt` says what is not as it should be.
    pub fn decode(bytes: &[u8]) -> Result<Self, Error> {
        let leaf: Self =
            serde_json::from_slice(bytes).map_err(|e| Error::Corrupt(format!("not a leaf: {e}")))?;
        if leaf.version != LEAF_VERSION {
            return Err(Error::Corrupt(format!("leaf of version {}", leaf.version)));
        }
        if leaf.subject.is_some() != leaf.previous.is_some() {
            return Err(Error::Corrupt("a leaf has a subject or a link alone".to_owned()));
        }
        match leaf.encode() {
            Ok(own) if own == bytes => Ok(leaf),
            Ok(_) => Err(Error::Corrupt("a leaf in another spelling".to_owned())),
            Err(_) => Err(Error::Corrupt(NO_WORD.to_owned())),
        }
    }

    /// The first field in which two leaves differ.
    pub(crate) fn differs_in(&self, other: &Self) -> Option<&'static str> {
        let fields = [
            (self.version == other.version, "version"),
            (self.time == other.time, "time"),
            (self.actor == other.actor, "actor"),
            (self.action == other.action, "action"),
            (self.resource == other.resource, "resource"),
            (self.purpose == other.purpose, "purpose"),
            (self.allowed == other.allowed, "allowed"),
            (self.count == other.count, "count"),
            (self.post == other.post, "post"),
            (self.subject == other.subject, "subject"),
            (self.previous == other.previous, "previous"),
        ];
        fields
            .into_iter()
            .find_map(|(same, name)| (!same).then_some(name))
    }
}

fn is_word(text: &str) -> bool {
    let plain = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
    (1..=WORD_MAX).contains(&text.len()) && text.bytes().all(plain)
}

/// 32 bytes as base64, the way the log writes its hashes.
fn code<'de, D: Deserializer<'de>>(from: D) -> Result<Option<[u8; 32]>, D::Error> {
    let hash: Hash = String::deserialize(from)?.parse().map_err(D::Error::custom)?;
    Ok(Some(*hash.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::option::of;
    use proptest::prelude::*;
    use std::collections::BTreeMap;

    prop_compose! {
        fn leaves()(
            action in "[a-z0-9._-]{1,64}", resource in "[a-z0-9._-]{1,64}", actor in of(any::<[u8; 32]>()),
            post in of(any::<[u8; 32]>()), chained in of(any::<([u8; 32], [u8; 32])>()), allowed: bool, count: u32, time: i64,
            purpose in prop::sample::select(vec![Purpose::Case, Purpose::OwnReport, Purpose::Maintenance, Purpose::Audit]),
        ) -> Leaf {
            let (subject, previous) = chained.unzip();
            Leaf { action, actor, allowed, count, post, previous, purpose, resource, subject, time, version: LEAF_VERSION }
        }
    }

    proptest! {
        #[test]
        fn a_leaf_has_one_spelling(leaf in leaves(), at: prop::sample::Index, byte: u8) {
            let bytes = leaf.encode().unwrap();
            prop_assert_eq!(&Leaf::decode(&bytes).unwrap(), &leaf);
            let fields: BTreeMap<String, serde_json::Value> = serde_json::from_slice(&bytes).unwrap();
            prop_assert_eq!(serde_json::to_vec(&fields).unwrap(), bytes.clone(), "sorted, without blanks");
            prop_assert!(bytes.is_ascii());
            // Whatever one byte is changed to: it is refused, or it is another leaf.
            let mut other = bytes.clone();
            other[at.index(bytes.len())] = byte;
            if let Ok(read) = Leaf::decode(&other) {
                prop_assert_eq!(other == bytes, read == leaf);
            }
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes: Vec<u8>) {
            let _ = Leaf::decode(&bytes);
        }
    }

    #[test]
    fn what_is_not_the_one_spelling_is_refused() {
        let leaf = Leaf {
            action: "case.read".into(),
            actor: None,
            allowed: true,
            count: 1,
            post: None,
            previous: None,
            purpose: Purpose::OwnReport,
            resource: "case".into(),
            subject: None,
            time: 1_780_000_000_000,
            version: 1,
        };
        let text = r#"{"action":"case.read","allowed":true,"count":1,"purpose":"own_report","resource":"case","time":1780000000000,"version":1}"#;
        assert_eq!(leaf.encode().unwrap(), text.as_bytes());
        for (from, to) in [
            (",", ", "),
            ("\"count\":1", "\"count\":1.0"),
            ("\"count\":1", "\"count\":01"),
            ("\"count\":1", "\"count\":1,\"count\":1"),
            ("case.read", "case\\u002eread"),
            ("case.read", "Case.read"),
            ("\"version\":1", "\"version\":2"),
            ("\"version\":1", "\"version\":1,\"who\":\"x\""),
            ("\"allowed\"", "\"actor\":null,\"allowed\""),
            ("}", "}\n"),
        ] {
            let other = text.replacen(from, to, 1);
            assert_ne!(other, text);
            assert!(Leaf::decode(other.as_bytes()).is_err(), "{other}");
        }
        let with_words = Leaf {
            resource: "case 老王".into(),
            ..leaf
        };
        assert!(matches!(with_words.encode(), Err(Error::Invalid(_))));
    }
}
