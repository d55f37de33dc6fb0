//! Checks that the glossary has every public type of the model, and names no type that does not exist.

use crate::findings::Finding;
use crate::rust_source::{Source, is_word};

/// Types the glossary lacks, and names in it that no type bears. `model` is the model's sources, path and text.
pub(super) fn check(path: &str, glossary: &str, model: &[(String, String)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut types = Vec::new();
    for (file, text) in model {
        types.extend(
            public_types(text)
                .into_iter()
                .map(|(line, name)| (file.as_str(), line, name)),
        );
    }
    let named = type_names(glossary);
    for (file, line, name) in &types {
        if !named.iter().any(|(_, known)| known == name) {
            let what = format!("the type `{name}` is not in the glossary");
            findings.push(Finding::new(
                file,
                *line,
                "glossary",
                what,
                format!("add it to {path}: zh, en, code"),
            ));
        }
    }
    for (line, name) in &named {
        if !types.iter().any(|(_, _, known)| known == name) {
            let what = format!("`{name}` is no public type of the model");
            findings.push(Finding::new(
                path,
                *line,
                "glossary",
                what,
                "name it as the model does, or take it out",
            ));
        }
    }
    findings
}

/// Public structs, enums and traits, and the types named in a list that a macro turns into types.
fn public_types(text: &str) -> Vec<(usize, String)> {
    let source = Source::of(text);
    let mut found = Vec::new();
    let mut is_list = false;
    for (number, line) in source.program_lines() {
        let words: Vec<&str> = line
            .split(|c| !is_word(c))
            .filter(|word| !word.is_empty())
            .collect();
        if let ["pub", "struct" | "enum" | "trait", name, ..] = words.as_slice()
            && line.starts_with("pub ")
        {
            found.push((number, (*name).to_owned()));
        }
        let is_listed = is_list
            && line
                .trim()
                .strip_suffix(',')
                .is_some_and(|rest| rest.chars().all(is_word));
        if let ([name], true) = (words.as_slice(), is_listed) {
            found.push((number, (*name).to_owned()));
        }
        if line.starts_with(|c: char| c.is_lowercase()) && line.trim_end().ends_with("! {") {
            is_list = true;
        } else if line.starts_with('}') {
            is_list = false;
        }
    }
    found
}

/// Backticked names in the shape of a type, with their lines.
fn type_names(glossary: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (index, line) in glossary.lines().enumerate() {
        for quoted in line.split('`').skip(1).step_by(2) {
            let is_type = quoted.starts_with(|c: char| c.is_ascii_uppercase()) && quoted.chars().all(is_word);
            if is_type && quoted.chars().any(char::is_lowercase) {
                found.push((index + 1, quoted.to_owned()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_and_glossary_agree() {
        let model = "//! M\npub struct Case;\npub enum Phase {\n    Open,\n}\nnumber_id! {\n    /// A.\n    CaseId,\n    OfficeId,\n}\nstruct Hidden;\n\
                     macro_rules! x {\n    (a) => {\n        pub struct $name;\n    };\n}\n";
        let model = vec![("m.rs".to_owned(), model.to_owned())];
        let names: Vec<String> = public_types(&model[0].1).into_iter().map(|t| t.1).collect();
        assert_eq!(names, ["Case", "Phase", "CaseId", "OfficeId"]);
        let glossary = "| 案件 | case | `Case`, `CaseId` |\n| a | `Old` | `P1` `OfficeId` |";
        let found: Vec<String> = check("g.md", glossary, &model)
            .into_iter()
            .map(|f| f.what)
            .collect();
        assert_eq!(
            found,
            [
                "the type `Phase` is not in the glossary",
                "`Old` is no public type of the model"
            ]
        );
    }
}
