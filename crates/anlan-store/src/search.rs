//! Full text of cases in Chinese and English: title, address and the reports' descriptions. Han runs become overlapping
//! pairs and single characters, so no dictionary is needed; other words are folded in case, width,
//! accents and English plurals. Facts and contacts are never indexed. Who may read only the words of a case or only its
//! address finds it by those alone: words of the address are marked.

use crate::error::Error;
use crate::reports;
use crate::tx::Tx;
use anlan_model::cases::Case;
use anlan_model::events::Opened;
use anlan_model::ids::CaseId;
use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Characters of one text that are indexed; the rest of a 10 MB description finds nothing but is kept.
const INDEXED_CHARS_MAX: usize = 4000;
/// Cases that a word matches as it stands, up to which it may also be the beginning of another.
const RARE_MAX: i64 = 5000;
/// Characters a last word must have to be looked up as a beginning.
const OPEN_CHARS_MIN: usize = 3;
/// Pages of the index written at a time when it is merged.
const MERGED_PAGES: i64 = 64;
/// Words of a question that count.
const QUERY_WORDS_MAX: usize = 16;
/// Before a word of the address that nobody told. No text folds into a mark, as it is neither letter, digit nor accent.
const PLACE_ALONE: char = '§';
/// Before a word of the address that somebody told as well.
const PLACE_TOO: char = '¶';

/// In which of a case's texts words are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// In all of them.
    Any,
    /// In what was told: the title and the descriptions.
    Told,
    /// In the address.
    Place,
}

/// What a case with its first report is found by.
pub(crate) fn words_of(opened: &Opened, description: &str) -> String {
    words(
        [opened.title.as_str(), description],
        opened.place.address.as_deref(),
    )
}

/// What a case with these descriptions is found by.
pub(crate) fn words_of_case<'a>(case: &'a Case, descriptions: impl Iterator<Item = &'a str>) -> String {
    let told = std::iter::once(case.title.as_str()).chain(descriptions);
    words(told, case.place.address.as_deref())
}

/// Indexes a case anew: after its title or address changed, or reports came or went.
pub fn refresh(tx: &mut Tx<'_>, case: &Case) -> Result<(), Error> {
    let all = reports::of_case(tx, case.id)?;
    let words = words_of_case(case, all.iter().map(|report| report.description.as_str()));
    tx.exec("DELETE FROM search WHERE rowid = ?1", &[case.id.into()])?;
    insert(tx, case.id, &words)
}

/// Takes words of cases that were indexed anew out of the index, a part at a time: `false` once none is left. The first call
/// of a round says so.
pub fn merge(tx: &mut Tx<'_>, is_first: bool) -> Result<bool, Error> {
    // A negative number takes every segment in, however few; what is documented as the end of a merge is a call that changes
    // less than two rows (https://sqlite.org/fts5.html#the_merge_command).
    let pages = if is_first { -MERGED_PAGES } else { MERGED_PAGES };
    let before = tx.changes();
    tx.exec(
        "INSERT INTO search (search, rank) VALUES ('merge', ?1)",
        &[pages.into()],
    )?;
    Ok(tx.changes().wrapping_sub(before) >= 2)
}

/// Indexes a case that is not indexed yet.
pub(crate) fn insert(tx: &mut Tx<'_>, case: CaseId, words: &str) -> Result<(), Error> {
    tx.exec(
        "INSERT INTO search (rowid, words) VALUES (?1, ?2)",
        &[case.into(), words.into()],
    )?;
    Ok(())
}

/// The words of a case: each as it is, those of its address once more with their mark.
fn words<'a>(told: impl IntoIterator<Item = &'a str>, address: Option<&str>) -> String {
    let mut all = tokens(told);
    let place = tokens(address);
    let mut marks: BTreeMap<&str, char> = place
        .split_terminator(' ')
        .map(|word| (word, PLACE_ALONE))
        .collect();
    for word in all.split_terminator(' ') {
        if let Some(mark) = marks.get_mut(word) {
            *mark = PLACE_TOO;
        }
    }
    all.push_str(&place);
    for (word, mark) in marks {
        all.push(mark);
        all.push_str(word);
        all.push(' ');
    }
    all
}

