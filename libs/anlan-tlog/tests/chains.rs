//! Commitments and chains: found by the key alone, and broken by whatever is left out, put in, changed or moved.

use anlan_tlog::commitments::{ChainError, Chained, Commitment, Link, SubjectKey};
use proptest::prelude::*;

/// Each entry with the link that it holds.
fn chain(key: &SubjectKey, entries: &[Vec<u8>]) -> Vec<(Link, Vec<u8>)> {
    let mut previous = key.first_link();
    let mut all = Vec::new();
    for (place, entry) in (0..).zip(entries) {
        all.push((previous, entry.clone()));
        previous = key.next_link(place, &Chained { previous, entry });
    }
    all
}

fn verify(key: &SubjectKey, list: &[(Link, Vec<u8>)], count: usize) -> Result<Link, ChainError> {
    let chained = list.iter().map(|(previous, entry)| Chained {
        previous: *previous,
        entry,
    });
    key.verify_chain(chained, count as u64)
}

/// Entries as a log has them: no two alike, because each has its time.
fn entries() -> impl Strategy<Value = Vec<Vec<u8>>> {
    let entry = prop::collection::vec(any::<u8>(), 0..20);
    prop::collection::vec(entry, 1..12).prop_map(|entries| {
        let numbered = (0..).zip(entries);
        numbered
            .map(|(number, entry): (u8, Vec<u8>)| [vec![number], entry].concat())
            .collect()
    })
}

#[test]
fn the_values_are_those_of_the_documented_input() {
    // HMAC by its definition, RFC 2104, over the bytes that the module documents.
    use sha2::{Digest as _, Sha256};
    let (secret, subject, record) = ([7_u8; 32], b"subject".as_slice(), b"record".as_slice());
    let input = [
        b"tlog-commitment/v1\n",
        7_u64.to_be_bytes().as_slice(),
        subject,
        &6_u64.to_be_bytes(),
        record,
    ]
    .concat();
    let block = |pad: u8| -> Vec<u8> {
        (0..64)
            .map(|at| secret.get(at).copied().unwrap_or(0) ^ pad)
            .collect()
    };
    let inner = Sha256::digest([block(0x36), input].concat());
    let outer: [u8; 32] = Sha256::digest([block(0x5c), inner.to_vec()].concat()).into();
    assert_eq!(SubjectKey::new(secret).commit(subject, record).as_bytes(), &outer);
    assert!(!format!("{:?}", SubjectKey::new(secret)).contains('7'));
}

#[test]
fn an_empty_chain_has_no_entries() {
    let key = SubjectKey::new([1; 32]);
    assert_eq!(
        verify(&key, &[], 0).unwrap().as_bytes(),
        key.first_link().as_bytes()
    );
    assert_eq!(
        verify(&key, &[], 1).unwrap_err(),
        ChainError::Count { count: 1, found: 0 }
    );
    let one = chain(&key, &[b"a".to_vec()]);
    assert_eq!(
        verify(&key, &one, 0).unwrap_err(),
        ChainError::Count { count: 0, found: 1 }
    );
    let endless = std::iter::repeat_with(|| Chained {
        previous: key.first_link(),
        entry: b"a",
    });
    assert_eq!(
        key.verify_chain(endless, 0).unwrap_err(),
        ChainError::Count { count: 0, found: 1 }
    );
}

proptest! {
    #[test]
    fn a_whole_chain_verifies_and_goes_on(entries in entries(), secret in any::<[u8; 32]>()) {
        let key = SubjectKey::new(secret);
        let list = chain(&key, &entries);
        let (last, rest) = list.split_last().unwrap();
        prop_assert!(verify(&key, &list, list.len()).is_ok());
        let next = verify(&key, rest, rest.len()).unwrap();
        prop_assert_eq!(next.as_bytes(), last.0.as_bytes());
        prop_assert_eq!(
            verify(&key, rest, list.len()).unwrap_err(),
            ChainError::Count { count: list.len() as u64, found: rest.len() as u64 }
        );
    }

    #[test]
    fn whatever_is_done_to_a_chain_is_noticed(
        entries in entries(),
        secret in any::<[u8; 32]>(),
        at in any::<prop::sample::Index>(),
        to in any::<prop::sample::Index>(),
        flip in 1..=255_u8,
    ) {
        let key = SubjectKey::new(secret);
        let list = chain(&key, &entries);
        let (at, to) = (at.index(list.len()), to.index(list.len()));
        let mut without = list.clone();
        without.remove(at);
        prop_assert!(verify(&key, &without, list.len()).is_err());
        prop_assert!(verify(&key, &without, without.len()).is_err() || at == without.len());
        let mut twice = list.clone();
        twice.insert(at, list.get(to).unwrap().clone());
        prop_assert!(verify(&key, &twice, twice.len()).is_err());
        let mut moved = list.clone();
        moved.swap(at, to);
        prop_assert!(verify(&key, &moved, list.len()).is_err() || at == to);
        let mut relinked = list.clone();
        let mut link = *list.get(at).unwrap().0.as_bytes();
        *link.get_mut(to % 32).unwrap() ^= flip;
        relinked.get_mut(at).unwrap().0 = Link::new(link);
        prop_assert_eq!(verify(&key, &relinked, list.len()).unwrap_err(), ChainError::Broken { place: at as u64 });
        // The last entry is vouched for by the log; all others by the link after them.
        let mut changed = list.clone();
        *changed.get_mut(at).unwrap().1.first_mut().unwrap() ^= flip;
        prop_assert!(verify(&key, &changed, list.len()).is_err() || at + 1 == list.len());
        let other = SubjectKey::new(secret.map(|byte| byte ^ flip));
        prop_assert_eq!(verify(&other, &list, list.len()).unwrap_err(), ChainError::Broken { place: 0 });
    }

    #[test]
    fn a_commitment_is_of_one_subject_and_one_record(
        subject in prop::collection::vec(any::<u8>(), 0..12),
        record in prop::collection::vec(any::<u8>(), 1..12),
        secret in any::<[u8; 32]>(),
        at in 0..32_usize,
        flip in 1..=255_u8,
    ) {
        let key = SubjectKey::new(secret);
        let commitment = key.commit(&subject, &record);
        prop_assert!(key.is_commitment(&commitment, &subject, &record));
        let (first, rest) = record.split_first().unwrap();
        let longer = [subject.as_slice(), &[*first]].concat();
        prop_assert!(!key.is_commitment(&commitment, &longer, rest), "the border between them counts");
        let mut bytes = *commitment.as_bytes();
        *bytes.get_mut(at).unwrap() ^= flip;
        prop_assert!(!key.is_commitment(&Commitment::new(bytes), &subject, &record));
    }
}
