//! Classes of hazards and requests, as tables brought them.

use crate::body;
use crate::error::Error;
use crate::tx::Tx;
use anlan_model::classes::Class;
use anlan_model::ids::ClassCode;

/// Adds classes, or replaces those with the same code. How many.
pub fn upsert_many(tx: &mut Tx<'_>, classes: &[Class]) -> Result<usize, Error> {
    for class in classes {
        let sql = "INSERT INTO classes (code, body) VALUES (?1, ?2) ON CONFLICT (code) DO UPDATE SET body = excluded.body";
        let body = body::write(class)?;
        tx.exec(sql, &[class.code.as_str().into(), (&body).into()])?;
    }
    Ok(classes.len())
}

/// Every class, active or not, by code.
pub fn list(tx: &mut Tx<'_>) -> Result<Vec<Class>, Error> {
    tx.query("SELECT body FROM classes ORDER BY code", &[], |row| row.json(0))
}

/// A class.
pub fn find(tx: &mut Tx<'_>, code: &ClassCode) -> Result<Option<Class>, Error> {
    tx.query_one(
        "SELECT body FROM classes WHERE code = ?1",
        &[code.as_str().into()],
        |row| row.json(0),
    )
}