fn tokens<'a>(texts: impl IntoIterator<Item = &'a str>) -> String {
    let mut tokens = Tokens::default();
    for text in texts {
        fold(text, |c| tokens.take(c));
        tokens.end();
    }
    tokens.out
}

/// Writes down the tokens of a text, parted by blanks: words, pairs of Han characters, and each of these alone. Without
/// the last, a single character would have to be found as the beginning of hundreds of pairs, which for a common one takes
/// a second among a million cases.
#[derive(Default)]
struct Tokens {
    out: String,
    last_han: Option<char>,
    is_in_word: bool,
}

impl Tokens {
    fn take(&mut self, c: char) {
        if is_han(c) {
            self.end_word();
            if let Some(last) = self.last_han {
                self.out.extend([last, c, ' ']);
            }
            self.out.extend([c, ' ']);
            self.last_han = Some(c);
        } else {
            self.last_han = None;
            if is_token(c) {
                self.out.push(c);
                self.is_in_word = true;
            } else {
                self.end_word();
            }
        }
    }

    fn end(&mut self) {
        self.last_han = None;
        self.end_word();
    }

    fn end_word(&mut self) {
        if std::mem::take(&mut self.is_in_word) {
            let word = self.out.rsplit(' ').next().unwrap_or_default();
            let length = self.out.len() - word.len() + singular(word).len();
            self.out.truncate(length);
            self.out.push(' ');
        }
    }
}

/// An English word without its plural `s`, so that `lights` finds `light`; other words as they are.
fn singular(word: &str) -> &str {
    let is_plural =
        word.len() > 3 && word.is_ascii() && !["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    word.strip_suffix('s').filter(|_| is_plural).unwrap_or(word)
}

/// Hands over the text's characters as they are compared: without case, width and accents.
fn fold(text: &str, each: impl FnMut(char)) {
    let end = text
        .char_indices()
        .nth(INDEXED_CHARS_MAX)
        .map_or(text.len(), |(end, _)| end);
    let text = text.get(..end).unwrap_or(text);
    if text.chars().all(is_plain) {
        return text.chars().map(|c| c.to_ascii_lowercase()).for_each(each);
    }
    // Compatibility forms fold too: a full-width １２ finds 12. Accents are dropped, other marks belong to their letter.
    let parts = text.nfkd().filter(|c| !matches!(c, '\u{300}'..='\u{36F}'));
    parts.flat_map(char::to_lowercase).nfc().for_each(each);
}

/// What folding leaves alone but for ASCII case: most text, so it need not be taken apart. Full-width punctuation does
/// fold, but parts words either way.
fn is_plain(c: char) -> bool {
    c.is_ascii()
        || matches!(c, '\u{4E00}'..='\u{9FFF}' | '\u{3000}'..='\u{3002}' | '\u{3008}'..='\u{3011}'
            | '\u{FF01}'..='\u{FF0F}' | '\u{FF1A}'..='\u{FF1F}' | '\u{2018}'..='\u{201D}')
}

fn is_token(c: char) -> bool {
    c.is_alphanumeric() || is_combining_mark(c)
}

/// A stretch of a question that is looked up as a whole.
#[derive(Debug, PartialEq, Eq)]
enum Run {
    /// A word, folded.
    Word(String),
    /// Characters written without spaces between words.
    Han(Vec<char>),
}

fn runs(text: &str) -> Vec<Run> {
    let mut all = Vec::new();
    let mut is_inside = false;
    fold(text, |c| {
        match all.last_mut() {
            _ if !is_token(c) => {}
            Some(Run::Han(han)) if is_inside && is_han(c) => han.push(c),
            Some(Run::Word(word)) if is_inside && !is_han(c) => word.push(c),
            _ if is_han(c) => all.push(Run::Han(vec![c])),
            _ => all.push(Run::Word(c.into())),
        }
        is_inside = is_token(c);
    });
    all
}

/// Han, kana and hangul: written without spaces, or with spaces that do not part words.
fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x3005..=0x3007 | 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF
        | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

/// Words somebody looks for, in FTS5's language.
#[derive(Debug)]
pub struct Words(pub(crate) String);

/// Reads the words out of a text, to be looked for in that part; `None` if it has no word to look up.
pub fn words_in(tx: &mut Tx<'_>, text: &str, part: Part) -> Result<Option<Words>, Error> {
    let mut terms = terms(text);
    for term in terms.iter_mut().filter(|term| term.end == End::Either) {
        // Which words begin so is not marked, so in what was told they are looked for as they stand.
        term.end = if part != Part::Told && is_rare(tx, &term.asked(part))? {
            End::Open
        } else {
            End::Closed
        };
    }
    let quoted: Vec<String> = terms.iter().map(|term| term.asked(part)).collect();
    Ok((!quoted.is_empty()).then(|| Words(quoted.join(" AND "))))
}

fn is_rare(tx: &mut Tx<'_>, query: &str) -> Result<bool, Error> {
    let sql = "SELECT count(*) FROM (SELECT 1 FROM search WHERE search MATCH ?1 LIMIT ?2)";
    let found = tx.query_one(sql, &[query.into(), (RARE_MAX + 1).into()], |row| row.int(0))?;
    Ok(found.unwrap_or(0) <= RARE_MAX)
}

/// Hands over the cases that the words match, ascending: in the order of the index, which is ten million a second.
pub fn each(tx: &mut Tx<'_>, words: &Words, mut take: impl FnMut(CaseId)) -> Result<(), Error> {
    let sql = "SELECT rowid FROM search WHERE search MATCH ?1";
    tx.each(sql, &[words.0.as_str().into()], |row| {
        take(CaseId(row.int(0)?));
        Ok(true)
    })
}

/// Whether a term may go on beyond what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// It is whole.
    Closed,
    /// It may go on.
    Open,
    /// It may go on unless it is a common word as it stands.
    Either,
}

