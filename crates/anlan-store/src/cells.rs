//! Cells and the divisions above them. Geometry is kept as text; what lies in what is worked out elsewhere.

use crate::body;
use crate::error::Error;
use crate::tx::{Row, Tx};
use anlan_model::cells::{Cell, Division};
use anlan_model::ids::CellId;

/// A cell by scheme and code, without an id yet.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct NewCell {
    /// Its code, unique within the scheme.
    pub code: String,
    /// Chinese name.
    pub name_zh: String,
    /// English name.
    pub name_en: String,
    /// Division code.
    pub division: String,
    /// Residents, where known.
    pub population: Option<u32>,
    /// A GeoJSON geometry as text.
    pub geometry: String,
}

const COLUMNS: &str = "id, scheme, code, name_zh, name_en, division, population, geometry";

/// Replaces the cells of a scheme. A code that stays keeps its id; one that goes is no longer listed, but cases that lie
/// in it still find it. How many there are now.
pub fn replace_all(tx: &mut Tx<'_>, scheme: &str, cells: &[NewCell]) -> Result<usize, Error> {
    tx.exec(
        "UPDATE cells SET is_active = 0 WHERE scheme = ?1",
        &[scheme.into()],
    )?;
    for cell in cells {
        let sql = "INSERT INTO cells (scheme, code, name_zh, name_en, division, population, geometry)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT (scheme, code) DO UPDATE SET name_zh = excluded.name_zh, name_en = excluded.name_en,
            division = excluded.division, population = excluded.population, geometry = excluded.geometry, is_active = 1";
        let params = [
            scheme.into(),
            (&cell.code).into(),
            (&cell.name_zh).into(),
            (&cell.name_en).into(),
            (&cell.division).into(),
            cell.population.into(),
            (&cell.geometry).into(),
        ];
        tx.exec(sql, &params)?;
    }
    Ok(cells.len())
}

/// Every cell in force, by id.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Cell>, Error> {
    tx.query(
        &format!("SELECT {COLUMNS} FROM cells WHERE is_active = 1 ORDER BY id"),
        &[],
        cell,
    )
}

/// A cell, in force or not.
pub fn find(tx: &mut Tx<'_>, id: CellId) -> Result<Option<Cell>, Error> {
    tx.query_one(
        &format!("SELECT {COLUMNS} FROM cells WHERE id = ?1"),
        &[id.into()],
        cell,
    )
}

/// Adds divisions or renames those with the same code.
pub fn upsert_divisions(tx: &mut Tx<'_>, divisions: &[Division]) -> Result<(), Error> {
    for division in divisions {
        let sql = "INSERT INTO divisions (code, level, name_zh, name_en) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (code) DO UPDATE SET level = excluded.level, name_zh = excluded.name_zh,
            name_en = excluded.name_en";
        let level = body::word(&division.level)?;
        let params = [
            (&division.code).into(),
            (&level).into(),
            (&division.name_zh).into(),
            (&division.name_en).into(),
        ];
        tx.exec(sql, &params)?;
    }
    Ok(())
}

/// Every division, by code.
pub fn list_divisions(tx: &mut Tx<'_>) -> Result<Vec<Division>, Error> {
    tx.query(
        "SELECT code, level, name_zh, name_en FROM divisions ORDER BY code",
        &[],
        |row| {
            Ok(Division {
                code: row.text(0)?.to_owned(),
                level: body::from_word(row.text(1)?)?,
                name_zh: row.text(2)?.to_owned(),
                name_en: row.text(3)?.to_owned(),
            })
        },
    )
}

fn cell(row: &Row<'_>) -> Result<Cell, Error> {
    Ok(Cell {
        id: CellId(row.int(0)?),
        scheme: row.text(1)?.to_owned(),
        code: row.text(2)?.to_owned(),
        name_zh: row.text(3)?.to_owned(),
        name_en: row.text(4)?.to_owned(),
        division: row.text(5)?.to_owned(),
        population: row.find_int(6)?.and_then(|count| u32::try_from(count).ok()),
        geometry: row.text(7)?.to_owned(),
    })
}
