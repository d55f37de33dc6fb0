//! Uploads, imports and their quarantine as JSON.

use super::words::{Datum, ImportState};
use anlan_model::imports as model;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A file that was received whole.
#[derive(Debug, Serialize, ToSchema)]
#[expect(clippy::struct_field_names, reason = "the name is the API's")]
pub(crate) struct Upload {
    /// Names it in later requests.
    pub(crate) upload: String,
    pub(crate) file: String,
    pub(crate) bytes: u64,
}

/// A mapping from a city's columns to ours.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Mapping {
    pub(crate) name: String,
    pub(crate) title_zh: String,
    pub(crate) title_en: String,
    /// May be empty.
    pub(crate) description_zh: String,
    pub(crate) description_en: String,
}

/// With which mapping to look at a file.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProfileRequest {
    pub(crate) mapping: Option<String>,
}

/// What to import, how.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ImportRequest {
    pub(crate) upload: String,
    pub(crate) mapping: String,
    /// The datum of the file's coordinates; asked for, never guessed.
    pub(crate) datum: Datum,
}

/// One run of one file through one mapping. `rows = imported + known + quarantined` once done.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Import {
    pub(crate) id: i64,
    pub(crate) file: String,
    /// SHA-256 of the file, hex.
    pub(crate) digest: String,
    pub(crate) mapping: String,
    pub(crate) state: ImportState,
    pub(crate) rows: u64,
    pub(crate) imported: u64,
    pub(crate) known: u64,
    pub(crate) quarantined: u64,
    pub(crate) bytes_done: u64,
    pub(crate) bytes_total: u64,
    pub(crate) started_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) ended_at: Option<Timestamp>,
    /// Why the file was refused or stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// The same in Chinese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error_zh: Option<String>,
}

impl From<model::Import> for Import {
    fn from(import: model::Import) -> Self {
        Self {
            id: import.id.0,
            file: import.file,
            digest: import.digest,
            mapping: import.mapping,
            state: import.state.into(),
            rows: import.rows,
            imported: import.imported,
            known: import.known,
            quarantined: import.quarantined,
            bytes_done: import.bytes_done,
            bytes_total: import.bytes_total,
            started_at: import.started_at,
            ended_at: import.ended_at,
            error: import.error,
            error_zh: import.error_zh,
        }
    }
}

/// What is wrong with one row.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct RowFault {
    /// Line of the file, from 1, the header counted.
    pub(crate) line: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) column: Option<String>,
    /// The value at fault, cut to 200 characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<String>,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// A row kept back, whole, to be mended and replayed.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuarantinedRow {
    pub(crate) id: i64,
    pub(crate) import: i64,
    pub(crate) faults: Vec<RowFault>,
    /// Header and value pairs in file order.
    pub(crate) fields: Vec<[String; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) mended_at: Option<Timestamp>,
}

impl From<model::QuarantinedRow> for QuarantinedRow {
    fn from(row: model::QuarantinedRow) -> Self {
        let faults = row.faults.into_iter().map(|fault| RowFault {
            line: fault.line,
            column: fault.column,
            value: fault.value,
            code: fault.code,
            message: fault.message,
        });
        Self {
            id: row.id.0,
            import: row.import.0,
            faults: faults.collect(),
            fields: row
                .fields
                .into_iter()
                .map(|(name, value)| [name, value])
                .collect(),
            mended_at: row.mended_at,
        }
    }
}

/// One page of a quarantine.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct QuarantinePage {
    pub(crate) items: Vec<QuarantinedRow>,
    /// Cursor of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
}

/// New values for some columns of a quarantined row.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mend {
    pub(crate) fields: BTreeMap<String, String>,
}
