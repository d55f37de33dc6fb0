//! The empty table an office fills in to hand over its backlog, for the mapping `anlan`.

use super::Mapping;
use crate::refusals::Refusal;

/// The language of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// Chinese.
    Zh,
    /// English.
    En,
}

/// Columns in the order a person fills them in; the mapping knows their Chinese names.
const ORDER: &[&str] = &[
    "id",
    "reported_at",
    "title",
    "description",
    "class",
    "address",
    "longitude",
    "latitude",
    "error_m",
    "status",
    "due_at",
    "closed_at",
    "on_time",
    "office",
    "duplicate",
];

/// One made-up line that shows how each column is written.
const EXAMPLE_ZH: &[&str] = &[
    "2026-0001",
    "2026-03-05 08:30",
    "路灯不亮",
    "人民路口两盏路灯不亮",
    "路灯",
    "人民路与建设街路口",
    "120.100001",
    "30.200001",
    "20",
    "处理中",
    "2026-03-07 08:30",
    "",
    "",
    "城管局",
    "否",
];
const EXAMPLE_EN: &[&str] = &[
    "2026-0001",
    "2026-03-05 08:30",
    "Street lights out",
    "Two street lights are out at the corner",
    "m01037",
    "Renmin Road and Jianshe Street",
    "120.100001",
    "30.200001",
    "20",
    "open",
    "2026-03-07 08:30",
    "",
    "",
    "Urban management",
    "no",
];

/// The header row.
pub fn template_header(language: Language) -> Result<Vec<String>, Refusal> {
    let mapping = Mapping::named("anlan")?;
    let name = |column: &&str| match language {
        Language::En => (*column).to_owned(),
        Language::Zh => {
            let names = mapping.headers.get(*column).and_then(|names| names.first());
            names.cloned().unwrap_or_else(|| (*column).to_owned())
        }
    };
    Ok(ORDER.iter().map(name).collect())
}

/// The header row and one example row to be overwritten.
pub fn template_rows(language: Language) -> Result<[Vec<String>; 2], Refusal> {
    let example = match language {
        Language::Zh => EXAMPLE_ZH,
        Language::En => EXAMPLE_EN,
    };
    Ok([
        template_header(language)?,
        example.iter().map(|value| (*value).to_owned()).collect(),
    ])
}
