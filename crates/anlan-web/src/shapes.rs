//! The JSON the API speaks, one file per noun, with exactly the names of its published description. Conversions from
//! the application's types stand here; decisions do not.

pub(crate) mod accounts;
pub(crate) mod alerts;
pub(crate) mod cases;
mod details;
pub(crate) mod directories;
pub(crate) mod erasures;
pub(crate) mod grants;
pub(crate) mod identities;
pub(crate) mod imports;
pub(crate) mod machines;
pub(crate) mod maps;
pub(crate) mod passkeys;
pub(crate) mod photos;
pub(crate) mod posts;
pub(crate) mod reference;
pub(crate) mod reports;
pub(crate) mod restorations;
pub(crate) mod reviews;
pub(crate) mod rules;
pub(crate) mod sessions;
pub(crate) mod timelines;
pub(crate) mod warnings;
pub(crate) mod words;
