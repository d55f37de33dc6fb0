//! Which cases have the words somebody looks for where they may read them, as a set. The last few questions are kept until
//! something happens: a desk asks for its list, its map and its totals with the same words.

use super::bits::Bits;
use super::index::Index;
use super::wanted;
use crate::Error;
use anlan_model::ids::CaseId;
use anlan_policy::RowRule;
use anlan_store::search::{self, Part};
use anlan_store::{Store, Tx};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::sync::{Arc, Mutex, PoisonError};

/// Questions kept; each takes an eighth of a megabyte where there are a million cases.
const KEPT_MAX: usize = 32;

/// Of which cases somebody may read what was told, and of which the address.
#[derive(Debug, Clone)]
pub(super) struct Readable {
    pub(super) told: Option<RowRule>,
    pub(super) place: Option<RowRule>,
}

impl Readable {
    /// Whether that is both, of every case the rule admits.
    fn is_all_of(&self, rule: &RowRule) -> bool {
        [&self.told, &self.place]
            .into_iter()
            .all(|part| part.as_ref().is_some_and(|part| part.covers(rule)))
    }
}

/// Cases with the words, before it is looked at who may read them.
#[derive(Debug)]
pub(super) struct Found {
    /// The case whose number the text is, if it is one: whoever sees a case sees its number.
    number: Option<(CaseId, String)>,
    by_words: ByWords,
}

#[derive(Debug)]
enum ByWords {
    /// In texts that may all be read.
    Readable(Arc<Bits>),
    /// By where they stand. Of cases that may be read whole, words may stand in one text or in several.
    Parted {
        readable: Box<Readable>,
        any: Arc<Bits>,
        told: Arc<Bits>,
        place: Arc<Bits>,
    },
}

impl Found {
    /// The cases that have the words in what may be read of them.
    pub(super) fn shown(&self, index: &Index) -> Arc<Bits> {
        let mut shown = self.by_words.shown(index);
        if let Some(at) = self.numbered(index) {
            Arc::make_mut(&mut shown).set(at, true);
        }
        shown
    }

    /// A number holds the year of opening too; that of another year is nobody's.
    fn numbered(&self, index: &Index) -> Option<usize> {
        let (id, text) = self.number.as_ref()?;
        let at = usize::try_from(id.0).ok()?;
        let opened = Timestamp::from_millisecond(index.columns.opened_ms(at)).ok()?;
        let number = id.number(opened.to_zoned_datetime(TimeZone::UTC).year());
        (plain(&number) == plain(text)).then_some(at)
    }
}

/// A number without its dash and in capitals.
fn plain(number: &str) -> String {
    number.trim().to_ascii_uppercase().replace('-', "")
}

impl ByWords {
    fn shown(&self, index: &Index) -> Arc<Bits> {
        let (readable, any, told, place) = match self {
            Self::Readable(cases) => return Arc::clone(cases),
            Self::Parted {
                readable,
                any,
                told,
                place,
            } => (readable, any, told, place),
        };
        let (told_rule, place_rule) = (readable.told.as_ref(), readable.place.as_ref());
        let mut shown = within(index, within(index, Bits::clone(any), told_rule), place_rule);
        shown.add(&within(index, Bits::clone(told), told_rule));
        shown.add(&within(index, Bits::clone(place), place_rule));
        Arc::new(shown)
    }
}

/// Those of the cases that the rule admits; without a rule none.
fn within(index: &Index, mut cases: Bits, rule: Option<&RowRule>) -> Bits {
    let Some(rule) = rule else {
        return Bits::default();
    };
    for test in wanted::reach(index, rule) {
        cases.keep_if(test);
    }
    cases
}

/// Answers, the latest asked for last.
#[derive(Debug, Default)]
pub(crate) struct Texts(Mutex<Vec<Answer>>);

#[derive(Debug)]
struct Answer {
    text: String,
    part: Part,
    /// The newest event when it was found.
    seq: i64,
    cases: Arc<Bits>,
}

impl Texts {
    /// The cases with these words, as of now, for somebody who sees the cases the rule admits and may read that of them.
    pub(super) fn find(
        &self,
        store: &Store,
        text: &str,
        rule: &RowRule,
        readable: Readable,
    ) -> Result<Found, Error> {
        Ok(Found {
            number: CaseId::from_number(text).map(|id| (id, text.to_owned())),
            by_words: self.by_words(store, text, rule, readable)?,
        })
    }

    fn by_words(
        &self,
        store: &Store,
        text: &str,
        rule: &RowRule,
        readable: Readable,
    ) -> Result<ByWords, Error> {
        if readable.is_all_of(rule) {
            return self.cases(store, text, Part::Any).map(ByWords::Readable);
        }
        let part = |is_read: bool, part| {
            if is_read {
                self.cases(store, text, part)
            } else {
                Ok(Arc::default())
            }
        };
        let (is_told, is_place) = (readable.told.is_some(), readable.place.is_some());
        Ok(ByWords::Parted {
            any: part(is_told && is_place, Part::Any)?,
            told: part(is_told, Part::Told)?,
            place: part(is_place, Part::Place)?,
            readable: Box::new(readable),
        })
    }

    fn cases(&self, store: &Store, text: &str, part: Part) -> Result<Arc<Bits>, Error> {
        store.read(|tx| {
            let seq = anlan_store::events::last(tx)?;
            if let Some(kept) = self.kept(text, part, seq) {
                return Ok(kept);
            }
            let cases = Arc::new(find(tx, text, part)?);
            self.keep(Answer {
                text: text.to_owned(),
                part,
                seq,
                cases: Arc::clone(&cases),
            });
            Ok(cases)
        })
    }

    fn kept(&self, text: &str, part: Part, seq: i64) -> Option<Arc<Bits>> {
        let mut answers = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|answer| answer.seq >= seq);
        let found = answers
            .iter()
            .position(|answer| answer.seq == seq && answer.part == part && answer.text == text)?;
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

fn find(tx: &mut Tx<'_>, text: &str, part: Part) -> Result<Bits, Error> {
    let mut found = Bits::default();
    if let Some(words) = search::words_in(tx, text, part)? {
        search::each(tx, &words, |id| {
            if let Ok(at) = usize::try_from(id.0) {
                found.set(at, true);
            }
        })?;
    }
    Ok(found)
}
