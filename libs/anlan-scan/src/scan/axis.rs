//! Time as the scan walks it: cumulated slots, and the spans as differences of two of them. Knows no counts.

use super::windows::{Span, Time};

/// A span as the difference of two slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Check {
    pub(crate) high: usize,
    /// Subtracted; nothing where the slot itself is the span.
    pub(crate) low: Option<usize>,
    pub(crate) span: Span,
}

/// Slots over time. Counts are cumulated over them, so that every span costs one subtraction or none.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    steps: usize,
    /// First step that any span holds.
    pub(crate) first: usize,
    pub(crate) slots: usize,
    is_backward: bool,
    pub(crate) checks: Vec<Check>,
}

impl Axis {
    pub(crate) fn new(time: Time, steps: usize) -> Self {
        let spans = time.spans(steps);
        let first = spans.iter().map(|span| span.from).min().unwrap_or(0);
        let (slots, is_backward) = match time {
            Time::Whole => (1, false),
            Time::Alive { .. } => (steps - first, true),
            Time::Any { .. } | Time::AliveSince { .. } => (steps - first, false),
        };
        let mut axis = Self {
            steps,
            first,
            slots,
            is_backward,
            checks: Vec::new(),
        };
        axis.checks = spans.iter().map(|span| axis.check(*span)).collect();
        axis
    }

    fn check(&self, span: Span) -> Check {
        let (high, low) = if self.slots == 1 {
            (0, None)
        } else if self.is_backward {
            (self.steps - 1 - span.from, None)
        } else {
            (
                span.until - 1 - self.first,
                (span.from - self.first).checked_sub(1),
            )
        };
        Check { high, low, span }
    }

    /// The slot in which a step is counted; `None` if no span holds it.
    pub(crate) fn slot(&self, step: usize) -> Option<usize> {
        if self.slots == 1 {
            return Some(0);
        }
        let after = step.checked_sub(self.first)?;
        Some(if self.is_backward {
            self.slots - 1 - after
        } else {
            after
        })
    }

    /// Whether a span is what is left of one slot without another.
    pub(crate) fn has_differences(&self) -> bool {
        self.checks.iter().any(|check| check.low.is_some())
    }

    /// How counts and sizes lie for a walk.
    pub(crate) fn layout(&self, places: usize) -> Layout {
        let width = if self.has_differences() || self.slots == 1 {
            self.slots
        } else {
            BLOCK
        };
        Layout {
            places,
            width,
            slots: self.slots.next_multiple_of(width),
        }
    }
}

/// Slots that a walk takes at a time where each is a window by itself: as many as leave the counts of a thousand places
/// in the processor's second cache.
pub(crate) const BLOCK: usize = 4;

/// Blocks of slots one after another, each place by place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Layout {
    pub(crate) places: usize,
    /// Slots of a block.
    pub(crate) width: usize,
    /// Slots, filled up to whole blocks.
    pub(crate) slots: usize,
}

impl Layout {
    pub(crate) fn cells(&self) -> usize {
        self.places * self.slots
    }

    pub(crate) fn blocks(&self) -> usize {
        self.slots / self.width
    }

    /// Where a slot of a place lies.
    #[inline]
    pub(crate) fn at(&self, place: usize, slot: usize) -> usize {
        (slot / self.width * self.places + place) * self.width + slot % self.width
    }
}
