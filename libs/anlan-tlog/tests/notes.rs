//! Notes, keys, checkpoints and cosignatures as text: the rules of verification, one spelling each, every changed byte noticed.

mod signed;

use anlan_tlog::checkpoints::{Checkpoint, CheckpointError, GrowthError, OpenError, check_growth};
use anlan_tlog::cosignatures::{Cosigner, SignatureFault, TIME_MAX};
use anlan_tlog::hashes::Hash;
use anlan_tlog::notes::{
    KeyError, KeyNameError, LineError, NOTE_BYTES_MAX, Note, NoteError, Refusal, SIGNATURES_MAX, Signer,
    SignerError, VerifierKey,
};
use anlan_tlog::trees::Head;
use proptest::prelude::*;
use signed::{cosigner, head, signed, signer};

fn keys() -> Vec<VerifierKey> {
    let witnesses =
        [("w.example/1", 2), ("w.example/2", 3)].map(|(name, seed)| cosigner(name, seed).key().clone());
    [vec![signer("log.example/a", 1).key().clone()], witnesses.to_vec()].concat()
}

#[test]
fn the_note_of_the_go_package_verifies() {
    let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    let text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
    let line = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let key: VerifierKey = key.parse().unwrap();
    let note = Note::parse(format!("{text}\n{line}").as_bytes()).unwrap();
    assert_eq!(note.verify(std::slice::from_ref(&key)).unwrap()[0].key, &key);
    let secret = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    let signer = Signer::from_secret_text(secret).unwrap();
    assert_eq!(signer.secret_text().as_str(), secret);
    assert!(!format!("{signer:?}").contains("AYEK"));
    let mut again = Note::new(text).unwrap();
    again.add(signer.sign(&again));
    assert_eq!(again.to_string(), format!("{text}\n{line}"));
}

#[test]
fn unknown_keys_are_ignored_known_ones_that_fail_refuse_everything() {
    let note = signed();
    let (keys, text) = (keys(), note.text().to_owned());
    assert_eq!(note.verify(&keys).unwrap().len(), 3);
    assert_eq!(note.verify(&keys[..1]).unwrap().len(), 1, "witnesses are unknown");
    let signatures = 3;
    assert_eq!(note.verify(&[]), Err(Refusal::NoKnownKey { signatures }));
    // The same name with another key, and another name with the same key, have other ids.
    let others = [
        signer("log.example/a", 9).key().clone(),
        signer("log.example/b", 1).key().clone(),
    ];
    assert_eq!(note.verify(&others), Err(Refusal::NoKnownKey { signatures }));
    // One wrong signature of a known key spoils the others, in whatever place.
    for (at, fault) in [(0, SignatureFault::Wrong), (1, SignatureFault::Wrong)] {
        let other = Note::new("another text\n").unwrap();
        let wrong = match at {
            0 => signer("log.example/a", 1).sign(&other),
            _ => cosigner("w.example/1", 2).cosign(&other, 5).unwrap(),
        };
        let mut lines: Vec<String> = note.signatures().iter().map(ToString::to_string).collect();
        lines[at] = wrong.to_string();
        let spoilt = Note::parse(format!("{text}\n{}\n", lines.join("\n")).as_bytes()).unwrap();
        let (name, id) = (keys[at].name().clone(), keys[at].id());
        assert_eq!(
            spoilt.verify(&keys),
            Err(Refusal::KnownKeyFails { name, id, fault })
        );
        assert_eq!(
            spoilt.verify(&keys[2..]).unwrap().len(),
            1,
            "nobody asked for that key"
        );
        // Also after a right one of the same key.
        let both = format!("{text}\n{}\n{wrong}\n", note.signatures()[at]);
        assert!(Note::parse(both.as_bytes()).unwrap().verify(&keys).is_err());
    }
}

#[test]
fn sixteen_signatures_are_accepted_and_more_than_a_hundred_are_not() {
    let mut note = Note::new("text\n").unwrap();
    let signers: Vec<Signer> = (0..=100).map(|seed| signer(&format!("s{seed}"), seed)).collect();
    let keys: Vec<VerifierKey> = signers.iter().map(|signer| signer.key().clone()).collect();
    for (count, signer) in (1..).zip(&signers) {
        note.add(signer.sign(&note));
        let read = Note::parse(note.to_string().as_bytes());
        if count <= SIGNATURES_MAX {
            assert_eq!(read.unwrap().verify(&keys).unwrap().len(), count);
        } else {
            assert_eq!(read, Err(NoteError::TooMany));
        }
    }
    let before = note.signatures().len();
    note.add(signers[0].sign(&note));
    assert_eq!(note.signatures().len(), before, "one signature for each key");
}

