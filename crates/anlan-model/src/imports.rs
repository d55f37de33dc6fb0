//! An import: one run of one file through one mapping, and the rows it kept back.

use crate::ids::{ImportId, QuarantineId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Where an import stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImportState {
    /// Waiting for its turn.
    Queued,
    /// Running.
    Running,
    /// Stopped before the end; runs on from `next_row`.
    Stopped,
    /// Every row is imported, already known, or in quarantine.
    Done,
    /// The file as a whole was refused; `error` says why.
    Refused,
}

/// One run. `rows = imported + known + quarantined` once done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Import {
    /// Its id.
    pub id: ImportId,
    /// The file's name.
    pub file: String,
    /// SHA-256 of the file, hex.
    pub digest: String,
    /// Name of the mapping.
    pub mapping: String,
    /// Where it stands.
    pub state: ImportState,
    /// Data rows read so far.
    pub rows: u64,
    /// New cases made.
    pub imported: u64,
    /// Rows already known by source and id.
    pub known: u64,
    /// Rows kept back.
    pub quarantined: u64,
    /// Bytes read and bytes in all, for the progress bar.
    pub bytes_done: u64,
    /// Size of the file.
    pub bytes_total: u64,
    /// Started.
    pub started_at: Timestamp,
    /// Ended.
    pub ended_at: Option<Timestamp>,
    /// Why the file was refused or stopped, in English.
    pub error: Option<String>,
    /// The same in Chinese; runs of before it was kept have none.
    #[serde(default)]
    pub error_zh: Option<String>,
}

impl Import {
    /// Notes why the file was refused or stopped, Chinese and English; or that it was not.
    pub fn note(&mut self, why: Option<(String, String)>) {
        (self.error_zh, self.error) = why.unzip();
    }
}

/// What is wrong with one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Line of the file where the row begins, from 1, the header counted.
    pub line: u64,
    /// The column's header, if one column is at fault.
    pub column: Option<String>,
    /// The value at fault, cut to 200 characters.
    pub value: Option<String>,
    /// Machine-readable reason, e.g. `coordinates.zero`, `date.impossible`, `id.missing`.
    pub code: String,
    /// What is wrong and what to do, in plain English; screens translate by `code`.
    pub message: String,
}

/// A row kept back, whole, to be mended and replayed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QuarantinedRow {
    /// Its id.
    pub id: QuarantineId,
    /// The run it comes from.
    pub import: ImportId,
    /// What is wrong, every fault of the row.
    pub faults: Vec<Fault>,
    /// The row as read: header and value pairs in file order.
    pub fields: Vec<(String, String)>,
    /// When it went in after mending.
    pub mended_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_before_it_was_kept_has_no_chinese_reason() {
        let body = r#"{"id":3,"file":"a.csv","digest":"","mapping":"town","state":"refused","rows":0,"imported":0,
            "known":0,"quarantined":0,"bytes_done":0,"bytes_total":9,"started_at":"2026-03-10T02:00:00Z","ended_at":null,
            "error":"Empty."}"#;
        let mut import: Import = serde_json::from_str(body).unwrap();
        assert_eq!(
            (import.error.as_deref(), import.error_zh.as_deref()),
            (Some("Empty."), None)
        );
        import.note(Some(("文件为空。".into(), "Empty.".into())));
        let again: Import = serde_json::from_str(&serde_json::to_string(&import).unwrap()).unwrap();
        assert_eq!(again.error_zh.as_deref(), Some("文件为空。"));
        import.note(None);
        assert!(import.error.is_none() && import.error_zh.is_none());
    }
}
