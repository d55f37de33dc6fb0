//! A Rust source file taken apart just far enough for the checks: code with comments and literals blanked out, the
//! string literals, and which lines are test code. It is no parser and judges nothing.

/// A source file, line by line.
#[derive(Debug, Default)]
pub(crate) struct Source {
    /// Lines of code; comments, strings and characters replaced by spaces.
    pub(crate) code: Vec<String>,
    /// String literals and the line (from 1) where each begins.
    pub(crate) strings: Vec<(usize, String)>,
    /// Whether the line belongs to an inline test module.
    pub(crate) is_test: Vec<bool>,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Code,
    Comment,
    Text,
    Character,
}

impl Source {
    /// Takes a source apart.
    pub(crate) fn of(text: &str) -> Self {
        let mut code = String::with_capacity(text.len());
        let mut strings = Vec::new();
        let (mut rest, mut line, mut before) = (text, 1, ' ');
        while !rest.is_empty() {
            let (kind, length) = token(rest, before);
            let (piece, after) = rest.split_at(length);
            match kind {
                Kind::Code => code.push_str(piece),
                Kind::Text => {
                    strings.push((line, piece.to_owned()));
                    blank(piece, &mut code);
                }
                Kind::Comment | Kind::Character => blank(piece, &mut code),
            }
            line += piece.matches('\n').count();
            before = piece.chars().last().unwrap_or(' ');
            rest = after;
        }
        let code: Vec<String> = code.lines().map(str::to_owned).collect();
        let is_test = test_lines(&code);
        Self {
            code,
            strings,
            is_test,
        }
    }

    /// Lines outside inline tests, each with its number from 1.
    pub(crate) fn program_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.code
            .iter()
            .zip(&self.is_test)
            .enumerate()
            .filter_map(|(index, (line, is_test))| {
                if *is_test {
                    None
                } else {
                    Some((index + 1, line.as_str()))
                }
            })
    }

    /// Whether a line (from 1) belongs to an inline test module.
    pub(crate) fn is_test_line(&self, line: usize) -> bool {
        self.is_test.get(line.saturating_sub(1)).copied().unwrap_or(false)
    }
}

fn blank(piece: &str, code: &mut String) {
    code.extend(piece.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
}

/// What begins here, and how many bytes it takes.
fn token(rest: &str, before: char) -> (Kind, usize) {
    if rest.starts_with("//") {
        return (Kind::Comment, rest.find('\n').unwrap_or(rest.len()));
    }
    if rest.starts_with("/*") {
        return (Kind::Comment, block_comment(rest));
    }
    if !is_word(before)
        && let Some(length) = raw_string(rest)
    {
        return (Kind::Text, length);
    }
    if rest.starts_with('"') {
        return (Kind::Text, until_quote(rest, '"'));
    }
    let mut chars = rest.chars();
    match (chars.next(), chars.next(), chars.next()) {
        (Some('\''), Some('\\'), _) | (Some('\''), Some(_), Some('\'')) => {
            (Kind::Character, until_quote(rest, '\''))
        }
        (first, ..) => (Kind::Code, first.map_or(1, char::len_utf8)),
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(here) = rest.get(at..).filter(|here| !here.is_empty()) {
        if here.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if here.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += here.chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn raw_string(rest: &str) -> Option<usize> {
    let inner = ["r", "br", "cr"]
        .iter()
        .find_map(|prefix| rest.strip_prefix(prefix))?;
    let hashes = inner.chars().take_while(|c| *c == '#').count();
    let body = inner.trim_start_matches('#').strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let start = rest.len() - body.len();
    Some(
        body.find(&end)
            .map_or(rest.len(), |found| start + found + end.len()),
    )
}

fn until_quote(rest: &str, quote: char) -> usize {
    let mut is_escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if is_escaped {
            is_escaped = false;
        } else if c == '\\' {
            is_escaped = true;
        } else if c == quote {
            return at + c.len_utf8();
        }
    }
    rest.len()
}

/// Marks each `#[cfg(test)]` item, from its attribute to its closing brace.
fn test_lines(code: &[String]) -> Vec<bool> {
    let mut marks = vec![false; code.len()];
    let (mut depth, mut is_inside, mut has_begun) = (0_i64, false, false);
    for (line, mark) in code.iter().zip(&mut marks) {
        if !is_inside && line.contains("#[cfg(test)]") {
            (is_inside, has_begun, depth) = (true, false, 0);
        }
        *mark = is_inside;
        if !is_inside {
            continue;
        }
        for c in line.chars() {
            depth += i64::from(c == '{') - i64::from(c == '}');
            has_begun |= c == '{';
        }
        let is_bare_item = !has_begun && line.trim_end().ends_with(';');
        is_inside = !(is_bare_item || (has_begun && depth <= 0));
    }
    marks
}

/// Whether a character can be part of a name.
pub(crate) fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Byte positions where `word` stands alone, not as part of a longer name.
pub(crate) fn words_at(line: &str, word: &str) -> Vec<usize> {
    line.match_indices(word)
        .filter(|(at, _)| {
            let (left, right) = line.split_at(*at);
            let after = right.strip_prefix(word).and_then(|tail| tail.chars().next());
            !left.chars().last().is_some_and(is_word) && !after.is_some_and(is_word)
        })
        .map(|(at, _)| at)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_strings_and_characters_are_blanked() {
        let source = Source::of(
            "let a = \"spawn // no\"; // spawn\nlet b = '\"'; let c: &'static str = r#\"x\"y\"#;\n/* a /* b */ c */ d();",
        );
        assert_eq!(
            source.code[0].split_whitespace().collect::<Vec<_>>(),
            ["let", "a", "=", ";"]
        );
        assert!(source.code[1].contains("&'static str"));
        assert!(source.code[2].ends_with(" d();"));
        assert_eq!(
            source.strings.iter().map(|s| s.1.as_str()).collect::<Vec<_>>(),
            ["\"spawn // no\"", "r#\"x\"y\"#"]
        );
    }

    #[test]
    fn inline_tests_are_known() {
        let source = Source::of("fn a() {}\n#[cfg(test)]\nmod tests {\n fn b() {}\n}\nfn c() {}\n");
        assert_eq!(source.is_test, [false, true, true, true, true, false]);
        let bare = Source::of("#[cfg(test)]\nmod tests;\nfn c() {}\n");
        assert_eq!(bare.is_test, [true, true, false]);
    }

    #[test]
    fn words_stand_alone() {
        assert_eq!(words_at("respawn spawn(spawn_blocking)", "spawn"), [8]);
    }
}
