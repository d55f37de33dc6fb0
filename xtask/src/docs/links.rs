//! Checks that every relative link in the documents leads to a file or folder of the tree, and its anchor to a heading.

use crate::findings::Finding;
use std::collections::BTreeMap;

/// Links that lead nowhere.
pub(super) fn check(documents: &[(String, String)], files: &[String]) -> Vec<Finding> {
    let anchors: BTreeMap<&str, Vec<String>> = documents
        .iter()
        .map(|(path, text)| (path.as_str(), headings(text)))
        .collect();
    let mut findings = Vec::new();
    for (path, text) in documents {
        for (number, target) in links(text) {
            if let Some(what) = wrong(path, &target, files, &anchors) {
                findings.push(Finding::new(
                    path,
                    number,
                    "docs",
                    what,
                    "mend the link or remove it",
                ));
            }
        }
    }
    findings
}

fn wrong(
    path: &str,
    target: &str,
    files: &[String],
    anchors: &BTreeMap<&str, Vec<String>>,
) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let Some(file) = resolve(path, file) else {
        return Some(format!("`{target}` leads out of the repository"));
    };
    let folder = format!("{file}/");
    if !files.contains(&file) && !file.is_empty() && !files.iter().any(|known| known.starts_with(&folder)) {
        return Some(format!("`{target}` leads nowhere"));
    }
    let known = anchors.get(file.as_str())?;
    let is_missing = !anchor.is_empty() && !known.iter().any(|heading| heading == anchor);
    is_missing.then(|| format!("`{target}`: no heading makes the anchor `#{anchor}`"))
}

/// The target's path from the root; an empty target is the document itself.
fn resolve(path: &str, target: &str) -> Option<String> {
    if target.is_empty() {
        return Some(path.to_owned());
    }
    let mut parts: Vec<&str> = if target.starts_with('/') {
        Vec::new()
    } else {
        path.split('/').collect()
    };
    parts.pop();
    for part in target.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}

/// Targets of `[text](target)` and `![text](target)` outside code, with their lines.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in prose(text) {
        let outside: String = line.split('`').step_by(2).collect::<Vec<_>>().join("``");
        let targets = outside
            .split("](")
            .skip(1)
            .filter_map(|rest| rest.split_once(')'));
        found.extend(targets.map(|(target, _)| (number, target.split(' ').next().unwrap_or("").to_owned())));
    }
    found
}

fn prose(text: &str) -> Vec<(usize, &str)> {
    let mut is_code = false;
    let mut lines = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            lines.push((index + 1, line));
        }
    }
    lines
}

/// The anchors that headings make: lower case, blanks to dashes, punctuation dropped.
fn headings(text: &str) -> Vec<String> {
    let titles = prose(text).into_iter().filter(|(_, line)| line.starts_with('#'));
    titles
        .map(|(_, line)| slug(line.trim_start_matches('#').trim()))
        .collect()
}

fn slug(title: &str) -> String {
    let kept = title.to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_somewhere() {
        let page = "# Top\n[a](../README.md) [b](c/d.md#two-words) ![p](img/p.png) [e](https://example.org) [t](#top)\n\
                    ```\n[no](nowhere)\n```\n`[no](nowhere)`\n[x](gone.md) [y](../../out.md)\n[z](c/d.md#three)\n";
        let documents = vec![
            ("docs/a.md".to_owned(), page.to_owned()),
            ("docs/c/d.md".to_owned(), "## Two `words`!\n".to_owned()),
        ];
        let files = ["README.md", "docs/a.md", "docs/c/d.md", "docs/img/p.png"].map(str::to_owned);
        let found: Vec<(usize, String)> = check(&documents, &files)
            .into_iter()
            .map(|f| (f.line, f.what))
            .collect();
        assert_eq!(
            found.iter().map(|f| f.0).collect::<Vec<_>>(),
            [7, 7, 8],
            "{found:?}"
        );
    }
}