/// One thing that must be there.
#[derive(Debug)]
struct Term {
    word: String,
    end: End,
}

impl Term {
    fn whole(characters: &[char]) -> Self {
        Self {
            word: characters.iter().collect(),
            end: End::Closed,
        }
    }

    /// The term in FTS5's language.
    fn asked(&self, part: Part) -> String {
        match part {
            Part::Any => self.quoted(""),
            Part::Told => format!("({} NOT {})", self.quoted(""), self.quoted(PLACE_ALONE)),
            Part::Place => format!("({} OR {})", self.quoted(PLACE_ALONE), self.quoted(PLACE_TOO)),
        }
    }

    /// Quoted; the word holds letters, digits and accents only.
    fn quoted(&self, mark: impl std::fmt::Display) -> String {
        let star = if self.end == End::Open { "*" } else { "" };
        format!("\"{mark}{}\"{star}", self.word)
    }
}

/// Turns what a person typed into terms: every one must be there, the last may go on. Quotes, operators, emoji and
/// control characters mean nothing here.
fn terms(text: &str) -> Vec<Term> {
    let runs = runs(text);
    let last = runs.len().saturating_sub(1);
    let mut terms = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        match run {
            Run::Word(word) => {
                let is_typed_on = at == last && word.chars().nth(OPEN_CHARS_MIN - 1).is_some();
                let end = if is_typed_on { End::Either } else { End::Closed };
                terms.push(Term {
                    word: singular(word).to_owned(),
                    end,
                });
            }
            Run::Han(han) => match han.as_slice() {
                [one] => terms.push(Term::whole(&[*one])),
                several => terms.extend(several.windows(2).map(Term::whole)),
            },
        }
    }
    terms.truncate(QUERY_WORDS_MAX);
    terms
}
