//! Which cases have the words somebody looks for, as a set. The last few questions are kept until something happens: a desk
//! asks for its list, its map and its totals with the same words.

use super::bits::Bits;
use crate::Error;
use anlan_store::search;
use anlan_store::{Store, Tx};
use std::sync::{Arc, Mutex, PoisonError};

/// Questions kept; each takes an eighth of a megabyte where there are a million cases.
const KEPT_MAX: usize = 32;

/// Answers, the latest asked for last.
#[derive(Debug, Default)]
pub(crate) struct Texts(Mutex<Vec<Answer>>);

#[derive(Debug)]
struct Answer {
    text: String,
    /// The newest event when it was found.
    seq: i64,
    cases: Arc<Bits>,
}

impl Texts {
    /// The cases with these words, as of now.
    pub(super) fn cases(&self, store: &Store, text: &str) -> Result<Arc<Bits>, Error> {
        store.read(|tx| {
            let seq = anlan_store::events::last(tx)?;
            if let Some(kept) = self.kept(text, seq) {
                return Ok(kept);
            }
            let cases = Arc::new(find(tx, text)?);
            self.keep(Answer {
                text: text.to_owned(),
                seq,
                cases: Arc::clone(&cases),
            });
            Ok(cases)
        })
    }

    fn kept(&self, text: &str, seq: i64) -> Option<Arc<Bits>> {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|answer| answer.seq >= seq);
        let found = answers
            .iter()
            .position(|answer| answer.seq == seq && answer.text == text)?;
        let answer = answers.remove(found);
        let cases = Arc::clone(&answer.cases);
        answers.push(answer);
        Some(cases)
    }

    fn keep(&self, answer: Answer) {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if answers.len() >= KEPT_MAX {
            answers.remove(0);
        }
        answers.push(answer);
    }
}

fn find(tx: &mut Tx<'_>, text: &str) -> Result<Bits, Error> {
    let mut found = Bits::default();
    if let Some(words) = search::words_in(tx, text)? {
        search::each(tx, &words, |id| {
            if let Ok(at) = usize::try_from(id.0) {
                found.set(at, true);
            }
        })?;
    }
    Ok(found)
}
