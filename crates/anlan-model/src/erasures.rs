//! Erasing: what is left of a case and its events once their words are gone. What statistics need stays: class, cell,
//! division, office, states, times, counters. Which data goes when is the classification's.

use crate::cases::{Case, Closing, Phase, Rating};
use crate::events::Event;
use crate::places::Place;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Why something is erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasureGround {
    /// Its period is over.
    Period,
    /// The person it is about asked for it (Personal Information Protection Law, art. 47).
    Request,
}

/// What kind of thing is erased, as the register of erasures counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErasureKind {
    /// A reporter's contact data.
    Contact,
    /// A case's words, exact place, photos, tracking codes and the key of its access chain.
    Case,
    /// One report's words on request.
    Report,
    /// Rows an import kept back, and its file's name.
    Import,
    /// A file handed in.
    Upload,
    /// A job that was given up.
    Job,
    /// A session that expired.
    Session,
    /// A file of the data folder that no row speaks of.
    Orphan,
    /// What was left of all these in pages, index and log of the database.
    Residue,
}

impl ErasureKind {
    /// Every kind, in the order a run takes them.
    pub const ALL: [Self; 9] = [
        Self::Contact,
        Self::Case,
        Self::Report,
        Self::Import,
        Self::Upload,
        Self::Job,
        Self::Session,
        Self::Orphan,
        Self::Residue,
    ];

    /// The word kept in the register.
    pub fn word(self) -> &'static str {
        match self {
            Self::Contact => "contact",
            Self::Case => "case",
            Self::Report => "report",
            Self::Import => "import",
            Self::Upload => "upload",
            Self::Job => "job",
            Self::Session => "session",
            Self::Orphan => "orphan",
            Self::Residue => "residue",
        }
    }
}

/// One line of the register of erasures.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Erasure {
    /// When.
    pub at: Timestamp,
    /// Who; `None` for a timer.
    pub by: Option<crate::ids::AccountId>,
    /// What kind of thing.
    pub kind: ErasureKind,
    /// Why.
    pub ground: ErasureGround,
    /// The case, where it was about one.
    pub case: Option<crate::ids::CaseId>,
    /// How many.
    pub count: u32,
}

impl Place {
    fn erase_texts(&mut self) {
        self.point = None;
        self.error_m = None;
        self.address = None;
    }
}

fn erase_note(closing: &mut Option<Closing>) {
    if let Some(closing) = closing {
        closing.note.clear();
    }
}

fn erase_comment(rating: &mut Rating) {
    rating.comment.clear();
}

impl Case {
    /// Takes its words and its exact place out.
    pub(crate) fn erase_texts(&mut self, at: Timestamp) {
        self.title.clear();
        self.place.erase_texts();
        erase_note(&mut self.closing);
        self.rating.iter_mut().for_each(erase_comment);
        self.texts_erased_at = Some(at);
    }

    /// Whether its period is over: done with before that time, and its words still there.
    pub fn is_due(&self, before: Timestamp) -> bool {
        self.phase != Phase::Open && self.updated_at < before && !self.is_without_texts()
    }

    /// Whether its words were erased and none were written since.
    pub fn is_without_texts(&self) -> bool {
        self.texts_erased_at.is_some()
    }
}

impl Event {
    /// The event without words and exact places. Folding events taken so gives the same case as folding them whole, once
    /// `TextsErased` follows.
    #[must_use]
    pub fn without_texts(mut self) -> Self {
        match &mut self {
            Self::CaseOpened(opened) => {
                opened.title.clear();
                opened.place.erase_texts();
                erase_note(&mut opened.closing);
            }
            Self::CaseMoved(moved) => {
                moved.rule_cited = None;
                moved.note.clear();
                erase_note(&mut moved.closing);
            }
            Self::CasePlaced { place, .. } => place.erase_texts(),
            Self::NoteAdded { note } => note.clear(),
            Self::CaseRated { rating } => erase_comment(rating),
            Self::CaseReclassified { .. }
            | Self::ReportJoined { .. }
            | Self::CaseMerged { .. }
            | Self::CaseSplit { .. }
            | Self::PhotoAdded { .. }
            | Self::TextsErased { .. } => {}
        }
        self
    }
}