#[test]
fn malformed_notes_are_refused_with_the_place() {
    let line = signed().signatures()[0].to_string();
    let form = |error| NoteError::Line { number: 1, error };
    for (text, error) in [
        ("", NoteError::NoBlankLine),
        ("text\n", NoteError::NoBlankLine),
        (&format!("text\n{line}\n"), NoteError::NoBlankLine),
        ("text\n\n", NoteError::NoSignatures),
        (&format!("text\n\n{line}"), NoteError::NoSignatures),
        (&format!("te\txt\n\n{line}\n"), NoteError::Control { at: 2 }),
        (&format!("text\r\n\n{line}\n"), NoteError::Control { at: 4 }),
        (&format!("text\n\n{line}\n\n"), NoteError::NoSignatures),
        ("text\n\n- a AAAAAAA=\n", form(LineError::Form)),
        ("text\n\n— a\n", form(LineError::Form)),
        ("text\n\n—a AAAAAAA=\n", form(LineError::Form)),
        (
            "text\n\n— a+b AAAAAAA=\n",
            form(LineError::Name(KeyNameError::Character('+'))),
        ),
        (
            "text\n\n— a\u{2003}b AAAAAAA=\n",
            form(LineError::Name(KeyNameError::Character('\u{2003}'))),
        ),
        (
            "text\n\n—  AAAAAAA=\n",
            form(LineError::Name(KeyNameError::Empty)),
        ),
        ("text\n\n— a AAAAAA==\n", form(LineError::Base64)),
        ("text\n\n— a AAAAAAA\n", form(LineError::Base64)),
        ("text\n\n— a AAAAAAB=\n", form(LineError::Base64)),
        ("text\n\n— a  AAAAAAA=\n", form(LineError::Base64)),
    ] {
        assert_eq!(Note::parse(text.as_bytes()), Err(error), "{text:?}");
    }
    assert_eq!(Note::parse(b"te\xffxt\n\n"), Err(NoteError::NotUtf8 { at: 2 }));
    let bytes = NOTE_BYTES_MAX + 1;
    assert_eq!(Note::parse(&vec![b'a'; bytes]), Err(NoteError::TooLong { bytes }));
    assert_eq!(Note::new(""), Err(NoteError::NoNewline));
    // Blank lines may stand in the text; the last one separates.
    let note = Note::parse(format!("one\n\ntwo\n\n\n{line}\n").as_bytes()).unwrap();
    assert_eq!(note.text(), "one\n\ntwo\n\n");
}

#[test]
fn keys_have_one_spelling() {
    let text = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    assert_eq!(text.parse::<VerifierKey>().unwrap().to_string(), text);
    let cosigner = cosigner("w.example/1", 2);
    assert_eq!(
        &cosigner.key().to_string().parse::<VerifierKey>().unwrap(),
        cosigner.key()
    );
    for (wrong, error) in [
        ("", KeyError::Form),
        ("example.com/foo+530d903a", KeyError::Form),
        (
            "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            KeyError::Form,
        ),
        (
            "example.com/foo+30d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            KeyError::Form,
        ),
        (
            "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
            KeyError::Form,
        ),
        (
            "example.com/fo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            KeyError::Id(0x4e6e_6e54),
        ),
        (
            "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            KeyError::Name(KeyNameError::Empty),
        ),
        ("example.com/foo+530d903a+", KeyError::Form),
        ("example.com/foo+530d903a+Aeky", KeyError::Length(2)),
        (
            "example.com/foo+530d903a+BekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            KeyError::Algorithm(5),
        ),
        (
            "example.com/foo+530d903a+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
            KeyError::Weak,
        ),
    ] {
        let found = wrong.parse::<VerifierKey>().unwrap_err();
        assert_eq!(
            std::mem::discriminant(&found),
            std::mem::discriminant(&error),
            "{wrong}: {found}"
        );
    }
    let plain = signer("a", 1).secret_text();
    assert_eq!(
        Cosigner::from_secret_text(&plain).unwrap_err(),
        SignerError::Algorithm { wanted: 4, found: 1 }
    );
    assert_eq!(
        Signer::from_secret_text("PRIVATE+KEY+a").unwrap_err(),
        SignerError::Form
    );
}

#[test]
fn checkpoints_have_one_spelling() {
    let root = Hash::EMPTY_ROOT;
    for text in [
        format!("log\n0\n{root}\n"),
        format!("log with space\n18446744073709551615\n{root}\nmore\nand more\n"),
    ] {
        assert_eq!(text.parse::<Checkpoint>().unwrap().to_string(), text);
    }
    for (text, error) in [
        (String::new(), CheckpointError::Cut),
        (format!("log\n1\n{root}"), CheckpointError::Cut),
        ("log\n1\n".into(), CheckpointError::Cut),
        (format!("\n1\n{root}\n"), CheckpointError::Origin),
        (format!("log\n01\n{root}\n"), CheckpointError::Size),
        (format!("log\n+1\n{root}\n"), CheckpointError::Size),
        (
            format!("log\n18446744073709551616\n{root}\n"),
            CheckpointError::Size,
        ),
        (format!("log\n1\n{root}=\n"), CheckpointError::Root),
        (format!("log\n1\n {root}\n"), CheckpointError::Root),
        (
            format!("log\n1\n{root}\n\n"),
            CheckpointError::Extension { number: 4 },
        ),
        (
            format!("log\n1\n{root}\nmore\n\nand more\n"),
            CheckpointError::Extension { number: 5 },
        ),
    ] {
        assert_eq!(text.parse::<Checkpoint>(), Err(error), "{text:?}");
    }
}

