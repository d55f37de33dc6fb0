//! Counts of tests, read off the closing lines of the runners in use. Counts only; whether a step passed is for its
//! exit code to say.

use std::iter::Peekable;

/// How many tests passed, failed and were skipped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) passed: u32,
    pub(super) failed: u32,
    pub(super) skipped: u32,
}

impl Tally {
    /// Both together.
    pub(super) fn and(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
            skipped: self.skipped + other.skipped,
        }
    }

    /// A step counts as one test where its runner tells no numbers, and a failed step never counts as none failed.
    pub(super) fn or_at_least_one(self, is_good: bool) -> Self {
        let is_counted = self != Self::default();
        match (is_good, is_counted) {
            (true, false) => Self { passed: 1, ..self },
            (false, _) if self.failed == 0 => Self { failed: 1, ..self },
            _ => self,
        }
    }

    /// The sum over all closing lines in a runner's output: nextest, cargo test, vitest, node's runner, playwright.
    pub(super) fn read(output: &str) -> Self {
        output
            .lines()
            .map(|line| Self::read_line(&without_colours(line)))
            .fold(Self::default(), Self::and)
    }

    /// The counts of Python's `unittest`: `Ran 14 tests in 9.4s`, then perhaps `FAILED (failures=2, errors=1, skipped=1)`.
    pub(super) fn read_unittest(output: &str) -> Self {
        let number = |text: &str| text.parse::<u32>().unwrap_or(0);
        let ran = output
            .lines()
            .filter_map(|line| line.strip_prefix("Ran ")?.split(' ').next());
        let closing = output
            .lines()
            .rfind(|line| line.starts_with("OK") || line.starts_with("FAILED"));
        let sum = |word: &str| {
            let pairs = closing.unwrap_or_default().split(['(', ')', ',', ' ']);
            let counts = pairs.filter_map(|pair| pair.strip_prefix(word)?.strip_prefix('='));
            counts.map(number).sum::<u32>()
        };
        let (failed, skipped) = (sum("failures") + sum("errors"), sum("skipped"));
        let all: u32 = ran.map(number).sum();
        Self {
            passed: all.saturating_sub(failed + skipped),
            failed,
            skipped,
        }
    }

    fn read_line(line: &str) -> Self {
        let line = line.trim();
        let node = line.strip_prefix("# ").or_else(|| line.strip_prefix("ℹ "));
        if let Some((word, number)) = node.and_then(|rest| rest.split_once(' ')) {
            return Self::of(word, number.trim().parse().unwrap_or(0));
        }
        let is_closing =
            line.starts_with("Summary [") || line.starts_with("test result:") || line.starts_with("Tests  ");
        if is_closing || is_playwright(line) {
            Self::read_pairs(line)
        } else {
            Self::default()
        }
    }

    /// `12 passed`, `1 failed` … anywhere in the line.
    fn read_pairs(line: &str) -> Self {
        let words: Vec<&str> = line
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
            .collect();
        let pairs = words.iter().zip(words.iter().skip(1));
        let counts = pairs.filter_map(|(number, word)| Some(Self::of(word, number.parse().ok()?)));
        counts.fold(Self::default(), Self::and)
    }

    fn of(word: &str, count: u32) -> Self {
        match word {
            "passed" | "pass" => Self {
                passed: count,
                ..Self::default()
            },
            "failed" | "fail" => Self {
                failed: count,
                ..Self::default()
            },
            "skipped" | "ignored" => Self {
                skipped: count,
                ..Self::default()
            },
            _ => Self::default(),
        }
    }
}

/// A line that is nothing but `12 passed (3.4s)`.
fn is_playwright(line: &str) -> bool {
    let mut words = line.split(' ');
    let is_number = words.next().is_some_and(|word| word.parse::<u32>().is_ok());
    let is_word = words
        .next()
        .is_some_and(|word| ["passed", "failed", "skipped"].contains(&word));
    let has_end = words.next().is_none_or(|word| word.starts_with('('));
    is_number && is_word && has_end && words.next().is_none()
}

fn without_colours(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            skip_sequence(&mut chars);
        } else {
            plain.push(c);
        }
    }
    plain
}

fn skip_sequence(chars: &mut Peekable<std::str::Chars<'_>>) {
    if chars.next_if_eq(&'[').is_some() {
        while chars.next().is_some_and(|c| !c.is_ascii_alphabetic()) {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_read() {
        for (output, want) in [
            (
                "     Summary [   0.014s] 10 tests run: 9 passed (1 slow), 1 failed, 2 skipped",
                (9, 1, 2),
            ),
            (
                "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured\ntest result: ok. 2 passed; 0 failed; 0 ignored",
                (7, 0, 1),
            ),
            (
                " Test Files  2 passed (2)\n      Tests  1 failed | 11 passed | 2 skipped (14)",
                (11, 1, 2),
            ),
            (
                "\u{1b}[2m      Tests \u{1b}[22m \u{1b}[32m3 passed\u{1b}[39m (3)",
                (3, 0, 0),
            ),
            ("# tests 5\n# pass 4\n# fail 1\n# skipped 0", (4, 1, 0)),
            ("ℹ pass 4", (4, 0, 0)),
            ("  1 failed\n  12 passed (30.1s)", (12, 1, 0)),
            ("we passed 3 failed states", (0, 0, 0)),
        ] {
            let tally = Tally::read(output);
            assert_eq!((tally.passed, tally.failed, tally.skipped), want, "{output}");
        }
    }

    #[test]
    fn a_step_counts_as_at_least_one() {
        assert_eq!(Tally::default().or_at_least_one(true).passed, 1);
        assert_eq!(
            Tally {
                passed: 3,
                ..Tally::default()
            }
            .or_at_least_one(false)
            .failed,
            1
        );
    }

    #[test]
    fn unittest_tells_failures_after_the_number_of_tests() {
        let tally = |output: &str| {
            let tally = Tally::read_unittest(output);
            (tally.passed, tally.failed, tally.skipped)
        };
        assert_eq!(tally("...\n\nRan 14 tests in 9.4s\n\nOK\n"), (14, 0, 0));
        let bad = "F\nRan 9 tests in 1s\n\nFAILED (failures=2, errors=1, skipped=1)\n";
        assert_eq!(tally(bad), (5, 3, 1));
    }
}
