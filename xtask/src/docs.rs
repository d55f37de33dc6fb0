//! Checks that the documents agree with the tree: the map names what exists, links lead somewhere, every noun of the
//! model is in the glossary, every test that a security page names exists. It reads; it writes nothing.

mod classification;
mod glossary;
mod links;
mod map;
mod security;

use crate::findings::Finding;
use crate::layers::has_ending;
use crate::repo::Repo;
use anyhow::Result;

const README_LINES_MAX: usize = 120;

/// Everything in which documents and tree disagree.
pub(crate) fn check(repo: &Repo) -> Result<Vec<Finding>> {
    let files = repo.files()?;
    let mut findings = map::check(&repo.read("ARCHITECTURE.md")?, &files);
    findings.extend(readme(&repo.read("README.md")?));
    let mut documents = Vec::new();
    for path in files.iter().filter(|path| has_ending(path, "md")) {
        documents.push((path.clone(), repo.read(path)?));
    }
    findings.extend(links::check(&documents, &files));
    let rust = files.iter().filter(|path| has_ending(path, "rs"));
    let sources = rust.map(|path| repo.read(path)).collect::<Result<Vec<_>>>()?;
    findings.extend(security::check(&repo.root, &documents, &sources)?);
    let mut model = Vec::new();
    for path in files
        .iter()
        .filter(|path| path.starts_with("crates/anlan-model/src/") && has_ending(path, "rs"))
    {
        model.push((path.clone(), repo.read(path)?));
    }
    findings.extend(glossary::check(
        "docs/glossary.md",
        &repo.read("docs/glossary.md")?,
        &model,
    ));
    // The model's types come first: of two that share a name, only they are stored.
    for path in files
        .iter()
        .filter(|path| path.starts_with("crates/anlan-app/src/") && has_ending(path, "rs"))
    {
        model.push((path.clone(), repo.read(path)?));
    }
    let registry = "standards/classification.toml";
    findings.extend(classification::check(registry, &repo.read(registry)?, &model));
    Ok(findings)
}

fn readme(text: &str) -> Option<Finding> {
    let lines = text.lines().count();
    let what = format!("{lines} lines; {README_LINES_MAX} at most");
    let instead = "move what is not what, how to start and where to read on into docs/";
    (lines > README_LINES_MAX).then(|| Finding::new("README.md", 0, "docs", what, instead))
}
