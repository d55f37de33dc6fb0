//! Photos of a case: what each shows and where its bytes lie. Bytes come in already drawn anew; none are looked into here.

use crate::blobs;
use crate::error::Error;
use crate::tx::{Row, Tx};
use anlan_model::ids::{CaseId, PhotoId};
use jiff::Timestamp;

/// A photo whose blobs are kept already (`Store::put_blob`).
#[derive(Debug, Clone)]
pub struct NewPhoto<'a> {
    /// The case.
    pub case: CaseId,
    /// `before`, `after`, `near`, `far`, `reference`.
    pub shows: &'a str,
    /// Digest of the full picture.
    pub full: &'a str,
    /// Digest of the small one.
    pub thumb: &'a str,
    /// Width of the full picture, pixels.
    pub width: u32,
    /// Its height, pixels.
    pub height: u32,
    /// When it was added.
    pub at: Timestamp,
}

/// A photo as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Photo {
    /// Its id.
    pub id: PhotoId,
    /// The case.
    pub case: CaseId,
    /// What it shows.
    pub shows: String,
    /// Digest of the full picture; `Store::blob` reads it.
    pub full: String,
    /// Digest of the small one.
    pub thumb: String,
    /// Width, pixels.
    pub width: u32,
    /// Height, pixels.
    pub height: u32,
    /// When it was added.
    pub at: Timestamp,
}

const COLUMNS: &str = "id, case_id, shows, digest, thumb, width, height, at";

/// Keeps a photo's row.
pub fn insert(tx: &mut Tx<'_>, new: &NewPhoto<'_>) -> Result<Photo, Error> {
    // The same bytes may have been another photo's, erased since they were handed to `put_blob`.
    for digest in [new.full, new.thumb] {
        if !blobs::exists(&tx.home.blobs, digest)? {
            return Err(Error::Unavailable(
                "the photo was erased meanwhile; send it again".to_owned(),
            ));
        }
    }
    let sql = "INSERT INTO photos (case_id, shows, digest, thumb, width, height, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let params = [
        new.case.into(),
        new.shows.into(),
        new.full.into(),
        new.thumb.into(),
        new.width.into(),
        new.height.into(),
        new.at.into(),
    ];
    let id = PhotoId(tx.insert(sql, &params)?);
    Ok(Photo {
        id,
        case: new.case,
        shows: new.shows.to_owned(),
        full: new.full.to_owned(),
        thumb: new.thumb.to_owned(),
        width: new.width,
        height: new.height,
        at: new.at,
    })
}

/// The photos of a case, oldest first.
pub fn of_case(tx: &mut Tx<'_>, case: CaseId) -> Result<Vec<Photo>, Error> {
    tx.query(
        &format!("SELECT {COLUMNS} FROM photos WHERE case_id = ?1 ORDER BY id"),
        &[case.into()],
        photo,
    )
}

/// A photo.
pub fn find(tx: &mut Tx<'_>, id: PhotoId) -> Result<Option<Photo>, Error> {
    tx.query_one(
        &format!("SELECT {COLUMNS} FROM photos WHERE id = ?1"),
        &[id.into()],
        photo,
    )
}

fn photo(row: &Row<'_>) -> Result<Photo, Error> {
    let pixels =
        |column| u32::try_from(row.int(column)?).map_err(|e| Error::Corrupt(format!("column {column}: {e}")));
    Ok(Photo {
        id: PhotoId(row.int(0)?),
        case: CaseId(row.int(1)?),
        shows: row.text(2)?.to_owned(),
        full: row.text(3)?.to_owned(),
        thumb: row.text(4)?.to_owned(),
        width: pixels(5)?,
        height: pixels(6)?,
        at: row.time(7)?,
    })
}
