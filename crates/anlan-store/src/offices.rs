//! Offices: who owns work. The tree and what it means is the model's.

use crate::body;
use crate::error::Error;
use crate::tx::{Row, Tx};
use anlan_model::ids::OfficeId;
use anlan_model::offices::{Office, OfficeKind};

/// An office by its code, without an id yet.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewOffice {
    /// Stable code, unique.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Its kind.
    pub kind: OfficeKind,
    /// The office above it.
    pub parent: Option<OfficeId>,
    /// Division code prefix it serves.
    pub division: String,
    /// Whether it takes new work.
    pub is_active: bool,
}

const COLUMNS: &str = "id, code, name_zh, name_en, kind, parent, division, is_active";

/// Makes the office, or changes the one with that code. Its id.
pub fn upsert(tx: &mut Tx<'_>, office: &NewOffice) -> Result<OfficeId, Error> {
    let sql = "INSERT INTO offices (code, name_zh, name_en, kind, parent, division, is_active)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
        ON CONFLICT (code) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en, kind = excluded.kind,
        parent = excluded.parent, division = excluded.division, is_active = excluded.is_active RETURNING id";
    let kind = body::word(&office.kind)?;
    let params = [
        (&office.code).into(),
        (&office.name_zh).into(),
        (&office.name_en).into(),
        (&kind).into(),
        office.parent.into(),
        (&office.division).into(),
        office.is_active.into(),
    ];
    let id = tx.query_one(sql, &params, |row| row.int(0))?;
    id.map(OfficeId)
        .ok_or_else(|| Error::missing("office", &office.code))
}

/// Every office, by id.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Office>, Error> {
    tx.query(&format!("SELECT {COLUMNS} FROM offices ORDER BY id"), &[], office)
}

/// An office.
pub fn find(tx: &mut Tx<'_>, id: OfficeId) -> Result<Option<Office>, Error> {
    tx.query_one(
        &format!("SELECT {COLUMNS} FROM offices WHERE id = ?1"),
        &[id.into()],
        office,
    )
}

/// An office by its code.
pub fn find_by_code(tx: &mut Tx<'_>, code: &str) -> Result<Option<Office>, Error> {
    tx.query_one(
        &format!("SELECT {COLUMNS} FROM offices WHERE code = ?1"),
        &[code.into()],
        office,
    )
}

fn office(row: &Row<'_>) -> Result<Office, Error> {
    Ok(Office {
        id: OfficeId(row.int(0)?),
        code: row.text(1)?.to_owned(),
        name_zh: row.text(2)?.to_owned(),
        name_en: row.text(3)?.to_owned(),
        kind: body::from_word(row.text(4)?)?,
        parent: row.find_int(5)?.map(OfficeId),
        division: row.text(6)?.to_owned(),
        is_active: row.flag(7)?,
    })
}