#[test]
fn a_checkpoint_is_of_the_log_whose_key_signed_it() {
    let (own, other) = (signer("log.example/a", 1), signer("log.example/b", 4));
    let bytes = signed().to_string();
    assert_eq!(
        Checkpoint::open(bytes.as_bytes(), own.key()).unwrap().0.head(),
        head(9)
    );
    assert!(matches!(
        Checkpoint::open(bytes.as_bytes(), other.key()),
        Err(OpenError::Signature(_))
    ));
    let foreign = Checkpoint::new("log.example/a", head(9))
        .unwrap()
        .sign(&other)
        .unwrap()
        .to_string();
    assert!(matches!(
        Checkpoint::open(foreign.as_bytes(), other.key()),
        Err(OpenError::Origin { .. })
    ));
    let empty = Checkpoint::new("log.example/a", head(0))
        .unwrap()
        .sign(&own)
        .unwrap()
        .to_string();
    assert_eq!(
        Checkpoint::open(empty.as_bytes(), own.key()),
        Err(OpenError::EmptyRoot)
    );
    assert!(matches!(
        Checkpoint::open(&bytes.as_bytes()[..bytes.len() - 40], own.key()),
        Err(OpenError::Note(_))
    ));
}

#[test]
fn replayed_truncated_and_split_heads_are_refused() {
    let split = Head {
        size: 9,
        root: Hash::EMPTY_ROOT,
    };
    assert_eq!(check_growth(&head(9), &head(9), &[]), Ok(()));
    assert_eq!(
        check_growth(&head(9), &head(8), &[]),
        Err(GrowthError::Shrunk { earlier: 9, later: 8 })
    );
    assert_eq!(
        check_growth(&head(9), &Head::EMPTY, &[]),
        Err(GrowthError::Shrunk { earlier: 9, later: 0 })
    );
    assert_eq!(
        check_growth(&head(9), &split, &[]),
        Err(GrowthError::Split { size: 9 })
    );
    assert!(matches!(
        check_growth(&head(9), &head(10), &[Hash::EMPTY_ROOT; 4]),
        Err(GrowthError::Proof(_))
    ));
    assert_eq!(check_growth(&Head::EMPTY, &head(9), &[]), Ok(()));
    assert!(matches!(
        check_growth(&Head::EMPTY, &head(9), &[Hash::EMPTY_ROOT]),
        Err(GrowthError::Proof(_))
    ));
}

#[test]
fn cosignatures_have_a_time_that_is_signed() {
    let (note, one) = (signed(), cosigner("w.example/1", 2));
    let verified = note.verify(std::slice::from_ref(one.key())).unwrap();
    assert_eq!(verified[0].time, Some(1_700_000_000));
    assert_eq!(one.cosign(&note, TIME_MAX + 1).unwrap_err().0, TIME_MAX + 1);
    assert_eq!(one.cosign(&note, TIME_MAX).unwrap().bytes().len(), 72);
    // Another time under the same signature is another text.
    let signature = note.signatures()[1].clone();
    let blob = [
        signature.id().to_be_bytes().as_slice(),
        &1_700_000_009_u64.to_be_bytes(),
        &signature.bytes()[8..],
    ]
    .concat();
    let line = format!("— w.example/1 {}", base64(&blob));
    let moved = Note::parse(format!("{}\n{line}\n", note.text()).as_bytes()).unwrap();
    assert!(moved.verify(std::slice::from_ref(one.key())).is_err());
    let late = [
        signature.id().to_be_bytes().as_slice(),
        &u64::MAX.to_be_bytes(),
        &signature.bytes()[8..],
    ]
    .concat();
    let line = format!("— w.example/1 {}", base64(&late));
    let moved = Note::parse(format!("{}\n{line}\n", note.text()).as_bytes()).unwrap();
    let refusal = moved.verify(std::slice::from_ref(one.key())).unwrap_err();
    assert!(matches!(
        refusal,
        Refusal::KnownKeyFails {
            fault: SignatureFault::Time(u64::MAX),
            ..
        }
    ));
}

fn base64(bytes: &[u8]) -> String {
    use base64ct::{Base64, Encoding as _};
    Base64::encode_string(bytes)
}

proptest! {
    #[test]
    fn a_changed_byte_of_a_signed_checkpoint_is_noticed(at in any::<prop::sample::Index>(), flip in 1..=255_u8) {
        let note = signed();
        let mut bytes = note.to_string().into_bytes();
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        if let Ok(read) = Note::parse(&bytes) {
            prop_assert_eq!(read.to_string().into_bytes(), bytes.as_slice(), "one spelling");
            // A name or an id that is changed makes a key unknown; it never makes a signature right.
            let verified = read.verify(&keys()).map_or(0, |verified| verified.len());
            prop_assert!(verified < 3);
        }
    }
}
